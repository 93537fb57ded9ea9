"""A browser, and pages of a small scenario in it."""

import os
import signal

import pytest
from page_in_browser import PATIENT, SCENARIO, begun, chromium, served


@pytest.fixture(scope="module")
def browser():
    if not (found := chromium()):
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium to look at the page with")
        pytest.skip("there is no Chromium to look at the page with")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = tmp_path_factory.mktemp("view") / "tiny.toml"
    file.write_text(SCENARIO)
    return file


@pytest.fixture(scope="module")
def address(browser, file):
    process, address = served(file)
    yield address
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors


@pytest.fixture
def opened(browser, address):
    """Opens pages, with their world at its beginning, and fails where one had an error or asked
    anybody else for anything."""
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
