"""`compare`: takes outlooks in any form, runs those that have not been run, and sets them side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tensionsim.analysis import comparison as comparisons
from tensionsim.analysis import matching
from tensionsim.analysis.comparison import Comparison
from tensionsim.arguments import whole
from tensionsim.errors import Problem, ScenarioError, SelectionError, StorageError, TensionSimError
from tensionsim.results import Results
from tensionsim.results.manifest import maker_of
from tensionsim.scenario import Scenario

if TYPE_CHECKING:
    Outlook = Scenario | Results | str | Path

RUNS, SEED = 1000, 0


NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Numbers:
    """Runs and seed that were asked for; None where nobody asked."""

    runs: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An outlook to compare: its name, what it is, the path that was given, and the version that saved it, if known."""

    name: str
    given: Scenario | Results
    path: str = ""
    version: str = ""


def compare(
    *outlooks: Outlook,
    baseline: Outlook | None = None,
    runs: int | None = None,
    seed: int | None = None,
    names: Sequence[str] | None = None,
    overlap: bool = False,
    progress: bool = False,
) -> Comparison:
    """Compares outlooks with a baseline, run by run under the same luck.

    Parameters
    ----------
    *outlooks
        Scenarios, paths or names of scenarios, results, folders of saved results, in any mixture. A single scenario
        stands for itself and all its outlooks.
    baseline
        What the others are compared with: the name of one of them, or a further outlook. Default: the first.
    runs, seed
        Of the scenarios that have not been run yet. Default: those of the results given, else 1,000 and 0.
    names
        What to call the outlooks, in their order. Default: the name of the outlook, scenario or folder.
    overlap
        Whether to compare on the dates and runs that all have, where they have not the same.
    progress
        Whether to show a bar on a terminal's standard error.

    Raises
    ------
    ScenarioError
        If a scenario cannot be used.
    SelectionError
        If the outlooks cannot be compared; it names everything that stands against it, before anything is run.
    StorageError
        If a folder holds no results.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.compare("managed", "rhetoric", baseline="status-quo", runs=40)
    >>> found.names, found.baseline
    (('managed', 'rhetoric'), 'status-quo')
    >>> scenario = ts.load("norland-suderia")
    >>> both = (ts.run(scenario, runs=40), ts.run(scenario, runs=40))
    >>> same = ts.compare(*both, names=["one", "other"])
    >>> same.headline("other")
    'other is the same as one in every run, on every date.'
    """
    entries = gathered([("", given) for given in outlooks])
    if names is not None:
        entries = _named(entries, names)
    entries, chosen = with_baseline(entries, baseline)
    return compared(entries, chosen, Numbers(runs, seed), overlap=overlap, progress=progress)


def gathered(named: Sequence[tuple[str, Outlook]], values: Mapping[str, object] = NOTHING) -> list[Entry]:
    """Outlooks given with their names ("" for their own), all read, or one error with everything that is wrong.

    A single scenario becomes itself and all its outlooks. values : set in every scenario, by path.
    """
    entries, failures = [], []
    for name, given in named:
        try:
            entries.append(_read(given, name, values))
        except (ScenarioError, StorageError, SelectionError) as failure:
            failures.append(failure)
    if len(failures) == 1:
        raise failures[0]
    if failures and all(isinstance(failure, ScenarioError) for failure in failures):
        raise ScenarioError(list(dict.fromkeys(_problems(failures))))
    if failures:
        raise SelectionError("\n".join(dict.fromkeys(map(str, failures))))
    return _with_outlooks(entries)


def with_baseline(
    entries: list[Entry], baseline: Outlook | None, values: Mapping[str, object] = NOTHING
) -> tuple[list[Entry], str]:
    """The outlooks with the baseline among them, put first where it is a further one, and its name."""
    chosen = entries[0].name if baseline is None and entries else _chosen(entries, baseline)
    if chosen is None and baseline is not None:
        base = _baseline(baseline, entries, values)
        entries, chosen = [base, *entries], base.name
    _check_names(entries)
    return entries, chosen or ""


def compared(
    entries: Sequence[Entry], baseline: str, asked: Numbers, *, overlap: bool = False, progress: bool = False
) -> Comparison:
    """The comparison of outlooks, those run that have not been; what stands against it is said before."""
    runs, seed = _numbers(entries, asked)
    facts = {entry.name: _facts(entry, runs, seed) for entry in entries}
    matching.common(facts, overlap=overlap, further=_not_as_asked(facts, asked))
    found = {entry.name: _results(entry.given, runs, seed, progress=progress) for entry in entries}
    return comparisons.of(found, baseline=baseline, overlap=overlap)


def _chosen(entries: Sequence[Entry], baseline: Outlook | None) -> str | None:
    """The name of the entry that the baseline is, if it is one."""
    text = str(baseline) if isinstance(baseline, (str, Path)) else ""
    named = (entry.name for entry in entries if text == entry.name)
    meant = (entry.name for entry in entries if baseline is entry.given or (text and text == entry.path))
    return next(named, None) or next(meant, None)


def _baseline(baseline: Outlook, entries: Sequence[Entry], values: Mapping[str, object]) -> Entry:
    try:
        return _read(baseline, "", values)
    except (ScenarioError, StorageError) as failure:
        if not isinstance(baseline, str) or Path(baseline).exists():
            raise
        there = ", ".join(entry.name for entry in entries)
        what = f"no outlook {baseline!r} to be the baseline; there is {there}"
        raise SelectionError(f"{what}; nor is it another scenario: {failure}") from failure


def _problems(failures: Sequence[TensionSimError]) -> Iterator[Problem]:
    for failure in failures:
        if isinstance(failure, ScenarioError):
            yield from failure.problems


def _read(given: Outlook, name: str, values: Mapping[str, object]) -> Entry:
    """What was given as a scenario or results; a bare name means a shipped scenario first, as everywhere."""
    from tensionsim.scenario import load
    from tensionsim.scenario.files import shipped_names

    if isinstance(given, Results):
        return Entry(name or given.scenario.outlook or given.scenario.name, given)
    if isinstance(given, Scenario):
        return Entry(name or given.outlook or given.name, given)
    if not isinstance(given, (str, Path)):
        raise TypeError(f"an outlook is a Scenario, Results, a path or a name; got {given!r}")
    if Path(given).is_dir() and str(given) not in shipped_names():
        return _saved(Path(given), name, values)
    scenario = load(given, set=values)
    return Entry(name or scenario.name, scenario, str(given))


def _saved(folder: Path, name: str, values: Mapping[str, object]) -> Entry:
    from tensionsim.results import open as open_results

    if values:
        raise SelectionError(f"{folder} holds results, in which {', '.join(values)} cannot be set any more")
    return Entry(name or folder.resolve().name, open_results(folder), str(folder), maker_of(folder))


def _with_outlooks(entries: list[Entry]) -> list[Entry]:
    """A single scenario as itself and all its outlooks; several as they are."""
    first = entries[0].given if entries else None
    if len(entries) > 1 or not isinstance(first, Scenario) or first.outlook is not None:
        return entries
    return [*entries, *(Entry(name, first.with_outlook(name)) for name in first.outlook_names)]


def _named(entries: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    if len(names) != len(entries):
        raise SelectionError(f"there are {len(entries)} outlooks and {len(names)} names; give one name to each")
    return [replace(entry, name=name) for entry, name in zip(entries, names, strict=True)]


def _check_names(entries: Sequence[Entry]) -> None:
    """SelectionError where there are fewer than two, or two of one name."""
    if len(entries) < 2:
        there = f"there is only {entries[0].name}, without outlooks of its own" if entries else "none was given"
        raise SelectionError(f"a comparison needs two outlooks or more; {there}")
    names = [entry.name for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SelectionError(
            f"{', '.join(map(repr, twice))} is the name of more than one outlook; give each a name of its own "
            "(in Python with names=[...], in the command with NAME=OUTLOOK)"
        )


def _numbers(entries: Sequence[Entry], asked: Numbers) -> tuple[range, int]:
    """The runs and the seed for what is still to be run: those asked for, else those of the first results."""
    saved = next((entry.given for entry in entries if isinstance(entry.given, Results)), None)
    first, runs, seed = (saved.first_run, saved.runs, saved.seed) if saved else (0, RUNS, SEED)
    runs = runs if asked.runs is None else whole("runs", asked.runs, least=1)
    return range(first, first + runs), seed if asked.seed is None else whole("seed", asked.seed)


def _facts(entry: Entry, runs: range, seed: int) -> matching.Facts:
    if isinstance(entry.given, Results):
        return matching.facts_of(entry.given, entry.version)
    return matching.facts_of_scenario(entry.given, seed=seed, runs=runs)


def _not_as_asked(facts: Mapping[str, matching.Facts], asked: Numbers) -> list[str]:
    """Which results hold another number of runs or another seed than was asked for."""
    problems = []
    for name, found in facts.items():
        if asked.runs is not None and len(found.runs) != asked.runs:
            problems.append(f"{name} holds {len(found.runs):,} runs, not {asked.runs:,}; leave the number out")
        if asked.seed is not None and found.seed != asked.seed:
            problems.append(f"{name} was run with seed {found.seed}, not {asked.seed}; leave the seed out")
    return problems


def _results(given: Scenario | Results, runs: range, seed: int, *, progress: bool) -> Results:
    from tensionsim.ensemble.runner import run

    if isinstance(given, Results):
        return given
    return run(given, runs=len(runs), first_run=runs.start, seed=seed, progress=progress)
