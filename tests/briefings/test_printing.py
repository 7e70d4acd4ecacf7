"""Briefings as PDF: by a browser or WeasyPrint, without network, dates and litter; a clear word where neither is."""

from __future__ import annotations

import re
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import made
import pytest

import tensionsim as ts
from tensionsim.briefings import briefing as printing
from tensionsim.cli.main import main

PAGE = "<!doctype html><html><head><title>T</title></head><body>%s</body></html>"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, which must be empty afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(params=["browser", "weasyprint"])
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way of printing alone, where it is here."""
    if request.param == "weasyprint":
        pytest.importorskip("weasyprint")
        monkeypatch.setattr(printing, "BROWSERS", ())
    elif not any(map(printing.shutil.which, printing.BROWSERS)):
        pytest.skip("no browser of Chromium's kind on PATH")
    else:
        monkeypatch.setattr(printing, "find_spec", lambda name: None)
    return str(request.param)


@pytest.mark.slow
@pytest.mark.usefixtures("program")
def test_a_briefing_is_printed_on_three_pages_or_fewer(tmp_path: Path, temporary: Path) -> None:
    briefing = made.several()
    first, second = (briefing.save(tmp_path / name).read_bytes() for name in ("b.pdf", "c.pdf"))
    assert first == second, "no date of its making, no address"
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", first)) <= 3 or b"/ObjStm" in first
    assert b"page.html" not in first
    assert b"Date (" not in first
    assert list(temporary.iterdir()) == []
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b.pdf", "c.pdf", "temporary"]


@pytest.mark.slow
@pytest.mark.usefixtures("program")
def test_printing_asks_nothing_of_a_network() -> None:
    asked = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"127.0.0.1:{server.server_address[1]}"
        body = f'<img src="http://{at}/a"><link rel="stylesheet" href="http://{at}/b"><script src="http://{at}/c"></script>'
        assert printing.printed(PAGE % body).startswith(b"%PDF")
        server.shutdown()
    assert asked == []


def test_where_nothing_prints_it_is_said_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    monkeypatch.setattr(printing, "find_spec", lambda name: None)
    monkeypatch.setattr(ts.runs.run, "run", lambda *_, **__: pytest.fail("it was run"))
    assert main(["report", "norland-suderia", "-o", "b.pdf"]) == 2
    words = "a PDF is printed by a browser (no-such-browser) or by WeasyPrint, and none of them is on PATH or installed"
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_prints_nothing_leaves_what_was_there(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b.pdf").write_bytes(b"former")
    monkeypatch.setattr(printing, "printers", lambda: [lambda html: printing._by_browser("true", html)])
    with pytest.raises(
        ts.TensionSimError, match=r"cannot print the briefing: true printed nothing \(exit status 0\); write \.html"
    ):
        made.alone().save(tmp_path / "b.pdf")
    assert (tmp_path / "b.pdf").read_bytes() == b"former"
    assert list(temporary.iterdir()) == []
