"""The figures of a run, and its report."""

from pathlib import Path

from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.crossings import crossings
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.saving import Drawing
from regimesim.plots.survival import survival
from regimesim.results.report import write_report

FIGURES = (  # in the order of the page
    Drawing(
        "survival",
        survival,
        ("worlds",),
        caption="Share of worlds without a takeover, by policy.",
    ),
    Drawing(
        "regime_map",
        regime_map,
        ("months",),
        caption="The regime that most worlds are in, by policy and month.",
    ),
    Drawing(
        "crossings",
        crossings,
        ("worlds",),
        caption="Share of worlds that have crossed each threshold.",
    ),
    Drawing("regimes", regimes, ("months",), caption="Share of worlds in each regime."),
    Drawing(
        "catch_rates",
        catch_rates,
        ("worlds",),
        caption="Catch rate at the first critical try, believed and true.",
    ),
    Drawing(
        "evidence_gap",
        evidence_gap,
        ("worlds", "months"),
        caption="Catch rate month by month, believed and true, and the months of first critical "
        "tries.",
    ),
    Drawing(
        "capability",
        capability,
        ("months",),
        caption="Time horizon of the leading lab and the difficulty of a takeover, with the "
        "measured horizons of released models.",
    ),
)
CAPTIONS = {drawing.name: drawing.caption for drawing in FIGURES}


def report(folder: Path) -> Path:
    """Write report.html, the page about the run in `folder`, with its figures."""
    return write_report(folder, CAPTIONS)


PAGES = {"report": report}
