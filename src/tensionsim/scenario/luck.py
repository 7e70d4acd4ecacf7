"""Luck: by which name each change of a scenario draws its alternatives and uncertain numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tensionsim.scenario.schema import Change


def luck_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """The name of each change's luck, in the order of the file.

    It is the change's `luck` where that is given. Otherwise it hangs on whom or what the change changes and on its
    place among such changes, not on its date or label, so that outlooks that word or date it differently share it.
    """
    named: Counter[str] = Counter()
    found: dict[int, str] = {}
    for place, change in sorted(enumerate(changes), key=lambda one: one[1].date):
        subject = change.actor or " ".join(sorted({*change.set, *(path for one in change.one_of for path in one.set)}))
        named[subject] += 1
        found[place] = change.luck or f"changes.{subject}.{named[subject]}"
    return tuple(found[place] for place in range(len(changes)))
