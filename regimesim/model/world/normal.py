"""The standard normal distribution of the compiled month: Φ, Φ⁻¹, and a draw from a random word.

The notes in `mathematics.py` on functions and coefficients hold here too, except that the
rationals here, with numerator ABOVE and denominator BELOW, were fitted by Remez exchange.
"""

import math

from regimesim.model.compilation import equation
from regimesim.model.world.mathematics import (
    clamp,
    exp,
    fma,
    log,
    polynomial,
    positive_log,
    unit,
)

# ---- distribution and quantile ----

# Φ(−a) e^(a²/2) on 0 ≤ a ≤ 40; relative error 1.5e-16
TAIL_ABOVE = (
    0.5,
    0.7721965549711943,
    0.5900484086625837,
    0.2864002592104593,
    0.09634798801277257,
    0.023198027447487234,
    0.003996451018806887,
    0.0004765365264037814,
    3.594438673183838e-05,
    1.3245374713057317e-06,
)
TAIL_BELOW = (
    1.0,
    2.3422776707452515,
    2.548964007926196,
    1.7014022312810344,
    0.773692274327828,
    0.2513459975718912,
    0.05933669163243366,
    0.010107716326885006,
    0.001197820054247587,
    9.00992160942961e-05,
    3.3201230763925007e-06,
)
FARTHEST = 40.0  # standard deviations: Φ(−40) is 0 in double precision

# ln Φ(8.25 − t)/t on 0 ≤ t ≤ 45.5; error 6e-12 of ln Φ, or 6e-13 where that is above −0.1
CERTAINLY = 8.25  # standard deviations: 1 − Φ(8.25) is 8e-17, and Φ(8.25) is 1
LONGEST = 45.5
LOG_ABOVE = (
    1.5335237316196428e-11,
    -1.4335703663322936e-10,
    1.77534724363825e-10,
    1.9001485191276424e-09,
    -9.318291611670297e-09,
    2.0891310889423976e-08,
    -2.894105292087907e-08,
    2.7393594645804677e-08,
    -1.860783382940158e-08,
    9.311289780969586e-09,
    -3.4738635973507863e-09,
    9.669002986352208e-10,
    -1.9854915067478397e-10,
    2.9283931632091663e-11,
    -2.9435087174296656e-12,
    1.8115951359367702e-13,
    -5.197309176602736e-15,
)
LOG_BELOW = (
    1.0,
    -0.7775235597401755,
    0.29741076472720296,
    -0.07243887448434073,
    0.012500692453802342,
    -0.001611031730787128,
    0.00016035648069660213,
    -1.2551656827397416e-05,
    7.861482034452719e-07,
    -3.926395042627432e-08,
    1.5132109203492298e-09,
    -4.835611867129722e-12,
    -9.913738270687366e-12,
    1.915310943692453e-12,
    -1.909563927697175e-13,
    1.0394860377325458e-14,
)

# Φ⁻¹(½ + d)/d in CENTRE − d², |d| ≤ 0.425; relative error 2.0e-16
CENTRE_REACH = 0.425
CENTRE = CENTRE_REACH**2
CENTRE_ABOVE = (
    3.387132872796366,
    132.34952307529568,
    1945.8634925810366,
    13435.894380763693,
    44467.78230127249,
    64333.076966458466,
    31512.677928652163,
    2326.3346589916655,
)
CENTRE_BELOW = (
    1.0,
    42.079461867327446,
    678.8885268298586,
    5287.08531221639,
    20596.911257262633,
    37739.274046265135,
    27224.29186548154,
    4879.757758031004,
)
# Φ⁻¹(e^(−r²)) on 1.61 ≤ r ≤ 26.3; relative error 3.8e-17
QUANTILE_ABOVE = (
    -3.56515271913761,
    -38.40151088412759,
    -65.53235097385618,
    15.740273769463576,
    80.2538840352627,
    60.60833876421579,
    23.129586803077924,
    4.5745085796910905,
    0.4343105087997706,
    0.01827484132391303,
    0.0002992341920992455,
    1.3813874702385496e-06,
)
QUANTILE_BELOW = (
    1.0,
    17.542545784236832,
    62.537255707697405,
    79.10053808426846,
    48.195937386673414,
    16.973540866684765,
    3.2661865582914924,
    0.30773081069480523,
    0.012925941865765062,
    0.00021159168700163943,
    9.76787358385962e-07,
)


@equation
def normal_cdf(x):
    """Φ(x), the standard normal distribution function; exactly 0 below −37.6.

    The lower tail is e^(−a²/2) times a rational in a = |x|, so it keeps its relative
    accuracy down to 1e-307; a² is carried with its rounding error for that reason.
    """
    distance = abs(x)
    a = FARTHEST if distance > FARTHEST else distance
    lost = fma(a, a, -(a * a))
    density = exp(-0.5 * (a * a)) * fma(-0.5, lost, 1.0)
    tail = density * (polynomial(a, TAIL_ABOVE) / polynomial(a, TAIL_BELOW))
    return 1.0 - tail if x > 0.0 else tail


@equation
def log_normal_cdf(x):
    """ln Φ(x), at most 0, and 0 from 8.25 on; below −37.25 it stays at −698.4.

    One rational: less than half of the work of the logarithm of `normal_cdf`, to eleven digits.
    """
    t = clamp(CERTAINLY - x, 0.0, LONGEST)
    return min(t * (polynomial(t, LOG_ABOVE) / polynomial(t, LOG_BELOW)), 0.0)


@equation
def normal_quantile(p):
    """Φ⁻¹(p), the standard normal quantile; −40 at p = 0 and +40 at p = 1.

    A rational in (p − ½)² for the middle 85 % and one in √(−ln p) for the tails, which
    for p below 1e-300 stay at Φ⁻¹(1e-300) = −37.05.
    """
    d = p - 0.5
    y = fma(-d, d, CENTRE)
    centre = d * (polynomial(y, CENTRE_ABOVE) / polynomial(y, CENTRE_BELOW))
    r = math.sqrt(abs(log(p if p < 0.5 else 1.0 - p)))
    farther = polynomial(r, QUANTILE_ABOVE) / polynomial(r, QUANTILE_BELOW)
    outer = farther if d > 0.0 else -farther
    inside = centre if abs(d) < CENTRE_REACH else outer
    above = -FARTHEST if p <= 0.0 else inside
    return FARTHEST if p >= 1.0 else above


# ---- a draw from a random word ----

# Φ⁻¹(u)/(u − ½) in w = −ln(4u(1 − u)) on 0 ≤ w ≤ 21.5; absolute error of Φ⁻¹ 6.8e-11
NORMAL_ABOVE = (
    2.5066282739598145,
    0.796038483804713,
    0.15811859029517783,
    0.022125568320724723,
    0.0021902229411186022,
    0.00015573194042003993,
    9.057861389404487e-06,
    7.067624058208963e-07,
    4.059974402235369e-09,
)
NORMAL_BELOW = (
    1.0,
    0.0557740129170977,
    0.035446596508172154,
    0.0014548393739721257,
    0.0003225658125255386,
    7.431209981716133e-06,
    1.2913138767406346e-06,
    2.660945479019432e-08,
    3.004981095335512e-11,
)


@equation
def normal(word):
    """The standard normal of a random word. Eq. D.2."""
    return normal_draw(unit(word))


@equation
def normal_draw(u):
    """The standard normal Φ⁻¹(u) of a uniform draw `unit(word)`, error below 1e-9.

    It rises with the draw, and the complement of a word gives exactly its negative:
    one draw in, one out, so common random numbers and antithetic pairs work.
    """
    w = -positive_log(4.0 * u * (1.0 - u))
    return (u - 0.5) * (polynomial(w, NORMAL_ABOVE) / polynomial(w, NORMAL_BELOW))
