"""Datasets laid out as those of a sweep, filled with made-up worlds."""

import json

import numpy as np
import xarray as xr
from scipy.special import ndtr
from synthetic import attributes

from regimesim import __version__
from regimesim.analysis.estimand_table import ESTIMANDS, SHARES, WITHIN
from regimesim.analysis.estimates import exact_interval
from regimesim.ensemble.netcdf import write_dataset
from regimesim.model.world.records import THRESHOLDS, names

WORDS = {
    "takeover.difficulty": (
        "doublings",
        "Capability at which an unopposed takeover succeeds half of the time.",
    ),
    "oversight.audit_budget": ("share of actions", "Share of actions that overseers may inspect."),
    "feedback.density": ("share", "How often actions meet feedback."),
}
GRID = {
    "takeover.difficulty": np.linspace(11, 18, 8),
    "oversight.audit_budget": np.geomspace(0.003, 0.3, 7),
}


def make_sweep(axes=GRID, policies=("control", "stack"), worlds=200, months=180, points=None):
    """A sweep with made-up results: more of each numeric axis is safer.

    axes: values by key; with `points` a range (low, high) by key, of which so many points
    are drawn.  The n-th policy is safer than those before it.
    """
    rng = np.random.default_rng(1)
    if points:
        dims = {"point": points}
        drawn = {key: rng.uniform(*ends, points) for key, ends in axes.items()}
        coords = {key: ("point", values, _attrs(key)) for key, values in drawn.items()}
        coords["point"] = np.arange(points)
        shares = [_share(drawn[key]) for key in axes]
    else:
        dims = {key: len(values) for key, values in axes.items()}
        coords = {key: (key, np.asarray(values), _attrs(key)) for key, values in axes.items()}
        mesh = np.meshgrid(*(_share(values) for values in axes.values()), indexing="ij")
        shares = [np.array(one) for one in mesh]
    better = np.arange(len(policies))
    lift = 2.2 * (np.mean(shares, axis=0)[..., None] * 2 - 1) + 0.8 * better
    everything = (*dims, "policy")
    data = {}
    for name in ESTIMANDS:
        low, high = WITHIN[name]
        if name in SHARES:
            _fill(data, name, everything, *_counted(ndtr(lift), worlds), worlds)
        else:
            value = np.clip(lift / 3, low, high)
            _fill(data, name, everything, value, value - 0.05, value + 0.05, worlds)
    for name in names(THRESHOLDS):
        crossed = 1 - 0.9 * ndtr(lift)
        _fill(data, f"{name}_crossed", everything, *_counted(crossed, worlds), worlds)
        for end, share in (("p10", 0.1), ("median", 0.5), ("p90", 0.9)):
            when = np.floor(months * np.minimum(0.2 + 0.6 * share / crossed, 0.99))
            when = np.where(crossed >= share, when, np.nan)
            _fill(data, f"{name}_{end}", everything, when, when - 3, when + 4, worlds)
    data["error"] = (tuple(dims), np.full(tuple(dims.values()), "", dtype=object))
    attrs = attributes(worlds, months) | {
        "design": "latin_hypercube" if points else "grid",
        "axes": json.dumps(list(axes)),
        "independent": 0,
    }
    return xr.Dataset(data, {**coords, "policy": list(policies)}, attrs)


def save_sweep(folder, maker="regimesim sweep", made=None, **options):
    """Write a sweep with made-up results, or `made`, to a folder; the dataset."""
    made = make_sweep(**options) if made is None else made
    folder.mkdir(parents=True, exist_ok=True)
    write_dataset(folder / "sweep.nc", made)
    manifest = {"made_by": maker, "version": __version__}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return made


def _attrs(key):
    unit, words = WORDS.get(key, ("", ""))
    return {"units": unit, "long_name": words}


def _share(values):
    """Where values lie between their ends, by rank for names."""
    values = np.asarray(values)
    if values.dtype.kind not in "iuf":
        return np.linspace(0, 1, len(values))
    return (values - values.min()) / (np.ptp(values) or 1)


def _counted(share, worlds):
    count = np.round(share * worlds)
    return count / worlds, *exact_interval(count, worlds)


def _fill(data, name, dims, value, low, high, n):
    data[name] = (dims, value, {"long_name": name.replace("_", " ")})
    data[f"{name}_low"], data[f"{name}_high"] = (dims, low), (dims, high)
    if name in ESTIMANDS:
        data[f"{name}_n"] = (dims, np.full(value.shape, n))
