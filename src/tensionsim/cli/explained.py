"""What `tensionsim explain` prints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tensionsim.analysis import explanation
from tensionsim.analysis.elements import LEANING_IS, Speech, capital, spoken
from tensionsim.cli.screen import Screen, plain, table

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.analysis.chronicle import Chronicle
    from tensionsim.analysis.effects import Effects
    from tensionsim.analysis.explanation import Explanation, Ledger, Motives


Labels = Mapping[str, str]
"""How actors are called, by their names in the file."""

MOST_ROWS = 15
SMALL = 0.005
"""Leaning below which a contribution is not listed."""


def lines(found: Explanation, screen: Screen, *, everything: bool = False) -> Iterator[str]:
    """An explanation, laid out for the screen."""
    yield from map(screen.bold, screen.wrapped(found.title))
    if found.effects is not None and found.effects.against:
        yield from map(screen.bold, screen.wrapped(f"against: {found.effects.against}"))
    parts = [part for part in (found.ledger, *found.motives, found.effects) if part is not None]
    taken = dict.fromkeys(note for part in parts for note in part.notes)
    for note in taken:
        yield from screen.wrapped(note)
    if found.ledger is not None:
        yield from _headed(screen, explanation.LEDGER_IS)
        yield from _ledger(found.ledger, found.labels, screen)
    if found.motives:
        yield from _headed(screen, explanation.MOTIVES_ARE)
        yield from screen.wrapped(LEANING_IS)
        for motives in found.motives:
            yield from _motives(motives, found.labels, screen)
    if found.effects is not None:
        yield from _headed(screen, explanation.EFFECTS_ARE)
        yield from _effects(found.effects, found.labels, screen)
    if found.chronicle is not None:
        yield from _headed(screen, explanation.CHRONICLE_IS)
        yield from _chronicle(found.chronicle, screen, everything=everything)
    yield from _notes([note for note in found.notes if note not in taken], screen)


def _notes(notes: Sequence[str], screen: Screen) -> Iterator[str]:
    """What the scenario says of itself, last."""
    if notes:
        yield from _headed(screen, "Notes")
    for note in notes:
        yield from screen.wrapped(note, "- ", "  ")


def _headed(screen: Screen, text: str) -> Iterator[str]:
    yield ""
    yield from map(screen.bold, screen.wrapped(text))


def _ledger(ledger: Ledger, labels: Labels, screen: Screen) -> Iterator[str]:
    is_mean = ledger.run is None
    who = "mean index" if is_mean else f"index of run {ledger.run}"
    yield from screen.wrapped(
        f"On {ledger.date} the {who} is {ledger.index:.1f}, {ledger.index - 50:+.1f} from neutral."
    )
    rows = ledger.table.loc[ledger.table["points"].abs().sort_values(ascending=False, kind="stable").index]
    shown, rest = rows.iloc[:MOST_ROWS], rows.iloc[MOST_ROWS:]
    head = ("Mover", "points", "share", "in runs") if is_mean else ("Mover", "points", "since")
    cells = [(_mean_row if is_mean else _run_row)(row, Speech(labels)) for row in shown.to_dict("records")]
    if len(rest):
        more = (f"{100 * rest['share'].sum():.0f} %", "") if is_mean else ("",)
        cells.append((f"{len(rest)} others", _signed(rest["points"].sum(), 1), *more))
    yield from table(screen, head, cells)
    if is_mean:
        yield from screen.wrapped(
            "share: of all points, hostile and friendly added without their signs. in runs: how many have any of it."
        )


def _mean_row(row: dict[str, Any], speech: Speech) -> tuple[str, ...]:
    shares = (f"{100 * row['share']:.0f} %", f"{100 * row['share_of_runs']:.0f} %")
    return (_mover(row, speech), _signed(row["points"], 1), *shares)


def _run_row(row: dict[str, Any], speech: Speech) -> tuple[str, ...]:
    return (f"{_mover(row, speech)} ({speech.words(row['issue'])})", _signed(row["points"], 1), row["since"])


def _mover(row: dict[str, Any], speech: Speech) -> str:
    return f"{speech.actors.get(row['actor'], row['actor'])}: {speech.words(row['what'])}"


def _motives(motives: Motives, labels: Labels, screen: Screen) -> Iterator[str]:
    change = motives.change
    for place, rows in change.groupby(["actor", "target", "issue", "track"], sort=False):
        actor, target, issue, track = (labels.get(str(name), str(name)) for name in place)
        channels = f"{_every(issue, 'all issues', 'on ')}, {_every(track, 'both tracks', '')}"
        yield ""
        yield from screen.wrapped(f"{actor} towards {_every(target, 'all', '')}, {channels}")
        yield from _mechanisms(rows, motives, screen)


def _every(name: str, where_all: str, before: str) -> str:
    return where_all if name == "all" else f"{before}{name}"


def _mechanisms(rows: pd.DataFrame, motives: Motives, screen: Screen) -> Iterator[str]:
    columns = ["mean", "before", "after"]
    is_small = (rows[columns].abs() < SMALL).all(axis=1)
    order = rows.loc[~is_small, "change"].abs().sort_values(ascending=False, kind="stable").index
    body = rows.loc[[label for label in order if rows.at[label, "mechanism"] != "direction"]].to_dict("records")
    sums = rows[rows["mechanism"] == "direction"].to_dict("records")
    cells = [
        (
            row["mechanism"].replace("_", " ") if row["mechanism"] != "direction" else "in all: leaning",
            _with_error(row["change"], row["standard_error"], 2, screen),
            _signed(row["before"], 2),
            _signed(row["after"], 2),
            _signed(row["mean"], 2),
        )
        for row in (*body, *sums)
    ]
    yield from table(screen, ("Mechanism", "change", motives.first, motives.last, "mean"), cells)
    if is_small.any():
        count = int(is_small.sum())
        yield from screen.wrapped(f"({count} other{' stays' if count == 1 else 's stay'} within {SMALL:g} of 0)")


def _with_error(value: float, error: float, decimals: int, screen: Screen) -> str:
    text = _signed(value, decimals)
    return text if math.isnan(error) else f"{text} {screen.glyph('±', '+-')}{error:.{decimals}f}"


def _signed(value: float, decimals: int) -> str:
    """The number with its sign; what is rounded to 0 has a plus."""
    return f"{round(value, decimals) + 0.0:+.{decimals}f}"


def _effects(effects: Effects, labels: Labels, screen: Screen) -> Iterator[str]:
    runs = f"({effects.unit}; {effects.runs:,} runs, seed {effects.seed})"
    yield from screen.wrapped(f"{capital(effects.quantity)}: {_in_words(effects)} {runs}.")
    if effects.table.empty:
        yield from screen.wrapped("There is no difference: both say the same, but for what has no effect.")
        return
    if effects.constant is not None:
        everywhere = f"It is {effects.constant:g} in every run of all {effects.worlds:,} worlds"
        yield from screen.wrapped(f"{everywhere}, so that there is nothing to explain.")
        return
    yield from _elements(effects, labels, screen)


def _in_words(effects: Effects) -> str:
    """What the quantity is in the worlds that the effects lie between."""
    base, whole = effects.base, effects.whole
    if not effects.against:
        return f"{base:.1f} without any of them, {whole:.1f} with all"
    if effects.here is None or effects.here == whole:
        return f"{base:.1f} there, {whole:.1f} here"
    return f"{base:.1f} there, {whole:.1f} with only these, {effects.here:.1f} here"


def _elements(effects: Effects, labels: Labels, screen: Screen) -> Iterator[str]:
    cells = [
        (
            row["element"] if effects.against else spoken(row["element"], labels),
            _with_error(row["effect"], row["standard_error"], 1, screen),
            _with_error(row["leave_one_out"], row["leave_one_out_error"], 1, screen),
        )
        for row in effects.table.to_dict("records")
    ]
    cells.append(("in all", f"{effects.total:+.1f}", f"{effects.table['leave_one_out'].sum():+.1f}"))
    kind = "Difference" if effects.against else "Element"
    yield from table(screen, (kind, "effect", "alone"), cells)
    how = (
        f"all {effects.worlds:,} sets of them"
        if effects.method == "exact"
        else f"drawn orders, {effects.worlds:,} sets"
    )
    yield from screen.wrapped(
        f"effect: Shapley value, from {how}; they add up to the whole. alone: what is lost without it where all others "
        f"stay; these leave {effects.interaction:+.1f} to interaction. {screen.glyph('±', '+-')}: standard error."
    )


def _chronicle(chronicle: Chronicle, screen: Screen, *, everything: bool) -> Iterator[str]:
    yield from screen.wrapped(f"Run {chronicle.run}, seed {chronicle.seed}. {' '.join(chronicle.notes)}")
    above, told = "", list(chronicle.headed(everything=everything))
    for heading, text in told:
        if heading != above:
            yield screen.bold(plain(heading))
        yield from screen.wrapped(text, "  ", "    ")
        above = heading
    if len(told) < len(chronicle.table):
        yield from screen.wrapped(f"({len(chronicle.table)} things happened; --all tells each)")
