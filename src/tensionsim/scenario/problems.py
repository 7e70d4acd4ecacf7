"""Collects the problems of a scenario, so that all are reported at once, in file order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from tensionsim.errors import Problem, ScenarioError
from tensionsim.scenario.places import Place

MOST_SHOWN = 200
"""Problems of one scenario that are listed; the others are counted."""

_WIDEST_LINE = 160


@dataclass(slots=True)
class Report:
    """The problems found so far.

    A place holds one problem per wording; within `outlook(...)` only places without a problem get one,
    since an outlook repeats what the scenario itself says.
    """

    _found: dict[tuple[Place, str], str] = field(default_factory=dict)
    _places: set[Place] = field(default_factory=set)
    _outlook: str = ""
    _taken: list[Problem] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        """Notes a problem, once."""
        if self._outlook:
            if place in self._places:
                return
            if not message.startswith("outlook "):
                message = f"{message} (in outlook {quoted(self._outlook)})"
        self._found.setdefault((place, message), message)
        if not self._outlook:
            self._places.add(place)

    @contextmanager
    def outlook(self, name: str) -> Iterator[None]:
        """Within it, problems are those of the outlook `name`."""
        self._outlook = name
        yield
        self._places.update(place for place, _ in self._found)
        self._outlook = ""

    def take(self, error: ScenarioError) -> None:
        """Notes the problems of another report, which are told before its own."""
        self._taken += error.problems

    def __len__(self) -> int:
        return len(self._found) + len(self._taken)

    def near(self, word: str, allowed: Iterable[str]) -> str:
        """What to add to a message: the nearest allowed word, or the list of them."""
        words = list(allowed)
        if len(self) < MOST_SHOWN and (best := nearest(word, words)):
            return f"; did you mean {quoted(best)}?"
        return f"; there is {listed(words)}" if words else ""

    def raise_if_any(self) -> None:
        """Raises ScenarioError if there is a problem."""
        if len(self):
            self.stop()

    def stop(self) -> NoReturn:
        """Raises ScenarioError with the problems, in the order of the files."""
        raise ScenarioError(self.problems())

    def problems(self) -> list[Problem]:
        """The problems found so far, in the order of the files."""
        keys = sorted(self._found, key=lambda key: (key[0].source.order, key[0].line, key[0].column))
        problems = [_problem(place, message) for place, message in keys[:MOST_SHOWN]]
        if more := len(keys) - len(problems):
            problems.append(Problem(problems[0].file, 0, 0, f"{more:,} more problems are not shown"))
        return [*self._taken, *problems]


def _problem(place: Place, message: str) -> Problem:
    source, message = place.source, printable(message)
    if not place.line:
        return Problem(source.name, 0, 0, f"{source.label}: {message}" if source.label else message)
    line = source.lines[place.line - 1] if place.line <= len(source.lines) else ""
    shown = printable(line)[:_WIDEST_LINE] if place.column <= _WIDEST_LINE else ""
    return Problem(source.name, place.line, place.column, message, shown.rstrip())


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The allowed word that is nearest to `word`; empty if none is near."""
    if len(word) > 80:
        return ""
    words = list(allowed)[:2000]
    if best := difflib.get_close_matches(word, words, n=1, cutoff=0.6):
        return best[0]
    folded = {known.casefold().replace("-", "_").replace(" ", "_"): known for known in words}
    return folded.get(word.casefold().replace("-", "_").replace(" ", "_"), "")


def printable(text: str) -> str:
    """The text with every character that a terminal would not show as one column replaced."""
    return "".join(letter if letter.isprintable() else " " if letter == "\t" else "\ufffd" for letter in text)


def quoted(value: object) -> str:
    """A value as messages show it: in quotes, on one line, not too long."""
    text = printable(str(value)[:81])
    return f"'{text[:60]}...'" if len(text) > 63 else f"'{text}'"


def figure(value: float) -> str:
    """A limit as messages show it: 0.000001 and 1000000 rather than 1e-06 and 1e+06."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return text if float(text) == value and abs(value) < 1e9 else f"{value:g}"


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence, the first dozen of them."""
    known = list(words)
    shown = ", ".join(printable(word[:60]) for word in known[:12])
    return f"{shown}, ..." if len(known) > 12 else shown
