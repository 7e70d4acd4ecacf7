"""Figures of a fit: bars and dots are where the tables have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

import figures
import tensionsim as ts
from tensionsim import plots
from tensionsim.errors import SelectionError
from tensionsim.plots import fits, style


def drawn_support(*factors: float) -> tuple[Axes, ts.Fit]:
    """The figure of a fit whose first mechanisms have these Bayes factors."""
    fitted = figures.fit()
    given = [replace(one, log10_bayes_factor=at) for one, at in zip(fitted.support, factors, strict=False)]
    changed = replace(fitted, support=tuple(given))
    return plots.support(changed, plots.blank(7.2, 3.0)), changed


def test_bars_of_support_are_the_bayes_factors_from_the_most_to_the_least() -> None:
    fitted = figures.fit()
    ax = plots.support(fitted, plots.blank(7.2, 6.0))
    bars = sorted((bar.get_y(), bar.get_width()) for bar in ax.patches if bar.get_height() == fits.BAR)
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
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches if bar.get_height() == fits.BAR]
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
