"""The numbers of paper.md, copied from pages whose scripts make them: run `python docs/make_paper.py` after those."""

from __future__ import annotations

import re
from pathlib import Path

import passages

DOCS = Path(__file__).resolve().parent
PAPER = DOCS.parent / "paper.md"


def main() -> None:
    """Writes the table into the paper."""
    passages.write(PAPER, {"numbers": passages.table(["what", "measured", "where"], rows())})


def rows() -> list[tuple[str, str, str]]:
    """What is said, the number, and the page that it is from."""
    speed = cells("benchmarks.md", "ensembles")
    skill, verdicts = cells("backtesting.md", "dyad-summary"), claims()
    ours, mesa = speed["tensionsim"], speed["idiomatic Mesa, `batch_run`"]
    crisis = cells("forecast-2025.md", "odds")["in crisis (below 35) at any time"][1]
    return [
        (
            "runs of 81 weeks a second, one thread; beside an idiomatic Mesa model",
            f"{ours[2]}; {float(mesa[3]):.0f} times",
            "docs/benchmarks.md",
        ),
        ("analysts' claims that show in runs, clearly or weakly", verdicts, "docs/claims.md"),
        (
            "forecasts of the dyad, 2020 to 2025: targets and horizons where the model beats every plain method",
            skill["model"][0],
            "docs/backtesting.md",
        ),
        (
            "chance given at the end of 2024 to a crisis in 2025, which came",
            crisis.removesuffix(" of runs"),
            "docs/forecast-2025.md",
        ),
    ]


def cells(page: str, passage: str) -> dict[str, list[str]]:
    """The rows of a made table by their first cell."""
    lines = passages.read(DOCS / page)[passage].splitlines()[2:]
    split = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {first: rest for first, *rest in split}


def claims() -> str:
    """How many of the claims show."""
    line = re.search(r"^Verdicts: (.*)\.$", (DOCS / "claims.md").read_text(encoding="utf-8"), re.MULTILINE)
    counts = dict(re.findall(r"([\w ]+) \((\d+)\)", line[1])) if line else {}
    total = sum(map(int, counts.values()))
    return f"{counts['shown in runs']} and {counts[' shown weakly']} of {total}"


if __name__ == "__main__":
    main()
