"""The tally of results: read where it is saved, else made part by part."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from tensionsim.errors import StorageError
from tensionsim.results.files import TALLY
from tensionsim.results.parts import blocks
from tensionsim.results.stored import Store, store_of
from tensionsim.results.tally import Tally

if TYPE_CHECKING:
    from tensionsim.results.model import Results


def tally(results: Results) -> Tally:
    """The tally of all runs of some results."""
    store = store_of(results.record)
    if store is not None and TALLY in store.manifest.tables:
        return _saved(store)
    return reduce(Tally.merged, map(Tally.of, blocks(results)))


def _saved(store: Store) -> Tally:
    path = store.folder / TALLY
    try:
        if not store.manifest.tables[TALLY].fits(path):
            raise StorageError(f"{path} is missing or damaged; {store.advice()}")
    except OSError as failure:
        raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
    return Tally.load(path)
