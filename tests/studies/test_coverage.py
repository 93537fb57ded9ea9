"""The intervals of a run cover the truth, measured with fewer runs than on the page."""

import json

import pytest
from scipy import stats

from regimesim.scenario import load
from regimesim.scenario.shipped import shipped
from regimesim.studies.validate.coverage import FIGURES, SIZES, coverage, section

WORLDS, SIZE, LEAST = 16_000, 100, 0.93


@pytest.fixture(scope="module")
def measured():
    scenario = load(shipped("validation") / "coverage.toml").override({"worlds": WORLDS})
    return coverage(scenario, [SIZE])


def test_every_interval_covers(measured):
    """In at least 93 % of runs, within what the number of runs lets luck do."""
    runs = WORLDS // SIZE
    least = stats.binom.ppf(1e-4, runs, LEAST) / runs
    shares = {
        (policy, name): share[str(SIZE)]
        for policy, quantities in measured.items()
        for name, share in quantities.items()
    }
    known = {where: share for where, share in shares.items() if share is not None}
    assert len(known) > 60
    assert {where: share for where, share in known.items() if share < least} == {}


def test_counts_that_are_rare_have_intervals_that_cover(measured):
    """Student's covered 88 to 91 %, and all zeros had no interval."""
    assert measured["warned"]["warning_shots_before_first_try"][str(SIZE)] > 0.9
    assert measured["rare"]["critical_tries"][str(SIZE)] > 0.9


def test_the_page_has_what_was_measured():
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))["measured"]
    page = section()
    for policy, quantities in figures.items():
        assert f"| `{policy}` |" in page
        for name, shares in quantities.items():
            assert list(map(int, shares)) == list(SIZES)
            cells = ("–" if x is None else f"{100 * x:.1f}" for x in shares.values())
            assert f"| {name} | {' | '.join(cells)} |" in page
