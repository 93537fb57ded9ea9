"""The live page under stress, in a real browser: quick moves, extreme links, memory, a crash."""

import os
import re
import signal
import subprocess

import psutil
import pytest
from page_in_browser import PATIENT, chromium, resident, served

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
QUIET = 1500  # milliseconds, after which an older answer would have come
PAGES, MOVES = 2, int(os.environ.get("REGIMESIM_PAGE_MOVES", 5))  # of a turn
WORLD = 20 * max(WIDTH, 16) // 16  # MB of a world of 3,000 systems, which has a tile of its own


def settled_at(page, place):
    """Whether slider, text and address stand for a place of the slider, and stay there."""
    text = f"{{ normal = [{10 + 0.02 * place:.4g}, 1] }}"
    box = page.get_by_label(f"{DIFFICULTY}, as text")
    page.wait_for_function("([e, text]) => e.value === text", arg=[box.element_handle(), text])
    page.wait_for_timeout(QUIET)
    slider = page.get_by_label(DIFFICULTY, exact=True)
    assert (slider.input_value(), box.input_value()) == (str(place), text)


def test_no_press_of_a_key_that_is_held_is_lost(opened):
    page = opened("?policy=control")
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


def test_moves_in_quick_succession_settle_on_the_last(opened):
    page = opened("?policy=control")
    page.get_by_label(DIFFICULTY, exact=True).evaluate(SERIES)
    settled_at(page, 160)


def test_an_answer_does_not_erase_what_is_being_typed(opened):
    page = opened("?policy=control")
    world = page.get_by_label("World", exact=True)
    world.press_sequentially("1")
    page.get_by_label(DIFFICULTY, exact=True).evaluate(PUT, 300)
    settled_at(page, 300)
    assert world.input_value() in ("01", "10")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?systems=100000", "systems: found 100000; the live page shows at most 10000"),
        ("?" + "&".join(f"k{k}=1" for k in range(3000)), "link: found 3000 settings"),
        ("?months=99999999999", "months: found 99999999999; allowed is 1 to 1200"),
    ],
)
def test_an_extreme_link_is_answered_at_once(opened, query, words):
    assert words in opened(query).inner_text(".rs-refused")


def test_memory_is_bounded_over_pages_and_moves(browser, file):
    process, address = served(file)
    server = psutil.Process(process.pid)

    def use():
        for _ in range(PAGES):
            page = browser.new_page()
            page.set_default_timeout(PATIENT)
            page.goto(f"{address}&systems=3000")
            page.wait_for_selector(".rs-number")
            for place in range(MOVES):
                page.locator("[id='rs-systems']").evaluate(PUT, 330 + place)
                page.wait_for_timeout(40)
            page.close(run_before_unload=True)
        return resident(server)

    use()
    before = use()
    after = use()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    # A turn makes one world a page and one a move, and a closed page may stay for a minute.
    assert after < before + PAGES * (1 + MOVES) * WORLD / 2


def test_ctrl_c_after_a_crash_of_the_browser_is_clean(browser, file, tmp_path):
    process, address = served(file)
    options = ["--headless", "--no-sandbox", "--remote-debugging-port=0", "--disable-gpu"]
    lost = subprocess.Popen(
        [chromium(), *options, f"--user-data-dir={tmp_path}", "about:blank"],
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
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.endswith("regimesim: interrupted\n") and "Traceback" not in errors
