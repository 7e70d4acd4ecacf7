"""Quantities with units as people write them: durations, chances, growth, bounds, channels, dates.

Pure functions from text to numbers. A text that means nothing raises ValueError with a message that says
what is allowed; the loader adds where it stands. A month is a twelfth of a year, a week 12/52, a day
12/365 of a month.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from typing import NamedTuple

MONTHS_PER_UNIT = {"day": 12.0 / 365.0, "week": 12.0 / 52.0, "month": 1.0, "year": 12.0}
"""Length in months of the units of time."""

FIRST_YEAR, LAST_YEAR = 1800, 2200

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_UNIT = r"(day|week|month|year)s?"
_DURATION = re.compile(rf"\s*({_NUMBER})\s+{_UNIT}\s*")
_RATE = re.compile(rf"\s*({_NUMBER})\s*(%)?\s+(?:per|a|an)\s+{_UNIT}\s*")
_BOUND = re.compile(rf"\s*(above|below)\s+({_NUMBER})\s*")
_PAIR = re.compile(r"\s*(\S+)\s+->\s+(\S+)\s*")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SHIFT = re.compile(rf"\s*({_NUMBER})\s*%\s*")


class Bound(NamedTuple):
    """What a value must lie above or below."""

    above: float | None = None
    below: float | None = None


def months(text: str) -> float:
    """Months of a duration, a number with a unit of time.

    >>> months("6 months"), months("2 years")
    (6.0, 24.0)
    """
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(
            f"{text!r} is not a duration; write a number and days, weeks, months or years, like '6 months'"
        )
    length = float(found[1]) * MONTHS_PER_UNIT[found[2]]
    if not 0 < length <= 12_000:
        raise ValueError(f"{text!r} is not a duration above 0 and up to 1000 years")
    return length


def chance_per_step(chance: float | str, step_months: float) -> float:
    """Probability in one step of `step_months` that a rule's chance means.

    A number is the probability of a step, however long. "0.3 per month" is the probability within a
    month: a shorter step has less of it, so that many steps come to the same.

    >>> chance_per_step(0.3, 0.25), round(chance_per_step("0.75 per month", 0.5), 9)
    (0.3, 0.5)
    """
    if not isinstance(chance, str):
        return float(chance)
    found = _RATE.fullmatch(chance)
    if not found:
        raise ValueError(
            f"{chance!r} is not a chance; write a number in 0..1, or one with a unit, like '0.3 per month'"
        )
    share = float(found[1]) / (100.0 if found[2] else 1.0)
    if not 0 <= share <= 1:
        raise ValueError(
            f"{chance!r} is not a chance: {found[1]}{found[2] or ''} lies outside {'0..100 %' if found[2] else '0..1'}"
        )
    kept: float = (1.0 - share) ** (step_months / MONTHS_PER_UNIT[found[3]])
    return 1.0 - kept


def growth_per_month(growth: float | str) -> float:
    """Relative change over one month; (1 + it) ** months is the factor over a span.

    A number is the change a month. With a unit it compounds to what is said: "5 % per year" is
    1.05 ** (1 / 12) - 1.

    >>> growth_per_month(0.01), growth_per_month("0.01 per month")
    (0.01, 0.01)
    """
    if not isinstance(growth, str):
        return float(growth)
    found = _RATE.fullmatch(growth)
    if not found:
        raise ValueError(f"{growth!r} is not a growth rate; write one like '0.01 per month' or '5 % per year'")
    change = float(found[1]) / (100.0 if found[2] else 1.0)
    if not -1 < change <= 10:
        raise ValueError(f"{growth!r} is not a growth rate above -100 % and up to 1000 %")
    unit = MONTHS_PER_UNIT[found[3]]
    per_month: float = change if unit == 1.0 else (1.0 + change) ** (1.0 / unit) - 1.0
    if not -1 < per_month <= 10:
        raise ValueError(f"{growth!r} is not a growth rate above -100 % and up to 1000 % a month")
    return per_month


def bound(text: str) -> Bound:
    """The bound that "below 35" or "above 50" means."""
    found = _BOUND.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a bound; write 'below 35' or 'above 50'")
    limit = float(found[2])
    if not math.isfinite(limit):
        raise ValueError(f"{text!r} is not a bound: the number is too large")
    return Bound(above=limit) if found[1] == "above" else Bound(below=limit)


def pair(text: str) -> tuple[str, str]:
    """The two names of "a -> b": who acts, towards whom."""
    found = _PAIR.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a direction; write 'a -> b', who acts and towards whom")
    return found[1], found[2]


def shift(text: str) -> float:
    """The share that a shift like "-2%" means: -0.02."""
    found = _SHIFT.fullmatch(text)
    if not found or not math.isfinite(float(found[1])):
        raise ValueError(f"{text!r} is not a shift; write a number, like 0.05, or a percentage, like '-2%'")
    return float(found[1]) / 100.0


def parse_date(text: str) -> dt.date:
    """The date of an ISO text such as 2025-01-20."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a date; write year-month-day, like 2025-01-20")
    year, month, day = (int(part) for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{text} is not a date in {FIRST_YEAR}..{LAST_YEAR}")
    if not 1 <= month <= 12:
        raise ValueError(f"{text} is not a date: there is no month {month}")
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise ValueError(f"{text} is not a date: {calendar.month_name[month]} {year} has {days} days")
    return dt.date(year, month, day)


Keys = tuple[str, ...]

ANY = "*"

_QUOTED = re.compile(r"""(?:"([^"]*)"|'([^']*)')(?:\.|$)""")
_BARE = re.compile(r"([^.]+)(?:\.|$)")


class NoPath(Exception):
    """A path leads nowhere. The text is what to say after "no such path"."""


def parse(text: str) -> Keys:
    """The keys of a dotted path.

    >>> parse('actors.washington.rules."america first 2.0".chance')
    ('actors', 'washington', 'rules', 'america first 2.0', 'chance')
    """
    keys: list[str] = []
    position = 0
    while position < len(text):
        found = _QUOTED.match(text, position) or _BARE.match(text, position)
        if not found:
            raise NoPath(f"a key is missing at character {position + 1}")
        keys.append(next(group for group in found.groups() if group is not None).strip())
        position = found.end()
    if not keys or not all(keys) or text.endswith("."):
        raise NoPath("it is empty" if not keys else "a key is missing between its dots")
    return tuple(keys)
