"""The figures of gallery.md. Run it where results or figures have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import passages
import tensionsim as ts
from tensionsim import plots

DOCS = Path(__file__).resolve().parent
PAGE, FIGURES = DOCS / "gallery.md", DOCS / "figures"

RUNS, SEED = 1000, 0
LATEST, BASELINE, OTHERS = "trump2-petro-2025", "managed", ("rhetoric",)
SEVERAL = ("status-quo", "managed", "rhetoric", "summit", "china-tilt", "tariff-war")
RUN = 3
"""The one told in the timeline."""

MADE_FROM = (LATEST, *SEVERAL, "norland-suderia", "history", "fit")

CLOUD_DPI = 110
"""Of clouds of dots, which stand as pictures in a vector file."""

PAGE_SIZE, TALL, COLUMN = (7.2, 3.8), (7.2, 4.6), (3.5, 2.9)
"""Width and height in inches."""


@cache
def results_of(name: str) -> ts.Results:
    """The ensemble of a scenario."""
    return ts.run(name, runs=RUNS, seed=SEED)


def outlooks_of(*names: str) -> ts.Comparison:
    """The ensembles of several, set beside the first."""
    return ts.compare(*(results_of(name) for name in names))


def figures() -> Iterator[tuple[str, tuple[float, float], str, Callable[..., object]]]:
    """Name, size and theme of each figure, and how it is drawn on an axes."""
    latest = results_of(LATEST)
    seen = ts.observed_index(latest.scenario)["index"]
    yield "fan", PAGE_SIZE, "light", lambda ax: plots.fan(latest, ax)
    yield "fan-dark", PAGE_SIZE, "dark", lambda ax: plots.fan(latest, ax)
    yield "fan-column", COLUMN, "light", lambda ax: plots.fan(latest, ax)
    yield "observed", PAGE_SIZE, "light", lambda ax: plots.observed(latest, seen, ax)
    yield "issues", TALL, "light", lambda ax: plots.issues(latest, ax)
    yield "regimes", PAGE_SIZE, "light", lambda ax: plots.regimes(latest, ax)
    yield "direction", PAGE_SIZE, "light", lambda ax: plots.direction(latest, ax)
    two, several = outlooks_of(BASELINE, *OTHERS), outlooks_of(*SEVERAL)
    yield "outlooks-two", PAGE_SIZE, "light", lambda ax: plots.outlooks(two, ax)
    yield "outlooks-six", PAGE_SIZE, "light", lambda ax: plots.outlooks(several, ax)
    yield "difference", PAGE_SIZE, "light", lambda ax: plots.difference(two, None, ax)
    yield "ledger", PAGE_SIZE, "light", lambda ax: plots.ledger(latest, ax)
    yield "mechanisms", PAGE_SIZE, "light", lambda ax: plots.mechanisms(latest, "bogota", ax)
    effects = ts.effects("tariff-war", elements=["schedule", "rule"], runs=200, seed=SEED)
    yield "waterfall", (7.2, 3.2), "light", lambda ax: plots.waterfall(effects, ax)
    yield "timeline", TALL, "light", lambda ax: plots.timeline(latest, ax, run=RUN)
    yield "phase", TALL, "light", lambda ax: plots.phase(latest, ax)
    yield "phase-unstable", TALL, "light", lambda ax: plots.phase(fierce(), ax)
    yield "support", (7.2, 4.2), "light", lambda ax: plots.support(fitted(), ax)
    yield "estimates", (7.2, 8.4), "light", lambda ax: plots.estimates(fitted(), ax)
    yield from figures_of_backtests()


def figures_of_backtests() -> Iterator[tuple[str, tuple[float, float], str, Callable[..., object]]]:
    """Those of a backtest."""
    yield "forecasts", PAGE_SIZE, "light", lambda ax: plots.forecasts(tested(), ax)
    yield "skill", PAGE_SIZE, "light", lambda ax: plots.skill(tested(), ax)
    yield "calibration", (7.2, 2.9), "light", lambda ax: plots.calibration(tested(), ax)
    yield "reliability", (7.2, 2.9), "light", lambda ax: plots.reliability(tested(), ax)


@cache
def fitted() -> ts.Fit:
    """The curated history until the end of 2024, as the page on fitting has it."""
    return ts.fit("us-colombia-2017", until="2024-12-31")


@cache
def tested() -> ts.Backtest:
    """Forecasts of the curated history until the end of 2024."""
    history = ts.curated_history().until("2024-12-31")
    return ts.backtest("us-colombia-2017", history, origins="2020-01-01:2024-06-30:3", refit=12, runs=RUNS, seed=SEED)


@cache
def fierce() -> ts.Results:
    """Norland and Suderia, answering each other far more than any start value has it."""
    scenario = ts.load("norland-suderia", set={"mechanisms.reciprocity.fast": 19, "mechanisms.reciprocity.slow": 10})
    return ts.run(scenario, runs=300, seed=SEED)


def path_of(name: str) -> Path:
    """Where a figure goes."""
    return FIGURES / f"gallery-{name}.svg"


def main() -> None:
    """Draws every figure."""
    for name, size, theme, draw in figures():
        with plots.theme(theme):
            ax = plots.blank(*size)
            draw(ax)
            plots.save(ax, path_of(name), dpi=CLOUD_DPI)
    passages.write(PAGE, {}, passages.fingerprint(__file__, MADE_FROM))


if __name__ == "__main__":
    main()
