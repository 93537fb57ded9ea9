"""What each part of the evidence says for worlds that end well against those that do not."""

import numpy as np

from regimesim.analysis.estimates import mean
from regimesim.analysis.tempering import kish, weights_of
from regimesim.analysis.weighted_worlds import Weighted, ratio_of_means
from regimesim.scenario.evidence import Evidence

SHARE = (0.0, 1.0)
FEWEST = 5  # effective worlds of each side, for a Bayes factor


def factors(
    evidence: Evidence, items: np.ndarray, well: np.ndarray, forms: dict, fits: dict
) -> dict:
    """The Bayes factor of each item alone, and of all others without it.

    Parameters
    ----------
    evidence : Evidence
        The evidence.
    items : ndarray, shape (worlds, items)
        ln of the likelihood of each item in each world of the run.
    well : ndarray of bool, shape (worlds,)
        Whether each world ends without a takeover under the policy in force.
    forms : dict of str to str
        How each kind of evidence is compared with a world, in words.
    fits : dict of str to float or None
        The posterior predictive p of each item.
    """
    content = {}
    for k, label in enumerate(evidence.items):
        others = np.delete(items, k, axis=1).sum(axis=1)
        content[label] = {
            "kind": evidence.kinds[label],
            "form": forms[evidence.kinds[label]],
            "alone": factor(items[:, k], well),
            "predictive_p": fits[label],
            "left_out": factor(others, well) if items.shape[1] > 1 else None,
        }
    return content


def factor(log_likelihood, well) -> dict:
    """The Bayes factor for ending well, and P(no takeover) after this evidence alone.

    The factor is None where fewer than `FEWEST` effective worlds of one side show it.
    """
    weights = weights_of(log_likelihood)
    ratio = low = high = np.nan
    if min(kish(weights[well]), kish(weights[~well])) >= FEWEST:
        ratio, low, high = ratio_of_means(weights[well], weights[~well])
    after = Weighted.of(weights).estimate(well.astype(float), SHARE)
    return {
        "bayes_factor": _known(ratio),
        "low": _known(low),
        "high": _known(high),
        "effective": kish(weights),
        "no_takeover": after._asdict(),
    }


def from_shares(before: dict, after: dict, effective: float) -> dict:
    """The Bayes factor for ending well of all evidence, from P(no takeover) before and after it:
    the ratio of the odds."""
    known = None not in (before["estimate"], after["estimate"], after["low"])
    ratios = {"bayes_factor": None, "low": None, "high": None}
    if known and 0 < before["estimate"] < 1:
        odds = before["estimate"] / (1 - before["estimate"])
        for name, end in zip(ratios, ("estimate", "low", "high"), strict=True):
            ratios[name] = after[end] / (1 - after[end]) / odds if after[end] < 1 else None
    return {**ratios, "effective": effective, "no_takeover": after}


def silence(evidence: Evidence, items: np.ndarray, well: np.ndarray) -> dict | None:
    """What the part of the evidence says that is that nothing was seen; None without one."""
    silent = [k for k, item in enumerate(evidence.items.values()) if item.is_silent]
    if not silent:
        return None
    labels = list(evidence.items)
    log_likelihood = items[:, silent].sum(axis=1)
    shown = np.exp(np.minimum(log_likelihood, 0.0))  # of silence it is a probability
    before = mean(well, within=SHARE)
    return {
        "items": [labels[k] for k in silent],
        **factor(log_likelihood, well),
        "before": before._asdict(),
        "where_lost": _mean(shown[~well]),
        "where_well": _mean(shown[well]),
    }


def _mean(shown) -> dict:
    return mean(shown, within=SHARE)._asdict()


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
