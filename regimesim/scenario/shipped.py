"""The scenarios that come with regimesim: claims, and rows of the validation."""

from pathlib import Path

FOLDER = "scenarios"


def shipped(name: str) -> Path:
    """The folder `scenarios/NAME` of the current folder, or else the one that is installed.

    In a checkout that is the folder beside the package; in a wheel it lies in the package.
    """
    here, package = Path(FOLDER) / name, Path(__file__).parents[1]
    installed = package / "shipped"
    if here.is_dir():
        return here
    return (installed if installed.is_dir() else package.parent / FOLDER) / name
