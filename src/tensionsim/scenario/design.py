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
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tensionsim.scenario.distributions import FAMILIES, UncertainNumber, parse
from tensionsim.scenario.files import MOST_BYTES, NamedFile, read
from tensionsim.scenario.paths import ANY, NoPath, parse_path
from tensionsim.scenario.yaml_tree import (
    ListNode,
    MapNode,
    Node,
    Report,
    ScalarNode,
    Source,
    SourceLocation,
    entries,
    from_plain,
    items,
    listed,
    nearest,
    number_of,
    plain,
    quoted,
    read_nodes,
    source_of,
    text_of,
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
    """Something that is varied.

    path : as `--set` takes it, or `outlook`. levels : its values in order; empty where `family` is not None. family :
    the distribution that it is drawn from. given : the values as a design file has them, so that they are read back
    the same. location, locations : where the factor and each level stand, for messages.
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

    set : values by path that are the same at all points. location, set_locations : where the design and what is set
    stand, for messages.
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
    """The design of a file.

    Raises
    ------
    ScenarioError
        If it cannot be used; it lists every problem, each with its place.
    """
    report = Report()
    found = draft(path, report)
    if found is None or len(report):
        report.stop()
    return found


def draft(path: str | Path, report: Report) -> Design | None:
    """What can be read of the design of a file; its problems are noted in `report`."""
    path, name = Path(path), str(path)
    fault = ""
    if not os.path.lexists(path):
        beside = [entry for entry in (os.listdir(path.parent) if path.parent.is_dir() else []) if ".y" in entry]
        best = nearest(path.name, beside)
        fault = f"there is no such file{f'; did you mean {str(path.parent / best)!r}?' if best else ''}"
    elif path.is_dir():
        fault = "this is a folder, not a design file"
    elif path.is_file() and path.stat().st_size < MOST_BYTES and not path.read_bytes().strip():
        fault = "the file is empty; a design has at least the key `over`"
    if fault:
        report.add(SourceLocation(Source(name)), fault)
        return None
    text = read(NamedFile(path, name), None, 0, report)
    tree = read_nodes(*text, report) if text else None
    return None if tree is None else _design(tree, report, _NO_WORDS)


def draft_of(
    given: Mapping[str, Any], report: Report, *, word: str = "the design", words: Mapping[str, str] = _NO_WORDS
) -> Design | None:
    """What can be made of a mapping; its problems are noted in `report`.

    word, words : what messages call the mapping, and what is under each of its keys.
    """
    keys = {str(key): SourceLocation(Source(words.get(str(key), str(key)))) for key in given}
    nodes = {}
    for key, value in ((str(key), given[key]) for key in given):
        if not isinstance(value, Mapping):
            nodes[key] = _node_of(value, keys[key], report)
            continue
        below = {str(name): SourceLocation(Source(keys[key].source.name, label=str(name))) for name in value}
        made = {str(name): _node_of(each, below[str(name)], report) for name, each in value.items()}
        nodes[key] = MapNode({name: node for name, node in made.items() if node}, keys[key], below)
    tree = MapNode({key: node for key, node in nodes.items() if node}, SourceLocation(Source(word)), keys)
    return _design(tree, report, words)


def _node_of(value: object, location: SourceLocation, report: Report) -> Node | None:
    """The node of a Python value, which may be an array, a table's column or a range."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif isinstance(value, Iterable) and not isinstance(value, (str, Mapping)):
        value = list(value)
    nodes = []
    for each in value if isinstance(value, list) else [value]:
        try:
            nodes.append(from_plain(each, location))
        except ValueError as error:
            is_outlook = each is None and location.source.label == OUTLOOK
            report.add(location, f"{error}; no outlook is written 'none', as a text" if is_outlook else str(error))
    if not isinstance(value, list):
        return nodes[0] if nodes else None
    return ListNode(tuple(nodes), location) if len(nodes) == len(value) else None


def _design(tree: Node, report: Report, words: Mapping[str, str]) -> Design | None:
    """What a tree says of a design, its faults noted; factors that cannot be read are left out."""
    if not isinstance(tree, MapNode):
        report.add(tree.location, f"a design is a mapping with the keys {', '.join(KEYS)}")
        return None
    for key, location, _ in entries(tree):
        if key not in KEYS:
            report.add(location, f"no key {quoted(key)}{report.near(key, KEYS)}")
    method: str | None = "grid"
    if (node := tree.entries.get("method")) is not None and (method := text_of(node)) not in METHODS:
        report.add(node.location, f"no method {quoted(plain(node))}{report.near(method or '', METHODS)}")
        method = None
    factors = _factors(tree, method, report, words)
    points, seed = _points(tree, method, report, words), _seed(tree, method, report, words)
    given = tree.entries.get("set")
    if given is not None and not isinstance(given, MapNode):
        report.add(given.location, "`set` maps paths to values, like end: 2026-10-28")
    found = Design(
        method or "grid",
        factors,
        points,
        seed,
        {path: plain(value) for path, _, value in entries(given)},
        tree.location,
        {path: value.location if isinstance(value, ScalarNode) else key for path, key, value in entries(given)},
    )
    if method is not None:
        _check_size(found, tree.keys.get("over", tree.location), report)
    return found


def _factors(tree: MapNode, method: str | None, report: Report, words: Mapping[str, str]) -> tuple[Factor, ...]:
    over = tree.entries.get("over")
    if isinstance(over, MapNode) and over.keys and not over.entries:
        return ()  # each of them has its problem
    if not isinstance(over, MapNode) or not over.entries:
        where = tree.location if over is None else over.location
        fault = "is missing" if over is None else "is empty" if isinstance(over, MapNode) else "is no mapping"
        report.add(
            where, f"`over` {fault}; it maps paths to values, like actors.bogota.rhetoric: [0.2, 0.5]; {ALLOWED}"
        )
        return ()
    if len(over.entries) > MOST_FACTORS:
        report.add(over.location, f"{len(over.entries)} factors are more than {MOST_FACTORS}")
        return ()
    found = [factor(path, location, node, report) for path, location, node in entries(over)]
    factors = tuple(one for one in found if one is not None)
    for one in factors:
        if method in ("grid", "zip") and one.family is not None:
            drawn = "--method lhs or sobol" if words else "the method lhs or sobol"
            report.add(
                over.entries[one.path].location,
                f"a {method} takes single values, and this has no number of them; write {_counted(one, over)}, or take "
                f"{drawn}",
            )
    return factors


def _counted(one: Factor, over: MapNode) -> str:
    """How a range with a number of values is written, in the manner of one without."""
    ends = one.given if isinstance(one.given, dict) else {}
    if "from" not in ends:
        return "a list or a range" if text_of(over.entries[one.path]) is None else "a list or a range like 0:1:5"
    low, high = (f"{ends[name]:g}" for name in ("from", "to"))
    is_text = text_of(over.entries[one.path]) is not None
    return f"{low}:{high}:5 for five" if is_text else f"{{from: {low}, to: {high}, points: 5}} for five"


def _points(tree: MapNode, method: str | None, report: Report, words: Mapping[str, str]) -> int | None:
    """The number of points of a sample; None where there is none."""
    node, called = tree.entries.get("points"), words.get("points", "`points`")
    if node is None:
        if method in SAMPLING:
            report.add(tree.location, f"{called} is missing: how many points {METHODS[method]} shall have")
        return None
    if method is not None and method not in SAMPLING:
        report.add(node.location, f"a {method} has as many points as its values make; drop {called}")
        return None
    count = plain(node)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_POINTS:
        report.add(node.location, f"{called} is a whole number in 1..{MOST_POINTS}; found {quoted(count)}")
        return None
    if method == "sobol" and count & (count - 1):
        below = 1 << (count.bit_length() - 1)
        above = f" or {2 * below}" if 2 * below <= MOST_POINTS else ""
        report.add(node.location, f"Sobol' points are balanced in powers of 2 only: not {count}, but {below}{above}")
        return None
    return count


def _seed(tree: MapNode, method: str | None, report: Report, words: Mapping[str, str]) -> int:
    node, called = tree.entries.get("seed"), words.get("seed", "`seed`")
    if node is None:
        return 0
    value = plain(node)
    if method is not None and method not in SAMPLING:
        report.add(node.location, f"the seed of a design draws its points, and a {method} draws none; drop {called}")
    elif isinstance(value, bool) or not isinstance(value, int) or value < 0:
        report.add(node.location, f"{called} is a whole number >= 0; found {quoted(value)}")
    else:
        return value
    return 0


def _check_size(design: Design, location: SourceLocation, report: Report) -> None:
    """Whether the factors make points together, and not too many."""
    varied = [one for one in design.factors if one.levels]
    counts = [len(one.levels) for one in varied]
    sizes = ", ".join(f"{one.path} has {count}" for one, count in zip(varied, counts, strict=True))
    if design.method == "zip" and len(set(counts)) > 1:
        report.add(location, f"a zip takes values one by one, so all factors need as many: {sizes}")
    if design.method == "grid":
        for one in design.factors:
            seen = set()
            for level, where in zip(one.levels, one.locations, strict=True):
                if repr(level) in seen:
                    report.add(where, f"value {quoted(level)} is given twice; a grid takes each once")
                seen.add(repr(level))
        if math.prod(counts) > MOST_POINTS:
            report.add(location, f"this grid has {math.prod(counts):,} points, more than {MOST_POINTS:,}: {sizes}")


def factor(path: str, key: SourceLocation, node: Node, report: Report) -> Factor | None:
    """The factor that a path and its values mean; None if they mean none, with the reasons in `report`.

    key : where the path stands.
    """
    text = text_of(node)
    read = node if text is None else _from_text(text, node.location, report)
    if isinstance(read, MapNode):
        return _continuous(path, key, read, report)
    if read is None:
        return None
    nodes = items(read) if isinstance(read, ListNode) else (read,)
    if not nodes:
        report.add(read.location, f"there is no value in this list; {ALLOWED}")
        return None
    if len(nodes) > MOST_LEVELS:
        report.add(read.location, f"{len(nodes):,} values are more than {MOST_LEVELS:,}")
        return None
    levels = [plain(one) for one in nodes]
    return Factor(path, tuple(levels), None, levels, key, tuple(one.location for one in nodes))


def _from_text(text: str, location: SourceLocation, report: Report) -> Node | None:
    """The node that VALUES of the command line mean; all of it stands at `location`."""
    if found := _RANGE.fullmatch(text):
        ends = zip(("from", "to", "points"), found.groups(), strict=True)
        return from_plain({name: _number(value) for name, value in ends if value}, location)
    if _is_like_a_range(text):
        report.add(location, f"{quoted(text)} is no range; {ALLOWED}")
        return None
    bare = text.strip()
    if bare.startswith(",") or bare.endswith(",") or not bare:
        report.add(location, f"a value is missing in {quoted(text)}; {ALLOWED}")
        return None
    inner = Report()
    node = read_nodes(bare if _is_closed(bare) else f"[{bare}]", source_of(bare, location.source.name), inner)
    if node is None or len(inner):
        report.add(location, f"{quoted(text)} cannot be read ({inner.problems()[0].message}); {ALLOWED}")
        return None
    return from_plain(plain(node), location)


def _is_like_a_range(text: str) -> bool:
    """Whether a range was meant, and not some text with a colon."""
    parts = [part.strip() for part in text.split(":")]
    return len(parts) > 1 and not set(text) & set(",[{'\"") and any(not p or re.fullmatch(_NUMBER, p) for p in parts)


def _is_closed(text: str) -> bool:
    """Whether the text is one list or mapping in brackets, rather than several separated by commas."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter in "[{") - (letter in "]}")
        if depth == 0:
            return position == len(text) - 1 and position > 0
    return False


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[-+]?[0-9]+", text) else float(text)


def _continuous(path: str, key: SourceLocation, node: MapNode, report: Report) -> Factor | None:
    """A factor from a range, an interval or a distribution."""
    keys = set(node.entries)
    if keys & {"from", "to", "points"}:
        return _between(path, key, node, report)
    if len(keys) != 1 or not keys <= set(FAMILIES):
        report.add(node.location, f"a mapping with {listed(keys) or 'nothing'} is no values; {ALLOWED}")
        return None
    ((name, values),) = node.entries.items()
    numbers = [number_of(one) for one in items(values)]
    wanted = FAMILIES[name].values
    if not numbers or None in numbers or (wanted and len(numbers) != len(wanted)):
        form = f"[{', '.join(wanted)}]" if wanted else "a list of one number or more"
        report.add(values.location, f"{name} takes {form}, numbers; found {quoted(plain(values))}")
        return None
    try:
        return Factor(path, (), parse({name: numbers}), plain(node), key, ())
    except ValueError as error:
        report.add(values.location, str(error))
        return None


def _between(path: str, key: SourceLocation, node: MapNode, report: Report) -> Factor | None:
    """A factor over a range or an interval."""
    before = len(report)
    for name, location in ((name, node.keys.get(name, node.location)) for name in node.entries):
        if name not in ("from", "to", "points"):
            report.add(location, f"a range has no {quoted(name)}; it has from, to, points")
    ends = {name: _end(node, name, report) for name in ("from", "to")}
    start, stop = ends["from"], ends["to"]
    count = _count(node.entries["points"], report) if "points" in node.entries else None
    if start is not None and start == stop:
        report.add(node.location, f"both ends are {start:g}; a range goes from one value to another")
    if len(report) > before or start is None or stop is None:
        return None
    given = {"from": start, "to": stop} | ({"points": count} if count else {})
    if count:
        levels = _spaced(start, stop, count)
        return Factor(path, levels, None, given, key, (node.location,) * count)
    if start > stop:
        report.add(node.location, f"an interval goes from low to high; found {start:g} to {stop:g}")
        return None
    return Factor(path, (), UncertainNumber("uniform", (float(start), float(stop))), given, key, ())


def _end(node: MapNode, name: str, report: Report) -> int | float | None:
    if name not in node.entries:
        report.add(node.location, f"`{name}` is missing; a range is {{from: 0.2, to: 1.0, points: 5}}")
        return None
    found = node.entries[name]
    if number_of(found) is None or not isinstance(found, ScalarNode):
        report.add(found.location, f"`{name}` is a number; found {quoted(plain(found))}")
        return None
    return found.value if isinstance(found.value, int) else float(found.value or 0.0)


def _count(node: Node, report: Report) -> int | None:
    value = plain(node)
    if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= MOST_LEVELS:
        found = f"{value:g}" if isinstance(value, float) else str(value)
        report.add(
            node.location, f"the number of values of a range is whole, in 2..{MOST_LEVELS}; found {quoted(found)}"
        )
        return None
    return value


def _spaced(start: float, stop: float, count: int) -> tuple[int | float, ...]:
    """Evenly spaced values with both ends: 0.6 rather than 0.6000000000000001, whole where ends and steps are whole."""
    if isinstance(start, int) and isinstance(stop, int) and (stop - start) % (count - 1) == 0:
        step = (stop - start) // (count - 1)
        return tuple(start + step * index for index in range(count))
    shares = [index / (count - 1) for index in range(count)]
    return tuple(float(f"{start * (1.0 - share) + stop * share:.12g}") for share in shares)


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

    >>> short_names(["actors.bogota.insulation", "actors.*.rhetoric"])
    ('insulation', 'rhetoric')
    >>> short_names(["actors.bogota.rhetoric", "actors.washington.rhetoric"])
    ('bogota_rhetoric', 'washington_rhetoric')
    """
    keys = [_keys(text) for text in texts]
    lengths = [1] * len(keys)
    while wanting := _wanting([_name(parts, length) for parts, length in zip(keys, lengths, strict=True)]):
        longer = [index for index in wanting if lengths[index] < len(keys[index])]
        if not longer:
            break
        for index in longer:
            lengths[index] += 1
    names = [_name(parts, length) for parts, length in zip(keys, lengths, strict=True)]
    wanting = _wanting(names)
    return tuple(f"factor_{index}_{name}" if index in wanting else name for index, name in enumerate(names))


def _keys(text: str) -> tuple[str, ...]:
    try:
        parts = parse_path(text)
    except NoPath:
        parts = (text,)
    return tuple("all" if part == ANY else part for part in parts)


def _name(parts: tuple[str, ...], length: int) -> str:
    return re.sub(r"\W+", "_", "_".join(parts[-length:])).strip("_")


def _wanting(names: Sequence[str]) -> list[int]:
    """Places of names that are another's or an outcome's, or that Python does not take."""
    return [
        index
        for index, name in enumerate(names)
        if names.count(name) > 1 or name in TAKEN or name.startswith(TAKEN_BEGINNINGS) or not name.isidentifier()
    ]
