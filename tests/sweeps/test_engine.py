"""The engine of sweeps: chunks, plans, executors that give the same bits, interruption."""

import json
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import regimesim as rs
from regimesim.analysis.tally import Tally
from regimesim.model.oversight.rule_source import UNSTABLE, digest_of
from regimesim.sweeps import chunk_runner as chunks
from regimesim.sweeps import engine, executors, plan
from regimesim.sweeps import plan_diff as compared
from regimesim.sweeps.chunking import WORK, Chunking, Row
from regimesim.sweeps.designs import make_design, scenario_at
from regimesim.sweeps.engine import evaluate
from regimesim.sweeps.plan import make_plan, read_plan
from regimesim.sweeps.work_units import UnitResult

SCENARIO = {
    "name": "small",
    "worlds": 40,
    "months": 60,
    "systems": 6,
    "capability": {"initial": 7},
    "takeover": {"difficulty": {"normal": [11, 1]}},
    "policies": {"none": {}, "control": {"oversight": {"control": {}}}},
}
AXES = {
    "feedback.density": {"low": 0.1, "high": 0.9, "points": 4},
    "takeover.difficulty": [9, 11, 13],
    "systems": [4, 9],
}


@pytest.fixture(scope="module")
def scenario():
    return rs.parse(SCENARIO)


@pytest.fixture(scope="module")
def design(scenario):
    return make_design(scenario, AXES)


@pytest.fixture(scope="module")
def expected(scenario, design):
    return evaluate(scenario, design, threads=1)


@rs.policy(settings={"oversight.control": {}})
def cautious(seen, levers):
    """Audits a tenth, always."""
    return rs.Levers(0.1, *levers[1:])


@pytest.mark.parametrize(
    ("weights", "size", "policies"),
    [
        ([10.8] * 40, 200, 8),
        ([0.01] * 3000, 20, 2),
        ([0.5], 7, 1),
        ([1, 700, 3, 5000, 0.2], 1000, 2),
        ([1e7] * 3, 1000, 1),
    ],
)
def test_chunks_hold_every_world_of_every_point_once_and_are_of_one_size(weights, size, policies):
    row = Row(100, 100 + size, np.array(weights), policies, WORK, 7)
    seen = np.zeros((len(weights), size), int)
    work = []
    for number in range(7, 7 + len(row)):
        units = row.units(number)
        assert units and row.worlds(number) == sum(p.last - p.first for p in units)
        for point, first, last in units:
            seen[point, first - 100 : last - 100] += 1
            assert number in row.chunks_of(point)
        work.append(sum(weights[p.point] * (p.last - p.first) for p in units))
    assert (seen == 1).all()
    for point in range(len(weights)):
        for number in row.chunks_of(point):
            assert any(unit.point == point for unit in row.units(number))
    # cut at whole tiles, or at whole points that are a quarter of a chunk at most
    slack = 16 * max(weights) + WORK / 4
    assert max(work) <= WORK + 2 * slack


def test_chunks_that_are_added_are_numbered_on_and_shards_share_them():
    weights = np.full(60, 12.0)
    once, twice = (Chunking(worlds, weights, 4, WORK) for worlds in ((100,), (100, 250)))
    assert [twice.units(k) for k in once.numbers()] == [once.units(k) for k in once.numbers()]
    assert {p.first for k in range(once.total, twice.total) for p in twice.units(k)} >= {100}
    parts = [Chunking((100, 250), weights, 4, WORK, (k, 3)).numbers() for k in (1, 2, 3)]
    assert sorted(number for part in parts for number in part) == list(twice.numbers())
    for point in range(60):
        held = [p for k in twice.chunks_of(point) for p in twice.units(k) if p.point == point]
        assert sum(p.last - p.first for p in held) == 250


def test_a_sweep_that_nobody_could_finish_is_refused(scenario):
    huge = scenario.override({"worlds": 5_000_000, "systems": 100_000, "months": 1200})
    design = make_design(huge, {"feedback.density": {"low": 0, "high": 1, "points": 9000}})
    with pytest.raises(rs.Refusal, match=r"found 45,000,000,000 in all, .* at most 2,"):
        make_plan(huge, design).chunking  # noqa: B018 - it is the access that refuses


def test_a_plan_comes_back_from_its_json(scenario):
    for axes, kind, points in (
        (AXES, "grid", None),
        (
            {"feedback.density": {"low": 0.1, "high": 1}, "months": {"low": 9, "high": 30}},
            "sobol",
            8,
        ),
        ({"takeover.difficulty": {"normal": [11, 2]}}, "latin_hypercube", 1500),
        ({"oversight.control.curve": ["logistic", "binormal"], "months": [9, 8]}, "zip", None),
    ):
        design = make_design(scenario, axes, kind, points)
        made = make_plan(scenario, design, independent=True, shard=(2, 5))
        again = read_plan(json.loads(json.dumps(made.plain())))
        assert again.scenario == made.scenario and again[2:] == made[2:]
        assert again.design.dims == design.dims and again.design.policies == design.policies
        for ours, theirs in zip(again.design.axes, design.axes, strict=True):
            values, kept = again.design.values[ours.key], design.values[ours.key]
            assert values.dtype == kept.dtype and np.array_equal(values, kept)
            assert np.array_equal(ours.at([0.3]), theirs.at([0.3]))
        for number in made.chunking.numbers():
            assert again.chunking.units(number) == made.chunking.units(number)
        assert scenario_at(again.scenario, again.design, 1) == scenario_at(scenario, design, 1)


def test_differences_between_plans_are_named(scenario, design):
    made = make_plan(scenario, design)

    def told(scenario=scenario, axes=AXES, kind="grid", points=None, **more):
        changed = make_plan(scenario, make_design(scenario, axes, kind, points), **more)
        return list(compared.differences(changed, made, "there"))

    assert told() == []
    assert told(scenario.override({"worlds": 90})) == []  # for the caller to compare
    assert told(scenario.override({"seed": 5, "feedback.density_trend": 0.001})) == [
        "seed: 5, and the sweep in there has 1",
        "feedback.density_trend: 0.001, and the sweep in there has 0, in 2 policies",
    ]
    assert told(scenario.override({"takeover.difficulty": 14})) == [
        "takeover.difficulty: 14, and the sweep in there has {normal = [11, 1]}, in 2 policies"
    ]
    axes = AXES | {"policy": ["control", "none"]}
    assert told(axes=axes) == ["policies: control, none, and the sweep in there has none, control"]
    axes = AXES | {"policy": ["control"]}
    assert told(axes=axes) == ["policies: control, and the sweep in there has none, control"]
    many = {f"goals.{name}": 0.123 for name in ("value", "value_spread", "goal_pull")}
    many |= {f"training.{name}": 0.123 for name in ("bad_data", "inoculation", "selection")}
    many |= {f"feedback.{name}": 0.123 for name in ("density", "sparse_premium", "density_race")}
    many |= {f"training.{name}.prior": 0.123 for name in ("intended", "scheming")}
    lines = told(scenario.override(many))
    assert len(lines) == 11 and lines[-1] == "and 1 more differences"
    assert told(axes=AXES | {"systems": [4, 9, 12], "takeover.difficulty": [9, 12, 13]}) == [
        "takeover.difficulty: other values than in the sweep in there",
        "systems: 3 points, and the sweep in there has 2",
    ]
    assert told(axes={"systems": [4, 9], "months": [9, 10]}, kind="zip") == [
        "design: zip, and the sweep in there has grid"
    ]
    fewer = {key: AXES[key] for key in ("takeover.difficulty", "feedback.density")}
    assert told(axes=fewer) == ["systems: not varied, and the sweep in there has it varied"]
    turned = dict(reversed(AXES.items()))
    assert len(told(axes=turned)) == 1 and "axes: systems, " in told(axes=turned)[0]
    assert told(independent=True)[0].startswith("worlds: its own worlds at each point, and")
    assert told(rules={"cautious": cautious}) == [
        "policy 'cautious': its rule in Python is another than that of there"
    ]
    edited = dict(made.code) | {"regimesim/model/dynamics/training.py": "0" * 16}
    (line,) = compared.differences(made._replace(code=edited), made, "there")
    named = "the model's code in regimesim/model/dynamics/training.py is another than that of the"
    assert line.startswith(named)


def _rule(level, half=lambda x: x / 2, table=None, thing=None):
    """A rule that reads a number, a function and an array from outside."""

    def steady(seen, levers):
        return rs.Levers(half(level) if thing is None else table[0], *levers[1:])

    return steady


def test_what_a_rule_in_python_reads_is_part_of_its_digest():
    digest = digest_of(_rule(0.1))
    assert digest == digest_of(_rule(0.1)) and not digest.startswith(UNSTABLE)
    others = [
        _rule(0.2),
        _rule(0.1, lambda x: x / 3),
        _rule(0.1, table=np.array([0.1])),
        _rule(0.1, table=np.array([0.2])),
        _rule(0.1, thing=(1, "a")),
    ]
    assert len({digest, *map(digest_of, others)}) == 6
    assert digest_of(_rule(0.1, thing=object())) == f"{UNSTABLE}'thing', a object"


LEVEL = 0.1
KIND = np.int64


@rs.policy(settings={"oversight.control": {}})
def levelled(seen, levers):
    """Audits as much as a global says."""
    return rs.Levers(LEVEL + np.zeros(1, KIND)[0], *levers[1:])


def test_a_rule_that_changed_or_cannot_be_compared_is_not_resumed(scenario, tmp_path, monkeypatch):
    axes, folder = {"feedback.density": [0.1, 0.9]}, tmp_path / "kept"
    asked = {"policies": [levelled], "folder": folder}
    first = rs.sweep(scenario, axes, **asked).dataset
    assert rs.sweep(scenario, axes, **asked).dataset.equals(first)
    assert list(first.policy.values) == ["levelled"]
    monkeypatch.setitem(globals(), "LEVEL", 0.4)
    with pytest.raises(rs.Refusal, match="policy 'levelled': its rule in Python is another"):
        rs.sweep(scenario, axes, **asked)
    monkeypatch.setitem(globals(), "KIND", np.dtype(float))
    with pytest.raises(rs.Refusal, match="reads 'KIND', a Float64DType, which cannot be compared"):
        rs.sweep(scenario, axes, **asked)


def test_the_code_that_decides_the_numbers_is_all_there():
    package = Path(rs.__file__).parent
    assert [name for name in plan.NUMBERS if not (package / name).exists()] == []
    digests = plan.code_digests()
    assert {
        "regimesim/model/dynamics/month.py",
        "regimesim/scenario/measured/metr_horizons.csv",
    } <= set(digests)
    assert not any("__pycache__" in file for file in digests)


def at(design, point):
    return np.unravel_index(point, tuple(design.dims.values()))


def test_a_point_of_a_sweep_is_a_run(scenario, design, expected):
    for point in (0, 13, len(design) - 1):
        worlds, _ = rs.run(scenario_at(scenario, design, point))
        place = dict(zip(design.dims, at(design, point), strict=True))
        here = expected.isel(place)
        for policy in ("none", "control"):
            found = here.sel(policy=policy)
            of_run = rs.estimates(worlds).set_index(["policy", "estimand"]).loc[policy]
            for estimand in ("no_takeover", "critical_tries", "evidence_gap"):
                row = of_run.loc[estimand]
                ours = [float(found[f"{estimand}{end}"]) for end in ("", "_low", "_high", "_n")]
                theirs = [row[name] for name in ("estimate", "low", "high", "n")]
                np.testing.assert_allclose(ours, np.array(theirs, float), atol=1e-8)


@pytest.mark.parametrize("work", [WORK, 50, 13])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_and_cuts_change_no_bit(scenario, design, expected, monkeypatch, threads, work):
    monkeypatch.setattr(plan, "WORK", work)
    seen = []
    found = evaluate(scenario, design, threads=threads, progress=seen.append)
    assert found.equals(expected)
    assert sum(seen) == 24 * 40 * 2
    assert len(seen) > 24 or work == WORK


def test_executors_of_others_give_the_same_bits_and_stay_open(scenario, design, expected):
    with ThreadPoolExecutor(2) as pool:
        assert evaluate(scenario, design, executor=pool).equals(expected)
        assert pool.submit(int).result() == 0
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        assert evaluate(scenario, design, executor=pool).equals(expected)
        assert pool.submit(int).result() == 0
    with pytest.raises(rs.Refusal, match="takes no more work: cannot schedule new futures"):
        evaluate(scenario, design, executor=pool)


def test_worker_processes_give_the_same_bits(scenario, design, expected):
    assert evaluate(scenario, design, executor="processes", threads=2).equals(expected)


def test_a_worker_process_that_dies_is_replaced(scenario, design, expected, monkeypatch):
    monkeypatch.setattr(plan, "WORK", 60)
    killed = []

    def kill_one(_):
        children = multiprocessing.active_children()
        if not killed and children:
            killed.append(children[0].pid)
            os.kill(children[0].pid, signal.SIGKILL)

    found = evaluate(scenario, design, executor="processes", threads=2, progress=kill_one)
    assert killed and found.equals(expected)


def test_workers_that_die_again_and_again_end_the_sweep(scenario, design, monkeypatch):
    workers = executors.Processes(1)
    monkeypatch.setattr(executors, "run_pickled", _die)
    with pytest.raises(rs.Refusal, match="worker processes: 6 died over their chunks"):
        evaluate(scenario, design, executor=_workers(workers, monkeypatch))


def _die(*_):
    os._exit(1)


def _workers(workers, monkeypatch):
    monkeypatch.setattr(engine, "make_worker_pool", lambda *_: workers)
    return workers


def test_policies_in_python_run_at_every_point(scenario, design, expected):
    found = evaluate(scenario, design, policies=[cautious], threads=2)
    assert list(found["policy"].values) == ["none", "control", "cautious"]
    both = found.sel(policy=["none", "control"])
    assert all(both[name].equals(expected[name]) for name in expected.data_vars)
    fixed = replace(scenario, policies=dict(scenario.policies))
    fixed = fixed.with_policy("cautious", {"oversight.control": {}, "oversight.audit_budget": 0.1})
    same = evaluate(fixed, make_design(fixed, AXES), threads=2).sel(policy="cautious")
    assert np.array_equal(found.sel(policy="cautious")["no_takeover"], same["no_takeover"])


def test_a_point_that_contradicts_itself_is_a_row_with_its_error(scenario):
    design = make_design(scenario, {"oversight.control.curve": ["binormal", "elo", "logistic"]})
    found = evaluate(scenario, design)
    none, elo, again = found["error"].values
    assert none == again == "" and 'the curve "elo" needs guard' in elo
    assert np.isfinite(found["no_takeover"].values[[0, 2]]).all()
    assert np.isnan(found["no_takeover"].values[1]).all()


def test_the_number_of_chunks_under_way_is_bounded(scenario, design, monkeypatch):
    monkeypatch.setattr(plan, "WORK", 13)
    under_way, most = 0, 0
    lock = threading.Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, *arguments):
            nonlocal under_way, most
            future = super().submit(*arguments)
            with lock:
                under_way += 1
                most = max(most, under_way)
            future.add_done_callback(self._gone)
            return future

        def _gone(self, _):
            nonlocal under_way
            with lock:
                under_way -= 1

    with Counting(2) as pool:
        evaluate(scenario, design, executor=pool)
    assert 1 <= most <= 2 * executors.SLOTS_PER_WORKER


@pytest.fixture
def long():
    """A chunk that takes minutes."""
    lasting = {"worlds": 60_000, "months": 1200, "takeover": {"difficulty": 60}}
    scenario = rs.parse({**SCENARIO, **lasting})
    return scenario, make_design(scenario, {"feedback.density": [0.1, 0.5]})


def test_ctrl_c_is_answered_at_once(long, monkeypatch):
    monkeypatch.setattr(plan, "WORK", 10**9)
    pressed = []

    def press():
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(1.0, press)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        evaluate(*long, threads=2)
    assert 0 < time.perf_counter() - pressed[0] < 3.0  # 0.2 s where the machine is free


def test_worker_processes_give_up_at_once(long):
    with executors.Processes(1) as workers:
        workers.prepare(chunks.Job(*long, False, {}))
        workers.submit([(0, 0, 16)]).result()
        under_way = workers.submit([(0, 0, 60_000)])
        time.sleep(0.3)
        assert not under_way.done()
        began = time.perf_counter()
        workers.abort()
        assert engine.unpack(under_way.result()) == []
    assert time.perf_counter() - began < 3.0


def test_a_mistake_of_ours_is_raised_and_stops_the_rest(scenario, design, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(chunks, "run_units", fail)
    with pytest.raises(ZeroDivisionError):
        evaluate(scenario, design)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"executor": "thread"}, "--executor: found \"thread\"; the nearest is 'threads'"),
        ({"executor": "dask"}, "--executor dask: name its scheduler"),
        ({"scheduler": "tcp://a:1"}, "--scheduler: is for --executor dask alone"),
        ({"threads": 0}, "threads: found 0; allowed is 1 or more"),
        ({"executor": 5}, "--executor: found 5"),
    ],
)
def test_bad_executors_are_refused(scenario, design, options, sentence):
    with pytest.raises(rs.Refusal, match=sentence):
        evaluate(scenario, design, **options)


def test_a_worker_with_other_code_is_refused(scenario, design):
    job = chunks.Job(scenario, design, False, {})
    sent = chunks.pickle.dumps(job), "0" * 16, chunks.pickle.dumps([])
    with pytest.raises(rs.Refusal, match="a worker has other code of the model"):
        chunks.run_pickled(*sent)


def test_a_worker_with_another_numpy_is_refused(scenario, design):
    code, *libraries = chunks.own_code().split()
    job = chunks.pickle.dumps(chunks.Job(scenario, design, False, {}))
    other = " ".join([code, "numpy-1.0", *libraries[1:]])
    sentence = rf"a worker has numpy-{np.__version__} where the sweep was started with numpy-1\.0;"
    with pytest.raises(rs.Refusal, match=sentence):
        chunks.run_pickled(job, other, chunks.pickle.dumps([]))


def test_tallies_of_a_point_are_those_of_its_pieces_together(scenario, design, monkeypatch):
    monkeypatch.setattr(plan, "WORK", 13)
    made = make_plan(scenario, design)
    job = chunks.Job(made.scenario, made.design, False, {})

    class Kept(dict):
        def packed(self, number):
            return self[number]

    kept = Kept(
        {n: chunks.run_chunk(job, made.chunking.units(n)) for n in made.chunking.numbers()}
    )
    found = engine.Tallies(made, [kept])
    whole = chunks.run_units(scenario, design, [(5, 0, 40)])
    assert {name: tally.pack() for name, tally in found(5).items()} == whole[0].tallies
    failing = chunks.pack([UnitResult(d.unit, None, "no") for d in whole])
    kept |= dict.fromkeys(made.chunking.chunks_of(5), failing)
    assert engine.Tallies(made, [kept])(5) == "no"
    assert isinstance(found(6)["none"], Tally)
