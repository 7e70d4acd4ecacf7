"""What events alone make: a scenario of any two actors, with CAMEO's roots as moves, and the index as observed.

The scale of such a scenario's index is set from the dyad's own volume of events, because the index sums what happens:
a dyad with fifty reports a month would stand at 0 or 100 for ever on the scale of one with two.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.past import DAYS_PER_STEP, Placement, place
from tensionsim.engine.simulation import begin
from tensionsim.engine.world import World
from tensionsim.errors import EventError, Problem, day_of, one_of
from tensionsim.events.history import NO_ROW, EventHistory, expect_history, is_deed, table_text
from tensionsim.model.catalogue import answers, labels as catalogue_labels, rows
from tensionsim.model.measures import cooperation, issue_conduct
from tensionsim.model.mechanisms import INERTIA, MECHANISMS, RECIPROCITY, mechanism_parameters
from tensionsim.model.parameters import ENGINE
from tensionsim.model.state import remember
from tensionsim.model.structure import TRACKS, Channel, Floats
from tensionsim.rng import RandomStreams
from tensionsim.scenario.names import history_of
from tensionsim.scenario.quantities import FARTHEST, MONTHS_PER_UNIT
from tensionsim.scenario.scenario import Scenario, from_text, scenario_of
from tensionsim.scenario.yaml_tree import write

if TYPE_CHECKING:
    import pandas as pd


USUAL_TONE = 0.5
"""Mean score / 10 at which, in a month of usual volume, an issue's cooperation is tanh(1): an index of 88 or 12.

Assumption: half of the scale, because then a usual month whose acts score -1.5 on average bounds crisis (35), one at
-2.7 rupture (20), and one at +2.1 alliance (70 and above begins there).
"""

LEAST_ACTS, MOST_ACTS = 20, 100
VOLUME, VOLUMES = 50.0, (10.0, 200.0)
"""Acts a month at which `data/priors.csv` gives means, and between which pairs of states told how they vary with it."""

LEAST_VARIANCE = 0.01

MOST_FEEDBACK = 0.5
"""Tone feedback of a scenario before it is fitted. Assumption: half of where it would run away."""

USUAL_OVERDISPERSION, USUAL_IMITATION = 0.2, 0.1
"""How acts of a step hang together before that is fitted. Assumption: a first guess that rules out little.

Reports of one day come in bursts and are of a kind: on the first two thirds of a published series these two gain more
than a thousand log units.
"""

USUAL_DRIFT = 0.3
"""How far tone wanders in a year for reasons that no mechanism has. Assumption: what two decades of a published series
speak for, where 0.2 to 0.4 are as probable and none is less so by 20 log units.
"""

ROOTS = {
    **{"01": "make_public_statement", "02": "appeal", "03": "express_intent_to_cooperate", "04": "hold_consultations"},
    **{"05": "engage_in_diplomatic_cooperation", "06": "engage_in_material_cooperation", "07": "provide_aid"},
    **{"08": "yield", "09": "conduct_investigation", "10": "make_demand", "11": "disapprove", "12": "reject"},
    **{"13": "make_threat", "14": "protest", "15": "exhibit_force", "16": "reduce_relations", "17": "coerce"},
    **{"18": "assault", "19": "fight", "20": "use_mass_violence"},
}
"""Names of moves that stand for CAMEO's roots; none is a name of the catalogue, which such a move would take over."""

RAISES = {
    **{"02": "proposal", "03": "proposal", "08": "concession", "10": "demand", "11": "charge", "13": "threat"},
    **dict.fromkeys(("15", "16", "17", "18", "19", "20"), "measure"),
}
ANSWERS = {"05": "accepts", "06": "accepts", "08": "yields", "12": "refuses"}
"""What moves of a root raise, and how they answer what is open, as most moves of that root in the catalogue do."""

SILENT = sorted({one.name for one in MECHANISMS} - {"inertia", "reciprocity"})
"""Mechanisms that need more than events: stances, rhetoric, dependence, indicators, third parties, a second track."""


def index_scale_for(history: EventHistory, technical_weight: float) -> float:
    """The `index_scale` at which the dyad's index moves over its range: `USUAL_TONE` at its own usual volume."""
    shares = np.array([1.0 - technical_weight, technical_weight])[history.track]
    weighed = float(np.average(shares, weights=history.weight))
    issues = max(1, len(np.unique(history.issue[history.issue != NO_ROW])))
    return USUAL_TONE * 0.5 * weighed * history.usual_volume() / issues


def scenario_from_events(
    history: EventHistory,
    *,
    start: dt.date | str | None = None,
    step: str = "week",
    with_past: bool = True,
    matters: bool = False,
    priors: Sequence[Mapping[str, str]] | None = None,
) -> Scenario:
    r"""A scenario of the two actors of a history, ready to be fitted: its text is that of `scenario_text`.

    Parameters
    ----------
    start
        First day; default the day after the last one observed. The scenario lasts a year.
    step
        "day", "week" or "month".
    with_past
        Whether it holds the events, so that its runs start from what was observed.
    matters
        Whether moves raise and answer matters by their root (`RAISES`, `ANSWERS`). Machine-coded events speak against
        it: most of what is coded as yielding or accepting follows nothing that was coded as asked for.
    priors
        Rows as of `data/priors.csv`, which are the default; none for first guesses instead.

    Returns
    -------
    Scenario
        Two actors, the history's issues, a move for each CAMEO root that occurs (`ROOTS`), with the mean score and
        the share observed; inertia, reciprocity and no other mechanism, their strengths and other numbers uncertain
        as those of many pairs of states vary.

    Raises
    ------
    ValueError
        If the history has other than two actors or no events, or there is no such start or step.

    Examples
    --------
    >>> import tensionsim as ts
    >>> rows = ["2004-02-06,ISR,PSE,020", "2004-02-07,PSE,ISR,190", "2004-02-17,ISR,PSE,042"]
    >>> with open("few.csv", "w") as file:
    ...     _ = file.write("\n".join(["date,source,target,cameo", *rows]))
    >>> history = ts.read_events("few.csv")
    >>> scenario = ts.scenario_from_events(history)
    >>> scenario.file.start.isoformat(), sorted(scenario.file.moves)
    ('2004-02-18', ['appeal', 'fight', 'hold_consultations'])
    """
    history = expect_history(history)
    events, past = table_text(history), None
    if with_past:
        past = {"file": history.name, "events": events, "since": history.first, "until": history.last}
    text = scenario_text(history, start=start, step=step, past=past, matters=matters, priors=priors)
    return from_text(text, "-".join(history.actors))


def scenario_text(
    history: EventHistory,
    *,
    start: dt.date | str | None = None,
    step: str = "week",
    past: Mapping[str, object] | None = None,
    dealt: Sequence[str] = (),
    matters: bool = False,
    priors: Sequence[Mapping[str, str]] | None = None,
) -> str:
    """The scenario as a commented file; past : its `history`; dealt : issues that had the days in turn."""
    if len(history.actors) != 2 or not len(history):
        raise ValueError(f"a scenario needs events between two actors, found {len(history)} of {len(history.actors)}")
    one_of("step", step, DAYS_PER_STEP)
    begin = history.last + dt.timedelta(days=1) if start is None else day_of(start)
    own, of_track = _moves(history, matters), sorted(set(history.track.tolist()))
    # What acts excite by default comes on top of base rates.
    rates, excited = observed_rates(history), ("own_fast", "own_slow", "other_fast", "other_slow")
    branching = sum(ENGINE[name].default for name in excited)
    theta = ENGINE["technical_weight"].default if of_track == [0, 1] else float(of_track[0])
    values: dict[str, object] = {
        "tensionsim": 1,
        "title": " and ".join(_title(actor) for actor in history.actors),
        "start": begin,
        "end": begin + dt.timedelta(days=365),
        "step": step,
        **({"history": past} if past else {}),
        "principals": list(history.actors),
        "issues": {
            one: {"low": "as one side wants it", "high": "as the other does"} for one in dealt or history.issues
        },
        "actors": {actor: _actor(history, row, own, dealt) for row, actor in enumerate(history.actors)},
        "moves": own,
        "mechanisms": {**_feedback(history), **dict.fromkeys(SILENT, "off")},
        "parameters": {
            **{name: _rounded(rate * (1.0 - branching)) for name, rate in rates.items()},
            "acts_per_step": _most_acts(history, step),
            "bias": 0.0,
            "intensity": 0.0,
            "overdispersion": USUAL_OVERDISPERSION,
            "imitation": USUAL_IMITATION,
            "drift": USUAL_DRIFT,
            "technical_weight": theta,
            "index_scale": _rounded(index_scale_for(history, theta)),
        },
        "events": EVENTS,
    }
    for row in rows("priors.csv") if priors is None else priors:
        *rooms, last = row["path"].split(".")
        within: Any = values
        for room in rooms:
            within = within[room]
        # How acts of a step hang together belongs to its length, which was a week.
        is_told = step == "week" or last not in ("overdispersion", "imitation")
        if is_told and within != "off" and rates.get(last) != 0.0:
            within[last] = prior_from(row, history)
    turns = f"# No event says its issue: {', '.join(dealt)} had the days in turn, and are as salient as each other.\n"
    return (
        f"# Made from {len(history):,} events of {history.name}, {history.first} to {history.last}: rates, shares and\n"
        "# mean scores of moves are those observed. index_scale is that of a usual month of\n"
        f"# {history.usual_volume():g} events: docs/events.md. What is uncertain varies as over many pairs of states\n"
        "# (docs/fitting.md) until it is fitted to these events.\n"
        f"# Stances and dependence count once `disagreement` and the others are on (drop their lines below).\n"
        "# Rhetoric counts once `politicisation` is on.\n"
        f"{turns * (len(dealt) > 1)}{ANCHORS}{write(values)}"
    )


def prior_from(row: Mapping[str, str], history: EventHistory) -> dict[str, list[float]]:
    """The distribution that a row of `data/priors.csv` gives a coefficient of the dyad, by its volume of events."""
    room, *names, name = row["path"].split(".")
    number = ENGINE[name] if room == "parameters" else mechanism_parameters()[names[0]][name]
    unit = unit_of(row["path"], history)
    middle, spread = float(row["middle"]), float(row["spread"])
    tilt = float(row["per_log_volume"]) * math.log(np.clip(history.usual_volume(), *VOLUMES) / VOLUME)
    if row["family"] == "lognormal":
        median = middle * math.exp(tilt)
        ends = math.log(number.high / median), math.log(median / number.low) if number.low else math.inf
        widest = math.floor(1e3 * (min(ends) / FARTHEST)) / 1e3  # that the farthest draw allows
        return {"lognormal": [_rounded(median), min(_rounded(spread), widest)]}
    return {"truncated_normal": [_rounded(unit * (middle + tilt)), _rounded(unit * spread), number.low, number.high]}


def unit_of(path: str, history: EventHistory) -> float:
    """In what a coefficient is alike for all dyads: acts of the busiest side, or feedback made of tone."""
    return 1.0 / _variance(history) if path.startswith("mechanisms.") else observed_rates(history).get(path[11:], 1.0)


ANCHORS = """\
#
# What numbers mean, for instance on trade.
# stances, from `low` (0) to `high` (1) of the issue. .3: tariffs stay as they are and a quarrel goes to an arbiter;
#   .7: concessions are asked for, with a list of tariffs on the table. Stances half a scale apart neither bind nor part
#   the two, nearer ones make friends of them, and two that agree on everything drift to alliance.
# dependence, on the other. .3: another partner could be found within a year, at a price (a tenth of exports, one
#   supplier of three); .7: none in sight for years (half of the exports, or the other's troops keep one safe).
"""

EVENTS: Mapping[str, object] = {"crisis": {"cooperation": "below 35"}}


def dyad_text(actors: Sequence[str], issues: Sequence[str]) -> str:
    """A scenario of two actors of whom nothing was observed, as a file, with comments that say what to change."""
    persons = {
        actor: {
            "stances": dict.fromkeys(issues, stance),
            "salience": dict.fromkeys(issues, 1.0),
            "rhetoric": 0.3,
            "attention": 0.5,
            "dependence": {other: 0.3},
        }
        for actor, other, stance in ((actors[0], actors[1], 0.2), (actors[1], actors[0], 0.8))
    }
    values: dict[str, object] = {
        "tensionsim": 1,
        "title": " and ".join(_title(actor) for actor in actors),
        "start": dt.date(2025, 1, 1),
        "end": dt.date(2026, 1, 1),
        "step": "week",
        "start_index": 50.0,
        "principals": list(actors),
        "issues": {name: {"low": "dialogue, openness", "high": "pressure, control"} for name in issues},
        "actors": persons,
        "events": EVENTS,
    }
    return (
        "# Two governments of whom nothing is known yet: every number below is a place to begin. `start_index` is\n"
        "# where the index starts, 0 (rupture) .. 50 (neutral) .. 100 (alliance); with a `history` it is observed.\n"
        f"{ANCHORS}{write(values)}"
    )


def _title(actor: str) -> str:
    return actor.upper() if len(actor) <= 3 else actor.replace("_", " ").capitalize()


def _actor(history: EventHistory, row: int, own: Mapping[str, object], dealt: Sequence[str]) -> dict[str, object]:
    """An actor: its salience and attention as observed. Stances half apart are neither agreement nor disagreement."""
    made = history.weight * (history.actor == row)
    rates = [float((history.weight * (history.actor == one)).sum()) for one in (0, 1)]
    salience = {
        name: _rounded(float(made[history.issue == at].sum() / made.sum()) if made.sum() else 1.0)
        for at, name in enumerate(history.issues)
    }
    return {
        "stances": dict.fromkeys(dealt or history.issues, 0.25 + 0.5 * row),
        "salience": dict.fromkeys(dealt, 1.0) if dealt else salience,
        "rhetoric": 0.0,
        "attention": _rounded(rates[row] / max(rates)),
        "repertoire": list(own),
    }


def _moves(history: EventHistory, matters: bool) -> dict[str, object]:
    """A move for each root and track observed, with its mean score and its share of the events."""
    roots = np.array([code[:2] for code in history.cameo.tolist()])
    labels, raises = catalogue_labels(), {root: RAISES[root] for root in roots.tolist() if matters and root in RAISES}
    # It answers only what some move here raises: else it could never be made.
    ways = {root: way for root, way in ANSWERS.items() if {*raises.values()} & {*answers()[way].matters}}
    found: dict[str, object] = {}
    for root in sorted(set(roots.tolist())):
        for track in sorted(set(history.track[roots == root].tolist())):
            here = (roots == root) & (history.track == track)
            weight = history.weight[here]
            found[f"{ROOTS[root]}{'_in_technical_matters' * track}"] = {
                "cameo": root,
                "goldstein": round(float(np.average(history.score[here], weights=weight)), 2),
                "kind": "material" if is_deed(root) else "verbal",
                "track": TRACKS[track],
                "frequency": _rounded(float(weight.sum() / history.weight.sum())),
                **({"raises": [raises[root]]} if root in raises else {}),
                **({"answers": ways[root]} if root in ways else {}),
                "description": f"{labels[root]}, and all codes below it.",
            }
    return found


def observed_rates(history: EventHistory) -> dict[str, float]:
    """Acts a month of the busiest side, by the base rate of the track."""
    months = ((history.last - history.first).days + 1) * MONTHS_PER_UNIT["day"]
    made = {
        f"base_{name}": [history.weight[(history.actor == row) & (history.track == track)].sum() for row in (0, 1)]
        for track, name in enumerate(TRACKS)
    }
    return {name: float(max(both)) / months for name, both in made.items()}


def _feedback(history: EventHistory) -> dict[str, dict[str, float]]:
    """Inertia and reciprocity at their defaults, or as much below as keeps tone from feeding on itself without end."""
    parts = {"inertia": INERTIA, "reciprocity": RECIPROCITY}
    defaults = {name: {key: one.parameters[key].default for key in ("fast", "slow")} for name, one in parts.items()}
    total = _variance(history) * sum(sum(found.values()) for found in defaults.values())
    share = min(1.0, MOST_FEEDBACK / total) if total else 1.0
    return {name: {key: _rounded(share * value) for key, value in found.items()} for name, found in defaults.items()}


def _variance(history: EventHistory) -> float:
    """Of score / 10, and no less than makes strengths in its units sensible."""
    score = history.score / 10.0
    mean = np.average(score, weights=history.weight)
    return max(LEAST_VARIANCE, float(np.average((score - mean) ** 2, weights=history.weight)))


def _most_acts(history: EventHistory, step: str) -> int:
    """The most acts of a channel in a step: 20, or twice the most observed where that is more."""
    since = (history.dates - history.dates[0]).astype(np.int64)
    steps = np.floor(since / DAYS_PER_STEP[step]).astype(np.int64)
    keys = (steps * 2 + history.actor) * 2 + history.track
    seen = int(np.ceil(np.bincount(keys, history.weight).max()))
    return min(MOST_ACTS, max(LEAST_ACTS, 2 * seen))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def observed_index(
    history: EventHistory | None = None,
    *,
    scenario: Scenario | str | Path | None = None,
    until: dt.date | str | None = None,
) -> pd.DataFrame:
    """The index of a history on a scenario's grid of steps and on its scale.

    Events and arrangements count as in a run; the weights of the issues, the scale and the half-life of the index are
    those of the scenario's start. Events of third parties, and those on issues that the scenario lacks, do not count:
    `table.attrs["left_out"]` says how many. What event data do not tell, arrangements in force, does not count either.

    Parameters
    ----------
    history
        What was observed; default the history that the scenario names.
    scenario
        A Scenario, a path, or the name of a shipped scenario. Default: `scenario_from_events(history)`, whose scale is
        set from the volume of the events.
    until
        Last date (default: the last observed event).

    Returns
    -------
    Table by date with the column `index` and one column an issue, all 0..100.

    Raises
    ------
    ValueError
        If neither a history is given nor the scenario names one, or the history alone has other than two actors.
    EventError
        If no event is between the scenario's principals, on one of its issues.

    Examples
    --------
    >>> import tensionsim as ts
    >>> table = ts.observed_index(scenario=ts.load("trump2-petro-2025"))
    >>> table.columns.tolist()
    ['index', 'drugs', 'migration', 'venezuela', 'china']
    """
    import pandas as pd

    if isinstance(history, Scenario | str):
        raise TypeError(f"the first argument is an EventHistory, got {type(history).__name__}; say scenario=...")
    history = None if history is None else expect_history(history)
    if scenario is not None:
        of = scenario_of(scenario)
    elif history is None:
        raise ValueError("give a history, scenario=..., or both")
    elif len(history.actors) != 2:
        who = f"the history has {len(history.actors)} actors, {', '.join(history.actors)}"
        raise ValueError(f"{who}; say whose index it is to be with scenario=..., of which they are the principals")
    else:
        of = scenario_from_events(history)
    file = of.file
    history = history_of(file) if history is None else history
    if history is None:
        raise ValueError(f"{of.name} names no history of observed moves")
    until = None if until is None else day_of(until)
    history = history if until is None else history.until(until)
    if not len(history):
        raise ValueError(f"{history.name} has no event up to {until}")
    left_out: Counter[str] = Counter()
    placed = list(placed_events(history, of, left_out))
    if not placed:
        told = "; ".join(f"{count:,} {reason}" for reason, count in left_out.most_common())
        where = f"between {' and '.join(file.principals)} on {', '.join(file.issues)}"
        advice = "name actors as the scenario does (--dyad ISR=israel ...), and issues in a mapping (--mapping)"
        what = f"none of {len(history):,} events has a place {where}: {told}; {advice}"
        raise EventError([Problem(history.name, 0, 0, what)])
    days = DAYS_PER_STEP[file.step]
    last = until or history.dates[-1].item()
    steps = math.floor((last - file.start).days / days) + 1
    start = file.start + dt.timedelta(days=round(steps * days))
    also = sorted({one.channel for one in placed})
    # Event data do not tell of arrangements, so nothing is known of any.
    before = Placement() if history.held is None else place(history, file).known(history, dt.date.max, as_coded=False)
    bare: dict[str, Any] = {"schedule": [], "changes": [], "arrangements": None}  # as if it began on another day
    moved = file.model_copy(update={"start": start, "end": start + dt.timedelta(days=366), **bare})
    world = assemble(dataclasses.replace(of, file=moved), before=before, also=also)
    first = math.floor((placed[0].date - start).days / days)
    numbers = begin(world, RandomStreams(0, 0, 1)).numbers
    conduct = _conduct(world, placed, range(first, 0), numbers.keep_index)
    mean = issue_conduct(
        conduct[:, world.dyad], world.channels, world.dyad, len(file.issues), numbers.engine["technical_weight"]
    )
    index, issues = cooperation(mean, numbers.issue_weight, numbers.engine["index_scale"])
    dates = [start + dt.timedelta(days=round((step + 1) * days)) for step in range(first, 0)]
    table = pd.DataFrame(issues[:, :, 0], index=pd.DatetimeIndex(dates, name="date"), columns=list(file.issues))
    table.insert(0, "index", index[:, 0])
    table.attrs["left_out"] = dict(left_out)
    return table


class Placed(NamedTuple):
    """An event in a channel: its day, its score / 10 times its weight, and its weight."""

    date: dt.date
    channel: Channel
    flow: float
    weight: float


def placed_events(history: EventHistory, scenario: Scenario, left_out: Counter[str]) -> Iterator[Placed]:
    """The events in the scenario's channels, by date; those without a place are counted by reason."""
    file = scenario.file
    issues = list(file.issues)
    names = [name if name in issues else issues[0] if len(issues) == 1 else "" for name in (*history.issues, "")]
    rows = (history.dates, history.actor, history.target, history.issue, history.track)
    columns = [one.tolist() for one in (*rows, history.score / 10.0 * history.weight, history.weight)]
    for date, actor, target, issue, track, flow, weight in zip(*columns, strict=True):
        between = (history.actors[actor], history.actors[target])
        if set(between) != set(file.principals):
            left_out["not between the principals"] += 1
        elif not names[issue]:
            told = history.issues[issue] if issue != NO_ROW else "unknown"
            left_out[f"on an issue that the scenario lacks: {told}"] += 1
        else:
            yield Placed(date, Channel(*between, names[issue], TRACKS[track]), flow, weight)


def _conduct(world: World, placed: list[Placed], steps: range, keep: Floats) -> Floats:
    """Conduct at the end of every step, shape (step, channel, 1), from what was in force before the first event."""
    days, start = DAYS_PER_STEP[world.scenario.file.step], world.scenario.file.start
    standing = np.zeros((len(steps) + 1, len(world.channels)))
    flow = np.zeros((len(steps), len(world.channels), 1))
    for one in placed:
        step = math.floor((one.date - start).days / days) - steps.start
        flow[step, world.channels.index(one.channel), 0] += one.flow
    for row, first, after in world.past.arrangements:
        entries = np.flatnonzero(world.instances.instance == row)
        since = 0 if first is None else max(0, first - steps.start + 1)
        until = max(since, after - steps.start + 1)
        for entry in entries.tolist():
            standing[since:until, world.instances.channel[entry]] += world.instances.score[entry]
    here, rows = standing[0][:, None], []
    for step in range(len(steps)):
        here = remember(here, flow[step] / world.dt_months + standing[step + 1][:, None], keep)
        rows.append(here)
    return np.array(rows)
