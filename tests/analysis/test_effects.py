"""Effects: worlds without an element, between two scenarios, and what they add up to."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import synthetic
import tensionsim as ts
from tensionsim.analysis.effects import MOST_EXACT, target
from tensionsim.analysis.elements import KINDS, Element, Mixture, content, elements_of, made_of, selected, without
from tensionsim.errors import ScenarioError, SelectionError
from tensionsim.model.mechanisms import MECHANISMS as ALL
from tensionsim.scenario.files import shipped_names
from tensionsim.scenario.scenario import Scenario, streams_of

RUNS, SEED = 12, 3
WHEN = {"after": "2031-02-03"}


def scenario(**more: Any) -> Scenario:
    """Two governments for half a year, with whatever is given beside."""
    return synthetic.scenario(end="2031-07-01", **more)


def actors(**more: Any) -> dict[str, Any]:
    """The actors of the small scenario, avalon with more attributes."""
    found: dict[str, Any] = synthetic.scenario_mapping()["actors"]
    return {**found, "avalon": {**found["avalon"], **more}}


def rich() -> Scenario:
    """A scenario with elements of every kind."""
    rule = {"when": WHEN, "move": "accuse", "issue": "fishing", "chance": 0.5}
    check = {"stops": ["threaten_war", "cut_aid"], "chance": 0.5}
    return scenario(
        actors=actors(rules={"grudge": rule}, checks={"witan": check}),
        schedule=[
            {"date": "2031-02-10", "actor": "avalon", "move": "accuse", "issue": "fishing"},
            {"date": "2031-03-10", "actor": "brigadoon", "move": "praise", "issue": "dragons"},
        ],
        changes=[{"date": "2031-04-07", "actor": "avalon", "set": {"actors.avalon.attention": 0.9}, "label": "a feud"}],
    )


def index(given: Scenario) -> np.ndarray:
    return ts.run(given, runs=RUNS, seed=SEED).record.cooperation


def labels(found: list[Element]) -> list[str]:
    return [one.label for one in found]


# Elements


def test_elements_of_every_kind_are_found() -> None:
    found = elements_of(rich())
    assert labels([one for one in found if one.kind != "mechanism"]) == [
        "2031-02-10 avalon: accuse (fishing)",
        "2031-03-10 brigadoon: praise (dragons)",
        "avalon: grudge",
        "2031-04-07 avalon: a feud",
        "avalon: witan",
    ]
    assert [one.label for one in found if one.kind == "mechanism"] == [mechanism.name for mechanism in ALL]
    assert {one.kind for one in found} == set(KINDS)


def test_elements_of_one_label_are_numbered() -> None:
    twice = [{"date": "2031-02-10", "actor": "avalon", "move": "accuse", "issue": "fishing"}] * 2
    found = selected(elements_of(scenario(schedule=twice)), ["schedule"])
    assert labels(found) == ["2031-02-10 avalon: accuse (fishing) #1", "2031-02-10 avalon: accuse (fishing) #2"]


def test_rules_of_leaders_who_never_govern_are_no_elements() -> None:
    names = labels(elements_of(ts.load("trump2-petro-2025")))
    assert "trump-2: america first 2.0" in names
    assert not [name for name in names if name.startswith("region-of-the-right")]


def test_a_mechanism_that_is_off_is_no_element() -> None:
    assert "defiance" not in labels(elements_of(scenario(mechanisms={"defiance": "off"})))


@cache
def first_with() -> dict[str, str]:
    """By element the first scenario that has it; the small one is first, as it has most mechanisms."""
    names = sorted(shipped_names(), key="norland-suderia".__ne__)
    return {one.label: name for name in reversed(names) for one in elements_of(ts.load(name))}


@pytest.mark.parametrize("name", shipped_names())
def test_every_element_of_a_shipped_scenario_can_be_left_out(name: str, full: bool) -> None:
    """What several have is left out of one of them, and all with all else of each; `--full`: alone of each."""
    chosen = ts.load(name)
    found = elements_of(chosen)
    for one in found if full else [one for one in found if first_with()[one.label] == name]:
        left = without(chosen, [one])
        assert left.sha256 != chosen.sha256
        gone = len(found) - len(elements_of(left))
        assert one.kind == "mechanism" or gone == 1 or (one.kind == "change" and gone > 1), "with a leader go his rules"
    assert {one.kind for one in elements_of(without(chosen, found))} == set()


def test_a_scenario_written_anew_is_the_same_to_the_last_bit() -> None:
    chosen = ts.load("managed")
    again = made_of(content(chosen), chosen)
    assert again.name == "managed"
    assert np.array_equal(index(again), index(chosen))
    assert content(again) == content(chosen)


def test_what_cannot_be_is_told_with_its_place() -> None:
    said = content(rich())
    said["actors"]["avalon"]["attention"] = 3
    with pytest.raises(ScenarioError, match=r"^the mapping: actors\.avalon\.attention: attention 3 is above 1"):
        made_of(said, rich())


def test_a_scheduled_move_left_out_is_not_made() -> None:
    chosen = rich()
    left = without(chosen, selected(elements_of(chosen), ["praise"]))
    moves = ts.run(left, runs=2, seed=SEED).moves
    assert moves.query("cause == 'schedule'")["move"].unique().tolist() == ["accuse"]


def test_a_rule_and_a_check_left_out_do_nothing() -> None:
    chosen = rich()
    assert {"rule", "stopped"} <= set(ts.run(chosen, runs=60, seed=SEED).moves["cause"])
    left = without(chosen, selected(elements_of(chosen), ["rule", "check"]))
    assert not {"rule", "stopped"} & set(ts.run(left, runs=60, seed=SEED).moves["cause"])


def test_a_mechanism_left_out_takes_what_changes_set_of_it() -> None:
    name = next(iter(next(one for one in ALL if one.name == "defiance").parameters))
    sets = {f"mechanisms.defiance.{name}": 0.5, "parameters.heat": 0.1}
    with_change = scenario(changes=[{"date": "2031-04-07", "set": sets}])
    left = without(with_change, selected(elements_of(with_change), ["defiance"]))
    assert left.file.mechanisms["defiance"] == "off"
    assert left.file.changes[0].set == {"parameters.heat": 0.1}


def test_a_mechanism_left_out_does_not_move_the_luck_of_a_change_that_sets_it() -> None:
    """The alternatives set a parameter of the mechanism and one that has an effect: which is drawn must stay."""
    draw = [{"chance": 0.5, "set": {"mechanisms.inertia.fast": 0.5, "parameters.bias": bias}} for bias in (-1.0, 1.0)]
    chosen = scenario(
        mechanisms={"inertia": {"fast": 0.0, "slow": 0.0}}, changes=[{"date": "2031-02-03", "one_of": draw}]
    )
    harmless = scenario(
        mechanisms={"inertia": {"fast": 0.0, "slow": 0.0}},
        changes=[
            {
                "date": "2031-02-03",
                "luck": streams_of(chosen.file.changes)[0],
                "one_of": [{"chance": 0.5, "set": {"parameters.bias": bias}} for bias in (-1.0, 1.0)],
            }
        ],
    )
    left = without(chosen, selected(elements_of(chosen), ["inertia"]))
    assert left.file.mechanisms["inertia"] == "off"
    assert np.array_equal(index(left), index(harmless)), "nothing but luck could differ"


def test_differences_taken_over_keep_the_luck_that_they_have_in_their_file() -> None:
    """Two changes of one actor that draw: the second alone must draw what it draws beside the first."""

    def draw(date: str, what: str) -> dict[str, Any]:
        sets = [{"chance": 0.5, "set": {f"actors.avalon.{what}": value}} for value in (0.1, 0.9)]
        return {"date": date, "actor": "avalon", "one_of": sets}

    base = scenario(actors=actors(attention=0.5))
    both = scenario(
        actors=actors(attention=0.5), changes=[draw("2031-02-03", "rally"), draw("2031-03-03", "attention")]
    )
    mixture = Mixture(base, both)
    second = [one for one in mixture.everything if "2031-03-03" in one.label]
    name = streams_of(both.file.changes)[1]
    assert [change.luck for change in mixture.scenario(second).file.changes] == [name]
    alone = scenario(actors=actors(attention=0.5), changes=[{**draw("2031-03-03", "attention"), "luck": name}])
    assert np.array_equal(index(mixture.scenario(second)), index(alone))


def test_a_change_left_out_does_not_move_the_luck_of_those_after_it() -> None:
    leaders = {name: {"attention": value} for name, value in (("mild", 0.1), ("wild", 0.9))}
    draw = [{"chance": 0.5, "leader": name} for name in leaders]
    first = {"date": "2031-02-03", "actor": "avalon", "set": {"actors.avalon.rally": 0.0}}
    second = {"date": "2031-03-03", "actor": "avalon", "one_of": draw}
    chosen = scenario(actors=actors(rally=0.0), leaders=leaders, changes=[first, second])
    gone = selected(elements_of(chosen), ["change"])
    assert np.array_equal(index(without(chosen, gone[:1])), index(chosen)), "nothing but luck could differ"
    assert not np.array_equal(index(without(chosen, gone)), index(chosen))


def test_a_change_of_nobody_left_out_does_not_move_luck_either() -> None:
    uncertain = {"uniform": [0.0, 1.0]}
    changes = [
        {"date": date, "set": {"actors.avalon.attention": value}}
        for date, value in (("2031-02-03", 0.5), ("2031-03-03", uncertain))
    ]
    chosen = scenario(actors=actors(attention=0.5), changes=changes)
    first, second = selected(elements_of(chosen), ["change"])
    assert np.array_equal(index(without(chosen, [first])), index(chosen))
    assert not np.array_equal(index(without(chosen, [second])), index(chosen))


def test_elements_are_selected_by_kind_label_and_part_of_it() -> None:
    found = elements_of(rich())
    assert len(selected(found, ["schedules"])) == len(selected(found, ["schedule"])) == 2
    assert labels(selected(found, ["GRUDGE", "inertia"])) == ["avalon: grudge", "inertia"]


def test_elements_are_found_by_the_names_that_texts_show() -> None:
    found = elements_of(ts.load("tariff-war"))
    imposed = labels(selected(found, ["impose_tariffs"]))
    assert len(imposed) == 2
    for typed in ("impose tariffs", "Impose Tariffs", "IMPOSE_TARIFFS", "Washington: impose tariffs"):
        assert labels(selected(found, [typed])) == imposed
    assert labels(selected(found, ["rupture avoidance"])) == ["rupture_avoidance"]
    one = next(one for one in found if one.label.startswith("bogota: "))
    assert one.spoken.startswith("Bogotá: ")
    assert selected(found, [one.spoken]) == selected(found, [one.spoken.replace("á", "a")]) == [one]


def test_an_empty_selection_is_refused_and_none_means_all() -> None:
    found = elements_of(rich())
    assert selected(found, None) == found
    for nothing in ([], [" "]):
        with pytest.raises(SelectionError, match="elements names nothing to leave out"):
            ts.effects(rich(), elements=nothing, runs=2)
    for wrong in ("rule", [1]):
        with pytest.raises(TypeError, match="elements are a list of names"):
            ts.effects(rich(), elements=wrong, runs=2)  # type: ignore[arg-type]


def test_something_else_than_a_scenario_or_a_name_is_refused_in_words() -> None:
    with pytest.raises(TypeError, match=r"a scenario is a path, a shipped name, .*; got a Results"):
        ts.effects(ts.run("norland-suderia", runs=2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"of must be str; got \['crisis'\]"):
        ts.effects(rich(), elements=["rule"], of=["crisis"], runs=2)  # type: ignore[arg-type]


def test_an_unknown_element_is_refused_with_those_there_are() -> None:
    with pytest.raises(SelectionError, match=r"did you mean 'inertia'\?(?s:.*)- rule: avalon: grudge"):
        selected(elements_of(rich()), ["inertya"])
    with pytest.raises(SelectionError, match="there is no rule among"):
        selected(elements_of(scenario()), ["rule"])


def test_effects_sum_to_the_whole_and_the_rest_is_interaction() -> None:
    found = ts.effects(rich(), elements=["schedule", "rule", "change"], runs=RUNS, seed=SEED)
    assert found.method == "exact"
    assert found.worlds == 16
    assert found.whole == pytest.approx(float(index(rich())[-1].mean()))
    assert found.table["effect"].sum() == pytest.approx(found.total, abs=1e-9)
    assert found.table["leave_one_out"].sum() + found.interaction == pytest.approx(found.total, abs=1e-9)
    assert found.table["effect"].abs().is_monotonic_decreasing


def test_beyond_ten_elements_orders_are_drawn() -> None:
    found = ts.effects(rich(), elements=["mechanism"], runs=2, seed=SEED, orders=4)
    assert found.method == "sampled"
    assert found.table["effect"].sum() == pytest.approx(found.total, abs=1e-9)
    assert (found.table["sampling_error"] >= 0.0).all()
    assert (found.table["standard_error"] >= found.table["sampling_error"]).all()


def test_an_element_without_effect_has_none_in_any_run() -> None:
    never = {"when": {"after": "2031-06-25", "before": "2031-06-26"}, "move": "accuse", "issue": "fishing"}
    chosen = scenario(actors=actors(rules={"never": {**never, "chance": 0.0}}))
    found = ts.effects(chosen, elements=["rule"], runs=RUNS, seed=SEED)
    assert found.table[["effect", "leave_one_out", "standard_error", "leave_one_out_error"]].eq(0.0).all(axis=None)


def test_the_leave_one_out_effect_is_the_paired_difference_of_runs() -> None:
    chosen = rich()
    found = ts.effects(chosen, elements=["accuse"], runs=RUNS, seed=SEED, date="2031-04-14")
    (gone,) = selected(elements_of(chosen), ["accuse"])
    row = ts.run(chosen, runs=RUNS, seed=SEED).dates.tolist().index(np.datetime64("2031-04-14").item())
    difference = index(chosen)[row] - index(without(chosen, [gone]))[row]
    assert found.table["leave_one_out"][0] == pytest.approx(difference.mean(), abs=1e-12)
    assert found.table["leave_one_out_error"][0] == pytest.approx(difference.std(ddof=1) / np.sqrt(RUNS))
    assert found.table["effect"][0] == pytest.approx(difference.mean(), abs=1e-12)


def test_effects_on_events_and_regimes_are_shares_of_runs() -> None:
    results = ts.run("norland-suderia", runs=20, seed=SEED)
    event = target(results, "dry summer")
    assert (event.unit, event.kind) == ("% of runs", "event")
    assert event.of(results).mean() == pytest.approx(100 * results.events.loc["dry summer", "probability"])
    regime = target(results, "regime:crisis", "2030-06-30")
    assert regime.date == "2030-06-25"
    assert regime.of(results).mean() == pytest.approx(100 * results.regimes.loc["2030-06-25", "crisis"])
    assert target(results, "crisis").kind == "event"
    water = target(results, "water")
    assert water.of(results).mean() == pytest.approx(results.issues.iloc[-1][("water", "mean")])


def test_a_name_of_two_things_is_the_events_and_a_date_between_rows_the_row_before() -> None:
    results = ts.run("norland-suderia", runs=2, seed=SEED)
    assert target(results, "crisis") == target(results, "event:crisis") != target(results, "regime:crisis")
    assert target(results, "index", "2030-06-30").date == "2030-06-25"


def test_jobs_change_no_bit() -> None:
    one, two = (ts.effects(rich(), elements=["schedule"], runs=4, jobs=jobs).to_dict() for jobs in (1, 2))
    assert one == two


def test_an_unknown_target_or_date_is_refused_with_what_there_is() -> None:
    results = ts.run("norland-suderia", runs=2, seed=SEED)
    with pytest.raises(SelectionError, match=r"; did you mean 'dry summer'\? There is the index; event: crisis"):
        target(results, "dry sumer")
    with pytest.raises(SelectionError, match=r"called 'xyzzy'\. There is the index; event: crisis"):
        target(results, "xyzzy")
    with pytest.raises(SelectionError, match="rows go from 2030-01-01 to 2032-01-06"):
        target(results, "index", "2040-01-01")
    with pytest.raises(SelectionError, match="is not a date"):
        target(results, "index", "yesterday")


def test_numbers_out_of_range_are_refused() -> None:
    for wrong in ({"runs": 1}, {"seed": -1}, {"orders": 2}):
        with pytest.raises(ValueError, match="must be"):
            ts.effects(scenario(), elements=["inertia"], **wrong)


# Between two scenarios


SHIPPED_PAIRS = [
    ("tariff-war", "status-quo"),
    ("managed", "rhetoric"),
    ("china-tilt", "summit"),
    ("left-stays", "status-quo"),
]


@pytest.mark.parametrize(("name", "other"), SHIPPED_PAIRS)
def test_a_mixture_of_nothing_is_the_one_and_of_all_the_other(name: str, other: str) -> None:
    base, whole = ts.load(other), ts.load(name)
    mixed = Mixture(base, whole)
    for given, taken in ((base, []), (whole, mixed.everything)):
        wanted = ts.run(given, runs=4, seed=SEED).record.cooperation
        found = ts.run(mixed.scenario(taken), runs=4, seed=SEED).record.cooperation
        assert np.array_equal(found[: len(wanted)], wanted)
    for one in mixed.everything:
        mixed.scenario([one])  # stands alone, or this raises


def test_differences_are_named_by_path_rule_and_move() -> None:
    names = labels(list(Mixture(ts.load("status-quo"), ts.load("tariff-war")).everything))
    assert names == [
        "actors.bogota.rules.an eye for an eye: added",
        "2025-11-03 washington: threaten_tariffs (drugs) added",
        "2025-11-24 washington: impose_tariffs (drugs) added",
        "2026-01-26 washington: impose_tariffs (migration) added",
    ]


def test_a_leader_comes_with_all_that_is_the_leaders() -> None:
    base = ts.load("status-quo")
    other = base.with_values({"actors.bogota.leader": "duque", "actors.bogota.insulation": 0.8})
    names = labels(list(Mixture(base, other).everything))
    assert sorted(names) == ["actors.bogota.insulation: 0.5 -> 0.8", "actors.bogota.leader: petro -> duque"]


def test_what_cannot_stand_alone_counts_as_one() -> None:
    names = labels(list(Mixture(ts.load("status-quo"), ts.load("summit")).everything))
    assert len(names) == 1
    assert "rules.to go or not to go: added" in names[0]
    assert "moves.engage_at_summit: added" in names[0]


def test_a_change_in_place_of_another_is_one_difference() -> None:
    mixed = Mixture(ts.load("status-quo"), ts.load("left-stays"))
    assert labels(list(mixed.everything)) == ["2026-08-07 bogota: a new president -> the left stays"]
    assert str(mixed.end) == "2026-12-29"


def test_scenarios_that_cannot_be_mixed_are_refused() -> None:
    with pytest.raises(SelectionError, match="different start"):
        ts.effects("trump2-petro-2025", against="trump1-duque-2018")
    with pytest.raises(SelectionError, match="do not differ in anything that has an effect"):
        ts.effects("managed", against=ts.load("managed", set={"title": "The same"}), elements=["rhetoric"])
    same = ts.effects("norland-suderia", against=ts.load("norland-suderia", set={"title": "The same"}), runs=4)
    assert (len(same.table), same.total, same.here) == (0, 0.0, same.base)


def test_effects_of_differences_sum_to_the_difference() -> None:
    base, other = scenario(), scenario(actors=actors(attention=0.9, rhetoric=0.9), mechanisms={"inertia": "off"})
    found = ts.effects(other, against=base, runs=RUNS, seed=SEED)
    assert set(found.table["element"]) == {
        "actors.avalon.attention: unset -> 0.9",
        "actors.avalon.rhetoric: unset -> 0.9",
        "mechanisms.inertia: on -> off",
    }
    assert found.table["effect"].sum() == pytest.approx(found.total, abs=1e-9)
    assert (found.base, found.whole) == pytest.approx(tuple(index(one)[-1].mean() for one in (base, other)), abs=1e-9)


def test_some_differences_sum_to_what_the_world_with_only_these_makes() -> None:
    base, other = scenario(), scenario(actors=actors(attention=0.9, rhetoric=0.9))
    found = ts.effects(other, against=base, elements=["rhetoric"], runs=RUNS, seed=SEED)
    mixed = scenario(actors=actors(rhetoric=0.9))
    assert found.here == pytest.approx(index(other)[-1].mean(), abs=1e-9)
    assert found.whole == pytest.approx(index(mixed)[-1].mean(), abs=1e-9)
    assert found.whole != found.here
    assert found.table["effect"].sum() == pytest.approx(found.whole - found.base, abs=1e-9)
    everything = ts.effects(other, against=base, runs=RUNS, seed=SEED)
    assert everything.here == everything.whole


@pytest.mark.parametrize("mechanism", ["disagreement", "performance"])
def test_a_mechanism_switched_off_is_named_first(mechanism: str) -> None:
    """Beside a small difference of another kind; others of the twelve have effects near the noise of so few runs."""
    small = {"actors.bogota.rally": 0.42}
    off = ts.load("trump2-petro-2025", set={f"mechanisms.{mechanism}": "off", **small})
    found = ts.effects(off, against="trump2-petro-2025", runs=80, seed=5)
    first = found.table.iloc[0]
    assert first["element"] == f"mechanisms.{mechanism}: on -> off"
    assert abs(first["effect"]) > 4 * first["standard_error"]


def test_effects_come_as_plain_values() -> None:
    found = ts.effects(rich(), elements=["schedule"], runs=4).to_dict()
    assert found["effects"][0].keys() == {
        "element",
        "kind",
        "effect",
        "standard_error",
        "sampling_error",
        "leave_one_out",
        "leave_one_out_error",
    }
    assert (found["method"], found["unit"], found["runs"]) == ("exact", "points", 4)
    assert MOST_EXACT == 10
