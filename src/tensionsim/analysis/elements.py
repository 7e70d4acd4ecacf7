"""What a scenario is made of: its elements, scenarios without some of them, and those that lie between two scenarios.

An element is a scheduled move, a rule, a change, a domestic check, a mechanism, or what one of two files says
otherwise. A mixture of two scenarios says what one says, with some of the differences taken over: with none it is the
one, with all the other, to the last bit of what they simulate.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import count
from typing import Any, NamedTuple
from unicodedata import combining, normalize

from tensionsim.errors import ScenarioError, SelectionError
from tensionsim.model.mechanisms import MECHANISMS
from tensionsim.scenario.files import lost_of_leaders
from tensionsim.scenario.quantities import BESIDE, FAMILIES
from tensionsim.scenario.scenario import Scenario, load, streams_of
from tensionsim.scenario.yaml_tree import Report, Source, SourceLocation, from_plain, meant, read_nodes

ABBREVIATIONS = ("brics", "nato", "oas", "oecd", "us")
NAMES = ("China", "Chinese", "Colombian", "Israel", "Maduro", "Venezuela")
PROPER = {name.lower(): name for name in NAMES} | {"darien": "Darién"} | {word: word.upper() for word in ABBREVIATIONS}

SAID = {
    "abstain_oas_vote": "abstain in an OAS vote",
    "admit_to_brics_bank": "admit the other to the BRICS bank",
    "apply_brics_bank": "apply to the BRICS bank",
    "back_vote_records_call": "back the call for vote records",
    "choose_other_arms_supplier": "choose another arms supplier",
    "decertify_with_waiver": "decertify with a waiver",
    "demand_maduro_exit": "demand Maduro's exit",
    "join_oecd": "join the OECD",
    "leave_oecd": "leave the OECD",
    "make_visit": "pay a visit",
    "mediate_venezuela": "mediate in Venezuela",
    "phone_leader": "talk by telephone",
    "push_aid_across_border": "push aid across the border",
    "recall_ambassador": "recall its ambassador",
    "recall_for_consultations": "recall its envoy for consultations",
    "return_ambassador": "send its ambassador back",
    "revoke_leader_visa": "revoke the leader's visa",
    "yield_to_demand": "yield to a demand",
}
"""Moves that are told otherwise than their names and articles say."""

BARE = re.compile(
    r"accession|aid|aircraft|certification|control|cooperation|criticism|decertification|eradication|extradition|"
    r"finance|force|glyphosate|help|information|infrastructure|integration|itself|jointly|mediation|migration|"
    r"protection|recognition|solidarity|substitution|sympathy|trade|treatment|violence|\w*s|\w*(?<!et)ing"
)
THE = re.compile("alliance|bank|border|bounty|burden|intervention|leader|militia|opposition|road|war")
OF_WHAT_IS = ("drop", "end", "finish", "halt", "leave", "renew", "stall", "suspend", "withdraw")
"""Nouns before which no article stands, those of which there is one, and verbs of what is there already."""

MATTERS_NAMED: Mapping[str, Mapping[str, str]] = {
    "criticism": {"charge": "criticism"},
    "demand": {"demand": "demand", "proposal": "proposal", "threat": "threat"},
    "request": {"demand": "request", "proposal": "request", "threat": "threat"},
    "tariffs": {"tariffs": "tariffs"},
    "threat": {"threat": "threat"},
}
"""Nouns by which moves name what they answer, and what stands there instead where it was of a kind of matter."""
ANSWERED = re.compile(rf"(\w+(?: to)?) (?:(?:an?|the) )?({'|'.join(MATTERS_NAMED)})")

JOINT = ("consult", "meet", "negotiate", "sign", "talk")
"""Verbs of what two do together, whoever is recorded as the one that moved."""

LEANING_IS = (
    "Leaning: desired conduct (`direction` in tables), above 0 to cooperation, below to conflict; the log-odds that "
    "ten points of a move's Goldstein score (-10 to 10) make."
)


@dataclass(frozen=True, slots=True)
class Speech:
    """How actors and things of a scenario are called in a sentence."""

    actors: Mapping[str, str]
    principals: tuple[str, str] = ("", "")

    @classmethod
    def of(cls, scenario: Scenario) -> Speech:
        """The words of a scenario."""
        file = scenario.file
        actors = {name: file.called(name) for name in file.actors}
        return cls(actors, (file.principals[0], file.principals[1]))

    def words(self, name: str) -> str:
        """A name in words: `apply_brics_bank` is "apply BRICS bank"."""
        known = {**PROPER, **self.actors}
        return re.sub(r"[\w-]+", lambda found: known.get(found[0], found[0]), name.replace("_", " "))

    def phrase(self, move: str) -> str:
        """A move with its article: `sign_agreement` is "sign an agreement"."""
        verb, _, rest = move.partition("_")
        names, shown = rest.split("_"), self.words(rest)
        head = names[-1]
        if move in SAID or not rest or names[0] in ("for", "in", "on", "to", "with"):
            return SAID.get(move, self.words(move))
        if BARE.fullmatch(head) or self.words(head)[0].isupper():
            return f"{verb} {shown}"
        article = "the" if THE.fullmatch(head) or verb in OF_WHAT_IS else "an" if shown[0] in "aeiouAEIOU" else "a"
        return f"{verb} {article} {shown}"

    def does(self, move: str, answers: str = "") -> str:
        """A move in the third person, with what it answers: "cuts aid", "yields to the demand of 3 March"."""
        verb, _, rest = self.phrase(move).partition(" ")
        does = f"{third_person(verb)} {rest}".strip()
        matter, _, since = answers.partition(" ")
        named = ANSWERED.fullmatch(does)
        if named and matter in MATTERS_NAMED[named[2]]:
            is_defied = matter == "threat" and verb in ("reject", "decline")
            return f"{'defies' if is_defied else named[1]} the {MATTERS_NAMED[named[2]][matter]} {since}"
        return f"{does} after the {answers}" if answers else does

    def is_of_both(self, move: str) -> bool:
        """Whether a move is what two do together."""
        return self.phrase(move).partition(" ")[0] in JOINT

    def move(self, who: tuple[str, str, str], move: str, answers: str = "") -> str:
        """Who does what, after what, over what, and towards whom, if not the other principal; of both what two do."""
        actor, target, issue = who
        if self.is_of_both(move):
            return f"{self.actors[actor]} and {self.actors[target]} {self.phrase(move)} (over {self.words(issue)})"
        is_dyad = {actor, target} == set(self.principals)
        towards = "" if is_dyad else f", towards {self.actors[target]}"
        return f"{self.actors[actor]} {self.does(move, answers)} (over {self.words(issue)}{towards})"

    def arrangement(self, kind: str, ends: tuple[str, str], issue: str, *, is_mutual: bool) -> str:
        """An arrangement with its holders."""
        actor, target = (self.actors[end] for end in ends)
        whose = f"between {actor} and {target}" if is_mutual else f"of {actor} towards {target}"
        return f"{self.words(kind)} {whose} (over {self.words(issue)})"


def words_of(name: str) -> str:
    """A name without its underscores."""
    return name.replace("_", " ")


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def third_person(verb: str) -> str:
    """The verb as one actor does it: cuts, pushes, denies, joins."""
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def listed(words: Sequence[str]) -> str:
    """Words in a row: "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


Keys = tuple[str | int, ...]
"""The way to a value: keys of mappings and places in lists."""


def content(scenario: Scenario) -> dict[str, Any]:
    """What a scenario says, as plain values without outlooks; every change names its luck, so that it keeps it."""
    report = Report()
    node = read_nodes(scenario.text, Source(scenario.path), report)
    report.raise_if_any()
    kept = {key: one.plain for key, one in node.by_key.items() if key != "outlooks"}
    if "changes" in kept:
        named = zip(kept["changes"], streams_of(scenario.file.changes), strict=True)
        kept["changes"] = [{**change, "luck": name} for change, name in named]
    return kept


def made_of(said: Mapping[str, Any], like: Scenario) -> Scenario:
    """The scenario that says something else than the one it is like, whose name it keeps; or ScenarioError."""
    whole = {key: value for key, value in said.items() if key != "remove"}
    ruled = {key: whole.get(key, {}) for key in ("actors", "leaders")}
    report, nowhere = Report(), SourceLocation(Source(""))
    if lost := lost_of_leaders(from_plain(ruled, nowhere, report)):
        whole["remove"] = lost
    kept: dict[str, Any] = {"name": like.name, "path": like.path, "agents": like.agents}
    with suppress(ScenarioError):
        tree = from_plain(whole, nowhere, report)
        report.raise_if_any()
        return replace(load(tree, mechanisms=like.mechanisms), **kept)
    return replace(load(whole, mechanisms=like.mechanisms), **kept)  # raises the same, and says where


def less(said: Any, gone: Iterable[Keys]) -> Any:
    """The values without what stands at some places; a mapping that loses all that it had goes with it."""
    by_key: dict[str | int, list[Keys]] = {}
    for keys in gone:
        by_key.setdefault(keys[0], []).append(keys[1:])
    kept: list[tuple[Any, Any]] = []
    for key, value in said.items() if isinstance(said, dict) else enumerate(said):
        deeper = by_key.get(key)
        if deeper is None:
            kept.append((key, value))
        elif () not in deeper and (left := less(value, deeper)):
            kept.append((key, left))
    return dict(kept) if isinstance(said, dict) else [value for _, value in kept]


def at(said: Any, keys: Keys) -> Any:
    """What stands at a place of nested mappings; None if nothing does."""
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    return said


def with_value(said: dict[str, Any], keys: Keys, value: Any) -> dict[str, Any]:
    """The mapping with a value at a place of nested mappings; those on the way are made where they lack."""
    head, rest = str(keys[0]), keys[1:]
    below = said.get(head)
    changed = with_value(below if isinstance(below, dict) else {}, rest, value) if rest else value
    return {**said, head: changed}


KINDS = ("schedule", "rule", "change", "check", "mechanism")
"""Kinds of elements: scheduled moves, rules, changes, domestic checks, mechanisms."""


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that a scenario could be without: its unique name, a key of `KINDS`, and where it is."""

    label: str
    kind: str
    places: tuple[Keys, ...]
    spoken: str = ""


def elements_of(scenario: Scenario) -> list[Element]:
    """Every element of a scenario, by kind, in the order of the file; none of leaders who never govern."""
    said = content(scenario)
    turned_off = {name for name, value in said.get("mechanisms", {}).items() if value == "off"}
    on = [one.name for one in (*MECHANISMS, *scenario.mechanisms) if one.name not in turned_off]
    found = [
        *_of_list(said, "schedule", "schedule"),
        *_of_patches(said, "rules"),
        *_of_list(said, "changes", "change"),
        *_of_patches(said, "checks"),
        *(Element(name, "mechanism", (("mechanisms", name),)) for name in on),
    ]
    labels, numbers = Speech.of(scenario).actors, defaultdict[str, Iterator[int]](lambda: count(1))
    total = Counter(one.label for one in found)
    told = [f"{one.label} #{next(numbers[one.label])}" if total[one.label] > 1 else one.label for one in found]
    return [replace(one, label=label, spoken=spoken(label, labels)) for one, label in zip(found, told, strict=True)]


def spoken(label: str, labels: Mapping[str, str]) -> str:
    """The label of an element as texts show it: without underscores, actors by their labels."""
    who, colon, what = label.partition(":")
    words = " ".join(labels.get(word, word) for word in who.split(" ")) if colon else who
    return f"{words}{colon}{what}".replace("_", " ")


def _of_list(said: Mapping[str, Any], key: str, kind: str) -> Iterator[Element]:
    for place, item in enumerate(said.get(key, [])):
        yield Element(_dated(item, _what(item)), kind, ((key, place),))


def _dated(item: Mapping[str, Any], what: str) -> str:
    """The label of what a file sets on a date."""
    who = f"{item['date']} {item.get('actor', '')}".rstrip()
    target = f" -> {item['target']}" if "target" in item else ""
    issue = f" ({item['issue']})" if "issue" in item else ""
    return f"{who}{target}: {what}{issue}"


def _what(item: Mapping[str, Any]) -> str:
    sets = ", ".join(item.get("set", {}))
    return str(item.get("move") or item.get("label") or item.get("leader") or sets or "a change")


def _of_patches(said: Mapping[str, Any], key: str) -> Iterator[Element]:
    """Rules or checks of actors, and of leaders who govern at the start or may come."""
    changes = [part for one in said.get("changes", []) for part in (one, *one.get("one_of", []))]
    named = dict.fromkeys(part.get("leader") for part in (*said["actors"].values(), *changes))
    leaders = {name: said.get("leaders", {}).get(name, {}) for name in named if name}
    for group, patches in (("actors", said["actors"]), ("leaders", leaders)):
        for owner, patch in patches.items():
            for name in patch.get(key, {}):
                yield Element(f"{owner}: {name}", key.removesuffix("s"), ((group, owner, key, name),))


def selected(found: Sequence[Element], asked: Collection[str] | None) -> list[Element]:
    """The elements that kinds, labels or parts of labels name, whatever case, underscores and accents; None: all."""
    if isinstance(asked, str) or any(not isinstance(name, str) for name in asked or ()):
        raise TypeError(f'elements are a list of names, as in ["rule", "impose tariffs"]; got {asked!r}')
    if asked is not None and (not asked or not all(name.strip() for name in asked)):
        raise SelectionError("elements names nothing to leave out; name some, or leave it out to mean all")
    if not found:
        raise SelectionError("there is no element that could be left out")
    chosen = {one.label for name in asked or () for one in _meant(found, name)}
    return [one for one in found if asked is None or one.label in chosen]


def _meant(found: Sequence[Element], name: str) -> list[Element]:
    available = "\n".join(["There are:", *(f"- {one.kind}: {one.label}" for one in found)])
    kind = name.removesuffix("s")
    if kind in KINDS:
        if of_kind := [one for one in found if one.kind == kind]:
            return of_kind
        raise SelectionError(f"there is no {kind} among the elements. {available}")
    names = [(one, {_bare(one.label), _bare(one.spoken)}) for one in found]
    wanted = _bare(name)
    exact = [one for one, known in names if wanted in known]
    if exact or (alike := [one for one, known in names if any(wanted in text for text in known)]):
        return exact or alike
    raise SelectionError(f"no element is called {name!r}{meant(name, [one.label for one in found]) or '.'} {available}")


def _bare(text: str) -> str:
    """The text without what does not matter: case, accents, underscores, how wide the gaps are."""
    letters = [letter for letter in normalize("NFKD", text) if not combining(letter)]
    return " ".join("".join(letters).casefold().replace("_", " ").split())


def without(scenario: Scenario, gone: Sequence[Element]) -> Scenario:
    """The scenario without some of its elements."""
    if not gone:
        return scenario
    places = [place for one in gone for place in one.places]
    said = content(scenario)
    for name in (str(keys[1]) for keys in places if keys[0] == "mechanisms"):
        changes = [_without_sets(change, f"mechanisms.{name}.") for change in said.get("changes", [])]
        said = with_value(said, ("mechanisms", name), "off") | ({"changes": changes} if changes else {})
    return made_of(less(said, [keys for keys in places if keys[0] != "mechanisms"]), scenario)


def _without_sets(part: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    kept = dict(part)
    if "set" in part:
        kept["set"] = {path: value for path, value in part["set"].items() if not path.startswith(prefix)}
    if "one_of" in part:
        kept["one_of"] = [_without_sets(one, prefix) for one in part["one_of"]]
    return kept


MUST_AGREE = ("start", "step", "history", "principals", "issues")
"""What a mixture cannot have both ways."""

DEPTHS: Mapping[str, int] = {
    **{"actors": 4, "leaders": 4, "mechanisms": 3, "correlations": 1, "indicators": 3, "parameters": 2},
    **{"elections": 2, "moves": 2, "arrangement_kinds": 2, "arrangements": 1},
}
"""How many keys lead to what counts as one difference, by the first of them."""

NAMED_THINGS = ("actors", "leaders", "indicators")
LISTS: Mapping[str, tuple[str, ...]] = {"schedule": ("date", "actor", "target", "issue"), "changes": ("date", "actor")}
"""Lists whose items are told apart, by what makes two of them the same place in two files."""

TOGETHER = ("salience",)
"""Mappings that mean something only as a whole."""

WITHOUT_EFFECT = ("label", "about")
LONGEST_VALUE = 24
UNSET = "unset"


class ListItem(NamedTuple):
    """One item of two lists laid beside each other: which of them have it at its place."""

    is_base: bool
    is_other: bool
    item: Any


class Mixture:
    """Two scenarios and what lies between them, `everything`; SelectionError if they cannot be mixed.

    said : the content of both. lists : items of both schedules and changes in one order, counted by places.
    """

    def __init__(self, base: Scenario, other: Scenario) -> None:
        self.base, self.other = base, other
        self.said = said = content(base), content(other)
        for key in ("code of your own", *MUST_AGREE):
            values = [getattr(one.file, key) if key in MUST_AGREE else one.code for one in (base, other)]
            here, there = (sorted(value) if isinstance(value, dict) else value for value in values)
            if here != there:
                named = (f"{one.name} ({one.outlook})" if one.outlook else one.name for one in (base, other))
                told = (one if isinstance(one, (list, tuple)) else [one] for one in (here, there))
                differing = "; ".join(", ".join(map(str, one)) or "none" for one in told)
                raise SelectionError(
                    f"{' and '.join(named)} have different {key} ({differing}), "
                    f"which cannot be mixed; explain scenarios of one {', '.join(MUST_AGREE)}"
                )
        self.lists = {key: _align(said[0].get(key, []), said[1].get(key, [])) for key in LISTS}
        found = [*_of_leaders(said, list(_by_path(*said))), *_of_lists(self.lists)]
        self.everything = tuple(self._that_stand_alone(found))

    @property
    def end(self) -> dt.date | None:
        """The earlier end, where the ends differ."""
        ends = (self.base.file.end, self.other.file.end)
        return None if ends[0] == ends[1] else min(ends)

    def scenario(self, taken: Sequence[Element]) -> Scenario:
        """The scenario compared with, with some differences taken over; ScenarioError if they need the others."""
        base, other = self.said
        places = {place for one in taken for place in one.places}
        said: dict[str, Any] = base | {key: other[key] for key in ("title", "about", "events") if key in other}
        said["end"] = max(str(base["end"]), str(other["end"]))
        for keys in places:
            if keys[0] not in LISTS:
                value = at(other, keys)
                said = less(said, [keys]) if value is None else with_value(said, keys, value)
        for key, items in self.lists.items():
            is_kept = [one.is_other if (key, place) in places else one.is_base for place, one in enumerate(items)]
            kept = [one.item for one, is_there in zip(items, is_kept, strict=True) if is_there]
            said = {**said, key: kept} if kept else less(said, [(key,)])
        return made_of(said, self.other)

    def _that_stand_alone(self, parts: list[Element]) -> list[Element]:
        """The differences, each that needs another joined with the first that lets it stand, or else with all such."""

        @cache  # what is left beside one is the same however the others are joined
        def stands(one: Element) -> bool:
            rest = [other for other in parts if not set(other.places) <= set(one.places)]
            try:
                self.scenario([one])
                self.scenario(rest)
            except ScenarioError:
                return False
            return True

        while len(parts) > 1 and (bad := [one for one in parts if not stands(one)]):
            pairs = (_union([bad[0], other]) for other in (*bad[1:], *parts) if other is not bad[0])
            joined = next(filter(stands, pairs), None) or _union(bad if len(bad) > 1 else parts)
            parts = [one for one in parts if not set(one.places) <= set(joined.places)] + [joined]
        return parts


def _union(parts: Sequence[Element]) -> Element:
    places = tuple(place for one in parts for place in one.places)
    return Element(" + ".join(one.label for one in parts), "difference", places)


def _by_path(base: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Element]:
    """What stands otherwise in mappings, one element a path."""
    for key, depth in DEPTHS.items():
        for keys in _paths(base.get(key), other.get(key), (key,), depth):
            change = _describe_change(keys, at(base, keys), at(other, keys))
            yield Element(f"{'.'.join(map(str, keys))}: {change}", "difference", (keys,))


def _paths(base: Any, other: Any, keys: Keys, depth: int) -> Iterator[Keys]:
    if base == other or keys[-1] in WITHOUT_EFFECT:
        return
    values = [value for value in (base, other) if value is not None]
    is_new = len(keys) == 2 and keys[0] in NAMED_THINGS and len(values) < 2
    is_nested = all(isinstance(value, dict) and not set(value) <= {*FAMILIES, *BESIDE} for value in values)
    if is_new or len(keys) >= depth or keys[-1] in TOGETHER or not is_nested:
        yield keys
        return
    before, after = base or {}, other or {}
    for key in dict.fromkeys((*before, *after)):
        yield from _paths(before.get(key), after.get(key), (*keys, key), depth)


def _describe_change(keys: Keys, before: Any, after: Any) -> str:
    if keys[0] == "mechanisms" and len(keys) == 2 and "off" in (before, after):
        before, after = ("off" if value == "off" else "on" for value in (before, after))
    if isinstance(before, (dict, list)) or isinstance(after, (dict, list)):
        return "added" if before is None else "removed" if after is None else "changed"
    here, there = (UNSET if value is None else str(value) for value in (before, after))
    return "changed" if max(len(here), len(there)) > LONGEST_VALUE else f"{here} -> {there}"


def _of_leaders(said: tuple[dict[str, Any], dict[str, Any]], found: Sequence[Element]) -> Iterator[Element]:
    """The differences with all that comes with another leader made into one."""
    new = {one.places[0][1]: one for one in found if one.places[0][0] == "actors" and one.places[0][2:] == ("leader",)}
    brought: dict[Any, list[Keys]] = {actor: [] for actor in new}
    for one in found:
        (keys,) = one.places
        actor = keys[1] if len(keys) > 2 and keys[0] == "actors" else None
        of_leaders = [
            (at(each, ("leaders", at(each, (*keys[:2], "leader")), *keys[2:])), at(each, keys)) for each in said
        ]
        if actor in new and (one is new[actor] or any(it is not None and it == here for it, here in of_leaders)):
            brought[actor].append(keys)
        else:
            yield one
    yield from (replace(new[actor], places=tuple(places)) for actor, places in brought.items())


def _align(base: Sequence[Any], other: Sequence[Any]) -> list[ListItem]:
    """The items of two lists in one order that keeps both."""
    before, after = ([repr(item) for item in items] for items in (base, other))
    found: list[ListItem] = []
    for kind, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        found += [ListItem(True, kind == "equal", item) for item in base[first:last]]
        if kind != "equal":
            found += [ListItem(False, True, item) for item in other[begin:end]]
    return found


def _of_lists(lists: Mapping[str, Sequence[ListItem]]) -> Iterator[Element]:
    """Items that only one of the lists has; one that takes the place of another is one difference with it."""
    for key, items in lists.items():
        by_place: dict[tuple[Any, ...], list[int]] = {}
        for row, one in enumerate(items):
            if one.is_base != one.is_other:
                by_place.setdefault(tuple(one.item.get(name) for name in LISTS[key]), []).append(row)
        for rows in by_place.values():
            sides = ([_what(items[row].item) for row in rows if items[row].is_base is side] for side in (True, False))
            gone, new = map(", ".join, sides)
            label = _dated(items[rows[0]].item, f"{gone} -> {new}" if gone and new else gone or new)
            kept = "" if gone and new else " added" if new else " removed"
            yield Element(label + kept, "difference", tuple((key, row) for row in rows))
