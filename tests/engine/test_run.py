"""The recorder: weights, room for manoeuvre and the pillar of regional security."""

from __future__ import annotations

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON, on
from tensionsim.engine.build import assemble
from tensionsim.model.record import Bits
from tensionsim.model.state import kept

TOLL = {"arrangements": [{"name": "toll", "actor": AVALON}]}


def test_weights_of_issues_are_the_mean_salience_of_the_principals() -> None:
    actors = {AVALON: {"salience": {"road": 3.0, "well": 1.0}}, BRIGADOON: {"salience": {"road": 1.0, "well": 1.0}}}
    weights = dyads.record(dyads.quiet(issues=("road", "well"), actors=actors), runs=3).weights
    assert weights.shape == (27, 2, 1)
    assert weights[:, :, 0] == pytest.approx(np.tile([0.625, 0.375], (27, 1)))


def test_new_weights_show_in_the_row_after_their_step() -> None:
    change = {"date": "2031-01-22", "set": {"actors.*.salience.well": 3.0}}
    actors = {AVALON: {"salience": {"road": 1.0}}, BRIGADOON: {"salience": {"road": 1.0}}}
    weights = dyads.record(dyads.quiet(issues=("road", "well"), actors=actors, changes=[change])).weights
    assert weights[:5, 1, 0].tolist() == [0.0, 0.0, 0.0, 0.75, 0.75]


def test_room_is_that_of_the_side_that_depends_more() -> None:
    both = {AVALON: {"dependence": {BRIGADOON: 0.2}}, BRIGADOON: {"dependence": {AVALON: 0.8}}}
    assert dyads.record(dyads.quiet(actors=both, **TOLL)).room[:, 0] == pytest.approx(np.full(27, 0.2))
    turned = {AVALON: {"dependence": {BRIGADOON: 0.8}}, BRIGADOON: {"dependence": {AVALON: 0.2}}}
    assert dyads.record(dyads.quiet(actors=turned, **TOLL)).room[:, 0] == pytest.approx(np.ones(27))


def test_the_pillar_is_the_technical_conduct_on_security_slowly_remembered() -> None:
    fields = dyads.mapping(issues=("road", "well"), schedule=[on("2031-01-06", AVALON, "share_maps", "road")])
    quiet = {name: one | {"attention": 0.0} for name, one in fields["actors"].items()}
    parameters = fields["parameters"] | dict(dyads.SILENT)
    issues = {"road": {"security": True}, "well": {}}
    of = dyads.scenario_of(fields | {"issues": issues, "actors": quiet, "parameters": parameters})
    record = dyads.record(of)
    place = list(assemble(of).dyad).index(dyads.channel(assemble(of), AVALON, track="technical"))
    keep, level, expected = float(kept(np.array([24.0]), 12 / 52)[0]), 0.0, []
    for row in range(27):
        level = keep * level + (1.0 - keep) * record.conduct[row, place, 0] / 2.0
        expected.append(50.0 * (1.0 + np.tanh(level / 0.15)))
    assert record.security_pillar[:, 0] == pytest.approx(np.array(expected))
    other = dyads.scenario_of(
        fields | {"issues": {"road": {}, "well": {"security": True}}, "actors": quiet, "parameters": parameters}
    )
    assert (dyads.record(other).security_pillar == 50.0).all()


def test_dates_are_the_start_and_the_end_of_every_step() -> None:
    record = dyads.record(dyads.quiet(step="month", start="2031-01-31", end="2031-04-30"))
    assert record.dates.astype(str).tolist() == ["2031-01-31", "2031-02-28", "2031-03-31", "2031-04-30"]


@pytest.mark.parametrize(("first", "after"), [(0, 21), (0, 16), (3, 3), (5, 18), (8, 16), (13, 21)])
def test_bits_are_taken_and_put_wherever_runs_begin(first: int, after: int) -> None:
    truth = np.random.default_rng(0).random((2, 3, 21)) < 0.5
    some = Bits.of(truth).some(slice(first, after))
    assert np.array_equal(some, truth[..., first:after])
    whole = Bits.of(np.zeros_like(truth))
    whole.put(some, first)
    truth[..., :first] = truth[..., after:] = False
    assert np.array_equal(whole, truth)
