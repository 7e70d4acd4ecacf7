import asyncio
import gc
import json
import socket

import pytest

import tensionsim as ts
from tensionsim.webpage import server
from tensionsim.webpage.server import Desk, application, listening

pytest.importorskip("starlette", reason="the extra page is not installed")

NAME = "norland-suderia"
HOST = "127.0.0.1:1"
LEFT = {"type": "http.disconnect"}


@pytest.fixture(scope="module")
def desk():
    made = Desk({NAME: ts.load(NAME)}, jobs=1)
    yield made
    made.close()


async def _sent(app, path, body, headers, method, leaves):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"host": HOST, "content-type": "application/json"} | headers
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": [(key.encode(), value.encode()) for key, value in given.items()], "scheme": "http"}
    messages, sent = [{"type": "http.request", "body": content, "more_body": False}], []
    stay = asyncio.Event()

    async def receive():
        if messages:
            return messages.pop(0)
        if not leaves:
            await stay.wait()
        return LEFT

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(one.get("body", b"") for one in sent[1:])
    is_json = (b"content-type", b"application/json") in sent[0]["headers"]
    return sent[0]["status"], json.loads(text) if is_json else text.decode(), dict(sent[0]["headers"])


def ask(desk, path, body=b"", *, method="POST", token="", leaves=False, **headers):
    app = application(desk, [HOST], token)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.run(_sent(app, path, body, named, method, leaves))


def side(**more):
    return {"scenario": NAME, **more}


def test_the_first_answer_is_refined_by_more_runs_of_the_same_luck(desk):
    few = ask(desk, "/api/answer", {"sides": [side()], "runs": 100})[1]["sides"][0]
    many = ask(desk, "/api/answer", {"sides": [side()], "runs": 1000})[1]["sides"][0]
    assert few["index"]["mean"] == pytest.approx(ts.run(NAME, runs=100).index["mean"].tolist(), abs=1e-4)
    assert many["index"]["mean"] == pytest.approx(ts.run(NAME, runs=1000).index["mean"].tolist(), abs=1e-4)


def test_two_sides_come_with_their_difference_the_ledger_and_a_run(desk):
    sides = [side(), side(outlook="loud")]
    found = ask(desk, "/api/answer", {"sides": sides, "runs": 100})[1]
    assert found["difference"]["end"][0] != 0.0
    assert len(ask(desk, "/api/why", {"sides": sides, "row": 40})[1]["sides"]) == 2
    told = ask(desk, "/api/run", {"sides": [side()], "run": 3})[1]
    assert told["index"] == pytest.approx(ts.run(NAME, runs=1, first_run=3).paths[3].tolist(), abs=1e-4)
    assert told["lead"] == ts.chronicle(NAME, run=3).lead


def test_dates_of_all_scenarios_are_told(desk):
    found = ask(desk, "/api/spans", {})[1]
    assert found[NAME] == ["2030-01-01", "2032-01-06", "week"]
    assert found["managed"] == found["status-quo"] != found["left-stays"]


def test_what_is_saved_is_loaded_with_the_same_numbers(desk):
    moved = side(values={"actors.norland.rhetoric": 0.9}, mechanisms={"reciprocity": False})
    text = ask(desk, "/api/save", {"sides": [moved]})[1]["text"]
    name = ask(desk, "/api/load", {"text": text})[1]["scenario"]
    ours = ask(desk, "/api/answer", {"sides": [{"scenario": name}], "runs": 100})[1]["sides"]
    assert ours == ask(desk, "/api/answer", {"sides": [moved], "runs": 100})[1]["sides"]


def test_a_file_of_very_many_actors_is_refused(desk):
    crowd = {f"country_{number}": {"stances": {"water": 0.5}} for number in range(40)}
    text = json.dumps({"extends": NAME, "actors": crowd}, indent=1)
    status, found, _ = ask(desk, "/api/load", {"text": text})
    assert status == 400
    assert "pairs of actors by issue" in found["error"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tensionsim: 1\nextends: /etc/hostname\n", "extends shipped scenarios alone"),
        ("tensionsim: 1\nextends: base/../../secret.yaml\n", "extends shipped scenarios alone"),
        ("extends: norland-suderia\nhistory: /etc/passwd\n", "names no file of events"),
        ("extends: norland-suderia\nhistory: {file: /etc/passwd}\n", "names no file of events"),
        ("extends: norland-suderia\noutlooks: {a: {set: {history.file: /etc/passwd}}}\n", "names no file of events"),
        ("title: [", "your file:"),
        ("extends: norland-suderia\nstep: day\nend: 2039-01-01\n", "at most 600 steps"),
        ("extends: norland-suderia\nactors: {norland: {retoric: 1}}\n", "did you mean 'rhetoric'"),
    ],
)
def test_a_file_that_is_brought_is_checked_and_reads_no_other(desk, text, words):
    status, found, _ = ask(desk, "/api/load", {"text": text})
    assert status == 400
    assert words in found["error"]
    assert "root:" not in found["error"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"origin": f"http://{HOST}"}, 200),
    ],
)
def test_only_the_page_itself_is_answered(desk, headers, status):
    assert ask(desk, "/api/scenarios", {}, **headers)[0] == status


def test_beyond_the_loopback_a_token_is_wanted(desk):
    assert ask(desk, "/api/scenarios", {}, token="right")[0] == 401
    assert ask(desk, "/api/scenarios", {}, token="right", authorization="Bearer wrong")[0] == 401
    assert ask(desk, "/api/scenarios", {}, token="right", authorization="Bearer right")[0] == 200


def test_the_page_is_sent_under_a_strict_policy_and_no_other_file_is(desk):
    for path in ("/", "/app.js", "/style.css"):
        status, _, headers = ask(desk, path, method="GET")
        assert status == 200
        policy = headers[b"content-security-policy"].decode()
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    for path in ("/server.py", "/../server.py", "/%2e%2e/pyproject.toml", "/api/answer", "/style.css/"):
        assert ask(desk, path, method="GET")[0] in (404, 405)
    assert ask(desk, "/", method="GET", host="evil.example")[0] == 421


@pytest.mark.parametrize("body", [b"[]", b"{", b"[" * 50_000, b'{"a": "' + b"x" * 70_000 + b'"}'])
def test_a_body_that_is_no_object_of_bounded_size_is_refused(desk, body):
    assert ask(desk, "/api/answer", body)[0] in (400, 413)


@pytest.mark.parametrize(
    "body",
    [{}, {"sides": []}, {"sides": [side()] * 3, "runs": 100}, {"sides": [side()], "runs": 5000}, {"sides": [1]},
     {"sides": [side()], "runs": True}, {"sides": [{"scenario": "nowhere"}], "runs": 100},
     {"sides": [side(outlook="nope")], "runs": 100}, {"sides": [side(outlook=3)], "runs": 100},
     {"sides": [side()], "runs": 100, "self": 1, "more": 2}],
)  # fmt: skip
def test_a_question_that_means_nothing_is_answered_in_words(desk, body):
    status, found, _ = ask(desk, "/api/answer", body)
    assert status == 400
    assert len(found["error"]) > 10


def test_what_a_question_gets_wrong_is_told_with_its_place(desk):
    louder = side(values={"actors.norland.rhetoric": True}, moves=[["2030-09-02", "suderia"]])
    words = ask(desk, "/api/why", {"sides": [louder], "row": -1})[1]["error"].split("\n")
    assert words[0].startswith("sides.0.values.actors.norland.rhetoric: ")
    assert words[1].startswith("sides.0.moves.0.")
    assert words[-1].startswith("row: ")


def test_too_many_at_once_are_refused_in_words(desk, monkeypatch):
    monkeypatch.setattr(server, "MOST_WAITING", 4)
    app = application(desk, [HOST])

    async def all_at_once():
        body = {"sides": [side(values={"actors.norland.rhetoric": 0.77})], "runs": 100}
        return await asyncio.gather(*(_sent(app, "/api/answer", body, {}, "POST", False) for _ in range(12)))

    statuses = [status for status, _, _ in asyncio.run(all_at_once())]
    assert statuses.count(200) == 4
    assert statuses.count(503) == 8
    assert desk.waiting == 0


def test_what_nobody_waits_for_is_dropped_without_a_word(desk, caplog):
    body = {"sides": [side(values={"actors.norland.rhetoric": 0.31})], "runs": 1000}
    assert ask(desk, "/api/answer", body, leaves=True)[0] == 499
    assert desk.waiting == 0
    gc.collect()
    assert not caplog.records


def test_memory_is_bounded(desk, monkeypatch):
    monkeypatch.setattr(server, "KEPT_BYTES", 1)
    for value in (0.1, 0.2):
        ask(desk, "/api/answer", {"sides": [side(values={"actors.norland.rhetoric": value})], "runs": 100})
    assert len(desk.records) == 1
    for name in range(server.MOST_BROUGHT + 3):
        desk.bring(f"extends: norland-suderia\ntitle: Number {name}\n")
    assert len(desk.brought) == server.MOST_BROUGHT


def test_a_port_that_is_taken_is_told_in_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ts.TensionSimError, match="choose another --port"):
            listening("127.0.0.1", taken.getsockname()[1])
