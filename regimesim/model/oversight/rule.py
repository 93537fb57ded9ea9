"""The rule of a policy in Python, applied to worlds.

A rule that fails, or sets a lever or its memory to what is no finite number, ends the run with a
sentence that names the world, the month and the line.  No number comes from a rule that failed.

What a rule remembers of a world is a part of the world: it is cleared when a world starts, and
copied where a world is copied.
"""

import math
import re
import threading
import traceback
from collections.abc import Mapping

import numpy as np
from numba import njit, typeof

from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED, equation
from regimesim.model.oversight.levers import Levers, Memory, Observation, unknown
from regimesim.model.oversight.rule_call import ADDRESS, FIRST, NOTE, NOTED, RECORD, callback
from regimesim.model.oversight.rule_compiler import OPTIONS, rule
from regimesim.model.oversight.rule_levers import levers_of_numbers, type_name
from regimesim.model.oversight.rule_source import (
    UNSTABLE,
    attributes,
    calls_compiled,
    digest_of,
    functions,
    imports,
    random_source,
)
from regimesim.model.world.draws import NOBODY, OVERSEERS, fine_unit, words
from regimesim.model.world.layout import WIDTH, WORLD
from regimesim.model.world.mathematics import logistic
from regimesim.model.world.records import MONITORS
from regimesim.scenario.parameters import active

# The tables that fill an observation, one of which is enough; the others are always filled.
FILLED_BY = {
    "highest_report": ("evaluations",),
    "alarm": ("evaluations",),
    "exercises_caught": MONITORS,
}
RANGES = Levers(*[(0.0, 1.0)] * len(Levers._fields))._replace(hold=(1.0, 4.0))
# Places in the note of a failure, and the column in which a call begins; numbers of memory follow
# levers.
COLUMN, PLACE, VALUE, BEGIN = 0, 1, 2, 3
NONE = -1.0
# what numba says of a name that memory lacks, and the sentences of the compiler of rules
NO_FIELD, NO_KEY = re.compile(r"Field '(\w+)' was not found in record"), re.compile(r"'(\w+)'")
OWN = re.compile(r"(there is no lever|must set levers|levers\.set takes|Levers\(\.\.\.\) lacks).*")
ARGUMENTS = (
    typeof(Observation(0, 0.5, 0.5, 0.5, False, *[0.5] * (len(Observation._fields) - 5))),
    typeof(Levers(*[0.5] * len(Levers._fields))),
)


class Rule:
    """A rule, compiled with what it reads now.

    memory: the first values of what it remembers of a world, by name; empty for a rule that
    remembers nothing.  Raises Refusal where it cannot be compiled.
    """

    def __init__(self, decide, memory: Mapping[str, float]):
        self.decide, self.memory = decide, memory
        self.digest = digest_of(decide)
        self._own = threading.local()
        self._first = np.array([*memory.values()], np.float64)
        self._record = np.dtype([(name, np.float64) for name in memory or ("none",)])
        compiled = decide if INTERPRETED else _compiled(decide, self._record if memory else None)
        self._apply = _applied(compiled, tuple(memory))
        if not INTERPRETED:
            self._apply.compile(tuple(map(typeof, self._arguments(np.zeros(1, WORLD)))))
            self._called = callback(self._apply, self._record, len(memory))

    def is_outdated(self) -> bool:
        """Whether the rule, or something that it reads, is not what was compiled."""
        return self.digest.startswith(UNSTABLE) or self.digest != digest_of(self.decide)

    def set_levers(self, worlds, first=0):
        """Set the levers in every column of `worlds`, (1,) WORLD, from column `first` on.  Raises
        Refusal."""
        arguments = self._arguments(worlds)
        arguments[1][BEGIN] = first
        try:
            self._apply(*arguments)
        except Exception as error:
            raise self._refusal(worlds[0], arguments[1], error) from error

    def let_call(self, call):
        """Let compiled months of this thread call the rule: its addresses enter `call`."""
        _, note, record, _, first = self._arguments(None)
        note[BEGIN] = 0
        call[ADDRESS] = self._called.address
        call[NOTE], call[RECORD], call[FIRST] = (a.ctypes.data for a in (note, record, first))

    def refuse(self, worlds):
        """Raise Refusal where a compiled month has found that the rule fails: from the column in
        which it did, as the levers and memories of those before are set."""
        self.set_levers(worlds, int(self._arguments(worlds)[1][COLUMN]))
        raise AssertionError("a rule that failed does not fail when it is called again")

    def _arguments(self, worlds):
        """What the compiled stage takes. It is called every month, so each thread keeps its own
        note of a failure, and its record of what is remembered of one world at a time."""
        if not hasattr(self._own, "arrays"):
            record = np.zeros(1, self._record)
            self._own.arrays = np.zeros(NOTED), record, record.view(np.float64), self._first
        return worlds, *self._own.arrays

    def remembered(self, world, w) -> dict[str, float]:
        """What the rule remembers of the world in column `w`, at the start of the month."""
        kept = world["memory"][: len(self.memory), w]
        first = self.memory.items()
        return {
            name: value if math.isnan(now) else float(now)
            for (name, value), now in zip(first, kept, strict=True)
        }

    def _refusal(self, world, note, error) -> Refusal:
        w = int(note[COLUMN])
        place = f"in month {world['month'][w]} of world {world['number'][w]}"
        if note[PLACE] != NONE:
            return Refusal(f"{place}, {self._not_finite(int(note[PLACE]), note[VALUE])}")
        reason, line = _reason(self, world, w, error)
        return Refusal(f"{place}, its rule failed{line}: {reason}")

    def _not_finite(self, place, value) -> str:
        """The sentence about a lever or memory that was set to what is no finite number."""
        if place >= len(Levers._fields):
            name = tuple(self.memory)[place - len(Levers._fields)]
            return f"the memory {name} was set to {value}; allowed are finite numbers"
        name = Levers._fields[place]
        low, high = getattr(RANGES, name)
        allowed = f"allowed are finite numbers, limited to {low:g} to {high:g}"
        return f"the lever {name} was set to {value}; {allowed}"


def _reason(rule, world, w, error) -> tuple[str, str]:
    """Why a rule failed, and in which line: from Python, which says more than compiled code."""
    used = functions(rule.decide)
    if not any(map(calls_compiled, used)):  # those would fail in ways that cannot be caught
        memory = [Memory(rule.remembered(world, w))] if rule.memory else []
        try:
            returned = rule.decide(observe(world, w), levers_of(world, w), *memory)
        except Exception as own:
            files = {function.__code__.co_filename for function in used}
            frames = traceback.extract_tb(own.__traceback__)
            frame = [frame for frame in frames if frame.filename in files][-1]
            line = f" in line {frame.lineno} of {frame.filename}"
            return f"{type(own).__name__}: {own}", line
        if not isinstance(returned, Levers):
            return f"must return Levers, not {type(returned).__name__}", ""
    return f"{type(error).__name__}: {error}", ""


def check_source(decide, tables):
    """Refuse a rule that draws random numbers of its own, or reads what nothing fills.

    tables: the parameters of the policy.
    """
    lines, seen = [], decide.__code__.co_varnames[0]
    filled = {name for name, is_active in active(tables).items() if is_active}
    for function in functions(decide):
        whose = "its rule" if function is decide else f"its helper '{function.__name__}'"
        source = random_source(function)
        if source:
            lines.append(
                f"{whose} uses '{source}', whose numbers are others in every run; use "
                f"{seen}.draw, which is uniform on (0, 1) and follows from seed, world and month"
            )
        elif imports(function):
            lines.append(f"{whose} imports a module, which cannot be compiled; import it above")
        for name in sorted(attributes(function) & set(FILLED_BY)):
            if filled.isdisjoint(FILLED_BY[name]):
                missing = " or ".join(f"oversight.{table}" for table in FILLED_BY[name])
                lines.append(
                    f"{whose} reads {seen}.{name}, which nothing fills without the table "
                    f"{missing}; add it to the scenario or to the settings of the policy"
                )
    if lines:
        raise Refusal(lines)


def _compiled(decide, record):
    """The compiled rule, for an observation, levers and, if `record` is not None, memory.
    Raises Refusal."""
    compiled = rule(decide)
    arguments = ARGUMENTS if record is None else (*ARGUMENTS, typeof(np.zeros(1, record)[0]))
    try:
        compiled.compile(arguments)
    except Exception as error:  # numba raises many kinds, each for code that it cannot compile
        raise Refusal(_sentence(error, record)) from error
    returned = compiled.overloads[arguments].signature.return_type
    if getattr(returned, "instance_class", None) is not Levers:
        raise Refusal(f"must return Levers in every case, but may return {type_name(returned)}")
    return compiled


def _sentence(error, record) -> str:
    """Why a rule cannot be compiled."""
    text = str(error)
    unheld = NO_FIELD.search(text) or (NO_KEY.fullmatch(text) if type(error) is KeyError else None)
    if unheld and record is not None:
        return f"its rule uses memory.{unheld[1]}: {unknown('memory', unheld[1], record.names)}"
    known = OWN.search(text)
    if known:
        return f"its rule {known[0]}" if known[0].startswith("must") else f"its rule: {known[0]}"
    if levers_of_numbers.__name__ in text:
        return f"its rule calls Levers(...) with another number of levers than {len(RANGES)}"
    lines = [line for line in text.splitlines() if not line.startswith("Failed in")]
    return f"cannot be compiled: {next(iter(lines), type(error).__name__)}"


def _applied(decide, names):
    """The stage that lets `decide` set the levers of every column, and notes where it fails.

    names: those of the numbers in memory.
    """
    pull = _with_memory(decide, names) if names else _without_memory(decide)

    def apply(worlds, note, record, remembered, first):
        world = worlds[0]
        note[PLACE] = NONE
        for w in range(int(note[BEGIN]), WIDTH):
            if not world.running[w]:
                continue
            note[COLUMN] = w
            for k in range(len(first)):
                kept = world.memory[k, w]
                remembered[k] = first[k] if math.isnan(kept) else kept
            pulled = pull(observe(world, w), levers_of(world, w), record)
            for k in range(len(pulled)):
                if not math.isfinite(pulled[k]):
                    note[PLACE] = k
                    note[VALUE] = pulled[k]
                    raise ValueError("a lever is no finite number")
            for k in range(len(first)):
                if not math.isfinite(remembered[k]):
                    note[PLACE] = len(pulled) + k
                    note[VALUE] = remembered[k]
                    raise ValueError("a number in memory is not finite")
                world.memory[k, w] = remembered[k]
            world.audit_budget[w] = min(max(pulled.audit_budget, 0.0), 1.0)
            world.pause[w] = min(max(pulled.pause, 0.0), 1.0)
            world.growth[w] = min(max(pulled.growth, 0.0), 1.0)
            world.contact[w] = min(max(pulled.contact, 0.0), 1.0)
            world.hold[w] = min(max(pulled.hold, 1.0), 4.0)
            world.density_floor[w] = min(max(pulled.density_floor, 0.0), 1.0)
            world.correction[w] = min(max(pulled.correction, 0.0), 1.0)
            world.frozen[w] = min(max(pulled.frozen, 0.0), 1.0)

    return apply if INTERPRETED else njit(**OPTIONS)(apply)


def _without_memory(decide):
    def pull(seen, levers, record):
        return decide(seen, levers).set()  # which makes every lever a float

    return pull if INTERPRETED else njit(**OPTIONS)(pull)


def _with_memory(decide, names):
    """`decide` with its memory: a record where it is compiled, else what reads like one."""

    def pull(seen, levers, record):
        return decide(seen, levers, record[0]).set()

    def pull_in_python(seen, levers, record):
        memory = Memory({name: float(record[name][0]) for name in names})
        levers = decide(seen, levers, memory)
        for name in names:
            record[name][0] = memory[name]
        return levers.set()

    return pull_in_python if INTERPRETED else njit(**OPTIONS)(pull)


@equation
def observe(world, w):
    """What overseers know in column `w`. Eqs. 7.1.2, 7.8.4, 7.8.5."""
    drawn = words(world.seed[w], NOBODY, world.month[w] + 1, world.number[w], OVERSEERS)
    return Observation(
        world.month[w],
        world.caught_belief[w] / (world.caught_belief[w] + world.missed_belief[w]),
        logistic(world.danger[w]),
        world.highest_report[w],
        world.alarm[w] > 0.0,
        world.month_stories[w],
        world.month_strikes_caught[w] + world.month_strikes_discovered[w],
        world.month_feints[w],
        world.exercises_caught[w],
        fine_unit(drawn[0], drawn[1]),
        fine_unit(drawn[2], drawn[3]),
    )


@equation
def levers_of(world, w):
    """The levers of column `w` as they are set. Eqs. 7.1.1, 7.1.4 and 7.1.5."""
    return Levers(
        world.audit_budget[w],
        world.pause[w],
        world.growth[w],
        world.contact[w],
        world.hold[w],
        world.density_floor[w],
        world.correction[w],
        world.frozen[w],
    )
