"""Simulate: some runs of a world, from its start to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tensionsim.engine.simulation import Simulation, begin, origins as simulation_origins
from tensionsim.engine.step import Decide, decide_all, step
from tensionsim.engine.world import Acts, World
from tensionsim.errors import TensionSimError
from tensionsim.model.measures import NEUTRAL, PILLAR_HALF_LIFE_MONTHS, room, smoothed
from tensionsim.model.record import CAUSES, KEPT, MOVE_COLUMNS, Bits, Keep, Names, Record
from tensionsim.model.state import kept
from tensionsim.model.structure import Floats, sum_by
from tensionsim.rng import RandomStreams


@dataclass(slots=True)
class Recorder:
    """Takes down a simulation row by row, and no more of it than is to be kept; each move as one number."""

    keep: Keep = "all"
    tables: dict[str, np.ndarray] = field(default_factory=dict)
    words: list[np.ndarray] = field(default_factory=list)

    def state(self, now: Simulation) -> None:
        """Takes down how things stand."""
        world, state, kept = now.world, now.state, KEPT[self.keep]
        index, issues = now.cooperation()
        of = {"cooperation": index, "indicators": state.indicators, "rhetoric": state.rhetoric}
        if wild := [name for name, values in of.items() if not np.isfinite(values).all()]:
            raise TensionSimError(
                f"{world.scenario.name}: {wild[0]} ran out of all bounds by {world.dates[now.at]}; "
                "look for a number in the scenario that grows without limit (a rate, a growth, an effect)"
            )
        self._put(now, "cooperation", index)
        if self.keep == "index":
            return
        events = [question(now) for question in world.rulebook.events.values()]
        self._put(now, "issue_cooperation", issues)
        self._put(now, "weights", now.numbers.issue_weight)
        engine = now.numbers.engine  # `record.TERMS`: the numbers that make the index of conduct
        terms = (now.numbers.keep_index, engine["index_scale"], engine["technical_weight"])
        self._put(now, "terms", np.array(np.broadcast_arrays(*terms)))
        self._put(now, "in_force", np.packbits(state.in_force[:-2], axis=-1, bitorder="little"))
        self._put(now, "events", np.array(events).reshape(len(events), state.runs))
        conduct = now.look().conduct[world.dyad]
        if "conduct_ends" in kept and now.at in (0, len(world.dates) - 1):
            self.tables.setdefault("conduct_ends", np.empty((2, *conduct.shape)))[min(now.at, 1) :] = conduct
        if "conduct" in kept:
            self._put(now, "conduct", conduct)
            self._put(now, "indicators", state.indicators)
            self._put(now, "rhetoric", state.rhetoric)
            self._put(now, "room", _room(now))

    def moves(self, now: Simulation, acts: Acts) -> None:
        """Takes down what was done in the step before the present date."""
        if len(acts) and self.keep != "index":
            _, of_step, of_channel, of_move, of_cause = _bits(now)
            word = (acts.run << of_step | (now.at - 1)) << of_channel | acts.channel
            word = (word << of_move | acts.move) << of_cause | acts.cause
            self.words.append(word)

    def _put(self, now: Simulation, name: str, row: np.ndarray) -> None:
        """Copies a row into its table, which is made anew, and wider, once a number differs by run."""
        table = self.tables.get(name)
        if table is None or table.shape[-1] < row.shape[-1]:
            wider = np.empty((len(now.world.dates), *row.shape), row.dtype)
            if table is not None:
                wider[: now.at] = table[: now.at]
            table = self.tables[name] = wider
        table[now.at] = row

    def record(self, now: Simulation) -> Record:
        """All that was taken down, from the start to the present date."""
        rows = now.at + 1
        arrays: dict[str, Any] = {
            name: table if name == "conduct_ends" else table[:rows] for name, table in self.tables.items()
        }
        if self.keep == "all":
            arrays["security_pillar"] = _pillar(now, arrays["conduct"], arrays["terms"][:, 1])
        if self.keep != "index":
            arrays["in_force"] = Bits(arrays["in_force"], now.state.runs)
            arrays |= self._moves(now)
        return Record(np.array(now.world.dates[:rows], "datetime64[D]"), arrays)

    def _moves(self, now: Simulation) -> dict[str, Any]:
        """The columns of the moves, in the order of all of them, so that the size of a chunk does not show."""
        words, columns, shift = np.concatenate([np.zeros(0, np.int64), *self.words]), dict[str, Any](), 0
        words.sort()
        self.words = [words]
        for (name, kind), width in reversed([*zip(MOVE_COLUMNS.items(), _bits(now), strict=True)]):
            columns[name] = ((words >> shift) & (2**width - 1)).astype(kind)
            shift += width
        columns["move_run"] += np.int32(now.streams.first_run)
        return columns


def _bits(now: Simulation) -> list[int]:
    """Bits of each of `MOVE_COLUMNS`, the most significant first; more than 63 take more runs than any memory holds."""
    steps, channels, moves = now.world.steps, len(now.world.channels), len(now.world.menus.names)
    return [count.bit_length() for count in (now.state.runs, steps, channels, moves, len(CAUSES))]


def _room(now: Simulation) -> Floats:
    """Room for manoeuvre of the principal that depends more on the other, shape (run,)."""
    world, seen = now.world, now.look()
    channels, depends, back = world.channels, seen.dependence, world.channels.opposite
    first, second = (world.names.actors[row] for row in world.principals)
    friendly = sum_by(np.maximum(0.0, seen.conduct), channels.pair, len(channels.pairs))
    rows = [channels.pairs.index(pair) for pair in ((first, second), (second, first))]
    rooms = [room(depends[row], seen.pressure[back[row]], friendly[back[row]]) for row in rows]
    return np.where(depends[rows[1]] >= depends[rows[0]], rooms[1], rooms[0])


def _pillar(now: Simulation, conduct: Floats, scale: Floats) -> Floats:
    """The axis as a pillar of regional security, 0..100: security channels' technical conduct, slowly remembered."""
    world = now.world
    is_security = [one.security for one in world.scenario.file.issues.values()]
    places = [
        place
        for place, row in enumerate(world.dyad.tolist())
        if world.channels.is_technical[row, 0] and is_security[world.channels.issue[row]]
    ]
    mean = np.zeros((conduct.shape[0], conduct.shape[-1]))
    for place in places:
        mean = mean + conduct[:, place] / len(places)
    keep = float(kept(np.array(PILLAR_HALF_LIFE_MONTHS), world.dt_months))
    return NEUTRAL * (1.0 + np.tanh(smoothed(mean, keep) / scale))


def names_of(world: World) -> Names:
    """What the rows of a record are called."""
    kinds, dyad = world.kinds, world.dyad.tolist()
    origins = [origin for origin in simulation_origins(world) if origin.channel in dyad]
    return Names(
        issues=world.names.issues,
        actors=world.names.actors,
        channels=tuple(channel.name for channel in world.channels.rows),
        dyad_channels=tuple(world.channels.rows[row].name for row in world.dyad),
        indicators=world.names.indicators,
        indicator_units=world.indicators.units,
        arrangements=tuple(instance.name for instance in world.instances.rows),
        events=tuple(world.rulebook.events),
        moves=world.menus.names,
        move_scores=tuple(move.goldstein for move in world.moves),
        arrangement_tracks=tuple(kinds[instance.kind].track for instance in world.instances.rows),
        arrangement_scores=tuple(kinds[instance.kind].score for instance in world.instances.rows),
        arrangement_is_mutual=tuple(kinds[instance.kind].is_mutual for instance in world.instances.rows),
        origins=tuple(origin.label for origin in origins),
        origin_channels=tuple(dyad.index(origin.channel) for origin in origins),
        origin_scores=tuple(origin.score for origin in origins),
        origin_firsts=tuple(origin.first for origin in origins),
        origin_afters=tuple(origin.after for origin in origins),
    )


def simulate(world: World, streams: RandomStreams) -> Record:
    """The record of the runs that `streams` stand for, all of it."""
    return proceed(begin(world, streams))


def proceed(
    now: Simulation, *, keep: Keep = "all", decide: Decide = decide_all, after_step: Callable[[int], None] | None = None
) -> Record:
    """The record (what `keep` says) of a simulation to its world's end; `after_step` is told the steps done."""
    taken = Recorder(keep)
    taken.state(now)
    for _ in range(now.world.steps):
        acts = step(now, decide)
        taken.moves(now, acts)
        taken.state(now)
        if after_step is not None:
            after_step(now.at)
    return taken.record(now)
