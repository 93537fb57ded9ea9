"""Uncertain parameters: drawn once a world, by their law, and alike under every policy."""

import numpy as np
import pytest
from scipy import stats
from small import run

from regimesim.model.compilation import INTERPRETED

WORLDS = 400 if INTERPRETED else 4000
BRIEF = {"worlds": WORLDS, "months": 1, "systems": 1, "labs": 1}


def truncated(law, low, high):
    """The distribution function of a law between two ends."""
    least, most = law.cdf(low), law.cdf(high)
    return lambda x: (law.cdf(x) - least) / (most - least)


LAWS = [
    ("takeover.difficulty", {"normal": [15, 2]}, stats.norm(15, 2), (-10, 60)),
    ("feedback.density", {"normal": [0.9, 0.3]}, stats.norm(0.9, 0.3), (0, 1)),
    ("goals.value", {"normal": [-3, 1.2]}, stats.norm(-3, 1.2), (0, 1)),
    ("capability.lifetime", {"lognormal": [12, 0.8]}, stats.lognorm(0.8, scale=12), (0.1, 1e6)),
    ("capability.ceiling", {"lognormal": [6, 1.5]}, stats.lognorm(1.5, scale=6), (5, 100)),
    ("conduct.story_rate", {"lognormal": [5, 1]}, stats.lognorm(1, scale=5), (0, 10)),
    ("cognition.patience", {"uniform": [0.2, 0.7]}, stats.uniform(0.2, 0.5), (0, 1)),
    ("takeover.real_world_contact", {"uniform": [-1, 3]}, stats.uniform(-1, 4), (0, 1)),
    ("takeover.payoff_delay", {"triangular": [6, 7, 20]}, stats.triang(1 / 14, 6, 14), (0, 1200)),
    ("oversight.common_cause", {"triangular": [-1, 0, 2]}, stats.triang(1 / 3, -1, 3), (0, 1)),
    ("takeover.caught_value", {"beta": [2, 5]}, stats.beta(2, 5), (0, 1)),
    ("oversight.tax", {"beta": [0.5, 0.5]}, stats.beta(0.5, 0.5), (-0.9, 0.9)),
]
ALL = {key: distribution for key, distribution, *_ in LAWS}


@pytest.fixture(scope="module")
def worlds():
    return run({**BRIEF, **ALL}, {"first": {}, "second": {"oversight.control": {}}}).worlds


@pytest.mark.parametrize(("key", "distribution", "law", "ends"), LAWS)
def test_draws_follow_their_law_truncated_to_the_range(worlds, key, distribution, law, ends):
    drawn = worlds[key].sel(policy="first").values
    assert drawn.shape == (WORLDS,)
    assert (drawn >= ends[0]).all() and (drawn <= ends[1]).all()
    assert stats.kstest(drawn, truncated(law, *ends)).pvalue > 1e-4


def test_draws_are_the_same_under_every_policy_and_beside_any_other_parameter(worlds):
    for key in ALL:
        assert np.array_equal(worlds[key][0], worlds[key][1])
    alone, _ = run({**BRIEF, "goals.value": ALL["goals.value"]})
    assert np.array_equal(alone["goals.value"][0], worlds["goals.value"][0])


def test_draws_of_different_parameters_and_worlds_have_nothing_to_do_with_each_other(worlds):
    ranks = np.array([stats.rankdata(worlds[key][0]) for key in ALL])
    between = np.corrcoef(ranks)[np.triu_indices(len(ALL), 1)]
    assert np.abs(between).max() < 4.5 / np.sqrt(WORLDS)
    onward = [np.corrcoef(rank[:-1], rank[1:])[0, 1] for rank in ranks]
    assert np.abs(onward).max() < 4.5 / np.sqrt(WORLDS)


def test_a_policy_may_replace_a_distribution_by_another_with_the_same_luck():
    wide = {"takeover.difficulty": {"normal": [15, 4]}}
    worlds, _ = run({**BRIEF, "takeover.difficulty": {"normal": [15, 1]}}, {"a": {}, "b": wide})
    narrow, wide = worlds["takeover.difficulty"].values
    assert wide - 15 == pytest.approx(4 * (narrow - 15), abs=1e-4)


def test_another_seed_draws_other_worlds_and_more_worlds_begin_with_the_same():
    given = {**BRIEF, "goals.value": ALL["goals.value"], "worlds": 100}
    first = run(given).worlds["goals.value"].values.ravel()
    other = run({**given, "seed": 4}).worlds["goals.value"].values.ravel()
    more = run({**given, "worlds": 200}).worlds["goals.value"].values.ravel()
    assert not np.intersect1d(first, other).size
    assert np.array_equal(more[:100], first)


def test_what_one_policy_draws_has_its_number_under_one_that_does_not():
    policies = {"drawn": {"takeover.difficulty": {"normal": [15, 2]}}}
    policies["set"] = {"takeover.difficulty": 13.5, "conduct.story_rate": {"uniform": [0.1, 0.2]}}
    policies["default"] = {"takeover.difficulty": 12}
    worlds, _ = run({**BRIEF, "worlds": 40}, policies)
    level, rate = worlds["takeover.difficulty"], worlds["conduct.story_rate"]
    assert np.unique(level.sel(policy="drawn")).size == 40
    assert (level.sel(policy="set") == 13.5).all() and (level.sel(policy="default") == 12).all()
    assert np.unique(rate.sel(policy="set")).size == 40
    assert (rate.sel(policy="drawn") == 0.02).all() and (rate.sel(policy="default") == 0.02).all()
