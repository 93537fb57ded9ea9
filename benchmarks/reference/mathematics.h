/* The same branch-free mathematics as regimesim/world/mathematics.py and normal.py beside it:
   same coefficients, same order of operations, an explicit fma wherever there is one there.
   With contraction switched off (-ffp-contract=off) the results are the same bits.

   polynomial_EXP and the like come from layout.h, written by c_reference.py. */

#ifndef MATHEMATICS_H
#define MATHEMATICS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* ---- bits ---- */

INLINE uint64_t bits(double x)
{
    uint64_t whole;
    memcpy(&whole, &x, sizeof whole);
    return whole;
}

INLINE double as_double(uint64_t whole)
{
    double x;
    memcpy(&x, &whole, sizeof x);
    return x;
}

INLINE double larger(double a, double b) { return b > a ? b : a; }
INLINE double smaller(double a, double b) { return b < a ? b : a; }
INLINE double within(double x, double low, double high) { return smaller(larger(x, low), high); }

/* ---- exponentials ---- */

#define LOG2_E 1.4426950408889634
#define LN2 0.6931471805599453
#define LN2_HIGH 0.6931471805601177
#define LN2_LOW (-1.7239444525614835e-13)
#define ROUNDER (1.5 * 0x1p52 + 1023.0)
#define EXP_LOWEST (-708.0)
#define EXP_HIGHEST 709.0
#define EXP2_LOWEST (-1022.0)
#define EXP2_HIGHEST 1023.0

INLINE double clamp(double x, double lowest, double highest)
{
    double above = x < lowest ? lowest : x;
    return above > highest ? highest : above;
}

INLINE double power_of_two(double rounded) { return as_double(bits(rounded) << 52); }

INLINE double expm1_near(double r) { return fma(r * r, polynomial_EXP(r), r); }

INLINE double own_exp(double x)
{
    double inside = clamp(x, EXP_LOWEST, EXP_HIGHEST);
    double rounded = fma(inside, LOG2_E, ROUNDER);
    double n = rounded - ROUNDER;
    double r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, inside));
    double value = power_of_two(rounded) * (1.0 + expm1_near(r));
    return x < EXP_LOWEST ? 0.0 : value;
}

INLINE double own_expm1(double x)
{
    double inside = clamp(x, EXP_LOWEST, EXP_HIGHEST);
    double rounded = fma(inside, LOG2_E, ROUNDER);
    double n = rounded - ROUNDER;
    double r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, inside));
    double scale = power_of_two(rounded);
    return fma(scale, expm1_near(r), scale - 1.0);
}

INLINE double own_exp2(double x)
{
    double inside = clamp(x, EXP2_LOWEST, EXP2_HIGHEST);
    double rounded = inside + ROUNDER;
    double r = (inside - (rounded - ROUNDER)) * LN2;
    double value = power_of_two(rounded) * (1.0 + expm1_near(r));
    return x < EXP2_LOWEST ? 0.0 : value;
}

INLINE double logistic(double x) { return 1.0 / (1.0 + own_exp(-x)); }

/* ---- logarithms ---- */

#define ROOT_HALF_BITS UINT64_C(0x3FE6A09E667F3BCD)
#define ONE_LESS_ROOT_HALF (UINT64_C(0x3FF0000000000000) - ROOT_HALF_BITS)
#define FRACTION_MASK UINT64_C(0x000FFFFFFFFFFFFF)
#define TWO_52_BITS UINT64_C(0x4330000000000000)
#define TWO_52_BIASED (0x1p52 + 1023.0)
#define SMALLEST 1e-300
#define ARTANH_REACH 0.1715

struct split {
    double k, f;
};

INLINE struct split split(double x)
{
    uint64_t moved = bits(x) + ONE_LESS_ROOT_HALF;
    double k = as_double((moved >> 52) | TWO_52_BITS) - TWO_52_BIASED;
    return (struct split){k, as_double((moved & FRACTION_MASK) + ROOT_HALF_BITS) - 1.0};
}

/* ln(1 + f) is f and this tail */
INLINE double log1p_tail(double f)
{
    double s = f / (2.0 + f);
    double z = s * s;
    double half_square = 0.5 * f * f;
    return s * fma(z, polynomial_ARTANH(z), half_square) - half_square;
}

INLINE double log_normal_range(double x)
{
    struct split of = split(x);
    double tail = log1p_tail(of.f);
    return fma(of.k, LN2_HIGH, fma(of.k, LN2_LOW, tail) + of.f);
}

INLINE double own_log(double x)
{
    double value = log_normal_range(x < SMALLEST ? SMALLEST : x);
    return value < INFINITY ? value : x;
}

INLINE double own_log2(double x)
{
    struct split of = split(x < SMALLEST ? SMALLEST : x);
    double tail = log1p_tail(of.f);
    double value = fma(of.f + tail, LOG2_E, of.k);
    return value < INFINITY ? value : x;
}

INLINE double own_logit(double p)
{
    double s = 2.0 * p - 1.0;
    double z = s * s;
    double near = fma(s * z, polynomial_ARTANH(z), 2.0 * s);
    double far = own_log(p) - own_log(1.0 - p);
    return fabs(s) < ARTANH_REACH ? near : far;
}

/* ---- the normal distribution ---- */

#define FARTHEST 40.0
#define CERTAINLY 8.25
#define LONGEST 45.5
#define CENTRE_REACH 0.425
#define CENTRE (CENTRE_REACH * CENTRE_REACH)

INLINE double normal_cdf(double x)
{
    double a = smaller(fabs(x), FARTHEST);
    double density = own_exp(-0.5 * (a * a)) * fma(-0.5, fma(a, a, -(a * a)), 1.0);
    double tail = density * (polynomial_TAIL_ABOVE(a) / polynomial_TAIL_BELOW(a));
    return x > 0.0 ? 1.0 - tail : tail;
}

INLINE double log_normal_cdf(double x)
{
    double t = clamp(CERTAINLY - x, 0.0, LONGEST);
    return smaller(t * (polynomial_LOG_ABOVE(t) / polynomial_LOG_BELOW(t)), 0.0);
}

INLINE double normal_quantile(double p)
{
    double d = p - 0.5;
    double y = fma(-d, d, CENTRE);
    double centre = d * (polynomial_CENTRE_ABOVE(y) / polynomial_CENTRE_BELOW(y));
    double r = sqrt(fabs(own_log(p < 0.5 ? p : 1.0 - p)));
    double farther = polynomial_QUANTILE_ABOVE(r) / polynomial_QUANTILE_BELOW(r);
    double outer = d > 0.0 ? farther : -farther;
    double inside = fabs(d) < CENTRE_REACH ? centre : outer;
    double above = p <= 0.0 ? -FARTHEST : inside;
    return p >= 1.0 ? FARTHEST : above;
}

/* ---- random words ---- */

INLINE double unit(uint64_t word)
{
    return fma(as_double(word | UINT64_C(0x4330000000000000)), 0x1p-32, 0x1p-33 - 0x1p20);
}

INLINE double normal_draw(double u)
{
    double w = -log_normal_range(4.0 * u * (1.0 - u));
    return (u - 0.5) * (polynomial_NORMAL_ABOVE(w) / polynomial_NORMAL_BELOW(w));
}

INLINE double normal(uint64_t word) { return normal_draw(unit(word)); }

INLINE double exponential(uint64_t word) { return -log_normal_range(unit(word)); }

#endif
