"""Event histories: curated and read ones in the same arrays."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tensionsim.events import history as curated
from tensionsim.events.history import EventHistory, curated_history
from tensionsim.events.reading import read_events, summary_of
from tensionsim.model.catalogue import shipped

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def few() -> EventHistory:
    return read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"))


def test_the_curated_history_holds_every_observed_move() -> None:
    history = curated_history()
    assert len(history) == len(curated.observed())
    for row, one in enumerate(curated.observed()):
        assert history.dates[row].item() == one.date
        assert (history.actors[history.actor[row]], history.actors[history.target[row]]) == (one.actor, one.target)
        assert (history.issues[history.issue[row]], history.moves[history.move[row]]) == (one.issue, one.move)
        assert history.score[row] == shipped().moves[one.move].goldstein
    assert history.report.rows == len(history) + history.report.rows_left_out


def test_a_history_is_cut_by_day_and_remembers_what_was_observed(few: EventHistory) -> None:
    part = few.between("2001-03-06", "2001-07-12")
    assert part.dates.astype(str).tolist() == ["2001-03-06", "2001-04-07", "2001-07-12"]
    assert (part.first, part.last) == (dt.date(2001, 3, 6), dt.date(2001, 7, 12))
    assert few.until(dt.date(2001, 6, 30)).last == dt.date(2001, 6, 30)
    empty = few.between("2001-05-01", "2001-06-01")
    assert (len(empty), empty.first, empty.last) == (0, dt.date(2001, 5, 1), dt.date(2001, 6, 1))


def test_a_history_with_arrangements_cannot_begin_later() -> None:
    with pytest.raises(ValueError, match="cannot begin later"):
        curated_history().between("2020-01-01")


def test_a_table_names_what_the_rows_are(few: EventHistory) -> None:
    first = few.table().iloc[0]
    assert (first["actor"], first["target"], first["cameo"], first["kind"]) == ("norland", "suderia", "042", "verbal")
    assert (first["issue"], first["track"], first["move"], first["weight"]) == ("relations", "political", "", 1.0)


def test_arrays_that_do_not_fit_are_refused(few: EventHistory) -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        dataclasses.replace(few, score=few.score[1:])
    with pytest.raises(ValueError, match="by date"):
        dataclasses.replace(few, dates=few.dates[::-1])


def test_a_look_tells_rates_gaps_and_codes(few: EventHistory) -> None:
    found = summary_of(few)
    assert [(one["actor"], one["events"]) for one in found["directions"]] == [("norland", 3), ("suderia", 3)]
    assert found["directions"][0]["mean_score"] == pytest.approx((1.9 + 1.9 - 5.8) / 3)
    assert found["directions"][1]["hostile_share"] == pytest.approx(1 / 3)
    assert [(gap["first"], gap["last"], gap["months"]) for gap in found["gaps"]] == [("2001-05", "2001-06", 2)]
    assert (found["months"], found["empty_months"]) == (6, 2)
    assert (found["codes"][0]["cameo"], found["codes"][0]["events"]) == ("042", 2)
    assert sum(one["share"] for one in found["codes"]) == pytest.approx(1.0)


def test_months_observed_before_and_after_the_events_are_gaps(few: EventHistory) -> None:
    wider = dataclasses.replace(few, observed=(dt.date(2001, 1, 1), dt.date(2001, 9, 30)))
    assert {(gap["first"], gap["last"]) for gap in summary_of(wider)["gaps"]} == {
        ("2001-01", "2001-02"),
        ("2001-05", "2001-06"),
        ("2001-09", "2001-09"),
    }
    assert np.isclose(summary_of(wider)["years"], 273 / 365.25)
