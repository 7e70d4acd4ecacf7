"""Tables as chance makes them: read, looked at and indexed, or refused in words; never a traceback."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from pathlib import Path

import numpy as np
import pandas as pd

from tensionsim.errors import EventError
from tensionsim.events.formats import FORMATS, NEEDED
from tensionsim.events.generic import observed_index
from tensionsim.events.reading import read_events, summary_of

CELLS = {
    "date": [
        *("2001-03-05", "2001-03-06", "2001-04-07", "20010306", "010305", "05/03/2001", "13/03/2001", "5-Mar-2001"),
        *("2001-02-30", "9999-12-31", "0001-01-01", "20010305.0", "2001-03-05T10:00", "never", "", '"20010305"'),
        "\u0662\u0660\u0660\u0661-03-05",
    ],
    "actor": [
        *(
            "NOR",
            "SUD",
            "NORGOV",
            "nor",
            "SUDGOV",
            "NOR/MIL",
            '"SUD"',
            "EAS",
            "NOR;SUD",
            "Norway",
            "C\u00f4te d'Ivoire",
        ),
        *("DOC", "---", "", "\x00", "\u202e", "NOR" * 50),
    ],
    "code": [
        *("042", "190", "10", "42", "20", "190.0", "4", "222", "1213", "999", "-3.4", "1e9", "\u0664\u0662", "AID"),
        *("x", ""),
    ],
    "score": ["1.9", "3", "-10", "3,4", "\u22125", "11", "1e400", "nan", "inf", "1,000", "-", ""],
    "weight": ["1", "2", "2,5", "0", "-1", "1e9", "1,000", "", "x"],
    "issue": ["trade", "fish", "", "no name!", "p\u00eache"],
    "track": ["political", "technical", "", "other"],
    "more": ["", "text", "text, with comma", "tab\there", 'a "quote', "#", "\u2028", "=1+1"],
}
"""Of each role some cells that are met, and some that nobody should."""


def table(draw: random.Random) -> tuple[list[str], list[list[str]]]:
    """The names of some columns and some rows of cells, most of which are in order."""
    known = FORMATS[draw.choice([*FORMATS, *["keds"] * 4])].columns | {"more": ("more",)}
    roles = [role for role in known if draw.random() < (0.95 if role in NEEDED else 0.4)]
    draw.shuffle(roles)
    cells = [CELLS["actor" if role in ("source", "target") else role] for role in roles]
    share = draw.choice([0.0, 0.0, 0.02, 0.2])
    rows = [
        [draw.choice(one if draw.random() < share else one[:2]) for one in cells] for _ in range(draw.randint(0, 12))
    ]
    return [draw.choice(known[role]) for role in roles], rows


def written(draw: random.Random, path: Path) -> object:
    """A table in memory, or one or several files of it: damaged, packed, in some encoding."""
    names, rows = table(draw)
    if draw.random() < 0.15:
        frame = pd.DataFrame(rows, columns=names)
        return frame.set_index(names[0]) if names and draw.random() < 0.3 else frame
    separator = draw.choice(["\t", ",", ",", ";", "|"])
    lines = [separator.join(row) for row in ([names] if draw.random() < 0.8 else []) + rows]
    if draw.random() < 0.2:
        odd = ["# note", "", separator * 40, "010305\tDOC\tDOC\t999", '"']
        lines.insert(draw.randint(0, len(lines)), draw.choice(odd))
    encoding = draw.choice(["utf-8"] * 8 + ["cp1252", "utf-16"])
    data = draw.choice(["\n", "\r\n", "\r"]).join(lines).encode(encoding, "replace")
    data = draw.choice([bytes, bytes, bytes, gzip.compress, bz2.compress, lzma.compress])(data)
    if draw.random() < 0.1 and data:
        at = draw.randrange(len(data))
        data = data[:at] + draw.choice([b"", b"\xff", b"\x00\x00", b"PK\x03\x04"]) + data[at + draw.randint(0, 9) :]
    twin = path.parent / "twin" / path.name
    twin.parent.mkdir(exist_ok=True)
    for one in (path, twin):
        one.write_bytes(data)
    return draw.choice([path, str(path), [path, twin], path.parent])


def test_chance_makes_no_table_that_ends_in_a_traceback(tmp_path: Path, full: bool) -> None:
    """Of all that is read the rows add up, scores lie in their range and the index is there; the rest is refused."""
    outcomes = {"read": 0, "refused": 0}
    for number in range(2000 if full else 200):
        draw = random.Random(number)
        source = written(draw, tmp_path / "events.csv")
        how = {
            "format": draw.choice(["auto"] * 15 + [*FORMATS]),
            "scale": draw.choice(["cameo", "cameo", "keds", "file"]),
            "one_a_day": draw.choice([None, "agents", "countries"]),
            "dates": draw.choice(["auto"] * 6 + ["day-first", "%d-%b-%Y", "%m"]),
            "leave_out_bad": draw.random() < 0.8,
            "dyad": draw.choice([("NOR", "SUD")] * 6 + [("Norway", "CIV"), None]),
        }
        try:
            history = read_events(source, **how)  # type: ignore[arg-type]
            index = observed_index(history)["index"]
        except EventError:
            outcomes["refused"] += 1
            continue
        report = history.report
        assert report.events + report.folded + report.rows_left_out == report.rows
        assert np.abs(history.score).max() <= 10.0
        assert index.between(0.0, 100.0).all()
        assert summary_of(history)["events"] == len(history) == report.events
        outcomes["read"] += 1
    assert min(outcomes.values()) > 40
