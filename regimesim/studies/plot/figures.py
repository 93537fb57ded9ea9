"""Every figure by name, and the figures for which a folder of results has the data.

Each function takes the dataset of a run's worlds or months, that of a sweep, or the content
of a JSON file, draws into axes that are passed or into a new figure, and returns the axes; a
figure is `axes[0].figure`.  Nothing here touches pyplot, so a notebook's backend stays as it is.
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
    """The names of the figures that can be drawn from results.

    Parameters
    ----------
    run : dict
        The results by name, as for `draw`.
    options : mapping, optional
        Options that the figures must take.

    Returns
    -------
    list of str
        Keys of `FIGURES`.
    """
    return [name for name in FIGURES if lacking(FIGURES[name], run, options) is None]


def draw_drawable(run: dict, folder, formats=("png", "svg"), style="paper") -> list[Path]:
    """Save every figure for which `run` has the data; returns the paths.

    The folder is created if it does not exist.
    """
    return [
        path for name in drawable(run) for path in draw(FIGURES[name], run, folder, formats, style)
    ]


def draw_all(worlds, months, folder, formats=("png", "svg"), style="paper", **more) -> list[Path]:
    """Save every figure that can be drawn from results.

    Parameters
    ----------
    worlds, months : xarray.Dataset
        The datasets of a run.
    folder : path
        Where the figures are saved; it is made where it does not exist.
    formats : sequence of str
        Of "png", "svg" and "pdf".
    style : str
        A name of `STYLES`.
    **more
        Further results by name, such as `rare`.

    Returns
    -------
    list of Path
        The files.
    """
    run = {"worlds": worlds, "months": months, **more}
    return draw_drawable(run, folder, formats, style)
