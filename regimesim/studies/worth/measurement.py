"""Measurements of a parameter that could be made before the choice, and what they would show.

- "takeover.difficulty +- 1": the parameter with a normal error of this standard deviation;
- "oversight.recognition: 300 trials": how many of so many trials succeed, where the parameter is
  the probability that one does;
- "oversight.control.auroc: 300 trajectories": the area under the curve of a monitor, measured on
  so many trajectories, one half of which are attacks (error by Hanley and McNeil 1982).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from regimesim.analysis.likelihoods import caught, measured_area
from regimesim.ensemble.quantiles import standard_normal
from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.parameters import drawable
from regimesim.studies.worth.observation import Shown, luck

ERROR, TRIALS, TRAJECTORIES = "error", "trials", "trajectories"
MOST = 10_000_000  # trials
ABOUT = {
    ERROR: "the parameter, with a normal error of this standard deviation",
    TRIALS: "how many succeed, each with this probability",
    TRAJECTORIES: "the area, half of the trajectories attacks",
}


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

    @property
    def about(self) -> str:
        """What is measured, in words."""
        return ABOUT[self.kind]

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
        uniform = luck(self.text, seed, numbers)
        if self.kind == TRIALS:
            return caught.simulated(int(self.size), values, uniform)
        if self.kind == ERROR:
            return values + self.size * standard_normal(uniform)
        return measured_area.simulated(values, self.size, uniform)


def of_parameter(
    text: str,
    key: str,
    drawn: Iterable[str],
    error: str | None = None,
    number: str = "",
    noun: str = "",
) -> Measurement:
    """The measurement of a parameter: with an `error`, or by a `number` of trials or trajectories,
    as they were written.  Raises Refusal."""
    names = list(drawn)
    if key not in names:
        unknown = key not in drawable()
        what = "there is no such parameter" if unknown else "no policy here draws it"
        raise Refusal(f"{what}; the nearest that is drawn is '{nearest(key, names)}'")
    if error is not None:
        return Measurement(text, key, ERROR, error_of(error))
    if noun.startswith("trajector"):
        if not key.endswith(".auroc"):
            raise Refusal("trajectories measure the auroc of a monitor; allowed are trials or +-")
        return Measurement(text, key, TRAJECTORIES, float(count_of(number, TRAJECTORIES, 4)))
    quantity = drawable()[key].quantity
    if not (0.0 <= quantity.low and quantity.high <= 1.0):
        raise Refusal(f"trials measure a probability; its range is {quantity.range}")
    return Measurement(text, key, TRIALS, float(count_of(number, TRIALS, 1)))


def count_of(written: str, noun: str, least: int, most: int = MOST) -> int:
    """A whole number as it is written, of at least `least`.  Raises Refusal."""
    number = int(re.sub("[_,]", "", written))
    if not least <= number <= most:
        raise Refusal(f"found {number} {noun}; allowed are {least} to {most:,}")
    return number


def error_of(written: str) -> float:
    """A standard error as it is written.  Raises Refusal."""
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
) -> dict[str, Shown]:
    """What each measurement shows in each world, by its text."""
    there = np.ones(len(numbers), bool)
    return {
        one.text: Shown(one.data(drawn[one.key], seed, numbers), there) for one in measurements
    }
