"""Causes: what makes the index, what turns a government, what each element does, one run move by move, conduct."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.contributions import ALL, DIRECTION, Contributions, contributions
from tensionsim.analysis.effects import Draw, Effects, Origin
from tensionsim.engine.stability import field
from tensionsim.errors import SelectionError, TensionSimError, one_of
from tensionsim.model.ledger import by_mover
from tensionsim.model.measures import REGIMES
from tensionsim.model.record import STOPPED, Dates, Floats
from tensionsim.plots import labels, style
from tensionsim.plots.outcomes import over_time
from tensionsim.runs.results import Results

Moves = dict[str, list[tuple[int, str, float]]]

BEFORE, ARRANGEMENTS, FRIENDLY, HOSTILE = "moves before the start", "arrangements", "friendly moves", "hostile moves"
SHADES = {ARRANGEMENTS: 0.0, BEFORE: 0.75, FRIENDLY: 0.25, HOSTILE: 0.5}
"""Kinds of what makes the index, and how pale each is."""

SHOWN_RUNS = 1000
"""Runs that are made again where an ensemble is asked; more would not be seen in the mean."""

BAR, BARS_FRAME = 9.0, (68.0, 92.0)
"""Of a waterfall in points: the height of a bar, and what title and axis take in a wide and in a narrow figure."""

HALF_ROW = 2.0
"""Half of what an actor's row of a timeline takes, where a move of 10 is 1 high."""


class Part(NamedTuple):
    """A contribution over time: its name, its values of shape (date,), its colour and, if another, that of its text."""

    name: str
    values: Floats
    colour: str
    text: str = ""


def largest(values: Mapping[str, Floats]) -> list[Part]:
    """The contributions of the largest mean size, and the net sum of the others as one; all of shape (date,)."""
    ranked = sorted(values, key=lambda name: (-float(np.abs(values[name]).mean()), name))
    moving = [name for name in ranked if np.any(values[name] != 0.0)]
    parts = [Part(name, values[name], ink) for name, ink in zip(moving, style.now().palette, strict=False)]
    if rest := moving[len(parts) :]:
        total = np.sum([values[name] for name in rest], axis=0)
        parts.append(Part(f"{len(rest)} others, net", total, style.now().rest, style.now().faint))
    return parts


def draw_stack(ax: Axes, dates: Dates, parts: Sequence[Part], *, decimals: int = 1) -> list[labels.Label]:
    """Draws parts above zero upon each other, those below too, and the line of their sum; the labels of their ends."""
    values = np.array([part.values for part in parts]).reshape(-1, len(dates))
    signs = np.stack([np.maximum(values, 0.0), np.minimum(values, 0.0)], axis=1)
    tops, (high, low) = np.cumsum(signs, axis=0), (signs[:, 0].sum(axis=0).max(), signs[:, 1].sum(axis=0).min())
    named = []
    for part, ours, top in zip(parts, signs, tops, strict=True):
        for size, end in zip(ours, top, strict=True):
            if size.any():
                edge: dict[str, Any] = {"edgecolor": style.now().ground, "linewidth": 0.4}
                ax.fill_between(dates, end - size, end, facecolor=part.colour, alpha=0.85, **edge)
        last, side = part.values[-1], 0 if part.values[-1] >= 0.0 else 1
        is_nothing = float(f"{last:.{decimals}f}") == 0.0 and np.abs(part.values).max() < 0.1 * max(high, -low)
        if not is_nothing:
            middle = float(top[side, -1] - ours[side, -1] / 2)
            text = f"{part.name} {style.signed(last, decimals)}"
            named.append(labels.Label(middle, text, part.text or part.colour, swatch=part.colour))
    total = values.sum(axis=0)
    ax.plot(dates, total, color=style.now().ground, linewidth=3.4)
    ax.plot(dates, total, color=style.now().ink, linewidth=1.8)
    ax.axhline(0.0, color=style.now().faint, linewidth=0.7)
    room = 0.05 * float(high - low) or 1.0
    ax.set_ylim(float(low) - room, float(high) + room)
    ax.yaxis.set_major_formatter(style.signed_tick)
    text = f"sum {style.signed(total[-1], decimals)}"
    return [*named, labels.Label(float(total[-1]), text, style.now().ink, is_bold=True)]


@style.figure(Results)
def ledger(results: Results, ax: Axes | None = None, *, run: int | None = None, by: str = "kind") -> Axes:
    """Draws what makes the index less 50 over time, stacked, and its sum: of a run, by default the mean of all.

    by : "kind" (each actor's arrangements, moves before the start, friendly and hostile ones) or "mover" (the six moves
    or arrangements that make most, and the others net).

    >>> line = ts.plots.ledger(results, ts.plots.blank(), run=3).lines[1].get_ydata()
    >>> bool(abs(50 + line[-1] - results.paths[3].iloc[-1]) < 1e-9)
    True
    """
    one_of("by", by, ("kind", "mover"))
    place, of_run = results.place_of(run), results.runs == 1 or run is not None
    # As many dates at most: the ledger is drawn up anew for each.
    rows = np.unique(np.linspace(0, len(results.dates) - 1, 120).astype(int))
    points: dict[tuple[str, str], Floats] = {}
    for column, row in enumerate(rows.tolist()):
        for mover, values in by_mover(results.books, row).items():
            points.setdefault(mover, np.zeros(len(rows)))[column] = values[place] if of_run else values.mean()
    ax = style.opened(ax, dates=results.dates, axis="points of the index above 50", page=4.0, column=4.4)
    called = results.scenario.file.called
    named = {f"{called(who)}: {style.words(what)}": values for (who, what), values in points.items()}
    ends = draw_stack(ax, results.dates[rows], _by_kind(results, points) if by == "kind" else largest(named))
    whose = f"run {results.first_run + place}" if of_run else f"mean of {results.runs:,} runs"
    note = f"{whose}, seed {results.seed}; the line is the sum: the index less 50"
    return over_time(ax, ends, f"What makes the index: {results.title}", note)


def _by_kind(results: Results, points: Mapping[tuple[str, str], Floats]) -> list[Part]:
    """The points by actor and kind, each actor in shades of its own colour."""
    scores = dict(zip(results.names.moves, results.names.move_scores, strict=True))

    def kind_of(what: str) -> str:
        if what not in scores:
            return BEFORE if what == BEFORE else ARRANGEMENTS
        return FRIENDLY if scores[what] >= 0.0 else HOSTILE

    actors = list(dict.fromkeys(name.split(" -> ")[0] for name in results.names.dyad_channels))
    parts = []
    for (row, one), (kind, shade) in itertools.product(enumerate(actors), SHADES.items()):
        ours = [values for (who, what), values in points.items() if who == one and kind_of(what) == kind]
        if ours:
            full, name = style.now().palette[row], f"{results.scenario.file.called(one)}: {kind}"
            parts.append(Part(name, np.sum(ours, axis=0), style.mixed(full, shade), full))
    return parts


@style.figure(Results, Contributions)
def mechanisms(
    subject: Results | Contributions, actor: str | None = None, ax: Axes | None = None, *, run: int | None = None
) -> Axes:
    """Draws each mechanism's contribution to what an actor leans to, stacked over time, and their sum.

    Results are run again, one run or the first 1,000, and asked of an actor: by default the first principal towards the
    other; of one that is no principal, towards everybody.

    >>> ts.plots.mechanisms(results, "suderia", ts.plots.blank()).get_title(loc="left")
    'What turns Suderia: Norland and Suderia'
    """
    if isinstance(subject, Results):
        found, whose = _made_again(subject, actor, run)
    else:
        found, whose = subject, f"mean of {subject.runs:,} runs, seed {subject.seed}"
    if len(found.places) > 1:
        told = "; ".join(" ".join(place) for place in found.places)
        raise SelectionError(f"one figure shows one place; these contributions are of {len(found.places)}: {told}")
    (place,) = found.places
    values = found.values[:, 0].mean(axis=-1)
    named = {style.words(name): values[:, column] for column, name in enumerate(found.mechanisms) if name != DIRECTION}

    def label(name: str) -> str:
        if name == ALL:
            return "everybody"
        return subject.scenario.file.called(name) if isinstance(subject, Results) else style.words(name).capitalize()

    of = ", ".join(style.words(part) for part in place[2:] if part != ALL)
    whom = f"towards {label(place[1])}{f', {of}' if of else ''}"
    note = f"{whom}; {whose}; above 0 towards cooperation, below 0 towards conflict"
    ax = style.opened(ax, dates=found.dates, axis="contribution to direction (log-odds)", page=4.0, column=4.4)
    ends = draw_stack(ax, found.dates, largest(named), decimals=2)
    return over_time(ax, ends, f"What turns {label(place[0])}: {found.title}", note)


def _made_again(results: Results, actor: str | None, run: int | None) -> tuple[Contributions, str]:
    """The contributions in runs that are made again, and of which runs they are."""
    if lost := results.lost_code:
        raise TensionSimError(f"no reasons are known of runs whose code is not there: made with {', '.join(lost)}")
    first = results.first_run + results.place_of(run)
    runs, seed, scenario = 1 if run is not None else min(results.runs, SHOWN_RUNS), results.seed, results.scenario
    who = one_of("actor", actor or scenario.file.principals[0], results.names.actors, SelectionError)
    Origin(scenario, results, folder="these results").check_repeats(Draw(runs, seed, first))
    found = contributions(scenario, who, runs=runs, seed=seed, first_run=first)
    of = f"the first {runs:,} of {results.runs:,} runs" if 1 < runs < results.runs else f"{runs:,} runs"
    return found, f"run {first}, seed {seed}" if runs == 1 else f"mean of {of}, seed {seed}"


@style.figure(Effects)
def waterfall(effects: Effects, ax: Axes | None = None, *, most: int = 10) -> Axes:
    """Draws the effects of a scenario's elements one after the other, from the world without them to that with all.

    Green bars raise the quantity, purple ones (in the dark theme pink) lower it. most : elements drawn by themselves,
    >= 1; the others are drawn as one.

    >>> ts.plots.waterfall(effects, ts.plots.blank()).get_xlabel()
    'mean index on 6 Jan 2032, points'
    """
    if effects.table.empty:
        raise SelectionError(f"no element was found that {effects.quantity} could hang on; ask for other ones")
    table = effects.table.sort_values("effect", key=abs, ascending=False, kind="stable")
    shown, rest = (table, table.iloc[:0]) if len(table) <= most + 1 else (table.iloc[:most], table.iloc[most:])
    found = [(str(row.element), float(row.effect), float(row.standard_error)) for row in shown.itertuples()]
    if len(rest):
        found.append((f"{len(rest)} others", float(rest["effect"].sum()), float("nan")))
    first, last = (effects.against, effects.title) if effects.against else ("none of them", "all of them")
    rows = [(first, (f"{effects.base:.1f}", ""))]
    rows += [(name, (style.signed(does), f"±{error:.1f}" if np.isfinite(error) else "")) for name, does, error in found]
    rows.append((last, (f"{effects.whole:.1f}", "")))
    ax, now = style.opened(ax, height=partial(labels.rows_height, rows, frame=BARS_FRAME)), style.now()
    middles, _ = labels.lay_rows(ax, rows, ("effect", ""), frame=BARS_FRAME)
    places = [*itertools.accumulate((does for _, does, _ in found), initial=effects.base)]
    heights, stands = np.array(middles), np.array(places)
    ax.vlines(stands, heights[:-1] + BAR / 2, heights[1:] - BAR / 2, color=now.faint, linewidth=0.6, zorder=0.9)
    does = np.diff(stands)
    colours = np.where(does < 0.0, now.hostile, now.friendly).tolist()
    ax.barh(heights[1:-1], does, left=stands[:-1], height=BAR, color=colours)
    ends = heights[[0, -1]]
    ax.vlines([effects.base, effects.whole], ends - BAR / 2, ends + BAR / 2, color=now.ink, linewidth=2.5)
    ax.use_sticky_edges = False
    ax.margins(x=0.05)
    low, high = ax.get_xlim()
    if (lacking := 1.0 - (high - low)) > 0.0:  # so that next to nothing is no broad bar
        ax.set_xlim(low - lacking / 2, high + lacking / 2)
    against = f" less {effects.against}" if effects.against else ""
    heading = "What makes the difference" if against else "What each element does"
    values = "Shapley values" if effects.method == "exact" else "Shapley values, sampled"
    note = f"{values} with standard errors; {effects.runs:,} runs, seed {effects.seed}"
    day = dt.date.fromisoformat(effects.date)
    quantity = effects.quantity.removeprefix("the ").replace(effects.date, f"{day.day} {day:%b %Y}")
    labels.finish_rows(ax, f"{quantity}, {effects.unit.split()[0]}", f"{heading}: {effects.title}{against}", note)
    return ax


@style.figure(Results)
def timeline(
    results: Results, ax: Axes | None = None, *, run: int | None = None, actors: str | Sequence[str] | None = None
) -> Axes:
    """Draws one run as it went: the index, and below it the moves of each actor by their score, the strongest named.

    actors : whose moves; by default the principals' towards each other. Of others, what they do towards the principals,
    and all moves where none is a principal. The two panels are further axes of the figure of `ax`, now empty.

    >>> ax = ts.plots.timeline(results, ts.plots.blank(7.2, 5), run=3)
    >>> [label.get_text() for label in ax.get_figure().axes[-1].get_yticklabels()]
    ['Norland', 'Suderia']
    """
    place = results.place_of(run)
    chosen = [actors] if isinstance(actors, str) else list(actors or results.scenario.file.principals)
    moves = _moves(results, place, chosen)
    values, flags = results.record.cooperation[:, place], labels.flags_of(results)
    heights = [2.0, 1.15 * len(chosen)]
    ax = style.opened(ax, dates=results.dates, page=sum(heights) + 0.5, column=sum(heights) + 0.1)
    upper, lower = style.split(ax, 2, heights=heights)
    for panel in (upper, lower):
        style.opened(panel, dates=results.dates)
        style.time_axis(panel)
    upper.set_ylim(0.0, 100.0)
    upper.set_yticks([0.0, *(min(bound, 100.0) for _, bound in REGIMES)])
    upper.set_ylabel("index, 0-100", fontsize=8)
    upper.plot(results.dates, values, color=style.now().fan, linewidth=1.6)
    upper.tick_params(axis="x", labelbottom=False)
    middles = [-2.0 * HALF_ROW * row for row in range(len(moves))]
    lower.set_ylim(middles[-1] - HALF_ROW, HALF_ROW)
    lower.set_yticks(middles, [results.scenario.file.called(one) for one in moves])
    lower.tick_params(axis="y", length=0, pad=6.0, labelcolor=style.now().ink)
    lower.spines["left"].set_visible(False)
    for middle, ours in zip(middles, moves.values(), strict=True):
        lower.axhline(middle, color=style.now().faint, linewidth=0.6)
        for colour, sign in ((style.now().friendly, 1.0), (style.now().hostile, -1.0)):
            found = [(step, score) for step, _, score in ours if score * sign > 0.0]
            if found:
                dates = results.dates[[step for step, _ in found]]
                tips = middle + np.array([score for _, score in found]) / 10.0
                lower.vlines(dates, middle, tips, color=colour, linewidth=1.0, clip_on=False)
                lower.plot(dates, tips, "o", color=colour, markersize=2.8, linestyle="none", clip_on=False)
    style.lay_out(ax)
    ends = [labels.Label(float(values[-1]), f"{values[-1]:.0f}", style.now().fan, is_bold=True)]
    rows, _ = labels.draw_flags(upper, flags, ends)
    note = f"run {results.first_run + place}, seed {results.seed}; "
    note += "stems: Goldstein score of each move, up friendly to +10, down hostile to −10"
    labels.finish(upper, ends, results.title, note, pad=8.0 + labels.FLAG_HEIGHT * rows)
    labels.name_regimes(upper)
    for row, ours in enumerate(moves.values()):
        for sign in (1.0, -1.0):
            _name_moves(lower, results, [move for move in ours if move[2] * sign > 0.0], -2.0 * HALF_ROW * row)
    return ax


def _moves(results: Results, place: int, actors: Sequence[str]) -> Moves:
    """Step, name and score of the moves that each actor really made in a run."""
    for one in actors:
        one_of("actor", one, results.names.actors, SelectionError)
    record, names, principals = results.record, results.names, results.scenario.file.principals
    is_ours = (record.move_run == results.first_run + place) & (record.move_cause != STOPPED)
    made: Moves = {one: [] for one in actors}
    who, whom = (names.places()[kind] for kind in ("actor", "target"))
    columns = (record.move_step[is_ours], record.move_channel[is_ours], record.move_id[is_ours])
    for step, channel, move in zip(*columns, strict=True):
        if who[channel] in made and (whom[channel] in principals or not set(actors) & set(principals)):
            made[who[channel]].append((int(step), names.moves[move], names.move_scores[move]))
    if not any(made.values()):
        raise SelectionError(f"{', '.join(actors)} made no move in run {results.first_run + place}; name another")
    return made


def _name_moves(ax: Axes, results: Results, moves: Sequence[tuple[int, str, float]], middle: float) -> None:
    """Names the strongest moves above or below their stems, as many as find room beside each other in a row."""
    width, taken, dates = style.width_points(ax), list[tuple[float, float]](), results.dates
    for step, name, score in sorted(moves, key=lambda move: (-abs(move[2]), move[0])):
        length = style.text_width(style.words(name), style.SMALL) + 6.0
        at = width * float((dates[step] - dates[0]) / (dates[-1] - dates[0]))
        start = float(np.clip(at - length / 2, 0.0, max(width - length, 0.0)))
        if length > width or any(start < end and start + length > begin for begin, end in taken):
            continue
        taken.append((start, start + length))
        sign, colour = (1.0, style.now().friendly) if score > 0.0 else (-1.0, style.now().hostile)
        height = middle + sign * 1.15
        line: dict[str, Any] = {"color": colour, "linewidth": 0.5, "linestyle": ":", "clip_on": False}
        ax.vlines([dates[step]], middle + score / 10.0, height, **line)
        more: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "bottom" if sign > 0.0 else "top"}
        style.put(ax, style.words(name), (0.0, height), (start + length / 2, 0.0), colour, ha="center", **more)


@style.figure(Results)
def phase(results: Results, ax: Axes | None = None, *, run: int | None = None) -> Axes:
    """Draws the two governments' conduct towards each other as a path in a plane, and the field that it moves in.

    The thick path is the median of the runs (or one run), a dot each run's end. Arrows show to which conduct each is
    drawn by the conduct they have; on its dashed line a government would stay as it is. The shaded part lies beyond the
    border of stability, where an answer outgrows what it answers: see `tensionsim.engine.stability`.

    >>> ts.plots.phase(results, ts.plots.blank()).get_xlabel()
    'Norland to Suderia, conduct (Goldstein/10 a month)'
    """
    style.check_dates(results.dates)
    names, conduct = mean_conduct(results)
    place = results.place_of(run)
    is_one = results.runs == 1 or run is not None
    path = conduct[..., place] if is_one else np.median(conduct, axis=-1)
    axes = [f"{style.direction_words(results, name)}, conduct (Goldstein/10 a month)" for name in names]
    many = f"median path of {results.runs:,} runs, dots their ends"
    whose = f"path of run {results.first_run + place}" if is_one else many
    ax = style.opened(ax, page=4.8, column=4.0)
    drawn = np.concatenate([np.quantile(conduct[-1], [0.025, 0.975], axis=-1), path, np.zeros((1, 2))])
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    room = np.maximum(0.12 * (high - low), 0.02)
    ax.set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))
    note, lines = "no field is drawn, for governments of one's own decided", dict[str, ContourSet]()
    if not (results.lost_code or results.scenario.agents):
        note, lines = _draw_field(ax, results)
    if not is_one:
        dots: dict[str, Any] = {"s": 5, "color": style.now().fan, "alpha": 0.3, "linewidths": 0, "zorder": 2}
        ax.scatter(*conduct[-1], rasterized=True, **dots)
    ax.plot(*path.T, color=style.now().ground, linewidth=4.0, zorder=3)
    ax.plot(*path.T, color=style.now().ink, linewidth=2.0, zorder=4)
    ax.set_ylabel(axes[1], fontsize=9)
    style.settle(ax)
    ax.xaxis.set_major_locator(MaxNLocator(max(3, int(style.width_points(ax) / 60.0))))
    ax.set_xlabel(style.wrapped(axes[0], 9, style.width_points(ax)), fontsize=9)
    labels.finish(ax, [], f"Conduct of the two: {results.title}", f"{whose}, seed {results.seed}; {note}")
    rows = list(dict.fromkeys(round(place) for place in np.linspace(0, len(path) - 1, 3)))
    ax.plot(path[rows, 0], path[rows, 1], "o", color=style.now().ink, markersize=4, zorder=5)
    ax.plot(*path[0], "o", color=style.now().ink, markerfacecolor=style.now().ground, markersize=5, zorder=5.5)
    shown = "{:%b %Y}" if results.dates[-1] - results.dates[0] > np.timedelta64(180, "D") else "{:%d %b %Y}"
    order = (rows[0], rows[-1], *rows[1:-1])
    dates = [(shown.format(results.dates[row].item()), path[row], style.now().ink) for row in order]
    labels.point_to(ax, dates, path, _name_lines(ax, lines, path))
    return ax


def mean_conduct(results: Results) -> tuple[tuple[str, ...], Floats]:
    """Two directions and the mean conduct in each, weighted as in the index, shape (date, direction, run)."""
    record, names = results.record, results.names
    theta, found = record.terms[:, names.terms.index("technical_weight")], dict[str, Any]()
    for row, channel in enumerate(names.dyad_channels):
        towards, issue, track = channel.split(" | ")
        share = (theta if track == "technical" else 1.0 - theta) * record.weights[:, names.issues.index(issue)]
        found[towards] = found.get(towards, 0.0) + share * record.conduct[:, row]
    first, second = results.scenario.file.principals
    directions = (f"{first} -> {second}", f"{second} -> {first}")
    return directions, np.stack([found[towards] for towards in directions], axis=1)


def _draw_field(ax: Axes, results: Results) -> tuple[str, dict[str, ContourSet]]:
    """Draws the border, the arrows and the lines of rest; what it shows, and the lines by their names."""
    axes, now = [np.linspace(*limits, 41) for limits in (ax.get_xlim(), ax.get_ylim())], style.now()
    found = field(results.scenario, *axes, seed=results.seed, run=results.first_run)
    ax.axhline(0.0, color=now.grid, linewidth=0.7, zorder=0)
    ax.axvline(0.0, color=now.grid, linewidth=0.7, zorder=0)
    most = float(np.nanmax(found.growth, initial=0.0))
    note = f"the border of stability is not in view: a turn is answered by at most {100 * most:.0f} % of it"
    if most > 1.0:
        note = "shaded: beyond the border of stability, where an answer outgrows what it answers"
        ax.contourf(*axes, found.growth, levels=[1.0, np.inf], colors=[now.hostile], alpha=0.15, zorder=0)
        ax.contour(*axes, found.growth, levels=[1.0], colors=[now.hostile], linewidths=1.2, zorder=1)
    some, (across, up) = (slice(2, None, 4),) * 2, np.meshgrid(*axes)
    pull, lines = (found.drawn_first - across, found.drawn_second - up), dict[str, ContourSet]()
    more: dict[str, Any] = {"color": now.faint, "alpha": 0.55, "width": 0.0022, "zorder": 1}
    ax.quiver(across[some], up[some], pull[0][some], pull[1][some], angles="xy", **more)
    for one, apart, ink in zip(results.scenario.file.principals, pull, now.palette, strict=False):
        if np.nanmin(apart, initial=0.0) < 0.0 < np.nanmax(apart, initial=0.0):
            name, more = f"{results.scenario.file.called(one)} would stay", {"linewidths": 1.3, "linestyles": "dashed"}
            lines[name] = ax.contour(*axes, apart, levels=[0.0], colors=[ink], zorder=2, **more)
    return f"arrows: where the two are drawn; {note}", lines


def _name_lines(ax: Axes, lines: Mapping[str, ContourSet], path: Floats) -> Floats:
    """Names lines far from a path and inside the axes, as they are laid out; places of the names, shape (place, 2)."""
    (middle, size), places = np.array([[fmean(each), np.ptp(each)] for each in (ax.get_xlim(), ax.get_ylim())]).T, []
    for name, line in lines.items():
        long = style.text_width(name, style.SMALL) / min(style.width_points(ax), style.height_points(ax))
        spots = np.asarray(line.get_paths()[0].vertices, np.float64)
        spots = spots[(np.abs((spots - middle) / size) < min(0.3, 0.47 - 0.5 * long)).all(axis=1)]
        far = [np.hypot(*((path - spot) / size).T).min() for spot in spots]
        at = spots[[int(np.argmax(far))]].tolist() if far else False
        for text in ax.clabel(line, fmt={0.0: name}, fontsize=style.SMALL, manual=at):
            box, point, angle = text.get_window_extent(), ax.figure.dpi / style.POINTS_PER_INCH, text.get_rotation()
            along = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]) * point
            half, ways = 0.5 * style.text_width(name, style.SMALL), np.array([along, along[::-1] * [-1.0, 1.0]])
            grid = np.stack(np.meshgrid(np.linspace(-half, half, 13), [-8.0, 0.0, 8.0]), axis=-1).reshape(-1, 2)
            middle_of = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2.0
            places += ax.transData.inverted().transform(middle_of + grid @ ways).tolist()
    return np.array(places).reshape(-1, 2)
