"""Robust choice: strategies of one principal, each in the same futures, and what they cost it.

A future is one draw of all that a scenario leaves uncertain, with several runs that differ by luck alone. All
strategies meet the same futures and the same luck, so what differs between them is what they do. A file of strategies
says what one principal may do otherwise, what it aims at, and what it would call enough:

    principal: bogota
    aims: {keep_out_of: lasting crisis, stances: {drugs: 0.15}, weights: {drugs: 2}}
    enough: {chance: 0.5, index: 40}
    strategies:
      quiet: {set: {actors.bogota.rhetoric: 0.2}}

A strategy is written as an outlook is. It may change only what its principal decides.

References
----------
Lempert, R. J., Groves, D. G., Popper, S. W. & Bankes, S. C. (2006). A general, analytic method for generating robust
strategies and narrative scenarios. Management Science 52(4).
Savage, L. J. (1951). The theory of statistical decision. Journal of the American Statistical Association 46(253).
"""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field, JsonValue

from tensionsim.engine.run import proceed
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.world import stances
from tensionsim.errors import ScenarioError, StorageError, whole
from tensionsim.futures.discovery import Box, Points, drawn, in_words, search
from tensionsim.model.record import Bools, Floats
from tensionsim.notebook import Tabled
from tensionsim.rng import RandomStreams
from tensionsim.runs import store as folders
from tensionsim.runs.parallel import Mode, executor, showing
from tensionsim.runs.parts import cut
from tensionsim.runs.plan import Plan
from tensionsim.runs.run import CHUNK_RUNS, Jobs, check_needs_no_code, decide_of, mode_of, world_of
from tensionsim.runs.statistics import LEAST_RUNS, band, plain, title
from tensionsim.scenario.files import shipped_folder
from tensionsim.scenario.paths import NoPath, parse_path
from tensionsim.scenario.scenario import Scenario, by_itself, load, meant_by, read_given, scenario_of
from tensionsim.scenario.schema import ActorName, IssueName, Label, Outlook, Strict, Title
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Node, Report, Source, SourceLocation, listed, meant, quoted

DECIDES = (
    *("stances", "salience", "rhetoric", "confrontation", "reciprocity", "attention", "unpredictability"),
    *("insulation", "rules"),
)
"""Attributes that a government decides on. Assumption: what others, voters or the years make of it (dependence,
affinity, yardstick, rally, checks, leaders, the odds of its deeds) it does not."""

AS_IT_IS = "as it is"
"""The strategy that changes nothing; no name of another may have spaces."""

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1e6)]


class Aims(Strict):
    """What the principal wants: not to come into an event, and outcomes near its stances."""

    keep_out_of: Title = Field(description="an event of the scenario")
    stances: dict[IssueName, Share] | None = Field(None, description="default: those of the scenario at its start")
    weights: dict[IssueName, Weight] | None = Field(None, description="of the issues; default: its salience")


class Enough(Strict):
    """What a future must come to for a strategy to do in it; the chance is that of keeping out of the event."""

    chance: Share = 0.9
    index: Annotated[float, Field(ge=0, le=100)] | None = Field(None, description="mean at the end, at least")


class StrategiesFile(Strict):
    """Strategies of one principal."""

    model_config = ConfigDict(title="the strategies")

    principal: ActorName
    aims: Aims
    enough: Enough = Enough()
    strategies: dict[Label, Outlook] = Field(min_length=1)


def read_strategies(
    strategies: str | Path | Mapping[str, object], scenario: Scenario
) -> tuple[StrategiesFile, dict[str, Scenario]]:
    """A file of strategies, a text of more than a line or a mapping, and the scenario under each, as it is first.

    ScenarioError lists every problem; one is a strategy that changes what its principal does not decide.
    """
    report, base = Report(), by_itself(scenario)
    shipped = [f"strategies/{one.stem}" for one in sorted(shipped_folder().glob("strategies/*.yaml"))]
    is_named = isinstance(strategies, str | Path) and "\n" not in str(strategies)
    if is_named and str(strategies) not in shipped and not os.path.exists(str(strategies)):
        fault = f"there is no such file{meant(str(strategies), shipped)}; shipped: {', '.join(shipped)}"
        report.add(SourceLocation(Source(str(strategies))), fault)
        report.stop()
    tree = read_given(strategies, report, kind="file of strategies")[0]
    is_read, file, given = not len(report), check(tree, StrategiesFile, report), tree.child("strategies")
    principal = tree.child("principal").text or ""
    _check_names(tree, base, report)
    for _, _, strategy in given.entries if principal in base.file.actors else ():
        for place, fault in _not_its_own(principal, strategy, base):
            report.add(place, f"{fault}; a strategy changes only what {principal} decides")
    found, wide = report.problems(), base
    try:
        wide = base.extended(Node({"outlooks": given}, given.location)) if given.by_key and is_read else base
    except ScenarioError as error:
        found += [
            dataclasses.replace(one, message=one.message.replace("outlook ", "strategy ")) for one in error.problems
        ]
    if file is None or found:
        raise ScenarioError(sorted(dict.fromkeys(found), key=lambda one: (one.line, one.column)))
    return file, {AS_IT_IS: base} | {name: wide.with_outlook(name) for name in file.strategies}


def _check_names(tree: Node, base: Scenario, report: Report) -> None:
    """Notes names that the scenario does not have."""
    aims, who = tree.child("aims"), tree.child("principal")
    event, issues = aims.child("keep_out_of"), (*aims.child("stances").entries, *aims.child("weights").entries)
    named: list[tuple[str, Iterable[str], str | None, SourceLocation]] = [
        ("principal", base.file.principals, who.text, who.location),
        ("event", base.file.events, event.text, event.location),
        *(("issue", base.file.issues, name, place) for name, place, _ in issues),
    ]
    for kind, known, name, place in named:
        if name is not None and name not in known:
            report.add(place, f"no {kind} {quoted(name)}{report.near(name, known)}")
    if (weights := aims.child("weights")) and all(one.number == 0.0 for one in weights.by_key.values()):
        report.add(weights.location, "no issue has a weight above 0")


def _not_its_own(principal: str, strategy: Node, base: Scenario) -> Iterator[tuple[SourceLocation, str]]:
    """Places of a strategy, or of a change in it, that touch what its principal does not decide, and why."""
    for text, key, _ in strategy.child("set").entries:
        try:
            found = [parse_path(path) for path in meant_by(base, text)]
        except NoPath:
            continue  # told with the strategy as an outlook
        if not all(path[:2] == ("actors", principal) and path[2:3] and path[2] in DECIDES for path in found):
            yield key, f"{quoted(text)} is none of its own (of actors.{principal}: {listed(DECIDES)})"
    for what in ("schedule", "changes"):
        for item in strategy.child(what).items:
            if item.child("actor").text != principal:
                yield item.location, f"this is not of {principal}"
            if leader := item.child("leader"):
                yield leader.location, "a leader is not chosen by a strategy"
            yield from _not_its_own(principal, item, base)
            if ways := item.child("one_of"):
                yield ways.location, "how things turn out by chance is not decided"


def _stance(now: Simulation, row: int) -> Floats:
    """Where an actor stands on each issue now, shape (issue, run), in [0, 1]."""
    found: Floats = stances(now.numbers.attributes.stances, now.state.stance_shift)[row]
    return found


def _played(task: tuple[Scenario, range], *, file: StrategiesFile, aims: Floats, weights: Floats, plan: Plan) -> Floats:
    """Index at the end, whether the event was kept out of, and attainment, shape (3, future, replicate)."""
    scenario, futures = task
    world = world_of(scenario)
    count = len(futures) * plan.replicates
    now = begin(world, plan.streams(plan.seed, futures.start * plan.replicates, count))
    row, away = world.names.actors.index(file.principal), np.zeros(now.streams.runs)

    def after_step(step: int) -> None:
        away[:] += weights @ np.abs(_stance(now, row) - aims[:, None])

    record = proceed(now, keep="summary", decide=decide_of(now), after_step=after_step)
    event = record.events[:, list(scenario.file.events).index(file.aims.keep_out_of)]
    found = np.stack([record.cooperation[-1], ~event.any(axis=0), 1.0 - away / world.steps])
    return found.reshape(3, len(futures), plan.replicates)


class AdviceManifest(folders.Manifest):
    """The manifest of an advice. files : what a strategy came to in some futures, as soon as it is there."""

    holds: Literal["advice"] = "advice"
    origin: folders.Provenance
    scenario: folders.Described
    strategies: dict[str, JsonValue]


@contextmanager
def _keeping(
    store: str | Path, manifest: AdviceManifest, scenario: Scenario, replace: bool
) -> Iterator[tuple[dict[str, Floats], Callable[..., None]]]:
    """What a folder holds, unharmed, by name of file, and what keeps more there, files before the manifest.

    Other commands are kept out; StorageError where it holds something else.
    """
    folder = folders.check_target(store, "advice")
    kept = f"what is done is kept in {folder}"

    def keep(contents: Mapping[str, bytes], *, complete: bool = False) -> None:
        nonlocal manifest
        for name, content in contents.items():
            folders.write_whole(folder / name, content)
        marks = {name: folders.Mark.of(content) for name, content in contents.items()}
        manifest = manifest.changed(files=manifest.files | marks, complete=complete)
        manifest.write(folder)

    with folders.filling(folder, lambda: kept if any(folder.glob("parts/*")) else "", replace=replace):
        if not folders.is_empty(folder):
            there = folders.read_manifest(folder, AdviceManifest, "advice")
            of_scenario = folders.scenario_differences(folder, there.scenario, scenario)
            different = there.origin.differences(manifest.origin, of_scenario)
            different += ["the strategies"] * (there.strategies != manifest.strategies)
            folders.refuse_others(folder, "another advice", different)
            files = {name: mark for name, mark in there.files.items() if mark.fits(folder / name)}
            manifest = manifest.changed(files=files)
        keep({})
        names = [name for name in manifest.files if name.endswith(".npy")]
        yield {name: np.load(io.BytesIO(folders.read_bytes(folder / name))) for name in names}, keep


@dataclass(frozen=True, slots=True, eq=False)
class Advice(Tabled):
    """What strategies of a principal come to in many futures; `ts.advise` makes one.

    scenario, file : what was asked of which. points : what each future drew. index : at the end, 0..100; kept :
    whether the event was kept out of; attainment : how near the principal stood to its aims, in [0, 1]: each of shape
    (strategy, future, replicate), strategies in the order of `names`.

    Examples
    --------
    >>> import tensionsim as ts
    >>> text = '''
    ... principal: suderia
    ... aims: {keep_out_of: crisis}
    ... strategies:
    ...   quiet: {set: {actors.suderia.rhetoric: 0.1}}
    ... '''
    >>> advice = ts.advise("norland-suderia", text, futures=30, replicates=4)
    >>> sorted(advice.table.index)
    ['as it is', 'quiet']
    >>> float(advice.regret.min(axis=0).max())
    0.0
    """

    scenario: Scenario
    file: StrategiesFile
    points: pd.DataFrame
    seed: int
    index: Floats
    kept: Bools
    attainment: Floats

    def __repr__(self) -> str:
        _, futures, replicates = self.index.shape
        count = f"{len(self.names)} strategies, {futures:,} futures of {replicates} runs, seed {self.seed}"
        return f"<Advice to {self.file.principal}: {count}>"

    @property
    def names(self) -> tuple[str, ...]:
        """The strategies, the one that changes nothing first."""
        return (AS_IT_IS, *self.file.strategies)

    @property
    def chances(self) -> Floats:
        """Chance of keeping out of the event by strategy and future, shape (strategy, future)."""
        return np.asarray(self.kept.mean(axis=-1))

    @property
    def regret(self) -> pd.DataFrame:
        """By how many points of a percent each chance is below the best in that future: strategy by future.

        That of the best of a future is 0. Of few runs a future, a part of it is luck (Savage 1951).
        """
        found = 100.0 * (self.chances.max(axis=0) - self.chances)
        return pd.DataFrame(found, pd.Index(self.names, name="strategy"), self.points.index)

    @property
    def satisfied(self) -> Bools:
        """In which futures each strategy comes to what is called enough, shape (strategy, future)."""
        enough = self.file.enough
        holds: Bools = self.chances >= enough.chance
        return holds if enough.index is None else holds & (self.index.mean(axis=-1) >= enough.index)

    @property
    def table(self) -> pd.DataFrame:
        """The strategies, the best first, by what they come to.

        `kept_out` : chance of keeping out of the event, %; `difference` : to that of the best, with its 95 % interval
        `low`, `high` over the futures, paired; none of fewer than six. `index` : mean at the end, 0..100;
        `worst_decile` : that in the worst tenth of the futures. `regret_mean`, `regret_p90`, `regret_max` : points of a
        percent. `satisficing` : share of the futures with enough, %. `attainment` : how near it stood to its aims, %.
        `is_pareto` : whether none keeps out more often and attains as much, or the other way round, in whole percents.
        """
        chances, ends, regret = 100.0 * self.chances, self.index.mean(axis=-1), self.regret.to_numpy()
        kept, index, aims = chances.mean(axis=-1), ends.mean(axis=-1), 100.0 * self.attainment.mean(axis=(1, 2))
        both = np.rint(np.stack([kept, aims], axis=-1))  # as it is told; what is closer is the same
        beaten = [((both >= one).all(axis=-1) & (both > one).any(axis=-1)).any() for one in both]
        order = np.lexsort((-index, -both[:, 1], -both[:, 0]))
        apart = [band((one - chances[order[0]])[None], seed=self.seed) for one in chances]
        unsure = np.nan if chances.shape[-1] < LEAST_RUNS else 0.0  # that a few futures agree says little of all
        columns = {
            "kept_out": kept,
            "difference": [float(one.mean[0]) for one in apart],
            "low": [float(one.point_low[0]) + unsure for one in apart],
            "high": [float(one.point_high[0]) + unsure for one in apart],
            "index": index,
            "worst_decile": np.sort(ends, axis=-1)[:, : max(1, round(0.1 * ends.shape[1]))].mean(axis=-1),
            "regret_mean": regret.mean(axis=-1),
            "regret_p90": np.quantile(regret, 0.9, axis=-1),
            "regret_max": regret.max(axis=-1),
            "satisficing": 100.0 * self.satisfied.mean(axis=-1),
            "attainment": aims,
            "is_pareto": ~np.array(beaten),
        }
        return pd.DataFrame(columns, pd.Index(self.names, name="strategy")).iloc[order]

    @property
    def best(self) -> str:
        """The strategy that keeps out of the event most often; of those that do so as often, what attains most."""
        return str(self.table.index[0])

    def failing(self) -> Box | None:
        """The box of six futures or more in which the best strategy does not come to enough; None where none tells."""
        fails = ~self.satisfied[self.names.index(self.best)]
        if fails.all() or not fails.any() or self.points.nunique().max() < 2:
            return None
        trajectory, number = search(Points.of(self.points, fails).telling())
        found = trajectory[number]
        return found if found.limits and found.inside.sum() >= LEAST_RUNS else None

    def summary(self) -> dict[str, Any]:
        """What `tensionsim advise --json` prints: plain numbers, texts and lists."""
        table, file, (_, futures, replicates) = self.table, self.file, self.index.shape
        best, box = self.best, self.failing()
        fails = box and {
            "futures": int(box.inside.sum()),
            **{name: getattr(box, name) for name in ("coverage", "density", "mass")},
            "limits": {name: in_words(limit) for name, limit in box.limits.items()},
        }
        return {
            "title": title(self.scenario),
            "principal": file.principal,
            "called": self.scenario.file.called(file.principal),
            "keep_out_of": self.file.aims.keep_out_of,
            "enough": file.enough.model_dump(),
            "futures": futures,
            "replicates": replicates,
            "seed": self.seed,
            "strategies": plain(table.reset_index().to_dict("records")),
            "best": best,
            "failing_share": float(1.0 - self.satisfied[self.names.index(best)].mean()),
            "failing": plain(fails),
            "provenance": {"scenario_sha256": self.scenario.sha256},
        }


def advise(
    scenario: Scenario | str | Path,
    strategies: str | Path | Mapping[str, object],
    *,
    futures: int = 200,
    replicates: int = 10,
    seed: int = 0,
    jobs: Jobs = 1,
    store: str | Path | None = None,
    replace: bool = False,
    progress: bool | Mode = False,
) -> Advice:
    """What strategies of one principal come to in many futures, the same for all of them.

    Assumption: what a strategy costs its principal is how far it stands from its aims on the issues, weighted, on
    average over time; what it would have won is not modelled.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped one.
    strategies
        A file of strategies (docs/advice.md), a shipped one ("strategies/bogota"), its text, or a mapping.
    futures
        Draws of what is uncertain, >= 2.
    replicates
        Runs of each future, which differ by luck alone; >= 1.
    seed, jobs, store, replace, progress
        As of `run`; the store keeps what the strategies came to, not the runs.

    Raises
    ------
    ScenarioError
        If the scenario or the strategies cannot be used: every problem, each with its place.
    StorageError
        If the store cannot be written, or holds something else.

    Examples
    --------
    >>> import tensionsim as ts
    >>> ts.advise("status-quo", "strategies/bogota", futures=4, replicates=1).names[:3]
    ('as it is', 'lower-tone', 'separate-tracks')
    """
    futures, replicates = whole("futures", futures, least=2), whole("replicates", replicates, least=1)
    base = scenario_of(scenario)
    file, scenarios = read_strategies(strategies, base)
    who, aims = file.principal, file.aims
    now = begin(world_of(scenarios[AS_IT_IS].without_draws()), RandomStreams(seed, 0, 1))
    row, issues = now.world.names.actors.index(who), now.world.names.issues
    stands, salience = _stance(now, row)[:, 0], now.numbers.attributes.salience[row, :, 0]
    wanted = np.array([(aims.stances or {}).get(issue, stands[at]) for at, issue in enumerate(issues)])
    weights = salience if aims.weights is None else np.array([aims.weights.get(issue, 0.0) for issue in issues])
    parts, plan = [*cut(0, futures, max(1, CHUNK_RUNS // replicates))], Plan("futures", futures, seed, replicates, ())
    tasks = {
        f"parts/{name}-{part.start:06}-{part.stop - 1:06}.npy": (one, part)
        for name, one in scenarios.items()
        for part in parts
    }
    play = partial(_played, file=file, aims=wanted, weights=weights / weights.sum(), plan=plan)
    manifest = AdviceManifest(
        origin=folders.Provenance(scenario_sha256=base.sha256, seed=seed, first_run=0, code=base.code, plan=plan),
        scenario=folders.Described.of(base, path=folders.reference(base)),
        strategies=file.model_dump(mode="json", by_alias=True, exclude_unset=True),
    )
    nowhere: Any = nullcontext(({}, lambda *_, **__: None))
    with nowhere if store is None else _keeping(store, manifest, base, replace) as (found, keep):
        missing, runs = [name for name in tasks if name not in found], futures * replicates * len(scenarios)
        done = sum(found[name][0].size for name in tasks if name in found)
        with executor(jobs, tasks=len(missing)) as staff, showing(runs, mode_of(progress), done=done) as advance:
            for place, played in staff.results(play, [tasks[name] for name in missing]):
                found[missing[place]], content = played, io.BytesIO()
                np.save(content, played)
                keep({missing[place]: content.getvalue()})
                advance(played[0].size)
        every = [found[name] for name in tasks]
        together = [np.concatenate(every[at : at + len(parts)], axis=1) for at in range(0, len(every), len(parts))]
        index, is_kept, attainment = np.stack(together, axis=1)
        points = drawn(scenarios[AS_IT_IS], RandomStreams(seed, 0, futures)).rename_axis("future")
        advice = Advice(base, file, points, seed, index, is_kept > 0.5, attainment)
        if store is not None:
            table = folders.as_csv(advice.table.reset_index()).encode()
            keep({"advice.csv": table, "summary.json": folders.as_json(advice.summary())}, complete=True)
    return advice


def resume(folder: str | Path, *, jobs: Jobs = 1, progress: bool | Mode = False) -> Advice:
    """Goes on with the advice of a folder; its scenario is read again from where it was, and must say the same."""
    there = folders.read_manifest(Path(folder), AdviceManifest, "advice")
    plan, said = there.origin.plan, there.scenario
    check_needs_no_code(Path(folder), there.origin, "ts.advise")
    if plan is None or not said.path:
        raise StorageError(f"the advice in {folder} is of a scenario that no file holds; call ts.advise again with it")
    how: dict[str, Any] = {"futures": plan.size, "replicates": plan.replicates, "seed": plan.seed}
    base = load(said.path, outlook=said.outlook, set=said.set)
    return advise(base, there.strategies, store=folder, jobs=jobs, progress=progress, **how)
