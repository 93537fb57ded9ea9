"""Every figure of a run by name: what it is drawn from, and how it is saved."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.contributions import contributions
from regimesim.plots.crossings import crossings
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.frontier import frontier
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.style import in_style, provenance, words
from regimesim.plots.survival import survival

FORMATS = ("png", "svg", "pdf")
UNDATED = {  # so that the same run gives the same bytes
    "png": {"Software": "regimesim"},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None, "ModDate": None},
}


class Drawing(NamedTuple):
    """A figure of a run: the function that draws it, and what it needs, in its order.

    A need is `worlds` or `months`, the datasets, or the name of a JSON file of the run's
    folder, without its suffix, such as `summary`.
    """

    draw: Callable
    needs: tuple[str, ...]


FIGURES = {
    "survival": Drawing(survival, ("worlds",)),
    "crossings": Drawing(crossings, ("worlds",)),
    "regimes": Drawing(regimes, ("months",)),
    "regime_map": Drawing(regime_map, ("months",)),
    "catch_rates": Drawing(catch_rates, ("worlds",)),
    "evidence_gap": Drawing(evidence_gap, ("worlds", "months")),
    "capability": Drawing(capability, ("months",)),
    "contributions": Drawing(contributions, ("contributions",)),
    "frontier": Drawing(frontier, ("contributions",)),
}


def draw(name: str, run: dict, folder, formats=("png", "svg"), style="paper") -> list[Path]:
    """Save one figure of FIGURES as folder/NAME.FORMAT; returns the paths.

    `run` holds what figures need by name: `worlds`, `months`, ...  Each file says which
    run it shows, and the same run gives the same bytes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    drawing, paths = FIGURES[name], []
    told = {"Title": words(name)}
    about = provenance(run["worlds"])
    with in_style(style):
        axes = drawing.draw(*(run[need] for need in drawing.needs))
        figure = np.ravel(axes)[0].figure
        for suffix in formats:
            paths.append(folder / f"{name}.{suffix}")
            about_key = "Subject" if suffix == "pdf" else "Description"
            metadata = {**told, about_key: about, **UNDATED[suffix]}
            figure.savefig(paths[-1], metadata=metadata)
    return paths


def drawable(run: dict) -> list[str]:
    """The names of the figures for which `run` holds what they need."""
    return [name for name, drawing in FIGURES.items() if run.keys() >= set(drawing.needs)]


def draw_all(worlds, months, folder, formats=("png", "svg"), style="paper", **more) -> list[Path]:
    """Save every figure of a run, and those for which `more` holds what they need.

    Returns the paths.  The folder is made where it does not exist.
    """
    run = {"worlds": worlds, "months": months, **more}
    return [path for name in drawable(run) for path in draw(name, run, folder, formats, style)]
