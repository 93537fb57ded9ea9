"""Worlds that show the evidence, where weights leave too few of a run: drawn, or else moved."""

from typing import NamedTuple

import numpy as np

from regimesim.analysis.adapted_proposals import draw, thinned
from regimesim.analysis.tempering import Moved, Points, joined, move, uniforms_of
from regimesim.analysis.weighted_worlds import Weighted
from regimesim.ensemble.moved_draws import Draws, own_draws
from regimesim.ensemble.workload import duration
from regimesim.results.progress import Progress
from regimesim.studies.study import expected_seconds
from regimesim.studies.update.question import Question
from regimesim.studies.update.samples import Evaluation
from regimesim.studies.update.text import MOST_BATCHES, MOST_ROUNDS

MARGIN = 16  # times as many worlds of the prior are looked at where too few show the evidence
ENOUGH = 64  # worlds that show it, to begin with
BATCH, LEAST_BATCH = 4, 1000  # worlds of a batch: for each effective one wanted, and at least
MOST_NUMBERS = 10**8  # that are kept of all batches
TYPICAL = 20  # batches, before any was drawn


class Searched(NamedTuple):
    """Worlds that show the evidence.

    Attributes
    ----------
    draws : Draws
        What they are made from.
    weighted : Weighted
        Their weights.
    looked_at : int
        Worlds of the prior that were looked at.
    batches, batch : int
        How many batches of how many worlds were drawn.
    moved : Moved or None
        How worlds were moved, where batches left too few.
    """

    draws: Draws
    weighted: Weighted
    looked_at: int
    batches: int
    batch: int
    moved: Moved | None


def enough(question: Question, evaluation: Evaluation, points: Points) -> Points:
    """At least some worlds of the prior that show the evidence, where more are needed."""
    most = MARGIN * len(points.numbers)
    while np.isfinite(points.total).sum() < ENOUGH and len(points.numbers) < most:
        begin = len(points.numbers)
        larger = own_draws(question.scenario, min(2 * begin, most)).some(slice(begin, None))
        more = evaluation.points(larger)
        points = joined(points, more.scores, more.numbers, more.items)
    return points


def find(
    question: Question, evaluation: Evaluation, prior: Points, progress: Progress, runs: int
) -> Searched:
    """Draw worlds where the evidence is likely until enough are left, and else move them.

    Parameters
    ----------
    question : Question
        The question.
    evaluation : Evaluation
        What worlds show.
    prior : Points
        Worlds of the prior, of which some show the evidence.
    progress : Progress
        Counts the worlds that are simulated, each as its share of a whole run.
    runs : int
        Worlds that are run afterwards under a policy.
    """
    scenario, coordinates = question.scenario, own_draws(question.scenario, 0).coordinates
    seed, goal, free = scenario.seed % 2**63, question.effective, int(prior.numbers.max()) + 1
    batch, most = batch_size(question), _most_batches(question, prior)
    watch = _Watch(progress, goal, max(round(batch * evaluation.share), 1), runs)
    watch.expect(min(TYPICAL, most))

    def evaluate(cube, numbers):
        return evaluation.items(evaluation.observe(Draws(numbers, cube, coordinates)))

    drawn = draw(
        *(prior, evaluate, goal, batch, scenario.worlds, seed, free, most), watch.after_batch
    )
    places, weights = thinned(drawn.weights, scenario.worlds, np.random.default_rng(seed))
    left = drawn.points.take(places)
    weighted = Weighted.of(weights)
    moved = None
    if weighted.effective < goal:
        progress.line(
            f"After {drawn.rounds} batches the effective number is {weighted.effective:,.0f}: now "
            f"the worlds are moved, at most {_time(question, evaluation, MOST_ROUNDS)}."
        )
        watch.begin(max(round(scenario.worlds * evaluation.share), 1), MOST_ROUNDS)
        free += drawn.rounds * batch
        moved = move(
            *(drawn.points, evaluate, goal, scenario.worlds, seed, free, MOST_ROUNDS),
            *(watch.after_round, drawn.base),
        )
        if moved.effective > weighted.effective:
            left = moved.points
            weighted = Weighted(np.ones(len(left.numbers)), left.family, moved.effective)
    draws = Draws(left.numbers, uniforms_of(left.scores), coordinates)
    return Searched(draws, weighted, len(prior.numbers), drawn.rounds, batch, moved)


def batch_size(question: Question) -> int:
    """How many worlds are drawn at a time."""
    most = max(question.scenario.worlds, LEAST_BATCH)
    return int(min(max(BATCH * question.effective, LEAST_BATCH), most))


def _most_batches(question: Question, prior: Points) -> int:
    """How many batches are drawn at most: fewer where they would fill the memory."""
    width = prior.scores.shape[1] + prior.items.shape[1] + 4
    return int(max(min(MOST_BATCHES, MOST_NUMBERS // (width * batch_size(question))), 2))


def announcement(question: Question, evaluation: Evaluation, prior: Points, left: float) -> str:
    """What is about to be done, why, and how long it takes at most."""
    batches = _most_batches(question, prior)
    again = expected_seconds(question.scenario, question.total, question.threads)
    size = batch_size(question) / question.scenario.worlds
    drawing = _time(question, evaluation, size * batches)
    return (
        f"The effective number of worlds after the evidence is {left:,.0f}: more are drawn where "
        f"it is likely, until it is {question.effective:,.0f}. That takes at most {batches} "
        f"batches of {batch_size(question):,} ({drawing}), and up to {duration(again)} to run "
        "those that are kept under all policies."
    )


def _time(question: Question, evaluation: Evaluation, rounds: float) -> str:
    """How long some rounds of as many worlds as in a run take, in words."""
    scenario = question.scenario
    each = expected_seconds(scenario, scenario.worlds, question.threads, evaluation.months)
    return duration(rounds * each)


class _Watch:
    """Shows how far the search has come, and expects how long it will take."""

    def __init__(self, progress: Progress, goal: float, each: int, runs: int):
        self._progress, self._goal, self._each, self._runs = progress, goal, each, runs
        self._likely: list[float] = []  # the effective numbers since the power is 1

    def begin(self, each: int, rounds: int) -> None:
        """Expect a number of rounds that count as `each` worlds."""
        self._each = each
        self.expect(rounds)

    def expect(self, rounds: float) -> None:
        """Expect a number of further rounds."""
        self._progress.total(self._progress.done + round(rounds * self._each) + self._runs)

    def after_batch(self, number: int, power: float, effective: float) -> None:
        """Show what a batch has brought."""
        self._progress(self._each)
        self._progress.finding(f"batch {number}: {effective:,.0f} of {self._goal:,.0f} effective")
        if power == 1.0:
            self._likely.append(effective)
        if len(self._likely) > 2 and self._likely[-1] > self._likely[0]:
            gain = (self._likely[-1] - self._likely[0]) / (len(self._likely) - 1)
            left = max(self._goal - effective, 0.0) / gain
            self.expect(min(left, max(MOST_BATCHES - number, 0)))
        elif not self._likely:
            self.expect(max(TYPICAL - number, 2))

    def after_round(self, power: float, number: int, effective: float) -> None:
        """Show what a round of moves has brought."""
        self._progress(self._each)
        at = f"{effective:,.0f} effective" if effective else f"power {power:.2g}"
        self._progress.finding(f"moves: round {number}, {at}")
