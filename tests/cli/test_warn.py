"""`tensionsim warn`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def test_the_verb_tells_writes_and_refuses(command: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    short = ("norland-suderia", "--runs", "300", "--of", "strained", "--months", "3,6")
    status, out, _ = command("warn", *short, "--plot", "a.png")
    assert status == 0
    assert command("warn", *short, "--jobs", "2")[1] == out.partition("\nWrote ")[0]
    assert "AUC, months ahead" in out
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert command("warn", *short, "--csv")[1].startswith("indicator,months,at_risk,falling,base_rate,side,auc,")
    for few in ([], ["--plot", "b.png"], ["--json"]):
        status, out, err = command("warn", "norland-suderia", "--runs", "10", *few)
        assert (status, out) == (2, "")
        assert "too few runs fall" in err
    for wrong in (["--months", "a"], ["--months", "nan"], ["--of", "strain"], ["--window", "99"]):
        status, out, err = command("warn", "norland-suderia", "--runs", "20", *wrong)
        assert (status, out) == (2, "")
        assert err
