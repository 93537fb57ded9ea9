"""Policies measured again in fresh worlds, which took no part in their choice."""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import NOTHING, Estimate
from regimesim.analysis.policy_cells import COSTS, SAFE
from regimesim.studies.as_reported import difference_of
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.optimise.held import Held, judge
from regimesim.studies.optimise.question import Question


class Measured(NamedTuple):
    """A policy measured again.

    Attributes
    ----------
    name : str
        How the result calls it: "best", "front 2", "runner-up", or the name of a policy of the
        file.
    candidate : Candidate
        The policy.
    searched : mapping of str to Estimate
        By estimand what the worlds of the search gave; empty for policies that took no part.
    fresh : mapping of str to Estimate
        By estimand what fresh worlds give.
    lost : mapping of str to Estimate
        By aim how much worse it is in fresh worlds than in those that chose it.
    targets : tuple of Held
        Whether every target holds in fresh worlds.
    """

    name: str
    candidate: Candidate
    searched: Mapping[str, Estimate]
    fresh: Mapping[str, Estimate]
    lost: Mapping[str, Estimate]
    targets: tuple[Held, ...]

    def plain(self) -> dict:
        """The content of optimise.json."""
        estimates = {
            what: {name: one._asdict() for name, one in getattr(self, what).items()}
            for what in ("searched", "fresh", "lost")
        }
        return {
            "words": self.candidate.words,
            **estimates,
            "targets": [held.plain() for held in self.targets],
        }


def estimands_of(question: Question) -> tuple[str, ...]:
    """What is measured of every policy: aims, targets, safety and costs."""
    names = [aim.estimand for aim in question.aims]
    names += [target.estimand for target in question.targets]
    return tuple(dict.fromkeys([*names, SAFE, *COSTS]))


def measure(
    question: Question,
    named: Mapping[str, Candidate],
    searched: CommonWorlds,
    fresh: CommonWorlds,
    worlds: int,
    chosen: Iterable[str] = (),
) -> dict[str, Measured]:
    """Measure policies in fresh worlds.

    Parameters
    ----------
    question : Question
        The question.
    named : mapping of str to Candidate
        The policies.
    searched, fresh : CommonWorlds
        The worlds of the search, and others.
    worlds : int
        How many of both.
    chosen : iterable of str
        The names of those that the search has chosen.

    Returns
    -------
    dict of str to Measured
    """
    fresh.run(named.values(), worlds)
    after = fresh.dataset(named, worlds)
    chosen = [name for name in chosen if searched.known(named[name]) >= worlds]
    before = searched.dataset({n: named[n] for n in chosen}, worlds) if chosen else None
    wanted = estimands_of(question)
    measured = {}
    for name, one in named.items():
        now = {estimand: estimate(after, name, estimand) for estimand in wanted}
        then = {e: estimate(before, name, e) for e in wanted} if name in chosen else {}
        lost = {
            aim.estimand: _fallen(then[aim.estimand], now[aim.estimand], aim.sign)
            for aim in question.aims
            if then
        }
        held = tuple(judge(target, now[target.estimand]) for target in question.targets)
        measured[name] = Measured(name, one, then, now, lost, held)
    return measured


def gain(
    question: Question, fresh: CommonWorlds, one: Candidate, other: Candidate, worlds: int
) -> dict[str, Estimate]:
    """By estimand, `one` minus `other` in the same fresh worlds, with the 95 % interval."""
    return {
        estimand: difference_of(fresh, one, other, estimand, worlds)
        for estimand in estimands_of(question)
    }


def _fallen(then: Estimate, now: Estimate, sign: int) -> Estimate:
    """How much worse an estimate is than one from other worlds.

    The distances of the ends are added in squares (Zou and Donner 2008).
    """
    if then.estimate is None or now.estimate is None:
        return NOTHING
    middle = sign * (then.estimate - now.estimate)
    if None in (then.low, now.low):
        return Estimate(middle, None, None, now.n)
    down = math.hypot(then.estimate - then.low, now.high - now.estimate)
    up = math.hypot(then.high - then.estimate, now.estimate - now.low)
    down, up = (down, up) if sign > 0 else (up, down)
    return Estimate(middle, middle - down, middle + up, now.n)
