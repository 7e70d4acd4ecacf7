"""Quantities of a scenario: what its texts mean as numbers, the steps of its span, and numbers that are uncertain.

These are one table of families of distributions, each a few functions of the values that a file lists. A draw is
`quantile(u)` of one uniform `u` in (0, 1), so that it depends on nothing but that number. Only `beta` needs SciPy,
imported when it is used; quantiles of the normal are those of the standard library's NormalDist.
"""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from tensionsim.errors import day_of
from tensionsim.model.structure import Floats
from tensionsim.scenario.yaml_tree import Node, Report

MONTHS_PER_UNIT = {"day": 12.0 / 365.0, "week": 12.0 / 52.0, "month": 1.0, "year": 12.0}
"""Length in months of the units of time."""

NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_UNIT = r"(day|week|month|year)s?"
_DURATION = re.compile(rf"\s*({NUMBER})\s+{_UNIT}\s*")
_RATE = re.compile(rf"\s*({NUMBER})\s*(%)?\s+(?:per|a|an)\s+{_UNIT}\s*")
_BOUND = re.compile(rf"\s*(above|below)\s+({NUMBER})\s*")
_PAIR = re.compile(r"\s*(\S+)\s+->\s+(\S+)\s*")
_SHIFT = re.compile(rf"\s*({NUMBER})\s*%\s*")


class Bound(NamedTuple):
    """What a value must lie above or below."""

    above: float | None = None
    below: float | None = None


def _match(pattern: re.Pattern[str], text: str, what: str, form: str) -> re.Match[str]:
    if not (found := pattern.fullmatch(text)):
        raise ValueError(f"{text!r} is not a {what}; write {form}")
    return found


def months(text: str) -> float:
    """Months of a duration, a number with a unit of time."""
    form = "a number and days, weeks, months or years, like '6 months'"
    found = _match(_DURATION, text, "duration", form)
    length = float(found[1]) * MONTHS_PER_UNIT[found[2]]
    if not 0 < length <= 12_000:
        raise ValueError(f"{text!r} is not a duration above 0 and up to 1000 years")
    return length


def _rate(found: re.Match[str]) -> tuple[float, float]:
    """The share that "0.3 per month" or "5 % a year" has, and the months of its unit."""
    return float(found[1]) / (100.0 if found[2] else 1.0), MONTHS_PER_UNIT[found[3]]


def chance_per_step(text: str, step_months: float) -> float:
    """Probability in a step that a rule's chance means: of "0.3 per month" a shorter step has less."""
    form = "a number in 0..1, or one with a unit, like '0.3 per month'"
    share, unit = _rate(_match(_RATE, text, "chance", form))
    if not 0 <= share <= 1:
        raise ValueError(f"{text!r} is not a chance: {share:g} lies outside 0..1")
    kept: float = (1.0 - share) ** (step_months / unit)
    return 1.0 - kept


def growth_per_month(text: str) -> float:
    """Relative change over one month, which compounds to what is said: "5 % per year" is 1.05 ** (1 / 12) - 1."""
    change, unit = _rate(_match(_RATE, text, "growth rate", "one like '0.01 per month' or '5 % per year'"))
    if not -1 < change <= 10:
        raise ValueError(f"{text!r} is not a growth rate above -100 % and up to 1000 %")
    per_month: float = change if unit == 1.0 else (1.0 + change) ** (1.0 / unit) - 1.0
    if not -1 < per_month <= 10:
        raise ValueError(f"{text!r} is not a growth rate above -100 % and up to 1000 % a month")
    return per_month


def bound(text: str) -> Bound:
    """The bound that "below 35" or "above 50" means."""
    found = _match(_BOUND, text, "bound", "'below 35' or 'above 50'")
    limit = float(found[2])
    return Bound(above=limit) if found[1] == "above" else Bound(below=limit)


def pair(text: str) -> tuple[str, str]:
    """The two names of "a -> b": who acts, towards whom."""
    found = _match(_PAIR, text, "direction", "'a -> b', who acts and towards whom")
    return found[1], found[2]


def shift(text: str) -> float:
    """The share that a shift like "-2%" means: -0.02."""
    share = float(_match(_SHIFT, text, "shift", "a number, like 0.05, or a percentage, like '-2%'")[1]) / 100.0
    if not math.isfinite(share):
        raise ValueError(f"{text!r} is not a shift: the number is too large")
    return share


MOST_STEPS = 20_000
DAYS_PER_STEP = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a scenario runs, in steps of a day, a week or a month."""

    start: dt.date
    end: dt.date
    step: str

    @property
    def step_months(self) -> float:
        return MONTHS_PER_UNIT[self.step]

    @property
    def n_steps(self) -> int:
        """Number of whole steps that begin before the end."""
        steps = self.count(self.end)
        return max(0, steps + (self.at(steps) < self.end))

    def at(self, step: int) -> dt.date:
        """The date on which a step begins."""
        if self.step in DAYS_PER_STEP:
            return self.start + dt.timedelta(days=DAYS_PER_STEP[self.step] * step)
        year, month = divmod(self.start.year * 12 + self.start.month - 1 + step, 12)
        day = min(self.start.day, calendar.monthrange(year, month + 1)[1])
        return dt.date(year, month + 1, day)

    def holds(self, date: dt.date) -> bool:
        """Whether a step contains a date that is not after the end."""
        return self.start <= date <= self.end and date < self.at(self.n_steps)

    def count(self, date: dt.date) -> int:
        """How many steps after the first the one is that contains a date; below 0 for dates before."""
        if self.step in DAYS_PER_STEP:
            return (date - self.start).days // DAYS_PER_STEP[self.step]
        months = (date.year - self.start.year) * 12 + date.month - self.start.month
        return months if self.at(months) <= date else months - 1

    def snapped(self, date: dt.date) -> dt.date:
        """The beginning of the step that contains a date."""
        return self.at(self.count(date))


def date_of(node: Node) -> dt.date | None:
    """The date that a node holds; None if it holds none."""
    try:
        return day_of(node.text or "")
    except ValueError:
        return None


def span_of(tree: Node, report: Report) -> Span | None:
    """The span that a tree gives; None if it gives none, with the reason in `report` where the shape is right."""
    end_node, start_node = tree.child("end"), tree.child("start")
    start, end = date_of(start_node), date_of(end_node)
    step = tree.child("step").text or "week"
    if not start_node or not end_node or not start or not end or step not in MONTHS_PER_UNIT or step == "year":
        return None
    if end <= start:
        where = start_node.location.seen_from(end_node.location)
        report.add(end_node.location, f"the end, {end}, is not after the start, {start} ({where})")
        return None
    span = Span(start, end, step)
    if span.n_steps > MOST_STEPS:
        words = f"{span.n_steps:,} steps are more than {MOST_STEPS:,}; use a longer `step` or a nearer end"
        report.add(end_node.location, words)
        return None
    return span


def check_date(node: Node, what: str, tree: Node, span: Span | None, report: Report) -> None:
    """Checks that a date lies in the span, so that `what` ("this move") can happen."""
    date = date_of(node)
    if date is None or span is None or span.holds(date):
        return
    limit = "start" if date < span.start else "end"
    limit_node = tree.child(limit)
    where = f" ({limit_node.location.seen_from(node.location)})" if limit_node else ""
    if date == span.end:
        words = f"{date} is the end itself{where}, where no step begins; {what} would never happen"
    else:
        side = "before" if limit == "start" else "after"
        words = f"{date} is {side} the {limit}, {getattr(span, limit)}{where}; {what} would never happen"
    report.add(node.location, words)


ESTIMATE, WITHIN = BESIDE = ("estimate", "within")
"""Keys beside a family: what stands for the number where nothing is drawn, and the range that draws are confined to."""

LISTS, MOST_LISTED = ("choice", "joint"), 12
"""Families that list their values, and how many of these are told one by one."""

HALVINGS, PARTS = 60, 1000
"""How often an interval of shares is halved to find one, and in how many parts a mean is taken."""

QUANTILES = "quantiles"
"""The family whose values are a mapping: of percentages to the values below which so much lies."""

OVERSHOOT = 0.1
"""Of the span of the quantiles, how far the ends lie beyond them where they are not told, as in Cooke's model."""

FARTHEST = 8.2095361516
"""Standard deviations that a normal draw can reach: the uniforms behind it lie in 2**-53 .. 1 - 2**-53."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of distributions as functions of its values.

    form : what a file writes. quantile : of uniforms `u` and the values, the numbers below which the shares `u` of all
    draws lie.
    """

    form: str
    is_in_order: Callable[..., bool]
    support: Callable[..., tuple[float, float]]
    mean: Callable[..., float]
    quantile: Callable[..., Floats]


@dataclass(frozen=True, slots=True)
class UncertainNumber:
    """A number that is drawn once a run: one of the families with its values; `constant` is certain.

    estimate : what stands for it where nothing is drawn; None for its mean. within : where the distribution is cut.
    """

    family: str
    values: tuple[float, ...]
    estimate: float | None = None
    within: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        family = self._functions
        try:
            is_good = family.is_in_order(*self.values)
        except TypeError:  # more values, or fewer
            is_good = False
        if not is_good:
            found = f"[{', '.join(f'{value:g}' for value in self.values)}]" if self.values else "an empty one"
            is_are = "quantiles are" if self.family == QUANTILES else f"a {self.family} is"
            raise ValueError(f"{is_are} {family.form}, found {found}")
        if self.family == QUANTILES and (slip := as_shares(self.values[::2])):
            raise ValueError(slip)
        if self.within is None:
            return
        if self.family in LISTS:
            raise ValueError(f"a {self.family} is confined by a shorter list; leave out `within`")
        low, high = self.within
        if not low < high or not self.support[0] < self.support[1]:
            least, most = family.support(*self.values)
            allowed = f"[low, high] that draws of this {self.family}, {least:.3g} to {most:.3g}, lie between"
            raise ValueError(f"`within` is {allowed}; found [{low:g}, {high:g}]")

    def __str__(self) -> str:
        places, is_long = np.array([0.05, 0.5, 0.95]), self.family in LISTS and len(self.values) > MOST_LISTED
        if self.family == QUANTILES or is_long:
            found = np.quantile(self.values, places) if is_long else self.quantile(places)
            told = " / ".join(f"{value:.3g}" for value in found)
            return f"{told} at 5, 50 and 95 %" + (f" of {len(self.values):,} values ({self.family})" if is_long else "")
        ends = "" if self.within is None else f" within {self.within[0]:g} to {self.within[1]:g}"
        return f"{self.family} {', '.join(f'{number:g}' for number in self.values)}{ends}"

    @property
    def _functions(self) -> Family:
        return FAMILIES["choice" if self.family == "constant" else self.family]

    @property
    def support(self) -> tuple[float, float]:
        """The lowest and highest value that a draw can take."""
        low, high = self._functions.support(*self.values)
        return (low, high) if self.within is None else (max(low, self.within[0]), min(high, self.within[1]))

    @property
    def mean(self) -> float:
        """Its mean; where it is cut, that of a thousand draws whose shares are evenly spaced."""
        if self.within is None:
            return self._functions.mean(*self.values)
        return float(self.quantile((np.arange(PARTS) + 0.5) / PARTS).mean())

    @property
    def middle(self) -> float:
        """What stands for it where nothing is drawn: its estimate, else its mean; of a few values the nearest."""
        middle = self.mean if self.estimate is None else self.estimate
        values = {"choice": self.values, "bernoulli": (1.0, 0.0)}.get(self.family, (middle,))
        return min(values, key=lambda value: abs(value - middle))

    def quantile(self, u: Floats) -> Floats:
        """Values below which the shares `u`, in (0, 1), of all draws lie."""
        if self.within is None:
            return self._functions.quantile(u, *self.values)
        first, last = self._shares
        return self._functions.quantile(first + (last - first) * u, *self.values).clip(*self.within)

    @property
    def _shares(self) -> tuple[float, float]:
        """Shares of the whole distribution below both ends of `within`, by halving: quantiles rise with their share."""
        ends = np.array(self.within)
        low, high = np.full(2, 2.0**-53), np.full(2, 1.0 - 2.0**-53)
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            is_below = self._functions.quantile(middle, *self.values) < ends
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return float(low[0]), float(high[1])

    def confined(self, low: float, high: float) -> dict[str, Any]:
        """What a scenario states for the number cut at both ends, which may be endless; ValueError if no draw is left.

        >>> UncertainNumber("triangular", (0.0, 0.5, 1.0), 0.5).confined(0.4, 0.7)
        {'triangular': [0.0, 0.5, 1.0], 'within': [0.4, 0.7], 'estimate': 0.5}
        """
        ends = [max(low, self.support[0]), min(high, self.support[1])]
        found: dict[str, Any] = {self.family: list(self.values), WITHIN: ends}
        if self.family == QUANTILES:
            found[QUANTILES] = dict(zip(self.values[::2], self.values[1::2], strict=True))
        elif self.family == "uniform":
            found = {"uniform": ends}
        elif self.family in LISTS:
            found = {self.family: [value for value in self.values if low <= value <= high]}
        if self.estimate is not None and low <= self.estimate <= high:
            found[ESTIMATE] = self.estimate
        parse(found)
        return found


def parse(number: Any) -> UncertainNumber:
    """The distribution that a number, a mapping or the schema's Distribution means; ValueError if it means none."""
    if isinstance(number, (int, float)):
        return UncertainNumber("constant", (float(number),))
    given: dict[str, Any] = dict(number) if isinstance(number, Mapping) else number.model_dump(exclude_none=True)
    estimate, within = given.pop(ESTIMATE, None), given.pop(WITHIN, None)
    if "experts" in given:
        raise ValueError("`experts` is a CSV file, beside which stand only question, pool, range and estimate")
    if len(given) != 1 or not given.keys() <= FAMILIES.keys():
        found = " and ".join(given) or "none"
        raise ValueError(f"a distribution is exactly one of {', '.join(FAMILIES)}; found {found}")
    ((name, values),) = given.items()
    if isinstance(values, Mapping):
        values = [one for pair in sorted((float(share), value) for share, value in values.items()) for one in pair]
    ends = None if within is None else (float(within[0]), float(within[1]))
    return UncertainNumber(name, tuple(map(float, values)), None if estimate is None else float(estimate), ends)


def as_shares(percentages: Iterable[float]) -> str:
    """What is said of percentages that are none above 1, and so are shares by a slip; of others nothing."""
    told = list(percentages)
    meant = ", ".join(f"{100 * share:g}" for share in told)
    return "" if max(told) > 1.0 else f"quantiles are told by percentages, 0-100; did you mean {meant}?"


def is_distribution(given: object) -> bool:
    """Whether a plain value of a scenario is one of the families with its values, which are numbers."""
    if not isinstance(given, Mapping) or len(named := given.keys() & FAMILIES.keys()) != 1:
        return False
    (values,) = (given[name] for name in named)
    listed = list(values.values()) if isinstance(values, Mapping) and QUANTILES in named else values
    is_bare = given.keys() <= {*named, *BESIDE} and isinstance(listed, (list, tuple))
    return is_bare and all(issubclass(kind, (int, float)) for kind in {*map(type, listed)})


def settled(given: object) -> object:
    """Plain values of a scenario with what stands for each uncertain number where nothing is drawn."""
    if is_distribution(given):
        return parse(given).middle
    if isinstance(given, Mapping):
        return {key: settled(value) for key, value in given.items()}
    return [settled(value) for value in given] if isinstance(given, list) else given


def range_in_words(allowed: Mapping[str, float], number: str = "a number") -> str:
    """Numbers within limits (any of `ge`, `gt`, `le`, `lt`), as messages ask for them."""
    low, high = allowed.get("ge", allowed.get("gt")), allowed.get("le", allowed.get("lt"))
    if low is not None and high is not None and "gt" not in allowed:
        return f"{number} in {low:g}..{high:g}"
    ends = [] if low is None else [f"above {low:g}" if "gt" in allowed else f"of {low:g} or more"]
    ends += [] if high is None else [f"{'below' if 'lt' in allowed else 'up to'} {high:g}"]
    return " ".join([number, " and ".join(ends)]).strip()


def complaint(given: Any, limits: Mapping[str, float]) -> str:
    """Why a distribution cannot stand for a number within `limits` (any of `ge`, `gt`, `le`, `lt`); empty if it can."""
    try:
        number = parse(given)
        reach = [*number.support, *(() if number.estimate is None else (number.estimate,))]
    except ValueError as error:
        return str(error)
    low, high = min(reach), max(reach)
    least, most = limits.get("ge", limits.get("gt", -math.inf)), limits.get("le", limits.get("lt", math.inf))
    if low >= least and high <= most and not ("gt" in limits and low == least):
        return ""
    ends = "; its ends are the quantiles 0 and 100, which you may state" if number.family == QUANTILES else ""
    this = "this distribution" if number.family == QUANTILES else f"this {number.family}"
    return f"{this} reaches from {low:.3g} to {high:.3g}; use {range_in_words(limits)}{ends}"


def _standard_normal(u: Floats) -> Floats:
    from statistics import NormalDist

    inverse = NormalDist().inv_cdf
    return np.array([inverse(share) for share in u.ravel().tolist()]).reshape(u.shape)


def _triangular(u: Floats, low: float, mode: float, high: float) -> Floats:
    width = high - low
    turn = (mode - low) / width
    rising = low + width * np.sqrt(u * turn)
    falling = high - width * np.sqrt((1.0 - u) * (1.0 - turn))
    return np.where(u < turn, rising, falling)


def _cut(centre: float, deviation: float, low: float, high: float) -> tuple[float, float, float]:
    """Side of a normal cut at `low` and `high`, and the ends in deviations from the centre, the lower one first."""
    first, last = (low - centre) / deviation, (high - centre) / deviation
    # Where the range lies above the centre it is seen in a mirror, where shares keep their digits.
    return (-1.0, -last, -first) if low > centre else (1.0, first, last)


def _share_below(deviations: float) -> float:
    return 0.5 * math.erfc(-deviations / math.sqrt(2.0))


def _cut_mean(centre: float, deviation: float, low: float, high: float) -> float:
    side, first, last = _cut(centre, deviation, low, high)
    share = _share_below(last) - _share_below(first)
    falls = math.exp(-0.5 * first**2) - math.exp(-0.5 * last**2)
    return centre + side * deviation * falls / (share * math.sqrt(2.0 * math.pi))


def _cut_quantile(u: Floats, centre: float, deviation: float, low: float, high: float) -> Floats:
    side, *ends = _cut(centre, deviation, low, high)
    first, last = map(_share_below, ends)
    shares = first + (u if side > 0 else 1.0 - u) * (last - first)
    steps = side * _standard_normal(np.clip(shares, 2.0**-1000, 1.0 - 2.0**-53))
    return np.clip(centre + deviation * steps, low, high)


def _beta(u: Floats, a: float, b: float) -> Floats:
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, u))


def _are_quantiles(*values: float) -> bool:
    is_rising = all(one < other for row in (values[::2], values[1::2]) for one, other in itertools.pairwise(row))
    return len(values) > 3 and len(values) % 2 == 0 and is_rising and values[0] >= 0.0 and values[-2] <= 100.0


def _knots(*values: float) -> tuple[list[float], list[float]]:
    """Shares from 0 to 1 and the numbers at them, with the ends that are not told."""
    shares, numbers = [share / 100.0 for share in values[::2]], list(values[1::2])
    beyond = OVERSHOOT * (numbers[-1] - numbers[0])
    if shares[0] > 0.0:
        shares, numbers = [0.0, *shares], [numbers[0] - beyond, *numbers]
    return (shares, numbers) if shares[-1] == 1.0 else ([*shares, 1.0], [*numbers, numbers[-1] + beyond])


def _pick(u: Floats, *values: float) -> Floats:
    """Of values in their order, the one at the share `u`."""
    return np.asarray(values)[np.minimum((u * len(values)).astype(np.int64), len(values) - 1)]


_CHOICE = Family(
    "a list of one number or more",
    lambda *values: bool(values),
    lambda *values: (min(values), max(values)),
    lambda *values: math.fsum(value / len(values) for value in values),
    lambda u, *values: _pick(u, *sorted(values)),
)

FAMILIES: Mapping[str, Family] = {
    "uniform": Family(
        "[low, high] with low below high",
        lambda low, high: low < high,
        lambda low, high: (low, high),
        lambda low, high: low / 2 + high / 2,
        lambda u, low, high: low * (1.0 - u) + high * u,
    ),
    "triangular": Family(
        "[low, mode, high] in rising order",
        lambda low, mode, high: low <= mode <= high and low < high,
        lambda low, mode, high: (low, high),
        lambda low, mode, high: low / 3 + mode / 3 + high / 3,
        _triangular,
    ),
    "normal": Family(
        "[mean, standard deviation above 0]",
        lambda mean, deviation: deviation > 0,
        lambda mean, deviation: (mean - FARTHEST * deviation, mean + FARTHEST * deviation),
        lambda mean, deviation: mean,
        lambda u, mean, deviation: mean + deviation * _standard_normal(u),
    ),
    "truncated_normal": Family(
        "[mean, standard deviation above 0, low, high] with low below high and the mean at most 8 deviations outside",
        lambda mean, spread, low, high: spread > 0 and low < high and low - 8.0 * spread < mean < high + 8.0 * spread,
        lambda mean, deviation, low, high: (low, high),
        _cut_mean,
        _cut_quantile,
    ),
    "lognormal": Family(
        "[median above 0, sigma of the log in 0..3]",
        lambda median, sigma: median > 0 and 0 < sigma <= 3,
        lambda median, sigma: (median * math.exp(-FARTHEST * sigma), median * math.exp(FARTHEST * sigma)),
        lambda median, sigma: median * math.exp(sigma**2 / 2),
        lambda u, median, sigma: median * np.exp(sigma * _standard_normal(u)),
    ),
    "beta": Family(
        "[a, b], both above 0", lambda a, b: a > 0 and b > 0, lambda a, b: (0.0, 1.0), lambda a, b: a / (a + b), _beta
    ),
    "bernoulli": Family(
        "[chance above 0 and below 1]",
        lambda chance: 0 < chance < 1,
        lambda chance: (0.0, 1.0),
        lambda chance: chance,
        lambda u, chance: (u > 1.0 - chance) * 1.0,
    ),
    "choice": _CHOICE,
    "joint": replace(_CHOICE, quantile=_pick),
    QUANTILES: Family(
        "a mapping of percentages to values, two or more, both rising, like {5: 0.1, 50: 0.3, 95: 0.7}",
        _are_quantiles,
        lambda *values: (_knots(*values)[1][0], _knots(*values)[1][-1]),
        lambda *values: math.fsum(
            (b - a) * (y + x) / 2.0 for (a, x), (b, y) in itertools.pairwise(zip(*_knots(*values), strict=True))
        ),
        lambda u, *values: np.interp(u, *_knots(*values)),
    ),
}
"""Families by the name that a scenario uses. Of `choice` and `joint` all values are equally likely; a run takes the one
at the same place of all `joint` lists, so that numbers that were estimated together keep what they have to do with one
another. Between `quantiles` all values are equally likely, which adds least to what was judged. Assumption: ends that
are not told, as the quantiles 0 and 100, lie a tenth of the span of the others beyond them, as in the classical model
of Cooke, R. M. (1991). Experts in Uncertainty. Oxford University Press."""
