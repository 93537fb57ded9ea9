"""The assumptions behind a policy: which numbers they are, and between which values they move.

A number that can act under the policy is an assumption unless overseers choose it: what the
policy itself sets (outside the tables of its safeguards and responses), and `CHOICES`.  How strong
a safeguard is, what it costs and how it is evaded are assumptions, and so is how many labs adopt
the policy where the policy does not say; how much is audited is not.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import Quantity, declared_in, plain
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.parameters import SAFEGUARD_NAMES, SWITCHED, Settings, Tables
from regimesim.studies.parameter_points import (
    ADOPTERS,
    LEVEL,
    Fitted,
    Number,
    numbers_of,
    plausible_ends,
)
from regimesim.studies.ranges import Ends, idle, read_ranges
from regimesim.sweeps.axes import Drawn

ALL = "all"
# What overseers choose, whether or not the policy writes it down.
CHOICES = frozenset(
    {
        "feedback.density_floor",
        "paradigm.hold",
        "takeover.real_world_contact",
        "training.inoculation",
        "oversight.audit_budget",
        *(f"oversight.{name}.share" for name in SAFEGUARD_NAMES),
        "oversight.honeypots.traps",
        "oversight.evaluations.eval_margin",
        "oversight.evaluations.eval_response",
        "oversight.correction.desire_targeting",
        "oversight.correction.flagged_by_cot",
        "oversight.red_team.red_team",
        "oversight.adaptive.adaptation",
        "oversight.adaptive.risk_tolerance",
        "oversight.adaptive.audit_min",
        "oversight.adaptive.audit_max",
        "oversight.pause.pause_threshold",
        "oversight.pause.pause_strength",
    }
)
DIGITS = 4  # of a value that is run, so that it can be printed exactly
WIDE = 10.0  # between positive ends of at least this ratio, values are searched in equal ratios


class Assumption(NamedTuple):
    """A number that the policy does not choose, and the values between which it moves.

    Attributes
    ----------
    key : str
        Its dotted name; one number of a list has the name of its part appended.
    low, high : float
        The ends of its plausible range, or of the range in `over`.
    value : object
        The value in the scenario as it is written there: a number, a distribution or a fit.
    centre : float
        This number, or the median of the distribution.
    whole : bool
        Whether only whole numbers count.
    unit, words : str
        Its unit and description.
    """

    key: str
    low: float
    high: float
    value: object
    centre: float
    whole: bool
    unit: str
    words: str

    @property
    def is_fixed(self) -> bool:
        """Whether the scenario sets a number and no distribution."""
        return not isinstance(self.value, Mapping)

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high

    def share(self, value: float) -> float:
        """How much of the range lies between the centre and a value.

        A centre outside the range counts as the end that is nearest to it.
        """
        start = min(max(self.centre, self.low), self.high)
        return abs(value - start) / (self.high - self.low)

    def at_share(self, share: float, end: float) -> float:
        """The value that lies a share of the range from the centre, towards an end."""
        start = min(max(self.centre, self.low), self.high)
        step = min(share * (self.high - self.low), abs(end - start))
        return self.written(start + step if end > start else start - step)

    def between(self, one: float, other: float) -> float:
        """A value half-way between two others, as it is searched."""
        least, most = sorted((one, other))
        middle = (least + most) / 2
        if least > 0 and most >= WIDE * least:
            middle = (least * most) ** 0.5
        return self.written(middle)

    def written(self, value: float) -> float:
        """A value rounded so that it can be written down."""
        return float(round(value)) if self.whole else float(f"{value:.{DIGITS}g}")

    def plain(self, value: float) -> float | int:
        """A value as it is set in a scenario."""
        return int(value) if self.whole else value


def assumptions_of(scenario: Scenario, policy: str, over=None) -> tuple[Assumption, ...]:
    """The assumptions that are moved, in the order of declaration.

    over: texts "KEY", "KEY=LOW:HIGH" or "all", or a mapping from keys to (low, high) or None; by
    default all assumptions.  What is named may also be a choice of overseers.  Raises Refusal with
    a sentence for each that cannot move.
    """
    known = numbers_of(scenario, policy)

    def make(key, ends):
        everything = key == ALL and ends is None
        return None if everything else _named(scenario, policy, known, key, ends)

    named = read_ranges(over or (), "--over", make, "KEY, KEY=LOW:HIGH or all")
    if ALL in named or not named:
        named.pop(ALL, None)
        for key, number in known.items():
            if key not in named and _is_assumption(scenario, policy, key):
                named[key] = _assumption(scenario, key, number)
    order = {key: place for place, key in enumerate(known)}
    return tuple(sorted(named.values(), key=lambda one: order[one.key]))


def _is_assumption(scenario: Scenario, policy: str, key: str) -> bool:
    if key in CHOICES or idle(scenario, policy, key):
        return False
    return of_a_safeguard(key) or not is_set(overlay_of(scenario, policy), key)


def overlay_of(scenario: Scenario, policy: str) -> Mapping:
    """What a policy sets itself; empty where the scenario has no table of policies."""
    return (scenario.raw.get("policies") or {}).get(policy) or {}


def of_a_safeguard(key: str) -> bool:
    """Whether a number belongs to the table of a safeguard or response."""
    first, *others = key.split(".")
    return first == "oversight" and others[0] in SWITCHED


def is_set(overlay: Mapping, key: str) -> bool:
    """Whether nested tables set a dotted key; that of a part of a list by its list."""
    for name in key.split("."):
        if not isinstance(overlay, Mapping):
            return True
        if name not in overlay:
            return False
        overlay = overlay[name]
    return True


def _named(scenario, policy, known: Mapping[str, Number], key: str, ends: Ends | None):
    """The assumption of a key in `over`."""
    if key in Settings.model_fields:
        raise Refusal(f"is a setting of the run; set it with --set {key}=VALUE")
    if key not in known:
        reason = idle(scenario, policy, key) if key in _declared() else None
        close = nearest(key, known)
        raise Refusal(reason or f"is no number of policy '{policy}'; the nearest is '{close}'")
    if reason := idle(scenario, policy, key):
        raise Refusal(reason)
    return _assumption(scenario, key, known[key], ends)


def _declared() -> set[str]:
    return {declared.key for declared in declared_in(Tables)}


def _assumption(scenario, key, number: Number, ends: Ends | None = None) -> Assumption:
    quantity = number.declared.quantity
    for end in ends or ():
        _check_end(quantity, end)
        if key == ADOPTERS and end > scenario.labs:
            labs = f"{scenario.labs} lab{'s' if scenario.labs > 1 else ''}"
            raise Refusal(f"found {shown(end)}; a world has {labs}")
    low, high = ends or plausible_ends(scenario, key)
    centre = _centre(scenario, key, number)
    unit = f"of {scenario.labs} labs" if key == ADOPTERS else quantity.unit
    about = quantity.whole, unit, number.declared.words
    return Assumption(key, float(low), float(high), plain(number.value), centre, *about)


def _check_end(quantity: Quantity, end: float):
    if quantity.whole and end != int(end):
        raise Refusal(f"found {shown(end)}; allowed is a whole number, {quantity.range}")
    if not quantity.allows(end):
        raise Refusal(f"found {shown(end)}; allowed is {quantity.range}")


def _centre(scenario: Scenario, key: str, number: Number) -> float:
    """The number that the scenario sets, or the median of its distribution."""
    value, half = number.value, np.array([0.5])
    if isinstance(value, Distribution):
        return float(np.ravel(Drawn(value, number.declared.quantity).at(half))[0])
    if isinstance(value, Fit):
        return float(Fitted(value, scenario.start, key == LEVEL).at(half)[0])
    return float(value)
