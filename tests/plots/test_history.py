"""Figures of fits and backtests: what is drawn is what the tables say, and what is not known is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.dates import date2num

import figures
import tensionsim as ts
from figures import words
from tensionsim import plots
from tensionsim.errors import SelectionError
from tensionsim.plots import history, style


def drawn_support(*factors: float) -> tuple[Axes, ts.Fit]:
    """The figure of a fit whose first mechanisms have these Bayes factors."""
    fitted = figures.fit()
    given = [replace(one, log10_bayes_factor=at) for one, at in zip(fitted.support, factors, strict=False)]
    changed = replace(fitted, support=tuple(given))
    return plots.support(changed, plots.blank(7.2, 3.0)), changed


def test_bars_of_support_are_the_bayes_factors_from_the_most_to_the_least() -> None:
    fitted = figures.fit()
    ax = plots.support(fitted, plots.blank(7.2, 6.0))
    bars = sorted((bar.get_y(), bar.get_width()) for bar in ax.patches if bar.get_height() == history.BAR)
    assert [width for _, width in bars] == pytest.approx(fitted.support_table()["log10_bayes_factor"].tolist())
    assert [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()] == [
        style.words(one.name) for one in fitted.support
    ]


def test_a_huge_bayes_factor_leaves_room_for_small_ones() -> None:
    ax, _ = drawn_support(261.8, 0.6, -0.6)
    ends = ax.transData.transform([[0.0, 0.0], [0.6, 0.0], [261.8, 0.0], [-0.6, 0.0]])[:, 0]
    assert ends[1] - ends[0] > 0.05 * (ends[2] - ends[0])
    assert ax.get_xlim()[1] > 261.8
    assert {"+261.8", "+0.6", "\u22120.6"} <= set(text for text, _ in figures.texts(figures.figure_of(ax)))


def test_only_what_has_a_word_of_jeffreys_has_a_colour() -> None:
    ax, _ = drawn_support(0.6, 0.4, -0.4, -0.6)
    theme = style.now()
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches if bar.get_height() == history.BAR]
    assert colours == [theme.friendly, theme.rest, theme.rest, theme.hostile]


def test_a_fit_without_support_has_no_figure_of_it_but_one_of_its_estimates() -> None:
    bare = replace(figures.fit(), support=())
    with pytest.raises(SelectionError, match="no mechanism was tried"):
        plots.support(bare, plots.blank())
    assert len(plots.fit_overview(bare).axes) == 1
    assert len(plots.fit_overview(figures.fit()).axes) == 2


@pytest.mark.parametrize("width", [3.5, 7.2])
def test_the_overview_of_a_fit_is_high_enough_for_all_letters(width: float) -> None:
    figure = plots.fit_overview(figures.fit(), width)
    figures.check_readable(figure)
    sizes = {label.get_fontsize() for ax in figure.axes for label in ax.get_yticklabels()}
    assert min(sizes) > 0.9 * style.SMALL


def test_estimates_are_drawn_where_the_table_has_their_shift() -> None:
    fitted = figures.fit()
    ax = plots.estimates(fitted, plots.blank(7.2, 8.0))
    dots = [each for each in ax.collections if isinstance(each, PathCollection)]
    shifts = np.concatenate([np.asarray(each.get_offsets())[:, 0] for each in dots])
    assert sorted(shifts) == pytest.approx(sorted(fitted.table()["shift"]))
    assert sum(len(each.get_offsets()) for each in dots[:2]) == (fitted.table()["note"] == "at its bound").sum()


# Backtests


def shifted(by: float) -> ts.Backtest:
    """The backtest of a model whose runs all say what came, and so much more."""
    found = figures.backtest()
    values = found.values.copy()
    values[:, :, 0] = found.outcomes[..., None] + by
    return replace(found, values=values)


@pytest.mark.parametrize("target", ["index", "score", "acts", "issue: drugs"])
def test_skill_is_drawn_against_every_plain_forecast_and_the_best_has_its_interval(target: str) -> None:
    found = figures.backtest()
    table, ax = found.skill(target), plots.skill(found, plots.blank(), target=target)
    low, _ = ax.get_ylim()
    drawn = [np.asarray(line.get_ydata(), float) for line in ax.lines if len(line.get_xdata()) == len(found.horizons)]
    for name in found.plan.plain:
        wanted = table.xs(name, level="against")["skill"].to_numpy(float)
        assert any(np.allclose(line, wanted) for line in drawn), name
    best = table[table["is_best"]]
    intervals, *dots = ax.collections[1:] if len(ax.collections) > 3 else ax.collections
    marks = np.concatenate([np.asarray(each.get_offsets())[:, 1] for each in dots])
    assert sorted(marks) == pytest.approx(sorted(best["skill"].clip(lower=low)))
    ends = [segment[:, 1] for segment in intervals.get_segments()]
    assert np.allclose(ends, best[["low", "high"]].clip(lower=low, upper=ax.get_ylim()[1]))
    for name in best.index.get_level_values("against"):
        assert name in [text.get_text().split("\n")[-1] for text in ax.get_xticklabels()]


def test_a_model_that_loses_is_drawn_below_zero_in_the_colour_of_losses() -> None:
    ax = plots.skill(shifted(30.0), plots.blank())
    below = ax.collections[-2].get_offsets()
    assert np.asarray(below)[:, 1] == pytest.approx([ax.get_ylim()[0]] * 3)
    assert {to_hex(label.get_color()) for label in ax.get_xticklabels()} == {style.now().hostile}
    assert all("\u2212" in label.get_text() for label in ax.get_xticklabels())


def test_a_model_that_wins_is_drawn_above_zero_in_the_colour_of_gains() -> None:
    ax = plots.skill(shifted(0.0), plots.blank())
    assert {to_hex(label.get_color()) for label in ax.get_xticklabels()} == {style.now().friendly}
    assert "+100 %" in words(ax)


def test_with_few_origins_there_are_no_intervals_and_that_is_said() -> None:
    few = ts.backtest("us-colombia-2017", origins=["2022-01-01", "2023-01-01"], horizons=[1], runs=20, refit=None)
    ax = plots.skill(few, plots.blank())
    assert "origins are too few for intervals" in " ".join(words(ax).split())
    assert not [line for line in ax.lines if line.get_linewidth() == 2.4]
    for draw in (plots.forecasts, plots.calibration, plots.reliability):
        figure = figures.figure_of(draw(few, plots.blank()))
        assert figures.cut(figure) == []


def test_horizons_that_nobody_can_judge_yet_are_called_so() -> None:
    found = figures.backtest()
    outcomes = found.outcomes.copy()
    outcomes[..., -1] = np.nan
    cut = replace(found, outcomes=outcomes)
    assert "6 not known" in " ".join(words(plots.skill(cut, plots.blank())).split())
    assert "6 months ahead" not in words(plots.calibration(cut, plots.blank()))
    assert "came:" not in words(plots.forecasts(cut, plots.blank(), horizon=6))


def test_bars_of_forecasts_hold_the_runs_at_the_day_they_aim_at() -> None:
    found = figures.backtest()
    ax = plots.forecasts(found, plots.blank(), horizon=3)
    column = found.horizons.index(3)
    wanted = np.quantile(found.values[:, 0, 0, column], [0.05, 0.95, 0.25, 0.75], axis=-1)
    for bars, (low, high) in zip(ax.collections, (wanted[:2], wanted[2:]), strict=True):
        ends = np.array([path.vertices[:, 1] for path in bars.get_paths()])
        assert np.allclose(ends, np.c_[low, high])
    days = ax.collections[0].get_paths()[0].vertices[0, 0] - date2num(found.origins[0])
    assert days == 3 * 28
    dots = next(line for line in ax.lines if line.get_marker() == "o")
    assert np.allclose(np.asarray(dots.get_ydata(), float), found.outcomes[:, 0, column], equal_nan=True)


@pytest.mark.parametrize("bins", [None, 7])
def test_bars_of_calibration_count_where_outcomes_lay(bins: int | None) -> None:
    found = figures.backtest()
    figure = figures.figure_of(plots.calibration(found, plots.blank(), bins=bins))
    places = found.pit()
    for ax, horizon in zip(figure.axes[1:], found.horizons, strict=True):
        heights = [bar.get_height() for bar in ax.patches if bar.get_width() == pytest.approx(100.0 / (bins or 4))]
        assert heights == np.histogram(places[horizon], bins=bins or 4, range=(0.0, 1.0))[0].tolist()
        row = found.calibration().loc[("index", horizon, "model")]
        assert f"90 %: {100 * row['coverage_90']:.0f}" in [text.get_text() for text in ax.texts]


def test_dots_of_reliability_are_the_curves_and_those_beyond_their_bars_stand_out() -> None:
    found = figures.backtest()
    figure = figures.figure_of(plots.reliability(found, plots.blank(), names=["pragmatic", "alliance"], horizon=3))
    for ax, name in zip(figure.axes[1:], ("pragmatic", "alliance"), strict=True):
        curve = found.reliability(name, horizon=3, bins=5)
        (dots,) = [each for each in ax.collections if isinstance(each, PathCollection)]
        assert np.allclose(dots.get_offsets(), np.c_[curve.said, curve.happened])
        inside = (curve.low <= curve.happened) & (curve.happened <= curve.high)
        assert [to_hex(colour) == style.now().fan for colour in dots.get_facecolors()] == inside.tolist()
        assert sum(int(text.get_text()) for text in ax.texts if text.get_text().isdigit()) == curve.n.sum()


def test_a_regime_and_an_event_of_one_name_have_a_panel_each() -> None:
    said = words(plots.reliability(figures.backtest(), plots.blank(), names=["crisis", "regime:crisis"]))
    assert "crisis" in said
    assert "in crisis" in said


def test_what_a_backtest_does_not_hold_is_said_with_what_it_does() -> None:
    found, ax = figures.backtest(), plots.blank()
    for draw in (plots.skill, plots.calibration, plots.forecasts):
        with pytest.raises(SelectionError, match=r"target must be one of index, issue: drugs.*; got 'trade'"):
            draw(found, ax, target="trade")
    with pytest.raises(SelectionError, match="horizon must be one of 1, 3, 6; got 9"):
        plots.forecasts(found, ax, horizon=9)
    with pytest.raises(SelectionError, match=r"event must be one of .*; got 'war'"):
        plots.reliability(found, ax, names=["war"])
    unknown = replace(found, outcomes=np.full_like(found.outcomes, np.nan))
    for draw in (plots.skill, plots.calibration, plots.forecasts, plots.reliability):
        with pytest.raises(SelectionError, match="nothing that came of index is known in this backtest"):
            draw(unknown, ax)
    assert not ax.has_data()


@pytest.mark.parametrize("width", [3.5, 7.2])
def test_the_overview_of_a_backtest_holds_its_five_figures_whole(width: float) -> None:
    figure = plots.backtest_overview(figures.backtest(), width)
    figures.check_readable(figure)
    said = " ".join(text for text, _ in figures.texts(figure))
    assert all(
        heading in said
        for heading in (
            "Forecasts 3 months",
            "Skill of the",
            "Calibration of the model",
            "of the recalibrated",
            "Reliability of",
        )
    )


def test_a_backtest_plots_its_skill() -> None:
    ax = figures.backtest().plot(plots.blank())
    assert ax.get_title(loc="left").startswith("Skill of the model, index")


def test_panels_beside_each_other_are_equally_far_apart_whatever_the_heading() -> None:
    figure = figures.figure_of(plots.calibration(figures.backtest(), plots.blank(7.2, 3.0)))
    figure.draw_without_rendering()
    edges = [ax.get_window_extent().x0 for ax in figure.axes[1:]]
    assert np.ptp(np.diff(edges)) < 2.0
