"""Episodes: what both sides of a channel do in one step comes together, and is of a kind.

An episode is a channel and its mirror in one step of one run: a round of talks, a day of raids and answers. Where
`overdispersion` is above 0 its acts, of whichever side, are more numerous or fewer together; where `imitation` is above
0 an act may repeat one that was made before it in the episode. Acts stand in the order of the channels' rows, then as
drawn. A model without either has acts that know nothing of one another until the next step.

References
----------
Blackwell, D. & MacQueen, J. B. (1973). Ferguson distributions via Polya urn schemes. Annals of Statistics 1(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim import choice
from tensionsim.rng import Words, offspring, to_open_interval
from tensionsim.world.channels import Bools, Channels, Floats, Ints
from tensionsim.world.menus import Menus

SIDES, REPEATS = 1 << 12, 1 << 13
"""Which outputs of a word's SplitMix64 say whose an act is, and whether it repeats another."""

Counted = tuple[Ints, Ints, Ints]
"""Rows of channel and run, and the how-manieth of its channel each act is."""


def how_many(expected: Floats, words: Words, channels: Channels, overdispersion: Floats, cap: Ints) -> Counted:
    """Acts of all channels, those of an episode drawn together; ordered by ordinal, channel, run.

    Parameters
    ----------
    expected : expected acts of the step, shape (channel, run). words : random, shape (channel, run). overdispersion,
    cap : shape (1,) or (run,).
    """
    first = np.flatnonzero(np.arange(len(channels)) < channels.mirror)
    other = channels.mirror[first]
    ours, runs = expected[first], expected.shape[-1]
    both = ours + expected[other]
    total = choice.how_many_together(both, to_open_interval(words[first]), overdispersion, 2 * cap)
    episode, run = np.nonzero(total)
    times = total[episode, run]
    episode, run = np.repeat(episode, times), np.repeat(run, times)
    nth = ranks(times)
    share = ours[episode, run] / both[episode, run]
    is_first = offspring(words[first[episode], run], SIDES + nth) < share
    channel = np.where(is_first, first[episode], other[episode])
    order = np.argsort(channel * runs + run, kind="stable")
    channel, run = channel[order], run[order]
    ordinal = ranks(_lengths(channel * runs + run))
    kept = ordinal < np.broadcast_to(cap, runs)[run]
    channel, run, ordinal = channel[kept], run[kept], ordinal[kept]
    order = np.argsort(ordinal, kind="stable")
    return channel[order], run[order], ordinal[order]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Acts with the entries of the menus that they would be by themselves; arrays of shape (act,).

    slot : -1 where nothing is open. word : of the act's channel and run. is_open : shape (act, slot).
    """

    channel: Ints
    run: Ints
    ordinal: Ints
    slot: Ints
    word: Words
    is_open: choice.Chances


def imitated(drawn: Drawn, menus: Menus, channels: Channels, imitation: Floats) -> Ints:
    """The entries of the menus that the acts are, once those that repeat an earlier act of their episode do so.

    A Polya urn: of an act before which v acts of its episode were made that it could repeat, each is repeated with
    chance `imitation / (1 + imitation v)`. What is not on its own menu or not open is not repeated.

    Parameters
    ----------
    imitation : weight of an earlier act against that of an own choice, >= 0, shape (1,) or (run,).
    """
    episode = np.minimum(drawn.channel, channels.mirror[drawn.channel])
    order = np.lexsort([drawn.ordinal, drawn.channel, episode, drawn.run])
    channel, run, slot = drawn.channel[order], drawn.run[order], drawn.slot[order]
    rank = ranks(_lengths(run * len(channels) + episode[order]))
    weight = np.broadcast_to(imitation, run.shape) if imitation.size == 1 else imitation[run]
    uniform = offspring(drawn.word[order], REPEATS + drawn.ordinal[order])
    table = menus.slot_of
    move = np.where(slot >= 0, menus.move[slot, channel], -1)
    for nth in range(1, int(rank.max(initial=0)) + 1):
        here = np.flatnonzero((rank == nth) & (weight > 0.0))
        earlier = move[here[:, None] - nth + np.arange(nth)]
        entry = np.where(earlier >= 0, table[earlier, channel[here][:, None]], -1)
        may = (entry >= 0) & (drawn.is_open[order[here][:, None], entry] > 0)
        chosen = _repeated(may, uniform[here], weight[here])
        repeats = chosen >= 0
        slot[here[repeats]] = entry[np.flatnonzero(repeats), chosen[repeats]]
        move[here] = np.where(slot[here] >= 0, menus.move[slot[here], channel[here]], -1)
    found = np.empty_like(slot)
    found[order] = slot
    return found


def _repeated(may: Bools, uniform: Floats, weight: Floats) -> Ints:
    """Which of the earlier acts is repeated, -1 for none; `may` has shape (act, earlier)."""
    available = may.sum(axis=1)
    place = np.floor((uniform * (1.0 + weight * available) - 1.0) / weight)
    is_repeat = (place >= 0.0) & (available > 0)
    wanted = np.minimum(place, available - 1)
    column = np.argmax(may & (np.cumsum(may, axis=1) - 1 == wanted[:, None]), axis=1)
    return np.where(is_repeat, column, -1)


def _lengths(keys: Ints) -> Ints:
    """Lengths of the stretches in which neighbouring keys are the same."""
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if keys.size else np.zeros(0, np.int64)
    return np.diff(np.concatenate([starts, [keys.size]])).astype(np.int64)


def ranks(lengths: Ints) -> Ints:
    """0, 1, 2, ... within each of consecutive stretches of these lengths."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if ends.size else 0) - np.repeat(ends - lengths, lengths)
