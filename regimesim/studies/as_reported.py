"""Candidates estimated as a run reports them: by counts, or conditional where that is narrower.

A search compares conditional estimates, whose differences within worlds are precise.  Near 0 and 1
the interval of one such estimate may be far wider than that of a count, and where one policy is
reported by counts and another one is not, the difference of conditional estimates would not be
that of the two numbers that stand beside it.
"""

from collections.abc import Sequence

from regimesim.analysis.conditional import Linear
from regimesim.analysis.estimands import estimate, reported
from regimesim.analysis.estimates import CONFIDENCE, Estimate, as_estimate
from regimesim.studies.candidates import TRIED, Candidate, CommonWorlds
from regimesim.studies.race import difference, interval
from regimesim.studies.worst_attack import mixed


def estimate_of(
    worlds: CommonWorlds, candidate: Candidate, estimand: str, number: int
) -> Estimate:
    """An estimand of a candidate in the first worlds, as a run reports it."""
    return estimate(worlds.dataset({TRIED: candidate}, number), TRIED, estimand)


def linear_of(worlds: CommonWorlds, candidate: Candidate, estimand: str, number: int) -> Linear:
    """The same as a mean over worlds."""
    dataset = worlds.dataset({TRIED: candidate}, number)
    counted = reported(dataset, TRIED, estimand).by == "counts"
    return worlds.linear(candidate, estimand, number, counted)


def difference_of(
    worlds: CommonWorlds, one: Candidate, other: Candidate, estimand: str, number: int
) -> Estimate:
    """What `one` has more than `other` within worlds, each as a run reports it."""
    pair = (linear_of(worlds, candidate, estimand, number) for candidate in (one, other))
    return as_estimate(*difference(*pair, estimand, CONFIDENCE), number)


def estimate_of_mixture(
    worlds: CommonWorlds,
    candidates: Sequence[Candidate],
    probabilities: Sequence[float],
    estimand: str,
    number: int,
) -> Estimate:
    """An estimand of candidates of which one is drawn by chance."""
    if len(candidates) == 1:
        return estimate_of(worlds, candidates[0], estimand, number)
    linear = mixed([linear_of(worlds, one, estimand, number) for one in candidates], probabilities)
    return as_estimate(*interval(linear, estimand, CONFIDENCE), number)
