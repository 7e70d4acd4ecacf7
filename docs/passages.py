"""Passages: parts of a page that a script makes, written into the page itself, so that any reader sees it whole.

A passage stands between two comments that name the script and the passage:

    <!-- made by docs/make_tables.py: mechanisms -->
    ...
    <!-- end of mechanisms -->

In a scenario file the comments begin with # instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BEGIN, _END = r"(?:<!--|#) made by [^:\n]+: ", r"(?:<!--|#) end of "
LAST_DIGIT = 0.1001
"""A tenth, and what floating point makes of it."""


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


def write(page: Path, passages: Mapping[str, str]) -> None:
    """Puts passages in their places in a page.

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
    page.write_text(text, encoding="utf-8")


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
