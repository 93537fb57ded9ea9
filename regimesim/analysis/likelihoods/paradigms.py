"""Labs by paradigm: each is seen at its own, or mistaken for one of the others."""

import numpy as np

CLASSES = 4


def log_likelihood(seen, actual, misread: float = 0.0) -> np.ndarray:
    """ln of the probability that so many labs are seen at each paradigm. Eq. 8.23.

    Parameters
    ----------
    seen : sequence of int
        The labs that are seen at paradigm 1 to 4.
    actual : ndarray, shape (worlds, 4)
        The labs that are there.
    misread : float
        The probability that a lab is taken for one of the other three, with equal chances.

    Returns
    -------
    ndarray, shape (worlds,)
    """
    actual, back = np.unique(np.asarray(actual, int), axis=0, return_inverse=True)
    with np.errstate(divide="ignore"):
        each = np.log([_probability(tuple(seen), row, misread) for row in actual])
    return each[np.ravel(back)]


def _probability(seen, actual, misread) -> float:
    """The sum over all ways in which the labs of one world may be taken."""
    if sum(seen) != actual.sum():
        return 0.0
    reached = {(0,) * CLASSES: 1.0}
    for paradigm, labs in enumerate(actual):
        chances = [1 - misread if k == paradigm else misread / 3 for k in range(CLASSES)]
        for _ in range(labs):
            reached = _one_more(reached, chances, seen)
    return reached.get(seen, 0.0)


def _one_more(reached, chances, most):
    """The probability of each count, with one more lab; counts above those seen are left out."""
    further: dict[tuple[int, ...], float] = {}
    for counts, probability in reached.items():
        for k, chance in enumerate(chances):
            if chance and counts[k] < most[k]:
                more = (*counts[:k], counts[k] + 1, *counts[k + 1 :])
                further[more] = further.get(more, 0.0) + probability * chance
    return further
