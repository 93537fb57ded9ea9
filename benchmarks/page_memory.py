"""Memory of the live page's server over many pages and many moves.

    python benchmarks/page_memory.py [--pages 200] [--moves 1000]

Prints the resident memory in MB after each tenth.  It is flat when it does not grow by more than
`MARGIN` after the first tenth, which warms up; the exit code is 1 where it does.
"""

import argparse
import signal
import sys
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from page_in_browser import chromium, resident, served

MARGIN = 100  # MB


def main() -> int:
    """Measure, and say whether memory is flat."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--moves", type=int, default=1000)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    process, address = served("scenarios/first_critical_try.toml")
    server, flat = psutil.Process(process.pid), True
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = browser.new_context()
        for name, work, count in (
            ("pages", pages, options.pages),
            ("moves", moves, options.moves),
        ):
            sizes = []
            for _ in range(10):
                work(context, address, count // 10)
                sizes.append(resident(server))
                print(f"{name} {len(sizes) * (count // 10):5}: {sizes[-1]} MB", flush=True)
            flat &= max(sizes[1:]) <= sizes[0] + MARGIN
        browser.close()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    print("flat" if flat else f"grows by more than {MARGIN} MB")
    return 0 if flat else 1


def pages(context, address, count):
    """Open and close some pages."""
    for _ in range(count):
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".rs-banner")
        page.close(run_before_unload=True)


def moves(context, address, count):
    """Move the slider of `systems` on one page."""
    page = context.new_page()
    page.goto(f"{address}&systems=300")
    page.wait_for_selector(".rs-number")
    slider = page.locator("[id='rs-systems']")
    for k in range(count):
        slider.evaluate(
            """(e, place) => { e.value = place; e.dispatchEvent(new Event("input"));
            e.dispatchEvent(new Event("change")) }""",
            150 + k % 50,
        )
        page.wait_for_timeout(60)
    page.close(run_before_unload=True)


if __name__ == "__main__":
    sys.exit(main())
