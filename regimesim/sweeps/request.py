"""The request for a sweep, from a file's table [sweep], the command line or Python."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from regimesim.errors import Refusal, dotted, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.event_values import EVENTS
from regimesim.scenario.input_errors import sift
from regimesim.scenario.overlay import names_tables, own_path
from regimesim.scenario.sweep_table import GRID, KINDS, SAMPLED, TABLE, SweepTable
from regimesim.sweeps.axes import Drawn
from regimesim.sweeps.read_axis import split_text


class _File(SweepTable):
    vary: dict = Field(default_factory=dict)


class Written(NamedTuple):
    """The rest of a `--vary` text after its key, not yet read; None: no rest."""

    text: str | None


@dataclass
class Request:
    """A request for a sweep, not yet checked.

    pairs: (key, how it varies) of each axis · places: the name in a refusal of "axis",
    "design", "points", "table" and, where it is not that of the design, "size" · folders: the
    folders of files · lines: the mistakes so far · ignored: columns of the table that are not
    read.
    """

    kind: str
    pairs: list[tuple[str, object]]
    points: object
    table: str | None
    places: dict[str, str]
    folders: tuple[Path, ...]
    lines: list[str] = field(default_factory=list)
    ignored: tuple[str, ...] = ()

    def refuse(self, place: str, reasons: Iterable[str]):
        """Add a mistake for each reason."""
        self.lines += [f"{self.places[place]}: {reason}" for reason in reasons]

    def refuse_axis(self, key: str, reasons: Iterable[str]):
        """Add a mistake of an axis for each reason."""
        self.lines += [f"{self.axis_place()}{key}: {reason}" for reason in reasons]

    def axis_place(self) -> str:
        """The beginning of a line about an axis, before its key."""
        return f"{self.places['table']}: " if self.kind == TABLE else self.places["axis"]


def read_request(
    scenario: Scenario,
    vary: Iterable[str] = (),
    kind: str | None = None,
    points=None,
    table: str | None = None,
) -> Request:
    """The request of the scenario's [sweep].

    vary, table: their axes replace those of the file · kind, points: replace those of the
    file."""
    request = _of_file(scenario)
    vary = [vary] if isinstance(vary, str) else list(vary)
    if vary or table:
        _replace_axes(request, vary, table, scenario)
    if kind is not None:
        _replace_kind(request, kind)
    if points is not None:
        request.points, request.places["points"] = points, "--points"
    return request


def request_from_python(scenario: Scenario, axes, kind: str, points) -> Request:
    """The request of `make_design`: axes by key, or texts as on the command line."""
    places = {"axis": "axes: ", "design": "kind", "points": "points", "table": "table"}
    folders = (Path(), Path(scenario.source).parent)
    request = Request(kind, [], points, None, places, folders)
    check_kind(request, [known for known in KINDS if known != TABLE])
    if isinstance(axes, Mapping):
        request.pairs = [(str(key), how) for key, how in axes.items()]
    else:
        _read_texts(request, [axes] if isinstance(axes, str) else axes)
    return request


def _of_file(scenario: Scenario) -> Request:
    place = f"{scenario.source}: sweep."
    places = {"axis": f"{place}vary."} | {
        name: f"{place}{name}" for name in ("design", "points", "table")
    }
    table_of_file, mistakes = sift(_File, scenario.raw.get("sweep", {}))
    table = table_of_file.get("table") or None
    pairs = list(_flat(table_of_file.get("vary", {})))
    kind = table_of_file.get("design", TABLE if table else GRID)
    folders = (Path(scenario.source).parent,)
    request = Request(kind, pairs, table_of_file.get("points"), table, places, folders)
    request.lines = [f"{place}{dotted(mistake.path)}: {mistake.reason}" for mistake in mistakes]
    return request


def _replace_axes(request: Request, vary: list[str], table: str | None, scenario: Scenario):
    request.places |= {"axis": "--vary: ", "table": "--table", "size": "--vary"}
    request.folders = (Path(), Path(scenario.source).parent)
    request.pairs, request.table = [], table
    _read_texts(request, vary)
    if table or request.kind == TABLE:
        request.kind, request.points = TABLE if table else GRID, None


def _replace_kind(request: Request, kind: str):
    """Replace the design of the file, whose numbers of points do not apply."""
    request.kind, request.places["design"] = kind, "--design"
    if kind not in SAMPLED:
        request.points = None
        return
    if request.points is None:
        request.places["points"] = "--points"
    request.pairs = [
        (key, {name: value for name, value in how.items() if name != "points"})
        if isinstance(how, Mapping)
        else (key, how)
        for key, how in request.pairs
    ]


def _read_texts(request: Request, texts: Iterable[str]):
    for text in texts:
        try:
            key, written = split_text(text)
            request.pairs.append((key, Written(written)))
        except Refusal as refusal:
            request.lines += [f"--vary: {line}" for line in refusal.lines]


def _flat(vary: Mapping, above: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """(dotted key, how it varies), also for keys written without quotes."""
    for key, how in vary.items():
        path = (*above, *str(key).split("."))
        inner = own_path(path)[1]
        is_table = inner in ((), (EVENTS,)) or path == ("policies",) or names_tables(path)
        if isinstance(how, Mapping) and is_table:
            yield from _flat(how, path)
        else:
            yield ".".join(path), how


def check_kind(request: Request, known: Iterable[str] = KINDS):
    """Refuse an unknown kind of design."""
    if request.kind not in known:
        close = nearest(str(request.kind), known)
        allowed = ", ".join(known)
        message = f"found {shown(request.kind)}; allowed are {allowed}; the nearest is '{close}'"
        request.refuse("design", [message])
        raise Refusal(request.lines)


def refuse_set_and_varied(settings: Iterable[str], design) -> None:
    """Refuse a `--set KEY=VALUE` whose key is an axis, because it would change nothing.

    An axis that draws from the distribution that was set is allowed."""
    keys = [text.partition("=")[0].strip() for text in settings]
    lines = [
        f"--set: {key}: is varied by the sweep, so this would change nothing; leave one out"
        for key in dict.fromkeys(keys)
        if any(axis.key == key and not isinstance(axis.values, Drawn) for axis in design.axes)
    ]
    if lines:
        raise Refusal(lines)
