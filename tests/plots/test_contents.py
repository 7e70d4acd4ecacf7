"""What each figure shows: the numbers are those of the tables, and what is missing is said."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

import figures
import synthetic
import tensionsim as ts
from tensionsim import plots
from tensionsim.engine import stability as reaction
from tensionsim.errors import SelectionError, StorageError, TensionSimError
from tensionsim.plots import bands, flags, kinds, stacks, style, themes
from tensionsim.runs.results import Results, directed_tension
from tensionsim.runs.statistics import regime_shares

# The package has the functions of these names.
support_module = importlib.import_module("tensionsim.plots.support")
skill_module = importlib.import_module("tensionsim.plots.skill")


def words(ax: Axes) -> str:
    return " ".join(text for text, _ in figures.texts(figures.figure_of(ax)))


def areas(ax: Axes) -> list[np.ndarray]:
    """Corners of the filled areas of an axes."""
    return [area.get_paths()[0].vertices for area in ax.collections]


def test_bands_hold_30_60_and_90_percent_of_the_runs() -> None:
    results = figures.results()
    ax = plots.fan(results, plots.blank())
    drawn = [value for corners in areas(ax)[:3] for value in (corners[:, 1].min(), corners[:, 1].max())]
    quantiles = np.quantile(results.record.cooperation, [0.05, 0.95, 0.2, 0.8, 0.35, 0.65], axis=1)
    wanted = [value for low in (0, 2, 4) for value in (quantiles[low].min(), quantiles[low + 1].max())]
    assert drawn == pytest.approx(wanted)
    assert "bands hold 30, 60 and 90 % of 30 runs, seed 7" in " ".join(ax.get_xlabel().split())


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
    ends = stacks.draw(ax, dates, [stacks.Part("up", rising, "#0072b2"), stacks.Part("down", falling, "#c25400")])
    up, down = areas(ax)
    assert (up[:, 1].min(), up[:, 1].max()) == (0.0, 3.0)
    assert (down[:, 1].min(), down[:, 1].max()) == (-4.0, 0.0)
    assert [(label.text, label.height) for label in ends] == [("up +3.0", 1.5), ("down −4.0", -2.0), ("sum −1.0", -1.0)]


def test_lesser_parts_are_drawn_as_their_net_sum() -> None:
    many = {f"part {row}": np.full(4, float(row)) for row in range(-2, 8)}
    parts = stacks.largest(many)
    assert [part.name for part in parts] == [*(f"part {row}" for row in range(7, 2, -1)), "part -2", "3 others, net"]
    assert np.sum([part.values for part in parts], axis=0) == pytest.approx(np.sum(list(many.values()), axis=0))


def test_what_ends_at_nothing_and_was_little_is_not_named() -> None:
    dates = np.array(["2030-01-01", "2030-02-01", "2030-03-01"], "datetime64[D]")
    much, little, once = np.array([10.0, 10.0, 10.0]), np.array([0.5, 0.2, 0.04]), np.array([9.0, 4.0, 0.0])
    parts = [stacks.Part(*each, "#0072b2") for each in (("much", much), ("little", little), ("once", once))]
    ax = plots.blank()
    assert [label.text for label in stacks.draw(ax, dates, parts)] == ["much +10.0", "once 0.0", "sum +10.0"]
    assert len(areas(ax)) == 3


def test_mechanisms_are_of_all_runs_and_say_where_they_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ts.contributions(figures.SCENARIO, "norland", runs=30, seed=7).values[:, 0, -1].mean(axis=-1)
    monkeypatch.setattr(mechanisms_of(), "RUNS_AT_ONCE", 7)
    ax = plots.mechanisms(figures.results(), "norland", plots.blank())
    assert ax.lines[1].get_ydata() == pytest.approx(wanted)
    assert "mean of 30 runs" in words(ax)
    monkeypatch.setattr(mechanisms_of(), "SHOWN_RUNS", 9)
    assert "mean of the first 9 of 30 runs" in words(plots.mechanisms(figures.results(), "norland", plots.blank()))


def mechanisms_of() -> ModuleType:
    return sys.modules["tensionsim.plots.mechanisms"]


def test_one_issue_alone_says_of_which_scenario_and_runs() -> None:
    said = " ".join(words(plots.issue(figures.results(), "water", plots.blank())).split())
    assert "water: Norland and Suderia" in said
    assert "bands hold 30, 60 and 90 % of 30 runs, seed 7" in said


def test_titles_of_panels_beside_each_other_are_level() -> None:
    figure = figures.figure_of(plots.issues(figures.results(), plots.blank(5.4, 3.0)))
    heights = [box.y1 for text, box in figures.texts(figure) if "of the\nindex" in text or "of the index" in text]
    assert len(heights) == 2
    assert heights[0] == pytest.approx(heights[1], abs=1.0)


def test_elections_of_one_actor_are_numbered() -> None:
    results = synthetic.results(runs=3)
    days = [results.dates[5].item(), results.dates[9].item()]
    file = results.scenario.file.model_copy(update={"elections": {"avalon": days, "brigadoon": days[0]}})
    found = flags.of_scenario(replace(results, scenario=replace(results.scenario, file=file)))
    said = [flag.text for flag in found if "election" in flag.text]
    assert said == ["Avalon: election 1 of 2", "Brigadoon: election", "Avalon: election 2 of 2"]


def test_a_move_on_the_first_day_is_drawn_whole() -> None:
    ax = plots.timeline(figures.results(), plots.blank(7.2, 5.0), run=4)
    dots = [line for line in figures.figure_of(ax).axes[-1].lines if line.get_marker() == "o"]
    assert dots
    assert not any(line.get_clip_on() for line in dots)


def test_mechanisms_sum_to_the_direction_and_are_named() -> None:
    found = ts.contributions(figures.SCENARIO, "norland", runs=5, seed=7)
    ax = plots.mechanisms(found, None, plots.blank())
    wanted = found.values[:, 0, found.mechanisms.index("direction")].mean(axis=-1)
    assert ax.lines[1].get_ydata() == pytest.approx(wanted)
    assert "politicisation" in words(ax)


def test_the_difference_is_taken_run_by_run_and_says_when_they_part() -> None:
    comparison = figures.comparison()
    ax = plots.difference(comparison, "calm", plots.blank())
    paired = comparison.paired("calm")
    assert ax.lines[1].get_ydata() == pytest.approx(np.median(paired, axis=1))
    assert any(np.array_equal(line.get_ydata(), comparison.band("calm").mean) for line in ax.lines)
    row = comparison.parting_of("calm").apart_to_end
    assert row is not None
    assert f"apart from {comparison.dates[row]} on" in words(ax)


def test_outlooks_that_do_not_differ_have_no_date_of_parting() -> None:
    same = {name: figures.results() for name in ("one", "other")}
    ax = plots.difference(same, None, plots.blank())
    assert "apart from" not in words(ax)
    assert np.array_equal(ax.lines[1].get_ydata(), np.zeros(len(figures.results().dates)))
    low, high = ax.get_ylim()
    assert low <= -1.0
    assert high >= 1.0


def test_more_than_two_outlooks_are_medians_named_apart() -> None:
    several = {f"outlook {row}": figures.results() for row in range(9)}
    ax = plots.outlooks(several, plots.blank())
    assert not ax.collections
    assert len([line for line in ax.lines if len(line.get_xydata()) == len(figures.results().dates)]) == 9
    assert "medians of 30 runs" in words(ax)
    first = [line for line in ax.lines if line.get_color() == ax.lines[1].get_color()]
    assert len({str(line._dash_pattern) for line in first}) == len(first) == 2


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
    shares = 100 * regime_shares(results.record.cooperation)
    tops = [corners[:, 1].max() for corners in areas(ax)]
    assert tops == pytest.approx(np.cumsum(shares, axis=1).max(axis=0))
    assert len(tops) == 5


def test_the_timeline_shows_every_move_between_the_two_that_was_made() -> None:
    results = figures.results()
    ax = plots.timeline(results, plots.blank(7.2, 5.0), run=4)
    moves = results.moves.query("run == 4 and cause != 'stopped'")
    between = moves[moves["actor"].isin(["norland", "suderia"]) & moves["target"].isin(["norland", "suderia"])]
    dots = [line for line in figures.figure_of(ax).axes[-1].lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == len(between[between["goldstein"] != 0])


def test_the_waterfall_leads_from_nothing_to_the_whole() -> None:
    effects = figures.effects()
    ax = plots.waterfall(effects, plots.blank())
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    assert ends[-1] == pytest.approx(effects.whole)
    assert ax.patches[0].get_x() == pytest.approx(effects.base)
    assert [label.get_text() for label in ax.get_yticklabels()][:: len(ends) + 1] == ["none of them", "all of them"]


def test_the_ends_of_a_difference_are_called_by_the_two_scenarios() -> None:
    effects = replace(figures.effects(), title="Calm", against="Loud")
    shown = plots.waterfall(effects, plots.blank()).get_yticklabels()
    assert [shown[0].get_text(), shown[-1].get_text()] == ["Loud", "Calm"]
    assert {"Loud", "Calm"} <= {text.get_text() for text in plots.waterfall(effects, plots.blank(3.5, 3.2)).texts}


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


def test_the_phase_portrait_leads_along_the_medians() -> None:
    results = figures.results()
    ax = plots.phase(results, plots.blank())
    assert any(np.array_equal(line.get_xydata(), _medians(results)) for line in ax.lines)
    assert "the border of stability is not in view" in " ".join(words(ax).split())


def _medians(results: Results) -> np.ndarray:
    from tensionsim.plots.phase import mean_conduct

    return np.median(mean_conduct(results)[1], axis=-1)


def test_mean_conduct_weighs_issues_and_tracks_to_one() -> None:
    from tensionsim.plots.phase import mean_conduct

    results = synthetic.results(runs=3)
    flat = replace(results, record=replace(results.record, conduct=np.full_like(results.record.conduct, 0.2)))
    assert mean_conduct(flat)[1] == pytest.approx(0.2)


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


@pytest.mark.parametrize("name", ["ledger", "timeline", "phase", "mechanisms"])
def test_an_unknown_run_is_named_with_those_there_are(name: str) -> None:
    with pytest.raises(SelectionError, match="there is no run 99; these are runs 0 to 29"):
        getattr(plots, name)(figures.results(), ax=plots.blank(), run=99)


@pytest.mark.parametrize("name", ["fan", "issues", "direction", "ledger", "regimes", "timeline", "phase"])
def test_one_date_is_no_figure_over_time(name: str) -> None:
    results = synthetic.results(runs=2)
    record = results.record
    first = {key: array[:1] for key, array in record.arrays().items() if not key.startswith("move_")}
    now = replace(results, record=replace(record, **first, move_step=np.zeros_like(record.move_step)))
    with pytest.raises(SelectionError, match="one date, 2031-01-06"):
        getattr(plots, name)(now, plots.blank())


def test_what_cannot_be_shown_is_said_with_what_can() -> None:
    results, ax = figures.results(), plots.blank()
    with pytest.raises(SelectionError, match=r"no actor 'atlantis'.*there is norland, suderia, easteria"):
        plots.timeline(results, ax, actors=["atlantis"])
    with pytest.raises(SelectionError, match=r"no actor 'atlantis'"):
        plots.mechanisms(results, "atlantis", ax)
    with pytest.raises(SelectionError, match=r"no outlook 'stormy'.*there is calm"):
        plots.difference(figures.comparison(), "stormy", ax)
    with pytest.raises(SelectionError, match=r"which outlook less a\? Name one of b, c"):
        plots.difference(dict.fromkeys("abc", results), None, ax)
    with pytest.raises(SelectionError, match="a comparison needs two"):
        plots.outlooks({"alone": results}, ax)
    with pytest.raises(SelectionError, match="no element was found"):
        plots.waterfall(replace(figures.effects(), table=figures.effects().table.iloc[:0]), ax)
    with pytest.raises(SelectionError, match=r"one figure shows one place; these contributions are of 4"):
        plots.mechanisms(ts.contributions(figures.SCENARIO, "norland", runs=2, by_channel=True), None, ax)
    assert not ax.has_data()


def test_a_run_without_moves_has_no_timeline() -> None:
    results = synthetic.results(runs=2)
    none = {key: getattr(results.record, key)[:0] for key in results.record.arrays() if key.startswith("move_")}
    with pytest.raises(SelectionError, match="avalon, brigadoon made no move in run 0"):
        plots.timeline(replace(results, record=replace(results.record, **none)), plots.blank())


def test_what_was_observed_at_the_start_alone_is_nothing_observed() -> None:
    results = figures.results()
    series = pd.Series([40.0, 45.0], pd.DatetimeIndex([results.dates[0] - np.timedelta64(7, "D"), results.dates[0]]))
    with pytest.raises(SelectionError, match=r"nothing was observed while these results run.*at their start at most"):
        plots.observed(results, series, plots.blank())
    later = pd.Series([45.0], pd.DatetimeIndex([results.dates[4]]))
    assert any(line.get_marker() == "o" for line in plots.observed(results, later, plots.blank()).lines)


WRONG = {
    **dict.fromkeys(("fan", "issues", "direction", "ledger", "regimes", "timeline", "phase", "overview"), ("managed",)),
    "issue": ("managed", "drugs"),
    "observed": ("managed", None),
    "mechanisms": ("managed",),
    "waterfall": ("managed",),
    "outlooks": ("managed",),
    "difference": ("managed",),
    **dict.fromkeys(("skill", "calibration", "reliability", "forecasts", "backtest_overview"), ("managed",)),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_subject_of_a_figure_is_told_what_is(name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name} takes .*, as ts\..*; got str$"):
        getattr(plots, name)(*WRONG[name])


def test_subjects_of_other_figures_are_told_apart() -> None:
    with pytest.raises(TypeError, match=r"difference takes a Comparison, .*; got Results"):
        plots.difference(figures.results())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"waterfall takes Effects, .*; got Results"):
        plots.waterfall(figures.results())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"observed takes a pandas Series .*; got NoneType"):
        plots.observed(figures.results(), None)
    with pytest.raises(TypeError, match=r"outlooks takes .*; of 'calm' it got str"):
        plots.outlooks({"as it is": figures.results(), "calm": "calm"})  # type: ignore[dict-item]


@pytest.mark.parametrize("length", [0, 20])
def test_nothing_observed_meanwhile_is_said(length: int) -> None:
    series = pd.Series(40.0, pd.date_range("2001-06-03", periods=length, freq="W"))
    with pytest.raises(SelectionError, match="nothing was observed while these results run"):
        plots.observed(figures.results(), series, plots.blank())


def test_governments_of_ones_own_have_no_mechanisms_and_no_field() -> None:
    results = replace(figures.results(), agents=("norland: mine.Charming",))
    with pytest.raises(TensionSimError, match=r"mine\.Charming decided"):
        plots.mechanisms(results, None, plots.blank())
    assert "no field is drawn" in " ".join(words(plots.phase(results, plots.blank())).split())


@pytest.mark.parametrize("name", ["x.jpg", "x", "missing/x.png"])
def test_a_figure_that_cannot_be_written_leaves_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"figures are written as \.png, \.svg, \.pdf|no folder"):
        plots.save(plots.blank(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_figure_takes_the_place_of_an_old_one_only_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "fan.png"
    path.write_bytes(b"old")
    ax = plots.blank()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(figures.figure_of(ax), "savefig", fail)
    with pytest.raises(StorageError, match="No space left"):
        plots.save(ax, path)
    assert path.read_bytes() == b"old"
    monkeypatch.undo()
    assert plots.save(ax, path).read_bytes().startswith(b"\x89PNG")
    assert [found.name for found in tmp_path.iterdir()] == ["fan.png"]


def test_panels_need_an_axes_of_a_grid() -> None:
    from matplotlib.figure import Figure

    with pytest.raises(ValueError, match="takes an axes made by `subplots`"):
        plots.issues(figures.results(), Figure().add_axes((0, 0, 1, 1)))


def test_labels_stay_within_the_axes_where_there_is_room() -> None:
    assert style.spread_within([0.0, 0.0, 0.0], 1.0, 0.0, 10.0) == [0.0, 1.0, 2.0]
    assert style.spread_within([9.9, 10.0], 1.0, 0.0, 10.0) == [9.0, 10.0]
    assert style.spread_within([], 1.0, 0.0, 10.0) == []


@pytest.mark.parametrize("text", ["in 88 %", "of 1,000 runs, seed 0", "of run 12", "conduct (Goldstein/10 a month)"])
def test_no_line_is_broken_between_a_number_and_what_it_counts(text: str) -> None:
    lines = style.wrapped(text, 7.5, 1.0).split("\n")
    assert " ".join(lines) == text
    assert not {"88", "%", "1,000", "runs,", "seed", "0", "run", "12", "a", "month)"} & set(lines)


def test_wrapped_lines_are_no_wider_than_they_may_be() -> None:
    text = "bands hold 30, 60 and 90 % of 1,000 runs, seed 0; at the end Washington is the harsher in 88 %"
    lines = style.wrapped(text, 7.5, 150.0).split("\n")
    assert " ".join(lines) == text
    assert all(style.text_width(line, 7.5) <= 150.0 for line in lines)
    assert len(lines) < 6


@pytest.mark.parametrize(
    ("runs", "shares", "said"),
    [
        (1, bands.SHARES, "run 4, seed 2"),
        (1000, bands.SHARES, "bands hold 30, 60 and 90 % of 1,000 runs, seed 2"),
        (50, (0.6,), "bands hold 60 % of 50 runs, seed 2"),
        (50, (), "medians of 50 runs, seed 2"),
    ],
)
def test_bands_are_explained(runs: int, shares: tuple[float, ...], said: str) -> None:
    assert bands.explained(runs, 4, 2, shares) == said


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_kind_is_drawn_as_wide_and_dark_as_asked(kind: str) -> None:
    if kind == "observed":
        pytest.skip("nothing was observed between Norland and Suderia")
    subject = {"outlooks": figures.comparison(), "difference": figures.comparison(), "waterfall": figures.effects()}
    subject |= dict.fromkeys(kinds.OF_FITS, figures.fit())
    subject |= dict.fromkeys(kinds.OF_BACKTESTS, figures.backtest())
    more = {"issue_name": "water"} if kind == "issue" else {}
    figure = kinds.draw(kind, subject.get(kind, figures.results()), size=(3.5, None), theme="dark", **more)
    assert figure.get_size_inches()[0] == 3.5
    assert figures.cut(figure) == []
    assert list(figures.overlaps(figure)) == []


def test_motives_are_not_drawn_of_runs_that_come_out_otherwise_now() -> None:
    results = figures.results()
    moved = replace(results, record=replace(results.record, cooperation=results.record.cooperation + 1.0))
    with pytest.raises(TensionSimError, match=r"these results: made by .* the runs come out otherwise"):
        plots.mechanisms(moved, ax=plots.blank())


def drawn_support(*factors: float) -> tuple[Axes, ts.Fit]:
    """The figure of a fit whose first mechanisms have these Bayes factors."""
    fitted = figures.fit()
    given = [replace(one, log10_bayes_factor=at) for one, at in zip(fitted.support, factors, strict=False)]
    changed = replace(fitted, support=tuple(given))
    return plots.support(changed, plots.blank(7.2, 3.0)), changed


def test_bars_of_support_are_the_bayes_factors_from_the_most_to_the_least() -> None:
    fitted = figures.fit()
    ax = plots.support(fitted, plots.blank(7.2, 6.0))
    bars = sorted((bar.get_y(), bar.get_width()) for bar in ax.patches if bar.get_height() == support_module.BAR)
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
    theme = themes.now()
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches if bar.get_height() == support_module.BAR]
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
    assert figures.cut(figure) == []
    assert list(figures.overlaps(figure)) == []
    sizes = {label.get_fontsize() for ax in figure.axes for label in ax.get_yticklabels()}
    assert min(sizes) > 0.9 * style.SMALL


def test_estimates_are_drawn_where_the_table_has_their_shift() -> None:
    fitted = figures.fit()
    ax = plots.estimates(fitted, plots.blank(7.2, 8.0))
    dots = [line for line in ax.lines if line.get_marker() not in ("None", "")]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(fitted.table()["shift"].tolist())
    assert [dot.get_marker() != "o" for dot in dots] == [note == "at its bound" for note in fitted.table()["note"]]


@pytest.mark.parametrize("kind", ["support", "estimates"])
def test_a_figure_of_a_fit_takes_nothing_else(kind: str) -> None:
    with pytest.raises(TypeError, match=f"{kind} takes a Fit, as ts.fit gives; got Results"):
        getattr(plots, kind)(figures.results())


def shifted(by: float) -> ts.Backtest:
    """The backtest of a model whose runs all say what came, and so much more."""
    found = figures.backtest()
    values = found.values.copy()
    values[:, :, 0] = found.outcomes[..., None] + by
    return replace(found, values=values)


def lines_of(ax: Axes, marker: str) -> list[tuple[float, float]]:
    """Places of single marks of an axes."""
    found = [line for line in ax.lines if line.get_marker() == marker and len(line.get_xdata()) == 1]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in found]


@pytest.mark.parametrize("target", ["index", "score", "acts", "issue: drugs"])
def test_skill_is_drawn_against_every_plain_forecast_and_the_best_has_its_interval(target: str) -> None:
    found = figures.backtest()
    table, ax = found.skill(target), plots.skill(found, plots.blank(), target=target)
    low, _ = ax.get_ylim()
    drawn = [np.asarray(line.get_ydata(), float) for line in ax.lines if len(line.get_xdata()) == len(found.horizons)]
    for name in found.plan.plain:
        wanted = np.maximum(table.xs(name, level="against")["skill"].to_numpy(float), low)
        assert any(np.allclose(line, wanted) for line in drawn), name
    best = table[table["is_best"]]
    marks = [float(line.get_ydata()[0]) for line in ax.lines if line.get_markersize() == skill_module.DOT]
    assert marks == pytest.approx(best["skill"].clip(lower=low).tolist())
    ends = [line.get_ydata() for line in ax.lines if line.get_linewidth() == 2.4]
    assert np.allclose(ends, best[["low", "high"]].clip(lower=low, upper=ax.get_ylim()[1]))
    for name in best.index.get_level_values("against"):
        assert name in [text.get_text() for text in ax.texts]


def test_a_model_that_loses_is_drawn_below_zero_in_the_colour_of_losses() -> None:
    ax = plots.skill(shifted(30.0), plots.blank())
    below = lines_of(ax, "v")
    assert len([height for _, height in below if height == pytest.approx(ax.get_ylim()[0])]) >= 3
    assert {to_hex(label.get_color()) for label in ax.get_xticklabels()} == {themes.now().hostile}
    assert all("\u2212" in label.get_text() for label in ax.get_xticklabels())


def test_a_model_that_wins_is_drawn_above_zero_in_the_colour_of_gains() -> None:
    ax = plots.skill(shifted(0.0), plots.blank())
    assert {to_hex(label.get_color()) for label in ax.get_xticklabels()} == {themes.now().friendly}
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
    days = ax.collections[0].get_paths()[0].vertices[0, 0] - mpl_day(found.origins[0])
    assert days == 3 * 28
    dots = next(line for line in ax.lines if line.get_marker() == "o")
    assert np.allclose(np.asarray(dots.get_ydata(), float), found.outcomes[:, 0, column], equal_nan=True)


def mpl_day(day: object) -> float:
    from matplotlib.dates import date2num

    return float(date2num(day))


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
        assert np.allclose(lines_of(ax, "o"), np.c_[curve.said, curve.happened])
        colours = [line.get_color() for line in ax.lines if line.get_marker() == "o"]
        inside = (curve.low <= curve.happened) & (curve.happened <= curve.high)
        assert [colour == themes.now().fan for colour in colours] == inside.tolist()
        assert sum(int(text.get_text()) for text in ax.texts if text.get_text().isdigit()) == curve.n.sum()


def test_a_regime_and_an_event_of_one_name_have_a_panel_each() -> None:
    said = words(plots.reliability(figures.backtest(), plots.blank(), names=["crisis", "regime:crisis"]))
    assert "crisis" in said
    assert "in crisis" in said


def test_what_a_backtest_does_not_hold_is_said_with_what_it_does() -> None:
    found, ax = figures.backtest(), plots.blank()
    for draw in (plots.skill, plots.calibration, plots.forecasts):
        with pytest.raises(SelectionError, match=r"no target 'trade' in this backtest; there are index, issue: drugs"):
            draw(found, ax, target="trade")
    with pytest.raises(SelectionError, match=r"no horizon 9 in this backtest; there are 1, 3, 6"):
        plots.forecasts(found, ax, horizon=9)
    with pytest.raises(SelectionError, match=r"no event 'war' in this backtest"):
        plots.reliability(found, ax, names=["war"])
    unknown = replace(found, outcomes=np.full_like(found.outcomes, np.nan))
    for draw in (plots.skill, plots.calibration, plots.forecasts, plots.reliability):
        with pytest.raises(SelectionError, match="nothing that came of index is known in this backtest"):
            draw(unknown, ax)
    assert not ax.has_data()


@pytest.mark.parametrize("width", [3.5, 7.2])
def test_the_overview_of_a_backtest_holds_its_four_figures_whole(width: float) -> None:
    figure = plots.backtest_overview(figures.backtest(), width)
    assert figures.cut(figure) == []
    assert list(figures.overlaps(figure)) == []
    said = " ".join(text for text, _ in figures.texts(figure))
    assert all(
        heading in said for heading in ("Forecasts 3 months", "Skill of the", "Calibration of", "Reliability of")
    )


def test_a_backtest_plots_its_skill() -> None:
    ax = figures.backtest().plot(plots.blank())
    assert ax.get_title(loc="left").startswith("Skill of the model, index")


def test_panels_beside_each_other_are_equally_far_apart_whatever_the_heading() -> None:
    figure = figures.figure_of(plots.calibration(figures.backtest(), plots.blank(7.2, 3.0)))
    figure.draw_without_rendering()
    edges = [ax.get_window_extent().x0 for ax in figure.axes[1:]]
    assert np.ptp(np.diff(edges)) < 2.0
