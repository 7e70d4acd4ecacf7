"""How long fits take: of the curated history, and of a file of event data (weekly, the scenario made from it).

python benchmarks/fitting.py [EVENTS ACTOR ACTOR]
"""

from __future__ import annotations

import sys
import time

import tensionsim as ts


def main(file: str | None, dyad: tuple[str, ...]) -> None:
    timed("the curated history until 2024", "us-colombia-2017", None, "2024-12-31")
    if file is not None:
        started = time.perf_counter()
        history = ts.read_events(file, dyad=dyad)
        scenario = ts.scenario_from_events(history)
        print(f"{file}: {len(history):,} events read, scenario made: {time.perf_counter() - started:.1f} s")
        timed("these events", scenario, history, None)


def timed(what: str, scenario: str | ts.Scenario, history: ts.EventHistory | None, until: str | None) -> None:
    """Prints how long a fit takes, with and without its half-lives and its trials without each mechanism."""
    for label, fixed, with_support in (("all of it", [], True), ("half-lives fixed, no trials", ["shapes"], False)):
        started, spent = time.perf_counter(), time.process_time()
        fitted = ts.fit(scenario, history, until=until, fix=fixed, with_support=with_support)
        told = fitted.table()
        seconds, cpu = time.perf_counter() - started, time.process_time() - spent
        size = f"{fitted.diagnosis.acts:,} acts, {len(told)} coefficients"
        print(f"{what}: {size}, {label}: {seconds:.1f} s ({cpu:.1f} CPU)")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None, tuple(sys.argv[2:4]))
