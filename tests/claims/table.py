"""Writes docs/claims.md: run `python tests/claims/table.py` from anywhere, with the package importable."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from laboratory import HERE, IN_90_PERCENT, RUNS, SEED, Shown, pushed
from register import CONSTRUCTION, CONTRADICTED, MIXED, RUNS as IN_RUNS, WEAK, Claim, in_order, measured

PAGE = HERE.parents[1] / "docs" / "claims.md"

INTRODUCTION = """\
# The analysts' claims

Two analyses of the dyad assert 57 things of the form "if this, then that". Each is represented in the model by a
mechanism, an arrangement, a rule, a transition, an indicator or a measure, and each has a test that sets up its *if*,
looks for its *then*, and compares it with the contrary world.

**To show a claim in the model is not evidence for it in the world.** The claims were put into the model to see what
follows from them together. Whether they are true, only observed events can say. They have had a say here: the worlds
are the shipped scenarios, on draws of a fit to the history. Where what that leaves contradicts a claim, or no longer
shows it, the table says so with the numbers; no parameter was turned to hide it.

**Pushing.** `concession` and `defiance` once pushed the direction of every move by all pressure, and `politicisation`
by rhetoric. The history to October 2025 refuses these forms (log10 Bayes factors -.87, -1.46 and -1.25), so shipped
scenarios have them off, and what is left of the three makes answers to what is open likelier. The verdict is that of
this world. A line that says "pushing" gives the same effect where the push is on, at the strength of the package:
{pushes}.

**Fits.** Nearly all tests stand on the fit to 2024, that of `trump2-petro-2025`; those in which Biden or Duque governs,
on the fits to their days. The one to October 2025, on which outlooks stand, has reciprocity of tone at 0 (± .4 and
.46), where that to 2024 has 1.2 and .5 (± .9 each): what `reciprocity` does for A2, A7, A13, A14, A15 and B4 may not
show there.

How the numbers came about: two worlds are run that differ in the *if* alone, {runs} runs or more over a year (some
longer), with one seed ({seed}), so that they share their luck and their draw of the parameters run by run. The effect
is the mean difference over runs, and so over what the fit leaves open, with its 90 % interval: that of the mean, not
the spread over draws. A test passes where the effect goes the claimed way by more than four standard errors and is of a
size worth speaking of. *Without* gives what is left of an effect when that mechanism is switched off; other mechanisms
carry it. Where a world differs by moves on a schedule, the contrary world has plain statements in their place: any
contact excites further ones, and what counts here is what was said.

*Shown weakly*: clear, but small or in a part of what the claim says. *Contradicted in part*: a part shows, another part
does not show, or the contrary does.

Units: *index points* are those of the cooperation index, 0 to 100. *Goldstein points a month* are summed over the
channels of one government; half of one is about a point of the index. *Goldstein points a move* are the mean score, or
tone, of its own moves.

Verdicts: {verdicts}.

This page is written by `python tests/claims/table.py`; the tests check that it is fresh.
"""

PUSHES = ("concession", "defiance", "politicisation")
HEAD = ("| id | claim | where it lives | what it showed | verdict | test |", "| --- | --- | --- | --- | --- | --- |")
MODULES = (
    "test_claims_of_leaders",
    "test_claims_of_drugs_and_migration",
    "test_claims_of_caracas_and_the_region",
    "test_claims_of_other_partners",
    "test_claims_of_pressure_and_tracks",
)


def register_all() -> None:
    """Imports the tests, and with them their claims."""
    for module in MODULES:
        importlib.import_module(module)


def page() -> str:
    """The whole page."""
    return "\n".join((introduction(), *HEAD, *map(row, in_order()), ""))


def introduction() -> str:
    """What stands before the table, with how many claims came out how."""
    claims = in_order()
    counts = {
        name: sum(claim.verdict == name for claim in claims)
        for name in (IN_RUNS, WEAK, CONSTRUCTION, MIXED, CONTRADICTED)
    }
    verdicts = ", ".join(f"{name} ({count})" for name, count in counts.items() if count)
    pushes = ", ".join(f"`{path}: {value:g}`" for path, value in pushed(*PUSHES).items())
    return INTRODUCTION.format(runs=RUNS, seed=SEED, verdicts=verdicts, pushes=pushes)


def row(claim: Claim, *, left: bool = True) -> str:
    """The line of a claim; left : whether to tell what is left without mechanisms."""
    shown = "<br>".join(showed(claim, left=left))
    verdict = f"**{claim.verdict}**. {claim.note}" if claim.note else claim.verdict
    return f"| {claim.id} | {claim.text} | {claim.where} | {shown} | {verdict} | {claim.place} |"


def showed(claim: Claim, *, left: bool) -> Iterator[str]:
    """Each effect of a claim with its interval, and what is left of it without its mechanisms."""
    for place, found in enumerate(measured(claim.id)):
        names = found.by if left else ()
        shares = [f"{share(measured(claim.id, name)[place], found)} % without `{name}`" for name in names]
        yield f"{found.what}: {interval(found)}" + (f" ({', '.join(shares)})" if shares else "")


def share(left: Shown, whole: Shown) -> int:
    """What is left of an effect, in per cent."""
    return round(100 * left.mean / whole.mean)


def interval(found: Shown) -> str:
    """An effect with its 90 % interval and unit."""
    reach = IN_90_PERCENT * found.error
    return f"{found.mean:+.2f} ({found.mean - reach:+.2f} to {found.mean + reach:+.2f}) {found.unit}"


register_all()

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
