"""How much of a parameter is enough: a search for each policy, in the same worlds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regimesim.analysis.estimands import estimate, values
from regimesim.analysis.formatting import so_many_of
from regimesim.analysis.policy_cells import COSTS
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.require import text
from regimesim.studies.require.curve import Tried
from regimesim.studies.require.known_worlds import KnownWorlds
from regimesim.studies.require.question import GUIDES, Question, ask
from regimesim.studies.require.search import Requirement, search

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Requirements:
    """How much each policy needs to reach the targets: a `Requirement` by name of the policy.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    answers : tuple of Requirement
        In the order of the scenario's policies.
    """

    question: Question
    answers: tuple[Requirement, ...]

    def __getitem__(self, policy: str) -> Requirement:
        return {one.policy: one for one in self.answers}[policy]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    def to_dict(self) -> dict:
        """The content of require.json."""
        question = self.question
        return {
            **about_run(question.scenario),
            "targets": [target._asdict() for target in question.targets],
            "vary": [one._asdict() for one in question.line.varied],
            "policies": {one.policy: text.plain(one) for one in self.answers},
            "left_out": list(question.left_out),
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy, value that was tried and target, with the estimate there."""
        import pandas

        return pandas.DataFrame(
            {
                "policy": one.policy,
                **one.line.settings(tried.values),
                "target": str(target),
                **at_value._asdict(),
                "reached": tried.reached,
            }
            for one in self.answers
            for tried in one.tried
            for target, at_value in zip(one.targets, tried.estimates, strict=True)
        )

    def text(self) -> str:
        """The answers in words, in lines as wide as the terminal."""
        return text.text(self.answers, self.question.left_out)

    def plot(self, ax=None, policy: str | None = None):
        """Draw the search under one policy (by default the first); returns the axes."""
        from regimesim.studies.require.figure import requirement

        return requirement(self.to_dict(), policy or self.answers[0].policy, ax)


def require(
    scenario: ScenarioLike,
    targets: Mapping[str, float] | Iterable[str],
    vary: Mapping[str, object] | Iterable[str],
    policies: Iterable[str | Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Requirements:
    """Find the smallest value of `vary` that reaches `targets` under each policy.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario; all values are tried in its worlds.
    targets : mapping or iterable of str
        {"no_takeover": 0.99} or texts such as "evidence_gap<=0.1", all of which must hold.
    vary : mapping or iterable of str
        {"oversight.audit_budget": (0.01, 0.1)}, or texts such as
        "oversight.audit_budget=0.01:0.1".  The range None, or a text without a range, is the
        plausible one.  Several parameters move together along a line.
    policies : iterable of str or Policy
        Names of the scenario's policies, or policies written in Python; by default every
        policy of the scenario on which the parameters act.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Requirements
        The answer for each policy, with its 95 % interval.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.
    """
    return compute(ask(scenario, targets, vary, policies, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Requirements:
    """Search along the line, for each policy: in a few worlds, then in more."""
    names, every = question.scenario.policies, question.scenario.worlds
    known = {name: KnownWorlds(question, name, progress) for name in names}
    pilots: dict[str, Requirement] = {}
    for number, worlds in enumerate(levels := question.levels):
        stage = question.of(worlds)
        answers = tuple(
            _one(stage, name, known[name], pilots.get(name), progress) for name in names
        )
        if worlds >= GUIDES:
            pilots = {one.policy: one for one in answers}
        result = Requirements(stage, answers)
        if worlds < every and question.is_shown(worlds):
            progress.total(progress.done + question.worlds(levels[number + 1 :]))
            words = "; ".join(map(text.standing, answers))
            progress.stand(so_many_of(worlds, every), result, words)
    return result


def _one(
    question: Question,
    policy: str,
    known: KnownWorlds,
    pilot: Requirement | None,
    progress: Progress,
) -> Requirement:
    costs = dict(pilot.costs) if pilot else {}
    title = question.scenario.title(policy)

    def evaluate(at):
        worlds = known.at(at, question.scenario.worlds)
        costs[at] = {name: estimate(worlds, policy, name) for name in COSTS}
        # the risk is divided among targets, as it is among the looks at a growing run
        worlds.attrs["looks"] = len(question.targets)
        return [
            (values(worlds, policy, name), estimate(worlds, policy, name))
            for name, *_ in question.targets
        ]

    def show(tried: Tried):
        progress.finding(text.finding(title, question.targets[0], tried))

    answer = search(evaluate, question.targets, question.line, policy, show, pilot)
    return replace(answer, costs=costs, title=title)
