"""The odds as plain values: the numbers in front, and the drawing of thresholds."""

import numpy as np

from regimesim.analysis.formatting import rounded
from regimesim.view.drawings import SHARES, years
from regimesim.view.odds import Odds
from regimesim.view.words import percent

CURVES = {  # threshold: name at the end of its line, ink, dash
    "capable": ("capable", "quiet", ""),
    "aware": ("aware", "aware", "6 3"),
    "favourable": ("favourable", "story", ""),
    "favourable_despite_safeguards": ("despite safeguards", "feint", "2 3"),
    "first_critical_try": ("first critical try", "strike", "6 3"),
    "takeover": ("takeover", "text", ""),
}


def thresholds(odds: Odds, month: int = 0) -> dict:
    """The share of worlds that crossed each threshold, over time, with its interval."""
    months = odds.scenario.months
    shown = np.unique(np.linspace(0, months - 1, min(months, 60)).round().astype(int))
    months_drawn = [int(k) for k in shown + 1]

    def at_months(values):
        return [round(float(v), 4) for v in values[shown]]

    bands, lines = [], []
    for name, (label, ink, dash) in CURVES.items():
        curve = odds.curves[name]
        bands.append(
            {
                "x": months_drawn,
                "low": at_months(curve.low),
                "high": at_months(curve.high),
                "ink": ink,
            }
        )
        line = {
            "x": months_drawn,
            "y": at_months(curve.share),
            "ink": ink,
            "dash": dash,
            "name": label,
            "width": 2,
        }
        lines.append(line)
    return {
        "title": "Worlds that have crossed each threshold",
        "says": "; ".join(
            f"{label}: {percent(_crossed(odds, name))}" for name, (label, *_) in CURVES.items()
        )
        + " by the end.",
        "height": 250,
        "x": {"low": 0, "high": months, "ticks": years(odds.scenario.start, 0, months)},
        "y": {"low": 0, "high": 1, "ticks": SHARES},
        "bands": bands,
        "lines": lines,
        "rules": [{"x": month, "name": "this world", "ink": "quiet"}] if month else [],
    }


def _crossed(odds: Odds, threshold: str) -> float:
    """The share of worlds that crossed a threshold; of a takeover, as in the tiles."""
    if threshold == "takeover":
        return 1 - odds.estimates["no_takeover"].estimate
    return float(odds.curves[threshold].share[-1])


def tiles(odds: Odds) -> list[dict]:
    """The odds in front: name, words, estimate and interval, plain."""
    held, survived = (odds.estimates[k] for k in ("held_first_critical_try", "no_takeover"))
    believed, true, gap = (
        odds.estimates[k] for k in ("believed_catch_rate", "true_catch_rate", "evidence_gap")
    )
    last = odds.scenario.date(odds.scenario.months - 1)
    met = f"{percent(odds.met)} of worlds met one"
    return [
        _tile("The first critical try is held", met, held, "held"),
        _tile(f"No takeover by {last}", "of all worlds", survived, "true"),
        {
            **_tile("Evidence gap", "catch rate at the first critical try", gap, "believed"),
            "believed": believed.estimate,
            "true": true.estimate,
            "text": "none"
            if gap.estimate is None
            else f"{rounded(100 * gap.estimate, '+.0f')} points",
            "interval": ""
            if gap.low is None
            else " to ".join(rounded(100 * end, "+.0f") for end in (gap.low, gap.high)),
        },
    ]


def strip(odds: Odds) -> list[dict]:
    """The odds at the foot of a narrow page: safety, its cost, and how far belief misleads."""
    *_, survived, gap = tiles(odds)
    lost = odds.estimates["growth_lost"].estimate
    cost = "-" if lost is None else f"{100 * lost:.1f} %"
    return [
        {"name": "no takeover", "text": survived["text"]},
        {"name": "growth lost", "text": cost},
        {"name": "gap", "text": gap["text"].removesuffix(" points")},
    ]


def _tile(name, words, estimate, ink):
    none = estimate.estimate is None
    low, high = (estimate.low, estimate.high)
    return {
        "name": name,
        "words": words,
        "estimate": estimate.estimate,
        "low": low,
        "high": high,
        "text": "no try" if none else f"{100 * estimate.estimate:.1f} %",
        "interval": "" if none or low is None else f"{100 * low:.1f} to {100 * high:.1f} %",
        "ink": ink,
    }
