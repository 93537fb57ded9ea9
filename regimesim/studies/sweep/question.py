"""The question of `sweep`: a scenario at every point of a design, and who runs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from regimesim.ensemble.ensemble import select
from regimesim.ensemble.medians import at_place
from regimesim.errors import Refusal, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.sweeps.designs import make_design, read_design
from regimesim.sweeps.executors import SLOTS_PER_WORKER
from regimesim.sweeps.folder import MAKER
from regimesim.sweeps.make_executor import make_worker_pool
from regimesim.sweeps.plan import Plan, make_plan
from regimesim.sweeps.request import refuse_set_and_varied

__all__ = ["MAKER", "Question", "ask", "ask_command"]

MOST_SHARDS = 1_000_000


@dataclass(frozen=True)
class Question:
    """The sweep of `plan`, or the shard that the plan names.

    `executor` is a worker pool; with `resume`, the sweep in the folder is continued.  `rules` are
    the policies written in Python, by name.
    """

    plan: Plan
    executor: object
    rules: Mapping[str, Policy] = field(default_factory=dict)
    resume: bool = False

    @property
    def scenario(self) -> Scenario:
        return self.plan.scenario

    @property
    def threads(self) -> int:
        """How many workers there are."""
        return self.executor.slots // SLOTS_PER_WORKER

    @property
    def folder(self) -> str:
        return folder_name(self.plan)

    @property
    def total(self) -> int:
        chunks = self.plan.chunking
        return sum(map(chunks.worlds, chunks.numbers())) * len(self.scenario.policies)


def ask(
    scenario,
    axes: Mapping[str, object] | Iterable[str] | None = None,
    kind: str | None = None,
    points: int | None = None,
    independent: bool = False,
    policies: Iterable[str | Policy] = (),
    executor=None,
    threads: int | None = None,
    scheduler: str | None = None,
) -> Question:
    """Check everything that `sweep` is asked; see there.  Raises Refusal."""
    executor = make_worker_pool(executor, threads, scheduler)
    scenario, rules = select(scenario, policies)
    if axes is None:
        design = read_design(scenario, kind=kind, points=points)
    else:
        design = make_design(scenario, axes, kind or "grid", points)
    plan = make_plan(scenario, design, independent, rules=rules)
    return Question(plan, executor, rules, resume=True)


def ask_command(
    scenario: Scenario,
    vary: Iterable[str] = (),
    kind: str | None = None,
    points: int | None = None,
    table: str | None = None,
    ignored: Iterable[str] = (),
    settings: Iterable[str] = (),
    at: str | None = None,
    independent: bool = False,
    shard: str | None = None,
    executor=None,
    threads: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
) -> Question:
    """Check the options of the command line, where axes may also stand in the file.

    `ignored` are columns of the table that are not read.  `settings`, those of `--set`, must not
    name an axis.  `at` is a place of all distributions but those of axes.  Raises Refusal.
    """
    executor = make_worker_pool(executor, threads, scheduler)
    design = read_design(scenario, vary, kind, points, table, ignored)
    refuse_set_and_varied(settings, design)
    plan = make_plan(at_place(scenario, at), design, independent, read_shard(shard))
    return Question(plan, executor, resume=resume)


def folder_name(plan: Plan) -> str:
    """The default name of the folder of a sweep, or of a shard."""
    part = ".{}-of-{}".format(*plan.shard) if plan.shard else ""
    return f"{plan.scenario.name}-sweep{part}"


def read_shard(text: str | None) -> tuple[int, int] | None:
    """(k, n) of "K/N"; raises Refusal."""
    if text is None:
        return None
    part, slash, parts = text.partition("/")
    good = len(text) < 20 and slash and part.isdecimal() and parts.isdecimal()
    if not good or not 1 <= int(part) <= int(parts) <= MOST_SHARDS:
        allowed = f"allowed is K/N, as in 1/8, with K from 1 to N, and N at most {MOST_SHARDS:,}"
        raise Refusal(f"--shard: found {shown(text)}; {allowed}")
    return int(part), int(parts)
