"""Small scenarios that switch on much of the model."""

import regimesim as rs

ALL_ON = {
    "control": {},
    "cot_monitor": {"curve": "logistic"},
    "interpretability": {},
    "evaluations": {"response": "pause"},
    "correction": {"desire_targeting": 0.5},
    "adaptive": {},
    "pause": {"pause_compliance": 0.5},
}
UNTRUSTED = {
    "control": {
        "monitor": "untrusted",
        "curve": "elo",
        "guard": [500.0, 100.0, 300.0, 3000.0],
        "evader": [500.0, 90.0, 400.0, 3000.0],
    },
    "evaluations": {"response": "restrict", "eval_margin": 6},
}


def busy(**settings):
    """A scenario in which every submodel has something to do."""
    return rs.parse(
        {
            "name": "busy",
            "worlds": 40,
            "months": 100,
            "systems": 10,
            "labs": 3,
            "seed": 7,
            "capability": {"initial": {"normal": [4, 1]}, "doubling_time": {"uniform": [4, 8]}},
            "feedback": {"density_trend": -0.008},
            "training": {
                "bad_data": 0.02,
                "inoculation": 0.5,
                "selection": 1,
                "reward_seeking": {"prior": 0.5},
                "scheming": {"prior": 0.3},
            },
            "takeover": {
                "collusion": 0.3,
                "caught_value": 0.2,
                "difficulty": {"triangular": [9, 12, 16]},
            },
            "conduct": {"feint_rate": 0.02, "story_rate": 0.05},
            "goals": {"extremal_divergence": 0.2},
            "policies": {
                "none": {},
                "control": {"oversight": {"control": {}}},
                "all": {"oversight": ALL_ON},
                "untrusted": {"oversight": UNTRUSTED},
            },
            **settings,
        }
    )
