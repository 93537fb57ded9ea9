"""The titles of figures say what the numbers show, and nothing that luck may have done."""

import numpy as np
import pytest

from regimesim.studies.compare.figure import _finding as of_runs
from regimesim.studies.cruxes.figure import _finding as of_cruxes
from regimesim.studies.cruxes.figure import _written
from regimesim.studies.discover.figure import _finding as of_boxes
from regimesim.studies.sweep.findings import above_a_level, between, widest_line
from regimesim.studies.trace.figure import _ending


def percent(value):
    return "never" if np.isinf(value) else f"{100 * value:.0f} %"


def line(*middle, reach=0.05):
    middle = np.array(middle, float)
    return middle, middle - reach, middle + reach


def test_the_widest_line_is_named_with_its_ends_in_the_order_of_the_axis():
    lines = {("control", "density"): line(0.9, 0.2), ("none", "density"): line(0.1, 0.3)}
    told = widest_line(lines, "“safe”", percent)
    assert told == "Over density, “safe” under control goes from 90 % to 20 %"


def test_lines_whose_intervals_overlap_change_nothing_clearly():
    lines = {("control", "density"): line(0.5, 0.58)}
    assert widest_line(lines, "“safe”", percent) == "No axis clearly changes “safe”"


def test_points_without_an_estimate_and_dates_after_the_end():
    nothing = {("control", "density"): line(np.nan, np.nan)}
    assert widest_line(nothing, "“safe”", percent) == "No axis clearly changes “safe”"
    late = {("control", "density"): line(0.2, np.nan, np.inf)}
    assert widest_line(late, "“try”", percent).endswith("goes from 20 % to never")


def test_how_much_of_a_map_is_above_its_level():
    maps = {"a": np.array([[1, 1], [0, 1]]), "b": np.zeros((2, 2)), "c": np.eye(2)}
    two = {name: maps[name] for name in "ab"}
    assert above_a_level(two, "“safe”", "50 %") == (
        "“safe” is above 50 % at 3 of 4 points under a and 0 of 4 points under b"
    )
    assert above_a_level(maps, "“safe”", "50 %") == (
        "“safe” is above 50 % at 3 of 4 points under a, the most, and at 0 of 4 under b, the least"
    )
    alike = dict.fromkeys("abc", maps["c"])
    assert above_a_level(alike, "“safe”", "50 %").endswith("at 2 of 4 points under each policy")


def test_between_which_numbers_a_map_without_a_level_lies():
    assert between(np.array([[0.1, np.nan], [0.4, np.inf]]), "“try”", percent) == (
        "“try”: 10 % to never"
    )
    assert between(np.array([0.1, 0.1]), "“try”", percent) == "“try” is 10 % at every point"
    assert between(np.array([np.nan]), "“try”", percent).startswith("No point of the map")


def step(estimate, reach):
    return {"shapley": {"estimate": estimate, "low": estimate - reach, "high": estimate + reach}}


def test_the_group_that_adds_most_where_that_is_no_luck():
    content = {"outcome": "no_takeover", "groups": {"x": step(-0.5, 0.1), "y": step(0.9, 1.0)}}
    told = of_cruxes(content, ["90.0 %", "−50.0", "+90.0", "40.0 %"])
    assert told == "No takeover: 90.0 % in A, 40.0 % in B; x adds most, −50.0 points"
    content["groups"]["x"] = step(-0.5, 0.6)
    told = of_cruxes(content, ["90.0 %", "−50.0", "+90.0", "40.0 %"])
    assert told.endswith("no group of parameters clearly adds anything")


def test_shares_have_one_decimal_beside_bars_whatever_their_size():
    content = {"a": {"estimate": 0.0}, "b": {"estimate": 0.99}}
    content["groups"] = {"x": step(0.531, 0.1), "y": step(0.459, 0.1), "z": step(0.0, 0.1)}
    assert _written(content, 100) == ["0 %", "+53.1", "+45.9", "0", "99.0 %"]
    content["b"] = {"estimate": 1.0}
    assert _written(content, 100)[1:] == ["+53.1", "+45.9", "0", "100 %"]
    assert _written(content, 1) == ["0.00", "+0.53", "+0.46", "0", "1.00"]


def box(density):
    return {"density": {"estimate": density}, "condition": "goals.value above 0.5"}


def test_the_box_that_is_furthest_apart_from_all_worlds():
    policies = {
        "a": {"failing": {"estimate": 0.8}, "boxes": [box(0.9)]},
        "b": {"failing": {"estimate": 0.2}, "boxes": [box(0.7), box(0.99)]},
        "c": {"failing": {"estimate": 0.1}, "boxes": []},
    }
    titles = {name: name.upper() for name in policies}
    assert of_boxes(policies, titles) == (
        "B fails in 70.0 % of worlds with goals.value above 0.5, and in 20.0 % of all"
    )
    assert of_boxes({"c": policies["c"]}, titles).startswith("No limits of assumptions")


def run(**shares):
    of = {
        name: {"no_takeover": {"estimate": share, "low": share - 0.1, "high": share + 0.1}}
        for name, share in shares.items()
    }
    return {"policies": of}


def test_the_policy_that_differs_most_between_runs():
    runs = {"early": run(x=0.2, y=0.5), "late": run(x=0.9, y=0.6)}
    assert of_runs(runs, ["X", "Y"]) == (
        "X differs most: no takeover in 90.0 % of worlds in late, and in 20.0 % of worlds in early"
    )
    runs = {"early": run(x=0.2, y=0.5, z=0.2), "late": run(x=0.9, y=0.6, z=0.9)}
    assert of_runs(runs, ["X", "Y", "Z"]).startswith(
        "X and 1 other differ most: no takeover in 90"
    )
    alike = {"early": run(x=0.2), "late": run(x=0.3)}
    assert of_runs(alike, ["X"]).startswith("No policy keeps clearly more worlds")


@pytest.mark.parametrize(
    ("first", "lost", "words"),
    [
        (None, None, "met no critical try by 2026-03"),
        (1, 1, "was lost in 2026-02, at its first critical try"),
        (1, 2, "held its first critical try in 2026-02, and was lost in 2026-03"),
        (1, None, "held its first critical try in 2026-02, and was not lost"),
    ],
)
def test_how_a_world_ended(first, lost, words):
    content = {
        "start": "2026-01",
        "monthly": {"date": ["2026-01", "2026-02", "2026-03"]},
        "crossings": {"first_critical_try": first, "takeover": lost},
    }
    assert _ending(content) == words
