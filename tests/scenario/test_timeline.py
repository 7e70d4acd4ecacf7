"""Every date of a span lies in exactly one of its steps."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given, strategies as st

from tensionsim.scenario.quantities import Span

DATES = st.dates(dt.date(1990, 1, 1), dt.date(2050, 1, 1))
STEPS = st.sampled_from(["day", "week", "month"])


@given(start=DATES, length=st.integers(1, 1500), step=STEPS, share=st.floats(0, 1))
def test_a_date_snaps_to_the_step_that_contains_it(start: dt.date, length: int, step: str, share: float) -> None:
    span = Span(start, start + dt.timedelta(days=length), step)
    date = start + dt.timedelta(days=round(share * length))
    rows = [span.at(number) for number in range(span.n_steps + 1)]
    assert rows[0] == start
    assert rows[-2] < span.end <= rows[-1]
    assert all(one < other for one, other in pairwise(rows))
    if span.holds(date):
        snapped = span.snapped(date)
        assert snapped in rows[:-1]
        assert snapped <= date < rows[rows.index(snapped) + 1]
    else:
        assert date == span.end == rows[-1]


@given(start=DATES, length=st.integers(1, 1500), step=STEPS, before=st.integers(1, 100))
def test_a_date_outside_happens_never(start: dt.date, length: int, step: str, before: int) -> None:
    span = Span(start, start + dt.timedelta(days=length), step)
    assert not span.holds(start - dt.timedelta(days=before))
    assert not span.holds(span.end + dt.timedelta(days=before))
