"""A briefing as Markdown, with its figures and tables as files in a folder beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tensionsim.briefings.briefing import Briefing
from tensionsim.briefings.facts import Fact, Line, text_of
from tensionsim.briefings.forms import FIXED, emphasis
from tensionsim.briefings.pages import Block, Paragraph, Picture, Points, Table

SPECIAL = re.compile(r"([\\`*_\[\]<>|])")
TABLES = "tables.json"


def page(briefing: Briefing, folder: str) -> str:
    """The whole text; figures are looked for in `folder`."""
    parts = [f"# {_inline(briefing.heading)}", _inline(briefing.subtitle)]
    for section in briefing.sections:
        parts += [f"## {section.heading}", *(_block(block, folder) for block in section.blocks)]
    parts.append(f"Every number stands in [{TABLES}]({folder}/{TABLES}).")
    return "\n\n".join(parts) + "\n"


def picture_file(picture: Picture) -> str:
    """The name of a figure's file."""
    return f"{picture.name.replace(' ', '-')}.svg"


def _inline(line: Line) -> str:
    return "".join(_escaped(piece) if isinstance(piece, str) else _fact(piece) for piece in line).replace(FIXED, " ")


def _fact(fact: Fact) -> str:
    shown = _escaped(fact.text)
    return f"*{shown}*" if fact.form == emphasis.__name__ else shown


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)


def _block(block: Block, folder: str) -> str:
    if isinstance(block, Paragraph):
        return _inline(block.line)
    if isinstance(block, Points):
        return "\n".join(f"- {_inline(line)}" for line in block.lines)
    if isinstance(block, Picture):
        seen = _escaped(text_of(block.alternative)).replace(FIXED, " ")
        return f"![{seen}]({folder}/{picture_file(block)})"
    return "\n".join(_table(block))


def _table(table: Table) -> Iterator[str]:
    yield f"{_inline(table.caption)}\n"
    yield f"| {' | '.join(_inline(line) for line in table.head)} |"
    other = "---" if table.is_wordy else "---:"
    yield f"| {' | '.join(['---', *[other] * (len(table.head) - 1)])} |"
    for row in table.rows:
        yield f"| {' | '.join(_inline(cell) for cell in row)} |"
