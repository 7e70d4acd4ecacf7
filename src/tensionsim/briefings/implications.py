"""Implications: what the outlooks mean issue by issue, for each side, and for the way back."""

from __future__ import annotations

from collections.abc import Iterator

from tensionsim.briefings import forms, names
from tensionsim.briefings.facts import Line, Sheets, joined, say, together
from tensionsim.briefings.pages import Block, Paragraph, Section, Table, fitting
from tensionsim.briefings.subject import DEEP, Subject

EVEN = (0.45, 0.55)


def implications(sheets: Sheets, subject: Subject) -> Section:
    """Issues, who is harsher, room for manoeuvre, recovery."""
    blocks: list[Block] = [Paragraph(_issues_told(sheets, subject)), _issues(sheets, subject)]
    lines = [_harsher(sheets, subject), _room(sheets, subject), _recovery(sheets, subject)]
    return Section("Implications", (*blocks, *(Paragraph(line) for line in lines if line)))


def _issues_told(sheets: Sheets, subject: Subject) -> Line:
    """Which issue gains or loses most: over time in a single ensemble, beside the baseline among several."""
    if subject.others:
        return together([_most_moved(sheets, subject, name) for name in subject.others])
    base = subject.baseline
    change = {
        issue: sheets.number("issues", issue, f"{base}: end") - sheets.number("issues", issue, f"{base}: start")
        for issue in subject.base.names.issues
    }
    most = max(change, key=lambda issue: abs(change[issue]))
    if abs(change[most]) < 0.5:
        return say("On no issue does mean cooperation change by the end.")
    return say(
        "The issue that changes most is {issue}, whose mean {verb} from {start} to {end}.",
        issue=names.issue(sheets, most),
        verb="rises" if change[most] > 0 else "falls",
        start=sheets.fact("issues", most, f"{base}: start", forms.whole),
        end=sheets.fact("issues", most, f"{base}: end", forms.whole),
    )


def _sure(sheets: Sheets, issue: str, name: str) -> bool:
    low, high = (sheets.value("issues", issue, f"{name}: {side}") for side in ("low", "high"))
    return low is not None and high is not None and float(low) * float(high) > 0.0


def _most_moved(sheets: Sheets, subject: Subject, name: str) -> Line:
    shown, base = names.outlook(sheets, name), names.outlook(sheets, subject.baseline)
    issues = list(subject.base.names.issues)
    sure = [issue for issue in issues if _sure(sheets, issue, name)]
    if not sure:
        return say("On no issue do {runs} tell {name} from {base}.", runs=names.runs(sheets), name=shown, base=base)
    size = {issue: sheets.number("issues", issue, f"{name}: difference") for issue in issues}
    most = max(sure, key=lambda issue: abs(size[issue]))
    told = say(
        "{name} {verb} most on {issue}, by {size} beside {base}",
        name=shown,
        verb="gains" if size[most] > 0 else "loses",
        issue=names.issue(sheets, most),
        size=sheets.fact("issues", most, f"{name}: difference", forms.points),
        base=base,
    )
    contrary = [issue for issue in sure if size[issue] * size[most] < 0]
    unsure = [issue for issue in issues if issue not in sure]
    tails = [
        say(
            "{verb} on {issues}",
            verb="loses" if size[most] > 0 else "gains",
            issues=joined([names.issue(sheets, one) for one in contrary]),
        )
        if contrary
        else (),
        say("is not told from it on {issues}", issues=joined([names.issue(sheets, one) for one in unsure]))
        if unsure
        else (),
    ]
    rest = [tail for tail in tails if tail]
    return say("{told}{rest}.", told=told, rest=say(", and {tails}", tails=joined(rest)) if rest else ())


def _issues(sheets: Sheets, subject: Subject) -> Table:
    """Every issue: its weight, where it ends, and what the outlooks change of it."""
    head: list[Line] = [
        say("Issue"),
        say("weight"),
        say("start"),
        say("end, {base}", base=names.outlook(sheets, subject.baseline)),
    ]
    if not subject.others:
        head[-1] = say("end")
    head += [say("{name} less that", name=names.outlook(sheets, name)) for name in subject.others]
    rows = [tuple(_issue_row(sheets, subject, issue)) for issue in subject.base.names.issues]
    caption = say("Mean cooperation on each issue, and its part of the index{more}.", more=_intervals(sheets, subject))
    return fitting(Table(caption, tuple(head), tuple(rows)))


def _intervals(sheets: Sheets, subject: Subject) -> Line:
    if not subject.others or sheets.number("setting", "runs", "value") == 1:
        return ()
    return say(
        "; differences with their {level} interval", level=sheets.fact("setting", "confidence", "value", forms.percent)
    )


def _issue_row(sheets: Sheets, subject: Subject, issue: str) -> Iterator[Line]:
    base = subject.baseline
    yield (names.issue(sheets, issue),)
    yield (sheets.fact("issues", issue, f"{base}: weight", forms.percent),)
    for when in ("start", "end"):
        yield (sheets.fact("issues", issue, f"{base}: {when}", forms.whole),)
    for name in subject.others:
        mean = sheets.fact("issues", issue, f"{name}: difference", forms.signed)
        if sheets.value("issues", issue, f"{name}: low") is None:
            yield (mean,)
            continue
        low, high = (sheets.fact("issues", issue, f"{name}: {side}", forms.signed) for side in ("low", "high"))
        yield say("{mean} ({low} to {high})", mean=mean, low=low, high=high)


def _harsher(sheets: Sheets, subject: Subject) -> Line:
    one, other = subject.file.principals
    shares = {name: sheets.number("sides", name, f"{one} harsher") for name in subject.order}
    if len(subject.runs) == 1:
        harsher = one if shares[subject.baseline] else other
        shown = names.actor(sheets, subject, harsher)
        return say(
            "At the end of the one run of {name}, {shown} is the harsher.",
            shown=shown,
            name=names.outlook(sheets, subject.baseline),
        )
    sides = {one if share > EVEN[1] else other if share < EVEN[0] else "" for share in shares.values()}
    if len(sides) == 1 and (side := sides.pop()):
        return _same_side(sheets, subject, side)
    parts = [_harsher_in(sheets, subject, name) for name in subject.order]
    lead = say("Who is harsher at the end, by each side's own conduct: ")
    return say("{lead}{parts}.", lead=lead, parts=joined(parts, last="; ") if len(parts) < 3 else _semicolons(parts))


def _same_side(sheets: Sheets, subject: Subject, side: str) -> Line:
    """The sentence where one side is the harsher in every outlook."""
    parts = [
        say(
            "{share}{of}{where}",
            share=sheets.fact("sides", name, f"{side} harsher", forms.percent),
            of="" if place else " of the runs",
            where=_with(sheets, subject, name),
        )
        for place, name in enumerate(subject.order)
    ]
    return say(
        "By its own conduct {side} is the harsher side at the end{all}: in {parts}.",
        side=names.actor_within(sheets, subject, side),
        all=" of all outlooks" if subject.others else "",
        parts=joined(parts),
    )  # fmt: skip


def _semicolons(parts: list[Line]) -> Line:
    found: list[Line] = [part if place == 0 else ("; ", *part) for place, part in enumerate(parts)]
    return tuple(piece for part in found for piece in part)


def _harsher_in(sheets: Sheets, subject: Subject, name: str) -> Line:
    one, other = subject.file.principals
    share = sheets.number("sides", name, f"{one} harsher")
    where = say(" with {name}", name=names.outlook(sheets, name)) if subject.others else ()
    who = one if share >= 0.5 else other
    fact = sheets.fact("sides", name, f"{who} harsher", forms.percent)
    actor = names.actor(sheets, subject, who)
    if EVEN[0] <= share <= EVEN[1]:
        return say("neither{where} ({actor} in {share} of the runs)", where=where, actor=actor, share=fact)
    return say("{actor}{where}, in {share} of the runs", actor=actor, where=where, share=fact)


def _room(sheets: Sheets, subject: Subject) -> Line:
    """Whose room for manoeuvre it is, and how much of it is left."""
    one, other = subject.file.principals
    on = {who: sheets.value("sides", subject.baseline, f"dependence of {who}") or 0.0 for who in (one, other)}
    if not any(on.values()) or on[one] == on[other]:
        return ()
    weak = max(on, key=lambda who: float(on[who]))
    strong = other if weak == one else one
    ends = [
        say(
            "{share}{where}",
            share=sheets.fact("sides", name, "room at end", forms.percent),
            where=_with(sheets, subject, name),
        )
        for name in subject.order
    ]
    return say(
        "{weak} depends more on {strong} than {strong} on it; of its full room for manoeuvre it has {start} at the "
        "start and, "
        "on average, {ends} at the end.",
        weak=names.actor(sheets, subject, weak),
        strong=names.actor(sheets, subject, strong),
        start=sheets.fact("sides", subject.baseline, "room at start", forms.percent),
        ends=joined(ends),
    )


def _with(sheets: Sheets, subject: Subject, name: str) -> Line:
    return say(" with {name}", name=names.outlook(sheets, name)) if subject.others else ()


def _recovery(sheets: Sheets, subject: Subject) -> Line:
    """Whether the index comes back from crisis or rupture."""
    parts = [_recovered(sheets, subject, name) for name in subject.order]
    event = names.event(sheets, subject, DEEP)
    return say("The way back from {event}: {parts}.", event=event, parts=_semicolons(parts))


def _recovered(sheets: Sheets, subject: Subject, name: str) -> Line:
    where = _with(sheets, subject, name)
    columns = sheets.cells["events"][DEEP]
    if not columns[f"{name}: runs"]:
        return say("no run{where} goes there", where=where)
    ended, median = columns[f"{name}: ended"], columns[f"{name}: until it ends"]
    if ended in (0.0, 1.0):
        what = (
            "every run that goes there{where} comes out again"
            if ended
            else "no run that goes there{where} comes out by the end"
        )
        return say(what, where=where)
    share = sheets.fact("events", DEEP, f"{name}: ended", forms.percent)
    if median is None:
        return say("{share} of the runs that go there{where} come out by the end", share=share, where=where)
    return say(
        "{share} of the runs that go there{where} come out by the end; half of all that go there are out within "
        "{median}",
        share=share, where=where, median=sheets.fact("events", DEEP, f"{name}: until it ends", forms.months),
    )  # fmt: skip
