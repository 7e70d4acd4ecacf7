"""Formats of event files: which column is the date, who acts on whom, how, with what score.

References
----------
GDELT: The GDELT Event Database, Data Format Codebook, versions 1.03 and 2.0. ICEWS: Boschee et al. (2015), ICEWS
Coded Event Data, Harvard Dataverse, doi:10.7910/DVN/28075. POLECAT: Halterman et al. (2023), PLOVER and POLECAT: A New
Political Event Ontology and Dataset, SocArXiv. Phoenix: Open Event Data Alliance.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from tensionsim.errors import EventError, Problem
from tensionsim.history.faults import refuse, shown
from tensionsim.history.sheet import Sheet

FORMATS: Mapping[str, str] = {
    "gdelt": "GDELT event table",
    "icews": "ICEWS coded events",
    "polecat": "POLECAT coded events (PLOVER types)",
    "phoenix": "Phoenix table",
    "keds": "table of date, source, target, CAMEO code",
}
"""The known formats, in the order in which they are tried."""

NEEDED = ("date", "source", "target", "code")
OPTIONAL = ("score", "weight", "issue", "track")

_HEADERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "gdelt": {
        "date": ("sqldate", "day"),
        "source": ("actor1code", "actor1countrycode"),
        "target": ("actor2code", "actor2countrycode"),
        "code": ("eventcode",),
        "score": ("goldsteinscale",),
    },
    "polecat": {
        "date": ("eventdate",),
        "source": ("actorcountry", "actorname"),
        "target": ("recipientcountry", "recipientname"),
        "code": ("eventtype",),
        "score": ("intensity",),
    },
    "icews": {
        "date": ("eventdate",),
        "source": ("sourcecountry", "sourcename"),
        "target": ("targetcountry", "targetname"),
        "code": ("cameocode",),
        "score": ("intensity",),
    },
    "phoenix": {
        "date": ("date", "storydate"),
        "source": ("sourceactorfull", "sourceactorentity"),
        "target": ("targetactorfull", "targetactorentity"),
        "code": ("eventcode",),
        "score": ("goldsteinscore",),
    },
    "keds": {
        "date": ("date", "eventdate", "storydate"),
        "source": ("source", "initiator", "actor", "actor1", "sourceactor", "sourcecode", "src"),
        "target": ("target", "recipient", "actor2", "targetactor", "targetcode", "tgt"),
        "code": ("cameo", "cameocode", "code", "eventcode", "event"),
        "score": ("goldstein", "score", "goldsteinscale", "goldsteinscore", "intensity"),
        "weight": ("weight", "numevents"),
        "issue": ("issue",),
        "track": ("track",),
    },
}
"""Names of columns by role, in lower case without spaces; of a side all that are there are looked at, in this order."""

_PHOENIX = (
    *("eventid", "date", "year", "month", "day", "sourceactorfull", "sourceactorentity", "sourceactorrole"),
    *("sourceactorattribute", "targetactorfull", "targetactorentity", "targetactorrole", "targetactorattribute"),
    *("eventcode", "eventrootcode", "quadclass", "goldsteinscore", "issues", "lat", "lon", "locationname"),
    *("statename", "countrycode", "sentenceid", "urls", "newssources"),
)
_ACTOR = (
    *("code", "name", "countrycode", "knowngroupcode", "ethniccode", "religion1code", "religion2code"),
    *("type1code", "type2code", "type3code"),
)
_GDELT = (
    *("globaleventid", "sqldate", "monthyear", "year", "fractiondate"),
    *(f"actor{side}{part}" for side in (1, 2) for part in _ACTOR),
    *("isrootevent", "eventcode", "eventbasecode", "eventrootcode", "quadclass", "goldsteinscale"),
)
_GDELT_WIDTHS = {57: "GDELT 1.0", 58: "GDELT 1.0", 61: "GDELT 2.0"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a file: numbers of columns, from 0.

    form : the format in words. names : of the columns, as messages call them. sides : columns of the source and of
    the target, in the order in which they are looked at. coding : of what `code` holds, "cameo" or "plover".
    """

    format: str
    form: str
    has_header: bool
    names: tuple[str, ...]
    date: int
    code: int
    source: tuple[int, ...]
    target: tuple[int, ...]
    optional: Mapping[str, int]
    coding: str

    @property
    def wanted(self) -> tuple[int, ...]:
        """All columns that are read."""
        return tuple(dict.fromkeys((self.date, self.code, *self.source, *self.target, *self.optional.values())))


def layout_of(sheet: Sheet, format: str = "auto", columns: Mapping[str, str] | None = None) -> Layout:
    """The layout of a sheet: the format that its header or the number of its columns tells, or the one given.

    Parameters
    ----------
    columns : names of columns by role that the file calls otherwise.

    Raises
    ------
    EventError
        If no format fits, or the given one does not; the message says which columns there are and which are needed.
    """
    if format != "auto" and format not in FORMATS:
        raise EventError([Problem(sheet.file, 0, 0, f"no format {shown(format)}; there is auto, {', '.join(FORMATS)}")])
    given = {role: plain_name(name) for role, name in (columns or {}).items()}
    names = tuple(plain_name(one) for one in sheet.first[0])
    for name in FORMATS if format == "auto" else (format,):
        if found := _by_header(name, names, sheet, given):
            return found
    if not given and (found := _without_header(sheet, format)):
        return found
    _refuse(sheet, format, names, given)


def plain_name(text: str) -> str:
    """A column's name in lower case, letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _by_header(name: str, names: tuple[str, ...], sheet: Sheet, given: Mapping[str, str]) -> Layout | None:
    roles = {role: (given[role],) if role in given else known for role, known in _known(name, given).items()}
    found = {role: [names.index(one) for one in known if one in names] for role, known in roles.items()}
    if not all(found[role] for role in NEEDED):
        return None
    version = ("GDELT 2.0 " if "actor1geoadm2code" in names else "GDELT ") if name == "gdelt" else ""
    words = f"{version}event table" if version else FORMATS[name]
    return _layout(name, f"{words}, known by its header", sheet, sheet.first[0], found)


def _known(name: str, given: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    return {**{role: () for role in given}, **_HEADERS[name]}


def _layout(
    name: str,
    form: str,
    sheet: Sheet,
    names: Sequence[str],
    found: Mapping[str, Sequence[int]],
    has_header: bool = True,
) -> Layout:
    return Layout(
        format=name,
        form=f"{form}; {sheet.form}",
        has_header=has_header,
        names=tuple(names),
        date=found["date"][0],
        code=found["code"][0],
        source=tuple(found["source"]),
        target=tuple(found["target"]),
        optional={role: found[role][0] for role in OPTIONAL if found.get(role)},
        coding="plover" if name == "polecat" else "cameo",
    )


def _without_header(sheet: Sheet, format: str) -> Layout | None:
    """The layout that the number of columns and what stands in them tell."""
    rows, width = sheet.first, len(sheet.first[0])
    name, form = "", ""
    names: tuple[str, ...] = ()
    if width in _GDELT_WIDTHS and format in ("auto", "gdelt"):
        name, form, names = "gdelt", f"{_GDELT_WIDTHS[width]} event table", (*_GDELT, *[""] * (width - len(_GDELT)))
    elif width == len(_PHOENIX) and format in ("auto", "phoenix"):
        name, form, names = "phoenix", FORMATS["phoenix"], _PHOENIX
    elif 4 <= width <= 6 and format in ("auto", "keds"):
        fifth = "score" if width > 4 and all(_is_score(row[4]) for row in rows if len(row) == width) else "label"
        name, form, names = "keds", FORMATS["keds"], ("date", "source", "target", "cameo", fifth, "")[:width]
    if not form:
        return None
    found = {role: [names.index(one) for one in known if one in names] for role, known in _HEADERS[name].items()}
    layout = _layout(name, f"{form}, known by its {width} columns", sheet, names, found, has_header=False)
    fits = [_looks_right(row, layout) for row in rows if len(row) == width]
    is_usual = format != "auto" or 2 * sum(fits) >= len(fits)
    return layout if is_usual and _is_datelike(rows[0][layout.date]) else None


def _is_score(text: str) -> bool:
    return re.fullmatch(r"\s*-?\d{1,2}(\.\d*)?\s*", text) is not None


def _looks_right(row: Sequence[str], layout: Layout) -> bool:
    is_code = re.fullmatch(r"\s*\d{1,4}\s*", row[layout.code]) is not None
    return is_code and _is_datelike(row[layout.date])


def _is_datelike(text: str) -> bool:
    return re.match(r"\s*\d{1,4}[-/.]?\d", text) is not None


def _refuse(sheet: Sheet, format: str, names: tuple[str, ...], given: Mapping[str, str]) -> NoReturn:
    """Says which columns there are, and which would be needed."""
    there = ", ".join(shown(one) for one in sheet.first[0][:12]) + (", ..." if len(sheet.first[0]) > 12 else "")
    missing = [f"no column {shown(name)} for the {role}" for role, name in given.items() if name not in names]
    wanted = format if format != "auto" else "keds"
    lacking = [role for role in NEEDED if role not in given and not set(_HEADERS[wanted][role]) & set(names)]
    needs = "; ".join(f"{role}: {' or '.join(_HEADERS[wanted][role])}" for role in lacking)
    which = "this is no known format" if format == "auto" else f"this is no {FORMATS[format]}"
    told = "; ".join([*missing, *([f"missing are columns for {needs}"] if needs else [])])
    advice = "give --format, or name the columns in a mapping file (columns: {date: ..., source: ...})"
    refuse(sheet.file, f"{which}: {len(names)} columns, {there}; {told}; {advice}", 1)
