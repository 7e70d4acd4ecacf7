"""Whether to act, and which move: the two draws of the model, both by inversion from one uniform each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tensionsim.model.structure import QUADS, WAYS, Bools, Channels, Floats, Ints, Menus
from tensionsim.rng import Words, from_one_to_two, offspring, to_open_interval

Chances = NDArray[np.uint8]

EVERY = slice(None)

_SLACK = 1e-9
"""More than any rounding of a rough comparison."""

_STRONGEST = 600.0


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


def how_many(expected: Floats, words: Words, cap: Ints) -> tuple[Ints, Ints, Ints]:
    """Poisson numbers of acts by inversion, capped; as (channel, run, ordinal) of every act.

    expected : expected acts of the step, shape (channel, run), >= 0. words : random, shape (channel, run); the uniform
    that is inverted is `to_open_interval` of each. cap : most acts, >= 1, shape (1,) or (run,).
    """
    # An act needs uniform > exp(-expected) >= 1 - expected, so most places are ruled out without an exponential.
    rough = from_one_to_two(words)
    rough += expected
    place = np.flatnonzero(rough > 2.0 - _SLACK)
    drawn, mean = to_open_interval(words.reshape(-1).take(place)), expected.reshape(-1).take(place)
    term = np.exp(-mean)
    acts = drawn > term
    place, drawn, mean, term = place[acts], drawn[acts], mean[acts], term[acts]
    cumulative = term
    found = [(place, np.zeros_like(place))]
    limit = np.broadcast_to(cap, expected.shape[-1:])
    for ordinal in range(1, int(cap.max())):
        term = term * mean / ordinal
        cumulative = cumulative + term
        more = (drawn > cumulative) & (limit[place % limit.size] > ordinal)
        if not more.any():
            break
        place, term, cumulative, mean, drawn = place[more], term[more], cumulative[more], mean[more], drawn[more]
        found.append((place, np.full_like(place, ordinal)))
    places, ordinals = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return places // limit.size, places % limit.size, ordinals


def how_many_together(expected: Floats, uniforms: Floats, overdispersion: Floats, most: Ints) -> Ints:
    """Negative binomial numbers of acts by inversion, shape (episode, run): Poisson with gamma means, so in bursts.

    expected : of both sides, shape (episode, run). uniforms : (episode, run). overdispersion : variance of the gamma
    of mean 1, >= 0. most : of both sides, >= 1; each of shape (1,) or (run,).

    Greenwood, M. & Yule, G. U. (1920). An inquiry into the nature of frequency distributions representative of multiple
    happenings. Journal of the Royal Statistical Society 83(2).
    """
    spread = overdispersion * expected
    safe = np.where(overdispersion > 0.0, overdispersion, 1.0)
    term = np.exp(-np.where(overdispersion > 0.0, np.log1p(spread) / safe, expected))
    cumulative, count = term.copy(), np.zeros(expected.shape, np.int64)
    more = uniforms > cumulative
    for acts in range(int(most.max())):
        if not more.any():
            break
        count += more
        term = term * expected * (1.0 + overdispersion * acts) / ((acts + 1.0) * (1.0 + spread))
        cumulative += term
        more &= (uniforms > cumulative) & (count < most)
    return count


def can_be_made(
    menus: Menus, move: int | Ints, channel: int | Ints, in_force: Bools, matters: Floats, run: Ints | slice = EVERY
) -> Bools:
    """Whether moves can be made now, shape (run,) or (place,): none in the way, and what they presuppose open."""
    presupposed = menus.matters.rows(menus.matters.presupposed[:, move], channel)
    possible: Bools = np.logical_or.reduce(matters[presupposed, run] > 0.0)
    possible &= is_allowed(menus, move, channel, in_force, run)
    return possible


def is_allowed(
    menus: Menus, move: int | Ints, channel: int | Ints, in_force: Bools, run: Ints | slice = EVERY
) -> Bools:
    """Whether a move begins nothing that is in force, ends nothing that is not, and is barred by nothing."""
    begun = np.logical_and.reduce(in_force[menus.begins[:, move, channel], run])
    barred = np.logical_or.reduce(in_force[menus.bars[:, move, channel], run])
    possible: Bools = np.logical_or.reduce(in_force[menus.ends[:, move, channel], run])
    possible &= ~(begun | barred)
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
    utility = np.zeros((menus.slots, channel.size))
    # Row -1, of entries without a class or a way, is worth nothing. Gathered, not multiplied: no thread is woken.
    quad, way = (np.concatenate([one, np.zeros((1, channel.size))]) for one in (taste.quad, taste.way))
    ends = np.searchsorted(channel, np.arange(len(menus.size) + 1)).tolist()
    for row, (first, after) in enumerate(pairwise(ends)):
        if first < after:
            size = int(menus.size[row])
            block = utility[:size, first:after]
            np.multiply(taste.score[menus.kind[:size, row], first:after], menus.score[:size, [row]], out=block)
            block += quad[menus.quad[:size, row], first:after]
            block += way[menus.way[:size, row], first:after]
            block += menus.log_frequency[:size, [row]]
            np.exp(block, out=block)
    utility *= is_open.T
    return utility


def pick(odds: Floats, uniform: Floats) -> Ints:
    """Slot chosen for each act by inversion over the ordered menu, shape (act,); -1 where nothing is open.

    The menu is ordered by score, so a small change of direction moves few runs, and all of them the same way. Changes
    `odds`, shape (slot, act), to their sums.
    """
    for before, here in pairwise(odds):
        np.add(before, here, out=here)
    total = odds[-1]
    passed = np.less_equal(odds, uniform * total).view(np.uint8)
    slot = np.add.reduce(passed, axis=0, dtype=np.int64)
    return np.where(total > 0.0, slot, -1)


SIDES, REPEATS = 1 << 12, 1 << 13
"""Which outputs of a word's SplitMix64 say whose an act is, and whether it repeats another."""

Counted = tuple[Ints, Ints, Ints]
"""Rows of channel and run, and the how-manieth of its channel each act is."""


def episodes_how_many(expected: Floats, words: Words, channels: Channels, overdispersion: Floats, cap: Ints) -> Counted:
    """Acts of all channels, those of an episode drawn together, by ordinal, channel, run; see `how_many`."""
    first = np.flatnonzero(np.arange(len(channels)) < channels.mirror)
    other = channels.mirror[first]
    ours, runs = expected[first], expected.shape[-1]
    both = ours + expected[other]
    total = how_many_together(both, to_open_interval(words[first]), overdispersion, 2 * cap)
    episode, run = np.nonzero(total)
    times = total[episode, run]
    episode, run = np.repeat(episode, times), np.repeat(run, times)
    nth = ranks(times)
    share = ours[episode, run] / both[episode, run]
    is_first = offspring(words[first[episode], run], SIDES + nth) < share
    channel = np.where(is_first, first[episode], other[episode])
    order = np.argsort(channel * runs + run, kind="stable")
    channel, run = channel[order], run[order]
    ordinal = ranks(lengths(channel * runs + run))
    kept = ordinal < np.broadcast_to(cap, runs)[run]
    channel, run, ordinal = channel[kept], run[kept], ordinal[kept]
    order = np.argsort(ordinal, kind="stable")
    return channel[order], run[order], ordinal[order]


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
    order = np.lexsort([ordinal, channel, episode, run])
    channel, run, slot = channel[order], run[order], slot[order]
    rank = ranks(lengths(run * len(channels) + episode[order]))
    weight = np.broadcast_to(imitation, run.shape) if imitation.size == 1 else imitation[run]
    uniform = offspring(word[order], REPEATS + ordinal[order])
    table = menus.slot_of
    move = np.where(slot >= 0, menus.move[slot, channel], -1)
    for nth in range(1, int(rank.max(initial=0)) + 1):
        here = np.flatnonzero((rank == nth) & (weight > 0.0))
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


def lengths(keys: Ints) -> Ints:
    """Lengths of the stretches in which neighbouring keys are the same."""
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if keys.size else np.zeros(0, np.int64)
    return np.diff(np.concatenate([starts, [keys.size]])).astype(np.int64)


def ranks(lengths: Ints) -> Ints:
    """0, 1, 2, ... within each of consecutive stretches of these lengths."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if ends.size else 0) - np.repeat(ends - lengths, lengths)
