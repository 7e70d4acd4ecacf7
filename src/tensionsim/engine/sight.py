"""Sight: what one actor sees in a single run, and the decisions that it makes by name.

Everyone's arrays of a step, cut down to one actor and to plain numbers: for a government that decides in Python.
"""

from __future__ import annotations

import datetime as dt
import difflib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

import numpy as np

from tensionsim.choice import can_be_made
from tensionsim.engine.acts import OWN, Acts, acts_of
from tensionsim.engine.deciding import View, once
from tensionsim.engine.simulation import Simulation
from tensionsim.engine.standing import standing_of
from tensionsim.engine.world import World
from tensionsim.errors import DecisionError
from tensionsim.world.channels import Bools, Channel
from tensionsim.world.menus import Menus

AFTER_ALL_DRAWN = sys.maxsize

Entry = tuple[int, int, int]
"""A decision as rows: its place, its channel, its move."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A move to make, by name. A target or an issue that only one channel fits may be left out.

    place : among the moves that the model drew in this step, which keep an ensemble's order; others follow them.

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


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """A channel as the actor at its start sees it.

    rate : how often the model would have it act, acts a month. direction : what the model inclines it to, above 0 to
    cooperation; `contributions` of the mechanisms make it, before unpredictability divides it. tone : how friendly
    the target has lately been to it, in [-1, 1]. received, conduct : the target's conduct and its own, Goldstein / 10
    a month. menu : the moves that can be made now, the most hostile first, with their Goldstein scores.
    """

    target: str
    issue: str
    track: str
    rate: float
    direction: float
    contributions: Mapping[str, float]
    tone: float
    received: float
    conduct: float
    menu: Mapping[str, float]

    def make(self, move: str) -> Decision:
        """The decision to make a move here."""
        return Decision(move, self.target, self.issue)


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to see at the start of a step, the same for all actors; it stays as it was when it is kept.

    cooperation : the index, 0..100. drawn : what the model would have all actors do.
    """

    date: dt.date
    cooperation: float
    world: World
    view: View
    drawn: Acts
    in_force: Bools


@dataclass(frozen=True)
class Sight:
    """What an actor sees at the start of a step: its own channels, and of the scene what all see."""

    actor: str
    scene: Scene

    @property
    def date(self) -> dt.date:
        """The date on which the step starts."""
        return self.scene.date

    @property
    def cooperation(self) -> float:
        """The cooperation index, 0..100."""
        return self.scene.cooperation

    @cached_property
    def channels(self) -> tuple[ChannelSeen, ...]:
        """The actor's own channels."""
        return tuple(self._channel(row) for row in self._rows)

    @property
    def own_choice(self) -> list[Decision]:
        """What the model would have the actor do."""
        return list(self._drawn.values())

    def entry(self, decision: Decision) -> Entry:
        """A decision as rows.

        Raises
        ------
        DecisionError
            If there is no such move, or it is not on the actor's menu now.
        """
        names, drawn = self._menus.names, self.scene.drawn
        if self._drawn.get(decision.place) == decision:
            return decision.place, int(drawn.channel[decision.place]), int(drawn.move[decision.place])
        if decision.move not in names:
            near = difflib.get_close_matches(decision.move, names, 1)
            raise DecisionError(
                f"{self.actor}: no move {decision.move!r}; "
                + (f"did you mean {near[0]!r}?" if near else f"it can {', '.join(self._repertoire())}")
            )
        move = names.index(decision.move)
        row = self._row(decision, move)
        if not can_be_made(self._menus, move, row, self.scene.in_force)[0]:
            channel = self._channel(row)
            raise DecisionError(
                f"{self.actor} cannot {decision.move} towards {channel.target} on {channel.issue} on {self.date}, as "
                f"what it begins is in force, or what it ends is not; it can {', '.join(channel.menu)}"
            )
        return decision.place, row, move

    def _row(self, decision: Decision, move: int) -> int:
        """The channel that a decision means; one of a principal that names no target is towards the other."""
        rows = self.scene.world.channels.rows
        can = [row for row in self._rows if move in self._menu(row)]
        fit = [row for row in can if _fits(decision, rows[row])]
        if len(fit) > 1 and decision.target is None:
            fit = [row for row in fit if {rows[row].target, self.actor} <= self._principals] or fit
        if len(fit) == 1:
            return fit[0]
        if not can:
            raise DecisionError(
                f"{self.actor}: {decision.move} is on no menu of its; it can {', '.join(self._repertoire())}"
            )
        places = "; ".join(f"{rows[row].target} on {rows[row].issue}" for row in fit or can)
        fault = f"{decision} has more than one meaning" if fit else f"cannot make {decision}"
        raise DecisionError(f"{self.actor}: {fault}; it can {decision.move} towards {places}")

    def _channel(self, row: int) -> ChannelSeen:
        world, view, seen = self.scene.world, self.scene.view, self.scene.view.seen
        channel, mirror = world.channels.rows[row], world.channels.mirror[row]
        open_now = [world.moves[move] for move in world.menus.move[self._is_open[:, row], row]]
        return ChannelSeen(
            target=channel.target,
            issue=channel.issue,
            track=channel.track,
            rate=float(view.rate[row, 0]),
            direction=float(view.direction[row, 0]),
            contributions={name: float(values[row, 0]) for name, values in view.contributions.items()},
            tone=float(seen.tone_fast[mirror, 0]),
            received=float(seen.conduct[mirror, 0]),
            conduct=float(seen.conduct[row, 0]),
            menu={move.name: move.goldstein for move in open_now},
        )

    @cached_property
    def _drawn(self) -> dict[int, Decision]:
        """Its own of the moves drawn, by their place."""
        names, rows, drawn = self._menus.names, self.scene.world.channels.rows, self.scene.drawn
        return {
            place: Decision(names[move], rows[row].target, rows[row].issue, place)
            for place, (row, move) in enumerate(zip(drawn.channel.tolist(), drawn.move.tolist(), strict=True))
            if rows[row].actor == self.actor
        }

    @cached_property
    def _rows(self) -> list[int]:
        return [row for row, channel in enumerate(self.scene.world.channels.rows) if channel.actor == self.actor]

    @cached_property
    def _is_open(self) -> Bools:
        """Whether each entry of the menus can be made now, shape (slot, channel)."""
        is_open: Bools = standing_of(self.scene.world, self.scene.in_force).is_open[:, 0].T > 0
        return is_open

    @property
    def _principals(self) -> set[str]:
        return {self.scene.world.names.actors[row] for row in self.scene.world.principals}

    @property
    def _menus(self) -> Menus:
        return self.scene.world.menus

    def _menu(self, row: int) -> list[int]:
        menu: list[int] = self._menus.move[: self._menus.size[row], row].tolist()
        return menu

    def _repertoire(self) -> list[str]:
        return sorted({self._menus.names[move] for row in self._rows for move in self._menu(row)})


def acts_decided(entries: Sequence[Entry], now: Simulation) -> Acts:
    """The acts of one run: those that the model drew in an ensemble's order, then the others."""
    rows = np.array(sorted(entries, key=itemgetter(0)), np.int64).reshape(-1, 3)
    return once(now, acts_of(rows[:, 1], np.zeros(len(rows), np.int64), rows[:, 2], OWN))


def _fits(decision: Decision, channel: Channel) -> bool:
    return decision.target in (None, channel.target) and decision.issue in (None, channel.issue)
