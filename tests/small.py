"""Small scenarios from dotted keys, and worlds that are lived through step by step."""

import json
import tomllib
from pathlib import Path

import numpy as np

import regimesim as rs
from regimesim.model.world.records import THRESHOLDS, names

SIZE = {"worlds": 48, "months": 120, "labs": 3, "systems": 9, "seed": 3}

# Every source of luck that differs from world to world before anybody acts, switched off.
# Retraining remains, but with `update_rate` 1 and nothing that moves it brings nothing new.
NO_LUCK = {
    "capability.lab_spread": 0,
    "capability.system_spread": 0,
    "capability.noise": 0,
    "capability.update_rate": 1,
    "feedback.density_spread": 0,
    "feedback.density_trend": 0,
    "feedback.density_per_doubling": 0,
    "feedback.scale_spread": 0,
    "goals.value_spread": 0,
    "goals.goal_drift": 0,
    "takeover.difficulty": 15,
    "cognition.awareness_spread": 0,
    "cognition.calibration_error": 0,
    "conduct.story_rate": 0,
    "paradigm.ladder_rate": 0,
    "paradigm.ladder_per_doubling": 0,
    "oversight.red_team.red_team": 0,
}
# Sparse feedback: every goal is wide and far-sighted, and no norm holds anybody back.
SPARSE = {"feedback.density": 0, "feedback.density_trend": 0, "feedback.constraint": 0}


def dotted(tables, above=""):
    """Dotted keys from nested tables."""
    flat = {}
    for key, value in tables.items():
        flat |= (
            dotted(value, f"{above}{key}.") if isinstance(value, dict) else {above + key: value}
        )
    return flat


# The first part of the model alone: nothing of the second part acts.
SCENARIOS = Path(__file__).parents[1] / "scenarios"
FIRST_PART = dotted(tomllib.loads((SCENARIOS / "claims/first_part.toml").read_text("utf-8")))
del FIRST_PART["name"]
FIRST_PART_IN_TOML = "".join(f"{key} = {value}\n" for key, value in FIRST_PART.items())
ALL_RECOGNISED = {
    key: FIRST_PART[key] for key in ("oversight.recognition", "oversight.recognition_limit")
}


# One of a file.
SCENARIO = f"""
name = "small"
worlds = 30
months = 60
systems = 6
capability.initial = 7
{FIRST_PART_IN_TOML}[takeover]
difficulty = {{ normal = [11, 1] }}
[policies.none]
[policies.control.oversight]
control = true
"""


def read(path):
    """What a JSON file holds."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def nested(dotted):
    """Nested tables from dotted keys."""
    tables = {}
    for key, value in dotted.items():
        *path, last = key.split(".")
        table = tables
        for part in path:
            table = table.setdefault(part, {})
        assert last not in table, f"{key} is set twice"
        table[last] = dict(value) if isinstance(value, dict) else value
    return tables


def scenario(given=(), policies=None):
    """A small scenario of dotted keys, and of policies of dotted keys."""
    named = {name: nested(dotted) for name, dotted in (policies or {"only": {}}).items()}
    return rs.parse(nested({**SIZE, **dict(given)}) | {"policies": named})


def run(given=(), policies=None):
    """What a small scenario gives: (worlds, months)."""
    return rs.run(scenario(given, policies))


def crossing(worlds, threshold):
    """Month in which each world crossed a threshold, NaN where it never did."""
    assert threshold in names(THRESHOLDS)
    return worlds.crossing.sel(threshold=threshold)


def stepped(given=(), world=0):
    """A world under the only policy, and itself again after each of its months."""
    model = rs.RegimeModel(scenario(given), world=world)
    while model.running:
        model.step()
        yield model


def differing(left, right):
    """Names of the variables in which two policies' results differ in any bit."""
    return {
        name
        for name in left.data_vars
        if not np.array_equal(left[name].values, right[name].values, equal_nan=True)
    }
