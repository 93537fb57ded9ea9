"""Policies by several criteria, over the futures of several views."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regimesim.analysis.estimates import Estimate
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.robust import text
from regimesim.studies.robust.conditions import Instead, when_instead
from regimesim.studies.robust.criteria import Judged, judge
from regimesim.studies.robust.futures import Futures, in_stages
from regimesim.studies.robust.question import USUAL_REPEATS, Question, ask
from regimesim.studies.value import EXAMPLE

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class View:
    """A scenario by itself.

    Attributes
    ----------
    name : str
        Its name.
    futures, worlds : int
        The number of its futures, and of worlds under each policy.
    means : dict of str to Estimate
        The mean value of each policy.
    chosen : str
        The policy with the best mean.
    is_clear : bool
        Whether that choice is more than luck.
    """

    name: str
    futures: int
    worlds: int
    means: dict[str, Estimate]
    chosen: str
    is_clear: bool

    def plain(self) -> dict:
        """Plain values, as in robust.json."""
        means = {name: one._asdict() for name, one in self.means.items()}
        return {**vars(self), "means": means}


@dataclass(frozen=True)
class Robust:
    """Which policy each criterion chooses, over futures of which nobody knows how probable they
    are.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    criteria : tuple of Judged
        The policies by each criterion.
    views : tuple of View
        Each scenario by itself.
    instead : tuple of Instead
        When to choose another policy than the one with the best mean, one for each view in which
        another adds anything.
    """

    question: Question
    criteria: tuple[Judged, ...]
    views: tuple[View, ...]
    instead: tuple[Instead, ...]

    def __getitem__(self, criterion: str) -> Judged:
        return {one.criterion.name: one for one in self.criteria}[criterion]

    def to_dict(self) -> dict:
        """The content of robust.json."""
        question = self.question
        return {
            **about_run(question.scenario),
            "scenario": text.together([one.name for one in self.views]),
            "value": question.value.text,
            "good_enough": question.good_enough,
            "repeats": question.repeats,
            "policies": {
                name: {"title": question.scenario.title(name)}
                for name in question.scenario.policies
            },
            "criteria": {one.criterion.name: one.plain() for one in self.criteria},
            "views": [one.plain() for one in self.views],
            "instead": [one.plain() for one in self.instead],
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each criterion and policy: `criterion`, `policy`, `estimate`, `low`, `high`,
        `chosen` and how far it is `behind`."""
        import pandas

        rows = [
            {
                "criterion": one.criterion.name,
                "policy": name,
                "estimate": estimate.estimate,
                "low": estimate.low,
                "high": estimate.high,
                "chosen": name == one.chosen,
                "behind": one.behind[name].estimate if name in one.behind else 0.0,
            }
            for one in self.criteria
            for name, estimate in one.estimates.items()
        ]
        return pandas.DataFrame(rows)

    def text(self) -> str:
        """The result in words and tables, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw how far each policy is behind by each criterion; returns the axes.

        `ax` may hold one axes for each criterion.
        """
        from regimesim.studies.robust.figure import robust

        return robust(self.to_dict(), ax)


def robust(
    scenarios: ScenarioLike | Iterable[ScenarioLike],
    policies: Iterable[str | Policy] = (),
    value: str = EXAMPLE,
    good_enough: float | None = None,
    repeats: int = USUAL_REPEATS,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Robust:
    """Compare policies over futures of which nobody knows how probable they are.

    Parameters
    ----------
    scenarios : Scenario, path or mapping, or a list of them
        One scenario or several views.  Each world of a scenario draws assumptions, which are a
        future; a scenario that draws nothing is one future.
    policies : iterable of str or Policy
        The policies to choose between, two at least; by default those that all scenarios have.
    value : str
        What a policy is worth in a world: outcomes that every world has, each times a number,
        such as "no_takeover - 0.2*growth_lost".
    good_enough : float, optional
        The value from which on a policy is good enough in a future; ½ where the value is
        the default one, and otherwise this is not judged.
    repeats : int
        The number of worlds of each future, which differ in luck: an even number, 4 to 256.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Robust
        Every policy by every criterion, with 95 % intervals, and the choice of each criterion.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.

    References
    ----------
    Lempert, Popper and Bankes (2003), Shaping the next one hundred years; McPhail et al. (2018),
    Earth's Future 6:169; Gordy and Juneja (2010), Management Science 56:1833; Bryant and Lempert
    (2010), Technological Forecasting and Social Change 77:34.
    """
    question = ask(scenarios, policies, value, good_enough, repeats, threads)
    return compute(question, as_progress(progress))


def compute(question: Question, progress: Progress) -> Robust:
    """Run every future under every policy, in few worlds and then in more, and judge."""
    for repeats, futures in in_stages(question, progress):
        result = _result(question.of(repeats), futures)
        if repeats < question.repeats:
            words = f"{repeats} of {question.repeats} worlds of each future"
            progress.stand(words, result, text.standing(result.to_dict()))
    return result


def _result(question: Question, futures: list[Futures]) -> Robust:
    policies = list(question.scenario.policies)
    criteria = judge([one.values for one in futures], policies, question.good_enough)
    views = tuple(_view(one, policies) for one in futures)
    instead = (when_instead(one, policies, criteria[0].chosen) for one in futures)
    return Robust(question, criteria, views, tuple(one for one in instead if one))


def _view(one: Futures, policies: list[str]) -> View:
    by_mean = judge([one.values], policies)[0]
    worlds = one.values.shape[1] * one.number
    name = one.scenario.name
    return View(name, one.number, worlds, by_mean.estimates, by_mean.chosen, by_mean.is_clear)
