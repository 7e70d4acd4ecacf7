"""Reads YAML into nodes that know their place.

YAML 1.2's core schema, with what a scenario has no use for refused: anchors and aliases (which can expand
to billions of values), tags, merge keys, several documents, duplicate keys, infinity, values left empty.
`no`, `on` and `12:30` are text, `1e-3` is a number, `017` is 17; a date stays text until a field asks for one.
Built from the parser's events, without recursion, so that no input can exhaust the stack.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from tensionsim.scenario.nodes import LARGEST, ListNode, MapNode, Node, Plain, ScalarNode
from tensionsim.scenario.places import Place, Source
from tensionsim.scenario.problems import Report, quoted

if TYPE_CHECKING:
    import yaml

DEEPEST = 50
MOST_VALUES = 20_000

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

_IN_WORDS = (
    ("cannot start any token", "this character cannot start a value here; put the text in quotes"),
    (
        "mapping values are not allowed",
        "a second ': ' on this line, or a key indented too far; put text with ': ' in quotes",
    ),
    ("could not find expected ':'", "a key without ': ' after it"),
    ("',' or ']'", "a list [...] that is not closed, or lacks a comma"),
    ("',' or '}'", "a mapping {...} that is not closed, or lacks a comma"),
    ("node content", "a value is missing here, or a list or mapping is not closed"),
    ("expected <block end>", "this line is not indented like those above it"),
    ("did not find expected key", "this line is not indented like the keys above it"),
    ("did not find expected '-' indicator", "this line is not indented like the list items above it"),
    ("sequence entries are not allowed", "a list item '- ' cannot stand here; start it on a line of its own"),
    ("found unexpected end of stream", "a quoted text that is never closed"),
    ("found a tab character", "a tab in the indentation; use spaces"),
    ("found undefined tag handle", "tags ('!') have no use in a scenario"),
    ("found unknown escape character", "an unknown escape after '\\'; use single quotes to keep backslashes"),
    ("unexpected content after document", "a second document; a scenario is one"),
)


@dataclass(slots=True)
class _Open:
    """A list or mapping that the parser is inside of."""

    place: Place
    is_map: bool
    nodes: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    key: str | None = None
    awaits_value: bool = False

    def closed(self) -> Node:
        if self.is_map:
            return MapNode(self.entries, self.place, self.keys)
        return ListNode(tuple(self.nodes), self.place)


class _Refused(Exception):
    """Reading cannot go on; the problem has been reported."""


def source_of(text: str, name: str, order: int = 0) -> Source:
    """The source that messages about `text` refer to."""
    return Source(name, tuple(_LINE_BREAK.split(text)), order)


def read_nodes(text: str, source: Source, report: Report) -> Node | None:
    """The tree that a YAML text means; None if it cannot be read, with the reason in `report`."""
    if found := _NOT_PRINTABLE.search(text):
        before = _LINE_BREAK.split(text[: found.start()])
        place = Place(source, len(before), len(before[-1]) + 1)
        report.add(place, f"character U+{ord(found[0]):04X} cannot stand in a scenario file")
        return None
    try:
        return _Builder(source, report).build(text)
    except _Refused:
        return None


class _Builder:
    """Turns parser events into nodes."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.values = 0

    def build(self, text: str) -> Node | None:
        import yaml

        for event in self._events(text):
            if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent, yaml.AliasEvent)):
                self._begin(event, yaml)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._add(self.open.pop().closed())
            elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                self._refuse(event, "a second document; a scenario is one")
        if self.root is None:
            self.report.add(Place(self.source), "nothing but comments; a scenario is a mapping of keys to values")
        return self.root

    def _events(self, text: str) -> Iterator[Any]:
        import yaml

        parser: Any = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)
        try:
            while parser.check_event():
                yield parser.get_event()
        except yaml.YAMLError as error:
            self._syntax(error)

    def _begin(self, event: Any, yaml: Any) -> None:
        place = self._place(event)
        self.values += 1
        if self.values > MOST_VALUES:
            self._refuse(event, f"more than {MOST_VALUES:,} values; a scenario is smaller")
        if isinstance(event, yaml.AliasEvent):
            self.report.add(
                place, f"alias '*{event.anchor}' has no use in a scenario; write the value out, or use `extends`"
            )
            self._add(ScalarNode(None, place, "*"))
            return
        if event.anchor:
            self.report.add(
                place, f"anchor '&{event.anchor}' has no use in a scenario; use `extends` or `leaders` to share values"
            )
        if event.tag is not None:
            self.report.add(place, f"tag {quoted(event.tag)} has no use in a scenario; write the bare value")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, place)
            return
        if len(self.open) >= DEEPEST:
            self._refuse(event, f"values are nested more than {DEEPEST} deep")
        self.open.append(_Open(place, isinstance(event, yaml.MappingStartEvent)))

    def _scalar(self, event: Any, place: Place) -> None:
        text = event.value if event.value.isascii() else normalize("NFC", event.value)
        if not text.isascii() and _SURROGATE.search(text):
            self.report.add(place, "half of a surrogate pair; write the character itself")
            text = "?"
        level = self.open[-1] if self.open else None
        if level and level.is_map and not level.awaits_value:
            self._key(level, text, place, not event.style)
        else:
            is_plain = not event.style and event.tag is None
            self._add(ScalarNode(self._value(text, place) if is_plain else text, place, text))

    def _key(self, level: _Open, text: str, place: Place, is_plain: bool) -> None:
        level.awaits_value = True
        level.key = text
        if text in level.entries:
            first = level.keys[text].line
            self.report.add(place, f"key {quoted(text)} is given twice in one mapping; first on line {first}")
            level.key = None
        elif text == "<<" and is_plain:
            self.report.add(place, "merge keys '<<' have no use in a scenario; use `extends` or `leaders`")
            level.key = None
        elif not text:
            self.report.add(place, "this key is empty")
            level.key = None
        if level.key is not None:
            level.keys[text] = place

    def _add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        level = self.open[-1]
        if not level.is_map:
            if isinstance(node, ScalarNode) and node.value is None and node.text in _CONSTANTS:
                self.report.add(node.place, "this list item is empty; write a value or remove it")
            level.nodes.append(node)
            return
        if not level.awaits_value:
            self.report.add(node.place, "a key must be a text, not a list or a mapping")
            level.awaits_value, level.key = True, None
            return
        level.awaits_value = False
        if level.key is None:
            return
        if isinstance(node, ScalarNode) and node.value is None and node.text in _CONSTANTS:
            self.report.add(
                level.keys[level.key],
                f"{quoted(level.key)} has no value; write one, or drop the line (`remove` drops what a base gave)",
            )
        level.entries[level.key] = node

    def _value(self, text: str, place: Place) -> Plain:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if not (_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text)):
            return int(text, 0) if _OTHER_BASE.fullmatch(text) and len(text) <= 15 else text
        number = math.inf if _NOT_FINITE.fullmatch(text) else float(text)
        if abs(number) < LARGEST:
            return int(text) if _INTEGER.fullmatch(text) else number
        self.report.add(place, f"{text[:30]} is not a number of ordinary size, below {LARGEST:g}")
        return None

    def _place(self, event: Any) -> Place:
        return Place(self.source, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, event: Any, message: str) -> None:
        self.report.add(self._place(event), message)
        raise _Refused

    def _syntax(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        place = Place(self.source, mark.line + 1, mark.column + 1) if mark else Place(self.source, 1, 1)
        words = next((words for start, words in _IN_WORDS if start in said), said)
        opened = getattr(error, "context_mark", None)
        if "closed" in words and opened and opened.line + 1 < place.line:
            words = f"{words}; it begins on line {opened.line + 1}"
        line = self.source.lines[place.line - 1] if place.line <= len(self.source.lines) else ""
        if "\t" in line[: place.column]:
            words = "a tab in the indentation; use spaces"
        self.report.add(place, f"not YAML: {words}")
        raise _Refused
