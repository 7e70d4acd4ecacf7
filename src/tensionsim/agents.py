"""The Mesa face: governments as agents that perceive, decide and act.

In every step each agent

1. **perceives**: how the others have lately behaved in each of its channels, and what that inclines it to;
2. **decides**: whether to act, and which move of its menu to make; override `Government.decide` to decide otherwise;
3. **acts**: hands its moves in.

All of them see the state at the step's start, so their order does not matter. What the moves then do to the world
(rules and checks, arrangements, memories, indicators) is the engine's one step, the very functions that run
ensembles: run 3 of a `TensionModel` equals run 3 of an ensemble, bit for bit.

The only module that imports mesa.
"""

from __future__ import annotations

import datetime as dt
import difflib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.run import Recorder
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import View, decide_all, look, once, step
from tensionsim.engine.world import OWN, Acts, World, acts_of, availability_of, dependence, stances
from tensionsim.errors import DecisionError, TensionSimError
from tensionsim.model.choice import can_be_made
from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.model.record import Record
from tensionsim.model.structure import Bools, Floats, sum_by
from tensionsim.rng import RandomStreams
from tensionsim.scenario.scenario import Scenario, scenario_of

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


@dataclass(frozen=True, eq=False)
class Perception:
    """What an actor sees at the start of a step, its own channels and what all see; it stays so when it is kept.

    cooperation : the index, 0..100. drawn : what the model would have all actors do.
    """

    actor: str
    date: dt.date
    cooperation: float
    world: World
    view: View
    drawn: Acts
    in_force: Bools

    @cached_property
    def channels(self) -> tuple[ChannelSeen, ...]:
        """The actor's own channels."""
        return tuple(self._channel(row) for row in self._rows)

    @property
    def own_choice(self) -> list[Decision]:
        """What the model would have the actor do."""
        return list(self._drawn.values())

    def entry(self, decision: Decision) -> Entry:
        """A decision as rows."""
        names = self.world.menus.names
        if self._drawn.get(decision.place) == decision:
            return decision.place, int(self.drawn.channel[decision.place]), int(self.drawn.move[decision.place])
        if decision.move not in names:
            near = difflib.get_close_matches(decision.move, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it can {', '.join(self._repertoire())}"
            raise DecisionError(f"{self.actor}: no move {decision.move!r}; {hint}")
        move = names.index(decision.move)
        row = self._row(decision, move)
        if not can_be_made(self.world.menus, move, row, self.in_force)[0]:
            channel = self._channel(row)
            raise DecisionError(
                f"{self.actor} cannot {decision.move} towards {channel.target} on {channel.issue} on {self.date}, as "
                f"what it begins is in force, or what it ends is not; it can {', '.join(channel.menu)}"
            )
        return decision.place, row, move

    def _row(self, decision: Decision, move: int) -> int:
        """The channel that a decision means; one of a principal that names no target is towards the other."""
        rows = self.world.channels.rows
        can = [row for row in self._rows if move in self._menu(row)]
        on_issue = [row for row in can if decision.issue in (None, rows[row].issue)]
        fit = [row for row in on_issue if decision.target in (None, rows[row].target)]
        if len(fit) > 1 and decision.target is None:
            principals = self.world.scenario.file.principals
            fit = [row for row in fit if {rows[row].target, self.actor} <= {*principals}] or fit
        if len(fit) == 1:
            return fit[0]
        if not can:
            able = ", ".join(self._repertoire())
            raise DecisionError(f"{self.actor}: {decision.move} is on no menu of its; it can {able}")
        places = "; ".join(f"{rows[row].target} on {rows[row].issue}" for row in fit or can)
        fault = f"{decision} has more than one meaning" if fit else f"cannot make {decision}"
        raise DecisionError(f"{self.actor}: {fault}; it can {decision.move} towards {places}")

    def _channel(self, row: int) -> ChannelSeen:
        world, view, seen = self.world, self.view, self.view.seen
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
        names, rows, drawn = self.world.menus.names, self.world.channels.rows, self.drawn
        return {
            place: Decision(names[move], rows[row].target, rows[row].issue, place)
            for place, (row, move) in enumerate(zip(drawn.channel.tolist(), drawn.move.tolist(), strict=True))
            if rows[row].actor == self.actor
        }

    @cached_property
    def _rows(self) -> list[int]:
        return [row for row, channel in enumerate(self.world.channels.rows) if channel.actor == self.actor]

    @cached_property
    def _is_open(self) -> Bools:
        """Whether each entry of the menus can be made now, shape (slot, channel)."""
        return np.asarray(availability_of(self.world, self.in_force).is_open[:, 0].T > 0)

    def _menu(self, row: int) -> list[int]:
        return [int(move) for move in self.world.menus.move[: self.world.menus.size[row], row]]

    def _repertoire(self) -> list[str]:
        return sorted({self.world.menus.names[move] for row in self._rows for move in self._menu(row)})


class Actor(mesa.Agent):  # type: ignore[misc]  # mesa publishes no types
    """An agent: a government or a third party, with the `name` that the scenario gives it.

    What it is like now can be read from its properties; `decisions` holds what it decided last.
    """

    model: TensionModel

    def __init__(self, model: TensionModel, name: str) -> None:
        super().__init__(model)
        self.name = name
        self.decisions: tuple[Decision, ...] = ()
        self._row = self._now.world.names.actors.index(name)

    def step(self) -> None:
        """Perceives, decides, acts."""
        perception = self.perceive()
        decisions = self.decide(perception)
        self.act(decisions)

    def perceive(self) -> Perception:
        """What the agent sees at the start of the step."""
        return self.model.perception_of(self.name)

    def decide(self, perception: Perception) -> Iterable[Decision]:
        """The moves to make now, none or many; override it to have the agent decide in another way.

        The scenario's schedule and rules go before, in the channels that they use, and its checks may stop a move.
        """
        return self.own_choice(perception)

    def own_choice(self, perception: Perception) -> list[Decision]:
        """What the model has the agent do: drawn by each channel's rate and by the logit over its menu."""
        return perception.own_choice

    def act(self, decisions: Iterable[Decision]) -> None:
        """Hands in what was decided."""
        given: Any = decisions  # whatever an override returned
        found: list[Any] = list(given) if isinstance(given, Iterable) else [given]
        if strange := [one for one in found if not isinstance(one, Decision)]:
            raise DecisionError(f"{self.name} decided {strange[0]!r}; return a list of Decision, [] to do nothing")
        self.decisions = tuple(found)
        perception = self.model.perception_of(self.name)
        self.model.hand_in(perception.entry(decision) for decision in self.decisions)

    @property
    def leader(self) -> str | None:
        """Who governs, where the scenario says so."""
        row = int(self._now.state.leader[self._row, 0])
        return None if row < 0 else list(self._now.world.scenario.file.leaders)[row]

    @property
    def stances(self) -> dict[str, float]:
        """Where it stands on each issue, 0..1."""
        return self._by_issue(stances(self._now.state, self._now.numbers))

    @property
    def salience(self) -> dict[str, float]:
        """How much each issue weighs; sums to 1."""
        return self._by_issue(self._now.numbers.attributes.salience)

    @property
    def rhetoric(self) -> float:
        """How politicised its public track is, 0 up; 1 is full."""
        return float(self._now.state.rhetoric[self._row, 0])

    @property
    def attention(self) -> float:
        """How much of its time these relations get, 0..1."""
        return float(self._now.numbers.attributes.attention[self._row, 0])

    @property
    def dependence(self) -> dict[str, float]:
        """How far it depends on each actor that it deals with, 0..1."""
        return self._by_target(dependence(self._now.state, self._now.numbers))

    @property
    def conduct(self) -> dict[str, float]:
        """How it behaves towards each actor that it deals with, Goldstein / 10 a month over all channels."""
        channels = self._now.world.channels
        return self._by_target(sum_by(self._now.state.conduct, channels.pair, len(channels.pairs)))

    @property
    def _now(self) -> Simulation:
        return self.model.simulation

    def _by_issue(self, values: Floats) -> dict[str, float]:
        return {name: float(values[self._row, row, 0]) for row, name in enumerate(self._now.world.names.issues)}

    def _by_target(self, values: Floats) -> dict[str, float]:
        pairs = self._now.world.channels.pairs
        return {target: float(values[row, 0]) for row, (actor, target) in enumerate(pairs) if actor == self.name}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Government(Actor):
    """One of the two governments whose cooperation is asked about.

    Examples
    --------
    A Bogotá that never threatens, and answers harsh words with an offer to talk:

    >>> import tensionsim as ts
    >>> class PatientBogota(ts.Government):
    ...     def decide(self, perception):
    ...         yield from (one for one in self.own_choice(perception) if one.move != "threaten")
    ...         for channel in perception.channels:
    ...             if channel.tone < -0.3 and "offer_talks" in channel.menu:
    ...                 yield channel.make("offer_talks")
    >>> model = ts.TensionModel("trump2-petro-2025", seed=11, agents={"bogota": PatientBogota})
    >>> model.step()
    >>> model.actors["bogota"].leader
    'petro'
    """


class ThirdParty(Actor):
    """An actor outside the dyad, with a repertoire of its own.

    Examples
    --------
    >>> import tensionsim as ts
    >>> class SilentBeijing(ts.ThirdParty):
    ...     def decide(self, perception):
    ...         return []
    >>> model = ts.TensionModel("trump2-petro-2025", agents={"beijing": SilentBeijing})
    >>> sorted(model.actors["beijing"].conduct)
    ['bogota', 'washington']
    """


class TensionModel(mesa.Model):  # type: ignore[misc]  # mesa publishes no types
    """One run of a scenario as a Mesa model: step it while it is `running`, then read its `datacollector`.

    The collector has one row a date from the start on: `date`, `cooperation`, `regime`, `cooperation.ISSUE`,
    `rhetoric.ACTOR`. The scenario is kept as `case`, the agents by name as `actors`. Past the end, a step does nothing.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario; or a World assembled once for many models.
    seed, rng
        Of the random numbers, a whole number >= 0 (default 0). Two words for one thing, as Mesa is changing from the
        one to the other. Mesa's generators `model.rng` and `model.random` are seeded by it and by `run`, and left to
        your agents: the model itself never draws from them.
    run
        Number of the run, >= 0: the history is that of the same run of an ensemble.
    agents
        Subclasses of `Government` or `ThirdParty` by the name of the actor that each is to be.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    TensionSimError
        If `agents` names an actor that the scenario does not have.

    Notes
    -----
    In Mesa's `batch_run` vary the run: `batch_run(TensionModel, {"scenario": "trump2-petro-2025", "run": range(9)})`.
    It stops a model of more than `max_steps` (1,000 by default) before its end. Mesa 3.3 gives all `iterations` one
    seed, takes a step more than `max_steps`, leaves out the last date, and from its import on has all processes
    `spawn`ed. Mesa 3.5 overwrites a `seed` among the parameters: give `batch_run` its own `rng=7`.

    Examples
    --------
    >>> import tensionsim as ts
    >>> model = ts.TensionModel("trump2-petro-2025", seed=11, run=3)
    >>> while model.running:
    ...     model.step()
    >>> model.datacollector.get_model_vars_dataframe().columns[:3].tolist()
    ['date', 'cooperation', 'regime']
    """

    def __init__(
        self,
        scenario: Scenario | World | str | Path,
        *,
        seed: int | None = None,
        rng: int | None = None,
        run: int = 0,
        agents: Mapping[str, type[Actor]] | None = None,
    ) -> None:
        streams = RandomStreams(_one_seed(seed, rng), run, 1)
        super().__init__(rng=[streams.seed, run])
        self.seed, self.run = streams.seed, run
        world = scenario if isinstance(scenario, World) else assemble(scenario_of(scenario))
        self.case, self.simulation = world.scenario, begin(world, streams)
        self.actors = self._cast(agents or {})
        self.datacollector = mesa.DataCollector(self._reporters())
        self._recorder = Recorder()
        self._perceptions: dict[str, Perception] = {}
        self._handed_in: list[Entry] = []
        self._take_down()

    def step(self) -> None:
        """Has every agent perceive, decide and act, and moves the world on; past the end, does nothing."""
        if self._is_over:
            return
        acts = step(self.simulation, self._ask_agents)
        self._recorder.moves(self.simulation.at - 1, acts)
        self._take_down()

    def _ask_agents(self, now: Simulation, view: View) -> Acts:
        """What the agents do: of what the model drew for all at once, in an ensemble's order; then the rest."""
        self._perceptions, self._handed_in = self._look(view), []
        self.agents.do("step")
        rows = np.array(sorted(self._handed_in, key=itemgetter(0)), np.int64).reshape(-1, 3)
        return once(now, acts_of(rows[:, 1], np.zeros(len(rows), np.int64), rows[:, 2], OWN))

    def _take_down(self) -> None:
        """Takes down how things stand on this date."""
        self._perceptions = {}
        self._recorder.state(self.simulation)
        self.datacollector.collect(self)
        self.running = not self._is_over

    def _look(self, view: View) -> dict[str, Perception]:
        """What each actor sees."""
        now = self.simulation
        drawn, in_force = decide_all(now, view), now.state.in_force.copy()
        seen = (self.date, self.cooperation, now.world, view, drawn, in_force)
        return {name: Perception(name, *seen) for name in self.actors}

    @property
    def _is_over(self) -> bool:
        return self.simulation.at >= self.simulation.world.steps

    @property
    def date(self) -> dt.date:
        """The present date."""
        return self.simulation.world.dates[self.simulation.at]

    @property
    def cooperation(self) -> float:
        """The cooperation index, 0 (rupture) .. 50 (neutral) .. 100 (alliance)."""
        return float(self._recorder.tables["cooperation"][self.simulation.at, 0])

    @property
    def issue_cooperation(self) -> dict[str, float]:
        """Cooperation on each issue, 0..100."""
        latest = self._recorder.tables["issue_cooperation"][self.simulation.at, :, 0].tolist()
        return dict(zip(self.simulation.world.names.issues, latest, strict=True))

    @property
    def regime(self) -> str:
        """Rupture, crisis, strained, pragmatic or alliance."""
        return REGIMES[int(regime_of(np.array(self.cooperation)))][0]

    def record(self) -> Record:
        """All that the run did, once it is over: the same arrays as those of an ensemble of this one run."""
        if not self._is_over:
            raise ValueError(f"the run is under way, on {self.date}; step it while it is running")
        return self._recorder.record(self.simulation)

    def perception_of(self, name: str) -> Perception:
        """What an actor sees now."""
        if not self._perceptions:
            self._perceptions = self._look(look(self.simulation))
        return self._perceptions[name]

    def hand_in(self, entries: Iterable[Entry]) -> None:
        """Takes in what an agent decided, to be done when all have."""
        self._handed_in.extend(entries)

    def _cast(self, chosen: Mapping[str, type[Actor]]) -> dict[str, Actor]:
        """The agents by name."""
        names, principals = self.simulation.world.names.actors, self.case.file.principals
        if unknown := sorted(set(chosen) - set(names)):
            raise TensionSimError(f"no actor {', '.join(unknown)} in {self.case.name}; there is {', '.join(names)}")
        kinds: dict[str, type[Actor]] = {name: Government if name in principals else ThirdParty for name in names}
        kinds.update(chosen)
        if strangers := [name for name, kind in kinds.items() if Actor not in getattr(kind, "__mro__", ())]:
            raise TypeError(f"agents must be subclasses of Government or ThirdParty; not so: {', '.join(strangers)}")
        actors = {name: kind(self, name) for name, kind in kinds.items()}
        # Mesa 3.3 counts each model's agents in a table that would keep every model of a batch alive.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        return actors

    def _reporters(self) -> dict[str, Callable[[TensionModel], object]]:
        """What the collector reports, by column."""
        found: dict[str, Callable[[TensionModel], object]] = {
            "date": lambda model: np.datetime64(model.date),
            "cooperation": lambda model: model.cooperation,
            "regime": lambda model: model.regime,
        }
        for row, name in enumerate(self.simulation.world.names.issues):
            found[f"cooperation.{name}"] = partial(self._cooperation_on, row)
        for name in self.actors:
            found[f"rhetoric.{name}"] = partial(lambda actor, model: model.actors[actor].rhetoric, name)
        return found

    @staticmethod
    def _cooperation_on(issue: int, model: TensionModel) -> float:
        return float(model._recorder.tables["issue_cooperation"][model.simulation.at, issue, 0])


def _one_seed(seed: int | None, rng: int | None) -> int:
    """The seed, under whichever of Mesa's two words it comes."""
    if seed is not None and rng is not None:
        raise ValueError("pass seed or rng, not both")
    value = rng if seed is None else seed
    if value is not None and not isinstance(value, (int, np.integer)):
        raise TypeError(f"a seed is a whole number, as all random numbers come from it and the run's; got {value!r}")
    return 0 if value is None else int(value)
