"""Early signs: which observables tell, months ahead, the runs that end badly from the others, and how well.

Runs of even numbers choose: they rank the observables, set each one's bound and fit what it adds to the index. Runs of
odd numbers judge: every score is of these alone, which had no part in the choice.

`early_warning` asks the same of the classical indicators of a system that loses its resilience, all along the runs.

References
----------
Scheffer, M. et al. (2009). Early-warning signals for critical transitions. Nature 461, 53-59.
Dakos, V. et al. (2012). Methods for detecting early warnings of critical transitions in time series illustrated using
simulated ecological data. PLoS ONE 7(7), e41010.
Obuchowski, N. A. (1997). Nonparametric analysis of clustered ROC curve data. Biometrics 53(2), 567-578.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tensionsim.analysis.effects import INDEX, Day, row_of, target
from tensionsim.analysis.elements import words_of
from tensionsim.engine.simulation import left_open
from tensionsim.errors import SelectionError
from tensionsim.model.measures import REGIME_NAMES, is_deep, regime_of
from tensionsim.model.record import STOPPED, Bools, Floats, Ints
from tensionsim.model.state import FADED, kept
from tensionsim.notebook import Tabled
from tensionsim.runs.results import Results
from tensionsim.runs.run import world_of
from tensionsim.runs.statistics import plain

CRISIS_AT_THE_END = "crisis at the end"
"""The index below 35 on the last date: the two lowest regimes together."""

LEAST_RUNS = 20
"""Runs that must end so, and as many that must not: of fewer no half could judge."""

SURE, LEAST_SHARE = 1.96, 0.02
"""Standard errors beyond which a difference is told from none; choosing runs that must not have the commonest value."""

COLUMNS = (
    *("sign", "kind", "unit", "side", "threshold", "auc", "standard_error", "hit_rate", "false_alarm_rate"),
    *("brier_skill", "gain", "gain_error", "auc_choosing", "gain_choosing"),
)


@dataclass(frozen=True, slots=True, eq=False)
class EarlySigns(Tabled):
    """What tells the runs that end in `event` from the others, `ahead_months` before; `early_signs` makes one.

    table : one row a sign, as the choosing half ranks them. `side` and `threshold` say when it warns ("above" or
    "below" a bound); `auc`, with its `standard_error`, is the chance that it ranks a run that ends so before one that
    does not (0.5: a coin); `hit_rate` and `false_alarm_rate` are the shares of the runs that end so, and of the others,
    in which it warns; `brier_skill` is of the chances that a logistic fit gives from it, against always the same one;
    `gain` is by how much index and sign together have the higher auc than the index alone, with `gain_error`. All these
    are of the judging half. `auc_choosing` and `gain_choosing` are the choosing half's.
    event : what was asked. meaning : that in words. date, sign_date : when it is so, when the signs are read, ISO.
    runs, ending, judged, judged_ending : how many runs, how many end so, and of these in the judging half. note : why
    there is no table, or that nothing separates; empty where something does.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.early_signs(ts.run("norland-suderia", runs=400, seed=7))
    >>> found.sign_date, found.date
    ('2031-07-08', '2032-01-06')
    >>> bool(found.table["auc"].between(0, 1).all())
    True
    """

    table: pd.DataFrame
    event: str
    meaning: str
    date: str
    sign_date: str
    ahead_months: float
    runs: int
    ending: int
    judged: int
    judged_ending: int
    note: str

    def __repr__(self) -> str:
        signs = f"{len(self.table)} signs read on {self.sign_date}"
        return f"<EarlySigns of {self.event!r} on {self.date}: {signs}, {self.ending:,} of {self.runs:,} runs end so>"

    @property
    def separates(self) -> bool:
        """Whether any sign tells the runs apart better than a coin would, beyond doubt."""
        return not self.note

    def chosen(self, count: int = 6, *, of_a_kind: int = 2) -> pd.DataFrame:
        """The index, and the best signs beside it, at most so many of a kind, as the choosing half ranks them."""
        ranked = self.table[self.table["sign"] != INDEX]
        best = ranked[ranked.groupby("kind").cumcount() < of_a_kind].head(count)
        found: pd.DataFrame = self.table.loc[sorted({*self.table.index[self.table["sign"] == INDEX], *best.index})]
        return found

    def adding_most(self) -> str | None:
        """The sign that adds most to the index, as the choosing half has it; None where there is no other sign."""
        others = self.table[self.table["sign"] != INDEX]
        return None if others.empty else str(others.loc[others["gain_choosing"].idxmax(), "sign"])


def early_signs(
    results: Results, event: str = CRISIS_AT_THE_END, *, ahead_months: float = 6.0, date: Day | None = None
) -> EarlySigns:
    """The observables that best tell, months ahead, the runs that end in something from the others.

    Parameters
    ----------
    results
        Of some hundred runs or more.
    event
        "crisis at the end" (the index below 35), or the name of an event or regime that holds on the date or not;
        "regime:crisis" where both have one name.
    ahead_months
        How long before the date the signs are read.
    date
        The date in question; default the last; between rows, the row before it.

    Raises
    ------
    SelectionError
        If there is no such event, or nothing so long before the date.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=40, seed=7)
    >>> ts.early_signs(r, "rupture", ahead_months=3).note.split(":")[0]
    'too few runs to tell'
    """
    row = row_of(results, date)
    steps = round(ahead_months / results.step_months)
    if not (ahead_months > 0.0 and 0 <= row - steps < row):
        raise SelectionError(
            f"there is no row {ahead_months:g} months before {results.dates[row]}: rows go from {results.dates[0]} to "
            f"{results.dates[-1]}, one a {results.scenario.file.step}; look less far ahead"
        )
    ends_so, meaning = _outcome(results, event, row)
    judging = np.arange(results.first_run, results.first_run + results.runs) % 2 == 1
    ending = int(ends_so.sum())
    has_both = all(0 < int(ends_so[half].sum()) < int(half.sum()) for half in (judging, ~judging))
    is_enough = min(ending, results.runs - ending) >= LEAST_RUNS and has_both
    rows = list(_scored(list(observables(results, row - steps)), ends_so, judging)) if is_enough else []
    table, note = pd.DataFrame(rows, columns=list(COLUMNS)), ""
    table = table.sort_values("auc_choosing", ascending=False, kind="stable", ignore_index=True)
    if not is_enough:
        told = f"{ending:,} of {results.runs:,} end so; it takes {LEAST_RUNS} that do, and as many that do not"
        note = f"too few runs to tell: {told}"
    elif table.empty:
        note = "nothing to tell them by: no observable differs between the runs"
    elif not (best := table.iloc[0])["auc"] - SURE * best["standard_error"] > 0.5:
        ahead = f"{ahead_months:g} months ahead"
        note = f"nothing tells them apart {ahead}: the best, {best['sign']}, does no better than a coin"
    dates = str(results.dates[row]), str(results.dates[row - steps])
    counts = results.runs, ending, int(judging.sum()), int((judging & ends_so).sum())
    return EarlySigns(table, event, meaning, *dates, ahead_months, *counts, note)


def _outcome(results: Results, event: str, row: int) -> tuple[Bools, str]:
    """Whether each run is so on the date, shape (run,), and what that is in words."""
    record = results.record
    if event == CRISIS_AT_THE_END:
        return is_deep(record.cooperation[row]), "the index is below 35 (crisis or rupture)"
    found = target(results, event, results.dates[row])
    if found.kind == "event":
        return record.events[row, results.names.events.index(found.name)], f"the event '{found.name}' holds"
    if found.kind == "regime":
        in_it: Bools = regime_of(record.cooperation[row]) == REGIME_NAMES.index(found.name)
        return in_it, f"the regime is {found.name}"
    events = ", ".join((*results.names.events, *REGIME_NAMES))
    raise SelectionError(f"runs do not end in {event!r} or not; ask for {CRISIS_AT_THE_END!r}, or one of {events}")


def _scored(
    found: list[Observable], ends_so: Bools, judging: Bools, run: Ints | None = None
) -> Iterator[dict[str, Any]]:
    """Every observable's scores but of those that hardly vary in the choosing half. run : of each reading."""
    choosing, index = ~judging, found[0].values
    chose, so, judged = ends_so[choosing], ends_so[judging], None if run is None else run[judging]
    alone = logistic(index[choosing, None], chose)
    base = alone(index[choosing, None]), alone(index[judging, None])
    for one in found:
        there, here = one.values[choosing], one.values[judging]
        counts = np.unique(there, return_counts=True)[1]
        if counts.sum() - counts.max() < max(2, LEAST_SHARE * counts.sum()):
            continue
        side, threshold, best = choose(there, chose)
        value, error = auc(here, so, judged)
        warns = here > threshold if side == ABOVE else here < threshold
        chances = logistic(there[:, None], chose)(here[:, None])
        brier, usual = (float(((said - so) ** 2).mean()) for said in (chances, np.full(so.shape, chose.mean())))
        both = np.stack([index, one.values], axis=1)
        together = logistic(both[choosing], chose)
        gained = gain(together(both[judging]), base[1], so, judged)
        in_choosing, _ = gain(together(both[choosing]), base[0], chose)
        if one is found[0]:
            gained, in_choosing = (0.0, 0.0), 0.0
        value = value if side == ABOVE else 1.0 - value
        scores = (value, error, float(warns[so].mean()), float(warns[~so].mean()), 1.0 - brier / usual)
        told = (one.name, one.kind, one.unit, side, threshold, *scores, *gained, best, in_choosing)
        yield dict(zip(COLUMNS, told, strict=True))


PAST_MONTHS = 3.0
"""Over which moves are counted and changes taken."""

GOLDSTEIN = 10.0


class Observable(NamedTuple):
    """A quantity of every run on a date, shape (run,); booleans are 0 and 1."""

    name: str
    kind: str
    unit: str
    values: Floats


def observables(results: Results, row: int) -> Iterator[Observable]:
    """Everything that is watched at a row of the dates, the index first."""
    record, names, called = results.record, results.names, results.scenario.file.called
    past = max(0, row - round(PAST_MONTHS / results.step_months))

    def between(pair: str, word: str) -> str:
        return word.join(map(called, pair.split(" -> ")))

    yield Observable("index", "index", "0-100", record.cooperation[row])
    if past < row:
        change = record.cooperation[row] - record.cooperation[past]
        yield Observable("change of the index", "index", "points in three months", change)
    for place, issue in enumerate(names.issues):
        yield Observable(f"cooperation on {words_of(issue)}", "issue", "0-100", record.issue_cooperation[row, place])
    conduct = _grouped(names.dyad_channels, GOLDSTEIN * record.conduct[row], np.add)
    for (direction, track), values in conduct.items():
        told = f"{track} conduct of {between(direction, ' to ')}"
        yield Observable(told, "conduct", "Goldstein points a month", values)
    for place, (indicator, unit) in enumerate(zip(names.indicators, names.indicator_units, strict=True)):
        yield Observable(words_of(indicator), "indicator", unit, record.indicators[row, place])
    for place, actor in enumerate(names.actors):
        yield Observable(f"rhetoric of {called(actor)}", "rhetoric", "0 up; 1 is full", record.rhetoric[row, place])
    yield Observable("room for manoeuvre", "room", "0-1", record.room[row])
    in_force = _grouped(names.arrangements, record.in_force[row].astype(np.float64), np.maximum, (0, 1))
    for (kind, pair), values in in_force.items():
        yield Observable(f"{words_of(kind)} ({between(pair, ', ')})", "arrangement", "in force", values)
    yield from _moves(results, past, row)


def _grouped(
    names: Sequence[str], values: Floats, join: np.ufunc, parts: tuple[int, int] = (0, 2)
) -> dict[tuple[str, str], Floats]:
    """Values of what is called "a | b | c", joined over all that agree in two parts of the name."""
    found: dict[tuple[str, str], Floats] = {}
    for name, each in zip(names, values, strict=True):
        one, other = (name.split(" | ")[part] for part in parts)
        found[one, other] = join(found[one, other], each) if (one, other) in found else each
    return found


def _made(results: Results, past: int, row: int) -> tuple[Ints, Ints, Ints, Bools]:
    """Of every move made over the last months the run, from 0, the actor, the move, and whether it is hostile."""
    record, names = results.record, results.names
    chosen = (record.move_step >= past) & (record.move_step < row) & (record.move_cause != STOPPED)
    place = record.move_run[chosen] - results.first_run
    of_channel = names.places()["actor"]
    actor = np.array([names.actors.index(name) for name in of_channel], np.int64)[record.move_channel[chosen]]
    move = record.move_id[chosen].astype(np.int64)
    return place, actor, move, np.array(names.move_scores)[move] < 0.0


def _moves(results: Results, past: int, row: int) -> Iterator[Observable]:
    """How often each actor made moves over the last months: of each kind, hostile ones, friendly ones."""
    place, actor, move, hostile = _made(results, past, row)
    names, runs = results.names, results.runs
    for number, name in enumerate(names.actors):
        kinds = {"hostile moves": hostile, "friendly moves": ~hostile}
        kinds |= {words_of(names.moves[one]): move == one for one in np.unique(move[actor == number])}
        for word, which in kinds.items():
            counts = np.bincount(place[(actor == number) & which], minlength=runs).astype(np.float64)
            told = f"{word} by {results.scenario.file.called(name)}"
            yield Observable(told, "moves", "in three months", counts)


@dataclass(frozen=True, slots=True, eq=False)
class EarlyWarning(Tabled):
    """How well indicators warn of a fall, months ahead; `early_warning` makes one.

    table : one row an indicator and horizon. `auc` with `standard_error` is the chance that a run which falls within so
    many `months` warns more than one that does not (0.5: a coin); `brier_skill` is of the chances that a logistic fit
    gives from it, against the base rate; `gain` is by how much index and indicator together have the higher auc than
    the index alone, with `gain_error`. `side` is that on which it warns, `at_risk` and `falling` count readings, and
    `base_rate` is their share. All but `side` and `auc_choosing` are of the judging half.
    curves : receiver operating characteristics, shares in 0..1: hit rates by false alarm rate (rows), indicator and
    months (columns). meaning : of the fall, in words. readings : the dates on which indicators are read, ISO.
    note : what they add, in a sentence.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.early_warning(ts.run("norland-suderia", runs=200, seed=7))
    >>> found.table["indicator"].unique().tolist()[:3]
    ['index', 'variance', 'autocorrelation']
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    meaning: str
    readings: tuple[str, ...]
    window_months: float
    runs: int
    title: str
    note: str

    def __repr__(self) -> str:
        readings = f"{len(self.readings)} reading{'' if len(self.readings) == 1 else 's'}"
        return f"<EarlyWarning of {self.runs:,} runs, {readings}: {self.note}>"

    @property
    def best(self) -> str | None:
        """The indicator beside the index that warns best over all horizons, as the choosing half has it."""
        known = self.table[self.table["indicator"] != INDEX].dropna(subset=["auc_choosing"])
        return None if known.empty else str(known.groupby("indicator")["auc_choosing"].mean().idxmax())

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("table", "curves")}
        rates = {f"{who}, {ahead:g} months": hits.to_numpy() for (who, ahead), hits in self.curves.items()}
        found |= {"best": self.best, "curves": {"false_alarm_rates": RATES, "hit_rates": rates}}
        return dict(plain({**found, "table": self.table.to_dict("records")}))


LEAST_ROWS = 8
"""Of the window of an autocorrelation."""

RATES = np.linspace(0.0, 1.0, 51)
"""False alarm rates at which curves are told."""

SCORES = ("auc", "standard_error", "brier_skill", "gain", "gain_error", "auc_choosing")


def early_warning(
    results: Results,
    event: str = CRISIS_AT_THE_END,
    *,
    months: Sequence[float] = (1, 2, 3, 4, 5, 6),
    window_months: float = 6.0,
) -> EarlyWarning:
    """How well the classical indicators warn of a fall into crisis, months ahead, beside the index itself.

    Variance and lag-1 autocorrelation are of the index about its linear trend over the window (critical slowing down);
    beside them the rate of hostile moves of the principals, the asymmetry of their conduct, and how many matters stand
    open between them. All are read every so many months as the longest horizon has, from the first full window on, in
    the runs at risk: those in which the event does not hold on that day. One that holds at some row within the horizon
    has fallen. Even runs choose on which side an indicator warns, and fit chances; odd runs judge. Standard errors
    count a run, with all its readings, once.

    Parameters
    ----------
    results
        Of some hundred runs or more, kept whole.
    event
        Default the index below 35; else the name of an event or regime, as `early_signs` takes it.
    months
        Horizons, of a step or more.
    window_months
        Of variance and autocorrelation.

    Raises
    ------
    SelectionError
        If there is no such event, or the runs are too short for a window and a horizon.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=200)
    >>> ts.early_warning(r, "strained", months=[6]).table["months"].unique().tolist()
    [6.0]
    """
    months, last = sorted({*map(float, months)}), len(results.dates) - 1
    steps_of = [min(one / results.step_months, last + 1.0) if one > 0.0 else 0.0 for one in (window_months, *months)]
    window, *ahead = map(round, steps_of)
    if not (ahead and min(ahead) > 0 and window >= LEAST_ROWS and window + max(ahead) <= last):
        raise SelectionError(
            f"horizons of {', '.join(f'{one:g}' for one in months) or 'no'} months after a window of {window_months:g} "
            f"do not fit: there are {last} steps of a {results.scenario.file.step}; a window takes {LEAST_ROWS} or "
            "more, a horizon one"
        )
    rows = range(window, last - max(ahead) + 1, max(ahead))
    indicators = _indicators(results, rows, window)  # first, as they ask most of what runs keep
    states = [_outcome(results, event, row) for row in range(last + 1)]
    holds = np.array([each for each, _ in states])
    at_risk = ~holds[list(rows)]
    run = np.nonzero(at_risk)[1]
    values = [Observable(name, "", "", one[at_risk]) for name, one in indicators.items()]
    judging = (results.first_run + run) % 2 == 1
    scores, curves, least = list[dict[str, Any]](), dict[tuple[str, float], Floats](), list[int]()
    for horizon, steps in zip(months, ahead, strict=True):
        falls = np.array([holds[row + 1 : row + steps + 1].any(axis=0) for row in rows])[at_risk]
        so, others = falls[judging], falls[~judging]
        least.append(min(int(part.sum()) for part in (so, ~so, others, ~others)))
        scored = _scored(values, falls, judging, run) if least[-1] >= LEAST_RUNS else ()
        told = {one["sign"]: one for one in scored}
        base_rate = float(so.mean()) if so.size else np.nan
        head = {"months": horizon, "at_risk": so.size, "falling": int(so.sum()), "base_rate": base_rate}
        for one in values:
            score = told.get(one.name, {"side": "", **dict.fromkeys(SCORES, np.nan)})
            scores.append({"indicator": one.name, **head, **{name: score[name] for name in ("side", *SCORES)}})
            if one.name in told:
                curves[one.name, horizon] = roc(one.values[judging] * (1 if score["side"] == ABOVE else -1), so)
    table = pd.DataFrame(scores)
    others = table[table["indicator"] != INDEX]
    # So many are asked at once that chance alone would find one; Bonferroni's bound holds for all together.
    bound = NormalDist().inv_cdf(1.0 - (1.0 - NormalDist().cdf(SURE)) / len(others))
    sure = others[others["gain"] - bound * others["gain_error"] > 0.0]
    if table["auc"].isna().all():
        best = f"too few runs fall, or stay, to tell: {max(least)} in one half; it takes {LEAST_RUNS}"
    elif sure.empty:
        best = "no indicator adds to the index beyond doubt at any horizon"
    else:
        top = sure.loc[sure["gain"].idxmax()]
        best = f"to the index add most: {top['indicator']}, {top['gain']:.3f} of auc at {top['months']:g} months"
    dates, meaning = tuple(str(results.dates[row]) for row in rows), states[0][1]
    rates = pd.DataFrame(curves, pd.Index(RATES, name="false_alarm_rate"))
    return EarlyWarning(table, rates, meaning, dates, window_months, results.runs, results.scenario.title, best)


def _indicators(results: Results, rows: Sequence[int], window: int) -> dict[str, Floats]:
    """The indicators at some rows of the dates, by name; each of shape (row, run)."""
    record, names, conduct = results.record, results.names, results.record.conduct  # which takes the most to keep
    days = np.arange(window)[:, None] - (window - 1) / 2.0
    index = np.array([record.cooperation[row - window + 1 : row + 1] for row in rows])
    slope = (days * index).sum(axis=1, keepdims=True) / (days**2).sum()
    rest = index - index.mean(axis=1, keepdims=True) - days * slope
    power = (rest**2).sum(axis=1)
    principals = [names.actors.index(who) for who in results.scenario.file.principals]
    hostile = []
    for row in rows:
        since = max(0, row - round(PAST_MONTHS / results.step_months))
        place, actor, _, is_hostile = _made(results, since, row)
        hostile.append(np.bincount(place[is_hostile & np.isin(actor, principals)], minlength=results.runs))
    sides = np.array([[1.0 if one.startswith(f"{names.directions[0]} |") else -1.0] for one in names.dyad_channels])
    return {
        INDEX: index[:, -1],
        "variance": power / window,
        "autocorrelation": (rest[:, 1:] * rest[:, :-1]).sum(axis=1) / np.where(power > 0.0, power, 1.0),
        "hostile moves": np.array(hostile, np.float64),
        "asymmetry": np.abs(np.array([(sides * conduct[row]).sum(axis=0) for row in rows])),
        "open matters": open_matters(results, rows),
    }


def open_matters(results: Results, rows: Sequence[int]) -> Floats:
    """How many matters stand open between the principals at some rows, shape (row, run): the moves are replayed."""
    world, record, found = world_of(results.scenario), results.record, list[Ints]()
    table = world.menus.matters
    fresh, keep = np.repeat(left_open(world), results.runs, axis=1), kept(table.half_life, world.dt_months)
    lines = np.unique(table.line[:, world.dyad])
    between = (np.arange(len(table.names))[:, None] * table.lines + lines).ravel()
    stirs = table.stirs[record.move_id] & (record.move_cause != STOPPED)
    step, move, channel = (getattr(record, f"move_{name}")[stirs] for name in ("step", "id", "channel"))
    run = record.move_run[stirs] - results.first_run
    for at in range(max(rows) + 1):
        if at in rows:
            found.append((fresh[between] > 0.0).sum(axis=0))
        if (now := step == at).any():
            table.stir(fresh, move[now], channel[now], run[now])
        fresh[:-2] *= keep
        fresh[:-2][fresh[:-2] < FADED] = 0.0
    return np.array(found, np.float64)


def roc(values: Floats, is_so: Bools) -> Floats:
    """The share of runs of the sort that have a bound or more, where so many of the others do as `RATES` says."""
    bounds = np.unique(values)[::-1]
    both = (np.sort(some) for some in (values[~is_so], values[is_so]))
    alarms, hits = (np.append(0.0, 1.0 - np.searchsorted(some, bounds) / some.size) for some in both)
    return np.asarray(np.interp(RATES, alarms, hits))


ABOVE, BELOW = "above", "below"
PENALTY = 1e-3
"""Of a logistic fit, for each run and squared coefficient of a standardised quantity: keeps it finite where a bound
divides the runs without error."""


def placements(values: Floats, is_so: Bools) -> tuple[Floats, Floats]:
    """Of each run of the sort, the share of the others that it lies above (ties count half); and the reverse."""

    def beyond(some: Floats, others: Floats) -> Floats:
        known = np.sort(others)
        return (known.searchsorted(some, "left") + known.searchsorted(some, "right")) / (2.0 * known.size)

    these, those = values[is_so], values[~is_so]
    return beyond(these, those), 1.0 - beyond(those, these)


def auc(values: Floats, is_so: Bools, run: Ints | None = None) -> tuple[float, float]:
    """The chance that a run of the sort has the higher value, ties half, with DeLong's error; or Obuchowski's."""
    return _with_error(*placements(values, is_so), is_so, run)


def gain(values: Floats, base: Floats, is_so: Bools, run: Ints | None = None) -> tuple[float, float]:
    """By how much one quantity has the higher auc than another in the same runs, with the error as of `auc`."""
    pairs = zip(placements(values, is_so), placements(base, is_so), strict=True)
    above, below = (one - other for one, other in pairs)
    return _with_error(above, below, is_so, run)


def _with_error(above: Floats, below: Floats, is_so: Bools, run: Ints | None) -> tuple[float, float]:
    """The mean of `above`, with an error that is no number where there is a single run of a sort."""
    variances: Any
    if run is None:
        variances = [parts.var(ddof=1) / parts.size if parts.size > 1 else np.nan for parts in (above, below)]
    else:
        parts = np.zeros(is_so.size)
        parts[is_so], parts[~is_so] = (above - above.mean()) / above.size, (below - below.mean()) / below.size
        variances = np.bincount(run, parts) ** 2
    return float(above.mean()), float(np.sqrt(sum(variances)))


def choose(values: Floats, is_so: Bools) -> tuple[str, float, float]:
    """On which side of which bound a quantity warns best (Youden's index), and its auc."""
    found, _ = auc(values, is_so)
    side = ABOVE if found >= 0.5 else BELOW
    values = values if side == ABOVE else -values
    # The bound above which most more of the runs of the sort lie than of the others.
    distinct, place = np.unique(values, return_inverse=True)
    beyond = [np.bincount(place[some], minlength=distinct.size)[::-1].cumsum()[::-1] for some in (is_so, ~is_so)]
    most = (beyond[0] / is_so.sum() - beyond[1] / (~is_so).sum())[1:]
    best = 1 + int(np.argmax(most)) if distinct.size > 1 else 0
    bound = float((distinct[best - 1] + distinct[best]) / 2.0) if best else float(distinct[0])
    return side, _readable(bound if side == ABOVE else -bound, values), max(found, 1.0 - found)


def _readable(bound: float, values: Floats) -> float:
    """The bound to three digits of the spread, as people can keep it in mind; whole numbers keep a half."""
    if (values == np.rint(values)).all() and np.abs(values).max() < 1000:
        return bound
    spread = float(np.ptp(values))
    return round(bound, int(2 - np.floor(np.log10(spread)))) if spread > 0.0 else bound


def logistic(quantities: Floats, is_so: Bools) -> Callable[[Floats], Floats]:
    """The chances of runs with other quantities, by a penalised logistic fit to these, shape (run, quantity)."""
    from scipy.special import expit

    centre, spread = quantities.mean(axis=0), quantities.std(axis=0)
    scale = np.where(spread > 0.0, spread, 1.0)

    def design(given: Floats) -> Floats:
        return np.concatenate([np.ones((given.shape[0], 1)), (given - centre) / scale], axis=1)

    known, found = design(quantities), np.zeros(quantities.shape[1] + 1)
    penalty = PENALTY * is_so.size * np.eye(found.size)
    penalty[0, 0] = 0.0
    for _ in range(50):
        chances = expit(known @ found)
        slope = known.T @ (is_so - chances) - penalty @ found
        curvature = (known.T * np.maximum(chances * (1.0 - chances), 1e-9)) @ known + penalty
        step = np.linalg.solve(curvature, slope)
        found = found + np.clip(step, -5.0, 5.0)
        if np.abs(step).max() < 1e-10:
            break
    return lambda given: np.asarray(expit(design(given) @ found))
