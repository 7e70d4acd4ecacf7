"""Claims about pressure and dependence, the two tracks, and where the relationship ends up."""

from __future__ import annotations

from laboratory import (
    BIDEN,
    GOLDSTEIN,
    STATUS_QUO,
    TONE,
    TRUMP_2,
    Floats,
    Laboratory,
    Values,
    answering,
    change,
    conduct,
    ever,
    every,
    index,
    made,
    neutral,
    pushed,
    stances,
    together,
    tone,
)
from register import CONSTRUCTION, CONTRADICTED, MIXED, WEAK, claim

import tensionsim as ts

AID = every(
    4,
    BIDEN,
    "washington enact_aid drugs",
    "washington send_advisory_team drugs",
    "washington fund_rural_programmes drugs",
    "washington praise drugs",
)
PRESSURE = every(
    4,
    TRUMP_2,
    "washington threaten_tariffs migration",
    "washington threaten_aid_cut drugs",
    "washington demand venezuela",
    "washington threaten_to_block_finance china",
)
BLOWS = every(
    8,
    TRUMP_2,
    "washington impose_tariffs migration",
    "washington end_aid drugs",
    "washington recall_ambassador venezuela",
)
THAW = (
    "washington praise drugs",
    "washington phone_leader migration",
    "washington restore_aid drugs",
    "bogota interdict_jointly drugs",
)
TRACKS = ("technical", "political")
KEPT_APART, MIXED_UP = {"actors.*.insulation": 0.95}, {"actors.*.insulation": 0.05}


@claim("A2", where="mechanism `reciprocity`; aid moves and arrangements")
def test_claim_a2_sustained_aid_aligns_bogota_and_makes_it_an_anchor(lab: Laboratory) -> None:
    """If US security and economic aid is high and sustained (Plan Colombia), then Bogota aligns and Washington
    treats it as a stability anchor.
    """
    aided, base = (lab.run(BIDEN, values, runs=600) for values in (AID, neutral(AID)))
    lab.shows("Bogotá's conduct", change(conduct, aided, base, "bogota"), GOLDSTEIN, needs=0.1, by="reciprocity")
    lab.shows(
        "tone of Washington's own political moves",
        change(tone, aided, base, "washington", target="bogota", track="political"),
        TONE,
        needs=0.1,
    )


@claim("A19", where="mechanism `inertia`; half-life of conduct (3 months)")
def test_claim_a19_distancing_short_of_rupture_erodes_trust_slowly(lab: Laboratory) -> None:
    """If political distancing continues short of rupture, then the trust stock erodes slowly rather than collapsing."""
    distance = every(2, BIDEN, "bogota criticise drugs", "bogota accuse venezuela", last=76)
    apart, base = (lab.run(BIDEN, values, months=18) for values in (distance, neutral(distance)))
    fall = apart.record.cooperation - base.record.cooperation
    late = fall[-9:].mean(axis=0)
    lab.shows("index after a year and a half of it", late, needs=-2)
    lab.shows("of which in the first month, below a third", late / 3 - fall[4], needs=-0.5)
    stock = every(1, BIDEN, "washington praise drugs", "washington praise venezuela", last=12)
    trusted, plain = (lab.run(BIDEN, together(distance, one), months=18, runs=400) for one in (stock, neutral(stock)))
    lab.shows(
        "tone of Washington's political moves after a stock of trust",
        change(tone, trusted, plain, "washington", target="bogota", track="political", after=13),
        TONE,
        needs=0.1,
        by="inertia",
    )


@claim(
    "A26",
    where="mechanism `rupture_avoidance`; parameter `cost`; attribute `dependence`",
    verdict=WEAK,
    note="Conduct is restrained, most where a schedule takes it past the floor at which rupture avoidance begins; "
    "ruptures proper are as good as absent with and without interdependence.",
)
def test_claim_a26_interdependence_stops_short_of_rupture(lab: Laboratory) -> None:
    """If trade, investment and military interdependence is high, then both sides stop short of rupture and keep
    channels open.
    """
    storm = {"actors.*.rhetoric": 1.0}
    tied = {**storm, "actors.bogota.dependence.washington": 0.9, "actors.washington.dependence.bogota": 0.6}
    loose = {**storm, "actors.bogota.dependence.washington": 0.1, "actors.washington.dependence.bogota": 0.05}
    high, low = (lab.run(TRUMP_2, value, months=18, runs=600) for value in (tied, loose))
    lab.shows("index", change(index, high, low), needs=1)
    lab.shows_little("rupture ever (contradicts)", change(ever, high, low, "rupture"), "of the runs", within=0.02)
    lab.shows(
        "hostile conduct of Washington",
        change(conduct, high, low, "washington", track="political"),
        GOLDSTEIN,
        needs=0.1,
    )
    blows = every(1, TRUMP_2, "washington accuse drugs", "washington threaten drugs")
    high, low = (lab.run(TRUMP_2, together(blows, value), runs=600) for value in (tied, loose))
    lab.shows(
        "tone of Washington's own moves on drugs, past the floor",
        change(tone, high, low, "washington", target="bogota", issues=["drugs"], track="political"),
        TONE,
        needs=0.1,
        by="rupture_avoidance",
    )


@claim("A27", where="mechanism `insulation`; attribute `insulation`", verdict=WEAK)
def test_claim_a27_technical_cooperation_kept_apart_damps_tension(lab: Laboratory) -> None:
    """If the embassy keeps technical cooperation (rural, energy, education) apart while the NSC handles politics,
    then tension is damped on a second track.
    """
    apart, mixed = (lab.run(STATUS_QUO, values, runs=400) for values in (KEPT_APART, MIXED_UP))
    lab.shows("index", change(index, apart, mixed), needs=0.05, by="insulation")
    lab.shows(
        "technical conduct of both",
        sum(change(conduct, apart, mixed, who, track="technical") for who in ("washington", "bogota")),
        GOLDSTEIN,
        needs=0.1,
        by="insulation",
    )


@claim(
    "A29",
    where="measure `room`; attribute `dependence`; moves of pressure; mechanism `concession`",
    verdict=MIXED,
    note="The room shrinks; what Bogotá does with less of it is not to yield: its technical moves harden a little too.",
)
def test_claim_a29_pressure_shrinks_bogotas_room_though_it_does_not_soften(lab: Laboratory) -> None:
    """If trade pressure, military-aid cuts and diplomatic chill rise, then key sectors suffer and Bogota's room
    shrinks.
    """
    hit, base = lab.run(TRUMP_2, BLOWS), lab.run(TRUMP_2, neutral(BLOWS))
    room = [world.record.room[1:].mean(axis=0) for world in (hit, base)]
    lab.shows("Bogotá's room", room[0] - room[1], "of full room", needs=-0.05)
    dependent = {"actors.bogota.dependence.washington": 0.9}
    weak = [
        lab.run(TRUMP_2, together(value, dependent)).record.room[1:].mean(axis=0) for value in (BLOWS, neutral(BLOWS))
    ]
    lab.shows(
        "the same, more dependent, beyond this", (weak[0] - weak[1]) - (room[0] - room[1]), "of full room", needs=-0.02
    )
    forms = (hit, base), [lab.run(TRUMP_2, together(one, pushed("concession"))) for one in (BLOWS, neutral(BLOWS))]
    answers, pushing = (change(tone, *form, "bogota", target="washington", track="technical") for form in forms)
    lab.shows("tone of Bogotá's technical moves (contradicts)", answers, TONE, needs=-0.1)
    lab.shows("the same, `concession` pushing", pushing, TONE, needs=0.1, by="concession")


@claim(
    "A30",
    where="mechanisms `concession` (technical track), `defiance` (political track)",
    verdict=MIXED,
    note="Principles harden as claimed, but means harden as much, and it yields and complies no more often.",
)
def test_claim_a30_with_less_room_bogota_hardens_on_principles_and_on_means(lab: Laboratory) -> None:
    """If Bogota's room shrinks, then it turns pragmatic: concedes on means, not on declared principles."""
    less = together(PRESSURE, BLOWS)
    said, gives = {}, {}
    for form in ({}, pushed("concession", "defiance")):
        pressed, base = (lab.run(TRUMP_2, together(values, form)) for values in (less, neutral(less)))
        gives[bool(form)] = change(made, pressed, base, "bogota", *answering("yields", "complies"), target="washington")
        said[bool(form)] = [change(tone, pressed, base, "bogota", target="washington", track=one) for one in TRACKS]
    lab.shows("tone of technical moves (means, contradicts)", said[False][0], TONE, needs=-0.1)
    lab.shows("tone of political moves (principles)", said[False][1], TONE, needs=-0.1)
    lab.shows_little("times that it yields or complies (contradicts)", gives[False], "moves a year", within=0.6)
    lab.shows("means, `concession` and `defiance` pushing", said[True][0], TONE, needs=0.1, by="concession")
    lab.shows("principles, both pushing", said[True][1], TONE, needs=-0.1, by="defiance")


@claim("A31", where="mechanism `diversification`; moves `announce_counter_tariffs`, `threaten_tariffs` and their kin")
def test_claim_a31_with_less_room_retaliation_is_likelier_and_bogota_diversifies(lab: Laboratory) -> None:
    """If Bogota loses room in Washington, then trade or financial retaliation becomes more likely while it
    diversifies further.
    """
    pressed, base = lab.run(TRUMP_2, PRESSURE, runs=400), lab.run(TRUMP_2, neutral(PRESSURE), runs=400)
    by_bogota = ("announce_counter_tariffs", "impose_counter_tariffs", "threaten_sanctions")
    by_washington = (
        "threaten_tariffs",
        "impose_tariffs",
        "threaten_to_block_finance",
        "threaten_trade_review",
        "impose_sanctions",
    )
    lab.shows(
        "trade and financial retaliation by either",
        made(pressed, "bogota", *by_bogota, target="washington")
        + made(pressed, "washington", *by_washington, target="bogota")
        - made(base, "bogota", *by_bogota, target="washington")
        - made(base, "washington", *by_washington, target="bogota"),
        "moves a year",
        needs=0.1,
    )
    lab.shows(
        "tone of Bogotá to Beijing",
        change(tone, pressed, base, "bogota", target="beijing"),
        TONE,
        needs=0.05,
        by="diversification",
    )


@claim(
    "A32",
    where="measure `security_pillar` (technical conduct on security issues at a half-life of 24 months)",
    note="Tension over stances weakens the pillar; rhetoric alone makes little tension, and takes as little from it.",
)
def test_claim_a32_lasting_tension_weakens_the_pillar(lab: Laboratory) -> None:
    """If bilateral tension lasts, then the US-Colombia axis weakens as a pillar of regional security."""
    base = lab.run(TRUMP_2, months=18)
    agreed = lab.run(TRUMP_2, stances("bogota", drugs=0.9, venezuela=0.9, migration=0.9, china=0.8), months=18)
    lab.shows(
        "security pillar, stances apart", base.record.security_pillar[-1] - agreed.record.security_pillar[-1], needs=-2
    )
    loud, calm = (lab.run(TRUMP_2, {"actors.*.rhetoric": level}, months=18) for level in (1.0, 0.2))
    lab.shows("index, rhetoric full", change(index, loud, calm), needs=-0.5)
    lab.shows(
        "security pillar, rhetoric full", loud.record.security_pillar[-1] - calm.record.security_pillar[-1], needs=-0.2
    )


@claim(
    "A33", where="measures `index` and `room` (as Washington presses); attributes `stances`, `dependence`, `rhetoric`"
)
def test_claim_a33_a_middle_ground_keeps_cooperation_and_room(lab: Laboratory) -> None:
    """If a middle ground between subordination and isolation is found, then cooperation survives without loss of
    sovereignty.
    """
    isolation, middle, subordination = (
        _place(lab, 0.0, 0.3, 1.0),
        _place(lab, 0.5, 0.45, 0.4),
        _place(lab, 0.9, 0.9, 0.1),
    )
    lab.shows("index, middle ground for isolation", change(index, middle, isolation), needs=3)
    lab.shows(
        "room under the same pressure, middle ground for subordination",
        middle.record.room[1:].mean(axis=0) - subordination.record.room[1:].mean(axis=0),
        "of full room",
        needs=0.03,
    )


def _place(lab: Laboratory, stance: float, dependence: float, rhetoric: float) -> ts.Results:
    """Bogotá at a place between isolation (all 0 but rhetoric) and subordination, under pressure."""
    views = stances("bogota", drugs=stance, migration=stance, venezuela=stance, china=stance)
    ways = {"actors.bogota.dependence.washington": dependence, "actors.bogota.rhetoric": rhetoric}
    return lab.run(TRUMP_2, together(BLOWS, views, ways))


@claim(
    "A34",
    where="mechanism `insulation`; event `lasting crisis`",
    verdict=CONTRADICTED,
    note="Separate tracks alone hardly change its odds.",
)
def test_claim_a34_is_contradicted_separate_tracks_alone_do_not_avoid_a_lasting_crisis(lab: Laboratory) -> None:
    """If technical cooperation is separated from political disputes, then a lasting crisis is avoided."""
    apart, mixed = (lab.run(STATUS_QUO, values, months=14, runs=400) for values in (KEPT_APART, MIXED_UP))
    lab.shows_little("lasting crisis", change(ever, apart, mixed, "lasting crisis"), "of the runs", within=0.06)


@claim(
    "A36",
    where="scenario `summit`: rule `to go or not to go` (odds rise with the index), moves that shift expectations",
    verdict=CONSTRUCTION,
)
def test_claim_a36_the_summit_is_a_signal(lab: Laboratory) -> None:
    """If both sides can still engage at the coming hemispheric summit, then expectations improve; if not, they
    worsen (signal event).
    """
    chance, others, later = (
        "actors.bogota.rules.to go or not to go.chance",
        ("drugs", "migration", "china"),
        slice(8, None),
    )
    soon: Values = {"changes": []}
    met, away = (lab.run("summit", {**soon, chance: certain}, months=6, runs=600) for certain in (1.0, 0.0))
    none = lab.run(STATUS_QUO, soon, months=6, runs=600)

    def afterwards(world: ts.Results) -> Floats:
        return sum(conduct(world, who, *others, rows=later) for who in ("washington", "bogota"))

    lab.shows("conduct of both on other issues, engaged", afterwards(met) - afterwards(none), GOLDSTEIN, needs=0.1)
    lab.shows("the same, away", afterwards(away) - afterwards(none), GOLDSTEIN, needs=-0.1)
    thaw = every(1, STATUS_QUO, *THAW, last=4)
    warm, cold = (lab.run("summit", {**soon, **values}, months=6, runs=600) for values in (thaw, neutral(thaw)))
    lab.shows("engaged after a thaw", change(ever, warm, cold, "engaged at the summit"), "of the runs", needs=0.05)


@claim(
    "B20",
    where="mechanism `concession`; attribute `dependence`; move `threaten_tariffs`",
    verdict=WEAK,
    note="Answers that yield carry a twentieth of what a push on the direction did.",
)
def test_claim_b20_tariff_signals_bite_where_washington_is_the_first_partner(lab: Laboratory) -> None:
    """If the US is Colombia's first trading partner, then tariff signals bite hard in Bogota."""
    tariffs = every(3, TRUMP_2, "washington threaten_tariffs migration", "washington threaten_tariffs drugs")
    answers, pushing = (
        _bite(lab, tariffs, form, 0.9) - _bite(lab, tariffs, form, 0.1) for form in ({}, pushed("concession"))
    )
    lab.shows(
        "tone of Bogotá's technical moves, first partner beyond a minor one", answers, TONE, needs=0.1, by="concession"
    )
    lab.shows("the same, `concession` pushing", pushing, TONE, needs=0.1, by="concession")


def _bite(lab: Laboratory, tariffs: Values, form: Values, depends: float) -> Floats:
    """What threats of tariffs make of the tone of Bogotá's technical moves, at some dependence."""
    tie = {**form, "actors.bogota.dependence.washington": depends}
    told, said = (lab.run(TRUMP_2, together(values, tie), runs=600) for values in (tariffs, neutral(tariffs)))
    return change(tone, told, said, "bogota", target="washington", track="technical")
