"""What worker processes gain, and from how many runs on; run with `make bench`.

The same ensemble is computed in this process and by two workers, in turns, so that a noisy machine is noisy for both.
Starting the workers counts: whoever asks for `--jobs 2` waits for it. Wall time depends on what else the machine does;
processor time, of this process and its workers together, says what the second job costs.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import tensionsim as ts

SCENARIO = "trump2-petro-2025"
ROUNDS = 5
SIZES = (1_000, 4_000, 10_000)


def costs(scenario: ts.Scenario, runs: int, jobs: int, *, is_kept: bool) -> tuple[float, float]:
    """Wall time and processor time of an ensemble, in seconds; with more than one job, workers are started anew."""
    executor = "processes" if jobs > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "store") if is_kept else None
        wall, processor = time.perf_counter(), sum(os.times()[:4])
        ts.run(scenario, runs=runs, jobs=jobs, executor=executor, store=store)
        return time.perf_counter() - wall, sum(os.times()[:4]) - processor


def main() -> None:
    """Measures all sizes in turns and prints medians of the ratios of two jobs to one."""
    scenario = ts.load(SCENARIO)
    costs(scenario, 100, 1, is_kept=True)
    print(f"{SCENARIO}, two jobs to one: medians of {ROUNDS} rounds, with their range")
    for is_kept in (False, True):
        for runs in SIZES:
            one, two = [], []
            for _ in range(ROUNDS):
                one.append(costs(scenario, runs, 1, is_kept=is_kept))
                two.append(costs(scenario, runs, 2, is_kept=is_kept))
            wall, processor = (
                sorted(of_two[place] / of_one[place] for of_one, of_two in zip(one, two, strict=True))
                for place in (0, 1)
            )
            print(
                f"{'in a store' if is_kept else 'in memory':10} {runs:7,} runs: "
                f"wall time {statistics.median(wall):.2f} ({wall[0]:.2f} to {wall[-1]:.2f}), "
                f"processor time {statistics.median(processor):.2f} ({processor[0]:.2f} to {processor[-1]:.2f})"
            )


if __name__ == "__main__":
    main()
