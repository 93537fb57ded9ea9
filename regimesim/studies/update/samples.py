"""Worlds before and after the evidence, and how the latter are made."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.likelihoods.of_items import log_likelihoods, needed
from regimesim.analysis.likelihoods.replicates import predictive_p
from regimesim.analysis.present_worlds import PresentWorlds, present_worlds
from regimesim.analysis.tempering import Points, scores_of, weights_of
from regimesim.analysis.weighted_worlds import Weighted
from regimesim.ensemble.datasets import dataset, shape, world_variables
from regimesim.ensemble.ensemble import fill_store
from regimesim.ensemble.memory import check_memory
from regimesim.ensemble.moved_draws import Draws
from regimesim.ensemble.observables import Observables, observe
from regimesim.errors import Refusal
from regimesim.model.world.records import EXPECTED, names
from regimesim.studies.update.question import Question

if TYPE_CHECKING:
    import xarray

AGAIN, FRESH = 1000, 2**31  # worlds whose luck is drawn again, and the first of their numbers
DIVIDED = {  # what the division of first tries needs
    *("expected_first_try", "expected_held", "expected_by_lottery", "expected_by_skill"),
    *("expected_by_traps", "expected_lost_to_recognition", "expected_lost_to_numbers"),
}
UNUSED = {*names(EXPECTED), "expected_takeover_again"} - DIVIDED


@dataclass(frozen=True, eq=False)
class Sample:
    """Worlds with weights, run under every policy.

    Attributes
    ----------
    worlds : xarray.Dataset
        Their outcomes and assumptions.
    weighted : Weighted
        Their weights.
    draws : Draws
        What they were made from.
    """

    worlds: "xarray.Dataset"
    weighted: Weighted
    draws: Draws

    @property
    def present(self) -> PresentWorlds:
        """The worlds as analyses read them."""
        return present_worlds(self.worlds)

    def reweighted(self, log_likelihood) -> "Sample":
        """The same worlds, weighted by a likelihood."""
        return replace(self, weighted=Weighted.of(weights_of(log_likelihood)))


class Evaluation:
    """What worlds of a scenario show under the policy of the evidence, in `months` months."""

    def __init__(self, question: Question):
        self._question = question
        scenario, evidence = question.scenario, question.evidence
        self._needed = needed(evidence, scenario.start)
        last = [item.last(scenario.start) for item in evidence.items.values()]
        self.months = 0 if set(last) == {None} else evidence.months(scenario.start)

    @property
    def share(self) -> float:
        """What a world costs here, as a share of its run under a policy."""
        return self.months / self._question.scenario.months

    def observe(self, draws: Draws) -> Observables:
        """The observables of worlds."""
        question = self._question
        return observe(
            question.scenario,
            question.policy,
            draws,
            self._needed,
            self.months,
            question.rules.get(question.policy),
            question.threads,
        )

    def items(self, seen: Observables) -> np.ndarray:
        """ln of the likelihood of each item of the evidence, (worlds, items)."""
        scenario = self._question.scenario
        tables = scenario.policies[self._question.policy]
        return log_likelihoods(self._question.evidence, seen, tables, scenario.start)

    def predictive_p(self, draws: Draws, weights) -> dict:
        """How well the worlds after the evidence fit each item when luck is drawn again."""
        scenario = self._question.scenario
        rng = np.random.default_rng(scenario.seed % 2**63)
        chosen = rng.choice(len(weights), AGAIN, p=weights / weights.sum())
        numbers = FRESH + np.arange(AGAIN, dtype=np.int64)
        seen = self.observe(draws.some(chosen)._replace(numbers=numbers))
        tables = scenario.policies[self._question.policy]
        return predictive_p(self._question.evidence, seen, tables, scenario.start, rng)

    def points(self, draws: Draws) -> Points:
        """Worlds of the prior, with what they show."""
        places = np.arange(len(draws.numbers))
        return Points(
            scores_of(draws.cube), draws.numbers, self.items(self.observe(draws)), places
        )


def run_worlds(question: Question, draws: Draws, progress, keyed: bool) -> "xarray.Dataset":
    """Run every policy in worlds; `keyed` where they are those of a run of the scenario."""
    scenario = replace(question.scenario, worlds=len(draws.numbers))
    kept = [one for one in world_variables(scenario) if one.name not in UNUSED]
    size = sum(int(np.prod(shape(one, scenario))) * np.dtype(one.kind).itemsize for one in kept)
    check_memory(
        f"{scenario.source}: {scenario.worlds:,} worlds under {len(scenario.policies)} policies",
        size,
        "lower worlds, or choose policies",
    )
    store = _Kept((one.name, np.empty(shape(one, scenario), one.kind)) for one in kept)
    own = None if keyed else draws
    fill_store(scenario, store, question.rules, question.threads, progress, draws=own)
    return dataset(dict(store), scenario)


class _Nowhere:
    """An array that discards its values."""

    def __setitem__(self, where, values):
        pass


class _Kept(dict):
    """Arrays by name; values of any other name are discarded."""

    def __missing__(self, name):
        return _Nowhere()


def refuse_unseen(question: Question, items: np.ndarray) -> None:
    """Refuse evidence that no world shows; the sentence says which part of it."""
    labels, worlds = list(question.evidence.items), f"{len(items):,} worlds"
    known = np.isfinite(items)
    place = question.place
    if never := [label for label, seen in zip(labels, known.T, strict=True) if not seen.any()]:
        raise Refusal(
            f"{place}: {label}: none of {worlds} shows it under {question.policy}"
            for label in never
        )
    if known.all(axis=1).any():
        return
    for k, first in enumerate(labels):
        for j in range(k):
            if not (known[:, k] & known[:, j]).any():
                both = f"{labels[j]}, and {first}"
                raise Refusal(f"{place}: {both}: none of {worlds} shows both")
    raise Refusal(f"{place}: none of {worlds} shows all of it, though each part is seen in some")
