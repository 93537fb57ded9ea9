"""The adaptive audit budget under the defaults: it moves both ways, and by the evidence."""

import math

import numpy as np
import pytest

import regimesim as rs
from regimesim.model.compilation import INTERPRETED

pytestmark = pytest.mark.skipif(INTERPRETED, reason="hundreds of months, too slow uncompiled")

SCENARIO = rs.parse(
    {
        "worlds": 8,
        "months": 120,
        "oversight": {"control": {}, "adaptive": {}},
        "policies": {"it": {}},
    }
)
ADAPTIVE = SCENARIO.policies["it"].oversight.adaptive


def followed(changes):
    """(danger belief, believed catch rate, budget before, budget after) of every month before a
    takeover, in all worlds: (months, 4)."""
    months = []
    scenario = SCENARIO.override(changes)
    for world in range(scenario.worlds):
        model = rs.RegimeModel(scenario, world=world)
        before = scenario.policies["it"].oversight.audit_budget
        while model.running:
            model.step()
            if model.lost:
                break  # overseers do not learn from the month of a takeover
            after = float(model.tile.worlds[0]["audit_budget"][0])
            months.append((model.beliefs["danger"], model.beliefs["catch_rate"], before, after))
            before = after
    return np.array(months)


def test_under_the_defaults_the_budget_rises_and_falls():
    _, _, before, after = followed({}).T
    assert np.mean(after > before) > 0.2 and np.mean(after < before) > 0.2
    least, most = ADAPTIVE.audit_min, ADAPTIVE.audit_max
    inside = (after > least) & (after < most)
    assert np.mean(inside) > 0.5
    # with the tolerance that recognition leaves out of reach, it climbs and stays
    _, _, _, after = followed({"oversight.adaptive.risk_tolerance": 0.0005}).T
    assert np.mean(after == most) > 0.8


def test_it_rises_where_the_evidence_is_bad_and_falls_where_it_is_good():
    danger, caught, before, after = followed({}).T
    badly, well = free(before) & (caught < 0.7), free(before) & (caught > 0.915) & (danger < 0.035)
    assert np.count_nonzero(badly) > 20 and np.count_nonzero(well) > 20
    assert (after > before)[badly].all() and (after < before)[well].all()
    # bad judges are caught at strikes, which add 3 to the log-odds of danger
    misjudged = {"cognition.calibration_error": 12, "cognition.calibration_scale": 100}
    danger, caught, before, after = followed(misjudged).T
    struck = free(before) & (danger > 0.2)
    assert np.count_nonzero(struck) >= 3 and (after > before)[struck].all()


def free(budget):
    """Where a step of the budget meets neither end of its range."""
    return (budget > ADAPTIVE.audit_min * 1.3) & (budget < ADAPTIVE.audit_max / 1.3)


def test_the_default_lies_halfway_between_no_evidence_and_the_best_evidence():
    oversight = SCENARIO.policies["it"].oversight
    prior = 1 / (1 + math.exp(-oversight.beliefs.danger_prior))
    tests = oversight.red_team.red_team / (1 - oversight.red_team.memory)
    best = prior * (1 - (1 + oversight.recognition * tests) / (2 + tests))
    assert best < ADAPTIVE.risk_tolerance < prior / 2
    assert ADAPTIVE.risk_tolerance == pytest.approx(math.sqrt(best * prior / 2), rel=0.15)
