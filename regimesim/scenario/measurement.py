"""A measured monitor: monitor.json, as a value of a scenario.

A file that a scenario names is read once, and its numbers take its place, so that the results of a
run hold what they were made from.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from regimesim.errors import Refusal, shown
from regimesim.scenario.distribution import Distribution, is_finite
from regimesim.scenario.quantity import refused

CURVES = ("binormal", "logistic")
RESULT = "monitor.json"
MADE_BY = "`regimesim monitor`"
IN_PYTHON = "rs.monitor"  # in the place of a path
LARGEST = 2**26
AREAS = (0.5, 0.9999)
LEAST_MASS = 1e-6


@dataclass(frozen=True)
class CurveFit:
    """A fitted curve: mean and standard deviation of its area and of d′, median of its slope and
    deviation of its logarithm, and the rank correlations of area and of d′ with the slope."""

    auroc: float
    auroc_sd: float
    strength: float
    strength_sd: float
    slope: float
    slope_sigma: float
    auroc_with_slope: float
    strength_with_slope: float

    def distribution(self, key: str) -> Distribution | float:
        """What `auroc`, `strength` or `slope` is in a world; a number where nothing is open."""
        spread = {
            "auroc": self.auroc_sd,
            "strength": self.strength_sd,
            "slope": self.slope_sigma,
        }[key]
        if spread == 0.0:
            return getattr(self, key)
        if key == "strength":
            return Distribution("normal", (self.strength, spread))
        if key == "slope":
            return Distribution("lognormal", (self.slope, spread))
        sharp = self.auroc * (1.0 - self.auroc) / spread**2 - 1.0
        return Distribution("beta", (self.auroc * sharp, (1.0 - self.auroc) * sharp))


@dataclass(frozen=True)
class Measurement:
    """A measured monitor.

    file, sha256: where it was read · binormal, logistic: the fitted curves.
    """

    file: str
    sha256: str
    binormal: CurveFit
    logistic: CurveFit

    def fit(self, curve: str) -> CurveFit:
        """The fit of a curve."""
        return self.logistic if curve == "logistic" else self.binormal

    def plain(self) -> dict:
        """As a scenario holds it."""
        return asdict(self)


class MeasuredBy:
    """The declaration of a measured monitor: the path of a file, or what was read from it."""

    kind = "table"
    unit = ""
    source = "assumption"
    range = f"the path of a {RESULT} of {MADE_BY}"
    parts = ()

    def read(self, raw: Any) -> Measurement | None:
        """The measurement of `raw`; a pydantic error for what is none."""
        if raw is None or isinstance(raw, Measurement):
            return raw
        try:
            if isinstance(raw, str):
                return read_measurement(raw)
            return _of_plain(raw)
        except Refusal as refusal:
            raise refused(refusal.lines[0]) from None

    def __get_pydantic_core_schema__(self, _annotated, _handler):
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)


def read_measurement(path: str | Path) -> Measurement:
    """The measurement in a file, or in a folder of results.  Raises Refusal."""
    path = Path(os.path.expanduser(path))
    path = path / RESULT if path.is_dir() else path
    start = f"{path}: "
    try:
        if path.stat().st_size > LARGEST:
            raise Refusal(f"{start}is too large for a {RESULT}")
        written = path.read_bytes()
        content = json.loads(written)
    except OSError as error:
        raise Refusal(f"{start}cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise Refusal(f"{start}is not JSON; allowed is {MeasuredBy.range}") from None
    return _of_content(content, str(path), hashlib.sha256(written).hexdigest())


def measurement_of(result: Any) -> Measurement | None:
    """The measurement that `rs.monitor` returned, or the content of its file; None for what is
    neither.  Raises Refusal."""
    content = result.to_dict() if hasattr(result, "to_dict") else result
    if not isinstance(content, Mapping) or "curves" not in content:
        return None
    text = json.dumps(content, sort_keys=True, default=str)
    return _of_content(content, IN_PYTHON, hashlib.sha256(text.encode()).hexdigest())


def _of_content(content: Any, file: str, sha256: str) -> Measurement:
    """The measurement in the content of a monitor.json.  Raises Refusal."""
    start = f"{file}: "
    if not isinstance(content, Mapping) or not isinstance(content.get("curves"), Mapping):
        raise Refusal(f"{start}has no table 'curves'; allowed is {MeasuredBy.range}")
    if content.get("unit") != "trajectory":
        unit = shown(content.get("unit"))
        words = "the model audits trajectories; measure with --unit trajectory"
        raise Refusal(f"{start}its unit is {unit}, and {words}")
    fits = [_curve_fit(start, content["curves"], name) for name in CURVES]
    return Measurement(file, sha256, *fits)


def _curve_fit(start: str, curves: Mapping, name: str) -> CurveFit:
    try:
        one = curves[name]
        numbers = (
            one["auroc"]["mean"],
            one["auroc"]["sd"],
            one["strength"]["mean"],
            one["strength"]["sd"],
            one["slope"]["median"],
            one["slope"]["sigma"],
            one["auroc_with_slope"],
            one["strength_with_slope"],
        )
    except (KeyError, TypeError):
        raise Refusal(f"{start}has no whole fit 'curves.{name}'; write it again") from None
    return _checked(start, name, numbers)


def _checked(start: str, name: str, numbers) -> CurveFit:
    """A fit of these numbers.  Raises Refusal."""
    if not all(map(is_finite, numbers)):
        raise Refusal(f"{start}curves.{name} holds what is no finite number; write it again")
    fit = CurveFit(*map(float, numbers))
    spreads = (fit.auroc_sd, fit.strength_sd, fit.slope_sigma)
    correlations = (fit.auroc_with_slope, fit.strength_with_slope)
    sound = 0 < fit.auroc < 1 and fit.slope > 0 and min(spreads) >= 0
    if not sound or fit.auroc_sd**2 >= fit.auroc * (1 - fit.auroc):
        raise Refusal(f"{start}curves.{name} states no area with a spread; write it again")
    if max(map(abs, correlations)) >= 1:
        raise Refusal(f"{start}curves.{name} states a correlation beyond -1 and 1; write it again")
    area = fit.distribution("auroc")
    low, high = AREAS
    inside = area.mass(low, high) if isinstance(area, Distribution) else low <= area <= high
    if inside < LEAST_MASS:
        area_words = f"the {name} area {fit.auroc:.3g} with a deviation of {fit.auroc_sd:.2g}"
        raise Refusal(f"{start}holds {area_words}; allowed is an area of {low:g} to {high:g}")
    return fit


def _of_plain(raw: Any) -> Measurement:
    """A measurement from what `plain` wrote.  Raises Refusal."""
    names = [field.name for field in fields(Measurement)]
    if not isinstance(raw, Mapping) or set(raw) != set(names):
        raise Refusal(f"found {shown(raw)}; allowed is {MeasuredBy.range}")
    inner = [field.name for field in fields(CurveFit)]
    fits = []
    for name in CURVES:
        one = raw[name]
        if not isinstance(one, Mapping) or set(one) != set(inner):
            raise Refusal(f"{name}: found {shown(one)}; allowed is a fit of {MADE_BY}")
        fits.append(_checked("", name, [one[key] for key in inner]))
    if not isinstance(raw["file"], str) or not isinstance(raw["sha256"], str):
        raise Refusal(f"found {shown(raw)}; allowed is {MeasuredBy.range}")
    return Measurement(raw["file"], raw["sha256"], *fits)


def score_correlation(rank: float) -> float:
    """The correlation of normal scores that gives a rank correlation, 2 sin(πr/6)."""
    return float(f"{2.0 * math.sin(math.pi * rank / 6.0):.12g}")  # the same on every machine


def measurements_in(raw: Any) -> Iterator[tuple[str, str]]:
    """(file, SHA-256) of each measurement in a raw scenario whose files were read."""
    if not isinstance(raw, Mapping):
        return
    for key, value in raw.items():
        if key == "measured" and isinstance(value, Mapping) and "sha256" in value:
            yield str(value.get("file")), str(value["sha256"])
        else:
            yield from measurements_in(value)
