"""What `tensionsim compare` prints of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tensionsim.cli.outcome import STEPS, percent
from tensionsim.cli.screen import Screen, table
from tensionsim.runs.statistics import settings

Summary = Mapping[str, Any]


def lines(summary: Summary, screen: Screen) -> Iterator[str]:
    """The summary of a comparison (`Comparison.summary()`), laid out for the screen."""
    base, others = summary["baseline"], list(summary["headlines"])
    yield from map(screen.bold, screen.wrapped(f"{', '.join(others)} beside {base}"))
    runs = f"{summary['runs']:,} run{'s' if summary['runs'] > 1 else ''}"
    dates, step = summary["dates"], STEPS[summary["step"]]
    yield from screen.wrapped(f"{dates[0]} to {dates[-1]}, {step}; {runs}, seed {summary['seed']}, paired run by run")
    for name, origin in summary["outlooks"].items():
        about = f"{name}: {origin['title']}"
        yield from screen.wrapped(f"{about}, {settings(origin['set'])}" if origin["set"] else about, "  ", "    ")
    for sentence in summary["headlines"].values():
        yield ""
        yield from screen.wrapped(sentence)
    yield ""
    yield from _overview(summary, screen)
    for name in others:
        yield ""
        yield from map(screen.bold, screen.wrapped(f"{name} beside {base}"))
        yield from _shares(summary, name, screen)
        yield from _recovery(summary, name, screen)
        yield from _issues(summary, name, screen)
    yield ""
    yield from map(screen.bold, screen.wrapped("What pairing saved, in the difference at the end"))
    for sentence in summary["saved"].values():
        yield from screen.wrapped(sentence, "  ", "    ")
    if summary["notes"]:
        yield ""
        yield screen.bold("Notes")
        for note in summary["notes"]:
            yield from screen.wrapped(note, "- ", "  ")


def _overview(summary: Summary, screen: Screen) -> Iterator[str]:
    rows = []
    for name, row in summary["table"].items():
        is_base = name == summary["baseline"]
        cells = ("", "", "", "") if is_base else _beside(row)
        rows.append((name, f"{row['mean_at_end']:.1f}", *cells))
    yield from table(screen, ("At the end", "mean", "difference", "95 % interval", "above", "equal"), rows)


def _beside(row: Summary) -> tuple[str, str, str, str]:
    """Difference with its interval, and the shares of runs above and level."""
    low, high = row["difference_low"], row["difference_high"]
    interval = "-" if low is None else f"{low:+.1f} to {high:+.1f}"
    return f"{row['difference']:+.1f}", interval, f"{100 * row['ends_above']:.0f} %", f"{100 * row['ends_equal']:.0f} %"


def _shares(summary: Summary, name: str, screen: Screen) -> Iterator[str]:
    """Shares of the runs: each regime at the end, each event ever and at the end."""
    regimes = dict(reversed(summary["regimes"].items()))
    found = [("Regime at the end", regimes, "at_end")]
    if summary["events"]:
        found += [("Event, ever", summary["events"], "ever"), ("Event, at the end", summary["events"], "at_end")]
    for number, (head, conditions, what) in enumerate(found):
        rows = []
        for condition, outlooks in conditions.items():
            here, there = outlooks[name], outlooks[summary["baseline"]]
            cells = [_share(each[what], summary["runs"]) for each in (there, here)]
            change = _change(here[f"{what}_difference"], here[f"{what}_difference_error"], screen)
            rows.append((condition, *cells, change))
        yield from [""] * (number > 0)
        yield from table(screen, (head, "baseline", "outlook", "difference"), rows)


def _share(share: float | None, runs: int) -> str:
    return "-" if share is None else percent(share, runs)


def _change(difference: float | None, error: float | None, screen: Screen) -> str:
    """A difference of shares in points of a percent with its standard error, to the digit that the error leaves."""
    if difference is None or error is None:
        return "-"
    if error == 0.0:
        return "none" if difference == 0.0 else f"{100 * difference:+.0f}"
    decimals = max(0, math.ceil(math.log10(2 / (100 * error))))
    return f"{100 * difference:+.{decimals}f} {screen.glyph('±', '+-')}{100 * error:.{decimals}f}"


def _recovery(summary: Summary, name: str, screen: Screen) -> Iterator[str]:
    """Of the runs in which an event comes true, the share in which it ends, and the median months until then."""
    if not summary["events"]:
        return
    yield ""
    rows = []
    for event in summary["events"]:
        found = summary["recovery"][event]
        rows.append((event, *(_ended(found.get(outlook)) for outlook in (summary["baseline"], name))))
    yield from table(screen, ("Ends again", "baseline", "outlook"), rows)


def _ended(found: Summary | None) -> str:
    if found is None or not found["runs"]:
        return "-"
    months = found["median_months"]
    return f"{100 * found['share_ended']:.0f} %, {'not yet' if months is None else f'{months:.1f} months'}"


def _issues(summary: Summary, name: str, screen: Screen) -> Iterator[str]:
    """The difference of each issue at the end, in points."""
    yield ""
    rows = []
    for issue, found in summary["issues"][name].items():
        low, high = found["low"][-1], found["high"][-1]
        interval = "-" if low is None else f"{low:+.1f} to {high:+.1f}"
        rows.append(
            (issue, f"{found['mean'][-1]:+.1f}", interval, f"{found['q05'][-1]:+.1f} to {found['q95'][-1]:+.1f}")
        )
    yield from table(screen, ("Issue, at the end", "difference", "95 % interval", "9 runs in 10"), rows)
