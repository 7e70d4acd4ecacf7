"""The schema of scenario files: every key, with its type, its range and what its text means or refers to.

Pydantic checks a file against it, and references between the parts of a file are found by its marks. From it is made
the published JSON Schema, by which editors complete and check while one types.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from tensionsim.errors import day_of
from tensionsim.model.catalogue import shipped
from tensionsim.model.mechanisms import AS_WRITTEN, MECHANISMS, SCALE
from tensionsim.model.parameters import ENGINE, Parameter
from tensionsim.scenario.quantities import FAMILIES, bound, chance_per_step, complaint, growth_per_month, months, pair

MOST_LETTERS = 300
"""Of a heading."""

NAME = r"^[^\W\d_][\w-]{0,59}$"
"""What actors, issues, moves, ... may be called: a letter, then letters, digits, `_` and `-`."""

CAMEO = r"^(0[1-9]|1[0-9]|20)[0-9]{0,2}$"
"""Codes of acts: a root of two digits, and up to two more."""


@dataclass(frozen=True, slots=True)
class Refers:
    """Mark of a text, or of the keys of a mapping, that names something of the scenario: `kind` in a person's words."""

    kind: str


def _read_by(read: Callable[[str], object]) -> AfterValidator:
    """Checks that a text means something to `read`, and leaves it as it is."""

    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


Date = Annotated[dt.date, BeforeValidator(lambda value: day_of(value) if isinstance(value, str) else value)]
Duration = Annotated[str, _read_by(months)]
Direction = Annotated[str, _read_by(pair), Refers("direction")]
DirectionOfAny = Annotated[str, _read_by(pair), Refers("direction of any")]
CooperationBound = Annotated[str, _read_by(lambda text: text.strip() == "index" or bound(text))]

ActorName = Annotated[str, Refers("actor")]
IssueName = Annotated[str, Refers("issue")]
IndicatorName = Annotated[str, Refers("indicator")]
LeaderName = Annotated[str, Refers("leader")]
MoveName = Annotated[str, Refers("move")]
ArrangementName = Annotated[str, Refers("arrangement")]
HistoryName = Annotated[str, Refers("history")]
MechanismName = Annotated[str, Refers("mechanism")]
ParameterName = Annotated[str, Refers("parameter")]
Quantity = Annotated[str, Refers("quantity to shift")]
State = Annotated[str, Refers("state")]

Name = Annotated[str, Field(pattern=NAME)]
Label = Annotated[str, Field(min_length=1, max_length=200)]
Title = Annotated[str, Field(max_length=MOST_LETTERS)]
"""What stands in headings, tables and figures."""
Item = TypeVar("Item")
Single = Annotated[tuple[Item], Field(strict=False)]
Pair = Annotated[tuple[Item, Item], Field(strict=False)]
Triple = Annotated[tuple[Item, Item, Item], Field(strict=False)]
Quadruple = Annotated[tuple[Item, Item, Item, Item], Field(strict=False)]
Some = Annotated[list[Item], Field(min_length=1)]


def _percentage(text: str) -> None:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", text) or float(text) > 100.0:
        raise ValueError(f"{text!r} is no percentage; quantiles are values by percentages in 0..100")


Percentage = Annotated[str, _read_by(_percentage)]


def _optional(description: str) -> Any:
    """A key that may be left out, described."""
    return Field(None, description=description)


class Strict(BaseModel):
    """A mapping in which every key is known, every value of its own type (no "0.5" for 0.5) and every number finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)


class Distribution(Strict):
    """An uncertain number: exactly one of the families, drawn once a run, and its estimate where there is one.

    The draw depends on (seed, run, path of the number in the file) and nothing else; that of all `joint` ones of a file
    is the same draw.
    """

    uniform: Pair[float] | None = _optional("[low, high]")
    triangular: Triple[float] | None = _optional("[low, mode, high]")
    normal: Pair[float] | None = _optional("[mean, standard deviation]")
    truncated_normal: Quadruple[float] | None = _optional("[mean, standard deviation, low, high]")
    lognormal: Pair[float] | None = _optional("[median, sigma of the log]")
    beta: Pair[float] | None = _optional("[a, b], in 0..1")
    bernoulli: Single[float] | None = _optional("[chance] of a 1, else 0")
    choice: list[float] | None = Field(None, description="values that are equally likely", min_length=1)
    joint: list[float] | None = Field(None, min_length=1, description="a run takes one place of all such lists")
    quantiles: dict[Percentage, float] | None = _optional("by percentage, like {5: 0.1, 50: 0.3, 95: 0.7}")
    experts: str | None = _optional("a CSV of several experts' quantiles, which are pooled to some")
    question: str | None = _optional("with `experts`: which of the CSV's questions; default its only one")
    pool: Literal["linear", "logarithmic"] | None = _optional("with `experts`: how; default linear")
    range: Pair[float] | None = _optional("with `experts`: [low, high] that no draw may leave")
    estimate: float | None = _optional("what stands for it where nothing is drawn; its mean by default")
    within: Pair[float] | None = _optional("[low, high] that draws are confined to: it is cut there")


BRANCH = "branch "
"""How the step of an error's place begins that is no key but a branch of a union."""


class Apart:
    """Mark of a union whose branches are told apart by what is given, so that its faults are those of one branch.

    usual : place of the branch that is meant by what fits none. limits : any of `ge`, `gt`, `le`, `lt`, of its numbers,
    also where they are uncertain.
    """

    def __init__(self, usual: int = 0, **limits: Any) -> None:
        self.usual, self.limits = usual, limits

    def __get_pydantic_core_schema__(self, union: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def within(distribution: Distribution) -> Distribution:
            if words := complaint(distribution, self.limits):
                raise ValueError(words)
            return distribution

        bounded: dict[Any, Any] = {
            float: Annotated[float, Field(**self.limits)],
            Distribution: Annotated[Distribution, AfterValidator(within)],
        }
        branches = {f"{BRANCH}{place}": branch for place, branch in enumerate(get_args(union))}
        kinds = {tag: _kinds(branch) for tag, branch in branches.items()}

        def fitting(value: Any) -> str:
            """The branch of the kind of a value; of models the first that has a key of it, else the last."""
            found = [tag for tag, known in kinds.items() if isinstance(value, known)]
            for tag in found[:-1]:
                if any((one.alias or name) in value for name, one in kinds[tag][0].model_fields.items()):
                    return tag
            return [f"{BRANCH}{self.usual}", *found][-1]

        choices = {tag: handler.generate_schema(bounded.get(branch, branch)) for tag, branch in branches.items()}
        return core_schema.tagged_union_schema(choices, fitting)


def _kinds(branch: Any) -> tuple[Any, ...]:
    """What a file may give for a branch of a union; for a model a mapping, or one that was made already."""
    while get_origin(branch) is Annotated:
        branch = get_args(branch)[0]
    kind = get_origin(branch) or branch
    of_one: dict[Any, tuple[Any, ...]] = {float: (float, int), list: (list, tuple)}
    return of_one.get(kind, (str,) if kind in (str, Literal, dt.date) else (kind, dict))


Number = Annotated[float | Distribution, Apart()]
Share = Annotated[float | Distribution, Apart(ge=0, le=1)]
Signed = Annotated[float | Distribution, Apart(ge=-1, le=1)]
NonNegative = Annotated[float | Distribution, Apart(ge=0)]
Divisor = Annotated[float | Distribution, Apart(ge=1e-6, le=1e6)]
LogOdds = Annotated[float | Distribution, Apart(ge=-10, le=10)]
Effect = Annotated[float | Distribution, Apart(ge=-100, le=100)]
Growth = Annotated[Annotated[str, _read_by(growth_per_month)] | float | Distribution, Apart(1, gt=-1, le=10)]

Track = Literal["political", "technical"]
MatterName = Literal["demand", "threat", "tariffs", "proposal", "charge", "measure", "concession"]
AnswerName = Literal["yields", "complies", "refuses", "counters", "denies", "accepts", "carries_out", "relieves"]
StepName = Literal["day", "week", "month"]

NO_HISTORY = "none"
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

    all: Some[Condition] | None = None
    any: Some[Condition] | None = None
    none: Some[Condition] | None = None
    cooperation: CooperationBound | None = _optional('"below 35" or "above 50"; or "index" with above/below')
    conduct: Direction | None = _optional('"bogota -> beijing"')
    pressure: Direction | None = _optional('"washington -> bogota"')
    indicator: IndicatorName | None = None
    arrangement: ArrangementName | None = None
    made: MoveName | None = _optional("name of a move")
    after: Date | None = None
    before: Date | None = None
    above: float | None = None
    below: float | None = None
    in_force: bool | None = _optional("with `arrangement`; default true")
    issue: IssueName | None = None
    track: Track | None = None
    actor: ActorName | None = _optional("with `made` or `arrangement`: whose")
    within: Duration | None = _optional('with `made`: "3 months"')
    for_: Duration | None = Field(None, alias="for", description='how long it must have held: "2 months"')


OddsPoint = Annotated[tuple[float, Annotated[float, Field(ge=0, le=1)]], Field(strict=False)]


class Odds(Strict):
    """A chance that depends on the state: linear between two points, flat beyond them."""

    of: Literal["cooperation", "conduct", "pressure", "indicator"]
    name: str | None = _optional('"a -> b" of a conduct or pressure, or the indicator')
    issue: IssueName | None = None
    start: OddsPoint = Field(description="[value, chance]")
    end: OddsPoint = Field(description="[value, chance]")


ChanceText = Annotated[str, _read_by(lambda text: chance_per_step(text, 1.0))]
Chance = Annotated[ChanceText | float | Distribution | Odds, Apart(1, ge=0, le=1)]


class Act(Strict):
    """A move that a rule makes."""

    move: MoveName
    issue: IssueName | None = None
    target: ActorName | None = None


class Rule(Strict):
    """A doctrine: what an actor does when a condition holds."""

    when: Condition
    move: MoveName
    issue: IssueName | None = _optional("default: the only issue on which the move can be made")
    target: ActorName | None = _optional("default: the other principal")
    chance: Chance = Field(
        1.0, description='a number: each step while it holds; "0.3 per month": whatever the step; or state-dependent'
    )
    cooldown: Duration | None = _optional('"6 months"; default: none')
    once: bool = Field(False, description="whether it is asked once a spell in which the condition holds")
    otherwise: Act | None = _optional("what it does where chance said no")
    about: str = ""


class Check(Strict):
    """A domestic veto: a congress or a court that may stop moves of its own government."""

    stops: list[MoveName] = Field(min_length=1)
    chance: Share
    about: str = ""


class ActorPatch(Strict):
    """Attributes of an actor that a leader or a change sets; all optional."""

    stances: dict[IssueName, Share] | None = _optional(
        "by issue: 0 (autonomy, dialogue, openness) .. 1 (pressure, control, isolation)"
    )
    salience: dict[IssueName, NonNegative] | None = _optional("weight of each issue; normalised to sum 1")
    rhetoric: Share | None = _optional("base level of politicisation")
    rally: NonNegative | None = _optional("how much hostility received feeds rhetoric")
    confrontation: NonNegative | None = _optional("how much a disagreement becomes hostility")
    reciprocity: NonNegative | None = _optional("multiplies the answer in kind")
    attention: Share | None = _optional("share of its full rate of acts; default 0.5, of third parties 0.05")
    unpredictability: Divisor | None = _optional("divides the direction: 1 is usual, above is erratic")
    insulation: Share | None = _optional("how far the technical track is kept apart from politics")
    verbal_conflict: LogOdds | None = _optional("log odds of harsh words, against friendly ones")
    material_cooperation: LogOdds | None = _optional("log odds of friendly deeds, against friendly words")
    material_conflict: LogOdds | None = _optional("log odds of harsh deeds, against friendly words")
    dependence: dict[ActorName, Share] | None = _optional("on other actors")
    affinity: dict[ActorName, Signed] | None = _optional("to other actors")
    yardstick: dict[IndicatorName, Number] | None = _optional("weight of each indicator in its grievances")
    rules: dict[Label, Rule] | None = None
    checks: dict[Label, Check] | None = None
    label: Title = Field("", description="how texts and plots call it; default: the name, capitalised")


class Actor(ActorPatch):
    """A government or a third party."""

    leader: LeaderName | None = _optional("one of `leaders`; this file's own attributes win over it")
    regional: bool = Field(False, description="whether its conduct makes regional sympathy")
    repertoire: list[MoveName] | None = _optional("moves it may make; default: all the catalogue gives it")


ShiftText = Annotated[str | float, Apart(1)]


class MoveSpec(Strict):
    """A move of the scenario's own, with all the fields of the catalogue."""

    cameo: str = Field(pattern=CAMEO, description='in quotes, "01" to "2042"')
    goldstein: float = Field(ge=-10, le=10, description="the code's score, or its nearest parent's; -10: conflict")
    kind: Literal["verbal", "material"] = Field(description="words: roots 01-05, 09-13; deeds: 06-08, 14-20")
    track: Track
    actors: Some[ActorName] | None = _optional("who can make it; default: anyone")
    targets: Some[ActorName] | None = _optional("towards whom; default: anyone")
    issues: Some[IssueName] | None = _optional("on which issues; default: all")
    frequency: float = Field(1.0, gt=0, description="beside others on the same menu: 1 is usual, 0.1 rare")
    begins: list[ArrangementName] = Field([], description="arrangements, which its makers can hold towards its targets")
    ends: list[ArrangementName] = Field([], description="likewise")
    needs: list[Literal["third_party"]] = Field([], description="`third_party`, without which it is on no menu")
    raises: list[MatterName] = Field([], description="matters that it opens")
    answers: AnswerName | None = _optional("its way to answer; yields, refuses, counters, denies need something open")
    withdraws: list[MatterName] = Field([], description="matters of its own that it takes back; one must be open")
    barred_by: list[ArrangementName] = Field([], description="arrangements between the two that make it impossible")
    shifts: dict[Quantity, ShiftText] = Field(
        {}, description='of an indicator: 0.05 or "-2%"; of the mover\'s own stance, rhetoric, expectations: 0.05'
    )
    description: str = Field(description="a line of what it does")


class ArrangementSpec(Strict):
    """A kind of arrangement of the scenario's own: something in force until ended."""

    actors: Some[ActorName] | None = _optional("who holds it; default: anyone")
    targets: Some[ActorName] | None = None
    issues: Some[IssueName] | None = _optional("one: always that; several: one instance an issue")
    track: Track
    score: float = Field(ge=-10, le=10, description="counts score/10 every month it is in force")
    mutual: bool = Field(False, description="whether it counts in both directions and either side may end it")
    description: str


class ArrangementRef(Strict):
    """One arrangement in force at the start, named in full."""

    name: ArrangementName
    actor: ActorName | None = None
    target: ActorName | None = None
    issue: IssueName | None = None


InForce = Annotated[ArrangementName | ArrangementRef, Apart(1)]


class Driver(Strict):
    """What moves an indicator: conduct, another indicator or an arrangement in force."""

    conduct: DirectionOfAny | None = _optional('"a -> b", or "* -> b": the sum over all; friendly is positive')
    issue: IssueName | None = None
    hostile: bool = Field(False, description="count only the hostile part (as a positive number)")
    indicator: IndicatorName | None = _optional("its excess over its reference, value/reference - 1")
    arrangement: ArrangementName | None = None
    effect: Effect = Field(description="change a month per unit of the driver, as the indicator's `scale` says")


class Indicator(Strict):
    """A physical quantity with a unit that the actors watch."""

    value: NonNegative
    unit: str
    reference: float = Field(gt=0, description="the level at which there is no grievance")
    issue: IssueName
    responsible: ActorName | None = _optional("the actor whom others blame for it")
    growth: Growth = Field(0.0, description='relative change: "0.01 per month" or "5 % per year"')
    rest: NonNegative | None = _optional("the level it returns to, with `half_life`")
    half_life: Duration | None = _optional('"12 months"')
    floor: float = 0.0
    ceiling: float | None = None
    scale: Literal["relative", "absolute"] = Field(
        "relative", description="how drivers act; a shift of a move in % is always of the present value"
    )
    driven_by: list[Driver] = []
    about: str = ""


class ScheduledMove(Strict):
    """A move that an actor makes on a date, whatever the state."""

    date: Date
    actor: ActorName
    move: MoveName
    issue: IssueName | None = None
    target: ActorName | None = _optional("default: the other principal")
    about: str = ""


class Numbers(Strict):
    """What a change may set: numbers of actors, of mechanisms that are on, and of the engine."""

    actors: dict[str, ActorPatch] = {}
    mechanisms: dict[MechanismName, dict[str, Number]] = {}
    parameters: dict[ParameterName, Number] = {}


class Alternative(Strict):
    """One of several ways a change may turn out; one is drawn per run."""

    chance: float = Field(ge=0, le=1)
    label: Title = ""
    set: dict[str, Any] = {}
    leader: LeaderName | None = _optional("a new leader for the change's actor")


class Change(Strict):
    """Something that changes on a date: attributes, a leader, parameters."""

    date: Date
    actor: ActorName | None = None
    leader: LeaderName | None = None
    set: dict[str, Any] = {}
    one_of: list[Alternative] = []
    label: Title = ""
    luck: str | None = Field(None, min_length=1, description="name by which it draws; changes of one name share it")


class Outlook(Strict):
    """A branch of the scenario, compared with the others under common random numbers."""

    title: Title = ""
    about: str = ""
    set: dict[str, Any] = {}
    schedule: list[ScheduledMove] = Field([], description="added to the scenario's")
    changes: list[Change] = Field([], description="added to the scenario's")


class Correlation(Strict):
    """Two uncertain numbers whose draws rise together, or one as the other falls."""

    between: Pair[str] = Field(description="paths of the two, as `--set` takes them")
    rank: float = Field(gt=-1, lt=1, description="Spearman's rank correlation")


class Consistency(Strict):
    """Which states of uncertain numbers and outlooks go together, in their author's judgement."""

    states: dict[Label, dict[str, str]] = Field(
        min_length=2, description='by name: {path of a number: "above 0.8"}, several for all of them; {outlook: name}'
    )
    table: dict[State, dict[State, Annotated[int, Field(ge=-3, le=3)]]] | None = _optional(
        "of pairs of states: -3 rules two out together, 0 says nothing, 3 asks for both"
    )


class EventSpec(Condition):
    """What a report counts: a condition of its own name."""


Elections = Annotated[Date | list[Date], Apart()]
Mechanism = Annotated[Literal["on", "off"] | dict[str, Number], Apart()]
OneOrMore = Annotated[IssueName | list[IssueName], Apart()]
FileOrMapping = Annotated[str | dict[str, Any], Apart()]


class HistorySpec(Strict):
    """Events observed before the start (and later ones, which fits and backtests look at), and how they are read."""

    file: str | None = _optional("a table of events, beside this file: event data, or one that names moves")
    events: str | None = _optional("such a table itself, as a text in place of the file's")
    actors: dict[str, ActorName] | None = _optional("who is meant by each code: {JPN: tokyo}")
    issue: OneOrMore | None = _optional("of events that do not say theirs; several have the days in turn")
    mapping: FileOrMapping | None = _optional("issue, track and move by CAMEO code: a file, or the mapping itself")
    format: str = Field("auto", description="of event data")
    scale: str = Field("cameo", description="of their scores")
    dates: str = Field("auto", description="how they write dates")
    one_a_day: Literal["agents", "countries"] | None = _optional("events of one code become one a day between these")
    leave_out_bad: bool = Field(False, description="whether rows with a fault are left out and counted")
    since: Date | None = _optional("first day observed; default that of the first event")
    until: Date | None = _optional("last day observed; default that of the last event")
    in_force: list[ArrangementRef] | None = _optional("arrangements in force on the first day")


History = Annotated[HistoryName | HistorySpec, Apart(1)]
Level = Annotated[float, Field(gt=0, lt=100)]
StartIndex = Annotated[Level | dict[str, Level], Apart()]


class ScenarioFile(Strict):
    """A whole scenario, after `extends`, leaders and an outlook have been merged in."""

    tensionsim: Literal[1] = Field(description="version of this format")
    title: Title = Field(description="what reports call it")
    about: str = Field("", description="a paragraph on the idea")
    start: Date = Field(description="2025-01-20")
    end: Date = Field(description="the last day simulated; a date between steps snaps to the one that contains it")
    step: StepName = "week"
    history: History | None = _optional("`us_colombia`, `none`, a file of events, or how one is read")
    start_index: StartIndex | None = _optional("level of the index where there is no history; by issue or `a -> b` too")
    principals: Pair[ActorName] = Field(description="the two governments whose cooperation is measured")
    issues: dict[Name, Issue] = Field(min_length=1, max_length=MOST_ISSUES, description="the matters between them")
    actors: dict[Name, Actor] = Field(min_length=2, max_length=MOST_ACTORS)
    leaders: dict[Name, ActorPatch] = Field({}, description="who may lead an actor")
    moves: dict[Name, MoveSpec] = Field({}, description="beside those of the catalogue")
    arrangement_kinds: dict[Name, ArrangementSpec] = Field({}, description="likewise")
    arrangements: list[InForce] | None = _optional("in force at the start; default: what the history leaves")
    indicators: dict[Name, Indicator] = {}
    schedule: list[ScheduledMove] = Field([], description="moves made whatever the state")
    changes: list[Change] = Field([], description="of a leader, an attribute, a parameter")
    elections: dict[ActorName, Elections] = Field({}, description="rhetoric warms as one draws near")
    mechanisms: dict[MechanismName, Mechanism] = Field(
        {}, description="on, off, or parameters; `scale` multiplies all that it does"
    )
    parameters: dict[ParameterName, Number] = Field({}, description="of the engine: see `tensionsim mechanisms`")
    correlations: list[Correlation] = Field([], description="of uncertain numbers")
    consistency: Consistency | None = None
    outlooks: dict[Name, Outlook] = Field({}, max_length=MOST_OUTLOOKS, description="branches")
    events: dict[Label, EventSpec] = Field({}, description="what reports count")

    def called(self, name: str) -> str:
        """An actor or a leader as a reader would write it: its label, or the name with a capital."""
        found = self.actors.get(name, self.leaders.get(name))
        return (found.label if found else "") or name.replace("_", " ").capitalize()


Schema = dict[str, Any]

_MERGED = ("MoveSpec", "ArrangementSpec", "Indicator", "Rule", "Check")
"""Models of entries that a file may complete, where it extends another, so that nothing of them is required."""


def json_schema() -> Schema:
    """The JSON Schema (draft 7) of a scenario file; what is required of one depends on `extends`.

    To the models come the keys of merging, names and ranges of parameters, and shipped moves as suggestions.
    """
    made = _tidied(ScenarioFile.model_json_schema())
    definitions: dict[str, Schema] = made["$defs"]
    definitions[Distribution.__name__]["oneOf"] = [{"required": [name]} for name in (*FAMILIES, "experts")]
    for name in _MERGED:
        del definitions[name]["required"]
    texts = {"type": "array", "items": {"type": "string"}}
    extends = "base file, or several: beside this one, below it, or a shipped scenario; this file wins"
    properties = {
        "extends": {"description": extends, "anyOf": [{"type": "string"}, texts]},
        "remove": {"description": "paths of what to drop from the base", **texts},
        **made["properties"],
    }
    sizes = {name: {"minProperties": properties[name].pop("minProperties")} for name in ("actors", "issues")}
    mechanisms = {
        one.name: {
            "description": one.summary,
            "oneOf": [{"enum": ["on", "off"]}, _numbers({**one.parameters, SCALE: AS_WRITTEN})],
        }
        for one in MECHANISMS
    }
    properties["mechanisms"] = {"type": "object", "additionalProperties": False, "properties": mechanisms}
    properties["parameters"] = {"description": "numbers of the engine", **_numbers(ENGINE)}
    definitions["MoveName"] = {"type": "string", "examples": sorted(shipped().moves)}
    for name in ("Rule", "Act", "ScheduledMove"):  # the shipped moves are suggested, a scenario's own allowed as well
        definitions[name]["properties"]["move"] = {"$ref": "#/$defs/MoveName"}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # which all editors know
        "$id": "tensionsim-scenario-1",
        "title": "tensionsim scenario",
        "description": ScenarioFile.__doc__ or "",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": ["tensionsim"],
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": made["required"], "properties": sizes},
        "$defs": definitions,
    }


def _numbers(parameters: Mapping[str, Parameter]) -> Schema:
    """A mapping of parameters to numbers in their ranges."""
    known = {
        name: {
            "description": f"{one.description} ({one.unit}; default {one.default:g})",
            "oneOf": [{"type": "number", "minimum": one.low, "maximum": one.high}, {"$ref": "#/$defs/Distribution"}],
        }
        for name, one in parameters.items()
    }
    return {"type": "object", "additionalProperties": False, "properties": known}


def _tidied(node: Any) -> Any:
    """The schema without pydantic's nulls and made-up titles, and with tuples in words that draft 7 has."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    is_schema = not all(isinstance(value, dict) for value in node.values())
    kept = {
        key: _tidied(value)
        for key, value in node.items()
        if not is_schema
        or not ((key == "title" and isinstance(value, str)) or (key == "default" and value in (None, [], {})))
    }
    if isinstance(kept.get("prefixItems"), list):
        kept["items"] = kept.pop("prefixItems")
    if isinstance(kept.get("anyOf"), list):
        left = [branch for branch in kept.pop("anyOf") if branch != {"type": "null"}]
        kept = {**left[0], **kept} if len(left) == 1 else {**kept, "anyOf": left}
    return kept
