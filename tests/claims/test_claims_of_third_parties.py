"""Claims about Caracas, Beijing, the region and other third parties."""

from __future__ import annotations

from laboratory import (
    GOLDSTEIN, TONE, TRUMP_1, TRUMP_2, Floats, Laboratory, at_end, conduct, every, goldstein, in_force, index, made, neutral, on_issue,
    stances, together, tone,
)  # fmt: skip
from register import claim

import tensionsim as ts

SYMPATHY = every(2, TRUMP_2, "region express_solidarity venezuela bogota")
NEAR_CARACAS = every(4, TRUMP_2, "bogota mediate_venezuela venezuela caracas", "bogota reopen_border venezuela caracas")
SECURITY = ("drugs", "venezuela")
PAIRS = (("washington", "bogota"), ("bogota", "washington"))
VENEZUELA_GAP, VENEZUELA_AGREED = stances("bogota", venezuela=0.15), stances("bogota", venezuela=0.9)


@claim("A4", where="mechanism `triangularity`; attribute `affinity` to Caracas")
def test_claim_a4_closeness_to_caracas_costs_trust(lab: Laboratory) -> None:
    """If Bogota draws closer to governments Washington dislikes (Venezuela, Cuba), then US trust falls."""
    near, base = lab.run(TRUMP_2, NEAR_CARACAS), lab.run(TRUMP_2, neutral(NEAR_CARACAS))
    lab.shows("Washington's conduct", conduct(near, "washington") - conduct(base, "washington"), GOLDSTEIN, needs=-0.5, by="triangularity")
    lab.shows("index", index(near) - index(base), needs=-1, by="triangularity")


@claim("A14", where="mechanisms `triangularity`, `reciprocity`; measure `security_pillar`")
def test_claim_a14_normalising_with_maduro_shrinks_security_cooperation(lab: Laboratory) -> None:
    """If Bogota normalises with Maduro while Washington sanctions, then security cooperation shrinks."""
    normal, base = (lab.run(TRUMP_2, values, months=18, runs=600) for values in (NEAR_CARACAS, neutral(NEAR_CARACAS)))
    lab.shows("security pillar at the end", normal.record.security_pillar[-1] - base.record.security_pillar[-1], needs=-0.3, by="triangularity")
    for (who, target), mechanism, least in zip(PAIRS, ("triangularity", "reciprocity"), (-0.3, -0.03), strict=True):
        lab.shows(
            f"tone of {who.capitalize()} on drugs and Venezuela",
            tone(normal, who, target=target, issues=SECURITY) - tone(base, who, target=target, issues=SECURITY),
            TONE, needs=least, by=mechanism,
        )  # fmt: skip


@claim(
    "A15",
    where="mechanisms `disagreement`, `reciprocity`; moves and arrangement of `intelligence_sharing`",
    note="On drugs alone Bogotá's technical moves grow a little friendlier: under the pressure of the gap it yields on means.",
)
def test_claim_a15_a_lasting_gap_on_venezuela_weakens_intelligence(lab: Laboratory) -> None:
    """If that Venezuela gap persists, then intelligence coordination weakens."""
    gap, none = (lab.run(TRUMP_2, values, months=18, runs=600) for values in (VENEZUELA_GAP, VENEZUELA_AGREED))
    lab.shows("information shared less withheld", _information(gap) - _information(none), "moves a year", needs=-0.2)
    lab.shows(
        "tone of both on the security issues, technical",
        sum(
            tone(gap, who, target=other, issues=SECURITY, track="technical") - tone(none, who, target=other, issues=SECURITY, track="technical")
            for who, other in PAIRS
        ),
        TONE, needs=-0.3, by="reciprocity",
    )  # fmt: skip


def _information(results: ts.Results) -> Floats:
    """Times information is shared less times it is withheld, by both."""
    gives = ("share_information", "resume_intelligence_sharing")
    keeps = ("withhold_information", "suspend_intelligence_sharing")
    return sum(made(results, who, *gives) - made(results, who, *keeps) for who, _ in PAIRS)


@claim("A16", where="arrangement `joint_oas_initiative`; moves `begin_oas_initiative`, `stall_oas_initiative`, `abstain_oas_vote`")
def test_claim_a16_a_lasting_gap_on_venezuela_stalls_joint_initiatives(lab: Laboratory) -> None:
    """If that Venezuela gap persists, then joint initiatives in the OAS/Summit stall."""
    gap, none = (lab.run(TRUMP_2, value, months=18) for value in (VENEZUELA_GAP, VENEZUELA_AGREED))
    lab.shows("initiative in force", in_force(gap, "joint_oas_initiative") - in_force(none, "joint_oas_initiative"), "of the time", needs=-0.03)


@claim("A17", where="indicator `caracas_crisis`: hostile conduct to Caracas drives it up, dialogue down")
def test_claim_a17_isolation_prolongs_the_crisis_of_caracas_and_dialogue_shortens_it(lab: Laboratory) -> None:
    """If Venezuela is isolated, then its crisis (and regional instability) lasts longer; dialogue shortens it (Petro's claim)."""
    isolation = every(4, TRUMP_2, "washington demand_maduro_exit venezuela caracas", "bogota demand_maduro_exit venezuela caracas")
    dialogue = every(4, TRUMP_2, "bogota mediate_venezuela venezuela caracas")
    apart, talks, base = (lab.run(TRUMP_2, value) for value in (isolation, dialogue, None))
    lab.shows("crisis, isolated", at_end(apart, "caracas_crisis") - at_end(base, "caracas_crisis"), "of collapse", needs=0.02)
    lab.shows("crisis, dialogue", at_end(talks, "caracas_crisis") - at_end(base, "caracas_crisis"), "of collapse", needs=-0.02)


@claim("A18", where="mechanism `triangularity` (mediation counts as closeness where Washington rejects Caracas)")
def test_claim_a18_mediation_that_washington_denies_earns_no_trust(lab: Laboratory) -> None:
    """If Colombia mediates but Washington denies its legitimacy, then mediation fails to earn trust and distance grows."""
    mediation = every(3, TRUMP_2, "bogota mediate_venezuela venezuela caracas")
    accepts = {"actors.washington.affinity.caracas": 0.3}
    denied = lab.run(TRUMP_2, mediation), lab.run(TRUMP_2, neutral(mediation))
    accepted = lab.run(TRUMP_2, together(mediation, accepts)), lab.run(TRUMP_2, together(neutral(mediation), accepts))
    lost, won = (conduct(a, "washington") - conduct(b, "washington") for a, b in (denied, accepted))
    lab.shows("Washington's conduct, legitimacy denied", lost, GOLDSTEIN, needs=-0.25, by="triangularity")
    lab.shows("the same less what it is where accepted", lost - won, GOLDSTEIN, needs=-0.5, by="triangularity")


@claim("A20", where="mechanism `diversification`; attribute `dependence`")
def test_claim_a20_dependence_felt_as_high_makes_bogota_diversify(lab: Laboratory) -> None:
    """If dependence on the US is felt as high, then Bogota diversifies partners to lower it."""
    high, low = (lab.run(TRUMP_2, {"actors.bogota.dependence.washington": d}, runs=400) for d in (0.95, 0.1))
    lab.shows("tone of Bogotá to Beijing", tone(high, "bogota", target="beijing") - tone(low, "bogota", target="beijing"), TONE, needs=0.05, by="diversification")


@claim("A21", where="mechanism `triangularity`; attribute `affinity` to Beijing")
def test_claim_a21_opening_to_china_is_perceived_as_a_threat(lab: Laboratory) -> None:
    """If Bogota opens to China, even as a complement, then Washington perceives a threat."""
    opening = every(4, TRUMP_2, "bogota consider_belt_and_road china beijing", "bogota award_chinese_contract china beijing")
    opened, base = lab.run(TRUMP_2, opening), lab.run(TRUMP_2, neutral(opening))
    lab.shows("Washington's conduct", conduct(opened, "washington") - conduct(base, "washington"), GOLDSTEIN, needs=-0.25, by="triangularity")


@claim("A22", where="leader `trump-2`'s rule `america first 2.0`")
def test_claim_a22_too_much_openness_to_china_brings_a_threat_to_the_trade_agreement(lab: Laboratory) -> None:
    """If openness to China passes a threshold (too much), then Washington threatens to review trade agreements."""
    much = every(2, TRUMP_2, "bogota join_belt_and_road china beijing", "bogota award_chinese_contract china beijing")
    some = every(16, TRUMP_2, "bogota consider_belt_and_road china beijing")
    base, little, beyond = (
        made(lab.run(TRUMP_2, value), "washington", "threaten_trade_review", cause="rule") for value in (None, some, much)
    )
    lab.shows("threats by rule, beyond the threshold", beyond - base, "moves a year", needs=0.5)
    lab.shows("the same against some openness", beyond - little, "moves a year", needs=0.5)


@claim("A23", where="mechanisms `diversification`, `reciprocity`; moves `offer_loans`, `finance_infrastructure`, `offer_technical_help`")
def test_claim_a23_courted_by_both_bogota_hedges_on_both_boards(lab: Laboratory) -> None:
    """If Beijing offers finance without political strings and Washington offers security and market access for alignment, then Bogota hedges on both boards."""
    free = every(4, TRUMP_2, "beijing offer_loans china bogota", "beijing finance_infrastructure china bogota")
    tied = every(
        4, TRUMP_2, "washington offer_infrastructure_finance china", "washington offer_technical_help drugs", "washington demand china",
        "washington threaten drugs",
    )  # fmt: skip
    offers = together(free, tied)
    courted, base = (lab.run(TRUMP_2, values, runs=600) for values in (offers, neutral(offers)))
    lab.shows(
        "tone of Bogotá to Beijing", tone(courted, "bogota", target="beijing") - tone(base, "bogota", target="beijing"), TONE,
        needs=0.1, by="diversification",
    )  # fmt: skip
    lab.shows(
        "tone of Bogotá's technical moves to Washington",
        tone(courted, "bogota", target="washington", track="technical") - tone(base, "bogota", target="washington", track="technical"),
        TONE, needs=0.1,
    )  # fmt: skip


@claim("A24", where="mechanism `contagion` (regional sympathy)")
def test_claim_a24_regional_sympathy_emboldens_bogota_and_hardens_washington(lab: Laboratory) -> None:
    """If hedging wins regional sympathy, then Bogota is emboldened and US suspicion rises."""
    liked, ignored = (lab.run(TRUMP_2, values, runs=600) for values in (SYMPATHY, neutral(SYMPATHY)))
    for who, target in PAIRS:
        lab.shows(
            f"tone of the political moves of {who.capitalize()}",
            tone(liked, who, target=target, track="political") - tone(ignored, who, target=target, track="political"),
            TONE, needs=-0.05, by="contagion",
        )  # fmt: skip


@claim("A25", where="mechanism `contagion` (parameter `harden`)")
def test_claim_a25_defiance_that_could_spread_is_punished_beyond_its_stakes(lab: Laboratory) -> None:
    """If Petro's defiance looks imitable by other progressive governments, then Washington punishes to stop contagion, beyond bilateral stakes."""
    progressive = {"actors.region.affinity.bogota": 1.0}
    imitable, alone = (
        lab.run(TRUMP_2, values, runs=600) for values in (together(SYMPATHY, progressive), {"actors.region.affinity.bogota": 0.0})
    )
    lab.shows(
        "tone of Washington's political moves, the example imitable",
        tone(imitable, "washington", target="bogota", track="political") - tone(alone, "washington", target="bogota", track="political"),
        TONE, needs=-0.05, by="contagion",
    )  # fmt: skip


@claim("B4", where="mechanism `reciprocity` (linkage)")
def test_claim_b4_agreement_on_venezuela_offsets_friction_elsewhere(lab: Laboratory) -> None:
    """If the two sides agree on Venezuela, then cooperation offsets friction on other issues."""
    gap, agreed = (lab.run(TRUMP_2, values, runs=600) for values in (VENEZUELA_GAP, VENEZUELA_AGREED))
    others = ("drugs", "migration", "china")
    lab.shows("index of the other issues", on_issue(agreed, *others) - on_issue(gap, *others), needs=0.2)
    lab.shows(
        "tone on the other issues, both",
        sum(tone(agreed, a, target=b, issues=others) - tone(gap, a, target=b, issues=others) for a, b in PAIRS),
        TONE, needs=0.1, by="reciprocity",
    )  # fmt: skip


@claim("B5", where="arrangements `oecd_membership`, `nato_partnership`; moves that begin them")
def test_claim_b5_western_institutions_strengthen_ties(lab: Laboratory) -> None:
    """If Colombia joins Western institutions (NATO partner, OECD), then ties to the US strengthen."""
    leave = every(100, TRUMP_1, "bogota leave_oecd china", last=4, first=1)
    also = every(100, TRUMP_1, "bogota leave_nato_partnership china", last=4, first=2)
    still = together(neutral(leave), neutral(also))
    member, left = lab.run(TRUMP_1, still), lab.run(TRUMP_1, together(leave, also))
    lab.shows("index", index(member) - index(left), needs=0.4)
    lab.shows("Washington's conduct", conduct(member, "washington") - conduct(left, "washington"), GOLDSTEIN, needs=0.1)


@claim("B8", where="move `break_with_israel`; where a file has Israel as an actor, mechanism `triangularity`")
def test_claim_b8_a_break_with_israel_reads_as_a_shift_away(lab: Laboratory) -> None:
    """If Bogota breaks with a US ally (Israel), then it is read as a shift away from Washington."""
    breaks = every(100, TRUMP_2, "bogota break_relations china israel", last=4)
    broke, base = (lab.run("israel", value, runs=400) for value in (breaks, neutral(breaks)))
    lab.shows("Washington's conduct", conduct(broke, "washington") - conduct(base, "washington"), GOLDSTEIN, needs=-0.15, by="triangularity")
    move = every(100, TRUMP_2, "bogota break_with_israel china", last=4)
    named, said = (lab.run(TRUMP_2, values, months=3, runs=1000) for values in (move, neutral(move)))
    lab.shows(
        "tone of Washington in the quarter, by the catalogue's move",
        tone(named, "washington", target="bogota") - tone(said, "washington", target="bogota"), TONE, needs=-0.04,
    )  # fmt: skip


@claim("B9", where="mechanism `triangularity`; move and arrangement `belt_and_road`")
def test_claim_b9_the_belt_and_road_reads_as_a_shift_away(lab: Laboratory) -> None:
    """If Bogota deepens China ties (BRI, FTA), then it is read as a shift away from Washington."""
    joins = together(
        every(100, TRUMP_2, "bogota join_belt_and_road china beijing", last=4),
        every(12, TRUMP_2, "bogota sign_strategic_partnership china beijing", first=6),
    )
    joined, base = lab.run(TRUMP_2, joins), lab.run(TRUMP_2, neutral(joins))
    lab.shows("Washington's conduct", conduct(joined, "washington") - conduct(base, "washington"), GOLDSTEIN, needs=-0.15, by="triangularity")


@claim("B10", where="mechanism `triangularity`; moves `apply_brics_bank`, `admit_to_brics_bank`; arrangement `brics_bank`")
def test_claim_b10_seeking_brics_reads_as_joining_a_counterweight(lab: Laboratory) -> None:
    """If Bogota seeks BRICS membership, then it is read as joining a counterweight."""
    seeks = together(
        every(8, TRUMP_2, "bogota apply_brics_bank china beijing", "bogota consider_belt_and_road china beijing"),
        every(100, TRUMP_2, "beijing admit_to_brics_bank china bogota", first=16, last=17),
    )
    sought, base = lab.run(TRUMP_2, seeks), lab.run(TRUMP_2, neutral(seeks))
    lab.shows("Washington's conduct", conduct(sought, "washington") - conduct(base, "washington"), GOLDSTEIN, needs=-0.15, by="triangularity")


@claim("B14", where="move `hold_disputed_vote`; indicator `caracas_crisis`; mechanism `triangularity`")
def test_claim_b14_a_disputed_vote_opens_a_crisis_that_spills_over(lab: Laboratory) -> None:
    """If Maduro stays after a disputed vote that Washington rejects, then a US-Venezuela crisis opens and spills over."""
    vote = every(
        8, TRUMP_2, "caracas hold_disputed_vote venezuela washington", "washington recognise_opposition venezuela caracas",
        "washington impose_oil_sanctions venezuela caracas", "washington deploy_naval_force venezuela caracas",
    )  # fmt: skip
    voted, base = lab.run(TRUMP_2, vote), lab.run(TRUMP_2, neutral(vote))
    lab.shows(
        "Washington to Caracas", goldstein(voted, "washington", target="caracas") - goldstein(base, "washington", target="caracas"),
        "Goldstein points a year", needs=-2,
    )  # fmt: skip
    lab.shows("Bogotá's conduct to Washington", conduct(voted, "bogota") - conduct(base, "bogota"), GOLDSTEIN, needs=-0.1, by="triangularity")
    lab.shows("crisis of Caracas", at_end(voted, "caracas_crisis") - at_end(base, "caracas_crisis"), "of collapse", needs=0.02)


@claim("B15", where="actor `region` (stance on Venezuela, affinities); arrangement `coalition_against_caracas`; mechanism `contagion`")
def test_claim_b15_a_region_of_the_right_forms_a_coalition_and_one_of_the_left_makes_friction(lab: Laboratory) -> None:
    """If the region is governed by the right, then a US-led anti-Maduro coalition forms; if by the left, then it becomes a source of friction."""
    right, left = (
        {"changes": [{"date": "2025-01-27", "actor": "region", "leader": leader}]} for leader in ("region-of-the-right", "region-of-the-left")
    )
    one, other = (lab.run(TRUMP_2, value, runs=600) for value in (right, left))
    lab.shows(
        "coalition in force", in_force(one, "coalition_against_caracas") - in_force(other, "coalition_against_caracas"), "of the time", needs=0.05
    )
    lab.shows(
        "tone of the region to Washington", tone(other, "region", target="washington") - tone(one, "region", target="washington"),
        TONE, needs=-0.25,
    )  # fmt: skip
    lab.shows(
        "tone of the political moves of Washington and Bogotá, left for right",
        sum(tone(other, a, target=b, track="political") - tone(one, a, target=b, track="political") for a, b in PAIRS),
        TONE, needs=-0.05, by="contagion",
    )  # fmt: skip


@claim("B16", where="mechanism `disagreement`; moves `ask_for_vote_records`, `back_vote_records_call`")
def test_claim_b16_partial_alignment_on_venezuela_limits_friction_in_part(lab: Laboratory) -> None:
    """If Bogota favours dialogue but asks for vote records, then its partial alignment only partly limits friction."""
    none, partial, full = (on_issue(lab.run(TRUMP_2, stances("bogota", venezuela=value)), "venezuela") for value in (0.1, 0.45, 0.9))
    lab.shows("index of Venezuela, partly aligned", partial - none, needs=0.5, by="disagreement")
    lab.shows("the same, short of full alignment", partial - full, needs=-0.5, by="disagreement")

