"""Where an issue would settle if its stakeholders bargained today: mean, median, Condorcet election, challenges.

The challenges are those of Bueno de Mesquita's expected utility model, in the form that Scholz, Calbert and Smith made
of what he published; no code of his own is public. Where they leave a choice it is told as an assumption, and
docs/settlement.md says which published numbers are met.

References
----------
Bueno de Mesquita, B. (1994). Political forecasting: an expected utility method. In: Bueno de Mesquita, B. & Stokman,
F. N. (eds.), European Community Decision Making. Yale University Press, 71-104.
Scholz, J. B., Calbert, G. J. & Smith, G. A. (2011). Unravelling Bueno de Mesquita's group decision model. Journal of
Theoretical Politics 23(4), 510-531.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tensionsim.errors import SelectionError, one_of, whole
from tensionsim.model.record import Floats
from tensionsim.notebook import as_html
from tensionsim.runs.run import Jobs, run
from tensionsim.runs.statistics import plain
from tensionsim.scenario.files import rows_of_text
from tensionsim.scenario.judgements import cell_number, rows_of
from tensionsim.scenario.scenario import Given, Scenario, scenario_of
from tensionsim.scenario.yaml_tree import Report, Source, SourceLocation, listed, meant, quoted

COLUMNS = ("stakeholder", "position", "salience", "capability")
STILL = 0.01
"""Share of the range of positions; where nobody moves further in a round, bargaining is over."""

CLOSE, DIGITS = 1e-9, 9
"""How near is the same, and the digits of positions after a round."""


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """Where an issue would settle; `settle` makes one.

    stakeholders : one row each: position, salience (0-1), capability, weight (their product), `risk` (exponent of its
    utility in the first round: below 1 it seeks risk), `settled` (position at the end). rounds : one row a round, the
    first before any: weighted `mean` and `median`, `condorcet` (mean of the positions that a probabilistic Condorcet
    election picks), `moved` (how many moved to get there). positions : shape (round, stakeholder). election : chance of
    each position in that election at the start. ending : why bargaining ended. path : of the issue's cooperation in a
    scenario by date, median and 90 % range as it is and where both principals hold the settled stance; None without.

    Examples
    --------
    >>> import pandas as pd, tensionsim as ts
    >>> three = pd.DataFrame({"stakeholder": ["a", "b", "c"], "position": [0, 40, 100], "salience": [50, 100, 50]})
    >>> found = ts.settle(three.assign(capability=[50, 50, 100]))
    >>> found.rounds.loc[0, ["mean", "median"]].tolist()
    [56.0, 40.0]
    """

    stakeholders: pd.DataFrame
    rounds: pd.DataFrame
    positions: Floats
    election: pd.Series[float]
    ending: str
    path: pd.DataFrame | None

    def __repr__(self) -> str:
        return f"<Settlement of {len(self.stakeholders)} stakeholders: {self.outcome:.3g} ({self.ending})>"

    def _repr_html_(self) -> str:
        return as_html(self, table=self.stakeholders)

    @property
    def outcome(self) -> float:
        """The weighted median at the end of bargaining, which is the model's forecast."""
        return float(self.rounds["median"].iloc[-1])

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        tables = {name: getattr(self, name) for name in ("election", "stakeholders", "rounds", "path")}
        found = {key: None if one is None else one.reset_index().to_dict("records") for key, one in tables.items()}
        told = {"outcome": self.outcome, "ending": self.ending, **found, "positions": self.positions.tolist()}
        return dict(plain(told))


def settle(
    stakeholders: str | Path | pd.DataFrame,
    *,
    scenario: Scenario | Given | None = None,
    issue: str | None = None,
    rounds: int = 20,
    runs: int = 500,
    seed: int = 0,
    jobs: Jobs = 1,
    progress: bool = False,
) -> Settlement:
    """Where an issue would settle if those with a stake in it bargained today.

    Assumption: a position of 0-100 is a stance of 0-1, and who settles holds the settled stance from the start.

    Parameters
    ----------
    stakeholders
        A CSV, or a table: stakeholder, position (0-100), salience (0-1 where none is above 1, else 0-100), capability.
    scenario, issue
        Whose path of which issue is set beside it.
    rounds
        Of bargaining, at most.
    runs, seed, jobs, progress
        Of the scenario, as in `run`.

    Raises
    ------
    ScenarioError
        If the table cannot be used; it lists every problem, with its line.
    SelectionError
        If the scenario has no such issue.

    Examples
    --------
    >>> import pandas as pd, tensionsim as ts
    >>> two = pd.DataFrame({"stakeholder": ["a", "b"], "position": [10, 90], "salience": [50, 50]})
    >>> ts.settle(two.assign(capability=[50, 100]), rounds=0).outcome
    90.0
    """
    whole("rounds", rounds)
    names, (position, salience, capability) = _read(stakeholders)
    salience = salience / (100.0 if salience.max() > 1.0 else 1.0)
    weight, spread = capability * salience, float(np.ptp(position))
    places, moved, risk, ending = [position], [0], np.ones(len(position)), "all stand together from the start"
    if spread > 0.0:
        after, risk = challenged(position, salience, weight, spread)
        ending = f"bargaining was stopped after {rounds} rounds"
        while len(places) <= rounds:
            moves = np.abs(after - places[-1]) > STILL * spread
            if not moves.any():
                ending = f"nobody moved after round {len(places) - 1}"
                break
            places.append(after)
            moved.append(int(moves.sum()))
            if any(np.abs(after - earlier).max() <= CLOSE * spread for earlier in places[:-1]):
                ending = f"positions are those of a round before {len(places) - 1}: bargaining goes round in circles"
                break
            after, _ = challenged(after, salience, weight, spread)
    elections = [condorcet(each, weight) for each in places]
    columns: dict[str, list[Any]] = {
        "mean": [float(weight @ each / weight.sum()) for each in places],
        "median": [median(each, weight) for each in places],
        "condorcet": [float(chance @ there) for there, chance in elections],
        "moved": moved,
    }
    rows = {"position": position, "salience": salience, "capability": capability, "weight": weight, "risk": risk}
    found = pd.DataFrame({**rows, "settled": places[-1]}, pd.Index(names, name="stakeholder"))
    election = pd.Series(elections[0][1], pd.Index(elections[0][0], name="position"), name="chance")
    how: dict[str, Any] = {"runs": runs, "seed": seed, "jobs": jobs, "progress": progress}
    path = None if scenario is None else _path(scenario_of(scenario), issue, columns["median"][-1], **how)
    return Settlement(found, pd.DataFrame(columns).rename_axis("round"), np.array(places), election, ending, path)


def median(position: Floats, weight: Floats) -> float:
    """The lowest position at or below which half of the weight or more stands."""
    order = np.argsort(position, kind="stable")
    reached = np.cumsum(weight[order])
    return float(position[order][np.searchsorted(reached, 0.5 * reached[-1] * (1.0 - CLOSE))])


def support(position: Floats, weight: Floats) -> Floats:
    """The chance that the position of the row beats that of the column, shape (stakeholder, stakeholder).

    Everyone votes for the nearer of the two with weight times how much nearer it is; where they stand together: a half.
    """
    ours = np.zeros((len(position), len(position)))
    for stands, weighs in zip(position, weight, strict=True):
        away = weighs * np.abs(position - stands)
        ours += np.maximum(away[None, :] - away[:, None], 0.0)
    votes = ours + ours.T
    return np.where(votes > 0.0, ours / np.where(votes > 0.0, votes, 1.0), 0.5)


def condorcet(position: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """The distinct positions, and the chance of each in a probabilistic Condorcet election.

    Assumption: a position that stands is challenged by each other one equally often and falls with the challenger's
    chance of beating it; the chances are the shares of time for which positions stand, in the long run.
    """
    places, where = np.unique(position, return_inverse=True)
    count = len(places)
    if count == 1:
        return places, np.ones(1)
    falls = support(places, np.bincount(where, weight).astype(np.float64)).T / (count - 1)
    np.fill_diagonal(falls, 0.0)
    np.fill_diagonal(falls, 1.0 - falls.sum(axis=1))
    system = np.vstack([falls.T - np.eye(count), np.ones(count)])
    chances = np.clip(np.linalg.lstsq(system, np.append(np.zeros(count), 1.0), rcond=None)[0], 0.0, 1.0)
    return places, chances / chances.sum()


def challenged(position: Floats, salience: Floats, weight: Floats, spread: float) -> tuple[Floats, Floats]:
    """Positions after a round of challenges, and the risk exponents in it, shape (stakeholder,).

    spread : of the positions at the start. Each expects of a challenge what it would win or lose of the way between the
    two, resisted with the salience of the challenged, in its own attitude to risk; that follows from how much is
    expected against it, beside those whom most and least is. Who expects less of challenging than of being challenged
    gives way: all the way in a confrontation, in which both expect to gain, or where the other would lose more than it
    could win; as far as the expectations stand to one another in a compromise.

    Assumptions: both are expected by the one who would move; the status quo stays where nobody challenges (Q = 1); of
    several who ask it each follows the one who asks least, of those the one whom it fears most.
    """
    apart = np.abs(np.subtract.outer(position, position)) / spread
    beats = support(position, weight)

    def expected(chance: Floats, resists: Floats, risk: Floats) -> Floats:
        """Of a challenge with a chance to win, met with some salience; the risk is of the row's stakeholder."""
        wins, loses = (2.0 - 4.0 * (0.5 + side * 0.5 * apart) ** risk for side in (-1.0, 1.0))
        gain: Floats = wins - resists * (1.0 - chance) * (wins - loses) - (2.0 - 4.0 * 0.5**risk)
        return np.where(apart > 0.0, gain, 0.0)

    danger = expected(beats, salience[None, :], np.ones((len(position), 1))).sum(axis=0)
    widest = float(np.ptp(danger))
    share = (2.0 * danger - danger.max() - danger.min()) / (widest if widest > CLOSE else 1.0) / 3.0
    risk = (1.0 - share) / (1.0 + share)
    ours = expected(beats, salience[None, :], risk[:, None])
    theirs = expected(beats.T, salience[:, None], risk[:, None])
    is_fight, is_asked = (ours > 0.0) & (theirs > ours), (ours < 0.0) & (theirs > 0.0)
    part = np.where(is_asked & (theirs > -ours), -ours / np.where(theirs > 0.0, theirs, 1.0), 1.0)
    step = part * np.subtract.outer(position, position).T
    cost = np.where((is_fight | is_asked) & (apart > 0.0), np.abs(step), np.inf)
    least = cost <= cost.min(axis=1, keepdims=True) + CLOSE * spread
    feared = np.where(least & np.isfinite(cost), theirs, -np.inf)
    chosen = np.isfinite(feared) & (feared >= feared.max(axis=1, keepdims=True) - CLOSE)
    steps = np.where(chosen, step, np.inf).min(axis=1)
    # Those who meet stand in one place, not a rounding error apart.
    return np.round(position + np.where(np.isfinite(steps), steps, 0.0), DIGITS), risk


def _read(given: str | Path | pd.DataFrame) -> tuple[list[str], tuple[Floats, ...]]:
    """Names of stakeholders; their positions, saliences and capabilities. ScenarioError lists all faults."""
    report, where = Report(), SourceLocation(Source("the table" if isinstance(given, pd.DataFrame) else str(given)))
    if isinstance(given, pd.DataFrame):
        rows = rows_of_text(given.to_csv(index=False), where.source, report)
    else:
        rows = rows_of(Path(given).name, where, report)
        if not rows:
            report.add(where, f"a table of stakeholders is wanted, a CSV with the columns {', '.join(COLUMNS)}")
    columns = list(rows[0][1]) if rows else list(COLUMNS)
    for lacking in [one for one in COLUMNS if one not in columns]:
        head = SourceLocation(rows[0][0].source, 1, 1)
        report.add(head, f"no column {quoted(lacking)}{meant(lacking, columns)}; there is {listed(columns)}")
    names, numbers = list[str](), np.zeros((3, len(rows)))
    for number, (place, row) in enumerate(rows):
        if not (name := row.get("stakeholder", f"row {number}")) or name in names:
            report.add(place, f"stakeholder {quoted(name)} stands there twice" if name else "no name")
        names.append(name)
        numbers[:, number] = [cell_number((place, row), one, 0.0, 100.0, report) for one in COLUMNS[1:]]
    position, salience, capability = numbers
    if len(rows) < 2 and not len(report):
        report.add(where, "nobody has anybody to bargain with; it takes two stakeholders or more")
    elif not len(report) and not (salience * capability).any():
        report.add(where, "nobody has both salience and capability, so that nobody weighs anything")
    report.raise_if_any()
    return names, (np.round(position, DIGITS), salience, capability)


def _path(scenario: Scenario, issue: str | None, outcome: float, **how: Any) -> pd.DataFrame:
    """The issue's cooperation by date as the scenario is, and with both principals at the outcome."""
    issues = list(scenario.file.issues)
    row = issues.index(one_of("issue", issue, issues, SelectionError))
    settled = {f"actors.{who}.stances.{issue}": round(outcome / 100.0, 6) for who in scenario.file.principals}
    found: dict[str, object] = {}
    for name, one in (("as it is", scenario), ("settled", scenario.with_values(settled))):
        results = run(one, **how)
        ranges = np.quantile(results.record.issue_cooperation[:, row], (0.5, 0.05, 0.95), axis=-1)
        found |= {f"{name}, {what}": row for what, row in zip(("median", "5 %", "95 %"), ranges, strict=True)}
    return pd.DataFrame(found, pd.Index(results.dates, name="date"))
