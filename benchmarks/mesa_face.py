"""Times one Mesa run of ours beside one of an idiomatic Mesa model of the same size, in turns, in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import mesa
from mesa_idiomatic import IdiomaticModel

import tensionsim as ts
from tensionsim.engine import assemble, begin
from tensionsim.rng import Luck

SCENARIO = "trump2-petro-2025"
ROUNDS = 11


def main() -> None:
    """Prints the median times of both and their ratio."""
    scenario = ts.load(SCENARIO)
    start = begin(assemble(scenario), Luck(0, 0, 1))
    kinds: dict[str, Callable[[int], mesa.Model]] = {
        "tensionsim": lambda run: ts.TensionModel(scenario, run=run),
        "idiomatic": lambda run: IdiomaticModel(start, rng=run),
    }
    made: dict[str, list[float]] = {name: [] for name in kinds}
    stepped: dict[str, list[float]] = {name: [] for name in kinds}
    for run in range(ROUNDS):
        for name, build in kinds.items():
            begun = time.perf_counter()
            model = build(run)
            built = time.perf_counter()
            model.run_model()
            made[name].append(built - begun)
            stepped[name].append(time.perf_counter() - built)
    print(f"Mesa {mesa.__version__}, {SCENARIO}: medians of {ROUNDS} runs, in turns, ms")
    print(f"{'':12}{'build':>8}{'steps':>8}{'whole':>8}")
    whole = {name: [one + other for one, other in zip(made[name], stepped[name], strict=True)] for name in kinds}
    for name in kinds:
        times = [1000.0 * statistics.median(column[name]) for column in (made, stepped, whole)]
        print(f"{name:12}" + "".join(f"{value:8.1f}" for value in times))
    ratios = [mine / other for mine, other in zip(whole["tensionsim"], whole["idiomatic"], strict=True)]
    print(f"tensionsim takes {statistics.median(ratios):.2f} times as long as the idiomatic model")


if __name__ == "__main__":
    main()
