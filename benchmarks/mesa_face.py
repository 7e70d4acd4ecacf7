"""Times one Mesa run of ours beside an idiomatic Mesa model of the same size, in turns, in one process.

Each starts from what can be kept between runs: ours from the assembled world, the other from the state at the start
that ours has worked out from the observed history, which ours does anew in every run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import mesa
from mesa_idiomatic import IdiomaticModel, ThriftyCountry

import tensionsim as ts
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import begin
from tensionsim.rng import RandomStreams

SCENARIO = "trump2-petro-2025"
ROUNDS = 11
OURS, IDIOMATIC, THRIFTY = "tensionsim", "idiomatic", "idiomatic, thrifty"


def main() -> None:
    """Prints the median times of all and their ratios."""
    world = assemble(ts.load(SCENARIO))
    start = begin(world, RandomStreams(0, 0, 1))
    kinds: dict[str, Callable[[int], mesa.Model]] = {
        OURS: lambda run: ts.TensionModel(world, run=run),
        IDIOMATIC: lambda run: IdiomaticModel(start, rng=run),
        THRIFTY: lambda run: IdiomaticModel(start, rng=run, kind=ThriftyCountry),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for run in range(ROUNDS):
        for name, build in kinds.items():
            times[name].append(timed(build, run))
    print(f"Mesa {mesa.__version__}, {SCENARIO}, {world.steps} steps: medians of {ROUNDS} runs in turns, ms")
    print(f"{'':20}{'build':>8}{'steps':>8}{'whole':>8}")
    for name, found in times.items():
        columns = [*zip(*found, strict=True), [sum(each) for each in found]]
        print(f"{name:20}" + "".join(f"{1000.0 * statistics.median(column):8.1f}" for column in columns))
    for other in (IDIOMATIC, THRIFTY):
        ratios = [sum(mine) / sum(theirs) for mine, theirs in zip(times[OURS], times[other], strict=True)]
        print(f"{OURS} takes {statistics.median(ratios):.2f} times as long as {other}")


def timed(build: Callable[[int], mesa.Model], run: int) -> tuple[float, float]:
    """Seconds to build a model, and to run it."""
    begun = time.perf_counter()
    model = build(run)
    built = time.perf_counter()
    model.run_model()
    return built - begun, time.perf_counter() - built


if __name__ == "__main__":
    main()
