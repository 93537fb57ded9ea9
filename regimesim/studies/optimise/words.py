"""Estimands and estimates of an optimum in words."""

from collections.abc import Mapping

from regimesim.analysis.estimand_table import UNITS
from regimesim.analysis.formatting import interval, percent_interval
from regimesim.analysis.policy_cells import SAFE

SAID = {
    SAFE: "worlds without a takeover",
    "growth_lost": "growth lost",
    "audited": "trajectories audited",
    "months_paused_a_year": "months paused a year",
    "false_alarms_a_year": "months with a false alarm a year",
}


def said(estimand: str) -> str:
    """An estimand in words."""
    return SAID.get(estimand, estimand)


def cell(estimate: Mapping, estimand: str) -> str:
    """An estimate with its interval: of a pure number in percent."""
    if UNITS[estimand] == "1":
        return percent_interval(estimate)
    return interval(estimate, 2)


def value(estimate: Mapping, estimand: str) -> str:
    """An estimate with its interval in a sentence, as in "12.3 % (10.1-14.2)"."""
    written = cell(estimate, estimand)
    if UNITS[estimand] != "1" or estimate["estimate"] is None:
        return written
    middle, space, between = written.partition(" ")
    return f"{middle} %{space}{between}"
