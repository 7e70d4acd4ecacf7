"""Worlds with some elements and without others, each run once under the same luck."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tensionsim.analysis.shapley import Coalition, Floats
from tensionsim.analysis.targets import Target
from tensionsim.ensemble.executors import executor
from tensionsim.ensemble.progress import showing
from tensionsim.ensemble.runner import run
from tensionsim.results import Results
from tensionsim.scenario import Scenario

Jobs = int | Literal["auto"]


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
    _by_coalition: dict[Coalition, Floats] = field(default_factory=dict)
    _by_text: dict[str, Floats] = field(default_factory=dict)

    def worth(self, present: Coalition) -> Floats:
        """The quantity in every run, shape (run,), of a world that was visited."""
        return self._by_coalition[present]

    def know(self, results: Results) -> None:
        """Takes over a world that has been run already."""
        self._by_text[results.scenario.sha256] = self.target.of(results)

    def visit(self, coalitions: Collection[Coalition], *, progress: bool, jobs: Jobs = 1) -> None:
        """Runs every world of these, the smaller first, with a bar on a terminal's standard error.

        jobs : worlds at a time, each in a process of its own, or "auto"; they change nothing of what comes out.
        """
        order = sorted(coalitions, key=lambda one: (len(one), sorted(one)))
        tasks = _Tasks(order, self)
        if progress:
            _announce(len(order), self.draw.runs)
        with (
            executor(jobs, tasks=len(order)) as workers,
            showing(len(order), "auto" if progress else "none", "world") as advance,
        ):
            for position, found in workers.results(_worth, tasks):
                if found is not None:
                    self._by_text[tasks.texts[position]] = found
                advance(1)
        for position, present in enumerate(order):
            self._by_coalition[present] = self._by_text[tasks.texts[position]]


@dataclass(frozen=True, slots=True)
class _Task:
    """A world to run: all that a worker needs to know."""

    scenario: Scenario
    target: Target
    draw: Draw


class _Tasks(Sequence["_Task | None"]):
    """The worlds of some sets of elements, each built when its turn comes; None where its text is another's already.

    texts : the hash of each one's text, by its place.
    """

    def __init__(self, order: Sequence[Coalition], worlds: Worlds) -> None:
        self.order, self.worlds = order, worlds
        self.texts: dict[int, str] = {}
        self._first: dict[str, int] = {}
        self._known = set(worlds._by_text)

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: Any) -> Any:
        if place >= len(self.order):
            raise IndexError(place)
        scenario = self.worlds.build(self.order[place])
        text = self.texts[place] = scenario.sha256
        if text in self._known or self._first.setdefault(text, place) != place:
            return None
        return _Task(scenario, self.worlds.target, self.worlds.draw)


def _worth(task: _Task | None) -> Floats | None:
    """The quantity in every run of a world: a pure function of its text, the seed and the runs' numbers."""
    return None if task is None else task.target.of(task.draw.of(task.scenario))


def _announce(worlds: int, runs: int) -> None:
    """Says on a terminal's standard error what is to come."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"What if not: {worlds:,} worlds of {runs:,} runs each", file=sys.stderr, flush=True)
