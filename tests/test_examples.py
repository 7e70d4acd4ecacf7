"""Examples: docstrings, pages and README.md do what they say. A call that several of them show is made once."""

from __future__ import annotations

import doctest
import functools
import importlib
import inspect
import json
import operator
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import tensionsim
from tensionsim.cli.main import command
from test_public_api import FROZEN

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"README.md": ROOT / "README.md", **{path.name: path for path in (ROOT / "docs").glob("*.md")}}
WITH_EXAMPLES = [name for name in FROZEN if name not in ("__version__", "plots")]

SHARED = ("backtest", "compare", "effects", "fit", "forecast", "replicate", "run")
"""Public functions that take long, and whose results no example changes."""

FEWER_WORLDS = {
    '"rhetoric", against="managed"': '"left-stays", against="status-quo"',
    'elements=["schedule"]': 'elements=["an eye for an eye"]',
}
"""What differs in much, or has several elements, and what differs in one thing."""

_MADE: dict[str, Any] = {}


def once(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A public function that answers plain arguments with what it gave before, unless it keeps that in a folder."""

    @functools.wraps(function)
    def remembered(*args: Any, **kwargs: Any) -> Any:
        try:
            call = json.dumps([name, args, kwargs], sort_keys=True)
        except TypeError:
            return function(*args, **kwargs)
        if "store" in kwargs:
            return function(*args, **kwargs)
        if call not in _MADE:
            _MADE[call] = function(*args, **kwargs)
        return _MADE[call]

    return remembered


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in, and calls that are not made twice."""
    monkeypatch.chdir(tmp_path)
    for name in SHARED:
        monkeypatch.setattr(tensionsim, name, once(name, getattr(tensionsim, name)))


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = PAGES[page].read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def check(example: doctest.DocTest) -> None:
    report: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=report.append)
    assert example.examples, f"{example.name} has no example"
    assert not report, "".join(report)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_example_of_a_public_name_runs(name: str) -> None:
    found = inspect.unwrap(operator.attrgetter(name)(tensionsim))  # where it is defined, `open` is Python's own
    home = importlib.import_module(found.__module__)
    (example, *_) = doctest.DocTestFinder(recurse=False).find(found, f"tensionsim.{name}", module=home)
    check(example)


@pytest.mark.parametrize("page", ["README.md", "howto.md", "play.md", "scoring.md"])
def test_python_of_a_page_runs(page: str, full: bool) -> None:
    text = "\n".join(blocks(page, "python"))
    assert text
    few = re.sub(r"\bruns=(?:1000|[1-4]00)\b", "runs=40", text)
    for whole, part in FEWER_WORLDS.items():
        few = few.replace(whole, part)
    exec(compile(text if full else few, page, "exec"), {"__name__": page})


def test_every_line_of_the_first_hour_runs(full: bool) -> None:
    """In the page's order: files are written where the page has them, the shell's own lines are left out."""
    page = PAGES["first-hour.md"].read_text(encoding="utf-8")
    files = {"yaml": "tokyo-seoul.yaml", "text": "events.csv"}
    told = ""
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        if language in files:
            Path(files[language]).write_text(block, encoding="utf-8")
            continue
        few = (
            block
            if full
            else block.replace("300", "20").replace("--outlook controls --r", "--orders 4 --outlook controls --r")
        )
        if language == "python":
            exec(compile(few, "first-hour.md", "exec"), {})
        for line in few.splitlines() if language == "sh" else ():
            if line.startswith("tensionsim "):
                done = CliRunner().invoke(command(), shlex.split(line)[1:])
                assert done.exit_code == 0, f"{line}\n{done.output}"
                told += done.output
    assert "in all: the mean goes from 70.9 to" in told, "a run from observed events starts where they end"
    for made in ("outlooks.png", "outlooks.pdf", "fan.svg", "briefing.html", "results/tokyo-seoul/overview.png"):
        assert Path(made).stat().st_size > 1000
