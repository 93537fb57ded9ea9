"""Why two scenarios disagree, in words and tables."""

from collections.abc import Iterator
from functools import partial
from textwrap import fill

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import (
    digits_for,
    in_unit,
    interval,
    percent,
    percent_interval,
    so_many,
)
from regimesim.analysis.outcome import Outcome
from regimesim.errors import shown
from regimesim.scenario import Scenario

WIDTH, CELL = 80, 19
MOST_NAMED = 3  # interactions
LEGEND = (
    "Shapley value: the change that a group makes, averaged over all orders of going from A to "
    "B; the values add up to the difference. alone: the change of this group in A by itself. "
    "last: its change when all other groups are as in B."
)
TOGETHER = (
    "Changes that two groups make together, beyond the changes of each by itself. Each interval "
    "is for one pair, so among many pairs some may be luck:"
)


def text(content: dict, other: Scenario) -> str:
    """The content of cruxes.json as text of at most 80 columns.

    other: the second scenario, with its own worlds and seed.
    """
    write = writer(content)
    lines = [
        fill(f"{content['outcome']}: {content['words']}", WIDTH),
        f"{in_unit(content['unit'])}, with 95 % intervals; {so_many(content['worlds'])}, "
        f"seed {content['seed']}",
        "",
        *_sides(content, write),
        "",
        *_table(content["groups"], write),
        "",
        fill(LEGEND, WIDTH),
        *_together(content, write),
        "",
        "What differs (A -> B):",
    ]
    for name, group in content["groups"].items():
        lines.append(_shortened(f"  {name}"))
        for key, (here, there) in group["parameters"].items():
            lines.append(_shortened(f"    {key}: {_value(here)} -> {_value(there)}"))
    lines += _not_used(content, other)
    return "\n".join(line.rstrip() for line in lines)


def finding(side: str, outcome: Outcome, estimate: Estimate) -> str:
    """The outcome of a side, short enough for a progress bar."""
    value = estimate.estimate
    if value is None:
        return f"{side}: none"
    return f"{side}: {percent(value)} %" if outcome.unit == "1" else f"{side}: {value:.3g}"


def _not_used(content, other: Scenario) -> Iterator[str]:
    """The worlds and the seed of the second scenario, which are not used."""
    kinds = {"worlds": "{:,} worlds", "seed": "seed {}"}
    differ = [name for name in kinds if getattr(other, name) != content[name]]
    if differ:
        own, used = (
            " and ".join(kinds[name].format(values[name]) for name in differ)
            for values in (vars(other), content)
        )
        yield fill(f"{other.source} has {own} of its own; both were run with {used}.", WIDTH)


def _sides(content, write):
    for letter in "ab":
        side = content[letter]
        head = f"{letter.upper()} says {write(side)}{_resting(side, content)}"
        about = f"{side['source']}, {side['policy']}"
        left = WIDTH - len(head) - 3
        yield f"{head} ({about if len(about) <= left else f'…{about[1 - left :]}'})"
    difference = content["difference"]
    yield f"B minus A: {write(difference)}{_resting(difference, content)}"


def _resting(estimate, content):
    """The number of worlds behind an estimate, where it is not all of them."""
    return f" of {so_many(estimate['n'])}" if estimate["n"] < content["worlds"] else ""


def _table(groups, write):
    kinds = {"shapley": "Shapley value", "alone": "alone", "last": "last"}
    rows = {name: [write(group[kind]) for kind in kinds] for name, group in groups.items()}
    for name, group in groups.items():
        if group["no_world_differs"]:
            rows[name] = ["no world differs", "", ""]
    cell = max(CELL, *(len(text) + 1 for row in rows.values() for text in row))
    key = max(WIDTH - 3 * cell, 0)
    rows = {"due to": kinds.values(), **rows}
    for name, row in rows.items():
        if len(name) > key:
            yield _shortened(name)
            name = ""
        yield f"{name:{key}}" + "".join(f"{text:>{min(cell, WIDTH // 3)}}" for text in row)


def _together(content, write):
    """The greatest interactions whose intervals exclude 0."""
    clear = [one for one in content["interactions"] if one["low"] is not None]
    clear = [one for one in clear if one["low"] > 0 or one["high"] < 0][:MOST_NAMED]
    if clear:
        yield ""
        yield fill(TOGETHER, WIDTH)
    for one in clear:
        cell = write(one)
        names = _shortened(f"  {' and '.join(one['groups'])}", WIDTH - len(cell) - 2)
        yield f"{names}: {cell}"


def writer(content):
    """The function that writes an estimate: shares in percent, others with the digits that the
    largest of them needs."""
    if content["unit"] == "1":
        return percent_interval
    groups = [group["shapley"] for group in content["groups"].values()]
    sizes = [abs(one["estimate"]) for one in (content["difference"], *groups)]
    return partial(interval, digits=digits_for(max(sizes)))


def _value(value) -> str:
    return "none" if value is None else shown(value)


def _shortened(line: str, width: int = WIDTH) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
