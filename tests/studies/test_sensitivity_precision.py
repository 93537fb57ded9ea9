"""Indices of a known probability, seen through the luck of few worlds."""

import numpy as np
import pytest

from regimesim.studies.sensitivity.question import FEWER, MOST_WORLDS, POINTS, SOME
from regimesim.studies.sensitivity.regression import regressed_indices, spread_points, terms_for
from regimesim.studies.sensitivity.sobol import saltelli_points, sobol_indices


def probability(x):
    """A known probability: of slopes, and of two parameters together."""
    from scipy.special import ndtr

    slopes = np.array([2.25, 1.5, 0.75, 0.3])
    return ndtr((x - 0.5) @ slopes + 2 * (x[:, 0] - 0.5) * (x[:, 1] - 0.5))


@pytest.fixture(scope="module")
def true_indices():
    """(first-order and total, parameter) of that probability."""
    ours, theirs = np.random.default_rng(1).random((2, 200_000, 4))
    everything, indices = probability(ours), []
    for k in range(4):
        mixed = probability(np.where(np.arange(4) == k, theirs, ours))
        moved = np.mean((everything - mixed) ** 2) / 2
        both = probability(np.where(np.arange(4) == k, ours, theirs))
        alone = np.mean((everything - everything.mean()) * (both - probability(theirs)))
        indices.append([alone, moved])
    return np.transpose(indices) / everything.var()


def of_probability(indices):
    """The lengths of intervals, (first-order and total, parameter), and which hold the truth."""
    ends = np.array([[(one.low, one.high) for one in kind] for kind in indices])
    return ends[..., 1] - ends[..., 0], ends


def test_the_worlds_of_the_command_line_are_enough_for_true_intervals(true_indices):
    """The indices of a known probability, estimated by the share of a few common worlds."""
    runs, size = 40, 4
    held, widths = np.zeros(size), {worlds: [] for worlds in (FEWER, 10_000)}
    for seed in range(runs):
        points = saltelli_points(POINTS, size, seed)
        for worlds, known in widths.items():
            luck = np.sort(np.random.default_rng(1_000 + seed).random(worlds))
            share = np.searchsorted(luck, probability(points)) / worlds
            lengths, ends = of_probability(sobol_indices(share, size, seed))
            known.append(lengths[1])
            if worlds == FEWER:
                held += (ends[1, :, 0] <= true_indices[1]) & (true_indices[1] <= ends[1, :, 1])
    assert (held / runs >= 0.9).all()
    few, many = (np.mean(known, axis=0) for known in widths.values())
    assert (few <= many + 0.01).all()


@pytest.mark.parametrize("points", [POINTS, SOME // 2])
def test_a_regression_has_true_intervals_that_are_shorter(true_indices, points):
    """The same, where each point has few worlds of its own, against all worlds of the command."""
    runs, size = 40, 4
    held, lengths, plain = np.zeros((2, size)), [], []
    for seed in range(runs):
        rng = np.random.default_rng(1_000 + seed)
        uniforms = spread_points(points, size, seed).reshape(-1, size)
        share = rng.binomial(FEWER, probability(uniforms)) / FEWER
        wide, ends = of_probability(regressed_indices(uniforms, share, seed).indices)
        lengths.append(wide)
        held += (ends[..., 0] <= true_indices) & (true_indices <= ends[..., 1])
        luck = np.sort(rng.random(MOST_WORLDS))
        pairs = saltelli_points(points, size, seed)
        common = np.searchsorted(luck, probability(pairs)) / MOST_WORLDS
        plain.append(of_probability(sobol_indices(common, size, seed))[0])
    assert held.mean() / runs >= 0.93 and (held / runs >= 0.8).all()
    matters = true_indices > 0.02
    assert (np.mean(lengths, axis=0) < np.mean(plain, axis=0) / 2)[matters].all()


def test_luck_moves_no_index_of_a_regression(true_indices):
    """From one world at each point, the mean index of many regressions is the true one; without
    the correction of squares, an idle parameter would have a share."""
    found = []
    for seed in range(40):
        uniforms = spread_points(128, 5, seed).reshape(-1, 5)
        seen = np.random.default_rng(seed).random(len(uniforms)) < probability(uniforms[:, :4])
        regression = regressed_indices(uniforms, seen, seed)
        found.append([[one.estimate for one in kind] for kind in regression.indices])
        assert 0 < regression.explained < 0.5
    error = np.std(found, axis=0) / np.sqrt(len(found))
    exact = np.pad(true_indices, ((0, 0), (0, 1)))
    assert (abs(np.mean(found, axis=0) - exact) < 4 * error + 0.01).all()


def test_a_regression_divides_the_variance_of_a_polynomial_exactly():
    uniforms = spread_points(16, 3, seed=2).reshape(-1, 3)
    x = np.sqrt(3) * (2 * uniforms - 1)  # of variance 1
    found = regressed_indices(uniforms, 5 + 2 * x[:, 0] + x[:, 0] * x[:, 1], seed=1)
    assert [one.estimate for one in found.indices.first] == pytest.approx([0.8, 0, 0])
    assert [one.estimate for one in found.indices.total] == pytest.approx([1, 0.2, 0])
    assert found.indices.total[1].high - found.indices.total[1].low < 1e-9
    assert found.explained == pytest.approx(1, abs=0.1)  # of the variance in these points
    assert regressed_indices(uniforms, np.ones(len(uniforms))) is None


def test_polynomials_are_as_many_as_points_allow():
    assert terms_for(8, 4) == (((0, 1),), ((1, 1),), ((2, 1),), ((3, 1),))
    assert set(terms_for(18, 2)) == {((0, 1),), ((0, 2),), ((1, 1),), ((1, 2),), ((0, 1), (1, 1))}
    most = terms_for(1_000, 2)
    assert len(most) == 9 and max(sum(dict(term).values()) for term in most) == 3


def test_fewer_points_of_a_regression_are_the_beginning_of_more():
    many = spread_points(32, 3, seed=4)
    assert many.shape == (5, 32, 3) and ((0 < many) & (many < 1)).all()
    np.testing.assert_array_equal(many[:, :8], spread_points(8, 3, seed=4))
