"""Fixtures that several test files share, and what happens before workers start."""

import os
import subprocess
import sys

import pytest

# Threads of linear algebra wait for each other in loops that keep processors busy, which takes
# more time than they save where several tests run at once.  numpy reads this when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from regimesim.model.compilation import INTERPRETED, cache_folder

SMALL = {"worlds": 1280, "months": 6, "systems": 3}
RUN = f"from regimesim import run; run({SMALL})"
RARE = f"from regimesim import rare; rare({SMALL}, relative_error=0.9)"


def pytest_configure(config):
    """Compile what is compiled as a whole, before there are workers that would each compile it: a
    run, splitting, and a run with the narrow vectors that a test compares."""
    parallel = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if not parallel or INTERPRETED or any(cache_folder().glob("simulate*")):
        return
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", program], env={**os.environ, "REGIMESIM_VECTOR_BITS": bits}
        )
        for program, bits in ((RUN, ""), (RARE, ""), (RUN, "256"))
    ]
    for program in programs:
        program.wait()


@pytest.fixture(autouse=True)
def columns(monkeypatch):
    """Words are 80 columns wide, whatever terminal the tests run in."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def file(request, tmp_path, monkeypatch):
    """The `SCENARIO` of the module in a folder of its own, which is made the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.toml"
    path.write_text(request.module.SCENARIO)
    return path
