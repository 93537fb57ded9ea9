"""The main scenario draws what decides, each number from its whole plausible range."""

from pathlib import Path

import pytest

from regimesim.scenario import load
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.plausible_ranges import plausible
from regimesim.studies.parameter_points import numbers_of

SCENARIO = load(Path(__file__).parents[2] / "scenarios" / "first_critical_try.toml")
DRAWN = {
    (policy, key): number.value
    for policy in SCENARIO.policies
    for key, number in numbers_of(SCENARIO, policy).items()
    if isinstance(number.value, Distribution)
}


@pytest.mark.parametrize("policy", SCENARIO.policies)
def test_every_draw_is_from_the_plausible_range(policy):
    drawn = {key: value for (name, key), value in DRAWN.items() if name == policy}
    assert len(drawn) > 30
    for key, value in drawn.items():
        low, high = plausible(key)[:2]
        if value.kind == "uniform":
            assert value.numbers == (low, high), key
        else:  # a range of a factor of twenty and more, or one that data bear on
            of_range = Distribution.of_interval("lognormal", "ci90", low, high)
            assert value.kind == "lognormal", key
            assert value.numbers == pytest.approx(of_range.numbers), key


def test_the_level_of_capability_is_measured():
    for tables in SCENARIO.policies.values():
        assert isinstance(tables.capability.initial, Fit)


def test_policies_differ_in_what_overseers_choose_alone():
    """What is drawn under one policy is drawn alike under every other that has it."""
    values = {}
    for (_, key), value in DRAWN.items():
        assert values.setdefault(key, value) == value, key
