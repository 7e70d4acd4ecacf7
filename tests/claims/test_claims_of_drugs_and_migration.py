"""Claims about drugs and migration: eradication, yardsticks, the Darién, aid."""

from __future__ import annotations

from laboratory import (
    BIDEN,
    GOLDSTEIN,
    TONE,
    TRUMP_1,
    TRUMP_2,
    Floats,
    Laboratory,
    Values,
    at_end,
    change,
    conduct,
    every,
    made,
    neutral,
    on_issue,
    pushed,
    stances,
    together,
    tone,
)
from register import WEAK, claim

AID_THREATS = ("threaten_aid_cut", "threaten_decertification", "request_aid_cut")
MUCH_COCA, LITTLE_COCA = {"indicators.coca.value": 320_000}, {"indicators.coca.value": 120_000}


def crossings(persons: float) -> Values:
    """A steady flow through the Darién, in persons a month."""
    return {"indicators.darien.value": persons, "indicators.darien.rest": persons}


def to_bogota(lab: Laboratory, scenario: str, values: Values | None, *issues: str, runs: int = 400) -> Floats:
    """Tone of Washington's moves towards Bogotá on some issues."""
    return tone(lab.run(scenario, values, runs=runs), "washington", target="bogota", issues=issues)


@claim(
    "A3", where="mechanism `disagreement` (moves shift the stance); moves `denounce_drug_war`, `announce_peace_talks`"
)
def test_claim_a3_criticism_of_the_drug_war_and_total_peace_cost_trust(lab: Laboratory) -> None:
    """If Bogota criticises the drug war or pursues total peace, then US trust falls."""
    peace = every(2, TRUMP_1, "bogota announce_peace_talks drugs", last=72)
    words = every(2, TRUMP_1, "bogota denounce_drug_war drugs", last=72)
    for what, said in (("total peace", peace), ("the drug war denounced", words)):
        after, before = (lab.run(TRUMP_1, values, months=18, runs=600) for values in (said, neutral(said)))
        lab.shows(
            f"conduct of Washington on drugs, {what}",
            change(conduct, after, before, "washington", "drugs"),
            GOLDSTEIN,
            needs=-0.2,
            by="disagreement",
        )


@claim(
    "A8",
    where="mechanism `performance`; indicator `coca` on Washington's yardstick; moves `threaten_aid_cut` and its kin",
)
def test_claim_a8_short_eradication_brings_blame_and_threats_to_aid(lab: Laboratory) -> None:
    """If measured eradication falls short, then Washington blames Bogota publicly and threatens counternarcotics
    cooperation.
    """
    short, met = (lab.run(TRUMP_2, values, runs=600) for values in (MUCH_COCA, LITTLE_COCA))
    political = [
        tone(world, "washington", target="bogota", issues=["drugs"], track="political") for world in (short, met)
    ]
    lab.shows(
        "tone of Washington's public moves on drugs", political[0] - political[1], TONE, needs=-0.1, by="performance"
    )
    threats = [made(world, "washington", *AID_THREATS, target="bogota") for world in (short, met)]
    lab.shows("threats to aid", threats[0] - threats[1], "moves a year", needs=0.05)


@claim("A9", where="indicator `rural_violence` (driven by hostile conduct) on Bogotá's yardstick; mechanism `defiance`")
def test_claim_a9_militarised_drug_policy_keeps_violence_up_and_bogota_resists(lab: Laboratory) -> None:
    """If US militarised drug policy persists, then rural violence and displacement persist (Petro's claim) and
    Bogota resists more.
    """
    policy = every(3, TRUMP_2, "washington threaten_strikes drugs", "washington demand drugs")
    persists, ends = lab.run(TRUMP_2, policy), lab.run(TRUMP_2, neutral(policy))
    lab.shows("rural violence", change(at_end, persists, ends, "rural_violence"), "of its level in 2019", needs=0.05)
    pushing, without = (lab.run(TRUMP_2, together(values, pushed("defiance"))) for values in (policy, neutral(policy)))
    resists, more = (
        change(conduct, one, other, "bogota", "drugs", track="political")
        for one, other in ((persists, ends), (pushing, without))
    )
    lab.shows("Bogotá's political conduct on drugs", resists, GOLDSTEIN, needs=-0.25)
    lab.shows("the same, `defiance` pushing", more, GOLDSTEIN, needs=-0.25, by="defiance")


@claim(
    "A10",
    where="attribute `yardstick`; mechanisms `performance` (each looks at its own), `disagreement` (data leave it)",
)
def test_claim_a10_new_data_on_different_yardsticks_do_not_narrow_the_gap(lab: Laboratory) -> None:
    """If the sides use different yardsticks (hectares vs substitution), then new data do not narrow the gap: the
    dispute stays political.
    """
    answers = {}
    for name, weight in (("shared", 1.0), ("own", 0.0)):
        yardstick = {"actors.bogota.yardstick.coca": weight, "indicators.coca.responsible": "washington"}
        worse, better = (
            tone(lab.run(TRUMP_2, together(yardstick, coca), runs=400), "bogota", target="washington", issues=["drugs"])
            for coca in (MUCH_COCA, LITTLE_COCA)
        )
        answers[name] = better - worse
    lab.shows(
        "what good data on coca win from Bogotá, a shared yardstick beyond its own",
        answers["shared"] - answers["own"],
        TONE,
        needs=0.1,
        by="performance",
    )
    met = {
        "indicators.coca.value": 170_000,
        "indicators.coca.growth": 0,
        "indicators.substitution.value": 50_000,
        "indicators.substitution.rest": 50_000,
    }
    disputed, agreed = lab.run(TRUMP_2, met), lab.run(TRUMP_2, together(met, stances("bogota", drugs=0.9)))
    lab.shows(
        "index of drugs, both yardsticks met but views apart",
        change(on_issue, disputed, agreed, "drugs"),
        needs=-3,
        by="disagreement",
    )


@claim("A11", where="mechanisms `performance`, `defiance`; moves `demand_darien_control`, `refuse_darien_burden`")
def test_claim_a11_pressed_on_the_darien_bogota_refuses_and_complies_in_part(lab: Laboratory) -> None:
    """If Washington presses for tighter Darien control, then Bogota answers that it bears the burden alone and does
    not fully comply.
    """
    full, empty = (to_bogota(lab, TRUMP_2, crossings(persons), "migration") for persons in (40_000, 2_000))
    lab.shows("tone of Washington on migration, crossings high", full - empty, TONE, needs=-0.1, by="performance")
    demands = every(2, TRUMP_2, "washington demand_darien_control migration")
    pressed, base = (
        lab.run(TRUMP_2, together(crossings(40_000), values), runs=1000) for values in (demands, neutral(demands))
    )
    about = {"issues": ["migration"], "target": "washington", "track": "political"}
    lab.shows(
        "tone of Bogotá's political moves on migration under demands",
        change(tone, pressed, base, "bogota", **about),
        TONE,
        needs=-0.3,
    )
    refusals = ("refuse_darien_burden", "reject_demand")
    lab.shows("refusals", change(made, pressed, base, "bogota", *refusals), "moves a year", needs=0.5, by="defiance")
    pressed, base = (
        lab.run(TRUMP_2, together(crossings(40_000), values, pushed("defiance")), runs=400)
        for values in (demands, neutral(demands))
    )
    lab.shows(
        "the tone, `defiance` pushing", change(tone, pressed, base, "bogota", **about), TONE, needs=-0.3, by="defiance"
    )
    lab.shows(
        "crossings above the reference at the end",
        at_end(pressed, "darien") / 15_000 - 1,
        "of the reference",
        needs=0.25,
    )


@claim("A12", where="mechanism `disagreement`; move `recast_migration`")
def test_claim_a12_migration_as_an_opportunity_irritates_a_border_focused_white_house(lab: Laboratory) -> None:
    """If Petro reframes migration as opportunity, then a border-focused White House is irritated and escalates
    rhetorically.
    """
    words = (
        "criticise",
        "accuse",
        "demand",
        "threaten",
        "demand_darien_control",
        "threaten_tariffs",
        "denounce_leader",
    )
    said, unsaid = (
        made(lab.run(TRUMP_2, stances("bogota", migration=line), runs=600), "washington", *words, issues=["migration"])
        for line in (0.1, 0.6)
    )
    lab.shows("Washington's hostile words on migration", said - unsaid, "moves a year", needs=0.25, by="disagreement")


@claim("A13", where="mechanism `reciprocity` (friendly tone counts less where diagnosis is not shared)")
def test_claim_a13_without_shared_diagnosis_a_contact_yields_less(lab: Laboratory) -> None:
    """If drugs and migration displace terrorism as core issues without shared diagnosis, then cooperation yield per
    contact falls.
    """
    contacts = every(
        2,
        BIDEN,
        "washington send_delegation drugs",
        "washington pledge_cooperation drugs",
        "washington pledge_cooperation migration",
    )
    won = {}
    for name, line in (("shared", 0.5), ("apart", 0.0)):
        views = stances("bogota", drugs=line, migration=line)
        friendly, plain = (
            tone(
                lab.run(BIDEN, together(views, values), runs=1200),
                "bogota",
                target="washington",
                issues=("drugs", "migration"),
            )
            for values in (contacts, neutral(contacts))
        )
        won[name] = friendly - plain
    lab.shows("what the same friendly contacts win, shared diagnosis", won["shared"], TONE, needs=0.3, by="reciprocity")
    lab.shows("how much less where it is not shared", won["apart"] - won["shared"], TONE, needs=-0.05, by="reciprocity")


@claim(
    "B1", where="mechanism `performance`; indicator `coca`; leader `duque`; for a lax line, mechanism `disagreement`"
)
def test_claim_b1_lax_enforcement_strains_even_aligned_governments(lab: Laboratory) -> None:
    """If coca/eradication enforcement is lax, then tension arises even between ideologically aligned governments."""
    much, little = (to_bogota(lab, TRUMP_1, coca, "drugs", runs=600) for coca in (MUCH_COCA, LITTLE_COCA))
    lab.shows(
        "tone of Washington on drugs, Duque in office, much coca", much - little, TONE, needs=-0.1, by="performance"
    )
    lax, firm = (to_bogota(lab, TRUMP_1, values, "drugs") for values in (stances("bogota", drugs=0.4), None))
    lab.shows("the same, a lax line on drugs", lax - firm, TONE, needs=-0.3, by="disagreement")


@claim(
    "B2",
    where="moves `relax_eradication`, `announce_peace_talks` (raise `coca`, shift the stance); mechanism `performance`",
)
def test_claim_b2_eradication_relaxed_for_talks_dissatisfies_washington(lab: Laboratory) -> None:
    """If enforcement is relaxed because of peace talks, then US dissatisfaction rises."""
    relaxed = every(2, BIDEN, "bogota relax_eradication drugs", "bogota announce_peace_talks drugs", last=72)
    talks, base = lab.run(BIDEN, relaxed, months=18), lab.run(BIDEN, neutral(relaxed), months=18)
    lab.shows(
        "conduct of Washington on drugs",
        change(conduct, talks, base, "washington", "drugs"),
        GOLDSTEIN,
        needs=-0.25,
        by="performance",
    )


@claim(
    "B3", where="check `congress` of Washington; moves `request_aid_cut`, `end_aid`, `cut_aid`; mechanism `performance`"
)
def test_claim_b3_a_dissatisfied_republican_offers_less_aid_and_congress_holds(lab: Laboratory) -> None:
    """If a Republican administration is dissatisfied, then aid offers fall (see seed error on 251.4M)."""
    asked = ("request_aid_cut", "threaten_aid_cut", "cut_aid", "end_aid")
    content = together(LITTLE_COCA, stances("bogota", drugs=0.8))
    unhappy, happy = (lab.run(TRUMP_2, values, runs=400) for values in (MUCH_COCA, content))
    lab.shows("cuts asked for or made", change(made, unhappy, happy, "washington", *asked), "moves a year", needs=0.1)
    free = lab.run(TRUMP_2, {**MUCH_COCA, "actors.washington.checks.congress.chance": 0.0}, runs=400)
    cuts = ("cut_aid", "end_aid")
    lab.shows(
        "cuts made where Congress may stop them",
        change(made, unhappy, free, "washington", *cuts),
        "moves a year",
        needs=-0.03,
    )


@claim("B17", where="mechanism `performance`; indicator `coca`; moves that cut aid")
def test_claim_b17_soaring_coca_brings_further_cuts(lab: Laboratory) -> None:
    """If coca output soars, then the US cuts aid further."""
    soars = {**MUCH_COCA, "indicators.coca.growth": "40 % per year"}
    still = {**LITTLE_COCA, "indicators.coca.growth": 0}
    up, flat = lab.run(TRUMP_2, soars, runs=3000), lab.run(TRUMP_2, still, runs=3000)
    cuts = (
        "end_aid",
        "cut_aid",
        "freeze_aid",
        "request_aid_cut",
        "withdraw_advisory_team",
        "end_rural_programmes",
        "ground_supported_aircraft",
    )
    lab.shows(
        "cuts made or asked for",
        change(made, up, flat, "washington", *cuts),
        "moves a year",
        needs=0.03,
        by="performance",
    )


@claim(
    "B18",
    where="moves `begin_voluntary_substitution`, `offer_crop_purchase` (shift the stance); mechanism `disagreement`",
)
def test_claim_b18_voluntary_substitution_becomes_a_sticking_point(lab: Laboratory) -> None:
    """If Bogota offers voluntary substitution or crop purchase, then the policy gap becomes a sticking point."""
    offers = every(3, TRUMP_1, "bogota offer_crop_purchase drugs", "bogota begin_voluntary_substitution drugs", last=72)
    offered, base = lab.run(TRUMP_1, offers, months=18), lab.run(TRUMP_1, neutral(offers), months=18)
    lab.shows(
        "conduct of Washington on drugs",
        change(conduct, offered, base, "washington", "drugs"),
        GOLDSTEIN,
        needs=-0.2,
        by="disagreement",
    )


@claim("B19", where="indicator `darien` on Washington's yardstick; mechanism `performance`", verdict=WEAK)
def test_claim_b19_high_flows_through_the_darien_bring_pressure_and_clashes(lab: Laboratory) -> None:
    """If Darien flows from Colombia are high, then Washington pressures Petro and clashes follow."""
    high, low = (lab.run(TRUMP_2, crossings(persons), runs=1000) for persons in (45_000, 2_000))
    for who, target, least in (("washington", "bogota", -0.1), ("bogota", "washington", -0.03)):
        lab.shows(
            f"tone of the political moves of {who.capitalize()} on migration",
            change(tone, high, low, who, target=target, issues=["migration"], track="political"),
            TONE,
            needs=least,
            by="performance",
        )
