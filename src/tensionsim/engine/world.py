"""A world: everything about a scenario that no run changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensionsim.engine.calendar import Assignment, Turn
from tensionsim.moves import Arrangement, Catalogue, Move
from tensionsim.scenario import Scenario
from tensionsim.scenario.schema import ScenarioFile
from tensionsim.world.arrangements import Instances, Registry
from tensionsim.world.channels import Bools, Channels, Floats, Ints
from tensionsim.world.indicators import Indicators
from tensionsim.world.menus import Menus
from tensionsim.world.settings import Names
from tensionsim.world.state import State

if TYPE_CHECKING:
    from tensionsim.engine.conditions import Question, Watch
    from tensionsim.engine.doctrine import Doctrine, Veto

NEVER = -(10**9)
"""The step at which a watched move was last made, where it never was."""


@dataclass(slots=True)
class Observation:
    """What conditions may ask about. `cooperation` gives (index, issues) and is called only where asked."""

    state: State
    step: int
    conduct: Floats
    pressure: Floats
    cooperation: Callable[[], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Shifts:
    """What moves shift; arrays over moves. indicator_by, indicator_share : (indicator, move). anything : if they do."""

    indicator_by: Floats
    indicator_share: Floats
    stance: Floats
    rhetoric: Floats
    expectations: Floats
    anything: Bools


@dataclass(frozen=True, slots=True)
class Timetable:
    """What the calendar holds, by step; months to each actor's next election, shape (actor, date)."""

    moves: Mapping[int, tuple[tuple[int, int], ...]]
    turns: Mapping[int, Sequence[Turn]]
    months_to_election: Floats


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules, checks, and the events that a report counts; with how many timers and watched moves they need."""

    doctrines: tuple[Doctrine, ...]
    vetoes: tuple[Veto, ...]
    events: Mapping[str, Question]
    timers: int
    watches: tuple[Watch, ...]


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the parts of a world are built on."""

    file: ScenarioFile
    catalogue: Catalogue
    names: Names
    channels: Channels
    menus: Menus
    registry: Registry


@dataclass(frozen=True, slots=True)
class PastMove:
    """An observed move before the start: its date, its step (< 0) and its rows."""

    date: dt.date
    step: int
    channel: int
    move: int
    description: str


@dataclass(frozen=True, slots=True)
class Past:
    """What was observed before the start.

    standing : (instance, first step, step after the last) in force; first is None for what was in force from the
    beginning, and the last of what is in force at the start is followed by step 0. origin : step of the first move.
    """

    moves: tuple[PastMove, ...]
    standing: tuple[tuple[int, int | None, int], ...]
    origin: int


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class World:
    """A scenario assembled: names, connections, menus, calendar, doctrine, past. Steps go from 0 to `steps` - 1.

    sources : every number of the file, with the defaults of those it is silent about. in_force : rows of the instances
    in force at the start. dyad : rows of the channels between the principals. regional : rows of regional actors.
    """

    scenario: Scenario
    names: Names
    principals: tuple[int, int]
    dates: tuple[dt.date, ...]
    dt_months: float
    channels: Channels
    menus: Menus
    moves: tuple[Move, ...]
    kinds: Mapping[str, Arrangement]
    instances: Instances
    indicators: Indicators
    shifts: Shifts
    sources: tuple[Assignment, ...]
    off: frozenset[str]
    timetable: Timetable
    rulebook: Rulebook
    past: Past
    in_force: tuple[int, ...]
    dyad: Ints
    regional: tuple[int, ...]
    leaders: tuple[int, ...]

    @property
    def steps(self) -> int:
        return len(self.dates) - 1
