"""A fit as a scenario file, and as plain values."""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim import __version__
from tensionsim.errors import FitError, ScenarioError
from tensionsim.scenario.files import is_within, real, shipped_folder

if TYPE_CHECKING:
    from tensionsim.analysis.fitting.fitted import Fit
    from tensionsim.scenario import Scenario

WIDTH = 116


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which draws a scenario file gets: how many, by which random numbers, of which posterior (see `Fit.sample`)."""

    draws: int
    seed: int
    posterior: str


def check_target(scenario: Scenario, path: Path) -> None:
    """FitError where a fitted scenario could not be written to a path, so that it is known before the work.

    It extends the given one, which must be a shipped scenario or lie in the file's own folder or below.
    """
    if path.suffix not in (".yaml", ".yml"):
        raise FitError(f"{path} does not end in .yaml, as scenario files do")
    if os.path.lexists(path):
        raise FitError(f"{path} is there already; name another file, or remove it")
    if not path.parent.is_dir():
        raise FitError(f"{path.parent} is no folder; make it first")
    _base(scenario, path)


def write(fit: Fit, path: Path, wanted: Wanted) -> Path:
    """Writes the scenario file of a fit; see `Fit.write`."""
    from tensionsim.scenario import load

    check_target(fit.given, path)
    text = scenario_text(fit, _base(fit.given, path), wanted)
    # It is read under another name first: what could not be loaded again must not be left behind.
    trial = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        trial.write_text(text, encoding="utf-8")
        load(trial)
        trial.replace(path)
    except ScenarioError as error:
        raise FitError(f"{path} cannot be a scenario: {error}") from None
    except OSError as error:
        raise FitError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        trial.unlink(missing_ok=True)
    return path


def _base(scenario: Scenario, path: Path) -> str | None:
    """What the file extends: a shipped scenario by its name, another by its place below the file's folder.

    None where the scenario is no file as it stands: made from events, or changed by an outlook or by values set.
    """
    origin = Path(scenario.path)
    if scenario.outlook is not None or scenario.values or not origin.exists():
        return None
    if is_within(origin, shipped_folder()):
        return real(origin).relative_to(real(shipped_folder())).with_suffix("").as_posix()
    if not is_within(origin, path.parent):
        raise FitError(
            f"{path} cannot extend {origin}, which is not in its folder or below; write to {origin.parent / path.name}"
        )
    return real(origin).relative_to(real(path.parent)).as_posix()


def scenario_text(fit: Fit, base: str | None, wanted: Wanted) -> str:
    """The text of a scenario that extends `base` with the fitted values; of the whole scenario where there is none."""
    if base is None:
        scenario = fit.scenario(wanted.draws, wanted.seed, wanted.posterior)
        return "\n".join([*_head(fit, fit.given.name, wanted), scenario.text])
    head = [*_head(fit, base, wanted), "tensionsim: 1", f"extends: {base}", f"title: {_title(fit)}", ""]
    return "\n".join([*head, *rooms(fit, wanted)]) + "\n"


def rooms(fit: Fit, wanted: Wanted) -> Iterator[str]:
    """The lines of a scenario file that state the fitted values: its rooms `parameters` and `mechanisms`."""
    values = fit.distributions(wanted.draws, wanted.seed, wanted.posterior)
    errors = fit.standard_errors
    tree: dict[str, dict[str, list[str]]] = {}
    for path, value in values.items():
        room, *names = path.split(".")
        entry = _entry(names[-1], value, f"{fit.estimates[path]:.4g} ± {errors[path]:.2g}", 2 * len(names))
        tree.setdefault(room, {}).setdefault(names[0] if len(names) > 1 else "", []).extend(entry)
    for room in sorted(tree, key=("parameters", "mechanisms").index):
        yield f"{room}:"
        for name, entries in tree[room].items():
            yield from [f"  {name}:", *entries] if name else entries


def _title(fit: Fit) -> str:
    import json

    return json.dumps(f"{fit.given.title}, fitted"[:200], ensure_ascii=False)


def _head(fit: Fit, base: str, wanted: Wanted) -> Iterator[str]:
    where, told = fit.likelihood.trail.window, fit.diagnosis
    said = (
        f"{base}, fitted by tensionsim {__version__} to {told.acts:,} acts of {where.history.name}, {where.since} to "
        f"{where.until}. Beside each number stand the estimate (posterior mode) and its standard error."
    )
    if wanted.draws > 1:
        source = "Laplace's approximation" if wanted.posterior == "laplace" else "corrected by the exact density"
        said += (
            f" A run takes one of {wanted.draws} draws from the posterior ({source}): the value at the same place of "
            "every list, so that what the estimates have to do with one another is kept."
        )
    yield from textwrap.wrap(said, WIDTH, initial_indent="# ", subsequent_indent="# ")
    caveats = [fit.caveat(wanted.posterior)] if wanted.draws > 1 and wanted.posterior != "laplace" else []
    for warning in (*told.warnings, *caveats):
        yield from textwrap.wrap(warning, WIDTH, initial_indent="# - ", subsequent_indent="#   ")


def _entry(name: str, value: object, note: str, indent: int) -> list[str]:
    pad = " " * indent
    if not isinstance(value, dict):
        return [f"{pad}{name}: {value!r}   # {note}"]
    numbers = ", ".join(repr(one) for one in value["joint"])
    wrapped = textwrap.wrap(numbers, WIDTH - indent - 2)
    return [f"{pad}{name}:   # {note}", f"{pad}  joint: [", *(f"{pad}    {line}" for line in wrapped), f"{pad}  ]"]


def plain(fit: Fit) -> dict[str, object]:
    """A fit as plain values, for JSON."""
    where, told = fit.likelihood.trail.window, fit.diagnosis
    table, support = fit.table(), fit.support_table()
    return {
        "scenario": fit.given.name,
        "scenario_sha256": fit.given.sha256,
        "history": where.history.name,
        "since": str(where.since),
        "until": str(where.until),
        "missing": [[str(first), str(last)] for first, last in where.missing],
        "acts": told.acts,
        "left_out": dict(where.placement.left_out),
        "account": dict(told.account),
        "log_likelihood": fit.log_likelihood,
        "log_evidence": fit.log_evidence,
        "estimates": {path: _finite(dict(row)) for path, row in table.iterrows()},
        "fixed": {one.path: {"value": one.value, "why": one.why} for one in fit.fixed},
        "support": {name: _finite(dict(row)) for name, row in support.iterrows()},
        "diagnosis": {
            "is_converged": told.is_converged,
            "gain": told.gain,
            "gradient": told.gradient,
            "condition": told.condition,
            "effective_coefficients": told.effective,
            "at_bound": list(told.at_bound),
            "separated": list(told.separated),
            "newton_steps": told.steps,
            "shapes_tried": told.shapes_tried,
        },
        "correlations": fit.correlations().to_dict(),
        "warnings": list(told.warnings),
        "notes": list(where.notes),
        "seconds": round(fit.seconds, 3),
        "tensionsim": __version__,
    }


def approximation(fit: Fit) -> dict[str, object]:
    """How good the normal approximation is."""
    found = fit.importance
    told = {
        "k": found.k,
        "verdict": found.verdict,
        "draws": len(found.weights),
        "effective_share": found.effective_share,
        "log_evidence": found.log_whole,
        "log_evidence_error": found.log_whole_error,
    }
    return _finite(told)


def _finite(row: dict[Any, Any]) -> dict[str, Any]:
    """A row without numbers that JSON lacks."""
    return {
        str(name): None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
