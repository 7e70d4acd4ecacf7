"""What a briefing says where something is not as usual: none, all, no difference, ties, one run; tables that fit."""

from __future__ import annotations

import re
from pathlib import Path

import made
import numpy as np
import pytest
from jinja2 import Environment

import tensionsim as ts
from tensionsim.briefings.briefing import Block, common, sections_of
from tensionsim.briefings.numbers import Tables, attribute_words, text_of

HALF = np.arange(60) < 30


def bottom(briefing: ts.Briefing) -> str:
    return made.section(briefing, "Bottom line")


def test_an_index_that_stays_is_told_with_its_median_at_the_end() -> None:
    text = bottom(ts.report(made.bent(60.0, False), effects=False))
    assert re.search(r"stays near \d+, with a median of \d+ by ", text)


def test_none_and_all_of_the_runs_are_counted_out() -> None:
    assert "Crisis (the index below 35) comes about in none of the 60 runs." in bottom(
        ts.report(made.bent(60.0, False), effects=False)
    )
    assert "comes about in all of the 60 runs." in bottom(ts.report(made.bent(30.0, True), effects=False))


def test_an_event_that_no_run_has_any_more_is_avoided() -> None:
    text = bottom(made.compared(made.bent(40.0, HALF), made.bent(41.0, False)))
    assert "avoids crisis in every run: none of the runs against 50 % with base" in text
    assert "does not avoid it" not in text


def test_a_lower_chance_is_no_avoidance() -> None:
    text = bottom(made.compared(made.bent(40.0, True), made.bent(41.0, np.arange(60) < 42)))
    assert "other makes crisis less likely: 70 % of the runs against all of them with base" in text
    assert "It lowers the chance but does not avoid it; crisis stays likely." in text


def test_a_higher_chance_is_more_likely() -> None:
    text = bottom(made.compared(made.bent(40.0, False), made.bent(39.0, HALF)))
    assert "other makes crisis more likely: 50 % of the runs against none of them with base" in text
    assert "50 percentage points more" in text


def test_what_the_runs_cannot_tell_is_no_difference() -> None:
    noise = np.random.default_rng(3).normal(0.0, 5.0, 60)
    text = bottom(made.compared(made.bent(40.0, HALF), made.bent(40.0 + noise, np.roll(HALF, 1))))
    assert "other leaves the chance of crisis as it is with base, at 50 %." in text
    assert "no difference that 60 runs could tell" in text
    one_more = bottom(made.compared(made.bent(40.0, HALF), made.bent(40.0 + noise, np.arange(60) < 31)))
    assert "makes no difference to crisis that 60 runs could tell (52 % against 50 % with base)" in one_more


def test_an_outlook_that_is_the_same_is_said_to_be() -> None:
    briefing = made.compared(made.results(60), made.results(60))
    assert "other is the same as base in every run, on every date." in bottom(briefing)
    assert "The files do not differ in anything that has an effect." in made.section(
        briefing, "Which outlook under which assumptions"
    )
    assert "On no issue do 60 runs tell other from base." in made.section(briefing, "Implications")


def test_a_difference_too_small_for_its_digits_is_about_none() -> None:
    both = made.bent(40.0, False), made.bent(40.0 + np.where(HALF, 0.3, -0.26), False)
    text = bottom(made.compared(*both))
    assert "It ends about as high as base on average (95 % interval −0.1 to +0.1), no difference that" in text


def test_equal_ends_are_told_as_such() -> None:
    base, other = made.bent(40.0, False), made.bent(40.0, False)
    other.record.cooperation[3] = 55.0
    assert "It ends where base does, in every run." in bottom(made.compared(base, other))


def test_one_run_is_told_as_one() -> None:
    one = ts.report(ts.run(made.SCENARIO, runs=1, seed=7), effects=False)
    text = bottom(one)
    assert "in the one run" in text
    assert "of the runs" not in text
    pair = ts.compare(*(ts.run(ts.load(made.SCENARIO, outlook=name), runs=1) for name in ("calm", "loud")))
    assert "in the one run." in bottom(ts.report(pair))


def test_too_few_runs_that_end_so_give_no_signs() -> None:
    text = made.section(ts.report(made.bent(60.0, False), effects=False), "Early signs to watch")
    assert "too few runs to tell: 0 of 60 end so; it takes 20 that do" in text


def test_a_span_shorter_than_the_look_ahead_says_so() -> None:
    text = made.section(ts.report(made.results(20), ahead_months=60.0, effects=False), "Early signs to watch")
    assert text == "The span is too short to look so far ahead."


@pytest.mark.parametrize("name", made.EVERY)
def test_no_sentence_stutters(name: str) -> None:
    lines = made.lines(made.EVERY[name]())
    for line in lines:
        assert not re.search(r"\b(\w+) \1\b", line), line
        assert not re.search(r" [.,;:)]|\( |\.\.|,,| {2}|\{|\}|None|nan|_", line), line
    sentences = [one for line in lines for one in re.split(r"(?<=[.?]) ", line) if len(one) > 60]
    assert len(sentences) == len(set(sentences))


def test_what_differs_by_date_is_told_in_sentences_without_lost_letters(tmp_path: Path) -> None:
    base = ts.load({"extends": made.SCENARIO, "schedule": [], "changes": []})
    said = {
        "extends": made.SCENARIO,
        "title": "A year\nof\u00a0two",
        "schedule": [{"date": "2030-06-03", "actor": "norland", "move": "impose_sanctions", "issue": "water"}],
        "changes": [{"date": "2030-06-03", "label": "a milder mood", "set": {"actors.suderia.stances.fisheries": 0.9}}],
    }
    both = [ts.run(one, runs=12, seed=7) for one in (base, ts.load(said))]
    told = ts.report(ts.compare(*both, names=["base", "other"]), tmp_path / "briefing.md")
    table = made.section(told, "Which outlook under which assumptions")
    assert "a milder mood added (3 June 2030)" in table
    assert "all:" not in table.lower()
    pages = [told.to_html(), *(one.read_text(encoding="utf-8") for one in tmp_path.rglob("*.*"))]
    assert len(pages) > 3
    assert not [page for page in pages if "\ufffd" in page]
    cause_words = common(told.numbers, told.subject, None)["cause_words"]
    calls = [cause_words(one) for one in told.tables["attributes: other"]]
    assert sorted(calls) == [
        "“Norland: impose sanctions (water) added (3\u00a0June\u00a02030)”",
        "“a milder mood added (3\u00a0June\u00a02030)”",
    ]


def test_the_causes_of_an_outlook_are_told_by_attribute() -> None:
    text = bottom(made.with_effects())
    table = made.section(made.with_effects(), "What moves it")
    assert "Norland's level of rhetoric" in table
    assert "Suderia's level of rhetoric" in table
    meaning = "Level of rhetoric: base level of politicisation, 0 to 1."
    assert meaning in made.section(made.with_effects(), "Which outlook under which assumptions")
    assert "makes crisis more likely" in text or "could tell" in text


def test_the_range_of_an_attribute_is_its_own() -> None:
    said = common(made.with_effects().numbers, made.with_effects().subject, None)["attributes"]
    assert said[attribute_words("insulation")].endswith("apart from politics, 0 to 1")
    assert said[attribute_words("affinity")].endswith("to other actors, -1 to 1")
    assert "to 1" not in said[attribute_words("rally")]


def test_nothing_is_said_of_a_dyad_that_is_not_there() -> None:
    page = made.page("several")
    assert not re.search(r"Washington|Bogot|Colombia|Petro|Trump|coca", page)


def test_the_shipped_outlooks_give_back_the_idea_they_came_from() -> None:
    text = bottom(made.shipped())
    assert "managed (Lower rhetoric and separate tracks)" in text
    assert "rhetoric (Electoral rhetoric dominates)" in text
    assert "lasting crisis" in text
    assumptions = made.section(made.shipped(), "Which outlook under which assumptions")
    assert "gives no probability to an outlook" in assumptions
    assert "Washington's separation of tracks" in assumptions


@pytest.mark.parametrize("there", [0, 1])
def test_nothing_is_claimed_of_two_chances_under_the_same_word(there: int) -> None:
    """Beyond doubt though the difference is."""
    base, other = (np.arange(120) < count for count in (29 + 22 * there, 51 - 22 * there))
    text = bottom(made.compared(made.bent(40.0, base, runs=120), made.bent(41.0, other, runs=120)))
    assert "other leaves the chance of crisis under the same word, unlikely: " in text
    assert not re.search("avoids|less likely|more likely", text)


@pytest.mark.parametrize("name", made.EVERY)
def test_units_are_explained_where_they_first_stand(name: str) -> None:
    lines = made.lines(made.EVERY[name]())[2:]
    page = " ".join(lines)
    assert "cooperation index (0, rupture, to 100, alliance)" in lines[0]
    assert (
        page.find("Goldstein points score moves from −10 (hostile) to +10 (friendly).") >= 0 or "Goldstein" not in page
    )


def table_of(columns: str, rows: str) -> Block:
    cells = [list(columns), *([f"{row}{column}" for column in columns] for row in rows)]
    body = "\n".join(f"| {' | '.join(line)} |" for line in cells)
    (section,) = sections_of("x", f"## X\x1dTable: Caption.\n{body}", Tables())
    return section.blocks[0]


def test_a_table_that_fits_stays_as_it_is() -> None:
    assert table_of("abcdef", "xy").rows[0] == tuple((column,) for column in "abcdef")


def test_a_wide_table_is_turned_with_its_headings() -> None:
    turned = table_of("abcdefgh", "xy")
    assert turned.rows[0] == (("a",), ("xa",), ("ya",))
    assert turned.rows[1] == (("b",), ("xb",), ("yb",))
    assert len(turned.rows) == 8


def test_a_table_that_turning_would_widen_is_left() -> None:
    assert len(table_of("abcdefgh", "qrstuvwxyz").rows[0]) == 8


def test_lines_are_joined_as_people_write_them() -> None:
    given = common(Tables(), made.alone().subject, None)
    listed = Environment().from_string("{% for one in some %}{{ comma(loop) }}{{ one }}{% endfor %}")
    assert [listed.render(given, some=some) for some in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    parted = Environment().from_string("{% for one in some %}{{ semicolon(loop) }}{{ one }}{% endfor %}")
    assert parted.render(given, some="abc") == "a; b; c"


def test_text_is_laid_out_in_a_template_as_its_writer_likes() -> None:
    tables = Tables()
    sentences = f"One sentence ( with {tables.quote('words')} )\n , then\n another ."
    written = f"\x1d## Heading\x1d\n\n{sentences}\x1d\n- a\n\n- b\n  c\n\n- \n"
    (section,) = sections_of("context", written, tables)
    assert (section.name, section.heading) == ("context", "Heading")
    assert [[text_of(line) for line in made.lines_of(block)] for block in section.blocks] == [
        ["One sentence (with words), then another."],
        ["a", "b c"],
    ]
    assert list(sections_of("context", " \n\x1d\n", tables)) == []
