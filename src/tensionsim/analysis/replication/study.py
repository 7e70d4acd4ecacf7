"""Studies: what can be computed again, each with its sources and what of the request it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tensionsim.analysis.replication.check import Findings

if TYPE_CHECKING:
    from tensionsim.history.events import EventHistory

Jobs = int | Literal["auto"]


def _nobody_looks(newly: int) -> None:
    """Tells nobody how far it has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a study is given.

    events : observed events, or None. replications : simulated histories to fit, >= 1. seed : of the random numbers,
    >= 0. jobs : histories fitted at a time. advance : called with the number of parts newly done.
    """

    events: EventHistory | None = None
    replications: int = 50
    seed: int = 0
    jobs: Jobs = 1
    advance: Callable[[int], None] = _nobody_looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One study to replicate.

    name : as the command calls it. title : in words. sources : the literature. takes : names of what it makes use of,
    of the fields of `Asked`. parts : how many times it calls `advance(1)`. find : computes it.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    takes: tuple[str, ...]
    parts: Callable[[Asked], int]
    find: Callable[[Asked], Findings]
