"""The search for the attacker that does most harm to a policy, or to a mixture of policies.

A sampler tries attackers over the whole space.  What most attackers want lies at an end of a
range, where a sampler of real numbers hardly ever comes, so the search then changes one choice at
a time to either end, to every target, and back to the policy's own value, as long as that does
more harm; and does so again from every other target, with which other choices may go together.
In the end it takes back what does not clearly do harm, so that each choice that is left matters.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from regimesim.analysis.conditional import Linear
from regimesim.scenario import Scenario
from regimesim.scenario.parameters import Tables
from regimesim.studies.attacker import TARGET, AttackerSpace, Choices, own_value
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.search import sampled
from regimesim.studies.search_space import Choice, Dimension, Number, Space
from regimesim.studies.targets import Aim

OUTCOME = "no_takeover"
SURE = 1.96  # standard errors; a choice is taken back unless it does more harm than that
PASSES = 4  # over all choices, at most
PASSES_OF_TARGET = 2  # over the choices beside another target, at most

Mixture: TypeAlias = Sequence[tuple[Candidate, float]]
"""Policies with their probabilities."""


@dataclass(frozen=True)
class Attacker:
    """What an attacker has chosen; two are equal where their choices are.

    Attributes
    ----------
    items : tuple of (name, value)
        The values of parameters, and the target, in the order of names.
    """

    items: tuple[tuple[str, float | str], ...] = ()

    @classmethod
    def of(cls, choices: Choices) -> "Attacker":
        """From values by name."""
        return cls(tuple(sorted(choices.items())))

    @property
    def choices(self) -> dict[str, float | str]:
        """The values by name."""
        return dict(self.items)

    def but(self, name: str, value: float | str | None) -> "Attacker":
        """With another value of a choice, or for None without it."""
        others = {k: v for k, v in self.items if k != name}
        return Attacker.of(others if value is None else {**others, name: value})


def under_attack(space: AttackerSpace, policy: Candidate, attacker: Attacker) -> Candidate:
    """A policy with the parameters of an attacker."""
    return Candidate(
        space.attacked(policy.tables, attacker.choices), policy.point, policy.words
    )  # fmt: skip


class Worst(NamedTuple):
    """The worst attacker that a search found.

    Attributes
    ----------
    attacker : Attacker
        Its choices.
    value : float
        What is left of the outcome in the worlds of the search.
    tried : int
        How many different attackers were tried.
    """

    attacker: Attacker
    value: float
    tried: int


@dataclass
class WorstAttack:
    """A search for the worst attacker of a mixture of policies.

    Attributes
    ----------
    space : AttackerSpace
        What the attacker may choose.
    policies : sequence of (Candidate, float)
        The mixture, with the probability of each policy.
    worlds : CommonWorlds
        In which attackers are tried.
    number : int
        The number of worlds of each.
    seed : int
        From which the points of the sampler follow.
    starts : sequence of Attacker
        Attackers that are tried besides, such as those that were worst of other policies.
    show : callable, optional
        Called with the worst so far, a Worst.
    """

    space: AttackerSpace
    policies: Mixture
    worlds: CommonWorlds
    number: int
    seed: int
    starts: Sequence[Attacker] = ()
    show: Callable[[Worst], object] | None = None
    _values: dict[Attacker, float] = field(default_factory=dict, init=False)

    def stages(self, scenario: Scenario, trials: Sequence[int]) -> Iterator[Worst]:
        """The worst attacker after each of rising numbers of trials of the sampler.

        Parameters
        ----------
        scenario : Scenario
            It has the policy over which the sampler's points are laid.
        trials : sequence of int
            The numbers of trials.
        """
        self._try([Attacker(), *self.starts])
        view = _AsWorlds(self)
        laid_over = Space(scenario, next(iter(scenario.policies)), dimensions(self.space))
        aims = (Aim(OUTCOME, maximise=False),)
        for _ in sampled(laid_over, view, aims, (), trials, self.number, self.seed):
            yield self._polished()

    def value(self, attacker: Attacker) -> float:
        """What an attacker leaves of the outcome."""
        self._try([attacker])
        return self._values[attacker]

    def _polished(self) -> Worst:
        """The worst so far, made worse one choice at a time, and then simpler.

        Another target often pays only with other choices beside it, so each is tried with the
        choices that suit it.
        """
        start = min(self._values, key=lambda a: (self._values[a], len(a.items), a.items))
        worst = self._descended(start, self.space.names, PASSES)
        others = [name for name in self.space.names if name != TARGET]
        for target in self.space.targets[1:]:
            aimed = worst.but(TARGET, target)
            if aimed != worst:
                self._try([aimed])
                with_others = self._descended(aimed, others, PASSES_OF_TARGET)
                worst = min(worst, with_others, key=self._values.__getitem__)
        for name in self.space.names:
            simpler = worst.but(name, None)
            if not self._is_sure(worst, simpler):
                worst = simpler
        return self._standing(worst)

    def _descended(self, worst: Attacker, names: Sequence[str], passes: int) -> Attacker:
        """An attacker made worse one choice at a time, over some choices."""
        step = 0.5
        for number in range(passes):
            before, step = worst, step / 2
            for name in names:
                others = [worst.but(name, v) for v in self._alternatives(name, worst, step)]
                self._try(others)
                worst = min([worst, *others], key=self._values.__getitem__)
            if worst == before and number > 0:
                break
        return worst

    def _is_sure(self, worse: Attacker, other: Attacker) -> bool:
        """Whether one attacker clearly leaves less than another one, by their difference within
        worlds and its standard error."""
        self._try([worse, other])
        if self._values[other] <= self._values[worse]:
            return False
        first, second = (np.asarray(self.linear(a, OUTCOME).each) for a in (other, worse))
        apart = np.subtract(first, second, dtype=np.float64)
        return float(apart.mean()) > SURE * float(apart.std(ddof=1)) / math.sqrt(apart.size)

    def _alternatives(self, name: str, worst: Attacker, step: float) -> list[float | str | None]:
        """Other values of a choice: the policy's own, both ends of the range, and from an own
        value a step, a share of the range, up and down; or every target."""
        if name == TARGET:
            return [None, *self.space.targets[1:]]
        (one,) = (v for v in self.space.varied if v.key == name)
        ends: list[float | str | None] = [None, one.low, one.high]
        if name not in worst.choices or one.whole:
            return ends
        here, size = float(worst.choices[name]), step * (one.high - one.low)
        number = Number(one)
        return [*ends, *(number.rounded(here + move) for move in (-size, size))]

    def _try(self, attackers: Sequence[Attacker]) -> None:
        """Run attackers that are not known, together."""
        new = [one for one in dict.fromkeys(attackers) if one not in self._values]
        if not new:
            return
        self.worlds.run([c for one in new for c in self.candidates(one)], self.number)
        for one in new:
            each = self.linear(one, OUTCOME).each
            # a conditional share may fall short of 0 by luck, which is no harm
            self._values[one] = float(np.clip(np.mean(each, dtype=np.float64), 0.0, 1.0))
        if self.show:
            self.show(self._standing(min(self._values, key=self._values.__getitem__)))

    def _standing(self, attacker: Attacker) -> Worst:
        return Worst(attacker, self._values[attacker], len(self._values))

    def candidates(self, attacker: Attacker) -> list[Candidate]:
        """Each policy of the mixture under an attacker."""
        return [under_attack(self.space, one, attacker) for one, _ in self.policies]

    def linear(self, attacker: Attacker, estimand: str) -> Linear:
        """An estimand of the mixture under an attacker, as a mean over worlds."""
        of_each = [
            self.worlds.linear(one, estimand, self.number) for one in self.candidates(attacker)
        ]
        return mixed(of_each, [p for _, p in self.policies])

    def attacker_at(self, point: Mapping[str, object]) -> Attacker:
        """The attacker of a point of the sampler."""
        return Attacker.of({name: value for name, value in point.items() if value is not None})


class _AsWorlds:
    """A mixture of policies in the place of worlds: a candidate of the sampler is an attacker."""

    def __init__(self, search: WorstAttack):
        self._search = search

    def run(self, candidates, _number):
        self._search._try([self._attacker(one) for one in candidates])

    def linear(self, candidate, estimand, _number):
        return self._search.linear(self._attacker(candidate), estimand)

    def _attacker(self, candidate) -> Attacker:
        names = self._search.space.names
        return self._search.attacker_at(dict(zip(names, candidate.point, strict=True)))


def mixed(linears: Sequence[Linear], probabilities: Sequence[float]) -> Linear:
    """The mean of several estimates in the same worlds, by probability."""
    each = sum(
        p * np.asarray(one.each, np.float64) for one, p in zip(linears, probabilities, strict=True)
    )
    return Linear(np.asarray(each), min(one.worlds for one in linears))


def dimensions(space: AttackerSpace) -> tuple[Dimension, ...]:
    """The attacker's choices as dimensions of a search, in the order of their names."""
    numbers: list[Dimension] = [Number(one) for one in space.varied]
    targets = {name: dict[str, object]() for name in space.targets}
    return (*numbers, *((Choice(TARGET, targets),) if targets else ()))


def own_choices(space: AttackerSpace, tables: Tables) -> dict[str, float]:
    """The policy's own value of each parameter that the attacker may choose."""
    return {one.key: own_value(tables, one.key) for one in space.varied}
