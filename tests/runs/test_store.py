"""The run store: the same bytes whatever happens on the way, and nothing ever mixed."""

from __future__ import annotations

import datetime as dt
import errno
import json
import logging
import os
import pickle
import platform
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import labour
import synthetic
import tensionsim as ts
from tensionsim.errors import SelectionError, StorageError
from tensionsim.runs import parallel, parts, results as tables, run as runner, store, sweep as sweeping
from tensionsim.runs.parts import RunsManifest
from tensionsim.runs.run import Chunk
from tensionsim.runs.store import SOURCES, fingerprint, sealed

SOURCE = Path(ts.__file__).parents[1]
NAME = "norland-suderia"
CASE = ts.load(NAME, set={"end": dt.date(2030, 7, 1)})
RUNS, PART_RUNS = 130, 40
"""Three whole parts and a short one."""


@pytest.fixture(autouse=True, scope="module")
def small_parts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_RUNS", PART_RUNS)
        yield


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, small_parts: None) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    ts.run(CASE, runs=RUNS, seed=3, store=folder)
    found = content_of(folder)
    assert {"manifest.json", "scenario.yaml", "summary.json", "index.csv"} <= set(found)
    assert len([name for name in found if name.startswith("parts/")]) == 8
    return found


@pytest.fixture
def kept(tmp_path: Path, undisturbed: dict[str, bytes]) -> Path:
    """A finished store."""
    for name, content in undisturbed.items():
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_bytes(content)
    (tmp_path / "out" / "provenance.json").write_text("{}")
    return tmp_path / "out"


def content_of(folder: Path) -> dict[str, bytes]:
    """All files but the provenance and the crate, which tell the command."""
    return labour.content_of(folder, "provenance.json", "ro-crate-metadata.json")


def resume(folder: Path, **how: Any) -> list[str]:
    """Resumes and gives what was said."""
    workers = partial(parallel.executor, how.pop("jobs", 1), how.pop("executor", None))
    with told() as said:
        sweeping.resume(folder, workers=workers, **how)
    return said


@contextmanager
def told() -> Iterator[list[str]]:
    """What is logged."""
    said, log, handler = list[str](), logging.getLogger("tensionsim"), logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    try:
        yield said
    finally:
        log.removeHandler(handler)


def change_manifest(folder: Path, **changes: object) -> None:
    """Writes other values into the manifest, or into its origin, as if tensionsim had written them."""
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["checksum"]
    content["origin"] |= {name: changes.pop(name) for name in content["origin"] if name in changes}
    path.write_bytes(sealed(content | changes))


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """First run and number of the runs of everything that is simulated."""
    found: list[tuple[int, int]] = []
    record_of = runner.record_of

    def noted(chunk: Chunk, advance: Any = None) -> Any:
        found.append((chunk.first_run, chunk.runs))
        return record_of(chunk, advance)

    monkeypatch.setattr(runner, "record_of", noted)
    return found


# The same bytes


@pytest.mark.parametrize(
    ("together", "how"), [(1, {"jobs": 2}), (1, {}), (3, {}), (2, {"jobs": 3, "executor": "processes"})]
)
def test_how_runs_are_computed_does_not_show_in_a_byte(
    tmp_path: Path, undisturbed: dict[str, bytes], together: int, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PARTS_TOGETHER", together)
    ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out", **how)
    assert content_of(tmp_path / "out") == undisturbed


def test_the_order_in_which_parts_come_does_not_show(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner.parallel, "executor", lambda *_, **__: labour.Backwards())
    ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")
    assert content_of(tmp_path / "out") == undisturbed


def test_results_saved_from_memory_are_the_same_bytes(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    assert content_of(ts.run(CASE, runs=RUNS, seed=3).save(tmp_path / "out")) == undisturbed


def test_a_stored_ensemble_saved_elsewhere_is_the_same_bytes(
    kept: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    assert content_of(ts.open(kept).save(tmp_path / "copy")) == undisturbed


def test_a_store_holds_the_runs_that_memory_would(kept: Path) -> None:
    stored, held = ts.open(kept), ts.run(CASE, runs=RUNS, seed=3)
    assert stored.equals(held)
    assert stored.summary() == held.summary()
    pd.testing.assert_frame_equal(stored.moves, held.moves)
    pd.testing.assert_frame_equal(stored.index, held.index)


def test_nothing_of_python_or_numpy_stands_in_a_store(undisturbed: dict[str, bytes]) -> None:
    for name in ("manifest.json", "summary.json"):
        for version in (platform.python_version(), np.__version__, sys.platform):
            assert f'"{version}' not in undisturbed[name].decode()


@pytest.mark.parametrize("keep", ["summary", "index"])
def test_what_is_kept_alone_is_what_all_would_hold(tmp_path: Path, keep: Any) -> None:
    whole, lean = ts.run(CASE, runs=RUNS, seed=3), ts.run(CASE, runs=RUNS, seed=3, keep=keep)
    stored = ts.run(CASE, runs=RUNS, seed=3, keep=keep, store=tmp_path / "out", jobs=2)
    assert stored.equals(lean)
    assert stored.keep == lean.keep == keep
    for name in lean.record.kept:
        assert np.array_equal(np.asarray(getattr(lean.record, name)), np.asarray(getattr(whole.record, name)))
    pd.testing.assert_frame_equal(stored.regimes, whole.regimes)
    asked = whole.summary()
    unknown = {} if keep == "summary" else {"issues": {}, "events": {}, "movers": []}
    unknown |= {} if keep == "summary" else {"change": asked["change"] | {"rest": asked["change"]["points"]}}
    assert stored.summary() == lean.summary() == asked | unknown
    for table in ("indicators", "measures", "tension_by_direction"):
        with pytest.raises(SelectionError, match="run them with keep='all'"):
            getattr(stored, table)
    with pytest.raises(StorageError, match=f"what is kept of each run \\({keep} there, all now\\)"):
        ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")
    assert content_of(lean.save(tmp_path / "saved")) == content_of(tmp_path / "out")


def test_tables_of_a_folder_larger_than_memory_are_the_same(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = ts.run(CASE, runs=RUNS, seed=3)
    monkeypatch.setattr(tables, "ROOM_BYTES", 20_000)
    monkeypatch.setattr(tables, "TABLE_BYTES", 20_000)
    stored = ts.open(kept)
    assert stored.summary() == held.summary()
    for name in tables.TABLES:
        pd.testing.assert_frame_equal(getattr(stored, name), getattr(held, name))
    assert np.array_equal(stored.quantiles("issues", [0.1, 0.9], 1), held.quantiles("issues", [0.1, 0.9], 1))


# Interruptions

CHILD = f"""
import datetime as dt
import sys
import tensionsim as ts
from tensionsim.runs import parts
from tensionsim.runs.run import world_of
import filelock, pandas, pyarrow.parquet
parts.PART_RUNS = {PART_RUNS}
case = ts.load("{NAME}", set={{"end": dt.date(2030, 7, 1)}})
world_of(case)
print("ready", flush=True)
ts.run(case, runs={RUNS}, seed=3, store=sys.argv[1], jobs=int(sys.argv[2]))
"""


def started(folder: Path, jobs: int) -> subprocess.Popen[str]:
    """A process that has imported everything and now begins to write a store."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(jobs)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_at_random_moments_a_store_is_resumed_to_the_same_bytes(
    tmp_path: Path, undisturbed: dict[str, bytes], full: bool
) -> None:
    """Of four moments, or of twenty."""
    durations, trials = {}, 20 if full else 4
    for jobs in (1, 2):
        with started(tmp_path / f"whole-{jobs}", jobs) as child:
            begin = time.perf_counter()
            assert child.wait() == 0
            durations[jobs] = time.perf_counter() - begin
    chance, kept = random.Random(7), []
    for trial in range(trials):
        folder, jobs = tmp_path / str(trial), 1 + trial % 2
        with started(folder, jobs) as child:
            time.sleep(durations[jobs] * (trial + chance.random()) / trials)
            child.kill()
            if child.wait() == -signal.SIGKILL:
                kept.append(kept_in(folder))
        if not (folder / "scenario.yaml").exists():
            ts.run(CASE, runs=RUNS, seed=3, store=folder)
        else:
            resume(folder, jobs=jobs)
        assert content_of(folder) == undisturbed, trial
    assert len(kept) >= trials / 2, "too few were killed before their end"
    assert not full or any(runs for runs in kept if runs and runs < RUNS), "none was killed amid the runs"


def kept_in(folder: Path) -> int | None:
    """How many runs are kept in a folder; None where no store has been begun."""
    if not (folder / "manifest.json").exists():
        return None
    return sum(part["runs"] for part in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["parts"])


def test_a_full_disk_is_told_and_the_store_goes_on_when_there_is_room(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole = store.write_whole

    def full(path: Path, content: bytes) -> None:
        if "-000080" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_whole(path, content)

    monkeypatch.setattr(store, "write_whole", full)
    with pytest.raises(StorageError, match=r"No space left on device; 80 of 130 runs are kept; when that is mended"):
        ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")
    monkeypatch.setattr(store, "write_whole", write_whole)
    resume(tmp_path / "out")
    assert content_of(tmp_path / "out") == undisturbed


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_file_that_the_system_does_not_let_grow_leaves_nothing_half_written(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({60_000}, {60_000}))\n"
    done = subprocess.run(
        [sys.executable, "-c", limit + CHILD, str(tmp_path / "out"), "1"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "StorageError: cannot write" in done.stderr
    assert "File too large; 0 of 130 runs are kept" in done.stderr
    assert not [path for path in (tmp_path / "out").rglob("*") if path.name.startswith(store.UNFINISHED)]
    resume(tmp_path / "out")
    assert content_of(tmp_path / "out") == undisturbed


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record_of = runner.record_of

    def interrupted(chunk: Chunk, advance: Any = None) -> Any:
        if chunk.first_run == 80:
            raise KeyboardInterrupt
        return record_of(chunk, advance)

    monkeypatch.setattr(runner, "record_of", interrupted)
    with pytest.raises(KeyboardInterrupt, match=r"80 of 130 runs are kept; go on with: tensionsim resume .*out"):
        ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")


@pytest.mark.parametrize(
    "left",
    ["parts/.unfinished-paths-000040-000079.parquet", "parts/paths-000099-000100.parquet", ".unfinished-overview.svg"],
)
def test_leftovers_are_swept_away(kept: Path, undisturbed: dict[str, bytes], left: str) -> None:
    (kept / "summary.json").unlink()
    (kept / left).write_bytes(b"half of it")
    resume(kept)
    assert content_of(kept) == undisturbed


def test_a_folder_killed_before_its_manifest_is_begun_anew(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{store.UNFINISHED}scenario.yaml").write_text("half")
    ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")
    assert content_of(tmp_path / "out") == undisturbed


def test_a_folder_killed_before_its_scenario_goes_on_by_the_same_command(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    folder = tmp_path / "out"
    ts.run(CASE, runs=RUNS, seed=3, store=folder)
    (folder / "scenario.yaml").unlink()
    with pytest.raises(StorageError, match="run the same scenario into the folder again"):
        sweeping.resume(folder)
    ts.run(CASE, runs=RUNS, seed=3, store=folder)
    assert content_of(folder) == undisturbed


# Extension


@pytest.mark.parametrize("first", [30, 80, 100, 129])
def test_adding_runs_computes_only_the_new_ones(
    tmp_path: Path, undisturbed: dict[str, bytes], simulated: list[tuple[int, int]], first: int
) -> None:
    ts.run(CASE, runs=first, seed=3, store=tmp_path / "out")
    simulated.clear()
    assert ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out").runs == RUNS
    whole = first // PART_RUNS * PART_RUNS  # a part that was shorter is made anew
    assert sum(runs for _, runs in simulated) == RUNS - whole
    assert min(start for start, _ in simulated) == whole
    assert content_of(tmp_path / "out") == undisturbed


def test_a_finished_store_computes_nothing(kept: Path, simulated: list[tuple[int, int]]) -> None:
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*") if path.is_file()}
    assert ts.run(CASE, runs=RUNS, seed=3, store=kept).runs == RUNS
    assert simulated == []
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*") if path.is_file()} == before


def test_fewer_runs_than_are_there_are_refused(kept: Path) -> None:
    with pytest.raises(StorageError, match=r"runs \(130 there, 50 now; one can only add\)"):
        ts.run(CASE, runs=50, seed=3, store=kept)


def test_an_unfinished_store_may_be_finished_with_fewer_runs_than_were_wanted(kept: Path) -> None:
    _lose(kept, 2)
    assert ts.run(CASE, runs=90, seed=3, store=kept).equals(ts.run(CASE, runs=90, seed=3))


def test_runs_may_begin_anywhere(tmp_path: Path) -> None:
    ts.run(CASE, runs=50, seed=3, first_run=25, store=tmp_path / "out")
    found = ts.run(CASE, runs=90, seed=3, first_run=25, store=tmp_path / "out")
    assert found.equals(ts.run(CASE, runs=90, seed=3, first_run=25))
    alone = ts.run(CASE, runs=1, seed=3, first_run=100)
    pd.testing.assert_frame_equal(found.ledger(run=100), alone.ledger(run=100))


def _lose(folder: Path, after: int) -> None:
    """Makes a store unfinished: only its first parts are there."""
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change_manifest(folder, parts=content["parts"][:after], complete=False, files={})


# Refusals


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fingerprint": "0" * 64}, "what differs: the code or data of tensionsim that makes the numbers"),
        ({"rounding": "0" * 64}, "what differs: how the processor rounds"),
        ({"tensionsim": "0.0.9"}, r"what differs: tensionsim \(0\.0\.9 there, "),
        ({"seed": 8}, r"what differs: seed \(8 there, 3 now\)"),
        ({"first_run": 40, "parts": []}, r"what differs: first run \(40 there, 0 now\)"),
        ({"scenario_sha256": "0" * 64, "seed": 8}, r"the text of the scenario \(.*\); seed \(8 there, 3 now\)"),
        ({"code": ["agent norland: mine.Own"]}, r"code \(agent norland: mine.Own there, none now\)"),
        ({"names": {}}, r"manifest\.json is damaged: names\.issues: Field required"),
        ({"runs": 60}, r"manifest\.json is damaged: manifest: parts: 40 runs from 40 on are no part of these"),
    ],
)
def test_runs_of_another_origin_are_refused_and_may_be_replaced(
    kept: Path, undisturbed: dict[str, bytes], changes: dict[str, object], message: str
) -> None:
    change_manifest(kept, **changes)
    before = content_of(kept)
    with pytest.raises(StorageError, match=message) as refused:
        ts.run(CASE, runs=RUNS, seed=3, store=kept)
    assert "replace" in str(refused.value)
    assert content_of(kept) == before
    ts.run(CASE, runs=RUNS, seed=3, store=kept, replace=True)
    assert content_of(kept) == undisturbed


@pytest.mark.parametrize("changes", [{"fingerprint": "0" * 64}, {"tensionsim": "0.0.9"}])
def test_resuming_what_another_tensionsim_wrote_is_refused(kept: Path, changes: dict[str, object]) -> None:
    change_manifest(kept, **changes)
    before = content_of(kept)
    with pytest.raises(StorageError, match="runs of two are never mixed"):
        resume(kept)
    assert content_of(kept) == before


def test_resuming_what_code_of_ones_own_made_is_refused(kept: Path) -> None:
    change_manifest(kept, code=["agent norland: mine.Own"])
    with pytest.raises(
        StorageError, match=r"without the code that its runs are made with \(agent norland: mine\.Own\)"
    ):
        resume(kept)


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_a_scenario_that_is_not_what_was_run_is_told(kept: Path, undisturbed: dict[str, bytes], how: str) -> None:
    if how == "missing":
        (kept / "scenario.yaml").unlink()
    else:
        (kept / "scenario.yaml").write_bytes(undisturbed["scenario.yaml"].replace(b"2030-07-01", b"2030-08-01"))
    for use in (resume, ts.open):
        with pytest.raises(StorageError, match="run the same scenario into the folder again"):
            use(kept)
    ts.run(CASE, runs=RUNS, seed=3, store=kept)
    assert content_of(kept) == undisturbed


def test_two_commands_cannot_write_one_folder(kept: Path) -> None:
    with store.locked(kept):
        for write in (resume, lambda folder: ts.run(CASE, runs=RUNS, seed=3, store=folder)):
            with pytest.raises(StorageError, match="another command is writing to"):
                write(kept)
    assert resume(kept) == []
    assert not (kept / store.LOCK).exists()


def test_nothing_is_saved_over_a_folder_that_another_command_is_writing_to(kept: Path) -> None:
    results = ts.run(CASE, runs=RUNS, seed=3)
    with store.locked(kept), pytest.raises(StorageError, match="another command is writing to"):
        results.save(kept)
    assert results.save(kept) == kept


def test_a_link_in_a_store_is_foreign(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    (kept / "index.csv").unlink()
    (kept / "index.csv").symlink_to(tmp_path / "diary.txt")
    with pytest.raises(StorageError, match=r"index\.csv there was not written by tensionsim"):
        ts.run(CASE, runs=RUNS, seed=3, store=kept, replace=True)
    assert (tmp_path / "diary.txt").read_text() == "dear diary"


def test_what_differs_in_the_scenario_is_said(kept: Path) -> None:
    for other, message in (
        (CASE.with_outlook("calm"), r"what differs: outlook \(none there, calm now\)\."),
        (
            CASE.with_values({"actors.norland.rhetoric": 0.15}),
            r"set \(end = 2030-07-01 there, .*rhetoric = 0\.15 now\)",
        ),
    ):
        with pytest.raises(StorageError, match=message):
            ts.run(other, runs=RUNS, seed=3, store=kept)
    change_manifest(kept, scenario_sha256="0" * 64)
    with pytest.raises(StorageError, match=rf"tensionsim show {NAME} --diff {kept}/scenario\.yaml"):
        ts.run(CASE, runs=RUNS, seed=3, store=kept)


def test_a_store_without_manifest_is_not_written_to(kept: Path) -> None:
    (kept / "manifest.json").unlink()
    before = content_of(kept)
    with pytest.raises(StorageError, match=r"manifest\.json is missing; choose another folder"):
        ts.run(CASE, runs=RUNS, seed=3, store=kept, replace=True)
    assert content_of(kept) == before


def test_a_finished_store_need_not_be_written(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("filelock.FileLock.acquire", read_only)
    for name in ("write_whole", "clear"):
        monkeypatch.setattr(store, name, read_only)
    assert resume(kept) == []
    assert ts.run(CASE, runs=RUNS, seed=3, store=kept).runs == RUNS
    for more in ({"runs": RUNS + 1}, {"runs": RUNS, "replace": True}):
        with pytest.raises(StorageError, match="Read-only file system"):
            ts.run(CASE, seed=3, store=kept, **more)
    with pytest.raises(StorageError, match=r"seed \(3 there, 4 now\)"):
        ts.run(CASE, runs=RUNS, seed=4, store=kept)
    (kept / "index.csv").unlink()
    with pytest.raises(StorageError, match="Read-only file system"):
        resume(kept)


def test_ctrl_c_before_anything_is_kept_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "new_manifest", interrupt)
    with pytest.raises(KeyboardInterrupt, match=r"^interrupted; nothing of it is kept$"):
        ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")


# Damage


@pytest.mark.parametrize("name", ["index.csv", "summary.json", "move_counts.csv", "provenance.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_a_damaged_table_is_told_and_made_anew(
    kept: Path, undisturbed: dict[str, bytes], name: str, content: bytes | None
) -> None:
    path = kept / name
    path.unlink() if content is None else path.write_bytes(content)
    if name == "provenance.json" and content == b"{}":
        return  # it tells the command, so that its bytes are not promised
    assert resume(kept) == [f"{path} is missing or damaged; tables and figures are made again"]
    assert content_of(kept) == undisturbed
    assert resume(kept) == []


def test_a_figure_that_is_lost_is_drawn_again(kept: Path) -> None:
    def draw(_: ts.Results, folder: Path) -> None:
        for name in runner.FIGURES:
            (folder / name).write_bytes(b"picture")

    resume(kept, attach=draw)
    assert resume(kept, attach=draw) == []
    lost = kept / "overview.svg"
    lost.unlink()
    assert resume(kept, attach=draw) == [f"{lost} is missing or damaged; tables and figures are made again"]
    assert lost.exists()


@pytest.mark.parametrize("how", ["missing", "shorter", "another byte"])
@pytest.mark.parametrize("name", ["paths-000040-000079", "moves-000120-000129"])
def test_a_damaged_part_is_told_when_it_is_read_and_done_again_on_resume(
    kept: Path, undisturbed: dict[str, bytes], simulated: list[tuple[int, int]], name: str, how: str
) -> None:
    path = kept / "parts" / f"{name}.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content[:-1] if how == "shorter" else content)
    if how == "missing":
        path.unlink()
    with pytest.raises(StorageError, match=r"damaged: .*mend it with: tensionsim resume .*out"):
        dict(ts.open(kept).record.arrays)
    said = resume(kept)
    _, first, last = name.split("-")
    assert said == [f"{path} is missing or damaged; runs {int(first)} to {int(last)} are done again"]
    assert [start for start, _ in simulated] == [int(first)]
    assert content_of(kept) == undisturbed


def test_a_part_of_an_extension_that_is_damaged_is_computed_whole(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    ts.run(CASE, runs=100, seed=3, store=tmp_path / "out")
    for path in (tmp_path / "out" / "parts").glob("*-000080-*"):
        path.write_bytes(b"")
    ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")
    assert content_of(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("when", ["before the manifest", "after the manifest"])
def test_an_extension_that_ends_at_any_moment_keeps_the_runs_that_were_there(
    when: str, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first task makes the last, short part longer: the short one is there until the manifest names the longer."""
    folder = tmp_path / "out"
    ts.run(CASE, runs=100, seed=3, store=folder)

    def stop(*arguments: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        if when == "before the manifest":
            patch.setattr(RunsManifest, "with_part", stop)
        else:
            patch.setattr(Path, "unlink", lambda path, **_: stop() if path.suffix == ".parquet" else None)
        with pytest.raises(RuntimeError, match="killed"):
            ts.run(CASE, runs=RUNS, seed=3, store=folder)
    if when == "before the manifest":
        assert ts.open(folder, partial=True).equals(ts.run(CASE, runs=100, seed=3))
    assert ts.run(CASE, runs=RUNS, seed=3, store=folder).runs == RUNS
    assert content_of(folder) == undisturbed


# Opening


def test_an_unfinished_store_opens_only_on_request(kept: Path) -> None:
    _lose(kept, 2)
    with pytest.raises(StorageError, match=r"80 of 130 runs are there; complete it with: tensionsim resume .*out"):
        ts.open(kept)
    assert ts.open(kept, partial=True).equals(ts.run(CASE, runs=80, seed=3))
    change_manifest(kept, parts=[])
    with pytest.raises(StorageError, match="0 of 130 runs are there"):
        ts.open(kept, partial=True)


def test_a_gap_ends_what_opens_of_an_unfinished_store(kept: Path) -> None:
    content = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    change_manifest(kept, parts=content["parts"][:1] + content["parts"][2:], complete=False)
    assert ts.open(kept, partial=True).equals(ts.run(CASE, runs=40, seed=3))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """File and columns of everything that is read of parts."""
    found: list[tuple[str, tuple[str, ...]]] = []
    columns = parts.Store._columns

    def noted(self: parts.Store, part: parts.Part, which: int, wanted: Any) -> Any:
        found.append((Path(list(part.files)[which]).stem, tuple(wanted)))
        return columns(self, part, which, wanted)

    monkeypatch.setattr(parts.Store, "_columns", noted)
    return found


def test_opening_reads_no_part_and_a_question_only_what_it_needs(
    kept: Path, read: list[tuple[str, tuple[str, ...]]]
) -> None:
    results = ts.open(kept)
    assert results.dates[0] == np.datetime64("2030-01-01")
    assert "130 runs" in repr(results)
    assert read == []
    assert results.paths.shape == (len(results.dates), RUNS)
    assert results.index.shape == (len(results.dates), 6)
    assert {columns for _, columns in read} == {("cooperation",)}
    assert len(read) == 4
    read.clear()
    results.ledger(run=85)
    assert {name for name, _ in read} == {"paths-000080-000119", "moves-000080-000119"}
    read.clear()
    assert set(results.moves["run"]) <= set(range(RUNS))
    assert {name[:5] for name, _ in read} == {"moves"}


def test_a_stored_record_travels_without_what_was_read(kept: Path) -> None:
    results = ts.open(kept)
    assert results.record.conduct.shape[-1] == RUNS
    message = pickle.dumps(results)
    assert len(message) < 100_000
    assert pickle.loads(message).equals(results)


def test_a_stored_record_with_something_replaced_is_a_record(kept: Path) -> None:
    results = ts.open(kept)
    changed = replace(results, record=synthetic.changed(results.record, conduct=results.record.conduct * 2))
    assert not changed.equals(results)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = results.record.nothing  # type: ignore[attr-defined]


def test_xarray_takes_a_stored_ensemble(kept: Path) -> None:
    pytest.importorskip("xarray")
    dataset = ts.open(kept).to_xarray()
    assert dataset.sizes["run"] == RUNS
    assert dataset["weights"].dims == ts.run(CASE, runs=RUNS, seed=3).to_xarray()["weights"].dims


# Formats


@pytest.mark.parametrize("name", ["results", "sweep", "backtest"])
def test_folders_of_version_0_1_are_refused_with_a_clear_word(kept: Path, name: str) -> None:
    (kept / "manifest.json").write_text(json.dumps({"format": f"tensionsim {name}", "version": 1}), encoding="utf-8")
    before = content_of(kept)
    for use in (resume, ts.open, lambda folder: ts.run(CASE, runs=RUNS, seed=3, store=folder, replace=True)):
        with pytest.raises(
            StorageError, match="was written by another version of tensionsim, whose folders this one neither reads"
        ):
            use(kept)
    assert content_of(kept) == before


def test_each_row_tells_run_and_date_to_whoever_reads_the_files(kept: Path) -> None:
    results = ts.open(kept)
    paths = pd.read_parquet(kept / "parts" / "paths-000120-000129.parquet", columns=["date", "run", "cooperation"])
    wide = paths.pivot(index="date", columns="run", values="cooperation")
    assert (wide.to_numpy() == results.paths.loc[:, 120:129].to_numpy()).all()
    assert not paths.duplicated(["date", "run"]).any()


def test_duckdb_alone_reads_a_store(kept: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    results = ts.open(kept)
    last = results.dates[-1]
    mean, count = duckdb.sql(
        f"SELECT avg(cooperation), count(*) FROM '{kept}/parts/paths-*.parquet' WHERE date = DATE '{last}'"
    ).fetchall()[0]
    assert count == RUNS
    assert mean == pytest.approx(results.paths.iloc[-1].mean())
    counted = duckdb.sql(
        f"SELECT move, count(*) AS n FROM '{kept}/parts/moves-*.parquet' WHERE run = 85 GROUP BY move ORDER BY move"
    ).fetchall()
    moves = results.moves
    expected = moves[moves["run"] == 85].groupby("move", observed=True).size()
    assert dict(counted) == expected.to_dict()


def test_polars_alone_reads_a_store(kept: Path) -> None:
    polars = pytest.importorskip("polars")
    found = polars.scan_parquet(kept / "parts" / "paths-*.parquet").filter(polars.col("run") == 85).collect()
    assert found["cooperation"].to_list() == ts.open(kept).paths[85].tolist()


def test_a_query_for_one_date_or_run_passes_over_most_of_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parts, "GROUP_ROWS", 200)
    ts.run(CASE, runs=RUNS, seed=3, store=tmp_path / "out")
    for number, path in enumerate(sorted((tmp_path / "out" / "parts").glob("paths-*"))):
        groups = pq.ParquetFile(path).metadata
        of_group = [groups.row_group(row) for row in range(groups.num_row_groups)]
        dates = [group.column(0).statistics for group in of_group]
        assert len(dates) > 1
        assert all(one.max < other.min for one, other in pairwise(dates))
        runs = {(group.column(1).statistics.min, group.column(1).statistics.max) for group in of_group}
        assert runs == {(40 * number, min(40 * number + 39, RUNS - 1))}


# The fingerprint


def test_the_fingerprint_covers_sources_that_are_there() -> None:
    package = Path(ts.__file__).parent
    assert all((package / source).exists() for source in SOURCES)
    assert fingerprint() == fingerprint()


def test_every_ensemble_is_one_of_its_scenario_seed_and_runs(tmp_path: Path) -> None:
    found = runner.fill(tmp_path / "out", CASE, runs=3, seed=1, first_run=5, command="typed")
    assert (found.runs, found.seed, found.first_run) == (3, 1, 5)
    assert json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))["command"] == "typed"


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_a_name_that_no_file_can_have_is_told(name: str, tmp_path: Path) -> None:
    for call in (
        lambda: ts.open(tmp_path / name),
        lambda: ts.run("norland-suderia", runs=2, store=tmp_path / name),
        lambda: ts.sweep("norland-suderia", {"parameters.bias": [0.1]}, runs=2, store=tmp_path / name),
        lambda: store.check_file(f"{'x' * 300}.png", {".png"}, ""),
    ):
        with pytest.raises(StorageError, match=r"File name too long|null|no such folder"):
            call()
