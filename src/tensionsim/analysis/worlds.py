"""Worlds with some elements and without others, each run once under the same luck."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tensionsim.analysis.shapley import Coalition, Floats
from tensionsim.analysis.targets import Target
from tensionsim.ensemble.progress import showing
from tensionsim.ensemble.runner import run
from tensionsim.results import Results
from tensionsim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Draw:
    """Which runs of every world: how many, under which seed, from which number on."""

    runs: int
    seed: int
    first_run: int

    def of(self, scenario: Scenario) -> Results:
        """These runs of a scenario."""
        return run(scenario, runs=self.runs, seed=self.seed, first_run=self.first_run)


@dataclass(slots=True)
class Worlds:
    """The worth of sets of elements: a quantity in every run of the world that has these elements and no others.

    build : the scenario with a set of elements. Worlds are remembered, those of one text by its hash.
    """

    build: Callable[[Coalition], Scenario]
    target: Target
    draw: Draw
    advance: Callable[[int], object] = lambda worlds: None
    _by_coalition: dict[Coalition, Floats] = field(default_factory=dict)
    _by_text: dict[str, Floats] = field(default_factory=dict)

    def worth(self, present: Coalition) -> Floats:
        """The quantity in every run, shape (run,)."""
        if present not in self._by_coalition:
            scenario = self.build(present)
            if scenario.sha256 not in self._by_text:
                self._by_text[scenario.sha256] = self.target.of(self.draw.of(scenario))
            self._by_coalition[present] = self._by_text[scenario.sha256]
            self.advance(1)
        return self._by_coalition[present]

    def know(self, results: Results) -> None:
        """Takes over a world that has been run already."""
        self._by_text[results.scenario.sha256] = self.target.of(results)

    def visit(self, coalitions: Collection[Coalition], *, progress: bool) -> None:
        """Runs every world of these, the smaller first, with a bar on a terminal's standard error."""
        with showing(len(coalitions), "auto" if progress else "none", "world") as self.advance:
            for present in sorted(coalitions, key=lambda one: (len(one), sorted(one))):
                self.worth(present)
        self.advance = lambda worlds: None
