"""Briefing: one to three pages on an ensemble or a comparison, with the tables that every number is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.briefings import (
    assumptions,
    causes,
    closing,
    context,
    implications,
    measuring,
    opening,
    prospects,
    warning,
)
from tensionsim.briefings.facts import Cell, Fact, Line, Sheets, text_of
from tensionsim.briefings.pages import Picture, Section, lines_of
from tensionsim.briefings.subject import Subject

if TYPE_CHECKING:
    from tensionsim.analysis.signs import EarlySigns


@dataclass(frozen=True, slots=True, eq=False)
class Briefing:
    r"""What a briefing says: title, subtitle, sections, and the tables of its numbers.

    Examples
    --------
    >>> import tensionsim as ts
    >>> brief = ts.report(ts.run("norland-suderia", runs=60, seed=7))
    >>> brief.title
    'Norland and Suderia: the outlook to 6\xa0January\xa02032'
    >>> [section.heading for section in brief.sections][:3]
    ['Bottom line', 'Context', 'Implications']
    >>> brief.wrong_numbers()
    []
    >>> brief.save("briefing.html").name
    'briefing.html'
    """

    subject: Subject
    heading: Line
    subtitle: Line
    sections: tuple[Section, ...]
    sheets: Sheets

    @property
    def title(self) -> str:
        """The heading as plain text."""
        return text_of(self.heading)

    @property
    def tables(self) -> Mapping[str, Mapping[str, Mapping[str, Cell]]]:
        """Every number of the text: table, row, column, value."""
        return self.sheets.cells

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every sentence, cell and caption, in order."""
        return (self.heading, self.subtitle, *lines_of(self.sections))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Picture))

    def wrong_numbers(self) -> list[str]:
        """Facts whose text is not what their cell says; none, unless somebody changed either."""
        facts = (piece for line in self.lines for piece in line if isinstance(piece, Fact))
        return [fact.text for fact in facts if self.sheets.rewritten(fact) != fact.text]

    def to_dict(self) -> dict[str, Any]:
        """The tables as plain values."""
        return {table: {row: dict(cells) for row, cells in rows.items()} for table, rows in self.tables.items()}

    def save(self, path: str | Path) -> Path:
        """Writes the briefing as HTML (one file) or Markdown (a file and a folder of figures), whole or not at all.

        Raises
        ------
        StorageError
            If the path ends otherwise, or cannot be written.
        """
        from tensionsim.briefings.saving import save

        return save(self, path)


def of(subject: Subject, signs: EarlySigns | None) -> Briefing:
    """The briefing of a subject with its early signs; None where the span is too short for any."""
    sheets = measuring.measured(subject, signs)
    further = [causes.foremost(sheets, subject), warning.in_short(sheets, signs)]
    sections = (
        opening.bottom_line(sheets, subject, further),
        context.context(sheets, subject),
        implications.implications(sheets, subject),
        prospects.outlook(sheets, subject),
        assumptions.assumptions(sheets, subject),
        warning.warning(sheets, subject, signs),
        causes.causes(sheets, subject),
        closing.limits(sheets, subject),
        closing.provenance(sheets, subject),
    )
    return Briefing(subject, opening.title(sheets, subject), opening.subtitle(sheets, subject), sections, sheets)
