"""The plan of a backtest, and its folder: each fit, each origin's forecasts as soon as they are there, what came."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import platform
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tensionsim.errors import StorageError, TensionSimError, day_of
from tensionsim.estimation.window import ONE_DAY
from tensionsim.events.history import ARRAYS, EventHistory
from tensionsim.forecasts.baselines import BASELINES, CLIMATOLOGY, NO_CHANGE, RECENCY
from tensionsim.forecasts.origins import Grid, judged
from tensionsim.forecasts.scores import POOLED, RECALIBRATED
from tensionsim.model.record import Floats
from tensionsim.runs import store
from tensionsim.runs.exchange import write_crate
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.yaml_tree import quoted

if TYPE_CHECKING:
    from tensionsim.forecasts.backtest import Backtest


MODEL, UNFITTED = "model", "model, not fitted"
JUDGED = (MODEL, POOLED, RECALIBRATED)
"""What is held against the plain forecasts: the model, and what is learned at each origin from how it did before."""

HORIZONS = (1, 3, 6, 12)


def some_horizons(given: object) -> tuple[int, ...]:
    """One or several horizons in months, ascending; TensionSimError if one is no whole number from 1 to 120."""
    listed = [given] if isinstance(given, str) or not isinstance(given, Iterable) else given
    texts = [str(one).strip() for one in listed]
    wrong = [text for text in texts if not (text.isdecimal() and 1 <= float(text) <= 120)]
    if wrong or not texts:
        told = ", ".join(map(quoted, wrong[:5])) or "none"
        raise TensionSimError(f"horizons are whole months from 1 to 120, as in 1,3,6,12; got {told}")
    return tuple(sorted({int(text) for text in texts}))


def some_baselines(given: Iterable[str] | None) -> tuple[str, ...]:
    """The plain methods that are asked for, all for None, recency always; TensionSimError if one is not known."""
    names = list(BASELINES) if given is None else [name.strip() for name in given if name.strip()]
    wrong = [name for name in names if name not in BASELINES]
    if wrong or not names:
        raise TensionSimError(f"baselines: {', '.join(wrong) or 'none named'}; there are {', '.join(BASELINES)}")
    return tuple(dict.fromkeys([*names, RECENCY]))


RANGE = re.compile(r"\s*(?P<first>[^:]*?)\s*:\s*(?P<last>[^:]*?)\s*(:\s*(?P<every>[1-9][0-9]{0,2})\s*)?")


def parse_origins(
    given: str | dt.date | Iterable[dt.date | str] | None,
) -> tuple[dt.date | None, dt.date | None, int, tuple[dt.date, ...]]:
    """First and last day, months between, days that are named, of `[FIRST]:[LAST][:EVERY]`, a list of dates or None."""
    if given is None:
        return None, None, 1, ()
    try:
        if not isinstance(given, str) or ":" not in given:
            listed = given.split(",") if isinstance(given, str) else given if isinstance(given, Iterable) else [given]
            if days := tuple(sorted({day_of(one) for one in listed})):
                return None, None, 1, days
            raise ValueError("none is named")
        found = RANGE.fullmatch(given)
        if found is None:
            raise ValueError(f"FIRST:LAST or FIRST:LAST:MONTHS, 1 to 999 months; got {quoted(given)}")
        begin, end = (day_of(found[name]) if found[name] else None for name in ("first", "last"))
        if begin and end and begin > end:
            raise ValueError(f"the first, {begin}, comes after the last, {end}")
    except ValueError as error:
        raise TensionSimError(f"origins: {error}") from None
    return begin, end, int(found["every"] or 1), ()


@dataclass(frozen=True, slots=True)
class BacktestSpec:
    """What is forecast.

    origins : first days of which nothing is known. horizons, every, refit : in months; refit None fits nothing.
    baseline_years : that plain methods see besides the whole past. with_unfitted : whether the scenario forecasts too.
    """

    origins: tuple[dt.date, ...]
    horizons: tuple[int, ...]
    every: int
    runs: int
    seed: int
    refit: int | None
    baselines: tuple[str, ...]
    baseline_years: int | None
    with_unfitted: bool
    grid: Grid

    def __post_init__(self) -> None:
        if not self.origins or not self.horizons:
            raise ValueError(f"a backtest of {len(self.origins)} origins and {len(self.horizons)} horizons")

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the forecasts that come from the scenario."""
        return (MODEL, UNFITTED) if self.with_unfitted else (MODEL,)

    @property
    def plain(self) -> tuple[str, ...]:
        """Names of the plain forecasts."""
        years = f"{self.baseline_years} year{'' if self.baseline_years == 1 else 's'}"
        short = () if self.baseline_years is None else tuple(f"{name}, {years}" for name in self.baselines)
        return (*self.baselines, *short)

    @property
    def made(self) -> tuple[str, ...]:
        """Names of the forecasts that an origin makes without looking at others, the model's first."""
        return (*self.models, *self.plain)

    @property
    def forecasters(self) -> tuple[str, ...]:
        """Names of all forecasts, the model's first, then those learned from past origins."""
        return (*JUDGED, *self.made[1:])

    @property
    def tellers(self) -> tuple[str, ...]:
        """Names of those who forecast how likely events are."""
        return (*self.models, CLIMATOLOGY, NO_CHANGE)

    def fitted_at(self) -> dict[dt.date, dt.date]:
        """For every origin the one whose fit (or scenario) it takes: its own, or an earlier one."""
        found, latest = dict[dt.date, dt.date](), self.origins[0]
        for origin in self.origins:
            if origin >= self.grid.later(latest, self.refit or 1):
                latest = origin
            found[origin] = latest
        return found


@dataclass(frozen=True, slots=True)
class Fitted:
    """The scenarios of forecasts from an origin on, as texts: as `given`, and `fitted` with draws of estimates."""

    origin: dt.date
    given: str
    fitted: str
    estimates: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """What was forecast, shapes (target, forecaster, horizon, run) and (event, forecaster, horizon); what failed."""

    origin: dt.date
    values: Floats
    chances: Floats
    fallbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What a backtest is of: a scenario on whose scale everything stands, and a history.

    events, code : sha256 of the history, and of what makes the numbers. not_judged : events that it cannot, and why.
    """

    title: str
    scenario: str
    is_anew: bool
    events: str
    code: str
    history: str
    first: str
    last: str
    judged: tuple[str, ...]
    not_judged: Mapping[str, str]

    @classmethod
    def of(cls, scale: Scenario, history: EventHistory, end: dt.date, *, is_anew: bool) -> About:
        """What a backtest is of, the history being known until before a day."""
        known, unknown = judged(scale, history)
        code, dates = store.fingerprint(store.ESTIMATING), (str(history.first), str(end - ONE_DAY))
        return cls(scale.title, scale.text, is_anew, digest(history), code, history.name, *dates, known, unknown)


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


FIT, FORECASTS, OUTCOMES = "fits/{}.json", "origins/{}.npz", "outcomes.npz"
AGAIN = "remove it, and the command that began the backtest makes it anew"
MOST_ARRAY_BYTES = 1 << 30


class BacktestManifest(store.Manifest):
    """The manifest of a backtest. files : fits and origins are among them as soon as they are there."""

    holds: Literal["backtest"] = "backtest"
    command: str
    plan: BacktestSpec
    about: About


def manifest_of(folder: Path) -> BacktestManifest:
    """What the manifest of a backtest's folder says."""
    return store.read_manifest(folder, BacktestManifest, "backtest")


class Folder:
    """The folder of a backtest, as it is read and, where `filling` opened it, written."""

    def __init__(self, folder: Path, manifest: BacktestManifest) -> None:
        self.folder, self.manifest = folder, manifest

    def fit(self, day: dt.date) -> Fitted:
        """The fit of a day."""
        path = self._checked(FIT.format(day))
        return store.validated(Fitted, store.read_bytes(path), path, AGAIN)

    def forecasts(self, day: dt.date) -> Forecasts:
        """The forecasts of an origin."""
        found = self.arrays(FORECASTS.format(day), "values", "chances", "fallbacks")
        return Forecasts(day, found["values"], found["chances"], tuple(found["fallbacks"].tolist()))

    def arrays(self, name: str, *names: str) -> dict[str, Any]:
        """The arrays of a file, which has exactly those."""
        path = self._checked(name)
        try:
            with np.load(io.BytesIO(store.read_bytes(path, MOST_ARRAY_BYTES)), allow_pickle=False) as found:
                return {name: found[name] for name in names}
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as damage:
            raise StorageError(f"{path} is damaged; {AGAIN} ({damage})") from None

    def _checked(self, name: str) -> Path:
        if name not in self.manifest.files or not self.manifest.files[name].fits(self.folder / name):
            raise StorageError(f"{self.folder / name} is missing or damaged; {AGAIN}")
        return self.folder / name

    def write_fit(self, made: Fitted) -> None:
        """Keeps a fit."""
        self._keep({FIT.format(made.origin): store.as_json(asdict(made) | {"origin": str(made.origin)})})

    def write_forecasts(self, made: Forecasts) -> None:
        """Keeps the forecasts of an origin."""
        fallbacks = np.array(made.fallbacks or (), "U")
        content = _npz(values=made.values, chances=made.chances, fallbacks=fallbacks)
        self._keep({FORECASTS.format(made.origin): content})

    def finish(self, found: Backtest) -> None:
        """Writes what is made of all origins, and that they are complete."""
        contents = {store.SCENARIO: found.about.scenario.encode()}
        contents[OUTCOMES] = _npz(outcomes=found.outcomes, happened=found.happened)
        for name, table in found.tables().items():
            contents[f"{name}.csv"] = store.as_csv(table.reset_index()).encode()
        contents["summary.json"] = store.as_json(found.summary())
        told = self.manifest.model_dump(mode="json", include={"command", "about", "plan"})
        told["versions"] = {"python": platform.python_version(), **store.versions()}
        told["platform"] = f"{sys.platform}-{platform.machine()}"
        store.write_json(self.folder / store.PROVENANCE, told)
        self._keep(contents, complete=True)
        write_crate(self.folder, f"Backtest of {found.about.title}")

    def _keep(self, contents: Mapping[str, bytes], **changes: Any) -> None:
        """Writes files, and then the manifest that names them."""
        files = dict(self.manifest.files)
        for name, content in contents.items():
            store.write_whole(self.folder / name, content)
            files[name] = store.Mark.of(content)
        self.manifest = self.manifest.changed(files=dict(sorted(files.items())), **changes)
        self.manifest.write(self.folder)


@contextmanager
def filling(folder: Path, plan: BacktestSpec, about: About, command: str = "") -> Iterator[Folder]:
    """The folder of a backtest for this command alone; StorageError where it holds another, or something else."""
    manifest, kept = BacktestManifest(command=command, plan=plan, about=about), f"what is done is kept in {folder}"
    with store.filling(store.check_target(folder, "backtest"), lambda: kept, resume="the same command"):
        if store.is_empty(folder):
            manifest.write(folder)
        else:
            there = manifest_of(folder)
            now = {one.name: getattr(plan, one.name) for one in fields(plan)}
            pairs = {name: (getattr(there.plan, name), value) for name, value in now.items()}
            differences = [text for name, text in OF.items() if getattr(there.about, name) != getattr(about, name)]
            differences += [store.differing(name, *pair) for name, pair in pairs.items() if pair[0] != pair[1]]
            store.refuse_others(folder, "another backtest", differences, "remove this one")
            manifest = manifest.changed(files=there.files)
        store.sweep_unfinished(folder)
        yield Folder(folder, manifest)


OF = {"scenario": "the scenario", "is_anew": "whether it is made anew", "events": "the events"}
OF |= {"code": "the version of tensionsim"}
"""What must be the same for origins to belong together, in words."""


def _npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()
