"""How long the command takes, as a ratio to what a user's Python would do anyway; run with `make bench`.

Two questions: does `tensionsim --help` come in about the time of `python -c pass` plus a tenth of a second, and does a
whole `tensionsim run` of 1,000 runs come in under 1.5 times the time of importing numpy, pandas and pyplot? Measured in
turns, so that a noisy machine is noisy for both; medians are compared.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 9
SCENARIO = "trump2-petro-2025"
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "tensionsim --help": ["-m", "tensionsim", "--help"],
    "import numpy, pandas, matplotlib.pyplot": ["-c", "import numpy, pandas, matplotlib.pyplot"],
    f"tensionsim run {SCENARIO}": ["-m", "tensionsim", "run", SCENARIO],
}


def seconds(arguments: list[str]) -> float:
    """Wall time of a fresh process, in seconds."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    """Measures all commands in turns and prints medians and the two comparisons."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for name, arguments in COMMANDS.items():
        seconds(arguments)
        times[name].clear()
    for _ in range(ROUNDS):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, value in median.items():
        print(f"{value * 1000:7.0f} ms  {name}")
    bare, helped, imports, run = median.values()
    print(f"--help: {(helped - bare) * 1000:.0f} ms above a bare Python (target: about 100)")
    print(f"run:    {run / imports:.2f} times the imports (target: 1.5)")


if __name__ == "__main__":
    main()
