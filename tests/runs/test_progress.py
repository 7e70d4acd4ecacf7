"""Progress: a bar for a person, lines for a program, nothing in a pipe."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable

import pytest

from tensionsim.runs.parallel import Mode, showing


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class ClosedPipe(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


@pytest.fixture
def clock() -> Clock:
    return Clock()


def lines_of(text: str) -> list[dict[str, float | None]]:
    return [json.loads(line) for line in text.splitlines()]


def test_lines_hold_four_numbers(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with showing(1000, "json", clock=clock) as advance:
        clock.now += 2
        advance(500)
        clock.now += 2
        advance(500)
    shown = capsys.readouterr()
    assert lines_of(shown.err) == [
        {"done": 500, "total": 1000, "rate": 250.0, "seconds_left": 2.0},
        {"done": 1000, "total": 1000, "rate": 250.0, "seconds_left": 0.0},
    ]
    assert not shown.out


def test_lines_come_at_most_once_a_second_and_never_go_back(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with showing(1000, "json", clock=clock) as advance:
        for _ in range(1000):
            clock.now += 0.0101
            advance(1)
    done = [line["done"] for line in lines_of(capsys.readouterr().err)]
    assert 10 <= len(done) <= 11
    assert done == sorted(done, key=lambda number: number or 0)
    assert done[-1] == 1000


def test_a_quick_ensemble_is_told_in_one_line(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with showing(3, "json", clock=clock) as advance:
        clock.now += 0.5
        advance(3)
    assert lines_of(capsys.readouterr().err) == [{"done": 3, "total": 3, "rate": 6.0, "seconds_left": 0.0}]


def test_before_anything_is_done_no_rate_is_told(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with showing(3, "json", clock=clock):
        clock.now += 5
    assert lines_of(capsys.readouterr().err)[-1] == {"done": 0, "total": 3, "rate": None, "seconds_left": None}


def test_an_interruption_is_told_with_how_far_it_came(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        with showing(10, "json", clock=clock) as advance:
            clock.now += 0.5
            advance(4)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert lines_of(capsys.readouterr().err) == [{"done": 4, "total": 10, "rate": 8.0, "seconds_left": 0.8}]


def test_what_was_there_before_counts_as_done_but_not_for_the_rate(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with showing(1000, "json", done=900, clock=clock) as advance:
        clock.now += 0.5
        advance(50)
    assert lines_of(capsys.readouterr().err) == [{"done": 950, "total": 1000, "rate": 100.0, "seconds_left": 0.5}]


@pytest.mark.parametrize("mode", ["auto", "none"])
def test_nothing_is_shown_in_a_pipe(mode: Mode, capsys: pytest.CaptureFixture[str]) -> None:
    with showing(10, mode) as advance:
        advance(10)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["auto", "json", "none"])
def test_without_standard_error_work_goes_on(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    with showing(10, mode) as advance:
        advance(10)


def test_a_reader_who_goes_away_does_not_stop_the_work(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", ClosedPipe())
    with showing(10, "json", clock=clock) as advance:
        clock.now += 5
        advance(10)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], str]:
    def at(columns: int) -> str:
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
        monkeypatch.setattr("tqdm.std._screen_shape_wrapper", lambda: lambda _: (columns, 24))
        with showing(1_000_000, "auto") as advance:
            advance(250_000)
            advance(250_000)
        return terminal.getvalue()

    return at


def test_a_terminal_is_shown_a_bar_with_number_rate_and_time_left(drawn: Callable[[int], str]) -> None:
    text = drawn(100)
    assert "250,000/1,000,000 runs" in text or "0/1,000,000 runs" in text
    assert "left" in text
    assert "%" in text
    assert "run/s" in text


@pytest.mark.parametrize("columns", [20, 50, 79, 80, 200])
def test_a_bar_keeps_within_its_line_and_leaves_no_trace(columns: int, drawn: Callable[[int], str]) -> None:
    pieces = drawn(columns).split("\r")
    assert max(len(piece) for piece in pieces) <= columns
    assert "\n" not in "".join(pieces)
    assert not pieces[-1].strip()
    assert not pieces[-2].strip()


def test_an_unknown_mode_is_refused() -> None:
    with (
        pytest.raises(ValueError, match="progress must be one of auto, json, none; got 'loud'"),
        showing(1, "loud"),  # type: ignore[arg-type]
    ):
        pass


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_a_terminal_that_does_not_tell_its_size_is_shown_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under `script` and in some containers: 0 columns and 0 lines."""
    reader, writer = os.openpty()
    try:
        with os.fdopen(writer, "w", encoding="utf-8") as terminal:
            monkeypatch.setattr("sys.stderr", terminal)
            with showing(4, "auto", "world") as advance:
                advance(1)
            terminal.flush()
            shown = os.read(reader, 10_000).decode()
    finally:
        os.close(reader)
    assert "0/4 worlds" in shown
