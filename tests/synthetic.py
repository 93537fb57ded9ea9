"""What datasets of made-up worlds say of the run that they would come from."""

import json


def attributes(worlds, months, seed=1, **scenario):
    """Attributes of a made-up dataset; `scenario` is what its scenario says besides its name."""
    return {
        "scenario": "made-up",
        "description": "worlds that were never simulated",
        "seed": seed,
        "worlds": worlds,
        "months": months,
        "start": "2026-01",
        "labs": 3,
        "systems": 60,
        "looks": 1,
        "version": "0.0.0",
        "digest": "0" * 16,
        "scenario_json": json.dumps({"name": "made-up", **scenario}),
    }
