"""A yardstick: what a fluent user of Mesa would write for the question of `trump2-petro-2025`, at the same size.

The equations stand in `idiomatic`; here are the agents and the model that Mesa steps, and the DataCollector that takes
down the same columns as ours.
"""

from __future__ import annotations

import mesa
from idiomatic import Behaviour, Setting, ThriftyBehaviour

from tensionsim.engine.simulation import Simulation


class Country(Behaviour, mesa.Agent):
    """A government or a third party."""

    def __init__(self, model: IdiomaticModel, name: str, traits: dict[str, float]) -> None:
        super().__init__(model)
        self.become(name, traits)


class ThriftyCountry(ThriftyBehaviour, Country):
    """One that works out what it is inclined to only where it acts, and so cannot tell why it did not."""


class IdiomaticModel(Setting, mesa.Model):
    """Governments that perceive, decide and act at the same time, week by week."""

    def __init__(self, start: Simulation, rng: int | None = None, kind: type[Country] = Country) -> None:
        super().__init__(rng=rng)
        self.steps_in_all = start.world.steps
        self.lay_out(start, lambda name, traits: kind(self, name, traits))
        self.datacollector = mesa.DataCollector(model_reporters=self._reporters())
        self.datacollector.collect(self)

    def step(self) -> None:
        self.agents.do("perceive")
        self.agents.do("weigh_up")
        self.agents.do("decide")
        self.agents.do("act")
        self.agents.do("relax")
        self.pass_time()
        self.measure()
        self.datacollector.collect(self)
        self.running = self.steps < self.steps_in_all

    def _reporters(self) -> dict[str, object]:
        return {
            "date": lambda model: model.dates[model.steps],
            "cooperation": "cooperation",
            "regime": "regime",
            **{f"cooperation.{one}": lambda model, one=one: model.issue_cooperation[one] for one in self.issues},
            **{f"rhetoric.{one}": lambda model, one=one: model.countries[one].rhetoric for one in self.countries},
        }


class BatchModel(IdiomaticModel):
    """The model as `batch_run` makes it: `run` seeds it, as versions of Mesa differ in what they do with a seed."""

    def __init__(
        self, start: Simulation, run: int, kind: type[Country] = Country, rng: object = None, seed: object = None
    ) -> None:
        super().__init__(start, rng=run, kind=kind)
