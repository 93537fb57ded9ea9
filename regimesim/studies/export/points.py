"""The points of a saved sweep in one column per axis, with one array per outcome and policy."""

import json
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.labels import attribute, labels_of
from regimesim.analysis.outcome import OUTCOMES
from regimesim.analysis.present_sweep import POINT, POLICY, present_sweep

if TYPE_CHECKING:
    import xarray


class Points:
    """A sweep as rows, in the order of its points.csv.

    Parameters
    ----------
    sweep : xarray.Dataset
        The open dataset of a sweep.

    Attributes
    ----------
    columns : dict
        The value of each axis at each point, by key: arrays (points,).
    policies, outcomes : tuple of str
        Their names.
    design : str
        The kind of the design, such as "grid".
    failed : int
        The number of points that could not be run.
    """

    def __init__(self, sweep: "xarray.Dataset"):
        self._sweep = present_sweep(sweep)
        axes = json.loads(attribute(sweep, "axes", "sweep"))
        scattered = POINT in sweep.dims
        self._dims = (POINT,) if scattered else tuple(axes)
        values = [sweep[key].values for key in axes]
        if not scattered:
            places = np.indices([len(levels) for levels in values]).reshape(len(axes), -1)
            values = [levels[place] for levels, place in zip(values, places, strict=True)]
        self.columns = dict(zip(axes, values, strict=True))
        self.policies = labels_of(self._sweep, POLICY, "sweep")
        self.outcomes = tuple(name for name in OUTCOMES if name in sweep.data_vars)
        self.design = str(attribute(sweep, "design", "sweep"))
        self.failed = int((sweep["error"].values != "").sum())

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def values(self, outcome: str, policy: str) -> np.ndarray:
        """An outcome under a policy at each point: (points,), NaN where it does not exist."""
        chosen = self._sweep[outcome].sel({POLICY: policy})
        return np.asarray(chosen.transpose(*self._dims).values, np.float64).ravel()
