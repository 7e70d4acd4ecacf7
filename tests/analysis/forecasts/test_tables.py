"""Tables of scores and skill: every cell is what the functions beneath say, losses included."""

from __future__ import annotations

import numpy as np
import pytest

from tensionsim.forecast import backtest as tables
from tensionsim.forecast import scores
from tensionsim.forecast import scores as calibration
from tensionsim.forecast import scores as skill
from tensionsim.forecast.baselines import Rolled

HORIZONS = (1, 3)


def rolled(seed: int, spread: float = 1.0) -> Rolled:
    luck = np.random.default_rng(seed)
    outcome = np.random.default_rng(99).normal(size=(60, 2))
    outcome[-3:, 1] = np.nan
    return Rolled(spread * luck.normal(size=(60, 2, 80)), outcome, HORIZONS, {"why": 2} if seed else {})


def test_skill_of_each_horizon_is_that_of_its_scores() -> None:
    found = {name: tables.scores_of(rolled(row, 1.0 + row)) for row, name in enumerate(("model", "mean", "ar"))}
    table = tables.skill_table(found, "model", HORIZONS)
    assert table.index.tolist() == [(1, "mean"), (1, "ar"), (3, "mean"), (3, "ar")]
    expected = skill.skill(found["model"][:, 1], found["ar"][:, 1], lags=2)
    assert table.loc[(3, "ar"), ["score", "other", "skill", "low", "high"]].tolist() == [
        expected.score, expected.other, expected.skill, expected.low, expected.high
    ]  # fmt: skip
    assert table.loc[(3, "ar"), "n"] == 57
    test = skill.diebold_mariano(found["model"][:, 1], found["ar"][:, 1], lags=2)
    assert table.loc[(3, "ar"), "p_value"] == test.p_value
    assert table["is_best"].tolist() == [True, False, True, False]


def test_a_model_that_loses_is_shown_to_lose() -> None:
    found = {"model": tables.scores_of(rolled(0, 4.0)), "mean": tables.scores_of(rolled(1))}
    table = tables.skill_table(found, "model", HORIZONS)
    assert (table["skill"] < -0.5).all()
    assert (table["high"] < 0.0).all()


def test_origins_further_apart_overlap_less() -> None:
    found = {"model": tables.scores_of(rolled(0)), "mean": tables.scores_of(rolled(1))}
    near, far = (tables.skill_table(found, "model", HORIZONS, every=every) for every in (1, 3))
    assert near.loc[(3, "mean"), "p_value"] != far.loc[(3, "mean"), "p_value"]
    assert near.loc[(1, "mean"), "p_value"] == far.loc[(1, "mean"), "p_value"]


def test_skill_needs_the_forecaster_and_another() -> None:
    for given in ({"model": np.ones((9, 2))}, {"mean": np.ones((9, 2))}):
        with pytest.raises(ValueError, match="needs the scores of 'model' and of another"):
            tables.skill_table(given, "model", HORIZONS)


def test_calibration_of_each_horizon_is_that_of_its_forecasts() -> None:
    one = rolled(1)
    table = tables.calibration_table({"right": one, "wide": rolled(2, 3.0)})
    assert table.index.tolist() == [(1, "right"), (1, "wide"), (3, "right"), (3, "wide")]
    row = table.loc[(3, "right")]
    ensemble, outcome = one.ensemble[:, 1], one.outcome[:, 1]
    assert row["crps"] == pytest.approx(np.nanmean(scores.fair_crps(ensemble, outcome)))
    assert row["log_score"] == pytest.approx(np.nanmean(scores.kernel_log_score(ensemble, outcome)))
    held = calibration.coverage(ensemble, outcome, 0.9, lags=2)
    assert (row["coverage_90"], row["coverage_90_low"]) == (held.share, held.overlap_low)
    assert (row["n"], row["fallbacks"]) == (57, 2)
    assert table.loc[(1, "right"), "pit_p"] > 0.01 > table.loc[(1, "wide"), "pit_p"]


def test_calibration_is_of_one_series_at_a_time() -> None:
    with pytest.raises(ValueError, match="one series at a time; both has shape"):
        tables.calibration_table({"both": Rolled(np.zeros((3, 1, 2, 9)), np.zeros((3, 1, 2)), (1,), {})})


def test_a_least_bandwidth_keeps_the_mean_log_score_finite() -> None:
    agreed = Rolled(np.full((4, 1, 20), 3.0), np.array([[3.0], [4.0], [3.0], [5.0]]), (1,), {})
    table = tables.calibration_table({"sure": agreed}, least_bandwidth=0.5)
    assert np.isfinite(table.loc[(1, "sure"), "log_score"])
