"""The figures of a sweep, drawn from its dataset."""

from regimesim.plots.saving import Drawing
from regimesim.studies.sweep.axes_and_outcomes import no_axis, no_points, no_threshold, one_axis
from regimesim.studies.sweep.crossing_over_axis import crossing_over_axis
from regimesim.studies.sweep.over_axis import over_axis, over_points
from regimesim.studies.sweep.phase_map import phase_map

LEVEL = ("outcome", "level")
FIGURES = (
    Drawing("phase_map", phase_map, ("sweep",), (*LEVEL, "over"), (one_axis,), 2),
    Drawing("over_axis", over_axis, ("sweep",), (*LEVEL, "over"), (no_axis,)),
    Drawing(
        "crossing_over_axis",
        crossing_over_axis,
        ("sweep",),
        ("outcome", "over"),
        (no_axis, no_threshold),
        1,
    ),
    Drawing("over_points", over_points, ("sweep",), LEVEL, (no_points,)),
)
