"""What a move answers: worked out afterwards, from the moves of a run and those observed before it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tensionsim.engine.build import known
from tensionsim.engine.past import DAYS_PER_STEP
from tensionsim.model.catalogue import Move, answers, matters
from tensionsim.model.record import CAUSES, STOPPED
from tensionsim.model.state import FADED
from tensionsim.model.structure import Channel
from tensionsim.runs.results import Results
from tensionsim.scenario.names import catalogue_of

if TYPE_CHECKING:
    import pandas as pd

UNPROMPTED = "unprompted"
"""What a move is called that neither answers nor raises a matter."""

SCHEDULE = CAUSES.index("schedule")

Key = tuple[str, str, str, str]
"""A matter: its kind, who raised it, with whom, on which issue."""


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

    def is_presupposed_by(self, move: Move) -> bool:
        """Whether such a move could not have been without it."""
        return self.matter in (move.withdraws or move.presupposes)


class _Part(NamedTuple):
    """What a move in a channel does with matters: groups of those that it may answer, what it settles and raises."""

    move: Move
    actor: str
    asked: tuple[tuple[Key, ...], ...]
    settled: tuple[Key, ...]
    raised: tuple[Key, ...]

    @classmethod
    def of(cls, move: Move, channel: Channel) -> _Part:
        """The part of a move in a channel."""

        def keys(given: Iterable[tuple[str, bool]]) -> tuple[Key, ...]:
            there, back = (channel.actor, channel.target), (channel.target, channel.actor)
            return tuple((name, *(there if is_own else back), channel.issue) for name, is_own in given)

        way = answers().get(move.answers)
        of_way = [(name, way.is_own) for name in way.matters] if way is not None else []
        asked = (keys((name, True) for name in move.withdraws), keys(of_way))
        return cls(move, channel.actor, asked, keys(move.settles), keys((name, True) for name in move.raises))

    def answered(self, fresh: Mapping[Key, Raised], step: int, longest: Mapping[str, float]) -> Raised | None:
        """What was raised last of that which it may answer and is still open in a step."""
        for keys in self.asked:
            raised = [fresh[key] for key in keys if key in fresh]
            still_open = [one for one in raised if step - one.step <= longest[one.matter]]
            if still_open:
                return max(still_open, key=lambda one: one.step)
        return None

    def enter(self, fresh: dict[Key, Raised], step: int, day: dt.date) -> None:
        """Raises its matters."""
        fresh |= {key: Raised(key[0], self.move, step, day) for key in self.raised}

    def settle(self, fresh: dict[Key, Raised]) -> None:
        """Closes what it answers for good."""
        for key in self.settled:
            fresh.pop(key, None)


def answered(results: Results, run: int | None = None) -> list[Raised | None]:
    """For every move of a record, or of one run, what it answers; None where it is nothing that is open.

    That is the last move that raised what it takes back, or else what its way answers. As in the engine a matter is
    open from the step after it was raised until it is settled, or for three half-lives; what came before the start is
    as it was observed.
    """
    file, record, names = results.scenario.file, results.record, results.names
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    channels = [Channel(*each) for each in zip(*names.places().values(), strict=True)]
    # A trace more than three half-lives, as freshness is a product of many roundings.
    half_lives = -math.log2(FADED) + 1e-6
    longest = {name: half_lives * one.half_life / results.step_months for name, one in matters().items()}
    part = cache(lambda channel, move: _Part.of(moves[names.moves[move]], channels[channel]))
    past = dict[Key, Raised]()
    for before in sorted(known(file).moves, key=lambda one: one.date):
        made = _Part.of(moves[before.move], before.channel)
        made.settle(past)
        made.enter(past, math.floor((before.date - file.start).days / DAYS_PER_STEP[file.step]), before.date)
    steps = np.searchsorted(results.dates, [np.datetime64(one.date) for one in file.schedule], side="right") - 1
    scheduled = {
        (step, SCHEDULE, one.actor, one.move): one.date for step, one in zip(steps.tolist(), file.schedule, strict=True)
    }
    columns = (record.move_run, record.move_step, record.move_channel, record.move_id, record.move_cause)
    chosen = slice(None) if run is None else record.move_run == run
    found, days, current, fresh = list[Raised | None](), [day.item() for day in results.dates], -1, past
    entries = zip(*(column[chosen].tolist() for column in columns), strict=True)
    for (of_run, step), rows in groupby(entries, key=itemgetter(0, 1)):
        if of_run != current:
            current, fresh = of_run, dict(past)
        acts = [(part(channel, move), cause) for _, _, channel, move, cause in rows]
        found += [one.answered(fresh, step, longest) for one, _ in acts]
        done = [(one, cause) for one, cause in acts if cause != STOPPED]
        for one, _ in done:
            one.settle(fresh)
        for one, cause in done:
            one.enter(fresh, step, scheduled.get((step, cause, one.actor, one.move.name), days[step]))
    return found


def with_answers(ledger: pd.DataFrame, results: Results, run: int) -> pd.DataFrame:
    """A ledger of a run with a column `answers`: what its moves answer that could not be without it, in words."""
    record, names, of_run = results.record, results.names, results.record.move_run == run
    places = list(zip(*names.places().values(), strict=True))
    file = results.scenario.file
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    told: dict[tuple[str, ...], str] = {}
    columns = (record.move_step[of_run], record.move_channel[of_run], record.move_id[of_run])
    for step, channel, move, raised in zip(*(one.tolist() for one in columns), answered(results, run), strict=True):
        if raised is not None and raised.is_presupposed_by(moves[names.moves[move]]):
            day = results.dates[step].item()
            told[str(day), *places[channel], names.moves[move]] = raised.told_on(day)
    keys = ledger[["since", "actor", "target", "issue", "track", "what"]].itertuples(index=False, name=None)
    return ledger.assign(answers=[told.get(key, "") for key in keys])


def matters_of(results: Results) -> list[str]:
    """For every move of a record the kind of matter that it answers, or else raises first, or `UNPROMPTED`."""
    file, names = results.scenario.file, results.names.moves
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    raised = [next(iter(moves[name].raises), UNPROMPTED) for name in names]
    made = results.record.move_id.tolist()
    return [raised[move] if one is None else one.matter for move, one in zip(made, answered(results), strict=True)]
