"""Folders of what was derived from results: a comparison, an explanation; their like may replace them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tensionsim.errors import StorageError
from tensionsim.results import folders, storage
from tensionsim.results.manifest import MANIFEST
from tensionsim.results.summary import versions

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Derived:
    """A kind of folder, by the `word` for what it holds."""

    word: str

    @property
    def format(self) -> str:
        """What the manifest of such a folder calls it."""
        return f"tensionsim {self.word}"

    def check_target(self, directory: str | Path) -> Path:
        """The folder, if one of this kind may be written there: it is absent, empty, or holds one and nothing else.

        Raises
        ------
        StorageError
            If it is a file, holds something else, or cannot be written; the message says what.
        """
        target = Path(directory)
        found = set(folders.files_below(target)) if target.is_dir() else set()
        if not found:
            return folders.check_target(target)
        manifest = _manifest(target)
        if manifest.get("format") != self.format:
            raise StorageError(
                f"cannot write {target}: what it holds is no {self.format}: {folders.named(found)}; "
                "choose another folder"
            )
        if foreign := sorted(found - {*manifest.get("written", ()), MANIFEST}):
            raise StorageError(
                f"cannot replace the {self.word} in {target}: {foreign[0]} there was not written by tensionsim; "
                "move it away or choose another folder"
            )
        return target

    def save(
        self, directory: str | Path, write: Callable[[Path], None], attach: Callable[[Path], None] | None = None
    ) -> Path:
        """Writes such a folder, whole or not at all; one of the kind that stands there is replaced.

        write, attach : called with a new folder before it takes its place, to write into it.

        Raises
        ------
        StorageError
            If the folder holds something else, or cannot be written.
        """
        target = self.check_target(directory)
        try:
            with storage.taking_the_place_of(target) as folder:
                write(folder)
                if attach is not None:
                    attach(folder)
                written = sorted(folders.files_below(folder))
                about = {"format": self.format, "version": FORMAT_VERSION, **versions(), "written": written}
                storage.write_json(folder / MANIFEST, about)
        except OSError as failure:
            raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
        return target


def _manifest(target: Path) -> dict[str, Any]:
    try:
        found = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
