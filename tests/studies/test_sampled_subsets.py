"""Shapley values of many parts, from some subsets in each world: unbiased, with true intervals."""

import numpy as np
import pytest
import small

import regimesim as rs
from regimesim.analysis.shapley import mean_of_differences, shapley
from regimesim.errors import Refusal
from regimesim.studies.contributions.runs import Runs
from regimesim.studies.contributions.sampled_subsets import (
    PAIRS,
    fewest_sampled,
    is_sampled,
    runs_of,
    sampled_in,
    sampled_shapley,
    subsets_of,
)
from regimesim.studies.contributions.shares import contributions_of_parts
from regimesim.studies.contributions.subsets import parts, run_subsets

SEVEN = {
    "oversight.control": {},
    "oversight.cot_monitor": {"evasion": 0},
    "oversight.interpretability": {},
    "oversight.evaluations": {"response": "warn"},
    "oversight.pause": {},
    "oversight.honeypots": {},
    "paradigm.hold": 2,
}
EAGER = {
    **small.FIRST_PART,
    **small.SPARSE,
    "capability.initial": 8,
    "takeover.difficulty": {"normal": [12, 2]},
    "goals.value": 0.1,
    "worlds": 64,
}


def a_game(rng, parts, worlds):
    """Zeros and ones of every subset: each world has a threshold for weights of its own."""
    member = np.arange(2**parts)[:, None] >> np.arange(parts) & 1
    weights = rng.exponential(1.0, (parts, worlds)) * np.arange(1, parts + 1)[:, None]
    limit = rng.uniform(0.0, 1.2, worlds) * weights.sum(axis=0)
    odd = rng.random((2**parts, worlds)) < 0.05  # so that no guess from the corners is right
    return ((member @ weights > limit) ^ odd).astype(float)


@pytest.mark.parametrize("number", [7, 8, 9, 12])
def test_a_world_has_every_corner_and_as_many_pairs_of_other_subsets(number):
    every = subsets_of(number)
    has = sampled_in(number, 3, np.arange(50))
    assert has[every.corner].all() and every.corner.sum() == 2 * (1 + number)
    assert (has.sum(axis=0) == 2 * (1 + number + PAIRS)).all()
    np.testing.assert_array_equal(has, has[::-1])  # each with that of all other parts
    assert runs_of(number) == pytest.approx(has.sum(axis=0).mean())
    assert len(np.unique(has, axis=1).T) == 50


def test_few_parts_run_every_subset():
    assert fewest_sampled() == 7
    assert [runs_of(number) for number in (1, 2, 6)] == [2, 4, 64]
    assert not is_sampled(6)


def test_a_sample_follows_from_the_number_of_its_world():
    whole = sampled_in(8, 5, np.arange(40))
    np.testing.assert_array_equal(sampled_in(8, 5, np.arange(24, 40)), whole[:, 24:])
    assert not np.array_equal(sampled_in(8, 6, np.arange(40)), whole)


def test_subsets_are_sampled_with_the_chance_that_is_taken_for_granted():
    worlds = 4000
    share = sampled_in(8, 1, np.arange(worlds)).mean(axis=1)
    chance = subsets_of(8).chance
    error = np.sqrt(chance * (1 - chance) / worlds)
    assert (np.abs(share - chance) <= 4.5 * error).all()


@pytest.mark.parametrize("number", [7, 8])
def test_estimates_are_unbiased_in_each_world(number):
    """Over many samples of one world, the mean is the Shapley value of that world."""
    samples, rng = 4000, np.random.default_rng(7)
    for values in a_game(rng, number, 3).T:
        has = sampled_in(number, 1, np.arange(samples))
        estimates = sampled_shapley(np.repeat(values[:, None], samples, axis=1), has, number)
        (truth,) = shapley(values[:, None], number).T
        error = estimates.std(axis=1) / np.sqrt(samples)
        assert (np.abs(estimates.mean(axis=1) - truth) <= 4.5 * error + 1e-12).all()
        np.testing.assert_allclose(estimates.sum(axis=0), values[-1] - values[0], atol=1e-12)


def test_what_is_not_sampled_is_not_looked_at():
    values, has = a_game(np.random.default_rng(2), 8, 30), sampled_in(8, 1, np.arange(30))
    other = np.where(has, values, np.nan_to_num(np.inf))
    np.testing.assert_array_equal(sampled_shapley(values, has, 8), sampled_shapley(other, has, 8))


def test_intervals_hold_the_truth_as_often_as_they_say():
    """The truth is the mean over very many worlds, in each of which every subset is known."""
    number, worlds, runs = 7, 200, 300
    values = a_game(np.random.default_rng(11), number, worlds * runs)
    truth = shapley(values, number).mean(axis=1)
    held = np.zeros(number)
    for run in range(runs):
        here = slice(run * worlds, (run + 1) * worlds)
        has = sampled_in(number, 1, np.arange(here.start, here.stop))
        for k, each in enumerate(sampled_shapley(values[:, here], has, number)):
            _, low, high, _ = mean_of_differences(each)
            held[k] += low <= truth[k] <= high
    # four standard errors of a share of 95 % in so many runs, over all parts
    assert (held / runs >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / runs)).all()
    assert (held / runs).mean() <= 0.985


@pytest.fixture(scope="module")
def seven():
    return small.scenario(EAGER, {"seven": SEVEN})


def test_the_study_samples_the_worlds_that_every_subset_has(seven):
    assert len(parts(seven, "seven")) == 7
    ours = rs.contributions(seven)["seven"]
    every = next(run_subsets(seven, "seven"))
    assert ours == contributions_of_parts(every) | {"common_cause": ours["common_cause"]}
    (stage,) = Runs(seven, ["seven"]).run((seven.worlds,))
    ran = (stage.subsets("seven").strikes.values >= 0).sum(axis=0)
    assert (ran == 2 * (1 + 7 + PAIRS)).all()


def test_worlds_that_are_missing_are_not_taken_for_zeros(seven):
    (stage,) = Runs(seven, ["seven"]).run((seven.worlds,))
    there = stage.subsets("seven")
    place = int(np.flatnonzero(~subsets_of(7).corner)[0])
    for name in ("strikes", "crossing", "held_first_critical_try", "first_try_caught_by"):
        gone = there.policy != there.policy[place]
        there[name] = there[name].where(gone)
    with pytest.raises(Refusal, match="lacks worlds that the Shapley values are made of"):
        contributions_of_parts(there)


def test_a_policy_that_several_need_runs_once():
    both = {"oversight.control": {}, "oversight.cot_monitor": {}}
    policies = {"none": {}, "one": {"oversight.control": {}}, "two": both, "again": both}
    scenario = small.scenario(EAGER, policies)
    runs = Runs(scenario, ["one", "two", "again"], [(scenario, {})])
    # nothing, each monitor, both; and both that fail independently
    assert runs.number == 5
    assert runs.subsets["two"] == runs.subsets["again"]
    assert runs.fronts[0][0] == runs.subsets["one"]["nothing"]
