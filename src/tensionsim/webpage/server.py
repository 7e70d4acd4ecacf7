"""The server of the page: what it answers, to whom, and how much of it at a time.

It listens on the loopback alone unless asked otherwise, and then wants a token. Answers are computed in worker
processes; what nobody waits for any more is dropped, there and in the queue. Files of the page are in the package,
scenarios those that were named when it began or that a visitor brings, of which nothing is kept on disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import multiprocessing
import os
import re
import secrets
import signal
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING, Any

from tensionsim.errors import SelectionError, StorageError, TensionSimError
from tensionsim.events.history import names as history_names
from tensionsim.model.record import Record, join
from tensionsim.runs.parallel import begin_work
from tensionsim.runs.results import Results
from tensionsim.scenario.files import shipped_names
from tensionsim.scenario.scenario import Scenario, load
from tensionsim.scenario.yaml_tree import Report, listed, read_nodes, source_of
from tensionsim.webpage import answers
from tensionsim.webpage.answers import FIRST, FULL, Dropped, Piece
from tensionsim.webpage.side import Side, based, described, whole

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

MOST_WAITING = 24
"""Requests that compute or wait for it at a time; any more are refused in words."""

MOST_CONNECTIONS = 256
MOST_BYTES, MOST_FILE_BYTES = 64_000, 1_000_000
"""Of a request, and of a scenario that a visitor brings; the shipped ones have up to 165,000."""

MOST_STEPS, MOST_CELLS, MOST_BROUGHT = 600, 1000, 8
KEPT_BYTES = 200_000_000
"""What is kept of records, so that memory does not grow with visitors."""

FLAGS = 4096
BASE = re.compile(r"base/[\w-]+(\.yaml)?")
"""How bases of the shipped scenarios are named."""

Asked = dict[str, Any]
Question = Callable[[Asked, asyncio.Event], Awaitable[Any]]
PAGE_FILES = {
    "/": ("index.html", "text/html"),
    "/app.js": ("app.js", "text/javascript"),
    "/style.css": ("style.css", "text/css"),
}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Refused(Exception):
    """A request that is not answered: an HTTP status and why, in words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


_gone: Any = None
"""In a worker: whether the request of each flag has been left."""


def _begin_worker(gone: Any, parent: int) -> None:
    global _gone  # noqa: PLW0603  # a process has no other place for what it was begun with
    _gone = gone
    begin_work(parent)


def _record(piece: Piece, flag: int) -> Record | None:
    """In a worker: the record of a piece; None where nobody waits for it any more."""
    try:
        return answers.record_of(piece, lambda: not _gone[flag])
    except Dropped:
        return None


class Desk:
    """Whatever a page asks is answered here: the scenarios it knows, the records it keeps, the workers.

    known : scenarios by name, the one that is opened first. jobs : worker processes. A question is an object, and so is
    its answer; `leave` is set once nobody waits for it.
    """

    def __init__(self, known: Mapping[str, Scenario], jobs: int) -> None:
        self.known, self.jobs = dict(known), jobs
        self.brought: OrderedDict[str, Scenario] = OrderedDict()
        self.records: OrderedDict[Side, list[Record]] = OrderedDict()
        self.waiting = 0
        self._flags = count()
        self._context = multiprocessing.get_context("spawn")
        self._gone = self._context.RawArray("b", FLAGS)
        self._begin()

    def _begin(self) -> None:
        self.pool = ProcessPoolExecutor(self.jobs, self._context, _begin_worker, (self._gone, os.getpid()))

    def warm(self, scenario: Scenario) -> None:
        """Begins the workers with a world to keep, while the page opens. They are deaf to Ctrl-C from birth on."""
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
        first = Piece(scenario.text, scenario.name, Side(scenario.name), 0, 1, "index")
        for _ in range(self.jobs):
            self.pool.submit(_record, first, FLAGS - 1)
        signal.signal(signal.SIGINT, heard)

    def close(self) -> None:
        """Ends the workers."""
        self._gone[:] = [1] * FLAGS
        self.pool.shutdown(cancel_futures=True)

    def find(self, name: str) -> Scenario:
        """The scenario of a name; a shipped one is loaded when it is first asked for."""
        if name in self.brought:
            self.brought.move_to_end(name)
            return self.brought[name]
        if name not in self.known:
            if name not in shipped_names():
                more = "load its file again" if name.startswith("file-") else f"there is {listed(self.names)}"
                raise TensionSimError(f"this page has no scenario {name[:80]!r}; {more}")
            self.known[name] = load(name)
        return self.known[name]

    @property
    def names(self) -> list[str]:
        """Names of scenarios to choose from."""
        return list(dict.fromkeys([*self.known, *shipped_names()]))

    def bring(self, text: str) -> str:
        """Takes in a scenario that a visitor brings, and gives its name on the page.

        It may extend shipped scenarios, and hold its events, but name no other file.
        """
        report = Report()
        tree: Any = read_nodes(text, source_of(text, "your file"), report).plain
        report.raise_if_any()
        bases = tree.get("extends", []) if isinstance(tree, dict) else []
        bases = bases if isinstance(bases, list) else [bases]
        if beyond := [str(one)[:80] for one in bases if one not in shipped_names() and not BASE.fullmatch(str(one))]:
            raise TensionSimError(f"a file on a page extends shipped scenarios alone, not {beyond[0]!r}")
        if _names_files(tree):
            words = "a file on a page names no file of events; `tensionsim show FILE` prints it with its events in it"
            raise TensionSimError(words)
        found = load(text if "\n" in text else f"{text}\n")
        if found.n_steps > MOST_STEPS:
            raise TensionSimError(f"a file on a page has at most {MOST_STEPS} steps; this has {found.n_steps:,}")
        if (cells := len(found.file.actors) ** 2 * len(found.file.issues)) > MOST_CELLS:
            words = f"a file on a page has at most {MOST_CELLS:,} pairs of actors by issue; this has {cells:,}"
            raise TensionSimError(words)
        name = f"file-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        self.brought[name] = found
        while len(self.brought) > MOST_BROUGHT:
            self.brought.popitem(last=False)
        return name

    def _sides(self, given: Asked) -> list[Side]:
        sides = given.get("sides")
        if not isinstance(sides, list) or not 1 <= len(sides) <= 2:
            raise TensionSimError("sides are a list of one or two")
        return [Side.of(one, self.find) for one in sides]

    async def scenarios(self, given: Asked, leave: asyncio.Event) -> Any:
        """What there is to choose from."""
        return {"scenarios": self.names, "first": self.names[0]}

    async def spans(self, given: Asked, leave: asyncio.Event) -> Any:
        """First and last date of each of them and its step, by which it can be compared with another."""
        found = {name: await asyncio.to_thread(self.find, name) for name in self.names}
        return {name: [str(one.file.start), str(one.steps[-1]), one.file.step] for name, one in found.items()}

    async def describe(self, given: Asked, leave: asyncio.Event) -> Any:
        """The controls of a scenario."""
        side = Side.of({key: given.get(key) for key in ("scenario", "outlook")}, self.find)
        return described(based(side, self.find))

    async def answer(self, given: Asked, leave: asyncio.Event) -> Any:
        """What is drawn of one or two sides, from `runs` runs."""
        runs = given.get("runs")
        if runs not in (FIRST, FULL) or isinstance(runs, bool):
            raise TensionSimError(f"runs are {FIRST} or {FULL:,}; got {str(runs)[:40]}")
        found = [await self._results(side, runs, leave) for side in self._sides(given)]
        both = answers.difference(*found) if len(found) == 2 else None
        return {"sides": [answers.answer(one) for one in found], "difference": both}

    async def why(self, given: Asked, leave: asyncio.Event) -> Any:
        """The ledger of every side at the date of a row."""
        found = [await self._results(side, FIRST, leave) for side in self._sides(given)]
        row = _whole(given, "row", len(found[0].dates))
        return {"sides": [answers.why(one, row) for one in found if row < len(one.dates)]}

    async def run(self, given: Asked, leave: asyncio.Event) -> Any:
        """One run of a side as a chronicle."""
        told = self.pool.submit(answers.told, whole(self._sides(given)[0], self.find), _whole(given, "run", FULL))
        return (await _unless_left([told], leave))[0]

    async def save(self, given: Asked, leave: asyncio.Event) -> Any:
        """A side as a scenario file that runs by itself."""
        return {"text": whole(self._sides(given)[0], self.find).text}

    async def load(self, given: Asked, leave: asyncio.Event) -> Any:
        """Takes in a scenario file."""
        if not isinstance(text := given.get("text"), str):
            raise TensionSimError("text is the text of a scenario file")
        return {"scenario": await asyncio.to_thread(self.bring, text)}

    async def _results(self, side: Side, runs: int, leave: asyncio.Event) -> Results:
        """The results of a side, of so many runs; Dropped once `leave` is set."""
        scenario = based(side, self.find)
        records = self.records.get(side, [])
        for place, (first, end) in enumerate(((0, FIRST), (FIRST, FULL))):
            if first < runs and len(records) == place:
                some = await self._simulated(answers.pieces(side, scenario, first, end, self.jobs), leave)
                records = [*records, join(some)]
            self._keep(side, records)
        return answers.results_of(scenario, records if runs > FIRST else records[:1])

    async def _simulated(self, pieces: Sequence[Piece], leave: asyncio.Event) -> list[Record]:
        """The records of pieces, from the workers."""
        flag = next(self._flags) % FLAGS
        self._gone[flag] = 0
        try:
            futures = [self.pool.submit(_record, piece, flag) for piece in pieces]
            found = await _unless_left(futures, leave)
        except BrokenProcessPool:
            self._begin()
            raise Refused(503, "a worker of the page ended and has been begun anew; ask again") from None
        finally:
            self._gone[flag] = 1
        if any(one is None for one in found):
            raise Dropped
        return found

    def _keep(self, side: Side, records: list[Record]) -> None:
        self.records[side] = records
        self.records.move_to_end(side)
        while len(self.records) > 1 and sum(map(_bytes, self.records.values())) > KEPT_BYTES:
            self.records.popitem(last=False)


async def _unless_left(futures: Sequence[Future[Any]], leave: asyncio.Event) -> list[Any]:
    """What the workers give; Dropped once `leave` is set."""
    work = [asyncio.wrap_future(one) for one in futures]
    done, left = asyncio.ensure_future(asyncio.wait(work)), asyncio.ensure_future(leave.wait())
    await asyncio.wait([done, left], return_when=asyncio.FIRST_COMPLETED)
    left.cancel()
    if not done.done():
        for one in (done, *work):
            one.cancel()
        raise Dropped
    if failed := [problem for one in work if (problem := one.exception())]:
        raise failed[0]
    return [one.result() for one in work]


def _whole(given: Asked, key: str, below: int) -> int:
    """A whole number of a request, from 0 to below a bound."""
    value = given.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < below:
        raise SelectionError(f"{key} is a whole number in 0..{below - 1}; got {str(value)[:40]}")
    return value


def _bytes(records: list[Record]) -> int:
    return sum(int(array.nbytes) for record in records for array in record.arrays.values())


def _names_files(tree: Any) -> bool:
    """Whether a scenario's history, or that of one of its outlooks, would be read from a file."""
    if not isinstance(tree, dict):
        return False
    history = tree.get("history")
    is_held = isinstance(history, dict) and isinstance(history.get("events"), str) and "mapping" not in history
    if not is_held and history not in (None, "none", *history_names()):
        return True
    outlooks = tree.get("outlooks")
    sets = [one.get("set") for one in outlooks.values() if isinstance(one, dict)] if isinstance(outlooks, dict) else []
    return any(isinstance(one, dict) and any("history" in str(path) for path in one) for one in sets)


def application(desk: Desk, hosts: Sequence[str], token: str = "") -> Starlette:
    """The page as an ASGI application. hosts : what a request may call this machine. token : what it must bring."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    async def page(request: Request) -> Response:
        name, kind = PAGE_FILES[request.url.path]
        try:
            _check_host(request, hosts)
            return Response(page_file(name), media_type=kind, headers=HEADERS)
        except Refused as refused:
            return Response(str(refused), refused.status, HEADERS, "text/plain")

    async def asked(function: Question, request: Request) -> Response:
        leave = asyncio.Event()
        try:
            _check(request, hosts, token)
            given = await _body(request, MOST_FILE_BYTES if request.url.path == "/api/load" else MOST_BYTES)
            if desk.waiting >= MOST_WAITING:
                raise Refused(503, "too many ask at once; the page asks again in a moment")
            desk.waiting += 1
            watch = asyncio.ensure_future(_watch(request, leave))
            try:
                return JSONResponse(await function(given, leave), headers=HEADERS)
            finally:
                desk.waiting -= 1
                watch.cancel()
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status, HEADERS)
        except TensionSimError as wrong:
            return JSONResponse({"error": str(wrong)}, 400, HEADERS)
        except Dropped:
            return Response(status_code=499)

    routes = [Route(path, page, methods=["GET"]) for path in PAGE_FILES]
    for name in ("scenarios", "spans", "describe", "answer", "why", "run", "save", "load"):
        routes.append(Route(f"/api/{name}", partial(asked, getattr(desk, name)), methods=["POST"]))
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return app


def page_file(name: str) -> str:
    """The text of a file of the page."""
    return (files("tensionsim.webpage") / name).read_text(encoding="utf-8")


def _check_host(request: Request, hosts: Sequence[str]) -> None:
    if request.headers.get("host", "").lower() not in hosts:
        raise Refused(421, f"this page is called {listed(hosts)}")


def _check(request: Request, hosts: Sequence[str], token: str) -> None:
    """Refused where a request comes under another name, from another page, or without the token."""
    _check_host(request, hosts)
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() not in hosts:
        raise Refused(403, "requests come from the page itself alone")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused(415, "a request is JSON, application/json")
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and not secrets.compare_digest(given.encode(), token.encode()):
        raise Refused(401, "this page needs the token of its address: open the whole address that was printed")


async def _body(request: Request, most: int) -> Asked:
    """The object that a request holds, of no more bytes than allowed."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise Refused(413, f"a request has at most {most:,} bytes")
        parts.append(part)
    try:
        found = json.loads(b"".join(parts))
    except (ValueError, RecursionError):
        raise Refused(400, "a request is one JSON object") from None
    if not isinstance(found, dict):
        raise Refused(400, "a request is one JSON object")
    return found


async def _watch(request: Request, leave: asyncio.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    leave.set()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; StorageError, in words, where the port or the address is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as problem:
        found.close()
        raise StorageError(
            f"cannot listen on {host}:{port}: {problem.strerror}; choose another --port, or 0 for any that is free"
        ) from problem
    return found


def serve(scenarios: Sequence[Scenario], *, host: str, port: int, jobs: int, began: Callable[[str], None]) -> None:
    """Serves the page of scenarios, the first first, until it is interrupted; `began` is told its address."""
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as missing:
        words = "a page needs starlette and uvicorn; install them with: pip install 'tensionsim[page]'"
        raise TensionSimError(words) from missing
    is_local = host in ("127.0.0.1", "localhost", "::1")
    with listening(host, port) as socket_:
        number = socket_.getsockname()[1]
        token = "" if is_local else secrets.token_urlsafe(18)
        called = ["127.0.0.1", "localhost", "[::1]"]
        if not is_local:
            called += [socket.gethostname().lower(), _outward() if host in ("0.0.0.0", "::") else host]
        hosts = [f"{one}:{number}" for one in called]
        shown = host if is_local else called[-1]
        shown = f"[{shown}]" if ":" in shown else shown
        desk = Desk({one.name: one for one in scenarios}, jobs)
        desk.warm(scenarios[0])
        app = application(desk, hosts, token)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=2,
                limit_concurrency=MOST_CONNECTIONS,
                ws="none",
            )
        )
        # What is cut off by Ctrl-C is no fault of the server.
        logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
        began(f"http://{shown}:{number}/{f'?token={token}' if token else ''}")
        try:
            server.run(sockets=[socket_])
        except KeyboardInterrupt:
            pass
        finally:
            desk.close()


def _outward() -> str:
    """The address by which others reach this machine; that of the loopback where there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(one.getsockname()[0])
