"""What overseers use: the tables below [oversight]."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar

from pydantic import model_validator

from regimesim.errors import shown
from regimesim.scenario.declaration import (
    LINE,
    Choice,
    Four,
    Group,
    Number,
    Quantity,
    Switch,
    contradiction,
    extent,
    plain,
)
from regimesim.scenario.measurement import MeasuredBy, Measurement
from regimesim.scenario.monitor_strength import completed, left_below
from regimesim.scenario.operating_point import OperatingPoint, Point

SHADE_ARENA = "SHADE-Arena, best monitor (arXiv 2506.15740)"
SCALING_LAWS = "form: scaling laws for scalable oversight (arXiv 2504.18530)"
COMMON_CAUSE = "form: β-factor model of reliability engineering"
CURVES = Choice(("binormal", "logistic", "elo"))
SHARE = Quantity("share", 0, 1)
SLOPE = Quantity("", 0.1, 3)
EVASION = Quantity("d′ a doubling", 0, 5)
ONSET = Quantity("doublings", -10, 100)
TAX = Quantity("share of growth", -0.9, 0.9)
ELO_LINE = Quantity(
    "Elo; slope in Elo a doubling", -1e4, 1e4, SCALING_LAWS, parts=LINE, optional=True
)


def bound(group: Group, key: str, part: int | None = None) -> tuple[float, float]:
    """The lowest and the highest number that `key` of `group` can turn out to be."""
    quantity = group_quantity(type(group), key)
    value = getattr(group, key)
    return extent(value if part is None else value[part], quantity)


@cache
def group_quantity(group: type[Group], key: str) -> Quantity:
    """The declaration of `key` in `group`."""
    return next(mark for mark in group.model_fields[key].metadata if isinstance(mark, Quantity))


class Safeguard(Group):
    """The parameters that every safeguard has: what can catch an attempt."""

    tax: Annotated[Number, TAX] = 0
    """Growth that the safeguard costs its lab. Below 0 it helps growth."""


class Monitor(Safeguard):
    """The parameters of a safeguard that audits trajectories within a budget."""

    AREA: ClassVar[str] = "strength"  # what it states beside its slope

    share: Annotated[Number, SHARE] = 1
    """Weight of this monitor when the monitors of a lab divide the audit budget."""

    slope: Annotated[Number, SLOPE] = 1
    """Slope of the ROC curve: below 1 a larger audit budget adds less to what is caught."""

    curve: Annotated[str, CURVES] = "binormal"
    """Detection curve: from strength and audit budget to the chance of a catch."""

    operating_point: Annotated[OperatingPoint | None, Point()] = None
    """A point of the ROC curve, beside auroc or strength, which gives the slope, or without."""

    measured: Annotated[Measurement | None, MeasuredBy()] = None
    """A monitor.json, which gives area (or strength) and slope with their uncertainty."""

    guard: Annotated[Four | None, ELO_LINE] = None
    """Elo of the guard against its capability, a clipped line. Only with the curve "elo"."""

    evader: Annotated[Four | None, ELO_LINE] = None
    """Elo of the evading system against its capability. Only with the curve "elo"."""

    @classmethod
    def left_below(cls, below: Mapping, above: Mapping) -> dict:
        return left_below(below, above)

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, raw):
        return completed(raw, cls.AREA) if isinstance(raw, Mapping) else raw

    @model_validator(mode="after")
    def _lines_belong_to_elo(self):
        sides = ("guard", "evader")
        missing = [key for key in sides if self.curve == "elo" and getattr(self, key) is None]
        if missing:
            wanted = " and ".join(f"{key} = [{', '.join(LINE)}]" for key in missing)
            raise contradiction((missing[0], "curve"), f'missing; the curve "elo" needs {wanted}')
        for key in sides:
            line = getattr(self, key)
            if self.curve != "elo" and line is not None:
                reason = f'found with the curve "{self.curve}"; it is used by the curve "elo" only'
                raise contradiction((key, "curve"), reason)
            if line is not None and bound(self, key, 0)[1] > bound(self, key, 3)[0]:
                reason = f"found {shown(plain(line))}; the floor must never lie above the ceiling"
                raise contradiction((key,), reason)
        return self


class Control(Monitor):
    """A monitor that inspects what systems do, trusted (weak, safe) or untrusted (strong)."""

    AREA: ClassVar[str] = "auroc"

    monitor: Annotated[str, Choice(("trusted", "untrusted"))] = "trusted"
    """A trusted monitor is too weak to scheme. An untrusted one is the lab's own frontier."""

    auroc: Annotated[Number, Quantity("area", 0.5, 0.9999, SHADE_ARENA)] = 0.87
    """Area under the ROC curve of a monitor as capable as the system that it watches."""

    monitor_slope: Annotated[Number, Quantity("d′ a doubling", 0, 5)] = 0.15
    """Strength that each doubling of capability over the watched system gives the monitor."""

    monitor_lag: Annotated[Number, Quantity("doublings", 0, 60)] = 3
    """How far a trusted monitor lies behind the frontier of its lab."""

    trusted_cap: Annotated[Number, Quantity("doublings", -10, 100)] = 6
    """Capability above which no monitor can be trusted."""

    monitor_collusion: Annotated[Number, Quantity("share", 0, 1)] = 1
    """How readily an untrusted monitor looks away when systems of its kind favour takeover."""


class CotMonitor(Monitor):
    """A monitor that reads the chain of thought, as far as it is faithful."""

    strength: Annotated[Number, Quantity("d′", 0, 20)] = 2
    """Strength of the monitor where the chain of thought shows all of the reasoning."""

    evasion: Annotated[Number, EVASION] = 0.05
    """Strength that each doubling of a system's capability above the onset takes from it."""

    evasion_onset: Annotated[Number, ONSET] = 10
    """Capability from which systems can hide their reasoning from the monitor."""


class Interpretability(Monitor):
    """A probe of the internal states of systems."""

    strength: Annotated[Number, Quantity("d′", 0, 20)] = 0.8
    """Strength of the probe before safety knowledge adds to it and erosion takes from it."""

    evasion: Annotated[Number, EVASION] = 0.05
    """Strength that each doubling of a system's capability above the onset takes from it."""

    evasion_onset: Annotated[Number, ONSET] = 10
    """Capability from which systems can hide their internal states from the probe."""


class Honeypots(Safeguard):
    """Staged opportunities for an attempt that are traps: they catch systems that take them."""

    traps: Annotated[Number, Quantity("share", 0, 1)] = 0.3
    """Share of the opportunities for an attempt that are traps."""

    seen_through_limit: Annotated[Number, ONSET] = 10
    """Capability up to which a system cannot recognise a trap."""

    seen_through_scale: Annotated[Number, Quantity("doublings", 0.01, 1000)] = 3
    """Growth in capability beyond that limit over which half of the traps are seen through."""


class Evaluations(Group):
    """Tests of capability that warn and may trigger a response; they never catch an attempt."""

    eval_margin: Annotated[Number, Quantity("doublings", -20, 60)] = 3
    """How far below the capability needed for takeover overseers draw their red line."""

    eval_noise: Annotated[Number, Quantity("doublings", 0, 5)] = 1
    """Standard deviation of a reported capability."""

    redline_error: Annotated[Number, Quantity("doublings", 0, 5)] = 1
    """Standard deviation of the overseers' error about the red line, drawn once per world."""

    response: Annotated[str, Choice(("warn", "pause", "restrict"))] = "warn"
    """What a report above the red line does: nothing but warn, slow growth, or cut access."""

    eval_response: Annotated[Number, Quantity("share", 0, 1)] = 0.8
    """How much of growth, or of access to the world, the response takes away."""


class Correction(Group):
    """Corrective training: flag a behaviour and train on its opposite."""

    correction_strength: Annotated[Number, Quantity("share a month", 0, 1)] = 0.05
    """How much of the remaining story incidents a month of corrective training suppresses."""

    desire_targeting: Annotated[Number, Quantity("share", 0, 1)] = 0
    """Share of the training pressure that reaches goals. The rest teaches concealment."""

    correction_goal_shift: Annotated[Number, Quantity("logits a month", 0, 5)] = 0.05
    """How far a month of fully targeted training raises the share of values met."""

    probe_erosion: Annotated[Number, Quantity("natural log a month", 0, 5)] = 0.02
    """How fast training that misses goals wears down the interpretability probe."""

    flagged_by_cot: Annotated[Number, Quantity("share", 0, 1)] = 0
    """Share of the training that needs behaviour flagged by a chain-of-thought monitor."""


class RedTeam(Group):
    """Exercises from which overseers infer their catch rate."""

    red_team: Annotated[int, Quantity("exercises a month", 0, 1000, whole=True)] = 10
    """Number of red-team exercises in a month."""

    elicitation_gap: Annotated[Number, Quantity("", -1, 10)] = 0.8
    """How much stronger safeguards look in exercises than in earnest. 0 makes exercises honest."""

    memory: Annotated[Number, Quantity("share kept a month", 0, 1)] = 0.9
    """How much of the evidence about catching is still counted a month later."""


class Beliefs(Group):
    """How incidents change the belief of overseers in danger."""

    danger_prior: Annotated[Number, Quantity("log-odds", -50, 50)] = -4
    """Belief in danger without any evidence. -4 is about 2 %."""

    memory_danger: Annotated[Number, Quantity("share kept a month", 0, 1)] = 0.95
    """How much of a shift of that belief is left a month later."""

    strike_evidence: Annotated[Number, Quantity("log-odds", 0, 50)] = 3
    """What a strike that is recognised as strategic adds to the belief in danger."""

    story_evidence: Annotated[Number, Quantity("log-odds", 0, 50)] = 0.05
    """What a story incident, a feint or an unrecognised strike adds to it."""

    alarm_evidence: Annotated[Number, Quantity("log-odds", 0, 50)] = 0.5
    """What a month with an alarm of the evaluations adds to it."""

    attribution: Annotated[Number, Quantity("probability", 0, 1)] = 1
    """Chance that a strike is recognised as strategic and not mistaken for a story."""

    discovery: Annotated[Number, Quantity("probability", 0, 1)] = 0.5
    """Chance that overseers find out about a failed strike that no safeguard caught."""


class Adaptive(Group):
    """An audit budget that follows the risk that overseers believe in."""

    adaptation: Annotated[Number, Quantity("per month", 0, 10)] = 0.2
    """How fast the budget moves when believed risk differs from what is tolerated."""

    risk_tolerance: Annotated[Number, Quantity("probability", 1e-9, 1)] = 0.003
    """Believed risk at which the budget stays. The default is 2 % danger, a sixth of it missed."""

    audit_min: Annotated[Number, Quantity("share of trajectories", 0, 1)] = 0.005
    """The lowest audit budget."""

    audit_max: Annotated[Number, Quantity("share of trajectories", 0, 1)] = 0.2
    """The highest audit budget."""

    @model_validator(mode="after")
    def _least_is_not_above_most(self):
        if bound(self, "audit_min")[1] > bound(self, "audit_max")[0]:
            least, most = shown(plain(self.audit_min)), shown(plain(self.audit_max))
            reason = f"found {least}; it must never lie above audit_max, which is {most}"
            raise contradiction(("audit_min", "audit_max"), reason)
        return self


class Pause(Group):
    """Slowing growth while overseers believe in danger."""

    pause_threshold: Annotated[Number, Quantity("probability", 0, 1)] = 0.5
    """Belief in danger above which a pause is called."""

    pause_strength: Annotated[Number, Quantity("share of growth", 0, 1)] = 0.8
    """How much of growth a pause takes away from a lab that complies."""

    pause_compliance: Annotated[Number, Quantity("probability", 0, 1)] = 1
    """Chance that a lab complies with pauses, drawn once per world."""


class Oversight(Group):
    """The safeguards and responses of a policy, and what they share."""

    audit_budget: Annotated[Number, Quantity("share of trajectories", 0, 1)] = 0.03
    """Share of trajectories that the monitors of a lab audit together: their false positives."""

    trajectories: Annotated[Number, Quantity("trajectories", 1, 1e4)] = 3
    """Number of trajectories, whole runs of an agent, that an attempt takes."""

    recognition: Annotated[Number, Quantity("probability", 0, 1)] = 0.95
    """Chance that those who audit an attempt, or an exercise, see what it is."""

    recognition_limit: Annotated[Number, ONSET] = 10
    """Capability up to which attempts are such that people recognise them."""

    recognition_scale: Annotated[Number, Quantity("doublings", 0.01, 1000)] = 4
    """Growth in capability beyond that limit over which attempts become half as recognisable."""

    common_cause: Annotated[Number, Quantity("share", 0, 1, COMMON_CAUSE)] = 0.2
    """How far safeguards fail together. 0 is independent, 1 is all or none."""

    tax: Annotated[Number, TAX] = 0
    """Growth that the policy costs apart from its safeguards. Below 0 it helps growth."""

    drop_rate: Annotated[Number, Quantity("per month and doubling", 0, 1000)] = 0
    """Rate at which a lab drops its safeguards, times their tax and its lag behind the leader."""

    control: Annotated[Control | None, Switch] = None
    cot_monitor: Annotated[CotMonitor | None, Switch] = None
    interpretability: Annotated[Interpretability | None, Switch] = None
    honeypots: Annotated[Honeypots | None, Switch] = None
    evaluations: Annotated[Evaluations | None, Switch] = None
    correction: Annotated[Correction | None, Switch] = None
    red_team: RedTeam = RedTeam()
    beliefs: Beliefs = Beliefs()
    adaptive: Annotated[Adaptive | None, Switch] = None
    pause: Annotated[Pause | None, Switch] = None

    @model_validator(mode="after")
    def _growth_stays_positive(self):
        groups = {name: getattr(self, name) for name in type(self).model_fields}
        taxed = [name for name, group in groups.items() if isinstance(group, Safeguard)]
        least = bound(self, "tax")[0] + sum(bound(groups[name], "tax")[0] for name in taxed)
        if least >= 1:
            keys = ("tax", *(f"{name}.tax" for name in taxed))
            reason = f"the taxes of this policy add up to {least:g}; they must stay below 1"
            raise contradiction(keys, reason)
        return self

    @model_validator(mode="after")
    def _some_monitor_audits(self):
        groups = {name: getattr(self, name) for name in type(self).model_fields}
        monitors = {name: one for name, one in groups.items() if isinstance(one, Monitor)}
        if monitors and all(bound(one, "share")[1] == 0 for one in monitors.values()):
            keys = tuple(f"{name}.share" for name in monitors)
            others = "no other monitor has a share" if len(keys) == 1 else "so have the others"
            raise contradiction(keys, f"found 0; {others}, so nobody spends the audit budget")
        return self

    @model_validator(mode="after")
    def _adaptive_budget_begins_in_its_range(self):
        if self.adaptive is None:
            return self
        least, most = bound(self.adaptive, "audit_min")[0], bound(self.adaptive, "audit_max")[1]
        low, high = bound(self, "audit_budget")
        if high < least or low > most:
            keys = ("audit_budget", "adaptive.audit_min", "adaptive.audit_max")
            ends = f"{shown(float(least))} to {shown(float(most))}"
            reason = f"found {shown(plain(self.audit_budget))}; with adaptive = true it stays "
            raise contradiction(keys, f"{reason}between audit_min and audit_max, {ends}")
        return self
