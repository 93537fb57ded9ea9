"""The figure of robust: which policy each criterion chooses, and what the others lose."""

from regimesim.plots.policies import looks_in
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    SOFT,
    extend_below,
    finish,
    flat_axes,
    grid,
    points,
    scale,
    shortened,
    styled,
    thick,
)
from regimesim.studies.robust.text import GOOD_ENOUGH, about, agreement, groups, ranked

LETTERS, LETTER = 26, 0.066  # of the longest label, and inches of one
ROW, LEAST, MARGIN = 0.2, 1.1, 0.1  # inches of a policy, of a panel at least, and below it
READ = (
    "value: {value}; how far each policy is behind the choice of a criterion, with 95 % "
    "intervals; diamond: the choice, filled where it is more than luck; regret: "
    "how far behind the best policy in the same future"
)


@styled
def robust(content: dict, axes=None):
    """Draw how far each policy is behind the choice of each criterion, a panel for each.

    Parameters
    ----------
    content : dict
        The content of robust.json.
    axes : Axes or array of Axes, optional
        One for each criterion; by default those of a new figure.

    Returns
    -------
    array of Axes
    """
    names, criteria = ranked(content), content["criteria"]
    looks = looks_in(content, names)
    labels = [shortened(looks[name].title, LETTERS) for name in names]
    figure = None
    if axes is None:
        left = 0.2 + LETTER * max(map(len, labels))
        height = max(LEAST, ROW * len(names))
        figure, axes = grid(len(criteria), False, left=left, alike=False, height=height)
    axes = flat_axes(axes, len(criteria), "criteria")
    for ax, (key, one) in zip(axes, criteria.items(), strict=True):
        _panel(ax, key, one, names, looks)
        ax.set_yticks(range(len(names)), labels, fontsize=points(8))
        if figure is not None and not ax.get_subplotspec().is_first_col():
            ax.tick_params(labelleft=False)
    if figure is not None:
        extend_below(figure, MARGIN * scale())
    note, source = READ.format(value=content["value"]), {"about": about(content)}
    finish(figure, axes, source, note, finding=_finding(content))
    return axes


def _finding(content) -> str:
    """What the figure shows, short enough for a title."""
    chosen = groups(content)
    if len(chosen) > 2 or (len(content["criteria"]) > 4 and len(chosen) > 1):
        return f"The choice depends on the criterion: {len(chosen)} policies are chosen"
    return agreement(content)


def _panel(ax, key, one, names, looks) -> None:
    """One criterion: the choice at 0, and the others to the left of it."""
    times = 100.0 if key == GOOD_ENOUGH else 1.0
    for place, name in enumerate(names):
        ink = looks[name].ink
        if name == one["chosen"]:
            inside = ink if one["is_clear"] else "white"
            look = {"marker": "D", "color": ink, "markerfacecolor": inside}
            ax.axhspan(place - 0.5, place + 0.5, color="#EDEDF0", linewidth=0, zorder=0)
            ax.plot([0], [place], markersize=points(5.5), zorder=3, clip_on=False, **look)
            continue
        middle, low, high = (
            -times * one["behind"][name][end] for end in ("estimate", "low", "high")
        )
        ax.plot([low, high], [place] * 2, color=ink, linewidth=1.2 * thick(), zorder=2)
        ax.plot([middle], [place], marker="o", markersize=points(4), color=ink, zorder=3)
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=1)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_title(one["words"], fontsize=points(8.5))
    ax.set_xlabel(
        "behind, in points" if key == GOOD_ENOUGH else "behind, in value", fontsize=points(8)
    )
    least = min((-times * b["high"] for b in one["behind"].values()), default=-1.0)
    ax.set_xlim(min(least, -1e-9) * 1.05, max(-0.06 * least, _most(one, times)))


def _most(one, times) -> float:
    """How far an interval reaches beyond the choice."""
    return 1.1 * max((-times * b["low"] for b in one["behind"].values()), default=0.0)


FIGURES = (Drawing("robust", robust, ("robust",)),)
