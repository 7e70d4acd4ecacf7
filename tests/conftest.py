"""What all tests share: figures without a screen, hypothesis without a clock, the full numbers, and who runs where."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "agg")
# Workers share the cores already; the arrays of a fit are too small for threads to pay.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A busy machine is no defect. In CI the examples are the same every time, so that a change is judged alone.
settings.register_profile("tensionsim", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("tensionsim")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`: what `make test-all` adds."""
    parser.addoption("--full", action="store_true", help="with the full numbers, and the tests marked `full`")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the full numbers are asked for; a change is judged by the same questions with smaller ones."""
    return bool(request.config.getoption("full"))


@pytest.fixture(autouse=True)
def _no_figures_left() -> Iterator[None]:
    """What a test draws is closed with it, so that the next one of the process is warned of no other's figures."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


LONGEST = ("tests/claims/", "test_examples.py", "test_figures.py", "test_browser.py", ".ipynb")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is `full` unless it is asked for; begins with the longest, so that workers end together."""
    items.sort(key=lambda item: not any(part in item.nodeid for part in LONGEST))
    if not config.getoption("full"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("full")])
        items[:] = [item for item in items if not item.get_closest_marker("full")]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Sends the tests of a file to one worker, and those of the claims, which share their worlds, all together."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "claims" if "/claims/" in file else file

    return ByFile(config, log)
