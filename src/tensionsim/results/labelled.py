"""Results as an xarray Dataset: the same arrays with named axes and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.errors import TensionSimError
from tensionsim.record import LAYERS
from tensionsim.results import wording

if TYPE_CHECKING:
    import xarray as xr

    from tensionsim.results.model import Results

AXES = ("issue", "term", "actor", "dyad_channel", "indicator", "arrangement", "event")


def dataset(results: Results) -> xr.Dataset:
    """A Dataset with dims date, run, issue, actor, dyad_channel, indicator, arrangement, event."""
    try:
        import xarray as xr
    except ImportError as missing:
        raise TensionSimError("to_xarray needs xarray; install it with: pip install 'tensionsim[xarray]'") from missing
    variables: dict[str, Any] = {}
    for name, layer in LAYERS.items():
        values, dims = getattr(results.record, name), layer.dims
        if dims[-1] == "run" and values.shape[-1] != results.runs:
            values, dims = values[..., 0], dims[:-1]
        variables[name] = (dims, values.copy(), {"units": layer.unit, "long_name": layer.about})
    return xr.Dataset(variables, coordinates(results), attributes(results))


def coordinates(results: Results) -> dict[str, Any]:
    """Coordinates of every axis; `unit` runs along the indicators."""
    labels = {dim: (dim, np.array(results.names.along(dim), dtype=object)) for dim in AXES}
    return {
        "date": ("date", results.dates.astype("datetime64[ns]")),
        "run": ("run", np.arange(results.first_run, results.first_run + results.runs)),
        **labels,
        "unit": ("indicator", np.array(results.names.indicator_units, dtype=object)),
    }


def attributes(results: Results) -> dict[str, Any]:
    """Where the numbers come from."""
    return {
        "title": results.title,
        "scenario": results.scenario.name,
        "set": wording.settings(results.scenario.values),
        "scenario_sha256": results.scenario.sha256,
        "seed": results.seed,
        "runs": results.runs,
        "first_run": results.first_run,
    }
