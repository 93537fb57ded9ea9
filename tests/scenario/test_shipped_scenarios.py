"""The shipped scenarios: each is complete, valid for an editor, and runs."""

import json
import tomllib
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from regimesim.ensemble.ensemble import run
from regimesim.model.world.records import THRESHOLDS
from regimesim.scenario import load

ROOT = Path(__file__).parents[2]
SCHEMA = "docs/scenario.schema.json"
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
EVERY = pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def schema():
    return json.loads((ROOT / SCHEMA).read_text(encoding="utf-8"))


def test_there_are_scenarios_to_learn_from():
    assert {"first_critical_try", "common_cause", "feints"} <= {path.stem for path in SCENARIOS}


@EVERY
def test_first_line_names_the_schema(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"#:schema ../{SCHEMA}"
    assert (path.parent / f"../{SCHEMA}").is_file()


@EVERY
def test_is_valid_for_an_editor(path, schema):
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)


@EVERY
def test_has_its_file_s_name_a_description_and_several_policies(path):
    scenario = load(path)
    assert scenario.name == path.stem
    assert scenario.description
    assert len(scenario.policies) >= 3


@EVERY
def test_every_policy_is_shown_in_a_comment(path):
    """A line of comment stands above each policy that the file writes, or above its group."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    told = {
        lines[k].lstrip("[").removeprefix("policies.").rstrip("]").split(".")[0]
        for k in range(1, len(lines))
        if lines[k].startswith(("[policies.", "[[policies.")) and lines[k - 1].startswith("#")
    }
    assert len(told) >= len(tomllib.loads(text)["policies"]) - 1


@EVERY
def test_runs(path):
    scenario = load(path).override({"worlds": 6, "months": 18, "systems": 9})
    worlds, months = run(scenario, threads=1)
    assert list(worlds["policy"].values) == list(scenario.policies)
    assert worlds["crossing"].shape == (len(THRESHOLDS), len(scenario.policies), 6)
    assert np.isfinite(months["frontier"].values[:, 0]).all()
    assert (worlds["critical_tries_held"] <= worlds["critical_tries"]).all()


def test_the_policies_of_the_first_critical_try():
    scenario = load(ROOT / "scenarios" / "first_critical_try.toml")
    assert list(scenario.policies) == [
        "none",
        "control",
        "control_and_cot",
        "evaluations",
        "dense_feedback",
        "hold_faithful_cot",
        "halt",
        "halt_in_two_labs",
        "defence_in_depth",
    ]
