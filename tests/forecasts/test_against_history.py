"""Runs against the history: every statistic by a slow account of its own, and when there is nothing to compare."""

from __future__ import annotations

import datetime as dt
import json
import statistics
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.cli.main import main
from tensionsim.errors import TensionSimError
from tensionsim.events.history import observed
from tensionsim.model.catalogue import shipped

ERA, RUNS, SEED, SIDES = "trump2-petro-2025", 6, 3, ("washington", "bogota")
WEEK, MONTH = {"day": 7, "week": 1}, {"day": 30, "week": 4}


@cache
def era(step: str) -> ts.Scenario:
    return ts.load(ERA).with_values({"step": step, "end": "2025-12-01"})


@cache
def ensemble(step: str) -> ts.Results:
    return ts.run(era(step), runs=RUNS, seed=SEED, first_run=2)


def correlation(values: list[float], lag: int) -> float:
    return float(np.corrcoef(values[:-lag], values[lag:])[0, 1])


def account(made: list[tuple[dt.date, str, str]], index: list[float], days: list[dt.date], step: str) -> dict[Any, Any]:
    """The statistics of (day, actor, move) within steps that begin, and the last ends, on `days`."""
    week, month, steps = WEEK[step], MONTH[step], len(days) - 1
    moves = shipped().moves
    of_step = [[one for one in made if a <= one[0] < b] for a, b in pairwise(days)]
    weekly = [sum(map(len, of_step[at : at + week])) for at in range(0, steps - week + 1, week)]
    score = [sum(moves[one[2]].goldstein for one in made) for made in of_step]
    monthly = [sum(score[at : at + month]) for at in range(0, steps - month + 1, month)]
    falls = [index[at] - index[at + month] for at in range(steps + 1 - month)]
    after = falls.index(max(falls)) + month
    back = [at for at in range(after, steps + 1) if index[at] >= index[after] + max(falls) / 2]
    inside = [one for made in of_step for one in made]
    window = "4-week" if step == "week" else "30-day"
    found: dict[Any, Any] = {
        ("moves a week, variance over mean", ""): statistics.pvariance(weekly) / statistics.mean(weekly),
        ("moves a week, the most", ""): max(weekly),
        (f"{window} score, autocorrelation", ""): correlation(monthly, 1),
        ("Goldstein scores, spread", ""): statistics.pstdev(moves[one[2]].goldstein for one in inside),
        (f"index, largest {window} fall", ""): max(falls),
        ("index, weeks to recover half of it", ""): ((back[0] if back else steps) - after) / week,
        ("index, spread", ""): statistics.pstdev(index),
        (f"index, {window} autocorrelation", ""): correlation(index, month),
    }
    for actor in SIDES:
        own = [moves[one[2]] for one in inside if one[1] == actor]
        imposed = sum(one.is_material and one.goldstein < 0 for one in own)
        found |= {
            ("moves a month", actor): len(own) / (steps * (12 / 52 if step == "week" else 12 / 365)),
            ("material moves, share", actor): sum(one.is_material for one in own) / len(own),
            ("measures imposed", actor): imposed,
            ("measures imposed, share", actor): imposed / len(own),
        }
    return found


def account_of_run(step: str, number: int, days: list[dt.date]) -> dict[Any, Any]:
    table, principals = ensemble(step).moves, {*SIDES}
    rows = table[(table["run"] == number) & (table["cause"] != "stopped")].itertuples()
    made = [(one.date.date(), one.actor, one.move) for one in rows if {one.actor, one.target} == principals]
    return account(made, ensemble(step).paths[number].iloc[: len(days)].tolist(), days, step)


@pytest.mark.parametrize("step", ["week", "day"])
def test_every_statistic_is_that_of_a_slow_account(step: str) -> None:
    last = dt.date(2025, 10, 27) if step == "week" else dt.date(2025, 10, 29)
    days = [day for day in era(step).steps if day <= last]
    made = [(one.date, one.actor, one.move) for one in observed() if {one.actor, one.target} == {*SIDES}]
    index = ts.observed_index(scenario=era(step))["index"].reindex(np.array(days, "datetime64[D]"))
    seen = account(made, index.tolist(), days, step)
    of_runs = [account_of_run(step, number, days) for number in range(2, 2 + RUNS)]
    table = ts.AgainstHistory.of(ensemble(step)).table.set_index(["statistic", "actor"])
    assert set(table.index) == set(seen)
    for key, value in seen.items():
        each = np.array([one[key] for one in of_runs])
        p = sum(0.5 if abs(one - value) < 1e-9 else float(one < value) for one in each) / RUNS
        expected = [value, each.mean(), *np.quantile(each, [0.05, 0.95]), p]
        assert table.loc[key, ["observed", "mean", "q05", "q95", "p"]].tolist() == pytest.approx(expected), key
        assert table.loc[key, "is_odd"] == (p < 0.01 or p > 0.99)


def test_runs_made_for_it_are_those_of_the_seed() -> None:
    made = ts.against_history(era("week"), runs=RUNS, seed=SEED)
    given = ts.AgainstHistory.of(ts.run(era("week"), runs=RUNS, seed=SEED))
    assert made.table.equals(given.table)
    assert (str(made.first), str(made.last), made.units, made.unit) == ("2025-01-20", "2025-10-27", 40, "week")
    assert made.to_dict() == given.to_dict()


@pytest.mark.parametrize("step", ["week", "day"])
def test_what_is_not_defined_is_told_as_missing(step: str) -> None:
    few = era(step).with_values({"start": "2025-10-13" if step == "week" else "2025-10-25"})
    table = ts.against_history(few, runs=4, seed=SEED).table.set_index(["statistic", "actor"])
    fall = table.loc[(f"index, largest {'4-week' if step == 'week' else '30-day'} fall", "")]
    assert fall[["observed", "mean", "p"]].isna().all()
    assert not fall["is_odd"]
    assert table.loc[("moves a month", "bogota"), "observed"] > 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("norland-suderia", "norland-suderia has no history to be held against"),
        ("status-quo", "status-quo begins on 2025-10-28, and its history, us_colombia, covers no whole week"),
    ],
)
def test_without_observed_days_it_says_so(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TensionSimError, match=told):
        ts.against_history(name)
    assert main(["check", name, "--against-history"]) == 2
    written = capsys.readouterr()
    assert told in written.err
    assert not written.out


def test_the_command_prints_what_python_gives(capsys: pytest.CaptureFixture[str]) -> None:
    found = ts.against_history(ERA, runs=3, seed=1)
    given = ("check", ERA, "--against-history", "--runs", "3", "--seed", "1")
    assert main([*given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {ERA: json.loads(json.dumps(found.to_dict()))}
    assert main(given) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(part in text for part in ("measures imposed, washington", "40 weeks", "3 runs, seed 1"))
    assert main(["check", ERA, "--json"]) == 2
    assert "--runs, --seed and --json belong to --against-history" in capsys.readouterr().err
