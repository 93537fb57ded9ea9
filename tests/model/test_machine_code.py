"""Machine code on disk: damaged, foreign, missing or not writable, it changes no result."""

import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from regimesim.model import compilation
from regimesim.model.machine_code import MachineCode, NotKept

pytestmark = pytest.mark.skipif(compilation.INTERPRETED, reason="nothing is compiled")
CASES = int(os.environ.get("REGIMESIM_CACHE_CASES", 30))
NUMBERS = np.linspace(0, 1, 50)


def add_up(values):
    total = 0.0
    for value in values:
        total += value * value
    return total


def compiled(folder):
    """The function as it is compiled or loaded by a new process, and how often it was loaded."""
    from numba import njit

    function = njit(**compilation.PLAIN)(add_up)
    function._cache = MachineCode(add_up, folder)
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


def test_a_users_own_cached_functions_stay_where_numba_puts_them(tmp_path):
    own = "import numba\n@numba.njit(cache=True)\ndef f(x):\n    return x\n"
    (tmp_path / "own.py").write_text(f"import regimesim.model.compilation\n{own}f(1.0)\n")
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    subprocess.run([sys.executable, "own.py"], cwd=tmp_path, env=environment, check=True)
    assert [*tmp_path.glob("__pycache__/own.f-*.nbi")]
