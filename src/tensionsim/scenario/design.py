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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from tensionsim.scenario.files import find, read, rows_of_text
from tensionsim.scenario.paths import ANY, NoPath, parse_path
from tensionsim.scenario.quantities import NUMBER, UncertainNumber, is_distribution, parse
from tensionsim.scenario.schema import Apart, Distribution, Strict
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Node, Report, Source, SourceLocation, from_plain, quoted, read_nodes, write

METHODS: Mapping[str, str] = {
    "grid": "every combination of the values",
    "zip": "first values together, second values together, and so on",
    "lhs": "a Latin hypercube",
    "sobol": "Sobol' points",
}
"""What makes points of factors."""

SAMPLING = ("lhs", "sobol")

OUTLOOK = "outlook"
"""The factor that is no path of the scenario file but the branch taken of it."""

MOST_POINTS = 20_000

ALLOWED = (
    "values are a list like 0.2,0.4,0.6, a range start:stop:number like 0.2:1.0:5 (both ends), or, for the methods lhs "
    "and sobol, an interval low:high or a distribution like {triangular: [0, 0.2, 1]}"
)
"""What a message says of the values that a factor may have."""

TAKEN = ("point", "date", "statistic", "mean", "q05", "q25", "median", "q75", "q95")
TAKEN_BEGINNINGS = ("index_", "difference", "regime_", "months_", "event_")
"""Names and beginnings of names that columns of outcomes have."""

_RANGE = re.compile(rf"\s*({NUMBER})\s*:\s*({NUMBER})\s*(?::\s*({NUMBER})\s*)?")


class Interval(Strict):
    """From one value to another: as many as `points` equally far apart, or all between them."""

    from_: float = Field(alias="from")
    to: float
    points: Annotated[int, Field(ge=2, le=MOST_POINTS)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Interval:
        if self.from_ == self.to or (self.points is None and self.from_ > self.to):
            found = f"found {self.from_:g} to {self.to:g}"
            raise ValueError(f"a range goes from one value to another, an interval from low to high; {found}")
        return self


Levels = Annotated[list[Any], Field(min_length=1, max_length=MOST_POINTS)]


class DesignFile(Strict):
    """What a design file may say."""

    model_config = ConfigDict(title="the design")

    method: Literal["grid", "zip", "lhs", "sobol"] = "grid"
    over: dict[str, Annotated[Levels | Interval | Distribution, Apart()]] = Field(min_length=1, max_length=100)
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    set: dict[str, Any] = Field(default_factory=dict)


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
    tree = (_of_table if file.path.suffix.lower() == ".csv" else read_nodes)(*text, report)
    return _design(tree, report) if tree else None


def _of_table(text: str, source: Source, report: Report) -> Node | None:
    """The tree of a design that is a CSV table: paths in its header, a point a row; nothing where it has none."""
    before, columns, rows = len(report), dict[str, list[Node]](), rows_of_text(text, source, report)
    first = SourceLocation(source, 1, 1)
    if not rows and len(report) == before:
        report.add(first, "there is no point below the header")
    for place, row in rows:
        for name, cell in row.items():
            inner = Report()
            node = read_nodes(cell, Source(source.name), inner)
            if len(inner):
                report.add(place, f"{quoted(cell)} is no value of {name}")
            columns.setdefault(name, []).append(from_plain(node.plain, place, Report()))
    over = Node({name: Node(tuple(cells), first) for name, cells in columns.items()}, first)
    return Node({"method": Node("zip", first), "over": over}, first) if rows else None


def draft_of(
    given: Mapping[str, Any], report: Report, *, word: str = "the design", words: Mapping[str, str] | None = None
) -> Design | None:
    """What can be made of a mapping, called `word`, whose keys are called `words`; its problems are noted."""
    keys, nodes = dict[str, SourceLocation](), dict[str, Node]()
    for key, value in ((str(key), value) for key, value in given.items()):
        keys[key] = place = SourceLocation(Source((words or {}).get(key, key)))
        if isinstance(value, Mapping):
            below = {str(name): SourceLocation(Source(place.source.name, label=str(name))) for name in value}
            made = {str(name): from_plain(each, below[str(name)], report) for name, each in value.items()}
            nodes[key] = Node(made, place, keys=below)
        else:
            nodes[key] = from_plain(value, place, report)
    return _design(Node(nodes, SourceLocation(Source(word)), keys=keys), report)


def _design(tree: Node, report: Report) -> Design | None:
    """What a tree says of a design, its faults noted; what cannot be read is left out."""
    over = tree.child("over")
    if over.is_mapping:
        read = {path: _values(node, report) for path, node in over.by_key.items()}
        over = Node(read, over.location, keys=over.keys)
        tree = tree.with_entry("over", over, over.location)
    check(tree, DesignFile, report)
    if not tree.is_mapping:
        return None
    factors = [_factor(*entry) for entry in over.entries]
    method, points, seed = tree.child("method").text or "grid", tree.child("points").value, tree.child("seed").value
    given = tree.child("set").entries
    places = {path: key if node.is_mapping or node.is_list else node.location for path, key, node in given}
    found = Design(
        method if method in METHODS else "grid",
        tuple(one for one in factors if one is not None),
        points if type(points) is int and 0 < points <= MOST_POINTS else None,
        seed if type(seed) is int else 0,
        {path: node.plain for path, _, node in given},
        tree.location,
        places,
    )
    if method in METHODS:
        (_check_sample if method in SAMPLING else _check_points)(found, tree, report)
    return found


def _check_sample(design: Design, tree: Node, report: Report) -> None:
    count = design.points
    if not tree.child("points"):
        report.add(tree.location, f"`points` is missing: how many points {METHODS[design.method]} shall have")
    elif design.method == "sobol" and count is not None and count & (count - 1):
        below = 1 << (count.bit_length() - 1)
        words = f"Sobol' points are balanced in powers of 2 only: not {count}, but {below} or {2 * below}"
        report.add(tree.child("points").location, words)


def _check_points(design: Design, tree: Node, report: Report) -> None:
    """Whether the factors of a grid or zip make points together, and not too many."""
    is_grid, where = design.method == "grid", tree.keys.get("over", tree.location)
    for key in ("points", "seed"):
        if node := tree.child(key):
            words = "draws no points, it has as many as its values make; drop"
            report.add(node.location, f"a {design.method} {words} `{key}`")
    for one in design.factors:
        if one.family is not None:
            words = "takes single values: a list, or a range with a number of them, like 0.2:1.0:5"
            place = tree.child("over", one.path).location
            report.add(place, f"a {design.method} {words}; or take the method lhs or sobol")
        for rank, level in enumerate(one.levels if is_grid else ()):
            if repr(level) in map(repr, one.levels[:rank]):
                report.add(one.locations[rank], f"value {quoted(level)} is given twice; a grid takes each once")
    counts = {one.path: len(tree.child("over", one.path).items or one.levels) for one in design.factors if one.levels}
    sizes = ", ".join(f"{path} has {count}" for path, count in counts.items())
    if not is_grid and len({*counts.values()}) > 1:
        report.add(where, f"a zip takes values one by one, so all factors need as many: {sizes}")
    if is_grid and (size := math.prod(counts.values())) > MOST_POINTS:
        report.add(where, f"this grid has {size:,} points, more than {MOST_POINTS:,}: {sizes}")


def _values(node: Node, report: Report) -> Node:
    """A list or a mapping of a factor's values; a text has the form that the command line takes."""
    if node.is_mapping or node.is_list or node.value is None:
        return node
    if (text := node.text) is None:
        return Node((node,), node.location)
    inner, bare = Report(), text
    if found := _RANGE.fullmatch(text):
        ends = zip(("from", "to", "points"), found.groups(), strict=True)
        bare = f"{{{', '.join(f'{name}: {value}' for name, value in ends if value)}}}"
    read = read_nodes(f"[{bare}]", Source(node.location.source.name), inner)
    if len(inner):
        report.add(node.location, f"{quoted(text)} cannot be read ({inner.problems()[0].message}); {ALLOWED}")
    elif bare.strip()[:1] in ("[", "{") and len(read.items) == 1:  # one list or mapping, rather than several values
        (read,) = read.items
    return from_plain(read.plain, node.location, inner)


def _factor(path: str, key: SourceLocation, values: Node) -> Factor | None:
    """The factor that a path, which stands at `key`, and its values mean; None if they mean none."""
    given: Any = values.plain
    try:
        if values.is_list:
            good = [one for one in values.items if one.value is not None]
            return Factor(path, tuple(one.plain for one in good), None, given, key, tuple(one.location for one in good))
        if is_distribution(given):
            return Factor(path, (), parse(given), given, key, ())
        read = Interval.model_validate(given)
    except ValueError:
        return None
    start, stop, count = given["from"], given["to"], read.points
    if count is None:
        return Factor(path, (), UncertainNumber("uniform", (float(start), float(stop))), given, key, ())
    if isinstance(start, int) and isinstance(stop, int) and (stop - start) % (count - 1) == 0:
        levels: list[Any] = [start + (stop - start) // (count - 1) * index for index in range(count)]
    else:  # 0.6 rather than 0.6000000000000001
        shares = [index / (count - 1) for index in range(count)]
        levels = [float(f"{start * (1.0 - share) + stop * share:.12g}") for share in shares]
    return Factor(path, tuple(levels), None, given, key, (values.location,) * count)


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
