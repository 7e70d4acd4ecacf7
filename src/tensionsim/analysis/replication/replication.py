"""A replication: what each study found, published beside obtained, as a table and as plain values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensionsim.analysis.replication.check import Check, Estimate, Findings
from tensionsim.analysis.replication.study import Study

if TYPE_CHECKING:
    import pandas as pd

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
        import pandas as pd

        return pd.DataFrame(list(self._rows()), columns=list(COLUMNS))

    def skipped_table(self) -> pd.DataFrame:
        """One line a result that was not computed again: `study`, `quantity`, `why`, `remedy`."""
        import pandas as pd

        rows = [
            (one.study.name, skipped.quantity, skipped.why, skipped.remedy)
            for one in self.outcomes
            for skipped in one.findings.skipped
        ]
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
            "version": self.version,
            "seed": self.seed,
            "replications": self.replications,
            "events": self.events,
            "studies": [
                {
                    "name": one.study.name,
                    "title": one.study.title,
                    "sources": list(one.study.sources),
                    "notes": list(one.findings.notes),
                }
                for one in self.outcomes
            ],
            "checks": [{name: _plain(value) for name, value in row.items()} for row in rows],
            "skipped": self.skipped_table().to_dict("records"),
            "agree": sum(check.agrees for check in self.checks if check.counts),
            "counted": sum(check.counts for check in self.checks),
        }


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
