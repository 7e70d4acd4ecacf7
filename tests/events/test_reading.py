"""Reading event files: every format gives the same events, and no row is lost without being counted."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tensionsim.errors import EventError
from tensionsim.events.history import EventHistory
from tensionsim.events.reading import read_events

SAMPLES = Path(__file__).parent / "samples"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "isr_pse_keds_1979_2011.csv.gz"
DYAD = ("NOR=norland", "SUD=suderia")

SAME_EVENTS = {
    "gdelt1.export.CSV": "GDELT 1.0",
    "gdelt1_57.export.CSV": "GDELT 1.0",
    "gdelt2.export.CSV": "GDELT 2.0",
    "gdelt_query.csv": "GDELT event table, known by its header",
    "icews.tab": "ICEWS",
    "phoenix.txt": "Phoenix",
    "keds.tab": "known by its 5 columns",
    "keds.csv": "known by its header",
}
"""Samples that tell the same ten invented rows, and what their format is called."""

ROW = "2001-03-05,NOR,SUD,042"


def dyad_of(name: str) -> tuple[str, str]:
    return ("Norland=norland", "Suderia=suderia") if name.startswith("icews") else DYAD


def read(source: object, **how: object) -> EventHistory:
    return read_events(source, dyad=DYAD, **how)  # type: ignore[arg-type]


def told(path: object, **how: object) -> list[str]:
    """The problems that a file is refused with, without the name of its folder."""
    with pytest.raises(EventError) as caught:
        read(path, **how)
    folder = f"{path.parent}/" if isinstance(path, Path) else ""
    return [str(one).replace(folder, "") for one in caught.value.problems]


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str, header: str = "date,source,target,cameo", name: str = "events.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("name", SAME_EVENTS)
def test_every_format_gives_the_same_events(name: str) -> None:
    history = read_events(SAMPLES / name, dyad=dyad_of(name))
    assert SAME_EVENTS[name] in history.report.form
    assert history.actors == ("norland", "suderia")
    assert history.dates.astype(str).tolist() == [
        "2001-03-05", "2001-03-05", "2001-03-06", "2001-04-07", "2001-07-12", "2001-08-01",
    ]  # fmt: skip
    assert history.actor.tolist() == [0, 0, 1, 0, 1, 1]
    assert history.target.tolist() == [1, 1, 0, 1, 0, 0]
    assert history.cameo.tolist() == ["042", "042", "190", "1312", "0311", "057"]
    assert history.score.tolist() == [1.9, 1.9, -10.0, -5.8, 5.2, 8.0]
    assert history.is_material.tolist() == [False, False, True, False, False, False]


@pytest.mark.parametrize("name", [*SAME_EVENTS, "polecat.txt"])
def test_what_became_of_the_rows_adds_up_to_the_rows_of_the_file(name: str) -> None:
    report = read_events(SAMPLES / name, dyad=dyad_of(name), one_a_day="agents").report
    lines = [line for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines() if line]
    has_header = "header" in report.form
    assert report.rows == len(lines) - has_header
    assert report.events + report.folded + sum(one.count for one in report.left_out) == report.rows


def test_rows_are_left_out_for_a_reason_with_the_line_of_the_first() -> None:
    report = read(SAMPLES / "keds.csv").report
    assert {one.reason: (one.count, one.first_line) for one in report.left_out} == {
        "no source or no target is named": (1, 10),
        "an actor with itself": (1, 8),
        "only one side is of the actors": (1, 6),
        "between others": (1, 7),
    }


def test_codes_taken_for_an_actor_are_told() -> None:
    taken = {(one.actor, one.code): one.count for one in read(SAMPLES / "keds.csv").report.taken}
    assert taken[("norland", "NORGOV")] == 2
    assert taken[("suderia", "SUDMIL")] == 1


def test_one_a_day_folds_repetitions_and_counts_them() -> None:
    history = read(SAMPLES / "keds.csv", one_a_day="countries")
    assert (len(history), history.report.folded) == (5, 1)
    assert history.weight.tolist() == [1.0] * 5


def test_polecat_types_become_roots_and_its_intensities_scores_on_request() -> None:
    path = SAMPLES / "polecat.txt"
    history = read(path)
    assert history.cameo.tolist() == ["04", "11", "18", "10", "08"]
    assert history.score.tolist() == [1.0, -2.0, -9.0, -5.0, 5.0]
    assert read(path, scale="file").score.tolist() == [2.0, -2.0, -9.5, -1.0, 6.5]
    assert "a side names several of the actors" in [one.reason for one in history.report.left_out]


def packed(module: ModuleType, path: Path) -> Path:
    path.with_suffix(".packed").write_bytes(module.compress(path.read_bytes()))
    return path.with_suffix(".packed")


def pack_zip(path: Path) -> Path:
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, path.name)
    return packed


def with_comments(path: Path) -> Path:
    path.write_bytes(b"sep=,\n# made today\n\n" + path.read_bytes() + b"# the end, truly\n")
    return path


def with_tabs_and_quotes_of_data(path: Path) -> Path:
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    quoted = ["\t".join(f'"{one}"' for one in row.split(",")) for row in rows]
    path.write_text("\n".join([header.replace(",", "\t"), *quoted]), encoding="utf-8")
    return path


def in_small_letters(path: Path) -> Path:
    path.write_text(path.read_text(encoding="utf-8").lower(), encoding="utf-8")
    return path


def with_mark(path: Path) -> Path:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    return path


def with_semicolons(path: Path) -> Path:
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    return path


def with_quotes(path: Path) -> Path:
    text = "\n".join(",".join(f'"{one}"' for one in line.split(",")) for line in path.read_text().splitlines())
    path.write_text(text, encoding="utf-8")
    return path


def with_crlf(path: Path) -> Path:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return path


def as_parquet(path: Path) -> Path:
    pytest.importorskip("pyarrow")
    table = pd.read_csv(path, dtype=str)
    table.to_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def as_typed_parquet(path: Path) -> Path:
    pytest.importorskip("pyarrow")
    as_frame(path).to_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def as_frame(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"cameo": int}, parse_dates=["date"])


def as_frame_by_date(path: Path) -> pd.DataFrame:
    return as_frame(path).set_index("date")


def as_frame_by_days(path: Path) -> pd.DataFrame:
    return as_frame(path).set_index("date").rename_axis(None)


def as_frame_of_floats(path: Path) -> pd.DataFrame:
    return as_frame(path).astype({"cameo": float})


def as_frame_of_mixed_dates(path: Path) -> pd.DataFrame:
    table = as_frame(path)
    table["date"] = [str(day.date()) if at % 2 else day.date() for at, day in enumerate(table["date"])]
    return table


PACKED = [*(partial(packed, module) for module in (gzip, bz2, lzma)), pack_zip]
WRITTEN = [with_mark, with_semicolons, with_quotes, with_crlf, with_comments, with_tabs_and_quotes_of_data]
TYPED = [as_parquet, as_typed_parquet, as_frame, as_frame_by_date, as_frame_by_days]
ODD = [as_frame_of_floats, as_frame_of_mixed_dates]
FORMS = [*PACKED, *WRITTEN, in_small_letters, *TYPED, *ODD]


@pytest.mark.parametrize("form", FORMS)
def test_however_a_table_is_kept_the_events_are_the_same(form: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes((SAMPLES / "keds.csv").read_bytes())
    plain, other = read(path), read(form(path))
    assert other.table().equals(plain.table())
    assert other.report.rows == plain.report.rows


KEDS = "date,source,target,cameo\n"
GDELT = "SQLDATE,Actor1Code,Actor2Code,EventCode,GoldsteinScale\n"
ICEWS = "Event Date,Source Name,Source Country,CAMEO Code,Target Name,Target Country\n"
TABARI = "010305\tDOC\tDOC\t999\tmade by a coder\n010305\tDOC\tDOC\t999\t<options>\t\tsome.options\n"

WEIS = "950101\tNOR\tSUD\t222\tBURN\n950101\tNOR\tEAS\t064\tGRANT\n"

RIGHT: dict[str, tuple[str | bytes, dict[str, object], list[tuple[str, str, float]]]] = {
    "zeros judged on all rows": (
        f"{KEDS}2001-03-05,NOR,SUD,20\n2001-03-06,SUD,NOR,10\n2001-03-06,EAS,WES,43\n",
        {},
        [("2001-03-05", "020", 3.0), ("2001-03-06", "010", 0.0)],
    ),
    "zeros judged by the file's scores": (
        f"{GDELT}20010305,NOR,SUD,20,3\n20010306,SUD,NOR,10,0\n20010307,NOR,SUD,190,-10\n",
        {},
        [("2001-03-05", "020", 3.0), ("2001-03-06", "010", 0.0), ("2001-03-07", "190", -10.0)],
    ),
    "roots that their scores bear out": (
        f"{GDELT}20010305,NOR,SUD,20,-10\n20010306,SUD,NOR,10,-5\n",
        {},
        [("2001-03-05", "20", -10.0), ("2001-03-06", "10", -5.0)],
    ),
    "one code without its zero among others in GDELT": (
        f"{GDELT}20010305,NOR,SUD,20,3.0\n20010306,SUD,NOR,042,1.9\n20010307,SUD,NOR,20,-10\n",
        {},
        [("2001-03-05", "020", 3.0), ("2001-03-06", "042", 1.9), ("2001-03-07", "20", -10.0)],
    ),
    "roots written as numbers": (
        f"{KEDS}2001-03-05,NOR,SUD,4\n2001-03-06,NOR,SUD,20\n",
        {},
        [("2001-03-05", "04", 1.0), ("2001-03-06", "20", -10.0)],
    ),
    "floats in text": (f"{KEDS}2001-03-05,NOR,SUD,20.0\n", {}, [("2001-03-05", "020", 3.0)]),
    "raw TABARI": (
        f"{TABARI}010305\tNOR\tSUDGOV\t036\t(MEET)\tWILL MEET \t000012 WIRE\n",
        {},
        [("2001-03-05", "036", 4.0)],
    ),
    "scores without codes": (
        "date,source,target,goldstein\n2001-03-05,NOR,SUD,3.2\n2001-03-06,SUD,NOR,-9.9\n",
        {},
        [("2001-03-05", "02", 3.2), ("2001-03-06", "19", -9.9)],
    ),
    "scores without codes or header": (
        "2001-03-05,NOR,SUD,3.2\n2001-03-06,SUD,NOR,-9.9\n",
        {},
        [("2001-03-05", "02", 3.2), ("2001-03-06", "19", -9.9)],
    ),
    "decimal commas": (
        "date;source;target;cameo;goldstein;weight\n2001-03-05;NOR;SUD;042;+2,5;1,5\n2001-03-06;NOR;SUD;190;\u22129,5;2\n",
        {"scale": "file"},
        [("2001-03-05", "042", 2.5), ("2001-03-06", "190", -9.5)],
    ),
    "numbers of two digits by a format": (
        f"{KEDS}3/5/01,NOR,SUD,042\n12/31/01,NOR,SUD,190\n",
        {"dates": "%m/%d/%y"},
        [("2001-03-05", "042", 1.9), ("2001-12-31", "190", -10.0)],
    ),
    "months in letters by a format": (
        f"{KEDS}05-Mar-2001,NOR,SUD,042\n", {"dates": "%d-%b-%Y"}, [("2001-03-05", "042", 1.9)],
    ),
    "a name in Latin-1": (
        f"{ICEWS}2001-03-05,a,C\u00f4te d'Ivoire,190,b,France\n2001-03-06,,Ivory Coast,04,b,France\n".encode("latin-1"),
        {"dyad": ("CIV", "FRA")},
        [("2001-03-05", "190", -10.0), ("2001-03-06", "04", 1.0)],
    ),
    "a name in other accents and curls": (
        f"{ICEWS}2001-03-05,a,Co\u0302te d\u2019Ivoire,190,b,FRANCE\n",
        {"dyad": ("CIV", "FRA")},
        [("2001-03-05", "190", -10.0)],
    ),
    "roles after a stroke": (f"{KEDS}2001-03-05,NOR/GOV,SUD/MIL,042\n", {}, [("2001-03-05", "042", 1.9)]),
    "roles in small letters": (f"{KEDS}2001-03-05,norgov,sud,042\n", {}, [("2001-03-05", "042", 1.9)]),
}  # fmt: skip
"""Files as they are met, how they are read, and the day, code and score of each event."""


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_met_in_files_is_read_right(name: str, tmp_path: Path) -> None:
    text, how, events = RIGHT[name]
    path = tmp_path / "events.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    history = read_events(path, **{"dyad": DYAD, **how})  # type: ignore[arg-type]
    found = zip(history.dates.astype(str).tolist(), history.cameo.tolist(), history.score.tolist(), strict=True)
    assert list(found) == events


def test_notes_of_a_coder_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "raw.keds"
    path.write_text(f"{TABARI}010305\tNOR\tSUDGOV\t036\t(MEET)\tWILL MEET \t000012 WIRE\n", encoding="utf-8")
    assert [(one.reason, one.count) for one in read(path).report.left_out] == [("a coder's note (DOC)", 2)]


WRONG: dict[str, tuple[str | bytes, dict[str, object], str]] = {
    "WEIS": (WEIS, {}, "codes of WEIS (222)"),
    "a code of WEIS said to be CAMEO": (WEIS, {"format": "keds"}, "1:4: cameo '222': this is not"),
    "a root with another score": (
        f"{GDELT}20010305,NOR,SUD,042,1.9\n20010305,NOR,SUD,20,7\n", {}, "3:4: EventCode '20': the file's own score is"
    ),
    "a name in another encoding": (
        f"{ICEWS}2001-03-05,a,C\u00f4te d'Ivoire,190,b,France\n".encode("cp437"),
        {"dyad": ("CIV", "FRA")},
        "b\"C\\x93te d'Ivoire\": letters of this name are lost",
    ),
    "the last day of the calendar": (f"{KEDS}9999-12-31,NOR,SUD,042\n", {}, "events lie in the years 1800 to 2100"),
    "its last day by a format": (f"{KEDS}31.12.9999,NOR,SUD,042\n", {"dates": "%d.%m.%Y"}, "the years 1800 to 2100"),
    "no date of a format": (f"{KEDS}2001-03-05,NOR,SUD,042\n", {"dates": "%d.%m.%Y"}, "no date written %d.%m.%Y"),
    "a format without a day": (f"{KEDS}{ROW}\n", {"dates": "%m/%Y"}, "no order of dates '%m/%Y'; there is auto"),
    "a format that is none": (f"{KEDS}{ROW}\n", {"dates": "%Q"}, "or a format of year, month and day, like %m/%d/%y"),
    "one a day by whom": (f"{KEDS}{ROW}\n", {"one_a_day": True}, "no one a day 'True'; there is None, agents"),
    "a comma that parts thousands": (
        "date;source;target;cameo;weight\n2001-03-05;NOR;SUD;042;1,000\n", {}, "weight '1,000': a weight is a number"
    ),
}  # fmt: skip
"""Files that cannot be read as they are, and what is said."""


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_right_is_refused_in_words(name: str, tmp_path: Path) -> None:
    text, how, words = WRONG[name]
    path = tmp_path / "events.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(EventError) as caught:
        read_events(path, **{"dyad": DYAD, **how})  # type: ignore[arg-type]
    assert words in str(caught.value)


def test_one_a_day_is_of_agents_or_of_countries_and_says_which(written: Callable[..., Path]) -> None:
    path = written("2001-03-05,NORMIL,SUD,190", "2001-03-05,NORGOV,SUD,190", "2001-03-05,NORGOV,SUD,190")
    for by, count in (("agents", 2), ("countries", 1)):
        report = read(path, one_a_day=by).report
        assert (report.events, report.folded) == (count, 3 - count)
        assert f"folded into an event of the same day, {by} and code" in " ".join(report.lines())


def test_codes_that_lost_their_zeros_get_them_back(written: Callable[..., Path]) -> None:
    rows = [f"2001-03-05,NOR,SUD,{code}" for code in (43, 10, 211, 190, 1312)]
    history = read(written(*rows))
    assert history.cameo.tolist() == ["043", "010", "0211", "190", "1312"]
    assert any("written as numbers" in note for note in history.report.notes)


def test_a_root_stays_a_root_where_codes_kept_their_zeros(written: Callable[..., Path]) -> None:
    assert read(written(ROW, "2001-03-05,NOR,SUD,10")).cameo.tolist() == ["042", "10"]


def test_a_code_that_the_table_lacks_scores_as_the_one_above(written: Callable[..., Path]) -> None:
    history = read(written("2001-03-05,NOR,SUD,1213", ROW))
    assert history.score.tolist() == [-4.0, 1.9]
    assert any("1213 (as 121)" in note for note in history.report.notes)


def test_two_files_are_told_apart_by_how_they_score(written: Callable[..., Path]) -> None:
    header = "date,source,target,cameo,goldstein"
    path = written("2001-03-05,NOR,SUD,016,3.4", "2001-03-05,NOR,SUD,042,1.9", header=header)
    assert read(path).score.tolist() == [-2.0, 1.9]
    assert read(path, scale="keds").score.tolist() == [3.4, 1.9]
    assert read(path, scale="file").score.tolist() == [3.4, 1.9]
    assert any("016 3.4 instead of -2" in note for note in read(path).report.notes)


@pytest.mark.parametrize("text", ["2001-03-05", "20010305", "2001/3/5", "2001-03-05 10:00:00", "010305", "25.03.2001"])
def test_dates_are_read_in_many_hands(text: str, written: Callable[..., Path]) -> None:
    day = read(written(f"{text},NOR,SUD,042")).dates[0]
    assert str(day) == ("2001-03-25" if text.startswith("25") else "2001-03-05")


def test_a_date_with_a_time_of_twelve_digits_is_none_of_two_digits_of_a_year(written: Callable[..., Path]) -> None:
    with pytest.raises(EventError, match="this is no date"):
        read(written("200103051230,NOR,SUD,042"))


def test_day_and_month_are_told_by_the_other_dates_of_the_file(written: Callable[..., Path]) -> None:
    path = written("05/03/2001,NOR,SUD,042", "17/03/2001,NOR,SUD,042")
    assert read(path).dates.astype(str).tolist() == ["2001-03-05", "2001-03-17"]
    assert "cannot be told apart" in told(written("05/03/2001,NOR,SUD,042"))[0]
    assert str(read(written("05/03/2001,NOR,SUD,042"), dates="month-first").dates[0]) == "2001-05-03"


def test_every_fault_is_told_at_once_with_place_and_what_is_allowed(written: Callable[..., Path]) -> None:
    header = "date,source,target,cameo,goldstein"
    path = written(
        "2001-02-30,NOR,SUD,042,1.9",
        "2001-03-05,NOR,SUD,049x,1.9",
        "2001-03-05,NOR,SUD,230,1.9",
        "2001-03-05,NOR,SUD,042,19",
        "2001-03-05,NOR,SUD",
        "05/03/2001,NOR,SUD,042,1.9",
        "2001-03-05,NOR,EAS,999,99",
        header=header,
    )
    assert told(path, scale="file") == [
        "events.csv:2:1: date '2001-02-30': there is no such day",
        "events.csv:3:4: cameo '049x': this is not a CAMEO code: 2 to 4 digits, 01 to 2042",
        "events.csv:4:4: cameo '230': this is not a CAMEO code: 2 to 4 digits, 01 to 2042",
        "events.csv:5:5: goldstein '19': a score is a number in -10..10",
        "events.csv:6:1: 3 fields: a row of this file has 5 fields",
        "events.csv:7:1: date '05/03/2001': day and month cannot be told apart in this file; say --dates day-first or "
        "month-first, or write 2004-02-06",
        "events.csv: mend these rows, or say leave_out_bad=True to leave out and count them",
    ]


def test_many_faults_of_a_kind_are_counted(written: Callable[..., Path]) -> None:
    problems = told(written(ROW, *["never,NOR,SUD,042"] * 1203))
    assert len(problems) == 7
    assert problems[5] == (
        "events.csv: 1,198 rows more: this is no date; write 2004-02-06 or 20040206, or say how dates "
        "are written, as in --dates %m/%d/%y"
    )


def test_bad_rows_are_left_out_and_counted_on_request(written: Callable[..., Path]) -> None:
    path = written("never,NOR,SUD,042", ROW, "2001-03-05,NOR,SUD", "2001-03-05,NOR,SUD,9")
    report = read(path, leave_out_bad=True).report
    assert (report.rows, report.events, report.rows_left_out) == (4, 1, 3)
    assert [one.first_line for one in report.left_out] == [2, 4, 5]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "no rows"),
        (b"date,source,target,cameo\n", "a header and no rows"),
        (b"date source target cameo\n", "no tab, comma, semicolon or bar"),
        (b"when,who,whom,what\n2001-03-05,NOR,SUD,042\n", "missing are columns for date"),
        ("date,source,target,cameo\n".encode("utf-16"), "UTF-16"),
        (bytes(range(256)) * 4, "no plain text"),
        (b"PAR1 is how such files begin", "it cannot be read"),
        (
            b'date,source,target,cameo\n2001-03-05,"NOR,SUD,042\n',
            "never closed; close it, or drop it: no row after it can be told, so bad rows cannot be left out",
        ),
        (b"date,source,target,cameo,more\n" + b'2001-03-05,NOR,SUD,042,"x\n' * 3, ":4:1: a quote opens in this row"),
        (b"date,source,target,cameo\n" + b"x" * 1_000_001, "longer than 1,000,000 letters"),
        (b"#only\n#comments\n", "no rows"),
        (b"a.csv" + bytes(252) + b"ustar" + bytes(300), "unpack it and name the folder"),
    ],
)
def test_what_is_no_event_file_is_refused_in_words(content: bytes, word: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    assert word in " ".join(told(path))


def test_a_file_cut_off_in_transfer_is_refused_where_it_ends(tmp_path: Path) -> None:
    draw = random.Random(1)
    rows = [f"2001-03-{draw.randint(1, 28):02d},NOR,SUD,04{draw.randint(0, 6)},{draw.random()}" for _ in range(5000)]
    whole = gzip.compress("\n".join(["date,source,target,cameo,more", *rows]).encode())
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    (problem,) = told(path)
    assert "cut off here" in problem
    assert 1000 < int(problem.split(":")[1]) < 4000
    path.write_bytes(whole[:2000] + b"damage" + whole[2006:])
    assert "it cannot be read here (" in told(path)[0]


def zipped(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def in_parts(folder: Path) -> list[Path]:
    """Three files of one table, the last with its columns in another order and one without rows."""
    header = "date,source,target,cameo\n"
    texts = (f"{header}{ROW}\n", header, "cameo,source,more,target,date\n190,NOR,x,SUD,2001-03-06\n")
    for number, text in enumerate(texts):
        (folder / f"{number}.csv").write_text(text, encoding="utf-8")
    return [folder / f"{number}.csv" for number in range(3)]


@pytest.mark.parametrize("form", ["files", "folder", "archive"])
def test_several_files_are_one_table(form: str, tmp_path: Path) -> None:
    parts = in_parts(tmp_path)
    source: object = {"files": parts, "folder": tmp_path}.get(form)
    if source is None:
        source = zipped(tmp_path.parent / "all.zip", **{one.name: one.read_text(encoding="utf-8") for one in parts})
    history = read(source)
    assert (history.cameo.tolist(), history.report.rows) == (["042", "190"], 2)
    assert "3 files" in history.report.form


def test_faults_of_several_files_are_told_with_their_file(tmp_path: Path) -> None:
    parts = in_parts(tmp_path)
    parts[2].write_text("cameo,source,target,date\n190,EAS,SUD,2001-03-06\nx,NOR,SUD,2001-03-06\n", encoding="utf-8")
    with pytest.raises(EventError) as caught:
        read(parts)
    assert str(caught.value.problems[0]).startswith(f"{parts[2]}:3:4: cameo 'x': this is not a CAMEO code")
    report = read(parts, leave_out_bad=True).report
    assert [(one.file, one.first_line) for one in report.left_out] == [(str(parts[2]), 2), (str(parts[2]), 3)]
    parts[1].write_text("when,source,target,cameo\n", encoding="utf-8")
    with pytest.raises(EventError, match=r"1\.csv:1:1: no column 'date', as .*0\.csv has"):
        read(parts)


@pytest.mark.parametrize(
    ("members", "word"),
    [({}, "holds no files"), ({"[Content_Types].xml": "x"}, "a workbook"), ({"__MACOSX/a.csv": "x"}, "holds no files")],
)
def test_archives_without_events_are_refused(members: dict[str, str], word: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "none.zip", **{"more/": "", **members})
    assert word in told(path)[0]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert "there is no such file" in told(SAMPLES / "nowhere.csv")[0]
    assert "the folder holds no files" in told(tmp_path)[0]
    assert "no file is named" in told([])[0]


def test_who_never_occurs_is_named_with_those_who_do() -> None:
    with pytest.raises(
        EventError,
        match=r"none of 10 rows .* code 'PSD' \(psd\) never occurs; did you mean 'SUD'\?; most frequent others: SUD",
    ):
        read_events(SAMPLES / "keds.csv", dyad=("NOR", "PSD"))


def test_without_actors_the_most_frequent_pairs_are_offered() -> None:
    with pytest.raises(EventError, match=r"whose events.*NORGOV SUD 2"):
        read_events(SAMPLES / "keds.csv")


def test_the_only_two_actors_of_a_file_need_not_be_named(written: Callable[..., Path]) -> None:
    path = written(ROW, "2001-03-06,SUD,NOR,190")
    assert read_events(path).actors == ("nor", "sud")


def test_a_format_may_be_forced_and_is_checked() -> None:
    path = SAMPLES / "keds.csv"
    assert len(read(path, format="keds")) == 6
    assert "this is no GDELT event table: 5 columns" in told(path, format="gdelt")[0]
    assert "no format 'gdlet'" in told(path, format="gdlet")[0]
    assert "no scale 'goldstien'" in told(path, scale="goldstien")[0]


def test_quotes_in_a_tab_separated_file_are_letters(tmp_path: Path) -> None:
    path = tmp_path / "events.tab"
    path.write_text('date\tsource\ttarget\tcameo\ttext\n2001-03-05\tNOR\tSUD\t042\tsays "so\n', encoding="utf-8")
    assert len(read(path)) == 1


def test_a_file_longer_than_a_chunk_is_read_whole(
    monkeypatch: pytest.MonkeyPatch, written: Callable[..., Path]
) -> None:
    rows = [f"2001-03-{day:02d},{pair},04{day % 7}" for day in range(1, 29) for pair in ("NOR,SUD", "SUD,EAS")]
    path = written(*rows)
    whole = read(path)
    monkeypatch.setattr("tensionsim.events.files.CHUNK_ROWS", 5)
    parts = read(path)
    assert parts.table().equals(whole.table())
    assert parts.report == whole.report


def test_a_history_comes_by_date_whatever_the_order_of_the_file(written: Callable[..., Path]) -> None:
    history = read(written("2001-05-05,NOR,SUD,042", "2001-03-05,SUD,NOR,190", "2001-04-05,NOR,SUD,057"))
    assert history.cameo.tolist() == ["190", "057", "042"]
    assert history.actor.tolist() == [1, 0, 0]


def test_a_table_of_ones_own_keeps_issue_track_and_weight(written: Callable[..., Path]) -> None:
    header = "date,source,target,cameo,issue,track,weight"
    path = written(f"{ROW},water,technical,3", f"{ROW},,,", header=header)
    history = read(path, mapping={"issue": "fish"})
    assert [history.issues[row] for row in history.issue] == ["water", "fish"]
    assert history.track.tolist() == [1, 0]
    assert history.weight.tolist() == [3.0, 1.0]
    bad = written(f"{ROW},water,middle,0", header=header, name="bad.csv")
    assert [one.partition(": ")[0] for one in told(bad)][:1] == ["bad.csv:2:7"]


CELLS = st.tuples(
    st.sampled_from(["2001-03-05", "20010305", "2001-02-30", "05/03/2001", "x", ""]),
    st.sampled_from(["NOR", "SUD", "NORGOV", "EAS", "NOR;SUD", "", "x"]),
    st.sampled_from(["NOR", "SUDMIL", "EAS", "---"]),
    st.sampled_from(["042", "43", "1213", "230", "x", ""]),
    st.sampled_from(["1", "-10", "11", "x", ""]),
)


@given(
    st.lists(CELLS, min_size=1, max_size=30),
    st.sampled_from([None, "agents", "countries"]),
    st.sampled_from(["cameo", "keds", "file"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_rows_add_up_whatever_they_hold(
    written: Callable[..., Path], rows: list[tuple[str, ...]], one_a_day: str | None, scale: str
) -> None:
    path = written(*(",".join(row) for row in rows), "2001-03-05,NOR", header="date,source,target,cameo,goldstein")
    try:
        history = read(path, one_a_day=one_a_day, scale=scale, leave_out_bad=True)
    except EventError:
        return
    report = history.report
    assert (report.rows, report.events) == (len(rows) + 1, len(history))
    assert report.events + report.folded + report.rows_left_out == report.rows
    assert np.abs(history.score).max() <= 10.0


def test_a_parquet_column_of_lists_is_a_fault_of_its_rows(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    columns = {"date": ["2001-03-05"] * 2, "source": ["NOR"] * 2, "target": ["SUD"] * 2, "cameo": [[1, 2], [3]]}
    path = tmp_path / "lists.parquet"
    pd.DataFrame(columns).to_parquet(path)
    assert "lists.parquet:1:4: cameo '?': this is not a CAMEO code" in told(path)[0]


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({}, "table in memory holds no rows"),
        ({"date": [], "source": [], "target": [], "cameo": []}, "table in memory holds no rows"),
        ({"day": ["2001-03-05"], "who": ["NOR"]}, "missing are columns for date"),
    ],
)
def test_tables_in_memory_that_hold_no_events_are_refused(columns: dict[str, object], word: str) -> None:
    assert word in told(pd.DataFrame(columns))[0]


@pytest.mark.parametrize("source", [5, None, b"events.csv", [pd.DataFrame()]])
def test_what_is_neither_path_nor_table_is_a_slip(source: object) -> None:
    with pytest.raises(TypeError, match="a path, a list of paths, or a DataFrame; got"):
        read(source)


def test_numbers_beside_the_codes_do_not_make_them_numbers(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    columns = {"date": ["2001-03-05"], "source": ["NOR"], "target": ["SUD"], "cameo": ["10"], "year": [2001]}
    path = tmp_path / "roots.parquet"
    pd.DataFrame(columns).to_parquet(path)
    assert read(path).cameo.tolist() == ["10"]


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared event file is not beside this checkout")
class TestTheSharedFile:
    def test_it_is_read_whole(self) -> None:
        history = read_events(SHARED, dyad=("ISR=israel", "PSE=palestine"))
        assert (len(history), history.report.rows, history.report.rows_left_out) == (16_968, 16_968, 0)
        assert (str(history.first), str(history.last)) == ("1979-04-15", "2011-11-30")

    def test_the_keds_scale_gives_the_scores_that_stand_in_it(self) -> None:
        keds, own = (read_events(SHARED, scale=scale) for scale in ("keds", "file"))
        assert np.array_equal(keds.score, own.score)


@pytest.mark.parametrize("dyad", [("COL", "VEN"), ("col", "ven"), {"Col": "bogota", "ven": "caracas"}])
def test_agents_count_whatever_the_case_of_the_code_asked_for(
    written: Callable[..., Path], dyad: tuple[str, str] | dict[str, str]
) -> None:
    path = written("2001-03-05,COL,VEN,042", "2001-03-06,VENGOV,COLMIL,190", "2001-03-06,col/gov,venmil,042")
    assert len(read_events(path, dyad=dyad)) == 3


def test_a_code_is_one_actors_whatever_its_case(written: Callable[..., Path]) -> None:
    with pytest.raises(EventError, match="'nor' is asked for as a and as b; a code is one actor's"):
        read_events(written(ROW), dyad={"NOR": "a", "nor": "b"})


def test_a_file_that_is_named_twice_is_refused(written: Callable[..., Path]) -> None:
    path = written(ROW)
    for twice in ([path, path], [path, path.parent], [path, path.parent / "." / path.name]):
        assert "this file is named twice" in told(twice)[0]


def test_of_a_code_that_never_occurs_the_nearest_is_told(written: Callable[..., Path]) -> None:
    path = written("2001-03-05,Ankara,NOR,042", "2001-03-05,SUD,NOR,042")
    with pytest.raises(EventError, match=r"code 'Ankra' \(ankara\) never occurs; did you mean 'Ankara'\?; most freq"):
        read_events(path, dyad={"Ankra": "ankara", "NOR": "norland"})
    notes = read_events(path, dyad={"Ankra": "ankara", "NOR": "norland", "SUD": "suderia"}).report.notes
    assert notes[0] == "code 'Ankra' (ankara) never occurs; did you mean 'Ankara'?"


def test_columns_may_be_called_from_and_to_and_of_others_the_mapping_is_named(written: Callable[..., Path]) -> None:
    assert len(read(written(ROW, header="Date,From,To,CAMEO"))) == 1
    assert (
        'of --mapping, in Python mapping={"columns": {...}}' in told(written(ROW, header="Date,Giver,Taker,CAMEO"))[0]
    )
