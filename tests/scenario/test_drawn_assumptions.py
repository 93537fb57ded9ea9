"""The main scenario draws what decides, each number from its whole plausible range."""

import re
from pathlib import Path

import pytest
from screen_of_assumptions import FEW, moved, with_defaults

from regimesim.model.compilation import INTERPRETED
from regimesim.scenario import load
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.plausible_ranges import plausible
from regimesim.studies.parameter_points import numbers_of

ROOT = Path(__file__).parents[2]
SCENARIO = load(ROOT / "scenarios" / "first_critical_try.toml")
DRAWN = {
    (policy, key): number.value
    for policy in SCENARIO.policies
    for key, number in numbers_of(SCENARIO, policy).items()
    if isinstance(number.value, Distribution)
}
PAGE = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
SECTION = PAGE[
    PAGE.index("## Which assumptions decide") : PAGE.index("An assumption that decides only")
]
ROW = re.compile(r"^\| `([\w. ]+)` \| [-\d.]+ to [-\d.]+ \| `(\w+)` \|", re.MULTILINE)
DECIDES = 0.10  # a move of P(no takeover)


def of_page(part: str) -> dict[str, str]:
    """The policy that each assumption of a table moves most."""
    return dict(ROW.findall(part))


DRAWN_ON_PAGE, _, LEFT = SECTION.partition("<!-- undrawn -->")
UNDRAWN = of_page(LEFT)


def test_the_page_has_every_number_that_is_drawn():
    drawn = {key for _, key in DRAWN if not key.startswith("outside.")}
    in_a_table = of_page(DRAWN_ON_PAGE).keys()
    named = set(re.findall(r"`([a-z_]+(?:\.\w+)+)`", DRAWN_ON_PAGE)) - in_a_table
    assert in_a_table < drawn and drawn - in_a_table <= named
    assert drawn.isdisjoint(UNDRAWN) and len(UNDRAWN) >= 5
    assert f"{len(drawn) + 1} numbers are drawn" in SECTION  # with the measured level
    sizes = [
        sum(name == policy and not key.startswith("outside.") for name, key in DRAWN) + 1
        for policy in SCENARIO.policies
    ]
    assert f"{min(sizes)} to {max(sizes)} act under one policy" in SECTION


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
@pytest.mark.parametrize("policy", sorted(set(UNDRAWN.values())))
def test_what_moves_most_of_what_is_not_drawn_moves_no_policy_much(policy):
    keys = [key for key, name in UNDRAWN.items() if name == policy]
    rows = moved(SCENARIO, policy, 2 * FEW, keys)
    assert {one.assumption.key for one in rows} == set(keys)
    assert all(one.at_least < DECIDES for one in rows), rows


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_a_number_that_is_drawn_is_seen_to_decide_where_it_is_not():
    key = "feedback.density"
    (one,) = moved(with_defaults(SCENARIO, [key]), "defence_in_depth", FEW, [key])
    assert one.assumption.value == 0.9 and one.at_least > DECIDES


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
