"""Code of a researcher's own, as provenance names it: where it is defined, with which arguments, and a hash of it."""

from __future__ import annotations

import dis
import hashlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from tensionsim.errors import TensionSimError
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.parameters import Parameter
from tensionsim.model.structure import Floats

OURS = ("tensionsim", "mesa")
"""Packages whose code a version stands for."""

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)

MADE_OF: tuple[tuple[type, tuple[str, ...]], ...] = (
    (CodeType, ("co_code", "co_names", "co_varnames", "co_consts")),
    (FunctionType, ("__code__", "__defaults__", "__kwdefaults__", "__closure__")),
    (CellType, ("cell_contents",)),
    (MethodType, ("__func__",)),
    (classmethod, ("__func__",)),
    (staticmethod, ("__func__",)),
    (property, ("fget", "fset")),
    (partial, ("func", "args", "keywords")),
    (type(cache(re.compile)), ("__wrapped__",)),
    (Parameter, ("default", "low", "high")),
)
"""What makes things of these kinds what they are."""


def described(made_by: Callable[..., Any], mechanism: Mechanism | None = None) -> str:
    """A class or function, its arguments, and a hash of what it, what it inherits from and reads by name does."""
    given, found, whole = "", hashlib.sha256(), (made_by, mechanism and mechanism.parameters)
    while isinstance(made_by, partial):
        named = [repr(one) for one in made_by.args] + [f"{name}={one!r}" for name, one in made_by.keywords.items()]
        given, made_by = f"({', '.join(named)})", made_by.func
    module = getattr(made_by, "__module__", None) or "?"
    for text in _content(whole, {}, module.split(".")[0]):
        found.update(f"{text}\n".encode())
    name = f"{module}.{getattr(made_by, '__qualname__', type(made_by).__qualname__)}"
    return f"{name}{given} #{found.hexdigest()[:8]}"


def named(mechanism: Mechanism) -> str:
    """A mechanism of one's own: its name, its parameters, and its function as `described` has it."""
    parameters = ", ".join(mechanism.parameters)
    return f"mechanism {mechanism.name} ({parameters}): {described(mechanism.contribution, mechanism)}"


def absent(said: Sequence[str]) -> tuple[Mechanism, ...]:
    """What stands for the mechanisms among code that was `named` where their functions are not there."""
    found = []
    for match in filter(None, (re.match(r"mechanism (\w+) \((.*?)\): ", text) for text in said)):
        parameters = {name: Parameter(0.0, -np.inf, np.inf) for name in match[2].split(", ") if name}
        found.append(Mechanism(match[1], partial(_absent, match[1]), parameters))
    return tuple(found)


def _absent(name: str, *_: object) -> Floats:
    raise TensionSimError(
        f"the mechanism {name} is code of your own, which a folder does not hold; pass it again: mechanisms=[...]"
    )


def _content(value: Any, seen: dict[int, Any], home: str) -> Iterator[str]:
    """What makes something what it is, in texts that are the same in every process; `seen` keeps what it counted."""
    yield repr(value) if isinstance(value, PLAIN) else type(value).__qualname__
    if isinstance(value, PLAIN) or id(value) in seen:
        return
    seen[id(value)] = value
    parts: Any = [getattr(value, name) for kind, names in MADE_OF for name in names if isinstance(value, kind)]
    if isinstance(value, type | FunctionType) and _is_installed(value.__module__, home):
        parts = (value.__module__, value.__qualname__)
    elif isinstance(value, type):
        own = [(name, one) for name, one in vars(value).items() if callable(one) or not name.startswith("__")]
        parts = (value.__qualname__, *value.__bases__, *own)
    elif isinstance(value, FunctionType):
        parts += _read_by(value.__code__, value.__globals__, home)
    elif isinstance(value, Mapping):
        parts = sorted(value.items(), key=repr)
    elif isinstance(value, set | frozenset):
        parts = sorted("".join(_content(one, seen, home)) for one in value)
    elif isinstance(value, np.ndarray):
        parts = (value.shape, value.tolist())
    elif isinstance(value, list | tuple):
        parts = value
    for part in parts:
        yield from _content(part, seen, home)


def _read_by(code: CodeType, there: Mapping[str, Any], home: str) -> list[tuple[str, Any]]:
    """What code reads of its module by name, and of modules that are not installed what it may read, each sorted."""
    names = {one.argval for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    found = [(name, there[name]) for name in sorted(names & there.keys())]
    for module in [one for _, one in found if isinstance(one, ModuleType) and not _is_installed(one.__name__, home)]:
        found += [(name, vars(module)[name]) for name in sorted({*code.co_names} & vars(module).keys())]
    within = [one for one in code.co_consts if isinstance(one, CodeType)]
    return found + [each for one in within for each in _read_by(one, there, home)]


def _is_installed(module: str | None, home: str) -> bool:
    """Whether a module is of Python itself, of ours or of a package that was installed, other than the code's own."""
    top = (module or "?").split(".")[0]
    place = getattr(sys.modules.get(top), "__file__", None) or ""
    return top in OURS or top in sys.stdlib_module_names or (top != home and "-packages" in place)
