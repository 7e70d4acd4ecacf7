"""The gallery page: it shows every figure, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from figures import NAMES

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")
FEWER = {
    'elements=["schedule", "rule"]': 'elements=["an eye for an eye"]',
    'ts.fit("us-colombia-2017", until="2024-12-31")': 'ts.fit("us-colombia-2017", until="2018-12-31")',
    'ts.sensitivity("status-quo")': 'ts.sensitivity("status-quo", size=8)',
    'origins="2020-01-01:2024-06-30:3", refit=12': 'origins="2020-01-01:2020-12-31:3", refit=24',
    "futures=50": "futures=10",
}
"""What examples ask for, and what of it does without `--full`."""


def test_the_gallery_shows_every_figure_but_single_issues() -> None:
    shown = {name.split("-")[0] for name in re.findall(r"figures/gallery-([\w-]+)\.png", PAGE)}
    assert shown == set(NAMES) - {"issue"}
    assert all((DOCS / path).exists() for path in re.findall(r"\((figures/[^)]+)\)", PAGE))


@pytest.mark.slow
def test_examples_of_the_gallery_run(tmp_path: Path, full: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot as plt

    monkeypatch.chdir(tmp_path)
    plt.switch_backend("agg")
    monkeypatch.setitem(plt.rcParams, "figure.max_open_warning", 0)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    few = "\n".join(blocks).replace("runs=1000", "runs=20").replace('"rule"])', '"rule"], runs=20)')
    for whole, part in () if full else FEWER.items():
        assert whole in few
        few = few.replace(whole, part)
    exec(compile(few, "gallery.md", "exec"), {"__name__": "gallery"})
    assert len(plt.get_fignums()) == few.count("\nts.plots.") - few.count("\nts.plots.save(")
