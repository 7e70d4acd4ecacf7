"""Who is who: the codes and names of a file, taken for the actors that one asks for.

The rules: a value is an actor's code, or the name of the country that has this code; or it begins with the code and
goes on in groups of three letters, CAMEO's roles (ISRGOV and ISRMIL are ISR). The longest code that fits wins.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from tensionsim.errors import EventError, Problem
from tensionsim.history.faults import shown

OTHER, BOTH, NOBODY = -1, -2, -3
"""Instead of an actor's row: another actor; several of those asked for; nobody named."""

_MISSING = frozenset(("", "none", "nan", "null", "---", "na", "n/a"))
_NAME = re.compile(r"[^\W\d_][\w-]{0,59}")


@cache
def countries() -> Mapping[str, tuple[str, ...]]:
    """Names of each country by its code, ISO 3166-1 alpha-3, which CAMEO shares for nearly all."""
    text = files("tensionsim").joinpath("data", "countries.csv").read_text(encoding="utf-8")
    return {row["code"]: tuple(row["names"].split("; ")) for row in csv.DictReader(text.splitlines())}


def actors_asked(given: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Actor by code, from texts like "ISR", "PSE,PAL=palestine", or from a mapping of code to actor.

    An actor without a name of its own is called by its first code in lower case.

    Raises
    ------
    EventError
        If fewer than two actors are asked for, a code stands for two, or a name is none.
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else [one for text in given for one in _pairs(text)]
    found: dict[str, str] = {}
    for code, actor in pairs:
        if found.setdefault(code.strip(), actor) != actor:
            _refuse(f"{shown(code)} is asked for as {found[code.strip()]} and as {actor}; a code is one actor's")
        if not code.strip() or not _NAME.fullmatch(actor):
            _refuse(f"{shown(actor)} is no name for an actor: a letter, then letters, digits, _ and -; write CODE=name")
    if len(set(found.values())) < 2:
        _refuse("at least two actors are needed, like --dyad ISR PSE; events of one with itself are left out")
    return found


def _refuse(message: str) -> None:
    raise EventError([Problem("the actors asked for", 0, 0, message)])


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    codes, _, name = text.partition("=")
    parts = [one.strip() for one in codes.split(",")]
    called = name.strip() or re.sub(r"\W+", "_", parts[0].casefold())
    return [(one, called) for one in parts]


class Lookup(dict[str, int]):
    """The actor (row of `actors`) of every value that a file has; each distinct value is worked out once."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        super().__init__()
        self.actors = tuple(dict.fromkeys(asked.values()))
        self._codes = {code: self.actors.index(actor) for code, actor in asked.items()}
        self._names: dict[str, int] = {}
        for code, row in self._codes.items():
            for alias in (code, *_aliases(code)):
                self._names.setdefault(alias.casefold(), row)
        self._longest_first = sorted((code for code in self._codes if len(code) >= 3), key=len, reverse=True)

    def __missing__(self, value: str) -> int:
        found = self[value] = self._actor(value)
        return found

    def _actor(self, value: str) -> int:
        text = value.strip()
        if text.casefold() in _MISSING:
            return NOBODY
        row = self._one(text)
        if row == OTHER and (";" in text or "|" in text):
            rows = {self._one(part.strip()) for part in re.split(r"[;|]", text)} - {OTHER}
            return rows.pop() if len(rows) == 1 else BOTH if rows else OTHER
        return row

    def _one(self, text: str) -> int:
        if (row := self._names.get(text.casefold())) is not None:
            return row
        for code in self._longest_first:
            if text.startswith(code) and code.isupper() and re.fullmatch(r"(?:[A-Z0-9]{3})+", text[len(code) :]):
                return self._codes[code]
        return OTHER


def _aliases(code: str) -> tuple[str, ...]:
    """Names of a country's code; of a country's name its code and other names."""
    if code in countries():
        return countries()[code]
    for known, names in countries().items():
        if code.casefold() in {name.casefold() for name in names}:
            return (known, *names)
    return ()


def most_frequent(values: Counter[str], count: int = 8) -> str:
    """The most frequent values, for messages: "ISR 120, PSE 98"."""
    return ", ".join(f"{value[:40]} {number:,}" for value, number in values.most_common(count))
