"""Policies written in Python: a rule that fails ends the run, and chance follows from the seed."""

import math
import pickle
import random
import subprocess
import sys
import types
from functools import partial

import numpy as np
import pytest
from scenarios_of_tests import busy

import regimesim as rs
from regimesim.ensemble import ensemble
from regimesim.model.compilation import INTERPRETED, noticing
from regimesim.model.oversight.rule_source import digest_of
from regimesim.model.world.draws import NOBODY, OVERSEERS, fine_unit, words

if INTERPRETED:

    def compiled(function):
        return function
else:
    from numba import njit as compiled

CONTROL = {"oversight.control": {}}
LEVELS = np.array([0.1, 0.2])
generator = np.random.default_rng(1)


def level_at(month):
    """A helper that reads an array."""
    return LEVELS[month]


compiled_level_at = compiled(level_at)


def noisy():
    """A helper with random numbers that no seed fixes."""
    return np.random.random()  # noqa: NPY002


def outside_an_array(seen, levers):
    return rs.Levers(LEVELS[seen.month], *levers[1:])


def outside_in_a_helper(seen, levers):
    return rs.Levers(level_at(seen.month), *levers[1:])


def outside_in_a_compiled_helper(seen, levers):
    return rs.Levers(compiled_level_at(seen.month), *levers[1:])


def outside_in_a_function_within(seen, levers):
    def level(month):
        return LEVELS[month]

    return rs.Levers(level(seen.month), *levers[1:])


def outside_where_it_writes(seen, levers):
    levels = np.zeros(2)
    levels[seen.month] = 1.0
    return rs.Levers(levels[0], *levers[1:])


def outside_a_tuple(seen, levers):
    return rs.Levers((0.1, 0.2)[seen.month], *levers[1:])


def raises(seen, levers):
    if seen.month == 2:
        raise ValueError("no such month")
    return levers


def divides_by_zero(seen, levers):
    return rs.Levers(1 // (seen.month - 2), *levers[1:])


def has_no_root(seen, levers):
    return rs.Levers(0.1 if math.sqrt(1.5 - seen.month) > 0.0 else 0.2, *levers[1:])


def has_no_logarithm(seen, levers):
    return rs.Levers(0.1 if math.log(2 - seen.month) > 0.0 else 0.2, *levers[1:])


def is_too_large_for_a_float(seen, levers):
    return rs.Levers(1.0 / math.exp(500.0 * seen.month), *levers[1:])


def rounds_nan(seen, levers):
    unknown = math.nan if seen.month == 2 else 1.0
    return rs.Levers(0.1 if int(unknown) > 0 else 0.2, *levers[1:])


FAILING = {
    outside_an_array: "IndexError: index 2 is out of bounds",
    outside_in_a_helper: "IndexError: index 2 is out of bounds",
    outside_in_a_compiled_helper: "IndexError: index ",
    outside_in_a_function_within: "IndexError: index 2 is out of bounds",
    outside_where_it_writes: "IndexError: index 2 is out of bounds",
    outside_a_tuple: "IndexError: tuple index out of range",
    raises: "ValueError: no such month",
    divides_by_zero: "ZeroDivisionError: integer division or modulo by zero",
    has_no_root: "ValueError: math domain error",
    has_no_logarithm: "ValueError: math domain error",
    is_too_large_for_a_float: "OverflowError: math range error",
    rounds_nan: "ValueError: cannot convert float NaN to integer",
}


@pytest.mark.parametrize("rule", FAILING, ids=lambda rule: rule.__name__)
def test_a_rule_that_fails_ends_the_run_and_names_world_and_month(rule):
    own = rs.policy(rule, settings=CONTROL)
    place = f"policy '{own.name}': in month 2 of world 0, its rule failed"
    with pytest.raises(rs.Refusal) as refused:
        rs.run(busy(worlds=2, months=6), [own])
    assert str(refused.value).startswith(place)
    assert FAILING[rule] in str(refused.value)
    model = rs.RegimeModel(busy(months=6), own, world=7)
    with pytest.raises(rs.Refusal, match="in month 2 of world 7, its rule failed"):
        model.run_model()


def test_the_line_that_fails_is_named():
    own = rs.policy(raises, settings=CONTROL)
    line = raises.__code__.co_firstlineno + 2
    with pytest.raises(rs.Refusal, match=f"failed in line {line} of .*{__name__}.py: ValueError"):
        rs.run(busy(worlds=1), [own])


def grows_by_a_product(seen, levers):
    return rs.Levers(4_000_000_000_000_000_000 * (seen.month + 1), *levers[1:])


def grows_in_a_loop(seen, levers):
    level = 1
    for _ in range(seen.month):
        level *= 10_000_000_000
    return rs.Levers(1.0 / level, *levers[1:])


def grows_by_a_sum(seen, levers):
    return rs.Levers((2**61 + seen.month) + (2**61 + seen.month), *levers[1:])


def shrinks_by_a_difference(seen, levers):
    return rs.Levers((-(2**61) - seen.month) - (2**61 + seen.month), *levers[1:])


def grows_by_a_shift(seen, levers):
    return rs.Levers(1 << (40 * seen.month), *levers[1:])


def grows_by_a_power(seen, levers):
    return rs.Levers((1000 * seen.month + 1) ** 7, *levers[1:])


def has_a_negative_power(seen, levers):
    return rs.Levers(2**-seen.month, *levers[1:])


def is_no_whole_number(seen, levers):
    return rs.Levers(0.1 if int(1e30 + seen.month) > 0 else 0.2, *levers[1:])


OVERFLOWING = {
    grows_by_a_product: "beyond 2",
    grows_in_a_loop: "beyond 2",
    grows_by_a_sum: "beyond 2",
    shrinks_by_a_difference: "beyond 2",
    grows_by_a_shift: "bits",
    grows_by_a_power: "beyond 2",
    has_a_negative_power: "a negative power",
    is_no_whole_number: "beyond 2",
}


@pytest.mark.skipif(INTERPRETED, reason="whole numbers of Python have no end")
@pytest.mark.parametrize("rule", OVERFLOWING, ids=lambda rule: rule.__name__)
def test_a_whole_number_that_would_wrap_around_ends_the_run(rule):
    own = rs.policy(rule, settings=CONTROL)
    with pytest.raises(rs.Refusal, match=OVERFLOWING[rule]):
        rs.run(busy(worlds=1, months=6), [own])


def test_levers_outside_their_range_are_set_to_its_ends():
    @rs.policy(settings=CONTROL)
    def wide(seen, levers):
        return rs.Levers(0.1, -3.0, 7.0, 1.0, 9.0, 0.0, 0.0, -1.0)

    @rs.policy(settings=CONTROL)
    def narrow(seen, levers):
        return rs.Levers(0.1, 0.0, 1.0, 1.0, 4.0, 0.0, 0.0, 0.0)

    worlds, _ = rs.run(busy(worlds=16), [wide, narrow])
    labels = ["policy", "title"]
    one, other = (worlds.sel(policy=name).drop_vars(labels) for name in ("wide", "narrow"))
    assert one.equals(other)


def test_levers_may_be_whole_numbers_and_truths():
    @rs.policy(settings=CONTROL)
    def whole(seen, levers):
        return rs.Levers(seen.month >= 0, 0, 1, 1, 4, 0, 0, False)

    assert budget_of(whole) == 1.0


def test_a_lever_that_is_infinite_is_refused():
    @rs.policy(settings=CONTROL)
    def endless(seen, levers):
        return rs.Levers(0.1, 0.0, 1.0, 1.0, math.inf, 0.0, 0.0, 0.0)

    allowed = "the lever hold was set to inf; allowed are finite numbers, limited to 1 to 4"
    with pytest.raises(rs.Refusal, match=allowed):
        rs.run(busy(worlds=1), [endless])


def uses_numpy(seen, levers):
    return rs.Levers(np.random.rand(), *levers[1:])  # noqa: NPY002


def uses_random(seen, levers):
    return rs.Levers(random.random(), *levers[1:])


def uses_a_helper(seen, levers):
    return rs.Levers(noisy(), *levers[1:])


def uses_a_generator(seen, levers):
    return rs.Levers(generator.random(), *levers[1:])


def uses_a_function_of_a_generator(draw):
    def rule(seen, levers):
        return rs.Levers(draw(), *levers[1:])

    return rule


RANDOM = {
    "its rule uses 'np.random'": uses_numpy,
    "its rule uses 'random'": uses_random,
    "its helper 'noisy' uses 'np.random'": uses_a_helper,
    "its rule uses 'generator'": uses_a_generator,
    "its rule uses 'draw'": uses_a_function_of_a_generator(random.random),
}


@pytest.mark.parametrize("reason", RANDOM)
def test_random_numbers_that_no_seed_fixes_are_refused(reason):
    own = rs.policy(RANDOM[reason], name="lucky")
    for use in (partial(rs.run, policies=[own]), partial(rs.RegimeModel, policy=own)):
        with pytest.raises(rs.Refusal, match=f"^policy 'lucky': {reason}.*use seen.draw"):
            use(busy(worlds=1))


@rs.policy(settings=CONTROL)
def at_random(seen, levers):
    """Audits one month in four, and asks for a pause in half of the others."""
    audited = seen.draw < 0.25
    pauses = seen.second_draw < 0.5 and not audited
    return rs.Levers(0.3 if audited else 0.0, 0.5 if pauses else 0.0, 1.0, 1.0, 4.0, 0.0, 0.0, 0.0)


def test_draws_follow_from_seed_world_and_month_alone(monkeypatch):
    scenario = busy(worlds=40)
    reference = rs.run(scenario, [at_random], threads=1)
    for threads, share in ((2, 1), (3, 7)):
        monkeypatch.setattr(ensemble, "LEAST_SHARE", share)
        monkeypatch.setattr(ensemble, "MOST_SHARE", share * scenario.systems * scenario.months)
        again = rs.run(scenario, ["control", at_random], threads=threads)
        alone = again.worlds.sel(policy=["at_random"])
        for name in ("crossing", "audits_spent", "critical_tries"):
            np.testing.assert_array_equal(alone[name], reference.worlds[name])
    for number in (0, 17, 39):
        model = rs.RegimeModel(scenario, at_random, number)
        model.run_model()
        row = reference.worlds.sel(policy="at_random", world=number)
        assert model.outcome["audits_spent"] == float(row.audits_spent)


def test_draws_are_those_of_the_documented_block():
    scenario = busy(worlds=1)
    model = rs.RegimeModel(scenario, at_random, world=5)
    pairs = []
    for month in range(12):
        block = words(scenario.seed, NOBODY, month + 1, 5, OVERSEERS)
        drawn = fine_unit(block[0], block[1]), fine_unit(block[2], block[3])
        pairs.append(drawn)
        before = model.running
        model.step()
        if before:
            assert model.beliefs["audit_budget"] == (0.3 if drawn[0] < 0.25 else 0.0)
    assert len(set(np.ravel(pairs))) == 24


def test_draws_are_uniform_and_independent_between_worlds_and_months():
    size = 40 if INTERPRETED else 200
    drawn = np.array(
        [
            [fine_unit(*words(3, NOBODY, month, world, OVERSEERS)[:2]) for month in range(1, 51)]
            for world in range(size)
        ]
    )
    assert 0.0 < drawn.min() and drawn.max() < 1.0
    assert abs(drawn.mean() - 0.5) < 5 * math.sqrt(1 / 12 / drawn.size)
    assert np.unique(drawn).size == drawn.size
    shifted = np.corrcoef(drawn[:, 1:].ravel(), drawn[:, :-1].ravel())[0, 1]
    assert abs(shifted) < 5 / math.sqrt(drawn.size)


def reads_reports(seen, levers):
    return rs.Levers(0.3 if seen.highest_report > 8.0 else 0.02, *levers[1:])


def reads_the_alarm(seen, levers):
    return rs.Levers(0.3 if getattr(seen, "alarm") else 0.02, *levers[1:])  # noqa: B009


def reads_exercises(seen, levers):
    return rs.Levers(0.3 if seen.exercises_caught > 8.0 else 0.02, *levers[1:])


def test_an_observation_that_nothing_fills_is_refused():
    unfilled = {reads_reports: "highest_report", reads_the_alarm: "alarm"}
    for rule, name in unfilled.items():
        own = rs.policy(rule, settings=CONTROL)
        sentence = f"policy '{own.name}': its rule reads seen.{name}, which nothing fills"
        with pytest.raises(rs.Refusal, match=f"{sentence} .* table oversight.evaluations"):
            rs.run(busy(worlds=1), [own])
        filled = {**CONTROL, "oversight.evaluations": {}}
        rs.run(busy(worlds=1), [rs.policy(rule, settings=filled)])
    own = rs.policy(reads_exercises)
    with pytest.raises(rs.Refusal, match=r"exercises_caught, .* table oversight\.control or "):
        rs.RegimeModel(busy(worlds=1), own)


def reading(level):
    """A policy whose rule calls a helper of a module, and the module."""
    helpers = types.ModuleType("helpers_of_a_user")
    helpers.level = level

    @rs.policy(settings=CONTROL)
    def helped(seen, levers):
        return rs.Levers(helpers.level(seen.month), 0.0, 1.0, 1.0, 4.0, 0.0, 0.0, 0.0)

    return helped, helpers


def budget_of(own):
    """The audit budget after a month."""
    model = rs.RegimeModel(busy(), own)
    model.step()
    return model.beliefs["audit_budget"]


def test_a_helper_that_is_edited_counts_from_the_next_run():
    own, helpers = reading(lambda month: 0.1)
    assert budget_of(own) == 0.1
    helpers.level = lambda month: 0.2
    assert budget_of(own) == 0.2
    helpers.level = lambda month: "half"
    with pytest.raises(rs.Refusal, match="policy 'helped': "):
        budget_of(own)
    helpers.level = lambda month: noisy()
    with pytest.raises(rs.Refusal, match="its helper 'noisy' uses"):
        budget_of(own)
    helpers.level = lambda month: 0.3
    assert budget_of(own) == 0.3


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_a_rule_is_compiled_again_only_if_something_changed():
    own, _ = reading(lambda month: 0.1)
    budget_of(own)
    begun = []
    with noticing(lambda: begun.append(1)):
        assert budget_of(own) == 0.1
        assert begun == []
        budget_of(reading(lambda month: 0.25)[0])
    assert begun == [1]


def test_a_policy_that_is_sent_to_another_process_decides_the_same():
    own = reading(lambda month: 0.1)[0]
    received = pickle.loads(pickle.dumps(rs.policy(level_everywhere, settings=CONTROL)))
    assert received.settings == CONTROL and received.name == "level_everywhere"
    assert digest_of(received.decide) == digest_of(level_everywhere)
    assert budget_of(received) == budget_of(own)


def level_everywhere(seen, levers):
    return rs.Levers(LEVELS[0], 0.0, 1.0, 1.0, 4.0, 0.0, 0.0, 0.0)


def test_a_function_that_is_compiled_already_becomes_a_policy():
    assert budget_of(rs.policy(compiled(level_everywhere), settings=CONTROL)) == 0.1


def test_policies_are_a_name_a_policy_or_several():
    scenario = busy(worlds=1, months=2)
    assert list(rs.run(scenario, at_random).worlds.policy.values) == ["at_random"]
    assert list(rs.run(scenario, "control").worlds.policy.values) == ["control"]
    assert list(rs.run(scenario, ["control"]).worlds.policy.values) == ["control"]
    for wrong in (level_everywhere, 3, None, [3]):
        with pytest.raises(rs.Refusal, match=r"^policies: found .* @regimesim\.policy makes$"):
            rs.run(scenario, wrong)
        with pytest.raises(rs.Refusal, match=r"^policies: found "):
            rs.trace(scenario, policies=wrong)


def test_how_processes_are_started_stays_as_it_was():
    code = (
        "import multiprocessing as m, regimesim as rs; before = m.get_start_method(True); "
        "rs.RegimeModel({}); assert before is None and m.get_start_method(True) is None; "
        "assert m.get_context('fork').Pool"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
