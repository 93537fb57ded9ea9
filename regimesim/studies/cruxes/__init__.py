"""Cruxes: which parameters make two scenarios disagree."""
