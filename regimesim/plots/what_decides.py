"""What decides: shares of luck and of each assumption in whether worlds are lost."""

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.findings import deciders, whole_percent
from regimesim.analysis.meaning import says_something
from regimesim.analysis.variance_shares import LUCK, REST
from regimesim.plots.policies import look
from regimesim.plots.style import LETTER, SOFT, finish, grid, points, shortened, styled, thick

SHARES = "variance_shares"
IN_WORDS = {LUCK: "luck", REST: "assumptions together"}
LONGEST = 34  # letters of a source
TALL = 0.6  # of a row: a bar


@styled
def what_decides(summary: dict, axes=None):
    """Draw the shares of luck and of each assumption in the variance of `no_takeover`.

    Bars are shares with their 95 % intervals; a share that is not known to within half of the
    whole has its interval alone.

    Parameters
    ----------
    summary : dict
        The content of summary.json.
    axes : Axes or array of Axes, optional
        One for each policy with shares; by default those of a new figure.

    Returns
    -------
    array of Axes
        A panel for each policy under which some worlds are lost and others are not.
    """
    policies = summary["policies"]
    looks = {name: look(policies[name]["title"], place) for place, name in enumerate(policies)}
    shares = {name: _shares(of) for name, of in policies.items() if of.get(SHARES)}
    sources = _ordered(shares.values())
    labels = [shortened(source, LONGEST) for source in sources]
    figure = None
    if axes is None:
        figure, axes = grid(len(shares), False, 0.3 + LETTER * max(map(len, labels)))
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != len(shares):
        raise ValueError(f"{len(axes)} axes were given for {len(shares)} policies")
    for ax, (name, of) in zip(axes, shares.items(), strict=True):
        ax.set_title(looks[name].title, fontsize=points(8))
        for row, source in enumerate(sources):
            if source in of:
                _draw_share(ax, row, of[source], SOFT if source == "luck" else looks[name].ink)
        ax.set_yticks(range(len(sources)), labels)
        ax.set_ylim(len(sources) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
        ax.set_xlim(0, 1)
        ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    alike = [looks[name].title for name in looks if name not in shares]
    note = "share of the variance of whether a world ends without a takeover; bars: 95 % intervals"
    if alike:
        note += f"; nothing to divide, or too few worlds, under {', '.join(alike)}"
    finding = deciders({looks[name].title: of for name, of in shares.items()})
    finish(figure, axes, summary, note, finding=finding)
    return axes


def undecided(run: dict) -> str | None:
    """Why there is nothing to draw, or None."""
    if any(of.get(SHARES) for of in run["summary"]["policies"].values()):
        return None
    return "needs parameters that differ from world to world, and worlds that do not all end alike"


def _shares(policy) -> dict[str, Estimate]:
    """The shares of a policy by their source, in words."""
    return {
        _in_words(share["source"]): Estimate(share["estimate"], share["low"], share["high"], 0)
        for share in policy[SHARES]
    }


def _in_words(source: str) -> str:
    """A source in words: "capability: initial, doubling time"."""
    if source in IN_WORDS:
        return IN_WORDS[source]
    tables: dict[str, list[str]] = {}
    for name in source.split(" + "):
        table, _, key = name.replace("_", " ").rpartition(".")
        tables.setdefault(table.replace(".", " "), []).append(key)
    return "; ".join(f"{table}: {', '.join(keys)}" for table, keys in tables.items())


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
        ax.barh(row, share.estimate, TALL, color=ink, alpha=0.55)
        at = max(share.high, share.estimate, 0.0)
        if at < 0.8:
            text = whole_percent(max(share.estimate, 0.0))
            ax.text(at + 0.03, row, text, va="center_baseline", fontsize=points(7.5))
    bar = {"color": "black", "linewidth": thick()}
    ax.plot(np.clip([share.low, share.high], 0, 1), [row, row], **bar)
