"""Where a move is made, if the file leaves it out; and a scenario begins with events of its own, and keeps them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import dyads
import tensionsim as ts
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import begin, origins
from tensionsim.errors import EventError, ScenarioError
from tensionsim.events.generic import scenario_text
from tensionsim.events.history import ARRAYS, EventHistory, curated_history, read_table, table_text
from tensionsim.model.catalogue import ANYONE, Arrangement, Move, shipped
from tensionsim.rng import RandomStreams
from tensionsim.scenario.names import Cast, NoAddress, address, history_of, holders

SCENARIO = """\
tensionsim: 1
title: Avalon and Brigadoon
start: 2003-05-05
end: 2003-11-03
HISTORY
principals: [avalon, brigadoon]
issues: {wool: {}, fairs: {}}
actors:
  avalon: {stances: {wool: 0.2, fairs: 0.6}}
  brigadoon: {stances: {wool: 0.7, fairs: 0.1}}
  camelot: {stances: {wool: 0.5}, affinity: {avalon: 0.5}}
"""
CODED = """\
day,from,to,what,how much
03/14/2003,AVL,BRG,163,-8.5
03/20/2003,BRGGOV,AVL,111,-1.5
04/22/2003,AVL,BRG,036,4.5
04/30/2003,CAM,AVL,040,1
05/30/2003,AVL,BRG,190,-10
"""
"""Event data, with scores of their own; the last event comes after the scenario's start."""

MAPPING = (
    "columns: {date: day, source: from, target: to, code: what, score: how much}\ncodes: {'16': wool, '11': wool}\n"
)
CODED_HISTORY = (
    "history: {file: coded.csv, actors: {AVL: avalon, BRG: brigadoon, CAM: camelot}, mapping: map.yaml, "
    "dates: month-first, scale: file, issue: fairs}"
)
CURATED = """\
date,actor,target,issue,move,description,source
2003-01,avalon,brigadoon,wool,impose_sanctions,The wool of Brigadoon is banned.,a chronicle
2003-02-02,brigadoon,avalon,fairs,begin_joint_programme,"Fairs, held together.",
2003-04-20,avalon,brigadoon,wool,praise,,
"""
CURATED_HISTORY = (
    "history: {file: told.csv, since: 2002-12-01, "
    "in_force: [{name: joint_programme, actor: avalon, target: brigadoon, issue: wool}]}"
)
CAST = Cast(("north", "south"), ("north", "south", "east", "west"), ("water", "trade"))


def move(actors: str = "*", targets: str = "*", issues: str = "*") -> Move:
    return Move(
        "wave", "01", 0.0, "verbal", "political", *(tuple(text.split()) for text in (actors, targets, issues)), 1.0
    )


def kind(actors: str = "*", targets: str = "*", issues: str = "*", *, mutual: bool = False) -> Arrangement:
    return Arrangement("fair", *(tuple(text.split()) for text in (actors, targets, issues)), "political", 1.0, mutual)


def test_a_star_admits_anyone() -> None:
    assert move().actors == ANYONE


@pytest.mark.parametrize(
    ("made", "actor", "target", "issue", "found"),
    [
        (move(), "north", "east", "water", ("east", "water")),
        (move(), "south", None, "water", ("north", "water")),
        (move(issues="trade"), "north", None, None, ("south", "trade")),
        (move(targets="south", issues="trade"), "east", None, None, ("south", "trade")),
    ],
)
def test_what_is_left_out_is_found_where_it_is_clear(
    made: Move, actor: str, target: str | None, issue: str | None, found: tuple[str, str]
) -> None:
    assert address(made, actor, target, issue, CAST) == found


@pytest.mark.parametrize(
    ("made", "actor", "target", "issue", "part", "words"),
    [
        (move("south"), "north", None, None, "move", "'north' cannot make 'wave'; south can"),
        (move("mars"), "north", None, None, "move", "'north' cannot make 'wave'; nobody here can"),
        (move(), "north", None, None, "move", "'wave' can be made on water, trade; name its `issue`"),
        (move(), "east", None, "water", "move", "'wave' can be made towards north, south, west; name its `target`"),
        (move(targets="east west"), "north", None, "water", "move", "towards east, west; name its `target`"),
        (move(targets="east"), "north", None, "water", "move", "can be made towards east; name its `target`"),
        (
            move(targets="east"),
            "north",
            "west",
            None,
            "target",
            "cannot make 'wave' towards 'west'; it can towards east",
        ),
        (move(issues="trade"), "north", None, "water", "issue", "cannot make 'wave' on 'water'; it can on trade"),
        (move(), "north", "north", "water", "target", "towards 'north'; it can towards south, east, west"),
    ],
)
def test_what_cannot_be_or_is_not_clear_is_refused(
    made: Move, actor: str, target: str | None, issue: str | None, part: str, words: str
) -> None:
    with pytest.raises(NoAddress) as caught:
        address(made, actor, target, issue, CAST)
    assert caught.value.part == part
    assert words in str(caught.value)


def test_a_mutual_arrangement_is_held_once() -> None:
    assert holders(kind(issues="trade", mutual=True), None, None, None, CAST) == [("north", "south", "trade")]
    assert len(holders(kind(issues="trade"), None, None, None, CAST)) == 2


def test_a_mutual_arrangement_may_be_named_from_either_side() -> None:
    shared = kind("north", "east", "trade", mutual=True)
    assert holders(shared, "east", "north", None, CAST) == [("east", "north", "trade")]
    assert holders(shared, None, None, None, CAST) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"coded.csv": CODED, "map.yaml": MAPPING, "told.csv": CURATED}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, history in {"coded": CODED_HISTORY, "told": CURATED_HISTORY}.items():
        (tmp_path / f"{name}.yaml").write_text(SCENARIO.replace("HISTORY", history), encoding="utf-8")
    return tmp_path


def assert_same(one: EventHistory, other: EventHistory) -> None:
    tables = [found.table().assign(told=found.description) for found in (one, other)]
    assert tables[0].equals(tables[1])
    assert (one.first, one.last, one.held) == (other.first, other.last, other.held)


def test_event_data_are_read_as_the_file_says(folder: Path) -> None:
    history = history_of(ts.load(folder / "coded.yaml").file)
    assert history is not None
    table = history.table()
    assert table["actor"].tolist() == ["avalon", "brigadoon", "avalon", "camelot", "avalon"]
    assert table["issue"].tolist() == ["wool", "wool", "fairs", "fairs", "fairs"]
    assert table["score"].tolist() == [-8.5, -1.5, 4.5, 1.0, -10.0]


def test_a_table_of_moves_has_the_scores_of_the_scenarios_moves_and_what_was_in_force(folder: Path) -> None:
    scenario = ts.load(folder / "told.yaml")
    history = history_of(scenario.file)
    assert history is not None
    assert [str(day) for day in history.dates] == ["2003-01-15", "2003-02-02", "2003-04-20"]
    assert history.score.tolist() == [shipped().moves[name].goldstein for name in history.table()["move"]]
    assert history.description[1] == "Fairs, held together."
    record = dyads.record(scenario)
    standing = {name for row, name in enumerate(assemble_names(scenario)) if record.in_force[0, row, 0]}
    assert standing == {
        "sanctions | avalon -> brigadoon | wool",
        "joint_programme | avalon -> brigadoon | wool",
        "joint_programme | avalon -> brigadoon | fairs",
    }


def test_letters_of_another_encoding_are_read_as_in_event_data(folder: Path) -> None:
    row = "2003-05-20,avalon,brigadoon,wool,praise,A caf\xe9 opens.,\n"
    (folder / "told.csv").write_bytes(CURATED.encode() + row.encode("latin-1"))
    history = history_of(ts.load(folder / "told.yaml").file)
    assert history is not None
    assert history.description[-1] == "A caf\xe9 opens."


def assemble_names(scenario: ts.Scenario) -> list[str]:
    return [one.name for one in assemble(scenario).instances.rows]


@pytest.mark.parametrize("name", ["coded", "told"])
def test_a_run_starts_where_the_observed_index_ends(folder: Path, name: str) -> None:
    scenario = ts.load(folder / f"{name}.yaml")
    observed = ts.observed_index(scenario=scenario, until=scenario.file.start - dt.timedelta(days=1))
    assert str(observed.index[-1].date()) == "2003-05-05"
    assert observed["index"].iloc[-1] == pytest.approx(dyads.record(scenario).cooperation[0, 0], abs=1e-9)
    assert abs(observed["index"].iloc[-1] - 50.0) > 1.0


@pytest.mark.parametrize("name", ["coded", "told"])
def test_what_made_the_conduct_at_the_start_adds_up_to_it(folder: Path, name: str) -> None:
    world = assemble(ts.load(folder / f"{name}.yaml"))
    now = begin(world, RandomStreams(0, 0, 1))
    keep = float(now.numbers.keep_index[0])
    total = np.zeros(len(world.channels))
    for one in origins(world):
        since = 1.0 if one.first is None else keep ** (one.after - one.first)
        faded = keep ** (-one.after)
        total[one.channel] += one.score * faded * (1.0 if one.first is None else 1.0 - since)
    np.testing.assert_allclose(total, now.state.conduct[:, 0], atol=1e-12)


def test_events_after_the_start_are_not_known_to_runs_but_to_fits(folder: Path) -> None:
    scenario = ts.load(folder / "coded.yaml")
    assert all(one.step < 0 for one in assemble(scenario).past.moves)
    history = history_of(scenario.file)
    assert history is not None
    assert str(history.last) == "2003-05-30"


@pytest.mark.parametrize("name", ["coded", "told"])
def test_a_loaded_scenario_keeps_its_history_whatever_becomes_of_the_file(folder: Path, name: str) -> None:
    scenario = ts.load(folder / f"{name}.yaml")
    results = ts.run(scenario, runs=5, store=folder / "kept")
    for file in folder.glob("*.csv"):
        file.unlink()
    again = ts.open(folder / "kept").scenario
    assert again.sha256 == scenario.sha256
    histories = [history_of(one.file) for one in (scenario, again, scenario.with_values({"title": "Other"}))]
    for one in histories[1:]:
        assert_same(*(found for found in (histories[0], one) if found is not None))
    more = ts.run(again, runs=5)
    np.testing.assert_array_equal(more.record.cooperation, results.record.cooperation)
    with pytest.raises(ScenarioError, match=r"coded.csv: there is no such file|told.csv"):
        ts.load(folder / f"{name}.yaml")


def test_an_edited_history_makes_another_scenario(folder: Path) -> None:
    ts.run(folder / "coded.yaml", runs=5, store=folder / "kept")
    (folder / "coded.csv").write_text(CODED.replace("-8.5", "-7.5"), encoding="utf-8")
    with pytest.raises(ts.TensionSimError, match="scenario"):
        ts.run(folder / "coded.yaml", runs=10, store=folder / "kept")


def test_a_history_lies_where_the_file_that_names_it_does(folder: Path) -> None:
    (folder / "below").mkdir()
    for file in ("coded.csv", "map.yaml", "coded.yaml"):
        (folder / file).rename(folder / "below" / file)
    (folder / "over.yaml").write_text("extends: below/coded.yaml\ntitle: Over\n", encoding="utf-8")
    assert history_of(ts.load(folder / "over.yaml").file) is not None


def test_days_are_dealt_to_issues_in_turn(folder: Path) -> None:
    scenario = (folder / "coded.yaml").read_text(encoding="utf-8").replace("issue: fairs", "issue: [wool, fairs]")
    (folder / "dealt.yaml").write_text(scenario, encoding="utf-8")
    history = history_of(ts.load(folder / "dealt.yaml").file)
    assert history is not None
    days = history.dates.astype("datetime64[D]").astype(int)[2:]
    assert history.table()["issue"].tolist()[2:] == [("wool", "fairs")[day % 2] for day in days]


def test_the_curated_history_as_a_table_is_read_back() -> None:
    history = curated_history()
    assert_same(
        dataclasses.replace(read_table(table_text(history), "x.csv"), observed=history.observed, held=history.held),
        history,
    )
    assert all(getattr(history, name).shape == (len(history),) for name in ARRAYS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,actor\n2003-01-01,a\n", "x.csv:1:1: no column target: a table of events has the columns date"),
        ("date,actor,target,cameo\n", "x.csv:1:1: the header: there are no rows below it"),
        ("date,actor,target,cameo\n2003-13-01,a,b,036\n", "x.csv:2:1: date '2003-13-01': a day like 2025-01-20"),
        ("date,actor,target,cameo\n2003-W05-1,a,b,036\n", "x.csv:2:1: date '2003-W05-1': a day like 2025-01-20"),
        ("date,actor,target,cameo\n2003-01-01,a,b,036,so, so\n", "x.csv:2:5: 'so': the first line names 4 columns"),
        ('date,actor,target,cameo\n2003-01-01,a,b,"036\n', "x.csv:2:1: unexpected end of data: this is not CSV"),
        ("date,actor,target,cameo\n2003-01-01,a,b,996\n", "x.csv:2:4: cameo '996': a CAMEO code: 2 to 4 digits"),
        ("date,actor,target,cameo\n2003-01-01,a,b,04x\n", "x.csv:2:4: cameo '04x': a CAMEO code: 2 to 4 digits"),
        ("date,actor,target,cameo,score\n2003-01-01,a,b,036,11\n", "x.csv:2:5: score '11': a number in -10..10"),
        ("date,actor,target,cameo,weight\n2003-01-01,a,b,036,x\n", "x.csv:2:5: weight 'x': a number in 1e-06..1e+06"),
        ("date,actor,target,cameo,kind\n2003-01-01,a,b,036,odd\n", "x.csv:2:5: kind 'odd': verbal or material"),
        ("date,actor,target,cameo\n2003-01-01,a,,036\n", "x.csv:2:3: target '': an event is of one actor"),
        ("date,actor,target,move\n2003-01-01,a,b,dance\n", "x.csv:2:4: move 'dance': no such move"),
    ],
)  # fmt: skip
def test_a_wrong_table_says_where_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(EventError) as caught:
        read_table(text, "x.csv")
    assert str(caught.value).startswith(said)


def test_of_a_row_with_an_unknown_move_the_rest_is_checked() -> None:
    with pytest.raises(EventError, match=r"(?s)no such move.*date '2003-13-01'.*an event is of one actor towards"):
        read_table("date,actor,target,move\n2003-13-01,a,a,waltz\n", "x.csv")


@pytest.mark.parametrize(
    ("level", "index", "issues"),
    [
        (65, 65.0, [65.0, 65.0]),
        ({"wool": 80, "fairs": 30}, 55.0, [80.0, 30.0]),
        ({"wool": 40}, 45.0, [40.0, 50.0]),
        ({"avalon -> brigadoon": 70, "brigadoon -> avalon": 70, "wool": 20}, 70.0, [70.0, 70.0]),
    ],
)
def test_a_scenario_without_history_starts_where_it_says(
    folder: Path, level: object, index: float, issues: list[float]
) -> None:
    path = folder / "level.yaml"
    path.write_text(SCENARIO.replace("HISTORY", "history: none"), encoding="utf-8")
    scenario = ts.load(path, set={"start_index": level})
    record = dyads.record(scenario)
    assert record.cooperation[0, 0] == pytest.approx(index)
    assert record.issue_cooperation[0, :, 0] == pytest.approx(issues)
    start = begin(assemble(scenario), RandomStreams(0, 0, 1)).state
    assert (np.abs(start.net_slow) <= start.acts_slow + 1e-12).all()


def test_a_level_counts_what_is_in_force(folder: Path) -> None:
    path = folder / "level.yaml"
    path.write_text(SCENARIO.replace("HISTORY", "start_index: 60"), encoding="utf-8")
    held = [{"name": "joint_programme", "actor": "avalon", "target": "brigadoon", "issue": "wool"}]
    world = assemble(ts.load(path, set={"arrangements": held}))
    now = begin(world, RandomStreams(0, 0, 1))
    assert float(now.cooperation()[0][0]) == pytest.approx(60.0)
    total = np.zeros(len(world.channels))
    for one in origins(world):
        total[one.channel] += one.score
    np.testing.assert_allclose(total, now.state.conduct[:, 0], atol=1e-12)


def test_a_scenario_made_from_events_goes_on_from_them(folder: Path) -> None:
    history = ts.read_events(
        folder / "coded.csv", dyad=("AVL=avalon", "BRG=brigadoon"), mapping=folder / "map.yaml", dates="month-first"
    )
    made = ts.scenario_from_events(history)
    last = ts.observed_index(history)["index"].iloc[-1]
    assert dyads.record(made).cooperation[0, 0] == pytest.approx(last)
    assert "history:" not in scenario_text(history)


def test_an_outlook_may_have_a_history_of_its_own(folder: Path) -> None:
    path = folder / "outlooks.yaml"
    outlook = "\noutlooks: {told: {set: {history: {file: told.csv, since: 2002-12-01}}}}\n"
    path.write_text((folder / "coded.yaml").read_text(encoding="utf-8") + outlook, encoding="utf-8")
    told = ts.load(path, outlook="told")
    assert [history_of(one.file).name for one in (ts.load(path), told, told.with_outlook(None))] == [  # type: ignore[union-attr]
        "coded", "told", "coded",
    ]  # fmt: skip
    (folder / "told.csv").unlink()
    with pytest.raises(ScenarioError, match=r"told.csv"):
        ts.load(path)


def test_rows_that_a_history_leaves_out_are_told_of_the_history_that_counts(folder: Path) -> None:
    rows = [
        "2003-01-05,avl,brg,042",
        "2003-01-06,BRGGOV,AVLMIL,190",
        "2003-01-07,CAM,AVL,042",
        "2003-01-08,CAM,XXX,042",
    ]
    (folder / "few.csv").write_text("\n".join(["date,source,target,cameo", *rows]) + "\n", encoding="utf-8")
    few = {"file": str(folder / "few.csv"), "actors": {"avl": "avalon", "brg": "brigadoon"}, "issue": "wool"}
    told = (
        "history few.csv: 2 of 4 rows used; 1 left out: only one side is of the actors; 1 left out: between others; "
        "most frequent other actors: CAM 2, XXX 1"
    )
    bare = ts.load(folder / "coded.yaml")
    assert not [note for note in bare.notes if note.startswith("history")]
    for scenario in (bare.with_values({"history": few}), bare.extended({"history": few})):
        assert told in scenario.notes
        assert told in scenario.with_values({"title": "Again"}).notes
        assert told not in scenario.with_values({"history": "none"}).notes
    asked = {"history": few, "outlooks": {"other": {"title": "Other", "set": {"history": few}}}}
    again = bare.extended(asked)
    assert [again.notes.count(told), again.with_outlook("other").notes.count(told)] == [1, 1]
