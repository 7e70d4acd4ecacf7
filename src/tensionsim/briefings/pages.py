"""What a briefing is made of: sections of paragraphs, lists, tables and pictures. Pages are written from these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tensionsim.briefings.facts import Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    line: Line


@dataclass(frozen=True, slots=True)
class Points:
    """A list, one sentence or more a point."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; the first column names the rows, the others hold numbers unless `is_wordy`."""

    caption: Line
    head: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]
    is_wordy: bool = False


MOST_COLUMNS = 6
"""Columns that fit across a page; tables of more are turned."""


def fitting(table: Table) -> Table:
    """The table, turned where it has more columns than fit and fewer rows than these."""
    if len(table.head) <= MOST_COLUMNS or len(table.rows) + 1 >= len(table.head):
        return table
    lines = (table.head, *table.rows)
    head, *rows = (tuple(line[place] for line in lines) for place in range(len(table.head)))
    return Table(table.caption, head, tuple(rows), table.is_wordy)


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, which carries its own title: its name among the briefing's, and what it shows to who cannot see it."""

    name: str
    alternative: Line
    is_half: bool = False


Block = Paragraph | Points | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


def lines_of(sections: Sequence[Section]) -> Iterator[Line]:
    """Every line of every block, in order."""
    for section in sections:
        for block in section.blocks:
            yield from _lines(block)


def _lines(block: Block) -> Iterator[Line]:
    if isinstance(block, Paragraph):
        yield block.line
    elif isinstance(block, Points):
        yield from block.lines
    elif isinstance(block, Picture):
        yield block.alternative
    else:
        yield block.caption
        yield from block.head
        for row in block.rows:
            yield from row
