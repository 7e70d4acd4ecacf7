"""Watching: the indicators of a scenario as the arrays that the engine advances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tensionsim.engine.conditions import channel_rows
from tensionsim.scenario.quantities import months
from tensionsim.scenario.schema import Driver, Indicator, ScenarioFile
from tensionsim.world.arrangements import Registry
from tensionsim.world.channels import Channels, Floats, Ints
from tensionsim.world.indicators import HIGHEST, Drive, Indicators
from tensionsim.world.memory import kept
from tensionsim.world.settings import Names


def watched(file: ScenarioFile, names: Names, channels: Channels, registry: Registry, dt_months: float) -> Indicators:
    """The indicators of a file."""
    entries = tuple(file.indicators.values())
    half_lives = [np.inf if one.half_life is None else months(one.half_life) for one in entries]
    responsible = [-1 if one.responsible is None else names.actors.index(one.responsible) for one in entries]
    return Indicators(
        names=names.indicators,
        units=tuple(one.unit for one in entries),
        reference=_column([one.reference for one in entries]),
        issue=np.array([names.issues.index(one.issue) for one in entries], np.int64),
        responsible=np.array(responsible, np.int64),
        blamed=tuple(_blamed(one, names, channels) for one in entries),
        is_relative=np.array([one.scale == "relative" for one in entries], bool),
        return_keep=kept(_column(half_lives), dt_months),
        floor=_column([one.floor for one in entries]),
        ceiling=_column([HIGHEST if one.ceiling is None else one.ceiling for one in entries]),
        drives=tuple(
            tuple(
                _drive(f"indicators.{name}.driven_by.{row}.effect", driver, names, channels, registry)
                for row, driver in enumerate(one.driven_by)
            )
            for name, one in file.indicators.items()
        ),
    )


def _blamed(one: Indicator, names: Names, channels: Channels) -> Ints:
    """Rows of the channels of the indicator's issue towards who is responsible, or between all where nobody is."""
    on_issue = channels.issue == names.issues.index(one.issue)
    if one.responsible is None:
        return np.flatnonzero(on_issue)
    return np.flatnonzero(on_issue & (channels.target == names.actors.index(one.responsible)))


def _column(values: Sequence[float]) -> Floats:
    return np.array(values, np.float64).reshape(-1, 1)


def _drive(path: str, driver: Driver, names: Names, channels: Channels, registry: Registry) -> Drive:
    if driver.indicator is not None:
        return Drive("indicator", np.array([names.indicators.index(driver.indicator)]), False, path)
    if driver.arrangement is not None:
        rows = [row for row, one in enumerate(registry.rows) if one.kind == driver.arrangement]
        return Drive("arrangement", np.array(rows, np.int64), False, path)
    rows = channel_rows(channels, str(driver.conduct), driver.issue, None)
    return Drive("conduct", np.array(rows, np.int64), driver.hostile, path)
