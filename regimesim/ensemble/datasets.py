"""Outcomes of a run, as arrays in memory or in a file, and as labelled datasets."""

import hashlib
import json
from math import prod
from typing import NamedTuple

import numpy as np

from regimesim import __version__
from regimesim.ensemble.memory import check_memory
from regimesim.ensemble.netcdf import hdf5, netcdf, placed_at_once, write_dataset
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.model.compilation import digest
from regimesim.model.dynamics.record import (
    CHANCE_GRAIN,
    CHANCES,
    FAN,
    FAN_LOW,
    FAN_STEP,
    FAN_STEPS,
    GRAIN,
)
from regimesim.model.world.records import (
    COUNTS,
    EXPECTED,
    EXPECTED_MONTHLY,
    MONTHLY,
    REALS,
    REGIMES,
    SAFEGUARDS,
    THRESHOLDS,
    OfFirstTry,
    names,
)
from regimesim.scenario.titles import TITLE

WHOLE_PACKAGE = (".",)
ABSENT = -1  # in whole numbers: not reached, or no critical try
FLAGS = tuple(count.name for count in COUNTS if isinstance(count, OfFirstTry))
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
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


def dataset(store, scenario, looks=1):
    """The labelled dataset of the variables in `store`; absent values are NaN.

    `looks` is the number of looks at which the run could have stopped.
    """
    import xarray

    raw = {}
    for variable in world_variables(scenario):
        if variable.name not in store:
            continue
        attrs = variable.attrs
        if variable.fill is not None:
            attrs["_FillValue"] = variable.fill
        raw[variable.name] = (variable.dims, store[variable.name], attrs)
    worlds = xarray.Dataset(raw, coordinates(scenario), attributes(scenario, looks))
    return xarray.decode_cf(worlds, decode_times=False, decode_timedelta=False)


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
        import xarray

        scenario = self.scenario
        skeleton = xarray.Dataset({}, coordinates(scenario), attributes(scenario, self.looks))
        write_dataset(self.path, skeleton, ["world"] if self.grows else ())
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


class Months:
    """Exact monthly sums of a run, added batch by batch."""

    def __init__(self, scenario):
        self.scenario = scenario
        size = (len(scenario.policies), scenario.months)
        # Python integers, which do not overflow for any number of worlds
        self.sums = np.zeros((*size, FAN), object)
        self.chances = np.zeros((*size, len(EXPECTED_MONTHLY)), object)
        self.leaders = np.zeros((*size, FAN_STEPS), np.int64)
        # worlds that have reached this regime or a worse one, in the month it begins
        self.begun = np.zeros((*size, len(REGIMES) - 1), np.int64)

    def add(self, policy, monthly, outcomes):
        """Add a batch: its monthly sums and the regimes of its worlds."""
        self.sums[policy] += monthly[:, :FAN]  # exact in any order
        self.leaders[policy] += monthly[:, FAN:CHANCES]
        self.chances[policy] += monthly[:, CHANCES:]
        crossing = dict(zip(names(THRESHOLDS), outcomes["crossing"].T, strict=True))
        never = self.scenario.months
        earliest = np.full(len(outcomes), never)
        order = ("takeover", "first_critical_try", "favourable", "capable")
        for k, threshold in enumerate(order):
            month = crossing[threshold]
            earliest = np.minimum(earliest, np.where(month < 0, never, month))
            counts = np.bincount(earliest, minlength=never + 1)[:never]
            self.begun[policy, :, k] += counts

    def join(self, others):
        """Add the sums of other worlds of the same scenario."""
        for other in others:
            self.sums += other.sums
            self.chances += other.chances
            self.leaders += other.leaders
            self.begun += other.begun

    def totals(self, policy, name):
        """The sum of a quantity of `MONTHLY` over the worlds not yet lost, and their number: two
        arrays with one value for each month."""
        k = names(MONTHLY).index(name)
        sums = self.sums[policy].astype(float)
        return sums[:, 1 + k] * GRAIN[k], sums[:, 0]

    def dataset(self):
        """The dataset `months`: regime shares of all worlds, and means and standard deviations
        over the worlds that are not yet lost."""
        import xarray

        scenario = self.scenario
        here = ("policy", "month")
        reached = self.begun.cumsum(axis=1) / scenario.worlds
        bounds = np.concatenate(
            [np.zeros_like(reached[..., :1]), reached, np.ones_like(reached[..., :1])], axis=2
        )
        shares = np.moveaxis(np.diff(bounds, axis=2), 2, 0)
        regime = {"units": "1", "long_name": "share of all worlds in each regime"}
        words = f"frontier of the leading lab, quantile over worlds, within {FAN_STEP}"
        fan = {"units": "log2 h", "long_name": words}
        left = {"units": "worlds", "long_name": "worlds not lost before this month"}
        variables = {
            "regime_share": (("regime", *here), shares, regime),
            "worlds_not_lost": (here, self.sums[..., 0].astype(np.int64), left),
            "leader_quantile": (("quantile", *here), self._fan(), fan),
        }
        sums = self.sums.astype(float)
        count = np.where(sums[..., 0] > 0, sums[..., 0], np.nan)
        for k, item in enumerate(MONTHLY):
            mean = sums[..., 1 + k] * GRAIN[k] / count
            square = sums[..., 1 + len(MONTHLY) + k] * GRAIN[k] / count
            variance = square - mean**2
            counted = GRAIN[k] == 1.0  # a whole number in every world, without rounding
            rounding = 0.0 if counted else GRAIN[k] * (1.0 + 2.0 * np.abs(mean))
            spread = np.sqrt(np.where(variance > rounding, variance, 0.0))
            of_worlds = {"units": item.unit, "long_name": f"{item.words}; sd over worlds"}
            variables[item.name] = (here, mean, {"units": item.unit, "long_name": item.words})
            variables[f"{item.name}_sd"] = (here, spread, of_worlds)
        for k, item in enumerate(EXPECTED_MONTHLY):
            chance = self.chances[..., k].astype(float) * CHANCE_GRAIN / scenario.worlds
            of_all = f"{item.words}, given all but the draws that decide attempts; of all worlds"
            variables[item.name] = (here, chance, {"units": item.unit, "long_name": of_all})
        dates = [scenario.date(month) for month in range(scenario.months)]
        coordinate = {
            "policy": list(scenario.policies),
            TITLE: titles(scenario),
            "month": np.arange(scenario.months, dtype=np.int32),
            "date": ("month", dates),
            "regime": list(REGIMES),
            "quantile": list(QUANTILES),
        }
        return xarray.Dataset(variables, coordinate, attributes(scenario))

    def _fan(self):
        """Quantiles of the leading frontier over the worlds that are not yet lost; NaN where one
        is outside the range of the histogram."""
        below = self.leaders.cumsum(axis=-1)
        edges = FAN_LOW + FAN_STEP * np.arange(1, FAN_STEPS + 1)
        quantiles = np.full((len(QUANTILES), *below.shape[:2]), np.nan)
        for place in np.ndindex(*below.shape[:2]):
            if below[place][-1] > 0:
                shares = np.array(QUANTILES) * below[place][-1]
                at = np.interp(shares, below[place], edges)
                inside = (shares > below[place][0]) & (shares <= below[place][-2])
                quantiles[(slice(None), *place)] = np.where(inside, at, np.nan)
        return quantiles
