"""The live page in a real browser: it plays, answers, refuses, saves, and asks nobody else."""

import signal
import time

import pytest
from page_in_browser import PATIENT, begun, served, settled

import regimesim as rs
from regimesim.ensemble.ensemble import run

TO_THE_END = """() => {
  const next = [...document.querySelectorAll("button")].find(
    (button) => button.textContent.includes("To the next threshold"));
  const over = document.querySelector(".rs-date").textContent.includes("month 2 ");
  if (!over && !next.disabled) next.click();
  return over;
}"""


def moved(page, label, key):
    """The settled odds after a key was pressed on a slider that changes them."""
    before = settled(page)
    page.get_by_label(label, exact=True).press(key)
    page.wait_for_function(
        """before => String([...document.querySelectorAll('.rs-number')].map(
        tile => tile.dataset.estimate)) != before""",
        arg=",".join(before),
    )
    return settled(page)


def test_it_opens_where_something_has_happened(opened):
    page = opened("?policy=control", as_it_opens=True)
    told = page.inner_text(".rs-happened")
    assert "First critical try" in told and "begins" not in page.inner_text(".rs-date")
    parts = page.locator(".rs-parts")
    parts.locator(".rs-within").first.wait_for()
    costs = parts.locator("div", has_text="What it costs").last
    assert " to " in costs.locator(".rs-within").first.inner_text()  # each has its interval


def test_it_plays_to_a_critical_try(opened):
    page = opened("?policy=control")
    page.get_by_label("Speed of play").select_option("fast")
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector(".rs-is-tried_and_held, .rs-is-lost")
    page.wait_for_function(
        "/first critical try/i.test(document.querySelector('.rs-happened').textContent)"
    )


def test_a_world_that_is_over_can_only_be_begun_anew(opened):
    from playwright.sync_api import expect

    page = opened("?policy=none&months=2")
    page.wait_for_function(TO_THE_END, polling=300)
    for name in ("Play", "Step", "To the next threshold"):
        expect(page.get_by_role("button", name=name)).to_be_disabled(timeout=PATIENT)
    page.get_by_role("button", name="Start again").click()
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('begins')")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('month 2 ')")


def test_a_slider_changes_the_odds_and_the_link(opened):
    page = opened("?policy=control")
    before = settled(page)
    after = moved(page, "How capable a takeover must be", "End")
    assert after != before
    assert float(after[1]) > float(before[1])  # a harder takeover comes later, or never
    again = opened("?" + page.url.partition("?")[2])
    box = again.get_by_label("How capable a takeover must be, as text")
    assert box.input_value() == "{ normal = [25, 1] }"


def test_what_would_flip_the_odds_follows_them_and_goes_with_a_change(opened):
    page = opened("?policy=control")
    flips = page.locator(".rs-flips")
    flips.locator("dt").first.wait_for()
    assert "no takeover" in flips.locator("h3").inner_text().lower()
    page.get_by_label("Policy").select_option(label="no safeguards")
    page.wait_for_function("location.search.includes('policy=none')")
    flips.wait_for(state="detached")
    flips.locator("dt").first.wait_for()


def test_a_world_is_moved_to_the_same_month_of_the_other(opened):
    page = opened()
    for _ in range(3):
        page.get_by_role("button", name="Step").click()
        page.wait_for_timeout(200)
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('month 3 ')")
    moved(page, "How capable a takeover must be", "End")
    assert "month 3 " in page.inner_text(".rs-date")
    page.get_by_role("button", name="Start again").click()
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('begins')")


def test_a_bad_value_is_refused_in_words(opened):
    page = opened("?policy=control")
    before = settled(page)
    box = page.get_by_label("Audit budget, as text")
    box.fill("3")
    box.press("Enter")
    page.wait_for_selector(".rs-refused")
    assert page.inner_text(".rs-refused") == "oversight.audit_budget: found 3; allowed is 0 to 1"
    assert settled(page) == before
    box.fill("0.2")
    box.press("Enter")
    page.wait_for_selector(".rs-refused", state="detached")


def test_a_bad_link_is_refused_in_words(opened):
    page = opened("?policy=contrl&takeover.difficulty=12")
    assert "the nearest is 'control'" in page.inner_text(".rs-refused")
    assert page.get_by_label("How capable a takeover must be, as text").input_value() == "12"


def test_a_saved_scenario_gives_the_odds_that_the_page_showed(opened, tmp_path):
    page = opened("?policy=control&oversight.audit_budget=0.1&takeover.difficulty=11")
    shown = settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as scenario").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "tiny-control.toml"
    found = rs.estimates(run(rs.load(file)).worlds).set_index("estimand")["estimate"]
    for text, name in zip(
        shown, ("held_first_critical_try", "no_takeover", "evidence_gap"), strict=True
    ):
        assert float(text) == found[name]


def test_a_system_is_shown_when_it_is_clicked_or_chosen(opened):
    page = opened()
    page.get_by_role("button", name="Step").click()
    page.locator(".rs-pick").nth(1).click(force=True)
    page.wait_for_selector(".rs-told")
    clicked = page.inner_text(".rs-told h3")
    page.get_by_label("Look at a system").fill("4")
    page.wait_for_function(
        "document.querySelector('.rs-told h3').textContent.includes('System 4')"
    )
    assert clicked.startswith("System ")
    assert "Decision" in page.inner_text(".rs-told")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it_without_scrolling_sideways(opened, scheme):
    page = opened(width=390, height=844, color_scheme=scheme)
    page.get_by_role("button", name="To the next threshold").click()
    page.get_by_label("Look at a system").fill("1")
    page.get_by_role("button", name="why: Audit budget").click()
    page.wait_for_selector(".rs-because")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    dark = page.evaluate("getComputedStyle(document.querySelector('.v-application')).color")
    assert (dark == "rgb(233, 235, 238)") == (scheme == "dark")


def test_the_keyboard_alone_plays_and_steps(opened):
    page = opened()

    def tab_to(name):
        for _ in range(60):
            page.keyboard.press("Tab")
            told = page.evaluate(
                "(document.activeElement.getAttribute('aria-label')"
                " || document.activeElement.textContent).trim()"
            )
            if told == name:
                outline = "getComputedStyle(document.activeElement).outlineStyle"
                assert page.evaluate(outline) == "solid"
                return
        pytest.fail(f"no key leads to {name}")

    tab_to("Step")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('month 1 ')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('.rs-date').textContent.includes('month 1 ')")
    page.get_by_role("button", name="Pause").wait_for()


def test_every_control_has_a_name(opened):
    page = opened()
    nameless = page.evaluate(
        """[...document.querySelectorAll('.rs-page input, .rs-page select, .rs-page button')]
        .filter(e => !e.getAttribute('aria-label') && !(e.labels && e.labels.length)
                     && !e.textContent.trim()).map(e => e.outerHTML)"""
    )
    assert nameless == []


def test_a_search_finds_any_parameter(opened):
    page = opened()
    page.get_by_label("Find another assumption").fill("collude look away")
    page.wait_for_selector("text=No parameter matches")
    page.get_by_label("Find another assumption").fill("calibration scale")
    box = page.get_by_label("cognition: calibration scale, as text")
    box.fill("5")
    box.press("Enter")
    page.wait_for_function("location.search.includes('cognition.calibration_scale=5')")


def test_tabs_do_not_disturb_each_other_and_ctrl_c_ends_all(browser, file):
    process, address = served(file, "--policy", "control", "--world", "2")
    pages = []
    for _ in range(3):
        page = browser.new_page()
        page.set_default_timeout(PATIENT)
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
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.endswith("regimesim: interrupted\n") and "Traceback" not in errors
    assert time.monotonic() - began < 3
    for page in pages[:2]:
        page.close()
