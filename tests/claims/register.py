"""The register: which test states which claim, and where in the model the claim lives."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from laboratory import Laboratory, Shown

Test = Callable[[Laboratory], None]

RUNS, WEAK, CONSTRUCTION = "shown in runs", "shown weakly", "by construction"
MIXED, CONTRADICTED = "contradicted in part", "contradicted"


@dataclass(frozen=True, slots=True)
class Claim:
    """An analysts' claim with its test.

    where : in plain words, the parts of the model that carry it. verdict : one of the five above. note : what the
    reader of the table should know besides.
    """

    id: str
    where: str
    verdict: str
    note: str
    test: Test

    @property
    def text(self) -> str:
        return texts()[self.id]

    @property
    def place(self) -> str:
        """The file and function of the test."""
        return f"`{self.test.__module__}.py` `{self.test.__name__}`"


REGISTER: dict[str, Claim] = {}


def claim(name: str, *, where: str, verdict: str = RUNS, note: str = "") -> Callable[[Test], Test]:
    """Marks a test as the one of a claim."""

    def enter(test: Test) -> Test:
        assert name not in REGISTER or REGISTER[name].test.__qualname__ == test.__qualname__, f"{name} has two tests"
        REGISTER[name] = Claim(name, where, verdict, note, test)
        return test

    return enter


@cache
def texts() -> dict[str, str]:
    """The claims as the package's data has them, by id."""
    with (files("tensionsim") / "data" / "claims.csv").open(encoding="utf-8") as stream:
        return {row["id"]: row["if_then"] for row in csv.DictReader(stream)}


def in_order() -> list[Claim]:
    """The claims in the order of the data, so far as their tests have been imported."""
    return [REGISTER[name] for name in texts() if name in REGISTER]


_SHOWN: dict[tuple[str, ...], tuple[Shown, ...]] = {}


def measured(name: str, *off: str) -> tuple[Shown, ...]:
    """What the test of a claim shows, with some mechanisms off, whether it holds or not. Measured once."""
    if (name, *off) not in _SHOWN:
        laboratory = Laboratory(off=off, checks=False)
        REGISTER[name].test(laboratory)
        _SHOWN[name, *off] = tuple(laboratory.shown)
    return _SHOWN[name, *off]


def note(test: str, laboratory: Laboratory) -> None:
    """Keeps what a test that has passed showed."""
    for claim in REGISTER.values():
        if claim.test.__name__ == test:
            _SHOWN[(claim.id,)] = tuple(laboratory.shown)
