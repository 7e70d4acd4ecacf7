"""Agents and mechanisms of one's own: carried by the scenario, named in provenance, needed to make runs again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.errors import StorageError
from tensionsim.model.mechanisms import INERTIA, Scene
from tensionsim.model.structure import Floats
from tensionsim.runs.sweep import resume
from tensionsim.scenario.scenario import described

NAME = "norland-suderia"
SOON = {"end": "2030-07-02"}


def tired(seen: Scene, values: Mapping[str, Floats]) -> Floats:
    """Own hostile conduct tires."""
    return values["strength"] * np.maximum(0.0, -seen.take(seen.conduct) - values["floor"])


FATIGUE = ts.Mechanism(
    "fatigue", tired, {"strength": ts.Parameter(9.0, 0.0, 20.0), "floor": ts.Parameter(0.01, 0.0, 1.0)}, ("floor",)
)


class Talker(ts.Government):
    """Says something friendly every so many steps."""

    def __init__(self, model: ts.TensionModel, name: str, every: int = 2) -> None:
        super().__init__(model, name)
        self.every = every

    def decide(self, perception: ts.Perception) -> Iterable[ts.Decision]:
        yield from self.own_choice(perception)
        if self.model.steps % self.every == 0:
            channel = perception.channels[0]
            yield channel.make(next(reversed(channel.menu)))


AGENTS = {"norland": partial(Talker, every=3)}


def own(**values: object) -> ts.Scenario:
    return ts.load(NAME, mechanisms=[FATIGUE], set={**SOON, **values}).with_code(agents=AGENTS)


def test_our_own_mechanism_written_outside_makes_the_same_runs() -> None:
    again = ts.Mechanism("again", INERTIA.contribution, INERTIA.parameters)
    of = ts.load(NAME, set=SOON)
    values = of.file.mechanisms["inertia"] if isinstance(of.file.mechanisms.get("inertia"), dict) else "on"
    outside = ts.load(NAME, mechanisms=[again], set={**SOON, "mechanisms.inertia": "off", "mechanisms.again": values})
    one, other = (ts.run(each, runs=5, seed=3).record.cooperation for each in (of, outside))
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_parameters_of_own_mechanisms_are_set_like_any_other() -> None:
    weak, strong = (own(**{"mechanisms.fatigue.strength": value}) for value in (0.0, 20.0))
    without = ts.load(NAME, set=SOON).with_code(agents=AGENTS)
    ends = [ts.run(each, runs=20, seed=1).record.cooperation[-1] for each in (without, weak, strong)]
    assert np.array_equal(ends[0], ends[1])
    assert ends[2].mean() > ends[0].mean()
    with pytest.raises(ts.ScenarioError, match=r"strength 21 is above 20; use a number in"):
        own(**{"mechanisms.fatigue.strength": 21})
    with pytest.raises(ts.ScenarioError, match=r"no such path, did you mean 'mechanisms.fatigue.floor'"):
        own(**{"mechanisms.fatigue.flor": 0.1})


def test_a_text_names_own_mechanisms_and_cannot_be_loaded_without_them(tmp_path: Path) -> None:
    path = tmp_path / "with_fatigue.yaml"
    path.write_text(f"tensionsim: 1\nextends: {NAME}\nmechanisms:\n  fatigue: {{strength: 3}}\n", encoding="utf-8")
    assert ts.load(path, mechanisms=[FATIGUE]).file.mechanisms["fatigue"] == {"strength": 3, "floor": 0.01}
    assert own().file.mechanisms["fatigue"] == {"strength": 9.0, "floor": 0.01}
    assert own(**{"mechanisms.fatigue": "off"}).file.mechanisms["fatigue"] == "off"
    with pytest.raises(ts.ScenarioError, match="no mechanism 'fatigue'"):
        ts.load(path)


def test_a_text_is_checked_again_with_the_mechanisms_that_it_gets() -> None:
    said = {"extends": NAME, "title": "Tired", "mechanisms": {"fatigue": {"strength": 3}}}
    narrow = ts.Mechanism("fatigue", tired, {"strength": ts.Parameter(1.0, 0.0, 2.0)})
    for mechanisms, words in (([], "no mechanism 'fatigue'"), ([narrow], "strength 3 is above 2")):
        with pytest.raises(ts.ScenarioError, match=words) as caught:
            ts.load(said, mechanisms=[FATIGUE]).with_code(mechanisms=mechanisms)
        assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("mechanisms", "error", "message"),
    [
        ([INERTIA], ts.TensionSimError, "there is a mechanism inertia already"),
        ([FATIGUE, FATIGUE], ts.TensionSimError, "there is a mechanism fatigue already"),
        ([tired], TypeError, r"a list of Mechanism, as in \[one\]; got \[<function tired"),
    ],
)
def test_mechanisms_that_cannot_be_are_refused(mechanisms: list[Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ts.run(NAME, runs=1, mechanisms=mechanisms)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("two words", tired, {}), "one word of letters, digits and _; got 'two words'"),
        (("fatigue", 3, {}), "contribution is a function of scene and values; got 3"),
        (
            ("fatigue", tired, {"strength": 2.0}),
            r"each parameter is a Parameter\(default, low, high\); not so: strength",
        ),
        (("fatigue", tired, {}, ("floor",)), "shapes names 'floor', which is no parameter"),
    ],
)
def test_a_mechanism_says_what_is_wrong_with_it(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        ts.Mechanism(*given)


def test_a_mechanism_that_does_not_ask_for_places_is_told_how() -> None:
    careless = ts.Mechanism("careless", lambda seen, values: -seen.rhetoric, {})
    with pytest.raises(ts.TensionSimError, match=r"careless gives an array of shape .* by seen.take\(table\)"):
        ts.run(NAME, runs=3, mechanisms=[careless])


@pytest.mark.parametrize("number", [0, 0.0, np.int64(0), np.float32(0)])
def test_a_mechanism_may_give_one_number(number: float) -> None:
    flat = ts.Mechanism("flat", lambda seen, values: number, {})
    assert ts.run(NAME, runs=2, keep="index", mechanisms=[flat]).index.equals(ts.run(NAME, runs=2, keep="index").index)


GIVEN: list[tuple[Callable[..., Any], str]] = [
    (lambda seen, values: None, "the mechanism odd gives None; return an array of real numbers"),
    (lambda seen, values: "much", "the mechanism odd gives 'much'; return an array of real numbers"),
    (lambda seen, values: [[1.0], [1.0, 2.0]], r"the mechanism odd gives \[\[1.0\], \[1.0, 2.0\]\]; return an array"),
    (lambda seen, values: 1j * seen.take(seen.conduct), "the mechanism odd gives an array of complex128; return"),
    (lambda seen, values: np.nan, "the mechanism odd gives nan; what it adds must be finite"),
    (
        lambda seen, values: np.where(seen.take(seen.channels.is_political) > 0, np.inf, seen.take(seen.conduct)),
        r"the mechanism odd gives inf for \w+ -> \w+ \| \w+ \| political; what it adds must be finite",
    ),
]


@pytest.mark.parametrize(("gives", "message"), GIVEN)
@pytest.mark.parametrize(
    "call",
    [
        partial(ts.run, runs=3),
        lambda of: ts.TensionModel(of).actors["bogota"].perceive().channels[0].direction,
        lambda of: ts.Likelihood.of(of, until="2025-03-31"),
    ],
)
def test_a_mechanism_that_gives_no_finite_numbers_is_told(
    call: Callable[..., Any], gives: Callable[..., Any], message: str
) -> None:
    with pytest.raises(ts.TensionSimError, match=message):
        call(ts.load("trump2-petro-2025", mechanisms=[ts.Mechanism("odd", gives, {})]))


def test_a_mechanism_cannot_change_what_it_sees() -> None:
    def halves(table: str) -> ts.Mechanism:
        def made(seen: Scene, values: Mapping[str, Floats]) -> Floats:
            taken = seen.take(seen.conduct)
            taken *= 0.0
            written: Any = getattr(seen, table, values["by"])
            written *= 0.5
            return taken

        return ts.Mechanism("halves", made, {"by": ts.Parameter(0.5, 0.0, 1.0)})

    for table in ("conduct", "rhetoric", "by"):
        with pytest.raises(ValueError, match="read-only") as failure:
            ts.run(NAME, runs=2, seed=4, first_run=3, mechanisms=[halves(table)])
        mechanism, step = failure.value.__notes__
        assert mechanism == "in the mechanism halves"
        assert re.fullmatch("in the step from 2030-.* of runs 3 to 4, seed 4", step)


def test_rows_made_for_the_moment_are_not_taken_for_others() -> None:
    def mixed(seen: Scene, values: Mapping[str, Floats]) -> Floats:
        rows = seen.channels
        return seen.take(seen.rhetoric, rows.actor + 0) - 0.5 * seen.take(seen.rhetoric, rows.target + 0)

    def kept(seen: Scene, values: Mapping[str, Floats]) -> Floats:
        return seen.take(seen.rhetoric, seen.channels.actor) - 0.5 * seen.take(seen.rhetoric, seen.channels.target)

    one, other = (ts.run(NAME, runs=5, mechanisms=[ts.Mechanism("of", made, {})]) for made in (mixed, kept))
    assert one.record.equals(other.record)


def test_whatever_takes_a_scenario_takes_its_code() -> None:
    of = own()
    one = ts.run(NAME, runs=12, seed=1)
    two = ts.run(of, runs=12, seed=1)
    assert (one.code, two.code) == ((), of.code)
    assert [text.partition(":")[0] for text in of.code] == ["agent norland", "mechanism fatigue (strength, floor)"]
    model = ts.TensionModel(of, seed=1, run=4)
    model.run_model()
    assert np.array_equal(model.record().cooperation[:, 0], two.record.cooperation[:, 4])
    assert ts.run(ts.load(NAME, set=SOON), runs=12, seed=1, agents=AGENTS, mechanisms=[FATIGUE]).equals(two)
    table = ts.sweep(of, {"mechanisms.fatigue.strength": [0.0, 9.0]}, runs=12, seed=1).table
    assert table["index_mean"][1] == pytest.approx(two.record.cooperation[-1].mean())
    effects = ts.effects(of, elements=["fatigue"], runs=12, seed=1).table
    assert effects["leave_one_out"][0] == pytest.approx(table["index_mean"][1] - table["index_mean"][0])
    assert "fatigue" in ts.reasons(of, run=4, seed=1).columns
    assert "fatigue" in ts.contributions(of, "norland", runs=3).mechanisms
    found = ts.compare(of, ts.load(NAME, set=SOON), names=["own", "ours"], runs=12)
    assert found.notes[0].startswith("the outlooks are run with other agents and mechanisms of your own: agent norland")
    assert [each.code for each in ts.compare(NAME, runs=3, mechanisms=[FATIGUE]).results.values()] == [of.code[1:]] * 3
    assert "Norland" in str(ts.report(two).heading)


def test_own_mechanisms_are_fitted() -> None:
    paths = {
        one.path
        for one in ts.Likelihood.of(ts.load("trump2-petro-2025", mechanisms=[FATIGUE]), until="2025-03-31").coefficients
    }
    assert {path for path in paths if "fatigue" in path} == {"mechanisms.fatigue.strength"}

    def squared(seen: Scene, values: Mapping[str, Floats]) -> Floats:
        return values["by"] ** 2 * seen.take(seen.conduct)

    square = ts.Mechanism("square", squared, {"by": ts.Parameter(1.0, 0.0, 2.0)})
    with pytest.raises(ts.FitError, match="square does not grow in proportion to by; name what"):
        ts.Likelihood.of(ts.load("trump2-petro-2025", mechanisms=[square]), until="2025-03-31")


def test_a_report_of_one_scenario_says_whose_code_it_is_of() -> None:
    told = ts.report(ts.run(own(), runs=2), effects=False).to_markdown("files")
    assert told.count("Code of your own: agent norland: ") == 1
    assert "of your own" not in ts.report(ts.run(NAME, runs=2), effects=False).to_markdown("files").replace("\\", "")


def test_results_of_a_folder_that_has_grown_say_so(tmp_path: Path) -> None:
    of, kept = ts.load(NAME, set=SOON), tmp_path / "kept"
    before = ts.run(of, runs=5, store=kept)
    ts.run(of, runs=8, store=kept)
    with pytest.raises(StorageError, match="open it again, if it has been given more runs since"):
        _ = before.paths
    with pytest.raises(TypeError, match=r"with_code\(\) has no option 'agent'; did you mean 'agents'"):
        of.with_code(agent={})


def test_own_code_runs_on_two_jobs_and_into_a_store(tmp_path: Path) -> None:
    of, store = own(), tmp_path / "kept"

    class Local(Talker):
        """One that no worker could import."""

    of = of.with_code(agents={"norland": Local})
    here = ts.run(of, runs=12, seed=1)
    assert ts.run(of, runs=12, seed=1, jobs=2).equals(here)
    ts.run(of, runs=5, seed=1, store=store)
    assert ts.run(of, runs=12, seed=1, store=store, jobs=2).equals(here)
    kept = ts.open(store)
    assert kept.equals(here)
    assert (kept.code, kept.lost_code) == (of.code, of.code)
    with pytest.raises(StorageError, match=r"cannot be resumed without the code .*agent norland: .*Local.*ts.run"):
        resume(store)
    with pytest.raises(ts.TensionSimError, match="fatigue is code of your own, which a folder does not hold"):
        ts.run(kept.scenario, runs=1)
    assert ts.run(kept.scenario, runs=12, seed=1, agents=of.agents, mechanisms=[FATIGUE]).equals(here)
    with pytest.raises(StorageError, match=r"holds other runs.*code .*Local"):
        ts.run(own(), runs=12, seed=1, store=store)


@pytest.mark.parametrize("other", [ts.Parameter(8.0, 0.0, 20.0), ts.Parameter(9.0, 0.0, 10.0)])
def test_another_default_or_range_is_other_code(other: ts.Parameter, tmp_path: Path) -> None:
    changed = ts.Mechanism("fatigue", tired, {**FATIGUE.parameters, "strength": other})
    ts.run(own(), runs=2, store=tmp_path / "kept")
    with pytest.raises(StorageError, match=r"holds other runs.*code .*fatigue"):
        ts.run(own().with_code(mechanisms=[changed]), runs=4, store=tmp_path / "kept")


def test_a_stored_sweep_of_own_code_is_read_and_not_resumed(tmp_path: Path) -> None:
    of, store = own(), tmp_path / "kept"
    made = ts.sweep(of, {"mechanisms.fatigue.strength": [0.0, 9.0]}, runs=5, store=store, jobs=2)
    assert ts.Sweep.open(store).table.equals(made.table)
    with pytest.raises(StorageError, match=r"cannot be resumed without the code .*ts.sweep"):
        resume(store)


@pytest.mark.parametrize("call", [partial(ts.run, NAME), partial(ts.sweep, NAME, {"end": ["2030-07-02"]})])
def test_agents_that_cannot_be_made_leave_no_folder(call: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="agents are subclasses of Government or ThirdParty"):
        call(runs=2, agents={"norland": int}, store=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_outlooks_of_different_code_are_not_mixed() -> None:
    with pytest.raises(ts.TensionSimError, match=r"different code of your own \(.*\), which cannot be mixed"):
        ts.effects(own(), against=ts.load(NAME, set=SOON), runs=5)


def made_by(text: str) -> Any:
    names: dict[str, Any] = {"ts": ts, "__name__": "own"}
    exec(text, names)
    return names["made"]


FUNCTION = "def made(seen, values):\n    return {} * seen.take(seen.conduct)"
KIND = "class made(ts.Government):\n    level = {}\n    def decide(self, seen):\n        return super().decide(seen)"


@pytest.mark.parametrize("text", [FUNCTION, KIND])
def test_a_hash_changes_with_what_code_does_and_with_nothing_else(text: str) -> None:
    one, same, other = (described(made_by(text.format(number))) for number in (1, 1, 2))
    assert one == same != other
    assert one.startswith("own.made #")


READING = """
import functools, types, numpy
FACTOR, WEIGHTS, LEVELS, helper = {}, {{"trade": {}}}, numpy.full(3, {}), types.ModuleType("helper")
helper.level = {}
def weak(values): return {} * values
@functools.cache
def kept(): return {}
UNREAD = {}
def made(seen, values): return [weak(FACTOR * WEIGHTS["trade"] + one) + kept() for one in LEVELS][0] + helper.level
"""


@pytest.mark.parametrize("place", range(7))
def test_what_code_reads_of_its_module_counts_and_nothing_else(place: int) -> None:
    one, same, other = (described(made_by(READING.format(*([1] * place), by, *([1] * 6)))) for by in (1, 1, 2))
    assert one == same
    assert (one == other) == (place == 6)


@pytest.mark.parametrize("change", [lambda made: partial(made, every=2), lambda made: lambda *given: [made(*given)][0]])
def test_arguments_count_as_code(change: Callable[[Any], Any]) -> None:
    assert described(change(Talker)) != described(Talker)
