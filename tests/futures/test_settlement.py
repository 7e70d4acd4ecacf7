"""Settlements: examples worked by hand, published numbers, and what holds whatever the stakeholders."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings, strategies as st

import tensionsim as ts
from tensionsim.futures import settlement

EMISSION = pd.DataFrame(
    [
        ("Netherlands", 4, 80, 8),
        ("Belgium", 7, 40, 8),
        ("Luxembourg", 4, 20, 3),
        ("Germany", 4, 80, 16),
        ("France", 10, 60, 16),
        ("Italy", 10, 60, 16),
        ("UK", 10, 90, 16),
        ("Ireland", 7, 10, 5),
        ("Denmark", 4, 100, 5),
        ("Greece", 7, 70, 8),
    ],
    columns=["stakeholder", "position", "salience", "capability"],
)
"""Years of delay of the emission standards of 1989 that members of the European Community wanted: the example of Bueno
de Mesquita (1994), as open replications have it."""


def table(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=EMISSION.columns)


def many(count: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = {name: rng.uniform(0, 100, count) for name in ("position", "salience", "capability")}
    return pd.DataFrame({"stakeholder": [f"s{number}" for number in range(count)], **columns})


class TestByHand:
    def test_mean_and_median_of_three(self) -> None:
        found = ts.settle(table(("a", 0, 50, 50), ("b", 40, 100, 50), ("c", 100, 50, 100)))
        # Weights 25, 50 and 50: the mean is (40 * 50 + 100 * 50) / 125, half of the weight is reached at b.
        assert found.rounds.loc[0, ["mean", "median"]].tolist() == [56.0, 40.0]

    def test_votes_of_three(self) -> None:
        found = settlement.support(np.array([0.0, 40.0, 100.0]), np.array([25.0, 50.0, 50.0]))
        # 0 against 40: a votes with 25 * 40, b and c with 50 * 40 each; 0 against 100: a 25 * 100, b 50 * 20, c 5000.
        assert found[0, 1] == pytest.approx(1000 / 5000)
        assert found[0, 2] == pytest.approx((2500 + 1000) / (2500 + 1000 + 5000))
        assert found[1, 1] == 0.5

    def test_an_election_between_two_follows_the_votes(self) -> None:
        places, chances = settlement.condorcet(np.array([0.0, 100.0, 100.0]), np.array([1.0, 2.0, 1.0]))
        assert places.tolist() == [0.0, 100.0]
        assert chances == pytest.approx([0.25, 0.75])

    def test_a_challenge_of_the_strong_to_the_indifferent(self) -> None:
        # a weighs 9, b 1 and resists with a tenth. At risk 1: E(a) = 1 - 2 s P(lose) = 2 - 4 * 0 - .1 * .1 * 4 = 1.96,
        # E(b) = 2 - .9 * .9 * 4 = -1.24: b is in most danger (R = 1, r = .5), a in least (R = -1, r = 2).
        found = ts.settle(table(("a", 0, 90, 10), ("b", 100, 10, 10)), rounds=1)
        assert found.stakeholders["risk"].tolist() == pytest.approx([2.0, 0.5])
        # As b sees it at r = .5: itself wins 2, loses -2, stands at 2 - 4 * sqrt(.5) = -.828; it expects 2 - .9 * .9 *
        # 4 + .828 = -.412 of challenging a, and a 2 - .1 * .1 * 4 + .828 = 2.788 of it: b goes .412 / 2.788 of the way.
        assert found.positions[1] == pytest.approx([0.0, 100.0 - 100.0 * 0.411573 / 2.788427], abs=1e-3)

    def test_where_all_stand_together_nobody_moves(self) -> None:
        found = ts.settle(table(("a", 30, 50, 50), ("b", 30, 100, 50)))
        assert found.rounds.to_numpy().tolist() == [[30.0, 30.0, 30.0, 0.0]]
        assert found.ending == "all stand together from the start"

    def test_without_rounds_risk_is_told(self) -> None:
        found, first = (ts.settle(EMISSION, rounds=rounds) for rounds in (0, 1))
        assert found.stakeholders["risk"].tolist() == first.stakeholders["risk"].tolist()
        assert (len(found.rounds), found.ending) == (1, "bargaining was stopped after 0 rounds")


class TestPublished:
    def test_mean_and_median_of_the_emission_standards(self) -> None:
        first = ts.settle(EMISSION).rounds.loc[0]
        assert first["median"] == 7.0
        assert first["mean"] == pytest.approx(7.389955686853767)

    def test_risk_exponents_of_an_open_replication(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """That replication takes the margin of votes for the chance to win; all else is as here, to the last digit."""
        ours = settlement.support

        def margin(position: Any, weight: Any) -> Any:
            return np.maximum(2.0 * ours(position, weight) - 1.0, 0.0)

        monkeypatch.setattr(settlement, "support", margin)
        monkeypatch.setattr(settlement, "condorcet", lambda position, weight: (np.array([0.0]), np.array([1.0])))
        risks = ts.settle(EMISSION, rounds=1).stakeholders["risk"]
        published = {"Netherlands": 1.1271980463, "Belgium": 0.780917839132, "Luxembourg": 0.5, "UK": 2.0}
        published |= {"France": 1.07789229892, "Ireland": 0.524782172174, "Denmark": 1.47169654498}
        published |= {"Greece": 1.14047944802}
        assert {name: risks[name] for name in published} == pytest.approx(published, rel=1e-9)


class TestAlways:
    @settings(max_examples=30, deadline=None)
    @given(st.integers(2, 12), st.integers(0, 1000))
    @example(4, 123)
    @example(11, 641)
    def test_order_is_of_no_matter_and_nobody_leaves_the_range(self, count: int, seed: int) -> None:
        whole = many(count, seed)
        found, shuffled = ts.settle(whole), ts.settle(whole.sample(frac=1.0, random_state=seed))
        assert np.allclose(found.rounds, shuffled.rounds)
        assert np.allclose(found.stakeholders["settled"], shuffled.stakeholders["settled"][found.stakeholders.index])
        assert found.positions.min() >= whole["position"].min() - 1e-9
        assert found.positions.max() <= whole["position"].max() + 1e-9
        assert found.election.sum() == pytest.approx(1.0)

    def test_a_mirrored_issue_settles_in_the_mirror(self) -> None:
        whole = many(9)
        found, mirrored = ts.settle(whole), ts.settle(whole.assign(position=100.0 - whole["position"]))
        assert np.allclose(found.positions, 100.0 - mirrored.positions)

    def test_votes_are_those_of_all_pairs_by_force(self) -> None:
        x, w = many(7)["position"].to_numpy(), many(7)["capability"].to_numpy()
        for row, column in ((0, 1), (3, 5), (6, 2)):
            votes = w * (abs(x - x[column]) - abs(x - x[row]))
            share = np.maximum(votes, 0).sum() / abs(votes).sum()
            assert settlement.support(x, w)[row, column] == pytest.approx(share)

    def test_salience_may_be_a_share(self) -> None:
        shares = EMISSION.assign(salience=EMISSION["salience"] / 100.0)
        assert np.allclose(ts.settle(shares).positions, ts.settle(EMISSION).positions)

    @pytest.mark.timing
    def test_five_hundred_settle_in_ten_seconds(self) -> None:
        begun = time.perf_counter()
        ts.settle(many(500))
        assert time.perf_counter() - begun < 10.0


def test_the_simulated_path_stands_beside_it() -> None:
    rows = table(("a", 80, 50, 50), ("b", 20, 100, 50))
    found = ts.settle(rows, scenario="norland-suderia", issue="water", runs=40, seed=2)
    assert found.path is not None
    record = ts.run("norland-suderia", runs=40, seed=2).record
    assert found.path["as it is, median"].tolist() == np.median(record.issue_cooperation[:, 1], axis=-1).tolist()
    assert (found.path["settled, median"] > found.path["as it is, median"]).iloc[-1]
    with pytest.raises(ts.TensionSimError, match="did you mean 'water'"):
        ts.settle(rows, scenario="norland-suderia", issue="watr")
    with pytest.raises(ts.TensionSimError, match=r"issue must be one of .* water; got None"):
        ts.settle(rows, scenario="norland-suderia")


class TestWrongTables:
    def test_all_problems_come_at_once_with_their_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "bad.csv"
        path.write_text("stakeholder,capability,position,salience\na,8,104,80\na,8,7,\n,x,7,nan\n")
        with pytest.raises(ts.ScenarioError) as caught:
            ts.settle(path)
        told = [(one.line, one.message) for one in caught.value.problems]
        assert told == [
            (2, "position is '104'; use a number in 0..100"),
            (3, "stakeholder 'a' stands there twice"),
            (3, "salience is ''; use a number in 0..100"),
            (4, "no name"),
            (4, "salience is 'nan'; use a number in 0..100"),
            (4, "capability is 'x'; use a number in 0..100"),
        ]

    def test_a_row_that_is_left_out_is_not_missed(self, tmp_path: Path) -> None:
        path = tmp_path / "bad.csv"
        path.write_text("stakeholder,position,salience,capability\na,1,2,3\nb,1,2,3,4\n")
        with pytest.raises(ts.ScenarioError) as caught:
            ts.settle(path)
        assert [one.line for one in caught.value.problems] == [3]

    def test_where_a_column_lacks_the_others_are_checked(self, tmp_path: Path) -> None:
        path = tmp_path / "bad.csv"
        path.write_text("stakeholder,postion,salience,capability\na,1,200,3\na,2,3,4\nb,1,2\n")
        with pytest.raises(ts.ScenarioError) as caught:
            ts.settle(path)
        assert [one.line for one in caught.value.problems] == [1, 2, 3, 4]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("stakeholder,capability,postion\na,1,2\n", "no column 'position'; did you mean 'postion'"),
            ("stakeholder,capability,position,salience\na,1,2,0\nb,2,3,0\n", "nobody has both salience and capability"),
            ("stakeholder,capability,position,salience\na,1,2,1\n", "nobody has anybody to bargain with"),
            ("stakeholder,capability,position,salience\n", "has no rows"),
            (
                'stakeholder,capability,position,salience\na,1,2,1\n\nb,"1,2,1\nc,1,2,1\n',
                ":4:1: a quote opens in this row",
            ),
            (
                "stakeholder,capability,position,salience,position\na,1,2,1,3\nb,1,2,1,3\n",
                "'position' stands there twice",
            ),
            ("stakeholder,capability,position,salience\na,1,2\n", "3 cells, where the header has 4"),
        ],
    )
    def test_a_table_that_cannot_be_used_is_refused(self, tmp_path: Path, text: str, words: str) -> None:
        path = tmp_path / "bad.csv"
        path.write_text(text)
        with pytest.raises(ts.ScenarioError, match=words):
            ts.settle(path)

    @pytest.mark.parametrize("name", ["managed", "us-colombia-2017"])
    def test_of_what_is_no_file_it_says_what_is_wanted(self, name: str) -> None:
        with pytest.raises(
            ts.ScenarioError, match="a table of stakeholders is wanted, a CSV with the columns stakeholder"
        ):
            ts.settle(name)

    def test_a_table_of_pandas_is_read_as_its_csv(self) -> None:
        with pytest.raises(ts.ScenarioError, match="the table:3:1: position is '104'"):
            ts.settle(table(("a", 1, 2, 3), ("b", 104, 2, 3)))
