"""Cruxes: which parameters make two scenarios disagree."""

from regimesim.disagreement.measured import cruxes

__all__ = ["cruxes"]
