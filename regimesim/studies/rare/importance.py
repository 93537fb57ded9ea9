"""The importance of a world: in proportion to what it is expected to lose still.

Any importance leaves the estimates unbiased.  The variance is least where it is near to what a
world will still add to the estimate.  That is fitted to pilots: after each stage its logarithm
is a polynomial of what `look` sees.  The fits go backwards from the last stage.  They are
quasi-likelihood fits in which the variance is proportional to the mean, and each world counts
with its weight.
"""

import numpy as np

from regimesim.model.dynamics.anticipation import CHANCES
from regimesim.studies.rare.splitting import GroupResult, StageRecord

SQUARED = 4  # so many of the first of SIGHTS also enter with their squares
RIDGE = 1e-2
STEPS = 30
WIDEST = 50.0  # range of the logarithm of an importance
TRUST = 0.7  # power of a fitted importance: below 1, as the fit may be wrong


class Exploring:
    """An importance before anything is known: a power of what a month would lose if all systems
    tried, of which each counts the less, the worse a try would end for it (`near`)."""

    def __init__(self, power: float):
        self.power = power

    def __call__(self, stage, sights, weights):
        near = sights[:, 0] - sights[weights > 0.0, 0].max()
        return np.exp(np.clip(self.power * near, -WIDEST, 0.0))


class Learnt:
    """An importance fitted to the stages of pilots."""

    def __init__(self, pilots: list[GroupResult]):
        by_stage: dict[int, list[StageRecord]] = {}
        for pilot in pilots:
            for record in pilot.stages:
                by_stage.setdefault(record.stage, []).append(record)
        total = np.sum([pilot.chances for pilot in pilots], axis=0)
        self.scale = np.divide(1.0, total, out=np.zeros(CHANCES), where=total > 0.0)
        self.fits: dict[int, Fit] = {}
        for stage in sorted(by_stage, reverse=True):
            if stage == 0:
                break
            self.fits[stage - 1] = self._fit(stage, by_stage[stage])

    def _fit(self, stage, records):
        """What worlds at the beginning of a stage will add, fitted to what they did in it."""
        sights, sights_after, weights, weights_after = (
            np.concatenate([getattr(record, name) for record in records])
            for name in ("sights", "sights_after", "weights", "weights_after")
        )
        losses = np.concatenate([record.losses for record in records], axis=-1)
        added = self.scale @ losses + weights_after * self._expected(stage, sights_after)
        some = weights > 0.0
        return Fit(sights[some], added[some] / weights[some], weights[some])

    def _expected(self, stage, sights):
        return self.fits[stage](sights) if stage in self.fits else np.zeros(len(sights))

    def __call__(self, stage, sights, weights):
        return np.maximum(self._expected(stage, sights), 1e-300) ** TRUST


class Fit:
    """The exponential of a polynomial, fitted to values of at least 0."""

    def __init__(self, sights, values, weights):
        self.low, self.high = sights.min(axis=0), sights.max(axis=0)
        self.middle = np.average(sights, axis=0, weights=weights)
        self.spread = np.maximum(sights.std(axis=0), 1e-6)
        self.moved = np.flatnonzero(self.high - self.low > 1e-6)
        mean = np.average(values, weights=weights)
        terms = self._terms(sights)
        self.coefficients = np.zeros(terms.shape[1])
        self.coefficients[0] = np.log(mean) if mean > 0.0 else -np.inf
        if mean > 0.0:
            self._improve(terms, values / mean, weights / weights.sum(), np.log(mean))

    def _terms(self, sights):
        seen = np.clip(sights, self.low, self.high)
        scaled = ((seen - self.middle) / self.spread)[:, self.moved]
        squares = scaled[:, self.moved < SQUARED] ** 2
        return np.column_stack([np.ones(len(sights)), scaled, squares])

    def _improve(self, terms, values, weights, level):
        """Newton's method; a step is halved while it increases the loss."""
        penalty = RIDGE * np.diag(np.r_[0.0, np.ones(terms.shape[1] - 1)]) / len(values) ** 0.5
        at = np.zeros(terms.shape[1])

        def loss(at):
            log_mean = np.clip(terms @ at, -WIDEST, WIDEST)
            return weights @ (np.exp(log_mean) - values * log_mean) + at @ penalty @ at / 2

        now = loss(at)
        for _ in range(STEPS):
            mean = np.exp(np.clip(terms @ at, -WIDEST, WIDEST))
            slope = terms.T @ (weights * (mean - values)) + penalty @ at
            bend = (terms.T * (weights * mean)) @ terms + penalty
            step = np.linalg.lstsq(bend, slope, rcond=None)[0]
            size = 1.0
            while size > 1e-4 and loss(at - size * step) > now:
                size /= 2
            after = loss(at - size * step)
            if not after < now:
                break
            gain, now, at = now - after, after, at - size * step
            if gain < 1e-9:
                break
        self.coefficients = at
        self.coefficients[0] += level

    def __call__(self, sights):
        with np.errstate(invalid="ignore"):
            return np.exp(np.clip(self._terms(sights) @ self.coefficients, -700.0, WIDEST))
