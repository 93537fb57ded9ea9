"""What a group of parameters adds to the disagreement of two scenarios."""

from dataclasses import dataclass
from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.studies.cruxes.groups import Differing


@dataclass(frozen=True)
class Part:
    """The part of one group of parameters.

    Attributes
    ----------
    group : str
        Its name.
    differing : tuple of Differing
        What differs in it.
    shapley : Estimate
        What it changes, averaged over all orders of going from A to B.
    alone, last : Estimate
        What it changes in A by itself, and where all others are as in B already.
    no_world_differs : bool
        Whether it changes the outcome of no world in any combination.
    """

    group: str
    differing: tuple[Differing, ...]
    shapley: Estimate
    alone: Estimate
    last: Estimate
    no_world_differs: bool

    def plain(self) -> dict:
        """Plain values, as in cruxes.json."""
        return {
            **{name: getattr(self, name)._asdict() for name in ("shapley", "alone", "last")},
            "parameters": {one.key: [one.ours, one.theirs] for one in self.differing},
            "no_world_differs": self.no_world_differs,
        }

    def row(self) -> dict:
        """A row of a table."""
        row: dict = {"group": self.group}
        for name in ("shapley", "alone", "last"):
            one = getattr(self, name)
            row |= {name: one.estimate, f"{name}_low": one.low, f"{name}_high": one.high}
        return {**row, "parameters": self.plain()["parameters"]}


class Interaction(NamedTuple):
    """What two groups change together, beyond what each changes by itself."""

    groups: tuple[str, str]
    estimate: Estimate

    def plain(self) -> dict:
        """Plain values, as in cruxes.json."""
        return {"groups": list(self.groups), **self.estimate._asdict()}
