"""What a worker process does: take a task, answer with its result, until nobody asks any more."""

from __future__ import annotations

import os
import pickle
import queue
import threading
import traceback
from typing import Any, BinaryIO

from tensionsim.ensemble.executors import children, messages
from tensionsim.errors import TensionSimError

Answer = tuple[Any, BaseException | None]


def serve() -> None:
    """Answers tasks from standard input on standard output; ends with the process that started this one.

    Ctrl-C is that process's to handle. What a task prints goes to standard error.
    """
    children.ignore_interrupts()
    asked, answers = children.own_streams()
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked, tasks), daemon=True).start()
    while True:
        message = pickle.dumps(answer(tasks.get()))
        try:
            messages.write(answers, message)
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
            tasks.put(messages.read(asked))
    except (EOFError, OSError):
        os._exit(0)
