"""Audits that run out: an overseer with a few audits, and an attacker who chooses a month.

Dresher's inspection game (1962).  In each of `months` months the overseer spends one of its
`audits`, or none, and the attacker attacks, or waits.  An attack ends the game: the overseer gets
1 if the month is audited and -1 if not.  Where no attack comes it gets 0.  The attacker sees which
months were audited; `is_blind` takes that sight away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from regimesim.analysis.matrix_games import Saddle, best_answers, equilibrium
from regimesim.studies.validate.problems.checks import refuse_fractions, refuse_outside

CAUGHT, MISSED, NEVER = 1.0, -1.0, 0.0
MOST_MONTHS = 12

Audits = tuple[bool, ...]  # whether each month, or each month so far, is audited
Attacks = frozenset[Audits]  # the months so far after which an attacker strikes


@dataclass(frozen=True)
class LimitedAudits:
    """A game with so many months and audits; see the module."""

    months: int
    audits: int
    is_blind: bool = False

    def __post_init__(self):
        refuse_fractions(months=self.months, audits=self.audits)
        refuse_outside(months=(self.months, 1, MOST_MONTHS), audits=(self.audits, 0, self.months))

    def value_by_month(self) -> float:
        """What the overseer gets, month by month: each is a matrix of two rows and columns, and
        waiting leads to the next month.  For an attacker who sees audits."""
        return _value(self.months, self.audits)

    def saddle(self) -> Saddle[Audits, Attacks]:
        """The game in whole plans, by best answers in turn."""
        return best_answers(
            self.payoff,
            self.best_audits,
            self.best_attacks,
            rows=[next(self._plans())],
            columns=[frozenset()],
        )

    def payoff(self, audits: Audits, attacks: Attacks) -> float:
        """What the overseer gets from a plan of audits against a plan of attacks."""
        for month, is_audited in enumerate(audits):
            if self._seen(audits[:month]) in attacks:
                return CAUGHT if is_audited else MISSED
        return NEVER

    def best_audits(self, attackers: Sequence[tuple[Attacks, float]]) -> Audits:
        """The best plan of audits against a mixture of attackers: all are tried."""
        return max(
            self._plans(),
            key=lambda plan: sum(p * self.payoff(plan, attacks) for attacks, p in attackers),
        )

    def best_attacks(self, overseers: Sequence[tuple[Audits, float]]) -> Attacks:
        """The best plan of attacks against a mixture of overseers, from the last month back."""
        return self._best_from((), overseers)[1]

    def _best_from(self, past: Audits, overseers) -> tuple[float, Attacks]:
        """(loss of the overseer times the probability of `past`, plan) from a month on."""
        month = len(past)
        if month == self.months or not overseers:
            return NEVER, frozenset()
        if self.is_blind:
            later = self._best_from((False,) * (month + 1), overseers)
        else:
            both = [
                self._best_from((*past, spent), [o for o in overseers if o[0][month] == spent])
                for spent in (False, True)
            ]
            later = sum(gain for gain, _ in both), frozenset().union(*(plan for _, plan in both))
        now = -sum(p * (CAUGHT if plan[month] else MISSED) for plan, p in overseers)
        return (now, frozenset([past])) if now > later[0] else later

    def _seen(self, past: Audits) -> Audits:
        return (False,) * len(past) if self.is_blind else past

    def _plans(self):
        """Every plan that spends all audits, which is as good as any that does not."""
        for chosen in combinations(range(self.months), self.audits):
            yield tuple(month in chosen for month in range(self.months))


@cache
def _value(months: int, audits: int) -> float:
    if months == 0:
        return NEVER
    rows = [[MISSED, _value(months - 1, min(audits, months - 1))]]
    if audits:
        rows.append([CAUGHT, _value(months - 1, audits - 1)])
    return equilibrium(rows).value
