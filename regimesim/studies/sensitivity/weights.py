"""How much one parameter matters to the outcome: indices, effects, and the outcome alone."""

from dataclasses import dataclass
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.studies.parameter_points import Parameter

ENDS = Estimate._fields[:3]  # of an index or an effect; their `n` is that of the study


class Moved(NamedTuple):
    """The outcome with one parameter at the value `at` and all others at their central values."""

    at: float
    estimate: float | None
    low: float | None
    high: float | None


class Rest(NamedTuple):
    """Parameters that have indices only together: the variance that all of them explain.

    keys: their dotted names · total, first: their Sobol indices as one group, None where these
    are too uncertain to be given.
    """

    keys: tuple[str, ...]
    total: Estimate | None
    first: Estimate | None

    def plain(self) -> dict:
        """Plain values and None, as in sensitivity.json."""
        return {
            "parameters": list(self.keys),
            "total": _plain(self.total),
            "first": _plain(self.first),
        }


def _plain(one: Estimate | None) -> dict | None:
    return one and {end: getattr(one, end) for end in ENDS}


@dataclass(frozen=True)
class Weight:
    """How much one parameter matters; None for what was not measured.

    Attributes
    ----------
    parameter : Parameter
        Its key, and how it varies.
    total, first : Estimate, optional
        Sobol indices: shares of the variance of the outcome.
    mu_star : Estimate, optional
        Mean size of the elementary effects, in the unit of the outcome.
    sigma : float, optional
        Their standard deviation.
    no_effect : bool, optional
        Whether no estimate of a run changed wherever the parameter alone changed.
    alone : tuple of Moved, optional
        The outcome with the parameter at its 5 % and at its 95 % quantile.
    vague : bool
        Whether its total index is None because it is too uncertain to be given.
    """

    parameter: Parameter
    total: Estimate | None = None
    first: Estimate | None = None
    mu_star: Estimate | None = None
    sigma: float | None = None
    no_effect: bool | None = None
    alone: tuple[Moved, Moved] | None = None
    vague: bool = False

    @property
    def key(self) -> str:
        """The dotted name of the parameter."""
        return self.parameter.key

    @property
    def changed_alone(self) -> float | None:
        """The size of the change of the outcome from one end of the parameter to the other; None
        where that was not run, or where the outcome does not exist at an end."""
        ends = [end.estimate for end in self.alone or ()]
        return abs(ends[1] - ends[0]) if ends and None not in ends else None

    @property
    def moves(self) -> bool:
        """Whether screening moved the outcome, or may have."""
        return bool(self.mu_star) and (self.mu_star.estimate != 0 or self.changed_alone != 0)

    @property
    def order(self) -> tuple:
        """The key to sort by: total index, then mu*, then the change alone, the greatest first.
        One whose total index is vague may matter most, and stands before all others; parameters
        without effect come last."""
        sizes = [one and one.estimate for one in (self.total, self.mu_star)]
        sizes.append(self.changed_alone)
        return (
            bool(self.no_effect),
            not self.vague,
            *(1.0 if size is None else -size for size in sizes),
        )

    def plain(self) -> dict:
        """Plain values and None, as in sensitivity.json."""
        estimates = {name: getattr(self, name) for name in ("total", "first", "mu_star")}
        return {
            "range": self.parameter.varies,
            "unit": self.parameter.unit,
            "words": self.parameter.words,
            **{name: _plain(one) for name, one in estimates.items()},
            "sigma": self.sigma,
            "no_effect": self.no_effect,
            "alone": self.alone and [end._asdict() for end in self.alone],
        }

    def row(self) -> dict:
        """A row of a table."""
        row: dict = {"parameter": self.key}
        for name in ("total", "first", "mu_star"):
            one = getattr(self, name)
            for end in ENDS:
                column = name if end == "estimate" else f"{name}_{end}"
                row[column] = one and getattr(one, end)
        return {**row, "sigma": self.sigma, "no_effect": self.no_effect}
