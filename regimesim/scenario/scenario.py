"""A scenario, made from a TOML file, a text or a mapping, and others made from it."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path

from regimesim.errors import Refusal, dotted
from regimesim.scenario.dates import months_later
from regimesim.scenario.declaration import plain
from regimesim.scenario.differences import Difference, differences
from regimesim.scenario.distribution_numbers import inner_value
from regimesim.scenario.overlay import (
    ONLY_POLICY,
    File,
    changed,
    known,
    laid_over,
    nested,
    no_policy,
    own_path,
    single,
)
from regimesim.scenario.parameters import Settings, Tables
from regimesim.scenario.reading import (
    Content,
    ScenarioError,
    read_content,
    read_file,
    source_of,
)
from regimesim.scenario.titles import TITLE, Overlay, usual_title
from regimesim.scenario.toml_reader import read_setting

__all__ = ["Difference", "Scenario", "ScenarioError", "load", "parse", "prepare"]


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
        it extends.
    order : dict of str to str
        The title of every policy of the file, by name: also of those that `choose` left out.
        The place of a policy gives it its colour.

    Notes
    -----
    `raw`, `source`, `files` and `order` do not count when scenarios are compared.
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
    order: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

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
            overridden = self._followed_by(parse(raw, source, self.name))
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
        return self._followed_by(parse(raw, self.source, self.name))

    def _followed_by(self, changed: "Scenario") -> "Scenario":
        """A scenario made from this one, with what is known of its file."""
        order = {**self.order, **changed.order}
        files = self.files | changed.files
        return replace(changed, source=self.source, files=files, order=order)


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
    return _made(read_file(path), source_of(path))


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
    return _made(read_content(content, source, name), source)


def _made(content: Content, source: str) -> Scenario:
    """The scenario with a content that was checked."""
    settings, policies, titles, raw, files = content
    order = {name: titles.get(name) or usual_title(name) for name in policies}
    return Scenario(
        **dict(settings),
        policies=policies,
        titles=titles,
        raw=raw,
        source=source,
        files=files,
        order=order,
    )


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
