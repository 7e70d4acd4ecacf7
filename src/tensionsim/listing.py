"""Listing: what there is to work with, as tables: scenarios, moves, mechanisms, parameters.

Named `list_...`, to tell the tables from what they are made of.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.errors import TensionSimError
from tensionsim.model.catalogue import ANYONE, Move, shipped
from tensionsim.model.mechanisms import MECHANISMS, mechanism_parameters
from tensionsim.model.parameters import ENGINE
from tensionsim.scenario.files import shipped_names
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.scenario import Scenario, load, scenario_of
from tensionsim.scenario.yaml_tree import listed, meant, quoted

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


def list_moves(
    *,
    actor: str | None = None,
    target: str | None = None,
    issue: str | None = None,
    scenario: Scenario | str | Path | None = None,
) -> pd.DataFrame:
    """The moves that actors can make, most hostile first: name by score, code, who can make it, what follows.

    Parameters
    ----------
    actor, target, issue
        Only moves that this actor can make, towards this target, on this issue.
    scenario
        A Scenario, a path, or the name of a shipped scenario: its actors, issues and repertoires, and its own moves
        beside those of the shipped catalogue, which is what is listed without it.

    Raises
    ------
    TensionSimError
        If there is no such actor or issue.

    Examples
    --------
    >>> import tensionsim as ts
    >>> table = ts.list_moves(actor="washington", issue="migration")
    >>> float(table.loc["threaten_tariffs", "goldstein"])
    -5.8
    """
    import pandas as pd

    found = moves_of(scenario, actor=actor, target=target, issue=issue)
    plain = ("goldstein", "cameo", "kind", "track", "frequency", "answers", "description")
    named = ("actors", "targets", "issues", "begins", "ends", "needs", "raises", "withdraws", "barred_by")
    rows = {key: [getattr(one, key) for one in found] for key in plain}
    rows |= {key: [_names(getattr(one, key)) for one in found] for key in named}
    rows["shifts"] = [
        "; ".join(
            f"{each.quantity} {100 * each.amount:+g}%" if each.is_relative else f"{each.quantity} {each.amount:+g}"
            for each in one.shifts
        )
        for one in found
    ]
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

    rows = {key: [getattr(one, key) for one in MECHANISMS] for key in ("summary", "equation", "source")}
    rows["claims"] = [_names(one.claims) for one in MECHANISMS]
    return pd.DataFrame(rows, index=pd.Index([one.name for one in MECHANISMS], name="mechanism"))


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
        for name, values in mechanism_parameters().items()
        for key, one in values.items()
    } | {f"parameters.{key}": one for key, one in ENGINE.items()}
    columns = ("default", "low", "high", "unit", "description")
    rows = {column: [getattr(one, column) for one in found.values()] for column in columns}
    return pd.DataFrame(rows, index=pd.Index(list(found), name="path"))


def moves_of(
    scenario: Scenario | str | Path | None, *, actor: str | None, target: str | None, issue: str | None
) -> list[Move]:
    """The moves that `list_moves` lists, in its order."""
    if scenario is None:
        moves, repertoires = shipped().moves, dict[str, list[str] | None]()
        scopes = [(*one.actors, *one.targets) for one in moves.values()]
        actors = dict.fromkeys(name for scope in scopes for name in scope if (name,) != ANYONE)
        issues = dict.fromkeys(name for one in moves.values() for name in one.issues if (name,) != ANYONE)
    else:
        file = scenario_of(scenario).file
        moves = catalogue_of(file.moves, file.arrangement_kinds).moves
        repertoires = {name: one.repertoire for name, one in file.actors.items()}
        actors, issues = dict.fromkeys(file.actors), dict.fromkeys(file.issues)
    for kind, name, known in (("actor", actor, actors), ("target", target, actors), ("issue", issue, issues)):
        if name is not None and name not in known:
            more = "" if scenario is not None else "; name the scenario that has others"
            hint = meant(name, known) or f"; there is {listed(known)}{more}"
            raise TensionSimError(f"no {kind} {quoted(name)}{hint}")

    def is_open(move: Move) -> bool:
        """Whether some actor asked about can make the move, towards some other, on some issue."""
        able = [name for name in ([actor] if actor else actors) if move.name in (repertoires.get(name) or (move.name,))]
        ways = product(able, [target] if target else actors, [issue] if issue else issues)
        has_partner = scenario is None or move.has_partner(len(actors), moves.values())
        return has_partner and any(one != other and move.can_be_made(one, other, on) for one, other, on in ways)

    return sorted(filter(is_open, moves.values()), key=lambda one: (one.goldstein, one.name))


def _names(names: tuple[str, ...]) -> str:
    return "any" if names == ANYONE else ", ".join(names)
