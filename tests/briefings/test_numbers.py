"""Every number of a rendered briefing is a cell of its tables, and the cells are what was measured."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import made
import pytest

import tensionsim as ts
from tensionsim.analysis.signs import early_signs
from tensionsim.briefings.forms import FORMS

BRIEFINGS = {name: getattr(made, name) for name in ("alone", "several", "with_effects", "shipped")}
every_briefing = pytest.mark.parametrize("name", BRIEFINGS)


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


@every_briefing
def test_every_number_of_the_page_is_in_its_tables(name: str) -> None:
    page = Reader()
    page.feed(made.page(name))
    tables = json.loads(page.tables)
    assert not re.findall(r"\d", page.rest), "a number outside of a fact"
    assert len(page.facts) > 60
    for (table, row, column, form), text in page.facts:
        assert FORMS[form](tables[table][row][column]) == text
    assert set(page.quoted) <= set(tables["texts"])


@every_briefing
def test_no_fact_says_otherwise_than_its_cell(name: str) -> None:
    assert BRIEFINGS[name]().wrong_numbers() == []


def test_a_changed_cell_is_found() -> None:
    briefing = ts.report(made.results(60), effects=False)
    briefing.sheets.put("setting", "runs", value=59)
    assert "60\u00a0runs" in briefing.wrong_numbers()


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
