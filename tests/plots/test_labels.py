"""Where texts are put: labels apart, flags in rows, dates by their dots, names in lines, names of regimes."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from matplotlib.dates import date2num
from matplotlib.text import Text

import synthetic
from tensionsim import plots
from tensionsim.model.measures import REGIMES
from tensionsim.plots import labels, style

TANGLE = np.array([[0.0, 0.0], [0.03, 0.02], [0.01, 0.03], [0.02, 0.0], [0.01, 0.01], [0.03, 0.03]])


@pytest.mark.parametrize("width", [3.5, 7.2])
def test_in_a_tangle_each_date_has_a_line_to_its_own_dot(width: float) -> None:
    ax = plots.blank(width, 3.0)
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    style.lay_out(ax)
    named = [("start", TANGLE[0], "red"), ("end", TANGLE[-1], "red"), ("middle", TANGLE[2], "red")]
    labels.point_to(ax, named, TANGLE, TANGLE[:0])
    style.lay_out(ax)
    for (text, dot, _), written in zip(named, ax.texts, strict=True):
        assert written.get_text() == text
        assert written.xy == tuple(dot)
        assert written.arrow_patch is not None
    boxes = [Text.get_window_extent(written) for written in ax.texts]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    assert not any(box.count_contains(ax.transData.transform(TANGLE)) for box in boxes)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("actors.washington.rhetoric: 1.0 -> 0.45", ["actors.washington.", "rhetoric: 1.0 → 0.45"]),
        ("2026-01-26 washington: impose_tariffs (migration)", ["2026-01-26 washington:", "impose tariffs (migration)"]),
        ("mechanisms.reciprocity.slow: 0.1 -> off", ["mechanisms.reciprocity.", "slow: 0.1 → off"]),
        ("by sea " * 20, ["by sea by sea by sea by", "sea by sea by sea by sea", "by sea by sea by sea by…"]),
    ],
)
def test_names_of_elements_are_broken_between_words_and_parts_of_paths(name: str, found: list[str]) -> None:
    assert labels.name_lines(name, 116.0) == found


@pytest.mark.parametrize("level", [10.0, 27.0, 42.0, 60.0, 90.0])
def test_regimes_are_all_named_and_off_the_line(level: float) -> None:
    ax, dates = plots.blank(3.5, 2.4), np.arange("2030-01-01", "2031-01-01", dtype="datetime64[D]")
    ax.set(xlim=(dates[0], dates[-1]), ylim=(0.0, 100.0))
    line = np.where(np.arange(len(dates)) < 60, 21.5, level)
    ax.plot(dates, line)
    style.lay_out(ax)
    labels.name_regimes(ax)
    style.lay_out(ax)
    assert sorted(text.get_text() for text in ax.texts) == sorted(name for name, _ in REGIMES)
    points = ax.transData.transform(np.c_[date2num(dates), line])
    assert not any(text.get_window_extent().count_contains(points) for text in ax.texts)


def test_a_bound_out_of_view_is_not_named() -> None:
    ax, dates = plots.blank(3.5, 2.4), np.array(["2030-01-01", "2031-01-01"], "datetime64[D]")
    ax.set(xlim=(dates[0], dates[-1]), ylim=(22.0, 34.0))
    style.lay_out(ax)
    ax.plot(dates, [25.0, 30.0])
    labels.name_regimes(ax)
    assert not ax.texts


def test_no_pole_passes_behind_the_name_of_a_later_flag_at_the_right_end() -> None:
    at, lengths = [380.0, 400.0, 430.0], [80.0, 80.0, 120.0]
    leftward, rows = labels.arrange(at, lengths, 440.0)
    assert leftward == [True, True, True]
    assert rows == [0, 1, 2]


def test_flags_with_room_run_to_the_right_the_earlier_above() -> None:
    assert labels.arrange([0.0, 20.0, 200.0], [60.0, 60.0, 60.0], 400.0) == ([False] * 3, [1, 0, 0])


def test_labels_stay_within_the_axes_where_there_is_room() -> None:
    assert labels.spread_within([0.0, 0.0, 0.0], 1.0, 0.0, 10.0) == [0.0, 1.0, 2.0]
    assert labels.spread_within([9.9, 10.0], 1.0, 0.0, 10.0) == [9.0, 10.0]
    assert labels.spread_within([], 1.0, 0.0, 10.0) == []


@pytest.mark.parametrize(
    ("days_after", "said"),
    [
        ([30, 51], ["election 1 of 2", "election 2 of 2"]),
        ([30, 400], ["election", "election"]),
        ([30, 51, 400, 435], ["election 1 of 2", "election 2 of 2"] * 2),
        ([-10, 11, 400], ["election 2 of 2", "election"]),
    ],
)
def test_rounds_of_one_election_are_numbered(days_after: list[int], said: list[str]) -> None:
    results = synthetic.results(runs=3)
    days = [results.dates[0].item() + dt.timedelta(days) for days in days_after]
    file = results.scenario.file.model_copy(update={"elections": {"avalon": days, "brigadoon": days[1]}})
    found = labels.flags_of(replace(results, scenario=replace(results.scenario, file=file)))
    elections = [flag.text for flag in found if "election" in flag.text]
    assert [text for text in elections if "Avalon" in text] == [f"Avalon: {text}" for text in said]
    assert elections.count("Brigadoon: election") == 1


@given(st.lists(st.floats(0, 100), max_size=8).map(sorted), st.floats(0.1, 20))
def test_spread_places_keep_their_order_and_distance(places: list[float], gap: float) -> None:
    spread = labels.spread_within(places, gap, -1e9, 1e9)
    assert len(spread) == len(places)
    assert all(later - earlier > gap * 0.999 for earlier, later in itertools.pairwise(spread))
    if all(later - earlier >= gap for earlier, later in itertools.pairwise(places)):
        assert spread == pytest.approx(places)


@given(st.lists(st.tuples(st.integers(0, 540), st.text("abcdef ", min_size=1, max_size=90)), max_size=10))
def test_flags_never_cover_each_other(events: list[tuple[int, str]]) -> None:
    first = dt.date(2030, 1, 1)
    flags = [labels.Flag(first + dt.timedelta(days=day), text, 1.0) for day, text in sorted(events)]
    limits = float(date2num(first)), float(date2num(first)) + 540.0
    spans = []
    for flag, text, is_left, row in labels.placed_flags(flags, limits, 540.0):
        x, length = (flag.date - first).days, style.text_width(text, style.SMALL)
        spans.append((row, x - length if is_left else x, x if is_left else x + length))
    for (row, low, high), (other, start, end) in itertools.combinations(spans, 2):
        assert row != other or high <= start or end <= low
