"""How long an ensemble takes, beside Mesa, AgentPy and plain C: the same scenario, in turns, in one process.

    python benchmarks/ensembles.py [--runs N] [--rounds N] [--write]

Every contestant simulates the same weeks of the same scenario, uncertain numbers at their estimates, and keeps what it
recorded in memory. Reading the file and importing do not count; ours then still assembles its world, the others find
theirs ready. Slow ones get fewer runs, and all are compared by the run. Each round goes through all of them; medians of
the times and of the rounds' ratios are reported, so that a noisy machine is noisy for all. Before, the C program shows
that it computes the same: its ensemble must come from the distribution of ours. `--write` puts the tables into
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import agreement
import machine
import mesa
import page
import plain
from mesa_idiomatic import BatchModel, Country, ThriftyCountry

import tensionsim as ts
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import begin
from tensionsim.engine.world import World
from tensionsim.rng import RandomStreams

SCENARIO = "trump2-petro-2025"
RUNS, ROUNDS, SLOW_RUNS, FACE_RUNS, CHECKED_RUNS, SAME_SEED_RUNS = 10_000, 7, 100, 40, 10_000, 1000
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
OURS, TWO_JOBS, DRAWN = "tensionsim", "tensionsim, 2 jobs", "tensionsim, uncertain numbers drawn"
IDIOMATIC, PLAIN = "idiomatic Mesa, `batch_run`", "plain C, `cc -O3`"
LEAST_TIMES_MESA, LEAST_WITH_TWO_JOBS, MOST_TIMES_C = 200.0, 300.0, 1.3


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who takes part: how many runs it is given, and what simulates them and returns the seconds that it took."""

    name: str
    runs: int
    seconds: Callable[[int, int], float]


@dataclass(frozen=True, slots=True)
class Absent:
    """Who cannot take part, and why."""

    name: str
    reason: str


def main() -> None:
    """Checks, measures, prints, and writes where asked."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--runs", type=int, default=RUNS, help=f"runs of the quick ones (default: {RUNS:,})")
    words.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often all take their turn (default: {ROUNDS})")
    words.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    chosen = words.parse_args()
    keep_to_one_thread()
    world = assemble(ts.load(SCENARIO).without_draws())
    with tempfile.TemporaryDirectory() as scratch:
        passages = dict(made(world, Path(scratch), chosen.runs, chosen.rounds))
    for passage in passages.values():
        print(passage, end="\n\n")
    if chosen.write:
        page.write(passages)


def keep_to_one_thread() -> None:
    """Starts this process anew where NumPy's matrix products might take several threads."""
    if any(os.environ.get(name) != "1" for name in THREADS):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | dict.fromkeys(THREADS, "1"))


def made(world: World, scratch: Path, runs: int, rounds: int) -> Iterator[tuple[str, str]]:
    """The passages of the page by name."""
    yield "same-model", same_model(world, scratch)
    field = [*ours(world, runs), *of_mesa(world), of_agentpy(world), *of_c(world, scratch, runs)]
    taking_part = [one for one in field if isinstance(one, Contestant)]
    times = measured(taking_part, rounds)
    yield "ensembles", table(field, times)
    yield "targets", targets(times)
    yield "machine", f"Measured on: {machine.described(('numpy', 'mesa', 'agentpy'), plain.compiler())}."


def ours(world: World, runs: int) -> Iterator[Contestant]:
    """Our own ensemble, in this process, in two that start anew each time, and with uncertain numbers drawn."""
    scenario, drawn = world.scenario, ts.load(SCENARIO)
    yield Contestant(OURS, runs, lambda count, at: timed(lambda: ts.run(scenario, runs=count, seed=at)))
    yield Contestant(TWO_JOBS, runs, lambda count, at: timed(lambda: ts.run(scenario, runs=count, seed=at, jobs=2)))
    if drawn.text != scenario.text:
        yield Contestant(DRAWN, runs, lambda count, at: timed(lambda: ts.run(drawn, runs=count, seed=at)))


def of_mesa(world: World) -> Iterator[Contestant]:
    """Mesa's `batch_run`: of our Mesa face, and of the idiomatic models."""
    start = begin(world, RandomStreams(0, 0, 1))
    yield Contestant(
        "tensionsim's own Mesa model, `batch_run`",
        FACE_RUNS,
        lambda count, at: batch(ts.TensionModel, {"scenario": world}, count, world.steps),
    )
    kinds: dict[str, type[Country]] = {IDIOMATIC: Country, "the same, directions only where one acts": ThriftyCountry}
    for name, kind in kinds.items():
        settings = {"start": start, "kind": kind}
        yield Contestant(
            name, SLOW_RUNS, lambda count, at, given=settings: batch(BatchModel, given, count, world.steps)
        )


def batch(model: type[mesa.Model], settings: Mapping[str, object], runs: int, steps: int) -> float:
    """Seconds of Mesa's `batch_run`, with every date kept."""
    given = {**settings, "run": range(runs)}
    taken = timed(
        lambda: mesa.batch_run(model, given, max_steps=steps, data_collection_period=1, display_progress=False)
    )
    # Mesa 3.3 keeps every model with agents alive in this table, which would burden whoever comes next.
    getattr(mesa.Agent, "_ids", {}).clear()
    return taken


def of_agentpy(world: World) -> Contestant | Absent:
    """AgentPy's `Experiment` of the idiomatic model."""
    name = "AgentPy, the same equations, `Experiment`"
    if machine.version("agentpy") is None:
        return Absent(name, "not installed: `pip install 'tensionsim[bench]'`")
    from agentpy_idiomatic import experiment

    start = begin(world, RandomStreams(0, 0, 1))
    return Contestant(name, SLOW_RUNS, lambda count, at: timed(lambda: experiment(start, count, at)))


def of_c(world: World, scratch: Path, runs: int) -> Iterator[Contestant | Absent]:
    """The plain C program, compiled with and without the machine's own instructions."""
    if plain.compiler() is None:
        yield Absent("plain C", "no C compiler on this machine")
        return
    for flags in (plain.FLAGS, ("-O3",)):
        program = plain.build(world, scratch, flags=flags)
        name = f"plain C, `cc {' '.join(flags)}`"
        yield Contestant(name, runs, lambda count, at, built=program: built.seconds(count, at * count))


def timed(do: Callable[[], object]) -> float:
    """Seconds that something takes, with what it returns let go only afterwards."""
    begun = time.perf_counter()
    kept = do()
    taken = time.perf_counter() - begun
    del kept
    return taken


def measured(field: list[Contestant], rounds: int) -> dict[str, list[float]]:
    """Milliseconds a run, by contestant and round; a short turn before the first warms all up."""
    for one in field:
        one.seconds(max(2, one.runs // 50), 0)
    times: dict[str, list[float]] = {one.name: [] for one in field}
    for at in range(rounds):
        for one in field:
            gc.collect()
            times[one.name].append(1000.0 * one.seconds(one.runs, at) / one.runs)
            print(f"round {at + 1} of {rounds}: {times[one.name][-1]:9.4f} ms a run  {one.name}", file=sys.stderr)
    return times


def ratio(times: Mapping[str, list[float]], one: str, other: str) -> float:
    """How many times as long `one` takes as `other`: the median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(times[one], times[other], strict=True))


def table(field: list[Contestant | Absent], times: Mapping[str, list[float]]) -> str:
    """Medians and ratios as a table."""
    rows = []
    for one in field:
        if isinstance(one, Absent):
            rows.append([one.name, one.reason, "", "", ""])
            continue
        median, beside = statistics.median(times[one.name]), ratio(times, one.name, OURS)
        rows.append([one.name, f"{one.runs:,}", figures(median), figures(1000.0 / median), figures(beside)])
    return page.table(["who", "runs timed", "ms a run", "runs a second", "time, ours = 1"], rows)


def targets(times: Mapping[str, list[float]]) -> str:
    """What was aimed at, and what came of it."""
    rows = [
        [
            f"at least {LEAST_TIMES_MESA:.0f} times as quick as {IDIOMATIC}",
            f"{figures(ratio(times, IDIOMATIC, OURS))} times",
        ],
        [f"the same with two jobs, {LEAST_WITH_TWO_JOBS:.0f}", f"{figures(ratio(times, IDIOMATIC, TWO_JOBS))} times"],
    ]
    if PLAIN in times:
        rows.append([f"within {MOST_TIMES_C:.1f} times {PLAIN}", f"{figures(ratio(times, OURS, PLAIN))} times"])
    return page.table(["target", "measured"], rows)


def same_model(world: World, scratch: Path) -> str:
    """Whether the C program's ensembles are ours; SystemExit where they are not."""
    if plain.compiler() is None:
        return "There was no C compiler, so there is no C program to check."
    apart = {seed: plain.build(world, scratch, seed=seed) for seed in (0, 1)}
    found = agreement.by_run(ts.run(world.scenario, runs=CHECKED_RUNS, seed=0).record)
    scores = agreement.z_scores(found, apart[1].record(CHECKED_RUNS))
    count, worst, limit = sum(one.size for one in scores.values()), agreement.largest(scores), agreement.bound(scores)
    first = {name: values[:SAME_SEED_RUNS] for name, values in found.items()}
    alike = agreement.alike(first, apart[0].record(SAME_SEED_RUNS))
    quantiles = abs(scores["quantiles"]).max()
    told = (
        f"The C program and tensionsim, {CHECKED_RUNS:,} runs each under different seeds, compared in {count:,} means "
        f"and shares: the largest |z| is {worst:.2f}, among the index's quantiles {quantiles:.2f} (one pair of like "
        f"ensembles in {1 / agreement.CHANCE:,.0f} has one above {limit:.2f}). Under one seed, {alike:,} of "
        f"{SAME_SEED_RUNS:,} runs have the same index on every date, to 1e-9."
    )
    if worst > limit:
        where = max(scores, key=lambda name: abs(scores[name]).max())
        raise SystemExit(f"{told}\nThe C program computes something else, most of all in {where}: no yardstick.")
    return told


def figures(value: float) -> str:
    """A number with three significant figures."""
    return f"{value:,.0f}" if value >= 100.0 else f"{value:#.3g}"


if __name__ == "__main__":
    main()
