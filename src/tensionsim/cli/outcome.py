"""What `tensionsim run` prints of an ensemble."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tensionsim.cli.chart import chart
from tensionsim.cli.screen import Screen, table

STEPS = {"day": "daily", "week": "weekly", "month": "monthly"}


def lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of results (`Results.summary()`), laid out for the screen."""
    yield from map(screen.bold, screen.wrapped(summary["title"]))
    span = f"{summary['start']} to {summary['end']}, {STEPS[summary['step']]}"
    runs = f"{summary['runs']:,} run{'s' if summary['runs'] > 1 else ''}"
    yield from screen.wrapped(f"{span}; {runs}, seed {summary['seed']}")
    yield ""
    yield from screen.wrapped(_headline(summary))
    yield ""
    yield from chart(screen, summary["index"], summary["dates"])
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
            percent(regime["at_end"], 0.0, summary["runs"], screen),
            percent(regime["probability"], regime["standard_error"], summary["runs"], screen),
            f"{regime['mean_months']:.1f}",
        )
        for name, regime in reversed(summary["regimes"].items())
    ]
    yield from table(screen, ("Regime", "index", "at end", "ever", "months in it"), rows)


def _events(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    rows = [
        (
            name,
            percent(event["probability"], event["standard_error"], summary["runs"], screen),
            event["median_first_date"] or "never",
            f"{event['mean_months']:.1f}",
            "-" if event["median_recovery_months"] is None else f"{event['median_recovery_months']:.1f}",
        )
        for name, event in summary["events"].items()
    ]
    yield from table(screen, ("Event", "ever", "first, median", "months in it", "until it ends"), rows)


def percent(share: float, standard_error: float, runs: int, screen: Screen) -> str:
    """A share of runs in percent, with its standard error where it has one; none and all are counted out."""
    if share in (0.0, 1.0):
        return f"0 of {runs:,}" if share == 0.0 else f"all {runs:,}"
    digits = 1 if runs >= 1000 or share < 0.01 else 0
    error = f" {screen.glyph('±', '+-')}{max(100 * standard_error, 0.1):.1f}" if standard_error else ""
    return f"{100 * share:.{digits}f} %{error}"


def _movers(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    if not summary["movers"]:
        return
    yield ""
    yield from map(screen.bold, screen.wrapped("What moved the index most, from start to end, in points of its mean"))
    for mover in summary["movers"]:
        text = f"{mover['points']:+6.1f}  {mover['actor']}: {mover['what'].replace('_', ' ')}"
        yield from screen.wrapped(text, "", " " * 8)
