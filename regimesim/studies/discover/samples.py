"""Worlds as samples: the assumptions that each drew, and whether the policy failed in it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from regimesim.analysis.estimands import values
from regimesim.analysis.present_worlds import confidence, row
from regimesim.ensemble.datasets import drawn_names
from regimesim.ensemble.first_tries import first_tries
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario


class Sample(NamedTuple):
    """Worlds under one policy: dotted names of the uncertain parameters, their values
    (worlds, parameters), whether each world failed, and the confidence of intervals."""

    keys: tuple[str, ...]
    x: np.ndarray
    fails: np.ndarray
    confidence: float


def saved_sample(scenario: Scenario, worlds, policy: str, outcome: str) -> Sample:
    """The sample that the dataset of a run's worlds holds of a policy.

    outcome: a share; a world fails where it is 0, and is left out where it does not exist.
    """
    keys = tuple(uncertain(scenario.policies[policy]))
    held = values(worlds, policy, outcome)
    there = ~np.isnan(held)
    x = np.empty((int(there.sum()), len(keys)))
    for k, key in enumerate(keys):
        x[:, k] = row(worlds, policy, key)[there]
    return Sample(keys, x, held[there] == 0, confidence(worlds))


def run_sample(
    scenario: Scenario,
    policy: str,
    outcome: str,
    rules: Mapping[str, Policy],
    threads: int | None = None,
    progress=None,
) -> Sample:
    """The sample of a policy, whose worlds are run now.

    rules: the policies written in Python, by name.
    """
    alone = scenario.choose([policy])
    kept = ("crossing", outcome, *drawn_names(alone))
    worlds = first_tries(alone, threads, progress, kept, rules=rules)
    return saved_sample(alone, worlds, policy, outcome)
