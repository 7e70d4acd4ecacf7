"""Early signs: which observables tell, months ahead, the runs that end badly from the others, and how well.

Runs of even numbers choose: they rank the observables, set each one's bound and fit what it adds to the index. Runs of
odd numbers judge: every score is of these alone, which had no part in the choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.analysis import separation, targets
from tensionsim.analysis.observables import Observable, observables
from tensionsim.analysis.targets import Day
from tensionsim.errors import SelectionError
from tensionsim.measures import regime_of
from tensionsim.record import Bools

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.results import Results

CRISIS_AT_THE_END = "crisis at the end"
"""The index below 35 on the last date: the two lowest regimes together."""

DEEP_REGIMES = 2
LEAST_RUNS = 20
"""Runs that must end so, and as many that must not: of fewer no half could judge."""

SURE = 1.96
COLUMNS = (
    "sign", "kind", "unit", "side", "threshold", "auc", "standard_error", "hit_rate", "false_alarm_rate", "brier_skill",
    "gain", "gain_error", "auc_choosing", "gain_choosing",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class EarlySigns:
    """What tells the runs that end in `event` from the others, `ahead_months` before; `early_signs` makes one.

    table : one row a sign, as the choosing half ranks them. `side` and `threshold` say when it warns ("above" or
    "below" a bound); `auc`, with its `standard_error`, is the chance that it ranks a run that ends so before one that
    does not (0.5: a coin); `hit_rate` and `false_alarm_rate` are the shares of the runs that end so, and of the others,
    in which it warns; `brier_skill` is of the chances that a logistic fit gives from it, against always the same one;
    `gain` is by how much index and sign together have the higher auc than the index alone, with `gain_error`. All these
    are of the judging half. `auc_choosing` and `gain_choosing` are the choosing half's.
    event : what was asked. meaning : that in words. date, sign_date : when it is so, when the signs are read, ISO.
    runs, ending, judged, judged_ending : how many runs, how many end so, and of these in the judging half. note : why
    there is no table, or that nothing separates; empty where something does.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.early_signs(ts.run("norland-suderia", runs=400, seed=7))
    >>> found.sign_date, found.date
    ('2031-07-08', '2032-01-06')
    >>> bool(found.table["auc"].between(0, 1).all())
    True
    """

    table: pd.DataFrame
    event: str
    meaning: str
    date: str
    sign_date: str
    ahead_months: float
    runs: int
    ending: int
    judged: int
    judged_ending: int
    note: str

    @property
    def separates(self) -> bool:
        """Whether any sign tells the runs apart better than a coin would, beyond doubt."""
        return not self.note

    def chosen(self, count: int = 6, *, of_a_kind: int = 2) -> pd.DataFrame:
        """The index, and the best signs beside it, at most so many of a kind, as the choosing half ranks them."""
        ranked = self.table[self.table["sign"] != targets.INDEX]
        best = ranked[ranked.groupby("kind").cumcount() < of_a_kind].head(count)
        found: pd.DataFrame = self.table.loc[
            sorted({*self.table.index[self.table["sign"] == targets.INDEX], *best.index})
        ]
        return found

    def adding_most(self) -> str | None:
        """The sign that adds most to the index, as the choosing half has it; None where there is no other sign."""
        others = self.table[self.table["sign"] != targets.INDEX]
        return None if others.empty else str(others.loc[others["gain_choosing"].idxmax(), "sign"])

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        names = [name for name in self.__dataclass_fields__ if name != "table"]
        return {**{name: getattr(self, name) for name in names}, "signs": self.table.to_dict("records")}


def early_signs(
    results: Results, event: str = CRISIS_AT_THE_END, *, ahead_months: float = 6.0, date: Day | None = None
) -> EarlySigns:
    """The observables that best tell, months ahead, the runs that end in something from the others.

    Parameters
    ----------
    results
        Of some hundred runs or more.
    event
        "crisis at the end" (the index below 35), or the name of an event or regime that holds on the date or not;
        "regime:crisis" where both have one name.
    ahead_months
        How long before the date the signs are read.
    date
        The date in question; default the last; between rows, the row before it.

    Raises
    ------
    SelectionError
        If there is no such event, or nothing so long before the date.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=40, seed=7)
    >>> ts.early_signs(r, "rupture", ahead_months=3).note.split(":")[0]
    'too few runs to tell'
    """
    row = targets.row_of(results, date)
    before = _row_before(results, row, ahead_months)
    ends_so, meaning = _outcome(results, event, row)
    judging = np.arange(results.first_run, results.first_run + results.runs) % 2 == 1
    few = min(int(ends_so.sum()), int((~ends_so).sum()))
    facts: dict[str, Any] = {
        "event": event,
        "meaning": meaning,
        "date": str(results.dates[row]),
        "sign_date": str(results.dates[before]),
        "ahead_months": ahead_months,
        "runs": results.runs,
        "ending": int(ends_so.sum()),
        "judged": int(judging.sum()),
        "judged_ending": int((judging & ends_so).sum()),
    }
    if few < LEAST_RUNS or not _both_in_each(ends_so, judging):
        return EarlySigns(table=_table([]), note=_too_few(facts, few), **facts)
    table = _table(list(_scored(list(observables(results, before)), ends_so, judging)))
    return EarlySigns(table=table, note=_nothing(table, facts), **facts)


def _row_before(results: Results, row: int, ahead_months: float) -> int:
    steps = round(ahead_months / results.step_months)
    if not (ahead_months > 0.0 and 0 <= row - steps < row):
        raise SelectionError(
            f"there is no row {ahead_months:g} months before {results.dates[row]}: rows go from {results.dates[0]} to "
            f"{results.dates[-1]}, one a {results.scenario.file.step}; look less far ahead"
        )
    return row - steps


def _outcome(results: Results, event: str, row: int) -> tuple[Bools, str]:
    """Whether each run is so on the date, shape (run,), and what that is in words."""
    record = results.record
    if event == CRISIS_AT_THE_END:
        deep: Bools = regime_of(record.cooperation[row]) < DEEP_REGIMES
        return deep, "the index is below 35 (crisis or rupture)"
    found = targets.target(results, event, results.dates[row])
    if found.kind == "event":
        return record.events[row, results.names.events.index(found.name)], f"the event '{found.name}' holds"
    if found.kind == "regime":
        in_it: Bools = regime_of(record.cooperation[row]) == targets.REGIME_NAMES.index(found.name)
        return in_it, f"the regime is {found.name}"
    events = ", ".join((*results.names.events, *targets.REGIME_NAMES))
    raise SelectionError(f"runs do not end in {event!r} or not; ask for {CRISIS_AT_THE_END!r}, or one of {events}")


def _both_in_each(ends_so: Bools, judging: Bools) -> bool:
    """Whether each half has runs of both sorts."""
    return all(0 < int(ends_so[half].sum()) < int(half.sum()) for half in (judging, ~judging))


def _too_few(facts: dict[str, Any], few: int) -> str:
    which = "end so" if facts["ending"] == few else "do not"
    return f"too few runs to tell: of {facts['runs']:,} only {few} {which}; it takes {LEAST_RUNS} at least"


def _nothing(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Words where not even the best sign, as chosen, is better than a coin in the judging half."""
    if table.empty:
        return "nothing to tell them by: no observable differs between the runs"
    best = table.iloc[0]
    if best["auc"] - SURE * best["standard_error"] > 0.5:
        return ""
    ahead = f"{facts['ahead_months']:g} months ahead"
    return f"nothing tells them apart {ahead}: the best, {best['sign']}, does no better than a coin"


def _scored(found: list[Observable], ends_so: Bools, judging: Bools) -> Iterator[dict[str, Any]]:
    """Every observable's scores; those that hardly vary in the choosing half are left out."""
    choosing, index = ~judging, found[0].values
    halves = (ends_so[choosing], ends_so[judging])
    alone = separation.logistic(index[choosing, None], halves[0])
    base = (alone.chances(index[choosing, None]), alone.chances(index[judging, None]))
    for one in found:
        if not _varies(one.values[choosing]):
            continue
        chosen = separation.choose(one.values[choosing], halves[0])
        score = separation.judge(one.values[judging], halves[1], chosen)
        both = np.stack([index, one.values], axis=1)
        fit = separation.logistic(both[choosing], halves[0])
        gained = separation.gain(fit.chances(both[judging]), base[1], halves[1])
        in_choosing = separation.gain(fit.chances(both[choosing]), base[0], halves[0])
        is_index = one is found[0]
        yield {
            "sign": one.name, "kind": one.kind, "unit": one.unit, "side": chosen.side, "threshold": chosen.threshold,
            "auc": score.auc, "standard_error": score.standard_error, "hit_rate": score.hit_rate,
            "false_alarm_rate": score.false_alarm_rate, "brier_skill": score.brier_skill,
            "gain": 0.0 if is_index else gained.value, "gain_error": 0.0 if is_index else gained.standard_error,
            "auc_choosing": chosen.auc, "gain_choosing": 0.0 if is_index else in_choosing.value,
        }  # fmt: skip


LEAST_SHARE = 0.02
"""Of the choosing runs that must differ from the most frequent value."""


def _varies(values: Any) -> bool:
    counts = np.unique(values, return_counts=True)[1]
    return bool(values.size - counts.max() >= max(2, LEAST_SHARE * values.size))


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("auc_choosing", ascending=False, kind="stable", ignore_index=True) if rows else table
