/* Keyed random numbers: Philox4x32-7, with the keys and counters of
   regimesim/model/world/draws.py. */

#ifndef DRAWS_H
#define DRAWS_H

#include <stdint.h>

enum purpose {
    FOR_WORLD = 2,
    FOR_LAB = 3,
    FOR_GROWTH = 4,
    FOR_MONTH = 5,
    FOR_ABILITY = 6,
    FOR_NATURE = 7,
    FOR_EVALUATION = 8, /* the entity is four systems */
    FOR_ATTEMPT = 10,
    FOR_CATCH = 11,
    FOR_EXERCISE = 12,
    FOR_MODEL_ABILITY = 16, /* the entity is a lab, the month the number of its model */
    FOR_MODEL_NATURE = 17,
    FOR_TRAP = 18
};

#define LOW_HALF UINT64_C(0xFFFFFFFF)

struct block {
    uint64_t word[4];
};

/* Four words below 2^32; `month` is 0 at the initialisation, else t + 1. */
static inline __attribute__((always_inline)) struct block
words(uint64_t seed, uint64_t entity, uint64_t month, uint64_t world, uint64_t purpose)
{
    uint64_t c0 = entity & LOW_HALF, c1 = month & LOW_HALF, c2 = world & LOW_HALF, c3 = purpose;
    uint64_t k0 = seed & LOW_HALF, k1 = seed >> 32;
#define ROUND                                                                                      \
    {                                                                                              \
        uint64_t first = UINT64_C(0xD2511F53) * c0, second = UINT64_C(0xCD9E8D57) * c2;            \
        c0 = (second >> 32) ^ c1 ^ k0;                                                             \
        c1 = second & LOW_HALF;                                                                    \
        c2 = (first >> 32) ^ c3 ^ k1;                                                              \
        c3 = first & LOW_HALF;                                                                     \
        k0 = (k0 + UINT64_C(0x9E3779B9)) & LOW_HALF;                                               \
        k1 = (k1 + UINT64_C(0xBB67AE85)) & LOW_HALF;                                               \
    }
    ROUND ROUND ROUND ROUND ROUND ROUND ROUND
#undef ROUND
    return (struct block){{c0, c1, c2, c3}};
}

#endif
