"""Facts: values of tables as they stand in sentences, and the sentences that are made of them.

A template holds words; every number in a sentence is a fact, which knows the cell that it comes from. A digit in a
template is a slip of ours and is refused.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tensionsim.briefings import casing, forms
from tensionsim.briefings.forms import FORMS, Value

Cell = Value | None
TEXTS = "texts"
"""The sheet of what is quoted from a scenario: titles, names, descriptions."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A cell of a sheet, as it is written: `text` is `FORMS[form]` of its value."""

    text: str
    form: str
    table: str
    row: str
    column: str


Line = tuple[str | Fact, ...]
Part = str | Fact | Line


@dataclass(slots=True)
class Sheets:
    """The tables of a briefing: sheet, row, column, value. Facts are made from what they hold alone.

    proper : proper nouns by their small letters, see `casing`.
    """

    cells: dict[str, dict[str, dict[str, Cell]]] = field(default_factory=dict)
    proper: Mapping[str, str] = field(default_factory=dict)

    def put(self, table: str, row: str, **columns: Cell) -> None:
        """Writes cells; names of columns may hold any letters when given as `**{name: value}`."""
        self.cells.setdefault(table, {}).setdefault(row, {}).update(columns)

    def value(self, table: str, row: str, column: str) -> Cell:
        return self.cells[table][row][column]

    def number(self, table: str, row: str, column: str) -> float:
        """The value of a cell that holds a number."""
        found = self.value(table, row, column)
        if found is None or isinstance(found, str):
            raise TypeError(f"{table}, {row}, {column} holds {found!r}, which is no number")
        return float(found)

    def fact(self, table: str, row: str, column: str, form: Callable[[Value], str]) -> Fact:
        """A cell in a form."""
        found = self.value(table, row, column)
        if found is None:
            raise TypeError(f"{table}, {row}, {column} is empty")
        return Fact(form(found), form.__name__, table, row, column)

    def quote(self, words: str, form: Callable[[Value], str] = forms.text) -> Fact:
        """Words that are not ours: a title, a name, a description."""
        shown = " ".join(words.split())
        self.put(TEXTS, shown, text=shown)
        return self.fact(TEXTS, shown, "text", form)

    def name(self, name: str, *, is_first: bool = False) -> Fact:
        """A name of the model as a reader would write it; with a capital where it begins a sentence."""
        shown = casing.cased(name.replace("_", " "), self.proper)
        return self.quote(shown[:1].upper() + shown[1:] if is_first else shown)

    def rewritten(self, fact: Fact) -> str:
        """A fact as its cell would have it written."""
        found = self.value(fact.table, fact.row, fact.column)
        return "" if found is None else FORMS[fact.form](found)


def say(template: str, /, **parts: Part) -> Line:
    """A sentence: the template with its parts in the places of their names.

    Raises
    ------
    ValueError
        If the template, or a part that is no fact, holds a digit.
    """
    return tuple(_pieces(template, parts))


def _pieces(template: str, parts: dict[str, Part]) -> Iterator[str | Fact]:
    for words, name, _, _ in string.Formatter().parse(template):
        if words:
            yield _wordy(words)
        if name is not None:
            part = parts[name]
            if isinstance(part, tuple):
                yield from part
            elif isinstance(part, Fact):
                yield part
            elif part:
                yield _wordy(part)


def _wordy(words: str) -> str:
    if re.search(r"\d", words):
        raise ValueError(f"a number stands in {words!r}; numbers come from tables")
    return words


def joined(lines: Sequence[Part], last: str = " and ") -> Line:
    """Lines one after another, with commas and a last word between them."""
    found: list[str | Fact] = []
    for place, line in enumerate(lines):
        if place:
            found.append(last if place == len(lines) - 1 else ", ")
        found.extend(line if isinstance(line, tuple) else (line,))
    return tuple(found)


def together(lines: Sequence[Line]) -> Line:
    """Sentences one after another; empty ones are left out."""
    found: list[str | Fact] = []
    for line in lines:
        if line and found:
            found.append(" ")
        found.extend(line)
    return tuple(found)


def text_of(line: Line) -> str:
    """A line as plain text."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in line)


def is_text(fact: Fact) -> bool:
    """Whether a fact is words, not a number or a date."""
    return fact.form in (forms.text.__name__, forms.emphasis.__name__)
