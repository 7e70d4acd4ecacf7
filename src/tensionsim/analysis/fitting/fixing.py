"""Fixing: which coefficients are not fitted, because somebody said so or because nothing speaks to them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

import numpy as np

from tensionsim.errors import FitError
from tensionsim.likelihood import Coefficient, Likelihood

SHAPES = "shapes"
"""The name that means all shapes: half-lives, the tone's prior, linkage, floor."""

LEAST_INFORMATION = 1e-10


def meant(names: Sequence[str], coefficients: Collection[Coefficient]) -> set[str]:
    """Paths of the coefficients that names mean: paths, names without their room, mechanisms, or `shapes`.

    Raises
    ------
    FitError
        If a name means none of them.
    """
    known: dict[str, set[str]] = {}
    for one in coefficients:
        for word in {one.path, one.name, one.mechanism or one.name, SHAPES if one.part == "shape" else one.path}:
            known.setdefault(word, set()).add(one.path)
    found: set[str] = set()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else "there are: " + ", ".join(sorted(known))
            raise FitError(f"no coefficient {name!r}; {hint}")
        found |= known[name]
    return found


def unspoken(likelihood: Likelihood) -> set[str]:
    """Paths of the coefficients on which the likelihood does not depend: nothing in the history speaks to them."""
    values = np.maximum(likelihood.values, 1e-3)
    _, gradient, hessian = likelihood.evaluate(values)
    silent = (np.abs(gradient) <= LEAST_INFORMATION) & (np.abs(hessian).max(axis=1, initial=0.0) <= LEAST_INFORMATION)
    return {one.path for one, is_silent in zip(likelihood.coefficients, silent.tolist(), strict=True) if is_silent}


def silent_shapes(likelihood: Likelihood, shapes: Sequence[Coefficient]) -> set[str]:
    """Likewise of shapes."""
    values = np.maximum(likelihood.values, 1e-3)
    here = likelihood.value(values)
    return {one.path for one in shapes if likelihood.shaped({one.path: _moved(one)}).value(values) == here}


def _moved(one: Coefficient) -> float:
    return min(one.high, 1.5 * one.value) if one.value > 0.0 else min(one.high, 0.1)
