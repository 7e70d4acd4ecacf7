"""The tables of fitting.md that tell the fit to the curated history until the end of 2024.

Run it where results have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

import passages
import tensionsim as ts
from make_base import SCENARIO, UNTIL
from tensionsim.estimation.fit import CORRECTED
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
    "mechanisms.politicisation.strength",
)
"""Coefficients of which the history tells something: set side by side by the width of the priors."""

OVERDISPERSION = "parameters.overdispersion"
DRAWS = 4000
RUNS, SEED = 500, 0
MADE_FROM = ("history", "fit", SCENARIO)


def main() -> None:
    """Writes the tables into the page."""
    passages.write(PAGE, made(), passages.fingerprint(__file__, MADE_FROM))


def made() -> dict[str, str]:
    """The tables by name."""
    return {
        "curated-estimates": passages.table(
            ["coefficient", "prior", "estimate", "error", "90 % interval, corrected", "from data"], estimate_rows()
        ),
        "curated-support": passages.table(
            ["without it", *(f"log10 BF, priors × {width:g}" for width in WIDTHS), "likelihood ratio", "p"],
            support_rows(),
        ),
        "curated-widths": passages.table(["", *(f"priors × {width:g}" for width in WIDTHS)], width_rows()),
        "curated-episodes": episodes(),
        "curated-volume": volume(),
    }


@cache
def fit(width: float = 1.0) -> ts.Fit:
    """The fit, with priors so many times as wide."""
    return ts.fit(SCENARIO, until=UNTIL, prior_width=width)


def named(path: str) -> str:
    """A coefficient as the tables name it."""
    return f"`{path.partition('.')[2]}`"


def estimate_rows() -> Iterator[Sequence[object]]:
    """What is held of every coefficient before and after."""
    table, drawn = fit().table(), fit().sample(DRAWS, SEED, CORRECTED)
    for (path, row), prior in zip(table.iterrows(), fit().priors, strict=True):
        low, high = drawn[path].quantile([0.05, 0.95])
        before = f"{row.prior:.2g}, {'factor ' if prior.is_of_log else '± '}"
        before += f"{np.exp(prior.deviation) if prior.is_of_log else prior.deviation:.2g}"
        learned = f"{100 * row.learned:.0f} %" if row.learned == row.learned else ""
        estimate, error = f"{row.estimate:.2g}", f"{row.standard_error:.2g}"
        yield named(path), before, estimate, error, f"{low:.2g} to {high:.2g}", learned


def support_rows() -> Iterator[Sequence[object]]:
    """What the history says for each mechanism, by the width of the priors."""
    tables = {width: fit(width).support_table() for width in WIDTHS}
    for name, row in tables[1.0].iterrows():
        factors = (f"{tables[width].loc[name].log10_bayes_factor:+.1f}" for width in WIDTHS)
        yield style.words(name), *factors, f"{row.likelihood_ratio:.1f}", f"{row.p_value:.2g}"


def width_rows() -> Iterator[Sequence[object]]:
    """Estimates by the width of the priors, and what the history's probability is under each."""
    tables = {width: fit(width).table() for width in WIDTHS}
    for path in COMPARED:
        found = (tables[width].loc[path] for width in WIDTHS)
        yield named(path), *(f"{row.estimate:.2g} ± {row.standard_error:.2g}" for row in found)
    yield "log marginal likelihood", *(f"{fit(width).log_evidence:.1f}" for width in WIDTHS)


def episodes() -> str:
    """What the history says for moves that come in bursts within a week."""
    scenario = ts.load(SCENARIO).with_values({OVERDISPERSION: 1.0})
    found = ts.fit(scenario, ts.curated_history(), until=UNTIL, with_support=False)
    factor = (found.log_evidence - fit().log_evidence) / np.log(10.0)
    return (
        f"Estimated with `overdispersion`, its value is {found.estimates[OVERDISPERSION]:.1f} ± "
        f"{found.standard_errors[OVERDISPERSION]:.1f}, and the Bayes factor for it 10^{factor:.1f}."
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
