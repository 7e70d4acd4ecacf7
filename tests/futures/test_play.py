"""A side that is played: it sees and does what its agent would, and is set beside runs that went on by themselves."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.errors import DecisionError
from tensionsim.futures.play import decision, serve

NAME, SIDE, SEED = "norland-suderia", "suderia", 7


def game(side: str = SIDE, **values: object) -> ts.Game:
    return ts.Game(ts.load(NAME, set={"end": "2030-12-31", **values}), side, seed=SEED)


def played(*lines: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    serve(game(), lines, said.append, 20)
    return said


def test_one_who_leaves_it_to_the_model_is_its_own_twin_in_the_ensemble() -> None:
    """In a scenario with a calendar, rules, checks and third parties."""
    own = ts.Game("status-quo", "bogota", seed=3)
    own.leave("2026-08-15")
    at = own.model.simulation.at
    ensemble = ts.run("status-quo", runs=2, seed=3)
    assert np.array_equal(own.model.record().cooperation[:, 0], ensemble.record.cooperation[: at + 1, 0])
    table = own.table(runs=5)
    assert table["played"].to_numpy() == pytest.approx(table["twin"].to_numpy())


def test_runs_by_themselves_are_those_of_the_ensemble_where_one_plays_from_the_start() -> None:
    scenario = ts.load(NAME, outlook="calm").without_draws()
    alone = ts.Game(scenario, SIDE, seed=SEED).alone(30)
    assert alone.record.equals(ts.run(scenario, runs=30, seed=SEED).record)


def test_runs_by_themselves_share_the_worlds_uncertain_numbers() -> None:
    """Who is loud in one is loud in all; what they do is not the same."""
    scenario = ts.load(NAME, set={"actors.suderia.rhetoric": {"uniform": [0.0, 1.0]}})
    record = ts.Game(scenario, SIDE, seed=SEED).alone(30).record
    assert np.ptp(record.rhetoric[0], axis=-1).max() == 0.0
    assert np.ptp(record.cooperation[4]) > 1.0


def test_moves_are_made_and_move_the_index() -> None:
    taken, twin = game(), game()
    for _ in range(8):
        taken.step("praise on water", ts.Decision("offer_talks", "norland", "fisheries"))
        twin.step()
    made = taken.model.results().moves.query("actor == @SIDE and cause == 'own'")
    assert sorted(made["move"]) == ["offer_talks"] * 8 + ["praise"] * 8
    assert twin.model.results().moves.query("actor == @SIDE and cause == 'own'").empty
    assert taken.model.cooperation > twin.model.cooperation + 5.0
    assert taken.table(20).loc["moves of suderia", "played"] == 16.0


def test_what_cannot_be_done_is_told_at_once_and_nothing_is_done() -> None:
    taken = game()
    with pytest.raises(DecisionError, match=r"did you mean 'praise'.*cannot open_sluice.*more than one meaning"):
        taken.step("accuse on water", "prase", "open_sluice on water", "praise")
    assert str(taken.date) == "2030-01-01"
    assert not len(taken.model.results().moves)
    taken.leave()
    for act, words in (
        (taken.step, "is over"),
        (taken.leave, "or go back"),
        (lambda: taken.back("2031-06-01"), "go back to"),
    ):
        with pytest.raises(ts.TensionSimError, match=words):
            act()


@pytest.mark.parametrize("text", ["", "praise on", "praise water on", "praise on water on water", 5])
def test_a_text_that_is_no_move_is_refused(text: object) -> None:
    with pytest.raises(DecisionError, match="is no move; write MOVE"):
        decision(text)


def test_a_text_names_a_move_and_where() -> None:
    assert decision("praise on drugs to bogota") == ts.Decision("praise", "bogota", "drugs")


def test_one_can_branch_at_a_date_and_come_back_to_the_same() -> None:
    taken = game()
    taken.leave("2030-03-01")
    taken.step("impose_sanctions on water")
    taken.leave("2030-09-01")
    former, day = taken.model.record(), str(taken.date)
    taken.back("2030-03-10")
    assert str(taken.date) == "2030-03-12"
    assert taken.summary(2)["decisions"][-1]["moves"] == ["impose_sanctions on water"]
    taken.step()
    assert taken.seen.moment.at == taken.model.simulation.at
    taken.back("2030-03-12")
    taken.leave(day)
    assert taken.model.record().equals(former)
    taken.back("2030-03-01")
    taken.leave(day)
    assert not taken.model.record().equals(former)


def test_a_look_changes_nothing_and_shows_what_the_calendar_brings() -> None:
    base = ts.load(NAME).extended(
        {"changes": [{"date": "2030-01-01", "actor": SIDE, "set": {f"actors.{SIDE}.attention": 1.0}}]}
    )
    looked, blind = (ts.Game(base, SIDE, seed=SEED) for _ in range(2))
    rates = [one.rate for one in looked.seen.channels]
    assert max(rates) > 1.5 * max(one.rate for one in game().seen.channels)
    for each in (looked, blind):
        each.step("own")
    assert looked.model.record().equals(blind.model.record())


def test_a_move_that_a_check_stops_is_told() -> None:
    stopped = game("norland", **{"actors.norland.checks.senate.chance": 1.0})
    stopped.step("impose_sanctions to suderia on water")
    [mine] = [one for one in stopped.turn()["last"] if one["actor"] == "norland"]
    assert mine == {
        **{"actor": "norland", "target": "suderia", "issue": "water"},
        **{"move": "impose_sanctions", "goldstein": -8.0, "cause": "stopped"},
    }


def test_a_game_needs_an_actor_of_the_scenario() -> None:
    with pytest.raises(ts.TensionSimError, match="did you mean 'suderia'"):
        game("suderai")


def test_a_program_plays_line_by_line() -> None:
    lines = ("praise on water\n", "go 2030-03-01", "back 2030-01-20", "nothing", "end")
    begin, *turns, end = played(*lines)
    assert begin["say"] == "begin"
    assert (begin["protocol"], begin["side"], begin["start"]) == (1, SIDE, "2030-01-01")
    days = ["2030-01-01", "2030-01-08", "2030-03-05", "2030-01-22", "2030-01-29"]
    assert [(one["say"], one["date"]) for one in turns] == [("turn", day) for day in days]
    assert {("norland", "water"), ("easteria", "fisheries")} < {
        (one["target"], one["issue"]) for one in turns[0]["channels"]
    }
    assert turns[1]["last"][-1]["move"] == "praise"
    assert turns[1]["index"] > turns[0]["index"]
    assert end["say"] == "end"
    assert end["date"] == "2030-12-31"
    assert end["decisions"][0]["moves"] == ["praise on water"]
    assert end == played(*lines)[-1], "the same seed and lines give the same"
    assert json.loads(json.dumps(end, allow_nan=False)) == end


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("prais on water", "did you mean 'praise'"),
        ("praise on water,", "is no move"),
        ("go soon", "'soon' is not a date"),
        ("go 2029-01-01", "one can leave it to a day after 2030-01-01, up to 2030-12-31; got 2029-01-01"),
        ("back soon", "is not a date"),
        ("back 2030-02-01", "one can go back to a day from 2030-01-01 to 2030-01-01"),
    ],
)
def test_a_wrong_line_is_refused_in_words_and_the_turn_stands(line: str, why: str) -> None:
    _, first, refused, second, *_ = played(line, "nothing")
    assert refused["say"] == "refused"
    assert why in refused["why"]
    assert (first["date"], second["date"]) == ("2030-01-01", "2030-01-08")


def test_where_the_lines_end_the_rest_goes_on_by_itself() -> None:
    begin, first, end = played()
    assert (begin["say"], first["say"], end["say"], end["date"]) == ("begin", "turn", "end", "2030-12-31")
    table = {one["quantity"]: one for one in end["table"]}
    assert table["index"]["played"] == table["index"]["twin"]
    assert table["event: crisis"]["above"] is None
