"""Tally: the tables and the summary of an ensemble, merged part by part, against those of the arrays."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, reduce
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import synthetic
import tensionsim
from tensionsim.errors import SelectionError, StorageError
from tensionsim.model.measures import REGIMES
from tensionsim.model.record import MOVE_COLUMNS
from tensionsim.runs import statistics
from tensionsim.runs import tally as files
from tensionsim.runs.results import Results, directed_tension, move_counts
from tensionsim.runs.store import TABLES
from tensionsim.runs.tally import (
    NARROW,
    POINTS,
    SCALES,
    UNITS,
    WIDE,
    Even,
    Histograms,
    Relative,
    Scales,
    Series,
    Spells,
    Sums,
    Tally,
)

UNCERTAIN = {
    "actors.washington.salience.drugs": {"uniform": [0.1, 0.9]},
    "parameters.technical_weight": {"uniform": [0.3, 0.7]},
    "parameters.index_scale": {"uniform": [0.1, 0.2]},
    "end": "2025-09-01",
}
CASES = (
    "us and colombia",
    "norland and suderia",
    "uncertain numbers",
    "no events or indicators",
    "invented",
)
FEW = 60
"""Runs of a part; the last is shorter."""
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


@cache
def parts(case: str) -> tuple[Results, ...]:
    """Results of consecutive runs, in their order."""
    sizes = ((0, FEW), (FEW, FEW), (2 * FEW, FEW // 2))
    if case == "invented":
        one = synthetic.scenario()
        return tuple(synthetic.results(one, runs=runs, first_run=first, shared_weights=False) for first, runs in sizes)
    scenario = {
        "us and colombia": lambda: tensionsim.load("trump2-petro-2025"),
        "norland and suderia": lambda: tensionsim.load("norland-suderia"),
        "uncertain numbers": lambda: tensionsim.load("trump2-petro-2025", set=UNCERTAIN),
        "no events or indicators": lambda: synthetic.scenario(events={}),
    }[case]()
    return tuple(tensionsim.run(scenario, runs=runs, first_run=first, seed=5) for first, runs in sizes)


@cache
def whole(case: str) -> Results:
    found = parts(case)
    if case != "invented":
        return tensionsim.run(found[0].scenario, runs=sum(part.runs for part in found), seed=5)
    joined = tensionsim.model.record.join([part.record for part in found])
    return replace(found[0], runs=sum(part.runs for part in found), record=joined)


@cache
def tally(case: str) -> Tally:
    return merged([Tally.of(part) for part in parts(case)])


@cache
def tables(case: str) -> dict[str, pd.DataFrame]:
    found = {name: getattr(whole(case), name) for name in TABLES if name != "move_counts"}
    return found | {"move_counts": move_counts(whole(case))}


def merged(tallies: Sequence[Tally]) -> Tally:
    return reduce(Tally.merged, tallies)


def values_of(case: str, name: str) -> np.ndarray:
    """The values behind a table's columns of one name each, shape (date, name, run)."""
    record = whole(case).record
    return {
        "index": lambda: record.cooperation[:, None],
        "issues": lambda: record.issue_cooperation,
        "indicators": lambda: record.indicators,
        "tension_by_direction": lambda: directed_tension(whole(case))[1],
        "measures": lambda: np.stack([record.room, record.security_pillar], axis=1),
    }[name]()


# Tables and summary


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["regimes", "arrangements", "events", "move_counts"])
def test_counts_shares_and_dates_of_merged_parts_are_those_of_the_whole(case: str, name: str) -> None:
    expected = tables(case)[name]
    pd.testing.assert_frame_equal(tally(case).table(name), expected, check_exact=True)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["index", "issues", "indicators", "tension_by_direction", "measures"])
def test_means_agree_to_rounding_and_quantiles_within_the_error_that_is_said(case: str, name: str) -> None:
    expected, found = tables(case)[name], tally(case).table(name)
    error = found.attrs.pop("quantile_error")
    assert found.attrs == expected.attrs
    assert found.index.equals(expected.index)
    assert found.columns.equals(expected.columns)
    assert found.columns.names == expected.columns.names
    is_mean = found.columns.get_level_values("statistic") == "mean"
    np.testing.assert_allclose(found.loc[:, is_mean], expected.loc[:, is_mean], **ROUNDING)
    allowed = error["relative"] * expected.abs() if name == "indicators" else pd.DataFrame(error, [0], expected.columns)
    if name == "measures":
        allowed = pd.DataFrame([[error[column[0]] for column in expected.columns]], [0], expected.columns)
    off = (found - expected).abs().to_numpy()
    assert (off <= allowed.to_numpy() * (1 + 1e-9) + 1e-12).all()


@pytest.mark.parametrize("case", CASES)
def test_the_summary_is_that_of_the_arrays_but_for_the_quantiles(case: str) -> None:
    expected, found = whole(case).summary(), tally(case).summary()
    error = found.pop("quantile_error")
    assert list(found) == list(expected)
    for series, other in zip(_statistics(found), _statistics(expected), strict=True):
        assert list(series) == list(other)
        for name in series:
            allowed = 1.1e-6 if name == "mean" else error + 2e-6
            np.testing.assert_allclose(series[name], other[name], rtol=0, atol=allowed)
    assert _without_statistics(found) == _without_statistics(expected)
    json.dumps(found, allow_nan=False)


def _statistics(summary: dict) -> list[dict[str, list[float]]]:
    return [summary["index"], *summary["issues"].values()]


def _without_statistics(summary: dict) -> dict:
    return {key: value for key, value in summary.items() if key not in ("index", "issues")}


@pytest.mark.parametrize("case", CASES)
def test_the_mean_weights_of_the_issues_are_those_of_the_runs(case: str) -> None:
    np.testing.assert_allclose(tally(case).table("weights"), whole(case).record.weights.mean(axis=-1), **ROUNDING)


def test_parts_of_uncertain_numbers_have_weights_of_their_own() -> None:
    weights = whole("uncertain numbers").record.weights
    assert weights.shape[-1] == whole("uncertain numbers").runs
    assert np.ptp(weights, axis=-1).max() > 0.05


@pytest.mark.parametrize("case", CASES)
def test_all_movers_are_those_of_the_whole(case: str) -> None:
    found, expected = tally(case).movers(1000), whole(case).movers(1000)
    key = lambda mover: (mover["actor"], mover["what"])  # noqa: E731
    assert {key(mover) for mover in found} == {key(mover) for mover in expected}
    points = {key(mover): mover["points"] for mover in expected}
    assert len(points) > 5
    assert all(abs(mover["points"] - points[key(mover)]) < 1.1e-6 for mover in found)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["index", "issues", "indicators", "tension_by_direction", "measures"])
def test_standard_errors_of_means_are_off_by_no_more_than_the_bins_allow(case: str, name: str) -> None:
    values, found = values_of(case, name), tally(case).standard_errors(name).to_numpy()
    runs = values.shape[-1]
    expected = values.std(axis=-1, ddof=1) / np.sqrt(runs)
    half = UNITS.error * np.sqrt((values**2).mean(axis=-1)) if name == "indicators" else POINTS.error
    assert (np.abs(found - expected) <= half / np.sqrt(runs - 1) * (1 + 1e-9)).all()


def test_a_single_run_has_no_standard_error() -> None:
    one = Tally.of(synthetic.results(runs=1))
    assert one.standard_errors("issues").isna().all(axis=None)
    assert one.summary()["runs"] == 1


def test_tables_of_single_runs_and_unknown_ones_are_refused() -> None:
    with pytest.raises(SelectionError, match="keeps no single runs, so it has no table 'paths'"):
        tally("invented").table("paths")
    with pytest.raises(SelectionError, match="no table 'indexes'; there is index, issues"):
        tally("invented").table("indexes")
    with pytest.raises(SelectionError, match="'regimes' has no means"):
        tally("invented").standard_errors("regimes")


# Merging


@pytest.mark.parametrize("case", CASES)
def test_parts_merged_in_any_grouping_are_the_bytes_of_the_whole(case: str) -> None:
    first, second, third = (Tally.of(part) for part in parts(case))
    left, right = first.merged(second).merged(third), first.merged(second.merged(third))
    assert left.to_bytes() == right.to_bytes()
    assert left.to_bytes() == Tally.of(whole(case)).to_bytes()


def test_a_tally_does_not_change_when_others_are_merged_with_it() -> None:
    first, second = (Tally.of(part) for part in parts("invented")[:2])
    before = first.to_bytes(), second.to_bytes()
    both = first.merged(second)
    assert (first.to_bytes(), second.to_bytes()) == before
    assert (both.first_run, both.runs) == (0, 2 * FEW)


def test_only_runs_that_follow_one_another_in_one_ensemble_are_merged() -> None:
    first, second, third = (Tally.of(part) for part in parts("invented"))
    with pytest.raises(ValueError, match="run 120 does not follow on run 59"):
        first.merged(third)
    with pytest.raises(ValueError, match="run 60 does not follow on run 119"):
        second.merged(second)
    elsewhere = replace(parts("invented")[1], seed=6)
    with pytest.raises(ValueError, match="one scenario and seed"):
        first.merged(Tally.of(elsewhere))


def test_memory_does_not_grow_with_runs_once_every_bin_is_there() -> None:
    rng = np.random.default_rng(1)
    found = Histograms.of(rng.uniform(40.0, 42.0, (3, 50_000)), POINTS)
    more = reduce(Histograms.merged, [Histograms.of(rng.uniform(40.0, 42.0, (3, 50_000)), POINTS) for _ in range(5)])
    assert found.merged(more).counts.nbytes == found.counts.nbytes


def test_moves_of_a_part_without_any_are_nothing() -> None:
    results = synthetic.results(runs=3)
    none = {name: np.zeros(0, kind) for name, kind in MOVE_COLUMNS.items()}
    still = Tally.of(replace(results, record=replace(results.record, **none)))
    assert still.move_counts().empty
    after = Tally.of(synthetic.results(results.scenario, runs=4, first_run=3))
    both = still.merged(after).move_counts()
    np.testing.assert_allclose(both["share_of_runs"].max(), after.move_counts()["share_of_runs"].max() * 4 / 7)


# Quantiles from histograms

ANY_POINTS = st.one_of(
    st.floats(0.0, 100.0),
    st.integers(0, 10_000).map(lambda bin: bin / 100),
    st.integers(0, 9_999).map(lambda bin: (bin + 0.5) / 100),
    st.sampled_from([0.0, 20.0, 50.0, 100.0]),
)
ANY_UNITS = st.one_of(
    st.floats(-1e18, 1e18),
    st.floats(0.0, 5e5),
    st.sampled_from([0.0, -0.0, 1e18, -1e18, 2.0**-40, -(2.0**-41), 5e-324, 1.0, 2.0, 1 + 2.0**-12, 3e-13]),
    st.integers(-60, 59).map(lambda power: 2.0**power),
)


def runs_of(values: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    few = st.lists(values, min_size=1, max_size=4, unique=True)
    tied = few.flatmap(lambda some: npst.arrays(np.float64, st.integers(1, 200), elements=st.sampled_from(some)))
    return st.one_of(npst.arrays(np.float64, st.integers(1, 200), elements=values), tied)


@settings(deadline=None, max_examples=200)
@given(values=runs_of(ANY_POINTS))
@example(values=np.array([100.0]))
@example(values=np.array([0.0, 100.0]))
@example(values=np.array([0.005, 0.015]))
def test_quantiles_of_points_are_within_half_a_bin(values: np.ndarray) -> None:
    check_quantiles(values, POINTS, lambda exact: POINTS.error)


@settings(deadline=None, max_examples=200)
@given(values=runs_of(ANY_UNITS))
@example(values=np.array([0.0, 1e18]))
@example(values=np.array([-1e18, 1e18]))
@example(values=np.full(7, 281_517.84))
def test_quantiles_of_any_units_are_within_a_share_of_the_values_beside_them(values: np.ndarray) -> None:
    check_quantiles(values, UNITS, lambda beside: UNITS.error * beside + 2.0**-40)


def check_quantiles(values: np.ndarray, scale: Scales, error: object) -> None:
    """Of the values, and of the same with a row of other values on either side."""
    shares = list(statistics.QUANTILES.values())
    rows = np.stack([values[::-1] * 0.0, values, values * 0.5])
    found = Series.of(rows, scale).over_runs(values.size)[1, 1:]
    expected = np.quantile(values, shares)
    place = np.array(shares) * (values.size - 1)
    ordered = np.sort(values)
    beside = np.maximum(np.abs(ordered[np.floor(place).astype(int)]), np.abs(ordered[np.ceil(place).astype(int)]))
    allowed = error(beside)  # type: ignore[operator]
    assert (np.abs(found - expected) <= allowed + 1e-9 * np.minimum(allowed, 1) + 1e-15 * beside).all()
    assert (np.diff(found) >= -1e-15 * beside[1:]).all()
    if np.ptp(values) == 0:
        np.testing.assert_array_equal(found, values[0])


@settings(deadline=None, max_examples=200)
@given(values=npst.arrays(np.float64, 50, elements=ANY_UNITS))
def test_bins_rise_with_their_values_and_their_middles_stand_for_them(values: np.ndarray) -> None:
    ordered = np.sort(values)
    bins = UNITS.bins(ordered)
    assert (np.diff(bins) >= 0).all()
    assert (np.abs(UNITS.middles(bins) - ordered) <= np.maximum(UNITS.error * np.abs(ordered), 2.0**-40)).all()
    np.testing.assert_array_equal(UNITS.bins(UNITS.middles(bins)), bins)
    np.testing.assert_array_equal(UNITS.bins(-ordered), -bins)


@pytest.mark.parametrize("scale", [Even(100), Relative(11)])
def test_histograms_of_many_rows_count_each_value_in_its_row_and_bin(scale: Scales) -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.uniform(0, 100, (2000, 70)), np.full((1, 70), 3.0), rng.normal(0, 5, (500, 70))])
    found = Histograms.of(values, scale)
    bins, middles = scale.bins(values), scale.middles(scale.bins(values))
    assert found.counts.sum() == values.size
    assert (found.counts.sum(axis=1) > 0).all()
    assert (np.diff(found.blocks) > 0).all()
    np.testing.assert_array_equal(found.quantiles([0.0, 1.0], len(values), 70)[:, 0], middles.min(axis=1))
    np.testing.assert_array_equal(found.quantiles([0.0, 1.0], len(values), 70)[:, 1], middles.max(axis=1))
    assert (found.counts > 0).sum() == sum(len(set(row)) for row in bins.tolist())


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Series.of(np.array([[1.0, np.nan]]), POINTS)


# Sums


@settings(deadline=None, max_examples=100)
@given(values=npst.arrays(np.float64, (3, 40), elements=ANY_UNITS), cut=st.integers(1, 39))
def test_sums_of_parts_are_those_of_the_whole_and_means_rounded_once(values: np.ndarray, cut: int) -> None:
    found = Sums.of(values, WIDE)
    both = Sums.of(values[:, cut:], WIDE).merged(Sums.of(values[:, :cut], WIDE))
    np.testing.assert_array_equal(both.limbs, found.limbs)
    means = [float(sum(map(Fraction, row)) / len(row)) for row in values.tolist()]
    np.testing.assert_allclose(found.means(40), means, rtol=2.0**-52, atol=2.0**-69)


def test_sums_of_two_billion_runs_fit_their_limbs() -> None:
    for exponents, value in ((NARROW, 100.0 - 2.0**-46), (WIDE, -1e18)):
        one = Sums.of(np.array([[value]]), exponents)
        many = one.times(2**31)
        assert all(abs(int(limb)) * 2**31 < 2**63 for limb in one.limbs[0])
        assert many.means(2**31)[0] == value


def test_an_indicator_beyond_what_sums_hold_has_no_mean_but_quantiles() -> None:
    row = Series.of(np.array([[1.0, 1e30, 1e30], [1.0, 2.0, 3.0]]), UNITS).over_runs(3)
    assert np.isnan(row[0, 0])
    assert row[1, 0] == 2.0
    np.testing.assert_allclose(row[0, 3], 1e30, rtol=UNITS.error)


# Spells


@settings(deadline=None, max_examples=150)
@given(holds=npst.arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 15))), cut=st.integers(0, 15))
def test_spells_of_parts_tell_of_the_whole_what_its_runs_tell(holds: np.ndarray, cut: int) -> None:
    dates = np.datetime64("2031-01-06") + np.timedelta64(7, "D") * np.arange(len(holds))
    split = [part for part in (holds[:, :cut], holds[:, cut:]) if part.shape[1]]
    found = reduce(Spells.merged, [Spells.of([part, ~part], len(dates)) for part in split])
    for row, condition in enumerate((holds, ~holds)):
        assert found.occurrence(row, holds.shape[1], dates, 0.25) == statistics.occurrence(condition, dates, 0.25)


def test_every_regime_and_event_has_its_spells() -> None:
    found = tally("us and colombia")
    assert len(found.spells.first) == len(REGIMES) + len(found.names.events)


# Files


@pytest.mark.parametrize("case", CASES)
def test_a_saved_tally_is_read_back_to_the_same_tables_and_bytes(case: str, tmp_path: Path) -> None:
    found = Tally.load(tally(case).save(tmp_path / "tally.npz"))
    assert found.to_bytes() == tally(case).to_bytes()
    for name in TABLES:
        pd.testing.assert_frame_equal(found.table(name), tally(case).table(name), check_exact=True)
    assert found.summary() == tally(case).summary()
    assert repr(found) == repr(tally(case))


def test_a_loaded_tally_is_merged_like_the_one_that_was_saved() -> None:
    first, second = (Tally.of(part) for part in parts("us and colombia")[:2])
    again = Tally.from_bytes(first.to_bytes()).merged(Tally.from_bytes(second.to_bytes()))
    assert again.to_bytes() == first.merged(second).to_bytes()


def test_a_tally_travels_between_processes() -> None:
    found = pickle.loads(pickle.dumps(tally("norland and suderia")))
    assert found.to_bytes() == tally("norland and suderia").to_bytes()


def test_numpy_reads_the_file_of_a_tally() -> None:
    with np.load(io.BytesIO(tally("invented").to_bytes())) as arrays:
        np.testing.assert_array_equal(arrays["regimes"], tally("invented").regimes)


def test_no_time_and_no_version_of_numpy_stand_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = tally("invented").to_bytes()
    monkeypatch.setattr(np, "__version__", "9.9.9")
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *at: (2033, 5, 18, 0, 0, 0, 0, 0, 0))
    assert tally("invented").to_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "missing"])
def test_a_damaged_file_is_refused_with_its_name(damage: str, tmp_path: Path) -> None:
    path, content = tmp_path / "tally.npz", bytearray(tally("invented").to_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    elif damage == "text":
        path.write_text("index,mean\n")
    with pytest.raises(StorageError, match=r"tally\.npz") as refused:
        Tally.load(path)
    assert ("cannot read" if damage == "missing" else "make it again") in str(refused.value)


def test_any_bit_that_flips_is_found_out_or_makes_no_difference() -> None:
    content = Tally.of(synthetic.results(runs=2)).to_bytes()
    rng = np.random.default_rng(4)
    places = [*rng.integers(0, len(content), 100), *rng.integers(len(content) - 3000, len(content), 200)]
    found_out = 0
    for place, bit in zip(places, rng.integers(0, 8, len(places)), strict=True):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(bit)
        try:
            assert Tally.from_bytes(bytes(damaged)).to_bytes() == content
        except ValueError:
            found_out += 1
    assert found_out > 200


@settings(deadline=None, max_examples=100)
@given(numbers=npst.arrays(np.uint32, st.integers(0, 50), elements=st.integers(1, 2**32 - 1)))
def test_counts_of_any_size_are_packed_and_read_back(numbers: np.ndarray) -> None:
    np.testing.assert_array_equal(files._long(files._short(numbers), len(numbers)), numbers)


# What plots need


@pytest.mark.parametrize("case", CASES)
def test_a_tally_has_what_the_overview_draws(case: str) -> None:
    found, expected = tally(case), whole(case)
    assert found.title == expected.title
    assert found.seed == expected.seed
    np.testing.assert_array_equal(found.dates, expected.dates)
    for row, issue in enumerate(expected.names.issues):
        weight = float(expected.record.weights[-1, row].mean())
        assert found.table("weights")[issue].iloc[-1] == pytest.approx(weight, rel=1e-12)
        assert found.weights()[row] == found.table("weights")[issue].iloc[-1]
        assert set(found.table("issues")[issue].columns) == set(statistics.STATISTICS)


def test_series_are_named_once() -> None:
    assert list(tally("invented").series) == list(SCALES)
