"""Each mechanism against its equation in the model's description, written out channel by channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, strategies as some

from perceptions import ACTORS, CHANNELS, NAMES, perception, values
from tensionsim.model.mechanisms import MECHANISMS as ALL, Scene
from tensionsim.model.structure import Channel, Floats

Equation = Callable[[Scene, Mapping[str, float], int], Floats]


def pair(actor: str, target: str) -> int:
    return CHANNELS.pairs.index((actor, target))


def both(values: Mapping[str, float], seen: Scene, row: int) -> Floats:
    """`q` of a channel, standing for both memories, each with its coefficient."""
    return values["fast"] * seen.tone_fast[row] + values["slow"] * seen.tone_slow[row]


def is_on(track: str, row: int) -> float:
    return float(CHANNELS.rows[row].track == track)


def others(row: int) -> tuple[int, int]:
    """Rows of actor and target."""
    return ACTORS.index(CHANNELS.rows[row].actor), ACTORS.index(CHANNELS.rows[row].target)


def inertia(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    return both(p, seen, row)


def reciprocity(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    channel = CHANNELS.rows[row]

    def heard(mirror: Channel) -> Floats:
        at = CHANNELS.index(mirror)
        tone = both(p, seen, at)
        return np.where(tone > 0.0, tone * (1.0 + seen.agreement[at]) / 2.0, tone)

    same = heard(channel.mirror)
    rest = [
        heard(one)
        for one in CHANNELS.rows
        if (one.actor, one.target, one.track) == (channel.target, channel.actor, channel.track)
        and one.issue != channel.issue
    ]
    linkage = p["linkage"] if rest else 0.0
    elsewhere = sum(rest) / len(rest) if rest else 0.0
    return seen.attributes.reciprocity[others(row)[0]] * ((1.0 - linkage) * same + linkage * elsewhere)


def disagreement(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    style = np.where(seen.agreement[row] < 0.0, seen.attributes.confrontation[others(row)[0]], 1.0)
    return p["strength"] * seen.weight[row] * seen.agreement[row] * style


def politicisation(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    distance = (1.0 - seen.agreement[row]) / 2.0
    return -p["strength"] * seen.rhetoric[others(row)[0]] * seen.weight[row] * distance * is_on("political", row)


def concession(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    one = CHANNELS.rows[row]
    pressure = seen.pressure[pair(one.target, one.actor)]
    return p["strength"] * seen.dependence[pair(one.actor, one.target)] * pressure * is_on("technical", row)


def defiance(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    one, actor = CHANNELS.rows[row], others(row)[0]
    audience = seen.rhetoric[actor] * (1.0 + seen.sympathy[actor])
    return -p["strength"] * audience * seen.pressure[pair(one.target, one.actor)] * is_on("political", row)


def rupture_avoidance(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    one = CHANNELS.rows[row]
    return (
        p["strength"] * seen.dependence[pair(one.actor, one.target)] * np.maximum(0.0, -seen.conduct[row] - p["floor"])
    )


def insulation(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    one = CHANNELS.rows[row]
    if one.twin not in CHANNELS.rows:
        return np.zeros_like(seen.conduct[row])
    twin = CHANNELS.index(one.twin)
    tone = (seen.tone_fast[twin] + seen.tone_slow[twin]) / 2.0
    if one.track == "political":
        return p["functional"] * tone
    return p["spill_over"] * (1.0 - seen.attributes.insulation[others(row)[0]]) * tone


def triangularity(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    one = CHANNELS.rows[row]
    total = np.zeros_like(seen.conduct[row])
    for leg, towards in enumerate(CHANNELS.rows):
        if towards.actor == one.target and towards.target != one.actor:
            liking = seen.attributes.affinity[others(row)[0], ACTORS.index(towards.target)]
            total += liking * seen.conduct[leg]
    return p["strength"] * total


def performance(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    return -p["strength"] * seen.grievance[row]


def diversification(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    one = CHANNELS.rows[row]
    actor, partner = others(row)
    return p["strength"] * sum(
        seen.alternative[actor, ACTORS.index(patron), partner]
        * seen.dependence[pair(one.actor, patron)]
        * seen.pressure[pair(patron, one.actor)]
        for patron in ACTORS
        if patron not in (one.actor, one.target)
    )


def contagion(seen: Scene, p: Mapping[str, float], row: int) -> Floats:
    one, (actor, target) = CHANNELS.rows[row], others(row)
    own = p["embolden"] * seen.sympathy[actor] * seen.dependence[pair(one.actor, one.target)]
    theirs = p["harden"] * seen.sympathy[target] * seen.dependence[pair(one.target, one.actor)]
    return -(own + theirs) * is_on("political", row)


EQUATIONS: Mapping[str, Equation] = {
    "inertia": inertia,
    "reciprocity": reciprocity,
    "disagreement": disagreement,
    "politicisation": politicisation,
    "concession": concession,
    "defiance": defiance,
    "rupture_avoidance": rupture_avoidance,
    "insulation": insulation,
    "triangularity": triangularity,
    "performance": performance,
    "diversification": diversification,
    "contagion": contagion,
}


def test_every_mechanism_has_its_equation_here() -> None:
    assert list(EQUATIONS) == NAMES


@pytest.mark.parametrize("name", EQUATIONS)
@given(seed=some.integers(0, 2**32 - 1), share=some.floats(0.01, 1.0))
def test_a_mechanism_is_its_equation(name: str, seed: int, share: float) -> None:
    mechanism, seen = ALL[NAMES.index(name)], perception(seed)
    given_values = {key: share * parameter.default for key, parameter in mechanism.parameters.items()}
    found = mechanism.contribution(seen, values(mechanism, **given_values))
    for row in range(len(CHANNELS)):
        assert found[row] == pytest.approx(EQUATIONS[name](seen, given_values, row), abs=1e-12)
