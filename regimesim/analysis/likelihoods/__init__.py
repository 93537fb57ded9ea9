"""The likelihood of evidence in each world, one module for each kind of evidence.

A module has a function `log_likelihood`, which is pure: from what was seen and what a world shows
to the logarithm of the probability (of a measurement, the density) of the one given the other.
Where its `simulated` is there, it draws what would be seen, from the same law.
`docs/odd.md` has the equations.
"""
