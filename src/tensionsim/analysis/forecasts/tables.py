"""What forecasts from rolling origins amount to, as tables: scores, calibration, skill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.forecasts import calibration, skill
from tensionsim.analysis.forecasts import scores as scoring
from tensionsim.analysis.forecasts.rolling import Rolled, overlap
from tensionsim.record import Floats
from tensionsim.rng import Luck, Purpose, stream_of

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.5, 0.9)


def scores_of(rolled: Rolled) -> Floats:
    """The fair CRPS of every forecast, shape (origin, horizon, [series]), NaN where nothing came.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import rolling, tables
    >>> rolled = rolling.Rolled(np.array([[[1.0, 3.0]]]), np.array([[5.0]]), (1,), {})
    >>> tables.scores_of(rolled).tolist()
    [[2.0]]
    """
    return scoring.fair_crps(rolled.ensemble, rolled.outcome)


def calibration_table(
    forecasts: Mapping[str, Rolled], *, every: int = 1, seed: int = 0, least_bandwidth: float = 0.0
) -> pd.DataFrame:
    """Scores and calibration of forecasters of one series at each horizon.

    Parameters
    ----------
    forecasts : ensembles of shape (origin, horizon, run) by forecaster, with the same horizons. every : rows between
        origins. seed : parts equals in the PIT. least_bandwidth : of the log score; see `scores.kernel_log_score`.

    Returns
    -------
    Rows horizon and forecaster; columns crps (fair), log_score (kernel density), for 50 and 90 coverage_50, its 95 %
    interval that allows for overlap coverage_50_low, coverage_50_high, and the mean width width_50; pit_p (p-value of
    calibration), n, fallbacks (fits that failed, over all horizons).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import rolling, tables
    >>> luck = np.random.default_rng(1)
    >>> rolled = rolling.Rolled(luck.normal(size=(40, 1, 99)), luck.normal(size=(40, 1)), (1,), {})
    >>> table = tables.calibration_table({"normal": rolled})
    >>> bool(table.loc[(1, "normal"), "pit_p"] > 0.01)
    True
    """
    import pandas as pd

    rows = []
    for name, rolled in forecasts.items():
        if rolled.ensemble.ndim != 3:
            raise ValueError(f"calibration is of one series at a time; {name} has shape {rolled.ensemble.shape}")
        for column, horizon in enumerate(rolled.horizons):
            ensemble, outcome = rolled.ensemble[:, column], rolled.outcome[:, column]
            log_score = _mean(scoring.kernel_log_score(ensemble, outcome, least_bandwidth=least_bandwidth))
            row = {"crps": _mean(scoring.fair_crps(ensemble, outcome)), "log_score": log_score}
            row |= _calibration(ensemble, outcome, overlap(horizon, every), seed)
            failed = sum(rolled.fallbacks.values())
            rows.append({"horizon": horizon, "forecaster": name} | row | {"fallbacks": failed})
    return pd.DataFrame(rows).set_index(["horizon", "forecaster"]).sort_index(level="horizon", sort_remaining=False)


def _calibration(ensemble: Floats, outcome: Floats, lags: int, seed: int) -> dict[str, float]:
    """What one row says of intervals and PIT, of forecasts of shape (origin, run)."""
    row: dict[str, float] = {}
    for level in LEVELS:
        found, percent = calibration.coverage(ensemble, outcome, level, lags=lags), f"{level * 100:.0f}"
        row |= {
            f"coverage_{percent}": found.share,
            f"coverage_{percent}_low": found.overlap_low,
            f"coverage_{percent}_high": found.overlap_high,
            f"width_{percent}": found.width,
        }
    uniforms = Luck(seed, 0, len(outcome)).uniforms(stream_of("tables: pit"), Purpose.ALTERNATIVE)
    test = calibration.pit_test(calibration.pit(ensemble, outcome, uniforms), lags=lags)
    return row | {"pit_p": test.p_value, "n": test.n}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def skill_table(
    scores: Mapping[str, Floats], name: str, horizons: Sequence[int], *, every: int = 1, seed: int = 0
) -> pd.DataFrame:
    """The skill of one forecaster against each other at each horizon, losses included.

    Parameters
    ----------
    scores : of every forecaster, shape (origin, horizon). name : whose skill. every : rows between origins.

    Returns
    -------
    Rows horizon and against; columns score, other, skill, low, high, n, block, dm, p_value, is_best: whether this other
    has the smallest mean score at the horizon among the others, on origins that all know (known only afterwards, so
    that skill against it is a strict measure).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import tables
    >>> scores = {"model": np.full((9, 1), 3.0), "mean": np.full((9, 1), 4.0), "ar": np.full((9, 1), 2.0)}
    >>> table = tables.skill_table(scores, "model", [1])
    >>> table["skill"].tolist(), table["is_best"].tolist()
    ([0.25, -0.5], [False, True])
    """
    import pandas as pd

    others = [one for one in scores if one != name]
    if name not in scores or not others:
        raise ValueError(f"skill needs the scores of {name!r} and of another; got those of {', '.join(scores)}")
    rows = []
    for column, horizon in enumerate(horizons):
        at = {one: values[:, column] for one, values in scores.items()}
        best, lags = skill.best_of({one: at[one] for one in others}), overlap(horizon, every)
        for other in others:
            test = skill.diebold_mariano(at[name], at[other], lags=lags)
            found = asdict(skill.skill(at[name], at[other], lags=lags, seed=seed))
            more = {"dm": test.statistic, "p_value": test.p_value, "is_best": other == best}
            rows.append({"horizon": horizon, "against": other} | found | more)
    return pd.DataFrame(rows).set_index(["horizon", "against"])
