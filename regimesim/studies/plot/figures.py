"""Every figure by name, and the figures for which a folder of results has the data.

Each function takes the dataset of a run's worlds or months, the dataset of a sweep, or the
content of a JSON file.  It draws into `axes`, or into a new figure, and returns the axes; the
figure is `axes[0].figure`.  No function uses pyplot, so the backend of a notebook stays as it is.
`with in_style("slide"):` draws for a slide.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from regimesim.plots.saving import FORMATS, Drawing, draw, lacking
from regimesim.plots.style import STYLES, in_style
from regimesim.studies import STUDIES
from regimesim.studies.claims.visible_signal import visible_signal
from regimesim.studies.compare.figure import comparison
from regimesim.studies.study import part


def _drawings() -> Iterator[Drawing]:
    """The figures of every study that has some, in the order of the studies."""
    for study in STUDIES:
        if find_spec(f"regimesim.studies.{study}.figure"):
            yield from part(study, "figure").FIGURES


FIGURES = {drawing.name: drawing for drawing in _drawings()}
_FUNCTIONS = {drawing.draw.__name__: drawing.draw for drawing in FIGURES.values()}
globals().update(_FUNCTIONS)

__all__ = [
    "FIGURES",
    "FORMATS",
    "STYLES",
    "comparison",
    "draw",
    "draw_all",
    "drawable",
    "in_style",
    "visible_signal",
]
__all__ += _FUNCTIONS


def drawable(run: dict, options: Mapping[str, object] | None = None) -> list[str]:
    """The names of the figures for which `run` has the data."""
    return [name for name in FIGURES if lacking(FIGURES[name], run, options) is None]


def draw_drawable(run: dict, folder, formats=("png", "svg"), style="paper") -> list[Path]:
    """Save every figure for which `run` has the data; returns the paths.

    The folder is created if it does not exist.
    """
    return [
        path for name in drawable(run) for path in draw(FIGURES[name], run, folder, formats, style)
    ]


def draw_all(worlds, months, folder, formats=("png", "svg"), style="paper", **more) -> list[Path]:
    """Save every figure of a run, and those for which `more` has the data.

    Returns the paths.  The folder is created if it does not exist.
    """
    run = {"worlds": worlds, "months": months, **more}
    return draw_drawable(run, folder, formats, style)
