"""Priors for a scenario made from events: how coefficients vary over many pairs of states, by empirical Bayes.

Run `python docs/make_priors.py ICEWS KEDS` where the model of such scenarios or the fit has changed; it takes half an
hour. ICEWS is a folder with events.csv.gz (date, source, target, cameo, set) and daily_totals.csv (set, date, low),
KEDS a file of the events of ISR and PSE. Neither is shipped, and no row of them enters the project: without them the
table of priors and the page stay as they are.

Each pair is fitted by itself, in its busiest window. What its events alone say, its posterior less its prior, is nearly
a normal distribution; coefficients of pairs are taken to be normal, cut at their bounds, about what volume predicts.
Of every window the first two thirds are read.

References
----------
Chung, Y., Rabe-Hesketh, S., Dorie, V., Gelman, A. & Liu, J. (2013). A nondegenerate penalized likelihood estimator for
variance parameters in multilevel models. Psychometrika 78.
Efron, B. & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. JASA 70.
Gelman, A. et al. (2013). Bayesian Data Analysis, chapter 5. CRC Press.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_ndtr, ndtr, ndtri

import passages
import tensionsim as ts
from tensionsim.estimation.posterior import prior_of
from tensionsim.events.generic import VOLUME, unit_of

Floats = NDArray[np.float64]
Row = Mapping[str, str]
Ratios = dict[tuple[str, int, str], float]

ROOT = Path(__file__).resolve().parents[1]
PAGE, DATA = ROOT / "docs" / "fitting.md", ROOT / "src" / "tensionsim" / "data" / "priors.csv"
COLUMNS = ("path", "family", "middle", "spread", "per_log_volume", "pairs", "informed", "worth")

KEDS, KEDS_PAIR = "KEDS", "ISR-PSE"
SEEN = {
    "ICEWS18": (dt.date(2018, 1, 1), dt.date(2018, 7, 22)),
    "ICEWS21": (dt.date(2021, 1, 1), dt.date(2021, 6, 11)),
    "ICEWS22": (dt.date(2022, 1, 1), dt.date(2022, 6, 11)),
    KEDS: (dt.date(1979, 1, 1), dt.date(2000, 12, 31)),
}
"""First and last day of the first two thirds of each window; the rest is held out."""

BURN_IN = dt.timedelta(days=28)
LEAST_ACTS = 100
"""In the part of a window that is seen."""

SWEEPS = 10
"""Rounds over all coefficients, each fitted with the others as they were last."""

FARTHEST, NARROWEST = 1.0, 0.1
"""Deviations by which a mean may lie beyond a bound. Assumption: over pairs a coefficient varies by a tenth of what its
first guess allowed, or more: some months of one source cannot say that all pairs are alike.
"""

WIDE = 4.0
"""Assumption: a coefficient's mean over pairs is its first guess give or take so many deviations, its spread over pairs
half as many at most, nearly.
"""

CERTAIN = 2.0
"""Standard errors from 0, or a likelihood ratio as rare, at which volume is taken to predict a coefficient."""

LEAST_WORTH, WIDENED = 5.0, 1.5
"""Pairs' worth of information below which a first guess is kept, its deviation so many times as wide."""

TRIED, LATE = 5, 0.6
HORIZONS, APART, RUNS = (1, 2), dt.timedelta(days=14), 1000
LEAST = 0.01
"""Added to CRPS, which may be 0 of an index that stands still."""

TARGETS = {"score": "score", "acts": "number of acts", "index": "index"}


@dataclass(frozen=True)
class Window:
    """What is seen of a pair's window.

    longer : with a past. gaps : days on which the feed failed.
    """

    history: ts.EventHistory
    longer: ts.EventHistory
    name: str
    gaps: Sequence[tuple[dt.date | str, dt.date | str]] = ()


@dataclass(frozen=True)
class Said:
    """What events alone say of coefficients: a normal distribution on the axes on which they are fitted.

    precision, pull : of it, shapes (coefficient, coefficient) and (coefficient,); base rates and strengths in the
    units of `unit_of`. prior : means and deviations, before, shape (2, coefficient). low : bounds.
    """

    paths: tuple[str, ...]
    is_of_log: tuple[bool, ...]
    precision: Floats
    pull: Floats
    prior: Floats
    low: Floats
    log_volume: float

    def among(self, paths: Sequence[str]) -> tuple[Floats, Floats]:
        """Precision and pull where coefficients are those of `paths`; 0 where nothing was said."""
        rows = [paths.index(path) for path in self.paths]
        precision, pull = np.zeros((len(paths), len(paths))), np.zeros(len(paths))
        precision[np.ix_(rows, rows)], pull[rows] = self.precision, self.pull
        return precision, pull


def main(arguments: Sequence[str]) -> None:
    """Fits, pools, tries and writes; without events it does nothing, and says so."""
    if len(arguments) != 2:
        print("priors stay as they are: they need a folder of ICEWS events and a file of KEDS events")
        return
    every = windows(Path(arguments[0])) | keds(Path(arguments[1]))
    chosen, tried = busiest(every), trial(every)
    found = {pair: said(window) for pair, window in chosen.items()}
    rows = pooled([*found.values()])
    with DATA.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    # What priors are tried on had no part in them.
    apart = pooled([one for pair, one in found.items() if pair not in tried])
    passages.write(PAGE, {"pooled-priors": table(rows, found, chosen), "pooled-skill": skill(tried, apart)})


def windows(folder: Path) -> dict[tuple[str, str], Window]:
    """Windows in which a pair has acts enough, by pair and name."""
    columns = ["date", "source", "target", "cameo"]
    # Several rows may be one act: of a president, and of his country.
    rows = pd.read_csv(folder / "events.csv.gz", dtype={"cameo": str})[[*columns, "set"]].drop_duplicates()
    feed = pd.read_csv(folder / "daily_totals.csv")
    rows["pair"] = ["-".join(sorted(both)) for both in zip(rows["source"], rows["target"], strict=True)]
    found = {}
    for (name, pair), acts in rows.groupby(["set", "pair"]):
        first, last = (day.isoformat() for day in SEEN[name])
        seen = acts.loc[(acts["date"] >= first) & (acts["date"] <= last), columns]
        if len(seen) >= LEAST_ACTS:
            dead = feed.loc[(feed["set"] == name) & (feed["low"] == 1), "date"]
            dyad = tuple(pair.split("-"))
            history, longer = (ts.read_events(one, dyad=dyad) for one in (seen, pd.concat([before(seen, name), seen])))
            found[pair, name] = Window(history, longer, name, [(day, day) for day in dead])
    return found


def before(seen: pd.DataFrame, name: str) -> pd.DataFrame:
    """A past for a window that has none: its own acts, as much earlier as it is long.

    Memories that began empty would fill all through a window, where acts do not grow more frequent, and a fit would
    conclude that nobody remembers anything.
    """
    first, last = SEEN[name]
    days = pd.to_datetime(seen["date"]) - pd.Timedelta(days=(last - first).days + 1)
    return seen.assign(date=days.dt.strftime("%Y-%m-%d"))


def keds(file: Path) -> dict[tuple[str, str], Window]:
    """The window of the long series."""
    history = ts.read_events(file, dyad=tuple(KEDS_PAIR.split("-")), scale="keds").until(SEEN[KEDS][1])
    return {(KEDS_PAIR, KEDS): Window(history, history, KEDS)}


def busiest(every: Mapping[tuple[str, str], Window]) -> dict[str, Window]:
    """The window of every pair in which it has most acts."""
    ordered = sorted(every.items(), key=lambda one: len(one[1].history))
    found = {pair: window for (pair, _), window in ordered}
    return {pair: found[pair] for pair in sorted(found)}


def trial(every: Mapping[tuple[str, str], Window]) -> dict[str, list[Window]]:
    """Pairs to try priors on, with their windows: of those in all of ICEWS, by volume, the middle of each fifth."""
    names = [name for name in SEEN if name != KEDS]
    whole = [pair for pair in dict.fromkeys(pair for pair, _ in every) if all((pair, name) in every for name in names)]
    whole.sort(key=lambda pair: sum(len(every[pair, name].history) for name in names))
    places = [int((place + 0.5) * len(whole) / TRIED) for place in range(TRIED)]
    return {whole[place]: [every[whole[place], name] for name in names] for place in places}


def said(window: Window) -> Said:
    """What the events of a window say, found about first guesses."""
    history = window.history
    scenario = ts.scenario_from_events(history, priors=())
    since = SEEN[window.name][0] + BURN_IN
    fitted = ts.fit(scenario, window.longer, since=since, missing=window.gaps, with_support=False)
    laplace, priors = fitted.laplace, fitted.priors
    weight, mean = np.array([one.precision for one in priors]), np.array([one.mean for one in priors])
    unit = np.array([unit_of(path, history) for path in fitted.paths])
    precision, pull = _where_said(
        (laplace.precision - np.diag(weight)) * np.outer(unit, unit),
        (laplace.precision @ laplace.mode + laplace.gradient - weight * mean) * unit,
    )
    return Said(
        paths=fitted.paths,
        is_of_log=tuple(one.is_of_log for one in priors),
        precision=precision,
        pull=pull,
        prior=np.array([mean / unit, [one.scale for one in priors] / unit]),
        low=np.array([prior_of(one).low for one in fitted.coefficients]) / unit,
        log_volume=math.log(history.usual_volume() / VOLUME),
    )


def _where_said(precision: Floats, pull: Floats) -> tuple[Floats, Floats]:
    """Precision and pull without directions in which the former is negative: there events say nothing."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(precision)), 1e-12))
    values, axes = np.linalg.eigh(precision / np.outer(scale, scale))
    kept = axes * (values > 0.0)
    return (kept * values) @ axes.T * np.outer(scale, scale), scale * (kept @ (axes.T @ (pull / scale)))


def pooled(pairs: Sequence[Said]) -> list[Row]:
    """Rows of the table of priors, from what pairs say."""
    paths = tuple(dict.fromkeys(path for one in pairs for path in one.paths))
    of = Population.of(pairs, paths)
    found, informed = of.fitted(), of.informed()
    rows: list[Row] = []
    for row, path in enumerate(paths):
        mean, slope, spread = found[row]
        worth = informed[:, row].sum()
        if worth < LEAST_WORTH:
            mean, slope, spread = of.prior[0, row], 0.0, WIDENED * of.prior[1, row]
        values = (math.exp(mean) if of.is_of_log[row] else mean, spread, slope)
        rows.append(
            {
                "path": path,
                "family": "lognormal" if of.is_of_log[row] else "truncated_normal",
                **{name: f"{value:.3g}" for name, value in zip(COLUMNS[2:5], values, strict=True)},
                "pairs": str(len(pairs)),
                "informed": str(int((informed[:, row] > 0.5).sum())),
                "worth": f"{worth:.1f}",
            }
        )
    return rows


@dataclass(frozen=True)
class Population:
    """What pairs say, side by side: shapes (pair, coefficient, coefficient), (pair, coefficient), (pair,).

    prior : first guesses' means and deviations, shape (2, coefficient). low : bounds, shape (coefficient,).
    """

    is_of_log: NDArray[np.bool_]
    precision: Floats
    pull: Floats
    log_volume: Floats
    prior: Floats
    low: Floats

    @classmethod
    def of(cls, pairs: Sequence[Said], paths: Sequence[str]) -> Population:
        """The population in which coefficients are those of `paths`, in this order."""
        by_path = [[(one, one.paths.index(path)) for one in pairs if path in one.paths] for path in paths]
        among = [one.among(paths) for one in pairs]
        return cls(
            is_of_log=np.array([one.is_of_log[row] for (one, row), *_ in by_path]),
            precision=np.array([precision for precision, _ in among]),
            pull=np.array([pull for _, pull in among]),
            log_volume=np.array([one.log_volume for one in pairs]),
            prior=np.array([np.median([one.prior[:, row] for one, row in of], axis=0) for of in by_path]).T,
            low=np.array([one.low[row] for (one, row), *_ in by_path]),
        )

    def informed(self) -> Floats:
        """Share of what is known of each coefficient of each pair that its events tell, under the first guesses."""
        weight = self.prior[1] ** -2.0
        left = np.linalg.inv(self.precision + np.diag(weight))
        return np.clip(1.0 - np.einsum("pkk->pk", left) * weight, 0.0, 1.0)

    def fitted(self) -> Floats:
        """Mean, slope by log volume and deviation of each coefficient over pairs, shape (coefficient, 3).

        One coefficient after another is fitted, the others integrated out as they vary over pairs.
        """
        count, size = self.pull.shape
        found = np.column_stack([self.prior[0], np.zeros(size), 0.5 * self.prior[1]])
        centre, weight = np.tile(self.prior[0], (count, 1)), self.prior[1] ** -2.0
        shares = np.arange(0.005, 1.0, 0.01)[:, None]
        for _ in range(SWEEPS):
            for row in range(size):
                found[row] = self._of_one(row, *self._alone(row, centre, weight), found[row])
                expected = found[row, 0] + found[row, 1] * self.log_volume
                within = cut_normal(expected, found[row, 2], self.low[row], shares)
                centre[:, row], weight[row] = within.mean(axis=0), 1.0 / within.var(axis=0).mean()
        return found

    def _alone(self, row: int, centre: Floats, weight: Floats) -> tuple[Floats, Floats]:
        """Precision and pull, shape (pair,), of what is said of one coefficient where others vary as over pairs."""
        others = np.arange(len(weight)) != row
        across = self.precision[:, row, others]
        inner = np.linalg.inv(self.precision[:, others][:, :, others] + np.diag(weight[others]))
        lost = np.einsum("pi,pij->pj", across, inner)
        pulled = self.pull[:, others] + weight[others] * centre[:, others]
        precision = self.precision[:, row, row] - np.einsum("pj,pj->p", lost, across)
        return np.maximum(precision, 0.0), self.pull[:, row] - np.einsum("pj,pj->p", lost, pulled)

    def _of_one(self, row: int, precision: Floats, pull: Floats, start: Floats) -> Floats:
        """Mean, slope and deviation of one coefficient; the slope is 0 where it is not certain."""
        guess, scale, low = *self.prior[:, row], self.low[row]

        def cost(point: Floats) -> float:
            spread = scale * max(math.exp(point[1]), NARROWEST)
            slope = scale * point[2] if len(point) > 2 else 0.0
            expected = np.maximum(guess + scale * point[0] + slope * self.log_volume, low - FARTHEST * spread)
            whole = precision + spread**-2
            own = (pull + expected / spread**2) / whole
            said = 0.5 * (own**2 * whole - (expected / spread) ** 2) - 0.5 * np.log(spread**2 * whole)
            said += log_ndtr((own - low) * np.sqrt(whole)) - log_ndtr((expected - low) / spread)
            # The last term keeps the spread from collapsing to 0 (Chung et al. 2013).
            before = 0.5 * ((point[0] / WIDE) ** 2 + (2.0 * math.exp(point[1]) / WIDE) ** 2) - point[1]
            return before + 0.5 * float((point[2:] ** 2).sum()) - float(said.sum())

        level = minimize(cost, [(start[0] - guess) / scale, math.log(start[2] / scale)], method="Nelder-Mead")
        tilted = minimize(cost, [*level.x, 0.1], method="Nelder-Mead")
        point = tilted.x if 2.0 * (level.fun - tilted.fun) > CERTAIN**2 else np.append(level.x, 0.0)
        spread = scale * max(math.exp(point[1]), NARROWEST)
        return np.array([max(guess + scale * point[0], low - FARTHEST * spread), scale * point[2], spread])


def cut_normal(centre: Floats | float, deviation: float, low: float, shares: Floats) -> Floats:
    """Where these shares, in (0, 1), of a normal distribution cut at a lower bound lie below."""
    # Counted from above, where shares keep their digits.
    inside = ndtr((centre - low) / deviation)
    found: Floats = np.maximum(centre - deviation * ndtri((1.0 - shares) * inside), low)
    return found


def table(rows: Sequence[Row], found: Mapping[str, Said], chosen: Mapping[str, Window]) -> str:
    """The priors, beside first guesses."""
    windows_ = [one.name for one in chosen.values()]
    counts = ", ".join(f"{windows_.count(name)} of {name}" for name in SEEN)
    made = passages.table(
        ["coefficient", "first guess", "middle pair", "nine in ten", "volume times e", "pairs that tell", "worth"],
        ((f"`{row['path'].partition('.')[2]}`", guess(row, found), *told(row)) for row in rows),
    )
    return f"{len(chosen)} pairs, one window each: {counts}.\n\n{made}"


def guess(row: Row, said_: Mapping[str, Said]) -> str:
    """The first guess that stands where pairs tell nothing: the middle one of all pairs."""
    found = [one.prior[:, one.paths.index(row["path"])] for one in said_.values() if row["path"] in one.paths]
    middle, deviation = np.median(found, axis=0)
    if row["family"] == "lognormal":
        return f"{math.exp(middle):.2g}, factor {math.exp(deviation):.2g}"
    return f"{middle:.2g} ± {deviation:.2g}"


def told(row: Row) -> Iterator[str]:
    """What the table says of a prior: its middle, between what nine pairs in ten lie, what volume predicts."""
    middle, spread, slope = (float(row[name]) for name in COLUMNS[2:5])
    is_of_log = row["family"] == "lognormal"
    bound = -math.inf if is_of_log else float(ts.list_parameters().loc[row["path"], "low"])
    shares = cut_normal(math.log(middle) if is_of_log else middle, spread, bound, np.array([0.5, 0.05, 0.95]))
    half, low, high = np.exp(shares) if is_of_log else shares
    yield f"{half:.2g}"
    yield f"{low:.2g} to {high:.2g}"
    yield "" if not slope else f"times {math.exp(slope):.2g}" if is_of_log else f"{slope:+.2g}"
    yield row["informed"]
    yield row["worth"]


def skill(tried: Mapping[str, Sequence[Window]], rows: Sequence[Row]) -> str:
    """Skill against the best plain forecast under first guesses and under priors from other pairs."""
    every = [*itertools.chain(*tried.values())]
    return skill_table(*([scored(one.history, priors) for one in every] for priors in ((), rows)))


def skill_table(guessed: Sequence[Ratios], informed: Sequence[Ratios]) -> str:
    """Skill by target and horizon, in geometric means over windows; how many windows lose stands in brackets.

    The plain method is the one that is best over all windows.
    """
    lines = []
    for target, horizon in itertools.product(TARGETS, HORIZONS):
        methods = [name for about, ahead, name in informed[0] if (about, ahead) == (target, horizon)]
        best = max(methods, key=lambda name: sum(one[target, horizon, name] for one in informed))
        before, after = (np.array([one[target, horizon, best] for one in of]) for of in (guessed, informed))
        gain = before - after
        told = (f"{1.0 - math.exp(of.mean()):+.2f} ({(of > 0.0).sum()})" for of in (before, after))
        error = gain.std(ddof=1) / math.sqrt(len(gain))
        lines.append((TARGETS[target], horizon, *told, f"{gain.mean():+.2f} ± {error:.2f}", best))
    titles = (
        "",
        "months ahead",
        "skill, first guesses",
        "from many pairs",
        "gain, log of the ratio",
        "best plain forecast",
    )
    return passages.table(titles, lines)


def scored(history: ts.EventHistory, priors: Sequence[Row]) -> Ratios:
    """Log of CRPS over that of each plain forecast, by target and horizon, late in a window."""
    first = history.first + dt.timedelta(days=round(LATE * (history.last - history.first).days))
    origins = [first + count * APART for count in range(1 + (history.last - first) // APART)]
    known = history.until(first - dt.timedelta(days=1))
    scenario = ts.scenario_from_events(known, with_past=False, priors=priors)
    found = ts.backtest(scenario, history, origins=origins, horizons=HORIZONS, runs=RUNS)
    tables = {target: found.skill(target) for target in TARGETS}
    return {
        (target, horizon, method): math.log((row["score"] + LEAST) / (row["other"] + LEAST))
        for target, table in tables.items()
        for (horizon, method), row in table.iterrows()
    }


if __name__ == "__main__":
    main(sys.argv[1:])
