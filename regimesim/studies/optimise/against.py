"""Policies that are best in the worst case: a search against attackers that answer them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, islice, product

from regimesim.analysis.estimates import Estimate
from regimesim.analysis.matrix_games import NothingAllowed, Saddle
from regimesim.errors import Refusal, gathering
from regimesim.scenario.parameters import Tables
from regimesim.studies.as_reported import estimate_of
from regimesim.studies.attacker import AttackerSpace, attacker_space
from regimesim.studies.candidates import Candidate, CommonWorlds, policies_of
from regimesim.studies.dimensions import Number
from regimesim.studies.duel import TOLERANCE, Bounds, Duel, bounds_in, kept_by
from regimesim.studies.optimise.decision_table import decision_table
from regimesim.studies.optimise.held import Held, judge
from regimesim.studies.search_space import Space
from regimesim.studies.targets import Aim, Target
from regimesim.studies.worst_attack import OUTCOME, Attacker, under_attack

OPTION = "--against"
TRIALS = 32  # policies, and attackers, that a sampler proposes in a round
WORLDS = 256  # in which both sides search, at most
ROUND = 4 * TRIALS  # about how many pairs of a policy and an attacker run in the first round
MOST_FRAMES = 256  # of switches and choices, over which the attacker's choices are gathered


@dataclass(frozen=True)
class Solution:
    """A saddle, or bounds with a gap.

    Attributes
    ----------
    saddle : Saddle
        The mixture of policies and that of attackers, with the bounds in the search's worlds.
    bounds : Bounds
        The bounds in fresh worlds, with 95 % intervals.
    own : Estimate
        What the mixture of policies keeps in fresh worlds against the attacker of the scenario.
    held : tuple of tuple of Held
        Of each policy of the mixture whether every target holds in fresh worlds, against the
        worst attacker that was found for the mixture.
    """

    saddle: Saddle[Candidate, Attacker]
    bounds: Bounds
    own: Estimate
    held: tuple[tuple[Held, ...], ...]

    def plain(self, space: Space) -> dict:
        """The content of optimise.json."""
        saddle = self.saddle
        return {
            "policies": [
                {
                    **_named(space, one),
                    "probability": p,
                    "targets": [target.plain() for target in held],
                    "decisions": decision_table(one.tables),
                }
                for (one, p), held in zip(saddle.rows, self.held, strict=True)
            ],
            "attackers": [{"choices": one.choices, "probability": p} for one, p in saddle.columns],
            "worst_attacker": saddle.best_column.choices,
            "best_answer": saddle.best_row.words,
            "lower": saddle.lower,
            "upper": saddle.upper,
            "gap": saddle.gap,
            "is_saddle": saddle.is_saddle,
            "tolerance": saddle.tolerance,
            "rounds": saddle.rounds,
            "own": self.own._asdict(),
            "fresh": {name: one._asdict() for name, one in self.bounds._asdict().items()},
        }


@dataclass(frozen=True)
class WorstCase:
    """The policies that are best in the worst case, as far as searches on both sides found.

    Attributes
    ----------
    solution : Solution or None
        They; None where no policy that was tried reaches the targets against all attackers that
        were found.
    first : Candidate
        The best policy against the attacker of the scenario.
    first_worst : Estimate
        What it keeps in fresh worlds against the worst attacker that was found for it.
    searched : int
        The number of worlds in which both sides searched.
    of_file : (Candidate, Estimate), optional
        The policy of the file that keeps most in its worst case, and how much, in fresh worlds.
    """

    solution: Solution | None
    first: Candidate
    first_worst: Estimate
    searched: int
    of_file: tuple[Candidate, Estimate] | None = None

    @property
    def policies(self) -> tuple[tuple[Candidate, float], ...]:
        """The policies with their probabilities."""
        return self.solution.saddle.rows if self.solution else ()

    def plain(self, space: Space) -> dict:
        """The content of optimise.json."""
        return {
            **(self.solution.plain(space) if self.solution else {"policies": []}),
            "worlds_of_search": self.searched,
            "first": {**_named(space, self.first), "worst": self.first_worst._asdict()},
            **({"file": self._plain_of_file()} if self.of_file else {}),
        }

    def _plain_of_file(self) -> dict:
        assert self.of_file is not None
        policy, worst = self.of_file
        return {"words": policy.words, "worst": worst._asdict()}


def _named(space: Space, policy: Candidate) -> dict:
    """A policy in words, and its settings where it is a point of the space."""
    settings = space.settings(policy.point) if policy.point else {}
    return {"words": policy.words, "settings": settings}


def read_against(
    space: Space, aims: Iterable[Aim], against: str | Mapping[str, object] | Iterable[str]
) -> AttackerSpace:
    """What an attacker of the policies of a space may choose.  Raises Refusal."""
    lines: list[str] = []
    if tuple(aims) != (Aim(OUTCOME, maximise=True),):
        lines.append(f"{OPTION}: the attacker answers one aim, --maximise {OUTCOME}, and no other")
    attackers: AttackerSpace | None = None
    with gathering(lines):
        # the first frame is the base policy, which is the one that a refusal names
        names = (space.base if k == 0 else f"{space.base} {k}" for k in count())
        policies = dict(zip(names, _frames(space), strict=False))
        attackers = attacker_space(space.scenario, policies, _texts(against), OPTION)
    if attackers is not None:
        lines += [
            f"{OPTION}: {name}: varies as a choice of the policy already"
            for name in attackers.names
            if name in space.names
        ]
    if lines or attackers is None:
        raise Refusal(lines)
    return attackers


def _texts(against):
    """The keys and ranges of "KEY,KEY=LOW:HIGH", which may be repeated, or a mapping."""
    if isinstance(against, Mapping):
        return against
    texts = [against] if isinstance(against, str) else against
    return [part.strip() for text in texts for part in str(text).split(",")]


def _frames(space: Space) -> Iterator[Tables]:
    """The policies of a space with every combination of safeguards and choices, numbers in the
    middle of their ranges; those that contradict themselves are left out."""
    options = [
        (one.middle,) if isinstance(one, Number) else tuple(reversed(one.options))
        for one in space.dimensions
    ]
    yield space.base_candidate.tables
    for values in islice(product(*options), MOST_FRAMES):
        try:
            yield space.candidate(dict(zip(space.names, values, strict=True))).tables
        except Refusal:
            continue


def worst_case(
    space: Space,
    attackers: AttackerSpace,
    targets: Iterable[Target],
    first: Candidate,
    searched: CommonWorlds,
    fresh: CommonWorlds,
    report: Callable[[WorstCase], object],
) -> WorstCase:
    """Play best answers in turn, from the best policy against the scenario's attacker.

    Parameters
    ----------
    space : Space
        The policies.
    attackers : AttackerSpace
        What an attacker may choose.
    targets : iterable of Target
        What must hold, against every attacker that was found.
    first : Candidate
        The first policy.
    searched, fresh : CommonWorlds
        The worlds of the searches, and others in which the bounds are estimated.
    report : callable
        Called with the answer so far after each round.
    """
    every = searched.scenario.worlds
    number, seed = min(WORLDS, every), searched.scenario.seed
    targets = tuple(targets)
    duel = Duel(space, attackers, searched, number, targets, TRIALS, seed)

    def answer(saddle: Saddle | None) -> WorstCase:
        worst = duel.worst_known(first)
        kept = kept_by(fresh, attackers, ((first, 1.0),), worst, every)
        return WorstCase(saddle and solved(saddle), first, kept, number)

    def solved(saddle: Saddle) -> Solution:
        own = kept_by(fresh, attackers, saddle.rows, Attacker(), every)
        held = tuple(holds(one, saddle.best_column) for one, _ in saddle.rows)
        return Solution(saddle, bounds_in(fresh, attackers, saddle, every), own, held)

    def holds(policy: Candidate, attacker: Attacker) -> tuple[Held, ...]:
        one = under_attack(attackers, policy, attacker)
        fresh.run([one], every)
        return tuple(judge(t, estimate_of(fresh, one, t.estimand, every)) for t in targets)

    try:
        saddle = duel.play(
            first, tolerance=TOLERANCE, report=lambda so_far: report(answer(so_far))
        )
    except NothingAllowed:
        return answer(None)
    best = answer(saddle)
    if safest := duel.safest(policies_of(space.scenario).values()):
        policy, worst = safest
        kept = kept_by(fresh, attackers, ((policy, 1.0),), worst, every)
        best = replace(best, of_file=(policy, kept))
    return best
