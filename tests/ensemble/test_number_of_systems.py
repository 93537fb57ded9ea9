"""How far the number of systems decides, by what copies of a model share: docs/methods.md."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import regimesim as rs
from regimesim.analysis.estimates import mean, proportion, proportion_difference
from regimesim.model.compilation import INTERPRETED

ROOT = Path(__file__).parents[2]
COPIES = ROOT / "scenarios" / "copies.toml"
OWN_OF_A_COPY = {"goals.goal_drift": 0, "conduct.story_rate": 0}
FEW, MANY, WORLDS, CONFIDENCE = 15, 120, 400, 0.999
ROWS = {
    "each its own": ("each_its_own", False),
    "half shared": ("half_shared", False),
    "all alike": ("all_alike", False),
    "all alike, no own drift or stories": ("all_alike", True),
    "all alike, together": ("all_alike_together", False),
    "half shared, together": ("half_shared_together", False),
}
pytestmark = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")


@cache
def worlds_of(systems: int, without_own: bool):
    changed = {"systems": systems, "worlds": WORLDS, **(OWN_OF_A_COPY if without_own else {})}
    return rs.run(rs.load(COPIES).override(changed)).worlds


def outcomes(systems: int, row: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """No takeover, month of the first try (the last one if never) and its attempts, by world."""
    policy, without_own = ROWS[row]
    worlds = worlds_of(systems, without_own)
    of_policy = worlds.sel(policy=policy)
    first, lost = (
        of_policy.crossing.sel(threshold=name).values
        for name in ("first_critical_try", "takeover")
    )
    months = np.where(np.isnan(first), worlds.attrs["months"], first)
    return 1.0 * np.isnan(lost), months, of_policy.attempts_in_first_try.values


def kept_with_more(row: str) -> tuple[float, float]:
    """The interval of the share of worlds without a takeover, many systems less few."""
    few, many = outcomes(FEW, row)[0], outcomes(MANY, row)[0]
    return proportion_difference(many, few, CONFIDENCE)[1:3]


def test_the_number_decides_where_each_system_is_trained_on_its_own():
    assert kept_with_more("each its own")[1] < -0.25


def test_the_number_hardly_matters_where_copies_are_alike_and_strike_alone():
    low, high = kept_with_more("all alike")
    assert -0.1 < low and high < 0.03
    low, high = kept_with_more("all alike, no own drift or stories")
    assert -0.06 < low and high < 0.03
    months = [outcomes(n, "all alike, no own drift or stories")[1] for n in (FEW, MANY)]
    low, high = mean(months[1] - months[0], CONFIDENCE)[1:3]
    assert -2.5 < low and high < 1.5


def test_the_number_decides_again_where_copies_strike_together():
    assert kept_with_more("all alike, together")[1] < -0.15


def test_alike_copies_try_at_once():
    few, many = (outcomes(n, "all alike, no own drift or stories")[2] for n in (FEW, MANY))
    assert mean(many, CONFIDENCE).low > mean(few, CONFIDENCE).high


@pytest.mark.parametrize("row", ROWS)
def test_the_table_of_the_page_is_of_these_runs(row):
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]*\| ([^|(]+?)(?: \([^|]*\))? \|((?: [\d.]+ \|){5})$", page, re.M)
    kept, months, _ = [
        [float(number) for number in cells.strip(" |").split("|")]
        for name, cells in rows
        if name == row
    ]
    for column, systems in ((0, FEW), (3, MANY)):
        no_takeover, month, _ = outcomes(systems, row)
        low, high = proportion(no_takeover, CONFIDENCE)[1:3]
        assert low <= kept[column] / 100 <= high
        low, high = mean(month, CONFIDENCE)[1:3]
        assert low <= months[column] <= high
