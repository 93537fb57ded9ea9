"""The live page in a real browser: it plays, answers, refuses, saves, and asks nobody else."""

import pytest
from page_in_browser import PATIENT, settled, visits

import regimesim as rs
from regimesim.ensemble.ensemble import run

TO_THE_END = """() => {
  const next = [...document.querySelectorAll("button")].find(
    (button) => button.textContent.includes("To the next threshold"));
  const over = document.querySelector(".rs-date").textContent.includes("month 2 ");
  if (!over && !next.disabled) next.click();
  return over;
}"""


ASKS_TOO_MUCH = "?policy=contrl&systems=100000&months=99999999999&takeover.difficulty=12"
DARK = "rgb(233, 235, 238)"  # colour of text


@pytest.fixture(scope="module")
def misled(browser, address):
    """A page whose link asks in part for what cannot be."""
    with visits(browser, address) as open_page:
        yield open_page(ASKS_TOO_MUCH)


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


def test_it_opens_where_something_has_happened_and_saves_what_it_shows(opened, tmp_path):
    page = opened(
        "?policy=control&oversight.audit_budget=0.1&takeover.difficulty=11", as_it_opens=True
    )
    told = page.inner_text(".rs-happened")
    assert "First critical try" in told and "begins" not in page.inner_text(".rs-date")
    parts = page.locator(".rs-parts")
    parts.locator(".rs-within").first.wait_for()
    costs = parts.locator("div", has_text="What it costs").last
    assert " to " in costs.locator(".rs-within").first.inner_text()  # each has its interval
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


def test_it_plays_to_a_critical_try(page):
    page.get_by_label("Speed of play").select_option("fast")
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector(".rs-is-tried_and_held, .rs-is-lost")
    page.wait_for_function(
        "/first critical try/i.test(document.querySelector('.rs-happened').textContent)"
    )


def test_a_bad_link_is_refused_in_words_and_the_rest_of_it_is_used(misled):
    refused = misled.inner_text(".rs-refused")
    assert "the nearest is 'control'" in refused
    assert "systems: found 100000; the live page shows at most 10000" in refused
    assert "months: found 99999999999; allowed is 1 to 1200" in refused
    text = misled.get_by_label("How capable a takeover must be, as text").input_value()
    assert text == "12"


def test_a_world_that_is_over_can_only_be_begun_anew(misled):
    from playwright.sync_api import expect

    misled.get_by_label("Policy").select_option("none")
    misled.get_by_label("Find another assumption").fill("months simulated")
    box = misled.get_by_label("months, as text")
    box.fill("2")
    box.press("Enter")
    misled.wait_for_function("location.search.includes('months=2')")
    misled.wait_for_function(TO_THE_END, polling=300)
    for name in ("Play", "Step", "To the next threshold"):
        expect(misled.get_by_role("button", name=name)).to_be_disabled(timeout=PATIENT)
    misled.get_by_role("button", name="Start again").click()
    misled.wait_for_function("document.querySelector('.rs-date').textContent.includes('begins')")
    misled.get_by_role("button", name="Play").click()
    misled.wait_for_function("document.querySelector('.rs-date').textContent.includes('month 2 ')")


def test_a_slider_changes_the_odds_and_the_link(page, opened):
    before = settled(page)
    after = moved(page, "How capable a takeover must be", "End")
    assert after != before
    assert float(after[1]) > float(before[1])  # a harder takeover comes later, or never
    again = opened("?" + page.url.partition("?")[2])
    box = again.get_by_label("How capable a takeover must be, as text")
    assert box.input_value() == "{ normal = [25, 1] }"


def test_what_would_flip_the_odds_follows_them_and_goes_with_a_change(page):
    flips = page.locator(".rs-flips")
    flips.locator("dt").first.wait_for()
    assert "no takeover" in flips.locator("h3").inner_text().lower()
    page.get_by_label("Policy").select_option(label="no safeguards")
    page.wait_for_function("location.search.includes('policy=none')")
    flips.wait_for(state="detached")
    flips.locator("dt").first.wait_for()


def test_a_world_is_moved_to_the_same_month_of_the_other(page):
    for _ in range(3):
        page.get_by_role("button", name="Step").click()
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('month 3 ')")
    moved(page, "How capable a takeover must be", "End")
    assert "month 3 " in page.inner_text(".rs-date")
    page.get_by_role("button", name="Start again").click()
    page.wait_for_function("document.querySelector('.rs-date').textContent.includes('begins')")


def test_a_bad_value_is_refused_in_words(page):
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


def test_a_system_is_shown_when_it_is_clicked_or_chosen(page):
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


def test_a_phone_shows_all_of_it_without_scrolling_sideways(opened, page):
    text = "getComputedStyle(document.querySelector('.v-application')).color"
    assert page.evaluate(text) != DARK  # it was opened where light colours are preferred
    phone = opened(width=390, height=844, color_scheme="dark")
    phone.get_by_role("button", name="To the next threshold").click()
    phone.get_by_label("Look at a system").fill("1")
    phone.get_by_role("button", name="why: Audit budget").click()
    phone.wait_for_selector(".rs-because")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.evaluate(text) == DARK
    phone.get_by_role("button", name="Light colours").click()
    assert phone.evaluate(text) != DARK
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keyboard_alone_plays_and_steps(page):
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


def test_every_control_has_a_name(page):
    nameless = page.evaluate(
        """[...document.querySelectorAll('.rs-page input, .rs-page select, .rs-page button')]
        .filter(e => !e.getAttribute('aria-label') && !(e.labels && e.labels.length)
                     && !e.textContent.trim()).map(e => e.outerHTML)"""
    )
    assert nameless == []


def test_a_search_finds_any_parameter(page):
    page.get_by_label("Find another assumption").fill("collude look away")
    page.wait_for_selector("text=No parameter matches")
    page.get_by_label("Find another assumption").fill("calibration scale")
    box = page.get_by_label("cognition: calibration scale, as text")
    box.fill("5")
    box.press("Enter")
    page.wait_for_function("location.search.includes('cognition.calibration_scale=5')")
