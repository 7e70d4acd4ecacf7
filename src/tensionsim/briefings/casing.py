"""Casing: names of the model are in small letters; the scenario's own texts say which words are proper nouns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensionsim.scenario.schema import ScenarioFile


TOLD = ("about", "description", "label", "low", "high", "title")
WITHIN = re.compile(r"(?<=[a-z,;] )([A-ZÀ-Þ][\w-]+)")
SMALL = re.compile(r"\b([a-zß-ÿ][\w-]+)")
WORD = re.compile(r"[\w-]+")


def proper(file: ScenarioFile) -> dict[str, str]:
    """Words that stand with a capital within sentences, and never without one, by their small letters."""
    texts = list(_texts(file))
    small = {word for text in texts for word in SMALL.findall(text)}
    found = {word.lower(): word for text in texts for word in WITHIN.findall(text)}
    return {word: cased for word, cased in found.items() if word not in small}


def cased(text: str, words: Mapping[str, str]) -> str:
    """A text with its proper nouns written as such."""
    return WORD.sub(lambda match: words.get(match[0], match[0]), text)


def _texts(file: ScenarioFile) -> Iterator[str]:
    from tensionsim.events.history import names, observed
    from tensionsim.model.catalogue import shipped

    yield from _said(file.model_dump(exclude_none=True))
    if file.history in names():
        yield from (one.description for one in observed(str(file.history)))
    known = shipped()
    yield from (one.description for one in known.moves.values())
    yield from (one.description for one in known.arrangements.values())


def _said(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key in TOLD and isinstance(value, str):
                yield value
            else:
                yield from _said(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _said(value)
