"""Why: what each mechanism adds to desired conduct, what the index is made of, and what a move answers.

What moves answer is worked out afterwards, from the moves of a run and those observed before it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from tensionsim.analysis.effects import Day, Effects, row_of
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import View, step
from tensionsim.engine.world import Acts, World
from tensionsim.errors import SelectionError, one_of, whole
from tensionsim.model.catalogue import Move
from tensionsim.model.ledger import by_mover
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.record import CAUSES, STOPPED, Dates, Floats
from tensionsim.model.state import FADED
from tensionsim.model.structure import WAYS, Channel
from tensionsim.notebook import Tabled
from tensionsim.rng import RandomStreams
from tensionsim.runs.results import Results, day_asked
from tensionsim.runs.run import decide_of
from tensionsim.runs.statistics import STATISTICS, error_of_mean, over_runs, plain, title
from tensionsim.runs.store import as_csv, save_derived, write_json
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    from tensionsim.analysis.chronicle import Chronicle

BY = ("mover", "matter")
"""What the ledger of an ensemble is summed by."""
DIRECTION = "direction"
ALL = "all"
PLACES = ("actor", "target", "issue", "track")
Place = tuple[str, str, str, str]
Noted = TypeVar("Noted")


@dataclass(frozen=True, slots=True, eq=False)
class Contributions(Tabled):
    """What each mechanism adds to an actor's desired conduct: above 0 towards cooperation, below towards conflict.

    dates : the start of every step, shape (date,). places : actor, target, issue, track of each channel, or "all" where
    the mean over several is taken. mechanisms : with "bias" and "expectations"; the last is "direction", the sum of all
    others. values : shape (date, place, mechanism, run). runs, seed : of the ensemble. title : of the scenario.

    Examples
    --------
    >>> import tensionsim as ts
    >>> why = ts.contributions("norland-suderia", "norland", runs=10, seed=7)
    >>> why.table.columns.tolist()[:6]
    ['date', 'actor', 'target', 'issue', 'track', 'mechanism']
    >>> moved = why.between("2030-01-01", "2030-07-01")
    >>> bool(abs(moved["change"].iloc[:-1].sum() - moved["change"].iloc[-1]) < 1e-12)
    True
    """

    dates: Dates
    places: tuple[Place, ...]
    mechanisms: tuple[str, ...]
    values: Floats
    runs: int
    seed: int
    title: str

    def __repr__(self) -> str:
        channels = f"{len(self.places)} channel{'' if len(self.places) == 1 else 's'}"
        what = f"{len(self.mechanisms)} terms in {channels} of {self.title!r}"
        span = f"{self.dates[0]} to {self.dates[-1]}"
        return f"<Contributions of {what}, {span}, {self.runs:,} runs, seed {self.seed}>"

    @property
    def table(self) -> pd.DataFrame:
        """One row a date, place and mechanism: its mean and quantiles over the runs."""
        keys = [(date, *place, name) for date in self.dates for place in self.places for name in self.mechanisms]
        table = pd.DataFrame(keys, columns=["date", *PLACES, "mechanism"])
        numbers = over_runs(self.values).reshape(-1, len(STATISTICS))
        return table.assign(**{name: numbers[:, column] for column, name in enumerate(STATISTICS)})

    def between(self, first: Day, last: Day) -> pd.DataFrame:
        """How the desired conduct changed from one date to another, split over the mechanisms.

        Returns
        -------
        One row a place and mechanism, the largest change first and `direction`, which is their sum, last: `mean` (over
        the runs and all dates between the two), `before` and `after` (means over the runs), `change` and its
        `standard_error`, paired run by run.

        Raises
        ------
        SelectionError
            If a date lies outside the span, or the first comes after the last.
        """
        rows = self.row(first), self.row(last)
        if rows[0] > rows[1]:
            raise SelectionError(f"{first} comes after {last}; give the earlier date first")
        start, end = (self.values[row] for row in rows)
        tables = []
        for row, place in enumerate(self.places):
            change = end[row] - start[row]
            columns = {
                **dict(zip(PLACES, place, strict=True)),
                "mechanism": self.mechanisms,
                "mean": self.values[rows[0] : rows[1] + 1, row].mean(axis=(0, 2)),
                "before": start[row].mean(axis=-1),
                "after": end[row].mean(axis=-1),
                "change": change.mean(axis=-1),
                "standard_error": error_of_mean(change),
            }
            table = pd.DataFrame(columns)
            tables += [table[:-1].sort_values("change", key=abs, ascending=False, kind="stable"), table[-1:]]
        return pd.concat(tables, ignore_index=True)

    def row(self, day: Day) -> int:
        """The row of the step that a day lies in; a day after the last step's start counts to that step."""
        first, last = self.dates[0], self.dates[-1] + (self.dates[-1] - self.dates[-2 if len(self.dates) > 1 else -1])
        wanted = day_asked(day)
        if not first <= wanted <= last:
            raise SelectionError(f"nobody decides on {day}: steps start from {first} to {self.dates[-1]}")
        return int(np.searchsorted(self.dates, wanted, side="right")) - 1


def contributions(
    scenario: Scenario | str | Path,
    actor: str,
    *,
    target: str | None = None,
    issue: str | None = None,
    track: str | None = None,
    runs: int = 1000,
    seed: int = 0,
    first_run: int = 0,
    by_channel: bool = False,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
) -> Contributions:
    """What moves an actor towards cooperation or conflict over time, by mechanism, over an ensemble.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    actor
        Whose desired conduct.
    target
        Towards whom; default: of a principal the other one, of others everybody.
    issue, track
        Only channels on this issue, of this track; default: all.
    runs, seed, first_run
        Which runs are made; `runs` >= 1.
    by_channel
        Whether channels are told apart; else the mean over them.
    agents, mechanisms
        Of your own, as `run` takes them.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SelectionError
        If there is no such actor, target, issue or track.

    Examples
    --------
    >>> import tensionsim as ts
    >>> why = ts.contributions("trump2-petro-2025", "washington", issue="drugs", runs=10)
    >>> why.places
    (('washington', 'bogota', 'drugs', 'all'),)
    """
    streams = RandomStreams(whole("seed", seed), whole("first_run", first_run), whole("runs", runs, least=1))
    chosen = scenario_of(scenario, agents=agents, mechanisms=mechanisms)
    world = assemble(chosen)
    principals = chosen.file.principals
    other = next(name for name in principals if name != actor) if actor in principals else ALL
    asked = (actor, target or other, issue or ALL, track or ALL)
    channels: list[Place] = list(map(astuple, world.channels.rows))
    for column, (kind, name) in enumerate(zip(PLACES, asked, strict=True)):
        known = list(dict.fromkeys(channel[column] for channel in channels))
        one_of(kind, name, [*known, ALL], SelectionError)
    rows = [
        row
        for row, channel in enumerate(channels)
        if all(wanted in (ALL, name) for name, wanted in zip(channel, asked, strict=True))
    ]
    if not rows:
        raise SelectionError(f"{asked[0]} has no channel to {asked[1]} on {asked[2]} of track {asked[3]}")
    groups = [[row] for row in rows] if by_channel else [rows]
    places = tuple(channels[group[0]] if len(group) == 1 else asked for group in groups)

    def note(simulation: Simulation, parts: Mapping[str, Floats]) -> dict[str, Floats]:
        divisors = simulation.numbers.attributes.unpredictability[world.channels.actor[[group[0] for group in groups]]]
        found = {name: np.array([values[group].mean(axis=0) for group in groups]) for name, values in parts.items()}
        return {name: means if name == DIRECTION else means / divisors for name, means in found.items()}

    noted = listen(world, streams, note)
    values = np.array([np.stack(list(one.values()), axis=1) for one in noted])
    dates = np.array(world.dates[:-1], "datetime64[D]")
    return Contributions(dates, places, tuple(noted[0]), values, runs, seed, title(chosen))


def listen(
    world: World, streams: RandomStreams, note: Callable[[Simulation, Mapping[str, Floats]], Noted]
) -> list[Noted]:
    """What is noted in each step of a world, from start to end, before anybody decides.

    note : of the simulation and what each mechanism adds, with their sum as `DIRECTION`, each of shape (channel, run).
    """
    now, noted = begin(world, streams), list[Noted]()
    choose = decide_of(now)

    def decide(simulation: Simulation, view: View) -> Acts:
        noted.append(note(simulation, {**view.contributions, DIRECTION: view.direction}))
        return choose(simulation, view)

    for _ in range(world.steps):
        step(now, decide)
    return noted


def of_one_run(_: Simulation, parts: Mapping[str, Floats]) -> dict[str, Floats]:
    """What each mechanism adds in the only run, shape (channel,)."""
    return {name: values[:, 0] for name, values in parts.items()}


def decompose(results: Results, date: Day | None = None, *, by: str = "mover") -> pd.DataFrame:
    """What makes the mean index at a date: mean points by mover, the largest first; they sum to it less 50.

    Parameters
    ----------
    results
        An ensemble.
    date
        A day; default: the last row; between rows, the row before it.
    by
        "mover": a row an actor's move or arrangement; "matter": a row for all its moves that answer or raise a matter
        ("demand", "threat", ...: what a move answers wins over what it raises), one for those that do neither
        ("unprompted"), one for its arrangements and one for its moves before the start.

    Returns
    -------
    Table with the columns `actor`, `what`, `points` (mean over the runs), `standard_error`, `share`
    (of all points either way, 0..1), `share_of_runs` (in which there is any of it).

    Raises
    ------
    SelectionError
        If the date lies outside the span.
    TypeError
        If it is given something else than results.
    ValueError
        If `by` is another word.

    Examples
    --------
    >>> import tensionsim as ts
    >>> results = ts.run("norland-suderia", runs=20, seed=7)
    >>> parts = ts.decompose(results, "2030-07-01")
    >>> bool(abs(50 + parts["points"].sum() - results.index.loc["2030-06-25", "mean"]) < 1e-9)
    True
    """
    one_of("by", by, BY)
    found = by_mover(results.books, row_of(results, date), matters_of(results) if by == "matter" else None)
    rows = [
        (actor, what, points.mean(), float(error_of_mean(points)), float((points != 0.0).mean()))
        for (actor, what), points in found.items()
    ]
    table = pd.DataFrame(rows, columns=["actor", "what", "points", "standard_error", "share_of_runs"])
    either_way = table["points"].abs()
    table.insert(4, "share", either_way / (either_way.sum() or 1.0))
    return table.sort_values("points", key=abs, ascending=False, kind="stable", ignore_index=True)


def reasons(
    scenario: Scenario | str | Path,
    *,
    run: int = 0,
    seed: int = 0,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
) -> pd.DataFrame:
    """What moved each actor towards cooperation (above 0) or conflict (below 0) at every step of a run.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    run
        Number of the run, >= 0; with the seed, the same run as in `tensionsim.run`.
    seed
        Of the random numbers, >= 0.
    agents, mechanisms
        Of your own, as `run` takes them.

    Returns
    -------
    Table by date (the step's start), actor, target, issue and track. One column each for `bias`, `expectations` and
    every mechanism that is on; they sum to `sum`, and `direction` is that sum divided by the actor's unpredictability.

    Examples
    --------
    >>> import tensionsim as ts
    >>> why = ts.reasons(ts.load("trump2-petro-2025"), run=3, seed=7)
    >>> bool(why.loc[("2025-03-03", "washington", "bogota", "drugs", "political"), "disagreement"] < 0)
    True
    """
    streams = RandomStreams(whole("seed", seed), whole("run", run), 1)
    world = assemble(scenario_of(scenario, agents=agents, mechanisms=mechanisms))
    rows = listen(world, streams, of_one_run)
    keys = [(date, *astuple(one)) for date in pd.DatetimeIndex(world.dates[:-1]) for one in world.channels.rows]
    index = pd.MultiIndex.from_tuples(keys, names=["date", *PLACES])
    table = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in rows[0]}, index)
    parts = [name for name in table.columns if name != DIRECTION]
    table.insert(len(parts), "sum", sum(table[name].to_numpy() for name in parts))
    return table.sort_index()


UNPROMPTED = "unprompted"
"""What a move is called that neither answers nor raises a matter."""

SCHEDULE = CAUSES.index("schedule")


@dataclass(frozen=True, slots=True)
class Raised:
    """What stands open: the kind of matter, and the move, the step and the day that raised it."""

    matter: str
    move: Move
    step: int
    day: dt.date

    def told_on(self, day: dt.date) -> str:
        """It in words, such as "demand of 3 March"; with the year, where that is not the day's."""
        year = f" {self.day.year}" if self.day.year != day.year else ""
        when = f"{self.day.day} {self.day:%B}{year}"
        is_threat = self.matter == "tariffs" and "threat" in self.move.raises
        return f"tariffs threatened on {when}" if is_threat else f"{self.matter} of {when}"


def answered(results: Results, run: int | None = None) -> list[Raised | None]:
    """For every move of a record, or of one run, the last open matter that it answers, or None."""
    file, record, names = results.scenario.file, results.record, results.names
    channels = [Channel(*each) for each in zip(*names.places().values(), strict=True)]
    world = assemble(results.scenario, also=channels)
    moves, table = world.moves, world.menus.matters
    # By name, as forecasts and folders of other versions may have other rows.
    channel_of = [world.channels.index(channel) for channel in channels]
    move_of = [world.menus.names.index(name) for name in names.moves]
    # A trace more than three half-lives, as freshness is a product of many roundings.
    longest = ((1e-6 - math.log2(FADED)) * table.half_life[:, 0] / results.step_months).tolist()

    @cache
    def rows_of(channel: int, move: int) -> tuple[tuple[list[int], list[int]], list[int], list[int]]:
        """Rows of matters: the two groups of those that a move may answer, what it settles, and what it raises."""
        codes = (table.presupposed[:, move], table.settled[:, move], table.raised[:, move])
        own = codes[0][codes[0] >= len(table.names)]
        withdrawn, settled, raised = (
            [row for row in table.row[code, channel].tolist() if row >= 0] for code in (own, *codes[1:])
        )
        way = moves[move].answers
        asked = [int(rows[channel]) for rows in table.facing[WAYS.index(way)]] if way else []
        return (withdrawn, asked), settled, raised

    def enter(fresh: dict[int, Raised], channel: int, move: int, *when: Any) -> None:
        raised = rows_of(channel, move)[2]
        fresh |= {row: Raised(table.names[row // table.lines], moves[move], *when) for row in raised}

    past = dict[int, Raised]()
    for before in world.past.moves:
        for row in rows_of(before.channel, before.move)[1]:
            past.pop(row, None)
        enter(past, before.channel, before.move, before.step, before.date)
    steps = np.searchsorted(results.dates, [np.datetime64(one.date) for one in file.schedule], side="right") - 1
    places = [(at, SCHEDULE, one.actor, one.move) for at, one in zip(steps.tolist(), file.schedule, strict=True)]
    scheduled = dict(zip(places, (one.date for one in file.schedule), strict=True))
    columns = (record.move_run, record.move_step, record.move_channel, record.move_id, record.move_cause)
    chosen = slice(None) if run is None else record.move_run == run
    found, days, current, fresh = list[Raised | None](), [day.item() for day in results.dates], -1, past
    entries = zip(*(column[chosen].tolist() for column in columns), strict=True)
    for (of_run, at), acts in groupby(entries, key=itemgetter(0, 1)):
        if of_run != current:
            current, fresh = of_run, dict(past)
        made = [(channel_of[channel], move_of[move], cause) for _, _, channel, move, cause in acts]
        for channel, move, _ in made:
            groups = (
                [fresh[row] for row in rows if row in fresh and at - fresh[row].step <= longest[row]]
                for rows in rows_of(channel, move)[0]
            )
            found.append(next((max(group, key=lambda one: one.step) for group in groups if group), None))
        done = [act for act in made if act[2] != STOPPED]
        for channel, move, _ in done:
            for row in rows_of(channel, move)[1]:
                fresh.pop(row, None)
        for channel, move, cause in done:
            who = (world.channels.rows[channel].actor, moves[move].name)
            enter(fresh, channel, move, at, scheduled.get((at, cause, *who), days[at]))
    return found


def told_answers(results: Results, run: int | None = None) -> list[str]:
    """For every move of a record, or of one run, in words, what it answers and could not be without; else nothing."""
    file, record, days = results.scenario.file, results.record, results.dates
    known, names = catalogue_of(file.moves, file.arrangement_kinds).moves, results.names.moves
    chosen = slice(None) if run is None else record.move_run == run
    columns = record.move_id[chosen].tolist(), record.move_step[chosen].tolist()
    return [
        raised.told_on(days[step].item())
        if raised and raised.matter in (known[names[move]].withdraws or known[names[move]].presupposes)
        else ""
        for move, step, raised in zip(*columns, answered(results, run), strict=True)
    ]


def with_answers(ledger: pd.DataFrame, results: Results, run: int) -> pd.DataFrame:
    """A ledger of a run with a column `answers`: see `told_answers`."""
    record, names, of_run = results.record, results.names, results.record.move_run == run
    places = list(zip(*names.places().values(), strict=True))
    columns = [one[of_run].tolist() for one in (record.move_step, record.move_channel, record.move_id)]
    told = {
        (str(results.dates[step]), *places[channel], names.moves[move]): words
        for step, channel, move, words in zip(*columns, told_answers(results, run), strict=True)
    }
    keys = ledger[["since", "actor", "target", "issue", "track", "what"]].itertuples(index=False, name=None)
    return ledger.assign(answers=[told.get(key, "") for key in keys])


def matters_of(results: Results) -> list[str]:
    """For every move of a record the kind of matter that it answers, or else raises first, or `UNPROMPTED`."""
    file, names = results.scenario.file, results.names.moves
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    raised = [next(iter(moves[name].raises), UNPROMPTED) for name in names]
    made = results.record.move_id.tolist()
    return [raised[move] if one is None else one.matter for move, one in zip(made, answered(results), strict=True)]


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


class Motives(NamedTuple):
    """The contributions to an actor's desired conduct, and their `change` between two dates."""

    contributions: Contributions
    first: str
    last: str
    change: pd.DataFrame


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
    notes: tuple[str, ...] = ()
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
            said = {name: getattr(self.ledger, name) for name in ("date", "index", "run", "by")}
            found["ledger"] = {"about": LEDGER_IS, **said, "rows": plain(self.ledger.table.to_dict("records"))}
        if self.motives:
            found["motives"] = [
                {"about": MOTIVES_ARE, "first": first, "last": last, "rows": plain(change.to_dict("records"))}
                for _, first, last, change in self.motives
            ]
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
        texts = {f"{name}.csv": as_csv(table) for name, table in self.tables().items()}
        if self.chronicle is not None:
            texts["chronicle.md"] = self.chronicle.to_markdown()
            texts["chronicle-all.md"] = self.chronicle.to_markdown(everything=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
