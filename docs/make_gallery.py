"""The figures of gallery.md and what is said of them. Run it where results or figures have changed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import passages
import pictures
import tensionsim as ts
from tensionsim import plots

PAGE = Path(__file__).resolve().parent / "gallery.md"

RUNS, SEED = 1000, 0
LATEST, BASELINE, OTHERS = "trump2-petro-2025", "managed", ("rhetoric",)
SEVERAL = ("status-quo", "managed", "rhetoric", "summit", "china-tilt", "tariff-war")
FIERCE = {"mechanisms.reciprocity.fast": 19, "mechanisms.reciprocity.slow": 10}
"""Norland and Suderia answer each other so far more than any start value has it."""

MADE_FROM = (LATEST, *SEVERAL, "norland-suderia", "history", "fit")

VARIED = {
    "actors.bogota.stances.drugs": "0.15:0.95",
    "actors.bogota.rhetoric": "0.1:0.9",
    "actors.bogota.insulation": "0.1:0.95",
    "actors.bogota.reciprocity": "0.2:1.2",
    "actors.washington.rhetoric": "0.15:0.9",
    "actors.washington.confrontation": "0.4:1.3",
}
OPTIONS: dict[str, dict[str, Any]] = {"mechanisms": {"actor": "bogota"}, "timeline": {"run": 3}}
LEFT_OUT = ("issue", "outlooks")
"""Figures that the page shows otherwise: as one of the issues, and twice."""

SHOWN = {
    "fan": ("fan", "fan-dark", "fan-column"),
    "issue": (),
    "outlooks": ("outlooks-two", "outlooks-six"),
    "phase": ("phase", "phase-unstable"),
}
"""Pictures of a figure, where it has not just the one of its name."""


@cache
def results_of(name: str) -> ts.Results:
    """The ensemble of a scenario."""
    return ts.run(name, runs=RUNS, seed=SEED)


def outlooks_of(*names: str) -> ts.Comparison:
    """The ensembles of several, set beside the first."""
    return ts.compare(*(results_of(name) for name in names))


@cache
def subject_of(takes: str) -> object:
    """What the figures are of, by its type."""
    if takes == "Results":
        return results_of(LATEST)
    if takes == "Comparison":
        return outlooks_of(BASELINE, *OTHERS)
    if takes == "Effects":
        return ts.effects("tariff-war", elements=["schedule", "rule"], runs=200, seed=SEED)
    if takes == "Sensitivity":
        return ts.sensitivity("status-quo", seed=SEED)
    if takes == "EarlyWarning":
        return ts.early_warning(ts.run(LATEST, runs=4 * RUNS, seed=SEED))
    if takes == "Settlement":
        return ts.settle(PAGE.with_name("emission.csv"))
    if takes == "Fit":
        return ts.fit("us-colombia-2017", until="2024-12-31")
    if takes == "Discovery":
        return ts.discover("status-quo", of="lasting crisis", never=True, over=VARIED)
    if takes == "Advice":
        return ts.advise("status-quo", "strategies/bogota")
    history = ts.curated_history().until("2024-12-31")
    return ts.backtest("us-colombia-2017", history, origins="2020-01-01:2024-06-30:3", refit=12, runs=RUNS, seed=SEED)


def figures() -> Iterator[tuple[str, str, object, dict[str, Any]]]:
    """File and kind of each picture, what it is of, and the options with which it is drawn."""
    latest = results_of(LATEST)
    for name, figure in plots.FIGURES.items():
        if not figure.is_page and name not in LEFT_OUT:
            yield name, name, subject_of(figure.takes), OPTIONS.get(name, {})
    yield "fan-dark", "fan", latest, {"theme": "dark"}
    yield "fan-column", "fan", latest, {"width": 3.5}
    yield "outlooks-two", "outlooks", outlooks_of(BASELINE, *OTHERS), {}
    yield "outlooks-six", "outlooks", outlooks_of(*SEVERAL), {}
    yield "phase-unstable", "phase", ts.run(ts.load("norland-suderia", set=FIERCE), runs=300, seed=SEED), {}


def made() -> dict[str, str]:
    """By what they are of, all figures."""
    of: dict[str, list[str]] = {}
    for name, figure in plots.FIGURES.items():
        of.setdefault(figure.takes, []).append(told(name, figure.is_page))
    return {takes.lower(): "\n\n".join(texts) for takes, texts in of.items()}


def told(name: str, is_page: bool) -> str:
    """What the docstring of a figure says of it, above its pictures; a whole page of others has none."""
    words = inspect.cleandoc(getattr(plots, name).__doc__).partition("\n\n>>>")[0]
    alt = words.partition("\n")[0].removeprefix("Draws ").removesuffix(".").replace("[", "(").replace("]", ")")
    pictures = () if is_page else SHOWN.get(name, (name,))
    images = "\n\n".join(f"![{alt}](figures/gallery-{picture}.png)" for picture in pictures)
    return f"**`{name}`**: {' '.join(words.split())}\n\n{images}".strip()


def main() -> None:
    """Writes the passages and draws every figure."""
    passages.write(PAGE, made(), passages.fingerprint(__file__, MADE_FROM))
    for name, kind, subject, options in figures():
        latest = results_of(LATEST).scenario
        seen = {"series": ts.observed_index(scenario=latest)["index"]} if kind == "observed" else {}
        pictures.keep(plots.draw(kind, subject, **({"theme": "light"} | seen | options)), f"gallery-{name}")


if __name__ == "__main__":
    main()
