"""What `tensionsim check` tells of judgements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

SCENARIO = """tensionsim: 1
title: Mine
extends: norland-suderia
actors:
  norland: {rhetoric: {experts: panel.csv, range: [0, 1]}}
  suderia: {rhetoric: {uniform: [0, 1]}}
consistency:
  states:
    loud: {actors.norland.rhetoric: above 0.5}
    shy: {actors.suderia.rhetoric: below 0.5}
  table: {loud: {shy: TABLE}}
"""


def test_check_tells_pools_and_what_a_table_rules_out(command: Callable[..., tuple[int, str, str]]) -> None:
    Path("panel.csv").write_text("expert,5,50,95\nann,0.2,0.4,0.6\nbob,0.4,0.6,0.8\n")
    Path("mine.yaml").write_text(SCENARIO.replace("TABLE", "-3"))
    status, out, _ = command("check", "mine.yaml")
    words = " ".join(out.split())
    assert status == 0
    assert "panel.csv, linear pool of 2 at 5, 50 and 95 %: ann 0.2 / 0.4 / 0.6; bob 0.4 / 0.6 / 0.8; together" in words
    assert "consistency: WARNING, of 10,000 draws 2" in words
    assert "loud with shy (-3)" in words
    Path("mine.yaml").write_text(SCENARIO.replace("TABLE", "-1"))
    assert "consistency: none of 10,000 draws" in " ".join(command("check", "mine.yaml")[1].split())
