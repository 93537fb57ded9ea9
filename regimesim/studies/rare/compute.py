"""Rare failures: the probability of a takeover, and that a first critical try is lost.

These probabilities may be far too small to estimate by counting worlds.  Instead the hazard of
each month is integrated (`regimesim.model.dynamics.anticipation`).  Where few worlds make up
most of it, because the failure needs a rare state, worlds that come near to it are split
(`regimesim.studies.rare.splitting`), with an importance that is fitted to pilots.  All worlds
come in groups whose totals are independent and unbiased, so that the estimate is their mean.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.ensemble.workload import GRAIN
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.rare.estimates import ESTIMANDS, relative_error, summary
from regimesim.studies.rare.pilots import FINAL, explore
from regimesim.studies.rare.question import ERROR, GROUPS, Question, ask
from regimesim.studies.rare.splitting import Group, GroupResult, key_of, simulate_groups
from regimesim.studies.rare.text import tables

if TYPE_CHECKING:
    import pandas

WORLDS = 512  # of a group, where the number of worlds allows
MOST_SYSTEMS = 2**20  # of a group
FIRST_LOOK = 20  # groups, and twice as many at each look


@dataclass(frozen=True)
class Rare:
    """How probable failures are under each policy.

    Attributes
    ----------
    question : Question
        The question that this answers.
    policies : mapping
        For each policy the estimates of `takeover` and `first_try_lost`, each with a 95 %
        interval, and how they were made; as in rare.json.
    """

    question: Question
    policies: Mapping[str, dict]

    def __getitem__(self, policy: str) -> dict:
        return self.policies[policy]

    def to_dict(self) -> dict:
        """The content of rare.json."""
        question = self.question
        sizes = {
            "relative_error_asked": question.relative_error,
            "most_worlds": question.scenario.worlds,
        }
        return {**about_run(question.scenario), **sizes, "policies": dict(self.policies)}

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy and failure, with its probability."""
        import pandas

        return pandas.DataFrame(
            {"policy": name, "failure": failure, **policy[failure]}
            for name, policy in self.policies.items()
            for failure in ESTIMANDS
        )

    def text(self) -> str:
        """The probabilities in a table, in lines as wide as the terminal."""
        return tables(self.to_dict())

    def plot(self, ax=None):
        """Draw the probabilities with their intervals; returns the axes."""
        from regimesim.studies.rare.figure import probabilities

        return probabilities(self.to_dict(), ax)


def rare(
    scenario: ScenarioLike,
    policies: Iterable[str | Policy] = (),
    relative_error: float = ERROR,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Rare:
    """Estimate the probability of a takeover, and of a first critical try that is lost.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        Its number of worlds is the most that a policy may cost, pilots included.
    policies : iterable of str or Policy
        Names of the scenario's policies, or policies written in Python; by default every
        policy of the scenario.
    relative_error : float
        The standard error over the estimate that is to be reached, from 0 to 1.
    threads : int, optional
        By default one a core; it changes no number.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Rare
        The probabilities under each policy, with 95 % intervals.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.

    References
    ----------
    L'Ecuyer, Demers and Tuffin (2007), Rare events, splitting, and quasi-Monte Carlo, ACM
    Transactions on Modeling and Computer Simulation 17(2).
    """
    return compute(ask(scenario, policies, relative_error, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Rare:
    """Estimate the probabilities, for each policy."""
    scenario, results = question.scenario, {}
    for policy in scenario.policies:

        def simulate(groups, keep=False, policy=policy):
            rule = question.rules.get(policy)
            return simulate_groups(
                scenario, policy, groups, rule, keep, question.threads, progress
            )

        results[policy] = _of_policy(scenario, simulate, question.relative_error)
        progress.finding(f"{policy}: {results[policy]['takeover']['estimate']:.2g}")
    return Rare(question, results)


def _of_policy(scenario, simulate, goal: float) -> dict:
    """Add groups until the relative error is at most `goal`, or worlds run out."""
    fit = max(MOST_SYSTEMS // scenario.systems, GRAIN)  # in memory
    size = min(WORLDS, fit, scenario.worlds // GROUPS) // GRAIN * GRAIN
    pilots, importance = explore(scenario, simulate, size)
    cost = sum(map(len, pilots)) * size
    most = (scenario.worlds - cost) // size
    groups: list[GroupResult] = []
    key, look = key_of(scenario.seed, FINAL), FIRST_LOOK
    while len(groups) < most and not (groups and relative_error(groups) <= goal):
        numbers = range(len(groups), min(look, most))
        groups += simulate([Group(number, size, key, importance) for number in numbers])
        look *= 2
    return summary(scenario, pilots, groups, size, goal, importance is not None)
