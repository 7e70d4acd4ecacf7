"""Sentences of a chronicle, made from what happened by templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.measures import regime_of
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

LEANING_IS = (
    "Leaning: desired conduct (`direction` in tables), above 0 to cooperation, below to conflict; the log-odds that "
    "ten points of a move's Goldstein score (-10 to 10) make."
)
HARDLY = 0.05
"""Points of the index below which an effect is not worth a number."""

WELL_BEHIND = 0.4
"""A second reason is named where it weighs at least this share of the first."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How actors and things of a scenario are called in a sentence."""

    actors: Mapping[str, str]
    principals: tuple[str, str] = ("", "")

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
    """The verb as one actor does it.

    >>> [third_person(verb) for verb in ("cut", "push", "deny", "join")]
    ['cuts', 'pushes', 'denies', 'joins']
    """
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def tone(score: float) -> str:
    """Whether what has this Goldstein score is friendly or hostile."""
    return "friendly" if score > 0.0 else "hostile" if score < 0.0 else "neutral"


def level(index: float) -> str:
    """The index with as many decimals as show on which side of a regime's bound it is."""
    for decimals in (1, 2, 3):
        text = f"{index:.{decimals}f}"
        if int(regime_of(np.array([float(text)]))[0]) == int(regime_of(np.array([index]))[0]):
            return text
    return f"{index:g}"


def effect(points: float, at_end: float) -> str:
    """What something does to the index, at once and what is left of it at the end."""
    if max(abs(points), abs(at_end)) < HARDLY:
        return "hardly any effect on the index"
    return f"{points:+.1f} points at once, {left(at_end)} at the end"


def left(at_end: float) -> str:
    """What is left of an effect, in words where it is too small for a number."""
    if abs(at_end) >= HARDLY:
        return f"{at_end:+.1f} left"
    return "less than 0.1 left" if at_end else "nothing left"


def weight(peak: float, at_end: float, *, is_alone: bool) -> str:
    """What an arrangement makes of the index: at its peak, and where there is some, at the end.

    is_alone : whether it is in force once only, so that what is left is of this spell.
    """
    if not peak and not at_end:
        return ""
    most = f"{peak:+.1f} points at its peak" if abs(peak) >= HARDLY else "less than 0.1 points"
    if abs(at_end) < HARDLY:
        return f"; {most}"
    return f"; {most}, {at_end:+.1f} at the end{'' if is_alone else ' with its later spells'}"


def reasons(contributions: Mapping[str, float], direction: float, score: float) -> str:
    """The strongest mechanisms that spoke for a move of this Goldstein score, or that none did on balance."""
    if score == 0.0:
        return "neither friendly nor hostile"
    if direction * score < 0.0:
        side = "cooperation" if direction > 0 else "conflict"
        return f"against its leaning to {side} ({direction:+.2f})"
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
