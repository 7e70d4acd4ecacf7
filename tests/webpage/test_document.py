import doctest
import json
import re

import pytest

import tensionsim as ts
from tensionsim.cli.main import main
from tensionsim.webpage import document

NAME = "norland-suderia"


def data_of(html):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def test_one_file_holds_outlooks_their_differences_ledgers_and_a_run():
    made = ts.load(NAME).explore(runs=20)
    data = data_of(made.html)
    loud = ts.run(ts.load(NAME, outlook="loud"), runs=20)
    name = data["labels"][2]
    assert data["answer"][name]["index"]["mean"] == pytest.approx(loud.index["mean"].tolist(), abs=1e-4)
    assert len(data["difference"]) == 6
    assert len(data["why"][name]) == len(loud.dates)
    assert data["run"][name]["lead"] == ts.chronicle(loud, run=0).lead


def test_one_file_allows_nothing_but_itself_and_a_notebook_shows_it_in_a_frame():
    made = ts.load(NAME, set={"title": "</script><b>x"}).explore(runs=2)
    assert made.html.count("</script>") == 2
    assert "default-src 'none'; script-src 'sha256-" in made.html
    assert not re.findall(r'(?:src|href)="(?!data:|#)', made.html)
    assert made._repr_html_().startswith('<iframe title="&lt;/script&gt;')


def test_an_agent_of_ones_own_acts_in_the_page_of_a_notebook():
    class Silent(ts.Government):
        def decide(self, perception):
            return []

    quiet = ts.load(NAME).with_code(agents={"norland": Silent})
    mean = data_of(quiet.explore(runs=3).html)["answer"]["Norland and Suderia"]["index"]["mean"]
    assert mean == pytest.approx(ts.run(quiet, runs=3).index["mean"].tolist(), abs=1e-4)


def test_the_example_runs():
    assert doctest.testmod(document).failed == 0


def test_the_verb_writes_one_file_and_says_so(tmp_path, capsys):
    target = tmp_path / "page.html"
    assert main(["page", NAME, "--static", str(target), "--runs", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], len(told["outlooks"]), told["runs"]) == (str(target), 3, 3)
    text = target.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "open the page with the program" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["page", NAME, "--runs", "5"], "go with --static"),
        (["page", NAME, "--static", "nowhere/x.html"], "its folder is not there"),
        (["page", "norland-suderi"], "did you mean 'norland-suderia'"),
        (["page", NAME, "--set", "actors.norland.retoric=1"], "did you mean 'actors.norland.rhetoric'"),
        (["page", NAME, "--port", "70000"], "70000"),
    ],
)
def test_what_is_wrong_is_told_with_status_2(arguments, words, capsys):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
