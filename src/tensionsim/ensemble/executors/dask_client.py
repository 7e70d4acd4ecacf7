"""Workers of Dask: those of a running scheduler, or some on this machine.

Workers and caller must be of one version, or an ensemble would be the work of two models: every task says who asks,
and a worker of another version refuses.
"""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import queue
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tensionsim.ensemble.executors import stamp
from tensionsim.ensemble.executors.interface import R, T, said
from tensionsim.ensemble.executors.worker import Answer, answer
from tensionsim.errors import TensionSimError

if TYPE_CHECKING:
    from distributed import Client, Future

SECONDS_TO_ANSWER = 10
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
        client, asker, name = self._client, stamp.own(), f"tensionsim-{uuid.uuid4().hex}"
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
        client: Client = self._opened.enter_context(Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False))
        self._wait_for_workers(client, address)
        return client

    def _address(self) -> str:
        """Where the scheduler is; starts one where none is named."""
        if self._scheduler is None:
            from tensionsim.ensemble.executors.dask_local import cluster

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

    def __init__(self, asker: stamp.Stamp, message: bytes) -> None:
        self._asker, self._message = asker, message

    def __reduce__(self) -> tuple[Callable[..., Answer], tuple[stamp.Stamp, bytes]]:
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
            f"{stamp.own().in_words()}"
        ) from problem
    if error is not None:
        raise error
    return result


def answer_to(asker: stamp.Stamp, message: bytes) -> Answer:
    """Answer to a task, in a worker of Dask; a refusal where the one who asks is of another version."""
    return answer(message) if asker == stamp.own() else (None, TensionSimError(stamp.refusal(asker)))


def _check_that_it_answers(address: str) -> None:
    """TensionSimError where no Dask is at an address: a client that has failed to connect takes long to give up."""
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
