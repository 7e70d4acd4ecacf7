"""`tensionsim plot`: one figure of a scenario, of saved results, or of several outlooks, as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from tensionsim.cli.comparing import parted
from tensionsim.cli.running import assignments

if TYPE_CHECKING:
    from tensionsim.runs.results import Results


OWN_OPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "run": ("ledger", "mechanisms", "phase", "timeline"),
        "actor": ("mechanisms", "timeline"),
        "issue": ("issue",),
        "name": ("difference",),
        "by": ("ledger",),
        "overlap": ("outlooks", "difference"),
    }
)
"""Options that some figures take, and which."""

OF_SUBJECT = ("overlap",)
"""Those of them that say what the figure is of, not how it is drawn."""

OF_SEVERAL = ("outlooks", "difference")
OF_ONE_OR_TWO = ("waterfall",)

EFFECT_RUNS = 200
"""Runs of each world that a waterfall rests on; there may be hundreds of worlds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    kind: str
    given: tuple[str, ...]
    output: Path
    runs: int | None
    seed: int | None
    outlook: str | None
    assignments: tuple[str, ...]
    run: int | None
    actor: str | None
    issue: str | None
    name: str | None
    by: str | None
    overlap: bool | None
    theme: str
    width: float | None
    height: float | None
    quiet: bool


def plot(request: Request) -> None:
    """Draws the figure and writes it, whole or not at all."""
    _check(request)
    from tensionsim.plots import kinds, saving

    saving.check(request.output)
    size = (request.width, request.height)
    figure = kinds.draw(request.kind, _subject(request), size=size, theme=request.theme, **_own(request))
    saving.save(figure, request.output)
    if not request.quiet:
        click.echo(f"Wrote {request.output}")


def _check(request: Request) -> None:
    """UsageError where an option would change nothing, or the number of what is given is not the figure's."""
    for option, kinds in OWN_OPTIONS.items():
        if getattr(request, option) is not None and request.kind not in kinds:
            typed = "of" if option == "name" else option
            raise click.UsageError(f"--{typed} changes nothing in {request.kind}; it goes with {', '.join(kinds)}")
    if request.kind == "issue" and request.issue is None:
        raise click.UsageError("which issue? Name it with --issue; all of them are in: tensionsim plot issues")
    if request.kind == "overview" and (request.width or request.height):
        raise click.UsageError("the overview finds its own size; leave out --width and --height")
    count = len(request.given)
    if request.kind in OF_SEVERAL:
        if request.outlook is not None:
            raise click.UsageError(f"{request.kind} takes several outlooks; give each as a scenario or folder")
    elif count > (2 if request.kind in OF_ONE_OR_TWO else 1):
        most = "one or two scenarios" if request.kind in OF_ONE_OR_TWO else "one scenario or folder"
        raise click.UsageError(
            f"{request.kind} is of {most}; {count} were given. Several go with {', '.join(OF_SEVERAL)}"
        )


def _own(request: Request) -> dict[str, Any]:
    """The options of the figure itself, by the names of its arguments."""
    if request.kind == "timeline" and request.actor is not None:
        return {"run": request.run, "actors": [request.actor]}
    names = {"issue": "issue_name"}
    given = {option: getattr(request, option) for option in OWN_OPTIONS if option not in OF_SUBJECT}
    given |= {"progress": not request.quiet} if request.kind == "mechanisms" else {}
    return {names.get(option, option): value for option, value in given.items() if value is not None}


def _subject(request: Request) -> Any:
    """What the figure is of: results, a comparison or effects."""
    if request.kind in OF_SEVERAL:
        return _comparison(request)
    return _effects(request) if request.kind in OF_ONE_OR_TWO else _results(request)


def _values(request: Request) -> dict[str, object]:
    return assignments(request.assignments)


def _results(request: Request) -> Results:
    """Saved results, or those of a scenario that is run now."""
    from tensionsim.runs.results import open_results
    from tensionsim.runs.run import run
    from tensionsim.scenario.scenario import load

    (given,) = request.given
    if not _is_folder(given):
        scenario = load(given, outlook=request.outlook, set=_values(request))
        return run(scenario, runs=request.runs or 1000, seed=request.seed or 0, progress=not request.quiet)
    wrong = {"--runs": request.runs, "--seed": request.seed, "--outlook": request.outlook, "--set": request.assignments}
    if found := [option for option, value in wrong.items() if value not in (None, ())]:
        raise click.UsageError(f"{given} holds results, which are what they are; leave out {', '.join(found)}")
    return open_results(given)


def _is_folder(given: str) -> bool:
    from tensionsim.scenario.files import shipped_names

    return Path(given).is_dir() and given not in shipped_names()


def _comparison(request: Request) -> Any:
    from tensionsim.analysis.compare import compared, gathered, with_baseline

    values = _values(request)
    entries = gathered([parted(given) for given in request.given], values)
    entries, baseline = with_baseline(entries, None, values)
    return compared(
        entries,
        baseline,
        runs=request.runs,
        seed=request.seed,
        overlap=bool(request.overlap),
        progress=not request.quiet,
    )


def _effects(request: Request) -> Any:
    """What the elements of a scenario do, or what makes the difference of one from another."""
    from tensionsim.analysis.effects import effects, effects_against
    from tensionsim.scenario.scenario import load

    if folders := [given for given in request.given if _is_folder(given)]:
        raise click.UsageError(f"a waterfall runs the scenario again without its elements; give it, not {folders[0]}")
    scenarios = [load(given, outlook=request.outlook, set=_values(request)) for given in request.given]
    runs, seed = request.runs or EFFECT_RUNS, request.seed or 0
    find = effects if len(scenarios) == 1 else effects_against
    return find(*scenarios, runs=runs, seed=seed, progress=not request.quiet)
