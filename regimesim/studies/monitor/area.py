"""The area under a measured ROC curve, and what it catches, with intervals by clusters.

Trajectories of one sample are not independent: its epochs share a task, and so do its honest and
its attacking run.  A sample is therefore one cluster, whatever it holds.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from regimesim.analysis.likelihoods.measured_area import area_error

NEAR = 0.95  # of an area, beyond which few pairs are out of order
REPLICATES = 1_000
SEED = 1  # of the bootstrap, so that the same logs give the same bytes
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Scores:
    """Scores of attacks and of honest work, with their clusters, which are counted from 0."""

    attack: np.ndarray
    honest: np.ndarray
    attack_cluster: np.ndarray
    honest_cluster: np.ndarray

    @property
    def clusters(self) -> int:
        """How many there are in all."""
        return len(np.union1d(self.attack_cluster, self.honest_cluster))

    @property
    def clusters_of_each(self) -> tuple[int, int]:
        """How many hold attacks, and how many hold honest work."""
        return len(np.unique(self.attack_cluster)), len(np.unique(self.honest_cluster))

    @property
    def fewer_clusters(self) -> int:
        """The smaller number of these two."""
        return min(self.clusters_of_each)


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval."""

    estimate: float
    low: float
    high: float

    def plain(self) -> dict:
        """As JSON has it."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high}


def share_interval(share: float, variance: float, clusters: int) -> Estimate:
    """The score interval of Wilson for a share whose estimate has this variance.

    The variance is that of a mean of p(1 − p)/V independent trials, which stand in its place.  At
    0 and 1, where the estimated variance is 0, each cluster is a trial.
    """
    trials = share * (1.0 - share) / variance if variance > 0.0 else float(clusters)
    trials = max(trials, 1.0)
    middle = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    reach = Z / (1 + Z**2 / trials) * sqrt(share * (1 - share) / trials + (Z / (2 * trials)) ** 2)
    low = 0.0 if share == 0.0 else max(0.0, middle - reach)
    return Estimate(share, low, 1.0 if share == 1.0 else min(1.0, middle + reach))


def area(scores: Scores) -> Estimate:
    """The area under the ROC curve, ties at half credit.

    Its variance is that of DeLong, DeLong and Clarke-Pearson (1988) as Obuchowski (1997,
    doi:10.2307/2533958) extends it to clusters.  Near 1, where it rests on few mistakes and is
    often far too small, it is at least that of Hanley and McNeil (1982) for so many clusters.
    """
    above, below = placements(scores)
    middle = float(above.mean())
    variance = clustered_variance(scores, above - middle, below - middle)
    if max(middle, 1.0 - middle) > NEAR:
        variance = max(variance, float(area_error(middle, *scores.clusters_of_each)) ** 2)
    return share_interval(middle, variance, scores.fewer_clusters)


def placements(scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """For each attack the share of honest work that it scores above, for each honest one the
    share of attacks that score above it; ties count half."""
    honest, attack = np.sort(scores.honest), np.sort(scores.attack)
    above = np.searchsorted(honest, scores.attack, "left")
    above = (above + np.searchsorted(honest, scores.attack, "right")) / (2 * len(honest))
    below = np.searchsorted(attack, scores.honest, "left")
    below = (below + np.searchsorted(attack, scores.honest, "right")) / (2 * len(attack))
    return above, 1.0 - below


def clustered_variance(scores: Scores, of_attacks: np.ndarray, of_honest: np.ndarray) -> float:
    """The variance of the sum of two means, of deviations that are summed up by cluster."""
    size = 1 + int(max(scores.attack_cluster.max(), scores.honest_cluster.max()))
    sums = [
        np.bincount(cluster, deviation, size)
        for cluster, deviation in (
            (scores.attack_cluster, of_attacks),
            (scores.honest_cluster, of_honest),
        )
    ]
    counts = [len(np.unique(c)) for c in (scores.attack_cluster, scores.honest_cluster)]
    m, n, both = len(of_attacks), len(of_honest), scores.clusters
    spread = [
        count / (count - 1) * float(total @ total) if count > 1 else 0.0
        for count, total in zip(counts, sums, strict=True)
    ]
    common = both / (both - 1) * float(sums[0] @ sums[1]) if both > 1 else 0.0
    return max(0.0, spread[0] / m**2 + spread[1] / n**2 + 2 * common / (m * n))


def roc(scores: Scores, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The points of the ROC curve, (false, true) positive rates from (0, 0) to (1, 1).

    weights: how often each cluster counts; once by default.
    """
    values = np.concatenate([scores.attack, scores.honest])
    cluster = np.concatenate([scores.attack_cluster, scores.honest_cluster])
    counted = np.ones(len(values)) if weights is None else weights[cluster]
    is_attack = np.arange(len(values)) < len(scores.attack)
    order = np.argsort(-values, kind="stable")
    ordered = values[order]  # compared, not subtracted: infinite scores tie too
    ends = np.append(ordered[1:] != ordered[:-1], True)  # of each group of ties
    rates = []
    for of in (~is_attack, is_attack):
        total = np.cumsum(np.where(of, counted, 0.0)[order])[ends]
        rates.append(np.append(0.0, total / total[-1] if total[-1] > 0 else total))
    return rates[0], rates[1]


def caught(false: np.ndarray, true: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """The true positive rates at false positive rates of `budgets`.

    Between two points of the curve, the trajectories that tie are audited by lot.
    """
    last = np.searchsorted(false, budgets, "right") - 1
    after = np.minimum(last + 1, len(false) - 1)
    width = false[after] - false[last]
    part = np.divide(budgets - false[last], width, out=np.zeros_like(budgets), where=width > 0)
    return true[last] + part * (true[after] - true[last])


def caught_at(scores: Scores, budgets: np.ndarray) -> list[Estimate]:
    """What the monitor catches at each budget; the variance is that of a bootstrap of clusters.

    No formula would do: the threshold of a budget is an estimate itself, of a quantile.
    """
    middle = caught(*roc(scores), budgets)
    draw = np.random.Generator(np.random.Philox(SEED))
    size = 1 + int(max(scores.attack_cluster.max(), scores.honest_cluster.max()))
    drawn = []
    for _ in range(REPLICATES):
        weights = np.bincount(draw.integers(0, size, size), minlength=size).astype(float)
        if weights[scores.attack_cluster].any() and weights[scores.honest_cluster].any():
            drawn.append(caught(*roc(scores, weights), budgets))
    variance = np.var(drawn, axis=0) if drawn else np.zeros(len(budgets))
    return [
        share_interval(float(share), float(v), scores.fewer_clusters)
        for share, v in zip(middle, variance, strict=True)
    ]
