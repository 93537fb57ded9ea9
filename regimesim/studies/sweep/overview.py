"""What a sweep found, policy by policy: how safety and costs vary over the points."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.formatting import NONE, percent
from regimesim.analysis.labels import titles_of
from regimesim.analysis.policy_cells import COSTS, COSTS_LEGEND, HELD, SAFE, cost_headings
from regimesim.analysis.terminal import filled, table

if TYPE_CHECKING:
    import xarray

SHOWN = (SAFE, HELD, *COSTS)
WRITTEN = {SAFE: percent, HELD: percent, **{name: write for name, (_, write) in COSTS.items()}}
HEADINGS = ("policy, over points", "no\ntake-\nover", "first\ntry\nheld", *cost_headings())
OVER = {"least": np.min, "median": np.median, "greatest": np.max}
LEGEND = (
    "Least, median and greatest estimate over the points, each column for itself. Shares in %: of "
    "worlds without a takeover, and of worlds that held the first critical try, among those that "
    f"met one. {COSTS_LEGEND}"
)
LEGEND_OF_ONE = (
    "Shares in %: of worlds without a takeover, and of worlds that held the first critical try, "
    f"among those that met one. {COSTS_LEGEND}"
)


def overview(sweep: "xarray.Dataset") -> Iterator[str]:
    """The lines of a table of the estimates of every policy, over all points.

    Parameters
    ----------
    sweep : Dataset
        That of a sweep, with the estimands of SHOWN.
    """
    titles, rows = titles_of(sweep, "sweep"), []
    several = any(size > 1 for dim, size in sweep.sizes.items() if dim != "policy")
    for name, title in titles.items():
        here = {key: _known(sweep[key].sel(policy=name)) for key in SHOWN}
        if several:
            rows.append(title)
            rows += [
                (f"  {word}", *(_cell(key, values, over) for key, values in here.items()))
                for word, over in OVER.items()
            ]
        else:
            rows.append((title, *(_cell(key, values, np.median) for key, values in here.items())))
    yield filled(LEGEND if several else LEGEND_OF_ONE)
    yield from table(HEADINGS if several else ("policy", *HEADINGS[1:]), rows)


def _known(values) -> np.ndarray:
    """The estimates at the points at which there is one."""
    values = np.ravel(values.values)
    return values[~np.isnan(values)]


def _cell(key, values, over) -> str:
    return WRITTEN[key](float(over(values))) if values.size else NONE
