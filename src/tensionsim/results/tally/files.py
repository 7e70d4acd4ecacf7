"""A Tally as bytes: an uncompressed .npz without any time in it, so that the same tally is the same file.

A block of a histogram is stored as one 64-bit word, which says where it has counted, and its counts as numbers of
variable length. No library that compresses takes part, whose next version might write other bytes.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.errors import StorageError
from tensionsim.record import Names
from tensionsim.results.tally.histograms import BLOCK, Histograms
from tensionsim.results.tally.moving import MoveCounts, Movers
from tensionsim.results.tally.series import SCALES, Scales, Series
from tensionsim.results.tally.spells import Spells
from tensionsim.results.tally.sums import NARROW, WIDE, Sums

if TYPE_CHECKING:
    from tensionsim.results.tally.model import Tally

Array = NDArray[Any]

FORMAT = "tensionsim tally"
FORMAT_VERSION = 1
ABOUT = "about.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
DAMAGE = (zipfile.BadZipFile, RuntimeError, struct.error, EOFError, KeyError, TypeError, IndexError, AttributeError)
"""What reading a damaged archive raises, besides ValueError; RuntimeError where a bit says that it is encrypted."""
MOST_BITS = 7
"""Bits of a number that a byte holds; the eighth says whether there are more."""


def to_bytes(tally: Tally) -> bytes:
    """The content of a tally's file."""
    said = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "first_run": tally.first_run,
        "runs": tally.runs,
        "about": dict(tally.about),
        "names": asdict(tally.names),
        "movers": tally.movers_of.names,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        text = json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False)
        archive.writestr(_entry(ABOUT), text.encode())
        for name, array in _arrays(tally).items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(_entry(f"{name}.npy"), content.getvalue())
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _arrays(tally: Tally) -> dict[str, Array]:
    found: dict[str, Array] = {
        "dates": tally.dates,
        "weights": tally.weight_sums.limbs,
        "spells.first": tally.spells.first,
        "spells.ended": tally.spells.ended,
        "spells.held": tally.spells.held,
        "regimes": tally.regimes,
        "in_force": tally.in_force,
        "moves.keys": tally.moves.keys,
        "moves.made": tally.moves.made,
        "moves.runs": tally.moves.runs,
        "movers": tally.movers_of.points.limbs,
    }
    for name, series in tally.series.items():
        word, counts = _packed(series.histograms.counts)
        found |= {
            f"{name}.sums": series.sums.limbs,
            f"{name}.low": series.low,
            f"{name}.high": series.high,
            f"{name}.blocks": series.histograms.blocks,
            f"{name}.words": word,
            f"{name}.counts": counts,
        }
    return {name: np.ascontiguousarray(array, array.dtype.newbyteorder("<")) for name, array in found.items()}


def from_bytes(content: bytes) -> Tally:
    """The tally in a file's content; ValueError where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            said = json.loads(archive.read(ABOUT))
            if said.get("format") != FORMAT or said.get("version") != FORMAT_VERSION:
                raise ValueError(f"it is no tally of format {FORMAT_VERSION}")
            names = [name for name in archive.namelist() if name != ABOUT]
            arrays = {name.removesuffix(".npy"): _array(archive.read(name)) for name in names}
        return _tally(said, arrays)
    except DAMAGE as damage:
        raise ValueError(f"it is damaged ({damage})") from damage


def _array(content: bytes) -> Array:
    array: Array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _tally(said: dict[str, Any], arrays: dict[str, Array]) -> Tally:
    from tensionsim.results.tally.model import Tally

    return Tally(
        about=said["about"],
        names=Names(**{name: tuple(values) for name, values in said["names"].items()}),
        dates=arrays["dates"],
        first_run=said["first_run"],
        runs=said["runs"],
        series={name: _series(arrays, name, scale) for name, scale in SCALES.items()},
        weight_sums=Sums(NARROW, arrays["weights"]),
        spells=Spells(arrays["spells.first"], arrays["spells.ended"], arrays["spells.held"]),
        regimes=arrays["regimes"],
        in_force=arrays["in_force"],
        moves=MoveCounts(arrays["moves.keys"], arrays["moves.made"], arrays["moves.runs"]),
        movers_of=Movers(tuple((actor, what) for actor, what in said["movers"]), Sums(WIDE, arrays["movers"])),
    )


def _series(arrays: dict[str, Array], name: str, scale: Scales) -> Series:
    sums, low, high, blocks, words, counts = (
        arrays[f"{name}.{part}"] for part in ("sums", "low", "high", "blocks", "words", "counts")
    )
    exponents = NARROW if sums.shape[-1] == len(NARROW) else WIDE
    return Series(Sums(exponents, sums), low, high, Histograms(scale, blocks, _unpacked(words, counts)))


def _packed(counts: NDArray[np.uint32]) -> tuple[Array, Array]:
    """A word a block that says which of its bins have counted, and their counts in order."""
    has_counted = counts > 0
    words = np.packbits(has_counted, axis=1, bitorder="little").view("<u8").reshape(-1)
    return words, _short(counts[has_counted])


def _unpacked(words: Array, content: Array) -> NDArray[np.uint32]:
    bits = np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little")
    has_counted = bits.reshape(-1, BLOCK).astype(np.bool_)
    counts = np.zeros(has_counted.shape, np.uint32)
    counts[has_counted] = _long(content, int(has_counted.sum()))
    return counts


def _short(numbers: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Numbers in as few bytes as they need: the low seven bits of all, then the next of those that have more."""
    planes, rest = [np.zeros(0, np.uint8)], numbers
    while len(rest):
        has_more = rest > 0x7F
        planes.append(((rest & 0x7F) | np.where(has_more, 0x80, 0)).astype(np.uint8))
        rest = (rest[has_more] >> MOST_BITS).astype(np.uint32)
    return np.concatenate(planes)


def _long(content: NDArray[np.uint8], count: int) -> NDArray[np.uint32]:
    """The numbers of which `_short` made this; ValueError where it is not of so many."""
    numbers, rows = np.zeros(count, np.uint32), np.arange(count)
    start, shift = 0, 0
    while len(rows):
        plane = content[start : start + len(rows)]
        if len(plane) < len(rows):
            raise ValueError("its counts are cut off")
        numbers[rows] |= (plane & 0x7F).astype(np.uint32) << shift
        start, shift, rows = start + len(rows), shift + MOST_BITS, rows[plane > 0x7F]
    if start != len(content):
        raise ValueError("it has counts of nothing")
    return numbers


def load(path: Path) -> Tally:
    """The tally in a file; see `Tally.load`."""
    try:
        return from_bytes(path.read_bytes())
    except OSError as failure:
        raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
    except ValueError as damage:
        raise StorageError(f"{path} is no tally that this tensionsim can read: {damage}; make it again") from damage
