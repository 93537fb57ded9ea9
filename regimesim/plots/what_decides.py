"""What decides: shares of luck and of each assumption in whether worlds are lost."""

from textwrap import wrap

import numpy as np

from regimesim.analysis import findings
from regimesim.analysis.assumptions import source_in_words
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.findings import deciders, in_percent
from regimesim.analysis.meaning import says_something
from regimesim.analysis.policy_cells import ranked
from regimesim.analysis.variance_shares import LUCK, REST
from regimesim.plots.policies import looks
from regimesim.plots.style import LETTER, SOFT, finish, flat_axes, grid, points, styled, thick

SHARES = "variance_shares"
IN_WORDS = {LUCK: findings.LUCK, REST: findings.TOGETHER}
LETTERS = 22  # of a source on a line
MOST = 8  # sources
ROW, BAR = 0.26, 0.6  # inches of a row, and the share of it that a bar fills


@styled
def what_decides(summary: dict, axes=None):
    """Draw the shares of luck and of each assumption in the variance of `no_takeover`.

    Bars are shares with their 95 % intervals; a share that is not known to within half of the
    whole has its interval alone, and a policy of which the share of luck is not known is left out.

    Parameters
    ----------
    summary : dict
        The content of summary.json.
    axes : Axes or array of Axes, optional
        One for each policy with shares; by default those of a new figure.

    Returns
    -------
    array of Axes
        A panel for each policy whose worlds are neither all lost nor all without a takeover.
    """
    policies = summary["policies"]
    titles = {name: of["title"] for name, of in policies.items()}
    every = looks(titles, summary.get("titles", ()))
    known = _known(policies)
    shares = {name: known[name] for name in ranked(policies) if name in known}
    everywhere = _ordered(shares.values())
    sources = everywhere if len(everywhere) <= MOST else [*everywhere[: MOST - 1], everywhere[-1]]
    labels = ["\n".join(wrap(source, LETTERS)) for source in sources]
    figure = None
    if axes is None:
        left = 0.3 + LETTER * max(len(line) for label in labels for line in label.split("\n"))
        figure, axes = grid(len(shares), False, left, height=ROW * len(sources))
    axes = flat_axes(axes, len(shares), "policies")
    for ax, (name, of) in zip(axes, shares.items(), strict=True):
        ax.set_title(every[name].title, fontsize=points(8))
        for row, source in enumerate(sources):
            if source in of:
                ink = SOFT if source == IN_WORDS[LUCK] else every[name].ink
                _draw_share(ax, row, of[source], ink)
        _source_axes(ax, labels)
    note = "share of the variance of whether a world ends without a takeover; bars: 95 % intervals"
    if further := len(everywhere) - len(sources):
        note += f"; {further} smaller assumption{'s' if further > 1 else ''} not shown"
    if others := [every[name].title for name in every if name not in shares]:
        note += f"; nothing to divide, or too few worlds to do so, under {', '.join(others)}"
    finding = deciders({every[name].title: of for name, of in shares.items()})
    finish(figure, axes, summary, note, finding=finding)
    return axes


def _source_axes(ax, labels):
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    for label in ax.get_xticklabels()[-1:]:  # an inner panel may have none
        label.set_horizontalalignment("right")


def undecided(run: dict) -> str | None:
    """Why there is nothing to draw, or None."""
    if _known(run["summary"]["policies"]):
        return None
    return "needs assumptions that differ from world to world, and enough worlds of both ends"


def _known(policies: dict) -> dict[str, dict[str, Estimate]]:
    """The shares by source, in words, under each policy of which the share of luck is known."""
    shares = {name: _shares(of) for name, of in policies.items() if of.get(SHARES)}
    return {name: of for name, of in shares.items() if says_something(of[IN_WORDS[LUCK]])}


def _shares(policy) -> dict[str, Estimate]:
    """The shares of a policy by their source, in words, within what a share can be."""
    return {
        IN_WORDS.get(share["source"]) or source_in_words(share["source"]): Estimate(
            *(min(max(share[end], 0.0), 1.0) for end in ("estimate", "low", "high")), 0
        )
        for share in policy[SHARES]
    }


def _ordered(shares) -> list[str]:
    """All sources: luck first, then those with the largest share under any policy."""
    most: dict[str, float] = {}
    for of in shares:
        for source, share in of.items():
            most[source] = max(most.get(source, -np.inf), share.estimate)
    ends = {IN_WORDS[LUCK]: -1, IN_WORDS[REST]: 1}
    return sorted(most, key=lambda source: (ends.get(source, 0), -most[source]))


def _draw_share(ax, row, share, ink):
    """Draw a share as a bar with its interval."""
    if says_something(share):
        ax.barh(row, share.estimate, BAR, color=ink, alpha=0.55)
        right = share.high < 0.8  # of the interval, where there is room; else on the bar
        place = share.high + 0.03 if right else share.low - 0.03
        look = {"ha": "left" if right else "right", "va": "center_baseline"}
        ax.text(place, row, in_percent(share.estimate), fontsize=points(7.5), **look)
    ax.plot([share.low, share.high], [row, row], color="black", linewidth=thick())
