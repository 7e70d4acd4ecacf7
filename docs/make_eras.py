"""The figures and tables of eras.md: simulated eras against the observed index. Run it where results have changed."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import passages
import pictures
import tensionsim as ts
from tensionsim import plots
from tensionsim.events import history as curated
from tensionsim.model import catalogue as moves
from tensionsim.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "eras.md"

RUNS, SEED = 1000, 0
ERAS = ("trump1-duque-2018", "biden-petro-2022", "trump2-petro-2025")
LATEST = ERAS[-1]
AFTER = "status-quo"
"""It starts when the observed history ends."""

MADE_FROM = (*ERAS, AFTER, "history")

NAMED_CHANGES, LEAST_CHANGE, MOST_TOLD = 6, 1.5, 3
FOUR_WEEKS = 4
SHOWN_RUNS = 10
"""Runs whose reasons are averaged; each is made again."""


@dataclass(frozen=True, slots=True)
class Era:
    """A simulated era with the observed index (Series by date, from the era's start to its end or the last event)."""

    results: ts.Results
    observed: pd.Series

    @property
    def compared(self) -> pd.Series:
        """The observed index on the dates at which the runs can differ from it."""
        return self.observed.iloc[1:]

    @property
    def months(self) -> float:
        """Length of what is compared."""
        return float((self.observed.index[-1] - self.observed.index[0]).days / (365 / 12))


@cache
def results_of(name: str) -> ts.Results:
    """The ensemble of a scenario."""
    return ts.run(name, runs=RUNS, seed=SEED)


@cache
def era_of(name: str) -> Era:
    """The era of a scenario."""
    results = results_of(name)
    observed = ts.observed_index(scenario=results.scenario)["index"]
    file = results.scenario.file
    return Era(results, observed.loc[pd.Timestamp(file.start) : pd.Timestamp(file.end)])


def main() -> None:
    """Draws the figures and writes the tables into the page."""
    for name in ERAS:
        pictures.keep(draw_era(era_of(name)), f"era-{name}")
    passages.write(PAGE, made(), passages.fingerprint(__file__, MADE_FROM))


def made() -> dict[str, str]:
    """The tables by name."""
    return {
        "fit": fit_table(),
        "volume": volume_table(),
        **{f"steps-{name}": step_table(era_of(name)) for name in ERAS},
        "crisis": crisis_table(),
        "against": against_table(),
        "arrangements": arrangement_table(),
        "reasons": reason_table(),
    }


def draw_era(era: Era) -> Figure:
    """The fan of an era, the observed index over it, and letters at its largest steps."""
    with style.theme("light"):
        figure = Figure(figsize=(9.0, 4.4), layout="constrained")
        ax = plots.observed(era.results, era.observed, figure.subplots())
        for letter, date, change in largest_changes(era):
            name_step(ax, letter, date, float(era.observed[date]), change)
    return figure


def name_step(ax: Axes, letter: str, date: pd.Timestamp, height: float, change: float) -> None:
    """Puts a letter beside a step of the observed line, on the side that the line has left."""
    ax.annotate(
        letter,
        (date, height),
        xytext=(-7, -3 if change < 0 else 4),
        textcoords="offset points",
        ha="center",
        va="top" if change < 0 else "bottom",
        fontsize=8,
        fontweight="bold",
        color=style.LIGHT.ink,
        zorder=7,
    )


def largest_changes(era: Era) -> Iterator[tuple[str, pd.Timestamp, float]]:
    """Letter, date and size of the observed index's largest steps, by date."""
    changes = era.observed.diff().dropna()
    largest = changes[changes.abs() >= LEAST_CHANGE].abs().nlargest(NAMED_CHANGES).index
    for letter, date in zip(string.ascii_lowercase, sorted(largest), strict=False):
        yield letter, date, float(changes[date])


def step_table(era: Era) -> str:
    """The largest steps of the observed index, with the moves between the principals that made them."""
    days = pd.Timedelta(days=7)
    rows = (
        (letter, f"{date - days:%Y-%m-%d}", f"{change:+.1f}", "<br>".join(moves_between(era, date - days, date)))
        for letter, date, change in largest_changes(era)
    )
    return passages.table(["", "week from", "points", "strongest moves between the two"], rows)


def moves_between(era: Era, first: pd.Timestamp, end: pd.Timestamp) -> list[str]:
    """The strongest observed moves between the principals in a span, by date."""
    found = [one for one in observed_moves(era) if first.date() <= one.date < end.date()]
    strongest = sorted(found, key=lambda one: -abs(score(one.move)))[:MOST_TOLD]
    told = [f"{one.date.day} {one.date:%B}: {one.description}" for one in sorted(strongest, key=lambda one: one.date)]
    return [*told, f"{len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else told


def label(actor: str) -> str:
    """An actor's name as a reader would write it."""
    return results_of(LATEST).scenario.file.actors[actor].label


def observed_moves(era: Era) -> list[curated.ObservedMove]:
    """The observed moves between the principals, while the era is compared."""
    first, end = era.observed.index[0].date(), era.observed.index[-1].date()
    principals = set(era.results.scenario.file.principals)
    return [one for one in curated.observed() if {one.actor, one.target} == principals and first <= one.date < end]


def score(move: str) -> float:
    """Goldstein score of a move."""
    return moves.shipped().moves[move].goldstein


def fit_table() -> str:
    """Level, coverage and error of every era, beside the forecast that nothing changes."""
    columns = ["era", "weeks", "observed, mean", "median of runs, mean", "runs less observed", "in the 50 % band"]
    columns += ["in the 90 % band", "error of the median", "error of no change"]
    return passages.table(columns, (fit_row(era_of(name)) for name in ERAS))


def fit_row(era: Era) -> Sequence[object]:
    """One era's row of the fit."""
    seen = era.compared
    runs = era.results.index.loc[seen.index]
    errors = [(runs["median"] - seen).abs().mean(), (era.observed.iloc[0] - seen).abs().mean()]
    within = [((seen >= runs[low]) & (seen <= runs[high])).mean() for low, high in (("q25", "q75"), ("q05", "q95"))]
    return [
        era.results.title,
        len(seen),
        f"{seen.mean():.1f}",
        f"{runs['median'].mean():.1f}",
        f"{(runs['median'] - seen).mean():+.1f}",
        *(f"{100 * share:.0f} %" for share in within),
        *(f"{error:.1f}" for error in errors),
    ]


def volume_table() -> str:
    """How many moves, and how friendly, each side makes towards the other."""
    columns = ["era", "who", "moves a month, observed", "simulated", "mean score, observed", "simulated"]
    return passages.table(columns, (row for name in ERAS for row in volume_rows(era_of(name))))


def volume_rows(era: Era) -> Iterator[Sequence[object]]:
    """One era's rows of the volume."""
    made = era.results.moves
    made = made[(made["cause"] != "stopped") & (made["date"] < era.observed.index[-1])]
    for actor, target in itertools.permutations(era.results.scenario.file.principals):
        seen = [score(one.move) for one in observed_moves(era) if one.actor == actor]
        simulated = made.loc[(made["actor"] == actor) & (made["target"] == target), "goldstein"]
        volumes = len(seen) / era.months, len(simulated) / era.results.runs / era.months
        tones = np.mean(seen), simulated.mean()
        yield [
            era.results.title,
            label(actor),
            *(f"{volume:.2f}" for volume in volumes),
            *(f"{tone:+.1f}" for tone in tones),
        ]


def crisis_table() -> str:
    """The crisis of October 2025 beside the runs."""
    era = era_of(LATEST)
    date, seen = era.observed.index[-1], float(era.observed.iloc[-1])
    paths, falls = era.results.paths, -era.results.paths.diff(FOUR_WEEKS)
    fall = -float(era.observed.diff(FOUR_WEEKS).min())
    quantiles = era.results.index.loc[date]
    level = f"median {quantiles['median']:.0f}, 9 in 10 between {quantiles['q05']:.0f} and {quantiles['q95']:.0f}"
    rows = [
        (f"index on {date:%Y-%m-%d}", f"{seen:.0f}", level),
        ("as low as that on that day", "", share((paths.loc[date] <= seen).mean())),
        ("as low as that at any time until then", "", share((paths.loc[:date] <= seen).any().mean())),
        ("as low as that at any time until the end of the scenario", "", share((paths <= seen).any().mean())),
        ("in crisis (below 35) at any time until then", "yes", share((paths.loc[:date] < 35).any().mean())),
        ("deepest fall within four weeks, in points", f"{fall:.0f}", f"median {falls.loc[:date].max().median():.0f}"),
        ("as deep a fall until then", "", share((falls.loc[:date].max() >= fall).mean())),
        ("as deep a fall until the end of the scenario", "", share((falls.max() >= fall).mean())),
    ]
    return passages.table(["", "observed", "runs"], rows)


def against_table() -> str:
    """The statistics of the eras, observed and simulated; p is bold where the runs are not like what was observed."""
    found = {name: ts.AgainstHistory.of(results_of(name)) for name in ERAS}
    columns = ["", *itertools.chain.from_iterable((f"{one.title}: observed", "runs", "p") for one in found.values())]
    keys = found[LATEST].table[["statistic", "actor"]].itertuples(index=False)
    parts = [one.table.itertuples() for one in found.values()]
    rows = []
    for (statistic, actor), *of_eras in zip(keys, *parts, strict=True):
        cells = [
            (f"{row.observed:.2f}", f"{row.mean:.2f}", f"**{row.p:.3f}**" if row.is_odd else f"{row.p:.3f}")
            for row in of_eras
        ]
        rows.append([f"{statistic}{f', {label(actor)}' if actor else ''}", *itertools.chain.from_iterable(cells)])
    return passages.table(columns, rows)


def share(value: float) -> str:
    """A share of runs in percent, with one digit where it is small."""
    return f"{100 * value:.{1 if value < 0.1 else 0}f} % of runs"


def arrangement_table() -> str:
    """What began and ended between the start of the latest era and its last observed day, and in how many runs."""
    era = era_of(LATEST)
    before, after = (held(results_of(name), 0) for name in (LATEST, AFTER))
    row = int(np.searchsorted(era.results.dates, np.datetime64(era.observed.index[-1])))
    then = held(era.results, row)
    rows = []
    for key in sorted(before.keys() | after.keys()):
        was, came = before.get(key, np.zeros(1)).all(), after.get(key, np.zeros(1)).all()
        if was != came:
            runs = then.get(key, np.zeros(1, bool))
            rows.append((words_of(key), "began" if came else "ended", share(np.mean(runs if came else ~runs))))
    return passages.table(["arrangement", "observed", "likewise on that day in"], rows)


def held(results: ts.Results, row: int) -> dict[str, np.ndarray]:
    """Whether an arrangement is in force at a row on any issue, shape (run,), by "kind | holder -> partner"."""
    found: dict[str, np.ndarray] = {}
    for place, name in enumerate(results.names.arrangements):
        key = name.rpartition(" | ")[0]
        in_force = results.record.in_force[row, place]
        found[key] = found.get(key, np.zeros_like(in_force)) | in_force
    return found


def words_of(key: str) -> str:
    """An arrangement as a reader would write it."""
    kind, pair = key.split(" | ")
    who, whom = (label(name) for name in pair.split(" -> "))
    is_mutual = moves.shipped().arrangements[kind].is_mutual
    return f"{style.words(kind)}, {who} {'and' if is_mutual else 'to'} {whom}"


def reason_table() -> str:
    """How much each mechanism turns the two governments towards each other, in the latest era."""
    scenario = results_of(LATEST).scenario
    sizes = sum(sizes_of_reasons(scenario, run) for run in range(SHOWN_RUNS)) / SHOWN_RUNS
    sizes = sizes.loc[sizes.max(axis=1).sort_values(ascending=False, kind="stable").index]
    rows = ((style.words(name), *(f"{size:.2f}" for size in sizes.loc[name])) for name in sizes.index)
    return passages.table(["", *(style.words(name) for name in sizes.columns)], rows)


def sizes_of_reasons(scenario: ts.Scenario, run: int) -> pd.DataFrame:
    """Mean absolute contributions in one run: what contributes by whose and on which track."""
    why = ts.reasons(scenario, run=run, seed=SEED).drop(columns=["sum", "direction"]).abs()
    actor, target = (why.index.get_level_values(level) for level in ("actor", "target"))
    inside = why[actor.isin(scenario.file.principals) & target.isin(scenario.file.principals)]
    means = inside.groupby(level=["actor", "track"]).mean().T
    means.columns = [f"{label(actor)}, {track}" for actor, track in means.columns]
    return means


if __name__ == "__main__":
    main()
