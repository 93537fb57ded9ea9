"""Rare failures have no figures: two probabilities a policy are read in a table."""

FIGURES = ()
