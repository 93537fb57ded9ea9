"""The content of a scenario, from a TOML file, a text or a mapping, with all mistakes in it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from regimesim.errors import at_most, dotted, gathering, shown, too_deep
from regimesim.scenario.declaration import Refusal
from regimesim.scenario.draws import DRAWS, keep_table, read_table, was_read, with_columns
from regimesim.scenario.evidence_checks import EVIDENCE, read_evidence
from regimesim.scenario.fit_files import plain_content, with_lines
from regimesim.scenario.input_errors import (
    Mistake,
    missing_name,
    not_json,
    position,
    positions,
    sift,
    without,
)
from regimesim.scenario.measurement import measurements_in
from regimesim.scenario.monitor_strength import with_measurements
from regimesim.scenario.overlay import EXTENDS, ONLY_POLICY, File, extended
from regimesim.scenario.parameters import MONITOR_NAMES, Settings, Tables
from regimesim.scenario.policies import read_policies
from regimesim.scenario.policy_in_run import beyond_the_run
from regimesim.scenario.titles import taken_titles, written_titles
from regimesim.scenario.toml_reader import STDIN, TOO_DEEP, read_text, read_toml, source_of

EMPTY = "the file is empty; a scenario has at least a line, such as worlds = 1000"
MOST_FILES = 5  # each of which extends the next


class ScenarioError(Refusal):
    """A scenario that cannot be run; `lines` holds one sentence for each mistake."""


class Content(NamedTuple):
    """What a scenario has.

    Attributes
    ----------
    settings : Settings
        Those of the run.
    policies : dict of str to Tables
        The parameters of each policy.
    titles : dict of str to str
        The titles that policies have of their own.
    raw : dict
        The mapping that it was read from, with what it extends.
    files : dict of str to str
        The SHA-256 of every file that was read, by its path.
    """

    settings: Settings
    policies: dict[str, Tables]
    titles: dict[str, str]
    raw: dict
    files: dict[str, str]


def read_file(path: Path, place: str = "", extending: tuple[Path, ...] = ()) -> Content:
    """Read the file of a scenario.

    Parameters
    ----------
    path : Path
        The file; "-" is standard input.
    place : str
        What a refusal of a file that cannot be read begins with, by default its path.
    extending : tuple of Path
        The files being read, each of which extends the next, and the last this one.

    Returns
    -------
    Content

    Raises
    ------
    ScenarioError
        With a sentence for every mistake.
    """
    source = source_of(path)
    try:
        text, digest = read_text(path)
    except Refusal as refusal:
        raise ScenarioError(f"{place or source}: {line}" for line in refusal.lines) from None
    if not text.strip():  # more likely a file cut short than a wish for every default
        raise ScenarioError(f"{place or source}: {EMPTY}")
    name = ONLY_POLICY if path == STDIN else path.stem
    content = read_content(text, source, name, path.parent, (*extending, path.resolve()))
    return content._replace(files=content.files | {source: digest})


def read_content(
    content: Mapping | str,
    source: str,
    name: str,
    folder: Path = Path(),
    files: tuple[Path, ...] = (),
) -> Content:
    """Read a mapping or a TOML text.

    Parameters
    ----------
    content : mapping or str
        What a scenario file has.
    source : str
        What every line of a refusal begins with.
    name : str
        The name of the scenario where the content has none.
    folder : Path
        From which the file that it extends is looked for.
    files : tuple of Path
        The files being read, each of which extends the next.

    Returns
    -------
    Content

    Raises
    ------
    ScenarioError
        With a sentence for every mistake.
    """
    mistakes: list[Mistake] = []
    if isinstance(content, str):
        try:
            content, mistakes = read_toml(content)
        except Refusal as refusal:
            raise ScenarioError(f"{source}: {line}" for line in refusal.lines) from None
    if too_deep(content):
        raise ScenarioError(f"{source}: {TOO_DEEP}")
    raw, unfitted, read_before = with_lines(plain_content(dict(content)), folder)
    raw, unmeasured = with_measurements(raw, folder, MONITOR_NAMES)
    if EXTENDS in raw:
        base = _base(raw[EXTENDS], source, folder, files)
        if DRAWS in raw and DRAWS in base.raw:
            raise ScenarioError(f"{source}: {DRAWS}: the file that it extends has draws already")
        raw, read_before = extended(base.raw, raw), base.files | read_before
    unread = unfitted + unmeasured
    if DRAWS in raw:
        raw, read = _with_draws(raw, mistakes, unread, source, name, folder)
        read_before = read_before | read
    settings, policies, titles = _checked(raw, source, name, mistakes, unread)
    read_before = read_before | dict(measurements_in(raw))
    return Content(settings, policies, titles, raw, read_before)


def _with_draws(raw: dict, mistakes, unfitted, source: str, name: str, folder: Path):
    """The raw scenario with the columns of its draws in their places, and the SHA-256 of the file
    that was read for it, by path.  Raises ScenarioError with all that is wrong."""
    start = f"{source}: {DRAWS}: "
    lines: list[str] = []
    if was_read(raw):
        with gathering(lines, start):
            keep_table(raw[DRAWS])
        if lines:
            raise ScenarioError(lines)
        return raw, {}
    rest = {key: value for key, value in raw.items() if key != DRAWS}
    with gathering(lines):
        _checked(rest, source, name, mistakes, unfitted)
    with gathering(lines, start):
        table, digest = read_table(raw[DRAWS], folder)
        if not lines:
            raw = {**with_columns(rest, table), DRAWS: table.plain()}
    if lines:
        raise ScenarioError(at_most(lines))
    return raw, {table.file: digest}


def _checked(
    raw, source, name, mistakes, unfitted
) -> tuple[Settings, dict[str, Tables], dict[str, str]]:
    """Settings, policies and titles of a mapping; raises ScenarioError with `mistakes`, those of
    its text, with `unfitted`, those of its files of measurements, and with all others."""
    usable = without(raw, [mistake.path for mistake in unfitted])
    overlays = usable.get("policies")
    mistakes = [*mistakes, *unfitted]
    good, new = sift(File, {"name": name, **usable})
    if "name" not in raw:
        new = [missing_name(mistake) for mistake in new]
    mistakes = [*mistakes, *new]
    for key in ("sweep", "claim"):  # others than a run read them, but it keeps them as JSON
        mistakes += not_json(raw.get(key), (key,))
    policies = read_policies(
        good, {} if overlays is None else overlays, mistakes, "policies" in raw
    )
    titles = written_titles(overlays) if isinstance(overlays, Mapping) else {}
    if not mistakes:
        mistakes += taken_titles(list(policies), titles)
    if mistakes:
        raise _refusal(mistakes, raw, source)
    settings = Settings.model_validate({k: good[k] for k in Settings.model_fields if k in good})
    for policy, tables in policies.items():
        for mistake in beyond_the_run(settings, tables):
            own = mistake.path[0] in (overlays or {}).get(policy, {})
            place = ("policies", policy) if own else ()  # what all inherit is one mistake
            mistakes.append(replace(mistake, path=(*place, *mistake.path)))
    if EVIDENCE in raw:
        mistakes += read_evidence(raw[EVIDENCE], settings, policies)[1]
    if mistakes:
        raise _refusal(mistakes, raw, source)
    return settings, policies, titles


def _refusal(mistakes, raw, source) -> ScenarioError:
    """The refusal of all mistakes, in the order of the file."""
    where = positions(raw)
    ordered = sorted(dict.fromkeys(mistakes), key=lambda mistake: position(where, mistake.path))
    lines = [f"{source}: {dotted(mistake.path)}: {mistake.reason}" for mistake in ordered]
    return ScenarioError(at_most(lines))


def _base(written, source: str, folder: Path, files: tuple[Path, ...]) -> Content:
    """The scenario that a file extends.  Raises Refusal."""
    place = f"{source}: {EXTENDS}"
    start = f"{place}: found {shown(written)}"
    if not isinstance(written, str) or not written.strip() or "\0" in written:
        raise ScenarioError(f"{start}; allowed is the path of a scenario file")
    path = folder / Path(written).expanduser()
    if path == STDIN:
        raise ScenarioError(f"{start}; a file can be extended, standard input cannot")
    if path.resolve() in files:
        raise ScenarioError(f"{start}; this file extends itself, directly or through others")
    if len(files) >= MOST_FILES:
        raise ScenarioError(f"{start}; at most {MOST_FILES} files may extend one another")
    return read_file(path, f"{place}: {source_of(path)}", files)
