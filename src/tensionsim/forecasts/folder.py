"""The folder of a backtest: each fit and each origin's forecasts as soon as they are there, and then what came."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import platform
import sys
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import JsonValue

from tensionsim.errors import StorageError
from tensionsim.events.history import ARRAYS, EventHistory
from tensionsim.model.record import Floats
from tensionsim.runs import store
from tensionsim.runs.exchange import write_crate
from tensionsim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from tensionsim.forecasts.backtest import Backtest


@dataclass(frozen=True, slots=True)
class Fitted:
    """The scenarios with which forecasts are made from an origin on, as texts; with the fit's estimates and errors.

    given : as it stands. fitted : with draws of the estimates; the same as `given` where nothing is fitted.
    """

    origin: dt.date
    given: str
    fitted: str
    estimates: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """What was forecast at an origin.

    values : shape (target, forecaster, horizon, run). chances : of each event within each horizon, shape (event,
    forecaster, horizon), by the models, climatology and no change. fallbacks : what went wrong, in words.
    """

    origin: dt.date
    values: Floats
    chances: Floats
    fallbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be the same for origins to belong together.

    plan : what was asked, as plain values. scenario : sha256 of the text of the one that gives the scale. is_anew :
    whether one is made at every origin. events : sha256 of the history. code : sha256 of what makes the numbers.
    """

    plan: Mapping[str, Any]
    scenario: str
    is_anew: bool
    events: str
    code: str

    @classmethod
    def of(cls, plan: Mapping[str, Any], scale: Scenario, is_anew: bool, history: EventHistory) -> Identity:
        """That of a backtest of a history, here and now."""
        return cls(plan, scale.sha256, is_anew, digest(history), store.fingerprint(store.ESTIMATING))

    def differences(self, there: Mapping[str, Any]) -> list[str]:
        """What a manifest says otherwise, in words."""
        words = {"scenario": "the scenario", "is_anew": "whether it is made anew", "events": "the events"}
        words["code"] = "the version of tensionsim"
        found = [text for name, text in words.items() if there.get(name) != getattr(self, name)]
        plan = there.get("plan", {})
        for name in sorted({*self.plan, *plan}):
            if self.plan.get(name) != plan.get(name):
                values = f"{_format_value(plan.get(name))} there, {_format_value(self.plan.get(name))} here"
                found.append(f"{name.replace('_', ' ')} ({values})")
        return found


def _format_value(value: object) -> str:
    if isinstance(value, list) and len(value) > 4:
        return f"{len(value)} from {value[0]} to {value[-1]}"
    return ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)


def digest(history: EventHistory) -> str:
    """A sha256 over the events of a history and the names of its rows."""
    found = hashlib.sha256()
    for name in ARRAYS:
        array = np.ascontiguousarray(getattr(history, name))
        found.update(f"{name} {array.dtype} {array.shape}\n".encode())
        found.update(array.tobytes())
    about = (history.actors, history.issues, history.moves, history.held, str(history.first), str(history.last))
    found.update(repr(about).encode())
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class About:
    """What a backtest is of.

    scenario : text of the one on whose scale everything stands. is_anew : whether one was made at every origin. step :
    "day", "week" or "month". history : its name, with the first and the last day that were used. not_judged : events of
    the scenario that what was observed cannot judge, with the reason.
    """

    title: str
    scenario: str
    is_anew: bool
    step: str
    history: str
    first: str
    last: str
    not_judged: Mapping[str, str]


OUTCOMES = "outcomes.npz"
AGAIN = "remove it, and the command that began the backtest makes it anew"
MOST_ARRAY_BYTES = 1 << 30


class BacktestManifest(store.Manifest):
    """The manifest of a backtest. files : fits and origins are among them as soon as they are there."""

    holds: Literal["backtest"] = "backtest"
    command: str
    plan: dict[str, JsonValue]
    scenario: str
    is_anew: bool
    events: str
    code: str
    about: About | None = None
    judged: tuple[str, ...] = ()


class Folder:
    """The folder of a backtest while it is worked on; a context manager that keeps other commands out.

    It refuses (StorageError) a folder that holds another backtest or something else, or where another command writes.
    """

    def __init__(self, folder: Path, identity: Identity, command: str = "") -> None:
        self.folder, self._identity = folder, identity
        self._manifest = BacktestManifest(command=command, **asdict(identity))

    def __enter__(self) -> Self:
        store.check_target(self.folder, "backtest")
        try:
            with ExitStack() as stack:
                self.folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(store.locked(self.folder))
                if store.is_empty(self.folder):
                    self._manifest.write(self.folder)
                else:
                    there = manifest_of(self.folder)
                    if differences := self._identity.differences(there.model_dump(mode="json")):
                        raise StorageError(
                            f"cannot go on in {self.folder}: it holds another backtest; what differs: "
                            f"{'; '.join(differences)}. Choose another folder, or remove this one"
                        )
                    self._manifest = self._manifest.changed(files=there.files)
                store.sweep_unfinished(self.folder)
                self._stack = stack.pop_all()
        except OSError as failure:
            raise _unwritable(self.folder, failure) from failure
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    def read_fit(self, day: dt.date) -> Fitted | None:
        """The fit of a day, if it is kept unharmed."""
        return fit_of(self.folder, self._manifest, day) if self._is_kept(fit_file(day)) else None

    def write_fit(self, made: Fitted) -> None:
        """Keeps a fit."""
        self._keep({fit_file(made.origin): store.as_json(asdict(made) | {"origin": str(made.origin)})})

    def read_forecasts(self, day: dt.date) -> Forecasts | None:
        """The forecasts of a day, if they are kept unharmed."""
        return forecasts_of(self.folder, self._manifest, day) if self._is_kept(origin_file(day)) else None

    def write_forecasts(self, made: Forecasts) -> None:
        """Keeps the forecasts of an origin."""
        fallbacks = np.array(made.fallbacks or (), "U")
        content = _npz(values=made.values, chances=made.chances, fallbacks=fallbacks)
        self._keep({origin_file(made.origin): content})

    def finish(self, found: Backtest) -> None:
        """Writes what is made of all origins, and that they are complete."""
        contents = {store.SCENARIO: found.about.scenario.encode()}
        contents[OUTCOMES] = _npz(outcomes=found.outcomes, happened=found.happened)
        for name, table in found.tables().items():
            contents[f"{name}.csv"] = store.as_csv(table.reset_index()).encode()
        contents["summary.json"] = store.as_json(found.summary())
        told = {"command": self._manifest.command, "about": asdict(found.about), **asdict(self._identity)}
        told["versions"] = {"python": platform.python_version(), **store.versions()}
        told["platform"] = f"{sys.platform}-{platform.machine()}"
        try:
            store.write_json(self.folder / store.PROVENANCE, told)
        except OSError as failure:
            raise _unwritable(self.folder / store.PROVENANCE, failure) from failure
        self._keep(contents, complete=True, about=found.about, judged=found.events)
        write_crate(self.folder, f"Backtest of {found.about.title}")

    def _is_kept(self, name: str) -> bool:
        mark = self._manifest.files.get(name)
        return mark is not None and mark.fits(self.folder / name)

    def _keep(self, contents: Mapping[str, bytes], **changes: Any) -> None:
        """Writes files, and then the manifest that names them."""
        files = dict(self._manifest.files)
        try:
            for name, content in contents.items():
                store.write_whole(self.folder / name, content)
                files[name] = store.Mark.of(content)
            self._manifest = self._manifest.changed(files=dict(sorted(files.items())), **changes)
            self._manifest.write(self.folder)
        except OSError as failure:
            raise _unwritable(self.folder / next(iter(contents)), failure) from failure


def fit_file(day: dt.date) -> str:
    """Where the fit of a day is kept, from the folder on."""
    return f"fits/{day}.json"


def origin_file(day: dt.date) -> str:
    """Where the forecasts of an origin are kept, from the folder on."""
    return f"origins/{day}.npz"


def begun_by(folder: Path) -> str | None:
    """What was typed to begin the backtest in a folder; None where there is none."""
    return manifest_of(folder).command if store.held(folder) == "backtest" else None


def manifest_of(folder: Path) -> BacktestManifest:
    """What the manifest of a backtest's folder says."""
    return store.read_manifest(folder, BacktestManifest, "backtest")


def fit_of(folder: Path, manifest: BacktestManifest, day: dt.date) -> Fitted:
    """The fit of a day that a folder keeps."""
    path = _checked(folder, manifest, fit_file(day))
    store.read_json(path)
    return store.validated(Fitted, store.read_bytes(path), path, AGAIN)


def forecasts_of(folder: Path, manifest: BacktestManifest, day: dt.date) -> Forecasts:
    """The forecasts of an origin that a folder keeps."""
    found = arrays_of(folder, manifest, origin_file(day), "values", "chances", "fallbacks")
    return Forecasts(day, found["values"], found["chances"], tuple(found["fallbacks"].tolist()))


def arrays_of(folder: Path, manifest: BacktestManifest, file: str, *names: str) -> dict[str, Any]:
    """The arrays of a file, which has exactly those."""
    path = _checked(folder, manifest, file)
    try:
        with np.load(io.BytesIO(store.read_bytes(path, MOST_ARRAY_BYTES)), allow_pickle=False) as found:
            return {name: found[name] for name in names}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as damage:
        raise StorageError(f"{path} is damaged; {AGAIN} ({damage})") from None


def _checked(folder: Path, manifest: BacktestManifest, name: str) -> Path:
    if name not in manifest.files or not manifest.files[name].fits(folder / name):
        raise StorageError(f"{folder / name} is missing or damaged; {AGAIN}")
    return folder / name


def _npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _unwritable(path: Path, failure: OSError) -> StorageError:
    return StorageError(f"cannot write {path}: {failure.strerror or failure}")
