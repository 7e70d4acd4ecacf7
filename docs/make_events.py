"""The passages of events.md that are made from the package: formats, scales, codes, and the observed index by year."""

from __future__ import annotations

from pathlib import Path

import passages
import tensionsim as ts
from tensionsim.events.formats import FORMATS, EventFormat
from tensionsim.events.history import PLOVER, SCALES

PAGE = Path(__file__).resolve().parent / "events.md"
SCENARIO = "trump2-petro-2025"


def main() -> None:
    """Writes the tables into the page."""
    passages.write(PAGE, made())


def made() -> dict[str, str]:
    """The tables by name."""
    plover = ", ".join(f"{kind} {root}" for kind, root in PLOVER.items())
    scales = passages.table(
        ["`--scale`", "score of an event"], ((f"`{name}`", words) for name, words in SCALES.items())
    )
    return {"formats": formats(), "scales": scales, "plover": f"{plover}.", "levels": levels()}


def formats() -> str:
    """Every format with the names of its columns."""
    roles = ("date", "source", "code", "score")
    rows = (
        (f"`{name}`", told(one), *(", ".join(f"`{column}`" for column in one.columns[role]) for role in roles))
        for name, one in FORMATS.items()
    )
    return passages.table(["`--format`", "what it is", *roles], rows)


def told(one: EventFormat) -> str:
    """Its title, and by how many columns a file without a header is known."""
    widths = ", ".join(map(str, one.headless))
    return f"{one.title}; of {widths} columns without a header" if widths else one.title


def levels() -> str:
    """What the scale of the index was chosen by, and the median of the observed index in every year."""
    index = ts.observed_index(scenario=ts.load(SCENARIO))["index"]
    quiet, last = index["2018":"2021"].median(), index.iloc[-1]
    medians = index.groupby(index.index.year).median()
    values = ["observed index", *(f"{value:.0f}" for value in medians)]
    return (
        "For the shipped dyad it is chosen so that two anchors hold: near 70 in the quiet years 2018 to 2021 "
        f"(median {quiet:.1f}), and between 25 and 30 at the end of October 2025 ({last:.1f}). So levels are no "
        f"finding; what happens between is:\n\n{passages.table(['median of', *map(str, medians.index)], [values])}"
    )


if __name__ == "__main__":
    main()
