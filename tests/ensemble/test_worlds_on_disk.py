"""A file of worlds, written as it grows and read between looks."""

import numpy as np
import xarray as xr
from small import SCENARIO

import regimesim as rs
from regimesim.ensemble.datasets import WorldsFile, labelled
from regimesim.ensemble.ensemble import fill_store
from regimesim.ensemble.worlds_on_disk import read_worlds


def scenario(worlds):
    drawn = {"capability.noise": {"uniform": [0.1, 0.3]}}
    return rs.parse(SCENARIO).override({**drawn, "worlds": worlds})


def test_what_is_read_at_each_look_is_what_xarray_reads(tmp_path):
    """Also in parts, and where a look finds the file as the one before left it."""
    path, first = tmp_path / "worlds.nc", 0
    for worlds in (40, 80, 150):
        stage = scenario(worlds)
        with WorldsFile(path, stage, looks=3, grows=True) as store:
            fill_store(stage, store, first=first)
        with read_worlds(path, stage, 3) as ours, xr.open_dataset(path, engine="h5netcdf") as file:
            assert len(ours["world"].values) == worlds and ours.attrs["looks"] == 3
            some = ours["crossing"].isel({"policy": 1, "threshold": 2}).values
            there = file["crossing"].isel(policy=1, threshold=2).fillna(-1)
            np.testing.assert_array_equal(some, there)
            read = {name: one.values for name, one in ours.data_vars.items()}
            whole = labelled(read, stage, 3).dataset()
            xr.testing.assert_identical(whole, file.load())
            assert all(whole[name].dtype == file[name].dtype for name in file.variables)
        first = worlds
    xr.testing.assert_equal(whole, rs.run(scenario(150)).worlds)


def test_a_file_that_is_written_keeps_no_chunk_in_memory(tmp_path):
    """Else each of some hundred variables would hold a megabyte, and be read to be written."""
    with WorldsFile(tmp_path / "worlds.nc", scenario(40)) as store:
        caches = {array.id.get_access_plist().get_chunk_cache()[1] for array in store.values()}
    assert caches == {0}
