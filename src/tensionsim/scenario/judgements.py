"""Judgements brought in: experts' quantiles pooled, and rank correlations.

A CSV that a scenario names is read where the file is read, and its outcome stands in the tree from then on, so that the
resolved text runs without it.

References
----------
Cooke, R. M. (1991). Experts in Uncertainty: Opinion and Subjective Probability in Science. Oxford University Press.
Genest, C. & Zidek, J. V. (1986). Combining probability distributions: a critique and an annotated bibliography.
Statistical Science 1(1), 114-148.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tensionsim.model.structure import Floats
from tensionsim.scenario import yaml_tree
from tensionsim.scenario.files import NamedFile, Row, read, rows_of_text
from tensionsim.scenario.paths import parse_path
from tensionsim.scenario.quantities import ESTIMATE, OVERSHOOT, QUANTILES, as_shares, parse
from tensionsim.scenario.schema import Correlation, Distribution
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import LARGEST, Node, Report, SourceLocation, from_plain, listed, meant, quoted

PANEL = {"experts", "question", "pool", "range", ESTIMATE}
"""Keys of a number that is pooled from a CSV."""

SINGULAR = 1e-9
"""Eigenvalues of correlations that hold together are above it."""

AT = " at 5, 50 and 95 %"
"""How the quantiles that `check` shows are called."""


class Judgement(NamedTuple):
    """What an expert said: values by percentages, both rising; a weight of 0 or more."""

    expert: str
    weight: float
    shares: tuple[float, ...]
    values: tuple[float, ...]


def pooled(
    experts: Sequence[Judgement], pool: str = "linear", within: tuple[float, float] | None = None
) -> dict[str, float]:
    """The quantiles 0, 1, .. 100 of several experts' judgements together; ValueError where nothing is left of them.

    The linear pool is the weighted mean of their distribution functions, the logarithmic one the weighted geometric
    mean of their densities, normalised. Between an expert's quantiles all values are equally likely. Assumption: where
    ends are not told, all experts have the same, a tenth of the span of all values beyond them, or those of `within`
    (the intrinsic range of Cooke's classical model), so that nobody's silence rules out what another holds possible.
    """
    ends = [end for one in experts for end in (one.values[0], one.values[-1])]
    beyond = OVERSHOOT * (max(ends) - min(ends))
    low, high = within or (min(ends) - beyond, max(ends) + beyond)
    weights = np.array([[one.weight] for one in experts])
    if not weights.any():
        raise ValueError("no expert has a weight above 0")
    if min(ends) < low or max(ends) > high:
        raise ValueError(f"the experts' values go from {min(ends):g} to {max(ends):g}, beyond `range`")
    weights = weights / weights.sum()
    told = [dict(zip(one.values, one.shares, strict=True)) for one in experts]
    curves = [{low: 0.0, **values, high: 100.0} | {low: 0.0} for values in told]
    knots = np.unique([value for curve in curves for value in curve])
    masses = np.diff([np.interp(knots, [*curve], [*curve.values()]) for curve in curves])
    if pool == "linear":
        together = (weights * masses).sum(axis=0)
    else:
        widths = np.diff(knots)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(weights > 0.0, weights * np.log(masses / widths), 0.0).sum(axis=0)
        if np.isinf(logs.max()):
            raise ValueError("no value is possible to all experts, so that a logarithmic pool leaves nothing")
        together = np.exp(logs - logs.max()) * widths
    held = np.flatnonzero(together)
    knots, together = knots[held[0] : held[-1] + 2], together[held[0] : held[-1] + 1]
    reached = np.concatenate([[0.0], 100.0 * np.cumsum(together) / together.sum()])
    return {f"{share}": float(f"{np.interp(share, reached, knots):.10g}") for share in range(101)}


def with_tables(node: Node, report: Report) -> Node:
    """A node with the judgements of the CSVs that are named below it; what cannot be read is noted."""
    if node.is_list:
        parts = (with_tables(one, report) if isinstance(one.value, (dict, tuple)) else one for one in node.items)
        return Node(tuple(parts), node.location)
    if not node.is_mapping:
        return node
    if (node.child("experts").text or "").lower().endswith(".csv") and node.by_key.keys() <= PANEL:
        return _quantiles(node, report)
    for key, one in node.by_key.items():
        if (found := with_tables(one, report)) is not one:
            node = node.with_entry(key, found, one.location)
    return node


def _quantiles(node: Node, report: Report) -> Node:
    before, nothing = len(report), Node(None, node.location, "*")
    given, where = check(node, Distribution, report), node.by_key["experts"].location
    if given is None or given.experts is None:
        return nothing
    experts, pool = _experts(given.experts, given.question, where, report), given.pool or "linear"
    if len(report) > before:
        return nothing
    try:
        found = pooled(experts, pool, given.range)
    except ValueError as fault:
        report.add(where, f"{quoted(given.experts)}: {fault}")
        return nothing
    said = {one.expert: dict(zip(one.shares, one.values, strict=True)) for one in experts} | {"together": found}
    told = "; ".join(f"{name} {parse({QUANTILES: values})}".removesuffix(AT) for name, values in said.items())
    report.notes.append(f"{where}: {Path(given.experts).name}, {pool} pool of {len(experts)}{AT}: {told}")
    values: dict[str, object] = {QUANTILES: found} | ({} if given.estimate is None else {ESTIMATE: given.estimate})
    return from_plain(values, node.location, report)


def rows_of(name: str, where: SourceLocation, report: Report, others: Iterable[str] = ()) -> list[Row]:
    """The rows of a CSV beside the file that names it; its faults are noted. others : words instead of its name."""
    path = Path(where.source.name).parent / name
    if not os.path.exists(path):
        tables = path.parent.glob("*.csv") if os.path.isdir(path.parent) else ()
        beside = [*others, *(one.name for one in tables)]
        report.add(where, f"there is no file '{yaml_tree.printable(str(path))}'{meant(path.name, beside)}")
        return []
    before, text = len(report), read(NamedFile(path, str(path), "table"), where, 0, report)
    found = rows_of_text(*text, report) if text else []
    if not found and len(report) == before:
        report.add(where, f"{quoted(name)} has no rows")
    return found


def cell_number(row: Row, column: str, low: float, high: float, report: Report) -> float:
    """The number in a column of a row, from low to high; not a number if it is none, which is noted, or not there."""
    place, cells = row
    try:
        value = float(cells.get(column, "nan"))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        if column in cells:
            report.add(place, f"{column} is {quoted(cells[column])}; use a number in {low:g}..{high:g}")
        return math.nan
    return value


def _experts(name: str, question: str | None, where: SourceLocation, report: Report) -> list[Judgement]:
    if not (rows := rows_of(name, where, report)):
        return []
    (head, columns), *_ = rows
    others = columns.keys() - {"expert", "weight", "question"}
    shares = [one for one in columns if one.replace(".", "", 1).isdecimal() and float(one) <= 100.0]
    if "expert" not in columns or len(shares) < max(2, len(others)):
        words = "columns are expert, percentages like 5, 50 and 95, and perhaps weight and question"
        report.add(SourceLocation(head.source, 1, 1), f"{words}; found {[*columns]}")
    elif slip := as_shares(map(float, shares)):
        report.add(SourceLocation(head.source, 1, 1), slip)
    asked = list(dict.fromkeys(row.get("question", "") for _, row in rows))
    is_told = question in asked or (question is None and len(asked) == 1)
    if not is_told:
        report.add(where, f"{quoted(name)} answers {listed(asked)}; name its `question`")
    found: list[Judgement] = []
    for place, row in rows:
        if row.get("question", "") != (question or asked[0]) and is_told:
            continue
        weight = cell_number((place, {"weight": "1", **row}), "weight", 0.0, LARGEST, report)
        said = sorted((one for one in shares if row.get(one)), key=float)
        values = tuple(cell_number((place, row), one, -LARGEST, LARGEST, report) for one in said)
        if len(values) < min(2, len(shares)) or any(a >= b for a, b in pairwise(values)):
            report.add(place, f"an expert's values are two or more and rise with their percentages; found {values}")
        if is_told and any(one.expert == row.get("expert") for one in found):
            report.add(place, f"expert {quoted(row['expert'])} stands there twice")
        found.append(Judgement(row.get("expert", ""), weight, tuple(map(float, said)), values))
    return found


def copula(correlations: Sequence[Correlation]) -> tuple[tuple[str, ...], Floats]:
    """Paths of correlated numbers, and the lower root of the correlations of the normals behind their draws.

    Spearman's rank correlation rho is that of a Gaussian copula with Pearson's 2 sin(pi rho / 6).
    """
    pairs = [tuple(".".join(parse_path(text)) for text in one.between) for one in correlations]
    names = tuple(dict.fromkeys(name for pair in pairs for name in pair))
    matrix = np.eye(len(names))
    for pair, one in zip(pairs, correlations, strict=True):
        row, column = map(names.index, pair)
        matrix[row, column] = matrix[column, row] = 2.0 * math.sin(math.pi * one.rank / 6.0)
    values, vectors = np.linalg.eigh(matrix)
    if names and values[0] < SINGULAR:
        torn = listed(name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > SINGULAR)
        words = "cannot hold together (their matrix is not positive definite); bring one nearer to what others imply"
        raise ValueError(f"the correlations of {torn} {words}")
    return names, np.linalg.cholesky(matrix).astype(np.float64)


def coupled(uniforms: Floats, root: Floats) -> Floats:
    """Uniforms with the correlations of a Gaussian copula, made of independent ones; shape (number, run)."""
    from scipy.special import ndtr, ndtri

    # A product of matrices may depend on how many runs there are; sums in one order do not.
    normals: Floats = (root[:, :, None] * ndtri(uniforms)).sum(axis=1)
    joined: Floats = np.clip(ndtr(normals), 2.0**-53, 1.0 - 2.0**-53)
    return joined
