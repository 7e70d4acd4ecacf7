"""Runs against what was observed in their days: the posterior predictive table.

What was observed is one more run: the scenario's world walks through the observed moves (`walked`), and every statistic
is computed of its record as of those of the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.engine.past import place
from tensionsim.engine.run import names_of
from tensionsim.errors import TensionSimError, whole
from tensionsim.estimation.window import ONE_DAY
from tensionsim.forecasts.origins import STEPS_PER_MONTH, walked
from tensionsim.model.measures import Books
from tensionsim.model.record import STOPPED, Floats
from tensionsim.notebook import Tabled
from tensionsim.runs.results import Results
from tensionsim.runs.run import run
from tensionsim.runs.statistics import plain, title
from tensionsim.scenario.names import catalogue_of, history_of
from tensionsim.scenario.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.events.history import EventHistory

STEPS_PER_WEEK = {"day": 7, "week": 1, "month": 1}
UNIT = {"day": "week", "week": "week", "month": "month"}
"""What moves are counted by; shorter than a step it cannot be."""

ODD = 0.01
"""Below this share of the runs, or above 1 less it, what was observed is not like the runs."""


@dataclass(frozen=True, slots=True, eq=False)
class AgainstHistory(Tabled):
    """How runs of a scenario compare with what was observed from its start to its end, or to the last whole step known.

    table : one row a statistic; columns `statistic`, `actor` (of both principals ""), `observed`, `mean`, `q05`, `q95`
    (of the runs), `p` (share of the runs below the observed, of equal ones half; NaN where it is not defined) and
    `is_odd` (p below .01 or above .99). Runs in which a statistic is not defined, such as a share of no moves, are left
    out of its row. title : of the scenario. first, last : from which day until before which. unit : which moves are
    counted by, "week". units : how many there are. runs, seed : of the ensemble. left_out : how many observed events
    found no place, by reason.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.against_history("biden-petro-2022", runs=20, seed=7)
    >>> str(found.first), str(found.last), found.units
    ('2022-08-07', '2025-01-19', 128)
    >>> bool(found.table["p"].between(0, 1).all())
    True
    """

    table: pd.DataFrame
    title: str
    first: np.datetime64
    last: np.datetime64
    unit: str
    units: int
    runs: int
    seed: int
    left_out: dict[str, int]

    def __repr__(self) -> str:
        odd = f"{int(self.table['is_odd'].sum())} of {len(self.table)} statistics odd"
        span = f"{self.first} to {self.last}"
        return f"<AgainstHistory of {self.title!r}, {span}, {self.runs:,} runs, seed {self.seed}: {odd}>"

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        kept = ("title", "first", "last", "unit", "units", "runs", "seed", "left_out")
        return {name: plain(getattr(self, name)) for name in kept} | {"rows": plain(self.table.to_dict("records"))}

    @classmethod
    def of(cls, results: Results) -> AgainstHistory:
        """The table of runs that are there already; see `against_history`."""
        import pandas as pd

        scenario, file = results.scenario, results.scenario.file
        history, steps = _observed_steps(scenario)
        placed = place(history, file)
        world, observed = walked(scenario, history, placed, (file.start, scenario.steps[steps]))
        rows = []
        seen = _statistics(Books(observed, names_of(world), results.step_months, 0), scenario, steps)
        for (statistic, actor), of_runs in _statistics(results.books, scenario, steps).items():
            value = float(seen[statistic, actor][0])
            rows.append((statistic, actor, value, *_beside(value, of_runs)))
        table = pd.DataFrame(rows, columns=["statistic", "actor", "observed", "mean", "q05", "q95", "p"])
        return cls(
            table=table.assign(is_odd=(table["p"] < ODD) | (table["p"] > 1.0 - ODD)),
            title=title(scenario),
            first=results.dates[0],
            last=results.dates[steps],
            unit=UNIT[file.step],
            units=steps // STEPS_PER_WEEK[file.step],
            runs=results.runs,
            seed=results.seed,
            left_out=dict(placed.left_out),
        )


def against_history(scenario: Scenario | str | Path, *, runs: int = 1000, seed: int = 0) -> AgainstHistory:
    """How runs of a scenario compare with what was observed in its days: its posterior predictive table.

    What was observed goes through the scenario's own equations, its numbers at their means, and ends with the last
    whole step that the history covers.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    runs, seed
        How many random histories, and of which luck.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    TensionSimError
        If it has no history, or one that covers no whole step from its start on.

    Examples
    --------
    >>> import tensionsim as ts
    >>> held = ts.against_history("trump2-petro-2025", runs=20)
    >>> float(held.table.set_index("statistic").loc["moves a week, the most", "observed"])
    24.0
    """
    chosen, runs, seed = scenario_of(scenario), whole("runs", runs, least=1), whole("seed", seed)
    _observed_steps(chosen)
    return AgainstHistory.of(run(chosen, runs=runs, seed=seed, keep="summary"))


def _observed_steps(scenario: Scenario) -> tuple[EventHistory, int]:
    """The history, and how many whole steps from the start on it covers."""
    history, file = history_of(scenario.file), scenario.file
    if history is None:
        raise TensionSimError(f"{scenario.name} has no history to be held against; name events in `history:`")
    steps = sum(day <= min(history.last + ONE_DAY, file.end) for day in scenario.steps) - 1
    if steps < 1:
        raise TensionSimError(
            f"{scenario.name} begins on {file.start}, and its history, {history.name}, covers no whole {file.step} "
            f"from then on: its last day is {history.last}; ask a scenario that begins earlier"
        )
    return history, steps


def _beside(value: float, of_runs: Floats) -> tuple[float, float, float, float]:
    """Mean, 5 % and 95 % quantiles of the runs, and the share of them below a value."""
    known = of_runs[np.isfinite(of_runs)]
    if not known.size:
        return (np.nan,) * 4
    # Sums of the same acts in another order differ in their last bits.
    is_equal = np.isclose(known, value, rtol=1e-9, atol=1e-9)
    p = float(np.where(is_equal, 0.5, known < value).mean()) if np.isfinite(value) else np.nan
    low, high = np.quantile(known, [0.05, 0.95])
    return float(known.mean()), float(low), float(high), p


def _statistics(books: Books, scenario: Scenario, steps: int) -> dict[tuple[str, str], Floats]:
    """Every statistic of each run up to a row, shape (run,), by name and actor; of moves between the principals."""
    step, record = scenario.file.step, books.record
    unit, month = UNIT[step], STEPS_PER_MONTH[step]
    window = f"{month}-{step}"
    acts, deeds, measures, score, squares = _by_step(books, scenario, steps)
    weekly = _blocks(acts.sum(axis=0), STEPS_PER_WEEK[step])
    index = record.cooperation[: steps + 1]
    fall, recovery = _largest_fall(index, month)
    volume, total = acts.sum(axis=1), acts.sum(axis=(0, 1))
    mean = _ratio(score.sum(axis=(0, 1)), total)
    spread = np.sqrt(np.maximum(0.0, _ratio(squares.sum(axis=(0, 1)), total) - mean**2))
    found = {
        (f"moves a {unit}, variance over mean", ""): _ratio(weekly.var(axis=0), weekly.mean(axis=0)),
        (f"moves a {unit}, the most", ""): weekly.max(axis=0),
        (f"{window} score, autocorrelation", ""): _autocorrelation(_blocks(score.sum(axis=0), month), 1),
        ("Goldstein scores, spread", ""): spread,
        (f"index, largest {window} fall", ""): fall,
        (f"index, {unit}s to recover half of it", ""): recovery / STEPS_PER_WEEK[step],
        ("index, spread", ""): index.std(axis=0),
        (f"index, {window} autocorrelation", ""): _autocorrelation(index, month),
    }
    for row, actor in enumerate(scenario.file.principals):
        imposed = measures[row].sum(axis=0)
        found |= {
            ("moves a month", actor): volume[row] / (steps * books.step_months),
            ("material moves, share", actor): _ratio(deeds[row].sum(axis=0), volume[row]),
            ("measures imposed", actor): imposed,
            ("measures imposed, share", actor): _ratio(imposed, volume[row]),
        }
    return found


def _by_step(books: Books, scenario: Scenario, steps: int) -> Sequence[Floats]:
    """Acts, deeds, measures (hostile deeds), scores and squared scores, each summed, shape (principal, step, run)."""
    file, record, names, runs = scenario.file, books.record, books.names, books.runs
    sides, places = list(file.principals), names.places()
    actor = np.array(
        [
            sides.index(one) if {one, other} == {*sides} else -1
            for one, other in zip(places["actor"], places["target"], strict=True)
        ]
    )
    counts = (actor[record.move_channel] >= 0) & (record.move_cause != STOPPED) & (record.move_step < steps)
    catalogue = catalogue_of(file.moves, file.arrangement_kinds).moves
    move = record.move_id[counts]
    score = np.array(names.move_scores)[move]
    is_deed = np.array([catalogue[name].is_material for name in names.moves])[move]
    run_row = record.move_run[counts] - books.first_run
    cell = (actor[record.move_channel[counts]] * steps + record.move_step[counts]) * runs + run_row
    weights = (np.ones(len(move)), is_deed, is_deed & (score < 0.0), score, score**2)
    sums = [np.bincount(cell, weight, 2 * steps * runs) for weight in weights]
    return [np.asarray(one, np.float64).reshape(2, steps, runs) for one in sums]


def _blocks(values: Floats, size: int) -> Floats:
    """Sums over whole blocks of steps from the first on, shape (block, run); of none, one that is not known."""
    count, runs = len(values) // size, values.shape[-1]
    found: Floats = values[: count * size].reshape(count, size, runs).sum(axis=1)
    return found if count else np.full((1, runs), np.nan)


def _ratio(part: Floats, of: Floats) -> Floats:
    return np.where(of > 0.0, part / np.where(of > 0.0, of, 1.0), np.nan)


def _autocorrelation(values: Floats, lag: int) -> Floats:
    """Correlation of values with those so many rows before; NaN where pairs are fewer than three, or all the same."""
    if len(values) < lag + 3:
        return np.full(values.shape[-1], np.nan)
    early, late = (part - part.mean(axis=0) for part in (values[:-lag], values[lag:]))
    return _ratio((early * late).sum(axis=0), np.sqrt((early**2).sum(axis=0) * (late**2).sum(axis=0)))


def _largest_fall(index: Floats, window: int) -> tuple[Floats, Floats]:
    """The largest fall over so many steps, and the steps, or all that are left, until half of it is made good."""
    if len(index) <= window:
        return np.full(index.shape[-1], np.nan), np.full(index.shape[-1], np.nan)
    falls = index[:-window] - index[window:]
    runs, before = np.arange(index.shape[-1]), falls.argmax(axis=0)
    fall, after = falls[before, runs], before + window
    rows = np.arange(len(index))[:, None]
    is_back = (rows > after) & (index >= index[after, runs] + fall / 2.0)
    steps = np.where(is_back.any(axis=0), is_back.argmax(axis=0), len(index) - 1) - after
    return fall, np.where(fall > 0.0, steps, np.nan)
