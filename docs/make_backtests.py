"""What backtesting.md shows of long backtests: run `python docs/make_backtests.py FOLDER [KEDS [ICEWS]]` to remake it.

FOLDER keeps each backtest as it is done (`dyad`, `keds`, `pairs.jsonl`), so that an interrupted one goes on and a whole
one is only read; it takes some two hours of one core. KEDS is a file of the events of ISR and PSE, ICEWS a folder with
events.csv.gz (date, source, target, cameo, set); neither is shipped, and without them their tables stay as they are.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import passages
import tensionsim as ts
from make_priors import SEEN

PAGE = Path(__file__).resolve().parent / "backtesting.md"
DYAD = {"origins": "2020-01-01:2025-07-31", "refit": 6}
KEDS = {"origins": "2001-01-01:2011-11-30", "refit": 6}
FORECASTERS = ("model", "pooled", "recalibrated")

LAST = {"ICEWS18": dt.date(2018, 10, 31), "ICEWS21": dt.date(2021, 8, 31), "ICEWS22": dt.date(2022, 8, 31)}
"""Last day of each window; what is held out begins the day after `SEEN`."""

LEAST_ACTS, HORIZONS, RUNS = 150, (1, 2), 400
TARGETS = ("score", "acts", "index")
LEAST = 0.01
"""Added to CRPS, which may be 0 of an index that stands still."""


def main(arguments: Sequence[str]) -> None:
    """Computes what is not there, and writes the tables into the page."""
    folder = Path(arguments[0])
    tables = told("dyad", backtest(folder / "dyad", "us-colombia-2017", **DYAD))
    if len(arguments) > 1:
        events = ts.read_events(arguments[1], dyad=("ISR", "PSE"), scale="keds")
        tables |= told("keds", backtest(folder / "keds", events=events, **KEDS))
    if len(arguments) > 2:
        tables["pairs"] = pairs_table(pairs(Path(arguments[2]), folder / "pairs.jsonl"))
    passages.write(PAGE, tables)


def backtest(store: Path, scenario: str | None = None, **how: object) -> ts.Backtest:
    """The backtest that a folder keeps, completed first where it is not whole."""
    if (store / "summary.json").exists():
        return ts.Backtest.open(store)
    return ts.backtest(scenario, store=store, jobs="auto", progress=True, **how)


def told(name: str, found: ts.Backtest) -> dict[str, str]:
    """Skill of CRPS against the best plain forecast of each cell, and what intervals held, by target and forecaster."""
    off = {of: np.zeros((0, 2)) for of in FORECASTERS}
    above = dict.fromkeys(FORECASTERS, 0)
    rows, held = [], found.calibration()
    for target in [one.name for one in found.targets]:
        for of in FORECASTERS:
            skill = found.skill(target, of).reset_index()
            best = skill[skill["is_best"]].set_index("horizon")
            cells = []
            for horizon in found.horizons:
                one = held.loc[(target, horizon, of)]
                shares = np.array([one["coverage_50"], one["coverage_90"]])
                off[of] = np.vstack([off[of], np.abs(shares - [0.5, 0.9])])
                above[of] += best.loc[horizon, "skill"] > 0.0
                cells.append(f"{best.loc[horizon, 'skill']:+.3f}, {100 * shares[0]:.0f} / {100 * shares[1]:.0f}")
            rows.append((target if of == "model" else "", of, *cells))
    months = [f"{horizon} month{'s' * (horizon > 1)}" for horizon in found.horizons]
    total = len(off["model"])
    summary = (
        (of, f"{above[of]} of {total}", *(f"{100 * error:.1f}" for error in off[of].mean(axis=0))) for of in FORECASTERS
    )
    return {
        f"{name}-skill": passages.table(["target", "forecast", *months], rows),
        f"{name}-summary": passages.table(
            ["forecast", "cells above 0", "50 % intervals off by, points", "90 % intervals"], summary
        ),
    }


def pairs(icews: Path, kept: Path) -> list[dict[str, object]]:
    """Skill of every busy pair in the last third of each window, from weekly origins, fitted once before the first."""
    done = {tuple(one["key"]): one for one in map(json.loads, kept.read_text().splitlines())} if kept.exists() else {}
    with kept.open("a", encoding="utf-8") as file:
        for name, pair, acts in windows(icews):
            if (name, pair) not in done:
                found = late(name, acts, tuple(pair.split("-")))
                done[name, pair] = one = {"key": [name, pair], "acts": len(acts), **found}
                file.write(json.dumps(one) + "\n")
                file.flush()
    return [*done.values()]


def windows(icews: Path) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Window, pair and acts of each pair that is busy enough; of codes that came before and after the cut alone.

    Rare codes were left out of parts of the later windows.
    """
    columns = ["date", "source", "target", "cameo"]
    rows = pd.read_csv(icews / "events.csv.gz", dtype={"cameo": str})[[*columns, "set"]].drop_duplicates()
    rows["pair"] = ["-".join(sorted(both)) for both in zip(rows["source"], rows["target"], strict=True)]
    for name in LAST:
        window = rows[rows["set"] == name]
        is_early = window["date"] <= SEEN[name][1].isoformat()
        throughout = {*window.loc[is_early, "cameo"]} & {*window.loc[~is_early, "cameo"]}
        for pair, acts in window[window["cameo"].isin(throughout)].groupby("pair"):
            if len(acts) >= LEAST_ACTS:
                yield name, str(pair), acts[columns]


def late(name: str, acts: pd.DataFrame, dyad: tuple[str, ...]) -> dict[str, object]:
    """CRPS and that of each plain forecast, by target, forecaster and horizon; or why there is none."""
    history, first = ts.read_events(acts, dyad=dyad), SEEN[name][1] + dt.timedelta(days=1)
    origins = [first + dt.timedelta(days=7 * week) for week in range((LAST[name] - first).days // 7 + 1)]
    try:
        known = history.until(first - dt.timedelta(days=1))
        scenario = ts.scenario_from_events(known, with_past=False)
        found = ts.backtest(scenario, history, origins=origins, horizons=HORIZONS, runs=RUNS, refit=12)
    except ts.TensionSimError as error:
        return {"error": str(error)}
    rows = []
    for target, of in itertools.product(TARGETS, FORECASTERS):
        for (horizon, other), row in found.skill(target, of).iterrows():
            rows.append([target, of, horizon, other, float(row["score"]), float(row["other"]), int(row["n"])])
    return {"rows": rows}


def pairs_table(found: Sequence[dict[str, object]]) -> str:
    """Skill against the plain method that is best over all windows, in geometric means, and how many windows lose."""
    table = pd.DataFrame(
        [(*one["key"], *row) for one in found for row in one.get("rows", ())],
        columns=["window", "pair", "target", "of", "horizon", "other", "score", "plain", "n"],
    )
    table["ratio"] = np.log((table["score"] + LEAST) / (table["plain"] + LEAST))
    table = table[~table["other"].isin(FORECASTERS)]
    rows = []
    for target, horizon in itertools.product(TARGETS, HORIZONS):
        here = table[(table["target"] == target) & (table["horizon"] == horizon)]
        best = here[here["of"] == "model"].groupby("other")["ratio"].mean().idxmax()
        cells = []
        for of in FORECASTERS:
            ratio = here[(here["of"] == of) & (here["other"] == best)]["ratio"]
            error = ratio.std(ddof=1) / math.sqrt(len(ratio))
            cells.append(f"{1.0 - math.exp(ratio.mean()):+.3f} ± {error:.3f}, {100 * (ratio > 0.0).mean():.0f} %")
        rows.append((target if horizon == HORIZONS[0] else "", horizon, best, *cells))
    failed = sum("error" in one for one in found)
    counts = ", ".join(f"{sum(one['key'][0] == name for one in found)} in {name}" for name in LAST)
    return f"{len(found)} pairs and windows ({counts}; {failed} could not be forecast).\n\n" + passages.table(
        ["target", "months ahead", "best plain forecast", *(f"{of}: skill, losing pairs" for of in FORECASTERS)], rows
    )


if __name__ == "__main__":
    main(sys.argv[1:])
