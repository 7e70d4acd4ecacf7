"""The documentation: its examples run, its files load, and it names what there is."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import click
import pytest

import tensionsim
from tensionsim.cli.main import command

VERBS = command().commands
DOCS = Path(__file__).resolve().parents[1] / "docs"

# What a fragment of the page on the format needs around it to be a whole file.
FRAME = "tensionsim: 1\ntitle: A fragment\nstart: 2025-01-20\nend: 2026-10-28\n"
BASE = "extends: base/us-colombia.yaml\n"


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_examples_of_the_reference_give_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(blocks("reference.md", "pycon"))
    test = doctest.DocTestParser().get_doctest(text, {}, "reference.md", None, 0)
    report: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert test.examples
    assert not report, "".join(report)


@pytest.mark.parametrize("page", ["howto.md", "scoring.md"])
def test_python_of_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks(page, "python")), page, "exec"), {"__name__": page})


def test_reference_has_an_example_of_every_public_name() -> None:
    examples = "\n".join(blocks("reference.md", "pycon"))
    assert not [name for name in tensionsim.__all__ if not re.search(rf"\bts\.{name}\b", examples)]


def options() -> list[tuple[str, str]]:
    """Every verb with each of its options, in its longest spelling."""
    found = []
    for verb, subcommand in VERBS.items():
        names = [max(each.opts, key=len) for each in subcommand.params if isinstance(each, click.Option)]
        found += [(verb, name) for name in ["", *names]]
    return found


@pytest.mark.parametrize(("verb", "option"), options())
def test_reference_names_every_verb_and_option(verb: str, option: str) -> None:
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert f"tensionsim {verb}" in text
    assert option in text


@pytest.mark.parametrize("fragment", blocks("scenario-format.md", "yaml"), ids=lambda text: text.split(":")[0])
def test_fragments_of_the_page_on_the_format_are_valid(fragment: str, tmp_path: Path) -> None:
    frame = "" if fragment.startswith("tensionsim:") else FRAME if BASE in fragment else FRAME + BASE
    path = tmp_path / "fragment.yaml"
    path.write_text(frame + fragment, encoding="utf-8")
    assert tensionsim.load(path).file.principals == ("washington", "bogota")


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (DOCS / "index.md").read_text(encoding="utf-8").split()
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    assert pages <= set(contents)
