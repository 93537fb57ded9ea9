"""What is recorded of a month of the twin, by the names of the record."""

from statistics import mean

from twin_learning import believed_catch_rate
from twin_mathematics import sigmoid


def measure(twin):
    """The quantities of a month that has just been lived through."""
    labs, systems = twin.labs, twin.systems
    return {
        "frontier": mean(lab.frontier for lab in labs),
        "leader": max(lab.frontier for lab in labs),
        "capability": mean(system.capability for system in systems),
        "capability_reported": mean(twin.feigned(system) for system in systems),
        "difficulty": twin.difficulty,
        "density": mean(lab.density for lab in labs),
        "knowledge": mean(lab.knowledge for lab in labs),
        "erosion": mean(lab.erosion for lab in labs),
        **{f"paradigm_{p}": mean(float(lab.paradigm == p) for lab in labs) for p in (1, 2, 3, 4)},
        "dropped": mean(float(lab.dropped) for lab in labs),
        "aware_systems": mean(float(system.aware) for system in systems),
        "favourable_systems": twin.favourable_systems / len(systems),
        "value": mean(system.contentment for system in systems),
        "misaligned_systems": mean(float(system.misaligned) for system in systems),
        "awake_systems": mean(float(twin.awake and system.trait) for system in systems),
        "reward_seeking_systems": mean(float(system.archetype == 1) for system in systems),
        "scheming_systems": mean(float(system.archetype == 2) for system in systems),
        "audit_budget": max(twin.audit_budget, twin.audit_floor),
        "catch_rate_believed": believed_catch_rate(twin),
        "catch_rate": 1 - mean(system.missed for system in systems),
        "catch_rate_exercises": twin.exercise_rate,
        "danger_belief": sigmoid(twin.danger),
        "pause": mean(lab.paused for lab in labs),
        "correction": 0.0 if twin.lost else twin.corrected,
        "alarm": float(twin.alarm),
        "story_incidents": twin.stories_this_month,
        "strikes": twin.strikes_this_month,
        "strikes_caught": twin.caught_strikes,
        "feints": twin.feints_this_month,
        "critical_tries": float(bool(twin.critical_this_month)),
    }


def regime(twin):
    """The first that holds of the regimes of a world."""
    order = (
        ("lost", "takeover"),
        ("tried_and_held", "first_critical_try"),
        ("favourable", "favourable"),
        ("capable", "capable"),
    )
    return next((name for name, reached in order if twin.crossings[reached] >= 0), "safe")


__all__ = ["measure", "regime"]
