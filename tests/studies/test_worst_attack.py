"""The search for the worst attacker: on known functions, and on a game with a known optimum."""

from dataclasses import dataclass, field

import numpy as np
import pytest

import regimesim as rs
from regimesim.analysis.conditional import Linear
from regimesim.studies.attacker import TARGET, attacker_space
from regimesim.studies.candidates import Candidate
from regimesim.studies.validate.problems.upfront_audit import audit_game, best_attack
from regimesim.studies.worst_attack import Attacker, WorstAttack, mixed, under_attack

WORLDS = 64
SCENARIO = rs.parse(
    {
        "worlds": WORLDS,
        "oversight": {"control": {}, "cot_monitor": {}, "honeypots": {}, "evaluations": {}},
    }
)
TABLES = SCENARIO.policies["scenario"]


@dataclass
class Known:
    """Worlds in which a known share is left under every candidate."""

    share: object
    runs: list = field(default_factory=list)

    def run(self, candidates, number):
        self.runs += [one.key for one in candidates]

    def linear(self, candidate, estimand, number):
        assert estimand == "no_takeover"
        return Linear(self.share(candidate.tables) * np.ones(number), float(number))


def search(share, over=(), trials=24, mixture=None, **more):
    space = attacker_space(SCENARIO, SCENARIO.policies, over)
    mixture = mixture or [(Candidate(TABLES), 1.0)]
    one = WorstAttack(space, mixture, Known(share), WORLDS, 1, **more)
    return one, list(one.stages(SCENARIO, (trials,)))[-1]


def test_the_worst_attacker_of_a_known_function_is_found_and_has_only_what_matters():
    def share(tables):
        evasion = tables.oversight.cot_monitor.evasion
        return 0.9 - 0.5 * tables.conduct.coordination - evasion + 0.3 * tables.cognition.patience

    _, found = search(share)
    assert found.attacker.choices == {
        "cognition.patience": 0,
        "conduct.coordination": 1,
        TARGET: "cot_monitor",
    }
    assert found.value == pytest.approx(0.9 - 0.5 - 0.3)


def test_an_attacker_that_no_choice_makes_worse_is_the_scenarios_own():
    def share(tables):
        return 0.5 + tables.conduct.feint_rate + tables.takeover.collusion

    _, found = search(share)
    assert found.attacker == Attacker() and found.value == 0.5


def test_a_choice_whose_harm_is_luck_is_taken_back():
    either = np.where(np.arange(WORLDS) % 2, 0.3, -0.3)

    def share(tables):
        return 0.5 + (either - 1e-4) * tables.takeover.collusion

    one, found = search(share)
    assert found.attacker == Attacker()
    assert one.value(Attacker.of({"takeover.collusion": 1})) < found.value  # in these worlds


def test_choices_that_only_act_together_are_found_by_the_sampler():
    def share(tables):
        both = tables.conduct.coordination > 0.6 and tables.takeover.collusion > 0.3
        return 0.1 if both else 0.8

    _, found = search(share, trials=40)
    assert found.value == pytest.approx(0.1)
    assert set(found.attacker.choices) == {"conduct.coordination", "takeover.collusion"}


def test_a_target_that_pays_only_with_other_choices_is_found():
    """To hide from one monitor is best by itself; to hide from every safeguard is best with no
    patience and much sandbagging, which beside the other target would serve the attacker less."""
    own = SCENARIO.policies["scenario"].oversight

    def share(tables):
        oversight = tables.oversight
        cot = oversight.cot_monitor.evasion > own.cot_monitor.evasion
        sees = oversight.honeypots.seen_through_limit < own.honeypots.seen_through_limit
        together = tables.cognition.patience < 0.1, tables.cognition.sandbagging > 7.9
        if cot and sees:  # evenly
            return 0.95 - 0.4 * sum(together)
        return (0.5 if cot else 0.9) + 0.1 * sum(together)

    _, found = search(share, trials=1)
    assert found.value == pytest.approx(0.15)
    assert found.attacker.choices == {
        "cognition.patience": 0,
        "cognition.sandbagging": 8,
        TARGET: "evenly",
    }


@pytest.mark.parametrize(("audited", "wins"), [(0.02, 1 - 0.1518), (0.1, 1 - 0.4275)])
def test_the_best_attack_on_upfront_auditing_is_found(audited, wins):
    """The rate of attacks stands for a parameter; the optimum lies between the ends."""
    game = audit_game(5000, audited, 0.53)

    def share(tables):
        return 1 - game.attacker_wins(tables.conduct.story_rate)

    _, found = search(share, ["conduct.story_rate=0.0002:0.05"], trials=64)
    assert 1 - found.value == pytest.approx(wins, abs=2e-3)
    assert 1 - found.value <= best_attack(game).wins + 1e-12


def test_against_a_mixture_each_policy_counts_by_its_probability():
    other = SCENARIO.override({"oversight.audit_budget": 0.5}).policies["scenario"]

    def share(tables):
        if tables.oversight.audit_budget == 0.5:
            return 0.9 - 0.2 * tables.conduct.coordination
        return 0.5 + 0.1 * tables.conduct.coordination

    pair = Candidate(TABLES), Candidate(other)
    _, mostly = search(share, mixture=[(pair[0], 0.1), (pair[1], 0.9)])
    assert mostly.attacker.choices == {"conduct.coordination": 1}
    assert mostly.value == pytest.approx(0.1 * 0.6 + 0.9 * 0.7)
    _, seldom = search(share, mixture=[(pair[0], 0.9), (pair[1], 0.1)])
    assert seldom.attacker.choices == {"conduct.coordination": 0}


def test_no_attacker_is_run_twice_and_the_same_seed_takes_the_same_way():
    def share(tables):
        return 0.9 - 0.5 * tables.conduct.coordination * tables.takeover.collusion

    (first, found), (second, again) = search(share), search(share)
    assert found == again and first.worlds.runs == second.worlds.runs
    assert len(set(first._values)) == found.tried


def test_a_start_that_is_worst_is_kept():
    def share(tables):
        return 0.1 if tables.conduct.coordination == 0.123 else 0.8

    start = Attacker.of({"conduct.coordination": 0.123})
    _, found = search(share, starts=[start])
    assert found.attacker == start


def test_an_attacker_of_a_policy_keeps_its_point_and_its_words():
    space = attacker_space(SCENARIO, SCENARIO.policies)
    policy = Candidate(TABLES, (1, True), "a policy")
    attacked = under_attack(space, policy, Attacker.of({"conduct.coordination": 1}))
    assert (attacked.point, attacked.words) == ((1, True), "a policy")
    assert attacked.tables.conduct.coordination == 1 and attacked.key != policy.key
    assert under_attack(space, policy, Attacker()) == policy


def test_a_mixture_of_estimates_is_their_mean_in_each_world():
    one, two = Linear(np.array([1.0, 0.0]), 2.0), Linear(np.array([0.5, 0.5]), 1.5)
    both = mixed([one, two], [0.25, 0.75])
    assert both.each == pytest.approx([0.625, 0.375]) and both.worlds == 1.5
