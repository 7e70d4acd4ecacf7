"""Briefings as files: self-contained, valid, repeatable, whole or not at all, with sentences of one's own."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import made
import pytest

import tensionsim as ts
from tensionsim.errors import TemplateError

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


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the figures blank, for what asks nothing of them."""
    monkeypatch.setattr(ts.Briefing, "drawn", lambda *_, **__: b"<svg/>")


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


@pytest.mark.usefixtures("undrawn")
def test_text_of_a_scenario_is_escaped() -> None:
    sharp = ts.load(made.SCENARIO, set={"title": "<script>alert('x')</script> & *co* | {{ order }}"})
    briefing = ts.report(ts.run(sharp, runs=12), effects=False)
    assert "<script>alert" not in briefing.to_html()
    assert "\\<script\\>" in briefing.to_markdown("x")
    assert "\\*co\\* \\| {{ order }}" in briefing.to_markdown("x")


def test_the_same_results_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [ts.report(made.results(60), effects=False) for _ in range(2)]
    for theme, narrow in (("light", True), ("dark", False), ("dark", True)):
        first, second = (one.drawn(one.pictures[0], theme=theme, narrow=narrow) for one in both)
        assert first == second
    for name, one in zip("ab", both, strict=True):
        one.save(tmp_path / f"{name}.md")
    files = sorted(path.name for path in (tmp_path / "a-files").iterdir())
    assert files == ["direction.svg", "fan.svg", "manifest.json", "regimes.svg", "tables.json"]
    for file in files:
        assert (tmp_path / "a-files" / file).read_bytes() == (tmp_path / "b-files" / file).read_bytes()
    monkeypatch.setattr(ts.Briefing, "drawn", lambda *_, **__: b"<svg/>")
    assert both[0].to_html() == both[1].to_html()


@pytest.mark.usefixtures("undrawn")
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
        ("b.docx", "a briefing is written as .html, .md or .pdf; end the name so"),
        ("b", "a briefing is written as .html, .md or .pdf"),
        ("nowhere/b.html", "there is no folder"),
        ("folder.html", "it is a folder"),
        ("kept.md", "kept-files holds no tensionsim results: manifest.json is missing"),
        ("taken.md", "taken-files: a file stands there"),
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
    monkeypatch.setattr(ts.Briefing, "drawn", lambda *_, **__: b"<svg/>")
    made.alone().save(tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(ts.Briefing, "drawn", lambda *_, **__: (_ for _ in ()).throw(full))
    with pytest.raises(ts.TensionSimError, match="No space left on device"):
        made.alone().save(tmp_path / name)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_only_a_comparison_or_results_can_be_told() -> None:
    with pytest.raises(TypeError, match=r"given must be Comparison \| Results; got 'managed'"):
        ts.report("managed")  # type: ignore[arg-type]


def own(folder: Path, **templates: str) -> Path:
    """A folder with templates of one's own."""
    for name, text in templates.items():
        (folder / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return folder


def test_templates_of_a_folder_take_the_place_of_the_shipped_ones(tmp_path: Path) -> None:
    text = """## What to keep in mind

- {{ runs("setting", "runs") }} of {{ outlook(baseline) }} end between
  {{ whole("index", baseline, "q05 at end") }} and {{ whole("index", baseline, "q95 at end") }}.
"""
    folder = own(tmp_path, limits=text, provenance="{# Not told. #}\n")
    briefing = ts.report(made.results(20), effects=False, templates=folder)
    cells = briefing.tables["index"]["norland-suderia"]
    low, high = (f"{cells[side]:.0f}" for side in ("q05 at end", "q95 at end"))
    assert made.section(briefing, "What to keep in mind") == f"20 runs of norland-suderia end between {low} and {high}."
    assert [section.heading for section in briefing.sections][-2:] == ["What moves it", "What to keep in mind"]
    assert made.lines(briefing)[:20] == made.lines(ts.report(made.results(20), effects=False))[:20]


@pytest.mark.usefixtures("undrawn")
def test_pages_can_be_laid_out_anew(tmp_path: Path) -> None:
    own(tmp_path, page="{{ text_of(heading) }}: {{ sections | length | string }} sections\n")
    ts.report(made.results(20), tmp_path / "b.md", effects=False, templates=tmp_path)
    assert (tmp_path / "b.md").read_text(
        encoding="utf-8"
    ) == "Norland and Suderia: the outlook to 6 January 2032: 9 sections\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("## Limits\n\nIn 3 of the runs.\n", "a number stands in 'In 3 of the runs.'; numbers come from tables"),
        ("## Limits\n\n{{ number('setting', 'runs') }}\n", "limits.md:3: 20.0 is a bare number"),
        ("## Limits\n\n{{ count('setting', 'rums') }}\n", "limits.md:3: there is no cell setting, rums, value"),
        ("## Limits\n\n{{ percent('texts', 'norland', 'text') }}\n", "limits.md:3: "),
        ("## Limits\n\n{% if others %}\n\nx\n", "limits.md:3: Unexpected end of template"),
        ("## Limits\n\n{{ outlok(baseline) }}\n", "limits.md:3: 'outlok' is undefined"),
        ("## Limits\n\n{{ baseline.__class__.mro() }}\n", "limits.md:3: access to attribute '__class__'"),
        ("{% include '../limits.md' %}\n", "limits.md:1: ../limits.md"),
        ("No heading.\n", "'No heading.' stands before the heading"),
        ("## Limits\n\n![A chart.](fann)\n", "a figure of this briefing must be one of fan, regimes, direction"),
        ("## Limits\n\nTable: Words.\n| a | b |\n| c |\n", "'Words.' has rows of several lengths"),
    ],
)
def test_what_a_template_cannot_say_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    own(tmp_path, limits=text)
    with pytest.raises(TemplateError, match=re.escape(words)):
        ts.report(made.results(20), tmp_path / "b.html", effects=False, templates=tmp_path)
    assert not (tmp_path / "b.html").exists()


def test_a_folder_without_templates_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    with pytest.raises(ts.TensionSimError, match="there is no folder nowhere with templates"):
        ts.report(made.results(20), templates="nowhere")
    own(tmp_path, limit="## Limits")
    with pytest.raises(TemplateError, match=r"holds no template of a briefing; name one of them .*, limits\.md, "):
        ts.report(made.results(20), templates=tmp_path)
    own(tmp_path, title="#")
    with pytest.raises(TemplateError, match="a title is a line # HEADING"):
        ts.report(made.results(20), effects=False, templates=tmp_path)
    (tmp_path / "title.md").write_bytes(b"\xff")
    with pytest.raises(TemplateError, match="byte"):
        ts.report(made.results(20), effects=False, templates=tmp_path)


def test_leaders_are_called_by_their_labels_in_context_dates_and_effects() -> None:
    leaders = {"mild": {"label": "A. Mild", "rhetoric": 0.1}, "stern": {"label": "B. Stern", "rhetoric": 0.9}}
    change = {"date": "2030-07-01", "actor": "suderia", "leader": "stern"}
    file = {"extends": "norland-suderia", "title": "Led", "leaders": leaders, "changes": [change]}
    scenario = ts.load(file | {"actors": {"suderia": {"leader": "mild"}}})
    assert scenario.file.called("suderia") == "Suderia", "a leader's label is not its actor's"
    text = ts.report(ts.run(scenario, runs=5)).to_markdown("none")
    for words in ("Suderia (leader A. Mild)", "Suderia: B. Stern (1 July 2030)"):
        assert words in text
    assert ts.chronicle(scenario).table.query("kind == 'leader'")["text"].tolist() == [
        "Suderia has a new leader: B. Stern."
    ]
