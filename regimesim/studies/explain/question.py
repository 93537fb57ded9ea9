"""The question of `explain`: a policy, a bar, and the assumptions that are moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Real

from regimesim.ensemble.ensemble import select_one
from regimesim.ensemble.workload import stages, weigh
from regimesim.errors import Refusal, gathering, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.studies.explain.assumptions import Assumption, assumptions_of

GOOD_ENOUGH = 0.5
# What is looked for after the number itself, in this order: both ends of every assumption, where
# those that may flip do so, the worst pair, and the nearest opposite verdict.
SEARCHES = ("ends", "flips", "pair", "nearest")
FEW = 100  # worlds at each end of each assumption, to see which may matter
SOME = 500  # worlds at each value of a search
STEPS = 60  # about how many values the searches take, and of few assumptions …
OF_ONE = 15  # … for each of them


@dataclass(frozen=True)
class Question:
    """What P(no takeover) of the policy of `scenario` consists of, and which of `assumptions`
    bring it to the other side of `good_enough`.

    `rules` holds the policy by its name, where it is written in Python.
    """

    scenario: Scenario
    assumptions: tuple[Assumption, ...]
    good_enough: float = GOOD_ENOUGH
    rules: Mapping[str, Policy] = field(default_factory=dict)
    threads: int | None = None

    @property
    def policy(self) -> str:
        """The name of the only policy."""
        (name,) = self.scenario.policies
        return name

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-explain"

    @property
    def few(self) -> int:
        """Worlds at each end of each assumption."""
        return min(FEW, self.scenario.worlds)

    @property
    def some(self) -> int:
        """Worlds at each value of a search."""
        return min(SOME, self.scenario.worlds)

    @property
    def total(self) -> int:
        """About; how many values are searched depends on what is seen at the ends."""
        steps = min(STEPS, OF_ONE * len(self.assumptions))
        return self.scenario.worlds + self.ends * self.few + steps * self.some

    @property
    def stages(self) -> tuple[int, ...]:
        """The numbers of worlds at which there is a number."""
        return stages(self.scenario.worlds, self._work(1))

    @property
    def stages_of_ends(self) -> tuple[int, ...]:
        """The numbers of worlds at each end of each assumption at which there is an answer."""
        return stages(self.few, self._work(self.ends))

    @property
    def ends(self) -> int:
        """How many points there are: the scenario, and both ends of each assumption."""
        return 1 + 2 * len(self.assumptions)

    def _work(self, worlds: int) -> float:
        return float(weigh(self.scenario.systems, self.scenario.months, worlds))

    def of(self, worlds: int) -> "Question":
        """The same question in a number of worlds."""
        if worlds == self.scenario.worlds:
            return self
        return replace(self, scenario=self.scenario.override({"worlds": worlds}))


def ask(
    scenario,
    policy: str | Policy | None = None,
    good_enough: float = GOOD_ENOUGH,
    over: Mapping[str, object] | Iterable[str] | None = None,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `explain`, which explains them.  Raises Refusal."""
    lines: list[str] = []
    with gathering(lines):
        _check_bar(good_enough)
    with gathering(lines):
        scenario, rules = select_one(scenario, () if policy is None else policy)
        (name,) = scenario.policies
        assumptions = assumptions_of(scenario, name, over)
    if lines:
        raise Refusal(lines)
    return Question(scenario, assumptions, float(good_enough), rules, threads)


def _check_bar(bar):
    number = isinstance(bar, Real) and not isinstance(bar, bool)
    if not number or not 0 < bar < 1:
        allowed = "a number of more than 0 and less than 1"
        raise Refusal(f"--good-enough: found {shown(bar)}; allowed is {allowed}")
