"""Contributions of the parts of a policy: leave-one-out differences and Shapley values.

They follow from `regimesim.studies.contributions.subsets.run_subsets`: every subset of the parts
runs in the same worlds, so every difference is within worlds.

Two shares are divided into contributions.  `no_takeover` is the share of worlds that reach
the end.  `first_try_not_lost` is the share in which the first critical try was held *or was
never made*.  It exists in every world and for every subset, so subsets compare the same worlds.
The share held among worlds with a critical try does not: a part that deters most tries leaves
those that are hardest to catch, so it looks harmful by that share.  That share has only the
leave-one-out difference, in the worlds with a critical try under both policies.
"""

from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.estimands import values
from regimesim.analysis.estimates import Estimate, proportion, proportion_difference, share
from regimesim.analysis.labels import labels_of
from regimesim.analysis.meaning import known_effect
from regimesim.analysis.present_worlds import PresentWorlds, present_worlds
from regimesim.analysis.shapley import mean_of_differences, shapley
from regimesim.errors import Refusal
from regimesim.model.world.records import SAFEGUARDS
from regimesim.studies.contributions.sampled_subsets import (
    is_sampled,
    sampled_in,
    sampled_shapley,
    subsets_of,
)

if TYPE_CHECKING:
    import xarray

SHARED = ("no_takeover", "first_try_not_lost")
HELD = "held_first_critical_try"
NOBODY = "nothing"


def outcomes(worlds, policy: str, estimand: str) -> np.ndarray:
    """One value a world (worlds,) of an estimand: 0 or 1, NaN where it does not exist."""
    if estimand != "first_try_not_lost":
        return values(worlds, policy, estimand)
    held = values(worlds, policy, HELD)
    return np.where(np.isnan(held), 1.0, held)


def contributions_of_parts(
    subsets: "xarray.Dataset",
    apart: "xarray.Dataset | None" = None,
) -> dict:
    """The contribution of every part, as plain numbers.

    Parameters
    ----------
    subsets : Dataset
        The result of `run_subsets`.
    apart : Dataset, optional
        The worlds of the same policy with safeguards that fail independently.

    Returns
    -------
    dict
        For each estimand `full` and `nothing`, the shares under the whole policy and under none
        of its parts, and `parts`, which holds for each its `leave_one_out` (the whole policy
        minus the policy without it) and its `shapley` value; the Shapley values add up to full
        minus nothing.  Besides `first_try_caught_by` and `common_cause`.  An effect that says
        nothing (`regimesim.analysis.meaning`) is None, with its interval.
    """
    there, parts = present_worlds(subsets), list(labels_of(subsets, "part", "subsets"))
    worlds = there.common(_in_every_world(there, len(parts)))
    nothing, full = worlds.policies[0], worlds.policies[-1]
    content = {"parts": parts, "worlds": worlds.number}
    for estimand in (*SHARED, HELD):
        row = {name: outcomes(worlds, name, estimand) for name in (nothing, full)}
        content[estimand] = {
            "full": proportion(row[full])._asdict(),
            "nothing": proportion(row[nothing])._asdict(),
            "parts": _parts(worlds, parts, estimand),
        }
    content["first_try_caught_by"] = {
        name: estimate._asdict() for name, estimate in caught_together(worlds, full).items()
    }
    content["common_cause"] = None if apart is None else common_cause(worlds, full, apart)
    return content


def _parts(subsets: PresentWorlds, parts: list[str], estimand: str) -> dict:
    names = subsets.policies
    full = outcomes(subsets, names[-1], estimand)
    differences: dict[str, dict] = {}
    for k, part in enumerate(parts):
        lacking = outcomes(subsets, names[len(names) - 1 - 2**k], estimand)
        differences[part] = {"leave_one_out": _effect(proportion_difference(full, lacking))}
    if estimand in SHARED:
        if is_sampled(len(parts)):
            each = _sampled_shapley(subsets, len(parts), estimand)
        else:
            each = shapley((outcomes(subsets, name, estimand) for name in names), len(parts))
        for part, row in zip(parts, each, strict=True):
            differences[part]["shapley"] = _effect(mean_of_differences(row))
    return differences


def _in_every_world(subsets: PresentWorlds, parts: int) -> list[str]:
    """The subsets that run in every world."""
    if not is_sampled(parts):
        return list(subsets.policies)
    corner = subsets_of(parts).corner
    return [name for name, always in zip(subsets.policies, corner, strict=True) if always]


def _sampled_shapley(subsets: PresentWorlds, parts: int, estimand: str) -> np.ndarray:
    """Estimates of the Shapley values of the parts in each world, from the subsets it has."""
    numbers, seed = subsets.labels(subsets.policies[0]), int(subsets.attrs["seed"])
    has = sampled_in(parts, seed, numbers)
    values = np.zeros(has.shape)
    for row, here, name in zip(values, has, subsets.policies, strict=True):
        _, at, in_row = np.intersect1d(numbers, subsets.labels(name), return_indices=True)
        row[at] = outcomes(subsets, name, estimand)[in_row]
        if not np.isin(numbers[here], numbers[at]).all():
            raise Refusal(f"subsets: '{name}' lacks worlds that the Shapley values are made of")
    return sampled_shapley(values, has, parts)


def _effect(estimate: Estimate) -> dict:
    return known_effect(estimate)._asdict()


def caught_together(worlds, policy: str) -> dict[str, Estimate]:
    """Which safeguards caught the first critical try, alone or with others.

    A safeguard counts if it caught every critical attempt of the month.  For each combination
    that occurred, such as "control+cot_monitor", it is the share of first critical tries with its
    exact interval; "nothing" stands for those that no single safeguard caught: they were lost, or
    different safeguards caught different attempts.  The most frequent come first; the shares add
    up to 1.
    """
    there = present_worlds(worlds)
    caught = np.array([there.caught_by(policy, name) for name in SAFEGUARDS]).T
    met = caught[~np.isnan(caught).any(axis=1)].astype(int)
    combinations, counts = np.unique(met, axis=0, return_counts=True)
    estimates = {}
    for place in np.argsort(-counts, kind="stable"):
        by = [name for name, yes in zip(SAFEGUARDS, combinations[place], strict=True) if yes]
        estimates["+".join(by) or NOBODY] = share(int(counts[place]), len(met))
    return estimates


def common_cause(worlds, policy: str, apart) -> dict:
    """What it costs that safeguards fail together: the policy with safeguards that fail
    independently (`apart`) minus the policy as it is, in the same worlds."""
    worlds, apart = present_worlds(worlds), present_worlds(apart)
    alone = apart.policies[0]
    _, at, at_apart = np.intersect1d(
        worlds.labels(policy), apart.labels(alone), return_indices=True
    )
    costs = {}
    for estimand in (*SHARED, HELD):
        ours = outcomes(apart, alone, estimand)[at_apart]
        theirs = outcomes(worlds, policy, estimand)[at]
        costs[estimand] = {
            "independent": proportion(ours)._asdict(),
            "cost": _effect(proportion_difference(ours, theirs)),
        }
    return costs
