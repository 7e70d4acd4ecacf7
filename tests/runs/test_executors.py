"""Executors: the same results from everywhere, whoever is killed on the way."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import dyads
import labour
from tensionsim.errors import ScenarioError, TensionSimError
from tensionsim.runs import parallel
from tensionsim.runs.parallel import MOST_RETRIES, Executor, Processes, describe_task, executor
from tensionsim.runs.run import Chunk, record_of

BUSY = {dyads.AVALON: {"attention": 1.0}, dyads.BRIGADOON: {"attention": 1.0, "rhetoric": {"uniform": [0.1, 0.9]}}}


def chunks(count: int = 5) -> list[Chunk]:
    of = dyads.scenario(actors=BUSY)
    return [Chunk(of, 3, first, 20) for first in range(0, 20 * count, 20)]


def deadly_at_40(task: labour.Runs) -> None:
    if task.first_run == 40:
        labour.deadly(task)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{process}/status").read_text() if Path("/proc/self").exists() else True


def ends(process: int, seconds: float = 20) -> bool:
    """Whether a process ends soon."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not is_alive(process):
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    """Two worker processes for tests that do not kill them."""
    with Processes(2) as workers:
        yield workers


class TestSelection:
    def test_one_job_is_serial_and_more_are_processes(self) -> None:
        assert executor().is_local
        assert isinstance(executor(2), Processes)
        assert isinstance(executor(1, "processes"), Processes)

    def test_auto_takes_the_processors_that_are_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parallel, "processors", lambda: 6)
        assert executor("auto").workers == 6
        assert executor("auto", tasks=parallel.FEWEST_TASKS).workers == 6

    def test_auto_starts_nothing_for_a_small_ensemble(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parallel, "processors", lambda: 6)
        assert executor("auto", tasks=parallel.FEWEST_TASKS - 1).is_local

    def test_no_more_workers_than_tasks(self) -> None:
        assert executor(8, tasks=3).workers == 3

    @pytest.mark.parametrize(
        ("jobs", "kind", "scheduler", "message"),
        [
            (1, "threads", None, "executor must be one of serial, processes, dask; got 'threads'"),
            (1, "serial", "tcp://127.0.0.1:1", "a scheduler is for the executor dask, not for serial"),
            (2, "processes", "tcp://127.0.0.1:1", "a scheduler is for the executor dask, not for processes"),
            (2, "serial", None, "the executor serial has one job, not 2"),
        ],
    )
    def test_words_that_contradict_are_refused(
        self, jobs: int, kind: str | None, scheduler: str | None, message: str
    ) -> None:
        with pytest.raises(TensionSimError, match=message):
            executor(jobs, kind, scheduler)

    @pytest.mark.parametrize(("jobs", "kind"), [(0, ValueError), (1.5, TypeError), ("many", TypeError)])
    def test_jobs_are_a_whole_number(self, jobs: Any, kind: type[Exception]) -> None:
        with pytest.raises(kind, match="jobs must be a whole number >= 1"):
            executor(jobs)

    def test_words_that_mean_no_number_are_told_the_one_that_does(self) -> None:
        with pytest.raises(TypeError, match="or 'auto'; got 'atuo'"):
            executor("atuo")  # type: ignore[arg-type]


def test_tasks_are_said_by_their_runs() -> None:
    assert describe_task(labour.Runs(1000, 500), 7) == "runs 1,000 to 1,499"
    assert describe_task("anything", 7) == "task 8"


class TestSerial:
    def test_tasks_are_done_in_order_in_this_process(self) -> None:
        with executor() as one:
            assert one.is_local
            assert list(one.results(labour.own_process, range(3))) == [(place, os.getpid()) for place in range(3)]

    def test_a_task_is_done_when_its_result_is_asked_for(self) -> None:
        done = list[int]()
        results = Executor().results(done.append, range(5))
        next(results)
        assert done == [0]


class TestProcesses:
    def test_records_are_those_of_the_serial_executor(self, two: Processes) -> None:
        found = dict(two.results(record_of, chunks()))
        assert sorted(found) == list(range(5))
        assert all(found[place].equals(record_of(chunk)) for place, chunk in enumerate(chunks()))

    def test_workers_are_others_and_stay(self, two: Processes) -> None:
        first = {process for _, process in two.results(labour.own_process, range(20))}
        second = {process for _, process in two.results(labour.own_process, range(20))}
        assert os.getpid() not in first
        assert len(first | second) <= 2

    def test_nothing_to_do_starts_nobody(self) -> None:
        with Processes(2) as workers:
            assert list(workers.results(labour.doubled, [])) == []
            assert workers._pool is None

    def test_workers_leave_the_processors_to_one_another(self, two: Processes) -> None:
        expected = os.environ.get("OPENBLAS_NUM_THREADS", "1")
        assert list(two.results(labour.settings_of_threads, [0])) == [(0, expected)]

    def test_the_callers_script_is_not_imported(self, two: Processes) -> None:
        [(_, files)] = two.results(labour.files_of_main, [0])
        assert all("loky" in file for file in files)

    def test_what_a_task_prints_does_not_come_between(self, two: Processes) -> None:
        assert dict(two.results(labour.chatter, [1, 2, 3])) == {0: 1, 1: 2, 2: 3}

    def test_few_tasks_are_on_their_way_while_nobody_takes_results(self) -> None:
        asked = list[int]()

        def tasks() -> Iterator[int]:
            for number in range(50):
                asked.append(number)
                yield number

        with Processes(2) as workers:
            results = workers.results(labour.doubled, tasks())
            next(results)
            time.sleep(0.2)
            assert len(asked) <= 4
            assert len(list(results)) == 49

    def test_a_task_whose_worker_is_killed_is_done_again(self, tmp_path: Path) -> None:
        marks = [tmp_path / name for name in ("a", "b", "c")]
        with Processes(2) as workers:
            assert dict(workers.results(labour.deadly_once, marks)) == {0: "a", 1: "b", 2: "c"}

    def test_a_worker_killed_from_outside_changes_nothing(self) -> None:
        serial = [record_of(chunk) for chunk in chunks(12)]
        with Processes(2) as workers:
            found, results = dict[int, Any](), workers.results(record_of, chunks(12))
            for place, record in results:
                found[place] = record
                if len(found) == 2:
                    os.kill(next(iter(workers._pool._processes)), signal.SIGKILL)
        assert all(found[place].equals(record) for place, record in enumerate(serial))

    def test_a_task_that_kills_every_worker_is_named(self) -> None:
        expected = rf"runs 40 to 59: {MOST_RETRIES + 1} worker processes died of it, as they do when memory runs out"
        with Processes(2) as workers, pytest.raises(TensionSimError, match=expected):
            list(workers.results(deadly_at_40, [labour.Runs(first, 20) for first in range(0, 100, 20)]))

    def test_errors_on_purpose_come_back_as_they_are(self, two: Processes) -> None:
        with pytest.raises(TensionSimError, match=r"^this cannot be used$"):
            list(two.results(labour.bad_input, [0]))
        with pytest.raises(ScenarioError, match=r"a\.yaml:3:1: no such actor") as caught:
            list(two.results(labour.bad_scenario, [0]))
        assert caught.value.problems[0].line == 3

    def test_a_slip_comes_back_with_where_it_happened(self, two: Processes) -> None:
        with pytest.raises(ZeroDivisionError, match="a slip") as caught:
            list(two.results(labour.slip, [0]))
        assert "labour.py" in str(caught.value.__cause__)

    def test_where_no_process_can_be_started_one_job_is_advised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import loky

        def fails(*_: object) -> None:
            raise BlockingIOError(11, "Resource temporarily unavailable")

        monkeypatch.setattr(loky.ProcessPoolExecutor, "submit", fails)
        with Processes(2) as workers, pytest.raises(TensionSimError, match="temporarily unavailable; use one job"):
            list(workers.results(labour.doubled, [1]))

    def test_an_error_that_cannot_be_copied_comes_back_in_words(self, two: Processes) -> None:
        with pytest.raises(RuntimeError, match=r"^OddError: this and that$") as caught:
            list(two.results(labour.odd_error, [0]))
        assert "labour.py" in str(caught.value.__cause__)

    def test_a_function_of_a_script_goes_along_and_one_that_cannot_be_sent_is_refused(self, two: Processes) -> None:
        assert dict(two.results(lambda task: task + 1, [0])) == {0: 1}
        held = threading.Lock()
        with pytest.raises(TypeError, match="a worker process cannot be sent <function"):
            list(two.results(lambda task: (task, held), [0]))

    def test_after_an_error_the_workers_can_be_used_again(self, two: Processes) -> None:
        with pytest.raises(TensionSimError):
            list(two.results(labour.bad_input, range(5)))
        assert dict(two.results(labour.doubled, [4])) == {0: 8}

    def test_leaving_early_ends_the_workers(self) -> None:
        with Processes(2) as workers:
            results = workers.results(labour.slow_or_first, [0, 1])
            assert next(results) == (0, 0)
            results.close()
            assert workers._pool is None

    def test_partial_functions_travel(self, two: Processes) -> None:
        assert list(two.results(partial(pow, 2), [5])) == [(0, 32)]


SCRIPT = """
import labour
from tensionsim.runs.parallel import executor
with executor(2, "processes") as workers:
    print(*{process for _, process in workers.results(labour.own_process, range(8))}, flush=True)
    list(workers.results(labour.slow, range(4)))
"""


def started(script: str) -> subprocess.Popen[str]:
    """A script without `if __name__ == "__main__"`, as people write them."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_one_who_started_them(by: signal.Signals) -> None:
    with started(SCRIPT) as parent:
        assert parent.stdout is not None
        workers = [int(process) for process in parent.stdout.readline().split()]
        assert workers
        parent.send_signal(by)
        _, complaints = parent.communicate(timeout=30)
        assert all(ends(worker) for worker in workers)
    assert complaints.count("Traceback") == (by is signal.SIGINT), "workers complain of nothing"
    assert by is not signal.SIGINT or complaints.splitlines()[-1] == "KeyboardInterrupt"


def test_workers_leave_ctrl_c_alone_from_birth_on(monkeypatch: pytest.MonkeyPatch) -> None:
    import loky

    heard = list[object]()
    submit = loky.ProcessPoolExecutor.submit

    def noted(*given: Any) -> Any:
        heard.append(signal.getsignal(signal.SIGINT))
        return submit(*given)

    monkeypatch.setattr(loky.ProcessPoolExecutor, "submit", noted)
    before = signal.getsignal(signal.SIGINT)
    with Processes(2) as workers:
        assert dict(workers.results(labour.doubled, [1, 2])) == {0: 2, 1: 4}
    assert heard == [signal.SIG_IGN, before]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_script_needs_no_guard_and_ends_without_a_word(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import tensionsim as ts\n"
        "from tensionsim.runs.run import Chunk, record_of\n"
        "from tensionsim.runs.parallel import executor\n"
        "of = ts.load('norland-suderia')\n"
        "with executor(2) as workers:\n"
        "    print(len(list(workers.results(record_of, [Chunk(of, 0, n, 1) for n in range(3)]))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run(
        [sys.executable, script], check=False, capture_output=True, text=True, env=environment, timeout=60
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "3\n", "")


class TestDask:
    def test_without_the_extra_the_command_to_install_it_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(TensionSimError, match=r"python -m pip install 'tensionsim\[dask\]'"), executor(2, "dask"):
            pass

    @pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "http://127.0.0.1:9"])
    def test_a_scheduler_that_does_not_answer_is_told(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parallel, "SECONDS_TO_ANSWER", 0.3)
        with pytest.raises(TensionSimError, match=f"no Dask scheduler answers at {address}"):
            executor(scheduler=address).__enter__()

    def test_what_was_opened_is_closed_where_no_worker_comes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        staff, ends = executor(scheduler="tcp://127.0.0.1:9"), list[str]()
        assert isinstance(staff, parallel.Dask)

        def fails() -> None:
            staff._opened.callback(ends.append, "closed")
            raise TensionSimError("no worker")

        monkeypatch.setattr(staff, "_connect", fails)
        with pytest.raises(TensionSimError, match="no worker"):
            staff.__enter__()
        assert ends == ["closed"]

    @pytest.mark.parametrize("text", [None, "", "[]", "{}"])
    def test_a_file_that_is_no_scheduler_file_is_told(self, text: str | None, tmp_path: Path) -> None:
        path = tmp_path / "scheduler.json"
        if text is not None:
            path.write_text(text)
        with pytest.raises(TensionSimError, match=r"is no scheduler file of Dask: .*dask scheduler --scheduler-file"):
            executor(scheduler=str(path)).__enter__()

    def test_a_worker_of_another_version_refuses(self) -> None:
        message, mine = pickle.dumps((labour.doubled, 4)), parallel.own_version()
        assert parallel.answer_to(mine, message) == 8
        other = r"but here it is tensionsim 0.0.9 \(fingerprint 00000000.*install the same"
        with pytest.raises(TensionSimError, match=other):
            parallel.answer_to("tensionsim 0.0.9 (fingerprint 00000000, rounding 00000000)", message)

    @pytest.mark.slow
    def test_workers_of_a_running_scheduler_do_the_same_and_one_may_be_killed(self) -> None:
        from distributed import Client, LocalCluster

        serial = [record_of(chunk) for chunk in chunks(12)]
        with LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs="CRITICAL"
        ) as cluster:
            found = dict[int, Any]()
            with Client(cluster.scheduler_address, set_as_default=False) as own:
                victim, _ = own.run(os.getpid).values()
                with executor(scheduler=cluster.scheduler_address) as workers:
                    assert workers.workers == 2
                    for place, record in workers.results(record_of, chunks(12)):
                        found[place] = record
                        if len(found) == 3:
                            os.kill(victim, signal.SIGKILL)
                own.wait_for_workers(2, timeout=60)
                assert own.submit(labour.doubled, 4).result() == 8, "the cluster is left as it was"
        assert all(found[place].equals(record) for place, record in enumerate(serial))
        assert ends(victim)

    @pytest.mark.slow
    def test_a_cluster_of_our_own_is_started_and_ended(self, tmp_path: Path) -> None:
        with executor(2, "dask") as workers:
            processes = {process for _, process in workers.results(labour.own_process, range(20))}
            assert dict(workers.results(labour.deadly_once, [tmp_path / "a"])) == {0: "a"}
            with pytest.raises(TensionSimError, match="this cannot be used"):
                list(workers.results(labour.bad_input, range(3)))
            with pytest.raises(TensionSimError, match="runs 40 to 59: Dask lost it"):
                list(workers.results(labour.deadly, [labour.Runs(40, 20)]))
        assert len(processes) <= 2
        assert all(ends(process) for process in processes)


def test_every_executor_keeps_the_same_promise() -> None:
    kept: list[Executor] = [Executor(), Processes(2)]
    for one in kept:
        with one as workers:
            assert dict(workers.results(labour.doubled, [1, 2, 3])) == {0: 2, 1: 4, 2: 6}
