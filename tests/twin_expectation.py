"""The twin's expectations over the draws that decide attempts (estimator, not model).

A life counts with `weight`, the probability that it is not lost.  `untried` is the
probability that none of its attempts was critical, given which were caught.  What a month
adds is written out over its attempts, in the order of the systems: each is critical with
chance c_i and, if so, missed with M_i.
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
    "expected_story",
    "expected_believed",
    "expected_warning_shots",
    "expected_brier_score",
    "expected_log_score",
    "expected_brier_score_of_true_rate",
    "expected_log_score_of_true_rate",
)


def brier(rate, missed):
    """Expected squared error of a forecast that a try is held."""
    return (1 - missed) * (rate - 1) ** 2 + missed * rate**2


def log_score(rate, missed):
    """Expected logarithmic score of it; no outcome is given less than a millionth."""
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
        self.critical, self.missed, self.stories = [], [], []

    def attempt(self, critical, missed, is_story):
        """Note the chances of one attempt."""
        self.critical.append(critical)
        self.missed.append(missed)
        self.stories.append(is_story)

    def end(self):
        """Add what the month's attempts bring, and weigh the life that goes on."""
        chances = list(zip(self.critical, self.missed, strict=True))
        for i, (critical, missed) in enumerate(chances):
            no_try_before = math.prod(1 - c for c, _ in chances[:i])
            no_loss_before = math.prod(1 - c * m for c, m in chances[:i])
            held = critical * (1 - missed)
            self.add("critical_tries", critical)
            self.add("critical_tries_held", held)
            self.add("tries_survived", no_loss_before * held)
            first = self.untried * no_try_before * critical
            self.add("first_try", first)
            self.add("held", first * (1 - missed))
            self.add("story", first * self.stories[i])
            self.add("believed", first * self.believed)
            self.add("warning_shots", first * self.shots)
            for rate, name in ((self.believed, ""), (1 - missed, "_of_true_rate")):
                self.add(f"brier_score{name}", first * brier(rate, missed))
                self.add(f"log_score{name}", first * log_score(rate, missed))
        self.survival = math.prod(1 - c * m for c, m in chances)
        self.add("takeover", 1 - self.survival)
        self.carrying = min(1.0, self.carry * self.weight * self.survival)
        goes_on = self.survival + (1 - self.survival) * self.carrying
        self.weight *= self.survival / goes_on if goes_on > 0 else 0.0

    def add(self, name, value):
        """Add to a sum, with the weight of this life."""
        self.sums[f"expected_{name}"] += self.weight * value

    def see(self, caught):
        """None of what was caught was critical: with what probability."""
        chances = zip(self.critical, caught, strict=True)
        self.untried *= math.prod(1 - critical for critical, seen in chances if seen)

    def carries_on(self, twin):
        """Whether a life that the draws of this month lost is carried on."""
        return twin.uniform(CARRY, 0, 0) < self.carrying

    def caught_if_not_lost(self, twin, system, critical):
        """Whether an attempt that was lost is caught, where it is known not to be lost."""
        chance = (1 - system.missed) / (1 - critical * system.missed)
        return twin.uniform(AGAIN, system.index, 0) < chance
