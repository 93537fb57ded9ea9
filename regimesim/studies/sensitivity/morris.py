"""Elementary effects (Morris screening): which parameters matter at all, from few points.

A trajectory begins at a random point and changes one parameter after the other, each once;
what a change does to the outcome, divided by its length, is an elementary effect (Morris
1991).  The mean of its size over trajectories, mu*, ranks parameters (Campolongo, Cariboni
and Saltelli 2007); the standard deviation, sigma, is large where the effect depends on the
other parameters or on where it is measured.

Points are uniforms on (0, 1), a number a parameter, to be turned into values by quantiles.
The levels are the middles of equal parts, as the ends of many distributions lie far out.
"""

import numpy as np

from regimesim.analysis.estimates import Estimate, mean, present

LEVELS = 4  # places of a parameter; a step leads over half of them


def trajectories(count: int, parameters: int, seed: int) -> np.ndarray:
    """The points of `count` trajectories: (count, parameters + 1, parameters)."""
    rng = np.random.default_rng(seed)
    begin = rng.integers(0, LEVELS, (count, parameters))
    end = (begin + LEVELS // 2) % LEVELS  # up from the lower half, down from the upper
    turn = rng.permuted(np.tile(np.arange(parameters), (count, 1)), axis=1)
    moved = np.arange(parameters + 1)[None, :, None] > turn[:, None, :]
    return (np.where(moved, end[:, None], begin[:, None]) + 0.5) / LEVELS


def steps(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each trajectory and parameter the number of the point before its change:
    (count, parameters), and the length of that change."""
    change = np.diff(points, axis=1)
    before = np.argmax(change != 0, axis=1)
    return before, np.take_along_axis(change, before[:, None], axis=1)[:, 0]


def effects(points: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Elementary effects: (count, parameters), NaN where the outcome is missing on either side.

    points: of `trajectories` · outcome: (count, parameters + 1).  They are per whole range:
    a linear function's are its slopes times the range of each parameter.
    """
    before, length = steps(points)
    change = np.diff(outcome, axis=1)
    return np.take_along_axis(change, before, axis=1) / length


def mu_star(each: np.ndarray) -> Estimate:
    """The mean size of one parameter's elementary effects, with Student's interval."""
    return mean(np.abs(each), within=(0.0, np.inf))


def sigma(each: np.ndarray) -> float | None:
    """The standard deviation of one parameter's elementary effects; None for fewer than two."""
    each = present(each)
    return float(each.std(ddof=1)) if each.size > 1 else None
