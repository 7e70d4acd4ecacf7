"""Consistency tables: the share of draws that hold what a table rules out."""

from __future__ import annotations

from pathlib import Path

import pytest

import tensionsim as ts
from tensionsim.engine.stability import clashes

STATES = """
consistency:
  table: TABLE
  states:
    loud: {actors.norland.rhetoric: above 0.8}
    shy: {actors.suderia.rhetoric: below 0.5}
    tied: {actors.suderia.insulation: below 0.25, actors.norland.rhetoric: below 0.5}
    quiet outlook: {outlook: quiet}
"""
FILE = f"""tensionsim: 1
title: Mine
extends: norland-suderia
actors:
  norland: {{rhetoric: {{uniform: [0, 1]}}}}
  suderia: {{rhetoric: {{uniform: [0, 1]}}, insulation: {{uniform: [0, 1]}}}}
outlooks:
  quiet: {{set: {{actors.suderia.insulation: 0.9}}}}
{STATES}"""
TABLE = "{loud: {shy: -3}, shy: {loud: -3, tied: -2, quiet outlook: 1}, quiet outlook: {loud: -3}}"


def load(folder: Path, table: str = TABLE, text: str = FILE) -> ts.Scenario:
    (folder / "mine.yaml").write_text(text.replace("TABLE", table))
    return ts.load(folder / "mine.yaml")


def test_shares_are_those_of_the_draws(tmp_path: Path) -> None:
    found = {one.outlook: one for one in clashes(load(tmp_path))}
    none, quiet = found[None], found["quiet"]
    assert none.ruled_out == pytest.approx(0.2 * 0.5, abs=0.01)
    assert none.unlikely == pytest.approx(0.2 * 0.5 + 0.5 * 0.25 * 0.5, abs=0.01)
    assert [pair[:3] for pair in none.pairs] == [("loud", "shy", -3), ("shy", "tied", -2)]
    assert quiet.ruled_out == pytest.approx(0.2, abs=0.01)
    assert quiet.unlikely == quiet.ruled_out


def test_a_scenario_without_a_table_has_no_clashes() -> None:
    assert list(clashes(ts.load("norland-suderia"))) == []


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        (TABLE.replace("-2", "-4"), ("", ""), "-4 is below -3"),
        (TABLE.replace("shy: {", "shi: {"), ("", ""), "no state 'shi'; did you mean 'shy'"),
        (TABLE, ("outlook: quiet}", "outlook: quite}"), "no outlook 'quite'; did you mean 'quiet'"),
        (TABLE, ("above 0.8", "over 0.8"), "'over 0.8' is not a bound"),
        (TABLE, ("norland.rhetoric: above", "norland.rhetorik: above"), "did you mean 'actors.norland.rhetoric'"),
    ],
)
def test_what_a_table_cannot_mean_is_told(tmp_path: Path, table: str, change: tuple[str, str], words: str) -> None:
    with pytest.raises(ts.ScenarioError, match=words) as told:
        load(tmp_path, table, FILE.replace(*change))
    assert len(told.value.problems) <= 2
