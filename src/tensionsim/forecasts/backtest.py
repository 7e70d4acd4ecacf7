"""Backtests: what was forecast from many origins, what came, and how good it was.

`backtest` makes forecasts at many origins, each from a copy of what happened before it and of nothing else, beside
plain forecasts of the same series and of events; a `Backtest` holds them with what came, and scores them.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import pandas as pd

from tensionsim.errors import SelectionError, StorageError, TensionSimError, counted, one_of, whole
from tensionsim.estimation.fit import DRAWS, fit as fit_to
from tensionsim.estimation.window import ONE_DAY, history_of
from tensionsim.events.generic import scenario_from_events
from tensionsim.events.history import EventHistory, expect_history
from tensionsim.forecasts import baselines as plain, folder as plans, scores
from tensionsim.forecasts.folder import AGAIN, JUDGED, MODEL, About, BacktestSpec, Fitted, Forecasts
from tensionsim.forecasts.origins import INDEX, Grid, Target, ahead, before, case_at, narrowed, series_of, targets_of
from tensionsim.model.measures import REGIME_NAMES, regime_of
from tensionsim.model.record import Floats
from tensionsim.notebook import as_html
from tensionsim.rng import RandomStreams
from tensionsim.runs.parallel import Mode, executor, showing
from tensionsim.runs.statistics import by_keys
from tensionsim.runs.store import MANIFEST, versions
from tensionsim.scenario.scenario import Scenario, from_text, scenario_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


STEPS = ("day", "week", "month")

SHARE_BEFORE = 2.0 / 3.0
"""Of the history, by time, that lies before the first origin where none is named."""


def fitted(task: tuple[dt.date, EventHistory], *, scale: Scenario, is_anew: bool, refit: int | None) -> Fitted:
    """The scenario of an origin, fitted to what happened before it; an error names the origin."""
    origin, past = task
    try:
        given = case_at(scale, is_anew, past, origin)
        if refit is None:
            return Fitted(origin, given.text, given.text)
        found = fit_to(given, past, with_support=False)
    except TensionSimError as problem:
        raise TensionSimError(f"origin {origin}: {problem}") from problem
    warnings = tuple(found.diagnosis.warnings)
    return Fitted(origin, given.text, found.scenario(DRAWS).text, found.estimates, found.standard_errors, warnings)


def forecasts(
    task: tuple[dt.date, EventHistory, Fitted],
    *,
    spec: BacktestSpec,
    scale: Scenario,
    is_anew: bool,
    events: Sequence[str],
) -> Forecasts:
    """All forecasts from an origin, with the scenario fitted to its past or to less: a pure function."""
    origin, past, source = task
    # A seed of the origin's own, so that other origins change nothing of it.
    seed = int(np.random.SeedSequence([spec.seed, origin.toordinal()]).generate_state(1, np.uint64)[0] >> np.uint64(1))
    month, horizons = spec.grid.month, spec.horizons
    made = [
        ahead(from_text(text, scale.name), past, origin, max(horizons) * month, RandomStreams(seed, 0, spec.runs))
        for text in (source.fitted, source.given)[: len(spec.models)]
    ]
    series = series_of(scale, past, spec.grid, origin)
    row = series.row(origin)
    values = [one.values(horizons, series.weights[row] if is_anew else None) for one in made]
    years = (None,) if spec.baseline_years is None else (None, spec.baseline_years)
    pasts, fallbacks = [series.months_to(row, one) for one in years], list[str]()
    for one, method in itertools.product(pasts, spec.baselines):
        ensembles, failed = plain.ensembles(method, one, targets_of(scale), horizons, spec.runs, seed)
        values.append(ensembles)
        fallbacks += failed
    rows = [list(scale.file.events).index(name) for name in events]
    chances = [one.chances(events, horizons) for one in made]
    chances += plain.from_past(series.events[:, rows], month, horizons).values()
    return Forecasts(origin, np.stack(values, axis=1), np.stack(chances, axis=1), tuple(dict.fromkeys(fallbacks)))


QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}

REGIME = "regime:"
"""Before the name of a regime that is called as an event is."""
KEYS = ("target", "horizon", "forecaster")
PROMISED = 0.9

SURE = 0.05
"""The p value below which a difference is said without "may be luck"."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts from rolling origins, each made from the past alone, and what came.

    Arrays: `values` (origin, target, forecaster, horizon, run), `outcomes` (origin, target, horizon), NaN beyond the
    data; of the scenario's events `chances` (origin, event, forecaster of events, horizon) that they happen within the
    horizon, and whether they `happened` (origin, event, horizon). Names along the axes: `origins`, `targets`,
    `forecasters`, `event_forecasters`, `events`, `horizons`. All tables name them too. Smaller scores are better.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.backtest("us-colombia-2017", origins="2021-01-01:2021-12-31:4", horizons=[1, 3], runs=9, refit=None,
    ...                     baselines=["no-change", "mean"])
    >>> found.scores().loc[("index", 3)].index.tolist()
    ['model', 'pooled', 'recalibrated', 'no-change', 'mean', 'recency']
    >>> bool(found.skill("index").loc[1, "skill"].max() <= 1)
    True
    """

    about: About
    plan: BacktestSpec
    targets: tuple[Target, ...]
    values: Floats
    outcomes: Floats
    chances: Floats
    happened: Floats
    fits: tuple[Fitted, ...]
    fallbacks: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        first, last = self.origins[0], self.origins[-1]
        reach, many = ", ".join(map(str, self.horizons)), counted(len(self.origins), "origin")
        return (
            f"<Backtest of {self.about.title!r} on {self.about.history!r}: {many}, {first} to "
            f"{last}, {reach} months ahead, {self.plan.runs:,} runs>"
        )

    def _repr_html_(self) -> str:
        return as_html(self, table=self.scores())

    @property
    def origins(self) -> tuple[dt.date, ...]:
        """First days of which nothing was known."""
        return self.plan.origins

    @property
    def horizons(self) -> tuple[int, ...]:
        """How far, in months."""
        return self.plan.horizons

    @property
    def events(self) -> tuple[str, ...]:
        """Events of the scenario that are forecast, and that what was observed can judge."""
        return self.about.judged

    @property
    def forecasters(self) -> tuple[str, ...]:
        """Who forecasts the targets, the model first."""
        return self.plan.forecasters

    @property
    def event_forecasters(self) -> tuple[str, ...]:
        """Who forecasts how likely events are."""
        return self.plan.tellers

    @cached_property
    def crps(self) -> Floats:
        """The fair CRPS of every forecast, shape (origin, target, forecaster, horizon), NaN where nothing came yet."""
        return self._scored(lambda made, came, grain: scores.fair_crps(made, came))

    def _scored(self, score: Callable[[Floats, Floats, float], Floats]) -> Floats:
        """A score, by forecasts, outcomes and grain of a target; shaped as `crps`."""
        pairs = itertools.product(self.targets, self.forecasters)
        found = np.array([score(*self.series(target.name, name), target.grain) for target, name in pairs])
        return found.reshape(len(self.targets), -1, *found.shape[1:]).transpose(2, 0, 1, 3)

    def series(self, target: str, forecaster: str) -> tuple[Floats, Floats]:
        """Forecasts of a target, shape (origin, horizon, run), and what came, shape (origin, horizon)."""
        row, column = self.place("target", target), self.place("forecaster", forecaster)
        return self.values[:, row, column], self.outcomes[:, row]

    def forecasts(self) -> pd.DataFrame:
        """Every forecast in short, and what came.

        By target, origin, horizon and forecaster: mean, q05, q25, median, q75, q95, outcome.
        """
        values = self.values.transpose(1, 0, 3, 2, 4)
        quantiles = np.quantile(values, list(QUANTILES.values()), axis=-1)
        columns = {"mean": values.mean(axis=-1), **dict(zip(QUANTILES, quantiles, strict=True))}
        columns["outcome"] = self.outcomes.transpose(1, 0, 2)[..., None]
        return self._table(("target", "origin", "horizon", "forecaster"), columns)

    def _table(self, axes: Sequence[str], columns: Mapping[str, Floats]) -> pd.DataFrame:
        """Arrays of the axes that are named as columns of a table, a row for each combination."""
        levels = [self._axes[axis] for axis in axes]
        shape = [len(level) for level in levels]
        index = pd.MultiIndex(levels, np.indices(shape).reshape(len(shape), -1), names=axes)
        flat = {name: np.broadcast_to(array, shape).reshape(-1) for name, array in columns.items()}
        return pd.DataFrame(flat, index=index)

    def scores(self) -> pd.DataFrame:
        """Mean scores by target, horizon and forecaster.

        `crps` (fair), `log_score` of a kernel density, `normal_log_score` of a normal, `n` outcomes.
        """
        kernel = self._scored(lambda made, came, grain: scores.kernel_log_score(made, came, least_bandwidth=grain))
        normal = self._scored(lambda made, came, grain: scores.gaussian_log_score(made, came, least_spread=grain))
        found = {"crps": self.crps, "log_score": kernel, "normal_log_score": normal}
        columns = {name: scores.known_mean(one).transpose(0, 2, 1) for name, one in found.items()}
        return self._table(KEYS, columns | {"n": np.isfinite(self.outcomes).sum(axis=0)[..., None]})

    def skill(self, target: str = INDEX, of: str = MODEL) -> pd.DataFrame:
        """The share of each other's CRPS that a forecaster saves, below 0 where it loses, by horizon and other.

        Columns `score`, `other`, `skill`, its 95 % interval `low` and `high`, `n` origins, `block`, Diebold and
        Mariano's statistic `dm` and its `p_value`, and `is_best`, the best plain forecast in hindsight.
        """
        self.place("forecaster", of)
        row, names = self.place("target", target), dict.fromkeys((of, *self.plan.plain, *self.forecasters))
        crps = {name: self.crps[:, row, self.place("forecaster", name)] for name in names}
        rivals = [name for name in self.plan.plain if name != of]
        return _ordered(scores.skill_table(crps, of, self.horizons, every=self.plan.every, rivals=rivals))

    def calibration(self) -> pd.DataFrame:
        """Coverage of 50 and 90 % intervals, widths, p of the PIT's test, by target, horizon and forecaster."""
        parts = {
            (target.name, name): scores.calibration_table(
                *self.series(target.name, name), self.horizons, every=self.plan.every, seed=self.plan.seed
            )
            for target, name in itertools.product(self.targets, self.forecasters)
        }
        order = itertools.product([one.name for one in self.targets], self.horizons, self.forecasters)
        table = pd.concat(parts, names=["target", "forecaster"]).reorder_levels(list(KEYS))
        return _ordered(table.loc[list(order)])

    def pit(self, target: str = INDEX, of: str = MODEL) -> pd.DataFrame:
        """Where each outcome lay among the runs, in (0, 1): origin by horizon; uniform if the forecast is right."""
        uniforms = scores.pit_uniforms(self.plan.seed, len(self.origins))
        values = scores.pit(*self.series(target, of), np.repeat(uniforms[:, None], len(self.horizons), axis=1))
        return pd.DataFrame(
            values,
            index=pd.DatetimeIndex([str(day) for day in self.origins], name="origin"),
            columns=pd.Index(self.horizons, name="horizon"),
        )

    def regimes(self) -> pd.DataFrame:
        """Forecasts of the index's regime by horizon and forecaster: ranked probability score, and Brier by regime."""
        row = self.place("target", INDEX)
        values, outcomes = self.values[:, row], self.outcomes[:, row, None]
        came, regimes = np.broadcast_to(outcomes, values.shape[:-1]), regime_of(values)
        found = {"ranked_probability": scores.regime_score(values, came)}
        for place, regime in enumerate(REGIME_NAMES):
            brier = scores.fair_brier(regimes == place, regime_of(came) == place)
            found[f"brier_{regime}"] = np.where(np.isnan(came), np.nan, brier)
        columns = {name: scores.known_mean(one).T for name, one in found.items()}
        return self._table(KEYS[1:], columns | {"n": np.isfinite(outcomes).sum(axis=0).T})

    def event_scores(self) -> pd.DataFrame:
        """Forecasts that an event happens within the horizon, by event, horizon and teller, who forecasts it.

        `brier` (fair) and its parts by Murphy, `said` and `happened` on average, `skill` against climatology with
        Diebold and Mariano's `p_value`, `n`.
        """
        names = ["event", "horizon", "teller"]
        columns = ["brier", "reliability", "resolution", "uncertainty", "said", "happened", "skill", "p_value", "n"]
        axes = (range(len(axis)) for axis in (self.events, self.horizons, self.event_forecasters))
        rows = [self._event_row(*places) for places in itertools.product(*axes)]
        return _ordered(pd.DataFrame(rows, columns=[*names, *columns]).set_index(names))

    def _event_row(self, event: int, column: int, forecaster: int) -> dict[str, object]:
        known = np.isfinite(self.happened[:, event, column])
        came, chances = self.happened[known, event, column] > 0.0, self.chances[known, event, :, column]
        row: dict[str, object] = {"event": self.events[event], "horizon": self.horizons[column], "n": int(known.sum())}
        row["teller"] = self.event_forecasters[forecaster]
        if not known.any():
            return row

        def brier(of: int) -> Floats:
            """Brier scores, shape (origin,); of shares of runs the fair ones."""
            chance = chances[:, of]
            score = scores.brier(chance, came)
            return score - chance * (1.0 - chance) / (self.plan.runs - 1) if of < len(self.plan.models) else score

        score, usual = brier(forecaster), brier(self.event_forecasters.index(plain.CLIMATOLOGY))
        lags = scores.overlap(self.horizons[column], self.plan.every)
        row.update(
            scores.murphy(chances[:, forecaster], came),
            brier=float(score.mean()),
            said=float(chances[:, forecaster].mean()),
            happened=float(came.mean()),
            skill=scores.skill(score, usual, lags=lags).skill,
            p_value=scores.diebold_mariano(score, usual, lags=lags).p_value,
        )
        return row

    def reliability(self, event: str, *, of: str = MODEL, horizon: int | None = None, bins: int = 10) -> pd.DataFrame:
        """How often an event came true by how likely it was called; all horizons for None.

        A regime of the index at the horizon counts as one; `regime:crisis` where an event has the name too.

        Raises
        ------
        SelectionError
            If there is no such event, forecaster or horizon.
        """
        columns = list(range(len(self.horizons))) if horizon is None else [self.place("horizon", horizon)]
        regime = event.removeprefix(REGIME)
        if regime in REGIME_NAMES and event not in self.events:
            ensemble, outcome = self.series(INDEX, of)
            place = REGIME_NAMES.index(regime)
            chance = (regime_of(ensemble) == place).mean(axis=-1)[:, columns]
            came = np.where(np.isnan(outcome), np.nan, regime_of(outcome) == place)[:, columns]
        else:
            row, column = self.place("event", event), self.place("forecaster of events", of)
            chance, came = self.chances[:, row, column][:, columns], self.happened[:, row][:, columns]
        known = np.isfinite(came)
        if not known.any():
            raise SelectionError(f"nothing that came is known of {event} at this horizon")
        return scores.reliability(chance[known], came[known] > 0.0, bins=bins)

    def estimates(self) -> pd.DataFrame:
        """What was fitted at each origin: origin and path by `estimate` and `standard_error`."""
        rows = [
            (str(one.origin), path, value, one.errors[path])
            for one in self.fits
            for path, value in one.estimates.items()
        ]
        table = pd.DataFrame(rows, columns=["origin", "path", "estimate", "standard_error"])
        table["origin"] = pd.to_datetime(table["origin"])
        return _ordered(table.set_index(["origin", "path"]))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the skill of the model's forecasts of the index on `ax`, or on a new figure; see `plots.skill`."""
        from tensionsim.plots.history import skill

        return skill(self, ax)

    def to_xlsx(self, path: str | Path) -> Path:
        """Writes all tables as a workbook, one a sheet with units in the heads (needs the extra `xlsx`)."""
        from tensionsim.runs.exchange import write_xlsx

        return write_xlsx(self, path)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name; that of skill is the model's, raw, pooled and recalibrated, on every target."""
        skills = {(one.name, of): self.skill(one.name, of) for one, of in itertools.product(self.targets, JUDGED)}
        return {
            "forecasts": self.forecasts(),
            "scores": self.scores(),
            "skill": _ordered(pd.concat(skills, names=["target", "forecaster"])),
            "calibration": self.calibration(),
            "regimes": self.regimes(),
            "events": self.event_scores(),
            "estimates": self.estimates(),
        }

    def summary(self) -> dict[str, Any]:
        """What `tensionsim backtest --json` prints: plain numbers, texts and lists."""
        about, plan, tables = self.about, self.plan, self.tables()
        off = (tables["calibration"][["coverage_50", "coverage_90"]] - np.array(scores.LEVELS)).abs()
        expected = tables["forecasts"].xs(pd.Timestamp(str(self.origins[-1])), level="origin")
        is_ahead = bool(np.isnan(self.outcomes[-1]).all())
        return {
            **{name: getattr(about, name) for name in ("title", "history", "first", "last", "is_anew")},
            "step": plan.grid.step,
            "origins": {
                "first": str(plan.origins[0]),
                "last": str(plan.origins[-1]),
                "count": len(plan.origins),
                "every": plan.every,
            },
            "horizons": list(plan.horizons),
            **{name: getattr(plan, name) for name in ("runs", "seed", "refit")},
            "fits": len(self.fits) if plan.refit is not None else 0,
            "forecasters": list(plan.forecasters),
            "judged": list(JUDGED),
            "models": list(plan.models),
            "targets": {one.name: {"unit": one.unit, "about": one.about} for one in self.targets},
            **{name: by_keys(tables[name]) for name in ("scores", "skill", "calibration", "regimes", "events")},
            "not_judged": dict(about.not_judged),
            "verdicts": {
                one.name: {of: verdicts(tables["skill"].loc[one.name, of], of) for of in JUDGED} for one in self.targets
            },
            "sureness": {of: sureness(tables["calibration"].xs(of, level="forecaster"), of) for of in JUDGED},
            "coverage_errors": by_keys(off.groupby(level="forecaster", sort=False).mean()),
            "expected": by_keys(expected.drop(columns="outcome")) if is_ahead else {},
            "fallbacks": len(self.fallbacks),
            "warnings": sorted({text for one in self.fits for text in one.warnings}),
            "tensionsim": versions()["tensionsim"],
        }

    @classmethod
    def open(cls, directory: str | Path) -> Backtest:
        """The backtest that is kept in a folder.

        Raises
        ------
        StorageError
            If the folder holds none, one that is not finished, or a damaged one.
        """
        folder = Path(directory)
        manifest = plans.manifest_of(folder)
        kept, about, spec, path = plans.Folder(folder, manifest), manifest.about, manifest.plan, folder / MANIFEST
        if not manifest.complete:
            raise StorageError(f"{folder} is not finished; the command that began it goes on where it was")
        try:
            days, _ = dict.fromkeys(spec.fitted_at().values()), spec.made.index(plain.RECENCY)
            targets = targets_of(from_text(about.scenario, "scenario"))
        except (LookupError, TypeError, ValueError, TensionSimError) as damage:
            raise StorageError(f"{path} is damaged: plan or about: {damage!r}; {AGAIN}") from damage
        rows, horizons, events = len(spec.origins), len(spec.horizons), len(about.judged)
        shapes = {
            "values": (rows, len(targets), len(spec.made), horizons, spec.runs),
            "outcomes": (rows, len(targets), horizons),
            "chances": (rows, events, len(spec.tellers), horizons),
            "happened": (rows, events, horizons),
        }
        try:
            arrays = _joined([kept.forecasts(day) for day in spec.origins])
        except ValueError as damage:
            raise StorageError(f"{folder} is damaged: its arrays do not go together ({damage}); {AGAIN}") from damage
        arrays |= kept.arrays(plans.OUTCOMES, "outcomes", "happened")
        for name, shape in shapes.items():
            array = arrays[name]
            if array.shape != shape or array.dtype.kind not in "bf":
                raise StorageError(f"{folder} is damaged: {name} has shape {array.shape}, not {shape}; {AGAIN}")
        return cls(
            **arrays | {"values": _with_learned(arrays["values"], arrays["outcomes"], spec)},
            about=about,
            plan=spec,
            targets=targets,
            fits=tuple(kept.fit(day) for day in days),
        )

    @property
    def _axes(self) -> Mapping[str, Sequence[Any]]:
        return {
            "target": [one.name for one in self.targets],
            "origin": pd.to_datetime([str(day) for day in self.origins]),
            "horizon": self.horizons,
            "forecaster": self.forecasters,
            "forecaster of events": self.event_forecasters,
            "event": self.events,
        }

    def place(self, axis: str, name: object) -> int:
        """The row of a name along an axis: target, forecaster, forecaster of events, event or horizon.

        Raises
        ------
        SelectionError
            If there is none.
        """
        names = list(self._axes[axis])
        return names.index(one_of(axis, name, names, SelectionError))


def _joined(made: Collection[Forecasts]) -> dict[str, Any]:
    return {
        "values": np.stack([one.values for one in made]),
        "chances": np.stack([one.chances for one in made]),
        "fallbacks": tuple((str(one.origin), text) for one in made for text in one.fallbacks),
    }


def _with_learned(values: Floats, outcomes: Floats, spec: BacktestSpec) -> Floats:
    """The forecasts that origins made by themselves, with those learned at each origin from what had come by then."""
    reaches = [horizon * spec.grid.month for horizon in spec.horizons]
    known = scores.seen(list(map(spec.grid.count, spec.origins)), reaches)
    model, recent = values[:, :, 0], values[:, :, spec.made.index(plain.RECENCY)]
    learned = scores.learned(
        model, recent, outcomes=outcomes, known=known, horizons=spec.horizons, every=spec.every, seed=spec.seed
    )
    return np.concatenate([values[:, :, :1], np.stack(learned, axis=2), values[:, :, 1:]], axis=2)


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """The table whose index takes the names of each level in their order of appearance, so that look-ups are quick."""
    codes, levels = zip(*(pd.factorize(table.index.get_level_values(name)) for name in table.index.names), strict=True)
    return table.set_axis(pd.MultiIndex(levels, codes, names=table.index.names))


def verdicts(skill: pd.DataFrame, of: str = MODEL) -> list[str]:
    """A sentence a horizon: whether a forecaster, by its skill on a target, beats the best plain one, or loses."""
    found = []
    for (horizon, against), row in skill[skill["is_best"].astype(bool)].iterrows():
        size, p = 100.0 * row["skill"], row["p_value"]
        verb = "does as well as" if size == 0.0 else "beats" if size > 0.0 else "LOSES to"
        months = f"{horizon} month{'' if horizon == 1 else 's'}"
        said = f"{months} ahead the {named(of)} {verb} {against}, the best plain forecast"
        if size != 0.0:
            doubt = "" if p < SURE else ", which may be luck"
            ends = f"interval {100.0 * row['low']:+z.1f} to {100.0 * row['high']:+z.1f} %"
            if row["n"] < scores.LEAST_ORIGINS * row["block"]:
                ends = "origins are too few for an interval"
            tested = "; origins are too few for a test" if math.isnan(p) else f"{doubt} ({ends}, p = {p:.2g})"
            said += f", by {abs(size):.1f} %{tested}"
        found.append(said)
    return found


def named(of: str) -> str:
    """A forecaster that is judged, as a sentence calls it: "model", "pooled model"."""
    return f"{of} {MODEL}" if of in JUDGED[1:] else of


def sureness(calibration: pd.DataFrame, of: str = MODEL) -> list[str]:
    """In sentences, where intervals of 90 % surely hold fewer, or more, outcomes than they promise."""
    low, high = calibration["coverage_90_low"], calibration["coverage_90_high"]
    found = []
    for words, holds in (("too sure", high < PROMISED), ("not sure enough", low > PROMISED)):
        places: dict[str, list[str]] = {}
        for target, horizon in calibration.index[holds]:
            places.setdefault(target, []).append(str(horizon))
        if places:
            held = sorted({f"{100.0 * share:.0f}" for share in calibration.loc[holds, "coverage_90"]}, key=float)
            where = "; ".join(f"{target} {', '.join(horizons)}" for target, horizons in places.items())
            ends = " to ".join(dict.fromkeys((held[0], held[-1])))
            found.append(f"the {named(of)} is {words}, its intervals of 90 % held {ends} % (months ahead: {where})")
    return found


T = TypeVar("T")
R = TypeVar("R")


def backtest(
    scenario: Scenario | str | Path | None = None,
    events: EventHistory | None = None,
    *,
    origins: str | Sequence[dt.date | str] | None = None,
    horizons: Sequence[int] = plans.HORIZONS,
    runs: int = 1000,
    seed: int = 0,
    refit: int | Literal["origin"] | None = "origin",
    with_unfitted: bool = False,
    baselines: Sequence[str] | None = None,
    baseline_years: int | None = None,
    ahead: bool = False,
    step: str | None = None,
    jobs: int | Literal["auto"] = 1,
    progress: bool | Mode = False,
    store: str | Path | None = None,
    command: str = "",
) -> Backtest:
    """Forecasts from many origins, each made from the past alone, scored against what came.

    At every origin a scenario is fitted to the events before it, simulated forward, and set beside plain forecasts of
    the same series. What is computed there gets a copy of the events before the origin, and nothing else of the
    history.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario; default: one made at every origin from the events before
        it. A scenario that schedules what happened later would know the future: that is yours to avoid.
    events
        What was observed; default the curated history that the scenario names.
    origins
        First days of which nothing is known: "FIRST:LAST", "FIRST:LAST:MONTHS", or a list of dates; default every month
        of the last third of the history. They are moved to the beginning of their step.
    horizons
        How far, in months of four weeks, of 30 days, or of the calendar, as the scenario's steps are.
    runs, seed
        How many random histories a forecast has, default 1,000, >= 2; and of which luck, default 0.
    refit
        Months after which the scenario is fitted (and, where none is given, made) anew; "origin", the default, at every
        origin; None: never, the scenario's own numbers throughout.
    with_unfitted
        Whether the scenario as it stands forecasts beside the fitted one.
    baselines
        Names of the plain forecasts to beat; default all. Recency is always among them, since the model is pooled with
        it.
    baseline_years
        Let every plain forecast also learn from so many last years alone.
    ahead
        Whether to forecast what nobody knows yet too, from the day after the last observed: the last origin.
    step
        Of scenarios made from events: "day", "week" (default) or "month"; a scenario that is given has its own.
    jobs, progress
        How many origins are worked on at a time; whether progress is shown.
    store
        A folder that keeps every origin as it is done, so that the same call goes on after an interruption.
    command
        What was typed, for the folder's provenance.

    Raises
    ------
    TensionSimError
        If there is nothing to forecast from or to score against.
    StorageError
        If the folder holds another backtest, or something else.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.backtest("us-colombia-2017", origins=["2022-01-01", "2023-01-01"], horizons=[1, 6],
    ...                     runs=20, refit=None, baselines=["no-change", "mean"])
    >>> found.skill("index")["n"].tolist()
    [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    """
    if scenario is None and events is None:
        raise TypeError("backtest() needs a scenario, events, or both")
    given = None if scenario is None else scenario_of(scenario)
    history = history_of(given, events) if given is not None else expect_history(events)
    first, last, every, days = plans.parse_origins(origins)
    reach = plans.some_horizons(horizons)
    span = (history.last - history.first).days + 1
    first = days[0] if days else first or history.first + dt.timedelta(days=round(SHARE_BEFORE * span))
    scale, grid = _scale(given, history, first, step)
    is_anew = given is None
    history = narrowed(history, tuple(scale.file.issues)) if is_anew else history
    end = grid.snapped(history.last + ONE_DAY)
    chosen = grid.origins(end, reach[0], first=first, last=last, every=every, days=days)
    apart = grid.months_apart(chosen) if days else every
    chosen = (*chosen, end) if ahead and end > chosen[-1] else chosen
    if refit is None and with_unfitted:
        raise TensionSimError("a scenario that is never fitted is compared with itself; leave one of the two out")
    spec = BacktestSpec(
        origins=chosen,
        horizons=reach,
        every=apart,
        runs=whole("runs", runs, least=2),
        seed=whole("seed", seed),
        refit=None if refit is None else whole("refit", apart if refit == "origin" else refit, least=1),
        baselines=plans.some_baselines(baselines),
        baseline_years=None if baseline_years is None else whole("baseline_years", baseline_years, least=1),
        with_unfitted=bool(with_unfitted),
        grid=grid,
    )
    before(history, chosen[0])
    about = About.of(scale, history, end, is_anew=is_anew)
    mode: Mode = progress if isinstance(progress, str) else "auto" if progress else "none"
    each = partial(_each, jobs=jobs, mode=mode)
    with nullcontext() if store is None else plans.filling(Path(store), spec, about, command) as kept:
        source = spec.fitted_at()
        fits = each(
            tuple(dict.fromkeys(source.values())),
            "fit",
            partial(fitted, scale=scale, is_anew=is_anew, refit=spec.refit),
            lambda day: (day, before(history, day)),
            kept=(kept.fit, kept.write_fit) if kept else None,
        )
        made = each(
            chosen,
            "origin",
            partial(forecasts, spec=spec, scale=scale, is_anew=is_anew, events=about.judged),
            lambda day: (day, before(history, day), fits[source[day]]),
            kept=(kept.forecasts, kept.write_forecasts) if kept else None,
        )
        # What came is looked at only now.
        found = _assembled(about, spec, scale, history, end, fits, made)
        if kept is not None:
            kept.finish(found)
    return found


def _scale(given: Scenario | None, history: EventHistory, first: dt.date, step: str | None) -> tuple[Scenario, Grid]:
    """The scenario on whose scale everything stands, made from the first past where none is given; and its grid."""
    if step not in (None, *STEPS):
        raise TensionSimError(f"there is no step {step!r}; a step is a {', '.join(STEPS)}")
    if given is not None and step is not None:
        raise TensionSimError(f"{given.name} has a step of its own, a {given.file.step}; leave out step")
    if given is not None:
        return given, Grid(given.file.start, given.file.step)
    past = before(history, first)
    made = scenario_from_events(narrowed(past), start=first, step=step or "week", with_past=False)
    return made, Grid(first, made.file.step)


def _each(
    days: Sequence[dt.date],
    unit: str,
    function: Callable[[T], R],
    task: Callable[[dt.date], T],
    *,
    kept: tuple[Callable[[dt.date], R], Callable[[R], None]] | None,
    jobs: int | Literal["auto"],
    mode: Mode,
) -> dict[dt.date, R]:
    """What a function makes of the task of each day; kept : what reads what is done, and writes it."""
    found = dict[dt.date, R]()
    if kept is not None:
        for day in days:
            with suppress(StorageError):
                found[day] = kept[0](day)
    todo = [day for day in days if day not in found]
    with executor(jobs, tasks=len(todo)) as workers, showing(len(days), mode, unit, done=len(found)) as advance:
        for position, result in workers.results(function, map(task, todo)):
            if kept is not None:
                kept[1](result)
            found[todo[position]] = result
            advance(1)
    return {day: found[day] for day in days}


def _assembled(
    about: About,
    spec: BacktestSpec,
    scale: Scenario,
    history: EventHistory,
    end: dt.date,
    fits: Mapping[dt.date, Fitted],
    made: Mapping[dt.date, Forecasts],
) -> Backtest:
    """The forecasts with what came until before `end`."""
    series = series_of(scale, history, spec.grid, end)
    rows = [series.row(origin) for origin in spec.origins]
    events = [list(scale.file.events).index(name) for name in about.judged]
    outcomes = np.stack([series.observed(row, spec.horizons) for row in rows])
    arrays = _joined(made.values())
    return Backtest(
        **arrays | {"values": _with_learned(arrays["values"], outcomes, spec)},
        about=about,
        plan=spec,
        targets=targets_of(scale),
        outcomes=outcomes,
        happened=np.stack([series.happened(row, spec.horizons)[events] for row in rows]),
        fits=tuple(fits.values()),
    )
