"""Cells, a channel in a step each: which count, and the design arrays that coefficients are multiplied by there.

`linear` and `shapes` list the coefficients of a scenario, `risk_set_of` the cells in which something could be done and
what was, `design_of` their columns. Episodes (`Bursts`, `Repeats`) and a level that drifts (`level_of`) come on top.

References
----------
Squire, W. & Trapp, G. (1998). Using complex variables to estimate derivatives of real functions. SIAM Review 40(1).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from tensionsim.engine.build import numbers
from tensionsim.engine.world import asked
from tensionsim.errors import FitError
from tensionsim.estimation.window import Seen, StatePath, perceived
from tensionsim.model.choice import Chances, ranks
from tensionsim.model.mechanisms import MECHANISMS, Mechanism, Places, Scene
from tensionsim.model.parameters import ENGINE, Parameter
from tensionsim.model.structure import QUADS, WAYS, Bools, Floats, Ints, Menus
from tensionsim.scenario.quantities import UncertainNumber, parse
from tensionsim.scenario.schema import Distribution

RATE, DIRECTION, INTENSITY, RESTRAINT, ANSWER = "rate", "direction", "intensity", "restraint", "answer"

PARTS = (DIRECTION, INTENSITY, RESTRAINT, *QUADS, *WAYS)
"""What tells moves apart, each with its taste: score, strength, hostile deeds, classes, and ways of answering."""

RATES = ("base_political", "base_technical", "own_fast", "own_slow", "other_fast", "other_slow", "matters")
INTENSITIES = ("intensity", "heat_intensity")
NOT_LINEAR = {f"mechanisms.{one.name}.{name}": one.parameters[name] for one in MECHANISMS for name in one.shapes}
EPISODES = ("parameters.overdispersion", "parameters.imitation")
"""Shapes that a scenario may do without: at 0 acts know nothing of one another within a step, and nothing is fitted."""

SHAPES = {
    **{f"parameters.{name}": ENGINE[name] for name in ("fast_half_life", "slow_half_life", "tone_prior")},
    **NOT_LINEAR,
    **{path: ENGINE[path.partition(".")[2]] for path in EPISODES},
}


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A number that can be fitted: its part (or "shape"), what the scenario says, and as what distribution, if any."""

    path: str
    part: str
    value: float
    low: float
    high: float
    unit: str
    stated: UncertainNumber | None = None

    @property
    def mechanism(self) -> str | None:
        """The mechanism whose strength it is; None for a number of the engine."""
        room, name, *_ = self.path.split(".")
        return name if room == "mechanisms" else None

    @property
    def name(self) -> str:
        """Its path without the room that it stands in."""
        return self.path.partition(".")[2]


def linear(states: StatePath) -> tuple[Coefficient, ...]:
    """The linear coefficients, but those that change on the way, and strengths that are stated as 0."""
    found = list(_coefficients(states, _declared(states)))
    changed = {one.mechanism or one.path for one in found if not _is_steady(one, states)}
    return tuple(one for one in found if (one.mechanism or one.path) not in changed)


def shapes(states: StatePath) -> tuple[Coefficient, ...]:
    """The shapes of a scenario: half-lives of the two memories, the tone's prior, linkage, floor."""
    off = states.window.world.off
    declared = ((path, "shape", number) for path, number in SHAPES.items() if path.split(".")[1] not in off)
    found = _coefficients(states, declared)
    return tuple(one for one in found if _is_steady(one, states) and (one.value > 0.0 or one.path not in EPISODES))


def _is_steady(one: Coefficient, states: StatePath) -> bool:
    return states.settings.get(one.path).size == 1


def _declared(states: StatePath) -> Iterator[tuple[str, str, Parameter]]:
    def of_engine(names: Sequence[str], part: str) -> Iterator[tuple[str, str, Parameter]]:
        return ((f"parameters.{name}", part, ENGINE[name]) for name in names)

    world = states.window.world
    yield from of_engine(RATES, RATE)
    yield from of_engine(["bias"], DIRECTION)
    for one in world.mechanisms:
        for name, parameter in one.parameters.items() if one.name not in world.off else ():
            if name not in one.shapes:
                yield f"mechanisms.{one.name}.{name}", ANSWER if name in one.weighs else DIRECTION, parameter
    yield from of_engine(INTENSITIES, INTENSITY)
    yield from of_engine(["cost"], RESTRAINT)
    for row in world.principals:
        for name in QUADS:
            yield f"actors.{world.names.actors[row]}.{name}", name, ODDS
    yield from of_engine(WAYS, ANSWER)


ODDS = Parameter(0.0, -10.0, 10.0, "1", "log odds of a class of moves, against verbal cooperation")
"""What an actor's `verbal_conflict`, `material_cooperation` and `material_conflict` can be."""


def _coefficients(states: StatePath, declared: Iterable[tuple[str, str, Parameter]]) -> Iterator[Coefficient]:
    given = numbers(states.window.scenario.file, states.window.world.mechanisms)
    written = {one.path: one.value for one in given if one.stream}
    for path, part, number in declared:
        said, value = written.get(path), float(states.settings.get(path)[0])
        if part == "shape" or not path.startswith("mechanisms.") or said != 0.0:
            stated = parse(said) if isinstance(said, Distribution) else None
            yield Coefficient(path, part, value, number.low, number.high, number.unit, stated)


LEAST_CHANCE = 1e-12

COUNTED = "acts counted"
FULL = "channels and steps with as many acts as a step can hold: so many or more is what counts"
BEYOND = "acts beyond what a step can hold"
UNSEEN = "answers to what nobody recorded: chosen among such answers alone"

UNSEEN_PRIOR = (1.0, 9.0)
"""Beta prior of the share of acts that answer what nobody recorded.

Assumption: a history lacks the question of one act in ten, give or take as much, where answers are on the menu.
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """Which moves the acts of active cells were; `cell` is the row of each choice cell's active one.

    done : sums of what the `acts` are in each of `PARTS`, shape (part, choice cell). log_frequency : with the chances
    that no check stopped them. made, log_weight : of the menus, moves of one score, kind and way of answering taken
    together, what they are, (part, choice cell, kind), and how frequent. seen : choice cells before those of answers to
    what nobody recorded.
    """

    cell: Ints
    acts: Floats
    done: Floats
    log_frequency: Floats
    made: Floats
    log_weight: Floats
    seen: int


@dataclass(frozen=True, slots=True)
class RiskSet:
    """The cells in which an act could be observed: `quiet`, shape (channel, step), and active ones with their acts.

    log_rule, log_own : of active cells, log chance that a rule made the act, or, where one may have, left it to the
    actor. constant : log-probability of rules that did not act. is_chosen : of every act whether it is a choice.
    """

    quiet: Bools
    channel: Ints
    step: Ints
    acts: Floats
    is_capped: Bools
    log_rule: Floats
    log_own: Floats
    choices: Choices
    constant: float
    account: Mapping[str, int]
    is_chosen: Bools


def risk_set_of(states: StatePath) -> RiskSet:
    """The cells that count, and what was done in them."""
    from scipy.special import betaln

    window, course = states.window, states.window.course
    world = window.world
    made = np.zeros((len(world.channels), world.steps), np.int64)
    np.add.at(made, (course.channel, course.step), 1)
    counted = window.observes[:, None] & window.counts & ~states.taken & (world.menus.is_open > 0.0)
    # In every cell the chance that rules left it to the actor, and that one did what was seen.
    own, rule = np.ones(counted.shape), np.zeros(counted.shape)
    for one in (one for one in states.asked if counted[one.channel, one.step]):
        rule[one.channel, one.step] += own[one.channel, one.step] * one.chance * one.is_seen
        own[one.channel, one.step] *= 1.0 - one.chance
    contradicted = int((counted & (own <= 0.0) & (rule <= 0.0)).sum())
    counted &= own > 0.0
    slot = world.menus.slot_of[course.move, course.channel]
    is_chosen = (slot >= 0) & (states.is_open[course.step, course.channel, slot] > 0)
    is_unseen = (slot >= 0) & ~is_chosen
    is_unseen[is_unseen] = states.is_unasked(course.step[is_unseen], course.channel[is_unseen], course.move[is_unseen])
    channel, step = np.nonzero(counted & (made > 0))
    cap = np.broadcast_to(states.settings.get("parameters.acts_per_step").astype(np.int64), states.steps)[step]
    is_mixed = rule[channel, step] > 0.0
    with np.errstate(divide="ignore"):
        log_rule, log_own = np.log(rule[channel, step]), np.where(is_mixed, np.log(own[channel, step]), 0.0)
    plain = counted & (rule <= 0.0)
    certain = (rule > 0.0) & ~counted
    prior, constant = UNSEEN_PRIOR, float(np.log(own[plain]).sum() + np.log(rule[certain]).sum())
    is_counted = counted[course.channel, course.step]
    is_outside = ~(window.observes[course.channel] & window.counts[course.step])
    is_odd = is_counted & (slot >= 0) & ~is_chosen & ~is_unseen
    is_answerable = np.logical_or.reduce(world.menus.way >= 0)[course.channel]
    unseen, seen = int((is_counted & is_unseen).sum()), int((is_counted & is_chosen & is_answerable).sum())
    # So many acts being answers to what nobody recorded, their share left open (beta-binomial).
    constant += float(betaln(prior[0] + unseen, prior[1] + seen) - betaln(*prior))
    return RiskSet(
        quiet=counted & (made == 0),
        channel=channel,
        step=step,
        acts=np.minimum(made[channel, step], cap).astype(np.float64),
        is_capped=made[channel, step] >= cap,
        log_rule=log_rule,
        log_own=log_own,
        choices=_choices(states, slot, is_counted & (is_chosen | is_unseen), is_unseen, channel, step),
        constant=constant,
        account={
            COUNTED: int(is_counted.sum()),
            "acts outside the window, in missing stretches or in channels that are not covered": int(is_outside.sum()),
            "acts of the schedule are nobody's choice": int(states.taken[course.channel, course.step].sum()),
            "acts on no menu of the scenario count as acts, not as choices": int((is_counted & (slot < 0)).sum()),
            "acts that began what stood already or ended what did not count as acts, not as choices": int(is_odd.sum()),
            UNSEEN: unseen,
            "acts of rules that always act are nobody's choice": int(certain.sum()),
            "channels and steps in which a rule that always acts did not: left out": contradicted,
            FULL: int((made[channel, step] >= cap).sum()),
            BEYOND: int(np.maximum(made[channel, step] - cap, 0).sum()),
        },
        is_chosen=is_counted & is_chosen,
    )


def _choices(
    states: StatePath, slot: Ints, is_chosen: Bools, is_unseen: Bools, cell_channel: Ints, cell_step: Ints
) -> Choices:
    window, course = states.window, states.window.course
    menus, steps = window.world.menus, states.steps
    channel, step = course.channel[is_chosen], course.step[is_chosen]
    slot, move = slot[is_chosen], course.move[is_chosen]
    active = np.searchsorted(cell_channel * steps + cell_step, channel * steps + step)
    hidden, of = np.unique(active + len(cell_channel) * is_unseen[is_chosen], return_inverse=True)
    is_hidden, cell = np.divmod(hidden, max(len(cell_channel), 1))
    stopped = states.stopped[window.world.channels.actor[channel], move, step]
    passed = np.log(np.maximum(1.0 - stopped, LEAST_CHANCE))
    channels, at = cell_channel[cell], cell_step[cell]
    opened = states.is_open[at, channels].copy()
    for row in np.flatnonzero(is_hidden):
        size = menus.size[channels[row]]
        opened[row] = 0
        opened[row, :size] = states.is_unasked(at[row], channels[row], menus.move[:size, channels[row]])

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(of, values, len(cell)), np.float64)

    menu = _menu(menus, opened, channels)

    return Choices(
        cell=cell,
        acts=summed(np.ones(len(of))),
        done=np.array([summed(one) for one in features(menus, slot, channel)]),
        log_frequency=summed(menus.log_frequency[slot, channel] + passed),
        made=menu[:-1],
        log_weight=menu[-1],
        seen=int((is_hidden == 0).sum()),
    )


def features(menus: Menus, slot: Ints, channel: Ints) -> Floats:
    """What entries of the menus are in each of `PARTS`, shape (part, entry)."""
    score = menus.score[slot, channel]
    quad, way = menus.quad[slot, channel], menus.way[slot, channel]
    return np.concatenate(
        [
            [score, np.abs(score), -menus.hostile_material[slot, channel]],
            quad == np.arange(len(QUADS))[:, None],
            way == np.arange(len(WAYS))[:, None],
        ]
    )


def _menu(menus: Menus, opened: Chances, channel: Ints) -> Floats:
    """What is on menus whose open entries are marked, shape (cell, slot), by part, and last its log frequency."""
    keys = np.concatenate([channel[:, None], opened], axis=1)
    distinct, pattern = np.unique(keys, axis=0, return_inverse=True)
    classes = []
    for row in distinct:
        slot = np.flatnonzero(row[1:] > 0)
        place = slot, np.full(slot.shape, int(row[0]))
        kind, of = np.unique(features(menus, *place), axis=1, return_inverse=True)
        weight = np.bincount(of.reshape(-1), np.exp(menus.log_frequency[place]), kind.shape[1])
        classes.append(np.concatenate([kind, np.log(weight)[None]]))
    width = max((found.shape[1] for found in classes), default=1)
    table = np.zeros((len(PARTS) + 1, len(classes), width))
    table[-1] = -np.inf
    for at, found in enumerate(classes):
        table[:, at, : found.shape[1]] = found
    return table[:, pattern.reshape(-1)]


LEAST = 1e-9
"""What stands for an overdispersion of 0 in an episode of a world that has some elsewhere."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """Episodes, a channel and its mirror in a step each, whose numbers of acts are multivariate negative binomial.

    Assumption: where a rule was asked, the number of acts is Poisson's by itself, so that rule and own choice can be
    mixed cell by cell; and no step is so full that its cap matters.
    """

    per_unit: Floats
    fixed: Floats
    acts: Ints
    overdispersion: Floats
    is_member: Bools

    def terms(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """What episodes add to the cells' `N log(mean) - log N!`: value, gradient and Hessian by rate coefficients."""
        spread, expected = self.overdispersion, self.per_unit @ beta + self.fixed
        scale, whole = 1.0 + spread * self.acts, 1.0 + spread * expected
        # The sum over episodes of log(1 + overdispersion j), j from 1 to the number of acts less 1.
        episode = np.repeat(np.arange(self.acts.size), self.acts)
        repeated = float(np.log1p(spread[episode] * ranks(episode)).sum())
        value = float(-(scale * np.log(whole) / spread).sum()) + repeated
        slope, curvature = -scale / whole, spread * scale / whole**2
        return value, slope @ self.per_unit, self.per_unit.T @ (curvature[:, None] * self.per_unit)


def bursts(states: StatePath, risk_set: RiskSet, seen: Seen, free: Floats, held: Floats) -> Bursts | None:
    """The episodes of the cells, from the columns of rates; None where the scenario has no overdispersion."""
    spread = seen.numbers.engine["overdispersion"]
    if not (spread > 0.0).any():
        return None
    mirror, made = states.window.world.channels.mirror, np.zeros(held.shape)
    is_mixed, inside = risk_set.log_rule > -np.inf, risk_set.quiet.copy()
    inside[risk_set.channel[~is_mixed], risk_set.step[~is_mixed]] = True
    first = np.flatnonzero(np.arange(len(mirror)) < mirror)
    rows, step = np.nonzero(inside[first] | inside[mirror[first]])
    ours, theirs = first[rows], mirror[first[rows]]
    made[risk_set.channel, risk_set.step] = risk_set.acts

    def both(table: Floats) -> Floats:
        wide = table * inside
        return np.asarray(wide[..., ours, step] + wide[..., theirs, step])

    months = states.window.world.dt_months
    return Bursts(
        per_unit=months * both(free).T,
        fixed=months * both(held),
        acts=both(made).astype(np.int64),
        overdispersion=np.maximum(np.broadcast_to(spread, states.steps)[step], LEAST),
        is_member=~is_mixed,
    )


@dataclass(frozen=True, slots=True)
class Repeats:
    """The moves of choice cells, as entries (a move in a cell) and act by act, where acts repeat one another.

    With an imitation above 0 the moves of an episode are those of a Polya urn, the acts standing in the order of the
    channels' rows. copied, before : of every act how many of its episode were the same move, or any, before it.
    """

    cell: Ints
    made: Floats
    log_frequency: Floats
    entry: Ints
    copied: Floats
    of: Ints
    before: Floats
    passed: Floats

    def terms(self, log_share: Floats, imitation: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-probability of choice cells, and its first and second derivative by the log share of each entry."""
        cells, entries = len(self.passed), len(self.cell)
        weight = imitation[self.of]
        own, copied = np.exp(log_share)[self.entry], weight * self.copied
        whole = own + copied
        value = np.bincount(self.of, np.log(whole) - np.log1p(weight * self.before), cells)
        slope = np.asarray(np.bincount(self.entry, own / whole, entries), np.float64)
        curvature = np.asarray(np.bincount(self.entry, own * copied / whole**2, entries), np.float64)
        return self.passed + value, slope, curvature


def repeats(states: StatePath, risk_set: RiskSet) -> Repeats:
    """The moves of the choice cells, one by one."""
    course, world, is_chosen = states.window.course, states.window.world, risk_set.is_chosen
    menus, moves = world.menus, len(world.moves)
    cell = risk_set.choices.cell[: risk_set.choices.seen]
    at, when = risk_set.channel[cell], risk_set.step[cell]
    mirror = world.channels.mirror[at]

    def found(keys: Ints, among: Ints) -> Ints:
        """Where keys stand among rising ones, -1 where they do not."""
        rows = np.searchsorted(among, keys)
        return np.where(np.append(among, -1)[rows] == keys, rows, -1)

    channel, step, move = np.array([course.channel, course.step, course.move])[:, is_chosen]
    row = found(channel * states.steps + step, at * states.steps + when)
    passed = np.log(np.maximum(1.0 - states.stopped[world.channels.actor[channel], move, step], LEAST_CHANCE))
    keys, count = np.unique(row * moves + move, return_counts=True)
    of, made = np.divmod(keys, moves)
    place = menus.slot_of[made, at[of]], at[of]
    # Of an episode the channel with the lower row acts first; the other hears what it could do itself.
    other = found(mirror * states.steps + when, at * states.steps + when)
    heard = found(np.where((other >= 0) & (mirror < at), other, -1)[of] * moves + made, keys)
    slot = menus.slot_of[made, mirror[of]]
    is_heard = (other[of] >= 0) & (mirror > at)[of] & (slot >= 0) & (states.is_open[when[of], mirror[of], slot] > 0)
    before = np.asarray(np.bincount(other[of][is_heard], count[is_heard], len(cell)), np.float64)
    entry = np.repeat(np.arange(len(keys)), count)
    return Repeats(
        cell=of,
        made=features(menus, *place),
        log_frequency=menus.log_frequency[place],
        entry=entry,
        copied=np.append(count, 0)[heard][entry] + ranks(entry).astype(np.float64),
        of=of[entry],
        before=before[of[entry]] + ranks(of[entry]),
        passed=np.asarray(np.bincount(row, passed, len(cell)), np.float64),
    )


MONTHS_APART = 6.0
"""Length of a stretch of one level. Assumption: within half a year the level moves little beside its uncertainty."""


def level_of(states: StatePath, risk_set: RiskSet, seen: Seen, unpredictability: Floats) -> tuple[Floats, Floats]:
    """Columns, shape (choice cell, half-year), of how the direction of all wandered, and the precision of its walk.

    It is a random walk back from the last half-year's `bias`; without drift, or a year, there is none. For every value
    of the coefficients the likelihood takes the walk that makes the history most probable, its prior density included,
    so that the curvature of what is left counts what is uncertain about it (Schur's complement).
    """
    drift = float(seen.numbers.engine["drift"].max())
    apart = max(1, round(MONTHS_APART / states.window.world.dt_months))
    count = (states.steps - 1) // apart if drift > 0.0 else 0
    back = (states.steps - 1 - risk_set.step[risk_set.choices.cell]) // apart
    columns = (back[:, None] == count - np.arange(count)) / unpredictability[:, None]
    steps = np.eye(count) - np.eye(count, k=1)
    return columns, steps.T @ steps / (drift**2 * MONTHS_APART / 12.0) if count else steps


_TINY = 1e-30
"""A step into the imaginary: the slope that it gives is exact, as nothing is subtracted."""


class Bend(NamedTuple):
    """A mechanism that is not linear in its strengths, though it grows in proportion to them, as reciprocity does."""

    mechanism: Mechanism
    values: Mapping[str, Floats]
    names: tuple[str, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """The design arrays of a likelihood: acts a month per unit of each rate coefficient, tastes, what is not linear.

    rates : shape (active cell, coefficient); quiet : likewise, summed over quiet cells. used : rows in `PARTS` of the
    tastes that something makes, the direction first. columns : of these side by side, shape (choice cell, column), of
    which `ends` has the slices, `owner` the taste and `rows` the coefficient, half-years of the level after all. fixed
    : what no coefficient makes, shape (taste, choice cell). walk : of the level, where a search ended last.
    """

    rates: Floats
    rates_fixed: Floats
    quiet: Floats
    quiet_fixed: float
    used: list[int]
    columns: Floats
    ends: list[slice]
    owner: Ints
    rows: Ints
    fixed: Floats
    bends: tuple[Bend, ...]
    perception: Scene
    unpredictability: Floats
    bursts: Bursts | None
    imitation: Floats
    precision: Floats
    walk: Floats

    def bent(self, vector: Floats) -> Floats:
        """The columns of all parts side by side at given coefficients, shape (choice cell, column)."""
        columns, direction = self.columns.copy(), vector[self.rows[self.ends[0]]]
        for bend in self.bends:
            values = {**bend.values, **{n: direction[c : c + 1] for n, c in zip(bend.names, bend.columns, strict=True)}}
            found = slopes(bend.mechanism, self.perception, values, bend.names)
            columns[:, list(bend.columns)] = found / self.unpredictability[:, None]
        return columns


def slopes(mechanism: Mechanism, seen: Scene, values: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    """Derivatives of a mechanism by some parameters, shape (place, parameter), by steps into the imaginary: exact."""
    columns = []
    for name in names:
        moved: dict[str, Any] = {**values, name: values[name] + 1j * _TINY}
        columns.append(np.imag(mechanism.adds(seen, moved)) / _TINY)
    return np.stack(columns, axis=-1)


def design_of(
    states: StatePath, risk_set: RiskSet, coefficients: Sequence[Coefficient], shapes: Mapping[str, float] | None = None
) -> Design:
    """The design arrays where the shapes (half-lives and their like) are as given, or as in the scenario."""
    seen, world, choices = perceived(states, shapes or {}), states.window.world, risk_set.choices
    places = Places(risk_set.channel[choices.cell], risk_set.step[choices.cell])
    view, shape = replace(seen.perception, places=places), risk_set.quiet.shape
    rows = {one.path: row for row, one in enumerate(coefficients)}
    rates = {f"parameters.{name}": np.broadcast_to(one, shape) for name, one in rate_columns(states, seen).items()}
    free = np.array([one for path, one in rates.items() if path in rows]).reshape(-1, *shape)
    held = np.zeros(shape)
    for path in (path for path in rates if path not in rows):
        held = held + rates[path] * seen.settings.get(path)
    unpredictability = view.take(seen.numbers.attributes.unpredictability, world.channels.actor)
    towards = [row for row, one in enumerate(coefficients) if one.part == DIRECTION]
    direction, fixed, bends = _direction(seen, view, [coefficients[row] for row in towards])
    level, precision = level_of(states, risk_set, seen, unpredictability)
    half_years = range(len(coefficients), len(coefficients) + len(precision))
    used, owned, fixes = [0], [[*towards, *half_years]], [fixed / unpredictability]
    columns = [np.concatenate([direction / unpredictability[:, None], level], axis=1)]
    for name, made in _tastes(states, seen, view, places).items():
        owns = [path for path in made if path in rows]
        fixed = np.zeros(len(choices.cell))
        for path in (path for path in made if path not in rows):
            fixed = fixed + view.of_run(seen.settings.get(path)) * made[path]
        if owns or fixed.any():
            used.append(PARTS.index(name))
            owned.append([rows[path] for path in owns])
            columns.append(np.array([made[path] for path in owns]).reshape(-1, len(fixed)).T)
            fixes.append(fixed)
    sizes = [len(one) for one in owned]
    return Design(
        rates=free[:, risk_set.channel, risk_set.step].T,
        rates_fixed=held[risk_set.channel, risk_set.step],
        quiet=free[:, risk_set.quiet].sum(axis=1),
        quiet_fixed=float(held[risk_set.quiet].sum()),
        used=used,
        columns=np.concatenate(columns, axis=1),
        ends=[slice(*pair) for pair in itertools.pairwise([0, *itertools.accumulate(sizes)])],
        owner=np.repeat(np.arange(len(sizes)), sizes),
        rows=np.array(list(itertools.chain(*owned)), np.int64),
        fixed=np.array(fixes),
        bends=bends,
        perception=view,
        unpredictability=unpredictability,
        bursts=bursts(states, risk_set, seen, free, held),
        imitation=np.broadcast_to(view.of_run(seen.numbers.engine["imitation"]), len(choices.cell)),
        precision=precision,
        walk=np.zeros(len(precision)),
    )


def _tastes(states: StatePath, seen: Seen, view: Scene, places: Places) -> dict[str, dict[str, Floats]]:
    """What each taste but the direction is made of per unit of a coefficient, shape (choice cell,), by part, path."""
    world, actor = states.window.world, states.window.world.channels.actor[places.channel]
    heat = np.exp2(-world.timetable.months_to_election[:, : states.steps] / seen.numbers.engine["heat_half_life"])
    answers = {way: {f"parameters.{way}": np.array(view.freshness(way))} for way in WAYS}
    for mechanism, _ in seen.numbers.active:
        for name, one in mechanism.weighs.items():
            for way in one.ways:
                path = f"mechanisms.{mechanism.name}.{name}"
                answers[way][path] = one.felt(view) * answers[way][f"parameters.{way}"]
    quads = {
        part: {f"actors.{name}.{part}": 1.0 * (actor == row) for row, name in enumerate(world.names.actors)}
        for part in QUADS
    }
    return {
        INTENSITY: {"parameters.intensity": np.ones(len(actor)), "parameters.heat_intensity": heat[actor, places.run]},
        RESTRAINT: {"parameters.cost": view.take(view.dependence, world.channels.pair)},
        **quads,
        **answers,
    }


def rate_columns(states: StatePath, seen: Seen) -> dict[str, Floats]:
    """Acts a month per unit of each rate coefficient, shape (channel, step or 1)."""
    channels, state = states.window.world.channels, seen.state
    attention = seen.numbers.attributes.attention[channels.actor] * seen.numbers.weight
    found = {
        "base_political": attention * channels.is_political,
        "base_technical": attention * channels.is_technical,
        "own_fast": state.acts_fast,
        "own_slow": state.acts_slow,
        "other_fast": state.acts_fast[channels.mirror],
        "other_slow": state.acts_slow[channels.mirror],
        "matters": asked(states.window.world, state.matters),
    }
    return {name: values * states.window.world.menus.is_open for name, values in found.items()}


def _direction(seen: Seen, view: Scene, fitted: Sequence[Coefficient]) -> tuple[Floats, Floats, tuple[Bend, ...]]:
    """Columns of the direction before unpredictability divides it, what no coefficient makes, and the bends."""
    where = {one.path: column for column, one in enumerate(fitted)}
    fixed = view.take(seen.state.expectations, view.channels.pair).copy()
    columns = np.zeros((len(fixed), len(fitted)))
    if "parameters.bias" in where:
        columns[:, where["parameters.bias"]] = 1.0
    else:
        fixed += view.of_run(seen.numbers.engine["bias"])
    bends = []
    for mechanism, given in seen.numbers.active:
        values = {name: view.of_run(value) for name, value in given.items()}
        names = tuple(name for name in given if f"mechanisms.{mechanism.name}.{name}" in where)
        if not names:
            fixed = fixed + mechanism.adds(view, values)
            continue
        if mechanism not in MECHANISMS:
            # A mechanism of one's own must grow in proportion to the parameters that it says it does.
            once, twice = ({**values, **{name: np.array([scale]) for name in names}} for scale in (1.0, 2.0))
            if not np.allclose(2.0 * mechanism.adds(view, once), mechanism.adds(view, twice)):
                raise FitError(
                    f"the mechanism {mechanism.name} does not grow in proportion to {' and '.join(names)}; name what is"
                    " to be held in its shapes=(...), as is done with a floor or a threshold"
                )
        places = tuple(where[f"mechanisms.{mechanism.name}.{name}"] for name in names)
        columns[:, list(places)] = slopes(mechanism, view, values, names)
        if _is_bent(mechanism, view, values, names):
            bends.append(Bend(mechanism, values, names, places))
    return columns, fixed, tuple(bends)


def _is_bent(mechanism: Mechanism, view: Scene, values: Mapping[str, Floats], names: Sequence[str]) -> bool:
    """Whether the slopes depend on the strengths themselves."""
    if len(names) < 2:
        return False
    tried = [{**values, **{name: np.array([1.0 + 9.0 * (name == one)]) for name in names}} for one in names]
    first, *others = (slopes(mechanism, view, each, names) for each in tried)
    return not all(np.array_equal(first, each) for each in others)
