"""`tensionsim replicate`: what it prints, failures included, and how it refuses."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensionsim as ts
from tensionsim import replication as recovery
from tensionsim.replication import COLUMNS

Call = Callable[..., tuple[int, str, str]]
EVENTS = ("goldstein-freeman", "--events", "events.csv", "--dyad", "AVA", "BRI")


MADE: dict[str, ts.Replication] = {}


@pytest.fixture
def call(command: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs the command in an empty folder; gives status, output and errors. What is asked again is shown again."""
    whole = ts.replicate

    def replicate(*names: str, events: ts.EventHistory | None = None, **how: Any) -> ts.Replication:
        asked = f"{names} {events and len(events)} {how}"
        if asked not in MADE:
            MADE[asked] = whole(*names, events=events, **how)
        return MADE[asked]

    monkeypatch.setattr(ts, "replicate", replicate)
    return partial(command, "replicate")


@pytest.fixture
def contrary(tmp_path: Path) -> None:
    """A file of two sides that answer harshness with kindness, and kindness with harshness."""
    rng, last, rows = np.random.default_rng(4), [1, -1], ["date,source,target,cameo"]
    for month in range(180):
        last = [1 if rng.uniform() < (0.9 if last[1 - side] < 0 else 0.1) else -1 for side in (0, 1)]
        for side, (source, target) in enumerate((("AVA", "BRI"), ("BRI", "AVA"))):
            rows.append(
                f"{1990 + month // 12}-{1 + month % 12:02d}-01,{source},{target},{'040' if last[side] > 0 else '190'}"
            )
    (tmp_path / "events.csv").write_text("\n".join(rows), encoding="utf-8")


def test_it_prints_published_beside_obtained_and_a_count(call: Call) -> None:
    status, output, errors = call("hawkes")
    assert (status, errors) == (0, "")
    for word in ("published", "obtained", "agrees", "branching ratio reported", "Biometrika"):
        assert word in output
    assert output.splitlines()[-1].startswith("11 of 11 checks agree. Seed 0")
    assert "What does not agree" not in output
    assert "\x1b" not in output


@pytest.mark.usefixtures("contrary")
def test_failures_are_marked_told_and_no_error(call: Call) -> None:
    status, output, errors = call(*EVENTS)
    assert (status, errors) == (0, "")
    assert "! reciprocity of ava, sign" in output
    assert "NO" in output
    told = " ".join(output.partition("What does not agree")[2].split())
    assert "! reciprocity of bri, sign: published above 0 (Goldstein & Freeman (1990)), obtained -" in told


@pytest.mark.usefixtures("contrary")
@pytest.mark.parametrize("columns", ["40", "60", "100"])
def test_it_fits_the_terminal_and_marks_failures_there_too(
    call: Call, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    output = call(*EVENTS)[1]
    assert max(len(line) for line in output.splitlines()) <= int(columns)
    assert "! reciprocity" in output


def test_without_events_the_study_is_listed_as_skipped(call: Call) -> None:
    status, output, _ = call("goldstein-freeman")
    assert status == 0
    assert "Skipped, as it needs event data" in " ".join(output.split())
    assert "--events FILE --dyad ISR PSE" in " ".join(output.split())
    assert "0 of 0 checks agree." in " ".join(output.split())


def test_few_histories_are_shown_and_said_not_to_count(call: Call) -> None:
    status, output, _ = call("recovery", "--replications", "1", "--seed", "3")
    assert status == 0
    assert "(few)" in output
    assert "Fewer than 50 are shown and do not count" in " ".join(output.split())


def test_json_and_csv_hold_the_same_checks(call: Call) -> None:
    told = json.loads(call("hawkes", "--seed", "2", "--json", "-q")[1])
    rows = list(csv.DictReader(StringIO(call("hawkes", "--seed", "2", "--csv")[1])))
    assert tuple(rows[0]) == COLUMNS
    assert told["seed"] == 2
    assert [float(row["obtained"]) for row in rows] == pytest.approx([one["obtained"] for one in told["checks"]])
    assert [row["agrees"] for row in rows] == [str(one["agrees"]) for one in told["checks"]]


def test_the_help_says_that_a_disagreement_is_no_error(call: Call) -> None:
    status, output, _ = call("--help")
    assert status == 0
    assert "a disagreement is a result, not an error" in " ".join(output.split())


def test_an_interruption_ends_it_without_a_traceback(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(recovery, "recover", interrupted)
    status, output, errors = call("recovery", "--replications", "2")
    assert (status, output) == (130, "")
    assert errors.strip() == "interrupted; nothing of it is kept"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("richardsen",), "'richardson'"),
        (("hawkes", "--replications", "0"), "--replications"),
        (("hawkes", "--replications", "60"), "replications: of no use to hawkes"),
        (("hawkes", "--jobs", "2"), "jobs: of no use to hawkes"),
        (("hawkes", "--jobs", "many"), "neither a number of jobs"),
        (("goldstein-freeman", "--seed", "1"), "seed: of no use to goldstein-freeman"),
        (("hawkes", "--events", "nowhere.csv"), "events: of no use to hawkes"),
        (("goldstein-freeman", "--events", "nowhere.csv"), "nowhere.csv"),
        (("--dyad", "ISR", "PSE"), "--dyad: how the events of --events FILE are read; name the file"),
        (("--scale", "keds", "--one-a-day", "agents"), "--scale, --one-a-day: how the events"),
        (("hawkes", "--json", "--csv"), "exclude each other"),
    ],
)
def test_faults_are_said(call: Call, arguments: tuple[str, ...], said: str) -> None:
    status, output, errors = call(*arguments)
    assert (status, output) == (2, "")
    assert said in errors
    assert "Traceback" not in errors
    assert os.listdir() == []
