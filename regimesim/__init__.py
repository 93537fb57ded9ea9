"""regimesim: does an oversight policy survive the first critical try?

    import regimesim as rs
    scenario = rs.load("scenarios/first_critical_try.toml").override({"worlds": 500})
    worlds, months = rs.run(scenario)

Names are imported when they are first used, so that the command line answers at once.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Levers": "model.oversight.policy",
    "Observation": "model.oversight.policy",
    "RegimeModel": "mesa_model",
    "Refusal": "errors",
    "Scenario": "scenario",
    "calibrate": "scenario.calibration",
    "claims": "studies.claims.compute",
    "compare": "studies.compare.compute",
    "contributions": "studies.contributions.compute",
    "cruxes": "studies.cruxes.compute",
    "discover": "studies.discover.compute",
    "estimates": "analysis.estimands",
    "figures": "studies.plot.figures",
    "lasting": "analysis.pairs",
    "load": "scenario",
    "pairs": "analysis.pairs",
    "parse": "scenario",
    "policy": "model.oversight.policy",
    "rare": "studies.rare.compute",
    "require": "studies.require.compute",
    "run": "studies.run.compute",
    "run_to_precision": "studies.run.compute",
    "sensitivity": "studies.sensitivity.compute",
    "summarise": "analysis.summary",
    "survival_table": "analysis.tries",
    "sweep": "studies.sweep.compute",
    "trace": "studies.trace.compute",
    "validate": "studies.validate.compute",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'regimesim' has no attribute '{name}'")
    home = import_module(f"regimesim.{_HOMES[name]}")
    return (
        home
        if _HOMES[name].endswith(f".{name}") and not hasattr(home, name)
        else getattr(home, name)
    )


def __dir__():
    return __all__
