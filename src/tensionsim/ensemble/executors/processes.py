"""Worker processes on this machine.

Each worker is a Python of its own that talks to this process through its standard input and output, not one of
`multiprocessing`: so nothing of the caller's script is imported again (a script needs no `if __name__ == "__main__"`,
a notebook works), no locks or threads are inherited in the middle of something as by fork, a worker that is killed
costs only its own task, and workers end with this process even when that is killed outright.
"""

from __future__ import annotations

import pickle
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Generic, Self, cast

from tensionsim.ensemble.executors import children, messages
from tensionsim.ensemble.executors.interface import MOST_RETRIES, R, T, said
from tensionsim.ensemble.executors.worker import Answer
from tensionsim.errors import TensionSimError

PROGRAM = "from tensionsim.ensemble.executors import worker; worker.serve()"


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
            messages.write(asked, message)
            return messages.read(answers)
        except (EOFError, OSError, ValueError):  # ValueError: the stream has been closed by `end`
            with self._lock:
                status = children.buried(process)
                self._process = None
            raise _Died(children.end_in_words(status)) from None

    def end(self) -> None:
        """Kills the worker: it holds nothing that could be lost."""
        with self._lock:
            self._has_ended = True
            process, self._process = self._process, None
            if process is not None:
                process.kill()
                process.wait()
        if process is not None:
            children.buried(process)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._has_ended:
                raise _Ended
            if self._process is None:
                self._process = children.started(PROGRAM)
            return self._process
