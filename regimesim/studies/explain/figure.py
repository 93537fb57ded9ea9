"""The figure of an explanation: what the number consists of, and which assumptions move it."""

from textwrap import wrap

import numpy as np
from matplotlib.figure import Figure

from regimesim.analysis.composition import ENDINGS, HOLDERS, SAFE, holder_words
from regimesim.analysis.findings import whole_percent
from regimesim.analysis.formatting import percent
from regimesim.plots.saving import Drawing
from regimesim.plots.style import (
    INKS,
    SOFT,
    finish,
    flat_axes,
    points,
    scale,
    shortened,
    styled,
    thick,
    width_for,
    words,
)
from regimesim.studies.explain.text import FLIPS, MAY_FLIP

KEPT, LOST, LOW, HIGH = INKS[2], INKS[1], INKS[6], INKS[0]
RULE, BAND, TOGETHER = "#E4E4E8", "#B9BEC6", INKS[4]
SHORT_ENDINGS = {
    "never_favourable": "never favourable",
    "deterred": "deterred by safeguards",
    "not_tried": "favourable, not tried",
    "held": "tried, all held",
    "lost_at_first_try": "lost at the first try",
    "lost_later": "lost at a later try",
}
SHORT_HOLDERS = {
    "by_lottery": "held by audits at random",
    "by_skill": "held by skill",
    "by_traps": "held by honeypots",
    "lost_to_recognition": "lost, not recognised",
    "lost_otherwise": "lost, though recognised",
}
MOST = 10  # assumptions
FEWEST = 6  # rows, filled up with assumptions that do not flip
# In inches of paper: a row, the margins, a letter of a name, and the names at the left of panels.
ROW, HEAD, FOOT, RIGHT, LETTER, BETWEEN = 0.28, 0.3, 0.88, 0.5, 0.063, 0.3
ROOMY = 1.45  # rows of the left panel for each row of the right one, where there is room
NARROW = 5.0  # a figure that is narrower has one panel below the other
LEFT_NAMES = 1.65  # inches of the names at the left
PARTS = 0.42  # of the width of both panels, that of the left one
WIDEST = 2.3
WITHIN = -0.19, 1.14  # of the axis: room for what stands beside marks at 0 and 1
BESIDE = 0.02  # of the axis: between a mark and what stands beside it
ABOVE = 0.3  # of a row: where the value at which the verdict flips is written
READ = (
    "left: how worlds end, and what held or lost the first critical try, with 95 % intervals; "
    "right: P(no takeover) with one assumption at the low (circle) or at the high end (square) "
    "of its plausible range, and with several moved (diamond); solid line: the scenario as it is; "
    "dashed: what is good enough; in brackets: the value in the scenario (~ the median of its "
    "distribution); in a box: the value at which the verdict flips (?: if it does, within the "
    "precision of these worlds)"
)
HOLLOW = "; hollow marks: in {few} worlds, the others in {all}"


@styled
def explanation(content: dict, axes=None):
    """Draw the parts of P(no takeover), and a tornado of the assumptions that move it.

    Parameters
    ----------
    content : dict
        The content of explain.json.
    axes : Axes or array of Axes, optional
        Two, one a panel; by default a new figure.  Where no assumption was moved, one.

    Returns
    -------
    array of Axes

    Raises
    ------
    ValueError
        Where there are more or fewer axes than panels.
    """
    parts, moved, several = _parts(content), _drawn(content), _several(content)
    count = 2 if moved else 1
    figure = None
    if axes is None:
        names = [_name(key, one) for key, one in moved.items()]
        figure, axes = _panels(len(parts), [*names, *several])
    axes = flat_axes(axes, count)
    _draw_parts(axes[0], parts, content)
    if moved:
        _draw_tornado(axes[1], moved, several, content)
    caption = {**content, "scenario": f"{content['scenario']}, {content['policy']}"}
    note = READ if moved else READ.split(";")[0].removeprefix("left: ")
    note += _left_out(content, moved) + _precision(content, moved)
    finish(figure, axes, caption, note, finding=finding(content))
    return axes


def _parts(content) -> list[tuple[str, dict | None, str]]:
    """(name, estimate, colour) of each row of the left panel; None where there is a heading."""
    rows: list[tuple[str, dict | None, str]] = [("of all worlds", None, "")]
    for name in ENDINGS:
        ink = KEPT if name in SAFE else LOST
        rows.append((SHORT_ENDINGS[name], content["endings"][name], ink))
    by = content["outcomes"]["by"]
    if by["by_lottery"]["estimate"] is not None:
        rows.append(("of first critical tries", None, ""))
        known = holder_words({name: one["estimate"] for name, one in by.items()})
        for name, label in known.items():
            ink = LOST if name.startswith("lost") else KEPT
            short = SHORT_HOLDERS[name] if label == HOLDERS[name] else "lost, unguarded"
            rows.append((short, by[name], ink))
    return rows


def _draw_parts(ax, rows, content):
    """Bars with intervals; the number itself beside each."""
    for place, (name, one, ink) in enumerate(rows):
        if one is None:
            ax.text(-0.02, place, name, transform=ax.get_yaxis_transform(), **_heading())
            continue
        ax.barh(place, one["estimate"], height=0.62, color=ink, zorder=2)
        ends = [[one["estimate"] - one["low"]], [one["high"] - one["estimate"]]]
        bars = {"fmt": "none", "ecolor": INKS[0], "elinewidth": thick(), "capsize": points(1.5)}
        ax.errorbar(one["estimate"], place, xerr=np.maximum(ends, 0), zorder=3, **bars)
        beside = max(one["high"], 0) + 0.03
        small = {"fontsize": points(7), "va": "center"}
        ax.text(beside, place, f"{percent(one['estimate'])} %", **small)
    ax.set_yticks(range(len(rows)), ["" if one is None else name for name, one, _ in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    low = min(0, *(one["low"] for _, one, _ in rows if one))
    ax.set_xlim(low, 1.32)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=SOFT, linewidth=0.6 * thick(), zorder=4)
    ax.set_title("What it consists of", fontsize=points(8), loc="left")


def _heading() -> dict:
    placed = {"ha": "right", "va": "center"}
    return {"fontsize": points(7.5), "color": SOFT, "style": "italic", **placed}


def finding(content) -> str:
    """What the figure shows, in a sentence."""
    parts = {name: one["estimate"] for name, one in content["endings"].items()}
    kinds = {
        "in most a takeover never pays": parts["never_favourable"],
        "in most safeguards deter": parts["deterred"],
        "in most one would pay, and nobody tries": parts["not_tried"],
        "in most tries are held": parts["held"],
    }
    number = content["no_takeover"]["estimate"]
    most = f", {max(kinds, key=kinds.get)}"
    if number < 0.5:
        at_first = whole_percent(parts["lost_at_first_try"])
        most = f", and {at_first} are lost at the first critical try"
    share = whole_percent(number)
    return (
        f"Under {content['title']}, {share} of worlds see no takeover{most}; {_verdict(content)}"
    )


def _drawn(content) -> dict[str, dict]:
    """The assumptions of the right panel: those that flip, that may, and that move it most."""
    known = content["assumptions"]
    flip = {key: one for key, one in known.items() if _verdicts(one) & {FLIPS, MAY_FLIP}}
    rest = [key for key in known if key not in flip][: max(FEWEST - len(flip), 0)]
    return dict(list(flip.items())[:MOST]) | {key: known[key] for key in rest}


def _verdicts(one) -> set[str]:
    return {one[end]["verdict"] for end in ("low", "high")}


def _left_out(content, moved) -> str:
    known = content["assumptions"]
    more = sum(bool(_verdicts(one) & {FLIPS, MAY_FLIP}) for one in known.values())
    more -= sum(bool(_verdicts(one) & {FLIPS, MAY_FLIP}) for one in moved.values())
    return f"; {more} more flip it, or may" if more > 0 else ""


def _precision(content, moved) -> str:
    """In how many worlds the marks are measured, where some are in fewer than the number is."""
    all_of_them = content["no_takeover"]["n"]
    ends = {one[end]["n"] for one in moved.values() for end in ("low", "high")}
    fewer = sorted(n for n in ends if n < all_of_them)
    if not fewer:
        return ""
    few = f"{fewer[0]:,}" if len(fewer) == 1 else f"{fewer[0]:,} to {fewer[-1]:,}"
    return HOLLOW.format(few=few, all=f"{all_of_them:,}")


def _several(content) -> dict[str, dict]:
    """By a name of at most two lines: the worst pair, and the nearest opposite verdict."""
    worst = "worst" if content["is_good"] else "best"
    rows = {f"{worst} pair": content["pair"], "nearest opposite": content["nearest"]}
    return {_together(kind, of["moves"]): of for kind, of in rows.items() if of}


def _together(kind: str, moves) -> str:
    """Assumptions that are moved together, with their values."""
    letters = int(WIDEST / LETTER)
    places = [f"{key.rpartition('.')[2]} {one['to']:.3g}" for key, one in moves.items()]
    return "\n".join(wrap(f"{kind}: {', '.join(places)}", letters))


def _draw_tornado(ax, moved, several, content):
    """P(no takeover) at both ends of each assumption, and where several are moved."""
    bar, base = content["good_enough"], content["no_takeover"]["estimate"]
    rows = list(moved.items())
    for place in range(len(rows) + len(several)):
        ax.axhline(place, color=RULE, linewidth=0.6 * thick(), zorder=0)
    for place, (_, one) in enumerate(rows):
        ends = [one["low"], one["high"]]
        levels = [end["estimate"] for end in ends]
        band = {"color": BAND, "linewidth": points(5), "zorder": 2, "solid_capstyle": "butt"}
        ax.plot([min(*levels, base), max(*levels, base)], [place, place], **band)
        for end, ink, marker in zip(ends, (LOW, HIGH), "os", strict=True):
            hollow = end["n"] < content["no_takeover"]["n"]
            _draw_mark(ax, place, end, ink, marker, hollow)
            _write_end(ax, place, end, marker, min(levels) == end["estimate"], levels)
        _mark_flip(ax, place, one, bar)
    for place, of in enumerate(several.values(), len(rows)):
        _draw_mark(ax, place, of, TOGETHER, "D")
        beside = max(of["high"], of["estimate"] + BESIDE) + BESIDE
        _write(ax, beside, place, f"{percent(of['estimate'])} %", "left")
    ax.axvline(bar, color=INKS[1], linestyle=(0, (4, 2)), linewidth=1.2 * thick(), zorder=3)
    ax.axvline(base, color=INKS[0], linewidth=0.8 * thick(), zorder=1)
    ax.set_yticks(range(len(rows) + len(several)), [_name(*row) for row in rows] + [*several])
    ax.set_ylim(len(rows) + len(several) - 0.5, -0.5)
    ax.set_xlim(*WITHIN)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    ax.set_xlabel("P(no takeover)")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_title("With assumptions moved", fontsize=points(8), loc="left")


def _write_end(ax, place, end, marker, is_lower, levels):
    """The value of the assumption beside the mark of one end."""
    middle, low, high = (end[name] for name in ("estimate", "low", "high"))
    left = (marker == "o") if levels[0] == levels[1] else is_lower
    beside = min(low, middle - BESIDE) - BESIDE if left else max(high, middle + BESIDE) + BESIDE
    _write(ax, beside, place, f"{end['value']:.3g}", "right" if left else "left")


def _draw_mark(ax, place, estimate, ink, marker, hollow=False):
    """An estimate with its interval; hollow where it is from fewer worlds than the others."""
    middle, low, high = (estimate[name] for name in ("estimate", "low", "high"))
    bars = {"fmt": "none", "ecolor": INKS[0], "elinewidth": thick(), "capsize": points(1.5)}
    ends = np.maximum([[middle - low], [high - middle]], 0)
    ax.errorbar(middle, place, xerr=ends, zorder=4, **bars)
    edge = {"markeredgecolor": INKS[0], "markeredgewidth": 0.6 * thick()}
    if hollow:
        edge = {"markeredgecolor": ink, "markeredgewidth": thick(), "markerfacecolor": "white"}
    ax.plot(middle, place, marker, color=ink, markersize=points(4.5), zorder=5, **edge)


def _write(ax, x, place, words, side):
    """Words beside a mark, readable where they stand on a line."""
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    look = {"fontsize": points(6.5), "va": "center_baseline", "zorder": 6}
    ax.text(x, place, words, ha=side, bbox=paper, **look)


def _mark_flip(ax, place, one, bar):
    """The value at which the verdict flips, on the line of the bar."""
    flipped = [one[end]["flipped"] for end in ("low", "high") if one[end]["flipped"] is not None]
    if not flipped:
        return
    perhaps = "" if FLIPS in _verdicts(one) else "?"
    values = " and ".join(f"{value:.3g}{perhaps}" for value in flipped)
    face = {"facecolor": "white", "edgecolor": INKS[1], "linewidth": 0.6 * thick(), "pad": 1.2}
    look = {"fontsize": points(6.5), "ha": "center", "va": "center", "bbox": face, "zorder": 7}
    ax.text(bar, place - ABOVE, values, **look)


def _verdict(content) -> str:
    """Which assumptions bring the number to the other side of the bar."""
    bar = whole_percent(content["good_enough"])
    side = f"below {bar}" if content["is_good"] else f"to {bar} or more"
    flips = [key for key, one in content["assumptions"].items() if FLIPS in _verdicts(one)]
    pair = content["pair"]
    if flips:
        others = len(flips) - 1
        more = f" and {others} other assumption{'s' if others > 1 else ''}" if others else ""
        brings = "bring" if others else "brings"
        return f"{words(flips[0].rpartition('.')[2])}{more} alone {brings} it {side}"
    if pair and pair["verdict"] == FLIPS:
        return f"no assumption alone brings it {side}, but pairs do"
    return f"no assumption alone brings it {side}"


def _name(key, one) -> str:
    """An assumption with its value, short."""
    median = "~" if isinstance(one["value"], dict) else ""
    parts = key.split(".")
    name = ".".join(parts[-2:]) if parts[0] in ("oversight", "paradigm") else key
    return f"{shortened(name, int(WIDEST / LETTER) - 7)} ({median}{one['centre']:.3g})"


def _panels(parts, names):
    """(figure, axes): the parts, and the tornado beside or below them."""
    unit, width = scale(), width_for(3)
    inner = width / unit
    if not names:
        return _placed(width, unit, [(LEFT_NAMES, inner - LEFT_NAMES - RIGHT, 0.0, parts)], parts)
    lines = [line for name in names for line in name.split("\n")]
    widest = min(0.2 + LETTER * max(map(len, lines)), WIDEST)
    if inner < NARROW:
        across = (widest, inner - widest - 0.25)
        tall = ROOMY * len(names)
        below = tall + (HEAD + 0.5) / ROW
        first = (LEFT_NAMES, inner - LEFT_NAMES - 0.1, below, parts)
        return _placed(width, unit, [first, (*across, 0.0, tall)], parts + below)
    across = inner - LEFT_NAMES - BETWEEN - widest - 0.15  # of both panels
    tall = max(parts, len(names))
    rows = min(tall, ROOMY * len(names))
    left = (LEFT_NAMES, PARTS * across, 0.0, tall)
    right = (inner - (1 - PARTS) * across - 0.15, (1 - PARTS) * across, tall - rows, rows)
    return _placed(width, unit, [left, right], tall)


def _placed(width, unit, boxes, rows):
    """A figure with axes at boxes: left and width in inches, rows below, and rows."""
    height = (HEAD + ROW * rows + FOOT) * unit
    figure = Figure(figsize=(width, height))
    axes = []
    for left, across, below, tall in boxes:
        box = np.array((left, FOOT + ROW * below, across, ROW * tall)) * unit
        axes.append(figure.add_axes(box / [width, height, width, height]))
    return figure, axes


FIGURES = (Drawing("explanation", explanation, ("explain",)),)
