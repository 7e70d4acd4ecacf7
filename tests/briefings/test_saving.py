"""Briefings as files: self-contained, valid, repeatable, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import made
import pytest

import tensionsim as ts
from tensionsim.briefings import figures, html

VOID = {"meta", "img", "source", "br"}


class Structure(HTMLParser):
    """Checks that every element is closed in its place, and keeps all elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page() -> str:
    return made.page("several")


def test_the_page_is_closed_and_says_its_language(page: str) -> None:
    read = Structure()
    read.feed(page)
    assert read.open == []
    tags = [tag for tag, _ in read.elements]
    assert tags.count("h1") == tags.count("main") == 1
    assert dict(read.elements)["html"] == {"lang": "en"}
    ids = [given["id"] for _, given in read.elements if "id" in given]
    assert len(ids) == len(set(ids))


def test_every_figure_is_told_and_every_table_has_headings(page: str) -> None:
    read = Structure()
    read.feed(page)
    pictures = [given for tag, given in read.elements if tag == "img"]
    assert len(pictures) == 3
    assert all(len(str(given["alt"])) > 20 for given in pictures)
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        assert "<caption>" in table
        assert 'scope="col"' in table
        columns = [row.count("<td>") + row.count("<th ") for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)]
        assert len(set(columns)) == 1


def test_nothing_is_asked_of_a_network(page: str) -> None:
    read = Structure()
    read.feed(page)
    for tag, given in read.elements:
        for name in ("src", "href", "srcset", "action", "poster"):
            assert str(given.get(name, "data:")).startswith("data:"), (tag, given)
    assert not re.search(r"@import|url\(|<link|<iframe|javascript:", page)
    assert [given for tag, given in read.elements if tag == "script"] == [{"type": "application/json", "id": "tables"}]


def test_there_is_a_style_for_paper_the_phone_and_the_dark(page: str) -> None:
    for words in ("@media print", "@page", "break-inside: avoid", "max-width: 34rem", "prefers-color-scheme: dark"):
        assert words in page


def test_text_of_a_scenario_is_escaped() -> None:
    sharp = ts.load(made.SCENARIO, set={"title": "<script>alert('x')</script> & *co*"})
    briefing = ts.report(ts.run(sharp, runs=12), effects=False)
    assert "<script>alert" not in html.page(briefing)
    from tensionsim.briefings import markdown

    assert "\\<script\\>" in markdown.page(briefing, "x")


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        ts.report(made.results(60), tmp_path / name, effects=False)
    assert html.page(made.alone()) == made.page("alone")
    files = sorted(path.name for path in (tmp_path / "a-files").iterdir())
    assert files == ["direction.svg", "fan.svg", "regimes.svg", "tables.json"]
    for file in files:
        assert (tmp_path / "a-files" / file).read_bytes() == (tmp_path / "b-files" / file).read_bytes()


def test_markdown_names_figures_that_are_there_and_replaces_its_own(tmp_path: Path) -> None:
    path = tmp_path / "told.md"
    for _ in range(2):
        made.several().save(path)
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"!\[[^]]+\]\((.*?)\)", text)
    assert len(named) == 3
    assert all((tmp_path / one).is_file() for one in named)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["told-files", "told.md"]
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("b.pdf", "a briefing is written as .html or .md; end the name so"),
        ("b", "a briefing is written as .html or .md"),
        ("nowhere/b.html", "there is no folder"),
        ("folder.html", "it is a folder"),
        ("kept.md", "which holds thesis.tex; move that away"),
        ("taken.md", "where a file stands"),
    ],
)
def test_where_a_briefing_cannot_go_is_said_before_anything_is_run(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "kept-files").mkdir()
    (tmp_path / "kept-files" / "thesis.tex").write_text("x", encoding="utf-8")
    (tmp_path / "taken-files").write_text("x", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ts.TensionSimError, match=re.escape(words)):
        ts.report(made.results(20), tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["b.html", "b.md"])
def test_a_failure_half_way_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    made.alone().save(tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(
        figures, "drawn", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(ts.TensionSimError, match="No space left on device"):
        made.alone().save(tmp_path / name)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_only_a_comparison_or_results_can_be_told() -> None:
    with pytest.raises(TypeError, match="a briefing is of a Comparison or of Results; got 'managed'"):
        ts.report("managed")  # type: ignore[arg-type]


def test_a_browser_prints_it_on_three_pages_or_fewer(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium here to print with")
    made.several().save(tmp_path / "b.html")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [
        browser,
        *options,
        f"--print-to-pdf={tmp_path / 'b.pdf'}",
        "--no-pdf-header-footer",
        str(tmp_path / "b.html"),
    ]
    environment = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run(command, check=False, capture_output=True, timeout=120, env=environment)
    if not (tmp_path / "b.pdf").is_file():
        pytest.skip("the browser here prints nothing without a screen")
    pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "b.pdf").read_bytes()))
    assert 1 <= pages <= 3
