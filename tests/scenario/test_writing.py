"""What is written as YAML is read back as it was, by this reader and by others."""

from __future__ import annotations

from unicodedata import normalize

import yaml
from hypothesis import given, strategies as st

from tensionsim.scenario.yaml_tree import Report, read_nodes, source_of, write

ODD = (
    "", "no", "off", "null", "~", "1e-3", "12:30", "017", "2025-01-20", "a: b", "- a", "#", "a #b", " a", "a ",
    "-2%", "6 months", "bogota -> beijing", "* -> caracas", "below 35", "\x85",
    "\u2028", "it's", '"', "a\nb", "[", "?",
)  # fmt: skip
COMPOSED = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40).map(
    lambda text: normalize("NFC", text)
)
TEXTS = COMPOSED | st.sampled_from(ODD)
KEYS = TEXTS.filter(bool).filter(lambda key: key != "<<")
NUMBERS = st.integers(-(10**14), 10**14) | st.floats(-1e14, 1e14) | st.booleans()
VALUES = st.recursive(
    TEXTS | NUMBERS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
def test_values_come_back_as_they_were(values: dict[str, object]) -> None:
    text, report = write(values), Report()
    node = read_nodes(text, source_of(text, "written"), report)
    report.raise_if_any()
    assert node
    assert node.plain == values


@given(st.dictionaries(KEYS, TEXTS, min_size=1, max_size=5))
def test_other_readers_see_the_same_texts(values: dict[str, str]) -> None:
    def is_date_or_number(text: str) -> bool:
        return not isinstance(yaml.safe_load(yaml.safe_dump(text)), str)

    assert not any(is_date_or_number(text) for text in values.values())
    read = yaml.load(write(values), Loader=yaml.BaseLoader)
    assert read == values


def test_long_values_are_spread_over_lines() -> None:
    values = {
        "rules": {f"rule {number}": {"when": {"cooperation": "below 35"}, "about": "x" * 60} for number in (1, 2)}
    }
    lines = write(values).splitlines()
    assert lines[0] == "rules:"
    assert lines[1].startswith("  rule 1: {when: {cooperation: below 35}, about: xxx")
    assert max(map(len, lines)) < 115
