"""Facts and sentences: no number without its cell."""

from __future__ import annotations

import pytest

from tensionsim.briefings import forms
from tensionsim.briefings.facts import Sheets, joined, say, text_of, together


@pytest.fixture
def sheets() -> Sheets:
    found = Sheets(proper={"nato": "NATO", "china": "China"})
    found.put("events", "crisis", ever=0.731, never=None, word="likely")
    return found


def test_a_number_in_a_sentence_is_its_cell_in_a_form(sheets: Sheets) -> None:
    fact = sheets.fact("events", "crisis", "ever", forms.percent)
    assert text_of(say("Crisis in {share} of the runs.", share=fact)) == "Crisis in 73\u00a0% of the runs."
    assert sheets.rewritten(fact) == fact.text
    sheets.put("events", "crisis", ever=0.2)
    assert sheets.rewritten(fact) != fact.text


@pytest.mark.parametrize("template", ["in 3 runs", "{word}", "year ²0"])
def test_a_digit_in_our_own_words_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="numbers come from tables"):
        say(template, word="in 2026")


def test_an_empty_cell_gives_no_fact(sheets: Sheets) -> None:
    with pytest.raises(TypeError, match="events, crisis, never is empty"):
        sheets.fact("events", "crisis", "never", forms.percent)
    with pytest.raises(TypeError, match="no number"):
        sheets.number("events", "crisis", "word")


def test_lines_are_joined_as_people_write_them() -> None:
    assert text_of(joined([])) == ""
    assert text_of(joined(["a"])) == "a"
    assert text_of(joined(["a", "b"])) == "a and b"
    assert text_of(joined(["a", say("b"), "c"])) == "a, b and c"
    assert text_of(together([say("One."), (), say("Two.")])) == "One. Two."


def test_names_of_the_model_are_written_as_readers_would(sheets: Sheets) -> None:
    assert sheets.name("nato_partnership").text == "NATO partnership"
    assert sheets.name("china_tilt", is_first=True).text == "China tilt"
    assert sheets.name("herring", is_first=True).text == "Herring"
