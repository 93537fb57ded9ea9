"""The monitors, once: what the model knows of each besides its parameters.

Everything that is done with monitors loops over this table: what an attempt meets
(`miss_probability.py`), what catches it (`detection.py`), and what is recorded.  How one is
added: docs/extending.md.  The one safeguard that audits nothing is in `honeypots.py`.
"""

from collections.abc import Callable
from typing import NamedTuple

from regimesim.model.oversight import control, cot_monitor, interpretability
from regimesim.model.oversight.frontier_guard import frontier_guard
from regimesim.model.world.draws import CATCH
from regimesim.model.world.records import MONITORS

SYSTEM, LAB, PARADIGM = "system", "lab", "paradigm"


class Row(NamedTuple):
    """One monitor: a row of the table.

    name: of its table below [oversight], a `Monitor` · differs_by: SYSTEM, LAB or PARADIGM,
    with which its strength differs · face: the stage that writes its strength d′ into
    `scratch.strength[EARNEST]`; of (system, lab, world, scratch, parameters, stack), of (lab,
    scratch, parameters), or of (paradigm from 0, scratch, parameters) · guard: the stage of
    (lab, scratch, parameters, stack) that writes into `scratch.monitor` the capability by
    which it is rated under the curve "elo" · purpose, word: of its own exponential draw.
    """

    name: str
    differs_by: str
    face: Callable
    guard: Callable
    purpose: int
    word: int


TABLE = (
    Row("control", SYSTEM, control.face, control.guard, CATCH, 1),
    Row("cot_monitor", PARADIGM, cot_monitor.face, frontier_guard, CATCH, 2),
    Row("interpretability", LAB, interpretability.face, frontier_guard, CATCH, 3),
)


def check(table: tuple[Row, ...], declared: tuple[str, ...]) -> None:
    """Raise TypeError unless the table has one row for each monitor that is declared, in
    that order, and no two share a draw."""
    rows = tuple(row.name for row in table)
    if rows != declared:
        raise TypeError(f"monitors declared: {declared}; rows of the table: {rows}")
    draws = [(CATCH, 0), *((row.purpose, row.word) for row in table)]
    if len(set(draws)) < len(draws):
        raise TypeError("two monitors share a draw, or one uses the common shock's")


check(TABLE, MONITORS)
