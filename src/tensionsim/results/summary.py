"""The summary of an ensemble as plain numbers, texts and lists: what `--json` prints and the terminal shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensionsim import ledger
from tensionsim.measures import REGIMES, regime_of
from tensionsim.record import Floats
from tensionsim.results import statistics, wording

if TYPE_CHECKING:
    from tensionsim.results.model import Results
    from tensionsim.scenario import Scenario

DECIMALS = 6
"""What JSON keeps of a number: far below Monte Carlo error, and readable."""


def title(scenario: Scenario) -> str:
    """The scenario's title, followed by its outlook's where one was chosen."""
    return f"{scenario.title} - {outlook_title(scenario)}" if scenario.outlook else scenario.title


def outlook_title(scenario: Scenario) -> str:
    """The title of the chosen outlook, or its name where it has no title; empty where none was chosen."""
    outlook = scenario.file.outlooks.get(scenario.outlook or "")
    return (outlook.title if outlook else "") or scenario.outlook or ""


def summary(results: Results) -> dict[str, Any]:
    """Everything that a reader of one ensemble asks first; dates are ISO texts, absent things None."""
    if not results.is_exact:
        return results.tally().summary()
    record, names, scenario = results.record, results.names, results.scenario
    found = results.movers()
    series = {name: record.issue_cooperation[:, row] for row, name in enumerate(names.issues)}
    return {
        "title": title(scenario),
        "scenario": scenario.name,
        "outlook": scenario.outlook,
        "set": wording.plain(scenario.values),
        "start": str(scenario.file.start),
        "end": str(scenario.file.end),
        "step": scenario.file.step,
        "runs": results.runs,
        "first_run": results.first_run,
        "seed": results.seed,
        "dates": [str(date) for date in results.dates],
        "index": _statistics(record.cooperation),
        "issues": {name: _statistics(values) for name, values in series.items()},
        "regimes": regimes(results),
        "events": events(results),
        "movers": found,
        "change": _change(record.cooperation, found),
        "notes": list(scenario.notes),
        "provenance": origin(scenario),
    }


def origin(scenario: Scenario) -> dict[str, str]:
    """Which text and which tensionsim made the numbers."""
    return {"scenario_sha256": scenario.sha256, "tensionsim": versions()["tensionsim"]}


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    import numpy as np

    from tensionsim import __version__

    return {"tensionsim": __version__, "numpy": np.__version__}


def _statistics(values: Floats) -> dict[str, list[float]]:
    table = statistics.over_runs(values).round(DECIMALS)
    return {name: table[:, column].tolist() for column, name in enumerate(statistics.STATISTICS)}


def _change(cooperation: Floats, found: list[dict[str, Any]]) -> dict[str, float]:
    """Points by which the mean index changes from the first date to the last, and what of them no mover listed made."""
    points = float(cooperation[-1].mean() - cooperation[0].mean())
    rest = points - sum(mover["points"] for mover in found)
    return {"points": round(points, DECIMALS), "rest": round(rest, DECIMALS)}


def numbers(found: statistics.Occurrence) -> dict[str, Any]:
    """How often something happens, as JSON has it."""
    return {
        "probability": round(found.probability, DECIMALS),
        "standard_error": round(found.standard_error, DECIMALS),
        "median_first_date": None if found.first is None else str(found.first),
        "mean_months": round(found.months, DECIMALS),
        "median_recovery_months": None if found.recovery is None else round(found.recovery, DECIMALS),
    }


def regimes(results: Results) -> dict[str, dict[str, Any]]:
    """Each regime from the worst on: its bounds, share of runs by date and at the end, and how often it ever occurs."""
    rows = regime_of(results.record.cooperation)
    shares = statistics.regime_shares(results.record.cooperation).round(DECIMALS)
    table, above = {}, 0.0
    for row, (name, below) in enumerate(REGIMES):
        found = statistics.occurrence(rows == row, results.dates, results.step_months)
        bounds = {
            "from": above,
            "to": min(below, 100.0),
            "share": shares[:, row].tolist(),
            "at_end": float(shares[-1, row]),
        }
        table[name] = bounds | numbers(found)
        above = below
    return table


def events(results: Results) -> dict[str, dict[str, Any]]:
    """Each event that the scenario counts: probability, standard error, median first date, mean months in it."""
    holds = results.record.events
    return {
        name: numbers(statistics.occurrence(holds[:, row], results.dates, results.step_months))
        for row, name in enumerate(results.names.events)
    }


def movers(results: Results, n: int) -> list[dict[str, Any]]:
    """What changed the mean index most between the first date and the last: actor, what, points; largest first."""
    if not results.is_exact:
        return results.tally().movers(n)
    changes = ledger.changes(results.books, len(results.dates) - 1)
    means = {mover: float(points.mean()) for mover, points in changes.items()}
    ranked = sorted(means.items(), key=lambda item: (-abs(item[1]), item[0]))
    found = [(actor, what, round(points, DECIMALS)) for (actor, what), points in ranked[:n]]
    return [{"actor": actor, "what": what, "points": points} for actor, what, points in found if points]
