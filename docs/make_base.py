"""The fitted numbers of the shipped scenarios: draws from the posterior of a fit to the curated history up to a day.

A scenario stands on the fit up to its start: the outlooks on that until October 2025, eras on those until their eves.
Run it where the history, the priors in scenarios/us-colombia-2017.yaml, the leaders or the likelihood have changed; all
that runs shipped scenarios changes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import passages
import tensionsim as ts
from tensionsim.estimation import cells as coefficients
from tensionsim.estimation.fit import CORRECTED, DRAWS
from tensionsim.estimation.posterior import Prior, prior_of

BASE = Path(__file__).resolve().parents[1] / "scenarios" / "base"
UNTIL, LATER = "2024-12-31", "2025-10-27"
PAGES = {BASE / f"fitted-to-{until[:4]}.yaml": until for until in ("2018-08-06", "2022-08-06", UNTIL, LATER)}

SCENARIO = "us-colombia-2017"
SEED = 0

MADE_FROM = ("history", "fit")


def main() -> None:
    """Writes the draws into their scenario files."""
    for page, until in PAGES.items():
        passages.write(page, made(until), passages.fingerprint(__file__, MADE_FROM))


def made(until: str) -> dict[str, str]:
    """The draws by name, as a scenario states them."""
    return {"draws": "\n".join((*fit(until).lines(DRAWS, SEED, CORRECTED), *unfitted(until)))}


def unfitted(until: str) -> Iterator[str]:
    """Lines below `mechanisms`, the last room, that give what nothing in the history speaks to its prior."""
    above = ""
    for path, prior in priors_left(until).items():
        room, mechanism, *name = path.split(".")
        if room != "mechanisms":
            continue
        if mechanism != above:
            above = mechanism
            yield f"  {mechanism}:"
        within = ", ".join(f"{value:g}" for value in (prior.mean, prior.deviation, prior.low, prior.high))
        yield f"    {name[0]}: {{truncated_normal: [{within}], estimate: {prior.mean:g}}}   # its prior"


@cache
def fit(until: str) -> ts.Fit:
    """The fit."""
    return ts.fit(SCENARIO, until=until, with_support=False)


def priors_left(until: str) -> Mapping[str, Prior]:
    """The priors of what nothing in the history speaks to, by path."""
    states = fit(until).likelihood.states
    known = {one.path: one for one in (*coefficients.linear(states), *coefficients.shapes(states))}
    return {one.path: prior_of(known[one.path]) for one in fit(until).fixed if one.path in known}


if __name__ == "__main__":
    main()
