"""The stages that carry the month are vector code, and call no mathematical library."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from regimesim.compiled import INTERPRETED

VECTORISED = (
    "dynamics.capability.densify",
    "dynamics.capability._develop",
    "dynamics.decision._choose",
    "dynamics.decision._mark_candidates",
    "dynamics.decision._watch",
    "dynamics.learning._feed",
    "dynamics.prospects.survey",
    "dynamics.prospects._weigh",
    "dynamics.training.upkeep",
    "oversight.catching._face_control",
    "oversight.catching._face_cot_monitor",
    "oversight.catching._face_probe",
    "oversight.catching.miss",
    "oversight.catching.inspect",
    "oversight.evaluations.evaluate",
)

pytestmark = [
    pytest.mark.skipif(INTERPRETED, reason="there is no machine code"),
    pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 code"),
]


@pytest.fixture(scope="module")
def machine_code(tmp_path_factory):
    """Vector and scalar instructions and library calls of every stage, compiled afresh."""
    program = Path(__file__).with_name("machine_code_of_stages.py")
    environment = {**os.environ, "REGIMESIM_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}
    done = subprocess.run(
        [sys.executable, program], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("stage", VECTORISED)
def test_the_stage_is_vector_code(machine_code, stage):
    assert machine_code[stage]["vector"] > 0, f"{stage}: scalar code only"


def test_the_month_is_mostly_vector_code(machine_code):
    month = machine_code["dynamics.month.live"]
    assert month["vector"] > month["scalar"]


def test_no_stage_calls_a_mathematical_library(machine_code):
    assert len(machine_code) > len(VECTORISED)
    assert {name: code["calls"] for name, code in machine_code.items() if code["calls"]} == {}
