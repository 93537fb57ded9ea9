"""Figures of a run or a sweep, one file a figure.

Each function takes the dataset of a run's worlds or months, that of a sweep, or the content
of a JSON file, draws into the axes it is given, or into a new figure of its own, and returns
the axes; a figure is `axes[0].figure`.  Nothing here touches pyplot, so a notebook's backend
stays as it is.  `with in_style("slide"):` draws for a slide.
"""

from regimesim.plots.boxes import boxes
from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.comparison import comparison
from regimesim.plots.contributions import contributions
from regimesim.plots.crossing_over_axis import crossing_over_axis
from regimesim.plots.crossings import crossings
from regimesim.plots.cruxes import cruxes
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.figures import FIGURES, FORMATS, draw, draw_all, drawable
from regimesim.plots.frontier import frontier
from regimesim.plots.over_axis import over_axis, over_points
from regimesim.plots.phase_map import phase_map
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.require import requirement
from regimesim.plots.sensitivity import sensitivity
from regimesim.plots.style import STYLES, in_style
from regimesim.plots.survival import survival
from regimesim.plots.trace import timeline
from regimesim.plots.visible_signal import visible_signal

__all__ = [
    "FIGURES",
    "FORMATS",
    "STYLES",
    "boxes",
    "capability",
    "catch_rates",
    "comparison",
    "contributions",
    "crossing_over_axis",
    "crossings",
    "cruxes",
    "draw",
    "draw_all",
    "drawable",
    "evidence_gap",
    "frontier",
    "in_style",
    "over_axis",
    "over_points",
    "phase_map",
    "regime_map",
    "regimes",
    "requirement",
    "sensitivity",
    "survival",
    "timeline",
    "visible_signal",
]
