"""The model held against numbers that nobody chose here: targets, ours, and whether they agree."""

from regimesim.validation.held import validate

__all__ = ["validate"]
