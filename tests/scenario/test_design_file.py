"""Design files: what values may be, and that every problem is found at once, each in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scenario.designs import design_of
from tensionsim.errors import ScenarioError
from tensionsim.scenario.design import MOST_POINTS, Design, read_design, short_names

GOOD = """\
method: lhs
points: 12
seed: 5
over:
  actors.bogota.insulation: {from: 0.2, to: 1.0}
  actors.washington.rhetoric: {triangular: [0, 0.2, 1]}
  outlook: [calm, loud]
set:
  end: 2026-10-28
"""


def levels(values: Any, **more: Any) -> list[Any]:
    (factor,) = design_of({"over": {"x": values}, **more}).factors
    return list(factor.levels)


def problems(text: str, folder: Path) -> list[str]:
    """Line, column and message of each problem of a design file."""
    path = folder / "design.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_design(path)
    return [f"{problem.line}:{problem.column}: {problem.message}" for problem in caught.value.problems]


def messages(values: Any, **more: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        design_of({"over": {"x": values}, **more})
    return str(caught.value)


# Values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.2,0.4,0.6", [0.2, 0.4, 0.6]),
        (" 1, 2 ,3 ", [1, 2, 3]),
        ("0.2:1.0:5", [0.2, 0.4, 0.6, 0.8, 1.0]),
        ("1:0:3", [1.0, 0.5, 0.0]),
        ("-2 : 4 : 3", [-2, 1, 4]),
        ("calm,loud", ["calm", "loud"]),
        ("off", ["off"]),
        ("no, on, 12 months", ["no", "on", "12 months"]),
        ("true,false", [True, False]),
        ("off, {strength: 0.3}", ["off", {"strength": 0.3}]),
        ('["a,b", c]', ["a,b", "c"]),
        ("[1, 2], [3, 4]", [[1, 2], [3, 4]]),
        ("2025-11-01,2025-12-01", ["2025-11-01", "2025-12-01"]),
        ("'0.2','0.4'", ["0.2", "0.4"]),
    ],
)
def test_values_of_the_command_line_are_lists_and_ranges(text: str, expected: list[Any]) -> None:
    found = levels(text)
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


def test_values_of_python_may_be_arrays_columns_and_ranges() -> None:
    assert levels(np.array([0.1, 0.5])) == [0.1, 0.5]
    assert levels(pd.Series([1, 2])) == levels(range(1, 3)) == [1, 2]
    assert levels(("calm", "loud")) == ["calm", "loud"]
    assert levels({"from": 0, "to": 1, "points": 3}) == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.2:", "'0.2:' cannot be read"),
        (":5", "':5' cannot be read"),
        ("0.2:1.0:1", "points 1 is below 2; use a number in 2..20000"),
        ("0.2:1.0:2.5", "points is the number 2.5; use a whole number in 2..20000"),
        ("0.2:0.2:5", "a range goes from one value to another"),
        ("0.2,,0.4", "'0.2,,0.4' cannot be read"),
        ("", "x has nothing; it takes 1 or more"),
        ("[0.2, 0.4", "cannot be read"),
        ("~,1", "this list item is empty"),
        ("{from: 0, too: 1}", "unknown key 'too' in 'x'; did you mean 'to'?"),
        ("{from: low, to: 1}", "from is the text 'low'; use a number"),
        ("{steps: 3}", "unknown key 'steps' in 'x'; it may have from, to, points, uniform"),
        ("[]", "x has nothing; it takes 1 or more"),
        ("0.2:1.0", "a grid takes single values"),
        ("{uniform: [0, 1]}", "a grid takes single values"),
        ("{uniform: [0, 1, 2]}", "uniform takes 2 values ([low, high]); found 3"),
        ("{uniform: [2, 1]}", "low below high"),
        ("{choice: []}", "choice has nothing; it takes 1 or more"),
    ],
)
def test_other_values_are_refused_with_the_reason(text: str, said: str) -> None:
    assert said in messages(text)


def test_a_refused_text_is_told_what_is_allowed() -> None:
    found = messages("[0.2")
    assert found.startswith("over: x: ")
    assert "a list like 0.2,0.4,0.6, a range start:stop:number like 0.2:1.0:5 (both ends)" in found


def test_values_that_cannot_stand_in_a_file_are_refused() -> None:
    assert "a value of type object cannot stand" in messages([object()])
    assert "not a number of ordinary size" in messages([float("nan")])


def test_an_interval_goes_from_low_to_high() -> None:
    assert "an interval from low to high; found 1 to 0" in messages("1:0", method="lhs", points=4)


# Files


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    path.write_text(GOOD, encoding="utf-8")
    found = read_design(path)
    assert (found.method, found.points, found.seed, found.size) == ("lhs", 12, 5, 12)
    assert found.names == ("insulation", "rhetoric", "outlook")
    assert found.set == {"end": "2026-10-28"}


WRONG = {
    "unknown key": ("seed: 5", "sead: 5", ["3:1: unknown key 'sead' in the design; did you mean 'seed'?"]),
    "unknown method": (
        "lhs",
        "lsh",
        ["1:9: method is the text 'lsh'; it is one of grid, zip, lhs, sobol; did you mean 'lhs'?"],
    ),
    "points no number": ("12", "many", ["2:9: points is the text 'many'; use a whole number in 1..20000"]),
    "points not whole": ("12", "1.5", ["2:9: points is the number 1.5; use a whole number in 1..20000"]),
    "points zero": ("12", "0", ["2:9: points 0 is below 1; use a number in 1..20000"]),
    "points missing": ("points: 12\n", "", ["1:1: `points` is missing: how many points a Latin hypercube shall have"]),
    "not a power of two": (
        "lhs",
        "sobol",
        ["2:9: Sobol' points are balanced in powers of 2 only: not 12, but 8 or 16"],
    ),
    "seed below zero": ("seed: 5", "seed: -1", ["3:7: seed -1 is below 0; use a number of 0 or more"]),
    "one end": (", to: 1.0", "", ["5:3: 'actors.bogota.insulation' lacks 'to'"]),
    "end no number": ("to: 1.0", "to: high", ["5:45: to is the text 'high'; use a number"]),
    "ends swapped": (
        "to: 1.0",
        "to: 0.1",
        [
            "5:29: actors.bogota.insulation: a range goes from one value to another, an interval from low to high; "
            "found 0.2 to 0.1"
        ],
    ),
    "too few numbers": ("[0, 0.2, 1]", "[0, 1]", ["6:44: triangular takes 3 values ([low, mode, high]); found 2"]),
    "numbers out of order": (
        "[0, 0.2, 1]",
        "[0, 2, 1]",
        ["6:31: actors.washington.rhetoric: a triangular is [low, mode, high] in rising order, found [0, 2, 1]"],
    ),
    "key given twice": (
        "  outlook: [calm, loud]",
        "  outlook: [calm]\n  outlook: [loud]",
        ["8:3: key 'outlook' is given twice in one mapping; first on line 7"],
    ),
    "empty item": ("[calm, loud]", "[calm, ~]", ["7:19: this list item is empty; write a value or remove it"]),
    "set a list": (
        "set:\n  end: 2026-10-28",
        "set: [1]",
        ["8:6: set is a list; it takes a mapping of names to values"],
    ),
    "an anchor": (
        "[calm, loud]",
        "&a [calm]",
        ["7:12: anchor '&a' has no use in a scenario; use `extends` or `leaders` to share values"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_place_and_reason(name: str, tmp_path: Path) -> None:
    old, new, expected = WRONG[name]
    assert GOOD.count(old) == 1
    assert problems(GOOD.replace(old, new), tmp_path) == expected


def test_all_problems_of_a_file_come_at_once_in_its_order(tmp_path: Path) -> None:
    chosen = ("points zero", "seed below zero", "end no number", "numbers out of order", "set a list")
    text = GOOD
    for name in chosen:
        text = text.replace(*WRONG[name][:2])
    assert problems(text, tmp_path) == [WRONG[name][2][0] for name in chosen]


def test_the_line_is_shown_with_a_caret(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    path.write_text("over:\n  x: {from: a, to: 1}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_design(path)
    assert str(caught.value).startswith(f"{path}:2:13: from is the text 'a'")
    assert str(caught.value).endswith("      x: {from: a, to: 1}\n                ^")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty; this should be a design"),
        ("[1, 2]", "1:1: the file is a list; it takes a mapping of keys to values"),
        ("method: grid\n", "1:1: the design lacks 'over'"),
        ("over: {}\n", "1:7: over has nothing; it takes 1 or more"),
        ("over: 3\n", "1:7: over is the number 3; it takes a mapping of names to values"),
        ("over: [\n", "not YAML"),
        (
            "over: {x: [1, 2]}\npoints: 3\n",
            "2:9: a grid draws no points, it has as many as its values make; drop `points`",
        ),
        ("over: {x: [1, 2]}\nseed: 3\n", "2:7: a grid draws no points, it has as many as its values make; drop `seed`"),
        ("over: {x: [1, 2, 1]}\n", "1:18: value '1' is given twice; a grid takes each once"),
        ("method: zip\nover: {x: [1, 2], y: [1]}\n", "2:1: a zip takes values one by one"),
        ("over: {x: 0:1:200, y: 0:1:200}\n", "1:1: this grid has 40,000 points, more than 20,000"),
    ],
)
def test_what_is_no_design_is_refused(text: str, said: str, tmp_path: Path) -> None:
    assert any(said in problem for problem in problems(text, tmp_path))


def test_a_grid_that_nobody_could_wait_for_is_not_made() -> None:
    values = {f"x{number}": list(range(1000)) for number in range(40)}
    with pytest.raises(ScenarioError, match=f"more than {MOST_POINTS:,}"):
        design_of({"over": values})


def test_a_missing_file_is_said_with_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "design.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"there is no such file; did you mean .*design\.yaml"):
        read_design(tmp_path / "desing.yaml")
    with pytest.raises(ScenarioError, match="this is a folder"):
        read_design(tmp_path)


@pytest.mark.parametrize(
    "given",
    [
        {"over": {"x": "0.2:1.0:5", "y.z": [1, 2.5]}},
        {"over": {"x": ["off", {"strength": 0.3}], "actors.*.rhetoric": [0.1, 1 / 3]}, "method": "zip"},
        {"over": {"x": "0:1", "y": "{beta: [2, 3]}"}, "method": "sobol", "points": 8, "seed": 3, "set": {"a.b": "no"}},
    ],
)
def test_a_design_is_read_back_from_its_own_text(given: dict[str, Any], tmp_path: Path) -> None:
    made: Design = design_of(given)
    path = tmp_path / "design.yaml"
    path.write_text(made.text, encoding="utf-8")
    assert read_design(path) == made


# Short names


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["actors.bogota.insulation", "actors.*.rhetoric"], ("insulation", "rhetoric")),
        (["actors.bogota.rhetoric", "actors.*.rhetoric"], ("bogota_rhetoric", "all_rhetoric")),
        (['actors.a.rules."america first 2.0".chance'], ("chance",)),
        (["mechanisms.contagion.strength", "mechanisms.inertia.strength"], ("contagion_strength", "inertia_strength")),
        (["parameters.index_half_life"], ("parameters_index_half_life",)),
        (["end", "start"], ("end", "start")),
        (["schedule.0.date"], ("schedule_0_date",)),
        (["about"], ("about",)),
        (["date"], ("factor_0_date",)),
    ],
)
def test_short_names_tell_paths_apart_and_are_no_columns_of_outcomes(paths: list[str], names: tuple[str, ...]) -> None:
    assert short_names(paths) == names
    assert all(name.isidentifier() for name in names)


@pytest.mark.parametrize("opening", ["[", "{a: ", "[{"])
def test_200_000_brackets_are_refused_in_a_file_and_as_values(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text(f"over: {opening * 200_000}", encoding="utf-8")
    for make, given in ((read_design, path), (design_of, {"over": {"actors.x.rhetoric": opening * 200_000}})):
        with pytest.raises(ScenarioError, match="values are nested more than 50 deep"):
            make(given)
