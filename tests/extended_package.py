"""Copies of the package with the recipes of docs/extending.md carried out."""

import re
import shutil
from pathlib import Path

HOME = Path(__file__).parents[1]
PAGE = HOME / "docs" / "extending.md"
BLOCK = re.compile(r"^```(diff|python|toml)\n(.*?)^```$", re.M | re.S)


def recipes():
    """The edits of the page, by heading: a list of (kind, text)."""
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    split = [section.partition("\n") for section in sections]
    return {heading: BLOCK.findall(text) for heading, _, text in split}


def carry_out(kind, text, folder):
    """Apply one edit to the package below `folder`.

    Raises AssertionError where the page shows a place that is not there, or there twice."""
    first, _, body = text.partition("\n")
    if kind != "diff":
        place = folder / first.removeprefix("# ")
        assert not place.exists(), f"{place}: is there already"
        place.parent.mkdir(exist_ok=True)
        place.write_text(body, encoding="utf-8")
        return
    place = folder / first.removeprefix("--- ")
    lines = body.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    source = place.read_text(encoding="utf-8")
    assert source.count(before) == 1, f"{place.name}: {source.count(before)} times:\n{before}"
    place.write_text(source.replace(before, after), encoding="utf-8")


def extend(folder, headings):
    """Copy the package and its scenarios into `folder`, and carry out the recipes of these
    headings."""
    clean = shutil.ignore_patterns("__pycache__")
    for name in ("regimesim", "scenarios"):
        shutil.copytree(HOME / name, folder / name, ignore=clean)
    for heading in headings:
        for kind, text in recipes()[heading]:
            carry_out(kind, text, folder)
    return folder
