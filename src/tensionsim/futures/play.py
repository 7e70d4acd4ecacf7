"""Play a side: a person or a program decides for one actor step by step; the rest of the world is simulated."""

from __future__ import annotations

import bisect
import copy
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tensionsim.agents import Actor, TensionModel
from tensionsim.engine.build import assemble
from tensionsim.engine.perception import Decision, Done, Moment, Perception, steps_lately
from tensionsim.engine.run import names_of, proceed
from tensionsim.engine.simulation import begin
from tensionsim.engine.step import View, turn_calendar
from tensionsim.errors import DecisionError, TensionSimError, day_of, one_of, shown, whole
from tensionsim.model.parameters import Settings
from tensionsim.model.record import STOPPED
from tensionsim.model.structure import Floats
from tensionsim.runs.plan import PlannedStreams
from tensionsim.runs.results import Results
from tensionsim.runs.run import check_memory, decide_of
from tensionsim.runs.statistics import plain
from tensionsim.scenario.scenario import Scenario, scenario_of

OWN, ALONE, PROTOCOL, EVENT = "own", 200, 1, "event: "
"""The word for all that the model would have the actor do; runs beside the played one; version of the protocol."""


class Hand(Actor):
    """The actor who is played: it makes the moves that it was told."""

    told: tuple[Decision, ...] = ()

    def decide(self, perception: Perception) -> Iterable[Decision]:
        return self.told


class Game:
    """One run of a scenario in which you decide for one actor, `side`; the rest of the world is simulated.

    Without you it is run 0 of `ts.run(scenario, seed=seed)`. `model` is the `TensionModel` under way. TensionSimError
    says what cannot be.

    Examples
    --------
    >>> import tensionsim as ts
    >>> game = ts.Game("norland-suderia", "suderia", seed=7)
    >>> game.seen.channels[0].menu["praise"]
    3.4
    >>> game.step("own", "praise on water")  # what the model would have it do, and this
    >>> game.leave("2030-06-03")  # up to that day as the model would have it
    >>> game.back("2030-01-08")
    >>> game.leave()
    >>> bool(game.table(runs=20).loc["moves of suderia", "played"] > 1)
    True
    """

    _seen: Perception | None

    def __init__(self, scenario: Scenario | str | Path, side: str, *, seed: int = 0) -> None:
        self.scenario, self.side, self.seed = scenario_of(scenario), side, whole("seed", seed)
        one_of("the actor to play", side, self.scenario.file.actors, TensionSimError)
        self._world = assemble(self.scenario)
        self._replay([])

    def __repr__(self) -> str:
        return f"<Game of {self.scenario.title!r} as {self.side}: {self.date}, seed {self.seed}>"

    @property
    def date(self) -> dt.date:
        """The present date."""
        return self.model.date

    @property
    def seen(self) -> Perception:
        """What the side sees now, with what the calendar brings today: its menus, what it got. It changes nothing."""
        if self._seen is None:
            now = self.model.simulation
            settings = Settings(now.settings.runs, dict(now.settings.values))
            today = replace(now, state=copy.deepcopy(now.state), settings=settings)
            if self.model.running:
                turn_calendar(today)
            self._seen = Perception(self.side, Moment(today, View(today), self._done), 0)
        return self._seen

    def step(self, *moves: str | Decision) -> None:
        """Makes moves, and lets the world go one step on; without any the side does nothing.

        moves : each a `Decision`, a text like "praise on drugs" or "praise to washington on drugs", or "own": what the
        model would have the side do. Where one cannot be made now none is; the TensionSimError tells all at once.
        """
        if not self.model.running:
            raise TensionSimError(f"the run is over on {self.date}; go back to an earlier day to play on")
        made, wrong = list[Decision](), list[str]()
        for one in moves:
            try:
                found = self.seen.own_choice if one == OWN else [one if isinstance(one, Decision) else decision(one)]
                for each in found:
                    self.seen.entry(each)
                made += found
            except DecisionError as error:
                wrong.append(str(error))
        if wrong:
            raise DecisionError("; ".join(dict.fromkeys(wrong)))
        self._move_on(tuple(made))

    def leave(self, until: dt.date | str | None = None) -> None:
        """Has the model decide for the side up to a day, by default to the end."""
        last = max(self._world.dates[-1], self.scenario.file.end)
        end = last if until is None else day_of(until)
        if not self.date < end <= last:
            raise TensionSimError(f"one can leave it to a day after {self.date}, up to {last}; got {end}, or go back")
        while self.model.running and self.date < end:
            self.step(OWN)

    def back(self, date: dt.date | str) -> None:
        """Takes back all that was done from a day on, to branch there."""
        day, start = day_of(date), self._world.dates[0]
        if not start <= day <= self.date:
            raise TensionSimError(f"one can go back to a day from {start} to {self.date}; got {day}")
        self._replay(self._log[: bisect.bisect_left(self._world.dates, day)])

    def _replay(self, log: list[tuple[Decision, ...]]) -> None:
        self.model = TensionModel(self._world, seed=self.seed, agents={**self.scenario.agents, self.side: Hand})
        self._done: deque[Done] = deque(maxlen=steps_lately(self._world))
        self._log = list[tuple[Decision, ...]]()
        self._seen = None
        for told in log:
            self._move_on(told)

    def _move_on(self, told: tuple[Decision, ...]) -> None:
        hand, now = self.model.actors[self.side], self.model.simulation
        assert isinstance(hand, Hand)
        hand.told = told
        self.model.step()
        if now.done is not None:
            self._done.append(Done(now.world, now.at - 1, now.done))
        self._log.append(told)
        self._seen = None

    def alone(self, runs: int = ALONE) -> Results:
        """Runs that go on by themselves, the first with the luck of the played run: what would have come without you.

        Assumption: uncertain numbers and how changes turn out are the world's, and the same for all.
        """
        names, draws = names_of(self._world), np.zeros(whole("runs", runs, least=1), np.int64)
        check_memory(self._world, names, runs)
        now = begin(self._world, PlannedStreams(self.seed, 0, np.arange(runs), draws, {}))
        record = proceed(now, decide=decide_of(now))
        return Results(self.scenario, self.seed, runs, 0, names, record, self.scenario.code)

    def table(self, runs: int = ALONE) -> pd.DataFrame:
        """The played run up to now beside runs that went on by themselves, a line a quantity.

        `played`; `twin`, the run of the same luck; `q05`, `median`, `q95` of the runs; the share that it is `above` (of
        equal ones half). Index and issues are those of the present date; of events 1 is that it came true, and `median`
        the share of runs in which it did.
        """
        rows, mine = dict[str, list[float]](), self._quantities(self.model.results())
        for name, values in self._quantities(self.alone(runs)).items():
            value = mine[name].item()
            above = np.where(np.isclose(values, value), 0.5, values < value).mean()  # means differ in their last bits
            spread = [*np.quantile(values, [0.05, 0.5, 0.95]), above]
            if name.startswith(EVENT):
                spread = [np.nan, values.mean(), np.nan, np.nan]
            rows[name] = [value, values[0], *spread]
        columns = ["played", "twin", "q05", "median", "q95", "above"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("quantity")

    def _quantities(self, results: Results) -> dict[str, Floats]:
        """What runs are compared by, shape (run,)."""
        record, names, at = results.record, results.names, self.model.simulation.at
        is_own = np.array([channel.actor == self.side for channel in self._world.channels.rows])
        counts = is_own[record.move_channel] & (record.move_cause != STOPPED) & (record.move_step < at)
        moves = np.bincount(record.move_run[counts], minlength=results.runs).astype(np.float64)
        events = np.asarray(record.events[: at + 1].any(axis=0), np.float64)
        found: dict[str, Floats] = {"index": record.cooperation[at]}
        found |= {"index, mean": record.cooperation[: at + 1].mean(axis=0), f"moves of {self.side}": moves}
        found |= {f"issue: {name}": record.issue_cooperation[at, row] for row, name in enumerate(names.issues)}
        return found | {f"{EVENT}{name}": events[row] for row, name in enumerate(names.events)}

    def turn(self) -> dict[str, Any]:
        """All that the side is told at the present date, as plain values: a `turn` of the protocol (docs/play.md)."""
        seen, model, moves = self.seen, self.model, self.model.results().moves
        last = moves[moves["date"] == str(self._world.dates[max(model.simulation.at - 1, 0)])]
        here = [(one, {"target": one.target, "issue": one.issue, "track": one.track}) for one in seen.channels]
        return {
            **{"date": str(self.date), "index": model.cooperation, "regime": model.regime},
            **{"issues": model.issue_cooperation, "indicators": dict(seen.indicators)},
            "in_force": [one.name for one in seen.in_force],
            "last": plain(last.drop(columns=["run", "date", "track"]).to_dict("records")),
            "channels": [who | {"tone": one.tone, "menu": dict(one.menu)} for one, who in here],
            "own": [text_of(one) for one in seen.own_choice],
        }

    def summary(self, runs: int = ALONE) -> dict[str, Any]:
        """What was played, every decision by its date, and `table`, as plain values."""
        told = zip(map(str, self._world.dates), self._log, strict=False)
        return {
            **{"title": self.scenario.title, "side": self.side, "start": str(self._world.dates[0])},
            **{"date": str(self.date), "seed": self.seed, "runs": runs},
            "decisions": [{"date": day, "moves": [*map(text_of, moves)]} for day, moves in told if moves],
            "table": plain(self.table(runs).reset_index().to_dict("records")),
        }


def text_of(one: Decision) -> str:
    """A decision in words: those that `decision` reads."""
    return one.move + (f" to {one.target}" if one.target else "") + (f" on {one.issue}" if one.issue else "")


def decision(text: object) -> Decision:
    """The decision that a text means: a move, then `to TARGET` and `on ISSUE`, each where it is needed."""
    move, *rest = text.split() if isinstance(text, str) and text.strip() else [""]
    where = dict(zip(rest[::2], rest[1::2], strict=False))
    if not move or 2 * len(where) != len(rest) or not {*where} <= {"to", "on"}:
        raise DecisionError(f"{shown(text)} is no move; write MOVE, MOVE on ISSUE, or MOVE to TARGET on ISSUE")
    return Decision(move, where.get("to"), where.get("on"))


def serve(game: Game, lines: Iterable[str], say: Callable[[dict[str, Any]], None], runs: int = ALONE) -> None:
    """Plays a game by lines, to the end of either: says a mapping a turn, and obeys a line each (docs/play.md).

    What cannot be done is `refused`, with the reason, and the turn stands. Where the lines end, the rest goes on by
    itself; the last thing said is the `end`: the summary.
    """
    file = game.scenario.file
    who = {"side": game.side, "actors": [*file.actors], "issues": [*file.issues]}
    days = {"start": str(file.start), "end": str(file.end)}
    say({"say": "begin", "protocol": PROTOCOL, "title": file.title, **who, **days})
    say({"say": "turn", **game.turn()})
    for line in lines:
        try:
            obey(game, line)
        except (TensionSimError, ValueError) as error:
            say({"say": "refused", "why": str(error)})
        else:
            if not game.model.running:
                break
            say({"say": "turn", **game.turn()})
    if game.model.running:
        game.leave()
    say({"say": "end", **game.summary(runs)})


def obey(game: Game, line: str) -> None:
    """Does what a line says: moves, each as `decision` reads it; own, nothing, go DAY, back DAY, end."""
    words = line.split()
    if words[:1] in (["go"], ["back"]) and len(words) == 2:
        (game.leave if words[0] == "go" else game.back)(words[1])
    elif words == ["end"]:
        game.leave()
    elif words == ["nothing"]:
        game.step()
    else:
        game.step(*(one.strip() for one in (line.strip() or OWN).split(",")))
