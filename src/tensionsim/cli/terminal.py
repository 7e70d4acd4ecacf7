"""Results in the forms that are asked for, and texts, tables and a chart laid out for the terminal."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import string
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NARROWEST, WIDEST = 40, 100
LEAST_NAME = 12

STEPS = {"day": "daily", "week": "weekly", "month": "monthly"}


@dataclass(frozen=True, slots=True)
class Screen:
    """How wide standard output is and what it shows; a pipe counts as 80 columns without colour."""

    width: int
    has_unicode: bool
    has_colour: bool

    def bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.has_colour else text

    def wrapped(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """The text in lines that fit, control characters removed."""
        after = indent if hanging is None else hanging
        return textwrap.wrap(plain(text), self.width, initial_indent=indent, subsequent_indent=after) or [""]

    def heading(self, text: str) -> list[str]:
        return [self.bold(line) for line in self.wrapped(text)]

    def notes(self, heading: str, texts: Iterable[str]) -> list[str]:
        """Texts as points below a heading and an empty line; nothing where there is none."""
        points = [line for text in texts for line in self.wrapped(text, "- ", "  ")]
        return ["", self.bold(heading), *points] if points else []

    def glyph(self, fancy: str, ascii_only: str) -> str:
        return fancy if self.has_unicode else ascii_only

    @property
    def error_mark(self) -> str:
        """Before a standard error."""
        return self.glyph("±", "+-")


def detect() -> Screen:
    """The screen that standard output is."""
    width = shutil.get_terminal_size((80, 24)).columns
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Screen(
        width=max(NARROWEST, min(width, WIDEST)),
        has_unicode=encoding.startswith("utf"),
        has_colour=is_terminal and not os.environ.get("NO_COLOR"),
    )


FORMS = ("as_json", "as_csv", "markdown", "quiet", "figure", "xlsx", "iamc")
"""Options that say in which form an outcome is shown, which no verb need look at."""


def asked(form: str) -> Any:
    """What the running command was given for an option of `FORMS`."""
    return click.get_current_context().meta.get(form)


def show(
    lines: Callable[[Screen], Iterable[str]],
    of: Any = None,
    *,
    summary: Callable[[], object] | None = None,
    table: Callable[[], pd.DataFrame] | None = None,
    figure: str | Figure = "",
    written: object = "",
    float_format: str | None = "%.10g",
) -> None:
    """Prints an outcome, `of`, as it is asked for: JSON of its summary, CSV of its table, a figure, or lines."""
    files: list[Any] = []
    if path := asked("figure"):
        from tensionsim.plots import draw
        from tensionsim.plots.style import save

        files.append(save(draw(figure, of, theme="light") if isinstance(figure, str) else figure, path))
    if path := asked("xlsx"):
        files.append(of.to_xlsx(path))
    if path := asked("iamc"):
        from tensionsim.runs.exchange import write_iamc

        files.append(write_iamc(of.to_iamc(), path))
    if asked("as_json"):
        told = summary or getattr(of, "summary", None) or of.to_dict
        click.echo(json.dumps(told(), allow_nan=False))
    elif asked("as_csv"):
        from tensionsim.runs.store import as_csv as text_of

        tabled = table or of.table
        tabled = tabled() if callable(tabled) else tabled
        keyed = tabled if tabled.index.names == [None] else tabled.reset_index()
        click.echo(text_of(keyed, float_format=float_format), nl=False)
    elif not asked("quiet"):
        click.echo("\n".join(lines(detect())))
        for text in filter(None, (written, files and "Wrote " + " and ".join(map(str, files)))):
            click.echo(f"\n{text}")


def plain(text: str) -> str:
    """The text without control characters, which could steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def percent(share: float, runs: int) -> str:
    """A share of runs in percent, as exact as so many runs make it; none and all are counted out."""
    if share in (0.0, 1.0):
        return f"0 of {runs:,}" if share == 0.0 else f"all {runs:,}"
    return f"{100 * share:.{share_decimals(share, runs)}f} %"


def share_decimals(share: float, runs: int) -> int:
    """Decimals of a percentage down to those of its standard error: one digit of it, two where it begins with 1."""
    error = 100 * math.sqrt(share * (1 - share) / runs)
    return max(0, math.ceil(math.log10(2 / error)))


def measured(screen: Screen, value: float | None, error: float | None, form: str = "+z") -> str:
    """A number with its standard error, to the digits that the error leaves sure; a dash where none is known."""
    if value is None or math.isnan(value):
        return "-"
    if not error or math.isnan(error):
        return f"{value:{form}.{3 if 0.0 < abs(value) < 0.05 else 1}f}"
    decimals = max(1, min(3, math.ceil(math.log10(2 / error))))
    return f"{value:{form}.{decimals}f} {screen.error_mark}{error:.{decimals}f}"


def table(screen: Screen, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of a text and numbers; where the screen is too narrow the last columns are left out, as a line tells."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    while len(widths) > 2 and min(widths[0], LEAST_NAME) + sum(width + 2 for width in widths[1:]) > screen.width:
        widths.pop()
    widths[0] = min(widths[0], screen.width - sum(width + 2 for width in widths[1:]))
    for number, row in enumerate([head, *rows]):
        names = textwrap.wrap(plain(row[0]), widths[0]) or [""]
        cells = "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=False))
        line = f"{names[0]:<{widths[0]}}{cells}".rstrip()
        yield screen.bold(line) if number == 0 else line
        yield from names[1:]
    if len(widths) < len(head):
        yield from screen.wrapped(f"(wider terminals show: {', '.join(head[len(widths) :])})")


def digits(value: Any, form: str = ".3g") -> str:
    """A number to three digits, or in another form, without powers of ten ("%": in percent); a dash for none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    text = f"{100 * value:.0f}" if form == "%" else format(value, form)
    return f"{value:.0f}" if "e+" in text and not isinstance(value, str) else text


UNKNOWN = re.compile(r"-( (to|/) -)+")
"""A cell of several numbers none of which is known."""


class _Forms(string.Formatter):
    """Forms of numbers in which what is not known is a dash."""

    format_field = staticmethod(digits)  # type: ignore[assignment]


def formed(screen: Screen, columns: Mapping[str, str], records: Iterable[Mapping[Any, Any]]) -> Iterator[str]:
    """A table of records, whose columns are forms like "{mean:.1f}" by their heads; of what is not known a dash."""
    rows = [[_Forms().vformat(form, (), one) for form in columns.values()] for one in records]
    return table(screen, [*columns], [["-" if UNKNOWN.fullmatch(cell) else cell for cell in row] for row in rows])


CHART_ROWS, MARGIN = 9, 5


def chart(screen: Screen, index: Mapping[str, Sequence[float]], dates: Sequence[str], *, runs: int) -> Iterator[str]:
    """Median and range (q05, q95) of the index by date: a row for every 5 points or more, named by its middle."""
    columns = screen.width - MARGIN
    places = [round(column * (len(dates) - 1) / max(columns - 1, 1)) for column in range(columns)]
    least, most = min(index["q05"]), max(index["q95"])
    step = next(one for one in (5.0, 10.0, 20.0) if most // one - least // one < CHART_ROWS)
    low = ((least / step + 0.5) // 1 - 0.5) * step
    rows = max(int((most - low) // step) + 1, 3)
    beside, area, line = screen.glyph("┤", "|"), screen.glyph("░", "."), screen.glyph("━", "=")
    heights = [[(index[name][place] - low) / step for place in places] for name in ("median", "q05", "q95")]
    for row in reversed(range(rows)):
        cells = [
            screen.glyph("▁━▔"[int(3 * (median - row))], "=")
            if row == int(median)
            else area
            if int(least) <= row <= int(most)
            else " "
            for median, least, most in zip(*heights, strict=True)
        ]
        yield f"{low + (row + 0.5) * step:>3.0f} {beside}{''.join(cells)}".rstrip()
    yield " " * (MARGIN - 1) + screen.glyph("└", "+") + screen.glyph("─", "-") * columns
    first, last = dates[0], dates[-1]
    middle = dates[places[columns // 2]] if columns >= 3 * len(first) + 10 else ""
    yield " " * MARGIN + f"{first}{middle:^{columns - len(first) - len(last)}}{last}"
    yield " " * MARGIN + (f"{line} median  {area} 9 runs in 10" if runs > 1 else f"{line} the run")
