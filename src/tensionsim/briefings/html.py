"""A briefing as one HTML file: style, figures and tables are in it, and nothing is asked of a network.

A number in a sentence stands in a `data` element that names its cell; the tables themselves stand at the end as JSON.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby

from tensionsim.briefings import figures
from tensionsim.briefings.briefing import Briefing
from tensionsim.briefings.facts import Fact, Line, is_text, text_of
from tensionsim.briefings.forms import FIXED, emphasis
from tensionsim.briefings.pages import Block, Paragraph, Picture, Points, Section, Table
from tensionsim.briefings.subject import Subject

PHONE = "(max-width: 34rem)"
DARK = "screen and (prefers-color-scheme: dark)"
LONG = 6
"""Points beyond which a list is set in two columns on paper."""

SMALL = ("Limits", "Provenance")


def page(briefing: Briefing) -> str:
    """The whole file."""
    style = files("tensionsim.briefings").joinpath("page.css").read_text(encoding="utf-8")
    tables = json.dumps(briefing.to_dict(), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    title = escape(briefing.title.replace(FIXED, " "))
    sections = "\n".join(_section(section, briefing.subject) for section in briefing.sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tensionsim">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<header>
<h1>{_inline(briefing.heading)}</h1>
<p class="subtitle">{_inline(briefing.subtitle)}</p>
</header>
{sections}
</main>
<script type="application/json" id="tables">{tables}</script>
</body>
</html>
"""


def _inline(line: Line) -> str:
    return "".join(escape(piece, quote=False) if isinstance(piece, str) else _fact(piece) for piece in line)


def _fact(fact: Fact) -> str:
    shown = escape(fact.text, quote=False)
    if fact.form == emphasis.__name__:
        return f'<em class="said">{shown}</em>'
    if is_text(fact):
        return f'<span class="said">{shown}</span>'
    source = json.dumps([fact.table, fact.row, fact.column, fact.form], ensure_ascii=False)
    return f'<data value="{escape(fact.text)}" data-cell="{escape(source)}">{shown}</data>'


def _section(section: Section, subject: Subject) -> str:
    name = section.heading.lower().replace(" ", "-")
    kind = ' class="bottom"' if name == "bottom-line" else ' class="small"' if section.heading in SMALL else ""
    blocks = "\n".join(_blocks(section.blocks, subject))
    return f'<section id="{name}"{kind}>\n<h2>{escape(section.heading)}</h2>\n{blocks}\n</section>'


def _blocks(blocks: Sequence[Block], subject: Subject) -> Iterator[str]:
    """Every block; half figures that follow one another stand side by side."""
    for is_half, some in groupby(blocks, key=lambda block: isinstance(block, Picture) and block.is_half):
        shown = [_block(block, subject) for block in some]
        yield '<div class="halves">\n' + "\n".join(shown) + "\n</div>" if is_half else "\n".join(shown)


def _block(block: Block, subject: Subject) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_inline(block.line)}</p>"
    if isinstance(block, Points):
        kind = ' class="long"' if len(block.lines) > LONG else ""
        return f"<ul{kind}>\n" + "\n".join(f"<li>{_inline(line)}</li>" for line in block.lines) + "\n</ul>"
    return _picture(block, subject) if isinstance(block, Picture) else _table(block)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_inline(line)}</th>' for line in table.head)
    rows = "\n".join(
        f'<tr><th scope="row">{_inline(row[0])}</th>'
        + "".join(f"<td>{_inline(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    kind = ' class="wordy"' if table.is_wordy else ""
    return (
        f'<div class="scroll" tabindex="0"><table{kind}>\n<caption>{_inline(table.caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _picture(picture: Picture, subject: Subject) -> str:
    """A figure that suits the width and the ground of whoever reads it."""
    sources = {
        f"{DARK} and {PHONE}": ("dark", True),
        f"screen and {PHONE}": ("light", True),
        DARK: ("dark", False),
    }
    offered = "\n".join(
        f'<source media="{media}" srcset="{_data(subject, picture, theme=theme, is_narrow=is_narrow)}">'
        for media, (theme, is_narrow) in sources.items()
    )
    seen = escape(text_of(picture.alternative).replace(FIXED, " "))
    kind = "" if picture.is_half else f' class="whole {picture.name}"'
    image = f'<img src="{_data(subject, picture, theme="light", is_narrow=False)}" alt="{seen}">'
    return f"<figure{kind}>\n<picture>\n{offered}\n{image}\n</picture>\n</figure>"


def _data(subject: Subject, picture: Picture, *, theme: str, is_narrow: bool) -> str:
    drawn = figures.drawn(subject, picture, theme=theme, is_narrow=is_narrow)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode('ascii')}"
