"""Worlds that are moved until they show the evidence: tempered sequential Monte Carlo.

A world is a point of a cube, the uniforms of its drawn assumptions, and a number, from which all
its luck follows.  Worlds of the prior are first weighted by the likelihood to a small power, and
resampled; then each makes moves that leave this distribution unchanged; and so on, to the power 1
(Del Moral, Doucet and Jasra 2006).  A likelihood that is computed from one simulated history of a
world is an exact likelihood of the pair of assumptions and luck, so that moving both is exact, too
(Andrieu and Roberts 2009).

Moves act on the normal scores of the uniforms, where the prior is a standard normal in every
direction (preconditioned Crank-Nicolson, Cotter et al. 2013).

References
----------
Andrieu and Roberts (2009), The pseudo-marginal approach for efficient Monte Carlo computations,
Annals of Statistics 37, 697-725.
Chan and Lai (2013), A general theory of particle filters in hidden Markov models and some
applications, Annals of Statistics 41, 2877-2904.
Cotter, Roberts, Stuart and White (2013), MCMC methods for functions, Statistical Science 28,
424-446.
Del Moral, Doucet and Jasra (2006), Sequential Monte Carlo samplers, Journal of the Royal
Statistical Society B 68, 411-436.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

KEPT = 0.5  # the share of worlds with weight that a step leaves effective
PER_STEP = 4  # rounds of moves after a step that is not the last
MOST_STEPS = 60
CLEAR = 2.5  # standard errors from which on a coordinate has moved
NARROWEST = 0.15  # standard deviation of a proposal, relative to the prior
SIZES = (0.15, 0.4, 1.0)  # of a move, relative to a fresh draw
BUDGETS = (0.3, 1.0, 3.0, np.inf)  # of what the changed coordinates of a move cost together
RAREST = 0.02  # acceptance of a change of one coordinate, below which it counts as this much
FREE = 0.005  # cost below which a coordinate may as well be changed
MEMORY = 0.7  # of what moves of each kind were accepted, from round to round
SAME_LUCK, ONLY_LUCK = 0.45, 0.2  # probabilities of moves of assumptions alone, and of luck alone
LEAST, MOST = 2.0**-54, 1.0 - 2.0**-53  # a uniform never reaches 0 or 1


class Points(NamedTuple):
    """Worlds, as points of the cube with their luck.

    Attributes
    ----------
    scores : ndarray, shape (worlds, coordinates)
        The normal scores of the uniforms.
    numbers : ndarray of int64, shape (worlds,)
        From which all luck follows.
    items : ndarray, shape (worlds, items)
        ln of the likelihood of each item of the evidence.
    family : ndarray of int, shape (worlds,)
        From which world of the prior each comes.
    """

    scores: np.ndarray
    numbers: np.ndarray
    items: np.ndarray
    family: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """ln of the likelihood of all evidence."""
        return self.items.sum(axis=1)

    def take(self, chosen) -> "Points":
        """The chosen worlds."""
        return Points(*(array[chosen] for array in self))


class Moved(NamedTuple):
    """Worlds that show the evidence, all with the same weight.

    Attributes
    ----------
    points : Points
        The worlds.
    effective : float
        How many independent worlds they equal.
    steps, rounds : int
        Steps of the power, and rounds of moves.
    accepted : float
        The share of moves that were accepted at the power 1.
    """

    points: Points
    effective: float
    steps: int
    rounds: int
    accepted: float


def joined(points: Points, scores, numbers, items) -> Points:
    """Worlds and more of them, each a family of its own."""
    return Points(
        np.concatenate([points.scores, scores]),
        np.concatenate([points.numbers, numbers]),
        np.concatenate([points.items, items]),
        np.arange(len(points.numbers) + len(numbers)),
    )


Evaluate = Callable[[np.ndarray, np.ndarray], np.ndarray]


def scores_of(cube) -> np.ndarray:
    """The normal scores of uniforms on (0, 1)."""
    from scipy.special import ndtri

    return ndtri(np.clip(cube, LEAST, MOST))


def uniforms_of(scores) -> np.ndarray:
    """The uniforms of normal scores."""
    from scipy.special import ndtr

    return np.clip(ndtr(scores), LEAST, MOST)


def kish(weights) -> float:
    """The effective number of weights (Kish 1965); 0 where all are 0. Eq. 8.14."""
    square = float(np.sum(np.square(weights)))
    return float(np.sum(weights)) ** 2 / square if square > 0 else 0.0


def weights_of(log_likelihood, power: float = 1.0) -> np.ndarray:
    """Weights that are proportional to a power of likelihoods; the largest is 1."""
    known = np.isfinite(log_likelihood)
    if not known.any():
        return np.zeros(len(log_likelihood))
    scaled = np.where(known, power * np.where(known, log_likelihood, 0.0), -np.inf)
    return np.exp(scaled - scaled.max())


def effective_number(points: Points) -> float:
    """How many independent worlds equally weighted ones equal.

    Worlds of one family may still be alike.  The variance of a mean over all worlds, relative to
    that over independent ones, follows from the sums over families (Chan and Lai 2013); it is
    averaged over the coordinates.  Nor are there more than luck has different numbers (Kish).
    Eq. 8.28.
    """
    worlds = len(points.numbers)
    _, copies = np.unique(points.numbers, return_counts=True)
    most = worlds**2 / float(np.sum(copies.astype(float) ** 2))
    deviations = points.scores - points.scores.mean(axis=0)
    _, family = np.unique(points.family, return_inverse=True)
    families = int(family.max()) + 1
    square = np.sum(deviations**2, axis=0)
    varied = square > 1e-12
    if families < 2 or not varied.any():
        return min(most, float(families))
    sums = np.stack([np.bincount(family, column) for column in deviations.T[varied]], axis=1)
    spread = np.sum(sums**2, axis=0) * families / (families - 1)
    return min(most, float(worlds / np.mean(spread / square[varied])))


def move(
    prior: Points,
    evaluate: Evaluate,
    goal: float,
    worlds: int,
    seed: int,
    first_number: int,
    most_rounds: int = 40,
    after_round: Callable[[float, int, float], object] | None = None,
    base=None,
) -> Moved:
    """Worlds that show the evidence.

    Parameters
    ----------
    prior : Points
        Worlds of the prior.
    evaluate : callable
        Takes uniforms (worlds, coordinates) and numbers, and returns ln of the likelihood of each
        item, (worlds, items).
    goal : float
        The effective number that is wanted.
    worlds : int
        How many worlds are moved.
    seed : int
        From which all random numbers of the moves follow.
    first_number : int
        The first number of worlds that is free.
    most_rounds : int
        The most rounds of moves at the power 1.
    after_round : callable, optional
        Called with the power of the likelihood, the number of rounds so far, and the effective
        number of worlds, 0 before the power is 1.
    base : ndarray, optional
        ln of the weight that each world of `prior` has before the evidence, by default the same.

    Returns
    -------
    Moved
        Where the goal is not reached in `most_rounds`, what was reached.
    """
    rng, power, points = np.random.default_rng(seed), 0.0, prior
    steps = rounds = 0
    accepted, base = 0.0, np.zeros(len(prior.numbers)) if base is None else base
    walk = _Walk(evaluate, rng, prior.scores.shape[1], first_number)
    while power < 1.0 and steps < MOST_STEPS:
        enough = KEPT * kish(weights_of(base + to_power(points.total, 0.0)))
        further = max(next_power(points.total, power, enough, base), power + 1e-6)
        weights = weights_of(base + to_power(points.total, further - power))
        points, power = points.take(_resampled(weights, worlds, rng)), min(further, 1.0)
        base = np.zeros(worlds)
        steps += 1
        for number in range(PER_STEP if power < 1.0 else 1):
            make = walk.round if number else walk.probe
            points, _ = make(points, power)
            rounds += 1
            if after_round:
                after_round(power, rounds, 0.0)
    effective, before = 0.0, rounds
    while effective < goal and rounds < before + most_rounds:
        points, accepted = walk.round(points, power)
        rounds += 1
        effective = effective_number(points)
        if after_round:
            after_round(power, rounds, effective)
    return Moved(points, effective, steps, rounds, accepted)


def to_power(log_likelihood, power: float) -> np.ndarray:
    """ln of a power of likelihoods, which is 0 where they are 0, also for the power 0."""
    known = np.isfinite(log_likelihood)
    return np.where(known, power * np.where(known, log_likelihood, 0.0), -np.inf)


def next_power(total, power: float, wanted: float, base=0.0) -> float:
    """The largest power, up to 1, at which enough worlds stay effective, by bisection.

    Parameters
    ----------
    total : ndarray
        ln of the likelihood of each world.
    power : float
        The power at which worlds have the weights exp(base).
    wanted : float
        The effective number of worlds.
    base : ndarray, optional
        By default the same for each.
    """

    def left(further):
        return kish(weights_of(base + to_power(total, further - power)))

    if left(1.0) >= wanted:
        return 1.0
    low, high = power, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if left(middle) >= wanted else (low, middle)
    return low


def _resampled(weights, count: int, rng) -> np.ndarray:
    """Places of `count` worlds in proportion to their weights: systematic resampling."""
    positions = (rng.random() + np.arange(count)) / count
    return np.searchsorted(np.cumsum(weights) / np.sum(weights), positions).clip(
        max=len(weights) - 1
    )


class _Walk:
    """Moves of worlds, in kinds of different sizes; those that lead furthest are made most.

    The cost of a coordinate is -ln of the share of fresh draws of it alone that are accepted.  A
    kind of moves has a budget: each coordinate is changed with a probability that makes what all
    changed ones cost, on average, as much, and cheap ones are changed more often.
    """

    def __init__(self, evaluate: Evaluate, rng, coordinates: int, first_number: int):
        self._evaluate, self._rng, self._next = evaluate, rng, first_number
        sizes, budgets = np.meshgrid(SIZES, BUDGETS)
        self._sizes, self._budgets = sizes.ravel(), budgets.ravel()
        self._made, self._accepted = np.full((2, sizes.size), 1.0)  # before any was tried
        self._tried, self._passed = np.full((2, coordinates), 1.0)

    def probe(self, points: Points, power: float) -> tuple[Points, float]:
        """A round in which each world changes one coordinate, which shows what each costs."""
        worlds, coordinates = points.scores.shape
        if not coordinates:
            return self.round(points, power)
        chosen = self._rng.integers(coordinates, size=worlds)
        scores = points.scores.copy()
        scores[np.arange(worlds), chosen] = self._rng.standard_normal(worlds)
        after, accepted = self._moved(points, scores, points.numbers, power, 0.0)
        self._tried = MEMORY * self._tried + np.bincount(chosen, minlength=coordinates)
        passed = np.bincount(chosen, accepted, coordinates)
        self._passed = MEMORY * self._passed + passed
        return after, float(accepted.mean())

    def round(self, points: Points, power: float) -> tuple[Points, float]:
        """(the worlds after one move of each, the share of moves that were accepted).
        Eq. 8.26."""
        rng, (worlds, coordinates) = self._rng, points.scores.shape
        centre, spread = _centre(points.scores)
        parts = self._parts()
        chosen = rng.choice(len(self._sizes), worlds, p=self._chances(parts))
        luck = rng.random(worlds)
        moves, fresh = luck >= ONLY_LUCK, (luck < ONLY_LUCK) | (luck >= ONLY_LUCK + SAME_LUCK)
        step = self._sizes[chosen, None]
        changed = rng.random((worlds, coordinates)) < parts[chosen]
        drawn = rng.standard_normal((worlds, coordinates))
        new = centre + np.sqrt(1 - step**2) * (points.scores - centre) + step * spread * drawn
        scores = np.where(changed & moves[:, None], new, points.scores)
        numbers = np.where(fresh, self._unused(worlds), points.numbers)
        gain = _against(scores, centre, spread) - _against(points.scores, centre, spread)
        after, accepted = self._moved(points, scores, numbers, power, gain)
        self._learn(chosen[moves], accepted[moves])
        return after, float(accepted.mean())

    def _moved(self, points: Points, scores, numbers, power: float, gain):
        """(the worlds, of which each is at its new place if that is accepted; which are); `gain`
        is ln of the ratio of the prior to the proposals, new over old. Eq. 8.27."""
        items = self._evaluate(uniforms_of(scores), numbers)
        with np.errstate(invalid="ignore"):
            gain = gain + power * (items.sum(axis=1) - points.total)
        gain = np.where(np.isnan(gain), -np.inf, gain)
        accepted = np.log(self._rng.random(len(numbers))) < gain
        kept = accepted[:, None]
        after = Points(
            np.where(kept, scores, points.scores),
            np.where(accepted, numbers, points.numbers),
            np.where(kept, items, points.items),
            points.family,
        )
        return after, accepted

    def _unused(self, count: int) -> np.ndarray:
        """Numbers of worlds that were not used before."""
        self._next += count
        return np.arange(self._next - count, self._next, dtype=np.int64)

    def _parts(self) -> np.ndarray:
        """How often each kind of moves changes each coordinate, (kinds, coordinates)."""
        cost = -np.log(np.clip(self._passed / self._tried, RAREST, 1.0))
        return np.array([_shares(cost, budget) for budget in self._budgets])

    def _chances(self, parts) -> np.ndarray:
        """How often each kind is made: in proportion to the squared distance that it moves."""
        part = parts.mean(axis=1) if parts.shape[1] else 1.0
        distance = self._accepted / self._made * self._sizes**2 * part
        return distance / distance.sum()

    def _learn(self, kinds, accepted) -> None:
        """Note which kinds of moves were accepted in a round."""
        size = len(self._sizes)
        self._made = MEMORY * self._made + np.bincount(kinds, minlength=size)
        self._accepted = MEMORY * self._accepted + np.bincount(kinds, accepted, size)
        self._accepted = np.maximum(self._accepted, 1e-3)


def _shares(cost, budget: float) -> np.ndarray:
    """Probabilities that are 1 for what is free and fall with the cost, and with which the costs
    sum up to the budget on average."""
    if np.sum(cost) <= budget:
        return np.ones_like(cost)
    low, high = 0.0, budget + np.max(cost)
    for _ in range(40):
        middle = 0.5 * (low + high)
        spent = np.sum(cost * np.minimum(1.0, middle / (cost + FREE)))
        low, high = (middle, high) if spent < budget else (low, middle)
    return np.minimum(1.0, low / (cost + FREE))


def _centre(scores):
    """(mean, standard deviation) of the proposals: those of the prior where the worlds do not
    clearly differ from it."""
    worlds = len(scores)
    mean, sd = scores.mean(axis=0), scores.std(axis=0)
    error = CLEAR / np.sqrt(max(worlds / 4, 1.0))
    centre = np.where(np.abs(mean) > error, mean, 0.0)
    spread = np.where(np.abs(sd - 1.0) > error / np.sqrt(2.0), sd, 1.0)
    return centre, np.clip(spread, NARROWEST, 1.0)


def _against(scores, centre, spread) -> np.ndarray:
    """ln of the density of the prior over that of the proposals, but for a constant."""
    own = ((scores - centre) / spread) ** 2
    return 0.5 * (own - scores**2).sum(axis=1)
