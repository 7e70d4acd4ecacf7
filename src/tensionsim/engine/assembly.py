"""Assembly: from a scenario to the world that the engine runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np

from tensionsim.engine import calendar, past, rulebook, sources
from tensionsim.engine.lookup import MoveLookup
from tensionsim.engine.watching import watched
from tensionsim.engine.world import Foundation, Past, Shifts, Timetable, World
from tensionsim.moves import Catalogue, Move
from tensionsim.scenario import Scenario, addressing
from tensionsim.scenario.catalogue import catalogue_of
from tensionsim.scenario.schema import Actor, ArrangementRef, ScenarioFile
from tensionsim.world import channels as channel_rows
from tensionsim.world.arrangements import Registry
from tensionsim.world.channels import Channel, Channels, Ints
from tensionsim.world.menus import compose
from tensionsim.world.settings import Names


def assemble(scenario: Scenario, before: past.Known | None = None, also: Sequence[Channel] = ()) -> World:
    """The world of a scenario: names, channels, menus, calendar, doctrine and past.

    before : what is known of the days before the start, where it is not what the file's own history tells. also :
    channels that it has whatever else.
    """
    file = scenario.file
    names = Names(tuple(file.actors), tuple(file.issues), tuple(file.indicators))
    catalogue = catalogue_of(file.moves, file.arrangement_kinds)
    lookup = MoveLookup(file, catalogue)
    observed = past.known(file) if before is None else before
    scheduled = [lookup.channel(one.actor, one.move, one.issue, one.target) for one in file.schedule]
    wanted = [*scheduled, *rulebook.channels_of_rules(file, lookup), *also]
    wanted += past.channels_of(observed.moves, catalogue, names)
    channels = channel_rows.connect(_channels(file, catalogue, wanted), names.actors, names.issues)
    registry = Registry(catalogue.arrangements)
    menus = compose(
        channels.rows, catalogue.moves, {name: actor.repertoire for name, actor in file.actors.items()}, registry
    )
    base = Foundation(file, catalogue, names, channels, menus, registry)
    past_placed = past.place(observed, base)
    started = _in_force(base, past_placed)
    instances = registry.table(channels)
    dates = scenario.steps
    return World(
        scenario=scenario,
        names=names,
        principals=(names.actors.index(file.principals[0]), names.actors.index(file.principals[1])),
        dates=dates,
        dt_months=scenario.dt_months,
        channels=channels,
        menus=menus,
        moves=tuple(catalogue.moves.values()),
        kinds=catalogue.arrangements,
        instances=instances,
        indicators=watched(file, names, channels, registry, scenario.dt_months),
        shifts=_shifts(tuple(catalogue.moves.values()), names.indicators),
        sources=tuple(sources.numbers(file)),
        off=frozenset(name for name, value in file.mechanisms.items() if value == "off"),
        timetable=_timetable(file, dates, scheduled, channels, menus.names),
        rulebook=rulebook.assemble(base, lookup, instances, scenario),
        past=past_placed,
        in_force=started,
        dyad=_dyad(channels, file.principals),
        regional=tuple(row for row, actor in enumerate(file.actors.values()) if actor.regional),
        leaders=tuple(_leader_row(actor, file) for actor in file.actors.values()),
    )


def _channels(file: ScenarioFile, catalogue: Catalogue, wanted: Sequence[Channel]) -> list[Channel]:
    """All channels: of the dyad, of third parties that have relations, and those that the file names; with mirrors."""
    found: dict[Channel, None] = {}
    for actor in file.actors:
        for target in file.actors:
            for channel in _between(actor, target, file, catalogue) if actor != target else ():
                found[channel] = None
    for channel in wanted:
        found[channel] = found[channel.mirror] = None
    return sorted(found, key=lambda one: (_rank(one, file), one.track, list(file.issues).index(one.issue)))


def _rank(channel: Channel, file: ScenarioFile) -> tuple[bool, int, int]:
    actors = list(file.actors)
    is_outer = not {channel.actor, channel.target} <= set(file.principals)
    return is_outer, actors.index(channel.actor), actors.index(channel.target)


def _between(actor: str, target: str, file: ScenarioFile, catalogue: Catalogue) -> Iterator[Channel]:
    """Channels from one actor to another.

    Assumption: a third party takes part in the issues on which it holds a stance, with those to whom either side has
    stated an affinity or a dependence; its technical track exists where a move was made for it by name.
    """
    if {actor, target} == set(file.principals):
        yield from (Channel(actor, target, issue, track) for issue in file.issues for track in channel_rows.TRACKS)
        return
    if not (_knows(file.actors[actor], target) or _knows(file.actors[target], actor)):
        return
    for issue in file.issues:
        if issue in (file.actors[actor].stances or {}) and issue in (file.actors[target].stances or {}):
            yield Channel(actor, target, issue, "political")
            if _has_named_technical(actor, target, issue, catalogue) or _has_named_technical(
                target, actor, issue, catalogue
            ):
                yield Channel(actor, target, issue, "technical")


def _knows(actor: Actor, other: str) -> bool:
    return other in (actor.affinity or {}) or other in (actor.dependence or {})


def _has_named_technical(actor: str, target: str, issue: str, catalogue: Catalogue) -> bool:
    return any(
        move.track == "technical"
        and actor in move.actors
        and target in move.targets
        and move.can_be_made(actor, target, issue)
        for move in catalogue.moves.values()
    )


def _dyad(channels: Channels, principals: tuple[str, str]) -> Ints:
    inside = [row for row, one in enumerate(channels.rows) if {one.actor, one.target} == set(principals)]
    return np.array(inside, np.int64)


def _in_force(base: Foundation, before: Past) -> tuple[int, ...]:
    """Rows in force at the start: as the file lists them, else as the history leaves them."""
    if base.file.arrangements is None:
        return tuple(row for row, _, until in before.standing if until == 0)
    rows = [_referred(reference, base) for reference in base.file.arrangements]
    return tuple(sorted({row for found in rows for row in found}))


def _referred(reference: str | ArrangementRef, base: Foundation) -> list[int]:
    ref = ArrangementRef(name=reference) if isinstance(reference, str) else reference
    world = addressing.World(base.file.principals, base.names.actors, base.names.issues)
    places = addressing.holders(base.catalogue.arrangements[ref.name], ref.actor, ref.target, ref.issue, world)
    rows = [base.registry.instance(ref.name, *place) for place in places]
    return [row for row in rows if row is not None]


def _leader_row(actor: Actor, file: ScenarioFile) -> int:
    return -1 if actor.leader is None else list(file.leaders).index(actor.leader)


def _timetable(
    file: ScenarioFile, dates: Sequence[dt.date], scheduled: Sequence[Channel], channels: Channels, names: Sequence[str]
) -> Timetable:
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    for one, channel in sorted(zip(file.schedule, scheduled, strict=True), key=lambda pair: pair[0].date):
        step = calendar.step_of(one.date, dates)
        found[step] = (*found.get(step, ()), (channels.index(channel), list(names).index(one.move)))
    elections = {name: tuple(days) if isinstance(days, list) else (days,) for name, days in file.elections.items()}
    return Timetable(
        found, calendar.turns(file, dates), calendar.months_to_elections(elections, tuple(file.actors), dates)
    )


def _shifts(entries: Sequence[Move], indicators: Sequence[str]) -> Shifts:
    by = np.zeros((len(indicators), len(entries)))
    share = np.zeros((len(indicators), len(entries)))
    own = {name: np.zeros(len(entries)) for name in ("stance", "rhetoric", "expectations")}
    for column, move in enumerate(entries):
        for shift in move.shifts:
            if shift.quantity in own:
                own[shift.quantity][column] += shift.amount
            elif shift.quantity in indicators:
                (share if shift.is_relative else by)[indicators.index(shift.quantity), column] += shift.amount
    anything = np.array([bool(move.shifts) for move in entries], bool)
    return Shifts(by, share, own["stance"], own["rhetoric"], own["expectations"], anything)
