"""Briefings: what an ensemble or a comparison says, made from templates and tables, and written as files."""

from __future__ import annotations

import base64
import os
import re
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tensionsim.analysis.compare import Comparison
from tensionsim.analysis.elements import Mixture, elements_of
from tensionsim.analysis.signs import early_signs
from tensionsim.briefings.numbers import FIXED, FORMS, Cell, Line, Subject, Tables, measured, text_of
from tensionsim.briefings.printing import printed, printers
from tensionsim.briefings.sections import (
    BREAK,
    SECTIONS,
    Picture,
    Section,
    common,
    difference_names,
    sections_of,
    title_of,
)
from tensionsim.errors import SelectionError, StorageError, TemplateError
from tensionsim.runs.results import Results
from tensionsim.runs.store import check_file, taking_the_place_of, write_json, write_whole, written

if TYPE_CHECKING:
    from jinja2 import Environment

    from tensionsim.analysis.effects import Effects

HTML, MARKDOWN, PDF = (".html", ".htm"), (".md", ".markdown"), (".pdf",)

BUDGET = 16_000
"""Runs of all worlds together from which effects are told: a thousand each for four elements, 250 for six."""

MOST_ELEMENTS = 6
"""Differences or elements that are taken apart in all orders: 64 worlds; of more a briefing would take minutes."""

WIDE, HALF, PHONE = (6.9, 3.3), (3.4, 2.7), (3.6, 3.0)
"""Width and height of a figure in inches: across a page, half of one, and on a phone."""

LONG = 6
"""Points beyond which a list is set in two columns on paper."""


@dataclass(frozen=True, slots=True, eq=False)
class Briefing:
    r"""What a briefing says: title, subtitle, sections, and the tables of its numbers.

    Examples
    --------
    >>> import tensionsim as ts
    >>> brief = ts.report(ts.run("norland-suderia", runs=40), effects=False)
    >>> brief.title
    'Norland and Suderia: the outlook to 6\xa0January\xa02032'
    >>> [section.heading for section in brief.sections][:3]
    ['Bottom line', 'Context', 'Implications']
    >>> brief.save("briefing.md").name
    'briefing.md'
    """

    subject: Subject
    heading: Line
    subtitle: Line
    sections: tuple[Section, ...]
    numbers: Tables
    templates: Path | None = None

    def __repr__(self) -> str:
        return f"<Briefing {self.title!r}: {len(self.sections)} sections>"

    @property
    def title(self) -> str:
        """The heading as plain text."""
        return text_of(self.heading)

    @property
    def tables(self) -> Mapping[str, Mapping[str, Mapping[str, Cell]]]:
        """Every number of the text: table, row, column, value."""
        return self.numbers.cells

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(one for section in self.sections for block in section.blocks for one in block.pictures)

    def to_dict(self) -> dict[str, Any]:
        """The tables as plain values."""
        return {table: {row: dict(cells) for row, cells in rows.items()} for table, rows in self.tables.items()}

    def to_html(self, *, for_print: bool = False) -> str:
        """One page that asks nothing of a network: style, figures and tables are in it.

        A number in a sentence stands in a `data` element that names its cell; the tables stand at the end as JSON.
        for_print : on A4, without the figures for dark and narrow screens.
        """

        def data(picture: Picture, *, theme: str, narrow: bool) -> str:
            drawn = self.drawn(picture, theme=theme, narrow=narrow)
            return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode('ascii')}"

        return self._page("page.html", is_html=True, long=LONG, data=data, for_print=for_print)

    def to_markdown(self, folder: str) -> str:
        """The text, whose figures and tables are looked for in a folder."""

        def plain(piece: str) -> str:
            return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", piece).replace(FIXED, " ")

        return self._page("page.md", is_html=False, folder=quote(os.fsencode(folder)), plain=plain)

    def _page(self, template: str, *, is_html: bool, **given: Any) -> str:
        given |= {
            "heading": self.heading,
            "subtitle": self.subtitle,
            "sections": self.sections,
            "tables": self.to_dict(),
        }
        given["text_of"] = lambda line: text_of(line).replace(FIXED, " ")
        layout = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
        environment = _environment(self.templates, autoescape=is_html, **layout)
        with _located(template):
            return environment.get_template(template).render(given)

    def drawn(self, picture: Picture, *, theme: str = "light", narrow: bool = False) -> bytes:
        """A figure as SVG, for a page or a phone; the same results give the same bytes."""
        from tensionsim import plots

        subject, name = self.subject, picture.name
        with plots.theme(theme), tempfile.TemporaryDirectory(prefix="tensionsim-") as folder:
            ax = plots.blank(*(PHONE if narrow else HALF if picture.is_half else WIDE))
            if name in ALONE:
                ax = getattr(plots, name)(subject.base, ax)
            elif name == "outlooks":
                ax = plots.outlooks(subject.comparison, ax)
            else:
                ax = plots.difference(subject.comparison, difference_names(subject)[name], ax)
            return plots.save(ax, Path(folder) / "figure.svg").read_bytes()

    def save(self, path: str | Path) -> Path:
        """Writes the briefing, whole or not at all: HTML or PDF (one file), or Markdown (and a folder of figures).

        A PDF is printed from the HTML by Chromium (or a browser of its kind) on PATH, or by WeasyPrint.

        Raises
        ------
        StorageError
            If the path ends otherwise, or cannot be written; if nothing here prints a PDF.
        """
        target = check_target(path)
        with written(target):
            if target.suffix.lower() not in MARKDOWN:
                is_pdf = target.suffix.lower() in PDF
                html = self.to_html(for_print=is_pdf)
                write_whole(target, printed(html) if is_pdf else html.encode())
                return target
            folder = folder_of(target)
            with taking_the_place_of(folder) as beside:
                for picture in self.pictures:
                    (beside / picture.file).write_bytes(self.drawn(picture))
                write_json(beside / "tables.json", self.to_dict())
                write_whole(target, self.to_markdown(folder.name).encode())
        return target


ALONE = ("fan", "regimes", "direction")
"""Figures of one ensemble, or of the baseline."""


def check_target(path: str | Path) -> Path:
    """The path, if a briefing may go there; else StorageError."""
    target = check_file(path, HTML + MARKDOWN + PDF, "a briefing is written as .html, .md or .pdf")
    if target.suffix.lower() in PDF:
        printers()
    if target.suffix.lower() in MARKDOWN:
        folder = folder_of(target)
        needs = f"cannot write {target}: its figures need the folder {folder}"
        if folder.exists() and not folder.is_dir():
            raise StorageError(f"{needs}, where a file stands")
        for found in folder.rglob("*") if folder.is_dir() else ():
            if found.is_dir() or found.suffix not in (".svg", ".json"):
                raise StorageError(f"{needs}, which holds {found.name}; move that away")
    return target


def folder_of(target: Path) -> Path:
    """The folder of figures that goes with a Markdown file."""
    return target.with_name(f"{target.stem}-files")


def report(
    given: Comparison | Results,
    path: str | Path | None = None,
    *,
    ahead_months: float = 6.0,
    effects: bool = True,
    templates: str | Path | None = None,
    command: str = "",
) -> Briefing:
    """The briefing of a comparison or of results, written to a file where a path is given.

    Parameters
    ----------
    given
        What `compare` or `run` returns, or `open`.
    path
        Ends in .html (one self-contained file), .pdf (that printed) or .md (with a folder of figures beside it).
    ahead_months
        How long before the last date early signs are read.
    effects
        Whether to run the worlds that tell which differences of the files make an outlook's effect, or what scheduled
        moves, changes and rules do where there is one scenario: 64 worlds at most, 16,000 runs in all.
    templates
        A folder with templates of your own, each of which takes the place of the shipped one of its name.
    command
        What was typed, for the provenance.

    Raises
    ------
    StorageError
        If the file cannot be written; it is asked before anything is run.
    TemplateError
        If a template cannot be used, or writes a number that stands in no table.

    Examples
    --------
    >>> import tensionsim as ts
    >>> brief = ts.report(ts.compare("norland-suderia", runs=20), effects=False)
    >>> brief.sections[0].heading
    'Bottom line'
    """
    if path is not None:
        check_target(path)
    environment = check_templates(templates)
    subject = _subject(given, effects=effects, command=command)
    span = (len(subject.base.dates) - 1) * subject.base.step_months
    signs = None if ahead_months > span else early_signs(subject.base, ahead_months=ahead_months)
    tables = measured(subject, signs)
    environment.globals.update({form: partial(tables.write, form) for form in FORMS}, **common(tables, subject, signs))
    with _located("title.md"):
        heading, subtitle = title_of(environment.get_template("title.md").render(), tables)
    sections: list[Section] = []
    for name in SECTIONS:
        with _located(f"{name}.md"):
            sections += sections_of(name, environment.get_template(f"{name}.md").render(), tables)
    made = Briefing(subject, heading, subtitle, tuple(sections), tables, None if templates is None else Path(templates))
    known = (*ALONE, *(("outlooks", *difference_names(subject)) if subject.others else ()))
    for picture in made.pictures:
        if picture.name not in known:
            raise TemplateError(f"there is no figure {picture.name!r} in this briefing; there are {', '.join(known)}")
    if path is not None:
        made.save(path)
    return made


def _subject(given: Comparison | Results, *, effects: bool, command: str) -> Subject:
    if isinstance(given, Results):
        name, runs = given.scenario.outlook or given.scenario.name, range(given.first_run, given.first_run + given.runs)
        given = Comparison({name: given}, name, (), given.dates, runs)
    elif not isinstance(given, Comparison):
        raise TypeError(f"a briefing is of a Comparison or of Results; got {given!r}")
    bare = Subject(given, {}, command)
    return Subject(given, _effects(bare), command) if effects and len(given.runs) > 1 else bare


def _effects(subject: Subject) -> dict[str, Effects]:
    """Which differences of its file make an outlook's effect on the key event, or on the index; else what dates do."""
    from tensionsim.analysis.effects import effects

    comparison, base, key = subject.comparison, subject.base, subject.key
    is_counted = all(key in results.names.events for results in subject.results.values())
    found = {}
    for name in subject.others or (subject.baseline,):
        other, asked = subject.results[name], dict[str, Any]()
        if subject.others:
            try:
                count = len(Mixture.of(base.scenario, other.scenario).everything)
            except SelectionError:
                continue
            asked = {"against": base.scenario, "of": f"event:{key}" if is_counted else "index"}
            asked["date"] = str(comparison.dates[-1])
        else:
            there = Counter(one.kind for one in elements_of(other.scenario))
            kinds = [kind for kind in ("schedule", "change", "rule") if there[kind]]
            while sum(there[kind] for kind in kinds) > MOST_ELEMENTS:
                kinds.pop()
            count, asked = sum(there[kind] for kind in kinds), {"elements": kinds}
        if 0 < count <= MOST_ELEMENTS and not base.lost_code and not other.lost_code:
            runs = max(2, min(len(comparison.runs), BUDGET >> count))
            first = comparison.runs.start
            found[name] = effects(other.scenario, runs=runs, seed=comparison.seed, first_run=first, **asked)
    return found


def check_templates(templates: str | Path | None) -> Environment:
    """Where templates are found, once each of them can be read; else StorageError or TemplateError."""
    found = _environment(None if templates is None else Path(templates))
    for name in ("title.md", *(f"{section}.md" for section in SECTIONS), "page.md", "page.html"):
        with _located(name):
            found.get_template(name)
    return found


def _environment(templates: Path | None, **options: Any) -> Environment:
    """Where templates are found and what they may do; those of a folder given take precedence over the shipped ones."""
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    shipped = files("tensionsim.briefings").joinpath("templates")
    folders: list[Traversable] = [shipped]
    if templates is not None:
        if not templates.is_dir():
            raise StorageError(f"there is no folder {templates} with templates")
        names = sorted(one.name for one in shipped.iterdir())
        if not any((templates / name).is_file() for name in names):
            raise TemplateError(f"{templates} holds no template of a briefing; name one of them {', '.join(names)}")
        folders.insert(0, templates)

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = next((one / name for one in folders if name == Path(name).name and (one / name).is_file()), None)
        if found is None:
            return None
        try:
            source = found.read_text(encoding="utf-8")
        except OSError as failure:
            raise StorageError(f"cannot read {found}: {failure.strerror or failure}") from failure
        if name.endswith(".md") and name != "page.md":
            source = re.sub(r"\n(?=[ \t]*\n)", f"\n{BREAK}", source)
        return source, str(found), lambda: True

    found = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load), undefined=StrictUndefined, finalize=_word, **options
    )
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "allow_nan": False}
    return found


def _word(shown: object) -> object:
    """What a template writes: words and facts, but no number that stands in no table."""
    if isinstance(shown, (int, float)):
        raise TypeError(f"{shown} is a bare number; write one that stands in a table, as in count(table, row, column)")
    return shown


@contextmanager
def _located(template: str) -> Iterator[None]:
    """Makes what goes wrong in a template one TemplateError that names file and line."""
    from jinja2 import TemplateError as Failure, TemplateSyntaxError

    try:
        yield
    except (Failure, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as failure:
        if isinstance(failure, TemplateSyntaxError):
            where = f"{failure.filename or template}:{failure.lineno}"
        else:
            frames = [
                one for one in traceback.extract_tb(failure.__traceback__) if one.filename.endswith((".md", ".html"))
            ]
            where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else template
        raise TemplateError(f"{where}: {getattr(failure, 'message', None) or failure}") from failure
