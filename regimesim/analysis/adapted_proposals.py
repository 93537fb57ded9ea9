"""Worlds that are drawn where the evidence is likely: adaptive importance sampling.

Batches of worlds are drawn from proposals that follow what the worlds before them have shown.  All
worlds of all batches count, each with the likelihood times the density of the prior over the mean
density of all proposals, its own and those of other batches (Cornuet et al. 2012).  Luck is always
drawn afresh.

A proposal is a mixture of the prior and of two normal distributions of the normal scores of
assumptions.  They are fitted to the worlds so far, weighted by the likelihood to a power that
leaves enough of them: low at first, 1 in the end; one to half that power, whose tails are wider.
Only assumptions that the evidence has clearly moved are fitted, and only correlations that are
clear, so many assumptions that do not matter do no harm.

References
----------
Cornuet, Marin, Mira and Robert (2012), Adaptive multiple importance sampling, Scandinavian Journal
of Statistics 39, 798-812.
Fearnhead and Clifford (2003), On-line inference for hidden Markov models via particle filters,
Journal of the Royal Statistical Society B 65, 887-899.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from regimesim.analysis.tempering import (
    Evaluate,
    Points,
    joined,
    kish,
    next_power,
    to_power,
    uniforms_of,
    weights_of,
)

FITTED = 150  # effective worlds to which a proposal is fitted
SHARES = (0.2, 0.3, 0.5)  # of a batch: the prior, the fit to half the power, the fit to the power
HALF = 0.5
CLEAR = 2.5  # standard errors from which on a mean, a deviation or a correlation is fitted
FEW = 10  # worlds by which correlations are drawn towards 0, besides one an assumption
NARROWEST, WIDEST = 0.0004, 1.5  # variances of a fit, relative to the prior, in any direction


class Drawn(NamedTuple):
    """Worlds with weights that show the evidence.

    Attributes
    ----------
    points : Points
        All worlds, of the prior and of every batch; each is a family of its own.
    base : ndarray, shape (worlds,)
        ln of the prior over the mean density of all proposals.
    rounds : int
        How many batches were drawn.
    """

    points: Points
    base: np.ndarray
    rounds: int

    @property
    def weights(self) -> np.ndarray:
        """The weight of each world after all evidence. Eq. 8.25."""
        return weights_of(self.base + self.points.total)


class _Normal(NamedTuple):
    """Scores of which some are jointly normal, and all others as in the prior."""

    mean: np.ndarray
    root: np.ndarray
    where: np.ndarray

    def sample(self, count: int, coordinates: int, rng) -> np.ndarray:
        scores = rng.standard_normal((count, coordinates))
        scores[:, self.where] = self.mean + scores[:, self.where] @ self.root.T
        return scores

    def over_prior(self, scores) -> np.ndarray:
        """ln of the density over that of the prior."""
        there = scores[:, self.where]
        own = np.linalg.solve(self.root, (there - self.mean).T)
        return 0.5 * (there**2).sum(axis=1) - 0.5 * (own**2).sum(axis=0) - self._log_size()

    def _log_size(self) -> float:
        return float(np.log(np.diag(self.root)).sum())


class _Mixture(NamedTuple):
    """The prior, and normal distributions; shares as in `SHARES`."""

    parts: tuple[_Normal, ...]

    def sample(self, count: int, coordinates: int, rng) -> np.ndarray:
        scores = rng.standard_normal((count, coordinates))
        chosen = rng.choice(len(SHARES), count, p=SHARES)
        for number, part in enumerate(self.parts, 1):
            here = chosen == number
            scores[here] = part.sample(int(here.sum()), coordinates, rng)
        return scores

    def over_prior(self, scores) -> np.ndarray:
        """ln of the density over that of the prior."""
        mixed = np.full(len(scores), np.log(SHARES[0]))
        for share, part in zip(SHARES[1:], self.parts, strict=True):
            mixed = np.logaddexp(mixed, np.log(share) + part.over_prior(scores))
        return mixed


def draw(
    prior: Points,
    evaluate: Evaluate,
    goal: float,
    batch: int,
    most: int,
    seed: int,
    first_number: int,
    most_rounds: int,
    after_round: Callable[[int, float, float], object] | None = None,
) -> Drawn:
    """Worlds of the prior, and batches of worlds that are drawn where the evidence is likely.

    Parameters
    ----------
    prior : Points
        Worlds of the prior, of which some show the evidence.
    evaluate : callable
        From (uniforms, numbers) to ln of the likelihood of each item, (worlds, items).
    goal : float
        The effective number of worlds that is wanted.
    batch : int
        Worlds of a batch.
    most : int
        How many worlds are kept in the end; the goal counts these (`thinned`).
    seed : int
        From which all random numbers follow.
    first_number : int
        The first number of worlds that is free.
    most_rounds : int
        The most batches.
    after_round : callable, optional
        Called with the number of batches so far, the power and the effective number.

    Returns
    -------
    Drawn
        Where the goal is not reached, what was reached.
    """
    rng, coordinates = np.random.default_rng(seed), prior.scores.shape[1]
    proposals: list[_Mixture] = []
    count = len(prior.numbers)
    points, mixed = prior, np.full(count, np.log(count))  # ln of the sum of all densities
    rounds, drawn = 0, Drawn(prior, np.zeros(count), 0)
    while rounds < most_rounds and kept_effective(drawn.weights, most) < goal:
        proposal, power = _fit(points, drawn.base)
        scores = proposal.sample(batch, coordinates, rng)
        numbers = np.arange(first_number, first_number + batch, dtype=np.int64)
        first_number += batch
        own = np.full(batch, np.log(count))
        for one in (*proposals, proposal):
            own = np.logaddexp(own, np.log(batch) + one.over_prior(scores))
        mixed = np.logaddexp(mixed, np.log(batch) + proposal.over_prior(points.scores))
        proposals.append(proposal)
        items = evaluate(uniforms_of(scores), numbers)
        points = joined(points, scores, numbers, items)
        mixed, rounds = np.concatenate([mixed, own]), rounds + 1
        drawn = Drawn(points, np.log(len(mixed)) - mixed, rounds)
        if after_round:
            after_round(rounds, power, kept_effective(drawn.weights, most))
    return drawn


def kept_effective(weights, most: int) -> float:
    """The effective number of weights of which `thinned` keeps `most`."""
    above = np.maximum(weights, _threshold(weights, most))
    square = float(np.sum(weights * above))
    return float(np.sum(weights)) ** 2 / square if square > 0 else 0.0


def thinned(weights, most: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """(places, weights) of about `most` worlds at most, which keep every mean on average.

    Weights above a threshold are kept as they are; each of the others is kept in proportion to it,
    with the weight of the threshold (Fearnhead and Clifford 2003).
    """
    threshold = _threshold(weights, most)
    above = np.flatnonzero(weights > threshold)
    below = np.flatnonzero((weights > 0) & (weights <= threshold))
    if not below.size:
        return above, weights[above]
    steps = np.cumsum(weights[below]) / threshold + rng.random()
    chosen = below[np.floor(steps) > np.floor(np.concatenate([[steps[0]], steps[:-1]]))]
    places = np.sort(np.concatenate([above, chosen]))
    return places, np.maximum(weights[places], threshold)


def _threshold(weights, most: int) -> float:
    """The weight c for which the sum of min(1, weight/c) is `most`; 0 where all can be kept."""
    ordered = np.sort(weights[weights > 0])[::-1]
    if len(ordered) <= most:
        return 0.0
    rest = np.cumsum(ordered[::-1])[::-1][:most]  # of this weight and all below it
    thresholds = rest / (most - np.arange(most))  # were all above it kept for certain
    return float(thresholds[np.argmax(ordered[:most] <= thresholds)])


def _fit(points: Points, base) -> tuple[_Mixture, float]:
    """(the next proposal, the power of the likelihood that it follows)."""
    total = points.total
    power = next_power(total, 0.0, FITTED, base)
    parts = tuple(
        _fitted(points.scores, weights_of(base + to_power(total, one)))
        for one in (HALF * power, power)
    )
    return _Mixture(parts), power


def _fitted(scores, weights) -> _Normal:
    """Mean and covariance of those scores that clearly differ from the prior."""
    effective, share = max(kish(weights), 1.0), weights / weights.sum()
    mean = share @ scores
    error = np.maximum(np.sqrt(share**2 @ (scores - mean) ** 2), effective**-0.5)
    spread = np.sqrt(share @ (scores - mean) ** 2)
    is_clear = np.abs(mean) > CLEAR * error
    is_clear |= np.abs(spread - 1) > CLEAR / np.sqrt(2 * effective)
    where = np.flatnonzero(is_clear)
    centred = scores[:, where] - mean[where]
    deviations = np.maximum(spread[where], 1e-6)
    correlation = (centred * share[:, None]).T @ centred / np.outer(deviations, deviations)
    known = np.abs(correlation) > CLEAR / np.sqrt(effective)
    drawn_in = effective / (effective + len(where) + FEW)
    correlation = np.where(known, drawn_in * correlation, 0.0)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation * np.outer(deviations, deviations))
    covariance = (vectors * np.clip(values, NARROWEST, WIDEST)) @ vectors.T
    return _Normal(mean[where], np.linalg.cholesky(covariance), where)
