"""The Mesa face: governments as agents that perceive, decide and act.

In every step each agent

1. **perceives**: what is in force, the moves lately made and received, how the others have lately behaved in each of
   its channels, and what that inclines it to;
2. **decides**: whether to act, and which move of its menu to make; override `Government.decide` to decide otherwise;
3. **acts**: hands its moves in, which others learn of when all have acted.

All of them see the state at the step's start, so their order does not matter. What the moves then do to the world
(rules and checks, arrangements, memories, indicators) is the engine's one step, the very functions that run
ensembles: run 3 of a `TensionModel` equals run 3 of an ensemble, bit for bit. In an ensemble the runs of a chunk are
stepped together, and only agents with ways of their own are asked run by run.

The only module that imports mesa.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.perception import Decision, Done, Entry, Moment, Perception, of_run, steps_lately
from tensionsim.engine.run import Recorder, names_of
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import View, once, step
from tensionsim.engine.world import OWN, Acts, World, acts_of, stances
from tensionsim.errors import DecisionError, TensionSimError, telling_options, whole
from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.record import Record
from tensionsim.model.structure import Floats
from tensionsim.rng import RandomStreams
from tensionsim.scenario.scenario import Scenario, scenario_of

with warnings.catch_warnings():  # Mesa asks for a bar, which tells notebooks that ipywidgets is not there
    warnings.simplefilter("ignore")
    import mesa

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results

WAYS = frozenset(("step", "perceive", "decide", "own_choice", "act"))
"""What an agent does in a step; one that overrides none of them does what the model draws, and is not asked."""


class Actor(mesa.Agent):  # type: ignore[misc]  # mesa publishes no types
    """An agent: a government or a third party, with the `name` that the scenario gives it.

    What it is like now can be read from its properties. One made on a model takes the place of the agent that had its
    name; after `remove()` a third party does nothing of its own accord any more.
    """

    model: TensionModel

    def __init__(self, model: TensionModel, name: str) -> None:
        self._row = model.row_of(name)
        super().__init__(model)
        self.name = name
        before, model.actors[name] = model.actors.get(name), self
        if before is not None:
            before.remove()

    @property
    def is_asked(self) -> bool:
        """Whether it has ways of its own, so that it is asked what to do in every step."""
        return any(way in vars(self) or getattr(type(self), way) is not getattr(Actor, way) for way in WAYS)

    def step(self) -> None:
        """Perceives, decides, acts."""
        self.act(self.decide(self.perceive()))

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
        found: list[Any] = (
            list(given) if isinstance(given, Iterable) and not isinstance(given, str | Mapping) else [given]
        )
        if strange := [one for one in found if not isinstance(one, Decision)]:
            raise DecisionError(f"{self.name} decided {strange[0]!r}; return a list of Decision, [] to do nothing")
        self.model.hand_in(self.name, found)

    def remove(self) -> None:
        """Takes it out of the model: its channels stay, and so do rules and scheduled moves, but it decides nothing."""
        super().remove()
        if self.model.actors.get(self.name) is self:
            del self.model.actors[self.name]

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What it decided in the last step that all have taken."""
        return self.model.decisions_of(self.name)

    @property
    def leader(self) -> str | None:
        """Who governs, where the scenario says so."""
        row = int(of_run(self._now.state.leader[self._row], self.model.column))
        return None if row < 0 else list(self._now.world.scenario.file.leaders)[row]

    @property
    def stances(self) -> dict[str, float]:
        """Where it stands on each issue, 0..1."""
        stated, shift = self._now.numbers.attributes.stances[self._row], self._now.state.stance_shift[self._row]
        return self._by_issue(stances(of_run(stated, self.model.column), of_run(shift, self.model.column)))

    @property
    def salience(self) -> dict[str, float]:
        """How much each issue weighs; sums to 1."""
        return self._by_issue(of_run(self._now.numbers.attributes.salience[self._row], self.model.column))

    @property
    def rhetoric(self) -> float:
        """How politicised its public track is, 0 up; 1 is full."""
        return float(of_run(self._now.state.rhetoric[self._row], self.model.column))

    @property
    def attention(self) -> float:
        """How much of its time these relations get, 0..1."""
        return float(of_run(self._now.numbers.attributes.attention[self._row], self.model.column))

    @property
    def dependence(self) -> dict[str, float]:
        """How far it depends on each actor that it deals with, 0..1."""
        return self._by_target(self._now.look().dependence)

    @property
    def conduct(self) -> dict[str, float]:
        """How it behaves towards each actor that it deals with, Goldstein / 10 a month over all channels."""
        return self._by_target(self._now.look().pair_conduct)

    @property
    def _now(self) -> Simulation:
        return self.model.simulation

    def _by_issue(self, values: Floats) -> dict[str, float]:
        return dict(zip(self._now.world.names.issues, values.tolist(), strict=True))

    def _by_target(self, values: Floats) -> dict[str, float]:
        pairs = zip(self._now.world.channels.pairs, of_run(values, self.model.column).tolist(), strict=True)
        return {target: value for (actor, target), value in pairs if actor == self.name}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Government(Actor):
    """One of the two governments whose cooperation is asked about.

    Examples
    --------
    A Bogotá that never threatens, and answers words harsher than it bears with an offer to talk:

    >>> import tensionsim as ts
    >>> class PatientBogota(ts.Government):
    ...     def __init__(self, model, name, bears=-0.3):
    ...         super().__init__(model, name)
    ...         self.bears = bears
    ...     def decide(self, perception):
    ...         yield from (one for one in self.own_choice(perception) if not one.move.startswith("threaten"))
    ...         for channel in perception.channels:
    ...             if channel.tone < self.bears and "offer_talks" in channel.menu:
    ...                 yield channel.make("offer_talks")
    >>> model = ts.TensionModel("trump2-petro-2025", seed=11, agents={"bogota": PatientBogota})
    >>> model.step()
    >>> model.actors["bogota"].leader
    'petro'
    """

    def remove(self) -> None:
        """TensionSimError: the question is about the two governments. One made in its name takes its place."""
        if self.model.actors.get(self.name) is self:
            raise TensionSimError(
                f"{self.name} is one of the two whose cooperation is asked about and cannot be removed; have its "
                "decide return [], or make another agent of its name"
            )
        super().remove()


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
        By the name of the actor that each is to be, subclasses of `Government` or `ThirdParty`, or calls that make
        one of a model and a name, such as `functools.partial(PatientBogota, bears=-0.5)`.
    mechanisms
        Mechanisms of your own, see `Mechanism`.
    model_reporters, agent_reporters
        What the collector takes down besides, as Mesa's `DataCollector` has them.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    TensionSimError
        If `agents` names an actor that the scenario does not have.

    Notes
    -----
    In Mesa's `batch_run` vary the run: `batch_run(TensionModel, {"scenario": "trump2-petro-2025", "run": range(9)})`,
    and other parameters by a subclass whose own are passed on to its agents.
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
    >>> model.results().equals(ts.run("trump2-petro-2025", runs=1, seed=11, first_run=3))
    True
    """

    @partial(telling_options, module=__name__, name="TensionModel")
    def __init__(
        self,
        scenario: Scenario | World | str | Path,
        *,
        seed: int | None = None,
        rng: int | None = None,
        run: int = 0,
        agents: Mapping[str, Callable[..., Actor]] | None = None,
        mechanisms: Sequence[Mechanism] | None = None,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
    ) -> None:
        if seed is not None and rng is not None:
            raise ValueError("pass seed or rng, not both")
        value = rng if seed is None else seed  # Mesa has two words for it
        if value is not None and not isinstance(value, (int, np.integer)):
            raise TypeError(f"a seed is a whole number: all random numbers come from it and the run's; got {value!r}")
        streams = RandomStreams(whole("seed", 0 if value is None else value), whole("run", run), 1)
        given = scenario.scenario if isinstance(scenario, World) else scenario
        case = scenario_of(given, agents=agents, mechanisms=mechanisms)
        world = scenario if isinstance(scenario, World) and mechanisms is None else assemble(case)
        self._set_up(case, Company(begin(world, streams)), 0)
        self._recorder = Recorder()
        names = world.names
        ours = {
            "date": partial(_entry, name="date"),
            "cooperation": "cooperation",
            "regime": "regime",
            **{f"cooperation.{one}": partial(_entry, name="cooperation", row=i) for i, one in enumerate(names.issues)},
            **{f"rhetoric.{one}": partial(_entry, name="rhetoric", row=i) for i, one in enumerate(names.actors)},
        }
        if taken := sorted(ours.keys() & (model_reporters or {}).keys()):
            raise ValueError(f"model_reporters: there is a column {taken[0]} already; give yours another name")
        self.datacollector = mesa.DataCollector(
            {**ours, **(model_reporters or {})}, agent_reporters=dict(agent_reporters or {}) or None
        )
        self._take_down()

    def _set_up(self, case: Scenario, company: Company, column: int) -> None:
        """Makes it the model of one run of a simulation."""
        self.case, self.company, self.simulation, self.column = case, company, company.simulation, column
        self.seed, self.run = self.simulation.streams.seed, self.simulation.streams.first_run + column
        self._registered, self._failure = 0, list[BaseException]()
        # What stops a step is raised once Mesa is done with it: from 3.5 on it schedules no step after one that failed.
        self.step = self._step_holding  # type: ignore[method-assign]  # as Mesa does
        super().__init__(rng=[self.seed, self.run])
        for name in {"step", "run_for", "run_until"}.intersection(dir(self)):  # before 3.5 Mesa has but the first
            setattr(self, name, partial(self._raising, getattr(self, name)))
        self.actors: dict[str, Actor] = {}
        self.moment: Moment | None = None
        self._perceptions: dict[str, Perception] = {}
        self._asked: list[mesa.Agent] | None = None
        self._before: Moment | None = None
        self._entries: list[Entry] = []
        self._decided: dict[str, list[Decision]] = {}
        self._decided_last = self._decided
        company.models.append(self)
        for name in self.simulation.world.names.actors:
            kind = case.agents.get(name, Government if name in case.file.principals else ThirdParty)
            is_kind = Actor in kind.__mro__ if isinstance(kind, type) else callable(kind)
            made = kind(self, name) if is_kind else None
            if isinstance(made, Actor) and not hasattr(made, "name"):
                what = f"{name}: {type(made).__name__} is not set up"
                raise TypeError(f"{what}; did its __init__ call super().__init__(model, name)?")
            if not isinstance(made, Actor) or name not in self.actors:
                raise TypeError(
                    "agents are subclasses of Government or ThirdParty, or calls that make one of a model and a name, "
                    f"as functools.partial(Kind, patience=2) does; not so: {name}, given {kind!r}"
                )

    def step(self) -> None:
        """Has every agent perceive, decide and act, and moves the world on; past the end, does nothing."""
        if self._is_over:
            return
        self._asked = None
        acts = step(self.simulation, self.company)
        self._recorder.moves(self.simulation, acts)
        self._take_down()

    def _step_holding(self) -> None:
        try:
            if not self._failure:
                type(self).step(self)
        except BaseException as failure:
            self._failure = [failure]

    def _raising(self, advance: Callable[..., None], *until: float) -> None:
        advance(*until)
        if self._failure:
            raise self._failure.pop()

    def _take_down(self) -> None:
        """Takes down how things stand on this date."""
        self._recorder.state(self.simulation)
        self.datacollector.collect(self)
        self.running = not self._is_over

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
        return float(of_run(self.simulation.cooperation()[0], self.column))

    @property
    def issue_cooperation(self) -> dict[str, float]:
        """Cooperation on each issue, 0..100."""
        latest = of_run(self.simulation.cooperation()[1], self.column).tolist()
        return dict(zip(self.simulation.world.names.issues, latest, strict=True))

    @property
    def regime(self) -> str:
        """Rupture, crisis, strained, pragmatic or alliance."""
        return REGIMES[int(regime_of(np.array(self.cooperation)))][0]

    def record(self) -> Record:
        """All that the run has done so far: the same arrays as those of an ensemble of this one run."""
        return self._recorder.record(self.simulation)

    def results(self) -> Results:
        """The run as `Results`, from the start to the present date."""
        from tensionsim.runs.results import Results

        names, code = names_of(self.simulation.world), self.case.code
        return Results(self.case, self.seed, 1, self.run, names, self.record(), code)

    def perception_of(self, name: str) -> Perception:
        """What an actor sees now."""
        moment = self.moment
        if moment is None or moment.at != self.simulation.at:
            moment = self.company.moment(View(self.simulation))
            self.moment, self._perceptions = moment, {}
        if name not in self._perceptions:
            self._perceptions[name] = Perception(name, moment, self.column)
        return self._perceptions[name]

    def row_of(self, name: str) -> int:
        """Row of an actor; TensionSimError where the scenario has none of that name."""
        names = self.simulation.world.names.actors
        if name not in names:
            raise TensionSimError(
                f"no actor {name} in {self.case.name}; there is {', '.join(names)}. An actor needs stances and "
                "channels: add it to the scenario's `actors` first"
            )
        return names.index(name)

    def register_agent(self, agent: mesa.Agent) -> None:
        """Takes note of an agent, and numbers it by itself where Mesa would keep every model of a batch alive."""
        if getattr(mesa.Agent, "_ids", {}).pop(self, None) is not None:
            self._registered += 1
            agent.unique_id = self._registered
        super().register_agent(agent)
        self._asked = None

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Takes note that an agent has left."""
        super().deregister_agent(agent)
        self._asked = None

    def hand_in(self, name: str, decisions: Sequence[Decision]) -> None:
        """Takes in what an agent decided, to be done, and known to others, when all have."""
        perception = self.perception_of(name)
        self._entries += map(perception.entry, decisions)
        self._decided.setdefault(name, []).extend(decisions)

    def decisions_of(self, name: str) -> tuple[Decision, ...]:
        """What an actor decided in the last step that all have taken."""
        if name in self._decided_last:
            return tuple(self._decided_last[name])
        return () if self._before is None else tuple(Perception(name, self._before, self.column).own_choice)

    def ask(self, moment: Moment) -> list[Entry]:
        """What the agents with ways of their own decide at a moment; it is published when all have acted."""
        self.moment, self._perceptions, self._entries, self._decided = moment, {}, [], {}
        self.steps: int = moment.at + 1  # in an ensemble nobody calls step, which counts them
        if self._asked is None:
            self._asked = [agent for agent in self.agents if not isinstance(agent, Actor) or agent.is_asked]
            self.company.is_drawn[:, self.column] = False
            drawn = [actor._row for actor in self.actors.values() if not actor.is_asked]
            self.company.is_drawn[drawn, self.column] = True
        for agent in self._asked:
            if not isinstance(agent, Actor) or self.actors.get(agent.name) is agent:
                try:
                    agent.step()
                except Exception as error:
                    error.add_note(f"when it was the turn of {getattr(agent, 'name', agent)}, in run {self.run}")
                    raise
        self._decided_last, self._before = self._decided, moment
        return self._entries


def _entry(model: TensionModel, name: str, row: int = 0) -> object:
    """What the collector reports of a model: its date, or a row of its state."""
    now = model.simulation
    if name == "date":
        return np.datetime64(model.date)
    return float(of_run((now.cooperation()[1] if name == "cooperation" else now.state.rhetoric)[row], model.column))


class Company:
    """The models of all runs of a simulation, which the engine asks; is_drawn : who is not, shape (actor, run)."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.models: list[TensionModel] = []
        self.is_drawn = np.zeros((len(simulation.world.names.actors), simulation.state.runs), bool)
        self._done: deque[Done] = deque(maxlen=steps_lately(simulation.world))

    @classmethod
    def of(cls, simulation: Simulation) -> Company:
        """The models of a simulation that has just begun."""
        company = cls(simulation)
        for column in range(simulation.state.runs):
            TensionModel.__new__(TensionModel)._set_up(simulation.world.scenario, company, column)
        return company

    def moment(self, view: View) -> Moment:
        """What can be seen now."""
        now = self.simulation
        if now.done is not None and not (self._done and self._done[-1].at == now.at - 1):
            self._done.append(Done(now.world, now.at - 1, now.done))
        return Moment(now, view, self._done)

    def __call__(self, now: Simulation, view: View) -> Acts:
        """What all do: of what the model drew for all at once, in an ensemble's order; then the rest, run by run."""
        moment = self.moment(view)
        handed = [entry for model in self.models for entry in model.ask(moment)]
        drawn, rows = moment.drawn, np.array(handed, np.int64).reshape(-1, 4)
        kept = np.flatnonzero(self.is_drawn[now.world.channels.actor[drawn.channel], drawn.run])
        order = np.argsort(np.concatenate([kept, rows[:, 0]]), kind="stable")
        channel, move, run = (
            np.concatenate([getattr(drawn, name)[kept], rows[:, column]])[order]
            for column, name in enumerate(("channel", "move", "run"), start=1)
        )
        return once(now, acts_of(channel, run, move, OWN))


def page(
    scenario: Scenario | str | Path,
    *,
    agents: Mapping[str, Callable[..., Actor]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
    seed: int = 0,
    run: int = 0,
) -> Any:
    """A page that steps through a run in a browser: Mesa's `SolaraViz` of a `TensionModel` (needs the extra `viz`).

    Write `page = ts.page("summit")` into a file and call `solara run FILE`; a notebook shows it where a cell ends with
    it. It has the index, that of each issue and the rhetoric of both sides, and sliders for the seed and the run.

    Parameters
    ----------
    scenario, agents, mechanisms, seed, run
        As `TensionModel` takes them; `seed` and `run`, each at most 999, are those that it opens with.

    Raises
    ------
    TensionSimError
        If solara or altair is not installed.

    Examples
    --------
    >>> import tensionsim as ts
    >>> from importlib.util import find_spec
    >>> if find_spec("solara"):
    ...     page = ts.page("norland-suderia", seed=7)
    """
    try:
        from mesa.visualization import SolaraViz, make_plot_component
    except ImportError as missing:
        words = "a page needs solara and altair; install them with: pip install 'tensionsim[viz]'"
        raise TensionSimError(words) from missing
    case = scenario_of(scenario, agents=agents, mechanisms=mechanisms)
    slider = {"type": "SliderInt", "min": 0, "max": 999, "step": 1}
    plots = [
        make_plot_component("cooperation", _within_index),
        make_plot_component([f"cooperation.{name}" for name in case.file.issues], _within_index),
        make_plot_component([f"rhetoric.{name}" for name in case.file.principals]),
    ]
    parameters = {
        "scenario": case,
        "seed": {**slider, "value": seed, "label": "seed"},
        "run": {**slider, "value": run, "label": "run"},
    }
    return SolaraViz(TensionModel(case, seed=seed, run=run), components=plots, model_params=parameters, name=case.title)


def _within_index(ax: Axes) -> None:
    ax.set(ylim=(0.0, 100.0), ylabel="cooperation, 0-100")
