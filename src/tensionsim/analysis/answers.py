"""What a move answers: worked out afterwards, from the moves of a run and those observed before it."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.model.catalogue import Move
from tensionsim.model.record import CAUSES, STOPPED
from tensionsim.model.state import FADED
from tensionsim.model.structure import WAYS, Channel
from tensionsim.runs.results import Results
from tensionsim.scenario.names import catalogue_of

if TYPE_CHECKING:
    import pandas as pd

UNPROMPTED = "unprompted"
"""What a move is called that neither answers nor raises a matter."""

SCHEDULE = CAUSES.index("schedule")


@dataclass(frozen=True, slots=True)
class Raised:
    """What stands open: the kind of matter, and the move, the step and the day that raised it."""

    matter: str
    move: Move
    step: int
    day: dt.date

    def told_on(self, day: dt.date) -> str:
        """It in words, such as "demand of 3 March"; with the year, where that is not the day's."""
        year = f" {self.day.year}" if self.day.year != day.year else ""
        when = f"{self.day.day} {self.day:%B}{year}"
        is_threat = self.matter == "tariffs" and "threat" in self.move.raises
        return f"tariffs threatened on {when}" if is_threat else f"{self.matter} of {when}"


def answered(results: Results, run: int | None = None) -> list[Raised | None]:
    """For every move of a record, or of one run, the last open matter that it answers, or None."""
    file, record, names = results.scenario.file, results.record, results.names
    channels = [Channel(*each) for each in zip(*names.places().values(), strict=True)]
    world = assemble(results.scenario, also=channels)
    moves, table = world.moves, world.menus.matters
    # By name, as forecasts and folders of other versions may have other rows.
    channel_of = [world.channels.index(channel) for channel in channels]
    move_of = [world.menus.names.index(name) for name in names.moves]
    # A trace more than three half-lives, as freshness is a product of many roundings.
    longest = ((1e-6 - math.log2(FADED)) * table.half_life[:, 0] / results.step_months).tolist()

    @cache
    def rows_of(channel: int, move: int) -> tuple[tuple[list[int], list[int]], list[int], list[int]]:
        """Rows of matters: the two groups of those that a move may answer, what it settles, and what it raises."""
        codes = (table.presupposed[:, move], table.settled[:, move], table.raised[:, move])
        own = codes[0][codes[0] >= len(table.names)]
        withdrawn, settled, raised = (
            [row for row in table.row[code, channel].tolist() if row >= 0] for code in (own, *codes[1:])
        )
        way = moves[move].answers
        asked = [int(rows[channel]) for rows in table.facing[WAYS.index(way)]] if way else []
        return (withdrawn, asked), settled, raised

    def enter(fresh: dict[int, Raised], channel: int, move: int, step: int, day: dt.date) -> None:
        raised = rows_of(channel, move)[2]
        fresh |= {row: Raised(table.names[row // table.lines], moves[move], step, day) for row in raised}

    past = dict[int, Raised]()
    for before in world.past.moves:
        for row in rows_of(before.channel, before.move)[1]:
            past.pop(row, None)
        enter(past, before.channel, before.move, before.step, before.date)
    steps = np.searchsorted(results.dates, [np.datetime64(one.date) for one in file.schedule], side="right") - 1
    scheduled = {
        (step, SCHEDULE, one.actor, one.move): one.date for step, one in zip(steps.tolist(), file.schedule, strict=True)
    }
    columns = (record.move_run, record.move_step, record.move_channel, record.move_id, record.move_cause)
    chosen = slice(None) if run is None else record.move_run == run
    found, days, current, fresh = list[Raised | None](), [day.item() for day in results.dates], -1, past
    entries = zip(*(column[chosen].tolist() for column in columns), strict=True)
    for (of_run, step), acts in groupby(entries, key=itemgetter(0, 1)):
        if of_run != current:
            current, fresh = of_run, dict(past)
        made = [(channel_of[channel], move_of[move], cause) for _, _, channel, move, cause in acts]
        for channel, move, _ in made:
            groups = (
                [fresh[row] for row in rows if row in fresh and step - fresh[row].step <= longest[row]]
                for rows in rows_of(channel, move)[0]
            )
            found.append(next((max(group, key=lambda one: one.step) for group in groups if group), None))
        done = [act for act in made if act[2] != STOPPED]
        for channel, move, _ in done:
            for row in rows_of(channel, move)[1]:
                fresh.pop(row, None)
        for channel, move, cause in done:
            who = (world.channels.rows[channel].actor, moves[move].name)
            enter(fresh, channel, move, step, scheduled.get((step, cause, *who), days[step]))
    return found


def told_answers(results: Results, run: int | None = None) -> list[str]:
    """For every move of a record, or of one run, in words, what it answers and could not be without; else nothing."""
    file, record, days = results.scenario.file, results.record, results.dates
    known, names = catalogue_of(file.moves, file.arrangement_kinds).moves, results.names.moves
    chosen = slice(None) if run is None else record.move_run == run
    columns = record.move_id[chosen].tolist(), record.move_step[chosen].tolist()
    return [
        raised.told_on(days[step].item())
        if raised and raised.matter in (known[names[move]].withdraws or known[names[move]].presupposes)
        else ""
        for move, step, raised in zip(*columns, answered(results, run), strict=True)
    ]


def with_answers(ledger: pd.DataFrame, results: Results, run: int) -> pd.DataFrame:
    """A ledger of a run with a column `answers`: see `told_answers`."""
    record, names, of_run = results.record, results.names, results.record.move_run == run
    places = list(zip(*names.places().values(), strict=True))
    columns = [one[of_run].tolist() for one in (record.move_step, record.move_channel, record.move_id)]
    told = {
        (str(results.dates[step]), *places[channel], names.moves[move]): words
        for step, channel, move, words in zip(*columns, told_answers(results, run), strict=True)
    }
    keys = ledger[["since", "actor", "target", "issue", "track", "what"]].itertuples(index=False, name=None)
    return ledger.assign(answers=[told.get(key, "") for key in keys])


def matters_of(results: Results) -> list[str]:
    """For every move of a record the kind of matter that it answers, or else raises first, or `UNPROMPTED`."""
    file, names = results.scenario.file, results.names.moves
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    raised = [next(iter(moves[name].raises), UNPROMPTED) for name in names]
    made = results.record.move_id.tolist()
    return [raised[move] if one is None else one.matter for move, one in zip(made, answered(results), strict=True)]
