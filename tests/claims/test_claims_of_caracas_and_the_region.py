"""Claims about Caracas and the region."""

from __future__ import annotations

from laboratory import (
    GOLDSTEIN,
    TONE,
    TRUMP_2,
    Floats,
    Laboratory,
    at_end,
    change,
    conduct,
    every,
    goldstein,
    in_force,
    index,
    made,
    neutral,
    on_issue,
    stances,
    together,
    tone,
)
from register import CONSTRUCTION, WEAK, claim

import tensionsim as ts

NEAR_CARACAS = every(4, TRUMP_2, "bogota mediate_venezuela venezuela caracas", "bogota reopen_border venezuela caracas")
SECURITY = ("drugs", "venezuela")
PAIRS = (("washington", "bogota"), ("bogota", "washington"))
VENEZUELA_GAP, VENEZUELA_AGREED = stances("bogota", venezuela=0.15), stances("bogota", venezuela=0.9)


@claim("A4", where="mechanism `triangularity`; attribute `affinity` to Caracas")
def test_claim_a4_closeness_to_caracas_costs_trust(lab: Laboratory) -> None:
    """If Bogota draws closer to governments Washington dislikes (Venezuela, Cuba), then US trust falls."""
    near, base = lab.run(TRUMP_2, NEAR_CARACAS), lab.run(TRUMP_2, neutral(NEAR_CARACAS))
    lab.shows(
        "Washington's conduct", change(conduct, near, base, "washington"), GOLDSTEIN, needs=-0.5, by="triangularity"
    )
    lab.shows("index", change(index, near, base), needs=-1, by="triangularity")


@claim("A14", where="mechanisms `triangularity`, `reciprocity`; measure `security_pillar`")
def test_claim_a14_normalising_with_maduro_shrinks_security_cooperation(lab: Laboratory) -> None:
    """If Bogota normalises with Maduro while Washington sanctions, then security cooperation shrinks."""
    normal, base = (lab.run(TRUMP_2, values, runs=3000) for values in (NEAR_CARACAS, neutral(NEAR_CARACAS)))
    lab.shows(
        "security pillar at the end",
        normal.record.security_pillar[-1] - base.record.security_pillar[-1],
        needs=-0.3,
        by="triangularity",
    )
    for (who, target), mechanism, least in zip(PAIRS, ("triangularity", "reciprocity"), (-0.3, -0.03), strict=True):
        lab.shows(
            f"tone of {who.capitalize()} on drugs and Venezuela",
            change(tone, normal, base, who, target=target, issues=SECURITY),
            TONE,
            needs=least,
            by=mechanism,
        )


@claim(
    "A15",
    where="mechanisms `disagreement`, `reciprocity`; moves and arrangement of `intelligence_sharing`",
    verdict=WEAK,
    note="Less information by one exchange in four years.",
)
def test_claim_a15_a_lasting_gap_on_venezuela_weakens_intelligence(lab: Laboratory) -> None:
    """If that Venezuela gap persists, then intelligence coordination weakens."""
    gap, none = (lab.run(TRUMP_2, values, months=18, runs=1200) for values in (VENEZUELA_GAP, VENEZUELA_AGREED))
    lab.shows("information shared less withheld", _information(gap) - _information(none), "moves a year", needs=-0.1)
    lab.shows(
        "tone of both on the security issues, technical",
        sum(change(tone, gap, none, who, target=other, issues=SECURITY, track="technical") for who, other in PAIRS),
        TONE,
        needs=-0.3,
        by="reciprocity",
    )


def _information(results: ts.Results) -> Floats:
    """Times information is shared less times it is withheld, by both."""
    gives = ("share_information", "resume_intelligence_sharing")
    keeps = ("withhold_information", "suspend_intelligence_sharing")
    return sum(made(results, who, *gives) - made(results, who, *keeps) for who, _ in PAIRS)


@claim(
    "A16",
    where="arrangement `joint_oas_initiative`; moves `begin_oas_initiative`, `stall_oas_initiative`",
    verdict=WEAK,
    note="The initiative is in force a thirtieth less of the time.",
)
def test_claim_a16_a_lasting_gap_on_venezuela_stalls_joint_initiatives(lab: Laboratory) -> None:
    """If that Venezuela gap persists, then joint initiatives in the OAS/Summit stall."""
    gap, none = (lab.run(TRUMP_2, value, months=18, runs=3000) for value in (VENEZUELA_GAP, VENEZUELA_AGREED))
    lab.shows("initiative in force", change(in_force, gap, none, "joint_oas_initiative"), "of the time", needs=-0.01)


@claim(
    "A17",
    where="indicator `caracas_crisis`: hostile conduct to Caracas drives it up, dialogue down",
    verdict=CONSTRUCTION,
)
def test_claim_a17_isolation_prolongs_the_crisis_of_caracas_and_dialogue_shortens_it(lab: Laboratory) -> None:
    """If Venezuela is isolated, then its crisis (and regional instability) lasts longer; dialogue shortens it
    (Petro's claim).
    """
    isolation = every(
        4, TRUMP_2, "washington demand_maduro_exit venezuela caracas", "bogota demand_maduro_exit venezuela caracas"
    )
    dialogue = every(4, TRUMP_2, "bogota mediate_venezuela venezuela caracas")
    apart, talks, base = (lab.run(TRUMP_2, value) for value in (isolation, dialogue, None))
    lab.shows("crisis, isolated", change(at_end, apart, base, "caracas_crisis"), "of collapse", needs=0.02)
    lab.shows("crisis, dialogue", change(at_end, talks, base, "caracas_crisis"), "of collapse", needs=-0.02)


@claim("A18", where="mechanism `triangularity` (mediation counts as closeness where Washington rejects Caracas)")
def test_claim_a18_mediation_that_washington_denies_earns_no_trust(lab: Laboratory) -> None:
    """If Colombia mediates but Washington denies its legitimacy, then mediation fails to earn trust and distance
    grows.
    """
    mediation = every(3, TRUMP_2, "bogota mediate_venezuela venezuela caracas")
    accepts = {"actors.washington.affinity.caracas": 0.3}
    denied = lab.run(TRUMP_2, mediation), lab.run(TRUMP_2, neutral(mediation))
    accepted = lab.run(TRUMP_2, together(mediation, accepts)), lab.run(TRUMP_2, together(neutral(mediation), accepts))
    lost, won = (change(conduct, a, b, "washington") for a, b in (denied, accepted))
    lab.shows("Washington's conduct, legitimacy denied", lost, GOLDSTEIN, needs=-0.25, by="triangularity")
    lab.shows("the same less what it is where accepted", lost - won, GOLDSTEIN, needs=-0.5, by="triangularity")


@claim("B4", where="mechanism `reciprocity` (linkage)", verdict=WEAK)
def test_claim_b4_agreement_on_venezuela_offsets_friction_elsewhere(lab: Laboratory) -> None:
    """If the two sides agree on Venezuela, then cooperation offsets friction on other issues."""
    gap, agreed = (lab.run(TRUMP_2, values, runs=600) for values in (VENEZUELA_GAP, VENEZUELA_AGREED))
    others = ("drugs", "migration", "china")
    lab.shows("index of the other issues", change(on_issue, agreed, gap, *others), needs=0.2)
    lab.shows(
        "tone on the other issues, both",
        sum(change(tone, agreed, gap, a, target=b, issues=others) for a, b in PAIRS),
        TONE,
        needs=0.1,
        by="reciprocity",
    )


@claim("B14", where="move `hold_disputed_vote`; indicator `caracas_crisis`; mechanism `triangularity`")
def test_claim_b14_a_disputed_vote_opens_a_crisis_that_spills_over(lab: Laboratory) -> None:
    """If Maduro stays after a disputed vote that Washington rejects, then a US-Venezuela crisis opens and spills
    over.
    """
    vote = every(
        8,
        TRUMP_2,
        "caracas hold_disputed_vote venezuela washington",
        "washington recognise_opposition venezuela caracas",
        "washington impose_oil_sanctions venezuela caracas",
        "washington deploy_naval_force venezuela caracas",
    )
    voted, base = lab.run(TRUMP_2, vote), lab.run(TRUMP_2, neutral(vote))
    lab.shows(
        "Washington to Caracas",
        change(goldstein, voted, base, "washington", target="caracas"),
        "Goldstein points a year",
        needs=-2,
    )
    lab.shows(
        "Bogotá's conduct to Washington",
        change(conduct, voted, base, "bogota"),
        GOLDSTEIN,
        needs=-0.1,
        by="triangularity",
    )
    lab.shows("crisis of Caracas", change(at_end, voted, base, "caracas_crisis"), "of collapse", needs=0.02)


@claim("B15", where="leaders `region-of-the-right` (rule `lima group`), `region-of-the-left`; mechanism `contagion`")
def test_claim_b15_a_region_of_the_right_forms_a_coalition_and_one_of_the_left_makes_friction(lab: Laboratory) -> None:
    """If the region is governed by the right, then a US-led anti-Maduro coalition forms; if by the left, then it
    becomes a source of friction.
    """
    right, left = (
        {"changes": [{"date": "2025-01-27", "actor": "region", "leader": leader}]}
        for leader in ("region-of-the-right", "region-of-the-left")
    )
    one, other = (lab.run(TRUMP_2, value, runs=1200) for value in (right, left))
    lab.shows(
        "coalition in force", change(in_force, one, other, "coalition_against_caracas"), "of the time", needs=0.05
    )
    lab.shows(
        "tone of the region to Washington", change(tone, other, one, "region", target="washington"), TONE, needs=-0.25
    )
    lab.shows(
        "tone of the political moves of Washington and Bogotá, left for right",
        sum(change(tone, other, one, a, target=b, track="political") for a, b in PAIRS),
        TONE,
        needs=-0.05,
        by="contagion",
    )


@claim("B16", where="mechanism `disagreement`; moves `ask_for_vote_records`, `back_vote_records_call`")
def test_claim_b16_partial_alignment_on_venezuela_limits_friction_in_part(lab: Laboratory) -> None:
    """If Bogota favours dialogue but asks for vote records, then its partial alignment only partly limits friction."""
    none, partial, full = (
        on_issue(lab.run(TRUMP_2, stances("bogota", venezuela=value)), "venezuela") for value in (0.1, 0.45, 0.9)
    )
    lab.shows("index of Venezuela, partly aligned", partial - none, needs=0.5, by="disagreement")
    lab.shows("the same, short of full alignment", partial - full, needs=-0.5, by="disagreement")
