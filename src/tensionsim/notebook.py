"""What a notebook shows of a result."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS, MOST_COLUMNS = 12, 14


def as_html(subject: object, lines: Iterable[str] = (), table: pd.DataFrame | None = None) -> str:
    """What is shown as text, which names the thing with its key numbers, then sentences and the ends of a table."""
    told = "".join(f"<br>{escape(line)}" for line in lines)
    how = {"max_rows": MOST_ROWS, "max_cols": MOST_COLUMNS, "float_format": "{:,.4g}".format, "border": 0, "na_rep": ""}
    rows = "" if table is None else table.to_html(**how)
    return f"<div><p><b>{escape(repr(subject).strip('<>'))}</b>{told}</p>{rows}</div>"


class Tabled:
    """A result that a notebook shows by its line, its notes, if it has any, and its `table`."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        lines = getattr(self, "notes", ()) or filter(None, [getattr(self, "note", "")])
        return as_html(self, lines, self.table)  # type: ignore[attr-defined]
