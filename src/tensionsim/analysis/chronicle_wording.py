"""Sentences of a chronicle, made from what happened by templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tensionsim.scenario import Scenario

ABBREVIATIONS = ("brics", "nato", "oas", "oecd", "us")
PROPER = {
    "china": "China",
    "chinese": "Chinese",
    "colombian": "Colombian",
    "darien": "Darién",
    "israel": "Israel",
    "maduro": "Maduro",
    "venezuela": "Venezuela",
}
FRIENDLY_NAMES = {"disagreement": "agreement"}
"""Mechanisms that are called otherwise where they push towards cooperation."""

HARDLY = 0.05
"""Points of the index below which an effect is not worth a number."""

WELL_BEHIND = 0.4
"""A second reason is named where it weighs at least this share of the first."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How actors and things of a scenario are called in a sentence."""

    actors: Mapping[str, str]
    principals: tuple[str, str]

    @classmethod
    def of(cls, scenario: Scenario) -> Speech:
        """The words of a scenario."""
        file = scenario.file
        actors = {name: actor.label or capital(words_of(name)) for name, actor in file.actors.items()}
        return cls(actors, (file.principals[0], file.principals[1]))

    def words(self, name: str) -> str:
        """A name in words: `apply_brics_bank` is "apply BRICS bank"."""
        return " ".join(self._word(word) for word in name.split("_"))

    def _word(self, word: str) -> str:
        if word in ABBREVIATIONS:
            return word.upper()
        return PROPER.get(word) or self.actors.get(word) or word

    def does(self, move: str) -> str:
        """A move in the third person: `cut_aid` is "cuts aid"."""
        verb, _, rest = move.partition("_")
        return f"{third_person(verb)} {self.words(rest)}".strip()

    def move(self, who: tuple[str, str, str], move: str) -> str:
        """Who does what over what; towards whom, where it is not the other principal."""
        actor, target, issue = who
        is_dyad = {actor, target} == set(self.principals)
        towards = "" if is_dyad else f", towards {self.actors[target]}"
        return f"{self.actors[actor]} {self.does(move)} (over {self.words(issue)}{towards})"

    def arrangement(self, kind: str, actor: str, target: str, issue: str, *, is_mutual: bool) -> str:
        """An arrangement with its holders."""
        ends = f"{self.actors[actor]} and {self.actors[target]}"
        whose = f"between {ends}" if is_mutual else f"of {self.actors[actor]} towards {self.actors[target]}"
        return f"{self.words(kind)} {whose} (over {self.words(issue)})"


def words_of(name: str) -> str:
    """A name without its underscores."""
    return name.replace("_", " ")


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def third_person(verb: str) -> str:
    """The verb as one actor does it.

    >>> [third_person(verb) for verb in ("cut", "push", "deny", "join")]
    ['cuts', 'pushes', 'denies', 'joins']
    """
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def effect(points: float, at_end: float) -> str:
    """What something does to the index, at once and what is left of it at the end."""
    if max(abs(points), abs(at_end)) < HARDLY:
        return "hardly any effect on the index"
    left = "nothing" if abs(at_end) < HARDLY else f"{at_end:+.1f}"
    return f"{points:+.1f} points at once, {left} left at the end"


def reasons(contributions: Mapping[str, float], direction: float, score: float) -> str:
    """The strongest mechanisms that spoke for a move of this Goldstein score, or that none did on balance."""
    if score == 0.0:
        return "neither friendly nor hostile"
    if direction * score < 0.0:
        leaning = "cooperation" if direction > 0 else "conflict"
        return f"against its leaning to {leaning} ({direction:+.2f})"
    sign = 1.0 if score > 0 else -1.0
    pushes = sorted(((sign * value, name) for name, value in contributions.items()), reverse=True)
    first = pushes[0][0]
    if first <= 0.0:
        return "by chance"
    called = FRIENDLY_NAMES if score > 0 else {}
    named = [words_of(called.get(name, name)) for push, name in pushes[:2] if push >= WELL_BEHIND * first]
    return f"moved by {listed(named)}"


def listed(words: Sequence[str]) -> str:
    """Words in a row: "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
