"""The live page answers its own tabs alone: wrong host, wrong origin and no token, everywhere."""

import asyncio
import re

import pytest

from regimesim.view.guard import ASSETS, CLOSE, Guard

PORT = 8765
HOST = f"127.0.0.1:{PORT}"
PLACES = (
    ("http", "GET", "/"),
    ("http", "GET", "/any/page"),
    ("http", "GET", "/readyz"),
    ("http", "GET", "/resourcez"),
    ("http", "GET", "/static/main.js"),
    ("http", "GET", f"{ASSETS}lib.js"),
    ("http", "GET", "/jupyter/nbextensions/x.js"),
    ("http", "GET", "/jupyter/api/kernels/1"),
    ("http", "POST", f"{CLOSE}1"),
    ("websocket", None, "/jupyter/api/kernels/1/channels"),
)


@pytest.fixture
def guard(tmp_path):
    """A guard before an application that says that it was reached."""
    folder = tmp_path / "assets"
    (folder / "inner").mkdir(parents=True)
    (folder / "lib.js").write_text("1")
    (tmp_path / "private.txt").write_text("private")

    async def app(scope, _receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"reached"})

    return Guard(app, PORT, folder)


def answer(guard, place, host=HOST, origin=None, cookie=None, query=b"", more=()):
    """(status or None for a websocket that was opened, headers, body) of a request."""
    kind, method, path = place
    headers = [(b"host", host.encode())] if host is not None else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    headers += [(b"cookie", cookie.encode())] if cookie is not None else []
    scope = {"type": kind, "path": path, "query_string": query, "headers": [*headers, *more]}
    scope |= {"method": method, "root_path": ""} if method else {}
    sent = []

    async def send(message):
        sent.append(message)

    requests = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive():
        if request := next(requests, None):
            return request
        await asyncio.Event().wait()  # the other side stays

    asyncio.run(guard(scope, receive, send))
    if kind == "websocket":
        return (None if sent[0]["type"] == "websocket.accept" else 403), {}, b""
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return sent[0]["status"], {k.decode(): v.decode() for k, v in sent[0]["headers"]}, body


def own(guard):
    return f"regimesim-{PORT}={guard.token}"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[2])
def test_only_a_tab_of_the_page_is_answered(guard, place):
    status, *_ = answer(guard, place, cookie=own(guard))
    assert status in (200, None)
    same = answer(guard, place, cookie=own(guard), origin=f"http://localhost:{PORT}")
    assert same[0] == status
    strangers = [
        {"host": f"attacker.example:{PORT}"},  # a name that was made to lead here
        {"host": "127.0.0.1"},
        {"host": f"127.0.0.1:{PORT + 1}"},
        {"host": None},
        {"origin": "http://attacker.example"},
        {"origin": "null"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"more": [(b"host", b"attacker.example")]},
        {"cookie": None},
        {"cookie": f"regimesim-{PORT}=guess"},
        {"cookie": f"regimesim-{PORT + 1}={guard.token}"},
    ]
    for stranger in strangers:
        status, headers, body = answer(guard, place, **{"cookie": own(guard), **stranger})
        assert status == 403, stranger
        assert b"reached" not in body
        assert "access-control-allow-origin" not in headers


def test_the_printed_address_opens_the_page_once_and_hides_its_token(guard):
    query = f"token={guard.token}&policy=control&world=3".encode()
    status, headers, _ = answer(guard, PLACES[0], query=query)
    assert (status, headers["location"]) == (303, "/?policy=control&world=3")
    cookie = headers["set-cookie"]
    assert cookie.startswith(own(guard)) and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    elsewhere = ("http", "GET", "//attacker.example/x")
    _, headers, _ = answer(guard, elsewhere, query=f"token={guard.token}".encode())
    assert headers["location"] == "/attacker.example/x"
    websocket = PLACES[-1]
    assert answer(guard, websocket, query=f"token={guard.token}".encode())[0] == 403
    assert len(guard.token) >= 32 and guard.token != Guard(None, PORT, ".").token


def test_assets_are_read_from_their_folder_alone(guard, tmp_path):
    def get(path):
        return answer(guard, ("http", "GET", ASSETS + path), cookie=own(guard))

    before = sorted(tmp_path.rglob("*"))
    assert get("lib.js")[2] == b"1"
    for path in ("absent.js", "inner", "", "../private.txt", "inner/../../private.txt"):
        status, _, body = get(path)
        assert status == 404 and b"private" not in body.replace(b"private.txt", b"")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_the_closing_of_a_tab_is_posted(guard, method):
    for path in ("/", f"{ASSETS}lib.js", "/_solara/api/evict/1"):
        assert answer(guard, ("http", method, path), cookie=own(guard))[0] == 403


def test_the_page_may_fetch_from_its_server_alone(guard):
    _, headers, _ = answer(guard, PLACES[0], cookie=own(guard))
    rules = dict(re.findall(r"([\w-]+) ([^;]*)", headers["content-security-policy"]))
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert not any("http" in rule or "*" in rule for rule in rules.values())
