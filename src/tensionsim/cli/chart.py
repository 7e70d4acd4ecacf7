"""A chart of letters: the median of the index and the range of its runs, over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tensionsim.cli.screen import Screen

MOST_ROWS = 9
MARGIN = 5


def chart(screen: Screen, index: dict[str, Sequence[float]], dates: Sequence[str], *, runs: int) -> Iterator[str]:
    """Lines of a chart: a row for every 5 or 10 points, named by the lower end of what it covers.

    index : `median`, `q05`, `q95`, each by date.
    """
    columns = screen.width - MARGIN
    places = _places(len(dates), columns)
    low, step, rows = _scale(min(index["q05"]), max(index["q95"]))
    beside = screen.glyph("┤", "|")
    heights = {name: [(index[name][place] - low) / step for place in places] for name in ("median", "q05", "q95")}
    for row in reversed(range(rows)):
        cells = (
            _cell(screen, row, *levels)
            for levels in zip(heights["median"], heights["q05"], heights["q95"], strict=True)
        )
        yield f"{low + row * step:>3.0f} {beside}{''.join(cells)}".rstrip()
    yield " " * (MARGIN - 1) + screen.glyph("└", "+") + screen.glyph("─", "-") * columns
    yield " " * MARGIN + _date_line(dates, places)
    line, area = screen.glyph("━", "="), screen.glyph("░", ".")
    yield " " * MARGIN + (f"{line} median  {area} 9 runs in 10" if runs > 1 else f"{line} the run")


def _cell(screen: Screen, row: int, median: float, low: float, high: float) -> str:
    """What stands in a row where the median and the range have these heights, in rows."""
    if row == int(median):
        return screen.glyph("▁━▔"[int(3 * (median - row))], "=")
    return screen.glyph("░", ".") if int(low) <= row <= int(high) else " "


def _places(dates: int, columns: int) -> list[int]:
    """The date that each column shows."""
    return [round(column * (dates - 1) / max(columns - 1, 1)) for column in range(columns)]


def _scale(least: float, most: float) -> tuple[float, float, int]:
    """Lower end, points a row, and rows of an axis that holds `least` and `most`."""
    for step in (5.0, 10.0, 20.0):
        low = least // step * step
        rows = int((most - low) // step) + 1
        if rows <= MOST_ROWS:
            break
    return low, step, max(rows, 3)


def _date_line(dates: Sequence[str], places: Sequence[int]) -> str:
    """First and last date, and the middle one where there is room."""
    first, last, columns = dates[0], dates[-1], len(places)
    between = dates[places[columns // 2]] if columns >= 3 * len(first) + 10 else ""
    gap = columns - len(first) - len(last) - len(between)
    left = columns // 2 - len(first) - len(between) // 2 if between else gap
    return first + " " * left + between + " " * (gap - left if between else 0) + last
