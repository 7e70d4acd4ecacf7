"""The account of a reading: what of a file was used, what was folded together, what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that were left out for one reason: how many, and the first of them (0: rows have no numbers)."""

    reason: str
    count: int
    first_line: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A code that was taken for an actor, and how often it stands on either side of an event."""

    actor: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of every row of a file: `events + folded + left out = rows`.

    Parameters
    ----------
    source
        The file, or what else the events come from.
    form
        The format, in words; and how it was known.
    rows
        Rows of the file, its header not counted.
    events
        Rows that became an event each.
    folded
        Rows that were folded into an event of the same day, actors and code.
    left_out
        The other rows, by reason.
    taken
        Which codes were taken for which actor, the most frequent first.
    notes
        The rules and assumptions that were applied, with counts.

    Examples
    --------
    >>> import tensionsim as ts
    >>> history = ts.curated_history()
    >>> history.report.rows == len(history) + history.report.rows_left_out
    True
    """

    source: str
    form: str
    rows: int
    events: int
    folded: int = 0
    left_out: tuple[LeftOut, ...] = ()
    taken: tuple[Taken, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.events + self.folded + self.rows_left_out != self.rows:
            raise ValueError(
                f"{self.events} events, {self.folded} folded and {self.rows_left_out} left out are not {self.rows} rows"
            )

    @property
    def rows_left_out(self) -> int:
        """Number of rows left out, for whatever reason."""
        return sum(one.count for one in self.left_out)

    def lines(self) -> list[str]:
        """The account in words, a line each."""
        width = len(f"{self.rows:,}")
        told = [f"{self.source}: {self.form}", f"  {self.rows:{width},} rows"]
        told += [f"  {self.events:{width},} used, an event each"]
        if self.folded:
            told += [f"  {self.folded:{width},} folded into an event of the same day, actors and code"]
        unit = "row" if "Parquet" in self.form else "line"
        told += [f"  {one.count:{width},} left out: {one.reason}{_place(one, unit)}" for one in self.left_out]
        told += [f"  {note}" for note in self.notes]
        return told

    def plain(self) -> dict[str, object]:
        """The account as plain values, for JSON."""
        return {
            "source": self.source,
            "format": self.form,
            "rows": self.rows,
            "events": self.events,
            "folded": self.folded,
            "left_out": [
                {"reason": one.reason, "rows": one.count, "first_line": one.first_line or None} for one in self.left_out
            ],
            "taken": [{"actor": one.actor, "code": one.code, "times": one.count} for one in self.taken],
            "notes": list(self.notes),
        }


def _place(one: LeftOut, unit: str) -> str:
    return f" (first: {unit} {one.first_line})" if one.first_line else ""
