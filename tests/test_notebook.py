"""Results in a notebook and beyond: all are shown on less than a screen, some as a page, and all can be pickled."""

from __future__ import annotations

import io
import operator
import pickle
import re
from collections.abc import Callable
from functools import cache
from html import escape
from tempfile import mkdtemp
from typing import Any

import pandas as pd
import pytest

import tensionsim as ts
from tensionsim.notebook import as_html
from tensionsim.runs.parallel import showing

NAME = "norland-suderia"


@cache
def results() -> ts.Results:
    return ts.run(NAME, runs=30, seed=7)


@cache
def fitted() -> ts.Fit:
    return ts.fit("trump2-petro-2025", until="2025-03-31", fix=["shapes"], with_support=False)


STAKEHOLDERS = pd.DataFrame(
    {"stakeholder": ["a", "b", "c"], "position": [0, 40, 100], "salience": [50, 80, 90], "capability": [50, 50, 100]}
)
STRATEGIES = {
    "principal": "norland",
    "aims": {"keep_out_of": "crisis"},
    "strategies": {"calm": {"set": {"actors.norland.rhetoric": 0.1}}},
}
BIAS = {"parameters.bias": "-1:1"}

MADE: dict[str, Callable[[], Any]] = {
    "Advice": lambda: ts.advise(NAME, STRATEGIES, futures=4, replicates=2),
    "AgainstHistory": lambda: ts.against_history("trump2-petro-2025", runs=5),
    "Backtest": lambda: ts.backtest(
        "us-colombia-2017", origins=["2021-01-01", "2021-06-01"], horizons=[1], runs=5, refit=None, baselines=["mean"]
    ),
    "Briefing": lambda: ts.report(results(), effects=False),
    "Chronicle": lambda: ts.chronicle(results()),
    "Comparison": lambda: ts.compare(NAME, runs=20),
    "Contributions": lambda: ts.contributions(NAME, "norland", runs=3, by_channel=True),
    "Decision": lambda: ts.Decision("praise"),
    "Discovery": lambda: ts.discover(NAME, of="index", below=50, over=BIAS, runs=400),
    "EarlySigns": lambda: ts.early_signs(results()),
    "EarlyWarning": lambda: ts.early_warning(ts.run(NAME, runs=200, seed=7)),
    "Effects": lambda: ts.effects(NAME, runs=3, elements=["schedule", "rule"]),
    "EventHistory": ts.curated_history,
    "Fit": fitted,
    "Game": lambda: ts.Game(NAME, "norland"),
    "Government": lambda: ts.TensionModel(NAME).actors["norland"],
    "Likelihood": lambda: fitted().likelihood,
    "Mechanism": lambda: ts.Mechanism("calm", operator.neg, {"strength": ts.Parameter(1.0, 0.0, 2.0)}),
    "Parameter": lambda: ts.Parameter(1.0, 0.0, 2.0),
    "Perception": lambda: ts.TensionModel(NAME).actors["norland"].perceive(),  # noqa: PLW0108
    "Replication": lambda: ts.replicate("goldstein-freeman"),
    "Results": results,
    "Scenario": lambda: ts.load(NAME, outlook="calm"),
    "Sensitivity": lambda: ts.sensitivity(NAME, over=["actors.norland.rhetoric", "actors.suderia.rhetoric"], size=2),
    "Settlement": lambda: ts.settle(STAKEHOLDERS),
    "Stability": lambda: ts.Stability.of(NAME),
    "Sweep": lambda: ts.sweep(NAME, {"actors.norland.rhetoric": [0.1, 0.9]}, runs=3),
    "TensionModel": lambda: ts.TensionModel(NAME, seed=3),
    "ThirdParty": lambda: ts.TensionModel(NAME).actors["easteria"],
    "Watch": lambda: ts.watch("us-colombia-2017", until="2018-03-31", store=mkdtemp(), fit=False, runs=3, horizons=1),
}
PAGES = (
    "Scenario", "EventHistory", "Results", "Comparison", "Fit", "Sweep", "Backtest", "Sensitivity", "Discovery",
    "Advice", "EarlySigns", "EarlyWarning", "Effects", "Settlement", "Watch",
    "AgainstHistory", "Chronicle", "Contributions",
)  # fmt: skip


def test_every_public_class_but_errors_is_made_here() -> None:
    classes = {name for name in ts.__all__ if isinstance(getattr(ts, name), type)}
    assert classes - set(MADE) == {name for name in classes if name.endswith("Error")}


@pytest.mark.parametrize("name", MADE)
def test_a_result_is_shown_on_less_than_a_screen_and_can_be_pickled(name: str) -> None:
    made = MADE[name]()
    assert len(repr(made)) < 400
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is type(made)
    if name != "TensionModel":
        assert repr(again) == repr(made)


def test_a_pickled_model_and_likelihood_go_on_as_they_would_have() -> None:
    model, likelihood = ts.TensionModel(NAME, seed=3), fitted().likelihood
    model.step()
    again = pickle.loads(pickle.dumps(model))
    for one in (model, again):
        one.step()
    assert again.datacollector.get_model_vars_dataframe().equals(model.datacollector.get_model_vars_dataframe())
    assert pickle.loads(pickle.dumps(likelihood)).value(likelihood.values) == likelihood.value(likelihood.values)


@pytest.mark.parametrize("name", PAGES)
def test_a_notebook_shows_title_and_table(name: str) -> None:
    made = MADE[name]()
    page = made._repr_html_()
    assert page.startswith(f"<div><p><b>{name} ")
    assert ("<table" in page) == (name != "Scenario")
    assert page.count("<tr") < 20
    assert len(page) < 30_000


def test_a_notebook_shows_what_a_fit_leaves_out() -> None:
    assert fitted().likelihood.states.window.notes
    assert all(escape(note) in fitted()._repr_html_() for note in fitted().likelihood.states.window.notes)


def test_what_a_notebook_shows_is_escaped() -> None:
    page = as_html(pd.Timestamp, ["<script>"], pd.DataFrame({"<b>": ["<i>"]}))
    assert not re.search("<script>|<b><|<i>", page)


class Cell(io.StringIO):
    """Standard error of a notebook."""


def test_a_notebook_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Cell()
    monkeypatch.setattr("sys.stderr", cell)
    with showing(10) as advance:
        advance(10)
    assert cell.getvalue() == ""
    monkeypatch.setattr(Cell, "__module__", "ipykernel.iostream")
    with showing(10) as advance:
        advance(10)
    assert "10 runs" in cell.getvalue()
