"""What is installed without a checkout: the package with the scenarios that its commands need."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from regimesim.studies.claims.claim import find_claims

ROOT = Path(__file__).parents[2]
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with the package as a wheel installs it."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "installed"))
    for folder in ("regimesim", "scenarios"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, source / folder, ignore=ignored)
    for file in BUILT_FROM:
        shutil.copy(ROOT / file, source)
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)]
    subprocess.run(pip, check=True, capture_output=True, text=True)
    return target


def regimesim(installed, folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "regimesim", *arguments],
        env=os.environ | {"PYTHONPATH": str(installed)},
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_every_package_is_installed():
    with (ROOT / "pyproject.toml").open("rb") as file:
        named = tomllib.load(file)["tool"]["setuptools"]["packages"]
    folders = [path.parent.relative_to(ROOT) for path in (ROOT / "regimesim").rglob("__init__.py")]
    assert sorted(named) == sorted([".".join(f.parts) for f in folders] + ["regimesim.shipped"])


def test_every_scenario_is_installed(installed):
    for path in (ROOT / "scenarios").rglob("*.toml"):
        copy = installed / "regimesim" / "shipped" / path.relative_to(ROOT / "scenarios")
        assert copy.read_bytes() == path.read_bytes()


def test_every_data_file_is_installed(installed):
    kinds = ("*.css", "*.csv", "*.jinja", "*.json", "*.toml", "*.vue", "py.typed")
    files = [path for kind in kinds for path in (ROOT / "regimesim").rglob(kind)]
    assert {path.suffix for path in files} >= {".css", ".csv", ".jinja", ".json", ".toml", ".vue"}
    for path in files:
        assert (installed / path.relative_to(ROOT)).read_bytes() == path.read_bytes()


def test_claims_and_rows_are_known_without_a_checkout(installed, tmp_path):
    done = regimesim(installed, tmp_path, "claims")
    assert (done.returncode, done.stderr) == (0, "")
    numbers = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("C")]
    assert numbers == list(find_claims(ROOT / "scenarios" / "claims"))
    program = (
        "import regimesim; from regimesim.studies.validate.question import ask; "
        "print(regimesim.__file__, ask().scenarios)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(installed)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    package = installed / "regimesim"
    assert done.stdout.split() == [
        str(package / "__init__.py"),
        str(package / "shipped/validation"),
    ]
