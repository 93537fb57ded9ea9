"""What P(no takeover) consists of: parts that add up, closed forms, and made-up worlds."""

import numpy as np
import pytest
from small import FIRST_PART, SPARSE, scenario
from synthetic_run import make_run

import regimesim as rs
from regimesim.analysis.composition import (
    ENDINGS,
    HOLDERS,
    SAFE,
    TRIERS,
    endings,
    first_tries,
    holder_words,
    outcomes,
)
from regimesim.analysis.estimands import estimate
from regimesim.model.compilation import INTERPRETED

NAN = np.nan
# Takeover soon pays, and everybody tries.
TRIED = {
    **FIRST_PART,
    **SPARSE,
    "worlds": 300,
    "capability.initial": 8,
    "takeover.difficulty": 12,
    "oversight.trajectories": 1,
    "oversight.audit_budget": 0.3,
}
NO_SKILL = {
    "oversight.control": {"auroc": 0.5, "monitor_slope": 0},
    "paradigm.safety_research": 0,
}
SKILL = {"oversight.control": {"auroc": 0.95, "monitor_slope": 0}}
TRAPS = {"oversight.honeypots": {"traps": 0.4, "seen_through_limit": 100}}


def added(estimates):
    return sum(one.estimate for one in estimates.values())


def made_up(**rows):
    """Worlds of one policy in which every world is known."""
    size = len(next(iter(rows.values())))
    names = (
        "crossing_favourable",
        "crossing_favourable_despite_safeguards",
        "crossing_first_critical_try",
        "crossing_takeover",
        "held_first_critical_try",
        "first_try_was_story",
        "attempts_in_first_try",
    )
    usual = {name: np.full(size, NAN) for name in names}
    return make_run(["only"], worlds=size, **{**usual, **rows})[0]


def test_every_kind_of_ending_is_counted():
    worlds = made_up(
        crossing_favourable=[NAN, 9, 9, 9, 9, 9, 9, NAN],
        crossing_favourable_despite_safeguards=[NAN, NAN, 12, 12, NAN, 12, 12, NAN],
        crossing_first_critical_try=[NAN, NAN, NAN, 14, 14, 14, 14, NAN],
        crossing_takeover=[NAN, NAN, NAN, NAN, 14, 14, 30, NAN],
        held_first_critical_try=[NAN, NAN, NAN, 1, 0, 0, 1, NAN],
        first_try_was_story=[NAN, NAN, NAN, 0, 0, 0, 0, NAN],
        attempts_in_first_try=[NAN, NAN, NAN, 1, 1, 1, 1, NAN],
    )
    shares = {name: 8 * one.estimate for name, one in endings(worlds, "only").items()}
    assert shares == {
        "never_favourable": 2,
        "deterred": 1,
        "not_tried": 1,
        "held": 1,
        "lost_at_first_try": 2,
        "lost_later": 1,
    }


def test_who_tried_and_whether_it_paid_then():
    worlds = made_up(
        crossing_favourable_despite_safeguards=[NAN, 20, 10, 14, NAN, NAN],
        crossing_first_critical_try=[10, 14, 14, 14, 8, NAN],
        held_first_critical_try=[1, 1, 0, 0, 1, NAN],
        first_try_was_story=[0, 0, 0, 0, 1, NAN],
        attempts_in_first_try=[1, 2, 1, 1, 1, NAN],
    )
    tries = first_tries(worlds, "only")
    assert {name: round(5 * one.estimate) for name, one in tries.by.items()} == {
        "story": 1,
        "before_it_paid": 2,
        "once_it_paid": 2,
    }
    assert tries.several.estimate == pytest.approx(1 / 5)
    assert (tries.n, tries.months) == (5, (8, 14, 14))


def test_without_a_try_there_is_nothing_to_divide():
    worlds = made_up(crossing_favourable=[5, NAN])
    tries, held = first_tries(worlds, "only"), outcomes(worlds, "only")
    assert (tries.n, tries.months, tries.several.estimate) == (0, None, None)
    assert all(one.estimate is None for one in (*tries.by.values(), *held.by.values()))
    assert added(endings(worlds, "only")) == 1


def test_made_up_worlds_of_any_kind_add_up():
    worlds, _ = make_run(["lax", "strict"], worlds=200)
    for policy in ("lax", "strict"):
        shares = endings(worlds, policy)
        assert added(shares) == pytest.approx(1)
        safe = sum(shares[name].estimate for name in SAFE)
        assert safe == pytest.approx(estimate(worlds, policy, "no_takeover").estimate)
        assert added(first_tries(worlds, policy).by) == pytest.approx(1)


@pytest.fixture(scope="module")
def run():
    """Worlds under policies of which closed forms say what holds their first tries."""
    policies = {
        "none": {},
        "no_skill": NO_SKILL,
        "skilled": SKILL,
        "traps": TRAPS,
        "all": {**SKILL, **TRAPS},
        "unrecognised": {**SKILL, **TRAPS, "oversight.recognition": 0.5},
        "dense": {**SKILL, **TRAPS, "feedback.density": 0.8, "feedback.constraint": 0.3},
    }
    return rs.run(scenario(TRIED, policies)).worlds


pytestmark = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")


def test_the_parts_of_real_worlds_add_up_to_what_is_reported(run):
    seen = set()
    for policy in run.policy.values:
        shares, tries, held = (of(run, policy) for of in (endings, first_tries, outcomes))
        assert list(shares) == list(ENDINGS) and list(tries.by) == list(TRIERS)
        assert list(held.by) == list(HOLDERS)
        assert added(shares) == pytest.approx(1)
        assert added(tries.by) == pytest.approx(1) and added(held.by) == pytest.approx(1)
        number = estimate(run, policy, "no_takeover").estimate
        assert sum(shares[name].estimate for name in SAFE) == pytest.approx(number)
        for one in (*shares.values(), *tries.by.values(), *held.by.values()):
            assert one.low - 1e-9 <= one.estimate <= one.high + 1e-9
        seen |= {name for name, one in shares.items() if one.estimate > 0.01}
    assert {"held", "lost_at_first_try", "lost_later"} <= seen


def test_conditional_shares_agree_with_those_that_are_counted(run):
    """Their means are the same, so they differ by luck alone."""
    for policy in run.policy.values:
        shares = endings(run, policy)
        lost = run.held_first_critical_try.sel(policy=policy).values == 0
        assert shares["lost_at_first_try"].estimate == pytest.approx(lost.mean(), abs=0.1)
        untried = np.isnan(run.crossing.sel(policy=policy, threshold="first_critical_try").values)
        without = sum(shares[name].estimate for name in SAFE[:3])
        assert without == pytest.approx(untried.mean(), abs=0.1)


def test_without_safeguards_every_try_is_lost_to_their_absence(run):
    held, shares = outcomes(run, "none"), endings(run, "none")
    assert held.by["lost_otherwise"].estimate == pytest.approx(1)
    assert held.numbers.estimate == pytest.approx(0, abs=1e-9)
    assert shares["held"].estimate == pytest.approx(0, abs=1e-9)
    assert shares["lost_later"].estimate == pytest.approx(0, abs=1e-9)


# A try of several attempts is held less often than one, so shares lie a little below the budget.
LESS = 0.03


def test_a_monitor_without_skill_holds_by_lottery_alone(run):
    by = outcomes(run, "no_skill").by
    assert 0.3 - LESS < by["by_lottery"].estimate < 0.3  # the budget, of one run
    assert by["by_skill"].estimate == pytest.approx(0, abs=1e-6)
    assert by["by_traps"].estimate == 0
    assert by["lost_to_recognition"].estimate == pytest.approx(0)


def test_honeypots_alone_hold_by_traps_alone(run):
    by = outcomes(run, "traps").by
    assert 0.4 - LESS < by["by_traps"].estimate < 0.4
    assert by["by_lottery"].estimate == pytest.approx(0) == by["by_skill"].estimate
    assert by["lost_otherwise"].estimate == pytest.approx(1 - by["by_traps"].estimate)


def test_skill_adds_to_the_lottery_and_recognition_takes_from_both(run):
    able, blind = outcomes(run, "skilled").by, outcomes(run, "unrecognised").by
    assert 0.3 - LESS < able["by_lottery"].estimate < 0.3
    assert able["by_skill"].estimate > 0.1
    assert able["lost_to_recognition"].estimate == pytest.approx(0)
    assert blind["lost_to_recognition"].estimate > 0.1
    assert 0.15 - LESS < blind["by_lottery"].estimate < 0.15


def test_what_nobody_would_try_is_deterred(run):
    assert endings(run, "dense")["deterred"].estimate > endings(run, "all")["deterred"].estimate


def test_where_there_is_no_safeguard_a_lost_try_is_not_said_to_be_recognised():
    none = dict.fromkeys(HOLDERS, 0.0) | {"lost_otherwise": 1.0}
    assert holder_words(none)["lost_otherwise"] == "lost, as there was no safeguard"
    assert holder_words({**none, "by_skill": 0.2}) == HOLDERS
