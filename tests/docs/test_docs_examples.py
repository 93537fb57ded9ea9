"""The Python on the pages of the documentation runs, page by page, as a reader would run it.

The README has a file of its own; the new modules of `extending.md` are tested with its recipes.
"""

import csv
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from typer.testing import CliRunner

import regimesim as rs
from regimesim.cli import app
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.calibration import SHIPPED, SHIPPED_VERSION
from regimesim.scenario.measured.horizons import COLUMNS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RECIPES = "extending.md"
FEW = {"methods.md": 300, "rare.md": 1500}  # worlds, where 20 are not enough
SMALL = {"worlds": 20, "systems": 12}
SIZE = re.compile(r'(?<="worlds": )[\d_]+')

pytestmark = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")


def blocks(page):
    """The blocks of Python of a page, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


PAGES = [path.name for path in sorted(DOCS.glob("*.md")) if blocks(path.name)]
PAGES.remove(RECIPES)


@pytest.fixture
def names_of(tmp_path, monkeypatch):
    """Runs the blocks of a page one after another with few worlds; returns their names."""
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.chdir(tmp_path)
    load = rs.load
    monkeypatch.setattr(rs, "load", lambda path: load(path).override(SMALL))

    def run(page):
        names, few = {}, FEW.get(page, 20)
        for code in blocks(page):
            exec(SIZE.sub(lambda size: str(min(int(size[0]), few)), code), names)
        return names

    yield run
    plt.close("all")


def saved_runs():
    """The runs of two views that the page on figures compares."""
    for view in ("ladder", "dense_feedback"):
        command = ["run", f"scenarios/views/{view}.toml", "--worlds", "20", "--no-figures"]
        assert CliRunner().invoke(app, command).exit_code == 0


def own_measurements():
    """The measurements that are shipped, as a file of one's own."""
    lines = [line for line in SHIPPED.read_text("utf-8").splitlines() if line[0] != "#"]
    with open("horizons.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        rows = csv.DictReader(lines)
        writer.writerows(row for row in rows if row["published_file_version"] == SHIPPED_VERSION)


def check_architecture(names):
    assert names["advantage"](0.4, 0.9, 0.3, 0.1) == pytest.approx(0.4 * 0.9 - 0.6 * 0.3 - 0.1)


def check_evidence(names):
    assert names["result"].effective == 20  # of 20 worlds, no evidence has ruled out any
    assert {"before", "after"} <= set(names["result"]["control"]["estimands"]["no_takeover"])


def check_figures(names):
    assert set(names["result"].to_dataframe().run) == {"ladder", "dense_feedback"}
    assert names["history"].months.shape[0] > 1


def check_index(names):
    assert set(names["worlds"].policy.values) == set(names["scenario"].policies)


def check_methods(names):
    assert names["requirement"].tried[0].estimates
    assert names["best"].scenario().policies.keys() == {"hold_faithful_cot", "best"}
    assert 0.2 < names["result"]["dense_feedback"].boxes.failing.estimate < 1
    assert len(names["worth"].known) > 1
    assert rs.load("attack.toml").policies == names["attacks"].scenario.policies


def check_own_data(names):
    growth = names["growth"]
    assert growth == rs.calibrate(since=2023)
    tables = next(iter(names["scenario"].policies.values()))
    assert tables.capability.doubling_time.growth == tables.capability.initial.growth == growth
    assert 0 < float(names["some"].audits_spent.mean()) < 0.1 * 24


def check_monitors(names):
    assert 0.4 < names["measured"].auroc.low < names["measured"].auroc.estimate < 1


def check_rare(names):
    assert 0 < names["rare"]["hold_faithful_cot"]["takeover"]["high"] < 0.1


def check_sweeps(names):
    assert len(names["design"]) == 60
    assert names["sweep"].dataset.sizes == {"feedback.density": 3, "policy": 1}


def logs_of_tests():
    """The logs that the page on monitors reads."""
    Path("tests").mkdir()
    Path("tests/logs").symlink_to(ROOT / "tests" / "logs")


PREPARE = {
    "figures.md": saved_runs,
    "monitors.md": logs_of_tests,
    "own_data.md": own_measurements,
}


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page, names_of):
    PREPARE.get(page, lambda: None)()
    names = names_of(page)
    globals()[f"check_{page.removesuffix('.md')}"](names)


def test_no_page_with_python_is_left_out():
    assert {"figures.md", "methods.md", "rare.md", "sweeps.md", "own_data.md"} <= set(PAGES)
