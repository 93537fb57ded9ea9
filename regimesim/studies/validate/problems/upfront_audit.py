"""Upfront auditing: an attacker picks tasks, and a share of all tasks is audited.

AI control (Greenblatt et al. 2023, arXiv 2312.06942): of `tasks` tasks, `audited` are audited.
An attacker attacks each with probability `rate`.  An attack on an audited task is caught; any
other works with probability `works`.  The attacker wins if none is caught and at least one works.
"""

import math
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimates import Estimate, share
from regimesim.model.compilation import entry
from regimesim.model.oversight.detection import (
    audit_odds,
    audit_quantile,
    binormal_log_miss,
    catches,
    logistic_log_miss,
)
from regimesim.model.world.draws import ATTEMPT, MONTH, unit, words
from regimesim.model.world.layout import EACH_MONITOR
from regimesim.studies.validate.problems.checks import refuse_fractions, refuse_outside

MOST_TASKS = 1_000_000


class AuditGame(NamedTuple):
    """The number of tasks, how many are audited, and how often an unaudited attack works."""

    tasks: int
    audited: int
    works: float

    def attacker_wins(self, rate: float) -> float:
        """(1 − p)^A · (1 − (1 − works·p)^B), where A tasks are audited and B are not."""
        refuse_outside(rate=(rate, 0, 1))
        uncaught = _none_of(rate, self.audited)
        return uncaught * (1.0 - _none_of(rate * self.works, self.tasks - self.audited))


class Attack(NamedTuple):
    """The attacker's best rate of attacks, and the probability that it wins with it."""

    rate: float
    wins: float


def audit_game(tasks: int, audited_share: float, works: float) -> AuditGame:
    """The game in which a share of the tasks is audited; raises Refusal for other numbers."""
    refuse_fractions(tasks=tasks)
    refuse_outside(
        tasks=(tasks, 1, MOST_TASKS), audited_share=(audited_share, 0, 1), works=(works, 0, 1)
    )
    return AuditGame(tasks, round(tasks * audited_share), float(works))


def best_attack(game: AuditGame) -> Attack:
    """The rate of attacks at which the attacker wins most often."""
    from scipy.optimize import minimize_scalar

    best = minimize_scalar(
        lambda logit: -game.attacker_wins(1.0 / (1.0 + math.exp(-logit))),
        bounds=(-25.0, 25.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    rate = 1.0 / (1.0 + math.exp(-best.x))
    return Attack(rate, game.attacker_wins(rate))


def play(game: AuditGame, rate: float, games: int, seed: int = 1, confidence=0.95) -> Estimate:
    """The share of `games` simulated games that the attacker wins, with its exact interval.

    The draws are those of the model: an attack is drawn like conduct, its success like that of a
    critical try, and its detection like that of an attempt.
    """
    refuse_fractions(games=games, seed=seed)
    refuse_outside(
        rate=(rate, 0, 1), games=(games, 1, 10_000_000), seed=(seed, 0, 2**63 - 1)
    )  # fmt: skip
    log_miss = np.zeros((EACH_MONITOR, 2))  # of an audited task, and of one that is not
    for column, budget in enumerate((1.0, 0.0)):
        log_miss[0, column] = binormal_log_miss(audit_quantile(budget, 1.0), 0.0, 1.0)
    won = np.zeros(games, np.bool_)
    _play(seed, won, game.tasks, game.audited, float(rate), game.works, log_miss)
    return share(int(won.sum()), games, confidence)


@entry
def _play(seed, won, tasks, audited, rate, works, log_miss):
    for number in range(len(won)):
        for task in range(tasks):
            if unit(words(seed, task, 1, number, MONTH)[2]) >= rate:
                continue
            column = 0 if task < audited else 1
            if catches(seed, 0, number, task, 0.0, log_miss, column):
                won[number] = False
                break
            if unit(words(seed, task, 1, number, ATTEMPT)[0]) < works:
                won[number] = True


def _none_of(chance: float, times: int) -> float:
    """Probability that an event of probability `chance` does not occur in `times` trials.

    It is the miss probability of an audit of that share of actions at random.
    """
    return math.exp(logistic_log_miss(audit_odds(float(chance), 1.0), 0.0, float(times)))
