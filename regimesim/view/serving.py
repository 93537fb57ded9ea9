"""The server of the page: on this machine only, on a free port, without the network."""

import os
import socket
import threading
import time
import warnings
import webbrowser
from pathlib import Path

from regimesim.ensemble.ensemble import default_policy
from regimesim.errors import Refusal
from regimesim.results.progress import compile_model
from regimesim.view import memory
from regimesim.view.choices import Choices, choose, read_world, shelf_of
from regimesim.view.guard import ASSETS, TOKEN, Guard

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 8765, 8865  # tried in turn unless a port is given
INSTALL = "pip install 'regimesim[viz]'"
SETTINGS = {  # of the server, before it is imported
    "SOLARA_APP": "regimesim.view.page",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_THEME_VARIANT": "light",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_ASSETS_PROXY": "false",  # the proxy would download and write assets
    "SOLARA_ASSETS_CDN": ASSETS.rstrip("/"),
    "SOLARA_KERNEL_CULL_TIMEOUT": "1m",  # a tab that lost its connection may come back
}
SHIPPED = Path("scenarios/first_critical_try.toml")


def view(file=None, policy=None, world=None, port=None, browser=True):
    """Open the live page of a scenario (a file, or by default the shipped one if it is here)
    and serve it until Ctrl-C.  Raises Refusal before anything is served."""
    path = file if file is not None else SHIPPED if SHIPPED.is_file() else None
    shelf = shelf_of(path)
    number = _numbered(world)
    first = Choices(policy or default_policy(shelf.scenario), world=number)
    choose(shelf, first)
    _check_installed()
    listening = listen(port)
    compile_model()
    serve(shelf, first, listening, browser)


def _numbered(world) -> int:
    try:
        return read_world(world if world is not None else 0)
    except Refusal as refusal:
        raise Refusal(f"--{line}" for line in refusal.lines) from None


def _check_installed():
    """Refuse in one sentence if a package that the page needs is not installed."""
    from importlib.util import find_spec

    missing = [name for name in ("solara", "ipyvuetify") if find_spec(name) is None]
    if missing:
        raise Refusal(f"view: {missing[0]} is not installed; the live page needs {INSTALL}")


def listen(port: str | int | None) -> socket.socket:
    """A socket that listens on this machine only: on `port`, or on the first free port."""
    if port is None:
        for number in range(FIRST_PORT, LAST_PORT):
            if listening := _bound(number):
                return listening
        raise Refusal(f"--port: none of {FIRST_PORT} to {LAST_PORT - 1} is free; name another")
    text = str(port).strip()
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 65535:
        raise Refusal(f"--port: found {text}; allowed is a whole number, 1 to 65535")
    if listening := _bound(int(text)):
        return listening
    raise Refusal(f"--port: {text} is in use; leave it out for a free one")


def _bound(port: int) -> socket.socket | None:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(128)
    except OSError:
        listening.close()
        return None
    return listening


def serve(shelf, first, listening: socket.socket, browser: bool):
    """Serve the page on a listening socket until Ctrl-C."""
    os.environ.update(SETTINGS)
    from regimesim.view.opened import open_for_pages

    open_for_pages(shelf, first)
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https")
    import uvicorn
    from solara.server import settings, starlette

    import regimesim.view.page  # noqa: F401  # before memory is prepared, which then leaves it alone

    memory.prepare()
    port = listening.getsockname()[1]
    guard = Guard(starlette.app, port, settings.assets.proxy_cache_dir)
    config = uvicorn.Config(
        guard,
        log_level="error",
        access_log=False,
        loop="asyncio",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    address = f"http://{HOST}:{port}/?{TOKEN}={guard.token}"
    threading.Thread(target=_announce, args=(server, address, browser), daemon=True).start()
    try:
        server.run(sockets=[listening])
        if server.started:  # the server's own loop may swallow it
            raise KeyboardInterrupt
    finally:
        from regimesim.view.session import end_all

        end_all()


def _announce(server, address, browser):
    """Print the address as soon as the server answers, and open it."""
    while not server.started:
        time.sleep(0.02)
    print(f"The live page is at {address} (Ctrl-C ends it).", flush=True)
    if browser:
        webbrowser.open(address)
