"""`tensionsim events`: read event data, say what became of every row, look at what is there."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensionsim.cli import screen
from tensionsim.errors import EventError, Problem, StorageError

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from tensionsim.events.history import EventHistory, Reading
    from tensionsim.events.reading import HistorySummary


MOST_GAPS = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed: the file and its actors, how it is read, and what is to be shown and written."""

    file: str
    dyad: tuple[str, str] | None
    how: Mapping[str, Any]
    scenario: str | None
    until: Any
    output: Path | None
    index_file: Path | None
    as_json: bool
    quiet: bool


def history_of(file: str, dyad: tuple[str, str] | None, how: Mapping[str, Any]) -> EventHistory:
    """The history of an event file; `how` holds the options of `reading_options`."""
    from tensionsim.events.reading import read_events

    return read_events(file, dyad=dyad, **how)


def events(request: Request) -> None:
    """Reads, shows and writes."""
    if request.quiet and not (request.output or request.index_file):
        raise click.UsageError("--quiet prints nothing: give -o or --index FILE too")
    if request.quiet and request.as_json:
        raise click.UsageError("--quiet and --json cannot both be given")
    for path in (request.output, request.index_file):
        _check_free(path, request.file)
    history = until(history_of(request.file, request.dyad, request.how), request.until, request.file)
    index = _index(history, request.scenario)
    if request.output is not None:
        _write(request.output, csv_of(history))
    if request.index_file is not None and index is not None:
        _write(request.index_file, index.to_csv(lineterminator="\n", float_format="%.6g"))
    if not request.quiet:
        _show(request, history, index)


def until(history: EventHistory, date: dt.datetime | None, file: str) -> EventHistory:
    """The events of a file up to a day; all of them for None.

    Raises
    ------
    EventError
        If there are none.
    """
    if date is None:
        return history
    part, day = history.until(date.date()), date.date()
    if not len(part):
        raise EventError([Problem(file, 0, 0, f"no event up to {day}; the first is of {history.first}")])
    return part


def _index(history: EventHistory, scenario: str | None) -> pd.DataFrame | None:
    """The observed index; None of more than two actors without a scenario."""
    from tensionsim.events.observed import observed_index

    if scenario is None and len(history.actors) != 2:
        return None
    return observed_index(scenario, events=history)


def _show(request: Request, history: EventHistory, index: pd.DataFrame | None) -> None:
    from tensionsim.events.reading import summary_of

    found = summary_of(history)
    if request.as_json:
        values = {"reading": history.report.plain(), "look": found.plain(), "index": _plain_index(index)}
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
        return
    shown = screen.detect()
    lines = [*reading_lines(history.report, shown), "", *look_lines(found, shown), *_index_lines(index, shown)]
    written = [str(path) for path in (request.output, request.index_file) if path is not None]
    lines += ["", f"Written: {', '.join(written)}"] if written else []
    click.echo("\n".join(lines))


def reading_lines(report: Reading, shown: screen.Screen) -> Iterator[str]:
    """The account of a reading, wrapped."""
    first, *rest = report.lines()
    yield from shown.wrapped(first)
    for line in rest:
        hanging = " " * (len(line) - len(line.lstrip()) + 2)
        yield from shown.wrapped(line, hanging=hanging)


def look_lines(found: HistorySummary, shown: screen.Screen) -> Iterator[str]:
    """The look at a history as tables."""
    yield from shown.wrapped(
        f"{found.events:,} events from {found.first} to {found.last}, {found.years:.1f} years; "
        f"a usual month has {found.usual_month:g}"
    )
    yield ""
    rows = [
        (
            f"{one.actor} -> {one.target}",
            f"{one.events_a_year:,.1f}",
            f"{one.mean_score:+.2f}",
            f"{one.hostile_share:.0%}",
            f"{one.material_share:.0%}",
        )
        for one in found.directions
    ]
    yield from screen.table(shown, ("", "a year", "mean score", "hostile", "deeds"), rows)
    yield ""
    yield from shown.wrapped(_gap_words(found))
    yield ""
    codes = [(f"{one.cameo} {one.label}", f"{one.events:,}", f"{one.share:.1%}") for one in found.codes]
    yield from screen.table(shown, ("most frequent codes", "events", "share"), codes)


def _gap_words(found: HistorySummary) -> str:
    if not found.gaps:
        return f"Every one of {found.months} months has events."
    longest = [f"{one.first} to {one.last} ({one.months})" if one.months > 1 else one.first for one in found.gaps]
    more = f" and {len(longest) - MOST_GAPS} more" if len(longest) > MOST_GAPS else ""
    told = ", ".join(longest[:MOST_GAPS]) + more
    return f"{found.empty_months} of {found.months} months are without events: {told}."


def _index_lines(index: pd.DataFrame | None, shown: screen.Screen) -> Iterator[str]:
    if index is None:
        return
    values = index["index"]
    yield ""
    yield from shown.wrapped(
        f"Observed index: median {values.median():.0f}, lowest {values.min():.0f} ({values.idxmin():%Y-%m-%d}), "
        f"highest {values.max():.0f} ({values.idxmax():%Y-%m-%d}), last {values.iloc[-1]:.0f}"
    )
    for reason, count in index.attrs["left_out"].items():
        yield from shown.wrapped(f"{count:,} events do not count in it: {reason}", indent="  ", hanging="    ")


def _plain_index(index: pd.DataFrame | None) -> dict[str, object] | None:
    if index is None:
        return None
    values = index["index"]
    return {
        "median": float(values.median()),
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "last": float(values.iloc[-1]),
        "last_date": f"{index.index[-1]:%Y-%m-%d}",
        "left_out": index.attrs["left_out"],
    }


def csv_of(history: EventHistory) -> str:
    """The history as CSV text that `read_events` reads back: one line an event, by date."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    table = history.table()
    writer.writerow(table.columns)
    for row in table.itertuples(index=False):
        writer.writerow([f"{row.date:%Y-%m-%d}", *(f"{one:g}" if isinstance(one, float) else one for one in row[1:])])
    return text.getvalue()


def _check_free(path: Path | None, source: str) -> None:
    if path is not None and path.exists() and path.samefile(source):
        raise StorageError(f"{path} is the file that is read; choose another name")
    if path is not None and path.is_dir():
        raise StorageError(f"{path} is a folder; name a file")


def _write(path: Path, text: str) -> None:
    """Writes a file that appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"{path} cannot be written: {problem.strerror}") from problem
