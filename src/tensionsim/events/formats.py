"""The formats of event files: what each calls its columns, with a header or without. A new format is a row here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NEEDED = ("date", "source", "target", "code")
SCORED = ("date", "source", "target", "score")
OPTIONAL = ("score", "weight", "issue", "track")


@dataclass(frozen=True, slots=True)
class EventFormat:
    """A format of event files, by the names of its columns in lower case, letters and digits alone.

    columns : names by role; of a side all that are there count. headless : by width, what it is and names by place.
    """

    title: str
    columns: Mapping[str, tuple[str, ...]]
    coding: str = "cameo"
    headless: Mapping[int, tuple[str, Mapping[int, str]]] = field(default_factory=dict)


def _named(*columns: str) -> dict[str, tuple[str, ...]]:
    """Names by role, of the date, source, target, code and score, and what else there is."""
    roles = ("date", "source", "target", "code", *OPTIONAL)
    return {role: tuple(names.split()) for role, names in zip(roles, columns, strict=False)}


_GDELT = {
    **{1: "sqldate", 5: "actor1code", 7: "actor1countrycode", 15: "actor2code", 17: "actor2countrycode"},
    **{26: "eventcode", 30: "goldsteinscale"},
}
_PHOENIX = {
    **{1: "date", 5: "sourceactorfull", 6: "sourceactorentity", 9: "targetactorfull", 10: "targetactorentity"},
    **{13: "eventcode", 16: "goldsteinscore"},
}
_KEDS = {0: "date", 1: "source", 2: "target", 3: "cameo", 4: "score"}

FORMATS: Mapping[str, EventFormat] = {
    "gdelt": EventFormat(
        "GDELT event table",
        _named(
            *("sqldate day", "actor1code actor1countrycode", "actor2code actor2countrycode"),
            *("eventcode", "goldsteinscale"),
        ),
        headless={width: (f"GDELT {2 if width > 58 else 1}.0 event table", _GDELT) for width in (57, 58, 61)},
    ),
    "icews": EventFormat(
        "ICEWS coded events",
        _named("eventdate", "sourcecountry sourcename", "targetcountry targetname", "cameocode", "intensity"),
    ),
    "polecat": EventFormat(
        "POLECAT coded events (PLOVER types)",
        _named("eventdate", "actorcountry actorname", "recipientcountry recipientname", "eventtype", "intensity"),
        coding="plover",
    ),
    "phoenix": EventFormat(
        "Phoenix table",
        _named(
            *("date storydate", "sourceactorfull sourceactorentity", "targetactorfull targetactorentity"),
            *("eventcode", "goldsteinscore"),
        ),
        headless={26: ("Phoenix table", _PHOENIX)},
    ),
    "keds": EventFormat(
        "table of events",
        _named(
            "date eventdate storydate",
            "source initiator actor actor1 sourceactor sourcecode src from",
            "target recipient actor2 targetactor targetcode tgt to",
            "cameo cameocode code eventcode event",
            "goldstein score goldsteinscale goldsteinscore intensity",
            *("weight numevents", "issue", "track"),
        ),
        headless={width: ("table of events", _KEDS) for width in (4, 5, 6, 7)},
    ),
}
"""The known formats, in the order in which they are tried."""
