"""Stacks: how often safeguards with a common cause of failure miss an attempt together.

The β-factor model of reliability engineering, drawn as a common shock (Marshall and Olkin 1967).
"""

import math
from collections.abc import Sequence

import numpy as np

from regimesim.analysis.estimates import Estimate, share
from regimesim.errors import Refusal
from regimesim.model.compilation import entry
from regimesim.model.oversight.detection import CERTAIN, catches, joint_log_miss
from regimesim.model.world.layout import EACH_MONITOR
from regimesim.studies.validate.problems.checks import refuse_fractions, refuse_outside

MOST = EACH_MONITOR  # safeguards of one draw of the model


def joint_miss(misses: Sequence[float], common_cause: float) -> float:
    """The probability that all safeguards miss: M = (min_j M_j)^β·(∏_j M_j)^(1−β).

    misses: M_j, the miss probability of each safeguard · common_cause: β.
    """
    logs = _logs(misses, common_cause)
    return math.exp(joint_log_miss(float(logs.min()), float(logs.sum()), float(common_cause)))


def drawn_misses(
    misses: Sequence[float], common_cause: float, attempts: int, seed: int = 1
) -> np.ndarray:
    """Which of up to three safeguards miss in each attempt, drawn as in the model.

    Returns booleans, (attempts, safeguards).
    """
    refuse_fractions(attempts=attempts, seed=seed)
    refuse_outside(attempts=(attempts, 1, 10_000_000), seed=(seed, 0, 2**63 - 1))
    logs = np.full((MOST, 1), CERTAIN)
    own = _logs(misses, common_cause)
    logs[: len(own), 0] = own
    caught = np.empty((attempts, MOST), np.bool_)
    _draw(seed, caught, float(common_cause), logs)
    return ~caught[:, : len(own)]


def drawn_exponent(
    miss: float, common_cause: float, attempts: int, seed: int = 1, confidence: float = 0.95
) -> Estimate:
    """The exponent x in miss^x, the probability that three equal safeguards miss together.

    It is estimated from draws, with its interval: 3 where safeguards fail independently, 1 where
    they always fail together.

    Raises Refusal where they miss together in none of the attempts.
    """
    refuse_outside(miss=(miss, 0.001, 0.999))
    missed = drawn_misses([miss] * MOST, common_cause, attempts, seed).all(axis=1)
    if not missed.any():
        rate = joint_miss([miss] * MOST, common_cause)
        raise Refusal(
            f"attempts: found {attempts:,}, in none of which all {MOST} safeguards miss; "
            f"needed are several times {1 / rate:,.0f}"
        )
    together = share(int(missed.sum()), attempts, confidence)
    low, middle, high = (
        math.log(p) / math.log(miss) if p > 0 else math.inf
        for p in (together.high, together.estimate, together.low)
    )
    return Estimate(middle, low, high, attempts)


@entry
def _draw(seed, caught, common_cause, log_miss):
    for attempt in range(len(caught)):
        caught_by = catches(seed, 0, attempt, 0, common_cause, log_miss, 0)
        for j in range(MOST):
            caught[attempt, j] = (caught_by >> j) & 1


def _logs(misses, common_cause):
    """The logarithm of each miss probability, after all arguments are checked."""
    if not 1 <= len(misses) <= MOST:
        raise Refusal(f"misses: found {len(misses)} safeguards; allowed is 1 to {MOST}")
    named = {f"misses[{k}]": (float(miss), 0, 1) for k, miss in enumerate(misses)}
    refuse_outside(common_cause=(common_cause, 0, 1), **named)
    return np.array([math.log(miss) if miss > 0 else CERTAIN for miss in misses])
