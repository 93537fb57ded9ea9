"""The kernel's own mathematics against scipy and the standard library."""

import functools
import math
import platform
import re

import numpy as np
import pytest
from scipy import special

from regimesim.model.compilation import INTERPRETED
from regimesim.model.oversight.rule_compiler import rule
from regimesim.model.world import mathematics, normal

POINTS = 400 if INTERPRETED else 40_000
TOP = 2**32 - 1
OF_WORDS = ("unit", "normal", "exponential")
DOMAINS = {
    "exp": (-750.0, 750.0),
    "expm1": (-750.0, 750.0),
    "exp2": (-1100.0, 1100.0),
    "log": (0.0, 1e3),
    "log2": (0.0, 1e3),
    "logistic": (-750.0, 750.0),
    "logit": (0.0, 1.0),
    "normal_cdf": (-45.0, 45.0),
    "log_normal_cdf": (-45.0, 45.0),
    "normal_quantile": (0.0, 1.0),
}
ROUNDING = {"log_normal_cdf": 1e-12}  # by which a value may fall where it should stand still
EDGES = {
    "exp": [(-math.inf, 0.0), (-709.0, 0.0), (0.0, 1.0)],
    "expm1": [(-math.inf, -1.0), (-800.0, -1.0), (0.0, 0.0)],
    "exp2": [(-math.inf, 0.0), (-1023.0, 0.0), (0.0, 1.0), (10.0, 1024.0)],
    "log": [(math.inf, math.inf), (1.0, 0.0)],
    "log2": [(math.inf, math.inf), (1.0, 0.0), (0.125, -3.0), (2.0**900, 900.0)],
    "logistic": [(math.inf, 1.0), (800.0, 1.0), (0.0, 0.5)],
    "logit": [(0.5, 0.0)],
    "normal_cdf": [(-math.inf, 0.0), (-1e300, 0.0), (0.0, 0.5), (9.0, 1.0), (math.inf, 1.0)],
    "log_normal_cdf": [(8.25, 0.0), (9.0, 0.0), (1e300, 0.0), (math.inf, 0.0)],
    "normal_quantile": [(0.0, -40.0), (0.5, 0.0), (1.0, 40.0)],
}
LIBRARY = r"\b(?:call\w*|movabs\w*|bl)\s+\W*(exp|expm1|exp2|log|log2|log1p|erf|erfc|pow)\b"


@functools.cache
def loop_over(name):
    """A loop that applies one function; `rule`, as cached code shows no assembly."""
    function = getattr(mathematics if hasattr(mathematics, name) else normal, name)

    @rule
    def loop(arguments, values):
        for i in range(arguments.size):
            values[i] = function(arguments[i])

    return loop


def apply(name, arguments):
    arguments = np.asarray(arguments, dtype=np.uint64 if name in OF_WORDS else np.float64)
    values = np.empty(arguments.size)
    loop_over(name)(arguments, values)
    return values


def relative_error(values, expected):
    return np.max(np.abs(values - expected) / np.abs(expected))


def tiny_to_one(lowest, highest=0.0):
    return 10.0 ** np.linspace(lowest, highest, POINTS)


def random_words(seed):
    return np.random.default_rng(seed).integers(0, 2**32, POINTS, dtype=np.uint64)


@pytest.mark.parametrize(
    ("name", "reference", "arguments", "tolerance"),
    [
        ("exp", np.exp, np.linspace(-708, 709, POINTS), 4e-16),
        ("exp", np.exp, np.linspace(-1, 1, POINTS), 4e-16),
        ("expm1", np.expm1, np.linspace(-50.001, 709, POINTS), 6e-16),
        ("expm1", np.expm1, np.linspace(-1.5001, 1.5, POINTS), 6e-16),
        ("expm1", np.expm1, tiny_to_one(-300), 6e-16),
        ("expm1", np.expm1, -tiny_to_one(-300), 6e-16),
        ("exp2", np.exp2, np.linspace(-1022, 1023, POINTS), 4e-16),
        ("log", np.log, tiny_to_one(-300, 308), 4e-16),
        ("log", np.log, np.linspace(0.50001, 2.1, POINTS), 4e-16),
        ("log", np.log, 1 + tiny_to_one(-15, -1), 4e-16),
        ("log", np.log, 1 - tiny_to_one(-15, -1), 4e-16),
        ("log2", np.log2, tiny_to_one(-299.9, 308), 6e-16),
        ("log2", np.log2, 1 + tiny_to_one(-15, -1), 6e-16),
        ("logistic", special.expit, np.linspace(-708, 750, POINTS), 6e-16),
        ("logistic", special.expit, np.linspace(-5, 5, POINTS), 6e-16),
        ("logit", special.logit, tiny_to_one(-299, -0.4), 1e-15),
        ("logit", special.logit, 1 - tiny_to_one(-15, -0.4), 1e-15),
        ("normal_cdf", special.ndtr, np.linspace(-37.5, -20, POINTS), 4e-13),
        ("normal_cdf", special.ndtr, np.linspace(-20, 0, POINTS), 1e-13),
        ("normal_cdf", special.ndtr, np.linspace(0, 40, POINTS), 4e-16),
        ("normal_quantile", special.ndtri, tiny_to_one(-299.9, -0.4), 3e-15),
        ("normal_quantile", special.ndtri, 1 - tiny_to_one(-15, -0.4), 3e-15),
    ],
)
def test_agrees_with_the_reference(name, reference, arguments, tolerance):
    assert relative_error(apply(name, arguments), reference(arguments)) < tolerance


def test_logit_and_quantile_keep_relative_accuracy_around_one_half():
    offset = np.concatenate([tiny_to_one(-15, -1), -tiny_to_one(-15, -1)])
    p = 0.5 + offset
    exact_offset = p - 0.5
    assert relative_error(apply("logit", p), 2 * np.arctanh(2 * exact_offset)) < 1e-15
    quantile = math.sqrt(2) * special.erfinv(2 * exact_offset)
    assert relative_error(apply("normal_quantile", p), quantile) < 2e-15


@pytest.mark.parametrize(
    ("x", "tail"),
    [
        (-37.5, 4.605353009581955e-308),
        (-30.0, 4.906713927148187e-198),
        (-20.0, 2.7536241186062337e-89),
        (-10.0, 7.619853024160525e-24),
        (-5.0, 2.866515718791939e-07),
        (-1.0, 0.15865525393145705),
    ],
)
def test_the_lower_tail_of_the_normal_distribution(x, tail):
    """Reference values of erfc(−x/√2)/2 in 40-digit arithmetic."""
    assert relative_error(apply("normal_cdf", [x]), tail) < (1e-13 if INTERPRETED else 4e-15)


def test_the_logarithm_of_the_normal_distribution_is_good_to_eleven_digits():
    x = np.linspace(-37.25, 40, POINTS)
    wanted, value = special.log_ndtr(x), apply("log_normal_cdf", x)
    error = np.abs(value - wanted) / np.maximum(np.abs(wanted), 0.1)
    assert np.max(error) < 1e-11
    assert np.max(value) == 0.0
    x = np.linspace(-37.0, 8, POINTS)  # as far as the floor of `log`
    difference = apply("log", apply("normal_cdf", x)) - special.log_ndtr(x)
    assert np.max(np.abs(difference)) < 3e-13


@pytest.mark.parametrize("name", DOMAINS)
def test_edges(name):
    arguments, expected = zip(*EDGES[name], strict=True)
    assert apply(name, arguments).tolist() == list(expected)


@pytest.mark.parametrize("name", DOMAINS)
def test_not_a_number_stays_so(name):
    assert np.isnan(apply(name, [math.nan])).all()


def test_far_arguments_stay_finite():
    far = [709.0, 710.0, 1e300, math.inf]
    assert relative_error(apply("exp", far), math.exp(709.0)) < 4e-16
    assert relative_error(apply("expm1", far), math.exp(709.0)) < 4e-16
    assert apply("exp2", [1023.0, 1024.0, math.inf]).tolist() == [2.0**1023] * 3
    assert np.all(apply("logistic", [-709.5, -1e300, -math.inf]) < 1.3e-308)


def test_logarithms_have_a_floor():
    low = [1e-300, 5e-324, 0.0, -1.0, -math.inf]
    assert relative_error(apply("log", low), math.log(1e-300)) < 4e-16
    assert relative_error(apply("log2", low), math.log2(1e-300)) < 4e-16
    assert relative_error(apply("logit", [0.0]), math.log(1e-300)) < 4e-16
    assert relative_error(apply("logit", [1.0]), -math.log(1e-300)) < 4e-16
    assert relative_error(apply("normal_quantile", [1e-310]), special.ndtri(1e-300)) < 1e-15


def test_inverses_return():
    x = np.linspace(-30, 5, POINTS)
    assert np.max(np.abs(apply("logit", apply("logistic", x)) - x)) < 1e-13
    assert np.max(np.abs(apply("normal_quantile", apply("normal_cdf", x)) - x)) < 1e-10


@pytest.mark.parametrize("name", DOMAINS)
def test_never_falls(name):
    arguments = np.linspace(*DOMAINS[name], POINTS)
    assert np.all(np.diff(apply(name, arguments)) >= -ROUNDING.get(name, 0.0))


def test_fma_and_polynomial():
    @rule
    def both(x):
        return mathematics.fma(x, x, 1.0), mathematics.polynomial(x, (1.0, -2.0, 4.0))

    assert both(3.0) == (10.0, 31.0)


@pytest.mark.skipif(INTERPRETED, reason="plain Python rounds the product too")
def test_fma_rounds_once():
    @rule
    def lost(x):
        return mathematics.fma(x, x, -(x * x))

    assert lost(1.0 + 2.0**-30) == 2.0**-60


# ---- random words ----


def test_unit_is_exact_and_strictly_inside():
    words = np.concatenate([random_words(1), np.array([0, 1, 2**31, TOP], dtype=np.uint64)])
    values = apply("unit", words)
    assert np.array_equal(values, (words.astype(np.float64) + 0.5) / 2.0**32)
    assert values.min() > 0.0
    assert values.max() < 1.0


@pytest.mark.parametrize("first", [0, 2**31 - POINTS // 2, TOP + 1 - POINTS])
def test_normal_near_the_ends_and_the_middle(first):
    words = np.arange(first, first + POINTS, dtype=np.uint64)
    values = apply("normal", words)
    assert np.max(np.abs(values - special.ndtri((words + 0.5) / 2.0**32))) < 1e-10
    assert np.all(np.diff(values) > 0.0)


def test_normal_everywhere():
    words = random_words(2)
    expected = special.ndtri((words + 0.5) / 2.0**32)
    assert np.max(np.abs(apply("normal", words) - expected)) < 1e-10


def test_normal_rises_and_exponential_falls_between_neighbours():
    words = np.minimum(random_words(3), np.uint64(TOP - 1))
    following = words + np.uint64(1)
    assert np.all(apply("normal", following) > apply("normal", words))
    assert np.all(apply("exponential", following) < apply("exponential", words))


def test_the_complement_of_a_word_gives_the_negative_normal():
    words = np.concatenate([random_words(4), np.arange(100, dtype=np.uint64)])
    complement = words ^ np.uint64(TOP)
    assert np.array_equal(apply("normal", complement), -apply("normal", words))


def test_exponential_keeps_relative_accuracy_at_both_ends():
    low = np.concatenate([random_words(5) >> np.uint64(1), np.arange(100, dtype=np.uint64)])
    small = (low + 0.5) / 2.0**32
    assert relative_error(apply("exponential", low), -np.log(small)) < 4e-16
    high = apply("exponential", low ^ np.uint64(TOP))
    assert relative_error(high, -np.log1p(-small)) < 6e-16
    assert high.min() > 0.0


# ---- the machine code ----


def library_calls(code):
    return set(re.findall(LIBRARY, code))


@pytest.mark.parametrize("name", [*DOMAINS, *OF_WORDS])
@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_loops_become_vector_code_without_library_calls(name):
    apply(name, [1])
    (code,) = loop_over(name).inspect_asm().values()
    assert not library_calls(code)
    if platform.machine() in ("x86_64", "AMD64"):
        assert len(re.findall(r"\b[yz]mm\d", code)) > 20


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_a_library_call_would_be_noticed():
    @rule
    def loop(arguments, values):
        for i in range(arguments.size):
            values[i] = math.exp(arguments[i]) + math.erf(arguments[i])

    loop(np.ones(3), np.ones(3))
    (code,) = loop.inspect_asm().values()
    assert library_calls(code) == {"exp", "erf"}


@pytest.mark.parametrize("name", [*DOMAINS, *OF_WORDS])
def test_a_value_does_not_depend_on_its_place_in_the_vector(name):
    """The scalar remainder of a loop gives the same bits as its vector body."""
    words = name in OF_WORDS
    arguments = random_words(6)[:64] if words else np.linspace(*DOMAINS[name], 64)
    alone = np.concatenate([apply(name, [argument]) for argument in arguments])
    assert np.array_equal(apply(name, arguments), alone)
