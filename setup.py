"""What pyproject.toml cannot say: the folder `scenarios` is installed as a part of the package."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["regimesim*"]), "regimesim.shipped"],
    package_dir={"regimesim.shipped": "scenarios"},
)
