"""Assembly: from a scenario to the world that the engine runs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import permutations

import numpy as np

from tensionsim.engine import calendar, rules
from tensionsim.engine.calendar import Assignment, Value
from tensionsim.engine.past import Past, Placement, place
from tensionsim.engine.rules import Questions, Veto, channel_rows
from tensionsim.engine.world import Foundation, Rulebook, Shifts, Timetable, World
from tensionsim.model.catalogue import Catalogue
from tensionsim.model.mechanisms import MECHANISMS, Mechanism
from tensionsim.model.parameters import DEFAULTS, ENGINE, OUTSIDER_ATTENTION, STANCE_AT_REST, Names
from tensionsim.model.state import HIGHEST, Drive, Indicators, kept
from tensionsim.model.structure import TRACKS, Channel, Channels, Floats, Instances, Menus, Registry
from tensionsim.scenario import schema
from tensionsim.scenario.names import Cast, address, catalogue_of, history_of, holders
from tensionsim.scenario.quantities import chance_per_step, growth_per_month, months
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.schema import ScenarioFile


def channel_of(
    file: ScenarioFile, catalogue: Catalogue, actor: str, act: schema.Act | schema.Rule | schema.ScheduledMove
) -> Channel:
    """The channel of a move whose issue and target may be left to be found, as the loader has checked."""
    entry = catalogue.moves[act.move]
    cast = Cast(file.principals, tuple(file.actors), tuple(file.issues))
    return Channel(actor, *address(entry, actor, act.target, act.issue, cast), entry.track)


def known(file: ScenarioFile) -> Placement:
    """What the history that a file names tells of the days before its start."""
    history = history_of(file)
    if history is None:
        return Placement()
    return place(history.until(file.start - dt.timedelta(days=1)), file).known(history, file.start, as_coded=True)


def numbers(file: ScenarioFile, mechanisms: Sequence[Mechanism]) -> Iterator[Assignment]:
    """Every number of the file by its path, after the defaults; where it is uncertain it is drawn by its path."""
    usual = {f"parameters.{name}": one.default for name, one in ENGINE.items()}
    for mechanism in mechanisms:
        usual |= {f"mechanisms.{mechanism.name}.{name}": one.default for name, one in mechanism.parameters.items()}
    for actor in file.actors:
        usual |= {f"actors.{actor}.{name}": value for name, value in DEFAULTS.items()}
        usual |= {} if actor in file.principals else {f"actors.{actor}.attention": OUTSIDER_ATTENTION}
        usual |= {f"actors.{actor}.stances.{issue}": STANCE_AT_REST for issue in file.issues}
    yield from (Assignment(path, value, "") for path, value in usual.items())
    said: dict[str, Value] = {f"parameters.{name}": value for name, value in file.parameters.items()}
    for name, values in file.mechanisms.items():
        if isinstance(values, Mapping):
            said |= {f"mechanisms.{name}.{parameter}": value for parameter, value in values.items()}
    for name, patch in file.actors.items():
        said |= calendar.numbers_of(patch, f"actors.{name}")
    for name, one in file.indicators.items():
        growth = growth_per_month(one.growth) if isinstance(one.growth, str) else one.growth
        of: dict[str, Value] = {"value": one.value, "growth": growth}
        of |= {f"driven_by.{row}.effect": driver.effect for row, driver in enumerate(one.driven_by)}
        of["rest"] = one.reference if one.rest is None else one.rest
        said |= {f"indicators.{name}.{key}": value for key, value in of.items()}
    for path, _, _, ruler in owners(file):
        said |= {f"{path}.checks.{name}.chance": check.chance for name, check in (ruler.checks or {}).items()}
        for name, rule in (ruler.rules or {}).items():
            if not isinstance(rule.chance, str | schema.Odds):
                said[f"{path}.rules.{name}.chance"] = rule.chance
    yield from (Assignment(path, value, path) for path, value in said.items())


def owners(file: ScenarioFile) -> Iterator[tuple[str, str, str | None, schema.ActorPatch]]:
    """Who has rules and checks: (path, actor, leader or None, patch); leaders' own hold while they govern."""
    for name, actor in file.actors.items():
        yield f"actors.{name}", name, None, actor
    for leader, patch in file.leaders.items():
        for name in file.actors if patch.rules or patch.checks else ():
            yield f"leaders.{leader}", name, leader, patch


def rulebook_of(base: Foundation, instances: Instances, scenario: Scenario) -> Rulebook:
    """The rulebook of a file."""
    file, names, dt_months = base.file, base.names, scenario.dt_months
    questions = Questions(base, instances, scenario.steps, dt_months)
    leaders = {None: -1} | {name: row for row, name in enumerate(file.leaders)}
    conducted, vetoes = list[rules.Rule](), list[Veto]()

    def action(actor: str, act: schema.Act | schema.Rule) -> rules.Action:
        channel = channel_of(file, base.catalogue, actor, act)
        return rules.Action(base.channels.index(channel), base.menus.names.index(act.move))

    for path, actor, leader, patch in owners(file):
        if leader is not None and not may_lead(file, actor, leader):
            continue
        row = names.actors.index(actor)
        for name, rule in (patch.rules or {}).items():
            chance: rules.Value | float | None = None
            if isinstance(of := rule.chance, schema.Odds):
                asked = schema.Condition.model_validate({of.of: of.name or "index", "issue": of.issue})
                chance = partial(rules.odds, questions.value(asked), of.start, of.end)
            elif isinstance(of, str):
                chance = chance_per_step(of, dt_months)
            cooldown = 0 if rule.cooldown is None else math.ceil(months(rule.cooldown) / dt_months - 1e-9)
            conducted.append(
                rules.Rule(
                    path=f"{path}.rules.{name}.chance",
                    question=questions.ask(rule.when),
                    action=action(actor, rule),
                    otherwise=None if rule.otherwise is None else action(actor, rule.otherwise),
                    chance=chance,
                    cooldown_steps=max(1, cooldown),
                    once=rule.once,
                    actor=row,
                    leader=leaders[leader],
                )
            )
        for name, check in (patch.checks or {}).items():
            stops = np.array([base.menus.names.index(move) for move in check.stops], np.int64)
            vetoes.append(Veto(f"{path}.checks.{name}.chance", stops, row, leaders[leader]))
    events = {name: questions.ask(condition) for name, condition in file.events.items()}
    return Rulebook(tuple(conducted), tuple(vetoes), events, questions.timers, tuple(questions.watches))


def may_lead(file: ScenarioFile, actor: str, leader: str) -> bool:
    """Whether a leader can come to govern an actor in this file."""
    named = [(change.actor, change.leader) for change in file.changes]
    named += [(change.actor, one.leader) for change in file.changes for one in change.one_of]
    return file.actors[actor].leader == leader or (actor, leader) in named


def watched(base: Foundation, dt_months: float) -> Indicators:
    """The indicators of a file."""
    names, channels, entries = base.names, base.channels, base.file.indicators.values()

    def column(values: Iterable[float]) -> Floats:
        return np.array([*values], np.float64).reshape(-1, 1)

    def drive(path: str, driver: schema.Driver) -> Drive:
        if driver.indicator is not None:
            return Drive("indicator", np.array([names.indicators.index(driver.indicator)]), False, path)
        if driver.arrangement is not None:
            rows = [row for row, one in enumerate(base.registry.rows) if one.kind == driver.arrangement]
            return Drive("arrangement", np.array(rows, np.int64), False, path)
        rows = channel_rows(channels, str(driver.conduct), driver.issue, None)
        return Drive("conduct", np.array(rows, np.int64), driver.hostile, path)

    # Who is responsible is blamed in the channels of the issue towards it; where nobody is, all blame one another.
    blamed = [
        [row for row, at in enumerate(channels.rows) if at.issue == one.issue and one.responsible in (None, at.target)]
        for one in entries
    ]
    return Indicators(
        names=names.indicators,
        units=tuple(one.unit for one in entries),
        reference=column(one.reference for one in entries),
        blamed=tuple(np.array(rows, np.int64) for rows in blamed),
        is_relative=np.array([one.scale == "relative" for one in entries], bool),
        return_keep=kept(column(months(one.half_life) if one.half_life else np.inf for one in entries), dt_months),
        floor=column(one.floor for one in entries),
        ceiling=column(HIGHEST if one.ceiling is None else one.ceiling for one in entries),
        drives=tuple(
            tuple(drive(f"indicators.{name}.driven_by.{row}.effect", one) for row, one in enumerate(of.driven_by))
            for name, of in base.file.indicators.items()
        ),
    )


def assemble(scenario: Scenario, before: Placement | None = None, also: Sequence[Channel] = ()) -> World:
    """The world of a scenario; before : what is known of the days before, if not its history; also : more channels."""
    file = scenario.file
    names = Names(tuple(file.actors), tuple(file.issues), tuple(file.indicators))
    catalogue = catalogue_of(file.moves, file.arrangement_kinds)
    observed = known(file) if before is None else before
    scheduled = [channel_of(file, catalogue, one.actor, one) for one in file.schedule]
    wanted = [*scheduled, *also]
    wanted += [
        channel_of(file, catalogue, actor, act)
        for _, actor, leader, patch in owners(file)
        for rule in (patch.rules or {}).values()
        for act in (rule, rule.otherwise)
        if act is not None and (leader is None or may_lead(file, actor, leader))
    ]
    wanted += sorted({*(one.channel for one in observed.occurrences), *(one.channel for one in observed.excess)})
    channels = Channels(_channels(file, catalogue, wanted), names.actors, names.issues)
    registry = Registry(catalogue.arrangements)
    menus = Menus(channels.rows, catalogue.moves, {name: one.repertoire for name, one in file.actors.items()}, registry)
    base = Foundation(file, catalogue, names, channels, menus, registry)
    past = Past(observed, base)
    started = _in_force(base, past)
    instances = Instances(registry, channels)
    dates, mechanisms = scenario.steps, (*MECHANISMS, *scenario.mechanisms)
    leaders = {None: -1} | {name: row for row, name in enumerate(file.leaders)}
    inside = [row for row, one in enumerate(channels.rows) if {one.actor, one.target} == set(file.principals)]
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
        indicators=watched(base, scenario.dt_months),
        shifts=Shifts(tuple(catalogue.moves.values()), names.indicators),
        sources=tuple(numbers(file, mechanisms)),
        mechanisms=mechanisms,
        off=frozenset(name for name, value in file.mechanisms.items() if value == "off"),
        timetable=_timetable(file, dates, scheduled, channels, menus.names),
        rulebook=rulebook_of(base, instances, scenario),
        past=past,
        in_force=started,
        dyad=np.array(inside, np.int64),
        regional=tuple(row for row, actor in enumerate(file.actors.values()) if actor.regional),
        leaders=tuple(leaders[actor.leader] for actor in file.actors.values()),
    )


def _channels(file: ScenarioFile, catalogue: Catalogue, wanted: Sequence[Channel]) -> list[Channel]:
    """All channels: of the dyad, of third parties that have relations, and those that the file names; with mirrors.

    Assumption: a third party takes part in the issues on which it holds a stance, with those to whom either side has
    stated an affinity or a dependence; its technical track exists where a move was made for it by name.
    """
    actors, issues = list(file.actors), list(file.issues)
    technical = [one for one in catalogue.moves.values() if one.track == "technical"]
    found: set[Channel] = {each for one in wanted for each in (one, one.mirror)}
    for actor, target in permutations(actors, 2):
        if {actor, target} == set(file.principals):
            found |= {Channel(actor, target, issue, track) for issue in issues for track in TRACKS}
            continue
        sides = ((actor, target), (target, actor))
        if not any(
            other in {**(file.actors[one].affinity or {}), **(file.actors[one].dependence or {})}
            for one, other in sides
        ):
            continue
        for issue in issues:
            if all(issue in (file.actors[one].stances or {}) for one in (actor, target)):
                found.add(Channel(actor, target, issue, "political"))
                if any(
                    one in move.actors and other in move.targets and move.can_be_made(one, other, issue)
                    for one, other in sides
                    for move in technical
                ):
                    found.add(Channel(actor, target, issue, "technical"))

    def rank(one: Channel) -> tuple[bool, int, int, str, int]:
        is_outer = not {one.actor, one.target} <= set(file.principals)
        return is_outer, actors.index(one.actor), actors.index(one.target), one.track, issues.index(one.issue)

    return sorted(found, key=rank)


def _in_force(base: Foundation, before: Past) -> tuple[int, ...]:
    """Rows in force at the start: as the file lists them, else as the history leaves them."""
    if base.file.arrangements is None:
        return tuple(row for row, _, until in before.arrangements if until == 0)
    cast, rows = Cast(base.file.principals, base.names.actors, base.names.issues), set[int]()
    for one in base.file.arrangements:
        ref = schema.ArrangementRef(name=one) if isinstance(one, str) else one
        for held in holders(base.catalogue.arrangements[ref.name], ref.actor, ref.target, ref.issue, cast):
            row = base.registry.instance(ref.name, *held)
            rows |= set() if row is None else {row}
    return tuple(sorted(rows))


def _timetable(
    file: ScenarioFile, dates: Sequence[dt.date], scheduled: Sequence[Channel], channels: Channels, names: Sequence[str]
) -> Timetable:
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    for one, channel in sorted(zip(file.schedule, scheduled, strict=True), key=lambda pair: pair[0].date):
        step = calendar.step_of(one.date, dates)
        found[step] = (*found.get(step, ()), (channels.index(channel), names.index(one.move)))
    elections = {name: tuple(days) if isinstance(days, list) else (days,) for name, days in file.elections.items()}
    return Timetable(found, calendar.turns(file, dates), calendar.months_to_elections(elections, [*file.actors], dates))
