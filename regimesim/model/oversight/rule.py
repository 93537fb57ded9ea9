"""The rule of a policy in Python, applied to worlds.

A rule that fails, or sets a lever to what is no finite number, ends the run with a sentence that
names the world, the month and the line.  No number comes from a rule that failed.
"""

import math
import traceback

import numpy as np
from numba import njit, typeof, types

from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED, equation
from regimesim.model.oversight.levers import Levers, Observation
from regimesim.model.oversight.rule_compiler import OPTIONS, rule
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
COLUMN, LEVER, VALUE = 0, 1, 2  # places in the note of a failure
NONE = -1.0
ARGUMENTS = (
    typeof(Observation(0, 0.5, 0.5, 0.5, False, *[0.5] * (len(Observation._fields) - 5))),
    typeof(Levers(*[0.5] * len(Levers._fields))),
)


class Rule:
    """A rule, compiled with what it reads now.

    Raises Refusal where it cannot be compiled.
    """

    def __init__(self, decide):
        self.decide = decide
        self.digest = digest_of(decide)
        compiled = decide if INTERPRETED else _compiled(decide)
        self._apply = _applied(compiled)
        if not INTERPRETED:
            self._apply.compile((typeof(np.zeros(1, WORLD)), typeof(np.zeros(3))))

    def is_outdated(self) -> bool:
        """Whether the rule, or something that it reads, is not what was compiled."""
        return self.digest.startswith(UNSTABLE) or self.digest != digest_of(self.decide)

    def set_levers(self, worlds):
        """Set the levers in every column of `worlds`, (1,) WORLD.  Raises Refusal."""
        note = np.empty(3)  # this is called every month, so the rule itself clears it
        try:
            self._apply(worlds, note)
        except Exception as error:
            raise self._refusal(worlds[0], note, error) from error

    def _refusal(self, world, note, error) -> Refusal:
        w = int(note[COLUMN])
        place = f"in month {world['month'][w]} of world {world['number'][w]}"
        if note[LEVER] != NONE:
            name = Levers._fields[int(note[LEVER])]
            low, high = getattr(RANGES, name)
            allowed = f"allowed are finite numbers, limited to {low:g} to {high:g}"
            return Refusal(f"{place}, the lever {name} was set to {note[VALUE]}; {allowed}")
        reason, line = _reason(self.decide, world, w, error)
        return Refusal(f"{place}, its rule failed{line}: {reason}")


def _reason(decide, world, w, error) -> tuple[str, str]:
    """Why a rule failed, and in which line: from Python, which says more than compiled code."""
    used = functions(decide)
    if not any(map(calls_compiled, used)):  # those would fail in ways that cannot be caught
        try:
            returned = decide(observe(world, w), levers_of(world, w))
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


def _compiled(decide):
    """The compiled rule, for an observation and levers.  Raises Refusal."""
    compiled = rule(decide)
    try:
        compiled.compile(ARGUMENTS)
    except Exception as error:  # numba raises many kinds, each for code that it cannot compile
        lines = [line for line in str(error).splitlines() if not line.startswith("Failed in")]
        raise Refusal(f"cannot be compiled: {next(iter(lines), type(error).__name__)}") from error
    returned = compiled.overloads[ARGUMENTS].signature.return_type
    if getattr(returned, "instance_class", None) is not Levers:
        raise Refusal(f"must return Levers in every case, but may return {_name(returned)}")
    for name, kind in zip(Levers._fields, returned, strict=True):
        if not isinstance(kind, types.Float | types.Integer | types.Boolean):
            raise Refusal(f"must set levers to numbers, but sets {name} to {_name(kind)}")
    return compiled


def _name(kind) -> str:
    """A type of numba in words."""
    return "None" if isinstance(kind, types.Optional | types.NoneType) else str(kind)


def _applied(decide):
    """The stage that lets `decide` set the levers of every column, and notes where it fails."""

    def apply(worlds, note):
        world = worlds[0]
        note[LEVER] = NONE
        for w in range(WIDTH):
            if not world.running[w]:
                continue
            note[COLUMN] = w
            pulled = decide(observe(world, w), levers_of(world, w))
            values = (
                1.0 * pulled.audit_budget,
                1.0 * pulled.pause,
                1.0 * pulled.growth,
                1.0 * pulled.contact,
                1.0 * pulled.hold,
                1.0 * pulled.density_floor,
                1.0 * pulled.correction,
            )
            for k in range(len(values)):
                if not math.isfinite(values[k]):
                    note[LEVER] = k
                    note[VALUE] = values[k]
                    raise ValueError("a lever is no finite number")
            world.audit_budget[w] = min(max(values[0], 0.0), 1.0)
            world.pause[w] = min(max(values[1], 0.0), 1.0)
            world.growth[w] = min(max(values[2], 0.0), 1.0)
            world.contact[w] = min(max(values[3], 0.0), 1.0)
            world.hold[w] = min(max(values[4], 1.0), 4.0)
            world.density_floor[w] = min(max(values[5], 0.0), 1.0)
            world.correction[w] = min(max(values[6], 0.0), 1.0)

    return apply if INTERPRETED else njit(**OPTIONS)(apply)


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
    )
