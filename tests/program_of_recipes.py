"""Prints what the package at hand does, as JSON (run as a program, with the package or with a
copy that the recipes of docs/extending.md have changed): bits of runs that use nothing new
and, with the argument `extended`, what the additions do."""

import hashlib
import json
import sys

import numpy as np
from house_of_recipes import house
from scenarios_of_tests import busy

from regimesim.ensemble.ensemble import Share, run_share
from regimesim.model.world.records import MONTHLY, SAFEGUARDS, names
from regimesim.scenario.declaration import Quantity
from regimesim.scenario.parameters import Tables, declared_in
from regimesim.scenario.plausible_ranges import plausible, plausible_parts

OWN = [place for place, name in enumerate(SAFEGUARDS) if name != "tripwire"]
TEMPTED = {
    "worlds": 400,
    "months": 60,
    "labs": 1,
    "systems": 1,  # so that no try is of several attempts
    "conduct": {"story_rate": 2, "story_handicap": 0},
    "takeover": {"difficulty": 4},
    "capability": {"initial": 4},
    "cognition": {"awareness_midpoint": 60},
}
MEASURED = {"trajectories": 10, "recognition": 1, "recognition_limit": 99}


def live(scenario, policy):
    """Outcomes and monthly sums of one policy."""
    tables = scenario.policies[policy]
    share = Share(0, 0, scenario.worlds)
    return run_share(scenario, tables, None, share, np.zeros(1, np.int64))[:2]


def bits(scenario, policy):
    """A digest of all that one policy leaves of the package's own quantities."""
    outcomes, monthly = live(scenario, policy)
    found = hashlib.sha256(monthly.tobytes())
    for name in outcomes.dtype.names:
        own = outcomes[name][:, OWN] if name == "caught_by" else outcomes[name]
        found.update(np.ascontiguousarray(own).tobytes())
    return found.hexdigest()


def caught(**tripwire):
    """The first critical try under a tripwire alone: mean true rate, share held, by whom."""
    budget = {"audit_budget": tripwire.pop("audit_budget", 0.03)}
    table = {**MEASURED, **budget, "tripwire": tripwire}
    scenario = busy(**TEMPTED, policies={"tripwire": {"oversight": table}})
    outcomes = live(scenario, "tripwire")[0]
    tried = outcomes[outcomes["held_first_critical_try"] >= 0]
    by = tried["caught_by"]
    place = SAFEGUARDS.index("tripwire")
    return {
        "tries": len(tried),
        "rates": [tried["true_catch_rate"].min(), tried["true_catch_rate"].max()],
        "expected": tried["true_catch_rate"].mean(),
        "held": tried["held_first_critical_try"].mean(),
        "by_tripwire": by[:, place].mean(),
        "by_others": np.delete(by, place, axis=1).sum(),
    }


def monthly_mean(name, **settings):
    """The largest monthly mean of a quantity of MONTHLY."""
    scenario = busy(**settings)
    monthly = live(scenario, "control")[1]
    column = 1 + names(MONTHLY).index(name)
    worlds = np.maximum(monthly[:, 0], 1)
    return float((monthly[:, column] * 2.0**-28 / worlds).max())


def ranges(*keys):
    """The numbers of the model that lack a plausible range, and the ranges of these keys."""
    numbers = [one for one in declared_in(Tables) if isinstance(one.quantity, Quantity)]
    return {
        "lacking": [one.key for one in numbers if not plausible_parts(one)],
        "ranges": {key: plausible(key)[:2] for key in keys},
    }


def main():
    scenario = busy()
    answer = {"bits": {policy: bits(scenario, policy) for policy in scenario.policies}}
    extended = sys.argv[1:] == ["extended"]
    answer |= house(extended)
    if extended:
        answer["plausible"] = ranges(
            "paradigm.knowledge_decay",
            "oversight.tripwire.believable",
            "oversight.tripwire.slope",
            "oversight.freeze.freeze_paradigm",
        )
        answer["safeguard"] = {
            "whole": caught(audit_budget=1),
            "seen through": caught(strength=5, believable=-10),
            "believed": caught(strength=1.5, believable=100),
            "shared": caught(strength=1.5, believable=100, audit_budget=0),
        }
        freeze = {"freeze_threshold": 0, "freeze_paradigm": 1}
        frozen = {"oversight": {"control": {}, "freeze": freeze}}
        free = {"oversight": {"control": {}}}
        fast = {"ladder_rate": 1}
        answer["response"] = [
            monthly_mean("paradigm_4", paradigm=fast, policies={"control": policy})
            for policy in (free, frozen)
        ]
        answer["parameter"] = [
            monthly_mean("knowledge", paradigm={"knowledge_decay": decay}) for decay in (0, 1)
        ]
    json.dump(answer, sys.stdout, default=float)


if __name__ == "__main__":
    main()
