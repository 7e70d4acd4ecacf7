"""Stamps: which numbers a process makes, so that two kinds never come into one ensemble."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True, slots=True)
class Stamp:
    """What must be alike for the same numbers.

    tensionsim, fingerprint : its version, and the hash of what makes numbers. rounding : see
    `tensionsim.results.fingerprint`; `numpy` may differ.
    """

    tensionsim: str
    fingerprint: str
    rounding: str
    numpy: str = field(compare=False)

    def in_words(self) -> str:
        return (
            f"tensionsim {self.tensionsim} (fingerprint {self.fingerprint[:8]}) "
            f"with NumPy {self.numpy} (rounding {self.rounding[:8]})"
        )


@cache
def own() -> Stamp:
    """The stamp of this process."""
    import numpy as np

    import tensionsim
    from tensionsim.results.fingerprint import fingerprint, rounding

    return Stamp(tensionsim.__version__, fingerprint(), rounding(), np.__version__)


def refusal(asker: Stamp) -> str:
    """Why a process with this stamp does not work for one with another."""
    mine = own()
    mend = "install the same for workers and caller, and start the workers anew"
    if (mine.tensionsim, mine.fingerprint) == (asker.tensionsim, asker.fingerprint):
        mend = "take processors of one kind, or set NPY_DISABLE_CPU_FEATURES alike everywhere (see docs/clusters.md)"
    return (
        f"a Dask worker has {mine.in_words()}, but here it is {asker.in_words()}: their runs would not be one "
        f"ensemble; {mend}"
    )
