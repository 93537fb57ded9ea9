"""An operating point of a monitor: at an audit share fpr, a look catches the share tpr.

A curve has two numbers, its area and its slope.  An operating point fixes one of them where the
other is given.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

from regimesim.errors import shown
from regimesim.scenario.distribution import is_finite
from regimesim.scenario.quantity import refused

FORM = "{ fpr = 0.01, tpr = 0.55 }"
LOGITS = 1.6  # of a unit of d′, in the logistic curve
STEP, REACH = 0.25, 152  # logits, and steps on each side, of the integral over a logistic curve
DIGITS = 12  # of a solution, so that it is the same on every machine
PARTS_OF_RANGE = 200  # in which a slope is looked for
HALVINGS = 60
AREAS = (0.5, 0.9999)  # that a scenario may have
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A point of a ROC curve: false and true positive rate."""

    fpr: float
    tpr: float

    def plain(self) -> dict:
        """As written in a scenario file."""
        return {"fpr": self.fpr, "tpr": self.tpr}


class Point:
    """The declaration of an operating point."""

    kind = "table"
    unit = ""
    source = "assumption"
    range = f"a table such as {FORM}"
    parts = ()

    def read(self, raw: Any) -> OperatingPoint | None:
        """The point of `raw`; a pydantic error for what is none."""
        if raw is None or isinstance(raw, OperatingPoint):
            return raw
        if not isinstance(raw, Mapping) or set(raw) != {"fpr", "tpr"}:
            raise refused(f"found {shown(raw)}; allowed is {self.range}")
        for name, rate in raw.items():
            if not is_finite(rate) or not 0 < rate < 1:
                allowed = "more than 0 and less than 1"
                raise refused(f"{name}: found {shown(rate)}; allowed is {allowed}")
        fpr, tpr = float(raw["fpr"]), float(raw["tpr"])
        if tpr <= fpr:
            reason = (
                f"a monitor with skill catches more than the share {shown(fpr)} that it audits"
            )
            raise refused(f"tpr: found {shown(tpr)}; {reason}")
        return OperatingPoint(fpr, tpr)

    def __get_pydantic_core_schema__(self, _annotated, _handler):
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)


class Solution(NamedTuple):
    """A number that was solved for, or the reason why there is none."""

    value: float | None
    reason: str = ""


def strength_at(point: OperatingPoint, slope: float, curve: str) -> float:
    """The d′ of the curve of this slope through the point. Eqs. 6.6 and 6.7."""
    if curve == "logistic":
        return (_logit(point.tpr) - slope * _logit(point.fpr)) / LOGITS
    through = NORMAL.inv_cdf(point.tpr) - slope * NORMAL.inv_cdf(point.fpr)
    return through / math.sqrt(0.5 * (1.0 + slope * slope))


def area_at(point: OperatingPoint, slope: float, curve: str) -> float:
    """The area under the curve of this slope through the point."""
    strength = strength_at(point, slope, curve)
    if curve == "logistic":
        return logistic_area(LOGITS * strength, slope)
    return NORMAL.cdf(strength / math.sqrt(2.0))


@lru_cache(maxsize=256)
def solve_area(point: OperatingPoint, slope: float, curve: str) -> Solution:
    """The area where the slope is given."""
    area = _rounded(area_at(point, slope, curve))
    if not AREAS[0] <= area <= AREAS[1]:
        reason = f"with slope = {shown(slope)} the area is {area:.6g}"
        return Solution(None, f"{reason}; allowed is {AREAS[0]:g} to {AREAS[1]:g}")
    return Solution(area)


@lru_cache(maxsize=256)
def solve_strength(point: OperatingPoint, slope: float, curve: str) -> Solution:
    """d′ where the slope is given."""
    strength = _rounded(strength_at(point, slope, curve))
    if not 0 <= strength <= 20:
        reason = f"with slope = {shown(slope)} the strength is {strength:.6g}"
        return Solution(None, f"{reason}; allowed is 0 to 20")
    return Solution(strength)


@lru_cache(maxsize=256)
def solve_slope(
    point: OperatingPoint, stated: float, curve: str, low: float, high: float, of_area: bool
) -> Solution:
    """The slope between `low` and `high` where the area, or d′, is given. Eq. 6.8."""
    find = area_at if of_area else strength_at
    name = "auroc" if of_area else "strength"
    roots = _roots(lambda slope: find(point, slope, curve) - stated, low, high)
    if len(roots) == 1:
        return Solution(_rounded(roots[0]))
    start = f"with {name} = {shown(stated)}"
    if roots:
        slopes = " and ".join(f"{root:.4g}" for root in roots)
        return Solution(None, f"{start} the slopes {slopes} fit; give the slope, not {name}")
    ends = sorted(find(point, slope, curve) for slope in (low, high))
    reached = f"{name} is {ends[0]:.4g} to {ends[1]:.4g} at slopes of {low:g} and {high:g}"
    return Solution(None, f"{start} no slope from {low:g} to {high:g} fits; {reached}")


def _roots(gap: Callable[[float], float], low: float, high: float) -> list[float]:
    """Where a smooth function is 0, each by bisection."""
    places = [low + (high - low) * k / PARTS_OF_RANGE for k in range(PARTS_OF_RANGE + 1)]
    gaps = [gap(place) for place in places]
    roots = [place for place, at in zip(places, gaps, strict=True) if at == 0.0]
    for left, right, at_left, at_right in zip(places, places[1:], gaps, gaps[1:], strict=False):
        if at_left * at_right >= 0.0:
            continue
        for _ in range(HALVINGS):
            middle = 0.5 * (left + right)
            if gap(middle) * at_left > 0.0:
                left = middle
            else:
                right = middle
        roots.append(0.5 * (left + right))
    return roots


def logistic_area(lift: float, slope: float) -> float:
    """The area under σ(lift + slope·logit α) over α, by the trapezoidal rule. Eq. 7.5.14."""
    total = 0.0
    for k in range(-REACH, REACH + 1):
        x = STEP * k
        total += _expit(lift + slope * x) * _expit(x) * _expit(-x)
    return total * STEP


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)


def _rounded(x: float) -> float:
    return float(f"{x:.{DIGITS}g}")
