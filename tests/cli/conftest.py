"""The command, called in a folder of its own, where it need not draw what no test looks at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tensionsim import plots
from tensionsim.cli.main import main
from tensionsim.plots import style


@pytest.fixture
def drawn() -> None:
    """Asked for by tests that look at the overview in a folder; to draw one takes longer than the runs in it."""


@pytest.fixture(autouse=True)
def _overviews(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty figure in place of every overview that no test looks at."""
    if "drawn" in request.fixturenames:
        return
    whole = plots.draw

    def draw(kind: str, *given: Any, **how: Any) -> Any:
        return style.blank(1.0, 1.0) if kind == "backtest_overview" else whole(kind, *given, **how)

    def save_overview(_: object, folder: Path) -> None:
        style.save_in(folder, {"overview": style.blank(1.0, 1.0)})

    monkeypatch.setattr(plots, "draw", draw)
    monkeypatch.setattr(plots, "save_overview", save_overview)


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Runs the command in an empty folder; gives status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        written = capsys.readouterr()
        return status, written.out, written.err

    return run
