"""Draws of worlds that a study has moved: uniforms of drawn assumptions, and luck.

All assumptions of a world follow from uniforms on (0, 1), and everything else from its number.  So
a world is a point of a cube and a number, and its prior is uniform over both, whatever the
distributions of the scenario are.
"""

from typing import NamedTuple

import numpy as np

from regimesim.ensemble.parameter_sampling import Keyed, draw_parameters
from regimesim.scenario import Scenario
from regimesim.scenario.parameters import drawable

JOINT = "draws."  # how the names of draws of rows of a table begin

Coordinate = tuple[str, int]


class Draws(NamedTuple):
    """The draws of several worlds.

    Attributes
    ----------
    numbers : ndarray of int64, shape (worlds,)
        The number of each world, from which all its luck follows; several may have the same.
    cube : ndarray, shape (worlds, coordinates)
        The uniforms of its drawn assumptions.
    coordinates : tuple of (str, int)
        The name of the draw of each column of `cube`, and which of its two uniforms it is.
    """

    numbers: np.ndarray
    cube: np.ndarray
    coordinates: tuple[Coordinate, ...]

    def uniforms(self, share):
        """The uniforms of the worlds `share.first` to `share.last` (exclusive), by name."""
        return self.some(slice(share.first, share.last)).unit

    def some(self, chosen) -> "Draws":
        """The draws of the chosen worlds: a slice, or their places."""
        return Draws(self.numbers[chosen], self.cube[chosen], self.coordinates)

    def unit(self, name: str) -> np.ndarray:
        """The two uniforms of a draw, (worlds, 2); ½ where nothing uses one."""
        units = np.full((len(self.numbers), 2), 0.5)
        for column, (own, word) in enumerate(self.coordinates):
            if own == name:
                units[:, word] = self.cube[:, column]
        return units


def coordinates_of(scenario: Scenario) -> tuple[Coordinate, ...]:
    """What the policies of a scenario draw: the coordinates of its cube.

    A parameter, and a row of a table, is drawn with one uniform, and anything else, such as the
    growth that was fitted to measurements, with two.
    """
    one = np.zeros(1, np.int64)
    keyed, names = Keyed(one, one), dict[str, None]()

    def noting(name):
        names[name] = None
        return keyed(name)

    for tables in scenario.policies.values():
        draw_parameters(tables, scenario.start, one, one, noting)
    return tuple(
        (name, word)
        for name in names
        for word in range(1 if name in drawable() or name.startswith(JOINT) else 2)
    )


def own_draws(scenario: Scenario, worlds: int | None = None) -> Draws:
    """The draws that the first worlds of a scenario have in a run."""
    numbers = np.arange(scenario.worlds if worlds is None else worlds, dtype=np.int64)
    keyed = Keyed(np.full(len(numbers), scenario.seed, np.int64), numbers)
    coordinates = coordinates_of(scenario)
    columns = [keyed(name)[:, word] for name, word in coordinates]
    cube = np.stack(columns, axis=1) if columns else np.empty((len(numbers), 0))
    return Draws(numbers, cube, coordinates)
