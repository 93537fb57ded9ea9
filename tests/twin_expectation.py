"""The twin's expectations over the draws that decide attempts (estimator, not model).

A life counts with `weight`, the probability that it is not lost.  `untried` is the
probability that none of its attempts was critical, given which were caught.  The critical
attempts of a month are one try.  What a month adds is written out over its attempts: each is
critical with chance c_i and, if so, missed with M_i.
"""

import math

from twin_mathematics import AGAIN, CARRY

SUMS = (
    "expected_first_try",
    "expected_held",
    "expected_takeover",
    "expected_critical_tries",
    "expected_critical_tries_held",
    "expected_tries_survived",
    "expected_attempts",
    "expected_by_lottery",
    "expected_by_skill",
    "expected_by_traps",
    "expected_lost_to_recognition",
    "expected_lost_to_numbers",
    "expected_story",
    "expected_believed",
    "expected_warning_shots",
    "expected_brier_score",
    "expected_log_score",
    "expected_brier_score_of_true_rate",
    "expected_log_score_of_true_rate",
)


def some_of(chances):
    """Probability that at least one of independent events happens, to all digits."""
    some = 0.0
    for chance in chances:
        some += (1 - some) * chance
    return some


def brier(rate, missed):
    """Expected squared error of a forecast that a try is held. Eq. 8.3."""
    return (1 - missed) * (rate - 1) ** 2 + missed * rate**2


def log_score(rate, missed):
    """Expected logarithmic score of it; no outcome is given less than a millionth. Eq. 8.4."""
    return -(1 - missed) * math.log(max(rate, 1e-6)) - missed * math.log(max(1 - rate, 1e-6))


class Expectation:
    """What is expected of one life.  `carry` times its weight is the probability with which
    it is carried on where its draws lose it."""

    def __init__(self, carry):
        self.carry = carry
        self.weight = self.untried = 1.0
        self.sums = dict.fromkeys(SUMS, 0.0)

    def begin(self, believed, shots):
        """A month's attempts are about to be made."""
        self.believed, self.shots = believed, shots
        self.critical, self.missed, self.stories, self.parts = [], [], [], []

    def attempt(self, critical, missed, is_story, parts):
        """Note the chances of one attempt, and those of missing it in part (Eq. 8.11)."""
        self.critical.append(critical)
        self.missed.append(missed)
        self.stories.append(is_story)
        self.parts.append(parts)

    def end(self):
        """Add what the month's attempts bring, and weigh the life that goes on.
        Eqs. 8.1 and 8.2."""
        self.tried = some_of(self.critical)
        self.lost = self.losing(self.missed)
        self.add("takeover", self.lost)
        if self.tried > 0:
            self.add_try(self.lost / self.tried, self.untried * self.tried)
        self.survival = 1 - self.lost
        self.carrying = min(1.0, self.carry * self.weight * self.survival)
        goes_on = self.survival + (1 - self.survival) * self.carrying
        self.weight *= self.survival / goes_on if goes_on > 0 else 0.0

    def add_try(self, missed, first):
        """Add the month's critical try, which is missed with this probability, and is with
        probability `first` the first. Eq. 8.8."""
        self.add("critical_tries", self.tried)
        self.add("critical_tries_held", self.tried * (1 - missed))
        self.add("tries_survived", self.tried * (1 - missed))
        self.add("first_try", first)
        self.add("held", first * (1 - missed))
        strikes = [
            chance
            for chance, is_story in zip(self.critical, self.stories, strict=True)
            if not is_story
        ]
        self.add("story", self.untried * (self.tried - some_of(strikes)))
        self.add("attempts", self.untried * sum(self.critical))
        self.add("believed", first * self.believed)
        self.add("warning_shots", first * self.shots)
        for rate, name in ((self.believed, ""), (1 - missed, "_of_true_rate")):
            self.add(f"brier_score{name}", first * brier(rate, missed))
            self.add(f"log_score{name}", first * log_score(rate, missed))
        self.decompose(missed, first)

    def decompose(self, missed, first):
        """What holds the first try, and what loses it. Eq. 8.12."""
        unskilled, untrapped, recognised = (
            1 - self.losing(misses) / self.tried for misses in zip(*self.parts, strict=True)
        )
        chances = zip(self.critical, self.missed, strict=True)
        alone = sum(c * (1 - m) for c, m in chances) / sum(self.critical)
        self.add("by_lottery", first * unskilled)
        self.add("by_skill", first * (untrapped - unskilled))
        self.add("by_traps", first * (1 - missed - untrapped))
        self.add("lost_to_recognition", first * (recognised - (1 - missed)))
        self.add("lost_to_numbers", first * (alone - (1 - missed)))

    def losing(self, misses):
        """Probability that some attempt is critical and missed, if each is missed so."""
        return some_of(c * m for c, m in zip(self.critical, misses, strict=True))

    def foreseeable(self):
        """Probability that the month's try is held, before it is drawn what is critical."""
        return 1 - self.lost / self.tried

    def add(self, name, value):
        """Add to a sum, with the weight of this life."""
        self.sums[f"expected_{name}"] += self.weight * value

    def see(self, caught):
        """None of what was caught was critical: with what probability."""
        chances = zip(self.critical, caught, strict=True)
        self.untried *= math.prod(1 - critical for critical, seen in chances if seen)

    def carries_on(self, twin):
        """Whether a life that the draws of this month lost is carried on. Eq. 8.5."""
        return twin.uniform(CARRY, 0, 0) < self.carrying

    def caught_if_not_lost(self, twin, system, critical):
        """Whether an attempt that was lost is caught, where it is known not to be lost.
        Eq. 8.6."""
        chance = (1 - system.missed) / (1 - critical * system.missed)
        return twin.uniform(AGAIN, system.index, 0) < chance
