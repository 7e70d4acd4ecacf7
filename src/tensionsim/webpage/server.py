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
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, validate_call

from tensionsim.errors import StorageError, TensionSimError
from tensionsim.events.history import names as history_names
from tensionsim.model.record import Record, join
from tensionsim.runs.parallel import begin_work
from tensionsim.runs.results import Results
from tensionsim.runs.statistics import plain
from tensionsim.scenario.files import shipped_names
from tensionsim.scenario.scenario import Scenario, load
from tensionsim.scenario.yaml_tree import Report, listed, read_nodes, source_of
from tensionsim.webpage import answers
from tensionsim.webpage.answers import DECIMALS, FIRST, FULL, Piece, Side, based, complete, described, page_file

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
MOST_NAME = 200
BASE = re.compile(r"base/[\w-]+(\.yaml)?")
"""How bases of the shipped scenarios are named."""

Sides = Annotated[list[Side], Field(min_length=1, max_length=2)]
INDEX = "index.html"
PAGE_FILES = {INDEX: "text/html", "app.js": "text/javascript", "style.css": "text/css"}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Refused(TensionSimError):
    """A request that is not answered: an HTTP status and why, in words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


question = validate_call(config=ConfigDict(strict=True, arbitrary_types_allowed=True))
"""What may be asked of a desk: arguments as they are declared, and no others."""

_gone: Any = None
"""In a worker: whether the request of each flag has been left."""


def _begin_worker(gone: Any, parent: int) -> None:
    global _gone  # noqa: PLW0603  # a process has no other place for what it was begun with
    _gone = gone
    begin_work(parent)


def _record(piece: Piece, flag: int) -> Record:
    """In a worker: the record of a piece."""
    return answers.record_of(piece, lambda: not _gone[flag])


class Desk:
    """Whatever a page asks is answered here: the scenarios it knows, the records it keeps, the workers.

    known : scenarios by name, the one that is opened first. jobs : worker processes. What a question takes is what its
    request holds; it is cancelled once nobody waits for the answer.
    """

    def __init__(self, known: Mapping[str, Scenario], jobs: int) -> None:
        self.known, self.jobs = dict(known), jobs
        self.brought: OrderedDict[str, Scenario] = OrderedDict()
        self.records: OrderedDict[str, list[Record]] = OrderedDict()
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
        first = Piece(scenario.text, scenario.name, Side(scenario=scenario.name), 0, 1, "index")
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
        tree = _mapping(read_nodes(text, source_of(text, "your file"), report).plain)
        report.raise_if_any()
        bases = tree.get("extends", [])
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

    @question
    async def scenarios(self) -> Any:
        """What there is to choose from."""
        return {"scenarios": self.names, "first": self.names[0]}

    @question
    async def spans(self) -> Any:
        """First and last date of each of them and its step, by which it can be compared with another."""
        found = {name: await asyncio.to_thread(self.find, name) for name in self.names}
        return {name: [str(one.file.start), str(one.steps[-1]), one.file.step] for name, one in found.items()}

    @question
    async def describe(self, scenario: str, outlook: str | None = None) -> Any:
        """The controls of a scenario."""
        return described(based(Side(scenario=scenario, outlook=outlook), self.find))

    @question
    async def answer(self, sides: Sides, runs: Literal[100, 1000]) -> Any:
        """What is drawn of one or two sides, from `runs` runs."""
        found = [await self._results(side, runs) for side in sides]
        both = answers.difference(*found) if len(found) == 2 else None
        return {"sides": [answers.answer(one) for one in found], "difference": both}

    @question
    async def why(self, sides: Sides, row: Annotated[int, Field(ge=0)]) -> Any:
        """The ledger of every side at the date of a row, where it has one."""
        found = [await self._results(side, FIRST) for side in sides]
        return {"sides": [answers.why(one, row) for one in found if row < len(one.dates)]}

    @question
    async def run(self, sides: Sides, run: Annotated[int, Field(ge=0, lt=FULL)]) -> Any:
        """One run of a side as a chronicle."""
        told = self.pool.submit(answers.told, complete(sides[0], self.find), run)
        return await asyncio.wrap_future(told)

    @question
    async def save(self, sides: Sides) -> Any:
        """A side as a scenario file that runs by itself."""
        return {"text": complete(sides[0], self.find).text}

    @question
    async def load(self, text: str) -> Any:
        """Takes in a scenario file."""
        return {"scenario": await asyncio.to_thread(self.bring, text)}

    async def _results(self, side: Side, runs: int) -> Results:
        """The results of a side, of so many runs."""
        scenario, key = based(side, self.find), side.model_dump_json()
        records = self.records.get(key, [])
        for place, (first, end) in enumerate(((0, FIRST), (FIRST, FULL))):
            if first < runs and len(records) == place:
                some = await self._simulated(answers.pieces(side, scenario, first, end, self.jobs))
                records = [*records, join(some)]
            self._keep(key, records)
        return answers.results_of(scenario, records if runs > FIRST else records[:1])

    async def _simulated(self, pieces: Sequence[Piece]) -> list[Record]:
        """The records of pieces, from the workers; these drop them where this is cancelled."""
        flag = next(self._flags) % FLAGS
        self._gone[flag] = 0
        try:
            futures = [self.pool.submit(_record, piece, flag) for piece in pieces]
            return await asyncio.gather(*map(asyncio.wrap_future, futures))
        except BrokenProcessPool:
            self._begin()
            raise Refused(503, "a worker of the page ended and has been begun anew; ask again") from None
        finally:
            self._gone[flag] = 1

    def _keep(self, key: str, records: list[Record]) -> None:
        self.records[key] = records
        self.records.move_to_end(key)
        while len(self.records) > 1 and sum(map(_bytes, self.records.values())) > KEPT_BYTES:
            self.records.popitem(last=False)


def _bytes(records: list[Record]) -> int:
    return sum(int(array.nbytes) for record in records for array in record.arrays.values())


def _mapping(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _names_files(tree: Mapping[str, Any]) -> bool:
    """Whether a scenario's history, or that of one of its outlooks, would be read from a file."""
    history = tree.get("history")
    is_held = isinstance(history, dict) and isinstance(history.get("events"), str) and "mapping" not in history
    if not is_held and history not in (None, "none", *history_names()):
        return True
    sets = [_mapping(_mapping(one).get("set")) for one in _mapping(tree.get("outlooks")).values()]
    return any("history" in str(path) for one in sets for path in one)


def application(desk: Desk, hosts: Sequence[str], token: str = "") -> Starlette:
    """The page as an ASGI application. hosts : what a request may call this machine. token : what it must bring."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    async def page(request: Request) -> Response:
        _check(request, hosts)
        name = request.url.path[1:] or INDEX
        return Response(page_file(name), media_type=PAGE_FILES[name], headers=HEADERS)

    async def asked(function: Callable[..., Awaitable[Any]], request: Request) -> Response:
        _check(request, hosts, token)
        given = await _body(request, MOST_FILE_BYTES if request.url.path == "/api/load" else MOST_BYTES)
        if desk.waiting >= MOST_WAITING:
            raise Refused(503, "too many ask at once; the page asks again in a moment")
        work, left = asyncio.ensure_future(function(**given)), asyncio.ensure_future(_left(request))
        desk.waiting += 1
        try:
            await asyncio.wait([work, left], return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                return Response(status_code=499)
            return JSONResponse(plain(await work, DECIMALS), headers=HEADERS)
        finally:
            desk.waiting -= 1
            work.cancel()
            left.cancel()

    async def refused(request: Request, problem: Exception) -> Response:
        words, status = str(problem), getattr(problem, "status", 400)
        if isinstance(problem, ValidationError):
            words = "\n".join(f"{'.'.join(map(str, one['loc']))[:MOST_NAME]}: {one['msg']}" for one in problem.errors())
        if request.method != "POST":
            return Response(words, status, HEADERS, "text/plain")
        return JSONResponse({"error": words}, status, HEADERS)

    routes = [Route(f"/{name.removeprefix(INDEX)}", page, methods=["GET"]) for name in PAGE_FILES]
    for name in ("scenarios", "spans", "describe", "answer", "why", "run", "save", "load"):
        routes.append(Route(f"/api/{name}", partial(asked, getattr(desk, name)), methods=["POST"]))
    app = Starlette(routes=routes, exception_handlers={TensionSimError: refused, ValidationError: refused})
    app.router.redirect_slashes = False
    return app


def _check(request: Request, hosts: Sequence[str], token: str = "") -> None:
    """Refused where a request comes under another name; a question, from another page or without the token too."""
    if request.headers.get("host", "").lower() not in hosts:
        raise Refused(421, f"this page is called {listed(hosts)}")
    if request.method != "POST":
        return
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() not in hosts:
        raise Refused(403, "requests come from the page itself alone")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused(415, "a request is JSON, application/json")
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and not secrets.compare_digest(given.encode(), token.encode()):
        raise Refused(401, "this page needs the token of its address: open the whole address that was printed")


async def _body(request: Request, most: int) -> dict[str, Any]:
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
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "a request is one JSON object")
    return found


async def _left(request: Request) -> None:
    """Ends once the visitor waits no more."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; StorageError, in words, where the port or the address is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    is_dual = ":" in host and socket.has_dualstack_ipv6()
    try:
        return socket.create_server((host, port), family=family, backlog=128, dualstack_ipv6=is_dual)
    except OSError as problem:
        words = f"cannot listen: {problem.strerror}; choose another --port, or 0 for any that is free"
        raise StorageError(words) from problem


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
        config = uvicorn.Config(app, log_level="warning", server_header=False, ws="none", timeout_graceful_shutdown=2)
        config.limit_concurrency = MOST_CONNECTIONS
        server = uvicorn.Server(config)
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
