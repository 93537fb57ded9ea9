"""What a policy costs: growth that is lost, audits that are spent, and false alarms."""

import numpy as np

from regimesim.analysis.estimand_table import YEAR
from regimesim.analysis.estimates import (
    CONFIDENCE,
    NOTHING,
    Estimate,
    mean,
)
from regimesim.analysis.present_worlds import MONTHS_RUN, confidence, present_worlds

ROUNDING = 1e-12
COSTS = {
    "growth_lost_to_taxes": "doublings of growth lost to taxes, mean over labs",
    "growth_lost_to_pauses": "doublings of growth lost to pauses, mean over labs",
    "months_paused": "months of growth paused, mean over labs",
    "audits_spent": "share of trajectories audited, summed over months",
    "alarms": "months in which an evaluation crossed the red line",
    "false_alarms": "such months while takeover was favourable for no system",
}


def costs(worlds, policy: str) -> dict:
    """What a policy cost in the worlds of a run: each of COSTS with its 95 % interval.

    `per_world` is the total until the world was lost or the run ended: a lost world has no
    further costs, so policies that lose early look cheap.  `per_year` is the mean of what each
    world paid in a year until then, which makes policies comparable.  `years` is the mean number
    of these years.  The share of growth that a policy cost is the estimand `growth_lost`.
    """
    worlds = present_worlds(worlds)
    rows, level = worlds.rows(policy), confidence(worlds)
    years = rows[MONTHS_RUN] / YEAR
    return {
        "per_world": {name: mean(rows[name], level)._asdict() for name in COSTS},
        "per_year": {name: mean(rows[name] / years, level)._asdict() for name in COSTS},
        "years": mean(years, level, (0.0, worlds.months / YEAR))._asdict(),
    }


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
