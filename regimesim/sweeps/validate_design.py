"""Check the request for a sweep: every mistake in it is refused at once."""

from math import prod
from typing import NamedTuple

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.overlay import policies_affected
from regimesim.scenario.sweep_table import GRID, MOST_POINTS, SAMPLED, TABLE, ZIP
from regimesim.sweeps.axes import PRESET, Axis
from regimesim.sweeps.csv_table import read_table
from regimesim.sweeps.point_scenarios import make_frame
from regimesim.sweeps.presets import read_presets
from regimesim.sweeps.read_axis import from_command, read_points, read_values
from regimesim.sweeps.request import Request, Written, check_kind
from regimesim.sweeps.variables import POLICY, Subject, find_subject


class CheckedRequest(NamedTuple):
    """A request without mistakes, from which `make_points` makes a design.

    points: the number of points of a random design, else None · policies: those that are run
    at every point · presets: by file, the settings over those of the scenario.
    """

    kind: str
    axes: tuple[Axis, ...]
    points: int | None
    policies: tuple[str, ...]
    presets: dict[str, dict]

    @property
    def size(self) -> int:
        """The number of points."""
        if self.kind in SAMPLED:
            return self.points
        counts = [axis.values.size for axis in self.axes]
        return prod(counts) if self.kind == GRID else counts[0]


def check_request(scenario: Scenario, request: Request) -> CheckedRequest:
    """Check a request.  Raises Refusal with every mistake in it."""
    check_kind(request)
    _check_points(request)
    scenario = scenario.choose(_read_policies(scenario, request))
    axes = _read_axes(scenario, request)
    presets = _read_presets(scenario, request, axes)
    if not request.lines:
        _check_size(request, axes)
        _check_effect(scenario, request, axes, presets)
    if request.lines:
        raise Refusal(dict.fromkeys(request.lines))
    return CheckedRequest(
        request.kind, tuple(axes), request.points, tuple(scenario.policies), presets
    )


def _check_points(request: Request):
    kind, points = request.kind, request.points
    if kind not in SAMPLED:
        if points is not None:
            reason = f"found with the design {kind}; it belongs to {' and '.join(SAMPLED)}"
            request.refuse("points", [reason])
        return
    if points is None:
        request.refuse("points", [f"missing; a {kind} needs the number of its points"])
        return
    try:
        request.points = points = read_points(points)
    except Refusal as refusal:
        request.refuse("points", refusal.lines)
        return
    below = 2 ** (points.bit_length() - 1)
    if kind == "sobol" and points != below:
        request.refuse(
            "points", [f"found {points}; a power of 2 is needed: {below} or {2 * below}"]
        )


def _read_policies(scenario: Scenario, request: Request) -> tuple[str, ...]:
    """The policies that are run; removes them from the axes."""
    choices = [how for key, how in request.pairs if key == POLICY]
    request.pairs = [pair for pair in request.pairs if pair[0] != POLICY]
    if not choices:
        return tuple(scenario.policies)
    try:
        if len(choices) > 1:
            raise Refusal("given twice")
        names = _read_one(
            scenario, request.kind, find_subject(scenario, POLICY), choices[0]
        ).values
        unknown = [name for name in names if name not in scenario.policies]
        if unknown:
            raise Refusal(
                f"no policy {shown(name)}; the nearest is '{nearest(name, scenario.policies)}'"
                for name in unknown
            )
    except Refusal as refusal:
        request.refuse_axis(POLICY, refusal.lines)
        return tuple(scenario.policies)
    if not request.pairs and request.kind != TABLE:
        request.refuse_axis(POLICY, ["only policies are chosen; vary a parameter as well"])
    return names


def _read_axes(scenario: Scenario, request: Request) -> list[Axis]:
    if request.table and (request.pairs or request.kind != TABLE):
        rival = "axes" if request.pairs else f"the design {request.kind}"
        request.refuse("table", [f"found with {rival}; a table has its own axes and design"])
        return []
    if request.kind == TABLE:
        return _read_table(scenario, request)
    if request.ignored:
        request.lines.append("--ignore: names columns of a table; found without --table")
    axes = {}
    for key, how in request.pairs:
        if key in axes:
            request.refuse_axis(key, ["given twice"])
        axes[key] = None
        try:
            subject = find_subject(scenario, key)
            values = _read_one(scenario, request.kind, subject, how)
            axes[key] = Axis(key, values, subject.unit, subject.words)
        except Refusal as refusal:
            request.refuse_axis(key, refusal.lines)
    if not axes and not request.lines:
        place = request.places["axis"].rstrip(".: ")
        request.lines.append(f"{place}: nothing varies; name an axis, as in feedback.density")
    return [axis for axis in axes.values() if axis]


def _read_one(scenario, kind, subject: Subject, how):
    how = from_command(subject, how.text) if isinstance(how, Written) else how
    return read_values(subject, how, kind, scenario)


def _read_table(scenario, request) -> list[Axis]:
    if not request.table and request.places["design"] == "--design":
        request.places["table"] = "--table"
    if request.pairs or not request.table:
        request.refuse("table", ["missing; the design table needs the path of a CSV file"])
        return []
    try:
        return read_table(scenario, request.table, request.folders, request.ignored)
    except Refusal as refusal:
        request.refuse("table", refusal.lines)
        return []


def _read_presets(scenario, request, axes) -> dict[str, dict]:
    files = [file for axis in axes if axis.key == PRESET for file in axis.values.values]
    try:
        return read_presets(scenario, files, request.folders)
    except Refusal as refusal:
        request.refuse_axis(PRESET, refusal.lines)
        return {}


def _check_size(request: Request, axes: list[Axis]):
    if request.kind in SAMPLED:
        return
    counts = {axis.key: axis.values.size for axis in axes}
    place = "size" if "size" in request.places else "design"
    if request.kind == ZIP and len(set(counts.values())) > 1:
        counted = ", ".join(f"{key} {count}" for key, count in counts.items())
        request.refuse("design", [f"a zip needs as many values of each axis; found {counted}"])
    if request.kind == GRID and prod(counts.values()) > MOST_POINTS:
        reason = f"the grid has {prod(counts.values()):,} points"
        request.refuse(place, [f"{reason}; a design has at most {MOST_POINTS:,}"])


def _check_effect(scenario, request, axes, presets):
    """Refuse an axis that changes nothing in any policy, under any preset and switch."""
    switches = [axis for axis in axes if axis.framing and axis.key != PRESET]
    on = [(axis.key, True in axis.values.values) for axis in switches]
    keys = [axis.key for axis in axes if not axis.framing]
    frames = []
    for file in presets or (None,):
        fixed = on if file is None else [(PRESET, file), *on]
        try:
            frames.append(make_frame(scenario, presets, fixed, keys))
        except Refusal as refusal:
            request.lines += [f"{request.axis_place()}{line}" for line in refusal.lines]
            return
    for key in keys:
        whole, _, name = key.rpartition(".")
        if whole in keys:
            reason = f"{whole} is an axis too, whose values are plain numbers without '{name}'"
            request.refuse_axis(key, [reason])
        elif not any(frame.affected[key] for frame in frames):
            request.refuse_axis(key, _why_without_effect(frames[0].raw, key))


def _why_without_effect(raw, key: str) -> tuple[str, ...]:
    try:
        policies_affected(raw, tuple(key.split(".")))
    except Refusal as refusal:
        return refusal.lines
    return (f"every policy that it acts in has an axis policies.NAME.{key} of its own",)
