"""CAMEO codes and PLOVER types: normalised, scored on Goldstein's scale, parted into words and deeds.

References
----------
Goldstein, J. S. (1992). Journal of Conflict Resolution 36, 369-385, as mapped to CAMEO (`data/README.md`). Words and
deeds: the four classes of GDELT's codebook (QuadClass), by root code. PLOVER: Schrodt, P. A. (2021), CAMEO to PLOVER
conversion table, for PLOVER manual draft 0.8, Open Event Data Alliance.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from tensionsim import moves

SCALES: Mapping[str, str] = MappingProxyType(
    {
        "cameo": "Goldstein's scores by CAMEO code, the project's own table",
        "keds": "the same with the twelve codes that KEDS data score otherwise",
        "file": "the scores that stand in the file",
    }
)

ROOTS_OF_DEEDS = frozenset(("06", "07", "08", *(str(root) for root in range(14, 21))))
"""Roots of material acts: cooperation 06 to 08, conflict 14 to 20; words are 01 to 05 and 09 to 13."""

PLOVER: Mapping[str, str] = MappingProxyType(
    {
        "AGREE": "03",
        "CONSULT": "04",
        "SUPPORT": "05",
        "COOPERATE": "06",
        "AID": "07",
        "CONCEDE": "08",
        "RETREAT": "08",
        "REQUEST": "10",
        "DEMAND": "10",
        "ACCUSE": "11",
        "REJECT": "12",
        "THREATEN": "13",
        "PROTEST": "14",
        "MOBILIZE": "15",
        "SANCTION": "16",
        "COERCE": "17",
        "ASSAULT": "18",
    }
)
"""CAMEO root of each PLOVER type, by the table of 2021.

Several roots become one type there; the one with the most codes is taken back: ACCUSE holds 09 and 11, ASSAULT 18 to
20. Assumption: REQUEST, as published POLECAT data say, is that table's DEMAND, because it stands in its place among the
types.
"""

KEDS: Mapping[str, float] = MappingProxyType(
    {
        "016": 3.4,
        "019": 0.0,
        "022": 3.4,
        "124": -5.0,
        "1241": -5.0,
        "1243": -5.0,
        "1246": -5.0,
        "129": -4.0,
        "163": -6.5,
        "165": -7.0,
        "166": -8.0,
        "1213": -4.0,
    }
)
"""Scores of KEDS data, which number some codes otherwise, where they differ from the table (`data/README.md`)."""


def scores(scale: str) -> Mapping[str, float]:
    """The score of every code on a scale, "cameo" or "keds", in [-10, 10]."""
    return {**moves.goldstein(), **(KEDS if scale == "keds" else {})}


def is_deed(cameo: str) -> bool:
    """Whether a code is of a material act."""
    return cameo[:2] in ROOTS_OF_DEEDS


def have_lost_zeros(codes: Collection[str], *, is_typed: bool) -> bool:
    """Whether codes were written as numbers, so that 043 became 43.

    They were, where the column holds numbers; or where none begins with 0 and some can be no code otherwise.
    """
    known = [code for code in (_digits(one) for one in codes) if code]
    begins = any(code.startswith("0") for code in known)
    return not begins and (is_typed or any(code not in moves.goldstein() and _mended(code) != code for code in known))


def cameo_of(text: str, coding: str, *, lost_zeros: bool) -> str | None:
    """The CAMEO code that a text means, its root known; None if it means none."""
    if coding == "plover":
        return PLOVER.get(text.strip().upper())
    code = _digits(text)
    if code is None:
        return None
    if lost_zeros:
        code = _mended(code)
    return code if code[:2] in moves.goldstein() and len(code) > 1 else None


def scored_as(cameo: str, table: Mapping[str, float]) -> str:
    """The code whose score a code has: itself, or the nearest above it that the table knows."""
    while cameo not in table:
        cameo = cameo[:-1]
    return cameo


def allowed(coding: str) -> str:
    """What a code can be, for messages."""
    return f"a PLOVER type: {', '.join(PLOVER)}" if coding == "plover" else "a CAMEO code: 2 to 4 digits, 01 to 2042"


def _digits(text: str) -> str | None:
    found = re.fullmatch(r"\s*(\d{1,4})(?:\.0)?\s*", text)
    return found[1] if found else None


def _mended(code: str) -> str:
    """A code with the zero that it lost: 43 is 043, 10 is 010, 211 is 0211, 3 is 03; 190 and 1043 lost none.

    Assumption: two digits are a code of three, not a root, because files seldom hold bare roots.
    """
    is_short = len(code) < 3 or (len(code) == 3 and code[:2] > "20")
    return f"0{code}" if is_short else code
