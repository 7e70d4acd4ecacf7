"""What all tests share: figures without a screen, hypothesis without a clock, the full numbers, and who runs where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked `full` unless asked; sends a file's tests to one worker, as they share caches."""
    if not config.getoption("full"):
        left_out = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("full")]
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            item.add_marker(pytest.mark.xdist_group(group_of(item.path)))


def group_of(path: Path) -> str:
    """Whose tests run on one worker: those of a file; of the claims those of the folder, which share their worlds."""
    return os.path.relpath(path.parent if path.parent.name == "claims" else path, HERE)
