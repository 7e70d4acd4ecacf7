"""The numbers in force: what the settings mean at a date, as the arrays that a step reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim import mechanisms
from tensionsim.choice import Excitation
from tensionsim.mechanisms import Mechanism
from tensionsim.world import parameters, settings
from tensionsim.world.channels import Channels, Floats, Ints
from tensionsim.world.memory import kept
from tensionsim.world.settings import Attributes, Names, Settings

MEMORIES = ("fast", "slow", "index", "rhetoric", "engagement", "sympathy", "expectations")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything numeric that a step reads besides the state; the last axis is 1 where all runs agree.

    base_rate : acts a month at rest, (channel, run). weight : w[i,k] K, (channel, run). issue_weight : W, the
    principals' mean salience, (issue, run). active : the mechanisms that are on, with their values. rivals : rows
    of each pair and of its actor's pair with an alternative to its target, and how far it is one, (run,).
    dependence : as stated, of each pair's actor on its target, (pair, run). keep : shares that memories keep over a
    step, (1,) or (run,). cap : most acts of a channel in a step, (1,) or (run,).
    """

    attributes: Attributes
    engine: Mapping[str, Floats]
    active: Sequence[tuple[Mechanism, Mapping[str, Floats]]]
    excitation: Excitation
    base_rate: Floats
    weight: Floats
    issue_weight: Floats
    alternative: Floats
    rivals: Sequence[tuple[int, int, Floats]]
    dependence: Floats
    keep_fast: Floats
    keep_slow: Floats
    keep_index: Floats
    keep_rhetoric: Floats
    keep_engagement: Floats
    keep_sympathy: Floats
    keep_expectations: Floats
    cap: Ints


def in_force(
    values: Settings,
    channels: Channels,
    names: Names,
    *,
    principals: tuple[int, int],
    off: frozenset[str],
    dt_months: float,
) -> Numbers:
    """The numbers that the settings mean now.

    Parameters
    ----------
    off : names of mechanisms that are switched off.
    """
    attributes = settings.attributes(values, names)
    engine = values.group("parameters", {name: p.default for name, p in parameters.ENGINE.items()})
    weight = attributes.salience[channels.actor, channels.issue] * len(names.issues)
    base = engine["base_political"] * channels.is_political + engine["base_technical"] * channels.is_technical
    alternative = _alternatives(attributes.affinity)
    keep = {name: kept(engine[f"{name}_half_life"], dt_months) for name in MEMORIES}
    return Numbers(
        attributes=attributes,
        engine=engine,
        active=[(one, _values_of(one, values)) for one in mechanisms.ALL if one.name not in off],
        excitation=Excitation(engine["own_fast"], engine["own_slow"], engine["other_fast"], engine["other_slow"]),
        base_rate=attributes.attention[channels.actor] * weight * base,
        weight=weight,
        issue_weight=0.5 * (attributes.salience[principals[0]] + attributes.salience[principals[1]]),
        alternative=alternative,
        rivals=_rivals(alternative, channels),
        dependence=attributes.dependence[channels.pair_actor, channels.pair_target],
        **{f"keep_{name}": share for name, share in keep.items()},
        cap=engine["acts_per_step"].astype(np.int64),
    )


def _rivals(alternative: Floats, channels: Channels) -> list[tuple[int, int, Floats]]:
    siblings = channels.siblings.tolist()
    found = [
        (row, other, alternative[channels.pair_actor[row], channels.pair_target[row], channels.pair_target[other]])
        for row, other in siblings
    ]
    return [each for each in found if each[2].any()]


def _values_of(mechanism: Mechanism, values: Settings) -> Mapping[str, Floats]:
    defaults = {name: parameter.default for name, parameter in mechanism.parameters.items()}
    return values.group(f"mechanisms.{mechanism.name}", defaults)


def _alternatives(affinity: Floats) -> Floats:
    """How far l is an alternative to j for i, by (i, j, l, run), in [0, 1].

    Assumption: the patron's rival is the alternative, so far as i can bear it:
    `max(0, -affinity[j, l]) * (1 + affinity[i, l]) / 2`.
    """
    rivalry = np.maximum(0.0, -affinity)[None, :, :]
    openness = (1.0 + affinity)[:, None, :] * 0.5
    return rivalry * openness
