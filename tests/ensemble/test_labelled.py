"""Labelled arrays are what xarray makes of them, and are written as it writes them."""

import numpy as np
import pytest
import xarray as xr
from small import SCENARIO

import regimesim as rs
from regimesim.analysis.present_months import present_months
from regimesim.analysis.present_worlds import CROSSINGS, present_worlds
from regimesim.analysis.summary import summarise
from regimesim.ensemble.datasets import attributes, coordinates, in_memory, labelled
from regimesim.ensemble.ensemble import fill_store
from regimesim.ensemble.labelled import Labelled
from regimesim.ensemble.netcdf import write_dataset
from regimesim.model.world.records import MONTHLY, REGIMES, SAFEGUARDS, names


@pytest.fixture(scope="module")
def scenario():
    drawn = {"capability.noise": {"uniform": [0.1, 0.3]}}
    return rs.parse(SCENARIO).override({**drawn, "worlds": 70})


@pytest.fixture(scope="module")
def run(scenario):
    """The worlds and the months of a run."""
    store = in_memory(scenario, other_luck=True)
    months = fill_store(scenario, store)
    return labelled(store, scenario), months.labelled()


@pytest.mark.parametrize("grows", [None, "world"])
def test_labels_alone_have_the_bytes_that_xarray_writes(tmp_path, scenario, grows):
    about = {}, coordinates(scenario), attributes(scenario)
    Labelled(*about).write(tmp_path / "ours.nc", grows)
    write_dataset(tmp_path / "theirs.nc", xr.Dataset(*about), [grows] if grows else ())
    assert (tmp_path / "ours.nc").read_bytes() == (tmp_path / "theirs.nc").read_bytes()


def test_months_have_the_bytes_that_xarray_writes(tmp_path, run):
    _, months = run
    months.write(tmp_path / "ours.nc")
    write_dataset(tmp_path / "theirs.nc", months.dataset())
    assert (tmp_path / "ours.nc").read_bytes() == (tmp_path / "theirs.nc").read_bytes()
    with xr.open_dataset(tmp_path / "ours.nc", engine="h5netcdf") as file:
        xr.testing.assert_identical(file.load(), months.dataset())


def test_worlds_are_read_as_those_of_the_dataset(run):
    ours, theirs = (present_worlds(one) for one in (run[0], run[0].dataset()))
    assert ours.policies == theirs.policies and ours.titles == theirs.titles
    assert ours.attrs == theirs.attrs and ours.variables == theirs.variables
    single = [name for name in ours.variables if name not in ("crossing", "first_try_caught_by")]
    for policy in ours.policies:
        assert (ours.labels(policy) == theirs.labels(policy)).all()
        for name in (*CROSSINGS, *single):
            np.testing.assert_array_equal(ours.rows(policy)[name], theirs.rows(policy)[name])
        for name in SAFEGUARDS:
            np.testing.assert_array_equal(
                ours.caught_by(policy, name), theirs.caught_by(policy, name)
            )
    assert summarise(run[0]) == summarise(run[0].dataset())


def test_months_are_read_as_those_of_the_dataset(run):
    ours, theirs = (present_months(one) for one in (run[1], run[1].dataset()))
    assert ours.policies == theirs.policies and ours.titles == theirs.titles
    assert (ours.length, ours.start, ours.attrs) == (theirs.length, theirs.start, theirs.attrs)
    for policy in ours.policies:
        np.testing.assert_array_equal(ours.regime_shares(policy), theirs.regime_shares(policy))
        assert ours.regime_shares(policy).shape[0] == len(REGIMES)
        np.testing.assert_array_equal(ours.quantile(policy, 0.5), theirs.quantile(policy, 0.5))
        for name in names(MONTHLY):
            np.testing.assert_array_equal(ours.of(name, policy), theirs.of(name, policy))


def test_a_transposed_array_has_its_dimensions_in_order(run):
    array = run[0]["crossing"]
    turned = array.transpose("world", "threshold", "policy")
    assert turned.dims == ("world", "threshold", "policy")
    np.testing.assert_array_equal(turned.values, np.moveaxis(array.values, -1, 0))
