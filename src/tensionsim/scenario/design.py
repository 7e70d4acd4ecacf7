"""Design files: which points of a scenario's values a sweep runs. Read, checked, and written again.

    method: grid                    # or zip, lhs, sobol
    over:
      actors.bogota.insulation: {from: 0.2, to: 1.0, points: 5}
      actors.washington.rhetoric: [0.2, 0.5, 0.8]
      outlook: [calm, loud]
    set:
      end: 2026-10-28

All problems of a file come at once, each with its line and column. What is given on the command line or in Python goes
the same way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tensionsim.scenario.distributions import FAMILIES, UncertainNumber, is_distribution, parse
from tensionsim.scenario.files import find, read, rows_of_text
from tensionsim.scenario.paths import ANY, NoPath, parse_path
from tensionsim.scenario.yaml_tree import (
    NOTHING,
    Node,
    Report,
    Source,
    SourceLocation,
    from_plain,
    listed,
    quoted,
    read_nodes,
    source_of,
    write,
)

METHODS: Mapping[str, str] = {
    "grid": "every combination of the values",
    "zip": "first values together, second values together, and so on",
    "lhs": "a Latin hypercube",
    "sobol": "Sobol' points",
}
"""What makes points of factors."""

SAMPLING = ("lhs", "sobol")
KEYS = ("method", "over", "points", "seed", "set")

OUTLOOK = "outlook"
"""The factor that is no path of the scenario file but the branch taken of it."""

MOST_POINTS = 20_000
MOST_FACTORS = 100
MOST_LEVELS = 20_000
"""Values of one factor; a reader's patience ends earlier."""

ALLOWED = (
    "values are a list like 0.2,0.4,0.6, a range start:stop:number like 0.2:1.0:5 (both ends), or, for the methods lhs "
    "and sobol, an interval low:high or a distribution like {triangular: [0, 0.2, 1]}"
)
"""What a message says of the values that a factor may have."""

TAKEN = ("point", "date", "statistic", "mean", "q05", "q25", "median", "q75", "q95")
TAKEN_BEGINNINGS = ("index_", "difference", "regime_", "months_", "event_")
"""Names and beginnings of names that columns of outcomes have."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*:\s*({_NUMBER})\s*(?::\s*({_NUMBER})\s*)?")
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that is varied: at a path, or the outlook, over levels or by draws from a family.

    given : the values as a design file has them. location, locations : where the factor and each level stand.
    """

    path: str
    levels: tuple[Any, ...]
    family: UncertainNumber | None
    given: object
    location: SourceLocation = field(repr=False, compare=False)
    locations: tuple[SourceLocation, ...] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Design:
    """What is varied and how: method, factors, and of a sample the number of points and its seed.

    set : values by path that are the same at all points, which stand at `set_locations`.
    """

    method: str
    factors: tuple[Factor, ...]
    points: int | None = None
    seed: int = 0
    set: Mapping[str, object] = field(default_factory=dict)
    location: SourceLocation = field(default=SourceLocation(Source("the design")), repr=False, compare=False)
    set_locations: Mapping[str, SourceLocation] = field(default_factory=dict, repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Short names of the factors, as columns of tables."""
        return short_names([one.path for one in self.factors])

    @property
    def size(self) -> int:
        """How many points it has."""
        if self.points is not None:
            return self.points
        counts = [len(one.levels) for one in self.factors]
        return math.prod(counts) if self.method == "grid" else counts[0]

    @property
    def text(self) -> str:
        """The design as a file that reads back as the same design."""
        sampling = {"points": self.points, "seed": self.seed} if self.method in SAMPLING else {}
        values = {"over": {one.path: one.given for one in self.factors}} | ({"set": self.set} if self.set else {})
        return write({"method": self.method, **sampling, **values})


def read_design(path: str | Path) -> Design:
    """The design of a file; ScenarioError lists every problem, each with its place."""
    report = Report()
    found = draft(path, report)
    if found is None or len(report):
        report.stop()
    return found


def draft(path: str | Path, report: Report) -> Design | None:
    """What can be read of the design of a file, YAML or a CSV table of points; its problems are noted in `report`."""
    file = find(str(path), report, "design")
    text = read(file, None, 0, report) if file else None
    if file is None or text is None:
        return None
    tree = _of_table(*text, report) if file.path.suffix.lower() == ".csv" else read_nodes(*text, report)
    return _design(tree, report, _NO_WORDS) if tree else None


def _of_table(text: str, source: Source, report: Report) -> Node | None:
    """The tree of a design that is a CSV table: paths in its header, a point a row."""
    before, columns, rows = len(report), dict[str, list[Node]](), rows_of_text(text, source, report)
    if not rows and len(report) == before:
        report.add(SourceLocation(source, 1, 1), "there is no point below the header")
    for place, row in rows:
        for name, cell in row.items():
            inner = Report()
            node = read_nodes(cell, Source(source.name), inner)
            if not node or len(inner):
                report.add(place, f"{quoted(cell)} is no value of {name}")
            else:
                columns.setdefault(name, []).append(from_plain(node.plain, place, report))
    place = SourceLocation(source, 1, 1)
    over = Node({name: Node(tuple(cells), place) for name, cells in columns.items()}, place)
    return Node({"method": Node("zip", place), "over": over}, place) if len(report) == before else None


def draft_of(
    given: Mapping[str, Any], report: Report, *, word: str = "the design", words: Mapping[str, str] = _NO_WORDS
) -> Design | None:
    """What can be made of a mapping, called `word`, whose keys are called `words`; its problems are noted."""
    keys, nodes = dict[str, SourceLocation](), dict[str, Node]()
    for key, value in ((str(key), value) for key, value in given.items()):
        keys[key] = location = SourceLocation(Source(words.get(key, key)))
        if isinstance(value, Mapping):
            below = {str(name): SourceLocation(Source(location.source.name, label=str(name))) for name in value}
            made = {str(name): _node_of(each, below[str(name)], report) for name, each in value.items()}
            nodes[key] = Node({name: node for name, node in made.items() if node}, location, keys=below)
        elif node := _node_of(value, location, report):
            nodes[key] = node
    return _design(Node(nodes, SourceLocation(Source(word)), keys=keys), report, words)


def _node_of(value: object, location: SourceLocation, report: Report) -> Node | None:
    """The node of a Python value, which may be an array, a table's column or a range."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif isinstance(value, Iterable) and not isinstance(value, (str, Mapping)):
        value = list(value)
    before = len(report)
    if location.source.label == OUTLOOK and isinstance(value, list) and None in value:
        report.add(location, "a value is missing; no outlook is written 'none', as a text")
        value = [one for one in value if one is not None]
    node = from_plain(value, location, report)
    return node if len(report) == before else None


def _design(tree: Node, report: Report, words: Mapping[str, str]) -> Design | None:
    """What a tree says of a design, its faults noted; factors that cannot be read are left out."""
    if not tree.is_mapping:
        report.add(tree.location, f"a design is a mapping with the keys {', '.join(KEYS)}")
        return None
    for key, location, _ in tree.entries:
        if key not in KEYS:
            report.add(location, f"no key {quoted(key)}{report.near(key, KEYS)}")
    method: str | None = "grid"
    if (node := tree.child("method")) and (method := node.text) not in METHODS:
        report.add(node.location, f"no method {quoted(node.plain)}{report.near(method or '', METHODS)}")
        method = None
    factors, (points, seed) = _factors(tree, report), _sampling(tree, method, report, words)
    for one in factors:
        if method in ("grid", "zip") and one.family is not None:
            node, ends, form = tree.child("over", one.path), one.given, "a list or a range with one"
            if isinstance(ends, dict) and "from" in ends:
                low, high = f"{ends['from']:g}", f"{ends['to']:g}"
                form = f"{low}:{high}:5" if node.text else f"{{from: {low}, to: {high}, points: 5}}"
                form += " for five"
            drawn = "--method lhs or sobol" if words else "the method lhs or sobol"
            fault = f"a {method} takes single values, and this has no number of them; write {form}, or take {drawn}"
            report.add((node or tree).location, fault)
    given = tree.child("set")
    if given and not given.is_mapping:
        report.add(given.location, "`set` maps paths to values, like end: 2026-10-28")
    values = {path: value.plain for path, _, value in given.entries}
    places = {path: key if value.is_mapping or value.is_list else value.location for path, key, value in given.entries}
    found = Design(method or "grid", factors, points, seed, values, tree.location, places)
    if method in ("grid", "zip"):
        _check_size(found, tree.keys.get("over", tree.location), report)
    return found


def _factors(tree: Node, report: Report) -> tuple[Factor, ...]:
    over = tree.child("over")
    if over.is_mapping and over.keys and not over.by_key:
        return ()  # each of them has its problem
    if not over.is_mapping or not over.by_key:
        fault = "is missing" if not over else "is empty" if over.is_mapping else "is no mapping"
        form = f"it maps paths to values, like actors.bogota.rhetoric: [0.2, 0.5]; {ALLOWED}"
        report.add((over or tree).location, f"`over` {fault}; {form}")
        return ()
    if len(over.by_key) > MOST_FACTORS:
        report.add(over.location, f"{len(over.by_key)} factors are more than {MOST_FACTORS}")
        return ()
    read = [_factor(path, location, node, report) for path, location, node in over.entries]
    return tuple(one for one in read if one is not None)


def _sampling(tree: Node, method: str | None, report: Report, words: Mapping[str, str]) -> tuple[int | None, int]:
    """The number of points of a sample and its seed; None and 0 where nothing is drawn."""
    found: dict[str, int] = {}
    for key, allowed, least, most in (
        ("points", f"in 1..{MOST_POINTS}", 1, MOST_POINTS),
        ("seed", ">= 0", 0, math.inf),
    ):
        node, called, fault = tree.child(key), words.get(key, f"`{key}`"), ""
        count: Any = node.plain
        if not node:
            if method in SAMPLING and key == "points":
                fault = f"{called} is missing: how many points {METHODS[str(method)]} shall have"
        elif method in ("grid", "zip"):
            fault = f"a {method} draws no points, it has as many as its values make; drop {called}"
        elif type(count) is not int or not least <= count <= most:
            fault = f"{called} is a whole number {allowed}; found {quoted(count)}"
        elif key == "points" and method == "sobol" and count & (count - 1):
            below = 1 << (count.bit_length() - 1)
            above = f" or {2 * below}" if 2 * below <= MOST_POINTS else ""
            fault = f"Sobol' points are balanced in powers of 2 only: not {count}, but {below}{above}"
        else:
            found[key] = count
        if fault:
            report.add((node or tree).location, fault)
    return found.get("points"), found.get("seed", 0)


def _check_size(design: Design, location: SourceLocation, report: Report) -> None:
    """Whether the factors of a grid or zip make points together, and not too many."""
    counts = {one.path: len(one.levels) for one in design.factors if one.levels}
    sizes, is_grid = ", ".join(f"{path} has {count}" for path, count in counts.items()), design.method == "grid"
    if not is_grid and len({*counts.values()}) > 1:
        report.add(location, f"a zip takes values one by one, so all factors need as many: {sizes}")
    for one in design.factors if is_grid else ():
        seen = set()
        for level, where in zip(one.levels, one.locations, strict=True):
            if repr(level) in seen:
                report.add(where, f"value {quoted(level)} is given twice; a grid takes each once")
            seen.add(repr(level))
    if is_grid and (size := math.prod(counts.values())) > MOST_POINTS:
        report.add(location, f"this grid has {size:,} points, more than {MOST_POINTS:,}: {sizes}")


def _factor(path: str, key: SourceLocation, node: Node, report: Report) -> Factor | None:
    """The factor that a path, which stands at `key`, and its values mean; None if they mean none."""
    text = node.text
    read = node if text is None else _from_text(text, node.location, report)
    if read and read.is_mapping:
        if {"from", "to", "points"} & read.by_key.keys():
            return _between(path, key, read, report)
        given, named = read.plain, [(name, value) for name, _, value in read.entries if name in FAMILIES]
        if len(read.by_key) != 1 or not named:
            report.add(read.location, f"a mapping with {listed(read.by_key) or 'nothing'} is no values; {ALLOWED}")
            return None
        ((name, values),) = named
        try:
            if not is_distribution(given):
                raise ValueError(f"{name} takes {FAMILIES[name].form}, numbers; found {quoted(values.plain)}")
            return Factor(path, (), parse(given), given, key, ())
        except ValueError as error:
            report.add(values.location, str(error))
            return None
    nodes = read.items if read and read.is_list else (read,) if read else ()
    if read and not nodes:
        report.add(read.location, f"there is no value in this list; {ALLOWED}")
    elif read and len(nodes) > MOST_LEVELS:
        report.add(read.location, f"{len(nodes):,} values are more than {MOST_LEVELS:,}")
    elif read:
        levels = [one.plain for one in nodes]
        return Factor(path, tuple(levels), None, levels, key, tuple(one.location for one in nodes))
    return None


def _from_text(text: str, location: SourceLocation, report: Report) -> Node | None:
    """The node that VALUES of the command line mean; all of it stands at `location`."""
    bare, parts, fault, inner = text.strip(), [part.strip() for part in text.split(":")], "", Report()
    if found := _RANGE.fullmatch(text):
        ends = zip(("from", "to", "points"), found.groups(), strict=True)
        bare = f"{{{', '.join(f'{name}: {value}' for name, value in ends if value)}}}"
    elif len(parts) > 1 and not set(text) & set(",[{'\"") and any(not p or re.fullmatch(_NUMBER, p) for p in parts):
        fault = f"{quoted(text)} is no range"
    elif bare.startswith(",") or bare.endswith(",") or not bare:
        fault = f"a value is missing in {quoted(text)}"
    node = NOTHING if fault else read_nodes(f"[{bare}]", source_of(bare, location.source.name), inner)
    if bare[:1] in ("[", "{") and len(node.items) == 1:  # one list or mapping, rather than several values
        (node,) = node.items
    if not node or len(inner):
        fault = fault or f"{quoted(text)} cannot be read ({inner.problems()[0].message})"
        report.add(location, f"{fault}; {ALLOWED}")
        return None
    return from_plain(node.plain, location, report)


def _between(path: str, key: SourceLocation, node: Node, report: Report) -> Factor | None:
    """A factor over a range or an interval."""
    before = len(report)
    for name in ("from", "to"):
        if name not in node.by_key:
            report.add(node.location, f"`{name}` is missing; a range is {{from: 0.2, to: 1.0, points: 5}}")
    for name, location, value in node.entries:
        count = value.plain
        if name not in ("from", "to", "points"):
            report.add(location, f"a range has no {quoted(name)}; it has from, to, points")
        elif name != "points" and value.number is None:
            report.add(value.location, f"`{name}` is a number; found {quoted(count)}")
        elif name == "points" and not (type(count) is int and 2 <= count <= MOST_LEVELS):
            words = f"the number of values of a range is whole, in 2..{MOST_LEVELS}; found {quoted(count)}"
            report.add(value.location, words)
    if len(report) > before:
        return None
    given: Any = {name: node.by_key[name].plain for name in ("from", "to", "points") if name in node.by_key}
    start, stop, count = given["from"], given["to"], given.get("points")
    if start == stop:
        report.add(node.location, f"both ends are {start:g}; a range goes from one value to another")
    elif count is None and start > stop:
        report.add(node.location, f"an interval goes from low to high; found {start:g} to {stop:g}")
    elif count is None:
        return Factor(path, (), UncertainNumber("uniform", (float(start), float(stop))), given, key, ())
    elif isinstance(start, int) and isinstance(stop, int) and (stop - start) % (count - 1) == 0:
        levels = tuple(start + (stop - start) // (count - 1) * index for index in range(count))
        return Factor(path, levels, None, given, key, (node.location,) * count)
    else:  # 0.6 rather than 0.6000000000000001
        shares = [index / (count - 1) for index in range(count)]
        rounded = tuple(float(f"{start * (1.0 - share) + stop * share:.12g}") for share in shares)
        return Factor(path, rounded, None, given, key, (node.location,) * count)
    return None


def value_in_words(value: object) -> str:
    """A level as tables, labels and messages show it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {value_in_words(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(value_in_words, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def short_names(texts: Sequence[str]) -> tuple[str, ...]:
    """As few of the last keys of each path as tell it from the others, as names that Python takes.

    >>> short_names(["actors.bogota.rhetoric", "actors.*.rhetoric"])
    ('bogota_rhetoric', 'all_rhetoric')
    """
    keys = [_keys(text) for text in texts]
    lengths = [1] * len(keys)
    while True:
        ends = ("_".join(parts[-length:]) for parts, length in zip(keys, lengths, strict=True))
        names = [re.sub(r"\W+", "_", end).strip("_") for end in ends]
        wanting = [
            index
            for index, name in enumerate(names)
            if names.count(name) > 1 or name in TAKEN or name.startswith(TAKEN_BEGINNINGS) or not name.isidentifier()
        ]
        longer = [index for index in wanting if lengths[index] < len(keys[index])]
        if not longer:
            return tuple(f"factor_{index}_{name}" if index in wanting else name for index, name in enumerate(names))
        for index in longer:
            lengths[index] += 1


def _keys(text: str) -> tuple[str, ...]:
    try:
        return tuple("all" if part == ANY else part for part in parse_path(text))
    except NoPath:
        return (text,)
