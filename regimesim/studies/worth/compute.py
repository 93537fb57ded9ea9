"""The value of knowing each assumption, pairs of them, and all, from the worlds of a run."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.assumptions import JOINED, assumptions, drawn_under
from regimesim.analysis.estimates import UNBOUNDED, Estimate, mean
from regimesim.analysis.present_worlds import PresentWorlds, confidence, present_worlds
from regimesim.ensemble.datasets import about_run, drawn_names
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.ensemble.first_tries import first_tries
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.results.reading import open_run
from regimesim.studies.value import EXAMPLE, KEPT
from regimesim.studies.worth import text
from regimesim.studies.worth.information import (
    Region,
    Rule,
    regions,
    rule_of,
    rule_of_all,
    rule_of_shown,
)
from regimesim.studies.worth.measurement import measured
from regimesim.studies.worth.observation import observed
from regimesim.studies.worth.question import Question, ask

if TYPE_CHECKING:
    import pandas

PAIRED = 8  # assumptions, those that are worth most, of which every pair is tried
MOST_REGIONS = 4  # beyond which it is not said where each policy is chosen


class Known(NamedTuple):
    """What it is worth to know one assumption, or several at once.

    Attributes
    ----------
    source : str
        The dotted names of the assumption, joined by " + " where they were drawn jointly; of a
        pair, the two joined by " and ".
    worth : Estimate
        The gain in value, in the unit of the value.
    is_clear : bool
        Whether luck does not explain it: at a confidence of 95 % for all such tests together
        (Bonferroni), its interval lies above 0.  Of a pair, that of `beyond`.
    changes : float
        The share of worlds in which another policy is then chosen.
    regions : tuple of Region
        For a single parameter, where each policy is chosen; else empty.
    beyond : Estimate or None
        Of a pair, its worth beyond that of the better of both.
    measured : Measured or None
        Of a measurement, what it is.
    """

    source: str
    worth: Estimate
    is_clear: bool
    changes: float
    regions: tuple[Region, ...] = ()
    beyond: Estimate | None = None
    measured: "Measured | None" = None

    def plain(self) -> dict:
        """Plain values and None, as in worth.json."""
        beyond = {} if self.beyond is None else {"beyond": self.beyond._asdict()}
        where = {"regions": [one._asdict() for one in self.regions]} if self.regions else {}
        what = {} if self.measured is None else self.measured._asdict()
        return {
            "source": self.source,
            "worth": self.worth._asdict(),
            "is_clear": self.is_clear,
            "changes": self.changes,
            **where,
            **beyond,
            **what,
        }


class Measured(NamedTuple):
    """What is measured.

    Attributes
    ----------
    about : str
        In words.
    size : float
        The number of trials or trajectories, or the standard error; 0 of what is counted.
    lost : float
        The share of worlds that are lost before, in which nothing is measured.
    same : float
        The largest share of the other worlds that show the same.
    """

    about: str
    size: float
    lost: float
    same: float


@dataclass(frozen=True)
class Worth:
    """What would be worth knowing before a policy is chosen.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    best : str
        The policy that is chosen without more knowledge.
    values : dict of str to Estimate
        The mean value of each policy.
    behind : dict of str to Estimate
        How far each other policy is behind the best, in the same worlds.
    known : tuple of Known
        Each assumption, the one that is worth most first.
    pairs : tuple of Known
        Pairs of the assumptions that are worth most.
    everything : Known
        All assumptions at once, as far as their effects add up.
    measurements : tuple of Known
        The measurements, the one that is worth most first.
    """

    question: Question
    best: str
    values: dict[str, Estimate]
    behind: dict[str, Estimate]
    known: tuple[Known, ...]
    pairs: tuple[Known, ...]
    everything: Known
    measurements: tuple[Known, ...] = ()

    def to_dict(self) -> dict:
        """The content of worth.json."""
        scenario = self.question.scenario
        policies = {
            name: {
                "title": scenario.title(name),
                "value": self.values[name]._asdict(),
                **({"behind": self.behind[name]._asdict()} if name in self.behind else {}),
            }
            for name in scenario.policies
        }
        return {
            **about_run(scenario),
            "value": self.question.value.text,
            "best": self.best,
            "policies": policies,
            "assumptions": [one.plain() for one in self.known],
            "pairs": [one.plain() for one in self.pairs],
            "everything": self.everything.plain(),
            "measurements": [one.plain() for one in self.measurements],
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each assumption, the one that is worth most first: `source`, `worth`, `low`,
        `high` and `changes`."""
        import pandas

        rows = [(one.source, *one.worth[:3], one.changes) for one in self.known]
        return pandas.DataFrame(rows, columns=["source", "worth", "low", "high", "changes"])

    def text(self) -> str:
        """The result in words and tables, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw what each assumption is worth; returns the axes."""
        from regimesim.studies.worth.figure import worth

        return worth(self.to_dict(), ax)


def worth(
    scenario: ScenarioLike,
    policies: Iterable[str | Policy] = (),
    value: str = EXAMPLE,
    measure: Iterable[str] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Worth:
    """Find which assumption would be worth knowing before a policy is chosen.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario, or the folder of a run, whose saved worlds are then used.
    policies : iterable of str or Policy
        The policies to choose between, two at least; by default all.
    value : str
        What a policy is worth in a world: outcomes that every world has, each times a number,
        such as "no_takeover - 0.2*growth_lost".
    measure : iterable of str
        Measurements that could be made before the choice.  Of a parameter:
        "takeover.difficulty +- 1" (a normal error), "oversight.recognition: 300 trials" (of a
        probability) or "oversight.control.auroc: 300 trajectories".  Of what a world shows:
        "monitor: 300 trajectories at a gap of 3 doublings", "honeypots: 300",
        "exercises: 300 on 2027-06", "horizon on 2027-06" or "strikes by 2027-06".
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Worth
        The expected value of perfect information on each assumption, pairs and all, with 95 %
        intervals, in the unit of the value.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.

    References
    ----------
    Raiffa and Schlaifer (1961), Applied statistical decision theory; Strong, Oakley and Brennan
    (2014), Medical Decision Making 34:311; Breiman (1995), Technometrics 37:373.
    """
    return compute(ask(scenario, policies, value, measure, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Worth:
    """Run or read the worlds, and learn from them when to choose which policy."""
    policies = list(question.scenario.policies)
    with _worlds(question, progress) as there:
        values = np.column_stack([question.value.of(there, name) for name in policies])
        drawn = drawn_under(there, policies)
        numbers = there.labels(policies[0])
        level = confidence(there)
    best = int(np.argmax(values.mean(axis=0)))

    judge = _Judge(best, level)
    rules = {names: rule_of(values, drawn, names) for names in assumptions(drawn)}
    single = []
    for names, rule in rules.items():
        where = regions(rule, drawn[names[0]], policies) if len(names) == 1 else []
        where = where if len(where) <= MOST_REGIONS else []
        single.append(judge.known(JOINED.join(names), rule, len(rules), tuple(where)))
    by_worth = sorted(rules, key=lambda names: -rules[names].gains.mean())[:PAIRED]
    chosen = list(combinations(by_worth, 2))
    pairs = [
        judge.pair(one, other, rules, rule_of(values, drawn, (*one, *other)), len(chosen))
        for one, other in chosen
    ]
    means = {
        name: mean(column, level, UNBOUNDED)
        for name, column in zip(policies, values.T, strict=True)
    }
    behind = {
        name: mean(values[:, best] - column, level, UNBOUNDED)
        for name, column in zip(policies, values.T, strict=True)
        if name != policies[best]
    }
    everything = judge.known("everything", rule_of_all(values, drawn), 1)
    measurements = _measurements(question, judge, values, drawn, numbers)
    return Worth(
        question,
        policies[best],
        means,
        behind,
        _ranked(single),
        _ranked(pairs),
        everything,
        _ranked(measurements),
    )


def _measurements(question: Question, judge, values, drawn, numbers) -> list[Known]:
    """What each measurement is worth."""
    scenario = question.scenario
    made = {one.text: one for one in (*question.measurements, *question.observations)}
    shown = {
        **measured(question.measurements, drawn, scenario.seed, numbers),
        **observed(question.observations, scenario, numbers, question.rules, question.threads),
    }
    known = []
    for name, one in made.items():
        column, there = shown[name]
        _, counts = np.unique(column[there], return_counts=True)
        what = Measured(
            one.about,
            one.size,
            float(1.0 - there.mean()),
            float(counts.max(initial=0) / max(there.sum(), 1)),
        )
        rule = rule_of_shown(values, column, there)
        known.append(judge.known(name, rule, len(made))._replace(measured=what))
    return known


def _ranked(known: Iterable[Known]) -> tuple[Known, ...]:
    """What is worth most first."""
    return tuple(sorted(known, key=lambda one: -(one.worth.estimate or 0.0)))


class _Judge(NamedTuple):
    """Judges rules. best: the place of the policy that is chosen without them · level: the
    confidence of intervals."""

    best: int
    level: float

    def known(self, source, rule: Rule, tests: int, where=(), beyond: Rule | None = None) -> Known:
        """A rule as one of so many `tests`; for a pair, `beyond` has what it gains beyond the
        better of both."""
        low = (beyond or rule).estimate(1.0 - (1.0 - self.level) / tests).low
        return Known(
            source,
            rule.estimate(self.level),
            bool(low is not None and low > 0),
            float(np.mean(rule.choice != self.best)),
            where,
            beyond.estimate(self.level) if beyond else None,
        )

    def pair(self, one, other, rules, rule: Rule, tests: int) -> Known:
        """The rule of those who know two assumptions."""
        better = max((rules[one], rules[other]), key=lambda rule: rule.gains.mean())
        beyond = Rule(rule.gains - better.gains, rule.choice)
        source = " and ".join(JOINED.join(names) for names in (one, other))
        return self.known(source, rule, tests, beyond=beyond)


@contextmanager
def _worlds(question: Question, progress) -> Iterator[PresentWorlds]:
    """The worlds that are there under all policies, run now or saved before."""
    names = list(question.scenario.policies)
    if question.run:
        with open_run(question.run) as run:
            yield present_worlds(run["worlds"]).common(names)
        return
    kept = (*KEPT, *drawn_names(question.scenario))
    worlds = first_tries(question.scenario, question.threads, progress, kept, rules=question.rules)
    yield present_worlds(worlds).common(names)
