"""Factors: what a design varies, and over which values.

Values are given as a list, as a range `{from: 0.2, to: 1.0, points: 5}` with both its ends, as an interval
`{from: 0.2, to: 1.0}`, or as a distribution of the scenario format. A text means what it means on the command line:
`0.2,0.4,0.6`, `0.2:1.0:5`, `0.2:1.0` or `{triangular: [0, 0.2, 1]}`. Levels that are text stay text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tensionsim.errors import ScenarioError
from tensionsim.scenario.distributions import FAMILIES, Family, Uniform, parse
from tensionsim.scenario.nodes import ListNode, MapNode, Node, ScalarNode, items, number_of, plain, text_of
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, listed, quoted
from tensionsim.scenario.yaml_nodes import read_nodes, source_of

MOST_LEVELS = 20_000
"""Values of one factor; a reader's patience ends earlier."""

ALLOWED = (
    "values are a list like 0.2,0.4,0.6, a range start:stop:number like 0.2:1.0:5 (both ends), or, for the methods lhs "
    "and sobol, an interval low:high or a distribution like {triangular: [0, 0.2, 1]}"
)
"""What a message says of the values that a factor may have."""

OUTLOOK = "outlook"
"""The factor that is no path of the scenario file but the branch taken of it."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*:\s*({_NUMBER})\s*(?::\s*({_NUMBER})\s*)?")
_ORDERS = {"triangular": ("low", "mode", "high"), "normal": ("mean", "standard deviation"), "beta": ("a", "b")}
_ORDERS |= {"uniform": ("low", "high"), "lognormal": ("median", "sigma of the log")}
_ORDERS |= {"truncated_normal": ("mean", "standard deviation", "low", "high")}


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that is varied.

    path : as `--set` takes it, or `outlook`. levels : its values in order; empty where `family` is not None. family :
    the distribution that it is drawn from. given : the values as a design file has them, so that they are read back
    the same. place, places : where the factor and each level stand, for messages.
    """

    path: str
    levels: tuple[Any, ...]
    family: Family | None
    given: object
    place: Place = field(repr=False, compare=False)
    places: tuple[Place, ...] = field(repr=False, compare=False)


def factor(path: str, key: Place, node: Node, report: Report) -> Factor | None:
    """The factor that a path and its values mean; None if they mean none, with the reasons in `report`.

    key : where the path stands.
    """
    text = text_of(node)
    read = node if text is None else _from_text(text, node.place, report)
    if isinstance(read, MapNode):
        return _continuous(path, key, read, report)
    if read is None:
        return None
    nodes = items(read) if isinstance(read, ListNode) else (read,)
    if not nodes:
        report.add(read.place, f"there is no value in this list; {ALLOWED}")
        return None
    if len(nodes) > MOST_LEVELS:
        report.add(read.place, f"{len(nodes):,} values are more than {MOST_LEVELS:,}")
        return None
    levels = [plain(one) for one in nodes]
    return Factor(path, tuple(levels), None, levels, key, tuple(one.place for one in nodes))


def _from_text(text: str, place: Place, report: Report) -> Node | None:
    """The node that VALUES of the command line mean; all of it stands at `place`."""
    if found := _RANGE.fullmatch(text):
        ends = {"from": _number(found[1]), "to": _number(found[2])} | (
            {"points": _number(found[3])} if found[3] else {}
        )
        return MapNode({name: ScalarNode(value, place, str(value)) for name, value in ends.items()}, place)
    if _is_like_a_range(text):
        report.add(place, f"{quoted(text)} is no range; {ALLOWED}")
        return None
    bare = text.strip()
    if bare.startswith(",") or bare.endswith(",") or not bare:
        report.add(place, f"a value is missing in {quoted(text)}; {ALLOWED}")
        return None
    inner = Report()
    node = read_nodes(bare if _is_closed(bare) else f"[{bare}]", source_of(bare, place.source.name), inner)
    if node is None or len(inner):
        report.add(place, f"{quoted(text)} cannot be read ({_first(inner)}); {ALLOWED}")
        return None
    return _moved(node, place)


def _is_like_a_range(text: str) -> bool:
    """Whether a range was meant, and not some text with a colon."""
    parts = [part.strip() for part in text.split(":")]
    return len(parts) > 1 and not set(text) & set(",[{'\"") and any(not p or re.fullmatch(_NUMBER, p) for p in parts)


def _first(report: Report) -> str:
    """The first problem of a text that could not be read."""
    try:
        report.stop()
    except ScenarioError as found:
        return found.problems[0].message


def _is_closed(text: str) -> bool:
    """Whether the text is one list or mapping in brackets, rather than several separated by commas."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter in "[{") - (letter in "]}")
        if depth == 0:
            return position == len(text) - 1 and position > 0
    return False


def _moved(node: Node, place: Place) -> Node:
    """The node with all its parts at one place."""
    if isinstance(node, MapNode):
        return MapNode({key: _moved(below, place) for key, below in node.entries.items()}, place)
    if isinstance(node, ListNode):
        return ListNode(tuple(_moved(below, place) for below in node.items), place)
    return ScalarNode(node.value, place, node.text)


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[-+]?[0-9]+", text) else float(text)


def _continuous(path: str, key: Place, node: MapNode, report: Report) -> Factor | None:
    """A factor from a range, an interval or a distribution."""
    keys = set(node.entries)
    if keys & {"from", "to", "points"}:
        return _between(path, key, node, report)
    if len(keys) != 1 or not keys <= set(FAMILIES):
        report.add(node.place, f"a mapping with {listed(keys) or 'nothing'} is no values; {ALLOWED}")
        return None
    family = _family(node, report)
    return None if family is None else Factor(path, (), family, plain(node), key, ())


def _family(node: MapNode, report: Report) -> Family | None:
    ((name, values),) = node.entries.items()
    numbers = [number_of(one) for one in items(values)]
    wanted = _ORDERS.get(name)
    if not numbers or None in numbers or (wanted and len(numbers) != len(wanted)):
        form = f"[{', '.join(wanted)}]" if wanted else "a list of one number or more"
        report.add(values.place, f"{name} takes {form}, numbers; found {quoted(plain(values))}")
        return None
    try:
        return parse({name: numbers})
    except ValueError as error:
        report.add(values.place, str(error))
        return None


def _between(path: str, key: Place, node: MapNode, report: Report) -> Factor | None:
    """A factor over a range or an interval."""
    before = len(report)
    for name, place in ((name, node.keys.get(name, node.place)) for name in node.entries):
        if name not in ("from", "to", "points"):
            report.add(place, f"a range has no {quoted(name)}; it has from, to, points")
    ends = {name: _end(node, name, report) for name in ("from", "to")}
    start, stop = ends["from"], ends["to"]
    count = _count(node.entries["points"], report) if "points" in node.entries else None
    if start is not None and start == stop:
        report.add(node.place, f"both ends are {start:g}; a range goes from one value to another")
    if len(report) > before or start is None or stop is None:
        return None
    given = {"from": start, "to": stop} | ({"points": count} if count else {})
    if count:
        levels = _spaced(start, stop, count)
        return Factor(path, levels, None, given, key, (node.place,) * count)
    if start > stop:
        report.add(node.place, f"an interval goes from low to high; found {start:g} to {stop:g}")
        return None
    return Factor(path, (), Uniform(start, stop), given, key, ())


def _end(node: MapNode, name: str, report: Report) -> int | float | None:
    if name not in node.entries:
        report.add(node.place, f"`{name}` is missing; a range is {{from: 0.2, to: 1.0, points: 5}}")
        return None
    found = node.entries[name]
    if number_of(found) is None or not isinstance(found, ScalarNode):
        report.add(found.place, f"`{name}` is a number; found {quoted(plain(found))}")
        return None
    return found.value if isinstance(found.value, int) else float(found.value or 0.0)


def _count(node: Node, report: Report) -> int | None:
    value = plain(node)
    if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= MOST_LEVELS:
        found = f"{value:g}" if isinstance(value, float) else str(value)
        report.add(node.place, f"the number of values of a range is whole, in 2..{MOST_LEVELS}; found {quoted(found)}")
        return None
    return value


def _spaced(start: float, stop: float, count: int) -> tuple[int | float, ...]:
    """Evenly spaced values with both ends: 0.6 rather than 0.6000000000000001, whole where ends and steps are whole."""
    if isinstance(start, int) and isinstance(stop, int) and (stop - start) % (count - 1) == 0:
        step = (stop - start) // (count - 1)
        return tuple(start + step * place for place in range(count))
    shares = [place / (count - 1) for place in range(count)]
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
