"""A living forecast: a folder that takes in what happens, forecasts from what it knows, and scores what it forecast.

Scores of values are weighted interval scores: Bracher, J., Ray, E. L., Gneiting, T. & Reich, N. G. (2021). Evaluating
epidemic forecasts in an interval format. PLoS Computational Biology 17(2).
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from tensionsim.engine.past import place
from tensionsim.errors import StorageError, TensionSimError, counted, day_of, whole
from tensionsim.estimation.window import ONE_DAY, history_of
from tensionsim.events.history import COLUMNS, EventHistory, Held, read_table, table_text
from tensionsim.forecasts.backtest import QUANTILES, fitted, forecasts
from tensionsim.forecasts.baselines import NO_CHANGE
from tensionsim.forecasts.folder import BacktestSpec, some_horizons
from tensionsim.forecasts.origins import Grid, Series, before, judged, series_of, targets_of
from tensionsim.notebook import as_html
from tensionsim.runs import store as folders
from tensionsim.runs.statistics import plain
from tensionsim.scenario.scenario import Scenario, from_text, scenario_of

EVENTS, SCORES, FORECASTS, SCENARIOS = "events.csv", "scores.csv", "forecasts", "scenarios"
FORECAST = ["origin", "target", "unit", "months", "date", "forecaster", *QUANTILES, "chance"]
EVENT, LEAST_MONTHS, SCORED = "event: ", 6, ["observed", "score", "in_50", "in_90"]
Row = tuple[str, ...]


class WatchManifest(folders.Manifest):
    """The manifest. files : what is never changed. since, until : days observed. held : in force on the first.

    made : of each forecast, by its origin, how it was made, and then what to know of it.
    """

    holds: Literal["watch"] = "watch"
    since: dt.date
    until: dt.date
    held: tuple[Held, ...] | None = None
    made: dict[dt.date, tuple[str, ...]] = Field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Watch:
    """A living forecast as it stands in its `folder`; `watch` makes one.

    until : last day known. origin : of the latest forecast, the first day of which it knew nothing. is_new : whether it
    was made now. events : how many are known. new : how many came now. corrections : events of days known before that
    were told now ("late"), or no longer ("gone"). table : all forecasts with what came and scores: `scores.csv`.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.watch("us-colombia-2017", store="living", until="2018-03-31", horizons=1, fit=False, runs=20)
    >>> isinstance(found, ts.Watch), found.new == found.events
    (True, True)
    """

    folder: Path
    title: str
    until: dt.date
    origin: dt.date
    is_new: bool
    events: int
    new: int
    notes: tuple[str, ...]
    corrections: pd.DataFrame
    table: pd.DataFrame

    def __repr__(self) -> str:
        known = f"{counted(self.events, 'event')}, forecast from {self.origin}"
        return f"<Watch of {self.title!r} in {str(self.folder)!r}: {known}>"

    def _repr_html_(self) -> str:
        return as_html(self, table=self.forecast)

    @property
    def forecast(self) -> pd.DataFrame:
        """The latest forecast: a line a target, month ahead and forecaster; of events the chance within the months."""
        return self.table[self.table["origin"] == str(self.origin)].drop(columns=SCORED)

    @property
    def came(self) -> pd.DataFrame:
        """What the model had forecast of what came since the forecast before the latest, and whether it `is_out`.

        Out is a value beyond the band of 9 runs in 10, an event that came at a chance below 5 % or stayed away at 95 %.
        """
        former = max((one for one in self.table["origin"] if one < str(self.origin)), default="")
        found = self.table[(self.table["forecaster"] == "model") & self.table["observed"].notna()]
        found = found[(found["date"] > former) & (found["date"] <= str(self.origin))]
        return found.assign(is_out=(found["in_90"] == 0.0) | ((found["observed"] - found["chance"]).abs() > 0.95))

    @property
    def scores(self) -> pd.DataFrame:
        """Means by target, months ahead and forecaster: `score`, smaller is better; shares within bands; number `n`."""
        seen = self.table[self.table["observed"].notna()]
        by_cell = seen.groupby(["target", "months", "forecaster"], sort=False)
        return by_cell[["score", "in_50", "in_90"]].mean().assign(n=by_cell.size())

    def summary(self) -> dict[str, Any]:
        """All of it as plain values; of the forecasts the latest."""
        tables = {"corrections": self.corrections, "forecast": self.forecast, "came": self.came}
        tables["scores"] = self.scores.reset_index()
        kept = [one.name for one in dataclasses.fields(self)][:-2]
        found = {name: plain(getattr(self, name)) for name in kept}
        return found | {name: plain(one.to_dict("records")) for name, one in tables.items()}


def watch(
    scenario: Scenario | str | Path,
    events: EventHistory | None = None,
    *,
    store: str | Path,
    until: dt.date | str | None = None,
    horizons: int | Sequence[int | str] = (1, 2, 3, 6, 12),
    fit: bool = True,
    runs: int = 1000,
    seed: int = 0,
) -> Watch:
    """Takes in what happened, fits, forecasts from there, keeps the forecast, and scores those that were kept.

    A forecast is made once, from the first day of which nothing is known, as `backtest` makes one. The same again
    changes no file. TensionSimError says what cannot be: no events, no fit, a folder of something else or with a
    changed forecast. Assumption: what is known today, corrections and all, is what the old forecasts are judged by.

    Parameters
    ----------
    scenario : it may change with time: forecasts are judged on the scale of their own.
    events : all that is known, or what is new: from the first of them to `until`, the last day that they cover (default
    that of the last one), they take the place of what was known. Default: the history that the scenario names.
    store : the folder. horizons : months ahead, 1 to 120, of whole steps as in `backtest`. fit : whether to fit first.
    runs, seed : runs of a forecast, 2 or more, and their luck.

    Examples
    --------
    >>> import tensionsim as ts
    >>> how = {"store": "living", "horizons": [1], "fit": False, "runs": 20}
    >>> for month in ("2018-03-31", "2018-04-30", "2018-04-30"):
    ...     found = ts.watch("us-colombia-2017", until=month, **how)
    ...     print(found.is_new, found.origin, len(found.scores))
    True 2018-03-26 0
    True 2018-04-30 29
    False 2018-04-30 29
    """
    given, months = scenario_of(scenario), some_horizons(horizons)
    runs, seed = whole("runs", runs, least=2), whole("seed", seed)
    history = history_of(given, events)
    last = history.last if until is None else day_of(until)
    history = history.until(last)
    if not len(history):
        raise TensionSimError(f"{history.name} has no event up to {last}; there is nothing to watch as yet")
    folder = folders.check_target(store, "watch")
    with folders.locked(folder) if folder.is_dir() else nullcontext():
        kept, rows, files = _read(folder, given)
        former = kept.until if kept else dt.date.min
        kept = kept or WatchManifest(since=history.first, until=last, held=history.held)
        kept, told = kept.changed(until=max(former, last)), _rows(table_text(history))
        before = [one for one in rows if one[0] < str(history.first)]
        merged, table_of = [*before, *told[1:], *(one for one in rows if one[0] > str(last))], io.StringIO()
        csv.writer(table_of, lineterminator="\n").writerows([COLUMNS, *merged])
        known = read_table(table_of.getvalue(), EVENTS)
        known = dataclasses.replace(known, observed=(kept.since, kept.until), held=kept.held)
        grid = Grid(given.file.start, given.file.step)
        origin = grid.snapped(kept.until + ONE_DAY)
        if is_new := origin > max(kept.made, default=dt.date.min):
            spec = BacktestSpec((origin,), months, 1, runs, seed, 1 if fit else None, (NO_CHANGE,), None, False, grid)
            made, notes = _made(given, known, spec)
            files[f"{FORECASTS}/{origin}.csv"] = folders.as_csv(made, float_format="%.6g")
            if given.text != files.get(max((name for name in files if name.startswith(SCENARIOS)), default="")):
                files[f"{SCENARIOS}/{origin}.yaml"] = given.text
            marks = {name: folders.Mark.of(text.encode()) for name, text in files.items()}
            kept = kept.changed(files=marks, made=kept.made | {origin: tuple(notes)}, complete=True)
        table = _scored(files, known)
        files |= {EVENTS: table_of.getvalue(), SCORES: folders.as_csv(table, float_format="%.6g")}
        files |= {folders.MANIFEST: folders.sealed(kept.model_dump(mode="json")).decode()}
        is_there = folder.is_dir()
        with folders.written(folder), nullcontext(folder) if is_there else folders.taking_the_place_of(folder) as there:
            for name, text in files.items():
                if not (there / name).is_file() or (there / name).read_bytes() != text.encode():
                    folders.write_whole(there / name, text.encode())
    added, gone = Counter(merged) - Counter(rows), Counter(rows) - Counter(merged)
    late = [(*one, "late") for one in added.elements() if one[0] <= str(former)]
    lines = pd.DataFrame(sorted([*late, *((*one, "gone") for one in gone.elements())]), columns=[*COLUMNS, "told"])
    latest, counts = max(kept.made), (len(known), added.total() - len(late))
    return Watch(folder, given.title, kept.until, latest, is_new, *counts, kept.made[latest][1:], lines, table)


def _read(folder: Path, given: Scenario) -> tuple[WatchManifest | None, list[Row], dict[str, str]]:
    """What a folder holds: its manifest, its events, and the texts that are never changed, by their names."""
    if folders.is_empty(folder):
        return None, [], {}
    kept = folders.read_manifest(folder, WatchManifest, "watch")
    for name in [name for name, mark in kept.files.items() if not mark.fits(folder / name)][:1]:
        raise StorageError(f"{folder / name} is missing or not as it was written; put it back, or begin a new folder")
    try:
        head, *rows = _rows(folders.read_bytes(folder / EVENTS).decode())
    except (UnicodeDecodeError, csv.Error, ValueError):
        head, rows = (), []
    is_whole = head == COLUMNS and all(len(row) == len(COLUMNS) for row in rows)
    if not is_whole or not {row[1] for row in rows} & {*given.file.principals}:
        what = f"is damaged, or of others than {' and '.join(given.file.principals)}"
        advice = "put it back, name a scenario of those that it is of, or begin a new folder"
        raise StorageError(f"{folder / EVENTS} {what}; {advice}")
    return kept, rows, {name: folders.read_bytes(folder / name).decode() for name in kept.files}


def _rows(text: str) -> list[Row]:
    return [*map(tuple, csv.reader(io.StringIO(text)))]


def _made(given: Scenario, known: EventHistory, spec: BacktestSpec) -> tuple[pd.DataFrame, list[str]]:
    """A forecast as a table, and how it was made, with what to know of it."""
    [origin], past, grid = spec.origins, before(known, spec.origins[0]), spec.grid
    if grid.count(origin) - grid.count(past.first) < LEAST_MONTHS * grid.month:
        raise TensionSimError(f"a forecast needs {LEAST_MONTHS} months of events before; these begin on {past.first}")
    events, not_judged = judged(given, past)
    source = fitted((origin, past), scale=given, is_anew=False, refit=spec.refit)
    found = forecasts((origin, past, source), spec=spec, scale=given, is_anew=False, events=events)
    bands = np.quantile(found.values, [*QUANTILES.values()], axis=-1)
    named = [(one.name, one.unit, spec.made, [*QUANTILES]) for one in targets_of(given)]
    named += [(f"{EVENT}{name}", "chance", spec.tellers, ["chance"]) for name in events]
    values = [*np.moveaxis(bands, 0, -1), *found.chances[..., None]]
    rows = [
        {"origin": str(origin), "target": target, "unit": unit, "months": months}
        | {"date": str(grid.later(origin, months)), "forecaster": who}
        | dict(zip(columns, table[by, column].tolist(), strict=True))
        for (target, unit, forecasters, columns), table in zip(named, values, strict=True)
        for column, months in enumerate(spec.horizons)
        for by, who in enumerate(forecasters)
    ]
    fitting = f"{'fitted to' if spec.refit else 'not fitted, after'} {len(past):,} events until {past.last}"
    how = f"tensionsim {folders.maker_here()}, {spec.runs:,} runs, seed {spec.seed}, {fitting}"
    unknown = [f"{name} is not forecast: {why}" for name, why in not_judged.items()]
    left = [f"not counted: {counted(count, 'event')}: {why}" for why, count in place(past, given.file).left_out.items()]
    return pd.DataFrame(rows, columns=FORECAST), [how, *left, *source.warnings, *found.fallbacks, *unknown]


def _scored(files: Mapping[str, str], known: EventHistory) -> pd.DataFrame:
    """All forecasts, each with what came on the scale of its own scenario, and its score; NaN for what is to come."""
    named, tables = [name for name in sorted(files) if name.startswith(SCENARIOS)], list[pd.DataFrame]()
    series: dict[str, tuple[Scenario, Grid, Series]] = {}
    for name in named:
        scale = from_text(files[name], name)
        grid = Grid(scale.file.start, scale.file.step)
        series[name] = scale, grid, series_of(scale, known, grid, grid.snapped(known.last + ONE_DAY))
    for name in sorted(name for name in files if name.startswith(FORECASTS)):
        table, origin = pd.read_csv(io.StringIO(files[name])), Path(name).stem
        scale, grid, seen = series[max(one for one in named if Path(one).stem <= origin)]
        months, row = tuple(sorted({*table["months"].tolist()})), seen.row(dt.date.fromisoformat(origin))
        came = seen.observed(row, months), seen.happened(row, months)
        targets = [*(one.name for one in targets_of(scale)), *(f"{EVENT}{one}" for one in scale.file.events)]
        values = pd.DataFrame(np.concatenate(came), targets, months)
        cells = [values.at[cell] for cell in zip(table["target"], table["months"], strict=True)]
        tables.append(table.assign(observed=np.array(cells, float)))
    found = pd.concat(tables, ignore_index=True)
    levels, gap = np.array([*QUANTILES.values()]), -found[[*QUANTILES]].sub(found["observed"], axis=0).to_numpy()
    interval = 2.0 * np.maximum(levels * gap, (levels - 1.0) * gap).mean(axis=1)
    found["score"] = np.where(found["chance"].isna(), interval, (found["chance"] - found["observed"]) ** 2)
    for column, low, high in (("in_50", "q25", "q75"), ("in_90", "q05", "q95")):
        is_in = found["observed"].between(found[low], found[high])
        found[column] = is_in.astype(float).where(found["observed"].notna() & found[low].notna())
    return found
