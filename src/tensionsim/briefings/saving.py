"""Briefings as files: HTML alone, Markdown with a folder; each appears whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from tensionsim.errors import StorageError

if TYPE_CHECKING:
    from tensionsim.briefings.briefing import Briefing


HTML, MARKDOWN = (".html", ".htm"), (".md", ".markdown")
FOLDER = "-files"
"""What is added to the stem of a Markdown file to name the folder of its figures."""


def check(path: str | Path) -> Path:
    """The path, if a briefing may go there.

    Raises
    ------
    StorageError
        If its ending is neither, its folder is missing, it is a folder, or the folder of figures holds something else.
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in HTML + MARKDOWN:
        raise StorageError(f"cannot write {target}: a briefing is written as .html or .md; end the name so")
    if target.is_dir():
        raise StorageError(f"cannot write {target}: it is a folder; name a file in it")
    if not target.absolute().parent.is_dir():
        raise StorageError(f"cannot write {target}: there is no folder {target.parent}; make it first")
    if kind in MARKDOWN:
        _check_folder(folder_of(target), target)
    return target


def folder_of(target: Path) -> Path:
    """The folder of figures that goes with a Markdown file."""
    return target.with_name(target.stem + FOLDER)


def _check_folder(folder: Path, target: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"cannot write {target}: its figures need the folder {folder}, where a file stands")
    found = [path for path in folder.rglob("*")] if folder.is_dir() else []
    if foreign := [path for path in found if path.is_dir() or path.suffix not in (".svg", ".json")]:
        raise StorageError(
            f"cannot write {target}: its figures need the folder {folder}, which holds {foreign[0].name}; move that "
            f"away"
        )


def save(briefing: Briefing, path: str | Path) -> Path:
    """Writes a briefing; see `Briefing.save`."""
    target = check(path)
    try:
        if target.suffix.lower() in HTML:
            from tensionsim.briefings import html

            _write_alone(target, html.page(briefing))
        else:
            _write_with_folder(briefing, target)
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
    return target


def _write_alone(target: Path, text: str) -> None:
    with _fresh(target) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(target)


def _write_with_folder(briefing: Briefing, target: Path) -> None:
    """Both are made beside their places first, and take them only when both are whole."""
    from tensionsim.briefings import figures, markdown

    folder = folder_of(target)
    with _fresh(target) as page, _fresh(folder) as beside, _fresh(folder) as old:
        beside.mkdir()
        for picture in briefing.pictures:
            drawn = figures.drawn(briefing.subject, picture, theme="light", is_narrow=False)
            (beside / markdown.picture_file(picture)).write_bytes(drawn)
        tables = json.dumps(briefing.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        (beside / markdown.TABLES).write_text(tables + "\n", encoding="utf-8", newline="\n")
        page.write_text(markdown.page(briefing, folder.name), encoding="utf-8", newline="\n")
        if folder.exists():
            folder.rename(old)
        try:
            beside.rename(folder)
            page.replace(target)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            if old.exists():
                old.rename(folder)
            raise


@contextmanager
def _fresh(target: Path) -> Iterator[Path]:
    """A path beside the target for what will take its place; nothing is left of it after."""
    fresh = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        yield fresh
    finally:
        if fresh.is_dir():
            shutil.rmtree(fresh, ignore_errors=True)
        else:
            fresh.unlink(missing_ok=True)
