"""A simulation under way, and how it begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim import measures
from tensionsim.engine import calendar, replay
from tensionsim.engine.numbers import Numbers, in_force
from tensionsim.engine.perceive import engagement_now, perceive, sympathy_now
from tensionsim.engine.standing import Standing, standing_of
from tensionsim.engine.world import NEVER, Observation, World
from tensionsim.mechanisms import Perception
from tensionsim.rng import Luck
from tensionsim.world.channels import Bools, Floats, Ints, sum_by
from tensionsim.world.settings import Settings
from tensionsim.world.state import State


@dataclass(slots=True)
class Simulation:
    """A world under way in some runs: its state, the numbers in force, and the step that comes next.

    standing : what follows from the arrangements in force. seen : what was seen at the present step, once it has been
    looked at.
    """

    world: World
    luck: Luck
    settings: Settings
    numbers: Numbers
    state: State
    standing: Standing
    at: int = 0
    seen: Perception | None = None
    _cooperation: tuple[Perception, tuple[Floats, Floats]] | None = None

    def look(self) -> Perception:
        """What all actors see now; worked out once a step."""
        if self.seen is None:
            self.seen = perceive(self.world, self.state, self.numbers)
        return self.seen

    def observe(self) -> Observation:
        """What conditions may ask about now."""
        seen = self.look()
        return Observation(self.state, self.at, seen.conduct, seen.pressure, self.cooperation)

    def cooperation(self) -> tuple[Floats, Floats]:
        """The index, shape (run,), and that of each issue, (issue, run), 0..100."""
        world, engine, seen = self.world, self.numbers.engine, self.look()
        if self._cooperation is None or self._cooperation[0] is not seen:
            mean = measures.issue_conduct(
                seen.conduct[world.dyad],
                world.channels,
                world.dyad,
                len(world.names.issues),
                engine["technical_weight"],
            )
            self._cooperation = seen, measures.cooperation(mean, self.numbers.issue_weight, engine["index_scale"])
        return self._cooperation[1]


def begin(world: World, luck: Luck) -> Simulation:
    """The simulation at its start, as the scenario and its history leave it."""
    settings, numbers = first_numbers(world, luck)
    state = _first_state(world, settings, numbers, luck.runs)
    return Simulation(world, luck, settings, numbers, state, standing_of(world, state.in_force))


def first_numbers(world: World, luck: Luck) -> tuple[Settings, Numbers]:
    """The settings of every run at the start, with uncertain numbers drawn, and what they mean."""
    settings = Settings(luck.runs)
    for source in world.sources:
        settings.set(source.path, calendar.draw(source, luck))
    return settings, numbers_now(world, settings)


def numbers_now(world: World, settings: Settings) -> Numbers:
    """The numbers that the settings mean."""
    return in_force(
        settings,
        world.channels,
        world.names,
        principals=world.principals,
        off=world.off,
        dt_months=world.dt_months,
    )


def _first_state(world: World, settings: Settings, numbers: Numbers, runs: int) -> State:
    actors, issues, pairs = len(world.names.actors), len(world.names.issues), len(world.channels.pairs)
    past = replay.at_start(world, numbers)
    state = State(
        net_fast=_wide(past.net_fast, runs),
        net_slow=_wide(past.net_slow, runs),
        acts_fast=_wide(past.acts_fast, runs),
        acts_slow=_wide(past.acts_slow, runs),
        verbal=_wide(past.verbal, runs),
        material=_wide(past.material, runs),
        in_force=_in_force(world, runs),
        stance_shift=np.zeros((actors, issues, runs)),
        rhetoric=_wide(numbers.attributes.rhetoric, runs),
        sympathy=np.zeros((actors, runs)),
        engagement=np.zeros((pairs, runs)),
        expectations=np.zeros((pairs, runs)),
        level=np.zeros(runs),
        indicators=_first_indicators(world, settings, runs),
        spells=np.zeros((world.rulebook.timers, runs), np.int64),
        last_made=_last_made(world, runs),
        ready=np.zeros((len(world.rulebook.doctrines), runs), np.int64),
        leader=np.repeat(np.array(world.leaders, np.int64)[:, None], runs, axis=1),
    )
    return _settled(world, numbers, state)


def _settled(world: World, numbers: Numbers, state: State) -> State:
    """The slow states at the levels that the conduct at the start sustains."""
    pair_conduct = sum_by(state.conduct, world.channels.pair, len(world.channels.pairs))
    pressure = measures.pressures(state.verbal, state.material, world.channels, numbers.engine["verbal_weight"])
    state.engagement = engagement_now(numbers, pair_conduct)
    state.sympathy = sympathy_now(world, numbers, pair_conduct, pressure)
    return state


def _wide(values: Floats, runs: int) -> Floats:
    return np.array(np.broadcast_to(values, (*values.shape[:-1], runs)))


def _in_force(world: World, runs: int) -> Bools:
    table = np.zeros((len(world.instances) + 2, runs), bool)
    table[list(world.in_force)] = True
    table[-1] = True
    return table


def _last_made(world: World, runs: int) -> Ints:
    """Step at which each watched move was last made before the start, as observed; shape (watch, run)."""
    table = np.full((len(world.rulebook.watches), runs), NEVER, np.int64)
    for one in world.past.moves:
        channel, name = world.channels.rows[one.channel], world.menus.names[one.move]
        for row, watch in enumerate(world.rulebook.watches):
            if watch.is_met(name, channel.actor, channel.issue):
                table[row] = one.step
    return table


def _first_indicators(world: World, settings: Settings, runs: int) -> Floats:
    values = np.zeros((len(world.indicators), runs))
    for row, name in enumerate(world.indicators.names):
        values[row] = settings.get(f"indicators.{name}.value")
    return values
