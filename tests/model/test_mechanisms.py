"""One contract for all mechanisms, for each the sign that its equation claims, and the equation written out."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, strategies as some

import dyads
from perceptions import ACTORS, CHANNELS, NAMES, POLITICAL, RUNS, contribution, perception, values
from tensionsim.engine.step import View
from tensionsim.model import mechanisms
from tensionsim.model.mechanisms import MECHANISMS as ALL, Mechanism, Places, Scene
from tensionsim.model.structure import Channel, Floats
from tensionsim.scenario.scenario import load

seeds = some.integers(0, 2**32 - 1)
rows = some.integers(0, len(CHANNELS) - 1)
changes = some.floats(0.01, 1.0)


def raised(array: Floats, row: int, by: float) -> Floats:
    """The array with one row higher."""
    higher = array.copy()
    higher[row] += by
    return higher


def arrays_of(seen: Scene) -> Mapping[str, Floats]:
    own = {
        field.name: getattr(seen, field.name)
        for field in fields(seen)
        if field.name not in ("channels", "attributes", "facing", "places")
    }
    return own | {f"attributes.{field.name}": getattr(seen.attributes, field.name) for field in fields(seen.attributes)}


def some_runs(seen: Scene, columns: list[int]) -> Scene:
    """What is seen in some of the runs."""

    def cut(array: Floats) -> Floats:
        return array[..., columns] if array.shape[-1] == RUNS else array

    attributes = replace(
        seen.attributes, **{field.name: cut(getattr(seen.attributes, field.name)) for field in fields(seen.attributes)}
    )
    own = {name: cut(array) for name, array in arrays_of(seen).items() if not name.startswith("attributes.")}
    return replace(seen, attributes=attributes, **own)


def linked_to(channel: int) -> set[int]:
    """The channels of the other side, on the other issues, that a channel's answer hears."""
    return {int(one.row[channel]) for one in CHANNELS.linked if one.exists[channel, 0]}


def made_of(mechanism: Mechanism, seen: Scene, given_values: Mapping[str, Floats]) -> list[Floats]:
    """Its contribution, and what it makes of answers."""
    answers = [one.felt(seen) * seen.freshness(way) for one in mechanism.weighs.values() for way in one.ways]
    return [mechanism.contribution(seen, given_values), *answers]


every_mechanism = pytest.mark.parametrize("mechanism", ALL, ids=NAMES)


def test_there_are_twelve_with_names_of_their_own() -> None:
    assert len(set(NAMES)) == len(ALL) == 12
    assert list(mechanisms.mechanism_parameters()) == NAMES


@every_mechanism
def test_it_says_what_it_is_and_where_it_comes_from(mechanism: Mechanism) -> None:
    assert mechanism.summary
    assert mechanism.equation
    assert len(mechanism.source) > 10
    assert mechanism.claims
    assert all(re.fullmatch(r"A([1-9]|[12]\d|3[0-6])|B([1-9]|1\d|2[01])", claim) for claim in mechanism.claims)


@every_mechanism
def test_every_parameter_has_a_range_a_unit_and_a_meaning(mechanism: Mechanism) -> None:
    assert mechanism.parameters
    for name, parameter in mechanism.parameters.items():
        assert name.isidentifier()
        assert parameter.low <= parameter.default <= parameter.high
        assert parameter.low < parameter.high
        assert parameter.unit
        assert len(parameter.description) > 10


@every_mechanism
@given(seed=seeds)
def test_it_gives_a_finite_number_a_channel_and_run(mechanism: Mechanism, seed: int) -> None:
    for found in made_of(mechanism, perception(seed), values(mechanism)):
        assert found.shape == (len(CHANNELS), RUNS)
        assert np.isfinite(found).all()


@every_mechanism
@given(seed=seeds)
def test_what_it_makes_of_answers_is_by_a_parameter_and_never_less_than_nothing(
    mechanism: Mechanism, seed: int
) -> None:
    _, *answers = made_of(mechanism, perception(seed), values(mechanism))
    assert all((found >= 0.0).all() for found in answers)
    assert {*mechanism.weighs} <= {*mechanism.parameters} - {*mechanism.shapes}
    assert all(mechanism.parameters[name].low == 0.0 for name in mechanism.weighs)


@every_mechanism
@given(seed=seeds)
def test_it_changes_nothing_that_it_reads(mechanism: Mechanism, seed: int) -> None:
    seen, given_values = perception(seed), values(mechanism)
    before, values_before = copy.deepcopy(arrays_of(seen)), copy.deepcopy(given_values)
    made_of(mechanism, seen, given_values)
    assert all(np.array_equal(array, before[name]) for name, array in arrays_of(seen).items())
    assert all(np.array_equal(array, values_before[name]) for name, array in given_values.items())


@every_mechanism
@given(seed=seeds)
def test_it_does_nothing_at_strength_zero(mechanism: Mechanism, seed: int) -> None:
    nothing = dict.fromkeys(mechanism.parameters, 0.0)
    assert not mechanism.contribution(perception(seed), values(mechanism, **nothing)).any()


@every_mechanism
@given(seed=seeds, run=some.integers(0, RUNS - 1))
def test_runs_do_not_look_at_each_other(mechanism: Mechanism, seed: int, run: int) -> None:
    seen = perception(seed)
    together = made_of(mechanism, seen, values(mechanism))
    alone = made_of(mechanism, some_runs(seen, [run]), values(mechanism))
    assert all(np.array_equal(one[:, [run]], other) for one, other in zip(together, alone, strict=True))


@every_mechanism
@given(seed=seeds, wide=some.booleans(), data=some.data())
def test_a_few_places_get_what_they_get_among_all(
    mechanism: Mechanism, seed: int, wide: bool, data: some.DataObject
) -> None:
    """Bit for bit, and alone as well as together."""
    seen = perception(seed, attribute_runs=None if wide else 1)
    number = data.draw(some.integers(1, 9))
    rng = np.random.default_rng(seed)
    channel, run = rng.integers(0, len(CHANNELS), number), rng.integers(0, RUNS, number)
    everywhere = made_of(mechanism, seen, values(mechanism))
    somewhere = made_of(mechanism, replace(seen, places=Places(channel, run)), values(mechanism))
    for one, there in zip(everywhere, somewhere, strict=True):
        whole = np.broadcast_to(one, (len(CHANNELS), RUNS))
        assert np.array_equal(np.broadcast_to(there, number), whole[channel, run])


@every_mechanism
@given(seed=seeds)
def test_attributes_and_parameters_may_differ_by_run_or_not(mechanism: Mechanism, seed: int) -> None:
    seen = perception(seed, attribute_runs=1)
    wide = replace(
        seen,
        attributes=replace(
            seen.attributes,
            **{
                field.name: np.repeat(getattr(seen.attributes, field.name), RUNS, axis=-1)
                for field in fields(seen.attributes)
            },
        ),
        weight=np.repeat(seen.weight, RUNS, axis=-1),
        alternative=np.repeat(seen.alternative, RUNS, axis=-1),
    )
    by_run = {name: np.repeat(value, RUNS) for name, value in values(mechanism).items()}
    narrow = mechanism.contribution(seen, values(mechanism))
    assert np.array_equal(narrow, mechanism.contribution(wide, by_run))


@every_mechanism
def test_a_scenario_can_switch_it_off(mechanism: Mechanism) -> None:
    on = View(dyads.start(load("trump2-petro-2025")))
    off = View(dyads.start(load("trump2-petro-2025", set={f"mechanisms.{mechanism.name}": "off"})))
    assert set(on.contributions) - set(off.contributions) == {mechanism.name}
    assert all(np.array_equal(off.contributions[name], on.contributions[name]) for name in off.contributions)


@given(seeds)
def test_inertia_leans_the_way_one_has_gone(seed: int) -> None:
    seen = perception(seed)
    steady = replace(seen, tone_slow=seen.tone_fast)
    assert (np.sign(contribution("inertia", steady)) == np.sign(seen.tone_fast)).all()


@given(seeds, rows, changes)
def test_reciprocity_never_answers_a_friendlier_tone_with_a_more_hostile_one(seed: int, row: int, by: float) -> None:
    seen = perception(seed)
    for name in ("tone_fast", "tone_slow"):
        friendlier = replace(seen, **{name: raised(getattr(seen, name), row, by)})
        assert (contribution("reciprocity", friendlier) >= contribution("reciprocity", seen) - 1e-12).all()


@given(seeds, rows)
def test_reciprocity_answers_on_the_same_issue_and_a_part_on_the_others(seed: int, row: int) -> None:
    quiet = np.zeros((len(CHANNELS), RUNS))
    seen = replace(perception(seed), tone_slow=quiet, tone_fast=raised(quiet, row, -0.5))
    answered = (contribution("reciprocity", seen) < 0.0).all(axis=1)
    mirror = CHANNELS.mirror[row]
    alike = np.array([one == mirror or row in linked_to(one) for one in range(len(CHANNELS))])
    assert np.array_equal(answered, alike)
    assert not contribution("reciprocity", seen, linkage=0.0)[np.arange(len(CHANNELS)) != mirror].any()


@given(seeds, rows, changes)
def test_reciprocity_hears_friendly_words_less_where_diagnosis_is_not_shared(seed: int, row: int, tone: float) -> None:
    quiet = np.zeros((len(CHANNELS), RUNS))
    seen = replace(perception(seed), tone_slow=quiet)
    kind = contribution("reciprocity", replace(seen, tone_fast=raised(quiet, row, tone)))
    harsh = contribution("reciprocity", replace(seen, tone_fast=raised(quiet, row, -tone)))
    assert (kind <= -harsh + 1e-12).all()
    shared = replace(seen, agreement=np.ones_like(seen.agreement))
    kind = contribution("reciprocity", replace(shared, tone_fast=raised(quiet, row, tone)))
    assert kind == pytest.approx(-contribution("reciprocity", replace(shared, tone_fast=raised(quiet, row, -tone))))


@given(seeds)
def test_disagreement_is_hostile_where_stances_differ_and_friendly_where_they_agree(seed: int) -> None:
    seen = perception(seed)
    assert (np.sign(contribution("disagreement", seen)) == np.sign(seen.agreement)).all()


@given(seeds, changes)
def test_disagreement_becomes_more_hostile_with_a_confrontational_style_and_not_less_friendly(
    seed: int, more: float
) -> None:
    seen = perception(seed)
    sterner = replace(seen, attributes=replace(seen.attributes, confrontation=seen.attributes.confrontation + more))
    before, after = contribution("disagreement", seen), contribution("disagreement", sterner)
    assert (after <= before).all()
    assert np.array_equal(after[seen.agreement >= 0], before[seen.agreement >= 0])


@given(seeds, changes)
def test_politicisation_turns_difference_into_public_hostility_and_only_public(seed: int, more: float) -> None:
    seen = perception(seed)
    found = contribution("politicisation", seen)
    assert (found <= 0.0).all()
    assert not found[~POLITICAL].any()
    assert (contribution("politicisation", replace(seen, rhetoric=seen.rhetoric + more)) <= found).all()
    assert not contribution("politicisation", replace(seen, agreement=np.ones_like(seen.agreement))).any()


@given(seeds, changes)
def test_concession_yields_on_means_the_more_dependent_and_the_more_pressed(seed: int, more: float) -> None:
    seen = perception(seed)
    found = contribution("concession", seen)
    assert (found >= 0.0).all()
    assert not found[POLITICAL].any()
    assert (contribution("concession", replace(seen, dependence=seen.dependence + more)) >= found).all()
    assert (contribution("concession", replace(seen, pressure=seen.pressure + more)) >= found).all()
    assert not contribution("concession", replace(seen, pressure=0.0 * seen.pressure)).any()


@given(seeds, changes)
def test_defiance_hardens_on_principles_before_an_audience(seed: int, more: float) -> None:
    seen = perception(seed)
    found = contribution("defiance", seen)
    assert (found <= 0.0).all()
    assert not found[~POLITICAL].any()
    for name in ("rhetoric", "sympathy", "pressure"):
        assert (contribution("defiance", replace(seen, **{name: getattr(seen, name) + more})) <= found).all()


@given(seeds, some.integers(0, len(CHANNELS.pairs) - 1))
def test_pressure_is_felt_by_its_target_alone(seed: int, row: int) -> None:
    alone = np.zeros((len(CHANNELS.pairs), RUNS))
    alone[row] = 1.0
    seen = replace(perception(seed), pressure=alone)
    actor, target = CHANNELS.pair_actor[row], CHANNELS.pair_target[row]
    for name in ("concession", "defiance"):
        felt = contribution(name, seen).any(axis=1)
        assert set(CHANNELS.actor[felt]) <= {target}
        assert set(CHANNELS.target[felt]) <= {actor}


@given(seeds)
def test_rupture_avoidance_restrains_only_who_depends_and_has_gone_far(seed: int) -> None:
    seen = perception(seed)
    found = contribution("rupture_avoidance", seen, floor=0.3)
    assert (found >= 0.0).all()
    assert np.array_equal(found > 0.0, seen.conduct < -0.3)
    assert not contribution("rupture_avoidance", replace(seen, dependence=0.0 * seen.dependence)).any()


@given(seeds)
def test_insulation_keeps_the_technical_track_apart_and_lets_it_warm_the_political_one(seed: int) -> None:
    seen = perception(seed)
    apart = replace(seen, attributes=replace(seen.attributes, insulation=np.ones_like(seen.attributes.insulation)))
    assert not contribution("insulation", apart)[~POLITICAL].any()
    assert np.array_equal(contribution("insulation", apart)[POLITICAL], contribution("insulation", seen)[POLITICAL])
    twin = (seen.tone_fast + seen.tone_slow)[CHANNELS.twin] * CHANNELS.has_twin
    assert (np.sign(contribution("insulation", seen)) == np.sign(twin)).all()


@given(seeds, changes)
def test_triangularity_likes_who_is_kind_to_ones_friends_and_harsh_to_ones_rivals(seed: int, kindness: float) -> None:
    seen = perception(seed)
    leg = CHANNELS.pairs.index(("brigadoon", "camelot"))
    kinder = replace(seen, pair_conduct=raised(seen.pair_conduct, leg, kindness))
    change = contribution("triangularity", kinder) - contribution("triangularity", seen)
    row = CHANNELS.pairs.index(("avalon", "brigadoon"))
    towards = CHANNELS.pair == row
    liking = np.sign(seen.attributes.affinity[ACTORS.index("avalon"), ACTORS.index("camelot")])
    assert (np.sign(change[towards]) == liking).all()
    assert not change[~towards].any()


@given(seeds)
def test_performance_holds_grievances_against_the_other(seed: int) -> None:
    seen = perception(seed)
    assert (np.sign(contribution("performance", seen)) == -np.sign(seen.grievance)).all()


@given(seeds, changes)
def test_diversification_sends_the_pressed_to_the_alternative_partner(seed: int, more: float) -> None:
    seen = perception(seed)
    found = contribution("diversification", seen)
    assert (found >= 0.0).all()
    patron = CHANNELS.pairs.index(("brigadoon", "avalon"))
    pressed = replace(seen, pressure=raised(seen.pressure, patron, more))
    moved = (contribution("diversification", pressed) - found > 0.0).any(axis=1)
    assert np.array_equal(moved, CHANNELS.pair == CHANNELS.pairs.index(("avalon", "camelot")))
    assert not contribution("diversification", replace(seen, pressure=0.0 * seen.pressure)).any()


@given(seeds, changes)
def test_contagion_emboldens_who_enjoys_sympathy_and_hardens_the_other(seed: int, more: float) -> None:
    seen = perception(seed)
    found = contribution("contagion", seen)
    assert (found <= 0.0).all()
    assert not found[~POLITICAL].any()
    liked = replace(seen, sympathy=raised(seen.sympathy, ACTORS.index("brigadoon"), more))
    emboldened = contribution("contagion", liked, harden=0.0) < contribution("contagion", seen, harden=0.0)
    hardened = contribution("contagion", liked, embolden=0.0) < contribution("contagion", seen, embolden=0.0)
    own = CHANNELS.actor == ACTORS.index("brigadoon")
    other = CHANNELS.target == ACTORS.index("brigadoon")
    assert np.array_equal(emboldened.any(axis=1), own & POLITICAL)
    assert np.array_equal(hardened.any(axis=1), other & POLITICAL)


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
