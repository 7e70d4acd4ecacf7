"""The page of a chronicle: what weighs most, and the rest in a few rows, so that nothing of its points is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tensionsim.analysis.chronicle_wording import effect, listed, words_of
from tensionsim.analysis.happenings import FROM_START, TRUE_AT_START

if TYPE_CHECKING:
    import pandas as pd

MOST_LINES = 40
STRETCHES = (("Q", 500), ("Y", 10**6))
"""Quarters or years in which small moves are taken together, with the days of a chronicle up to which."""

RULES_WEIGH = 2.0
"""A move by a rule tells more than one of the same effect that came about."""

LEAST_SPELL_DAYS = 28
"""A regime or an event that lasts less is not worth a line."""

MOVES, ARRANGEMENTS = ("move", "stopped"), ("arrangement",)
GROUP = "moves"
ARRANGED, ELSEWHERE = "arrangements", "elsewhere"
PLACES = ("target", "issue", "track", "cause", "why")


def page(table: pd.DataFrame, labels: Mapping[str, str], most: int = MOST_LINES) -> pd.DataFrame:
    """At most `most` rows of a chronicle's table, or as few as always stand: leaders, elections, the schedule.

    labels : how actors are called.
    """
    import pandas as pd

    if len(table) <= most:
        return table
    told = _of_note(table)
    is_free = told["kind"].isin((*MOVES, *ARRANGEMENTS)) & (told["cause"] != "schedule") & (told["why"] != FROM_START)
    weight = told.loc[is_free, ["points", "points_at_end"]].abs().max(axis=1)
    weight[told.loc[is_free, "cause"] == "rule"] *= RULES_WEIGH
    heaviest = weight[weight > 0.0].sort_values(ascending=False, kind="stable").index
    days = (table["date"].iloc[-1] - table["date"].iloc[0]).days
    stretch = next(name for name, longest in STRETCHES if days <= longest)
    keys = _keys(told[is_free], stretch)
    room = min(most, len(heaviest))
    while room and (~is_free).sum() + room + len(keys.drop(index=heaviest[:room]).drop_duplicates()) > most:
        room -= 1
    large = heaviest[:room]
    groups = _grouped(told[is_free].drop(index=large), labels, stretch)
    found = pd.concat([told[~is_free], told.loc[large], groups])
    return found.sort_index(kind="stable").reset_index(drop=True)


def _of_note(table: pd.DataFrame) -> pd.DataFrame:
    """The table without spells too short to note, and with what is so from the start in one row of each kind."""
    told = table.drop(index=[*_short(table, "regime", []), *_short(table, "event", ["what"])])
    told = _at_start(told, FROM_START, "In force from the start")
    return _at_start(told, TRUE_AT_START, "True at the start")


def _at_start(table: pd.DataFrame, why: str, head: str) -> pd.DataFrame:
    import pandas as pd

    rows = table[table["why"] == why]
    if len(rows) < 2:
        return table
    names = ", ".join(dict.fromkeys(rows["what"].map(words_of)))
    left = rows["points_at_end"].sum()
    tail = f"; together {left:+.1f} points by the end" if left else ""
    one = _row(rows, text=f"{head}: {names}{tail}.", what=f"{len(rows)} {rows['kind'].iloc[0]}s", why=why)
    return pd.concat([table.drop(index=rows.index), one]).sort_index()


def _short(table: pd.DataFrame, kind: str, by: list[str]) -> list[Any]:
    """Rows of spells that are over within a month, and those that say so: each with the next of its kind."""
    found: list[Any] = []
    rows = table[table["kind"] == kind]
    for _, spells in rows.groupby(by, observed=True) if by else [("", rows)]:
        days = spells["date"].diff().shift(-1).dt.days
        labels, place = spells.index.tolist(), 0
        while place < len(labels) - 1:
            is_short = days.iloc[place] < LEAST_SPELL_DAYS
            found += labels[place : place + 2] if is_short else []
            place += 2 if is_short else 1
    return found


def _keys(rows: pd.DataFrame, stretch: str) -> pd.DataFrame:
    """The stretch of time of each row, and whose it is: an actor's if its move has an effect on the index."""
    import pandas as pd

    who = rows["actor"].where((rows["points"] != 0.0) | (rows["points_at_end"] != 0.0), ELSEWHERE)
    who = who.where(rows["kind"].isin(MOVES), ARRANGED)
    return pd.DataFrame({"period": rows["date"].dt.to_period(stretch), "who": who})


def _grouped(small: pd.DataFrame, labels: Mapping[str, str], stretch: str) -> pd.DataFrame:
    """One row an actor and stretch of time for moves, one a stretch for arrangements; a single one stays itself."""
    import pandas as pd

    rows = [small.iloc[:0]]
    keys = _keys(small, stretch)
    for (period, who), group in small.groupby([keys["period"], keys["who"]], observed=True, sort=False):
        when = f"quarter {period.quarter} of {period.year}" if stretch == "Q" else str(period.year)
        rows.append(group if len(group) == 1 else _together(group, str(who), labels, when))
    return pd.concat(rows)


def _together(group: pd.DataFrame, who: str, labels: Mapping[str, str], when: str) -> pd.DataFrame:
    """Several small things in one row."""
    points, left, count = group["points"].sum(), group["points_at_end"].sum(), len(group)
    tail = f": together {effect(points, left)}" if points or left else ""
    if who == ARRANGED:
        text = f"{count} smaller arrangements begin or end in {when}{tail}."
        return _row(group, text=text, what=f"{count} arrangements", actor="")
    if who == ELSEWHERE:
        names = listed([labels.get(actor, actor) for actor in dict.fromkeys(group["actor"])])
        text = f"{count} moves without effect on the index in {when}, by {names}."
        return _row(group, text=text, kind=GROUP, what=f"{count} moves", actor="")
    text = f"{labels.get(who, who)} makes {count} smaller moves in {when}{tail}."
    return _row(group, text=text, kind=GROUP, what=f"{count} moves")


def _row(rows: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Several rows as one, at the place of the first: points summed, what they do not share left empty."""
    first = rows.iloc[[0]].copy()
    for column in PLACES:
        if rows[column].nunique() > 1:
            first[column] = ""
    for column in ("points", "points_at_end"):
        first[column] = rows[column].sum()
    for column, value in values.items():
        first[column] = value
    return first
