"""What is passed on: workbooks, tables of the IAMC, and RO-Crate beside runs, sweeps and backtests."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tensionsim as ts
from tensionsim.cli.main import main
from tensionsim.runs import exchange, store

SCENARIO = "norland-suderia"
needs_openpyxl = pytest.mark.skipif(find_spec("openpyxl") is None, reason="the extra xlsx is not installed")

UNITLESS = r".*months.*|.*_date|first_\w+|date|apart_to_end|moves_per_run|.*ratio|point|rhetoric|correlation"
UNITLESS += r"|log_score|normal_log_score|crps|skill|low|high|block|dm|\w*p_value|pit_p|is_best|ranked_probability"
UNITLESS += r"|brier\w*|reliability|resolution|uncertainty|estimate|standard_error"
"""Columns of numbers that name their unit or have none."""


@cache
def results() -> ts.Results:
    return ts.run(SCENARIO, runs=12)


@cache
def comparison() -> ts.Comparison:
    return ts.compare(SCENARIO, runs=12)


@cache
def sweep() -> ts.Sweep:
    return ts.sweep(SCENARIO, {"actors.norland.rhetoric": [0.1, 0.9]}, runs=6)


@cache
def backtest(**more: Any) -> ts.Backtest:
    how = {"horizons": [1], "runs": 4, "refit": None, "baselines": ["no-change"]}
    return ts.backtest("us-colombia-2017", origins="2022-01-01:2022-03-01", **how, **more)


def saved(made: Callable[..., Any], folder: Path) -> Path:
    """A folder of what is made; a backtest is kept as it is made."""
    if made is backtest:
        backtest(store=folder, command="typed")
        return folder
    return made().save(folder, command="typed")


@needs_openpyxl
@pytest.mark.parametrize("made", [results, comparison, sweep, backtest])
def test_a_workbook_holds_every_table_with_units_in_its_heads(made: Callable[[], Any], tmp_path: Path) -> None:
    import openpyxl

    found = made()
    book = openpyxl.load_workbook(found.to_xlsx(tmp_path / "x.xlsx"))
    assert book.sheetnames == ["about", *found.tables()]
    about = dict(book["about"].iter_rows(min_row=2, values_only=True))
    assert (about["seed"], about["tensionsim"]) == (0, ts.__version__)
    for name, given in found.tables().items():
        table = given if given.index.names == [None] else given.reset_index()
        heads, *rows = book[name].iter_rows(values_only=True)
        assert [re.sub(r" \(.*\)$", "", head) for head in heads] == list(table)
        assert len(rows) == len(table)
        for head, column in zip(heads, table, strict=True):
            is_number = pd.api.types.is_numeric_dtype(table[column])
            assert not is_number or "(" in head or re.fullmatch(UNITLESS, column), (name, head)


@needs_openpyxl
def test_cells_are_the_numbers_and_dates_of_the_tables(tmp_path: Path) -> None:
    import openpyxl

    rows = list(openpyxl.load_workbook(results().to_xlsx(tmp_path / "a.xlsx"))["index"].iter_rows(values_only=True))
    assert rows[0][:2] == ("date", "mean (index, 0-100)")
    assert rows[1][0] == dt.datetime.combine(results().dates[0].item(), dt.time())
    assert rows[-1][1] == pytest.approx(results().index["mean"].iloc[-1], rel=1e-14)


class Odd:
    """Tables with what others might write into names."""

    def summary(self) -> dict[str, object]:
        return {"title": "=1+1", "notes": ["-2+3"]}

    def tables(self) -> dict[str, pd.DataFrame]:
        cells = ["=HYPERLINK(A1)", "@SUM(A1)", "+1+1", "a\x07b", None, float("inf"), True, 2]
        return {"odd": pd.DataFrame({"=A1": pd.Series(cells, dtype=object)})}


@needs_openpyxl
def test_what_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(exchange.write_xlsx(Odd(), tmp_path / "x.xlsx"))
    cells = [row[0] for row in book["odd"].iter_rows()]
    texts = ["'=A1", "'=HYPERLINK(A1)", "'@SUM(A1)", "'+1+1", "a b"]
    assert [cell.value for cell in cells] == [*texts, None, "inf", True, 2]
    assert {cell.data_type for cell in [*cells[:5], book["about"]["B2"], book["about"]["B3"]]} == {"s"}


@needs_openpyxl
def test_a_table_too_long_for_a_sheet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_ROWS", 8)
    with pytest.raises(ts.TensionSimError, match="the table odd has 8 rows; a sheet holds 7"):
        exchange.write_xlsx(Odd(), tmp_path / "x.xlsx")
    assert not (tmp_path / "x.xlsx").exists()


def test_without_openpyxl_the_extra_is_named_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(exchange, "find_spec", lambda name: None)
    monkeypatch.setattr(ts.runs.run, "run", lambda *_, **__: pytest.fail("it was run"))
    assert main(["run", SCENARIO, "--xlsx", str(tmp_path / "x.xlsx")]) == 2
    assert capsys.readouterr().err == "a workbook needs openpyxl; install it with: pip install 'tensionsim[xlsx]'\n"
    assert main(["run", SCENARIO, "--iamc", str(tmp_path / "x.xlsx")]) == 2
    assert "a table of the IAMC is written as .csv" in capsys.readouterr().err


USES = {
    "run": [SCENARIO, "--runs", "6"],
    "compare": [SCENARIO, "--runs", "6"],
    "sweep": [SCENARIO, "--over", "actors.norland.rhetoric=0.1,0.9", "--runs", "4"],
    "backtest": [
        "us-colombia-2017", "--origins", "2022-01-01", "--horizons", "1", "--runs", "4", "--no-refit", "--baselines",
        "no-change",
    ],
}  # fmt: skip


@needs_openpyxl
@pytest.mark.parametrize("verb", USES)
def test_the_command_writes_a_workbook(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "x.xlsx"
    assert main([verb, *USES[verb], "--xlsx", str(target), "--quiet"]) == 0
    assert target.read_bytes().startswith(b"PK")
    assert capsys.readouterr() == ("", "")


def test_the_command_writes_a_table_of_the_iamc(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", SCENARIO, "--runs", "6", "--iamc", str(tmp_path / "run.csv")]) == 0
    assert capsys.readouterr().out.endswith(f"\n\nWrote {tmp_path / 'run.csv'}\n")
    assert main(["compare", SCENARIO, "--runs", "6", "--iamc", str(tmp_path / "both.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["baseline"] == SCENARIO
    run, both = (pd.read_csv(tmp_path / name) for name in ("run.csv", "both.csv"))
    wanted = ts.run(SCENARIO, runs=6).to_iamc()
    assert run.columns.tolist()[:6] == ["model", "scenario", "region", "variable", "unit", "2030-01-01"]
    assert run["variable"].tolist() == wanted["variable"].tolist()
    assert run.iloc[:, 5:].to_numpy() == pytest.approx(wanted.iloc[:, 5:].to_numpy(float), rel=1e-9)
    assert both["scenario"].unique().tolist() == [SCENARIO, "calm", "loud"]
    assert not both.duplicated(["scenario", "region", "variable"]).any()


@pytest.mark.parametrize("made", [results, sweep, backtest])
def test_a_folder_is_a_crate_that_names_all_that_is_in_it(made: Callable[[], Any], tmp_path: Path) -> None:
    folder = saved(made, tmp_path / "out")
    graph = {one["@id"]: one for one in json.loads((folder / store.CRATE).read_text(encoding="utf-8"))["@graph"]}
    root, there = graph["./"], {f"{one.name}/" if one.is_dir() else one.name for one in folder.iterdir()}
    assert {one["@id"] for one in root["hasPart"]} == there - {store.CRATE}
    for name in there - {store.CRATE, "manifest.json"}:
        assert name.endswith("/") or int(graph[name]["contentSize"]) == (folder / name).stat().st_size
        assert graph[name]["name"] == name
    assert dt.date.fromisoformat(root["datePublished"]) <= dt.datetime.now(dt.UTC).date()
    assert root["license"].startswith("NOT YET STATED")
    assert graph["#made"]["name"] == "typed"
    assert type(made()).open(folder) if made is not results else ts.open(folder).equals(results())


@pytest.mark.parametrize("made", [results, sweep, backtest])
def test_another_program_reads_the_crate(made: Callable[[], Any], tmp_path: Path) -> None:
    rocrate = pytest.importorskip("rocrate.rocrate")
    crate = rocrate.ROCrate(saved(made, tmp_path / "out"))
    assert crate.name == json.loads((tmp_path / "out" / store.CRATE).read_text(encoding="utf-8"))["@graph"][1]["name"]
    assert {one.id for one in crate.data_entities} >= {"manifest.json", "scenario.yaml", "provenance.json"}
    assert crate.dereference("#made")["instrument"].id == "#tensionsim"


@pytest.mark.slow
def test_a_crate_of_the_command_names_the_figures(tmp_path: Path) -> None:
    for verb in ("run", "backtest"):
        assert main([verb, *USES[verb], "-o", str(tmp_path / verb), "-q"]) == 0
        graph = json.loads((tmp_path / verb / store.CRATE).read_text(encoding="utf-8"))["@graph"]
        assert {"overview.png", "overview.svg"} <= {one["@id"] for one in graph}
    again = (tmp_path / "run" / store.CRATE).stat().st_mtime_ns
    assert main(["resume", str(tmp_path / "run"), "-q", "--json"]) == 0
    assert (tmp_path / "run" / store.CRATE).stat().st_mtime_ns == again
