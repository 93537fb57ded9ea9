"""Memory of the live page's server over many pages and many moves.

    python benchmarks/page_memory.py [--pages 200] [--moves 1000]

Prints the resident memory in MB before, and after each tenth.  The first tenth warms up; memory is
flat when no later tenth ends with `GROWTH` more than that, and the exit code is 1 where one does.
"""

import argparse
import signal
import sys
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from page_in_browser import PATIENT, chromium, resident, served

TENTHS = 10
GROWTH = 0.10
FIRST, PLACES = 230, 50  # of the slider of `systems`, whose steps are factors: 200 to 620 systems
MOVE = """(slider, place) => {
  slider.value = place
  slider.dispatchEvent(new Event("input")); slider.dispatchEvent(new Event("change"))
}"""
ANSWERED = """slider => slider.getAttribute("aria-valuetext").match(/\\d+/)[0]
  === new URLSearchParams(location.search).get("systems")"""  # the address carries what is shown
PAUSE = 60  # milliseconds between moves
WAITS = 10  # one of so many moves or pages waits for the answer or the odds


def main() -> int:
    """Measure, and say whether memory is flat."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--moves", type=int, default=1000)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    process, address = served("scenarios/first_critical_try.toml", "--policy", "control")
    server = psutil.Process(process.pid)
    print(f"before: {resident(server)} MB", flush=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = browser.new_context()
        context.set_default_timeout(PATIENT)
        # the moves first, which need a page that stays
        flat = [moves(context, address, options.moves, server)]
        flat += [pages(context, address, options.pages, server)]
        browser.close()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return 0 if all(flat) else 1


def pages(context, address, count, server) -> bool:
    """Open and close pages; whether memory is flat."""

    def visit(k):
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".rs-number" if k % WAITS == 0 else ".rs-banner")
        page.close(run_before_unload=True)

    return measured("pages", visit, count, server)


def moves(context, address, count, server) -> bool:
    """Move the slider of `systems` on one page, a year into the world; whether memory is flat."""
    page = context.new_page()
    page.goto(f"{address}&systems=300")
    page.wait_for_selector(".rs-number")
    for month in range(1, 13):
        page.get_by_role("button", name="Step").click()
        page.wait_for_function(f"document.body.textContent.includes('month {month} ')")
    slider = page.locator("[id='rs-systems']")

    def move(k):
        slider.evaluate(MOVE, FIRST + k % PLACES)
        page.wait_for_timeout(PAUSE)
        if k % WAITS == WAITS - 1:
            page.wait_for_function(ANSWERED, arg=slider.element_handle())

    flat = measured("moves", move, count, server)
    page.close(run_before_unload=True)
    return flat


def measured(name, act, count, server) -> bool:
    """Whether memory is flat over `act(k)` for every k below `count`."""
    sizes = []
    for tenth in range(TENTHS):
        for k in range(tenth * count // TENTHS, (tenth + 1) * count // TENTHS):
            act(k)
        sizes.append(resident(server))
        print(f"{name} {(tenth + 1) * count // TENTHS:5}: {sizes[-1]} MB", flush=True)
    growth = max(sizes[1:]) / sizes[0] - 1
    print(f"{name}: {growth:+.1%} after the first tenth", flush=True)
    return growth < GROWTH


if __name__ == "__main__":
    sys.exit(main())
