"""Pages: tables that fit."""

from __future__ import annotations

from tensionsim.briefings.facts import say
from tensionsim.briefings.pages import Table, fitting


def table(columns: str, rows: str) -> Table:
    cells = tuple(tuple(say(f"{row}{column}") for column in columns) for row in rows)
    return Table(say("Caption."), tuple(say(column) for column in columns), cells)


def test_a_table_that_fits_stays_as_it_is() -> None:
    given = table("abcdef", "xy")
    assert fitting(given) is given


def test_a_wide_table_is_turned_with_its_headings() -> None:
    turned = fitting(table("abcdefgh", "xy"))
    assert turned.head == (say("a"), say("xa"), say("ya"))
    assert turned.rows[0] == (say("b"), say("xb"), say("yb"))
    assert len(turned.rows) == 7


def test_a_table_that_turning_would_widen_is_left() -> None:
    given = table("abcdefgh", "qrstuvwxyz")
    assert fitting(given) is given
