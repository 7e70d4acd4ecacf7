"""Code of a researcher's own, as provenance names it: where it is defined, with which arguments, and a hash of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from tensionsim.errors import TensionSimError
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.parameters import Parameter
from tensionsim.model.structure import Floats

OURS = ("tensionsim", "mesa", "builtins")
"""Packages whose code a version stands for."""

PLAIN = (bool, int, float, complex, str, bytes, type(None))

MADE_OF: tuple[tuple[type, tuple[str, ...]], ...] = (
    (CodeType, ("co_code", "co_names", "co_varnames", "co_consts")),
    (FunctionType, ("__code__", "__defaults__", "__kwdefaults__", "__closure__")),
    (CellType, ("cell_contents",)),
    (MethodType, ("__func__",)),
    (classmethod, ("__func__",)),
    (staticmethod, ("__func__",)),
    (property, ("fget", "fset")),
    (partial, ("func", "args", "keywords")),
    (Parameter, ("default", "low", "high")),
)
"""What makes things of these kinds what they are."""


def described(made_by: Callable[..., Any], mechanism: Mechanism | None = None) -> str:
    """A class or a function, with the arguments that it is given, and a hash that changes with what it does.

    Of other code that it calls, only the classes that it inherits from count.
    """
    given, found = "", hashlib.sha256()
    for text in _content((made_by, mechanism and mechanism.parameters), set()):
        found.update(f"{text}\n".encode())
    while isinstance(made_by, partial):
        named = [repr(one) for one in made_by.args] + [f"{name}={one!r}" for name, one in made_by.keywords.items()]
        given, made_by = f"({', '.join(named)})", made_by.func
    name = f"{getattr(made_by, '__module__', '?')}.{getattr(made_by, '__qualname__', type(made_by).__qualname__)}"
    return f"{name}{given} #{found.hexdigest()[:8]}"


def named(mechanism: Mechanism) -> str:
    """A mechanism of one's own: its name, its parameters, and its function as `described` has it."""
    parameters = ", ".join(mechanism.parameters)
    return f"mechanism {mechanism.name} ({parameters}): {described(mechanism.contribution, mechanism)}"


def absent(said: Sequence[str]) -> tuple[Mechanism, ...]:
    """What stands for the mechanisms among code that was `named` where their functions are not there."""
    found = [match for text in said if (match := re.match(r"mechanism (\w+) \((.*?)\): ", text))]
    return tuple(
        Mechanism(
            match[1],
            partial(_absent, match[1]),
            {name: Parameter(0.0, -np.inf, np.inf) for name in match[2].split(", ") if name},
        )
        for match in found
    )


def _absent(name: str, *_: object) -> Floats:
    raise TensionSimError(
        f"the mechanism {name} is code of your own, which a folder does not hold; pass it again: mechanisms=[...]"
    )


def _content(value: Any, seen: set[int]) -> Iterator[str]:
    """What makes something what it is, in texts that are the same in every process."""
    yield repr(value) if isinstance(value, PLAIN) else type(value).__qualname__
    if isinstance(value, PLAIN) or id(value) in seen:
        return
    seen.add(id(value))
    parts: Any = [getattr(value, name) for kind, names in MADE_OF for name in names if isinstance(value, kind)]
    if isinstance(value, type):
        is_ours = value.__module__.split(".")[0] in OURS
        own = [(name, one) for name, one in vars(value).items() if callable(one) or not name.startswith("__")]
        parts = (value.__qualname__, *(() if is_ours else (*value.__bases__, *own)))
    elif isinstance(value, Mapping):
        parts = sorted(value.items(), key=repr)
    elif isinstance(value, set | frozenset):
        parts = sorted(text for one in value for text in _content(one, seen))
    elif isinstance(value, list | tuple):
        parts = value
    for part in parts:
        yield from _content(part, seen)
