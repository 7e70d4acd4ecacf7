"""What the package computes, as a few numbers and digests; run by hand, it freezes them beside itself.

    python tests/baseline/make.py            freeze everything anew, and say what is not as it was
    python tests/baseline/make.py --check    only say so

A subject is a scenario, a comparison, a fit and the like. It is read through the public names of the package alone, and
whatever can be stored in another type or another order is first brought into one form, so that only a change of the
values shows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in all tests: sums of two threads round otherwise

import numpy as np
import pandas as pd

import tensionsim as ts

HERE = Path(__file__).parent
DIGESTS, NUMBERS = HERE / "frozen.json", HERE / "frozen.npz"
SCENARIOS = HERE.parents[1] / "scenarios"
RUNS, SEED = 200, 1
CLOSE, CLOSE_OF_FITS = 1e-9, 1e-6
ALL_SHOWN = 12
"""Columns of so many values or fewer are frozen whole."""


@dataclass
class Picture:
    """What is frozen of a subject: digests that hold everywhere, digests of floats, numbers that stand for them."""

    exact: dict[str, str] = field(default_factory=dict)
    bits: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, np.ndarray] = field(default_factory=dict)

    def differences(self, frozen: Picture, close: float, *, to_the_bit: bool) -> list[str]:
        """What is frozen and is not so here; what is new here does not count."""
        found = [f"{name} differs" for name in frozen.exact if frozen.exact[name] != self.exact.get(name)]
        if to_the_bit:
            found += [f"bits of {name} differ" for name in frozen.bits if frozen.bits[name] != self.bits.get(name)]
        for name, wanted in frozen.numbers.items():
            here = self.numbers.get(name)
            if here is None or here.shape != wanted.shape:
                found.append(f"{name} has shape {None if here is None else here.shape}, not {wanted.shape}")
            elif not np.allclose(here, wanted, rtol=close, atol=close):
                found.append(f"{name} is off by up to {np.abs(here - wanted).max():.3g}")
        return found


def digest(*arrays: np.ndarray) -> str:
    """A hash of shapes and bytes."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


def digest_of_texts(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


@cache
def rounding() -> str:
    """What functions give here whose last bit hangs on the processor."""
    x = np.linspace(0.01, 9.99, 3001)
    return digest(np.exp(x), np.exp2(x), np.exp(-x), np.log(x), np.log1p(x), np.tanh(x), x ** x[::-1])


def floats(values: Any) -> np.ndarray:
    """Values as float64 with one kind of NaN, whatever type they are stored in."""
    found = np.array(values, dtype=np.float64)
    found[np.isnan(found)] = np.nan
    return found


def sums(values: np.ndarray) -> np.ndarray:
    """Along the first axis the last value and two weighted means, in which every value has a weight of its own."""
    filled = np.nan_to_num(values, nan=-9.0, posinf=-99.0, neginf=-999.0)
    places = np.arange(1, len(filled) + 1)
    weighted = [np.tensordot((places * ratio) % 1.0, filled, axes=1) / len(filled) for ratio in (0.6180339887, 2**0.5)]
    return np.stack([filled[-1], *weighted])


def pictured_floats(into: Picture, name: str, values: Any) -> None:
    """A few values whole, many as their sums."""
    found = floats(values)
    into.bits[name] = digest(found)
    is_short = len(found) <= ALL_SHOWN
    into.numbers[name] = np.nan_to_num(found, nan=-9.0) if is_short else sums(found)


# Tables


def pictured_table(into: Picture, name: str, table: pd.DataFrame, *, without: tuple[str, ...] = ()) -> None:
    """A table whose rows and columns may come in any order: names, dates and texts as digests, numbers by column.

    without : columns of words for readers, which are not frozen.
    """
    flat = table.reset_index(drop=table.index.names == [None] and isinstance(table.index, pd.RangeIndex))
    flat.columns = ["/".join(map(str, one)).rstrip("/") if isinstance(one, tuple) else str(one) for one in flat.columns]
    flat = flat[sorted(set(flat.columns) - set(without))]
    numeric = [each for each in flat.columns if pd.api.types.is_float_dtype(flat[each])]
    codes = {each: coded(flat[each]) for each in flat.columns if each not in numeric}
    values = {each: floats(flat[each]) for each in numeric}
    order = np.lexsort([*(values[each] for each in numeric), *(code for code, _ in codes.values())])
    for each, (code, texts) in codes.items():
        into.exact[f"{name}: {each}"] = digest(code[order]) + digest_of_texts(texts)
    if numeric:
        into.bits[name] = digest(*(values[each][order] for each in numeric))
    for each in numeric:
        column = values[each][order]
        shown = np.nan_to_num(column, nan=-9.0) if len(column) <= ALL_SHOWN else sums(column)
        into.numbers[f"{name}: {each}"] = shown


def coded(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Whole numbers as they are; of all else the places among its different values, sorted as texts, and these."""
    if pd.api.types.is_integer_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=np.int64), []
    codes, different = pd.factorize(column, use_na_sentinel=False)
    texts = [plain(each) for each in different]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    places = np.empty(len(texts), dtype=np.int64)
    places[order] = np.arange(len(texts))
    return places[codes], [texts[place] for place in order]


def plain(value: Any) -> str:
    """A key as a text: dates by day, whatever type they have."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return "none"
    if isinstance(value, (dt.date, dt.datetime, np.datetime64)):
        return str(np.datetime64(value, "D"))
    return str(value)


# Results of runs


def arrays(results: ts.Results) -> dict[str, np.ndarray]:
    """The recorded arrays by name, each (date, run) or (date, what, run): the one place that knows where they are."""
    dataset = results.to_xarray()
    found = {}
    for name, layer in dataset.data_vars.items():
        between = sorted(set(layer.dims) - {"date", "run"})
        array = layer.transpose("date", *between, ...).to_numpy()
        found[str(name)] = array if "run" in layer.dims else np.repeat(array[..., None], dataset.sizes["run"], axis=-1)
    return found


def names_of(results: ts.Results) -> dict[str, list[str]]:
    """What stands along the axes of the arrays, and the dates."""
    axes = results.to_xarray().coords
    found = {str(name): [plain(each) for each in axis.to_numpy()] for name, axis in axes.items()}
    return found | {"run": [str(run) for run in results.paths.columns]}


def of_results(results: ts.Results) -> Picture:
    """An ensemble: index, moves, events, regimes and all else that was recorded, and the tables of it."""
    found = Picture()
    paths = floats(results.paths)
    found.bits["paths"] = digest(paths)
    found.numbers["paths"] = np.concatenate([sums(paths), paths.mean(axis=0)[None]])
    found.numbers["first path"] = paths[:, 0]
    for name, texts in names_of(results).items():
        found.exact[f"names along {name}"] = digest_of_texts(texts)
    for name, array in arrays(results).items():
        if array.dtype == np.bool_:
            found.exact[name] = digest(array.astype(np.uint8))
        else:
            pictured_layer(found, name, floats(array))
    moves = results.moves
    found.exact["number of moves"] = str(len(moves))
    found.exact["order of moves"] = digest(*(coded(moves[each])[0] for each in sorted(moves) if each != "goldstein"))
    pictured_table(found, "moves", moves)
    for name in ("regimes", "arrangements"):
        shares: pd.DataFrame = getattr(results, name)
        counts = np.rint(shares.to_numpy(dtype=np.float64) * results.runs).astype(np.int64)
        columns = sorted(range(len(shares.columns)), key=lambda place, names=shares.columns: str(names[place]))
        found.exact[f"table of {name}"] = digest(counts[:, columns])
    for name in ("index", "issues", "events", "indicators", "tension_by_direction", "measures"):
        pictured_table(found, f"table of {name}", getattr(results, name))
    pictured_table(found, "ledger", results.ledger())
    return found


def pictured_layer(into: Picture, name: str, array: np.ndarray) -> None:
    """An array of floats: a number a run, and three for all that stands along its middle axis."""
    into.bits[name] = digest(array)
    if name == "cooperation" or array.size == 0:
        return
    by_part = array.reshape(array.shape[0], -1, array.shape[-1])
    flat = by_part.transpose(0, 2, 1).reshape(-1, by_part.shape[1])
    into.numbers[f"{name} by part"] = sums(flat)
    if (by_part != by_part[..., :1]).any():
        into.numbers[f"{name} by run"] = sums(by_part.reshape(-1, by_part.shape[-1]))[1]


# Subjects


def of_comparison() -> Picture:
    """Outlooks set beside the scenario that they are of."""
    compared, found = ts.compare("norland-suderia", runs=100, seed=SEED), Picture()
    tables = ("index", "difference", "issues", "parting", "regimes", "events", "ends_above", "recovery", "pairing")
    for name in tables:
        pictured_table(found, name, getattr(compared, name), without=("note",))
    pictured_table(found, "table", compared.table())
    for name in compared.names:
        pictured_floats(found, f"paired {name}", compared.paired(name))
    return found


def of_effects() -> Picture:
    """What the scheduled moves of a scenario do, and what the differences between two scenarios do."""
    found = Picture()
    quieter = ts.load("norland-suderia", set={"actors.norland.rhetoric": 0.1, "actors.suderia.rhetoric": 0.1})
    asked = {
        "elements": ts.effects("tariff-war", elements=["schedule"], runs=20, seed=SEED),
        "differences": ts.effects(quieter, against="norland-suderia", of="crisis", runs=20, seed=SEED),
    }
    for name, effects in asked.items():
        pictured_table(found, name, effects.table)
        pictured_floats(found, f"{name}: whole", [effects.base, effects.whole, effects.total, effects.interaction])
    return found


def of_briefing() -> Picture:
    """The numbers and dates of a briefing's tables, by table, row and column; its sentences are not frozen."""
    base = ts.run("norland-suderia", runs=60, seed=SEED)
    louder = ts.run(ts.load("norland-suderia", set={"actors.norland.rhetoric": 0.9}), runs=60, seed=SEED)
    briefing, found = ts.report(ts.compare(base, louder, names=["as it is", "louder"])), Picture()
    cells = {
        f"{table} | {row} | {column}": value
        for table, rows in briefing.tables.items()
        for row, columns in rows.items()
        for column, value in columns.items()
    }
    numbers = {name: value for name, value in sorted(cells.items()) if isinstance(value, (int, float))}
    days = {name: value for name, value in cells.items() if isinstance(value, str) and is_day(value)}
    for name, value in numbers.items():
        found.numbers[name] = floats([value])
    found.bits["numbers"] = digest(floats(list(numbers.values())))
    found.exact |= {
        name: value for name, value in sorted(days.items()) if " | " in name and not name.startswith("texts")
    }
    return found


def is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def of_fit() -> Picture:
    """The fit of the curated history."""
    fitted, found = ts.fit("trump2-petro-2025"), Picture()
    pictured_table(found, "coefficients", fitted.table(), without=("note",))
    pictured_table(found, "support", fitted.support_table(), without=("verdict",))
    for name, by_path in {"estimates": fitted.estimates, "standard errors": fitted.standard_errors}.items():
        found.numbers[name] = floats([by_path[path] for path in sorted(by_path)])
    paths = sorted(fitted.paths)
    found.exact["paths"] = digest_of_texts(paths)
    correlations = floats(fitted.correlations().loc[paths, paths])
    found.numbers["correlations"] = correlations[np.tril_indices(len(paths), -1)]
    found.numbers["likelihood and evidence"] = floats([fitted.log_likelihood, fitted.log_evidence])
    found.numbers["draws"] = sums(floats(fitted.sample(50, seed=SEED)[paths]))
    found.bits = {name: digest(values) for name, values in found.numbers.items()}
    return found


def of_backtest() -> Picture:
    """A backtest of two origins, fitted at the first, in which the scenario as it stands forecasts too."""
    made, found = (
        ts.backtest("us-colombia-2017", origins=["2019-01-01", "2021-01-01"], horizons=[1, 6], runs=30, seed=SEED,
                    refit=60, with_unfitted=True),
        Picture(),
    )  # fmt: skip
    for name in ("forecasts", "scores", "skill", "calibration", "pit", "regimes", "event_scores", "estimates"):
        pictured_table(found, name, getattr(made, name)())
    return found


def of_sweep() -> Picture:
    """A grid of numbers and outlooks."""
    over = {"actors.norland.rhetoric": "0.1:0.9:3", "outlook": ["calm", "loud"]}
    swept, found = ts.sweep("norland-suderia", over, runs=40, seed=SEED), Picture()
    pictured_table(found, "table", swept.table)
    pictured_table(found, "index", swept.index)
    return found


def of_early_signs() -> Picture:
    """What warns of an event."""
    signs, found = ts.early_signs(ts.run("norland-suderia", runs=400, seed=SEED)), Picture()
    pictured_table(found, "table", signs.table)
    return found


def of_other_questions() -> Picture:
    """What drives an act, what was observed, and what is expected from there."""
    found = Picture()
    made = ts.contributions("norland-suderia", "norland", runs=20, seed=SEED)
    pictured_table(found, "contributions", made.table)
    pictured_table(found, "observed index", ts.observed_index(scenario="trump2-petro-2025"))
    pictured_table(found, "curated history", ts.curated_history().table())
    forecast = ts.forecast("us-colombia-2017", origin="2024-07-01", months=6, runs=40, seed=SEED, fit=False)
    pictured_floats(found, "forecast", forecast.paths)
    pictured_table(found, "forecast moves", forecast.moves)
    return found


def of_scenario(name: str) -> Picture:
    return of_results(ts.run(name, runs=RUNS, seed=SEED))


def shipped() -> list[str]:
    """Names of the scenarios that are there."""
    found = {*SCENARIOS.rglob("*.yaml")} - {*SCENARIOS.glob("strategies/*")}
    return sorted(file.relative_to(SCENARIOS).with_suffix("").as_posix() for file in found)


OTHERS: Mapping[str, Callable[[], Picture]] = {
    "a comparison": of_comparison,
    "effects": of_effects,
    "a briefing": of_briefing,
    "a fit": of_fit,
    "a backtest": of_backtest,
    "a sweep": of_sweep,
    "early signs": of_early_signs,
    "other questions": of_other_questions,
}
FITTED = ("a fit", "a backtest", "early signs")
"""Subjects in which an optimum is searched for, so that processors differ by more than rounding."""


def picture_of(subject: str) -> Picture:
    return OTHERS[subject]() if subject in OTHERS else of_scenario(subject)


def closeness(subject: str) -> float:
    return CLOSE_OF_FITS if subject in FITTED else CLOSE


# What is frozen: names and digests as JSON; all numbers one after another, as bytes that compress well.


@cache
def frozen() -> tuple[str, dict[str, Picture]]:
    """How the processor rounded where it was frozen, and the picture of each subject."""
    text, found, start = json.loads(DIGESTS.read_text(encoding="utf-8")), {}, 0
    with np.load(NUMBERS) as kept:
        flat = np.ascontiguousarray(kept["bytes"].T).view("<f8").ravel()
    for subject, one in text["subjects"].items():
        picture = found[subject] = Picture(one["exact"], one["bits"])
        for name, shape in one["shapes"].items():
            after = start + math.prod(shape)
            picture.numbers[name], start = flat[start:after].reshape(shape), after
    return text["rounding"], found


def freeze(pictures: Mapping[str, Picture]) -> None:
    """Numbers are kept to ten digits, which is enough for what they are compared at."""
    subjects = {
        subject: {
            "exact": one.exact,
            "bits": one.bits,
            "shapes": {name: values.shape for name, values in one.numbers.items()},
        }
        for subject, one in pictures.items()
    }
    text = json.dumps({"rounding": rounding(), "subjects": subjects}, ensure_ascii=False, separators=(",", ":"))
    DIGESTS.write_text(text.replace('},"', '},\n"').replace('","', '",\n"') + "\n", encoding="utf-8")
    flat = np.concatenate([values.ravel() for one in pictures.values() for values in one.numbers.values()])
    mantissa, exponent = np.frexp(flat)
    short = np.ldexp(np.rint(mantissa * 2.0**34) / 2.0**34, exponent).astype("<f8")
    np.savez_compressed(NUMBERS, bytes=short.view(np.uint8).reshape(-1, 8).T)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="freeze nothing")
    is_check = parser.parse_args().check
    pictures = {subject: picture_of(subject) for subject in (*shipped(), *OTHERS)}
    if DIGESTS.exists():
        where, before = frozen()
        for subject, wanted in before.items():
            here = pictures.get(subject, Picture())
            for line in here.differences(wanted, closeness(subject), to_the_bit=where == rounding()):
                print(f"{subject}: {line}", flush=True)
    if not is_check:
        freeze(pictures)


if __name__ == "__main__":
    main()
