"""The parameters of the same worlds at many points, of which only what differs is made again.

The points of a sweep differ in the values of its axes.  Everything else, such as what an uncertain
parameter is in each world, is the same numbers at every point.
"""

from itertools import accumulate

import numpy as np

from regimesim.ensemble.copula import correlated
from regimesim.ensemble.parameter_sampling import (
    Keyed,
    draw_number,
    draw_parameters,
    event_numbers,
    numbers_in,
)
from regimesim.scenario.monitor_numbers import measured_together
from regimesim.scenario.parameters import Tables, groups


class SameWorlds:
    """The parameters of some worlds under one policy after another.

    Parameters
    ----------
    start : str
        "YYYY-MM", the month at which a fitted capability is evaluated.
    seeds, numbers : ndarray of int64, shape (worlds,)
        The seed and the number of each world.
    """

    def __init__(self, start: str, seeds: np.ndarray, numbers: np.ndarray):
        self._start, self._uniforms = start, Keyed(seeds, numbers)
        self._first: Tables | None = None

    def draw(self, tables: Tables) -> np.ndarray:
        """Every parameter in every world, the same bits as of `draw_parameters`: (worlds,
        parameters)."""
        if self._first is None or _pairs(tables) != _pairs(self._first):
            return self._draw_first(tables)
        drawn = self._drawn.copy()
        for place, (group, table) in enumerate(groups(tables)):
            if group is not self._groups[place]:
                self._draw_group(drawn, group, table, place)
        if tables.events is not self._first.events:
            drawn[:, self._ends[-1] :] = event_numbers(tables, self._start)
        return drawn

    def _draw_first(self, tables):
        """Draw everything, and keep it to compare later policies with."""
        self._first, self._groups = tables, [group for group, _ in groups(tables)]
        self._numbers = [numbers_in(group, table) for group, table in groups(tables)]
        self._ends = list(accumulate(map(len, self._numbers), initial=0))
        self._together = correlated(_pairs(tables), lambda name: self._uniforms(name)[:, 0])
        self._drawn = draw_parameters(tables, self._start, *self._uniforms)
        return self._drawn.copy()

    def _draw_group(self, drawn, group, table, place):
        """Replace the columns of a table in which it differs from the first one."""
        column = self._ends[place]
        for number, known in zip(numbers_in(group, table), self._numbers[place], strict=True):
            value = number[1]
            if isinstance(value, float):
                drawn[:, column] = value
            elif not _same(value, known[1]):
                drawn[:, column] = draw_number(number, self._start, self._uniforms, self._together)
            column += 1


def _pairs(tables):
    """What a policy draws together."""
    return (*tables.correlations, *measured_together(tables))


def _same(one, other) -> bool:
    """Whether two values are drawn as the same bits: equal numbers may differ in the sign of a
    zero, which their words show."""
    return one is other or (one == other and repr(one) == repr(other))
