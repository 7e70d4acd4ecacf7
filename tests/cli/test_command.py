"""The command line: what each verb prints, where it goes, and how it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

import synthetic
import tensionsim
from labour import content_of
from tensionsim.cli.commands_run import run_lines, share_with_error
from tensionsim.cli.main import command
from tensionsim.cli.terminal import Screen, chart, detect, percent
from tensionsim.runs.results import open_results as open
from tensionsim.scenario.schema import json_schema
from tensionsim.scenario.yaml_tree import write

SOURCE = Path(tensionsim.__file__).parents[1]
VERBS = command().commands
PROGRAM = [sys.executable, "-W", "error", "-c", "import sys; from tensionsim.cli.main import main; sys.exit(main())"]
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in an empty folder that holds avalon.yaml; gives status, output and errors."""
    Path("avalon.yaml").write_text(write(synthetic.scenario_mapping(end="2031-04-01")), encoding="utf-8")
    return command


def process(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "PYTHONUTF8"}}
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


# Help


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_explains_itself(call: Call, verb: str) -> None:
    status, output, errors = call(verb, "--help")
    assert (status, errors) == (0, "")
    assert output.startswith(f"Usage: tensionsim {verb}")
    assert all(option.help for option in VERBS[verb].params if option.param_type_name == "option")


def test_help_lists_every_verb_with_a_whole_sentence(call: Call) -> None:
    _, output, _ = call("--help")
    verbs = output.partition("Commands:")[2]
    assert all(f"  {verb}  " in verbs for verb in VERBS)
    assert "..." not in verbs


def test_the_version_is_told(call: Call) -> None:
    assert call("--version")[1].strip() == f"tensionsim {tensionsim.__version__}"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from tensionsim.cli.main import main; main(['run', '--help']);"
        "heavy = {'numpy', 'pandas', 'matplotlib', 'pydantic', 'yaml', 'mesa', 'tqdm'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env={"PYTHONPATH": str(SOURCE)})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "Did you mean 'run'"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["run", "avalon.yaml", "--rus", "3"], "--runs"),
        (["run", "avalon.yaml", "--runs", "0"], "0 is not in the range 1<=x"),
        (["run", "avalon.yaml", "--runs", "many"], "'many' is not a valid integer"),
        (["run", "avalon.yaml", "--runs", "1,00"], "'1,00' is not a valid integer"),
        (["run", "avalon.yaml", "--jobs", "9" * 5000], "99' is neither a number of jobs, 1 or more, nor auto"),
        (["run", "avalon.yaml", "--seed", "-1"], "-1 is not in the range x>=0"),
        (["run", "avalon.yaml", "--seed", "1.5"], "'1.5' is not a valid integer"),
        (["run", "avalon.yaml", "--set", "rhetoric"], "'rhetoric' is not PATH=VALUE"),
        (["run", "avalon.yaml", "--set", "=3"], "'=3' is not PATH=VALUE"),
        (["run", "avalon.yaml", "--set", "title=[1,"], "not YAML"),
        (["run", "avalon.yaml", "--set", "actors.avalon.rhetoric=1.4"], "1.4 is above 1"),
        (["run", "avalon.yaml", "--set", "actors.avalom.rhetoric=1"], "did you mean 'actors.avalon"),
        (["run", "avalon.yaml", "--outlook", "calm"], "no outlook 'calm'"),
        (["run", "avalom.yaml"], "did you mean 'avalon.yaml'"),
        (["run", "avalon.yaml", "-o", "avalon.yaml"], "a file stands there"),
        (["run", "avalon.yaml", "-o", "."], "it is the folder you are in"),
        (["moves", "--actor", "washingtn"], "no actor 'washingtn'; did you mean 'washington'?"),
        (["moves", "--issue", "xyz"], "no issue 'xyz'; there is "),
        (["moves", "--scenario", "avalon.yaml", "--target", "avalom"], "did you mean 'avalon'?"),
        (["show", "avalom.yaml"], "did you mean 'avalon.yaml'"),
        (["new", "avalon"], "avalon.yaml is there already"),
        (["new", "nowhere/scenario"], "No such file or directory"),
        (["new", "other", "--from", "nothing"], "there is no such file"),
    ],
)
def test_what_cannot_be_used_is_refused_with_status_2(call: Call, arguments: list[str], message: str) -> None:
    status, output, errors = call(*arguments)
    assert status == 2
    assert output == ""
    assert message in errors
    assert "Traceback" not in errors
    assert sorted(os.listdir()) == ["avalon.yaml"]


def with_choices() -> list[tuple[str, click.Parameter]]:
    return [(verb, one) for verb in VERBS for one in VERBS[verb].params if isinstance(one.type, click.Choice)]


@pytest.mark.parametrize(("verb", "option"), with_choices(), ids=lambda given: getattr(given, "name", given))
def test_of_a_choice_with_a_slip_the_nearest_is_told(verb: str, option: click.Parameter) -> None:
    assert isinstance(option.type, click.Choice)
    for word in option.type.choices:
        with pytest.raises(click.BadParameter, match=f"{word}' is not one of .*; did you mean '{word}'"):
            option.type.convert(f"{word[0]}{word}", option, None)


def test_numbers_may_be_typed_as_they_are_printed(call: Call) -> None:
    _, output, errors = call("run", "avalon.yaml", "--runs", "1,000", "--seed", "2,345,678", "--json")
    told = json.loads(output)
    assert (told["runs"], told["seed"], errors) == (1000, 2_345_678, "")


# Running


def test_a_run_tells_title_span_chart_regimes_and_events(call: Call) -> None:
    status, output, errors = call("run", "avalon.yaml", "--runs", "30", "--seed", "4")
    assert (status, errors) == (0, "")
    assert output.startswith(
        "Avalon and Brigadoon\n2031-01-06 to 2031-04-01 (last row 2031-04-07), weekly; 30 runs, seed 4\n"
    )
    for word in ("Cooperation index: median", "9 runs in 10", "alliance", "Event", "golden age"):
        assert word in output
    assert "\x1b" not in output
    assert max(map(len, output.splitlines())) <= 80


def test_json_is_one_object_and_equals_the_summary(call: Call) -> None:
    status, output, errors = call("run", "avalon.yaml", "--runs", "8", "--seed", "7", "--json")
    assert (status, errors) == (0, "")
    assert json.loads(output) == json.loads(json.dumps(tensionsim.run("avalon.yaml", runs=8, seed=7).summary()))


def test_set_values_are_read_as_in_a_scenario_file(call: Call) -> None:
    values = ["title=No end", "actors.*.rhetoric={uniform: [0.1, 0.2]}", "mechanisms.contagion=off", "end=2031-03-03"]
    status, output, _ = call(
        "run", "avalon.yaml", "--runs", "2", "--json", *(part for value in values for part in ("--set", value))
    )
    assert status == 0
    assert json.loads(output)["title"] == "No end"
    assert json.loads(output)["end"] == "2031-03-03"
    assert json.loads(output)["set"]["actors.*.rhetoric"] == {"uniform": [0.1, 0.2]}


def test_a_run_without_draws_takes_the_estimates(call: Call) -> None:
    drawn, certain = "actors.*.rhetoric={uniform: [0.25, 0.75]}", "actors.*.rhetoric=0.5"
    words = ["run", "avalon.yaml", "--runs", "2", "--json", "--set"]
    assert call(*words, drawn, "--no-draws") == call(*words, certain, "--no-draws")
    assert call(*words, drawn, "--no-draws")[1] != call(*words, drawn)[1]


def test_a_run_says_which_values_were_set(call: Call) -> None:
    _, output, _ = call("run", "avalon.yaml", "--runs", "2", "--set", "actors.avalon.rhetoric=0.4")
    assert output.splitlines()[2] == "with actors.avalon.rhetoric = 0.4"
    assert "with " not in call("run", "avalon.yaml", "--runs", "2")[1].split("\n\n")[0]


def test_points_of_the_movers_and_the_rest_sum_to_the_change(call: Call) -> None:
    summary = json.loads(call("run", "avalon.yaml", "--runs", "8", "--json")[1])
    shown = sum(mover["points"] for mover in summary["movers"]) + summary["change"]["rest"]
    assert shown == pytest.approx(summary["change"]["points"], abs=1e-4)
    mean = summary["index"]["mean"]
    assert summary["change"]["points"] == pytest.approx(mean[-1] - mean[0], abs=1e-4)
    _, output, _ = call("run", "avalon.yaml", "--runs", "8")
    assert "everything else" in output
    assert f"in all: the mean goes from {mean[0]:.1f} to {mean[-1]:.1f}" in output


def test_a_single_run_is_drawn_without_a_range(call: Call) -> None:
    _, output, _ = call("run", "avalon.yaml", "--runs", "1")
    assert "━ the run" in output
    assert "9 runs in 10" not in output


@pytest.mark.usefixtures("drawn")
def test_output_holds_results_tables_and_plots(call: Call) -> None:
    status, output, _ = call("run", "avalon.yaml", "--runs", "5", "-o", "deep/out")
    assert status == 0
    assert "deep/out" in output
    assert {"index.csv", "overview.png", "overview.svg", "provenance.json"} <= set(os.listdir("deep/out"))
    provenance = json.loads(Path("deep/out/provenance.json").read_text(encoding="utf-8"))
    assert provenance["command"] == "tensionsim run avalon.yaml --runs 5 -o deep/out"
    assert open("deep/out").equals(tensionsim.run("avalon.yaml", runs=5))


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("keep", "left_out"), [("summary", {"indicators.csv", "measures.csv"}), ("index", {"issues.csv", "events.csv"})]
)
def test_less_can_be_kept_of_each_run(call: Call, keep: str, left_out: set[str]) -> None:
    status, output, errors = call("run", "avalon.yaml", "--runs", "5", "--keep", keep, "-o", "out")
    assert (status, errors) == (0, "")
    assert "Cooperation index: median" in output
    assert {"index.csv", "overview.png", "overview.svg"} <= set(os.listdir("out")) - left_out
    assert not left_out & set(os.listdir("out"))
    assert open("out").keep == keep
    assert call("resume", "out", "-q") == (0, "", "")


def test_what_is_printed_is_the_same_of_all_that_could_be_kept(call: Call) -> None:
    command = ("run", "avalon.yaml", "--runs", "8", "--json")
    assert call(*command) == call(*command, "--keep", "all")


@pytest.mark.usefixtures("drawn")
def test_starting_over_with_the_same_command_writes_the_same_bytes(call: Call) -> None:
    contents = []
    for _ in range(2):
        assert call("run", "avalon.yaml", "--runs", "5", "-q", "-o", "out", "--replace")[0] == 0
        contents.append(content_of("out"))
    assert contents[0] == contents[1]


def test_the_same_command_again_computes_nothing_and_tells_the_same(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = call("run", "avalon.yaml", "--runs", "5", "-o", "out")
    monkeypatch.setattr("tensionsim.runs.run.record_of", lambda *_: pytest.fail("simulated"))
    assert call("run", "avalon.yaml", "--runs", "5", "-o", "out") == first
    assert call("resume", "out") == first


def test_more_runs_are_added_to_those_that_are_there(call: Call) -> None:
    call("run", "avalon.yaml", "--runs", "5", "-q", "-o", "out")
    assert call("run", "avalon.yaml", "--runs", "9", "-q", "-o", "out") == (0, "", "")
    assert open("out").equals(tensionsim.run("avalon.yaml", runs=9))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "avalon.yaml", "--runs", "3"], "what differs: runs (5 there, 3 now; one can only add)"),
        (["run", "avalon.yaml", "--runs", "5", "--seed", "1"], "what differs: seed (0 there, 1 now)"),
        (["run", "norland-suderia", "--runs", "5"], "what differs: the text of the scenario"),
    ],
)
def test_runs_of_another_origin_are_never_mixed(call: Call, arguments: list[str], message: str) -> None:
    call("run", "avalon.yaml", "--runs", "5", "-q", "-o", "out")
    before = content_of("out")
    status, output, errors = call(*arguments, "-o", "out")
    assert (status, output) == (2, "")
    assert message in errors
    assert "--replace" in errors
    assert content_of("out") == before
    assert call(*arguments, "-q", "-o", "out", "--replace")[0] == 0
    assert open("out").runs == int(arguments[3])


def test_replace_leaves_what_is_foreign_alone(call: Call) -> None:
    call("run", "avalon.yaml", "--runs", "5", "-q", "-o", "out")
    Path("out/diary.txt").touch()
    status, _, errors = call("run", "avalon.yaml", "--runs", "5", "-q", "-o", "out", "--replace")
    assert status == 2
    assert "diary.txt there was not written by tensionsim" in errors
    assert open("out").runs == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "avalon.yaml", "--replace"], "--replace goes with -o DIR"),
        (["run", "avalon.yaml", "--jobs", "0"], "'0' is neither a number of jobs"),
        (["run", "avalon.yaml", "--executor", "cloud"], "'cloud' is not one of"),
        (["run", "avalon.yaml", "--scheduler", "tcp://127.0.0.1:1", "--executor", "processes"], "a scheduler is for"),
        (["resume", "nowhere"], "no such folder"),
        (["resume", "avalon.yaml"], "it is a file"),
        (["resume", "."], "holds no tensionsim results"),
        (["resume"], "Missing argument 'DIR'"),
    ],
)
def test_ways_that_cannot_be_used_are_refused(call: Call, arguments: list[str], message: str) -> None:
    status, output, errors = call(*arguments)
    assert (status, output) == (2, "")
    assert message in errors
    assert sorted(os.listdir()) == ["avalon.yaml"]


def test_resume_mends_a_damaged_part_and_says_so(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    call("run", "avalon.yaml", "--runs", "5", "-q", "-o", "out")
    of_the_command = ("provenance.json", "ro-crate-metadata.json")
    before = content_of("out", *of_the_command)
    damaged = next(Path("out/parts").glob("paths-000000-*"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert call("resume", "out", "-q")[0] == 0
    assert caplog.messages == [f"{damaged} is missing or damaged; runs 0 to 4 are done again"]
    assert content_of("out", *of_the_command) == before


def test_progress_as_json_is_lines_on_standard_error(call: Call) -> None:
    _, output, errors = call("run", "avalon.yaml", "--runs", "5", "--progress", "json", "-q", "-o", "out")
    assert output == ""
    assert json.loads(errors.splitlines()[-1])["done"] == 5


def test_jobs_do_not_show_in_what_is_printed(call: Call) -> None:
    alone = call("run", "avalon.yaml", "--runs", "1200", "--json")
    assert call("run", "avalon.yaml", "--runs", "1200", "--json", "--jobs", "2") == alone


def test_a_folder_of_something_else_is_refused_before_simulating(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensionsim.runs.run.run", lambda *_, **__: pytest.fail("simulated"))
    Path("out").mkdir()
    Path("out/diary.txt").touch()
    status, _, errors = call("run", "avalon.yaml", "-o", "out")
    assert status == 2
    assert "no tensionsim results" in errors


def test_quiet_prints_nothing(call: Call) -> None:
    assert call("run", "avalon.yaml", "--runs", "2", "--quiet", "-o", "out") == (0, "", "")


def test_too_little_memory_is_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("tensionsim.runs.run.run", too_much)
    status, _, errors = call("run", "avalon.yaml", "--runs", "1000000000")
    assert status == 2
    assert "more memory" in errors


def test_interrupting_gives_status_130(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tensionsim.runs.run.run", interrupted)
    status, output, errors = call("run", "avalon.yaml")
    assert (status, output, errors.strip()) == (130, "", "interrupted; nothing of it is kept")


def test_interrupted_while_it_is_loaded_the_command_shows_no_traceback() -> None:
    code = """
import sys
class Pressed:
    def find_spec(self, name, *rest):
        if name == 'click':
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
from tensionsim.cli.main import main
sys.exit(main(['run', 'norland-suderia']))
"""
    program = [sys.executable, "-c", code]
    done = subprocess.run(
        program, env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted; nothing of it is kept\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_tells_what_is_kept_and_how_to_go_on(call: Call, tmp_path: Path, jobs: str) -> None:
    arguments = ["run", "avalon.yaml", "--runs", "1000000", "-o", "out", "--jobs", jobs]
    # Python itself loses sight of a file where Ctrl-C comes while it is being opened.
    program = [PROGRAM[0], "-W", "ignore::ResourceWarning", *PROGRAM[3:]]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(
        [*program, *arguments], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as child:
        manifest = Path("out/manifest.json")
        while not (manifest.exists() and json.loads(manifest.read_text())["parts"]):
            assert child.poll() is None
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        errors = child.communicate(timeout=60)[1]
    assert child.returncode == 130
    found = re.fullmatch(
        r"interrupted; ([\d,]+) of 1,000,000 runs are kept; go on with: tensionsim resume out", errors.strip()
    )
    assert found is not None, errors
    assert sorted(os.listdir(tmp_path)) == ["avalon.yaml", "out"]
    last = max(part["first_run"] + part["runs"] for part in json.loads(Path("out/manifest.json").read_text())["parts"])
    assert call("run", "avalon.yaml", "--runs", str(last), "-q", "-o", "out") == (0, "", "")
    assert open("out").equals(tensionsim.run("avalon.yaml", runs=last))


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_stops_reading_is_no_error() -> None:
    with subprocess.Popen([*PROGRAM, "mechanisms"], env={"PYTHONPATH": str(SOURCE)}, stdout=-1, stderr=-1) as child:
        assert child.stdout is not None
        child.stdout.close()
        assert child.stderr is not None
        assert child.stderr.read() == b""
    assert child.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_the_output_is_told(call: Call, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "moves"],
            env={"PYTHONPATH": str(SOURCE)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr == "cannot write standard output: No space left on device\n"


def test_a_folder_of_results_is_no_scenario_and_says_what_can_be_done_with_it(call: Call) -> None:
    assert call("run", "avalon.yaml", "--runs", "3", "-o", "out", "-q")[0] == 0
    for verb in ("run", "check", "show"):
        status, _, errors = call(verb, "out")
        assert status == 2
        assert "results are for compare, explain and plot, or completed with: tensionsim resume out" in errors


def test_the_command_names_its_options_and_not_words_of_python(call: Call) -> None:
    assert call("run", "avalon.yaml", "--runs", "3", "-o", "out", "-q")[0] == 0
    for changed in (["--runs", "2"], ["--runs", "3", "--seed", "1"]):
        errors = call("run", "avalon.yaml", *changed, "-o", "out")[2]
        assert "start over" in errors
        assert "--replace" in errors
        assert "replace=True" not in errors
    wrong = {"over": "xx", "of": "yy", "method": "zz"}
    errors = call("sensitivity", "avalon.yaml", *(f"--{name}={value}" for name, value in wrong.items()))[2]
    assert [line.split()[:2] for line in errors.splitlines()] == [
        ["--over:", "xx:"],
        ["--of:", "no"],
        ["--method:", "no"],
    ]
    assert call("run", "avalon.yaml", "--runs", "3", "--keep", "index", "-o", "bare", "-q")[0] == 0
    assert "run them with --keep all\n" in call("warn", "bare", "--window", "2", "--months", "1")[2]
    assert call("run", "--", r"--over\1")[2].startswith(r"--over\1: there is no such file")


def test_a_pipe_gets_no_colour_and_no_progress(call: Call, tmp_path: Path) -> None:
    done = process("run", "avalon.yaml", "--runs", "3", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_an_ascii_terminal_gets_ascii(call: Call, tmp_path: Path) -> None:
    done = process("run", "avalon.yaml", "--runs", "3", cwd=tmp_path, PYTHONIOENCODING="ascii", COLUMNS="40")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert max(map(len, done.stdout.splitlines())) <= 40


# The screen


def summary(**fields: Any) -> dict[str, Any]:
    return synthetic.results(synthetic.scenario(**fields), runs=40).summary()


@pytest.mark.parametrize("width", [40, 57, 80, 100])
@pytest.mark.parametrize("has_unicode", [True, False])
def test_the_summary_fits_the_screen(width: int, has_unicode: bool) -> None:
    told = summary(title="A long title " * 12, notes=("2031-02-01 snaps to the week that holds it, " * 3,))
    told["events"] = {"an event with a name that goes on and on and on and on and on": told["events"]["crisis"]}
    lines = list(run_lines(told, Screen(width, has_unicode, has_colour=False)))
    assert max(map(len, lines)) <= width
    assert has_unicode or "".join(lines).isascii()


def test_colour_is_only_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert detect().has_colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not detect().has_colour


def test_a_title_cannot_steer_the_terminal() -> None:
    told = summary() | {"title": "red \x1b[31m alert\x07"}
    assert "\x1b" not in "".join(run_lines(told, Screen(80, True, False)))


def test_shares_of_none_and_all_are_counted_out() -> None:
    assert percent(0.0, 1000) == "0 of 1,000"
    assert percent(1.0, 20) == "all 20"


@pytest.mark.parametrize(
    ("share", "runs", "text"),
    [
        (0.25, 20, "25 % ±10"),
        (0.25, 1000, "25.0 % ±1.4"),
        (0.002, 1000, "0.20 % ±0.14"),
        (0.25, 100_000, "25.00 % ±0.14"),
        (1.0, 20, "all 20"),
    ],
)
def test_a_share_is_as_exact_as_its_standard_error(share: float, runs: int, text: str) -> None:
    found = {"probability": share, "standard_error": (share * (1 - share) / runs) ** 0.5}
    assert share_with_error(found, runs, Screen(80, True, False)) == text
    assert text.startswith(percent(share, runs))
    assert share_with_error(found, runs, Screen(80, False, False)).isascii()


def test_an_event_that_half_of_its_runs_have_not_seen_end_ends_not_yet() -> None:
    told = summary()
    crisis = told["events"]["crisis"] | {"median_recovery_months": None}
    for probability, error, word in ((0.5, 0.079, "not yet"), (0.0, 0.0, "-")):
        told["events"] = {"crisis": crisis | {"probability": probability, "standard_error": error}}
        lines = list(run_lines(told, Screen(100, True, False)))
        row = next(place for place, line in enumerate(lines) if line.startswith("Event"))
        assert lines[row + 1].startswith("crisis")
        assert lines[row + 1].endswith(f" {word}")


def test_columns_left_out_are_named() -> None:
    narrow = "\n".join(run_lines(summary(), Screen(40, True, False)))
    assert "(wider terminals show: months in it)" in narrow
    assert "wider terminals" not in "\n".join(run_lines(summary(), Screen(80, True, False)))


@pytest.mark.parametrize("values", [(0.0, 100.0), (42.0, 42.0), (19.0, 61.0), (99.99, 100.0)])
def test_the_chart_holds_every_value(values: tuple[float, float]) -> None:
    low, high = (np.full(10, value) for value in values)
    index = {"median": low, "q05": low, "q95": high}
    lines = list(chart(Screen(60, True, False), index, [f"2031-01-{day:02}" for day in range(1, 11)], runs=9))
    assert sum(sum(letter in "▁━▔" for letter in line.split("┤")[-1]) for line in lines[:-3]) == 55
    assert lines[-2].split() == ["2031-01-01", "2031-01-05", "2031-01-10"]


@pytest.mark.parametrize(("value", "glyph"), [(52.0, "▔"), (50.0, "━"), (48.0, "▁")])
def test_a_row_of_the_chart_is_named_by_its_middle(value: float, glyph: str) -> None:
    index = {name: np.array([value, value]) for name in ("median", "q05", "q95")}
    lines = list(chart(Screen(60, True, False), index, ["2031-01-01", "2031-01-08"], runs=9))
    assert [line[:5] for line in lines if glyph in line.split("┤")[-1]][:1] == [" 50 ┤"]


# Other verbs


def test_check_reports_the_problems_of_all_files(call: Call) -> None:
    Path("bad.yaml").write_text("tensionsim: 1\ntitel: x\n", encoding="utf-8")
    status, output, errors = call("check", "avalon.yaml", "bad.yaml", "nowhere.yaml")
    assert status == 2
    assert "avalon.yaml: good" in output
    assert "3 actors (avalon, brigadoon, camelot)" in output
    assert "bad.yaml:2:1: unknown key 'titel'" in errors
    assert "nowhere.yaml: there is no such file" in errors


def test_check_of_good_files_succeeds(call: Call) -> None:
    status, output, errors = call("check", "avalon.yaml", "trump2-petro-2025")
    assert (status, errors) == (0, "")
    assert "13 steps" in output
    assert output.count("branching ratio 0.") == output.count("tone feedback ") == 2


def test_show_prints_a_scenario_that_can_be_run(call: Call) -> None:
    _, output, _ = call("show", "trump2-petro-2025")
    Path("resolved.yaml").write_text(output, encoding="utf-8")
    assert call("show", "resolved.yaml")[1] == output


def test_show_diff_prints_only_what_differs(call: Call) -> None:
    Path("other.yaml").write_text(write(synthetic.scenario_mapping(end="2031-05-01")), encoding="utf-8")
    status, output, _ = call("show", "other.yaml", "--diff", "avalon.yaml")
    changed = [line for line in output.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    assert (status, changed) == (0, ["-end: 2031-04-01", "+end: 2031-05-01"])
    assert call("show", "avalon.yaml", "--diff", "avalon.yaml")[1] == ""


def test_new_writes_a_commented_scenario_that_runs(call: Call) -> None:
    status, output, _ = call("new", "quiet-year")
    assert (status, output) == (0, "Wrote quiet-year.yaml. Change it, then: tensionsim check quiet-year.yaml\n")
    text = Path("quiet-year.yaml").read_text(encoding="utf-8")
    assert text.startswith("#")
    assert 'title: "Quiet year"' in text
    assert call("run", "quiet-year.yaml", "--runs", "2", "--outlook", "calm")[0] == 0


def test_new_copies_a_shipped_scenario_with_its_comments(call: Call) -> None:
    assert call("new", "mine.yaml", "--from", "trump2-petro-2025")[0] == 0
    assert call("show", "mine.yaml")[1] == call("show", "trump2-petro-2025")[1]


def test_new_keeps_no_copy_that_would_not_load(call: Call, tmp_path: Path) -> None:
    Path("base.yaml").write_text(write(synthetic.scenario_mapping()), encoding="utf-8")
    Path("child.yaml").write_text("extends: base.yaml\ntitle: Child\n", encoding="utf-8")
    Path("folder").mkdir()
    status, _, errors = call("new", "folder/copy", "--from", "child.yaml")
    assert status == 2
    assert "was not kept" in errors
    assert list(Path("folder").iterdir()) == []


@pytest.mark.parametrize("name", ["yes", "12:30", "a: b", '"', "---", "é"])
def test_new_makes_a_title_of_any_name(call: Call, name: str) -> None:
    assert call("new", "--", name)[0] == 0
    assert Path(f"{name}.yaml").exists()


def test_scenarios_lists_names_that_can_be_run(call: Call) -> None:
    _, output, _ = call("scenarios")
    assert "trump2-petro-2025\n" in output


def test_moves_are_listed_for_an_actor(call: Call) -> None:
    _, output, _ = call("moves", "--actor", "bogota", "--target", "washington", "--json")
    found = json.loads(output)
    assert {"name", "goldstein", "cameo", "track", "kind", "begins", "ends", "shifts", "description"} <= set(found[0])
    assert all({"*", "bogota"} & set(move["actors"]) for move in found)
    _, output, _ = call("moves", "--issue", "drugs")
    assert "goldstein" in output
    assert max(map(len, output.splitlines())) <= 80


def test_moves_are_listed_with_what_they_raise_and_answer(call: Call) -> None:
    entry = re.search(r"^impose_tariffs\n(( .*\n)+)", call("moves")[1], re.MULTILINE)
    told = " ".join(entry[1].split()) if entry else ""
    for words in ("goldstein -", "answers carries_out", "raises measure", "begins tariffs"):
        assert words in told


def test_moves_of_a_scenario_are_listed_in_the_order_of_list_moves(call: Call) -> None:
    _, output, _ = call("moves", "--scenario", "avalon.yaml", "--actor", "avalon", "--json")
    table = tensionsim.list_moves(scenario="avalon.yaml", actor="avalon")
    assert [move["name"] for move in json.loads(output)] == table.index.tolist()


def test_mechanisms_are_listed_with_parameters(call: Call) -> None:
    _, output, _ = call("mechanisms")
    assert "\nmechanisms.defiance.strength\n    default " in output
    assert "\nparameters.index_half_life\n    default 3.0; low 0.001; high 1000.0; unit months; " in output
    told = json.loads(call("mechanisms", "--json")[1])
    assert len(told["mechanisms"]) == 12
    assert told["parameters"]["parameters.index_half_life"]["default"] == 3.0


def test_the_schema_is_the_published_one(call: Call) -> None:
    schema = json.loads(call("schema")[1])
    assert schema == json_schema()
    assert set(schema["properties"]) >= {"tensionsim", "title", "actors", "outlooks", "extends"}


JUDGED = """tensionsim: 1
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


def test_check_tells_pools_and_what_a_table_rules_out(command: Call) -> None:
    Path("panel.csv").write_text("expert,5,50,95\nann,0.2,0.4,0.6\nbob,0.4,0.6,0.8\n")
    Path("mine.yaml").write_text(JUDGED.replace("TABLE", "-3"))
    status, out, _ = command("check", "mine.yaml")
    words = " ".join(out.split())
    assert status == 0
    assert "panel.csv, linear pool of 2 at 5, 50 and 95 %: ann 0.2 / 0.4 / 0.6; bob 0.4 / 0.6 / 0.8; together" in words
    assert "consistency: WARNING, of 10,000 draws 2" in words
    assert "loud with shy (-3)" in words
    Path("mine.yaml").write_text(JUDGED.replace("TABLE", "-1"))
    assert "consistency: none of 10,000 draws" in " ".join(command("check", "mine.yaml")[1].split())
