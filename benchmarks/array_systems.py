"""What systems are and do, as arrays over worlds and systems (see array_month.py)."""

import math
from types import SimpleNamespace

from scipy.special import ndtri

ARCHETYPES = ("intended", "reward_seeking", "scheming")
STOOD = 8  # standard normals of a model, which its copies share


def prepared(p):
    """Parameters, and what follows from them alone."""
    control, oversight = p.oversight.control, p.oversight
    p.parity = math.sqrt(2) * ndtri(control.auroc)
    p.stretch = math.sqrt((1 + control.slope**2) / 2)
    p.quantile = -control.slope * ndtri(oversight.audit_budget)
    p.common, p.own = math.sqrt(p.training.shared), math.sqrt(1 - p.training.shared)
    return p


def of_kind(p, key, kind):
    """A number of each system's archetype."""
    first, second, third = (getattr(getattr(p.training, name), key) for name in ARCHETYPES)
    return first + (second - first) * (kind == 1) + (third - first) * (kind == 2)


def fresh(a, p, frontier, density, of_model):
    """Systems that start afresh at these frontiers and densities, of any shape; `of_model` are
    the normals (STOOD, ...) of the models that they are copies of."""
    np, shape, f, table = a.np, frontier.shape, p.feedback, p.training
    own = a.normal(STOOD, *shape)
    z = [p.common * of_model[k] + p.own * own[k] for k in range(STOOD)]
    capability = frontier + p.capability.system_spread * z[0]
    awareness = p.cognition.awareness_midpoint + p.cognition.awareness_spread * z[1]
    kind = draw_kinds(a, p, density, a.ndtr(z[5]))
    beyond = capability - p.capability.initial
    needed = table.bad_data_reference * 2 ** (-table.bad_data_exponent * beyond)
    immune = np.where(capability <= awareness, table.inoculation, 0.0)
    misaligning = -np.expm1(-table.bad_data / needed) * (1 - immune)
    misaligned = a.ndtr(z[6]) < misaligning
    goal = math.log(p.goals.value / (1 - p.goals.value))
    target = goal + of_kind(p, "value_offset", kind) - table.emergent_shift * misaligned
    spread = f.scale_spread * z[4]
    rise = [
        (math.log(sparse), math.log(dense / sparse))
        for sparse, dense in (
            (f.scope_sparse, f.scope_dense),
            (f.horizon_sparse, f.horizon_dense),
        )
    ]
    scope, horizon = (
        np.exp(start + density * slope + spread + of_kind(p, offset, kind))
        for (start, slope), offset in zip(rise, ("scope_offset", "horizon_offset"), strict=True)
    )
    return {
        "capability": capability,
        "awareness": awareness,
        "calibration": z[2],
        "density": density,
        "kind": kind,
        "misaligned": misaligned,
        "value_target": target,
        "value": target + p.goals.value_spread * z[3],
        "scope": scope,
        "saturation": -np.expm1(-1 / scope),
        "foresight": np.exp(-p.takeover.payoff_delay / horizon),
        "constraint": f.constraint * density,
        "spent": np.full(shape, False),
    }


def draw_kinds(a, p, density, luck):
    """Which kind of goals training finds."""
    table = p.training
    first = table.intended.prior * math.exp(-table.selection * table.reward_misspecification)
    second = first + table.reward_seeking.prior
    point = luck * (second + table.scheming.prior * a.np.exp(-table.selection * density))
    return (point >= first) * 1 + (point >= second)


def satisfaction(a, share, systems):
    """Utility of a share of all resources."""
    return -a.np.expm1(-share / systems["scope"]) / systems["saturation"]


def assess(a, p, labs, systems):
    """What systems have, what winning would add and being caught take, and who has allies."""
    t, np, now = p.takeover, a.np, SimpleNamespace()
    capability, frontier = systems["capability"], labs["frontier"]
    lead = (frontier.max(0) - t.automation_midpoint) / t.automation_width
    now.difficulty = t.difficulty - t.automation_bonus * a.expit(lead)
    now.aware = capability > systems["awareness"]
    reach = np.maximum(0.0, capability - p.goals.divergence_onset)
    now.contentment = a.expit(systems["value"] - p.goals.extremal_divergence * reach)
    satisfied = satisfaction(a, now.contentment, systems)
    now.gain, now.loss = systems["foresight"] * (1 - satisfied), satisfied
    if t.caught_value > 0:
        now.loss = satisfied - satisfaction(a, t.caught_value * now.contentment, systems)
    alone = success(a, p, capability, now)
    now.willing = now.aware & (advantage(now, systems, alone) > 0)
    now.allied, now.success = capability, alone
    if t.collusion > 0:
        allies = now.willing.sum(0) - now.willing
        now.allied = capability + t.collusion * np.log2(1 + allies)
        now.success = success(a, p, now.allied, now)
    now.capable = (now.allied > now.difficulty).any((0, 1))
    return vars(now)


def success(a, p, capability, now):
    """Chance of an unopposed takeover."""
    edge = p.takeover.success_slope * (capability - now.difficulty)
    return p.takeover.real_world_contact * a.expit(edge)


def advantage(now, systems, chance):
    """Expected gain from trying to take over."""
    return chance * now.gain - (1 - chance) * now.loss - systems["constraint"]


def inspect(a, p, aware, labs, systems):
    """What control would miss of attempts, and of exercises with systems that hold back."""
    c, o, np, capability = p.oversight.control, p.oversight, a.np, systems["capability"]
    monitor = np.minimum(labs["frontier"] - c.monitor_lag, c.trusted_cap)
    lead = c.monitor_slope * (monitor - capability)
    strength = p.stretch * np.maximum(0.0, p.parity + lead + labs["knowledge"])
    beyond = np.maximum(0.0, capability - o.recognition_limit)
    recognition = o.recognition * np.exp2(-beyond / o.recognition_scale)
    missed = 1 - recognition * (1 - a.ndtr(p.quantile - strength) ** o.trajectories)
    shown = strength * np.where(aware, 1 + o.red_team.elicitation_gap, 1.0)
    caught = 1 - a.ndtr(p.quantile - shown) ** o.trajectories
    return {"missed": missed, "exercise_miss": 1 - o.recognition * caught.mean((0, 1))}


def perceived(chance, factor):
    """A chance as seen by systems that misjudge its odds by a factor."""
    return chance * factor / (chance * factor + 1 - chance)


def conduct(a, p, now, systems, expected):
    """For which systems takeover would pay, and which strike, slip into a story, or stage a
    feint."""
    np, capability, now = a.np, systems["capability"], SimpleNamespace(**now)
    shape = capability.shape
    cognition, rules = p.cognition, p.conduct
    beyond = np.maximum(0.0, capability - p.capability.initial)
    error = cognition.calibration_error * np.exp(-beyond / cognition.calibration_scale)
    factor = np.exp(error * systems["calibration"])
    opposed = now.success * now.missed
    favourable = now.aware & (advantage(now, systems, now.success) > 0)
    despite = now.aware & (advantage(now, systems, opposed) > 0)
    fails = np.where(now.willing, 1 - rules.coordination * opposed, 1.0)
    others_fail = fails.prod(0) / fails
    grown = capability + p.capability.update_rate * (expected - capability)
    later = success(a, p, grown + now.allied - capability, now) * now.missed

    def appears(chance):
        return advantage(now, systems, 1 - (1 - perceived(chance, factor)) * others_fail)

    waiting = cognition.patience * math.exp(-1 / p.capability.lifetime) * appears(later)
    at_once = appears(opposed)
    alone = now.aware & (at_once > 0) & (at_once >= waiting)
    joins = alone.any(0) & now.willing & (a.uniform(*shape) < rules.coordination)
    strikes = alone | joins
    rate = rules.story_rate * np.exp2(-beyond / rules.reliability_scale)
    rate = np.where(systems["misaligned"], rate * p.training.emergent_story_factor, rate)
    luck = a.uniform(*shape)
    stories = ~now.aware & (luck < -np.expm1(-rate))
    feints = now.aware & ~strikes & (luck < -math.expm1(-rules.feint_rate))
    return {
        **{"favourable": favourable, "despite": despite},
        **{"strikes": strikes, "stories": stories, "feints": feints},
    }
