"""Claims about leaders: ideology, temperament, rhetoric, and what changes when they change."""

from __future__ import annotations

import numpy as np
from laboratory import BIDEN, TRUMP_1, TRUMP_2, Laboratory, every, index, made, on_issue, rhetoric, side, stances, together
from register import claim

SAME_VIEWS = stances("bogota", drugs=0.8, migration=0.7, venezuela=0.9, china=0.7)
TRUMP_2_TEMPER = {"actors.washington.rhetoric": 0.9, "actors.washington.confrontation": 1.3}
BIDEN_TEMPER = {
    "actors.washington.rhetoric": 0.15,
    "actors.washington.confrontation": 0.4,
    "actors.washington.unpredictability": 0.9,
}
CHINA_TURN = every(
    4, TRUMP_2, "bogota join_belt_and_road china beijing", "bogota consider_belt_and_road china beijing"
)["schedule"]


@claim("A1", where="mechanism `disagreement` (and `politicisation`, which multiplies it by rhetoric); leader `petro`")
def test_claim_a1_diverging_ideologies_turn_alliance_into_a_cycle_of_mistrust(lab: Laboratory) -> None:
    """If the two leaders' ideologies diverge (Petro from 2022), then automatic alliance gives way to a cycle of mistrust."""
    apart, close = lab.run(TRUMP_2), lab.run(TRUMP_2, SAME_VIEWS)
    lab.shows("index, views apart", index(apart) - index(close), needs=-5, by="disagreement")
    lab.shows("Washington's side", side(apart, "washington") - side(close, "washington"), needs=-2, by="disagreement")
    lab.shows("Bogotá's side", side(apart, "bogota") - side(close, "bogota"), needs=-2, by="disagreement")


@claim("A5", where="attributes `confrontation` and `rhetoric` of the leaders; mechanism `disagreement`, `politicisation`")
def test_claim_a5_the_same_gap_is_absorbed_by_a_biden_and_a_standoff_under_a_trump(lab: Laboratory) -> None:
    """If the US president is a Biden type, then the same policy gap is absorbed by dialogue; if a Trump type, then it becomes an open standoff."""
    trump, biden = lab.run(TRUMP_2), lab.run(TRUMP_2, BIDEN_TEMPER)
    lab.shows("index, Trump's temper", index(trump) - index(biden), needs=-5)
    style = lab.run(TRUMP_2, {"actors.washington.confrontation": 0.4})
    lab.shows("index, Trump's style alone", index(trump) - index(style), needs=-1, by="disagreement")


@claim("A6", where="attribute `rhetoric`; mechanism `politicisation`; move `invoke_hemispheric_control`")
def test_claim_a6_hemispheric_rhetoric_brings_pressure_on_drugs_and_migration(lab: Laboratory) -> None:
    """If Washington revives hemispheric-control rhetoric, then pressure on drugs and migration rises."""
    calm = {"actors.washington.rhetoric": 0.3}
    loud = together(calm, every(2, TRUMP_2, "washington invoke_hemispheric_control venezuela"))
    before, after = lab.run(TRUMP_2, calm), lab.run(TRUMP_2, loud)
    full = lab.run(TRUMP_2)
    about = ("drugs", "migration")
    lab.shows(
        "Washington's side on both, hemisphere invoked every two weeks",
        side(after, "washington", *about) - side(before, "washington", *about),
        needs=-1,
    )
    lab.shows(
        "the same, rhetoric .9 for .3",
        side(full, "washington", *about) - side(before, "washington", *about),
        needs=-3,
        by="politicisation",
    )


@claim("A7", where="mechanisms `reciprocity` (what was said comes back) and `disagreement`; move `denounce_leader`")
def test_claim_a7_casting_each_other_as_emblems_feeds_on_itself(lab: Laboratory) -> None:
    """If each leader casts the other as an ideological emblem (unruly left / interventionism), then threat perception becomes mutual and self-reinforcing."""
    one = every(1, TRUMP_2, "washington denounce_leader venezuela", last=12)
    base, said = lab.run(TRUMP_2), lab.run(TRUMP_2, one)
    later = slice(14, 40)
    lab.shows(
        "Bogotá's side after Washington's denunciations",
        side(said, "bogota", rows=later) - side(base, "bogota", rows=later),
        needs=-1,
        by="reciprocity",
    )
    lab.shows(
        "Washington's own hostile words afterwards",
        made(said, "washington", "criticise", "accuse", "denounce_leader", "demand", "threaten", target="bogota", after=14)
        - made(base, "washington", "criticise", "accuse", "denounce_leader", "demand", "threaten", target="bogota", after=14),
        "moves a year",
        needs=0.5,
        by="reciprocity",
    )
    emblems = together(
        stances("washington", drugs=1, migration=1, venezuela=1, china=1), stances("bogota", drugs=0, migration=0, venezuela=0, china=0)
    )
    extreme = lab.run(TRUMP_2, emblems)
    lab.shows("index, each at its extreme", index(extreme) - index(base), needs=-2, by="disagreement")


@claim("A28", where="attribute `rally` (hostility received feeds rhetoric); mechanisms `politicisation`, `defiance`")
def test_claim_a28_friction_makes_petro_the_voice_of_independence(lab: Laboratory) -> None:
    """If friction with Washington rises, then Petro uses it to gain domestic support as the voice of independence."""
    friction = every(2, TRUMP_2, "washington demand drugs", "washington threaten migration", "washington accuse venezuela")
    base, pressed = lab.run(TRUMP_2), lab.run(TRUMP_2, friction)
    lab.shows("Bogotá's rhetoric", rhetoric(pressed, "bogota") - rhetoric(base, "bogota"), "of full", needs=0.05)
    unmoved = lab.run(TRUMP_2, together(friction, {"actors.bogota.rally": 0.0}))
    lab.shows(
        "Bogotá's political side, rallying or not",
        side(pressed, "bogota", track="political") - side(unmoved, "bogota", track="political"),
        needs=-1,
        by=("politicisation", "defiance"),
    )


@claim("A35", where="attribute `rhetoric`; mechanism `politicisation`")
def test_claim_a35_electoral_rhetoric_brings_ties_to_an_unprecedented_low(lab: Laboratory) -> None:
    """If electoral rhetoric dominates US policy, then ties fall to an unprecedented level."""
    loud = {"actors.washington.rhetoric": 1.0, "actors.washington.insulation": 0.1}
    calm = {"actors.washington.rhetoric": 0.4, "actors.washington.insulation": 0.1}
    high, low = (lab.run(TRUMP_2, values, months=18) for values in (loud, calm))
    lab.shows("index", index(high) - index(low), needs=-5, by="politicisation")
    lowest_so_far = min(lab.run(name, months=1).record.cooperation[0, 0] for name in (TRUMP_1, BIDEN, TRUMP_2))
    lab.shows("index at the end below every start of an era", high.record.cooperation[-1] - lowest_so_far, needs=-10)


@claim("B6", where="leaders `trump-1` and `trump-2` (rhetoric, confrontation, unpredictability); mechanism `politicisation`")
def test_claim_b6_a_radicalised_president_is_tougher_than_in_2017(lab: Laboratory) -> None:
    """If Trump is radicalised by prosecutions and attacks, then second-term policy is tougher than in 2017."""
    second = lab.run(TRUMP_2)
    first = lab.run(TRUMP_2, {"actors.washington.leader": "trump-1", "actors.washington.attention": 0.5})
    lab.shows("Washington's side", side(second, "washington") - side(first, "washington"), needs=-2, by="politicisation")
    louder = lab.run(TRUMP_2, {"actors.washington.rhetoric": 0.5})
    lab.shows(
        "the same from rhetoric alone", side(second, "washington") - side(louder, "washington"), needs=-1, by="politicisation"
    )


@claim("B7", where="`changes` of a scenario (a new leader); leaders `petro`, `right-wing-successor`")
def test_claim_b7_a_change_of_camp_in_bogota_changes_the_relationship(lab: Laboratory) -> None:
    """If Bogota's leadership changes camp, then the same US president yields a different relationship."""
    change = {"changes": [{"date": "2025-03-01", "actor": "bogota", "leader": "right-wing-successor"}]}
    left, right = lab.run(TRUMP_2), lab.run(TRUMP_2, change)
    lab.shows("index", index(right) - index(left), needs=3)
    lab.shows("Washington's side, the president unchanged", side(right, "washington") - side(left, "washington"), needs=2)


@claim("B11", where="leaders' `confrontation` and `affinity` to Beijing; leader `trump-2`'s rule `america first 2.0`; mechanism `disagreement`")
def test_claim_b11_shifts_are_answered_little_by_biden_and_surely_by_trump(lab: Laboratory) -> None:
    """If such shifts occur under Biden, then response is small; under Trump, response is certain (administration-dependent threshold)."""
    turn = {"schedule": CHINA_TURN}
    as_biden = {"actors.washington.leader": "biden", "actors.washington.attention": 0.5}
    answer = {}
    for name, leader in (("trump", {}), ("biden", as_biden)):
        still, turned = lab.run(TRUMP_2, leader), lab.run(TRUMP_2, together(leader, turn))
        answer[name] = side(turned, "washington") - side(still, "washington")
    lab.shows("Washington's answer to a turn to Beijing, Trump", answer["trump"], needs=-1)
    lab.shows("Trump's answer beyond Biden's", answer["trump"] - answer["biden"], needs=-1, by="disagreement")


@claim("B12", where="leader `trump-2`'s rule `no close ties with socialists`")
def test_claim_b12_an_anti_socialist_president_may_refuse_close_ties(lab: Laboratory) -> None:
    """If an anti-socialist US president perceives drift from US interests, then he may refuse close ties."""
    drift = every(1, TRUMP_2, "bogota criticise drugs", "bogota accuse venezuela", "bogota denounce_leader migration")
    away, near = lab.run(TRUMP_2, drift), lab.run(TRUMP_2, SAME_VIEWS)
    biden = lab.run(TRUMP_2, together(drift, {"actors.washington.leader": "biden"}))
    refused = made(away, "washington", cause="rule", target="bogota")
    lab.shows("refusals under drift", refused - made(near, "washington", cause="rule", target="bogota"), "moves a year", needs=0.1)
    lab.shows("the same against Biden", refused - made(biden, "washington", cause="rule", target="bogota"), "moves a year", needs=0.1)


@claim("B13", where="attribute `salience`")
def test_claim_b13_attention_confined_to_venezuela_leaves_few_contacts_on_the_rest(lab: Laboratory) -> None:
    """If US attention to Latin America is confined to Venezuela, then other issues get few high-level contacts."""
    confined = {f"actors.washington.salience.{issue}": 0.03 for issue in ("drugs", "migration", "china")}
    narrow, wide = lab.run(TRUMP_2, {**confined, "actors.washington.salience.venezuela": 0.91}), lab.run(TRUMP_2)
    rest = ("drugs", "migration", "china")
    few = made(narrow, "washington", target="bogota", issues=rest, track="political")
    many = made(wide, "washington", target="bogota", issues=rest, track="political")
    lab.shows("Washington's political moves on the rest", few - many, "moves a year", needs=-3)
    lab.shows("less than half of them", few - 0.5 * many, "moves a year", needs=-0.1)


@claim("B21", where="attribute `unpredictability`; check `congress`; mechanism `politicisation`")
def test_claim_b21_without_restraint_policy_is_harder_to_predict(lab: Laboratory) -> None:
    """If Trump controls his party and drops former hawks, then internal restraint changes and policy becomes harder to predict."""
    held = lab.run(TRUMP_2, {"actors.washington.unpredictability": 0.8, "actors.washington.checks.congress.chance": 0.9})
    free = lab.run(TRUMP_2, {"actors.washington.unpredictability": 1.3, "actors.washington.checks.congress.chance": 0.0})

    def error(results):  # type: ignore[no-untyped-def]
        conduct = side(results, "washington")
        return np.abs(conduct - np.median(conduct))

    lab.shows("error of the best forecast of Washington's side", error(free) - error(held), needs=0.3, by="politicisation")


_ = (TRUMP_2_TEMPER, on_issue)
