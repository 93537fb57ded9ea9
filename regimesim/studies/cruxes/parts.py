"""How much a group of parameters adds to the difference of two scenarios."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.studies.cruxes.groups import Differing

EFFECTS = ("shapley", "alone", "last")


@dataclass(frozen=True)
class Part:
    """The part of one group of parameters.

    Attributes
    ----------
    group : str
        Its name.
    differing : tuple of Differing
        The parameters of the group.
    shapley : Estimate
        The change that it makes, averaged over all orders of going from A to B.
    alone, last : Estimate
        The change that it makes in A by itself, and after all other groups are as in B.
    no_world_differs : bool
        Whether no combination has a world whose outcome it changes.
    """

    group: str
    differing: tuple[Differing, ...]
    shapley: Estimate
    alone: Estimate
    last: Estimate
    no_world_differs: bool

    @property
    def order(self) -> tuple[bool, float]:
        """The key to sort by: the greatest Shapley value first, those that are not known last."""
        size = self.shapley.estimate
        return size is None, -abs(size or 0.0)

    def known(self, known: Callable[[Estimate], Estimate]) -> "Part":
        """The part with each effect as `known` gives it."""
        return replace(self, **{name: known(getattr(self, name)) for name in EFFECTS})

    def plain(self) -> dict:
        """Plain values, as in cruxes.json."""
        return {
            **{name: getattr(self, name)._asdict() for name in EFFECTS},
            "parameters": {one.key: [one.ours, one.theirs] for one in self.differing},
            "no_world_differs": self.no_world_differs,
        }

    def row(self) -> dict:
        """A row of a table."""
        row: dict = {"group": self.group}
        for name in EFFECTS:
            one = getattr(self, name)
            row |= {name: one.estimate, f"{name}_low": one.low, f"{name}_high": one.high}
        return {**row, "parameters": self.plain()["parameters"]}


class Interaction(NamedTuple):
    """The change that two groups make together, beyond the changes of each by itself."""

    groups: tuple[str, str]
    estimate: Estimate

    def plain(self) -> dict:
        """Plain values, as in cruxes.json."""
        return {"groups": list(self.groups), **self.estimate._asdict()}
