"""Figures of a run, one file a figure.

Each function takes the dataset of a run's worlds or months (or a part of its summary),
draws into the axes it is given, or into a new figure of its own, and returns the axes; a
figure is `axes[0].figure`.  Nothing here touches pyplot, so a notebook's backend stays as
it is.  `with in_style("slide"):` draws for a slide.
"""

from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.comparison import comparison
from regimesim.plots.contributions import contributions
from regimesim.plots.crossings import crossings
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.figures import FIGURES, FORMATS, draw, draw_all, drawable
from regimesim.plots.frontier import frontier
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.require import requirement
from regimesim.plots.style import STYLES, in_style
from regimesim.plots.survival import survival
from regimesim.plots.trace import timeline

__all__ = [
    "FIGURES",
    "FORMATS",
    "STYLES",
    "capability",
    "catch_rates",
    "comparison",
    "contributions",
    "crossings",
    "draw",
    "draw_all",
    "drawable",
    "evidence_gap",
    "frontier",
    "in_style",
    "regime_map",
    "regimes",
    "requirement",
    "survival",
    "timeline",
]
