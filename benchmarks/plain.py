"""The plain C program of the model: writes down a world for it, compiles it, runs it, reads what it recorded."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tensionsim.engine.build import owners
from tensionsim.engine.rules import channel_rows
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import DRIFT
from tensionsim.engine.world import World
from tensionsim.model import mechanisms
from tensionsim.model.measures import PILLAR_HALF_LIFE_MONTHS
from tensionsim.model.state import kept
from tensionsim.model.structure import ALWAYS, NEVER, QUADS, WAYS, Matters
from tensionsim.rng import RandomStreams, stream_of
from tensionsim.scenario.quantities import bound, months, pair
from tensionsim.scenario.schema import Condition, Rule

SOURCE = Path(__file__).with_suffix(".c")
STANDARD = ("-std=c11",)
FLAGS = ("-O3", "-march=native")
KINDS = ("conduct", "pressure", "indicator", "index", "issue", "arrangement", "all", "any", "none")
DRIVES = ("conduct", "indicator", "arrangement")
STATES = (
    *("net_fast", "net_slow", "acts_fast", "acts_slow", "verbal", "material", "in_force", "stance_shift"),
    *("rhetoric", "sympathy", "engagement", "expectations", "indicators", "level", "matters"),
)
ENGINE = (
    *("bias", "intensity", "cost", "tone_prior", "verbal_weight", "substitution", "index_scale", "sympathy_gain"),
    *("own_fast", "own_slow", "other_fast", "other_slow", "heat_intensity", "heat", "technical_weight"),
    *("overdispersion", "imitation", "drift"),
)
KEPT = ("fast", "slow", "index", "rhetoric", "engagement", "sympathy", "expectations")


class OutOfReach(ValueError):
    """A scenario has what the C program does not know."""


@dataclass(frozen=True, slots=True)
class Program:
    """The compiled program and a world written down for it."""

    binary: Path
    world: Path
    sizes: Mapping[str, int]

    def seconds(self, runs: int, first_run: int = 0) -> float:
        """Seconds that so many runs took, the reading of the world not counted."""
        return float(self._run(first_run, runs)[0])

    def record(self, runs: int, first_run: int = 0) -> dict[str, np.ndarray]:
        """What the runs did, by the names of a Record; the axis `run` first, read from a file that is deleted."""
        out = self.world.with_suffix(f".{os.getpid()}.out")
        try:
            moves = int(self._run(first_run, runs, str(out))[1])
            return self._read(out.read_bytes(), runs, moves)
        finally:
            out.unlink(missing_ok=True)

    def _run(self, *words: object) -> list[str]:
        command = [str(self.binary), str(self.world), *map(str, words)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    def _read(self, data: bytes, runs: int, moves: int) -> dict[str, np.ndarray]:
        rows, sizes, found, at = (runs, self.sizes["steps"] + 1), self.sizes, {}, 0
        shapes: dict[str, tuple[tuple[int, ...], type]] = {
            "cooperation": (rows, np.float64),
            "issue_cooperation": ((*rows, sizes["issues"]), np.float64),
            "conduct": ((*rows, sizes["dyads"]), np.float64),
            "indicators": ((*rows, sizes["indicators"]), np.float64),
            "rhetoric": ((*rows, sizes["actors"]), np.float64),
            "room": (rows, np.float64),
            "security_pillar": (rows, np.float64),
            "in_force": ((*rows, sizes["instances"]), np.bool_),
            "events": ((*rows, sizes["events"]), np.bool_),
            "move_run": ((moves,), np.int32),
            "move_step": ((moves,), np.int32),
            "move_channel": ((moves,), np.int32),
            "move_id": ((moves,), np.int16),
            "move_cause": ((moves,), np.int8),
        }
        for name, (shape, kind) in shapes.items():
            count = math.prod(shape)
            found[name] = np.frombuffer(data, kind, count, at).reshape(shape)
            at += found[name].nbytes
        return found


def compiler() -> str | None:
    """The C compiler's command; None where there is none."""
    return next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)


def build(world: World, folder: Path, *, seed: int = 0, flags: Sequence[str] = FLAGS) -> Program:
    """The program compiled with `flags` in a folder, beside the world written down for a seed.

    Raises
    ------
    OutOfReach
        If the scenario has what the program does not know.
    RuntimeError
        If there is no compiler.
    """
    command = compiler()
    if command is None:
        raise RuntimeError("there is no C compiler: none of cc, gcc, clang")
    binary, text = folder / f"plain{''.join(flags)}", folder / f"world-{seed}.txt"
    subprocess.run([command, *STANDARD, *flags, "-o", str(binary), str(SOURCE), "-lm"], check=True)
    page = written(world, seed)
    text.write_text("".join(page.lines), encoding="ascii")
    return Program(binary, text, page.sizes)


@dataclass(slots=True)
class Page:
    """A world as text: one line an array, with its name, kind (r, i or u), length and values."""

    lines: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def reals(self, **arrays: Any) -> None:
        """Adds arrays of reals, to the last bit."""
        for name, values in arrays.items():
            self._put(name, "r", [repr(float(one)) for one in np.ravel(values)])

    def wholes(self, **arrays: Any) -> None:
        """Adds arrays of whole numbers."""
        for name, values in arrays.items():
            self._put(name, "i", [str(int(one)) for one in np.ravel(values)])

    def words(self, **arrays: Iterable[int]) -> None:
        """Adds arrays of 64-bit words."""
        for name, values in arrays.items():
            self._put(name, "u", [str(int(one)) for one in values])

    def count(self, **sizes: int) -> None:
        """Adds sizes of the world."""
        self.sizes.update(sizes)
        self.wholes(**{name: [size] for name, size in sizes.items()})

    def lists(self, name: str, rows: Sequence[Sequence[int]]) -> None:
        """Adds ragged lists of whole numbers."""
        self._put(name, "i", [str(int(one)) for row in rows for one in row])
        self._put(f"{name}.starts", "i", [str(one) for one in np.cumsum([0, *map(len, rows)])])

    def _put(self, name: str, kind: str, values: Sequence[str]) -> None:
        self.lines.append(f"{name} {kind} {len(values)} {' '.join(values)}\n")


def written(world: World, seed: int) -> Page:
    """A world as text."""
    _refuse_what_is_unknown(world)
    start, page = begin(world, RandomStreams(seed, 0, 1)), Page()
    _sizes(page, world, start)
    _numbers(page, world, start)
    _actors(page, world, start)
    _channels(page, world)
    _relations(page, world, start)
    _menus(page, world)
    _indicators(page, world, start)
    _measures(page, world, start)
    _rules(page, world, start)
    for name in STATES:
        put = page.wholes if name == "in_force" else page.reals
        put(**{f"start.{name}": getattr(start.state, name)[..., 0]})
    page.words(drift_stream=[DRIFT], key=np.random.SeedSequence(seed).generate_state(2, np.uint64))
    return page


def _refuse_what_is_unknown(world: World) -> None:
    rules = world.rulebook.rules
    unknown = {
        "uncertain numbers": any(not isinstance(one.value, (int, float)) for one in world.sources),
        "code of one's own": bool(world.scenario.code),
        "changes on a date": bool(world.timetable.turns),
        "scheduled moves": bool(world.timetable.moves),
        "rules with odds": any(callable(one.chance) for one in rules),
        "rules with `otherwise` or `once`": any(one.otherwise or one.once for one in rules),
    }
    if found := [name for name, is_there in unknown.items() if is_there]:
        raise OutOfReach(f"{world.scenario.name}: the C program does not know {', '.join(found)}")


def _sizes(page: Page, world: World, start: Simulation) -> None:
    page.count(
        channels=len(world.channels),
        pairs=len(world.channels.pairs),
        actors=len(world.names.actors),
        issues=len(world.names.issues),
        indicators=len(world.indicators),
        instances=len(world.instances),
        moves=len(world.menus.names),
        effects=len(world.menus.begins),
        bars_of_a_move=len(world.menus.bars),
        matters=len(world.menus.matters.names),
        lines=world.menus.matters.lines,
        steps=world.steps,
        dyads=len(world.dyad),
        cap=int(start.numbers.cap[0]),
    )


def _numbers(page: Page, world: World, start: Simulation) -> None:
    engine, dt = start.numbers.engine, world.dt_months
    page.reals(dt_months=dt, asked=engine["matters"], **{name: engine[name] for name in ENGINE})
    page.reals(way_worth=[engine[name] for name in WAYS], keep_matters=start.numbers.keep_matters)
    page.reals(**{f"keep_{name}": kept(engine[f"{name}_half_life"], dt) for name in KEPT})
    nearness = np.exp2(-world.timetable.months_to_election / engine["heat_half_life"])
    page.reals(nearness=nearness, pillar_keep=kept(np.array(PILLAR_HALF_LIFE_MONTHS), dt))
    active = {mechanism.name: values for mechanism, values in start.numbers.active}
    for one in mechanisms.MECHANISMS:
        for name in one.parameters:
            page.reals(**{f"{one.name}.{name}": active[one.name][name] if one.name in active else 0.0})


def _actors(page: Page, world: World, start: Simulation) -> None:
    traits, channels = start.numbers.attributes, world.channels
    names = ("rally", "confrontation", "reciprocity", "unpredictability", "insulation", "stances")
    page.reals(quad_worth=np.stack([getattr(traits, name)[:, 0] for name in QUADS], axis=-1))
    page.reals(base_rhetoric=traits.rhetoric, **{name: getattr(traits, name) for name in names})
    page.reals(dependence=traits.dependence[channels.pair_actor, channels.pair_target])
    rows = [row for row, actor in enumerate(channels.pair_actor.tolist()) if actor in world.regional]
    liking = traits.affinity[channels.pair_actor[rows], channels.pair_target[rows], 0]
    page.count(regional_pairs=len(rows))
    page.wholes(regional_pair=rows)
    page.reals(regional_liking=np.maximum(0.0, liking))


def _channels(page: Page, world: World) -> None:
    channels, rows = world.channels, world.channels.rows
    where = {channel: row for row, channel in enumerate(rows)}
    page.wholes(
        actor=channels.actor,
        issue=channels.issue,
        pair=channels.pair,
        mirror=[where[one.mirror] for one in rows],
        twin=[where.get(one.twin, -1) for one in rows],
        is_political=[one.track == "political" for one in rows],
        is_open=world.menus.size > 0,
        pair_actor=channels.pair_actor,
        pair_target=channels.pair_target,
        opposite=channels.opposite,
    )
    page.words(stream=channels.streams)
    agendas = [(one.actor, one.target, one.track) for one in rows]
    page.lists("linked", [_others(agendas, row) for row in range(len(rows))])


def _others(kinds: Sequence[object], row: int) -> list[int]:
    """The other rows of the same kind."""
    return [other for other, kind in enumerate(kinds) if kind == kinds[row] and other != row]


def _relations(page: Page, world: World, start: Simulation) -> None:
    """What binds pairs to others, and the numbers of channels at rest."""
    channels, numbers = world.channels, start.numbers
    affinity = numbers.attributes.affinity[..., 0]
    rivalry, openness = np.maximum(0.0, -affinity), 0.5 * (1.0 + affinity)
    ends = list(zip(channels.pair_actor.tolist(), channels.pair_target.tolist(), strict=True))
    thirds = [[leg for leg, (i, k) in enumerate(ends) if i == target and k != actor] for actor, target in ends]
    page.lists("triangle", thirds)
    page.reals(triangle_affinity=[affinity[ends[p][0], ends[leg][1]] for p, legs in enumerate(thirds) for leg in legs])
    others = [_others([actor for actor, _ in ends], row) for row in range(len(ends))]
    flat = [(*ends[row], ends[other][1]) for row in range(len(ends)) for other in others[row]]
    page.lists("sibling", others)
    page.reals(sibling_share=[rivalry[patron, partner] * openness[i, partner] for i, partner, patron in flat])
    page.lists("alternative", others)
    page.reals(alternative_share=[rivalry[patron, partner] * openness[i, partner] for i, patron, partner in flat])
    page.reals(base_rate=numbers.base_rate, weight=numbers.weight)
    counts = [(world.instances.channel == row).nonzero()[0] for row in range(len(channels))]
    page.lists("standing", [world.instances.instance[entries] for entries in counts])
    page.reals(standing_score=[world.instances.score[entry] for entries in counts for entry in entries])


def _menus(page: Page, world: World) -> None:
    menus, shifts, moves = world.menus, world.shifts, world.moves
    menu = [menus.move[:size, row].tolist() for row, size in enumerate(menus.size.tolist())]
    flat = [moves[move] for entries in menu for move in entries]
    page.lists("menu", menu)
    presupposes = (menus.matters.presupposed != ALWAYS).all(axis=0)
    is_gated = menus.is_lasting | (menus.bars >= 0).any(axis=0) | presupposes[:, None]
    places = enumerate((move, row) for row, entries in enumerate(menu) for move in entries)
    gated = [(place, row) for place, (move, row) in places if is_gated[move, row]]
    page.lists("gated", [[place for place, at in gated if at == row] for row in range(len(menu))])
    page.reals(
        menu_score=[move.goldstein / 10.0 for move in flat],
        menu_hostile=[max(0.0, -move.goldstein / 10.0) * move.is_material for move in flat],
        menu_log_frequency=[math.log(move.frequency) for move in flat],
        move_score=[move.goldstein / 10.0 for move in moves],
        shift_by=shifts.indicator_by,
        shift_share=shifts.indicator_share,
        shift_stance=shifts.stance,
        shift_rhetoric=shifts.rhetoric,
        shift_expectations=shifts.expectations,
    )
    count = len(world.instances) + 2
    page.wholes(
        begins=np.where(menus.begins < 0, menus.begins + count, menus.begins),
        ends=np.where(menus.ends < 0, menus.ends + count, menus.ends),
        is_material=[move.is_material for move in moves],
        shifts_something=[bool(move.shifts) for move in moves],
        bars=np.where(menus.bars < 0, menus.bars + count, menus.bars),
        is_on_menu=menus.slot_of >= 0,
        menu_quad=[menus.quad[slot, row] + 1 for row, entries in enumerate(menu) for slot in range(len(entries))],
        menu_way=[menus.way[slot, row] + 1 for row, entries in enumerate(menu) for slot in range(len(entries))],
    )
    _matters(page, menus.matters)


def _matters(page: Page, table: Matters) -> None:
    """Codes of matters by move; one more that is never and one that is always open stand for less than all codes."""
    codes = [table.presupposed, table.settled, table.raised]
    most = max(map(len, codes))
    wide = [np.pad(one, ((0, most - len(one)), (0, 0)), constant_values=NEVER) for one in codes]
    beyond = 2 * (len(table.names) + 1)
    named = dict(zip(("presupposed", "settled", "raised"), wide, strict=True))
    page.count(matters_of_a_move=most)
    page.wholes(line=table.line, **{name: np.where(one < 0, one + beyond, one) for name, one in named.items()})
    page.lists("facing", [np.stack(rows)[:, at] for rows in table.facing for at in range(table.line.shape[1])])


def _indicators(page: Page, world: World, start: Simulation) -> None:
    table, get = world.indicators, start.settings.get
    yardstick, actor = start.numbers.attributes.yardstick, world.channels.actor
    drives = [one for entries in table.drives for one in entries]
    page.reals(
        reference=table.reference,
        return_keep=table.return_keep,
        floor=table.floor,
        ceiling=table.ceiling,
        log_growth=[np.log1p(get(f"indicators.{name}.growth")[0]) for name in table.names],
        rest=[get(f"indicators.{name}.rest")[0] for name in table.names],
        drive_effect=[get(one.path)[0] for one in drives],
    )
    page.wholes(
        is_relative=table.is_relative,
        drive_kind=[DRIVES.index(one.kind) for one in drives],
        drive_hostile=[one.is_hostile for one in drives],
    )
    places = iter(range(len(drives)))
    page.lists("drive", [[next(places) for _ in entries] for entries in table.drives])
    page.lists("drive_rows", [one.rows for one in drives])
    blamed = [[row for row, at in enumerate(table.blamed) if channel in at] for channel in range(len(actor))]
    page.lists("blamed", blamed)
    page.reals(blamed_yardstick=[yardstick[actor[at], row, 0] for at, rows in enumerate(blamed) for row in rows])


def _measures(page: Page, world: World, start: Simulation) -> None:
    channels, dyad, theta = world.channels, world.dyad, float(start.numbers.engine["technical_weight"][0])
    technical = np.array([channels.rows[row].track == "technical" for row in dyad])
    security = np.array([one.security for one in world.scenario.file.issues.values()])[channels.issue[dyad]]
    pillar = (technical & security).astype(float)
    principals = tuple(world.names.actors[row] for row in world.principals)
    page.wholes(
        dyad=dyad,
        dyad_issue=channels.issue[dyad],
        principal_pair=[channels.pairs.index(one) for one in (principals, principals[::-1])],
    )
    page.reals(
        dyad_share=0.5 * np.where(technical, theta, 1.0 - theta),
        issue_weight=start.numbers.issue_weight,
        pillar_share=pillar / max(1.0, pillar.sum()),
    )


def _rules(page: Page, world: World, start: Simulation) -> None:
    """Rules and checks of those who govern, and events, with the tree of their conditions."""
    file, nodes = world.scenario.file, Nodes(world)
    texts: dict[str, Rule] = {
        f"{path}.rules.{name}.chance": rule
        for path, _, _, patch in owners(file)
        for name, rule in (patch.rules or {}).items()
    }
    governing = [one for one in world.rulebook.rules if one.leader in (-1, world.leaders[one.actor])]
    checks = [one for one in world.rulebook.vetoes if one.leader in (-1, world.leaders[one.actor])]
    page.wholes(
        rule_channel=[one.action.channel for one in governing],
        rule_move=[one.action.move for one in governing],
        rule_cooldown=[one.cooldown_steps for one in governing],
        rule_question=[nodes.add(texts[one.path].when) for one in governing],
        check_actor=[one.actor for one in checks],
        event_question=[nodes.add(condition) for condition in file.events.values()],
    )
    chances = [start.settings.get(one.path)[0] if one.chance is None else one.chance for one in governing]
    page.reals(rule_chance=chances, check_chance=[start.settings.get(one.path)[0] for one in checks])
    page.lists("stops", [one.stops for one in checks])
    actors, rows = world.names.actors, world.channels.rows
    page.words(
        rule_stream=[stream_of(f"{actors[one.actor]} {one.path}") for one in governing],
        check_stream=[stream_of(f"{one.path} {channel.name}") for one in checks for channel in rows],
    )
    nodes.put(page)
    page.count(rules=len(governing), checks=len(checks), events=len(file.events), timers=nodes.timers)


@dataclass(slots=True)
class Nodes:
    """Conditions as a tree of nodes, each a kind, bounds, rows (or the nodes below it) and a time to hold."""

    world: World
    entries: list[tuple[int, float, float, bool, int, int, list[int]]] = field(default_factory=list)
    timers: int = 0

    def add(self, condition: Condition) -> int:
        """The node of a condition, those of its parts before it."""
        kind, rows = self._kind_and_rows(condition)
        above, below = _bounds(condition)
        needed = timer = 0
        if condition.for_:
            needed = math.ceil(months(condition.for_) / self.world.dt_months - 1e-9) + 1
            timer, self.timers = self.timers, self.timers + 1
        wanted = condition.in_force is not False
        self.entries.append((KINDS.index(kind), above, below, wanted, needed, timer, rows))
        return len(self.entries) - 1

    def _kind_and_rows(self, condition: Condition) -> tuple[str, list[int]]:
        world, names = self.world, self.world.names
        for kind in ("all", "any", "none"):
            if (parts := getattr(condition, kind)) is not None:
                return kind, [self.add(part) for part in parts]
        if condition.made is not None or condition.after is not None or condition.before is not None:
            raise OutOfReach(f"{world.scenario.name}: the C program does not know conditions of dates and moves made")
        if condition.arrangement is not None:
            holder, instances = condition.actor, world.instances
            return "arrangement", [
                row
                for row, one in enumerate(instances.rows)
                if one.kind == condition.arrangement
                and (holder in (None, one.actor) or (holder == one.target and instances.is_mutual[row]))
                and condition.issue in (None, one.issue)
            ]
        if condition.conduct is not None:
            return "conduct", channel_rows(world.channels, condition.conduct, condition.issue, condition.track)
        if condition.pressure is not None:
            return "pressure", [world.channels.pairs.index(pair(condition.pressure))]
        if condition.indicator is not None:
            return "indicator", [names.indicators.index(condition.indicator)]
        return ("index", [0]) if condition.issue is None else ("issue", [names.issues.index(condition.issue)])

    def put(self, page: Page) -> None:
        """Writes the nodes down."""
        kind, above, below, wanted, needed, timer, rows = zip(*self.entries, strict=True) if self.entries else [()] * 7
        page.wholes(node_kind=kind, node_wanted=wanted, node_needed=needed, node_timer=timer)
        page.reals(node_above=above, node_below=below)
        page.lists("node_rows", rows)


def _bounds(condition: Condition) -> tuple[float, float]:
    text = condition.cooperation or ""
    said = bound(text) if " " in text else None
    above, below = (condition.above, condition.below) if said is None else (said.above, said.below)
    return -math.inf if above is None else above, math.inf if below is None else below
