"""Elements: the scheduled moves, rules, changes, checks and mechanisms of a scenario, and the scenario without some.

Without a scheduled move, a rule, a change or a check the file does not have it; without a mechanism it says `off`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any
from unicodedata import combining, normalize

from tensionsim.analysis import rewriting
from tensionsim.analysis.chronicle_wording import Speech
from tensionsim.analysis.rewriting import Keys
from tensionsim.errors import SelectionError
from tensionsim.mechanisms import ALL
from tensionsim.scenario import Scenario

KINDS: Mapping[str, str] = {
    "schedule": "scheduled moves",
    "rule": "rules",
    "change": "changes",
    "check": "domestic checks",
    "mechanism": "mechanisms",
}
"""Kinds of elements, with what several are called."""

GROUPS = ("actor", "kind")


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that a scenario could be without.

    label : its name, unique in the scenario. kind : a key of `KINDS`, "group" or "difference". owner : the actor or
    leader whose it is; empty where it is nobody's. places : where it stands in the scenario's content. spoken : the
    label as texts show it, see `spoken`.
    """

    label: str
    kind: str
    owner: str
    places: tuple[Keys, ...]
    spoken: str = ""


def elements_of(scenario: Scenario) -> list[Element]:
    """Every element of a scenario, by kind, in the order of the file.

    Rules and checks of leaders who never govern are left out: nothing could hang on them.
    """
    said = rewriting.content(scenario)
    found = [*_scheduled(said), *_of_patches(said, "rules"), *_changes(said), *_of_patches(said, "checks")]
    labels = Speech.of(scenario).actors
    return [replace(one, spoken=spoken(one.label, labels)) for one in _numbered([*found, *_mechanisms(said)])]


def spoken(label: str, labels: Mapping[str, str]) -> str:
    """The label of an element as texts show it: without underscores, actors by their labels.

    >>> spoken("2025-11-24 washington: impose_tariffs (drugs)", {"washington": "Washington"})
    '2025-11-24 Washington: impose tariffs (drugs)'
    """
    who, colon, what = label.partition(":")
    words = " ".join(labels.get(word, word) for word in who.split(" ")) if colon else who
    return f"{words}{colon}{what}".replace("_", " ")


def _scheduled(said: Mapping[str, Any]) -> Iterator[Element]:
    for place, move in enumerate(said.get("schedule", [])):
        target = f" -> {move['target']}" if "target" in move else ""
        issue = f" ({move['issue']})" if "issue" in move else ""
        label = f"{move['date']} {move['actor']}{target}: {move['move']}{issue}"
        yield Element(label, "schedule", move["actor"], (("schedule", place),))


def _changes(said: Mapping[str, Any]) -> Iterator[Element]:
    for place, change in enumerate(said.get("changes", [])):
        owner = change.get("actor", "")
        what = change.get("label") or change.get("leader") or ", ".join(change.get("set", {})) or "a change"
        yield Element(f"{change['date']} {owner or 'all'}: {what}", "change", owner, (("changes", place),))


def _of_patches(said: Mapping[str, Any], key: str) -> Iterator[Element]:
    """Rules or checks of actors, and of leaders who may govern."""
    leaders = {name: said.get("leaders", {}).get(name, {}) for name in _governing(said)}
    for group, patches in (("actors", said["actors"]), ("leaders", leaders)):
        for owner, patch in patches.items():
            for name in patch.get(key, {}):
                yield Element(f"{owner}: {name}", key.removesuffix("s"), owner, ((group, owner, key, name),))


def _governing(said: Mapping[str, Any]) -> list[str]:
    """Leaders who govern at the start or may come."""
    changes = [part for one in said.get("changes", []) for part in (one, *one.get("one_of", []))]
    named = [part.get("leader") for part in (*said["actors"].values(), *changes)]
    return [leader for leader in dict.fromkeys(named) if leader]


def _mechanisms(said: Mapping[str, Any]) -> Iterator[Element]:
    for mechanism in ALL:
        if said.get("mechanisms", {}).get(mechanism.name) != "off":
            yield Element(mechanism.name, "mechanism", "", (("mechanisms", mechanism.name),))


def _numbered(found: Sequence[Element]) -> list[Element]:
    """The elements with those of one label told apart by a number."""
    total, seen = Counter(one.label for one in found), Counter[str]()
    named = []
    for one in found:
        seen[one.label] += 1
        several = total[one.label] > 1
        named.append(replace(one, label=f"{one.label} #{seen[one.label]}") if several else one)
    return named


def selected(found: Sequence[Element], asked: Collection[str] | None) -> list[Element]:
    """The elements that kinds, labels or parts of labels name; None: all.

    Case, underscores and accents do not matter.

    Raises
    ------
    SelectionError
        If a name means none, there is none of a kind, or nothing is named.
    TypeError
        If it is one text, or names are no texts.
    """
    if isinstance(asked, str) or any(not isinstance(name, str) for name in asked or ()):
        raise TypeError(f'elements are a list of names, as in ["rule", "impose tariffs"]; got {asked!r}')
    if asked is not None and (not asked or not all(name.strip() for name in asked)):
        raise SelectionError("elements names nothing to leave out; name some, or leave it out to mean all")
    if not found:
        raise SelectionError("this scenario has no element that could be left out")
    chosen = {one.label for name in asked or () for one in _named(found, name)}
    return [one for one in found if asked is None or one.label in chosen]


def _named(found: Sequence[Element], name: str) -> list[Element]:
    kind = name.removesuffix("s") if name.removesuffix("s") in KINDS else name
    if kind in KINDS:
        if of_kind := [one for one in found if one.kind == kind]:
            return of_kind
        raise SelectionError(f"this scenario has no {KINDS[kind]}. {_available(found)}")
    names = [(one, {_bare(one.label), _bare(one.spoken)}) for one in found]
    wanted = _bare(name)
    exact = [one for one, known in names if wanted in known]
    if exact or (alike := [one for one, known in names if any(wanted in text for text in known)]):
        return exact or alike
    near = get_close_matches(name, [one.label for one in found], 1, 0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise SelectionError(f"no element is called {name!r}{hint} {_available(found)}")


def _bare(text: str) -> str:
    """The text without what does not matter: case, accents, underscores, how wide the gaps are."""
    letters = [letter for letter in normalize("NFKD", text) if not combining(letter)]
    return " ".join("".join(letters).casefold().replace("_", " ").split())


def _available(found: Sequence[Element]) -> str:
    return "\n".join(["There are:", *(f"- {one.kind}: {one.label}" for one in found)])


def grouped(found: Sequence[Element], by: str | None) -> list[Element]:
    """The elements with those of one owner and kind, or of one kind, made into one; None leaves them single."""
    if by is None:
        return list(found)
    if by not in GROUPS:
        raise SelectionError(f"elements can be grouped by {' or '.join(GROUPS)}; found {by!r}")
    groups: dict[tuple[str, str], list[Element]] = {}
    for one in found:
        is_single = by == "actor" and not one.owner
        groups.setdefault((one.label if is_single else "" if by == "kind" else one.owner, one.kind), []).append(one)
    return [_together(members, by) for members in groups.values()]


def _together(members: Sequence[Element], by: str) -> Element:
    first = members[0]
    if len(members) == 1:
        return first
    whose = f"{first.owner}: " if by == "actor" else ""
    places = tuple(place for one in members for place in one.places)
    return Element(f"{whose}{len(members)} {KINDS[first.kind]}", "group", first.owner, places)


def without(scenario: Scenario, gone: Sequence[Element]) -> Scenario:
    """The scenario without some of its elements."""
    if not gone:
        return scenario
    places = [place for one in gone for place in one.places]
    said = rewriting.content(scenario)
    for keys in places:
        if keys[0] == "mechanisms":
            said = _switched_off(said, str(keys[1]))
    lost = {int(keys[1]) for keys in places if keys[0] == "changes"}
    said = _without_changes(said, lost)
    rest = [keys for keys in places if keys[0] not in ("mechanisms", "changes")]
    return rewriting.made_of(rewriting.less(said, rest), scenario)


def _switched_off(said: dict[str, Any], name: str) -> dict[str, Any]:
    """The content with a mechanism off, and no change that would set a parameter of it."""
    changes = [_without_sets(change, f"mechanisms.{name}.") for change in said.get("changes", [])]
    off = rewriting.with_value(said, ("mechanisms", name), "off")
    return {**off, "changes": changes} if changes else off


def _without_sets(part: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    kept = dict(part)
    if "set" in part:
        kept["set"] = {path: value for path, value in part["set"].items() if not path.startswith(prefix)}
    if "one_of" in part:
        kept["one_of"] = [_without_sets(one, prefix) for one in part["one_of"]]
    return kept


def _without_changes(said: dict[str, Any], lost: Collection[int]) -> dict[str, Any]:
    """The content without some changes; the others keep their luck, which they name."""
    if not lost:
        return said
    kept = [change for place, change in enumerate(said.get("changes", [])) if place not in lost]
    return {**said, "changes": kept} if kept else {key: value for key, value in said.items() if key != "changes"}
