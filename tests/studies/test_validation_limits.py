"""A row that a scenario shows fails without the assumption of its scenario.

That every row holds with it is tested in test_validate.py.
"""

import shutil
from pathlib import Path

import pytest

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.validate.targets import read_targets

pytestmark = pytest.mark.skipif(INTERPRETED, reason="many worlds, too slow uncompiled")

SCENARIOS = Path(__file__).parents[2] / "scenarios" / "validation"
CHANGES = {  # of the scenario of a row: a line, its replacement, and the number that then fails
    "V9": ("calibration_scale = 6", "calibration_scale = 1000", "seen at the maximum of truth"),
    "V10": ("desire_targeting = 0", "desire_targeting = 0.5", "break-even moves by"),
    "V11": ("value = 0.25", "value = 0.05", "missed where it is seen"),
    "V12": ("months = 0", "months = 1", "A 0.1, theta 0.25"),  # the event no longer lasts
    "V13": ("common_cause = 0", "common_cause = 0.2", "p = 5/9"),
    "V14": ("shared = 0", "shared = 1", "4 systems, coordination 0.5"),
    "L1": ("density = 0.2", "density = 0.2\n[oversight]\ncontrol = true", "share held"),
    "L2": ("success_slope = 1e6", "success_slope = 0.58", "favourable: months off"),
    "L3": ("real_world_contact = 0", "real_world_contact = 0.01", "critical tries"),
    "L4": ("common_cause = 1", "common_cause = 0.99", "M differs"),
    "L5": ("patience = 0", "patience = 1", "months off"),
    "L6": ("red_team = { memory = 1 }", "red_team = { memory = 0.999 }", "belief differs"),
    "L7": ("noise = 0", "noise = 0.001", "worlds unlike"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_fails_without_its_assumption(name, tmp_path):
    stands, instead, label = CHANGES[name]
    path = shutil.copy(SCENARIOS / f"{read_targets()[name].scenario}.toml", tmp_path)
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(f"\n{stands}\n") == 1
    Path(path).write_text(text.replace(f"\n{stands}\n", f"\n{instead}\n"), encoding="utf-8")
    (row,) = rs.validate([name], folder=tmp_path)
    failed = [number.label for number in row.numbers if not number.holds]
    assert any(one.startswith(label) for one in failed)
