"""The figures of a sweep, each with what it needs of a design."""

from regimesim.plots.saving import Drawing, lacking
from regimesim.studies.sweep.axes_and_outcomes import no_axis, no_points, no_threshold, one_axis
from regimesim.studies.sweep.crossing_over_axis import crossing_over_axis
from regimesim.studies.sweep.over_axis import over_axis, over_points
from regimesim.studies.sweep.phase_map import phase_map

SHOWN = ("outcome", "level")

FIGURES = (
    Drawing("phase_map", phase_map, ("sweep",), (*SHOWN, "over"), (one_axis,), 2),
    Drawing("over_axis", over_axis, ("sweep",), (*SHOWN, "over"), (no_axis,)),
    Drawing(
        "crossing_over_axis",
        crossing_over_axis,
        ("sweep",),
        ("outcome", "over"),
        (no_axis, no_threshold),
        1,
    ),
    Drawing("over_points", over_points, ("sweep",), SHOWN, (no_points,)),
)


def main_figure(sweep, axes=None, **options):
    """The first figure that the design of a sweep allows; returns its axes.

    Raises ValueError where it allows none.
    """
    for drawing in FIGURES:
        if lacking(drawing, {"sweep": sweep}) is None:
            return drawing.draw(sweep, axes, **options)
    raise ValueError("there is no figure of a sweep without axes")
