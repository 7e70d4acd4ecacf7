"""Contributions, which sum to desired conduct as the model adds them; what moves answer, against a slow account."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.analysis.contributions import UNPROMPTED, answered, matters_of, with_answers
from tensionsim.analysis.elements import Speech
from tensionsim.errors import SelectionError
from tensionsim.events.history import observed
from tensionsim.model.catalogue import answers, matters, shipped
from tensionsim.model.ledger import by_mover

RUNS, SEED, MOVES = 6, 7, shipped().moves
NAME = "norland-suderia"
NAMES = ("trump2-petro-2025", "status-quo")


@pytest.fixture(scope="module")
def by_channel() -> ts.Contributions:
    return ts.contributions(NAME, "norland", runs=RUNS, seed=SEED, by_channel=True)


def test_contributions_sum_to_the_direction_in_every_run(by_channel: ts.Contributions) -> None:
    *parts, total = by_channel.mechanisms
    assert total == "direction"
    assert {"bias", "expectations", "reciprocity"} <= set(parts)
    sums = by_channel.values[:, :, :-1].sum(axis=2)
    np.testing.assert_allclose(sums, by_channel.values[:, :, -1], rtol=0, atol=1e-12)


def test_contributions_are_the_reasons_of_each_run(by_channel: ts.Contributions) -> None:
    why = ts.reasons(NAME, run=4, seed=SEED)
    for row, place in enumerate(by_channel.places):
        table = why.xs(place, level=("actor", "target", "issue", "track"))
        assert table["direction"].to_numpy().tobytes() == by_channel.values[:, row, -1, 4].tobytes()
        unpredictability = (table["sum"] / table["direction"]).to_numpy()
        column = by_channel.mechanisms.index("politicisation")
        wanted = table["politicisation"].to_numpy() / unpredictability
        np.testing.assert_allclose(by_channel.values[:, row, column, 4], wanted, rtol=1e-9)


def test_the_mean_over_channels_is_the_mean_of_channels(by_channel: ts.Contributions) -> None:
    together = ts.contributions(NAME, "norland", runs=RUNS, seed=SEED)
    assert together.places == (("norland", "suderia", "all", "all"),)
    np.testing.assert_allclose(together.values[:, 0], by_channel.values.mean(axis=1), rtol=0, atol=1e-12)


def test_the_change_between_two_dates_is_split_over_mechanisms() -> None:
    why = ts.contributions(NAME, "suderia", issue="water", track="political", runs=RUNS, seed=SEED)
    change = why.between("2030-01-01", "2030-10-03")
    assert change["mechanism"].iloc[-1] == "direction"
    assert change["change"].iloc[:-1].sum() == pytest.approx(change["change"].iloc[-1], abs=1e-12)
    np.testing.assert_allclose(change["after"] - change["before"], change["change"], rtol=0, atol=1e-12)
    runs = why.values[why.row("2030-10-03"), 0, -1] - why.values[0, 0, -1]
    assert change["standard_error"].iloc[-1] == pytest.approx(runs.std(ddof=1) / np.sqrt(RUNS))
    assert change["change"].iloc[:-1].abs().is_monotonic_decreasing


def test_runs_are_those_of_their_numbers() -> None:
    whole = ts.contributions(NAME, "easteria", target="norland", runs=4, seed=SEED)
    last = ts.contributions(NAME, "easteria", target="norland", runs=2, seed=SEED, first_run=2)
    assert whole.values[..., 2:].tobytes() == last.values.tobytes()
    assert whole.places[0][:2] == ("easteria", "norland")


def test_the_table_has_means_and_quantiles(by_channel: ts.Contributions) -> None:
    table = by_channel.table
    assert len(table) == by_channel.values[..., 0].size
    row = table.query("mechanism == 'direction' and issue == 'water' and track == 'technical'").iloc[5]
    place = by_channel.places.index(("norland", "suderia", "water", "technical"))
    assert row["date"] == by_channel.dates[5]
    assert row["mean"] == pytest.approx(by_channel.values[5, place, -1].mean())
    assert row["q05"] <= row["median"] <= row["q95"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"actor": "norlnd"}, "actor must be one of norland, suderia, .*; got 'norlnd'; did you mean 'norland'"),
        ({"actor": "norland", "issue": "fish"}, "issue must be one of .*'fish'"),
        ({"actor": "norland", "target": "norland"}, "norland has no channel to norland"),
        ({"actor": "norland", "track": "secret"}, "track must be one of political, technical, all; got"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(asked: dict[str, str], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        ts.contributions(NAME, asked.pop("actor"), runs=1, **asked)  # type: ignore[arg-type]


def test_a_date_outside_the_span_is_refused(by_channel: ts.Contributions) -> None:
    with pytest.raises(SelectionError, match="steps start from 2030-01-01 to 2031-12-30"):
        by_channel.between("2029-01-01", "2030-02-02")
    with pytest.raises(SelectionError, match="2030-02-02 comes after 2030-01-02; give the earlier date first"):
        by_channel.between("2030-02-02", "2030-01-02")
    assert (by_channel.between("2030-02-02", "2030-02-02")["change"] == 0).all()
    with pytest.raises(SelectionError, match="is not a date"):
        by_channel.between("soon", "2030-02-02")


def test_the_makeup_of_an_ensemble_sums_to_its_index() -> None:
    results = ts.run(NAME, runs=RUNS, seed=SEED)
    for date in ("2030-01-01", "2030-09-05", None):
        table = ts.decompose(results, date)
        row = 0 if date == "2030-01-01" else -1 if date is None else results.dates.tolist().index(
            np.datetime64("2030-09-03").item()
        )  # fmt: skip
        assert 50 + table["points"].sum() == pytest.approx(results.index["mean"].iloc[row], abs=1e-9)
        assert table["share"].sum() == pytest.approx(1.0)
        assert table["points"].abs().is_monotonic_decreasing
    with pytest.raises(SelectionError, match="there is nothing on 2020-01-01"):
        ts.decompose(results, "2020-01-01")


def test_the_makeup_of_something_else_is_refused_in_words() -> None:
    with pytest.raises(TypeError, match="results must be Results; got 'managed'"):
        ts.decompose("managed")  # type: ignore[arg-type]


# What moves answer


class Made(NamedTuple):
    """A move that was made, at months and a day, by whom to whom on what."""

    months: float
    day: dt.date
    line: tuple[str, str, str]
    name: str


@cache
def ensemble(name: str) -> ts.Results:
    return ts.run(name, runs=RUNS, seed=SEED)


def past(results: ts.Results) -> list[Made]:
    start = results.scenario.file.start
    return [
        Made((one.date - start).days // 7 * results.step_months, one.date, (one.actor, one.target, one.issue), one.move)
        for one in observed()
        if one.date < start
    ]


def rows(results: ts.Results) -> list[tuple[int, bool, Made]]:
    """Run, whether it was stopped, and the move."""
    step = {day: row for row, day in enumerate(results.dates.astype("datetime64[D]").tolist())}
    return [
        (
            one.run,
            one.cause == "stopped",
            Made(
                step[one.date.date()] * results.step_months,
                one.date.date(),
                (one.actor, one.target, one.issue),
                one.move,
            ),
        )
        for one in results.moves.itertuples()
    ]


def open_since(earlier: list[Made], now: float, kind: str, line: tuple[str, str, str]) -> Made | None:
    """The last move that raised a kind of matter on a line, where nothing has settled it and it is not too old."""
    back = (line[1], line[0], line[2])
    for months in sorted({one.months for one in earlier}, reverse=True):
        # Within a step raising wins, and of days before the start the later one.
        for one in reversed([one for one in earlier if one.months == months]):
            if one.line == line and kind in MOVES[one.name].raises:
                return one if 2.0 ** (-(now - months) / matters()[kind].half_life) > 0.1249999 else None
            if months < 0 and settles(one, kind, line, back):
                return None
        if any(settles(one, kind, line, back) for one in earlier if one.months == months):
            return None
    return None


def settles(one: Made, kind: str, line: tuple[str, str, str], back: tuple[str, str, str]) -> bool:
    return any(name == kind and one.line == (line if is_own else back) for name, is_own in MOVES[one.name].settles)


def looked_back(made: Made, earlier: list[Made]) -> tuple[str, dt.date] | None:
    move, (actor, target, issue) = MOVES[made.name], made.line
    own, other = made.line, (target, actor, issue)
    way = answers().get(move.answers)
    groups: list[list[tuple[str, tuple[str, str, str]]]] = [[(name, own) for name in move.withdraws]]
    groups += [[(name, own if way.is_own else other) for name in way.matters]] if way else []
    for group in groups:
        found = [(one, kind) for kind, line in group if (one := open_since(earlier, made.months, kind, line))]
        if found:
            latest = max(one.months for one, _ in found)
            return next((kind, one.day) for one, kind in found if one.months == latest)
    return None


@pytest.mark.parametrize("name", NAMES)
def test_what_a_move_answers_is_what_one_finds_who_looks_back(name: str) -> None:
    results = ensemble(name)
    before, made, told = past(results), rows(results), answered(results)
    assert len(made) == len(told)
    compared = 0
    for (run, _, one), raised in zip(made, told, strict=True):
        if run == 0 and (MOVES[one.name].answers or MOVES[one.name].withdraws):
            mine = [each for at, stopped, each in made if at == run and not stopped and each.months < one.months]
            found = None if raised is None else (raised.matter, raised.day)
            assert found == looked_back(one, [*before, *mine]), one
            compared += found is not None
    assert compared > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_move_answers_what_was_not_raised(name: str) -> None:
    results = ensemble(name)
    bound = [
        raised
        for (_, _, one), raised in zip(rows(results), answered(results), strict=True)
        if MOVES[one.name].presupposes or MOVES[one.name].withdraws
    ]
    assert len(bound) > 10
    assert None not in bound


def test_what_one_run_answers_is_the_same_alone() -> None:
    results = ensemble(NAMES[0])
    whole = answered(results)
    for run in (0, RUNS - 1):
        assert answered(results, run) == [whole[at] for at in np.flatnonzero(results.record.move_run == run)]


def test_what_a_scheduled_move_raises_is_of_its_own_day() -> None:
    results = ts.run("tariff-war", runs=20, seed=SEED)
    scheduled = {(one.date, one.move) for one in results.scenario.file.schedule}
    days = {(raised.day, raised.move.name) for raised in answered(results) if raised is not None}
    assert days & scheduled
    starts = set(results.dates.tolist())
    assert not {day for day, _ in scheduled} <= starts
    assert {day for day, _ in days - scheduled if day >= results.scenario.file.start} <= starts


@pytest.mark.parametrize(
    ("move", "answers", "told"),
    [
        ("yield_to_demand", "demand of 3 March", "yields to the demand of 3 March"),
        ("yield_to_demand", "threat of 3 March 2024", "yields to the threat of 3 March 2024"),
        ("yield_to_demand", "measure of 3 March", "yields to a demand after the measure of 3 March"),
        ("reject_demand", "threat of 3 March", "defies the threat of 3 March"),
        ("reject_demand", "proposal of 3 March", "rejects the proposal of 3 March"),
        ("reject_criticism", "charge of 1 May", "rejects the criticism of 1 May"),
        ("decline_request", "demand of 1 May", "declines the request of 1 May"),
        ("withdraw_threat", "threat of 1 May", "withdraws the threat of 1 May"),
        ("suspend_tariffs", "tariffs threatened on 1 May", "suspends the tariffs threatened on 1 May"),
        ("announce_counter_tariffs", "tariffs of 1 May", "announces counter tariffs after the tariffs of 1 May"),
        ("refrain_from_retaliating", "measure of 1 May", "refrains from retaliating after the measure of 1 May"),
        ("yield_to_demand", "", "yields to a demand"),
    ],
)
def test_an_answer_names_what_it_answers(move: str, answers: str, told: str) -> None:
    assert Speech({}).does(move, answers) == told


def test_the_chronicle_tells_answers_with_what_they_answer() -> None:
    results = ensemble(NAMES[0])
    table = ts.chronicle(results, run=3).table
    made = table[table["kind"].isin(["move", "stopped"])]
    bound = made[[bool(MOVES[name].presupposes or MOVES[name].withdraws) for name in made["what"]]]
    assert (bound["answers"] != "").all()
    assert (made.drop(bound.index)["answers"] == "").all()
    for row in bound.itertuples():
        assert re.search(rf"{row.answers.partition(' ')[2]} \(over ", row.text), row.text
    ledger = with_answers(results.ledger(3), results, 3)
    dyad = bound[bound["points_at_end"] != 0.0]
    told: dict[Any, str] = {
        (f"{one.date:%Y-%m-%d}", one.actor, one.target, one.issue, one.what): one.answers for one in bound.itertuples()
    }
    for one in ledger[ledger["kind"] == "move"].itertuples():
        assert one.answers == told.get((one.since, one.actor, one.target, one.issue, one.what), "")
    assert (ledger["answers"] != "").sum() == len(dyad) > 3


def test_the_ledger_by_matter_sums_to_the_index_and_to_the_moves() -> None:
    results = ensemble(NAMES[0])
    for date in ("2025-01-20", "2025-10-27", None):
        table = ts.decompose(results, date, by="matter")
        by_move = ts.decompose(results, date)
        assert table["points"].sum() == pytest.approx(by_move["points"].sum(), abs=1e-9)
    known = {*matters(), UNPROMPTED, "arrangements", "moves before the start"}
    assert set(table["what"]) <= known
    last, kinds = len(results.dates) - 1, matters_of(results)
    mine: dict[tuple[str, str], float] = {}
    of = dict(zip([(run, f"{one.day}", *one.line, one.name) for run, _, one in rows(results)], kinds, strict=True))
    for entry in results.ledger(2).itertuples():
        if entry.kind == "move":
            kind = of[2, entry.since, entry.actor, entry.target, entry.issue, entry.what]
            mine[entry.actor, kind] = mine.get((entry.actor, kind), 0.0) + entry.points
    found = by_mover(results.books, last, kinds)
    for key, points in mine.items():
        assert points == pytest.approx(found[key][2], abs=1e-9)
    assert {kind for _, kind in mine} > {"demand", "threat", UNPROMPTED}
    with pytest.raises(ValueError, match="by must be one of mover, matter; got 'kind'"):
        ts.decompose(results, by="kind")
