"""A monitor, measured: its area, what it catches at budgets, and the model's curves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, sqrt
from pathlib import Path

import numpy as np

from regimesim import __version__
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.monitor import text
from regimesim.studies.monitor.area import Estimate, Z, area, caught_at, roc
from regimesim.studies.monitor.curves import (
    Curve,
    Fit,
    curves,
    fit,
    logit_interval,
    rank_correlation,
)
from regimesim.studies.monitor.question import Question, ask

HIGHEST, LOWEST = 0.9999, 0.5  # areas that a scenario may have


@dataclass(frozen=True)
class MeasuredMonitor:
    """How well a monitor tells attacks from honest work.

    Attributes
    ----------
    question : Question
        The scores that count, and where they come from.
    auroc : Estimate
        The area under the ROC curve, ties at half credit, with its 95 % interval.
    caught : tuple of Estimate
        The share of attacks that is caught at each of the question's budgets.
    fits : mapping of str to Fit
        The model's curves, `binormal` and `logistic`.
    """

    question: Question
    auroc: Estimate
    caught: tuple[Estimate, ...]
    fits: Mapping[str, Fit]

    @property
    def better(self) -> str:
        """The curve with the larger likelihood."""
        return max(self.fits, key=lambda name: self.fits[name].log_likelihood)

    def to_dict(self) -> dict:
        """The content of monitor.json, which `measured` in a scenario takes."""
        question = self.question
        false, true = roc(question.scores)
        counted = {
            "attack": len(question.scores.attack),
            "honest": len(question.scores.honest),
            "clusters": question.scores.clusters,
        }
        logs = f"{len(question.logs)} log{'s' * (len(question.logs) > 1)}"
        made_by = "; ".join(dict.fromkeys(log.made_by for log in question.logs))
        return {
            "version": __version__,
            "about": f"{question.score}: {logs} of {made_by}",
            "logs": [
                {
                    "path": str(log.path),
                    "sha256": log.sha256,
                    "made_by": log.made_by,
                    "status": log.status,
                }
                for log in question.logs
            ],
            "score": question.score,
            "label": question.label,
            "attack": question.attack,
            "honest": list(question.honest),
            "unit": question.unit,
            "unit_words": question.unit_words,
            "counted": counted,
            "excluded": dict(question.excluded),
            "notes": list(question.notes),
            "auroc": self.auroc.plain(),
            "budgets": self._budgets(),
            "curves": {name: _plain(one, self.auroc.high) for name, one in self.fits.items()},
            "better": self.better,
            "roc": {"false": false.tolist(), "true": true.tolist()},
        }

    def _budgets(self) -> list[dict]:
        """What is caught at each budget, and what each curve gives."""
        budgets = np.array(self.question.budgets)
        by_curve = {}
        for name, one in self.fits.items():
            by_curve[name] = one.curve.caught(one.strength, one.slope, budgets)
            usual = strength_of(one.curve, self.auroc.estimate, 1.0)
            by_curve[f"{name}_of_slope_1"] = one.curve.caught(usual, 1.0, budgets)
        return [
            {
                "budget": float(budget),
                "measured": self.caught[k].plain(),
                **{name: float(shares[k]) for name, shares in by_curve.items()},
            }
            for k, budget in enumerate(budgets)
        ]

    def text(self) -> str:
        """The measurement in words, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw the ROC curve with the fits; returns the axes."""
        from regimesim.studies.monitor.figure import monitor_roc

        return monitor_roc(self.to_dict(), ax)


def _plain(one: Fit, reach: float) -> dict:
    """A fit as JSON has it, in the terms of a scenario.

    The interval of its area reaches at least up to `reach`, the upper end of that of the measured
    area: where the classes hardly overlap, the prior of the fit decides how far it goes.
    """
    strength_sd, log_sd = np.sqrt(np.diag(one.covariance))
    auroc, gradient = one.auroc, one.area_gradient
    auroc_sd = sqrt(float(gradient @ one.covariance @ gradient))
    with_slope = float(gradient @ one.covariance[:, 1]) / (auroc_sd * log_sd)
    low, high = logit_interval(auroc, auroc_sd, Z)
    correlation = float(one.covariance[0, 1]) / (strength_sd * log_sd)
    return {
        "auroc": {"mean": auroc, "sd": auroc_sd, "low": low, "high": max(high, reach)},
        "strength": {
            "mean": one.strength,
            "sd": float(strength_sd),
            "low": one.strength - Z * float(strength_sd),
            "high": one.strength + Z * float(strength_sd),
        },
        "slope": {
            "median": one.slope,
            "sigma": float(log_sd),
            "low": exp(one.log_slope - Z * log_sd),
            "high": exp(one.log_slope + Z * log_sd),
        },
        "auroc_with_slope": rank_correlation(with_slope),
        "strength_with_slope": rank_correlation(correlation),
        "log_likelihood": one.log_likelihood,
    }


def strength_of(curve: Curve, auroc: float, slope: float) -> float:
    """The d′ of an area, which is taken to be one that a scenario may have."""
    from scipy.optimize import brentq

    auroc = min(max(auroc, LOWEST), HIGHEST)
    return 0.0 if auroc == LOWEST else brentq(lambda d: curve.area(d, slope) - auroc, 0.0, 50.0)


def monitor(
    logs: str | Path | Iterable[str | Path],
    score: str,
    label: str,
    unit: str | None = None,
    budgets: Iterable[float] = (),
    *,
    progress: Progress | None = None,
) -> MeasuredMonitor:
    """Measure a monitor in logs of its use, and fit the model's detection curves to it.

    Parameters
    ----------
    logs : path or iterable of path
        Logs of Inspect or ControlArena, `.eval` or `.json`, and folders of them.
    score : str
        The name of the score that the monitor gives: of a scorer, `NAME.PART` where it gives
        several values, or of a number in the metadata of messages, which is a score of steps.
    label : str
        "metadata.KEY", what tells attacks from honest work in the metadata of a sample, or
        "metadata.KEY=VALUE" with the value of attacks.
    unit : {"trajectory", "step"}, optional
        What is ranked.  Needed where both are possible.
    budgets : iterable of float
        Shares of honest work that are audited, by default 0.01, 0.03, 0.1 and 0.3.
    progress : Progress, optional
        Counts the logs that are read.

    Returns
    -------
    MeasuredMonitor
        `to_dict()` is what the command writes as monitor.json.

    Raises
    ------
    Refusal
        For files that are no logs, an unknown score or label, labels that do not part the samples
        in two, and where the unit is open.

    References
    ----------
    Obuchowski (1997), Nonparametric analysis of clustered ROC curve data, Biometrics 53, 567;
    Dorfman and Alf (1969), Maximum-likelihood estimation of parameters of signal-detection theory,
    J. Math. Psychol. 6, 487.
    """
    return compute(ask(logs, score, label, unit, budgets, as_progress(progress)))


def compute(question: Question, progress: Progress | None = None) -> MeasuredMonitor:
    """Answer a question; no world is run, so nothing is counted."""
    scores = question.scores
    return MeasuredMonitor(
        question,
        area(scores),
        tuple(caught_at(scores, np.array(question.budgets))),
        {curve.name: fit(curve, scores) for curve in curves()},
    )
