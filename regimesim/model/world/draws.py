"""Keyed random numbers: Philox4x32-7 (Salmon et al. 2011, Random123).

A draw depends on nothing but its key (the seed) and its counter (entity, month,
world, purpose).  So two policies see the same worlds, a new purpose changes no other
draw, and no result depends on threads, batches or the order of systems.  The policy is
never in the counter.

The month in a counter is 0 at the initialisation of a world and t + 1 in its month t, so
that the first training of a system and a retraining in the first month draw different
numbers.

Seven rounds are the fewest of Philox4x32 that pass every test of TestU01's largest battery.  The
numbers of a counter are small here and differ in few bits; docs/odd.md says what seven rounds,
and fewer, give at such counters.

Each purpose is one block of four 32-bit words; whose it is and what its words decide is
said beside it.
"""

import numpy as np

from regimesim.model.compilation import equation
from regimesim.model.world.mathematics import unit

# Typed, so that one compiled function serves all purposes.  The entity of a draw is a system
# unless something else is said.
PARAMETER = np.int64(1)  # crc32 of the dotted key: a uniform in words 0 and 1, a second in 2, 3
WORLD = np.int64(2)  # nobody: 0 error of the red line
LAB = np.int64(3)  # lab: 0 frontier, 1 feedback density, 2 compliance with a pause
GROWTH = np.int64(4)  # lab: 0 noise of growth, 1 move up the ladder, 2 safeguards dropped
MONTH = np.int64(5)  # 0 retraining, 1 goal drift, 2 story incident or feint, 3 joins a strike
ABILITY = np.int64(6)  # 0 capability, 1 awareness, 2 calibration, 3 value
NATURE = np.int64(7)  # 0 scale of goals, 1 archetype, 2 emergent misalignment, 3 sleeping trait
EVALUATION = np.int64(8)  # system // 4: word system % 4, noise of the report
ATTEMPT = np.int64(10)  # 0 critical, 1 discovered, 2 recognised as strategic, 3 by auditors
CATCH = np.int64(11)  # 0 the common shock, 1 to 3 one a safeguard
EXERCISE = np.int64(12)  # exercise // 4: word exercise % 4, caught
CARRY = np.int64(13)  # nobody: 0 a lost world is carried on
AGAIN = np.int64(14)  # 0 an attempt that was lost is caught, were it not lost
FURTHER = np.int64(15)  # 0 to 3 one a safeguard that has no word of CATCH
TRAP = np.int64(18)  # 0 the opportunity for an attempt is a trap
# of a model of a lab: the entity is the lab, the month is the number of the model
MODEL_ABILITY = np.int64(16)  # as ABILITY
MODEL_NATURE = np.int64(17)  # as NATURE
OVERSEERS = np.int64(19)  # nobody: 0, 1 and 2, 3 two uniforms for a policy's rule

INITIALISATION = np.int64(0)  # the month in the counter of what is drawn at initialisation
NOBODY = np.int64(0)  # the entity of what belongs to the world as a whole

ROUNDS = 7
MASK = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)


@equation
def philox(counter_0, counter_1, counter_2, counter_3, key_0, key_1):
    """Philox4x32: four words from four counter and two key words.

    All arguments and results are uint64 below 2**32.
    """
    for _ in range(ROUNDS):
        product_0 = MULTIPLIER_0 * counter_0
        product_1 = MULTIPLIER_1 * counter_2
        counter_0 = (product_1 >> HALF) ^ counter_1 ^ key_0
        counter_1 = product_1 & MASK
        counter_2 = (product_0 >> HALF) ^ counter_3 ^ key_1
        counter_3 = product_0 & MASK
        key_0 = (key_0 + WEYL_0) & MASK
        key_1 = (key_1 + WEYL_1) & MASK
    return counter_0, counter_1, counter_2, counter_3


@equation
def words(seed, entity, month, world, purpose):
    """The four words of one purpose; `month` is 0 at initialisation, else t + 1.

    The masks change no number, but say that the first products are of 32 bits: the others are
    several times slower."""
    key = np.uint64(seed)
    return philox(
        np.uint64(entity) & MASK,
        np.uint64(month) & MASK,
        np.uint64(world) & MASK,
        np.uint64(purpose),
        key & MASK,
        key >> HALF,
    )


@equation
def fine_unit(high, low):
    """Uniform on (0, 1) of 52 bits, from two words: for draws made once a world. Eq. D.4."""
    whole = (high >> np.uint64(6)) * np.uint64(1 << 26) + (low >> np.uint64(6))
    return (np.float64(whole) + 0.5) * 2.0**-52


__all__ = ["fine_unit", "philox", "unit", "words"]
