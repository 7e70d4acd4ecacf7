"""What the actors see at the start of a step: the only thing that mechanisms read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tensionsim.world.channels import Channels, Floats, Ints
from tensionsim.world.settings import Attributes


@dataclass(frozen=True, slots=True)
class Places:
    """Some places of a table of shape (channel, run): rows of channel and run, each of shape (place,)."""

    channel: Ints
    run: Ints
    _flat: dict[tuple[int, int], Ints] = field(default_factory=dict)

    def entries(self, table: Floats, rows: Ints | None) -> Floats:
        """Entries of a table of shape (row, run or 1), in the row of each place's channel or in `rows[channel]`."""
        width = table.shape[-1]
        key = (id(rows), width)
        flat = self._flat.get(key)
        if flat is None:
            row = self.channel if rows is None else rows[self.channel]
            flat = self._flat[key] = row if width == 1 else row * width + self.run
        return table.reshape(-1).take(flat)

    def of_run(self, values: Floats) -> Floats:
        """Entries of an array of shape (1,) or (run,)."""
        return values if values.size == 1 else values[self.run]


@dataclass(frozen=True, slots=True)
class Perception:
    """The state as mechanisms need it. Shapes: (channel, run), (pair, run) or (actor, run); run may be 1.

    A mechanism asks by `take` for what belongs to each channel, so that one equation serves every channel of every run
    and the few places where somebody acts.

    tone_fast, tone_slow : how friendly each channel has lately been, (channel, run), in [-1, 1].
    conduct : y, (channel, run). pair_conduct : its sum over the channels of a directed pair, (pair, run).
    pressure : what each pair's *target* has received from its actor, (pair, run), >= 0.
    weight : w[i, k] * K of each channel's actor and issue, (channel, run), mean 1 over issues.
    agreement : 1 - 2 |x_i - x_j|, (channel, run), in [-1, 1]. rhetoric, sympathy : (actor, run). level : how far
    all directions have wandered from the bias, (run,) or (1,).
    dependence : of each pair's actor on its target, (pair, run), in [0, 1]. alternative : how far actor l is an
    alternative to j for i, (actor, actor, actor, run), by (i, j, l). grievance : of each channel's actor on its own
    yardstick with its target, (channel, run); above 0 is a grievance.
    """

    channels: Channels
    attributes: Attributes
    tone_fast: Floats
    tone_slow: Floats
    conduct: Floats
    pair_conduct: Floats
    pressure: Floats
    weight: Floats
    agreement: Floats
    rhetoric: Floats
    sympathy: Floats
    level: Floats
    dependence: Floats
    alternative: Floats
    grievance: Floats
    places: Places | None = None

    def take(self, table: Floats, rows: Ints | None = None) -> Floats:
        """What each channel finds in a table of shape (row, run or 1): in its own row, or in row `rows[channel]`.

        Shape (channel, run or 1), or (place,) where only some places are asked for.
        """
        if self.places is not None:
            return self.places.entries(table, rows)
        return table if rows is None else table[rows]

    def ties(self, numbers: Floats, rows: Ints) -> Floats:
        """Like `take`, of numbers between actors, shape (actor, ..., actor, run or 1); `rows` count them through."""
        return self.take(np.reshape(numbers, (-1, numbers.shape[-1])), rows)

    def of_run(self, values: Floats) -> Floats:
        """What holds in each run, of shape (1,) or (run,), as it holds for each channel or place."""
        return values if self.places is None else self.places.of_run(values)
