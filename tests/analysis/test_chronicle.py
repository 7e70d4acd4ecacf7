"""The chronicle: everything that happens, with its motives and points, and a page of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import synthetic
import tensionsim as ts
from tensionsim.analysis.chronicle import (
    AGAIN,
    FROM_START,
    MOST_LINES,
    OVER,
    TRUE,
    TRUE_AT_START,
    describe_effect,
    describe_reasons,
    signed,
)
from tensionsim.analysis.elements import Speech, listed, third_person
from tensionsim.errors import SelectionError, TensionSimError
from tensionsim.listing import list_moves
from tensionsim.scenario.scenario import Scenario

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
    assert leader["text"] == f"Bogotá has a new leader: a {leader['what'].replace('wing-', 'wing ')}."
    assert leader["why"] == "after Gustavo Petro"
    assert "Washington under Donald Trump" in story.table["text"][0]
    (change,) = story.table[story.table["kind"] == "change"]["text"]
    assert change == "Change on 2026-08-07: a new president (the right wins or the left stays)."
    elections = story.table[story.table["kind"] == "election"]["text"].tolist()
    assert "Election in Bogotá on 2026-05-31." in elections, "its row is that of the week from 2026-05-26"


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
    assert (str(row["date"].date()), row["text"]) == ("2031-04-07", "Change on 2031-04-09: a hot spring.")


def test_a_move_in_step_is_explained_by_the_strongest_mechanisms() -> None:
    parts = {"disagreement": -0.8, "politicisation": -0.6, "inertia": -0.1, "concession": 0.5}
    assert describe_reasons(parts, -1.0, -5.0) == "moved by disagreement and politicisation"
    assert describe_reasons(parts, -1.0, 5.0) == "against its leaning to conflict (−1.00)"
    assert describe_reasons({"disagreement": 0.8, "inertia": 0.1}, 0.9, 2.0) == "moved by agreement"
    assert describe_reasons(parts, -1.0, 0.0) == "neither friendly nor hostile"
    assert describe_reasons({"disagreement": -0.8, "inertia": -0.1}, -0.9, -2.0) == "moved by disagreement"


def test_a_page_keeps_all_points_and_what_was_scheduled(story: ts.Chronicle) -> None:
    page = story.page()
    assert len(page) <= MOST_LINES < len(story.table)
    for column in ("points", "points_at_end"):
        assert page[column].sum() == pytest.approx(story.table[column].sum(), abs=1e-9)
    scheduled = story.table.loc[story.table["cause"] == "schedule", "text"]
    assert all(page["text"].str.startswith(text).any() for text in scheduled)
    assert page["date"].is_monotonic_increasing
    everything = story.page(1000)
    assert (everything["period"] == "").all()
    assert everything["points_at_end"].sum() == pytest.approx(story.table["points_at_end"].sum(), abs=1e-9)


def test_a_page_takes_what_is_small_of_a_tone_together_at_its_end(story: ts.Chronicle) -> None:
    page = story.page()
    groups = page.query("kind == 'several' and period == 'The rest'")
    assert groups["text"].str.startswith("Other hostile moves and arrangements, ").any()
    assert (groups["date"] == story.table["date"].iloc[-1]).all()
    every = page.query("kind == 'several'")["what"].str.extract(r"(\d+) ")[0].astype(int)
    assert every.sum() + (page["kind"] != "several").sum() == len(story.page(1000))
    assert page["kind"].iloc[-1] == "end"
    headings = {heading for heading, text in story.headed() if text in set(groups["text"])}
    assert headings == {"The rest"}


def test_a_group_names_the_largest_in_it_with_what_they_make(story: ts.Chronicle) -> None:
    (group,) = story.page().query("period == 'The rest' and tone == 'hostile'").to_dict("records")
    told, every = set(story.page()["text"]), story.page(1000)
    is_free = every["kind"].isin(["move", "stopped", "arrangement"]) & (every["why"] != FROM_START)
    rows = every[~every["text"].isin(told) & is_free & (every["tone"] == "hostile")]
    assert group["points_at_end"] == pytest.approx(rows["points_at_end"].sum())
    kinds = rows.groupby("what")["points_at_end"].sum().sort_values(key=abs, ascending=False)
    assert f"{kinds.index[0].replace('_', ' ')} {signed(kinds.iloc[0])}, " in group["text"]
    assert group["text"].endswith(f" and {len(kinds) - 12} more kinds.")


@pytest.mark.parametrize(("name", "run"), [("tariff-war", 7), ("trump2-petro-2025", 7), ("norland-suderia", 3)])
def test_what_weighs_most_at_the_end_is_told_alone(name: str, run: int) -> None:
    """Arrangements too, which make little at once."""
    story = ts.chronicle(name, run=run, seed=7)
    free = story.table[story.table["kind"].isin(["move", "arrangement"]) & (story.table["why"] != FROM_START)]
    heaviest = free.loc[free["points_at_end"].abs().sort_values(ascending=False).index[:5], "text"]
    told = " ".join(story.page()["text"])
    assert all(text in told for text in heaviest)


def test_what_a_rule_makes_is_never_folded() -> None:
    rule = {"when": {"after": "2031-02-03"}, "move": "accuse", "issue": "fishing", "chance": 0.9}
    story = ts.chronicle(small(actors=actors(rules={"grudge": rule})), seed=SEED)
    made = story.table[story.table["cause"] == "rule"]
    page = story.page(10)
    assert len(made) > 5
    assert (page["cause"] == "rule").sum() == len(made)


@pytest.mark.parametrize("name", ["tariff-war", "trump2-petro-2025", "norland-suderia"])
def test_a_page_tells_every_crossing(name: str) -> None:
    for run in range(3):
        story = ts.chronicle(name, run=run, seed=SEED)
        rows = story.table[story.table["kind"].isin(["regime", "event"])]
        assert set(rows["text"]) <= set(story.page()["text"])


def test_an_event_that_was_true_before_comes_true_again() -> None:
    stories = (ts.chronicle("norland-suderia", run=run, seed=7).table for run in range(20))
    for story in stories:
        events = story[story["kind"] == "event"]
        for _, rows in events.groupby("what"):
            assert not rows["why"].isin([TRUE, TRUE_AT_START]).iloc[1:].any()
        if AGAIN in set(events["why"]):
            return
    pytest.fail("in none of 20 runs an event came true twice")


def test_arrangements_of_the_start_are_split_into_friendly_and_hostile() -> None:
    page = ts.chronicle("tariff-war", run=7, seed=7).page()
    texts = page.loc[page["why"] == FROM_START, "text"].tolist()
    heads = ["In force from the start, hostile, ", "In force from the start, friendly, "]
    assert [text[: len(head)] for text, head in zip(texts, heads, strict=True)] == heads
    assert texts[1].endswith(" more kinds.")


def test_a_run_of_results_is_told_as_that_of_its_scenario() -> None:
    results = ts.run("norland-suderia", runs=3, seed=5, first_run=2)
    assert ts.chronicle(results, run=4).table.equals(ts.chronicle("norland-suderia", run=4, seed=5).table)
    assert ts.chronicle(results).run == 2
    with pytest.raises(SelectionError, match="there is no run 0; these are runs 2 to 4"):
        ts.chronicle(results, run=0)
    with pytest.raises(SelectionError, match="run under seed 5, not 6"):
        ts.chronicle(results, seed=6)
    with pytest.raises(TypeError, match=r"a scenario is a path, a shipped name, .*; got 3"):
        ts.chronicle(3)  # type: ignore[arg-type]
    moved = replace(results, record=synthetic.changed(results.record, cooperation=results.record.cooperation + 1e-9))
    with pytest.raises(TensionSimError, match="come out otherwise"):
        ts.chronicle(moved)


def test_markdown_tells_each_day_once(story: ts.Chronicle) -> None:
    text = story.to_markdown()
    assert text.startswith("# A tariff war: run 7, seed 1\n\nA date is the first day of a step of one week;")
    start = f"{story.table['index'].iloc[0]:.1f}"
    assert f"\n\n- **What mattered most** The index goes from {start} to " in text
    assert f"\n- **2025-10-28** The index, which runs from 0 to 100 with 50 as neutral, stands at {start}." in text
    assert text.count("**2025-11-18**") == 1
    assert len(story.to_markdown(everything=True).splitlines()) == len(story.page(1000)) + 5


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
    assert third_person("push") == "pushes"


@pytest.mark.parametrize(
    ("move", "words"),
    [
        ("make_visit", "pays a visit"),
        ("sign_agreement", "signs an agreement"),
        ("halt_working_group", "halts the working group"),
        ("recall_ambassador", "recalls its ambassador"),
        ("seize_trawler", "seizes a trawler"),
        ("back_oas_resolution", "backs an OAS resolution"),
        ("tighten_darien_control", "tightens Darién control"),
        ("break_relations", "breaks relations"),
        ("warn_against_china_ties", "warns against China ties"),
        ("cancel_meeting", "cancels a meeting"),
        ("cut_aid", "cuts aid"),
    ],
)
def test_a_move_has_the_article_that_its_noun_takes(move: str, words: str) -> None:
    assert Speech({}).does(move) == words


def broken() -> ts.Chronicle:
    """A run in which relations are broken off by one side, and both sign an accord on another day."""
    moves = [
        ("02-03", "avalon", "break_relations"),
        ("02-10", "avalon", "sign_accord"),
        ("02-10", "brigadoon", "sign_accord"),
    ]
    schedule = [{"date": f"2031-{day}", "actor": actor, "move": move, "issue": "fishing"} for day, actor, move in moves]
    can = actors(repertoire=[*synthetic.MOVES, "break_relations"])
    return ts.chronicle(small(schedule=schedule, actors=can), seed=SEED)


def test_who_broke_relations_is_told_in_its_place_and_at_the_top() -> None:
    story = broken()
    page = story.page(200)
    (row,) = page[page["text"].str.startswith("Avalon breaks relations (over fishing)")].to_dict("records")
    assert "Now in force: relations broken between Avalon and Brigadoon" in row["text"]
    assert not page["text"].str.startswith("Now in force: relations broken").any()
    assert "Avalon breaks relations (over fishing) on 2031-02-03, −" in story.lead
    assert next(iter(story.headed())) == ("What mattered most", story.lead)


@pytest.mark.parametrize("name", ["tariff-war", "managed"])
def test_an_end_is_not_credited_with_what_it_ends(name: str) -> None:
    """What an arrangement made stands at its beginning, once; the move that ends it has its own points."""
    story = ts.chronicle(name, run=10)
    arrangements = story.table[story.table["kind"] == "arrangement"]
    ends = arrangements[arrangements["why"] == OVER]
    assert len(ends) > 5
    assert not ends[["points", "points_at_end", "peak"]].any(axis=None)
    assert not ends["text"].str.contains("points").any()
    for end in ends.itertuples():
        begun = arrangements.loc[: end.Index - 1].query(
            "what == @end.what and actor == @end.actor and issue == @end.issue"
        )
        assert f", until {end.date:%Y-%m-%d}: " in begun["text"].iloc[-1]
    own = story.table[story.table["kind"] == "move"].set_index(["date", "actor", "issue", "what"])["peak"]
    page = story.page(len(story.table)).set_index(["date", "actor", "issue", "what"])["peak"]
    ending = [key for key in own.index if key[-1].startswith(("lift_", "restore_relations", "release_"))]
    assert ending
    assert page[ending].equals(own[ending])


def test_what_two_do_together_is_told_once_of_both() -> None:
    story = broken()
    page = story.page(200)
    (row,) = page[page["what"].eq("sign_accord") & page["cause"].eq("schedule")].to_dict("records")
    assert row["text"].startswith("Avalon and Brigadoon sign an accord (over fishing), as scheduled for 2031-02-10: ")
    signed = story.table[story.table["what"].eq("sign_accord") & story.table["cause"].eq("schedule")]
    assert len(signed) == 2
    assert row["points"] == pytest.approx(signed["points"].sum())
    assert f"{row['points']:+.1f} points at once" in row["text"]


def test_what_one_does_twice_with_another_is_told_of_both() -> None:
    twice = [
        {"date": f"2031-02-{day}", "actor": "avalon", "move": "sign_accord", "issue": "fishing"} for day in (10, 11)
    ]
    page = ts.chronicle(small(schedule=twice), seed=SEED).page(200)
    (row,) = page[page["what"].eq("sign_accord") & page["cause"].eq("schedule")].to_dict("records")
    assert row["text"].startswith("Avalon and Brigadoon sign an accord (over fishing), ")


def test_an_effect_too_small_for_a_number_is_said_in_words() -> None:
    assert describe_effect(0.01, -0.01) == "hardly any effect on the index"
    assert describe_effect(-2.04, 0.01) == "−2.0 points at once, hardly any at the end"
    assert describe_effect(-2.04, -1.9, "at its peak") == "−2.0 points at its peak, −1.9 at the end"
    assert listed(["a", "b", "c"]) == "a, b and c"
