"""What actors might see, at random: perceptions for the tests of mechanisms."""

from __future__ import annotations

import numpy as np

from tensionsim.model.mechanisms import MECHANISMS as ALL, Mechanism, Scene
from tensionsim.model.parameters import Attributes
from tensionsim.model.structure import QUADS, WAYS, Channel, Channels, Floats, sum_by

ACTORS = ("avalon", "brigadoon", "camelot")
ISSUES = ("road", "well")
MATTERS = 5
TRACKS = ("political", "technical")
PAIRS = tuple((actor, target) for actor in ACTORS for target in ACTORS if actor != target)
CHANNELS = Channels(
    [
        Channel(*pair, issue, track)
        for pair in PAIRS
        for issue in ISSUES
        for track in TRACKS
        if set(pair) == {"avalon", "brigadoon"} or (issue, track) == ("road", "political")
    ],
    ACTORS,
    ISSUES,
)
RUNS = 4
POLITICAL = CHANNELS.is_political[:, 0] == 1.0
NAMES = [one.name for one in ALL]


def perception(seed: int, *, runs: int = RUNS, attribute_runs: int | None = None) -> Scene:
    """What actors might see: everything within its range, at random."""
    rng = np.random.default_rng(seed)
    wide = runs if attribute_runs is None else attribute_runs

    def between(low: float, high: float, *shape: int) -> Floats:
        return rng.uniform(low, high, shape)

    people, issues, pairs, channels = len(ACTORS), len(ISSUES), len(CHANNELS.pairs), len(CHANNELS)
    named = {name: between(0.0, 1.0, people, wide) for name in ("rhetoric", "rally", "attention", "insulation")}
    named |= {name: between(0.1, 2.0, people, wide) for name in ("confrontation", "reciprocity", "unpredictability")}
    named |= {name: between(-1.0, 1.0, people, wide) for name in QUADS}
    attributes = Attributes(
        stances=between(0.0, 1.0, people, issues, wide),
        salience=between(0.0, 1.0, people, issues, wide),
        dependence=between(0.0, 1.0, people, people, wide),
        affinity=between(-1.0, 1.0, people, people, wide),
        yardstick=between(-1.0, 1.0, people, 1, wide),
        **named,
    )
    conduct = between(-1.0, 1.0, channels, runs)
    agreement = between(-1.0, 1.0, channels, runs)
    return Scene(
        channels=CHANNELS,
        attributes=attributes,
        tone_fast=between(-1.0, 1.0, channels, runs),
        tone_slow=between(-1.0, 1.0, channels, runs),
        conduct=conduct,
        pair_conduct=sum_by(conduct, CHANNELS.pair, pairs),
        pressure=between(0.0, 2.0, pairs, runs),
        weight=between(0.0, 2.0, channels, wide),
        agreement=np.minimum(agreement, agreement[CHANNELS.mirror]),
        rhetoric=between(0.0, 2.0, people, runs),
        sympathy=between(0.0, 2.0, people, runs),
        level=np.zeros(1),
        dependence=between(0.0, 1.0, pairs, runs),
        alternative=between(0.0, 1.0, people, people, people, wide),
        grievance=between(-1.0, 2.0, channels, runs),
        matters=between(0.125, 1.0, MATTERS, runs),
        facing=[[rng.integers(0, MATTERS, channels) for _ in range(1 + at % 3)] for at in range(len(WAYS))],
    )


def values(mechanism: Mechanism, **changed: float) -> dict[str, Floats]:
    """Its parameters at their defaults, but for those `changed`."""
    given = {name: parameter.default for name, parameter in mechanism.parameters.items()} | changed
    return {name: np.array([value]) for name, value in given.items()}


def contribution(name: str, seen: Scene, **changed: float) -> Floats:
    mechanism = ALL[NAMES.index(name)]
    return mechanism.contribution(seen, values(mechanism, **changed))
