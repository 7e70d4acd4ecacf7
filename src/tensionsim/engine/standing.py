"""Standing: what follows from the arrangements in force, kept in step with them where they change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.choice import Chances, can_be_made
from tensionsim.engine.world import World
from tensionsim.world.arrangements import Instances
from tensionsim.world.channels import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Standing:
    """What arrangements in force count in each channel, and what they leave open.

    score : Goldstein / 10 a month, shape (channel, run). is_open : 1 for the entries of each channel's menu that can be
    made now, else 0, shape (channel, run, slot).
    """

    score: Floats
    is_open: Chances

    def open_at(self, channel: Ints, run: Ints) -> Chances:
        """Which entries of the menu can be made in some places, shape (place, slot)."""
        _, runs, slots = self.is_open.shape
        found: Chances = self.is_open.reshape(-1, slots).take(channel * runs + run, axis=0)
        return found


def standing_of(world: World, in_force: Bools) -> Standing:
    """What follows from arrangements in force, shape (instance + 2, run)."""
    channels, slots, runs = len(world.channels), world.menus.slots, in_force.shape[-1]
    is_open = np.zeros((channels, runs, slots), np.uint8)
    for row, size in enumerate(world.menus.size.tolist()):
        is_open[row, :, :size] = can_be_made(world.menus, world.menus.move[:size, row], row, in_force).T
    every = np.broadcast_to(np.arange(channels)[:, None], (channels, runs))
    return Standing(_scores(world.instances, in_force, every, np.arange(runs)), is_open)


def change(standing: Standing, world: World, in_force: Bools, instance: Ints, run: Ints) -> None:
    """Brings what stands in step with what is in force, where that may have changed: in these instances and runs."""
    if not instance.size:
        return
    for channel in world.instances.counts_in[:, instance]:
        counts = channel >= 0
        cells = (channel[counts], run[counts])
        standing.score[cells] = _scores(world.instances, in_force, *cells)
    touched = [world.menus.touched[row] for row in instance.tolist()]
    entry, of = np.concatenate(touched), np.repeat(run, [len(each) for each in touched])
    channel, slot = np.divmod(entry, world.menus.slots)
    open_now = can_be_made(world.menus, world.menus.move[slot, channel], channel, in_force, of)
    standing.is_open[channel, of, slot] = open_now


def _scores(instances: Instances, in_force: Bools, channel: Ints, run: Ints) -> Floats:
    """What arrangements in force count in some channels of some runs, added in the order of their rows."""
    total = np.zeros(np.broadcast_shapes(channel.shape, run.shape))
    for row, score in zip(instances.counted, instances.counted_score, strict=True):
        total += score[channel] * in_force[row[channel], run]
    return total
