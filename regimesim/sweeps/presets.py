"""Presets: scenario files whose settings replace those of a scenario."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from regimesim.errors import Refusal
from regimesim.scenario import Scenario, load
from regimesim.scenario.overlay import File, laid_over, no_policy
from regimesim.scenario.parameters import Tables

NOT_TAKEN = ("name", "description", "worlds", "seed", "sweep", "claim")


def read_presets(
    scenario: Scenario, files: Iterable[str], folders: Iterable[Path]
) -> dict[str, dict]:
    """The settings of each file, by its path.  Raises Refusal.

    A file may be in any of `folders`; the first one counts.  Policies that the scenario does
    not have are ignored, and a file with no other policies is refused.
    """
    presets, lines = {}, []
    folders = list(folders)
    for file in dict.fromkeys(files):
        path = next((f / file for f in folders if (f / file).exists()), folders[0] / file)
        try:
            raw = load(path).raw
        except Refusal as refusal:
            lines += refusal.lines
            continue
        presets[file] = {key: raw[key] for key in raw if key not in NOT_TAKEN}
        policies = raw.get("policies", {})
        if policies and policies.keys().isdisjoint(scenario.policies):
            name = next(iter(policies))
            lines.append(
                f"{path}: policies: {no_policy(name, scenario.policies)} of {scenario.source}"
            )
    if lines:
        raise Refusal(lines)
    return presets


def with_preset(raw: Mapping, preset: Mapping) -> dict:
    """A raw scenario with the settings of a preset, and its policies with those of that name."""
    own = {key: value for key, value in preset.items() if key != "policies"}
    laid = laid_over(File, raw, own)
    for name, overlay in preset.get("policies", {}).items():
        if not laid.get("policies"):
            laid = laid_over(File, laid, overlay)
        elif name in laid["policies"]:  # policies that were not chosen are left out
            merged = laid_over(Tables, laid["policies"][name], overlay)
            laid["policies"] = {**laid["policies"], name: merged}
    return laid
