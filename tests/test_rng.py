"""Random numbers: keyed by (seed, run, stream, purpose, position) and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as some
from scipy import stats

from tensionsim.rng import Purpose, RandomStreams, from_one_to_two, offspring, stream_of, to_open_interval

WORDS = some.integers(0, 2**64 - 1)


@given(some.integers(0, 2**63), some.integers(0, 10**6), some.integers(1, 40), WORDS, some.data())
def test_a_run_has_the_same_numbers_alone_and_in_any_batch(
    seed: int, first: int, runs: int, stream: int, data: some.DataObject
) -> None:
    run = data.draw(some.integers(0, runs - 1))
    batch = RandomStreams(seed, first, runs).raw(stream, Purpose.RULE, 7)
    alone = RandomStreams(seed, first + run, 1).raw(stream, Purpose.RULE, 7)
    assert batch[run] == alone[0]


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 64])
def test_chunks_of_any_size_give_the_same_numbers(chunk: int) -> None:
    whole = RandomStreams(3, 10, 130).uniforms(5, Purpose.WHETHER, 2)
    starts = range(10, 140, chunk)
    parts = [RandomStreams(3, first, min(chunk, 140 - first)).uniforms(5, Purpose.WHETHER, 2) for first in starts]
    assert np.array_equal(np.concatenate(parts), whole)


def test_numbers_do_not_depend_on_what_was_drawn_before() -> None:
    fresh, used = RandomStreams(1, 0, 9), RandomStreams(1, 0, 9)
    used.words([4, 5, 6], Purpose.WHETHER, 3)
    used.uniforms(5, Purpose.CHECK, 2)
    used.uniforms(2, Purpose.CHECK)
    assert np.array_equal(used.raw(8, Purpose.RULE, 1), fresh.raw(8, Purpose.RULE, 1))


def test_words_are_those_of_numpy_philox() -> None:
    seed, stream, position = 11, stream_of("avalon -> brigadoon | road | political"), 42
    key = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    counter = np.array([0, position, stream, Purpose.CHECK], np.uint64)
    expected = np.random.Philox(key=key, counter=counter).random_raw(50)
    assert np.array_equal(RandomStreams(seed, 0, 50).raw(stream, Purpose.CHECK, position), expected)


def test_streams_purposes_positions_and_seeds_share_no_word() -> None:
    words = [
        RandomStreams(seed, 0, 40).raw(stream, purpose, position)
        for seed in range(3)
        for stream in range(4)
        for purpose in (*Purpose, Purpose.CHECK + 1)
        for position in range(5)
    ]
    assert np.unique(np.concatenate(words)).size == len(words) * 40


def test_words_of_many_streams_have_a_row_each() -> None:
    streams = RandomStreams(9, 3, 6)
    words = streams.words([7, 70, 700], Purpose.WHETHER, 12)
    assert np.array_equal(words[1], streams.raw(70, Purpose.WHETHER, 12))


def test_the_offspring_of_a_word_are_those_of_splitmix64() -> None:
    """The first outputs of the seed 1234567, as its authors' program prints them."""
    printed = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    found = offspring(np.full(4, 1234567, np.uint64), np.arange(4))
    assert np.array_equal(found, to_open_interval(np.array(printed, np.uint64)))


def test_offspring_are_uniform_whatever_their_word_decided() -> None:
    words = RandomStreams(5, 0, 400_000).raw(1, Purpose.WHETHER, 0)
    rare = words[to_open_interval(words) > 0.98]
    first, second = (offspring(rare, np.full(rare.shape, nth)) for nth in (0, 1))
    for numbers in (first, second):
        assert stats.kstest(numbers, "uniform").pvalue > 1e-4
        assert abs(np.corrcoef(to_open_interval(rare), numbers)[0, 1]) < 5.0 / np.sqrt(rare.size)
    assert abs(np.corrcoef(first, second)[0, 1]) < 5.0 / np.sqrt(rare.size)


@given(WORDS)
def test_a_word_maps_to_between_one_and_two_in_its_order(word: int) -> None:
    below, above = from_one_to_two(np.array([word, 2**64 - 1], np.uint64))
    assert 1.0 <= below <= above < 2.0
    assert below == 1.0 + (word >> 12) * 2.0**-52


@given(WORDS)
def test_every_word_maps_inside_the_open_interval(word: int) -> None:
    uniform = to_open_interval(np.array([word, 0, 2**64 - 1], np.uint64))
    assert ((uniform > 0.0) & (uniform < 1.0)).all()


def test_the_map_keeps_the_order_of_words() -> None:
    words = np.sort(np.random.default_rng(0).integers(0, 2**64, 1000, np.uint64, endpoint=False))
    assert (np.diff(to_open_interval(words)) >= 0.0).all()


def test_numbers_are_uniform_over_runs_steps_and_streams() -> None:
    streams = RandomStreams(5, 0, 4000)
    over_runs = streams.uniforms(1, Purpose.WHETHER, 0)
    short = RandomStreams(5, 2, 1)
    over_steps = np.concatenate([short.uniforms(1, Purpose.WHETHER, at) for at in range(4000)])
    over_streams = to_open_interval(RandomStreams(5, 2, 1).words(range(4000), Purpose.WHETHER, 0)[:, 0])
    for numbers in (over_runs, over_steps, over_streams):
        assert stats.kstest(numbers, "uniform").pvalue > 1e-4


def test_neighbours_are_not_correlated() -> None:
    streams = RandomStreams(5, 0, 20_000)
    one = streams.uniforms(1, Purpose.WHETHER, 0)
    others = [streams.uniforms(2, Purpose.WHETHER, 0), streams.uniforms(1, Purpose.CHECK, 0)]
    others += [streams.uniforms(1, Purpose.WHETHER, 1), np.roll(one, 1)]
    for other in others:
        assert abs(np.corrcoef(one, other)[0, 1]) < 5.0 / np.sqrt(one.size)


def test_the_stream_of_a_name_never_changes() -> None:
    assert stream_of("washington -> bogota | drugs | political") == 15368214455726173952


@pytest.mark.parametrize(("seed", "first_run", "runs"), [(-1, 0, 1), (0, -1, 1), (0, 0, 0)])
def test_numbers_out_of_range_are_refused(seed: int, first_run: int, runs: int) -> None:
    with pytest.raises(ValueError, match="must be >= 0"):
        RandomStreams(seed, first_run, runs)
