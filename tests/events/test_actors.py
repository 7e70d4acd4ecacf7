"""Who is who: codes and names taken for the actors that one asks for."""

from __future__ import annotations

import pytest

from tensionsim.errors import EventError
from tensionsim.events.reading import BOTH, NOBODY, NOTED, OTHER, Lookup, actors_asked, countries


@pytest.mark.parametrize(
    ("value", "row"),
    [
        ("ISR", 0),
        ("isr", 0),
        ("ISRGOV", 0),
        ("ISRMILGOV", 0),
        ("Israel", 0),
        ("PSE", 1),
        ("PALINS", 1),
        ("Occupied Palestinian Territory", 1),
        ("ISR;USA", 0),
        ("ISR;PSE", BOTH),
        ("ISR/GOV", 0),
        ("israel-gov", OTHER),
        ("Isr Gov", OTHER),
        ("isrmilgov", 0),
        ("'ISR'", 0),
        ('" Israel "', 0),
        ("ISRA", OTHER),
        ("DOC", NOTED),
        ("ISRAELI", OTHER),
        ("USA", OTHER),
        ("", NOBODY),
        (" None ", NOBODY),
        ("---", NOBODY),
    ],
)
def test_values_are_taken_by_code_name_and_role(value: str, row: int) -> None:
    assert Lookup(actors_asked(["ISR=israel", "PSE,PAL=palestine"]))[value] == row


def test_bytes_that_may_be_a_name_are_not_taken_for_another() -> None:
    for lost in ("C\udc93te d'Ivoire", "C\ufffdte d'Ivoire", '"C?te d\'Ivoire"'):
        lookup = Lookup(actors_asked(["CIV", "POL"]))
        assert (lookup[lost], lookup.lost) == (OTHER, lost)
    wanted = [
        ("C\udcf4te d'Ivoire", 0),
        ("C\u00f4te d\u2019Ivoire", 0),
        ("C\udc93te d'Azur", OTHER),
        ("\udcd0\udcee\udcf1", OTHER),
        ("police", OTHER),
        ("POLGOV", 1),
    ]
    lookup = Lookup(actors_asked(["CIV", "POL"]))
    assert [lookup[value] for value, _ in wanted] == [row for _, row in wanted]
    assert not lookup.lost


@pytest.mark.parametrize(
    ("code", "value", "row"),
    [
        ("IRAN", "IRANIAN", OTHER),
        ("Iran", "IRANIAN", OTHER),
        ("JORDAN", "JORDANIAN", OTHER),
        ("BRAZIL", "BRAZILIAN", OTHER),
        ("IND", "INDONESIA", OTHER),
        ("BEL", "BELIZE", OTHER),
        ("IRAN", "IRANGOV", 0),
        ("IRAN", "IRAN/GOV", 0),
        ("IND", "INDHIN", 0),
    ],
)
def test_a_word_in_capitals_is_no_role_of_a_country(code: str, value: str, row: int) -> None:
    assert Lookup(actors_asked([f"{code}=one", "CAN=other"]))[value] == row


def test_the_longest_code_wins() -> None:
    lookup = Lookup(actors_asked(["ISR=state", "ISRMIL=army"]))
    assert [lookup[value] for value in ("ISRGOV", "ISRMIL", "ISRMILNAV")] == [0, 1, 1]


def test_a_country_may_be_asked_for_by_its_name() -> None:
    lookup = Lookup(actors_asked(["Russia", "North Korea"]))
    assert lookup.actors == ("russia", "north_korea")
    assert [lookup[value] for value in ("RUS", "Russian Federation", "RUSGOV", "PRK")] == [0, 0, OTHER, 1]


def test_a_country_may_be_asked_for_without_its_accents() -> None:
    lookup = Lookup(actors_asked(["Turkiye", "COTE D'IVOIRE=civ"]))
    assert [lookup[value] for value in ("TUR", "T\u00fcrkiye", "Ivory Coast")] == [0, 0, 1]


def test_a_mapping_may_name_more_than_two() -> None:
    assert Lookup(actors_asked({"ISR": "israel", "PSE": "palestine", "EGY": "egypt"})).actors[2] == "egypt"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (["ISR", "ISR"], "at least two actors"),
        (["ISR=a", "ISR=b"], "a code is one actor's"),
        (["ISR", "PSE=the west bank"], "is no name for an actor"),
        (["ISR", "=x"], "is no name for an actor"),
    ],
)
def test_what_makes_no_two_actors_is_refused(given: list[str], word: str) -> None:
    with pytest.raises(EventError, match=word):
        actors_asked(given)


def test_countries_have_three_letters_and_no_name_twice() -> None:
    names = [name.casefold() for found in countries().values() for name in found]
    assert all(len(code) == 3 and code.isupper() for code in countries())
    assert len(names) == len(set(names))
