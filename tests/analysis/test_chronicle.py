"""The chronicle: everything that happens, with its motives and points, and a page of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import synthetic
import tensionsim as ts
from tensionsim.analysis import chronicle_page, chronicle_wording
from tensionsim.analysis.chronicle_wording import Speech, effect, reasons, third_person
from tensionsim.listing import list_moves
from tensionsim.scenario import Scenario

RUN, SEED = 7, 1


@pytest.fixture(scope="module")
def story() -> ts.Chronicle:
    return ts.chronicle("tariff-war", run=RUN, seed=SEED)


@pytest.fixture(scope="module")
def results() -> ts.Results:
    return ts.run("tariff-war", runs=1, seed=SEED, first_run=RUN)


def small(**more: Any) -> Scenario:
    return synthetic.scenario(end="2031-09-01", **more)


def actors(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = synthetic.scenario_mapping()["actors"]
    return {**found, "avalon": {**found["avalon"], **more}}


def test_points_of_moves_are_those_of_the_ledger(story: ts.Chronicle, results: ts.Results) -> None:
    moves = story.table[story.table["kind"] == "move"]
    keys = ["actor", "target", "issue", "track", "what"]
    at_end = results.ledger().query("kind == 'move'")
    found = moves.assign(since=moves["date"].dt.strftime("%Y-%m-%d")).groupby(["since", *keys])["points_at_end"].sum()
    wanted = at_end.groupby(["since", *keys])["points"].sum()
    joined = pd.concat([found[found != 0], wanted], axis=1)
    assert len(joined) == len(wanted) > 20
    assert (joined["points_at_end"] - joined["points"]).abs().max() < 1e-12
    first = moves[moves["points"] != 0].iloc[0]
    row = results.dates.tolist().index(first["date"].date()) + 1
    once = results.ledger(date=results.dates[row]).query("kind == 'move'").set_index(keys)["points"]
    assert first["points"] == pytest.approx(once.loc[tuple(first[keys])].sum(), abs=1e-12)


@pytest.mark.parametrize("name", ["tariff-war", "trump2-petro-2025", "norland-suderia", "summit"])
def test_what_is_left_at_the_end_sums_to_the_index(name: str) -> None:
    table = ts.chronicle(name, run=2, seed=SEED).table
    assert 50 + table["points_at_end"].sum() == pytest.approx(table["index"].iloc[-1], abs=1e-9)


def test_every_move_is_told_with_its_cause(story: ts.Chronicle, results: ts.Results) -> None:
    told = story.table[story.table["kind"].isin(["move", "stopped"])]
    assert len(told) == len(results.moves)
    made = results.moves["cause"].astype(str).replace("stopped", "own").value_counts()
    assert told["cause"].value_counts().to_dict() == made.to_dict()
    scheduled = told[told["cause"] == "schedule"]
    assert scheduled["why"].tolist() == [
        f"as scheduled for {day}" for day in ("2025-11-03", "2025-11-24", "2026-01-26")
    ]


def test_the_dates_go_forward_and_regimes_are_those_of_the_index(story: ts.Chronicle, results: ts.Results) -> None:
    assert story.table["date"].is_monotonic_increasing
    regimes = story.table[story.table["kind"] == "regime"]
    paths = results.paths[RUN]
    assert (regimes.set_index("date")["index"] == paths.loc[regimes["date"]]).all()
    assert story.table["kind"].iloc[0] == "before"
    assert story.table["kind"].iloc[-1] == "end"


def test_a_new_leader_and_elections_are_told(story: ts.Chronicle) -> None:
    leader = story.table[story.table["kind"] == "leader"].iloc[0]
    assert leader["actor"] == "bogota"
    assert leader["what"] in ("right-wing-successor", "left-wing-successor")
    assert "(the right wins)" in leader["text"] or "(the left stays)" in leader["text"]
    elections = story.table[story.table["kind"] == "election"]["text"].tolist()
    assert "Election in Bogotá (2026-05-31)." in elections


def test_rules_and_checks_are_named() -> None:
    rule = {"when": {"after": "2031-02-03"}, "move": "accuse", "issue": "fishing", "chance": 0.5}
    check = {"stops": list(synthetic.MOVES), "chance": 0.5}
    told = ts.chronicle(small(actors=actors(rules={"grudge": rule}, checks={"witan": check})), seed=SEED).table
    assert 'by its rule "grudge"' in set(told[told["cause"] == "rule"]["why"])
    stopped = told[told["kind"] == "stopped"]
    assert set(stopped["why"]) == {"stopped by witan"}
    assert (stopped["points_at_end"] == 0).all()


def test_changes_are_told_on_their_day() -> None:
    change = {"date": "2031-04-09", "set": {"parameters.heat": 0.1}, "label": "a hot spring"}
    told = ts.chronicle(small(changes=[change]), seed=SEED).table
    (row,) = told[told["kind"] == "change"].to_dict("records")
    assert (str(row["date"].date()), row["text"]) == ("2031-04-07", "Change: a hot spring.")


def test_a_move_in_step_is_explained_by_the_strongest_mechanisms() -> None:
    parts = {"disagreement": -0.8, "politicisation": -0.6, "inertia": -0.1, "concession": 0.5}
    assert reasons(parts, -1.0, -5.0) == "moved by disagreement and politicisation"
    assert reasons(parts, -1.0, 5.0) == "against its leaning to conflict (-1.00)"
    assert reasons({"disagreement": 0.8, "inertia": 0.1}, 0.9, 2.0) == "moved by agreement"
    assert reasons(parts, -1.0, 0.0) == "neither friendly nor hostile"
    assert reasons({"disagreement": -0.8, "inertia": -0.1}, -0.9, -2.0) == "moved by disagreement"


def test_a_page_keeps_all_points_and_what_was_scheduled(story: ts.Chronicle) -> None:
    page = story.page()
    assert len(page) <= chronicle_page.MOST_LINES < len(story.table)
    for column in ("points", "points_at_end"):
        assert page[column].sum() == pytest.approx(story.table[column].sum(), abs=1e-9)
    scheduled = story.table.loc[story.table["cause"] == "schedule", "text"]
    assert set(scheduled) <= set(page["text"])
    assert page["date"].is_monotonic_increasing
    assert story.page(1000) is story.table


def test_a_page_takes_small_moves_together(story: ts.Chronicle) -> None:
    groups = story.page().query("kind == 'moves'")
    assert groups["text"].str.contains("Bogotá makes").any()
    counted = groups["what"].str.extract(r"(\d+) moves")[0].astype(int).sum()
    moves = story.table["kind"].isin(["move", "stopped"]).sum()
    singles = story.page()["kind"].isin(["move", "stopped"]).sum()
    assert counted + singles == moves


def test_markdown_tells_each_day_once(story: ts.Chronicle) -> None:
    text = story.to_markdown()
    assert text.startswith("# A tariff war: run 7, seed 1\n\n- **2025-10-28** The index stands at ")
    assert text.count("**2025-11-18**") == 1
    assert len(story.to_markdown(everything=True).splitlines()) == len(story.table) + 2


def test_the_chronicle_comes_as_plain_values(story: ts.Chronicle) -> None:
    found = story.to_dict()
    assert (found["run"], found["seed"], len(found["happenings"])) == (RUN, SEED, len(story.table))
    assert found["happenings"][0]["date"] == "2025-10-28"


def test_every_move_of_the_catalogue_has_a_sentence() -> None:
    speech = Speech.of(ts.load("status-quo"))
    for name in list_moves().index:
        words = speech.does(name)
        assert words[0].islower()
        assert "_" not in words
        assert words.split()[0].endswith("s")
    assert speech.does("apply_brics_bank") == "applies BRICS bank"
    assert speech.does("demand_maduro_exit") == "demands Maduro exit"
    assert third_person("push") == "pushes"


def test_an_effect_too_small_for_a_number_is_said_in_words() -> None:
    assert effect(0.01, -0.01) == "hardly any effect on the index"
    assert effect(-2.04, 0.01) == "-2.0 points at once, nothing left at the end"
    assert chronicle_wording.listed(["a", "b", "c"]) == "a, b and c"
