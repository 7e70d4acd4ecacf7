"""What a mechanism is: a name, one equation, its parameters, its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from tensionsim.errors import TensionSimError
from tensionsim.model.parameters import Attributes, Parameter
from tensionsim.model.structure import WAYS, Channels, Floats, Ints


@dataclass(frozen=True, slots=True)
class Places:
    """Some places of a table of shape (channel, run): rows of channel and run, each of shape (place,)."""

    channel: Ints
    run: Ints
    _flat: dict[tuple[int, int], tuple[Ints | None, Ints]] = field(default_factory=dict)

    def entries(self, table: Floats, rows: Ints | None) -> Floats:
        """Entries of a table of shape (row, run or 1), in the row of each place's channel or in `rows[channel]`."""
        width = table.shape[-1]
        key = (id(rows), width)
        if key not in self._flat:
            row = self.channel if rows is None else rows[self.channel]
            self._flat[key] = rows, row if width == 1 else row * width + self.run  # kept, so none has the id of rows
        return table.take(self._flat[key][1])


@dataclass(frozen=True, slots=True)
class Scene:
    """The state as mechanisms need it. Shapes: (channel, run), (pair, run) or (actor, run); run may be 1.

    A mechanism asks by `take` for what belongs to each channel, so that one equation serves every channel of every run
    and the few places where somebody acts.

    tone_fast, tone_slow : how friendly each channel has lately been, (channel, run), in [-1, 1].
    conduct : y, (channel, run). pair_conduct : its sum over the channels of a directed pair, (pair, run).
    pressure : what each pair's *target* has received from its actor, (pair, run), >= 0.
    weight : w[i, k] * K of each channel's actor and issue, (channel, run), mean 1 over issues.
    agreement : 1 - 2 |x_i - x_j|, (channel, run), in [-1, 1]. rhetoric, sympathy : (actor, run). level : how far
    all directions have wandered from the bias, (run,) or (1,). matters : how fresh what is open is, (matter, run);
    facing : its rows that each way of answering answers in each channel.
    dependence : of each pair's actor on its target, (pair, run), in [0, 1]. alternative : how far actor l is an
    alternative to j for i, (actor, actor, actor, run), by (i, j, l). grievance : of each channel's actor on its own
    yardstick with its target, (channel, run); above 0 is a grievance.
    """

    channels: Channels
    attributes: Attributes
    tone_fast: Floats
    tone_slow: Floats
    conduct: Floats
    pair_conduct: Floats
    pressure: Floats
    weight: Floats
    agreement: Floats
    rhetoric: Floats
    sympathy: Floats
    level: Floats
    dependence: Floats
    alternative: Floats
    grievance: Floats
    matters: Floats
    facing: Sequence[Sequence[Ints]]
    places: Places | None = None

    def take(self, table: Floats, rows: Ints | None = None) -> Floats:
        """What each channel finds in a table of shape (row, run or 1): in its own row, or in row `rows[channel]`.

        Shape (channel, run or 1), or (place,) where only some places are asked for.
        """
        if self.places is not None:
            return self.places.entries(table, rows)
        if rows is None:
            return table if table.flags.writeable else table.copy()
        return table[rows]

    def ties(self, numbers: Floats, rows: Ints) -> Floats:
        """Like `take`, of numbers between actors, shape (actor, ..., actor, run or 1); `rows` count them through."""
        return self.take(np.reshape(numbers, (-1, numbers.shape[-1])), rows)

    def freshness(self, way: str) -> Floats:
        """How fresh the freshest matter is that a way of answering (`data/answers.csv`) would answer, in [0, 1]."""
        first, *others = (self.take(self.matters, rows) for rows in self.facing[WAYS.index(way)])
        for other in others:
            first = np.maximum(first, other)
        return first

    def of_run(self, values: Floats) -> Floats:
        """What holds in each run, of shape (1,) or (run,), as it holds for each channel or place."""
        return values if self.places is None or values.size == 1 else values[self.places.run]


Values = Mapping[str, Floats]
"""Parameters by name, each of shape (1,) or (run,)."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a mechanism's parameter makes of answers.

    To the log odds of a move that answers in one of these `ways` comes `parameter * felt * freshness of the matter`.
    felt : pure function of the scene, like a contribution.
    """

    ways: tuple[str, ...]
    felt: Callable[[Scene], Floats]


SCALE, AS_WRITTEN = "scale", Parameter(1.0, 0.0, 10.0, "1", "times all that the mechanism does; 0 is as if it were off")
"""A number that every mechanism has beside its parameters, so that a run may draw whether it is on."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One contribution to `direction`, or to the odds of answers to what is open, or to both.

    contribution : pure function of the scene and the parameters' values, each of shape (1,), (run,) or (place,), giving
    what it adds to the direction, shape (channel, run), or (place,) where only some places are asked for; what belongs
    to each channel it asks by `seen.take(table, rows)`. parameters : those in which it is linear can be fitted. shapes
    : names of the others. weighs : of parameters that work on answers. claims : ids of the analysts' claims
    (docs/claims.md) that it must make true.

    Examples
    --------
    One of your own: what an actor has done hostile tires it.

    >>> import numpy as np
    >>> import tensionsim as ts
    >>> def tired(seen, values):
    ...     return values["strength"] * np.maximum(0.0, -seen.take(seen.conduct))
    >>> fatigue = ts.Mechanism("fatigue", tired, {"strength": ts.Parameter(2.0, 0.0, 20.0)})
    >>> moved = ts.run("norland-suderia", runs=5, mechanisms=[fatigue])
    >>> moved.scenario.file.mechanisms["fatigue"]
    {'strength': 2.0}
    """

    name: str
    contribution: Callable[[Scene, Values], Floats]
    parameters: Mapping[str, Parameter]
    shapes: tuple[str, ...] = ()
    weighs: Mapping[str, Weighing] = field(default_factory=dict)
    summary: str = ""
    equation: str = ""
    source: str = ""
    claims: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not str(self.name).isidentifier():
            raise ValueError(f"a mechanism's name is one word of letters, digits and _; got {self.name!r}")
        if not callable(self.contribution):
            raise TypeError(f"{self.name}: contribution is a function of scene and values; got {self.contribution!r}")
        given: Mapping[str, object] = self.parameters
        if strange := [name for name, one in given.items() if not isinstance(one, Parameter)]:
            raise TypeError(f"{self.name}: each parameter is a Parameter(default, low, high); not so: {strange[0]}")
        if SCALE in self.parameters:
            raise ValueError(f"{self.name}: every mechanism has a {SCALE} already; give that parameter another name")
        if unknown := [name for name in self.shapes if name not in self.parameters]:
            raise ValueError(f"{self.name}: shapes names {unknown[0]!r}, which is no parameter of it")

    def adds(self, seen: Scene, values: Values) -> Floats:
        """Its contribution; one of one's own sees tables that it cannot write to.

        Raises
        ------
        TensionSimError
            If one of one's own gives no numbers, or some that are not finite.
        """
        if self.name in SHIPPED:
            return self.contribution(seen, values)
        try:
            found: Any = self.contribution(_read_only(seen), {name: _read_only(one) for name, one in values.items()})
        except Exception as error:
            error.add_note(f"in the mechanism {self.name}")
            raise
        given = np.asarray(found if isinstance(found, np.ndarray | np.generic | float | int) else None)
        if given.dtype.kind not in ("biufc" if any(map(np.iscomplexobj, values.values())) else "biuf"):
            what = f"an array of {given.dtype}" if isinstance(found, np.ndarray) else f"{found!r:.80}"
            wanted = "return an array of real numbers, a number a channel"
            raise TensionSimError(f"the mechanism {self.name} gives {what}; {wanted}")
        if not np.isfinite(given).all():
            at, *_ = np.argwhere(~np.isfinite(given))
            rows = np.arange(len(seen.channels)) if seen.places is None else seen.places.channel
            is_by_channel = given.ndim > 0 and len(given) == len(rows)
            where = f" for {seen.channels.rows[rows[at[0]]].name}" if is_by_channel else ""
            raise TensionSimError(
                f"the mechanism {self.name} gives {given[tuple(at)]}{where}; what it adds must be finite: keep it from "
                "dividing by 0, and from roots and logarithms of what is not above 0"
            )
        return given


def _read_only(found: Any) -> Any:
    """An array, or what holds arrays, as one that cannot be written to."""
    if isinstance(found, np.ndarray):
        found = found.view()
        found.flags.writeable = False
    elif isinstance(found, Scene | Attributes):
        return replace(found, **{one.name: _read_only(getattr(found, one.name)) for one in fields(found)})
    return found


def _dependence(seen: Scene) -> Floats:
    """Of each channel's actor on its target."""
    return seen.take(seen.dependence, seen.channels.pair)


def _rhetoric(seen: Scene) -> Floats:
    """Of each channel's actor."""
    return seen.take(seen.rhetoric, seen.channels.actor)


def concession(seen: Scene, values: Values) -> Floats:
    """Dependence times pressure received, shape (channel, run); 0 on the political track."""
    channels = seen.channels
    felt = _dependence(seen) * seen.take(seen.pressure, channels.back)
    return values["strength"] * felt * seen.take(channels.is_technical)


CONCESSION = Mechanism(
    name="concession",
    summary="the dependent side under pressure yields on means",
    equation="+strength * d[i,j] * pressure, technical track; +answers * d[i,j] * freshness to yielding and complying",
    contribution=concession,
    parameters={
        "strength": Parameter(6.0, 0.0, 20.0, "direction per pressure", "yielding of a wholly dependent actor"),
        "answers": Parameter(0.0, 0.0, 20.0, "log odds", "yielding of a wholly dependent actor to what is demanded"),
    },
    weighs={"answers": Weighing(("yields", "complies"), _dependence)},
    source=(
        "Asymmetric interdependence: Hirschman, A. O. (1945). National Power and the Structure of Foreign Trade. "
        "Bullying: Goldstein, J. S. & Pevehouse, J. C. (1997). Reciprocity, bullying, and international cooperation. "
        "APSR 91(3)."
    ),
    claims=("A29", "A30", "B20"),
)


def contagion(seen: Scene, values: Values) -> Floats:
    """Minus sympathy, on the political track: own (emboldens) and the other's (hardens), shape (channel, run).

    Assumption: sympathy counts by the dependence of who enjoys it, so that it is the weaker side whose
    example can spread.
    """
    channels = seen.channels
    own = seen.take(seen.sympathy, channels.actor) * _dependence(seen)
    others = seen.take(seen.sympathy, channels.target) * seen.take(seen.dependence, channels.back)
    return -(values["embolden"] * own + values["harden"] * others) * seen.take(channels.is_political)


CONTAGION = Mechanism(
    name="contagion",
    summary="regional sympathy emboldens the weaker and hardens the stronger",
    equation="-(embolden * sympathy_i * d[i,j] + harden * sympathy_j * d[j,i]), political track",
    contribution=contagion,
    parameters={
        "embolden": Parameter(0.4, 0.0, 20.0, "direction per sympathy", "the weaker side's boldness"),
        "harden": Parameter(0.6, 0.0, 20.0, "direction per sympathy", "the stronger side's wish to stop the example"),
    },
    source="Assumption: from claims A24 and A25 of this dyad's analysts.",
    claims=("A24", "A25", "B15"),
)


def _audience(seen: Scene) -> Floats:
    """Rhetoric, more with regional sympathy."""
    return _rhetoric(seen) * (1.0 + seen.take(seen.sympathy, seen.channels.actor))


def defiance(seen: Scene, values: Values) -> Floats:
    """Rhetoric times pressure received, more with regional sympathy; 0 on the technical track."""
    channels = seen.channels
    felt = _audience(seen) * seen.take(seen.pressure, channels.back)
    return -values["strength"] * felt * seen.take(channels.is_political)


DEFIANCE = Mechanism(
    name="defiance",
    summary="pressure before an audience is defied on principles",
    equation=(
        "-strength * rhetoric_i * (1 + sympathy_i) * pressure, political track; "
        "+answers * rhetoric_i * (1 + sympathy_i) * freshness to refusing and countering"
    ),
    contribution=defiance,
    parameters={
        "strength": Parameter(1.5, 0.0, 20.0, "direction per pressure", "defiance at full rhetoric"),
        "answers": Parameter(0.0, 0.0, 20.0, "log odds", "refusal of what is demanded at full rhetoric"),
    },
    weighs={"answers": Weighing(("refuses", "counters"), _audience)},
    source="Audience costs: Fearon (1994).",
    claims=("A9", "A11", "A28", "A30"),
)


def disagreement(seen: Scene, values: Values) -> Floats:
    """Agreement weighted by salience, times confrontation style where negative; shape (channel, run)."""
    agreement = seen.take(seen.agreement)
    style = np.where(agreement < 0.0, seen.take(seen.attributes.confrontation, seen.channels.actor), 1.0)
    return values["strength"] * seen.take(seen.weight) * agreement * style


DISAGREEMENT = Mechanism(
    name="disagreement",
    summary="stances that differ on a salient issue make hostility",
    equation="strength * w[i,k] * K * agreement, agreement = 1 - 2 |x_i - x_j|; times confrontation_i where negative",
    contribution=disagreement,
    parameters={
        "strength": Parameter(1.5, 0.0, 20.0, "direction", "direction at full agreement on an issue of mean salience")
    },
    source=(
        "Spatial models of politics: Downs, A. (1957). An Economic Theory of "
        "Democracy; applied to states by the ideal-point literature."
    ),
    claims=("A1", "A3", "A5", "A7", "A10", "A12", "B1", "B11", "B16", "B18"),
)


def diversification(seen: Scene, values: Values) -> Floats:
    """For i -> l: sum over patrons j of d[i,j] * pressure from j * how far l is an alternative to j."""
    total = 0.0 * seen.take(seen.pressure, seen.channels.pair)
    for patron in seen.channels.patrons:
        alternative = seen.ties(seen.alternative, patron.tie) * seen.take(patron.exists)
        felt = seen.take(seen.dependence, patron.row) * seen.take(seen.pressure, patron.back)
        total = total + alternative * felt
    return values["strength"] * total


DIVERSIFICATION = Mechanism(
    name="diversification",
    summary="pressure from a patron sends its dependent to another partner",
    equation="i -> l: +strength * sum over j of alternative(i, j, l) * d[i,j] * pressure from j",
    contribution=diversification,
    parameters={"strength": Parameter(1.0, 0.0, 20.0, "direction per pressure", "pull of the alternative partner")},
    source="Hedging: Goh, E. (2005). Meeting the China Challenge. East-West Center. Form: assumption of ours.",
    claims=("A20", "A23", "A31"),
)


def inertia(seen: Scene, values: Values) -> Floats:
    """Own tone carried forward, shape (channel, run)."""
    return values["fast"] * seen.take(seen.tone_fast) + values["slow"] * seen.take(seen.tone_slow)


INERTIA = Mechanism(
    name="inertia",
    summary="goes on as it has gone",
    equation="fast * q_fast[c] + slow * q_slow[c]",
    contribution=inertia,
    parameters={
        "fast": Parameter(0.7, 0.0, 20.0, "direction per tone", "weight of own tone, fast memory"),
        "slow": Parameter(1.2, 0.0, 20.0, "direction per tone", "weight of own tone, slow memory"),
    },
    source="Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street. University of Chicago Press.",
    claims=("A19",),
)


def insulation(seen: Scene, values: Values) -> Floats:
    """What the twin channel's tone spills over, shape (channel, run).

    Assumption: both memories count half, so that spill-over needs one coefficient a direction.
    """
    channels = seen.channels
    tone = 0.5 * seen.take(seen.tone_fast, channels.twin) + 0.5 * seen.take(seen.tone_slow, channels.twin)
    spilling = values["spill_over"] * (1.0 - seen.take(seen.attributes.insulation, channels.actor))
    weight = spilling * seen.take(channels.is_technical) + values["functional"] * seen.take(channels.is_political)
    return weight * tone * seen.take(channels.has_twin)


INSULATION = Mechanism(
    name="insulation",
    summary="the two tracks colour each other unless kept apart",
    equation="technical: +spill_over * (1 - insulation_i) * q[twin]; political: +functional * q[twin]",
    contribution=insulation,
    parameters={
        "spill_over": Parameter(
            2.5, 0.0, 20.0, "direction per tone", "political tone on an uninsulated technical track"
        ),
        "functional": Parameter(2.5, 0.0, 20.0, "direction per tone", "technical tone on the political track"),
    },
    source="Functionalism: Haas, E. B. (1964). Beyond the Nation-State. Two-track diplomacy.",
    claims=("A27", "A34"),
)


def performance(seen: Scene, values: Values) -> Floats:
    """Minus the grievance on the actor's own yardstick, shape (channel, run)."""
    return -values["strength"] * seen.take(seen.grievance)


PERFORMANCE = Mechanism(
    name="performance",
    summary="indicators short of one's own yardstick are blamed on the other",
    equation="-strength * sum over indicators of yardstick[i] * (value / reference - 1), towards who is responsible",
    contribution=performance,
    parameters={
        "strength": Parameter(0.3, 0.0, 20.0, "direction", "direction lost when an indicator is twice its reference")
    },
    source="Assumption: grievances are proportional, and each side has its own yardstick (claims A8, A10, B1).",
    claims=("A8", "A10", "A11", "B1", "B2", "B17", "B19"),
)


def politicisation(seen: Scene, values: Values) -> Floats:
    """Rhetoric times the distance of stances, shape (channel, run); 0 on the technical track."""
    channels = seen.channels
    distance = (1.0 - seen.take(seen.agreement)) * 0.5
    loud = _rhetoric(seen) * seen.take(seen.weight)
    return -values["strength"] * loud * distance * seen.take(channels.is_political)


POLITICISATION = Mechanism(
    name="politicisation",
    summary="rhetoric turns differences into public hostility",
    equation=(
        "-strength * rhetoric_i(t) * w[i,k] * K * (1 - agreement)/2, political track; "
        "+answers * rhetoric_i(t) * freshness to denying"
    ),
    contribution=politicisation,
    parameters={
        "strength": Parameter(2.0, 0.0, 20.0, "direction", "direction lost at full rhetoric over opposite stances"),
        "answers": Parameter(0.0, 0.0, 20.0, "log odds", "denial of charges at full rhetoric"),
    },
    weighs={"answers": Weighing(("denies",), _rhetoric)},
    source=(
        "Audience and rally: Fearon, J. D. (1994). Domestic political "
        "audiences and the escalation of international disputes. APSR 88(3)."
    ),
    claims=("A6", "A35", "B6", "B21"),
)


def reciprocity(seen: Scene, values: Values) -> Floats:
    """The answer to the other's tone, shape (channel, run).

    Hostile tone counts full; friendly tone (1 + agreement)/2 of itself. Assumption: where a pair shares one
    issue only there is nothing to link to, and the whole answer stays on that issue.
    """
    channels = seen.channels
    received = _heard(seen, values, channels.mirror)
    elsewhere = np.zeros_like(received)
    for other in channels.linked:
        elsewhere = elsewhere + _heard(seen, values, other.row) * seen.take(other.exists)
    others = seen.take(channels.others)
    linkage = values["linkage"] * (others > 0.0)
    answer = (1.0 - linkage) * received + linkage * elsewhere * others
    return seen.take(seen.attributes.reciprocity, channels.actor) * answer


def _heard(seen: Scene, values: Values, rows: Ints) -> Floats:
    """The tone of the channels `rows` as their target hears it."""
    tone = values["fast"] * seen.take(seen.tone_fast, rows) + values["slow"] * seen.take(seen.tone_slow, rows)
    return np.where(tone < 0.0, tone, tone * (1.0 + seen.take(seen.agreement, rows)) * 0.5)


RECIPROCITY = Mechanism(
    name="reciprocity",
    summary="answers in kind, partly across issues",
    equation="r_i * ((1 - linkage) * q[mirror] + linkage * mean q elsewhere); friendly q times (1 + agreement)/2",
    contribution=reciprocity,
    parameters={
        "fast": Parameter(1.5, 0.0, 20.0, "direction per tone", "weight of the other's tone, fast memory"),
        "slow": Parameter(0.9, 0.0, 20.0, "direction per tone", "weight of the other's tone, slow memory"),
        "linkage": Parameter(0.3, 0.0, 1.0, "1", "share of the answer that goes to the other issues"),
    },
    shapes=("linkage",),
    source=(
        "Richardson, L. F. (1960). Arms and Insecurity. Goldstein & Freeman (1990). Linkage: Tollison, R. D. & "
        "Willett, T. D. (1979). An economic theory of mutually advantageous issue linkages. International "
        "Organization 33(4)."
    ),
    claims=("A2", "A7", "A13", "A14", "A15", "B4"),
)


def rupture_avoidance(seen: Scene, values: Values) -> Floats:
    """Dependence times how far own conduct lies below the floor, shape (channel, run), >= 0."""
    excess = np.maximum(0.0, -seen.take(seen.conduct) - values["floor"])
    return values["strength"] * _dependence(seen) * excess


RUPTURE_AVOIDANCE = Mechanism(
    name="rupture_avoidance",
    summary="interdependence stops short of rupture",
    equation="+strength * d[i,j] * max(0, -y[c] - floor)",
    contribution=rupture_avoidance,
    parameters={
        "strength": Parameter(10.0, 0.0, 50.0, "direction per conduct", "restraint of a wholly dependent actor"),
        "floor": Parameter(0.15, 0.0, 10.0, "conduct", "hostility of own conduct at which restraint begins"),
    },
    shapes=("floor",),
    source="Liberal peace: Oneal, J. R. & Russett, B. M. (1997). The classical liberals were right. ISQ 41(2).",
    claims=("A26",),
)


def triangularity(seen: Scene, values: Values) -> Floats:
    """Own affinity to third parties times how the target treats them, on all channels; shape (channel, run)."""
    total = 0.0 * seen.take(seen.pair_conduct, seen.channels.pair)
    for third in seen.channels.thirds:
        affinity = seen.ties(seen.attributes.affinity, third.tie) * seen.take(third.exists)
        total = total + affinity * seen.take(seen.pair_conduct, third.row)
    return values["strength"] * total


TRIANGULARITY = Mechanism(
    name="triangularity",
    summary="the friend of my rival is no friend of mine",
    equation="+strength * sum over third parties l of affinity[i,l] * y[j -> l]",
    contribution=triangularity,
    parameters={
        "strength": Parameter(
            1.0, 0.0, 20.0, "direction per conduct", "weight of the target's conduct to third parties"
        )
    },
    source=(
        "Triangular response: Goldstein & Freeman (1990). Balance: Heider, F. "
        "(1958). The Psychology of Interpersonal Relations."
    ),
    claims=("A4", "A14", "A18", "A21", "B8", "B9", "B10", "B14"),
)


MECHANISMS: tuple[Mechanism, ...] = (
    *(INERTIA, RECIPROCITY, DISAGREEMENT, POLITICISATION, CONCESSION, DEFIANCE, RUPTURE_AVOIDANCE),
    *(INSULATION, TRIANGULARITY, PERFORMANCE, DIVERSIFICATION, CONTAGION),
)

SHIPPED = frozenset(one.name for one in MECHANISMS)


def mechanism_parameters(own: Sequence[Mechanism] = ()) -> Mapping[str, Mapping[str, Parameter]]:
    """Parameters of every mechanism, and of some that are not ours, by its name."""
    return {mechanism.name: mechanism.parameters for mechanism in (*MECHANISMS, *own)}
