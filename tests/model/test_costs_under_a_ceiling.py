"""Slower growth costs, also where all growth ends at the same ceiling."""

import pytest
import small

from regimesim.analysis.estimands import estimate, values

# Nothing is tried, and the frontier reaches its ceiling of 12 doublings well before the end.
CEILING = {
    **small.NO_LUCK,
    "worlds": 30,
    "months": 120,
    "capability.initial": 8,
    "capability.doubling_time": 6,
    "capability.ceiling": 12,
    "takeover.difficulty": 60,
    "paradigm.ladder_rate": 0.1,
}
SLOWER = {
    "hold": {"paradigm.hold": 1},
    "freeze": {
        "events": [{"on": "2026-06", "months": 12, "set": {"frozen": 1}}],
    },
    "pause": {
        "events": [{"on": "2026-06", "months": 12, "set": {"pause": 1}}],
    },
    "no_growth": {
        "events": [{"on": "2026-06", "months": 12, "set": {"growth": 0.0}}],
    },
}


@pytest.fixture(scope="module")
def run():
    return small.run(CEILING, {"none": {}, **SLOWER})


@pytest.mark.parametrize("policy", SLOWER)
def test_a_hold_a_freeze_and_a_pause_cost_growth_that_a_ceiling_does_not_hide(policy, run):
    worlds, months = run
    last = months.leader.isel(month=-1)
    if policy != "hold":
        assert float(last.sel(policy=policy)) == pytest.approx(float(last.sel(policy="none")))
    lost = estimate(worlds, policy, "growth_lost")
    assert lost.low > 0.005
    assert (values(worlds, policy, "growth_lost") > 0).all()
    assert estimate(worlds, "none", "growth_lost").estimate == 0
