"""CAMEO codes: mended, scored, parted into words and deeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensionsim.events.history import PLOVER, cameo_of, have_lost_zeros, is_deed, scored_as
from tensionsim.model.catalogue import goldstein, labels, shipped


@given(st.sampled_from(sorted(goldstein())))
def test_a_known_code_is_itself(code: str) -> None:
    assert cameo_of(code, "cameo", lost_zeros=False) == code
    assert scored_as(code, goldstein()) == code


@given(st.sampled_from(sorted(code for code in goldstein() if len(code) > 2)))
def test_a_code_written_as_a_number_is_found_again(code: str) -> None:
    assert cameo_of(str(int(code)), "cameo", lost_zeros=True) == code


@given(st.text(max_size=6))
def test_what_is_taken_for_a_code_always_has_a_score(text: str) -> None:
    for lost in (False, True):
        code = cameo_of(text, "cameo", lost_zeros=lost)
        assert code is None or scored_as(code, goldstein()) in goldstein()


@pytest.mark.parametrize("name", PLOVER)
def test_every_plover_type_has_a_root(name: str) -> None:
    assert cameo_of(name.lower(), "plover", lost_zeros=False) == PLOVER[name]
    assert PLOVER[name] in goldstein()


def test_deeds_are_the_material_classes() -> None:
    roots = [f"{root:02d}" for root in range(1, 21)]
    assert [root for root in roots if is_deed(root)] == [*roots[5:8], *roots[13:]]


def test_deeds_agree_with_the_catalogue_where_roots_speak_for_all() -> None:
    assert all(is_deed(move.cameo) for move in shipped().moves.values() if move.cameo[:2] in ("17", "18", "19"))


def test_every_code_has_a_label() -> None:
    assert labels().keys() == goldstein().keys()
    assert labels()["042"] == "Make a visit"


@pytest.mark.parametrize(
    ("found", "is_typed", "is_lost"),
    [
        (("042", "10"), False, False),
        (("43", "190"), False, True),
        (("10", "190"), False, False),
        (("10", "190"), True, True),
        ((), True, True),
        (("x",), False, False),
    ],
)
def test_lost_zeros_are_noticed(found: tuple[str, ...], is_typed: bool, is_lost: bool) -> None:
    assert have_lost_zeros(found, is_typed=is_typed) is is_lost
