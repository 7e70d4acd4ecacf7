"""The tables of model.md that are made from the package: run it after a change of parameters or assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import passages
from tensionsim.events import history as curated
from tensionsim.listing import list_mechanisms, list_parameters
from tensionsim.model import catalogue as moves, measures, mechanisms, parameters as settings

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "model.md"
SOURCE = DOCS.parent / "src" / "tensionsim"


def main() -> None:
    """Writes the tables into the page."""
    passages.write(PAGE, made())


def made() -> dict[str, str]:
    """The tables by name."""
    return {
        "sizes": sizes(),
        "mechanisms": mechanism_table(),
        "mechanism-parameters": parameter_table("mechanisms."),
        "engine-parameters": parameter_table("parameters."),
        "attributes": attribute_table(),
        "regimes": regime_table(),
        "assumptions": "\n".join(f"- {text[0].upper()}{text[1:]} (`{path}`)" for path, text in assumptions()),
        "sources": "\n".join(f"- **{one.name}**: {one.source}" for one in mechanisms.MECHANISMS),
    }


def sizes() -> str:
    """How large the catalogues are."""
    catalogue, observed = moves.shipped(), curated.observed()
    left_out = curated.curated_history().report.rows_left_out
    return (
        f"The shipped catalogue holds {len(catalogue.moves)} moves and {len(catalogue.arrangements)} kinds of "
        f"arrangement. The curated history holds {len(observed) + left_out} dated events from "
        f"{observed[0].date} to {observed[-1].date}: {len(observed)} stand for a move, {left_out} are listed with "
        "the reason why none does."
    )


def mechanism_table() -> str:
    """Each mechanism with its contribution, as the code states it, and its claims."""
    listed = list_mechanisms()
    rows = ((f"**{name}**: {row.summary}", f"`{row.equation}`", row.claims) for name, row in listed.iterrows())
    return passages.table(["mechanism", "contribution to the direction of c = (i -> j, k, track)", "claims"], rows)


def parameter_table(group: str) -> str:
    """The parameters below a path, which is left out."""
    listed = list_parameters()
    rows = (
        (f"`{path.removeprefix(group)}`", f"{row.default:g}", f"{row.low:g} to {row.high:g}", row.unit, row.description)
        for path, row in listed[listed.index.str.startswith(group)].iterrows()
    )
    return passages.table([f"below `{group.removesuffix('.')}`", "start value", "range", "unit", "meaning"], rows)


def attribute_table() -> str:
    """Attributes of actors that have one value, with what holds where a scenario is silent."""
    outsiders = {**settings.DEFAULTS, "attention": settings.OUTSIDER_ATTENTION}
    rows = ((f"`{name}`", f"{value:g}", f"{outsiders[name]:g}") for name, value in settings.DEFAULTS.items())
    return passages.table(["attribute", "a principal, where a scenario is silent", "a third party"], rows)


def regime_table() -> str:
    """The regimes with their bounds."""
    bounds = [0.0, *(min(bound, 100.0) for _, bound in measures.REGIMES)]
    rows = ((name, f"{bounds[row]:g} to {bounds[row + 1]:g}") for row, (name, _) in enumerate(measures.REGIMES))
    return passages.table(["regime", "index"], rows)


def assumptions() -> Iterator[tuple[str, str]]:
    """Every text of the sources that begins with "Assumption:", by its file."""
    pattern = re.compile(r'# Assumption: ([^\n]+)|(?<!# )Assumption: (.+?)(?="""|",\n|\n\s*\n)', re.DOTALL)
    for path in sorted(SOURCE.rglob("*.py")):
        for comment, docstring in pattern.findall(path.read_text(encoding="utf-8")):
            said = " ".join((comment or docstring).split())
            yield path.relative_to(SOURCE).as_posix(), said.removesuffix(":").removesuffix(".")


if __name__ == "__main__":
    main()
