"""The summary of a Tally as plain numbers, texts and lists, like that of Results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.measures import REGIMES
from tensionsim.record import Floats
from tensionsim.results import statistics
from tensionsim.results.summary import DECIMALS, numbers
from tensionsim.results.tally.series import POINTS

if TYPE_CHECKING:
    from tensionsim.results.tally.model import Tally


def summary(tally: Tally) -> dict[str, Any]:
    """The keys of `summary.summary`, in their order, and `quantile_error`."""
    said = tally.about
    issues = tally.series["issues"].over_runs(tally.runs).reshape(len(tally.dates), len(tally.names.issues), -1)
    found = movers(tally, 10)
    return {
        **{key: said[key] for key in ("title", "scenario", "outlook", "set", "start", "end", "step")},
        "runs": tally.runs,
        "first_run": tally.first_run,
        "seed": tally.seed,
        "dates": [str(date) for date in tally.dates],
        "index": _statistics(tally.series["index"].over_runs(tally.runs)),
        "issues": {name: _statistics(issues[:, row]) for row, name in enumerate(tally.names.issues)},
        "regimes": _regimes(tally),
        "events": _events(tally),
        "movers": found,
        "change": _change(tally, found),
        "notes": list(said["notes"]),
        "provenance": dict(said["provenance"]),
        "quantile_error": POINTS.error,
    }


def movers(tally: Tally, n: int) -> list[dict[str, Any]]:
    """What changed the mean index most, as `summary.movers` has it."""
    ranked = sorted(tally.movers_of.means(tally.runs).items(), key=lambda item: (-abs(item[1]), item[0]))
    found = [(actor, what, round(points, DECIMALS)) for (actor, what), points in ranked[:n]]
    return [{"actor": actor, "what": what, "points": points} for actor, what, points in found if points]


def _statistics(table: Floats) -> dict[str, list[float]]:
    rounded = np.round(table, DECIMALS)
    return {name: rounded[:, column].tolist() for column, name in enumerate(statistics.STATISTICS)}


def _regimes(tally: Tally) -> dict[str, dict[str, Any]]:
    shares = (tally.regimes / tally.runs).round(DECIMALS)
    found, above = {}, 0.0
    for row, (name, below) in enumerate(REGIMES):
        occurrence = tally.spells.occurrence(row, tally.runs, tally.dates, tally.step_months)
        bounds = {
            "from": above,
            "to": min(below, 100.0),
            "share": shares[:, row].tolist(),
            "at_end": float(shares[-1, row]),
        }
        found[name] = bounds | numbers(occurrence)
        above = below
    return found


def _events(tally: Tally) -> dict[str, dict[str, Any]]:
    spells, dates, step_months = tally.spells, tally.dates, tally.step_months
    return {
        name: numbers(spells.occurrence(len(REGIMES) + row, tally.runs, dates, step_months))
        for row, name in enumerate(tally.names.events)
    }


def _change(tally: Tally, found: list[dict[str, Any]]) -> dict[str, float]:
    """Points by which the mean index changes from the first date to the last, and what of them no mover listed made."""
    means = tally.series["index"].means(tally.runs)
    points = float(means[-1] - means[0])
    rest = points - sum(mover["points"] for mover in found)
    return {"points": round(points, DECIMALS), "rest": round(rest, DECIMALS)}
