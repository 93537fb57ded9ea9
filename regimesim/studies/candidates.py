"""Candidates: policies that are tried in the same worlds, some in more worlds than others.

Candidates meet the same luck and the same drawn assumptions in a world, so what two of them
differ by is estimated from differences within worlds.  No world of a candidate is run twice:
equal policies are one candidate, and a journal on disk keeps what was run before an interruption.
"""

import hashlib
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from regimesim.analysis.columns import rows_in
from regimesim.analysis.conditional import Linear
from regimesim.analysis.estimand_table import CONDITIONAL
from regimesim.analysis.estimands import values_in
from regimesim.analysis.present_worlds import Rows
from regimesim.ensemble.datasets import AGAIN, dataset, drawn_names, fill, shape, world_variables
from regimesim.ensemble.memory import check_memory
from regimesim.ensemble.parameter_sampling import make_stack
from regimesim.ensemble.workload import weigh
from regimesim.errors import Refusal
from regimesim.model.compilation import digest
from regimesim.model.world.layout import OUTCOME
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import plain
from regimesim.scenario.parameters import Tables
from regimesim.sweeps.chunking import FEW, LEAST, WORK
from regimesim.sweeps.engine import complete
from regimesim.sweeps.journal import Journal, unpack
from regimesim.sweeps.kept import OUTCOMES, Kept, Outcomes
from regimesim.sweeps.plan import NUMBERS
from regimesim.sweeps.work_units import UnitResult, WorkUnit

if TYPE_CHECKING:
    import xarray

BLOCK = 128  # worlds of a candidate that are kept together
TRIED = "tried"  # the name of the one policy of a candidate's scenario


@dataclass(frozen=True)
class Candidate:
    """A policy that may be tried; two are equal where their parameters are.

    Attributes
    ----------
    tables : Tables
        Every parameter of the policy.
    point : tuple
        Its place in a `Space`; empty where it has none.
    words : str
        What sentences call it.
    key : str
        A digest of its parameters.
    """

    tables: Tables = field(compare=False, repr=False)
    point: tuple = field(default=(), compare=False)
    words: str = field(default="", compare=False)
    key: str = field(init=False, repr=False)

    def __post_init__(self):
        content = json.dumps(plain(self.tables), sort_keys=True, default=str)
        object.__setattr__(self, "key", hashlib.sha256(content.encode()).hexdigest())


def policies_of(scenario: Scenario) -> dict[str, Candidate]:
    """The policies of a scenario by name, with their titles for words."""
    return {
        name: Candidate(tables, (), scenario.title(name))
        for name, tables in scenario.policies.items()
    }


@dataclass(frozen=True, eq=False)
class Policies:
    """Candidates as the points of a design, of which a chunk needs its own alone."""

    tables: Mapping[int, Tables]
    values: ClassVar[dict] = {}
    kept: ClassVar[Kept] = OUTCOMES
    many: ClassVar[bool] = True

    def scenario(self, scenario: Scenario, point: int) -> Scenario:
        """The scenario of a candidate."""
        return replace(scenario, policies={TRIED: self.tables[point]}, titles={})

    def excerpt(self, first: int, last: int) -> "Policies":
        """The candidates `first` to `last` (not included)."""
        return Policies({point: self.tables[point] for point in range(first, last)})


class CommonWorlds:
    """The worlds from number `first` on, under every candidate that was tried.

    Parameters
    ----------
    scenario : Scenario
        Its size, seed and start; its policies are not used.
    workers : worker pool
        Of `regimesim.sweeps.make_executor`, entered as a context.
    first : int, default 0
        The number of the first world.
    journal : Journal, optional
        Keeps what was run.
    progress : callable, optional
        Called with the number of worlds just finished.
    used : set of int, optional
        Receives the numbers of the records of the journal that were needed.
    """

    def __init__(
        self,
        scenario: Scenario,
        workers,
        first: int = 0,
        journal: Journal | None = None,
        progress: Callable[[int], object] | None = None,
        used: set[int] | None = None,
    ):
        name = next(iter(scenario.policies))
        self.scenario = scenario.choose([name])
        self.first, self.spent = first, 0
        self.used: set[int] = set() if used is None else used
        self._workers, self._journal, self._progress = workers, journal, progress
        self._known: dict[str, np.ndarray] = {}
        self._about = _about(self.scenario)

    def run(self, candidates: Iterable[Candidate], worlds: int) -> None:
        """Run the first `worlds` worlds of every candidate, as far as they are not known.

        Raises Refusal for a candidate that cannot be run, and KeyboardInterrupt after Ctrl-C.
        """
        wanted = {one.key: one for one in candidates if self.known(one) < worlds}
        self._check_memory(len(wanted), worlds)
        in_order = sorted(wanted.values(), key=_stack_first)
        blocks: dict[WorkUnit, np.ndarray | None] = {}
        for place, one in enumerate(in_order):
            for first, last in _blocks(self.known(one), worlds):
                unit = WorkUnit(place, self.first + first, self.first + last)
                blocks[unit] = self._recalled(one, unit)
        left = [unit for unit, outcomes in blocks.items() if outcomes is None]
        if left:
            design = Policies({place: one.tables for place, one in enumerate(in_order)})
            stage = _Stage(self.scenario, design, _Chunks(left, self.scenario))
            sink = _Sink(self, in_order, blocks)
            complete(stage, sink, self._workers, progress=self._progress)
        for place, one in enumerate(in_order):
            own = [array for unit, array in blocks.items() if unit.point == place]
            before = self._known.get(one.key)
            self._known[one.key] = np.concatenate(own if before is None else [before, *own])

    def known(self, candidate: Candidate) -> int:
        """How many worlds of a candidate are known."""
        return len(self._known.get(candidate.key, ()))

    def rows(self, candidate: Candidate, worlds: int) -> Rows:
        """The rows of the first worlds of a candidate by name; each must be known."""
        return rows_in(self._known[candidate.key][:worlds], self.scenario.months)

    def linear(
        self, candidate: Candidate, estimand: str, worlds: int, counted: bool = False
    ) -> Linear:
        """The estimate of an estimand as a mean over worlds: conditional where it can be, unless
        it is to be `counted`."""
        rows = self.rows(candidate, worlds)
        if (ratio := CONDITIONAL.get(estimand)) and not counted:
            return Linear.of(ratio.above(rows), ratio.below(rows))
        drawn = np.asarray(values_in(rows, estimand), np.float64)
        there = ~np.isnan(drawn)
        return Linear.of(np.where(there, drawn, 0.0), there.astype(np.float64))

    def dataset(self, named: Mapping[str, Candidate], worlds: int) -> "xarray.Dataset":
        """The dataset of the first worlds, as of a run whose policies are candidates by name.

        It has no drawn parameters.
        """
        policies = {name: one.tables for name, one in named.items()}
        scenario = replace(self.scenario, policies=policies, worlds=worlds, titles={})
        absent = {AGAIN, *drawn_names(scenario)}
        store = {
            variable.name: np.empty(shape(variable, scenario), variable.kind)
            for variable in world_variables(scenario)
            if variable.name not in absent
        }
        for place, one in enumerate(named.values()):
            fill(store, place, 0, self._known[one.key][:worlds], {})
        return dataset(store, scenario)

    def known_worlds(self) -> int:
        """How many worlds of all candidates are known."""
        return sum(map(len, self._known.values()))

    def system_months(self) -> int:
        """The months of systems in them."""
        return self.known_worlds() * self.scenario.systems * self.scenario.months

    def _check_memory(self, candidates, worlds):
        needed = OUTCOME.itemsize * (candidates * worlds + sum(map(len, self._known.values())))
        size = f"{self.scenario.source}: {candidates:,} candidates in {worlds:,} worlds"
        check_memory(size, needed, "lower worlds or trials")

    def _number(self, candidate, unit: WorkUnit) -> int:
        """The number of the record of some worlds of a candidate: a digest of what fixes them."""
        named = f"{self._about} {candidate.key} {unit.first} {unit.last}"
        return struct.unpack("<Q", hashlib.sha256(named.encode()).digest()[:8])[0] >> 1

    def _recalled(self, candidate, unit) -> np.ndarray | None:
        """Some worlds of a candidate, where the journal has them."""
        number = self._number(candidate, unit)
        if self._journal is None or number not in self._journal:
            return None
        self.used.add(number)
        if self._progress:
            self._progress(unit.last - unit.first)
        return _outcomes(self._journal.read(number)[0])

    def keep(self, candidate: Candidate, done: UnitResult) -> np.ndarray:
        """The outcomes of worlds that were just run, which the journal then has.

        Raises Refusal where they could not be run.
        """
        if done.error is not None:
            raise Refusal(f"{candidate.words or TRIED}: {done.error}")
        self.spent += done.unit.last - done.unit.first
        if self._journal is not None:
            number = self._number(candidate, done.unit)
            self._journal.add(number, [done._replace(unit=done.unit._replace(point=0))])
            self.used.add(number)
        return _outcomes(done)


def _outcomes(done: UnitResult) -> np.ndarray:
    return Outcomes.unpack(done.tallies[TRIED]).array


def _blocks(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The worlds from `first` to `last` in blocks that end at multiples of BLOCK."""
    while first < last:
        end = min(first - first % BLOCK + BLOCK, last)
        yield first, end
        first = end


def _about(scenario: Scenario) -> str:
    """What besides its parameters and numbers fixes the worlds of a candidate."""
    size = (scenario.start, scenario.months, scenario.labs, scenario.systems, scenario.seed)
    return f"{size} {digest(NUMBERS)}"


def _stack_first(candidate: Candidate):
    """Candidates with the same safeguards come one after the other, so they share tiles."""
    return (repr(make_stack(candidate.tables)), candidate.key)


class _Chunks:
    """Work units in chunks of about the same work, by number."""

    def __init__(self, units: Sequence[WorkUnit], scenario: Scenario):
        each = float(weigh(scenario.systems, scenario.months, 1))
        total = each * sum(unit.last - unit.first for unit in units)
        most = max(min(total / FEW, WORK), LEAST)
        self._chunks: list[list[WorkUnit]] = []
        work = most
        for unit in units:
            first = unit.first
            size = (unit.last - first) * each
            if work + size > most:
                self._chunks.append([])
                work = 0
            self._chunks[-1].append(unit)
            work += size

    def numbers(self) -> range:
        return range(len(self._chunks))

    def units(self, number: int) -> list[WorkUnit]:
        return self._chunks[number]

    def worlds(self, number: int) -> int:
        return sum(unit.last - unit.first for unit in self._chunks[number])


class _Stage(NamedTuple):
    """What the engine of sweeps runs: some worlds of some candidates."""

    scenario: Scenario
    design: Policies
    chunking: _Chunks
    independent: bool = False


class _Sink:
    """Takes finished chunks, in the place of a journal."""

    def __init__(self, worlds: CommonWorlds, candidates: Sequence[Candidate], blocks: dict):
        self._worlds, self._candidates, self._blocks = worlds, candidates, blocks

    def __contains__(self, number):
        return False

    def add_packed(self, _number: int, payload: bytes) -> None:
        for done in unpack(payload):
            one = self._candidates[done.unit.point]
            self._blocks[done.unit] = self._worlds.keep(one, done)
