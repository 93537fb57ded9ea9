"""Policies measured again in fresh worlds, which took no part in their choice."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from regimesim.analysis.estimands import estimate, reported
from regimesim.analysis.estimates import CONFIDENCE, NOTHING, Estimate, as_estimate
from regimesim.analysis.policy_cells import COSTS, SAFE
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.optimise.question import Question
from regimesim.studies.race import difference
from regimesim.studies.targets import Target

HOLDS, UNCLEAR, FAILS = "holds", "unclear", "fails"


class Held(NamedTuple):
    """Whether a target holds in fresh worlds.

    Attributes
    ----------
    target : Target
        The target.
    estimate : Estimate
        What it bounds.
    verdict : str
        "holds" or "fails" where the whole 95 % interval lies on one side, else "unclear".
    """

    target: Target
    estimate: Estimate
    verdict: str

    def plain(self) -> dict:
        """The content of optimise.json."""
        target = {**self.target._asdict(), "words": str(self.target)}
        return {**target, "measured": self.estimate._asdict(), "verdict": self.verdict}


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
        held = tuple(_held(target, now[target.estimand]) for target in question.targets)
        measured[name] = Measured(name, one, then, now, lost, held)
    return measured


def gain(
    question: Question, fresh: CommonWorlds, one: Candidate, other: Candidate, worlds: int
) -> dict[str, Estimate]:
    """By estimand, `one` minus `other` in the same fresh worlds, with the 95 % interval.

    They are counted where both are reported so.
    """
    named = {"one": one, "other": other}
    dataset = fresh.dataset(named, worlds)
    gains = {}
    for estimand in estimands_of(question):
        by_counts = all(reported(dataset, n, estimand).by == "counts" for n in named)
        pair: Sequence = [fresh.linear(c, estimand, worlds, by_counts) for c in named.values()]
        gains[estimand] = as_estimate(*difference(*pair, estimand, CONFIDENCE), worlds)
    return gains


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


def _held(target: Target, measured: Estimate) -> Held:
    verdict = UNCLEAR
    if measured.low is not None:
        slacks = [target.slack(end) for end in (measured.low, measured.high)]
        verdict = HOLDS if min(slacks) >= 0 else FAILS if max(slacks) < 0 else UNCLEAR
    elif measured.estimate is not None:  # the same in every world
        verdict = HOLDS if target.slack(measured.estimate) >= 0 else FAILS
    return Held(target, measured, verdict)
