"""What the terminal can show, and text laid out for it."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

NARROWEST, WIDEST = 40, 100
LEAST_NAME = 12


@dataclass(frozen=True, slots=True)
class Screen:
    """How wide standard output is and what it shows; a pipe counts as 80 columns without colour."""

    width: int
    has_unicode: bool
    has_colour: bool

    def bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.has_colour else text

    def wrapped(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """The text in lines that fit, control characters removed."""
        after = indent if hanging is None else hanging
        return textwrap.wrap(plain(text), self.width, initial_indent=indent, subsequent_indent=after) or [""]

    def glyph(self, fancy: str, ascii_only: str) -> str:
        return fancy if self.has_unicode else ascii_only


def detect() -> Screen:
    """The screen that standard output is."""
    width = shutil.get_terminal_size((80, 24)).columns
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Screen(
        width=max(NARROWEST, min(width, WIDEST)),
        has_unicode=encoding.startswith("utf"),
        has_colour=is_terminal and not os.environ.get("NO_COLOR"),
    )


def plain(text: str) -> str:
    """The text without control characters, which could steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def table(screen: Screen, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table whose first column is text and whose others are numbers.

    Where the screen is too narrow the last columns are left out, which a line below says, and long texts of the first
    are wrapped.
    """
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    while len(widths) > 2 and min(widths[0], LEAST_NAME) + sum(width + 2 for width in widths[1:]) > screen.width:
        widths.pop()
    widths[0] = min(widths[0], screen.width - sum(width + 2 for width in widths[1:]))
    for number, row in enumerate([head, *rows]):
        names = textwrap.wrap(plain(row[0]), widths[0]) or [""]
        cells = "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=False))
        line = f"{names[0]:<{widths[0]}}{cells}".rstrip()
        yield screen.bold(line) if number == 0 else line
        yield from names[1:]
    if len(widths) < len(head):
        yield from screen.wrapped(f"(wider terminals show: {', '.join(head[len(widths) :])})")
