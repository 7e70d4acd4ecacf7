"""How long event files take to read, and in how much memory: a GDELT table of a million made-up rows by default.

python benchmarks/event_files.py [ROWS]
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

ACTORS = ("USA", "COL", "VEN", "CHN", "RUS", "GBR", "FRA", "ISR", "PSE", "")
CODES = ("010", "020", "036", "042", "043", "051", "057", "061", "071", "112", "120", "130", "173", "190", "193")
COUNTRY_COLUMN = {1: 7, 2: 17}


def write_gdelt(path: Path, rows: int, seed: int = 0) -> None:
    """A table of 58 columns without header, every value made up."""
    draw = random.Random(seed)
    days = [
        f"{year}{month:02d}{day:02d}" for year in range(2010, 2020) for month in range(1, 13) for day in range(1, 29)
    ]
    with path.open("w", encoding="ascii") as file:
        for row in range(rows):
            fields = ["1"] * 58
            fields[0], fields[1] = str(row), days[row * len(days) // rows]
            for side, column in COUNTRY_COLUMN.items():
                country = draw.choice(ACTORS)
                fields[column - 2] = country + draw.choice(("", "GOV", "MIL"))
                fields[column - 1], fields[column] = "SOMEBODY", country
                fields[25 + side] = ""
            fields[26] = fields[27] = draw.choice(CODES)
            fields[28], fields[29], fields[30] = fields[26][:2], "1", "0.0"
            fields[57] = f"https://example.org/story/{row}/with-a-long-name-as-they-have"
            file.write("\t".join(fields) + "\n")


def main(rows: int) -> None:
    from tensionsim.events.reading import read_events

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.export.CSV"
        write_gdelt(path, rows)
        size = path.stat().st_size / 1e6
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        history = read_events(path, dyad=("USA", "COL"))
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows:,} rows, {size:,.0f} MB: {len(history):,} events in {seconds:.1f} s; peak memory {after:.0f} MB")
    print(f"before reading {before:.0f} MB; {rows / seconds:,.0f} rows a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
