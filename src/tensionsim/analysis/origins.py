"""Origins: what an explanation is asked about, a scenario or a folder of results, and whether its runs repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.errors import SelectionError, TensionSimError
from tensionsim.results import Results
from tensionsim.results.manifest import maker_of
from tensionsim.scenario import Scenario, load

if TYPE_CHECKING:
    from tensionsim.analysis.worlds import Draw

MOST_CHECKED = 50
"""Runs of a folder that are made again to see whether they come out the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """A scenario, with the results where they were given, and which version saved them."""

    scenario: Scenario
    results: Results | None = None
    version: str = ""
    folder: str = ""

    def check_repeats(self, draw: Draw) -> None:
        """TensionSimError where the saved runs cannot be made again, so that questions beyond the record are idle."""
        if self.results is None:
            return
        if self.results.agents:
            raise TensionSimError(
                f"{self.folder}: decided by {', '.join(self.results.agents)}, which results do not hold: "
                "of such results only the ledger can be told (--part ledger)"
            )
        runs = min(draw.runs, MOST_CHECKED)
        again = type(draw)(runs, draw.seed, draw.first_run).of(self.scenario).record.cooperation
        place = draw.first_run - self.results.first_run
        if not np.array_equal(again, self.results.record.cooperation[:, place : place + runs]):
            from tensionsim import __version__

            raise TensionSimError(
                f"{self.folder}: made by tensionsim {self.version or '(unknown)'}, and the runs come out otherwise "
                f"from this one ({__version__}): motives and what-if cannot be told of them. "
                "Run the scenario again, or ask for the ledger alone (--part ledger)"
            )


def origin_of(given: str | Path, outlook: str | None, values: Mapping[str, object]) -> Origin:
    """The scenario that a path or a name means, or the results of a folder.

    Raises
    ------
    ScenarioError, StorageError
        If it cannot be read.
    SelectionError
        If saved results are to have another outlook or other values.
    """
    from tensionsim.results import open as open_results
    from tensionsim.scenario.files import shipped_names

    folder = Path(given)
    if not folder.is_dir() or str(given) in shipped_names():
        return Origin(load(given, outlook=outlook, set=values))
    if outlook is not None or values:
        raise SelectionError(f"{folder} holds results: neither an outlook nor a value can be set in them any more")
    results = open_results(folder)
    return Origin(results.scenario, results, maker_of(folder), str(folder))
