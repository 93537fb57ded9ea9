"""Every figure by name: what it is drawn from, and how it is saved."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regimesim.plots.boxes import boxes
from regimesim.plots.capability import capability
from regimesim.plots.catch_rates import catch_rates
from regimesim.plots.contributions import contributions
from regimesim.plots.crossing_over_axis import crossing_over_axis
from regimesim.plots.crossings import crossings
from regimesim.plots.cruxes import cruxes
from regimesim.plots.evidence_gap import evidence_gap
from regimesim.plots.frontier import frontier
from regimesim.plots.over_axis import over_axis, over_points
from regimesim.plots.phase_map import phase_map
from regimesim.plots.regime_map import regime_map
from regimesim.plots.regimes import regimes
from regimesim.plots.sensitivity import sensitivity
from regimesim.plots.style import in_style, provenance, words
from regimesim.plots.survival import survival
from regimesim.plots.varied import no_axis, no_points, no_threshold, one_axis

FORMATS = ("png", "svg", "pdf")
DATASETS = ("worlds", "months", "sweep")
UNDATED = {  # so that the same run gives the same bytes
    "png": {"Software": "regimesim"},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None, "ModDate": None},
}


class Drawing(NamedTuple):
    """A figure: the function that draws it, and what it needs, in its order.

    A need is `worlds`, `months` or `sweep`, the datasets, or the name of a JSON file of
    the folder of results, without its suffix, such as `summary`.  takes: the options that
    it has · unfit: of a sweep, which checks say why it cannot be drawn · keys: how many axes
    the option `over` names, or None for any number.
    """

    draw: Callable
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    unfit: tuple[Callable, ...] = ()
    keys: int | None = None


BOTH = ("outcome", "level")
ALL = (*BOTH, "over")
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
    "phase_map": Drawing(phase_map, ("sweep",), ALL, (one_axis,), 2),
    "over_axis": Drawing(over_axis, ("sweep",), ALL, (no_axis,)),
    "crossing_over_axis": Drawing(
        crossing_over_axis, ("sweep",), ("outcome", "over"), (no_axis, no_threshold), 1
    ),
    "over_points": Drawing(over_points, ("sweep",), BOTH, (no_points,)),
    "sensitivity": Drawing(sensitivity, ("sensitivity",)),
    "cruxes": Drawing(cruxes, ("cruxes",)),
    "boxes": Drawing(boxes, ("discover",)),
}


def draw(
    name: str,
    run: dict,
    folder,
    formats=("png", "svg"),
    style="paper",
    options: Mapping[str, object] | None = None,
) -> list[Path]:
    """Save one figure of FIGURES as folder/NAME.FORMAT; returns the paths.

    `run` holds what figures need by name: `worlds`, `months`, `sweep`, ...  · options: of
    those that the figure takes; an outcome and axes become part of its file's name.
    Each file says which run it shows, and the same run gives the same bytes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    drawing, paths = FIGURES[name], []
    asked = {k: v for k, v in (options or {}).items() if k in drawing.takes and v is not None}
    stem = f"{name}_{asked['outcome']}" if "outcome" in asked else name
    stem = "_".join([stem, "over", *asked["over"]]) if "over" in asked else stem
    told = {"Title": words(stem)}
    about = provenance(run[drawing.needs[0]])
    with in_style(style):
        axes = drawing.draw(*(run[need] for need in drawing.needs), **asked)
        figure = np.ravel(axes)[0].figure
        for suffix in formats:
            paths.append(folder / f"{stem}.{suffix}")
            about_key = "Subject" if suffix == "pdf" else "Description"
            metadata = {**told, about_key: about, **UNDATED[suffix]}
            figure.savefig(paths[-1], metadata=metadata)
    return paths


def drawable(run: dict, options: Mapping[str, object] | None = None) -> list[str]:
    """The names of the figures for which `run` holds what they need."""
    return [name for name in FIGURES if lacking(name, run, options) is None]


def lacking(name: str, run: dict, options: Mapping[str, object] | None = None) -> str | None:
    """Why a figure with these options cannot be drawn from `run`, or None."""
    drawing, options = FIGURES[name], options or {}
    for need in drawing.needs:
        if need not in run:
            file = f"{need}.nc" if need in DATASETS else f"{need}.json"
            return f"needs {file}, which is not there"
    given = [key for key, value in options.items() if value is not None]
    if odd := [key for key in given if key not in drawing.takes]:
        return f"takes no --{odd[0]}"
    over = options.get("over")
    if over and drawing.keys not in (None, len(over)):
        return f"takes {drawing.keys} --over, and {len(over)} were given"
    reasons = (check(run["sweep"], options.get("outcome")) for check in drawing.unfit)
    return next((reason for reason in reasons if reason), None)


def draw_drawable(run: dict, folder, formats=("png", "svg"), style="paper") -> list[Path]:
    """Save every figure for which `run` holds what it needs; returns the paths.

    The folder is made where it does not exist.
    """
    return [path for name in drawable(run) for path in draw(name, run, folder, formats, style)]


def draw_all(worlds, months, folder, formats=("png", "svg"), style="paper", **more) -> list[Path]:
    """Save every figure of a run, and those for which `more` holds what they need.

    Returns the paths.  The folder is made where it does not exist.
    """
    run = {"worlds": worlds, "months": months, **more}
    return draw_drawable(run, folder, formats, style)
