"""What a sweep is asked for, by a file's table [sweep], the command line or Python."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from regimesim.errors import Refusal, dotted, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.input_errors import sift
from regimesim.scenario.overlay import group_at
from regimesim.scenario.sweep_table import GRID, KINDS, SAMPLED, TABLE, SweepTable
from regimesim.sweeps.axes import Drawn
from regimesim.sweeps.read_axis import split_text


class _File(SweepTable):
    vary: dict = Field(default_factory=dict)


class Written(NamedTuple):
    """The rest of a `--vary` text after its key, which is still to be read; None: no rest."""

    text: str | None


@dataclass
class Request:
    """What was asked for, not yet looked at.

    pairs: (key, how it varies) of each axis · places: how a refusal names the place of
    "axis", "design", "points", "table" and, where it is not that of the design, "size" ·
    folders: where files are looked for · lines: mistakes that were found so far.
    """

    kind: str
    pairs: list[tuple[str, object]]
    points: object
    table: str | None
    places: dict[str, str]
    folders: tuple[Path, ...]
    lines: list[str] = field(default_factory=list)

    def refuse(self, place: str, reasons: Iterable[str]):
        """Add a mistake for each reason."""
        self.lines += [f"{self.places[place]}: {reason}" for reason in reasons]

    def refuse_axis(self, key: str, reasons: Iterable[str]):
        """Add a mistake of an axis for each reason."""
        self.lines += [f"{self.axis_place()}{key}: {reason}" for reason in reasons]

    def axis_place(self) -> str:
        """What a line about an axis begins with, before its key."""
        return f"{self.places['table']}: " if self.kind == TABLE else self.places["axis"]


def requested(
    scenario: Scenario,
    vary: Iterable[str] = (),
    kind: str | None = None,
    points=None,
    table: str | None = None,
) -> Request:
    """What the scenario's [sweep] asks for; where `vary` or `table` is given, their axes
    instead, and `kind` and `points` instead of those of the file."""
    asked = _of_file(scenario)
    vary = [vary] if isinstance(vary, str) else list(vary)
    if vary or table:
        _replace_axes(asked, vary, table, scenario)
    if kind is not None:
        _replace_kind(asked, kind)
    if points is not None:
        asked.points, asked.places["points"] = points, "--points"
    return asked


def requested_in_python(scenario: Scenario, axes, kind: str, points) -> Request:
    """What `make_design` is asked for: axes by key, or texts as on the command line."""
    places = {"axis": "axes: ", "design": "kind", "points": "points", "table": "table"}
    folders = (Path(), Path(scenario.source).parent)
    asked = Request(kind, [], points, None, places, folders)
    check_kind(asked, [known for known in KINDS if known != TABLE])
    if isinstance(axes, Mapping):
        asked.pairs = [(str(key), how) for key, how in axes.items()]
    else:
        _read_texts(asked, [axes] if isinstance(axes, str) else axes)
    return asked


def _of_file(scenario: Scenario) -> Request:
    place = f"{scenario.source}: sweep."
    places = {"axis": f"{place}vary."} | {
        name: f"{place}{name}" for name in ("design", "points", "table")
    }
    given, mistakes = sift(_File, scenario.raw.get("sweep", {}))
    table = given.get("table") or None
    pairs = list(_flat(given.get("vary", {})))
    kind = given.get("design", TABLE if table else GRID)
    folders = (Path(scenario.source).parent,)
    asked = Request(kind, pairs, given.get("points"), table, places, folders)
    asked.lines = [f"{place}{dotted(mistake.path)}: {mistake.reason}" for mistake in mistakes]
    return asked


def _replace_axes(asked: Request, vary: list[str], table: str | None, scenario: Scenario):
    asked.places |= {"axis": "--vary: ", "table": "--table", "size": "--vary"}
    asked.folders = (Path(), Path(scenario.source).parent)
    asked.pairs, asked.table = [], table
    _read_texts(asked, vary)
    if table or asked.kind == TABLE:
        asked.kind, asked.points = TABLE if table else GRID, None


def _replace_kind(asked: Request, kind: str):
    """Another design than that of the file, whose numbers of points it has no use for."""
    asked.kind, asked.places["design"] = kind, "--design"
    if kind not in SAMPLED:
        asked.points = None
        return
    if asked.points is None:
        asked.places["points"] = "--points"
    asked.pairs = [
        (key, {name: value for name, value in how.items() if name != "points"})
        if isinstance(how, Mapping)
        else (key, how)
        for key, how in asked.pairs
    ]


def _read_texts(asked: Request, texts: Iterable[str]):
    for text in texts:
        try:
            key, written = split_text(text)
            asked.pairs.append((key, Written(written)))
        except Refusal as refusal:
            asked.lines += [f"--vary: {line}" for line in refusal.lines]


def _flat(vary: Mapping, above: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """(dotted key, how it varies), also of keys that were written without quotes."""
    for key, how in vary.items():
        path = (*above, *str(key).split("."))
        is_table = (path[0] == "policies" and len(path) < 3) or group_at(path) is not None
        if isinstance(how, Mapping) and is_table:
            yield from _flat(how, path)
        else:
            yield ".".join(path), how


def check_kind(asked: Request, known: Iterable[str] = KINDS):
    """Refuse an unknown kind of design."""
    if asked.kind not in known:
        close = nearest(str(asked.kind), known)
        allowed = ", ".join(known)
        told = f"found {shown(asked.kind)}; allowed are {allowed}; the nearest is '{close}'"
        asked.refuse("design", [told])
        raise Refusal(asked.lines)


def refuse_set_and_varied(settings: Iterable[str], design) -> None:
    """Refuse values (`--set KEY=VALUE`) of what an axis varies at every point anyway; an axis
    may draw from the distribution that was set."""
    keys = [text.partition("=")[0].strip() for text in settings]
    lines = [
        f"--set: {key}: is varied by the sweep, so this would change nothing; leave one out"
        for key in dict.fromkeys(keys)
        if any(axis.key == key and not isinstance(axis.values, Drawn) for axis in design.axes)
    ]
    if lines:
        raise Refusal(lines)
