"""Tasks done here, in processes of this machine (loky) or by workers of Dask, and how far they have come.

Whoever does a task, its result is the same; a task whose worker died is done again. Worker processes import nothing of
the caller's script, so that neither a notebook nor a script without `if __name__ == "__main__"` troubles them.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Self, TextIO, TypeVar, get_args

from tensionsim.errors import TensionSimError, one_of, whole

T = TypeVar("T")
R = TypeVar("R")
Kind = Literal["serial", "processes", "dask"]

MOST_RETRIES = 3
"""How often a task is done again whose worker died."""

FEWEST_TASKS = 6
"""With fewer parts than this one process is done about as soon as two, which have to start first (docs/clusters.md)."""

OF_WORKERS = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
    "LOKY_MAX_MEMORY_LEAK_SIZE": "1e18",
}
"""Settings of workers: they share the processors among themselves already, and hold what their parts need."""


class Executor:
    """Does tasks, `workers` at a time: here (`is_local`), or in kinds derived from it elsewhere (`is_distant`)."""

    workers, is_local, is_distant = 1, True, False

    def results(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[int, R]]:
        """Position and result of each task as they finish; one whose worker died is done again, a few times."""
        return ((position, function(task)) for position, task in enumerate(tasks))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        """Ends all that was started."""


def executor(
    jobs: int | Literal["auto"] = 1, kind: str | None = None, scheduler: str | None = None, *, tasks: int | None = None
) -> Executor:
    """The executor that is asked for; enter it with `with`."""
    one_of("executor", kind or "serial", get_args(Kind), TensionSimError)
    if scheduler is not None and kind in ("serial", "processes"):
        raise TensionSimError(f"a scheduler is for the executor dask, not for {kind}; leave one of the two out")
    if jobs != "auto":
        workers = whole("jobs", jobs, least=1, besides="auto")
    else:
        workers = 1 if tasks is not None and tasks < FEWEST_TASKS else processors()
    if tasks is not None:
        workers = max(1, min(workers, tasks))
    if kind == "dask" or scheduler is not None:
        return Dask(scheduler, workers)
    if kind == "serial" and jobs not in (1, "auto"):
        raise TensionSimError(f"the executor serial has one job, not {jobs}; leave one of the two out")
    return Executor() if kind == "serial" or (kind is None and workers == 1) else Processes(workers)


def processors() -> int:
    """How many processors this process may use, as a queueing system or `taskset` has left them to it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe_task(task: object, position: int) -> str:
    """The task in words: the runs that it stands for where it has `first_run` and `runs`, else its place."""
    first, runs = getattr(task, "first_run", 0), getattr(task, "runs", 0)
    return f"runs {first:,} to {first + runs - 1:,}" if runs else f"task {position + 1:,}"


class Processes(Executor):
    """Does tasks in worker processes, which are started when there is something to do and kept until the end."""

    is_local = False

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: Any = None

    def results(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[tuple[int, R]]:
        waiting, again = iter(enumerate(tasks)), list[tuple[int, T]]()
        pending, deaths = dict[Future[R], tuple[int, T]](), Counter[int]()
        try:
            while True:
                # Tasks on whose way a worker died go one by one: if it happens again, it is known which one did it.
                while len(pending) < (1 if deaths else 2 * self.workers):
                    if (one := again.pop() if again else next(waiting, None)) is None:
                        break
                    pending[self._submit(message_of(function, one[1]))] = one
                if not pending:
                    return
                lost, broken = list[tuple[int, T]](), None
                for future in self._finished(pending):
                    position, task = pending.pop(future)
                    try:
                        result = future.result()
                    except BrokenExecutor as end:
                        broken = end
                        lost.append((position, task))
                    except Exception as problem:
                        raise self._told(problem, describe_task(task, position)) from problem.__cause__
                    else:
                        deaths.pop(position, None)
                        yield position, result
                        del result
                if lost:
                    lost += [pending.pop(future) for future in wait(pending).done]
                    again += lost
                    deaths.update(position for position, _ in lost)
                    self._end(pending)
                    position, task = lost[0]
                    if deaths[position] > MOST_RETRIES:
                        raise TensionSimError(
                            f"{describe_task(task, position)}: {deaths[position]} worker processes died of it, as they "
                            "do when memory runs out; use fewer jobs, or run with one job to see what happens"
                        ) from broken
        finally:
            if pending:
                self._end(pending)

    def _submit(self, message: bytes) -> Future[Any]:
        import loky

        try:
            if self._pool is None:
                self._pool = loky.ProcessPoolExecutor(
                    self.workers, initializer=begin_work, initargs=(os.getpid(),), env=OF_WORKERS | dict(os.environ)
                )
                with _deaf():
                    found: Future[Any] = self._pool.submit(answer, message)
            else:
                found = self._pool.submit(answer, message)
        except BrokenExecutor as end:  # a worker died while there was nothing to do
            found = Future()
            found.set_exception(end)
        except (OSError, NotImplementedError) as problem:  # no more processes, or no semaphores
            raise TensionSimError(f"a worker process cannot be started: {problem}; use one job") from problem
        return found

    def _finished(self, pending: Iterable[Future[R]]) -> Iterable[Future[R]]:
        """The first of some that have finished; TensionSimError where nobody is left to do them."""
        return wait(pending, return_when=FIRST_COMPLETED).done

    def _told(self, problem: Exception, task: str) -> Exception:
        """What to say of an error that came out of a task, or in the place of its result."""
        return problem

    def _end(self, pending: Iterable[Future[Any]]) -> None:
        """Ends all workers, whatever they are doing: they hold nothing that could be lost."""
        if self._pool is not None:
            self._pool.shutdown(kill_workers=True)
            self._pool = None

    def __exit__(self, *problem: object) -> None:
        self._end(())


@contextmanager
def _deaf() -> Iterator[None]:
    """Ignores Ctrl-C, and lets processes that are started do so from birth on; in the main thread, which alone can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if heard is None else heard)


def begin_work(parent: int) -> None:
    """Makes a worker leave Ctrl-C to the process that started it, keep off its output, and end with it, however."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(SECONDS_BETWEEN)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def message_of(function: Callable[[T], R], task: T) -> bytes:
    """A task as it is sent. Agents and mechanisms of a script or a notebook go with it, as no worker imports those."""
    import cloudpickle

    try:
        message: bytes = cloudpickle.dumps((function, task))
    except (pickle.PicklingError, AttributeError, TypeError) as problem:
        raise TypeError(f"a worker process cannot be sent {function!r} and its task: {problem}") from problem
    return message


def answer(message: bytes) -> Any:
    """Result of the task that a message holds. An error of the task that cannot be copied is raised as its text."""
    import cloudpickle

    function, task = pickle.loads(message)
    try:
        return function(task)
    except Exception as error:
        try:
            pickle.loads(cloudpickle.dumps(error))
        except Exception:  # an error may hold anything, and fail to be copied in any way
            kind = TensionSimError if isinstance(error, TensionSimError) else RuntimeError
            raise kind(f"{type(error).__name__}: {error}") from error
        raise


def own_version() -> str:
    """What must be alike for the same numbers: version, fingerprint of the code, rounding of the processor."""
    import tensionsim
    from tensionsim.runs.store import fingerprint, rounding

    return f"tensionsim {tensionsim.__version__} (fingerprint {fingerprint()[:8]}, rounding {rounding()[:8]})"


def answer_to(asker: str, message: bytes) -> Any:
    """Result of a task in a worker of Dask; TensionSimError where the one who asks is of another version."""
    if asker != (mine := own_version()):
        raise TensionSimError(
            f"a Dask worker has {mine}, but here it is {asker}: their runs would not be one ensemble; install the same "
            "for workers and caller, and start the workers anew; where the rounding alone differs take processors of "
            "one kind, or set NPY_DISABLE_CPU_FEATURES alike everywhere (see docs/clusters.md)"
        )
    return answer(message)


class _Asked:
    """A task on its way: reading it does it, so that schedulers, which read functions too, need no tensionsim."""

    def __init__(self, message: bytes) -> None:
        self._message = message

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, bytes]]:
        return answer_to, (own_version(), self._message)


SECONDS_TO_ANSWER = 10
"""A scheduler that has not answered by then is not there."""

SECONDS_TO_JOIN = 120
"""A queueing system may start workers later than their scheduler; how often is looked whether any are left."""


class Dask(Processes):
    """Does tasks in the workers of a Dask scheduler; without one, in as many workers on this machine as are wanted."""

    is_distant = True

    def __init__(self, scheduler: str | None, workers: int) -> None:
        super().__init__(workers)
        self._address, self._opened = scheduler, ExitStack()

    def __enter__(self) -> Self:
        try:
            self._connect()
        except BaseException:
            self._opened.close()
            raise
        return self

    def _connect(self) -> None:
        try:
            import dask

            dask.config.set({"logging.distributed": "critical"})  # what matters reaches the caller
            from distributed import Client, LocalCluster
        except ImportError:
            words = "the executor dask needs the package distributed, which is not installed; install it with: "
            raise TensionSimError(words + "python -m pip install 'tensionsim[dask]'") from None
        place: Any = self._address
        if place is None:
            how: dict[str, Any] = {"host": "127.0.0.1", "dashboard_address": None, "silence_logs": "CRITICAL"}
            place = self._opened.enter_context(LocalCluster(n_workers=self.workers, threads_per_worker=1, **how))
        elif place.endswith(".json"):
            try:
                place = str(json.loads(Path(place).read_text(encoding="utf-8"))["address"])
            except (OSError, ValueError, KeyError, TypeError) as problem:
                raise TensionSimError(
                    f"{place} is no scheduler file of Dask: {_first_line(problem)}; "
                    f"start the scheduler with `dask scheduler --scheduler-file {place}`"
                ) from problem
        try:
            client = Client(place, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, ValueError, AssertionError) as problem:  # one of its own, where it gives up on a busy machine
            raise TensionSimError(
                f"no Dask scheduler answers at {place}: {_first_line(problem)}; start one with `dask scheduler` and "
                "give the address that it prints, as in tcp://127.0.0.1:8786"
            ) from problem
        self._client = self._opened.enter_context(client)
        self._pool = client.get_executor(pure=False)
        with suppress(TimeoutError):
            client.wait_for_workers(1, timeout=SECONDS_TO_JOIN)
        self._check_is_there()

    def _submit(self, message: bytes) -> Future[Any]:
        found: Future[Any] = self._pool.submit(pickle.loads, pickle.dumps(_Asked(message)))
        return found

    def _finished(self, pending: Iterable[Future[R]]) -> Iterable[Future[R]]:
        while not (done := wait(pending, SECONDS_TO_JOIN, FIRST_COMPLETED).done):
            self._check_is_there()
        return done

    def _check_is_there(self) -> None:
        self.workers = sum(self._client.nthreads().values()) if self._client.status == "running" else 0
        if not self.workers:
            raise TensionSimError(
                f"the Dask scheduler at {self._address} has had no worker for {SECONDS_TO_JOIN} seconds; what is "
                "stored stays, so start some with `dask worker`, and resume"
            )

    def _told(self, problem: Exception, task: str) -> Exception:
        of_dask = type(problem).__module__.startswith("distributed")
        if not (of_dask or isinstance(problem, CancelledError | ImportError)):
            return problem
        return TensionSimError(
            f"{task}: Dask lost it ({_first_line(problem)}); what is stored stays: see that the scheduler runs, that "
            f"workers have memory and what is here, {own_version()}, and resume; or run with one job to see why"
        )

    def _end(self, pending: Iterable[Future[Any]]) -> None:
        for future in pending:
            future.cancel()

    def __exit__(self, *problem: object) -> None:
        self._opened.close()


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]


Mode = Literal["auto", "json", "none"]
Clock = Callable[[], float]

SECONDS_BETWEEN = 1.0
"""Lines of JSON come no more often, save for the last one."""

NOTEBOOK = "ipykernel.iostream"
"""Where standard error of a notebook comes from."""

ROOMY_COLUMNS = 80
"""A narrower terminal is shown numbers without a bar."""


@contextmanager
def showing(
    total: int, mode: Mode = "auto", unit: str = "run", *, done: int = 0, clock: Clock = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """Shows on standard error or in a notebook how far work has come; yields a function that takes the number done."""
    one_of("progress", mode, get_args(Mode))
    stream = sys.stderr
    is_seen = stream is not None and (stream.isatty() or type(stream).__module__ == NOTEBOOK)
    if stream is None or mode == "none" or (mode == "auto" and not is_seen):
        yield lambda newly: None
        return
    if mode == "json":
        with _lines(stream, total, done, clock) as advance:
            yield advance
    else:
        with _bar(stream, total, done, unit) as bar:
            yield bar.update


def _bar(stream: TextIO, total: int, done: int, unit: str) -> Any:
    """A bar on a terminal or in a notebook, which leaves no trace."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a notebook without ipywidgets gets a bar of letters
        from tqdm.auto import tqdm

    room, numbers = shutil.get_terminal_size(), "{n:,}/{total:,} " + unit + "s, {remaining} left, {rate_noinv_fmt}"
    form = "{percentage:3.0f}% |{bar}| " + numbers if room.columns >= ROOMY_COLUMNS else numbers
    how: dict[str, Any] = {"file": stream, "leave": False, "bar_format": form}
    how |= {"ncols": room.columns - 1, "nrows": room.lines} if stream.isatty() else {"dynamic_ncols": True}
    return tqdm(total=total, initial=done, unit=unit, **how)


@contextmanager
def _lines(stream: TextIO, total: int, done: int, clock: Clock) -> Iterator[Callable[[int], None]]:
    """Lines of JSON, the last one at the end; a reader who goes away does not matter."""
    before, told = done, -1
    begin = last = clock()

    def tell() -> None:
        nonlocal last, told
        last, told = clock(), done
        rate = (done - before) / (last - begin) if done > before and last > begin else None
        left = None if rate is None else round((total - done) / rate, 1)
        line = {"done": done, "total": total, "rate": rate and round(rate, 1), "seconds_left": left}
        with suppress(OSError):
            stream.write(json.dumps(line) + "\n")
            stream.flush()

    def advance(newly: int) -> None:
        nonlocal done
        done += newly
        if clock() - last >= SECONDS_BETWEEN:
            tell()

    try:
        yield advance
    finally:
        if told != done:
            tell()
