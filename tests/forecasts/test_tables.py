"""Tables of scores and skill: every cell is what the functions beneath say, losses included."""

from __future__ import annotations

import numpy as np
import pytest

from tensionsim.forecasts import scores

HORIZONS = (1, 3)


def rolled(seed: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts of a series and what came, of 60 origins at two horizons."""
    outcome = np.random.default_rng(99).normal(size=(60, 2))
    outcome[-3:, 1] = np.nan
    return spread * np.random.default_rng(seed).normal(size=(60, 2, 80)), outcome


def crps(seed: int, spread: float = 1.0) -> np.ndarray:
    return scores.fair_crps(*rolled(seed, spread))


def test_skill_of_each_horizon_is_that_of_its_scores() -> None:
    found = {name: crps(row, 1.0 + row) for row, name in enumerate(("model", "mean", "ar"))}
    table = scores.skill_table(found, "model", HORIZONS)
    assert table.index.tolist() == [(1, "mean"), (1, "ar"), (3, "mean"), (3, "ar")]
    expected = scores.skill(found["model"][:, 1], found["ar"][:, 1], lags=2)
    assert table.loc[(3, "ar"), ["score", "other", "skill", "low", "high"]].tolist() == [
        expected.score, expected.other, expected.skill, expected.low, expected.high
    ]  # fmt: skip
    assert table.loc[(3, "ar"), "n"] == 57
    test = scores.diebold_mariano(found["model"][:, 1], found["ar"][:, 1], lags=2)
    assert table.loc[(3, "ar"), "p_value"] == test.p_value
    assert table["is_best"].tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("rivals", "best"),
    [(None, [True, False]), (["ar"], [False, True]), (["mean", "ar"], [True, False]), ([], [False] * 2)],
)
def test_the_best_is_looked_for_among_the_rivals_alone(rivals: list[str] | None, best: list[bool]) -> None:
    found = {name: crps(row, 1.0 + row) for row, name in enumerate(("model", "mean", "ar"))}
    table = scores.skill_table(found, "model", HORIZONS[:1], rivals=rivals)
    assert table["is_best"].tolist() == best


def test_a_model_that_loses_is_shown_to_lose() -> None:
    found = {"model": crps(0, 4.0), "mean": crps(1)}
    table = scores.skill_table(found, "model", HORIZONS)
    assert (table["skill"] < -0.5).all()
    assert (table["high"] < 0.0).all()


def test_origins_further_apart_overlap_less() -> None:
    found = {"model": crps(0), "mean": crps(1)}
    near, far = (scores.skill_table(found, "model", HORIZONS, every=every) for every in (1, 3))
    assert near.loc[(3, "mean"), "p_value"] != far.loc[(3, "mean"), "p_value"]
    assert near.loc[(1, "mean"), "p_value"] == far.loc[(1, "mean"), "p_value"]


def test_calibration_of_each_horizon_is_that_of_its_forecasts() -> None:
    ensemble, outcome = rolled(1)
    table = scores.calibration_table(ensemble, outcome, HORIZONS)
    assert table.index.tolist() == [1, 3]
    held = scores.coverage(ensemble[:, 1], outcome[:, 1], 0.9, lags=2)
    row = table.loc[3]
    assert (row["coverage_90"], row["coverage_90_low"], row["n"]) == (held.share, held.low, 57)
    wide = scores.calibration_table(*rolled(2, 3.0), HORIZONS)
    assert table.loc[1, "pit_p"] > 0.01 > wide.loc[1, "pit_p"]
