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
# All safeguards, none of which is perfect, and events that answer what happens.
SEEN_THROUGH = {
    "audit_budget": 0.1,
    "trajectories": 4,
    "recognition": 0.9,
    "recognition_limit": 7,
    "drop_rate": 0.05,
    "control": {"slope": 0.6, "curve": "logistic", "tax": 0.1},
    "cot_monitor": {"slope": 1.4, "share": 0.5, "evasion": 0.1, "evasion_onset": 6},
    "interpretability": {"evasion": 0.2, "evasion_onset": 8},
    "honeypots": {"traps": 0.4, "seen_through_limit": 6, "tax": 0.05},
    "evaluations": {"response": "pause"},
    "correction": {"desire_targeting": 0.5, "flagged_by_cot": 0.7},
    "adaptive": {},
    "pause": {"pause_compliance": 0.5},
    "beliefs": {"alarm_evidence": 0.5},
}
EVENTS = [
    {"when": "strikes_seen", "at_least": 1, "months": 3, "withdraw": "lab", "set": {"frozen": 1}},
    {"when": "strikes_seen", "at_least": 1, "withdraw": "model", "set": {"audit_budget": 0.2}},
    {"when": "alarm", "at_least": 1, "months": 6, "set": {"contact": 0.8, "hold": 3}},
    {"when": "danger_belief", "at_least": 0.5, "months": 2, "set": {"growth": 0.4}},
    {"when": "believed_catch_rate", "at_most": 0.4, "months": 1, "set": {"pause": 0.9}},
    {"on": "2026-11", "months": 12, "withdraw": "all", "set": {"density_floor": 0.7}},
]


def responding(**settings):
    """A busy scenario of systems that are copies of models and strike together, under policies
    with everything that can be responded with: of all labs, of some, and with one monitor."""
    own = {"oversight": SEEN_THROUGH, "events": EVENTS, "paradigm": {"hold": 2}}
    dense = {"feedback": {"density": 0.95, "density_trend": 0, "density_per_doubling": 0}}
    probed = {"audit_budget": 0.1, "interpretability": {"slope": 0.5}, "honeypots": {}}
    return busy(
        **{
            "feedback": {"density_trend": -0.004, "density_per_doubling": -0.03},
            "paradigm": {"ladder_rate": 0.01, "ladder_per_doubling": 0.2},
            "conduct": {"feint_rate": 0.02, "story_rate": 0.05, "coordination": 0.5},
            "training": {
                "shared": 0.5,
                "release_interval": 5,
                "bad_data": 0.02,
                "scheming": {"prior": 0.3},
            },
            "policies": {
                "responding": own,
                "leading": {**own, **dense, "adopters": 1},
                "lagging": {**own, **dense, "adopters": 2, "adopters_are": "lagging"},
                "probed": {"oversight": probed, "adopters": 2, "adopters_are": "any"},
            },
            **settings,
        }
    )


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
