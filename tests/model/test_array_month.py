"""The yardstick of arrays over worlds and systems has the distributions of the kernel."""

import sys
from functools import partial
from pathlib import Path

import pytest

from regimesim.model.compilation import INTERPRETED

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import array_check
import array_month

pytestmark = pytest.mark.skipif(INTERPRETED, reason="it takes thousands of worlds")


@pytest.mark.parametrize("case", array_check.CASES)
def test_means_are_those_of_the_kernel(case):
    rows = list(array_check.compare(case, array_month.simulate))
    assert len(rows) > 80
    assert [row for row in rows if abs(row[-1]) > array_check.BAR] == []


@pytest.mark.parametrize(
    "key, value",
    [
        ("conduct.coordination", 0.9),
        ("training.shared", 0.95),
        ("oversight.recognition", 0.97),
        ("cognition.calibration_error", 0.5),
        ("capability.lifetime", 16.0),
    ],
)
def test_another_model_is_told_apart(key, value):
    def other(systems, months, worlds, parameters):
        return array_month.simulate(systems, months, worlds, parameters | {key: value})

    assert any(abs(row[-1]) > array_check.BAR for row in array_check.compare("busy", other))


def test_systems_that_labs_cannot_share_evenly_are_refused():
    with pytest.raises(ValueError, match="10 systems cannot be divided over 3 labs"):
        array_month.simulate(10, 1, 1)


def test_worlds_are_run_in_blocks():
    run = partial(array_month.run, 6, 2, 5)
    assert run(block=2) == 6 * 2 * 5
