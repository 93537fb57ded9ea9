"""The dataset of a sweep: labelled, complete, and the same in memory and in a file."""

import json
import tracemalloc

import numpy as np
import pytest
import xarray as xr
from one_tally import estimates_of, thresholds_of

import regimesim as rs
from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.analysis.survival import QUANTILES
from regimesim.analysis.tally import Tally
from regimesim.model.world.records import THRESHOLDS, names
from regimesim.sweeps import dataset as result
from regimesim.sweeps.dataset import dataset, slabs, write_dataset
from regimesim.sweeps.designs import make_design
from regimesim.sweeps.work_units import WorkUnit, run_units

WORLDS = 12
AXES = {"takeover.difficulty": [8.0, 11.0], "systems": [3, 6], "oversight.control": [False, True]}
WORDS = {"oversight.control.curve": ["binormal", "logistic"], "oversight.audit_budget": [0.1, 0.2]}


@pytest.fixture(scope="module")
def scenario():
    policies = {"none": {}, "control": {"oversight": {"control": {}}}}
    size = {"months": 80, "labs": 2, "systems": 4, "seed": 2, "worlds": 99}
    return rs.parse(size | {"capability": {"initial": 6}, "policies": policies})


def found_in(scenario, design, errors=()):
    """Tallies by policy, or an error, by point, as `dataset` takes them; and a count of calls."""
    done = run_units(scenario, design, [WorkUnit(k, 0, WORLDS) for k in range(len(design))])
    return [f"point {k} — no" if k in errors else entry.tallies for k, entry in enumerate(done)]


@pytest.fixture(scope="module")
def grid(scenario):
    design = make_design(scenario, AXES)
    found = found_in(scenario, design, errors=(3,))
    return design, found, dataset(scenario, design, WORLDS, found.__getitem__)


def test_every_value_is_that_of_its_tally(grid):
    design, found, sweep = grid
    points = sweep.stack(point=list(design.dims)) if design.dims else sweep
    for point, tallies in enumerate(found):
        here = points.isel(point=point)
        for key, value in design.settings(point).items():
            assert here[key].item() == value
        assert here.error.item() == (tallies if isinstance(tallies, str) else "")
        for policy in design.policies:
            told = here.sel(policy=policy)
            tally = Tally.none(1) if isinstance(tallies, str) else Tally.unpack(tallies[policy])
            for name, expected in estimates_of(tally).items():
                variables = (name, f"{name}_low", f"{name}_high", f"{name}_n")
                assert_told(told, variables, expected)
            for threshold, times in thresholds_of(tally).items():
                for time, expected in times.items():
                    name = f"{threshold}_{time}"
                    assert_told(told, (name, f"{name}_low", f"{name}_high"), expected[:3])
    assert len(np.unique(sweep.capable_median.values[~np.isnan(sweep.capable_median.values)])) > 2


def assert_told(dataset, variables, expected):
    values = [dataset[name].item() for name in variables]
    expected = [np.nan if value is None else value for value in expected]
    assert np.array_equal(values, expected, equal_nan=True), variables


def test_every_variable_has_a_unit_words_and_its_dims(grid):
    design, _, sweep = grid
    expected = {"error"}
    for name in ESTIMANDS:
        expected |= {name, f"{name}_low", f"{name}_high", f"{name}_n", f"{name}_worth"}
        expected |= {f"{name}_counted{end}" for end in ("", "_low", "_high")}
    for name in names(THRESHOLDS):
        for part in ("crossed", *QUANTILES):
            expected |= {f"{name}_{part}{end}" for end in ("", "_low", "_high")}
    assert set(sweep.data_vars) == expected
    assert dict(sweep.sizes) == design.dims | {"policy": 2}
    words = [variable.attrs["long_name"] for variable in sweep.data_vars.values()]
    assert all(words) and len(set(words)) > 120
    for name, variable in sweep.data_vars.items():
        assert variable.dims == (*design.dims, *(("policy",) if name != "error" else ()))
        assert isinstance(variable.attrs["units"], str)
    for axis in design.axes:
        assert sweep[axis.key].attrs == {"units": axis.unit, "long_name": axis.words}
        assert np.array_equal(sweep[axis.key].values, AXES[axis.key])
    assert sweep.indexes["policy"].tolist() == ["none", "control"]


def test_attributes_make_it_reproducible(grid, scenario):
    _, _, sweep = grid
    assert sweep.attrs["design"] == "grid" and json.loads(sweep.attrs["axes"]) == list(AXES)
    assert (sweep.attrs["seed"], sweep.attrs["worlds"], sweep.attrs["independent"]) == (2, 12, 0)
    again = rs.parse(json.loads(sweep.attrs["scenario_json"]))
    assert again.override({"worlds": 99}) == scenario


START = {"start": ["2026-01", "2030-06"]}
CASES = {  # kind, axes, policies, points a slab
    "grid": ("grid", AXES, ["none", "control"], 512),
    "grid, a point at a time": ("grid", AXES, ["none", "control"], 1),
    "grid of words": ("grid", WORDS, ["control"], 3),
    "zip of words": ("zip", WORDS, ["control"], 512),
    "one axis": ("grid", START, ["none", "control"], 512),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_the_dataset_in_memory(scenario, tmp_path, monkeypatch, case):
    kind, axes, policies, most = CASES[case]
    monkeypatch.setattr(result, "SLAB", most * len(policies))
    chosen, path, told = scenario.choose(policies), tmp_path / "sweep.nc", []
    design = make_design(chosen, axes, kind=kind)
    found = found_in(chosen, design, errors=(1,))
    in_memory = dataset(chosen, design, WORLDS, found.__getitem__, independent=True)
    write_dataset(path, chosen, design, WORLDS, found.__getitem__, True, told.append)
    with xr.open_dataset(path, engine="h5netcdf") as file:
        xr.testing.assert_identical(in_memory, file.load())
    assert sum(told) == len(design) and max(told) <= most


def test_a_dataset_in_memory_can_be_saved(grid, tmp_path):
    _, _, sweep = grid
    sweep.to_netcdf(tmp_path / "again.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "again.nc", engine="h5netcdf") as file:
        xr.testing.assert_identical(sweep, file.load())


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 6, 7, 100])
@pytest.mark.parametrize("sizes", [(1,), (7,), (3, 4), (2, 3, 2)])
def test_slabs_hold_every_point_once_and_in_place(scenario, sizes, most):
    keys = ("takeover.difficulty", "oversight.audit_budget", "cognition.patience")
    axes = {k: np.linspace(0.1, 0.9, n).tolist() for k, n in zip(keys, sizes, strict=False)}
    design = make_design(scenario, axes)
    places = np.arange(len(design)).reshape(sizes)
    seen = []
    for slab in slabs(design, most):
        points = list(range(slab.first, slab.last))
        assert places[slab.place].ravel().tolist() == points and 1 <= len(points) <= most
        seen += points
    assert seen == list(range(len(design)))


def test_policies_without_a_tally_have_no_estimate(scenario):
    """As where worlds of a point are still missing."""
    design = make_design(scenario, {"takeover.difficulty": [8.0, 11.0]})
    found = found_in(scenario, design)
    partly = [{"control": found[0]["control"]}, {}]
    sweep = dataset(scenario, design, WORLDS, partly.__getitem__)
    assert sweep.no_takeover_n.values.tolist() == [[0, WORLDS], [0, 0]]
    assert np.isnan(sweep.no_takeover.values).tolist() == [[True, False], [True, True]]
    assert np.isnan(sweep.takeover_crossed_high.values).tolist() == [[True, False], [True, True]]
    assert sweep.error.values.tolist() == ["", ""]


def test_memory_does_not_grow_with_the_number_of_points(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr(result, "SLAB", 256)
    (tallies,) = found_in(scenario, make_design(scenario, {"takeover.difficulty": [8.0]}))

    def most(points):
        axes = {"takeover.difficulty": np.linspace(8, 20, points).tolist()}
        design = make_design(scenario, axes)
        tracemalloc.start()
        write_dataset(tmp_path / "sweep.nc", scenario, design, WORLDS, lambda _: tallies)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(1)  # what is imported or kept from then on
    few, many = most(128), most(1024)
    assert few > 128 * 2000 and many < few + 896 * 100  # a point has 2,200 bytes in the file
