"""Gathering: the rows of a file that are between the actors asked for, chunk by chunk; the others are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tensionsim.history.actors import BOTH, NOBODY, OTHER, Lookup
from tensionsim.history.events import Ints
from tensionsim.history.faults import Faults
from tensionsim.history.formats import OPTIONAL, Layout
from tensionsim.history.sheet import Chunk, Sheet

REASONS: Mapping[str, str] = {
    "nobody": "no source or no target is named",
    "both": "a side names several of the actors",
    "self": "an actor with itself",
    "third": "only one side is of the actors",
    "others": "between others",
}
"""Why a row is not between the actors, in the order in which it is asked."""


MOST_OTHERS = 100_000
"""Distinct codes of other actors that are counted; enough to name the most frequent."""


class Texts(dict[str, int]):
    """Numbers of distinct texts, in the order in which they were met."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


@dataclass(slots=True)
class Gathered:
    """Rows between the actors: the line, the actors, and the number of each text; arrays of shape (row,)."""

    actor: Ints
    target: Ints
    lines: Ints
    fields: dict[str, Ints]
    texts: dict[str, list[str]]
    rows: int
    left_out: dict[str, tuple[int, int]]
    taken: Mapping[tuple[int, str], int]
    others: Counter[str] = field(default_factory=Counter)


def gather(sheet: Sheet, layout: Layout, lookup: Lookup, faults: Faults) -> Gathered:
    """Goes through a sheet once and keeps what is between the actors of the lookup."""
    roles = {"date": layout.date, "code": layout.code, **{role: layout.optional[role] for role in _used(layout)}}
    texts = {role: Texts() for role in roles}
    parts: list[dict[str, Ints]] = []
    left_out: dict[str, tuple[int, int]] = {}
    taken: Counter[tuple[int, str]] = Counter()
    others: Counter[str] = Counter()
    rows = 0
    for chunk in sheet.chunks(layout.has_header, layout.wanted, faults):
        rows += len(chunk.lines)
        sides = [_actors(chunk, columns, lookup) for columns in (layout.source, layout.target)]
        kept = _sort_out(chunk, sides, left_out)
        _count_taken(chunk, layout, lookup, kept, taken)
        _count_others(chunk, layout, lookup, others)
        part = {"actor": sides[0][kept], "target": sides[1][kept], "lines": chunk.lines[kept]}
        for role, column in roles.items():
            values = chunk.columns[column]
            number = texts[role].__getitem__
            part[role] = np.fromiter((number(values[row]) for row in kept.tolist()), np.int64, len(kept))
        parts.append(part)
    whole = {name: _joined([part[name] for part in parts]) for name in ("actor", "target", "lines", *roles)}
    return Gathered(
        actor=whole["actor"],
        target=whole["target"],
        lines=whole["lines"],
        fields={role: whole[role] for role in roles},
        texts={role: list(known) for role, known in texts.items()},
        rows=rows,
        left_out=left_out,
        taken=taken,
        others=others,
    )


def _used(layout: Layout) -> list[str]:
    return [role for role in OPTIONAL if role in layout.optional]


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _actors(chunk: Chunk, columns: Sequence[int], lookup: Lookup) -> Ints:
    """The actor of each row's side: what the first column that knows one says, shape (row,)."""
    found = np.full(len(chunk.lines), NOBODY, np.int64)
    for column in columns:
        here = np.fromiter(map(lookup.__getitem__, chunk.columns[column]), np.int64, len(found))
        found = np.where((found == NOBODY) | ((found == OTHER) & (here != NOBODY)), here, found)
    return found


def _sort_out(chunk: Chunk, sides: Sequence[Ints], left_out: dict[str, tuple[int, int]]) -> Ints:
    """Rows of the chunk that are between the actors; the others are counted by reason, with the line of the first."""
    source, target = sides
    is_one = (source >= 0) | (target >= 0)
    asked = {
        "nobody": (source == NOBODY) | (target == NOBODY),
        "both": (source == BOTH) | (target == BOTH),
        "self": (source >= 0) & (source == target),
        "third": is_one & ((source == OTHER) | (target == OTHER)),
        "others": ~is_one,
    }
    is_left = np.ones(len(source), bool)
    for reason, holds in asked.items():
        rows = np.flatnonzero(holds & is_left)
        is_left[rows] = False
        if len(rows):
            count, first = left_out.get(reason, (0, int(chunk.lines[rows[0]])))
            left_out[reason] = (count + len(rows), first)
    return np.flatnonzero(is_left)


def _count_taken(chunk: Chunk, layout: Layout, lookup: Lookup, kept: Ints, taken: Counter[tuple[int, str]]) -> None:
    """Counts the texts by which the actors of kept rows are called."""
    for columns in (layout.source, layout.target):
        cells = [[chunk.columns[column][row] for column in columns] for row in kept.tolist()]
        taken.update(next((lookup[text], text) for text in texts if lookup[text] >= 0) for texts in cells)


def _count_others(chunk: Chunk, layout: Layout, lookup: Lookup, others: Counter[str]) -> None:
    """Counts the codes of other actors, as the first column of a side has them."""
    for column in (layout.source[0], layout.target[0]):
        if len(others) < MOST_OTHERS:
            found = Counter(chunk.columns[column])
            others.update({text: count for text, count in found.items() if lookup[text] == OTHER})
