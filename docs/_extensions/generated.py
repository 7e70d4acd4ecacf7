"""Pages made from the package itself, so that they cannot fall behind it: verbs, public names, keys, moves, mechanisms.

They are tracked in docs/generated/, so that a checkout can be read; this file run as a script writes them anew, and so
does Sphinx before it looks for pages. Notebooks are copied to docs/notebooks/, which is not tracked, unless `make test`
has run them there since they were changed.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import tensionsim
from tensionsim import plots
from tensionsim.model import catalogue as moves, mechanisms, parameters
from tensionsim.scenario import schema

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    titles = list(columns)
    lines = [titles, ["---"] * len(titles), *([cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def cell(value: object) -> str:
    """A value as the text of a table cell."""
    return " ".join(str(value).split()).replace("|", "\\|")


def code(names: Iterable[str]) -> str:
    """Names as code; the star for any."""
    return ", ".join("any" if name == "*" else f"`{name}`" for name in names)


def shift(moved: moves.Shift) -> str:
    """A shift in words."""
    amount = f"{moved.amount:+.2%}" if moved.is_relative else f"{moved.amount:+.3g}"
    return f"`{moved.quantity}` {amount}"


def moves_page() -> str:
    """All moves, by those who make them, friendliest first."""
    by_actors: dict[tuple[str, ...], list[moves.Move]] = {}
    for move in moves.shipped().moves.values():
        by_actors.setdefault(move.actors, []).append(move)
    sections = [
        f"## Made by {'any government' if actors == moves.ANYONE else ', '.join(actors)}\n\n" + moves_table(group)
        for actors, group in by_actors.items()
    ]
    intro = (
        f"The catalogue of {len(moves.shipped().moves)} moves, from `data/moves.csv`. Scores are those of the CAMEO "
        "code on Goldstein's scale, from -10 (conflict) to +10 (cooperation). `tensionsim moves` prints the same.\n"
    )
    return "\n".join(["# Moves\n", intro, *sections, *matters_tables()])


def matters_tables() -> list[str]:
    """What moves raise, and the ways in which they answer."""
    kinds = ((f"`{one.name}`", f"{one.half_life:g}", one.description) for one in moves.matters().values())
    ways = (
        (
            f"`{one.name}`<br>{one.description}",
            f"{'its own ' * one.is_own}{code(one.matters)}",
            "yes" if one.presupposes else "",
            "yes" if one.settles else "",
        )
        for one in moves.answers().values()
    )
    intro = "Where one of these must be open, a move is on the menu only while it is; what is settled is closed.\n"
    return [
        "## What moves raise\n\n" + table(["matter", "half-life in months", "meaning"], kinds),
        f"## How moves answer\n\n{intro}\n" + table(["way", "answers", "must be open", "settles"], ways),
    ]


def moves_table(group: Iterable[moves.Move]) -> str:
    """One group of moves."""
    rows = (
        (
            f"`{move.name}`<br>{move.description}",
            move.cameo,
            f"{move.goldstein:+g}",
            f"{move.kind}, {move.track}",
            code(move.issues),
            consequences(move),
        )
        for move in sorted(group, key=lambda move: -move.goldstein)
    )
    return table(["move", "CAMEO", "score", "kind, track", "issues", "what follows"], rows)


def consequences(move: moves.Move) -> str:
    """What a move answers and raises, needs, begins, ends and shifts."""
    parts = [f"answers: `{move.answers}`"] if move.answers else []
    keys = ("raises", "withdraws", "needs", "begins", "ends", "barred_by")
    parts += [f"{key.replace('_', ' ')} {code(getattr(move, key))}" for key in keys if getattr(move, key)]
    return "; ".join([*parts, *(shift(moved) for moved in move.shifts)])


def arrangements_page() -> str:
    """All arrangements."""
    rows = (
        (
            f"`{kind.name}`<br>{kind.description}",
            f"{kind.score:+g}",
            "mutual" if kind.is_mutual else "one-sided",
            f"{', '.join(kind.actors)} to {', '.join(kind.targets)}".replace("*", "any"),
            code(kind.issues),
            kind.track,
        )
        for kind in moves.shipped().arrangements.values()
    )
    intro = (
        "What stays in force until ended, from `data/arrangements.csv`. Each counts a tenth of its score in the "
        "conduct of its channel every month that it is in force. The scores are a judgement, set once (see "
        "[the model](../model.md)).\n"
    )
    columns = ["arrangement", "score", "held", "between", "issues", "track"]
    return "\n".join(["# Arrangements\n", intro, table(columns, rows)])


def parameters_table(values: Mapping[str, parameters.Parameter]) -> str:
    """Parameters with default, range and unit."""
    rows = (
        (f"`{name}`", f"{value.default:g}", f"{value.low:g} to {value.high:g}", value.unit, value.description)
        for name, value in values.items()
    )
    return table(["parameter", "default", "range", "unit", "meaning"], rows)


def mechanisms_page() -> str:
    """Every mechanism with its equation, parameters, source and claims; then the engine's parameters."""
    parts = [
        "# Mechanisms and parameters\n",
        "The reasons that turn an actor towards cooperation or conflict. Each adds to the direction of a channel, "
        "can be switched off or given other values under `mechanisms` of a scenario, and is one pure function of "
        "`model/mechanisms.py`. The last section lists the engine's own numbers, set under `parameters`.\n",
    ]
    for mechanism in mechanisms.MECHANISMS:
        parts += [
            f"## {mechanism.name}\n",
            f"{mechanism.summary[0].upper()}{mechanism.summary[1:]}.\n",
            f"```text\n{mechanism.equation}\n```\n",
            parameters_table(mechanism.parameters),
            f"Source: {mechanism.source}\n",
            f"Claims: {', '.join(mechanism.claims)}\n" if mechanism.claims else "",
        ]
    return "\n".join([*parts, "## The engine\n", parameters_table(parameters.ENGINE)])


def fields_page() -> str:
    """Every key of a scenario file, from the published JSON Schema."""
    published = schema.ScenarioFile.model_json_schema()
    parts = ["# Every key of a scenario file\n", "Made from the JSON Schema that `tensionsim schema` prints.\n"]
    for name, definition in {"ScenarioFile": published, **published.get("$defs", {})}.items():
        if "properties" in definition:
            about = " ".join(definition.get("description", "").split())
            parts += [f"## {name}\n", f"{about}\n", fields_table(definition)]
    return "\n".join(parts)


def fields_table(definition: Mapping[str, Any]) -> str:
    """The keys of one mapping."""
    needed = definition.get("required", ())
    rows = (
        (f"`{name}`", kind(field), "needed" if name in needed else default(field), field.get("description", ""))
        for name, field in definition["properties"].items()
    )
    return table(["key", "kind", "default", "meaning"], rows)


def default(field: Mapping[str, Any]) -> str:
    """The default of a key; nothing where it is simply absent."""
    value = field.get("default")
    return "" if value in (None, "", [], {}) else f"`{value}`"


def kind(field: Mapping[str, Any]) -> str:
    """What may stand there, in words."""
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if branches := field.get("anyOf") or field.get("oneOf"):
        words = [kind(branch) for branch in branches]
        return " or ".join(dict.fromkeys(word for word in words if word != "null"))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    return container(field) or str(field.get("format", field.get("type", "any value"))) + limits(field)


def container(field: Mapping[str, Any]) -> str:
    """A list or mapping in words; empty for anything else."""
    if field.get("type") == "array":
        return f"list of {kind(field.get('items', {}))}" if "items" in field else "list"
    inside = [field.get("additionalProperties"), *field.get("patternProperties", {}).values()]
    return next((f"mapping to {kind(one)}" for one in inside if isinstance(one, dict)), "")


def limits(field: Mapping[str, Any]) -> str:
    """The range of a number."""
    names = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return "".join(f" {sign} {field[name]:g}" for name, sign in names.items() if name in field)


def value(option: click.Option, context: click.Context) -> str:
    """What stands behind an option; nothing behind a flag."""
    return "" if option.is_flag else f" {option.make_metavar(context)}"


TOLD_IN = {
    "advise": "advice",
    "backtest": "backtesting",
    "check": "scenario-format",
    "compare": "howto.md#compare-outlooks",
    "discover": "discovery",
    "events": "events",
    "explain": "howto.md#ask-why",
    "fit": "fitting",
    "new": "howto.md#model-another-dyad",
    "page": "page",
    "play": "play",
    "plot": "gallery",
    "replicate": "replication",
    "report": "howto.md#write-a-briefing",
    "resume": "howto.md#many-runs-interrupted-and-resumed",
    "run": "howto.md#run-a-scenario",
    "sensitivity": "sensitivity",
    "settle": "settlement",
    "sweep": "howto.md#vary-everything",
    "warn": "early-warning",
    "watch": "watch",
}
"""Pages, or places in them, that tell more of a verb."""


def commands_page() -> str:
    """Every verb with its arguments and options, as `--help` has them."""
    from tensionsim.cli.main import command

    listed, sections = [], []
    for verb, one in command().commands.items():
        context = click.Context(one, info_name=f"tensionsim {verb}")
        usage = " ".join(one.collect_usage_pieces(context)[1:])
        options = [each for each in one.params if isinstance(each, click.Option)]
        rows = [(", ".join(f"`{name}{value(each, context)}`" for name in each.opts), each.help) for each in options]
        words = inspect.cleandoc(one.help or "").replace("\b\n", "")
        place = TOLD_IN.get(verb, "")
        more = f"[more](../{place if '#' in place else f'{place}.md'})" if place else ""
        listed.append((f"`tensionsim {verb}`", words.partition("\n\n")[0], more))
        sections.append(f"## `tensionsim {verb} {usage}`\n\n{words}\n")
        sections.append(table(["option", "meaning"], rows))
    intro = "What `tensionsim VERB --help` says.\n"
    return "\n".join(["# Verbs and options\n", intro, table(["verb", "what it does", ""], listed), *sections])


SECTIONS = {
    "Scenarios": ("scenario", "engine.stability"),
    "Runs and results": ("runs",),
    "Comparisons and explanations": ("analysis",),
    "Briefings": ("briefings",),
    "All futures": ("futures.advice", "futures.discovery", "futures.sensitivity", "futures.settlement"),
    "Event data": ("events",),
    "Fits": ("estimation",),
    "Forecasts and backtests": ("forecasts", "futures.watch"),
    "Replications": ("replication",),
    "Agents and mechanisms": ("agents", "futures.play", "engine.perception", "model"),
    "Catalogues": ("listing",),
    "Errors": ("errors",),
}
"""Rooms of the package, or modules in them, whose public names stand together."""


def python_page() -> str:
    """Every public name: what it is, at a glance; then its docstring."""
    sections = [
        section(title, {name: getattr(tensionsim, name) for name in named_in(homes)}, "tensionsim")
        for title, homes in SECTIONS.items()
    ]
    figures = {name: getattr(plots, name) for name in (*plots.FIGURES, "theme", "blank", "save")}
    intro = "All there are, of `import tensionsim as ts`; whatever else the package holds may change from version to "
    intro += "version. `ts.__version__` is the version; figures are in `ts.plots`. Every name has an example.\n"
    return "\n".join(["# Python names\n", intro, *sections, section("Figures", figures, "tensionsim.plots")])


def named_in(homes: Iterable[str]) -> list[str]:
    """The public names that are from some rooms or modules, in the order of `tensionsim.__all__`."""
    return [
        name for name, home in tensionsim._WHERE.items() if any(f"{home}.".startswith(f"{room}.") for room in homes)
    ]


def section(title: str, found: Mapping[str, Any], module: str) -> str:
    """Names with the first lines of their docstrings, and what makes Sphinx write out the whole."""
    rows = ((f"`{name}`", (inspect.getdoc(one) or "").partition("\n")[0]) for name, one in found.items())
    asked = "\n".join(f".. {directive(one)}:: {name}\n" for name, one in found.items())
    head = f"## {title}\n\n{table(['name', 'what it is'], rows)}"
    return f"{head}\n```{{eval-rst}}\n.. currentmodule:: {module}\n\n{asked}```\n"


def directive(found: object) -> str:
    """By which Sphinx documents it."""
    if not isinstance(found, type):
        return "autofunction"
    return "autoexception" if issubclass(found, Exception) else "autoclass"


PAGES = {
    "commands": commands_page,
    "python": python_page,
    "moves": moves_page,
    "arrangements": arrangements_page,
    "mechanisms": mechanisms_page,
    "fields": fields_page,
}


def write_pages(folder: Path) -> None:
    """Writes the pages into a folder; one that says so already is left as it is."""
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def write(app: Sphinx, config: Config) -> None:
    """Write the pages and copy the notebooks."""
    docs = Path(app.srcdir)
    write_pages(docs / "generated")
    (docs / "notebooks").mkdir(exist_ok=True)
    stored = {path.name: path for path in (docs.parent / "notebooks").glob("*.ipynb")}
    for former in (docs / "notebooks").glob("*.ipynb"):
        if former.name not in stored:
            former.unlink()
    for name, notebook in stored.items():
        shown = docs / "notebooks" / name
        if not shown.exists() or shown.stat().st_mtime < notebook.stat().st_mtime:
            shutil.copy(notebook, shown)


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the pages as soon as the configuration is known."""
    app.connect("config-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    write_pages(Path(__file__).resolve().parents[1] / "generated")
