"""Arguments: the numbers that callers give, checked before anything is made of them."""

from __future__ import annotations

import operator


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
