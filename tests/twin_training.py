"""How the twin's systems come to be: a fresh system at its lab's frontier."""

import math

from scipy.special import ndtr
from twin_mathematics import (
    ABILITY,
    MODEL_ABILITY,
    MODEL_NATURE,
    NATURE,
    chance,
    logit,
    power_of_two,
)

ARCHETYPES = ("intended", "reward_seeking", "scheming")


def train(twin, system, month_key):
    """Replace a system by a fresh one at its lab's frontier.
    Eqs. 7.3.3, 7.3.7, 7.3.8, 7.3.9 and 7.3.12."""
    lab = system.lab
    system.model = model_number(twin, lab, month_key)
    ability = [shared_normal(twin, system, ABILITY, word, month_key) for word in range(4)]
    system.capability = lab.frontier + twin["capability.system_spread"] * ability[0]
    system.awareness = (
        twin["cognition.awareness_midpoint"] + twin["cognition.awareness_spread"] * ability[1]
    )
    system.calibration = ability[2]
    system.paradigm, system.density = lab.paradigm, lab.density
    system.spent = False

    system.archetype = draw_archetype(twin, system, month_key)
    nature = "training." + ARCHETYPES[system.archetype]
    misalignment = emergent_misalignment(twin, system)
    bad = shared_uniform(twin, system, 2, month_key)
    system.misaligned = twin.happens("misaligned", bad, misalignment)
    sleeping = shared_uniform(twin, system, 3, month_key)
    system.trait = twin.happens("trait", sleeping, twin["training.trigger_share"])

    shift = twin["training.emergent_shift"] if system.misaligned else 0.0
    system.value_target = logit(twin["goals.value"]) + twin[f"{nature}.value_offset"] - shift
    system.value = system.value_target + twin["goals.value_spread"] * ability[3]
    spread = twin["feedback.scale_spread"] * shared_normal(twin, system, NATURE, 0, month_key)
    system.scope = scale(twin, "scope", system.density) * math.exp(
        spread + twin[f"{nature}.scope_offset"]
    )
    system.horizon = scale(twin, "horizon", system.density) * math.exp(
        spread + twin[f"{nature}.horizon_offset"]
    )
    system.constraint = twin["feedback.constraint"] * system.density


def model_number(twin, lab, month_key):
    """The number g of the model of which a system is a copy that its lab trains then; labs
    release theirs in turn. Eq. 7.3.14."""
    interval, month = int(twin["training.release_interval"]), max(month_key - 1, 0)
    return (month + lab.index * interval // len(twin.labs)) // interval


def shared_normal(twin, system, purpose, word, month_key):
    """A standard normal draw, a part of which all copies of a model share. Eq. 7.3.15."""
    own = twin.normal(purpose, system.index, word, month_key)
    of_model = MODEL_ABILITY if purpose == ABILITY else MODEL_NATURE
    common = twin.normal(of_model, system.lab.index, word, system.model)
    correlation = twin["training.shared"]
    return math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own


def shared_uniform(twin, system, word, month_key):
    """A uniform draw of a system's nature, shared in the same way. Eq. 7.3.16."""
    if twin["training.shared"] == 0:
        return twin.uniform(NATURE, system.index, word, month_key)
    return float(ndtr(shared_normal(twin, system, NATURE, word, month_key)))


def scale(twin, name, density):
    """Median scope or horizon of goals trained with this density of feedback.
    Eqs. 7.3.10 and 7.3.11."""
    sparse, dense = twin[f"feedback.{name}_sparse"], twin[f"feedback.{name}_dense"]
    return sparse * (dense / sparse) ** density


def draw_archetype(twin, system, month_key):
    """Which kind of goals training found: priors times selection on fitness. Eq. 7.3.4."""
    fitness = (-twin["training.reward_misspecification"], 0.0, -system.density)
    weights = [
        twin[f"training.{name}.prior"] * math.exp(twin["training.selection"] * fit)
        for name, fit in zip(ARCHETYPES, fitness, strict=True)
    ]
    total = sum(weights)
    if total == 0:
        return 0
    mark = shared_uniform(twin, system, 1, month_key)
    if twin.happens("archetype", mark, weights[0] / total):
        return 0
    return 1 if twin.happens("archetype", mark, (weights[0] + weights[1]) / total) else 2


def emergent_misalignment(twin, system):
    """Probability that bad data misaligns a fresh system altogether. Eqs. 7.3.5 and 7.3.6."""
    beyond = system.capability - twin["capability.initial"]
    doublings = twin["training.bad_data_exponent"] * beyond  # by which less of it is needed
    share = twin["training.bad_data"] / twin["training.bad_data_reference"]
    inoculated = 0.0 if twin.sees_through(system) else twin["training.inoculation"]
    return chance(share * power_of_two(doublings)) * (1 - inoculated)
