"""Outcomes of a run, as arrays in memory or in a file, and as labelled datasets."""

import hashlib
import json
from math import prod
from typing import NamedTuple

import numpy as np

from regimesim import __version__
from regimesim.ensemble.labelled import Labelled
from regimesim.ensemble.memory import check_memory
from regimesim.ensemble.netcdf import hdf5, netcdf, placed_at_once
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.model.compilation import digest
from regimesim.model.world.records import (
    COUNTS,
    EXPECTED,
    REALS,
    SAFEGUARDS,
    THRESHOLDS,
    OfFirstTry,
    names,
)
from regimesim.scenario.titles import TITLE

WHOLE_PACKAGE = (".",)
ABSENT = -1  # in whole numbers: not reached, or no critical try
FLAGS = tuple(count.name for count in COUNTS if isinstance(count, OfFirstTry))
CHUNK = 65_536  # worlds in a chunk of a file
AGAIN = "expected_takeover_again"  # recorded by runs alone, whose parameters are drawn


class Variable(NamedTuple):
    """One variable of a dataset.

    Attributes
    ----------
    name : str
        Its name.
    dims : tuple of str
        Its dimensions.
    kind : str
        Its numpy type on disk.
    unit, words : str
        Its unit and description.
    absent : bool
        Whether a value may be absent; `ABSENT` stands for it on disk.
    """

    name: str
    dims: tuple[str, ...]
    kind: str
    unit: str
    words: str
    absent: bool = False

    @property
    def fill(self):
        """The number that stands for an absent value, or None."""
        return np.array(ABSENT, self.kind)[()] if self.absent else None

    @property
    def attrs(self):
        """Unit and description, as attributes of a dataset."""
        return {"units": self.unit, "long_name": self.words}


def world_variables(scenario):
    """The variables of `worlds.nc`."""
    here = ("policy", "world")
    crossing = "month in which a threshold was first crossed, from the start"
    caught = "whether a safeguard caught every critical attempt of the first try (0 or 1)"
    yield Variable("crossing", ("threshold", *here), "i2", "months", crossing, absent=True)
    for count in COUNTS:
        flag = count.name in FLAGS
        yield Variable(count.name, here, "i1" if flag else "i4", *count[1:], absent=flag)
    for real in REALS + EXPECTED:
        yield Variable(real.name, here, "f8", *real[1:])
    by = ("safeguard", *here)
    yield Variable("first_try_caught_by", by, "i1", "1", caught, absent=True)
    if drawn := drawn_names(scenario):
        again = "probability of a takeover under the same drawn parameters, with other luck"
        yield Variable(AGAIN, here, "f8", "1", f"{again}; in some of the worlds")
    for name in drawn:
        yield Variable(name, here, "f8", "as declared", f"{name}, drawn once a world")


def drawn_names(scenario):
    """Dotted names of the parameters that any policy draws, in the order of declaration."""
    return list(dict.fromkeys(n for t in scenario.policies.values() for n in uncertain(t)))


def shape(variable, scenario):
    """The sizes of the dimensions of a variable."""
    sizes = {
        "threshold": len(THRESHOLDS),
        "safeguard": len(SAFEGUARDS),
        "policy": len(scenario.policies),
        "world": scenario.worlds,
    }
    return tuple(sizes[dim] for dim in variable.dims)


def coordinates(scenario):
    """Coordinates of `worlds.nc`."""
    return {
        "policy": list(scenario.policies),
        TITLE: titles(scenario),
        "world": np.arange(scenario.worlds, dtype=np.int32),
        "threshold": list(names(THRESHOLDS)),
        "safeguard": list(SAFEGUARDS),
    }


def titles(scenario):
    """The coordinate of the titles of policies."""
    about = {"long_name": "how tables and figures write the policy"}
    return "policy", [scenario.title(name) for name in scenario.policies], about


def about_run(scenario) -> dict[str, object]:
    """The first entries of a JSON file, which identify the run that it came from."""
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "worlds": scenario.worlds,
        "months": scenario.months,
        "start": scenario.start,
        "titles": dict(scenario.order),
        "version": __version__,
        "scenario_digest": digest_of(scenario),
        "code_digest": digest(WHOLE_PACKAGE),
    }


def digest_of(scenario) -> str:
    """A digest of every value of a scenario, those of its policies included."""
    resolved = json.dumps(scenario.resolved(), sort_keys=True)
    return hashlib.sha256(resolved.encode()).hexdigest()[:16]


def attributes(scenario, looks=1):
    """The attributes of a dataset, which identify its run and correct its intervals."""
    return {
        "scenario": scenario.name,
        "description": scenario.description,
        "seed": scenario.seed,
        "worlds": scenario.worlds,
        "months": scenario.months,
        "start": scenario.start,
        "labs": scenario.labs,
        "systems": scenario.systems,
        "looks": looks,
        "version": __version__,
        "digest": digest(WHOLE_PACKAGE),
        "scenario_json": json.dumps(scenario.resolved()),
        "titles_json": json.dumps(scenario.order),
    }


def bytes_of_worlds(scenario) -> int:
    """The size in bytes of all outcomes of all worlds."""
    variables = world_variables(scenario)
    return sum(prod(shape(v, scenario)) * np.dtype(v.kind).itemsize for v in variables)


def in_memory(scenario, other_luck=False):
    """Empty arrays for every variable, by name; raises Refusal where memory is too small.

    That of `AGAIN` is among them only with `other_luck`: some worlds are then simulated twice.
    """
    worlds, policies = scenario.worlds, len(scenario.policies)
    size = f"{scenario.source}: {worlds:,} worlds under {policies} policies"
    check_memory(size, bytes_of_worlds(scenario), "lower worlds, or choose policies")
    recorded = [v for v in world_variables(scenario) if other_luck or v.name != AGAIN]
    return {v.name: np.empty(shape(v, scenario), v.kind) for v in recorded}


def grown(store, scenario, other_luck=False):
    """The arrays of `store`, extended to the worlds of the scenario."""
    larger = in_memory(scenario, other_luck)
    for name, values in store.items():
        larger[name][..., : values.shape[-1]] = values
    return larger


def fill(store, policy, first, outcomes, drawn, again=None):
    """Store the outcomes of a batch of worlds under one policy.

    Parameters
    ----------
    store : mapping of array
        Arrays by name, in memory or in a file.
    policy : int
        The index of the policy.
    first : int or ndarray
        The number of the first world of the batch, or the places of all.
    outcomes : ndarray of OUTCOME, shape (worlds,)
        The outcomes of the batch.
    drawn : mapping of ndarray
        Every parameter by name, of which those in `store` are kept.
    again : ndarray, optional
        The values of `AGAIN`.
    """
    here = slice(first, first + len(outcomes)) if isinstance(first, int) else first
    for k in range(len(THRESHOLDS)):
        store["crossing"][k, policy, here] = outcomes["crossing"][:, k]
    for j in range(len(SAFEGUARDS)):
        store["first_try_caught_by"][j, policy, here] = outcomes["caught_by"][:, j]
    for name in names(COUNTS) + names(REALS) + names(EXPECTED):
        store[name][policy, here] = outcomes[name]
    for name in drawn.keys() & store.keys():
        store[name][policy, here] = drawn[name]
    if again is not None:
        store[AGAIN][policy, here] = again


def labelled(store, scenario, looks=1) -> Labelled:
    """The variables in `store` with their labels.

    `looks` is the number of looks at which the run could have stopped.
    """
    variables = {}
    for variable in world_variables(scenario):
        if variable.name not in store:
            continue
        attrs = variable.attrs
        if variable.fill is not None:
            attrs["_FillValue"] = variable.fill
        variables[variable.name] = (variable.dims, store[variable.name], attrs)
    return Labelled(variables, coordinates(scenario), attributes(scenario, looks))


def dataset(store, scenario, looks=1):
    """The same as a dataset of xarray; absent values are NaN."""
    return labelled(store, scenario, looks).dataset()


class WorldsFile:
    """`worlds.nc` while it is written: a context manager of its arrays by name.

    An existing file is extended by the further worlds of the scenario, if it was created with
    `grows`; a file of fixed size is read in half the time.  `check`, like the end of the context,
    raises the OSError of a write that failed.
    """

    def __init__(self, path, scenario, looks=1, grows=False):
        self.path, self.scenario, self.looks, self.grows = path, scenario, looks, grows

    def __enter__(self):
        if not self.path.exists():
            self._create()
        with netcdf(self.path) as (file, _):
            file.attrs.update(attributes(self.scenario, self.looks))
            if self.grows:
                file.resize_dimension("world", self.scenario.worlds)
                file["world"][:] = coordinates(self.scenario)["world"]
        self._opened = hdf5(self.path)
        file, self.check = self._opened.__enter__()
        return {v.name: file[v.name] for v in world_variables(self.scenario)}

    def _create(self):
        """Create the file with every variable and no values."""
        scenario = self.scenario
        skeleton = Labelled({}, coordinates(scenario), attributes(scenario, self.looks))
        skeleton.write(self.path, "world" if self.grows else None)
        with netcdf(self.path) as (file, _):
            for variable in world_variables(scenario):
                sizes = shape(variable, scenario)
                made = file.create_variable(
                    variable.name,
                    variable.dims,
                    variable.kind,
                    chunks=(1,) * (len(sizes) - 1) + (min(CHUNK, sizes[-1]),),
                    fillvalue=variable.fill,
                    dcpl=placed_at_once(),
                )
                made.attrs.update(variable.attrs)

    def __exit__(self, *error):
        return self._opened.__exit__(*error)
