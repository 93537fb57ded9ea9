"""The policies of a file: the tables of each, laid over those of the scenario."""

import re
from collections.abc import Mapping

from regimesim.errors import shown
from regimesim.scenario.input_errors import Mistake, holds, read, sift
from regimesim.scenario.overlay import ONLY_POLICY, laid_over
from regimesim.scenario.parameters import Settings, Tables
from regimesim.scenario.policy_in_run import with_outside
from regimesim.scenario.titles import TITLE, Overlay

MOST_POLICIES = 100  # every pair of them is compared
POLICY_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


def read_policies(base: dict, overlays, mistakes: list[Mistake], named: bool) -> dict[str, Tables]:
    """The tables of every policy over the sifted `base`; adds what is wrong to `mistakes`."""
    if not isinstance(overlays, Mapping) or (named and not overlays):
        reason = f"found {shown(overlays)}; allowed are tables [policies.NAME], at least one"
        mistakes.append(Mistake(("policies",), reason))
        overlays = {}
    if len(overlays) > MOST_POLICIES:
        reason = f"found {len(overlays):,} policies; allowed are at most {MOST_POLICIES}"
        mistakes.append(Mistake(("policies",), reason))
        overlays = {}
    wrong = {mistake.path for mistake in mistakes}
    base = {key: value for key, value in base.items() if key in Tables.model_fields}
    policies = {}
    for name, overlay in (overlays or {ONLY_POLICY: {}}).items():
        place = ("policies", name)
        if not POLICY_NAME.fullmatch(str(name)):
            reason = "a policy's name is 1 to 40 of the letters, digits, '_' and '-'"
            mistakes.append(Mistake(place, reason))
        if not isinstance(overlay, Mapping):
            mistakes.append(Mistake(place, f"found {shown(overlay)}; allowed is a table"))
            continue
        overlay, new = _sift_overlay(overlay)
        mistakes += [Mistake(place + mistake.path, mistake.reason) for mistake in new]
        bad = wrong | {mistake.path for mistake in new}
        parameters = {key: value for key, value in overlay.items() if key != TITLE}
        tables, contradictions = read(Tables, laid_over(Tables, base, parameters))
        for mistake in contradictions:
            own = any(holds(overlay, path) for path in mistake.among)
            if not bad & set(mistake.among):
                mistakes.append(Mistake((place if own else ()) + mistake.path, mistake.reason))
        if tables is not None:
            policies[name] = with_outside(tables, base, overlay)
    return policies


def _sift_overlay(overlay: Mapping) -> tuple[dict, list[Mistake]]:
    good, mistakes = sift(Overlay, overlay)
    return good, [
        Mistake(mistake.path, "a setting of the whole run; it belongs to the top level")
        if mistake.path[0] in Settings.model_fields
        else mistake
        for mistake in mistakes
    ]
