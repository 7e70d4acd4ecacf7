"""Figures: what they show, that nothing overlaps or is cut, and that their bytes repeat."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import synthetic
from tensionsim.errors import SelectionError
from tensionsim.plots import fan, flags, issue, observed, overview, save_overview, style
from tensionsim.runs.results import Results

LONG_TITLE = (
    "Avalon and Brigadoon between the drought and the dragons, with elections in both and three treaties undone"
)
WAYS = [{"chance": 0.5, "label": "the right wins"}, {"chance": 0.5, "label": "no change"}]
FULL = {
    "issues": 6,
    "changes": [{"date": "2032-06-20", "actor": "avalon", "one_of": WAYS}],
    "elections": {"avalon": "2032-05-31"},
}


def schedule(count: int, apart: int = 3) -> list[dict[str, Any]]:
    first = np.datetime64("2031-02-10")
    moves = itertools.cycle(synthetic.MOVES)
    actors = itertools.cycle(synthetic.DYAD)
    return [
        {"date": str(first + np.timedelta64(apart * row, "D")), "actor": actor, "move": move, "issue": "fishing"}
        for row, actor, move in zip(range(count), actors, moves, strict=False)
    ]


CASES: dict[str, dict[str, Any]] = {
    "nothing scheduled": {},
    "ten events close together": {**FULL, "schedule": schedule(10)},
    "five years": {"issues": 4, "end": "2036-01-01", "title": LONG_TITLE, "schedule": schedule(14, apart=40)},
    "all on one day": {"issues": 3, "schedule": schedule(8, apart=0)},
    "four months": {"issues": 1, "step": "month", "end": "2031-05-06"},
}


def case(name: str, runs: int = 30) -> Results:
    return synthetic.results(synthetic.scenario(**CASES[name]), runs=runs)


def axes() -> Axes:
    return Figure(figsize=(8, 4.5), layout="constrained").subplots()


def boxes(figure: Figure) -> list[tuple[str, Any]]:
    """Text and place of everything written in a figure, in pixels."""
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(mpl.text.Text) if text.get_text().strip() and text.get_visible()]
    return [(text.get_text(), text.get_window_extent()) for text in texts if text.get_window_extent().width > 0]


@pytest.mark.parametrize("runs", [1, 30])
@pytest.mark.parametrize("name", CASES)
def test_no_text_of_the_overview_is_cut_or_covers_another(name: str, runs: int) -> None:
    figure = overview(case(name, runs))
    found = boxes(figure)
    assert [text for text, box in found if not _holds(figure.bbox, box)] == []
    pairs = itertools.combinations(found, 2)
    assert [(one, two) for (one, a), (two, b) in pairs if a.overlaps(b) and _share(a, b) > 0.02] == []


def _holds(whole: Any, box: Any) -> bool:
    return whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1


def _share(one: Any, other: Any) -> float:
    """The part of the smaller box that both cover."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return width * height / min(one.width * one.height, other.width * other.height)


def test_the_fan_draws_the_median_on_the_axes_it_is_given() -> None:
    results, ax = case("nothing scheduled"), axes()
    assert fan(results, ax) is ax
    lines = [line.get_ydata() for line in ax.lines]
    assert any(np.array_equal(line, np.median(results.record.cooperation, axis=1)) for line in lines)


def test_results_plot_themselves() -> None:
    ax = axes()
    assert case("nothing scheduled").plot(ax) is ax


def test_without_axes_the_fan_makes_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    ax = case("nothing scheduled").plot()
    assert ax.get_title(loc="left") == "Avalon and Brigadoon"
    plt.close(ax.figure)


def test_one_run_is_a_line_without_bands() -> None:
    ax = fan(case("nothing scheduled", runs=1), axes())
    assert not ax.collections
    assert any(text.get_text().startswith("one run") for text in ax.texts)


def test_regimes_are_named_between_their_bounds() -> None:
    ax = fan(case("nothing scheduled"), axes())
    names = [label.get_text() for label in ax.get_yticklabels(minor=True)]
    assert names == ["rupture", "crisis", "strained", "pragmatic", "alliance"]
    assert ax.get_yticks().tolist() == [0, 20, 35, 50, 70, 100]


def test_scheduled_moves_changes_and_elections_are_named() -> None:
    ax = fan(case("ten events close together"), axes())
    texts = {text.get_text() for text in ax.texts}
    assert {"Avalon: the right wins or no change", "Avalon: election", "Avalon: threaten war"} <= texts
    assert "2 more dated events" in ax.get_xlabel()


def test_the_users_own_style_is_left_alone() -> None:
    before = dict(mpl.rcParams)
    overview(case("nothing scheduled"))
    assert dict(mpl.rcParams) == before


def test_the_overview_has_one_panel_an_issue() -> None:
    titles = [ax.get_title(loc="left") for ax in overview(case("five years")).axes]
    assert sum(title.endswith("of the index") for title in titles) == 4


def test_saved_overviews_repeat_their_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save_overview(case("ten events close together"), tmp_path / name)
        contents.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert contents[0] == contents[1]
    assert contents[0][1].startswith(b"<?xml")


def test_an_unknown_issue_is_named_with_those_there_are() -> None:
    with pytest.raises(SelectionError, match=r"no issue 'gold'.*fishing, dragons"):
        issue(case("nothing scheduled"), "gold", axes())


def test_the_observed_index_is_drawn_within_the_dates_and_named() -> None:
    series = pd.Series(40.0, pd.date_range("2030-06-02", periods=200, freq="W"))
    results = case("nothing scheduled")
    ax = observed(results, series, axes())
    assert [text.get_text() for text in ax.texts if "observed" in text.get_text()] == ["observed: 40"]
    assert ax.get_xlim() == tuple(mpl.dates.date2num(results.dates[[0, -1]]))


@given(st.lists(st.floats(0, 100), max_size=8).map(sorted), st.floats(0.1, 20))
def test_spread_places_keep_their_order_and_distance(places: list[float], gap: float) -> None:
    spread = style.spread(places, gap)
    assert len(spread) == len(places)
    assert all(later - earlier > gap * 0.999 for earlier, later in itertools.pairwise(spread))
    if all(later - earlier >= gap for earlier, later in itertools.pairwise(places)):
        assert spread == pytest.approx(places)


@given(st.lists(st.tuples(st.floats(0, 540), st.text("abcdef ", min_size=1, max_size=90)), max_size=10))
def test_flags_never_cover_each_other(events: list[tuple[float, str]]) -> None:
    events.sort(key=lambda event: event[0])
    placed = flags.place([text for _, text in events], [x for x, _ in events], 540.0)
    spans = []
    for (x, _), flag in zip(events, placed, strict=True):
        length = style.text_width(flag.text, flags.SIZE_POINTS)
        spans.append((flag.row, x - length if flag.leftward else x, x if flag.leftward else x + length))
    for (row, low, high), (other, start, end) in itertools.combinations(spans, 2):
        assert row != other or high <= start or end <= low


def test_values_that_were_set_stand_under_the_title() -> None:
    changed = synthetic.scenario().with_values({"actors.avalon.rhetoric": 0.4})
    title = fan(synthetic.results(changed, runs=3), axes()).get_title(loc="left")
    assert title == "Avalon and Brigadoon\nwith actors.avalon.rhetoric = 0.4"
    assert fan(synthetic.results(runs=3), axes()).get_title(loc="left") == "Avalon and Brigadoon"


def test_many_set_values_are_cut() -> None:
    many = {f"actors.{actor}.{name}": 0.4 for actor in synthetic.ACTORS for name in ("rhetoric", "attention", "rally")}
    title = fan(synthetic.results(synthetic.scenario().with_values(many), runs=3), axes()).get_title(loc="left")
    assert title.endswith("[...]")
