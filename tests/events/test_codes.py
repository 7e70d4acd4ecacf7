"""CAMEO codes: mended, scored, parted into words and deeds."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tensionsim.events.history import PLOVER, WEIS, cameo_of, is_deed, is_weis, root_scored, scored_as, zeros_lost
from tensionsim.model.catalogue import goldstein, labels, shipped


@given(st.sampled_from(sorted(goldstein())))
def test_a_known_code_is_itself(code: str) -> None:
    assert cameo_of(code, "cameo", zeros="none") == code
    assert scored_as(code, goldstein()) == code


@given(st.sampled_from(sorted(code for code in goldstein() if len(code) > 2)))
def test_a_code_written_as_a_number_is_found_again(code: str) -> None:
    assert cameo_of(str(int(code)), "cameo", zeros="all") == code


@given(st.text(max_size=6))
def test_what_is_taken_for_a_code_always_has_a_score(text: str) -> None:
    for zeros in ("none", "roots", "all"):
        code = cameo_of(text, "cameo", zeros=zeros)
        assert code is None or scored_as(code, goldstein()) in goldstein()


@pytest.mark.parametrize("name", PLOVER)
def test_every_plover_type_has_a_root(name: str) -> None:
    assert cameo_of(name.lower(), "plover", zeros="none") == PLOVER[name]
    assert PLOVER[name] in goldstein()


def test_deeds_are_the_material_classes() -> None:
    roots = [f"{root:02d}" for root in range(1, 21)]
    assert [root for root in roots if is_deed(root)] == [*roots[5:8], *roots[13:]]


def test_deeds_agree_with_the_catalogue_where_roots_speak_for_all() -> None:
    assert all(is_deed(move.cameo) for move in shipped().moves.values() if move.cameo[:2] in ("17", "18", "19"))


def test_every_code_has_a_label() -> None:
    assert labels().keys() == goldstein().keys()
    assert labels()["042"] == "Make a visit"


NONE = float("nan")


@pytest.mark.parametrize(
    ("found", "is_typed", "lost"),
    [
        ((("042", NONE), ("10", NONE)), False, "none"),
        ((("43", NONE), ("190", NONE)), False, "all"),
        ((("10", NONE), ("190", NONE)), False, "none"),
        ((("10", NONE), ("190", NONE)), True, "all"),
        ((("10.0", NONE), ("190.0", NONE)), False, "all"),
        ((("10", -5.0), ("20", -10.0)), True, "roots"),
        ((("10", 0.0), ("20", -10.0), ("20", 3.0)), False, "all"),
        ((("4", NONE), ("20", NONE)), True, "roots"),
        ((("999", NONE), ("96", NONE), ("222", NONE), ("190", NONE)), False, "none"),
        ((), True, "all"),
        ((("x", NONE),), False, "none"),
    ],
)
def test_lost_zeros_are_judged_on_all_codes_and_their_scores(
    found: tuple[tuple[str, float], ...], is_typed: bool, lost: str
) -> None:
    assert zeros_lost(dict.fromkeys(found, 1), is_typed=is_typed) == lost


@pytest.mark.parametrize(
    ("codes", "holds"),
    [
        (("222", "064", "223"), True),
        (("64", "222", "223"), True),
        (("211", "064", "181"), True),
        (("43", "10", "211", "190", "1312"), False),
        (("036", "043", "046", "190", "222"), False),
        (("042", "190", "031"), False),
        ((), False),
    ],
)
def test_weis_is_known_by_all_codes_of_a_file(codes: tuple[str, ...], holds: bool) -> None:
    assert is_weis(codes) is holds


def test_codes_of_weis_begin_with_its_22_roots_and_none_is_given_a_zero() -> None:
    assert {code[:2] for code in WEIS} == {f"{root:02}" for root in range(1, 23)}
    assert [cameo_of(code, "cameo", zeros="all") for code in ("222", "999", "230")] == [None] * 3


@pytest.mark.parametrize(("score", "root"), [(3.4, "05"), (-10.0, "19"), (-2.0, "09"), (0.1, "01"), (7.5, "07")])
def test_a_score_without_a_code_has_the_nearest_root(score: float, root: str) -> None:
    assert root_scored(score) == root
