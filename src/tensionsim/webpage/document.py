"""The page as one file: outlooks computed beforehand, for a reader without Python, and for a notebook."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from tensionsim import __version__
from tensionsim.errors import whole
from tensionsim.model.record import LAYERS, MOVE_COLUMNS
from tensionsim.runs.results import Results
from tensionsim.runs.run import run
from tensionsim.runs.statistics import outlook_title, plain
from tensionsim.runs.store import check_file, write_whole, written
from tensionsim.scenario.scenario import Scenario
from tensionsim.webpage import answers
from tensionsim.webpage.server import page_file
from tensionsim.webpage.side import described

MOST_OUTLOOKS = 12
NOTHING_TO_SET: dict[str, Any] = {"controls": [], "mechanisms": [], "moves": {}, "outlooks": []}


@dataclass(frozen=True, slots=True)
class Document:
    """The page of some outlooks as one HTML file that needs no server; a notebook shows it.

    html : the whole of it. runs : that each outlook was computed from.

    Examples
    --------
    >>> import tensionsim as ts
    >>> page = ts.load("norland-suderia").explore(runs=20)
    >>> page
    <Document of 'Norland and Suderia': 3 outlooks, 20 runs each>
    """

    html: str
    title: str
    outlooks: tuple[str, ...]
    runs: int

    def __repr__(self) -> str:
        return f"<Document of {self.title!r}: {len(self.outlooks)} outlooks, {self.runs:,} runs each>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="{escape(self.title)}" sandbox="allow-scripts allow-downloads" '
            f'style="width:100%;height:820px;border:0" srcdoc="{escape(self.html)}"></iframe>'
        )

    def save(self, path: str | Path) -> Path:
        """Writes the file, whole or not at all; StorageError where it cannot."""
        target = check_file(path, {Path(path).suffix.lower()}, "")
        with written(target):
            write_whole(target, self.html.encode())
        return target


def document(scenarios: Sequence[Scenario], *, runs: int = 1000, seed: int = 0) -> Document:
    """The page of scenarios and their outlooks, each computed beforehand, the first `MOST_OUTLOOKS`."""
    whole("runs", runs, least=1)
    found = [one for scenario in scenarios for one in _outlooks(scenario)][:MOST_OUTLOOKS]
    computed: dict[str, Results] = {}
    for one in found:
        title = outlook_title(one) or one.title
        label = title if title not in computed else f"{title} ({len(computed) + 1})"
        computed[label] = run(one, runs=runs, seed=seed)
    data: dict[str, Any] = {
        "labels": list(computed),
        "seed": seed,
        "version": __version__,
        "describe": {name: described(one.scenario) | NOTHING_TO_SET for name, one in computed.items()},
        "answer": {name: answers.answer(one) for name, one in computed.items()},
        "difference": {
            f"{here}\n{there}": answers.difference(computed[here], computed[there])
            for here, there in permutations(computed, 2)
            if np.array_equal(computed[here].dates, computed[there].dates)
        },
        "why": {name: _reasons(one) for name, one in computed.items()},
        "run": {name: answers.told(one.scenario, 0, seed) for name, one in computed.items()},
    }
    title = found[0].title
    return Document(_html(plain(data, answers.DECIMALS), title), title, tuple(computed), runs)


def _outlooks(scenario: Scenario) -> list[Scenario]:
    """The scenario, and where it has no outlook chosen each that it names."""
    names = [] if scenario.outlook else scenario.outlook_names
    return [scenario, *(scenario.with_outlook(name) for name in names)]


def _reasons(results: Results) -> list[dict[str, Any]]:
    """The ledger of every date, from the first runs."""
    few = min(results.runs, answers.FIRST)
    record = results.record.some(slice(0, few), 0, (*LAYERS, *MOVE_COLUMNS))
    part = dataclasses.replace(results, record=record, runs=few)
    return [answers.why(part, row) for row in range(len(results.dates))]


def _html(data: dict[str, Any], title: str) -> str:
    """The page with its script, its style and its data within, and nothing else allowed."""
    script, style = page_file("app.js"), page_file("style.css")
    held = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src {_hashed(script)}; style-src {_hashed(style)}; img-src blob: data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = page_file("index.html").replace("<title>tensionsim</title>", f"<title>{escape(title)}</title>")
    page = page.replace("<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)
    page = page.replace('<link rel="stylesheet" href="style.css">', f"<style>{style}</style>")
    within = f'<script type="application/json" id="data">{held}</script>\n<script>{script}</script>'
    return page.replace('<script src="app.js" defer></script>', "").replace("</body>", f"{within}\n</body>")


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
