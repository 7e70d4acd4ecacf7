"""What an actor sees at the start of a step, and what it can do: names and numbers of one run, read off the arrays.

A `Moment` holds what can be seen in all runs that are simulated together, a `Perception` shows it to one actor in one
run, and works out a number when it is asked for it.
"""

from __future__ import annotations

import datetime as dt
import difflib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import compress
from types import MappingProxyType
from typing import Any

import numpy as np

from tensionsim.engine.simulation import Simulation
from tensionsim.engine.step import View, decide_all
from tensionsim.engine.world import STOPPED, Acts, World
from tensionsim.errors import DecisionError, shown
from tensionsim.model.structure import Instance

AFTER_ALL_DRAWN = sys.maxsize

LATELY_MONTHS = 3.0
"""How far back an agent sees the moves that it made and received."""

Entry = tuple[int, int, int, int]
"""A decision as rows: its place, its channel, its move, its run."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A move to make, by name. A target or an issue that only one channel fits may be left out.

    place : among the moves that the model drew in this step, which keep an ensemble's order; others follow them.
    goldstein : score of a move that the model drew; None of others.

    Examples
    --------
    >>> import tensionsim as ts
    >>> ts.Decision("praise", issue="drugs")
    Decision(move='praise', target=None, issue='drugs')
    """

    move: str
    target: str | None = None
    issue: str | None = None
    place: int = field(default=AFTER_ALL_DRAWN, repr=False, compare=False)
    goldstein: float | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class MoveSeen:
    """A move that an agent has made or received. date : the start of its step, or its own day before the start."""

    date: dt.date
    actor: str
    target: str
    issue: str
    track: str
    move: str
    goldstein: float


class Repertoire:
    """What an actor can ever do: the rows of its channels, and of each its menu as moves with their scores."""

    def __init__(self, world: World, actor: str) -> None:
        self.world, self.actor = world, actor
        channels = world.channels
        self.rows = [row for row, channel in enumerate(channels.rows) if channel.actor == actor]
        self.menus, self.places = dict[int, list[tuple[str, float]]](), list[tuple[int, int, str, str, str]]()
        for row in self.rows:
            moves = [world.moves[move] for move in world.menus.move[: world.menus.size[row], row]]
            self.menus[row] = [(move.name, move.goldstein) for move in moves]
            of = channels.rows[row]
            self.places.append((row, int(channels.mirror[row]), of.target, of.issue, of.track))
        self._open: dict[tuple[int, bytes], Mapping[str, float]] = {}
        self._meant: dict[tuple[str, str | None, str | None], tuple[int, int]] = {}

    def meant(self, decision: Decision) -> tuple[int, int]:
        """Rows of the channel and the move that a decision means; DecisionError where it means none, or many."""
        key = decision.move, decision.target, decision.issue
        if key not in self._meant:
            names = self.world.menus.names
            if decision.move not in names:
                raise DecisionError(f"{self.actor}: no move {shown(decision.move)}; {self._near(decision.move)}")
            self._meant[key] = self._row(decision), names.index(decision.move)
        return self._meant[key]

    def _row(self, decision: Decision) -> int:
        """The channel that a decision means; one of a principal that names no target is towards the other."""
        rows = self.world.channels.rows
        can = [row for row in self.rows if decision.move in dict(self.menus[row])]
        on_issue = [row for row in can if decision.issue in (None, rows[row].issue)]
        fit = [row for row in on_issue if decision.target in (None, rows[row].target)]
        if len(fit) > 1 and decision.target is None:
            principals = self.world.scenario.file.principals
            fit = [row for row in fit if {rows[row].target, self.actor} <= {*principals}] or fit
        if len(fit) == 1:
            return fit[0]
        if not can:
            raise DecisionError(f"{self.actor}: {decision.move} is on no menu of its; {self._near(decision.move)}")
        places = "; ".join(f"{rows[row].target} on {rows[row].issue}" for row in fit or can)
        meant = f"{decision.move!r}" + "".join(
            f" {word} {name}" for word, name in (("towards", decision.target), ("on", decision.issue)) if name
        )
        fault = f"{meant} has more than one meaning" if fit else f"cannot make {meant}"
        raise DecisionError(f"{self.actor}: {fault}; it can {decision.move} towards {places}")

    def menu(self, row: int, is_open: bytes) -> Mapping[str, float]:
        """The moves of a channel that are open, of which each byte says whether it is, with their scores."""
        if (row, is_open) not in self._open:
            self._open[row, is_open] = MappingProxyType(dict(compress(self.menus[row], is_open)))
        return self._open[row, is_open]

    def _near(self, move: object) -> str:
        """What to say of a move that it cannot make: the nearest three that it can, or where all of them stand."""
        able = sorted({name for menu in self.menus.values() for name, _ in menu})
        if near := difflib.get_close_matches(str(move), able, 3):
            return f"did you mean {' or '.join(map(repr, near))}?"
        return f"its {len(able)} moves stand on the menus of its channels (`menu`, where one plays)"


repertoire_of = lru_cache(maxsize=64)(Repertoire)
"""The repertoire of an actor, made once for all runs of a world."""


def _move_seen(world: World, date: dt.date, channel: int, move: int) -> MoveSeen:
    of, made = world.channels.rows[channel], world.moves[move]
    return MoveSeen(date, of.actor, of.target, of.issue, of.track, made.name, made.goldstein)


class Done:
    """What was done in a step, in all runs, found by run."""

    def __init__(self, world: World, at: int, acts: Acts) -> None:
        self.at, self._world = at, world
        made = acts.where(acts.cause != STOPPED)
        self._rows: dict[int, list[tuple[int, int]]] = {}
        for channel, run, move in zip(made.channel.tolist(), made.run.tolist(), made.move.tolist(), strict=True):
            self._rows.setdefault(run, []).append((channel, move))
        self._seen: dict[int, list[MoveSeen]] = {}

    def moves(self, run: int) -> list[MoveSeen]:
        """The moves of a run."""
        if run not in self._seen:
            date = self._world.dates[self.at]
            self._seen[run] = [_move_seen(self._world, date, *rows) for rows in self._rows.get(run, ())]
        return self._seen[run]


@lru_cache(maxsize=4)
def _observed(world: World) -> list[tuple[int, MoveSeen]]:
    """The moves observed before the start, with their steps."""
    return [(one.step, _move_seen(world, one.date, one.channel, one.move)) for one in world.past.moves]


class Tables(dict[str, list[float]]):
    """Tables of a view and what it saw, as lists by run, channel, mechanism, each made when it is first asked for."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view

    def __missing__(self, name: str) -> list[float]:
        table = getattr(self.view if name in ("rate", "direction", "contributions") else self.view.seen, name)
        if name == "contributions":
            self.mechanisms, table = tuple(table), np.stack([*table.values()], axis=-1)
        self[name] = table.swapaxes(0, 1).ravel().tolist()
        return self[name]


class Moment:
    """What can be seen at the start of a step in all runs that are simulated together; it stays so when it is kept."""

    def __init__(self, now: Simulation, view: View, done: Sequence[Done] = ()) -> None:
        self.world, self.tables, self.done, self.at = now.world, Tables(view), tuple(done), now.at
        self.drawn = decide_all(now, view)
        self.indicators, self.index = now.state.indicators.T.tolist(), now.cooperation()[0]
        self._in_force, self._slots = now.state.in_force[:-2].T.tobytes(), now.world.menus.slots
        self._is_open = now.availability.is_open.swapaxes(0, 1).tobytes()

    @cached_property
    def of_drawn(self) -> dict[tuple[int, int], list[int]]:
        """Places of the moves drawn, by the rows of run and actor."""
        found: dict[tuple[int, int], list[int]] = {}
        actors = self.world.channels.actor[self.drawn.channel].tolist()
        for place, key in enumerate(zip(self.drawn.run.tolist(), actors, strict=True)):
            found.setdefault(key, []).append(place)
        return found

    def is_open_at(self, here: int) -> bytes:
        """Of each entry of a channel's menu, whether it can be made now in a run."""
        return self._is_open[here * self._slots : (here + 1) * self._slots]

    def in_force(self, run: int) -> tuple[Instance, ...]:
        """The arrangements in force."""
        rows = self.world.instances.rows
        return tuple(compress(rows, self._in_force[run * len(rows) : (run + 1) * len(rows)]))


def _number(table: str, place: str = "_here") -> Any:
    """A number of a channel seen: that of its own place in a table, or of its mirror's."""
    return property(lambda channel: channel._moment.tables[table][getattr(channel, place)])


@dataclass(slots=True, eq=False)
class ChannelSeen:
    """A channel as the actor at its start sees it, told in `Perception.channels`; worked out when asked for."""

    _moment: Moment = field(repr=False)
    _mine: Repertoire = field(repr=False)
    _row: int = field(repr=False)
    _here: int = field(repr=False)
    _mirror: int = field(repr=False)
    target: str
    issue: str
    track: str

    rate, direction, conduct = _number("rate"), _number("direction"), _number("conduct")
    tone, received = _number("tone_fast", "_mirror"), _number("conduct", "_mirror")

    @property
    def contributions(self) -> Mapping[str, float]:
        """What each mechanism adds to the direction, before unpredictability divides it."""
        tables = self._moment.tables
        entries, names = tables["contributions"], tables.mechanisms
        first = self._here * len(names)
        return dict(zip(names, entries[first : first + len(names)], strict=True))

    @property
    def menu(self) -> Mapping[str, float]:
        """The moves that can be made now, the most hostile first, with their Goldstein scores."""
        return self._mine.menu(self._row, self._moment.is_open_at(self._here))

    def make(self, move: str) -> Decision:
        """The decision to make a move here."""
        return Decision(move, self.target, self.issue)


@dataclass(frozen=True, eq=False)
class Perception:
    """What an actor sees at the start of a step, its own channels and what all see; it stays so when it is kept.

    `actor` is its name; `moment` and `run` hold what it is read from.

    Examples
    --------
    >>> import tensionsim as ts
    >>> seen = ts.TensionModel("norland-suderia").actors["norland"].perceive()
    >>> isinstance(seen, ts.Perception), [one.kind for one in seen.in_force], sorted(seen.indicators)
    (True, ['joint_survey'], ['herring'])
    >>> sorted({channel.target for channel in seen.channels})
    ['easteria', 'suderia']
    """

    actor: str
    moment: Moment = field(repr=False)
    run: int = field(repr=False)

    @property
    def date(self) -> dt.date:
        """The start of the step."""
        return self.moment.world.dates[self.moment.at]

    @property
    def cooperation(self) -> float:
        """The cooperation index, 0..100."""
        return float(of_run(self.moment.index, self.run))

    @property
    def indicators(self) -> Mapping[str, float]:
        """Each indicator in its unit."""
        return dict(zip(self.moment.world.names.indicators, self.moment.indicators[self.run], strict=True))

    @property
    def in_force(self) -> tuple[Instance, ...]:
        """The arrangements in force, each with its `kind`, `actor`, `target` and `issue`."""
        return self.moment.in_force(self.run)

    @property
    def made(self) -> tuple[MoveSeen, ...]:
        """The moves that the actor made in the last three months, the latest last."""
        return tuple(one for one in self._lately if one.actor == self.actor)

    @property
    def received(self) -> tuple[MoveSeen, ...]:
        """The moves that others made towards the actor in the last three months, the latest last."""
        return tuple(one for one in self._lately if one.target == self.actor)

    @cached_property
    def channels(self) -> tuple[ChannelSeen, ...]:
        """The actor's own channels.

        Of each: `target`, `issue`, `track`; `tone`, how friendly the target has lately been to it, -1..1; `received`
        and `conduct`, the target's and its own, Goldstein / 10 a month; `direction`, what the model inclines it to, and
        the mechanisms' `contributions`; `rate`, how often the model would have it act, acts a month; `menu`, the moves
        that can be made now with their Goldstein scores; `make(move)`, the decision to make one.
        """
        moment, mine = self.moment, repertoire_of(self.moment.world, self.actor)
        at = self.run * len(self.moment.world.channels)
        return tuple([ChannelSeen(moment, mine, row, at + row, at + mirror, *of) for row, mirror, *of in mine.places])

    @property
    def own_choice(self) -> list[Decision]:
        """What the model would have the actor do."""
        return list(self._drawn.values())

    @cached_property
    def _drawn(self) -> dict[int, Decision]:
        """Its own of the moves drawn, by their place."""
        world, drawn, found = self.moment.world, self.moment.drawn, {}
        for place in self.moment.of_drawn.get((self.run, world.names.actors.index(self.actor)), ()):
            channel = world.channels.rows[drawn.channel[place]]
            made = world.moves[drawn.move[place]]
            found[place] = Decision(made.name, channel.target, channel.issue, place, made.goldstein)
        return found

    def entry(self, decision: Decision) -> Entry:
        """A decision as rows; DecisionError where it cannot be made now."""
        drawn = self.moment.drawn
        if self._drawn.get(decision.place) == decision:
            return decision.place, int(drawn.channel[decision.place]), int(drawn.move[decision.place]), self.run
        moment, mine = self.moment, repertoire_of(self.moment.world, self.actor)
        row, move = mine.meant(decision)
        menu = mine.menu(row, moment.is_open_at(self.run * len(moment.world.channels) + row))
        if decision.move not in menu:
            channel = moment.world.channels.rows[row]
            raise DecisionError(
                f"{self.actor} cannot {decision.move} towards {channel.target} on {channel.issue} on {self.date}, as "
                f"what it begins is in force, or what it ends is not; it can {', '.join(menu)}"
            )
        return decision.place, row, move, self.run

    @cached_property
    def _lately(self) -> list[MoveSeen]:
        """The moves of the last months, those that were observed before the start first."""
        world = self.moment.world
        since = self.moment.at - steps_lately(world)
        found = [move for at, move in _observed(world) if at >= since] if since < 0 else []
        for done in self.moment.done:
            found += done.moves(self.run)
        return found


def steps_lately(world: World) -> int:
    """How many steps an agent looks back."""
    return round(LATELY_MONTHS / world.dt_months)


def of_run(values: Any, run: int) -> Any:
    """What an array that ends in the axis `run`, of width 1 where all agree, holds of a run."""
    return values[..., run if values.shape[-1] > 1 else 0]
