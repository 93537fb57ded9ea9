"""What a life is worth copying for: what is still to be expected of it, learnt from pilots.

Any worth leaves the estimates unbiased.  The best is near what a life will still add, so
that is fitted: after each stage the logarithm of it is a polynomial of what `look` sees,
found backwards from the last stage, by a quasi-likelihood in which the variance is in
proportion to the mean, each life with its weight.
"""

import numpy as np

from regimesim.model.dynamics.anticipation import CHANCES
from regimesim.studies.rare.splitting import Found, Stretch

SQUARED = 4  # the first of SIGHTS also count with their squares
RIDGE = 1e-2
STEPS = 30
WIDEST = 50.0  # of the logarithm of a worth
TRUST = 0.7  # power of a learnt worth: below 1, as it may look the wrong way


class Exploring:
    """Worth as guessed before anything is known: what a month would lose if all tried, each
    the less the worse it would fare (`near`), to some power."""

    def __init__(self, power: float):
        self.power = power

    def __call__(self, stage, sights, weights):
        near = sights[:, 0] - sights[weights > 0.0, 0].max()
        return np.exp(np.clip(self.power * near, -WIDEST, 0.0))


class Learnt:
    """Worth as fitted to the stretches of pilots that were kept."""

    def __init__(self, found: list[Found]):
        by_stage: dict[int, list[Stretch]] = {}
        for one in found:
            for stretch in one.stretches:
                by_stage.setdefault(stretch.stage, []).append(stretch)
        total = np.sum([one.chances for one in found], axis=0)
        self.scale = np.divide(1.0, total, out=np.zeros(CHANCES), where=total > 0.0)
        self.fits: dict[int, Fit] = {}
        for stage in sorted(by_stage, reverse=True):
            if stage == 0:
                break
            self.fits[stage - 1] = self._fit(stage, by_stage[stage])

    def _fit(self, stage, stretches):
        """What lives at the beginning of a stage will add, from what they did in it."""
        sights, later, weights, kept, left = (
            np.concatenate(
                [getattr(one, name) for one in stretches], axis=-1 if name == "left" else 0
            )
            for name in ("sights", "later", "weights", "kept", "left")
        )
        added = self.scale @ left + kept * self._worth(stage, later)
        some = weights > 0.0
        return Fit(sights[some], added[some] / weights[some], weights[some])

    def _worth(self, stage, sights):
        return self.fits[stage](sights) if stage in self.fits else np.zeros(len(sights))

    def __call__(self, stage, sights, weights):
        return np.maximum(self._worth(stage, sights), 1e-300) ** TRUST


class Fit:
    """exp(polynomial), fitted to values >= 0."""

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
        """Newton's steps, halved where they lead away."""
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
