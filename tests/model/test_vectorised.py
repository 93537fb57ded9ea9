"""The stages that carry the month are vector code, and call no mathematical library."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from regimesim.model.compilation import INTERPRETED

SCENARIO = Path(__file__).parents[2] / "scenarios" / "first_critical_try.toml"
VECTORISED = (
    "dynamics.capability.densify",
    "dynamics.capability._develop",
    "dynamics.capability._tax",
    "dynamics.decision._consider",
    "dynamics.decision._gauge",
    "dynamics.decision._judge",
    "dynamics.decision._look_ahead",
    "dynamics.decision._mark_candidates",
    "dynamics.decision._watch",
    "dynamics.goals.drift",
    "dynamics.learning._exercise",
    "dynamics.learning._feed",
    "dynamics.learning._steer",
    "dynamics.learning._update_beliefs",
    "dynamics.prospects.survey",
    "dynamics.prospects._forgive",
    "dynamics.prospects._value",
    "dynamics.prospects._weigh",
    "dynamics.record._add_all",
    "dynamics.record._grind",
    "dynamics.record._measure",
    "dynamics.record._measure_labs",
    "dynamics.upkeep._follow",
    "dynamics.training._train_afresh",
    "oversight.control.face",
    "oversight.evaluations.evaluate",
    "oversight.interpretability.face",
    "oversight.audits.allot",
    "oversight.audits._miss_unskilled",
    "oversight.miss_probability.inspect",
    "oversight.miss_probability._count",
    "oversight.miss_probability._join",
    "oversight.miss_probability._miss",
    "oversight.miss_probability._miss_by_rating",
    "oversight.miss_probability._miss_shown",
    "oversight.miss_probability._recall_paradigm",
)

pytestmark = [
    pytest.mark.skipif(INTERPRETED, reason="there is no machine code"),
    pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 code"),
]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """(a process that has compiled all stages for a small run, the folder of its results); its
    code could not be kept."""
    folder = tmp_path_factory.mktemp("compiled")
    (folder / "file").write_text("")
    scenario, results = folder / "tiny.toml", folder / "results"
    scenario.write_text("worlds = 4\nmonths = 6\nsystems = 3\n")
    program = Path(__file__).parents[1] / "machine_code_of_stages.py"
    command = ["run", scenario, "--no-figures", "--out", results]
    environment = {**os.environ, "REGIMESIM_CACHE_DIR": str(folder / "file" / "inside")}
    done = subprocess.run(
        [sys.executable, program, *command], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done, results


@pytest.fixture(scope="module")
def machine_code(compiled):
    """Vector and scalar instructions and library calls of every stage, compiled afresh."""
    return json.loads(compiled[0].stdout)


def test_a_command_that_cannot_keep_its_code_says_so_once_and_ends_well(compiled):
    done, results = compiled
    assert "Traceback" not in done.stderr and done.stderr.count("cannot be kept in") == 1
    assert (results / "summary.json").exists()


def test_these_stages_are_vector_code(machine_code):
    assert [stage for stage in VECTORISED if machine_code[stage]["vector"] == 0] == []


def test_narrow_vectors_give_the_same_bits():
    program = (
        "import sys, hashlib; import regimesim as rs; from scenarios_of_tests import busy\n"
        "from regimesim.model.compilation import TARGET\n"
        "from regimesim.ensemble.ensemble import Share, run_share; import numpy as np\n"
        "work, found = busy(worlds=20, months=60), hashlib.sha256()\n"
        "for tables in work.policies.values():\n"
        "    kept = run_share(work, tables, None, Share(0, 0, 20), np.zeros(1, np.int64))\n"
        "    found.update(kept[0].tobytes() + kept[1].tobytes())\n"
        "print(TARGET.bits, found.hexdigest())"
    )
    told = []
    for bits in ("", "256"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "REGIMESIM_VECTOR_BITS": bits},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(done.stdout.split())
    (widest, wide), (narrow, slim) = told
    assert int(narrow) == min(int(widest), 256)
    assert wide == slim


def test_a_width_of_vectors_that_is_not_allowed_is_refused():
    environment = {**os.environ, "REGIMESIM_VECTOR_BITS": "100"}
    run = [sys.executable, "-m", "regimesim", "run", SCENARIO]
    done = subprocess.run(run, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "REGIMESIM_VECTOR_BITS: found '100'; allowed is 256 or 512\n"


def test_the_month_is_mostly_vector_code(machine_code):
    month = machine_code["dynamics.month.simulate"]
    assert month["vector"] > month["scalar"]


def test_these_stages_read_and_write_rows_as_they_lie(machine_code):
    """What depends on a choice is loaded before it: a row that is chosen, or written under a
    condition, may become a gather or a scatter, which take ten times as long."""
    assert [stage for stage in VECTORISED if machine_code[stage]["scattered"] > 0] == []


def test_no_stage_calls_a_mathematical_library(machine_code):
    assert len(machine_code) > len(VECTORISED)
    assert {name: code["calls"] for name, code in machine_code.items() if code["calls"]} == {}
