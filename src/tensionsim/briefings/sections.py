"""Sections of a briefing: what its templates may ask, and of what blocks that is made which they write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensionsim.briefings.numbers import (
    DATED,
    SCALE,
    Line,
    Subject,
    Tables,
    attribute_words,
    element_words,
    is_apart,
    is_sure,
    text_of,
    word,
)
from tensionsim.model.measures import DEEP, REGIME_NAMES
from tensionsim.runs.statistics import outlook_title
from tensionsim.scenario.schema import ActorPatch

if TYPE_CHECKING:
    from tensionsim.analysis.signs import EarlySigns

SECTIONS = (
    *("bottom-line", "context", "implications", "outlook", "assumptions", "early-signs", "causes", "limits"),
    "provenance",
)
"""Templates in the order of the pages."""

MOST_DIFFERENCES, MOST_BESIDE = 3, 8
"""Outlooks beside the baseline of which each gets a figure of its difference; rows of effects that are told."""

SIGNS, OF_A_KIND = 6, 2
"""Signs that are told, and of those of one kind."""


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
        if any(len(row) != len(rows[0]) for row in rows):
            raise ValueError(f"the table {text_of(tables.line(caption))!r} has rows of several lengths")
        # Turned where it has more columns than fit and fewer rows than these.
        is_wide = len(rows[0]) > MOST_COLUMNS and len(rows) < len(rows[0])
        return Block("table", tables.line(caption), rows=tuple(zip(*rows, strict=True)) if is_wide else rows)
    return Block("paragraph", tables.line(written))


def common(tables: Tables, subject: Subject, signs: EarlySigns | None) -> dict[str, Any]:
    """What every template may ask: the functions that write cells and names, and what the tables cannot say."""

    def actor(name: str, *, within: bool = False) -> str:
        shown = subject.actor(name)
        return tables.quote(f"the {shown.removeprefix('The ')}" if within and shown.startswith("The ") else shown)

    def cause_words(element: str) -> str:
        return f"“{element_words(subject, element)}”" if DATED.fullmatch(element) else attribute_words(element)

    def causes(name: str, *, sure: bool) -> list[str]:
        """The attributes whose effect in an outlook is told from none, or is not."""
        table = f"attributes: {name}"
        found = {row: [tables.number(table, row, what) for what in ("effect", "error")] for row in tables.rows(table)}
        return [row for row, (effect, error) in found.items() if is_apart(effect, error) is sure]

    def beside() -> dict[str, dict[str, str]]:
        """What differs, with the rows of its effects by outlook."""
        rows: dict[str, dict[str, str]] = {}
        for name in subject.effects:
            for row, cells in tables.rows(f"effects: {name}").items():
                rows.setdefault(str(cells["what"]), {})[name] = row
        return dict(list(rows.items())[:MOST_BESIDE])

    scenarios = {name: subject.results[name].scenario for name in subject.order}
    own = {name: outlook_title(one) or one.title for name, one in scenarios.items()}
    shared = own[subject.baseline]
    return {
        "outlook": lambda name: tables.quote(name, "emphasis"),
        "actor": actor,
        "named": tables.named,
        "quote": tables.quote,
        "number": tables.number,
        "value": tables.value,
        "has": tables.has,
        "rows": tables.rows,
        "ranked": tables.ranked,
        "is_sure": lambda event, name: is_sure(tables, event, name),
        "is_apart": is_apart,
        "word": word,
        "comma": lambda loop: "" if loop.first else " and " if loop.last else ", ",
        "semicolon": lambda loop: "" if loop.first else "; ",
        "cause_words": cause_words,
        "causes": causes,
        "beside": beside,
        "in_force": in_force(subject),
        "file": subject.file,
        "signs": signs,
        "told_signs": []
        if signs is None or signs.table.empty
        else list(signs.chosen(SIGNS, of_a_kind=OF_A_KIND)["sign"]),
        "baseline": subject.baseline,
        "others": subject.others,
        "order": subject.order,
        "one_run": len(subject.comparison.runs) == 1,
        "key": subject.key,
        "meanings": {name: _meaning(subject, name) for name in (*subject.comparison.event_names, DEEP)},
        "attributes": dict(map(_attribute, ActorPatch.model_fields)),
        "title": shared,
        "titles": {
            name: "" if own[name] == name or (name != subject.baseline and own[name] == shared) else own[name]
            for name in subject.order
        },
        "issues": subject.base.names.issues,
        "events": subject.comparison.event_names or (DEEP,),
        "differences": difference_names(subject),
        "regimes": REGIME_NAMES,
        "scale": [name for name, _, _ in SCALE],
        "code": list(dict.fromkeys(one for name in subject.order for one in subject.results[name].code)),
        "command": subject.command,
    }


def _attribute(name: str) -> tuple[str, str]:
    """An attribute in words, and what it says, with its range where it is a share."""
    known = ActorPatch.model_fields[name]
    return attribute_words(name), f"{known.description}{', 0 to 1' if 'Le(le=1)' in str(known.annotation) else ''}"


def _meaning(subject: Subject, name: str) -> dict[str, Any]:
    """What an event says of the index, where it is a bound of it."""
    spec = subject.file.events.get(name)
    if spec is None or not spec.cooperation:
        return {"deep": name == DEEP and spec is None, "bound": ""}
    sides = (f" {side} {getattr(spec, side):g}" for side in ("above", "below") if getattr(spec, side) is not None)
    bound = spec.cooperation.removeprefix("index").strip() + "".join(sides)
    return {"deep": False, "bound": bound, "issue": spec.issue, "time": spec.for_}


def in_force(subject: Subject) -> dict[str, dict[str, list[str]]]:
    """What presses and what binds the two at the start, by actor; what both have is under no name."""
    axes, record, sides = subject.base.names, subject.base.record, set(subject.file.principals)
    found: dict[str, dict[str, list[str]]] = {"presses": {}, "binds": {}}
    for place, name in enumerate(axes.arrangements):
        kind, pair, _ = name.split(" | ")
        actor, target = pair.split(" -> ")
        if {actor, target} == sides and record.in_force[0, place].mean() > 0.5:
            who = "" if axes.arrangement_is_mutual[place] else subject.actor(actor)
            kinds = found["presses" if axes.arrangement_scores[place] < 0.0 else "binds"].setdefault(who, [])
            if kind not in kinds:
                kinds.append(kind)
    return found


def difference_names(subject: Subject) -> dict[str, str]:
    """The outlooks whose difference has a figure, by the name of the figure."""
    few = subject.others if len(subject.others) <= MOST_DIFFERENCES else ()
    return {f"difference {letter}": name for letter, name in zip("abc", few, strict=False)}
