"""What `tensionsim run` prints of an ensemble."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tensionsim.cli.chart import chart
from tensionsim.cli.screen import Screen, table
from tensionsim.runs.statistics import settings
from tensionsim.runs.statistics import span as statistics_span

STEPS = {"day": "daily", "week": "weekly", "month": "monthly"}


def lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of results (`Results.summary()`), laid out for the screen."""
    yield from map(screen.bold, screen.wrapped(summary["title"]))
    span = f"{statistics_span(summary['start'], summary['end'], summary['dates'][-1])}, {STEPS[summary['step']]}"
    runs = f"{summary['runs']:,} run{'s' if summary['runs'] > 1 else ''}"
    yield from screen.wrapped(f"{span}; {runs}, seed {summary['seed']}")
    if summary["set"]:
        yield from screen.wrapped(settings(summary["set"]), "", "  ")
    yield ""
    yield from screen.wrapped(_headline(summary))
    yield ""
    yield from chart(screen, summary["index"], summary["dates"], runs=summary["runs"])
    yield ""
    yield from _regimes(summary, screen)
    if summary["events"]:
        yield ""
        yield from _events(summary, screen)
    yield from _movers(summary, screen)
    if summary["notes"]:
        yield ""
        yield screen.bold("Notes")
        for note in summary["notes"]:
            yield from screen.wrapped(note, "- ", "  ")


def _headline(summary: Mapping[str, Any]) -> str:
    index, which = summary["index"], "median" if summary["runs"] > 1 else "one run:"
    text = f"Cooperation index: {which} {index['median'][0]:.0f} at the start, {index['median'][-1]:.0f} at the end"
    return f"{text} (9 runs in 10: {index['q05'][-1]:.0f} to {index['q95'][-1]:.0f})" if summary["runs"] > 1 else text


def _regimes(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    rows = [
        (
            name,
            f"{regime['from']:.0f}-{regime['to']:.0f}",
            percent(regime["at_end"], summary["runs"]),
            estimate(regime, summary["runs"], screen),
            f"{regime['mean_months']:.1f}",
        )
        for name, regime in reversed(summary["regimes"].items())
    ]
    yield from table(screen, ("Regime", "index", "at end", "ever", "months in it"), rows)


def _events(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    rows = [
        (
            name,
            estimate(event, summary["runs"], screen),
            event["median_first_date"] or "never",
            f"{event['mean_months']:.1f}",
            _recovery(event),
        )
        for name, event in summary["events"].items()
    ]
    yield from table(screen, ("Event", "ever", "first, median", "months in it", "until it ends"), rows)


def _recovery(event: Mapping[str, Any]) -> str:
    """Months until it ends; "not yet" where it is still on at the end in half or more of the runs that have it."""
    if event["median_recovery_months"] is not None:
        return f"{event['median_recovery_months']:.1f}"
    return "not yet" if event["probability"] else "-"


def estimate(found: Mapping[str, Any], runs: int, screen: Screen) -> str:
    """A share of the runs with its standard error, where it has one."""
    share, error = found["probability"], found["standard_error"]
    text = percent(share, runs)
    return f"{text} {screen.glyph('±', '+-')}{100 * error:.{_decimals(share, runs)}f}" if error else text


def percent(share: float, runs: int) -> str:
    """A share of runs in percent, as exact as so many runs make it; none and all are counted out."""
    if share in (0.0, 1.0):
        return f"0 of {runs:,}" if share == 0.0 else f"all {runs:,}"
    return f"{100 * share:.{_decimals(share, runs)}f} %"


def _decimals(share: float, runs: int) -> int:
    """Decimals of a percentage down to those of its standard error: one digit of it, two where it begins with 1."""
    error = 100 * math.sqrt(share * (1 - share) / runs)
    return max(0, math.ceil(math.log10(2 / error)))


def _movers(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    if not summary["movers"]:
        return
    yield ""
    yield from map(screen.bold, screen.wrapped("What moved the index most, from start to end, in points of its mean"))
    for mover in summary["movers"]:
        yield from _points(mover["points"], f"{mover['actor']}: {mover['what'].replace('_', ' ')}", screen)
    yield from _points(summary["change"]["rest"], "everything else", screen)
    first, last = (summary["index"]["mean"][place] for place in (0, -1))
    what = "mean" if summary["runs"] > 1 else "index"
    yield from _points(summary["change"]["points"], f"in all: the {what} goes from {first:.1f} to {last:.1f}", screen)


def _points(points: float, text: str, screen: Screen) -> list[str]:
    return screen.wrapped(f"{points:+6.1f}  {text}", "", " " * 8)
