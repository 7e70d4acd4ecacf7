"""The summary of a backtest as plain values, and its tables as files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tensionsim.analysis.backtesting import tables as made
from tensionsim.analysis.backtesting.plan import MODEL
from tensionsim.results.summary import versions

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.analysis.backtesting.backtest import Backtest

PROMISED = 0.9
SURE = 0.05
"""The p value below which a difference is said without "may be luck"."""


def tables(found: Backtest) -> dict[str, pd.DataFrame]:
    """All tables by the name of their file."""
    return {
        "forecasts": found.forecasts(),
        "scores": found.scores(),
        "skill": made.all_skills(found),
        "calibration": found.calibration(),
        "regimes": found.regimes(),
        "events": found.event_scores(),
        "estimates": found.estimates(),
    }


def summary(found: Backtest) -> dict[str, Any]:
    """See `Backtest.summary`."""
    about, plan = found.about, found.plan
    scores, calibration, skill = found.scores(), found.calibration(), made.all_skills(found)
    return {
        "title": about.title,
        "history": about.history,
        "first": about.first,
        "last": about.last,
        "step": about.step,
        "is_anew": about.is_anew,
        "origins": {
            "first": str(plan.origins[0]),
            "last": str(plan.origins[-1]),
            "count": len(plan.origins),
            "every": plan.every,
        },
        "horizons": list(plan.horizons),
        "runs": plan.runs,
        "seed": plan.seed,
        "refit": plan.refit,
        "fits": len(found.fits) if plan.refit is not None else 0,
        "forecasters": list(plan.forecasters),
        "models": list(plan.models),
        "targets": {one.name: {"unit": one.unit, "about": one.about} for one in found.targets},
        "scores": _nested(scores),
        "skill": _nested(skill),
        "calibration": _nested(calibration),
        "regimes": _nested(found.regimes()),
        "events": _nested(found.event_scores()),
        "not_judged": dict(about.not_judged),
        "verdicts": {one.name: verdicts(skill.loc[one.name]) for one in found.targets},
        "sureness": sureness(calibration.xs(MODEL, level="forecaster")),
        "fallbacks": len(found.fallbacks),
        "warnings": sorted({text for one in found.fits for text in one.warnings}),
        "tensionsim": versions()["tensionsim"],
    }


def verdicts(skill: pd.DataFrame) -> list[str]:
    """A sentence for each horizon: whether the model beats the best plain forecast in hindsight, or loses to it.

    Parameters
    ----------
    skill : of the model on one target, by horizon and other.
    """
    return [
        _verdict(int(horizon), str(against), row)
        for (horizon, against), row in skill[skill["is_best"].astype(bool)].iterrows()
    ]


def _verdict(horizon: int, against: str, row: pd.Series[Any]) -> str:
    reach = f"{horizon} month{'' if horizon == 1 else 's'} ahead the {MODEL}"
    size, p = abs(100.0 * row["skill"]), row["p_value"]
    if row["skill"] == 0.0:
        return f"{reach} does as well as {against}, the best plain forecast"
    verb = "beats" if row["skill"] > 0.0 else "LOSES to"
    doubt = "" if p < SURE else ", which may be luck"
    if math.isnan(p):
        return f"{reach} {verb} {against}, the best plain forecast, by {size:.1f} %; origins are too few for a test"
    ends = f"{100.0 * row['low']:+.1f} to {100.0 * row['high']:+.1f} %"
    return f"{reach} {verb} {against}, the best plain forecast, by {size:.1f} %{doubt} (interval {ends}, p = {p:.2g})"


def sureness(calibration: pd.DataFrame) -> list[str]:
    """In sentences, where the model's intervals of 90 % surely hold fewer, or more, outcomes than they promise.

    Parameters
    ----------
    calibration : of the model, by target and horizon.
    """
    kinds = {
        "too sure": calibration["coverage_90_high"] < PROMISED,
        "not sure enough": calibration["coverage_90_low"] > PROMISED,
    }
    found = []
    for words, holds in kinds.items():
        places: dict[str, list[str]] = {}
        for target, horizon in calibration.index[holds]:
            places.setdefault(target, []).append(str(horizon))
        if places:
            held = sorted({f"{100.0 * share:.0f}" for share in calibration.loc[holds, "coverage_90"]}, key=float)
            where = "; ".join(f"{target} {', '.join(horizons)}" for target, horizons in places.items())
            ends = " to ".join(dict.fromkeys((held[0], held[-1])))
            found.append(f"the {MODEL} is {words}, its intervals of 90 % held {ends} % (months ahead: {where})")
    return found


def _nested(table: pd.DataFrame) -> dict[str, Any]:
    """A table as nested mappings by the levels of its index; what is no number becomes None."""
    found: dict[str, Any] = {}
    for keys, row in table.iterrows():
        place = found
        for key in keys if isinstance(keys, tuple) else (keys,):
            place = place.setdefault(str(key), {})
        place.update({str(name): _plain(value) for name, value in row.items()})
    return found


def _plain(value: Any) -> object:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
