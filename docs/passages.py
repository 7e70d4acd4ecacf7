"""Passages: parts of a page that a script makes, written into the page itself, so that any reader sees it whole.

A passage stands between two comments that name the script and the passage:

    <!-- made by docs/make_tables.py: mechanisms -->
    ...
    <!-- end of mechanisms -->

In a scenario file the comments begin with # instead.

To make everything anew takes minutes, so a page also keeps the fingerprint of what made it, in one comment:

    <!-- fingerprint of docs/make_eras.py: text kqhzvbnd; status-quo 2052 moves, index 28.26223; history ... -->

`text` is a digest of the script without its imports, docstrings, comments and spaces. The rest are results of a few
runs of the scenarios that the page tells of, of the observed history and of a small fit: numbers, not a digest, as
processors round the last digits in their own ways. Where the package is only moved about, all of it stays; where
results change, some of it does, a test says which pages are behind, and `make pages` makes them anew.
"""

from __future__ import annotations

import ast
import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import tensionsim as ts

NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BEGIN, _END = r"(?:<!--|#) made by [^:\n]+: ", r"(?:<!--|#) end of "
LAST_DIGIT = 0.1001
"""A tenth, and what floating point makes of it."""

RUNS, SEED, FITTED = 30, 0, ("us-colombia-2017", "2018-12-31")
CLOSE = 1e-5
"""By how much, of itself, a number of a fingerprint may differ: fits end a little apart on other processors."""


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    titles = list(columns)
    lines = [titles, ["---"] * len(titles), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def read(page: Path) -> dict[str, str]:
    """The passages of a page by name."""
    found = re.findall(f"{_BEGIN}(\\S+)(?: -->)?\n+(.*?)\n+{_END}\\1(?= -->|\n|$)", _text(page), re.DOTALL)
    return dict(found)


def write(page: Path, passages: Mapping[str, str], fingerprint: str = "") -> None:
    """Puts passages in their places in a page, and the fingerprint of what made them at its end or where it stood.

    Raises
    ------
    ValueError
        If the page has no place for one.
    """
    text = _text(page)
    for name, passage in passages.items():
        place = re.compile(rf"({_BEGIN}{name}(?: -->)?\n).*?({_END}{name}(?= -->|\n|$))", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"{page.name} has no place for a passage '{name}'")
        text = place.sub(lambda found, passage=passage: f"{found[1]}\n{passage}\n\n{found[2]}", text)
    if fingerprint:
        comment = f"<!-- {fingerprint} -->" if page.suffix == ".md" else f"# {fingerprint}"
        former = re.compile(rf"^(?:<!--|#) {re.escape(fingerprint.partition(': ')[0])}: .*$", re.MULTILINE)
        text = former.sub(comment, text) if former.search(text) else f"{text.rstrip()}\n\n{comment}\n"
    page.write_text(text, encoding="utf-8")


def fingerprint(maker: str, made_from: Iterable[str]) -> str:
    """What a script's passages hang on, in one line.

    Parameters
    ----------
    maker : the script's `__file__`. made_from : names of shipped scenarios, `history` and `fit`.
    """
    parts = [f"text {_digest(Path(maker))}", *(_PROBES.get(one, lambda one=one: _of_runs(one))() for one in made_from)]
    return f"fingerprint of docs/{Path(maker).name}: {'; '.join(parts)}"


def behind(page: Path, maker: str, made_from: Iterable[str]) -> list[str]:
    """Parts of a script's fingerprint that are not as they stand in its page."""
    now = fingerprint(maker, made_from)
    name, _, parts = now.partition(": ")
    stands = re.search(rf"^(?:<!--|#) {re.escape(name)}: (.*?)(?: -->)?$", _text(page), re.MULTILINE)
    old = stands[1].split("; ") if stands else []
    return [part for part in parts.split("; ") if not any(_is_near(part, one) for one in old)]


def _digest(maker: Path) -> str:
    lines = _text(maker).splitlines()
    for node in ast.walk(ast.parse(_text(maker))):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    code = "".join("".join(line for line in lines if not line.lstrip().startswith("#")).split())
    return "".join(chr(ord("a") + byte % 26) for byte in hashlib.sha256(code.encode()).digest()[:8])


@cache
def _of_runs(name: str) -> str:
    results = ts.run(name, runs=RUNS, seed=SEED)
    return f"{name} {len(results.moves)} moves, index {results.paths.to_numpy().mean():.7g}"


@cache
def _of_history() -> str:
    observed = ts.observed_index(scenario=ts.load(FITTED[0]))["index"]
    return f"history {len(ts.curated_history())} events, index {observed.mean():.7g}"


@cache
def _of_fit() -> str:
    fit = ts.fit(FITTED[0], until=FITTED[1])
    numbers = (fit.log_evidence, sum(fit.estimates.values()), fit.support_table()["log10_bayes_factor"].sum())
    return "fit " + " ".join(f"{number:.7g}" for number in numbers)


_PROBES: Mapping[str, Callable[[], str]] = {"history": _of_history, "fit": _of_fit}


def _is_near(part: str, other: str) -> bool:
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (part, other)]
    is_worded_alike = NUMBER.sub("#", part) == NUMBER.sub("#", other)
    return is_worded_alike and all(math.isclose(a, b, rel_tol=CLOSE) for a, b in zip(*numbers, strict=True))


def differences(page: Path, passages: Mapping[str, str], tolerance: float = 0.0) -> list[str]:
    """Names of the passages that a page lacks or has otherwise, each with its first line that differs.

    Parameters
    ----------
    tolerance : how far numbers may be apart, as a share of the larger; a tenth at least, unless it is 0.
    """
    stands = read(page)
    found = []
    for name, passage in passages.items():
        old, new = stands.get(name, "").splitlines(), passage.splitlines()
        apart = [line for line, other in zip(new, old, strict=False) if not _agree(line, other, tolerance)]
        if apart or len(old) != len(new):
            found.append(f"{name}: {(apart or ['another number of lines'])[0]}")
    return found


def _agree(line: str, other: str, tolerance: float) -> bool:
    if not tolerance:
        return line == other
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (line, other)]
    is_near = all(abs(a - b) <= max(LAST_DIGIT, tolerance * max(a, b)) for a, b in zip(*numbers, strict=False))
    return is_near and NUMBER.sub("#", line) == NUMBER.sub("#", other)


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")
