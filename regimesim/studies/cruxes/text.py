"""Why two scenarios disagree, in words and tables."""

from collections.abc import Iterator
from functools import partial

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import (
    digits_for,
    in_unit,
    interval,
    percent,
    percent_interval,
    so_many,
)
from regimesim.analysis.meaning import effects_need, sign_is_known, withheld
from regimesim.analysis.outcome import Outcome
from regimesim.analysis.terminal import filled, table
from regimesim.errors import shown
from regimesim.scenario import Scenario
from regimesim.studies.cruxes.parts import EFFECTS

MOST_NAMED = 3  # interactions
LEGEND = (
    "Shapley value: the change that a group makes, averaged over all orders of going from A to "
    "B; the values add up to the difference. alone: the change when only this group goes from A "
    "to B. last: the change when it goes to B after all other groups have."
)
TOGETHER = (
    "Changes that two groups make together, beyond the change that each makes by itself. Each "
    "interval is for one pair, so among many pairs some may exclude 0 by luck:"
)


def text(content: dict, other: Scenario) -> str:
    """The content of cruxes.json as text for a terminal.

    other: the second scenario, with its own worlds and seed.
    """
    write = writer(content)
    lines = [
        filled(f"{content['outcome']}: {content['words']}"),
        filled(
            f"Numbers are {in_unit(content['unit'])}, with 95 % intervals; "
            f"{so_many(content['worlds'])}, seed {content['seed']}"
        ),
        "",
        *_sides(content, write),
        "",
        *_table(content["groups"], write),
        "",
        filled(LEGEND),
        *_dashes(content),
        *_together(content, write),
        "",
        "What differs (A -> B):",
    ]
    for name, group in content["groups"].items():
        lines.append(filled(name, "  ", "    "))
        for key, (here, there) in group["parameters"].items():
            lines.append(filled(f"{key}: {_value(here)} -> {_value(there)}", "    ", "      "))
    lines += _not_used(content, other)
    return "\n".join(lines)


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
        yield filled(f"{other.source} sets {own}; both were run with {used}.")


def _sides(content, write):
    for letter in "ab":
        side = content[letter]
        head = f"{letter.upper()} gives {write(side)}{_resting(side, content)}"
        yield filled(f"{head}: {side['source']}, {side['title']}", rest="  ")
    difference = content["difference"]
    yield filled(f"B minus A: {write(difference)}{_resting(difference, content)}", rest="  ")


def _resting(estimate, content):
    """The number of worlds behind an estimate, where it is not all of them."""
    return f" of {so_many(estimate['n'])}" if estimate["n"] < content["worlds"] else ""


def _table(groups, write):
    kinds = {"shapley": "Shapley value", "alone": "alone", "last": "last"}
    rows = [
        f"{name}: no effect in any world"
        if group["no_world_differs"]
        else (name, *(write(group[kind]) for kind in kinds))
        for name, group in groups.items()
    ]
    return table(("due to", *kinds.values()), rows)


def _dashes(content):
    """What it takes to know the effects that say nothing."""
    effects = [group[name] for group in content["groups"].values() for name in EFFECTS]
    vague = withheld([content["difference"], *effects])
    return map(filled, effects_need(vague, content["worlds"], content["largest_effect"]))


def _together(content, write):
    """The greatest interactions whose intervals exclude 0."""
    clear = [one for one in content["interactions"] if sign_is_known(one)][:MOST_NAMED]
    if clear:
        yield ""
        yield filled(TOGETHER)
    for one in clear:
        yield filled(f"{' and '.join(one['groups'])}: {write(one)}", "  ", "    ")


def writer(content):
    """The function that writes an estimate: shares in percent, others with the digits that the
    largest of them needs."""
    if content["unit"] == "1":
        return percent_interval
    groups = [group["shapley"] for group in content["groups"].values()]
    sizes = [abs(one["estimate"] or 0.0) for one in (content["difference"], *groups)]
    return partial(interval, digits=digits_for(max(sizes)))


def _value(value) -> str:
    return "none" if value is None else shown(value)
