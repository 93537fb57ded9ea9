"""Policies: functions from what overseers observe to the levers that they set.

`decide(observation, levers) -> levers` is the whole interface, or `decide(observation, levers,
memory) -> levers` for a policy that remembers.  An observation holds only what an overseer could
know, and levers only what an overseer can set.  The equations of the model read the levers, never
the name of a policy.
"""

import inspect
import keyword
import math
from collections.abc import Callable, Mapping
from numbers import Real
from pickle import loads
from typing import NamedTuple, overload

from numba.core.serialize import dumps

from regimesim.errors import Refusal, shown
from regimesim.model.oversight.levers import Levers as Levers
from regimesim.model.oversight.levers import Memory as Memory
from regimesim.model.oversight.levers import Observation as Observation
from regimesim.model.oversight.rule import Rule, check_source
from regimesim.model.oversight.rule_call import FAILED
from regimesim.model.oversight.rule_source import UNSTABLE, digest_of
from regimesim.model.world.layout import MOST_MEMORY


class Stack(NamedTuple):
    """Which safeguards and responses of a policy are active, and in which variant.

    The first has a number for each of `SAFEGUARDS`, the second for each of `MONITORS`.  A
    response is active or not under the name of its table.
    """

    active: tuple[int, ...]  # whether the safeguard is
    curves: tuple[int, ...]  # its detection curve, a place in CURVES
    audits: int  # some monitor is active
    control_untrusted: int
    evaluations: int
    evaluations_response: int
    correction: int
    adaptive: int
    pause: int
    audits_hidden: int  # systems may not see the audit budget
    events: int  # how many the policy has
    adopters: int  # how many labs adopt the policy
    adopters_are: int  # a place in ADOPTERS


Decide = Callable[[Observation, Levers], Levers] | Callable[[Observation, Levers, Memory], Levers]

CURVES = ("binormal", "logistic", "elo")
BINORMAL, LOGISTIC, ELO = 0, 1, 2
RESPONSES = ("warn", "pause", "restrict")
WARN, PAUSE, RESTRICT = 0, 1, 2


class Policy:
    """A policy written in Python: a name, a rule, and settings laid over the scenario.

    Parameters
    ----------
    decide : callable
        Takes an `Observation`, the `Levers` of the month and, with `memory`, a `Memory`; returns
        `Levers`.
    name : str
        The name of the policy.
    settings : dict
        Values by dotted key, such as {"oversight.audit_budget": 0.05}, or whole tables, such as
        {"oversight.control": {}}.
    memory : dict
        What the rule remembers of a world: at most eight numbers by name, with their values at
        the start of every world.

    Raises
    ------
    Refusal
        Where `memory` has too many names, or a name or number that cannot be remembered.
    """

    def __init__(
        self,
        decide: Decide,
        name: str,
        settings: dict[str, object],
        memory: Mapping[str, float] | None = None,
    ):
        self.name = name
        self.settings = settings
        self.memory = _checked(name, memory or {})
        self.decide = decide
        self._rule: Rule | None = None
        self.__doc__ = decide.__doc__

    def prepare(self, tables) -> None:
        """Compile the rule, unless that was done and nothing that it reads has changed since.

        Parameters
        ----------
        tables : tables of a scenario
            The parameters of the policy.

        Raises
        ------
        Refusal
            Where the rule cannot be compiled, draws random numbers of its own, or reads an
            observation that nothing fills under these tables.
        """
        try:
            check_source(self.decide, tables)
            if self._rule is None or self._rule.is_outdated():
                self._rule = None
                self._rule = Rule(self.decide, self.memory)
        except Refusal as refusal:
            raise self._refusal(refusal) from refusal.__cause__

    def set_levers(self, tile):
        """Set the levers of every column of a tile.

        Raises Refusal where the rule fails, and where a lever is not a finite number.
        """
        try:
            self._compiled().set_levers(tile.worlds)
        except Refusal as refusal:
            raise self._refusal(refusal) from refusal.__cause__

    def let_call(self, batch):
        """Let the compiled months of a batch, in this thread, call the rule."""
        try:
            self._compiled().let_call(batch.call)
        except Refusal as refusal:
            raise self._refusal(refusal) from refusal.__cause__

    def check(self, tile, batch):
        """Raise Refusal if the compiled months of a batch have ended because the rule failed."""
        if batch.call[FAILED]:
            try:
                self._compiled().refuse(tile.worlds)
            except Refusal as refusal:
                raise self._refusal(refusal) from refusal.__cause__

    def _compiled(self) -> Rule:
        """The compiled rule."""
        if self._rule is None:  # in a process to which the policy was sent
            self._rule = Rule(self.decide, self.memory)
        return self._rule

    @property
    def digest(self) -> str:
        """A digest of the rule, of all that it reads, and of its first memory."""
        digest = digest_of(self.decide)
        if digest.startswith(UNSTABLE) or not self.memory:
            return digest
        return f"{digest} remembers {self.memory}"

    def _refusal(self, refusal: Refusal) -> Refusal:
        """The same with the name of the policy before every sentence."""
        return Refusal(f"policy '{self.name}': {line}" for line in refusal.lines)

    def __reduce__(self):
        return _received, (dumps(self.decide), self.name, self.settings, self.memory)

    def __repr__(self):
        return f"Policy({self.name!r}, settings={self.settings!r})"


def _received(decide: bytes, *others) -> Policy:
    """The policy that another process has sent."""
    return Policy(loads(decide), *others)


def _checked(policy: str, memory: Mapping[str, float]) -> dict[str, float]:
    """The first values of what a policy remembers.  Raises Refusal."""
    place = f"policy '{policy}': memory"
    if not isinstance(memory, Mapping):
        raise Refusal(f'{place}: found {shown(memory)}; allowed is such as {{"since": 0.0}}')
    if len(memory) > MOST_MEMORY:
        raise Refusal(f"{place}: found {len(memory)} numbers; allowed are at most {MOST_MEMORY}")
    for name, value in memory.items():
        a_name = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
        if not a_name or name.startswith("_"):
            allowed = "allowed are names as of variables in Python that do not begin with '_'"
            raise Refusal(f"{place}: found the name {shown(name)}; {allowed}")
        if name in Observation._fields:
            raise Refusal(f"{place}: {name} is what overseers observe; memory needs another name")
        if not isinstance(value, Real) or not math.isfinite(value):
            raise Refusal(f"{place}: {name}: found {shown(value)}; allowed are finite numbers")
    return {name: float(value) for name, value in memory.items()}


@overload
def policy(
    function: Decide,
    *,
    name: str | None = None,
    title: str | None = None,
    settings: Mapping[str, object] | None = None,
    memory: Mapping[str, float] | None = None,
) -> Policy:
    """The policy that is made of a function."""


@overload
def policy(
    function: None = None,
    *,
    name: str | None = None,
    title: str | None = None,
    settings: Mapping[str, object] | None = None,
    memory: Mapping[str, float] | None = None,
) -> Callable[[Decide], Policy]:
    """A decorator that makes a policy of a function."""


def policy(
    function: Decide | None = None,
    *,
    name: str | None = None,
    title: str | None = None,
    settings: Mapping[str, object] | None = None,
    memory: Mapping[str, float] | None = None,
) -> Policy | Callable[[Decide], Policy]:
    """Make a policy of a function from (observation, levers) to levers.

    `levers.set(growth=0.0)` changes some levers and keeps the others.  With `memory`, the
    function takes a third argument, which keeps its numbers from month to month in each world.

    The function is compiled, so it may use numbers, `math`, numpy's scalar functions and
    other functions of these.  What it reads from outside is fixed for a run when the run begins.
    It is called each month, after the equations of section 7.1 of the model have set the levers.

    Where it would fail in Python, the run ends with a `Refusal` that names the world and the
    month.  Random numbers come from `Observation.draw`; those of other sources are refused.

    Parameters
    ----------
    function : callable
        Takes an `Observation`, the `Levers` of the month and, with `memory`, a `Memory`; returns
        `Levers`.
    name : str, optional
        The name of the policy; by default that of the function.
    title : str, optional
        How tables and figures write it, on one line of at most 40 letters; by default its name
        with spaces for "_".
    settings : mapping, optional
        What the policy sets over the scenario: values by dotted key, such as
        {"oversight.audit_budget": 0.05}, or whole tables, such as {"oversight.control": {}}.
    memory : mapping, optional
        What the function remembers of a world: at most eight finite numbers by name, such as
        {"since": 0.0}, with their values at the start of every world.

    Returns
    -------
    Policy
        Or, where no function is passed, a decorator that makes one.

    Raises
    ------
    TypeError
        Where the function does not take exactly two arguments, or three with `memory`.
    Refusal
        Where `memory` has too many names, or a name or number that cannot be remembered.
    """

    def wrap(decide):
        decide = getattr(decide, "py_func", decide)  # of a function that is compiled already
        if not inspect.isfunction(decide):
            raise TypeError(f"a policy is made of a function, not of {decide!r}")
        taken = "(observation, levers, memory)" if memory else "(observation, levers)"
        if len(inspect.signature(decide).parameters) != taken.count(",") + 1:
            raise TypeError(f"{decide.__name__} must take {taken}")
        own = {} if title is None else {"title": title}
        return Policy(decide, name or decide.__name__, {**(settings or {}), **own}, memory)

    return wrap if function is None else wrap(function)
