"""Labelled arrays, as xarray's datasets are, without xarray.

xarray and what it loads, pandas and where it is installed dask, take a third of the time of a
small run.  So a run keeps its results in this form, estimates are made from it and files written;
a dataset is made of it where somebody asks for one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from regimesim.ensemble.netcdf import netcdf

if TYPE_CHECKING:
    import xarray


class Array(NamedTuple):
    """An array with names for its dimensions.

    Attributes
    ----------
    dims : tuple of str
        The names.
    stored : array_like
        Its numbers, in memory or in an open file, where they are read when they are used.
    attrs : dict
        Its attributes.
    """

    dims: tuple[str, ...]
    stored: Any
    attrs: dict

    @property
    def values(self) -> np.ndarray:
        """The numbers, in memory."""
        return np.asarray(self.stored)

    def isel(self, places: Mapping[str, int]) -> "Array":
        """The array at a place of some of its dimensions."""
        at = tuple(places.get(dim, slice(None)) for dim in self.dims)
        left = tuple(dim for dim in self.dims if dim not in places)
        return Array(left, self.stored[at], self.attrs)

    def transpose(self, *dims: str) -> "Array":
        """The array with its dimensions in this order."""
        axes = [self.dims.index(dim) for dim in dims]
        return Array(dims, self.values.transpose(axes), self.attrs)


class Labelled:
    """Arrays that share dimensions, and the labels along these.

    It has what `present_worlds` and `present_months` use of a dataset.  Absent numbers are as
    they are stored.

    Parameters
    ----------
    variables, coordinates : mapping
        By name (dims, array, attributes), as `xarray.Dataset` takes them; the labels along a
        dimension are a coordinate of its name, for which an array alone is enough.
    attrs : dict
        The attributes.
    """

    def __init__(self, variables: Mapping, coordinates: Mapping, attrs: dict):
        self._made_of = variables, coordinates, attrs
        self.data_vars = {name: _array(name, content) for name, content in variables.items()}
        self.coords = {name: _array(name, content) for name, content in coordinates.items()}
        self.variables = {**self.data_vars, **self.coords}
        self.attrs = attrs
        self.dims = tuple(dict.fromkeys(d for one in self.variables.values() for d in one.dims))

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def __getitem__(self, name: str) -> Array:
        return self.variables[name]

    def dataset(self) -> "xarray.Dataset":
        """The dataset; absent numbers are NaN."""
        import xarray

        made = xarray.Dataset(*self._made_of)
        if not any("_FillValue" in array.attrs for array in self.data_vars.values()):
            return made
        return xarray.decode_cf(made, decode_times=False, decode_timedelta=False)

    def write(self, path: Path, grows: str | None = None) -> None:
        """Write a new file as `xarray.Dataset.to_netcdf` does; raises OSError where that fails.

        `grows` is a dimension that may grow later.
        """
        import h5py

        about, alone = self._auxiliary()
        with netcdf(path, new=True) as (file, _):
            file.attrs.update(self.attrs | alone)
            for dim in sorted(self.dims, key=lambda one: one != grows):
                size = len(self.coords[dim].stored)
                file.dimensions[dim] = None if dim == grows else size
                if dim == grows:
                    file.resize_dimension(dim, size)
            for name, array in self.variables.items():
                values, fill = array.values, {}
                kind = values.dtype
                if kind.kind == "U":
                    values, kind = values.astype(object), h5py.string_dtype()
                elif kind == np.float64:
                    fill = {"fillvalue": np.nan}
                made = file.create_variable(name, array.dims, kind, **fill)
                made.attrs.update(array.attrs | about.get(name, {}))
                made[...] = values

    def _auxiliary(self) -> tuple[dict, dict]:
        """How a file names the coordinates that are no labels along a dimension: by an attribute
        of each variable that has their dimensions, and by one of the file for the others."""
        left = [name for name in sorted(self.coords) if name not in self.dims]
        about, alone = {}, set(left)
        for name, array in self.data_vars.items():
            own = [one for one in left if set(self.coords[one].dims) <= set(array.dims)]
            about[name] = _named(own)
            alone -= set(own)
        return about, _named(sorted(alone))


def _named(coordinates) -> dict:
    return {"coordinates": " ".join(coordinates)} if coordinates else {}


def _array(name, content) -> Array:
    if not isinstance(content, tuple):
        return Array((name,), np.asarray(content), {})
    dims, stored, *attrs = content
    dims = (dims,) if isinstance(dims, str) else tuple(dims)
    stored = np.asarray(stored) if isinstance(stored, list) else stored
    return Array(dims, stored, attrs[0] if attrs else {})
