"""Uniform numbers keyed by (seed, run, stream, purpose, position) and by nothing else.

A run's luck is therefore the same alone, in a batch, on any executor, and under any other outlook: two
outlooks that run with one seed differ only by what differs in their files (common random numbers).

The bits are those of `numpy.random.Philox` (Salmon et al. 2011), a counter-based generator: the key comes
from the seed, and the four counter words are (run // 4, position, stream, purpose). Consecutive runs are
consecutive outputs, so one setting of the counter serves a whole chunk of runs. Where one word must decide more than
one thing (whether a channel acts, then which move each act is), it seeds SplitMix64 (Steele et al. 2014), whose
outputs do the rest: so nothing need be drawn for the many channels in which nobody acts.

References
----------
Salmon, J. K., Moraes, M. A., Dror, R. O. & Shaw, D. E. (2011). Parallel random numbers: as easy as 1, 2, 3. SC '11.
Steele, G. L., Lea, D. & Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA '14.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_BITS_OF_ONE = np.uint64(0x3FF0000000000000)
_HALF_A_BIT = 2.0**-53

_ONE = np.uint64(1)
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""The constants of SplitMix64."""

WORDS_PER_BLOCK = 4
"""Philox 4x64 makes four words of 64 bits from one value of the counter."""


class Purpose(IntEnum):
    """What a number decides; one word of the counter, so that no two uses share their bits."""

    WHETHER = 1
    RULE = 3
    ALTERNATIVE = 4
    PARAMETER = 5
    DRIFT = 6
    CHECK = 256
    """Whether a check stops an act; the second such act of a channel in a step uses CHECK + 1, and so on."""


@lru_cache(maxsize=4096)
def stream_of(name: str) -> int:
    """The 64-bit stream of a name: that of a channel, a rule, a path in the file."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


class RandomStreams:
    """The random numbers of the runs `first_run` .. `first_run + runs - 1` under one seed."""

    def __init__(self, seed: int, first_run: int, runs: int) -> None:
        if seed < 0 or first_run < 0 or runs < 1:
            raise ValueError(f"seed and first_run must be >= 0 and runs >= 1; got {seed}, {first_run}, {runs}")
        self.seed, self.first_run, self.runs = seed, first_run, runs
        key = np.random.SeedSequence(seed).generate_state(2, np.uint64).astype(np.uint64)
        self._bits = np.random.Philox(key=key)
        self._counter = np.zeros(WORDS_PER_BLOCK, np.uint64)
        self._counter[0] = first_run // WORDS_PER_BLOCK
        self._state = self._bits.state
        self._state["state"] = {"counter": self._counter, "key": key}
        self._state["buffer_pos"] = WORDS_PER_BLOCK
        self._skip = first_run % WORDS_PER_BLOCK

    def raw(self, stream: int, purpose: int, position: int) -> Words:
        """Random words, shape (run,)."""
        self._counter[1], self._counter[2], self._counter[3] = position, stream, purpose
        self._bits.state = self._state
        return self._bits.random_raw(self._skip + self.runs)[self._skip :]

    def uniforms(self, stream: int, purpose: int, position: int = 0) -> Floats:
        """Uniforms in the open interval (0, 1), shape (run,)."""
        return to_open_interval(self.raw(stream, purpose, position))

    def words(self, streams: Sequence[int], purpose: int, position: int) -> Words:
        """Random words, shape (stream, run)."""
        words = np.empty((len(streams), self.runs), np.uint64)
        counter, bits, state, skip = self._counter, self._bits, self._state, self._skip
        counter[1], counter[3] = position, purpose
        for row, stream in enumerate(streams):
            counter[2] = stream
            bits.state = state
            words[row] = bits.random_raw(skip + self.runs)[skip:]
        return words


def offspring(words: Words, nth: Ints) -> Floats:
    """Uniforms in (0, 1): of each word the `nth` output, counted from 0, of the SplitMix64 that it seeds."""
    mixed = words + (nth.astype(np.uint64) + _ONE) * _GAMMA
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return to_open_interval(mixed ^ (mixed >> np.uint64(31)))


def to_open_interval(words: Words) -> Floats:
    """Maps 64-bit words to (0, 1): 52 bits and a half, so that neither end is ever met."""
    uniforms = from_one_to_two(words)
    uniforms -= 1.0
    uniforms += _HALF_A_BIT
    return uniforms


def from_one_to_two(words: Words) -> Floats:
    """Maps 64-bit words to [1, 2): their first 52 bits as those of a float, which is quicker than any conversion."""
    bits = words >> np.uint64(12)
    bits |= _BITS_OF_ONE
    return bits.view(np.float64)
