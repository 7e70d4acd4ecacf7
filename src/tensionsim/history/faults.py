"""Faults of a file of events: collected by kind with their count and first places, and told all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from tensionsim.errors import EventError, Problem

MOST_PLACES = 5
"""Places of one kind of fault that are shown; the others are counted."""

MOST_KINDS = 40
WIDEST = 60


def shown(value: object) -> str:
    """A value as messages show it: in quotes, on one line, not too long."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(value)[: WIDEST + 1])
    return f"'{text[:WIDEST]}...'" if len(text) > WIDEST else f"'{text}'"


@dataclass(slots=True)
class Faults:
    """The faults of one file found so far, by kind.

    A kind is what a reader would count together ("this is no CAMEO code"); a place is a line and the number of a
    column, with what stands there.
    """

    file: str
    _places: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, line: int, column: int, found: str, count: int = 1) -> None:
        """Notes `count` faults of a kind, the first of which stands at a place."""
        self._counts[kind] = self._counts.get(kind, 0) + count
        places = self._places.setdefault(kind, [])
        if len(places) < MOST_PLACES:
            places.append((line, column, found))

    def __bool__(self) -> bool:
        return bool(self._counts)

    def kinds(self) -> Iterable[tuple[str, int, int]]:
        """Kind, count and line of the first, in order of the first line."""
        return sorted(
            ((kind, count, min(line for line, _, _ in self._places[kind])) for kind, count in self._counts.items()),
            key=lambda one: one[2],
        )

    def problems(self) -> list[Problem]:
        """The faults as problems: the first places of each kind, then how many more there are."""
        told: list[Problem] = []
        for kind, count, _ in list(self.kinds())[:MOST_KINDS]:
            places = sorted(self._places[kind])
            told += [Problem(self.file, line, column, f"{found}: {kind}") for line, column, found in places]
            if count > len(places):
                told.append(Problem(self.file, 0, 0, f"{_rows(count - len(places))} more: {kind}"))
        if len(self._counts) > MOST_KINDS:
            told.append(Problem(self.file, 0, 0, f"{len(self._counts) - MOST_KINDS:,} more kinds of faults"))
        return told

    def stop(self, advice: str) -> NoReturn:
        """Raises EventError with all faults, and what to do."""
        raise EventError([*self.problems(), Problem(self.file, 0, 0, advice)])


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def refuse(file: str, message: str, line: int = 0, column: int = 1) -> NoReturn:
    """Raises EventError with one problem of a file."""
    raise EventError([Problem(file, line, column, message)])
