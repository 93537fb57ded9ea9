"""Machine code on disk: damaged, foreign, missing or not writable, it changes no result."""

import ast
import os
import random
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from regimesim.model import compilation
from regimesim.model.machine_code import SHIPPED, MachineCode, NotKept

pytestmark = pytest.mark.skipif(compilation.INTERPRETED, reason="nothing is compiled")
PACKAGE = Path(compilation.__file__).parents[1]
CASES = int(os.environ.get("REGIMESIM_CACHE_CASES", 30))
NUMBERS = np.linspace(0, 1, 50)


def add_up(values):
    total = 0.0
    for value in values:
        total += value * value
    return total


def compiled(folder, shipped=SHIPPED, build=""):
    """The function as it is compiled or loaded by a new process, and how often it was loaded."""
    from numba import njit

    function = njit(**compilation.PLAIN)(add_up)
    function._cache = MachineCode(add_up, folder, build, compilation.TARGET.level, shipped)
    return function


def damage(path: Path, luck: random.Random):
    """Do to a file what disks, processes and people do."""
    content = path.read_bytes()
    kind = luck.choice(["truncate", "empty", "flip", "remove", "foreign", "folder"])
    if kind == "truncate":
        path.write_bytes(content[: luck.randrange(len(content))])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "flip":
        place = luck.randrange(len(content))
        flipped = bytes([content[place] ^ (1 << luck.randrange(8))])
        path.write_bytes(content[:place] + flipped + content[place + 1 :])
    elif kind == "foreign":
        path.write_bytes(luck.randbytes(1000))
    else:
        path.unlink()
        if kind == "folder":
            path.mkdir()
    return kind


def test_a_second_process_loads_what_the_first_compiled(tmp_path):
    first = compiled(tmp_path)
    assert first(NUMBERS) == pytest.approx(add_up(NUMBERS), rel=1e-12)
    (file,) = tmp_path.iterdir()
    second = compiled(tmp_path)
    assert second(NUMBERS) == first(NUMBERS)
    assert sum(second.stats.cache_hits.values()) == 1
    assert [*tmp_path.iterdir()] == [file]


def test_damage_is_noticed_and_the_result_is_the_same(tmp_path):
    expected = compiled(tmp_path)(NUMBERS)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for case in range(CASES):
        kind = damage(file, random.Random(case))
        with warnings.catch_warnings():
            if kind == "folder":  # a folder is in the way of the file
                warnings.simplefilter("ignore", NotKept)
            again = compiled(tmp_path)
            assert again(NUMBERS) == expected, kind
        assert not again.stats.cache_hits, kind
        if kind == "folder":
            file.rmdir()
            file.write_bytes(whole)
        third = compiled(tmp_path)
        assert third(NUMBERS) == expected
        assert sum(third.stats.cache_hits.values()) == 1
        assert [*tmp_path.iterdir()] == [file]


def test_code_that_cannot_be_kept_is_said_once_and_costs_nothing_else(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.warns(NotKept, match="cannot be kept") as caught:
        function = compiled(blocked / "folder")
        assert function(NUMBERS) == pytest.approx(add_up(NUMBERS))
        assert function(NUMBERS.astype(np.float32)) > 0
    assert len(caught) == 1


PROGRAM = """
import os
import sys
from pathlib import Path
from test_machine_code import NUMBERS, compiled
function = compiled(Path(sys.argv[1]), Path(os.environ.get("SHIPPED", "none")))
print(repr(function(NUMBERS)), sum(function.stats.cache_hits.values()))
"""


def start(folder, before="", **environment):
    """A process that compiles the function, or loads it, and prints its value and the loads."""
    places = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", before + PROGRAM, str(folder)],
        env={**os.environ, "PYTHONPATH": places, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    """The value and the number of loads that a process printed, and its standard error."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    value, loads = out.split()
    return float(value), int(loads), err


def test_two_processes_at_once_share_a_folder(tmp_path):
    processes = [start(tmp_path) for _ in range(2)]
    results = [ended(process) for process in processes]
    assert {(value, err) for value, _, err in results} == {(compiled(tmp_path)(NUMBERS), "")}
    assert len([*tmp_path.iterdir()]) == 1


def test_code_of_another_processor_is_not_loaded(tmp_path):
    other = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    ended(start(tmp_path, **other))
    (foreign,) = tmp_path.iterdir()
    here = compiled(tmp_path)
    assert here(NUMBERS) == pytest.approx(add_up(NUMBERS)) and not here.stats.cache_hits
    (ours,) = {*tmp_path.iterdir()} - {foreign}
    shutil.copy(foreign, ours)  # as a folder that is copied between machines may have it
    again = compiled(tmp_path)
    assert again(NUMBERS) == here(NUMBERS) and not again.stats.cache_hits


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_full_disk_is_said_once_and_leaves_nothing(tmp_path):
    limit = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""
    value, loads, err = ended(start(tmp_path, limit))
    assert (value, loads) == (compiled(tmp_path / "other")(NUMBERS), 0)
    assert err.count(f"cannot be kept in {tmp_path} (File too large)") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"other"}


def test_a_folder_that_can_only_be_read_is_read(tmp_path, monkeypatch):
    expected = compiled(tmp_path)(NUMBERS)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)
    monkeypatch.setenv("REGIMESIM_CACHE_DIR", str(tmp_path))
    assert compilation._prepare_cache() == compilation.cache_folder()
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled(tmp_path)(NUMBERS) == expected


def test_without_a_home_folder_nothing_is_kept(tmp_path, monkeypatch):
    def refuse():
        raise RuntimeError("Could not determine home directory.")

    for name in ("REGIMESIM_CACHE_DIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", refuse)
    assert compilation._prepare_cache() is None
    with pytest.warns(NotKept, match=r"cannot be kept \(there is no home folder\)"):
        assert compiled(None)(NUMBERS) == pytest.approx(add_up(NUMBERS))


def test_the_folder_of_numba_is_honoured(tmp_path, monkeypatch):
    monkeypatch.delenv("REGIMESIM_CACHE_DIR", raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compilation.cache_folder().parent == tmp_path / "regimesim"
    monkeypatch.setenv("REGIMESIM_CACHE_DIR", str(tmp_path / "own"))
    assert compilation.cache_folder().parent == tmp_path / "own"


def test_a_users_own_cached_functions_stay_where_numba_puts_them(tmp_path):
    own = "import numba\n@numba.njit(cache=True)\ndef f(x):\n    return x\n"
    (tmp_path / "own.py").write_text(f"import regimesim.model.compilation\n{own}f(1.0)\n")
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    subprocess.run([sys.executable, "own.py"], cwd=tmp_path, env=environment, check=True)
    assert [*tmp_path.glob("__pycache__/own.f-*.nbi")]
    folder = compilation.cache_folder()
    assert not folder.exists() or not [*folder.glob("*own*"), *folder.glob("f-*")]


# ---- which sources the folder's name stands for ----


def imported(path: Path):
    """The modules of the package that a file imports, as paths below the package."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{item.name}" for item in node.names)]
        elif isinstance(node, ast.Import):
            names = [item.name for item in node.names]
        for name in names:
            place = name.removeprefix("regimesim.").replace(".", "/") + ".py"
            if name.startswith("regimesim.") and (PACKAGE / place).is_file():
                yield place


def test_every_source_whose_numbers_reach_compiled_code_is_in_the_digest():
    """What the model imports of scenarios, and what that imports in turn at its beginning."""
    model = sorted((PACKAGE / "model").rglob("*.py"))
    of_scenarios = {place for path in model for place in imported(path) if "scenario/" in place}
    assert {"scenario/parameters.py", "scenario/events.py"} <= of_scenarios
    assert of_scenarios <= set(compilation.SOURCES)
    declared = set(imported(PACKAGE / "scenario/parameters.py"))
    assert {place for place in declared if "scenario/" in place} <= set(compilation.SOURCES)
    assert all((PACKAGE / place).exists() for place in compilation.SOURCES)
