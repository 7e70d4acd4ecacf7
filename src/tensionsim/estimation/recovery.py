"""Recovery: whether fits to simulated histories find the coefficients that made them, and say how surely rightly.

Coefficients are drawn from the priors, a history is simulated with each draw and fitted. If model, likelihood and
approximation are right, intervals of 50 % hold the truth in half of the cases and those of 90 % in nine of ten (Cook,
Gelman & Rubin 2006), whatever the priors.

References
----------
Cook, S. R., Gelman, A. & Rubin, D. B. (2006). Validation of software for Bayesian models using posterior quantiles. J.
Comp. Graph. Stat. 15(3).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from tensionsim.engine.build import assemble
from tensionsim.engine.past import place
from tensionsim.engine.run import names_of, simulate
from tensionsim.engine.simulation import first_numbers
from tensionsim.estimation.fit import fit
from tensionsim.events.history import EventHistory, Reading, history_of_moves
from tensionsim.model.catalogue import Move
from tensionsim.model.record import STOPPED, Names as RecordNames, Record
from tensionsim.rng import RandomStreams
from tensionsim.scenario.histories import history_of
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.scenario import Scenario, from_text


def simulated_history(scenario: Scenario, record: Record, names: RecordNames, run: int = 0) -> EventHistory:
    """The moves of one run, after what the scenario's history tells of before, as a history that ends with it."""
    rows = np.flatnonzero((record.move_run == run) & (record.move_cause != STOPPED))
    rows = rows[np.argsort(record.move_step[rows], kind="stable")]
    channels = [name.replace(" -> ", " | ").split(" | ") for name in names.channels]
    known = catalogue_of(scenario.file.moves, scenario.file.arrangement_kinds).moves
    before, events = history_of(scenario.file), list[tuple[dt.date, str, str, str, Move]]()
    if before is not None:
        before = before.until(scenario.file.start - dt.timedelta(days=1))
        events = [
            (one.date, one.channel.actor, one.channel.target, one.channel.issue, known[one.move])
            for one in place(before, scenario.file).occurrences
        ]
    for step, channel, move in zip(
        record.move_step[rows].tolist(), record.move_channel[rows].tolist(), record.move_id[rows].tolist(), strict=True
    ):
        actor, target, issue = channels[channel][:3]
        events.append(
            (record.dates[step].astype("datetime64[D]").item(), actor, target, issue, known[names.moves[move]])
        )
    last = record.dates[-1].astype("datetime64[D]").item() - dt.timedelta(days=1)
    return history_of_moves(
        f"{scenario.name}, run {run}",
        events,
        Reading(f"run {run} of {scenario.name}", "simulated", len(events), len(events)),
        observed=(scenario.file.start if before is None else before.first, last),
        held=None if before is None else before.held,
    )


DYAD = """\
tensionsim: 1
title: North and South, with known coefficients
start: 2001-01-01
end: 2009-01-01
principals: [north, south]
issues: {border: {}}
actors:
  north:
    {stances: {border: 0.8}, attention: 1.0, rhetoric: 0.5, dependence: {south: 0.2}, verbal_conflict:
    {normal: [0, 0.5]}, material_cooperation: {normal: [0, 0.5]}, material_conflict: {normal: [0, 0.5]}}
  south:
    {stances: {border: 0.3}, attention: 0.8, rhetoric: 0.4, dependence: {north: 0.6}, reciprocity: 0.9, verbal_conflict:
    {normal: [0, 0.5]}, material_cooperation: {normal: [0, 0.5]}, material_conflict: {normal: [0, 0.5]}}
mechanisms:
  inertia: {fast: {uniform: [0, 1.5]}, slow: {uniform: [0, 2]}}
  reciprocity: {fast: {uniform: [0, 2]}, slow: {uniform: [0, 1.5]}}
  insulation: {spill_over: {uniform: [0, 2]}, functional: {uniform: [0, 2]}}
  concession: {strength: {uniform: [0, 2]}, answers: {uniform: [0, 3]}}
  defiance: {strength: {uniform: [0, 2]}, answers: {uniform: [0, 3]}}
  disagreement: off
  politicisation: off
  rupture_avoidance: off
parameters:
  base_political: {uniform: [0.8, 2]}
  base_technical: {uniform: [0.5, 1.5]}
  own_fast: {uniform: [0.02, 0.25]}
  own_slow: {uniform: [0.02, 0.2]}
  other_fast: {uniform: [0.02, 0.25]}
  other_slow: {uniform: [0.0, 0.15]}
  bias: {uniform: [-0.6, 0.6]}
  intensity: {uniform: [-0.5, 2]}
  cost: {uniform: [0, 2]}
  fast_half_life: {lognormal: [0.25, 0.3]}
  slow_half_life: {lognormal: [2, 0.3]}
  tone_prior: {lognormal: [0.5, 0.3]}
  matters: {uniform: [0, 0.4]}
  yields: {normal: [0, 0.7]}
  complies: {normal: [0, 0.7]}
  refuses: {normal: [0, 0.7]}
  denies: {normal: [0, 0.7]}
  accepts: {normal: [0, 0.7]}
  carries_out: {normal: [0, 0.7]}
  relieves: {normal: [0, 0.7]}
  acts_per_step: 20
"""
"""A dyad whose coefficients are drawn: about 1,000 acts in eight years, as a monitored pair of neighbours has."""


_COLUMNS = ("run", "acts", "path", "truth", "estimate", "standard_error", "low_90", "low_50", "high_50", "high_90")


def recover(run: int, *, seed: int = 0) -> pd.DataFrame:
    """The fit of a simulated history of `DYAD`, its coefficients drawn: a row each, with truth and intervals."""
    of = from_text(DYAD, "north-south")
    world, streams = assemble(of), RandomStreams(seed, run, 1)
    truth = first_numbers(world, streams)[0]
    history = simulated_history(of, simulate(world, streams), names_of(world), run)
    fitted = fit(of, history, missing=(), with_support=False)
    table = fitted.table().reset_index()
    true = [float(truth.get(path)[0]) for path in table["path"]]
    return table.assign(run=run, acts=fitted.diagnosis.acts, truth=true)[[*_COLUMNS]]
