"""What each group of parameters adds to the disagreement of two scenarios."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.estimands import counted
from regimesim.analysis.estimates import Estimate, proportion
from regimesim.analysis.meaning import known_effect
from regimesim.analysis.outcome import Outcome, values_of, why_absent
from regimesim.analysis.shapley import (
    MeanGame,
    QuantileGame,
    interaction_weights,
    shapley_weights,
)
from regimesim.ensemble.datasets import about_run, dataset, in_memory
from regimesim.ensemble.ensemble import ScenarioLike, fill_store
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.cruxes import text
from regimesim.studies.cruxes.groups import TABLE, Side
from regimesim.studies.cruxes.parts import Interaction, Part
from regimesim.studies.cruxes.question import Question, ask

if TYPE_CHECKING:
    import pandas

TOGETHER = 16  # combinations that run at once; memory does not grow beyond that


@dataclass(frozen=True)
class Cruxes:
    """What makes two scenarios disagree.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    a, b, difference : Estimate
        The outcome of each side, and the outcome of b minus that of a.  This and every effect of
        a group is without an estimate where its interval says nothing
        (`regimesim.analysis.meaning`).
    parts : tuple of Part
        One for each group, the greatest Shapley value first.  These values add up to the
        difference.
    interactions : tuple of Interaction
        One for each pair of groups, the greatest first.
    combinations : tuple of float
        The outcome of each of `question.scenarios`.
    largest : float
        The size of the largest effect, by which it is judged whether an interval says something.
    """

    question: Question
    a: Estimate
    b: Estimate
    difference: Estimate
    parts: tuple[Part, ...]
    interactions: tuple[Interaction, ...]
    combinations: tuple[float, ...]
    largest: float

    def __getitem__(self, group: str) -> Part:
        return {one.group: one for one in self.parts}[group]

    def to_dict(self) -> dict:
        """The content of cruxes.json."""
        question = self.question
        return {
            **about_run(question.scenario),
            "scenario": f"{question.scenario.name} and {question.other.name}",
            "outcome": question.outcome.name,
            "unit": question.outcome.unit,
            "words": question.outcome.words,
            "a": _side(question.ours, self.a),
            "b": _side(question.theirs, self.b),
            "difference": self.difference._asdict(),
            "largest_effect": self.largest,
            "groups": {one.group: one.plain() for one in self.parts},
            "interactions": [one.plain() for one in self.interactions],
            "combinations": [
                {"as_in_b": _names(question.groups, place), "estimate": value}
                for place, value in enumerate(self.combinations)
            ],
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each group: Shapley value, `alone` and `last`, each with `_low` and `_high`,
        and the parameters that differ."""
        import pandas

        return pandas.DataFrame([one.row() for one in self.parts])

    def text(self) -> str:
        """The parts in words and tables, in lines as wide as the terminal."""
        return text.text(self.to_dict(), self.question.other)

    def plot(self, ax=None):
        """Draw how the groups lead from one outcome to the other; returns the axes."""
        from regimesim.studies.cruxes.figure import cruxes

        return cruxes(self.to_dict(), ax)


def cruxes(
    a: ScenarioLike,
    b: ScenarioLike,
    outcome: str,
    policies: Iterable[str | Policy] = (),
    by: str = TABLE,
    groups: Mapping[str, Iterable[str]] | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Cruxes:
    """Find which groups of parameters make scenarios `a` and `b` disagree on an outcome.

    Parameters
    ----------
    a, b : Scenario, path or mapping
        The scenarios; every combination is run in the worlds and with the seed of `a`.
    outcome : str
        An estimand, or a threshold with `_crossed`, `_p10`, `_median` or `_p90`.
    policies : str, Policy or an iterable with one of them
        The policy of both, by default the first of `a` with a monitor; where `b` does not have
        it, the first of `b` with a monitor.
    by : str
        How the differences are grouped: "table" or "parameter".
    groups : mapping, optional
        Groups of your own: {"name": ["takeover.difficulty", "cognition"]}.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Cruxes
        The part of each group, with 95 % intervals.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs; and where the outcome does not
        exist for some combination.

    References
    ----------
    Shapley 1953, Contributions to the Theory of Games 2:307; Grabisch and Roubens 1999,
    International Journal of Game Theory 28:547.
    """
    return compute(ask(a, b, outcome, policies, by, groups, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Cruxes:
    """Run every combination of groups, and divide the difference among the groups."""
    rows, (a, b) = _run(question, progress)
    outcome = question.outcome
    if outcome.quantile is None:
        game = MeanGame.of(rows, outcome.within)
    else:
        game = QuantileGame.of(rows, outcome.quantile, question.scenario.seed)
    _refuse_undefined(question, game)
    size = len(question.groups)
    parts = _parts(question, game, rows)
    difference = game.combined(_one(-1, size) - _one(0, size))
    largest = largest_effect(outcome, [difference, *(one.shapley for one in parts)])
    known = partial(known_effect, largest=largest)
    return Cruxes(
        question,
        a or game.combined(_one(0, size)),
        b or game.combined(_one(-1, size)),
        known(difference),
        tuple(sorted((one.known(known) for one in parts), key=lambda one: one.order)),
        tuple(one._replace(estimate=known(one.estimate)) for one in _interactions(question, game)),
        tuple(map(float, game.values)),
        largest,
    )


def largest_effect(outcome: Outcome, effects: Iterable[Estimate]) -> float:
    """The size of the largest effect that is possible, or else that was estimated."""
    width = outcome.within[1] - outcome.within[0]
    return width if isfinite(width) else max(abs(one.estimate) for one in effects)


def _run(question: Question, progress):
    """Values of every combination (combinations, worlds), and the estimates of both sides."""
    scenarios, outcome = question.scenarios, question.outcome
    rows = np.empty((len(scenarios), scenarios[0].worlds))
    ends: dict[int, Estimate | None] = {}
    for places in _alike(scenarios):
        policies = {str(place): scenarios[place].policies[str(place)] for place in places}
        some = replace(scenarios[places[0]], policies=policies)
        rules = dict.fromkeys(policies, question.rule) if question.rule else {}
        store = in_memory(some)
        fill_store(some, store, rules, question.threads, progress)
        worlds = dataset(store, some)
        for place in places:
            rows[place] = values_of(worlds, str(place), outcome)
            if place in (0, len(scenarios) - 1):
                ends[place] = _estimate(worlds, str(place), outcome)
                if ends[place]:
                    side = "A" if place == 0 else "B"
                    progress.finding(text.finding(side, outcome, ends[place]))
    return rows, (ends[0], ends[len(scenarios) - 1])


def _alike(scenarios) -> Iterator[list[int]]:
    """Places of scenarios with the same settings of the run, at most TOGETHER at a time."""
    kinds: dict[tuple, list[int]] = {}
    for place, one in enumerate(scenarios):
        kinds.setdefault((one.start, one.months, one.labs, one.systems), []).append(place)
    for places in kinds.values():
        for first in range(0, len(places), TOGETHER):
            yield places[first : first + TOGETHER]


def _estimate(worlds, policy, outcome) -> Estimate | None:
    """The outcome of one side, counted as a run counts it, or None.

    The game uses counts, so this does too; a quantile is None, because the game estimates it.
    """
    if outcome.threshold is None:
        return counted(worlds, policy, outcome.name)
    return None if outcome.quantile else proportion(values_of(worlds, policy, outcome))


def _refuse_undefined(question: Question, game):
    lacking = np.flatnonzero(np.isnan(game.values))
    if lacking.size == 0:
        return
    moved = " and ".join(_names(question.groups, lacking[0])) or "nothing"
    why, other = why_absent(question.outcome)
    raise Refusal(
        f"{question.outcome.name} does not exist for {lacking.size} of {len(game.values)} "
        f"combinations, such as {question.scenario.name} with {moved} of "
        f"{question.other.name}: {why}; choose another outcome, such as {other}, or run "
        "more worlds with --worlds"
    )


def _parts(question: Question, game, rows) -> tuple[Part, ...]:
    """The part of each group."""
    size = len(question.groups)
    weights = shapley_weights(size) / shapley_weights(size)[0].clip(0).sum()
    return tuple(
        Part(
            name,
            tuple(differing),
            game.combined(weights[k]),
            game.combined(_one(2**k, size) - _one(0, size)),
            game.combined(_one(-1, size) - _one(2**size - 1 - 2**k, size)),
            _changes_no_world(rows, k),
        )
        for k, (name, differing) in enumerate(question.groups.items())
    )


def _changes_no_world(rows, k) -> bool:
    """Whether group k changes the outcome of no world, whatever the others are."""
    places = np.arange(len(rows))
    without = places[places >> k & 1 == 0]
    return np.array_equal(rows[without], rows[without | 1 << k], equal_nan=True)


def _interactions(question: Question, game) -> tuple[Interaction, ...]:
    names = list(question.groups)
    pairs = [
        Interaction((names[i], names[j]), game.combined(weights))
        for (i, j), weights in interaction_weights(len(names)).items()
    ]
    return tuple(sorted(pairs, key=lambda one: -abs(one.estimate.estimate)))


def _one(place, size) -> np.ndarray:
    weights = np.zeros(2**size)
    weights[place] = 1
    return weights


def _names(groups, place) -> list[str]:
    return [name for k, name in enumerate(groups) if place >> k & 1]


def _side(side: Side, estimate: Estimate) -> dict:
    about = {"scenario": side.scenario.name, "source": side.scenario.source}
    title = side.scenario.title(side.policy)
    return {**about, "policy": side.policy, "title": title, **estimate._asdict()}
