"""The rulebook: a file's rules, checks and events as questions and answers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tensionsim.engine import doctrine
from tensionsim.engine.conditions import Question, Questions
from tensionsim.engine.doctrine import Answer, Doctrine, Veto
from tensionsim.engine.lookup import MoveLookup
from tensionsim.engine.sources import owners
from tensionsim.engine.world import Foundation, Rulebook
from tensionsim.scenario import Scenario
from tensionsim.scenario.quantities import chance_per_step, months
from tensionsim.scenario.schema import Act, Condition, Odds, Rule, ScenarioFile
from tensionsim.world.arrangements import Instances
from tensionsim.world.channels import Channel


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to write a rule down in rows."""

    base: Foundation
    lookup: MoveLookup
    questions: Questions

    def answer(self, actor: str, act: Act | Rule) -> Answer:
        """The rows of a rule's move."""
        channel = self.lookup.channel(actor, act.move, act.issue, act.target)
        return Answer(self.base.channels.index(channel), self.base.menus.names.index(act.move))

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
        if act is not None and (leader is None or _may_lead(file, actor, leader))
    ]


def assemble(base: Foundation, lookup: MoveLookup, instances: Instances, scenario: Scenario) -> Rulebook:
    """The rulebook of a file."""
    file, names = base.file, base.names
    questions = Questions(base.channels, instances, names.issues, names.indicators, scenario.steps, scenario.dt_months)
    desk = Desk(base, lookup, questions)
    doctrines, vetoes = [], []
    for path, actor, leader, patch in owners(file):
        if leader is not None and not _may_lead(file, actor, leader):
            continue
        for name, rule in (patch.rules or {}).items():
            doctrines.append(_doctrine(f"{path}.rules.{name}.chance", rule, actor, leader, desk))
        for name, check in (patch.checks or {}).items():
            stops = np.array([base.menus.names.index(move) for move in check.stops], np.int64)
            vetoes.append(Veto(f"{path}.checks.{name}.chance", stops, desk.actor(actor), desk.leader(leader)))
    events: dict[str, Question] = {name: questions.ask(condition) for name, condition in file.events.items()}
    return Rulebook(tuple(doctrines), tuple(vetoes), events, questions.timers, tuple(questions.watches))


def _may_lead(file: ScenarioFile, actor: str, leader: str) -> bool:
    """Whether a leader can come to govern an actor in this file."""
    named = [(change.actor, change.leader) for change in file.changes]
    named += [(change.actor, one.leader) for change in file.changes for one in change.one_of]
    return file.actors[actor].leader == leader or (actor, leader) in named


def _doctrine(path: str, rule: Rule, actor: str, leader: str | None, desk: Desk) -> Doctrine:
    dt_months = desk.questions.dt_months
    cooldown = 1 if rule.cooldown is None else max(1, math.ceil(months(rule.cooldown) / dt_months - 1e-9))
    odds = None
    if isinstance(rule.chance, Odds):
        odds = doctrine.Odds(desk.questions.value(_observed(rule.chance)), rule.chance.start, rule.chance.end)
    return Doctrine(
        path=path,
        question=desk.questions.ask(rule.when),
        answer=desk.answer(actor, rule),
        otherwise=None if rule.otherwise is None else desk.answer(actor, rule.otherwise),
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
