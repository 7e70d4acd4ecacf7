"""Damaged folders: whatever is wrong with one, each verb ends in success or in one StorageError."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import tensionsim as ts
from tensionsim.errors import StorageError
from tensionsim.forecasts.backtest import Backtest
from tensionsim.runs import store
from tensionsim.runs.run import fill
from tensionsim.runs.store import sealed
from tensionsim.runs.sweep import resume

NAME, OVER = "norland-suderia", {"actors.norland.rhetoric": [0.1, 0.9]}
SET = {"end": dt.date(2030, 7, 1)}
FEW, MANY = 40, 500
BACKTEST: dict[str, Any] = {"origins": ["2021-01-01"], "horizons": [1], "runs": 2, "refit": None, "baselines": ["mean"]}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of each kind, sound."""
    folder, case = tmp_path_factory.mktemp("whole"), ts.load(NAME, set=SET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tensionsim.runs.parts.PART_RUNS", 3)
        ts.run(case, runs=7, seed=1, store=folder / "runs")
        ts.sweep(case, OVER, runs=2, seed=1, store=folder / "sweep")
        ts.backtest("us-colombia-2017", store=folder / "backtest", **BACKTEST)
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Callable[[str], Path]:
    def made(kind: str) -> Path:
        shutil.rmtree(tmp_path / "copies", ignore_errors=True)
        shutil.copytree(whole / kind, tmp_path / "copies" / kind)
        return tmp_path / "copies" / kind

    return made


def again(folder: Path) -> object:
    """The same command into the folder."""
    case = ts.load(NAME, set=SET)
    if folder.name == "sweep":
        return ts.sweep(case, OVER, runs=2, seed=1, store=folder)
    return fill(folder, case, runs=7, seed=1)


def opened(folder: Path) -> object:
    if folder.name == "sweep":
        return ts.Sweep.open(folder).table
    if folder.name == "backtest":
        return Backtest.open(folder).summary()
    return ts.open(folder, partial=True).summary()


def explained(folder: Path) -> object:
    return ts.open(folder).ledger()


VERBS: dict[str, tuple[Callable[[Path], object], ...]] = {
    "runs": (opened, explained, resume, again),
    "sweep": (opened, resume, again),
    "backtest": (opened,),
}


def check(folder: Path, copy: Callable[[str], Path], damage: Callable[[Path], None], kind: str) -> None:
    """Each verb on a damaged copy ends in success or in one StorageError of few words, and touches nothing outside."""
    for verb in VERBS[kind]:
        folder = copy(kind)
        (folder.parent / "outside.parquet").write_bytes(b"mine")
        damage(folder)
        with suppress(StorageError):
            verb(folder)
        assert (folder.parent / "outside.parquet").read_bytes() == b"mine"


def edited(change: Callable[[dict[str, Any]], object], *, is_sealed: bool = True) -> Callable[[Path], None]:
    """A damage: the manifest says something else, as if tensionsim had written it, or with its former checksum."""

    def damage(folder: Path) -> None:
        path = folder / "manifest.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        seal = content.pop("checksum")
        change(content)
        if is_sealed:
            path.write_bytes(sealed(content))
        else:
            path.write_text(json.dumps(content | {"checksum": seal}), encoding="utf-8")

    return damage


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    """A damage: a file has another text."""

    def damage(folder: Path) -> None:
        path = folder / name
        text = re.sub(old, lambda _: new, path.read_text(encoding="utf-8"), count=1)
        path.write_text(text, encoding="utf-8")

    return damage


def fifo(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")


def linked(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = next(folder.glob(name))
        path.rename(folder.parent / "elsewhere")
        path.symlink_to(folder.parent / "elsewhere")

    return damage


def shift_all(content: dict[str, Any]) -> None:
    content["origin"]["first_run"] += 1_000_000
    for part in content["parts"]:
        part["first_run"] += 1_000_000


def null_estimate(folder: Path) -> None:
    """Both the fit and what the manifest says of it."""
    path = next((folder / "fits").iterdir())
    content = json.loads(path.read_text(encoding="utf-8")) | {"estimates": {"inertia": None}}
    path.write_text(json.dumps(content), encoding="utf-8")
    mark = store.Mark.of(path.read_bytes()).model_dump()
    edited(lambda of: of["files"].update({f"fits/{path.name}": mark}))(folder)


BRACKETS = "[" * 200_000 + "]" * 200_000
MARK = {"size": 4, "sha256": "0" * 64}
RUNS: dict[str, Callable[[Path], None]] = {
    "200,000 brackets": replaced("manifest.json", r'"runs": \d+', f'"runs": {BRACKETS}'),
    "200,000 open brackets": replaced("manifest.json", r"(?s).*", "[" * 200_000),
    "brackets in the provenance": replaced("provenance.json", r"(?s).*", BRACKETS),
    "runs 1e999": replaced("manifest.json", r'"runs": \d+', '"runs": 1e999'),
    "runs infinite": edited(lambda of: of.update(runs=float("inf"))),
    "runs beyond all": edited(lambda of: of.update(runs=1_000_000_000_000)),
    "runs below 0": edited(lambda of: of.update(runs=-3)),
    "runs true": edited(lambda of: of.update(runs=True)),
    "no scenario": edited(lambda of: of.update(scenario={})),
    "a date x": edited(lambda of: of["dates"].__setitem__(0, "x")),
    "a date that is none": edited(lambda of: of["dates"].__setitem__(0, "2030-13-45")),
    "other dates": edited(lambda of: of["dates"].__setitem__(0, "1999-01-01")),
    "dates changed, checksum kept": edited(lambda of: of["dates"].__setitem__(0, "1999-01-01"), is_sealed=False),
    "names of numbers": edited(lambda of: of["names"].update(issues=[1, 2])),
    "other names": edited(lambda of: of["names"].update(issues=["a", "b"])),
    "fewer scores": edited(lambda of: of["names"].update(move_scores=[1.0])),
    "other moves": edited(lambda of: of["names"]["moves"].reverse()),
    "no files of a part": edited(lambda of: of["parts"][0].update(files={})),
    "files of a foreign name": edited(lambda of: of["parts"][0].update(files={"foreign": MARK})),
    "a file outside": edited(lambda of: of["parts"][0].update(files={"../outside.parquet": MARK})),
    "a table outside": edited(lambda of: of["files"].update({"../outside.parquet": MARK})),
    "attached outside": edited(lambda of: of.update(attached=["../outside.parquet"])),
    "set of a list": edited(lambda of: of["scenario"].update(set=[1])),
    "an outlook of a number": edited(lambda of: of["scenario"].update(outlook=5)),
    "first run shifted": edited(lambda of: of["origin"].update(first_run=1_000_000)),
    "all runs shifted": edited(shift_all),
    "a format of a list": edited(lambda of: of.update(format=["x"])),
    "a version of a text": edited(lambda of: of.update(version="3")),
    "a newer version": edited(lambda of: of.update(version=99)),
    "what is kept is unknown": edited(lambda of: of.update(keep="some")),
    "less is kept": edited(lambda of: of.update(keep="index")),
    "one run a part": edited(lambda of: of.update(part_runs=1)),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "the manifest is a folder": lambda folder: (
        (folder / "manifest.json").unlink(),
        (folder / "manifest.json").mkdir(),
    ),  # type: ignore[func-returns-value]
    "the manifest is a pipe": fifo,
    "the manifest is a link": linked("manifest.json"),
    "the scenario is a link": linked("scenario.yaml"),
    "a part is a link": linked("parts/paths-*"),
    "a foreign scenario": replaced("scenario.yaml", "(?s).*", "tensionsim: 1"),
    "not UTF-8": lambda folder: (folder / "manifest.json").write_bytes(b'{"format": "\xff\xfe"}') and None,
    "not a mapping": replaced("manifest.json", "(?s).*", "[1]"),
}
SWEEPS = {
    "points of a number": edited(lambda of: of.update(points=3)),
    "points of no values": edited(lambda of: of.update(points=[[]])),
    "fewer points": edited(lambda of: of["points"].pop()),
    "a baseline that is not there": edited(lambda of: of.update(baseline=9)),
    "other factors": edited(lambda of: of.update(factors={"x": "y"})),
    "no files": edited(lambda of: of.update(files={})),
    "a scenario elsewhere": edited(lambda of: of["scenario"].update(path="/dev/zero")),
    "runs beyond all": edited(lambda of: of.update(runs=1_000_000_000_000)),
    "brackets in the provenance": replaced("provenance.json", r"(?s).*", BRACKETS),
    "a table of words": replaced("sweep.csv", r"(?s).*", "x\n"),
    "a point is damaged": replaced("points/000/manifest.json", '"runs": 2', '"runs": 1e999'),
}
BACKTESTS = {
    "a version of another type": edited(lambda of: of.update(version=[1])),
    "a plan of a list": edited(lambda of: of.update(plan=[1])),
    "an empty plan": edited(lambda of: of.update(plan={})),
    "about nothing": edited(lambda of: of.update(about={})),
    "no origins": edited(lambda of: of["plan"].update(origins=[])),
    "origins of a number": edited(lambda of: of["plan"].update(origins=5)),
    "brackets in a fit": lambda folder: next((folder / "fits").iterdir()).write_text(BRACKETS) and None,
    "an estimate null": null_estimate,
    "a scenario that is none": edited(lambda of: of["about"].update(scenario="[")),
    "arrays of nothing": lambda folder: (folder / "outcomes.npz").write_bytes(b"PK") and None,
}


CASES = [
    pytest.param(kind, damage, id=f"{kind}: {name}")
    for kind, damages in (("runs", RUNS), ("sweep", SWEEPS), ("backtest", BACKTESTS))
    for name, damage in damages.items()
]


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
@pytest.mark.parametrize(("kind", "damage"), CASES)
def test_a_damage_ends_in_success_or_one_error(
    kind: str, damage: Callable[[Path], None], whole: Path, copy: Callable[[str], Path]
) -> None:
    check(whole / kind, copy, damage, kind)


def anything(chance: random.Random) -> Any:
    """A value that a field is hardly made for."""
    deep: list[Any] = []
    for _ in range(chance.choice([1, 30, 500])):
        deep = [deep]
    values = [None, True, -1, 10**30, 1e300, "", "x" * 5000, "../x", [], {}, [None], {"": 0}, "\udcff", "\0", deep]
    return chance.choice(values)


def spoil(folder: Path, chance: random.Random) -> None:
    """One damage of many: bytes of any file, or a value anywhere in a manifest, with a checksum that fits or not."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = chance.choice(files) if chance.random() < 0.5 else folder / "manifest.json"
    if path.name != "manifest.json" or chance.random() < 0.3:
        content = bytearray(path.read_bytes())
        how = chance.randrange(4)
        if how == 0 and content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        elif how == 1:
            del content[chance.randrange(len(content) + 1) :]
        elif how == 2:
            content = bytearray(chance.randbytes(chance.randrange(200)))
        else:
            path.unlink()
            return
        path.write_bytes(content)
        return

    def change(content: dict[str, Any]) -> None:
        at: Any = content
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                return
            key = chance.choice(keys)
            if isinstance(at[key], (dict, list)) and at[key] and chance.random() < 0.7:
                at = at[key]
                continue
            how = chance.randrange(3)
            if how == 0:
                del at[key]
            elif how == 1 and isinstance(at, dict):
                at[f"{key}x"] = at.pop(key)
            else:
                at[key] = anything(chance)
            return

    edited(change, is_sealed=chance.random() < 0.8)(folder)


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.full)])
def test_any_damage_ends_in_success_or_one_error(count: int, whole: Path, copy: Callable[[str], Path]) -> None:
    for seed in range(count):
        kind = ("runs", "runs", "sweep", "backtest")[seed % 4]
        verb = random.Random(-1 - seed).choice(VERBS[kind])
        folder = copy(kind)
        spoil(folder, random.Random(seed))
        try:
            verb(folder)
        except StorageError:
            continue
        except Exception as other:
            raise AssertionError(f"damage {seed} of {kind}, {verb.__name__}") from other


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_a_folder_whose_name_is_no_text_holds_a_whole_store(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/out\xff"))
    results = fill(folder, ts.load(NAME, set=SET), runs=2, seed=1, command=f"tensionsim run -o {folder}")
    assert ts.open(folder).equals(results)
    assert resume(folder, command=str(folder)).equals(results)  # type: ignore[union-attr]
