"""The page of a chronicle: what weighs most, and the rest by quarter and tone; no points are lost."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tensionsim.analysis import crossings
from tensionsim.analysis.chronicle_wording import HARDLY, Speech, effect, listed
from tensionsim.analysis.happenings import FROM_START, IN_FORCE, TRUE_AT_START

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

MOST_LINES = 50
LEAST_NAMED = 12
"""Moves and arrangements that are told alone, as far as there are, even where the page grows longer by it."""

MOST_LARGEST = 3
"""Of a group, how many are named for each actor."""

MOVES, ARRANGEMENTS, CROSSINGS = ("move", "stopped"), ("arrangement",), ("regime", "event")
PLANNED = ("schedule", "rule")
GROUP = "moves"
PLACES = ("actor", "target", "issue", "track", "cause", "why", "tone")
WHOLE_RUN = "The whole run"
ORDER = {"hostile": 0, "friendly": 1, "neutral": 2, "arrangement": 3}
"""In which the groups of a period are told; what is without effect comes last."""


@dataclass(frozen=True, slots=True, order=True)
class Heap:
    """What is told together. period : in words. last : day by which it is over. what : a tone, or a kind."""

    last: date
    period: str
    what: str


Stretch = Callable[[date], tuple[str, date]]
"""The period that a day lies in, in words, and its last day."""


def quarter(day: date) -> tuple[str, date]:
    """The quarter of a day and its last day."""
    number = (day.month + 2) // 3
    month = 3 * number
    return f"Quarter {number} of {day.year}", date(day.year, month, calendar.monthrange(day.year, month)[1])


def year(day: date) -> tuple[str, date]:
    """The year of a day and its last day."""
    return str(day.year), date(day.year, 12, 31)


def page(table: pd.DataFrame, speech: Speech, most: int = MOST_LINES) -> pd.DataFrame:
    """At most `most` rows of a chronicle's table, or as few as always stand, and `period`: of a group, when it was.

    Always told are leaders, elections, changes, every crossing (what flickers in one row), what was scheduled or made
    by a rule, what these began, and the `LEAST_NAMED` of the rest that weigh most.
    """
    import pandas as pd

    if len(table) <= most:
        return table.assign(period="")
    rows: list[Row] = table.assign(position=range(len(table))).to_dict("records")
    told = _standing(rows, speech, most)
    free = _by_rank([row for row in rows if _is_free(row, rows)])
    end = rows[-1]["date"].date()
    named, heaps = _fitting(free, end, most - len(told))
    groups = [_together(heap, of_heap, speech, end) for heap, of_heap in heaps.items()]
    found = sorted([*told, *named, *groups], key=_place)
    return pd.DataFrame(found, columns=[*table.columns, "period"]).fillna({"period": ""})


def weight(row: Row) -> float:
    """How much something matters: the larger of what it makes at once, at its peak and at the end."""
    return float(max(abs(row["points"]), abs(row["peak"]), abs(row["points_at_end"])))


def _by_rank(rows: Sequence[Row]) -> list[Row]:
    """What matters most first: by its place among the weights or among what is left at the end, whichever is better."""
    best: dict[int, int] = {}
    for size in (weight, lambda row: abs(row["points_at_end"])):
        for place, row in enumerate(sorted(rows, key=size, reverse=True)):
            best[row["position"]] = min(place, best.get(row["position"], place))
    return sorted(rows, key=lambda row: (not weight(row), best[row["position"]]))


def _place(row: Row) -> tuple[Any, ...]:
    """Where a row stands: by its day, groups after what happens on a day, the end last."""
    is_last = row["kind"] == "end"
    return row["date"], is_last, bool(row.get("period")), row.get("order", 0), row["position"]


def _fitting(free: Sequence[Row], end: date, room: int) -> tuple[list[Row], dict[Heap, list[Row]]]:
    """The first alone and the others in heaps, as many alone as there is room for; by year where quarters fill it."""
    heavy = [row for row in free if weight(row) > 0.0]
    for stretch in (quarter, year):
        for count in range(min(len(heavy), max(room, 0)), -1, -1):
            named, heaps = _split(free, count, stretch, end)
            if len(named) + len(heaps) <= room or count <= LEAST_NAMED:
                break
        if len(named) + len(heaps) <= room:
            break
    return named, heaps


def _split(free: Sequence[Row], count: int, stretch: Stretch, end: date) -> tuple[list[Row], dict[Heap, list[Row]]]:
    """The first so many alone, the others in heaps; a heap of one is told alone."""
    heaps: dict[Heap, list[Row]] = {}
    for row in free[count:]:
        heaps.setdefault(_heap(row, stretch, end), []).append(row)
    alone = [rows[0] for rows in heaps.values() if len(rows) == 1]
    return [*free[:count], *alone], {heap: rows for heap, rows in heaps.items() if len(rows) > 1}


def _heap(row: Row, stretch: Stretch, end: date) -> Heap:
    if weight(row) == 0.0:
        return Heap(end, WHOLE_RUN, row["kind"] if row["kind"] in ARRANGEMENTS else GROUP)
    period, last = stretch(row["date"].date())
    return Heap(min(last, end), period, row["kind"] if row["kind"] in ARRANGEMENTS else row["tone"])


def _is_free(row: Row, rows: Sequence[Row]) -> bool:
    """Whether a row may be told together with others."""
    if row["kind"] not in (*MOVES, *ARRANGEMENTS) or row["cause"] in PLANNED or row["why"] == FROM_START:
        return False
    return row["kind"] in MOVES or not any(_began(move, row) for move in rows if move["cause"] in PLANNED)


def _began(move: Row, arrangement: Row) -> bool:
    """Whether a move of the schedule or of a rule is of the day, the holder and the issue of an arrangement."""
    ends = (arrangement["actor"], arrangement["target"])
    return bool(move["date"] == arrangement["date"] and move["issue"] == arrangement["issue"] and move["actor"] in ends)


def _standing(rows: Sequence[Row], speech: Speech, most: int) -> list[Row]:
    """What is told whatever it weighs."""
    at_start = [row for row in rows if row["why"] == TRUE_AT_START]
    in_force = [row for row in rows if row["why"] == FROM_START]
    others = [row for row in rows if row["kind"] in CROSSINGS and row["why"] != TRUE_AT_START]
    plain = [
        row
        for row in rows
        if row["kind"] not in CROSSINGS and row["why"] != FROM_START and not _is_free(row, rows)
    ]  # fmt: skip
    return [*plain, *_true(at_start), *_in_force(in_force, speech), *map(dict, crossings.told(others, most // 3))]


def _true(rows: Sequence[Row]) -> list[Row]:
    if len(rows) < 2:
        return list(rows)
    names = ", ".join(row["what"] for row in rows)
    return [_summed(rows, text=f"True at the start: {names}.", what=f"{len(rows)} events")]


def _in_force(rows: Sequence[Row], speech: Speech) -> Iterator[Row]:
    """What is in force from the start, in one row a tone, and one of what is outside the index."""
    for tone in ("friendly", "hostile", ""):
        some = [row for row in rows if tone == (row["tone"] if weight(row) else "")]
        if len(some) < 2:
            yield from some
            continue
        left = sum(row["points_at_end"] for row in some)
        head = f", {tone}, together {left:+.1f} points at the end" if tone else ", without part in the index"
        text = f"In force from the start{head}: {_by_kind(some, speech)}."
        yield _summed(some, text=text, what=f"{len(some)} arrangements")


def _by_kind(rows: Sequence[Row], speech: Speech) -> str:
    """Kinds of arrangements with their points at the end, the largest first."""
    points: Counter[str] = Counter()
    for row in rows:
        points[speech.words(row["what"])] += row["points_at_end"]
    large = sorted((name for name in points if abs(points[name]) >= HARDLY), key=lambda name: -abs(points[name]))
    small = [name for name in points if name not in large]
    words = ", ".join(f"{name} {points[name]:+.1f}" for name in large)
    if not large:
        return ", ".join(small)
    return f"{words}; less than 0.1 each: {', '.join(small)}" if small else words


def _together(heap: Heap, rows: Sequence[Row], speech: Speech, end: date) -> Row:
    """A heap as one row."""
    import pandas as pd

    in_order = sorted(rows, key=lambda row: row["date"])
    kind = "arrangement" if heap.what in ARRANGEMENTS else GROUP
    if heap.period == WHOLE_RUN:
        text = _without_effect(in_order, speech)
    elif heap.what in ARRANGEMENTS:
        text = _other_arrangements(rows, speech)
    else:
        text = _other_moves(heap.what, in_order, speech)
    noun = "arrangements" if kind == "arrangement" else "moves"
    made = _summed(in_order, kind=kind, text=text, what=f"{len(rows)} {noun}", period=heap.period)
    place = {"date": pd.Timestamp(min(heap.last, end)), "order": ORDER.get(heap.what, len(ORDER))}
    return made | place | {"index": in_order[-1]["index"]}


def _other_moves(tone: str, rows: Sequence[Row], speech: Speech) -> str:
    """How often each actor moved in a tone, what that made, and the largest of it."""
    told = []
    for actor in dict.fromkeys(row["actor"] for row in rows):
        own = [row for row in rows if row["actor"] == actor]
        points, left = (sum(row[column] for row in own) for column in ("points", "points_at_end"))
        largest = ", ".join(_short(row, speech) for row in sorted(own, key=weight, reverse=True)[:MOST_LARGEST])
        most = f" (largest: {largest})" if len(own) > MOST_LARGEST else f" ({largest})"
        how_often = "one" if len(own) == 1 else f"{len(own)}"
        told.append(f"{speech.actors.get(actor, actor)} {how_often}, {effect(points, left)}{most}")
    return f"Other {tone} moves: {'; '.join(told)}."


def _short(row: Row, speech: Speech) -> str:
    """A move with its day and the larger of its points."""
    points = max(row["points"], row["points_at_end"], key=abs)
    return f"{speech.does(row['what'])} over {speech.words(row['issue'])} {points:+.1f} on {row['date']:%m-%d}"


def _other_arrangements(rows: Sequence[Row], speech: Speech) -> str:
    begin, over = ([row for row in rows if (row["why"] == IN_FORCE) is is_begun] for is_begun in (True, False))
    parts = []
    for verb, some in (("begin", begin), ("end", over)):
        names = [
            f"{speech.words(row['what'])} of {speech.actors.get(row['actor'], row['actor'])} "
            f"(over {speech.words(row['issue'])}, {row['peak']:+.1f} at its peak)"
            for row in some[:MOST_LARGEST]
        ]
        rest = [f"{len(some) - MOST_LARGEST} others"] if len(some) > MOST_LARGEST else []
        parts += [f"{verb} {listed([*names, *rest])}"] if names else []
    left = sum(row["points_at_end"] for row in rows)
    return f"Other arrangements {'; '.join(parts)}; {left:+.1f} points at the end."


def _without_effect(rows: Sequence[Row], speech: Speech) -> str:
    """What has no part in the index, in one sentence."""
    by = listed([speech.actors.get(name, name) for name in dict.fromkeys(row["actor"] for row in rows)])
    if rows[0]["kind"] in ARRANGEMENTS:
        return f"{len(rows)} beginnings and ends of arrangements without part in the index, of {by}."
    stopped = [row for row in rows if row["kind"] == "stopped"]
    often = Counter(speech.words(row["what"]) for row in rows).most_common(MOST_LARGEST)
    names = listed([f"{name} ({count})" for name, count in often])
    tail = f" {len(stopped)} of them were stopped by domestic checks." if stopped else ""
    return f"{len(rows)} moves without effect on the index, by {by}; most often {names}.{tail}"


def _summed(rows: Sequence[Row], **values: str) -> Row:
    """Several rows as one, at the place of the first: points summed, what they do not share left empty."""
    made = dict(rows[0])
    made |= {column: "" for column in PLACES if len({row[column] for row in rows}) > 1}
    made |= {column: sum(row[column] for row in rows) for column in ("points", "points_at_end", "peak")}
    return made | values
