"""Judgements: pools have the quantiles that mathematics gives them, correlations those that were told."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tensionsim as ts
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import first_numbers
from tensionsim.rng import RandomStreams
from tensionsim.scenario.judgements import Judgement, pooled
from tensionsim.scenario.scenario import from_text

RUNS = 20_000
NORLAND, SUDERIA, INSULATION = "actors.norland.rhetoric", "actors.suderia.rhetoric", "actors.norland.insulation"
EVEN = {"uniform": [0.0, 1.0]}
PANEL = "expert,weight,5,50,95\nann,2,0.2,0.4,0.6\nbob,1,0.5,0.7,0.9\n"


def uniform(name: str, low: float, high: float, weight: float = 1.0) -> Judgement:
    return Judgement(name, weight, (0.0, 100.0), (low, high))


def normal(name: str, mean: float, deviation: float, weight: float = 1.0) -> Judgement:
    shares = tuple(np.linspace(0.1, 99.9, 999).tolist())
    inverse = NormalDist(mean, deviation).inv_cdf
    return Judgement(name, weight, shares, tuple(inverse(share / 100.0) for share in shares))


def drawn(scenario: ts.Scenario, *paths: str, runs: int = RUNS, first: int = 0) -> list[Any]:
    settings, _ = first_numbers(assemble(scenario), RandomStreams(3, first, runs))
    return [settings.get(path) for path in paths]


def rank_correlation(one: Any, other: Any) -> float:
    return float(np.corrcoef(one.argsort().argsort(), other.argsort().argsort())[0, 1])


def write(folder: Path, panel: str = PANEL, **more: object) -> Path:
    (folder / "panel.csv").write_text(panel)
    keys = "".join(f", {key}: {value}" for key, value in more.items())
    path = folder / "mine.yaml"
    path.write_text(
        "tensionsim: 1\ntitle: Mine\nextends: norland-suderia\nactors:\n"
        f"  norland: {{rhetoric: {{experts: panel.csv{keys}}}}}\n"
    )
    return path


class TestPools:
    def test_a_linear_pool_of_two_uniforms_has_the_quantiles_of_their_mixture(self) -> None:
        found = pooled([uniform("a", 0.0, 1.0), uniform("b", 0.5, 2.5)])
        # Below 0.5 half of the first; between 0.5 and 1 densities of 1/2 and 1/4; above 1 only the second.
        expected = {"0": 0.0, "10": 0.2, "25": 0.5, "50": 0.5 + 0.25 / 0.75, "75": 1.5, "100": 2.5}
        assert {share: found[share] for share in expected} == pytest.approx(expected)

    def test_a_logarithmic_pool_of_two_uniforms_lies_where_both_are(self) -> None:
        found = pooled([uniform("a", 0.0, 1.0), uniform("b", 0.5, 2.5)], "logarithmic")
        assert [found[share] for share in ("0", "50", "100")] == pytest.approx([0.5, 0.75, 1.0])

    def test_a_logarithmic_pool_of_two_normals_is_the_normal_of_their_weighted_precisions(self) -> None:
        found = pooled([normal("a", 0.0, 1.0, 3.0), normal("b", 0.8, 1.2)], "logarithmic")
        precision = 0.75 / 1.0 + 0.25 / 1.44
        known = NormalDist((0.25 * 0.8 / 1.44) / precision, precision**-0.5)
        for share in (5, 25, 50, 75, 95):
            assert found[str(share)] == pytest.approx(known.inv_cdf(share / 100.0), abs=0.01)

    @given(st.permutations(range(3)), st.sampled_from(["linear", "logarithmic"]))
    def test_the_order_of_experts_is_of_no_matter(self, order: list[int], pool: str) -> None:
        experts = [Judgement(str(n), n + 1.0, (5.0, 50.0, 95.0), (0.1 * n, 0.4, 0.9 + n)) for n in range(3)]
        assert pooled([experts[n] for n in order], pool) == pytest.approx(pooled(experts, pool))

    def test_experts_who_do_not_say_their_ends_have_the_same(self) -> None:
        found = pooled([Judgement("a", 1.0, (5.0, 95.0), (0.0, 1.0)), Judgement("b", 1.0, (5.0, 95.0), (1.0, 2.0))])
        assert (found["0"], found["100"]) == pytest.approx((-0.2, 2.2))

    @pytest.mark.parametrize("pool", ["linear", "logarithmic"])
    def test_an_expert_without_weight_adds_nothing(self, pool: str) -> None:
        found = pooled([uniform("a", 0.0, 1.0), uniform("b", 2.0, 3.0, 0.0)], pool)
        assert (found["0"], found["50"], found["100"]) == pytest.approx((0.0, 0.5, 1.0))

    @pytest.mark.parametrize(
        ("experts", "pool", "within", "words"),
        [
            ([uniform("a", 0, 1, 0.0)], "linear", None, "no expert has a weight"),
            ([uniform("a", 0, 1)], "linear", (0.0, 0.5), "beyond `range`"),
            ([uniform("a", 0, 1), uniform("b", 2, 3)], "logarithmic", None, "leaves nothing"),
        ],
    )
    def test_what_cannot_be_pooled_is_told(self, experts: Any, pool: str, within: Any, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            pooled(experts, pool, within)


class TestPanels:
    def test_a_panel_becomes_quantiles_that_stand_without_it(self, tmp_path: Path) -> None:
        scenario = ts.load(write(tmp_path, range="[0, 1]"))
        (tmp_path / "panel.csv").unlink()
        again = from_text(scenario.text, "again")
        assert again.sha256 == scenario.sha256
        (values,) = drawn(again, NORLAND)
        # 2/3 of ann's distribution and 1/3 of bob's: half of all lies below 0.5.
        assert np.quantile(values, [0.5]) == pytest.approx([0.5], abs=0.01)
        assert "ann 0.2 / 0.4 / 0.6; bob 0.5 / 0.7 / 0.9; together 0.207 / 0.5 / 0.87" in scenario.notes[0]

    def test_a_panel_may_be_set_and_is_read_once(self, tmp_path: Path) -> None:
        path = write(tmp_path)
        panel = {"experts": str(tmp_path / "panel.csv"), "pool": "logarithmic", "range": [0, 1]}
        scenario = ts.load("norland-suderia", set={NORLAND: panel})
        path.with_name("panel.csv").unlink()
        louder = scenario.with_values({SUDERIA: 0.9})
        assert louder.file.actors["norland"].rhetoric == scenario.file.actors["norland"].rhetoric

    def test_all_faults_of_a_panel_are_told_with_their_lines(self, tmp_path: Path) -> None:
        bad = "expert,weight,5,50,95\nann,2,0.2,0.1,0.6\nbob,-1,x,0.7,0.9\nbob,1,0.5,0.7,0.9\nann,1,0.5\n"
        with pytest.raises(ts.ScenarioError) as caught:
            ts.load(write(tmp_path, bad))
        told = [(one.line, one.message) for one in caught.value.problems]
        assert [line for line, _ in told] == [2, 3, 3, 4, 5]
        assert "rise with their percentages" in told[0][1]
        assert "expert 'bob' stands there twice" in told[-2][1]

    def test_a_panel_with_a_wrong_header_has_its_rows_checked_too(self, tmp_path: Path) -> None:
        bad = "expert,weight,5,50,high\nann,-2,0.2,0.4,0.6\nbob,1,0.5,0.3,0.7\n"
        with pytest.raises(ts.ScenarioError) as caught:
            ts.load(write(tmp_path, bad, question="why"))
        assert [one.line for one in caught.value.problems] == [1, 2, 3, 5]

    @pytest.mark.parametrize(
        ("panel", "more", "words"),
        [
            ("expert,5\nann,1\n", {}, "columns are expert, percentages"),
            ("expert,5,high\nann,1,2\n", {}, "columns are expert, percentages"),
            ("expert,question,5,95\nann,a,1,2\nann,b,1,2\n", {}, "name its `question`"),
            ("expert,5,95\n", {}, "has no rows"),
            (PANEL.replace(",", ";"), {}, "part cells by commas; write 0.5, not 0,5"),
            ("expert,5,5,95\nann,1,2,3\n", {}, "the column '5' stands there twice"),
            (PANEL, {"pool": "mean"}, "it is one of linear, logarithmic"),
            (PANEL, {"range": "[0.5, 1]"}, "beyond `range`"),
            (PANEL, {"uniform": "[0, 1]"}, "`experts` is a CSV file, beside which stand only"),
        ],
    )
    def test_a_panel_that_cannot_be_used_is_refused(
        self, tmp_path: Path, panel: str, more: dict[str, str], words: str
    ) -> None:
        with pytest.raises(ts.ScenarioError, match=words):
            ts.load(write(tmp_path, panel, **more))

    def test_shares_in_the_place_of_percentages_are_a_slip(self, tmp_path: Path) -> None:
        words = "quantiles are told by percentages, 0-100; did you mean 5, 50, 95?"
        with pytest.raises(ts.ScenarioError, match=words):
            ts.load("norland-suderia", set={NORLAND: {"quantiles": {0.05: 0.1, 0.5: 0.3, 0.95: 0.7}}})
        with pytest.raises(ts.ScenarioError, match=words):
            ts.load(write(tmp_path, "expert,0.05,0.5,0.95\nann,0.1,0.3,0.7\n"))

    def test_a_lost_panel_is_named_with_what_may_be_meant(self, tmp_path: Path) -> None:
        path = write(tmp_path)
        path.write_text(path.read_text().replace("panel.csv", "panle.csv"))
        with pytest.raises(ts.ScenarioError, match=r"did you mean 'panel\.csv'"):
            ts.load(path)


class TestCorrelations:
    def coupled(self, *told: tuple[str, str, float], **more: object) -> ts.Scenario:
        pairs = [{"between": [one, other], "rank": rank} for one, other, rank in told]
        numbers = {NORLAND: EVEN, SUDERIA: {"lognormal": [0.2, 0.1]}, INSULATION: {"beta": [2, 5]}}
        return ts.load("norland-suderia", set={**numbers, "correlations": pairs, **more})

    def test_draws_have_the_rank_correlations_that_were_told(self) -> None:
        scenario = self.coupled((NORLAND, SUDERIA, 0.6), (NORLAND, INSULATION, -0.4))
        one, other, third = drawn(scenario, NORLAND, SUDERIA, INSULATION)
        assert rank_correlation(one, other) == pytest.approx(0.6, abs=0.02)
        assert rank_correlation(one, third) == pytest.approx(-0.4, abs=0.02)
        assert rank_correlation(other, third) == pytest.approx(0.0, abs=0.02)

    def test_each_keeps_its_own_distribution(self) -> None:
        free, tied = self.coupled(), self.coupled((NORLAND, SUDERIA, 0.6))
        (before,), (after,) = drawn(free, SUDERIA), drawn(tied, SUDERIA)
        assert np.quantile(after, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(before, [0.1, 0.5, 0.9]), abs=0.003)
        assert (before != after).mean() > 0.9

    def test_a_run_draws_the_same_alone_and_in_company(self) -> None:
        scenario = self.coupled((NORLAND, SUDERIA, 0.6), (NORLAND, INSULATION, -0.4))
        (together,), (alone,) = drawn(scenario, INSULATION, runs=50), drawn(scenario, INSULATION, runs=1, first=17)
        assert together[17] == alone[0]

    def test_numbers_that_are_in_none_are_drawn_as_ever(self) -> None:
        free, tied = self.coupled(), self.coupled((NORLAND, SUDERIA, 0.6))
        assert (drawn(free, INSULATION)[0] == drawn(tied, INSULATION)[0]).all()

    def test_a_number_made_certain_leaves_the_others_as_they_were(self) -> None:
        told = ((NORLAND, SUDERIA, 0.6), (NORLAND, INSULATION, -0.4), (SUDERIA, INSULATION, -0.2))
        tied = self.coupled(*told)
        fixed = tied.with_values({SUDERIA: 0.5})
        assert (drawn(fixed, INSULATION)[0] == drawn(tied, INSULATION)[0]).all()
        assert any("is certain, so that its correlations have no effect" in note for note in fixed.notes)

    def test_those_that_cannot_hold_together_are_named(self) -> None:
        with pytest.raises(ts.ScenarioError, match=f"{NORLAND}, {SUDERIA}, {INSULATION} cannot hold together"):
            self.coupled((NORLAND, SUDERIA, 0.9), (NORLAND, INSULATION, 0.9), (SUDERIA, INSULATION, -0.9))

    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ((NORLAND, "actors.suderia.retoric", 0.5), "did you mean 'actors.suderia.rhetoric'"),
            ((NORLAND, "actors.*.insulation", 0.5), "means several numbers"),
            ((NORLAND, NORLAND, 0.5), "is of two numbers"),
            ((NORLAND, "title", 0.5), "is no number of actors"),
            ((NORLAND, SUDERIA, 1.0), "below 1"),
            ((NORLAND, SUDERIA, None), "item 1 of correlations lacks 'rank'"),
        ],
    )
    def test_a_correlation_that_means_nothing_is_refused(self, told: tuple[str, str, float | None], words: str) -> None:
        one, other, rank = told
        pair = {"between": [one, other]} | ({} if rank is None else {"rank": rank})
        with pytest.raises(ts.ScenarioError, match=words):
            ts.load("norland-suderia", set={NORLAND: EVEN, SUDERIA: EVEN, "correlations": [pair]})

    def test_a_pair_is_told_once_and_joint_numbers_not_at_all(self) -> None:
        with pytest.raises(ts.ScenarioError, match="told once"):
            self.coupled((NORLAND, SUDERIA, 0.5), (SUDERIA, NORLAND, 0.2))
        with pytest.raises(ts.ScenarioError, match="is drawn with all `joint` numbers"):
            self.coupled((NORLAND, SUDERIA, 0.5), **{SUDERIA: {"joint": [0.1, 0.2]}})
