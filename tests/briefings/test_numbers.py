"""Every number of a rendered briefing is a cell of its tables, in a form; the cells are what was measured."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser

import made
import pytest

from tensionsim.analysis.signs import early_signs
from tensionsim.briefings.numbers import FIXED as N, FORMS, SCALE, Tables, _distributions, text_of, word as word_of


@pytest.fixture
def tables() -> Tables:
    found = Tables()
    found.put("events", "crisis", ever=0.731, never=None, word="likely")
    return found


def test_a_number_in_a_sentence_is_its_cell_in_a_form(tables: Tables) -> None:
    line = tables.line(f"Crisis in {tables.write('percent', 'events', 'crisis', 'ever')} of the runs .")
    fact = line[1]
    assert text_of(line) == "Crisis in 73\u00a0% of the runs."
    assert not isinstance(fact, str)
    assert (fact.table, fact.row, fact.column) == ("events", "crisis", "ever")


@pytest.mark.parametrize("words", ["in 3 runs", "in 2026", "year ²0"])
def test_a_digit_in_our_own_words_is_refused(tables: Tables, words: str) -> None:
    with pytest.raises(ValueError, match="numbers come from tables"):
        tables.line(f"It is so {words}, as {tables.quote('UNODC 2024')} says.")


def test_an_empty_cell_gives_no_fact(tables: Tables) -> None:
    with pytest.raises(TypeError, match="events, crisis, never is empty"):
        tables.write("percent", "events", "crisis", "never")
    with pytest.raises(TypeError, match="no number"):
        tables.number("events", "crisis", "word")
    with pytest.raises(LookupError, match="there is no cell events, crises, ever"):
        tables.value("events", "crises", "ever")


def test_names_of_the_model_are_written_as_readers_would(tables: Tables) -> None:
    written = [
        tables.named("nato_partnership"),
        tables.named("china_tilt", first=True),
        tables.named("herring", first=True),
    ]
    assert [text_of(tables.line(one)) for one in written] == ["NATO partnership", "China tilt", "Herring"]


def test_rows_are_ranked_by_a_column(tables: Tables) -> None:
    for name, value in (("b", 2.0), ("a", 2.0), ("c", -1.0)):
        tables.put("issues", name, end=value)
    assert tables.ranked("issues", "end") == ["c", "b", "a"]
    assert tables.ranked("none", "end") == []


def test_numbers_left_open_are_told_without_how_many_there_are_of_them() -> None:
    tree = {"verbal_conflict": {"joint": [*range(-50, 51)]}}
    assert [*_distributions(tree, "Base's")] == [("Base's verbal conflict", "−45 / 0 / 45 at 5, 50 and 95 %")]


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("percent", 0.0, f"0{N}%"),
        ("percent", 0.573, f"57{N}%"),
        ("percent", 0.031, f"3.1{N}%"),
        ("percent", 0.953, f"95.3{N}%"),
        ("percent", 1.0, f"100{N}%"),
        ("percent", 0.0001, f"under 0.1{N}%"),
        ("percent", 0.9999, f"over 99.9{N}%"),
        ("percentage_points", -0.163, f"16{N}percentage points"),
        ("percentage_points", 0.01, f"1.0{N}percentage points"),
        ("points", -4.06, f"4.1{N}points"),
        ("size", -4.06, "4.1"),
        ("signed", -0.04, "0.0"),
        ("signed", -1.5, "−1.5"),
        ("signed", 1.5, "+1.5"),
        ("signed_two", -0.001, "0.00"),
        ("whole", -0.2, "0"),
        ("count", 1234, "1,234"),
        ("runs", 1, f"1{N}run"),
        ("runs", 1000, f"1,000{N}runs"),
        ("months", 1.0, f"1{N}month"),
        ("months", 7.62, f"7.6{N}months"),
        ("date", "2026-08-07", f"7{N}August{N}2026"),
        ("figure", 1200.0, "1,200"),
        ("figure", -15.3, "−15.3"),
        ("at_least", 7.5, "8"),
        ("at_most", 7.5, "7"),
        ("short_hash", "e8d1f4a495b7c0ffee", "e8d1f4a495b7"),
    ],
)
def test_a_value_is_written_so(form: str, value: float | str, text: str) -> None:
    assert FORMS[form](value) == text


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (0.001, "almost no chance"),
        (0.0499, "almost no chance"),
        (0.05, "very unlikely"),
        (0.2, "unlikely"),
        (0.5, "roughly even chance"),
        (0.55, "likely"),
        (0.8, "very likely"),
        (0.95, "almost certain"),
        (0.999, "almost certain"),
    ],
)
def test_a_chance_has_one_word(share: float, word: str) -> None:
    assert word_of(share) == word


def test_the_scale_of_words_leaves_no_gap() -> None:
    bounds = [(low, high) for _, low, high in SCALE]
    assert bounds[0][0] == 0.0
    assert bounds[-1][1] == 1.0
    assert all(high == low for (_, high), (low, _) in itertools.pairwise(bounds))


class Reader(HTMLParser):
    """The numbers of a page: those in `data`, words that are quoted, and whatever else is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[tuple[list[str], str]] = []
        self.quoted: list[str] = []
        self.rest = ""
        self.tables = ""
        self._cell: list[str] | None = None
        self._where = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "data":
            self._cell, self._where = json.loads(str(given["data-cell"])), "data"
            assert given["value"]
        elif given.get("class") == "said":
            self._where = "said"
        elif tag in ("style", "script", "title"):
            self._where = str(given.get("id") or tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("data", "span", "em", "style", "script", "title"):
            self._where = ""

    def handle_data(self, data: str) -> None:
        if self._where == "data":
            assert self._cell is not None
            self.facts.append((self._cell, data))
        elif self._where == "said":
            self.quoted.append(data)
        elif self._where == "tables":
            self.tables += data
        elif not self._where:
            self.rest += data


@pytest.mark.parametrize("name", made.EVERY)
def test_every_number_of_the_page_is_in_its_tables(name: str) -> None:
    page = Reader()
    page.feed(made.page(name))
    tables = json.loads(page.tables)
    assert not re.findall(r"\d", page.rest), "a number outside of a fact"
    assert len(page.facts) > 60
    for (table, row, column, form), text in page.facts:
        assert FORMS[form](tables[table][row][column]) == text
    assert set(page.quoted) <= set(tables["texts"])


def test_cells_are_those_of_the_comparison() -> None:
    briefing, found = made.several(), made.several().subject.comparison
    assert found is not None
    tables, overview, events = briefing.tables, found.table(), found.events
    for name in found.names:
        assert tables["difference"][name]["mean"] == pytest.approx(overview.loc[name, "difference"], abs=1e-12)
        assert tables["difference"][name]["low"] == pytest.approx(overview.loc[name, "difference_low"], abs=1e-12)
        assert tables["difference"][name]["above"] == overview.loc[name, "ends_above"]
        assert tables["events"]["crisis"][f"{name}: ever"] == events.loc["crisis", (name, "ever")]
        error = events.loc["crisis", (name, "ever_difference_error")]
        assert tables["events"]["crisis"][f"{name}: difference error"] == error
        recovered = found.recovery.loc[("crisis or rupture", name)]
        assert tables["events"]["crisis or rupture"][f"{name}: ended"] == recovered["share_ended"]
        for issue in found.issue_names:
            wanted = found.issues[(name, issue)].iloc[-1]
            assert tables["issues"][issue][f"{name}: difference"] == pytest.approx(wanted["mean"], abs=1e-12)
            assert tables["issues"][issue][f"{name}: low"] == pytest.approx(wanted["low"], abs=1e-9)


def test_cells_are_those_of_the_results() -> None:
    tables, found = made.alone().tables, made.results()
    assert tables["events"]["crisis"]["norland-suderia: ever"] == found.events.loc["crisis", "probability"]
    assert tables["index"]["norland-suderia"]["median at end"] == found.index["median"].iloc[-1]
    assert [row["points"] for row in tables["movers"].values()] == [one["points"] for one in found.movers(6)]
    harsher = found.tension_by_direction[("norland -> suderia", "mean")].iloc[-1]
    assert tables["sides"]["norland-suderia"]["tension of norland"] == pytest.approx(harsher, abs=1e-12)


def test_cells_of_signs_are_those_of_early_signs() -> None:
    found = early_signs(made.several().subject.base)
    shown = made.several().tables.get("signs", {})
    assert {sign: row["auc"] for sign, row in shown.items()} == dict(
        zip(found.table["sign"], found.table["auc"], strict=True)
    )
