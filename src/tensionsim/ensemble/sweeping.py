"""Sweeps: an ensemble at every point of a design, all under the same luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from tensionsim.arguments import check_known
from tensionsim.ensemble.chunks import Progress
from tensionsim.ensemble.deriving import Keeping
from tensionsim.ensemble.designs import scenario_at
from tensionsim.ensemble.executors import executor
from tensionsim.ensemble.planning import base_of, draft_given, plan
from tensionsim.ensemble.progress import Mode, showing
from tensionsim.ensemble.runner import How, run, ways_of
from tensionsim.ensemble.store import READ_ONLY, Ensemble, Interrupted, fill
from tensionsim.ensemble.ways import Ways
from tensionsim.errors import ScenarioError, StorageError
from tensionsim.record import Floats
from tensionsim.results import sweep_folders, sweep_storage
from tensionsim.results.files import locked
from tensionsim.results.outcomes import Outcome, are_paired, difference, outcome_of
from tensionsim.results.parts import blocks
from tensionsim.results.sweep import Plan, Sweep
from tensionsim.scenario import Scenario, load, scenario_of
from tensionsim.scenario.design_file import Design, draft
from tensionsim.scenario.problems import Report

if TYPE_CHECKING:
    from typing import Unpack

    from tensionsim.results import Results


class HowOfSweep(TypedDict, total=False):
    """How a sweep is computed and where it is kept; see `sweep`."""

    progress: bool | Mode
    jobs: int | Literal["auto"]
    executor: str | None
    scheduler: str | None
    chunk_runs: int | None
    store: str | Path | None
    replace: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where the runs of every point are kept.

    store : the folder; None keeps none. command : what was typed, for the provenance. say : is told what was found
    damaged. replace : start over where a sweep stands already. over_again : what the reader says to ask for that.
    """

    store: Path | None = None
    command: str = ""
    say: Callable[[str], None] = lambda words: None
    replace: bool = False
    over_again: str = "replace=True"


def sweep(
    scenario: Scenario | str | Path,
    over: Mapping[str, Any] | None = None,
    *,
    design: Design | Mapping[str, Any] | str | Path | None = None,
    runs: int = 1000,
    seed: int = 0,
    baseline: int = 0,
    **how: Unpack[HowOfSweep],
) -> Sweep:
    """Simulates an ensemble at every point of a design.

    All points share one seed, so that runs of one number share their luck: what differs between points is the effect
    of their values. Luck is drawn step by step, so that points of another start or step than the baseline do not share
    it; their `difference` is NaN. Every point is checked before the first one is run.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    over
        Values by path, of which every combination is run (a grid): a list of values, a range
        {"from": 0.2, "to": 1.0, "points": 5}, or a text as on the command line, "0.2:1.0:5" or "calm,loud". A path is
        one that `set` takes, with wildcards if you like, or `outlook`.
    design
        Instead of `over`: a design file, or a mapping of the same keys, {"method": "lhs", "points": 64, "over": ...}.
    runs
        How many random histories at each point, >= 1.
    seed
        Of the random numbers, >= 0.
    baseline
        Number of the point that differences are taken from, from 0.
    jobs
        How many points are computed at a time (default 1), each in a process of its own; "auto": one a processor,
        where there are points enough.
    executor, scheduler, chunk_runs
        As of `run`. Where a scheduler's workers compute what is stored, points come one after another, each in parts.
    store
        A folder that keeps the runs of every point, each as a run store of its own below `points`. The same call goes
        on after an interruption, and with more `runs` adds to them.
    replace
        With `store`: start over where another sweep stands already.
    progress
        Whether to show a bar on a terminal's standard error; "json": a line of JSON a second there.

    Returns
    -------
    Sweep

    Raises
    ------
    ScenarioError
        If the scenario, the design or the scenario at a point cannot be used; it lists every problem.
    StorageError
        If the folder holds something else than this sweep, or cannot be written.
    TypeError, ValueError
        If a number is not whole or out of its range, or both `over` and `design` are given, or none.

    Examples
    --------
    >>> import tensionsim as ts
    >>> s = ts.sweep("norland-suderia", {"actors.norland.rhetoric": "0.1:0.9:3"}, runs=10, seed=7)
    >>> s.table["rhetoric"].tolist()
    [0.1, 0.5, 0.9]
    """
    check_known("sweep", how, HowOfSweep.__annotations__)
    store, over_again = how.pop("store", None), how.pop("replace", False)
    if over_again and store is None:
        raise ValueError("replace goes with store: without a folder there is nothing to replace")
    report = Report()
    made = draft_given(over, design, report)
    ways = ways_of(How(**how))
    base = base_of(lambda: scenario_of(scenario), report)
    planned = plan(base, made, report, runs=runs, seed=seed, baseline=baseline)
    return carry_out(planned, ways, Kept(store=None if store is None else Path(store), replace=over_again))


def carry_out(made: Plan, ways: Ways, kept: Kept) -> Sweep:
    """Runs a plan; what is stored already is not run again.

    Raises
    ------
    StorageError
        If the folder holds something else, or cannot be written.
    TensionSimError
        If the runs of a point do not fit into memory, or its workers died.
    Interrupted
        On Ctrl-C.
    """
    store = kept.store
    if store is None:
        return _found(made, ways, kept)
    sweep_folders.check(store, replace=kept.replace, over_again=kept.over_again)
    sweep_folders.prepare(store)
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(store))
        except OSError as failure:
            return _finished(made, kept, failure)
        sweep_storage.begin(made, store, kept.command, replace=kept.replace, over_again=kept.over_again)
        with _told(store, len(made.points)):
            found = _found(made, ways, kept)
            sweep_storage.finish(found, store, kept.command)
    return found


def _finished(made: Plan, kept: Kept, failure: OSError) -> Sweep:
    """The sweep of a folder that nothing may be written to, where nothing need be."""
    store = kept.store
    refused = StorageError(f"cannot write {store}: {failure.strerror or failure}")
    if store is None or kept.replace or failure.errno not in READ_ONLY or sweep_folders.is_empty(store):
        raise refused from failure
    there = sweep_storage.kept(store)
    sweep_storage.check_same(made, there, store, kept.over_again)
    if not there.is_complete or (there.runs, there.baseline) != (made.runs, made.baseline):
        raise refused from failure
    return sweep_storage.read(store)


def resume(folder: str | Path, ways: Ways, kept: Kept) -> Sweep:
    """Goes on with the sweep of a folder where it was interrupted; `kept.store` is not looked at.

    The scenario is read again from where it was, and must still say the same.

    Raises
    ------
    StorageError
        If the folder holds no sweep, or its scenario says something else by now.
    """
    place = Path(folder)
    there = sweep_storage.kept(place)
    if not there.has_stores:
        raise StorageError(f"the sweep in {place} keeps no runs of its points; there is nothing to go on with")
    said = there.scenario
    report = Report()
    try:
        made = plan(
            base_of(lambda: load(said["path"], outlook=said["outlook"], set=said["set"]), report),
            draft(place / sweep_folders.DESIGN, report),
            report,
            runs=there.runs,
            seed=there.origin.seed,
            baseline=there.baseline,
        )
    except ScenarioError as problems:
        raise StorageError(
            f"the sweep in {place} cannot go on; put this right, or type its command again in the folder in which it "
            f"was begun:\n{problems}"
        ) from problems
    return carry_out(made, ways, replace(kept, store=place, command=sweep_storage.command_of(place) or kept.command))


@contextmanager
def _told(folder: Path, count: int) -> Iterator[None]:
    """Ctrl-C and failures to write, with what is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        done = sweep_storage.finished_points(folder)
        raise Interrupted(
            f"interrupted; {done:,} of {count:,} points are finished; go on with: tensionsim resume {folder}"
        ) from None
    except StorageError as failure:
        raise StorageError(f"{failure}\nThe whole sweep goes on with: tensionsim resume {folder}") from failure


@dataclass(frozen=True, slots=True)
class _Task:
    """A point to run: all that a worker needs to know. plan : with this point alone. store : its own folder."""

    plan: Plan
    store: Path | None
    command: str
    ways: Ways

    @property
    def scenario(self) -> Scenario:
        """The scenario at the point."""
        return scenario_at(self.plan.scenario, self.plan.design, self.plan.points[0])


@dataclass(frozen=True, slots=True)
class _Tasks(Sequence[_Task]):
    """The points of a plan as tasks, in an order; each is made when it is asked for, with no point but its own."""

    plan: Plan
    order: Sequence[int]
    kept: Kept
    ways: Ways

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: Any) -> Any:
        number, folder = self.order[place], self.kept.store
        alone = replace(self.plan, points=[self.plan.points[number]])
        store = None if folder is None else sweep_storage.point_folder(folder, number)
        return _Task(alone, store, self.kept.command, self.ways)


@dataclass(frozen=True, slots=True)
class _Done:
    """What comes of a task. last : the index of each run at the last date. said : what was found damaged."""

    outcome: Outcome
    last: Floats
    said: list[str] = field(default_factory=list)


def _found(made: Plan, ways: Ways, kept: Kept) -> Sweep:
    """The sweep of a plan, the baseline first; of other points only what is kept of them stays in memory."""
    order = [made.baseline, *(number for number in range(len(made.points)) if number != made.baseline)]
    found: dict[int, Outcome] = {}
    waiting: dict[int, _Done] = {}
    baseline: _Done | None = None
    with showing(made.runs * len(order), ways.progress) as advance:
        for place, done in _computed(made, order, ways, kept, advance):
            waiting[order[place]] = done
            baseline = done if order[place] == made.baseline else baseline
            for words in done.said:
                kept.say(words)
            if baseline is not None:
                found |= {number: _beside(each, baseline) for number, each in waiting.items()}
                waiting.clear()
    return Sweep(made, [found[number] for number in range(len(order))])


def _computed(
    made: Plan, order: Sequence[int], ways: Ways, kept: Kept, advance: Progress
) -> Iterator[tuple[int, _Done]]:
    """Place in the order and outcome of every point, as they are finished."""
    silent = replace(ways, progress="none")
    if ways.is_distant and kept.store is not None:
        # Distant workers may not see the folder: they simulate parts, and this process writes them.
        tasks, across = _Tasks(made, order, kept, silent), Ways()
    else:
        tasks, across = _Tasks(made, order, kept, Ways(chunk_runs=ways.chunk_runs)), ways
    with executor(across.jobs, across.executor, across.scheduler, tasks=len(tasks)) as workers:
        for place, done in workers.results(_done, tasks):
            advance(made.runs)
            yield place, done


def _done(task: _Task) -> _Done:
    """The outcome at a point: a pure function of the scenario's text, the seed and the number of runs."""
    said: list[str] = []
    results = _results(task, said)
    last = np.concatenate([block.record.cooperation[-1] for block in blocks(results)])
    return _Done(outcome_of(results, last), last, said)


def _results(task: _Task, said: list[str]) -> Results:
    runs, seed = task.plan.runs, task.plan.seed
    if task.store is None:
        return run(task.scenario, runs=runs, seed=seed, chunk_runs=task.ways.chunk_runs)
    keeping = Keeping(command=task.command, say=said.append)
    return fill(task.store, Ensemble(task.scenario, runs, seed, 0), task.ways, keeping)


def _beside(done: _Done, baseline: _Done) -> Outcome:
    """The outcome with its difference from the baseline put after the index at the end."""
    values = dict(done.outcome.values)
    ends = {name: values.pop(name) for name in list(values) if name.startswith("index_")}
    is_paired = are_paired(done.outcome.dates, baseline.outcome.dates)
    apart = difference(done.last, baseline.last, is_paired=is_paired)
    return replace(done.outcome, values={**ends, **apart, **values})
