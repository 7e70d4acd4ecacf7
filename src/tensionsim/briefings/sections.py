"""Sections of a briefing: which sentences each has, as plain words for its template, and of what blocks it is made."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tensionsim.analysis.elements import Mixture, at
from tensionsim.analysis.worlds import INDEX
from tensionsim.briefings.numbers import (
    FORMS,
    MINUS,
    SCALE,
    Cell,
    Line,
    Subject,
    Tables,
    is_apart,
    is_sure,
    text_of,
    word,
)
from tensionsim.errors import SelectionError
from tensionsim.events.history import names as curated, observed, scored_as
from tensionsim.model.catalogue import labels
from tensionsim.model.measures import DEEP, REGIME_NAMES, REGIMES
from tensionsim.runs.statistics import outlook_title, plain, settings
from tensionsim.runs.store import versions
from tensionsim.scenario.distributions import is_distribution, parse
from tensionsim.scenario.histories import history_of
from tensionsim.scenario.schema import ActorPatch

if TYPE_CHECKING:
    from tensionsim.analysis.signs import EarlySigns
    from tensionsim.events.history import EventHistory

ATTRIBUTES = {"rhetoric": "level of rhetoric", "insulation": "separation of tracks", "attention": "share of attention"}
"""Attributes of actors that a reader would take for something else, outlooks among it, by their bare names."""

UNSAID = "–"
EVEN = (0.45, 0.55)
"""Shares of the runs within which neither side is the harsher."""

LAST_MOVES, MOST_DIFFERING, MOST_BESIDE, MOST_NOTES = 4, 14, 8, 5
"""Observed moves before the start, assumptions, rows of effects and notes that are told."""

MOST_DIFFERENCES = 3
"""Outlooks beside the baseline of which each gets a figure of its difference and a sentence on its end; of more, only
the tables tell."""

SIGNS, OF_A_KIND, GOLDSTEIN = 6, 2, "Goldstein"


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, which carries its own title: its name among the briefing's, and what it shows to who cannot see it."""

    name: str
    alternative: Line
    is_half: bool = False

    @property
    def file(self) -> str:
        return f"{self.name.replace(' ', '-')}.svg"


MOST_COLUMNS = 6
"""Columns that fit across a page; tables of more are turned."""


@dataclass(frozen=True, slots=True)
class Block:
    """A "paragraph" (line), "points", "pictures" side by side, or a "table" (line: caption; rows: with the head)."""

    kind: str
    line: Line = ()
    points: tuple[Line, ...] = ()
    pictures: tuple[Picture, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()

    @property
    def is_wordy(self) -> bool:
        """Whether some cell beyond the first column is words alone, which were quoted."""
        cells = (cell for row in self.rows[1:] for cell in row[1:])
        return any(len(cell) == 1 and not isinstance(cell[0], str) and cell[0].is_text for cell in cells)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything that is written, in order."""
        written = (
            *self.points,
            *(one.alternative for one in self.pictures),
            *(cell for row in self.rows for cell in row),
        )
        return (self.line, *written) if self.line else written


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it. name : of its template."""

    name: str
    heading: str
    blocks: tuple[Block, ...]


BREAK = "\x1d"
"""What stands in the source of a template for an empty line, so that lines which tags leave empty part no blocks."""


def title_of(written: str, tables: Tables) -> tuple[Line, Line]:
    """Heading and subtitle, of a line that begins with # and what follows."""
    found = re.fullmatch(r"\s*# ([^\x1d]+)\x1d(.*)", written, re.DOTALL)
    if found is None:
        raise ValueError("a title is a line # HEADING, an empty line, and a line below it")
    heading, subtitle = (tables.line(part.replace(BREAK, "")) for part in found.groups())
    return heading, subtitle


def sections_of(name: str, written: str, tables: Tables) -> Iterator[Section]:
    """What a template wrote, by its headings; a template that wrote nothing has no section."""
    before, *parts = re.split(r"(?:^|(?<=[\n\x1d]))\s*## ", written)
    if first := text_of(tables.line(before.replace(BREAK, ""))):
        raise ValueError(f"{first[:60]!r} stands before the heading; begin with a line ## HEADING")
    for part in parts:
        heading, *blocks = re.split(r"[\n\x1d]", part, maxsplit=1)
        written_blocks = [block.strip() for block in "".join(blocks).split(BREAK)]
        found = tuple(_block(block, tables) for block in written_blocks if block)
        yield Section(name, text_of(tables.line(heading)), found)


def _block(written: str, tables: Tables) -> Block:
    if re.match(r"-(\s|$)", written):
        points = (tables.line(point) for point in re.split(r"(?:^|\n)\s*-(?=\s|$)", written))
        return Block("points", points=tuple(line for line in points if line))
    if written.startswith("!["):
        found = re.findall(r"!\[(.*?)\]\(([\w -]+)\)", written, re.DOTALL)
        pictures = (Picture(name, tables.line(alternative), len(found) > 1) for alternative, name in found)
        return Block("pictures", pictures=tuple(pictures))
    if written.startswith("Table:"):
        caption, _, body = written.removeprefix("Table:").partition("|")
        lines = re.split(r"\|\s*\n\s*\|", body.strip().removesuffix("|"))
        rows = tuple(tuple(tables.line(cell) for cell in line.split("|")) for line in lines)
        return table(tables.line(caption), rows)
    return Block("paragraph", tables.line(written))


def table(caption: Line, rows: tuple[tuple[Line, ...], ...]) -> Block:
    """A table of these rows, the head first, turned where it has more columns than fit and fewer rows than these."""
    head = rows[0]
    if any(len(row) != len(head) for row in rows):
        raise ValueError(f"the table {text_of(caption)!r} has rows of several lengths")
    is_wide = len(head) > MOST_COLUMNS and len(rows) < len(head)
    return Block("table", caption, rows=tuple(zip(*rows, strict=True)) if is_wide else rows)


def common(tables: Tables, subject: Subject) -> dict[str, Any]:
    """What every template may ask: the functions that write cells and names, and the words that all sections share."""

    def outlook(name: str) -> str:
        return tables.quote(name, "emphasis")

    def actor(name: str, *, within: bool = False) -> str:
        shown = subject.actor(name)
        return tables.quote(f"the {shown.removeprefix('The ')}" if within and shown.startswith("The ") else shown)

    scenarios = {name: subject.results[name].scenario for name in subject.order}
    own = {name: outlook_title(one) or one.title for name, one in scenarios.items()}
    shared = own[subject.baseline]
    return {
        "outlook": outlook,
        "actor": actor,
        "named": tables.named,
        "quote": tables.quote,
        "number": tables.number,
        "value": tables.value,
        "has": tables.has,
        "word": word,
        "comma": lambda loop: "" if loop.first else " and " if loop.last else ", ",
        "semicolon": lambda loop: "" if loop.first else "; ",
        "baseline": subject.baseline,
        "others": subject.others,
        "order": subject.order,
        "one_run": len(subject.comparison.runs) == 1,
        "key": subject.key,
        "meanings": {name: _meaning(subject, name) for name in (*subject.comparison.event_names, DEEP)},
        "title": shared,
        "titles": {
            name: "" if own[name] == name or (name != subject.baseline and own[name] == shared) else own[name]
            for name in subject.order
        },
        "actor_names": [subject.actor(name) for name in subject.file.principals],
        "issues": list(subject.base.names.issues),
        "regimes": list(REGIME_NAMES),
        "scale": [name for name, _, _ in SCALE],
    }


def _meaning(subject: Subject, name: str) -> dict[str, Any]:
    """What an event says of the index, where it is a bound of it."""
    spec = subject.file.events.get(name)
    if spec is None or not spec.cooperation:
        return {"deep": name == DEEP and spec is None, "bound": ""}
    sides = (f" {side} {getattr(spec, side):g}" for side in ("above", "below") if getattr(spec, side) is not None)
    bound = spec.cooperation.removeprefix("index").strip() + "".join(sides)
    return {"deep": False, "bound": bound, "issue": spec.issue, "time": spec.for_}


def bottom_line(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """What a reader in a hurry must know."""
    name = subject.baseline
    start, end = (tables.number("index", name, f"median at {when}") for when in ("start", "end"))
    rows = () if subject.others else tuple(tables.cells.get("movers", {}).items())[:1]
    told = signs if signs is not None and not signs.table.empty else None
    return {
        "course": "stays" if abs(end - start) < 2.0 else "rises" if end > start else "falls",
        "regime": tables.value("index", name, "regime at end"),
        "has_key": subject.event_of(name, subject.key) is not None,
        "changes": [_change(tables, subject, other) for other in subject.others],
        "cause_words": partial(cause_words, subject),
        "attribute_meanings": {name: attribute_meaning(name) for name in ActorPatch.model_fields},
        "foremost": next((_mover(row, cells) for row, cells in rows), None),
        "sign": str(told.table["sign"].iloc[0]) if told is not None and told.separates else "",
        "no_sign": told.note if told is not None else "",
    }


def _mover(row: str, cells: Mapping[str, Cell]) -> dict[str, str]:
    what = str(cells["what"])
    shown = "the fading of moves before the start" if what == "moves before the start" else what
    return {"row": row, "actor": str(cells["actor"]), "what": shown}


def _change(tables: Tables, subject: Subject, name: str) -> dict[str, Any]:
    """What an outlook changes: the key event, the index at the end, and what of its file does it."""
    if tables.number("difference", name, "ever") == 0.0:
        return {"name": name, "same": True}
    return {
        "name": name,
        "same": False,
        "key": _key_change(tables, subject, name),
        "causes": _causes_of(tables, subject, name),
    }


def _key_change(tables: Tables, subject: Subject, name: str) -> str:
    """What an outlook does to the key event; empty where one of the two does not count it."""
    key = subject.key
    if subject.event_of(name, key) is None or subject.event_of(subject.baseline, key) is None:
        return ""
    here, there = (tables.number("events", key, f"{one}: ever") for one in (name, subject.baseline))
    if not is_sure(tables, key, name):
        return "equal" if here == there else "unsure"
    if word(here) == word(there):
        return "same"
    if here < there:
        return "avoided" if here == 0.0 else "nearly avoided" if here < 0.05 else "less"
    return "certain" if here == 1.0 else "more"


def _causes_of(tables: Tables, subject: Subject, name: str) -> dict[str, Any]:
    """Which attributes of the actors make an outlook's effect; errors of sums are at most the sums of errors."""
    if name not in subject.effects or len(tables.cells[f"effects: {name}"]) < 2:
        return {}
    sums: dict[str, tuple[float, float]] = {}
    for row, cells in tables.cells[f"effects: {name}"].items():
        path = str(cells["element"]).partition(": ")[0].split(".")
        attribute = path[2] if path[0] == "actors" and len(path) > 2 else str(cells["element"])
        effect, error = sums.get(attribute, (0.0, 0.0))
        more, more_error = (tables.number(f"effects: {name}", row, what) for what in ("effect", "error"))
        sums[attribute] = (effect + more, error + more_error)
    for attribute, (effect, error) in sums.items():
        tables.put(f"attributes: {name}", attribute, effect=effect, error=error)
    rows = sorted(sums, key=lambda row: -abs(sums[row][0]))
    sure = [row for row in rows if is_apart(*sums[row])]
    if not sure or len(rows) < 2:
        return {}
    of = tables.value("effects of", name, "of")
    return {
        "sure": sure[:3],
        "unsure": [row for row in rows if row not in sure],
        "of": "" if of == INDEX else of,
        "fewer_runs": tables.value("effects of", name, "runs") != tables.value("setting", "runs"),
    }


def context(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """Who meets over what, where the index stands, what is in force, what came last and what is due."""
    file = subject.file
    level = {name: tables.number("issues", name, f"{subject.baseline}: start") for name in subject.base.names.issues}
    low, high = min(level, key=lambda name: level[name]), max(level, key=lambda name: level[name])
    presses, binds = _in_force(subject)
    return {
        "sides": [{"name": name, "leader": file.actors[name].leader} for name in file.principals],
        "third": [name for name in file.actors if name not in file.principals],
        "lowest": low if low != high else "",
        "highest": high,
        "presses": presses,
        "binds": binds,
        "history": _last_moves(tables, subject),
        "due": _due(tables, subject),
    }


def _in_force(subject: Subject) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What presses and what holds between the two at the start, by actor; what both have is under no name."""
    axes, record, sides = subject.base.names, subject.base.record, set(subject.file.principals)
    presses: dict[str, list[str]] = {}
    binds: dict[str, list[str]] = {}
    for place, name in enumerate(axes.arrangements):
        kind, pair, _ = name.split(" | ")
        actor, target = pair.split(" -> ")
        if {actor, target} == sides and record.in_force[0, place].mean() > 0.5:
            who = "" if axes.arrangement_is_mutual[place] else subject.actor(actor)
            kinds = (presses if axes.arrangement_scores[place] < 0.0 else binds).setdefault(who, [])
            if kind not in kinds:
                kinds.append(kind)
    return presses, binds


def _past(subject: Subject) -> EventHistory | None:
    """What was observed before the start; None without a history."""
    history = history_of(subject.file)
    return None if history is None else history.until(subject.file.start - dt.timedelta(days=1))


def _last_moves(tables: Tables, subject: Subject) -> dict[str, str]:
    """What happened last between the two: as the history tells it, else what the event's code means."""
    past, sides = _past(subject), set(subject.file.principals)
    if past is None:
        return {}
    names, known = past.actors, labels()
    pairs = zip(past.actor.tolist(), past.target.tolist(), strict=True)
    between = [row for row, (a, b) in enumerate(pairs) if {names[a], names[b]} <= sides]
    told = {}
    for place, row in enumerate(between[-LAST_MOVES:]):
        tables.put("history", str(place), date=str(past.dates[row]))
        code = str(past.cameo[row])
        actor = subject.actor(names[past.actor[row]])
        told[str(place)] = str(past.description[row]) or f"{actor}: {known[scored_as(code, known)].lower()}"
    return told


def _due(tables: Tables, subject: Subject) -> list[dict[str, str]]:
    """What the file lets happen on a date, whatever the state: scheduled moves, changes, elections."""
    file = subject.file
    found = [(move.date, move.actor, move.move, "") for move in file.schedule]
    for change in file.changes:
        found.append((change.date, change.actor or "", "", change.label or change.leader or "a change"))
    for actor, days in file.elections.items():
        found += [(day, actor, "", "") for day in (days if isinstance(days, list) else [days])]
    first, last = str(subject.comparison.dates[0]), str(subject.comparison.dates[-1])
    inside = sorted((one for one in found if first <= one[0].isoformat() <= last), key=lambda one: one[0])
    for place, (day, *_) in enumerate(inside):
        tables.put("due", str(place), date=day.isoformat())
    return [
        {"row": str(place), "actor": actor, "move": move, "label": label}
        for place, (_, actor, move, label) in enumerate(inside)
    ]


def implications(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """Issues, who is harsher, room for manoeuvre, and whether the index comes back from crisis or rupture."""
    base = subject.baseline
    change = {
        issue: tables.number("issues", issue, f"{base}: end") - tables.number("issues", issue, f"{base}: start")
        for issue in subject.base.names.issues
    }
    most = max(change, key=lambda issue: abs(change[issue]))
    one, other = subject.file.principals
    on = {who: float(tables.value("sides", base, f"dependence of {who}") or 0.0) for who in (one, other)}
    strong, weak = sorted(on, key=lambda who: on[who]) if on[one] != on[other] else ("", "")
    share = {name: tables.number("sides", name, f"{one} harsher") for name in subject.order}
    sides = {one if here > EVEN[1] else other if here < EVEN[0] else "" for here in share.values()}
    return {
        "moved": [_moved(tables, subject, name) for name in subject.others],
        "most": most if abs(change[most]) >= 0.5 else "",
        "rises": change[most] > 0.0,
        "weak": weak,
        "strong": strong,
        "harsher": sides.pop() if len(sides) == 1 else "",
        "harsher_in": {
            name: {"who": one if here >= 0.5 else other, "even": EVEN[0] <= here <= EVEN[1]}
            for name, here in share.items()
        },
    }


def _moved(tables: Tables, subject: Subject, name: str) -> dict[str, Any]:
    """On which issue an outlook is most apart from the baseline, on which the other way, on which not to be told."""
    size = {issue: tables.number("issues", issue, f"{name}: difference") for issue in subject.base.names.issues}
    ends = {issue: [tables.value("issues", issue, f"{name}: {side}") for side in ("low", "high")] for issue in size}
    sure = [issue for issue, (low, high) in ends.items() if low and high and float(low) * float(high) > 0.0]
    if not sure:
        return {"name": name, "most": ""}
    most = max(sure, key=lambda issue: abs(size[issue]))
    return {
        "name": name,
        "most": most,
        "gains": size[most] > 0.0,
        "contrary": [issue for issue in sure if size[issue] * size[most] < 0.0],
        "unsure": [issue for issue in size if issue not in sure],
    }


def outlook(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """How likely regimes and events are, the figures, and what of the differences is told from luck."""
    few = len(subject.others) <= MOST_DIFFERENCES
    told = (subject.others or (subject.baseline,)) if few and len(subject.comparison.runs) > 1 else ()
    held = [
        event
        for event in subject.comparison.event_names
        if all(tables.cells["events"][event].get(f"{name}: at start") == 1.0 for name in subject.order)
    ]
    alike: dict[Cell, list[str]] = {}
    for name in subject.others:
        alike.setdefault(tables.value("difference", name, "apart to the end") or name, []).append(name)
    return {
        "events": subject.comparison.event_names or (DEEP,),
        "differences": difference_names(subject),
        "courses": {name: _course(tables, name) for name in told},
        "held": held,
        "changed_events": dict(_changed_events(tables, subject)),
        "partings": list(alike.values()),
    }


def difference_names(subject: Subject) -> dict[str, str]:
    """The outlooks whose difference has a figure, by the name of the figure."""
    few = subject.others if len(subject.others) <= MOST_DIFFERENCES else ()
    return {f"difference {letter}": name for letter, name in zip("abc", few, strict=False)}


def _course(tables: Tables, name: str) -> dict[str, Cell]:
    """In which regimes an outlook most often ends."""
    regime = tables.value("index", name, "regime at end")
    share = {one: tables.number("regimes", one, f"{name}: at end") for one, _ in REGIMES if one != regime}
    after = max(share, key=lambda one: share[one])
    return {"regime": regime, "next": after if share[after] else ""}


def _changed_events(tables: Tables, subject: Subject) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Events that an outlook makes more or less likely beyond luck, but for the key event, of which the top tells."""
    for name in subject.others:
        found: dict[str, list[str]] = {"more": [], "less": []}
        for event in subject.comparison.event_names:
            is_told = event != subject.key and tables.has("events", event, f"{name}: difference")
            if is_told and is_sure(tables, event, name) and _words_differ(tables, event, name, subject.baseline):
                found["more" if tables.number("events", event, f"{name}: difference") > 0 else "less"].append(event)
        if found["more"] or found["less"]:
            yield name, found


def _words_differ(tables: Tables, event: str, *names: str) -> bool:
    """Whether the chances of an event are not all under one word, so that something can be claimed of them."""
    return len({word(tables.number("events", event, f"{name}: ever")) for name in names}) > 1


def assumptions(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """Which assumptions part the outlooks, and what all rest on, with the sources that the baseline's file names."""
    key, file = subject.key, subject.file
    ever = {
        name: tables.number("events", key, f"{name}: ever")
        for name in subject.order
        if subject.event_of(name, key) is not None
    }
    is_told = _words_differ(tables, key, *ever)
    past = _past(subject)
    if past is not None:
        tables.put("setting", "observed moves", value=len(past))
    if file.history in curated():
        sourced = sum(
            one.confidence in ("seen", "derived") and one.date < file.start for one in observed(str(file.history))
        )
        tables.put("setting", "observed moves with a source", value=sourced)
    for name, spec in file.indicators.items():
        tables.put("indicators", name, value=float(parse(spec.value).mean))
    rests: dict[str, list[Any]] = {
        "chances": list(_chances(tables, subject)),
        "left_open": [
            one
            for actor, spec in file.actors.items()
            for one in _distributions(spec.model_dump(exclude_none=True, by_alias=True), f"{subject.actor(actor)}'s")
        ],
        "indicators": [
            {"name": name, "unit": spec.unit, "about": spec.about and sentence(spec.about),
             "plain_unit": bool(re.match(r"[^\W\d_][^\d,;=()]*$", spec.unit))}
            for name, spec in file.indicators.items()
        ],
        "abouts": [
            {"actor": actor, "label": label, "about": sentence(one.about)}
            for actor, spec in file.actors.items()
            for kind in ("rules", "checks")
            for label, one in (getattr(spec, kind) or {}).items()
            if one.about
        ],
    }  # fmt: skip
    return {
        "likeliest": max(ever, key=lambda name: ever[name]) if is_told else "",
        "unlikeliest": min(ever, key=lambda name: ever[name]) if is_told else "",
        "rests": past is not None or any(rests.values()),
        "past": past.name if past is not None else "",
        **_differing(tables, subject),
        **rests,
    }


def _differing(tables: Tables, subject: Subject) -> dict[str, Any]:
    """What the files say otherwise than the baseline's: by what it is of, what each outlook says."""
    rows: dict[str, dict[str, str]] = {}
    for name in subject.others:
        for label, before, after in _differences(subject, name):
            rows.setdefault(label, {})[name] = after
            rows[label].setdefault(subject.baseline, before)
    more = max(0, len(rows) - MOST_DIFFERING)
    if rows:
        tables.put("setting", "differences not shown", value=more)
    shown = {
        label: {name: said.get(name, said[subject.baseline]) or UNSAID for name in subject.order}
        for label, said in list(rows.items())[:MOST_DIFFERING]
    }
    told = [name for name in ActorPatch.model_fields if any(f"'s {attribute_words(name)}" in label for label in shown)]
    meanings = {attribute_words(name): attribute_meaning(name) for name in told}
    return {"differing": shown, "not_shown": more > 0, "meanings": meanings}


def _differences(subject: Subject, name: str) -> Iterator[tuple[str, str, str]]:
    """What is assumed, the baseline's value and the outlook's, of each difference of two files."""
    base, other = (subject.results[one].scenario for one in (subject.baseline, name))
    try:
        mixed = Mixture.of(base, other)
    except SelectionError:
        return
    for one in mixed.everything:
        keys = one.places[0]
        if len(one.places) > 1 or keys[0] in ("schedule", "changes"):
            yield element_words(subject, one.label), "no", "yes"
        else:
            label = element_words(subject, f"{'.'.join(map(str, keys))}: ").removesuffix(": ")
            before, after = (_shown(at(said, keys)) for said in mixed.said)
            yield label, before, after


def _shown(value: Any) -> str:
    if value is None:
        return UNSAID
    if is_distribution(value):
        return str(parse(value))
    if isinstance(value, Mapping) and not all(isinstance(item, (int, float, list)) for item in value.values()):
        return "as in its file"
    shown = plain(value)
    if isinstance(shown, dict):
        return ", ".join(f"{str(key).replace('_', ' ')} {item}" for key, item in shown.items())
    return str(shown)


def attribute_words(name: str) -> str:
    """An attribute of an actor as a reader would call it."""
    return ATTRIBUTES.get(name, name.replace("_", " "))


def attribute_meaning(name: str) -> str:
    """What an attribute says, and its range where it is a share."""
    known = ActorPatch.model_fields[name]
    return f"{known.description}{', 0 to 1' if 'Le(le=1)' in str(known.annotation) else ''}"


DATED = re.compile(r"(\d{4}-\d\d-\d\d)(?: ([\w-]+)(?: -> ([\w-]+))?)?: (.*)")
"""The label of an element that has a date: day, actor, target, what."""


def cause_words(subject: Subject, element: str) -> str:
    """What an attribute or a dated element is called as the subject of a sentence."""
    return f"“{element_words(subject, element)}”" if DATED.fullmatch(element) else attribute_words(element)


def element_words(subject: Subject, element: str) -> str:
    """The label of an element in words: "Washington's rhetoric: 0.9 → 0.45", "Norland: seize trawler (3 June 2030)"."""
    if dated := DATED.fullmatch(element):
        day, who, target, what = dated.groups()
        towards = f" to {subject.actor(target)}" if target else ""
        whose = f"{subject.actor(who)}{towards}: " if who else ""
        return f"{whose}{what.replace('_', ' ')} ({FORMS['date'](day)})"
    path, colon, what = element.partition(": ")
    keys = path.split(".")
    if keys[0] == "actors" and len(keys) > 2:
        path = f"{subject.actor(keys[1])}'s {' '.join(attribute_words(key) for key in keys[2:])}"
    return f"{path}{colon}{what.replace('_', ' ').replace('->', '→')}"


def _chances(tables: Tables, subject: Subject) -> Iterator[dict[str, Any]]:
    for number, change in enumerate(subject.file.changes):
        ways = []
        for place, one in enumerate(change.one_of):
            tables.put("chances", f"{number}, {place}", chance=one.chance)
            ways.append({"row": f"{number}, {place}", "label": one.label or one.leader or "another way"})
        if ways:
            tables.put("chances", f"{number}", date=change.date.isoformat())
            yield {"row": f"{number}", "label": change.label or "a change", "ways": ways}


def _distributions(tree: Any, path: str) -> Iterator[str]:
    """Numbers that a file leaves open within a range, each with its path in words."""
    if is_distribution(tree):
        shown = re.sub(r" of [\d,]+ values \(\w+\)$", "", _shown(tree))
        shown = re.sub(r"(?<!\S)-(?=\d)", MINUS, shown)
        yield f"{path} ({shown})"
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _distributions(value, f"{path} {str(key).replace('_', ' ')}")


def sentence(about: str) -> str:
    """What a file says of something, with a full stop."""
    return about if about.rstrip().endswith((".", "!", "?")) else f"{about.rstrip()}."


def early_signs(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """The signs with their skill, what the best adds to the index, or why there are none."""
    asked = {"meaning": signs.meaning if signs is not None else "", "note": signs.note if signs is not None else ""}
    if signs is None or signs.table.empty:
        return {**asked, "told": []}
    units = [str(unit) for unit in signs.table["unit"]]
    best = signs.adding_most() if INDEX in tables.cells["signs"] else None
    gain = [tables.number("signs", best, what) for what in ("gain", "gain_error")] if best is not None else [0.0, 0.0]
    return {
        **asked,
        "told": list(signs.chosen(SIGNS, of_a_kind=OF_A_KIND)["sign"]),
        "adds": best,
        "scores": any(GOLDSTEIN in unit for unit in units) and not (signs.separates and GOLDSTEIN in units[0]),
        "adds_surely": gain[0] > 0.0 and is_apart(*gain),
    }


def causes(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """The ledger's movers of the baseline, and the effects of what differs or is dated."""
    change = tables.number("setting", "change")
    rows = tables.cells.get("movers", {})
    found: dict[str, Any] = {
        "movers": [_mover(row, cells) for row, cells in rows.items()],
        "direction": "moves" if f"{abs(change):.1f}" == "0.0" else "rises" if change > 0.0 else "falls",
        "taken_apart": list(subject.effects),
    }
    if subject.effects:
        of = tables.value("effects of", found["taken_apart"][0], "of")
        worlds = {name: tables.number("effects of", name, "runs") for name in subject.effects}
        found["effects_of"] = "" if of == INDEX else of
        found["fewest"], found["most_runs"] = (pick(worlds, key=lambda name: worlds[name]) for pick in (min, max))
        found["beside" if subject.others else "elements"] = _effects(tables, subject)
    return found


def _effects(tables: Tables, subject: Subject) -> dict[str, Any]:
    """The elements of one scenario by row; or what differs, with what it becomes in each outlook, and its row."""
    if not subject.others:
        table = tables.cells[f"effects: {subject.baseline}"]
        return {row: element_words(subject, str(cells["element"])) for row, cells in table.items()}
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for name in subject.effects:
        for row, cells in tables.cells[f"effects: {name}"].items():
            label = element_words(subject, str(cells["element"]))
            what, colon, change = label.partition(": ")
            _, arrow, after = change.partition(" → ")
            has_value = bool(colon and arrow and "(" not in after)
            cell = {"row": row, "becomes": after if has_value else ""}
            rows.setdefault(what if has_value else label, {})[name] = cell
    return dict(list(rows.items())[:MOST_BESIDE])


def limits(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """What the comparison and the scenarios note of themselves, each once, without where a file lies."""
    notes = [*subject.comparison.notes]
    codes = {subject.results[name].code for name in subject.order}
    if len(codes) == 1 and (code := codes.pop()):
        notes.insert(0, f"the runs are made with agents and mechanisms of your own: {', '.join(code)}")
    notes += [note for name in subject.order for note in subject.results[name].scenario.notes]
    folders = re.compile(r"\S*[/\\](?=[\w.-]+\.ya?ml)")
    told = list(dict.fromkeys(folders.sub("", note).rstrip(".").replace("_", " ") for note in notes))
    if len(told) > MOST_NOTES:
        tables.put("setting", "more notes", value=len(told) - MOST_NOTES)
    return {"notes": told[:MOST_NOTES]}


def provenance(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """Scenario, hash, seed, runs, versions and command."""
    scenarios = {}
    for name in subject.order:
        scenario = subject.results[name].scenario
        tables.put("provenance", name, sha256=scenario.sha256)
        branch = f"{scenario.name}, outlook {scenario.outlook}" if scenario.outlook else scenario.name
        scenarios[name] = f"{branch} {settings(scenario.values)}".strip()
    made_by = versions()
    for what, version in made_by.items():
        tables.put("provenance", what, version=version)
    shown = ", ".join(f"{what} {version}" for what, version in made_by.items())
    code = list(dict.fromkeys(one for name in subject.order for one in subject.results[name].code))
    return {"scenarios": scenarios, "code": code, "versions": shown, "command": subject.command}


SECTIONS = {
    chosen.__name__.replace("_", "-"): chosen
    for chosen in (
        bottom_line, context, implications, outlook, assumptions, early_signs, causes, limits, provenance,
    )
}  # fmt: skip
"""What each template is given, by its name, in the order of the pages."""
