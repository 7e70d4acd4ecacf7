"""What README.md shows of the first command: its picture and its words. Run it where results have changed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import passages
import pictures

DOCS = Path(__file__).resolve().parent
PAGE = DOCS.parent / "README.md"

DEMO = "trump2-petro-2025"
MADE_FROM = (DEMO,)
COLUMNS, WIDTH = 80, 1000
SHOWN_MOVERS = 4


def main() -> None:
    """Runs the command, keeps its picture and writes its words into the page."""
    with tempfile.TemporaryDirectory() as folder:
        words = run(Path(folder))
        pictures.shrink(Path(folder) / "results" / DEMO / "overview.png", "overview", width=WIDTH)
    passages.write(PAGE, {"terminal": fenced(words)}, passages.fingerprint(__file__, MADE_FROM))


def made() -> dict[str, str]:
    """The command's words by name."""
    with tempfile.TemporaryDirectory() as folder:
        return {"terminal": fenced(run(Path(folder)))}


def run(folder: Path) -> list[str]:
    """Runs what `make demo` runs, in a folder; gives the lines that it prints."""
    command = [sys.executable, "-m", "tensionsim", "run", DEMO, "-o", f"results/{DEMO}"]
    here = {"PYTHONPATH": str(DOCS.parent / "src"), "PYTHONIOENCODING": "utf-8", "COLUMNS": str(COLUMNS)}
    done = subprocess.run(command, cwd=folder, env=os.environ | here, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.splitlines()


def fenced(lines: list[str]) -> str:
    """The lines as a block, the list of movers cut short."""
    first = next(row for row, line in enumerate(lines) if line.startswith("What moved the index"))
    after = next(row for row in range(first, len(lines)) if not lines[row])
    shown = [*lines[: first + 1 + SHOWN_MOVERS], "  ...", *lines[after:]]
    return "\n".join(["```text", *shown, "```"])


if __name__ == "__main__":
    main()
