"""Measuring: the tables of a briefing, filled from results; sentences take their numbers from these alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.analysis.paired import CONFIDENCE, LEAST_RUNS
from tensionsim.analysis.paired import band as paired_band
from tensionsim.analysis.paired import shares as paired_shares
from tensionsim.briefings import casing
from tensionsim.briefings import subject as subjects
from tensionsim.briefings.facts import Cell, Sheets
from tensionsim.briefings.subject import Subject
from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.model.record import Bools, Floats
from tensionsim.runs.results import directed_tension
from tensionsim.runs.statistics import STATISTICS, occurrence, over_runs, regime_shares

if TYPE_CHECKING:
    from tensionsim.analysis.signs import EarlySigns


MOVERS = 6
SURE = 1.96
"""Standard errors beyond which a difference of shares is told from none."""


def measured(subject: Subject, signs: EarlySigns | None) -> Sheets:
    """All sheets of a briefing."""
    sheets = Sheets(proper=casing.proper(subject.file))
    _setting(sheets, subject)
    for name in subject.order:
        _index(sheets, subject, name)
        _regimes(sheets, subject, name)
        _events(sheets, subject, name)
        _issues(sheets, subject, name)
        _sides(sheets, subject, name)
        if name != subject.baseline:
            _difference(sheets, subject, name)
    _movers(sheets, subject)
    _effects(sheets, subject)
    if signs is not None:
        _signs(sheets, signs)
    return sheets


def _setting(sheets: Sheets, subject: Subject) -> None:
    values: dict[str, Cell] = {
        "start": str(subject.dates[0]),
        "end": str(subject.dates[-1]),
        "runs": len(subject.runs),
        "first run": subject.runs.start,
        "seed": subject.base.seed,
        "confidence": CONFIDENCE,
        "deep bound": subjects.DEEP_BOUND,
        "least runs": LEAST_RUNS,
    }
    for name, value in values.items():
        sheets.put("setting", name, value=value)
    below = 0.0
    for name, bound in REGIMES:
        sheets.put("bounds", name, **{"from": below, "to": min(bound, 100.0)})
        below = bound


def _index(sheets: Sheets, subject: Subject, name: str) -> None:
    index = subject.index_of(name)
    for when, row in (("start", 0), ("end", -1)):
        table = over_runs(index[row])
        sheets.put("index", name, **{f"{what} at {when}": float(table[at]) for at, what in _enumerated()})
        regime = int(np.bincount(regime_of(index[row]), minlength=len(REGIMES)).argmax())
        sheets.put("index", name, **{f"regime at {when}": REGIMES[regime][0]})


def _enumerated() -> Iterator[tuple[int, str]]:
    yield from enumerate(STATISTICS)


def _difference(sheets: Sheets, subject: Subject, name: str) -> None:
    comparison = subject.comparison
    assert comparison is not None
    paired, band, parted = comparison.paired(name), comparison.band(name), comparison.parting_of(name)
    last = paired[-1]
    dates = {
        "first difference": parted.first_difference,
        "first apart": parted.first_apart,
        "apart to the end": parted.apart_to_end,
    }
    finite = bool(np.isfinite(band.point_low[-1]))
    sheets.put(
        "difference",
        name,
        mean=float(band.mean[-1]),
        low=float(band.point_low[-1]) if finite else None,
        high=float(band.point_high[-1]) if finite else None,
        above=float((last > 0).mean()),
        equal=float((last == 0).mean()),
        below=float((last < 0).mean()),
        ever=float((paired != 0).any(axis=0).mean()),
        **{what: None if row is None else str(subject.dates[row]) for what, row in dates.items()},
    )


def _regimes(sheets: Sheets, subject: Subject, name: str) -> None:
    shares = regime_shares(subject.index_of(name)[-1:])[0]
    for (regime, _), share in zip(REGIMES, shares, strict=True):
        sheets.put("regimes", regime, **{f"{name}: at end": float(share)})


def _events(sheets: Sheets, subject: Subject, name: str) -> None:
    for event in dict.fromkeys((*subject.events, subjects.DEEP)):
        here = subject.event_of(name, event)
        if here is None:
            continue
        found = occurrence(here, subject.dates, subject.base.step_months)
        ended = _ends(here)[_ever(here)]
        columns: dict[str, Cell] = {
            "ever": found.probability,
            "error": found.standard_error,
            "at end": float(here[-1].mean()),
            "at start": float(here[0].mean()),
            "first": None if found.first is None else str(found.first),
            "months": found.months,
            "runs": found.runs,
            "ended": float(ended.mean()) if found.runs else None,
            "until it ends": found.recovery,
        }
        there = None if name == subject.baseline else subject.event_of(subject.baseline, event)
        if there is not None:
            shares = paired_shares(_ever(here), _ever(there))
            columns |= {"difference": shares.difference, "difference error": shares.standard_error}
            columns |= {"only here": shares.only_here, "only baseline": shares.only_there}
        sheets.put("events", event, **{f"{name}: {what}": value for what, value in columns.items()})


def _ends(holds: Bools) -> Bools:
    """Whether the first spell of a condition ends by the last date, shape (run,)."""
    return _ever(~holds & np.logical_or.accumulate(holds, axis=0))


def _ever(holds: Bools) -> Bools:
    """Whether a condition ever holds, shape (run,)."""
    found: Bools = np.logical_or.reduce(holds, axis=0)
    return found


def _issues(sheets: Sheets, subject: Subject, name: str) -> None:
    results = subject.results[name]
    weights = subject.cut(name, results.record.weights)
    for place, issue in enumerate(subject.base.names.issues):
        values = subject.issue_of(name, issue)
        own = results.names.issues.index(issue)
        columns: dict[str, Cell] = {
            "start": float(values[0].mean()),
            "end": float(values[-1].mean()),
            "weight": float(weights[-1, own].mean()),
            "place": place,
        }
        if name != subject.baseline:
            columns |= _paired(subject, values - subject.issue_of(subject.baseline, issue))
        sheets.put("issues", issue, **{f"{name}: {what}": value for what, value in columns.items()})


def _paired(subject: Subject, differences: Floats) -> dict[str, Cell]:
    """Mean of paired differences on the last date, with its interval at that date."""
    band = paired_band(differences[-1:], seed=subject.base.seed, first_run=subject.runs.start)
    sure = bool(np.isfinite(band.point_low[0]))
    low, high = (float(bound[0]) if sure else None for bound in (band.point_low, band.point_high))
    return {"difference": float(band.mean[0]), "low": low, "high": high}


def _sides(sheets: Sheets, subject: Subject, name: str) -> None:
    """Who is harsher at the end, and how much room the side that depends more has."""
    results = subject.results[name]
    directions, tension = directed_tension(results)
    at = {who: subject.cut(name, tension[:, row]) for row, who in enumerate(directions)}
    (one, here), (other, there) = ((who.split(" -> ")[0], values) for who, values in at.items())
    room = subject.cut(name, results.record.room)
    more = results.scenario.file.actors
    sheets.put(
        "sides",
        name,
        **{
            f"tension of {one}": float(here[-1].mean()),
            f"tension of {other}": float(there[-1].mean()),
            f"{one} harsher": float((here[-1] > there[-1]).mean()),
            f"{other} harsher": float((there[-1] > here[-1]).mean()),
            "room at start": float(room[0].mean()),
            "room at end": float(room[-1].mean()),
            f"dependence of {one}": _number((more[one].dependence or {}).get(other)),
            f"dependence of {other}": _number((more[other].dependence or {}).get(one)),
        },
    )


def _number(given: Any) -> Cell:
    from tensionsim.scenario.distributions import parse

    return None if given is None else parse(given).mean


def _movers(sheets: Sheets, subject: Subject) -> None:
    """What moved the mean index of the baseline, over its whole span."""
    for place, mover in enumerate(subject.base.movers(MOVERS)):
        sheets.put("movers", str(place), actor=mover["actor"], what=mover["what"], points=mover["points"])
    index = subject.base.record.cooperation
    sheets.put("setting", "change", value=float(index[-1].mean() - index[0].mean()))


def _effects(sheets: Sheets, subject: Subject) -> None:
    for name, found in subject.effects.items():
        sheets.put(
            "effects of", name, quantity=found.quantity, unit=found.unit, base=found.base, whole=found.whole,
            total=found.total, runs=found.runs, worlds=found.worlds, method=found.method, of=found.of,
        )  # fmt: skip
        for place, row in enumerate(found.table.to_dict("records")):
            sheets.put(
                f"effects: {name}", str(place), element=row["element"], effect=row["effect"],
                error=row["standard_error"], alone=row["leave_one_out"],
            )  # fmt: skip


def _signs(sheets: Sheets, signs: EarlySigns) -> None:
    about: dict[str, Cell] = {
        "date": signs.date, "sign date": signs.sign_date, "months ahead": signs.ahead_months, "runs": signs.runs,
        "ending": signs.ending, "judged": signs.judged, "judged ending": signs.judged_ending, "least": 20, "coin": 0.5,
    }  # fmt: skip
    for what, value in about.items():
        sheets.put("signs of", what, value=value)
    for row in signs.table.to_dict("records"):
        sheets.put("signs", row["sign"], **{str(what): value for what, value in row.items()})


def is_sure(sheets: Sheets, event: str, name: str) -> bool:
    """Whether the difference of an event's share to the baseline is told from none."""
    error = sheets.number("events", event, f"{name}: difference error")
    return abs(sheets.number("events", event, f"{name}: difference")) > SURE * error > 0.0
