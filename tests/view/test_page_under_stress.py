"""The live page under stress, in a real browser: quick moves, extreme links, memory, a crash."""

import os
import re
import signal
import subprocess
import time

import psutil
from page_in_browser import PATIENT, begun, chromium, resident, served, settled

from regimesim.model.world.layout import WIDTH

DIFFICULTY = "How capable a takeover must be"
PUT = """(e, place) => { e.value = place; e.dispatchEvent(new Event("input"));
e.dispatchEvent(new Event("change")) }"""
SERIES = """(e) => new Promise(done => {
  let place = 100
  const timer = setInterval(() => {
    e.value = place
    e.dispatchEvent(new Event("input")); e.dispatchEvent(new Event("change"))
    if (place++ === 160) { clearInterval(timer); done() }
  }, 15)
})"""
QUIET = 500  # milliseconds after the last answer, in which an older one would have come
FEW, MOVES = 3, int(os.environ.get("REGIMESIM_PAGE_MOVES", 15))  # of a page
WORLD = 20 * max(WIDTH, 16) // 16  # MB of a world of 3,000 systems, which has a tile of its own


def settled_at(page, place):
    """Whether slider, text and address stand for a place of the slider, and stay there."""
    text = f"{{ normal = [{10 + 0.02 * place:.4g}, 1] }}"
    box = page.get_by_label(f"{DIFFICULTY}, as text")
    page.wait_for_function(
        "text => new URLSearchParams(location.search).get('takeover.difficulty') === text",
        arg=text,
    )
    settled(page)  # the odds are the last answer to a move
    page.wait_for_timeout(QUIET)
    slider = page.get_by_label(DIFFICULTY, exact=True)
    assert (slider.input_value(), box.input_value()) == (str(place), text)


def test_no_press_of_a_key_that_is_held_is_lost(page):
    slider = page.get_by_label(DIFFICULTY, exact=True)
    slider.evaluate(PUT, 350)
    settled_at(page, 350)
    slider.focus()
    for _ in range(40):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(30)
    page.keyboard.up("ArrowRight")
    assert slider.input_value() == "390"
    settled_at(page, 390)


def test_moves_in_quick_succession_settle_on_the_last(page):
    page.get_by_label(DIFFICULTY, exact=True).evaluate(SERIES)
    settled_at(page, 160)


def test_an_answer_does_not_erase_what_is_being_typed(page):
    world = page.get_by_label("World", exact=True)
    world.press_sequentially("1")
    page.get_by_label(DIFFICULTY, exact=True).evaluate(PUT, 300)
    settled_at(page, 300)
    assert world.input_value() in ("01", "10")


def test_a_link_of_thousands_of_settings_is_answered_at_once(opened):
    page = opened("?" + "&".join(f"k{k}=1" for k in range(3000)))
    assert "link: found 3000 settings" in page.inner_text(".rs-refused")


def test_memory_is_bounded_over_pages_and_moves(browser, file):
    process, address = served(file)
    server = psutil.Process(process.pid)

    def use(moves):
        """Memory after a page was opened, moved and closed; each move makes a world."""
        page = browser.new_page()
        page.set_default_timeout(PATIENT)
        page.goto(f"{address}&systems=3000")
        page.wait_for_selector(".rs-number")
        slider = page.locator("[id='rs-systems']")
        for place in range(moves):
            link = page.evaluate("location.search")
            slider.evaluate(PUT, 330 + place)
            page.wait_for_function("link => location.search !== link", arg=link)
        page.close(run_before_unload=True)
        return resident(server)

    before = use(FEW)
    after = use(MOVES)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert after < before + MOVES * WORLD / 2


def crashed(browser, address, profile):
    """Look at the page with a browser of its own, and kill it."""
    options = ["--headless", "--no-sandbox", "--remote-debugging-port=0", "--disable-gpu"]
    lost = subprocess.Popen(
        [chromium(), *options, f"--user-data-dir={profile}", "about:blank"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        found = (re.search(r"DevTools listening on (\S+)", line) for line in lost.stderr)
        other = browser.browser_type.connect_over_cdp(next(filter(None, found))[1])
        page = other.contexts[0].new_page()
        page.set_default_timeout(PATIENT)
        page.goto(address)
        page.wait_for_selector(".rs-number")  # which comes through the websocket
    finally:
        os.killpg(lost.pid, signal.SIGKILL)
        lost.wait()
        lost.stderr.close()


def test_tabs_do_not_disturb_each_other_and_ctrl_c_ends_all(browser, file, tmp_path):
    process, address = served(file, "--policy", "control", "--world", "2")
    tabs, pages = browser.new_context(), []
    tabs.set_default_timeout(PATIENT)
    for _ in range(3):
        page = tabs.new_page()
        page.goto(address)
        page.wait_for_selector(".rs-number")
        pages.append(begun(page))
    pages[0].get_by_role("button", name="Play").click()
    pages[1].get_by_role("button", name="Step").click()
    pages[1].wait_for_function(
        "document.querySelector('.rs-date').textContent.includes('month 1 ')"
    )
    assert "begins" in pages[2].inner_text(".rs-date")
    assert "world 2" in pages[2].inner_text(".rs-title")
    pages[2].close()
    crashed(browser, address, tmp_path)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.endswith("regimesim: interrupted\n") and "Traceback" not in errors
    assert time.monotonic() - began < 3
    tabs.close()
