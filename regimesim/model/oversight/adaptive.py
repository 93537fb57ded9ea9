"""Adaptive auditing: the budget follows the risk that overseers believe."""

from regimesim.model.compilation import equation
from regimesim.model.world.mathematics import exp, log


@equation
def believed_risk(danger_belief, believed_catch_rate):
    """r̂: believed probability of danger times that of missing an attempt. Eq. 7.8.6."""
    return danger_belief * (1.0 - believed_catch_rate)


@equation
def steered(audit_budget, risk, adaptation, risk_tolerance, audit_min, audit_max):
    """Next month's budget: relaxed when all looks well, tightened when not. Eq. 7.8.7."""
    alarm = min(max(log(risk / risk_tolerance), -1.0), 1.0)
    return min(max(audit_budget * exp(adaptation * alarm), audit_min), audit_max)
