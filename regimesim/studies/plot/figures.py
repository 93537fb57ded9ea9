"""Every figure by name, and what of it can be drawn from a folder of results.

Each function takes the dataset of a run's worlds or months, that of a sweep, or the content
of a JSON file, draws into the axes it is given, or into a new figure of its own, and returns
the axes; a figure is `axes[0].figure`.  Nothing here touches pyplot, so a notebook's backend
stays as it is.  `with in_style("slide"):` draws for a slide.
"""

from collections.abc import Mapping
from pathlib import Path

from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.crossings import crossings
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.saving import FORMATS, Drawing, draw, lacking
from regimesim.plots.style import STYLES, in_style
from regimesim.plots.survival import survival
from regimesim.studies.claims.visible_signal import visible_signal
from regimesim.studies.compare.figure import comparison
from regimesim.studies.contributions.figure import contributions
from regimesim.studies.contributions.frontier_figure import frontier
from regimesim.studies.cruxes.figure import cruxes
from regimesim.studies.discover.figure import boxes
from regimesim.studies.require.figure import requirement
from regimesim.studies.sensitivity.figure import sensitivity
from regimesim.studies.sweep.axes_and_outcomes import no_axis, no_points, no_threshold, one_axis
from regimesim.studies.sweep.crossing_over_axis import crossing_over_axis
from regimesim.studies.sweep.over_axis import over_axis, over_points
from regimesim.studies.sweep.phase_map import phase_map
from regimesim.studies.trace.figure import timeline

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

BOTH = ("outcome", "level")


ALL = (*BOTH, "over")


FIGURES = {
    drawing.name: drawing
    for drawing in (
        Drawing("survival", survival, ("worlds",)),
        Drawing("crossings", crossings, ("worlds",)),
        Drawing("regimes", regimes, ("months",)),
        Drawing("regime_map", regime_map, ("months",)),
        Drawing("catch_rates", catch_rates, ("worlds",)),
        Drawing("evidence_gap", evidence_gap, ("worlds", "months")),
        Drawing("capability", capability, ("months",)),
        Drawing("contributions", contributions, ("contributions",)),
        Drawing("frontier", frontier, ("contributions",)),
        Drawing("phase_map", phase_map, ("sweep",), ALL, (one_axis,), 2),
        Drawing("over_axis", over_axis, ("sweep",), ALL, (no_axis,)),
        Drawing(
            "crossing_over_axis",
            crossing_over_axis,
            ("sweep",),
            ("outcome", "over"),
            (no_axis, no_threshold),
            1,
        ),
        Drawing("over_points", over_points, ("sweep",), BOTH, (no_points,)),
        Drawing("sensitivity", sensitivity, ("sensitivity",)),
        Drawing("cruxes", cruxes, ("cruxes",)),
        Drawing("require", requirement, ("require",), each="policies"),
        Drawing("boxes", boxes, ("discover",)),
    )
}


def drawable(run: dict, options: Mapping[str, object] | None = None) -> list[str]:
    """The names of the figures for which `run` holds what they need."""
    return [name for name in FIGURES if lacking(FIGURES[name], run, options) is None]


def draw_drawable(run: dict, folder, formats=("png", "svg"), style="paper") -> list[Path]:
    """Save every figure for which `run` holds what it needs; returns the paths.

    The folder is made where it does not exist.
    """
    return [
        path for name in drawable(run) for path in draw(FIGURES[name], run, folder, formats, style)
    ]


def draw_all(worlds, months, folder, formats=("png", "svg"), style="paper", **more) -> list[Path]:
    """Save every figure of a run, and those for which `more` holds what they need.

    Returns the paths.  The folder is made where it does not exist.
    """
    run = {"worlds": worlds, "months": months, **more}
    return draw_drawable(run, folder, formats, style)
