"""What every figure of the table keeps: it draws where told, covers nothing, repeats its bytes, changes nothing."""

from __future__ import annotations

import copy
import doctest
import importlib
import pickle
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

import figures
import synthetic
import tensionsim as ts
from figures import NAMES
from tensionsim import plots
from tensionsim.errors import SelectionError
from tensionsim.plots import style

SEVERAL_PANELS = ("issues", "timeline", "calibration", "reliability", "warning")

UNITS = {
    "fan": ("", "cooperation index, 0-100"),
    "observed": ("", "cooperation index, 0-100"),
    "outlooks": ("", "cooperation index, 0-100"),
    "difference": ("", "difference, points of the index"),
    "issue": ("", "cooperation, 0-100"),
    "direction": ("", "tension of own conduct, 0-100"),
    "ledger": ("", "points of the index above 50"),
    "mechanisms": ("", "contribution to direction (log-odds)"),
    "regimes": ("", "share of the runs, %"),
    "waterfall": (", points", ""),
    "support": ("log10 Bayes factor, above 0 for it", ""),
    "estimates": ("in the prior's deviations", ""),
    "forecasts": ("", "cooperation index, 0-100"),
    "skill": ("months ahead", "CRPS saved, % of the other's"),
    "discovery": ("coverage, % of runs of interest", "density, % of runs in the box"),
    "advice": ("stances attained, %", "% of runs"),
    "sensitivity": ("share of the variance", ""),
    "convergence": ("size of the plan", "share of the variance"),
    "settlement": ("round of bargaining", "position, 0-100"),
    "phase": ("conduct (Goldstein/10 a month)", "conduct (Goldstein/10 a month)"),
}


def test_public_names_are_the_table_and_what_makes_and_saves_figures() -> None:
    others = {"blank", "save", "save_comparison", "save_overview", "theme"}
    assert set(plots.__all__) == set(plots.FIGURES) | others == set(dir(plots))
    assert set(UNITS) == set(NAMES) - set(SEVERAL_PANELS)
    with pytest.raises(AttributeError, match="no attribute 'pie'"):
        plots.pie  # noqa: B018


@pytest.mark.parametrize("name", sorted({*plots.__all__} - {"save_comparison", "save_overview"}))
def test_example_of_a_figure_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = getattr(plots, name)
    names = {"ts": ts, "results": figures.results(), "comparison": figures.comparison(), "effects": figures.effects()}
    names |= {
        "fitted": figures.fit(),
        "tested": figures.backtest(),
        "found": figures.discovery(),
        "advised": figures.advice(),
        "settled": figures.settlement(),
        "sensed": figures.sensed(),
        "warned": figures.warning(),
    }
    home = importlib.import_module(found.__module__)
    (example, *_) = doctest.DocTestFinder(recurse=False).find(found, name, module=home, globs=names)
    report: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=report.append)
    assert example.examples, f"tensionsim.plots.{name} has no example in its docstring"
    assert not report, "".join(report)


@pytest.mark.parametrize("name", NAMES)
def test_a_new_figure_is_readable_and_leaves_all_else_as_it_was(name: str, tmp_path: Path) -> None:
    """Drawn anew by pyplot and by the command, both are the same to the byte."""
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    record = figures.results().record
    table, settings = copy.deepcopy(figures.effects().table), dict(mpl.rcParams)
    arrays, before = {key: np.array(array) for key, array in record.arrays.items()}, plt.get_fignums()
    ax = figures.draw(name, None)
    assert len(plt.get_fignums()) == len(before) + 1
    figure = figures.figure_of(ax)
    plt.close(figure)
    assert plt.get_fignums() == before
    assert dict(mpl.rcParams) == settings
    assert all(np.array_equal(array, arrays[key]) for key, array in record.arrays.items())
    assert figures.effects().table.equals(table)
    again = plots.draw(name, figures.subject(name), theme="light", **figures.more(name))
    one, other = (plots.save(each, tmp_path / f"{place}.svg") for place, each in enumerate((figure, again)))
    assert one.read_bytes() == other.read_bytes()
    figures.check_readable(figure)
    drawn = [each for each in figure.axes if each.has_data()]
    assert drawn
    assert all(each.get_legend() is None for each in drawn)
    assert (ax in drawn) is (name not in SEVERAL_PANELS)
    for wanted, found in zip(UNITS.get(name, ("", "")), (ax.get_xlabel(), ax.get_ylabel()), strict=True):
        assert wanted in " ".join(found.split())


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_readable_as_a_dark_page_and_as_a_column(name: str) -> None:
    page, column = plots.blank(7.2, 4.8), plots.blank(3.5, 5.0)
    with plots.theme("dark"):
        assert figures.draw(name, page) is page
    assert figures.draw(name, column) is column
    as_asked = plots.draw(name, figures.subject(name), width=3.5, theme="dark", **figures.more(name))
    assert as_asked.get_size_inches()[0] == 3.5
    for figure in (figures.figure_of(page), figures.figure_of(column), as_asked):
        figures.check_readable(figure)
    for figure in (figures.figure_of(page), as_asked):
        assert same_color(figure.get_facecolor(), style.DARK.ground)
        inks = {each.get_title(loc="left"): each._left_title.get_color() for each in figure.axes}
        assert {colour for title, colour in inks.items() if title} <= {style.DARK.ink}


@pytest.mark.parametrize("name", [name for name in NAMES if plots.FIGURES[name].takes in ("Results", "Comparison")])
def test_one_run_is_readable_and_has_no_bands(name: str) -> None:
    for size in ((7.2, 4.8), (3.5, 5.0)):
        figure = figures.figure_of(figures.draw(name, plots.blank(*size), runs=1))
        figures.check_readable(figure)
        if name in ("fan", "observed", "outlooks", "difference", "issue", "issues", "direction"):
            assert not [shape for ax in figure.axes for shape in ax.collections]
            assert "bands hold" not in " ".join(text for text, _ in figures.texts(figure))


@pytest.mark.parametrize("name", ["fan", "timeline", "waterfall", "issues", "ledger", "phase"])
def test_the_narrowest_figure_of_the_command_can_be_read(name: str) -> None:
    figures.check_readable(plots.draw(name, figures.subject(name), width=3.0, theme="light"))


@pytest.mark.parametrize(("name", "ending"), [("fan", "png"), ("phase", "png"), ("phase", "pdf")])
def test_the_same_picture_gives_the_same_bytes(name: str, ending: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{turn}.{ending}" for turn in ("one", "two")]
    one, other = (plots.save(figures.draw(name, plots.blank(3.5, 5.0)), path, dpi=60).read_bytes() for path in paths)
    assert one == other


@pytest.mark.parametrize("name", ["fan", "issues", "phase", "timeline"])
def test_a_figure_can_be_kept_and_drawn_again(name: str) -> None:
    figure = figures.figure_of(figures.draw(name, plots.blank(7.2, 5.0)))
    again = pickle.loads(pickle.dumps(figure))
    assert isinstance(again, Figure)
    assert [text for text, _ in figures.texts(again)] == [text for text, _ in figures.texts(figure)]


@pytest.mark.parametrize("name", ["ledger", "timeline", "phase", "mechanisms"])
def test_an_unknown_run_is_named_with_those_there_are(name: str) -> None:
    with pytest.raises(SelectionError, match="there is no run 99; these are runs 0 to 29"):
        getattr(plots, name)(figures.results(), ax=plots.blank(), run=99)


@pytest.mark.parametrize("name", ["fan", "issues", "direction", "ledger", "regimes", "timeline", "phase"])
def test_one_date_is_no_figure_over_time(name: str) -> None:
    results = synthetic.results(runs=2)
    record = results.record
    first = {key: array[:1] for key, array in record.arrays.items() if not key.startswith("move_")}
    cut = synthetic.changed(record, dates=record.dates[:1], **first, move_step=np.zeros_like(record.move_step))
    now = replace(results, record=cut)
    with pytest.raises(SelectionError, match="one date, 2031-01-06"):
        getattr(plots, name)(now, plots.blank())


def test_what_cannot_be_shown_is_said_with_what_can() -> None:
    results, ax = figures.results(), plots.blank()
    with pytest.raises(SelectionError, match=r"actor must be one of norland, suderia, easteria; got 'atlantis'"):
        plots.timeline(results, ax, actors=["atlantis"])
    with pytest.raises(TypeError, match=r"ax is an Axes to draw in.*got 'norland': other choices are written with"):
        plots.direction(results, "norland")  # type: ignore[arg-type]
    with pytest.raises(SelectionError, match=r"actor must be one of .*; got 'atlantis'"):
        plots.mechanisms(results, "atlantis", ax)
    with pytest.raises(SelectionError, match=r"outlook must be one of calm; got 'stormy'"):
        plots.difference(figures.comparison(), "stormy", ax)
    with pytest.raises(SelectionError, match=r"which outlook less a\? Name one of b, c"):
        plots.difference(ts.compare(results, results, results, names=list("abc")), None, ax)
    with pytest.raises(SelectionError, match="no element was found"):
        plots.waterfall(replace(figures.effects(), table=figures.effects().table.iloc[:0]), ax)
    with pytest.raises(SelectionError, match=r"one figure shows one place; these contributions are of 4"):
        plots.mechanisms(ts.contributions(figures.SCENARIO, "norland", runs=2, by_channel=True), None, ax)
    assert not ax.has_data()


@pytest.mark.parametrize("name", plots.FIGURES)
def test_what_is_no_subject_of_a_figure_is_told_what_is(name: str) -> None:
    more = {"issue": ("drugs",), "observed": (None,)}.get(name, ())
    takes = plots.FIGURES[name].takes
    with pytest.raises(TypeError, match=rf"^{name} takes {takes}.*; got str$"):
        getattr(plots, name)("managed", *more)
    other = figures.effects() if takes == "Results" else figures.results()
    with pytest.raises(TypeError, match=rf"^{name} takes {takes}.*; got {type(other).__name__}$"):
        getattr(plots, name)(other, *more)


def test_subjects_within_a_figure_are_told_apart() -> None:
    with pytest.raises(TypeError, match=r"observed takes Series; got list"):
        plots.observed(figures.results(), [45.0])
    with pytest.raises(SelectionError, match=r"norland-suderia names no history"):
        plots.observed(figures.results())


def test_a_limit_of_names_is_told_in_words() -> None:
    found = figures.discovery()
    points = found.points.assign(vote=np.where(found.interest, "hawks", "doves"))
    box = replace(found.box, limits={"vote": frozenset({"hawks"})})
    ax = plots.discovery(replace(found, points=points, boxes=(box,), number=0), plots.blank(height=5))
    said = " ".join(one.get_text() for one in (*ax.texts, ax.title, *ax.figure.texts))
    assert "hawks" in said
    assert "doves" not in said


def test_strategies_at_the_ends_of_what_can_be_are_drawn_whole_and_all_named() -> None:
    found = figures.advice()
    ends = replace(found, attainment=np.ones_like(found.attainment), kept=np.zeros_like(found.kept))
    ax = plots.advice(ends, plots.blank())
    assert ax.get_xlim()[1] == 100.0
    assert not any(line.get_clip_on() for line in ax.lines if line.get_marker() == "o")
    assert set(found.names) <= {text.get_text() for text in ax.texts}


def test_strategies_beaten_by_none_lie_above_all_others() -> None:
    found = figures.advice()
    ax = plots.advice(found, plots.blank())
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    is_filled = found.table["is_pareto"].loc[list(found.names)]
    assert 0 < is_filled.sum() < len(dots) == len(is_filled)
    filled, others = (
        [dot.zorder for dot, full in zip(dots, is_filled, strict=True) if full == wanted] for wanted in (1, 0)
    )
    assert min(filled) > max(others)


@pytest.mark.parametrize("theme", sorted(style.THEMES))
def test_each_indicator_has_its_own_colour_in_its_line_its_label_and_its_curves(theme: str) -> None:
    with plots.theme(theme):
        ax = plots.warning(figures.warning(), plots.blank(height=5.0))
    above, *curves = ax.figure.axes[1:]
    told = {line.get_text().split(":")[0]: line.get_color() for line in above.texts if ": 0" in line.get_text()}
    assert len(told) >= 5
    assert len(set(told.values())) == len(told)
    assert set(told.values()) <= {line.get_color() for line in above.lines}
    said = {(text.get_text().rpartition(" ")[0], text.get_color()) for part in curves for text in part.texts}
    assert {one for one in said if one[0] in told} <= set(told.items())
