"""Worlds that are simulated a second time, with the same drawn parameters and other luck.

Two such worlds share every assumption and nothing else, so what they have in common is what
assumptions decide (`regimesim.analysis.variance_shares`).
"""

import numpy as np

EVERY, LAST = 8, 4_000  # every eighth of the first worlds, five hundred at most
OTHER = np.int64(1 << 62)  # the bit of the seed that differs


def is_repeated(numbers: np.ndarray) -> np.ndarray:
    """Whether the worlds of these numbers are simulated a second time."""
    return (numbers % EVERY == 0) & (numbers < LAST)


def other_luck(seeds: np.ndarray) -> np.ndarray:
    """The seeds of the second time, for all draws but those of parameters."""
    return seeds ^ OTHER
