"""Arguments: the numbers that callers give, checked before anything is made of them."""

from __future__ import annotations

import operator


def whole(name: str, value: object, *, least: int = 0) -> int:
    """The whole number that `value` is.

    Raises
    ------
    TypeError
        If it is no whole number, but True, 2.5 or "7"; those of NumPy are.
    ValueError
        If it is below `least`.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a whole number >= {least}; got {value!r}")
    number = operator.index(value)
    if number < least:
        raise ValueError(f"{name} must be >= {least}; got {number}")
    return number
