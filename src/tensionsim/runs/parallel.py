"""Tasks done here, in processes of this machine or by workers of Dask, and how far they have come.

Whoever does a task, its result is the same; a task whose worker died is done again. Worker processes are fresh Pythons
that read tasks from a socket: they import nothing of the caller's script, so that neither a notebook nor a script
without `if __name__ == "__main__"` troubles them, and end with the process that started them. A result comes back in
memory that both processes map.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import shutil
import signal
import sys
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TextIO, TypeVar, cast, get_args

from tensionsim.errors import TensionSimError, whole

if TYPE_CHECKING:
    import socket
    import subprocess
    from multiprocessing.connection import Connection

    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")
Answer = tuple[Any, BaseException | None]
Kind = Literal["serial", "processes", "dask"]

MOST_RETRIES = 3
"""How often a task is done again whose worker died."""

FEWEST_TASKS = 6
"""With fewer parts than this one process is done about as soon as two, which have to start first (docs/clusters.md)."""

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Settings of linear algebra libraries: workers share the processors among themselves already."""


class Executor:
    """Does tasks, `workers` at a time.

    is_local : if in this very process, where a function may call back. is_distant : if perhaps on other machines.
    """

    workers = 1
    is_local = is_distant = False

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Position of each task and its result, in any order, as they finish.

        At most twice as many tasks as there are workers are on their way or waiting to be taken. A task whose worker
        died is done again, at most `MOST_RETRIES` times. `function` is found by its module and name.
        """
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        """Ends all that was started."""


def executor(
    jobs: int | Literal["auto"] = 1, kind: str | None = None, scheduler: str | None = None, *, tasks: int | None = None
) -> Executor:
    """The executor that is asked for; enter it with `with`."""
    if kind not in (None, *get_args(Kind)):
        raise TensionSimError(f"there is no executor {kind!r}; there are {', '.join(get_args(Kind))}")
    if scheduler is not None and kind in ("serial", "processes"):
        raise TensionSimError(f"a scheduler is for the executor dask, not for {kind}; leave one of the two out")
    if jobs != "auto":
        workers = whole("jobs", jobs, least=1)
    else:
        workers = 1 if tasks is not None and tasks < FEWEST_TASKS else processors()
    if tasks is not None:
        workers = max(1, min(workers, tasks))
    if kind == "dask" or scheduler is not None:
        return Dask(scheduler, workers)
    if kind == "serial" and jobs not in (1, "auto"):
        raise TensionSimError(f"the executor serial has one job, not {jobs}; leave one of the two out")
    if kind == "serial" or (kind is None and workers == 1):
        return Serial()
    return Processes(workers)


def processors() -> int:
    """How many processors this process may use, as a queueing system or `taskset` has left them to it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe_task(task: object, position: int) -> str:
    """The task in words: the runs that it stands for where it has `first_run` and `runs`, else its place."""
    first, runs = getattr(task, "first_run", None), getattr(task, "runs", None)
    if isinstance(first, int) and isinstance(runs, int):
        return f"runs {first:,} to {first + runs - 1:,}"
    return f"task {position + 1:,}"


class MadeWhenAsked(Sequence[T]):
    """So many tasks, each made of its place when it is asked for, since all at once would be large."""

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._places, self._make = range(count), make

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, place: Any) -> Any:
        return self._make(self._places[place])


class Serial(Executor):
    """Does tasks here, in their order."""

    is_local = True

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        return ((position, function(task)) for position, task in enumerate(tasks))


class Processes(Executor):
    """Does tasks in worker processes, which are started when there is something to do and kept until the end."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._staff: list[_Worker] = []

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        from multiprocessing.connection import wait

        while len(self._staff) < min(self.workers, len(tasks)):
            self._staff.append(_Worker())
        ends = Counter[int]()
        waiting = iter(range(len(tasks)))
        left = len(tasks)
        try:
            for worker in [*self._staff, *self._staff]:  # one task to do, one to go on with
                self._hand_next(worker, function, tasks, waiting)
            while left:
                busy = {worker.connection: worker for worker in self._staff if worker.tasks}
                for connection in wait(list(busy)):
                    worker = busy[cast("Connection", connection)]
                    try:
                        result, error = receive(worker.connection, worker.socket)
                    except (EOFError, OSError):  # it died before it had answered
                        position = worker.tasks[0][0]
                        how, ends[position] = worker.end(), ends[position] + 1
                        if ends[position] > MOST_RETRIES:
                            raise TensionSimError(
                                f"{describe_task(tasks[position], position)}: {ends[position]} worker processes died "
                                f"of it, the last one {how}; use fewer jobs or smaller chunks if memory is short, or "
                                "run with one job to see what happens"
                            ) from None
                        self._staff[self._staff.index(worker)] = _Worker(worker.tasks)
                        continue
                    position, _ = worker.tasks.popleft()
                    if error is not None:
                        raise error
                    left -= 1
                    yield position, result
                    del result
                    self._hand_next(worker, function, tasks, waiting)
        finally:
            if left:
                self.__exit__()

    @staticmethod
    def _hand_next(worker: _Worker, function: Callable[[T], R], tasks: Sequence[T], waiting: Iterator[int]) -> None:
        """Gives a worker the next task, if there is one."""
        if (position := next(waiting, None)) is None:
            return
        try:
            worker.give(position, message_of(function, tasks[position]))
        except (pickle.PicklingError, AttributeError, TypeError) as problem:
            raise TypeError(f"a worker process cannot be sent {function!r} and its task: {problem}") from problem

    def __exit__(self, *problem: object) -> None:
        """Ends all workers, whatever they are doing: they hold nothing that could be lost."""
        staff, self._staff = self._staff, []
        for worker in staff:
            worker.process.kill()
        for worker in staff:
            worker.end()


class _Worker:
    """A worker process and the tasks that it was given, the first of which it is at."""

    def __init__(self, tasks: Sequence[tuple[int, bytes]] = ()) -> None:
        from multiprocessing.connection import Connection

        self.tasks: deque[tuple[int, bytes]] = deque()
        self.process, self.socket = started("work()")
        self.connection = Connection(os.dup(self.socket.fileno()))
        for position, message in tasks:
            self.give(position, message)

    def give(self, position: int, message: bytes) -> None:
        self.tasks.append((position, message))
        with suppress(OSError):  # where it is dead, that shows when its answer is read
            self.connection.send_bytes(message)

    def end(self) -> str:
        """Kills the worker if it has not ended; how it ended, in words."""
        self.process.kill()
        self.connection.close()
        self.socket.close()
        return end_in_words(self.process.wait())


def started(call: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A new Python that calls a function of this module, out of reach of Ctrl-C, and the socket that is its input."""
    import socket
    import subprocess

    if not sys.executable:
        raise TensionSimError("this Python does not know its own program, so that it cannot start others; use one job")
    program = f"import sys; sys.path[:] = {sys.path!r}; from tensionsim.runs import parallel; parallel.{call}"
    ours, theirs = socket.socketpair()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=theirs.fileno(),
            stdout=2,
            env=dict.fromkeys(ONE_THREAD, "1") | dict(os.environ),
            process_group=0,
        )
    except OSError as problem:
        ours.close()
        raise TensionSimError(f"a worker process cannot be started: {problem}; use one job") from problem
    finally:
        theirs.close()
    return process, ours


def end_in_words(status: int) -> str:
    """How a process with that status ended."""
    if status >= 0:
        return f"with status {status}"
    name = {each.value: each.name for each in signal.Signals}.get(-status, f"signal {-status}")
    return f"by {name}" + (", as the system does when memory runs out" if name == "SIGKILL" else "")


def own_socket() -> socket.socket:
    """The socket that this process was started with, for messages alone: who reads standard input finds nothing."""
    import socket

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is left to the process that started this one
    ours = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return ours


def work() -> None:
    """Answers tasks until the process that started this one ends; then ends too, even amid a task."""
    from multiprocessing.connection import Connection

    ours = own_socket()
    connection = Connection(os.dup(ours.fileno()))
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        try:
            while True:
                tasks.put(connection.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        send(connection, ours, answer(tasks.get()))


def message_of(function: Callable[[T], R], task: T) -> bytes:
    """A task as it is sent. Agents and mechanisms of a script or a notebook go with it, as no worker imports those."""
    import cloudpickle

    message: bytes = cloudpickle.dumps((function, task))
    return message


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


ALIGNED = 64
"""Arrays begin at multiples of so many bytes, a line of the processor's cache."""


def send(connection: Connection, ours: socket.socket, message: object) -> None:
    """Sends anything with its arrays, in a nameless file in memory whose descriptor goes over the socket."""
    import socket
    from tempfile import TemporaryFile

    buffers: list[pickle.PickleBuffer] = []
    parts = [memoryview(pickle.dumps(message, protocol=5, buffer_callback=buffers.append))]
    parts += [buffer.raw() for buffer in buffers]
    in_memory = (
        partial(os.fdopen, os.memfd_create("tensionsim"), "w+b") if hasattr(os, "memfd_create") else TemporaryFile
    )
    with cast("Any", in_memory(buffering=0)) as file:
        spans = []
        for part in parts:
            first = file.seek(-file.tell() % ALIGNED, os.SEEK_CUR)
            file.write(part)
            spans.append((first, file.tell()))
        file.truncate(max(1, file.tell()))
        file.flush()
        connection.send(spans)
        socket.send_fds(ours, [b"."], [file.fileno()])


def receive(connection: Connection, ours: socket.socket) -> Any:
    """What `send` sent; its arrays lie in the memory that both map, and free it when they go."""
    import socket
    from mmap import mmap

    spans = connection.recv()
    _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
    try:
        whole_file = memoryview(mmap(descriptor, 0))
    finally:
        os.close(descriptor)
    pickled, *arrays = (whole_file[first:after] for first, after in spans)
    return pickle.loads(pickled, buffers=arrays)


@dataclass(frozen=True, slots=True)
class CodeVersion:
    """What must be alike for the same numbers; NumPy's version need not."""

    tensionsim: str
    fingerprint: str
    rounding: str
    numpy: str = field(compare=False)

    def __str__(self) -> str:
        return (
            f"tensionsim {self.tensionsim} (fingerprint {self.fingerprint[:8]}) "
            f"with NumPy {self.numpy} (rounding {self.rounding[:8]})"
        )


@cache
def own_version() -> CodeVersion:
    """The version of this process."""
    import numpy as np

    import tensionsim
    from tensionsim.runs.store import fingerprint, rounding

    return CodeVersion(tensionsim.__version__, fingerprint(), rounding(), np.__version__)


def refusal(asker: CodeVersion) -> str:
    """Why a process of this version does not work for one of another."""
    mine = own_version()
    mend = "install the same for workers and caller, and start the workers anew"
    if (mine.tensionsim, mine.fingerprint) == (asker.tensionsim, asker.fingerprint):
        mend = "take processors of one kind, or set NPY_DISABLE_CPU_FEATURES alike everywhere (see docs/clusters.md)"
    return f"a Dask worker has {mine}, but here it is {asker}: their runs would not be one ensemble; {mend}"


def answer_to(asker: CodeVersion, message: bytes) -> Answer:
    """Answer to a task, in a worker of Dask; a refusal where the one who asks is of another version."""
    return answer(message) if asker == own_version() else (None, TensionSimError(refusal(asker)))


class _Asked:
    """A task on its way: reading it does it, so that schedulers, which read functions too, need no tensionsim."""

    def __init__(self, message: bytes) -> None:
        self._message = message

    def __reduce__(self) -> tuple[Callable[..., Answer], tuple[CodeVersion, bytes]]:
        return answer_to, (own_version(), self._message)


SECONDS_TO_ANSWER = 10
"""A scheduler that has not answered by then is not there."""

SECONDS_TO_JOIN = 120
"""A queueing system may start workers later than their scheduler."""

SECONDS_TO_LOOK = 5
"""How often is looked whether workers are left, when nothing comes."""


class Dask(Executor):
    """Does tasks in the workers of a Dask scheduler; without one, in as many workers on this machine as are wanted."""

    is_distant = True

    def __init__(self, scheduler: str | None, workers: int) -> None:
        self._scheduler, self.workers = scheduler, workers
        self._opened = ExitStack()
        self._client: Client | None = None

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
        client, name = self._client, f"tensionsim-{os.urandom(16).hex()}"
        finished: queue.SimpleQueue[Future[Answer]] = queue.SimpleQueue()
        positions: dict[Future[Answer], int] = {}
        waiting = iter(enumerate(tasks))

        def send_more() -> None:
            self.workers = max(1, sum(client.nthreads().values()))
            while len(positions) < 2 * self.workers and (following := next(waiting, None)) is not None:
                position, task = following
                message = pickle.dumps(_Asked(message_of(function, task)))
                future = client.submit(pickle.loads, message, key=f"{name}-{position}", pure=False)
                positions[future] = position
                future.add_done_callback(finished.put)

        try:
            send_more()
            while positions:
                future = self._next(finished)
                position = positions.pop(future)
                result, error = _answer_of(future, describe_task(tasks[position], position))
                if error is not None:
                    raise error
                del future  # lets the scheduler forget the result
                yield position, result
                send_more()
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
                client = self._client
                has_workers = client is not None and client.status == "running" and client.nthreads()
                patience = SECONDS_TO_JOIN if has_workers else patience - SECONDS_TO_LOOK
        raise TensionSimError(
            f"the Dask scheduler has had no worker for {SECONDS_TO_JOIN} seconds; what is stored stays, so start "
            "workers again and resume"
        )

    def _connected(self) -> Client:
        try:
            from distributed import Client
            from distributed import TimeoutError as NobodyCame
        except ImportError:
            words = "the executor dask needs the package distributed, which is not installed; install it with: "
            raise TensionSimError(words + "python -m pip install 'tensionsim[dask]'") from None
        self._opened.enter_context(_quiet())
        if self._scheduler is None:
            address = self._opened.enter_context(cluster(self.workers))
        elif (path := self._scheduler).endswith(".json"):
            try:
                address = str(json.loads(Path(path).read_text(encoding="utf-8"))["address"])
            except (OSError, ValueError, KeyError, TypeError) as problem:
                raise TensionSimError(
                    f"{path} is no scheduler file of Dask: {_first_line(problem)}; "
                    f"start the scheduler with `dask scheduler --scheduler-file {path}`"
                ) from problem
        else:
            address = self._scheduler
        _check_that_it_answers(address)
        client: Client = self._opened.enter_context(Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False))
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_JOIN)
        except NobodyCame:
            raise TensionSimError(
                f"the Dask scheduler at {address} has had no worker for {SECONDS_TO_JOIN} seconds; "
                f"start some with `dask worker {address}`"
            ) from None
        self.workers = max(1, sum(client.nthreads().values()))
        return client


def _answer_of(future: Future[Answer], runs: str) -> Answer:
    """The answer to a task, in words where Dask speaks."""
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    try:
        return future.result()
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
            f"{own_version()}"
        ) from problem


def _check_that_it_answers(address: str) -> None:
    """TensionSimError where no Dask is at an address: a client that has failed to connect takes long to give up."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from distributed.comm.core import connect

    async def knock() -> None:
        comm = await asyncio.wait_for(connect(address, timeout=SECONDS_TO_ANSWER), SECONDS_TO_ANSWER + 1)
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


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Dask from telling standard error of every worker that comes or goes; what matters reaches the caller."""
    import logging

    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    levels = {logger: logger.level for logger in map(logging.getLogger, names) if logger.level}
    for logger, level in levels.items():
        logger.setLevel(max(level, logging.CRITICAL))
    try:
        yield
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]


SECONDS_TO_END = 10
SECONDS_TO_CONNECT = 3
"""A worker on the same machine that has not answered by then is dead; Dask would wait for half a minute."""


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Address of a scheduler with so many worker processes of one thread, reached from this machine alone."""
    import socket
    import subprocess

    process, ours = started(f"serve_cluster({workers})")
    try:
        said = ours.makefile(encoding="utf-8").readline().strip() or "it ended before it had begun"
        if not said.startswith("tcp://"):
            raise TensionSimError(f"a Dask cluster cannot be started on this machine: {said}; use --executor processes")
        yield said
    finally:
        ours.shutdown(socket.SHUT_RDWR)
        ours.close()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve_cluster(workers: int) -> None:
    """Runs a cluster until the process that started this one lets it go; tells its address, or what is wrong."""
    ours = own_socket()
    import dask
    from distributed import LocalCluster

    dask.config.set({"distributed.comm.timeouts.connect": SECONDS_TO_CONNECT})
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
        ours.sendall(f"{type(problem).__name__}: {_first_line(problem)}\n".encode())
        return
    with local:
        ours.sendall(f"{local.scheduler_address}\n".encode())
        ours.recv(1)


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
    if mode not in get_args(Mode):
        raise ValueError(f"progress must be one of {', '.join(get_args(Mode))}; got {mode!r}")
    stream = sys.stderr
    is_seen = stream is not None and (stream.isatty() or type(stream).__module__ == NOTEBOOK)
    if stream is None or mode == "none" or (mode == "auto" and not is_seen):
        yield lambda newly: None
        return
    display = _Lines(stream, total, done, clock) if mode == "json" else _bar(stream, total, done, unit)
    lock, over = threading.Lock(), threading.Event()

    def advance(newly: int) -> None:
        with lock:
            display.update(newly)

    def keep_ticking() -> None:
        while not over.wait(SECONDS_BETWEEN):
            with lock:
                display.refresh()

    ticker = threading.Thread(target=keep_ticking, daemon=True)
    ticker.start()
    try:
        yield advance
    finally:
        over.set()
        ticker.join()
        display.close()


def _bar(stream: TextIO, total: int, done: int, unit: str) -> Any:
    """A bar on a terminal or in a notebook, which leaves no trace; of a fixed width where a terminal has 0 columns."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a notebook without ipywidgets gets a bar of letters
        from tqdm.auto import tqdm

    room = shutil.get_terminal_size()
    numbers = "{n:,}/{total:,} " + unit + "s, {remaining} left, {rate_noinv_fmt}"
    try:
        is_told = os.get_terminal_size(stream.fileno()).columns > 0
    except (AttributeError, OSError, ValueError):
        is_told = True
    size: dict[str, Any] = {"dynamic_ncols": True} if is_told else {"ncols": room.columns - 1, "nrows": room.lines}
    return tqdm(
        total=total,
        initial=done,
        unit=unit,
        file=stream,
        leave=False,
        bar_format="{percentage:3.0f}% |{bar}| " + numbers if room.columns >= ROOMY_COLUMNS else numbers,
        **size,
    )


class _Lines:
    """Lines of JSON; a reader who goes away is not written to any more."""

    def __init__(self, stream: TextIO, total: int, done: int, clock: Clock) -> None:
        self._stream, self._total, self._clock = stream, total, clock
        self._done = self._before = done
        self._begin = self._last = clock()
        self._told = -1

    def update(self, newly: int) -> None:
        self._done += newly
        self.refresh()

    def close(self) -> None:
        if self._told != self._done:
            self.refresh(after=0.0)

    def refresh(self, after: float = SECONDS_BETWEEN) -> None:
        if (now := self._clock()) - self._last < after:
            return
        self._last, self._told = now, self._done
        newly, seconds = self._done - self._before, self._last - self._begin
        rate = newly / seconds if newly and seconds > 0 else None
        left = None if rate is None else round((self._total - self._done) / rate, 1)
        line = {"done": self._done, "total": self._total, "rate": rate and round(rate, 1), "seconds_left": left}
        try:
            self._stream.write(json.dumps(line) + "\n")
            self._stream.flush()
        except OSError:
            self._stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
