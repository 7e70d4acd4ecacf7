"""The weights of mechanisms that come with the package, from the fits to the curated history.

Run it where the fits have changed; what it writes is `tensionsim run --structures fitted`.
"""

from __future__ import annotations

from pathlib import Path

import tensionsim as ts
from make_base import LATER, SCENARIO, UNTIL

TABLE = Path(__file__).resolve().parents[1] / "src" / "tensionsim" / "data" / "structure_weights.csv"


def made() -> str:
    """The table: the posterior chance of each mechanism that it is on, by the fit until a day."""
    rows = [("mechanism", "until", "weight")]
    for until in (UNTIL, LATER):
        weights = ts.fit(SCENARIO, until=until).weights()
        rows += [(name, until, f"{weight:.4g}") for name, weight in weights.items()]
    return "".join(f"{','.join(row)}\n" for row in rows)


if __name__ == "__main__":
    TABLE.write_text(made(), encoding="utf-8")
