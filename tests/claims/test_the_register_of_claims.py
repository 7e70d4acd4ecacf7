"""All claims together: none without a test, none without its mechanism, and a table in the docs that says so."""

from __future__ import annotations

import re

import numpy as np
import pytest
import table
from laboratory import SHRINKS, Laboratory
from register import CONTRADICTED, REGISTER, Claim, in_order, measured, texts

from tensionsim.model import mechanisms

CLAIMS = in_order()


def carriers(claim: Claim) -> list[str]:
    """The mechanisms that a claim's test says carry its effects."""
    return sorted({name for shown in measured(claim.id) for name in shown.by})


def test_every_claim_has_one_test() -> None:
    assert set(REGISTER) == set(texts())
    assert len(REGISTER) == 57
    for claim in CLAIMS:
        assert claim.test.__name__.startswith(f"test_claim_{claim.id.lower()}_")


def test_a_test_quotes_its_claim() -> None:
    for claim in CLAIMS:
        assert " ".join(str(claim.test.__doc__).split()) == f"{claim.text}."
        assert ("is_contradicted" in claim.test.__name__) == (claim.verdict == CONTRADICTED), claim.id


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_and_its_mechanisms_name_each_other(claim: Claim) -> None:
    named = sorted(one.name for one in mechanisms.MECHANISMS if claim.id in one.claims)
    if claim.verdict == CONTRADICTED:
        pytest.skip("the model contradicts it, so no mechanism carries it")
    assert carriers(claim) == named


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_not_shown_without_its_mechanisms(claim: Claim, full: bool) -> None:
    """Each mechanism is taken from the first claim that it carries; `--full`: from every one."""
    first = {one.name for one in mechanisms.MECHANISMS if one.claims[:1] == (claim.id,)}
    for name in carriers(claim) if full else first:
        for shown, without in zip(measured(claim.id), measured(claim.id, name), strict=True):
            lost = shown.sign * (shown.difference - without.difference)
            error = lost.std(ddof=1) / np.sqrt(lost.size)
            assert name not in shown.by or lost.mean() > SHRINKS * error, (
                f"without {name}, {shown} is {without.mean:+.3f}"
            )


def test_an_effect_that_is_absent_fails() -> None:
    laboratory = Laboratory()
    with pytest.raises(AssertionError, match="nothing at all"):
        laboratory.shows("nothing at all", np.random.default_rng(1).normal(size=200), needs=0.01)


LEFT = re.compile(r" \(-?\d+ % without [^)]*\)")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
WRITTEN = table.PAGE.read_text(encoding="utf-8").splitlines()
STALE = "docs/claims.md is stale; run python tests/claims/table.py"


def test_the_docs_say_what_each_claim_showed(full: bool) -> None:
    """What is left of it without its mechanisms is measured anew with `--full`."""
    written = {line.split(" | ")[0].removeprefix("| "): line for line in WRITTEN if line.startswith("| ")}
    for claim in CLAIMS:
        stands = written[claim.id] if full else LEFT.sub("", written[claim.id])
        now = table.row(claim, left=full)
        assert NUMBER.sub("#", stands) == NUMBER.sub("#", now), STALE
        # Another processor may round a logarithm otherwise, and a run or two then take another turn.
        numbers = [[float(one) for one in NUMBER.findall(line)] for line in (stands, now)]
        assert numbers[0] == pytest.approx(numbers[1], rel=0.1, abs=0.05), STALE


def test_the_docs_have_the_whole_table() -> None:
    assert table.introduction().splitlines() == WRITTEN[: len(table.introduction().splitlines())], STALE
    assert [line.split(" | ")[0] for line in WRITTEN if re.match(r"\| [AB]\d", line)] == [
        f"| {one.id}" for one in CLAIMS
    ]
