"""Estimates from groups of worlds, with their intervals, their cost and warnings.

Intervals are Student's on the logarithm, because totals of groups are above 0 and skewed.
"""

import math
from collections.abc import Iterator

import numpy as np

from regimesim.analysis.conditional import effective
from regimesim.analysis.estimates import exact_interval
from regimesim.model.dynamics.anticipation import FIRST_TRY_LOST, TAKEOVER
from regimesim.studies.rare.splitting import GroupResult

ESTIMANDS = {"takeover": TAKEOVER, "first_try_lost": FIRST_TRY_LOST}
TAIL = 0.01  # that an interval leaves at either end, of totals that are not skewed
HEAVY = 0.2  # share of the total of one group or world above which there is a warning
FEW = 30  # effective worlds below which there is a warning
APART = 4.0  # standard errors between pilots and the rest above which there is a warning
PILOTS = {"plain": "without splitting", "explored": "exploring", "taught": "with splitting"}


def chances_of(groups: list[GroupResult]) -> np.ndarray:
    """The estimates of each group, (groups, CHANCES)."""
    return np.array([group.chances for group in groups])


def worlds_of(groups: list[GroupResult]) -> np.ndarray:
    """The probability of a takeover of each initial world of all groups."""
    return np.concatenate([group.of_worlds[TAKEOVER] for group in groups])


def effective_worlds(values) -> float:
    """How many of the worlds make up the total."""
    scaled = values / (np.max(values, initial=0.0) or 1.0)  # squares of small numbers are 0
    return float(effective(scaled.sum(), np.sum(scaled**2)))


def relative_variance(totals) -> float:
    """The relative variance of the mean of independent totals; infinite where all are 0."""
    middle = totals.mean()
    return float(np.var(totals / middle, ddof=1) / len(totals)) if middle > 0.0 else math.inf


def relative_error(groups: list[GroupResult]) -> float:
    """The largest relative standard error of the estimates."""
    return max(math.sqrt(relative_variance(totals)) for totals in chances_of(groups).T)


def interval(totals, worlds: int) -> tuple[float, float]:
    """The 95 % interval of the mean of independent totals: Student's, on the logarithm.

    Totals are skewed, so that means that are too low look more precise than they are; and no
    more groups are simulated once they look alike.  So either end leaves 1 % (TAIL) of what is
    not skewed, instead of 2.5 %.

    Where all totals are 0 the upper end is that of a share of which `worlds` show nothing: the
    probability of a failure in a world is at most 1.
    """
    from scipy.special import stdtrit

    variance = relative_variance(totals)
    if math.isinf(variance):
        return 0.0, float(exact_interval(0, worlds)[1])
    reach = math.exp(stdtrit(len(totals) - 1, 1 - TAIL) * math.sqrt(variance))
    middle = float(totals.mean())
    return middle / reach, min(1.0, middle * reach)


def summary(scenario, pilots, groups, size: int, goal: float, split: bool) -> dict:
    """The estimates of a policy, with their intervals and how they were made."""
    before = [group for some in pilots for group in some]
    work = sum(group.system_months for group in before + groups)
    worlds, totals = worlds_of(groups), chances_of(groups)
    result = {
        "method": "splitting" if split else "integrated hazard",
        "groups": len(groups),
        "worlds_a_group": size,
        "pilot_groups": len(before),
        "worlds": size * (len(before) + len(groups)),
        "system_months": work,
        "effective_worlds": effective_worlds(worlds),
        "heaviest_world": float(worlds.max() / worlds.sum()) if worlds.any() else 0.0,
        "pilots": {
            name: float(chances_of(some)[:, TAKEOVER].mean()) if some else None
            for name, some in pilots._asdict().items()
        },
    }
    for name, row in ESTIMANDS.items():
        estimate = float(totals[:, row].mean())
        low, high = interval(totals[:, row], len(worlds))
        result[name] = {"estimate": estimate, "low": low, "high": high}
        result[name] |= _against_plain(estimate, totals[:, row], scenario, work)
    result["heaviest_group"] = float(
        totals[:, TAKEOVER].max() / max(totals[:, TAKEOVER].sum(), 1e-300)
    )
    result["reached"] = bool(relative_error(groups) <= goal)
    result["warnings"] = list(_warnings(result, pilots, totals[:, TAKEOVER]))
    return result


def _against_plain(estimate, totals, scenario, work) -> dict:
    """How many worlds of full length would give the same precision if failures were counted.

    That is (1 − P)/(P·relative variance); None where no failure occurred, where nothing varies,
    and where failure is so likely that chance has the estimate at 1 or above.
    """
    variance = relative_variance(totals)
    unknown = dict.fromkeys(("plain_worlds", "plain_system_months", "fewer"))
    if math.isinf(variance):
        return {"relative_error": None} | unknown
    if variance == 0.0:
        return {"relative_error": 0.0} | unknown
    if estimate >= 1.0:
        return {"relative_error": math.sqrt(variance)} | unknown
    worlds = (1.0 - estimate) / (estimate * variance)
    months = worlds * scenario.systems * scenario.months
    return {
        "relative_error": math.sqrt(variance),
        "plain_worlds": worlds,
        "plain_system_months": months,
        "fewer": months / work,
    }


def _warnings(result: dict, pilots, totals) -> Iterator[str]:
    """Signs that an estimate may miss some of the probability."""
    if result["heaviest_world"] > HEAVY:
        yield f"one world carries {100 * result['heaviest_world']:.0f} % of the total"
    elif result["heaviest_group"] > HEAVY:
        yield f"one group carries {100 * result['heaviest_group']:.0f} % of the total"
    if not totals.any():
        yield "in no world does any attempt occur that could succeed"
        return
    if result["effective_worlds"] < FEW:
        yield f"only {result['effective_worlds']:.0f} initial worlds make up the total"
    for name, words in PILOTS.items():
        some = getattr(pilots, name)
        if not some:
            continue
        seen = chances_of(some)[:, TAKEOVER]
        spread = math.hypot(_standard_error(seen), _standard_error(totals))
        if seen.mean() - totals.mean() > APART * spread:
            yield f"pilots {words} estimate {seen.mean():.2g}, more than the final groups"


def _standard_error(totals) -> float:
    return float(totals.std(ddof=1) / math.sqrt(len(totals)))
