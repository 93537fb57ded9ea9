"""Reading of labelled datasets that a user may have selected, transposed or merged."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.titles import TITLE, usual_title


def attribute(dataset, name: str, what: str):
    """An attribute of a dataset, which some operations of xarray drop; else a Refusal."""
    if name not in dataset.attrs:
        raise Refusal(
            f"{what}: found no attribute {shown(name)}; copy the attributes of the run, as in "
            f"{what}.attrs = run.{what}.attrs, or use xarray.set_options(keep_attrs=True)"
        )
    return dataset.attrs[name]


def labels_of(dataset, dim: str, what: str, named: bool = True) -> tuple[str, ...]:
    """The labels along a dimension, of which a selection may have left one without dimension.

    Parameters
    ----------
    dataset : xarray.Dataset
        The dataset.
    dim : str
        The dimension.
    what : str
        What the dataset is, for the Refusal.
    named : bool
        Whether the labels are names, of which each must occur once; else none are needed.
    """
    there = dim in dataset.coords
    if not there and (named or dim not in dataset.dims):
        raise Refusal(
            f"{what}: found no {shown(dim)}; select with {dim}=[...], and keep the coordinate"
        )
    if not named:
        return ()
    values = np.atleast_1d(dataset.variables[dim].values).ravel()
    labels = tuple(values.tolist() if values.dtype.kind == "U" else map(str, values))
    if len(set(labels)) < len(labels):
        (twice, _), *_ = Counter(labels).most_common(1)
        raise Refusal(f"{what}: {dim} {shown(twice)} is there twice; select one of them")
    return labels


def titles_of(dataset, what: str = "worlds") -> dict[str, str]:
    """How tables and figures write each policy of a dataset of worlds, months or a sweep.

    A policy without a title in the dataset, such as one that `reindex` has added, has the usual
    one: its name with spaces for "_".
    """
    policies = labels_of(dataset, "policy", what)
    written: Sequence = [None] * len(policies)
    if TITLE in dataset.coords:
        coordinate = dataset[TITLE]
        if set(coordinate.dims) <= {"policy"}:
            written = np.atleast_1d(coordinate.values).tolist()
    return {
        name: title if isinstance(title, str) and title else usual_title(name)
        for name, title in zip(policies, written, strict=True)
    }


def located(
    dataset, name: str, at: Mapping[str, str], dims: tuple[str, ...], what: str
) -> np.ndarray:
    """The values of a variable at some labels, over the remaining dimensions in this order.

    A dimension in `dims` may be missing where the dataset has one label of it.

    Raises
    ------
    Refusal
        Where the variable, a label or a dimension is missing, or the variable has another one.
    """
    if name not in dataset:
        raise Refusal(f"{what}: found no variable {shown(name)}; keep it in the dataset")
    variable = dataset.variables[name]  # many are read, and coordinates would be copied with each
    places = {}
    for dim, label in at.items():
        labels = labels_of(dataset, dim, what)
        if label not in labels:
            close = nearest(label, labels)
            near = f"; the nearest is {shown(close)}" if close else ""
            raise Refusal(f"{what}: found no {dim} {shown(label)}{near}")
        if dim in variable.dims:
            places[dim] = labels.index(label)
    values = variable.isel(places)
    needed = tuple(dim for dim in dims if dim in dataset.dims)
    missing = [dim for dim in at if dim in dataset.dims and dim not in variable.dims]
    if set(values.dims) != set(needed) or missing:
        listed, allowed = ", ".join(map(str, variable.dims)), ", ".join((*at, *dims))
        raise Refusal(f"{what}: {name} has the dimensions ({listed}); allowed are ({allowed})")
    return values.transpose(*needed).values
