"""What every supported Python is asked: all imports, each shipped scenario, the same bytes, one use of each verb."""

from __future__ import annotations

import importlib
import io
import pkgutil
import shlex
from pathlib import Path

import pytest

import tensionsim as ts
from tensionsim.cli.main import command, main

pytestmark = pytest.mark.smoke

SCENARIOS = ts.list_scenarios().index
ROWS = [
    f"2004-{1 + n // 28:02d}-{1 + n % 28:02d},{'ISR,PSE' if n % 3 else 'PSE,ISR'},{('020', '190')[n % 2]}"
    for n in range(60)
]

USES = """
new mine --from norland-suderia
check mine.yaml
show mine.yaml
run mine.yaml --runs 4 -o kept --quiet
resume kept
compare mine.yaml --runs 4
sweep mine.yaml --over actors.norland.rhetoric=0.1,0.9 --runs 4
explain kept --part ledger --run 3
report mine.yaml --runs 8 --no-effects -o briefing.md
plot fan kept -o fan.svg
warn norland-suderia --runs 200
sensitivity norland-suderia --method morris --over actors.norland.rhetoric --over actors.suderia.rhetoric --size 2
discover norland-suderia --runs 400 --of index --below 50 --over parameters.bias=-1:1
advise norland-suderia --strategies strategies.yaml --futures 8 --replicates 2
settle emission.csv
events events.csv --dyad ISR PSE
fit trump2-petro-2025 --until 2025-03-31 --fix shapes --no-support
backtest us-colombia-2017 --origins 2022-01-01 --horizons 1 --runs 4 --no-refit --baselines no-change
replicate goldstein-freeman --events events.csv --dyad ISR PSE
scenarios
moves
mechanisms
schema
page norland-suderia --static page.html --runs 3
watch us-colombia-2017 --until 2017-12-31 --no-fit --runs 4 --horizons 1 -o living
play norland-suderia --as norland --runs 4
"""
"""One of each verb, in an order in which each finds what it needs."""


def test_every_module_is_imported() -> None:
    found = [one.name for one in pkgutil.walk_packages(ts.__path__, "tensionsim.") if "__main__" not in one.name]
    assert found
    for name in found:
        importlib.import_module(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_shipped_scenario_runs_to_its_end_the_same_alone(name: str) -> None:
    three, last = ts.run(name, runs=3, seed=1), ts.run(name, runs=1, seed=1, first_run=2)
    assert three.dates[-2] < three.scenario.file.end
    assert ((three.paths >= 0.0) & (three.paths <= 100.0)).all(axis=None)
    assert three.paths[2].to_numpy().tobytes() == last.paths[2].to_numpy().tobytes()


def test_two_folders_of_the_same_runs_hold_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        ts.run("norland-suderia", runs=8, seed=3, store=tmp_path / name)
    made = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    differing = {
        path for path in made if (tmp_path / "one" / path).read_bytes() != (tmp_path / "other" / path).read_bytes()
    }
    assert len(made) > len(differing)
    assert {path.name for path in differing} <= {"provenance.json", "ro-crate-metadata.json"}


def test_each_verb_does_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    Path("events.csv").write_text("\n".join(["date,source,target,cameo", *ROWS]), encoding="utf-8")
    rows = ["stakeholder,position,salience,capability", "ann,10,50,20", "bob,90,80,10"]
    Path("emission.csv").write_text("\n".join(rows), encoding="utf-8")
    strategies = (
        "{principal: norland, aims: {keep_out_of: crisis}, strategies: {calm: {set: {actors.norland.rhetoric: 0.1}}}}"
    )
    Path("strategies.yaml").write_text(strategies, encoding="utf-8")
    uses = [shlex.split(line) for line in USES.strip().splitlines()]
    assert {verb for verb, *_ in uses} == set(command().commands)
    for words in uses:
        status = main(words)
        told = capsys.readouterr()
        assert (status, told.err) == (0, ""), words
