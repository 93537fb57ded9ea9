"""The kinds of designs, and the table [sweep] of a scenario file."""

from typing import Annotated

from regimesim.scenario.declaration import Choice, Group, Quantity, Text

GRID, ZIP, TABLE = "grid", "zip", "table"
SAMPLED = ("latin_hypercube", "sobol")
KINDS = (GRID, ZIP, *SAMPLED, TABLE)
LINEAR, LOG = "linear", "log"
SCALES = (LINEAR, LOG)
MOST_POINTS = 10_000_000
CHOSEN = "chosen for each sweep"


class SweepTable(Group):
    """What a sweep of the scenario varies, and how. A run of the scenario reads none of it."""

    design: Annotated[str, Choice(KINDS, CHOSEN)] = GRID
    """How points are made: all combinations, side by side, drawn (two ways), or from a file."""

    points: Annotated[
        int | None, Quantity("points", 1, MOST_POINTS, CHOSEN, whole=True, optional=True)
    ] = None
    """Number of points of a latin_hypercube or, a power of 2, of a sobol design."""

    table: Annotated[str, Text(r"[^\x00-\x1f]{0,1000}", "the path of a CSV file")] = ""
    """A CSV file with a header of dotted keys and a row a point; its path is from this file."""
