"""Pieces of a sweep: the worlds of a point are those of a run, however they are put together."""

import pickle
import threading

import numpy as np
import pytest
from one_tally import estimates_of

import regimesim as rs
from regimesim.analysis.tally import Tally
from regimesim.ensemble.ensemble import Share, run_share, with_rules
from regimesim.errors import Refusal
from regimesim.sweeps import work_units as module
from regimesim.sweeps.designs import make_design, scenario_at
from regimesim.sweeps.work_units import UnitResult, WorkUnit, point_seed, run_units, sendable

SIZE = {"worlds": 24, "months": 60, "labs": 2, "systems": 6, "seed": 5}
UNCERTAIN = {"initial": {"normal": [7, 1]}, "doubling_time": {"fit": "metr"}}
GUARDED = {"control": {}, "cot_monitor": {}}


@pytest.fixture(scope="module")
def scenario():
    return rs.parse(
        {
            **SIZE,
            "capability": UNCERTAIN,
            "takeover": {"difficulty": {"triangular": [8, 10, 13]}},
            "policies": {"none": {}, "guarded": {"oversight": GUARDED}},
        }
    )


def as_run(at, first=0, last=None, rules=None):
    """The packed tallies of worlds of a scenario, each policy lived through on its own."""
    last, stop = at.worlds if last is None else last, np.zeros(1, np.int64)
    return {
        name: Tally.of(
            run_share(at, tables, (rules or {}).get(name), Share(0, first, last), stop)[0],
            at.months,
        ).pack()
        for name, tables in at.policies.items()
    }


def whole(design, worlds=SIZE["worlds"]):
    """A piece a point, with all of its worlds."""
    return [WorkUnit(point, 0, worlds) for point in range(len(design))]


def merged(done):
    """Tallies by (point, policy), merged."""
    found = {}
    for unit, tallies, error in done:
        assert error is None
        for name, packed in tallies.items():
            key, tally = (unit.point, name), Tally.unpack(packed)
            found[key] = found[key] + tally if key in found else tally
    return {key: tally.pack() for key, tally in found.items()}


def test_the_worlds_of_a_point_are_those_of_a_run(scenario):
    """Also where safeguards, systems, labs and months differ from point to point."""
    axes = {
        "oversight.audit_budget": [0.01, 0.2],
        "systems": [6, 3],
        "months": [60, 40],
        "labs": [2, 1],
        "oversight.adaptive": [True, False],
        "takeover.collusion": [0.0, 1.0],
    }
    design = make_design(scenario, axes, kind="zip")
    done = run_units(scenario, design, whole(design))
    assert [entry.unit for entry in done] == whole(design)
    different = set()
    for point, (_, tallies, error) in enumerate(done):
        assert error is None and tallies == as_run(scenario_at(scenario, design, point))
        different |= set(tallies.values())
    assert len(different) == 4


def test_the_estimates_of_a_point_are_those_of_its_run(scenario):
    design = make_design(scenario, {"oversight.audit_budget": [0.01, 0.2]})
    for entry in run_units(scenario, design, whole(design)):
        worlds, _ = rs.run(scenario_at(scenario, design, entry.unit.point))
        for _, told in rs.estimates(worlds).iterrows():
            found = estimates_of(Tally.unpack(entry.tallies[told.policy]))[told.estimand]
            assert found.n == told.n
            expected = [told.estimate, told.low, told.high]
            ours = [np.nan if value is None else value for value in found[:3]]
            assert ours == pytest.approx(np.array(expected, float), abs=1e-7, nan_ok=True)


@pytest.mark.parametrize("most", [7, 4096])
def test_no_bit_depends_on_how_worlds_are_put_together(scenario, monkeypatch, most):
    monkeypatch.setattr(module, "MOST_WORLDS", most)
    design = make_design(scenario, {"oversight.audit_budget": [0.01, 0.05, 0.2]})
    expected = merged(run_units(scenario, design, whole(design)))
    split = [(p, first, last) for first, last in ((0, 1), (20, 24), (1, 20)) for p in (2, 0, 1)]
    assert merged(run_units(scenario, design, split)) == expected
    one_by_one = [run_units(scenario, design, [unit]) for unit in split]
    assert merged(entry for done in one_by_one for entry in done) == expected


def test_a_piece_without_worlds_has_the_tally_of_none(scenario):
    design = make_design(scenario, {"oversight.audit_budget": [0.01]})
    (done,) = run_units(scenario, design, [(0, 5, 5)])
    assert done.tallies == dict.fromkeys(("none", "guarded"), Tally.none(60).pack())


def test_independent_points_are_runs_with_a_seed_of_their_own(scenario):
    design = make_design(scenario, {"oversight.audit_budget": [0.05, 0.05, 0.05]}, kind="zip")
    shared = run_units(scenario, design, whole(design))
    assert shared[0].tallies == shared[1].tallies == shared[2].tallies
    apart = run_units(scenario, design, whole(design), independent=True)
    seeds = set()
    for point, done in enumerate(apart):
        seeds.add(seed := point_seed(scenario.seed, point))
        at = rs.parse(scenario_at(scenario, design, point).resolved() | {"seed": seed})
        assert done.tallies == as_run(at)
    assert len(seeds) == 3 and apart[0].tallies != apart[1].tallies
    assert apart[1:] == run_units(scenario, design, whole(design)[1:], independent=True)


def test_seeds_of_points_are_allowed_and_differ():
    seeds = [point_seed(seed, point) for seed in (0, 1, 2**63 - 1) for point in range(2000)]
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) >= 0 and max(seeds) < 2**63
    bits = np.array(seeds)[:, None] >> np.arange(63) & 1
    assert np.all(np.abs(bits.mean(axis=0) - 0.5) < 5 * 0.5 / len(seeds) ** 0.5)


def test_a_point_that_contradicts_itself_keeps_no_other_from_running(scenario):
    taxes = {"oversight.tax": [0.1, 0.6], "oversight.cot_monitor.tax": [0.2, 0.5]}
    design = make_design(scenario, taxes)
    first, second, third, fourth = run_units(scenario, design, whole(design))
    assert (first.error, second.error, third.error) == (None, None, None)
    with pytest.raises(Refusal) as refused:
        scenario_at(scenario, design, 3)
    assert fourth == UnitResult(WorkUnit(3, 0, 24), None, "; ".join(refused.value.lines))
    assert third.tallies == as_run(scenario_at(scenario, design, 2))


def test_a_point_that_fails_keeps_no_other_from_running(scenario, monkeypatch):
    design = make_design(scenario, {"oversight.audit_budget": [0.01, 0.0512, 0.2]})
    expected, real = run_units(scenario, design, whole(design)), module.run_batch

    def failing(tile, stack, batch, rule=None):
        real(tile, stack, batch, rule)
        if np.any(batch.drawn == 0.0512):
            raise ValueError("not possible")

    monkeypatch.setattr(module, "run_batch", failing)
    done = run_units(scenario, design, whole(design))
    assert done[1] == UnitResult(WorkUnit(1, 0, 24), None, "ValueError: not possible")
    assert [done[0], done[2]] == [expected[0], expected[2]]


@pytest.mark.parametrize("error", [MemoryError, OSError, KeyError])
def test_what_is_wrong_with_the_machine_or_with_us_is_no_failure_of_a_point(
    scenario, monkeypatch, error
):
    def failing(*_):
        raise error

    monkeypatch.setattr(module, "run_batch", failing)
    with pytest.raises(error):
        run_units(scenario, make_design(scenario, {"oversight.audit_budget": [0.01]}), [(0, 0, 8)])


def test_stopping_leaves_out_what_is_not_complete(scenario):
    design = make_design(scenario, {"oversight.audit_budget": [0.01, 0.05]})
    assert run_units(scenario, design, whole(design), stop=np.ones(1, np.int64)) == []
    stop, long = np.zeros(1, np.int64), [(p, 0, 200_000) for p in range(2)]
    timer = threading.Timer(0.2, stop.__setitem__, (0, 1))
    timer.start()
    assert run_units(scenario, design, [(0, 0, 8), *long], stop=stop) == []
    assert merged(run_units(scenario, design, whole(design)))  # nothing stays stopped


def test_interrupting_is_no_failure(scenario, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run_batch", interrupted)
    design = make_design(scenario, {"oversight.audit_budget": [0.01]})
    with pytest.raises(KeyboardInterrupt):
        run_units(scenario, design, whole(design))


@rs.policy(settings={"oversight.control": {}})
def stingy(seen, levers):
    """A tenth of the audits, and less contact after an incident."""
    contact = 0.5 if seen.story_incidents > 0 else levers.contact
    return levers.set(audit_budget=0.1 * levers.audit_budget, contact=contact)


def test_policies_in_python_run_at_every_point_and_travel(scenario):
    extended, rules = with_rules(scenario, [stingy])
    design = make_design(extended, {"oversight.audit_budget": [0.05, 0.2]})
    done = run_units(extended, design, whole(design), rules=rules)
    for point, entry in enumerate(done):
        assert entry.tallies == as_run(scenario_at(extended, design, point), rules=rules)
    sendable(rules)
    sent = pickle.loads(pickle.dumps((extended, design, whole(design), True, None, rules)))
    assert pickle.loads(pickle.dumps(run_units(*sent))) == run_units(
        extended, design, whole(design), True, None, rules
    )


def test_a_policy_that_cannot_travel_is_refused(scenario):
    lock = threading.Lock()

    @rs.policy
    def locked(seen, levers):
        return lock

    with pytest.raises(Refusal, match="policy 'locked': cannot be sent to another process"):
        sendable({"locked": locked})
