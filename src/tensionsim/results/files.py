"""Files of a store: each appears whole or not at all, and one command writes at a time."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tensionsim.errors import StorageError

TEMPORARY = ".tensionsim-"
"""How the names of files begin that are in the making, or a lock; what an interruption leaves of them is litter."""
TALLY = "tally.npz"
LOCK = f"{TEMPORARY}lock"

FIGURE_ENDS = {".png": b"\0\0\0\0IEND\xaeB`\x82", ".svg": b"</svg>"}
"""What the last bytes of a figure are, a line break aside."""


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is there with all its content, on the disk too, or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what stood there before still stands.
    """
    temporary = write_beside(path, content)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_beside(path: Path, content: bytes) -> Path:
    """Writes what is to take a file's place beside it, on the disk too, and says where.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    temporary = temporary_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def temporary_of(path: Path) -> Path:
    """Where a file stands while it is written."""
    return path.with_name(TEMPORARY + path.name)


def _sync_folder(folder: Path) -> None:
    """Makes a new name in a folder outlast a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as failure:
        if failure.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def is_litter(name: str) -> bool:
    """Whether a file, named from the store's folder, is one in the making, or the lock."""
    return re.fullmatch(rf"(parts/)?{re.escape(TEMPORARY)}[^/]*", name) is not None


def is_whole_json(path: Path) -> bool:
    """Whether a file is there and JSON to its end."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def is_whole_figure(path: Path) -> bool:
    """Whether a PNG or SVG is there, to its end; what it shows is not looked at, for its bytes are not promised."""
    end = FIGURE_ENDS[path.suffix]
    try:
        with path.open("rb") as file:
            file.seek(-min(len(end) + 1, file.seek(0, os.SEEK_END)), os.SEEK_END)
            return file.read().rstrip(b"\n").endswith(end)
    except OSError:
        return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """A folder for this command alone; the lock goes with the process, however it ends.

    Raises
    ------
    StorageError
        If another command is writing there.
    """
    file = _taken(folder / LOCK)
    try:
        if file is None:
            raise StorageError(f"another command is writing to {folder}; wait for it, or choose another folder")
        yield
    finally:
        if file is not None:
            if os.name != "nt":
                (folder / LOCK).unlink(missing_ok=True)
            file.close()


def _taken(path: Path) -> IO[bytes] | None:
    """The lock file, locked; None where another process holds it."""
    while True:
        file = path.open("ab")
        if not _lock(file):
            file.close()
            return None
        if _is_still(path, file):
            return file
        file.close()  # whoever held it took it away meanwhile


def _lock(file: IO[bytes]) -> bool:
    if os.name == "nt":
        import msvcrt

        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as failure:
        if failure.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _is_still(path: Path, file: IO[bytes]) -> bool:
    """Whether the open file is the one that stands there now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
