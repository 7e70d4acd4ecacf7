"""YAML text to nodes that know where they stand, problems that name the place, and plain values to text again.

What is read is YAML 1.2's core schema, with what a scenario has no use for refused: anchors and aliases (which can
expand to billions of values), tags, merge keys, several documents, duplicate keys, infinity, values left empty. `no`,
`on` and `12:30` are text, `1e-3` is a number, `017` is 17; a date stays text until a field asks for one. Nodes are
built from the parser's events: those that PyYAML composes tell no alias, and depth and size are to be bounded first.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias
from unicodedata import normalize

from tensionsim.errors import Problem, ScenarioError, nearest

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text that was read: the name that messages show, its lines, when, and what stands for lines (a `--set`)."""

    name: str
    lines: tuple[str, ...] = ()
    order: int = 0
    label: str = ""

    def line(self, number: int) -> str:
        """A line by its number; empty if there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A line and column of a source, both from 1; 0 where it has none."""

    source: Source
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}" if self.line else self.source.name

    def seen_from(self, other: SourceLocation) -> str:
        """How a message about `other` refers to this location: "line 4", or "base.yaml:4"."""
        if not self.line:
            return f"{self.source.name} {self.source.label}".strip()
        return f"line {self.line}" if self.source is other.source else str(self)


DEEPEST = 50
"""Nodes are nested no further."""

LARGEST = 1e15
"""Numbers are below it, so that no sum of them overflows."""

Plain: TypeAlias = "str | int | float | bool | None"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """What stands at a place: one value, nodes in a row or nodes by key; what is not there is a node that is False.

    value : in a mapping the nodes by key, in a list a tuple of nodes; None for what was refused. written : how a single
    value was written. keys : where each key of a mapping stands.
    """

    value: Plain | tuple[Node, ...] | dict[str, Node]
    location: SourceLocation
    written: str = ""
    keys: Mapping[str, SourceLocation] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self is not NOTHING

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, tuple)

    @property
    def by_key(self) -> dict[str, Node]:
        """The nodes of a mapping, in the order of the file; empty if it is none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def entries(self) -> list[tuple[str, SourceLocation, Node]]:
        """Key, its location and node of each entry of a mapping."""
        return [(key, self.keys.get(key, node.location), node) for key, node in self.by_key.items()]

    @property
    def items(self) -> tuple[Node, ...]:
        """The nodes of a list; empty if it is none."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str | None:
        """The text that it holds; None if it holds something else."""
        return self.value if isinstance(self.value, str) else None

    @property
    def number(self) -> float | None:
        """The number that it holds; None if it holds something else."""
        is_number = isinstance(self.value, (int, float)) and not isinstance(self.value, bool)
        return float(self.value) if is_number else None  # type: ignore[arg-type]

    @property
    def plain(self) -> Any:
        """It as plain Python values."""
        if isinstance(self.value, dict):
            return {key: node.plain for key, node in self.value.items()}
        return [node.plain for node in self.value] if isinstance(self.value, tuple) else self.value

    def child(self, *keys: str) -> Node:
        """The node below it under keys, where those of a list are its positions."""
        node = self
        for key in keys:
            is_place = key.isdecimal() and float(key) < len(node.items)
            node = node.items[int(key)] if is_place else node.by_key.get(key, NOTHING)
        return node

    def with_entry(self, key: str, node: Node, location: SourceLocation) -> Node:
        """The mapping with `key` set to `node`; the key's own location stays if it had one."""
        return Node({**self.by_key, key: node}, self.location, keys={key: location, **self.keys})

    def without(self, key: str) -> Node:
        left = {name: node for name, node in self.by_key.items() if name != key}
        return Node(left, self.location, keys={name: place for name, place in self.keys.items() if name != key})


NOTHING = Node(None, SourceLocation(Source("")))
"""What is not there."""

MOST_SHOWN = 200
"""Problems of one scenario that are listed; the others are counted."""

_WIDEST_LINE = 160


@dataclass(slots=True)
class Report:
    """The problems found so far, and notes on what was read differently from how it is written.

    Within `outlook(...)` only places without a problem get one, since an outlook repeats what the scenario says.
    """

    notes: list[str] = field(default_factory=list)
    _found: dict[tuple[SourceLocation, str], None] = field(default_factory=dict)
    _outlook: str = ""
    _told: set[SourceLocation] = field(default_factory=set)
    _taken: list[Problem] = field(default_factory=list)

    def add(self, location: SourceLocation, message: str) -> None:
        """Notes a problem, once."""
        if location in self._told:
            return
        if self._outlook and not message.startswith("outlook "):
            message = f"{message} (in outlook {quoted(self._outlook)})"
        self._found.setdefault((location, message))

    @contextmanager
    def outlook(self, name: str) -> Iterator[None]:
        """Within it, problems are those of the outlook `name`."""
        self._outlook, self._told = name, {location for location, _ in self._found}
        yield
        self._outlook, self._told = "", set()

    def take(self, error: ScenarioError) -> None:
        """Notes the problems of another report, which are told before its own."""
        self._taken += error.problems

    def __len__(self) -> int:
        return len(self._found) + len(self._taken)

    def near(self, word: str, allowed: Iterable[str]) -> str:
        """What to add to a message: the nearest allowed word, or the list of them."""
        words = list(allowed)
        hint = meant(word, words) if len(self) < MOST_SHOWN else ""
        return hint or (f"; there is {listed(words)}" if words else "")

    def raise_if_any(self) -> None:
        if len(self):
            self.stop()

    def stop(self) -> NoReturn:
        """Raises ScenarioError with the problems, in the order of the files."""
        raise ScenarioError(self.problems())

    def problems(self) -> list[Problem]:
        """The problems found so far, in the order of the files."""
        problems, found = [], sorted(self._found, key=lambda one: (one[0].source.order, one[0].line, one[0].column))
        for location, message in found[:MOST_SHOWN]:
            source, label = location.source, "" if location.line else location.source.label
            words = printable(f"{label}: {message}" if label else message)
            shown = printable(source.line(location.line))[:_WIDEST_LINE] if location.column <= _WIDEST_LINE else ""
            problems.append(Problem(source.name, location.line, location.column, words, shown.rstrip()))
        if more := len(found) - len(problems):
            problems.append(Problem(problems[0].file, 0, 0, f"{more:,} more problems are not shown"))
        return [*self._taken, *problems]


def from_plain(
    value: object, location: SourceLocation, report: Report, *, path: str | None = None, depth: int = 0
) -> Node:
    """The node that a plain Python value means; what cannot stand in a scenario file is noted, with None in its place.

    path : keys down to the value, dotted, by which messages call it; None where all stands at `location`.
    """

    def node(key: object, item: object) -> Node:
        if path is None:
            return from_plain(item, location, report, depth=depth + 1)
        name = f'"{key}"' if "." in str(key) else str(key)
        keys, of = f"{path}.{name}" if path else name, location.source
        place = SourceLocation(Source(of.name, of.lines, of.order, printable(keys)[:80]))
        return from_plain(item, place, report, path=keys, depth=depth + 1)

    if type(value) not in _SINGLE:
        if hasattr(value, "tolist"):  # an array, a column, or a number of NumPy
            value = value.tolist()
        if isinstance(value, Mapping) and depth < DEEPEST:
            nodes = {str(key): node(key, item) for key, item in value.items()}
            return Node(nodes, location, keys={key: one.location for key, one in nodes.items()})
        if isinstance(value, list | tuple | range) and depth < DEEPEST:
            return Node(tuple(node(*pair) for pair in enumerate(value)), location)
        if isinstance(value, dt.date):
            value = value.isoformat()[:10]
    strange = _NOT_YAML.search(value) if isinstance(value, str) else None
    if isinstance(value, (str, int, float)) and not strange and (isinstance(value, str) or abs(value) < LARGEST):
        return Node(value, location, str(value))
    report.add(location, _fault(value, strange))
    return Node(None, location, "*")


def _fault(value: object, strange: re.Match[str] | None) -> str:
    """Why a value cannot stand in a scenario."""
    if strange:
        return f"character U+{ord(strange[0]):04X} cannot stand in a scenario"
    if isinstance(value, Mapping | list | tuple | range):
        return f"values are nested more than {DEEPEST} deep"
    if isinstance(value, (int, float)):
        return f"{str(value)[:30]} is not a number of ordinary size, below {LARGEST:g}"
    if value is None:
        return "a value is missing"
    return f"a value of type {type(value).__name__} cannot stand in a scenario"


def meant(word: str, allowed: Iterable[str]) -> str:
    """What to add to a message: the nearest allowed word; nothing if none is near."""
    return f"; did you mean {quoted(best)}?" if (best := nearest(word, allowed)) else ""


def printable(text: str) -> str:
    """The text with spaces of every kind as one blank each, and what steers a terminal replaced."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text)


def quoted(value: object) -> str:
    """A value as messages show it: in quotes, on one line, not too long."""
    text = printable(str(value)[:81])
    return f"'{text[:60]}...'" if len(text) > 63 else f"'{text}'"


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence, the first dozen of them."""
    known = list(words)
    shown = ", ".join(printable(word[:60]) for word in known[:12])
    return f"{shown}, ..." if len(known) > 12 else shown


MOST_VALUES = 20_000

_SINGLE = frozenset((str, int, float, bool))

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_YAML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ud800-\udfff]|[\ufeff\ufffe\uffff]")
_CONSTANTS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"([-+]?[0-9]+)|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|([-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
"""A whole number, any other, and what is not finite."""

_IN_WORDS = (
    ("cannot start any token", "this character cannot start a value here; put the text in quotes"),
    ("mapping values are not", "a second ': ' on this line, or a key indented too far; put text with ': ' in quotes"),
    ("',' or ']'", "a list [...] that is not closed, or lacks a comma"),
    ("',' or '}'", "a mapping {...} that is not closed, or lacks a comma"),
    ("node content", "a value is missing here, or a list or mapping is not closed"),
    ("expected <block end>", "this line is not indented like those above it"),
    ("did not find expected key", "this line is not indented like the keys above it"),
    ("did not find expected '-' indicator", "this line is not indented like the list items above it"),
    ("sequence entries are not allowed", "a list item '- ' cannot stand here; start it on a line of its own"),
    ("found unexpected end of stream", "a quoted text that is never closed"),
    ("unexpected content after document", "a second document; a scenario is one"),
)


class _Refused(Exception):
    """Reading cannot go on; the problem has been reported."""


def source_of(text: str, name: str, order: int = 0) -> Source:
    """The source that messages about `text` refer to."""
    return Source(name, tuple(_LINE_BREAK.split(text)), order)


def read_nodes(text: str, source: Source, report: Report) -> Node:
    """The tree that a YAML text means; nothing if it cannot be read, with the reason in `report`."""
    if found := _NOT_YAML.search(text):
        before = _LINE_BREAK.split(text[: found.start()])
        location = SourceLocation(source, len(before), len(before[-1]) + 1)
        report.add(location, f"character U+{ord(found[0]):04X} cannot stand in a scenario file")
        return NOTHING
    kept = _faultless(text, source.name, source.lines, source.order, source.label)
    return kept or _Reader(text, source, report).document()


@lru_cache(maxsize=16)
def _faultless(text: str, *source: Any) -> Node:
    """The tree of a text of which there is nothing to report; kept, as scenarios extend the same files."""
    report = Report()
    found = _Reader(text, Source(*source), report).document()
    return NOTHING if len(report) or report.notes else found


class _Reader:
    """Builds nodes from a parser's events, each of which is checked before what it holds is read."""

    def __init__(self, text: str, source: Source, report: Report) -> None:
        import yaml

        self.yaml, self.source, self.report, self.count = yaml, source, report, 0
        self.events = yaml.parse(text, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)

    def document(self) -> Node:
        """The node of the only document; nothing if there is none, or it cannot be read."""
        root = NOTHING
        try:
            for event in self.events:
                if isinstance(event, self.yaml.DocumentStartEvent) and root:
                    self._refuse(event, "a second document; a scenario is one")
                if isinstance(event, self.yaml.NodeEvent):
                    root = self._node(event, 0)
        except (_Refused, self.yaml.YAMLError) as end:
            if not isinstance(end, _Refused):
                self._note_syntax(end)
            return NOTHING
        if not root:
            words = "nothing but comments; a scenario is a mapping of keys to values"
            self.report.add(SourceLocation(self.source), words)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        location = self._check(event)
        if isinstance(event, self.yaml.ScalarEvent):
            text = self._text(event, location)
            is_quoted = event.style or event.tag is not None
            return Node(text if is_quoted else self._value(text, location), location, text)
        if isinstance(event, self.yaml.AliasEvent):
            return Node(None, location, "*")
        if depth >= DEEPEST:
            self._refuse(event, f"values are nested more than {DEEPEST} deep")
        is_mapping, found = isinstance(event, self.yaml.MappingStartEvent), list[Node]()
        values, keys = dict[str, Node](), dict[str, SourceLocation]()
        while not isinstance(event := next(self.events), self.yaml.CollectionEndEvent):
            key = self._key(event, depth + 1, values, keys) if is_mapping else None
            node = self._node(next(self.events) if is_mapping else event, depth + 1)
            # Nothing, or null, was written; what was refused as a value is no more empty.
            is_empty = node.value is None and node.written in _CONSTANTS
            if key is not None:
                values[key] = node
                words = "has no value; write one, or drop the line (`remove` drops what a base gave)"
                if is_empty:
                    self.report.add(keys[key], f"{quoted(key)} {words}")
            elif not is_mapping:
                found.append(node)
                if is_empty:
                    self.report.add(node.location, "this list item is empty; write a value or remove it")
        return Node(values if is_mapping else tuple(found), location, keys=keys)

    def _key(self, event: Any, depth: int, values: Mapping[str, Node], keys: dict[str, SourceLocation]) -> str | None:
        """The text of a key, whose location is put into `keys`; None if it cannot be one."""
        is_text = isinstance(event, self.yaml.ScalarEvent)
        location = self._check(event) if is_text else self._node(event, depth).location
        text = self._text(event, location) if is_text else ""
        if not is_text:
            fault = "a key must be a text, not a list or a mapping"
        elif text in values:
            fault = f"key {quoted(text)} is given twice in one mapping; first on line {keys[text].line}"
        elif text == "<<" and not event.style:
            fault = "merge keys '<<' have no use in a scenario; use `extends` or `leaders`"
        elif not text:
            fault = "this key is empty"
        else:
            keys[text] = location
            return text
        self.report.add(location, fault)
        return None

    def _check(self, event: Any) -> SourceLocation:
        """Where a node begins; notes what of YAML it may not use."""
        location = self._location(event.start_mark)
        self.count += 1
        if self.count > MOST_VALUES:
            self._refuse(event, f"more than {MOST_VALUES:,} values; a scenario is smaller")
        use = "has no use in a scenario"
        if event.anchor and isinstance(event, self.yaml.AliasEvent):
            self.report.add(location, f"alias '*{event.anchor}' {use}; write the value out, or use `extends`")
        elif event.anchor:
            self.report.add(location, f"anchor '&{event.anchor}' {use}; use `extends` or `leaders` to share values")
        if getattr(event, "tag", None) is not None:
            self.report.add(location, f"tag {quoted(event.tag)} {use}; write the bare value")
        return location

    def _text(self, event: Any, location: SourceLocation) -> str:
        text: str = event.value
        if event.style and (found := _NOT_YAML.search(text)):  # escaped, as in "\x07" or half a surrogate pair
            self.report.add(location, f"character U+{ord(found[0]):04X} cannot stand in a scenario file")
            return "?"
        return normalize("NFC", text)

    def _value(self, text: str, location: SourceLocation) -> Plain:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if not (found := _NUMBER.fullmatch(text)):
            return text
        number = math.inf if found[2] else float(text)
        if abs(number) < LARGEST:
            return int(number) if found[1] else number
        self.report.add(location, f"{text[:30]} is not a number of ordinary size, below {LARGEST:g}")
        return None

    def _location(self, mark: Any) -> SourceLocation:
        return SourceLocation(self.source, mark.line + 1, mark.column + 1)

    def _refuse(self, event: Any, message: str) -> NoReturn:
        self.report.add(self._location(event.start_mark), message)
        raise _Refused

    def _note_syntax(self, error: yaml.YAMLError) -> None:
        opened = getattr(error, "context_mark", None)
        mark = getattr(error, "problem_mark", None) or opened
        reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        location = self._location(mark) if mark else SourceLocation(self.source, 1, 1)
        words = next((words for start, words in _IN_WORDS if start in reason), reason)
        if "closed" in words and opened and opened.line + 1 < location.line:
            words = f"{words}; it begins on line {opened.line + 1}"
        if "\t" in self.source.line(location.line)[: location.column]:
            words = "a tab in the indentation; use spaces"
        self.report.add(location, f"not YAML: {words}")


WIDTH = 110

_BARE = re.compile(r"(?:\d+(?:\.\d+)? )?[^\W\d][\w ./()%'>-]*")
_READ_AS_OTHER = re.compile(r"(?i:null|true|false|yes|no|on|off|y|n|~)")
_LINES = r"(?:[!-~\xa1-\uD7FF][ -~\xa1-\u2027\u2030-\uD7FF]*\n)+"
"""Texts of lines that stand one below the other, a block of YAML; compiled where there is one, as it takes long."""
_NOT_WRITTEN = re.compile("[\0-\x1f\x7f-\x9f]|[\u2028\u2029]|[\ud800-\udfff]|[\ufeff\ufffe\uffff]")


def write(values: Mapping[str, object]) -> str:
    """YAML text of a mapping: one key a line, short mappings and lists on one line."""
    return "".join(f"{line}\n" for line in _block(values, 0))


def _block(values: Any, indent: int) -> list[str]:
    """The lines of a mapping or a list, each entry on lines of its own."""
    is_mapping, margin, lines = isinstance(values, Mapping), " " * indent, list[str]()
    for key, value in values.items() if is_mapping else enumerate(values):
        head = f"{margin}{_quote(str(key))}:" if is_mapping else f"{margin}-"
        if isinstance(value, str) and "\n" in value[:-1] and re.fullmatch(_LINES, value):
            lines += [f"{head} |", *(f"{margin}  {line}" for line in value.splitlines())]
            continue
        is_open = not isinstance(value, (str, int, float)) and value  # before the classes that take long to ask about
        is_open = is_open and isinstance(value, (Mapping, list, tuple) if is_mapping else Mapping)
        may_stand = not is_open or not (_is_long(value) or (indent == 0 and isinstance(value, Mapping)))
        flow = _flow(value) if may_stand else ""
        if may_stand and (not is_open or len(head) + len(flow) < WIDTH):
            lines.append(f"{head} {flow}")
            continue
        first, *others = _block(value, indent + 2)
        lines += [head, first] if is_mapping else [f"{head} {first.lstrip(' ')}"]
        lines += others
    return lines


def _is_long(value: object) -> bool:
    """Whether a value holds a list that no line has room for."""
    parts = value.values() if isinstance(value, Mapping) else ()
    return any(map(_is_long, parts)) or (isinstance(value, (list, tuple)) and 3 * len(value) > WIDTH)


def _flow(value: object) -> str:
    if isinstance(value, (int, float)):
        return repr(value).lower()  # true, false
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quote(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return value.isoformat() if isinstance(value, dt.date) else _quote(str(value))


def _quote(text: str) -> str:
    """The text, in quotes and with escapes where it would else be read as something other."""
    if _BARE.fullmatch(text) and not (_READ_AS_OTHER.fullmatch(text) or text.endswith(" ") or "  " in text):
        return text

    def escape(found: re.Match[str]) -> str:
        code = ord(found[0])
        return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"

    return _NOT_WRITTEN.sub(escape, json.dumps(text, ensure_ascii=False))
