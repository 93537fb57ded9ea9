"""The question of `optimise`: what is sought, what must hold, and among which policies."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from regimesim.analysis.estimand_table import WITHIN
from regimesim.ensemble.ensemble import ScenarioLike, as_scenario, default_policy
from regimesim.errors import Refusal, gathering, shown
from regimesim.scenario import Scenario
from regimesim.scenario.overlay import no_policy
from regimesim.studies.attacker import AttackerSpace
from regimesim.studies.dimensions import Choice
from regimesim.studies.event_rules import read_rules
from regimesim.studies.optimise.against import read_against
from regimesim.studies.race import FEWEST, looks_at
from regimesim.studies.search import is_counted_through
from regimesim.studies.search_space import Space, make_space
from regimesim.studies.targets import Aim, Target, check_together, read_aims, read_targets
from regimesim.sweeps.make_executor import make_worker_pool

USUAL_TRIALS = 256  # points that are tried where not all are
SCREEN = 64  # worlds in which each of them is tried
FIRST_TRIALS, FIRST_WORLDS = 4, 16  # by how many times those of the first stage are fewer
USUAL_PRECISION = 0.01  # of an estimand that is a rate or a difference of rates
AFTER = 10  # about how many times the worlds of the last look a search runs besides


@dataclass(frozen=True)
class Question:
    """Which policies of `space` are best by `aims`, of those that reach `targets`.

    Attributes
    ----------
    scenario : Scenario
        The scenario with all policies of its file; its number of worlds is that of the last look.
    space : Space
        The policies among which is sought.
    aims : tuple of Aim
        What is to be as large, or as small, as can be; of several, a front is sought.
    targets : tuple of Target
        What must hold.
    trials : int, optional
        The points that are tried; None where all are.
    precision : float
        With one aim, what counts as no better; 0 where every difference counts.
    workers : worker pool
        Of `regimesim.sweeps.make_executor`.
    threads : int, optional
        The number of threads or processes.
    attackers : AttackerSpace, optional
        What attackers may choose that answer the policy.
    """

    scenario: Scenario
    space: Space
    aims: tuple[Aim, ...]
    targets: tuple[Target, ...]
    trials: int | None
    precision: float
    workers: object = field(repr=False, compare=False)
    threads: int | None = None
    attackers: AttackerSpace | None = None

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-optimise"

    @property
    def total(self) -> int:
        """About: a race ends as soon as its answer is precise enough."""
        points = self.trials or self.space.size or 1
        return points * 2 * self.screen + AFTER * self.scenario.worlds

    @property
    def more(self) -> dict:
        return {"over": list(self.space.names)}

    @property
    def screen(self) -> int:
        """The number of worlds in which every candidate is tried."""
        return min(SCREEN if self.trials else FEWEST, self.scenario.worlds)

    @property
    def stages(self) -> tuple[tuple[int | None, int], ...]:
        """(trials, worlds) at which there is an answer, the last of them in all."""
        worlds = self.scenario.worlds
        if self.trials is None:
            return tuple((None, number) for number in looks_at(worlds, self.screen))
        first = self.trials // FIRST_TRIALS, max(worlds // FIRST_WORLDS, self.screen)
        stages = [first] if first[0] and first[1] < worlds else []
        return (*stages, (self.trials, worlds))

    def of(self, trials: int | None, worlds: int) -> "Question":
        """The same question with fewer trials, in fewer worlds."""
        if (trials, worlds) == (self.trials, self.scenario.worlds):
            return self
        scenario = self.scenario.override({"worlds": worlds})
        space = replace(self.space, scenario=scenario)
        return replace(self, scenario=scenario, space=space, trials=trials)


def ask(
    scenario: ScenarioLike,
    maximise: Iterable[str] = (),
    minimise: Iterable[str] = (),
    subject_to: Mapping[str, float] | Iterable[str] = (),
    over: Mapping[str, object] | Iterable[str] = (),
    choose: Iterable[str] = (),
    choose_events: Iterable[str] = (),
    choices: Iterable[Choice] = (),
    policy: str | None = None,
    trials: int | None = None,
    precision: float | None = None,
    executor=None,
    threads: int | None = None,
    scheduler: str | None = None,
    against: str | Mapping[str, object] | Iterable[str] = (),
) -> Question:
    """Check the arguments of `optimise`, which explains them.  Raises Refusal."""
    scenario = as_scenario(scenario)
    base = default_policy(scenario) if policy is None else policy
    if base not in scenario.policies:
        raise Refusal(f"{scenario.source}: policies: {no_policy(base, scenario.policies)}")
    lines: list[str] = []
    aims: tuple[Aim, ...] = ()
    targets: tuple[Target, ...] = ()
    with gathering(lines):
        aims = read_aims(maximise, minimise)
    with gathering(lines):
        if subject_to:
            targets = read_targets(subject_to, "--subject-to")
            check_together(targets, "--subject-to")
    with gathering(lines):
        rules = read_rules(choose_events)
        space = make_space(scenario, base, over, choose, choices, rules=rules)
    with gathering(lines):
        tolerated = _read_precision(precision, aims)
    if trials is not None and (isinstance(trials, bool) or int(trials) != trials or trials < 1):
        lines.append(f"--trials: found {shown(trials)}; allowed is a whole number, at least 1")
    with gathering(lines):
        workers = make_worker_pool(executor, threads, scheduler)
    attackers: AttackerSpace | None = None
    if against and not lines:
        with gathering(lines):
            attackers = read_against(space, aims, against)
    if lines:
        raise Refusal(lines)
    number = None if is_counted_through(space, trials) else trials or USUAL_TRIALS
    return Question(scenario, space, aims, targets, number, tolerated, workers, threads, attackers)


def _read_precision(precision, aims) -> float:
    """What counts as no better: by default a hundredth, of a rate."""
    if precision is None:
        is_rate = len(aims) == 1 and max(map(abs, WITHIN[aims[0].estimand])) <= 1
        return USUAL_PRECISION if is_rate else 0.0
    if len(aims) > 1:
        raise Refusal("--precision: is of a single aim; of several, a front is sought")
    if not 0 <= precision < math.inf:
        raise Refusal(f"--precision: found {shown(precision)}; allowed is a number of at least 0")
    return float(precision)
