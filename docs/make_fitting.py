"""The tables of fitting.md that tell the fits to the curated history.

Run it where results have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import passages
import tensionsim as ts
from make_base import LATER, SCENARIO, UNTIL
from tensionsim.plots import style

PAGE = Path(__file__).resolve().parent / "fitting.md"

WIDTHS = (0.5, 1.0, 2.0)
"""Factors of the priors' deviations."""

COMPARED = (
    "parameters.base_political",
    "parameters.base_technical",
    "parameters.own_fast",
    "parameters.own_slow",
    "parameters.other_fast",
    "parameters.other_slow",
    "parameters.fast_half_life",
    "parameters.slow_half_life",
    "parameters.bias",
    "parameters.intensity",
    "mechanisms.disagreement.strength",
    "parameters.matters",
)
"""Coefficients of which the history tells something: set side by side by the width of the priors."""

BURSTS = ("parameters.overdispersion", "parameters.imitation")
RUNS, SEED = 500, 0
MADE_FROM = ("history", "fit", SCENARIO)


def main() -> None:
    """Writes the tables into the page."""
    passages.write(PAGE, made(), passages.fingerprint(__file__, MADE_FROM))


def made() -> dict[str, str]:
    """The tables by name."""
    return {
        "curated-estimates": passages.table(
            ["coefficient", "prior", "until 2024", "90 % interval", "until October 2025", "90 % interval", "from data"],
            estimate_rows(),
        ),
        "curated-support": passages.table(
            [
                "without it",
                "log10 BF until 2024",
                *(f"until October 2025, priors × {width:g}" for width in WIDTHS),
                "at × 1",
                "p",
            ],
            support_rows(),
        ),
        "curated-widths": passages.table(["", *(f"priors × {width:g}" for width in WIDTHS)], width_rows()),
        "curated-episodes": episodes(),
        "curated-volume": volume(),
    }


@cache
def fit(until: str = LATER, width: float = 1.0) -> ts.Fit:
    """The fit until a day, with priors so many times as wide."""
    return ts.fit(SCENARIO, until=until, prior_width=width)


def named(path: str) -> str:
    """A coefficient as the tables name it."""
    return f"`{path.partition('.')[2]}`"


def estimate_rows() -> Iterator[Sequence[object]]:
    """What is held of every coefficient before and after."""
    earlier, later = fit(UNTIL).table(), fit().table()
    for (path, row), prior in zip(later.iterrows(), fit().priors, strict=True):
        before = f"{row.prior:.2g}, {'factor ' if prior.is_of_log else '± '}"
        before += f"{np.exp(prior.deviation) if prior.is_of_log else prior.deviation:.2g}"
        learned = f"{100 * row.learned:.0f} %" if row.learned == row.learned else ""
        old = told(earlier.loc[path]) if path in earlier.index else ("", "")
        yield named(path), before, *old, *told(row), learned


def told(row: pd.Series) -> tuple[str, str]:
    """An estimate and its interval."""
    return f"{row.estimate:.2g}", f"{row.low_90:.2g} to {row.high_90:.2g}"


def support_rows() -> Iterator[Sequence[object]]:
    """What the history says for each mechanism, until two days, and by the width of the priors."""
    early = fit(UNTIL).support_table()
    tables = {width: fit(width=width).support_table() for width in WIDTHS}
    for name, row in tables[1.0].iterrows():
        before = f"{early.loc[name].log10_bayes_factor:+.1f}" if name in early.index else ""
        factors = (f"{tables[width].loc[name].log10_bayes_factor:+.1f}" for width in WIDTHS)
        yield style.words(name), before, *factors, row.verdict, f"{row.p_value:.2g}"


def width_rows() -> Iterator[Sequence[object]]:
    """Estimates by the width of the priors, and what the history's probability is under each."""
    tables = {width: fit(width=width).table() for width in WIDTHS}
    for path in COMPARED:
        found = (tables[width].loc[path] for width in WIDTHS)
        yield named(path), *(f"{row.estimate:.2g} ± {row.standard_error:.2g}" for row in found)
    yield "log marginal likelihood", *(f"{fit(width=width).log_evidence:.1f}" for width in WIDTHS)


def episodes() -> str:
    """What the history says for moves that come in bursts within a week."""
    without = ts.load(SCENARIO).with_values(dict.fromkeys(BURSTS, 0.0))
    gains = [
        (fit(until).log_evidence - ts.fit(without, until=until, with_support=False).log_evidence) / np.log(10.0)
        for until in (UNTIL, LATER)
    ]
    return (
        f"The Bayes factor for `overdispersion` and `imitation` together is 10^{gains[0]:.1f} until the end of 2024 "
        f"and 10^{gains[1]:.1f} until October 2025."
    )


def volume() -> str:
    """How many moves the fitted scenario makes between those whom the history covers, beside those observed."""
    results = ts.run(fit().scenario(draws=1), runs=RUNS, seed=SEED)
    made_ = results.moves[results.moves["cause"] != "stopped"]
    made_ = made_[made_["date"] < fit().likelihood.states.window.until.isoformat()]
    covered = {
        frozenset((one.channel.actor, one.channel.target))
        for one in fit().likelihood.states.window.placement.occurrences
    }
    pairs = zip(made_["actor"].astype(str), made_["target"].astype(str), strict=True)
    runs = made_["run"][[frozenset(pair) in covered for pair in pairs]].value_counts()
    counts = runs.reindex(range(RUNS), fill_value=0)
    low, high = counts.quantile([0.05, 0.95])
    return (
        f"Run forward from 2017, the fitted scenario makes {counts.mean():.0f} moves between those whom the history "
        f"covers (9 runs in 10: {low:.0f} to {high:.0f}), where {fit().diagnosis.acts} were observed."
    )


if __name__ == "__main__":
    main()
