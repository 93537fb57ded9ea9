"""What P(no takeover) of a policy consists of, and which assumptions flip the verdict on it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regimesim.analysis.composition import (
    FirstTries,
    Outcomes,
    endings,
    first_tries,
    outcomes,
)
from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import so_many, so_many_of
from regimesim.ensemble.datasets import about_run, dataset, grown, in_memory
from regimesim.ensemble.ensemble import ScenarioLike, fill_store
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.explain import text
from regimesim.studies.explain.flips import (
    MAY_FLIP,
    ROUNDS,
    Bar,
    Effect,
    near,
    screened,
    sharpened,
)
from regimesim.studies.explain.points import OUTCOME, Points
from regimesim.studies.explain.question import GOOD_ENOUGH, SEARCHES, Question, ask
from regimesim.studies.explain.together import Together, nearest_opposite, worst_pair

if TYPE_CHECKING:
    import pandas

TOGETHER = 60  # about how many values the searches of pairs and of lines take
COSTS = ("growth_lost", "audited", "months_paused_a_year", "false_alarms_a_year")


@dataclass(frozen=True)
class Explanation:
    """What P(no takeover) of a policy consists of, and which assumptions flip the verdict.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    no_takeover : Estimate
        P(no takeover), as every study reports it.
    endings : dict of Estimate
        The share of worlds with each of `regimesim.analysis.composition.ENDINGS`; they add up to
        1.
    first_tries : FirstTries
        Who made the first critical tries, and when.
    outcomes : Outcomes
        What held them, and what lost them.
    costs : dict of Estimate
        Growth lost, the share audited, months paused and false alarms in a year.
    effects : tuple of Effect
        What each assumption does alone: those that flip the verdict first, the nearest first, then
        those that move P most.
    pair : Together, optional
        The pair of plausible ends that moves P furthest to the other side of the bar.
    nearest : Together, optional
        The nearest scenario with the opposite verdict; None where none was seen.
    left_out : tuple of str
        Why points could not be run: values that contradict others.
    missing : tuple of str
        Those of `question.SEARCHES` that are not finished, in an answer before the end.
    """

    question: Question
    no_takeover: Estimate
    endings: dict[str, Estimate]
    first_tries: FirstTries
    outcomes: Outcomes
    costs: dict[str, Estimate]
    effects: tuple[Effect, ...] = ()
    pair: Together | None = None
    nearest: Together | None = None
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether P(no takeover) is good enough."""
        return self.no_takeover.estimate >= self.question.good_enough

    @property
    def is_clear(self) -> bool:
        """Whether the whole interval lies on one side of the bar."""
        one = self.no_takeover
        return not one.low < self.question.good_enough <= one.high

    @property
    def flipping(self) -> tuple[Effect, ...]:
        """The assumptions that flip the verdict alone."""
        return tuple(one for one in self.effects if one.flips)

    @property
    def perhaps_flipping(self) -> tuple[Effect, ...]:
        """The assumptions that may flip it, within the precision of these worlds."""
        return tuple(one for one in self.effects if one.may_flip)

    def __getitem__(self, assumption: str) -> Effect:
        return {one.key: one for one in self.effects}[assumption]

    def to_dict(self) -> dict:
        """The content of explain.json."""
        question, tries = self.question, self.first_tries
        return {
            **about_run(question.scenario),
            "policy": question.policy,
            "title": question.scenario.title(question.policy),
            "end": question.scenario.date(question.scenario.months - 1),
            "good_enough": question.good_enough,
            "is_good": self.is_good,
            "is_clear": self.is_clear,
            "no_takeover": self.no_takeover._asdict(),
            "endings": _plain(self.endings),
            "first_tries": {
                "n": tries.n,
                "by": _plain(tries.by),
                "several": tries.several._asdict(),
                "months": None if tries.months is None else list(tries.months),
            },
            "outcomes": {
                "by": _plain(self.outcomes.by),
                "numbers": self.outcomes.numbers._asdict(),
            },
            "costs": _plain(self.costs),
            "few": question.few,
            "some": question.some,
            "assumptions": {one.key: one.plain() for one in self.effects},
            "pair": self.pair and self.pair.plain(),
            "nearest": self.nearest and self.nearest.plain(),
            "left_out": list(self.left_out),
            "missing": list(self.missing),
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each assumption: its value, its range, P(no takeover) at both ends with
        intervals, the verdicts there, and the values between which it flips."""
        import pandas

        rows = []
        for one in self.effects:
            row: dict = {"assumption": one.key, "value": one.assumption.value}
            for name in ("low", "high"):
                end = getattr(one, name).plain()
                row |= {f"{name}_{key}" if key != "value" else name: x for key, x in end.items()}
            rows.append(row)
        return pandas.DataFrame(rows)

    def text(self) -> str:
        """The explanation in words and tables, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw what the number consists of, and which assumptions move it; returns the axes."""
        from regimesim.studies.explain.figure import explanation

        return explanation(self.to_dict(), ax)


def explain(
    scenario: ScenarioLike,
    policy: str | Policy | None = None,
    good_enough: float = GOOD_ENOUGH,
    over: Mapping[str, object] | Iterable[str] | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Explanation:
    """Explain P(no takeover) of a policy: what it consists of, and which assumptions flip it.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario; all points are run in its worlds.
    policy : str or Policy, optional
        The policy, by default the scenario's first with a monitor.
    good_enough : float
        The bar, of more than 0 and less than 1: at or above it P(no takeover) is good enough.
    over : mapping or iterable of str, optional
        The assumptions that are moved, with their ranges: {"takeover.difficulty": (12, 18)}, or
        texts such as "takeover.difficulty=12:18".  The range None, or a text without a range, is
        the plausible one.  By default every number that can act under the policy and that
        overseers do not choose.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Explanation
        The parts of the number, with 95 % intervals, and the assumptions that flip the verdict.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.
    """
    return compute(ask(scenario, policy, good_enough, over, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Explanation:
    """Divide the number into its parts, then look for what flips the verdict, until the answer is
    complete."""
    for stage, answer, words in _in_stages(question, progress):
        if answer.missing:
            progress.stand(stage, answer, words)
    return answer


Stage = tuple[str, Explanation, str]  # its name, the answer, and what is new in it


def _in_stages(question: Question, progress: Progress) -> Iterator[Stage]:
    """One answer after the other, each with more than the one before."""
    for answer in _numbers(question, progress):
        worlds = answer.question.scenario.worlds
        yield _so_many(worlds, question.scenario.worlds), answer, text.first_words(answer)
    points = Points(question, progress)
    for worlds, bar, effects in screened(question, answer.no_takeover, points):
        ends = near(bar, effects)
        points.expect(_left(question, effects, ends) + question.ends * (question.few - worlds))
        answer = replace(
            answer,
            effects=_in_order(bar, effects),
            left_out=tuple(points.mistakes),
            missing=SEARCHES[1:],
        )
        stage = so_many_of(worlds, question.few, "worlds at both ends of every range")
        yield stage, answer, text.may_flip(answer)
    screening = effects
    for effect, effects, left in sharpened(question, bar, screening, points):
        points.expect(_left(question, effects, left))
        answer = replace(answer, effects=_in_order(bar, effects))
        progress.finding(text.finding(answer))
        if effect.flips or effect.may_flip:
            stage = f"{len(ends) - len(left)} of {len(ends)} ends in all worlds"
            yield stage, answer, text.flip(effect)
    pair = worst_pair(question, bar, effects, points)
    answer = replace(answer, pair=pair, missing=SEARCHES[3:])
    yield "pairs", answer, text.standing_pair(answer)
    nearest = nearest_opposite(question, bar, effects, points)
    points.expect(0)
    left_out = tuple(points.mistakes)
    yield "everything", replace(answer, nearest=nearest, left_out=left_out, missing=()), ""


def _left(question: Question, effects: Iterable[Effect], ends: Iterable) -> int:
    """About how many worlds are left, where so many ends are to be run in all worlds."""
    chosen = set(ends)
    flips = sum(
        (one.key, end.value) in chosen and end.verdict == MAY_FLIP
        for one in effects
        for end in one.ends
    )
    return len(chosen) * question.scenario.worlds + (flips * ROUNDS + TOGETHER) * question.some


def _numbers(question: Question, progress: Progress) -> Iterator[Explanation]:
    """What the number consists of, in each of rising numbers of worlds."""
    policy, done, store = question.policy, 0, None
    for size in question.stages:
        stage = question.of(size)
        store = grown(store, stage.scenario) if store else in_memory(stage.scenario)
        fill_store(stage.scenario, store, stage.rules, stage.threads, progress, done)
        done, worlds = size, dataset(store, stage.scenario)
        yield Explanation(
            stage,
            estimate(worlds, policy, OUTCOME),
            endings(worlds, policy),
            first_tries(worlds, policy),
            outcomes(worlds, policy),
            {name: estimate(worlds, policy, name) for name in COSTS},
            missing=SEARCHES,
        )


def _so_many(worlds: int, of: int) -> str:
    return so_many(worlds) if worlds == of else so_many_of(worlds, of)


def _in_order(bar: Bar, effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The assumptions that flip the verdict, the nearest first; then by how far they move P."""

    def order(one: Effect):
        return not one.flips, not one.may_flip, one.nearest, -_moved(bar, one)

    return tuple(sorted(effects, key=order))


def _moved(bar: Bar, one: Effect) -> float:
    estimate = one.worse(bar.good).estimate
    return bar.towards(estimate.estimate, few=estimate.n == bar.base_few.n)


def _plain(estimates: Mapping[str, Estimate]) -> dict:
    return {name: one._asdict() for name, one in estimates.items()}
