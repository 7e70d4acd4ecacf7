"""What is aimed at and what comes of it: whole processes, memory, jobs and one Mesa run, each beside its yardstick.

    python benchmarks/targets.py [--rounds N] [--scratch DIR] [--write]

Both sides of a ratio take turns, so that a noisy machine is noisy for both, and medians of the rounds' ratios are
reported. That two jobs have to start is left out: each is timed with many runs and with few, and the difference counts.
Ensembles beside Mesa and C stand in `ensembles.py`. `--write` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import page
from memory import MIB, process

SCENARIO = "trump2-petro-2025"
ROUNDS, RUNS, FEW, MANY = 5, 10_000, 2_000, 22_000
KEPT = {"all": None, "summary": 150, "index": 40}
"""Most MiB that 10,000 runs in memory may take beyond what one takes, by what is kept."""

Row = tuple[str, str, str]


def main() -> None:
    """Measures all rows, prints them, and writes them where asked."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often all take their turn (default: {ROUNDS})")
    words.add_argument("--scratch", type=Path, default=None, help="where stores are put (default: the system's place)")
    words.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    chosen = words.parse_args()
    rows: list[Row] = []
    for measure in (commands, memory, one_run, jobs):
        for row in measure(chosen.rounds, chosen.scratch):
            print(" | ".join(row), file=sys.stderr)
            rows.append(row)
    table = page.table(["what", "to reach", "measured"], rows)
    print(table)
    if chosen.write:
        page.write({"whole": table})


def commands(rounds: int, scratch: Path | None) -> Iterator[Row]:
    """Whole processes of the command beside what a user's Python does anyway."""
    run = ["-m", "tensionsim", "run", SCENARIO, "--runs"]
    bare, imports = ["-c", "pass"], ["-c", "import numpy, pandas, matplotlib.pyplot"]
    in_memory = ["-c", f"import tensionsim as ts; ts.run({SCENARIO!r}, runs={RUNS})"]
    helped = turns(rounds, lambda: fresh(["-m", "tensionsim", "--help"]), lambda: fresh(bare))
    beyond = 1000.0 * statistics.median(one - other for one, other in zip(*helped, strict=True))
    yield "`tensionsim --help` beyond a bare Python", "about 100 ms", f"{beyond:.0f} ms"
    short = turns(rounds, lambda: fresh([*run, "1000"]), lambda: fresh(imports))
    yield "`run` of 1,000 beside the imports of numpy, pandas, pyplot", "1.0 times", f"{ratio(*short):.2f} times"

    def stored() -> float:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            return fresh([*run, str(RUNS), "-q", "-o", f"{folder}/kept"])

    kept = turns(rounds, stored, lambda: fresh(in_memory))
    yield f"`run -o` of {RUNS:,} beside the same in memory", "1.5 times", f"{ratio(*kept):.2f} times"


def memory(rounds: int, scratch: Path | None) -> Iterator[Row]:
    """Peak memory of many runs in memory beyond that of one run."""
    for keep, most in KEPT.items():
        peaks = [
            process(["-c", f"import tensionsim as ts; kept = ts.run({SCENARIO!r}, runs={runs}, keep={keep!r})"])
            for runs in (1, RUNS)
        ]
        beyond = (peaks[1].peak_bytes - peaks[0].peak_bytes) / MIB
        wanted = "" if most is None else f"{most} MiB"
        yield f"memory of {RUNS:,} runs in memory beyond one run's, keep {keep}", wanted, f"{beyond:,.0f} MiB"


def one_run(rounds: int, scratch: Path | None) -> Iterator[Row]:
    """One run of our Mesa model beside an idiomatic one that works out all directions, from what can be kept."""
    from mesa_idiomatic import IdiomaticModel

    import tensionsim as ts
    from tensionsim.engine.build import assemble
    from tensionsim.engine.simulation import begin
    from tensionsim.rng import RandomStreams

    world = assemble(ts.load(SCENARIO).without_draws())
    start = begin(world, RandomStreams(0, 0, 1))
    found = turns(
        2 * rounds + 1,
        lambda: timed(lambda: ts.TensionModel(world).run_model()),
        lambda: timed(lambda: IdiomaticModel(start, rng=0).run_model()),
    )
    yield "one Mesa run beside an idiomatic Mesa model", "1.4 times", f"{ratio(*found):.2f} times"


def jobs(rounds: int, scratch: Path | None) -> Iterator[Row]:
    """Two jobs beside one, once the workers are there."""
    import tensionsim as ts

    scenario = ts.load(SCENARIO)

    def seconds(runs: int, count: int, store: Path | None) -> float:
        executor = "processes" if count > 1 else None
        return timed(lambda: ts.run(scenario, runs=runs, jobs=count, executor=executor, store=store))

    def beyond_few(count: int, *, is_kept: bool) -> float:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            few, many = (seconds(runs, count, Path(folder, str(runs)) if is_kept else None) for runs in (FEW, MANY))
        return many - few

    for is_kept in (False, True):
        one, two = turns(
            rounds, lambda kept=is_kept: beyond_few(1, is_kept=kept), lambda kept=is_kept: beyond_few(2, is_kept=kept)
        )
        where = "in a store" if is_kept else "in memory"
        what = f"two jobs beside one, {MANY - FEW:,} runs {where}, workers started"
        yield what, "1.7 times as quick", f"{ratio(one, two):.2f} times"


def turns(rounds: int, *contestants: Callable[[], float]) -> list[list[float]]:
    """Seconds of each contestant, in turns; a turn before the first warms all up."""
    for one in contestants:
        one()
    rows = [[one() for one in contestants] for _ in range(rounds)]
    return [list(column) for column in zip(*rows, strict=True)]


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def fresh(arguments: list[str]) -> float:
    """Seconds of a fresh Python, which may keep what it compiles as anyone's does."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command, nowhere = [sys.executable, *arguments], subprocess.DEVNULL
    return timed(lambda: subprocess.run(command, check=True, stdout=nowhere, stderr=nowhere, env=environment))


def timed(do: Callable[[], object]) -> float:
    """Seconds that something takes, with what it returns let go only afterwards."""
    begun = time.perf_counter()
    kept = do()
    taken = time.perf_counter() - begun
    del kept
    return taken


if __name__ == "__main__":
    main()
