"""Replicating: from the studies asked for to what was obtained."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict, Unpack

from tensionsim import __version__
from tensionsim.analysis.replication.replication import Outcome, Replication
from tensionsim.analysis.replication.studies import ALL
from tensionsim.analysis.replication.study import Asked, Jobs, Study
from tensionsim.arguments import check_known, whole
from tensionsim.ensemble.progress import showing
from tensionsim.errors import TensionSimError

if TYPE_CHECKING:
    from tensionsim.history.events import EventHistory


OPTIONAL = ("events", "replications", "seed", "jobs")
"""What only some studies make use of."""


class How(TypedDict, total=False):
    """What may be said of a replication besides the studies; see `replicate`."""

    events: EventHistory | None
    replications: int | None
    seed: int | None
    jobs: Jobs | None
    progress: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    events: EventHistory | None = None
    replications: int | None = None
    seed: int | None = None
    jobs: Jobs | None = None
    progress: bool = False


def replicate(*studies: str, **how: Unpack[How]) -> Replication:
    """Computes published results again and sets them beside what was published, failures included.

    Parameters
    ----------
    studies
        Names among `richardson`, `hawkes`, `goldstein-freeman`, `recovery`; default all.
    events
        Observed events between two governments, which `goldstein-freeman` needs; without them it is listed as skipped.
    replications
        Histories that `recovery` simulates and fits, >= 1; default 50. Fewer than 50 are shown and do not count.
    seed
        Of the random numbers, >= 0; default 0.
    jobs
        Histories of `recovery` fitted at a time, each in a process of its own, or "auto"; default 1.
    progress
        Whether a bar is shown on a terminal.

    Raises
    ------
    TensionSimError
        If there is no such study, none of those asked for makes use of what was given, or the events are not of two
        actors.
    TypeError, ValueError
        If a number is none, or too small.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.replicate("hawkes", seed=1)
    >>> found.failures
    ()
    >>> table = found.table().set_index("quantity")
    >>> table.loc["acts a month, north, political", ["published", "obtained"]].astype(float).round(1).tolist()
    [2.0, 2.0]
    """
    check_known("replicate", how, How.__annotations__)
    wish = _Wish(**how)
    check_taken(studies, [name for name in OPTIONAL if getattr(wish, name) is not None])
    asked = Asked(
        events=_of_two(wish.events),
        replications=50 if wish.replications is None else whole("replications", wish.replications, least=1),
        seed=0 if wish.seed is None else whole("seed", wish.seed),
        jobs=wish.jobs if wish.jobs == "auto" else whole("jobs", 1 if wish.jobs is None else wish.jobs, least=1),
    )
    return Replication(
        outcomes=tuple(_computed(_chosen(studies), asked, wish.progress)),
        seed=asked.seed,
        replications=asked.replications,
        events=None if asked.events is None else asked.events.name,
        version=__version__,
    )


def _computed(chosen: Sequence[Study], asked: Asked, progress: bool) -> list[Outcome]:
    total = sum(study.parts(asked) for study in chosen)
    with showing(total, "auto" if progress else "none", "part") as advance:
        here = replace(asked, advance=advance)
        return [Outcome(study, study.find(here)) for study in chosen]


def _chosen(names: Sequence[str]) -> list[Study]:
    """The studies of these names, each once, in the order of the list; all where none is named."""
    known = {study.name: study for study in ALL}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise TensionSimError(f"there is no study {name!r} to replicate; {hint}there are {', '.join(known)}")
    return [study for study in ALL if not names or study.name in names]


def check_taken(studies: Sequence[str], given: Sequence[str]) -> None:
    """TensionSimError where something is given that no study asked for makes use of.

    Parameters
    ----------
    studies
        Their names; none means all.
    given
        Names of what was given, of those in `OPTIONAL`.
    """
    chosen, problems = _chosen(studies), []
    for name in given:
        if not any(name in study.takes for study in chosen):
            users = ", ".join(study.name for study in ALL if name in study.takes)
            asked = ", ".join(study.name for study in chosen)
            problems.append(f"{name}: of no use to {asked}; leave it out, or ask for {users} too")
    if problems:
        raise TensionSimError("\n".join(problems))


def _of_two(events: EventHistory | None) -> EventHistory | None:
    from tensionsim.history.events import EventHistory

    if events is None:
        return None
    if not isinstance(events, EventHistory):
        raise TypeError(f"events is an EventHistory, as ts.read_events gives; got {events!r}")
    if len(events.actors) != 2:
        raise TensionSimError(
            f"{events.name} has {len(events.actors)} actors ({', '.join(events.actors)}); goldstein-freeman is about "
            "two governments: read the events of two"
        )
    return events
