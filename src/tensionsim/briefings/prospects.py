"""Outlook: how likely regimes and events are, in words that mean the same everywhere, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tensionsim.briefings import forms, likelihood, names
from tensionsim.briefings.facts import Cell, Line, Sheets, joined, say, together
from tensionsim.briefings.measuring import is_sure
from tensionsim.briefings.pages import Block, Paragraph, Picture, Section, Table, fitting
from tensionsim.briefings.subject import DEEP, Subject
from tensionsim.model.measures import REGIMES

NONE = "–"
MOST_DIFFERENCES = 3
"""Outlooks beside the baseline of which each gets a figure of its difference and a sentence on its end; of more, only
the tables tell."""


def outlook(sheets: Sheets, subject: Subject) -> Section:
    """The scale, the figures, regimes and events side by side, and what of it is told from luck."""
    told = [
        together([*_courses(sheets, subject)]),
        together([*_from_the_start(sheets, subject), *_differences(sheets, subject), *_partings(sheets, subject)]),
    ]
    first, last = ([Paragraph(line)] if line else [] for line in told)
    opening = (Paragraph(likelihood.explained(sheets)), *pictures(sheets, subject), *first)
    return Section("Outlook", (*opening, _regimes(sheets, subject), _events(sheets, subject), *last))


def pictures(sheets: Sheets, subject: Subject) -> Iterator[Block]:
    """The figures of a briefing, each with what it shows in words."""
    if not subject.others:
        level = sheets.fact("index", subject.baseline, "median at end", forms.whole)
        seen = say("Chart of the cooperation index over time: its median ends at {level}.", level=level)
        yield Picture("fan", seen)
        yield Picture("regimes", say("Chart of the share of the runs in each regime over time."), is_half=True)
        yield Picture("direction", say("Chart of the tension of each side's own conduct over time."), is_half=True)
        return
    ends = [
        say(
            "{name} at {level}",
            name=names.outlook(sheets, name),
            level=sheets.fact("index", name, "median at end", forms.whole),
        )
        for name in subject.order
    ]
    seen = say("Chart of the median index of each outlook over time; they end with {ends}.", ends=joined(ends))
    yield Picture("outlooks", seen)
    for place, name in enumerate(subject.others if len(subject.others) <= MOST_DIFFERENCES else ()):
        shown, base = names.outlook(sheets, name), names.outlook(sheets, subject.baseline)
        size = sheets.fact("difference", name, "mean", forms.signed)
        seen = say(
            "Chart of {name} less {base} over time; the mean ends at {size} points.", name=shown, base=base, size=size
        )
        yield Picture(f"difference {_letters(place)}", seen, is_half=len(subject.others) > 1)


def _letters(place: int) -> str:
    """A word without digits for a place: a, b, ..., z, ba, ..."""
    head, tail = divmod(place, 26)
    return (_letters(head) if head else "") + chr(ord("a") + tail)


def difference_names(subject: Subject) -> dict[str, str]:
    """The picture of each outlook's difference, by its name."""
    return {f"difference {_letters(place)}": name for place, name in enumerate(subject.others)}


def _courses(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """Where each outlook most likely ends."""
    if len(subject.runs) == 1 or len(subject.others) > MOST_DIFFERENCES:
        return
    for name in subject.others or (subject.baseline,):
        regime = str(sheets.value("index", name, "regime at end"))
        shares = {one: sheets.number("regimes", one, f"{name}: at end") for one, _ in REGIMES}
        next_best = max((one for one in shares if one != regime), key=lambda one: shares[one])
        if shares[next_best] == 0.0:
            yield say("Every run{where} ends in {regime}.", where=_of(sheets, subject, name), regime=regime)
            continue
        yield say(
            "{who} most often end in {regime} ({share}), then in {second} ({second_share}).",
            who=say("The runs{where}", where=_of(sheets, subject, name)),
            regime=regime,
            share=sheets.fact("regimes", regime, f"{name}: at end", forms.percent),
            second=next_best,
            second_share=sheets.fact("regimes", next_best, f"{name}: at end", forms.percent),
        )


def _of(sheets: Sheets, subject: Subject, name: str) -> Line:
    return say(" of {name}", name=names.outlook(sheets, name)) if subject.others else ()


def _regimes(sheets: Sheets, subject: Subject) -> Table:
    rows = [
        (
            say(
                "{name}, {low} to {high}",
                name=regime,
                low=_bound(sheets, regime, "from"),
                high=_bound(sheets, regime, "to"),
            ),
            *((sheets.fact("regimes", regime, f"{name}: at end", forms.percent),) for name in subject.order),
        )
        for regime, _ in reversed(REGIMES)
    ]
    head = (say("Regime at the end"), *((names.outlook(sheets, name),) for name in subject.order))
    return fitting(Table(say("Share of the runs in each regime on the last date."), head, tuple(rows)))


def _bound(sheets: Sheets, regime: str, side: str) -> Line:
    return (sheets.fact("bounds", regime, side, forms.whole),)


def _events(sheets: Sheets, subject: Subject) -> Table:
    events = subject.events or (DEEP,)
    rows = [
        (names.event(sheets, subject, event), *(_cell(sheets, event, name) for name in subject.order))
        for event in events
    ]
    head = (say("Event, ever"), *((names.outlook(sheets, name),) for name in subject.order))
    caption = say("Share of the runs in which each event comes true at some time, with its word.")
    return fitting(Table(caption, head, tuple(rows)))


def _cell(sheets: Sheets, event: str, name: str) -> Line:
    column = f"{name}: ever"
    if column not in sheets.cells["events"].get(event, {}):
        return say(NONE)
    share = sheets.number("events", event, column)
    fact = sheets.fact("events", event, column, forms.percent)
    if share in (0.0, 1.0) or sheets.number("setting", "runs", "value") == 1:
        return say("{share}", share=fact)
    return say("{share}, {word}", share=fact, word=likelihood.word(share))


def _from_the_start(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """Events that hold already when the runs begin."""
    held = [
        sheets.name(event)
        for event in subject.events
        if all(sheets.cells["events"][event].get(f"{name}: at start") == 1.0 for name in subject.order)
    ]
    if held:
        yield say("Already so at the start: {held}.", held=joined(held))


def _differences(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """Which events an outlook makes more or less likely beyond luck, the key event apart, of which the top tells."""
    for name in subject.others:
        told: dict[bool, list[Line]] = {True: [], False: []}
        for event in subject.events:
            column = f"{name}: difference"
            if event == subject.key or column not in sheets.cells["events"][event] or not is_sure(sheets, event, name):
                continue
            size = sheets.fact("events", event, column, forms.percentage_points)
            told[sheets.number("events", event, column) > 0].append(
                say("{event} (by {size})", event=sheets.name(event), size=size)
            )
        parts = [
            say("{events} {word} likely", word=word, events=joined(told[more]))
            for more, word in ((True, "more"), (False, "less"))
            if told[more]
        ]
        if parts:
            yield say("{name} also makes {parts}.", name=names.outlook(sheets, name), parts=joined(parts))


def _partings(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """Since when each outlook is told from the baseline; those of one date together."""
    alike: dict[Cell, list[str]] = {}
    for name in subject.others:
        alike.setdefault(sheets.value("difference", name, "apart to the end"), []).append(name)
    for lasting, some in alike.items():
        if lasting is None or len(some) == 1:
            yield from _parted(sheets, subject, some)
            continue
        yield say(
            "The mean index of each of {names} is apart from that of {base} from {date} to the end.",
            names=joined([names.outlook(sheets, name) for name in some]),
            base=names.outlook(sheets, subject.baseline),
            date=names.dated(sheets, "difference", some[0], "apart to the end"),
        )


def _parted(sheets: Sheets, subject: Subject, some: Sequence[str]) -> Iterator[Line]:
    for name in some:
        pair = {"name": names.outlook(sheets, name), "base": names.outlook(sheets, subject.baseline)}
        lasting, first = (sheets.value("difference", name, what) for what in ("apart to the end", "first apart"))
        if lasting is not None:
            date = names.dated(sheets, "difference", name, "apart to the end")
            yield say(
                "The mean index of {name} is apart from that of {base} from {date} to the end.", date=date, **pair
            )
        elif first is not None:
            date = names.dated(sheets, "difference", name, "first apart")
            yield say(
                "The means of {name} and {base} are apart at times from {date}, not to the end.", date=date, **pair
            )
        elif sheets.number("setting", "runs", "value") < sheets.number("setting", "least runs", "value"):
            yield say("{runs} cannot say when {name} and {base} part.", runs=names.runs(sheets), **pair)
        elif sheets.number("difference", name, "ever"):
            runs = names.runs(sheets)
            yield say("On no date could {runs} tell the mean of {name} from that of {base}.", runs=runs, **pair)
