"""Falls of a curve that should rise: differences in the same worlds, and the luck in them."""

import numpy as np

FALSE_ALARM = 0.01  # probability that luck alone makes a monotone curve look otherwise
DOUBT = 2.5  # standard errors of a fall from which on it is looked at in more worlds


def falls(known, rows, targets) -> tuple[tuple[str, ...], bool]:
    """Where targets get worse towards the better end.

    Parameters
    ----------
    known : list of Tried
        Places that were tested in the same worlds, the worst end first.
    rows : mapping
        For each target what each world gave, by the values of a place.
    targets : sequence of Target
        The targets.

    Returns
    -------
    tuple of str
        A sentence for each target that falls by more than luck explains, about its clearest fall.
    bool
        Whether no fall at all is DOUBT standard errors or more.
    """
    from scipy.special import ndtri

    count, sentences, steady = len(known), [], True
    later = np.triu(np.ones((count, count), bool), 1)
    limit = -ndtri(FALSE_ALARM / max(later.sum() * len(targets), 1))
    for k, target in enumerate(targets):
        share, z = _clearness(known, rows, target, k, later)
        i, j = np.unravel_index(np.argmax(z), z.shape)
        steady &= bool(z[i, j] < DOUBT)
        if z[i, j] > limit:
            sentences.append(
                f"{target.estimand} does not move in one direction only: it is {share[i]:.4g} at "
                f"{_written(known[i])} and {share[j]:.4g} at {_written(known[j])}, which luck "
                "does not explain."
            )
    return tuple(sentences), steady


def _clearness(known, rows, target, k, later) -> tuple[list, np.ndarray]:
    """The estimate of a target at each place, and each fall in standard errors (places, places):
    by the variance of differences in the same worlds."""
    share, spread = [], []
    for one in known:
        row = rows[one.values][k].astype(np.float64)
        there = ~np.isnan(row)
        share.append(row[there].mean())
        # what each world adds to the estimate, less its mean (a ratio's linear part)
        spread.append(np.where(there, row - share[-1], 0) / there.sum())
    together = np.array(spread) @ np.array(spread).T
    own = np.diag(together)
    deviation = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * together, 0))
    slack = np.array([target.slack(one) for one in share])
    fall = slack[:, None] - slack[None, :]
    return share, np.where(later & (fall > 0), fall / np.maximum(deviation, 1e-300), 0)


def _written(one) -> str:
    return " and ".join(f"{value:g}" for value in one.values)
