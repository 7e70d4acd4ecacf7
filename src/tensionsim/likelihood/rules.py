"""Rules in a likelihood: a cell for which one was asked mixes its answer with the actor's own choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.engine.acts import SCHEDULE, Acts, acts_of, joined, nothing
from tensionsim.engine.doctrine import NOT_UNTIL_IT_LAPSES, Answer, Doctrine, chance_of, is_asked, is_open
from tensionsim.engine.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked in a step, for one cell (channel, step).

    chance : that the rule acted there, and so replaced the own choice. is_seen : whether what was observed there is
    what it would have done.
    """

    step: int
    channel: int
    rule: int
    chance: float
    is_seen: bool


def ask(now: Simulation, made: Acts, taken: Sequence[int]) -> list[Asked]:
    """What the rules may have done in a step, given what was observed; keeps their cooldowns and spells.

    Assumption: a rule that was asked acted where its move, and nothing else, was made in its channel; only then does
    its cooldown begin. A rule with an alternative in another channel counts as if chance had decided in each alone.

    Parameters
    ----------
    made : the observed moves of the step. taken : channels that the schedule took.
    """
    found: list[Asked] = []
    before = [acts_of(np.array([channel]), np.zeros(1, np.int64), np.zeros(1, np.int64), SCHEDULE) for channel in taken]
    acts = joined([nothing(), *before])
    for row, rule in enumerate(now.world.rulebook.doctrines):
        if not bool(is_asked(row, rule, now.observe(), now, acts)[0]):
            continue
        answers = _answers(rule, now, acts)
        cells = [_cell(row, answer, chance, made, now.at) for answer, chance in answers]
        found += cells
        seen = [answer for (answer, _), cell in zip(answers, cells, strict=True) if cell.is_seen][:1]
        acts = joined([acts, *(_act(answer) for answer in seen)])
        if seen:
            now.state.ready[row, 0] = now.at + rule.cooldown_steps
        if rule.once:
            now.state.ready[row, 0] = NOT_UNTIL_IT_LAPSES
    return found


def _answers(rule: Doctrine, now: Simulation, acts: Acts) -> list[tuple[Answer, float]]:
    """What a rule that is asked may do, each with its chance."""
    chance = float(chance_of(rule, now.observe(), now.settings)[0])
    found = [(rule.answer, chance)]
    if rule.otherwise is not None and not (acts.channel == rule.otherwise.channel).any():
        found.append((rule.otherwise, 1.0 - chance))
    return [(answer, odds) for answer, odds in found if bool(is_open(answer, now)[0])]


def _cell(row: int, answer: Answer, chance: float, made: Acts, step: int) -> Asked:
    here = made.move[made.channel == answer.channel]
    is_seen = here.size == 1 and int(here[0]) == answer.move
    return Asked(step, answer.channel, row, chance, is_seen)


def _act(answer: Answer) -> Acts:
    return acts_of(np.array([answer.channel]), np.zeros(1, np.int64), np.array([answer.move]), SCHEDULE)
