"""From a TOML file, a text or a mapping to a Scenario, or a refusal of every mistake in it."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path

from regimesim.errors import at_most, dotted, shown, too_deep
from regimesim.scenario.dates import months_later
from regimesim.scenario.declaration import Refusal, plain
from regimesim.scenario.differences import Difference, differences
from regimesim.scenario.distribution_numbers import inner_value
from regimesim.scenario.input_errors import (
    Mistake,
    missing_name,
    not_json,
    position,
    positions,
    sift,
)
from regimesim.scenario.measurement import measurements_in
from regimesim.scenario.monitor_strength import with_measurements
from regimesim.scenario.overlay import (
    EXTENDS,
    ONLY_POLICY,
    File,
    changed,
    extended,
    known,
    laid_over,
    nested,
    no_policy,
    own_path,
    single,
)
from regimesim.scenario.parameters import MONITOR_NAMES, Settings, Tables
from regimesim.scenario.policies import read_policies
from regimesim.scenario.policy_in_run import beyond_the_run
from regimesim.scenario.titles import TITLE, Overlay, taken_titles, usual_title, written_titles
from regimesim.scenario.toml_reader import STDIN, TOO_DEEP, read_setting, read_text, read_toml

LONGEST_PATH = 400  # letters of a path that is printed in full
MOST_FILES = 5  # each of which extends the next

__all__ = ["Difference", "Scenario", "ScenarioError", "load", "parse", "prepare"]


class ScenarioError(Refusal):
    """A scenario that cannot be run; `lines` holds one sentence for each mistake."""


@dataclass(frozen=True)
class Scenario:
    """Everything that a run needs: its settings and its policies.

    `load` and `parse` make one, and its methods make others from it; it never changes.

    Attributes
    ----------
    name, description : str
        What it is called, and what it is about.
    start : str
        The first month, "YYYY-MM".
    months : int
        The number of months that are run.
    labs, systems : int
        The number of labs, and that of AI systems in all labs together.
    worlds : int
        The number of worlds of each policy.
    seed : int
        From which all random numbers follow.
    policies : dict of str to Tables
        The parameters of each policy, a full set of tables.
    titles : dict of str to str
        The titles that policies have of their own; see `title`.
    raw : dict
        The mapping that it was read from, overrides included.
    source : str
        Where that came from.
    files : dict of str to str
        The SHA-256 of every file that was read, by its path: the scenario's own, and those that
        it extends.  `raw`, `source` and `files` do not count when scenarios are compared.
    """

    name: str
    description: str
    start: str
    months: int
    labs: int
    systems: int
    worlds: int
    seed: int
    policies: dict[str, Tables]
    titles: dict[str, str] = field(default_factory=dict, kw_only=True)
    raw: dict = field(repr=False, compare=False)
    source: str = field(default="scenario", compare=False)
    files: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def date(self, month: int) -> str:
        """The calendar month of a month of the run.

        Parameters
        ----------
        month : int
            Counted from 0.

        Returns
        -------
        str
            "YYYY-MM".
        """
        return months_later(self.start, month)

    def title(self, policy: str) -> str:
        """How tables and figures write a policy.

        Parameters
        ----------
        policy : str
            Its name.

        Returns
        -------
        str
            Its own title, or its name with spaces for "_".
        """
        return self.titles.get(policy) or usual_title(policy)

    def choose(self, policies: Iterable[str]) -> "Scenario":
        """The scenario with some of its policies only.

        Parameters
        ----------
        policies : iterable of str
            Their names, in the order that the new scenario has.

        Returns
        -------
        Scenario

        Raises
        ------
        Refusal
            For a name that the scenario does not have, and where there is no name.
        """
        names = list(dict.fromkeys(policies))
        missing = [name for name in names if name not in self.policies]
        if missing or not names:
            raise ScenarioError(
                [f"{self.source}: policies: {no_policy(name, self.policies)}" for name in missing]
                or f"{self.source}: policies: none was chosen"
            )
        raw = dict(self.raw)
        if "policies" in raw:
            raw["policies"] = {name: raw["policies"][name] for name in names}
        chosen = {name: self.policies[name] for name in names}
        titles = {name: title for name, title in self.titles.items() if name in chosen}
        return replace(self, policies=chosen, titles=titles, raw=raw)

    def override(self, changes: Mapping[str, object], source: str | None = None) -> "Scenario":
        """The scenario with other values of some keys.

        Parameters
        ----------
        changes : mapping
            The new values by dotted key, such as {"worlds": 500, "oversight.audit_budget": 0.1};
            units and ranges are those of docs/parameters.md.  A key without a policy is set for
            the scenario: policies that set it themselves keep their own value, and a safeguard's
            key is set wherever that safeguard is active.  "policies.NAME.KEY" sets the value of
            one policy.
        source : str, optional
            What every line of a refusal begins with; by default that of the scenario.

        Returns
        -------
        Scenario

        Raises
        ------
        Refusal
            For a key that does not exist, a value that is not allowed, and a change that would
            change nothing.
        """
        source = source or self.source
        raw, lines = deepcopy(self.raw), []
        for path, value in single(changes):
            try:
                raw = changed(raw, path, value)
            except Refusal as refusal:
                lines += [f"{source}: {dotted(path)}: {line}" for line in refusal.lines]
        try:
            made = parse(raw, source, self.name)
            overridden = replace(made, source=self.source, files=self.files | made.files)
        except ScenarioError as error:
            lines += error.lines
        if lines:
            raise ScenarioError(lines)
        return overridden

    def resolved(self) -> dict:
        """All settings and parameters, with their defaults filled in.

        Returns
        -------
        dict
            Plain JSON values, from which `parse` makes the same scenario.
        """
        settings = {name: getattr(self, name) for name in Settings.model_fields}
        policies = {name: plain(tables) for name, tables in self.policies.items()}
        for name in self.titles.keys() & policies.keys():
            policies[name] = {TITLE: self.titles[name], **policies[name]}
        return {**settings, "policies": policies}

    def differences(self) -> list[Difference]:
        """Every value that differs from its default; a safeguard that is active counts as one.

        Returns
        -------
        list of Difference
            (policy, key, value, default); the policy is None where all policies have the value.
        """
        return differences(self)

    def with_policy(self, name: str, settings: Mapping[str, object]) -> "Scenario":
        """The scenario with one more policy.

        Parameters
        ----------
        name : str
            The name of the policy.
        settings : mapping
            What it sets over the scenario: values by dotted key, or whole tables, such as
            {"oversight.control": {}}.

        Returns
        -------
        Scenario

        Raises
        ------
        Refusal
            For a key that does not exist, and for a value that is not allowed.
        """
        overlay: dict = {}
        for path, value in single(settings):
            overlay = laid_over(Tables, overlay, nested(path, value))
        policies = self.raw.get("policies") or {ONLY_POLICY: {}}
        raw = {**deepcopy(self.raw), "policies": {**policies, name: overlay}}
        made = parse(raw, self.source, self.name)
        return replace(made, files=self.files | made.files)


def load(path: str | PathLike[str]) -> Scenario:
    """Load a scenario from a TOML file.

    Parameters
    ----------
    path : path
        The file; "-" is standard input.  It may extend another one, `extends = "other.toml"`.

    Returns
    -------
    Scenario
        Whose name is, by default, that of the file, or "scenario".

    Raises
    ------
    Refusal
        With a sentence for every mistake in the file, or where it cannot be read.
    """
    path = Path(path)
    return _load(path, _source(path), ())


def _source(path: Path) -> str:
    """The name of a file in sentences."""
    source = "standard input" if path == STDIN else str(path)
    return source if source.isprintable() and len(source) <= LONGEST_PATH else shown(source)


def _load(path: Path, place: str, extending: tuple[Path, ...]) -> Scenario:
    """The scenario at `path`, which the last of the files `extending` names."""
    try:
        text, digest = read_text(path)
    except Refusal as refusal:
        raise ScenarioError(f"{place}: {line}" for line in refusal.lines) from None
    name = ONLY_POLICY if path == STDIN else path.stem
    scenario = _parse(text, _source(path), name, path.parent, (*extending, path.resolve()))
    return replace(scenario, files=scenario.files | {_source(path): digest})


def prepare(
    path: str | Path, settings: Iterable[str] = (), policies: Iterable[str] = ()
) -> Scenario:
    """The scenario at `path` with only these policies (else all) and with `KEY=VALUE` settings."""
    scenario: Scenario | None = None
    changes: dict[str, object] = {}
    lines: list[str] = []
    try:
        scenario = load(path)
    except ScenarioError as error:
        lines += error.lines
    for text in settings:
        try:
            key, value = read_setting(text)
        except Refusal as refusal:
            lines += refusal.lines
            continue
        changes[key] = value
        if scenario is None:  # the file has mistakes, and this key may be one more
            lines += _unknown_line(key)
    if scenario is None or lines:
        raise ScenarioError(lines)
    if policies:
        scenario = scenario.choose(policies)
    return scenario.override(changes, "command line") if changes else scenario


def parse(content: Mapping | str, source: str = "scenario", name: str = "scenario") -> Scenario:
    """Make a scenario of a mapping or of a TOML text.

    Parameters
    ----------
    content : mapping or str
        What a scenario file has: {"worlds": 100, "oversight": {"audit_budget": 0.1}}, or its
        text.  What is left out has its default.  A file that it extends is looked for from the
        current folder.
    source : str
        What every line of a refusal begins with.
    name : str
        The name of the scenario where the content has none.

    Returns
    -------
    Scenario

    Raises
    ------
    Refusal
        With a sentence for every mistake in the content.
    """
    return _parse(content, source, name, Path(), ())


def _parse(content, source: str, name: str, folder: Path, files: tuple[Path, ...]) -> Scenario:
    """`parse`, where `files` are those being read, each of which extends the next, and `folder`
    is that of the last."""
    mistakes: list[Mistake] = []
    if isinstance(content, str):
        try:
            content, mistakes = read_toml(content)
        except Refusal as refusal:
            raise ScenarioError(f"{source}: {line}" for line in refusal.lines) from None
    if too_deep(content):
        raise ScenarioError(f"{source}: {TOO_DEEP}")
    raw = deepcopy(dict(content))
    read_before: dict[str, str] = {}
    if EXTENDS in raw:
        base = _base(raw[EXTENDS], source, folder, files)
        raw, read_before = extended(base.raw, raw), base.files
    raw, new = with_measurements(raw, folder, MONITOR_NAMES)
    mistakes += new
    overlays = raw.get("policies")
    good, new = sift(File, {"name": name, **raw})
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
    if not mistakes:
        settings = Settings.model_validate(
            {k: good[k] for k in Settings.model_fields if k in good}
        )
        mistakes = [
            replace(
                mistake, path=(*(("policies", name) if "policies" in raw else ()), *mistake.path)
            )
            for name, tables in policies.items()
            for mistake in beyond_the_run(settings, tables)
        ]
    if mistakes:
        where = positions(raw)
        ordered = sorted(
            dict.fromkeys(mistakes), key=lambda mistake: position(where, mistake.path)
        )
        lines = [f"{source}: {dotted(mistake.path)}: {mistake.reason}" for mistake in ordered]
        raise ScenarioError(at_most(lines))
    return Scenario(
        **dict(settings),
        policies=policies,
        titles=titles,
        raw=raw,
        source=source,
        files=read_before | dict(measurements_in(raw)),
    )


def _base(written, source: str, folder: Path, files: tuple[Path, ...]) -> Scenario:
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
    return _load(path, f"{place}: {_source(path)}", files)


def _unknown_line(key: str) -> list[str]:
    """The line that refuses a key of the command line that exists in no scenario, or none."""
    path = tuple(key.split("."))
    try:
        if inner_value(own_path(path)[1]):
            return []
        known(*((Overlay, path[2:]) if path[0] == "policies" else (File, path)))
    except Refusal as refusal:
        return [f"command line: {key}: {line}" for line in refusal.lines]
    return []
