"""The documentation: its files load, and it names what there is. Its examples: test_examples.py."""

from __future__ import annotations

import re
from pathlib import Path

import click

import tensionsim
from tensionsim.cli.main import command
from tensionsim.plots import FIGURES

VERBS = command().commands
DOCS = Path(__file__).resolve().parents[1] / "docs"

# What a fragment of the page on the format needs around it to be a whole file.
FRAME = "tensionsim: 1\ntitle: A fragment\nstart: 2025-01-20\nend: 2026-10-28\n"
BASE = "extends: base/us-colombia.yaml\n"


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_every_public_name_is_documented() -> None:
    text = (DOCS / "generated" / "python.md").read_text(encoding="utf-8")
    names = set(tensionsim.__all__) - {"__version__", "plots"}
    assert names | set(FIGURES) <= set(re.findall(r"^\.\. auto\w+:: (\w+)$", text, re.MULTILINE))


def test_every_option_says_what_it_means() -> None:
    options = [(verb, each) for verb, one in VERBS.items() for each in one.params if isinstance(each, click.Option)]
    assert len(options) > 100
    assert not [(verb, each.name) for verb, each in options if not each.help]


def test_fragments_of_the_page_on_the_format_are_valid(tmp_path: Path) -> None:
    fragments = blocks("scenario-format.md", "yaml")
    assert fragments
    for number, fragment in enumerate(fragments, 1):
        frame = "" if fragment.startswith("tensionsim:") else FRAME if BASE in fragment else FRAME + BASE
        path = tmp_path / f"fragment-{number}.yaml"
        path.write_text(frame + fragment, encoding="utf-8")
        assert tensionsim.load(path).file.principals == ("washington", "bogota"), fragment


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (DOCS / "index.md").read_text(encoding="utf-8").split()
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    assert pages <= set(contents)
