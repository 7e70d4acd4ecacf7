"""Arguments: the numbers that callers give, checked before anything is made of them."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Collection, Iterable


def whole(name: str, value: object, *, least: int | None = 0) -> int:
    """The whole number that `value` is; `least` None allows any.

    Raises
    ------
    TypeError
        If it is no whole number, but True, 2.5 or "7"; those of NumPy are.
    ValueError
        If it is below `least`.
    """
    wanted = "a whole number" if least is None else f"a whole number >= {least}"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be {wanted}; got {value!r}")
    number = operator.index(value)
    if least is not None and number < least:
        raise ValueError(f"{name} must be {wanted}; got {number}")
    return number


def check_known(function: str, given: Iterable[str], known: Collection[str]) -> None:
    """TypeError, as Python words it, where `given` holds a keyword that a function does not know; it names the nearest.

    For functions that collect their rarer keywords in one mapping.
    """
    for word in given:
        if word not in known:
            near = difflib.get_close_matches(word, known, 1) or sorted(known)
            what = f"did you mean {near[0]!r}?" if len(near) == 1 else f"it knows {', '.join(near)}"
            raise TypeError(f"{function}() got an unexpected keyword argument {word!r}; {what}")
