"""Policies against attackers: saddles of games whose value is known, and one in worlds."""

from dataclasses import dataclass, field

import numpy as np
import pytest

import regimesim as rs
from regimesim.analysis.conditional import Linear
from regimesim.analysis.estimands import estimate
from regimesim.analysis.matrix_games import NothingAllowed, equilibrium
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.attacker import EVENLY, NOBODY, TARGET, attacker_space
from regimesim.studies.duel import Against, Duel, bounds_in, kept_by
from regimesim.studies.search_space import make_space
from regimesim.studies.targets import Target
from regimesim.studies.validate.problems.upfront_audit import audit_game
from regimesim.studies.worst_attack import Attacker

WORLDS = 64
SHARE = "oversight.cot_monitor.share"
SCENARIO = rs.parse(
    {
        "worlds": WORLDS,
        "oversight": {"control": {}, "cot_monitor": {}, "interpretability": {}},
    }
)


@dataclass
class Known:
    """Worlds in which a known share is left under every candidate."""

    share: object
    scenario: object = SCENARIO
    runs: list = field(default_factory=list)

    def run(self, candidates, number):
        self.runs += [one.key for one in candidates]

    def linear(self, candidate, estimand, number):
        known = {"no_takeover": self.share, "growth_lost": lambda t: t.oversight.cot_monitor.share}
        return Linear(known[estimand](candidate.tables) * np.ones(number), float(number))


def duel_of(share, over=(f"{SHARE}=0.1,1",), against=("target",), targets=(), trials=16):
    space = make_space(SCENARIO, "scenario", over)
    attackers = attacker_space(SCENARIO, SCENARIO.policies, against)
    return Duel(space, attackers, Known(share), WORLDS, targets, trials)


def guessing(tables):
    """Much is left where the attacker evades the monitor on which the policy does not rely."""
    relies_on_cot = tables.oversight.cot_monitor.share == 1
    hides_thought = tables.oversight.cot_monitor.evasion > 0.25
    hides_states = tables.oversight.interpretability.evasion > 0.25
    if relies_on_cot:
        return 0.2 if hides_thought else 0.8
    return 0.1 if hides_states else 0.9


def test_a_game_of_guessing_has_a_mixed_saddle():
    duel = duel_of(guessing)
    saddle = duel.play(duel.space.candidate({SHARE: 1}), tolerance=1e-9)
    value = equilibrium([[0.2, 0.8], [0.9, 0.1]]).value
    assert saddle.is_saddle and saddle.lower == pytest.approx(value, abs=1e-9)
    assert len(saddle.rows) == len(saddle.columns) == 2
    targets = {attacker.choices[TARGET] for attacker, _ in saddle.columns}
    assert targets == {"cot_monitor", "interpretability"} and not targets & {NOBODY, EVENLY}


def test_a_pure_saddle_between_the_ends_is_found():
    """Relying on the first monitor for a share s leaves 1 - s²  or 1 - (1 - s)²: best is 1/2."""

    def share(tables):
        part = tables.oversight.cot_monitor.share
        if tables.oversight.cot_monitor.evasion > 0.25:
            return 1 - part**2
        return 1 - (1 - part) ** 2 if tables.oversight.interpretability.evasion > 0.25 else 1.0

    duel = duel_of(share, [f"{SHARE}=0.1:1"], trials=48)
    saddle = duel.play(duel.space.candidate({SHARE: 1}), most_rounds=12, tolerance=0.01)
    assert saddle.is_saddle and saddle.lower == pytest.approx(0.75, abs=0.02)
    kept = sum(p * one.point[0] for one, p in saddle.rows)
    assert kept == pytest.approx(0.5, abs=0.1)


def test_without_enough_rounds_there_is_a_gap_and_no_saddle():
    duel, gaps = duel_of(guessing), []
    saddle = duel.play(
        duel.space.candidate({SHARE: 1}), 1, 0.01, lambda so_far: gaps.append(so_far.gap)
    )
    assert not saddle.is_saddle and saddle.gap == gaps[0] > 0.3
    assert saddle.lower == pytest.approx(0.2)


def test_policies_that_miss_a_target_are_no_answer():
    duel = duel_of(guessing, targets=[Target("growth_lost", "<=", 0.5)])
    saddle = duel.play(duel.space.candidate({SHARE: 0.1}), tolerance=1e-9)
    assert [one.point for one, _ in saddle.rows] == [(0.1,)]
    assert saddle.is_saddle and saddle.lower == pytest.approx(0.1)
    with pytest.raises(NothingAllowed):
        strict = duel_of(guessing, targets=[Target("growth_lost", "<=", 0.05)])
        strict.play(strict.space.candidate({SHARE: 1}))


def test_a_policy_that_an_attacker_makes_miss_a_target_is_not_best_in_the_worst_case():
    """Growth is lost where the thought is hidden from the monitor on which the policy relies."""

    @dataclass
    class Costly(Known):
        def linear(self, candidate, estimand, number):
            if estimand == "no_takeover":
                return super().linear(candidate, estimand, number)
            tables = candidate.tables.oversight
            lost = (
                0.3 if tables.cot_monitor.share == 1 and tables.cot_monitor.evasion > 0.25 else 0
            )
            return Linear(lost * np.ones(number), float(number))

    def share(tables):  # to rely on the chain of thought is best against every attacker
        hides = tables.oversight.cot_monitor.evasion > 0.25
        return (0.9 if tables.oversight.cot_monitor.share == 1 else 0.4) - 0.2 * hides

    target = Target("growth_lost", "<=", 0.1)
    best = {}
    for targets in ((), (target,)):
        duel = duel_of(share, targets=targets)
        duel.worlds = Costly(share)
        saddle = duel.play(duel.space.candidate({SHARE: 1}), tolerance=1e-9)
        best[targets] = [one.point for one, _ in saddle.rows], saddle.lower
        assert saddle.is_saddle
    assert best[()] == ([(1.0,)], pytest.approx(0.7))
    assert best[(target,)] == ([(0.1,)], pytest.approx(0.2))


def test_the_safest_policy_is_that_whose_own_worst_attacker_does_least_harm():
    duel = duel_of(guessing)
    states, thought = (duel.space.candidate({SHARE: share}) for share in (0.1, 1))
    duel.play(thought, most_rounds=1)
    known = duel.payoff(states, duel.worst_known(states))
    assert known == pytest.approx(0.9)  # its own worst attacker is not among those yet
    policy, attacker = duel.safest([states, thought])
    assert (policy, attacker.choices[TARGET]) == (thought, "cot_monitor")
    assert duel.payoff(states, duel.worst_known(states)) == pytest.approx(0.1)
    strict = duel_of(guessing, targets=[Target("growth_lost", "<=", 0.05)])
    strict.worst_attacker(((thought, 1.0),))
    assert strict.safest([states, thought]) is None


def test_against_a_mixture_of_attackers_a_policy_is_worth_the_mean():
    duel = duel_of(guessing)
    thought, states = (Attacker.of({TARGET: t}) for t in ("cot_monitor", "interpretability"))
    view = Against(duel.worlds, duel.attackers, ((thought, 0.25), (states, 0.75)))
    policy = duel.space.candidate({SHARE: 1})
    assert view.linear(policy, "no_takeover", WORLDS).each == pytest.approx(0.25 * 0.2 + 0.6)
    view.run([policy], WORLDS)
    assert len(set(duel.worlds.runs)) == 2


@pytest.mark.skipif(INTERPRETED, reason="many worlds, too slow uncompiled")
def test_bounds_in_worlds_have_intervals_around_those_of_the_search():
    from regimesim.studies.candidates import CommonWorlds
    from regimesim.sweeps.make_executor import make_worker_pool

    scenario = rs.parse(
        {
            "worlds": 128,
            "months": 60,
            "systems": 6,
            "takeover": {"difficulty": 10},
            "feedback": {"density_per_doubling": 0},
            "oversight": {
                "control": {},
                "cot_monitor": {},
                "audit_budget": 0.1,
                "recognition": 1,
                "recognition_limit": 99,
            },
        }
    )
    space = make_space(scenario, "scenario", [f"{SHARE}=0.1,1"])
    attackers = attacker_space(scenario, scenario.policies, ["conduct.coordination"])
    with make_worker_pool(threads=2) as workers:
        searched = CommonWorlds(scenario, workers)
        fresh = CommonWorlds(scenario, workers, 10_000)
        duel = Duel(space, attackers, searched, 128, trials=8)
        first = space.candidate({SHARE: 1})
        saddle = duel.play(first, 3)
        lower, upper = bounds_in(fresh, attackers, saddle, 128)
        worst = kept_by(fresh, attackers, ((first, 1.0),), duel.worst_known(first), 128)
    assert saddle.lower <= saddle.upper
    for one, there in ((lower, saddle.lower), (upper, saddle.upper)):
        assert one.low < one.high and abs(one.estimate - there) < 0.15
    assert worst.estimate <= upper.high


@pytest.mark.skipif(INTERPRETED, reason="many worlds, too slow uncompiled")
def test_what_a_policy_keeps_is_what_a_run_reports():
    """Where hardly any world is kept, the conditional interval alone would reach beyond a half."""
    from regimesim.studies.candidates import CommonWorlds
    from regimesim.sweeps.make_executor import make_worker_pool

    scenario = rs.parse(
        {
            "worlds": 64,
            "months": 60,
            "systems": 6,
            "takeover": {"difficulty": 5},
            "oversight": {"control": {}, "cot_monitor": {}},
        }
    )
    space = make_space(scenario, "scenario", [f"{SHARE}=0.1,1"])
    attackers = attacker_space(scenario, scenario.policies, ["conduct.coordination=0:1"])
    policy, attacker = space.base_candidate, Attacker.of({"conduct.coordination": 1.0})
    with make_worker_pool(threads=2) as workers:
        worlds = CommonWorlds(scenario, workers)
        kept = kept_by(worlds, attackers, ((policy, 1.0),), attacker, 64)
        mixture = kept_by(worlds, attackers, ((policy, 0.5), (policy, 0.5)), attacker, 64)
    own = rs.run(scenario.override({"conduct.coordination": 1.0})).worlds
    assert kept == estimate(own, "scenario", "no_takeover")
    assert kept.high < 0.3 and mixture.high < 0.3


# ---- upfront auditing, whose optima are known ----

TASKS, WORKS, COST = 5000, 0.53, 0.8  # COST: of auditing everything, in the unit of a win
BUDGET, RATE = "oversight.audit_budget", "conduct.story_rate"  # which stands for that of attacks
RATES = (0.0002, 0.05)
BUDGETS = (0.005, 0.3)


def kept(budget, rate):
    game = audit_game(TASKS, budget, WORKS)
    return 1 - game.attacker_wins(rate) - COST * budget


def upfront(tables):
    return kept(tables.oversight.audit_budget, tables.conduct.story_rate)


def test_the_best_audit_budget_against_a_fixed_attacker_is_found():
    over = [f"{BUDGET}={BUDGETS[0]}:{BUDGETS[1]}"]
    duel = duel_of(upfront, over, [f"{RATE}={RATES[0]}:{RATES[1]}"], trials=64)
    for rate in (0.002, 0.005):
        best = duel.best_policy(((Attacker.of({RATE: rate}), 1.0),))
        known = max(kept(budget, rate) for budget in np.linspace(*BUDGETS, 2000))
        assert kept(best.point[0], rate) == pytest.approx(known, abs=2e-3)
        assert BUDGETS[0] < best.point[0] < BUDGETS[1]


def test_best_answers_on_upfront_auditing_bound_the_value_that_a_grid_has():
    over = [f"{BUDGET}={BUDGETS[0]}:{BUDGETS[1]}"]
    duel = duel_of(upfront, over, [f"{RATE}={RATES[0]}:{RATES[1]}"], trials=48)
    saddle = duel.play(duel.space.candidate({BUDGET: 0.1}), 12, 0.005)
    grid = [[kept(b, r) for r in np.geomspace(*RATES, 120)] for b in np.linspace(*BUDGETS, 120)]
    value = equilibrium(grid).value
    assert saddle.lower - 0.01 <= value <= saddle.upper + 0.01
    assert saddle.gap < 0.02
