"""README.md: its commands exist, its links lead somewhere, and it stays short."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

import tensionsim
from tensionsim.cli.main import command

VERBS = command().commands
ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


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


def test_scenario_of_the_readme_is_valid_with_each_outlook(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    path = tmp_path / "winter.yaml"
    path.write_text(text, encoding="utf-8")
    scenario = tensionsim.load(path)
    results = tensionsim.run(scenario.with_outlook("rebuffed"), runs=5)
    assert list(results.events.index)[-1] == "back to normal"


def test_commands_of_the_readme_exist() -> None:
    assert typed()
    for verb, *rest in typed():
        assert verb in VERBS
        assert {word for word in rest if word.startswith("-")} <= options(verb), verb


def test_shipped_scenarios_that_the_readme_names_exist() -> None:
    shipped = set(tensionsim.list_scenarios().index)
    named = {words[1] for words in typed() if words[0] == "run" and "." not in words[1]}
    assert named
    assert named <= shipped


def test_links_of_the_readme_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_readme_is_short_and_cites_this_version() -> None:
    assert len(README.splitlines()) <= 220
    assert f"version {tensionsim.__version__}" in README
