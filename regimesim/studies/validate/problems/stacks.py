"""Stacks: how often safeguards that share causes of failure miss an attempt together.

The β-factor model of reliability engineering, drawn as a common shock (Marshall and Olkin 1967).
"""

import math
from collections.abc import Sequence

import numpy as np

from regimesim.analysis.estimates import Estimate, share
from regimesim.errors import Refusal
from regimesim.model.compilation import entry
from regimesim.model.oversight.detection import CERTAIN, catches, joint_log_miss
from regimesim.model.world.layout import EACH
from regimesim.studies.validate.problems.given import refuse_fractions, refuse_outside

MOST = EACH  # safeguards for which a draw of the model has words


def joint_miss(misses: Sequence[float], common_cause: float) -> float:
    """The probability that all of several safeguards miss, each of which misses with one of
    `misses`: M = (min_j M_j)^β·(∏_j M_j)^(1−β)."""
    logs = _logs(misses, common_cause)
    return math.exp(joint_log_miss(float(logs.min()), float(logs.sum()), float(common_cause)))


def drawn_misses(
    misses: Sequence[float], common_cause: float, attempts: int, seed: int = 1
) -> np.ndarray:
    """Which of up to three safeguards miss, in each of `attempts` attempts drawn as in the
    model: (attempts, safeguards) booleans."""
    refuse_fractions(attempts=attempts, seed=seed)
    refuse_outside(attempts=(attempts, 1, 10_000_000), seed=(seed, 0, 2**63 - 1))
    logs = np.full((MOST, 1), CERTAIN)
    given = _logs(misses, common_cause)
    logs[: len(given), 0] = given
    caught = np.empty((attempts, MOST), np.bool_)
    _draw(seed, caught, float(common_cause), logs)
    return ~caught[:, : len(given)]


def drawn_exponent(
    miss: float, common_cause: float, attempts: int, seed: int = 1, confidence: float = 0.95
) -> Estimate:
    """x in miss^x, the drawn probability that three safeguards of one `miss` miss together, with
    its interval: 3 where they fail independently, 1 where they fail as one.

    Raises Refusal where they do so in none of the attempts.
    """
    refuse_outside(miss=(miss, 0.001, 0.999))
    missed = drawn_misses([miss] * MOST, common_cause, attempts, seed).all(axis=1)
    if not missed.any():
        rate = joint_miss([miss] * MOST, common_cause)
        raise Refusal(
            f"attempts: found {attempts:,}, in none of which all {MOST} safeguards miss; "
            f"needed are several times {1 / rate:,.0f}"
        )
    found = share(int(missed.sum()), attempts, confidence)
    low, middle, high = (
        math.log(p) / math.log(miss) if p > 0 else math.inf
        for p in (found.high, found.estimate, found.low)
    )
    return Estimate(middle, low, high, attempts)


@entry
def _draw(seed, caught, common_cause, log_miss):
    for attempt in range(len(caught)):
        caught_by = catches(seed, 0, attempt, 0, common_cause, log_miss, 0)
        for j in range(MOST):
            caught[attempt, j] = (caught_by >> j) & 1


def _logs(misses, common_cause):
    """ln of each miss, once all that is given has been found good."""
    if not 1 <= len(misses) <= MOST:
        raise Refusal(f"misses: found {len(misses)} safeguards; allowed is 1 to {MOST}")
    named = {f"misses[{k}]": (float(miss), 0, 1) for k, miss in enumerate(misses)}
    refuse_outside(common_cause=(common_cause, 0, 1), **named)
    return np.array([math.log(miss) if miss > 0 else CERTAIN for miss in misses])
