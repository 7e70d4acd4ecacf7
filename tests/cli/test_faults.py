"""What is typed wrong, by whom or whatever it was: said in a sentence with status 2, never a traceback."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import warnings
import xml.dom.minidom
from collections.abc import Callable
from pathlib import Path

import click
import pandas as pd
import pytest

import synthetic
import tensionsim as ts
from tensionsim.cli.main import command
from tensionsim.runs.store import as_csv
from tensionsim.scenario.yaml_tree import write

SOURCE = Path(ts.__file__).parents[1]
DIGITS = "9" * 5000
BYTES = os.fsdecode(b"caf\xe9")
"""As Python has an argument that is no UTF-8."""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in a folder that holds avalon.yaml; gives status, output and errors."""
    Path("avalon.yaml").write_text(write(synthetic.scenario_mapping(end="2031-04-01")), encoding="utf-8")
    return command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "avalon.yaml", "--jobs", DIGITS], "is neither a number of jobs, 1 or more, nor auto"),
        (["run", "avalon.yaml", "--runs", DIGITS], "is not a valid integer"),
        (["run", "avalon.yaml", "--set", f"actors.avalon.rhetoric={DIGITS}"], "is not a number of ordinary size"),
        (["run", "avalon.yaml", "--set", f"schedule.{DIGITS}.date=2031-02-03"], "no such path"),
        (["backtest", "us-colombia-2017", "--horizons", DIGITS], "horizons are whole months from 1 to 120"),
        (["backtest", "us-colombia-2017", "--origins", f"2020-01-01::{DIGITS}"], "1 to 999 months"),
        (["backtest", "us-colombia-2017", "--origins", f"2020-01-01::{10**12}"], "1 to 999 months"),
        (
            ["fit", "trump2-petro-2025", "--prior-width", "1e308"],
            "(--prior-width) is 1e+308; it is a factor from 0.001",
        ),
        (["fit", "trump2-petro-2025", "--prior-width", "1e-308"], "(--prior-width) is 1e-308"),
        (["fit", "trump2-petro-2025", "--prior-width", "nan"], "(--prior-width) is nan"),
        (["run", "avalon.yaml", "--set", "title=" + "a" * 20_000], "20,000 letters are too many"),
        (["run", "avalon.yaml", "--set", "actors.avalon.label=" + "a" * 301], "301 letters are too many"),
        (["run", "avalon.yaml", "--set", r'title="bell \x07"'], "character U+0007 cannot stand in a scenario"),
        (["run", "avalon.yaml", "--set", f"title={BYTES}"], "character U+DCE9 cannot stand in a scenario"),
    ],
)
def test_what_no_number_or_text_can_be_is_refused_in_a_few_words(call: Call, arguments: list[str], said: str) -> None:
    status, output, errors = call(*arguments)
    assert (status, output) == (2, "")
    assert said in errors
    assert len(errors) < 1000


def test_a_number_with_thousands_of_zeros_before_it_is_that_number(call: Call) -> None:
    assert (
        call("run", "avalon.yaml", "--runs", "2", "--set", f"actors.avalon.rhetoric={'0' * 5000}1", "-q", "-o", "out")[
            0
        ]
        == 0
    )
    assert ts.open("out").scenario.file.actors["avalon"].rhetoric == 1


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names of these systems are text")
def test_names_that_are_no_utf_8_are_kept_in_letters_that_are(call: Call) -> None:
    assert call("run", "avalon.yaml", "--runs", "3", "-q", "-o", BYTES)[0] == 0
    for arguments in (
        ("compare", BYTES, "avalon.yaml", "-o", f"compared {BYTES}"),
        ("compare", f"{BYTES}=avalon.yaml", "avalon.yaml", "--runs", "3", "--csv"),
        ("report", BYTES, "avalon.yaml", "--no-effects", "-o", f"{BYTES}.md"),
        ("report", "avalon.yaml", "--runs", "3", "--no-effects", "-o", f"{BYTES}.html"),
        ("explain", BYTES, "--part", "ledger", "-o", f"explained {BYTES}"),
        ("sweep", "avalon.yaml", "--over", "actors.avalon.rhetoric=0.2,0.3", "--runs", "2", "-o", f"swept {BYTES}"),
        ("plot", "outlooks", BYTES, "avalon.yaml", "-o", f"{BYTES}.svg"),
    ):
        assert call(*arguments)[::2] == (0, ""), arguments
    assert "caf%E9-files/outlooks.svg" in Path(f"{BYTES}.md").read_text(encoding="utf-8")
    assert r"caf\\udce9" in Path(f"compared {BYTES}/provenance.json").read_text(encoding="utf-8")
    assert call("compare", "a" * 400 + "=avalon.yaml", "avalon.yaml")[0] == 2


@pytest.mark.skipif(os.name == "nt", reason="descriptors of POSIX")
@pytest.mark.parametrize(
    ("closed", "arguments", "status", "errors"),
    [
        (1, "moves", 2, "cannot write standard output: Bad file descriptor\n"),
        (1, "run avalon.yaml --runs 2 -q -o out", 0, ""),
        (2, "run avalom.yaml", 2, ""),
    ],
)
def test_a_closed_stream_is_no_traceback(call: Call, closed: int, arguments: str, status: int, errors: str) -> None:
    program = [sys.executable, "-m", "tensionsim", *arguments.split()]
    code = f"import os; os.close({closed}); os.execv({program[0]!r}, {program!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (status, errors)
    assert Path("out").exists() == (status == 0)


def test_letters_that_no_font_has_are_told_in_one_sentence(call: Call) -> None:
    """The Glagolitic ones here; where some font has them, it is taken and there is nothing to tell."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        told = call("plot", "fan", "avalon.yaml", "--runs", "2", "-o", "a.svg", "--set", "title=Türkiye Ⰰⰱ $x^$ Ελλάδα")
        again = call("plot", "fan", "avalon.yaml", "--runs", "2", "-o", "b.svg", "--set", "title=Ⰰ -- of old")
    assert told[0] == again[0] == 0
    assert re.fullmatch(r"(no font here has Ⰰⰱ: figures show \ufffd instead; install one .*\n)?", told[2])
    assert again[2] == ""
    for name in ("a.svg", "b.svg"):
        xml.dom.minidom.parse(name)


def test_control_characters_spoil_no_figure_and_no_page(tmp_path: Path) -> None:
    results = synthetic.results(runs=4)
    both = ts.compare(results, results, names=["one\x07\x1b", "two\ud800"])
    ts.plots.save(ts.plots.outlooks(both, ts.plots.blank()), tmp_path / "a.svg")
    xml.dom.minidom.parse(str(tmp_path / "a.svg"))
    page = ts.report(both, tmp_path / "a.html", effects=False).to_html()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", page)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@sum", "'@sum"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\tx", "'\tx"),
        ("-2.5", "-2.5"),
        ("+1e-3", "+1e-3"),
        ("-2%", "-2%"),
        ("-", "-"),
        ("Things = good", "Things = good"),
    ],
)
def test_no_text_of_a_table_is_run_by_a_spreadsheet(text: str, written: str) -> None:
    table = pd.DataFrame({text: [text], "number": [-2.0]})
    assert as_csv(table) == f"{written},number\n{written},-2\n"


def test_names_that_begin_like_formulas_are_quoted_in_folders(call: Call) -> None:
    Path("f.yaml").write_text(
        write(synthetic.scenario_mapping(end="2031-03-01") | {"events": {"=1+1": {"cooperation": "below 99"}}}),
        encoding="utf-8",
    )
    assert call("run", "f.yaml", "--runs", "2", "-q", "-o", "out")[0] == 0
    assert "\n'=1+1," in Path("out/events.csv").read_text(encoding="utf-8")
    assert ts.open("out").names.events == ("=1+1",)


NASTY = (
    *("", " ", "-", "--", "0", "-1", "1e308", "1e-308", "nan", "inf", "1,000", DIGITS, "9" * 30, "0x10", "١٢", "½"),
    *(
        BYTES,
        "a\x07b",
        "\u202e",
        "中国",
        "=1+1",
        "../x",
        "/",
        ".",
        "a" * 5000,
        "'\"",
        "{",
        "[1,",
        "*",
        "%s",
        "{0}",
        "a=b",
    ),
    *("2031-02-30", "0001-01-01", "9999-12-31", "2031-02-01:2031-03-01", "1:2:3:4", "avalon", "avalon.yaml", "e.csv"),
)


def typed(verb: click.Command, luck: random.Random) -> list[str]:
    """A command line of a verb, its values wrong in most ways that there are and right in some."""

    def value(one: click.Parameter) -> str:
        if isinstance(one.type, click.Choice) and luck.random() < 0.8:
            return str(luck.choice(list(one.type.choices)))
        return luck.choice(NASTY) if luck.random() < 0.6 else luck.choice(("avalon.yaml", "2", "3", "fishing"))

    words: list[str] = []
    for one in verb.params:
        if isinstance(one, click.Argument):
            words += ["avalon.yaml" if luck.random() < 0.5 else value(one) for _ in range(luck.choice((1, 1, 1, 2)))]
        elif luck.random() < 0.2 and isinstance(one, click.Option) and one.name not in ("runs", "points", "scheduler"):
            words += [one.opts[-1], *([] if one.is_flag else [value(one) for _ in range(max(1, one.nargs))])]
    if any(one.name == "runs" for one in verb.params):
        words += ["--runs", "2"]
    return words


def test_random_command_lines_end_in_words(call: Call, full: bool) -> None:
    """Whatever is typed, the command ends with a status of its own, and with an exception never."""
    Path("e.csv").write_text("date,source,target,code\n2001-01-03,ISR,PSE,190\n", encoding="utf-8")
    luck, verbs = random.Random(11), dict(command().commands)
    verbs.pop("replicate")  # which computes for minutes where nothing is wrong
    for number in range(750 if full else 60):
        name = luck.choice(sorted(verbs))
        line = [name, *typed(verbs[name], luck)]
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            try:
                status, _, errors = call(*line)
            except Exception as failure:
                pytest.fail(f"{number}: {line!r:.600}: {failure!r:.300}")
        assert status in (0, 2), (number, line, errors)
        assert "Traceback" not in errors
