"""Names of a scenario's elements in few lines: broken where a reader would, and cut in the middle if at all."""

from __future__ import annotations

import re

from tensionsim.plots import style

PIECES = re.compile(r"→ \S+\s*|\S+?(?:(?<=[^\W\d]\.)(?=\w)|\s+|$)")
"""What stays on one line: words, parts of a path with their dot, an arrow with the number that it leads to."""

CUT = "…"


def shown(name: str) -> str:
    """An element's name as a reader would write it."""
    return style.words(name).replace(" -> ", " → ")


def lines(name: str, size: float, width: float, most: int = 2) -> list[str]:
    """The name in `most` lines at most, each no wider than `width` points; what is too long loses its middle."""
    room = width / style.HINTED
    pieces = [part for piece in PIECES.findall(shown(name)) for part in _narrow(piece, size, room)]
    broken = _filled(pieces, size, room)
    if len(broken) <= most:
        return broken
    head, tail = broken[: most - 1], ""
    for piece in reversed(pieces):
        if style.text_width(CUT + piece + tail, size) > room:
            break
        tail = piece + tail
    return [*head, CUT + tail]


def _filled(pieces: list[str], size: float, room: float) -> list[str]:
    """The pieces in lines, as many in each as it holds."""
    found: list[str] = []
    for piece in pieces:
        if found and style.text_width((found[-1] + piece).rstrip(), size) <= room:
            found[-1] += piece
        else:
            found.append(piece)
    return [line.rstrip() for line in found]


def _narrow(piece: str, size: float, room: float) -> list[str]:
    """The piece, or, where it is wider than a line, as many letters as a line holds and the others."""
    if style.text_width(piece.rstrip(), size) <= room:
        return [piece]
    count = max(1, int(len(piece) * room / style.text_width(piece, size)) - 1)
    return [piece[:count], *_narrow(piece[count:], size, room)]
