"""The curated history: nothing lost, nothing invented, and it can be replayed."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tensionsim.errors import CatalogueError
from tensionsim.events import history as curated
from tensionsim.events.history import ObservedMove
from tensionsim.model.catalogue import goldstein, shipped
from tensionsim.model.structure import Registry

ACTORS = {"washington", "bogota", "caracas", "beijing", "region"}
ISSUES = {"drugs", "migration", "venezuela", "china"}
LAST_DAY = dt.date(2025, 10, 28)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CODES = {"washington": "USA", "bogota": "COL", "caracas": "VEN", "beijing": "CHN"}


def table(name: str) -> list[dict[str, str]]:
    text = files("tensionsim").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def shared(name: str) -> list[dict[str, str]]:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the shared data are not beside this checkout: no {name}")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def replay(name: str) -> Iterator[tuple[ObservedMove, set[int], list[int | None], list[int | None]]]:
    """Each observed move with what is in force before it, and the rows it begins and ends."""
    registry = Registry(shipped().arrangements)
    held = curated.curated_history(name).held or ()
    in_force = {registry.instance(one.name, one.actor, one.target, one.issue) for one in held}
    for one in curated.observed(name):
        move, place = shipped().moves[one.move], (one.actor, one.target, one.issue)
        begun = [registry.instance(kind, *place) for kind in move.begins]
        ended = [registry.held_between(kind, *place) for kind in move.ends]
        yield one, {row for row in in_force if row is not None}, begun, ended
        in_force = (in_force | set(begun)) - set(ended)


@pytest.mark.parametrize("name", curated.names())
def test_every_observed_move_is_one_its_actor_can_make(name: str) -> None:
    for one in curated.observed(name):
        assert shipped().moves[one.move].can_be_made(one.actor, one.target, one.issue), one


@pytest.mark.parametrize("name", curated.names())
def test_observed_moves_stand_by_date_within_the_span(name: str) -> None:
    dates = [one.date for one in curated.observed(name)]
    assert dates == sorted(dates)
    assert curated.curated_history(name).first <= dates[0]
    assert dates[-1] <= LAST_DAY


@pytest.mark.parametrize("name", curated.names())
def test_every_row_is_mapped_or_has_its_reason(name: str) -> None:
    rows = table(f"{name}_events.csv")
    assert curated.curated_history(name).report.rows == len(rows)
    assert all(row["move"] or row["note"] for row in rows)


@pytest.mark.parametrize("name", curated.names())
def test_replay_begins_only_what_is_not_in_force(name: str) -> None:
    for one, in_force, begun, _ in replay(name):
        assert None not in begun, one
        assert in_force.isdisjoint(begun), one


@pytest.mark.parametrize("name", curated.names())
def test_replay_ends_only_what_is_in_force(name: str) -> None:
    for one, in_force, _, ended in replay(name):
        assert in_force.issuperset(ended), one


@pytest.mark.parametrize("name", curated.names())
def test_arrangements_at_the_origin_can_be_held_by_those_named(name: str) -> None:
    for one in curated.curated_history(name).held or ():
        kind = shipped().arrangements[one.name]
        either = kind.is_mutual and kind.can_hold(one.target, one.actor, one.issue)
        assert either or kind.can_hold(one.actor, one.target, one.issue), one


def test_actors_and_issues_are_those_of_the_shipped_dyad() -> None:
    for one in curated.observed("us_colombia"):
        assert {one.actor, one.target} <= ACTORS, one
        assert one.actor != one.target, one
        assert one.issue in ISSUES, one


def test_actors_agree_with_the_codes_of_the_source() -> None:
    for row in table("us_colombia_events.csv"):
        if row["move"] and row["initiator"] in CODES.values():
            assert CODES[row["actor"]] == row["initiator"], row["description"]
        if row["move"] and row["target"] in CODES.values() and row["target"] != CODES.get(row["target_actor"]):
            assert row["note"], row["description"]


def test_no_mapping_turns_enmity_into_friendship_without_saying_so() -> None:
    for row in table("us_colombia_events.csv"):
        if not row["move"]:
            continue
        as_coded, as_mapped = goldstein()[row["cameo"]], shipped().moves[row["move"]].goldstein
        assert as_coded * as_mapped >= 0.0 or row["note"], row["description"]


def test_every_row_says_how_well_it_is_known() -> None:
    rows = table("us_colombia_events.csv")
    assert len(rows) == 792
    assert {row["confidence"] for row in rows} == {"seen", "derived", "seed", "memory"}


def test_known_days_of_the_history_are_there() -> None:
    made = {(one.date, one.actor, one.move) for one in curated.observed()}
    assert (dt.date(2025, 1, 26), "bogota", "turn_back_deportation_flights") in made
    assert (dt.date(2025, 1, 26), "washington", "threaten_tariffs") in made
    assert (dt.date(2025, 10, 24), "washington", "sanction_leader") in made


def test_month_stands_at_its_fifteenth() -> None:
    rows = {row["description"]: row["date"] for row in table("us_colombia_events.csv")}
    months = [one for one in curated.observed() if len(rows[one.description]) == len("2019-10")]
    assert months
    assert all(one.date == dt.date.fromisoformat(f"{rows[one.description]}-15") for one in months)


def test_aid_and_flights_have_ended_by_the_last_day() -> None:
    ended = {one.move for one in curated.observed() if one.date.year == 2025}
    assert {"end_aid", "suspend_deportation_flights", "decertify_with_waiver"} <= ended


def test_unknown_history_names_the_known_ones() -> None:
    for ask in (curated.observed, curated.curated_history):
        with pytest.raises(CatalogueError, match="the history must be one of us_colombia; got 'us_cuba'"):
            ask("us_cuba")


def test_every_row_of_the_shared_events_is_kept_as_it_is() -> None:
    columns = ("date", "initiator", "target", "issue", "description", "source")
    files = ("us_colombia_events.csv", "us_colombia_events_dense.csv")
    source = [tuple(row[one] for one in columns) for name in files for row in shared(name)]
    kept = [tuple(row[one] for one in columns) for row in table("us_colombia_events.csv")]
    assert sorted(kept) == sorted(source)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("claims.csv", "mechanisms.csv"), ("us_colombia_stances.csv", "us_colombia_stances.csv")]
)
def test_shared_tables_are_copied_unchanged(ours: str, theirs: str) -> None:
    assert table(ours) == shared(theirs)


def test_shared_indicators_are_copied_but_for_the_undated() -> None:
    source = shared("us_colombia_indicators.csv")
    assert table("us_colombia_indicators.csv") == [row for row in source if "undated" not in row["period"]]


def test_no_period_lies_after_the_last_day() -> None:
    for row in table("us_colombia_indicators.csv"):
        last = row["period"].removeprefix("FY").split("..")[-1]
        assert last <= LAST_DAY.isoformat()[: len(last)] or row["period"] == "FY2026", row
