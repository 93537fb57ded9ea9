"""Weigh the worlds of a run by what has been seen, and find more where too few are left."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.estimands import values
from regimesim.analysis.likelihoods.of_items import KINDS
from regimesim.analysis.tempering import Points, kish, scores_of, weights_of
from regimesim.analysis.weighted_worlds import Weighted
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import PoliciesLike, ScenarioLike
from regimesim.ensemble.moved_draws import own_draws
from regimesim.ensemble.observables import Observables
from regimesim.errors import Refusal
from regimesim.results.folder import complete_or_absent
from regimesim.results.progress import Bar, Progress, as_progress, compile_model
from regimesim.studies.study import announce, maker, save_or_print, write_manifest
from regimesim.studies.update import measures, text
from regimesim.studies.update.factors import factor, factors, from_shares, silence
from regimesim.studies.update.posterior import write_posterior
from regimesim.studies.update.question import EFFECTIVE, EvidenceLike, Question, ask
from regimesim.studies.update.samples import Evaluation, Sample, refuse_unseen, run_worlds
from regimesim.studies.update.search import Searched, announcement, enough, find

if TYPE_CHECKING:
    import pandas

WEIGHTS, DRAWN, MOVES = "weights", "drawn", "moves"
OUTCOME = "no_takeover"


@dataclass(frozen=True, eq=False)
class Updated:
    """What evidence changes.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    before, after : Sample
        The worlds before and after the evidence.
    items : ndarray, shape (worlds, items)
        ln of the likelihood of each item in each world of `before`.
    seen : Observables
        What the worlds of `before` show.
    searched : Searched or None
        How worlds were searched that show the evidence, where weights left too few.
    weighted : float
        The effective number of worlds that weights alone leave.
    fits : dict of str to float or None
        The posterior predictive p of each item.
    """

    question: Question
    before: Sample
    after: Sample
    items: np.ndarray
    seen: Observables
    searched: Searched | None
    weighted: float
    fits: dict[str, float | None]

    @property
    def effective(self) -> float:
        """How many independent worlds those after the evidence equal."""
        return self.after.weighted.effective

    @property
    def is_enough(self) -> bool:
        """Whether that is as many as were wanted."""
        return self.effective >= self.question.effective

    def __getitem__(self, policy: str) -> dict:
        return self.to_dict()["policies"][policy]

    def to_dict(self) -> dict:
        """The content of update.json."""
        return self._content

    @cached_property
    def _content(self) -> dict:
        question, scenario = self.question, self.question.scenario
        paired = self.searched is None
        well = values(self.before.present, question.policy, OUTCOME) == 1
        ours, theirs = (
            measures.assumption_values(scenario, one, question.policy)
            for one in (self.before, self.after)
        )
        both = self.before, self.after
        forms = {kind: one.form for kind, one in KINDS.items()}
        return {
            **about_run(scenario),
            "evidence": question.evidence.plain(),
            "policy": question.policy,
            "policy_title": scenario.title(question.policy),
            "until": scenario.date(question.evidence.months(scenario.start) - 1),
            "method": self._method,
            "effective": self.effective,
            "effective_wanted": question.effective,
            "effective_by_weights": self.weighted,
            "is_enough": self.is_enough,
            "search": None if self.searched is None else _of_search(self.searched),
            "policies": {
                policy: {
                    "title": scenario.title(policy),
                    "estimands": measures.estimands(*both, policy, paired),
                    "thresholds": measures.thresholds(*both, policy, paired),
                    **measures.parts(*both, policy, paired),
                }
                for policy in question.reported
            },
            "assumptions": measures.assumptions(*both, ours, theirs),
            "pairs": measures.pairs(*both, ours, theirs),
            "items": factors(question.evidence, self.items, well, forms, self.fits),
            "together": self._together(well),
            "silence": silence(question.evidence, self.items, well),
        }

    def _together(self, well) -> dict:
        """The Bayes factor of all evidence; from the odds, where more worlds were drawn."""
        if self.searched is None:
            return factor(self.items.sum(axis=1), well)
        after = values(self.after.present, self.question.policy, OUTCOME)
        before = Weighted.of(np.ones(len(well))).estimate(well.astype(float), (0.0, 1.0))
        estimate = self.after.weighted.estimate(after, (0.0, 1.0))
        return from_shares(before._asdict(), estimate._asdict(), self.effective)

    @property
    def _method(self) -> str:
        if self.searched is None:
            return WEIGHTS
        return DRAWN if self.searched.moved is None else MOVES

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy and estimand: before, after, and the change, with intervals."""
        import pandas

        rows = []
        for policy, content in self.to_dict()["policies"].items():
            for name, one in content["estimands"].items():
                row = {"policy": policy, "estimand": name}
                for part, estimate in one.items():
                    row |= {f"{part}_{key}": value for key, value in estimate.items()}
                rows.append(row)
        return pandas.DataFrame(rows)

    def text(self) -> str:
        """What changed, in words and tables, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw P(no takeover) and the assumptions that learned most; returns the axes."""
        from regimesim.studies.update.figure import before_and_after

        return before_and_after(self.to_dict(), ax)

    def save_posterior(self, path: str | Path, worlds: int | None = None) -> Path:
        """Save what was learned of assumptions as a scenario, which extends none.

        Parameters
        ----------
        path : path
            A new TOML file; the assumptions of worlds are written beside it, in a CSV file.
        worlds : int, optional
            How many rows of assumptions it has, by default as many as there are worlds.

        Returns
        -------
        Path
            The scenario.
        """
        return write_posterior(self, Path(path), worlds)


def update(
    scenario: ScenarioLike,
    evidence: EvidenceLike = None,
    policies: PoliciesLike = (),
    effective: float = EFFECTIVE,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Updated:
    """Update on evidence: weigh the worlds of a run by how well they show what has been seen.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario.
    evidence : path or mapping, optional
        A file with a table [evidence], or the content of that table; by default that of the
        scenario.
    policies : str, Policy or iterable of them
        The policies that are reported, by default all of the scenario.
    effective : float
        How many effective worlds are wanted, 0 to 1,000,000, of which half of the worlds count at
        most.  Where weights leave fewer, worlds are drawn where the evidence is likely, or moved;
        0 stands for never.
    threads : int, optional
        Number of threads, by default one a core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Updated
        Estimates before and after with 95 % intervals, what was learned of each assumption, and
        what each part of the evidence says.

    Raises
    ------
    Refusal
        For input that cannot be used, and for evidence that no world shows.

    References
    ----------
    Cornuet, Marin, Mira and Robert (2012), Adaptive multiple importance sampling, Scandinavian
    Journal of Statistics 39, 798-812; Del Moral, Doucet and Jasra (2006), Sequential Monte Carlo
    samplers, Journal of the Royal Statistical Society B 68, 411-436; Kish (1965), Survey sampling.
    """
    return compute(ask(scenario, evidence, policies, effective, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Updated:
    """Weigh the worlds, and find more where too few are left."""
    evaluation, draws = Evaluation(question), own_draws(question.scenario)
    seen = evaluation.observe(draws)
    items = evaluation.items(seen)
    own = Points(scores_of(draws.cube), draws.numbers, items, np.arange(len(items)))
    weights = weights_of(own.total)
    left, points = kish(weights), own
    is_enough = left >= question.effective
    if not is_enough:
        points = enough(question, evaluation, own)
    refuse_unseen(question, points.items)
    worlds = run_worlds(question, draws, progress, keyed=True)
    before = Sample(worlds, Weighted.of(np.ones(len(items))), draws)
    if is_enough:
        after, searched = Sample(worlds, Weighted.of(weights), draws), None
    else:
        progress.line(announcement(question, evaluation, points, left))
        searched = find(question, evaluation, points, progress, question.total)
        size = len(searched.draws.numbers) * len(question.scenario.policies)
        progress.total(progress.done + size)
        again = run_worlds(question, searched.draws, progress, keyed=False)
        after = Sample(again, searched.weighted, searched.draws)
    fits = evaluation.predictive_p(after.draws, after.weighted.weights)
    return Updated(question, before, after, items, seen, searched, left, fits)


def _of_search(searched: Searched) -> dict:
    """How worlds were searched that show the evidence, as plain values."""
    moved, moves = searched.moved, None
    if moved is not None:
        families = len(np.unique(moved.points.family))
        moves = {"steps": moved.steps, "rounds": moved.rounds, "accepted": moved.accepted}
        moves |= {"effective": moved.effective, "families": families}
    return {
        "looked_at": searched.looked_at,
        "batches": searched.batches,
        "batch": searched.batch,
        "moves": moves,
    }


def keep(question: Question, target: Path, command) -> Updated:
    """Fill the folder of results: the answer, what was observed, and the posterior."""
    from regimesim.studies.update.saving import save_observables

    began, made_by = time.perf_counter(), maker("update")
    with complete_or_absent(target, made_by) as to:
        compile_model()
        announce(question)
        with Bar(question.total) as progress:
            result = compute(question, progress)
        save_or_print(to / "update.json", result)
        save_observables(to / "observables.nc", result)
        try:
            write_posterior(result, to / "posterior.toml")
        except Refusal as refusal:  # the answer stands without it
            progress.line(f"The posterior is not saved: {refusal}.")
        write_manifest(
            to, made_by, question.scenario, question.threads, command, began, question.more
        )
    return result
