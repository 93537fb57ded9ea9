"""Sweeps on a Dask cluster of separate processes, some of which are killed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import regimesim as rs
from regimesim.cli import main
from regimesim.sweeps import chunk_runner as chunks
from regimesim.sweeps import dask_cluster as cluster
from regimesim.sweeps import engine, executors, plan
from regimesim.sweeps.designs import make_design

distributed = pytest.importorskip("distributed")

SCENARIO = {
    "name": "small",
    "worlds": 200,
    "months": 120,
    "systems": 12,
    "takeover": {"difficulty": {"normal": [15, 2]}},
    "policies": {"none": {}, "control": {"oversight": {"control": {}}}},
}
AXES = {"feedback.density": {"low": 0.1, "high": 0.9, "points": 20}}


class Machines:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder):
        self.file, self.log = folder / "scheduler.json", (folder / "log").open("w")
        self.scheduler = self._start("dask_scheduler", "--port", "0")
        deadline = time.monotonic() + 120
        while not self.file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]
        self.workers = []

    def _start(self, module, *options):
        words = ["--scheduler-file", str(self.file), "--no-dashboard", *options]
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
        return subprocess.Popen(command, stdout=self.log, stderr=self.log)

    def add_worker(self):
        """Start one more worker of one thread."""
        self.workers.append(self._start("dask_worker", "--no-nanny", "--nthreads", "1"))

    def kill_worker(self):
        """Kill the worker that was started first."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait()

    def close(self):
        """Kill whatever still runs."""
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()
        self.log.close()


@pytest.fixture
def machines(tmp_path):
    started = Machines(tmp_path)
    try:
        yield started
    finally:
        started.close()


@pytest.fixture
def scenario(monkeypatch):
    monkeypatch.setattr(plan, "WORK", 400)
    return rs.parse(SCENARIO)


def test_a_killed_worker_loses_nothing_and_an_empty_cluster_is_shown(
    machines, scenario, tmp_path, monkeypatch
):
    machines.add_worker()
    machines.add_worker()
    finished = []

    def lose_a_worker(worlds):
        finished.append(worlds)
        if len(finished) == 5:
            machines.kill_worker()

    expected = rs.sweep(scenario, AXES, threads=2).dataset
    asked = {"executor": "dask", "scheduler": machines.address}
    found = rs.sweep(scenario, AXES, progress=lose_a_worker, **asked).dataset
    assert found.equals(expected) and len(finished) > 20 and len(machines.workers) == 1

    def lose_the_last(worlds):
        if machines.workers:
            machines.kill_worker()

    monkeypatch.setattr(cluster, "PATIENCE", 1.5)
    folder = tmp_path / "kept"
    with pytest.raises(rs.Refusal, match=r"no worker came within 1\.5 seconds; start some with"):
        rs.sweep(scenario, AXES, progress=lose_the_last, folder=folder, **asked)
    assert {path.name for path in folder.iterdir()} == {"plan.json", "journal"}
    monkeypatch.setattr(cluster, "PATIENCE", 180)
    machines.add_worker()
    with distributed.Client(machines.address, set_as_default=False) as client:
        again = rs.sweep(scenario, AXES, folder=folder, executor=client).dataset
        assert client.status == "running"
    assert again.equals(expected)


def test_a_scheduler_that_is_lost_is_shown_at_once(machines, scenario):
    machines.add_worker()
    lost = []

    def lose_the_scheduler(_):
        if not lost:
            machines.scheduler.kill()
            lost.append(time.monotonic())

    asked = {"executor": "dask", "scheduler": machines.address}
    with pytest.raises(rs.Refusal, match="the scheduler no longer answers"):
        rs.sweep(scenario, AXES, progress=lose_the_scheduler, **asked)
    assert time.monotonic() - lost[0] < 60  # at once, where the machine is free


def test_an_address_that_does_not_answer_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cluster, "ANSWER", 1.0)
    Path("small.toml").write_text("name = 'small'\nworlds = 5\n")
    swept = ["sweep", "small.toml", "--vary", "feedback.density=0.1,0.2", "--executor", "dask"]
    for address, sentence in (
        ("tcp://127.0.0.1:9", "--scheduler tcp://127.0.0.1:9: does not answer within 1 seconds"),
        ("nonsense", '--scheduler: found "nonsense"; expected an address such as tcp://HOST'),
        ("foo://a:1", '--scheduler: found "foo://a:1"; expected an address such as tcp://HOST'),
    ):
        assert main([*swept, "--scheduler", address]) == 2
        assert capsys.readouterr().err.startswith(sentence)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*swept, "--scheduler", "tcp://a:1"]) == 2
    assert "Dask is not installed; pip install 'regimesim[cluster]'" in capsys.readouterr().err
    assert {path.name for path in Path().iterdir()} == {"small.toml"}


def test_large_designs_do_not_travel_whole(scenario):
    drawn = {"feedback.density": {"low": 0.1, "high": 0.9}}
    design = make_design(scenario, drawn, "latin_hypercube", 40_000)
    workers = executors.BorrowedExecutor(executors.ThreadPoolExecutor(1))
    workers.prepare(chunks.Job(scenario, design, True, {}))
    units = [(39_000, 0, 16), (39_001, 0, 16)]
    job, code, packed = workers._pickled_arguments(units)
    assert len(job) < 100_000
    here = chunks.run_chunk(workers._job, units)
    assert engine.unpack(chunks.run_pickled(job, code, packed)) == engine.unpack(here)
