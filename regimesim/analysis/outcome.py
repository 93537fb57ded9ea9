"""Outcomes that can be asked about by name: estimands, and when thresholds are crossed."""

from math import inf
from typing import NamedTuple

import numpy as np

from regimesim.analysis.columns import crossing
from regimesim.analysis.estimands import ESTIMANDS, WITHIN, values
from regimesim.analysis.survival import QUANTILES
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import THRESHOLDS


class Outcome(NamedTuple):
    """A number that a policy has at a point: its name, unit and words, and the range of it.

    A mean over worlds in which it exists, or, where `quantile` is given, that quantile over
    worlds of the month in which `threshold` is first crossed.
    """

    name: str
    unit: str
    words: str
    within: tuple[float, float]
    threshold: str | None = None
    quantile: float | None = None


def _outcomes():
    counts = {name for name, (_, high) in WITHIN.items() if high == inf}
    for name, words in ESTIMANDS.items():
        unit = "nats" if "log_" in name else "per world" if name in counts else "1"
        yield Outcome(name, unit, words, WITHIN[name])
    for name, _, meaning in THRESHOLDS:
        words = f"share of all worlds by the end in which {meaning}"
        yield Outcome(f"{name}_crossed", "1", words, (0.0, 1.0), name)
        for short, quantile in QUANTILES.items():
            words = f"months until {meaning}, {short} over worlds"
            yield Outcome(f"{name}_{short}", "months", words, (0.0, inf), name, quantile)


OUTCOMES = {outcome.name: outcome for outcome in _outcomes()}


def read_outcome(name: str) -> Outcome:
    """The outcome of that name; raises Refusal with the nearest one."""
    if name not in OUTCOMES:
        close = nearest(str(name), OUTCOMES)
        thresholds = ", ".join(threshold for threshold, _, _ in THRESHOLDS)
        kinds = ", ".join(("_crossed", *(f"_{short}" for short in QUANTILES)))
        raise Refusal(
            f"--outcome: unknown outcome {shown(name)}; the nearest is '{close}', of "
            f"{', '.join(ESTIMANDS)}, and {thresholds} with one of {kinds} behind it"
        )
    return OUTCOMES[name]


def values_of(worlds, policy: str, outcome: Outcome) -> np.ndarray:
    """What an outcome is made from, a number a world of a run's dataset: values of which it is
    the mean, NaN where they do not exist, or months, infinite where they never come."""
    if outcome.threshold is None:
        return values(worlds, policy, outcome.name)
    months = crossing(worlds, policy, outcome.threshold)
    if outcome.quantile is None:
        return 1.0 - np.isnan(months)
    return np.where(np.isnan(months), inf, months)


def why_absent(outcome: Outcome) -> tuple[str, str]:
    """Why an outcome may not exist, and the name of one that always does."""
    if outcome.quantile is None:
        return "no world has a critical try", "no_takeover"
    share = f"fewer than {100 * outcome.quantile:g} % of the worlds get there"
    return share, f"{outcome.threshold}_crossed"
