"""Parameters of the same worlds at many points: the same bits as drawn by themselves."""

import numpy as np
import pytest

import regimesim as rs
from regimesim.ensemble import same_worlds
from regimesim.ensemble.parameter_sampling import draw_parameters
from regimesim.ensemble.same_worlds import SameWorlds

NUMBERS = np.arange(5, 17, dtype=np.int64)
SEEDS = np.full(len(NUMBERS), 3, np.int64)
DRAWN = {
    "capability": {"initial": {"fit": "metr", "since": 2023}, "noise": {"uniform": [0.0, 0.4]}},
    "feedback": {"density": {"uniform": [0.3, 1]}, "density_spread": {"uniform": [0, 0.15]}},
    "takeover": {"difficulty": {"normal": [15, 2]}},
    "correlations": [{"of": ["feedback.density", "takeover.difficulty"], "rank": 0.5}],
    "oversight": {"control": {"tax": {"uniform": [-0.05, 0.15]}}, "evaluations": {}},
    "events": [{"when": "alarm", "at_least": 1, "set": {"frozen": 1}}],
}
CHANGES = (
    {},
    {"feedback.density": 0.5},
    {"feedback.density": {"uniform": [0.2, 0.9]}},
    {"feedback.density_spread": {"uniform": [-0.0, 0.15]}},
    {"takeover.difficulty": {"normal": [16, 3]}},
    {"capability.initial": {"fit": "metr", "since": 2022}},
    {"capability.initial": 2},
    {"oversight.control.tax": 0.02, "oversight.audit_budget": 0.1},
    {"oversight.control": False, "oversight.cot_monitor": True},
    {"correlations": [{"of": ["feedback.density", "takeover.difficulty"], "rank": -0.5}]},
    {"correlations": []},
    {"events": [{"when": "alarm", "at_least": 1, "set": {"frozen": 0.5}}]},
    {"events": []},
)


def bits(drawn):
    """The numbers as bits, so that a zero differs from a negative one."""
    return np.ascontiguousarray(drawn).view(np.int64)


@pytest.mark.parametrize("first", range(len(CHANGES)))
def test_parameters_are_those_that_are_drawn_by_themselves(first):
    scenario, same = rs.parse(DRAWN), SameWorlds("2026-01", SEEDS, NUMBERS)
    for changes in (CHANGES[first], *CHANGES):
        (tables,) = scenario.override(changes).policies.values()
        alone = draw_parameters(tables, "2026-01", SEEDS, NUMBERS)
        np.testing.assert_array_equal(bits(same.draw(tables)), bits(alone))


def test_what_is_returned_may_be_changed():
    (tables,) = rs.parse(DRAWN).policies.values()
    same = SameWorlds("2026-01", SEEDS, NUMBERS)
    same.draw(tables)[:] = 7
    same.draw(tables)[:] = 7
    alone = draw_parameters(tables, "2026-01", SEEDS, NUMBERS)
    np.testing.assert_array_equal(bits(same.draw(tables)), bits(alone))


def test_at_the_points_of_a_sweep_only_what_differs_is_drawn(monkeypatch):
    drawn = []
    draw_number = same_worlds.draw_number
    monkeypatch.setattr(
        same_worlds,
        "draw_number",
        lambda number, *rest: drawn.append(number[0]) or draw_number(number, *rest),
    )
    monkeypatch.setattr(
        same_worlds,
        "draw_parameters",
        lambda *given: drawn.append("all") or draw_parameters(*given),
    )
    scenario = rs.parse({**DRAWN, "correlations": [], "months": 2, "systems": 2, "worlds": 4})
    axes = {"oversight.audit_budget": {"low": 0.01, "high": 0.2, "points": 6}}
    rs.sweep(scenario, axes, threads=1)
    assert drawn == ["all"]
