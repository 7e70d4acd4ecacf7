"""The state of a world: all that a step reads and writes. Every array ends in the axis `run`."""

from __future__ import annotations

from dataclasses import dataclass

from tensionsim.world.channels import Bools, Floats, Ints


@dataclass(slots=True)
class State:
    """What there is at the start of a step.

    net_fast, net_slow : exponentially weighted sum of Goldstein / 10 a month, shape (channel, run).
    acts_fast, acts_slow : likewise of acts a month. verbal, material : the two parts of conduct (their sum is
    conduct y), arrangements in force counting as material; shape (channel, run), about [-1, 1].
    in_force : shape (instance + 2, run); the last two rows are never and always in force.
    stance_shift : what moves did to stances, shape (actor, issue, run). rhetoric : (actor, run), >= 0.
    sympathy : regional sympathy for each actor, (actor, run), >= 0. engagement : with alternatives to each
    pair's target, (pair, run), in [0, 1]. expectations : (pair, run). level : how far all directions have wandered from
    the bias, (run,). indicators : (indicator, run), in their
    units. spells : steps for which each timed condition has held, (timer, run). last_made : step at which each
    watched move was last made, (watch, run). ready : step from which each rule may act again, (rule, run).
    leader : index of each actor's leader, (actor, run), -1 for none.
    """

    net_fast: Floats
    net_slow: Floats
    acts_fast: Floats
    acts_slow: Floats
    verbal: Floats
    material: Floats
    in_force: Bools
    stance_shift: Floats
    rhetoric: Floats
    sympathy: Floats
    engagement: Floats
    expectations: Floats
    level: Floats
    indicators: Floats
    spells: Ints
    last_made: Ints
    ready: Ints
    leader: Ints

    @property
    def runs(self) -> int:
        return int(self.net_fast.shape[-1])

    @property
    def conduct(self) -> Floats:
        """Directed behaviour y, shape (channel, run)."""
        return self.verbal + self.material
