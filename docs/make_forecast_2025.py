"""The figure and the tables of forecast-2025.md: 2025 as it would have been forecast at the end of 2024.

Run it where results have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import passages
import pictures
import tensionsim as ts
from make_eras import AFTER, held, share
from tensionsim import plots
from tensionsim.forecasts import baselines, scores
from tensionsim.plots import style

PAGE = Path(__file__).resolve().parent / "forecast-2025.md"

SCENARIO, HINDSIGHT = "eve-of-2025", "with-hindsight"
RUNS, SEED = 2000, 0
MADE_FROM = (SCENARIO, AFTER, "history")
MONTHS = {1: 4, 3: 13, 6: 26, 9: 39}
"""Weeks after the start, by months."""
CRISIS = 35.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast with what came. observed : the index by week, on the outlook's own weights of issues, from 2017 on."""

    name: str
    results: ts.Results
    observed: pd.Series

    @property
    def past(self) -> pd.Series:
        """What was observed until the forecast began."""
        return self.observed.loc[: pd.Timestamp(self.results.dates[0])]

    @property
    def came(self) -> pd.Series:
        """What was observed since, from the first week to the last that is known."""
        return self.observed.loc[pd.Timestamp(self.results.dates[1]) :]

    @property
    def runs(self) -> np.ndarray:
        """The index of the runs in the weeks of `came`, shape (week, run)."""
        return self.results.record.cooperation[1 : 1 + len(self.came)]

    @property
    def no_change(self) -> np.ndarray:
        """The plain forecast: the index stays, give or take the changes of the years before, shape (week, run)."""
        past = self.past.to_numpy()
        return baselines.forecast("no-change", past, len(self.came), runs=RUNS, seed=SEED).ensemble


@cache
def outlooks() -> tuple[Outlook, Outlook]:
    """What could be known, and with hindsight."""
    found = []
    for name, outlook in (("known at the end of 2024", None), ("with hindsight", HINDSIGHT)):
        scenario = ts.load(SCENARIO, outlook=outlook)
        found.append(
            Outlook(name, ts.run(scenario, runs=RUNS, seed=SEED), ts.observed_index(scenario=scenario)["index"])
        )
    return found[0], found[1]


def main() -> None:
    """Draws the figure and writes the tables into the page."""
    pictures.keep(draw(), "forecast-2025")
    passages.write(PAGE, made(), passages.fingerprint(__file__, MADE_FROM))


def made() -> dict[str, str]:
    """The tables by name."""
    return {"places": place_table(), "odds": odds_table(), "scores": score_table()}


def draw() -> Figure:
    """Both fans side by side, each with what was observed on its own weights of the issues."""
    with style.theme("light"):
        figure = Figure(figsize=(9.0, 4.2), layout="constrained")
        for ax, one in zip(figure.subplots(1, 2, sharey=True), outlooks(), strict=True):
            plots.observed(one.results, one.observed, ax)
            ax.set_title(one.name[0].upper() + one.name[1:], loc="left", fontsize=10, pad=20)
    return figure


def place_table() -> str:
    """Where the observed index lies among the runs, some months ahead."""
    columns = ["after", "until", "which forecast", "observed", "median of runs", "9 runs in 10", "as low or lower"]
    return passages.table(columns, place_rows())


def place_rows() -> Iterator[Sequence[object]]:
    """The rows of the places."""
    for label, weeks in horizons():
        for one in outlooks():
            seen, runs = float(one.came.iloc[weeks - 1]), one.runs[weeks - 1]
            low, middle, high = np.quantile(runs, (0.05, 0.5, 0.95))
            within = f"{low:.0f} to {high:.0f}"
            until = f"{one.came.index[weeks - 1]:%Y-%m-%d}"
            yield label, until, one.name, f"{seen:.0f}", f"{middle:.0f}", within, share(np.mean(runs <= seen))


def horizons() -> Iterator[tuple[str, int]]:
    """Name and weeks of the horizons that are told."""
    for months, weeks in MONTHS.items():
        yield f"{months} month{'s' if months > 1 else ''}", weeks
    yield "all that is known", len(outlooks()[0].came)


def odds_table() -> str:
    """How probable what came was."""
    known, hindsight = outlooks()
    rows = [
        (name, "yes" if is_so else "no", share(chance(known, name)), share(chance(hindsight, name)))
        for name, is_so in happened().items()
    ]
    return passages.table(["until the last observed day", "observed", known.name, hindsight.name], rows)


def happened() -> dict[str, bool]:
    """What is asked, and whether it came."""
    known = outlooks()[0]
    after = held(ts.run(AFTER, runs=1), 0)
    return {
        "in crisis (below 35) at any time": bool((known.came < CRISIS).any()),
        "in crisis on that day": bool(known.came.iloc[-1] < CRISIS),
        "counternarcotics aid ended": "counternarcotics_aid | washington -> bogota" not in began(after),
        "tariffs on Colombian goods": "tariffs | washington -> bogota" in began(after),
        "personal sanctions": "personal_sanctions | washington -> bogota" in began(after),
        "decertification": "decertification | washington -> bogota" in began(after),
    }


def began(holds: dict[str, np.ndarray]) -> set[str]:
    """What is in force."""
    return {key for key, in_force in holds.items() if in_force.all()}


def chance(one: Outlook, name: str) -> float:
    """The share of runs in which it came."""
    last = len(one.came)
    if name.startswith("in crisis"):
        low = one.runs < CRISIS
        return float(low.any(axis=0).mean() if "any" in name else low[-1].mean())
    kind = {"counternarcotics aid ended": "counternarcotics_aid", "tariffs on Colombian goods": "tariffs"}
    key = kind.get(name, name.replace(" ", "_"))
    in_force = held(one.results, last).get(f"{key} | washington -> bogota", np.zeros(RUNS, bool))
    return float(np.mean(~in_force if name.endswith("ended") else in_force))


def score_table() -> str:
    """Errors of the forecasts beside the plain one."""
    columns = ["after", "which forecast", "CRPS", "no change", "skill"]
    return passages.table(columns, score_rows())


def score_rows() -> Iterator[Sequence[object]]:
    """The rows of the scores: at the horizons, and the mean over all weeks."""
    whole = ((label, slice(weeks - 1, weeks)) for label, weeks in horizons())
    for label, rows in (*whole, ("mean over the weeks", slice(None))):
        for one in outlooks():
            seen = one.came.to_numpy()
            own, plain = (float(scores.fair_crps(runs[rows], seen[rows]).mean()) for runs in (one.runs, one.no_change))
            yield label, one.name, f"{own:.1f}", f"{plain:.1f}", f"{100 * (1 - own / plain):+.0f} %"


if __name__ == "__main__":
    main()
