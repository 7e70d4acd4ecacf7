"""Outcomes over time: the numbers drawn are those of the tables, and what is missing is said."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import date2num

import figures
import synthetic
import tensionsim as ts
from figures import areas, words
from tensionsim import plots
from tensionsim.errors import SelectionError
from tensionsim.model.measures import regime_of
from tensionsim.plots import outcomes
from tensionsim.runs.results import Results, directed_tension
from tensionsim.runs.statistics import shares_of

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


@pytest.mark.parametrize("runs", [1, 30])
@pytest.mark.parametrize("name", CASES)
def test_no_text_of_the_overview_is_cut_or_covers_another(name: str, runs: int) -> None:
    figure = plots.overview(case(name, runs))
    assert figures.cut(figure) == []
    assert list(figures.overlaps(figure, shared=0.02)) == []


def test_the_fan_draws_the_median_on_the_axes_it_is_given() -> None:
    results, ax = case("nothing scheduled"), plots.blank(8, 4.5)
    assert plots.fan(results, ax) is ax
    lines = [line.get_ydata() for line in ax.lines]
    assert any(np.array_equal(line, np.median(results.record.cooperation, axis=1)) for line in lines)


def test_results_plot_themselves() -> None:
    ax = plots.blank(8, 4.5)
    assert case("nothing scheduled").plot(ax) is ax


def test_without_axes_the_fan_makes_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    ax = case("nothing scheduled").plot()
    assert ax.get_title(loc="left") == "Avalon and Brigadoon"
    plt.close(ax.figure)


def test_one_run_is_a_line_without_bands() -> None:
    ax = plots.fan(case("nothing scheduled", runs=1), plots.blank(8, 4.5))
    assert not ax.collections
    assert any(text.get_text().startswith("one run") for text in ax.texts)


def test_regimes_are_named_between_their_bounds() -> None:
    ax = plots.fan(case("nothing scheduled"), plots.blank(8, 4.5))
    names = [label.get_text() for label in ax.get_yticklabels(minor=True)]
    assert names == ["rupture", "crisis", "strained", "pragmatic", "alliance"]
    assert ax.get_yticks().tolist() == [0, 20, 35, 50, 70, 100]


def test_scheduled_moves_changes_and_elections_are_named() -> None:
    ax = plots.fan(case("ten events close together"), plots.blank(8, 4.5))
    texts = {text.get_text() for text in ax.texts}
    assert {"Avalon: the right wins or no change", "Avalon: election", "Avalon: threaten war"} <= texts
    assert "2 more dated events" in ax.get_xlabel()


def test_the_users_own_style_is_left_alone() -> None:
    before = dict(mpl.rcParams)
    plots.overview(case("nothing scheduled"))
    assert dict(mpl.rcParams) == before


def test_the_overview_has_one_panel_an_issue() -> None:
    titles = [ax.get_title(loc="left") for ax in plots.overview(case("five years")).axes]
    assert sum(title.endswith("of the index") for title in titles) == 4


def test_saved_overviews_repeat_their_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        plots.save_overview(case("ten events close together"), tmp_path / name)
        contents.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert contents[0] == contents[1]
    assert contents[0][1].startswith(b"<?xml")


def test_an_unknown_issue_is_named_with_those_there_are() -> None:
    with pytest.raises(SelectionError, match="issue must be one of fishing, dragons; got 'gold'"):
        plots.issue(case("nothing scheduled"), "gold", plots.blank(8, 4.5))


def test_the_observed_index_is_drawn_within_the_dates_and_named() -> None:
    series = pd.Series(40.0, pd.date_range("2030-06-02", periods=200, freq="W"))
    results = case("nothing scheduled")
    ax = plots.observed(results, series, plots.blank(8, 4.5))
    assert [text.get_text() for text in ax.texts if "observed" in text.get_text()] == ["observed: 40"]
    assert ax.get_xlim() == tuple(mpl.dates.date2num(results.dates[[0, -1]]))


def test_values_that_were_set_stand_under_the_title() -> None:
    changed = synthetic.scenario().with_values({"actors.avalon.rhetoric": 0.4})
    ax = plots.fan(synthetic.results(changed, runs=3), plots.blank(8, 4.5))
    assert ax.get_title(loc="left") == "Avalon and Brigadoon"
    assert "with actors.avalon.rhetoric = 0.4" in [text.get_text() for text in ax.texts]
    assert plots.fan(synthetic.results(runs=3), plots.blank(8, 4.5)).get_title(loc="left") == "Avalon and Brigadoon"


def test_many_set_values_are_cut() -> None:
    many = {f"actors.{actor}.{name}": 0.4 for actor in synthetic.ACTORS for name in ("rhetoric", "attention", "rally")}
    results = synthetic.results(synthetic.scenario().with_values(many), runs=3)
    assert any(text.get_text().endswith("[...]") for text in plots.fan(results, plots.blank(8, 4.5)).texts)


def test_bands_hold_30_60_and_90_percent_of_the_runs() -> None:
    results = figures.results()
    ax = plots.fan(results, plots.blank())
    drawn = [value for corners in areas(ax)[:3] for value in (corners[:, 1].min(), corners[:, 1].max())]
    quantiles = np.quantile(results.record.cooperation, [0.05, 0.95, 0.2, 0.8, 0.35, 0.65], axis=1)
    wanted = [value for low in (0, 2, 4) for value in (quantiles[low].min(), quantiles[low + 1].max())]
    assert drawn == pytest.approx(wanted)
    assert "bands hold 30, 60 and 90 % of 30 runs, seed 7" in " ".join(ax.get_xlabel().split())


def test_bands_are_explained() -> None:
    one = replace(figures.results(1), first_run=4)
    assert outcomes.explained(one) == "run 4, seed 7"
    assert outcomes.explained(replace(one, runs=1000)) == "bands hold 30, 60 and 90 % of 1,000 runs, seed 7"
    assert outcomes.explained(replace(one, runs=50), "shares") == "shares of 50 runs, seed 7"
    assert outcomes.explained(figures.comparison(1)) == "run 0, seed 7"


def test_one_issue_alone_says_of_which_scenario_and_runs() -> None:
    said = " ".join(words(plots.issue(figures.results(), "water", plots.blank())).split())
    assert "water: Norland and Suderia" in said
    assert "bands hold 30, 60 and 90 % of 30 runs, seed 7" in said


def test_titles_of_panels_beside_each_other_are_level() -> None:
    figure = figures.figure_of(plots.issues(figures.results(), plots.blank(5.4, 3.0)))
    heights = [box.y1 for text, box in figures.texts(figure) if "of the\nindex" in text or "of the index" in text]
    assert len(heights) == 2
    assert heights[0] == pytest.approx(heights[1], abs=1.0)


def test_the_difference_is_taken_run_by_run_and_says_when_they_part() -> None:
    comparison = figures.comparison(60)
    ax = plots.difference(comparison, "calm", plots.blank())
    paired = comparison.paired("calm")
    assert ax.lines[1].get_ydata() == pytest.approx(np.median(paired, axis=1))
    assert any(np.array_equal(line.get_ydata(), comparison.band("calm").mean) for line in ax.lines)
    row = comparison.parting_of("calm").apart_to_end
    assert row is not None
    assert f"apart from {comparison.dates[row]} on" in words(ax)


def test_outlooks_that_do_not_differ_have_no_date_of_parting() -> None:
    same = ts.compare(figures.results(), figures.results(), names=["one", "other"])
    ax = plots.difference(same, None, plots.blank())
    assert "apart from" not in words(ax)
    assert np.array_equal(ax.lines[1].get_ydata(), np.zeros(len(figures.results().dates)))
    low, high = ax.get_ylim()
    assert low <= -1.0
    assert high >= 1.0


def test_more_than_two_outlooks_are_medians_named_apart() -> None:
    several = ts.compare(*[figures.results()] * 9, names=[f"outlook {row}" for row in range(9)])
    ax = plots.outlooks(several, plots.blank())
    assert not ax.collections
    medians = [line for line in ax.lines if len(line.get_xydata()) == len(figures.results().dates)]
    assert len(medians) == 9
    told = " ".join(words(ax).split())
    assert "Index of 8 outlooks beside outlook 0" in told
    assert "medians and, as bars, 90 % of 30 runs, seed 7; the axis is cut to what is drawn" in told
    first = [line for line in medians if line.get_color() == medians[1].get_color()]
    assert len({str(line._dash_pattern) for line in first}) == len(first) == 2


def test_a_bar_shows_how_far_each_of_several_outlooks_may_stray() -> None:
    several = {name: figures.results(outlook=name) for name in (None, "calm", "loud")}
    ax = plots.outlooks(ts.compare(*several.values(), names=list(map(str, several))), plots.blank())
    bars = [line for line in ax.lines if len(line.get_xydata()) == 2 and len({*line.get_xdata()}) == 1]
    held = [np.quantile(one.record.cooperation[-1], [0.05, 0.95]) for one in several.values()]
    assert [bar.get_ydata() for bar in bars] == [pytest.approx(one) for one in held]
    assert all(bar.get_xdata()[0] > date2num(figures.results().dates[-1]) for bar in bars)
    low, high = ax.get_ylim()
    assert low <= min(one[0] for one in held)
    assert high >= max(one[1] for one in held)


def test_direction_shows_each_ones_own_tension() -> None:
    names, tension = directed_tension(figures.results())
    ax = plots.direction(figures.results(), plots.blank())
    drawn = [line.get_ydata() for line in ax.lines]
    for row in range(2):
        assert any(np.array_equal(line, np.median(tension[:, row], axis=1)) for line in drawn)
    assert names[0] == "norland -> suderia"
    assert "Norland to Suderia" in " ".join(words(ax).split())


def test_regimes_fill_all_the_runs_from_rupture_up() -> None:
    results = synthetic.results(runs=40)
    ax = plots.regimes(results, plots.blank())
    shares = 100 * shares_of(regime_of(results.record.cooperation))
    tops = [corners[:, 1].max() for corners in areas(ax)]
    assert tops == pytest.approx(np.cumsum(shares, axis=1).max(axis=0))
    assert len(tops) == 5


def test_where_nothing_was_observed_after_the_start_what_led_up_to_it_is_drawn() -> None:
    results = figures.results()
    start, end = pd.DatetimeIndex([results.dates[0], results.dates[-1]])
    dates = pd.DatetimeIndex([start - 1.1 * (end - start), start - pd.Timedelta(days=7), start])
    ax = plots.observed(results, pd.Series([30.0, 40.0, 45.0], dates), plots.blank())
    assert ax.lines[-1].get_ydata().tolist() == [40.0, 45.0]
    assert ax.get_xlim() == (date2num(dates[1]), date2num(end))
    assert "observed: 45" in words(ax)
    later = pd.Series([45.0], pd.DatetimeIndex([results.dates[4]]))
    assert any(line.get_marker() == "o" for line in plots.observed(results, later, plots.blank()).lines)


@pytest.mark.parametrize("length", [0, 20])
def test_nothing_observed_meanwhile_is_said(length: int) -> None:
    series = pd.Series(40.0, pd.date_range("2001-06-03", periods=length, freq="W"))
    with pytest.raises(SelectionError, match="nothing was observed while these results run"):
        plots.observed(figures.results(), series, plots.blank())
