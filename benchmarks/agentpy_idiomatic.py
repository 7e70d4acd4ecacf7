"""A yardstick: what a fluent user of AgentPy would write for the same question, with the equations of `idiomatic`."""

from __future__ import annotations

import warnings

import agentpy as ap
import pandas as pd
from idiomatic import Behaviour, Setting

from tensionsim.engine.simulation import Simulation


class Country(Behaviour, ap.Agent):
    """A government or a third party."""

    def setup(self, name: str, traits: dict[str, float]) -> None:
        self.become(name, traits)


class IdiomaticModel(Setting, ap.Model):
    """Governments that perceive, decide and act at the same time, week by week."""

    def setup(self, start: Simulation) -> None:
        self.lay_out(start, lambda name, traits: Country(self, name=name, traits=traits))
        self.actors = ap.AgentList(self, self.countries.values())

    def step(self) -> None:
        self.actors.perceive()
        self.actors.weigh_up()
        self.actors.decide()
        self.actors.act()
        self.actors.relax()
        self.pass_time()

    def update(self) -> None:
        if self.t:
            self.measure()
        self.record("date", self.dates[self.t])
        self.record(["cooperation", "regime"])
        for issue, value in self.issue_cooperation.items():
            self.record(f"cooperation.{issue}", value)
        for name, country in self.countries.items():
            self.record(f"rhetoric.{name}", country.rhetoric)


def experiment(start: Simulation, runs: int, seed: int = 0) -> pd.DataFrame:
    """The columns of so many runs by iteration and step, from an `Experiment`."""
    parameters = {"steps": start.world.steps, "seed": seed}
    with warnings.catch_warnings():
        # AgentPy 0.1.5 is older than pandas 3, which warns of its `inplace`.
        warnings.simplefilter("ignore")
        made = ap.Experiment(IdiomaticModel, parameters, iterations=runs, randomize=True, record=True, start=start)
        return made.run(display=False)["variables"][IdiomaticModel.__name__]
