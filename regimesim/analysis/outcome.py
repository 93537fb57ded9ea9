"""Outcomes that can be selected by name: estimands, and the months of crossing thresholds."""

from math import inf
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimand_table import ESTIMANDS, UNCOUNTED, UNITS, WITHIN
from regimesim.analysis.estimands import values
from regimesim.analysis.present_worlds import crossing
from regimesim.analysis.survival import QUANTILES
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import THRESHOLDS


class Outcome(NamedTuple):
    """A number that describes a policy.

    It is a mean over the worlds in which it exists or, with a `quantile`, that quantile over
    worlds of the month in which `threshold` is first crossed.

    Attributes
    ----------
    name, unit, words : str
        Its name, unit ("1" for a pure number) and description.
    within : tuple of float
        Its range.
    threshold : str or None
        The threshold that it is about.
    quantile : float or None
        The quantile over worlds.
    """

    name: str
    unit: str
    words: str
    within: tuple[float, float]
    threshold: str | None = None
    quantile: float | None = None


def _outcomes():
    for name, words in ESTIMANDS.items():
        yield Outcome(name, UNITS[name], words, WITHIN[name])
    for name, _, meaning in THRESHOLDS:
        words = f"share of all worlds by the end in which {meaning}"
        yield Outcome(f"{name}_crossed", "1", words, (0.0, 1.0), name)
        for short, quantile in QUANTILES.items():
            words = f"months until {meaning}, {short} over worlds"
            yield Outcome(f"{name}_{short}", "months", words, (0.0, inf), name, quantile)


OUTCOMES = {outcome.name: outcome for outcome in _outcomes()}


def read_outcome(name: str) -> Outcome:
    """The outcome with this name; raises Refusal, which names the nearest one."""
    if name not in OUTCOMES:
        close = nearest(str(name), OUTCOMES)
        thresholds = ", ".join(threshold for threshold, _, _ in THRESHOLDS)
        kinds = ", ".join(("_crossed", *(f"_{short}" for short in QUANTILES)))
        raise Refusal(
            f"--outcome: unknown outcome {shown(name)}; the nearest is '{close}', of "
            f"{', '.join(ESTIMANDS)}, and {thresholds} with one of {kinds} behind it"
        )
    if name in UNCOUNTED:
        raise Refusal(
            f"--outcome: {name} is known as an expectation alone, not in each world; the nearest "
            "is 'held_first_critical_try'"
        )
    return OUTCOMES[name]


def values_of(worlds, policy: str, outcome: Outcome) -> np.ndarray:
    """The numbers that an outcome is computed from, one for each world.

    They are values whose mean is the outcome, NaN where they do not exist, or months whose
    quantile is the outcome, infinite in worlds that never cross the threshold.
    """
    if outcome.threshold is None:
        return values(worlds, policy, outcome.name)
    months = crossing(worlds, policy, outcome.threshold)
    if outcome.quantile is None:
        return 1.0 - np.isnan(months)
    return np.where(np.isnan(months), inf, months)


def why_absent(outcome: Outcome) -> tuple[str, str]:
    """Why an outcome may not exist, and the name of an outcome that always exists."""
    if outcome.quantile is None:
        return "no world has a critical try", "no_takeover"
    share = f"fewer than {100 * outcome.quantile:g} % of the worlds get there"
    return share, f"{outcome.threshold}_crossed"
