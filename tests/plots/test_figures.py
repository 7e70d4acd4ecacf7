"""What every figure keeps: it draws where told, covers nothing, says units, repeats its bytes, changes nothing."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

import figures
from figures import FIGURES
from tensionsim import plots
from tensionsim.plots import kinds, themes

SIZES = {"page": (7.2, 4.8), "column": (3.5, 5.0)}
SEVERAL_PANELS = ("issues", "timeline", "calibration", "reliability")

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
    "phase": ("conduct (Goldstein/10 a month)", "conduct (Goldstein/10 a month)"),
}


def test_every_public_figure_is_tested_here_and_can_be_asked_for_in_words() -> None:
    pages = {"backtest_overview", "fit_overview", "overview"}
    others = {"blank", "save", "save_comparison", "save_overview", "theme", *pages}
    assert set(FIGURES) == set(plots.__all__) - others
    assert set(FIGURES) == set(kinds.KINDS)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("runs", [1, 30])
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_or_covers_another(name: str, runs: int, size: str) -> None:
    figure = figures.figure_of(FIGURES[name](runs, plots.blank(*SIZES[size])))
    assert figures.cut(figure) == []
    assert list(figures.overlaps(figure)) == []


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_on_the_axes_given_and_has_no_legend(name: str) -> None:
    ax = plots.blank()
    assert FIGURES[name](30, ax) is ax
    drawn = [each for each in figures.figure_of(ax).axes if each.has_data()]
    assert drawn
    assert all(each.get_legend() is None for each in drawn)
    assert (ax in drawn) is (name not in SEVERAL_PANELS)


@pytest.mark.parametrize("name", FIGURES)
def test_without_axes_a_figure_of_pyplot_is_made(name: str) -> None:
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    before = plt.get_fignums()
    ax = FIGURES[name](30, None)
    assert len(plt.get_fignums()) == len(before) + 1
    plt.close(figures.figure_of(ax))
    assert plt.get_fignums() == before


@pytest.mark.parametrize("name", UNITS)
def test_axes_say_what_they_are_in_which_unit(name: str) -> None:
    ax = FIGURES[name](30, plots.blank())
    for wanted, found in zip(UNITS[name], (ax.get_xlabel(), ax.get_ylabel()), strict=True):
        assert wanted in " ".join(found.split())


@pytest.mark.parametrize("name", FIGURES)
def test_users_settings_and_results_stay_as_they_were(name: str) -> None:
    record = figures.results().record
    settings, arrays = dict(mpl.rcParams), {key: array.copy() for key, array in record.arrays().items()}
    table = copy.deepcopy(figures.effects().table)
    FIGURES[name](30, plots.blank())
    assert dict(mpl.rcParams) == settings
    assert all(np.array_equal(array, arrays[key]) for key, array in record.arrays().items())
    assert figures.effects().table.equals(table)


@pytest.mark.parametrize(
    ("name", "ending"), [*((name, "svg") for name in FIGURES), ("fan", "png"), ("phase", "png"), ("phase", "pdf")]
)
def test_the_same_figure_gives_the_same_bytes(name: str, ending: str, tmp_path: Path) -> None:
    contents = []
    for turn in ("one", "two"):
        path = plots.save(FIGURES[name](30, plots.blank(3.5, 5.0)), tmp_path / f"{turn}.{ending}", dpi=60)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize("name", FIGURES)
def test_a_dark_figure_is_dark_on_axes_that_were_light(name: str) -> None:
    ax = plots.blank(7.2, 5.0)
    with plots.theme("dark"):
        FIGURES[name](30, ax)
    figure = figures.figure_of(ax)
    assert same_color(figure.get_facecolor(), themes.DARK.ground)
    inks = {each.get_title(loc="left"): each._left_title.get_color() for each in figure.axes}
    assert {colour for title, colour in inks.items() if title} <= {themes.DARK.ink}


@pytest.mark.parametrize("name", ["fan", "observed", "outlooks", "difference", "issue", "issues", "direction"])
def test_one_run_has_no_bands(name: str) -> None:
    figure = figures.figure_of(FIGURES[name](1, plots.blank(7.2, 5.0)))
    assert not [shape for ax in figure.axes for shape in ax.collections]
    assert "bands hold" not in " ".join(text for text, _ in figures.texts(figure))


@pytest.mark.parametrize("name", ["fan", "issues", "phase", "timeline"])
def test_a_figure_can_be_kept_and_drawn_again(name: str) -> None:
    figure = figures.figure_of(FIGURES[name](30, plots.blank(7.2, 5.0)))
    again = pickle.loads(pickle.dumps(figure))
    assert isinstance(again, Figure)
    assert [text for text, _ in figures.texts(again)] == [text for text, _ in figures.texts(figure)]
