"""Figures that show themselves in a notebook, also where pyplot does not know them."""

from functools import partial
from io import BytesIO

import matplotlib
import numpy as np


class Panels(np.ndarray):
    """An array of the axes of a figure, which a notebook shows as a picture."""

    def _repr_png_(self):
        """The picture of the figure."""
        return self.flat[0].figure._repr_png_()


def shown_by_notebooks(axes, rc: dict):
    """The axes of a new figure, such that a notebook shows them, and the figure, as a picture.

    Without `%matplotlib inline` a notebook shows a figure as text.  A figure of pyplot is left to
    pyplot.

    Parameters
    ----------
    axes : Axes or array of Axes
        What a drawing function returns.
    rc : dict
        The settings of matplotlib with which the figure is drawn.

    Returns
    -------
    Axes or array of Axes
        The same axes.
    """
    first = np.ravel(axes)[0]
    figure = first.figure
    if figure.canvas.manager is not None:
        return axes
    figure._repr_png_ = partial(_picture, figure, rc)
    if first is axes:
        axes._repr_png_ = figure._repr_png_
        return axes
    return np.asarray(axes, dtype=object).view(Panels)


def _picture(figure, rc) -> bytes:
    """A figure as PNG."""
    content = BytesIO()
    with matplotlib.rc_context(rc):
        figure.savefig(content, format="png", dpi=100)
    return content.getvalue()
