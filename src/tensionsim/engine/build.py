"""Assembly: from a scenario to the world that the engine runs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.engine import calendar, rules
from tensionsim.engine.calendar import Assignment, Value
from tensionsim.engine.past import Known, past_of, place
from tensionsim.engine.rules import Questions, Veto, channel_rows
from tensionsim.engine.world import Foundation, Past, Rulebook, Shifts, Timetable, World
from tensionsim.model.catalogue import Catalogue, Move
from tensionsim.model.mechanisms import MECHANISMS, Mechanism
from tensionsim.model.parameters import DEFAULTS, ENGINE, OUTSIDER_ATTENTION, STANCE_AT_REST, Names
from tensionsim.model.state import HIGHEST, Drive, Indicators, kept
from tensionsim.model.structure import TRACKS, Channel, Channels, Floats, Instances, Ints, Registry, compose, connect
from tensionsim.scenario.histories import history_of
from tensionsim.scenario.names import Cast, address, catalogue_of, holders
from tensionsim.scenario.quantities import chance_per_step, growth_per_month, months
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.schema import (
    Act,
    Actor,
    ActorPatch,
    ArrangementRef,
    Condition,
    Driver,
    Indicator,
    Odds,
    Rule,
    ScenarioFile,
)


class MoveLookup:
    """Finds the channel that a move named in a file is made in."""

    def __init__(self, file: ScenarioFile, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._world = Cast(file.principals, tuple(file.actors), tuple(file.issues))

    def channel(self, actor: str, move: str, issue: str | None, target: str | None) -> Channel:
        """The channel of a move whose issue and target may be left to be found, as the loader has checked."""
        entry = self.catalogue.moves[move]
        towards, on = address(entry, actor, target, issue, self._world)
        return Channel(actor, towards, on, entry.track)


def known(file: ScenarioFile) -> Known:
    """What the history that a file names tells of the days before its start."""
    history = history_of(file)
    if history is None:
        return Known()
    return place(history.until(file.start - dt.timedelta(days=1)), file).known(history, file.start, as_coded=True)


def numbers(file: ScenarioFile, mechanisms: Sequence[Mechanism]) -> Iterator[Assignment]:
    """Every number of the file by its path, after the defaults."""
    for name, parameter in ENGINE.items():
        yield Assignment(f"parameters.{name}", parameter.default, "")
    for mechanism in mechanisms:
        for name, parameter in mechanism.parameters.items():
            yield Assignment(f"mechanisms.{mechanism.name}.{name}", parameter.default, "")
    for actor in file.actors:
        yield from (Assignment(f"actors.{actor}.{name}", value, "") for name, value in DEFAULTS.items())
        if actor not in file.principals:
            yield Assignment(f"actors.{actor}.attention", OUTSIDER_ATTENTION, "")
        yield from (Assignment(f"actors.{actor}.stances.{issue}", STANCE_AT_REST, "") for issue in file.issues)
    for path, value in _written(file):
        yield Assignment(path, value, path)


def _written(file: ScenarioFile) -> Iterator[tuple[str, Value]]:
    for name, value in file.parameters.items():
        yield f"parameters.{name}", value
    for name, values in file.mechanisms.items():
        for parameter, value in values.items() if isinstance(values, Mapping) else ():
            yield f"mechanisms.{name}.{parameter}", value
    for name, actor in file.actors.items():
        for assignment in calendar.numbers_of(actor, f"actors.{name}", f"actors.{name}"):
            yield assignment.path, assignment.value
    for name, indicator in file.indicators.items():
        yield from _indicator_numbers(name, indicator)
    yield from _chances(file)


def _indicator_numbers(name: str, indicator: Indicator) -> Iterator[tuple[str, Value]]:
    yield f"indicators.{name}.value", indicator.value
    growth = indicator.growth
    yield f"indicators.{name}.growth", growth_per_month(growth) if isinstance(growth, str) else growth
    for row, driver in enumerate(indicator.driven_by):
        yield f"indicators.{name}.driven_by.{row}.effect", driver.effect
    yield f"indicators.{name}.rest", indicator.reference if indicator.rest is None else indicator.rest


def owners(file: ScenarioFile) -> Iterator[tuple[str, str, str | None, ActorPatch]]:
    """Who has rules and checks: (path, actor, leader or None, patch); leaders' own hold while they govern."""
    for name, actor in file.actors.items():
        yield f"actors.{name}", name, None, actor
    for leader, patch in file.leaders.items():
        for name in file.actors if patch.rules or patch.checks else ():
            yield f"leaders.{leader}", name, leader, patch


def _chances(file: ScenarioFile) -> Iterator[tuple[str, Value]]:
    """Chances of rules and checks that may be uncertain."""
    for path, _, _, patch in owners(file):
        for name, check in (patch.checks or {}).items():
            yield f"{path}.checks.{name}.chance", check.chance
        for name, rule in (patch.rules or {}).items():
            if not isinstance(rule.chance, str) and not hasattr(rule.chance, "start"):
                yield f"{path}.rules.{name}.chance", rule.chance


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to write a rule down in rows."""

    base: Foundation
    lookup: MoveLookup
    questions: Questions

    def action(self, actor: str, act: Act | Rule) -> rules.Action:
        """The rows of a rule's move."""
        channel = self.lookup.channel(actor, act.move, act.issue, act.target)
        return rules.Action(self.base.channels.index(channel), self.base.menus.names.index(act.move))

    def actor(self, name: str) -> int:
        """Row of an actor."""
        return self.base.names.actors.index(name)

    def leader(self, name: str | None) -> int:
        """Row of a leader; -1 for none."""
        return -1 if name is None else list(self.base.file.leaders).index(name)


def channels_of_rules(file: ScenarioFile, lookup: MoveLookup) -> list[Channel]:
    """The channels in which rules act."""
    return [
        lookup.channel(actor, act.move, act.issue, act.target)
        for _, actor, leader, patch in owners(file)
        for rule in (patch.rules or {}).values()
        for act in (rule, rule.otherwise)
        if act is not None and (leader is None or may_lead(file, actor, leader))
    ]


def rulebook_assemble(base: Foundation, lookup: MoveLookup, instances: Instances, scenario: Scenario) -> Rulebook:
    """The rulebook of a file."""
    file, names = base.file, base.names
    questions = Questions(base.channels, instances, names.issues, names.indicators, scenario.steps, scenario.dt_months)
    desk = Desk(base, lookup, questions)
    conducted, vetoes = [], []
    for path, actor, leader, patch in owners(file):
        if leader is not None and not may_lead(file, actor, leader):
            continue
        for name, rule in (patch.rules or {}).items():
            conducted.append(_rule(f"{path}.rules.{name}.chance", rule, actor, leader, desk))
        for name, check in (patch.checks or {}).items():
            stops = np.array([base.menus.names.index(move) for move in check.stops], np.int64)
            vetoes.append(Veto(f"{path}.checks.{name}.chance", stops, desk.actor(actor), desk.leader(leader)))
    events = {name: questions.ask(condition) for name, condition in file.events.items()}
    return Rulebook(tuple(conducted), tuple(vetoes), events, questions.timers, tuple(questions.watches))


def may_lead(file: ScenarioFile, actor: str, leader: str) -> bool:
    """Whether a leader can come to govern an actor in this file."""
    named = [(change.actor, change.leader) for change in file.changes]
    named += [(change.actor, one.leader) for change in file.changes for one in change.one_of]
    return file.actors[actor].leader == leader or (actor, leader) in named


def _rule(path: str, rule: Rule, actor: str, leader: str | None, desk: Desk) -> rules.Rule:
    dt_months = desk.questions.dt_months
    cooldown = 1 if rule.cooldown is None else max(1, math.ceil(months(rule.cooldown) / dt_months - 1e-9))
    odds = None
    if isinstance(rule.chance, Odds):
        odds = rules.Odds(desk.questions.value(_observed(rule.chance)), rule.chance.start, rule.chance.end)
    return rules.Rule(
        path=path,
        question=desk.questions.ask(rule.when),
        action=desk.action(actor, rule),
        otherwise=None if rule.otherwise is None else desk.action(actor, rule.otherwise),
        chance=chance_per_step(rule.chance, dt_months) if isinstance(rule.chance, str) else None,
        odds=odds,
        cooldown_steps=cooldown,
        once=rule.once,
        actor=desk.actor(actor),
        leader=desk.leader(leader),
    )


def _observed(odds: Odds) -> Condition:
    """The observable that odds speak of, as a condition without bounds."""
    return Condition.model_validate({odds.of: odds.name or "index", "issue": odds.issue})


def watched(file: ScenarioFile, names: Names, channels: Channels, registry: Registry, dt_months: float) -> Indicators:
    """The indicators of a file."""
    entries = tuple(file.indicators.values())
    half_lives = [np.inf if one.half_life is None else months(one.half_life) for one in entries]
    responsible = [-1 if one.responsible is None else names.actors.index(one.responsible) for one in entries]
    return Indicators(
        names=names.indicators,
        units=tuple(one.unit for one in entries),
        reference=_column([one.reference for one in entries]),
        issue=np.array([names.issues.index(one.issue) for one in entries], np.int64),
        responsible=np.array(responsible, np.int64),
        blamed=tuple(_blamed(one, names, channels) for one in entries),
        is_relative=np.array([one.scale == "relative" for one in entries], bool),
        return_keep=kept(_column(half_lives), dt_months),
        floor=_column([one.floor for one in entries]),
        ceiling=_column([HIGHEST if one.ceiling is None else one.ceiling for one in entries]),
        drives=tuple(
            tuple(
                _drive(f"indicators.{name}.driven_by.{row}.effect", driver, names, channels, registry)
                for row, driver in enumerate(one.driven_by)
            )
            for name, one in file.indicators.items()
        ),
    )


def _blamed(one: Indicator, names: Names, channels: Channels) -> Ints:
    """Rows of the channels of the indicator's issue towards who is responsible, or between all where nobody is."""
    on_issue = channels.issue == names.issues.index(one.issue)
    if one.responsible is None:
        return np.flatnonzero(on_issue)
    return np.flatnonzero(on_issue & (channels.target == names.actors.index(one.responsible)))


def _column(values: Sequence[float]) -> Floats:
    return np.array(values, np.float64).reshape(-1, 1)


def _drive(path: str, driver: Driver, names: Names, channels: Channels, registry: Registry) -> Drive:
    if driver.indicator is not None:
        return Drive("indicator", np.array([names.indicators.index(driver.indicator)]), False, path)
    if driver.arrangement is not None:
        rows = [row for row, one in enumerate(registry.rows) if one.kind == driver.arrangement]
        return Drive("arrangement", np.array(rows, np.int64), False, path)
    rows = channel_rows(channels, str(driver.conduct), driver.issue, None)
    return Drive("conduct", np.array(rows, np.int64), driver.hostile, path)


def assemble(scenario: Scenario, before: Known | None = None, also: Sequence[Channel] = ()) -> World:
    """The world of a scenario: names, channels, menus, calendar, rules and past.

    before : what is known of the days before the start, where it is not what the file's own history tells. also :
    channels that it has whatever else.
    """
    file = scenario.file
    names = Names(tuple(file.actors), tuple(file.issues), tuple(file.indicators))
    catalogue = catalogue_of(file.moves, file.arrangement_kinds)
    lookup = MoveLookup(file, catalogue)
    observed = known(file) if before is None else before
    scheduled = [lookup.channel(one.actor, one.move, one.issue, one.target) for one in file.schedule]
    wanted = [*scheduled, *channels_of_rules(file, lookup), *also]
    wanted += sorted({*(one.channel for one in observed.moves), *(one.channel for one in observed.excess)})
    channels = connect(_channels(file, catalogue, wanted), names.actors, names.issues)
    registry = Registry(catalogue.arrangements)
    menus = compose(
        channels.rows, catalogue.moves, {name: actor.repertoire for name, actor in file.actors.items()}, registry
    )
    base = Foundation(file, catalogue, names, channels, menus, registry)
    past_placed = past_of(observed, base)
    started = _in_force(base, past_placed)
    instances = registry.table(channels)
    dates, mechanisms = scenario.steps, (*MECHANISMS, *scenario.mechanisms)
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
        sources=tuple(numbers(file, mechanisms)),
        mechanisms=mechanisms,
        off=frozenset(name for name, value in file.mechanisms.items() if value == "off"),
        timetable=_timetable(file, dates, scheduled, channels, menus.names),
        rulebook=rulebook_assemble(base, lookup, instances, scenario),
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
        yield from (Channel(actor, target, issue, track) for issue in file.issues for track in TRACKS)
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
        return tuple(row for row, _, until in before.arrangements if until == 0)
    rows = [_referred(reference, base) for reference in base.file.arrangements]
    return tuple(sorted({row for found in rows for row in found}))


def _referred(reference: str | ArrangementRef, base: Foundation) -> list[int]:
    ref = ArrangementRef(name=reference) if isinstance(reference, str) else reference
    world = Cast(base.file.principals, base.names.actors, base.names.issues)
    places = holders(base.catalogue.arrangements[ref.name], ref.actor, ref.target, ref.issue, world)
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
