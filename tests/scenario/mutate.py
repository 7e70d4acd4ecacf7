"""Damages scenario files at random and loads them: each ends in a scenario or in located errors, and soon.

    python tests/scenario/mutate.py --count 5000

prints how many loaded, the slowest and the memory. `test_mutations.py` runs a few hundred of the same.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tensionsim.errors import ScenarioError
from tensionsim.scenario.scenario import load

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "scenarios"
SECONDS_ALLOWED = 2.0
MEGABYTES_ALLOWED = 500

NASTY = (
    "", "~", "null", "yes", "no", "off", "on", "true", "-1", "0", "1", "2", "95", "1e-3", "1e400", ".nan",
    ".inf", "-.inf", "017", "0x1F", "12:30", "2025-02-30", "2025-01-20", "9999-12-31", "0001-01-01", "'",
    "\"", "''", "\"\\ud800\"", "[]", "{}", "[1, 2, 3]", "{a: b}", "{uniform: [0, 1]}", "{triangular: [1, 0]}",
    "{normal: [0.5, 0.01]}", "{choice: [0.1]}", "*x", "&x 1", "!!python/object:os.system x", "!x y",
    "| \n  text", ">", "@", "`", "%", "? a", "- - -", "a: b: c", "<<: x", "\t", "washington",
    "washington -> bogota", "* -> bogota", "below 35", "above 1e3", "6 months", "1e9 years", "0.3 per month",
    "-200 % per year", "actors.*.rhetoric", "../../../etc/passwd", "/etc/passwd", "base/us-colombia.yaml",
    "x" * 5000, "9" * 5000, "\u2028", "\u0007", "\xe9", "\U0001f600", "[" * 200, "{a: " * 60, "#",
    "{of: cooperation, start: [0, 0], end: [1, 1]}",
)  # fmt: skip

Mutation = Callable[[str, random.Random], str]


def _flip_a_byte(text: str, luck: random.Random) -> str:
    content = bytearray(text.encode("utf-8", "surrogateescape"))
    content[luck.randrange(len(content))] ^= 1 << luck.randrange(8)
    return content.decode("latin-1") if luck.random() < 0.1 else content.decode("utf-8", "surrogateescape")


def _drop_a_line(text: str, luck: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    del lines[luck.randrange(len(lines))]
    return "".join(lines)


def _repeat_a_line(text: str, luck: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    lines.insert(luck.randrange(len(lines)), luck.choice(lines))
    return "".join(lines)


def _swap_two_lines(text: str, luck: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    one, other = luck.randrange(len(lines)), luck.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _indent_a_line(text: str, luck: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    place = luck.randrange(len(lines))
    lines[place] = luck.choice([" ", "  ", "\t", "    "]) + lines[place] if luck.random() < 0.6 else lines[place][2:]
    return "".join(lines)


def _rename_a_key(text: str, luck: random.Random) -> str:
    keys = list(re.finditer(r"[\w.*-]+(?=:)", text))
    if not keys:
        return text
    chosen = luck.choice(keys)
    name = luck.choice(
        [luck.choice(keys)[0], chosen[0][:-1] + "x", chosen[0] * 2, chosen[0].upper(), luck.choice(NASTY)]
    )
    return text[: chosen.start()] + name + text[chosen.end() :]


def _replace_a_value(text: str, luck: random.Random) -> str:
    values = list(re.finditer(r"(?<=[:,\[\-] )[^\s,\]}:][^,\]}\n:]*", text))
    if not values:
        return text
    chosen = luck.choice(values)
    value = luck.choice(NASTY) if luck.random() < 0.7 else luck.choice(values)[0]
    return text[: chosen.start()] + value + text[chosen.end() :]


def _cut_a_piece(text: str, luck: random.Random) -> str:
    start = luck.randrange(len(text))
    return text[:start] + text[start + luck.randrange(1, 40) :]


def _end_early(text: str, luck: random.Random) -> str:
    return text[: luck.randrange(1, len(text))]


def _insert_something(text: str, luck: random.Random) -> str:
    place = luck.randrange(len(text))
    return text[:place] + luck.choice(NASTY) + text[place:]


def _say_it_thrice(text: str, luck: random.Random) -> str:
    return text * 3


MUTATIONS: tuple[Mutation, ...] = (
    _flip_a_byte,
    _drop_a_line,
    _repeat_a_line,
    _swap_two_lines,
    _indent_a_line,
    _rename_a_key,
    _rename_a_key,
    _replace_a_value,
    _replace_a_value,
    _replace_a_value,
    _cut_a_piece,
    _end_early,
    _insert_something,
    _say_it_thrice,
)


@dataclass(slots=True)
class Tally:
    """What came of the mutations."""

    loaded: int = 0
    refused: int = 0
    slowest: float = 0.0
    slowest_seed: int = 0


def subjects() -> list[Path]:
    """Scenario files to damage: the samples of the tests and all that are shipped."""
    samples = sorted((HERE / "samples").rglob("*.yaml"))
    return [*samples, *sorted({*SHIPPED.rglob("*.yaml")} - {*SHIPPED.glob("strategies/*")})]


def workshop(folder: Path) -> list[Path]:
    """Copies of the subjects, laid out so that each finds its base."""
    shutil.copytree(HERE / "samples", folder / "samples")
    if SHIPPED.is_dir():
        shutil.copytree(SHIPPED, folder / "scenarios")
    return sorted(folder.rglob("*.yaml"))


def damaged(text: str, seed: int) -> str:
    """The text after one to three mutations."""
    luck = random.Random(seed)
    for _ in range(luck.choice([1, 1, 2, 3])):
        text = luck.choice(MUTATIONS)(text, luck) if text else text
    return text


def attempt(path: Path, seed: int) -> bool:
    """Whether the file loads after damage by `seed`; it is put back. What is no ScenarioError is let through."""
    original = path.read_bytes()
    path.write_bytes(damaged(original.decode(), seed).encode("utf-8", "surrogateescape"))
    try:
        load(path)
    except ScenarioError as error:
        check(error)
        return False
    finally:
        path.write_bytes(original)
    return True


def check(error: ScenarioError) -> None:
    """Checks that an error says something, somewhere, in a readable length."""
    assert error.problems, "an error without a problem"
    assert len(str(error)) < 200_000, "a message too long to read"
    for problem in error.problems:
        assert problem.message
        assert problem.file
        assert "\n" not in problem.message


def megabytes() -> float:
    """The most memory that this process has held."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e3 if sys.platform != "darwin" else 1e6)


def run(count: int, first_seed: int) -> Tally:
    """Makes `count` attempts, each on a file chosen in turn."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("error")
        files = workshop(Path(name))
        for seed in range(first_seed, first_seed + count):
            path = files[seed % len(files)]
            start = time.process_time()
            try:
                is_loaded = attempt(path, seed)
            except Exception as slip:
                slip.add_note(f"seed {seed}, {path.relative_to(name)}")
                raise
            tally.loaded += is_loaded
            tally.refused += not is_loaded
            seconds = time.process_time() - start
            if seconds > tally.slowest:
                tally.slowest, tally.slowest_seed = seconds, seed
    return tally


def main() -> int:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0, help="of the first mutation")
    options = parser.parse_args()
    tally = run(options.count, options.seed)
    print(f"{tally.loaded} loaded, {tally.refused} refused with located errors, no other end")
    print(f"slowest {tally.slowest * 1000:.0f} ms (seed {tally.slowest_seed}); at most {megabytes():.0f} MB")
    return 0 if tally.slowest < SECONDS_ALLOWED and megabytes() < MEGABYTES_ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
