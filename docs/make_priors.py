"""Priors for a scenario made from events: how coefficients vary over many pairs of states, by empirical Bayes.

Run `python docs/make_priors.py ICEWS KEDS` where the model of such scenarios or the fit has changed; it takes half an
hour. ICEWS is a folder with events.csv.gz (date, source, target, cameo, set) and daily_totals.csv (set, date, low), KEDS
a file of the events of ISR and PSE. Neither is shipped, and no row of them enters the project: without them the table of
priors and the page stay as they are.

Each pair is fitted by itself, in its busiest window. What its events alone say, its posterior less its prior, is nearly
a normal distribution; coefficients of pairs are taken to be normal, cut at their bounds, about what volume predicts.
Draws from all of this together say what to expect of a further pair. Of every window the first two thirds are looked at.

References
----------
Efron, B. & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. JASA 70.
Gelman, A. et al. (2013). Bayesian Data Analysis, chapter 5. CRC Press.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

import passages
import tensionsim as ts
from tensionsim.events.generic import VOLUME, observed_rates

Floats = NDArray[np.float64]
Row = Mapping[str, str]

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

ROUNDS = 2
"""Fits about first guesses, then about what they gave: a normal distribution is good near where it was made."""

SWEEPS, SETTLING, STEPS, SEED = 3000, 500, 3, 0
"""Rounds of draws, how many of them come before those that count, Metropolis' steps in each."""

WIDE = 4.0
"""Assumption: a coefficient's mean over pairs is its first guess give or take so many deviations, its spread over pairs
half as many at most, nearly.
"""

CERTAIN = 2.0
"""Standard errors from 0 at which volume is taken to predict a coefficient."""

LEAST_WORTH, WIDENED = 3.0, 1.5
"""Pairs' worth of information below which a first guess is kept, its deviation so many times as wide."""

TRIED, LATE = 5, 0.6
HORIZONS, APART, RUNS = (1, 2), dt.timedelta(days=14), 1000
TARGETS = {"score": "score", "acts": "number of acts", "index": "index"}


@dataclass(frozen=True)
class Window:
    """What is seen of a pair's window. gaps : days on which the feed failed."""

    history: ts.EventHistory
    name: str
    gaps: Sequence[tuple[dt.date | str, dt.date | str]] = ()


@dataclass(frozen=True)
class Said:
    """What events alone say of coefficients: a normal distribution on the axes on which they are fitted.

    precision, pull : of it, shapes (coefficient, coefficient) and (coefficient,); a base rate is a share of the volume
    that was observed. prior : means and deviations, before, shape (2, coefficient). low, high : bounds.
    """

    paths: tuple[str, ...]
    is_of_log: tuple[bool, ...]
    precision: Floats
    pull: Floats
    prior: Floats
    low: Floats
    high: Floats
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
    guesses = said(chosen, ())
    rows: list[Row] = []
    found = guesses
    for _ in range(ROUNDS - 1):
        rows = pooled([*found.values()], [*guesses.values()])
        found = said(chosen, rows)
    rows = pooled([*found.values()], [*guesses.values()])
    others = [pair for pair in found if pair not in tried]
    apart = pooled([found[pair] for pair in others], [guesses[pair] for pair in others])
    with DATA.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    tables = {"pooled-priors": table(rows, chosen), "pooled-skill": skill(tried, apart)}
    passages.write(PAGE, tables)


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
        seen = acts[(acts["date"] >= first) & (acts["date"] <= last)]
        if len(seen) >= LEAST_ACTS:
            history = ts.read_events(seen[columns], dyad=tuple(pair.split("-")))
            dead = feed.loc[(feed["set"] == name) & (feed["low"] == 1), "date"]
            found[pair, name] = Window(history, name, [(day, day) for day in dead])
    return found


def keds(file: Path) -> dict[tuple[str, str], Window]:
    """The window of the long series."""
    history = ts.read_events(file, dyad=tuple(KEDS_PAIR.split("-")), scale="keds").until(SEEN[KEDS][1])
    return {(KEDS_PAIR, KEDS): Window(history, KEDS)}


def busiest(every: Mapping[tuple[str, str], Window]) -> dict[str, Window]:
    """The window of every pair in which it has most acts."""
    ordered = sorted(every.items(), key=lambda one: len(one[1].history))
    found = {pair: window for (pair, _), window in ordered}
    return {pair: found[pair] for pair in sorted(found)}


def trial(every: Mapping[tuple[str, str], Window]) -> dict[str, list[Window]]:
    """Pairs on which priors are tried, with their windows: of those in all of ICEWS, by volume, the middle of each fifth."""
    names = [name for name in SEEN if name != KEDS]
    whole = [pair for pair in dict.fromkeys(pair for pair, _ in every) if all((pair, name) in every for name in names)]
    whole.sort(key=lambda pair: sum(len(every[pair, name].history) for name in names))
    places = [int((place + 0.5) * len(whole) / TRIED) for place in range(TRIED)]
    return {whole[place]: [every[whole[place], name] for name in names] for place in places}


def said(chosen: Mapping[str, Window], rows: Sequence[Row]) -> dict[str, Said]:
    """What each pair's events say, found about some priors."""
    return {pair: of_window(window, rows) for pair, window in chosen.items()}


def of_window(window: Window, rows: Sequence[Row]) -> Said:
    """What the events of a window say."""
    history = window.history
    scenario = ts.scenario_from_events(history, priors=rows)
    since = SEEN[window.name][0] + BURN_IN
    fitted = ts.fit(scenario, history, since=since, missing=window.gaps, with_support=False)
    laplace, priors = fitted.laplace, fitted.priors
    slope = laplace.gradient.copy()
    slope[len(slope) - len(fitted.shapes) :] = fitted.search.slope(fitted.shapes)
    weight, mean = np.array([one.precision for one in priors]), np.array([one.mean for one in priors])
    rates = observed_rates(history)
    unit = np.array([rates.get(path.rpartition(".")[2], 1.0) for path in fitted.paths])
    pull = laplace.precision @ laplace.mode + slope - weight * mean
    low, high = ([getattr(one, end) for one in fitted.coefficients] for end in ("low", "high"))
    is_of_log = tuple(one.is_of_log for one in priors)
    return Said(
        paths=fitted.paths,
        is_of_log=is_of_log,
        precision=_not_negative((laplace.precision - np.diag(weight)) * np.outer(unit, unit)),
        pull=pull * unit,
        prior=np.array([mean / unit, [one.scale for one in priors] / unit]),
        low=np.where(is_of_log, -np.inf, np.array(low) / unit),
        high=np.where(is_of_log, np.inf, np.array(high) / unit),
        log_volume=math.log(history.usual_volume() / VOLUME),
    )


def _not_negative(precision: Floats) -> Floats:
    """The precision without directions in which it is negative: there the events say nothing."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(precision)), 1e-12))
    values, axes = np.linalg.eigh(precision / np.outer(scale, scale))
    found: Floats = (axes * np.maximum(values, 0.0)) @ axes.T * np.outer(scale, scale)
    return found


def pooled(pairs: Sequence[Said], guesses: Sequence[Said]) -> list[Row]:
    """Rows of the table of priors, from what pairs say and the first guesses that were made for them.

    Where volume predicts a coefficient, by draws in which it predicts all, it does in those that count.
    """
    paths = tuple(dict.fromkeys(path for one in guesses for path in one.paths))
    first = Population.of(pairs, guesses, paths)
    free = first.drawn(np.ones(len(paths), bool))
    slope = free.slope.mean(axis=0)
    matters = np.abs(slope) > CERTAIN * free.slope.std(axis=0)
    return list(first.rows(first.drawn(matters), matters))


@dataclass(frozen=True)
class Draws:
    """Draws of means, shape (draw, coefficient), slopes by log volume and spreads; and of pairs' own coefficients.

    share : of a pair's uncertainty before that its events leave, shape (pair, coefficient).
    """

    mean: Floats
    slope: Floats
    spread: Floats
    variance: Floats


@dataclass(frozen=True)
class Population:
    """What pairs say, side by side: shapes (pair, coefficient, coefficient), (pair, coefficient), (pair,).

    prior : first guesses' means and deviations, shape (2, coefficient). low, high : bounds, shape (coefficient,).
    """

    paths: tuple[str, ...]
    is_of_log: NDArray[np.bool_]
    precision: Floats
    pull: Floats
    log_volume: Floats
    prior: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, pairs: Sequence[Said], guesses: Sequence[Said], paths: tuple[str, ...]) -> Population:
        """The population in which coefficients are those of `paths`, in this order."""
        by_path = {path: [(one, one.paths.index(path)) for one in guesses if path in one.paths] for path in paths}
        among = [one.among(paths) for one in pairs]
        return cls(
            paths=paths,
            is_of_log=np.array([one.is_of_log[row] for (one, row), *_ in by_path.values()]),
            precision=np.array([precision for precision, _ in among]),
            pull=np.array([pull for _, pull in among]),
            log_volume=np.array([one.log_volume for one in pairs]),
            prior=np.array([np.median([one.prior[:, row] for one, row in of], axis=0) for of in by_path.values()]).T,
            low=np.array([one.low[row] for (one, row), *_ in by_path.values()]),
            high=np.array([one.high[row] for (one, row), *_ in by_path.values()]),
        )

    def drawn(self, matters: NDArray[np.bool_]) -> Draws:
        """Draws of everything (Gibbs over pairs, Metropolis over the population), volume having a say where it matters."""
        rng = np.random.default_rng(SEED)
        count, size = self.pull.shape
        mean, slope, spread = self.prior[0].copy(), np.zeros(size), 0.5 * self.prior[1]
        at = np.tile(np.clip(mean, self.low, self.high), (count, 1))
        step = 1.5 / math.sqrt(count)
        tilt = matters * step / self.log_volume.std()
        kept: list[tuple[Floats, ...]] = []
        for sweep in range(SWEEPS):
            self._draw_pairs(at, mean + np.outer(self.log_volume, slope), spread, rng)
            here = self._density(at, mean, slope, spread)
            for _ in range(STEPS):
                for way in range(3):
                    by = rng.standard_normal(size)
                    tried = (
                        mean + (way == 0) * by * step * spread,
                        slope + (way == 1) * by * tilt * spread,
                        spread * np.exp((way == 2) * by * step),
                    )
                    there = self._density(at, *tried)
                    takes = np.log(rng.random(size)) < there - here
                    mean, slope, spread = (np.where(takes, b, a) for a, b in zip((mean, slope, spread), tried, strict=True))
                    here = np.where(takes, there, here)
            if sweep >= SETTLING:
                kept.append((mean, slope, spread, at.copy()))
        *population, own = (np.array(one) for one in zip(*kept, strict=True))
        return Draws(*population, own.var(axis=0))

    def _draw_pairs(self, at: Floats, expected: Floats, spread: Floats, rng: np.random.Generator) -> None:
        """Draws the coefficients of all pairs, one coefficient after another, given the population; changes `at`."""
        for row in range(at.shape[1]):
            own = self.precision[:, row, row]
            whole = own + spread[row] ** -2
            others = np.einsum("pk,pk->p", self.precision[:, row], at) - own * at[:, row]
            centre = (self.pull[:, row] - others + expected[:, row] / spread[row] ** 2) / whole
            at[:, row] = cut_normal(centre, whole**-0.5, self.low[row], self.high[row], rng.random(len(at)))

    def _density(self, at: Floats, mean: Floats, slope: Floats, spread: Floats) -> Floats:
        """Log density of the population's numbers, given the pairs' coefficients, shape (coefficient,)."""
        expected = mean + np.outer(self.log_volume, slope)
        inside = ndtr((self.high - expected) / spread) - ndtr((self.low - expected) / spread)
        away = (at - expected) / spread
        whole = (-0.5 * away**2 - np.log(np.maximum(inside, 1e-300))).sum(axis=0) - len(at) * np.log(spread)
        guess, wide = self.prior[0], WIDE * self.prior[1]
        whole -= 0.5 * ((mean - guess) / wide) ** 2 + 0.5 * (slope / self.prior[1]) ** 2
        # Of the logarithm of the spread: its own density is half a normal one.
        found: Floats = whole - 0.5 * (spread / (0.5 * wide)) ** 2 + np.log(spread)
        return found

    def rows(self, draws: Draws, matters: NDArray[np.bool_]) -> Iterator[Row]:
        """A row a coefficient: what is to be expected of a further pair of usual volume."""
        rng = np.random.default_rng(SEED)
        for row, path in enumerate(self.paths):
            low, high = self.low[row], self.high[row]
            mean, spread = draws.mean[:, row], draws.spread[:, row]
            further = cut_normal(mean, spread, low, high, rng.random(len(mean)))
            left = 1.0 - draws.variance[:, row] / further.var()
            middle, deviation = fitted_normal(further, low, high)
            worth = float(np.clip(left, 0.0, 1.0).sum())
            slope = float(draws.slope[:, row].mean()) if matters[row] else 0.0
            if worth < LEAST_WORTH:
                middle, deviation, slope = self.prior[0, row], WIDENED * self.prior[1, row], 0.0
            yield {
                "path": path,
                "family": "lognormal" if self.is_of_log[row] else "truncated_normal",
                "middle": f"{math.exp(middle) if self.is_of_log[row] else middle:.3g}",
                "spread": f"{deviation:.3g}",
                "per_log_volume": f"{slope:.3g}",
                "pairs": str(len(self.pull)),
                "informed": str(int((left > 0.5).sum())),
                "worth": f"{worth:.1f}",
            }


def cut_normal(centre: Floats, deviation: Floats, low: float, high: float, shares: Floats) -> Floats:
    """Where these shares, in (0, 1), of normal distributions cut at bounds lie below."""
    first, last = (low - centre) / deviation, (high - centre) / deviation
    # From the tail that is nearer, where shares keep their digits.
    turned = first > 0.0
    side, begin, end = np.where(turned, -1.0, 1.0), np.where(turned, -last, first), np.where(turned, -first, last)
    shares = np.where(turned, 1.0 - shares, shares)
    least = ndtr(begin)
    steps = ndtri(np.maximum(least + shares * (ndtr(end) - least), 1e-300))
    found: Floats = np.clip(centre + side * deviation * steps, low, high)
    return found


def fitted_normal(values: Floats, low: float, high: float) -> tuple[float, float]:
    """Mean and deviation, before it is cut, of the normal distribution cut at bounds that values are likeliest under."""
    about, scale = float(values.mean()), float(values.std())

    def cost(point: Floats) -> float:
        mean, deviation = about + scale * point[0], scale * math.exp(point[1])
        inside = float(ndtr((high - mean) / deviation) - ndtr((low - mean) / deviation))
        away = (values - mean) / deviation
        return 0.5 * float((away**2).mean()) + math.log(deviation) + math.log(max(inside, 1e-300))

    # No further below a bound than three deviations: what is left of the normal there is exponential already.
    found = minimize(cost, np.zeros(2), method="L-BFGS-B", bounds=[(-3.0, 3.0), (-1.0, 1.5)]).x
    return about + scale * float(found[0]), scale * math.exp(float(found[1]))


def table(rows: Sequence[Row], guesses: Mapping[str, Said], chosen: Mapping[str, Window]) -> str:
    """The priors, beside first guesses."""
    windows_ = [one.name for one in chosen.values()]
    counts = ", ".join(f"{windows_.count(name)} of {name}" for name in SEEN)
    made = passages.table(
        ["coefficient", "first guess", "over pairs", "and for volume e times as large", "pairs that tell", "worth"],
        ((f"`{row['path'].partition('.')[2]}`", guess(row, guesses), *told(row)) for row in rows),
    )
    return f"{len(chosen)} pairs, one window each: {counts}.\n\n{made}"


def guess(row: Row, guesses: Mapping[str, Said]) -> str:
    """The first guess that stands where pairs tell nothing: the middle one of all pairs."""
    found = [one.prior[:, one.paths.index(row["path"])] for one in guesses.values() if row["path"] in one.paths]
    middle, deviation = np.median(found, axis=0)
    if row["family"] == "lognormal":
        return f"{math.exp(middle):.2g}, factor {math.exp(deviation):.2g}"
    return f"{middle:.2g} ± {deviation:.2g}"


def told(row: Row) -> Iterator[str]:
    """What the table says of a prior."""
    spread, slope = float(row["spread"]), float(row["per_log_volume"])
    is_of_log = row["family"] == "lognormal"
    yield f"{row['middle']}, factor {math.exp(spread):.2g}" if is_of_log else f"{row['middle']} ± {row['spread']}"
    yield "" if not slope else f"times {math.exp(slope):.2g}" if is_of_log else f"{slope:+.2g}"
    yield row["informed"]
    yield row["worth"]


def skill(tried: Mapping[str, Sequence[Window]], rows: Sequence[Row]) -> str:
    """Skill against the best plain forecast under first guesses and under priors from other pairs."""
    runs = {name: [] for name in ("first guesses", "pooled")}
    for window in itertools.chain(*tried.values()):
        for name, priors in (("first guesses", ()), ("pooled", rows)):
            runs[name].append(scored(window.history, priors))
    count = len(runs["pooled"])
    lines = []
    for target, horizon in itertools.product(TARGETS, HORIZONS):
        before, after = (np.array([one[target, horizon] for one in found]) for found in runs.values())
        gain = after - before
        means = (f"{one.mean():+.3f} ({(one < 0.0).sum()} of {count})" for one in (before, after))
        lines.append((TARGETS[target], horizon, *means, f"{gain.mean():+.3f} ± {gain.std(ddof=1) / math.sqrt(count):.3f}"))
    return passages.table(["", "months ahead", "first guesses (losing)", "pooled (losing)", "gain"], lines)


def scored(history: ts.EventHistory, priors: Sequence[Row]) -> dict[tuple[str, int], float]:
    """Skill against the best plain forecast in hindsight, by target and horizon, late in a window."""
    first = history.first + dt.timedelta(days=round(LATE * (history.last - history.first).days))
    origins = [first + count * APART for count in range(1 + (history.last - first) // APART)]
    known = history.until(first - dt.timedelta(days=1))
    scenario = ts.scenario_from_events(known, with_past=False, priors=priors)
    found = ts.backtest(scenario, history, origins=origins, horizons=HORIZONS, runs=RUNS)
    return {
        (target, horizon): float(table.loc[horizon].loc[lambda rows: rows["is_best"], "skill"].iloc[0])
        for target in TARGETS
        for table in [found.skill(target)]
        for horizon in HORIZONS
    }


if __name__ == "__main__":
    main(sys.argv[1:])
