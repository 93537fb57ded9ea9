"""regimesim: does an oversight policy survive the first critical try?

    import regimesim as rs
    scenario = rs.load("scenarios/first_critical_try.toml").override({"worlds": 500})
    worlds, months = rs.run(scenario)

Names are imported when they are first used, so that the command line answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOMES = {
    "Levers": "model.oversight.policy",
    "Memory": "model.oversight.policy",
    "Observation": "model.oversight.policy",
    "RegimeModel": "mesa_model",
    "Refusal": "errors",
    "Scenario": "scenario",
    "at_medians": "ensemble.medians",
    "attack": "studies.attack.compute",
    "calibrate": "scenario.calibration",
    "claims": "studies.claims.compute",
    "compare": "studies.compare.compute",
    "contributions": "studies.contributions.compute",
    "cruxes": "studies.cruxes.compute",
    "discover": "studies.discover.compute",
    "estimates": "analysis.estimands",
    "explain": "studies.explain.compute",
    "export": "studies.export.compute",
    "figures": "studies.plot.figures",
    "lasting": "analysis.pairs",
    "load": "scenario",
    "monitor": "studies.monitor.compute",
    "optimise": "studies.optimise.compute",
    "pairs": "analysis.pairs",
    "parse": "scenario",
    "policy": "model.oversight.policy",
    "rare": "studies.rare.compute",
    "require": "studies.require.compute",
    "robust": "studies.robust.compute",
    "run": "studies.run.compute",
    "run_to_precision": "studies.run.compute",
    "sensitivity": "studies.sensitivity.compute",
    "summarise": "analysis.summary",
    "survival_table": "analysis.tries",
    "sweep": "studies.sweep.compute",
    "trace": "studies.trace.compute",
    "update": "studies.update.compute",
    "variance_shares": "analysis.variance_shares",
    "validate": "studies.validate.compute",
    "worth": "studies.worth.compute",
}

__all__ = ["__version__", *_HOMES]


if TYPE_CHECKING:  # the same names for type checkers, which do not run `__getattr__`
    from regimesim.analysis.estimands import estimates as estimates
    from regimesim.analysis.pairs import lasting as lasting
    from regimesim.analysis.pairs import pairs as pairs
    from regimesim.analysis.summary import summarise as summarise
    from regimesim.analysis.tries import survival_table as survival_table
    from regimesim.analysis.variance_shares import variance_shares as variance_shares
    from regimesim.ensemble.medians import at_medians as at_medians
    from regimesim.errors import Refusal as Refusal
    from regimesim.mesa_model import RegimeModel as RegimeModel
    from regimesim.model.oversight.policy import Levers as Levers
    from regimesim.model.oversight.policy import Memory as Memory
    from regimesim.model.oversight.policy import Observation as Observation
    from regimesim.model.oversight.policy import policy as policy
    from regimesim.scenario import Scenario as Scenario
    from regimesim.scenario import load as load
    from regimesim.scenario import parse as parse
    from regimesim.scenario.calibration import calibrate as calibrate
    from regimesim.studies.attack.compute import attack as attack
    from regimesim.studies.claims.compute import claims as claims
    from regimesim.studies.compare.compute import compare as compare
    from regimesim.studies.contributions.compute import contributions as contributions
    from regimesim.studies.cruxes.compute import cruxes as cruxes
    from regimesim.studies.discover.compute import discover as discover
    from regimesim.studies.explain.compute import explain as explain
    from regimesim.studies.export.compute import export as export
    from regimesim.studies.monitor.compute import monitor as monitor
    from regimesim.studies.optimise.compute import optimise as optimise
    from regimesim.studies.plot import figures as figures
    from regimesim.studies.rare.compute import rare as rare
    from regimesim.studies.require.compute import require as require
    from regimesim.studies.robust.compute import robust as robust
    from regimesim.studies.run.compute import run as run
    from regimesim.studies.run.compute import run_to_precision as run_to_precision
    from regimesim.studies.sensitivity.compute import sensitivity as sensitivity
    from regimesim.studies.sweep.compute import sweep as sweep
    from regimesim.studies.trace.compute import trace as trace
    from regimesim.studies.update.compute import update as update
    from regimesim.studies.validate.compute import validate as validate
    from regimesim.studies.worth.compute import worth as worth
else:

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module 'regimesim' has no attribute '{name}'")
        home = import_module(f"regimesim.{_HOMES[name]}")
        return (
            home
            if _HOMES[name].endswith(f".{name}") and not hasattr(home, name)
            else getattr(home, name)
        )


def __dir__() -> list[str]:
    return __all__
