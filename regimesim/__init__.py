"""regimesim: does an oversight policy survive the first critical try?

    import regimesim as rs
    scenario = rs.load("scenarios/first_critical_try.toml").override({"worlds": 500})
    worlds, months = rs.run(scenario)

Names are imported when they are first used, so that the command line answers at once.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Levers": "oversight.policy",
    "Observation": "oversight.policy",
    "RegimeModel": "model",
    "Refusal": "refusal",
    "Scenario": "scenario",
    "calibrate": "calibration",
    "cruxes": "disagreement",
    "discover": "discovery",
    "estimates": "analysis.first_try",
    "lasting": "analysis.pairs",
    "load": "scenario",
    "pairs": "analysis.pairs",
    "parse": "scenario",
    "policy": "oversight.policy",
    "rare": "analysis.rare",
    "require": "analysis.require",
    "run": "experiment.ensemble",
    "run_to_precision": "analysis.precision",
    "sensitivity": "influence",
    "summarise": "analysis.summary",
    "survival_table": "analysis.tries",
    "sweep": "sweeping",
    "trace": "chronicle",
    "validate": "validation",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'regimesim' has no attribute '{name}'")
    return getattr(import_module(f"regimesim.{_HOMES[name]}"), name)


def __dir__():
    return __all__
