"""What a figure of a sweep shows, in one sentence from its numbers."""

from collections.abc import Callable, Mapping

import numpy as np

LARGEST = 2  # policies that are named

Ends = tuple[np.ndarray, np.ndarray, np.ndarray]  # estimates, and the ends of their intervals


def widest_line(lines: Mapping[tuple[str, str], Ends], outcome: str, write: Callable) -> str:
    """Along which axis an outcome changes most, and from where to where.

    Parameters
    ----------
    lines : mapping
        By the title of the policy and the name of the axis: estimates with their intervals, in
        the order of the axis.
    outcome : str
        The outcome, as a sentence names it.
    write : callable
        Writes a number of the outcome.

    Returns
    -------
    str
        The line whose lowest and highest estimates are furthest apart, if their intervals are.
    """
    widest, sentence = 0.0, f"No axis clearly changes {outcome}"
    for (title, axis), (middle, low, high) in lines.items():
        if not np.isfinite(middle).any():
            continue
        known = np.where(np.isnan(middle), np.nanmin(middle), middle)
        least, most = int(np.argmin(known)), int(np.argmax(known))
        apart = np.nan_to_num(known[most], posinf=1e9) - known[least]
        if low[most] > high[least] and apart > widest:
            ends = [write(known[place]) for place in sorted((least, most))]
            widest = apart
            sentence = f"Over {axis}, {outcome} under {title} goes from {ends[0]} to {ends[1]}"
    return sentence


def above_a_level(shares: Mapping[str, np.ndarray], outcome: str, level: str) -> str:
    """On how much of a map an outcome is above a level.

    Parameters
    ----------
    shares : mapping
        By the title of the policy, whether the outcome is above at each point.
    outcome : str
        The outcome, as a sentence names it.
    level : str
        The level, as it is written.
    """
    parts = {title: f"{int(np.sum(above))} of {above.size}" for title, above in shares.items()}
    head = f"{outcome} is above {level}"
    of = [f"{count} points under {title}" for title, count in parts.items()]
    if len(parts) <= LARGEST:
        return f"{head} at {' and '.join(of)}"
    most, least = (end(shares, key=lambda title: int(np.sum(shares[title]))) for end in (max, min))
    if parts[most] == parts[least]:
        return f"{head} at {parts[most]} points under each policy"
    return (
        f"{head} at {parts[most]} points under {most}, the most, and at {parts[least]} under "
        f"{least}, the least"
    )


def between(values: np.ndarray, outcome: str, write: Callable) -> str:
    """Between which numbers an outcome lies over a map, leaving out points without an estimate."""
    known = values[~np.isnan(values)]
    if not known.size:
        return f"No point of the map has an estimate of {outcome}"
    low, high = write(known.min()), write(known.max())
    return f"{outcome} is {low} at every point" if low == high else f"{outcome}: {low} to {high}"
