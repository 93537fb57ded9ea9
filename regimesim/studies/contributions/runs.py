"""The runs of the study: each policy once, whatever needs it.

Policies share many of their subsets: all of them share the subset without parts, and two that have
control and a monitor of the chain of thought share what these two do.  The frontier needs the
whole policies.  All of them run in the same worlds, so that one run stands for all equal ones.  Of
a policy with very many parts only some subsets run in each world
(`regimesim.studies.contributions.sampled_subsets`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.ensemble.first_tries import KEPT, first_tries_in_stages
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.scenario.parameters import Tables
from regimesim.scenario.titles import TITLE
from regimesim.studies.contributions.sampled_subsets import (
    is_sampled,
    runs_of,
    sampled_in,
    subsets_of,
)
from regimesim.studies.contributions.subsets import independent, parts, subsets, with_parts

if TYPE_CHECKING:
    import xarray

Rules = Mapping[str, Policy | None]
RECORDED = ("growth_lost", "audits_spent", "months_paused", "false_alarms")  # for costs


class Sampled(NamedTuple):
    """The subsets of a policy that run in some worlds each: their places, and their tables."""

    parts: int
    places: np.ndarray
    policies: Mapping[str, Tables]


class Runs:
    """The runs that a study of a scenario needs.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    apart : sequence of str
        The policies that are taken apart.
    fronts : sequence of tuple
        Scenarios whose policies are run as well, each with those that are written in Python.
    rules : mapping
        The policies written in Python, by name.

    Attributes
    ----------
    tables : dict
        What runs in all worlds, by a name that no user sees.
    subsets : dict of dict
        That name of each subset of each policy; None where only some of the worlds run.
    alone : dict
        That of each policy whose monitors fail independently of each other, or None.
    fronts : list of list
        Those of the policies of each of `fronts`.
    """

    def __init__(
        self,
        scenario: Scenario,
        apart: Sequence[str],
        fronts: Sequence[tuple[Scenario, Rules]] = (),
        rules: Rules = MappingProxyType({}),
    ):
        self._scenario = scenario
        self.tables: dict[str, Tables] = {}
        self._rules: dict[str, Policy | None] = {}
        self._keys: dict[tuple, str] = {}
        self._sampled: dict[str, Sampled] = {}
        self.subsets = {name: self._take_apart(name, rules.get(name)) for name in apart}
        self.alone = {name: self._independent(name, rules.get(name)) for name in apart}
        self.fronts = [
            [self._enter(tables, of.get(name)) for name, tables in front.policies.items()]
            for front, of in fronts
        ]

    @property
    def number(self) -> float:
        """How many runs of all worlds these are."""
        some = sum(runs_of(one.parts) - 2 * (1 + one.parts) for one in self._sampled.values())
        return len(self.tables) + some

    def _enter(self, tables: Tables, rule: Policy | None) -> str:
        """The name under which a policy runs, the same for equal ones."""
        # words of floats give each bit, and show the sign of a zero
        key = self._keys.setdefault((repr(tables), id(rule)), str(len(self._keys)))
        self.tables[key], self._rules[key] = tables, rule
        return key

    def _take_apart(self, name, rule) -> dict[str, str | None]:
        """By the name of each subset that under which it runs, None where only some worlds do."""
        every, number = subsets(self._scenario, name).policies, len(parts(self._scenario, name))
        if not is_sampled(number):
            return {subset: self._enter(tables, rule) for subset, tables in every.items()}
        corner = subsets_of(number).corner
        names, places = list(every), np.flatnonzero(~corner)
        some = {names[place]: every[names[place]] for place in places}
        self._sampled[name] = Sampled(number, places, some)
        return {
            subset: self._enter(tables, rule) if corner[place] else None
            for place, (subset, tables) in enumerate(every.items())
        }

    def _independent(self, name, rule) -> str | None:
        apart = independent(self._scenario, name)
        return apart and self._enter(apart.policies[name], rule)

    def run(
        self,
        stages: Sequence[int],
        threads: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> "Iterator[Stage]":
        """Run them, and yield the results at the end of each stage."""
        run = {"stages": stages, "threads": threads, "progress": progress}
        pool = replace(self._scenario, policies=self.tables, titles={})
        kept = (*KEPT, *RECORDED) if self.fronts else KEPT
        whole = first_tries_in_stages(pool, rules=self._rules, kept=kept, **run)
        some = {name: self._run_some(name, one, run) for name, one in self._sampled.items()}
        for worlds in stages:
            parts_of = {name: next(each) for name, each in some.items()}
            yield Stage(self, replace(self._scenario, worlds=worlds), next(whole), parts_of)

    def _run_some(self, name, sampled: Sampled, run):
        scenario = replace(self._scenario, policies=sampled.policies, titles={})
        (key, *_) = filter(None, self.subsets[name].values())
        rules = dict(zip(sampled.policies, repeat(self._rules[key])))

        def chosen(numbers):
            return sampled_in(sampled.parts, scenario.seed, numbers)[sampled.places]

        return first_tries_in_stages(scenario, rules=rules, chosen=chosen, **run)


class Stage(NamedTuple):
    """The results of `Runs` in some worlds, by the names that the study has for policies.

    whole: of policies that run in all worlds · some: by policy that is taken apart, of subsets
    that run in some of them.
    """

    runs: Runs
    scenario: Scenario
    whole: "xarray.Dataset"
    some: "Mapping[str, xarray.Dataset]"

    def subsets(self, policy: str) -> "xarray.Dataset":
        """Every subset of a policy's parts, as `run_subsets` has them."""
        import xarray

        keys = self.runs.subsets[policy]
        there = {name: key for name, key in keys.items() if key is not None}
        every = self._named(list(there), list(there.values()))
        if policy in self.some:
            more = self.some[policy]
            every = xarray.concat([every, more], "policy", data_vars="minimal", coords="minimal")
            every = every.sel(policy=list(keys))
        return with_parts(every, self.scenario, policy)

    def alone(self, policy: str) -> "xarray.Dataset | None":
        """The policy with monitors that fail independently of each other, None where that
        changes nothing."""
        key = self.runs.alone[policy]
        return None if key is None else self._named([policy], [key])

    def front(self, place: int, names: Sequence[str]) -> "xarray.Dataset":
        """The policies of a scenario whose frontier is asked for."""
        return self._named(list(names), self.runs.fronts[place])

    def _named(self, names, keys):
        known = list(self.runs.tables)
        worlds = self.whole.isel(policy=[known.index(key) for key in keys])
        titles = "policy", names, worlds[TITLE].attrs
        return worlds.assign_coords({"policy": names, TITLE: titles})
