"""The scalar mathematics of the compiled month: branch-free, and the same everywhere.

Every function takes and returns float64 and is inlined into the loop that calls it.
None calls the system's mathematical library and none branches, so the compiler can
turn such a loop into vector instructions, and its results are the same bits at every
vector width.  Choices are made between values that have both been computed.

The coefficients were fitted in 40-digit arithmetic, by interpolation in Chebyshev points.
The error quoted beside each is the fit's own, measured on a dense grid; rounding adds one
to three units in the last place.  Coefficients run from the lowest power to the highest.

NaN in gives NaN out.  With compilation off the functions are plain Python, in which
`fma` rounds twice, so the last digits may differ.
"""

import math
import struct

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from regimesim.model.compilation import INTERPRETED, equation

# ---- what the hardware offers: fused multiply-add and a double's bit pattern ----

if INTERPRETED:

    def fma(a, b, c):
        """a·b + c (rounded twice here, once when compiled)."""
        return a * b + c

    def polynomial(x, coefficients):
        """Σ coefficients[k]·x^k by Horner's rule."""
        total = coefficients[-1]
        for coefficient in coefficients[-2::-1]:
            total = fma(total, x, coefficient)
        return total

    def _bits(x):
        return np.uint64(struct.unpack("<Q", struct.pack("<d", x))[0])

    def _double(bits):
        return struct.unpack("<d", struct.pack("<Q", int(bits)))[0]

    def lowest_bit(whole):
        """The place of the lowest bit that is set in a positive whole number."""
        return (whole & -whole).bit_length() - 1

else:

    @intrinsic
    def fma(typing, a, b, c):
        """a·b + c, rounded once (IEEE 754 fusedMultiplyAdd)."""

        def generate(context, builder, signature, arguments):
            return builder.fma(*arguments)

        return types.float64(types.float64, types.float64, types.float64), generate

    @intrinsic
    def polynomial(typing, x, coefficients):
        """Σ coefficients[k]·x^k by Horner's rule, one `fma` a power; a tuple of floats."""

        def generate(context, builder, signature, arguments):
            point, packed = arguments
            total = builder.extract_value(packed, len(coefficients) - 1)
            for power in reversed(range(len(coefficients) - 1)):
                total = builder.fma(total, point, builder.extract_value(packed, power))
            return total

        return types.float64(types.float64, coefficients), generate

    @intrinsic
    def _bits(typing, x):
        def generate(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], ir.IntType(64))

        return types.uint64(types.float64), generate

    @intrinsic
    def _double(typing, bits):
        def generate(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], ir.DoubleType())

        return types.float64(types.uint64), generate

    @intrinsic
    def lowest_bit(typing, whole):
        """The place of the lowest bit that is set in a positive whole number."""

        def generate(context, builder, signature, arguments):
            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.int64), generate


# ---- exponentials ----

LOG2_E = 1.4426950408889634
LN2 = 0.6931471805599453
LN2_HIGH = 0.6931471805601177  # 40 bits after the point: its products with an exponent are exact
LN2_LOW = -1.7239444525614835e-13

# Adding ROUNDER rounds to an integer n and leaves n + 1023, the exponent field of 2^n,
# in the lowest bits: the conversion to an integer that AVX2 lacks.
ROUNDER = 1.5 * 2.0**52 + 1023.0
EXPONENT_SHIFT = np.uint64(52)

# (e^r − 1 − r)/r² on |r| ≤ ½ ln 2; relative error of e^r 1.3e-17
EXP = (
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662413,
    0.008333333333330062,
    0.0013888888917213717,
    0.00019841269863053618,
    2.4801521295954376e-05,
    2.7557268459997064e-06,
    2.7620088445409746e-07,
    2.510038549551032e-08,
)
EXP_LOWEST, EXP_HIGHEST = -708.0, 709.0
EXP2_LOWEST, EXP2_HIGHEST = -1022.0, 1023.0


@equation
def clamp(x, lowest, highest):
    """x within [lowest, highest]; NaN stays NaN."""
    return min(max(x, lowest), highest)


@equation
def _power_of_two(rounded):
    """2^n from the sum n + ROUNDER."""
    return _double(_bits(rounded) << EXPONENT_SHIFT)


@equation
def _expm1_near(r):
    """e^r − 1 for |r| ≤ ½ ln 2."""
    return fma(r * r, polynomial(r, EXP), r)


@equation
def _reduce(x):
    """(r, 2^n) with x = r + n ln 2 and |r| ≤ ½ ln 2."""
    rounded = fma(x, LOG2_E, ROUNDER)
    n = rounded - ROUNDER
    r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, x))
    return r, _power_of_two(rounded)


@equation
def exp(x):
    """e^x; exactly 0 below −708, and e^709 (finite) above 709."""
    r, scale = _reduce(clamp(x, EXP_LOWEST, EXP_HIGHEST))
    value = scale * (1.0 + _expm1_near(r))
    return 0.0 if x < EXP_LOWEST else value


@equation
def expm1(x):
    """e^x − 1 without loss for small x; −1 below −708, e^709 above 709."""
    r, scale = _reduce(clamp(x, EXP_LOWEST, EXP_HIGHEST))
    return fma(scale, _expm1_near(r), scale - 1.0)


@equation
def exp2(x):
    """2^x; exactly 0 below −1022, and 2^1023 (finite) above 1023."""
    within = clamp(x, EXP2_LOWEST, EXP2_HIGHEST)
    rounded = within + ROUNDER
    r = (within - (rounded - ROUNDER)) * LN2
    value = _power_of_two(rounded) * (1.0 + _expm1_near(r))
    return 0.0 if x < EXP2_LOWEST else value


@equation
def logistic(x):
    """1/(1 + e^−x), the logistic function, within [0, 1]; about 1e-308 below −709."""
    return 1.0 / (1.0 + exp(-x))


# ---- whole numbers ----

# Adding WHOLE leaves the nearest integer in the lowest bits.
WHOLE = 1.5 * 2.0**52
WHOLE_BITS = np.int64(0x4338000000000000)


@equation
def nearest(x):
    """The whole number nearest to x as an int64, of two the even one; for |x| < 2^51."""
    return np.int64(_bits(x + WHOLE)) - WHOLE_BITS


# ---- logarithms ----

ROOT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)
ONE_LESS_ROOT_HALF = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
FRACTION_MASK = np.uint64(0x000FFFFFFFFFFFFF)
TWO_52_BITS = np.uint64(0x4330000000000000)  # or-ing an integer in gives 2^52 + integer
TWO_52_BIASED = 2.0**52 + 1023.0
SMALLEST = 1e-300  # arguments of a logarithm are raised to this

# (2 artanh s − 2s)/s³ in s² on |s| ≤ (√2 − 1)/(√2 + 1); relative error of the logarithm 4.6e-18
ARTANH = (
    0.666666666666667,
    0.39999999999899444,
    0.2857142862600327,
    0.22222211130259878,
    0.18182889455674947,
    0.15331710618210773,
    0.14616585424888623,
)
ARTANH_REACH = 0.1715


@equation
def _split(x):
    """(k, f) with x = 2^k (1 + f) and √½ ≤ 1 + f < √2, for positive normal x."""
    moved = _bits(x) + ONE_LESS_ROOT_HALF
    k = _double((moved >> EXPONENT_SHIFT) | TWO_52_BITS) - TWO_52_BIASED
    return k, _double((moved & FRACTION_MASK) + ROOT_HALF_BITS) - 1.0


@equation
def _log1p_near(f):
    """(head, tail) whose sum is ln(1 + f), for √½ ≤ 1 + f < √2.

    With s = f/(2 + f) the logarithm is 2 artanh s = f − f²/2 + s(f²/2 + s²·ARTANH(s²)).
    """
    s = f / (2.0 + f)
    z = s * s
    half_square = 0.5 * f * f
    return f, s * fma(z, polynomial(z, ARTANH), half_square) - half_square


@equation
def positive_log(x):
    """ln x for positive normal x."""
    k, f = _split(x)
    head, tail = _log1p_near(f)
    return fma(k, LN2_HIGH, fma(k, LN2_LOW, tail) + head)


@equation
def log(x):
    """ln x; arguments below 1e-300, zero and negative ones too, give ln 1e-300 = −690.8."""
    value = positive_log(SMALLEST if x < SMALLEST else x)
    return value if x < math.inf else x


@equation
def log2(x):
    """log₂ x, with the same floor as `log`: −996.6."""
    k, f = _split(SMALLEST if x < SMALLEST else x)
    head, tail = _log1p_near(f)
    value = fma(head + tail, LOG2_E, k)
    return value if x < math.inf else x


@equation
def logit(p):
    """ln(p/(1 − p)), the inverse of `logistic`; ±690.8 at p = 0 and p = 1.

    Near p = ½ it is 2 artanh(2p − 1), which keeps its relative accuracy there.
    """
    s = 2.0 * p - 1.0
    z = s * s
    near = fma(s * z, polynomial(z, ARTANH), 2.0 * s)
    far = log(p) - log(1.0 - p)
    return near if abs(s) < ARTANH_REACH else far


# ---- random words ----

UNIT_STEP = 2.0**-32
UNIT_BEGIN = 0.5 * UNIT_STEP - 2.0**20  # exact: 2^20 is that of the bits of 2^52


@equation
def unit(word):
    """The uniform (word + ½)/2³² of a 32-bit word: exact, strictly between 0 and 1. Eq. D.1."""
    return fma(_double(np.uint64(word) | TWO_52_BITS), UNIT_STEP, UNIT_BEGIN)


@equation
def exponential(word):
    """The standard exponential −ln(unit(word)): strictly positive, falling in the word.
    Eq. D.3."""
    return -positive_log(unit(word))
