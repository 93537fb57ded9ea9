"""The result of a sweep: a labelled dataset of every estimate at every point.

Points are computed and written in slabs, so the memory does not grow with their number.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.estimand_table import ESTIMANDS, UNITS
from regimesim.analysis.survival import QUANTILES
from regimesim.analysis.tally import Many, Tally
from regimesim.ensemble import netcdf
from regimesim.ensemble.datasets import Variable, attributes, titles
from regimesim.ensemble.memory import check_memory
from regimesim.model.world.records import THRESHOLDS
from regimesim.scenario import Scenario
from regimesim.scenario.titles import TITLE
from regimesim.sweeps.designs import Design

if TYPE_CHECKING:
    import xarray

SLAB = 1024  # tallies in memory at once: at most about 60 MB
ERROR = "error"
ENDS = {"": "", "_low": "lower end of the 95 % interval: ", "_high": "upper end of the same: "}
EFFECTIVE_WORLDS = "plain worlds that each world is worth by integration (NaN by counts): "
BY = {"p10": "a tenth", "median": "half", "p90": "nine tenths"}

TalliesOf = Callable[[int], Mapping[str, Tally | bytes] | str]


class Slab(NamedTuple):
    """Points `first` to `last` (not included), and their place in an array of all points."""

    first: int
    last: int
    place: tuple


def dataset(
    scenario: Scenario, design: Design, worlds: int, tallies_of: TalliesOf, independent=False
) -> "xarray.Dataset":
    """Every estimate at every point: dims of the design × policy, with intervals, units and
    words.

    worlds: the number at every point · tallies_of: maps the number of a point to the tally
    (packed or not) of each policy, or to the reason why it has none; a policy without a tally
    has NaN there · independent: whether each point has worlds of its own.
    """
    import xarray

    about = f"{scenario.source}: {len(design):,} points under {len(design.policies)} policies"
    check_memory(about, bytes_of(design), "lower the points")
    store = {v.name: np.empty(_shape(v, design), _type(v)) for v in variables(design)}
    _fill(store, design, tallies_of)
    return xarray.Dataset(
        {v.name: (v.dims, store[v.name], v.attrs) for v in variables(design)},
        _coordinates(scenario, design),
        _attributes(scenario, design, worlds, independent),
    )


def write_dataset(
    path: Path,
    scenario: Scenario,
    design: Design,
    worlds: int,
    tallies_of: TalliesOf,
    independent=False,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Write the same dataset to a NetCDF file, slab by slab.

    progress: called with the number of points that have just been written.
    """
    import xarray

    about = _attributes(scenario, design, worlds, independent)
    netcdf.write_dataset(path, xarray.Dataset({}, _coordinates(scenario, design), about))
    first = next(slabs(design))
    with netcdf.hdf5(path) as (file, check):
        scales, store = {dim: file[dim] for dim in (*design.dims, "policy")}, {}
        for v in variables(design):
            how = {"dtype": _type(v), "chunks": _chunks(v, design, first)}
            dims = [scales[dim] for dim in v.dims]
            store[v.name] = netcdf.create_variable(file, v.name, dims, v.attrs, **how)
        _fill(store, design, tallies_of, progress, check)


def bytes_of(design: Design) -> int:
    """The size of all estimates at all points."""
    return sum(8 * prod(_shape(v, design)) for v in variables(design))


def variables(design: Design) -> Iterator[Variable]:
    """The variables of the dataset."""
    points = tuple(design.dims)
    here = (*points, "policy")
    for name, words in ESTIMANDS.items():
        unit = UNITS[name]
        yield from _with_ends(name, here, unit, words)
        yield Variable(f"{name}_n", here, "i4", "worlds", f"worlds that count in: {words}")
        yield Variable(f"{name}_worth", here, "f8", "1", EFFECTIVE_WORLDS + words)
        yield from _with_ends(f"{name}_counted", here, unit, f"by counts: {words}")
    for threshold in THRESHOLDS:
        name, crossed = threshold.name, f"share of worlds in which, by the end, {threshold.words}"
        yield from _with_ends(f"{name}_crossed", here, "1", crossed)
        for quantile in QUANTILES:
            words = f"month by which {threshold.words}, in {BY[quantile]} of all worlds"
            later = f"{words} (NaN where that is later than the end)"
            yield from _with_ends(f"{name}_{quantile}", here, "months", later)
    yield Variable(ERROR, points, "str", "", "why the point could not be run; empty where it was")


def _with_ends(name, dims, unit, words):
    for end, before in ENDS.items():
        yield Variable(f"{name}{end}", dims, "f8", unit, before + words)


def slabs(design: Design, most: int | None = None) -> Iterator[Slab]:
    """The points of a design, in order, in blocks of at most `most` points of its grid."""
    most = most or max(SLAB // len(design.policies), 1)
    sizes = tuple(design.dims.values())
    if not sizes:
        yield Slab(0, 1, ())
        return
    # Split the first dimension of which at least one whole step fits into a slab.
    split = next(k for k in range(len(sizes)) if prod(sizes[k + 1 :]) <= most)
    step = prod(sizes[split + 1 :])
    ahead = max(most // step, 1)
    for k, lead in enumerate(np.ndindex(sizes[:split])):
        for begin in range(0, sizes[split], ahead):
            end = min(begin + ahead, sizes[split])
            before = k * sizes[split]
            yield Slab((before + begin) * step, (before + end) * step, (*lead, slice(begin, end)))


def _fill(store, design, tallies_of, progress=None, check=None):
    """Enter every point into `store`: arrays by name, in memory or in a file.

    check: raises the error of the file, if there was one."""
    for slab in slabs(design):
        inner = tuple(design.dims.values())[len(slab.place) :]
        shape = (-1, *inner) if slab.place else ()
        errors, tallies = _read(range(slab.first, slab.last), design.policies, tallies_of)
        store[ERROR][slab.place] = np.array(errors, object).reshape(shape)
        for name, values in _estimates(Many.stacked(tallies)):
            store[name][slab.place] = values.reshape(*shape, len(design.policies))
        if check:
            check()
        if progress:
            progress(slab.last - slab.first)


def _read(points, policies, tallies_of):
    """The error of each point, and the tallies of all policies at each point, in one list."""
    errors, tallies = [], []
    nothing = Tally.none(1)
    for point in points:
        result = tallies_of(point)
        error, by_policy = (result, {}) if isinstance(result, str) else ("", result)
        errors.append(error)
        for policy in policies:
            tally = by_policy.get(policy, nothing)
            tallies.append(Tally.unpack(tally) if isinstance(tally, bytes) else tally)
    return errors, tallies


def _estimates(many: Many):
    """(name of a variable, its values) of all variables but the errors."""
    for name, (*conditional, counted) in many.reported().items():
        for end, values in zip((*ENDS, "_n", "_worth"), conditional, strict=True):
            yield f"{name}{end}", values
        for end, values in zip(ENDS, counted, strict=False):
            yield f"{name}_counted{end}", values
    for threshold, times in many.thresholds().items():
        for name, ends in times.items():
            for end, values in zip(ENDS, ends, strict=True):
                yield f"{threshold}_{name}{end}", values


def _coordinates(scenario, design):
    """Values of the axes: along their own dimensions (grid), or by point."""
    coordinates: dict = {}
    if "point" in design.dims:
        coordinates["point"] = np.arange(len(design))
    for axis in design.axes:
        dim = axis.key if axis.key in design.dims else "point"
        about = {"units": axis.unit, "long_name": axis.words}
        coordinates[axis.key] = (dim, design.values[axis.key], about)
    chosen = scenario.choose(design.policies)
    return coordinates | {"policy": list(design.policies), TITLE: titles(chosen)}


def _attributes(scenario, design, worlds, independent):
    """What makes the dataset reproducible; `axes` is a JSON list of their keys."""
    chosen = replace(scenario.choose(design.policies), worlds=worlds)
    return attributes(chosen) | {
        "design": design.kind,
        "axes": json.dumps([axis.key for axis in design.axes]),
        "independent": int(independent),
    }


def _shape(variable, design):
    sizes = design.dims | {"policy": len(design.policies)}
    return tuple(sizes[dim] for dim in variable.dims)


def _type(variable):
    if variable.kind != "str":
        return np.dtype(variable.kind)
    import h5py

    return h5py.string_dtype()


def _chunks(variable, design, slab):
    """The chunks of the file: one slab each, since a slab is written at once."""
    lead = [s.stop - s.start if isinstance(s, slice) else 1 for s in slab.place]
    return (*lead, *_shape(variable, design)[len(lead) :]) or None
