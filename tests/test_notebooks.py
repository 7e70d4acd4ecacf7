"""The notebooks as they are stored; `make test` runs them too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

import tensionsim
from tensionsim.plots import style

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


def cells(path: Path) -> list[dict[str, Any]]:
    """The cells of code."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def test_there_are_notebooks() -> None:
    assert "first-steps" in {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    assert not [cell["source"] for cell in cells(path) if cell["outputs"] or cell["execution_count"]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_uses_public_names_only(path: Path) -> None:
    code = "\n".join("".join(cell["source"]) for cell in cells(path))
    assert not re.findall(r"^(?:from|import) tensionsim\.", code, re.MULTILINE)
    assert set(re.findall(r"\bts\.(\w+)", code)) <= set(tensionsim.__all__)


def test_backend_loaded_while_a_figure_is_drawn_stays_interactive() -> None:
    was_interactive = mpl.is_interactive()
    try:
        mpl.interactive(False)
        with style.theme("light"):
            mpl.interactive(True)
        assert mpl.is_interactive()
    finally:
        mpl.interactive(was_interactive)
