"""The commands `sweep` and `merge`: folders that survive anything, shards, refusals."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import small
import xarray as xr
from matplotlib.figure import Figure
from small import read

import regimesim as rs
from regimesim.analysis.formatting import percent
from regimesim.cli import main
from regimesim.ensemble.datasets import WHOLE_PACKAGE
from regimesim.model.compilation import digest
from regimesim.studies.sweep import figure
from regimesim.studies.sweep.compute import load
from regimesim.sweeps import dataset, forecast, plan
from regimesim.sweeps.folder import JOURNAL, PLAN
from regimesim.sweeps.journal import Journal

SCENARIO = (
    small.SCENARIO
    + """[sweep.vary]
"feedback.density" = { low = 0.1, high = 0.9, points = 5 }
"takeover.difficulty" = [9, 11, 13]
"""
)
SWEEP, MERGE = ["sweep", "--no-figures"], ["merge", "--no-figures"]
LEFT = {"plan.json", "journal", "sweep.nc", "points.csv", "manifest.json"}


@pytest.fixture
def finely_cut(monkeypatch):
    """Sweeps of this process in many chunks."""
    monkeypatch.setattr(plan, "WORK", 50)


@pytest.fixture
def briefly_measured(monkeypatch):
    """Plans are measured for a fifth of a second."""
    monkeypatch.setattr(forecast, "MEASURED", 0.2)


@pytest.fixture
def plain_figures(monkeypatch):
    """Figures of sweeps are empty axes, where what is on them does not matter."""

    def plain(*_, **__):
        return Figure().subplots()

    monkeypatch.setattr(figure, "FIGURES", [d._replace(draw=plain) for d in figure.FIGURES])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder that holds the finished sweep, in few chunks and in many."""
    folder = tmp_path_factory.mktemp("made")
    file = folder / "small.toml"
    file.write_text(SCENARIO)
    with pytest.MonkeyPatch.context() as patch:
        for name, work in (("few", plan.WORK), ("many", 50)):
            patch.setattr(plan, "WORK", work)
            assert main([*SWEEP, str(file), "--out", str(folder / name)]) == 0
    return folder


@pytest.fixture
def finished(request, made, file):
    """Puts the finished sweep, which is made only once, into a folder of a test."""
    name = "many" if "finely_cut" in request.fixturenames else "few"
    return lambda folder: shutil.copytree(made / name, folder)


def listed(folder):
    return {path.name for path in Path(folder).iterdir() if path.name != "figures"}


def content(folder):
    """Everything that must be the same bit for bit."""
    folder = Path(folder)
    return (folder / "sweep.nc").read_bytes(), (folder / "points.csv").read_bytes()


def same(*folders):
    first, *others = map(content, folders)
    return all(other == first for other in others)


def test_a_sweep_that_is_written_in_many_blocks_is_the_same(file, finished, monkeypatch):
    finished("whole")
    monkeypatch.setattr(dataset, "SLAB", 4)
    assert main([*SWEEP, str(file), "--out", "blocks"]) == 0
    assert content("whole")[1] == content("blocks")[1]  # the file itself is in other pieces
    xr.testing.assert_identical(load(Path("whole")), load(Path("blocks")))


def test_a_sweep_leaves_its_folder_and_nothing_else(file, capsys):
    assert main(["sweep", str(file), "--threads", "2"]) == 0
    folder = Path("outputs/small-sweep")
    assert listed("outputs") == {folder.name} and listed(folder) == LEFT
    assert {path.name for path in (folder / "figures").iterdir()} >= {"phase_map.png"}
    told = capsys.readouterr().out
    assert "small: 15 points, 30 worlds at each.\n\nResults are in outputs/small-sweep/." in told
    manifest = read(folder / "manifest.json")
    assert manifest["made_by"] == "regimesim sweep"
    assert manifest["code_digest"] == digest(WHOLE_PACKAGE)
    axes = ["feedback.density", "takeover.difficulty"]
    assert (manifest["points"], manifest["failed"], manifest["axes"]) == (15, 0, axes)
    with xr.open_dataset(folder / "sweep.nc", engine="h5netcdf", decode_timedelta=False) as kept:
        scenario = rs.load(file)
        assert kept.load().equals(rs.sweep(scenario).dataset)
        table = list(csv.DictReader((folder / "points.csv").read_text().splitlines()))
        assert len(table) == 15 * 2
        for k, policy in ((0, "none"), (29, "control"), (7, "control")):
            row, point = (
                table[k],
                kept.isel({"feedback.density": k // 6, "takeover.difficulty": k // 2 % 3}).sel(
                    policy=policy
                ),
            )
            assert (int(row["point"]), row["policy"], row["error"]) == (k // 2, policy, "")
            assert float(row["takeover.difficulty"]) == point["takeover.difficulty"]
            for name in ("no_takeover", "evidence_gap_low", "first_critical_try_crossed_high"):
                value = float(point[name])
                assert row[name] == ("" if np.isnan(value) else repr(value))


def test_an_unfinished_sweep_is_gone_on_with_and_nothing_else(file, finished, capsys, finely_cut):
    finished("whole")
    folder = broken_off("whole", "outputs/small-sweep", 7)
    assert main([*SWEEP, str(file)]) == 2
    told = capsys.readouterr().err
    assert "holds an unfinished sweep" in told and "--resume" in told
    assert listed(folder) == {"plan.json", "journal"}
    before = (folder / JOURNAL).read_bytes()
    assert main([*SWEEP, str(file), "--resume", "--threads", "1"]) == 0
    assert (folder / JOURNAL).read_bytes().startswith(before)
    assert listed(folder) == LEFT and same("whole", folder)
    capsys.readouterr()
    stamp = (folder / "sweep.nc").stat().st_mtime_ns
    assert main([*SWEEP, str(file), "--resume"]) == 0
    assert "is finished, and nothing in it has changed" in capsys.readouterr().out
    assert (folder / "sweep.nc").stat().st_mtime_ns == stamp


def broken_off(whole, folder, chunks):
    """The folder of a sweep that ended after some of its chunks."""
    folder, whole = Path(folder), Path(whole)
    folder.mkdir(parents=True)
    (folder / PLAN).write_bytes((whole / PLAN).read_bytes())
    with Journal(whole / JOURNAL) as full, Journal(folder / JOURNAL, write=True) as part:
        assert len(full) > chunks
        for number in range(chunks):
            part.add_packed(number, full.packed(number))
    return folder


@pytest.mark.parametrize("damage", ["truncated", "garbled", "emptied", "lost plan"])
def test_a_damaged_journal_costs_chunks_and_no_more(file, finished, damage, finely_cut, capsys):
    finished("whole")
    folder = broken_off("whole", "part", 9)
    journal = folder / JOURNAL
    whole = journal.read_bytes()
    middle = len(whole) // 2
    if damage == "truncated":
        journal.write_bytes(whole[: middle + 3])
    elif damage == "garbled":
        journal.write_bytes(whole[:middle] + os.urandom(300) + whole[middle + 300 :])
    elif damage == "emptied":
        journal.write_bytes(b"")
    else:
        (folder / PLAN).unlink()
        assert main([*SWEEP, str(file), "--out", "part", "--resume"]) == 2
        assert "part: its plan.json is lost, so it cannot be resumed" in capsys.readouterr().err
        assert journal.read_bytes() == whole
        return
    assert main([*SWEEP, str(file), "--out", "part", "--resume"]) == 0
    assert same("whole", "part")


def test_a_finished_sweep_whose_journal_was_damaged_is_mended(file, finished, finely_cut):
    finished("whole")
    assert main([*SWEEP, str(file), "--out", "part"]) == 0
    journal = Path("part") / JOURNAL
    before = journal.read_bytes()
    journal.write_bytes(before[:-1])
    assert main([*SWEEP, str(file), "--out", "part", "--resume"]) == 0
    assert sorted(journal.read_bytes()) == sorted(before)
    assert same("whole", "part")


def kept_apart(folder, seed, *more):
    """A whole sweep of a seed, without its manifest."""
    assert main([*SWEEP, "small.toml", "--seed", seed, "--out", folder, *more]) == 0
    (Path(folder) / "manifest.json").unlink()
    return Path(folder)


@pytest.mark.parametrize(
    ("seed", "more", "reason"),
    [
        ("9", (), "seed: 9, and the sweep in plan.json has 1"),
        ("1", ("--worlds", "20"), "worlds: 20, and 30"),
        ("1", ("--shard", "1/2"), "shard: shard 1/2, and all of it"),
    ],
)
def test_the_journal_of_another_sweep_is_refused(file, finished, capsys, seed, more, reason):
    first, other = Path("first"), kept_apart("other", seed, *more)
    finished(first)
    (first / "manifest.json").unlink()
    (first / JOURNAL).write_bytes((other / JOURNAL).read_bytes())
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    capsys.readouterr()
    for command in ((*SWEEP, "small.toml", "--resume"), ("sweep", "small.toml", "--dry-run")):
        assert main([*command, "--seed", "1", "--out", "first", "--resume"]) == 2
        assert capsys.readouterr().err == (
            f"first: its journal is of another sweep than its plan.json ({reason}); "
            "remove the one that does not belong there\n"
        )
    assert main([*MERGE, "first", "--out", "merged"]) == 2
    assert {path.name: path.read_bytes() for path in first.iterdir()} == before
    (first / PLAN).unlink()  # the journal has its own plan
    options = ["--seed", seed, *more, "--out", "first", "--resume"]
    assert main([*SWEEP, "small.toml", *options]) == 0


def test_a_sweep_names_the_plan_that_it_was_made_from(file):
    digests = []
    for out, seed in (("one", "1"), ("again", "1"), ("two", "2")):
        assert main([*SWEEP, str(file), "--seed", seed, "--out", out]) == 0
        digests.append(read(f"{out}/manifest.json")["plan_digest"])
    assert digests[0] == digests[1] != digests[2]


LARGER = ["--worlds", "1500", "--set", "systems=12", "--threads", "1"]


def test_a_sweep_that_is_killed_again_and_again_ends_with_the_same_bits(file):
    command = [sys.executable, "-m", "regimesim", *SWEEP, str(file), *LARGER, "--out", "killed"]
    luck, chunks = random.Random(3), []
    for _ in range(3):
        process = subprocess.Popen([*command, "--resume"], stderr=subprocess.PIPE, text=True)
        begun = wait_for_chunk(Path("killed"), process, after=chunks[-1] if chunks else 0)
        time.sleep(luck.uniform(0, 0.25))
        process.kill()
        process.communicate()
        assert listed("killed") <= LEFT - {"manifest.json"} or not begun
        with Journal(Path("killed") / JOURNAL) as journal:
            chunks.append(len(journal))
        assert not (Path("killed") / "manifest.json").exists()
    assert chunks == sorted(chunks) and 0 < chunks[0] < chunks[-1]
    assert main([*SWEEP, str(file), *LARGER, "--out", "killed", "--resume"]) == 0
    assert main([*SWEEP, str(file), *LARGER, "--out", "whole"]) == 0
    assert same("whole", "killed") and listed("killed") == LEFT


def wait_for_chunk(folder, process, after=0):
    """Wait until a sweep in another process has finished one more chunk."""
    journal, deadline = folder / JOURNAL, time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if journal.exists():
            with Journal(journal) as kept:
                if len(kept) > after:
                    return True
        time.sleep(0.02)
    raise AssertionError(f"no chunk was finished: {process.stderr.read()}")


def test_ctrl_c_leaves_a_folder_and_says_how_to_go_on(file):
    command = [sys.executable, "-m", "regimesim", *SWEEP, str(file), *LARGER]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for_chunk(Path("outputs/small-sweep"), process)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in told
    assert "What is finished is kept in outputs/small-sweep/" in " ".join(told.split())
    assert "--threads 1 --resume" in " ".join(told.split())
    assert listed("outputs/small-sweep") == {"plan.json", "journal"}


def test_two_sweeps_into_one_folder_are_refused(file, capsys):
    command = [sys.executable, "-m", "regimesim", *SWEEP, str(file), *LARGER]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        wait_for_chunk(Path("outputs/small-sweep"), process)
        assert main([*SWEEP, str(file), *LARGER, "--resume"]) == 2
        assert "another sweep is writing to it" in capsys.readouterr().err
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_shards_make_the_sweep_bit_for_bit(file, finished, finely_cut, capsys):
    finished("outputs/small-sweep")
    for part in (3, 1, 2):
        assert main([*SWEEP, str(file), "--shard", f"{part}/3"]) == 0
    assert "Shard 2 of 3 is complete" in capsys.readouterr().out
    shards = [f"outputs/small-sweep.{part}-of-3" for part in (2, 3, 1)]
    assert main(["plot", shards[0]]) == 2
    told = "is a shard of a sweep, which has no results; merge all of them"
    assert told in capsys.readouterr().err
    assert listed(shards[0]) == {"plan.json", "journal", "manifest.json"}
    assert main([*MERGE, *shards, "--out", "merged"]) == 0
    assert same("outputs/small-sweep", "merged") and listed("merged") == LEFT
    assert main([*MERGE, *shards]) == 0  # a finished one is replaced
    assert main([*SWEEP, str(file), "--resume"]) == 0
    assert "nothing in it has changed" in capsys.readouterr().out
    assert main([*SWEEP, str(file), "--worlds", "70", "--resume"]) == 0
    assert main([*SWEEP, str(file), "--worlds", "70", "--out", "direct"]) == 0
    assert same("outputs/small-sweep", "direct")


def test_shards_that_are_not_one_sweep_are_refused(file, finished, finely_cut, capsys):
    def merged(*folders):
        assert main([*MERGE, *folders, "--out", "merged"]) == 2
        assert not Path("merged").exists()
        return capsys.readouterr().err.splitlines()

    for part in ("1/4", "2/4"):
        assert main([*SWEEP, str(file), "--shard", part]) == 0
    finished("whole")
    first, second = (f"outputs/small-sweep.{part}-of-4" for part in (1, 2))
    broken_off(second, "begun", 0)
    capsys.readouterr()
    assert merged(first, second) == ["shard 3/4 is missing", "shard 4/4 is missing"]
    with Journal(Path(second) / JOURNAL) as journal:
        chunks = len(journal)
    assert merged(first, "begun")[-1] == f"begun: shard 2/4 is unfinished: 0 of {chunks} chunks"
    assert merged(first, "nowhere") == [
        "nowhere: is not the folder of a sweep: it has no plan.json"
    ]
    assert merged(first, "whole") == ["whole: is no shard of a sweep"]
    Path("copy").mkdir()
    for name in (PLAN, JOURNAL):
        (Path("copy") / name).write_bytes((Path(first) / name).read_bytes())
    assert merged(first, second, "copy")[0] == f"copy: is shard 1/4, and so is {first}"
    assert main([*SWEEP, str(file), "--shard", "3/5", "--seed", "8", "--out", "other"]) == 0
    capsys.readouterr()
    assert merged(first, "other") == [
        f"other: seed: 8, and the sweep in {first} has 1",
        f"other: is one of 5 shards, and {first} one of 4",
    ]
    assert main([*SWEEP, str(file), "--shard", "3/4", "--worlds", "31", "--out", "more"]) == 0
    capsys.readouterr()
    assert merged(first, "more") == [f"more: worlds: 31, and the sweep in {first} has 30"]


@pytest.mark.parametrize("shard", [[], ["--shard", "2/2"]])
def test_worlds_are_added_with_the_same_bits(file, finely_cut, shard):
    for worlds in ("30", "50", "53"):
        assert main([*SWEEP, str(file), "--worlds", worlds, "--resume", *shard]) == 0
    assert main([*SWEEP, str(file), "--worlds", "53", "--out", "direct", *shard]) == 0
    grown = "outputs/small-sweep" + (".2-of-2" if shard else "")
    assert read(f"{grown}/plan.json")["worlds"] == [30, 50, 53]
    if not shard:
        assert same(grown, "direct")


def test_worlds_are_added_to_an_unfinished_sweep(file, finished, finely_cut):
    finished("whole")
    broken_off("whole", "part", 5)
    assert main([*SWEEP, str(file), "--out", "part", "--resume", "--worlds", "45"]) == 0
    assert main([*SWEEP, str(file), "--out", "direct", "--worlds", "45"]) == 0
    assert same("part", "direct")


def test_a_changed_sweep_is_not_gone_on_with(file, finished, capsys):
    finished("outputs/small-sweep")
    before = content("outputs/small-sweep")
    capsys.readouterr()

    def refused(*options):
        assert main([*SWEEP, str(file), "--resume", *options]) == 2
        assert content("outputs/small-sweep") == before
        return capsys.readouterr().err.splitlines()

    assert refused("--seed", "2", "--worlds", "20") == [
        "seed: 2, and the sweep in outputs/small-sweep has 1; run it without --resume",
        "worlds: 20, and the sweep in outputs/small-sweep has 30; --resume can only add worlds: "
        "--worlds 30 continues it",
    ]
    vary = ["--vary", "feedback.density=0.1:0.9:20", "--vary", "takeover.difficulty=9,11,13"]
    assert refused(*vary) == [
        "feedback.density: 20 points, and the sweep in outputs/small-sweep has 5; "
        "run it without --resume"
    ]
    kept = read("outputs/small-sweep/plan.json")
    kept["code"]["regimesim/model/dynamics/training.py"] = "0" * 16
    Path("outputs/small-sweep/plan.json").write_text(json.dumps(kept))
    with Journal(Path("outputs/small-sweep") / JOURNAL, write=True) as journal:
        journal.keep_plan(json.dumps(kept))
    (line,) = refused()
    assert line.startswith("the model's code in regimesim/model/dynamics/training.py is another")
    Path("outputs/small-sweep/plan.json").write_text(json.dumps(kept | {"version": "0.0.1"}))
    assert "the sweep is of version 0.0.1, and this is" in refused()[0]
    (Path("outputs/small-sweep") / JOURNAL).unlink()
    Path("outputs/small-sweep/plan.json").write_text("{")
    assert refused() == [
        "outputs/small-sweep: is not the folder of a sweep: it has no readable plan.json"
    ]


def torn(path):
    path.write_bytes(path.read_bytes()[:500])


@pytest.mark.parametrize("harm", [torn, Path.unlink])
@pytest.mark.parametrize("name", ["sweep.nc", "points.csv", "plan.json", "manifest.json"])
def test_a_finished_sweep_whose_files_are_torn_or_lost_is_mended(
    file, finished, capsys, name, harm
):
    folder = Path("outputs/small-sweep")
    finished(folder)
    before, planned = content(folder), (folder / PLAN).read_bytes()
    sizes = {
        name: found["bytes"] for name, found in read(folder / "manifest.json")["files"].items()
    }
    assert sizes == {name: (folder / name).stat().st_size for name in ("sweep.nc", "points.csv")}
    harm(folder / name)
    capsys.readouterr()
    assert main([*SWEEP, str(file), "--resume"]) == 0
    assert ("nothing in it has changed" in capsys.readouterr().out) == (name == PLAN)
    assert content(folder) == before and listed(folder) >= LEFT - {PLAN}
    assert main([*SWEEP, str(file), "--resume", "--worlds", "31"]) == 0
    assert (
        listed(folder) == LEFT and read(folder / PLAN)["design"] == json.loads(planned)["design"]
    )


def test_results_stay_until_those_of_more_worlds_are_complete(
    file, finished, capsys, finely_cut, monkeypatch
):
    folder = Path("outputs/small-sweep")
    finished(folder)
    before = content(folder)

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("regimesim.sweeps.engine.wait", interrupt)
        assert main([*SWEEP, str(file), "--worlds", "60", "--resume"]) == 130
    assert content(folder) == before and listed(folder) == LEFT
    capsys.readouterr()
    assert main([*SWEEP, str(file), "--resume"]) == 0
    assert "nothing in it has changed" in capsys.readouterr().out
    assert main([*SWEEP, str(file), "--worlds", "60"]) == 2
    assert "holds an unfinished sweep" in capsys.readouterr().err
    assert main([*SWEEP, str(file), "--worlds", "60", "--resume"]) == 0
    assert main([*SWEEP, str(file), "--worlds", "60", "--out", "direct"]) == 0
    assert same(folder, "direct") and content(folder) != before


def test_merge_does_not_replace_a_shard_or_an_unfinished_sweep(file, capsys):
    for part in ("1/2", "2/2"):
        assert main([*SWEEP, str(file), "--shard", part]) == 0
    shards = [f"outputs/small-sweep.{part}-of-2" for part in (1, 2)]
    capsys.readouterr()
    before = (Path(shards[0]) / JOURNAL).read_bytes()
    assert main([*MERGE, *shards, "--out", shards[0]]) == 2
    assert f"--out: {shards[0]}: is or holds the shard {shards[0]}" in capsys.readouterr().err
    assert (Path(shards[0]) / JOURNAL).read_bytes() == before
    broken_off(shards[1], "begun", 0)
    assert main([*MERGE, *shards, "--out", "begun"]) == 2
    assert "begun: holds an unfinished sweep" in capsys.readouterr().err
    assert main([*MERGE, *shards, "--out", "merged"]) == 0


def test_progress_is_shown_where_there_is_no_terminal(file, capsys, finely_cut, monkeypatch):
    monkeypatch.setattr("regimesim.studies.sweep.filling.A_LINE", 0.0)
    assert main([*SWEEP, str(file)]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "chunks are done" in line]
    assert len(lines) > 10 and lines[0].startswith("1 of ") and "; some " in lines[0]


def test_a_dry_run_tells_what_is_left(file, finished, capsys, finely_cut, briefly_measured):
    finished("whole")
    broken_off("whole", "part", 5)
    before = (Path("part") / JOURNAL).read_bytes()
    capsys.readouterr()
    assert main(["sweep", str(file), "--dry-run", "--resume", "--out", "part"]) == 0
    assert "; 5 are done, " in capsys.readouterr().out
    assert main(["sweep", str(file), "--dry-run", "--resume", "--out", "whole"]) == 0
    assert "is finished; --resume would change nothing in it" in capsys.readouterr().out
    assert (Path("part") / JOURNAL).read_bytes() == before


def test_a_finished_sweep_is_replaced_only_by_a_finished_one(
    file, finished, finely_cut, monkeypatch
):
    finished("outputs/small-sweep")
    before = content("outputs/small-sweep")

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("regimesim.sweeps.engine.wait", interrupt)
        assert main([*SWEEP, str(file), "--seed", "2"]) == 130
    assert content("outputs/small-sweep.previous") == before
    assert main([*SWEEP, str(file), "--seed", "2", "--resume"]) == 0
    assert listed("outputs") == {"small-sweep"} and content("outputs/small-sweep") != before


def test_files_of_the_user_stay_in_the_folder_of_a_sweep(file, plain_figures):
    def own(*names):
        return {name: Path("out", name).read_text() for name in names}

    mine = ("notes.md", "figures/mine.png", ".hidden", "more/data.csv")
    assert main(["sweep", str(file), "--out", "out"]) == 0
    drawn = {path.name for path in Path("out/figures").iterdir()}
    for name in mine:
        Path("out", name).parent.mkdir(exist_ok=True)
        Path("out", name).write_text(name)
    before = own(*mine)
    for more in (["--resume"], ["--worlds", "40", "--resume"], ["--seed", "2"], ["--seed", "3"]):
        assert main([*SWEEP, str(file), "--out", "out", *more]) == 0
        assert own(*mine) == before and listed("out") == LEFT | {"notes.md", ".hidden", "more"}
        figures = {path.name for path in Path("out/figures").iterdir()}
        assert figures == ({*drawn, "mine.png"} if more == ["--resume"] else {"mine.png"})
    assert listed(".") == {"small.toml", "out"}


def test_a_sweep_that_is_refused_keeps_the_files_of_the_user(file, monkeypatch):
    def refuse(*_):
        raise rs.Refusal("no memory")

    Path("out").mkdir()
    Path("out/.mine").write_text("mine")
    monkeypatch.setattr("regimesim.sweeps.engine._check_memory", refuse)
    assert main([*SWEEP, str(file), "--out", "out"]) == 2
    assert listed("out") == {".mine"}


def test_what_an_axis_draws_from_may_be_set(file):
    asked = ["--design", "sobol", "--points", "2", "--vary", "takeover.difficulty"]
    assert main([*SWEEP, str(file), *asked, "--set", "takeover.difficulty={normal=[9,1]}"]) == 0


def test_points_that_fail_are_shown_and_the_others_kept(file, capsys):
    vary = ["--vary", "oversight.control.curve=binormal,elo,logistic"]
    assert main([*SWEEP, str(file), *vary]) == 1
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert "1 of 3 points could not be run; its row holds the reason:" in told
    assert 'point 1 (oversight.control.curve="elo"):' in told
    assert 'the curve "elo" needs guard' in " ".join(told.split())
    with xr.open_dataset(
        "outputs/small-sweep/sweep.nc", engine="h5netcdf", decode_timedelta=False
    ) as kept:
        assert [bool(error) for error in kept["error"].values] == [False, True, False]
        assert np.isfinite(kept["no_takeover"].values[[0, 2]]).all()
    assert read("outputs/small-sweep/manifest.json")["failed"] == 1


def test_a_dry_run_tells_the_plan_and_writes_nothing(file, capsys, briefly_measured):
    asked = ["sweep", str(file), "--dry-run", "--threads", "1", "--shard", "2/4"]
    assert main([*asked, "--worlds", "3000"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    for words in (
        "feedback.density: 5 values, 0.1 to 0.9",
        "takeover.difficulty: 9, 11, 13",
        "grid, 15 points",
        "2: none, control",
        "3,000 at each point",
        "90,000 worlds, 3.24e+07 system-months at most",
        "of them in this shard",
        "on 1 thread without figures (estimated from",
        "MiB (estimated",
    ):
        assert words in told
    assert not Path("outputs").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--shard", "0/8"], '--shard: found "0/8"; allowed is K/N'),
        (["--shard", "9/8"], '--shard: found "9/8"; allowed is K/N'),
        (["--shard", "x"], '--shard: found "x"; allowed is K/N'),
        (["--executor", "dask"], "--executor dask: name its scheduler"),
        (["--scheduler", "tcp://a:1"], "--scheduler: is for --executor dask alone"),
        (["--executor", "thread"], "the nearest is 'threads'"),
        (["--worlds", "0"], "worlds: found 0"),
        (["--vary", "feedback.densit=1:2:3"], "the nearest is 'density'"),
        (["--set", "takeover.difficulty=9"], "--set: takeover.difficulty: is varied by the sweep"),
        (["--design", "table"], "--table: missing; the design table needs the path of a CSV file"),
        (
            ["--vary", "feedback.density=0:1:9000", "--vary", "takeover.difficulty=9:12:9000"],
            "--vary: the grid has 81,000,000 points; a design has at most 10,000,000",
        ),
        (["--out", "."], "is the current folder or above it"),
        (["--out", "small.toml"], "a file is in the way"),
        (["--out", "mine"], 'holds files that are not results of "regimesim sweep"'),
    ],
)
def test_bad_input_is_shown_in_one_sentence_and_writes_nothing(file, capsys, options, sentence):
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    assert main([*SWEEP, str(file), *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error and len(error.splitlines()) == 1
    assert listed(".") == {"mine", "small.toml"} and listed("mine") == {"thesis.txt"}


def test_python_keeps_a_sweep_in_a_folder_and_goes_on_with_it(file, finely_cut):
    scenario = rs.load(file)
    axes = {"feedback.density": [0.1, 0.5, 0.9]}
    first = rs.sweep(scenario, axes, folder="kept").dataset
    assert first.equals(rs.sweep(scenario, axes).dataset)
    stamp = (Path("kept") / "sweep.nc").stat().st_mtime_ns
    assert rs.sweep(scenario, axes, folder="kept").dataset.equals(first)
    assert (Path("kept") / "sweep.nc").stat().st_mtime_ns == stamp
    more = scenario.override({"worlds": 50})
    grown = rs.sweep(more, axes, folder="kept").dataset
    assert grown.equals(rs.sweep(more, axes).dataset)
    with pytest.raises(
        rs.Refusal, match=r"feedback.density: 2 points, and the sweep in kept has 3"
    ):
        rs.sweep(more, {"feedback.density": [0.1, 0.5]}, folder="kept")


def test_a_sweep_in_python_has_the_faces_of_a_result(file, capsys):
    axes = {"takeover.difficulty": [9, 11], "oversight.control.curve": ["binormal", "elo"]}
    found = rs.sweep(file, axes, policies=["control"])
    assert list(found.dataset.policy.values) == ["control"] and found.failed == 2
    content = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert content["axes"] == axes and content["failed"] == 2 and len(content["rows"]) == 4
    table = found.to_dataframe()
    assert list(table["takeover.difficulty"]) == [9, 9, 11, 11]
    assert "2 of 4 points could not be run; their rows hold the reason:" in found.text()
    assert found.text().splitlines()[-1] == "small: 4 points, 30 worlds at each."
    line = rs.sweep(file, {"takeover.difficulty": [9, 11]})
    assert line.failed == 0 and line.plot()[0].get_xlabel() == "takeover difficulty (doublings)"


def test_the_text_of_a_sweep_has_safety_and_costs_over_its_points(file, tmp_path):
    axes = {"oversight.audit_budget": [0.1, 0.2, 0.6]}
    found = rs.sweep(file, axes, policies=["control"])
    lines = found.text().splitlines()
    for word, over in (("least", np.min), ("median", np.median), ("greatest", np.max)):
        (row,) = (line.split()[1:] for line in lines if line.startswith(f"  {word} "))
        names = ("no_takeover", "held_first_critical_try", "growth_lost", "audited")
        estimates = [over(found.dataset[name].values) for name in names]
        assert row[:4] == [percent(float(value)) for value in estimates]
    saved = rs.sweep(file, axes, policies=["control"], folder=tmp_path / "saved")
    assert saved.text() == found.text() and "dataset" not in vars(saved)
    one = rs.sweep(file, {"oversight.audit_budget": [0.1]}, policies=["control"]).text()
    (row,) = (line.split() for line in one.splitlines() if line.startswith("control "))
    assert row[4] == "10.0" and "median" not in one


def test_a_figure_that_fails_leaves_a_sweep_complete(file, capsys, monkeypatch, plain_figures):
    def broken(*_, **__):
        raise RuntimeError("no font")

    first, *others = figure.FIGURES
    monkeypatch.setattr(figure, "FIGURES", [first._replace(draw=broken), *others])
    assert main(["sweep", str(file)]) == 0
    printed = capsys.readouterr()
    assert "The figure 'phase_map' could not be made (RuntimeError: no font)." in printed.err
    assert listed("outputs/small-sweep") == LEFT
    assert Path("outputs/small-sweep/figures/over_axis.png").exists()


def test_the_function_and_the_room_share_their_name():
    import regimesim.sweeps.engine

    assert callable(regimesim.sweep) and regimesim.sweeps.engine.evaluate
    with pytest.raises(rs.Refusal, match="nothing varies"):
        rs.sweep(SMALL, {})


SMALL = {"worlds": 4, "months": 12, "systems": 2}


def test_the_table_of_a_sweep_is_a_design(file):
    options = ["--policy", "control", "--policy", "none"]
    vary = ["--vary", "oversight.control=true,false", "--vary", "feedback.density=0.1:0.9:3"]
    vary += ["--vary", "start=2026-01,2027-06", "--worlds", "4"]
    assert main([*SWEEP, str(file), *options, *vary, "--out", "one"]) == 0
    table = ["--table", "one/points.csv", "--worlds", "4"]
    assert main([*SWEEP, str(file), *options, *table, "--out", "two"]) == 0
    assert Path("two/points.csv").read_bytes() == Path("one/points.csv").read_bytes()
    text = Path("one/points.csv").read_text().replace("point,", "index,")
    Path("edited.csv").write_text(text.replace(",true,", ",TRUE,"))
    with Path("one/points.csv").open() as read_again:
        header = next(csv.reader(read_again))
    estimates = ",".join(["index", *header[4:]])
    table = ["--table", "edited.csv", "--ignore", estimates, "--worlds", "4"]
    assert main([*SWEEP, str(file), *options, *table, "--out", "three"]) == 0
    assert read("three/manifest.json")["points"] == 24  # a row for each policy
