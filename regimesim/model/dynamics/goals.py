"""Goals: what a system wants, how it drifts, and what winning and being caught change."""

from regimesim.model.compilation import equation, stage
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import expm1, logistic


@equation
def drifted(value, target, goal_pull, goal_drift, density, z):
    """Logit-value after a month: dense feedback pulls it to its target, sparse feedback
    lets it wander. Eq. 7.3.13."""
    return value + goal_pull * density * (target - value) + goal_drift * (1.0 - density) * z


@stage
def drift(system, goals):
    """One system's goals drift, as the last part of its month of training."""
    for w in range(WIDTH):
        system.value[w] = drifted(
            system.value[w],
            system.value_target[w],
            goals.goal_pull[w],
            goals.goal_drift[w],
            system.density[w],
            system.drift[w],
        )


@equation
def contentment(value, extremal_divergence, divergence_onset, capability):
    """v: the share of its values that a system expects to see met while humans stay in
    charge; the further its options reach, the less. Eq. 7.4.5."""
    reach = max(0.0, capability - divergence_onset)
    return logistic(value - extremal_divergence * reach)


@equation
def saturation(share, inverse_scope):
    """1 − e^(−x/ξ), of which U is a ratio. Eq. 7.4.6."""
    return -expm1(-share * inverse_scope)


@equation
def utility(share, inverse_scope, inverse_whole):
    """U(x) = (1 − e^(−x/ξ))/(1 − e^(−1/ξ)): satisfaction from a share x of all resources.

    The other arguments are 1/ξ and the inverse of the denominator, as a month divides by neither;
    rounding takes nothing beyond 1.
    Eq. 7.4.6.
    """
    return min(saturation(share, inverse_scope) * inverse_whole, 1.0)


@equation
def gain_of_winning(foresight, satisfied):
    """W = w·(1 − U(v)). Eq. 7.4.7."""
    return foresight * (1.0 - satisfied)


@equation
def loss_when_caught(satisfied, satisfied_caught):
    """X = U(v) − U(caught_value·v). Eq. 7.4.8."""
    return satisfied - satisfied_caught


@equation
def advantage(success, gain, loss, constraint):
    """Adv(p) = p·W − (1 − p)·X − λ: takeover is favourable iff this is positive. Eq. 7.4.9."""
    return success * gain - (1.0 - success) * loss - constraint


@equation
def break_even(gain, loss, constraint):
    """p* = (X + λ)/(W + X), the success at which the advantage is zero; 2 if W + X = 0.
    Eq. 7.4.10."""
    stake = gain + loss
    return (loss + constraint) / stake if stake > 0.0 else 2.0
