"""Findings: sentences from numbers, which claim no more than the numbers do."""

import pytest

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.findings import (
    FEW,
    UNTRIED,
    deciders,
    gaps,
    in_percent,
    losses,
    regimes_at_the_end,
    survivors,
)


def share(value, reach=0.02):
    return Estimate(value, max(value - reach, 0.0), min(value + reach, 1.0), 500)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (0.0004, "<0.1 %"),
        (0.0353, "3.5 %"),
        (-0.021, "−2.1 %"),
        (0.9996, ">99.9 %"),
        (1, "100 %"),
    ],
)
def test_only_an_exact_share_is_nothing_or_everything(value, text):
    assert in_percent(value) == text


def test_the_best_and_the_worst_are_named_where_intervals_are_apart():
    finding = survivors({"Monitors": share(0.07), "Hold": share(0.97)}, tries=300)
    assert finding == "Under Hold, 97.0 % of worlds see no takeover; under Monitors, 7.0 %"


def test_policies_whose_intervals_overlap_are_named_together():
    shares = {"A": share(0.5), "B": share(0.97), "C": share(0.96), "D": share(0.03), "E": share(0)}
    assert survivors(shares, 9) == (
        "Under B or C, 96.0 to 97.0 % of worlds see no takeover; under the other 3, at most 50.0 %"
    )
    many = {str(k): share(0.9) for k in range(3)} | {f"x{k}": share(0.0004) for k in range(4)}
    assert survivors(many, 9) == (
        "Under 3 policies, 90.0 % of worlds see no takeover; under the other 4, less than 0.1 %"
    )


def test_no_policy_is_best_where_all_could_be_alike():
    both = {"A": share(0.5), "B": share(0.53)}
    assert survivors(both, 9).startswith("Under both policies, 50.0 to 53.0 % of worlds see no")
    assert "too close" in survivors(both, 9)
    assert survivors(dict.fromkeys("ABC", share(0.0)), 9) == (
        "Under all 3 policies, every world is lost"
    )
    assert survivors(dict.fromkeys("ABC", share(1.0)), 9) == (
        "Under all 3 policies, no world sees a takeover"
    )


def test_a_single_policy_has_its_interval():
    assert survivors({"Hold": share(0.42)}, 9) == (
        "Under Hold, 42.0 % (40.0 to 44.0 %) of worlds see no takeover"
    )
    assert survivors({"Hold": Estimate(0.42, None, None, 1)}, 9).startswith(
        "Under Hold, 42.0 % of"
    )


def test_nothing_is_concluded_without_tries():
    assert survivors({"A": share(1.0), "B": share(1.0)}, tries=0) == UNTRIED
    assert gaps({"A": (Estimate(None, None, None, 0), 0)}) == UNTRIED


def test_gaps_are_those_of_policies_with_enough_tries():
    over, under, none = share(0.45), Estimate(-0.1, -0.12, -0.08, 90), Estimate(0, -0.1, 0.1, 90)
    assert gaps({"A": (over, FEW), "B": (over, FEW - 1)}) == (
        "At the first critical try, overseers overrate their safeguards by 45.0 points under A"
    )
    both = gaps({"A": (over, 90), "B": (share(0.3), 90), "C": (share(0.31), 90), "D": (under, 90)})
    assert "overrate their safeguards by 30.0 to 45.0 points under 3 policies, and" in both
    assert both.endswith("underrate their safeguards by 10.0 points under D")
    assert gaps({"A": (none, 90)}).endswith("differ from the truth by luck")
    assert gaps({"A": (over, 12)}) == (
        "Too few first critical tries to judge beliefs by: 12 at most"
    )


def test_half_of_all_worlds_are_lost_at_some_time_or_never():
    assert losses({"A": "2029-05", "B": "2031-02", "C": None}, "2040-12") == (
        "Under A or B, half of all worlds are lost between 2029-05 and 2031-02; "
        "under C, most last to 2040-12"
    )
    assert losses({"A": "2029-05"}, "2040-12") == (
        "Under A, half of all worlds are lost by 2029-05"
    )
    assert losses(dict.fromkeys("ABC"), "2040-12") == (
        "Under all 3 policies, most worlds last to 2040-12 without a takeover"
    )


def test_the_regimes_in_which_policies_end():
    leading = {"A": "lost", "B": "safe", "C": "lost", "D": "lost"}
    assert regimes_at_the_end(leading, "2040-12") == (
        "In 2040-12 the most common regime is “lost” under 3 policies and “safe” under B"
    )
    assert regimes_at_the_end({"A": "lost"}, "2040-12").endswith("“lost” under A")


def test_what_decides_is_named_where_it_is_apart_from_the_next():
    clear = {"luck": share(0.6), "goals": share(0.3)}
    close = {"luck": share(0.3), "goals": share(0.31)}
    assert deciders({"A": clear, "B": close}).endswith("“luck” under A, no single source under B")
    luck = {"luck": share(0.4), "assumptions together": share(0.41), "density": share(0.1)}
    assert deciders({"A": luck, "B": {**luck, "luck": share(0.41)}}) == (
        "Luck is 40.0 to 41.0 % of what makes worlds differ, and no assumption by itself more "
        "than 10.0 %"
    )
    many = {title: {title.lower(): share(0.6), "x": share(0)} for title in "ABC"}
    assert deciders(many).endswith("“a” under A, “b” under B, others under C")
