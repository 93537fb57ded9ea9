"""Install the folder `scenarios` as a part of the package, which pyproject.toml cannot state."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["regimesim*"]), "regimesim.shipped"],
    package_dir={"regimesim.shipped": "scenarios"},
)
