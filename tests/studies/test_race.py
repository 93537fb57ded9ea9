"""A race among candidates: the best stays, few worlds are run, and nothing depends on threads."""

import numpy as np
import pytest
from small import FIRST_PART, scenario

from regimesim.analysis.conditional import Linear
from regimesim.analysis.estimands import estimate
from regimesim.ensemble.ensemble import run
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.race import MISSES, difference, looks_at, race
from regimesim.studies.search import Tried, every_candidate, is_counted_through, sampled
from regimesim.studies.search_space import make_space
from regimesim.studies.targets import Aim, Target, read_aims, read_targets
from regimesim.sweeps.journal import Journal
from regimesim.sweeps.make_executor import make_worker_pool

AUDITS = "oversight.audit_budget"
GIVEN = {
    **FIRST_PART,
    "worlds": 512,
    "months": 60,
    "systems": 6,
    "capability.initial": 7,
    "takeover.difficulty": {"normal": [11, 2]},
    "oversight.control.tax": 0.1,
}
SAFE = (Aim("no_takeover", True),)
CHEAP = (Target("growth_lost", "<=", 0.05),)


@pytest.fixture(scope="module")
def small():
    return scenario(GIVEN, {"control": {}})


@pytest.fixture(scope="module")
def space(small):
    return make_space(small, "control", [f"{AUDITS}=0.001,0.01,0.1,0.5"], ["control,cot_monitor"])


def raced(small, space, threads=2, executor=None, journal=None, aims=SAFE, **options):
    with make_worker_pool(executor, threads) as workers:
        worlds = CommonWorlds(small, workers, journal=journal)
        *_, last = race(worlds, every_candidate(space).candidates, aims, **options)
    return worlds, last


@pytest.fixture(scope="module")
def race_of_all(small, space):
    return raced(small, space, precision=0.03)


def test_worlds_of_candidates_are_those_of_a_run(small, space, race_of_all):
    worlds, last = race_of_all
    own = run(space.scenario_at(last.best.point, "best").override({"worlds": last.worlds})).worlds
    known = worlds.dataset({"best": last.best}, last.worlds)
    for name in ("no_takeover", "growth_lost", "believed_catch_rate"):
        assert estimate(known, "best", name) == estimate(own, "best", name)
    linear = worlds.linear(last.best, "no_takeover", last.worlds)
    assert np.mean(linear.each) == pytest.approx(1 - own.expected_takeover.mean().item(), abs=1e-6)


def test_the_best_of_all_is_found_with_fewer_worlds(small, space, race_of_all):
    worlds, last = race_of_all
    with make_worker_pool(None, 2) as workers:
        everywhere = CommonWorlds(small, workers)
        everyone = every_candidate(space).candidates
        everywhere.run(everyone, small.worlds)
        means = {
            one: everywhere.linear(one, "no_takeover", small.worlds).each.mean()
            for one in everyone
        }
    best = max(means, key=means.get)
    assert means[best] - means[last.best] <= 0.03
    assert worlds.system_months() < everywhere.system_months() / 2
    assert last.bound is not None and means[best] <= means[last.best] + last.bound
    assert set(last.dropped) | set(last.left) == set(everyone)


def test_who_misses_a_target_drops_out(small, space):
    _, last = raced(small, space, targets=CHEAP, looks=(32, 64, 128), precision=0.01)
    assert last.reached and last.best in last.safe
    assert not last.best.tables.oversight.control
    reasons = {one.point: reason for one, (reason, _) in last.dropped.items()}
    assert MISSES in reasons.values()
    assert all(one.tables.oversight.control for one, r in last.dropped.items() if r[0] == MISSES)


def test_where_no_candidate_reaches_a_target_the_nearest_is_told(small, space):
    never = (Target("growth_lost", "<=", -0.5),)
    _, last = raced(small, space, targets=never, looks=(32, 64))
    assert not last.reached and not last.safe and last.bound is None


class Estimates:
    """Worlds in which every candidate has known conditional estimates."""

    def __init__(self, small, each):
        self.scenario, self._each = small, each

    def run(self, candidates, number):
        pass

    def linear(self, one, estimand, number):
        return Linear(self._each[one][:number], float(number))


def test_the_nearest_of_all_that_miss_a_target_is_the_answer(small, space):
    """The interval of hardly any worlds kept is so wide that it misses no target clearly."""
    far, near = every_candidate(space).candidates[:2]
    noise = np.random.default_rng(1).normal(0, 0.05, (2, 128))
    worlds = Estimates(small, {far: noise[0] - 0.01, near: 0.8 + noise[1]})
    *_, last = race(worlds, [far, near], SAFE, (Target("no_takeover", ">=", 0.95),), (32, 128))
    assert last.best == near and not last.reached


def test_who_missed_a_target_comes_back_where_nobody_reaches_it(small, space):
    """At first two seem to reach the target, who are far from it in the end."""
    far, other, near = every_candidate(space).candidates[:3]
    noise = np.random.default_rng(1).normal(0, 0.01, (3, 128))
    falling = np.repeat([0.9, 0.1], [32, 96])
    worlds = Estimates(
        small, {far: falling + noise[0], other: falling + noise[1], near: 0.8 + noise[2]}
    )
    target = (Target("no_takeover", ">=", 0.85),)
    first, last = race(worlds, [far, other, near], SAFE, target, (32, 128))
    assert first.best != near and first.dropped[near] == (MISSES, 32)
    assert last.best == near and not last.reached


def test_several_aims_leave_a_front(small, space):
    aims = (*SAFE, Aim("audited", False))
    worlds, last = raced(small, space, aims=aims, looks=(32, 128))
    means = [
        [worlds.linear(one, aim.estimand, 128).each.mean() for aim in aims] for one in last.front
    ]
    safety, cost = np.transpose(means)
    assert len(last.front) > 2
    assert (np.diff(safety) < 0).all() and (np.diff(cost) < 0).all()


def test_threads_processes_and_a_journal_change_nothing(small, space, tmp_path, race_of_all):
    worlds, last = race_of_all
    path = tmp_path / "journal"
    one, alone = raced(small, space, threads=1, precision=0.03)
    with Journal(path, write=True) as journal:
        two, kept = raced(small, space, 2, "processes", journal, precision=0.03)
        assert two.spent * small.systems * small.months == two.system_months()
    with Journal(path, write=True) as journal:
        three, again = raced(small, space, 1, None, journal, precision=0.03)
    assert three.spent == 0 and len(three.used) == len(two.used)
    assert last == alone == kept == again
    for other in (one, two, three):
        for candidate in last.left:
            rows = [w.linear(candidate, "no_takeover", last.worlds).each for w in (worlds, other)]
            assert np.array_equal(*rows)


def test_equal_policies_are_one_candidate(small):
    tables = small.policies["control"]
    assert Candidate(tables, (1,), "one") == Candidate(tables.model_copy(), (2,), "two")


def test_other_worlds_are_fresh(small):
    with make_worker_pool(None, 1) as workers:
        first, fresh = CommonWorlds(small, workers), CommonWorlds(small, workers, first=32)
        one = Candidate(small.policies["control"])
        first.run([one], 64)
        fresh.run([one], 32)
    late = first.linear(one, "growth_lost", 64).each[32:]
    assert np.array_equal(late, fresh.linear(one, "growth_lost", 32).each)


def test_looks_double_up_to_all_worlds():
    assert looks_at(2000) == (32, 64, 128, 256, 512, 1024, 2000)
    assert looks_at(20) == (20,)


def test_a_difference_within_worlds_is_narrower_than_between_them():
    from regimesim.analysis.conditional import Linear

    luck = np.random.default_rng(1).random(400)
    ones = np.ones(400)
    first, second = Linear.of(luck, ones), Linear.of(0.9 * luck, ones)
    both = difference(first, second, "growth_lost", 0.95)
    assert both.low > 0.04 and both.high < 0.06


def test_a_sampled_search_finds_what_counting_finds(small, space):
    wide = make_space(small, "control", [f"{AUDITS}=0.001:0.5"], ["control,cot_monitor"])
    assert is_counted_through(space, None) and not is_counted_through(wide, None)

    def searched(threads):
        with make_worker_pool(None, threads) as workers:
            worlds = CommonWorlds(small, workers)
            stages = sampled(wide, worlds, SAFE, CHEAP, (24, 48), 64, seed=3)
            first, last = stages
            *_, look = race(worlds, last.candidates, SAFE, CHEAP, (64, 256), 0.01)
        return first, last, look

    first, last, look = searched(2)
    assert (
        isinstance(first, Tried) and last.candidates[: len(first.candidates)] == first.candidates
    )
    assert (first.points, last.points) == (24, 48)
    assert searched(1) == (first, last, look)
    # the tax of control is above what is allowed, so the other monitor is alone, with a budget
    # that is high
    oversight = look.best.tables.oversight
    assert oversight.control is None and oversight.cot_monitor is not None
    assert oversight.audit_budget > 0.1


def test_aims_and_complements_are_read():
    assert read_aims(["no_takeover"], ["growth_lost"]) == (*SAFE, Aim("growth_lost", False))
    assert read_aims(["growth_kept"]) == (Aim("growth_lost", False),)
    assert read_targets(["growth_kept>=0.95"]) == CHEAP
    assert str(read_aims(minimise="audited")[0]) == "minimise audited"
