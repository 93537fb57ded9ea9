"""Evidence of a file of its own."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from regimesim.errors import Refusal, dotted, shown
from regimesim.scenario.evidence import Evidence
from regimesim.scenario.evidence_checks import EVIDENCE, beyond_the_end, read_evidence
from regimesim.scenario.scenario import Scenario
from regimesim.scenario.toml_reader import read_text, read_toml


def evidence_from(
    scenario: Scenario, source: str | PathLike[str] | Mapping | None = None
) -> Evidence:
    """The evidence of a scenario, or of another source, checked against the scenario.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    source : path or mapping, optional
        A file with a table [evidence], or the content of that table; by default the evidence in
        the scenario itself.

    Returns
    -------
    Evidence

    Raises
    ------
    Refusal
        With a sentence for every mistake, and where there is no evidence.
    """
    if source is None:
        if scenario.evidence is None:
            what = "has no table [evidence]; write one, or name a file (--evidence)"
            raise Refusal(f"{scenario.source}: {what}")
        _check_end(scenario, scenario.evidence, f"{scenario.source}: {EVIDENCE}")
        return scenario.evidence
    place, raw = "evidence", source
    if not isinstance(source, Mapping):
        place, raw = str(source), _table_in(Path(source), str(source))
    evidence, mistakes = read_evidence(raw, scenario, scenario.policies)
    if evidence is None:
        at = [(one.path if place != EVIDENCE else one.path[1:], one.reason) for one in mistakes]
        raise Refusal(
            f"{place}: {dotted(path)}: {why}" if path else f"{place}: {why}" for path, why in at
        )
    _check_end(scenario, evidence, place)
    return evidence


def _check_end(scenario: Scenario, evidence: Evidence, place: str) -> None:
    """Raises Refusal for evidence that is about months after the end of the run."""
    if lines := list(beyond_the_end(evidence, scenario)):
        raise Refusal(f"{place}: {line}" for line in lines)


def _table_in(path: Path, place: str):
    """The table [evidence] of a file.  Raises Refusal."""
    try:
        content, mistakes = read_toml(read_text(path.expanduser(), "a file of evidence")[0])
    except Refusal as refusal:
        raise Refusal(f"{place}: {line}" for line in refusal.lines) from None
    others = [key for key in content if key != EVIDENCE]
    lines = [f"{place}: {dotted(one.path)}: {one.reason}" for one in mistakes]
    if EVIDENCE not in content:
        lines.append(f"{place}: has no table [evidence]")
    if others:
        allowed = "allowed is the table [evidence] alone"
        lines.append(f"{place}: found {shown(others[0])}; {allowed}")
    if lines:
        raise Refusal(lines)
    return content[EVIDENCE]
