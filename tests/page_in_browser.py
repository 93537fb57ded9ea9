"""The live page, served and looked at with a real browser: what its tests share."""

import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
SCENARIO = """
name = "tiny"
months = 80
labs = 2
systems = 6
worlds = 64
seed = 3
[feedback]
density = 0.3
[takeover]
difficulty = { normal = [10, 1] }
[policies.control.oversight.control]
[policies.none]
title = "no safeguards"
[policies.respond]
adopters = 1
oversight.honeypots = true
[[policies.respond.events]]
when = "strikes_seen"
at_least = 1
months = 12
set = { frozen = 1 }
[[policies.respond.events]]
on = "2026-03"
months = 2
set = { growth = 0.5 }
"""
SETTLED = "document.querySelector('.rs-odds')?.getAttribute('aria-busy') == 'false'"
CAN_STEP = """[...document.querySelectorAll('.rs-play button')].every(
    (button) => !button.textContent.includes('Step') || !button.disabled)"""
PATIENT = 60_000  # milliseconds, for a machine that does much else


def chromium():
    """A Chromium of this machine, or None."""
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def served(file, *options):
    """(process, address) of a server of the page."""
    command = [sys.executable, "-m", "regimesim", "view", str(file), "--no-browser", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, **pipes)
    told = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+", told)
    if not address:
        pytest.fail(f"the page was not served: {told}{process.communicate()[1]}")
    return process, address[0]


@contextmanager
def visits(browser, address):
    """What opens pages, with their world at its beginning, and fails at the end where one had an
    error or asked anybody else for anything."""
    errors, asked, contexts = [], [], []

    def open_page(query="", width=1600, height=1000, as_it_opens=False, **look):
        context = browser.new_context(viewport={"width": width, "height": height}, **look)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENT)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}&{query.lstrip('?')}" if query else address)
        page.wait_for_selector(".rs-number")
        return page if as_it_opens else begun(page)

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
    away = [url for url in asked if not url.startswith((address.split("?")[0], "data:", "blob:"))]
    assert asked and away == []


def begun(page):
    """The page with its world at the beginning; it opens where something has happened."""
    page.get_by_role("button", name="Start again").click()
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('begins')")
    page.wait_for_function(CAN_STEP)
    return page


def settled(page):
    """The odds that a page shows once no more worlds are under way: held, no takeover, gap."""
    page.wait_for_function(SETTLED)
    return [tile.get_attribute("data-estimate") for tile in page.query_selector_all(".rs-number")]


def resident(server) -> int:
    """Resident memory of a process in MB, once the server has released what it can."""
    time.sleep(1.5)
    return server.memory_info().rss >> 20
