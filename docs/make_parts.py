"""The table of fitting.md that tells what each part of the model brought: run `python docs/make_parts.py FOLDER`.

Each part is left out alone, and what is left is fitted, run, asked and scored anew. FOLDER keeps every row as it is
done, in a process of its own, so that an interrupted one goes on; all takes some forty minutes of one core.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import passages
import tensionsim as ts
from make_base import LATER, SCENARIO, UNTIL
from make_eras import ERAS, LATEST
from tensionsim.estimation.fit import CORRECTED
from tensionsim.model import catalogue

PAGE = Path(__file__).resolve().parent / "fitting.md"
CLAIMS = PAGE.parents[1] / "tests" / "claims"

ACTORS = ("washington", "bogota")
NONE = {"truncated_normal": [0.0, 1e-3, -10.0, 10.0]}
"""A prior that holds at 0: a plain number would be a first guess and be fitted."""
CLASSES = {
    f"actors.{actor}.{of}": NONE
    for actor in ACTORS
    for of in ("verbal_conflict", "material_cooperation", "material_conflict")
}
BURSTS = {"parameters.overdispersion": 0.0, "parameters.imitation": 0.0}
WEIGHTS = {f"parameters.{way}": NONE for way in catalogue.answers()}
ASKING = {"parameters.matters": {"truncated_normal": [0.0, 1e-4, 0.0, 1000.0]}}
PARTS: dict[str, dict[str, object]] = {
    "nothing": {},
    "bursts": BURSTS,
    "classes of moves": CLASSES,
    "weights of answers": WEIGHTS,
    "acts that open matters ask for": ASKING,
    "matters altogether": WEIGHTS | ASKING,
    "draws (all runs at the mode)": {},
}
ALTOGETHER, MODE = "matters altogether", "draws (all runs at the mode)"

ANSWERING = {name: move.answers for name, move in catalogue.shipped().moves.items()}
"""As shipped, also where a part is left out."""

DRAWS, RUNS, SEED = 200, 1000, 0
BACKTEST = {"origins": "2020-01-31:2025-07-31:3", "refit": 12, "horizons": (1, 3, 6, 12), "runs": 500}
TARGETS = ("score", "acts", "index")


def main(arguments: Sequence[str]) -> None:
    """Computes the rows that are not there, each in a process of its own, and writes the table into the page."""
    folder = Path(arguments[0])
    folder.mkdir(exist_ok=True)
    for place, part in enumerate(PARTS):
        if not (folder / f"{place}.json").exists():
            subprocess.run([sys.executable, __file__, str(folder), part], check=True)
    rows = [json.loads((folder / f"{place}.json").read_text()) for place in range(len(PARTS))]
    passages.write(PAGE, {"parts": table(rows)})


def without(part: str) -> dict[str, object]:
    """What the model says, fits and forecasts without a part."""
    if part == ALTOGETHER:
        forget_matters()
    given = ts.load(SCENARIO).with_values(PARTS[part])
    fits = {until: ts.fit(given, until=until, with_support=False) for until in (UNTIL, LATER)}
    draws = 1 if part == MODE else DRAWS
    drawn = {until: fit.distributions(draws, posterior=CORRECTED) for until, fit in fits.items()}
    values = {until: PARTS[part] | dict(one) for until, one in drawn.items()}
    found: dict[str, object] = {"odd": {}, "claims": claims(values)}
    if part != MODE:
        found["evidence"] = [fit.log_evidence for fit in fits.values()]
        backtest = ts.backtest(given, **BACKTEST)
        found["skill"] = {target: skill(backtest, target) for target in TARGETS}
    for name in ERAS:
        era = ts.run(ts.load(name).with_values(values[UNTIL]), runs=RUNS, seed=SEED)
        against = ts.AgainstHistory.of(era).table
        found["odd"][name] = [int(against["is_odd"].sum()), len(against)]
    return found


def forget_matters() -> None:
    """Takes from every shipped move what it raises, answers and withdraws, in this process."""
    moves = catalogue.shipped().moves
    for name, move in moves.items():
        moves[name] = replace(move, raises=(), answers="", withdraws=())


def skill(found: ts.Backtest, target: str) -> list[float]:
    """Skill of CRPS against the best plain forecast of each horizon."""
    table = found.skill(target)
    return [float(value) for value in table.loc[table["is_best"], "skill"]]


def claims(values: dict[str, dict[str, object]]) -> dict[str, bool]:
    """Which claims' tests find what the full model shows, by claim; worlds take the values of the fit they stand on."""
    sys.path.insert(0, str(CLAIMS))
    import laboratory
    import register

    shipped: Callable[[str], ts.Scenario] = laboratory.loaded

    def loaded(name: str) -> ts.Scenario:
        return shipped(name).with_values(values[LATER if name == laboratory.STATUS_QUO else UNTIL])

    laboratory.loaded = loaded
    laboratory.answering = lambda *ways: [name for name, way in ANSWERING.items() if way in ways]
    for file in sorted(CLAIMS.glob("test_claims_*.py")):
        __import__(file.stem)
    return {one.id: all(shown.holds for shown in register.measured(one.id)) for one in register.in_order()}


def table(found: Sequence[dict[str, object]]) -> str:
    """A row a part left out."""
    whole = found[0]
    rows = []
    for part, one in zip(PARTS, found, strict=True):
        evidence, skills = one.get("evidence"), one.get("skill")
        fitted = [one["odd"][name] for name in ERAS if name != LATEST]
        odd = (
            f"{sum(count for count, _ in all_)} of {sum(of for _, of in all_)}"
            for all_ in (fitted, [one["odd"][LATEST]])
        )
        flipped = [name for name, holds in one["claims"].items() if holds != whole["claims"][name]]
        if part == "nothing":
            told = [f"{value:,.1f}" for value in evidence]
            said = f"{sum(one['claims'].values())} of {len(one['claims'])} as told"
        else:
            gap = zip(evidence, whole["evidence"], strict=True) if evidence else ()
            told = [f"{value - of:+.1f}" for value, of in gap] or ["", ""]
            said = f"{len(flipped)}: {', '.join(flipped)}" if flipped else "none"
        means = [f"{sum(skills[of]) / len(skills[of]):+.3f}" for of in TARGETS] if skills else [""] * len(TARGETS)
        rows.append([part, *told, *odd, said, *means])
    columns = ["without", "log evidence until 2024", "until October 2025", "odd rows, eras until 2024", "in 2025"]
    return passages.table([*columns, "claims that turn", *(f"skill, {of}" for of in TARGETS)], rows)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        row = without(sys.argv[2])
        (Path(sys.argv[1]) / f"{[*PARTS].index(sys.argv[2])}.json").write_text(json.dumps(row))
    else:
        main(sys.argv[1:])
