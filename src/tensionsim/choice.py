"""Whether to act, and which move: the two draws of the model, both by inversion from one uniform each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.world.channels import Bools, Channels, Floats, Ints
from tensionsim.world.menus import Menus


@dataclass(frozen=True, slots=True)
class Excitation:
    """How acts breed acts; each of shape (1,) or (run,): acts excited per act, by memory."""

    own_fast: Floats
    own_slow: Floats
    other_fast: Floats
    other_slow: Floats

    @property
    def branching(self) -> Floats:
        """Acts that one act breeds in all where mirror channels excite each other alike."""
        return self.own_fast + self.own_slow + self.other_fast + self.other_slow


def rates(base: Floats, acts_fast: Floats, acts_slow: Floats, excitation: Excitation, channels: Channels) -> Floats:
    """Acts a month, a Hawkes process linear in its parts; shape (channel, run).

    Parameters
    ----------
    base : rate at rest, shape (channel, 1 or run), acts/month.
    acts_fast, acts_slow : recent activity, shape (channel, run), acts/month.

    References
    ----------
    Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika 58(1).
    """
    own = excitation.own_fast * acts_fast + excitation.own_slow * acts_slow
    other = excitation.other_fast * acts_fast + excitation.other_slow * acts_slow
    return base + own + other[channels.mirror]


def how_many(expected: Floats, uniform: Floats, cap: Ints) -> tuple[Ints, Ints, Ints]:
    """Poisson numbers of acts by inversion, capped; as (channel, run, ordinal) of every act.

    Parameters
    ----------
    expected : expected acts of the step, shape (channel, run), >= 0.
    uniform : in (0, 1), shape (channel, run). cap : most acts, >= 1, shape (1,) or (run,).

    Returns
    -------
    Three arrays of shape (act,), ordered by ordinal, channel, run.
    """
    probability = np.exp(-expected)
    channel, run = np.nonzero(uniform > probability)
    found = [(channel, run, np.zeros_like(channel))]
    term = cumulative = probability[channel, run]
    mean, drawn = expected[channel, run], uniform[channel, run]
    limit = np.broadcast_to(cap, expected.shape[-1:])
    for ordinal in range(1, int(cap.max())):
        term = term * mean / ordinal
        cumulative = cumulative + term
        more = (drawn > cumulative) & (limit[run] > ordinal)
        if not more.any():
            break
        channel, run, term, cumulative = channel[more], run[more], term[more], cumulative[more]
        mean, drawn = mean[more], drawn[more]
        found.append((channel, run, np.full_like(channel, ordinal)))
    channels, runs, ordinals = zip(*found, strict=True)
    return np.concatenate(channels), np.concatenate(runs), np.concatenate(ordinals)


def can_be_made(menus: Menus, move: int, channel: int, in_force: Bools) -> Bools:
    """In which runs a move can be made now, shape (run,): not to begin what is in force, nor to end what is not."""
    begun = np.logical_and.reduce(in_force[menus.begins[:, move, channel]])
    endable = np.logical_or.reduce(in_force[menus.ends[:, move, channel]])
    possible: Bools = endable & ~begun
    return possible


def close_unavailable(utility: Floats, menus: Menus, channel: Ints, run: Ints, in_force: Bools) -> Floats:
    """The utilities, shape (slot, act), with -inf for what cannot be made now; changes its argument."""
    stands, runs = in_force.reshape(-1), in_force.shape[-1]
    begun = np.logical_and.reduce(stands.take(menus.lasting_begins[:, :, channel] * runs + run))
    endable = np.logical_or.reduce(stands.take(menus.lasting_ends[:, :, channel] * runs + run))
    place, act = np.nonzero(begun | ~endable)
    utility[menus.lasting[place, channel[act]], act] = -np.inf
    return utility


def utilities(menus: Menus, channel: Ints, direction: Floats, intensity: Floats, restraint: Floats) -> Floats:
    """Log-linear utility of every menu entry, shape (slot, act); -inf where the menu is shorter.

    `U(m) = (g/10) direction + |g/10| intensity - restraint * hostile material + log frequency`.

    Parameters
    ----------
    channel : channel of each act. direction, intensity : shape (act,). restraint : cost times dependence, (act,).
    """
    score = menus.score[:, channel]
    log_frequency = menus.log_frequency[:, channel]
    return (
        score * direction + np.abs(score) * intensity - restraint * menus.hostile_material[:, channel] + log_frequency
    )


def pick(utility: Floats, uniform: Floats) -> Ints:
    """Slot chosen for each act by inversion over the ordered menu, shape (act,); -1 where nothing is open.

    The menu is ordered by score, so a small change of direction moves few runs, and all of them the same way.
    """
    best = utility.max(axis=0)
    weight = np.exp(utility - np.where(np.isfinite(best), best, 0.0))
    cumulative = np.cumsum(weight, axis=0)
    total = cumulative[-1]
    slot = (cumulative <= uniform * total).sum(axis=0)
    return np.where(total > 0.0, slot, -1)
