"""Progress: how far an ensemble has come, for a person at a terminal or a program that reads standard error."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol, TextIO, get_args

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
