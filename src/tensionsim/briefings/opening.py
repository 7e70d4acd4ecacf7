"""The title of a briefing and its bottom line: what a reader in a hurry must know."""

from __future__ import annotations

from collections.abc import Sequence

from tensionsim.briefings import causes, forms, likelihood, names
from tensionsim.briefings import subject as subjects
from tensionsim.briefings.facts import Line, Sheets, joined, say, together
from tensionsim.briefings.measuring import is_sure
from tensionsim.briefings.pages import Points, Section
from tensionsim.briefings.subject import Subject


def title(sheets: Sheets, subject: Subject) -> Line:
    """What the briefing is about."""
    one, other = (sheets.quote(side) for side in subject.sides())
    end = names.dated(sheets, "setting", "end")
    return say("{one} and {other}: the outlook to {end}", one=one, other=other, end=end)


def subtitle(sheets: Sheets, subject: Subject) -> Line:
    """Which outlooks are told of."""
    shown = [_titled(sheets, subject, name) for name in subject.order]
    if len(shown) == 1:
        given = sheets.quote(subject.title_of(subject.baseline))
        return say("{title}, from {start}", title=given, start=names.dated(sheets, "setting", "start"))
    others = joined(shown[1:])
    start = names.dated(sheets, "setting", "start")
    return say("{others}, beside {base}; from {start}", others=others, base=shown[0], start=start)


def _titled(sheets: Sheets, subject: Subject, name: str) -> Line:
    given = subject.title_of(name)
    if given == name or (name != subject.baseline and given == subject.title_of(subject.baseline)):
        return say("{name}", name=names.outlook(sheets, name))
    return say("{name} ({title})", name=names.outlook(sheets, name), title=sheets.quote(given))


def bottom_line(sheets: Sheets, subject: Subject, further: Sequence[Line]) -> Section:
    """The answers in their shortest form; `further` are points that other sections know. Empty ones are left out."""
    lines = [_baseline(sheets, subject), *(_other(sheets, subject, name) for name in subject.others), *further]
    return Section("Bottom line", (Points(tuple(line for line in lines if line)),))


def _baseline(sheets: Sheets, subject: Subject) -> Line:
    name = subject.baseline
    cells = {what: sheets.fact("index", name, what, forms.whole) for what in ("median at start", "median at end")}
    start, end = (float(sheets.number("index", name, f"median at {when}")) for when in ("start", "end"))
    verb = "stays near" if abs(end - start) < 2.0 else "rises from" if end > start else "falls from"
    to = say(" to a median of {end}", end=cells["median at end"]) if verb != "stays near" else ()
    opening = (
        say("Under the assumptions of {name}, the index", name=names.outlook(sheets, name))
        if subject.others
        else say("The index")
    )
    course = say(
        "{opening} {verb} {start}{to} by {date}{spread}.",
        opening=opening,
        verb=verb,
        start=cells["median at start"],
        to=to,
        date=names.dated(sheets, "setting", "end"),
        spread=_spread(sheets, name),
    )
    return together([course, _likeliest(sheets, subject), _key(sheets, subject, name)])


def _spread(sheets: Sheets, name: str) -> Line:
    if sheets.number("setting", "runs", "value") == 1:
        return say(" in the one run")
    low, high = (sheets.fact("index", name, f"{what} at end", forms.whole) for what in ("q05", "q95"))
    return say(" (nine runs in ten: {low} to {high})", low=low, high=high)


def _likeliest(sheets: Sheets, subject: Subject) -> Line:
    """The regime that more runs end in than in any other."""
    name = subject.baseline
    regime = str(sheets.value("index", name, "regime at end"))
    if sheets.number("setting", "runs", "value") == 1:
        return say("It ends in the regime {regime}.", regime=regime)
    share = sheets.fact("regimes", regime, f"{name}: at end", forms.percent)
    return say("The commonest regime then is {regime} ({share} of the runs).", regime=regime, share=share)


def _key(sheets: Sheets, subject: Subject, name: str) -> Line:
    """How likely the event is that a reader asks about first."""
    if subject.event_of(name, subject.key) is None:
        return ()
    event = names.event(sheets, subject, subject.key, is_first=True)
    if len(subject.runs) == 1 and not sheets.number("events", subject.key, f"{name}: ever"):
        return say("{event} does not come about.", event=event)
    share = likelihood.chance(sheets, "events", subject.key, f"{name}: ever")
    return say("{event} comes about {share}.", event=event, share=share)


def _other(sheets: Sheets, subject: Subject, name: str) -> Line:
    """What an outlook changes: the key event first, then the index, then what of its file does it."""
    if sheets.number("difference", name, "ever") == 0.0:
        same = say("{name} is the same as {base} in every run, on every date.", **_pair(sheets, subject, name))
        return same
    titled = _titled(sheets, subject, name)
    key = _key_difference(sheets, subject, name)
    first = say("{titled} {key}.", titled=titled, key=key) if key else ()
    ends = _ends(sheets, subject, name, "It" if first else titled)
    return together([first, ends, causes.in_short(sheets, subject, name)])


def _pair(sheets: Sheets, subject: Subject, name: str) -> dict[str, Line]:
    return {"name": (names.outlook(sheets, name),), "base": (names.outlook(sheets, subject.baseline),)}


def _key_difference(sheets: Sheets, subject: Subject, name: str) -> Line:
    """What an outlook does to the key event; empty where one of the two does not count it."""
    key = subject.key
    if subject.event_of(name, key) is None or subject.event_of(subject.baseline, key) is None:
        return ()
    here, there = (sheets.number("events", key, f"{one}: ever") for one in (name, subject.baseline))
    shares = {
        "here": likelihood.briefly(sheets, "events", key, f"{name}: ever"),
        "there": likelihood.briefly(sheets, "events", key, f"{subject.baseline}: ever", of=" of them"),
    }
    event = sheets.quote(key) if key != subjects.DEEP else say(key)
    if not is_sure(sheets, key, name):
        what = "makes no difference to {event} that {runs} could tell ({here} against {there} with {base})"
        if here == there:
            what = "leaves the chance of {event} as it is with {base}, at {here}"
        return say(what, event=event, runs=names.runs(sheets), base=names.outlook(sheets, subject.baseline), **shares)
    verb = _verb(here, there)
    by = sheets.fact("events", key, f"{name}: difference", forms.percentage_points)
    compared = say(
        "{here} of the runs against {there} with {base}, {by} {side}",
        by=by, side="fewer" if here < there else "more", base=names.outlook(sheets, subject.baseline), **shares,
    )  # fmt: skip
    limit = _limit(here, there)
    return say(
        "{verb}: {compared}{limit}", verb=say(verb, event=event), compared=compared, limit=say(limit, event=event)
    )


def _verb(here: float, there: float) -> str:
    if here < there:
        return (
            "avoids {event} in every run"
            if here == 0.0
            else "all but avoids {event}"
            if here < 0.05
            else "makes {event} less likely"
        )
    return "brings {event} in every run" if here == 1.0 else "makes {event} more likely"


def _limit(here: float, there: float) -> str:
    """What a lower chance does not mean."""
    if not 0.05 <= here < there:
        return ""
    stays = f"; {{event}} stays {likelihood.word(here)}" if here >= 0.55 else ""
    return f". It lowers the chance but does not avoid it{stays}"


def _ends(sheets: Sheets, subject: Subject, name: str, who: Line | str) -> Line:
    """How the index ends beside the baseline's."""
    mean = sheets.number("difference", name, "mean")
    base = names.outlook(sheets, subject.baseline)
    if sheets.number("difference", name, "equal") == 1.0:
        return say("{who} ends where {base} does, in every run.", who=who, base=base)
    size = sheets.fact("difference", name, "mean", forms.points)
    side = "above" if mean >= 0.0 else "below"
    if sheets.value("difference", name, "low") is None:
        return say("{who} ends {size} {side} {base} in the one run.", who=who, size=size, side=side, base=base)
    interval, is_apart = _interval(sheets, name, mean)
    share = likelihood.briefly(sheets, "difference", name, side)
    if not is_apart:
        return say(
            "{who} ends {size} {side} {base} on average ({interval}), no difference that {runs} could tell.",
            who=who, size=size, side=side, base=base, interval=interval, runs=names.runs(sheets),
        )  # fmt: skip
    return say(
        "{who} ends {size} {side} {base} on average ({interval}), and {side} it in {share} of the runs.",
        who=who, size=size, side=side, base=base, interval=interval, share=share,
    )  # fmt: skip


def _interval(sheets: Sheets, name: str, mean: float) -> tuple[Line, bool]:
    """The interval of the mean difference, read from its own side, and whether it leaves out zero."""
    low, high = (sheets.number("difference", name, side) for side in ("low", "high"))
    form = forms.size if low * high > 0.0 else forms.signed
    order = ("low", "high") if mean >= 0.0 or form is forms.signed else ("high", "low")
    bounds = [sheets.fact("difference", name, side, form) for side in order]
    confidence = sheets.fact("setting", "confidence", "value", forms.percent)
    line = say("{confidence} interval {low} to {high}", confidence=confidence, low=bounds[0], high=bounds[1])
    return line, low * high > 0.0
