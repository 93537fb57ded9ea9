"""The Python in the how-to guides and on the first page runs."""

import csv
import re
from pathlib import Path

import pytest

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.calibration import COLUMNS, SHIPPED, SHIPPED_VERSION

ROOT = Path(__file__).parents[2]
run = rs.run

pytestmark = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")


def python_of(page):
    """The block of Python of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return code


def test_your_own_measurements_reach_the_scenario(tmp_path, monkeypatch):
    lines = [line for line in SHIPPED.read_text("utf-8").splitlines() if line[0] != "#"]
    own = tmp_path / "horizons.csv"
    with own.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        rows = csv.DictReader(lines)
        writer.writerows(row for row in rows if row["published_file_version"] == SHIPPED_VERSION)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(rs, "run", lambda scenario: run(scenario.override({"worlds": 20})))
    code = python_of("own_data.md").replace('"horizons.csv"', repr(str(own)))
    names = {"rs": rs}
    exec(code, names)
    growth, scenario = names["growth"], names["scenario"]
    assert growth == rs.calibrate(since=2023)
    tables = next(iter(scenario.policies.values()))
    assert tables.capability.doubling_time.numbers[0] == growth.doubling_months


def test_the_first_page_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(rs, "run", lambda scenario: run(scenario.override({"worlds": 20})))
    names = {}
    exec(python_of("index.md"), names)
    assert set(names["worlds"].policy.values) == set(names["scenario"].policies)
