"""A number that is not known: a distribution, or a fit to measurements."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from statistics import NormalDist
from typing import Any

from regimesim.scenario.growth import AnyGrowth, growth_of

KINDS = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sigma"),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "beta": ("a", "b"),
}
CENTRAL = {"ci80": 0.8, "ci90": 0.9}  # central intervals, by the probability in them
FROM_INTERVAL = ("normal", "lognormal")
FITS = ("metr",)
FIRST_YEAR, LAST_YEAR = 2019, 2025
OF_A_FILE = ("file", "since", "until", "quantile", "version")  # what a fit to a file may say
FIT_FORMS = (
    '{fit = "metr", since = 2019} or {fit = {file = "..."}}, '
    f"which may also have {', '.join(OF_A_FILE[1:])}"
)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of one of `KINDS`, drawn once a world and truncated to a declared range.

    `numbers` are in the order of `KINDS[kind]`; `sigma` is in natural logarithms.
    """

    kind: str
    numbers: tuple[float, ...]

    @classmethod
    def of_interval(cls, kind: str, name: str, low: float, high: float) -> "Distribution":
        """The normal or lognormal distribution with a central interval.

        Parameters
        ----------
        kind : str
            One of `FROM_INTERVAL`.
        name : str
            One of `CENTRAL`: the probability between the ends, with as much below as above.
        low, high : float
            The ends, `low` below `high`; above 0 for a lognormal.

        Returns
        -------
        Distribution
            Before truncation it has exactly these quantiles.
        """
        reach = NormalDist().inv_cdf(0.5 + CENTRAL[name] / 2)  # in standard deviations
        if kind == "normal":
            return cls(kind, (low + (high - low) / 2, (high - low) / 2 / reach))
        middle, half = math.sqrt(low) * math.sqrt(high), (math.log(high) - math.log(low)) / 2
        return cls(kind, (middle, half / reach))

    def plain(self) -> dict:
        """As written in a scenario file."""
        return {self.kind: list(self.numbers)}

    def support(self) -> tuple[float, float]:
        """The lowest and the highest value it can take before truncation."""
        if self.kind in ("uniform", "triangular"):
            return self.numbers[0], self.numbers[-1]
        return {"normal": -math.inf, "lognormal": 0.0, "beta": 0.0}[self.kind], (
            1.0 if self.kind == "beta" else math.inf
        )

    def below(self, x: float) -> float:
        """The probability of a value below `x`."""
        low, high = self.support()
        if x <= low:
            return 0.0
        if x >= high:
            return 1.0
        return _BELOW[self.kind](x, *self.numbers)

    def mass(self, low: float, high: float) -> float:
        """The probability of a value between `low` and `high`."""
        return self.below(high) - self.below(low)

    def flaw(self) -> str | None:
        """What is wrong with its numbers, or None."""
        if self.kind in ("normal", "lognormal"):
            if self.kind == "lognormal" and self.numbers[0] <= 0:
                return "the median of a lognormal is more than 0"
            spread = KINDS[self.kind][1]
            return None if self.numbers[1] >= 0 else f"the {spread} of a {self.kind} is at least 0"
        if self.kind == "beta":
            return None if min(self.numbers) > 0 else "a and b of a beta are more than 0"
        if self.numbers[0] >= self.numbers[-1]:
            return f"low is less than high in a {self.kind}"
        if list(self.numbers) != sorted(self.numbers):
            return "the mode of a triangular lies between low and high"
        return None


def flaw_of_interval(kind: str, written: Mapping) -> str | None:
    """What is wrong with `{ ci80 = [low, high] }` in the place of the numbers of `kind`, or None.

    The ends are numbers already, where there are two.
    """
    numbers = f"[{', '.join(KINDS[kind])}]"
    if kind not in FROM_INTERVAL:
        return f"a {kind} takes {numbers}"
    forms = " or ".join(f"{{ {name} = [low, high] }}" for name in CENTRAL)
    if len(written) != 1 or next(iter(written)) not in CENTRAL:
        return f"a {kind} takes {numbers} or one interval alone, {forms}"
    ((name, ends),) = written.items()
    if not isinstance(ends, list | tuple) or len(ends) != 2 or not all(map(is_finite, ends)):
        return f"{name} takes [low, high], two finite numbers"
    if kind == "lognormal" and min(ends) <= 0:
        return f"the ends of {name} of a lognormal are more than 0"
    if ends[0] >= ends[1]:
        return f"low is less than high in {name}"
    return None


def is_finite(number: Any) -> bool:
    """Whether it is a number, neither infinite nor as large as makes no sense."""
    real = isinstance(number, Real) and not isinstance(number, bool)
    return real and -math.inf < number < math.inf and abs(number) < 1e300


@dataclass(frozen=True, slots=True)
class Fit:
    """A value and its uncertainty, fitted to measurements.

    Without `growth`, these are the measurements `name` in the package, from the year `since` on.
    With it, the line is here, and `origin` says where it came from: the keys of a file's fit.
    """

    name: str = "metr"
    since: float = float(FIRST_YEAR)
    growth: AnyGrowth | None = None
    origin: tuple[tuple[str, Any], ...] = ()

    def plain(self) -> dict:
        """As written in a scenario file."""
        if self.growth is None:
            return {"fit": self.name, "since": self.since}
        return {"fit": {**dict(self.origin), **self.growth.plain()}}

    @property
    def label(self) -> str:
        """By which its draws are keyed: two values of one line are drawn jointly."""
        line = f"{self.name}.{self.since}" if self.growth is None else self.growth.plain()
        return f"fit.{line}"


def fit_of_line(written: Mapping) -> Fit:
    """The fit whose line stands in a scenario, under `fit`.

    Raises ValueError with what is wrong in it.
    """
    if "line" not in written or not set(written) <= {*OF_A_FILE, "line", "link"}:
        raise ValueError(f"a fit is {FIT_FORMS}")
    origin = tuple((key, written[key]) for key in OF_A_FILE if key in written)
    return Fit(growth=growth_of(written), origin=origin)


def as_written(value):
    """A distribution, a fit or growth as a scenario file has it; any other value itself."""
    if isinstance(value, Distribution | Fit):
        return value.plain()
    return {"fit": value.plain()} if isinstance(value, AnyGrowth) else value


def _normal_below(x, mean, sd):
    return 0.5 * math.erfc((mean - x) / sd / math.sqrt(2))


def _lognormal_below(x, median, sigma):
    return _normal_below(math.log(x), math.log(median), sigma)


def _uniform_below(x, low, high):
    return (x - low) / (high - low)


def _triangular_below(x, low, mode, high):
    if x <= mode:
        return (x - low) / (high - low) * ((x - low) / (mode - low))
    return 1 - (high - x) / (high - low) * ((high - x) / (high - mode))


def _beta_below(x, a, b):
    """The regularised incomplete beta function, by its continued fraction."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_below(1 - x, b, a)
    front = a * math.log(x) + b * math.log1p(-x)
    front -= math.log(a) + math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    # Evaluated forwards (Lentz): value = product of the ratios of successive convergents.
    tiny = 1e-300
    upper, lower = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    value = lower
    for m in range(1, 20_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            lower = 1 / (1 + term * lower or tiny)
            upper = 1 + term / upper or tiny
            value *= upper * lower
        if abs(upper * lower - 1) < 1e-12:
            break
    return math.exp(front) * value


_BELOW: dict[str, Callable[..., float]] = {
    "normal": _normal_below,
    "lognormal": _lognormal_below,
    "uniform": _uniform_below,
    "triangular": _triangular_below,
    "beta": _beta_below,
}
