"""Effects: what each element of a scenario does to a quantity, found by running the world without it.

Every world is run under the same luck, so a difference between two of them in a run is due to the elements alone. The
leave-one-out effect of an element is what is lost without it where all others stay; its Shapley value is what it adds
on average over all orders in which the elements could come, so that the values sum to the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tensionsim.analysis.elements import Element, Mixture, elements_of, selected, without
from tensionsim.analysis.worlds import INDEX, MOST_EXACT, Coalition, Day, Draw, error_of_mean, shapley, target
from tensionsim.errors import SelectionError, whole
from tensionsim.model.mechanisms import Mechanism
from tensionsim.notebook import Tabled
from tensionsim.runs.run import Jobs
from tensionsim.runs.statistics import plain, title
from tensionsim.scenario.scenario import Scenario, scenario_of


@dataclass(frozen=True, slots=True, eq=False)
class Effects(Tabled):
    """What each element does to a quantity, as differences of the same runs in worlds with and without it.

    table : one row an element, the largest effect first; columns `element` (its label), `kind` ("schedule", "rule",
    "change", "check", "mechanism" or "difference"), `effect` (its Shapley value), `standard_error` (of the
    runs and of the orders drawn), `sampling_error` (of the orders drawn alone; 0 where all sets were tried),
    `leave_one_out` (what is lost without it alone) and `leave_one_out_error`. of : what was asked ("index", an issue,
    an event, a regime). quantity : that in words. unit : "points" or "% of runs". date : the row it was read at, ISO.
    base : its mean with none of the elements (or in the scenario compared with). whole : its mean with all of them.
    here : its mean in the scenario itself, which is not `whole` where only some of the differences were asked about.
    method : "exact" (all sets of elements) or "sampled" (some orders). worlds : how many were run. title, against : the
    scenario's title, and that of the one it is compared with, or "". runs, seed : of every world.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.effects("norland-suderia", elements=["schedule", "rule"], runs=20)
    >>> sorted(found.table["element"])
    ['2030-06-03 norland: seize_trawler', 'suderia: the river is ours']
    >>> bool(abs(found.table["effect"].sum() - found.total) < 1e-9)
    True
    """

    table: pd.DataFrame
    of: str
    quantity: str
    unit: str
    date: str
    base: float
    whole: float
    method: str
    worlds: int
    title: str
    against: str
    runs: int
    seed: int
    here: float | None = None

    def __repr__(self) -> str:
        change = f"{self.quantity} from {self.base:.1f} to {self.whole:.1f} {self.unit}"
        what = f"{len(self.table):,} element{'' if len(self.table) == 1 else 's'} of {self.title!r}"
        return f"<Effects of {what}: {change}, {self.runs:,} runs, seed {self.seed}>"

    @property
    def total(self) -> float:
        """What all elements make together, to which the effects sum."""
        return self.whole - self.base

    @property
    def interaction(self) -> float:
        """What of the total no element makes alone: the total less the sum of the leave-one-out effects."""
        return float(self.total - self.table["leave_one_out"].sum())

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists; what has no value is None."""
        names = [name for name in self.__dataclass_fields__ if name != "table"] + ["total", "interaction"]
        return {**{name: getattr(self, name) for name in names}, "effects": plain(self.table.to_dict("records"))}


def effects(
    scenario: Scenario | str | Path,
    *,
    against: Scenario | str | Path | None = None,
    elements: Collection[str] | None = None,
    of: str = INDEX,
    date: Day | None = None,
    runs: int = 1000,
    seed: int = 0,
    first_run: int = 0,
    orders: int = 12,
    jobs: Jobs = 1,
    progress: bool = False,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
) -> Effects:
    """The effect of each element of a scenario on a quantity, from worlds without it under the same luck.

    With `against` the elements are what one file says otherwise than the other: numbers by path, rules, scheduled
    moves, changes. Each world is the scenario compared with, with some of them taken over. Where the ends differ,
    worlds run to the later, and the earlier is the default date. Of a selection, the effects sum to the difference that
    the world with only these makes, `whole` less `base`, and not to that of the two scenarios, `here` less `base`.

    Parameters
    ----------
    scenario, against
        Each a Scenario, a path, or the name of a shipped scenario.
    elements
        Which to leave out in turn: kinds ("schedule", "rule", "change", "check", "mechanism"), labels or parts of them,
        in any case, with or without underscores and accents; None: all. What is not asked about stays as it is, or as
        in `against`.
    of
        The quantity: "index", an issue, an event (by the date) or a regime (on the date).
    date
        The day on which it is read; default: the last row.
    runs, seed, first_run
        Of every world; `runs` >= 2.
    orders
        How many orders of the elements are drawn where there are more than ten, half of them reverses of the others.
    jobs
        Worlds that are run at a time, each in a process of its own; "auto": one a processor.
    progress
        Whether to show a bar on a terminal's standard error.
    agents, mechanisms
        Of your own, as of `run`.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SelectionError
        If an element, a quantity or a date does not exist, or no element is named; if the two scenarios differ in
        something that a mixture cannot have: start, step, principals, issues, history.
    TypeError
        If `elements` is one text.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.effects("tariff-war", elements=["schedule"], runs=20, seed=7)
    >>> found.method, len(found.table)
    ('exact', 3)
    >>> calm = ts.load("norland-suderia", outlook="calm")
    >>> found = ts.effects(calm, against="norland-suderia", elements=["suderia"], runs=20, seed=7)
    >>> sorted(found.table["element"])
    ['actors.suderia.insulation: unset -> 0.95', 'actors.suderia.rhetoric: 0.5 -> 0.2']
    """
    whole("orders", orders, least=4)
    draw = Draw(whole("runs", runs, least=2), whole("seed", seed), whole("first_run", first_run))
    chosen = scenario_of(scenario, agents=agents, mechanisms=mechanisms)
    everything, found, titles = chosen, list[Element](), (title(chosen), "")
    if against is None:
        found = selected(elements_of(chosen), elements)
    else:
        base = scenario_of(against, agents=agents, mechanisms=mechanisms)
        titles = (titles[0], title(base))
        mixed = Mixture.of(base, chosen)
        if elements is not None and not mixed.everything:
            raise SelectionError(f"{titles[0]!r} and {titles[1]!r} do not differ in anything that has an effect")
        if mixed.everything:
            found, everything = selected(mixed.everything, elements), mixed.scenario(mixed.everything)
            date = mixed.end if date is None else date

    def build(present: Coalition) -> Scenario:
        if against is None:
            return without(chosen, [one for place, one in enumerate(found) if place not in present])
        return mixed.scenario([found[place] for place in present]) if found else chosen

    results = draw.of(everything)
    asked = target(results, of, date)
    shares, worth = shapley(build, len(found), asked, draw, orders=orders, jobs=jobs, progress=progress)
    full = frozenset(range(len(found)))
    alone = np.array([worth[full] - worth[full - {place}] for place in range(len(found))])
    alone = alone.reshape(len(found), draw.runs)
    table = pd.DataFrame(
        {
            "element": [one.label for one in found],
            "kind": [one.kind for one in found],
            "effect": shares.values.mean(axis=-1),
            "standard_error": shares.standard_error,
            "sampling_error": shares.sampling_error,
            "leave_one_out": alone.mean(axis=-1),
            "leave_one_out_error": error_of_mean(alone),
        }
    )
    return Effects(
        table=table.sort_values("effect", key=abs, ascending=False, kind="stable", ignore_index=True),
        base=float(worth[frozenset()].mean()),
        whole=float(worth[full].mean()),
        method="exact" if len(found) <= MOST_EXACT else "sampled",
        worlds=len(worth),
        title=titles[0],
        against=titles[1],
        runs=draw.runs,
        seed=draw.seed,
        here=float(asked.of(results).mean()),
        of=asked.name,
        quantity=asked.quantity,
        unit=asked.unit,
        date=asked.date,
    )
