"""The parameters of the base scenarios: what a fit to the curated history until the end of 2024 estimates.

One holds the estimates, one draws from the posterior, for forecasts that carry what the fit leaves open. Run it where
the history, the priors in scenarios/us-colombia-2017.yaml, the leaders or the likelihood have changed; all that runs
shipped scenarios changes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import passages
import tensionsim as ts
from tensionsim.estimation import cells as coefficients
from tensionsim.estimation.fit import CORRECTED, DRAWS
from tensionsim.estimation.optimise import Prior, prior_of

BASE = Path(__file__).resolve().parents[1] / "scenarios" / "base"
PAGE, DRAWN = BASE / "us-colombia.yaml", BASE / "us-colombia-draws.yaml"

SCENARIO, UNTIL = "us-colombia-2017", "2024-12-31"
SEED = 0
INDEX_SCALE = 0.27
"""Conduct at which cooperation is tanh(1), chosen once: so the observed index is near 70 in the quiet years, 2018 to
2021, and between 25 and 30 at the end of October 2025 (docs/events.md)."""

DIGITS = 3
"""Significant ones of an estimate."""

MADE_FROM = ("history", "fit")


def main() -> None:
    """Writes estimates and draws into their scenario files."""
    passages.write(DRAWN, drawn())
    passages.write(PAGE, made())
    passages.write(PAGE, {}, passages.fingerprint(__file__, MADE_FROM))


def made() -> dict[str, str]:
    """The estimates by name."""
    return {"estimates": "\n".join(lines())}


def drawn() -> dict[str, str]:
    """The draws by name, as a scenario states them."""
    return {"draws": "\n".join((*fit().lines(DRAWS, SEED, CORRECTED), *unfitted()))}


def unfitted() -> Iterator[str]:
    """Lines below `mechanisms` that give what nothing in the history speaks to its prior."""
    above = ""
    for path, prior in priors_left().items():
        _, mechanism, name = path.split(".")
        if mechanism != above:
            above = mechanism
            yield f"  {mechanism}:"
        within = ", ".join(f"{value:g}" for value in (prior.mean, prior.deviation, prior.low, prior.high))
        yield f"    {name}: {{truncated_normal: [{within}], estimate: {prior.mean:g}}}   # its prior"


@cache
def fit() -> ts.Fit:
    """The fit."""
    return ts.fit(SCENARIO, until=UNTIL, with_support=False)


def lines() -> Iterator[str]:
    """The rooms of the scenario file, an estimate a line."""
    told = notes()
    for room in dict.fromkeys(path.split(".")[0] for path in told):
        yield f"{room}:"
        above = ""
        for path, (value, note) in told.items():
            first, *group, name = path.split(".")
            if first != room:
                continue
            if group and group[0] != above:
                above = group[0]
                yield f"  {above}:"
            pad = "  " * (1 + len(group))
            yield f"{pad}{name}: {value:.{DIGITS}g}   # {note}"


def notes() -> dict[str, tuple[float, str]]:
    """By path, in the order of the package's lists: the value, and how much is known of it."""
    table, priors = fit().table(), priors_left()
    listed = [*(path for path in ts.list_parameters().index if path in table.index or path in priors)]
    listed.sort(key=lambda path: not path.startswith("parameters."))
    found = {"parameters.index_scale": (INDEX_SCALE, "set by the volume of the history: docs/events.md")}
    for path in listed:
        if path in priors:
            found[path] = priors[path].mean, "the middle of its prior: nothing in the history speaks to it"
            continue
        row = table.loc[path]
        learned = f", {100 * row.learned:.0f} % from data" if row.learned == row.learned else ""
        found[path] = float(row.estimate), f"± {row.standard_error:.2g}{learned}"
    return found


def priors_left() -> dict[str, Prior]:
    """The priors of what nothing in the history speaks to, by path."""
    states = fit().likelihood.states
    known = {one.path: one for one in (*coefficients.linear(states), *coefficients.shapes(states))}
    return {one.path: prior_of(known[one.path]) for one in fit().fixed if one.path in known}


if __name__ == "__main__":
    main()
