"""Recovery of known coefficients from simulated histories: how often intervals hold the truth.

References
----------
Cook, S. R., Gelman, A. & Rubin, D. B. (2006). Validation of software for Bayesian models using posterior quantiles. J.
Comp. Graph. Stat. 15(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.fitting.recovery import Recovery, recover
from tensionsim.analysis.replication.check import Check, Estimate, Findings, near
from tensionsim.analysis.replication.study import Asked, Study
from tensionsim.ensemble.executors import executor
from tensionsim.record import Bools

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "Cook, Gelman & Rubin (2006)"
LEVELS = (50, 90)
"""Percent of intervals."""

LEAST = 50
"""Histories from which on recovery counts as replicated."""

MOST_ERRORS = 3.0
"""Standard errors by which an overall coverage may miss: one in four hundred right methods does."""

CHANCE = 0.05
"""Of any coefficient failing where all intervals are right, shared out among them (Bonferroni)."""


def find(asked: Asked) -> Findings:
    """Coverage of intervals over all coefficients, and by coefficient."""
    found = histories(asked)
    does_count = asked.replications >= LEAST
    note = f"{asked.replications:,} histories of {np.mean(found.acts):,.0f} acts on average were simulated and fitted."
    few = f" Fewer than {LEAST} are shown and do not count."
    checks = (*overall(found.rows), *by_coefficient(found.rows))
    return Findings(
        tuple(replace(one, counts=does_count) for one in checks), notes=(note if does_count else note + few,)
    )


def histories(asked: Asked) -> Recovery:
    """As many histories as asked for, each simulated and fitted by itself.

    So they are the same on any number of jobs.
    """
    import pandas as pd

    parts: dict[int, Recovery] = {}
    with executor(asked.jobs, tasks=asked.replications) as workers:
        for run, found in workers.results(partial(_one, asked.seed), range(asked.replications)):
            parts[run] = found
            asked.advance(1)
    ordered = [parts[run] for run in sorted(parts)]
    return Recovery(
        pd.concat([one.rows for one in ordered], ignore_index=True), tuple(acts for one in ordered for acts in one.acts)
    )


def _one(seed: int, run: int) -> Recovery:
    return recover(runs=1, seed=seed, first_run=run)


def overall(rows: pd.DataFrame) -> Iterator[Check]:
    """Coverage over all coefficients and histories; `rows` : those of a `Recovery`."""
    for level in LEVELS:
        found = coverage(_is_held(rows, level), rows["run"].to_numpy())
        criterion = f"within {MOST_ERRORS:g} standard errors, histories being the units"
        yield near(
            f"{level} % intervals hold the truth", SOURCE, level / 100, found, MOST_ERRORS * found.error, criterion
        )


def coverage(is_held: Bools, history: np.ndarray) -> Estimate:
    """The share of intervals that hold the truth. Coefficients of one history err together, so histories are the units.

    The error is that of a mean of clusters: the spread of what each history has above or below the overall share.

    Parameters
    ----------
    is_held, history
        Shape (interval,): whether it holds the truth, and the number of its history. Nan error of a single history.
    """
    share = float(is_held.mean())
    _, place = np.unique(history, return_inverse=True)
    apart = np.bincount(place, is_held - share)
    count = len(apart)
    if count < 2:
        return Estimate(share)
    return Estimate(share, float(np.sqrt(np.square(apart).sum() * count / (count - 1)) / len(is_held)))


def by_coefficient(rows: pd.DataFrame) -> Iterator[Check]:
    """Coverage of each coefficient's intervals, one a history, by an exact binomial test."""
    from scipy.stats import binomtest

    paths = rows["path"].drop_duplicates().tolist()
    least = CHANCE / (len(LEVELS) * len(paths))
    for path in paths:
        here = rows[rows["path"] == path]
        for level in LEVELS:
            held, nominal = _is_held(here, level), level / 100
            chance = float(binomtest(int(held.sum()), len(held), nominal).pvalue)
            yield Check(
                quantity=f"{level} %: {path.partition('.')[2]}",
                source=SOURCE,
                published=nominal,
                obtained=Estimate(float(held.mean()), float(np.sqrt(nominal * (1.0 - nominal) / len(held)))),
                criterion=f"p of an exact binomial test above {least:.2g} ({chance:.2g})",
                agrees=chance >= least,
            )


def _is_held(rows: pd.DataFrame, level: int) -> Bools:
    held: Bools = rows["truth"].between(rows[f"low_{level}"], rows[f"high_{level}"]).to_numpy()
    return held


STUDY = Study(
    name="recovery",
    title="Recovery: fits to simulated histories find what made them",
    sources=(
        "Cook, S. R., Gelman, A. & Rubin, D. B. (2006). Validation of software for Bayesian models using posterior "
        "quantiles. Journal of Computational and Graphical Statistics 15(3).",
    ),
    takes=("replications", "seed", "jobs"),
    parts=lambda asked: asked.replications,
    find=find,
)
