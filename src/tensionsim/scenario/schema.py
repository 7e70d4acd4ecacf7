"""The shape of a scenario file: what may stand where, with units and ranges.

One description serves three ends: it validates files, it makes the published JSON Schema
(`tensionsim schema`), and its docstrings are the reference of the format. Shape only: whether a
name exists in the catalogue or a date lies in the span is checked in `references`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from tensionsim.scenario.field_types import (
    PLAIN_SHARE,
    UNCERTAIN_SHARE,
    Date,
    Distribution,
    Divisor,
    Effect,
    Finite,
    Growth,
    Label,
    Name,
    NonNegative,
    Number,
    Pair,
    Share,
    Signed,
    Strict,
    text_or_number_kind,
)

__all__ = [
    "Act", "Actor", "ActorPatch", "Alternative", "ArrangementRef", "ArrangementSpec", "Change", "Check",
    "Condition", "Distribution", "Driver", "EventSpec", "Indicator", "Issue", "MoveSpec", "Numbers", "Odds",
    "Outlook", "Rule", "ScenarioFile", "ScheduledMove",
]  # fmt: skip

Track = Literal["political", "technical"]
StepName = Literal["day", "week", "month"]

MOST_ACTORS, MOST_ISSUES, MOST_OUTLOOKS = 50, 50, 100


class Issue(Strict):
    """A matter on which the actors hold stances."""

    low: str = Field("", description="what a stance of 0 means")
    high: str = Field("", description="what a stance of 1 means")
    security: bool = Field(False, description="whether its technical track counts for the regional-security pillar")


class Condition(Strict):
    """What must be true: one observable with a bound, or `all`, `any`, `none` of several.

    Observables: `cooperation` (the index, 0..100; with `issue`, that issue's, 0..100), `conduct`
    ("a -> b", with `issue` and `track` to narrow it), `pressure` ("a -> b"), `indicator`, `arrangement`
    (in force: yes or no), `date`, `made` (a move; with `actor`, `issue`, `within`).
    """

    all: list[Condition] | None = None
    any: list[Condition] | None = None
    none: list[Condition] | None = None
    cooperation: str | None = Field(None, description='"below 35" or "above 50"; or "index" with above/below')
    conduct: str | None = Field(None, description='"bogota -> beijing"')
    pressure: str | None = Field(None, description='"washington -> bogota"')
    indicator: str | None = None
    arrangement: str | None = None
    made: str | None = Field(None, description="name of a move")
    after: Date | None = None
    before: Date | None = None
    above: Finite | None = None
    below: Finite | None = None
    in_force: bool | None = Field(None, description="with `arrangement`; default true")
    issue: str | None = None
    track: Track | None = None
    actor: str | None = Field(None, description="with `made` or `arrangement`: whose")
    within: str | None = Field(None, description='with `made`: "3 months"')
    for_: str | None = Field(None, alias="for", description='how long it must have held: "2 months"')


OddsPoint = Annotated[tuple[Finite, Annotated[float, Field(ge=0, le=1)]], Field(strict=False)]


class Odds(Strict):
    """A chance that depends on the state: linear between two points, flat beyond them."""

    of: Literal["cooperation", "conduct", "pressure", "indicator"]
    name: str | None = Field(None, description='"a -> b" of a conduct or pressure, or the indicator')
    issue: str | None = None
    start: OddsPoint = Field(description="[value, chance]")
    end: OddsPoint = Field(description="[value, chance]")


def chance_kind(value: Any) -> str:
    """Which branch of a rule's chance a raw value takes: a mapping with `of` depends on the state."""
    if isinstance(value, Odds) or (isinstance(value, dict) and not set(value) & set(Distribution.model_fields)):
        return "odds"
    return text_or_number_kind(value)


if TYPE_CHECKING:
    Chance: TypeAlias = str | float | Distribution | Odds
else:
    Chance = Annotated[
        Annotated[str, Tag("text")] | PLAIN_SHARE | UNCERTAIN_SHARE | Annotated[Odds, Tag("odds")],
        Discriminator(chance_kind),
    ]


class Act(Strict):
    """A move that a rule makes."""

    move: str
    issue: str | None = None
    target: str | None = None


class Rule(Strict):
    """A doctrine: what an actor does when a condition holds."""

    when: Condition
    move: str
    issue: str | None = Field(None, description="default: the only issue on which the move can be made")
    target: str | None = Field(None, description="default: the other principal")
    chance: Chance = Field(
        1.0, description='a number: each step while it holds; "0.3 per month": whatever the step; or state-dependent'
    )
    cooldown: str | None = Field(None, description='"6 months"; default: none')
    once: bool = Field(False, description="whether it is asked once a spell in which the condition holds")
    otherwise: Act | None = Field(None, description="what it does where chance said no")
    about: str = ""


class Check(Strict):
    """A domestic veto: a congress or a court that may stop moves of its own government."""

    stops: list[str] = Field(min_length=1)
    chance: Share
    about: str = ""


class ActorPatch(Strict):
    """Attributes of an actor that a leader or a change sets; all optional."""

    stances: dict[str, Share] | None = Field(None, description="issue: 0 (autonomy, dialogue) .. 1 (pressure, control)")
    salience: dict[str, NonNegative] | None = Field(None, description="weight of each issue; normalised to sum 1")
    rhetoric: Share | None = Field(None, description="base level of politicisation")
    rally: NonNegative | None = Field(None, description="how much hostility received feeds rhetoric")
    confrontation: NonNegative | None = Field(None, description="how much a disagreement becomes hostility")
    reciprocity: NonNegative | None = Field(None, description="multiplies the answer in kind")
    attention: Share | None = Field(None, description="share of the full base rate of acts")
    unpredictability: Divisor | None = Field(None, description="divides the direction: 1 is usual, above is erratic")
    insulation: Share | None = Field(None, description="how far the technical track is kept apart")
    dependence: dict[str, Share] | None = Field(None, description="on other actors")
    affinity: dict[str, Signed] | None = Field(None, description="to other actors")
    yardstick: dict[str, Number] | None = Field(None, description="weight of each indicator in its grievances")
    rules: dict[Label, Rule] | None = None
    checks: dict[Label, Check] | None = None


class Actor(ActorPatch):
    """A government or a third party."""

    label: str = Field("", description="how the marks of plots call it; default: the name, capitalised")
    leader: str | None = Field(None, description="one of `leaders`; this file's own attributes win over it")
    regional: bool = Field(False, description="whether its conduct makes regional sympathy")
    repertoire: list[str] | None = Field(None, description="moves it may make; default: all the catalogue gives it")


ShiftText = Annotated[
    Annotated[str, Tag("text")] | Annotated[Finite, Tag("number")], Discriminator(text_or_number_kind)
]


class MoveSpec(Strict):
    """A move of the scenario's own, with all the fields of the catalogue."""

    cameo: str = Field(pattern=r"^(0[1-9]|1[0-9]|20)[0-9]{0,2}$")
    goldstein: float = Field(ge=-10, le=10)
    kind: Literal["verbal", "material"]
    track: Track
    actors: list[str] | None = Field(None, description="who can make it; default: anyone")
    targets: list[str] | None = Field(None, description="towards whom; default: anyone")
    issues: list[str] | None = Field(None, description="on which issues; default: all")
    frequency: float = Field(1.0, gt=0)
    begins: list[str] = Field(default_factory=list)
    ends: list[str] = Field(default_factory=list)
    shifts: dict[str, ShiftText] = Field(
        default_factory=dict,
        description='of an indicator: 0.05 or "-2%"; of the mover\'s own stance, rhetoric, expectations: 0.05',
    )
    description: str


class ArrangementSpec(Strict):
    """A kind of arrangement of the scenario's own: something in force until ended."""

    actors: list[str] | None = Field(None, description="who holds it; default: anyone")
    targets: list[str] | None = None
    issues: list[str] | None = Field(None, description="one: always that; several: one instance an issue")
    track: Track
    score: float = Field(ge=-10, le=10, description="counts score/10 every month it is in force")
    mutual: bool = Field(False, description="whether it counts in both directions and either side may end it")
    description: str


class ArrangementRef(Strict):
    """One arrangement in force at the start, named in full."""

    name: str
    actor: str | None = None
    target: str | None = None
    issue: str | None = None


def in_force_kind(value: Any) -> str:
    """Which branch of an arrangement in force a raw value takes."""
    return "name" if isinstance(value, str) else "reference"


InForce = Annotated[
    Annotated[str, Tag("name")] | Annotated[ArrangementRef, Tag("reference")], Discriminator(in_force_kind)
]


class Driver(Strict):
    """What moves an indicator: conduct, another indicator or an arrangement in force."""

    conduct: str | None = Field(None, description='"a -> b", or "* -> b": the sum over all; friendly is positive')
    issue: str | None = None
    hostile: bool = Field(False, description="count only the hostile part (as a positive number)")
    indicator: str | None = Field(None, description="its excess over its reference, value/reference - 1")
    arrangement: str | None = None
    effect: Effect = Field(
        description="change a month per unit of the driver: relative or absolute, as the indicator's `scale` says"
    )


class Indicator(Strict):
    """A physical quantity with a unit that the actors watch."""

    value: NonNegative
    unit: str
    reference: float = Field(gt=0, description="the level at which there is no grievance")
    issue: str
    responsible: str | None = Field(None, description="the actor whom others blame for it")
    growth: Growth = Field(0.0, description='relative change: "0.01 per month" or "5 % per year"')
    rest: NonNegative | None = Field(None, description="the level it returns to, with `half_life`")
    half_life: str | None = Field(None, description='"12 months"')
    floor: Finite = 0.0
    ceiling: Finite | None = None
    scale: Literal["relative", "absolute"] = Field(
        "relative", description="how drivers act; a shift of a move in % is always of the present value"
    )
    driven_by: list[Driver] = Field(default_factory=list)
    about: str = ""


class ScheduledMove(Strict):
    """A move that an actor makes on a date, whatever the state."""

    date: Date
    actor: str
    move: str
    issue: str | None = None
    target: str | None = Field(None, description="default: the other principal")
    about: str = ""


class Numbers(Strict):
    """What a change may set: numbers of actors, of mechanisms that are on, and of the engine."""

    actors: dict[str, ActorPatch] = Field(default_factory=dict)
    mechanisms: dict[str, dict[str, Number]] = Field(default_factory=dict)
    parameters: dict[str, Number] = Field(default_factory=dict)


class Alternative(Strict):
    """One of several ways a change may turn out; one is drawn per run."""

    chance: float = Field(ge=0, le=1)
    label: str = ""
    set: dict[str, Any] = Field(default_factory=dict)
    leader: str | None = Field(None, description="a new leader for the change's actor")


class Change(Strict):
    """Something that changes on a date: attributes, a leader, parameters."""

    date: Date
    actor: str | None = None
    leader: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    one_of: list[Alternative] = Field(default_factory=list)
    label: str = ""
    luck: str | None = Field(
        None,
        min_length=1,
        description="name by which it draws; changes of one name share it, in other files too",
    )


class Outlook(Strict):
    """A branch of the scenario, compared with the others under common random numbers."""

    title: str = ""
    about: str = ""
    set: dict[str, Any] = Field(default_factory=dict)
    schedule: list[ScheduledMove] = Field(default_factory=list, description="added to the scenario's")
    changes: list[Change] = Field(default_factory=list, description="added to the scenario's")


class EventSpec(Condition):
    """What a report counts: a condition of its own name."""


def election_kind(value: Any) -> str:
    """Which branch of an election a raw value takes: one date or several."""
    return "list" if isinstance(value, list) else "date"


def mechanism_kind(value: Any) -> str:
    """Which branch of a mechanism a raw value takes: a switch or its parameters."""
    return "parameters" if isinstance(value, dict) else "switch"


Elections = Annotated[Annotated[Date, Tag("date")] | Annotated[list[Date], Tag("list")], Discriminator(election_kind)]
Mechanism = Annotated[
    Annotated[Literal["on", "off"], Tag("switch")] | Annotated[dict[str, Number], Tag("parameters")],
    Discriminator(mechanism_kind),
]


class ScenarioFile(Strict):
    """A whole scenario, after `extends`, leaders and an outlook have been merged in."""

    tensionsim: Literal[1]
    title: str
    about: str = ""
    start: Date
    end: Date
    step: StepName = "week"
    history: str | None = None
    principals: Pair[str]
    issues: dict[Name, Issue] = Field(min_length=1, max_length=MOST_ISSUES)
    actors: dict[Name, Actor] = Field(min_length=2, max_length=MOST_ACTORS)
    leaders: dict[Name, ActorPatch] = Field(default_factory=dict)
    moves: dict[Name, MoveSpec] = Field(default_factory=dict)
    arrangement_kinds: dict[Name, ArrangementSpec] = Field(default_factory=dict)
    arrangements: list[InForce] | None = Field(
        None, description="in force at the start; default: what the history leaves in force, or none"
    )
    indicators: dict[Name, Indicator] = Field(default_factory=dict)
    schedule: list[ScheduledMove] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    elections: dict[str, Elections] = Field(default_factory=dict)
    mechanisms: dict[str, Mechanism] = Field(default_factory=dict)
    parameters: dict[str, Number] = Field(
        default_factory=dict, description="of the engine: see `tensionsim mechanisms`"
    )
    outlooks: dict[Name, Outlook] = Field(default_factory=dict, max_length=MOST_OUTLOOKS)
    events: dict[Label, EventSpec] = Field(default_factory=dict)
