"""CONTRIBUTING.md: the files that its examples name are there, and one example is followed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tensionsim.events.formats import FORMATS, EventFormat
from tensionsim.events.reading import read_events

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "src" / "tensionsim"


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`([a-z_]+/[a-z_/*]+\.(?:py|csv|md))`", TEXT))
    assert len(named) > 8
    assert [name for name in sorted(named) if not list(PACKAGE.glob(name)) and not (ROOT / name).exists()] == []


def test_an_event_format_is_one_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    row = EventFormat(
        title="Harbour log",
        columns={"date": ("moored",), "source": ("flag",), "target": ("port",), "code": ("deed",), "score": ("tone",)},
        headless={8: ("Harbour log", {0: "moored", 1: "flag", 2: "port", 3: "deed", 4: "tone"})},
    )
    monkeypatch.setitem(FORMATS, "harbour", row)  # type: ignore[arg-type]
    headed, bare = tmp_path / "headed.csv", tmp_path / "bare.csv"
    rows = ["2004-02-06,ISR,PSE,020,1.0,4,x,2", "2004-02-07,PSE,ISR,190,-9.0,4,y,1"]
    headed.write_text("\n".join(["moored,flag,port,deed,tone,berth,pilot,tide", *rows]), encoding="utf-8")
    bare.write_text("\n".join(rows), encoding="utf-8")
    for path in (headed, bare):
        found = read_events(path, dyad=("ISR", "PSE"), scale="file")
        assert found.score.tolist() == [1.0, -9.0]
        assert found.report.form.startswith("Harbour log, known by its ")
