"""The tables of a backtest: forecasts, scores, skill, calibration, regimes, events, estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.backtesting.judging import CLIMATOLOGY
from tensionsim.analysis.backtesting.plan import MODEL
from tensionsim.analysis.backtesting.targets import INDEX
from tensionsim.analysis.forecasts import calibration as calibrating
from tensionsim.analysis.forecasts import probability
from tensionsim.analysis.forecasts import scores as scoring
from tensionsim.analysis.forecasts import skill as skills
from tensionsim.analysis.forecasts import tables as plain_tables
from tensionsim.analysis.forecasts.rolling import Rolled, overlap
from tensionsim.errors import SelectionError
from tensionsim.measures import regime_of
from tensionsim.record import Floats
from tensionsim.rng import Luck, Purpose, stream_of

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.analysis.backtesting.backtest import Backtest
    from tensionsim.analysis.forecasts.probability import Reliability

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
REGIME = "regime:"
"""Before the name of a regime that is called as an event is."""

KEYS = ("target", "horizon", "forecaster")


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """The table whose index takes the names of each level in their order of appearance, so that look-ups are quick."""
    import pandas as pd

    columns = [table.index.get_level_values(name).tolist() for name in table.index.names]
    levels = [list(dict.fromkeys(column)) for column in columns]
    places = [{name: place for place, name in enumerate(level)} for level in levels]
    codes = [[place[name] for name in column] for place, column in zip(places, columns, strict=True)]
    return table.set_axis(pd.MultiIndex(levels, codes, names=table.index.names))


def forecasts(found: Backtest) -> pd.DataFrame:
    """See `Backtest.forecasts`."""
    import pandas as pd

    axes = {
        "target": [one.name for one in found.targets],
        "origin": pd.to_datetime([str(day) for day in found.origins]),
        "horizon": found.horizons,
        "forecaster": found.forecasters,
    }
    values = found.values.transpose(1, 0, 3, 2, 4)
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=-1)
    columns = {"mean": values.mean(axis=-1), **dict(zip(QUANTILES, quantiles, strict=True))}
    came = np.broadcast_to(found.outcomes.transpose(1, 0, 2)[..., None], values.shape[:-1])
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    table = {name: array.reshape(-1) for name, array in {**columns, "outcome": came}.items()}
    return ordered(pd.DataFrame(table, index=index))


def rolled(found: Backtest, target: str, forecaster: str) -> Rolled:
    """The forecasts of a target with what came, as the tables of `forecasts` take them."""
    row, column = found.place("target", target), found.place("forecaster", forecaster)
    return Rolled(found.values[:, row, column], found.outcomes[:, row], found.horizons, {})


def scores(found: Backtest) -> pd.DataFrame:
    """See `Backtest.scores`."""
    import pandas as pd

    rows = []
    for target in found.targets:
        for column, horizon in enumerate(found.horizons):
            for name in found.forecasters:
                one = rolled(found, target.name, name)
                ensemble, outcome = one.ensemble[:, column], one.outcome[:, column]
                row = {
                    "crps": _mean(scoring.fair_crps(ensemble, outcome)),
                    "log_score": _mean(scoring.kernel_log_score(ensemble, outcome, least_bandwidth=target.grain)),
                    "normal_log_score": _mean(scoring.gaussian_log_score(ensemble, outcome, least_spread=target.grain)),
                    "n": int(np.isfinite(outcome).sum()),
                }
                rows.append(dict(zip(KEYS, (target.name, horizon, name), strict=True)) | row)
    return ordered(pd.DataFrame(rows).set_index(list(KEYS)))


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def skill(found: Backtest, target: str, of: str) -> pd.DataFrame:
    """See `Backtest.skill`; what is best is looked for among the plain forecasts alone."""
    import pandas as pd

    found.place("forecaster", of)
    crps = {name: plain_tables.scores_of(rolled(found, target, name)) for name in found.forecasters}
    every = found.plan.every
    kinds = [[name for name in names if name != of] for names in (found.plan.plain, found.plan.models)]
    parts = [
        plain_tables.skill_table({one: crps[one] for one in (of, *others)}, of, found.horizons, every=every)
        for others in kinds
        if others
    ]
    if len(parts) > 1:
        parts[1]["is_best"] = False
    table = pd.concat(parts)
    order = [(horizon, name) for horizon in found.horizons for others in kinds for name in others]
    places = {key: place for place, key in enumerate(order)}
    return ordered(table.iloc[np.argsort([places[key] for key in table.index])])


def calibration(found: Backtest) -> pd.DataFrame:
    """See `Backtest.calibration`."""
    import pandas as pd

    parts = {}
    for target in found.targets:
        forecasters = {name: rolled(found, target.name, name) for name in found.forecasters}
        table = plain_tables.calibration_table(
            forecasters, every=found.plan.every, seed=found.plan.seed, least_bandwidth=target.grain
        )
        parts[target.name] = table.drop(columns=["crps", "log_score", "fallbacks"])
    return ordered(pd.concat(parts, names=["target"]))


def pit(found: Backtest, target: str, of: str) -> pd.DataFrame:
    """See `Backtest.pit`; what parts equals is the luck of `calibration`."""
    import pandas as pd

    one = rolled(found, target, of)
    uniforms = Luck(found.plan.seed, 0, len(found.origins)).uniforms(stream_of("tables: pit"), Purpose.ALTERNATIVE)
    values = calibrating.pit(one.ensemble, one.outcome, np.repeat(uniforms[:, None], len(found.horizons), axis=1))
    return pd.DataFrame(
        values,
        index=pd.DatetimeIndex([str(day) for day in found.origins], name="origin"),
        columns=pd.Index(found.horizons, name="horizon"),
    )


def regimes(found: Backtest) -> pd.DataFrame:
    """See `Backtest.regimes`."""
    import pandas as pd

    rows = []
    for column, horizon in enumerate(found.horizons):
        for name in found.forecasters:
            one = rolled(found, INDEX, name)
            known = np.isfinite(one.outcome[:, column])
            ensemble, outcome = one.ensemble[known, column], one.outcome[known, column]
            row: dict[str, object] = {"horizon": horizon, "forecaster": name}
            row["ranked_probability"] = _mean(scoring.regime_score(ensemble, outcome))
            for place, regime in enumerate(scoring.regimes()):
                score = scoring.fair_brier(regime_of(ensemble) == place, regime_of(outcome) == place)
                row[f"brier_{regime}"] = _mean(score)
            rows.append(row | {"n": int(known.sum())})
    return ordered(pd.DataFrame(rows).set_index(["horizon", "forecaster"]))


def events(found: Backtest) -> pd.DataFrame:
    """See `Backtest.event_scores`."""
    import pandas as pd

    names = ["event", "horizon", "teller"]
    columns = ["brier", "reliability", "resolution", "uncertainty", "said", "happened", "skill", "p_value", "n"]
    rows = [
        _event(found, event, column, teller)
        for event in range(len(found.events))
        for column in range(len(found.horizons))
        for teller in range(len(found.tellers))
    ]
    return ordered(pd.DataFrame(rows, columns=[*names, *columns]).set_index(names))


def _event(found: Backtest, event: int, column: int, teller: int) -> dict[str, object]:
    """One row of the table of events."""
    known = np.isfinite(found.happened[:, event, column])
    came = found.happened[known, event, column] > 0.0
    row: dict[str, object] = {
        "event": found.events[event],
        "horizon": found.horizons[column],
        "teller": found.tellers[teller],
        "n": int(known.sum()),
    }
    if not known.any():
        return row
    said = found.chances[known, event, :, column]
    score = _brier(found, said[:, teller], came, teller)
    usual = found.tellers.index(CLIMATOLOGY)
    reference = _brier(found, said[:, usual], came, usual)
    lags = overlap(found.horizons[column], found.plan.every)
    parts = probability.murphy(said[:, teller], came)
    return row | {
        "brier": float(score.mean()),
        "reliability": parts.reliability,
        "resolution": parts.resolution,
        "uncertainty": parts.uncertainty,
        "said": float(said[:, teller].mean()),
        "happened": float(came.mean()),
        "skill": skills.skill(score, reference, lags=lags).skill,
        "p_value": skills.diebold_mariano(score, reference, lags=lags).p_value,
    }


def _brier(found: Backtest, said: Floats, came: np.ndarray, teller: int) -> Floats:
    """Brier scores, shape (origin,); of shares of runs the fair ones."""
    score = scoring.brier(said, came)
    is_share = teller < len(found.plan.models)
    return score - said * (1.0 - said) / (found.plan.runs - 1) if is_share else score


def reliability(found: Backtest, event: str, of: tuple[str, int | None], bins: int) -> Reliability:
    """See `Backtest.reliability`."""
    name, horizon = of
    columns = list(range(len(found.horizons))) if horizon is None else [found.place("horizon", horizon)]
    regime = event.removeprefix(REGIME)
    if regime in scoring.regimes() and event not in found.events:
        one = rolled(found, INDEX, name)
        place = scoring.regimes().index(regime)
        said = (regime_of(one.ensemble) == place).mean(axis=-1)[:, columns]
        came = np.where(np.isnan(one.outcome), np.nan, regime_of(one.outcome) == place)[:, columns]
    else:
        row, teller = found.place("event", event), found.place("teller", name)
        said, came = found.chances[:, row, teller][:, columns], found.happened[:, row][:, columns]
    known = np.isfinite(came)
    if not known.any():
        raise SelectionError(f"nothing that came is known of {event} at this horizon")
    return probability.reliability(said[known], came[known] > 0.0, bins=bins)


def estimates(found: Backtest) -> pd.DataFrame:
    """See `Backtest.estimates`."""
    import pandas as pd

    rows = [
        {"origin": str(one.origin), "path": path, "estimate": value, "standard_error": one.errors[path]}
        for one in found.fits
        for path, value in one.estimates.items()
    ]
    table = pd.DataFrame(rows, columns=["origin", "path", "estimate", "standard_error"])
    table["origin"] = pd.to_datetime(table["origin"])
    return ordered(table.set_index(["origin", "path"]))


def all_skills(found: Backtest) -> pd.DataFrame:
    """The skill of the model on every target."""
    import pandas as pd

    return ordered(pd.concat({one.name: skill(found, one.name, MODEL) for one in found.targets}, names=["target"]))
