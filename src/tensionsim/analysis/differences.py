"""Differences of two scenarios' files, and the scenarios that lie between the two.

A mixture says what one scenario says, with some of what the other says otherwise taken over. With none it is the one,
with all the other, to the last bit of what they simulate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from tensionsim import mechanisms
from tensionsim.analysis import rewriting
from tensionsim.analysis.elements import Element, selected
from tensionsim.analysis.rewriting import Keys
from tensionsim.errors import ScenarioError, SelectionError
from tensionsim.scenario import Scenario
from tensionsim.scenario.distributions import FAMILIES
from tensionsim.world import parameters, settings

MUST_AGREE = ("start", "step", "history", "principals", "issues")
"""What a mixture cannot have both ways."""

DEPTHS: Mapping[str, int] = {
    "actors": 4,
    "leaders": 4,
    "mechanisms": 3,
    "indicators": 3,
    "parameters": 2,
    "elections": 2,
    "moves": 2,
    "arrangement_kinds": 2,
    "arrangements": 1,
}
"""How many keys lead to what counts as one difference, by the first of them."""

NAMED_THINGS = ("actors", "leaders", "indicators")
LISTS: Mapping[str, tuple[str, ...]] = {
    "schedule": ("date", "actor", "target", "issue"),
    "changes": ("date", "actor"),
}
"""Lists whose items are told apart, by what makes two of them the same place in two files."""

TOGETHER = ("salience",)
"""Mappings that mean something only as a whole."""

WITHOUT_EFFECT = ("label", "about")
LONGEST_VALUE = 24
UNSET = "unset"


class NoDifference(SelectionError):
    """Two scenarios say the same, but for what has no effect."""


@dataclass(frozen=True, slots=True)
class Step:
    """One item of two lists laid beside each other: from where it is taken, and its place there."""

    is_base: bool
    is_other: bool
    item: Any


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two scenarios and what lies between them.

    everything : all differences, each the smallest that can be taken over by itself. lists : the items of both
    scenarios' schedules and changes in one order; the places of an element in them count these.
    """

    base: Scenario
    other: Scenario
    said: tuple[dict[str, Any], dict[str, Any]]
    lists: Mapping[str, Sequence[Step]]
    everything: tuple[Element, ...]

    @classmethod
    def of(cls, base: Scenario, other: Scenario) -> Mixture:
        """What lies between two scenarios.

        Raises
        ------
        NoDifference
            If nothing does.
        SelectionError
            If they differ in what cannot be mixed.
        """
        said = (rewriting.content(base), rewriting.content(other))
        _check(base, other)
        lists = {key: _side_by_side(said[0].get(key, []), said[1].get(key, [])) for key in LISTS}
        found = [*_of_leaders(said, list(_by_path(*said))), *_of_lists(lists)]
        if not found:
            raise NoDifference(f"{_name(base)} and {_name(other)} do not differ in anything that has an effect")
        bare = cls(base, other, said, lists, tuple(found))
        return replace(bare, everything=tuple(_that_stand_alone(bare)))

    @property
    def end(self) -> dt.date | None:
        """The earlier end, where the ends differ."""
        ends = (self.base.file.end, self.other.file.end)
        return None if ends[0] == ends[1] else min(ends)

    @property
    def titles(self) -> tuple[str, str]:
        """See `titles`."""
        return titles(self.other, self.base)

    def parts(self, asked: Collection[str] | None) -> list[Element]:
        """The differences that labels or parts of labels name; None: all."""
        return selected(self.everything, asked)

    def scenario(self, taken: Sequence[Element]) -> Scenario:
        """The scenario compared with, with some differences taken over.

        Raises
        ------
        SelectionError
            If these cannot stand together without the others.
        """
        try:
            return rewriting.made_of(self._said(taken), self.other)
        except ScenarioError as problems:
            some = ", ".join(one.label for one in taken) or "nothing"
            raise SelectionError(
                f"{_name(self.base)} with {some} of {_name(self.other)} is no scenario: {problems.problems[0].message}"
            ) from problems

    def can_be(self, taken: Sequence[Element]) -> bool:
        """Whether some differences can be taken over without the others."""
        try:
            rewriting.made_of(self._said(taken), self.other)
        except ScenarioError:
            return False
        return True

    def _said(self, taken: Sequence[Element]) -> dict[str, Any]:
        base, other = self.said
        places = {place for one in taken for place in one.places}
        said: dict[str, Any] = base | {key: other[key] for key in ("title", "about", "events") if key in other}
        said["end"] = max(str(base["end"]), str(other["end"]))
        for keys in places:
            if keys[0] not in LISTS:
                value = rewriting.at(other, keys)
                said = rewriting.less(said, [keys]) if value is None else rewriting.with_value(said, keys, value)
        for key, steps in self.lists.items():
            kept = [
                one.item for place, one in enumerate(steps) if (one.is_other if (key, place) in places else one.is_base)
            ]
            said = {**said, key: kept} if kept else rewriting.less(said, [(key,)])
        return said


def titles(scenario: Scenario, against: Scenario) -> tuple[str, str]:
    """Titles of the scenario that is explained and of the one it is compared with."""
    from tensionsim.results.summary import title

    return title(scenario), title(against)


def _name(scenario: Scenario) -> str:
    return f"{scenario.name} ({scenario.outlook})" if scenario.outlook else scenario.name


def _check(base: Scenario, other: Scenario) -> None:
    for key in MUST_AGREE:
        values: list[Any] = [getattr(one.file, key) for one in (base, other)]
        here, there = (sorted(value) if isinstance(value, dict) else value for value in values)
        if here != there:
            raise SelectionError(
                f"{_name(base)} and {_name(other)} have different {key} ({_shown(here)}; {_shown(there)}), "
                f"which cannot be mixed; explain scenarios of one {', '.join(MUST_AGREE)}"
            )


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _by_path(base: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Element]:
    """What stands otherwise in mappings, one element a path."""
    for key, depth in DEPTHS.items():
        for keys in _paths(base.get(key), other.get(key), (key,), depth):
            before, after = rewriting.at(base, keys), rewriting.at(other, keys)
            label = f"{'.'.join(map(str, keys))}: {_change(keys, before, after)}"
            yield Element(label, "difference", "", (keys,))


def _paths(base: Any, other: Any, keys: Keys, depth: int) -> Iterator[Keys]:
    if base == other or keys[-1] in WITHOUT_EFFECT:
        return
    if _is_one_thing(base, other, keys, depth):
        yield keys
        return
    before, after = base or {}, other or {}
    for key in dict.fromkeys((*before, *after)):
        yield from _paths(before.get(key), after.get(key), (*keys, key), depth)


def _is_one_thing(base: Any, other: Any, keys: Keys, depth: int) -> bool:
    values = [value for value in (base, other) if value is not None]
    is_new = len(keys) == 2 and keys[0] in NAMED_THINGS and len(values) < 2
    is_nested = all(isinstance(value, dict) and not set(value) <= set(FAMILIES) for value in values)
    return is_new or len(keys) >= depth or keys[-1] in TOGETHER or not is_nested


def _change(keys: Keys, before: Any, after: Any) -> str:
    """What the difference is, in a few words."""
    if keys[0] == "mechanisms" and len(keys) == 2 and "off" in (before, after):
        # One that is told with its strengths is on.
        before, after = ("on" if isinstance(value, dict) else value for value in (before, after))
    if isinstance(before, (dict, list)) or isinstance(after, (dict, list)):
        return "added" if before is None else "removed" if after is None else "changed"
    here, there = (str(_unsaid(keys) if value is None else value) for value in (before, after))
    return "changed" if max(len(here), len(there)) > LONGEST_VALUE else f"{here} -> {there}"


def _unsaid(keys: Keys) -> object:
    """What holds where a file is silent."""
    group, *names = map(str, keys)
    if group == "mechanisms":
        catalogue = mechanisms.catalogue()
        return "on" if len(names) < 2 else catalogue[names[0]][names[1]].default
    if group == "parameters":
        return parameters.ENGINE[names[0]].default
    defaults: dict[str, object] = {
        **settings.DEFAULTS,
        **dict.fromkeys((*settings.BY_ACTOR, *settings.BY_INDICATOR), 0.0),
    }
    defaults |= {"stances": settings.STANCE_AT_REST, "attention": UNSET}
    return defaults.get(names[1], UNSET) if group == "actors" and len(names) > 1 else UNSET


def _of_leaders(said: tuple[dict[str, Any], dict[str, Any]], found: Sequence[Element]) -> Iterator[Element]:
    """The differences with all that comes with another leader made into one."""
    new = {one.places[0][1]: one for one in found if one.places[0][0] == "actors" and one.places[0][2:] == ("leader",)}
    brought: dict[Any, list[Keys]] = {actor: [] for actor in new}
    for one in found:
        (keys,) = one.places
        actor = keys[1] if len(keys) > 2 and keys[0] == "actors" else None
        if actor in new and (one is new[actor] or any(_is_leaders(said[side], keys) for side in (0, 1))):
            brought[actor].append(keys)
        else:
            yield one
    yield from (replace(new[actor], places=tuple(places)) for actor, places in brought.items())


def _is_leaders(said: dict[str, Any], keys: Keys) -> bool:
    """Whether what stands at a path of an actor is what its leader brings."""
    leader = rewriting.at(said, (*keys[:2], "leader"))
    brought = rewriting.at(said, ("leaders", leader, *keys[2:])) if leader else None
    return brought is not None and brought == rewriting.at(said, keys)


def _side_by_side(base: Sequence[Any], other: Sequence[Any]) -> list[Step]:
    """The items of two lists in one order that keeps both."""
    before, after = ([repr(item) for item in items] for items in (base, other))
    steps: list[Step] = []
    for kind, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            steps += [Step(True, True, item) for item in base[first:last]]
        else:
            steps += [Step(True, False, item) for item in base[first:last]]
            steps += [Step(False, True, item) for item in other[begin:end]]
    return steps


def _of_lists(lists: Mapping[str, Sequence[Step]]) -> Iterator[Element]:
    """Items that only one of the lists has; one that takes the place of another is one difference with it."""
    for key, steps in lists.items():
        by_place: dict[tuple[Any, ...], list[int]] = {}
        for row, step in enumerate(steps):
            if step.is_base != step.is_other:
                by_place.setdefault(tuple(step.item.get(name) for name in LISTS[key]), []).append(row)
        for rows in by_place.values():
            yield Element(_list_label(key, [steps[row] for row in rows]), "difference", "", _in_list(key, rows))


def _in_list(key: str, rows: Sequence[int]) -> tuple[Keys, ...]:
    return tuple((key, row) for row in rows)


def _list_label(key: str, steps: Sequence[Step]) -> str:
    first = steps[0].item
    gone, new = ([_what(step.item) for step in steps if step.is_base is side] for side in (True, False))
    issue = f" ({first['issue']})" if "issue" in first else ""
    who = f"{first['date']} {first.get('actor', 'all')}"
    target = f" -> {first['target']}" if "target" in first else ""
    if gone and new:
        return f"{who}{target}: {', '.join(gone)} -> {', '.join(new)}{issue}"
    return f"{who}{target}: {', '.join(gone or new)}{issue} {'added' if new else 'removed'}"


def _what(item: Mapping[str, Any]) -> str:
    return str(
        item.get("move") or item.get("label") or item.get("leader") or ", ".join(item.get("set", {})) or "change"
    )


def _that_stand_alone(mixed: Mixture) -> list[Element]:
    """The differences, those that need one another made into one."""
    parts = list(mixed.everything)
    while bad := [one for one in parts if not _stands(mixed, parts, one)]:
        joined = _with_partner(mixed, parts, bad)
        parts = [one for one in parts if not set(one.places) <= set(joined.places)] + [joined]
        if len(parts) == 1:
            break
    return parts


def _stands(mixed: Mixture, parts: Sequence[Element], one: Element) -> bool:
    return mixed.can_be([one]) and mixed.can_be([other for other in parts if other is not one])


def _with_partner(mixed: Mixture, parts: Sequence[Element], bad: Sequence[Element]) -> Element:
    """The first that cannot stand alone with one other that lets it, or else all that cannot, with all the rest."""
    first = bad[0]
    for partner in (*bad[1:], *parts):
        if partner is not first:
            pair = _union([first, partner])
            rest = [one for one in parts if one is not first and one is not partner]
            if mixed.can_be([pair]) and mixed.can_be(rest):
                return pair
    return _union(bad if len(bad) > 1 else parts)


def _union(parts: Sequence[Element]) -> Element:
    places = tuple(place for one in parts for place in one.places)
    return Element(" + ".join(one.label for one in parts), "difference", "", places)
