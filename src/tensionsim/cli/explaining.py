"""`tensionsim explain`: from what was asked to what is shown and written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from tensionsim.cli.running import assignments

if TYPE_CHECKING:
    from tensionsim.analysis.effects import Effects
    from tensionsim.analysis.explanation import Explanation, Ledger, Motives
    from tensionsim.analysis.worlds import Draw, Origin
    from tensionsim.scenario.scenario import Scenario


RUNS, ORDERS = 200, 12
LEDGER, WHY, EFFECTS = PARTS = ("ledger", "why", "effects")
USES = {
    ("date",): (LEDGER, EFFECTS),
    ("against", "against_outlook", "of", "kinds", "elements", "group", "orders", "jobs"): (EFFECTS,),
    ("actor", "target", "issue", "track", "by_channel", "between"): (WHY,),
}
"""Options by the parts that have a use for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; `typed` is the whole command."""

    typed: str
    scenario: str
    outlook: str | None
    against: str | None
    against_outlook: str | None
    assignments: tuple[str, ...]
    parts: tuple[str, ...]
    runs: int | None
    seed: int | None
    date: str | None
    of: str | None
    kinds: tuple[str, ...]
    elements: tuple[str, ...]
    group: str | None
    orders: int | None
    jobs: int | Literal["auto"] | None
    actor: str | None
    target: str | None
    issue: str | None
    track: str | None
    by_channel: bool
    between: tuple[str, str] | None
    run: int | None
    chronicle: bool
    everything: bool
    markdown: bool
    output: Path | None
    as_json: bool
    as_csv: bool
    quiet: bool

    @property
    def wanted(self) -> tuple[str, ...]:
        """The parts that are asked for; where none is named, those that fit what else is asked."""
        if self.parts:
            return self.parts
        if self.is_against:
            return (EFFECTS,)
        if self.chronicle:
            return ()
        return (LEDGER, WHY) if self.run is not None else PARTS

    @property
    def is_against(self) -> bool:
        """Whether a difference is asked about."""
        return self.against is not None or self.against_outlook is not None


def explain(request: Request) -> None:
    """Answers what was asked, writes it if a folder was named, and prints it."""
    from tensionsim.analysis import explanation
    from tensionsim.analysis.worlds import origin_of

    _check(request)
    if request.output is not None:
        explanation.FOLDER.check_target(request.output)
    origin = origin_of(request.scenario, request.outlook, assignments(request.assignments))
    found = _found(request, origin)
    if request.output is not None:
        from tensionsim.cli import explaining_figures

        found.save(request.output, attach=lambda folder: explaining_figures.attach(found, origin.scenario, folder))
    _show(found, request)


def _check(request: Request) -> None:
    """UsageError where the options contradict one another."""
    for message, is_so in {**_wrong_shapes(request), **_wrong_questions(request)}.items():
        if is_so:
            raise click.UsageError(message)
    _check_uses(request)


def _wrong_shapes(request: Request) -> dict[str, bool]:
    """What may be wrong with how the answer is wanted."""
    forms = request.as_json + request.as_csv + request.markdown
    parts = len(request.wanted) + request.chronicle
    return {
        "with --quiet nothing would be shown or kept; add -o DIR, --json or --csv": (
            request.quiet and request.output is None and not forms
        ),
        "--json, --csv and --markdown exclude one another": forms > 1,
        "--markdown writes a chronicle; add --chronicle": request.markdown and not request.chronicle,
        "--all tells everything of a chronicle; add --chronicle": request.everything and not request.chronicle,
        "--csv prints one table; add --part ledger, --part why, --part effects or --chronicle": (
            request.as_csv and parts != 1
        ),
    }


def _wrong_questions(request: Request) -> dict[str, bool]:
    """What may be wrong with what is asked."""
    is_alone = request.run is not None or not request.wanted
    return {
        "effects are means over many runs; leave out --run, or ask for another --part": (
            request.run is not None and EFFECTS in request.wanted
        ),
        "of one run alone there are no --runs; leave one of both out": request.runs is not None and is_alone,
        "differences have no kinds and no groups; choose among them with --element": (
            request.is_against and bool(request.group or request.kinds)
        ),
    }


def _check_uses(request: Request) -> None:
    """UsageError where an option has no use for the parts that are asked for."""
    for names, parts in USES.items():
        for name in names:
            if getattr(request, name) and not {*parts} & {*request.wanted}:
                option = {"kinds": "kind", "elements": "element"}.get(name, name).replace("_", "-")
                raise click.UsageError(f"--{option} has no use without --part {' or --part '.join(parts)}")


def _found(request: Request, origin: Origin) -> Explanation:
    """All that was asked for."""
    from tensionsim.analysis.chronicle import chronicle
    from tensionsim.analysis.elements import Speech
    from tensionsim.analysis.explanation import Explanation
    from tensionsim.runs.statistics import title

    draw = _draw(request, origin)
    wanted, run = request.wanted, draw.first_run if request.run is None else request.run
    if WHY in wanted or EFFECTS in wanted or request.chronicle:
        origin.check_repeats(draw)
    ledger = _ledger(request, origin, draw) if LEDGER in wanted else None
    motives = _motives(request, origin, draw) if WHY in wanted else ()
    effects = _effects(request, origin, draw) if EFFECTS in wanted else None
    return Explanation(
        title=title(origin.scenario),
        runs=draw.runs,
        seed=draw.seed,
        provenance=_provenance(request, origin, draw) | _against(request),
        ledger=ledger,
        motives=motives,
        effects=effects,
        chronicle=chronicle(origin.scenario, run=run, seed=draw.seed) if request.chronicle else None,
        notes=tuple(dict.fromkeys((*origin.scenario.notes, *_taken(ledger, motives, effects)))),
        labels=Speech.of(origin.scenario).actors,
    )


def _taken(ledger: Ledger | None, motives: Sequence[Motives], effects: Effects | None) -> tuple[str, ...]:
    """What was taken for what: a row for a date between rows, an event for a name that is a regime's too."""
    of_motives = [note for one in motives for note in one.notes]
    return (*(ledger.notes if ledger else ()), *of_motives, *(effects.notes if effects else ()))


def _draw(request: Request, origin: Origin) -> Draw:
    """Which runs: those of saved results, else as asked; one run alone where it is named.

    Raises
    ------
    SelectionError
        If saved results do not have them.
    """
    from tensionsim.analysis.worlds import Draw
    from tensionsim.errors import SelectionError

    saved, runs, seed, first = origin.results, request.runs, request.seed, 0
    if saved is not None:
        if seed not in (None, saved.seed) or (runs or 0) > saved.runs:
            raise SelectionError(f"{origin.folder} holds {saved.runs:,} runs under seed {saved.seed}, and no others")
        seed, first, runs = saved.seed, saved.first_run, min(saved.runs, runs or RUNS)
        if request.run is not None and not first <= request.run < first + saved.runs:
            raise SelectionError(f"there is no run {request.run}; these are runs {first} to {first + saved.runs - 1}")
    if request.run is not None:
        first, runs = request.run, 1
    return Draw(RUNS if runs is None else runs, seed or 0, first)


def _ledger(request: Request, origin: Origin, draw: Draw) -> Ledger:
    from tensionsim.analysis.contributions import makeup
    from tensionsim.analysis.explanation import Ledger
    from tensionsim.analysis.worlds import moved_to_row, row_of

    results = draw.of(origin.scenario) if origin.results is None else origin.results
    row = row_of(results, request.date)
    date, index = str(results.dates[row]), results.record.cooperation[row]
    notes = moved_to_row(results, request.date)
    if request.run is None:
        return Ledger(makeup(results, date), date, float(index.mean()), None, notes)
    place = request.run - results.first_run
    return Ledger(results.ledger(request.run, date), date, float(index[place]), request.run, notes)


def _motives(request: Request, origin: Origin, draw: Draw) -> tuple[Motives, ...]:
    from tensionsim.analysis.contributions import contributions
    from tensionsim.analysis.explanation import Motives

    actors = [request.actor] if request.actor else list(origin.scenario.file.principals)
    found = []
    for actor in actors:
        asked: dict[str, Any] = {"target": request.target, "issue": request.issue, "track": request.track}
        how: dict[str, Any] = {"runs": draw.runs, "seed": draw.seed, "first_run": draw.first_run}
        one = contributions(origin.scenario, actor, **asked, by_channel=request.by_channel, **how)
        first, last = request.between or (str(one.dates[0]), str(one.dates[-1]))
        one.between(first, last)  # refuses what cannot be before anything is written
        begin, end = (str(one.dates[one.row(day)]) for day in (first, last))
        notes = [
            f"No step begins on {day}; the one before it is taken, {step}."
            for day, step in ((first, begin), (last, end))
            if day != step
        ]
        found.append(Motives(one, begin, end, tuple(notes)))
    return tuple(found)


def _effects(request: Request, origin: Origin, draw: Draw) -> Effects:
    from tensionsim.analysis.effects import effects, effects_against, no_effects
    from tensionsim.analysis.elements import NoDifference
    from tensionsim.errors import SelectionError

    if draw.runs < 2:
        where = origin.folder or origin.scenario.name
        raise SelectionError(f"{where}: one run has no effects with an error; ask for --part ledger or --part why")
    how: dict[str, Any] = {
        "runs": draw.runs,
        "seed": draw.seed,
        "first_run": draw.first_run,
        "orders": request.orders or ORDERS,
        "jobs": request.jobs or 1,
        "progress": not request.quiet,
        "of": request.of or "index",
        "date": request.date,
    }
    other, named = _other(request), (*request.kinds, *request.elements)
    if other is None:
        return effects(origin.scenario, elements=named or None, group=request.group, **how)
    try:
        return effects_against(origin.scenario, other, elements=named or None, **how)
    except NoDifference:
        if named:
            raise
        return no_effects(origin.scenario, other, **how)


def _other(request: Request) -> Scenario | None:
    """The scenario that the difference is explained from, if one was named."""
    from tensionsim.analysis.worlds import origin_of

    if not request.is_against:
        return None
    values = assignments(request.assignments) if request.against is None else {}
    return origin_of(request.against or request.scenario, request.against_outlook, values).scenario


def _against(request: Request) -> dict[str, Any]:
    other = _other(request)
    return {} if other is None else {"against": _scenario(other)}


def _provenance(request: Request, origin: Origin, draw: Draw) -> dict[str, Any]:
    from tensionsim.runs.store import versions

    return {
        "command": request.typed,
        "scenario": _scenario(origin.scenario),
        "runs": draw.runs,
        "first_run": draw.first_run,
        "seed": draw.seed,
        "versions": versions(),
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    from tensionsim.runs.statistics import plain

    return {
        "name": scenario.name,
        "path": scenario.path,
        "outlook": scenario.outlook,
        "set": plain(scenario.values),
        "sha256": scenario.sha256,
    }


def _show(found: Explanation, request: Request) -> None:
    from tensionsim.cli import explained, screen

    if request.as_json:
        click.echo(json.dumps(found.summary(), allow_nan=False))
    elif request.as_csv:
        table = list(found.tables().values())[-1]
        click.echo(table.to_csv(index=False, lineterminator="\n", float_format="%.10g"), nl=False)
    elif request.markdown and found.chronicle is not None:
        click.echo(found.chronicle.to_markdown(everything=request.everything), nl=False)
    elif not request.quiet:
        click.echo("\n".join(explained.lines(found, screen.detect(), everything=request.everything)))
        if request.output is not None:
            click.echo(f"\nTables, figures and provenance.json are in {request.output}")
