"""Uniform numbers keyed by (seed, run, stream, purpose, position) and by nothing else.

A run's luck is therefore the same alone, in a batch, on any executor, and under any other outlook: two
outlooks that run with one seed differ only by what differs in their files (common random numbers).

The bits are those of `numpy.random.Philox` (Salmon et al. 2011), a counter-based generator: the key comes
from the seed, and the four counter words are (run // 4, position, stream, purpose). Consecutive runs are
consecutive outputs, so one setting of the counter serves a whole chunk of runs.

References
----------
Salmon, J. K., Moraes, M. A., Dror, R. O. & Shaw, D. E. (2011). Parallel random numbers: as easy as 1, 2, 3. SC '11.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WORDS_PER_BLOCK = 4
"""Philox 4x64 makes four words of 64 bits from one value of the counter."""


class Purpose(IntEnum):
    """What a number decides; one word of the counter, so that no two uses share their bits."""

    WHETHER = 1
    RULE = 3
    ALTERNATIVE = 4
    PARAMETER = 5
    WHICH = 16
    """Which move; the second act of a channel in a step uses WHICH + 1, and so on."""
    CHECK = 256
    """Whether a check stops an act; the second such act of a channel in a step uses CHECK + 1, and so on."""


def stream_of(name: str) -> int:
    """The 64-bit stream of a name: that of a channel, a rule, a path in the file."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


class Luck:
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

    def raw(self, stream: int, purpose: int, position: int) -> NDArray[np.uint64]:
        """Random words, shape (run,)."""
        self._counter[1], self._counter[2], self._counter[3] = position, stream, purpose
        self._bits.state = self._state
        return self._bits.random_raw(self._skip + self.runs)[self._skip :]

    def uniforms(self, stream: int, purpose: int, position: int = 0) -> Floats:
        """Uniforms in the open interval (0, 1), shape (run,)."""
        return to_open_interval(self.raw(stream, purpose, position))

    def table(self, streams: Sequence[int], purpose: int, position: int) -> Floats:
        """Uniforms in the open interval (0, 1), shape (stream, run)."""
        words = np.empty((len(streams), self._skip + self.runs), np.uint64)
        counter, bits, state = self._counter, self._bits, self._state
        counter[1], counter[3] = position, purpose
        for row, stream in enumerate(streams):
            counter[2] = stream
            bits.state = state
            words[row] = bits.random_raw(words.shape[1])
        return to_open_interval(words[:, self._skip :])


def to_open_interval(words: NDArray[np.uint64]) -> Floats:
    """Maps 64-bit words to (0, 1): 52 bits and a half, so that neither end is ever met."""
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
