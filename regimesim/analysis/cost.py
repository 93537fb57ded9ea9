"""What a policy costs: growth that is lost, audits that are spent, and false alarms."""

import json

import numpy as np

from regimesim.analysis.estimands import values
from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    Estimate,
    mean,
)
from regimesim.analysis.labels import attribute
from regimesim.analysis.present_worlds import confidence, crossing, present_worlds
from regimesim.errors import Refusal, shown
from regimesim.model.world.records import SAFEGUARDS

ROUNDING = 1e-12
COSTS = {
    "growth_lost": "doublings of growth lost to taxes and pauses, mean over labs",
    "growth_lost_to_taxes": "doublings of growth lost to taxes",
    "growth_lost_to_pauses": "doublings of growth lost to pauses",
    "audits_spent": "audit budget, summed over months; 0 where no safeguard watches",
    "alarms": "months in which an evaluation crossed the red line",
    "false_alarms": "such months while takeover was favourable for no system",
}


def costs(worlds, policy: str) -> dict:
    """What a policy cost in the worlds of a run: each of COSTS with its 95 % interval.

    `per_world` is the total until the world was lost or the run ended: a lost world has no
    further costs, so policies that lose early look cheap.  `per_year` is divided by the years
    until then, which makes policies comparable.  `years` is the mean number of these years.
    """
    worlds = present_worlds(worlds)
    rows = {name: _cost(worlds, policy, name) for name in COSTS}
    end, months = crossing(worlds, policy, "takeover"), worlds.months
    level = confidence(worlds)
    years = np.where(np.isnan(end), months, end + 1.0) / 12
    return {
        "per_world": {name: mean(row, level)._asdict() for name, row in rows.items()},
        "per_year": {name: ratio(row, years, level)._asdict() for name, row in rows.items()},
        "years": mean(years, level, (0.0, months / 12))._asdict(),
    }


def _cost(worlds, policy, name) -> np.ndarray:
    if name == "growth_lost":
        taxes = values(worlds, policy, "growth_lost_to_taxes")
        return taxes + values(worlds, policy, "growth_lost_to_pauses")
    row = values(worlds, policy, name)
    return np.zeros_like(row) if name == "audits_spent" and not _watched(worlds, policy) else row


def _watched(worlds, policy) -> bool:
    """Whether a safeguard of the policy audits at all: without one no budget is spent."""
    policies = json.loads(attribute(worlds, "scenario_json", "worlds"))["policies"]
    if policy not in policies:
        raise Refusal(
            f"worlds: the attribute 'scenario_json' has no policy {shown(policy)}, whose costs "
            "depend on its safeguards; summarise the runs one by one"
        )
    tables = policies[policy]
    return any(tables["oversight"][name] is not False for name in SAFEGUARDS)


def ratio(above, below, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of `above` over the mean of `below` in the same worlds, by the delta method.

    It has no interval where the ratio is the same in every world.
    """
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    both = ~(np.isnan(above) | np.isnan(below))
    above, below = above[both], below[both]
    if below.size == 0 or below.mean() == 0:
        return NOTHING
    middle = float(above.mean() / below.mean())
    rest = above - middle * below
    # What rounding leaves of equal ratios depends on the order of the worlds.
    rest[np.abs(rest) <= ROUNDING * np.abs(above).max()] = 0.0
    linear = mean(middle + rest / below.mean(), confidence)
    return linear._replace(estimate=middle)
