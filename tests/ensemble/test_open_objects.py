"""Files whose objects stay open have the bytes and the content of files in which they do not."""

import h5netcdf
import h5py
import numpy as np
import pytest
import xarray as xr
from small import SCENARIO

import regimesim as rs
from regimesim.ensemble import netcdf, open_objects
from regimesim.ensemble.netcdf import read_dataset, write_dataset


@pytest.fixture(scope="module")
def run():
    return rs.run(rs.parse(SCENARIO))


@pytest.mark.parametrize("name", ["worlds", "months"])
@pytest.mark.parametrize("unlimited", [(), ("policy",)])
def test_a_dataset_has_the_bytes_that_h5netcdf_writes(tmp_path, run, name, unlimited, monkeypatch):
    dataset = getattr(run, name)
    write_dataset(tmp_path / "ours.nc", dataset, unlimited)
    monkeypatch.setattr(open_objects, "File", h5py.File)
    write_dataset(tmp_path / "theirs.nc", dataset, unlimited)
    assert (tmp_path / "ours.nc").read_bytes() == (tmp_path / "theirs.nc").read_bytes()


def test_a_sweep_has_the_bytes_that_h5netcdf_writes(tmp_path, monkeypatch):
    def create(file, name, scales, about, **how):
        if file not in opened:
            opened[file] = h5netcdf.File(file, "r+")
        dims = [scale.name.removeprefix("/") for scale in scales]
        made = opened[file].create_variable(name, dims, **how)
        made.attrs.update(about)
        return made

    scenario, opened = rs.parse(SCENARIO), {}
    axes = {"takeover.difficulty": [9, 12], "oversight.control": [True, False]}
    for name in ("ours", "theirs"):
        rs.sweep(scenario, axes, folder=tmp_path / name)
        monkeypatch.setattr(open_objects, "File", h5py.File)
        monkeypatch.setattr(netcdf, "create_variable", create)
    assert len(opened) == 1
    for file in ("sweep.nc", "points.csv"):
        assert (tmp_path / "ours" / file).read_bytes() == (tmp_path / "theirs" / file).read_bytes()


@pytest.mark.parametrize("name", ["worlds", "months"])
def test_a_dataset_is_read_as_xarray_reads_it(tmp_path, run, name):
    write_dataset(tmp_path / "a.nc", getattr(run, name))
    with (
        read_dataset(tmp_path / "a.nc") as ours,
        xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as theirs,
    ):
        xr.testing.assert_identical(ours.load(), theirs.load())
        for name, variable in theirs.variables.items():
            assert ours[name].dtype == variable.dtype
            assert ours[name].encoding.keys() == variable.encoding.keys()


def test_an_object_that_is_deleted_is_not_kept(tmp_path):
    with open_objects.File(tmp_path / "a.h5", "w") as file:
        file["a"] = np.arange(3)
        assert file["a"] is file["/a"] is file["/"]["a"]
        del file["/"]["a"]
        assert "a" not in file
        file["a"] = np.arange(5)
        assert file["a"].shape == (5,)
        assert file[file["a"].ref] is file["a"]


def test_a_file_that_h5netcdf_opens_itself_reads_what_was_written(tmp_path, run):
    write_dataset(tmp_path / "a.nc", run.months, ["month"])
    with h5netcdf.File(tmp_path / "a.nc") as file:
        assert file.dimensions["month"].isunlimited()
        assert file.dimensions["month"].size == run.months.sizes["month"]
