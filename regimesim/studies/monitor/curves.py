"""The detection curves of the model, and their fit to the scores of a monitor.

A curve is a line on the axes of F⁻¹: F⁻¹(caught) = a + b·F⁻¹(audited), with F = Φ for the binormal
curve and F = σ for the logistic one.  Under it, some increasing function of the scores of honest
work has the distribution F, and that of attacks has F(b·t − a).  So scores matter by their order
alone, and the fit is an ordinal regression whose thresholds lie between the scores (Dorfman and
Alf 1969, doi:10.1016/0022-2496(69)90019-4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from regimesim.studies.monitor.area import Scores

MOST_GROUPS = 40  # of neighbouring scores; more of them add nothing to two numbers
PRIOR_VARIANCE = np.array([2.0, 0.5])  # of d′ and ln b: each area is about equally probable
LOGITS = 1.6  # of a unit of d′, in the logistic curve of the model
LEAST = 1e-300
GRID = np.arange(-152, 153) * 0.25  # logits of an audit budget; exact to 1e-11


@dataclass(frozen=True)
class Curve:
    """A family of curves.

    name: as in a scenario · below, density: F and its derivative · quantile: F⁻¹ · lift: a and its
    derivatives by d′ and by ln b, of d′ and b.
    """

    name: str
    below: Callable
    density: Callable
    quantile: Callable
    lift: Callable

    def caught(self, strength: float, slope: float, audited: np.ndarray) -> np.ndarray:
        """The share of attacks that an audit of this share of honest work catches."""
        a = self.lift(strength, slope)[0]
        return self.below(a + slope * self.quantile(np.asarray(audited, float)))

    def area(self, strength: float, slope: float) -> float:
        """The area under the curve."""
        share = self._of_logits(GRID)
        rate = self.below(self.lift(strength, slope)[0] + slope * self.quantile(share))
        return float(rate @ (share * self._of_logits(-GRID)) * 0.25)

    @staticmethod
    def _of_logits(x):
        return 1.0 / (1.0 + np.exp(-x))


def _binormal_lift(strength, slope):
    stretch = sqrt(0.5 * (1.0 + slope * slope))
    return strength * stretch, stretch, strength * slope * slope / (2.0 * stretch)


def _logistic_lift(strength, slope):
    return LOGITS * strength, LOGITS, 0.0


def curves() -> tuple[Curve, Curve]:
    """The binormal and the logistic curve."""
    from scipy.special import expit, logit, ndtr, ndtri

    def normal_density(t):
        return np.exp(-0.5 * t * t) / sqrt(2.0 * np.pi)

    return (
        Curve("binormal", ndtr, normal_density, ndtri, _binormal_lift),
        Curve("logistic", expit, lambda t: expit(t) * expit(-t), logit, _logistic_lift),
    )


@dataclass(frozen=True)
class Fit:
    """A fitted curve.

    strength, log_slope: d′ and ln b · covariance: of the two · log_likelihood: at the fit.
    """

    curve: Curve
    strength: float
    log_slope: float
    covariance: np.ndarray
    log_likelihood: float

    @property
    def slope(self) -> float:
        return exp(self.log_slope)

    @property
    def auroc(self) -> float:
        return self.curve.area(self.strength, self.slope)

    @property
    def area_gradient(self) -> np.ndarray:
        """The derivatives of the area by d′ and ln b."""
        step = 1e-4
        at = np.array([self.strength, self.log_slope])
        ends = [
            [self.curve.area(x, exp(y)) for x, y in (at + step * way, at - step * way)]
            for way in np.eye(2)
        ]
        return np.array([(high - low) / (2 * step) for high, low in ends])


def fit(curve: Curve, scores: Scores) -> Fit:
    """Fit a curve by maximum likelihood, with a covariance that counts clusters once.

    The covariance is the inverse of Fisher's information, times the design effects of clusters.  A
    weak normal prior on d′ and ln b keeps the fit finite where scores part the classes entirely;
    without any data, 95 % of slopes would lie between 0.25 and 4.
    """
    from scipy.optimize import minimize

    groups = _groups(scores)
    counts = np.array([np.bincount(g, minlength=1 + max(map(max, groups))) for g in groups])
    k = counts.shape[1] - 1  # thresholds

    def loss(free):
        theta = _theta(free)
        value, gradient = _log_likelihood(curve, theta, counts)
        prior = theta[:2] / PRIOR_VARIANCE
        gradient[:2] -= prior
        return -value + 0.5 * float(prior @ theta[:2]), -_of_free(free, gradient)

    shares = np.cumsum(counts[0] + 0.5)[:-1] / (counts[0] + 0.5).sum()
    thresholds = np.maximum.accumulate(curve.quantile(shares))
    start = np.concatenate([[1.0, 0.0], thresholds[:1], np.log(np.diff(thresholds) + 1e-3)])
    best = minimize(loss, start, jac=True, method="BFGS", options={"maxiter": 2_000})
    theta = _theta(best.x)
    bread = np.linalg.inv(_information(curve, theta, counts) + _prior(k))[:2]
    effect = np.sqrt(_design_effects(bread, _gradients(curve, theta, scores, groups, k)))
    value, _ = _log_likelihood(curve, theta, counts)
    covariance = bread[:, :2] * np.outer(effect, effect)
    return Fit(curve, float(theta[0]), float(theta[1]), covariance, value)


def _groups(scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """The group of neighbouring scores of each honest and each attacking one, from 0."""
    values = np.concatenate([scores.honest, scores.attack])
    different, place = np.unique(values, return_inverse=True)
    if len(different) > MOST_GROUPS:
        ranks = np.cumsum(np.bincount(place))[place] / len(values)
        place = np.unique(np.ceil(ranks * MOST_GROUPS), return_inverse=True)[1]
    return place[: len(scores.honest)], place[len(scores.honest) :]


def _theta(free: np.ndarray) -> np.ndarray:
    """d′, ln b and the thresholds, from d′, ln b, the first threshold and logs of differences."""
    steps = np.concatenate([free[2:3], np.exp(np.minimum(free[3:], 50.0))])
    return np.concatenate([free[:2], np.cumsum(steps)])


def _of_free(free: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """The gradient by the free numbers, from that by `_theta`."""
    later = np.cumsum(gradient[2:][::-1])[::-1]
    return np.concatenate(
        [gradient[:2], later[:1], later[1:] * np.exp(np.minimum(free[3:], 50.0))]
    )


def _cells(curve: Curve, theta: np.ndarray):
    """The probabilities of the groups for honest work and for attacks, and the derivatives of
    their logarithms by d′, ln b and the thresholds: (2, groups) and (2, groups, numbers)."""
    strength, slope, inner = theta[0], exp(theta[1]), theta[2:]
    a, by_strength, by_slope = curve.lift(strength, slope)
    k = len(inner)
    chances, gradients = np.empty((2, k + 1)), np.zeros((2, k + 1, k + 2))
    rows = np.arange(k)
    for kind, u in enumerate((inner, slope * inner - a)):
        edges = np.concatenate([[-np.inf], u, [np.inf]])
        low, high = edges[:-1], edges[1:]
        upper = low > 0  # where a difference of upper tails keeps its digits
        chance = np.where(
            upper, curve.below(-low) - curve.below(-high), curve.below(high) - curve.below(low)
        )
        chance = np.maximum(chance, LEAST)
        density = curve.density(u)
        scale = 1.0 if kind == 0 else slope
        gradients[kind, rows, rows + 2] = scale * density / chance[:-1]
        gradients[kind, rows + 1, rows + 2] = -scale * density / chance[1:]
        if kind == 1:
            change = np.concatenate([[0.0], density, [0.0]])
            moved = np.concatenate([[0.0], density * (slope * inner - by_slope), [0.0]])
            gradients[1, :, 0] = -by_strength * np.diff(change) / chance
            gradients[1, :, 1] = np.diff(moved) / chance
        chances[kind] = chance
    return chances, gradients


def _log_likelihood(curve: Curve, theta: np.ndarray, counts: np.ndarray):
    """The log-likelihood of counts, (honest and attacks, groups), and its gradient."""
    chances, gradients = _cells(curve, theta)
    return float((counts * np.log(chances)).sum()), np.einsum("ij,ijk->k", counts, gradients)


def _information(curve: Curve, theta: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Fisher's information: each kind's number of scores, times the expected square."""
    chances, gradients = _cells(curve, theta)
    weights = counts.sum(axis=1, keepdims=True) * chances
    return np.einsum("ij,ijk,ijl->kl", weights, gradients, gradients)


def _gradients(curve, theta, scores: Scores, groups, k: int):
    """The gradient of each score's likelihood, and its cluster."""
    _, gradients = _cells(curve, theta)
    of_each = np.concatenate([gradients[kind][groups[kind]] for kind in (0, 1)])
    return of_each, np.concatenate([scores.honest_cluster, scores.attack_cluster])


def _design_effects(bread: np.ndarray, of_scores) -> np.ndarray:
    """By how much clusters change the variances of d′ and ln b: the ratio of two sandwiches, in
    one of which the gradients are summed up by cluster first."""
    gradients, cluster = of_scores
    moved = gradients @ bread.T
    sums = np.stack([np.bincount(cluster, column) for column in moved.T])
    alone = (moved**2).sum(axis=0)
    return np.divide((sums**2).sum(axis=1), alone, out=np.ones(2), where=alone > 0)


def _prior(k: int) -> np.ndarray:
    """The information of the prior."""
    return np.diag(np.concatenate([1.0 / PRIOR_VARIANCE, np.zeros(k)]))


def rank_correlation(normal: float) -> float:
    """Spearman's correlation of two jointly normal numbers, (6/π)·asin(ρ/2)."""
    from math import asin, pi

    return 6.0 / pi * asin(max(-1.0, min(1.0, normal)) / 2.0)


def logit_interval(area: float, sd: float, z: float) -> tuple[float, float]:
    """The 95 % interval of an area on the axis of its logit, inside (0, 1)."""
    middle, reach = log(area / (1 - area)), z * sd / (area * (1 - area))
    return tuple(1 / (1 + exp(-x)) for x in (middle - reach, middle + reach))
