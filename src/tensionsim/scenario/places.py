"""Where something stands: a source of text and a line and column of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text that was read: the name that messages show, its lines, and when it was read.

    label : what messages put in front, where the source has no lines (the path of a `--set`).
    """

    name: str
    lines: tuple[str, ...] = ()
    order: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A line and column of a source, both from 1; 0 where it has none."""

    source: Source
    line: int = 0
    column: int = 0

    def seen_from(self, other: Place) -> str:
        """How a message about `other` refers to this place: "line 4", or "base.yaml:4"."""
        if not self.line:
            return f"{self.source.name} {self.source.label}".strip()
        if self.source is other.source:
            return f"line {self.line}"
        return f"{self.source.name}:{self.line}"
