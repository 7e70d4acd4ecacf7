"""A replication: what each study found, published beside obtained, as a table and as plain values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Literal

import pandas as pd

from tensionsim.runs.statistics import plain
from tensionsim.scenario.scenario import Scenario, from_text
from tensionsim.scenario.yaml_tree import write

MOST_DEVIATIONS = 4.0
"""Standard errors by which a simulated mean may miss.

Assumption: 4, because seeds are free: of the sixty or so means of a right model that are looked at one then fails with
one seed in 250, while a mean that is wrong by a few percent fails with every seed.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard (or Monte Carlo) error, > 0; nan where there is none."""

    value: float
    error: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One published result beside what was obtained.

    quantity : what it is of. source : who published it. published : a value, or a claim in words. obtained : likewise,
    a value with its error where it has one. tolerance : how far the value may be from the published one, nan where the
    criterion is another. criterion : in words, when the two agree. agrees : whether they do. counts : False where too
    little was computed for the check to count.
    """

    quantity: str
    source: str
    published: float | str
    obtained: Estimate | str
    tolerance: float = math.nan
    criterion: str
    agrees: bool
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Skipped:
    """A result that was not computed again: which, why not, and how to get it done."""

    quantity: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a study found: its checks, what it had to skip, and what a reader must know."""

    checks: tuple[Check, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


def simulated(quantity: str, source: str, published: float, found: Estimate, allowed: float = 0.0) -> Check:
    """A mean over simulated runs: agrees within `MOST_DEVIATIONS` of its Monte Carlo error, and what else is allowed.

    allowed : what the published result itself neglects, >= 0, in its unit.
    """
    more = f" and {allowed:.2g} that the published result neglects" if allowed else ""
    tolerance = MOST_DEVIATIONS * found.error + allowed
    criterion = f"within {MOST_DEVIATIONS:g} Monte Carlo errors{more}"
    return near(quantity, source, published, found, tolerance, criterion)


def near(quantity: str, source: str, published: float, found: Estimate, tolerance: float, criterion: str) -> Check:
    """A value that agrees where it is no farther than a tolerance from the published one; nan never agrees."""
    return Check(
        quantity=quantity,
        source=source,
        published=published,
        obtained=found,
        tolerance=tolerance,
        criterion=criterion,
        agrees=bool(abs(found.value - published) <= tolerance),
    )


NORTH, SOUTH = SIDES = ("north", "south")
ISSUE = "border"
START = "2031-01-06"


def move(score: float, track: str = "political", kind: str = "verbal") -> dict[str, object]:
    """A move without lasting effects, of a Goldstein score in [-10, 10]."""
    description = "Made to be counted."
    return {"cameo": "01", "goldstein": score, "kind": kind, "track": track, "description": description}


def north_and_south(
    title: str, *, end: str, moves: Mapping[str, object], actors: Mapping[str, Mapping[str, object]], **more: Any
) -> Scenario:
    """A scenario of the two on one issue, equally far from either end of it, from `START` until before a day.

    moves : the only ones that either side can make. actors : attributes of each side. more : further sections.
    """
    values = {
        "tensionsim": 1,
        "title": title,
        "start": START,
        "end": end,
        "principals": list(SIDES),
        "issues": {ISSUE: {}},
        "actors": {side: {"stances": {ISSUE: 0.5}, "repertoire": list(moves)} | dict(actors[side]) for side in SIDES},
        "moves": dict(moves),
        **more,
    }
    return from_text(write(values), "north-and-south")


Jobs = int | Literal["auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One study to replicate.

    name : as the command calls it. title : in words. sources : the literature. takes : names of what it makes use of,
    of events, replications, seed and jobs. parts : how many times it calls `advance(1)`; None for once a replication.
    find : computes it, from what it takes and `advance` by keyword. about : what to know before it is asked for.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    takes: tuple[str, ...]
    parts: int | None
    find: Callable[..., Findings]
    about: str = ""


COLUMNS = (
    *("study", "quantity", "published", "obtained", "error", "tolerance", "criterion", "agrees", "counts", "source"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A study with what it found."""

    study: Study
    findings: Findings


@dataclass(frozen=True, slots=True, repr=False)
class Replication:
    """Published results beside what this code obtains; `ts.replicate` makes one.

    `outcomes` holds each study with its checks, what was skipped and notes; `seed` and `replications` are those used,
    `events` names the history, `version` is that of the package.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.replicate("hawkes")
    >>> found
    <Replication of hawkes: 11 of 11 checks agree, seed 0>
    >>> row = found.table().iloc[-1]
    >>> print(f"{row['quantity']}: {row['published']:.3f}, {row['obtained']:.3f}")
    branching ratio reported: 0.600, 0.600
    """

    outcomes: tuple[Outcome, ...]
    seed: int
    replications: int
    events: str | None
    version: str

    def __repr__(self) -> str:
        studies = ", ".join(one.study.name for one in self.outcomes)
        return f"<Replication of {studies}: {self.count()}, seed {self.seed}>"

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks, study by study."""
        return tuple(check for one in self.outcomes for check in one.findings.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that count and do not agree."""
        return tuple(check for check in self.checks if check.counts and not check.agrees)

    def count(self) -> str:
        """How many checks agree, in words; what does not count and what was skipped is said."""
        counted = [check for check in self.checks if check.counts]
        agree = sum(check.agrees for check in counted)
        skipped = [one.study.name for one in self.outcomes if one.findings.skipped]
        said = [f"{agree} of {len(counted)} checks agree"]
        if len(counted) < len(self.checks):
            said.append(f"{len(self.checks) - len(counted)} do not count")
        if skipped:
            said.append(f"skipped in part or whole: {', '.join(skipped)}")
        return ", ".join(said)

    def table(self) -> pd.DataFrame:
        """One line a check, published beside obtained.

        Columns: `study`, `quantity`, `published`, `obtained`, `error`, `tolerance`, `criterion`, `agrees`, `counts`
        (False where too little was computed for the check to count), `source`. `published` and `obtained` are numbers,
        or claims in words; `error` is the standard or Monte Carlo error, `tolerance` how far the number may be from the
        published one, each nan where there is none.
        """
        return pd.DataFrame(list(self._rows()), columns=list(COLUMNS))

    def skipped_table(self) -> pd.DataFrame:
        """One line a result that was not computed again: `study`, `quantity`, `why`, `remedy`."""
        rows = [(one.study.name, *astuple(skipped)) for one in self.outcomes for skipped in one.findings.skipped]
        return pd.DataFrame(rows, columns=["study", "quantity", "why", "remedy"])

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for one in self.outcomes:
            for check in one.findings.checks:
                found = check.obtained
                value, error = (found.value, found.error) if isinstance(found, Estimate) else (found, math.nan)
                yield (
                    *(one.study.name, check.quantity, check.published, value, error, check.tolerance),
                    *(check.criterion, check.agrees, check.counts, check.source),
                )

    def summary(self) -> dict[str, object]:
        """Everything as plain values, for JSON; what there is none of is None."""
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in self._rows()]
        return {
            **{name: getattr(self, name) for name in ("version", "seed", "replications", "events")},
            "studies": [
                {"name": of.name, "title": of.title, "sources": list(of.sources), "notes": list(found.notes)}
                for of, found in ((one.study, one.findings) for one in self.outcomes)
            ],
            "checks": plain(rows),
            "skipped": self.skipped_table().to_dict("records"),
            "agree": sum(check.agrees for check in self.checks if check.counts),
            "counted": sum(check.counts for check in self.checks),
        }
