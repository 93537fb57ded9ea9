"""What the number P(no takeover) of a policy consists of.

Each composition is a list of parts whose estimates add up to 1.  Where `no_takeover` is a
conditional estimate (`regimesim.analysis.conditional`), so are the probabilities that a first
critical try comes, is held, and is followed by a takeover; what is left is divided in the
proportions that were counted.  So the parts of a composition agree with the estimates that other
studies report.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.conditional import Moments, is_there
from regimesim.analysis.estimand_table import HELD, TRIES
from regimesim.analysis.estimands import reported
from regimesim.analysis.estimates import (
    NOTHING,
    Estimate,
    as_estimate,
    present,
    product,
    share,
)
from regimesim.analysis.present_worlds import PresentWorlds, confidence, present_worlds

if TYPE_CHECKING:
    import xarray

SHARE = (0.0, 1.0)
DIFFERENCE = (-1.0, 1.0)
STORY = "first_try_was_story"
QUANTILES = (0.1, 0.5, 0.9)

# Ways in which a world ends, in the order of the worlds without a try, those that held, and those
# that were lost.
ENDINGS = {
    "never_favourable": "no try, takeover never favourable",
    "deterred": "no try, favourable without safeguards",
    "not_tried": "no try, though favourable despite them",
    "held": "tried, and every critical try held",
    "lost_at_first_try": "lost at the first critical try",
    "lost_later": "lost at a later critical try",
}
WITHOUT_TRY = ("never_favourable", "deterred", "not_tried")
SAFE = (*WITHOUT_TRY, "held")

# Who made the first critical try, and when.
TRIERS = {
    "story": "story incidents",
    "before_it_paid": "strikes before takeover paid (misjudged)",
    "once_it_paid": "strikes once takeover paid",
}

# What held the first critical try, and what lost it.
BY_LOTTERY, BY_SKILL, BY_TRAPS = "by_lottery", "by_skill", "by_traps"
HOLDERS = {
    BY_LOTTERY: "held by audits at random",
    BY_SKILL: "held by the skill of monitors",
    BY_TRAPS: "held by honeypots",
    "lost_to_recognition": "lost, as nobody recognised it",
    "lost_otherwise": "lost, though recognised",
}
UNGUARDED = "lost, as there was no safeguard"
_RECORDED = {
    BY_LOTTERY: ("expected_by_lottery", SHARE),
    BY_SKILL: ("expected_by_skill", DIFFERENCE),
    BY_TRAPS: ("expected_by_traps", SHARE),
    "lost_to_recognition": ("expected_lost_to_recognition", SHARE),
}


class FirstTries(NamedTuple):
    """Who made the first critical tries of a policy, and when.

    Attributes
    ----------
    by : dict of Estimate
        The share of each of `TRIERS` among first critical tries.
    several : Estimate
        The share with several critical attempts in the month of the first try.
    months : tuple of float, or None
        The 10 %, 50 % and 90 % quantiles of the month of the first try, over worlds with one.
    n : int
        Worlds with a critical try.
    """

    by: dict[str, Estimate]
    several: Estimate
    months: tuple[float, float, float] | None
    n: int


class Outcomes(NamedTuple):
    """What held the first critical tries of a policy, and what lost them.

    Attributes
    ----------
    by : dict of Estimate
        The share of each of `HOLDERS` among first critical tries; without an estimate where
        there are too few tries.
    numbers : Estimate
        The share that would be held besides if each try were one of its attempts alone.  It
        overlaps with the shares that were lost.
    """

    by: dict[str, Estimate]
    numbers: Estimate


def holder_words(by: Mapping[str, float | None]) -> dict[str, str]:
    """`HOLDERS` in words, of which the last says so where there was no safeguard.

    Parameters
    ----------
    by : mapping
        The shares of `HOLDERS`.
    """
    none = not any(by[name] for name in _RECORDED)
    return {**HOLDERS, "lost_otherwise": UNGUARDED} if none else dict(HOLDERS)


def endings(worlds: "xarray.Dataset | PresentWorlds", policy: str) -> dict[str, Estimate]:
    """The share of worlds with each of `ENDINGS`, which add up to 1.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    policy : str
        The name of a policy.

    Returns
    -------
    dict of Estimate
        With 95 % intervals.  The first four add up to `no_takeover` as it is reported.
    """
    there = present_worlds(worlds)
    rows, level = there.rows(policy), confidence(there)
    if reported(there, policy, "no_takeover").by == "counts":
        return {name: _counted(kind, level) for name, kind in counted_endings(rows).items()}

    def expected(above):
        return as_estimate(*Moments.of(above).interval(SHARE, level), len(above))

    # flags before numbers, which take eight times the memory
    untried, states = np.isnan(rows["first_critical_try"]), _states(rows)
    tried, lost = rows[TRIES], rows["expected_takeover"]
    # Beyond the first try the expectations of a world may exceed 1.
    most = np.maximum(tried, lost) if tried.mean() < lost.mean() else tried
    shares = _divided(expected(1 - most), states, untried, 1 - most, level)
    shares["held"] = expected(most - lost)
    lost_at_first = tried - rows["expected_held"]
    shares["lost_at_first_try"] = expected(lost_at_first)
    shares["lost_later"] = expected(lost - lost_at_first)
    middles = {name: one.estimate or 0.0 for name, one in shares.items()}
    total = sum(middles.values())  # 1, unless one was beyond its range
    return {name: one._replace(estimate=middles[name] / total) for name, one in shares.items()}


def _states(rows) -> dict[str, np.ndarray]:
    """How far takeover got to pay in each world, whether or not anybody tried."""
    favourable, despite = (
        ~np.isnan(rows[name]) for name in ("favourable", "favourable_despite_safeguards")
    )
    states = (~favourable & ~despite, favourable & ~despite, despite)
    return dict(zip(WITHOUT_TRY, states, strict=True))


def counted_endings(rows) -> dict[str, np.ndarray]:
    """Whether each world ended in each of `ENDINGS` (bool): in exactly one of them.

    Parameters
    ----------
    rows : mapping of str to ndarray, shape (worlds,)
        The worlds of a policy.
    """
    tried, lost = (~np.isnan(rows[name]) for name in ("first_critical_try", "takeover"))
    at_first = rows[HELD] == 0
    kinds = {name: state & ~tried for name, state in _states(rows).items()}
    kinds |= {"held": tried & ~lost, "lost_at_first_try": lost & at_first}
    kinds["lost_later"] = lost & ~at_first
    return kinds


def _counted(flags: np.ndarray, level: float) -> Estimate:
    """The share of worlds with a flag (bool)."""
    return share(int(np.count_nonzero(flags)), flags.size, level)


def _divided(
    whole: Estimate, kinds: Mapping[str, np.ndarray], among: np.ndarray, weights, level: float
) -> dict[str, Estimate]:
    """Divide a share as the worlds `among` which it is were counted.

    kinds: for each kind whether each world is of it, which it is of exactly one.  Where no world
    was counted, there is little to be divided: it is divided by the `weights` of all worlds, and
    each part may be nothing or the whole.
    """
    if among.any():
        return {name: product(whole, _counted(kind[among], level)) for name, kind in kinds.items()}
    weights = np.maximum(weights, 0.0)
    total = weights.sum() or 1.0
    return {
        name: Estimate(float(whole.estimate * (weights @ kind) / total), 0.0, whole.high, whole.n)
        for name, kind in kinds.items()
    }


def first_tries(worlds: "xarray.Dataset | PresentWorlds", policy: str) -> FirstTries:
    """Who made the first critical tries of a policy, and when.

    A strike comes before takeover paid where its month comes before the one in which takeover
    first was favourable despite safeguards, for any system.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    policy : str
        The name of a policy.
    """
    there = present_worlds(worlds)
    rows, level = there.rows(policy), confidence(there)
    first, pays = rows["first_critical_try"], rows["favourable_despite_safeguards"]
    tried = ~np.isnan(first)
    n = int(tried.sum())
    if n == 0:
        return FirstTries(dict.fromkeys(TRIERS, NOTHING), NOTHING, None, 0)
    story = reported(there, policy, STORY).interval_estimate
    too_early = np.isnan(pays) | (first < pays)
    struck = tried & (rows[STORY] == 0)
    strikes = {"before_it_paid": too_early, "once_it_paid": ~too_early}
    middle, low, high = (one or 0.0 for one in story[:3])  # all are there with a try
    rest = Estimate(1 - middle, 1 - high, 1 - low, story.n)
    by = {"story": story, **_divided(rest, strikes, struck, tried.astype(float), level)}
    several = _counted(rows["attempts_in_first_try"][tried] > 1, level)
    early, half, late = np.quantile(first[tried], QUANTILES, method="inverted_cdf")
    return FirstTries(by, several, (float(early), float(half), float(late)), n)


def outcomes(worlds: "xarray.Dataset | PresentWorlds", policy: str) -> Outcomes:
    """What held the first critical tries of a policy, and what lost them.

    The shares add up to 1.  What monitors without skill would hold at the same budget is by
    lottery; what skill and traps hold besides, and what is lost because an audited attempt is not
    recognised, follows in this order.  The rest is lost although it would be recognised, or
    because there is no safeguard.

    Parameters
    ----------
    worlds : xarray.Dataset
        The worlds of a run.
    policy : str
        The name of a policy.
    """
    there = present_worlds(worlds)
    rows, level = there.rows(policy), confidence(there)
    if not is_there(there.variables) or not rows[TRIES].sum() > 0:
        return Outcomes(dict.fromkeys(HOLDERS, NOTHING), NOTHING)
    n = present(rows[HELD]).size

    def expected(above, within=SHARE):
        values = Moments.of(above, rows[TRIES]).interval(within, level)
        return NOTHING if np.isnan(values[0]) else as_estimate(*values, n)

    by = {name: expected(rows[field], within) for name, (field, within) in _RECORDED.items()}
    lost = rows[TRIES] - rows["expected_held"]
    by["lost_otherwise"] = expected(lost - rows["expected_lost_to_recognition"])
    return Outcomes(by, expected(rows["expected_lost_to_numbers"]))


def counted_outcomes(rows) -> dict[str, np.ndarray]:
    """What held, or lost, the first critical try of each world, and what held one of its attempts
    alone; NaN where there was none.

    Whether it was held is as it was drawn.  What held it, or lost it, is divided as the world
    expects it of a first try that is held, or lost.

    Parameters
    ----------
    rows : mapping of str to ndarray, shape (worlds,)
        The worlds of a policy.

    Returns
    -------
    dict of ndarray
        Each of `HOLDERS`, which add up to 1, and `numbers`.
    """
    held, expected_held = rows[HELD], rows["expected_held"]
    lost, expected_lost = 1.0 - held, rows[TRIES] - expected_held

    def divided(whole, part, of):
        return np.where(whole == 0, whole, whole * part / np.maximum(of, 1e-300))

    shares = {
        name: divided(held, rows[field], expected_held)
        for name, (field, _) in _RECORDED.items()
        if name != "lost_to_recognition"
    }
    recognition, numbers = (
        divided(lost, rows[f"expected_lost_to_{name}"], expected_lost)
        for name in ("recognition", "numbers")
    )
    shares |= {"lost_to_recognition": recognition, "lost_otherwise": lost - recognition}
    return {**shares, "numbers": numbers}
