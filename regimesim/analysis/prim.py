"""Boxes of assumptions in which failures gather: the patient rule induction method, PRIM.

After Friedman and Fisher (1999, Statistics and Computing 9:123): from the box that holds
every sample, thin slices are peeled off, each time the one without which the share of
failures in the rest is highest; then slices are pasted back where they help.  The use on
scenarios, and the quasi-p-values of a box's limits, are those of Bryant and Lempert
(2010, Technological Forecasting and Social Change 77:34).

`x` is (samples, dimensions), `fails` (samples,) of bool.
"""

from typing import NamedTuple

import numpy as np

ALPHA = 0.05  # share of a box that is peeled off, or pasted on, in one step
LEAST_MASS = 0.05  # share of all samples that the smallest box of a trajectory holds
ERROR = 0.05  # chance that luck alone keeps some limit of a box
MOVED = 0.002  # share of all samples that the rounding of a limit may move across it
FEWEST_DIGITS, MOST_DIGITS = 3, 17


class Box(NamedTuple):
    """The samples with low < x < high; an end without limit is infinite. (dimensions,) each."""

    low: np.ndarray
    high: np.ndarray

    def holds(self, x) -> np.ndarray:
        """Which samples lie in the box: (samples,) of bool."""
        return ((x > self.low) & (x < self.high)).all(axis=1)

    def limits(self) -> list[tuple[int, str]]:
        """(dimension, "low" or "high") of every end that is limited."""
        ends = [(side, k) for side in self._fields for k in self._limited(side)]
        return sorted((int(k), side) for side, k in ends)

    def dimensions(self) -> int:
        """How many dimensions are limited."""
        return len({k for k, _ in self.limits()})

    def with_limit(self, dimension: int, side: str, value: float) -> "Box":
        """The box with another limit, or (infinite) without one."""
        ends = getattr(self, side).copy()
        ends[dimension] = value
        return self._replace(**{side: ends})

    def without(self, dimension: int, side: str) -> "Box":
        """The box without one of its limits."""
        return self.with_limit(dimension, side, -np.inf if side == "low" else np.inf)

    def _limited(self, side):
        return np.flatnonzero(np.isfinite(getattr(self, side)))


class Step(NamedTuple):
    """A box of a peeling trajectory: its share of samples (mass), the share of those that
    fail (density), its share of all failures (coverage), and how many dimensions it limits."""

    box: Box
    mass: float
    density: float
    coverage: float
    dimensions: int


class Search(NamedTuple):
    """A trajectory: as it was peeled, and without the limits that luck explains; the place of
    the chosen box on it, and what that became: pasted, pruned again, its limits rounded."""

    peeled: tuple[Step, ...]
    pruned: tuple[Step, ...]
    chosen: int
    step: Step


def everything(dimensions: int) -> Box:
    """The box without limits."""
    return Box(np.full(dimensions, -np.inf), np.full(dimensions, np.inf))


def measured(box: Box, x, fails) -> Step:
    """What a box holds of the samples."""
    inside = box.holds(x)
    count, failed = int(inside.sum()), int(fails[inside].sum())
    density = failed / count if count else 0.0
    coverage = failed / max(int(fails.sum()), 1)
    return Step(box, count / len(x), density, coverage, box.dimensions())


def search(x, fails, least_density: float | None = None) -> Search:
    """Look for the one box in which failures gather; it has no limits where there is none."""
    peeled = peel(x, fails)
    pruned = [measured(prune(step.box, x, fails), x, fails) for step in peeled]
    chosen = choose(pruned, least_density)
    box = prune(paste(pruned[chosen].box, x, fails), x, fails)
    step = measured(rounded(box, x), x, fails)
    return Search(tuple(peeled), tuple(pruned), chosen, step)


def peel(x, fails, alpha: float = ALPHA, least_mass: float = LEAST_MASS) -> list[Step]:
    """The peeling trajectory, from the box that holds everything on.

    It ends where the next box would hold less than `least_mass` of the samples, or where
    all samples in the box fail.
    """
    trajectory = [measured(everything(x.shape[1]), x, fails)]
    inside, failing = x, fails
    while 0 < trajectory[-1].density < 1:
        best = _best_peel(inside, failing, alpha)
        if best is None or best.kept.sum() < max(least_mass * len(x), 1):
            break
        box = trajectory[-1].box.with_limit(best.dimension, best.side, best.value)
        inside, failing = inside[best.kept], failing[best.kept]
        trajectory.append(measured(box, x, fails))
    return trajectory


class _Peel(NamedTuple):
    dimension: int
    side: str
    value: float
    kept: np.ndarray


def _best_peel(inside, failing, alpha) -> _Peel | None:
    """The slice without which the rest is densest; of equal ones that which leaves most."""
    count = max(int(alpha * len(inside)), 1)
    if len(inside) <= count:
        return None
    ordered = np.partition(inside, (count - 1, len(inside) - count), axis=0)
    best = None
    for side, place in (("low", count - 1), ("high", len(inside) - count)):
        edge = ordered[place]
        kept = inside > edge if side == "low" else inside < edge
        left = kept.sum(axis=0)
        share = kept[failing].sum(axis=0) / np.maximum(left, 1)
        for k in np.flatnonzero(left > 0).tolist():
            rank = (share[k], left[k])
            if best is None or rank > best[0]:
                best = rank, side, k, edge[k], kept[:, k]
    if best is None:
        return None
    _, side, k, edge, kept = best
    neighbour = inside[kept, k].min() if side == "low" else inside[kept, k].max()
    return _Peel(k, side, _between(edge, neighbour), kept)


def _between(outside: float, inside: float) -> float:
    """A limit with `outside` on its one side and `inside` on the other."""
    middle = outside + (inside - outside) / 2
    return outside if middle == inside else middle


def choose(trajectory, least_density: float | None = None) -> int:
    """The place of the best box: the highest harmonic mean of density and coverage, of the
    boxes of at least `least_density`.

    By default that is halfway from the share of all samples that fail to the densest box.
    Where no box is as dense, it is the densest.
    """
    density = np.array([step.density for step in trajectory])
    coverage = np.array([step.coverage for step in trajectory])
    if least_density is None:
        least_density = (density[0] + density.max()) / 2
    allowed = density >= min(least_density, density.max())
    both = density * coverage / np.maximum(density + coverage, 1e-300)
    return int(np.argmax(np.where(allowed, both, -1)))


def paste(box: Box, x, fails, alpha: float = ALPHA) -> Box:
    """The box made wider, slice by slice, for as long as that makes it denser."""
    while True:
        now = measured(box, x, fails)
        wider = [_pasted(box, k, side, x, alpha) for k, side in box.limits()]
        steps = [measured(one, x, fails) for one in wider]
        best = max(steps, key=lambda step: (step.density, step.mass), default=now)
        if best.density <= now.density:
            return box
        box = best.box


def _pasted(box, dimension, side, x, alpha):
    """The box with one limit moved outwards by a share `alpha` of what it holds."""
    column = x[:, dimension]
    count = max(int(alpha * box.holds(x).sum()), 1)
    free = box.without(dimension, side)
    beyond = column[free.holds(x) & ~box.holds(x)]
    if len(beyond) <= count:
        return free
    outwards = np.sort(beyond)[::-1] if side == "low" else np.sort(beyond)
    return box.with_limit(dimension, side, _between(outwards[count], outwards[count - 1]))


def quasi_p(box: Box, x, fails) -> dict[tuple[int, str], float]:
    """For every limit of a box how likely luck alone would make the box as dense as it is.

    Bryant and Lempert's test: were the limit of no use, each sample of the box would fail
    with the share that fails without that limit (binomial, one-sided).  On the samples
    in which the box was found it is too small, as that is the best box of many.
    """
    limits = box.limits()
    return dict(zip(limits, _luck(_outside(box, limits, x), fails).tolist(), strict=True))


def _outside(box, limits, x):
    """Which samples each limit keeps out: (limits, samples) of bool."""
    beyond = {"low": np.less_equal, "high": np.greater_equal}
    outside = [beyond[side](x[:, k], getattr(box, side)[k]) for k, side in limits]
    return np.array(outside, bool).reshape(len(limits), len(x))


def _luck(outside, fails):
    """The quasi-p-value of each limit, from the samples that each keeps out."""
    from scipy.special import bdtrc

    kept_out_by = outside.sum(axis=0)
    inside, alone = kept_out_by == 0, outside & (kept_out_by == 1)
    count, failed = inside.sum(), (inside & fails).sum()
    share = (failed + (alone & fails).sum(axis=1)) / np.maximum(count + alone.sum(axis=1), 1)
    return bdtrc(failed - 1.0, int(count), share) if failed else np.ones(len(outside))


def prune(box: Box, x, fails, error: float = ERROR) -> Box:
    """The box without the limits that luck explains, the least significant taken first.

    A limit stays where its quasi-p-value is at most `error` over the number of limits
    that there could be, two a dimension.
    """
    limits, level = box.limits(), error / (2 * x.shape[1])
    outside = _outside(box, limits, x)
    while limits:
        p = _luck(outside, fails)
        worst = int(np.argmax(p))
        if p[worst] <= level:
            break
        box = box.without(*limits.pop(worst))
        outside = np.delete(outside, worst, axis=0)
    return box


def rounded(box: Box, x) -> Box:
    """The box with every limit in as few digits as move hardly a sample across it."""
    for dimension, side in box.limits():
        value, column = getattr(box, side)[dimension], x[:, dimension]
        for digits in range(FEWEST_DIGITS, MOST_DIGITS + 1):
            short = float(f"{value:.{digits}g}")
            if ((column < short) != (column < value)).mean() <= MOVED:
                break
        box = box.with_limit(dimension, side, short)
    return box
