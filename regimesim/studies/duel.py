"""Policies against attackers: best answers in turn, each found by a search in the same worlds.

The overseer chooses a policy of a space, or draws one by chance from several; the attacker sees
what can be drawn, but not what is, and chooses likewise.  Neither side's answers can be listed, so
each is the best that a search finds: bounds of the value hold as far as the searches do.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from regimesim.analysis.conditional import Linear
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.matrix_games import NothingAllowed, Saddle, best_answers
from regimesim.studies.as_reported import estimate_of_mixture
from regimesim.studies.attacker import AttackerSpace
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.search import every_candidate, is_counted_through, sampled
from regimesim.studies.search_space import Space
from regimesim.studies.targets import Aim, Target
from regimesim.studies.worst_attack import OUTCOME, Attacker, WorstAttack, mixed, under_attack

ROUNDS = 6
TOLERANCE = 0.01  # a share of worlds; a gap up to this is a saddle

Policies: TypeAlias = tuple[tuple[Candidate, float], ...]
Attackers: TypeAlias = tuple[tuple[Attacker, float], ...]


@dataclass
class Duel:
    """A search for the policies of a space that are best in the worst case.

    Attributes
    ----------
    space : Space
        The policies.
    attackers : AttackerSpace
        What an attacker may choose.
    worlds : CommonWorlds
        In which both sides search.
    number : int
        The number of worlds of each pair of a policy and an attacker.
    targets : sequence of Target
        What must hold besides, by the estimates under every attacker that was found.
    trials : int
        How many policies, and how many attackers, a sampler proposes in a round.
    seed : int
        From which the points of both samplers follow.
    """

    space: Space
    attackers: AttackerSpace
    worlds: CommonWorlds
    number: int
    targets: Sequence[Target] = ()
    trials: int = 32
    seed: int = 1
    _rows: dict[Candidate, None] = field(default_factory=dict, init=False)
    _columns: dict[Attacker, None] = field(default_factory=dict, init=False)

    def play(
        self,
        first: Candidate,
        most_rounds: int = ROUNDS,
        tolerance: float = TOLERANCE,
        report: Callable[[Saddle], object] | None = None,
    ) -> Saddle[Candidate, Attacker]:
        """Play best answers in turn, from a policy and the attacker of the scenario.

        Parameters
        ----------
        first : Candidate
            The first policy, such as the best one against the scenario's attacker.
        most_rounds : int
            The number of rounds at which it ends in any case.
        tolerance : float
            The gap at which it ends, a share of worlds.
        report : callable, optional
            Called with the Saddle so far after each round.

        Raises NothingAllowed where no policy reaches the targets against all attackers.
        """
        self._rows, self._columns = {first: None}, {Attacker(): None}
        return best_answers(
            self.payoff,
            self.best_policy,
            self.worst_attacker,
            [first],
            [Attacker()],
            tolerance,
            most_rounds,
            report,
            self._reaches if self.targets else None,
        )

    def payoff(self, policy: Candidate, attacker: Attacker) -> float:
        """The share of worlds without a takeover, of a policy under an attacker."""
        one = under_attack(self.attackers, policy, attacker)
        self.worlds.run([one], self.number)
        return _share(self.worlds.linear(one, OUTCOME, self.number))

    def best_policy(self, attackers: Attackers) -> Candidate:
        """The best policy against a mixture of attackers, of those that reach the targets against
        every attacker so far.  Raises NothingAllowed where none does."""
        view = Against(self.worlds, self.attackers, attackers)
        aims = (Aim(OUTCOME, maximise=True),)
        if is_counted_through(self.space, self.trials):
            tried = list(every_candidate(self.space).candidates)
        else:
            stages = sampled(
                self.space, view, aims, self.targets, (self.trials,), self.number, self.seed
            )
            tried = [one for stage in stages for one in stage.candidates]
        tried = list(dict.fromkeys([*self._rows, *tried]))
        view.run(tried, self.number)

        def better_first(one: Candidate):
            return -_share(view.linear(one, OUTCOME, self.number)), one.key

        for best in sorted(tried, key=better_first):
            if self._reaches(best, [*self._columns, *(one for one, _ in attackers)]):
                self._rows.setdefault(best)
                return best
        raise NothingAllowed

    def worst_attacker(self, policies: Policies) -> Attacker:
        """The attacker that does most harm to a mixture of policies."""
        search = WorstAttack(
            self.attackers, policies, self.worlds, self.number, self.seed, list(self._columns)
        )
        # the sampler's points are laid over any policy: it only names what may be chosen
        (worst,) = search.stages(self.space.scenario.choose([self.space.base]), (self.trials,))
        self._columns.setdefault(worst.attacker)
        return worst.attacker

    def safest(self, policies: Iterable[Candidate]) -> tuple[Candidate, Attacker] | None:
        """The policy that keeps most in its own worst case, and its worst attacker.

        Attackers that were found for other policies bound what each keeps, so one is sought only
        for a policy that may be the safest.

        Parameters
        ----------
        policies : iterable of Candidate
            They need not be of the space.

        Returns
        -------
        (Candidate, Attacker) or None
            None where none reaches the targets against every attacker that was found.
        """
        left, sought = list(policies), set()
        while left := [one for one in left if self._reaches(one, self._columns)]:
            worst = {one: self.worst_known(one) for one in left}
            best = max(left, key=lambda one: self.payoff(one, worst[one]))
            if best in sought:
                return best, worst[best]
            sought.add(best)
            self.worst_attacker(((best, 1.0),))
        return None

    def worst_known(self, policy: Candidate) -> Attacker:
        """The attacker of those that were found which does most harm to a policy."""
        return min(self._columns, key=lambda one: self.payoff(policy, one))

    def _reaches(self, policy: Candidate, attackers: Iterable[Attacker]) -> bool:
        """Whether a policy reaches the targets against each of some attackers, by estimates."""
        for attacker in dict.fromkeys(attackers):
            one = under_attack(self.attackers, policy, attacker)
            self.worlds.run([one], self.number)
            for target in self.targets:
                each = self.worlds.linear(one, target.estimand, self.number).each
                if not target.slack(float(np.mean(each, dtype=np.float64))) >= 0:
                    return False
        return True


class Against(CommonWorlds):
    """Worlds in which every policy meets a mixture of attackers."""

    def __init__(self, worlds: CommonWorlds, space: AttackerSpace, attackers: Attackers):
        self.scenario, self._worlds = worlds.scenario, worlds
        self._space, self._attackers = space, attackers

    def run(self, candidates, worlds):
        """Run every policy under every attacker, as far as that is not known."""
        pairs = [one for policy in candidates for one in self._pairs(policy)]
        self._worlds.run(pairs, worlds)

    def linear(self, candidate, estimand, worlds):
        """An estimand of a policy, whose attacker is drawn from the mixture."""
        of_each = [self._worlds.linear(one, estimand, worlds) for one in self._pairs(candidate)]
        return mixed(of_each, [p for _, p in self._attackers])

    def _pairs(self, policy) -> list[Candidate]:
        return [under_attack(self._space, policy, attacker) for attacker, _ in self._attackers]


class Bounds(NamedTuple):
    """The bounds of a saddle in worlds that the searches have not seen.

    Attributes
    ----------
    lower, upper : Estimate
        What the mixture of policies keeps against the worst attacker that was found for it, and
        what the best policy that was found keeps against the mixture of attackers.
    """

    lower: Estimate
    upper: Estimate


def bounds_in(
    worlds: CommonWorlds, space: AttackerSpace, saddle: Saddle[Candidate, Attacker], number: int
) -> Bounds:
    """The bounds of a saddle in other worlds, with 95 % intervals."""
    upper = [(under_attack(space, saddle.best_row, attacker), p) for attacker, p in saddle.columns]
    worlds.run([one for one, _ in upper], number)
    return Bounds(
        kept_by(worlds, space, saddle.rows, saddle.best_column, number),
        estimate_of_mixture(worlds, *zip(*upper, strict=True), OUTCOME, number),
    )


def kept_by(
    worlds: CommonWorlds,
    space: AttackerSpace,
    policies: Policies,
    attacker: Attacker,
    number: int,
) -> Estimate:
    """What a mixture of policies keeps against an attacker, with a 95 % interval."""
    ours = [(under_attack(space, policy, attacker), p) for policy, p in policies]
    worlds.run([one for one, _ in ours], number)
    return estimate_of_mixture(worlds, *zip(*ours, strict=True), OUTCOME, number)


def _share(linear: Linear) -> float:
    return float(np.clip(np.mean(linear.each, dtype=np.float64), 0.0, 1.0))
