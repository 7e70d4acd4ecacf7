"""Causes: stacks sum to the index, bars lead to the whole, moves and conduct are drawn as they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import figures
import synthetic
import tensionsim as ts
from figures import areas, words
from tensionsim import plots
from tensionsim.engine import stability as reaction
from tensionsim.errors import SelectionError, TensionSimError
from tensionsim.plots import causes, style


@pytest.mark.parametrize("run", [None, 3])
@pytest.mark.parametrize("by", ["kind", "mover"])
def test_what_the_ledger_stacks_sums_to_the_index(by: str, run: int | None) -> None:
    results = figures.results()
    ax = plots.ledger(results, plots.blank(), run=run, by=by)
    index = results.paths.mean(axis=1) if run is None else results.paths[run]
    assert ax.lines[1].get_ydata() == pytest.approx(index.to_numpy() - 50.0, abs=1e-9)
    assert sum(_height_at_end(ax, corners) for corners in areas(ax)) == pytest.approx(index.iloc[-1] - 50.0, abs=1e-9)


def _height_at_end(ax: Axes, corners: np.ndarray) -> float:
    """What an area adds on the last date: above 0 if it lies there, else below."""
    heights = corners[corners[:, 0] == ax.get_xlim()[1], 1]
    size = float(np.ptp(heights)) if heights.size else 0.0
    return size if heights.sum() > 0.0 else -size


def test_parts_above_and_below_zero_are_stacked_apart() -> None:
    dates = np.array(["2030-01-01", "2030-02-01", "2030-03-01"], "datetime64[D]")
    rising, falling = np.array([1.0, 2.0, 3.0]), np.array([-1.0, -1.0, -4.0])
    ax = plots.blank()
    ends = causes.draw_stack(ax, dates, [causes.Part("up", rising, "#0072b2"), causes.Part("down", falling, "#c25400")])
    up, down = areas(ax)
    assert (up[:, 1].min(), up[:, 1].max()) == (0.0, 3.0)
    assert (down[:, 1].min(), down[:, 1].max()) == (-4.0, 0.0)
    assert [(label.text, label.height) for label in ends] == [("up +3.0", 1.5), ("down −4.0", -2.0), ("sum −1.0", -1.0)]


def test_lesser_parts_are_drawn_as_their_net_sum() -> None:
    many = {f"part {row}": np.full(4, float(row)) for row in range(-2, 8)}
    parts = causes.largest(many)
    assert [part.name for part in parts] == [*(f"part {row}" for row in range(7, 2, -1)), "part -2", "3 others, net"]
    assert np.sum([part.values for part in parts], axis=0) == pytest.approx(np.sum(list(many.values()), axis=0))


def test_what_ends_at_nothing_and_was_little_is_not_named() -> None:
    dates = np.array(["2030-01-01", "2030-02-01", "2030-03-01"], "datetime64[D]")
    much, little, once = np.array([10.0, 10.0, 10.0]), np.array([0.5, 0.2, 0.04]), np.array([9.0, 4.0, 0.0])
    parts = [causes.Part(*each, "#0072b2") for each in (("much", much), ("little", little), ("once", once))]
    ax = plots.blank()
    assert [label.text for label in causes.draw_stack(ax, dates, parts)] == ["much +10.0", "once 0.0", "sum +10.0"]
    assert len(areas(ax)) == 3


def test_mechanisms_are_of_all_runs_and_say_where_they_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ts.contributions(figures.SCENARIO, "norland", runs=30, seed=7).values[:, 0, -1].mean(axis=-1)
    ax = plots.mechanisms(figures.results(), "norland", plots.blank())
    assert ax.lines[1].get_ydata() == pytest.approx(wanted)
    assert "mean of 30 runs" in words(ax)
    monkeypatch.setattr(causes, "SHOWN_RUNS", 9)
    assert "mean of the first 9 of 30 runs" in words(plots.mechanisms(figures.results(), "norland", plots.blank()))


def test_mechanisms_sum_to_the_direction_and_are_named() -> None:
    found = ts.contributions(figures.SCENARIO, "norland", runs=5, seed=7)
    ax = plots.mechanisms(found, None, plots.blank())
    wanted = found.values[:, 0, found.mechanisms.index("direction")].mean(axis=-1)
    assert ax.lines[1].get_ydata() == pytest.approx(wanted)
    assert "politicisation" in words(ax)


def test_motives_are_not_drawn_of_runs_that_come_out_otherwise_now() -> None:
    results = figures.results()
    moved = replace(results, record=synthetic.changed(results.record, cooperation=results.record.cooperation + 1.0))
    with pytest.raises(TensionSimError, match=r"these results: made by .* the runs come out otherwise"):
        plots.mechanisms(moved, ax=plots.blank())


def test_runs_whose_code_is_not_there_have_no_mechanisms_and_no_field() -> None:
    results = replace(figures.results(), code=("agent norland: mine.Charming",))
    with pytest.raises(TensionSimError, match=r"made with agent norland: mine\.Charming"):
        plots.mechanisms(results, None, plots.blank())
    assert "no field is drawn" in " ".join(words(plots.phase(results, plots.blank())).split())


def test_a_move_on_the_first_day_is_drawn_whole() -> None:
    ax = plots.timeline(figures.results(), plots.blank(7.2, 5.0), run=4)
    dots = [line for line in figures.figure_of(ax).axes[-1].lines if line.get_marker() == "o"]
    assert dots
    assert not any(line.get_clip_on() for line in dots)


def test_the_timeline_shows_every_move_between_the_two_that_was_made() -> None:
    results = figures.results()
    ax = plots.timeline(results, plots.blank(7.2, 5.0), run=4)
    moves = results.moves.query("run == 4 and cause != 'stopped'")
    between = moves[moves["actor"].isin(["norland", "suderia"]) & moves["target"].isin(["norland", "suderia"])]
    dots = [line for line in figures.figure_of(ax).axes[-1].lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == len(between[between["goldstein"] != 0])


def test_a_run_without_moves_has_no_timeline() -> None:
    results = synthetic.results(runs=2)
    none = {key: getattr(results.record, key)[:0] for key in results.record.arrays if key.startswith("move_")}
    with pytest.raises(SelectionError, match="avalon, brigadoon made no move in run 0"):
        plots.timeline(replace(results, record=synthetic.changed(results.record, **none)), plots.blank())


@pytest.mark.parametrize("height", [3.4, 4.4, 6.0])
def test_the_timeline_names_the_regimes_whatever_its_height(height: float) -> None:
    ax = plots.timeline(figures.results(), plots.blank(3.5, height), run=3)
    said = {text for text, _ in figures.texts(figures.figure_of(ax))}
    assert {"rupture", "crisis", "strained", "pragmatic", "alliance"} <= said


def test_the_waterfall_leads_from_nothing_to_the_whole() -> None:
    effects = figures.effects()
    ax = plots.waterfall(effects, plots.blank())
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    assert ends[-1] == pytest.approx(effects.whole)
    assert ax.patches[0].get_x() == pytest.approx(effects.base)
    assert [label.get_text() for label in ax.get_yticklabels()][:: len(ends) + 1] == ["none of them", "all of them"]
    assert {f"{effects.base:.1f}", f"{effects.whole:.1f}"} <= {text.get_text() for text in ax.texts}


def test_next_to_nothing_is_no_broad_bar() -> None:
    effects = figures.effects()
    table = effects.table.assign(effect=0.001)
    small = replace(effects, table=table, whole=effects.base + 0.001 * len(table))
    low, high = plots.waterfall(small, plots.blank()).get_xlim()
    assert high - low == pytest.approx(1.0)
    assert low < small.base < small.whole < high


def test_the_ends_of_a_difference_are_called_by_the_two_scenarios() -> None:
    effects = replace(figures.effects(), title="Calm", against="Loud")
    shown = plots.waterfall(effects, plots.blank()).get_yticklabels()
    assert [shown[0].get_text(), shown[-1].get_text()] == ["Loud", "Calm"]


@pytest.mark.parametrize("width", [3.5, 7.2])
def test_bars_of_a_waterfall_take_most_of_the_axis(width: float) -> None:
    ax = plots.waterfall(figures.effects(), plots.blank(width, 3.6))
    edges = [edge for bar in ax.patches for edge in (bar.get_x(), bar.get_x() + bar.get_width())]
    low, high = ax.get_xlim()
    assert max(edges) - min(edges) > 0.5 * (high - low)
    assert ax.get_xlabel().count("points") == 1


def test_lesser_elements_of_a_waterfall_are_drawn_as_one() -> None:
    effects = figures.effects()
    table = pd.DataFrame({"element": list("abcdef"), "effect": [5.0, -4.0, 3.0, 2.0, 1.0, 0.5], "standard_error": 0.1})
    ax = plots.waterfall(replace(effects, table=table, whole=effects.base + 7.5), plots.blank(), most=3)
    assert len(ax.patches) == 4
    assert "3 others" in words(ax)
    assert ax.patches[-1].get_x() + ax.patches[-1].get_width() == pytest.approx(effects.base + 7.5)


@pytest.mark.parametrize("runs", [40, 60, 100])
def test_names_in_a_narrow_phase_portrait_keep_clear_of_each_other_and_of_the_frame(runs: int) -> None:
    ax = plots.phase(ts.run("status-quo", runs=runs), plots.blank(3.5, 4.0))
    lines = [one.get_window_extent() for one in ax.texts if "would stay" in one.get_text()]
    dates = [one.get_window_extent() for one in ax.texts if "20" in one.get_text()]
    assert len(lines) == 2
    assert len(dates) == 3
    assert not [1 for line in lines for date in dates if line.overlaps(date)]
    assert all(ax.bbox.contains(*corner) for line in lines for corner in (line.p0, line.p1))


def test_the_phase_portrait_leads_along_the_medians() -> None:
    results = figures.results()
    ax = plots.phase(results, plots.blank())
    medians = np.median(causes.mean_conduct(results)[1], axis=-1)
    assert any(np.array_equal(line.get_xydata(), medians) for line in ax.lines)
    assert "the border of stability is not in view" in " ".join(words(ax).split())


def test_the_start_of_a_path_is_a_ring() -> None:
    ax = plots.phase(figures.results(), plots.blank(3.5, 4.0), run=3)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    (ring,) = [line for line in dots if line.get_markerfacecolor() == style.LIGHT.ground]
    assert tuple(ring.get_xydata()[0]) in [text.xy for text in ax.texts if text.get_text().startswith("Jan 2030")]


def test_mean_conduct_weighs_issues_and_tracks_to_one() -> None:
    results = synthetic.results(runs=3)
    flat = replace(results, record=synthetic.changed(results.record, conduct=np.full_like(results.record.conduct, 0.2)))
    assert causes.mean_conduct(flat)[1] == pytest.approx(0.2)


def test_hostility_that_outgrows_itself_has_a_border() -> None:
    fierce = ts.load(figures.SCENARIO, set={"mechanisms.reciprocity.fast": 20, "mechanisms.reciprocity.slow": 20})
    ax = plots.phase(ts.run(fierce, runs=10), plots.blank())
    assert "shaded: beyond the border of stability" in " ".join(words(ax).split())


def test_without_mechanisms_conduct_is_drawn_to_one_place_whatever_it_is() -> None:
    scenario = ts.load(figures.SCENARIO)
    off = {f"mechanisms.{name}": "off" for name in ts.list_mechanisms().index}
    axis = np.linspace(-0.1, 0.1, 9)
    found = reaction.field(scenario.with_values(off), axis, axis)
    assert np.nanmax(np.ptp(found.drawn_first, axis=(0, 1))) < 1e-12
    assert np.nanmax(np.abs(found.growth)) < 1e-12
    assert np.nanmax(reaction.field(scenario, axis, axis).growth) > 0.01


def test_no_tone_makes_conduct_beyond_its_reach() -> None:
    axis = np.linspace(-3.0, 3.0, 13)
    found = reaction.field(ts.load(figures.SCENARIO), axis, axis)
    assert np.isnan(found.drawn_first[0, 0])
    assert np.isfinite(found.drawn_first[6, 6])
