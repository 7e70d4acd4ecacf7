"""Contributions: they sum to desired conduct as the model adds them, and are those of single runs."""

from __future__ import annotations

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.errors import SelectionError

RUNS, SEED = 6, 7
NAME = "norland-suderia"


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
