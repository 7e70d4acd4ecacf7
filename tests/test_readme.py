"""README.md: its examples run, its commands exist, its links lead somewhere, and it stays short."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

import tensionsim
from tensionsim.cli.main import command

VERBS = command().commands
ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of README.md in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def typed() -> list[list[str]]:
    """The words of every command `tensionsim` that README.md shows."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("tensionsim ")]


def options(verb: str) -> set[str]:
    """Every spelling of every option of a verb."""
    return {name for each in VERBS[verb].params if isinstance(each, click.Option) for name in each.opts}


def verbs_and_options() -> list[tuple[str, str]]:
    """Every verb with each of its options, in its longest spelling."""
    return [(verb, "") for verb in VERBS] + [
        (verb, max(each.opts, key=len))
        for verb, subcommand in VERBS.items()
        for each in subcommand.params
        if isinstance(each, click.Option)
    ]


def test_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot as plt

    monkeypatch.chdir(tmp_path)
    found = blocks("python")
    assert found
    for block in found:
        exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
    plt.close("all")


def test_scenario_of_the_readme_is_valid_with_each_outlook(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    path = tmp_path / "winter.yaml"
    path.write_text(text, encoding="utf-8")
    scenario = tensionsim.load(path)
    results = tensionsim.run(scenario.with_outlook("rebuffed"), runs=5)
    assert list(results.events.index)[-1] == "back to normal"


@pytest.mark.parametrize("words", typed(), ids=" ".join)
def test_command_of_the_readme_exists(words: list[str]) -> None:
    verb, *rest = words
    assert verb in VERBS
    assert {word for word in rest if word.startswith("-")} <= options(verb)


def test_shipped_scenarios_that_the_readme_names_exist() -> None:
    shipped = set(tensionsim.list_scenarios().index)
    named = {words[1] for words in typed() if words[0] == "run" and "." not in words[1]}
    assert named
    assert named <= shipped


@pytest.mark.parametrize(("verb", "option"), verbs_and_options())
def test_readme_or_reference_names_every_verb_and_option(verb: str, option: str) -> None:
    text = README + REFERENCE
    assert f"tensionsim {verb}" in text
    assert option in text


def test_links_of_the_readme_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_readme_is_short_and_cites_this_version() -> None:
    assert len(README.splitlines()) <= 220
    assert f"version {tensionsim.__version__}" in README
