"""The chronicle: one run in the order of its dates, with why each thing was done and what it did to the index.

`chronicle` reads a run, its motives and its ledger into an event log; `Chronicle.page` folds what is small or flickers
until the log fits a page.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tensionsim.analysis.contributions import DIRECTION, listen, of_one_run, told_answers
from tensionsim.analysis.effects import Draw, Origin
from tensionsim.analysis.elements import LEANING_IS, Speech, capital, listed, words_of
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import Simulation
from tensionsim.errors import SelectionError, whole
from tensionsim.model.measures import REGIMES, entries, regime_of
from tensionsim.model.record import CAUSES, Floats
from tensionsim.notebook import Tabled
from tensionsim.rng import RandomStreams
from tensionsim.runs.results import Results
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.scenario import Scenario, scenario_of

Row = dict[str, Any]

COLUMNS = (
    *("date", "kind", "actor", "target", "issue", "track", "what", "answers", "cause", "why", "tone"),
    *("by", "points", "points_at_end", "peak", "index", "text"),
)
RANKS = ("before", "regime", "event", "election", "leader", "change", "move", "stopped", "arrangement", "end")
"""The order in which what happens in one step is told."""

TRUE_AT_START, TRUE, AGAIN, NOT_TRUE = "is true at the start", "comes true", "comes true again", "is over"
ADDRESS = ("actor", "target", "issue")
FROM_START, IN_FORCE, OVER = "in force from the start", "now in force", "no longer in force"

MOST_LINES, MOST_LEADING = 50, 5


@dataclass(frozen=True, slots=True, eq=False)
class Chronicle(Tabled):
    """One run told in the order of its dates.

    table : one row a thing that happens; columns `date`, `kind` ("before", "move", "stopped", "arrangement", "regime",
    "event", "leader", "change", "election", "end"), `actor`, `target`, `issue`, `track`, `what` (name of the move,
    arrangement, regime, event, leader ...), `answers` (of a move that could not be without it: "demand of 3 March"),
    `cause` ("own", "rule", "schedule" or ""), `why` (in words), `tone` ("friendly", "hostile", "neutral" or ""), `by`
    (the move that begins or ends an arrangement), `points` (what it does to the index at once), `points_at_end` (what
    is left of it at the end; over all rows it sums to the index at the end less 50), `peak` (the larger of both; where
    an arrangement begins, the most that it makes while in force), `index` (once that step is over) and `text` (a
    sentence). All points of an arrangement stand where it begins, with what it leaves after its end; the row of its end
    has none, so that the move that ends it has its own points alone.
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

    def __repr__(self) -> str:
        return f"<Chronicle of {self.title!r}: {len(self.table):,} things, run {self.run}, seed {self.seed}>"

    def page(self, most: int = MOST_LINES) -> pd.DataFrame:
        """The table with what two do together, and arrangements with the moves that begin or end them, told once.

        Where that has more than `most` rows, what is so from the start, and what weighs least, is told in a row a tone,
        the latter before the end, in rows whose `period` is "The rest". Always told alone are leaders, elections,
        changes, crossings, what was scheduled or made by a rule, and the `LEAST_NAMED` of the rest that weigh most.
        """
        whole("most", most, least=1)
        rows = self._told_once()
        if len(rows) > most:
            rows = _folded(rows, most, Speech(self.labels))
        return pd.DataFrame(rows, columns=[*self.table.columns, "period"])

    def _told_once(self) -> list[Row]:
        """The rows, what two do together in one, and arrangements in those of the moves that begin or end them."""
        speech = Speech(self.labels)
        found: list[Row] = []
        moves: dict[Any, list[Row]] = defaultdict(list)
        for place, row in enumerate(self.table.to_dict("records")):
            row |= {"position": place, "period": ""}
            there = moves[row["date"], row["by"] or row["what"], frozenset((row["actor"], row["target"]))]
            same = [one for one in there if one["issue"] == row["issue"]]
            if row["by"] and there:
                host = (same or there)[0]
                _add(host, row, f"{host['text']} {row['text']}")
            elif row["kind"] == "move" and speech.is_of_both(row["what"]) and same:
                does = speech.move((same[0]["actor"], same[0]["target"], row["issue"]), row["what"])
                why = listed(list(dict.fromkeys((same[0]["why"], row["why"]))))
                points, left = (same[0][column] + row[column] for column in ("points", "points_at_end"))
                _add(same[0], row, f"{does}, {why}: {describe_effect(points, left)}.")
            else:
                found.append({str(name): value for name, value in row.items()})
                if row["kind"] == "move":
                    there.append(found[-1])
        return found

    @property
    def lead(self) -> str:
        """Where the index goes, and the moves that weigh most and longest, each with the points it makes at most."""
        rows = [row for row in self._told_once() if row["kind"] in ("move", "arrangement") and row["why"] != FROM_START]
        rows = sorted((row for row in rows if abs(_heaviest(row)) >= HARDLY), key=_weight, reverse=True)
        most = sorted(rows[:MOST_LEADING], key=lambda row: row["position"])
        told = [f"{row['text'].partition(')')[0]}) on {row['date']:%Y-%m-%d}, {signed(_heaviest(row))}" for row in most]
        ends = " to ".join(f"{index:.1f}" for index in self.table["index"].iloc[[0, -1]])
        moved = f" What weighed most and longest, in points of it: {'; '.join(told)}." if told else ""
        return f"The index goes from {ends}.{moved}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the text has to know."""
        dates = f"A date is the first day of a step of one {self.step}; a day within is told if the scenario says it."
        return (*((dates,) if self.step else ()), LEANING_IS)

    def headed(self, *, everything: bool = False) -> Iterator[tuple[str, str]]:
        """Every sentence of the page, or of everything, with what it stands under: its day, or "The rest"."""
        yield "What mattered most", self.lead
        rows = self.page(len(self.table) if everything else MOST_LINES)
        for day, period, text in zip(rows["date"], rows["period"], rows["text"], strict=True):
            yield period or f"{day:%Y-%m-%d}", text

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
        return {"title": self.title, "run": self.run, "seed": self.seed, "lead": self.lead, "happenings": rows}


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
    if isinstance(scenario, Results):
        if seed is not None and whole("seed", seed) != scenario.seed:
            raise SelectionError(f"these results were run under seed {scenario.seed}, not {seed}; leave the seed out")
        chosen, draw = scenario.scenario, Draw(1, scenario.seed, scenario.first_run + scenario.place_of(run))
        Origin(chosen, scenario, folder="these results").check_repeats(draw)
    else:
        chosen, number = scenario_of(scenario), whole("run", 0 if run is None else run)
        draw = Draw(1, whole("seed", 0 if seed is None else seed), number)
    results = draw.of(chosen)
    table = pd.DataFrame(_EventLog(results).rows(), columns=list(COLUMNS))
    table["date"] = pd.to_datetime(table["date"])
    return Chronicle(table, results.title, draw.first_run, draw.seed, Speech.of(chosen).actors, chosen.file.step)


class _EventLog:
    """Everything that happens in the only run of some results, which is run again for what each actor saw."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.file, self.record, self.names = results.scenario.file, results.record, results.names
        self.index = results.record.cooperation[:, 0]
        self.last = len(self.index) - 1
        self.speech = Speech.of(results.scenario)
        self.scores = dict(zip(self.names.moves, self.names.move_scores, strict=True))
        self.moves = catalogue_of(self.file.moves, self.file.arrangement_kinds).moves
        world, named = assemble(results.scenario), [*self.file.leaders, ""]
        self.rows_of = {astuple(one): row for row, one in enumerate(world.channels.rows)}

        def note(simulation: Simulation, parts: Mapping[str, Floats]) -> tuple[list[str], dict[str, Floats]]:
            return [named[row] for row in simulation.state.leader[:, 0].tolist()], of_one_run(simulation, parts)

        # Of every actor in every step who leads it, "" where nobody is named; of every channel what moves it.
        noted = listen(world, RandomStreams(results.seed, results.first_run, 1), note)
        self.leaders, self.seen = zip(*noted, strict=True)
        self.made: dict[int, list[tuple[frozenset[str], str]]] = defaultdict(list)
        self.dates = [str(date) for date in results.dates]
        self.ledger = cache(lambda row: entries(results.books, 0, row))
        self.points_of_moves = cache(lambda row: self._points(row, "move", "since", *ADDRESS, "track", "what"))

    def rows(self) -> list[Row]:
        """One row a thing that happens, in order, with the columns of `Chronicle` and the step."""
        regime = REGIMES[int(regime_of(self.index[-1:])[0])][0]
        change = f"{signed(self.index[-1] - self.index[0])} points from where it began"
        end = self._row(self.last, "end", f"The index ends at {self.index[-1]:.1f} ({regime}), {change}.")
        found = [self._before(), *self._moves(), *self._arrangements(), *self._crossings(), *self._planned(), end]
        return sorted(found, key=lambda row: (row["step"], RANKS.index(row["kind"])))

    def _row(self, at: int, kind: str, text: str, **more: Any) -> Row:
        """A row of step `at`, which shows in the index one row later."""
        index = float(more.pop("index", self.index[min(at + 1, self.last)]))
        row: Row = dict.fromkeys(COLUMNS, "") | {"points": 0.0, "points_at_end": 0.0, "peak": 0.0}
        return row | {"step": at, "date": self.dates[at], "kind": kind, "index": index, "text": text} | more

    def _before(self) -> Row:
        points, left = (sum(one.points for one in self.ledger(row) if one.kind == "history") for row in (0, self.last))
        governs = [
            f"{self.speech.actors[actor]} under {self.file.called(name)}"
            for actor, name in zip(self.names.actors, self.leaders[0], strict=True)
            if name
        ]
        names = f" {listed(governs)}." if governs else ""
        text = f"The index, which runs from 0 to 100 with 50 as neutral, stands at {self.index[0]:.1f}.{names}"
        if abs(points) >= HARDLY:
            effect = describe_effect(points, left, "now")
            text += f" What was done before makes {effect}; arrangements still in force are told with what they add."
        return self._row(0, "before", text, points=points, points_at_end=left, index=self.index[0])

    def _moves(self) -> Iterator[Row]:
        record, places = self.record, self.names.places()
        columns = (record.move_step, record.move_channel, record.move_id, record.move_cause)
        made = list(zip(*(column.tolist() for column in columns), strict=True))
        times = Counter((at, channel, move) for at, channel, move, cause in made if CAUSES[cause] != "stopped")
        for (at, channel, move, cause), answers in zip(made, told_answers(self.results), strict=True):
            who = {kind: names[channel] for kind, names in places.items()}
            who |= {"what": self.names.moves[move], "cause": CAUSES[cause], "answers": answers}
            if CAUSES[cause] != "stopped":
                self.made[at].append((frozenset((who["actor"], who["target"])), who["what"]))
            yield self._move(at, who, times[at, channel, move] or 1)

    def _move(self, at: int, who: dict[str, str], how_often: int) -> Row:
        """A move, whose points are those of the day's same moves together, divided among them."""
        actor, target, issue, move = who["actor"], who["target"], who["issue"], who["what"]
        does = self.speech.move((actor, target, issue), move, who["answers"])
        if who["cause"] == "stopped":
            checks = (pair for patch in self._patches(actor, at) for pair in (patch.checks or {}).items())
            why = f"stopped by {' or '.join(dict.fromkeys(name for name, check in checks if move in check.stops))}"
            return self._row(at, "stopped", f"{does}: {why}, it does not happen.", why=why, **who | {"cause": "own"})
        key = (self.dates[at], *(who[kind] for kind in ("actor", "target", "issue", "track", "what")))
        points, left = (self.points_of_moves(row).get(key, 0.0) / how_often for row in (at + 1, self.last))
        why = self._why(at, who)
        if self.speech.is_of_both(move):
            why = why.replace("its ", f"{self.speech.actors[actor]}'s ")
        effect = f": {describe_effect(points, left)}" if {actor, target} == set(self.file.principals) else ""
        return self._row(
            at,
            "move",
            f"{does}, {why}{effect}.",
            why=why,
            tone=tone_of(self.scores[move]),
            points=points,
            points_at_end=left,
            peak=max(points, left, key=abs),
            **who,
        )

    def _points(self, row: int, kind: str, *names: str) -> dict[tuple[str, ...], float]:
        """Points of the ledger's entries of a kind at a row, summed by these columns of theirs."""
        sums: dict[tuple[str, ...], float] = defaultdict(float)
        for entry in self.ledger(row):
            if entry.kind == kind:
                sums[tuple(getattr(entry, name) for name in names)] += entry.points
        return sums

    def _why(self, at: int, who: Mapping[str, str]) -> str:
        if who["cause"] == "schedule":
            asked, issues = (who["actor"], who["what"], at), (None, who["issue"])
            same = [one for one in self.file.schedule if (one.actor, one.move, self._step(one.date)) == asked]
            days = [one.date for one in same if one.issue in issues]
            return f"as scheduled for {days[0]}" if days else "as scheduled"
        if who["cause"] == "rule":
            named = [
                f'"{name}"'
                for patch in self._patches(who["actor"], at)
                for name, rule in (patch.rules or {}).items()
                for act in (rule, rule.otherwise)
                if act and act.move == who["what"] and act.issue in (None, who["issue"])
            ]
            return f"by its rule {' or '.join(dict.fromkeys(named))}"
        row = self.rows_of[who["actor"], who["target"], who["issue"], who["track"]]
        parts = {name: float(values[row]) for name, values in self.seen[at].items()}
        return describe_reasons(parts, parts.pop(DIRECTION), self.scores[who["what"]])

    def _patches(self, actor: str, at: int) -> Iterator[Any]:
        """The actor, and whoever leads it in a step."""
        yield self.file.actors[actor]
        leader = self.leaders[at][self.names.actors.index(actor)]
        if leader:
            yield self.file.leaders[leader]

    def _arrangements(self) -> Iterator[Row]:
        """Arrangements in force from the start, or that begin or end; the last beginning has all points at the end."""
        in_force = self.record.in_force[:, :, 0]
        of_rows = [self._points(row, "arrangement", "what", *ADDRESS) for row in range(self.last + 1)]
        for place in np.flatnonzero(in_force.any(axis=0)).tolist():
            kind, pair, issue = self.names.arrangements[place].split(" | ")
            actor, target = pair.split(" -> ")
            is_mutual = self.names.arrangement_is_mutual[place]
            name = self.speech.arrangement(kind, (actor, target), issue, is_mutual=is_mutual)
            ways = ((actor, target), (target, actor)) if is_mutual else ((actor, target),)
            points = [sum(sums.get((kind, *way, issue), 0.0) for way in ways) for sums in of_rows]
            edges = np.flatnonzero(np.diff(in_force[:, place], prepend=False, append=False)).tolist()
            for first, after in zip(edges[::2], edges[1::2], strict=True):
                begun = points[first] - points[first - 1] if first else 0.0
                peak, left = max(points[first:after], key=abs), points[-1] if after == edges[-1] else 0.0
                effect = f"; {describe_effect(peak, left, 'at its peak')}" if peak or left else ""
                if after != edges[-1]:
                    effect = effect.partition(",")[0]
                why = IN_FORCE if first else FROM_START
                until = f", until {self.dates[max(after - 1, 0)]}" if after <= self.last else ""
                told = [(first, why, f"{why}{until}: {name}{effect}.", begun, left, peak)]
                told += [(after, OVER, f"{OVER}: {name}.", 0.0, 0.0, 0.0)] if after <= self.last else []
                for row, why, text, at_once, at_end, most in told:
                    by = "" if why == FROM_START else self._by(max(row - 1, 0), kind, {actor, target}, why)
                    yield self._row(
                        max(row - 1, 0),
                        "arrangement",
                        capital(text),
                        actor=actor,
                        target=target,
                        issue=issue,
                        track=self.names.arrangement_tracks[place],
                        what=kind,
                        by=by,
                        why=why,
                        tone=tone_of(self.names.arrangement_scores[place]),
                        points=at_once,
                        points_at_end=at_end,
                        peak=most,
                    )

    def _by(self, at: int, kind: str, ends: set[str], why: str) -> str:
        """The move of a step that begins or ends an arrangement; empty where it lapses."""
        for pair, name in self.made[at]:
            changed = self.moves[name].begins if why == IN_FORCE else self.moves[name].ends
            if kind in changed and pair == ends:
                return name
        return ""

    def _crossings(self) -> Iterator[Row]:
        """When the index enters another regime, and events come true or are over."""
        for row, (before, after) in enumerate(pairwise(regime_of(self.index).tolist()), start=1):
            if before != after:
                name, verb = REGIMES[after][0], "rises" if after > before else "falls"
                text = f"The index {verb} to {self.index[row]:.2f}: {name}."
                yield self._row(row, "regime", text, what=name, why=verb, index=self.index[row])
        for column, name in enumerate(self.names.events):
            holds = self.record.events[:, column, 0].tolist()
            for row, (before, now) in enumerate(pairwise([False, *holds])):
                if now != before:
                    came = (AGAIN if any(holds[:row]) else TRUE) if row else TRUE_AT_START
                    why = came if now else NOT_TRUE
                    yield self._row(row, "event", f"Event: {name} {why}.", what=name, why=why, index=self.index[row])

    def _planned(self) -> Iterator[Row]:
        """New leaders, changes and elections."""
        for at, (before, now) in enumerate(pairwise(self.leaders), start=1):
            for actor, old, new in zip(self.names.actors, before, now, strict=True):
                if old != new:
                    text = f"{self.speech.actors[actor]} has a new leader: {self.file.called(new)}."
                    why = f"after {self.file.called(old)}" if old else ""
                    yield self._row(at, "leader", text, actor=actor, what=new, why=why)
        for change in self.file.changes:
            sets = [*change.set, *(path for one in change.one_of for path in one.set)]
            what = change.label or ", ".join(sets) or "another leader"
            at, labels = self._step(change.date), [one.label for one in change.one_of if one.label]
            ways = f" ({' or '.join(labels)})" if labels else ""
            text = f"Change{self._within(change.date, at)}: {what}{ways}."
            yield self._row(at, "change", text, actor=change.actor or "", what=what)
        for actor, days in self.file.elections.items():
            for day in days if isinstance(days, list) else [days]:
                if self.file.start <= day <= dt.date.fromisoformat(self.dates[self.last]):
                    at = self._step(day)
                    text = f"Election in {self.speech.actors[actor]}{self._within(day, at)}."
                    yield self._row(at, "election", text, actor=actor, what="election")

    def _step(self, day: dt.date) -> int:
        return min(int(np.searchsorted(self.results.dates, np.datetime64(day), side="right")) - 1, self.last)

    def _within(self, day: dt.date, at: int) -> str:
        """The day, where it is not the one that its step begins on."""
        return "" if str(day) == self.dates[at] else f" on {day}"


HARDLY = 0.05
"""Points of the index below which an effect is not worth a number."""

WELL_BEHIND = 0.4
"""A second reason is named where it weighs at least this share of the first."""


def tone_of(score: float) -> str:
    """Whether what has this Goldstein score is friendly or hostile."""
    return "friendly" if score > 0.0 else "hostile" if score < 0.0 else "neutral"


def signed(points: float, decimals: int = 1) -> str:
    """A number with its sign, as sentences write it."""
    return f"{points:+z.{decimals}f}".replace("-", "\u2212")


def describe_effect(points: float, at_end: float, when: str = "at once") -> str:
    """What something does to the index, at once or when it does most, and what is left of it at the end."""
    if max(abs(points), abs(at_end)) < HARDLY:
        return "hardly any effect on the index"
    return f"{signed(points)} points {when}, {signed(at_end) if abs(at_end) >= HARDLY else 'hardly any'} at the end"


def describe_reasons(contributions: Mapping[str, float], direction: float, score: float) -> str:
    """The strongest mechanisms that spoke for a move of this Goldstein score, or that none did on balance."""
    if score == 0.0:
        return "neither friendly nor hostile"
    if direction * score < 0.0:
        side = "cooperation" if direction > 0 else "conflict"
        return f"against its leaning to {side} ({signed(direction, 2)})"
    sign = 1.0 if score > 0 else -1.0
    pushes = sorted(((sign * value, name) for name, value in contributions.items()), reverse=True)
    first = pushes[0][0]
    if first <= 0.0:
        return "by chance"
    called = {"disagreement": "agreement"} if score > 0 else {}
    named = [words_of(called.get(name, name)) for push, name in pushes[:2] if push >= WELL_BEHIND * first]
    return f"moved by {listed(named)}"


LEAST_NAMED = 12
"""Moves and arrangements that are told alone, as far as there are, even where the page grows longer by it."""

REST, MOST_GROUPS, MOST_KINDS = "The rest", 5, 12
"""What stands above the last rows of a page, how many these are, and how many kinds each names."""


def _heaviest(row: Row) -> float:
    """What something makes at most: at once, at its peak or at the end."""
    return float(max(row["points"], row["peak"], row["points_at_end"], key=abs))


def _add(host: Row, row: Row, text: str) -> None:
    host["text"], host["peak"] = text, max(host["peak"], row["peak"], key=abs)
    host |= {column: host[column] + row[column] for column in ("points", "points_at_end")}


def _weight(row: Row) -> float:
    """How much and how long something weighs."""
    return float(sum(abs(row[column]) for column in ("points", "peak", "points_at_end")))


def _folded(rows: Sequence[Row], most: int, speech: Speech) -> list[Row]:
    """About `most` rows that tell all of these: what weighs least together before the end."""
    found: list[Row] = []
    free: list[Row] = []
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        is_free = row["kind"] in ("move", "stopped", "arrangement") and row["cause"] not in ("schedule", "rule")
        if row["why"] == FROM_START:
            groups[f"In force from the start, {row['tone']}"].append(row)
        else:
            (free if is_free else found).append(row)
    found += [_together(head, some, speech) | {"position": 0} for head, some in groups.items()]
    free.sort(key=_weight, reverse=True)
    count = min(max(most - len(found) - MOST_GROUPS, LEAST_NAMED), sum(_weight(row) > 0.0 for row in free))
    rest: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(free[count:], key=lambda row: row["position"]):
        rest[f"Other {row['tone'] or 'stopped'} moves and arrangements"].append(row)
    last = {"date": rows[-1]["date"], "period": REST}
    found += [*free[:count], *(_together(head, some, speech) | last for head, some in rest.items())]
    return sorted(found, key=lambda row: (row["date"], row["kind"] == "end", row["period"], row["position"]))


def _together(head: str, rows: Sequence[Row], speech: Speech) -> Row:
    """Several rows as one, at the place of the first: points summed, and the kinds named that make most of them."""
    sums = {column: sum(row[column] for row in rows) for column in ("points", "points_at_end", "peak")}
    left: dict[str, float] = defaultdict(float)
    for row in rows:
        left[speech.words(row["what"])] += row["points_at_end"]
    kinds = sorted(left, key=lambda name: -round(abs(left[name]), 1))
    named = [f"{name} {signed(left[name])}" if abs(left[name]) >= HARDLY else name for name in kinds[:MOST_KINDS]]
    more = [f"{len(kinds) - MOST_KINDS} more kinds"] if len(kinds) > MOST_KINDS else []
    effect = f"{signed(sums['points_at_end'])} points" if abs(sums["points_at_end"]) >= HARDLY else "hardly any points"
    text = f"{head}, {len(rows)} in all, together {effect} at the end: {listed([*named, *more])}."
    about = {"kind": "several", "what": f"{len(rows)} {rows[0]['kind']}s", "index": rows[-1]["index"], "text": text}
    kept = ("date", "tone", "why", "position", "period")
    return dict.fromkeys(COLUMNS, "") | {column: rows[0][column] for column in kept} | sums | about
