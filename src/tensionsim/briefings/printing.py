"""Briefings as PDF: the HTML printed by a browser that is on PATH, or else by WeasyPrint, without any network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tensionsim.errors import StorageError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no name and no address is found, whoever asks
    "--no-pdf-header-footer",
)
SECONDS = 120


def printers() -> list[Callable[[str], bytes]]:
    """What prints a page here, best first; StorageError where nothing does."""
    found: list[Callable[[str], bytes]] = []
    if browser := next(filter(None, map(shutil.which, BROWSERS)), None):
        found.append(partial(_by_browser, browser))
    if find_spec("weasyprint") is not None:
        found.append(_by_weasyprint)
    if not found:
        raise StorageError(
            f"a PDF is printed by a browser ({', '.join(BROWSERS)}) or by WeasyPrint, and none of them is on PATH or "
            "installed; install one (pip install 'weasyprint>=68'), or write .html, which every browser prints"
        )
    return found


def printed(html: str) -> bytes:
    """A page as PDF; the same page gives the same bytes where the same program prints it."""
    said = ""
    for made_by in printers():
        try:
            made = made_by(html)
        except (OSError, ImportError, subprocess.SubprocessError, ValueError) as failure:
            said = str(failure)
            continue
        dates = rb"/(?:Creation|Mod)Date ?\(D:[^)]*\)"  # blanked, as offsets of what follows stand in the file
        return re.sub(dates, lambda found: b" " * len(found[0]), made)
    raise StorageError(f"cannot print the briefing: {said}; write .html and print it, or: pip install 'weasyprint>=68'")


def _by_browser(browser: str, html: str) -> bytes:
    """What the browser prints; its profile and all that it writes go with the folder."""
    with tempfile.TemporaryDirectory(prefix="tensionsim-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        page, made = folder / "page.html", folder / "page.pdf"
        page.write_text(html, encoding="utf-8")
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # whom Chromium's sandbox refuses
        command = [browser, *OPTIONS, *(["--no-sandbox"] if is_root else []), f"--user-data-dir={folder / 'profile'}"]
        homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), name)
        done = subprocess.run(
            [*command, f"--print-to-pdf={made}", page.as_uri()],
            env={**os.environ, **homes},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        if not made.is_file():
            *_, why = done.stderr.decode(errors="replace").split("\n")[-2:-1] or [f"exit status {done.returncode}"]
            raise ValueError(f"{browser} printed nothing ({why[:200]})")
        return made.read_bytes()


def _by_weasyprint(html: str) -> bytes:
    import logging

    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of each rule for screens
    return bytes(HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf())
