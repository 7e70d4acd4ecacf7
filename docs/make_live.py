"""What watch.md and play.md show: commands and what they print. Run it where results have changed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import passages

DOCS = Path(__file__).resolve().parent
WATCHED, PLAYED = "us-colombia-2017", "status-quo"
PAGES = (DOCS / "watch.md", DOCS / "play.md")
MADE_FROM = (WATCHED, PLAYED, "history", "fit")
COLUMNS = 100

MONTHS = ("2024-10-31", "2024-11-30", "2024-12-31", "2025-01-31")
"""Cut from the shipped history, and told one by one."""
LATER, UNKNOWN, LOST, ROWS = "2025-02-28", 20, 40, 100
"""A later file: its last day; from the end the row that the month before lacks, that which it lacks, and all it has."""

SESSION = """offer_talks on drugs
ofer_talks on drugs

go 2026-02-01
back 2025-11-11
offer_talks on drugs, praise on migration
end
"""
LINES = """offer_talks on drugs
return_ambassador on moon
go 2026-02-01
"""
MOST_LETTERS = 300


def main() -> None:
    """Writes what the commands print into the pages."""
    for page in PAGES:
        passages.write(page, made(page), passages.fingerprint(__file__, MADE_FROM))


def made(page: Path) -> dict[str, str]:
    """The passages of a page by name."""
    return watched() if page.stem == "watch" else played()


@cache
def watched() -> dict[str, str]:
    """Four months of a living forecast, what a corrected file changes, and what lies in the folder."""
    import tensionsim as ts
    from tensionsim.events.history import table_text

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for month in MONTHS[:-1]:
            run(folder, "watch", WATCHED, "--until", month, "-o", "living")
        told = {}
        for month, missing in ((MONTHS[-1], UNKNOWN), (LATER, LOST)):
            header, *rows = table_text(ts.curated_history().until(month)).splitlines()
            del rows[-missing]
            (folder / "news.csv").write_text("\n".join([header, *rows[-ROWS:], ""]), encoding="utf-8")
            told[month] = run(folder, "watch", WATCHED, "--events", "news.csv", "--until", month, "-o", "living")
        files = sorted(path for path in (folder / "living").rglob("*") if path.is_file())
        sizes = [f"{path.relative_to(folder)}  {path.stat().st_size / 1000:.0f} kB" for path in files]
        forecast = (folder / "living" / "forecasts" / "2024-12-30.csv").read_text(encoding="utf-8").splitlines()
    heading, late = told[LATER][:3], told[LATER].index("Corrections, the last of 2")
    return {
        "month": fenced(told[MONTHS[-1]]),
        "corrected": fenced([*heading, *told[LATER][late : late + 3], "..."]),
        "folder": fenced(sizes),
        "forecast": fenced(forecast[:5]),
    }


@cache
def played() -> dict[str, str]:
    """A session of a person, and one of a program, whose lines are cut short."""
    with tempfile.TemporaryDirectory() as name:
        session = run(Path(name), "play", PLAYED, "--as", "bogota", "--seed", "7", typed=SESSION)
        lines = run(Path(name), "play", PLAYED, "--as", "bogota", "--seed", "7", "--protocol", typed=LINES)
    cut = [line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]} ..." for line in lines]
    return {"session": fenced(session), "protocol": fenced(cut)}


def run(folder: Path, *command: str, typed: str = "") -> list[str]:
    """Runs the command in a folder; gives the lines that it prints."""
    here = {"PYTHONPATH": str(DOCS.parent / "src"), "PYTHONIOENCODING": "utf-8", "COLUMNS": str(COLUMNS)}
    line, how = [sys.executable, "-m", "tensionsim", *command], {"cwd": folder, "env": os.environ | here}
    done = subprocess.run(line, input=typed, check=True, stdout=subprocess.PIPE, encoding="utf-8", **how)
    return done.stdout.splitlines()


def fenced(lines: list[str]) -> str:
    """The lines as a block."""
    return "\n".join(["```text", *lines, "```"])


if __name__ == "__main__":
    main()
