"""What scripts make of the pages is as fresh as the package: run `make pages` where a test fails.

A change is judged by the fingerprints in the pages, which docs/passages.py explains; `make test-all` makes all anew.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import tensionsim
from tensionsim.model.catalogue import rows

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
KEDS = ROOT.parent / "shared" / "data" / "events" / "isr_pse_keds_1979_2011.csv.gz"
MOST_BYTES = 75_000
RESULTS = ("make_fitting", "make_eras", "make_outlooks", "make_forecast_2025", "make_readme")
SIGNED = (*RESULTS, "make_gallery", "make_replication")
LISTS = ("make_tables", "make_events", "make_architecture")
"""Scripts whose passages list what there is."""
OF_PAGES = ("make_base", "make_futures", "make_live")
"""Scripts that make several pages."""
MAKERS = ("passages", "pictures", "make_priors", *OF_PAGES, *LISTS, *SIGNED)
"""Scripts, imported anew for every test."""

# Shares of runs may differ by a run or two between machines, whose processors round the last bit in their own ways.
TOLERANCE = 0.04


@pytest.fixture(autouse=True)
def docs_on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(DOCS))
    yield
    for name in MAKERS:
        sys.modules.pop(name, None)


def passages() -> ModuleType:
    return importlib.import_module("passages")


def stale(maker: str, tolerance: float) -> list[str]:
    """What the page of a script has otherwise than the script makes it."""
    script = importlib.import_module(maker)
    return passages().differences(script.PAGE, script.made(), tolerance)


@pytest.mark.parametrize("maker", [*LISTS, "make_gallery"])
def test_tables_of_what_there_is_are_fresh(maker: str) -> None:
    assert not stale(maker, 0.0)


def test_pages_made_from_the_package_are_fresh(tmp_path: Path) -> None:
    """In a process of its own, as other tests add verbs, figures and formats to this one."""
    program = "import sys, pathlib, generated; generated.write_pages(pathlib.Path(sys.argv[1]))"
    places = os.pathsep.join([str(DOCS / "_extensions"), *sys.path])
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True, env={**os.environ, "PYTHONPATH": places})
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "generated").iterdir()}


def test_no_link_of_a_page_is_dead_in_the_checkout() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md"), *DOCS.glob("generated/*.md")]:
        links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert not dead, page.name


def test_pages_were_made_from_todays_results() -> None:
    scripts = {maker: importlib.import_module(maker) for maker in SIGNED}
    behind = {name: passages().behind(one.PAGE, one.__file__, one.MADE_FROM) for name, one in scripts.items()}
    for one in map(importlib.import_module, OF_PAGES):
        behind |= {page.name: passages().behind(page, one.__file__, one.MADE_FROM) for page in one.PAGES}
    assert not {name: parts for name, parts in behind.items() if parts}


@pytest.mark.full
@pytest.mark.parametrize("maker", RESULTS)
def test_results_in_pages_are_fresh(maker: str) -> None:
    assert not stale(maker, TOLERANCE)


@pytest.mark.full
@pytest.mark.parametrize("maker", ["make_futures", "make_live"])
def test_what_commands_print_in_pages_is_fresh(maker: str) -> None:
    script = importlib.import_module(maker)
    for page in script.PAGES:
        assert not passages().differences(page, script.made(page), TOLERANCE), page.name


@pytest.mark.full
def test_draws_are_those_of_the_fits() -> None:
    script = importlib.import_module("make_base")
    for page, until in script.PAGES.items():
        assert not passages().differences(page, script.made(until), TOLERANCE), until


@pytest.mark.full
@pytest.mark.parametrize("study", ["richardson", "hawkes", "goldstein-freeman", "recovery"])
def test_replications_in_their_page_are_fresh(study: str) -> None:
    script = importlib.import_module("make_replication")
    if study == "goldstein-freeman" and not KEDS.is_file():
        pytest.skip("the shared event data are not beside this checkout")
    events = tensionsim.read_events(KEDS, dyad=script.DYAD, scale=script.SCALE) if "-" in study else None
    found = tensionsim.replicate(study, events=events)
    assert not passages().differences(script.PAGE, script.made(found), TOLERANCE)


def test_priors_stand_in_their_page() -> None:
    script = importlib.import_module("make_priors")
    table = passages().read(script.PAGE)["pooled-priors"]
    for row in rows("priors.csv"):
        line = next(line for line in table.splitlines() if f"| `{row['path'].partition('.')[2]}` |" in line)
        assert all(f"| {text} |" in line for text in script.told(row)), line


def test_priors_over_pairs_are_those_from_which_pairs_were_drawn() -> None:
    script = importlib.import_module("make_priors")
    rng, count = np.random.default_rng(0), 150
    mean, slope, spread = np.array([0.3, 0.0, -1.0]), np.array([0.0, 0.8, 0.0]), np.array([0.5, 0.8, 0.6])
    low, volume = np.array([0.0, -np.inf, -np.inf]), rng.normal(0.0, 1.0, count)
    pairs = []
    for one in volume.tolist():
        shares = rng.random(3)
        own = [script.cut_normal(*given) for given in zip(mean + slope * one, spread, low, shares, strict=True)]
        turned = np.eye(3) + 0.3 * rng.standard_normal((3, 3))
        precision = 6.0 * turned @ turned.T
        seen = rng.multivariate_normal(own, np.linalg.inv(precision))
        prior = np.array([[0.5, 0.0, 0.0], [1.0, 1.0, 1.0]])
        paths, is_of_log = ("one", "two", "three"), (False, False, True)
        pairs.append(script.Said(paths, is_of_log, precision, precision @ seen, prior, low, one))
    found = script.pooled(pairs)
    shares = np.array([0.1, 0.5, 0.9])
    drawn, told = (script.cut_normal(*of, 0.0, shares) for of in ((0.3, 0.5), row_of(found[0])))
    assert told == pytest.approx(drawn, abs=0.15)
    assert row_of(found[1]) == pytest.approx((0.0, 0.8), abs=0.2)
    assert row_of(found[2]) == pytest.approx((np.exp(-1.0), 0.6), abs=0.12)
    assert [float(row["per_log_volume"]) for row in found] == pytest.approx([0.0, 0.8, 0.0], abs=0.2)
    assert [row["family"] for row in found] == ["truncated_normal", "truncated_normal", "lognormal"]


def row_of(row: Mapping[str, str]) -> tuple[float, float]:
    return float(row["middle"]), float(row["spread"])


def test_assumptions_name_what_there_is() -> None:
    tables = importlib.import_module("make_tables")
    assert len(list(tables.assumptions())) > 30
    assert all((ROOT / "src" / "tensionsim" / path).is_file() and text for path, text in tables.assumptions())


def test_figures_are_small_and_shown() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *DOCS.glob("*.md")])
    figures = sorted((DOCS / "figures").iterdir())
    assert figures
    for figure in figures:
        assert figure.stat().st_size <= MOST_BYTES, figure.name
        assert f"figures/{figure.name}" in pages


def test_a_passage_is_put_in_its_place(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- made by docs/x.py: one -->\nold\n<!-- end of one -->\nbelow\n", encoding="utf-8")
    passages().write(page, {"one": "| new |"})
    assert passages().read(page) == {"one": "| new |"}
    assert page.read_text(encoding="utf-8").startswith("above\n")
    assert page.read_text(encoding="utf-8").endswith("\nbelow\n")
    with pytest.raises(ValueError, match="no place for a passage 'two'"):
        passages().write(page, {"two": ""})


@pytest.mark.parametrize(
    ("part", "said"), [("result = 1\n", []), ("# Why.\nimport os\nresult  =  1", []), ("result = 2\n", ["text"])]
)
def test_a_fingerprint_sees_a_changed_script_but_no_moved_import(part: str, said: list[str], tmp_path: Path) -> None:
    page, maker = tmp_path / "page.md", tmp_path / "make_page.py"
    maker.write_text('"""A page."""\nimport sys\n\nresult = 1\n', encoding="utf-8")
    page.write_text("words\n", encoding="utf-8")
    assert passages().behind(page, str(maker), ()) != []
    for _ in range(2):
        passages().write(page, {}, passages().fingerprint(str(maker), ()))
    assert page.read_text(encoding="utf-8").count("fingerprint of docs/make_page.py: text ") == 1
    maker.write_text(part, encoding="utf-8")
    assert [one.split()[0] for one in passages().behind(page, str(maker), ())] == said


def test_a_fingerprint_sees_changed_results_but_no_rounding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, found = tmp_path / "page.md", {"fit": "fit -131.1073 24.3573"}
    page.write_text("words\n", encoding="utf-8")
    monkeypatch.setattr(passages(), "_PROBES", {"fit": lambda: found["fit"]})
    passages().write(page, {}, passages().fingerprint(__file__, ("fit",)))
    for now, is_behind in (
        ("fit -131.1074 24.35731", False),
        ("fit 131.1073 24.3573", True),
        ("fit -131.1073 25", True),
    ):
        found["fit"] = now
        assert passages().behind(page, __file__, ("fit",)) == ([now] if is_behind else [])


@pytest.mark.parametrize(
    ("line", "other", "agree"),
    [
        ("| 12 % |", "| 12 % |", True),
        ("| 1000 runs |", "| 1010 runs |", True),
        ("| 12 % |", "| 14 % |", False),
        ("| 12 % of runs |", "| 12 % of days |", False),
        ("| +2.5 |", "| -2.5 |", False),
    ],
)
def test_differences_see_words_signs_and_numbers(line: str, other: str, agree: bool, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- made by docs/x.py: one -->\n<!-- end of one -->\n", encoding="utf-8")
    passages().write(page, {"one": line})
    assert bool(passages().differences(page, {"one": other}, TOLERANCE)) is not agree
