"""Machine code that a wheel holds: it is used where it fits, and nowhere else."""

import os
import subprocess
import sys
import zipfile

import numba
import pytest
from test_machine_code import NUMBERS, PACKAGE, compiled, ended, start

from regimesim.model import compilation
from regimesim.model.compilation import cache_folder, noticing
from regimesim.model.machine_code import SHIPPED
from regimesim.model.processor import LEVELS, reached

pytestmark = pytest.mark.skipif(compilation.INTERPRETED, reason="nothing is compiled")
ROOT = PACKAGE.parent


@pytest.fixture
def shipped(tmp_path):
    """A folder with machine code, as a wheel has it."""
    compiled(tmp_path / "shipped")(NUMBERS)
    return tmp_path / "shipped"


def called(own, shipped, build=""):
    """(result, times that it was loaded, times that it was said to be compiled) of the function in
    a process that finds machine code in both folders."""
    said = []
    function = compiled(own, shipped, build)
    with noticing(lambda: said.append("compiling")):
        result = function(NUMBERS)
    return result, sum(function.stats.cache_hits.values()), len(said)


def test_code_that_fits_is_used_and_not_compiled(tmp_path, shipped):
    expected = compiled(tmp_path / "other")(NUMBERS)
    assert called(tmp_path / "own", shipped) == (expected, 1, 0)
    assert not (tmp_path / "own").exists()


def test_it_is_used_where_there_is_no_home_folder(shipped):
    assert called(None, shipped)[1:] == (1, 0)


def test_what_the_user_has_compiled_comes_first(tmp_path, shipped):
    called(tmp_path / "own", tmp_path / "none")
    (file,) = shipped.iterdir()
    file.write_bytes(b"")
    assert called(tmp_path / "own", shipped)[1:] == (1, 0)


def test_code_of_other_sources_is_compiled_again(tmp_path, shipped):
    expected = compiled(tmp_path / "other")(NUMBERS)
    assert called(tmp_path / "own", shipped, "other sources") == (expected, 0, 1)
    assert called(tmp_path / "own", shipped, "other sources") == (expected, 1, 0)


@pytest.mark.parametrize("damage", [lambda old: old[:-1], lambda old: b"", lambda old: old + b" "])
def test_a_damaged_file_is_compiled_again(tmp_path, shipped, damage):
    expected = compiled(tmp_path / "other")(NUMBERS)
    (file,) = shipped.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert called(tmp_path / "own", shipped) == (expected, 0, 1)
    assert called(tmp_path / "own", shipped) == (expected, 1, 0)


@pytest.mark.parametrize("place", ["numba", "llvmlite"])
def test_code_of_another_release_is_compiled_again(tmp_path, shipped, place, monkeypatch):
    monkeypatch.setattr(f"{place}.__version__", "0.0")
    assert called(tmp_path / "own", shipped)[1:] == (0, 1)


def test_code_of_another_python_is_compiled_again(tmp_path, shipped, monkeypatch):
    monkeypatch.setattr("sysconfig.get_config_var", {"EXT_SUFFIX": ".cpython-99.so"}.get)
    assert called(tmp_path / "own", shipped)[1:] == (0, 1)


def test_code_for_a_higher_level_is_not_used_by_a_lower_one(tmp_path, shipped):
    level = compilation.TARGET.level
    lower = [*LEVELS][[*LEVELS].index(level) + 1 :] if level else []
    for other in ({"REGIMESIM_PROCESSOR": one} for one in lower):
        value, loads, _ = ended(start(tmp_path / "own", SHIPPED=str(shipped), **other))
        assert value == compiled(tmp_path / "other")(NUMBERS) and loads == 0
    value, loads, _ = ended(start(tmp_path / "own", SHIPPED=str(shipped)))
    assert loads == 1


# ---- the levels of processors ----


@pytest.mark.parametrize("feature", [*LEVELS["x86-64-v4"], None])
def test_a_processor_without_one_feature_is_of_a_lower_level(feature):
    features = {one: one != feature for one in LEVELS["x86-64-v4"]}
    expected = [level for level, needed in LEVELS.items() if feature not in needed]
    assert reached(features) == expected
    del features[feature or "sse3"]
    assert len(reached(features)) <= len(expected)


def test_a_level_that_the_processor_does_not_reach_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "regimesim", "run", ROOT / "scenarios/first_critical_try.toml"],
        env=os.environ | {"REGIMESIM_PROCESSOR": "x86-64-v5"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("REGIMESIM_PROCESSOR: found 'x86-64-v5'; allowed is ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("before", "named"),
    [
        ("import numba; numba.njit(lambda: 0)", {}),
        ("pass", {"NUMBA_CPU_NAME": "generic"}),
        ("pass", {"NUMBA_CPU_FEATURES": "+sse3"}),
    ],
)
def test_where_numba_has_another_processor_code_is_compiled_for_that_one(before, named):
    program = f"{before}; from regimesim.model.compilation import TARGET; print(TARGET.level)"
    command, pipes = [sys.executable, "-c", program], {"capture_output": True, "text": True}
    environment = {k: v for k, v in os.environ.items() if k != "REGIMESIM_PROCESSOR"} | named
    done = subprocess.run(command, env=environment, check=True, **pipes)
    assert done.stdout == "None\n"
    wanted = {"REGIMESIM_PROCESSOR": compilation.TARGET.level or ""}
    if compilation.TARGET.level:
        refused = subprocess.run(command, env=environment | wanted, **pipes)
        assert "but numba compiles for another processor" in refused.stderr


def test_a_change_of_settings_of_numba_changes_no_name(tmp_path, monkeypatch):
    called(tmp_path, tmp_path / "none")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "other"))
    numba.config.reload_config()
    assert called(tmp_path, tmp_path / "none")[1:] == (1, 0)


# ---- the wheel ----

FIRST_RUN = """
import hashlib
import numpy as np, regimesim as rs
from regimesim.ensemble.ensemble import Share, run_share
from regimesim.model.machine_code import SHIPPED
from regimesim.results.progress import compile_model
compile_model()
scenario = rs.parse({"months": 60, "systems": 4, "oversight": {"control": True}})
found, share, stop = hashlib.sha256(), Share(0, 0, 40), np.zeros(1, np.int64)
for tables in scenario.policies.values():
    outcomes, monthly, *_ = run_share(scenario, tables, None, share, stop)
    found.update(outcomes.tobytes() + monthly.tobytes())
print(found.hexdigest(), SHIPPED)
"""


def first_run(package, cache):
    """(digest of the results, folder of shipped code, standard error) of a first run."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_RUN],
        env=os.environ | {"PYTHONPATH": str(package), "REGIMESIM_CACHE_DIR": str(cache)},
        cwd=package,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return *done.stdout.split(), done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the package of a wheel that holds what this checkout has compiled."""
    wheels, target = (tmp_path_factory.mktemp(name) for name in ("wheels", "installed"))
    first_run(ROOT, cache_folder().parent)  # which compiles what no test has compiled yet
    options = ["--code", cache_folder().parent, "--into", wheels]
    subprocess.run([sys.executable, ROOT / ".ci" / "wheel", "build", *options], check=True)
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_the_first_run_of_a_wheel_compiles_nothing_and_gives_the_same_bits(installed, tmp_path):
    expected, folder, said = first_run(ROOT, cache_folder().parent)
    assert folder == str(SHIPPED) and said == ""
    found, folder, said = first_run(installed, tmp_path)
    assert folder == str(installed / "regimesim" / "model" / "compiled")
    assert (found, said) == (expected, "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_loading_needs_neither_the_compiler_nor_linear_algebra(tmp_path):
    program = (
        "import sys; from regimesim import parse; "
        "from regimesim.ensemble.ensemble import warm_up; warm_up(parse({})); "
        "print({'scipy.linalg', 'numba.np.arraymath'} & {*sys.modules})"
    )
    for _ in range(2):  # the first may compile
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
    assert done.stdout == "set()\n"


def test_a_wheel_without_machine_code_is_not_built(tmp_path):
    command = [sys.executable, ROOT / ".ci" / "wheel", "build", "--code", tmp_path]
    done = subprocess.run([*command, "--into", tmp_path / "dist"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"there is no machine code of these sources in {tmp_path}\n"
    assert not (tmp_path / "dist").exists()


def test_the_checkout_has_no_machine_code():
    assert not SHIPPED.exists()


# ---- which sources the code depends on ----


def test_every_source_with_an_entry_is_in_the_digest():
    places = [PACKAGE / source for source in compilation.SOURCES]
    known = {
        path for place in places for path in ([place] if place.is_file() else place.rglob("*.py"))
    }
    with_entries = [
        path
        for path in PACKAGE.rglob("*.py")
        if any(line.startswith("@entry") for line in path.read_text(encoding="utf-8").splitlines())
    ]
    assert len(with_entries) > 5 and set(with_entries) <= known
