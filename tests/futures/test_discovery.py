"""Scenario discovery: what runs drew, boxes that hold with new seeds, files that run; PRIM on plain arrays, by hand."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency, ks_2samp

import tensionsim as ts
from tensionsim.errors import ScenarioError, SelectionError, TensionSimError
from tensionsim.futures.discovery import Discovery, Points, best_of, confined, drawn
from tensionsim.rng import RandomStreams

SCENARIO = "norland-suderia"
OVER = {"actors.norland.stances.fisheries": "0:1", "actors.suderia.attention": "0.1:0.7"}
CHANGE = {
    "date": "2031-01-06",
    "actor": "norland",
    "label": "the vote",
    "one_of": [
        {"chance": 0.2, "label": "hawks", "set": {"actors.norland.stances.water": 1.0}},
        {"chance": 0.5, "label": "doves", "set": {"actors.norland.stances.water": 0.2}},
        {"chance": 0.3, "set": {"actors.norland.stances.water": 0.5}},
    ],
}


@pytest.fixture(scope="module")
def found() -> Discovery:
    """A planted cause: the index hangs on how far the two stand apart."""
    return ts.discover(SCENARIO, of="fisheries", below=50, over=OVER, runs=600, confirm=300)


def test_runs_drew_what_is_told() -> None:
    scenario = ts.load(SCENARIO).extended({"changes": [CHANGE]})
    scenario = scenario.with_values({"actors.norland.rhetoric": {"joint": [0.1, 0.5, 0.9]}})
    table = drawn(scenario, RandomStreams(3, 10, 40))
    assert table.index[0] == 10
    assert set(table) == {"actors.norland.rhetoric", "actors.suderia.stances.water", "the vote"}
    assert set(table["the vote"]) == {"hawks", "doves", "alternative 3"}
    results = ts.run(scenario, runs=40, seed=3, first_run=10)
    # A loud government is loud in the runs that drew it so.
    row = results.names.actors.index("norland")
    assert np.allclose(results.record.rhetoric[0, row], table["actors.norland.rhetoric"])


def test_the_planted_factor_is_found_and_the_box_holds_with_new_seeds(found: Discovery) -> None:
    limits = found.box.limits
    assert "actors.norland.stances.fisheries" in limits
    assert found.is_confirmed()
    box = found.scenario()
    again = ts.run(box, runs=600, seed=99, keep="summary")
    share = (again.record.issue_cooperation[-1, 0] < 50).mean()
    assert share == pytest.approx(found.box.density, abs=0.08)
    assert share > found.interest.mean() + 0.05


def test_a_box_is_written_as_a_file_that_runs_by_itself(found: Discovery, tmp_path: Path) -> None:
    path = found.write(tmp_path / "box.yaml")
    text = path.read_text(encoding="utf-8")
    assert ts.load(path).title == "Norland and Suderia, within a box"
    assert "extends" not in text
    assert text.startswith("# norland-suderia within a box: index of fisheries on 2032-01-06 below 50 in ")
    one, other = ts.run(path, runs=5, seed=1), ts.run(found.scenario(), runs=5, seed=1)
    assert np.array_equal(one.paths, other.paths)
    with pytest.raises(TensionSimError, match="is there already"):
        found.write(path)
    with pytest.raises(TensionSimError, match=r"does not end in \.yaml"):
        found.write(tmp_path / "box.csv")


def test_lists_that_belong_together_keep_the_same_places_and_changes_their_proportion() -> None:
    lists = {
        "actors.norland.rhetoric": {"joint": [0.1, 0.5, 0.9, 0.6], "estimate": 0.5},
        "actors.suderia.rhetoric": {"joint": [0.4, 0.3, 0.2, 0.1]},
        "actors.norland.attention": {"triangular": [0.1, 0.3, 0.9]},
    }
    scenario = ts.load(SCENARIO).with_values(lists).extended({"changes": [CHANGE]})
    limits = {
        "actors.norland.rhetoric": (0.45, 0.7),
        "actors.norland.attention": (0.25, np.inf),
        "the vote": frozenset({"hawks", "alternative 3"}),
    }
    values = confined(scenario, limits).values
    assert values["actors.norland.rhetoric"] == {"joint": [0.5, 0.6], "estimate": 0.5}
    assert values["actors.suderia.rhetoric"] == {"joint": [0.3, 0.1]}
    assert values["actors.norland.attention"]["within"] == [0.25, 0.9]
    assert [one["chance"] for one in values["changes"][0]["one_of"]] == pytest.approx([0.4, 0.6])
    table = drawn(scenario.with_values(values), RandomStreams(0, 0, 200))
    assert table["actors.norland.attention"].between(0.25, 0.9).all()
    assert set(table["the vote"]) == {"hawks", "alternative 2"}  # without a label, the second that is left


def test_changes_of_an_outlook_do_not_come_twice_in_a_box() -> None:
    layer = {"outlooks": {"voted": {"changes": [CHANGE]}}}
    scenario = ts.load(SCENARIO).extended(layer).with_outlook("voted")
    box = confined(scenario, {"the vote": frozenset({"hawks"})})
    (change,) = box.file.changes
    assert [(way.label, way.chance) for way in change.one_of] == [("hawks", 1.0)]
    assert set(confined(scenario, {"the vote": frozenset({"hawks", "doves"})}).file.actors) == set(scenario.file.actors)


def test_results_are_looked_at_as_they_are(found: Discovery) -> None:
    again = ts.discover(found.results, of="fisheries", below=50, confirm=0)
    assert again.table.equals(found.table)
    with pytest.raises(SelectionError, match="nothing varies in Results any more"):
        ts.discover(found.results, over=OVER)


def test_never_turns_what_is_of_interest_round(found: Discovery) -> None:
    other = ts.discover(found.results, of="fisheries", below=50, never=True, confirm=0)
    assert np.array_equal(other.interest, ~found.interest)
    assert other.what.startswith("no ")


def test_the_summary_is_plain(found: Discovery) -> None:
    summary = json.loads(json.dumps(found.summary(), allow_nan=False))
    assert summary["trajectory"][0]["coverage"] == 1.0
    assert set(summary["box"]["limits"]) == set(found.table["factor"])


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"of": "crisi"}, SelectionError, "did you mean 'crisis'"),
        ({"of": "index"}, SelectionError, "one bound, below or above, goes with the index"),
        ({"of": "crisis", "below": 3}, SelectionError, "one bound, below or above, goes with the index"),
        (
            {"of": "index", "below": 0.5},
            SelectionError,
            "below 0.5: in none of 40 runs, so .*; ask for crisis .* or the index below",
        ),
        ({"of": "index", "above": 0.5}, SelectionError, "above 0.5: in all of 40 runs"),
        ({"over": {"actors.norland.rhetorc": "0:1"}}, ScenarioError, "did you mean"),
        ({"over": {"actors.norland.rhetoric": "0:3"}}, ScenarioError, "reaches from 0 to 3"),
        ({"over": {"outlook": ["calm", "loud"]}}, SelectionError, "only numbers vary here"),
        ({"of": "index", "below": 50, "box": 400}, SelectionError, "there is no box 400 on the trajectory"),
        ({"confirm": -1}, ValueError, "confirm must be"),
    ],
)
def test_what_cannot_be_asked_is_told(given: dict, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        ts.discover(SCENARIO, runs=40, **{"confirm": 0, **given})


def test_unless_named_an_event_is_asked_for_that_some_runs_come_into() -> None:
    bounds = {"never": "below 1", "always": "above 1", "at times": "below 45"}
    events = {name: {"cooperation": bound} for name, bound in bounds.items()}
    some = ts.run(ts.load({"extends": SCENARIO, "title": "Some", "remove": ["events"], "events": events}), runs=60)
    assert ts.discover(some, confirm=0).what.startswith("at times by ")
    assert ts.discover(some, confirm=0, below=50).what.startswith("index")
    with pytest.raises(
        SelectionError, match=r"never by .*: in none of 60 runs.*ask for at times \(\d+ %\) or the index"
    ):
        ts.discover(some, of="never")


def test_of_the_index_alone_its_bounds_can_be_asked() -> None:
    bare = ts.run(SCENARIO, runs=60, keep="index")
    assert ts.discover(bare, confirm=0, below=50).what.startswith("index")
    with pytest.raises(SelectionError, match=r"in none of 60 runs.*; ask for the index below"):
        ts.discover(bare, below=0.5)
    with pytest.raises(SelectionError, match="these runs keep the index alone"):
        ts.discover(bare)


def test_no_uncertain_number_is_told_with_what_to_do() -> None:
    certain = ts.load(SCENARIO, set={"actors.suderia.stances.water": 0.2})
    with pytest.raises(SelectionError, match=r"no factor varies over the points \(of none\); let some vary"):
        ts.discover(certain, of="index", below=50, runs=40)


def test_luck_alone_is_no_box(tmp_path: Path) -> None:
    none = ts.discover(SCENARIO, of="index", below=55, runs=60)
    assert none.note.startswith("no box: no limit on any factor")
    assert (none.summary()["box"], len(none.table), none.is_confirmed()) == (None, 0, None)
    for what in (lambda: none.write(tmp_path / "box.yaml"), lambda: ts.plots.discovery(none)):
        with pytest.raises(SelectionError, match="no box"):
            what()


@pytest.mark.parametrize(
    ("confirmed", "is_sure"),
    [(None, None), ((1.0, 1), False), ((0.34, 50), False), ((0.27, 4000), False), ((0.5, 400), True)],
)
def test_new_runs_confirm_a_box_or_do_not(
    found: Discovery, tmp_path: Path, confirmed: tuple[float, int] | None, is_sure: bool | None
) -> None:
    """Where all runs have 27 %."""
    one = dataclasses.replace(found, interest=np.arange(4000) < 0.27 * 4000, confirmed=confirmed)
    assert one.is_confirmed() is is_sure
    head = " ".join(one.write(tmp_path / "box.yaml").read_text(encoding="utf-8").replace("\n# ", " ").split())
    assert ("new runs within it" in head) is (confirmed is not None)
    assert ("no sure sign" in head) is (is_sure is False)


def planted(points: int = 2000, factors: int = 20, noise: float = 0.05) -> tuple[pd.DataFrame, np.ndarray]:
    """A box in two of many factors and one of names, within which nearly all points are of interest."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.random((points, factors)), columns=[f"x{place}" for place in range(factors)])
    table["who"] = rng.choice(["left", "right", "centre"], points)
    inside = (table["x3"] > 0.6) & (table["x7"] < 0.45) & (table["who"] != "centre")
    flipped = rng.random(points) < noise
    return table, (inside.to_numpy() ^ flipped)


def test_a_box_planted_in_twenty_dimensions_is_found_and_nothing_else() -> None:
    points = Points.of(*planted())
    trajectory = points.peel()
    box = points.simplified(trajectory[best_of(trajectory)], 0.05 / 21)
    assert set(box.limits) == {"x3", "x7", "who"}
    assert box.limits["who"] == {"left", "right"}
    (low, above), (below, high) = box.limits["x3"], box.limits["x7"]
    assert (above, below) == (np.inf, -np.inf)
    assert low == pytest.approx(0.6, abs=0.05)
    assert high == pytest.approx(0.45, abs=0.05)
    assert box.density > 0.85
    # Of what is of interest anywhere, a part is noise that no box holds.
    assert box.coverage > 0.6
    assert box.mass == pytest.approx(box.inside.mean())


def test_every_slice_is_thin_and_raises_the_density() -> None:
    points = Points.of(*planted())
    trajectory = points.peel(alpha=0.1, least_mass=0.02)
    assert trajectory[0].mass == trajectory[0].coverage == 1.0
    for before, after in itertools.pairwise(trajectory):
        assert after.density > before.density
        assert after.mass > 0.02
    assert trajectory[1].mass == pytest.approx(0.9, abs=0.001) or "who" in trajectory[1].limits


def test_what_was_peeled_too_far_is_pasted_back() -> None:
    """Slices of half a box overshoot; pasting gives back what belongs to it."""
    values = np.linspace(0.0, 1.0, 1000)
    points = Points.of(pd.DataFrame({"x": values}), values > 0.55)
    last = points.peel(alpha=0.5, least_mass=0.05)[-1]
    assert last.density == 1.0
    pasted = Points.of(pd.DataFrame({"x": values}), (values > 0.55) & (values < 0.95) | (values < 0.01))
    trajectory = pasted.peel(alpha=0.4, least_mass=0.05)
    masses = np.diff([box.mass for box in trajectory])
    assert (masses[:1] < 0).all()


def test_quasi_p_values_are_those_of_the_binomial_without_the_limit() -> None:
    points = Points.of(*planted())
    box = points.box({"x3": (0.6, np.inf), "x1": (-np.inf, 0.9)})
    held, count = int(points.interest[box.inside].sum()), int(box.inside.sum())
    found = points.quasi_p(box)
    for name, rest in (("x3", points.columns["x1"] <= 0.9), ("x1", points.columns["x3"] >= 0.6)):
        wanted = binomtest(held, count, points.interest[rest].mean(), alternative="greater").pvalue
        assert found[name] == pytest.approx(wanted, rel=1e-9)
    assert found["x3"] < 1e-6
    assert found["x1"] > 0.05
    assert set(points.simplified(box).limits) == {"x3"}


def test_ties_and_few_values_are_peeled_by_whole_values() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 4.0], 50)
    points = Points.of(pd.DataFrame({"x": values, "same": 7.0}), values == 2.0)
    last = points.peel()[-1]
    assert (last.limits, last.density, last.coverage) == ({"x": (1.5, 2.5)}, 1.0, 1.0)
    assert list(points.columns) == ["x"]


def test_factors_that_tell_nothing_are_told_from_those_that_do() -> None:
    table, interest = planted()
    table["middle"] = np.where(interest, 0.5, np.linspace(0.0, 1.0, len(table)))
    found = Points.of(table, interest).alone()
    assert {name for name, p in found.items() if p < 0.05 / len(found)} == {"x3", "x7", "who", "middle"}
    for name, wanted in (("x3", ks_2samp), ("x1", ks_2samp)):
        one, other = table[name][interest], table[name][~interest]
        assert found[name] == pytest.approx(wanted(one, other, method="asymp").pvalue, rel=0.2, abs=1e-12)
    counts = pd.crosstab(table["who"], interest)
    assert found["who"] == pytest.approx(chi2_contingency(counts).pvalue, rel=1e-6)


def test_one_factor_is_enough() -> None:
    values = np.linspace(0.0, 1.0, 500)
    trajectory = Points.of(pd.DataFrame({"x": values}), values > 0.7).peel()
    (limit,) = trajectory[best_of(trajectory)].limits.values()
    assert limit[0] == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("table", "interest", "words"),
    [({"a": [0.1, 0.1, 0.1]}, [True, False, True], r"no factor varies over the points \(of a\)")],
)
def test_what_nothing_can_be_found_in_is_refused_in_words(table: dict, interest: list, words: str) -> None:
    with pytest.raises(SelectionError, match=words):
        Points.of(pd.DataFrame(table), np.array(interest))


def test_a_trajectory_is_that_of_another_implementation() -> None:
    """Same objective, slices and least mass as ema_workbench has by default; bounds lie between the same points."""
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    table, interest = planted(1000, 8)
    theirs = prim.Prim(table, interest, threshold=0.1).find_box().peeling_trajectory
    ours = Points.of(table, interest).peel()
    for name in ("coverage", "density", "mass"):
        first = [getattr(box, name) for box in ours[:12]]
        assert first == pytest.approx(theirs[name].to_list()[:12], abs=1e-9)
