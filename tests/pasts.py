"""Made-up event data of two invented governments, for tests that forecast from them."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np

from tensionsim.events.history import NO_ROW, EventHistory, Reading

CODES = {"036": 4.0, "042": 1.9, "057": 8.0, "112": -2.0, "131": -5.8, "190": -10.0}
FIRST = dt.date(2001, 1, 1)


def past(*, days: int = 1200, events: int = 450, seed: int = 1, issues: tuple[str, ...] = ("border",)) -> EventHistory:
    """Events on random days, of random codes; scores stray a little from those of their codes, as coders' do."""
    luck = np.random.default_rng(seed)
    codes = luck.choice(list(CODES), events)
    actor = luck.integers(0, 2, events)
    return EventHistory(
        name="made up",
        actors=("north", "south"),
        dates=np.sort(np.datetime64(FIRST) + luck.integers(0, days, events).astype("timedelta64[D]")),
        actor=actor,
        target=1 - actor,
        issues=issues,
        issue=luck.integers(0, len(issues), events),
        track=np.zeros(events, np.int64),
        cameo=codes.astype("U4"),
        score=np.clip([CODES[code] for code in codes] + luck.normal(0.0, 0.3, events).round(1), -10.0, 10.0),
        is_material=np.char.startswith(codes, "19"),
        weight=np.ones(events),
        moves=(),
        move=np.full(events, NO_ROW),
        report=Reading("made up", "made up", events, events),
        observed=(FIRST, FIRST + dt.timedelta(days=days - 1)),
    )


def with_event(
    history: EventHistory, date: dt.date, *, weight: float, cameo: str = "190", issue: int = 0
) -> EventHistory:
    """The history with one more event, by the first actor towards the second."""
    row = int(np.searchsorted(history.dates, np.datetime64(date)))
    more = {
        "dates": np.datetime64(date),
        "actor": 0,
        "target": 1,
        "issue": issue,
        "track": 0,
        "cameo": cameo,
        "score": -10.0,
        "is_material": True,
        "weight": weight,
        "move": NO_ROW,
    }
    return dataclasses.replace(
        history, **{name: np.insert(getattr(history, name), row, value) for name, value in more.items()}
    )
