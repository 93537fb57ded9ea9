"""A browser, and pages of a small scenario in it."""

import os
import signal

import pytest
from page_in_browser import PATIENT, SCENARIO, begun, chromium, served, visits


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


@pytest.fixture(scope="package")
def file(tmp_path_factory):
    file = tmp_path_factory.mktemp("view") / "tiny.toml"
    file.write_text(SCENARIO)
    return file


@pytest.fixture(scope="package")
def address(file):
    process, address = served(file)
    yield address
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors


@pytest.fixture
def opened(browser, address):
    """Opens pages of one test."""
    with visits(browser, address) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def visited(browser, address):
    """A page that the tests of a module look at in turn, because to open one takes seconds."""
    with visits(browser, address) as open_page:
        yield open_page("?policy=control", color_scheme="light")


@pytest.fixture
def page(visited):
    """The page of the module, under control, with its world at the beginning and no change."""
    from playwright.sync_api import expect

    visited.set_viewport_size({"width": 1600, "height": 1000})
    visited.get_by_label("Find another assumption").fill("")
    visited.get_by_label("Policy").select_option("control")
    visited.wait_for_function("location.search.includes('policy=control')")
    taken_back = visited.get_by_role("button", name="take back: ")
    while count := taken_back.count():
        taken_back.first.click()
        expect(taken_back).to_have_count(count - 1, timeout=PATIENT)
    return begun(visited)
