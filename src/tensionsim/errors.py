"""The tree of errors. All of them speak to a person; programming slips stay ValueError or TypeError.

TensionSimError
├── FileError           a file cannot be used; holds the problems found
│   ├── ScenarioError   a scenario file: every problem, each with its place
│   └── EventError      a file of events: every kind of problem, with places and counts
├── CatalogueError      a catalogue of moves, arrangements or events contradicts itself
├── DecisionError       a government of one's own decided on something that it cannot do
├── FitError            a scenario cannot be fitted to a history
├── SelectionError      a result was asked for something that it does not hold
├── StorageError        a folder of results cannot be written or read
└── TemplateError       a template of a briefing cannot be used
"""

from __future__ import annotations

import calendar
import datetime as dt
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

FIRST_YEAR, LAST_YEAR = 1800, 2200


def day_of(given: object) -> dt.date:
    """The day of a text such as 2025-01-20, a date, a datetime or a Timestamp, in 1800 to 2200; or ValueError."""
    text = given.strip() if isinstance(given, str) else str(given)[:10]
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    if not found:
        raise ValueError(f"{str(given)!r} is not a date; write year-month-day, like 2025-01-20")
    year, month, day = (int(part) for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{text} is not a date in {FIRST_YEAR}..{LAST_YEAR}")
    if not 1 <= month <= 12:
        raise ValueError(f"{text} is not a date: there is no month {month}")
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise ValueError(f"{text} is not a date: {calendar.month_name[month]} {year} has {days} days")
    return dt.date(year, month, day)


def whole(name: str, value: object, *, least: int | None = 0, besides: str = "") -> int:
    """The whole number that `value` is, of `least` or more; True and "7" are none. besides : a word allowed too."""
    wanted = "a whole number" if least is None else f"a whole number >= {least}"
    wanted += f" or {besides!r}" if besides else ""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be {wanted}; got {shown(value)}")
    number = operator.index(value)
    if least is not None and number < least:
        raise ValueError(f"{name} must be {wanted}; got {number}")
    return number


def one_of(name: str, value: Any, words: Iterable[Any], error: type[Exception] = ValueError) -> Any:
    """The value, if it is one of these words; else the error, which names them and the nearest."""
    if value not in (known := list(words)):
        near = nearest(str(value), texts := [*map(str, known)])
        hint = f"; did you mean {near!r}?" if near else ""
        raise error(f"{name} must be one of {', '.join(texts) or 'none'}; got {shown(value)}{hint}")
    return value


def counted(number: int, word: str) -> str:
    """As in "1 run" and "1,000 runs"."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The allowed word that is nearest to `word`; empty if none is near."""
    import difflib

    word, words = str(word), list(allowed)[:2000] if len(str(word)) <= 80 else []  # "3", where Python gave a number
    if best := difflib.get_close_matches(word, words, 1):
        return best[0]
    alike = [re.sub("[ -]", "_", known.casefold()) for known in (word, *words)]
    return dict(zip(alike[1:], words, strict=True)).get(alike[0], "")


def shown(value: object) -> str:
    """A value as messages show it: on one line of 80 letters; what is longer and no text, by its type."""
    text = repr(value)
    if len(text) > 80 or "\n" in text:
        return f"{text[:80]}..." if isinstance(value, str) else f"a {type(value).__name__}"
    return text


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "None": lambda one: one is None,
    "int": lambda one: hasattr(one, "__index__"),
    "float": lambda one: hasattr(one, "__float__"),
    "Path": lambda one: hasattr(one, "__fspath__"),
    "Mapping": lambda one: hasattr(one, "keys"),
    **dict.fromkeys(("Sequence", "Collection"), lambda one: hasattr(one, "__iter__") and not isinstance(one, str)),
}
_CLASSES = {"str", "date", "DataFrame", "Scenario", "Results", "Comparison", "EventHistory"}


def _fits(value: object, annotation: str) -> bool:
    """Whether a value is of a type that an annotation names; of a name that is none here, an alias, it may be."""
    while "[" in annotation:
        annotation = re.sub(r"\[[^][]*\]", "", annotation)
    words = [one.strip().rpartition(".")[2] for one in annotation.split("|")]
    kinds = {kind.__name__ for kind in type(value).__mro__} | {word for word in words if word not in _CLASSES}
    return any(_KINDS[word](value) if word in _KINDS else word in kinds for word in words)


def telling_options(function: Function, module: str, name: str) -> Function:
    """The function under its public name: of a strange keyword it says which was meant; its flags are True or False.

    Where it fails by a slip of Python's, it says which argument is of another type than it takes, if one is.
    """
    import functools
    import inspect

    known = {word: one for word, one in inspect.signature(function).parameters.items() if word != "self"}
    flags = [word for word, one in known.items() if one.annotation == "bool"]
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values())

    @functools.wraps(function)
    def told(*args: Any, **options: Any) -> Any:
        if not takes_any and (strange := next((word for word in options if word not in known), None)) is not None:
            near = nearest(strange, known)
            hint = f"did you mean {near!r}?" if near else f"there is {', '.join(known)}"
            raise TypeError(f"{name}() has no option {strange!r}; {hint}")
        for flag in options.keys() & flags:
            if type(options[flag]).__name__ not in ("bool", "bool_"):
                raise TypeError(f"{flag} must be True or False; got {shown(options[flag])}")
        try:
            return function(*args, **options)
        except (AttributeError, TypeError) as slip:
            is_told = "; got " in str(slip) or not getattr(slip.__traceback__, "tb_next", None)  # by Python itself
            given = {} if is_told else inspect.signature(function).bind_partial(*args, **options).arguments
            for word, value in ((word, given[word]) for word in known if word in given):
                wanted = str(known[word].annotation)
                if (alias := function.__globals__.get(wanted)) is not None and not isinstance(alias, type):
                    wanted = re.sub(r"\b[a-z_.]+\.", "", str(alias))
                for one in value if known[word].kind is inspect.Parameter.VAR_POSITIONAL else [value]:
                    if not _fits(one, wanted):
                        raise TypeError(f"{word} must be {wanted}; got {shown(one)}") from slip
            raise

    told.__module__, told.__name__, told.__qualname__ = module, name, name  # by which it is pickled
    return cast("Function", told)


class TensionSimError(Exception):
    """Base of every error that tensionsim raises on purpose.

    Examples
    --------
    >>> import tensionsim as ts
    >>> try:
    ...     ts.open("nowhere")
    ... except ts.TensionSimError as error:
    ...     print(error)
    nowhere is not a folder of results: no such folder
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a file: where it stands, what was found, what is allowed.

    `line` and `column` count from 1; 0 where the problem has no place in the file (or came from the
    command line). `source_line` is the text of the line, shown with a caret.
    """

    file: str
    line: int
    column: int
    message: str
    source_line: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        if not self.source_line.strip() or self.line == 0:
            return place + self.message
        caret = " " * (self.column - 1) + "^"
        return f"{place}{self.message}\n    {self.source_line}\n    {caret}"


class FileError(TensionSimError):
    """A file cannot be used. `problems` lists what was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[FileError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class ScenarioError(FileError):
    """A scenario cannot be used. `problems` lists everything that was found, in file order.

    Examples
    --------
    >>> import tensionsim as ts
    >>> try:
    ...     ts.load("norland-suderia", set={"actors.norland.retoric": 95})
    ... except ts.ScenarioError as error:
    ...     print(error.problems[0].message)
    actors.norland.retoric: no such path, did you mean 'actors.norland.rhetoric'?
    """


class EventError(FileError):
    """A file of events cannot be used. `problems` lists what was found, each kind with its count and first places.

    Examples
    --------
    >>> import tensionsim as ts
    >>> try:
    ...     ts.read_events("nowhere.csv", dyad=("ISR", "PSE"))
    ... except ts.TensionSimError as error:
    ...     print(error)
    nowhere.csv: there is no such file
    """


class CatalogueError(TensionSimError):
    """A catalogue of moves, arrangements or events contradicts itself."""


class DecisionError(TensionSimError):
    """An actor decided on something that it cannot do; the message names what it can."""


class FitError(TensionSimError):
    """A scenario cannot be fitted to a history; the message says what is lacking.

    Examples
    --------
    >>> import tensionsim as ts
    >>> try:
    ...     ts.fit("trump2-petro-2025", fix=["inertya"])
    ... except ts.FitError as error:
    ...     print(error)
    no coefficient 'inertya'; did you mean 'inertia'?
    """


class SelectionError(TensionSimError):
    """Results were asked for something that they do not hold; the message names what is there."""


class StorageError(TensionSimError):
    """A folder of results cannot be written or read."""


class TemplateError(TensionSimError):
    """A template of a briefing cannot be used; the message names file and line."""
