"""A file of worlds, written as it grows and read between looks."""

import numpy as np
import xarray as xr
from small import SCENARIO

import regimesim as rs
from regimesim.ensemble.datasets import WorldsFile
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
            assert ours.sizes["world"] == worlds and ours.attrs["looks"] == 3
            some = {"policy": 1, "world": np.array([3, 5, worlds - 1])}
            xr.testing.assert_identical(ours.isel(some).load(), file.isel(some).load())
            xr.testing.assert_identical(ours.load(), file.load())
            assert all(ours[name].dtype == file[name].dtype for name in file.variables)
        first = worlds
    xr.testing.assert_equal(ours, rs.run(scenario(150)).worlds)


def test_a_file_that_is_written_keeps_no_chunk_in_memory(tmp_path):
    """Else each of some hundred variables would hold a megabyte, and be read to be written."""
    with WorldsFile(tmp_path / "worlds.nc", scenario(40)) as store:
        caches = {array.id.get_access_plist().get_chunk_cache()[1] for array in store.values()}
    assert caches == {0}
