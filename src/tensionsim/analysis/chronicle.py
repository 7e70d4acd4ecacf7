"""The chronicle: one run told in the order of its dates, with why each thing was done and what it did to the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.analysis import chronicle_page, happenings, origins
from tensionsim.analysis.chronicle_wording import LEANING_IS, Speech
from tensionsim.analysis.happenings import Happening
from tensionsim.analysis.worlds import Draw
from tensionsim.arguments import whole
from tensionsim.ensemble.runner import run as run_ensemble
from tensionsim.errors import SelectionError
from tensionsim.motives import reasons
from tensionsim.results import Results
from tensionsim.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Chronicle:
    """One run told in the order of its dates.

    table : one row a thing that happens; columns `date`, `kind` ("before", "move", "stopped", "arrangement", "regime",
    "event", "leader", "change", "election", "end"), `actor`, `target`, `issue`, `track`, `what` (name of the move,
    arrangement, regime, event, leader ...), `cause` ("own", "rule", "schedule" or ""), `why` (in words), `tone`
    ("friendly", "hostile", "neutral" or ""), `points` (what it does to the index at once), `points_at_end` (what is
    left of it at the end; over all rows it sums to the index at the end less 50), `peak` (the larger of both; of an
    arrangement the most that it makes while in force), `index` (once that step is over) and `text` (a sentence).
    title : of the scenario. run, seed : which run it is. labels : how actors are called in sentences. step : how long a
    step is, "week".

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
    step: str = ""

    def page(self, most: int = chronicle_page.MOST_LINES) -> pd.DataFrame:
        """The table with small things of a quarter and a tone made into one row, so that it fits a page.

        Such a row stands at the end of its quarter, which the column `period` names. An index or an event that
        flickers is told in one row, which says how often.
        """
        return chronicle_page.page(self.table, Speech(self.labels), whole("most", most, least=1))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the text has to know."""
        dates = (
            f"A date is the first day of a step of one {self.step}; a day within is named where the scenario says it."
        )
        return (*((dates,) if self.step else ()), LEANING_IS)

    def headed(self, *, everything: bool = False) -> Iterator[tuple[str, str]]:
        """Every sentence of the page, or of everything, with what it stands under: its day, or a group's period."""
        rows = self.table.assign(period="") if everything else self.page()
        for date, period, text in zip(rows["date"], rows["period"], rows["text"], strict=True):
            yield f"{period}, the rest" if period else f"{date:%Y-%m-%d}", text

    def to_markdown(self, *, everything: bool = False) -> str:
        """The chronicle as a Markdown text: a page of it, or everything."""
        lines = [f"# {self.title}: run {self.run}, seed {self.seed}", "", " ".join(self.notes), ""]
        above = ""
        for heading, text in self.headed(everything=everything):
            lines.append(f"- {text}" if heading == above else f"- **{heading}** {text}")
            above = heading
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        rows = self.table.assign(date=self.table["date"].dt.strftime("%Y-%m-%d")).to_dict("records")
        return {"title": self.title, "run": self.run, "seed": self.seed, "happenings": rows}


def chronicle(
    scenario: Scenario | Results | str | Path, *, run: int | None = None, seed: int | None = None
) -> Chronicle:
    """One run told in the order of its dates: what happened, why, and what it did to the index.

    Parameters
    ----------
    scenario
        A Scenario, a path, the name of a shipped scenario, or Results, one of whose runs is told.
    run
        Number of the run, >= 0; with the seed, the same run as in `tensionsim.run`. Default: 0; of results the first.
    seed
        Of the random numbers, >= 0. Default: 0; results have their own.

    Returns
    -------
    Chronicle

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SelectionError
        If the results do not have the run or the seed.
    TensionSimError
        If the run cannot be made again as the results have it, so that its motives cannot be told.

    Examples
    --------
    >>> import tensionsim as ts
    >>> story = ts.chronicle("tariff-war", run=7, seed=1)
    >>> moves = story.table.query("kind == 'move' and cause == 'schedule'")
    >>> moves["why"].tolist()[0]
    'as scheduled for 2025-11-03'
    """
    import pandas as pd

    chosen, number, start = _asked(scenario, run, seed)
    results = run_ensemble(chosen, runs=1, seed=start, first_run=number)
    told = happenings.of(results, reasons(chosen, run=number, seed=start), happenings.leaders_by_step(results))
    columns = [field.name for field in fields(Happening) if field.name not in ("step", "rank")]
    table = pd.DataFrame(list(_rows(told)), columns=columns)
    table["date"] = pd.to_datetime(table["date"])
    return Chronicle(table, results.title, number, start, Speech.of(chosen).actors, chosen.file.step)


def _asked(given: Scenario | Results | str | Path, run: int | None, seed: int | None) -> tuple[Scenario, int, int]:
    """The scenario, the run's number and the seed."""
    if not isinstance(given, Results):
        return scenario_of(given), whole("run", 0 if run is None else run), whole("seed", 0 if seed is None else seed)
    number = given.first_run if run is None else whole("run", run)
    if seed is not None and whole("seed", seed) != given.seed:
        raise SelectionError(f"these results were run under seed {given.seed}, not {seed}; leave the seed out")
    if not given.first_run <= number < given.first_run + given.runs:
        last = given.first_run + given.runs - 1
        raise SelectionError(f"there is no run {number}; these are runs {given.first_run} to {last}")
    origins.Origin(given.scenario, given, folder="these results").check_repeats(Draw(1, given.seed, number))
    return given.scenario, number, given.seed


def _rows(told: list[Happening]) -> Iterator[dict[str, Any]]:
    yield from (asdict(one) for one in told)
