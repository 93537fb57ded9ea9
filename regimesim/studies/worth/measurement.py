"""Measurements that could be made before the choice, and what each world would show in them.

A measurement is written in one of three ways:

- "takeover.difficulty +- 1": the parameter with a normal error of this standard deviation;
- "oversight.recognition: 300 trials": how many of so many trials succeed, where the parameter is
  the probability that one does;
- "oversight.control.auroc: 300 trajectories": the area under the curve of a monitor, measured on
  so many trajectories, one half of which are attacks (error by Hanley and McNeil 1982).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from regimesim.ensemble.parameter_sampling import units
from regimesim.ensemble.quantiles import standard_normal
from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.parameters import drawable

ERROR, TRIALS, TRAJECTORIES = "error", "trials", "trajectories"
WRITTEN = re.compile(
    r"\s*(?P<key>[\w .]+?)\s*(?:(?:\+-|±)\s*(?P<error>[0-9.eE+-]+)"
    r"|:\s*(?P<number>[0-9_,]+)\s*(?P<what>trials?|trajectories))\s*"
)
EXAMPLES = (
    '"takeover.difficulty +- 1", "oversight.recognition: 300 trials" or '
    '"oversight.control.auroc: 300 trajectories"'
)
MOST = 10_000_000  # trials


@dataclass(frozen=True)
class Measurement:
    """A measurement of the parameter `key`, as written in `text`.

    `kind` is one of `ERROR`, `TRIALS`, `TRAJECTORIES`; `size` is the standard deviation, or the
    number.
    """

    text: str
    key: str
    kind: str
    size: float

    def data(self, values: np.ndarray, seed: int, numbers: np.ndarray) -> np.ndarray:
        """What the measurement shows in each world (worlds,).

        Its luck is keyed by the seed, the world and the text, like every other draw.

        Parameters
        ----------
        values : ndarray, shape (worlds,)
            The parameter in each world.
        seed : int
            The seed of the run.
        numbers : ndarray of int64, shape (worlds,)
            The number of each world.
        """
        seeds = np.full(len(numbers), seed, np.int64)
        key = crc32(f"measure.{self.text}".encode())
        uniform = units(seeds, np.asarray(numbers, np.int64), key)[:, 0]
        if self.kind == TRIALS:
            from scipy.stats import binom

            return binom.ppf(uniform, int(self.size), values)
        error = self.size if self.kind == ERROR else area_error(values, self.size)
        return values + error * standard_normal(uniform)


def area_error(area: np.ndarray, trajectories: float) -> np.ndarray:
    """The standard error of a measured area under the curve.

    Parameters
    ----------
    area : ndarray
        The true areas.
    trajectories : float
        Their number, one half of them attacks.

    References
    ----------
    Hanley and McNeil (1982), Radiology 143, 29-36.
    """
    n = trajectories / 2.0
    of_attacks, of_others = area / (2.0 - area), 2.0 * area**2 / (1.0 + area)
    both = of_attacks + of_others - 2.0 * area**2
    return np.sqrt(np.maximum(area * (1.0 - area) + (n - 1.0) * both, 0.0)) / n


def read_measurements(texts: Iterable[str], drawn: Iterable[str]) -> tuple[Measurement, ...]:
    """The measurements that texts stand for, of parameters that are `drawn`.

    Raises Refusal with a sentence for each that cannot be made.
    """
    names, made, lines = list(drawn), [], []
    for text in [texts] if isinstance(texts, str) else list(texts):
        try:
            made.append(_read(text, names))
        except Refusal as refusal:
            lines += [f"--measure {shown(text)}: {line}" for line in refusal.lines]
    if lines:
        raise Refusal(lines)
    return tuple(dict.fromkeys(made))


def _read(text, drawn: list[str]) -> Measurement:
    parts = WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if not parts:
        raise Refusal(f"cannot be read; allowed is {EXAMPLES}")
    key = parts["key"]
    if key not in drawn:
        unknown = key not in drawable()
        what = "there is no such parameter" if unknown else "no policy here draws it"
        raise Refusal(f"{what}; the nearest that is drawn is '{nearest(key, drawn)}'")
    if parts["error"]:
        return Measurement(text, key, ERROR, _error(parts["error"]))
    number = int(re.sub("[_,]", "", parts["number"]) or 0)
    if parts["what"] == TRAJECTORIES:
        if not key.endswith(".auroc"):
            raise Refusal("trajectories measure the auroc of a monitor; allowed are trials or +-")
        if not 4 <= number <= MOST:
            raise Refusal(f"found {number} trajectories; allowed are 4 to {MOST:,}")
        return Measurement(text, key, TRAJECTORIES, float(number))
    quantity = drawable()[key].quantity
    if not (0.0 <= quantity.low and quantity.high <= 1.0):
        raise Refusal(f"trials measure a probability; its range is {quantity.range}")
    if not 1 <= number <= MOST:
        raise Refusal(f"found {number} trials; allowed are 1 to {MOST:,}")
    return Measurement(text, key, TRIALS, float(number))


def _error(written: str) -> float:
    try:
        error = float(written)
    except ValueError:
        error = float("nan")
    if not 0.0 < error < 1e9:
        raise Refusal(f"+-: found {shown(written)}; allowed is a number above 0")
    return error


def measured(
    measurements: Iterable[Measurement],
    drawn: Mapping[str, np.ndarray],
    seed: int,
    numbers: np.ndarray,
) -> dict[str, np.ndarray]:
    """What each measurement shows in each world, by its text."""
    return {one.text: one.data(drawn[one.key], seed, numbers) for one in measurements}
