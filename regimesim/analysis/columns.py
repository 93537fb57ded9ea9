"""Rows of the outcomes of a batch of worlds, as those of a dataset are read."""

import numpy as np

from regimesim.analysis.present_worlds import CROSSINGS, Rows
from regimesim.ensemble.datasets import ABSENT


def rows_in(outcomes: np.ndarray, months: int) -> Rows:
    """The rows of (worlds,) OUTCOME, of a run of `months`."""

    def read(name):
        if name in CROSSINGS:
            column = outcomes["crossing"][:, CROSSINGS.index(name)]
        else:
            column = outcomes[name]
        if column.dtype.kind == "f":
            return np.ascontiguousarray(column)
        return np.where(column == ABSENT, np.nan, column)

    return Rows(read, lambda: months)
