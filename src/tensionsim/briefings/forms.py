"""Forms: how a value of a table is written in a sentence. What is written depends on the value alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

Value = float | int | str

FIXED = "\u00a0"
"""A space at which no line breaks."""

MINUS = "\u2212"


def percent(value: Value) -> str:
    """A share as per cent, with a decimal near none and all."""
    share = float(value)
    shown = f"{100 * share:.1f}" if 0.0 < share < 0.05 or 0.95 < share < 1.0 else f"{100 * share:.0f}"
    if share > 0.0 and shown == "0.0":
        return f"under 0.1{FIXED}%"
    if share < 1.0 and shown == "100.0":
        return f"over 99.9{FIXED}%"
    return f"{shown}{FIXED}%"


def _counted(shown: str, one: str, more: str) -> str:
    return f"{shown}{FIXED}{one if shown == '1' else more}"


def percentage_points(value: Value) -> str:
    """The size of a difference of shares."""
    size = abs(100 * float(value))
    shown = f"{size:.1f}" if size < 2.0 else f"{size:.0f}"
    return _counted(shown, "percentage point", "percentage points")


def points(value: Value) -> str:
    """The size of a difference of the index."""
    return _counted(f"{abs(float(value)):.1f}", "point", "points")


def size(value: Value) -> str:
    """A number without its sign, to one decimal."""
    return f"{abs(float(value)):.1f}"


def signed(value: Value) -> str:
    """A number with its sign, to one decimal; zero has none."""
    text = f"{float(value):+.1f}".replace("-", MINUS)
    return "0.0" if text[1:] == "0.0" else text


def whole(value: Value) -> str:
    """A number of the index, without decimals."""
    text = f"{float(value):.0f}"
    return "0" if text == "-0" else text


def count(value: Value) -> str:
    """A whole number, thousands parted."""
    return f"{int(value):,}"


def runs(value: Value) -> str:
    """A number of runs."""
    return _counted(f"{int(value):,}", "run", "runs")


def months(value: Value) -> str:
    """A time in months: to one decimal, without one where it is a whole number."""
    return _counted(f"{float(value):.1f}".removesuffix(".0"), "month", "months")


def date(value: Value) -> str:
    """An ISO date, as in `7 August 2026`."""
    day = dt.date.fromisoformat(str(value))
    return f"{day.day}{FIXED}{day:%B}{FIXED}{day.year}"


def two_decimals(value: Value) -> str:
    """A number to two decimals."""
    return f"{float(value):.2f}"


def signed_two(value: Value) -> str:
    """A number to two decimals with its sign; zero has none."""
    text = f"{float(value):+.2f}".replace("-", MINUS)
    return "0.00" if text[1:] == "0.00" else text


def figure(value: Value) -> str:
    """A bound as people write it."""
    return f"{float(value):,.10g}".replace("-", MINUS)


def at_least(value: Value) -> str:
    """The least whole number above a bound."""
    return f"{int(float(value) // 1) + 1:,}"


def at_most(value: Value) -> str:
    """The greatest whole number below a bound."""
    return f"{-int(-float(value) // 1) - 1:,}"


def text(value: Value) -> str:
    """Words as they are."""
    return str(value)


def emphasis(value: Value) -> str:
    """A text that pages set apart: the name of an outlook."""
    return str(value)


def short_hash(value: Value) -> str:
    """The first letters of a hash, which tell two scenarios apart."""
    return str(value)[:12]


_EVERY: tuple[Callable[[Value], str], ...] = (
    percent, percentage_points, points, size, signed, whole, count, runs, months,
    date, two_decimals, signed_two, figure, at_least, at_most, text, emphasis, short_hash,
)  # fmt: skip

FORMS: Mapping[str, Callable[[Value], str]] = MappingProxyType({form.__name__: form for form in _EVERY})
"""Forms by name."""
