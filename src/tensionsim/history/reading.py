"""Reads event files: what was found becomes an EventHistory, and nothing is dropped without being counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypedDict, Unpack

import numpy as np

from tensionsim.history import codes, days
from tensionsim.history.account import LeftOut, Reading, Taken
from tensionsim.history.actors import Lookup, actors_asked, most_frequent
from tensionsim.history.cells import Cells
from tensionsim.history.events import Codes, Dates, EventHistory, Ints
from tensionsim.history.faults import Faults, refuse, shown
from tensionsim.history.formats import Layout, layout_of
from tensionsim.history.gathering import REASONS, Gathered, gather
from tensionsim.history.mapping import Mapped, mapping_of
from tensionsim.history.sheet import Sheet, sheet_of

MOST_NOTED = 6
"""Codes of an actor that the account names; the others are counted."""


class How(TypedDict, total=False):
    """What `read_events` takes by name beside the file and the actors; its docstring explains each."""

    format: str
    scale: str
    mapping: str | Path | Mapping[str, object] | None
    one_a_day: bool
    dates: str
    leave_out_bad: bool


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for, with the defaults."""

    format: str = "auto"
    scale: str = "cameo"
    mapping: str | Path | Mapping[str, object] | None = None
    one_a_day: bool = False
    dates: str = "auto"
    leave_out_bad: bool = False


def read_events(
    path: str | Path, *, dyad: Sequence[str] | Mapping[str, str] | None = None, **how: Unpack[How]
) -> EventHistory:
    r"""The events between two or more actors that a file of event data holds.

    Rows between others, with one side unnamed or of an actor with itself are left out and counted in `report`.

    Parameters
    ----------
    path
        A CSV, TSV or Parquet file, gzipped or zipped as it may be, in one of the formats of docs/events.md.
    dyad
        The actors: texts like "ISR" or "PSE,PAL=palestine" (codes, and what to call the actor; by default the first
        code in lower case), or a mapping of code to actor. Default: those of the mapping, or the only two of the file.
    format
        "gdelt", "icews", "polecat", "phoenix" or "keds"; default "auto", as header and columns tell.
    scale
        Scores: "cameo", the project's table of Goldstein's scores (default); "keds", that of KEDS data; "file", those
        of the file.
    mapping
        A file (YAML or CSV) or dictionary that gives issue, track and move by CAMEO code.
    one_a_day
        Whether events of one day, source, target and code become one.
    dates
        Of dates like 06/02/2004, "day-first" or "month-first"; default "auto", as the file's other dates tell.
    leave_out_bad
        Whether rows with a fault are left out and counted instead of refused.

    Returns
    -------
    EventHistory
        By date; `report` says what became of every row of the file.

    Raises
    ------
    EventError
        If the file cannot be used; it lists every kind of fault, with counts and places.

    Examples
    --------
    >>> import tensionsim as ts
    >>> rows = ["2004-02-06,ISR,PSE,020", "2004-02-07,PSEINS,ISR,190", "2004-02-07,USA,ISR,042"]
    >>> with open("events.csv", "w") as file:
    ...     _ = file.write("\n".join(["date,source,target,cameo", *rows]))
    >>> history = ts.read_events("events.csv", dyad=("ISR=israel", "PSE=palestine"))
    >>> len(history), history.score.tolist()
    (2, [3.0, -10.0])
    >>> [(one.reason, one.count) for one in history.report.left_out]
    [('only one side is of the actors', 1)]
    """
    wish = _Wish(**how)
    _check(wish, str(path))
    mapped = mapping_of(wish.mapping)
    sheet = sheet_of(path)
    layout = layout_of(sheet, wish.format, mapped.columns)
    faults = Faults(sheet.file)
    lookup = Lookup(actors_asked(dyad or mapped.actors or _only_two(sheet, layout)))
    found = gather(sheet, layout, lookup, faults)
    if not len(found.lines):
        _refuse_nothing(sheet, found, lookup, faults)
    cells = Cells(found, layout, faults, layout.code in sheet.numeric, np.zeros(len(found.lines), bool))
    return _history(cells, wish, mapped, lookup)


def _check(wish: _Wish, file: str) -> None:
    for word, value, allowed in (("scale", wish.scale, codes.SCALES), ("order of dates", wish.dates, days.ORDERS)):
        if value not in allowed:
            refuse(file, f"no {word} {shown(value)}; there is {', '.join(allowed)}")


def _only_two(sheet: Sheet, layout: Layout) -> list[str]:
    """The two actors of a file that has no others."""
    pairs: Counter[tuple[str, str]] = Counter()
    for chunk in sheet.chunks(layout.has_header, (layout.source[0], layout.target[0]), Faults(sheet.file)):
        pairs.update(zip(chunk.columns[layout.source[0]], chunk.columns[layout.target[0]], strict=True))
    names = {name for pair in pairs for name in pair if name}
    if len(names) == 2:
        return sorted(names)
    usual = Counter({f"{a} {b}": n for (a, b), n in pairs.items() if a and b and a != b})
    refuse(sheet.file, f"whose events? say --dyad A B; the most frequent pairs are: {most_frequent(usual)}")


def _refuse_nothing(sheet: Sheet, found: Gathered, lookup: Lookup, faults: Faults) -> NoReturn:
    """Says that no event is between the actors, and who is there instead."""
    if faults:
        faults.stop("so no row could be used; is this the right format and separator?")
    if not found.rows:
        refuse(sheet.file, "the file holds a header and no rows")
    seen = [actor for row, actor in enumerate(lookup.actors) if row in lookup.values()]
    lacking = [actor for actor in lookup.actors if actor not in seen]
    which = f"{' and '.join(lacking)} never occur{'s' * (len(lacking) == 1)}" if lacking else "they never meet"
    near = f"; most frequent others: {most_frequent(found.others)}" if found.others else ""
    refuse(sheet.file, f"none of {found.rows:,} rows is between {' and '.join(lookup.actors)}: {which}{near}")


def _history(cells: Cells, wish: _Wish, mapped: Mapped, lookup: Lookup) -> EventHistory:
    """The history of gathered rows; or an EventError with every fault."""
    found, faults = cells.found, cells.faults
    short = sum(count for _, count, _ in faults.kinds())
    date, cameo = cells.dates(wish.dates), cells.cameo()
    score, weight = cells.scores(cameo, wish.scale), cells.weights()
    (issues, issue), track, (moves, move) = (
        cells.issues(cameo, mapped),
        cells.tracks(cameo, mapped),
        cells.moves(cameo, mapped),
    )
    if faults and not wish.leave_out_bad:
        faults.stop("mend these rows, or say --leave-out-bad (leave_out_bad=True) to leave out and count them")
    good = np.flatnonzero(~cells.bad)
    if not len(good):
        faults.stop("no row is left without a fault")
    order = good[np.argsort(date[good], kind="stable")]
    rows = _one_a_day(order, date, cameo, found) if wish.one_a_day else order
    return EventHistory(
        name=Path(faults.file).name.partition(".")[0],
        actors=lookup.actors,
        dates=date[rows],
        actor=found.actor[rows],
        target=found.target[rows],
        issues=issues,
        issue=issue[rows],
        track=track[rows],
        cameo=cameo[rows],
        score=score[rows],
        is_material=np.isin(cameo[rows], [code for code in set(cameo.tolist()) if codes.is_deed(code)]),
        weight=weight[rows],
        moves=moves,
        move=move[rows],
        report=_report(cells, wish, lookup, (len(rows), len(order) - len(rows), short)),
    )


def _one_a_day(rows: Ints, date: Dates, cameo: Codes, found: Gathered) -> Ints:
    """Of rows that share day, source, target and code, the first; by date still."""
    distinct = {code: number for number, code in enumerate(set(cameo.tolist()))}
    code = np.array([distinct[one] for one in cameo[rows].tolist()], np.int64)
    keys = np.stack([date[rows].astype(np.int64), found.actor[rows], found.target[rows], code])
    first = np.unique(keys, axis=1, return_index=True)[1]
    return rows[np.sort(first)]


def _report(cells: Cells, wish: _Wish, lookup: Lookup, counts: tuple[int, int, int]) -> Reading:
    """The account of a reading. counts : events, rows folded, rows of another width, which are in no chunk."""
    events, folded, short = counts
    found = cells.found
    left_out = [
        LeftOut(words, *found.left_out[reason]) for reason, words in REASONS.items() if reason in found.left_out
    ]
    left_out += [LeftOut(f"a fault: {kind}", count, line) for kind, count, line in cells.faults.kinds()]
    taken = [Taken(lookup.actors[row], text, count) for (row, text), count in Counter(found.taken).most_common()]
    scale = f"scores: {codes.SCALES[wish.scale]}"
    others = [f"most frequent other actors: {most_frequent(found.others)}"] if found.others else []
    return Reading(
        source=cells.faults.file,
        form=cells.layout.form,
        rows=found.rows + short,
        events=events,
        folded=folded,
        left_out=tuple(left_out),
        taken=tuple(taken),
        notes=(*_told_codes(taken, lookup), scale, *cells.notes, *others),
    )


def _told_codes(taken: Sequence[Taken], lookup: Lookup) -> list[str]:
    """Which codes were taken for each actor, a line each."""
    told = []
    for actor in lookup.actors:
        found = Counter({one.code: one.count for one in taken if one.actor == actor})
        more = f" and {len(found) - MOST_NOTED} more codes" if len(found) > MOST_NOTED else ""
        told.append(f"{actor} is: {most_frequent(found, MOST_NOTED)}{more}")
    return told
