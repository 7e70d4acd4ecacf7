"""Whether to act, and which move: the two draws of the model, both by inversion from one uniform each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.model.structure import NEVER, QUADS, WAYS, Bools, Channels, Floats, Ints, Menus
from tensionsim.rng import Words, from_one_to_two, offspring, to_open_interval

Chances = NDArray[np.uint8]

Counted = tuple[Ints, Ints, Ints]
"""Rows of channel and run, and the how-manieth of its channel each act is."""

EVERY, NONE = slice(None), np.zeros(0, np.int64)

_SLACK = 1e-9
"""More than any rounding of a rough comparison."""

_STRONGEST = 600.0

_FEW = 12
"""Acts a channel below which one table of all menus is quicker than a block for each."""

_NARROW = 100
"""Acts below which one accumulation is quicker than an addition for each slot; to the same bit."""


def rates(
    base: Floats, acts_fast: Floats, acts_slow: Floats, engine: Mapping[str, Floats], channels: Channels
) -> Floats:
    """Acts a month, a Hawkes process linear in its parts; shape (channel, run).

    base, acts_fast, acts_slow : rate at rest and recent activity, acts/month. engine : acts excited per act, by memory.

    Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika 58(1).
    """
    other = engine["other_fast"] * acts_fast
    other += engine["other_slow"] * acts_slow
    rate: Floats = other[channels.mirror]
    rate += engine["own_fast"] * acts_fast
    rate += engine["own_slow"] * acts_slow
    rate += base
    return rate


def how_many(expected: Floats, words: Words, cap: Ints) -> Counted:
    """Poisson numbers of acts by inversion, capped; as (channel, run, ordinal) of every act, by ordinal, channel, run.

    expected : expected acts of the step, shape (channel, run), >= 0. words : random, shape (channel, run); the uniform
    that is inverted is `to_open_interval` of each. cap : most acts, >= 1, shape (1,) or (run,).
    """
    places = _drawn(expected, words, np.zeros(1), cap)
    return _in_order(places, ranks(places), expected)


def _drawn(expected: Floats, words: Words, overdispersion: Floats, most: Ints) -> Ints:
    """Flat places of acts, ascending, each as often as it has acts; see `how_many_together`.

    An act needs uniform > P(none) >= exp(-expected) >= 1 - expected, so most places need no exponential.
    """
    rough = from_one_to_two(words)
    rough += expected
    place = np.flatnonzero(rough > 2.0 - _SLACK)
    drawn, mean = to_open_interval(words.take(place)), expected.take(place)
    run = place % expected.shape[-1]
    return np.repeat(place, how_many_together(mean, drawn, _of_runs(overdispersion, run), _of_runs(most, run)))


def _of_runs(values: NDArray[Any], run: Ints) -> NDArray[Any]:
    """Of values of shape (1,) or (run,) those of some runs, shape (1,) or (place,)."""
    return values if values.size == 1 else values[run]


def _in_order(places: Ints, ordinal: Ints, expected: Floats) -> Counted:
    """Flat places of a table as rows of channel and run, by ordinal, channel, run."""
    ordinal, places = np.divmod(np.sort(ordinal * expected.size + places), expected.size)
    return *np.divmod(places, expected.shape[-1]), ordinal


def how_many_together(expected: Floats, uniforms: Floats, overdispersion: Floats, most: Ints) -> Ints:
    """Negative binomial numbers of acts by inversion, shape (place,): Poisson with gamma means, so in bursts.

    expected, uniforms : of each place, an episode of a run. overdispersion : variance of the gamma of mean 1, >= 0.
    most : of both sides, >= 1; each of shape (1,) or (place,).

    Greenwood, M. & Yule, G. U. (1920). An inquiry into the nature of frequency distributions representative of multiple
    happenings. Journal of the Royal Statistical Society 83(2).
    """
    spread = overdispersion * expected
    safe = np.where(overdispersion > 0.0, overdispersion, 1.0)
    term = np.exp(-np.where(overdispersion > 0.0, np.log1p(spread) / safe, expected))
    cumulative, count, acts = term.copy(), np.zeros(expected.shape, np.int64), 0.0
    while (more := (uniforms > cumulative) & (count < most)).any():
        count += more
        term = term * expected * (1.0 + overdispersion * acts) / ((acts + 1.0) * (1.0 + spread))
        cumulative += term
        acts += 1.0
    return count


def can_be_made(
    menus: Menus, move: int | Ints, channel: int | Ints, in_force: Bools, matters: Floats, run: Ints | slice = EVERY
) -> Bools:
    """Whether moves can be made now, shape (run,) or (place,): none in the way, and what they presuppose open."""
    presupposed = menus.matters.row[menus.matters.presupposed[:, move], channel]
    possible: Bools = np.logical_or.reduce(_entries(matters, presupposed, run) > 0.0)
    possible &= is_allowed(menus, move, channel, in_force, run)
    return possible


def _entries(table: NDArray[Any], rows: Ints, run: Ints | slice) -> NDArray[Any]:
    """What rows of a table of shape (row, run) hold in runs; a flat take is twice as quick as two indices."""
    return table[rows, run] if isinstance(run, slice) else table.take(rows * table.shape[-1] + run)


def is_allowed(
    menus: Menus, move: int | Ints, channel: int | Ints, in_force: Bools, run: Ints | slice = EVERY
) -> Bools:
    """Whether a move begins nothing that is in force, ends nothing that is not, and is barred by nothing."""
    begun = np.logical_and.reduce(_entries(in_force, menus.begins[:, move, channel], run))
    possible: Bools = np.logical_or.reduce(_entries(in_force, menus.ends[:, move, channel], run))
    possible &= ~begun
    if not (isinstance(run, np.ndarray) and isinstance(move, np.ndarray) and isinstance(channel, np.ndarray)):
        possible &= ~np.logical_or.reduce(_entries(in_force, menus.bars[:, move, channel], run))
    else:  # few moves can be barred by anything
        some = menus.bars[0, move, channel] != NEVER
        barred = _entries(in_force, menus.bars[:, move[some], channel[some]], run[some])
        possible[some] &= ~np.logical_or.reduce(barred)
    return possible


@dataclass(frozen=True, slots=True)
class Taste:
    """What moves are worth: by kind (kind, act), by class (class, act), by way to answer (way, act)."""

    score: Floats
    quad: Floats
    way: Floats


def tastes(
    direction: Floats, intensity: Floats, restraint: Floats, quad: Floats | None = None, way: Floats | None = None
) -> Taste:
    """What moves are worth to whoever acts.

    direction, intensity : shape (act,). restraint : cost times dependence on the target, shape (act,). quad, way : as
    of `Taste`; by default worth nothing.

    Assumption: beyond 600 a taste is as good as 600, where every move but the outermost has no chance that a computer
    could tell from 0; it keeps the exponential finite.
    """
    friendly, harsh = direction + intensity, direction - intensity
    score: Floats = np.clip(np.array([friendly, harsh, harsh + restraint]), -_STRONGEST, _STRONGEST)
    quad = np.zeros((len(QUADS), score.shape[1])) if quad is None else quad
    return Taste(score, quad, np.zeros((len(WAYS), score.shape[1])) if way is None else way)


def weights(menus: Menus, channel: Ints, taste: Taste, is_open: Chances) -> Floats:
    """Odds of every entry of the menu, shape (slot, act); 0 for what cannot be made.

    `exp(U)` of the log-linear utility
    `U(m) = (g/10) direction + |g/10| intensity - restraint * hostile material + class + answer + log frequency`.

    channel : of each act, ascending. is_open : 1 for the entries that can be made, else 0, shape (act, slot).
    """
    # Row -1, of entries without a class or a way, is worth nothing. Gathered, not multiplied: no thread is woken.
    quad, way = (np.concatenate([one, np.zeros((1, channel.size))]) for one in (taste.quad, taste.way))
    if channel.size < _FEW * menus.size.size:
        act = np.arange(channel.size)
        utility: Floats = menus.score.take(channel, axis=1) * taste.score[menus.kind.take(channel, axis=1), act]
        utility += quad[menus.quad.take(channel, axis=1), act]
        utility += way[menus.way.take(channel, axis=1), act]
        utility += menus.log_frequency.take(channel, axis=1)
        return np.exp(utility, out=utility) * is_open.T
    odds = np.zeros((menus.slots, channel.size))
    ends = np.searchsorted(channel, np.arange(len(menus.size) + 1)).tolist()
    for (first, after), (kind, score, of_quad, of_way, frequency) in zip(pairwise(ends), menus.columns, strict=True):
        if first < after:
            utility = taste.score[:, first:after].take(kind, axis=0)
            utility *= score
            utility += quad[:, first:after].take(of_quad, axis=0)
            utility += way[:, first:after].take(of_way, axis=0)
            utility += frequency
            np.exp(utility, out=odds[: len(kind), first:after])
    odds *= is_open.T
    return odds


def pick(odds: Floats, uniform: Floats, again: Ints = NONE) -> Ints:
    """Slot chosen for each act by inversion over the ordered menu, shape (act,); -1 where nothing is open.

    The menu is ordered by score, so a small change of direction moves few runs, and all of them the same way. Changes
    `odds`, shape (slot, place), to their sums.

    again : of the acts beyond the first at every place, which place each is at.
    """
    first = odds.shape[1]
    if first < _NARROW:
        np.add.accumulate(odds, out=odds)
    else:
        for before, here in pairwise(odds):
            np.add(before, here, out=here)
    return np.concatenate([_inverted(odds, uniform[:first]), _inverted(odds.take(again, axis=1), uniform[first:])])


def _inverted(sums: Floats, uniform: Floats) -> Ints:
    total = sums[-1]
    passed = np.less_equal(sums, uniform * total).view(np.uint8)
    slot = np.add.reduce(passed, axis=0, dtype=np.int64)
    return np.where(total > 0.0, slot, -1)


SIDES, REPEATS = 1 << 12, 1 << 13
"""Which outputs of a word's SplitMix64 say whose an act is, and whether it repeats another."""


def episodes_how_many(expected: Floats, words: Words, channels: Channels, overdispersion: Floats, cap: Ints) -> Counted:
    """Acts of all channels, those of an episode drawn together, by ordinal, channel, run; see `how_many`."""
    first = np.flatnonzero(np.arange(len(channels)) < channels.mirror)
    other = channels.mirror[first]
    ours, runs = expected[first], expected.shape[-1]
    both = ours + expected[other]
    drawn = _drawn(both, words[first], overdispersion, 2 * cap)
    episode, run = np.divmod(drawn, runs)
    share = ours[episode, run] / both[episode, run]
    is_first = offspring(words[first[episode], run], SIDES + ranks(drawn)) < share
    places = np.sort(np.where(is_first, first[episode], other[episode]) * runs + run)
    ordinal = ranks(places)
    kept = ordinal < _of_runs(cap, places % runs)
    return _in_order(places[kept], ordinal[kept], expected)


def imitated(
    acts: Counted, slot: Ints, word: Words, is_open: Chances, menus: Menus, channels: Channels, imitation: Floats
) -> Ints:
    """The entries of the menus that the acts are, once those that repeat an earlier act of their episode do so.

    A Polya urn: of an act before which v acts of its episode were made that it could repeat, each is repeated with
    chance `imitation / (1 + imitation v)`. What is not on its own menu or not open is not repeated.

    slot : entries that they would be by themselves, -1 where nothing is open, shape (act,). word : of their channels
    and runs. is_open : shape (act, slot). imitation : weight of an earlier act against that of an own choice, >= 0,
    shape (1,) or (run,).
    """
    channel, run, ordinal = acts
    episode = np.minimum(channel, channels.mirror[channel])
    of_run = run * len(channels) + episode
    order = np.argsort((2 * of_run + (channel > episode)) * (1 + ordinal.max(initial=0)) + ordinal)
    channel, run, slot = channel[order], run[order], slot[order]
    rank = ranks(of_run[order])
    weight = np.broadcast_to(_of_runs(imitation, run), run.shape)
    uniform = offspring(word[order], REPEATS + ordinal[order])
    table = menus.slot_of
    move = np.where(slot >= 0, menus.move[slot, channel], -1)
    # With fewer earlier acts to repeat the chance is less, so others need no look.
    could = np.flatnonzero((rank > 0) & (weight > 0.0) & (uniform * (1.0 + weight * rank) >= 1.0))
    for nth in np.unique(rank[could]).tolist():
        here = could[rank[could] == nth]
        earlier = move[here[:, None] - nth + np.arange(nth)]
        entry = np.where(earlier >= 0, table[earlier, channel[here][:, None]], -1)
        may = (entry >= 0) & (is_open[order[here][:, None], entry] > 0)
        available = may.sum(axis=1)
        place = np.floor((uniform[here] * (1.0 + weight[here] * available) - 1.0) / weight[here])
        repeats = np.flatnonzero((place >= 0.0) & (available > 0))
        wanted = np.minimum(place, available - 1)[:, None]
        chosen = np.argmax(may & (np.cumsum(may, axis=1) - 1 == wanted), axis=1)
        slot[here[repeats]] = entry[repeats, chosen[repeats]]
        move[here] = np.where(slot[here] >= 0, menus.move[slot[here], channel[here]], -1)
    found = np.empty_like(slot)
    found[order] = slot
    return found


def ranks(keys: Ints) -> Ints:
    """0, 1, 2, ... within each stretch of neighbouring keys that are the same."""
    place, first = np.arange(keys.size), np.arange(keys.size)
    first[1:][keys[1:] == keys[:-1]] = 0
    return place - np.maximum.accumulate(first)
