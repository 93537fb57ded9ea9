"""The engine of a sweep: chunks in, their pieces into a journal, and a dataset out."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from regimesim.analysis.tally import Tally
from regimesim.ensemble.ensemble import with_rules
from regimesim.ensemble.interrupts import LOOK, interrupted_by_flag
from regimesim.ensemble.memory import check_memory, memory_of_threads
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.sweeps.chunk_runner import Job
from regimesim.sweeps.dataset import dataset
from regimesim.sweeps.executors import SPARE
from regimesim.sweeps.files import Failures
from regimesim.sweeps.journal import Journal, unpack
from regimesim.sweeps.make_executor import make_crew
from regimesim.sweeps.plan import Plan, make_plan

if TYPE_CHECKING:
    import xarray

AGAIN = 10  # times that a chunk is run whose worker is lost over and over


def evaluate(
    scenario,
    design,
    *,
    independent: bool = False,
    policies: Iterable[Policy] = (),
    rules: Mapping[str, Policy] | None = None,
    executor=None,
    threads: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int], object] | None = None,
) -> "xarray.Dataset":
    """Run a scenario at every point of a design and keep the dataset alone.

    independent: each point has worlds of its own · policies: written in Python, run at every
    point as well · rules: by name, of policies written in Python that the scenario and the
    design have already · executor: "threads" (of which there is one a core, else `threads`),
    "processes", "dask" (at the address `scheduler`), any executor of concurrent.futures, or a
    `distributed.Client` · progress: called with the number of worlds just finished, under
    all policies together.  Raises Refusal; a point that contradicts itself is a row with
    its `error`.
    """
    scenario, design, more = with_python(scenario, design, policies)
    rules = {**(rules or {}), **more}
    plan = make_plan(scenario, design, independent, rules=rules)
    return run_plan(plan, make_crew(executor, threads, scheduler), rules, progress)[0]


def run_plan(plan: Plan, executor, rules=None, progress=None) -> tuple:
    """Run a plan and keep the dataset alone: that, and the points that failed."""
    with TemporaryDirectory() as folder, executor:
        with Journal(Path(folder) / "journal", write=True, lasting=False) as journal:
            complete(plan, journal, executor, rules, progress)
            points = Failures(Found(plan, [journal]))
            worlds, independent = plan.worlds[-1], plan.independent
            return dataset(plan.scenario, plan.design, worlds, points, independent), points


def with_python(scenario, design, policies: Iterable[Policy]):
    """The scenario and the design with policies written in Python added, and their rules."""
    scenario, rules = with_rules(scenario, policies)
    if rules:
        design = replace(design, policies=(*design.policies, *rules), frames={})
    return scenario, design, rules


def complete(plan: Plan, journal: Journal, crew, rules=None, progress=None) -> None:
    """Have a crew, used as a context, run every chunk that is not yet in the journal."""
    _check_room(plan, crew)
    job = Job(plan.scenario, plan.design, plan.independent, dict(rules or {}))
    left = (number for number in plan.cuts.numbers() if number not in journal)
    with interrupted_by_flag() as interruption:
        crew.take(job)
        round_ = _Round(plan, journal, crew, progress)
        try:
            round_.begin(islice(left, crew.room))
            while round_.running:
                done, _ = wait(round_.running, LOOK, FIRST_COMPLETED)
                if interruption:
                    raise KeyboardInterrupt
                for future in done:
                    round_.end(future)
                crew.look()
                round_.begin(islice(left, max(crew.room - len(round_.running), 0)))
        except BaseException:
            crew.leave()
            for future in round_.running:
                future.cancel()
            raise


def _check_room(plan, crew):
    """Refuse worlds so large that the workers of a crew have no room for them in memory."""
    sizes = {}
    for key in ("labs", "systems"):
        values = plan.design.values.get(key)
        sizes[key] = getattr(plan.scenario, key) if values is None else int(max(values))
    workers = crew.room // SPARE
    told = f"{plan.scenario.source}: {sizes['systems']:,} systems in {workers:,} workers"
    check_memory(told, memory_of_threads(workers, **sizes), "lower the systems, or --threads")


class _Round:
    """The chunks that are under way."""

    def __init__(self, plan, journal, crew, progress):
        self.cuts, self.journal, self.crew, self.progress = plan.cuts, journal, crew, progress
        self.policies = len(plan.scenario.policies)
        self.running: dict = {}
        self.lost: dict[int, int] = {}

    def begin(self, numbers):
        """Have chunks run."""
        for number in numbers:
            self.running[self.crew.submit(self.cuts.pieces(number))] = number

    def end(self, future):
        """Keep what a chunk found, or have it run again where its worker was lost."""
        number = self.running.pop(future)
        error = CancelledError() if future.cancelled() else future.exception()
        if self.crew.survives(error):
            self.lost[number] = self.lost.get(number, 0) + 1
            if self.lost[number] > AGAIN:
                raise Refusal(f"chunk {number}: {AGAIN} workers were lost over it")
            self.begin([number])
            return
        if error is not None:
            raise error
        self.journal.add_packed(number, future.result())
        self.lost.pop(number, None)
        if self.progress:
            self.progress(self.cuts.worlds(number) * self.policies)


class Found:
    """What chunks found, by point: called with a point's number, it gives the Tally of each
    policy, or the sentence that says why the point has none.

    journals: that of the plan, or those of its shards in their order.
    """

    def __init__(self, plan: Plan, journals: Iterable[Journal]):
        self._cuts, self._journals = plan.cuts, list(journals)
        self._read = lru_cache(len(plan.worlds) + 1)(self._by_point)

    def __call__(self, point: int) -> dict[str, Tally] | str:
        """The tallies of a point; points that are asked for in order are read once."""
        found: dict[str, Tally] = {}
        for number in self._cuts.chunks_of(point):
            for done in self._read(number)[point]:
                if done.error is not None:
                    return done.error
                for name, packed in done.tallies.items():
                    tally = Tally.unpack(packed)
                    found[name] = found[name] + tally if name in found else tally
        return found

    def _by_point(self, number):
        journal = self._journals[number % len(self._journals)]
        pieces: dict[int, list] = {}
        for done in unpack(journal.packed(number)):
            pieces.setdefault(done.piece.point, []).append(done)
        return pieces
