"""Briefings: what an ensemble or a comparison says, made from templates and tables, and written as files.

A PDF is the HTML printed by a browser that is on PATH, or else by WeasyPrint, without any network.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError as Failure
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tensionsim import plots
from tensionsim.analysis.compare import Comparison
from tensionsim.analysis.effects import Effects, effects
from tensionsim.analysis.elements import Mixture, elements_of
from tensionsim.analysis.signs import EarlySigns, early_signs
from tensionsim.briefings import numbers
from tensionsim.briefings.numbers import Cell, Line, Subject, Tables, attribute_words, element_words, is_apart, text_of
from tensionsim.errors import SelectionError, StorageError, TemplateError, one_of
from tensionsim.model.measures import DEEP, REGIME_NAMES
from tensionsim.runs import store as folders
from tensionsim.runs.results import Results
from tensionsim.runs.statistics import outlook_title
from tensionsim.scenario.paths import Shape, fields
from tensionsim.scenario.schema import ActorPatch

HTML, MARKDOWN, PDF = (".html", ".htm"), (".md", ".markdown"), (".pdf",)

BUDGET = 16_000
"""Runs of all worlds together from which effects are told: a thousand each for four elements, 250 for six."""

MOST_ELEMENTS = 6
"""Differences or elements that are taken apart in all orders: 64 worlds; of more a briefing would take minutes."""

WIDE, HALF, PHONE = (6.9, 3.3), (3.4, 2.7), (3.6, 3.0)
"""Width and height of a figure in inches: across a page, half of one, and on a phone."""

LONG = 6
"""Points beyond which a list is set in two columns on paper."""

SECTIONS = (
    *("bottom-line", "context", "implications", "outlook", "assumptions", "early-signs", "causes", "limits"),
    "provenance",
)
"""Templates in the order of the pages."""


class Picture(NamedTuple):
    """A figure, which carries its own title: its name among the briefing's, and what it shows to who cannot see it."""

    name: str
    alternative: Line
    is_half: bool = False

    @property
    def file(self) -> str:
        return f"{self.name.replace(' ', '-')}.svg"


MOST_COLUMNS = 6
"""Columns that fit across a page; tables of more are turned."""


@dataclass(frozen=True, slots=True)
class Block:
    """A "paragraph" (line), "points", "pictures" side by side, or a "table" (line: caption; rows: with the head)."""

    kind: str
    line: Line = ()
    points: tuple[Line, ...] = ()
    pictures: tuple[Picture, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()

    @property
    def is_wordy(self) -> bool:
        """Whether some cell beyond the first column is words alone, which were quoted."""
        cells = (cell for row in self.rows[1:] for cell in row[1:])
        return any(len(cell) == 1 and not isinstance(cell[0], str) and cell[0].is_text for cell in cells)


class Section(NamedTuple):
    """A heading and what stands under it. name : of its template."""

    name: str
    heading: str
    blocks: tuple[Block, ...]


BREAK = "\x1d"
"""What stands in the source of a template for an empty line."""


def title_of(written: str, tables: Tables) -> tuple[Line, Line]:
    """Heading and subtitle, of a line that begins with # and what follows."""
    found = re.fullmatch(r"\s*# ([^\x1d]+)\x1d(.*)", written, re.DOTALL)
    if found is None:
        raise ValueError("a title is a line # HEADING, an empty line, and a line below it")
    heading, subtitle = (tables.line(part.replace(BREAK, "")) for part in found.groups())
    return heading, subtitle


def sections_of(name: str, written: str, tables: Tables) -> Iterator[Section]:
    """What a template wrote, by its headings; a template that wrote nothing has no section."""
    before, *parts = re.split(r"(?:^|(?<=[\n\x1d]))\s*## ", written)
    if first := text_of(tables.line(before.replace(BREAK, ""))):
        raise ValueError(f"{first[:60]!r} stands before the heading; begin with a line ## HEADING")
    for part in parts:
        heading, *blocks = re.split(r"[\n\x1d]", part, maxsplit=1)
        written_blocks = [block.strip() for block in "".join(blocks).split(BREAK)]
        found = tuple(_block(block, tables) for block in written_blocks if block)
        yield Section(name, text_of(tables.line(heading)), found)


def _block(written: str, tables: Tables) -> Block:
    if re.match(r"-(\s|$)", written):
        points = (tables.line(point) for point in re.split(r"(?:^|\n)\s*-(?=\s|$)", written))
        return Block("points", points=tuple(line for line in points if line))
    if written.startswith("!["):
        found = re.findall(r"!\[(.*?)\]\(([\w -]+)\)", written, re.DOTALL)
        pictures = (Picture(name, tables.line(alternative), len(found) > 1) for alternative, name in found)
        return Block("pictures", pictures=tuple(pictures))
    if written.startswith("Table:"):
        caption, _, body = written.removeprefix("Table:").partition("|")
        lines = re.split(r"\|\s*\n\s*\|", body.strip().removesuffix("|"))
        rows = tuple(tuple(tables.line(cell) for cell in line.split("|")) for line in lines)
        if any(len(row) != len(rows[0]) for row in rows):
            raise ValueError(f"the table {text_of(tables.line(caption))!r} has rows of several lengths")
        # Turned where it has more columns than fit and fewer rows than these.
        is_wide = len(rows[0]) > MOST_COLUMNS and len(rows) < len(rows[0])
        return Block("table", tables.line(caption), rows=tuple(zip(*rows, strict=True)) if is_wide else rows)
    return Block("paragraph", tables.line(written))


@dataclass(frozen=True, slots=True, eq=False)
class Briefing:
    r"""What a briefing says: title, subtitle, sections, and the tables of its numbers.

    Examples
    --------
    >>> import tensionsim as ts
    >>> brief = ts.report(ts.run("norland-suderia", runs=40), effects=False)
    >>> brief.title
    'Norland and Suderia: the outlook to 6\xa0January\xa02032'
    >>> [section.heading for section in brief.sections][:3]
    ['Bottom line', 'Context', 'Implications']
    >>> brief.save("briefing.md").name
    'briefing.md'
    """

    subject: Subject
    heading: Line
    subtitle: Line
    sections: tuple[Section, ...]
    numbers: Tables
    templates: Path | None = None

    def __repr__(self) -> str:
        return f"<Briefing {self.title!r}: {len(self.sections)} sections>"

    @property
    def title(self) -> str:
        """The heading as plain text."""
        return text_of(self.heading)

    @property
    def tables(self) -> Mapping[str, Mapping[str, Mapping[str, Cell]]]:
        """Every number of the text: table, row, column, value."""
        return self.numbers.cells

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(one for section in self.sections for block in section.blocks for one in block.pictures)

    def to_html(self, *, for_print: bool = False) -> str:
        """One page that asks nothing of a network: style, figures and tables are in it.

        A number in a sentence stands in a `data` element that names its cell; the tables stand at the end as JSON.
        for_print : on A4, without the figures for dark and narrow screens.
        """

        def data(picture: Picture, *, theme: str, narrow: bool) -> str:
            drawn = self.drawn(picture, theme=theme, narrow=narrow)
            return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode('ascii')}"

        return self._page("page.html", is_html=True, long=LONG, data=data, for_print=for_print)

    def to_markdown(self, folder: str) -> str:
        """The text, whose figures and tables are looked for in a folder."""

        def plain(piece: str) -> str:
            return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", piece).replace(numbers.FIXED, " ")

        return self._page("page.md", is_html=False, folder=quote(os.fsencode(folder)), plain=plain)

    def _page(self, template: str, *, is_html: bool, **given: Any) -> str:
        given |= {"heading": self.heading, "subtitle": self.subtitle, "sections": self.sections, "tables": self.tables}
        given["text_of"] = lambda line: text_of(line).replace(numbers.FIXED, " ")
        layout = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
        environment = _environment(self.templates, autoescape=is_html, **layout)
        with _located(template):
            return environment.get_template(template).render(given)

    def drawn(self, picture: Picture, *, theme: str = "light", narrow: bool = False) -> bytes:
        """A figure as SVG, for a page or a phone; the same results give the same bytes."""
        subject, name = self.subject, picture.name
        with plots.theme(theme), tempfile.TemporaryDirectory(prefix="tensionsim-") as folder:
            ax = plots.blank(*(PHONE if narrow else HALF if picture.is_half else WIDE))
            if name in ALONE:
                ax = getattr(plots, name)(subject.base, ax)
            elif name == "outlooks":
                ax = plots.outlooks(subject.comparison, ax)
            else:
                ax = plots.difference(subject.comparison, subject.differences[name], ax)
            return plots.save(ax, Path(folder) / "figure.svg").read_bytes()

    def save(self, path: str | Path) -> Path:
        """Writes the briefing, whole or not at all: HTML or PDF (one file), or Markdown (and a folder of figures).

        A PDF is printed from the HTML by Chromium (or a browser of its kind) on PATH, or by WeasyPrint.

        Raises
        ------
        StorageError
            If the path ends otherwise, or cannot be written; if nothing here prints a PDF.
        """
        target = check_target(path)
        if target.suffix.lower() in MARKDOWN:
            folders.save_derived(folder_of(target), "briefing", partial(self._write, target))
            return target
        is_pdf = target.suffix.lower() in PDF
        with folders.written(target):
            html = self.to_html(for_print=is_pdf)
            folders.write_whole(target, printed(html) if is_pdf else html.encode())
        return target

    def _write(self, target: Path, folder: Path) -> None:
        for picture in self.pictures:
            (folder / picture.file).write_bytes(self.drawn(picture))
        folders.write_json(folder / "tables.json", self.tables)
        folders.write_whole(target, self.to_markdown(folder_of(target).name).encode())


ALONE = ("fan", "regimes", "direction")
"""Figures of one ensemble, or of the baseline."""


def check_target(path: str | Path) -> Path:
    """The path, if a briefing may go there; else StorageError."""
    target = folders.check_file(path, HTML + MARKDOWN + PDF, "a briefing is written as .html, .md or .pdf")
    if target.suffix.lower() in PDF:
        printers()
    if target.suffix.lower() in MARKDOWN:
        folders.check_target(folder_of(target), "briefing")
    return target


def folder_of(target: Path) -> Path:
    """The folder of figures that goes with a Markdown file."""
    return target.with_name(f"{target.stem}-files")


def report(
    given: Comparison | Results,
    path: str | Path | None = None,
    *,
    ahead_months: float = 6.0,
    effects: bool = True,
    templates: str | Path | None = None,
    command: str = "",
) -> Briefing:
    """The briefing of a comparison or of results, written to a file where a path is given.

    Parameters
    ----------
    given
        What `compare` or `run` returns, or `open`.
    path
        Ends in .html (one self-contained file), .pdf (that printed) or .md (with a folder of figures beside it).
    ahead_months
        How long before the last date early signs are read.
    effects
        Whether to run the worlds that tell which differences of the files make an outlook's effect, or what scheduled
        moves, changes and rules do where there is one scenario: 64 worlds at most, 16,000 runs in all.
    templates
        A folder with templates of your own, each of which takes the place of the shipped one of its name.
    command
        What was typed, for the provenance.

    Raises
    ------
    StorageError
        If the file cannot be written; it is asked before anything is run.
    TemplateError
        If a template cannot be used, or writes a number that stands in no table.

    Examples
    --------
    >>> import tensionsim as ts
    >>> brief = ts.report(ts.compare("norland-suderia", runs=20), effects=False)
    >>> brief.sections[0].heading
    'Bottom line'
    """
    if path is not None:
        check_target(path)
    environment = check_templates(templates)
    if isinstance(given, Results):
        name, runs = given.scenario.outlook or given.scenario.name, range(given.first_run, given.first_run + given.runs)
        given = Comparison({name: given}, name, (), given.dates, runs)
    subject = Subject(given, command)
    if effects and len(given.runs) > 1:
        subject.effects = _effects(subject)
    span = (len(subject.base.dates) - 1) * subject.base.step_months
    signs = None if ahead_months > span else early_signs(subject.base, ahead_months=ahead_months)
    tables = numbers.measured(subject, signs)
    environment.globals.update(common(tables, subject, signs))
    with _located("title.md"):
        heading, subtitle = title_of(environment.get_template("title.md").render(), tables)
    sections: list[Section] = []
    for name in SECTIONS:
        with _located(f"{name}.md"):
            sections += sections_of(name, environment.get_template(f"{name}.md").render(), tables)
    made = Briefing(subject, heading, subtitle, tuple(sections), tables, None if templates is None else Path(templates))
    known = (*ALONE, *(("outlooks", *subject.differences) if subject.others else ()))
    for picture in made.pictures:
        one_of("a figure of this briefing", picture.name, known, TemplateError)
    if path is not None:
        made.save(path)
    return made


def _effects(subject: Subject) -> dict[str, Effects]:
    """Which differences of its file make an outlook's effect on the key event, or on the index; else what dates do."""
    comparison, base, key = subject.comparison, subject.base, subject.key
    is_counted = all(key in results.names.events for results in subject.results.values())
    found = {}
    for name in subject.others or (subject.baseline,):
        other, asked = subject.results[name], dict[str, Any]()
        if subject.others:
            try:
                count = len(Mixture(base.scenario, other.scenario).everything)
            except SelectionError:
                continue
            asked = {"against": base.scenario, "of": f"event:{key}" if is_counted else "index"}
            asked["date"] = str(comparison.dates[-1])
        else:
            there = Counter(one.kind for one in elements_of(other.scenario))
            kinds = [kind for kind in ("schedule", "change", "rule") if there[kind]]
            while sum(there[kind] for kind in kinds) > MOST_ELEMENTS:
                kinds.pop()
            count, asked = sum(there[kind] for kind in kinds), {"elements": kinds}
        if 0 < count <= MOST_ELEMENTS and not base.lost_code and not other.lost_code:
            runs = max(2, min(len(comparison.runs), BUDGET >> count))
            first = comparison.runs.start
            found[name] = effects(other.scenario, runs=runs, seed=comparison.seed, first_run=first, **asked)
    return found


def common(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """What every template may ask: the functions that write cells and names, and what the tables cannot say."""

    def actor(name: str, *, within: bool = False) -> str:
        shown = subject.actor(name)
        return tables.quote(f"the {shown.removeprefix('The ')}" if within and shown.startswith("The ") else shown)

    def cause_words(element: str) -> str:
        return f"“{element_words(subject, element)}”" if numbers.DATED.fullmatch(element) else attribute_words(element)

    def is_sure(event: str, name: str) -> bool:
        effect, error = (tables.number("events", event, f"{name}: difference{what}") for what in ("", " error"))
        return is_apart(effect, error)

    def causes(name: str, *, sure: bool) -> list[str]:
        """The attributes whose effect in an outlook is told from none, or is not."""
        table = f"attributes: {name}"
        found = {row: [tables.number(table, row, what) for what in ("effect", "error")] for row in tables.rows(table)}
        return [row for row, (effect, error) in found.items() if is_apart(effect, error) is sure]

    def beside() -> dict[str, dict[str, str]]:
        """What differs, with the rows of its effects by outlook."""
        rows: dict[str, dict[str, str]] = {}
        for name in subject.effects:
            for row, cells in tables.rows(f"effects: {name}").items():
                rows.setdefault(str(cells["what"]), {})[name] = row
        return rows

    scenarios = {name: subject.results[name].scenario for name in subject.order}
    own = {name: outlook_title(one) or one.title for name, one in scenarios.items()}
    shared = own[subject.baseline]
    asked = ("named", "quote", "number", "value", "has", "rows", "ranked")
    known = ("file", "baseline", "others", "order", "key", "command", "differences")
    return {
        **{form: partial(tables.write, form) for form in numbers.FORMS},
        **{name: getattr(tables, name) for name in asked},
        **{name: getattr(subject, name) for name in known},
        "outlook": lambda name: tables.quote(name, "emphasis"),
        "actor": actor,
        "is_sure": is_sure,
        "is_apart": is_apart,
        "word": numbers.word,
        "comma": lambda loop: "" if loop.first else " and " if loop.last else ", ",
        "semicolon": lambda loop: "" if loop.first else "; ",
        "cause_words": cause_words,
        "causes": causes,
        "beside": beside,
        "in_force": in_force(subject),
        "signs": signs,
        "told_signs": [] if signs is None or signs.table.empty else list(signs.chosen()["sign"]),
        "one_run": len(subject.comparison.runs) == 1,
        "meanings": {name: _meaning(subject, name) for name in (*subject.comparison.event_names, DEEP)},
        "attributes": dict(map(_attribute, fields(ActorPatch).items())),
        "title": shared,
        "titles": {
            name: "" if own[name] == name or (name != subject.baseline and own[name] == shared) else own[name]
            for name in subject.order
        },
        "issues": subject.base.names.issues,
        "events": subject.comparison.event_names or (DEEP,),
        "regimes": REGIME_NAMES,
        "scale": [name for name, _, _ in numbers.SCALE],
        "code": list(dict.fromkeys(one for name in subject.order for one in subject.results[name].code)),
    }


def _attribute(given: tuple[str, Shape]) -> tuple[str, str]:
    """An attribute in words, and what it says, with its range where it ends at 1."""
    name, shape = given
    limits = (shape.own or shape).limits
    return attribute_words(name), shape.about + (f", {limits['ge']:g} to 1" if limits.get("le") == 1 else "")


def _meaning(subject: Subject, name: str) -> dict[str, Any]:
    """What an event says of the index, where it is a bound of it."""
    spec = subject.file.events.get(name)
    if spec is None or not spec.cooperation:
        return {"deep": name == DEEP and spec is None, "bound": ""}
    sides = (f" {side} {getattr(spec, side):g}" for side in ("above", "below") if getattr(spec, side) is not None)
    bound = spec.cooperation.removeprefix("index").strip() + "".join(sides)
    return {"deep": False, "bound": bound, "issue": spec.issue, "time": spec.for_}


def in_force(subject: Subject) -> dict[str, dict[str, list[str]]]:
    """What presses and what binds the two at the start, by actor; what both have is under no name."""
    axes, record, sides = subject.base.names, subject.base.record, set(subject.file.principals)
    found: dict[str, dict[str, list[str]]] = {"presses": {}, "binds": {}}
    for place, name in enumerate(axes.arrangements):
        kind, pair, _ = name.split(" | ")
        actor, target = pair.split(" -> ")
        if {actor, target} == sides and record.in_force[0, place].mean() > 0.5:
            who = "" if axes.arrangement_is_mutual[place] else subject.actor(actor)
            kinds = found["presses" if axes.arrangement_scores[place] < 0.0 else "binds"].setdefault(who, [])
            if kind not in kinds:
                kinds.append(kind)
    return found


def check_templates(templates: str | Path | None) -> Environment:
    """Where templates are found, once each of them can be read; else StorageError or TemplateError."""
    found = _environment(None if templates is None else Path(templates))
    for name in ("title.md", *(f"{section}.md" for section in SECTIONS), "page.md", "page.html"):
        with _located(name):
            found.get_template(name)
    return found


class Breaks(Extension):
    """Marks the empty lines of a template's source, so that lines which tags leave empty part no blocks."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        is_text = name is not None and name.endswith(".md") and name != "page.md"
        return re.sub(r"\n(?=[ \t]*\n)", f"\n{BREAK}", source) if is_text else source


def _environment(templates: Path | None, **options: Any) -> Environment:
    """Where templates are found and what they may do; those of a folder given take precedence over the shipped ones."""
    shipped = PackageLoader("tensionsim.briefings")
    if templates is not None:
        if not templates.is_dir():
            raise StorageError(f"there is no folder {templates} with templates")
        names = sorted(shipped.list_templates())
        if not any((templates / name).is_file() for name in names):
            raise TemplateError(f"{templates} holds no template of a briefing; name one of them {', '.join(names)}")
    loader = shipped if templates is None else ChoiceLoader([FileSystemLoader(templates), shipped])
    found = ImmutableSandboxedEnvironment(
        loader=loader, extensions=[Breaks], undefined=StrictUndefined, finalize=_word, **options
    )
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "allow_nan": False}
    return found


def _word(shown: object) -> object:
    """What a template writes: words and facts, but no number that stands in no table."""
    if isinstance(shown, (int, float)):
        raise TypeError(f"{shown} is a bare number; write one that stands in a table, as in count(table, row, column)")
    return shown


@contextmanager
def _located(template: str) -> Iterator[None]:
    """Makes what goes wrong in a template one TemplateError that names file and line."""
    try:
        yield
    except (Failure, OSError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as failure:
        where = template
        for frame in traceback.extract_tb(failure.__traceback__):
            where = f"{frame.filename}:{frame.lineno}" if frame.filename.endswith((".md", ".html")) else where
        raise TemplateError(f"{where}: {getattr(failure, 'message', None) or failure}") from failure


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
OPTIONS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no name and no address is found, whoever asks
    "--no-pdf-header-footer",
)
SECONDS = 120
"""Of a browser that prints: its names, its options, and how long it may take."""


def printers() -> list[Callable[[str], bytes]]:
    """What prints a page here, best first; StorageError where nothing does."""
    found: list[Callable[[str], bytes]] = []
    if browser := next(filter(None, map(shutil.which, BROWSERS)), None):
        found.append(partial(_by_browser, browser))
    if find_spec("weasyprint") is not None:
        found.append(_by_weasyprint)
    if not found:
        raise StorageError(
            f"a PDF is printed by a browser ({', '.join(BROWSERS)}) or by WeasyPrint, and none of them is on PATH or "
            "installed; install one (pip install 'weasyprint>=68'), or write .html, which every browser prints"
        )
    return found


def printed(html: str) -> bytes:
    """A page as PDF; the same page gives the same bytes where the same program prints it."""
    said = ""
    for made_by in printers():
        try:
            made = made_by(html)
        except (OSError, ImportError, subprocess.SubprocessError, ValueError) as failure:
            said = str(failure)
            continue
        dates = rb"/(?:Creation|Mod)Date ?\(D:[^)]*\)"  # blanked, as offsets of what follows stand in the file
        return re.sub(dates, lambda found: b" " * len(found[0]), made)
    raise StorageError(f"cannot print the briefing: {said}; write .html and print it, or: pip install 'weasyprint>=68'")


def _by_browser(browser: str, html: str) -> bytes:
    """What the browser prints; its profile and all that it writes go with the folder."""
    with tempfile.TemporaryDirectory(prefix="tensionsim-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        page, made = folder / "page.html", folder / "page.pdf"
        page.write_text(html, encoding="utf-8")
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # whom Chromium's sandbox refuses
        command = [browser, *OPTIONS, *(["--no-sandbox"] if is_root else []), f"--user-data-dir={folder / 'profile'}"]
        homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), name)
        done = subprocess.run(
            [*command, f"--print-to-pdf={made}", page.as_uri()],
            env={**os.environ, **homes},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        if not made.is_file():
            *_, why = done.stderr.decode(errors="replace").split("\n")[-2:-1] or [f"exit status {done.returncode}"]
            raise ValueError(f"{browser} printed nothing ({why[:200]})")
        return made.read_bytes()


def _by_weasyprint(html: str) -> bytes:
    import logging

    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of each rule for screens
    return bytes(HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf())
