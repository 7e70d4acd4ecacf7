"""An explanation: the answers to "which moves make the index", "why did they do it" and "what if not", side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tensionsim.analysis.chronicle import Chronicle
from tensionsim.analysis.contributions import Contributions
from tensionsim.analysis.effects import Effects
from tensionsim.runs.statistics import plain
from tensionsim.runs.store import as_csv, save_derived, write_json

LEDGER_IS = "Ledger: the moves and arrangements that make up the index, by arithmetic; not what would be without them."
MOTIVES_ARE = "Motives: what moved each government's leaning, mechanism by mechanism, as the model adds it up."
EFFECTS_ARE = "What if not: the same runs, under the same luck, in worlds without each element."
CHRONICLE_IS = "Chronicle: one run as it happened, with its motives and its ledger."


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """What the index is made of on a date: every entry of one run, or every mover of the mean of an ensemble."""

    table: pd.DataFrame
    date: str
    index: float
    run: int | None
    by: str = "mover"

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        about = {"date": self.date, "index": self.index, "run": self.run, "by": self.by}
        return about | {"rows": plain(self.table.to_dict("records"))}


@dataclass(frozen=True, slots=True, eq=False)
class Motives:
    """The contributions to an actor's desired conduct, and how they changed between two dates."""

    contributions: Contributions
    first: str
    last: str

    @property
    def change(self) -> pd.DataFrame:
        """See `Contributions.between`."""
        return self.contributions.between(self.first, self.last)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        return {"first": self.first, "last": self.last, "rows": plain(self.change.to_dict("records"))}


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Whatever was asked about a scenario. notes : what it says of itself. labels : how actors are called."""

    title: str
    runs: int
    seed: int
    provenance: dict[str, Any]
    ledger: Ledger | None = None
    motives: tuple[Motives, ...] = ()
    effects: Effects | None = None
    chronicle: Chronicle | None = None
    notes: tuple[str, ...] = field(default=())
    labels: Mapping[str, str] = field(default_factory=dict)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table that was asked for, by the name of its file."""
        found: dict[str, pd.DataFrame] = {}
        if self.ledger is not None:
            found["ledger"] = self.ledger.table
        if self.motives:
            found["contributions"] = pd.concat([one.contributions.table for one in self.motives], ignore_index=True)
            found["motives"] = pd.concat([one.change for one in self.motives], ignore_index=True)
        if self.effects is not None:
            found["effects"] = self.effects.table
        if self.chronicle is not None:
            found["chronicle"] = self.chronicle.table
        return found

    def summary(self) -> dict[str, Any]:
        """What `tensionsim explain --json` prints: plain numbers, texts and lists."""
        found: dict[str, Any] = {"title": self.title, "runs": self.runs, "seed": self.seed, "notes": list(self.notes)}
        if self.ledger is not None:
            found["ledger"] = {"about": LEDGER_IS, **self.ledger.to_dict()}
        if self.motives:
            found["motives"] = [{"about": MOTIVES_ARE, **one.to_dict()} for one in self.motives]
        if self.effects is not None:
            found["effects"] = {"about": EFFECTS_ARE, **self.effects.to_dict()}
        if self.chronicle is not None:
            found["chronicle"] = {"about": CHRONICLE_IS, **self.chronicle.to_dict()}
        return {**found, "provenance": self.provenance}

    def save(self, directory: str | Path) -> Path:
        """Writes all tables to a folder, in the place of a former explanation."""
        return save_derived(directory, "explanation", self._write)

    def _write(self, folder: Path) -> None:
        summary = self.summary()
        write_json(folder / "provenance.json", summary.pop("provenance"))
        write_json(folder / "summary.json", summary)
        for name, table in self.tables().items():
            (folder / f"{name}.csv").write_text(as_csv(table), encoding="utf-8", newline="\n")
        if self.chronicle is not None:
            for name, everything in (("chronicle.md", False), ("chronicle-all.md", True)):
                text = self.chronicle.to_markdown(everything=everything)
                (folder / name).write_text(text, encoding="utf-8", newline="\n")
