"""The formats of event files: what each calls its columns, with a header or without. A new format is a row here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NEEDED = ("date", "source", "target", "code")
SCORED = ("date", "source", "target", "score")
OPTIONAL = ("score", "weight", "issue", "track")


@dataclass(frozen=True, slots=True)
class EventFormat:
    """A format of event files.

    columns : names by role, in lower case, letters and digits alone; of a side all that are there are looked at.
    headless : by the number of columns of a file without a header, what it is and their names.
    """

    title: str
    columns: Mapping[str, tuple[str, ...]]
    coding: str = "cameo"
    headless: Mapping[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


_GDELT_ACTOR = (
    *("code", "name", "countrycode", "knowngroupcode", "ethniccode", "religion1code", "religion2code"),
    *("type1code", "type2code", "type3code"),
)
_GDELT = (
    *("globaleventid", "sqldate", "monthyear", "year", "fractiondate"),
    *(f"actor{side}{part}" for side in (1, 2) for part in _GDELT_ACTOR),
    *("isrootevent", "eventcode", "eventbasecode", "eventrootcode", "quadclass", "goldsteinscale"),
)
_PHOENIX = (
    *("eventid", "date", "year", "month", "day", "sourceactorfull", "sourceactorentity", "sourceactorrole"),
    *("sourceactorattribute", "targetactorfull", "targetactorentity", "targetactorrole", "targetactorattribute"),
    *("eventcode", "eventrootcode", "quadclass", "goldsteinscore", "issues", "lat", "lon", "locationname"),
    *("statename", "countrycode", "sentenceid", "urls", "newssources"),
)
_KEDS = ("date", "source", "target", "cameo", "score", "", "")
_KEDS_TITLE = "table of events"

FORMATS: Mapping[str, EventFormat] = {
    "gdelt": EventFormat(
        title="GDELT event table",
        columns={
            "date": ("sqldate", "day"),
            "source": ("actor1code", "actor1countrycode"),
            "target": ("actor2code", "actor2countrycode"),
            "code": ("eventcode",),
            "score": ("goldsteinscale",),
        },
        headless={
            width: (f"GDELT {version} event table", (*_GDELT, *[""] * (width - len(_GDELT))))
            for width, version in ((57, "1.0"), (58, "1.0"), (61, "2.0"))
        },
    ),
    "icews": EventFormat(
        title="ICEWS coded events",
        columns={
            "date": ("eventdate",),
            "source": ("sourcecountry", "sourcename"),
            "target": ("targetcountry", "targetname"),
            "code": ("cameocode",),
            "score": ("intensity",),
        },
    ),
    "polecat": EventFormat(
        title="POLECAT coded events (PLOVER types)",
        columns={
            "date": ("eventdate",),
            "source": ("actorcountry", "actorname"),
            "target": ("recipientcountry", "recipientname"),
            "code": ("eventtype",),
            "score": ("intensity",),
        },
        coding="plover",
    ),
    "phoenix": EventFormat(
        title="Phoenix table",
        columns={
            "date": ("date", "storydate"),
            "source": ("sourceactorfull", "sourceactorentity"),
            "target": ("targetactorfull", "targetactorentity"),
            "code": ("eventcode",),
            "score": ("goldsteinscore",),
        },
        headless={len(_PHOENIX): ("Phoenix table", _PHOENIX)},
    ),
    "keds": EventFormat(
        title=_KEDS_TITLE,
        columns={
            "date": ("date", "eventdate", "storydate"),
            "source": ("source", "initiator", "actor", "actor1", "sourceactor", "sourcecode", "src", "from"),
            "target": ("target", "recipient", "actor2", "targetactor", "targetcode", "tgt", "to"),
            "code": ("cameo", "cameocode", "code", "eventcode", "event"),
            "score": ("goldstein", "score", "goldsteinscale", "goldsteinscore", "intensity"),
            "weight": ("weight", "numevents"),
            "issue": ("issue",),
            "track": ("track",),
        },
        headless={width: (_KEDS_TITLE, _KEDS[:width]) for width in (4, 5, 6, 7)},
    ),
}
"""The known formats, in the order in which they are tried."""
