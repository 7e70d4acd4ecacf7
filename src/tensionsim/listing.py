"""Listing: what there is to work with, as tables: scenarios, moves, mechanisms, parameters.

Named `list_...`, as `tensionsim.moves` and `tensionsim.mechanisms` are the modules that the tables are made from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensionsim import mechanisms, moves
from tensionsim.moves import ANYONE, Shift
from tensionsim.scenario import load
from tensionsim.scenario.files import shipped_names
from tensionsim.world import parameters

if TYPE_CHECKING:
    import pandas as pd


def list_scenarios() -> pd.DataFrame:
    """The shipped scenarios: name by title, start, end, step, outlooks.

    Examples
    --------
    >>> import tensionsim as ts
    >>> ts.list_scenarios().loc["trump2-petro-2025", "title"]
    "Trump's second term and Petro"
    """
    import pandas as pd

    scenarios = [load(name) for name in shipped_names()]
    rows = {
        "title": [one.title for one in scenarios],
        "start": pd.to_datetime([one.file.start for one in scenarios]),
        "end": pd.to_datetime([one.file.end for one in scenarios]),
        "step": [one.file.step for one in scenarios],
        "outlooks": [", ".join(one.outlook_names) for one in scenarios],
    }
    return pd.DataFrame(rows, index=pd.Index([one.name for one in scenarios], name="scenario"))


def list_moves(*, actor: str | None = None, target: str | None = None, issue: str | None = None) -> pd.DataFrame:
    """The moves of the shipped catalogue, friendliest first: name by score, code, who can make it, what follows.

    Parameters
    ----------
    actor, target, issue
        Only moves that this actor can make, towards this target, on this issue.

    Examples
    --------
    >>> import tensionsim as ts
    >>> table = ts.list_moves(actor="washington", issue="migration")
    >>> float(table.loc["threaten_tariffs", "goldstein"])
    -5.8
    """
    import pandas as pd

    found = [
        one
        for one in sorted(moves.shipped().moves.values(), key=lambda one: -one.goldstein)
        if _admits(one.actors, actor) and _admits(one.targets, target) and _admits(one.issues, issue)
    ]
    plain = ("goldstein", "cameo", "kind", "track", "frequency", "description")
    named = ("actors", "targets", "issues", "begins", "ends")
    rows = {key: [getattr(one, key) for one in found] for key in plain}
    rows |= {key: [_names(getattr(one, key)) for one in found] for key in named}
    rows["shifts"] = ["; ".join(_shifted(shift) for shift in one.shifts) for one in found]
    order = [*plain[:-1], *named, "shifts", "description"]
    return pd.DataFrame(rows, index=pd.Index([one.name for one in found], name="move"), columns=order)


def list_mechanisms() -> pd.DataFrame:
    """The mechanisms: name by summary, equation of its contribution to direction, source, claims.

    Examples
    --------
    >>> import tensionsim as ts
    >>> ts.list_mechanisms().loc["inertia", "summary"]
    'goes on as it has gone'
    """
    import pandas as pd

    found = mechanisms.ALL
    rows = {
        "summary": [one.summary for one in found],
        "equation": [one.equation for one in found],
        "source": [one.source for one in found],
        "claims": [_names(one.claims) for one in found],
    }
    return pd.DataFrame(rows, index=pd.Index([one.name for one in found], name="mechanism"))


def list_parameters() -> pd.DataFrame:
    """The parameters of mechanisms and engine: path by default, low, high, unit, description.

    The path is what `Scenario.with_values`, `load(set=...)` and `--set` take.

    Examples
    --------
    >>> import tensionsim as ts
    >>> float(ts.list_parameters().loc["parameters.technical_weight", "default"])
    0.5
    """
    import pandas as pd

    found = {
        f"mechanisms.{name}.{key}": one
        for name, values in mechanisms.catalogue().items()
        for key, one in values.items()
    } | {f"parameters.{key}": one for key, one in parameters.catalogue().items()}
    rows = {
        "default": [one.default for one in found.values()],
        "low": [one.low for one in found.values()],
        "high": [one.high for one in found.values()],
        "unit": [one.unit for one in found.values()],
        "description": [one.description for one in found.values()],
    }
    return pd.DataFrame(rows, index=pd.Index(list(found), name="path"))


def _admits(names: tuple[str, ...], name: str | None) -> bool:
    return name is None or names == ANYONE or name in names


def _names(names: tuple[str, ...]) -> str:
    return "any" if names == ANYONE else ", ".join(names)


def _shifted(shift: Shift) -> str:
    amount = f"{100 * shift.amount:+g}%" if shift.is_relative else f"{shift.amount:+g}"
    return f"{shift.quantity} {amount}"
