"""Shapley values of many parts, from some of their subsets in each world.

Nine parts have 512 subsets, and to run all of them in a world says little more about the mean over
worlds than to run a well chosen hundred.  The *corners* (no part, one, all but one, all) run in
every world.  Of the others, each world has a sample of its own, drawn by its number: as many of
each size, each with the subset of all other parts.

The estimate of a world is unbiased over these samples.  A guess at the value of every subset is
made from the corners of that world alone: what one part adds to none, and takes from all, added up
and weighted by the size of the subset.  The Shapley values of the guess are known exactly; to them
are added those of what the sampled subsets differ from the guess, each divided by the chance with
which it is sampled (Horvitz and Thompson 1952).  So a poor guess costs precision, but never moves
the mean; and as worlds are independent, samples included, the mean over worlds has its usual
interval.
"""

from functools import cache
from math import factorial
from typing import NamedTuple
from zlib import crc32

import numpy as np

from regimesim.analysis.shapley import shapley_weights
from regimesim.ensemble.parameter_sampling import units

PAIRS = 40  # of subsets that a world has beside the corners


class Subsets(NamedTuple):
    """The subsets of some parts, by place: bit k says whether a subset has part k.

    size: (subsets,) · corner: (subsets,) whether it runs in every world · strata: for each size of
    the smaller of a pair, the places of those, and how many of them a world has · chance:
    (subsets,) with which a world has it · weights: (parts, subsets) of its value in the Shapley
    values.
    """

    size: np.ndarray
    corner: np.ndarray
    strata: tuple[tuple[np.ndarray, int], ...]
    chance: np.ndarray
    weights: np.ndarray


def is_sampled(parts: int) -> bool:
    """Whether there are so many subsets that a world runs only some of them."""
    return 2**parts > 2 * (1 + parts + PAIRS)


@cache
def subsets_of(parts: int) -> Subsets:
    """The subsets of so many parts."""
    places = np.arange(2**parts)
    size = np.array([int(place).bit_count() for place in places])
    corner = (size <= 1) | (size >= parts - 1)
    # of two subsets of half of the parts that complete each other, the one with the first part
    smaller = (2 * size < parts) | ((2 * size == parts) & (places & 1 == 1))
    sizes = range(2, parts // 2 + 1)
    share, rest = divmod(PAIRS, len(sizes))
    chance, strata = np.where(corner, 1.0, 0.0), []
    for k, one in enumerate(sizes):
        those = places[smaller & (size == one)]
        number = min(share + (k >= len(sizes) - rest), len(those))
        chance[those] = chance[2**parts - 1 - those] = number / len(those)
        strata.append((those, number))
    return Subsets(size, corner, tuple(strata), chance, shapley_weights(parts) / factorial(parts))


def sampled_in(parts: int, seed: int, numbers: np.ndarray) -> np.ndarray:
    """Which subsets the worlds of these numbers have: bool (subsets, worlds).

    The sample of a world follows from the seed and its number alone.
    """
    every = subsets_of(parts)
    has = np.repeat(every.corner[:, None], len(numbers), axis=1)
    seeds = np.full(len(numbers), seed, np.int64)
    numbers = np.ascontiguousarray(numbers, np.int64)
    for those, number in every.strata:
        keys = [units(seeds, numbers, crc32(f"subset {place}".encode()))[:, 0] for place in those]
        lowest = np.argsort(np.array(keys), axis=0, kind="stable")[:number]
        worlds = np.arange(len(numbers))
        has[those[lowest], worlds] = has[2**parts - 1 - those[lowest], worlds] = True
    return has


def sampled_shapley(values: np.ndarray, has: np.ndarray, parts: int) -> np.ndarray:
    """An unbiased estimate of the Shapley value of each part in each world: (parts, worlds).

    values, has: (subsets, worlds), the value of each subset, anything where `has` is False.
    """
    every = subsets_of(parts)
    guess = _guess(values, every, parts)
    beyond = np.where(has, values - guess, 0.0) / every.chance[:, None]
    return every.weights @ (guess + beyond)


def _guess(values, every, parts):
    """A guess at the value of every subset, from the corners: between the least and the greatest
    value of these, and the value itself at a corner."""
    nothing, whole = values[0], values[-1]
    alone = 1 << np.arange(parts)
    member = (np.arange(2**parts)[:, None] >> np.arange(parts) & 1).astype(float)
    corners = values[every.corner]
    ends = corners.min(axis=0), corners.max(axis=0)
    upward = np.clip(nothing + member @ (values[alone] - nothing), *ends)
    lacking = values[2**parts - 1 - alone]
    downward = np.clip(whole - (1.0 - member) @ (whole - lacking), *ends)
    way = ((every.size - 1) / (parts - 2))[:, None]
    return np.where(every.corner[:, None], values, (1.0 - way) * upward + way * downward)


def runs_of(parts: int) -> float:
    """How many subsets run in a world."""
    return float(2**parts if not is_sampled(parts) else subsets_of(parts).chance.sum())


def fewest_sampled() -> int:
    """The fewest parts of which only some subsets run."""
    return next(parts for parts in range(3, 64) if is_sampled(parts))
