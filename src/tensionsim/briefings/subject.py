"""The subject of a briefing: one ensemble, or several outlooks beside a baseline, asked in one way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.analysis.compare import Comparison
from tensionsim.model.measures import regime_of
from tensionsim.model.record import Bools, Dates, Floats
from tensionsim.runs.statistics import outlook_title

if TYPE_CHECKING:
    from tensionsim.analysis.effects import Effects
    from tensionsim.runs.results import Results
    from tensionsim.scenario.schema import EventSpec, ScenarioFile


DEEP, DEEP_REGIMES, DEEP_BOUND = "crisis or rupture", 2, 35.0


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is told of. results : each outlook by name. comparison : of them, where there are several.

    effects : of the differences of the files, by outlook, or of what is dated, by the name of the only one.
    """

    results: Mapping[str, Results]
    baseline: str
    comparison: Comparison | None
    effects: Mapping[str, Effects]
    command: str = ""

    @property
    def base(self) -> Results:
        return self.results[self.baseline]

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(name for name in self.results if name != self.baseline)

    @property
    def order(self) -> tuple[str, ...]:
        """All names, the baseline first."""
        return (self.baseline, *self.others)

    @property
    def file(self) -> ScenarioFile:
        return self.base.scenario.file

    @property
    def dates(self) -> Dates:
        return self.comparison.dates if self.comparison else self.base.dates

    @property
    def runs(self) -> range:
        whole = range(self.base.first_run, self.base.first_run + self.base.runs)
        return self.comparison.runs if self.comparison else whole

    def cut(self, name: str, array: Any) -> Any:
        """An array of an outlook, first axis date and last axis run, on the dates and runs that all have."""
        results = self.results[name]
        rows = np.searchsorted(results.dates, self.dates)
        first = self.runs.start - results.first_run
        return array[rows][..., first : first + len(self.runs)] if array.shape[-1] > 1 else array[rows]

    def index_of(self, name: str) -> Floats:
        found: Floats = self.cut(name, self.results[name].record.cooperation)
        return found

    def issue_of(self, name: str, issue: str) -> Floats:
        results = self.results[name]
        found: Floats = self.cut(name, results.record.issue_cooperation[:, results.names.issues.index(issue)])
        return found

    def event_of(self, name: str, event: str) -> Bools | None:
        """Whether an event holds, shape (date, run); None where the outlook does not count it."""
        results = self.results[name]
        if event == DEEP and DEEP not in results.names.events:
            deep: Bools = regime_of(self.index_of(name)) < DEEP_REGIMES
            return deep
        if event not in results.names.events:
            return None
        found: Bools = self.cut(name, results.record.events[:, results.names.events.index(event)])
        return found

    @property
    def events(self) -> tuple[str, ...]:
        """Events that any outlook counts, the baseline's first."""
        return tuple(dict.fromkeys(one for name in self.order for one in self.results[name].names.events))

    @property
    def key(self) -> str:
        """The event that a reader asks about first: that the index stays low, the longer the better; else crisis."""
        low = {name: spec for name, spec in self.file.events.items() if _is_low(spec)}
        lasting = {name: spec for name, spec in low.items() if spec.for_}
        return max(lasting, key=lambda name: _months(lasting[name].for_)) if lasting else next(iter(low), DEEP)

    def title_of(self, name: str) -> str:
        """The title of an outlook: of the branch where it is one, else of the scenario."""
        scenario = self.results[name].scenario
        return outlook_title(scenario) or scenario.title

    def actor(self, name: str) -> str:
        """An actor as a reader would write it."""
        found = self.file.actors.get(name)
        return (found.label if found else "") or words(name).capitalize()

    def sides(self) -> tuple[str, str]:
        one, other = self.file.principals
        return self.actor(one), self.actor(other)


def words(name: str) -> str:
    """A name of the model as a reader would write it."""
    return name.replace("_", " ")


def _is_low(spec: EventSpec) -> bool:
    """Whether an event says that the index is below a bound."""
    text = spec.cooperation or ""
    is_below = text.startswith("below") or (text == "index" and spec.below is not None and spec.above is None)
    return is_below and spec.issue is None and not (spec.all or spec.any or spec.none)


def _months(text: str | None) -> float:
    from tensionsim.scenario.quantities import months

    return months(text) if text else 0.0
