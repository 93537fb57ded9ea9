"""Fixtures that several test files share."""

import pytest


@pytest.fixture(autouse=True)
def columns(monkeypatch):
    """Words are 80 columns wide, whatever terminal the tests run in."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def file(request, tmp_path, monkeypatch):
    """The `SCENARIO` of the module in a folder of its own, which is made the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.toml"
    path.write_text(request.module.SCENARIO)
    return path
