"""What is read off: cooperation, regimes, room for manoeuvre, the security pillar, and the ledger. Pure functions.

The ledger is the index less 50, split among the moves and arrangements that make it, to the last digit. Conduct is
linear in moves and arrangements in force, so each one's part of an issue's mean conduct m is exact; its part of the
issue's cooperation tanh(m / scale) is that share of m times the secant tanh(m / scale) / m.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from tensionsim.model.record import STOPPED, Ints as Column, Names, Record
from tensionsim.model.structure import Bools, Channels, Floats, Ints, sum_by

REGIMES = (("rupture", 20.0), ("crisis", 35.0), ("strained", 50.0), ("pragmatic", 70.0), ("alliance", float("inf")))
"""Regimes of the index with the bound below which each holds. Assumption: the bounds are a judgement."""

REGIME_NAMES = tuple(name for name, _ in REGIMES)
DEEP = "crisis or rupture"
"""The two lowest regimes together."""

_BOUNDS = np.array([bound for _, bound in REGIMES[:-1]])

PILLAR_HALF_LIFE_MONTHS = 24.0
NEUTRAL = 50.0


def issue_conduct(conduct: Floats, channels: Channels, dyad: Ints, issues: int, technical_weight: Floats) -> Floats:
    """Mean conduct m of each issue over both directions and both tracks, shape (..., issue, run).

    conduct : y of the dyad's channels, shape (..., channel of `dyad`, run). dyad : their rows in `channels`.
    technical_weight : theta in [0, 1]; the political track weighs 1 - theta.
    """
    share = np.where(channels.is_technical[dyad], technical_weight, 1.0 - technical_weight)
    parts = 0.5 * share * conduct
    return sum_by(parts.swapaxes(0, -2), channels.issue[dyad], issues).swapaxes(0, -2)


def cooperation(mean_conduct: Floats, weights: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Cooperation index and that of each issue, 0 (rupture) .. 50 (neutral) .. 100 (alliance).

    `c[k] = tanh(m[k] / scale)`, `C = 50 (1 + sum W[k] c[k])`.

    mean_conduct : m, shape (..., issue, run). weights : W, same shape or broadcast, sums to 1 over issues.
    """
    level = np.tanh(mean_conduct / scale)
    weighted = weights * level
    total = np.zeros_like(weighted[..., 0, :])
    for issue in range(level.shape[-2]):
        total = total + weighted[..., issue, :]
    return NEUTRAL * (1.0 + total), NEUTRAL * (1.0 + level)


def regime_of(index: Floats) -> Ints:
    """Row in `REGIMES` of each value of the index."""
    return _BOUNDS.searchsorted(index, side="right")


def is_deep(index: Floats) -> Bools:
    """Whether each value of the index is in the two lowest regimes, below 35."""
    return regime_of(index) <= REGIME_NAMES.index("crisis")


def pressures(verbal: Floats, material: Floats, channels: Channels, verbal_weight: Floats) -> Floats:
    """Hostile pressure of each pair's actor, shape (pair, run), >= 0: material conduct in full, verbal weighed."""
    friendly = verbal_weight * verbal
    friendly += material
    hostile = np.negative(friendly, out=friendly)
    return sum_by(np.maximum(0.0, hostile, out=hostile), channels.pair, len(channels.pairs))


def room(dependence: Floats, pressure: Floats, friendly: Floats) -> Floats:
    """Room for manoeuvre of a dependent side, in [0, 1]: `1 - dependence * share of hostile conduct received`."""
    total = pressure + friendly
    share = np.where(total > 0.0, pressure / np.where(total > 0.0, total, 1.0), 0.0)
    return 1.0 - dependence * share


def smoothed(series: Floats, keep: float) -> Floats:
    """Exponential mean along the first axis, which starts at the series' own first value."""
    result = np.empty_like(series)
    result[0] = series[0]
    for row in range(1, series.shape[0]):
        result[row] = keep * result[row - 1] + (1.0 - keep) * series[row]
    return result


WHILE_IN_FORCE = "while in force"
"""In a ledger, when an arrangement made its points; conduct remembers them after its end."""

NEGLIGIBLE = 1e-12
"""Mean conduct below which its secant is that of the origin."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that makes the index: a "move", an "arrangement" or "history", since when, and its points.

    since : a day; of an arrangement `WHILE_IN_FORCE`, whether or not it still is.
    """

    kind: str
    since: str
    actor: str
    target: str
    issue: str
    track: str
    what: str
    points: float


@dataclass(frozen=True, slots=True)
class Books:
    """What a ledger is drawn from: a record, the names along its axes, the step's length, the first run's number."""

    record: Record
    names: Names
    step_months: float
    first_run: int

    @property
    def runs(self) -> int:
        return int(self.record.cooperation.shape[-1])


Part = tuple[str, str, int, Floats]
"""A part of the dyad's conduct: since when, what, the row of its channel, and the conduct, shape (run,)."""


def entries(books: Books, run: int, row: int) -> list[Entry]:
    """The ledger of a run at a date (row), history first, then as it came; points sum to the index less 50."""
    points, channels = _points_per_conduct(books, row)[:, run], _dyad(books.names)
    kinds = {"history": _history(books, row), "arrangement": _arrangements(books, row), "move": _moves(books, row, run)}
    made = []
    for kind, (since, what, channel, by_run) in ((kind, part) for kind, parts in kinds.items() for part in parts):
        conduct = by_run[run if by_run.size > 1 else 0]
        if conduct != 0.0:
            actor, target, issue, track = channels[channel]
            made.append(Entry(kind, since, actor, target, issue, track, what, float(points[channel] * conduct)))
    return made


def _dyad(names: Names) -> list[list[str]]:
    """Actor, target, issue and track of each channel between the principals."""
    return [name.replace(" -> ", " | ").split(" | ") for name in names.dyad_channels]


def by_mover(books: Books, row: int, kinds_of: Sequence[str] | None = None) -> dict[tuple[str, str], Floats]:
    """The ledger of every run at a date, summed by (actor, move or arrangement): points of shape (run,).

    Moves before the start are (actor, "moves before the start"). kinds_of : what to sum moves under instead of names;
    arrangements then go under "arrangements".
    """
    names, runs, points = books.names, books.runs, _points_per_conduct(books, row)
    actors = [actor for actor, *_ in _dyad(names)]
    standing = {name.split(" | ")[0] for name in names.arrangements}
    sums: dict[tuple[str, str], Floats] = {}

    def add(actor: str, what: str, points: Floats) -> None:
        sums[actor, what] = sums.get((actor, what), np.zeros(runs)) + points

    for _, what, channel, conduct in chain(_history(books, row), _arrangements(books, row)):
        called = what if kinds_of is None else "arrangements"
        add(actors[channel], called if what in standing else "moves before the start", points[channel] * conduct)
    place, _, run, channels, conducts = _made(books, row)
    kinds, kind = names.moves, books.record.move_id
    if kinds_of is not None:
        kinds = tuple(dict.fromkeys(kinds_of))
        rows = {name: row for row, name in enumerate(kinds)}
        kind = np.array([rows[name] for name in kinds_of], np.int64)
    distinct = sorted(set(actors))
    actor = np.array([distinct.index(one) for one in actors], np.int64)[channels]
    cell = actor * len(kinds) + kind[place]
    total = np.bincount(cell * runs + run, points[channels, run] * conducts, len(distinct) * len(kinds) * runs)
    for found in np.flatnonzero(np.bincount(cell)).tolist():
        who, which = divmod(found, len(kinds))
        add(distinct[who], kinds[which], total.reshape(-1, runs)[found])
    return sums


def changes(books: Books, row: int) -> dict[tuple[str, str], Floats]:
    """How the ledger has changed since the first date, by (actor, move or arrangement), points of shape (run,)."""
    before, after = by_mover(books, 0), by_mover(books, row)
    nothing = np.zeros(books.runs)
    return {key: after.get(key, nothing) - before.get(key, nothing) for key in {**before, **after}}


def _points_per_conduct(books: Books, row: int) -> Floats:
    """Points of the index that a unit of conduct in each dyad channel makes at a date, shape (channel, run)."""
    record, names = books.record, books.names
    scale, theta = record.terms[row, 1], record.terms[row, 2]
    places = [(issue, track) for _, _, issue, track in _dyad(names)]
    ends = {0: 0, len(record.dates) - 1: 1} if "conduct_ends" in record.kept else {}
    conduct = record.conduct_ends[ends[row]] if row in ends else record.conduct[row]
    mean = np.zeros((len(names.issues), books.runs))
    for place, (issue, track) in enumerate(places):
        share = theta if track == "technical" else 1.0 - theta
        mean[names.issues.index(issue)] += 0.5 * share * conduct[place]
    is_small = np.abs(mean) < NEGLIGIBLE
    secant = np.where(is_small, 1.0 / scale, np.tanh(mean / scale) / np.where(is_small, 1.0, mean))
    per_issue = NEUTRAL * record.weights[row] * secant
    tracks = {"technical": 0.5 * theta, "political": 0.5 * (1.0 - theta)}
    return np.array([per_issue[names.issues.index(issue)] * tracks[track] for issue, track in places])


def _left(record: Record, row: int) -> Floats:
    """What is left at `row` of conduct at each earlier row, shape (row + 1, run or 1)."""
    left = np.ones((row + 1, record.terms.shape[-1]))
    for earlier in range(row - 1, -1, -1):
        left[earlier] = left[earlier + 1] * record.terms[earlier + 1, 0]
    return left


def _added(record: Record, row: int) -> Floats:
    """What a steady flow in each step adds to conduct at `row`, shape (row, run or 1)."""
    return (_left(record, row) * (1.0 - record.terms[: row + 1, 0]))[1:]


def _history(books: Books, row: int) -> Iterator[Part]:
    """What is left of the conduct at the start, by what made it.

    A flow f from step a until before step b (both <= 0) leaves `(keep^-b - keep^-a) f` at step 0.
    """
    names, left, keep = books.names, _left(books.record, row)[0], books.record.terms[0, 0]
    spans = zip(names.origin_scores, names.origin_firsts, names.origin_afters, strict=True)
    for label, channel, (score, first, after) in zip(names.origins, names.origin_channels, spans, strict=True):
        since, _, what = label.split(" | ")
        share = keep**-after - (0.0 if first is None else keep**-first)
        yield since, what, channel, score * share * left


def _arrangements(books: Books, row: int) -> Iterator[Part]:
    """What arrangements have added while in force since the start, which conduct remembers after their end."""
    record, names = books.record, books.names
    added = _added(record, row)
    for place, score, channel in _places(names):
        in_force = record.in_force[1 : row + 1, place]
        if in_force.any():
            kind = names.arrangements[place].split(" | ")[0]
            yield WHILE_IN_FORCE, kind, channel, score * (added * in_force).sum(axis=0)


def _places(names: Names) -> Iterator[tuple[int, float, int]]:
    """Row, score (conduct) and dyad channel of every place in which an arrangement counts."""
    rows = {channel: row for row, channel in enumerate(names.dyad_channels)}
    for place, name in enumerate(names.arrangements):
        _, pair, issue = name.split(" | ")
        actor, target = pair.split(" -> ")
        track, score = names.arrangement_tracks[place], names.arrangement_scores[place] / 10.0
        ends = [(actor, target), (target, actor)] if names.arrangement_is_mutual[place] else [(actor, target)]
        for start, end in ends:
            channel = rows.get(f"{start} -> {end} | {issue} | {track}")
            if channel is not None:
                yield place, score, channel


def _made(books: Books, row: int, run: int | None = None) -> tuple[Column, Column, Column, Column, Floats]:
    """Moves really made in the dyad before a row: their places, steps, runs (places), dyad channels, conduct left."""
    record, names = books.record, books.names
    rows = {name: row for row, name in enumerate(names.dyad_channels)}
    dyad = np.array([rows.get(name, -1) for name in names.channels], np.int64)
    counts = (record.move_step < row) & (record.move_cause != STOPPED) & (dyad[record.move_channel] >= 0)
    if run is not None:
        counts &= record.move_run == books.first_run + run
    chosen = np.flatnonzero(counts)
    step, runs = record.move_step[chosen], record.move_run[chosen] - books.first_run
    weight = _added(record, row) / books.step_months
    left = weight[step, runs if weight.shape[-1] > 1 else np.zeros_like(runs)]
    score = np.array(names.move_scores)[record.move_id[chosen]] / 10.0
    return chosen, step, runs, dyad[record.move_channel[chosen]], left * score


def _moves(books: Books, row: int, run: int) -> Iterator[Part]:
    names, (place, steps, _, channels, conducts) = books.names, _made(books, row, run)
    moves = books.record.move_id[place]
    for step, channel, move, conduct in zip(steps, channels.tolist(), moves, conducts, strict=True):
        yield str(books.record.dates[step]), names.moves[move], channel, np.array([conduct])
