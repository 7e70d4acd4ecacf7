"""What YAML and file systems do to the unwary, each met on purpose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tensionsim.errors import ScenarioError
from tensionsim.futures.advice import read_strategies
from tensionsim.scenario.files import shipped_names
from tensionsim.scenario.scenario import load

MINIMAL = (Path(__file__).parent / "samples" / "minimal.yaml").read_text(encoding="utf-8")


@pytest.fixture(params=["libyaml", "python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr(yaml, "__with_libyaml__", False)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")


def written(folder: Path, text: str | bytes, name: str = "trap.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path | str) -> str:
    """The problems of a file as "line:column: message", one a line."""
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return "\n".join(f"{one.line}:{one.column}: {one.message}" for one in caught.value.problems)


@pytest.mark.usefixtures("_parser")
class TestYaml:
    def test_duplicate_keys_are_refused_with_both_lines(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("    rhetoric: 0.7\n", "    rhetoric: 0.7\n    rhetoric: 0.8\n"))
        assert refusal(path) == "14:5: key 'rhetoric' is given twice in one mapping; first on line 13"

    def test_no_and_on_are_text(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("title: Two neighbours and a river", "title: no\nabout: on"))
        scenario = load(path)
        assert (scenario.title, scenario.file.about) == ("no", "on")

    @pytest.mark.parametrize(("text", "value"), [("1e-3", 0.001), ("1.0e-3", 0.001), ("2.E-1", 0.2), (".5", 0.5)])
    def test_numbers_with_exponents_are_numbers(self, tmp_path: Path, text: str, value: float) -> None:
        scenario = load(written(tmp_path, MINIMAL.replace("rhetoric: 0.7", f"rhetoric: {text}")))
        assert scenario.file.actors["north"].rhetoric == value

    def test_a_time_of_day_is_text_not_750(self, tmp_path: Path) -> None:
        assert load(written(tmp_path, MINIMAL.replace("title: Two neighbours", "title: 12:30"))).title.startswith(
            "12:30"
        )
        path = written(tmp_path, MINIMAL.replace("rhetoric: 0.7", "rally: 12:30"))
        assert refusal(path) == "13:12: rally is the text '12:30'; use a number of 0 or more"

    def test_a_leading_zero_does_not_mean_octal(self, tmp_path: Path) -> None:
        scenario = load(written(tmp_path, MINIMAL.replace("rhetoric: 0.7", "rally: 017")))
        assert scenario.file.actors["north"].rally == 17

    @pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.INF", "1e999", "9" * 5000])
    def test_what_is_not_finite_is_refused(self, tmp_path: Path, text: str) -> None:
        path = written(tmp_path, MINIMAL.replace("rhetoric: 0.7", f"rally: {text}"))
        assert refusal(path) == f"13:12: {text[:30]} is not a number of ordinary size, below 1e+15"

    def test_nan_as_a_word_is_no_number(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("rhetoric: 0.7", "rally: nan"))
        assert refusal(path) == "13:12: rally is the text 'nan'; use a number of 0 or more"

    def test_anchors_and_aliases_are_refused(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("rhetoric: 0.7", "rhetoric: &high 0.7\n    attention: *high"))
        assert refusal(path) == (
            "13:15: anchor '&high' has no use in a scenario; use `extends` or `leaders` to share values\n"
            "14:16: alias '*high' has no use in a scenario; write the value out, or use `extends`"
        )

    def test_a_bomb_of_aliases_does_not_go_off(self, tmp_path: Path) -> None:
        levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        levels += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12)]
        assert "anchor '&a0' has no use" in refusal(written(tmp_path, "\n".join(levels)))

    def test_a_bomb_of_merge_keys_does_not_go_off(self, tmp_path: Path) -> None:
        levels = ["a0: &a0 {x: 1}"] + [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 30)]
        assert "merge keys '<<' have no use" in refusal(written(tmp_path, "\n".join(levels)))

    @pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [ls]", "!!str 0.7", "!x 0.7", "! 0.7"])
    def test_tags_are_refused(self, tmp_path: Path, tag: str) -> None:
        path = written(tmp_path, MINIMAL.replace("rhetoric: 0.7", f"rhetoric: {tag}"))
        assert "has no use in a scenario; write the bare value" in refusal(path)

    @pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
    def test_200_000_brackets_are_refused_in_their_place(self, tmp_path: Path, opening: str) -> None:
        assert refusal(written(tmp_path, opening * 200_000)).endswith("values are nested more than 50 deep")
        path = written(tmp_path, MINIMAL.replace("rhetoric: 0.7", f"rhetoric:\n      {opening * 200_000}"))
        found = refusal(path)
        assert (found[:3], found[-35:]) == ("14:", "values are nested more than 50 deep")

    def test_empty_items_are_refused(self, tmp_path: Path) -> None:
        assert "this list item is empty" in refusal(written(tmp_path, "a:\n" + " - \n" * 3))

    def test_depth_is_capped(self, tmp_path: Path) -> None:
        assert refusal(written(tmp_path, "a: " + "[" * 60 + "]" * 60)) == "1:53: values are nested more than 50 deep"

    def test_the_number_of_values_is_capped(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a: [" + "1, " * 30_000 + "1]")
        assert refusal(path).endswith("more than 20,000 values; a scenario is smaller")

    def test_a_tab_in_the_indentation_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("  trade: {}", "\ttrade: {}"))
        assert refusal(path).endswith("not YAML: a tab in the indentation; use spaces")

    def test_a_second_document_is_refused(self, tmp_path: Path) -> None:
        line = MINIMAL.count("\n") + 1
        assert refusal(written(tmp_path, MINIMAL + "---\na: 1\n")) == f"{line}:1: a second document; a scenario is one"

    def test_an_unclosed_bracket_says_where_it_begins(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("arrangements: [fair]", "arrangements: [fair"))
        assert "a list [...] that is not closed, or lacks a comma" in refusal(path)

    @pytest.mark.parametrize(
        "text",
        [
            "a: 'x",
            'a: "x\n',
            "a: b: c\n",
            "a: 1\n b: 2\n",
            "a:\n - b\n c: 2\n",
            "a: @x\n",
            "%YAML 9\n---\na: 1\n",
            "a: }",
        ],
    )
    def test_what_is_not_yaml_is_refused_in_its_place(self, tmp_path: Path, text: str) -> None:
        assert ": not YAML: " in refusal(written(tmp_path, text))

    @pytest.mark.parametrize("text", ["? [a, b]\n: 1\n", "? {a: b}\n: 1\n", "{[a]: 1}\n"])
    def test_a_key_must_be_a_text(self, tmp_path: Path, text: str) -> None:
        assert "a key must be a text, not a list or a mapping" in refusal(written(tmp_path, text))


class TestFiles:
    def test_a_byte_order_mark_is_accepted(self, tmp_path: Path) -> None:
        assert load(written(tmp_path, b"\xef\xbb\xbf" + MINIMAL.encode())).name == "trap"

    def test_letters_with_accents_are_one_however_composed(self, tmp_path: Path) -> None:
        one, other = "leader: ni\u00f1o", "  nin\u0303o: {rhetoric: 0.1}\n"
        text = MINIMAL.replace("leader: reformer", one).replace("  reformer: {rhetoric: 0.3, attention: 0.6}\n", other)
        assert load(written(tmp_path, text)).file.actors["south"].rhetoric == 0.1

    def test_a_space_that_does_not_break_is_a_space(self, tmp_path: Path) -> None:
        scenario = load(written(tmp_path, MINIMAL.replace("for: 3 months", "for: 3\u00a0months")))
        assert scenario.file.events["crisis"].for_ == "3\u00a0months"

    def test_windows_line_ends_are_accepted(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("\n", "\r\n").replace("rhetoric: 0.7", "rhetoric: 7"))
        assert refusal(path).startswith("13:15: rhetoric 7 is above 1")

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_wide_encodings_are_refused(self, tmp_path: Path, encoding: str) -> None:
        assert "save the file as UTF-8" in refusal(written(tmp_path, MINIMAL.encode(encoding)))

    def test_latin_1_is_refused_where_it_shows(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("river", "río", 1).encode("latin-1"))
        assert refusal(path) == "2:30: byte 0xED is not UTF-8 text; save the file as UTF-8"

    def test_control_characters_are_refused_and_not_printed(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL.replace("a river", "a \x1b[31mriver"))
        with pytest.raises(ScenarioError) as caught:
            load(path)
        assert "2:29: character U+001B cannot stand in a scenario file" in str(caught.value)
        assert "\x1b" not in str(caught.value)

    @pytest.mark.parametrize("text", ["", "\n\n", "   \n"])
    def test_an_empty_file_is_refused(self, tmp_path: Path, text: str) -> None:
        assert refusal(written(tmp_path, text)).startswith("0:0: the file is empty")

    def test_a_file_of_comments_is_refused(self, tmp_path: Path) -> None:
        assert refusal(written(tmp_path, "# nothing\n")).startswith("0:0: nothing but comments")

    @pytest.mark.parametrize("text", ["just text", "- a\n- b\n", "12\n"])
    def test_a_file_that_is_no_mapping_is_refused(self, tmp_path: Path, text: str) -> None:
        assert refusal(written(tmp_path, text)) == "1:1: a scenario is a mapping of keys to values, like 'title: ...'"

    @pytest.mark.parametrize("name", ["events.csv", "events.TSV", "events.csv.gz"])
    def test_a_table_is_told_how_a_scenario_is_made_of_it(self, tmp_path: Path, name: str) -> None:
        path = written(tmp_path, "date,source,target,cameo\n", name)
        assert refusal(path).endswith(f"is made by: tensionsim new NAME --events {path} --dyad A B")

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path) == "0:0: this is a folder, not a scenario file"

    def test_a_missing_file_is_refused_with_the_nearest(self, tmp_path: Path) -> None:
        written(tmp_path, MINIMAL, "river.yaml")
        start = "0:0: there is no such file; did you mean 'river.yaml'? shipped scenarios: biden"
        assert refusal(tmp_path / "rivers.yaml").startswith(start)

    def test_a_name_near_none_is_refused_with_the_shipped_ones(self) -> None:
        known = ", ".join(shipped_names())
        assert refusal("nosuch") == f"0:0: there is no such file; shipped scenarios: {known}"

    @pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
    def test_a_name_that_no_file_can_have_is_refused(self, name: str) -> None:
        assert refusal(name)

    def test_100_megabytes_are_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / "large.yaml"
        with path.open("wb") as file:
            file.truncate(100_000_000)
        assert refusal(path) == "0:0: 100.0 MB is too large; a scenario is below 20 MB"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_is_refused_unread(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.yaml")
        assert refusal(tmp_path / "pipe.yaml") == "0:0: this is not an ordinary file"
        assert "this is not an ordinary file" in refusal(written(tmp_path, "extends: pipe.yaml\n"))

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read all")
    def test_a_file_that_one_may_not_read_is_refused(self, tmp_path: Path) -> None:
        path = written(tmp_path, MINIMAL)
        path.chmod(0)
        assert refusal(path).startswith("0:0: Permission denied")

    def test_a_link_to_itself_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "loop.yaml").symlink_to("loop.yaml")
        assert refusal(tmp_path / "loop.yaml") == "0:0: Too many levels of symbolic links"


class TestBases:
    def test_a_base_outside_the_folder_is_refused(self, tmp_path: Path) -> None:
        written(tmp_path, MINIMAL, "outside.yaml")
        path = written(tmp_path, "extends: ../outside.yaml\n", "inside/trap.yaml")
        assert refusal(path).splitlines()[0] == (
            "1:10: '../outside.yaml' lies outside 'inside', the folder of the scenario; "
            "a base lies beside this file, below it, or is a shipped scenario"
        )

    def test_a_base_behind_a_link_that_leads_outside_is_refused(self, tmp_path: Path) -> None:
        written(tmp_path, MINIMAL, "outside.yaml")
        path = written(tmp_path, "extends: link.yaml\n", "inside/trap.yaml")
        (tmp_path / "inside" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
        assert "'link.yaml' lies outside 'inside'" in refusal(path)

    def test_a_base_below_a_linked_folder_that_leads_outside_is_refused(self, tmp_path: Path) -> None:
        written(tmp_path, MINIMAL, "elsewhere/base.yaml")
        path = written(tmp_path, "extends: link/base.yaml\n", "inside/trap.yaml")
        (tmp_path / "inside" / "link").symlink_to(tmp_path / "elsewhere")
        assert "'link/base.yaml' lies outside 'inside'" in refusal(path)

    def test_a_base_may_name_its_own_from_below(self, tmp_path: Path) -> None:
        written(tmp_path, MINIMAL, "base.yaml")
        written(tmp_path, "extends: ../base.yaml\ntitle: Between\n", "below/middle.yaml")
        assert load(written(tmp_path, "extends: below/middle.yaml\n")).title == "Between"

    @pytest.mark.parametrize("name", ["/etc/passwd", "C:\\x.yaml", "..\\x.yaml", "https://example.org/x.yaml"])
    def test_a_base_that_is_no_relative_path_is_refused(self, tmp_path: Path, name: str) -> None:
        assert "is not a relative path with '/'" in refusal(written(tmp_path, f"extends: '{name}'\n"))

    @pytest.mark.parametrize(
        "name", ["''", "'.'", "'..'", "./", "~", "' '", '"a\\0b"', "[]", "[[a]]", "{a: b}", "12", "x" * 2000]
    )
    def test_an_odd_name_of_a_base_is_refused(self, tmp_path: Path, name: str) -> None:
        assert refusal(written(tmp_path, f"extends: {name}\n"))

    def test_bases_that_extend_each_other_are_named_in_their_circle(self, tmp_path: Path) -> None:
        one = written(tmp_path, "extends: two.yaml\n", "one.yaml")
        two = written(tmp_path, "title: x\nextends: one.yaml\n", "two.yaml")
        with pytest.raises(ScenarioError) as caught:
            load(one)
        circle = f"base files extend each other: {one} -> {two} -> {one}"
        assert [(one.line, one.column, one.message) for one in caught.value.problems] == [(2, 10, circle)]
        assert caught.value.problems[0].file == str(two)

    def test_a_file_that_extends_itself_is_refused(self, tmp_path: Path) -> None:
        path = written(tmp_path, "extends: trap.yaml\n")
        assert refusal(path) == f"1:10: base files extend each other: {path} -> {path}"

    def test_a_ladder_of_bases_does_not_double_with_every_rung(self, tmp_path: Path) -> None:
        for rung in range(30):
            written(tmp_path, f"extends: [r{rung + 1}.yaml, r{rung + 2}.yaml]\n", f"r{rung}.yaml")
        for rung in (30, 31):
            written(tmp_path, MINIMAL, f"r{rung}.yaml")
        assert load(tmp_path / "r0.yaml").title == "Two neighbours and a river"

    def test_a_missing_base_is_refused_with_the_nearest(self, tmp_path: Path) -> None:
        written(tmp_path, MINIMAL, "river.yaml")
        assert refusal(written(tmp_path, "extends: rivre.yaml\n")) == (
            "1:10: 'rivre.yaml' is not there; a base lies beside this file, below it, or is a shipped scenario; "
            "did you mean 'river.yaml'?"
        )

    def test_a_problem_of_a_base_is_shown_in_the_base(self, tmp_path: Path) -> None:
        base = written(tmp_path, MINIMAL.replace("rhetoric: 0.7", "rhetoric: 70"), "river.yaml")
        with pytest.raises(ScenarioError) as caught:
            load(written(tmp_path, "extends: river.yaml\ntitle: Another\n"))
        (problem,) = caught.value.problems
        assert (problem.file, problem.line, problem.column) == (str(base), 13, 15)

    def test_what_a_file_overrules_in_its_base_is_no_problem(self, tmp_path: Path) -> None:
        written(tmp_path, MINIMAL.replace("rhetoric: 0.7", "rhetoric: 70"), "river.yaml")
        scenario = load(written(tmp_path, "extends: river.yaml\nactors: {north: {rhetoric: 0.6}}\n"))
        assert scenario.file.actors["north"].rhetoric == 0.6

    @pytest.mark.parametrize("name", ["x" * 5000, "x" * 300 + ".csv", "x/" * 3000 + "x.csv"])
    def test_a_name_that_no_file_may_have_is_of_none(self, name: str) -> None:
        for value in ({"history": name}, {"actors.norland.rhetoric": {"experts": f"{name}.csv"}}):
            with pytest.raises(ScenarioError, match=r"no history|there is no"):
                load("norland-suderia", set=value)
        with pytest.raises(ScenarioError, match="there is no such file"):
            read_strategies(name, load("norland-suderia"))
