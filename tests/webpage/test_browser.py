"""The page in a real browser: Debian's Chromium, driven by Playwright without a download of its own."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tensionsim as ts

NAME = "norland-suderia"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("TENSIONSIM_AXE", "")  # axe.min.js of the npm package axe-core
LOUDER = "Norland: rhetoric"

pytest.importorskip("uvicorn", reason="the extra page is not installed")
pytest.importorskip("starlette", reason="the extra page is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (Debian: apt install chromium)"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Served:
    """A server of the page in a process of its own."""

    def __init__(self, port=0):
        command = [sys.executable, "-m", "tensionsim", "page", NAME, "--port", str(port), "--json", "--jobs", "1"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.address = json.loads(self.process.stdout.readline())["address"]
        self.port = int(self.address.rstrip("/").rpartition(":")[2])

    def end(self):
        self.process.send_signal(signal.SIGINT)
        rest = self.process.communicate(timeout=20)
        return self.process.returncode, "".join(rest)


@pytest.fixture(scope="module")
def served():
    one = Served()
    yield one
    if one.process.poll() is None:
        one.end()


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


class Page:
    """A visitor's page, with what it asked for and what went wrong in it."""

    def __init__(self, browser, address, **how):
        self.context = browser.new_context(accept_downloads=True, **how)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.asked, self.wrong = [], []
        self.page.on("request", lambda one: self.asked.append(one.url))
        self.page.on("pageerror", lambda one: self.wrong.append(str(one)))
        self.page.goto(address)

    def settled(self):
        self.page.wait_for_selector('body[data-runs="1000"], html.static body[data-runs]')
        return float(self.page.get_attribute("body", "data-end"))

    def after(self, act):
        """What the median ends at once an act has been answered in full."""
        count = self.page.get_attribute("body", "data-answers")
        act()
        self.page.wait_for_selector(f'body:not([data-answers="{count}"])')
        return self.settled()

    def slide(self, label, value):
        self.page.get_by_label(label, exact=True).fill(str(value))


@pytest.fixture
def visit(browser, served):
    made = []

    def opened(address="", **how):
        made.append(Page(browser, (address or served.address), **how))
        return made[-1]

    yield opened
    for one in made:
        assert one.wrong == []
        one.context.close()


def median(set=None, **how):
    return float(ts.run(ts.load(NAME, set=set or {}, **how), runs=1000, keep="index").index["median"].iloc[-1])


def test_a_slider_changes_the_number_to_that_of_the_same_run(visit):
    one = visit()
    assert one.settled() == pytest.approx(median(), abs=1e-3)
    louder = one.after(lambda: one.slide(LOUDER, 0.9))
    assert louder == pytest.approx(median({"actors.norland.rhetoric": 0.9}), abs=1e-3)
    assert f"ends at {louder:.1f}" in one.page.inner_text("#headline")
    assert f"ends at {louder:.1f}" in one.page.text_content("#spoken")


def test_a_placed_move_and_a_switch_are_saved_and_loaded(visit, tmp_path):
    one = visit()
    before = one.settled()
    one.page.click("#moves > summary")
    one.page.select_option("#m-actor", "suderia")
    one.page.select_option("#m-move", "demand")
    one.page.fill("#m-date", "2031-06-02")
    placed = one.after(lambda: one.page.click("text=Place the move"))
    one.page.click("#switches > summary")
    both = one.after(lambda: one.page.get_by_label("reciprocity: ").uncheck())
    assert len({before, placed, both}) == 3
    with one.page.expect_download() as saved:
        one.page.click("#save")
    path = tmp_path / "saved.yaml"
    saved.value.save_as(path)
    assert both == pytest.approx(float(ts.run(path, runs=1000, keep="index").index["median"].iloc[-1]), abs=1e-3)
    other = visit()
    other.settled()
    assert other.after(lambda: other.page.set_input_files("#file", path)) == both


def test_a_placed_move_is_dragged_along_the_timeline(visit):
    one = visit()
    one.settled()
    one.page.click("#moves > summary")
    one.page.fill("#m-date", "2030-09-02")
    one.after(lambda: one.page.click("text=Place the move"))

    def drag():
        one.page.locator(".mark.own").scroll_into_view_if_needed()
        box = one.page.locator(".mark.own").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        one.page.mouse.move(*middle)
        one.page.mouse.down()
        one.page.mouse.move(middle[0] + 120, middle[1], steps=4)
        one.page.mouse.up()

    one.after(drag)
    assert one.page.input_value("#d-0") > "2030-10-01"


def test_two_outlooks_are_compared_run_by_run(visit):
    one = visit()
    one.settled()
    one.after(lambda: one.page.select_option("#compare", "o:loud"))
    words = one.page.inner_text("#apart-words")
    calm, loud = (ts.run(ts.load(NAME, outlook=name), runs=1000, keep="index").paths for name in (None, "loud"))
    said = float(re.search(r"is ([+−][\d.]+) points", words)[1].replace("−", "-"))
    assert said == pytest.approx((calm - loud).iloc[-1].mean(), abs=0.06)
    assert "difference" in one.page.inner_text("#events")


def test_only_what_has_the_same_dates_is_offered_beside_it_and_the_table_fits_a_telephone(visit):
    one = visit(viewport={"width": 390, "height": 844})
    one.page.select_option("#scenario", "status-quo")
    sync_api.expect(one.page.locator("#compare option", has_text="trump2-petro-2025")).to_have_count(0)
    one.after(lambda: one.page.select_option("#compare", "s:managed"))
    assert "points from Lower rhetoric" in one.page.inner_text("#apart-words")
    wide, frame = one.page.eval_on_selector("#events", "one => [one.scrollWidth, one.parentElement.clientWidth]")
    assert wide <= frame
    one.after(lambda: one.page.select_option("#scenario", "trump2-petro-2025"))
    assert one.page.input_value("#compare") == ""


def test_what_is_set_now_is_held_while_one_goes_on(visit):
    one = visit()
    one.settled()
    held = one.after(lambda: one.slide(LOUDER, 0.9))
    one.after(lambda: one.page.select_option("#compare", "now"))
    assert "the mean +0.0 to +0.0" in one.page.inner_text("#apart-words")
    one.after(lambda: one.slide(LOUDER, 0.1))
    assert f"the other ends at {held:.1f}" in one.page.inner_text("#headline")
    assert "the mean +0.0 to +0.0" not in one.page.inner_text("#apart-words")


def test_the_address_holds_the_state_and_undo_redo_reset_change_it(visit):
    one = visit()
    before = one.settled()
    louder = one.after(lambda: one.slide(LOUDER, 0.9))
    one.page.reload()
    assert one.settled() == louder
    assert one.page.get_by_label(LOUDER, exact=True).input_value() == "0.9"
    assert one.after(lambda: one.page.click("#reset")) == before
    assert one.after(lambda: one.page.keyboard.press("Control+z")) == louder
    assert one.after(lambda: one.page.click("#redo")) == before


def test_the_keyboard_alone_is_enough(visit):
    one = visit()
    before = one.settled()
    page, key = one.page, one.page.keyboard

    def reach(identity):
        for _ in range(80):
            if page.evaluate("document.activeElement.id") == identity:
                return
            key.press("Tab")
        raise AssertionError(f"{identity} is not reached by Tab")

    reach("c-actors.norland.rhetoric")
    assert one.after(lambda: [key.press("ArrowRight") for _ in range(30)]) != before
    reach("date")
    key.press("Home")
    page.wait_for_selector("#why >> text=By 2030-01-01")
    reach("run")
    key.type("3")
    key.press("Enter")
    page.wait_for_selector("#told dt")
    assert page.evaluate("document.activeElement.id") == "run"


def test_a_run_is_picked_and_read(visit):
    one = visit()
    one.settled()
    one.page.fill("#run", "7")
    one.page.click("text=Tell this run")
    one.page.wait_for_selector("#told dt")
    assert ts.chronicle(NAME, run=7).lead in one.page.inner_text("#told")
    assert one.page.locator("path.line.run").count() == 2  # in the figure and its key


def test_picture_and_data_are_exported(visit, tmp_path):
    one = visit()
    one.settled()
    louder = one.after(lambda: one.slide(LOUDER, 0.9))
    found = {}
    for name in ("svg", "png", "csv"):
        with one.page.expect_download() as exported:
            one.page.click(f"#{name}")
        found[name] = tmp_path / f"out.{name}"
        exported.value.save_as(found[name])
    assert found["png"].read_bytes().startswith(b"\x89PNG")
    drawn = found["svg"].read_text()
    assert "var(" not in drawn
    assert all(word in drawn for word in ("with 1 change<", "line: median", "0 (rupture) to 100 (alliance)", "seed 0"))
    rows = list(csv.reader(found["csv"].read_text().splitlines()))
    assert [row for row in rows if row[1:3] == ["index", "median"]][-1][4] == f"{louder:g}"


def test_nothing_of_another_scenario_is_exported(visit, served):
    one = visit()
    one.settled()
    one.page.select_option("#compare", "written")
    one.settled()
    one.page.select_option("#scenario", "managed")
    one.page.wait_for_selector("h1:text-matches('Lower')")
    one.settled()
    assert one.page.locator("#compare").input_value() == ""
    state = {"a": {"scenario": "managed"}, "b": {"scenario": "us-colombia-2017"}}  # of other dates, so not offered
    one.page.goto(f"{served.address}#{json.dumps(state)}")
    one.page.wait_for_selector("#status:text('same dates')")
    assert one.page.inner_text("#headline") == "…"
    one.page.click("#csv")
    assert "Nothing is drawn yet" in one.page.inner_text("#status")


def test_a_server_that_is_gone_and_back_is_told_and_found_again(browser):
    first = Served()
    one = Page(browser, first.address)
    one.settled()
    status, said = first.end()
    assert (status, "Traceback" in said) == (0, False), said
    one.slide(LOUDER, 0.9)
    one.page.wait_for_selector("#status >> text=does not answer")
    again = Served(first.port)
    expected = median({"actors.norland.rhetoric": 0.9})
    one.page.wait_for_function("value => Math.abs(document.body.dataset.end - value) < 1e-3", arg=expected)
    one.page.wait_for_function("() => document.getElementById('status').textContent === ''")
    one.context.close()
    again.end()


def test_no_request_leaves_the_machine(visit, served):
    one = visit()
    one.settled()
    one.after(lambda: one.slide(LOUDER, 0.7))
    assert all(url.startswith((served.address, "data:", "blob:")) for url in one.asked)


@pytest.mark.parametrize("width", [1280, 820, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_and_every_figure_has_its_table(visit, width, scheme):
    one = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    one.settled()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    for figure in one.page.query_selector_all("figure"):
        if figure.is_visible():
            figure.query_selector("details").query_selector("summary").click()
    tables = one.page.locator("figure table")
    sync_api.expect(tables).to_have_count(4)
    assert tables.first.locator("tbody tr").count() == ts.load(NAME).n_steps + 1


def sizes(one):
    drawn = "all => all.map((one) => [one.getAttribute('viewBox'), one.parentElement.clientWidth])"
    return [tuple(each) for each in one.page.eval_on_selector_all("#issues > figure > svg", drawn)]


@pytest.mark.parametrize("width", [1200, 700])
def test_panels_of_issues_are_drawn_in_one_size_that_of_their_place(visit, tmp_path, width):
    """At first, and where a scenario of other issues comes after; live, and as one file."""
    screen = {"width": width, "height": 800}
    path = ts.load("managed").explore(runs=20).save(tmp_path / "page.html")
    live, still = visit(viewport=screen), visit(path.as_uri(), viewport=screen)
    still.settled()
    live.settled()
    first = sizes(live)
    live.after(lambda: live.page.select_option("#scenario", "managed"))
    for panels, count in ((first, 2), (sizes(live), 4), (sizes(still), 4)):
        assert len(panels) == count
        wide = panels[0][1]
        assert set(panels) == {(f"0 0 {max(260, wide)} 130", wide)}


@pytest.mark.skipif(not AXE, reason="TENSIONSIM_AXE does not name axe.min.js of axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_rules_of_axe_find_nothing(visit, scheme):
    one = visit(color_scheme=scheme, bypass_csp=True)
    one.settled()
    one.after(lambda: one.page.select_option("#compare", "o:loud"))
    for summary in one.page.query_selector_all("#set > details > summary, #controls > details > summary"):
        if not summary.evaluate("one => one.parentElement.open"):
            summary.click()
    one.page.evaluate(Path(AXE).read_text())
    found = one.page.evaluate("axe.run()")["violations"]
    assert [(each["id"], [node["html"][:150] for node in each["nodes"]][:3]) for each in found] == []


def test_the_page_as_one_file_needs_no_server(visit, tmp_path):
    path = ts.load(NAME).explore(runs=30).save(tmp_path / "page.html")
    one = visit(path.as_uri())
    assert one.settled() == pytest.approx(float(ts.run(NAME, runs=30).index["median"].iloc[-1]), abs=1e-3)
    calm = one.after(lambda: one.page.select_option("#scenario", index=1))
    assert calm == pytest.approx(
        float(ts.run(ts.load(NAME, outlook="calm"), runs=30).index["median"].iloc[-1]), abs=1e-3
    )
    one.page.select_option("#compare", index=1)
    one.page.wait_for_selector("#apart-words >> text=points from")
    one.page.click("text=Tell this run")
    one.page.wait_for_selector("#told dt")
    assert [url for url in one.asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.timing
def test_a_slider_is_answered_within_a_small_multiple_of_a_bare_run(visit):
    one = visit()
    one.settled()
    took = []
    for place in range(12):
        began = time.perf_counter()
        count = one.page.get_attribute("body", "data-answers")
        one.slide(LOUDER, 0.2 + 0.05 * place)
        one.page.wait_for_selector(f'body:not([data-answers="{count}"])')
        took.append(time.perf_counter() - began)
        one.settled()
    ts.run(NAME, runs=100, keep="index")
    began = time.perf_counter()
    ts.run(NAME, runs=100, keep="index")
    bare = time.perf_counter() - began
    assert sorted(took)[-1] < 4 * bare + 0.15
