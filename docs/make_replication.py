"""What replication.md shows, published beside obtained: run `python docs/make_replication.py FILE` after a change.

FILE holds the events of ISR and PSE, 1979 to 2011, which are not shipped; without it their table stays as it is. Fifty
histories are simulated and fitted, which takes some minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import passages
import tensionsim as ts
from tensionsim.cli.commands_data import shown, verdict
from tensionsim.replication import LEVELS, Check, Replication

PAGE = Path(__file__).resolve().parent / "replication.md"
DYAD, SCALE = ("ISR", "PSE"), "keds"
MADE_FROM = ("norland-suderia", "fit")
"""What stands for the engine and the fit: the studies make scenarios of their own."""


def main(arguments: Sequence[str]) -> None:
    """Computes everything and writes the tables into the page."""
    events = ts.read_events(arguments[0], dyad=DYAD, scale=SCALE) if arguments else None
    tables = made(ts.replicate(events=events, jobs="auto", progress=True))
    passages.write(PAGE, tables, passages.fingerprint(__file__, MADE_FROM))


def made(found: Replication) -> dict[str, str]:
    """The tables of a replication by name; none of a study that was skipped as a whole."""
    tables = {}
    for outcome in found.outcomes:
        if outcome.study.name == "recovery":
            overall = len(LEVELS)
            tables["recovery"] = beside(outcome.checks[:overall])
            tables["coefficients"] = by_coefficient(outcome.checks[overall:])
        elif outcome.checks:
            tables[outcome.study.name] = beside(outcome.checks)
    return tables


def beside(checks: Sequence[Check]) -> str:
    """Published beside obtained."""
    rows = ((one.quantity, shown(one.published), shown(one.obtained), verdict(one)) for one in checks)
    return passages.table(["quantity", "published", "obtained", "agrees"], rows)


def by_coefficient(checks: Sequence[Check]) -> str:
    """Coverage of each coefficient's intervals, the levels side by side."""
    rows = []
    for first in range(0, len(checks), len(LEVELS)):
        here = checks[first : first + len(LEVELS)]
        held = [shown(one.obtained).partition(" ")[0] for one in here]
        agrees = [verdict(one) for one in here]
        rows.append((f"`{here[0].quantity.partition(': ')[2]}`", *held, " ".join(dict.fromkeys(agrees))))
    return passages.table(["coefficient", *(f"in {level} % intervals" for level in LEVELS), "agrees"], rows)


if __name__ == "__main__":
    main(sys.argv[1:])
