"""Monthly sums: exact for any number of worlds, and the quantiles that are read from them."""

import numpy as np
import pytest

from regimesim.ensemble.months import QUANTILES, Months
from regimesim.model.dynamics.record import CHANCES, FAN, FAN_LOW, FAN_STEP, FAN_STEPS, GRAIN
from regimesim.model.dynamics.tiles import make_batch
from regimesim.model.world.records import EXPECTED_MONTHLY, MONTHLY
from regimesim.scenario import parse

LARGE = 2**62 - 1


def batch(months):
    """The sums and the outcomes of two worlds in which nothing has happened yet."""
    whole = make_batch(np.zeros(2, np.int64), np.arange(2), np.empty((2, 0)), months)
    whole.outcomes["crossing"] = -1
    return whole.monthly, whole.outcomes


@pytest.mark.parametrize("joined", [False, True])
def test_sums_beyond_64_bits_are_exact(joined):
    scenario = parse({"worlds": 8, "months": 3})
    monthly, outcomes = batch(3)
    monthly[:, 0] = 2
    monthly[1, 1:FAN], monthly[2, CHANCES:] = LARGE, -LARGE
    months = Months(scenario)
    for _ in range(4):
        part = Months(scenario) if joined else months
        part.add(0, monthly, outcomes)
        if joined:
            months.join([part])
    assert (months.sums[0, 1, 1:] == 4 * LARGE).all() and (months.sums[0, 0, 1:] == 0).all()
    assert (months.chances[0] == [[0, 0], [0, 0], [-4 * LARGE, -4 * LARGE]]).all()
    means = months.dataset()
    for k, quantity in enumerate(MONTHLY):
        expected = [0.0, 4 * LARGE * GRAIN[k] / 8, 0.0]
        assert means[quantity.name].values[0].tolist() == expected, quantity.name
    assert all((means[one.name].values[0, 2] < 0) for one in EXPECTED_MONTHLY)


def test_sums_of_few_worlds_are_64_bits():
    months = Months(parse({"worlds": 2, "months": 3}))
    months.add(0, *batch(3))
    assert months.sums.dtype == months.chances.dtype == np.int64


def test_quantiles_lie_on_lines_between_the_edges_of_the_histogram():
    """Against numpy's interpolation, month by month; NaN beyond the first and the last bin."""
    scenario = parse({"worlds": 8, "months": 40, "policies": {"a": {}, "b": {}}})
    luck, months = np.random.default_rng(1), Months(scenario)
    months.leaders += luck.poisson(luck.random(months.leaders.shape) ** 9)
    months.leaders[0, :10, :-5] = months.leaders[0, 10:20, 5:] = months.leaders[1, 3] = 0
    shown = months.dataset()["leader_quantile"].values
    edges = FAN_LOW + FAN_STEP * np.arange(1, FAN_STEPS + 1)
    for policy, month in np.ndindex(shown.shape[1:]):
        below = months.leaders[policy, month].cumsum()
        wanted = np.array(QUANTILES) * below[-1]
        expected = np.interp(wanted, below, edges)
        expected[(wanted <= below[0]) | (wanted > below[-2])] = np.nan
        np.testing.assert_array_equal(shown[:, policy, month], expected)
    assert np.isnan(shown[:, 1, 3]).all() and np.isnan(shown[:, 0, :20]).any()
    assert np.isfinite(shown[:, 1, 4:]).all()
