"""A policy taken apart: every subset of its parts, run in the same worlds.

A part is an active safeguard or response, or a lever that the policy sets otherwise than
its scenario does: `hold` (the highest paradigm) and `feedback` (its whole table).  To take
a safeguard or response away is to switch it off; to take a lever away is to leave it as
the scenario has it.  Everything else that a policy sets, its audit budget for one, stays.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import attributes
from regimesim.ensemble.first_tries import first_tries
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.records import MONITORS
from regimesim.scenario import Scenario, parse
from regimesim.scenario.parameters import SWITCHED, Tables, active

if TYPE_CHECKING:
    import xarray

LEVERS = ("hold", "feedback")
OF_POLICIES = ("policies", "oversight", "events", "adopters", "adopters_are", "outside")
NOTHING = "nothing"  # the name of the subset without any part


def unguarded(scenario: Scenario) -> Tables:
    """The scenario's own tables, without any of its policies and what else overseers do."""
    own = {k: v for k, v in scenario.raw.items() if k not in OF_POLICIES}
    return next(iter(parse(own, scenario.source).policies.values()))


def parts(scenario: Scenario, policy: str) -> tuple[str, ...]:
    """The names of a policy's parts; raises Refusal for an unknown policy."""
    tables, own = _tables(scenario, policy), unguarded(scenario)
    changed = {
        "hold": tables.paradigm.hold != own.paradigm.hold,
        "feedback": tables.feedback != own.feedback,
    }
    on = [name for name, is_active in active(tables).items() if is_active]
    return (*on, *(name for name in LEVERS if changed[name]))


def without(scenario: Scenario, policy: str, dropped: Collection[str]) -> Tables:
    """The tables of a policy without the parts in `dropped`."""
    tables, own = _tables(scenario, policy), unguarded(scenario)
    off = {name: None for name in SWITCHED if name in dropped}
    update: dict = {"oversight": tables.oversight.model_copy(update=off)}
    if "hold" in dropped:
        update["paradigm"] = tables.paradigm.model_copy(update={"hold": own.paradigm.hold})
    if "feedback" in dropped:
        update["feedback"] = own.feedback
    return tables.model_copy(update=update)


def subsets(scenario: Scenario, policy: str) -> Scenario:
    """The scenario whose policies are the subsets of a policy's parts, from none to all.

    Bit k of a subset's place says whether it has part k; its name joins its parts with
    "+".  Raises Refusal for an unknown policy and for one without parts.
    """
    whole = parts(scenario, policy)
    if not whole:
        what = "has no safeguard, response or lever of its own to take apart"
        raise Refusal(f"{scenario.source}: policies: '{policy}' {what}")
    policies = {}
    for place in range(2 ** len(whole)):
        chosen = [part for k, part in enumerate(whole) if place >> k & 1]
        dropped = set(whole) - set(chosen)
        policies["+".join(chosen) or NOTHING] = without(scenario, policy, dropped)
    return replace(scenario, policies=policies)


def independent(scenario: Scenario, policy: str) -> Scenario | None:
    """The scenario of one policy whose monitors fail independently of each other.

    None where that changes nothing: with fewer than two monitors, or where
    `oversight.common_cause` is 0 already.
    """
    oversight = _tables(scenario, policy).oversight
    present = [name for name in MONITORS if getattr(oversight, name) is not None]
    if len(present) < 2 or oversight.common_cause == 0:
        return None
    apart = oversight.model_copy(update={"common_cause": 0.0})
    tables = _tables(scenario, policy).model_copy(update={"oversight": apart})
    return replace(scenario, policies={policy: tables})


def run_subsets(
    scenario: Scenario,
    policy: str,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rule: Policy | None = None,
) -> "xarray.Dataset":
    """Run every subset of a policy's parts in the same worlds.

    Parameters
    ----------
    scenario : Scenario
        It has the policy.
    policy : str
        The policy to take apart.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.
    rule : Policy, optional
        The policy, where it is written in Python: every subset keeps its rule.

    Returns
    -------
    Dataset
        That of a run's worlds with only the variables of `first_tries`, whose policies are the
        subsets, and with the parts of each in `has_part` (policy, part).
    """
    taken_apart = subsets(scenario, policy)
    whole = parts(scenario, policy)
    rules = dict.fromkeys(taken_apart.policies, rule)
    worlds = first_tries(taken_apart, threads, progress, rules=rules)
    places = np.arange(2 ** len(whole))[:, None]
    member = (places >> np.arange(len(whole)) & 1).astype(bool)
    attrs = attributes(scenario.choose([policy])) | {"taken_apart": policy}
    return (
        worlds.assign_coords(part=list(whole))
        .assign(
            has_part=(("policy", "part"), member, {"long_name": "whether a subset has a part"})
        )
        .assign_attrs(attrs)
    )


def _tables(scenario, policy) -> Tables:
    return scenario.choose([policy]).policies[policy]
