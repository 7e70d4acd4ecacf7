"""`report`: takes a comparison, results, or scenarios, and makes the briefing of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.analysis.compare import Comparison
from tensionsim.analysis.elements import KINDS, Mixture, elements_of
from tensionsim.analysis.signs import EarlySigns, early_signs
from tensionsim.briefings import briefing, saving
from tensionsim.briefings.briefing import Briefing
from tensionsim.briefings.subject import Subject
from tensionsim.errors import SelectionError
from tensionsim.runs.results import Results

if TYPE_CHECKING:
    from tensionsim.analysis.effects import Effects


BUDGET = 16_000
"""Runs of all worlds together from which effects are told: a thousand each for four elements, 250 for six."""

MOST_ELEMENTS = 6
"""Differences or elements that are taken apart in all orders: 64 worlds; of more a briefing would take minutes."""

DATED = ("schedule", "change", "rule")


def report(
    given: Comparison | Results,
    path: str | Path | None = None,
    *,
    ahead_months: float = 6.0,
    effects: bool = True,
    command: str = "",
) -> Briefing:
    """The briefing of a comparison or of results, written to a file where a path is given.

    Parameters
    ----------
    given
        What `compare` or `run` returns, or `open`.
    path
        Ends in .html (one self-contained file) or .md (with a folder of figures beside it).
    ahead_months
        How long before the last date early signs are read.
    effects
        Whether to run the worlds that tell which differences of the files make an outlook's effect, or what scheduled
        moves, changes and rules do where there is one scenario: 64 worlds at most, 16,000 runs in all.
    command
        What was typed, for the provenance.

    Raises
    ------
    StorageError
        If the file cannot be written; it is asked before anything is run.

    Examples
    --------
    >>> import tensionsim as ts
    >>> brief = ts.report(ts.compare("norland-suderia", runs=40, seed=7), "briefing.md", effects=False)
    >>> brief.sections[0].heading
    'Bottom line'
    """
    if path is not None:
        saving.check(path)
    subject = _subject(given, command, effects=effects)
    made = briefing.of(subject, _signs(subject.base, ahead_months))
    if path is not None:
        made.save(path)
    return made


def _subject(given: Comparison | Results, command: str, *, effects: bool) -> Subject:
    if isinstance(given, Comparison):
        found = _of_differences(given) if effects else {}
        return Subject(given.results, given.baseline, given, found, command)
    if isinstance(given, Results):
        name = given.scenario.outlook or given.scenario.name
        return Subject({name: given}, name, None, _of_dated(given, name) if effects else {}, command)
    raise TypeError(f"a briefing is of a Comparison or of Results; got {given!r}")


def _of_differences(comparison: Comparison) -> dict[str, Effects]:
    """Which differences of its file make each outlook's effect on the key event."""
    from tensionsim.analysis.effects import effects_against

    base = comparison.results[comparison.baseline]
    key = _counted_in_all(Subject(comparison.results, comparison.baseline, comparison, {}))
    found = {}
    for name in comparison.names:
        other = comparison.results[name]
        if len(comparison.runs) < 2 or base.agents or other.agents or not _is_tellable(base, other):
            continue
        count = len(Mixture.of(base.scenario, other.scenario).everything)
        found[name] = effects_against(
            other.scenario, base.scenario, of=key, date=str(comparison.dates[-1]),
            runs=_affordable(len(comparison.runs), count), seed=comparison.seed, first_run=comparison.runs.start,
        )  # fmt: skip
    return found


def _affordable(runs: int, elements: int) -> int:
    """Runs of each of the worlds with and without so many elements."""
    return max(2, min(runs, BUDGET >> elements))


def _counted_in_all(subject: Subject) -> str:
    """The key event where all outlooks count it as an event, else the index."""
    key = subject.key
    return f"event:{key}" if all(key in results.names.events for results in subject.results.values()) else "index"


def _is_tellable(base: Results, other: Results) -> bool:
    """Whether two files differ in a few things that can be mixed."""
    try:
        return 1 <= len(Mixture.of(base.scenario, other.scenario).everything) <= MOST_ELEMENTS
    except SelectionError:
        return False


def _of_dated(results: Results, name: str) -> Mapping[str, Effects]:
    """What scheduled moves, changes and rules do to the index, as far as there are few enough."""
    from tensionsim.analysis.effects import effects

    there = [one.kind for one in elements_of(results.scenario)]
    kinds = [kind for kind in DATED if kind in KINDS and kind in there]
    while kinds and sum(there.count(kind) for kind in kinds) > MOST_ELEMENTS:
        kinds.pop()
    if not kinds or results.agents or results.runs < 2:
        return {}
    runs = _affordable(results.runs, sum(there.count(kind) for kind in kinds))
    return {name: effects(results.scenario, elements=kinds, runs=runs, seed=results.seed, first_run=results.first_run)}


def _signs(results: Results, ahead_months: float) -> EarlySigns | None:
    """Early signs of the results; None where they span less time than that."""
    span = (len(results.dates) - 1) * results.step_months
    return None if ahead_months > span else early_signs(results, ahead_months=ahead_months)
