"""`tensionsim settle`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

TABLE = """stakeholder,capability,position,salience
Netherlands,8,4,80
Belgium,8,7,40
Germany,16,4,80
France,16,10,60
UK,16,10,90
"""


def test_the_verb_tells_writes_and_refuses(command: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    Path("emission.csv").write_text(TABLE)
    status, out, _ = command("settle", "emission.csv", "--plot", "a.png")
    assert status == 0
    assert "Settlement of 5 stakeholders: 10.0" in out
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert command("settle", "emission.csv", "--csv")[1].startswith(
        "round,mean,median,condorcet,moved\n0,7.310344828,10,"
    )
    assert '"outcome": 10.0' in command("settle", "emission.csv", "--json")[1]
    Path("names.csv").write_text("stakeholder,capability,position,salience\nae+b,8,4,80\notto,8,7,40\n")
    told = command("settle", "names.csv")[1]
    assert "ae+b" in told
    assert "otto" in told
    path = ["emission.csv", "--scenario", "norland-suderia", "--issue", "water", "--csv"]
    for wrong in (path, ["emission.csv", "--issue", "water"], ["emission.csv", "--runs", "5"], ["emision.csv"]):
        assert command("settle", *wrong)[0] == 2
