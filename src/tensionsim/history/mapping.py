"""Mapping files: which issue, track and move a CAMEO code stands for, which actor a code is, which column is what.

    actors: {ISR: israel, PSE: palestine, PAL: palestine}
    issue: security                     # of all codes that are not named below
    codes:
      "07": {issue: aid, track: technical}
      "163": {issue: trade, move: impose_sanctions}
    columns: {date: When, source: From}

The longest code that fits wins, so that "07" is all of aid. As CSV, a mapping is a table of code, issue, track, move.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tensionsim.errors import EventError
from tensionsim.history.events import TRACKS
from tensionsim.history.faults import Faults, refuse, shown
from tensionsim.history.formats import NEEDED, OPTIONAL, plain_name

DEFAULT_ISSUE = "relations"
KEYS = ("actors", "issue", "codes", "columns")
FIELDS = ("issue", "track", "move")

_CODE = re.compile(r"(0[1-9]|1[0-9]|20)\d{0,2}")
_NAME = re.compile(r"[^\W\d_][\w-]{0,59}")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for; empty where the mapping does not say."""

    issue: str = ""
    track: str = ""
    move: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping that has been read: meanings by the beginning of a code, actors by code, columns by role."""

    codes: Mapping[str, Meaning] = field(default_factory=dict)
    issue: str = DEFAULT_ISSUE
    actors: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, cameo: str) -> Meaning:
        """What a code stands for: of each field, what the longest beginning of the code that has it says."""
        found = [self.codes[cameo[:size]] for size in range(len(cameo), 1, -1) if cameo[:size] in self.codes]
        issue, track, move = (next((got for one in found if (got := getattr(one, name))), "") for name in FIELDS)
        return Meaning(issue or self.issue, track or "political", move)


def mapping_of(given: str | Path | Mapping[str, object] | None) -> Mapped:
    """The mapping of a file or of a dictionary of the same keys.

    Raises
    ------
    EventError
        If it cannot be used; it lists every problem, each with its line.
    """
    if given is None:
        return Mapped()
    if isinstance(given, Mapping):
        return _judged(dict(given), {}, Faults("the mapping"))
    path = Path(given)
    if not path.is_file():
        refuse(str(path), "there is no such mapping file")
    faults = Faults(str(path))
    values, lines = _table(path, faults) if path.suffix.lower() == ".csv" else _tree(path)
    return _judged(values, lines, faults)


def _table(path: Path, faults: Faults) -> tuple[dict[str, object], dict[str, int]]:
    """The codes of a CSV table, and the line of each."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        names = {plain_name(name or ""): name for name in reader.fieldnames or ()}
        if "code" not in names or not set(names) <= {"code", *FIELDS}:
            there = ", ".join(reader.fieldnames or ())
            refuse(str(path), f"its columns are {there}; allowed are code, {', '.join(FIELDS)}; code is needed", 1)
        codes: dict[str, object] = {}
        lines = {}
        for row in reader:
            code = (row[names["code"]] or "").strip()
            if code in codes:
                faults.add("this code stands above already", reader.line_num, 1, shown(code))
            codes[code] = {one: (row[names[one]] or "").strip() for one in FIELDS if one in names}
            lines[code] = reader.line_num
    return {"codes": codes}, lines


def _tree(path: Path) -> tuple[dict[str, object], dict[str, int]]:
    """The values of a YAML file, and the line of each code."""
    from tensionsim.scenario.files import Found, read
    from tensionsim.scenario.nodes import MapNode, child, entries, plain
    from tensionsim.scenario.problems import Report
    from tensionsim.scenario.yaml_nodes import read_nodes

    report = Report()
    text = read(Found(path, str(path)), None, 0, report)
    tree = read_nodes(*text, report) if text else None
    report.raise_if_any()
    if not isinstance(tree, MapNode):
        refuse(str(path), f"a mapping file has the keys {', '.join(KEYS)}", 1)
    values = plain(tree)
    assert isinstance(values, dict)
    return values, {name: place.line for name, place, _ in (*entries(tree), *entries(child(tree, "codes")))}


def _judged(values: Mapping[str, object], lines: Mapping[str, int], faults: Faults) -> Mapped:
    for key in set(values) - set(KEYS):
        faults.add(f"a mapping has the keys {', '.join(KEYS)}", lines.get(str(key), 1), 1, shown(key))
    parts = {key: _part(values, key, lines, faults) for key in ("actors", "codes", "columns")}
    for role in set(parts["columns"]) - {*NEEDED, *OPTIONAL}:
        faults.add(f"columns are named for {', '.join((*NEEDED, *OPTIONAL))}", lines.get("columns", 1), 1, shown(role))
    codes = {str(code): _meaning(str(code), value, lines, faults) for code, value in parts["codes"].items()}
    issue = str(values.get("issue") or DEFAULT_ISSUE)
    if not _NAME.fullmatch(issue):
        faults.add("an issue is called by a letter, then letters, digits, _ and -", lines.get("issue", 1), 1, issue)
    if faults:
        raise EventError(faults.problems())
    actors, columns = ({str(k): str(v) for k, v in parts[key].items()} for key in ("actors", "columns"))
    return Mapped(codes, issue, actors, columns)


def _part(values: Mapping[str, object], key: str, lines: Mapping[str, int], faults: Faults) -> Mapping[str, object]:
    found = values.get(key) or {}
    if isinstance(found, Mapping):
        return found
    faults.add(f"`{key}` is a mapping of names to values", lines.get(key, 1), 1, shown(found))
    return {}


def _meaning(code: str, value: object, lines: Mapping[str, int], faults: Faults) -> Meaning:
    """What a code is said to stand for; a bare text is its issue."""
    line = lines.get(code, 1)
    fields = value if isinstance(value, Mapping) else {"issue": value}
    if not _CODE.fullmatch(code):
        faults.add(
            "a code is the beginning of a CAMEO code, in quotes: 2 to 4 digits, 01 to 20..", line, 1, shown(code)
        )
    if unknown := sorted(set(fields) - set(FIELDS)):
        faults.add(f"of a code there is {', '.join(FIELDS)}", line, 1, shown(unknown[0]))
    issue, track, move = (str(fields.get(name) or "") for name in FIELDS)
    if track not in ("", *TRACKS):
        faults.add(f"a track is {' or '.join(TRACKS)}", line, 1, shown(track))
    for name in (issue, move):
        if name and not _NAME.fullmatch(name):
            faults.add("names are a letter, then letters, digits, _ and -", line, 1, shown(name))
    return Meaning(issue, track, move)
