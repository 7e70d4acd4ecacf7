"""The model's equations as a fluent user of an agent library would write them, at the size of a shipped scenario.

Agents are objects with attributes, dictionaries and loops; each of the twelve mechanisms is a method; luck comes from
`model.random`. Actors, channels, menus, arrangements, indicators, numbers and dates are read off the assembled world,
so the size is the same whatever becomes of it. `mesa_idiomatic` and `agentpy_idiomatic` mix this into the agents and
models of their library, which steps them and takes down the same columns.

It does less than the model that it measures, never more: no observed history before the start, no rules, checks,
calendar or events, no shifts by moves, no list of the moves made. What is left out makes the yardstick faster, not
ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from tensionsim.engine.simulation import Simulation
from tensionsim.engine.world import Rulebook, Shifts, World
from tensionsim.model.catalogue import answers, matters
from tensionsim.model.measures import REGIMES
from tensionsim.model.state import FADED
from tensionsim.model.structure import QUADS

NEUTRAL, MOST_RHETORIC = 50.0, 2.0


@dataclass(frozen=True, slots=True)
class Option:
    """A move on a menu."""

    score: float
    log_frequency: float
    hostile_material: float
    is_material: bool
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    bars: tuple[int, ...]
    name: str
    quad: str | None
    way: str
    presupposes: tuple[tuple[str, bool], ...]
    settles: tuple[tuple[str, bool], ...]
    raises: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Line:
    """A channel from one actor to another, with what is remembered of it."""

    actor: Behaviour
    target: Behaviour
    issue: str
    is_political: bool
    menu: list[Option]
    standing: list[tuple[int, float]]
    matters: dict[str, float] = field(default_factory=dict)
    mirror: Line = field(init=False)
    is_first: bool = False
    twin: Line | None = None
    linked: list[Line] = field(default_factory=list)
    net_fast: float = 0.0
    net_slow: float = 0.0
    acts_fast: float = 0.0
    acts_slow: float = 0.0
    verbal: float = 0.0
    material: float = 0.0
    tone_fast: float = 0.0
    tone_slow: float = 0.0
    agreement: float = 0.0
    rate: float = 0.0
    burst: float = 1.0
    episode: list[str] = field(default_factory=list)
    direction: float = 0.0
    contributions: dict[str, float] = field(default_factory=dict)
    chosen: list[Option] = field(default_factory=list)

    @property
    def conduct(self) -> float:
        return self.verbal + self.material

    def freshness(self, kind: str, is_own: bool) -> float:
        """How fresh a matter of its actor's own, or of the other side, is; 0 for one that is closed."""
        return (self if is_own else self.mirror).matters.get(kind, 0.0)


class Behaviour:
    """What a government or a third party does; mixed into an agent, which has a `model`."""

    model: Setting

    def become(self, name: str, traits: dict[str, float]) -> None:
        """Takes a name and traits; relations come later."""
        self.name, self.base_rhetoric, self.rhetoric = name, traits["rhetoric"], traits["rhetoric"]
        self.traits = traits
        self.lines: list[Line] = []
        self.stances: dict[str, float] = {}
        self.salience: dict[str, float] = {}
        self.stated_dependence: dict[Behaviour, float] = {}
        self.affinity: dict[Behaviour, float] = {}
        self.yardstick: dict[str, float] = {}
        self.dependence: dict[Behaviour, float] = {}
        self.engagement: dict[Behaviour, float] = {}
        self.expectations: dict[Behaviour, float] = {}
        self.conduct: dict[Behaviour, float] = {}
        self.pressure: dict[Behaviour, float] = {}
        self.sympathy = 0.0

    def perceive(self) -> None:
        """Sums up its own conduct, and the pressure that it exerts, by target."""
        engine = self.model.engine
        self.conduct = dict.fromkeys(self.dependence, 0.0)
        self.pressure = dict.fromkeys(self.dependence, 0.0)
        for line in self.lines:
            target = line.target
            line.tone_fast = line.net_fast / (line.acts_fast + engine["tone_prior"])
            line.tone_slow = line.net_slow / (line.acts_slow + engine["tone_prior"])
            line.agreement = 1.0 - 2.0 * abs(self.stances[line.issue] - target.stances[line.issue])
            self.conduct[target] += line.verbal + line.material
            self.pressure[target] += max(0.0, -(line.material + engine["verbal_weight"] * line.verbal))
        for target, stated in self.stated_dependence.items():
            self.dependence[target] = stated * (1.0 - engine["substitution"] * self.engagement[target])

    def weigh_up(self) -> None:
        """What it is inclined to in each channel, by mechanism, and how often it would act there."""
        for line in self.lines:
            self.incline(line)
            self.rouse(line)

    def rouse(self, line: Line) -> None:
        """How often it would act in a channel; acts of both sides come in bursts."""
        line.rate = self.rate(line) if line.menu else 0.0
        variance = self.model.engine["overdispersion"]
        if line.is_first:
            line.episode = line.mirror.episode = []
            burst = self.model.random.gammavariate(1.0 / variance, variance) if variance else 1.0
            line.burst = line.mirror.burst = burst

    def incline(self, line: Line) -> None:
        """The desired conduct in a channel."""
        contributions = {
            "bias": self.model.engine["bias"] + self.model.level,
            "expectations": self.expectations[line.target],
        }
        for name, values in self.model.strength.items():
            contributions[name] = getattr(self, name)(line, values)
        line.contributions = contributions
        line.direction = sum(contributions.values()) / self.traits["unpredictability"]

    def decide(self) -> None:
        """Whether to act in each channel, and which moves to make."""
        for line in self.lines:
            acts = self.how_many(line.rate * line.burst * self.model.dt)
            line.chosen = self.choose(line, acts) if acts else []

    def how_many(self, expected: float) -> int:
        """A Poisson number, by inversion."""
        uniform, term = self.model.random.random(), math.exp(-expected)
        cumulative, acts = term, 0
        while uniform > cumulative and acts < self.model.cap:
            acts += 1
            term *= expected / acts
            cumulative += term
        return acts

    def rate(self, line: Line) -> float:
        """Acts a month."""
        engine, mirror = self.model.engine, line.mirror
        base = engine["base_political"] if line.is_political else engine["base_technical"]
        return (
            self.traits["attention"] * self.weight(line) * base
            + engine["own_fast"] * line.acts_fast
            + engine["own_slow"] * line.acts_slow
            + engine["other_fast"] * mirror.acts_fast
            + engine["other_slow"] * mirror.acts_slow
            + engine["matters"] * sum(mirror.matters.values())
        )

    def choose(self, line: Line, acts: int) -> list[Option]:
        """Moves by their log-linear utility, or that repeat one of the episode."""
        engine = self.model.engine
        direction, answering = line.direction, self.answering(line)
        restraint = engine["cost"] * self.dependence[line.target]
        options = [option for option in line.menu if self.is_possible(line, option)]
        weights = []
        for option in options:
            utility = (
                option.score * direction
                + abs(option.score) * engine["intensity"]
                - restraint * option.hostile_material
                + option.log_frequency
                + (self.traits[option.quad] if option.quad else 0.0)
                + answering.get(option.way, 0.0)
            )
            weights.append(math.exp(utility))
        chosen: list[Option] = []
        own = {option.name: option for option in options}
        for _ in range(acts if options else 0):
            earlier = [own[name] for name in line.episode if name in own]
            weight = engine["imitation"] * len(earlier)
            repeats = self.model.random.random() * (1.0 + weight) < weight
            (option,) = self.model.random.choices(earlier) if repeats else self.model.random.choices(options, weights)
            line.episode.append(option.name)
            if option not in chosen or not (option.begins or option.ends):
                chosen.append(option)
        return chosen

    def is_possible(self, line: Line, option: Option) -> bool:
        """Whether a move would change something, nothing bars it, and what it presupposes is open."""
        in_force = self.model.in_force
        if option.begins and all(row in in_force for row in option.begins):
            return False
        if option.ends and not any(row in in_force for row in option.ends):
            return False
        if any(row in in_force for row in option.bars):
            return False
        return not option.presupposes or any(line.freshness(*one) > 0.0 for one in option.presupposes)

    def answering(self, line: Line) -> dict[str, float]:
        """What answering in each way is worth."""
        concession, defiance, denial = (
            self.model.strength.get(name, {}).get("answers", 0.0)
            for name in ("concession", "defiance", "politicisation")
        )
        yielding = concession * self.dependence[line.target]
        defying = defiance * self.rhetoric * (1.0 + self.sympathy)
        felt = {"yields": yielding, "complies": yielding, "refuses": defying, "counters": defying}
        felt["denies"] = denial * self.rhetoric
        found = {}
        for name, way in answers().items():
            freshest = max(line.freshness(kind, way.is_own) for kind in way.matters)
            found[name] = (self.model.engine[name] + felt.get(name, 0.0)) * freshest
        return found

    def weight(self, line: Line) -> float:
        return self.salience[line.issue] * len(self.model.issues)

    def inertia(self, line: Line, values: dict[str, float]) -> float:
        return values["fast"] * line.tone_fast + values["slow"] * line.tone_slow

    def reciprocity(self, line: Line, values: dict[str, float]) -> float:
        received = self.heard(line.mirror, values)
        if not line.linked:
            return self.traits["reciprocity"] * received
        elsewhere = sum(self.heard(other.mirror, values) for other in line.linked) / len(line.linked)
        return self.traits["reciprocity"] * ((1.0 - values["linkage"]) * received + values["linkage"] * elsewhere)

    def heard(self, line: Line, values: dict[str, float]) -> float:
        tone = values["fast"] * line.tone_fast + values["slow"] * line.tone_slow
        return tone if tone < 0.0 else tone * (1.0 + line.agreement) / 2.0

    def disagreement(self, line: Line, values: dict[str, float]) -> float:
        style = self.traits["confrontation"] if line.agreement < 0.0 else 1.0
        return values["strength"] * self.weight(line) * line.agreement * style

    def politicisation(self, line: Line, values: dict[str, float]) -> float:
        if not line.is_political:
            return 0.0
        return -values["strength"] * self.rhetoric * self.weight(line) * (1.0 - line.agreement) / 2.0

    def concession(self, line: Line, values: dict[str, float]) -> float:
        if line.is_political:
            return 0.0
        return values["strength"] * self.dependence[line.target] * line.target.pressure[self]

    def defiance(self, line: Line, values: dict[str, float]) -> float:
        if not line.is_political:
            return 0.0
        return -values["strength"] * self.rhetoric * (1.0 + self.sympathy) * line.target.pressure[self]

    def rupture_avoidance(self, line: Line, values: dict[str, float]) -> float:
        return values["strength"] * self.dependence[line.target] * max(0.0, -line.conduct - values["floor"])

    def insulation(self, line: Line, values: dict[str, float]) -> float:
        if line.twin is None:
            return 0.0
        tone = (line.twin.tone_fast + line.twin.tone_slow) / 2.0
        if line.is_political:
            return values["functional"] * tone
        return values["spill_over"] * (1.0 - self.traits["insulation"]) * tone

    def triangularity(self, line: Line, values: dict[str, float]) -> float:
        conduct = line.target.conduct
        return values["strength"] * sum(self.affinity[third] * done for third, done in conduct.items() if third != self)

    def performance(self, line: Line, values: dict[str, float]) -> float:
        grievance = 0.0
        for name, indicator in self.model.indicators.items():
            blamed = indicator["responsible"]
            if indicator["issue"] == line.issue and blamed not in (self.name,) and blamed in (None, line.target.name):
                grievance += self.yardstick[name] * (indicator["value"] / indicator["reference"] - 1.0)
        return -values["strength"] * grievance

    def diversification(self, line: Line, values: dict[str, float]) -> float:
        total = 0.0
        for patron, dependence in self.dependence.items():
            if patron is not line.target:
                total += self.alternative(patron, line.target) * dependence * patron.pressure[self]
        return values["strength"] * total

    def alternative(self, patron: Behaviour, partner: Behaviour) -> float:
        return max(0.0, -patron.affinity[partner]) * (1.0 + self.affinity[partner]) / 2.0

    def contagion(self, line: Line, values: dict[str, float]) -> float:
        if not line.is_political:
            return 0.0
        own = self.sympathy * self.dependence[line.target]
        other = line.target.sympathy * line.target.dependence[self]
        return -(values["embolden"] * own + values["harden"] * other)

    def act(self) -> None:
        """Makes the chosen moves and remembers them."""
        model, keep = self.model, self.model.keep
        for line in self.lines:
            verbal = material = 0.0
            for option in line.chosen:
                model.in_force.difference_update(option.ends)
                model.in_force.update(option.begins)
                for kind, is_own in option.settles:
                    (line if is_own else line.mirror).matters.pop(kind, None)
                model.raised += [(line, kind) for kind in option.raises]
                if option.is_material:
                    material += option.score
                else:
                    verbal += option.score
            net, count = (verbal + material) / model.dt, len(line.chosen) / model.dt
            fast, slow, index = keep["fast"], keep["slow"], keep["index"]
            standing = sum(score for row, score in line.standing if row in model.in_force)
            line.net_fast = fast * line.net_fast + (1.0 - fast) * net
            line.net_slow = slow * line.net_slow + (1.0 - slow) * net
            line.acts_fast = fast * line.acts_fast + (1.0 - fast) * count
            line.acts_slow = slow * line.acts_slow + (1.0 - slow) * count
            line.verbal = index * line.verbal + (1.0 - index) * verbal / model.dt
            line.material = index * line.material + (1.0 - index) * (material / model.dt + standing)

    def relax(self) -> None:
        """Lets its slow states follow what it went through."""
        model, keep = self.model, self.model.keep
        received = sum(other.pressure[self] for other in self.dependence)
        level = self.base_rhetoric + self.traits["rally"] * received
        rhetoric = keep["rhetoric"] * self.rhetoric + (1.0 - keep["rhetoric"]) * level
        self.rhetoric = min(MOST_RHETORIC, max(0.0, rhetoric))
        liked = 0.0
        for other in self.dependence:
            if other.name in model.regional:
                liking = max(0.0, other.affinity[self])
                liked += max(0.0, other.conduct[self]) + model.engine["sympathy_gain"] * liking * received
        self.sympathy = keep["sympathy"] * self.sympathy + (1.0 - keep["sympathy"]) * liked
        for patron in self.dependence:
            engaged = sum(
                self.alternative(patron, other) * max(0.0, done)
                for other, done in self.conduct.items()
                if other is not patron
            )
            now = keep["engagement"] * self.engagement[patron] + (1.0 - keep["engagement"]) * min(1.0, engaged)
            self.engagement[patron] = now
            self.expectations[patron] *= keep["expectations"]


class ThriftyBehaviour(Behaviour):
    """One that works out what it is inclined to only where it acts, and so cannot tell why it did not."""

    def weigh_up(self) -> None:
        for line in self.lines:
            self.rouse(line)

    def choose(self, line: Line, acts: int) -> list[Option]:
        self.incline(line)
        return super().choose(line, acts)


class Setting:
    """What all actors share; mixed into a model, which has its own `random`."""

    def lay_out(self, start: Simulation, make: Callable[[str, dict[str, float]], Behaviour]) -> None:
        """Reads everything off the start of a simulation; `make` makes an agent from a name and traits."""
        world, numbers = start.world, start.numbers
        self.issues, self.dt, self.dates = world.names.issues, world.dt_months, world.dates
        self.engine = {name: float(values[0]) for name, values in numbers.engine.items()}
        self.strength = {
            one.name: {name: float(value[0]) for name, value in values.items()} for one, values in numbers.active
        }
        self.cap = numbers.cap
        self.keep = self._keeps()
        self.keep_matter = {name: 2.0 ** (-self.dt / one.half_life) for name, one in matters().items()}
        self.raised: list[tuple[Line, str]] = []
        self.level = 0.0
        self.in_force = set(world.in_force)
        self.regional = {world.names.actors[row] for row in world.regional}
        self.indicators = self._indicators(start)
        self.countries = self._countries(start, make)
        self.channels = self._lines(start)
        self.dyad = [self.channels[row] for row in world.dyad]
        self.issue_weight = dict(zip(self.issues, numbers.issue_weight[:, 0].tolist(), strict=True))
        self.cooperation, self.issue_cooperation = NEUTRAL, dict.fromkeys(self.issues, NEUTRAL)
        self.measure()

    @property
    def regime(self) -> str:
        return next(name for name, bound in REGIMES if self.cooperation < bound)

    def measure(self) -> None:
        """Works out the index."""
        theta, scale = self.engine["technical_weight"], self.engine["index_scale"]
        mean = dict.fromkeys(self.issues, 0.0)
        for line in self.dyad:
            mean[line.issue] += 0.5 * ((1.0 - theta) if line.is_political else theta) * line.conduct
        level = {issue: math.tanh(value / scale) for issue, value in mean.items()}
        self.issue_cooperation = {issue: NEUTRAL * (1.0 + value) for issue, value in level.items()}
        self.cooperation = NEUTRAL * (1.0 + sum(self.issue_weight[issue] * value for issue, value in level.items()))

    def pass_time(self) -> None:
        """What was raised is open, what is open grows older and lapses; the mood wanders, indicators move on."""
        for line, kind in self.raised:
            line.matters[kind] = 1.0
        self.raised = []
        for open_now in self.dossiers:
            for kind, fresh in list(open_now.items()):
                open_now[kind] = fresh * self.keep_matter[kind]
                if open_now[kind] < FADED:
                    del open_now[kind]
        self.level += self.random.choice((-1.0, 1.0)) * self.engine["drift"] * math.sqrt(self.dt / 12.0)
        self.advance_indicators()

    def advance_indicators(self) -> None:
        before = {name: one["value"] / one["reference"] - 1.0 for name, one in self.indicators.items()}
        for one in self.indicators.values():
            push = 0.0
            for kind, rows, is_hostile, effect in one["drives"]:
                if kind == "indicator":
                    push += effect * before[rows[0]]
                elif kind == "arrangement":
                    push += effect * any(row in self.in_force for row in rows)
                else:
                    done = [self.channels[row].conduct for row in rows]
                    push += effect * sum(max(0.0, -value) if is_hostile else value for value in done)
            factor = math.log1p(one["growth"])
            if one["is_relative"]:
                moved = one["value"] * math.exp((factor + push) * self.dt)
            else:
                moved = one["value"] * math.exp(factor * self.dt) + push * self.dt
            returned = one["rest"] + (moved - one["rest"]) * one["keep"]
            one["value"] = min(one["ceiling"], max(one["floor"], returned))

    def _keeps(self) -> dict[str, float]:
        ending = "_half_life"
        half_lives = {name.removesuffix(ending): one for name, one in self.engine.items() if name.endswith(ending)}
        return {name: 2.0 ** (-self.dt / months) for name, months in half_lives.items()}

    def _countries(self, start: Simulation, make: Callable[[str, dict[str, float]], Behaviour]) -> dict[str, Behaviour]:
        attributes, names = start.numbers.attributes, start.world.names
        traits = ("rhetoric", "rally", "confrontation", "reciprocity", "attention", "unpredictability", "insulation")
        traits += QUADS
        found = {
            name: make(name, {trait: float(getattr(attributes, trait)[row, 0]) for trait in traits})
            for row, name in enumerate(names.actors)
        }
        for row, country in enumerate(found.values()):
            country.stances = dict(zip(names.issues, attributes.stances[row, :, 0].tolist(), strict=True))
            country.salience = dict(zip(names.issues, attributes.salience[row, :, 0].tolist(), strict=True))
            country.yardstick = dict(zip(names.indicators, attributes.yardstick[row, :, 0].tolist(), strict=True))
            country.affinity = dict(zip(found.values(), attributes.affinity[row, :, 0].tolist(), strict=True))
        for actor, target in start.world.channels.pairs:
            one, other = found[actor], found[target]
            row, column = names.actors.index(actor), names.actors.index(target)
            one.stated_dependence[other] = one.dependence[other] = float(attributes.dependence[row, column, 0])
            one.engagement[other] = one.expectations[other] = 0.0
        return found

    def _lines(self, start: Simulation) -> list[Line]:
        channels, state = start.world.channels, start.state
        lines = [
            Line(
                self.countries[one.actor],
                self.countries[one.target],
                one.issue,
                one.track == "political",
                _menu(start.world, row),
                _standing(start.world, row),
            )
            for row, one in enumerate(channels.rows)
        ]
        where = {one: row for row, one in enumerate(channels.rows)}
        dossiers: dict[tuple[str, str, str], dict[str, float]] = {}
        for row, line in enumerate(lines):
            one = channels.rows[row]
            line.matters = dossiers.setdefault((one.actor, one.target, one.issue), self._open(start, row))
            line.is_first = row < where[one.mirror]
            line.mirror, line.twin = lines[where[one.mirror]], lines[where[one.twin]] if one.twin in where else None
            agenda = (one.actor, one.target, one.track)
            same = [at for at, it in enumerate(channels.rows) if (it.actor, it.target, it.track) == agenda]
            line.linked = [lines[other] for other in same if other != row]
            for name in ("net_fast", "net_slow", "acts_fast", "acts_slow", "verbal", "material"):
                setattr(line, name, float(getattr(state, name)[row, 0]))
            line.actor.lines.append(line)
        self.dossiers = list(dossiers.values())
        return lines

    def _open(self, start: Simulation, row: int) -> dict[str, float]:
        table = start.world.menus.matters
        fresh = [float(start.state.matters[k * table.lines + table.line[1, row], 0]) for k in range(len(table.names))]
        return {name: one for name, one in zip(table.names, fresh, strict=True) if one > 0.0}

    def _indicators(self, start: Simulation) -> dict[str, dict[str, object]]:
        table, get = start.world.indicators, start.settings.get
        return {
            name: {
                "value": float(start.state.indicators[row, 0]),
                "reference": float(table.reference[row, 0]),
                "issue": of.issue,
                "responsible": of.responsible,
                "is_relative": bool(table.is_relative[row]),
                "growth": float(get(f"indicators.{name}.growth")[0]),
                "rest": float(get(f"indicators.{name}.rest")[0]),
                "keep": float(table.return_keep[row, 0]),
                "floor": float(table.floor[row, 0]),
                "ceiling": float(table.ceiling[row, 0]),
                "drives": [
                    (
                        one.kind,
                        [table.names[one.rows[0]]] if one.kind == "indicator" else one.rows.tolist(),
                        one.is_hostile,
                        float(get(one.path)[0]),
                    )
                    for one in table.drives[row]
                ],
            }
            for row, (name, of) in enumerate(start.world.scenario.file.indicators.items())
        }


def _menu(world: World, row: int) -> list[Option]:
    menus = world.menus
    return [
        Option(
            score=world.moves[move].goldstein / 10.0,
            log_frequency=math.log(world.moves[move].frequency),
            hostile_material=max(0.0, -world.moves[move].goldstein / 10.0) if world.moves[move].is_material else 0.0,
            is_material=world.moves[move].is_material,
            begins=tuple(one for one in menus.begins[:, move, row].tolist() if one >= 0),
            ends=tuple(one for one in menus.ends[:, move, row].tolist() if one >= 0),
            bars=tuple(one for one in menus.bars[:, move, row].tolist() if one >= 0),
            name=world.moves[move].name,
            quad=QUADS[menus.quad[slot, row]] if menus.quad[slot, row] >= 0 else None,
            way=world.moves[move].answers,
            presupposes=(
                *((kind, False) for kind in world.moves[move].presupposes),
                *((kind, True) for kind in world.moves[move].withdraws),
            ),
            settles=world.moves[move].settles,
            raises=world.moves[move].raises,
        )
        for slot, move in enumerate(menus.move[: menus.size[row], row].tolist())
    ]


def _standing(world: World, row: int) -> list[tuple[int, float]]:
    table = world.instances
    entries = zip(table.channel.tolist(), table.instance.tolist(), table.score.tolist(), strict=True)
    return [(instance, score) for channel, instance, score in entries if channel == row]


def described(world: World) -> World:
    """A world without what the idiomatic models leave out, for a comparison of what both describe."""
    still = Shifts([replace(move, shifts=()) for move in world.moves], world.names.indicators)
    timetable = replace(
        world.timetable, moves={}, turns={}, months_to_election=np.full_like(world.timetable.months_to_election, np.inf)
    )
    return replace(world, shifts=still, timetable=timetable, rulebook=Rulebook((), (), {}, 0, ()))
