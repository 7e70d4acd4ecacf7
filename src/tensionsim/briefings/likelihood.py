"""Words for probabilities, the same everywhere in a briefing.

References
----------
Office of the Director of National Intelligence (2015). Intelligence Community Directive 203: Analytic Standards. Its
seven terms and bounds; what lies on a bound counts as above it, and the ends, which it leaves open, are counted out.
"""

from __future__ import annotations

from tensionsim.briefings import forms
from tensionsim.briefings.facts import Fact, Line, Sheets, joined, say

SHEET = "scale"
SCALE: tuple[tuple[str, float, float], ...] = (
    ("almost no chance", 0.0, 0.05),
    ("very unlikely", 0.05, 0.20),
    ("unlikely", 0.20, 0.45),
    ("roughly even chance", 0.45, 0.55),
    ("likely", 0.55, 0.80),
    ("very likely", 0.80, 0.95),
    ("almost certain", 0.95, 1.0),
)
"""Words with the least share that each means and the share from which on the next one is meant."""

STANDARD = "ICD 203"


def word(share: float) -> str:
    """The word for a share of the runs, in [0, 1]."""
    return next((name for name, _, bound in SCALE if share < bound), SCALE[-1][0])


def explained(sheets: Sheets) -> Line:
    """The scale in a sentence."""
    for name, low, high in SCALE:
        sheets.put(SHEET, name, **{"from": low, "to": high})
    steps = [
        say("{name} (up to {high})", name=name, high=sheets.fact(SHEET, name, "to", forms.percent))
        if low == 0.0
        else say("{name} (from {low})", name=name, low=sheets.fact(SHEET, name, "from", forms.percent))
        for name, low, _ in SCALE
    ]
    return say(
        "Words for chances mean, after {standard}: {steps}. A chance is a share of the runs, given the assumptions of "
        "the "
        "outlook; it is not the chance that the assumptions hold.",
        standard=sheets.quote(STANDARD),
        steps=joined(steps),
    )


def chance(sheets: Sheets, table: str, row: str, column: str) -> Line:
    """How often something is so: in none of, in all of, or in a share of the runs, with its word."""
    share = sheets.number(table, row, column)
    fact, runs = sheets.fact(table, row, column, forms.percent), sheets.fact("setting", "runs", "value", forms.runs)
    if sheets.number("setting", "runs", "value") == 1:
        return say("in the one run" if share else "in no run")
    if share in (0.0, 1.0):
        return say("in none of the {runs}" if share == 0.0 else "in all of the {runs}", runs=runs)
    return say("in {share} of the runs ({word})", share=fact, word=word(share))


def briefly(sheets: Sheets, table: str, row: str, column: str, *, of: str = "") -> Line:
    """The same without its word: "none", "all", each with the words `of`, or a share."""
    share = sheets.number(table, row, column)
    fact: Fact = sheets.fact(table, row, column, forms.percent)
    return say("none{of}" if share == 0.0 else "all{of}" if share == 1.0 else "{share}", share=fact, of=of)
