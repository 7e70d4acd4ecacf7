"""Early signs to watch, each with how well it tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tensionsim.analysis.worlds import INDEX
from tensionsim.briefings import forms, names
from tensionsim.briefings.facts import Line, Sheets, say, together
from tensionsim.briefings.forms import Value
from tensionsim.briefings.measuring import SURE
from tensionsim.briefings.pages import Block, Paragraph, Section, Table
from tensionsim.briefings.subject import Subject

if TYPE_CHECKING:
    from tensionsim.analysis.signs import EarlySigns


TOLD = 6
OF_A_KIND = 2


def warning(sheets: Sheets, subject: Subject, signs: EarlySigns | None) -> Section:
    """The signs with their skill, what the best adds to the index, or why there are none."""
    heading = "Early signs to watch"
    if signs is None:
        return Section(heading, (Paragraph(say("The span is too short to look so far ahead.")),))
    if signs.table.empty:
        return Section(heading, (Paragraph(together([_asked(sheets, subject, signs), _note(sheets, signs)])),))
    blocks: list[Block] = [Paragraph(together([_asked(sheets, subject, signs), _note(sheets, signs), _judged(sheets)]))]
    return Section(heading, (*blocks, _table(sheets, signs), Paragraph(_added(sheets, signs))))


def _meaning(sheets: Sheets, signs: EarlySigns) -> Line:
    return (sheets.quote(signs.meaning),)


def _asked(sheets: Sheets, subject: Subject, signs: EarlySigns) -> Line:
    where = say(" of {name}", name=names.outlook(sheets, subject.baseline)) if subject.others else ()
    return say(
        "Read on {sign_date}, {months} before {date}: what best tells the runs{where} in which {meaning} on that last "
        "date "
        "({ending} of {runs}) from the others?",
        sign_date=names.dated(sheets, "signs of", "sign date"),
        months=sheets.fact("signs of", "months ahead", "value", forms.months),
        date=names.dated(sheets, "signs of", "date"),
        where=where,
        meaning=_meaning(sheets, signs),
        ending=sheets.fact("signs of", "ending", "value", forms.count),
        runs=names.runs(sheets),
    )


def _note(sheets: Sheets, signs: EarlySigns) -> Line:
    if not signs.note:
        return ()
    return say("The answer is: {note}.", note=sheets.quote(signs.note))


def _judged(sheets: Sheets) -> Line:
    return say(
        "Half of the runs chose signs and bounds; all scores are those of the other half ({judged} runs, {ending} of "
        "which end so). "
        "Ranking is the chance that a sign ranks a run that ends so before one that does not: {coin} is a coin, "
        "{sure} is certain.",
        judged=sheets.fact("signs of", "judged", "value", forms.count),
        ending=sheets.fact("signs of", "judged ending", "value", forms.count),
        coin=sheets.fact("signs of", "coin", "value", forms.two_decimals),
        sure=_one(sheets),
    )


def _one(sheets: Sheets) -> Line:
    sheets.put("signs of", "certain", value=1.0)
    return (sheets.fact("signs of", "certain", "value", forms.two_decimals),)


def _table(sheets: Sheets, signs: EarlySigns) -> Table:
    rows = []
    for sign in signs.chosen(TOLD, of_a_kind=OF_A_KIND)["sign"]:
        rows.append(
            (
                warns(sheets, sign),
                say(
                    "{auc} (±{error})",
                    auc=sheets.fact("signs", sign, "auc", forms.two_decimals),
                    error=sheets.fact("signs", sign, "standard_error", forms.two_decimals),
                ),
                (sheets.fact("signs", sign, "hit_rate", forms.percent),),
                (sheets.fact("signs", sign, "false_alarm_rate", forms.percent),),
                _gain(sheets, sign),
            )
        )
    head = (say("Sign"), say("ranking"), say("hits"), say("false alarms"), say("adds to the index"))
    caption = say(
        "Signs, in the order in which the choosing half ranks them. Hits are the share of the runs that end so in "
        "which it warns, false alarms that of the others; "
        "± is a standard error."
    )
    return Table(caption, head, tuple(rows))


def _gain(sheets: Sheets, sign: str) -> Line:
    if sign == INDEX:
        return say("–")
    return say(
        "{gain} (±{error})",
        gain=sheets.fact("signs", sign, "gain", forms.signed_two),
        error=sheets.fact("signs", sign, "gain_error", forms.two_decimals),
    )


def warns(sheets: Sheets, sign: str) -> Line:
    """A sign with the bound from which on it warns."""
    cells = sheets.cells["signs"][sign]
    shown, side, unit = (
        sheets.name("the index" if sign == INDEX else sign),
        str(cells["side"]),
        str(cells["unit"]),
    )
    if unit == "in force":
        return say("{sign}: {state}", sign=shown, state="in force" if side == "above" else "not in force")
    if unit == "in three months":
        form: Callable[[Value], str] = forms.at_least if side == "above" else forms.at_most
        bound = sheets.fact("signs", sign, "threshold", form)
        return say(
            "{sign}: {bound} or {more} in three months",
            sign=shown,
            bound=bound,
            more="more" if side == "above" else "fewer",
        )
    scale = say(" {unit}", unit=sheets.quote(unit)) if not unit.startswith("0") else ()
    return say(
        "{sign} {side} {bound}{unit}",
        sign=shown,
        side=side,
        bound=sheets.fact("signs", sign, "threshold", forms.figure),
        unit=scale,
    )


def _added(sheets: Sheets, signs: EarlySigns) -> Line:
    """Whether anything says more than the index itself."""
    best = signs.adding_most()
    if best is None or INDEX not in sheets.cells["signs"]:
        return say("There is no sign beside the index.")
    gain, error = (sheets.number("signs", best, what) for what in ("gain", "gain_error"))
    named = sheets.name(best)
    if gain > SURE * error > 0.0:
        return say(
            "Whoever knows the index gains by watching {sign} too: the ranking improves by {gain} (standard error "
            "{error}).",
            sign=named,
            gain=sheets.fact("signs", best, "gain", forms.two_decimals),
            error=sheets.fact("signs", best, "gain_error", forms.two_decimals),
        )
    return say(
        "Whoever knows the index on that date knows about as much as can be known: what seemed to add most, {sign}, "
        "adds nothing that "
        "the judging half could tell ({gain}, standard error {error}).",
        sign=named,
        gain=sheets.fact("signs", best, "gain", forms.signed_two),
        error=sheets.fact("signs", best, "gain_error", forms.two_decimals),
    )


def in_short(sheets: Sheets, signs: EarlySigns | None) -> Line:
    """For the bottom line: the first sign and how good it is."""
    if signs is None or signs.table.empty:
        return ()
    months = sheets.fact("signs of", "months ahead", "value", forms.months)
    if not signs.separates:
        return say("No early sign: {note}.", note=sheets.quote(signs.note))
    first = str(signs.table["sign"].iloc[0])
    return say(
        "The best early sign of ending in crisis or worse, {months} ahead: {sign}. It warns in {hits} of the runs "
        "that end so, and "
        "in {alarms} of the others.",
        months=months,
        sign=warns(sheets, first),
        hits=sheets.fact("signs", first, "hit_rate", forms.percent),
        alarms=sheets.fact("signs", first, "false_alarm_rate", forms.percent),
    )
