"""The chronicle: one run told in the order of its dates, with why each thing was done and what it did to the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.analysis import chronicle_page, happenings
from tensionsim.analysis.chronicle_wording import Speech
from tensionsim.analysis.happenings import Happening
from tensionsim.arguments import whole
from tensionsim.ensemble.runner import run as run_ensemble
from tensionsim.motives import reasons
from tensionsim.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Chronicle:
    """One run told in the order of its dates.

    table : one row a thing that happens; columns `date`, `kind` ("before", "move", "stopped", "arrangement", "regime",
    "event", "leader", "change", "election", "end"), `actor`, `target`, `issue`, `track`, `what` (name of the move,
    arrangement, regime, event, leader ...), `cause` ("own", "rule", "schedule" or ""), `why` (in words), `points` (what
    it does to the index at once), `points_at_end` (what is left of it at the end; over all rows it sums to the index at
    the end less 50), `index` (once that step is over) and `text` (a sentence). title : of the scenario. run, seed :
    which run it is. labels : how actors are called in sentences.

    Examples
    --------
    >>> import tensionsim as ts
    >>> story = ts.chronicle("norland-suderia", run=3, seed=7)
    >>> story.table["kind"].iloc[0], story.table["kind"].iloc[-1]
    ('before', 'end')
    >>> left = story.table["points_at_end"].sum()
    >>> bool(abs(50 + left - story.table["index"].iloc[-1]) < 1e-9)
    True
    """

    table: pd.DataFrame
    title: str
    run: int
    seed: int
    labels: Mapping[str, str]

    def page(self, most: int = chronicle_page.MOST_LINES) -> pd.DataFrame:
        """The table with small moves of an actor in a stretch of time made into one row, so that it fits a page."""
        return chronicle_page.page(self.table, self.labels, whole("most", most, least=1))

    def to_markdown(self, *, everything: bool = False) -> str:
        """The chronicle as a Markdown text: a page of it, or everything."""
        rows = self.table if everything else self.page()
        lines = [f"# {self.title}: run {self.run}, seed {self.seed}", ""]
        day = None
        for date, text in zip(rows["date"], rows["text"], strict=True):
            lines.append(f"- **{date:%Y-%m-%d}** {text}" if date != day else f"- {text}")
            day = date
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        rows = self.table.assign(date=self.table["date"].dt.strftime("%Y-%m-%d")).to_dict("records")
        return {"title": self.title, "run": self.run, "seed": self.seed, "happenings": rows}


def chronicle(scenario: Scenario | str | Path, *, run: int = 0, seed: int = 0) -> Chronicle:
    """One run told in the order of its dates: what happened, why, and what it did to the index.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    run
        Number of the run, >= 0; with the seed, the same run as in `tensionsim.run`.
    seed
        Of the random numbers, >= 0.

    Returns
    -------
    Chronicle

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.

    Examples
    --------
    >>> import tensionsim as ts
    >>> story = ts.chronicle("tariff-war", run=7, seed=1)
    >>> moves = story.table.query("kind == 'move' and cause == 'schedule'")
    >>> moves["why"].tolist()[0]
    'as scheduled for 2025-11-03'
    """
    import pandas as pd

    number, start = whole("run", run), whole("seed", seed)
    chosen = scenario_of(scenario)
    results = run_ensemble(chosen, runs=1, seed=start, first_run=number)
    told = happenings.of(results, reasons(chosen, run=number, seed=start), happenings.leaders_by_step(results))
    columns = [field.name for field in fields(Happening) if field.name not in ("step", "rank")]
    table = pd.DataFrame(list(_rows(told)), columns=columns)
    table["date"] = pd.to_datetime(table["date"])
    return Chronicle(table, results.title, number, start, Speech.of(chosen).actors)


def _rows(told: list[Happening]) -> Iterator[dict[str, Any]]:
    yield from (asdict(one) for one in told)
