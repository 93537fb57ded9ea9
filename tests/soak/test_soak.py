"""Quick versions of `make soak`: mutated files, a killed run, a full disk, sizes without room."""

import json
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import figures
import hostile
import kills
from fuzz import SCENARIOS, fuzz, in_process
from mutations import mutated

from regimesim import load, parse
from regimesim.ensemble import memory as room
from regimesim.ensemble.datasets import in_memory
from regimesim.ensemble.netcdf import Patient
from regimesim.errors import Refusal, shown
from regimesim.results.folder import complete_or_absent
from regimesim.results.partial import put_right
from regimesim.studies.plot.compute import _warn_left_out
from regimesim.studies.validate import soak

BASE = SCENARIOS / "first_critical_try.toml"
MAKER = "regimesim test"


def test_mutated_files_give_a_valid_run_or_a_refusal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = []
    counts = fuzz(40, 20, tmp_path / "place", tmp_path / "failed", told.append)
    assert told == []
    assert counts["cases"] == 40
    assert min(counts["refused"], counts["valid"]) >= 8
    assert counts["run done"] >= 1


def test_the_page_shows_the_figures_that_were_kept(tmp_path):
    kept = json.loads(soak.FIGURES.read_text())
    assert soak.block(kept) in figures.PAGE.read_text(encoding="utf-8")
    page, last = tmp_path / "page.md", tmp_path / "last.json"
    page.write_text(f"before\n{soak.BEGIN}old\n{soak.END}after\n")
    figures.keep("fuzz", {"cases": 1500, "failed": 2}, last, page)
    figures.keep("kills", {"kills": 3}, last, page)
    shown = page.read_text()
    assert shown.startswith("before") and shown.endswith("after\n") and "old" not in shown
    assert "| fuzz | 2 | cases 1,500 |\n| kills | 0 | kills 3 |" in shown


def test_a_case_follows_from_its_seed_and_number():
    assert mutated(BASE, 3, 4) == mutated(BASE, 3, 4)
    assert len({mutated(BASE, 3, k) for k in range(20)}) > 15


def test_what_a_killed_process_left_is_removed_and_what_it_replaced_is_put_back(tmp_path):
    for name in ("r.abc.partial", "r.abc.replaced", "other.abc.partial"):
        (tmp_path / f".{name}").mkdir()
        (tmp_path / f".{name}" / "file").touch()
    put_right(tmp_path / "r")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.abc.partial", "r"]


@pytest.mark.skipif(sys.platform == "win32", reason="no locks on folders")
def test_what_is_being_written_is_left_alone(tmp_path):
    with complete_or_absent(tmp_path / "r", MAKER) as folder:
        (folder / "file").touch()
        put_right(tmp_path / "r")
        assert (folder / "file").exists()
    assert (tmp_path / "r" / "file").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_run_is_not_in_the_way_of_the_next(tmp_path):
    given = ("run", str(BASE), "--worlds", "1000", "--threads", "1", "--no-figures", "--out", "r")
    process = kills.start(given, tmp_path)
    while not list(tmp_path.glob(".r.*.partial/worlds.nc")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "r").exists()
    kills.must((*given[:2], *hostile.TINY, *given[6:]), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limits")
@pytest.mark.parametrize("kib", [60, 120])
def test_a_disk_that_is_full_is_shown_in_one_sentence(tmp_path, kib):
    limit = hostile._file_limit(kib)
    told = hostile.run_at(tmp_path, *hostile.RUN, "--out", "r", preexec_fn=limit)
    assert (told.code, told.out) == (2, "")
    line = told.err.splitlines()[-1]  # a compilation may be announced before
    assert line == f"{tmp_path / 'r'}: cannot be written: File too large"
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_file_without_room_is_read_as_if_it_had_been_written():
    with Patient(Path("/dev/full"), "r+b") as file:
        file.write(b"abcdef")
        file.seek(2)
        file.write(b"XY")
        file.seek(1)
        room_for = bytearray(9)
        assert file.readinto(room_for) == 5
        assert bytes(room_for) == b"bXYef" + bytes(4)  # the library reads beyond the end
        with pytest.raises(OSError, match="No space"):
            file.check()


def test_a_run_without_room_in_memory_is_refused_before_anything_is_made(monkeypatch):
    scenario = load(BASE).override({"worlds": 5_000_000})
    monkeypatch.setattr(room, "free_memory", lambda: 2**30)
    monkeypatch.setattr(np, "empty", None)
    with pytest.raises(Refusal, match=r"5,000,000 worlds under 9 policies: needs \d+ GiB of mem"):
        in_memory(scenario)


def test_a_disk_without_room_is_shown(tmp_path):
    with pytest.raises(Refusal, match=r"it: needs .* GiB of disk, and .* are free; ask for less"):
        room.check_disk("it", 2**70, tmp_path / "not" / "there", "ask for less")


def test_too_many_policies_are_refused_before_they_are_read():
    with pytest.raises(Refusal, match="found 20,000 policies; allowed are at most 100"):
        parse({"policies": {f"p{k}": {} for k in range(20_000)}})


def test_what_a_run_could_not_keep_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text("[claim]\nshown = [{during = 2026-01-01}, 1]\n[sweep.x]\ny = nan\n")
    told = in_process(["run", "x.toml", "--out", "r"])
    reason = "dates, inf and nan have no meaning here"
    assert told.code == 2
    assert told.err.splitlines() == [
        f"x.toml: claim.shown.1.during: found 2026-01-01; {reason}",
        f"x.toml: sweep.x.y: found nan; {reason}",
    ]
    assert not Path("r").exists()


def test_letters_that_turn_others_round_are_escaped():
    assert shown("a\u202eb\U000e0001é") == '"a\\u202Eb\\U000E0001é"'


def test_memory_that_runs_out_is_shown_in_one_sentence(monkeypatch):
    def without(*_):
        raise MemoryError

    monkeypatch.setattr("regimesim.scenario.load", without)
    told = in_process(["check", BASE])
    assert (told.code, told.err) == (2, f"regimesim: {room.RAN_OUT}\n")


def test_figures_over_another_number_of_axes_are_named_as_left_out(monkeypatch, capsys):
    monkeypatch.setattr("regimesim.studies.plot.compute.lacking", _lacking)
    _warn_left_out(
        {"sweep": None}, {"over": ["a", "b"]}, ["phase_map", "over_axis", "over_points"]
    )
    assert capsys.readouterr().err == (
        "figure 'crossing_over_axis' takes 1 --over, and 2 were given; it is left out\n"
    )


def _lacking(drawing, _run, options):
    keys = drawing.keys
    if "sweep" not in drawing.needs:
        return "needs another file"
    over = options["over"]
    return (
        f"takes {keys} --over, and {len(over)} were given"
        if over and keys != len(over) and keys
        else None
    )
