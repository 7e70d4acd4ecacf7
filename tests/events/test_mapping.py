"""Mapping files: issue, track and move by code, actors, columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tensionsim.errors import EventError
from tensionsim.events.reading import mapping_of, read_events

SAMPLES = Path(__file__).parent / "samples"


def test_the_longest_beginning_of_a_code_says_what_it_stands_for() -> None:
    found = mapping_of(SAMPLES / "mapping.yaml")
    assert [found.meaning("0311", role) for role in ("issue", "track")] == ["fisheries", "technical"]
    assert found.meaning("1312", "move") == "threaten_sanctions"
    assert found.meaning("131", "move") == ""


def test_what_a_longer_code_leaves_open_a_shorter_one_says() -> None:
    found = mapping_of({"codes": {"03": {"track": "technical"}, "031": {"issue": "fish"}, "0311": "trade"}})
    assert [found.meaning("0311", role) for role in ("issue", "track")] == ["trade", "technical"]
    assert [found.meaning(code, "issue") for code in ("0312", "040")] == ["fish", "relations"]


def test_a_mapping_gives_actors_issues_tracks_and_moves() -> None:
    history = read_events(SAMPLES / "keds.csv", mapping=SAMPLES / "mapping.yaml")
    assert history.actors == ("norland", "suderia")
    assert [history.issues[row] for row in history.issue] == ["water"] * 3 + ["fisheries"] * 2 + ["water"]
    assert history.track.tolist() == [0, 0, 0, 0, 1, 0]
    assert [history.moves[row] if row >= 0 else "" for row in history.move] == [
        "",
        "",
        "",
        "threaten_sanctions",
        "",
        "",
    ]


def test_a_mapping_names_columns_that_a_file_calls_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("When,Who,Whom,Did\n2001-03-05,NOR,SUD,042\n", encoding="utf-8")
    columns = {"date": "When", "source": "Who", "target": "Whom", "code": "Did"}
    assert len(read_events(path, dyad=("NOR", "SUD"), mapping={"columns": columns})) == 1
    with pytest.raises(EventError, match="no column 'happened' for the date"):
        read_events(path, dyad=("NOR", "SUD"), mapping={"columns": {**columns, "date": "Happened"}})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", [":1:1: the file is a list"]),
        ("code: {}\n", [":1:1: unknown key 'code'", "did you mean 'codes'?"]),
        ("codes: {'21': x}\n", [":1:9: '21' is not the beginning of a CAMEO code"]),
        ("codes: {'04\u0662': x}\n", ["is not the beginning of a CAMEO code"]),  # the digit of another script
        (
            "codes:\n  '03': {track: middle}\n  '04': {isue: x}\n",
            [":2:17: track is the text 'middle'", ":3:10: unknown key 'isue' in code '04'"],
        ),
        ("codes: []\nissue: 'no name!'\n", [":1:8: codes is a list", ":2:8: issue is the text 'no name!'"]),
        ("columns: {day: x}\n", [":1:11: 'day' is not one of date, source"]),
        ("codes: {\n", [""]),
    ],
)
def test_every_fault_of_a_mapping_is_told_with_its_line(text: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EventError) as caught:
        mapping_of(path)
    assert all(word in str(caught.value) for word in words)


def test_scores_without_codes_may_be_called_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("When,Who,Whom,Tone\n2001-03-05,NOR,SUD,3.5\n", encoding="utf-8")
    columns = {"date": "When", "source": "Who", "target": "Whom", "score": "Tone"}
    history = read_events(path, dyad=("NOR", "SUD"), mapping={"columns": columns})
    assert (history.score.tolist(), history.cameo.tolist()) == ([3.5], ["05"])
