"""What the pages on all futures at once show of the command: run it where results have changed, some ten minutes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import passages

DOCS = Path(__file__).resolve().parent
COLUMNS = 96
MADE_FROM = ("status-quo", "trump2-petro-2025", "left-stays", "right-turn", "managed")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command, and what a page shows of it: from a line that begins so, until one that begins so, some of a table."""

    command: str
    since: str = ""
    until: str = ""
    rows: int = 0


CRISIS = 'discover status-quo --of "lasting crisis" --never'
VARIED = {
    "bogota.stances.drugs": "0.15:0.95",
    "bogota.rhetoric": "0.1:0.9",
    "bogota.insulation": "0.1:0.95",
    "bogota.reciprocity": "0.2:1.2",
    "washington.rhetoric": "0.15:0.9",
    "washington.confrontation": "0.4:1.3",
}
ADVICE = Shown("advise status-quo --strategies strategies/bogota")
TURNS = ("leaders.left-wing-successor.stances.venezuela", "actors.washington.stances.venezuela")
TURNS += ("actors.washington.stances.drugs", "leaders.left-wing-successor.rhetoric")

PAGES: dict[Path, dict[str, Shown]] = {
    DOCS / page: shown
    for page, shown in {
        "sensitivity.md": {
            "drivers": Shown("sensitivity status-quo", rows=8),
            "of-crisis": Shown(
                'sensitivity status-quo --of "lasting crisis" --over joint --over actors.washington.rhetoric'
                " --over actors.bogota.rhetoric --over actors.bogota.insulation"
            ),
            "ranking": Shown(
                "sensitivity left-stays --outlooks left-stays right-turn --size 9 "
                + " ".join(f"--over {path}" for path in TURNS)
            ),
        },
        "structures.md": {"spread": Shown("sensitivity status-quo --method spread --structures fitted")},
        "discovery.md": {"box": Shown(f"{CRISIS} --write box.yaml")},
        "advice.md": {"strategies": ADVICE},
        "early-warning.md": {"warning": Shown("warn trump2-petro-2025 --runs 4000")},
        "settlement.md": {
            "bargaining": Shown("settle emission.csv --rounds 3"),
            "beside": Shown(
                "settle emission.csv --rounds 2 --scenario norland-suderia --issue fisheries --runs 100",
                since="Cooperation",
            ),
        },
        "lasting-crisis.md": {
            "box": Shown(CRISIS, until="Trajectory"),
            "varied": Shown(
                " ".join([CRISIS, *(f"--over actors.{path}={values}" for path, values in VARIED.items())]),
                until="Trajectory",
            ),
            "strategies": ADVICE,
        },
    }.items()
}


def main() -> None:
    """Writes what the commands print into the pages."""
    for page in PAGES:
        passages.write(page, made(page), passages.fingerprint(__file__, MADE_FROM))


def made(page: Path) -> dict[str, str]:
    """The passages of a page by name."""
    return {name: "\n".join(["```text", *lines(shown), "```"]) for name, shown in PAGES[page].items()}


def lines(shown: Shown) -> Iterator[str]:
    """The command, and the lines of it that are shown."""
    printed = [line.rstrip() for line in output(shown.command).splitlines()]
    if shown.until:
        del printed[place(printed, shown.until) :]
    if shown.since:
        printed[: place(printed, shown.since)] = ["..."]
    if shown.rows:
        head = place(printed, "Factor")
        printed[head + 1 + shown.rows : printed.index("", head)] = ["..."]
    yield from wrapped(f"$ tensionsim {shown.command}")
    yield from "\n".join(printed).strip().splitlines()


def place(printed: list[str], begin: str) -> int:
    """The first line that begins so."""
    return next(row for row, line in enumerate(printed) if line.startswith(begin))


def wrapped(command: str) -> Iterator[str]:
    """A command in lines that a page holds, broken before options."""
    line, *options = command.split(" --")
    for option in options:
        if len(line) + len(option) + 3 > COLUMNS:
            yield f"{line} \\"
            line = "   "
        line += f" --{option}"
    yield line


@cache
def output(command: str) -> str:
    """What a command prints, in a folder of its own beside the pages' files."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "emission.csv").write_bytes((DOCS / "emission.csv").read_bytes())
        here = {"PYTHONPATH": str(DOCS.parent / "src"), "PYTHONIOENCODING": "utf-8", "COLUMNS": str(COLUMNS)}
        run = [sys.executable, "-m", "tensionsim", *shlex.split(command)]
        done = subprocess.run(run, cwd=folder, env=os.environ | here, check=True, capture_output=True, encoding="utf-8")
    return done.stdout


if __name__ == "__main__":
    main()
