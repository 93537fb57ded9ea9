"""The figure of rare failures: two probabilities a policy, with their intervals."""

import numpy as np
from matplotlib.figure import Figure

from regimesim.plots.style import BELIEVED, TRUE, shortened, styled, words

FIGURES = ()  # the command draws none: its table has the same few numbers
COLOURS = {"takeover": TRUE, "first_try_lost": BELIEVED}
ENDS = ("estimate", "low", "high")


@styled
def probabilities(content: dict, ax=None):
    """Draw the probability of each failure under each policy, on a logarithmic scale.

    Parameters
    ----------
    content : dict
        The content of rare.json.
    ax : Axes, optional
        By default that of a new figure.

    Returns
    -------
    Axes
        A probability of which only the upper end is known is not drawn.
    """
    ax = Figure().subplots() if ax is None else ax
    policies = content["policies"]
    for shift, (failure, colour) in enumerate(COLOURS.items()):
        rows = [policy[failure] for policy in policies.values()]
        middle, low, high = (np.array([row[key] for row in rows]) for key in ENDS)
        known = middle > 0.0
        ax.errorbar(
            np.flatnonzero(known) + 0.2 * shift,
            middle[known],
            np.array([middle - low, high - middle])[:, known],
            fmt="o",
            color=colour,
            label=words(failure),
        )
    ax.set_yscale("log")
    ax.set_xticks(range(len(policies)), [shortened(name, 20) for name in policies])
    ax.set_ylabel("probability")
    ax.legend()
    return ax
