"""The yardsticks of benchmarks/ compute what they claim to; how long they take is for `make bench` to tell."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.engine.build import assemble
from tensionsim.engine.run import simulate
from tensionsim.engine.simulation import begin
from tensionsim.engine.world import World
from tensionsim.model.record import MOVE_COLUMNS, Record
from tensionsim.model.structure import QUADS, WAYS
from tensionsim.rng import RandomStreams

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
SCENARIO = "trump2-petro-2025"
RUNS = 1000
MOST_STANDARD_ERRORS = 4.5

ANSWERS = {
    "parameters.matters": 0.6,
    **{f"parameters.{way}": 1.5 - 0.3 * row for row, way in enumerate(WAYS)},
    **{f"mechanisms.{name}.answers": 0.8 for name in ("concession", "defiance", "politicisation")},
    **{f"actors.*.{quad}": 0.7 - 0.5 * row for row, quad in enumerate(QUADS)},
}
BURSTS = {"parameters.overdispersion": 1.5, "parameters.imitation": 0.8, "parameters.drift": 0.3}
"""What scenarios may leave out, on."""

Load = Callable[[str], ModuleType]

no_compiler = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("cc", "gcc", "clang")), reason="there is no C compiler"
)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Imports a file of benchmarks/, and forgets it after the test."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module
    for name in ("passages", *(path.stem for path in BENCHMARKS.glob("*.py"))):
        sys.modules.pop(name, None)


@cache
def world() -> World:
    return assemble(estimated())


@cache
def estimated(name: str = SCENARIO) -> ts.Scenario:
    """What the yardsticks know: a scenario without draws."""
    return ts.load(name).without_draws()


@cache
def ensemble() -> Record:
    return simulate(world(), RandomStreams(0, 0, RUNS))


@pytest.mark.parametrize("name", ["ensembles", "event_files", "memory", "targets"])
def test_a_script_can_be_imported(load: Load, name: str) -> None:
    assert callable(load(name).main)


@no_compiler
@pytest.mark.parametrize("level", ["-O0", "-O3"])
def test_the_c_program_compiles_without_a_warning(load: Load, tmp_path: Path, level: str) -> None:
    plain = load("plain")
    strict = [*plain.STANDARD, level, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", str(tmp_path / "plain")]
    command = [plain.compiler(), *strict, str(plain.SOURCE), "-lm"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@no_compiler
def test_the_c_program_draws_from_the_engines_distribution(load: Load, tmp_path: Path) -> None:
    agreement, plain = load("agreement"), load("plain")
    theirs = plain.build(world(), tmp_path, seed=1, flags=("-O2",)).record(RUNS)
    scores = agreement.z_scores(agreement.by_run(ensemble()), theirs)
    worst = max(scores, key=lambda name: float(np.abs(scores[name]).max()))
    assert agreement.largest(scores) < agreement.bound(scores), worst


@no_compiler
@pytest.mark.parametrize("on", [{}, ANSWERS, BURSTS, {**ANSWERS, **BURSTS}], ids=["", "answers", "bursts", "all"])
@pytest.mark.parametrize("name", [SCENARIO, "biden-petro-2022", "trump1-duque-2018"])
def test_the_c_program_and_the_engine_agree_run_by_run(
    load: Load, tmp_path: Path, name: str, on: Mapping[str, float]
) -> None:
    agreement, runs, one = load("agreement"), 40, assemble(estimated(name).with_values(on))
    ours = agreement.by_run(simulate(one, RandomStreams(0, 0, runs)))
    theirs = load("plain").build(one, tmp_path, flags=("-O2",)).record(runs)
    assert agreement.alike(ours, theirs) == runs
    for layer in agreement.LAYERS:
        assert np.allclose(theirs[layer], ours[layer].astype(float), rtol=1e-9, atol=1e-9), layer
    for column in MOVE_COLUMNS:
        assert (theirs[column] == ours[column]).all(), column


@no_compiler
def test_a_run_of_the_c_program_is_the_same_alone_and_among_others(load: Load, tmp_path: Path) -> None:
    program = load("plain").build(world(), tmp_path, flags=("-O2",))
    many, one = program.record(9), program.record(1, first_run=6)
    assert (one["cooperation"][0] == many["cooperation"][6]).all()
    assert (many["cooperation"][5] != many["cooperation"][6]).any()
    assert (many["move_id"][many["move_run"] == 6] == one["move_id"]).all()


def test_the_comparison_tells_another_scenario_from_another_seed(load: Load) -> None:
    agreement = load("agreement")
    mine = agreement.by_run(ensemble())
    other = assemble(estimated().with_values({"mechanisms.disagreement.strength": 1.8}))
    for theirs, are_alike in ((world(), True), (other, False)):
        scores = agreement.z_scores(mine, agreement.by_run(simulate(theirs, RandomStreams(1, 0, RUNS))))
        assert (agreement.largest(scores) < agreement.bound(scores)) is are_alike


def test_the_c_program_refuses_what_it_does_not_know(load: Load) -> None:
    plain = load("plain")
    with pytest.raises(plain.OutOfReach, match="does not know"):
        plain.written(assemble(ts.load("right-turn")), 0)


def of_mesa(load: Load, described: World, runs: int, kind: str) -> np.ndarray:
    mesa_idiomatic, start = load("mesa_idiomatic"), begin(described, RandomStreams(0, 0, 1))
    chosen = getattr(mesa_idiomatic, kind)
    models = [mesa_idiomatic.IdiomaticModel(start, rng=run, kind=chosen) for run in range(runs)]
    for model in models:
        model.run_model()
    return np.array([model.datacollector.get_model_vars_dataframe()["cooperation"] for model in models])


def of_agentpy(load: Load, described: World, runs: int) -> np.ndarray:
    pytest.importorskip("agentpy", reason="AgentPy is not installed: the extra `bench` brings it")
    found = load("agentpy_idiomatic").experiment(begin(described, RandomStreams(0, 0, 1)), runs)
    return np.array(found["cooperation"].unstack("t"))


YARDSTICKS: dict[str, Callable[[Load, World, int], np.ndarray]] = {
    "mesa": partial(of_mesa, kind="Country"),
    "mesa, thrifty": partial(of_mesa, kind="ThriftyCountry"),
    "agentpy": of_agentpy,
}


@pytest.mark.slow
@pytest.mark.parametrize("on", [{}, {**ANSWERS, **BURSTS}], ids=["", "all"])
@pytest.mark.parametrize("name", YARDSTICKS)
def test_an_idiomatic_model_has_the_engines_mean_index(
    load: Load, name: str, on: Mapping[str, float], full: bool
) -> None:
    runs = 60 if full else 30
    described = load("idiomatic").described(assemble(estimated().with_values(on)))
    theirs = YARDSTICKS[name](load, described, runs)
    ours = simulate(described, RandomStreams(0, 0, RUNS)).cooperation.T
    assert theirs.shape == (runs, described.steps + 1)
    assert theirs[:, 0] == pytest.approx(np.full(runs, ours[0, 0]))
    error = np.sqrt(theirs.var(axis=0) / runs + ours.var(axis=0) / RUNS)[1:]
    apart = np.abs(theirs.mean(axis=0) - ours.mean(axis=0))[1:]
    assert (apart < MOST_STANDARD_ERRORS * error).all()


def test_a_batch_of_mesa_has_every_run(load: Load) -> None:
    import mesa

    given = {"start": begin(world(), RandomStreams(0, 0, 1)), "run": range(3)}
    model = load("mesa_idiomatic").BatchModel
    rows = mesa.batch_run(model, given, max_steps=5, data_collection_period=1, display_progress=False)
    assert {row["run"] for row in rows} == {0, 1, 2}
    assert len({row["cooperation"] for row in rows if row["Step"] == 5}) == 3


def test_a_process_is_charged_with_its_own_memory() -> None:
    # From a small process, as the system counts what the one that starts another has in memory.
    size = 200_000_000
    small, large = (
        subprocess.check_output(
            [
                sys.executable,
                "-c",
                f"import memory; print(memory.process(['-c', 'kept = b\"x\" * {count}']).peak_bytes)",
            ],
            cwd=BENCHMARKS,
        )
        for count in (1, size)
    )
    assert float(large) - float(small) == pytest.approx(size, rel=0.1)


def test_what_a_failing_process_said_is_told(load: Load) -> None:
    memory = load("memory")
    assert memory.process(["-c", "raise SystemExit('no room')"]).refusal == "no room"
    assert memory.process(["-c", "pass"]).refusal is None


def test_the_page_has_every_table(load: Load) -> None:
    page = load("page")
    stands = page.read()
    assert set(stands) == {"ensembles", "machine", "targets", "same-model", "whole", "memory", "memory-machine"}
    assert all(stands.values())
