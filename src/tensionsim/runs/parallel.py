"""Progress: how far an ensemble has come, for a person at a terminal or a program that reads standard error."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, Literal, Protocol, Self, TextIO, TypeVar, cast, get_args

from tensionsim.errors import TensionSimError, whole

if TYPE_CHECKING:
    from distributed import Client, Future


ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Settings of linear algebra libraries: children share the processors among themselves already."""


def started(program: str) -> subprocess.Popen[bytes]:
    """A new Python at a program; both ends of its standard input and output that are ours are pipes.

    It finds modules where this process does, and is in a process group of its own, so that Ctrl-C reaches this process
    alone.

    Raises
    ------
    TensionSimError
        If the system refuses.
    """
    if not sys.executable:
        raise TensionSimError("this Python does not know its own program, so that it cannot start others; use one job")
    apart: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    try:
        return subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict.fromkeys(ONE_THREAD, "1") | dict(os.environ),
            **apart,
        )
    except OSError as problem:
        raise TensionSimError(f"a worker process cannot be started: {problem}; use one job") from problem


def buried(process: subprocess.Popen[bytes]) -> int:
    """Status of a process that is not needed any more, killed if it has not ended."""
    process.kill()
    status = process.wait()
    for stream in (process.stdin, process.stdout):
        try:
            cast(BinaryIO, stream).close()
        except OSError:
            continue  # what was not sent is of no use to the dead
    return status


def end_in_words(status: int) -> str:
    """How a process with that status ended."""
    if status >= 0:
        return f"with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    why = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"by {name}{why}"


def ignore_interrupts() -> None:
    """Leaves Ctrl-C to the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for messages alone; others find nothing to read there and print to standard error."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return asked, answers


T = TypeVar("T")
R = TypeVar("R")

MOST_RETRIES = 3
"""How often a task is done again whose worker died."""


class Executor(Protocol):
    """Does tasks by a function, somewhere; a context manager that ends what it has started.

    workers : how many tasks are done at a time, >= 1. is_local : whether the function runs in this very process, so
    that it may call back, as a progress bar wants.
    """

    @property
    def workers(self) -> int: ...

    @property
    def is_local(self) -> bool: ...

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Position of each task and its result, in any order, as they finish.

        At most twice as many tasks as there are workers are on their way or waiting to be taken, so that memory does
        not grow with their number. A task whose worker died is done again, at most `MOST_RETRIES` times. `function`
        is found by its module and name: no lambda, nothing of a script; `functools.partial` of one will do.

        Raises
        ------
        TensionSimError
            If the function raises it, if a task's workers died each time, or if no worker can be had.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *problem: object) -> None: ...


def said(task: object, position: int) -> str:
    """The task in words: the runs that it stands for where it has `first_run` and `runs`, else its place."""
    first, runs = getattr(task, "first_run", None), getattr(task, "runs", None)
    if isinstance(first, int) and isinstance(runs, int):
        return f"runs {first:,} to {first + runs - 1:,}"
    return f"task {position + 1:,}"


LENGTH_BYTES = 8


def write(stream: BinaryIO, message: bytes) -> None:
    """Sends a message.

    Raises
    ------
    OSError
        If nobody is there to read it.
    """
    stream.write(len(message).to_bytes(LENGTH_BYTES, "big"))
    stream.write(message)
    stream.flush()


def read(stream: BinaryIO) -> bytes:
    """The next message.

    Raises
    ------
    EOFError
        If the other side has ended before the message did.
    """
    return _exactly(stream, int.from_bytes(_exactly(stream, LENGTH_BYTES), "big"))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    found = stream.read(count)
    if len(found) < count:
        raise EOFError
    return found


SECONDS_TO_END = 10

SECONDS_TO_ANSWER = 3
"""A worker on the same machine that has not answered by then is dead; Dask would wait for half a minute."""


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Address of a scheduler with so many worker processes of one thread, reached from this machine alone."""
    process = started(f"from tensionsim.runs.parallel import serve; serve({workers})")
    try:
        try:
            said = read(cast(BinaryIO, process.stdout)).decode()
        except EOFError:
            said = "it ended before it had begun"
        if not said.startswith("tcp://"):
            raise TensionSimError(f"a Dask cluster cannot be started on this machine: {said}; use --executor processes")
        yield said
    finally:
        _end(process)


def serve(workers: int) -> None:
    """Runs the cluster until standard input closes; its address, or what is wrong, goes to standard output."""
    ignore_interrupts()
    asked, answers = own_streams()
    import dask
    from distributed import LocalCluster

    dask.config.set({"distributed.comm.timeouts.connect": SECONDS_TO_ANSWER})
    try:
        local = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs="CRITICAL",
        )
    except Exception as problem:  # said by the one who asked
        write(answers, f"{type(problem).__name__}: {problem}".encode())
        return
    with local:
        write(answers, local.scheduler_address.encode())
        asked.read()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Lets the cluster close; kills it where it does not."""
    cast(BinaryIO, process.stdin).close()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
    buried(process)


class Serial:
    """Does tasks here, in their order."""

    workers = 1
    is_local = True

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        return ((position, function(task)) for position, task in enumerate(tasks))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        """Nothing was started."""


Kind = Literal["serial", "processes", "dask"]

FEWEST_TASKS = 6
"""With fewer parts than this one process is done about as soon as two, which have to start first (docs/clusters.md)."""


def executor(
    jobs: int | Literal["auto"] = 1, kind: str | None = None, scheduler: str | None = None, *, tasks: int | None = None
) -> Executor:
    """The executor that is asked for; enter it with `with`.

    Parameters
    ----------
    jobs
        How many tasks at a time, >= 1; "auto": as many as this process has processors, but 1 for fewer than
        `FEWEST_TASKS` tasks.
    kind
        "serial", "processes" or "dask"; None takes what `jobs` and `scheduler` suggest.
    scheduler
        Address of a running Dask scheduler, or its scheduler file; its workers are taken, whatever `jobs` says.
    tasks
        How many tasks there will be, where that is known; no more workers than that are started.

    Raises
    ------
    TensionSimError
        If the words contradict one another, or Dask is missing or does not answer.
    TypeError, ValueError
        If `jobs` is no whole number >= 1.
    """
    if kind not in (None, *get_args(Kind)):
        raise TensionSimError(f"there is no executor {kind!r}; there are {', '.join(get_args(Kind))}")
    if scheduler is not None and kind in ("serial", "processes"):
        raise TensionSimError(f"a scheduler is for the executor dask, not for {kind}; leave one of the two out")
    workers = _workers(jobs, tasks)
    if kind == "dask" or scheduler is not None:
        return Dask(scheduler, workers)
    if kind == "serial" or (kind is None and workers == 1):
        if kind == "serial" and jobs not in (1, "auto"):
            raise TensionSimError(f"the executor serial has one job, not {jobs}; leave one of the two out")
        return Serial()

    return Processes(workers)


def processors() -> int:
    """How many processors this process may use, as a queueing system or `taskset` has left them to it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _workers(jobs: int | Literal["auto"], tasks: int | None) -> int:
    """How many workers are wanted."""
    if jobs != "auto":
        wanted = whole("jobs", jobs, least=1)
    elif tasks is not None and tasks < FEWEST_TASKS:
        return 1
    else:
        wanted = processors()
    return wanted if tasks is None else max(1, min(wanted, tasks))


@dataclass(frozen=True, slots=True)
class Stamp:
    """What must be alike for the same numbers.

    tensionsim, fingerprint : its version, and the hash of what makes numbers. rounding : see
    `tensionsim.results.fingerprint`; `numpy` may differ.
    """

    tensionsim: str
    fingerprint: str
    rounding: str
    numpy: str = field(compare=False)

    def in_words(self) -> str:
        return (
            f"tensionsim {self.tensionsim} (fingerprint {self.fingerprint[:8]}) "
            f"with NumPy {self.numpy} (rounding {self.rounding[:8]})"
        )


@cache
def own() -> Stamp:
    """The stamp of this process."""
    import numpy as np

    import tensionsim
    from tensionsim.runs.store import fingerprint, rounding

    return Stamp(tensionsim.__version__, fingerprint(), rounding(), np.__version__)


def refusal(asker: Stamp) -> str:
    """Why a process with this stamp does not work for one with another."""
    mine = own()
    mend = "install the same for workers and caller, and start the workers anew"
    if (mine.tensionsim, mine.fingerprint) == (asker.tensionsim, asker.fingerprint):
        mend = "take processors of one kind, or set NPY_DISABLE_CPU_FEATURES alike everywhere (see docs/clusters.md)"
    return (
        f"a Dask worker has {mine.in_words()}, but here it is {asker.in_words()}: their runs would not be one "
        f"ensemble; {mend}"
    )


Answer = tuple[Any, BaseException | None]


def worker_serve() -> None:
    """Answers tasks from standard input on standard output; ends with the process that started this one.

    Ctrl-C is that process's to handle. What a task prints goes to standard error.
    """
    ignore_interrupts()
    asked, answers = own_streams()
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked, tasks), daemon=True).start()
    while True:
        message = pickle.dumps(answer(tasks.get()))
        try:
            write(answers, message)
        except OSError:
            return


def answer(message: bytes) -> Answer:
    """Result of the task that a message holds, or the error that it raised."""
    try:
        function, task = pickle.loads(message)
        return function(task), None
    except Exception as error:
        return None, portable(error)


def portable(error: Exception) -> Exception:
    """The error as it can be sent, with its traceback as a note unless it was raised on purpose."""
    if not isinstance(error, TensionSimError):
        error.add_note("In a worker process:\n" + "".join(traceback.format_exception(error)).rstrip())
    try:
        if str(pickle.loads(pickle.dumps(error))) == str(error):
            return error
    except Exception:  # an error may hold anything, and fail to be copied in any way
        pass
    kind = TensionSimError if isinstance(error, TensionSimError) else RuntimeError
    return kind(f"{type(error).__name__}: {error}")


def _listen(asked: BinaryIO, tasks: queue.SimpleQueue[bytes]) -> None:
    """Passes on what is asked; ends this process, even amid a task, when the one that asks has ended."""
    try:
        while True:
            tasks.put(read(asked))
    except (EOFError, OSError):
        os._exit(0)


DASK_CLIENT_SECONDS_TO_ANSWER = 10
"""A scheduler that has not answered by then is not there."""

SECONDS_TO_JOIN = 120
"""A queueing system may start workers later than their scheduler."""

SECONDS_TO_LOOK = 5
"""How often is looked whether workers are left, when nothing comes."""


class Dask:
    """Does tasks in the workers of a Dask scheduler; without one, in as many workers on this machine as are wanted.

    Parameters
    ----------
    scheduler
        Its address (tcp://host:port) or its scheduler file (a path that ends in .json); None starts `workers`
        workers here, which end with this executor. A scheduler that was there before is left as it was.
    """

    is_local = False

    def __init__(self, scheduler: str | None, workers: int) -> None:
        self._scheduler, self._wanted = scheduler, workers
        self._opened = ExitStack()
        self._client: Client | None = None

    @property
    def workers(self) -> int:
        return self._wanted if self._client is None else max(1, sum(self._client.nthreads().values()))

    def __enter__(self) -> Self:
        try:
            self._client = self._connected()
        except BaseException:
            self._opened.close()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        self._client = None
        self._opened.close()

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        if self._client is None:
            raise RuntimeError("an executor of Dask is used in a with statement")
        client, asker, name = self._client, own(), f"tensionsim-{uuid.uuid4().hex}"
        finished: queue.SimpleQueue[Future[Answer]] = queue.SimpleQueue()
        positions: dict[Future[Answer], int] = {}
        waiting = iter(enumerate(tasks))

        def send() -> None:
            most = 2 * self.workers
            while len(positions) < most and (following := next(waiting, None)) is not None:
                position, task = following
                message = pickle.dumps(_Asked(asker, pickle.dumps((function, task))))
                future = client.submit(pickle.loads, message, key=f"{name}-{position}", pure=False)
                positions[future] = position
                future.add_done_callback(finished.put)

        try:
            send()
            while positions:
                future = self._next(finished)
                position = positions.pop(future)
                yield position, _result(future, said(tasks[position], position))
                del future  # lets the scheduler forget the result
                send()
        finally:
            if client.status == "running":
                client.cancel(list(positions), force=True)

    def _next(self, finished: queue.SimpleQueue[Future[Answer]]) -> Future[Answer]:
        """The next task that has finished; TensionSimError where no worker is left and none comes."""
        patience = SECONDS_TO_JOIN
        while patience > 0:
            try:
                return finished.get(timeout=SECONDS_TO_LOOK)
            except queue.Empty:
                patience = SECONDS_TO_JOIN if self._has_workers() else patience - SECONDS_TO_LOOK
        raise TensionSimError(
            f"the Dask scheduler has had no worker for {SECONDS_TO_JOIN} seconds; what is stored stays, so start "
            "workers again and resume"
        )

    def _has_workers(self) -> bool:
        client = self._client
        return client is not None and client.status == "running" and bool(client.nthreads())

    def _connected(self) -> Client:
        try:
            from distributed import Client
        except ImportError:
            raise TensionSimError(
                "the executor dask needs the package distributed, which is not installed; "
                "install it with: python -m pip install 'tensionsim[dask]'"
            ) from None
        self._opened.enter_context(_quiet())
        address = self._address()
        _check_that_it_answers(address)
        client: Client = self._opened.enter_context(
            Client(address, timeout=DASK_CLIENT_SECONDS_TO_ANSWER, set_as_default=False)
        )
        self._wait_for_workers(client, address)
        return client

    def _address(self) -> str:
        """Where the scheduler is; starts one where none is named."""
        if self._scheduler is None:
            return self._opened.enter_context(cluster(self._wanted))
        return _in_file(Path(self._scheduler)) if self._scheduler.endswith(".json") else self._scheduler

    def _wait_for_workers(self, client: Client, address: str) -> None:
        from distributed import TimeoutError as NobodyCame

        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_JOIN)
        except NobodyCame:
            raise TensionSimError(
                f"the Dask scheduler at {address} has had no worker for {SECONDS_TO_JOIN} seconds; "
                f"start some with `dask worker {address}`"
            ) from None


class _Asked:
    """A task on its way: reading it does it, so that the reader needs tensionsim and nobody on the way does.

    Dask reads the function of a task in the scheduler and wherever else it passes, and a worker that cannot read one
    ends without a word.
    """

    def __init__(self, asker: Stamp, message: bytes) -> None:
        self._asker, self._message = asker, message

    def __reduce__(self) -> tuple[Callable[..., Answer], tuple[Stamp, bytes]]:
        return answer_to, (self._asker, self._message)


def _result(future: Future[Answer], runs: str) -> Any:
    """What the task gave; raises what it raised, in words where Dask speaks."""
    from distributed.scheduler import KilledWorker

    try:
        result, error = future.result()
    except KilledWorker as problem:
        raise TensionSimError(
            f"{runs}: {problem.allowed_failures + 1} Dask workers died of it, the last one at "
            f"{problem.last_worker.address}; give workers more memory or take smaller chunks, "
            "or run with one job to see what happens"
        ) from problem
    except CancelledError as problem:
        raise TensionSimError(
            f"{runs}: the Dask scheduler has gone or has dropped the task; what is stored stays, so start the "
            "scheduler again and resume"
        ) from problem
    except Exception as problem:  # tensionsim is missing there, or of another making
        raise TensionSimError(
            f"{runs}: a Dask worker cannot read the task ({_first_line(problem)}); workers need what is here, "
            f"{own().in_words()}"
        ) from problem
    if error is not None:
        raise error
    return result


def answer_to(asker: Stamp, message: bytes) -> Answer:
    """Answer to a task, in a worker of Dask; a refusal where the one who asks is of another version."""
    return answer(message) if asker == own() else (None, TensionSimError(refusal(asker)))


def _check_that_it_answers(address: str) -> None:
    """TensionSimError where no Dask is at an address: a client that has failed to connect takes long to give up."""
    from distributed.comm.core import connect

    async def knock() -> None:
        comm = await asyncio.wait_for(
            connect(address, timeout=DASK_CLIENT_SECONDS_TO_ANSWER), DASK_CLIENT_SECONDS_TO_ANSWER + 1
        )
        await comm.close()

    with ThreadPoolExecutor(1) as apart:  # a notebook has an event loop of its own in this thread
        problem = apart.submit(asyncio.run, knock()).exception()
    if isinstance(problem, Exception):  # something else than Dask may answer anything
        is_said = isinstance(problem, OSError | ValueError) and bool(str(problem))
        why = _first_line(problem) if is_said else "what is there is something else"
        raise TensionSimError(
            f"no Dask scheduler answers at {address}: {why}; start one with `dask scheduler` and "
            "give the address that it prints, as in tcp://127.0.0.1:8786"
        ) from problem


def _in_file(path: Path) -> str:
    """The address that a scheduler has written to its scheduler file."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise TensionSimError(
            f"{path} is no scheduler file of Dask: {_first_line(problem)}; "
            f"start the scheduler with `dask scheduler --scheduler-file {path}`"
        ) from problem


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Dask from telling standard error of every worker that comes or goes; what matters reaches the caller."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    levels = {name: logging.getLogger(name).level for name in names}
    for name, level in levels.items():
        logging.getLogger(name).setLevel(max(level, logging.CRITICAL) if level else level)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]


PROGRAM = "from tensionsim.runs import parallel; parallel.worker_serve()"


class Processes:
    """Does tasks in worker processes, which are started when there is something to do and kept until the end."""

    is_local = False

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._staff: list[_Worker] = []

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        while len(self._staff) < min(self.workers, len(tasks)):
            self._staff.append(_Worker())
        shift = _Shift(self._staff, function, tasks)
        try:
            yield from shift.results(most_on_their_way=2 * self.workers)
        finally:
            if shift.is_unfinished:
                self._dismiss()
            shift.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self._dismiss()

    def _dismiss(self) -> None:
        """Ends all workers, whatever they are doing."""
        staff, self._staff = self._staff, []
        for worker in staff:
            worker.end()


class _Shift(Generic[T, R]):
    """Workers at some tasks: a thread for each worker hands tasks over and takes results."""

    def __init__(self, staff: Sequence[_Worker], function: Callable[[T], R], tasks: Sequence[T]) -> None:
        self._function, self._tasks = function, tasks
        self._todo: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._attend, args=(worker,), daemon=True) for worker in staff]
        self._left = len(tasks)

    @property
    def is_unfinished(self) -> bool:
        return self._left > 0

    def results(self, most_on_their_way: int) -> Iterator[tuple[int, R]]:
        """Position and result of each task, as they finish."""
        for thread in self._threads:
            thread.start()
        waiting = iter(range(len(self._tasks)))
        for _ in range(min(most_on_their_way, len(self._tasks))):
            self._todo.put(next(waiting))
        while self._left:
            position, (result, error) = self._done.get()
            if error is not None:
                raise error
            self._left -= 1
            yield position, result
            following = next(waiting, None)
            if following is not None:
                self._todo.put(following)

    def end(self) -> None:
        """Sends the threads home."""
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _attend(self, worker: _Worker) -> None:
        while (position := self._todo.get()) is not None:
            try:
                self._done.put((position, self._answer(worker, position)))
            except _Ended:
                return

    def _answer(self, worker: _Worker, position: int) -> Answer:
        """The worker's answer to a task, asked anew where the worker died of it."""
        task, ends = self._tasks[position], list[str]()
        try:
            message = self._message(task)
            while len(ends) <= MOST_RETRIES:
                try:
                    return cast(Answer, pickle.loads(worker.answer(message)))
                except _Died as death:
                    ends.append(str(death))
        except _Ended:
            raise
        except Exception as error:  # raised where the results are taken
            return None, error
        return None, TensionSimError(
            f"{said(task, position)}: {len(ends)} worker processes died of it, the last one {ends[-1]}; "
            "use fewer jobs or smaller chunks if memory is short, or run with one job to see what happens"
        )

    def _message(self, task: T) -> bytes:
        try:
            return pickle.dumps((self._function, task))
        except (pickle.PicklingError, AttributeError, TypeError) as problem:
            raise TypeError(f"a worker process cannot be sent {self._function!r} and its task: {problem}") from problem


class _Died(Exception):
    """A worker ended before it had answered; the text says how."""


class _Ended(Exception):
    """The worker has been sent away."""


class _Worker:
    """A worker process, started when it is first asked and again after a death."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._has_ended = False

    def answer(self, message: bytes) -> bytes:
        """The worker's answer to a message.

        Raises
        ------
        _Died
            If the worker died before it had answered.
        _Ended
            If the worker has been sent away.
        """
        process = self._running()
        asked, answers = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
        try:
            write(asked, message)
            return read(answers)
        except (EOFError, OSError, ValueError):  # ValueError: the stream has been closed by `end`
            with self._lock:
                status = buried(process)
                self._process = None
            raise _Died(end_in_words(status)) from None

    def end(self) -> None:
        """Kills the worker: it holds nothing that could be lost."""
        with self._lock:
            self._has_ended = True
            process, self._process = self._process, None
            if process is not None:
                process.kill()
                process.wait()
        if process is not None:
            buried(process)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._has_ended:
                raise _Ended
            if self._process is None:
                self._process = started(PROGRAM)
            return self._process


Mode = Literal["auto", "json", "none"]
Clock = Callable[[], float]

SECONDS_BETWEEN = 1.0
"""Lines of JSON come no more often, save for the last one."""

ROOMY_COLUMNS = 80
"""A narrower terminal is shown numbers without a bar."""


@contextmanager
def showing(
    total: int, mode: Mode = "auto", unit: str = "run", *, done: int = 0, clock: Clock = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """Shows on standard error how far some work has come; yields a function to call with the number newly done.

    Parameters
    ----------
    total
        How many there are to do, those of `done` included.
    mode
        "auto" draws a bar (number done, rate, time left) where standard error is a terminal, and nothing elsewhere.
        "json" writes a line of JSON a second, and a last one at the end, however it ends: `done` and `total`, `rate`
        (newly done a second since the beginning, null before anything is) and `seconds_left` at that rate (null where
        the rate is). "none" shows nothing.
    unit
        What is counted, in the singular.
    done
        How many were there before; they do not count for the rate.
    clock
        Seconds from any beginning.

    Raises
    ------
    ValueError
        If there is no such mode.
    """
    if mode not in get_args(Mode):
        raise ValueError(f"progress must be one of {', '.join(get_args(Mode))}; got {mode!r}")
    display = _display(mode, _Count(total, unit, done, clock))
    lock, over = threading.Lock(), threading.Event()

    def advance(newly: int) -> None:
        with lock:
            display.advance(newly)

    def keep_ticking() -> None:
        while not over.wait(SECONDS_BETWEEN):
            with lock:
                display.tick()

    ticker = threading.Thread(target=keep_ticking, daemon=True)
    if not isinstance(display, _Nothing):
        ticker.start()
    try:
        yield advance
    finally:
        over.set()
        if ticker.ident is not None:
            ticker.join()
        display.close()


class _Count:
    """How many are done of how many, and how fast."""

    def __init__(self, total: int, unit: str, done: int, clock: Clock) -> None:
        self.total, self.unit, self.done, self.clock = total, unit, done, clock
        self.before, self.begin = done, clock()

    def rate(self) -> float | None:
        """Newly done a second; None before anything is."""
        newly, seconds = self.done - self.before, self.clock() - self.begin
        return newly / seconds if newly and seconds > 0 else None


class _Display(Protocol):
    """One way to show progress."""

    def advance(self, newly: int) -> None:
        """So many more are done."""

    def tick(self) -> None:
        """Some time has passed."""

    def close(self) -> None:
        """No more will come."""


class _Nothing:
    """Shows nothing."""

    def advance(self, newly: int) -> None: ...

    def tick(self) -> None: ...

    def close(self) -> None: ...


class _Bar:
    """A bar on a terminal, which leaves no trace."""

    def __init__(self, count: _Count, stream: TextIO) -> None:
        from tqdm import tqdm

        numbers = "{n:,}/{total:,} " + count.unit + "s, {remaining} left, {rate_noinv_fmt}"
        is_roomy = shutil.get_terminal_size().columns >= ROOMY_COLUMNS
        self._bar = tqdm(
            total=count.total,
            initial=count.done,
            unit=count.unit,
            file=stream,
            leave=False,
            **_columns(stream),
            bar_format="{percentage:3.0f}% |{bar}| " + numbers if is_roomy else numbers,
        )

    def advance(self, newly: int) -> None:
        self._bar.update(newly)

    def tick(self) -> None:
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


def _columns(stream: TextIO) -> dict[str, Any]:
    """How wide a bar may be: as the terminal is from now on, or a fixed width where it does not tell its own.

    Terminals of some containers and recorders say that they have 0 columns and lines, in which no bar would be seen.
    """
    try:
        says = os.get_terminal_size(stream.fileno()).columns
    except (AttributeError, OSError, ValueError):
        return {"dynamic_ncols": True}
    room = shutil.get_terminal_size()
    return {"dynamic_ncols": True} if says else {"ncols": room.columns - 1, "nrows": room.lines}


class _Lines:
    """Lines of JSON; a reader who goes away is not written to any more."""

    def __init__(self, count: _Count, stream: TextIO) -> None:
        self._count, self._stream = count, stream
        self._last, self._told, self._is_read = count.begin, -1, True

    def advance(self, newly: int) -> None:
        self._count.done += newly
        self.tick()

    def tick(self) -> None:
        now = self._count.clock()
        if now - self._last >= SECONDS_BETWEEN:
            self._last = now
            self._write()

    def close(self) -> None:
        if self._told != self._count.done:
            self._write()

    def _write(self) -> None:
        count, rate = self._count, self._count.rate()
        self._told = count.done
        line = {
            "done": count.done,
            "total": count.total,
            "rate": None if rate is None else round(rate, 1),
            "seconds_left": None if rate is None else round((count.total - count.done) / rate, 1),
        }
        if self._is_read:
            try:
                self._stream.write(json.dumps(line) + "\n")
                self._stream.flush()
            except OSError:
                self._is_read = False


def _display(mode: Mode, count: _Count) -> _Display:
    stream = sys.stderr
    if stream is None or mode == "none":
        return _Nothing()
    if mode == "json":
        return _Lines(count, stream)
    return _Bar(count, stream) if stream.isatty() else _Nothing()
