"""Short names: what tables call the paths that are varied."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tensionsim.scenario.quantities import ANY, NoPath, parse

TAKEN = ("point", "date", "statistic", "mean", "q05", "q25", "median", "q75", "q95")
TAKEN_BEGINNINGS = ("index_", "difference", "regime_", "months_", "event_")
"""Names and beginnings of names that columns of outcomes have."""


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
        longer = [place for place in wanting if lengths[place] < len(keys[place])]
        if not longer:
            break
        for place in longer:
            lengths[place] += 1
    names = [_name(parts, length) for parts, length in zip(keys, lengths, strict=True)]
    wanting = _wanting(names)
    return tuple(f"factor_{place}_{name}" if place in wanting else name for place, name in enumerate(names))


def _keys(text: str) -> tuple[str, ...]:
    try:
        parts = parse(text)
    except NoPath:
        parts = (text,)
    return tuple("all" if part == ANY else part for part in parts)


def _name(parts: tuple[str, ...], length: int) -> str:
    return re.sub(r"\W+", "_", "_".join(parts[-length:])).strip("_")


def _wanting(names: Sequence[str]) -> list[int]:
    """Places of names that are another's or an outcome's, or that Python does not take."""
    return [
        place
        for place, name in enumerate(names)
        if names.count(name) > 1 or name in TAKEN or name.startswith(TAKEN_BEGINNINGS) or not name.isidentifier()
    ]
