"""axe looks for barriers in every state of the live page, in two widths and both colours."""

import pytest

pytest.importorskip("axe_playwright_python")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_no_barrier(opened, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened("?policy=control", width=width, height=900, color_scheme=scheme)

    def barriers(state):
        page.wait_for_timeout(500)  # until colours have changed
        result = Axe().run(page).response
        assert len(result["passes"]) > 25
        return [(state, entry["id"], entry["nodes"][0]["html"]) for entry in result["violations"]]

    seen = barriers("opened")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    seen += barriers("paused")
    page.get_by_role("button", name="why: Audit budget").click()
    seen += barriers("why")
    page.get_by_label("Policy").select_option("none")
    page.wait_for_function("location.search.includes('policy=none')")
    seen += barriers("policy changed")
    assert seen == []
    assert page.locator("main").count() == 1
