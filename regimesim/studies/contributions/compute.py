"""How much each part of a policy contributes: all subsets of its parts, in the same worlds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regimesim.analysis.formatting import so_many_of
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.contributions import text
from regimesim.studies.contributions.first_look import first_look
from regimesim.studies.contributions.frontier import (
    DEFAULT_COST,
    frontiers_over_budgets,
    policy_frontiers,
)
from regimesim.studies.contributions.question import Question, ask
from regimesim.studies.contributions.runs import Stage
from regimesim.studies.contributions.shares import SHARED, contributions_of_parts

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Contributions:
    """How much each part of each policy contributes, and what the policies cost.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    policies : mapping of str to dict
        The result of `shares.contributions_of_parts` for each policy that was taken apart.
    frontier : mapping of str to dict
        Safety and costs of every policy of the scenario; see `frontier.frontier`.
    audit_budgets : mapping of str to list of dict
        The same for each policy that was taken apart, at each audit budget.
    """

    question: Question
    policies: Mapping[str, dict]
    frontier: Mapping[str, dict]
    audit_budgets: Mapping[str, list[dict]]

    def __getitem__(self, policy: str) -> dict:
        return self.policies[policy]

    def to_dict(self) -> dict:
        """The content of contributions.json."""
        scenario = self.question.scenario
        return {
            **about_run(scenario),
            "cost": self.question.cost,
            "cost_of_budgets": self.question.cost_of_budgets,
            "policies": dict(self.policies),
            "frontier": dict(self.frontier),
            "audit_budgets": dict(self.audit_budgets),
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy, part, estimand and measure (`leave_one_out` or `shapley`), with
        the estimate, its 95 % interval and the number of worlds."""
        import pandas

        return pandas.DataFrame(
            {
                "policy": name,
                "part": part,
                "estimand": estimand,
                "measure": measure,
                **estimate,
            }
            for name, policy in self.policies.items()
            for part in policy["parts"]
            for estimand in SHARED
            for measure, estimate in policy[estimand]["parts"][part].items()
        )

    def text(self) -> str:
        """The contributions and costs as tables, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None, estimand: str = "no_takeover"):
        """Draw the contributions to an estimand, a panel for each policy; returns the axes."""
        from regimesim.studies.contributions.figure import contributions

        return contributions(self.to_dict(), ax, estimand)


def contributions(
    scenario: ScenarioLike,
    policies: Iterable[str | Policy] = (),
    audit_budgets: Iterable[float] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    cost: str = DEFAULT_COST,
) -> Contributions:
    """Estimate what each part of each policy contributes, and what the policies cost.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario; a path may also be the folder of a run, whose scenario is then used as it
        was run.  All subsets run in its worlds.
    policies : iterable of str or Policy
        Names of the scenario's policies, or policies written in Python, whose rule acts in
        every subset; by default every policy that has parts.
    audit_budgets : iterable of float
        Shares of trajectories, 0 to 1: each policy also runs at each of these budgets.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.
    cost : str
        What the frontier sets against safety: "growth_lost", "audited", "months_paused_a_year",
        "false_alarms_a_year" or "usefulness".

    Returns
    -------
    Contributions
        Leave-one-out differences and Shapley values with 95 % intervals, and the frontier of
        safety and cost.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.

    References
    ----------
    Shapley (1953), "A value for n-person games", Contributions to the Theory of Games II.
    Bonett and Price (2012), "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data", Journal of Educational and Behavioral Statistics 37.
    """
    return compute(ask(scenario, policies, audit_budgets, threads, cost), as_progress(progress))


def compute(question: Question, progress: Progress) -> Contributions:
    """Run every subset of each policy, and the frontiers: in a few worlds, then in more."""
    first_look(question, progress)
    *_, last = _in_stages(question, question.stages, progress)
    return last


def _in_stages(question: Question, stages, progress: Progress) -> Iterator[Contributions]:
    """The answer at each of several numbers of worlds; no world is run twice."""
    scenario, rules, cost = question.scenario, question.rules, question.cost
    run = {"stages": stages, "threads": question.threads, "progress": progress}
    here: list[Stage] = []  # the last stage alone, of which the frontiers take their worlds

    def of_front(place, front):
        for _ in stages:
            yield here[0].front(place, front.policies)

    worlds_of = (of_front(place, front) for place, (front, _) in enumerate(question.fronts))
    frontiers = policy_frontiers(scenario, rules=rules, cost=cost, worlds=next(worlds_of), **run)
    cost = question.cost_of_budgets
    budgets = {
        name: frontiers_over_budgets(
            budgeted, rule=rules.get(name), cost=cost, worlds=next(worlds_of), **run
        )
        for name, budgeted in question.budgeted.items()
    }
    titles = {name: scenario.title(name) for name in question.apart}
    for worlds, stage in zip(stages, question.runs.run(**run), strict=True):
        here[:], policies = [stage], {}
        for name in question.apart:
            policies[name] = contributions_of_parts(stage.subsets(name), stage.alone(name))
            progress.finding(text.finding(titles[name], policies[name]))
        by_budget = {name: next(points) for name, points in budgets.items()}
        answer = Contributions(question.of(worlds), policies, next(frontiers), by_budget)
        if worlds < scenario.worlds:
            words = text.greatest(policies, titles)
            progress.stand(so_many_of(worlds, scenario.worlds), answer, words)
        yield answer
