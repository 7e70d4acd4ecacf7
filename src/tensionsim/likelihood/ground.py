"""The ground: which cells a likelihood counts, and what was done in them; all that no coefficient changes.

A cell is a channel in a step. An active cell has an act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tensionsim.choice import Chances
from tensionsim.likelihood.trail import Trail
from tensionsim.world.channels import Bools, Floats, Ints
from tensionsim.world.menus import Menus

LEAST_CHANCE = 1e-12

COUNTED = "acts counted"
FULL = "channels and steps with as many acts as a step can hold: so many or more is what counts"
BEYOND = "acts beyond what a step can hold"


@dataclass(frozen=True, slots=True)
class Mixture:
    """Cells in which a rule may have acted: rows of active cells, log chance of the rule, and of its not acting."""

    cell: Ints
    log_rule: Floats
    log_own: Floats


@dataclass(frozen=True, slots=True)
class Menu:
    """The menus of active cells, moves of one score and kind taken together.

    Shape (pattern, class), padded with log weight -inf: score (Goldstein / 10), hostile material, log weight. pattern :
    of every choice cell.
    """

    pattern: Ints
    score: Floats
    hostile: Floats
    log_weight: Floats


@dataclass(frozen=True, slots=True)
class Choices:
    """Which moves the acts of active cells were; arrays of shape (choice cell,).

    cell : row of the active cell. acts : how many moves count. score, strength, hostile : sums over them of g / 10,
    |g / 10| and hostile material. log_frequency : their sum, with the chances that no check stopped them.
    """

    cell: Ints
    acts: Floats
    score: Floats
    strength: Floats
    hostile: Floats
    log_frequency: Floats
    menu: Menu


@dataclass(frozen=True, slots=True)
class Ground:
    """The cells that count.

    quiet : those without an act, shape (channel, step). channel, step : of active cells; acts : how many, at most the
    cap; is_capped : whether the cap was reached. constant : log-probability that nothing changes: of rules that were
    asked and did not act. account : what was left out, in words with numbers. slot, is_chosen : of every act of the
    window its entry on its channel's menu, and whether it counts as a choice.
    """

    quiet: Bools
    channel: Ints
    step: Ints
    acts: Floats
    is_capped: Bools
    mixture: Mixture
    choices: Choices
    constant: float
    account: Mapping[str, int]
    slot: Ints
    is_chosen: Bools


def survey(trail: Trail) -> Ground:
    """The cells of a trail that count, and what was done in them."""
    window = trail.window
    world = window.world
    made = np.zeros((len(world.channels), world.steps), np.int64)
    np.add.at(made, (window.channel, window.step), 1)
    counted = window.observes[:, None] & window.counts & ~trail.taken & (world.menus.is_open > 0.0)
    own, rule, contradicted = _rule_odds(trail, counted)
    counted &= own > 0.0
    slot = world.menus.slot_of[window.move, window.channel]
    is_chosen = (slot >= 0) & (trail.is_open[window.step, window.channel, slot] > 0)
    channel, step = np.nonzero(counted & (made > 0))
    cap = _cap(trail)[step]
    mixed = np.flatnonzero(rule[channel, step] > 0.0)
    plain = counted & (rule <= 0.0)
    certain = (rule > 0.0) & ~counted
    constant = float(np.log(own[plain]).sum() + np.log(rule[certain]).sum())
    is_counted = counted[window.channel, window.step]
    return Ground(
        quiet=counted & (made == 0),
        channel=channel,
        step=step,
        acts=np.minimum(made[channel, step], cap).astype(np.float64),
        is_capped=made[channel, step] >= cap,
        mixture=Mixture(mixed, np.log(rule[channel, step][mixed]), np.log(own[channel, step][mixed])),
        choices=_choices(trail, slot, is_counted & is_chosen, (channel, step)),
        constant=constant,
        account={
            **_told(trail, slot, is_chosen, is_counted),
            "acts of rules that always act are nobody's choice": int(certain.sum()),
            "channels and steps in which a rule that always acts did not: left out": contradicted,
            FULL: int((made[channel, step] >= cap).sum()),
            BEYOND: int(np.maximum(made[channel, step] - cap, 0).sum()),
        },
        slot=slot,
        is_chosen=is_counted & is_chosen,
    )


def _told(trail: Trail, slot: Ints, is_chosen: Bools, is_counted: Bools) -> dict[str, int]:
    """What became of every act."""
    window = trail.window
    is_outside = ~(window.observes[window.channel] & window.counts[window.step])
    return {
        COUNTED: int(is_counted.sum()),
        "acts outside the window, in missing stretches or in channels that are not covered": int(is_outside.sum()),
        "acts of the schedule are nobody's choice": int(trail.taken[window.channel, window.step].sum()),
        "acts on no menu of the scenario count as acts, not as choices": int((is_counted & (slot < 0)).sum()),
        "acts that began what stood already or ended what did not count as acts, not as choices": int(
            (is_counted & (slot >= 0) & ~is_chosen).sum()
        ),
    }


def _rule_odds(trail: Trail, counted: Bools) -> tuple[Floats, Floats, int]:
    """In every cell the chance that rules left it to the actor, and that one did what was seen; and contradictions."""
    own, rule = np.ones(counted.shape), np.zeros(counted.shape)
    for one in trail.asked:
        place = (one.channel, one.step)
        if counted[place]:
            rule[place] += own[place] * one.chance * one.is_seen
            own[place] *= 1.0 - one.chance
    contradicted = counted & (own <= 0.0) & (rule <= 0.0)
    return own, rule, int(contradicted.sum())


def _cap(trail: Trail) -> Ints:
    cap = trail.settings.get("parameters.acts_per_step").astype(np.int64)
    return np.broadcast_to(cap, trail.steps)


def _choices(trail: Trail, slot: Ints, is_chosen: Bools, cells: tuple[Ints, Ints]) -> Choices:
    window = trail.window
    menus, steps = window.world.menus, trail.steps
    channel, step = window.channel[is_chosen], window.step[is_chosen]
    slot, move = slot[is_chosen], window.move[is_chosen]
    active = np.searchsorted(cells[0] * steps + cells[1], channel * steps + step)
    cell, of = np.unique(active, return_inverse=True)
    stopped = trail.stopped[window.world.channels.actor[channel], move, step]
    passed = np.log(np.maximum(1.0 - stopped, LEAST_CHANCE))

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(of, values, len(cell)), np.float64)

    score = menus.score[slot, channel]
    return Choices(
        cell=cell,
        acts=summed(np.ones(len(of))),
        score=summed(score),
        strength=summed(np.abs(score)),
        hostile=summed(menus.hostile_material[slot, channel]),
        log_frequency=summed(menus.log_frequency[slot, channel] + passed),
        menu=_menu(menus, trail.is_open, cells[0][cell], cells[1][cell]),
    )


def _menu(menus: Menus, is_open: Chances, channel: Ints, step: Ints) -> Menu:
    """The menus of some cells; cells of one channel with the same moves open share a pattern."""
    keys = np.concatenate([channel[:, None].astype(np.uint8), is_open[step, channel]], axis=1)
    if len(menus.size) > np.iinfo(np.uint8).max:
        keys = np.concatenate([channel[:, None], is_open[step, channel]], axis=1)
    distinct, pattern = np.unique(keys, axis=0, return_inverse=True)
    classes = [_classes(menus, int(row[0]), row[1:] > 0) for row in distinct]
    width = max((found.shape[1] for found in classes), default=1)
    table = np.zeros((3, len(classes), width))
    table[2] = -np.inf
    for row, found in enumerate(classes):
        table[:, row, : found.shape[1]] = found
    return Menu(pattern.reshape(-1), *table)


def _classes(menus: Menus, channel: int, open_slots: Bools) -> Floats:
    """Score, hostile material and log weight of the classes of open moves, shape (3, class)."""
    slots = np.flatnonzero(open_slots)
    kinds = np.stack([menus.score[slots, channel], menus.hostile_material[slots, channel]])
    distinct, of = np.unique(kinds, axis=1, return_inverse=True)
    weight = np.bincount(of.reshape(-1), np.exp(menus.log_frequency[slots, channel]), distinct.shape[1])
    return np.concatenate([distinct, np.log(weight)[None]])
