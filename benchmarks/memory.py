"""What an ensemble needs: peak memory, time and disk, stored and in memory, at more and more runs.

    python benchmarks/memory.py [--million] [--scratch DIR] [--write]

Each is a process of its own, whose peak the system itself tells. Stored, it is the command that a user types; its
folder is deleted afterwards. `--write` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import machine
import page

SCENARIO = "trump2-petro-2025"
SIZES, MILLION = (1_000, 10_000, 100_000), 1_000_000
MIB = 2.0**20
BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024
STORED, IN_MEMORY = "`tensionsim run … -o DIR`", "`ts.run(…)`, in memory"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took; `refusal` is the last thing that it said where it failed."""

    peak_bytes: float
    seconds: float
    disk_bytes: int = 0
    refusal: str | None = None


def main() -> None:
    """Measures all sizes, prints a table, and writes it where asked."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--million", action="store_true", help="store a million runs, too")
    words.add_argument("--scratch", type=Path, default=None, help="where stores are put (default: the system's place)")
    words.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    chosen = words.parse_args()
    costs: dict[tuple[str, int], Cost] = {}
    for runs in (*SIZES, *((MILLION,) if chosen.million else ())):
        with tempfile.TemporaryDirectory(dir=chosen.scratch) as scratch:
            costs[STORED, runs] = stored(runs, Path(scratch))
        print(f"{runs:>9,} stored: {costs[STORED, runs]}", file=sys.stderr)
        if runs < MILLION:
            costs[IN_MEMORY, runs] = in_memory(runs)
            print(f"{runs:>9,} in memory: {costs[IN_MEMORY, runs]}", file=sys.stderr)
    passages = {"memory": table(costs), "memory-machine": f"Measured on: {machine.described()}."}
    for passage in passages.values():
        print(passage, end="\n\n")
    if chosen.write:
        page.write(passages)


def stored(runs: int, scratch: Path) -> Cost:
    """What the command takes that simulates and stores so many runs."""
    folder = scratch / "store"
    command = ["-m", "tensionsim", "run", SCENARIO, "--runs", str(runs), "-q", "-o", str(folder)]
    cost = process(command)
    disk = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) if folder.exists() else 0
    return Cost(cost.peak_bytes, cost.seconds, disk, cost.refusal)


def in_memory(runs: int) -> Cost:
    """What a Python process takes that simulates so many runs and keeps them."""
    return process(["-c", f"import tensionsim as ts; kept = ts.run({SCENARIO!r}, runs={runs})"])


def process(arguments: list[str]) -> Cost:
    """What a fresh Python takes; where it starts others, the peak is that of the largest.

    The system counts what this process had in memory when it started the other: so nothing large is imported here.
    """
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        taken = time.perf_counter() - begun
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
    failed = child.returncode != 0
    refusal = (lines or [f"exit {child.returncode}"])[-1] if failed else None
    return Cost(usage.ru_maxrss * BYTES_PER_MAXRSS, taken, refusal=refusal)


def table(costs: dict[tuple[str, int], Cost]) -> str:
    """The costs as a table."""
    rows = []
    for (how, runs), cost in sorted(costs.items(), key=lambda pair: (pair[0][0] != STORED, pair[0][1])):
        disk = f"{cost.disk_bytes / MIB:,.1f}" if cost.disk_bytes else ""
        told = [f"{cost.peak_bytes / MIB:,.0f}", f"{cost.seconds:,.1f}", disk]
        rows.append([how, f"{runs:,}", *(told if cost.refusal is None else [f"refused: {cost.refusal}", "", ""])])
    return page.table(["how", "runs", "peak memory, MiB", "seconds", "disk, MiB"], rows)


if __name__ == "__main__":
    main()
