"""The look of every figure: themes, light axes, text measured before it is placed, files of the same bytes."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any
from unicodedata import category

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Annotation, Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox, ScaledTranslation

from tensionsim.errors import Function, SelectionError, one_of, shown
from tensionsim.model.record import Dates
from tensionsim.runs.results import Results
from tensionsim.runs.store import check_file, write_whole, written

POINTS_PER_INCH, FULL_WIDTH, HEIGHT = 72.0, 7.2, 3.8
"""Width of the text of a journal's page, and how high most figures are, in inches."""

NARROW = 360.0
"""Figures of less points across have other heights, longer titles and fewer numbers."""

SMALL, LINE, HINTED = 7.5, 1.4, 1.07
"""Size of labels in points, height of a line of text in that of its letters, and how much wider text may be drawn than
measured, where letters are fitted to pixels."""

POINTS_PER_TICK, LEAST_TICKS = 36.0, 5

MINUS, UNKNOWN = "\u2212", "\ufffd"

UNDATED = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""What each format would write of the time and place of its making, left out."""

DPI, FOLDER_DPI = 300, 150


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a figure, "#rrggbb" each.

    palette : of things beside each other, after Okabe & Ito (2008), shifted so that text in them reads on the ground.
    regimes : from rupture to alliance. rest : what is not told apart. friendly, hostile : no colours of actors.
    tint : opacity of one band; the narrower lie on the wider ones and so look deeper.
    """

    ground: str
    ink: str
    faint: str
    grid: str
    fan: str
    observed: str
    palette: tuple[str, ...]
    regimes: tuple[str, ...]
    rest: str
    friendly: str
    hostile: str
    tint: float


LOOKS: Mapping[str, tuple[Any, Any]] = {
    "ground": ("#ffffff", "#16191d"),
    "ink": ("#222222", "#eceff1"),
    "faint": ("#6b6b6b", "#a3abb3"),
    "grid": ("#dddddd", "#363c43"),
    "fan": ("#0072b2", "#56b4e9"),
    "observed": ("#c25400", "#f09a3e"),
    "palette": (
        ("#0072b2", "#c25400", "#00805c", "#b0578d", "#5a4600", "#444444"),
        ("#56b4e9", "#f08a3c", "#35c79a", "#f0b3dc", "#e3d04b", "#8d949b"),
    ),
    "regimes": (
        ("#9c3a00", "#e2853f", "#dcd6c8", "#86bbdc", "#1f6ea5"),
        ("#b5531a", "#e79a5c", "#6f6b62", "#6fa9cf", "#2f7fba"),
    ),
    "rest": ("#b4b4b4", "#5b636b"),
    "friendly": ("#1b7837", "#8fd18f"),
    "hostile": ("#762a83", "#e27fb0"),
    "tint": (0.17, 0.22),
}
"""Each on a light ground, and on a dark one."""

LIGHT, DARK = (Theme(**{name: pair[side] for name, pair in LOOKS.items()}) for side in (0, 1))
THEMES = {"light": LIGHT, "dark": DARK}

_THEME: ContextVar[Theme] = ContextVar("tensionsim_theme", default=LIGHT)
_SIZE: ContextVar[tuple[float, float | None] | None] = ContextVar("tensionsim_size", default=None)


def now() -> Theme:
    """The theme in force."""
    return _THEME.get()


@contextmanager
def theme(name: str = "light") -> Iterator[None]:
    """Draws every figure within the context on a "light" or "dark" ground, and leaves the user's settings alone.

    >>> with ts.plots.theme("dark"):
    ...     ax = ts.plots.fan(results, ts.plots.blank())
    >>> ax.get_figure().get_facecolor()[:3] < (0.2, 0.2, 0.2)
    True
    """
    before = _THEME.set(THEMES[one_of("theme", name, THEMES)])
    try:
        with drawing():
            yield
    finally:
        _THEME.reset(before)


@contextmanager
def drawing() -> Iterator[None]:
    """The settings of matplotlib for the theme in force; afterwards they are as they were."""
    inked = ("axes.labelcolor", "text.color", "axes.edgecolor", "xtick.color", "ytick.color")
    grounds = ("figure.facecolor", "savefig.facecolor", "axes.facecolor")
    settings: Any = {
        "font.size": 9,
        "text.parse_math": False,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "figure.dpi": 100,
        "svg.hashsalt": "tensionsim",
        "pdf.fonttype": 42,
        **dict.fromkeys(inked, now().ink),
        **dict.fromkeys(grounds, now().ground),
    }
    with mpl.rc_context(settings):
        yield
        # The first figure of a notebook loads its backend, which makes matplotlib interactive: that must stay so.
        is_interactive = mpl.is_interactive()
    mpl.interactive(is_interactive)


def mixed(colour: str, share: float) -> str:
    """A colour mixed with a share of the ground, in [0, 1]."""
    ours, theirs = (bytes.fromhex(text[1:]) for text in (colour, now().ground))
    return "#" + bytes(round(a + share * (b - a)) for a, b in zip(ours, theirs, strict=True)).hex()


def check(figure: str, given: object, *kinds: type) -> None:
    """TypeError where what a figure was given is of none of these kinds."""
    if not isinstance(given, kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{figure} takes {wanted}; got {type(given).__name__}")


def figure(*kinds: type) -> Callable[[Function], Function]:
    """Makes a function draw in the theme in force, and refuse a subject that is of none of these kinds."""

    def made(function: Any) -> Any:
        subject = function.__code__.co_varnames[0]

        @wraps(function)
        def draws(*given: Any, **named: Any) -> Any:
            check(function.__name__, given[0] if given else named.get(subject), *kinds)
            with drawing():
                return function(*given, **named)

        return draws

    return made


def check_dates(dates: Dates) -> None:
    """SelectionError where there is one date only."""
    if len(dates) < 2:
        raise SelectionError(f"these results have one date, {dates[0]}; a figure over time needs two")


@drawing()
def blank(width: float = FULL_WIDTH, height: float = HEIGHT) -> Axes:
    """An empty axes on a figure of its own, of so many inches, in the theme in force; pyplot does not know of it.

    >>> ax = ts.plots.blank(3.5, 2.6)
    >>> ax.get_figure().get_size_inches().tolist()
    [3.5, 2.6]
    """
    axes: Axes = Figure(figsize=(width, height), layout="constrained").subplots()
    return axes


@contextmanager
def sized(width: float | None, height: float | None) -> Iterator[None]:
    """New figures have this size in inches, None for what suits, within the context; pyplot knows nothing of them."""
    before = _SIZE.set((width or FULL_WIDTH, height))
    try:
        yield
    finally:
        _SIZE.reset(before)


def opened(
    ax: Axes | None,
    *,
    dates: Dates | None = None,
    page: float = HEIGHT,
    column: float = 3.0,
    height: Callable[[float], float] | None = None,
    axis: str = "",
) -> Axes:
    """The axes of a figure, by default a new one `page` or `column` high, without its box; dates on x, `axis` on y."""
    if dates is not None:
        check_dates(dates)
    if ax is not None and not hasattr(ax, "get_figure"):
        words = f"ax is an Axes to draw in, as ts.plots.blank makes; got {shown(ax)}"
        raise TypeError(f"{words}: other choices are written with their names")
    if ax is None:
        high = height or (lambda width: column if width < NARROW else page)
        if size := _SIZE.get():
            ax = blank(size[0], size[1] or high(size[0] * POINTS_PER_INCH))
        else:  # one of pyplot's, which notebooks show by themselves
            from matplotlib import pyplot as plt

            ax = plt.subplots(figsize=(FULL_WIDTH, high(FULL_WIDTH * POINTS_PER_INCH)), layout="constrained")[1]
    dress(ax)
    if dates is not None:
        ax.set_xlim(dates[0], dates[-1])
    if axis:
        ax.set_ylabel(axis, fontsize=9)
    return ax


def dress(ax: Axes) -> None:
    """Takes the box off an axes, whoever made it, and paints it and its figure in the theme."""
    root(ax).set_facecolor(now().ground)
    ax.set_facecolor(now().ground)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_color(now().ink)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=now().faint, linewidth=0.6)
    ax.tick_params(color=now().faint, labelcolor=now().faint, width=0.6, labelsize=8)


def root(part: Axes | Figure) -> Figure:
    """The whole figure of an axes, or of a figure itself."""
    figure = part.get_figure(root=True)
    assert figure is not None
    return figure


@drawing()
def stacked(figures: Sequence[tuple[Callable[[Axes], object], float]], width: float) -> Figure:
    """A page of figures below each other; of each how it is drawn on an axes, and its height in inches."""
    heights = [height for _, height in figures]
    page = Figure(figsize=(width, sum(heights)), layout="constrained")
    parts = page.subfigures(len(figures), 1, height_ratios=heights, squeeze=False).flat
    for part, (draw, _) in zip(parts, figures, strict=True):
        part.set_facecolor(now().ground)
        draw(part.subplots())
    return page


def split(ax: Axes, rows: int, columns: int = 1, *, heights: Sequence[float] | None = None) -> list[Axes]:
    """Empties an axes and puts `rows` by `columns` new ones in its place; heights : relative ones of the rows."""
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError("this figure has several panels and takes an axes made by `subplots` or `add_subplot`")
    ax.set_axis_off()
    grid = place.subgridspec(rows, columns, height_ratios=heights)
    return [ax.figure.add_subplot(grid[row, column]) for row in range(rows) for column in range(columns)]


@dataclass(frozen=True, slots=True)
class Panels:
    """Small multiples: how high each panel is in inches, how broad at least in points, how many go into a row."""

    height: float
    least: float
    most: int

    def columns(self, count: int, width: float) -> int:
        """Columns for so many panels in so many points, in rows as even as can be."""
        return math.ceil(count / math.ceil(count / max(1, min(self.most, int(width // self.least)))))

    def page(self, count: int, width: float) -> float:
        """The height in inches of a figure of them, with its heading and note, so many points across."""
        rows = math.ceil(count / self.columns(count, width))
        return (1.4 if width < NARROW else 0.85) + self.height * rows

    def fill(
        self, ax: Axes, titles: list[str], draw: Sequence[Callable[[Axes], object]], *, upwards: str, across: str = ""
    ) -> list[Axes]:
        """Panels in the place of an axes, each drawn by its function; numbers and names of axes at the edges alone."""
        count, columns = len(titles), self.columns(len(titles), part_points(ax)[0])
        made = split(ax, math.ceil(count / columns), columns)
        for spare in made[count:]:
            spare.set_axis_off()
        for place, panel in enumerate(made[:count]):
            dress(panel)
            draw[place](panel)
            is_first, is_last = place % columns == 0, place + columns >= count
            panel.tick_params(labelsize=SMALL, labelleft=is_first, labelbottom=is_last)
            panel.set_ylabel(upwards if is_first else "", fontsize=SMALL)
            panel.set_xlabel(wrapped(across, SMALL, width_points(panel)) if is_last else "", fontsize=SMALL)
            panel.set_title(wrapped(titles[place], 9, width_points(panel)), fontsize=9, color=now().ink)
        return made[:count]


def time_axis(ax: Axes, ticks: int = 8) -> None:
    """Puts months or years on the x axis, `ticks` at most and fewer where it is narrow."""
    most = int(np.clip(width_points(ax) / POINTS_PER_TICK, LEAST_TICKS, ticks))
    locator = AutoDateLocator(minticks=2, maxticks=most)
    ax.xaxis.set_major_locator(locator)
    formats = ["%Y", "%b\n%Y", "%d %b\n%Y", "%H:%M", "%H:%M", "%S"]
    shown = ConciseDateFormatter(locator, formats=formats, show_offset=False)
    ax.xaxis.set_major_formatter(shown)


def width_points(ax: Axes) -> float:
    """Width of an axes in points, as the figure is laid out now."""
    return float(ax.get_window_extent().width * POINTS_PER_INCH / ax.figure.dpi)


def height_points(ax: Axes) -> float:
    """Height of an axes in points, as the figure is laid out now."""
    return float(ax.get_window_extent().height * POINTS_PER_INCH / ax.figure.dpi)


def part_points(ax: Axes) -> tuple[float, float]:
    """Width and height in points of the part of the figure in which an axes stands."""
    place = ax.get_subplotspec()
    columns, rows = (place.get_gridspec().ncols, place.get_gridspec().nrows) if place is not None else (1, 1)
    whole, point = ax.figure.bbox, ax.figure.dpi / POINTS_PER_INCH
    return float(whole.width / point / columns), float(whole.height / point / rows)


def lay_out(ax: Axes) -> None:
    """Lays the figure out, so that what is measured next is where it will be drawn."""
    figure = root(ax)
    letter(figure)
    if engine := figure.get_layout_engine():
        engine.execute(figure)
    else:
        figure.draw_without_rendering()


def settle(ax: Axes) -> None:
    """Lays the figure out and breaks the name of the y axis where it is longer than the axis."""
    lay_out(ax)
    label = ax.yaxis.label
    shown = wrapped(label.get_text(), float(label.get_fontsize()), height_points(ax))
    if shown != label.get_text():
        label.set_text(shown)
        lay_out(ax)


def words(name: str) -> str:
    """A name of the model as a reader would write it: `threaten_tariffs` as "threaten tariffs"."""
    return name.replace("_", " ")


def direction_words(results: Results, name: str) -> str:
    """A direction, "washington -> bogota", as a reader would write it."""
    start, end = map(results.scenario.file.called, name.split(" -> "))
    return f"{start} to {end}"


def minus(text: str) -> str:
    """A number with the sign of minus that is as long as that of plus."""
    return text.replace("-", MINUS)


def signed(value: float, decimals: int = 1) -> str:
    """A number with its sign, if anything is left of it after rounding."""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0.0 else minus(text)


def signed_tick(value: float, _: object = None) -> str:
    """A number with its sign in as few digits as needed, as labels of ticks have it."""
    return minus(f"{value:+g}") if value else "0"


@lru_cache
def _letters(path: str) -> frozenset[str]:
    """The letters of a font; none of a file that is no font, or stands for fonts that are lacking."""
    if "LastResort" in path:
        return frozenset()
    try:
        return frozenset(map(chr, FT2Font(path).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


@lru_cache(maxsize=4096)
def lettered(text: str, families: tuple[str, ...]) -> tuple[str, tuple[str, ...], frozenset[str]]:
    """A text in letters that a font here has, the fonts to write it in, and the letters that none has."""
    spaced = (" " if one.isspace() and one not in ("\n", "\u00a0") else one for one in text)
    shown = "".join(UNKNOWN if category(one) in ("Cc", "Cs") and one != "\n" else one for one in spaced)
    lacking = {*shown} - {"\n"}
    for family in families:
        lacking -= _letters(findfont(FontProperties(family=[family])))
    fonts = sorted(fontManager.ttflist, key=lambda font: (font.weight != 400, "Sans" not in font.name, font.name))
    for font in fonts if lacking else ():
        if has := lacking & _letters(font.fname):
            families, lacking = (*families, font.name), lacking - has
    return "".join(UNKNOWN if one in lacking else one for one in shown), families, frozenset(lacking)


def letter(figure: Figure) -> None:
    """Writes every text of a figure as `lettered` has it; of letters that no font has, a warning tells once."""
    lacking: set[str] = set()
    for text in figure.findobj(Text):
        shown, families, lost = lettered(text.get_text(), tuple(text.get_fontfamily()))
        text.set(text=shown, fontfamily=list(families), parse_math=False)
        lacking |= lost
    if new := "".join(sorted(lacking - _TOLD)):
        _TOLD.update(new)
        warnings.warn(
            f"no font here has {new}: figures show {UNKNOWN} instead; install one that does, as "
            "Noto Sans CJK has Chinese, Japanese and Korean",
            stacklevel=2,
        )


_TOLD: set[str] = set()


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Width of a line of text in points, whatever it will be drawn with."""
    shown, families, _ = lettered(text, tuple(mpl.rcParams["font.family"]))
    if not any(one.isprintable() and not one.isspace() for one in shown):
        return 0.0
    letters = FontProperties(family=list(families), size=size)
    return float(text_to_path.get_text_width_height_descent(shown, letters, ismath=False)[0])


def wrapped(text: str, size: float, width: float) -> str:
    """The text in as many lines as `width`, in points, needs; a number stays with its %."""
    room, lines = width / HINTED, list[str]()
    for word in re.findall(r"\S+(?: %\S*)?", text):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def put(ax: Axes, text: str, at: tuple[Any, Any], shift: tuple[float, float], colour: str, **more: Any) -> Annotation:
    """Writes a text `shift` points from a place, in small letters if nothing else is said."""
    more = {"fontsize": SMALL, "annotation_clip": False, **more}
    return ax.annotate(text, xy=at, xytext=shift, textcoords="offset points", color=colour, **more)


def ground(alpha: float = 1.0, pad: float = 0.6) -> dict[str, Any]:
    """A box behind a text, in the colour of the ground."""
    return {"facecolor": now().ground, "edgecolor": "none", "alpha": alpha, "pad": pad}


def title(ax: Axes, *lines: str, pad: float = 6.0, by_names: bool = False) -> None:
    """Writes the first line above the axes and the others below it, small. by_names : from the labels of y on."""
    left = 0.0
    if by_names:
        start = min((label.get_window_extent().x0 for label in ax.get_yticklabels()), default=ax.bbox.x0)
        left = float(ax.bbox.x0 - start) * POINTS_PER_INCH / ax.figure.dpi
    place, room = ax.get_subplotspec(), width_points(ax) + left
    if place is not None and place.is_last_col():  # up to the edge of the figure
        room = (ax.figure.bbox.x1 - ax.bbox.x0) * POINTS_PER_INCH / ax.figure.dpi - 4.0 + left
    if text := "\n".join(wrapped(line, SMALL, room) for line in lines[1:] if line):
        # The layout makes no room for it: the title does, which stands above.
        more: dict[str, Any] = {"xycoords": "axes fraction", "va": "bottom"}
        put(ax, text, (0.0, 1.0), (-left, pad), now().faint, **more).set_in_layout(False)
        pad += LINE * SMALL * (text.count("\n") + 1) + 2.0
    heading = ax.set_title(wrapped(lines[0], 10, room), pad=pad, color=now().ink)
    if left:
        shift = ScaledTranslation(-left / POINTS_PER_INCH, 0.0, root(ax).dpi_scale_trans)
        heading.set_transform(heading.get_transform() + shift)


def head(ax: Axes, heading: str, note: str) -> None:
    """Writes the heading of all panels above them, and a note below."""
    width = float(ax.figure.bbox.width) * POINTS_PER_INCH / ax.figure.dpi - 8.0
    place: dict[str, Any] = {"x": 4.0 / width, "ha": "left"}
    ax.figure.suptitle(wrapped(heading, 10, width), fontsize=10, color=now().ink, **place)
    ax.figure.supxlabel(wrapped(note, SMALL, width), fontsize=SMALL, color=now().faint, **place)


def save(figure: Figure | Axes, path: str | Path, *, dpi: int = DPI) -> Path:
    """Writes a figure as PNG, SVG or PDF, by the ending of the path; the same figure gives the same bytes.

    A file that stands there is replaced once the new one is whole; StorageError where it cannot be written. dpi : dots
    per inch of a PNG; 300 is what journals ask for.

    >>> ts.plots.save(ts.plots.fan(results, ts.plots.blank(3.5, 2.6)), "fan.svg").read_text(encoding="utf-8")[:5]
    '<?xml'
    """
    target = check_path(path)
    whole = root(figure)
    kind = target.suffix.lower()
    content, face = io.BytesIO(), whole.get_facecolor()
    letter(whole)
    with layout_held(whole, dpi if kind == ".png" else FOLDER_DPI), drawing():
        whole.savefig(content, format=kind[1:], dpi=dpi, metadata=UNDATED[kind], facecolor=face)
    with written(target):
        write_whole(target, content.getvalue())
    return target


def save_in(folder: Path, figures: Mapping[str, Figure | Axes]) -> None:
    """Writes figures into a folder, each as NAME.png and NAME.svg, laid out once for both."""
    for name, figure in figures.items():
        with layout_held(root(figure), FOLDER_DPI):
            for ending in (".png", ".svg"):
                save(figure, folder / f"{name}{ending}", dpi=FOLDER_DPI)
        root(figure).set_layout_engine("none")  # so that any other file of it is the same


@contextmanager
def layout_held(figure: Figure, dpi: float) -> Iterator[None]:
    """Lays a figure out for `dpi` and holds it so, in rounded places: the solver's last digits differ by process."""
    before = figure.dpi
    if engine := figure.get_layout_engine():
        figure.set_dpi(dpi)
        with drawing():
            engine.execute(figure)
        figure.set_layout_engine("none")
        for part in figure.subfigs:
            part.bbox_relative.set_points(part.bbox_relative.get_points().round(6))
        for ax in figure.axes:
            is_laid_out = ax.get_in_layout()  # what has been placed by hand would be laid out no more
            ax.set_position(Bbox(ax.get_position(original=True).get_points().round(6)), which="both")
            ax.set_in_layout(is_laid_out)
    try:
        yield
    finally:
        figure.set_layout_engine(engine)
        figure.set_dpi(before)


def check_path(path: str | Path) -> Path:
    """The path, if a figure may go there; else StorageError."""
    return check_file(path, UNDATED, f"figures are written as {', '.join(UNDATED)}")
