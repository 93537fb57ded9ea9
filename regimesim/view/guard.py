"""Access to the page: only its own browser tabs on this machine may use it.

A page of another website can send requests to any address of this machine, and a name that it
owns may be made to lead here (DNS rebinding).  So every request, of every path and of the
websocket, must name this server as its host, must come from a page of this server if it comes
from a page at all, and must carry a token that only the printed address and the cookie made from
it hold.
"""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

NAMES = ("127.0.0.1", "localhost", "[::1]")
TOKEN = "token"
ASSETS = "/_solara/cdn/"
CLOSE = "/_solara/api/close/"  # sent by a tab that is closed
REFUSED = "This page belongs to its own browser. Open the address that regimesim printed."
POLICY = (  # the page loads nothing from other origins, and no other page may frame it
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

Scope = MutableMapping
Send = Callable[[MutableMapping], Awaitable[None]]


class Guard:
    """An ASGI application that passes requests of the page's own tabs to another one.

    Parameters
    ----------
    app : ASGI application
        What serves the page.
    port : int
        The port on which the server listens.
    assets : Path
        The folder of scripts and styles, which are read from there and from nowhere else.
    """

    def __init__(self, app, port: int, assets: Path):
        from starlette.staticfiles import StaticFiles

        self.token = secrets.token_urlsafe(32)
        self._app, self._assets = app, StaticFiles(directory=assets, check_dir=False)
        self._hosts = {f"{name}:{port}" for name in NAMES}
        self._cookie = f"regimesim-{port}"  # cookies do not distinguish ports

    async def __call__(self, scope: Scope, receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if not self._from_here(headers):
            await _refuse(scope, send)
        elif self._same(self._cookie_of(headers)):
            await self._serve(scope, receive, _with_headers(send))
        elif scope["type"] == "http" and scope["method"] == "GET" and self._same(query.get(TOKEN)):
            await self._welcome(scope, query, send)
        else:
            await _refuse(scope, send)

    def _from_here(self, headers) -> bool:
        """Whether a request names this server as its host and origin (if it has an origin)."""
        hosts, origins = headers.get("host", ()), headers.get("origin", ())
        ours = {f"http://{host}" for host in self._hosts}
        return len(hosts) == 1 and hosts[0] in self._hosts and ours.issuperset(origins)

    def _cookie_of(self, headers) -> str | None:
        try:
            jar = SimpleCookie("; ".join(headers.get("cookie", ())))
        except CookieError:
            return None
        return jar[self._cookie].value if self._cookie in jar else None

    def _same(self, token: str | None) -> bool:
        return token is not None and secrets.compare_digest(token.encode(), self.token.encode())

    async def _welcome(self, scope, query, send):
        """Move the token of the printed address into a cookie."""
        query.pop(TOKEN)
        place = scope["path"] if scope["path"].startswith("/") else "/"
        place = "/" + place.lstrip("/")  # two slashes would name another host
        place += f"?{urlencode(query)}" if query else ""
        cookie = f"{self._cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        headers = [
            (b"location", place.encode("ascii", "ignore")),
            (b"set-cookie", cookie.encode()),
        ]
        await _answer(send, 303, "", [*headers, *HEADERS])

    async def _serve(self, scope, receive, send):
        """Serve an asset from its folder, or pass the request to the page."""
        path, http = scope["path"], scope["type"] == "http"
        reads = http and scope["method"] in ("GET", "HEAD")
        if path.startswith(ASSETS) and reads:
            inner = {**scope, "path": "/" + path.removeprefix(ASSETS), "root_path": ""}
            await self._asset(inner, receive, send)
        elif not http or reads or (scope["method"] == "POST" and path.startswith(CLOSE)):
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, send)

    async def _asset(self, scope, receive, send):
        from starlette.exceptions import HTTPException

        try:
            await self._assets(scope, receive, send)
        except HTTPException as error:
            await _answer(send, error.status_code, error.detail)


def _with_headers(send: Send) -> Send:
    """`send`, with the headers of the page's protection on every response."""

    async def guarded(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
        await send(message)

    return guarded


async def _refuse(scope, send: Send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": REFUSED})
    else:
        await _answer(send, 403, REFUSED, list(HEADERS))


async def _answer(send: Send, status: int, text: str, headers=()):
    content = [(b"content-type", b"text/plain; charset=utf-8"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": content})
    await send({"type": "http.response.body", "body": text.encode()})
