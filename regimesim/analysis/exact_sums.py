"""Exact sums of products: values as whole numbers of a grain, in parts.

A whole number is a·2^17 + b, or a·2^34 + b·2^17 + c: products of parts are so small that
sums of them over many millions of worlds fit into 64 bits.
"""

from itertools import combinations_with_replacement, product

import numpy as np

PART_BITS = 17  # bits of a part
LONG, SHORT = 3, 2  # numbers of parts


def whole_numbers(values, exists, grains):
    """Values (rows, worlds) as whole numbers of the grain of their row, 0 where there is none."""
    return np.rint(np.where(exists, values, 0.0) / grains[:, None]).astype(np.int64)


def parts(whole, count=SHORT) -> list[np.ndarray]:
    """The parts of whole numbers, the highest first; only this one may be negative."""
    lower = [whole >> PART_BITS * k & ((1 << PART_BITS) - 1) for k in reversed(range(count - 1))]
    return [whole >> PART_BITS * (count - 1), *lower]


def products_of_parts(whole, count=SHORT) -> list[np.ndarray]:
    """The products of the parts of whole numbers with each other, as a², a·b and b²."""
    return [a * b for a, b in combinations_with_replacement(parts(whole, count), 2)]


def sum_of_squares(sums, count=SHORT):
    """Sums of squares as Python integers, from the sums of the products of parts (…, products)."""
    places = combinations_with_replacement(range(count), 2)
    return _added(sums, [(1 if i == j else 2) << _bits(i + j, 2 * count) for i, j in places])


def sum_of_products(sums):
    """Sums of products of long with short numbers, from the sums of the products of every part
    of one with every part of the other (…, products)."""
    places = product(range(LONG), range(SHORT))
    return _added(sums, [1 << _bits(i + j, LONG + SHORT) for i, j in places])


def _bits(place, count):
    return PART_BITS * (count - 2 - place)


def _added(sums, factors):
    each = np.moveaxis(sums, -1, 0).astype(object)
    return sum(part * factor for part, factor in zip(each, factors, strict=True))
