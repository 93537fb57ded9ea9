"""axe looks for barriers in every state of the live page, in two widths and both colours."""

import os

import pytest

if os.environ.get("CI") != "true":
    pytest.importorskip("axe_playwright_python")

# Contrast of every text in the drawings, which axe leaves undecided because it stands on shapes.
# Texts have a halo in the colour of the panel, or stand beside the shapes.
FAINT = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  const light = (colour, below) => {
    for (const paint of [below, colour]) {
      context.fillStyle = paint
      context.fillRect(0, 0, 1, 1)
    }
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => {
      v /= 255
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const texts = [...document.querySelectorAll("svg text")]
  const panel = getComputedStyle(document.querySelector(".rs-panel")).backgroundColor
  return [texts.length, texts.map(text => {
    const [a, b] = [light(getComputedStyle(text).fill, panel), light(panel, panel)]
    return [text.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]
  }).filter(([, contrast]) => contrast < 4.5)]
}"""


def barriers(page):
    """What axe finds in the state of a page, and what it leaves undecided but should not."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(500)  # until colours have changed
    result = Axe().run(page).response
    assert len(result["passes"]) > 25  # axe has looked at the page
    seen = [
        (entry["id"], node["html"]) for entry in result["violations"] for node in entry["nodes"]
    ]
    for entry in result["incomplete"]:
        for node in entry["nodes"]:
            hidden = 'aria-hidden="true"' in node["html"]  # a sign beside words that say the same
            if not hidden and not node["html"].startswith("<text"):
                seen.append((f"undecided: {entry['id']}", node["html"]))
    count, faint = page.evaluate(FAINT)
    assert count > 25
    return seen + [("faint", *text) for text in faint]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_no_barrier(opened, width, scheme):
    page = opened("?policy=control", width=width, height=900, color_scheme=scheme)
    seen = {"opened": barriers(page)}
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="To the next event").click()
    page.locator(".rs-event").first.wait_for()
    page.get_by_label("Look at a system").fill("1")
    page.locator(".rs-told").wait_for()
    seen["paused"] = barriers(page)
    page.get_by_role("button", name="why: Audit budget").click()
    box = page.get_by_label("Audit budget, as text")
    box.fill("3")
    box.press("Enter")
    page.locator(".rs-refused").wait_for()
    page.get_by_label("Find another assumption").fill("calibration")
    seen["refused"] = barriers(page)
    page.get_by_label("Policy").select_option("none")
    page.wait_for_function("location.search.includes('policy=none')")
    seen["policy changed"] = barriers(page)
    # odds of former settings, which are seen for a moment only
    page.evaluate("document.querySelector('.rs-tiles').classList.add('rs-stale')")
    seen["odds of before"] = barriers(page)
    assert {state: found for state, found in seen.items() if found} == {}
    assert page.locator("main").count() == 1


def test_each_kind_of_barrier_would_be_found(opened):
    """The test above can fail: barriers that are put into the page are all reported."""
    page = opened("?policy=control", width=1366, height=900, color_scheme="light")
    page.evaluate("""() => {
      document.querySelector(".rs-heading").insertAdjacentHTML("beforeend", `<input>
        <button></button><p style="color: #bbb; background: #fff">faint words</p>`)
      const text = document.querySelector("svg text")
      text.style.fill = "#bbb"
    }""")
    found = {kind for kind, *_ in barriers(page)}
    assert found >= {"label", "button-name", "color-contrast", "faint"}
