"""The dataset of a sweep in one form, whatever was selected of it: for figures.

Points without results are NaN, and figures show them as such.
"""

from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.labels import attribute, labels_of
from regimesim.analysis.outcome import OUTCOMES
from regimesim.errors import Refusal, shown
from regimesim.scenario.titles import TITLE

if TYPE_CHECKING:
    import xarray

POINT, POLICY = "point", "policy"
NO_AXES = (POINT, POLICY, TITLE)  # coordinates that are none
ENDS = ("", "_low", "_high")
NEEDED = ("scenario", "worlds", "seed", "months", "start")


def axes_of(sweep: "xarray.Dataset") -> list[str]:
    """The keys of the axes along which a sweep still varies."""
    return [str(key) for key in sweep.coords if key not in NO_AXES and sweep[key].ndim]


def fixed_axes(sweep: "xarray.Dataset") -> dict[str, object]:
    """The values of the axes of which one value was selected, by key."""
    keys = (key for key in sweep.coords if key not in NO_AXES and not sweep[key].ndim)
    return {str(key): sweep[key].item() for key in keys}


def present_sweep(sweep: "xarray.Dataset") -> "xarray.Dataset":
    """The dataset of a sweep, checked, with a dimension of policies.

    Parameters
    ----------
    sweep : xarray.Dataset
        The dataset of a sweep, or any selection, mask, concatenation or merger of it.

    Returns
    -------
    xarray.Dataset
        With the outcomes that it has, over its axes (or its points) and its policies.

    Raises
    ------
    Refusal
        Where an attribute, a coordinate or the end of an interval is missing, where a label is
        there twice, and where a variable has another dimension.
    """
    labels_of(sweep, POLICY, "sweep")
    for name in NEEDED:
        attribute(sweep, name, "sweep")
    sweep = sweep if POLICY in sweep.dims else sweep.expand_dims(POLICY)
    axes = axes_of(sweep)
    points = (POINT,) if POINT in sweep.dims else tuple(axes)
    for key in points:
        labels_of(sweep, key, "sweep")
        if not sweep.sizes[key]:
            raise Refusal(f"sweep: found no value of {key}; select at least one")
    for key in axes:
        if (dims := sweep[key].dims) not in ((key,), (POINT,)):
            raise Refusal(
                f"sweep: {key} has the dimensions ({', '.join(map(str, dims))}); allowed is one "
                "of its own, or that of the points"
            )
        if sweep[key].dtype.kind == "f" and np.isnan(sweep[key].values).any():
            raise Refusal(f"sweep: {key} has no value at some points; leave these points out")
    _check_outcomes(sweep, {*points, POLICY})
    return sweep


def _check_outcomes(sweep, dims):
    """Refuse an outcome without its interval, and one with too many or too few dimensions."""
    for name in (name for name in OUTCOMES if name in sweep.data_vars):
        for end in ENDS:
            if (one := f"{name}{end}") not in sweep:
                raise Refusal(f"sweep: found {shown(name)} without {shown(one)}; keep both")
            if set(sweep[one].dims) != dims:
                listed, allowed = (", ".join(sorted(map(str, d))) for d in (sweep[one].dims, dims))
                raise Refusal(
                    f"sweep: {one} has the dimensions ({listed}); allowed are ({allowed})"
                )
