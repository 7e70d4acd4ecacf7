"""A backtest in a folder: every fit and every origin's forecasts as they are done, tables when all are.

    manifest.json      what the folder is: what was asked, of which scenario, events and code; whether it is complete
    scenario.yaml      the scenario on whose scale forecasts and outcomes stand
    fits/DATE.json     the scenario fitted to what happened before the date, estimates and errors
    origins/DATE.npz   the forecasts from that date
    outcomes.npz       what came
    *.csv              tables for people
    summary.json       what `--json` prints
    provenance.json    where the numbers come from

Files appear whole or not at all, so that an interruption costs what was under way and no more. A folder of another
scenario, history, plan or code is not added to.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import platform
import sys
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tensionsim.analysis.backtesting.identity import Identity
from tensionsim.analysis.backtesting.making import Fitted, Forecasts
from tensionsim.errors import StorageError
from tensionsim.results.files import TEMPORARY, locked, write_whole
from tensionsim.results.folders import check_target, files_below, named
from tensionsim.results.summary import versions

if TYPE_CHECKING:
    from tensionsim.analysis.backtesting.backtest import Backtest

FORMAT = "tensionsim backtest"
FORMAT_VERSION = 1
MANIFEST, SCENARIO, OUTCOMES = "manifest.json", "scenario.yaml", "outcomes.npz"
AGAIN = "remove it, and the command that began the backtest makes it anew"


class Store:
    """The folder of a backtest while it is worked on; a context manager that keeps other commands out.

    Raises
    ------
    StorageError
        If it holds another backtest or something else, or another command writes there.
    """

    def __init__(self, folder: Path, identity: Identity, command: str = "") -> None:
        self.folder, self._identity, self._command = folder, identity, command
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        _check(self.folder, self._identity)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._stack.enter_context(locked(self.folder))
            if not (self.folder / MANIFEST).exists():
                self._write_manifest(is_complete=False)
        except OSError as failure:
            raise _unwritable(self.folder, failure) from failure
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    def read_fit(self, day: dt.date) -> Fitted | None:
        """The fit of a day, if it is kept."""
        path = self._fit(day)
        return fit_of(path) if path.exists() else None

    def write_fit(self, made: Fitted) -> None:
        """Keeps a fit."""
        self._write(self._fit(made.origin), _json(asdict(made) | {"origin": str(made.origin)}))

    def read_forecasts(self, day: dt.date) -> Forecasts | None:
        """The forecasts of a day, if they are kept."""
        path = self._origin(day)
        return forecasts_of(path, day) if path.exists() else None

    def write_forecasts(self, made: Forecasts) -> None:
        """Keeps the forecasts of an origin."""
        fallbacks = np.array(made.fallbacks or (), "U")
        self._write(self._origin(made.origin), _npz(values=made.values, chances=made.chances, fallbacks=fallbacks))

    def finish(self, found: Backtest) -> None:
        """Writes what is made of all origins, and that they are complete."""
        from tensionsim.analysis.backtesting import summing

        self._write(self.folder / SCENARIO, found.about.scenario.encode())
        self._write(self.folder / OUTCOMES, _npz(outcomes=found.outcomes, happened=found.happened))
        for name, table in summing.tables(found).items():
            self._write(self.folder / f"{name}.csv", table.to_csv(lineterminator="\n", float_format="%.10g").encode())
        self._write(self.folder / "summary.json", _json(summing.summary(found)))
        about = {"command": self._command, "about": asdict(found.about), **asdict(self._identity)}
        about["versions"] = {"python": platform.python_version(), **versions()}
        about["platform"] = f"{sys.platform}-{platform.machine()}"
        self._write(self.folder / "provenance.json", _json(about))
        self._write_manifest(is_complete=True, about=asdict(found.about), judged=list(found.events))

    def _write_manifest(self, *, is_complete: bool, **more: object) -> None:
        content = {"format": FORMAT, "version": FORMAT_VERSION, "is_complete": is_complete, "command": self._command}
        self._write(self.folder / MANIFEST, _json(content | asdict(self._identity) | more))

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_whole(path, content)
        except OSError as failure:
            raise _unwritable(path, failure) from failure

    def _fit(self, day: dt.date) -> Path:
        return fit_file(self.folder, day)

    def _origin(self, day: dt.date) -> Path:
        return origin_file(self.folder, day)


def fit_file(folder: Path, day: dt.date) -> Path:
    """Where the fit of a day is kept."""
    return folder / "fits" / f"{day}.json"


def origin_file(folder: Path, day: dt.date) -> Path:
    """Where the forecasts of an origin are kept."""
    return folder / "origins" / f"{day}.npz"


def _check(folder: Path, identity: Identity) -> None:
    """StorageError where a folder is not one to which this backtest may be written."""
    if not folder.is_dir() or not (folder / MANIFEST).exists():
        found = [name for name in files_below(folder) if TEMPORARY not in name] if folder.is_dir() else []
        if found:
            raise StorageError(
                f"cannot write {folder}: what it holds is no {FORMAT}: {named(found)}; choose another folder"
            )
        check_target(folder)
        return
    if differences := identity.differences(manifest_of(folder)):
        raise StorageError(
            f"cannot go on in {folder}: it holds another backtest; what differs: {'; '.join(differences)}. Choose "
            "another folder, or remove this one"
        )


def begun_by(folder: Path) -> str | None:
    """What was typed to begin the backtest in a folder; None where there is none."""
    try:
        return str(manifest_of(folder).get("command"))
    except StorageError:
        return None


def manifest_of(folder: Path) -> dict[str, Any]:
    """What the manifest of a backtest's folder says.

    Raises
    ------
    StorageError
        If there is none.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StorageError(f"{folder} is not the folder of a backtest: it has no {MANIFEST}") from None
    except (OSError, ValueError) as damage:
        raise StorageError(f"{folder / MANIFEST} cannot be read: {damage}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise StorageError(f"{folder} is not the folder of a backtest")
    if found.get("version", 0) > FORMAT_VERSION:
        raise StorageError(f"{folder} was written by a newer tensionsim; update yours")
    return found


def fit_of(path: Path) -> Fitted:
    """The fit that a file keeps.

    Raises
    ------
    StorageError
        If it is missing or damaged.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Fitted(
            **found | {"origin": dt.date.fromisoformat(found["origin"]), "warnings": tuple(found["warnings"])}
        )
    except (OSError, ValueError, TypeError, KeyError) as damage:
        raise StorageError(f"{path} is missing or damaged; {AGAIN} ({damage})") from None


def forecasts_of(path: Path, day: dt.date) -> Forecasts:
    """The forecasts that a file keeps; see `arrays_of`."""
    found = arrays_of(path)
    return Forecasts(day, found["values"], found["chances"], tuple(found["fallbacks"].tolist()))


def arrays_of(path: Path) -> dict[str, Any]:
    """The arrays of a file.

    Raises
    ------
    StorageError
        If it is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as damage:
        raise StorageError(f"{path} is missing or damaged; {AGAIN} ({damage})") from None


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _unwritable(path: Path, failure: OSError) -> StorageError:
    return StorageError(f"cannot write {path}: {failure.strerror or failure}")
