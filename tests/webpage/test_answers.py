import doctest
import json
import re

import pytest
from pydantic import ValidationError

import tensionsim as ts
from tensionsim.cli.main import main
from tensionsim.webpage import answers
from tensionsim.webpage.answers import Side, based, complete, described

NAME = "norland-suderia"


def find(name):
    return ts.load(name)


def results_of(side, runs=40, at_once=2):
    scenario = based(side, find)
    pieces = [
        answers.Piece(scenario.text, scenario.name, side, first, some, keep)
        for first, some, keep in ((0, runs // 2, "all"), (runs // 2, runs - runs // 2, "summary"))
    ]
    return answers.results_of(scenario, [answers.record_of(piece) for piece in pieces])


SET = {
    "values": {"actors.norland.rhetoric": 0.9, "actors.suderia.stances.water": 0.1, "actors.norland.salience.water": 1},
    "mechanisms": {"reciprocity": False},
    "moves": [["2030-09-02", "suderia", "norland", "fisheries", "offer_talks"]],
}


@pytest.mark.parametrize(
    "given",
    [{}, {"values": SET["values"]}, {"mechanisms": SET["mechanisms"]}, {"outlook": "loud"}, SET],
    ids=["nothing", "numbers", "mechanisms", "outlook", "everything"],
)
def test_numbers_set_over_a_kept_world_are_those_of_a_run_with_set_bit_for_bit(given):
    side = Side(scenario=NAME, **given)
    ours, theirs = results_of(side), ts.run(complete(side, find), runs=40, keep="summary")
    assert ours.record.equals(theirs.record)
    if given:
        assert not theirs.record.equals(ts.run(NAME, runs=40, keep="summary").record)


@pytest.mark.slow
def test_every_control_moves_what_with_values_moves():
    for control in described(ts.load(NAME))["controls"]:
        side = Side(scenario=NAME, values={control["path"]: 0.123})
        ours = answers.record_of(answers.Piece(find(NAME).text, NAME, side, 0, 3, "index"))
        theirs = ts.run(complete(side, find), runs=3, keep="index").record
        assert ours.equals(theirs), control["path"]


def test_all_that_is_wrong_with_a_side_is_told_at_once():
    wrong = {"values": {"actors.norland.retoric": 0.3, "actors.norland.rhetoric": 1.4}, "mechanisms": {"magic": True}}
    with pytest.raises(ts.TensionSimError) as told:
        based(Side(scenario=NAME, **wrong), find)
    words = str(told.value)
    assert "did you mean 'actors.norland.rhetoric'?" in words
    assert "0..1; got 1.4" in words
    assert "magic" in words


@pytest.mark.parametrize("value", [True, "0.3", None, float("nan"), float("inf"), -0.1, [0.3]])
def test_a_value_that_is_no_number_of_its_range_is_refused(value):
    with pytest.raises((ValidationError, ts.TensionSimError), match=r"actors\.norland\.rhetoric(`\n| is a number)"):
        based(Side(scenario=NAME, values={"actors.norland.rhetoric": value}), find)


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (["2030-09-02", "suderia"], "moves.0.2\n.*required"),
        (["2040-01-01", "suderia", "norland", "water", "demand"], "2030-01-01 to 2032-01-01"),
        (["2030-09-02", "suderia", "norland", "water", "demnad"], "did you mean 'demand'"),
        (["2030-02-31", "suderia", "norland", "water", "demand"], "date"),
    ],
)
def test_a_move_that_cannot_be_placed_is_refused(move, words):
    with pytest.raises((ValidationError, ts.TensionSimError), match=words):
        complete(Side(scenario=NAME, moves=[move]), find)


def test_what_is_drawn_is_what_results_say():
    results = ts.run(NAME, runs=40)
    found = answers.answer(results)
    assert found["index"]["median"] == pytest.approx(results.index["median"].tolist(), abs=1e-4)
    assert found["issues"]["water"]["q95"] == pytest.approx(results.issues["water"]["q95"].tolist(), abs=1e-4)
    assert found["regimes"]["crisis"] == pytest.approx(results.regimes["crisis"].tolist(), abs=1e-4)
    assert found["events"]["crisis"]["probability"] == pytest.approx(results.events.loc["crisis", "probability"])


def test_the_difference_is_paired_and_names_dates_that_differ():
    calm, loud = (ts.run(ts.load(NAME, outlook=name), runs=40) for name in ("calm", "loud"))
    found = answers.difference(calm, loud)
    assert found["mean"][-1] == pytest.approx(float((calm.paths - loud.paths).iloc[-1].mean()), abs=1e-4)
    with pytest.raises(ts.TensionSimError, match="only outlooks of the same dates"):
        answers.difference(calm, ts.run("status-quo", runs=2))


def test_the_ledger_of_a_date_adds_up():
    results = ts.run(NAME, runs=20)
    found = answers.why(results, 30)
    moved = sum(one["points"] for one in found["movers"]) + found["rest"]
    assert found["change"] == pytest.approx(moved, abs=0.3)  # movers below .05 are not told
    assert found["index"] == pytest.approx(float(results.paths.iloc[30].mean()), abs=1e-3)


def test_work_that_nobody_waits_for_or_that_takes_too_long_ends():
    piece = answers.Piece(find(NAME).text, NAME, Side(scenario=NAME), 0, 20, "index")
    with pytest.raises(answers.Dropped):
        answers.record_of(piece, lambda: False)
    with pytest.raises(ts.TensionSimError, match="shorten the scenario"):
        answers.record_of(piece, most_seconds=-1.0)


def data_of(html):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def test_one_file_holds_outlooks_their_differences_ledgers_and_a_run():
    made = ts.load(NAME).explore(runs=20)
    data = data_of(made.html)
    loud = ts.run(ts.load(NAME, outlook="loud"), runs=20)
    name = data["labels"][2]
    assert data["answer"][name]["index"]["mean"] == pytest.approx(loud.index["mean"].tolist(), abs=1e-4)
    assert len(data["difference"]) == 6
    assert len(data["why"][name]) == len(loud.dates)
    assert data["run"][name]["lead"] == ts.chronicle(loud, run=0).lead


def test_one_file_allows_nothing_but_itself_and_a_notebook_shows_it_in_a_frame():
    made = ts.load(NAME, set={"title": "</script><b>x"}).explore(runs=2)
    assert made.html.count("</script>") == 2
    assert "default-src 'none'; script-src 'sha256-" in made.html
    assert not re.findall(r'(?:src|href)="(?!data:|#)', made.html)
    assert made._repr_html_().startswith('<iframe title="&lt;/script&gt;')


def test_an_agent_of_ones_own_acts_in_the_page_of_a_notebook():
    class Silent(ts.Government):
        def decide(self, perception):
            return []

    quiet = ts.load(NAME).with_code(agents={"norland": Silent})
    mean = data_of(quiet.explore(runs=3).html)["answer"]["Norland and Suderia"]["index"]["mean"]
    assert mean == pytest.approx(ts.run(quiet, runs=3).index["mean"].tolist(), abs=1e-4)


def test_the_example_runs():
    assert doctest.testmod(answers).failed == 0


def test_the_verb_writes_one_file_and_says_so(tmp_path, capsys):
    target = tmp_path / "page.html"
    assert main(["page", NAME, "--static", str(target), "--runs", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], len(told["outlooks"]), told["runs"]) == (str(target), 3, 3)
    text = target.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "open the page with the program" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["page", NAME, "--runs", "5"], "go with --static"),
        (["page", NAME, "--static", "nowhere/x.html"], "its folder is not there"),
        (["page", "norland-suderi"], "did you mean 'norland-suderia'"),
        (["page", NAME, "--set", "actors.norland.retoric=1"], "did you mean 'actors.norland.rhetoric'"),
        (["page", NAME, "--port", "70000"], "70000"),
    ],
)
def test_what_is_wrong_is_told_with_status_2(arguments, words, capsys):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
