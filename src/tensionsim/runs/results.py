"""Results: one ensemble with all that was recorded, asked as tables, numbers, plots and files.

Tables are made anew each time they are asked for; keep one in a variable to use it often. Of a folder that does not fit
into memory they are made part by part, one series at a time, and are the same to the last bit.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.errors import SelectionError, StorageError, TensionSimError, day_of, whole
from tensionsim.model.ledger import Books, Entry, changes, entries
from tensionsim.model.measures import REGIME_NAMES, REGIMES, cooperation, regime_of
from tensionsim.model.record import CAUSES, KEPT, LAYERS, MOVE_COLUMNS, Dates, Floats, Ints, Keep, Names, Record
from tensionsim.notebook import as_html
from tensionsim.runs import parts, statistics, store as folders
from tensionsim.runs.exchange import write_crate, write_xlsx
from tensionsim.runs.parts import RunsManifest, Store, cut, new_manifest, read_scenario, refuse_others, store_of
from tensionsim.runs.statistics import STATISTICS, Occurrence, occurrence, over_runs, plain, settings, shares_of
from tensionsim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

OCCURRENCE = tuple(one.name for one in dataclasses.fields(Occurrence) if one.name != "runs")
"""Columns of the table of events."""

DECIMALS = 6
"""What JSON keeps of a number: far below Monte Carlo error, and readable."""

ROOM_BYTES, TABLE_BYTES = 1 << 28, 1 << 27
"""What is held of a folder's arrays at a time, and of a larger folder, of which tables are made part by part."""

MEASURES: Mapping[str, str] = {
    "room": "share, 0-1: room for manoeuvre of the principal that depends more on the other, then and in that run",
    "security_pillar": "index, 0-100: technical conduct on security issues, remembered by half for 24 months",
}
TABLES: Mapping[str, str] = {
    "index": "cooperation",
    "issues": "issue_cooperation",
    "regimes": "cooperation",
    "events": "events",
    "indicators": "indicators",
    "arrangements": "in_force",
    "tension_by_direction": "conduct",
    "measures": "room",
    "move_counts": "move_run",
}
"""The tables that a folder holds as CSV, each with an array that it is made of."""

POINTS = "index, 0-100"

REST = "rest"
AXES = ("issue", "term", "actor", "dyad_channel", "indicator", "arrangement", "event")
MOVED = ("conduct", "conduct_ends", "weights", "terms", "in_force", *MOVE_COLUMNS)
"""Arrays that the ledger is drawn from."""

Series = Callable[[Record], Floats]
"""One number of every run by date, shape (date, run), of a record."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """An ensemble of `runs` random histories of one scenario, numbered from `first_run` on.

    `record` holds the arrays, `names` the names along their axes; of results that were opened from a folder each array
    is read when it is first asked for. The properties give them as tables. `code` names the agents and mechanisms of
    one's own that the runs were made with, if any; of results from a folder the code itself is not there.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> bool(r.index["median"].between(0, 100).all())
    True
    >>> r.moves.columns.tolist()
    ['run', 'date', 'actor', 'target', 'issue', 'track', 'move', 'goldstein', 'cause']
    >>> points = r.ledger(run=3)["points"].sum()
    >>> bool(abs(50 + points - r.paths[3].iloc[-1]) < 1e-9)
    True
    """

    scenario: Scenario
    seed: int
    runs: int
    first_run: int
    names: Names
    record: Record
    code: tuple[str, ...] = ()

    def __repr__(self) -> str:
        changed = settings(self.scenario.values)
        time = statistics.span(self.dates[0], self.scenario.file.end, self.dates[-1])
        parts = [f"{self.title!r}", time, f"{self.runs:,} run{'s' if self.runs > 1 else ''}", f"seed {self.seed}"]
        return f"<Results of {', '.join([*parts, changed] if changed else parts)}>"

    def _repr_html_(self) -> str:
        return as_html(self, self.scenario.notes, self.index)

    def equals(self, other: Results) -> bool:
        """Whether both come from the same scenario text and seed, and hold the same bits."""
        mine = (self.scenario.text, self.seed, self.runs, self.first_run, self.names)
        theirs = (other.scenario.text, other.seed, other.runs, other.first_run, other.names)
        return mine == theirs and self.record.equals(other.record)

    @property
    def title(self) -> str:
        """The scenario's title, and the outlook's where there is one."""
        return statistics.title(self.scenario)

    @property
    def lost_code(self) -> tuple[str, ...]:
        """What of the code of one's own is not there any more, so that these runs cannot be made again from here."""
        return tuple(one for one in self.code if one not in self.scenario.code)

    @property
    def keep(self) -> Keep:
        """What is kept of each run: "all", "summary" or "index"."""
        kept = self.record.kept
        return "all" if "conduct" in kept else "summary" if "events" in kept else "index"

    @property
    def dates(self) -> Dates:
        """Dates of the rows, shape (date,), datetime64[D]."""
        return self.record.dates

    @property
    def step_months(self) -> float:
        """Length of a step, in months."""
        return statistics.MONTHS_PER_STEP[self.scenario.file.step]

    @property
    def index(self) -> pd.DataFrame:
        """The cooperation index, 0..100, as date by mean, q05, q25, median, q75, q95."""
        return self._by_date(self._over_runs([lambda record: record.cooperation])[:, 0], STATISTICS, "statistic")

    @property
    def paths(self) -> pd.DataFrame:
        """The cooperation index of every run, 0..100, as date by run."""
        runs = range(self.first_run, self.first_run + self.runs)
        return self._by_date(self.record.cooperation, runs, "run", copy=True)

    @property
    def issues(self) -> pd.DataFrame:
        """Cooperation on each issue, 0..100, as date by (issue, statistic)."""
        return self._by_name("issue", self.names.issues, self._rows("issue_cooperation"))

    @property
    def moves(self) -> pd.DataFrame:
        """Every move made, with run, date, actor, target, issue, track, move, goldstein and cause."""
        import pandas as pd

        record = self.record
        order = np.lexsort((record.move_channel, record.move_step, record.move_run))
        columns: dict[str, object] = {"run": record.move_run[order], "date": self.dates[record.move_step[order]]}
        kinds = [getattr(record, name)[order] for name in ("move_channel", "move_id", "move_cause")]
        return pd.DataFrame(columns | self._move_names(*kinds))

    @property
    def move_counts(self) -> pd.DataFrame:
        """How often each move is made: a row for each move of a channel and cause, with its mean number a run."""
        import pandas as pd

        found, keys = [], ["channel", "id", "cause"]
        for block in self.blocks(MOVE_COLUMNS):
            rows = pd.DataFrame({name: getattr(block.record, f"move_{name}") for name in ("run", *keys)})
            found.append(rows.groupby(keys)["run"].agg(["size", "nunique"]))
        counts = pd.concat(found).groupby(level=keys).sum()
        columns = self._move_names(*(counts.index.get_level_values(key).to_numpy() for key in keys))
        order = list(columns)
        columns |= {"moves_per_run": counts["size"].to_numpy() / self.runs}
        columns |= {"share_of_runs": counts["nunique"].to_numpy() / self.runs}
        table = pd.DataFrame(columns).sort_values(order, kind="stable")
        return table.sort_values("moves_per_run", ascending=False, kind="stable", ignore_index=True)

    @property
    def regimes(self) -> pd.DataFrame:
        """Share of the runs in each regime, as date by rupture, crisis, strained, pragmatic, alliance."""
        return self._by_date(shares_of(self._regime_rows()), REGIME_NAMES, "regime")

    @property
    def events(self) -> pd.DataFrame:
        """How often each event comes true, when, and for how long.

        One row an event: `probability` that it ever does in a run, with its Monte Carlo `standard_error`;
        `median_first_date`, over the runs in which it does; `mean_months` in it, over all runs, in all its spells;
        `median_recovery_months`, from its first date until it first ends, over the runs in which it comes true. One
        that has not ended by the last date counts as longer than any: where half of them or more have not, the median
        is not known yet (NaN).
        """
        import pandas as pd

        found = [self._event(row) for row in range(len(self.names.events))]
        kinds = dict.fromkeys(OCCURRENCE, "float64") | {"median_first_date": "datetime64[s]"}
        columns = {name: np.array([getattr(one, name) for one in found], kind) for name, kind in kinds.items()}
        return pd.DataFrame(columns, pd.Index(self.names.events, name="event", dtype="str"))

    @property
    def arrangements(self) -> pd.DataFrame:
        """Share of the runs in which each arrangement is in force, as date by arrangement."""
        count = np.zeros((len(self.dates), len(self.names.arrangements)), np.int64)
        for block in self.blocks(["in_force"]):
            for place in range(count.shape[1]):
                count[:, place] += np.count_nonzero(block.record.in_force[:, place], axis=-1)
        return self._by_date(count / self.runs, self.names.arrangements, "arrangement")

    @property
    def indicators(self) -> pd.DataFrame:
        """Each indicator in its unit (`.attrs["units"]`), as date by (indicator, statistic)."""
        table = self._by_name("indicator", self.names.indicators, self._rows("indicators"))
        table.attrs["units"] = dict(zip(self.names.indicators, self.names.indicator_units, strict=True))
        return table

    @property
    def tension_by_direction(self) -> pd.DataFrame:
        """Tension of each principal's own conduct, 0..100 (higher is harsher), as date by (direction, statistic)."""
        series = [partial(_tension, names=self.names, direction=one) for one in self.names.directions]
        return self._by_name("direction", self.names.directions, series)

    @property
    def measures(self) -> pd.DataFrame:
        """What else is read off conduct, as date by (measure, statistic); what each is stands in `.attrs["about"]`.

        `room` is the room for manoeuvre, in [0, 1], of one principal only, the one that depends more on the other in
        that run on that date. `security_pillar` is the dyad as a pillar of regional security, 0..100 like the index,
        from its technical conduct on security issues remembered with a half-life of 24 months.
        """
        series = [lambda record: record.room, lambda record: record.security_pillar]
        table = self._by_name("measure", tuple(MEASURES), series)
        table.attrs["about"] = dict(MEASURES)
        return table

    def quantiles(self, name: str, shares: Sequence[float], row: int = 0) -> Floats:
        """Quantiles by date, shape (share, date), of the index, or of one row of issues or tension_by_direction."""
        series: dict[str, Series] = {
            "index": lambda record: record.cooperation,
            "issues": lambda record: record.issue_cooperation[:, row],
            "tension_by_direction": lambda record: _tension(record, self.names, self.names.directions[row]),
        }
        return self._over_runs([series[name]], lambda values: np.quantile(values, shares, axis=-1).T)[:, 0].T

    def _by_date(
        self, values: Floats, columns: Sequence[object], kind: str, *, copy: bool | None = None
    ) -> pd.DataFrame:
        import pandas as pd

        rows = pd.DatetimeIndex(self.dates, name="date")
        return pd.DataFrame(values, rows, pd.Index(columns, name=kind, dtype=None if columns else "str"), copy=copy)

    def _rows(self, layer: str) -> list[Series]:
        """The series of each row of a layer; SelectionError where it is not kept."""
        if layer not in self.record.kept:
            getattr(self.record, layer)  # raises; what is kept is read when it is asked for, part by part
        rows = range(len(self.names.along(LAYERS[layer].dims[1])))
        return [lambda record, row=row: getattr(record, layer)[:, row] for row in rows]  # type: ignore[misc]

    def _by_name(self, kind: str, names: Sequence[str], series: Sequence[Series]) -> pd.DataFrame:
        """Statistics of series as date by (name, statistic)."""
        import pandas as pd

        columns = pd.MultiIndex.from_product([names, STATISTICS], names=[kind, "statistic"])
        rows = pd.DatetimeIndex(self.dates, name="date")
        return pd.DataFrame(self._over_runs(series).reshape(len(self.dates), -1), rows, columns)

    def _over_runs(self, series: Sequence[Series], function: Callable[[Floats], Floats] = over_runs) -> Floats:
        """What a function of (date, run) makes of each series by date, shape (date, series, number)."""
        if not series:
            return np.zeros((len(self.dates), 0, len(STATISTICS)))
        if self._large is None:
            return np.stack([function(one(self.record)) for one in series], axis=1)
        rows, found = max(1, TABLE_BYTES // (8 * self.runs * len(series))), []
        for first in range(0, len(self.dates), rows):
            some = slice(first, first + rows)
            values = np.empty((len(series), len(self.dates[some]), self.runs))
            for each in self.blocks():
                place = each.first_run - self.first_run
                for row, one in enumerate(series):
                    values[row, :, place : place + each.runs] = one(each.record)[some]
            found.append(np.stack([function(one) for one in values], axis=1))
        return np.concatenate(found)

    @property
    def _large(self) -> Store | None:
        """Where the arrays lie if they are too large to be held at once."""
        kept = store_of(self.record)
        return None if kept is None or is_room_for(kept.manifest) else kept

    def blocks(self, arrays: Collection[str] = tuple(LAYERS)) -> Iterator[Results]:
        """The same part by part, with those arrays alone; of a large folder nothing is read before it is asked."""
        large = self._large
        numbers = list(cut(self.first_run, self.runs, None if large is None else large.manifest.part_runs))
        if large is None and len(numbers) == 1:
            yield self
            return
        for runs in numbers:
            if large is not None:
                record = large.only(runs).record()
            else:
                places = slice(runs.start - self.first_run, runs.stop - self.first_run)
                record = self.record.some(places, self.first_run, arrays)
            yield dataclasses.replace(self, record=record, first_run=runs.start, runs=len(runs))

    def _regime_rows(self) -> Ints:
        """Row in `REGIMES` of every run by date, shape (date, run)."""
        blocks = [self] if self._large is None else self.blocks()
        return np.concatenate([regime_of(each.record.cooperation).astype(np.uint8) for each in blocks], axis=-1)

    def _event(self, row: int) -> Occurrence:
        blocks = [self] if self._large is None else self.blocks()
        holds = np.concatenate([each.record.events[:, row] for each in blocks], axis=-1)
        return occurrence(holds, self.dates, self.step_months)

    def _move_names(self, channel: Ints, move: Ints, cause: Ints) -> dict[str, Any]:
        """The columns that name moves, as categories."""
        import pandas as pd

        coded, category = parts.coded(self.names).items(), pd.Categorical.from_codes
        return {
            **{kind: category(codes[channel], distinct) for kind, (codes, distinct) in coded},
            "move": category(move, list(self.names.moves)),
            "goldstein": np.array(self.names.move_scores, float)[move],
            "cause": category(cause, list(CAUSES)),
        }

    @property
    def books(self) -> Books:
        """What the ledger of this ensemble is drawn from; see `tensionsim.model.ledger`."""
        return Books(self.record, self.names, self.step_months, self.first_run)

    def ledger(
        self, run: int | None = None, date: str | dt.date | np.datetime64 | None = None, *, top: int | None = None
    ) -> pd.DataFrame:
        """What makes the index of a run at a date: one row a move or arrangement; `points` sum to the index less 50.

        In the order in which things came: history, arrangements, then moves by date.

        Parameters
        ----------
        run
            Number of the run; default: the first.
        date
            A date of the rows, like "2025-10-27", a date, a Timestamp or a datetime64; default: the last.
        top
            Show only so many, those of the most points either way first, and after them a row `rest` with the points
            of all others.

        Raises
        ------
        SelectionError
            If there is no such run or date.
        """
        import pandas as pd

        number = self.first_run + self.place_of(run)
        row = len(self.dates) - 1 if date is None else self._row(date)
        held, kept = self, store_of(self.record)
        if kept is not None:
            part = kept.only(range(number, number + 1))
            held = dataclasses.replace(self, record=part.record(), first_run=part.parts[0].first_run, runs=part.runs)
        rows = [dataclasses.astuple(entry) for entry in entries(held.books, number - held.first_run, row)]
        table = pd.DataFrame(rows, columns=[field.name for field in dataclasses.fields(Entry)])
        if top is None:
            return table
        table = table.sort_values("points", key=abs, ascending=False, kind="stable")
        shown, others = table[: whole("top", top)], table[top:]
        if others.empty:
            return shown.reset_index(drop=True)
        rest = dict.fromkeys(table.columns, "") | {"kind": REST, "what": f"{len(others)} others"}
        end = pd.DataFrame([rest | {"points": others["points"].sum()}], columns=table.columns)
        return pd.concat([shown, end], ignore_index=True)

    def place_of(self, run: int | None) -> int:
        """Place of a run in the arrays, by default of the first; SelectionError if there is no such run."""
        last = self.first_run + self.runs - 1
        number = self.first_run if run is None else whole("run", run, least=None)
        if not self.first_run <= number <= last:
            raise SelectionError(f"there is no run {number}; these are runs {self.first_run} to {last}")
        return number - self.first_run

    def _row(self, date: str | dt.date | np.datetime64) -> int:
        """The row of a date, whichever type it has."""
        days, wanted = self.dates, day_asked(date)
        row = int(np.searchsorted(days, wanted))
        if row < len(days) and days[row] == wanted:
            return row
        near = ("is " if row in (0, len(days)) else "are ") + " and ".join(map(str, days[max(row - 1, 0) : row + 1]))
        time = f"rows go from {days[0]} to {days[-1]}, one a {self.scenario.file.step}"
        raise SelectionError(f"no row is dated {wanted}; the nearest {near}; {time}")

    def movers(self, n: int = 10) -> list[dict[str, Any]]:
        """What moved the mean index most from the first date to the last: actor, what, points."""
        sums: dict[tuple[str, str], float] = {}
        for block in self.blocks((*MOVED, "cooperation")):
            for mover, points in changes(block.books, len(self.dates) - 1).items():
                sums[mover] = sums.get(mover, 0.0) + float(points.sum())
        means = {mover: points / self.runs for mover, points in sums.items()}
        ranked = sorted(means.items(), key=lambda item: (-abs(item[1]), item[0]))
        found = [(actor, what, round(points, DECIMALS)) for (actor, what), points in ranked[:n]]
        return [{"actor": actor, "what": what, "points": points} for actor, what, points in found if points]

    def summary(self) -> dict[str, Any]:
        """What `tensionsim run --json` prints: plain numbers, texts and lists, of what is kept."""
        there = store_of(self.record)
        if there is not None and there.manifest.complete and there.runs == there.manifest.runs == self.runs:
            path = there.folder / "summary.json"
            if (mark := there.manifest.files.get(path.name)) and mark.fits(path):
                return dict(folders.read_json(path))
        scenario, kept = self.scenario, self.record.kept
        series: list[Series] = [lambda record: record.cooperation]
        if "issue_cooperation" in kept:
            series += self._rows("issue_cooperation")
        index, *issues = np.moveaxis(self._over_runs(series), 1, 0)
        events = self.names.events if "events" in kept else ()
        movers = self.movers() if "move_run" in kept else []
        ends = np.concatenate([block.record.cooperation[[0, -1]] for block in self.blocks(["cooperation"])], axis=-1)
        first, last = (np.ascontiguousarray(row).mean() for row in ends)
        change, explained = float(last - first), sum(mover["points"] for mover in movers)
        return {
            "title": self.title,
            "scenario": scenario.name,
            "outlook": scenario.outlook,
            "set": plain(scenario.values),
            "start": str(scenario.file.start),
            "end": str(scenario.file.end),
            "step": scenario.file.step,
            "runs": self.runs,
            "first_run": self.first_run,
            "seed": self.seed,
            "dates": [str(date) for date in self.dates],
            "index": _rounded(index),
            "issues": {name: _rounded(table) for name, table in zip(self.names.issues, issues, strict=False)},
            "regimes": self._regimes_said(),
            "events": {name: _numbers(self._event(row)) for row, name in enumerate(events)},
            "movers": movers,
            "change": {"points": round(change, DECIMALS), "rest": round(change - explained, DECIMALS)},
            "notes": list(scenario.notes),
            "provenance": {"scenario_sha256": scenario.sha256, "tensionsim": folders.versions()["tensionsim"]},
        }

    def _regimes_said(self) -> dict[str, dict[str, Any]]:
        """Each regime from the worst on: its bounds, share of runs by date and at the end, and how often it occurs."""
        rows = self._regime_rows()
        table, shares, above = {}, shares_of(rows).round(DECIMALS), 0.0
        for row, (name, below) in enumerate(REGIMES):
            bounds = {"from": above, "to": min(below, 100.0)}
            share = {"share": shares[:, row].tolist(), "at_end": float(shares[-1, row])}
            table[name] = bounds | share | _numbers(occurrence(rows == row, self.dates, self.step_months))
            above = below
        return table

    def to_xarray(self) -> xr.Dataset:
        """All arrays with named axes and units, as an xarray Dataset (needs the extra `xarray`)."""
        variables: dict[str, Any] = {}
        for name in self.record.kept:
            if name not in LAYERS or name == "conduct_ends":
                continue
            values, dims = np.asarray(getattr(self.record, name)), LAYERS[name].dims
            if values.shape[-1] != self.runs:
                values, dims = values[..., 0], dims[:-1]
            variables[name] = (dims, values.copy(), {"units": LAYERS[name].unit, "long_name": LAYERS[name].about})
        labels = {dim: (dim, np.array(self.names.along(dim), dtype=object)) for dim in AXES}
        coordinates = {
            "date": ("date", self.dates.astype("datetime64[ns]")),
            "run": ("run", np.arange(self.first_run, self.first_run + self.runs)),
            **labels,
            "unit": ("indicator", np.array(self.names.indicator_units, dtype=object)),
        }
        attributes = {
            "title": self.title,
            "scenario": self.scenario.name,
            "set": settings(self.scenario.values),
            "scenario_sha256": self.scenario.sha256,
            "seed": self.seed,
            "runs": self.runs,
            "first_run": self.first_run,
        }
        return labelled(variables, coordinates, attributes)

    def to_iamc(self, *, model: str = "tensionsim", region: str = "") -> pd.DataFrame:
        """Index, issues, regimes, indicators and tension over time as a table of the IAMC: a row a variable.

        Columns `model`, `scenario`, `region`, `variable`, `unit`, then one a date. region : of all but tension in a
        direction, whose region is "a>b"; default the principals. Of what was not kept there are no rows.
        """
        import pandas as pd

        scenario, kept = self.scenario, self.record.kept
        pair = region or " and ".join(scenario.file.principals)
        found: list[tuple[str, str, str, Any]] = []

        def add(table: pd.DataFrame, variable: str, unit: str, place: str = pair) -> None:
            found.extend((place, f"{variable}|{name}", unit, table[name]) for name in table)

        add(self.index, "Cooperation Index", POINTS)
        for name in self.names.issues if "issue_cooperation" in kept else ():
            add(self.issues[name], f"Cooperation Index|{name}", POINTS)
        add(self.regimes, "Regime", "share of runs, 0-1")
        for name, unit in zip(self.names.indicators, self.names.indicator_units, strict=True):
            if "indicators" in kept:
                add(self.indicators[name], f"Indicator|{name}", unit)
        for name in self.names.directions if "conduct" in kept else ():
            add(self.tension_by_direction[name], "Tension", POINTS, name.replace(" -> ", ">"))
        called = scenario.name if scenario.outlook is None else f"{scenario.name}|{scenario.outlook}"
        keys = pd.DataFrame(
            [(model, called, *row[:3]) for row in found], columns=["model", "scenario", "region", "variable", "unit"]
        )
        values = np.array([row[3] for row in found])
        return keys.join(pd.DataFrame(values, columns=pd.DatetimeIndex(self.dates)))

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables that can be made of what was kept, by name, as a folder holds them: one observation a row."""
        return {name: tidy(self, name) for name, array in TABLES.items() if array in KEPT[self.keep]}

    def to_xlsx(self, path: str | Path) -> Path:
        """Writes all tables as a workbook, one a sheet with units in the heads (needs the extra `xlsx`)."""
        return write_xlsx(self, path)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the fan of the index over time on `ax`, or on a new figure."""
        from tensionsim.plots.outcomes import fan

        return fan(self, ax)

    def save(self, directory: str | Path, *, command: str = "", replace: bool = False) -> Path:
        """Writes the results to a folder, whole or not at all; `tensionsim.open` reads it back.

        Parameters
        ----------
        directory
            Made anew. Results of the same scenario text, seed, first run, code and version, and of no more runs, are
            written over; anything else that stands there is left alone.
        command
            What was typed, for the provenance.
        replace
            Whether to replace other results that stand there, which are lost.

        Raises
        ------
        StorageError
            If the folder holds other results, or something that is no tensionsim result.
        """
        target, kept = folders.check_target(directory), store_of(self.record)
        with folders.taking_the_place_of(target) as folder:
            which: dict[str, Any] = {"runs": self.runs, "seed": self.seed, "first_run": self.first_run}
            which |= {"keep": self.keep, "dates": self.dates.tolist(), "code": self.code}
            plan = None if kept is None else kept.manifest.origin.plan
            manifest = new_manifest(self.scenario, self.names, plan=plan, **which)
            if not replace and (target / folders.MANIFEST).exists():
                there = folders.read_manifest(target, RunsManifest, "runs")
                refuse_others(target, there, manifest, self.scenario)
            folders.write_whole(folder / folders.SCENARIO, self.scenario.text.encode())
            for block in self.blocks(KEPT[self.keep]):
                numbers = range(block.first_run, block.first_run + block.runs)
                files = parts.encode(block.record, block.names, numbers, self.keep)
                manifest = manifest.with_part(parts.write_part(folder, numbers, files))
            marks = write_tables(self, folder, command)
            write_crate(folder, self.title)
            manifest.changed(files=marks, complete=True).write(folder)
        return target


def labelled(variables: Mapping[str, Any], coordinates: Mapping[str, Any], attributes: Mapping[str, Any]) -> xr.Dataset:
    """An xarray Dataset; TensionSimError where xarray, an extra, is not installed."""
    try:
        import xarray as xr
    except ImportError as missing:
        raise TensionSimError("this needs xarray; install it with: pip install 'tensionsim[xarray]'") from missing
    return xr.Dataset(variables, coordinates, attributes)


def day_asked(date: object) -> np.datetime64:
    """The day that is asked for; SelectionError where it is none."""
    try:
        return np.datetime64(day_of(date), "D")
    except ValueError as error:
        raise SelectionError(str(error)) from None


def directed_tension(results: Results) -> tuple[tuple[str, ...], Floats]:
    """The two directions, and tension in each, shape (date, direction, run): 100 less the index of that conduct."""
    names = results.names
    return names.directions, np.stack([_tension(results.record, names, one) for one in names.directions], axis=1)


def _tension(record: Record, names: Names, direction: str) -> Floats:
    conduct = record.conduct
    terms = {name: record.terms[:, row] for row, name in enumerate(names.terms)}
    theta = terms["technical_weight"]
    mean = np.zeros((len(record.dates), len(names.issues), record.runs))
    for row, channel in enumerate(names.dyad_channels):
        of, issue, track = channel.split(" | ")
        if of == direction:
            share = theta if track == "technical" else 1.0 - theta
            mean[:, names.issues.index(issue)] += share * conduct[:, row]
    return 100.0 - cooperation(mean, record.weights, terms["index_scale"][:, None])[0]


def _rounded(table: Floats) -> dict[str, list[float]]:
    """Statistics by date, as JSON has them."""
    values = table.round(DECIMALS)
    return {name: values[:, column].tolist() for column, name in enumerate(STATISTICS)}


def _numbers(found: Occurrence) -> dict[str, Any]:
    """How often something happens, as JSON has it."""
    return {name: plain(getattr(found, name), DECIMALS) for name in OCCURRENCE}


def is_room_for(manifest: RunsManifest) -> bool:
    """Whether the arrays of a folder may be held in memory, all at once."""
    return manifest.runs * len(manifest.dates) * bytes_a_date(manifest.names, manifest.keep) <= ROOM_BYTES


def bytes_a_date(names: Names, keep: Keep) -> float:
    """Memory of what is kept of a run at a date, moves and what runs share left aside."""
    found = 0.0
    for name in KEPT[keep]:
        if name in LAYERS and not LAYERS[name].may_be_shared and name != "conduct_ends":
            rows = len(names.along(LAYERS[name].dims[1])) if len(LAYERS[name].dims) > 2 else 1
            found += rows * (0.125 if name == "in_force" else LAYERS[name].dtype.itemsize)
    return found


def tidy(results: Results, name: str) -> pd.DataFrame:
    """A table as it is written to CSV: one observation a row, all keys as columns."""
    import pandas as pd

    table: pd.DataFrame = getattr(results, name)
    if name == "move_counts":
        return table
    if name == "arrangements":
        table = table.loc[:, (table > 0).any()].melt(ignore_index=False, value_name="share_of_runs")
    elif table.columns.nlevels > 1:
        kind, columns = table.columns.names[0], list(STATISTICS)
        none = pd.DataFrame(columns=columns, index=pd.MultiIndex.from_arrays([[], []], names=["date", kind]))
        table = none if table.empty else table.stack(kind, future_stack=True)[columns]
    if name == "indicators":
        units = dict(zip(results.names.indicators, results.names.indicator_units, strict=True))
        table.insert(0, "unit", table.index.get_level_values("indicator").map(units))
    return table.reset_index()


def write_tables(results: Results, folder: Path, command: str) -> dict[str, folders.Mark]:
    """Writes summary, tables and provenance, each whole or not at all, and says what all but the last must be."""
    contents = {"summary.json": folders.as_json(results.summary())}
    for name, table in results.tables().items():
        contents[f"{name}.csv"] = folders.as_csv(table).encode()
    for name, content in contents.items():
        folders.write_whole(folder / name, content)
    folders.write_json(folder / folders.PROVENANCE, provenance(results, command))
    return {name: folders.Mark.of(content) for name, content in contents.items()}


def promised(keep: Keep) -> list[str]:
    """Files that can be made of what is kept of all runs, the same to the byte for the same parts."""
    return ["summary.json", *(f"{name}.csv" for name, array in TABLES.items() if array in KEPT[keep])]


def provenance(results: Results, command: str) -> dict[str, Any]:
    """Where the numbers of results come from."""
    what = {"seed": results.seed, "runs": results.runs, "first_run": results.first_run, "code": list(results.code)}
    return folders.provenance(results.scenario, command, **what)


def open_results(directory: str | Path, *, partial: bool = False) -> Results:
    """The results that were saved in a folder; their arrays are read when they are first asked for.

    Parameters
    ----------
    partial
        Open what there is of an unfinished folder: the runs from the first one on, up to the first that is missing.

    Raises
    ------
    StorageError
        If the folder holds no results, is not finished, was damaged, or was written by another version's format.
        Damaged arrays are found when they are read.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=5)
    >>> ts.open(r.save("results/first")).equals(r)
    True
    """
    folder = Path(directory)
    manifest = folders.read_manifest(folder, RunsManifest, "runs")
    there = manifest.beginning() if partial else manifest
    if not (there.parts and there.is_whole):
        raise StorageError(
            f"{folder} is not finished: {manifest.kept:,} of {manifest.runs:,} runs are there; complete it with: "
            f"tensionsim resume {folder}, or in Python open the first with `partial`"
        )
    return results_of(folder, there, read_scenario(folder, there))


def results_of(folder: Path, manifest: RunsManifest, scenario: Scenario) -> Results:
    """The results of a folder all of whose parts are there."""
    record, origin = Store(folder, manifest, manifest.parts).record(), manifest.origin
    return Results(scenario, origin.seed, manifest.runs, origin.first_run, manifest.names, record, origin.code)
