"""The catalogue: scores of their codes, arrangements that begin and end, menus that leave a choice."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from tensionsim.events import history as curated
from tensionsim.model.catalogue import (
    OWN_QUANTITIES,
    Catalogue,
    Move,
    answers,
    goldstein,
    matters,
    parse_shift,
    shipped,
)
from tensionsim.model.structure import Registry

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ISSUES = ("drugs", "migration", "venezuela", "china")
TRACKS = ("political", "technical")


def contradictions(catalogue: Catalogue) -> tuple[str, ...]:
    """What is wrong with a catalogue, one sentence a fault; empty where nothing is."""
    faults = [fault for move in catalogue.moves.values() for fault in _faults_of_move(move, catalogue)]
    begun = {name for move in catalogue.moves.values() for name in move.begins}
    ended = {name for move in catalogue.moves.values() for name in move.ends}
    for name, arrangement in catalogue.arrangements.items():
        faults += [f"arrangement {name}: nothing begins it"] if name not in begun else []
        faults += [f"arrangement {name}: nothing ends it"] if name not in ended else []
        faults += [f"arrangement {name}: no track {arrangement.track!r}"] if arrangement.track not in TRACKS else []
    return tuple(faults)


def _faults_of_move(move: Move, catalogue: Catalogue) -> list[str]:
    score = goldstein().get(move.cameo)
    named = (*move.begins, *move.ends, *move.barred_by)
    unknown = [name for name in named if name not in catalogue.arrangements]
    strange = [name for name in (*move.raises, *move.withdraws) if name not in matters()]
    shares = [one.quantity for one in move.shifts if one.is_relative and one.quantity in OWN_QUANTITIES]
    claims = {
        f"no CAMEO code {move.cameo!r}": score is None,
        f"score {move.goldstein} is not that of CAMEO {move.cameo}, {score}": score not in (None, move.goldstein),
        f"no track {move.track!r}": move.track not in TRACKS,
        f"kind {move.kind!r} is neither verbal nor material": move.kind not in ("verbal", "material"),
        f"frequency {move.frequency} is not above 0": move.frequency <= 0.0,
        f"no arrangement {', '.join(unknown)}": bool(unknown),
        "it can need a third_party only": not {*move.needs} <= {"third_party"},
        f"no matter {', '.join(strange)}": bool(strange),
        f"no way of answering {move.answers!r}": move.answers not in ("", *answers()),
        "it presupposes both a matter of the other's and one of its own": bool(move.presupposes and move.withdraws),
        f"a shift of {', '.join(shares)} is an amount, not a percentage": bool(shares),
        "it begins and ends the same arrangement": bool(set(move.begins) & set(move.ends)),
    }
    return [f"move {move.name}: {claim}" for claim, is_fault in claims.items() if is_fault]


DYAD = tuple(
    (*pair, issue, track)
    for pair, issue, track in product((("washington", "bogota"), ("bogota", "washington")), ISSUES, TRACKS)
)
INDICATORS = {"coca", "darien", "caracas_crisis", "rural_violence", "substitution"}
THIRD = (
    ("caracas", "bogota", "venezuela", "political"),
    ("caracas", "bogota", "venezuela", "technical"),
    ("caracas", "bogota", "migration", "technical"),
    ("caracas", "washington", "venezuela", "political"),
    ("caracas", "region", "venezuela", "political"),
    ("beijing", "bogota", "china", "political"),
    ("beijing", "bogota", "china", "technical"),
    ("beijing", "washington", "china", "political"),
    ("region", "washington", "venezuela", "political"),
    ("region", "bogota", "venezuela", "political"),
)
ROOTS = {
    "01": 0, "02": 3, "03": 4, "04": 1, "05": 3.5, "06": 6, "07": 7, "08": 5, "09": -2, "10": -5,
    "11": -2, "12": -4, "13": -6, "14": -6.5, "15": -7.2, "16": -4, "17": -7, "18": -9, "19": -10, "20": -10,
}  # fmt: skip
TINY = 1e-9
OTHER_IN_KEDS = {"016", "019", "022", "124", "1241", "1243", "1246", "129", "163", "165", "166", "1213"}


def menu(actor: str, target: str, issue: str, track: str) -> list[Move]:
    """The moves open in a channel with what was in force when the history begins."""
    registry = Registry(shipped().arrangements)
    held = curated.curated_history().held or ()
    in_force = {registry.instance(one.name, one.actor, one.target, one.issue) for one in held}
    place = (actor, target, issue)

    def is_open(move: Move) -> bool:
        begun = {registry.instance(kind, *place) for kind in move.begins}
        ended = {registry.held_between(kind, *place) for kind in move.ends}
        return None not in begun | ended and in_force.isdisjoint(begun) and in_force.issuperset(ended)

    moves = shipped().moves.values()
    return [move for move in moves if move.track == track and move.can_be_made(*place) and is_open(move)]


def mean_score(moves: list[Move]) -> float:
    """The frequency-weighted mean of Goldstein / 10."""
    weight = sum(move.frequency for move in moves)
    return sum(move.frequency * move.goldstein / 10.0 for move in moves) / weight


def test_shipped_catalogue_contradicts_itself_nowhere() -> None:
    assert contradictions(shipped()) == ()


def test_catalogue_holds_the_moves_and_arrangements_it_must() -> None:
    assert len(shipped().moves) >= 75
    assert {"threaten_tariffs", "turn_back_deportation_flights", "end_aid"} <= set(shipped().moves)
    assert {"counternarcotics_aid", "free_trade_agreement", "tariffs"} <= set(shipped().arrangements)


def test_wrong_score_is_found() -> None:
    wrong = replace(shipped().moves["praise"], goldstein=3.5)
    faults = contradictions(shipped().with_own({"praise": wrong}, {}))
    assert faults == ("move praise: score 3.5 is not that of CAMEO 051, 3.4",)


def test_unknown_code_and_arrangement_are_found() -> None:
    wrong = replace(shipped().moves["end_aid"], cameo="2199", ends=("aid",))
    faults = contradictions(shipped().with_own({"end_aid": wrong}, {}))
    assert "move end_aid: no CAMEO code '2199'" in faults
    assert "move end_aid: no arrangement aid" in faults


def test_arrangement_that_nothing_begins_or_ends_is_found() -> None:
    kept = {name: move for name, move in shipped().moves.items() if "belt_and_road" not in (*move.begins, *move.ends)}
    faults = contradictions(Catalogue(kept, shipped().arrangements))
    assert faults == ("arrangement belt_and_road: nothing begins it", "arrangement belt_and_road: nothing ends it")


def test_move_that_undoes_itself_is_found() -> None:
    wrong = replace(shipped().moves["join_belt_and_road"], ends=("belt_and_road",))
    faults = contradictions(shipped().with_own({wrong.name: wrong}, {}))
    assert faults == ("move join_belt_and_road: it begins and ends the same arrangement",)


def test_share_of_ones_own_quantity_is_found() -> None:
    shifts = (parse_shift("rhetoric", "-50%"), parse_shift("coca", "-2%"), parse_shift("stance", "0.1"))
    wrong = replace(shipped().moves["praise"], shifts=shifts)
    faults = contradictions(shipped().with_own({"praise": wrong}, {}))
    assert faults == ("move praise: a shift of rhetoric is an amount, not a percentage",)


def test_moves_are_described_in_one_sentence_and_shift_known_quantities() -> None:
    for move in shipped().moves.values():
        assert move.name == move.name.lower().replace(" ", "_")
        assert move.description.endswith("."), move.name
        assert {shift.quantity for shift in move.shifts} <= INDICATORS | set(OWN_QUANTITIES), move.name
        assert all(abs(shift.amount) <= 0.1 for shift in move.shifts), move.name


def test_deeds_and_words_follow_the_roots_of_cameo() -> None:
    for move in shipped().moves.values():
        root = int(move.cameo[:2])
        may_be_either = root in (5, 9, 12)
        is_deed = root in (6, 7, 8) or root >= 14
        assert may_be_either or move.is_material == is_deed, move.name


def test_names_of_moves_and_arrangements_are_given_once() -> None:
    for name in ("moves.csv", "arrangements.csv", "goldstein.csv"):
        path = Path(__file__).resolve().parents[2] / "src" / "tensionsim" / "data" / name
        keys = [line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        assert len(keys) == len(set(keys)), name


def test_arrangement_counts_as_its_beginning_sounds() -> None:
    for name, kind in shipped().arrangements.items():
        begun = [one.goldstein for one in shipped().moves.values() if name in one.begins and abs(one.goldstein) > 1.0]
        assert 0.0 < abs(kind.score) <= 5.0, name
        assert all(kind.score * goldstein > 0.0 for goldstein in begun), name


@pytest.mark.parametrize(
    ("places", "least", "each", "apart"),
    [
        (DYAD, 6, 2, 2.0),
        ((*THIRD, *((other, one, issue, track) for one, other, issue, track in THIRD)), 4, 1, TINY),
        ([("arcadia", "borduria", "fishing", track) for track in TRACKS], 10, 2, 2.0),
    ],
    ids=["principals", "third parties", "strangers on an issue of their own"],
)
def test_they_always_have_a_choice_in_both_directions(
    places: Sequence[tuple[str, str, str, str]], least: int, each: int, apart: float
) -> None:
    for place in places:
        moves = menu(*place)
        assert len(moves) >= least, place
        assert sum(move.goldstein >= apart for move in moves) >= each, place
        assert sum(move.goldstein <= -apart for move in moves) >= each, place


def test_menu_at_rest_is_balanced_and_friendlier_below_the_top() -> None:
    for place in DYAD:
        low, high = (-0.1, 0.25) if place[-1] == "political" else (0.1, 0.3)
        assert low <= mean_score(menu(*place)) <= high, place


def test_roots_have_the_scores_of_the_data_readme() -> None:
    assert {root: goldstein()[root] for root in ROOTS} == ROOTS


def test_every_sub_code_has_its_root() -> None:
    assert {code[:2] for code in goldstein()} == set(ROOTS)
    assert all(-10.0 <= score <= 10.0 for score in goldstein().values())


def test_scores_equal_those_of_published_events_but_for_the_codes_named() -> None:
    path = SHARED / "events" / "isr_pse_keds_1979_2011.csv.gz"
    if not path.is_file():
        pytest.skip("the shared event data are not beside this checkout")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        theirs = {row["cameo"]: float(row["goldstein"]) for row in csv.DictReader(lines)}
    assert {code for code, score in theirs.items() if goldstein().get(code) != score} == OTHER_IN_KEDS


def test_shifts_are_read_as_shares_or_amounts() -> None:
    assert (parse_shift("coca", "-2%").amount, parse_shift("coca", "-2%").is_relative) == (-0.02, True)
    assert (parse_shift("stance", 0.02).amount, parse_shift("stance", 0.02).is_relative) == (0.02, False)
