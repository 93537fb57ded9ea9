"""The figures of a run, and its report."""

from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.crossings import crossings
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.saving import Drawing
from regimesim.plots.survival import survival
from regimesim.results.report import write_report

FIGURES = (
    Drawing("survival", survival, ("worlds",)),
    Drawing("crossings", crossings, ("worlds",)),
    Drawing("regimes", regimes, ("months",)),
    Drawing("regime_map", regime_map, ("months",)),
    Drawing("catch_rates", catch_rates, ("worlds",)),
    Drawing("evidence_gap", evidence_gap, ("worlds", "months")),
    Drawing("capability", capability, ("months",)),
)
PAGES = {"report": write_report}
