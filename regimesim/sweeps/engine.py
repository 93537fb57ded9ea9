"""The engine of a sweep: it runs chunks, keeps them in a journal, and makes a dataset."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from regimesim.sweeps.executors import SLOTS_PER_WORKER
from regimesim.sweeps.files import Failures
from regimesim.sweeps.journal import Journal, unpack
from regimesim.sweeps.make_executor import make_worker_pool
from regimesim.sweeps.plan import Plan, make_plan

if TYPE_CHECKING:
    import xarray

MOST_LOSSES = 10  # workers that may be lost over one chunk


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
    """Run a scenario at every point of a design, and return the dataset.

    Parameters
    ----------
    scenario : Scenario
        It gives the number of worlds at each point.
    design : Design
        The points.
    independent : bool
        Whether each point has worlds of its own.
    policies : iterable of Policy
        Policies written in Python, to be run at every point as well.
    rules : mapping, optional
        By name, the policies written in Python that the scenario and the design have already.
    executor : str or executor, optional
        "threads" (the default), "processes", "dask" (at the address `scheduler`), any executor
        of `concurrent.futures`, or a `distributed.Client`.
    threads : int, optional
        The number of threads or processes, by default one for each core.
    scheduler : str, optional
        The address of a Dask scheduler.
    progress : callable, optional
        Called with the number of worlds just finished, over all policies.

    Returns
    -------
    xarray.Dataset
        The estimates.  A point whose values contradict each other has an `error`.

    Raises
    ------
    Refusal
        If the sweep cannot be run.
    """
    scenario, design, more = with_python(scenario, design, policies)
    rules = {**(rules or {}), **more}
    plan = make_plan(scenario, design, independent, rules=rules)
    return run_plan(plan, make_worker_pool(executor, threads, scheduler), rules, progress)[0]


def evaluate_in_stages(
    scenario,
    design,
    stages: Sequence[int],
    rules: Mapping[str, Policy] | None = None,
    executor=None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> "Iterator[xarray.Dataset]":
    """Run a scenario at every point of a design, and yield the dataset at the end of each stage.

    No world is run twice, and a dataset is that of `evaluate` with as many worlds.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    design : Design
        The points.
    stages : sequence of int
        Rising numbers of worlds at each point.
    rules, executor, threads, progress
        As of `evaluate`.
    """
    rules = dict(rules or {})
    plan = make_plan(replace(scenario, worlds=stages[-1]), design, rules=rules)
    with make_worker_pool(executor, threads, None) as workers, TemporaryDirectory() as folder:
        with Journal(Path(folder) / "journal", write=True, lasting=False) as journal:
            for number, worlds in enumerate(stages, 1):
                stage = plan._replace(worlds=tuple(stages[:number]))
                complete(stage, journal, workers, rules, progress)
                points = Failures(Tallies(stage, [journal]))
                yield dataset(plan.scenario, plan.design, worlds, points)


def run_plan(plan: Plan, executor, rules=None, progress=None) -> tuple:
    """Run a plan.  Returns the dataset, and the points that failed."""
    with TemporaryDirectory() as folder, executor:
        with Journal(Path(folder) / "journal", write=True, lasting=False) as journal:
            complete(plan, journal, executor, rules, progress)
            points = Failures(Tallies(plan, [journal]))
            worlds, independent = plan.worlds[-1], plan.independent
            return dataset(plan.scenario, plan.design, worlds, points, independent), points


def with_python(scenario, design, policies: Iterable[Policy]):
    """The scenario and the design with policies written in Python added, and their rules."""
    scenario, rules = with_rules(scenario, policies)
    if rules:
        design = replace(design, policies=(*design.policies, *rules), frames={})
    return scenario, design, rules


def complete(plan: Plan, journal: Journal, workers, rules=None, progress=None) -> None:
    """Run every chunk that is not yet in the journal.

    workers: a worker pool that is entered as a context."""
    _check_memory(plan, workers)
    job = Job(plan.scenario, plan.design, plan.independent, dict(rules or {}))
    left = (number for number in plan.chunking.numbers() if number not in journal)
    with interrupted_by_flag() as interruption:
        workers.prepare(job)
        chunks = _RunningChunks(plan, journal, workers, progress)
        try:
            chunks.begin(islice(left, workers.slots))
            while chunks.running:
                done, _ = wait(chunks.running, LOOK, FIRST_COMPLETED)
                if interruption:
                    raise KeyboardInterrupt
                for future in done:
                    chunks.end(future)
                workers.check_workers()
                chunks.begin(islice(left, max(workers.slots - len(chunks.running), 0)))
        except BaseException:
            workers.abort()
            for future in chunks.running:
                future.cancel()
            raise


def _check_memory(plan, pool):
    """Refuse worlds that are too large for the memory of all workers."""
    sizes = {}
    for key in ("labs", "systems"):
        values = plan.design.values.get(key)
        sizes[key] = getattr(plan.scenario, key) if values is None else int(max(values))
    workers = pool.slots // SLOTS_PER_WORKER
    message = f"{plan.scenario.source}: {sizes['systems']:,} systems in {workers:,} workers"
    check_memory(message, memory_of_threads(workers, **sizes), "lower the systems, or --threads")


class _RunningChunks:
    """The chunks that are being run."""

    def __init__(self, plan, journal, workers, progress):
        self.chunking, self.journal = plan.chunking, journal
        self.workers, self.progress = workers, progress
        self.policies = len(plan.scenario.policies)
        self.running: dict = {}
        self.lost: dict[int, int] = {}

    def begin(self, numbers):
        """Start chunks."""
        for number in numbers:
            self.running[self.workers.submit(self.chunking.units(number))] = number

    def end(self, future):
        """Keep the results of a chunk, or run it again if its worker was lost."""
        number = self.running.pop(future)
        error = CancelledError() if future.cancelled() else future.exception()
        if self.workers.must_rerun(error):
            self.lost[number] = self.lost.get(number, 0) + 1
            if self.lost[number] > MOST_LOSSES:
                raise Refusal(f"chunk {number}: {MOST_LOSSES} workers were lost over it")
            self.begin([number])
            return
        if error is not None:
            raise error
        self.journal.add_packed(number, future.result())
        self.lost.pop(number, None)
        if self.progress:
            self.progress(self.chunking.worlds(number) * self.policies)


class Tallies:
    """The results of chunks, by point.

    Called with the number of a point, it returns the Tally of each policy, or the reason why
    the point has none.

    journals: the one of the plan, or those of its shards in their order.
    """

    def __init__(self, plan: Plan, journals: Iterable[Journal]):
        self._chunking, self._journals = plan.chunking, list(journals)
        self._read = lru_cache(len(plan.worlds) + 1)(self._by_point)

    def __call__(self, point: int) -> dict[str, Tally] | str:
        """The tallies of a point; a chunk is read once if points are taken in order."""
        tallies: dict[str, Tally] = {}
        for number in self._chunking.chunks_of(point):
            for done in self._read(number)[point]:
                if done.error is not None:
                    return done.error
                for name, packed in done.tallies.items():
                    tally = Tally.unpack(packed)
                    tallies[name] = tallies[name] + tally if name in tallies else tally
        return tallies

    def _by_point(self, number):
        journal = self._journals[number % len(self._journals)]
        units: dict[int, list] = {}
        for done in unpack(journal.packed(number)):
            units.setdefault(done.unit.point, []).append(done)
        return units
