"""Stacks: contributions over time, those above zero upon each other and those below, and the line of their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.plots import style, themes
from tensionsim.plots.difference import signed
from tensionsim.plots.labels import Label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.model.record import Dates, Floats


MOST = 6
"""Contributions that are drawn by themselves; there are so many colours."""

LEAST = 0.1
"""Of the higher of the two stacks; what ends at 0 and was never more than that is not named."""


@dataclass(frozen=True, slots=True)
class Part:
    """A contribution over time: its name, its values of shape (date,), its colour and, if another, that of its text."""

    name: str
    values: Floats
    colour: str
    text: str = ""


def largest(contributions: Mapping[str, Floats], most: int = MOST) -> list[Part]:
    """The contributions of the largest mean size, and the net sum of the others as one; all of shape (date,)."""
    theme = themes.now()
    ranked = sorted(contributions, key=lambda name: (-float(np.abs(contributions[name]).mean()), name))
    moving = [name for name in ranked if np.any(contributions[name] != 0.0)]
    shown = moving if len(moving) <= most else moving[:most]
    parts = [Part(name, contributions[name], theme.palette[row]) for row, name in enumerate(shown)]
    rest = moving[len(shown) :]
    if rest:
        total = np.sum([contributions[name] for name in rest], axis=0)
        parts.append(Part(f"{len(rest)} others, net", total, theme.rest, theme.faint))
    return parts


def draw(ax: Axes, dates: Dates, parts: Sequence[Part], *, decimals: int = 1) -> list[Label]:
    """Draws the parts and the line of their sum; returns the labels of their ends."""
    theme = themes.now()
    above, below = np.zeros(len(dates)), np.zeros(len(dates))
    labels = []
    for part in parts:
        up, down = np.maximum(part.values, 0.0), np.minimum(part.values, 0.0)
        for base, height in ((above, up), (below, down)):
            if height.any():
                edge: dict[str, Any] = {"edgecolor": theme.ground, "linewidth": 0.4}
                ax.fill_between(dates, base, base + height, facecolor=part.colour, alpha=0.85, **edge)
        end = above[-1] + up[-1] / 2 if part.values[-1] >= 0.0 else below[-1] + down[-1] / 2
        above, below = above + up, below + down
        if _is_nothing(part, parts, decimals):
            continue
        text = f"{part.name} {_number(part.values[-1], decimals)}"
        labels.append(Label(float(end), text, part.text or part.colour, swatch=part.colour))
    total: Floats = np.sum([part.values for part in parts], axis=0)
    ax.plot(dates, total, color=theme.ground, linewidth=3.4)
    ax.plot(dates, total, color=theme.ink, linewidth=1.8)
    ax.axhline(0.0, color=theme.faint, linewidth=0.7)
    room = 0.05 * float(above.max() - below.min()) or 1.0
    ax.set_ylim(float(below.min()) - room, float(above.max()) + room)
    ax.yaxis.set_major_formatter(signed)
    style.time_axis(ax)
    return [*labels, Label(float(total[-1]), f"sum {_number(total[-1], decimals)}", theme.ink, is_bold=True)]


def _is_nothing(part: Part, parts: Sequence[Part], decimals: int) -> bool:
    """Whether a part rounds to 0 at the end and was hardly to be seen before; it is drawn, but not named."""
    height = max(float(np.sum([np.maximum(sign * one.values, 0.0) for one in parts], axis=0).max()) for sign in (1, -1))
    return float(f"{part.values[-1]:.{decimals}f}") == 0.0 and float(np.abs(part.values).max()) < LEAST * height


def _number(value: float, decimals: int) -> str:
    text = f"{value:+.{decimals}f}".replace("-", "−")
    return text[1:] if float(text[1:]) == 0.0 else text
