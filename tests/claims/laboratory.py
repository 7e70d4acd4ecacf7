"""The laboratory of the claims: worlds that differ in one "if", what is read off their runs, and what a claim showed.

Two worlds are run with one seed, so that they share their luck run by run (common random numbers); a difference is
then an array of one number a run, and its standard error is that of the paired difference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tensionsim as ts
from tensionsim.model import catalogue as moves
from tensionsim.model.mechanisms import mechanism_parameters

Floats = NDArray[np.float64]
Values = Mapping[str, Any]

HERE = Path(__file__).resolve().parent
TRUMP_2, BIDEN, TRUMP_1 = "trump2-petro-2025", "biden-petro-2022", "trump1-duque-2018"
STATUS_QUO = "status-quo"

SEED = 20251028
RUNS = 200
MONTHS = 12
CLEARLY = 4.0
"""Standard errors of the paired difference that an effect must exceed."""
GOLDSTEIN = "Goldstein points a month"
TONE = "Goldstein points a move"

IN_90_PERCENT = 1.645
"""Standard errors of a 90 % interval to either side."""
SHRINKS = 3.0
"""Standard errors by which an effect must shrink without its mechanism."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One effect that a claim's test measured: a paired difference, one number a run.

    least : the effect must lie beyond this, on the same side of zero. by : mechanisms without which it shrinks.
    within : if given instead, the effect must lie nearer to zero than this (so small as to contradict a claim).
    """

    what: str
    difference: Floats
    unit: str
    least: float = 0.0
    by: tuple[str, ...] = ()
    within: float | None = None

    @property
    def mean(self) -> float:
        return float(self.difference.mean())

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return float(self.difference.std(ddof=1) / np.sqrt(self.difference.size))

    @property
    def sign(self) -> float:
        return 1.0 if self.least >= 0 else -1.0

    @property
    def holds(self) -> bool:
        """Whether it goes the claimed way, clearly, and is of a size worth speaking of; or is as small as said."""
        if self.within is not None:
            return abs(self.mean) + IN_90_PERCENT * self.error < self.within
        towards = self.sign * self.mean
        return towards >= abs(self.least) and towards > CLEARLY * self.error

    def __str__(self) -> str:
        needs = f"at least {self.least:+g}" if self.within is None else f"within {self.within:g} of 0"
        return f"{self.what}: {self.mean:+.3f} ± {IN_90_PERCENT * self.error:.3f} {self.unit} (needs {needs})"


@dataclass(slots=True)
class Laboratory:
    """Runs worlds and notes what they showed.

    off : mechanisms switched off in every world. checks : whether an effect that does not hold is a failure.
    """

    off: tuple[str, ...] = ()
    checks: bool = True
    shown: list[Shown] = field(default_factory=list)

    def run(
        self, scenario: str, values: Values | None = None, /, *, months: int = MONTHS, runs: int = RUNS
    ) -> ts.Results:
        """Runs of a shipped scenario (or one of this folder) from its start on, with values set by path."""
        if not values:
            return _as_shipped(scenario, self.off, months, runs)
        return _run(scenario, values, self.off, months, runs)

    def shows(
        self, what: str, difference: Floats, unit: str = "index points", *, needs: float, by: str | Sequence[str] = ()
    ) -> None:
        """Notes an effect, and fails if it does not hold."""
        self._note(Shown(what, difference, unit, needs, (by,) if isinstance(by, str) else tuple(by)))

    def shows_little(self, what: str, difference: Floats, unit: str = "index points", *, within: float) -> None:
        """Notes that an effect is small, and fails if it is not: so a contradicted claim is stated."""
        self._note(Shown(what, difference, unit, within=within))

    def _note(self, found: Shown) -> None:
        self.shown.append(found)
        assert found.holds or not self.checks, str(found)


def _run(scenario: str, values: Values, off: tuple[str, ...], months: int, runs: int) -> ts.Results:
    base = loaded(scenario)
    end = min(base.file.end, months_after(base.file.start, months))
    switched = {f"mechanisms.{name}": "off" for name in off}
    changed = base.with_values({"end": end.isoformat(), **values, **switched})
    return ts.run(changed, runs=runs, seed=SEED)


@cache
def _as_shipped(scenario: str, off: tuple[str, ...], months: int, runs: int) -> ts.Results:
    return _run(scenario, {}, off, months, runs)


@cache
def loaded(scenario: str) -> ts.Scenario:
    """A scenario by name: one of this folder, or a shipped one."""
    own = HERE / f"{scenario}.yaml"
    return ts.load(own if own.is_file() else scenario)


def months_after(date: dt.date, months: int) -> dt.date:
    """The date some months on, at the latest on the 28th."""
    year, month = divmod(date.month - 1 + months, 12)
    return dt.date(date.year + year, month + 1, min(date.day, 28))


def every(weeks: float, scenario: str, *moves: str, first: int = 1, last: int = MONTHS * 4) -> Values:
    """A schedule: each move every so many weeks. A move reads "actor move issue" or "actor move issue target"."""
    start = loaded(scenario).file.start
    found = []
    for text in moves:
        actor, move, issue, *target = text.split()
        at = float(first)
        while at <= last:
            date = start + dt.timedelta(weeks=int(at))
            entry = {"date": date.isoformat(), "actor": actor, "move": move, "issue": issue}
            found.append(entry | ({"target": target[0]} if target else {}))
            at += weeks
    return {"schedule": found}


def neutral(values: Values) -> Values:
    """The same contacts without their content: every scheduled move is a statement or a report of findings.

    Acts excite acts whatever their tone; against this world a difference is due to what was said or done, not to
    there having been a contact.
    """
    track = {name: move.track for name, move in moves.shipped().moves.items()}
    plain = {"political": "make_statement", "technical": "report_findings"}
    principals = ("washington", "bogota")
    found = []
    for entry in values["schedule"]:
        said = {**entry, "move": plain[track[entry["move"]]]}
        said.setdefault(
            "target", principals[1 - principals.index(entry["actor"])] if entry["actor"] in principals else ""
        )
        found.append(said)
    return {"schedule": found}


def together(*parts: Values) -> Values:
    """Values of several parts; their schedules are joined."""
    schedule = [entry for part in parts for entry in part.get("schedule", ())]
    merged = {path: value for part in parts for path, value in part.items()}
    return {**merged, "schedule": schedule} if schedule else merged


def stances(actor: str, **by_issue: float) -> Values:
    """Stances of an actor by issue."""
    return {f"actors.{actor}.stances.{issue}": value for issue, value in by_issue.items()}


def pushed(*mechanisms: str) -> Values:
    """Mechanisms whose push on all direction is off as shipped, with it on at the strength that the package gives."""
    return {f"mechanisms.{name}.strength": mechanism_parameters()[name]["strength"].default for name in mechanisms}


def answering(*ways: str) -> list[str]:
    """Names of the moves that answer what is open in some ways."""
    return [name for name, move in moves.shipped().moves.items() if move.answers in ways]


def change(outcome: Callable[..., Floats], one: ts.Results, other: ts.Results, /, *of: Any, **options: Any) -> Floats:
    """How an outcome differs between two worlds, run by run."""
    return outcome(one, *of, **options) - outcome(other, *of, **options)


def index(results: ts.Results) -> Floats:
    """Mean cooperation index of each run after the start, 0..100."""
    return results.record.cooperation[1:].mean(axis=0)


def on_issue(results: ts.Results, *issues: str) -> Floats:
    """Mean cooperation of each run on some issues, 0..100."""
    rows = [results.names.issues.index(issue) for issue in issues]
    return results.record.issue_cooperation[1:, rows].mean(axis=(0, 1))


def conduct(
    results: ts.Results, actor: str, *issues: str, track: str | None = None, rows: slice = slice(1, None)
) -> Floats:
    """Mean conduct of one principal towards the other in each run, in Goldstein points a month.

    Summed over issues (all, if none are named) and tracks (or one). At rest, 0.5 of it is about a point of the index.
    """
    channels = [
        row
        for row, name in enumerate(results.names.dyad_channels)
        if name.startswith(f"{actor} -> ")
        and (not issues or name.split(" | ")[1] in issues)
        and (track is None or name.endswith(track))
    ]
    return 10.0 * results.record.conduct[rows, channels].sum(axis=1).mean(axis=0)


def made(
    results: ts.Results,
    actor: str,
    *named: str,
    target: str | None = None,
    issues: Sequence[str] = (),
    track: str | None = None,
    cause: str | None = "own",
    after: int = 0,
) -> Floats:
    """Moves of an actor in each run, a year; of some names, towards whom, on what.

    cause : None for any that was made. after : the step from which to count.
    """
    return _sum_of_moves(
        results, lambda names: np.ones(len(names.moves)), actor, named, target, issues, track, cause, after
    )


def goldstein(
    results: ts.Results,
    actor: str,
    *,
    target: str | None = None,
    issues: Sequence[str] = (),
    track: str | None = None,
    after: int = 0,
) -> Floats:
    """Sum of the Goldstein scores of an actor's own moves in each run, a year."""
    return _sum_of_moves(
        results, lambda names: np.array(names.move_scores), actor, (), target, issues, track, "own", after
    )


def _sum_of_moves(
    results: ts.Results,
    worth: Callable[[Any], Floats],
    actor: str,
    named: Sequence[str],
    target: str | None,
    issues: Sequence[str],
    track: str | None,
    cause: str | None,
    after: int,
) -> Floats:
    record, names = results.record, results.names
    places = names.places()
    wanted = {
        "actor": (actor,),
        "target": (target,) if target else (),
        "issue": issues,
        "track": (track,) if track else (),
    }
    fits = np.array(
        [
            all(not kinds or places[kind][row] in kinds for kind, kinds in wanted.items())
            for row in range(len(names.channels))
        ]
    )
    unknown = set(named) - set(names.moves)
    assert not unknown, f"no such moves: {unknown}"
    is_named = np.array([not named or name in named for name in names.moves])
    causes = {"own": [0], "rule": [1], "schedule": [2], "stopped": [3], None: [0, 1, 2]}[cause]
    chosen = fits[record.move_channel] & is_named[record.move_id] & np.isin(record.move_cause, causes)
    chosen &= record.move_step >= after
    weights = worth(names)[record.move_id[chosen]]
    steps = len(results.dates) - 1 - after
    counted = np.bincount(record.move_run[chosen] - results.first_run, weights=weights, minlength=results.runs)
    return counted * 52.0 / steps


def tone(
    results: ts.Results,
    actor: str,
    *,
    target: str | None = None,
    issues: Sequence[str] = (),
    track: str | None = None,
    after: int = 0,
) -> Floats:
    """Mean Goldstein score of an actor's own moves, all runs together, with each run's part in it.

    A ratio of sums over runs has no value a run; these values have its mean and, to first order, its standard error.
    """
    total = goldstein(results, actor, target=target, issues=issues, track=track, after=after)
    count = made(results, actor, target=target, issues=issues, track=track, after=after)
    mean = total.mean() / count.mean()
    return mean + (total - mean * count) / count.mean()


def in_force(results: ts.Results, kind: str) -> Floats:
    """Share of the time in which an arrangement of a kind is in force, per run."""
    rows = [row for row, name in enumerate(results.names.arrangements) if name.split(" | ")[0] == kind]
    return results.record.in_force[1:, rows].any(axis=1).mean(axis=0).astype(float)


def at_end(results: ts.Results, indicator: str) -> Floats:
    """An indicator of each run at the end, in its unit."""
    return results.record.indicators[-1, results.names.indicators.index(indicator)]


def rhetoric(results: ts.Results, actor: str) -> Floats:
    """Mean rhetoric of an actor in each run."""
    return results.record.rhetoric[1:, results.names.actors.index(actor)].mean(axis=0)


def ever(results: ts.Results, event: str) -> Floats:
    """Whether an event occurs in each run, as 0 or 1."""
    return results.record.events[:, results.names.events.index(event)].any(axis=0).astype(float)
