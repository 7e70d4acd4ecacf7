"""Where texts are put: dates of a path by their dots, names of elements in lines, names of regimes, flags in rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

import figures
from tensionsim import plots
from tensionsim.model.measures import REGIMES
from tensionsim.plots import bounds, elements, flag_rows, kinds, pointers, style, themes

TANGLE = np.array([[0.0, 0.0], [0.03, 0.02], [0.01, 0.03], [0.02, 0.0], [0.01, 0.01], [0.03, 0.03]])


@pytest.mark.parametrize("width", [3.5, 7.2])
def test_in_a_tangle_each_date_has_a_line_to_its_own_dot(width: float) -> None:
    ax = plots.blank(width, 3.0)
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    style.lay_out(ax)
    named = [("start", TANGLE[0]), ("end", TANGLE[-1]), ("middle", TANGLE[2])]
    pointers.write(ax, named, TANGLE, [])
    style.lay_out(ax)
    lines, texts = ax.texts[::2], ax.texts[1::2]
    point = ax.figure.dpi / style.POINTS_PER_INCH
    for (text, dot), line, written in zip(named, lines, texts, strict=True):
        assert written.get_text() == text
        assert line.xy == written.xy == tuple(dot)
        box = Text.get_window_extent(written)
        tip = ax.transData.transform(dot) + point * np.array(line.get_position())
        assert np.hypot(*(np.clip(tip, box.p0, box.p1) - tip)) < 3.0 * point
    boxes = [Text.get_window_extent(written) for written in texts]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    assert not any(box.count_contains(ax.transData.transform(TANGLE)) for box in boxes)


def test_the_start_of_a_path_is_a_ring() -> None:
    ax = plots.phase(figures.results(), plots.blank(3.5, 4.0), run=3)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    (ring,) = [line for line in dots if line.get_markerfacecolor() == themes.LIGHT.ground]
    assert tuple(ring.get_xydata()[0]) in [text.xy for text in ax.texts if text.get_text().startswith("Jan 2030")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("actors.washington.rhetoric: 1.0 -> 0.45", ["actors.washington.rhetoric:", "1.0 → 0.45"]),
        ("2026-01-26 washington: impose_tariffs (migration)", ["2026-01-26 washington:", "impose tariffs (migration)"]),
        ("mechanisms.reciprocity.slow: 0.1 -> off", ["mechanisms.reciprocity.", "slow: 0.1 → off"]),
    ],
)
def test_names_of_elements_are_broken_between_words_and_parts_of_paths(name: str, found: list[str]) -> None:
    assert elements.lines(name, 7.5, 112.0) == found


def test_a_name_too_long_keeps_both_ends() -> None:
    name = "2026-01-26 washington: impose_tariffs upon everything that comes by sea or by land (migration)"
    first, last = elements.lines(name, 7.5, 110.0)
    assert first == "2026-01-26 washington:"
    assert last.startswith("…")
    assert last.endswith("(migration)")


@given(st.text("ab. _-/:", min_size=1, max_size=120), st.floats(40.0, 250.0))
def test_no_line_of_a_name_is_wider_than_it_may_be(name: str, width: float) -> None:
    lines = elements.lines(name, 7.5, width)
    assert len(lines) <= 2
    assert all(style.text_width(line, 7.5) <= width for line in lines)


@pytest.mark.parametrize("level", [10.0, 27.0, 42.0, 60.0, 90.0])
def test_regimes_are_all_named_and_off_the_line(level: float) -> None:
    ax, dates = plots.blank(3.5, 2.4), np.arange("2030-01-01", "2031-01-01", dtype="datetime64[D]")
    ax.set(xlim=(dates[0], dates[-1]), ylim=(0.0, 100.0))
    line = np.where(np.arange(len(dates)) < 60, 21.5, level)
    ax.plot(dates, line)
    style.lay_out(ax)
    bounds.name(ax, dates, [line])
    style.lay_out(ax)
    assert sorted(text.get_text() for text in ax.texts) == sorted(name for name, _ in REGIMES)
    points = ax.transData.transform(np.c_[_days(dates), line])
    assert not any(text.get_window_extent().count_contains(points) for text in ax.texts)


def _days(dates: np.ndarray) -> np.ndarray:
    from matplotlib.dates import date2num

    return np.asarray(date2num(dates))


def test_a_bound_out_of_view_is_not_named() -> None:
    ax, dates = plots.blank(3.5, 2.4), np.array(["2030-01-01", "2031-01-01"], "datetime64[D]")
    ax.set(xlim=(dates[0], dates[-1]), ylim=(22.0, 34.0))
    style.lay_out(ax)
    bounds.name(ax, dates, [np.array([25.0, 30.0])])
    assert not ax.texts


@pytest.mark.parametrize("height", [3.4, 4.4, 6.0])
def test_the_timeline_names_the_regimes_whatever_its_height(height: float) -> None:
    ax = plots.timeline(figures.results(), plots.blank(3.5, height), run=3)
    said = {text for text, _ in figures.texts(figures.figure_of(ax))}
    assert {"rupture", "crisis", "strained", "pragmatic", "alliance"} <= said


def test_no_pole_passes_behind_the_name_of_a_later_flag_at_the_right_end() -> None:
    at, lengths = [380.0, 400.0, 430.0], [80.0, 80.0, 120.0]
    leftward, rows = flag_rows.arrange(at, lengths, 440.0)
    assert leftward == [True, True, True]
    assert rows == [0, 1, 2]


def test_flags_with_room_run_to_the_right_the_earlier_above() -> None:
    assert flag_rows.arrange([0.0, 20.0, 200.0], [60.0, 60.0, 60.0], 400.0) == ([False] * 3, [1, 0, 0])


@pytest.mark.parametrize("kind", ["fan", "timeline", "waterfall", "issues", "ledger", "phase"])
def test_the_narrowest_figure_of_the_command_can_be_read(kind: str) -> None:
    subject = figures.effects() if kind == "waterfall" else figures.results()
    figure = kinds.draw(kind, subject, size=(3.0, None), theme="light")
    assert figures.cut(figure) == []
    assert list(figures.overlaps(figure)) == []
