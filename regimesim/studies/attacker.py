"""The attacker: what AI systems that plan against a policy can choose, and what they cannot.

A choice of the attacker is a parameter that describes what systems do, and neither what they are
(goals, capability, awareness) nor what overseers do.  Each varies over its plausible range.

One choice is no parameter of its own: the `target`, the safeguard that is evaded.  The model has a
parameter of evasion for some safeguards.  An attacker has one effort: it moves one of these from
the scenario's value all the way to the end of its plausible range that serves the attacker, or
each of n of them an nth of the way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from regimesim.errors import Refusal, nearest
from regimesim.model.world.records import MONITORS
from regimesim.scenario import Scenario
from regimesim.scenario.columns import Column
from regimesim.scenario.declaration import Distribution
from regimesim.scenario.parameters import Tables, active, declared_by_key
from regimesim.scenario.plausible_ranges import plausible
from regimesim.studies.ranges import Varied, idle_in, read_ranges, values_in, vary
from regimesim.sweeps.axes import Drawn

ALL, TARGET = "all", "target"
NOBODY, EVENLY = "none", "evenly"  # targets that are no single safeguard
OVER = "--over"
OWN = {  # what an attacker chooses, and why it is the attacker's choice
    "cognition.patience": "a system itself decides whether to wait for better odds",
    "cognition.audit_sight": "a system may look at this month's audits before it acts, or not",
    "cognition.sandbagging": "an aware system shows as much of its capability as it wants",
    "conduct.coordination": "willing systems join a strike, or leave it to others",
    "conduct.feint_rate": "a coup that is meant to be caught is staged on purpose",
    "takeover.collusion": "allies help each other as far as they want",
}
EVADED = {  # by safeguard: the parameter of evading it, and whether the attacker wants it high
    "control": ("oversight.control.monitor_collusion", True),
    "cot_monitor": ("oversight.cot_monitor.evasion", True),
    "interpretability": ("oversight.interpretability.evasion", True),
    "honeypots": ("oversight.honeypots.seen_through_limit", False),
}
WHY_EVADED = "hiding from a safeguard takes effort, which goes where the attacker wants it"
OF_EVADED = {key: safeguard for safeguard, (key, _) in EVADED.items()}
# What a policy sets, besides all of [oversight] but the keys below.
OVERSEERS = ("oversight.", "outside.", "events.", "adopters", "paradigm.hold", "feedback.density")
OF_ATTEMPTS = (  # keys of [oversight] that describe systems and their attempts
    *OF_EVADED,
    "oversight.trajectories",
    "oversight.cot_monitor.evasion_onset",
    "oversight.interpretability.evasion_onset",
    "oversight.honeypots.seen_through_scale",
)

Choices: TypeAlias = Mapping[str, float | str]
"""What an attacker has chosen: the values of parameters, and the target, by name."""


class Evasion(NamedTuple):
    """How an attacker may evade one safeguard.

    Attributes
    ----------
    key : str
        The parameter.
    own, end : float
        The policy's value, of a distribution its median, and the end of the plausible range to
        which the whole effort moves it.
    """

    key: str
    own: float
    end: float

    def at(self, share: float) -> float:
        """The value at a share of the effort."""
        return self.own + share * (self.end - self.own)


@dataclass(frozen=True)
class AttackerSpace:
    """What an attacker may choose.

    Attributes
    ----------
    varied : tuple of Varied
        The parameters, each with its range.
    targets : tuple of str
        The targets among which the attacker chooses: nobody, a safeguard, or all evenly; empty
        where it does not choose.
    left_out : mapping of str to str
        Why parameters of the attacker are not among them, by key.
    by_key : frozenset of str
        Safeguards whose evasion varies by its key, so that they are no target.
    """

    varied: tuple[Varied, ...]
    targets: tuple[str, ...]
    left_out: Mapping[str, str]
    by_key: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """What the attacker chooses: the keys of parameters, and the target."""
        return (*(one.key for one in self.varied), *((TARGET,) if self.targets else ()))

    def settings(self, tables: Tables, choices: Choices) -> dict[str, float]:
        """The values of parameters, by key, that choices mean under a policy.

        A choice that the policy gives no occasion for, such as the evasion of a safeguard that
        it does not have, means nothing.

        Parameters
        ----------
        tables : Tables
            The parameters of the policy.
        choices : mapping
            The values of parameters, and the target, by name.  What is not chosen stays as it is.
        """
        numbers = {name: value for name, value in choices.items() if name != TARGET}
        numbers |= self.evaded(tables, str(choices.get(TARGET, NOBODY)))
        return {k: float(v) for k, v in numbers.items() if idle_in(tables, k) is None}

    def evaded(self, tables: Tables, target: str) -> dict[str, float]:
        """The values of the parameters of evasion, by key, that a target means under a policy."""
        evasions = evasions_of(tables, self.by_key)
        chosen = list(evasions) if target == EVENLY else [target]
        return {evasions[s].key: evasions[s].at(1 / len(chosen)) for s in chosen if s in evasions}

    def attacked(self, tables: Tables, choices: Choices) -> Tables:
        """The parameters of a policy with those of an attacker."""
        for key, value in self.settings(tables, choices).items():
            tables = _with(tables, key.split("."), value)
        return tables


def attacker_space(
    scenario: Scenario,
    policies: Mapping[str, Tables],
    over: Mapping[str, object] | Iterable[str] = (),
    option: str = OVER,
) -> AttackerSpace:
    """What an attacker of any of some policies may choose.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    policies : mapping of str to Tables
        The parameters of each policy, by its name.
    over : mapping or iterable of str
        Texts "KEY", "KEY=LOW:HIGH", "target" or "all", or a mapping from keys to (low, high) or
        None.  By default, and with "all", every choice of the attacker that acts under one of
        the policies, over its plausible range, widened to hold the values of the scenario.
    option : str
        What lines of a refusal begin with.

    Raises
    ------
    Refusal
        For what belongs to the overseer, what would change nothing, and where nothing is left.
    """
    wanted = read_over(scenario, over, option)
    everything = wanted.pop(ALL, ()) is None or not wanted
    varied, left_out = {}, {}
    for key in dict.fromkeys([*(OWN if everything else ()), *wanted]):
        if key == TARGET:
            continue
        reasons = [idle_attack(tables, key) for tables in policies.values()]
        if all(reasons):
            left_out[key] = _nowhere(list(policies), reasons[0])
        else:
            varied[key] = wanted.get(key) or vary(key, None, values_in(scenario, key))
    by_key = frozenset(OF_EVADED[key] for key in varied if key in OF_EVADED)
    targets: tuple[str, ...] = ()
    if everything or TARGET in wanted:
        targets = _targets(policies.values(), by_key)
        if not targets:
            left_out[TARGET] = _nowhere(list(policies), "no safeguard that could be evaded more")
    lines = [f"{option}: {key}: {left_out[key]}" for key in wanted if key in left_out]
    if not lines and not varied and not targets:
        lines = [f"{option}: {_nowhere(list(policies), 'nothing that an attacker could choose')}"]
    if lines:
        raise Refusal(lines)
    order = [*OWN, *OF_EVADED, *declared_by_key()]
    in_order = sorted(varied.values(), key=lambda one: order.index(one.key))
    return AttackerSpace(tuple(in_order), targets, left_out, by_key)


def read_over(scenario: Scenario, over, option: str = OVER) -> dict[str, Varied | None]:
    """The choices that `over` names, with their ranges.  Raises Refusal for what is none."""

    def make(key, ends):
        if key in (ALL, TARGET):
            if ends is not None:
                raise Refusal("takes no range")
            return None
        if reason := overseers(key):
            raise Refusal(reason)
        return vary(key, ends, values_in(scenario, key))

    forms = "KEY, KEY=LOW:HIGH, target or all"
    return read_ranges(over or (), option, make, forms, example="as in conduct.coordination=0:0.5")


def overseers(key: str) -> str | None:
    """Why a parameter is not the attacker's to choose, or None."""
    if key in OF_ATTEMPTS or not key.startswith(OVERSEERS):
        return None
    return f"belongs to the overseer; the nearest of the attacker's own is '{nearest(key, OWN)}'"


def idle_attack(tables: Tables, key: str) -> str | None:
    """What a policy has too little of for a choice of the attacker to change anything, or None."""
    if reason := idle_in(tables, key):
        return reason
    oversight = tables.oversight
    if key == "cognition.sandbagging" and oversight.evaluations is None:
        return "no oversight.evaluations"
    if key == "cognition.audit_sight" and not _moves_budget(tables):
        return "an audit budget that never changes"
    if key == "oversight.control.monitor_collusion" and oversight.control.monitor != "untrusted":
        return "a trusted monitor, which never looks away"
    return None


def _moves_budget(tables: Tables) -> bool:
    """Whether the audit budget of a policy ever moves."""
    if not any(active(tables)[name] for name in MONITORS):
        return False
    by_event = any(event.set.audit_budget is not None for event in tables.events)
    return tables.oversight.adaptive is not None or by_event


def _nowhere(policies: list[str], has: str) -> str:
    """The sentence that says that something would change nothing under any of the policies."""
    if len(policies) == 1:
        return f"would change nothing: policy '{policies[0]}' has {has}"
    return f"would change nothing under any of the policies; '{policies[0]}' has {has}"


def why(name: str) -> str:
    """Why something is the attacker's choice, in words; that of the user where it is not."""
    if name == TARGET or name in OF_EVADED:
        return WHY_EVADED
    return OWN.get(name, "named with --over")


def evasions_of(tables: Tables, leave: Iterable[str] = ()) -> dict[str, Evasion]:
    """The safeguards of a policy that can be evaded further than they are, but those to leave."""
    evasions = {}
    for safeguard, (key, is_high) in EVADED.items():
        if safeguard in leave or idle_attack(tables, key):
            continue
        own = own_value(tables, key)
        low, high = plausible(key).around(own)[:2]
        end = high if is_high else low
        if end != own:
            evasions[safeguard] = Evasion(key, own, end)
    return evasions


def own_value(tables: Tables, key: str) -> float:
    """A parameter as a policy has it, of a distribution its median."""
    value = value_in(tables, key)
    if isinstance(value, Distribution):
        return float(Drawn(value, declared_by_key()[key].quantity).at(0.5))
    return float(value.median if isinstance(value, Column) else value)


def value_in(tables: Tables, key: str):
    """A parameter as a policy has it, which may be a distribution."""
    value: Any = tables
    for name in key.split("."):
        value = getattr(value, name)
    return value


def _targets(policies: Iterable[Tables], by_key) -> tuple[str, ...]:
    """Nobody, every safeguard that some policy has, and all evenly where one has several."""
    each = [list(evasions_of(tables, by_key)) for tables in policies]
    known = [safeguard for safeguard in EVADED if any(safeguard in one for one in each)]
    evenly = (EVENLY,) if any(len(one) > 1 for one in each) else ()
    return (NOBODY, *known, *evenly) if known else ()


def _with(tables, path: list[str], value: float):
    """Tables with another value at a path."""
    name, *inner = path
    below = _with(getattr(tables, name), inner, value) if inner else value
    return tables.model_copy(update={name: below})
