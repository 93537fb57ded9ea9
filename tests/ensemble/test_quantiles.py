"""Quantiles in the package's own mathematics: their accuracy, and their bits."""

import hashlib

import numpy as np
import pytest
from scipy import special

from regimesim.ensemble import quantiles
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario import load
from regimesim.scenario.calibration import fit_growth
from regimesim.sweeps.designs import make_design

P = np.r_[
    (np.arange(200 if INTERPRETED else 2000) + 0.5) / (200 if INTERPRETED else 2000),
    10.0 ** np.linspace(-12, -1, 50),
    1 - 10.0 ** np.linspace(-12, -1, 50),
    2.0**-54,
    1 - 2.0**-53,
]
BETAS = [
    *[(2, 5), (0.5, 0.5), (1, 1), (30, 3), (3, 30), (0.1, 0.2), (0.01, 3), (3, 0.01)],
    *[(50, 0.5), (0.5, 50), (1000, 2000), (1e5, 1e5)],
]
BITS = {
    "exp": "c2500e14",
    "log": "4768d275",
    "normal": "efcf8715",
    "beta": "9254fb87",
    "student": "215e5d02",
    "fit": "d9b4e675",
}
POINTS = {
    "sobol": "2ed83295",
    "latin_hypercube": "d9b11f8d",
}


def largest_error(values, expected, least=1e-290):
    return np.max(np.abs(values - expected) / np.maximum(np.abs(expected), least))


@pytest.mark.parametrize(("a", "b"), BETAS)
def test_quantiles_of_a_beta_distribution(a, b):
    expected = special.betaincinv(a, b, P)
    assert largest_error(quantiles.beta(P, a, b), expected) < (1e-12 if a < 1000 else 5e-12)
    x = np.linspace(0, 1, 101)
    assert quantiles.beta_below(x, a, b) == pytest.approx(special.betainc(a, b, x), abs=1e-9)


@pytest.mark.parametrize("degrees", [1, 2, 5, 12, 15, 16, 40, 300])
def test_quantiles_of_students_t(degrees):
    expected = special.stdtrit(degrees, P)
    assert largest_error(quantiles.student(P, degrees), expected, least=1e-3) < 1e-12
    below = quantiles.student_below(expected, degrees)
    assert largest_error(below, special.stdtr(degrees, expected)) < 1e-9
    assert quantiles.student_below([-np.inf, 0, np.inf], degrees) == pytest.approx([0, 0.5, 1])


def test_exponentials_and_logarithms_of_arrays_keep_their_shape():
    x = np.linspace(-5, 5, 12).reshape(3, 4)
    assert quantiles.exp_of(x) == pytest.approx(np.exp(x), rel=1e-14)
    assert quantiles.log_of(quantiles.exp_of(x)) == pytest.approx(x, abs=1e-14)


def test_a_normal_between_two_ends_keeps_its_digits_in_either_tail():
    upper = quantiles.standard_normal(P, 8.0, 9.0)
    assert upper.min() > 8 - 1e-12 and upper.max() < 9 + 1e-12
    assert len(np.unique(upper)) > 0.9 * len(P)
    assert np.array_equal(-upper, quantiles.standard_normal(P, -9.0, -8.0))


def bits(values) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, float).tobytes()).hexdigest()[:8]


@pytest.mark.skipif(INTERPRETED, reason="the bits are those of compiled code")
def test_what_is_drawn_has_the_same_bits_with_every_numpy_and_scipy():
    growth = fit_growth(2023)
    ours = {
        "exp": bits(quantiles.exp_of(P)),
        "log": bits(quantiles.log_of(P)),
        "normal": bits(quantiles.standard_normal(P)),
        "beta": bits(quantiles.beta(P, 0.7, 3)),
        "student": bits(quantiles.student(P, 15)),
        "fit": bits([growth.slope, growth.slope_se, growth.middle_level, growth.residual_sd]),
    }
    assert ours == BITS


@pytest.mark.skipif(INTERPRETED, reason="the bits are those of compiled code")
@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube"])
def test_random_points_have_the_same_bits_with_every_numpy_and_scipy(kind):
    axes = {
        "feedback.density": {"low": 0.1, "high": 1},
        "takeover.difficulty": {"low": 8, "high": 20, "scale": "log"},
    }
    design = make_design(load("scenarios/first_critical_try.toml"), axes, kind, 64)
    assert bits(list(design.values.values())) == POINTS[kind]
