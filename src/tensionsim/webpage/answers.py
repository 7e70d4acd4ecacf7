"""Answers: what a page shows of a side, live or, of outlooks computed beforehand, in one file.

A side is an outlook as a visitor has set it. Its world is assembled once and kept; a slider sets its number over those
of the world, a switch its mechanisms. Run n has the luck of n whatever is set, so that the first answer, from few runs,
comes at once, more runs are added to those that are there, and two sides are paired.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from itertools import pairwise, permutations
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat

from tensionsim import __version__
from tensionsim.analysis.chronicle import chronicle
from tensionsim.analysis.elements import Speech, capital
from tensionsim.engine.calendar import Assignment
from tensionsim.engine.run import names_of
from tensionsim.engine.world import World
from tensionsim.errors import TensionSimError, counted
from tensionsim.listing import moves_of
from tensionsim.model.measures import REGIME_NAMES, REGIMES, changes, regime_of
from tensionsim.model.parameters import DEFAULTS, STANCE_AT_REST
from tensionsim.model.record import KEPT, LAYERS, MOVE_COLUMNS, Keep, Record, join
from tensionsim.runs.results import Results
from tensionsim.runs.run import run, simulated, world_of
from tensionsim.runs.statistics import STATISTICS, band, occurrence, outlook_title, over_runs, plain, shares, shares_of
from tensionsim.runs.store import check_file, write_whole, written
from tensionsim.scenario.names import Cast, ways_of
from tensionsim.scenario.quantities import parse
from tensionsim.scenario.scenario import Scenario, from_text
from tensionsim.scenario.schema import Alternative, Change, Distribution
from tensionsim.scenario.yaml_tree import listed, meant, quoted

FIRST, FULL = 100, 1000
"""Runs of the first answer, which are kept whole, so that their ledger can be asked; and of the refined one."""

MOST_SECONDS = 30.0
"""What a piece of work may take, a hundred times what a shipped scenario takes."""

SCENARIOS, WORLDS = 32, 8
"""What a process keeps: scenarios with outlook and moves, and worlds."""

SEED, MOVERS, DECIMALS = 0, 6, 4
MOST_MOVES, MOST_OUTLOOKS = 60, 12
NOTHING_TO_SET: dict[str, Any] = {"controls": [], "mechanisms": [], "moves": {}, "outlooks": []}

Move = tuple[str, str, str, str, str]
Find = Callable[[str], Scenario]
"""The scenario of a name; TensionSimError where the page has none of that name."""

Go = Callable[[], bool]
"""Whether somebody still waits for what is computed."""


class Side(BaseModel):
    """An outlook as it is set on the page, and as a request says it.

    scenario : its name on the page. outlook : the branch of it, if any. values : numbers by the path of their control.
    mechanisms : whether each is on, where that is otherwise than in the scenario. moves : date, actor, target, issue
    and move of those placed besides those of the scenario.
    """

    model_config = ConfigDict(frozen=True)

    scenario: str
    outlook: str | None = None
    values: dict[str, StrictFloat] = {}
    mechanisms: dict[str, StrictBool] = {}
    moves: Annotated[tuple[Move, ...], Field(max_length=MOST_MOVES)] = ()


def based(side: Side, find: Find) -> Scenario:
    """What a side's world is assembled from: its scenario with outlook and moves, without numbers and switches.

    TensionSimError lists all that is wrong with the side.
    """
    scenario, wrong = find(side.scenario), list[str]()
    bare = _based(scenario, side.outlook, ())
    ranges = {one["path"]: one["high"] for one in controls_of(bare)}
    names = [one.name for one in world_of(bare).mechanisms]
    first, last = bare.file.start.isoformat(), bare.file.end.isoformat()
    for path, value in side.values.items():
        if path not in ranges:
            wrong.append(f"no control {quoted(path[:200])}{meant(path, ranges)}")
        elif not 0.0 <= value <= ranges[path]:
            wrong.append(f"{path} is a number in 0..{ranges[path]:g}; got {value:g}")
    strange = [name for name in side.mechanisms if name not in names]
    wrong += [f"mechanisms are {listed(names)}; got {name[:40]}" for name in strange]
    beyond = [day for day, *_ in side.moves if not first <= day <= last]
    wrong += [f"moves are placed from {first} to {last}; got {day[:40]}" for day in beyond]
    if wrong:
        raise TensionSimError("\n".join(wrong))
    return _based(scenario, side.outlook, side.moves)


@lru_cache(SCENARIOS)
def _based(scenario: Scenario, outlook: str | None, moves: tuple[Move, ...]) -> Scenario:
    found = scenario if outlook is None else scenario.with_outlook(outlook)
    if not moves:
        return found
    placed = [dict(zip(("date", "actor", "target", "issue", "move"), one, strict=True)) for one in moves]
    before = [one.model_dump(exclude_unset=True) for one in found.file.schedule]
    return found.with_values({"schedule": [*before, *placed]})


def complete(side: Side, find: Find) -> Scenario:
    """The scenario of a side with everything that is set, as `--set` would set it."""
    switches = {f"mechanisms.{name}": "on" if is_on else "off" for name, is_on in side.mechanisms.items()}
    found, values = based(side, find), side.values | switches
    return found.with_values(values) if values else found


def described(scenario: Scenario) -> dict[str, Any]:
    """What a page shows of a scenario besides answers: names, dates, controls, mechanisms, moves, events."""
    file, speech, world = scenario.file, Speech.of(scenario), world_of(scenario)
    return {
        "title": scenario.title,
        "outlooks": [[name, one.title or name] for name, one in file.outlooks.items()],
        "start": str(file.start),
        "end": str(file.end),
        "step": file.step,
        "dates": [str(day) for day in scenario.steps],
        "principals": list(file.principals),
        "actors": dict(speech.actors),
        "issues": {name: capital(speech.words(name)) for name in file.issues},
        "regimes": [[name, min(below, 100.0)] for name, below in REGIMES],
        "controls": controls_of(scenario),
        "mechanisms": [
            {"name": one.name, "about": one.summary, "on": one.name not in world.off} for one in world.mechanisms
        ],
        "moves": {actor: _menu(scenario, actor, speech) for actor in file.actors},
        "schedule": [
            [str(one.date), one.actor, speech.does(one.move), one.about]
            for one in sorted(file.schedule, key=attrgetter("date"))
        ],
        "notes": list(scenario.notes),
    }


def _menu(scenario: Scenario, actor: str, speech: Speech) -> list[dict[str, Any]]:
    """The moves of an actor, most hostile first, with the targets and issues that each can be made towards and on."""
    file = scenario.file
    everyone = Cast(file.principals, tuple(file.actors), tuple(file.issues))
    found = []
    for move in moves_of(scenario, actor=actor, target=None, issue=None):
        ways = [[target, issue] for who, target, issue in ways_of(move, everyone) if who == actor]
        if ways:
            words = capital(speech.phrase(move.name))
            found.append({"name": move.name, "words": words, "score": move.goldstein, "ways": ways})
    return found


KINDS: Mapping[str, str] = {
    "rhetoric": "how far it is politicised in public",
    "insulation": "how far work between agencies is kept apart from politics",
    "dependence": "how much it depends on the other",
    "stances": "0 autonomy and dialogue, 1 pressure and control",
    "salience": "how much the issue weighs, relative to the others",
}
"""What the sliders set, each a share in 0..1, but for salience, of which the relative size counts."""


@lru_cache(SCENARIOS)
def controls_of(scenario: Scenario) -> list[dict[str, Any]]:
    """The controls of a scenario: path, kind, actor, key, value, range and, where it is uncertain, its mean.

    Third parties have controls for what the scenario states of them alone: a new stance would open new channels.
    """
    file, found = scenario.file, list[dict[str, Any]]()
    for name, actor in file.actors.items():
        inside = name in file.principals
        others = [one for one in file.principals if one != name] if inside else []
        keys: dict[str, list[str]] = {
            "dependence": list(dict.fromkeys([*others, *(actor.dependence or {})])),
            "stances": list(file.issues) if inside else list(actor.stances or {}),
            "salience": list(file.issues) if inside else list(actor.salience or {}),
        }
        for kind, about in KINDS.items():
            for key in keys.get(kind, [""]):
                given = getattr(actor, kind)
                value = (given or {}).get(key) if key else given
                rest = DEFAULTS.get(kind, STANCE_AT_REST if kind == "stances" else 0.0)
                is_uncertain = isinstance(value, Distribution)
                number = parse(value).middle if is_uncertain else rest if value is None else value
                path = f"actors.{name}.{kind}{f'.{key}' if key else ''}"
                control = {
                    "path": path,
                    "kind": kind,
                    "about": about,
                    "actor": name,
                    "key": key,
                    "value": number,
                    "low": 0.0,
                    "high": max(1.0, math.ceil(2.0 * number)) if kind == "salience" else 1.0,
                    "uncertain": is_uncertain,
                    "until": min((str(one.date) for one in file.changes if _sets(one, path)), default=""),
                }
                found.append(control)
    return found


def _sets(change: Change, path: str) -> bool:
    """Whether a change in the scenario may set a number anew, so that a control reaches no further."""
    is_theirs = change.actor == path.split(".")[1]
    ways: tuple[Change | Alternative, ...] = (change, *change.one_of)
    return any(path in one.set or (is_theirs and one.leader) for one in ways)


class Dropped(TensionSimError):
    """Nobody waits for it any more."""


class Piece(NamedTuple):
    """Consecutive runs of a side to simulate: all that a worker needs to know. text, name : of the side's scenario."""

    text: str
    name: str
    side: Side
    first_run: int
    runs: int
    keep: Keep


def record_of(piece: Piece, go: Go = lambda: True, most_seconds: float = MOST_SECONDS) -> Record:
    """The record of a piece; Dropped if nobody waits for it any more, TensionSimError if it takes too long."""
    until = time.monotonic() + most_seconds

    def advance(_: int) -> None:
        if not go():
            raise Dropped
        if time.monotonic() > until:
            words = f"{piece.name} takes more than {most_seconds:g} seconds for {piece.runs} runs; shorten the scenario"
            raise TensionSimError(words)

    world = _world(piece.text, piece.name, tuple(piece.side.mechanisms.items()))
    also = tuple(Assignment(path, value, path) for path, value in piece.side.values.items())
    return simulated(world, SEED, piece.first_run, piece.runs, advance, piece.keep, also=also)


@lru_cache(WORLDS)
def _world(text: str, name: str, switched: tuple[tuple[str, bool], ...]) -> World:
    """A world with mechanisms switched; what is assembled for it is shared by all that differ in these alone."""
    world = world_of(from_text(text, name))
    on = {name for name, is_on in switched if is_on}
    off = {name for name, is_on in switched if not is_on}
    return dataclasses.replace(world, off=(world.off - on) | off) if switched else world


def pieces(side: Side, scenario: Scenario, first: int, end: int, at_once: int) -> list[Piece]:
    """What must be simulated so that a side has its runs from one to another, in pieces of as many at once."""
    keep: Keep = "all" if first < FIRST else "summary"
    bounds = np.linspace(first, end, at_once + 1).astype(int).tolist()
    return [Piece(scenario.text, scenario.name, side, low, high - low, keep) for low, high in pairwise(bounds)]


def results_of(scenario: Scenario, records: Sequence[Record]) -> Results:
    """The results of consecutive records of a scenario from run 0 on; the first may hold more than the others."""
    record = records[0]
    if len(records) > 1:
        lean = Record(record.dates, {name: getattr(record, name) for name in KEPT["summary"]})
        record = join([lean, *records[1:]])
    return Results(scenario, SEED, record.runs, 0, names_of(world_of(scenario)), record)


def answer(results: Results) -> dict[str, Any]:
    """What is drawn of a side: index, issues, regimes, each by date, and events."""
    record, names = results.record, results.names
    index, issues = (over_runs(values).T for values in (record.cooperation, record.issue_cooperation))
    events = (occurrence(record.events[:, row], results.dates, results.step_months) for row in range(len(names.events)))
    return {
        "runs": results.runs,
        "index": dict(zip(STATISTICS, index, strict=True)),
        "issues": {name: dict(zip(STATISTICS, issues[:, row], strict=True)) for row, name in enumerate(names.issues)},
        "regimes": dict(zip(REGIME_NAMES, shares_of(regime_of(record.cooperation)).T, strict=True)),
        "events": dict(zip(names.events, map(dataclasses.asdict, events), strict=True)),
    }


def difference(here: Results, there: Results) -> dict[str, Any]:
    """The paired difference of two sides, here less there, run by run; TensionSimError where their dates differ."""
    if not np.array_equal(here.dates, there.dates):
        spans = " and ".join(f"{one.dates[0]} to {one.dates[-1]} by {one.scenario.file.step}" for one in (here, there))
        raise TensionSimError(f"only outlooks of the same dates can be compared; these are {spans}")
    runs = min(here.runs, there.runs)
    apart = here.record.cooperation[:, :runs] - there.record.cooperation[:, :runs]
    found = band(apart, seed=SEED)
    ours, theirs = (
        {name: one.record.events[:, row, :runs].any(axis=0) for row, name in enumerate(one.names.events)}
        for one in (here, there)
    )
    return {
        "runs": runs,
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "end": [found.mean[-1], found.point_low[-1], found.point_high[-1]],
        "above": (apart[-1] > 0.0).mean(),
        "events": {name: shares(ours[name], theirs[name])._asdict() for name in ours if name in theirs},
    }


def why(results: Results, row: int) -> dict[str, Any]:
    """What moved the mean index from the first date to another, most first, with what all others moved together."""
    speech, index = Speech.of(results.scenario), results.record.cooperation.mean(axis=-1)
    moved = {mover: float(points.mean()) for mover, points in changes(results.books, row).items()}
    ranked = sorted(moved.items(), key=lambda one: (-abs(one[1]), one[0]))[:MOVERS]
    told = [
        {"who": speech.actors.get(actor, actor), "what": speech.words(what), "points": points}
        for (actor, what), points in ranked
        if abs(points) >= 0.05
    ]
    change = float(index[row] - index[0])
    rest = change - sum(points for _, points in ranked)
    found = {"date": str(results.dates[row]), "runs": results.runs, "index": index[row], "change": change}
    return found | {"movers": told, "rest": rest}


def told(scenario: Scenario, run: int, seed: int = SEED) -> dict[str, Any]:
    """One run of a scenario, picked and read: its index by date, and its chronicle as pairs of day and sentence."""
    story = chronicle(scenario, run=run, seed=seed)
    record = simulated(world_of(scenario), seed, run, 1, None, "index")
    return {"run": run, "index": record.cooperation[:, 0], "lead": story.lead, "told": list(story.headed())[1:]}


@dataclass(frozen=True, slots=True)
class Document:
    """The page of some outlooks as one HTML file that needs no server; a notebook shows it.

    html : the whole of it. runs : that each outlook was computed from.

    Examples
    --------
    >>> import tensionsim as ts
    >>> page = ts.load("norland-suderia").explore(runs=20)
    >>> page
    <Document of 'Norland and Suderia': 3 outlooks, 20 runs each>
    """

    html: str
    title: str
    outlooks: tuple[str, ...]
    runs: int

    def __repr__(self) -> str:
        many = f"{counted(len(self.outlooks), 'outlook')}, {counted(self.runs, 'run')} each"
        return f"<Document of {self.title!r}: {many}>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="{escape(self.title)}" sandbox="allow-scripts allow-downloads" '
            f'style="width:100%;height:820px;border:0" srcdoc="{escape(self.html)}"></iframe>'
        )

    def save(self, path: str | Path) -> Path:
        """Writes the file, whole or not at all; StorageError where it cannot."""
        target = check_file(path, {Path(path).suffix.lower()}, "")
        with written(target):
            write_whole(target, self.html.encode())
        return target


def document(scenarios: Sequence[Scenario], *, runs: int = 1000, seed: int = 0) -> Document:
    """The page of scenarios and their outlooks, each computed beforehand, the first `MOST_OUTLOOKS`."""
    found, computed = list[Scenario](), dict[str, Results]()
    for scenario in scenarios:
        names = [] if scenario.outlook else scenario.outlook_names
        found += [scenario, *(scenario.with_outlook(name) for name in names)]
    for one in found[:MOST_OUTLOOKS]:
        title = outlook_title(one) or one.title
        label = title if title not in computed else f"{title} ({len(computed) + 1})"
        computed[label] = run(one, runs=runs, seed=seed)
    data: dict[str, Any] = {
        "labels": list(computed),
        "seed": seed,
        "version": __version__,
        "describe": {name: described(one.scenario) | NOTHING_TO_SET for name, one in computed.items()},
        "answer": {name: answer(one) for name, one in computed.items()},
        "difference": {
            f"{here}\n{there}": difference(computed[here], computed[there])
            for here, there in permutations(computed, 2)
            if np.array_equal(computed[here].dates, computed[there].dates)
        },
        "why": {name: _reasons(one) for name, one in computed.items()},
        "run": {name: told(one.scenario, 0, seed) for name, one in computed.items()},
    }
    title = found[0].title
    return Document(_html(plain(data, DECIMALS), title), title, tuple(computed), runs)


def _reasons(results: Results) -> list[dict[str, Any]]:
    """The ledger of every date, from the first runs."""
    few = min(results.runs, FIRST)
    record = results.record.some(slice(0, few), 0, (*LAYERS, *MOVE_COLUMNS))
    part = dataclasses.replace(results, record=record, runs=few)
    return [why(part, row) for row in range(len(results.dates))]


def page_file(name: str) -> str:
    """The text of a file of the page."""
    return (files("tensionsim.webpage") / name).read_text(encoding="utf-8")


def _html(data: dict[str, Any], title: str) -> str:
    """The page with its script, its style and its data within, and nothing else allowed."""
    script, style = page_file("app.js"), page_file("style.css")
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (script, style)]
    held = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    policy = (
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src blob: data:; base-uri 'none'; "
        "form-action 'none'"
    ).format(*digests)
    page = page_file("index.html").replace("<title>tensionsim</title>", f"<title>{escape(title)}</title>")
    page = page.replace("<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)
    page = page.replace('<link rel="stylesheet" href="style.css">', f"<style>{style}</style>")
    within = f'<script type="application/json" id="data">{held}</script>\n<script>{script}</script>'
    return page.replace('<script src="app.js" defer></script>', "").replace("</body>", f"{within}\n</body>")
