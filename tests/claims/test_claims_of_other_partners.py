"""Claims about Beijing, Western institutions, and whose example spreads."""

from __future__ import annotations

from laboratory import (
    GOLDSTEIN,
    TONE,
    TRUMP_1,
    TRUMP_2,
    Laboratory,
    change,
    conduct,
    every,
    index,
    made,
    neutral,
    pushed,
    together,
    tone,
)
from register import CONSTRUCTION, MIXED, WEAK, claim

SYMPATHY = every(2, TRUMP_2, "region express_solidarity venezuela bogota")
PAIRS = (("washington", "bogota"), ("bogota", "washington"))


@claim("A20", where="mechanism `diversification`; attribute `dependence`", verdict=WEAK)
def test_claim_a20_dependence_felt_as_high_makes_bogota_diversify(lab: Laboratory) -> None:
    """If dependence on the US is felt as high, then Bogota diversifies partners to lower it."""
    high, low = (lab.run(TRUMP_2, {"actors.bogota.dependence.washington": d}, runs=800) for d in (0.95, 0.1))
    lab.shows(
        "tone of Bogotá to Beijing",
        change(tone, high, low, "bogota", target="beijing"),
        TONE,
        needs=0.05,
        by="diversification",
    )


@claim("A21", where="mechanism `triangularity`; attribute `affinity` to Beijing")
def test_claim_a21_opening_to_china_is_perceived_as_a_threat(lab: Laboratory) -> None:
    """If Bogota opens to China, even as a complement, then Washington perceives a threat."""
    opening = every(
        4, TRUMP_2, "bogota consider_belt_and_road china beijing", "bogota award_chinese_contract china beijing"
    )
    opened, base = lab.run(TRUMP_2, opening), lab.run(TRUMP_2, neutral(opening))
    lab.shows(
        "Washington's conduct", change(conduct, opened, base, "washington"), GOLDSTEIN, needs=-0.25, by="triangularity"
    )


@claim("A22", where="leader `trump-2`'s rule `america first 2.0`", verdict=CONSTRUCTION)
def test_claim_a22_too_much_openness_to_china_brings_a_threat_to_the_trade_agreement(lab: Laboratory) -> None:
    """If openness to China passes a threshold (too much), then Washington threatens to review trade agreements."""
    much = every(2, TRUMP_2, "bogota join_belt_and_road china beijing", "bogota award_chinese_contract china beijing")
    some = every(16, TRUMP_2, "bogota consider_belt_and_road china beijing")
    base, little, beyond = (
        made(lab.run(TRUMP_2, value), "washington", "threaten_trade_review", cause="rule")
        for value in (None, some, much)
    )
    lab.shows("threats by rule, beyond the threshold", beyond - base, "moves a year", needs=0.5)
    lab.shows("the same against some openness", beyond - little, "moves a year", needs=0.5)


@claim(
    "A23",
    where="mechanisms `diversification`, `reciprocity`, `concession`; moves `offer_loans`, `finance_infrastructure`",
    verdict=MIXED,
    note="It turns to Beijing; Washington's demands cost more of its tone than Washington's offers win.",
)
def test_claim_a23_courted_by_both_bogota_turns_to_beijing_though_not_to_washington(lab: Laboratory) -> None:
    """If Beijing offers finance without political strings and Washington offers security and market access for
    alignment, then Bogota hedges on both boards.
    """
    free = every(4, TRUMP_2, "beijing offer_loans china bogota", "beijing finance_infrastructure china bogota")
    tied = every(
        4,
        TRUMP_2,
        "washington offer_infrastructure_finance china",
        "washington offer_technical_help drugs",
        "washington demand china",
        "washington threaten drugs",
    )
    offers = together(free, tied)
    courted, base = (lab.run(TRUMP_2, values, runs=600) for values in (offers, neutral(offers)))
    lab.shows(
        "tone of Bogotá to Beijing",
        change(tone, courted, base, "bogota", target="beijing"),
        TONE,
        needs=0.1,
        by="diversification",
    )
    pushing = [lab.run(TRUMP_2, together(values, pushed("concession"))) for values in (offers, neutral(offers))]
    means, yields = (
        change(tone, *worlds, "bogota", target="washington", track="technical") for worlds in ((courted, base), pushing)
    )
    lab.shows("tone of Bogotá's technical moves to Washington (contradicts)", means, TONE, needs=-0.1)
    lab.shows("the same, `concession` pushing", yields, TONE, needs=0.1)


@claim("A24", where="mechanism `contagion` (regional sympathy)", verdict=WEAK)
def test_claim_a24_regional_sympathy_emboldens_bogota_and_hardens_washington(lab: Laboratory) -> None:
    """If hedging wins regional sympathy, then Bogota is emboldened and US suspicion rises."""
    liked, ignored = (lab.run(TRUMP_2, values, runs=600) for values in (SYMPATHY, neutral(SYMPATHY)))
    for who, target in PAIRS:
        lab.shows(
            f"tone of the political moves of {who.capitalize()}",
            change(tone, liked, ignored, who, target=target, track="political"),
            TONE,
            needs=-0.05,
            by="contagion",
        )


@claim("A25", where="mechanism `contagion` (parameter `harden`)", verdict=WEAK)
def test_claim_a25_defiance_that_could_spread_is_punished_beyond_its_stakes(lab: Laboratory) -> None:
    """If Petro's defiance looks imitable by other progressive governments, then Washington punishes to stop
    contagion, beyond bilateral stakes.
    """
    progressive = {"actors.region.affinity.bogota": 1.0}
    imitable, alone = (
        lab.run(TRUMP_2, values, runs=600)
        for values in (together(SYMPATHY, progressive), {"actors.region.affinity.bogota": 0.0})
    )
    lab.shows(
        "tone of Washington's political moves, the example imitable",
        change(tone, imitable, alone, "washington", target="bogota", track="political"),
        TONE,
        needs=-0.05,
        by="contagion",
    )


@claim("B5", where="arrangements `oecd_membership`, `nato_partnership`; moves that begin them", verdict=CONSTRUCTION)
def test_claim_b5_western_institutions_strengthen_ties(lab: Laboratory) -> None:
    """If Colombia joins Western institutions (NATO partner, OECD), then ties to the US strengthen."""
    leave = every(100, TRUMP_1, "bogota leave_oecd china", last=4, first=1)
    also = every(100, TRUMP_1, "bogota leave_nato_partnership china", last=4, first=2)
    still = together(neutral(leave), neutral(also))
    member, left = lab.run(TRUMP_1, still), lab.run(TRUMP_1, together(leave, also))
    lab.shows("index", change(index, member, left), needs=0.4)
    lab.shows("Washington's conduct", change(conduct, member, left, "washington"), GOLDSTEIN, needs=0.1)


@claim(
    "B8",
    where="move `break_with_israel`; where a file has Israel as an actor, mechanism `triangularity`",
    verdict=WEAK,
    note="Where no file has Israel as an actor the break costs next to nothing.",
)
def test_claim_b8_a_break_with_israel_reads_as_a_shift_away(lab: Laboratory) -> None:
    """If Bogota breaks with a US ally (Israel), then it is read as a shift away from Washington."""
    breaks = every(100, TRUMP_2, "bogota break_relations china israel", last=4)
    broke, base = (lab.run("israel", value, runs=400) for value in (breaks, neutral(breaks)))
    lab.shows(
        "Washington's conduct", change(conduct, broke, base, "washington"), GOLDSTEIN, needs=-0.15, by="triangularity"
    )
    move = every(100, TRUMP_2, "bogota break_with_israel china", last=4)
    named, said = (lab.run(TRUMP_2, values, months=3, runs=1000) for values in (move, neutral(move)))
    lab.shows(
        "tone of Washington in the quarter, by the catalogue's move",
        change(tone, named, said, "washington", target="bogota"),
        TONE,
        needs=-0.005,
    )


@claim("B9", where="mechanism `triangularity`; move and arrangement `belt_and_road`")
def test_claim_b9_the_belt_and_road_reads_as_a_shift_away(lab: Laboratory) -> None:
    """If Bogota deepens China ties (BRI, FTA), then it is read as a shift away from Washington."""
    joins = together(
        every(100, TRUMP_2, "bogota join_belt_and_road china beijing", last=4),
        every(12, TRUMP_2, "bogota sign_strategic_partnership china beijing", first=6),
    )
    joined, base = lab.run(TRUMP_2, joins), lab.run(TRUMP_2, neutral(joins))
    lab.shows(
        "Washington's conduct", change(conduct, joined, base, "washington"), GOLDSTEIN, needs=-0.15, by="triangularity"
    )


@claim(
    "B10", where="mechanism `triangularity`; moves `apply_brics_bank`, `admit_to_brics_bank`; arrangement `brics_bank`"
)
def test_claim_b10_seeking_brics_reads_as_joining_a_counterweight(lab: Laboratory) -> None:
    """If Bogota seeks BRICS membership, then it is read as joining a counterweight."""
    seeks = together(
        every(8, TRUMP_2, "bogota apply_brics_bank china beijing", "bogota consider_belt_and_road china beijing"),
        every(100, TRUMP_2, "beijing admit_to_brics_bank china bogota", first=16, last=17),
    )
    sought, base = lab.run(TRUMP_2, seeks), lab.run(TRUMP_2, neutral(seeks))
    lab.shows(
        "Washington's conduct", change(conduct, sought, base, "washington"), GOLDSTEIN, needs=-0.15, by="triangularity"
    )
