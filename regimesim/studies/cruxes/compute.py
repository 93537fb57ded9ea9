"""What each group of parameters adds to the disagreement of two scenarios."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.estimands import counted
from regimesim.analysis.estimates import Estimate, proportion
from regimesim.analysis.outcome import values_of, why_absent
from regimesim.analysis.shapley import (
    MeanGame,
    QuantileGame,
    interaction_weights,
    shapley_weights,
)
from regimesim.ensemble.datasets import about_run, dataset, in_memory
from regimesim.ensemble.ensemble import ScenarioLike, fill_store
from regimesim.errors import Refusal
from regimesim.studies.cruxes.groups import (
    TABLE,
    Side,
)
from regimesim.studies.cruxes.question import Asked, ask

if TYPE_CHECKING:
    import pandas

TOGETHER = 16  # combinations in one go, so that memory does not grow with their number


def cruxes(
    a: ScenarioLike,
    b: ScenarioLike,
    outcome: str,
    policy: str | None = None,
    by: str = TABLE,
    groups: Mapping[str, Iterable[str]] | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> "pandas.DataFrame":
    """Which groups of parameters make scenarios `a` and `b` disagree on an outcome: a row a
    group, the weightiest first.

    The Shapley values (with `_low` and `_high`) add up to the outcome of b minus that of a;
    `alone` is what the group changes in a, `last` what it changes where all others are as in
    b already.  Every combination is run in the worlds and with the seed of `a`.  groups:
    {"name": ["takeover.difficulty", "cognition"]}.  `attrs` is the content of
    cruxes.json, which `plots.cruxes(table)` draws.  Raises Refusal.
    """
    import pandas

    found = measure(ask(a, b, outcome, policy, by, groups), threads, progress)
    rows = []
    for name, one in found["groups"].items():
        row = {"group": name}
        for kind in ("shapley", "alone", "last"):
            for end in ("estimate", "low", "high"):
                row[kind if end == "estimate" else f"{kind}_{end}"] = one[kind][end]
        rows.append({**row, "parameters": one["parameters"]})
    table = pandas.DataFrame(rows)
    table.attrs.update(found)
    return table


def measure(asked: Asked, threads=None, progress=None) -> dict:
    """The content of cruxes.json, plain values: groups in order of the size of their part."""
    rows, (ours, theirs) = _run(asked, threads, progress)
    if asked.outcome.quantile is None:
        game = MeanGame.of(rows, asked.outcome.within)
    else:
        game = QuantileGame.of(rows, asked.outcome.quantile, asked.ours.scenario.seed)
    _refuse_undefined(asked, game)
    scenario, size = asked.ours.scenario, len(asked.groups)
    groups = _groups(asked, game, size)
    for k, name in enumerate(asked.groups):
        groups[name]["no_world_differs"] = _idle(rows, k)
    order = sorted(groups, key=lambda name: -abs(groups[name]["shapley"]["estimate"]))
    return {
        **about_run(scenario),
        "scenario": f"{scenario.name} and {asked.theirs.scenario.name}",
        "outcome": asked.outcome.name,
        "unit": asked.outcome.unit,
        "words": asked.outcome.words,
        "a": _side(asked.ours, ours or game.combined(_one(0, size))),
        "b": _side(asked.theirs, theirs or game.combined(_one(-1, size))),
        "difference": _plain(game.combined(_one(-1, size) - _one(0, size))),
        "groups": {name: groups[name] for name in order},
        "interactions": _interactions(asked, game, size),
        "combinations": [
            {"as_in_b": _names(asked.groups, place), "estimate": float(value)}
            for place, value in enumerate(game.values)
        ],
    }


def _run(asked, threads, progress):
    """Values of every combination (combinations, worlds), and the estimates of both sides."""
    scenarios = asked.scenarios
    rows = np.empty((len(scenarios), scenarios[0].worlds))
    ends: dict[int, Estimate | None] = {}
    for places in _alike(scenarios):
        policies = {str(place): scenarios[place].policies[str(place)] for place in places}
        some = replace(scenarios[places[0]], policies=policies)
        store = in_memory(some)
        fill_store(some, store, threads=threads, progress=progress)
        worlds = dataset(store, some)
        for place in places:
            rows[place] = values_of(worlds, str(place), asked.outcome)
            if place in (0, len(scenarios) - 1):
                ends[place] = _estimate(worlds, str(place), asked.outcome)
    return rows, (ends[0], ends[len(scenarios) - 1])


def _alike(scenarios):
    """Places of scenarios with the same settings of the run, not too many at a time."""
    kinds: dict[tuple, list[int]] = {}
    for place, one in enumerate(scenarios):
        kinds.setdefault((one.start, one.months, one.labs, one.systems), []).append(place)
    for places in kinds.values():
        for first in range(0, len(places), TOGETHER):
            yield places[first : first + TOGETHER]


def _estimate(worlds, policy, outcome) -> Estimate | None:
    """The outcome as a run counts it, since the game is played with counts; None where the game
    tells it."""
    if outcome.threshold is None:
        return counted(worlds, policy, outcome.name)
    return None if outcome.quantile else proportion(values_of(worlds, policy, outcome))


def _refuse_undefined(asked, game):
    lacking = np.flatnonzero(np.isnan(game.values))
    if lacking.size == 0:
        return
    moved = " and ".join(_names(asked.groups, lacking[0])) or "nothing"
    why, other = why_absent(asked.outcome)
    raise Refusal(
        f"{asked.outcome.name} does not exist for {lacking.size} of {len(game.values)} "
        f"combinations, such as {asked.ours.scenario.name} with {moved} of "
        f"{asked.theirs.scenario.name}: {why}; ask for another outcome, such as {other}, or run "
        "more worlds with --worlds"
    )


def _groups(asked, game, size) -> dict:
    weights = shapley_weights(size) / shapley_weights(size)[0].clip(0).sum()
    return {
        name: {
            "shapley": _plain(game.combined(weights[k])),
            "alone": _plain(game.combined(_one(2**k, size) - _one(0, size))),
            "last": _plain(game.combined(_one(-1, size) - _one(2**size - 1 - 2**k, size))),
            "parameters": {d.key: [d.ours, d.theirs] for d in differing_here},
        }
        for k, (name, differing_here) in enumerate(asked.groups.items())
    }


def _idle(rows, k) -> bool:
    """Whether group k changes the outcome of no world, whatever the others are."""
    places = np.arange(len(rows))
    without = places[places >> k & 1 == 0]
    return np.array_equal(rows[without], rows[without | 1 << k], equal_nan=True)


def _interactions(asked, game, size) -> list[dict]:
    names = list(asked.groups)
    found = [
        {"groups": [names[i], names[j]], **_plain(game.combined(weights))}
        for (i, j), weights in interaction_weights(size).items()
    ]
    return sorted(found, key=lambda one: -abs(one["estimate"]))


def _one(place, size) -> np.ndarray:
    weights = np.zeros(2**size)
    weights[place] = 1
    return weights


def _names(groups, place) -> list[str]:
    return [name for k, name in enumerate(groups) if place >> k & 1]


def _side(side: Side, found: Estimate) -> dict:
    about = {"scenario": side.scenario.name, "source": side.scenario.source}
    return {**about, "policy": side.policy, **_plain(found)}


def _plain(found: Estimate) -> dict:
    return found._asdict()
