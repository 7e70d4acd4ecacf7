"""A scenario made from events, with rates, shares and scale as observed; and the index of events on that of runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from pathlib import Path

import numpy as np
import pytest

import dyads
from tensionsim.analysis.elements import Speech
from tensionsim.engine.build import assemble
from tensionsim.engine.stability import Stability
from tensionsim.errors import EventError
from tensionsim.events.generic import (
    ROOTS,
    USUAL_TONE,
    VOLUME,
    index_scale_for,
    observed_index,
    observed_rates,
    prior_from,
    scenario_from_events,
    scenario_text,
)
from tensionsim.events.history import EventHistory, Reading, curated_history
from tensionsim.events.reading import read_events
from tensionsim.model.catalogue import rows, shipped
from tensionsim.scenario.quantities import UncertainNumber, parse
from tensionsim.scenario.scenario import Scenario, load

SAMPLES = Path(__file__).parent / "samples"


def history(volume: int = 20, years: int = 4, *, track: int = 0, tone: float = -3.0, seed: int = 0) -> EventHistory:
    """Made-up events of two actors: `volume` a month, half of them 190 or 042 so that their mean score is `tone`."""
    draw = np.random.default_rng(seed)
    months = np.arange("2001-01", f"{2001 + years}-01", dtype="datetime64[M]")
    dates = np.repeat(months, volume).astype("datetime64[D]") + draw.integers(0, 28, volume * len(months))
    dates.sort()
    count = len(dates)
    hostile = np.arange(count) * 37 % 119 < 119 * (1.9 - tone) / 11.9
    return EventHistory(
        name="made-up",
        actors=("norland", "suderia"),
        dates=dates,
        actor=np.arange(count) % 2,
        target=1 - np.arange(count) % 2,
        issues=("relations",),
        issue=np.zeros(count, np.int64),
        track=np.full(count, track, np.int64),
        cameo=np.where(hostile, "190", "042").astype("U4"),
        score=np.where(hostile, -10.0, 1.9),
        is_material=hostile,
        weight=np.ones(count),
        moves=(),
        move=np.full(count, -1, np.int64),
        report=Reading("made-up", "made-up", count, count),
    )


def test_the_scenario_has_the_roots_observed_with_their_shares_and_scores() -> None:
    of = history()
    scenario = scenario_from_events(of)
    moves = scenario.file.moves
    assert set(moves) == {"hold_consultations", "fight"}
    share = float((of.score < 0).mean())
    assert moves["fight"].frequency == pytest.approx(share, abs=1e-3)
    assert (moves["fight"].goldstein, moves["fight"].kind) == (-10.0, "material")
    assert [actor.repertoire for actor in scenario.file.actors.values()] == [["hold_consultations", "fight"]] * 2
    assert scenario.file.start == of.last + dt.timedelta(days=1)


def test_moves_of_roots_are_verb_phrases_that_no_shipped_move_has() -> None:
    assert list(ROOTS) == [f"{root:02}" for root in range(1, 21)]
    assert not {*ROOTS.values()} & {*shipped().moves}
    speech = Speech({})
    told = [speech.does(ROOTS[root]) for root in ("01", "04", "08", "20")]
    assert told == ["makes a public statement", "holds consultations", "yields", "uses mass violence"]
    assert speech.does(f"{ROOTS['07']}_in_technical_matters") == "provides aid in technical matters"


def coded(*codes: str) -> EventHistory:
    """Made-up events of these codes in turn."""
    of = history()
    cameo = np.resize(np.array(codes, "U4"), len(of))
    return dataclasses.replace(of, cameo=cameo, score=np.resize([-2.0, 3.0], len(of)))


@pytest.mark.parametrize(
    ("codes", "raised", "answered"),
    [
        (("10", "12"), {"make_demand": ["demand"]}, {"reject": "refuses"}),
        (("13", "08"), {"make_threat": ["threat"], "yield": ["concession"]}, {"yield": "yields"}),
        (("17", "08"), {"coerce": ["measure"], "yield": ["concession"]}, {"yield": "yields"}),
        (("02", "12", "05"), {"appeal": ["proposal"]},
         {"reject": "refuses", "engage_in_diplomatic_cooperation": "accepts"}),
        (("11", "12", "08", "06"), {"disapprove": ["charge"], "yield": ["concession"]}, {}),
        (("04", "12"), {}, {}),
    ],
)  # fmt: skip
def test_roots_raise_and_answer_where_what_they_answer_can_be(
    codes: tuple[str, ...], raised: dict[str, list[str]], answered: dict[str, str]
) -> None:
    scenario = scenario_from_events(coded(*codes), matters=True)
    moves = scenario.file.moves
    assert {name: one.raises for name, one in moves.items() if one.raises} == raised
    assert {name: one.answers for name, one in moves.items() if one.answers} == answered
    menus = assemble(scenario).menus
    assert {menus.names[row] for row in menus.move[: menus.size[0], 0]} == {*moves}
    assert not [note for note in scenario.notes if "menu" in note]


def test_moves_raise_and_answer_nothing_unless_that_is_asked_for() -> None:
    moves = scenario_from_events(coded("10", "12")).file.moves.values()
    assert not any(one.raises or one.answers for one in moves)


def test_the_text_is_the_scenario_and_loads_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "made.yaml"
    path.write_text(scenario_text(history()), encoding="utf-8")
    assert load(path).text == scenario_from_events(history(), with_past=False).text


def test_a_scenario_made_from_events_is_stable_and_acts_about_as_often_as_observed() -> None:
    scenario = scenario_from_events(history(volume=60))
    found = Stability.of(scenario)
    assert found.branching < 1.0
    assert found.tone < 1.0
    record = dyads.record(scenario, runs=100)
    late = record.move_step >= scenario.n_steps // 2
    months = (scenario.n_steps - scenario.n_steps // 2) * scenario.dt_months
    assert late.sum() / 100 / months == pytest.approx(60.0, rel=0.15)


@pytest.mark.parametrize("volume", [2, 600])
def test_every_prior_reaches_the_scenario_and_none_where_none_are_asked_for(volume: int) -> None:
    of = history(volume, years=1)
    stated, guessed = (_numbers(scenario_from_events(of, with_past=False, priors=asked)) for asked in (None, ()))
    assert {row["path"]: parse(prior_from(row, of)) for row in rows("priors.csv")}.items() <= stated.items()
    assert {one.family for one in guessed.values()} == {"constant"}


def _numbers(scenario: Scenario) -> dict[str, UncertainNumber]:
    file = scenario.file
    strengths = {name: values for name, values in file.mechanisms.items() if isinstance(values, dict)}
    return {f"parameters.{name}": parse(value) for name, value in file.parameters.items()} | {
        f"mechanisms.{name}.{key}": parse(value) for name, values in strengths.items() for key, value in values.items()
    }


def test_no_prior_of_strengths_lets_tone_run_away_by_itself() -> None:
    quiet, hostile = history(tone=1.9), history(tone=-3.0)
    row = {"path": "mechanisms.inertia.fast", "family": "truncated_normal", "middle": "0.2", "spread": "0.1"}
    for of in (quiet, hostile):
        variance = max(0.01, float((of.score / 10.0).var()))
        found = prior_from(row | {"per_log_volume": "0"}, of)["truncated_normal"]
        assert found[0] * variance == pytest.approx(0.2, rel=1e-3)


def test_priors_follow_the_volume_and_base_rates_are_shares_of_it() -> None:
    few, many = history(20), history(200)
    row = {"path": "parameters.base_political", "family": "truncated_normal", "middle": "0.5", "spread": "0.2"}
    for of in (few, many):
        found = prior_from(row | {"per_log_volume": "0"}, of)["truncated_normal"]
        assert found == pytest.approx(
            [share * observed_rates(of)["base_political"] for share in (0.5, 0.2)] + [0, 1e3], rel=1e-3
        )
    row = {
        "path": "parameters.imitation",
        "family": "lognormal",
        "middle": "0.01",
        "spread": "1",
        "per_log_volume": "-0.5",
    }
    medians = [prior_from(row, of)["lognormal"][0] for of in (few, many)]
    assert medians == pytest.approx([0.01 * (volume / VOLUME) ** -0.5 for volume in (20, 200)], rel=1e-3)
    monthly = scenario_from_events(few, step="month", priors=[row]).file.parameters
    assert monthly["imitation"] == scenario_from_events(few, priors=()).file.parameters["imitation"]


def test_the_usual_volume_is_the_median_of_months_not_moved_by_a_war() -> None:
    quiet = history()
    war = dataclasses.replace(quiet, weight=np.where(quiet.dates < np.datetime64("2001-07"), 50.0, 1.0))
    assert quiet.usual_volume() == war.usual_volume() == 20.0


@pytest.mark.parametrize(("track", "theta"), [(0, 0.0), (1, 1.0)])
@pytest.mark.parametrize("volume", [2, 20, 400])
def test_the_index_does_not_depend_on_how_much_a_source_reports(volume: int, track: int, theta: float) -> None:
    of = history(volume, track=track, tone=-3.0)
    assert scenario_from_events(of).file.parameters["technical_weight"] == theta
    index = observed_index(of)["index"]
    expected = 50.0 * (1.0 + math.tanh(-0.3 / USUAL_TONE))
    assert index.iloc[52:].mean() == pytest.approx(expected, abs=4.0)


def test_the_scale_is_that_of_a_usual_month() -> None:
    assert index_scale_for(history(20), 0.0) == pytest.approx(USUAL_TONE * 0.5 * 20)
    assert index_scale_for(history(20), 0.5) == pytest.approx(USUAL_TONE * 0.5 * 0.5 * 20)


def test_a_scenario_needs_two_actors() -> None:
    with pytest.raises(ValueError, match="between two actors"):
        scenario_from_events(dataclasses.replace(history(), actors=("norland", "suderia", "easteria")))


def test_the_observed_index_goes_on_where_a_run_begins() -> None:
    of = load("trump2-petro-2025")
    table = observed_index(scenario=of, until=of.file.start - dt.timedelta(days=1))
    assert table.index[-1].date() == of.file.start
    assert table["index"].iloc[-1] == pytest.approx(dyads.record(of).cooperation[0, 0])


def test_the_observed_index_of_two_grids_agrees_within_what_a_step_can_shift() -> None:
    weekly = observed_index(scenario=load("trump2-petro-2025"))["index"]
    daily = observed_index(scenario=load("trump2-petro-2025", set={"step": "day"}))["index"]
    both = daily.reindex(weekly.index).dropna()
    assert len(both) > 300
    assert np.abs(both - weekly.loc[both.index]).max() < 1.5


def test_a_scenario_may_be_named() -> None:
    until = dt.date(2025, 1, 20)
    assert observed_index(scenario="trump2-petro-2025", until=until).equals(
        observed_index(scenario=load("trump2-petro-2025"), until=until)
    )


def test_an_observed_index_needs_a_history() -> None:
    with pytest.raises(ValueError, match="no history"):
        observed_index(scenario=dyads.scenario())
    with pytest.raises(ValueError, match=r"5 actors, .* say whose"):
        observed_index(curated_history())


def test_the_observed_index_stands_where_analysts_see_it() -> None:
    """Near 70 in the quiet years of alliance, near 25 to 30 at the end of October 2025 (the scale was set for that)."""
    index = observed_index(scenario=load("trump2-petro-2025"), until=dt.date(2025, 10, 28))["index"]
    assert 68.0 < index.loc["2018":"2021"].median() < 73.0
    assert 25.0 < index.iloc[-1] < 30.0


def test_the_observed_index_of_an_issue_is_weighted_into_the_whole() -> None:
    of = load("trump2-petro-2025")
    table = observed_index(scenario=of)
    weights = dyads.start(of).numbers.issue_weight[:, 0]
    whole = table[list(of.file.issues)].to_numpy() @ weights
    assert np.allclose(whole, table["index"].to_numpy())


def test_the_curated_history_as_events_has_the_index_that_the_scenario_has() -> None:
    of = load("trump2-petro-2025")
    given = observed_index(curated_history(), scenario=of)
    assert given.equals(observed_index(scenario=of))
    assert given.attrs["left_out"] == {"not between the principals": 187}


def test_nothing_after_the_last_date_counts_even_within_its_step() -> None:
    of, until = load("trump2-petro-2025"), dt.date(2025, 1, 25)
    table = observed_index(scenario=of, until=until)
    later = curated_history().until(until)
    assert table.equals(observed_index(later, scenario=of))
    assert not table.equals(observed_index(scenario=of, until=dt.date(2025, 1, 26)))


def test_an_event_moves_conduct_by_its_score_and_fades_with_the_half_life() -> None:
    of = load("norland-suderia", set={"step": "month", "parameters.index_scale": 1000.0})
    events = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"), mapping={"issue": "water"})
    table = observed_index(events.until("2001-03-05"), scenario=of, until=dt.date(2001, 9, 1))
    above = table["water"].to_numpy() - 50.0
    keep = 2.0 ** (-1.0 / 3.0)
    assert above[0] == pytest.approx(50.0 * 0.5 * 0.5 * (1.0 - keep) * 2 * 0.19 / 1000.0, rel=1e-6)
    assert above[1:] / above[:-1] == pytest.approx(keep)
    assert (table["fisheries"] == 50.0).all()


def test_events_without_a_place_are_counted_or_refused() -> None:
    events = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"), mapping=SAMPLES / "mapping.yaml")
    assert observed_index(events, scenario="norland-suderia").attrs["left_out"] == {}
    elsewhere = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"))
    with pytest.raises(EventError, match="6 on an issue that the scenario lacks: relations"):
        observed_index(elsewhere, scenario="norland-suderia")
    with pytest.raises(EventError, match="6 not between the principals"):
        observed_index(elsewhere, scenario="trump2-petro-2025")


def test_events_alone_make_their_own_scale() -> None:
    events = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"))
    assert observed_index(events).equals(observed_index(events, scenario=scenario_from_events(events)))
    with pytest.raises(ValueError, match="give a history"):
        observed_index()
    with pytest.raises(TypeError, match="got str; say scenario="):
        observed_index("norland-suderia")  # type: ignore[arg-type]
