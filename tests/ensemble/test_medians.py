"""A scenario at the medians of its distributions."""

import numpy as np
import pytest
from typer.testing import CliRunner

import regimesim as rs
from regimesim.cli import app
from regimesim.ensemble.medians import at_place
from regimesim.ensemble.parameter_sampling import columns, draw_parameters, uncertain

DRAWN = {
    "worlds": 4001,
    "capability": {
        "initial": {"fit": "metr", "since": 2023},
        "doubling_time": {"fit": "metr", "since": 2023},
        "noise": {"lognormal": [0.2, 0.5]},
    },
    "takeover": {"difficulty": {"triangular": [10, 12, 25]}},
    "feedback": {"density": {"normal": [0.95, 0.3]}},  # cut off at 1
    "paradigm": {"faithfulness": [0.6, {"beta": [3, 1]}, 0.3, 0]},
    "policies": {
        "none": {},
        "control": {"oversight": {"control": {"auroc": {"uniform": [0.6, 0.9]}}}},
    },
}


def test_every_value_is_the_median_of_what_worlds_draw():
    drawn, middle = rs.parse(DRAWN), rs.at_medians(rs.parse(DRAWN))
    for policy, tables in drawn.policies.items():
        numbers = np.arange(drawn.worlds, dtype=np.int64)
        values = draw_parameters(tables, drawn.start, np.ones_like(numbers), numbers)
        (fixed,) = draw_parameters(
            middle.policies[policy], middle.start, np.ones(1, np.int64), np.zeros(1, np.int64)
        )
        assert not uncertain(middle.policies[policy])
        assert len(uncertain(tables)) == 6 + (policy == "control")
        for column in columns(tables).values():
            # a median of 4,001 draws lies within 1.5 standard deviations / sqrt(4001), thrice
            near = 4.5 * values[:, column].std() / np.sqrt(drawn.worlds)
            assert fixed[column] == pytest.approx(np.median(values[:, column]), abs=near + 1e-12)


def test_a_scenario_without_distributions_keeps_every_value():
    scenario = rs.parse({"takeover": {"difficulty": 12}, "months": 24})
    moved = rs.at_medians(scenario)
    assert moved.policies == scenario.policies
    assert moved.name == f"{scenario.name}-at-medians"


def test_a_distribution_that_is_the_default_is_replaced_too():
    tables = rs.at_medians(rs.parse({})).policies["scenario"]
    assert tables.takeover.difficulty == pytest.approx(15)
    assert not uncertain(tables)


def test_it_can_be_changed_afterwards():
    moved = rs.at_medians(rs.parse(DRAWN)).override({"takeover.difficulty": 20})
    assert {tables.takeover.difficulty for tables in moved.policies.values()} == {20}


def test_the_command_line_takes_it_and_refuses_another_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.toml").write_text(
        "months = 12\nsystems = 3\nworlds = 16\n[takeover]\ndifficulty = { uniform = [10, 20] }\n"
    )
    ran = CliRunner().invoke(app, ["run", "one.toml", "--at", "medians", "--no-figures"])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "outputs/one-at-medians/summary.json").exists()
    with pytest.raises(rs.Refusal, match="--at: found \"median\"; the nearest is 'medians'"):
        at_place(rs.parse({}), "median")
