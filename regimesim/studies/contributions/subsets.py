"""A policy taken apart: every subset of its parts, run in the same worlds.

A part is an active safeguard or response, an event (by its words, as in "freeze from 2027-01"),
or what the policy sets otherwise than its scenario does: `hold` (the highest paradigm),
`feedback` (its whole table) and `adopters` (which labs have the policy).  To take a safeguard
or response away is to switch it off, to take an event away is to leave it out; the others are left
as the scenario has them.
Everything else that a policy sets, its audit budget for one, stays.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import attributes
from regimesim.ensemble.first_tries import first_tries_in_stages
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.records import MONITORS
from regimesim.scenario import Scenario, parse
from regimesim.scenario.event_words import names_of_events
from regimesim.scenario.events import Event
from regimesim.scenario.parameters import SWITCHED, Tables, active
from regimesim.scenario.policy_in_run import with_outside

if TYPE_CHECKING:
    import xarray

OWN = ("hold", "feedback", "adopters")
MOST = 12  # parts, of which every subset is run
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
        "adopters": _adopting(scenario, vars(tables)) != _adopting(scenario, _adopters(scenario)),
    }
    on = [name for name, is_active in active(tables).items() if is_active]
    return (*on, *_events(tables), *(name for name in OWN if changed[name]))


def without(
    scenario: Scenario, policy: str, dropped: Collection[str], own: Tables | None = None
) -> Tables:
    """The tables of a policy without the parts in `dropped`.

    own: those of `unguarded`, where they are known.
    """
    tables, own = _tables(scenario, policy), unguarded(scenario) if own is None else own
    off = {name: None for name in SWITCHED if name in dropped}
    update: dict = {
        "oversight": tables.oversight.model_copy(update=off),
        "events": tuple(one for name, one in _events(tables).items() if name not in dropped),
    }
    if "hold" in dropped:
        update["paradigm"] = tables.paradigm.model_copy(update={"hold": own.paradigm.hold})
    if "feedback" in dropped:
        update["feedback"] = own.feedback
    if "adopters" in dropped:
        update |= _adopters(scenario)
    overlay = (scenario.raw.get("policies") or {}).get(policy, {})
    return with_outside(tables.model_copy(update=update), scenario.raw, overlay)


def _events(tables: Tables) -> dict[str, Event]:
    """The events of a policy by their names as parts."""
    return dict(zip(names_of_events(tables.events), tables.events, strict=True))


def _adopters(scenario: Scenario) -> dict:
    """How many labs adopt a policy, and which, where it leaves that to the scenario."""
    usual = {name: Tables.model_fields[name].default for name in ("adopters", "adopters_are")}
    return {name: scenario.raw.get(name, usual[name]) for name in usual}


def _adopting(scenario: Scenario, values: Mapping) -> tuple:
    """Which labs adopt a policy with these values, equal where the same labs do."""
    number = scenario.labs if values["adopters"] is None else values["adopters"]
    return number, None if number >= scenario.labs else values["adopters_are"]


def subsets(scenario: Scenario, policy: str) -> Scenario:
    """The scenario whose policies are the subsets of a policy's parts, from none to all.

    Bit k of a subset's place says whether it has part k; its name joins its parts with
    "+".  Raises Refusal for an unknown policy and for one without parts.
    """
    whole = parts(scenario, policy)
    if not whole:
        what = "has no safeguard, response, event or lever of its own to take apart"
        raise Refusal(f"{scenario.source}: policies: '{policy}' {what}")
    if len(whole) > MOST:
        what = f"has {len(whole)} parts, and all subsets of at most {MOST} are run"
        raise Refusal(f"{scenario.source}: policies: '{policy}' {what}: {', '.join(whole)}")
    policies, own = {}, unguarded(scenario)
    for place in range(2 ** len(whole)):
        chosen = [part for k, part in enumerate(whole) if place >> k & 1]
        dropped = set(whole) - set(chosen)
        policies["+".join(chosen) or NOTHING] = without(scenario, policy, dropped, own)
    return replace(scenario, policies=policies, titles={})


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
    stages: Sequence[int] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    rule: Policy | None = None,
) -> "Iterator[xarray.Dataset]":
    """Run every subset of a policy's parts in the same worlds.

    Parameters
    ----------
    scenario : Scenario
        It has the policy.
    policy : str
        The policy to take apart.
    stages : sequence of int
        Rising numbers of worlds, by default all at once; no world is run twice.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.
    rule : Policy, optional
        The policy, where it is written in Python: every subset keeps its rule.

    Yields
    ------
    Dataset
        That of a run's worlds with only the variables of `first_tries`, whose policies are the
        subsets, and with the parts of each in `has_part` (policy, part), at the end of each
        stage.
    """
    taken_apart = subsets(scenario, policy)
    rules = dict.fromkeys(taken_apart.policies, rule)
    stages = stages or (scenario.worlds,)
    for worlds in first_tries_in_stages(taken_apart, stages, threads, progress, rules=rules):
        yield with_parts(worlds, scenario, policy)


def with_parts(worlds: "xarray.Dataset", scenario: Scenario, policy: str) -> "xarray.Dataset":
    """The dataset of the subsets of a policy's parts, which says what parts each has."""
    names = parts(scenario, policy)
    places = np.arange(2 ** len(names))[:, None]
    member = (places >> np.arange(len(names)) & 1).astype(bool)
    has_part = ("policy", "part"), member, {"long_name": "whether a subset has a part"}
    alone = replace(scenario.choose([policy]), worlds=worlds.sizes["world"])
    about = attributes(alone) | {"taken_apart": policy}
    return worlds.assign_coords(part=list(names)).assign(has_part=has_part).assign_attrs(about)


def _tables(scenario, policy) -> Tables:
    return scenario.choose([policy]).policies[policy]
