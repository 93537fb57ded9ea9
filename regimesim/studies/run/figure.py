"""The figures of a run, and its report."""

from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from regimesim.analysis.present_worlds import present_worlds
from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.crossings import crossings
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.gap_at_tries import gap_at_tries
from regimesim.plots.headline import headline
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.saving import Drawing, draw
from regimesim.plots.survival import survival
from regimesim.plots.what_decides import undecided, what_decides
from regimesim.results.reading import open_results, scenario_of
from regimesim.results.report import write_report
from regimesim.scenario.dates import months_later
from regimesim.studies.run.verdict import verdict
from regimesim.studies.study import at_its_own_cost

FIGURES = (  # in the order of the page, then those on request
    Drawing(
        "headline",
        headline,
        ("worlds",),
        caption="Policies by their share of worlds without a takeover, with what they cost and "
        "with the true and the believed catch rate at the first critical try.",
    ),
    Drawing(
        "what_decides",
        what_decides,
        ("summary",),
        caption="Shares of luck and of each uncertain assumption in the variance, over worlds, of "
        "whether a world ends without a takeover.",
        unless=undecided,
    ),
    Drawing("regimes", regimes, ("months",), caption="Share of worlds in each regime, by month."),
    Drawing(
        "survival",
        survival,
        ("worlds",),
        caption="Share of worlds without a takeover, by month and policy.",
    ),
    Drawing(
        "gap_at_tries",
        gap_at_tries,
        ("worlds",),
        caption="Believed minus true catch rate at the first critical try, by policy.",
    ),
    Drawing("regime_map", regime_map, ("months",), on_request=True),
    Drawing("crossings", crossings, ("worlds",), on_request=True),
    Drawing("catch_rates", catch_rates, ("worlds",), on_request=True),
    Drawing("evidence_gap", evidence_gap, ("worlds", "months"), on_request=True),
    Drawing("capability", capability, ("months",), on_request=True),
)
OF_THE_PAGE = tuple(drawing for drawing in FIGURES if not drawing.on_request)
CAPTIONS = {drawing.name: drawing.caption for drawing in OF_THE_PAGE}


def report(folder: Path, results: dict | None = None) -> Path:
    """Write report.html, the page about the run in `folder`, with its figures.

    Those that are in the folder are drawn once more, for narrow screens, from `results`, by
    default from those in the folder.
    """
    opened = open_results(folder) if results is None else nullcontext(results)
    with opened as results, TemporaryDirectory() as narrow:
        for drawing in OF_THE_PAGE:
            if any((folder / "figures").glob(f"{drawing.name}.*")):
                with at_its_own_cost(f"The figure '{drawing.name}' for narrow screens"):
                    draw(drawing, results, narrow, ("svg",), "column")
        summary, worlds = results["summary"], present_worlds(results["worlds"])
        end = months_later(worlds.start, summary["months"] - 1)
        said = verdict(summary, scenario_of(folder), end, assumptions=False)
        return write_report(folder, worlds, CAPTIONS, said, narrow)


PAGES = {"report": report}
