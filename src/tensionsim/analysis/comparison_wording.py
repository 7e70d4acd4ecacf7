"""A comparison in sentences; every number in them is in its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis import pairing

if TYPE_CHECKING:
    from tensionsim.analysis.comparison import Comparison


def headline(comparison: Comparison, name: str) -> str:
    """One sentence on how an outlook differs from the baseline at the end, how often, and since when."""
    base, paired = comparison.baseline, comparison.paired(name)
    if not paired.any():
        runs = "in the one run" if paired.shape[-1] == 1 else "in every run"
        return f"{name} is the same as {base} {runs}, on every date."
    return f"{name} {_at_the_end(comparison, name)}; {_parted(comparison, name)}."


def _at_the_end(comparison: Comparison, name: str) -> str:
    end, base, band = comparison.paired(name)[-1], comparison.baseline, comparison.band(name)
    if not end.any():
        return f"ends where {base} does, in every run"
    mean = float(band.mean[-1])
    points = f"ends {abs(mean):.1f} points {'above' if mean >= 0 else 'below'} {base}"
    if end.size == 1:
        return f"{points} in the one run"
    low, high = sorted(np.sign(mean or 1.0) * bound for bound in (band.point_low[-1], band.point_high[-1]))
    higher, ties = float((end > 0).mean()), float((end == 0).mean())
    word, share = ("higher", higher) if mean >= 0 else ("lower", 1.0 - higher - ties)
    equal = f", equal in {_of_runs(ties)}" if ties else ""
    unsure = "" if low > 0.0 else ", which luck alone may explain"
    interval = f"95 % interval {low:.1f} to {high:.1f}"
    return f"{points} on average ({interval}){unsure}, {word} in {_of_runs(share)}{equal}"


def _parted(comparison: Comparison, name: str) -> str:
    found, runs = comparison.parting_of(name), len(comparison.runs)
    dates = comparison.dates
    first = "" if found.first_difference is None else f"runs first differ on {dates[found.first_difference]}, "
    if runs < pairing.LEAST_RUNS:
        return f"{first}but {runs} run{' is' if runs == 1 else 's are'} too few to say when the means part"
    if found.apart_to_end is not None:
        return f"{first}the means are apart from {dates[found.apart_to_end]} to the end"
    if found.first_apart is not None:
        last = dates[len(dates) - 1 - int(comparison.band(name).is_apart[::-1].argmax())]
        return f"{first}the means are apart at times from {dates[found.first_apart]} to {last}, not to the end"
    return f"{first}but {runs:,} runs cannot tell the means apart on any date"


def _of_runs(share: float) -> str:
    """A share of the runs in percent, with a decimal where it is near none or all."""
    if share in (0.0, 1.0):
        return "every run" if share else "no run"
    percent = f"{100 * share:.1f}" if share < 0.05 or share > 0.95 else f"{100 * share:.0f}"
    return f"{percent.removesuffix('.0')} % of runs"


def saved(comparison: Comparison, name: str) -> str:
    """One sentence on how much pairing saved in the difference at the end."""
    paths = (comparison.index_of(name)[-1], comparison.index_of(comparison.baseline)[-1])
    found = pairing.saving(*paths)
    if found.variance_ratio is None:
        return f"{name}: no ratio, for {found.why_not}."
    ratio, runs = found.variance_ratio, len(comparison.runs)
    if ratio < 1.0:
        return f"{name}: nothing; independent seeds would need {ratio:.2f} times as many runs."
    return f"{name}: as exact as {ratio * runs:,.0f} runs a side under independent seeds ({ratio:.1f} times as many)."
