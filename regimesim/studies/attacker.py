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
from typing import NamedTuple

from regimesim.errors import Refusal, nearest
from regimesim.model.world.records import MONITORS
from regimesim.scenario import Scenario
from regimesim.scenario.parameters import Tables, active, declared_by_key
from regimesim.scenario.plausible_ranges import plausible
from regimesim.studies.ranges import Varied, idle, read_ranges, values_in, vary

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


class Evasion(NamedTuple):
    """How an attacker may evade one safeguard.

    Attributes
    ----------
    key : str
        The parameter.
    own, end : float
        The scenario's value, of a distribution its median, and the end of the plausible range
        to which the whole effort moves it.
    """

    key: str
    own: float
    end: float

    def at(self, share: float) -> float:
        """The value at a share of the effort."""
        return self.own + share * (self.end - self.own)


@dataclass(frozen=True)
class AttackerSpace:
    """What an attacker of one policy may choose.

    Attributes
    ----------
    policy : str
        The policy.
    varied : tuple of Varied
        The parameters, each with its range.
    evasions : mapping of str to Evasion
        The safeguards among which the attacker chooses its target; empty where it does not.
    left_out : mapping of str to str
        Why parameters of the attacker are not among them, by key.
    """

    policy: str
    varied: tuple[Varied, ...]
    evasions: Mapping[str, Evasion]
    left_out: Mapping[str, str]

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets among which the attacker chooses: nobody, a safeguard, or all evenly."""
        if not self.evasions:
            return ()
        several = (EVENLY,) if len(self.evasions) > 1 else ()
        return (NOBODY, *self.evasions, *several)

    @property
    def names(self) -> tuple[str, ...]:
        """What the attacker chooses: the keys of parameters, and the target."""
        return (*(one.key for one in self.varied), *((TARGET,) if self.evasions else ()))

    def settings(self, choices: Mapping[str, float | str]) -> dict[str, float]:
        """The values of parameters, by key, that belong to some choices by name.

        What is not chosen is not set, so that it stays as in the scenario.
        """
        settings = {name: value for name, value in choices.items() if name != TARGET}
        settings |= self.evaded(str(choices.get(TARGET, NOBODY)))
        return {key: float(value) for key, value in settings.items()}

    def evaded(self, target: str) -> dict[str, float]:
        """The values of the parameters of evasion, by key, at a target."""
        if target == NOBODY:
            return {}
        chosen = list(self.evasions) if target == EVENLY else [target]
        return {self.evasions[s].key: self.evasions[s].at(1 / len(chosen)) for s in chosen}


def attacker_space(
    scenario: Scenario,
    policy: str,
    over: Mapping[str, object] | Iterable[str] = (),
    moves_budget: bool = False,
) -> AttackerSpace:
    """What an attacker of a policy may choose.

    Parameters
    ----------
    scenario : Scenario
        It has the policy.
    policy : str
        Its name.
    over : mapping or iterable of str
        Texts "KEY", "KEY=LOW:HIGH", "target" or "all", or a mapping from keys to (low, high) or
        None.  By default, and with "all", every choice of the attacker that acts under the
        policy, over its plausible range, widened to hold the value of the scenario.
    moves_budget : bool
        Whether the policy has a rule in Python, which may move its audit budget.

    Returns
    -------
    AttackerSpace

    Raises
    ------
    Refusal
        For what belongs to the overseer, what would change nothing, and where nothing is left.
    """
    wanted = read_over(scenario, over)
    everything = wanted.pop(ALL, ()) is None or not wanted
    varied, left_out = {}, {}
    for key in dict.fromkeys([*(OWN if everything else ()), *(set(wanted) - {TARGET})]):
        reason = idle_attack(scenario, policy, key, moves_budget)
        if reason and key in wanted:
            raise Refusal(f"{OVER}: {key}: {reason}")
        if reason:
            left_out[key] = reason
        else:
            varied[key] = wanted.get(key) or vary(key, None, values_in(scenario, key))
    evasions: dict[str, Evasion] = {}
    if everything or TARGET in wanted:
        evasions = _evasions(scenario, policy, varied)
        if not evasions:
            left_out[TARGET] = f"policy '{policy}' has no safeguard that can be evaded further"
            if TARGET in wanted:
                raise Refusal(f"{OVER}: {TARGET}: {left_out[TARGET]}")
    if not varied and not evasions:
        raise Refusal(f"{OVER}: the attacker has no choice that acts under policy '{policy}'")
    order = [*OWN, *OF_EVADED, *declared_by_key()]
    in_order = sorted(varied.values(), key=lambda one: order.index(one.key))
    return AttackerSpace(policy, tuple(in_order), evasions, left_out)


def read_over(scenario: Scenario, over) -> dict[str, Varied | None]:
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
    return read_ranges(over or (), OVER, make, forms)


def overseers(key: str) -> str | None:
    """Why a parameter is not the attacker's to choose, or None."""
    if key in OF_ATTEMPTS or not key.startswith(OVERSEERS):
        return None
    return f"belongs to the overseer; the nearest of the attacker's own is '{nearest(key, OWN)}'"


def idle_attack(
    scenario: Scenario, policy: str, key: str, moves_budget: bool = False
) -> str | None:
    """Why a parameter would change nothing under a policy, or None.

    moves_budget: whether a rule in Python may move the policy's audit budget.
    """
    if reason := idle(scenario, policy, key):
        return reason
    tables = scenario.policies[policy]
    oversight, nothing = tables.oversight, f"would change nothing: policy '{policy}'"
    if key == "cognition.sandbagging" and oversight.evaluations is None:
        return f"{nothing} has no oversight.evaluations"
    if key == "cognition.audit_sight" and not (moves_budget or _moves_budget(tables)):
        return f"{nothing} never changes its audit budget"
    if key == "oversight.control.monitor_collusion" and oversight.control.monitor != "untrusted":
        return f"{nothing} has a trusted monitor, which never looks away"
    return None


def _moves_budget(tables: Tables) -> bool:
    """Whether the audit budget of a policy, that of no rule in Python, ever moves."""
    if not any(active(tables)[name] for name in MONITORS):
        return False
    by_event = any(event.set.audit_budget is not None for event in tables.events)
    return tables.oversight.adaptive is not None or by_event


def why(name: str) -> str:
    """Why something is the attacker's choice, in words; that of the user where it is not."""
    if name == TARGET or name in OF_EVADED:
        return WHY_EVADED
    return OWN.get(name, "named with --over")


def _evasions(scenario, policy, varied) -> dict[str, Evasion]:
    """The safeguards of a policy that can be evaded further than they are."""
    evasions = {}
    for safeguard, (key, is_high) in EVADED.items():
        if key in varied or getattr(scenario.policies[policy].oversight, safeguard) is None:
            continue
        if idle_attack(scenario, policy, key):
            continue
        own = next(values_in(scenario.choose([policy]), key))
        low, high = plausible(key).around(own)[:2]
        end = high if is_high else low
        if end != own:
            evasions[safeguard] = Evasion(key, own, end)
    return evasions
