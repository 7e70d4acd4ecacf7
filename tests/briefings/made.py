"""Briefings that the tests read: of an invented dyad, of bent results, of the shipped one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.briefings.briefing import Block
from tensionsim.briefings.numbers import Line, text_of
from tensionsim.runs.results import Results

SCENARIO = "norland-suderia"


@cache
def results(runs: int = 120, outlook: str | None = None) -> Results:
    return ts.run(ts.load(SCENARIO, outlook=outlook), runs=runs, seed=7)


@cache
def alone() -> ts.Briefing:
    return ts.report(results(), effects=False)


@cache
def dated() -> ts.Briefing:
    """One ensemble with the effects of what its file dates or rules."""
    return ts.report(results(12))


@cache
def several() -> ts.Briefing:
    both = (results(), results(outlook="calm"), results(outlook="loud"))
    return ts.report(ts.compare(*both), effects=False, command="tensionsim report norland-suderia --outlooks")


@cache
def with_effects() -> ts.Briefing:
    louder = ts.load(SCENARIO, set={"actors.*.rhetoric": 0.9})
    base = ts.run(SCENARIO, runs=24, seed=7)
    return ts.report(ts.compare(base, ts.run(louder, runs=24, seed=7), names=["as it is", "louder"]))


@cache
def shipped() -> ts.Briefing:
    return ts.report(ts.compare("managed", "rhetoric", baseline="status-quo", runs=30), effects=False)


EVERY = {one.__name__: one for one in (alone, dated, several, with_effects, shipped)}


@cache
def page(name: str) -> str:
    """The HTML of one of the briefings of this module, its figures left blank."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ts.Briefing, "drawn", lambda *_, **__: b"<svg/>")
        return EVERY[name]().to_html()


def bent(index: float | np.ndarray, crisis: np.ndarray | bool, runs: int = 60, name: str = "bent") -> Results:
    """Results of so many runs in which index and event are as they are told, from the second date on."""
    found = results(runs)
    record = found.record
    cooperation, events = record.cooperation.copy(), record.events.copy()
    cooperation[1:] = index
    events[:, 0] = False
    events[1:, found.names.events.index("crisis")] = crisis
    return replace(found, record=replace(record, cooperation=cooperation, events=events))


def compared(base: Results, other: Results) -> ts.Briefing:
    return ts.report(ts.compare(base, other, names=["base", "other"]), effects=False)


def lines_of(block: Block) -> list[Line]:
    """Everything that is written in a block, in order."""
    cells = [cell for row in block.rows for cell in row]
    return [*([block.line] if block.line else []), *block.points, *(one.alternative for one in block.pictures), *cells]


def lines(briefing: ts.Briefing) -> list[str]:
    """Every sentence, cell and caption of a briefing, with plain spaces."""
    written = [line for section in briefing.sections for block in section.blocks for line in lines_of(block)]
    return [text_of(line).replace("\u00a0", " ") for line in (briefing.heading, briefing.subtitle, *written)]


def section(briefing: ts.Briefing, heading: str) -> str:
    """The text of a section, with plain spaces."""
    (found,) = [one for one in briefing.sections if one.heading == heading]
    return " ".join(text_of(line) for block in found.blocks for line in lines_of(block)).replace("\u00a0", " ")
