"""The look of figures: colours that all readers tell apart and read, broken lines, files that are whole."""

from __future__ import annotations

import itertools
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import figures
from tensionsim import plots
from tensionsim.errors import StorageError
from tensionsim.plots import style

# Machado, Oliveira & Fernandes (2009), severity 1, for linear RGB.
SIGHTS = {
    "all colours": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}


TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


WHITE = TO_XYZ.sum(axis=1)


LEAST_APART = 12.0
"""CIE76; 2.3 is just noticeable. Lines are told apart by their labels too."""


def linear(colour: str) -> np.ndarray:
    parts = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def seen(colour: str, sight: str) -> np.ndarray:
    """CIELAB of a colour as some eyes see it."""
    xyz = TO_XYZ @ np.clip(SIGHTS[sight] @ linear(colour), 0, 1) / WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of the lighter to the darker."""
    dark, light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", style.THEMES)
def test_colours_beside_each_other_are_told_apart_by_all_eyes(name: str, sight: str) -> None:
    theme = style.THEMES[name]
    groups = (theme.palette, (theme.friendly, theme.hostile), (theme.fan, theme.observed))
    pairs = [pair for group in groups for pair in itertools.combinations(group, 2)]
    pairs += list(itertools.pairwise(theme.regimes))
    apart = {pair: float(np.linalg.norm(seen(pair[0], sight) - seen(pair[1], sight))) for pair in pairs}
    assert {pair: distance for pair, distance in apart.items() if distance < LEAST_APART} == {}


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", style.THEMES)
def test_friendly_and_hostile_are_no_colours_of_actors(name: str, sight: str) -> None:
    theme = style.THEMES[name]
    for ours in (theme.friendly, theme.hostile):
        apart = [float(np.linalg.norm(seen(ours, sight) - seen(one, sight))) for one in theme.palette[:2]]
        assert min(apart) >= LEAST_APART


@pytest.mark.parametrize("name", style.THEMES)
def test_text_reads_on_its_ground(name: str) -> None:
    theme = style.THEMES[name]
    colours = (theme.ink, theme.faint, theme.fan, theme.observed, theme.friendly, theme.hostile, *theme.palette)
    assert [colour for colour in colours if contrast(colour, theme.ground) < 4.5] == []


def test_a_theme_leaves_the_users_settings_as_they_were() -> None:
    before = dict(mpl.rcParams)
    with style.theme("dark"):
        assert mpl.rcParams["figure.facecolor"] == style.DARK.ground
        assert style.now() is style.DARK
        with style.theme("light"):
            assert style.now() is style.LIGHT
        assert style.now() is style.DARK
    assert dict(mpl.rcParams) == before
    assert style.now() is style.LIGHT


def test_a_theme_ends_where_drawing_fails() -> None:
    with pytest.raises(ZeroDivisionError), style.theme("dark"):
        raise ZeroDivisionError
    assert style.now() is style.LIGHT


def test_an_unknown_theme_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="theme must be one of light, dark; got 'sepia'"), style.theme("sepia"):
        raise AssertionError


def test_a_mixture_lies_between_colour_and_ground() -> None:
    assert style.mixed("#000000", 0.0) == "#000000"
    assert style.mixed("#000000", 1.0) == style.LIGHT.ground
    assert style.mixed("#204060", 0.5) == "#90a0b0"


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

    monkeypatch.setattr("tensionsim.runs.store.os.fsync", fail)
    with pytest.raises(StorageError, match="No space left"):
        plots.save(ax, path)
    assert path.read_bytes() == b"old"
    monkeypatch.undo()
    assert plots.save(ax, path).read_bytes().startswith(b"\x89PNG")
    assert [found.name for found in tmp_path.iterdir()] == ["fan.png"]


def test_panels_need_an_axes_of_a_grid() -> None:

    with pytest.raises(ValueError, match="takes an axes made by `subplots`"):
        plots.issues(figures.results(), Figure().add_axes((0, 0, 1, 1)))


def test_no_line_is_broken_between_a_number_and_its_percent() -> None:
    assert style.wrapped("harsher in 88 %; so", 7.5, 1.0).split("\n") == ["harsher", "in", "88 %;", "so"]


def test_wrapped_lines_are_no_wider_than_they_may_be() -> None:
    text = "bands hold 30, 60 and 90 % of 1,000 runs, seed 0; at the end Washington is the harsher in 88 %"
    lines = style.wrapped(text, 7.5, 150.0).split("\n")
    assert " ".join(lines) == text
    assert all(style.text_width(line, 7.5) <= 150.0 for line in lines)
    assert len(lines) < 6
