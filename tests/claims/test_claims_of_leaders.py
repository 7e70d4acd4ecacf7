"""Claims about leaders: ideology, temperament, rhetoric, and what changes when they change."""

from __future__ import annotations

import numpy as np
from laboratory import (
    BIDEN,
    GOLDSTEIN,
    TONE,
    TRUMP_1,
    TRUMP_2,
    Floats,
    Laboratory,
    change,
    conduct,
    every,
    index,
    made,
    neutral,
    pushed,
    rhetoric,
    stances,
    together,
    tone,
)
from register import CONSTRUCTION, CONTRADICTED, MIXED, WEAK, claim

import tensionsim as ts

SAME_VIEWS = stances("bogota", drugs=0.8, migration=0.7, venezuela=0.9, china=0.7)
BIDEN_TEMPER = {
    "actors.washington.rhetoric": 0.15,
    "actors.washington.confrontation": 0.4,
    "actors.washington.unpredictability": 0.9,
}
SAME_ATTENTION = {"actors.washington.attention": 0.75}


@claim("A1", where="mechanism `disagreement` (and `politicisation`, which multiplies it by rhetoric); leader `petro`")
def test_claim_a1_diverging_ideologies_turn_alliance_into_a_cycle_of_mistrust(lab: Laboratory) -> None:
    """If the two leaders' ideologies diverge (Petro from 2022), then automatic alliance gives way to a cycle of
    mistrust.
    """
    apart, close = lab.run(TRUMP_2), lab.run(TRUMP_2, SAME_VIEWS)
    lab.shows("index, views apart", change(index, apart, close), needs=-3, by="disagreement")
    for who, name in (("washington", "Washington"), ("bogota", "Bogotá")):
        lab.shows(f"conduct of {name}", change(conduct, apart, close, who), GOLDSTEIN, needs=-1, by="disagreement")


@claim(
    "A5",
    where="attributes `confrontation`, `rhetoric` of the leaders; mechanisms `disagreement`, `politicisation`",
    verdict=MIXED,
    note="Confrontation alone makes the standoff; unpredictability, which divides direction, takes most of it back.",
)
def test_claim_a5_the_same_gap_is_a_standoff_under_confrontation_not_under_the_whole_temper(lab: Laboratory) -> None:
    """If the US president is a Biden type, then the same policy gap is absorbed by dialogue; if a Trump type, then
    it becomes an open standoff.
    """
    trump, biden = lab.run(TRUMP_2), lab.run(TRUMP_2, BIDEN_TEMPER)
    lab.shows_little("index, Trump's temper for Biden's (contradicts)", change(index, trump, biden), within=1)
    style = lab.run(TRUMP_2, {"actors.washington.confrontation": 0.4})
    lab.shows("the same, confrontation alone", change(index, trump, style), needs=-1, by="disagreement")
    trump, biden = (lab.run(TRUMP_2, {**pushed("politicisation"), **values}) for values in ({}, BIDEN_TEMPER))
    lab.shows("the whole temper, `politicisation` pushing", change(index, trump, biden), needs=-2)


@claim(
    "A6",
    where="attribute `rhetoric`; mechanism `politicisation`; move `invoke_hemispheric_control`",
    verdict=WEAK,
    note="The level of rhetoric does a fifteenth of what it would with a push, its invocations hardly anything.",
)
def test_claim_a6_hemispheric_rhetoric_brings_pressure_on_drugs_and_migration(lab: Laboratory) -> None:
    """If Washington revives hemispheric-control rhetoric, then pressure on drugs and migration rises."""
    calm, about = {"actors.washington.rhetoric": 0.3}, ("drugs", "migration")
    says = every(
        2, TRUMP_2, "washington invoke_hemispheric_control venezuela", "washington invoke_hemispheric_control china"
    )
    found = {}
    for form in ({}, pushed("politicisation")):
        full, low, said, unsaid = (
            lab.run(TRUMP_2, together(form, values), runs=200 if form else 1000)
            for values in ({}, calm, together(calm, says), together(calm, neutral(says)))
        )
        found[bool(form)] = (
            change(conduct, full, low, "washington", *about),
            change(conduct, said, unsaid, "washington", *about),
        )
    lab.shows("Washington's conduct on both, rhetoric .9 for .3", found[False][0], GOLDSTEIN, needs=-0.1)
    lab.shows_little("the same, hemispheric control invoked", found[False][1], GOLDSTEIN, within=0.2)
    lab.shows(
        "rhetoric .9 for .3, `politicisation` pushing", found[True][0], GOLDSTEIN, needs=-0.4, by="politicisation"
    )
    lab.shows("control invoked, `politicisation` pushing", found[True][1], GOLDSTEIN, needs=-0.1, by="politicisation")


@claim(
    "A7",
    where="mechanisms `reciprocity` (what was said comes back) and `disagreement`; move `denounce_leader`",
    note="Reciprocity carries nearly half of what comes back from Bogotá.",
)
def test_claim_a7_casting_each_other_as_emblems_feeds_on_itself(lab: Laboratory) -> None:
    """If each leader casts the other as an ideological emblem (unruly left / interventionism), then threat
    perception becomes mutual and self-reinforcing.
    """
    issues = ("drugs", "migration", "venezuela")
    casts = every(1, TRUMP_2, *(f"washington denounce_leader {issue}" for issue in issues), last=12)
    said, unsaid = (lab.run(TRUMP_2, values, runs=400) for values in (casts, neutral(casts)))
    lab.shows(
        "tone of Bogotá once Washington casts it so",
        change(tone, said, unsaid, "bogota", target="washington", issues=issues),
        TONE,
        needs=-0.15,
        by="reciprocity",
    )
    lab.shows(
        "Washington's own tone in the half-year after",
        change(tone, said, unsaid, "washington", target="bogota", after=13),
        TONE,
        needs=-0.1,
    )
    emblems = together(
        stances("washington", drugs=1, migration=1, venezuela=1, china=1),
        stances("bogota", drugs=0, migration=0, venezuela=0, china=0),
    )
    extreme, base = lab.run(TRUMP_2, emblems), lab.run(TRUMP_2)
    lab.shows("index, each at its extreme", change(index, extreme, base), needs=-2, by="disagreement")


@claim("A28", where="attribute `rally` (hostility received feeds rhetoric); mechanism `defiance`")
def test_claim_a28_friction_makes_petro_the_voice_of_independence(lab: Laboratory) -> None:
    """If friction with Washington rises, then Petro uses it to gain domestic support as the voice of independence."""
    friction = every(
        2, TRUMP_2, "washington demand drugs", "washington threaten migration", "washington accuse venezuela"
    )
    pressed, base = lab.run(TRUMP_2, friction), lab.run(TRUMP_2, neutral(friction))
    lab.shows("Bogotá's rhetoric", change(rhetoric, pressed, base, "bogota"), "of full", needs=0.05)
    unmoved = together(friction, {"actors.bogota.rally": 0.0})
    voice = {}
    for form in ({}, pushed("defiance")):
        rallies, rests = (lab.run(TRUMP_2, together(form, values), runs=400) for values in (friction, unmoved))
        voice[bool(form)] = change(tone, rallies, rests, "bogota", target="washington", track="political")
    lab.shows("tone of Bogotá's political moves, rallying or not", voice[False], TONE, needs=-0.1, by="defiance")
    lab.shows("the same, `defiance` pushing", voice[True], TONE, needs=-0.1, by="defiance")


@claim(
    "A35",
    where="attribute `rhetoric`; mechanism `politicisation`",
    verdict=MIXED,
    note="The index falls below the start of every era, but hardly for the rhetoric: by half a point of seventeen.",
)
def test_claim_a35_ties_fall_to_an_unprecedented_low_though_hardly_for_the_rhetoric(lab: Laboratory) -> None:
    """If electoral rhetoric dominates US policy, then ties fall to an unprecedented level."""
    said, pushing = (
        [lab.run(TRUMP_2, {**form, "actors.washington.rhetoric": level}, months=18) for level in (1.0, 0.4)]
        for form in ({}, pushed("politicisation"))
    )
    high = said[0]
    lab.shows_little("index, rhetoric full (contradicts)", change(index, *said), within=1)
    lab.shows("the same, `politicisation` pushing", change(index, *pushing), needs=-1, by="politicisation")
    lowest = min(lab.run(name, months=1, runs=2).record.cooperation[0].min() for name in (TRUMP_1, BIDEN, TRUMP_2))
    lab.shows("index at the end against the lowest start of an era", high.record.cooperation[-1] - lowest, needs=-5)


@claim(
    "B6",
    where="leaders `trump-1`, `trump-2` (rhetoric, confrontation, stances); mechanism `politicisation`",
    verdict=WEAK,
    note="Given equal attention; that the second term attends to Bogotá six times as much counts for more.",
)
def test_claim_b6_a_radicalised_president_is_tougher_than_in_2017(lab: Laboratory) -> None:
    """If Trump is radicalised by prosecutions and attacks, then second-term policy is tougher than in 2017."""
    as_first = {"actors.washington.leader": "trump-1", **SAME_ATTENTION}
    (second, first), (pushing, before) = (
        [lab.run(TRUMP_2, {**form, **values}, runs=1000) for values in ({}, as_first)]
        for form in ({}, pushed("politicisation"))
    )
    lab.shows(
        "tone of Washington, second term for first",
        change(tone, second, first, "washington", target="bogota"),
        TONE,
        needs=-0.1,
    )
    lab.shows("conduct of Washington", change(conduct, second, first, "washington"), GOLDSTEIN, needs=-0.1)
    lab.shows(
        "its tone, `politicisation` pushing",
        change(tone, pushing, before, "washington", target="bogota"),
        TONE,
        needs=-0.1,
        by="politicisation",
    )


@claim("B7", where="`changes` of a scenario (a new leader); leaders `petro`, `right-wing-successor`")
def test_claim_b7_a_change_of_camp_in_bogota_changes_the_relationship(lab: Laboratory) -> None:
    """If Bogota's leadership changes camp, then the same US president yields a different relationship."""
    turn = {"changes": [{"date": "2025-03-01", "actor": "bogota", "leader": "right-wing-successor"}]}
    left, right = lab.run(TRUMP_2), lab.run(TRUMP_2, turn)
    lab.shows("index", change(index, right, left), needs=3)
    lab.shows(
        "conduct of Washington, its president unchanged", change(conduct, right, left, "washington"), GOLDSTEIN, needs=1
    )


@claim(
    "B11",
    where="`confrontation`, `affinity` of the leaders; rule `america first 2.0`; mechanism `disagreement`",
    verdict=MIXED,
    note="Threats come by doctrine under Trump alone; but given equal attention, a Biden cools seven tenths as far.",
)
def test_claim_b11_shifts_meet_doctrine_under_trump_alone_though_biden_cools_too(lab: Laboratory) -> None:
    """If such shifts occur under Biden, then response is small; under Trump, response is certain
    (administration-dependent threshold).
    """
    still = stances("bogota", china=0.6)
    turns = every(4, TRUMP_2, "bogota join_belt_and_road china beijing", "bogota award_chinese_contract china beijing")
    turned = together(stances("bogota", china=0.1), turns)
    answer, by_rule = {}, {}
    for name, leader in (("Trump", {}), ("Biden", SAME_ATTENTION | {"actors.washington.leader": "biden"})):
        before, after = (
            lab.run(TRUMP_2, together(values, leader)) for values in (together(still, neutral(turns)), turned)
        )
        answer[name] = change(conduct, after, before, "washington")
        by_rule[name] = made(after, "washington", cause="rule", issues=["china"])
    lab.shows("Washington's answer to a turn to Beijing, Trump", answer["Trump"], GOLDSTEIN, needs=-1)
    lab.shows("the same, Biden (contradicts)", answer["Biden"], GOLDSTEIN, needs=-1)
    lab.shows("Trump's answer beyond Biden's", answer["Trump"] - answer["Biden"], GOLDSTEIN, needs=-0.25)
    lab.shows("threats by doctrine, Trump beyond Biden", by_rule["Trump"] - by_rule["Biden"], "moves a year", needs=0.5)
    style = {"sharp": {}, "mild": {"actors.washington.confrontation": 0.4}}
    said = {
        (name, line): tone(
            lab.run(TRUMP_2, together(values, stances("bogota", china=line))),
            "washington",
            issues=["china"],
            target="bogota",
        )
        for name, values in style.items()
        for line in (0.6, 0.1)
    }
    lab.shows(
        "tone on China once Bogotá's line shifts, Trump's style beyond Biden's",
        said["sharp", 0.1] - said["sharp", 0.6] - said["mild", 0.1] + said["mild", 0.6],
        TONE,
        needs=-0.15,
        by="disagreement",
    )


@claim("B12", where="rule `no close ties with socialists` of leader `trump-2`", verdict=CONSTRUCTION)
def test_claim_b12_an_anti_socialist_president_may_refuse_close_ties(lab: Laboratory) -> None:
    """If an anti-socialist US president perceives drift from US interests, then he may refuse close ties."""
    drift = every(1, TRUMP_2, "bogota criticise drugs", "bogota accuse venezuela", "bogota denounce_leader migration")
    biden = together(drift, {"actors.washington.leader": "biden"})
    away, near, other = (
        made(lab.run(TRUMP_2, values), "washington", "revoke_visas", cause="rule")
        for values in (drift, SAME_VIEWS, biden)
    )
    lab.shows("refusals by doctrine, drift or views alike", away - near, "moves a year", needs=0.1)
    lab.shows("the same drift, Trump or Biden", away - other, "moves a year", needs=0.1)


@claim(
    "B13",
    where="attribute `salience`",
    verdict=MIXED,
    note="Acts breed acts: on issues of hardly any salience more than half of the political moves are left.",
)
def test_claim_b13_attention_confined_to_venezuela_leaves_more_than_half_of_contacts(lab: Laboratory) -> None:
    """If US attention to Latin America is confined to Venezuela, then other issues get few high-level contacts."""
    rest = ("drugs", "migration", "china")
    confined = {
        **{f"actors.washington.salience.{issue}": 0.03 for issue in rest},
        "actors.washington.salience.venezuela": 0.91,
    }
    few, many = (
        made(lab.run(TRUMP_2, values), "washington", target="bogota", issues=rest, track="political")
        for values in (confined, None)
    )
    lab.shows("Washington's political moves on the rest", few - many, "moves a year", needs=-3)
    lab.shows("left beyond half of them (contradicts)", few - 0.5 * many, "moves a year", needs=0.1)


@claim(
    "B21",
    where="attributes `unpredictability`, `rhetoric`; check `congress`; mechanism `politicisation`",
    verdict=CONTRADICTED,
    note="Unpredictability divides the direction that drives spirals: single moves scatter a little less and the "
    "course is more certain; rhetoric without restraint makes it less certain only where it pushes.",
)
def test_claim_b21_is_contradicted_erratic_courses_are_steadier(lab: Laboratory) -> None:
    """If Trump controls his party and drops former hawks, then internal restraint changes and policy becomes harder
    to predict.
    """
    held = {"actors.washington.unpredictability": 0.8, "actors.washington.checks.congress.chance": 0.9}
    free = {"actors.washington.unpredictability": 1.4, "actors.washington.checks.congress.chance": 0.0}
    loose, tight = lab.run(TRUMP_2, free, runs=400), lab.run(TRUMP_2, held, runs=400)
    lab.shows("scatter of Washington's moves (contradicts)", _scatter(loose) - _scatter(tight), TONE, needs=-0.02)
    error = {}
    for form in ({}, pushed("politicisation")):
        loud, calm = (
            _error(lab.run(TRUMP_2, {**form, "actors.washington.rhetoric": level}, runs=800)) for level in (1.0, 0.3)
        )
        error[bool(form)] = loud - calm
    lab.shows_little("error of the best forecast, rhetoric unrestrained", error[False], GOLDSTEIN, within=0.2)
    lab.shows("the same, `politicisation` pushing", error[True], GOLDSTEIN, needs=0.1, by="politicisation")
    lab.shows("error of the best forecast, erratic (contradicts)", _error(loose) - _error(tight), GOLDSTEIN, needs=-0.1)


def _scatter(results: ts.Results) -> Floats:
    """Standard deviation of the scores of Washington's own moves in each run."""
    names, record = results.names, results.record
    mine = np.array([name.startswith("washington -> bogota") for name in names.channels])
    chosen = mine[record.move_channel] & (record.move_cause == 0)
    score, run = np.array(names.move_scores)[record.move_id[chosen]], record.move_run[chosen]
    count = np.maximum(np.bincount(run, minlength=results.runs), 1)
    mean = np.bincount(run, score, minlength=results.runs) / count
    square = np.bincount(run, score**2, minlength=results.runs) / count
    return np.sqrt(np.maximum(square - mean**2, 0.0))


def _error(results: ts.Results) -> Floats:
    """How far each run's conduct of Washington lies from the ensemble's median."""
    found = conduct(results, "washington")
    return np.abs(found - np.median(found))
