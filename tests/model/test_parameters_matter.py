"""No parameter is inert: where its mechanism is on, a change of it changes what is recorded."""

from functools import cache

import pytest
from small import differing, run

from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.declaration import Choice, Text
from regimesim.scenario.parameters import declarations
from regimesim.scenario.policies import MOST_POLICIES

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of months, too slow uncompiled")

LINES = {"guard": [900, 100, 500, 1400], "evader": [850, 90, 500, 1500]}
MONITORS = ("control", "cot_monitor", "interpretability")
SAFEGUARDS = (*MONITORS, "honeypots")

# A scenario in which every mechanism has something to do.
BUSY = {
    "capability.initial": 4,
    "feedback.density": 0.5,
    "feedback.density_race": 0.002,
    "feedback.density_floor": 0.2,
    "feedback.constraint": 0.1,
    "goals.extremal_divergence": 0.1,
    "goals.divergence_onset": 5,
    "training.bad_data": 0.02,
    "training.inoculation": 0.5,
    "training.trigger_share": 0.3,
    "training.trigger_automation": 0.4,
    "training.selection": 1,
    "training.reward_misspecification": 0.3,
    "training.reward_seeking.prior": 0.5,
    "training.scheming.prior": 0.5,
    "takeover.difficulty": 12,
    "takeover.caught_value": 0.8,
    "takeover.collusion": 0.5,
    "cognition.awareness_midpoint": 7,
    "conduct.story_rate": 0.1,
    "conduct.story_handicap": 2,
    "conduct.feint_rate": 0.02,
    "paradigm.ladder_rate": 0.05,
    "oversight.audit_budget": 0.01,
    "oversight.trajectories": 3,
    "oversight.control.monitor": "trusted",
    "oversight.drop_rate": 0.2,
    "oversight.cot_monitor.tax": 0.1,
    "oversight.interpretability": {"evasion": 0.1, "evasion_onset": 6},
    "oversight.cot_monitor.evasion": 0.1,
    "oversight.cot_monitor.evasion_onset": 6,
    "oversight.honeypots": {"seen_through_limit": 6},
    "oversight.recognition": 0.9,
    "oversight.recognition_limit": 6,
    "training.shared": 0.5,
    "conduct.coordination": 0.3,
    "oversight.evaluations.response": "pause",
    "oversight.correction.desire_targeting": 0.5,
    "oversight.correction.flagged_by_cot": 0.5,
    "oversight.adaptive": {"risk_tolerance": 0.05},
    "oversight.pause.pause_threshold": 0.2,
    "oversight.pause.pause_compliance": 0.5,
}
ADOPTED = {**BUSY, "adopters": 1, "feedback.density_floor": 0.0, "outside.density_floor": 0.0}
UNTRUSTED = {**BUSY, "oversight.control.monitor": "untrusted"}
ELO = {key: value for key, value in BUSY.items() if not key.startswith("oversight.c")} | {
    f"oversight.{name}": {"curve": "elo", **LINES} for name in MONITORS
}
ELO["oversight.control"]["monitor"] = "untrusted"  # strong enough to meet the ceiling

# By context, every parameter with a value that differs from the context's; of a list,
# each number is changed by itself.
LINE = [1000, 95, 530, 1350]
ARCHETYPE = {"prior": 0.9, "value_offset": 0.7, "scope_offset": -0.5, "horizon_offset": 0.4}
FIT = {"auroc": 0.7, "auroc_sd": 0.02, "strength": 0.7, "strength_sd": 0.1, "slope": 0.7}
FIT |= {"slope_sigma": 0.2, "auroc_with_slope": 0.0, "strength_with_slope": 0.0}
MEASURED = {"file": "monitor.json", "sha256": "", "binormal": FIT, "logistic": FIT}
CHANGES = {
    "busy": {
        "capability.initial": 4.1,
        "capability.doubling_time": 6,
        "capability.lab_spread": 0.6,
        "capability.system_spread": 0.8,
        "capability.noise": 0.2,
        "capability.ceiling": 25,
        "capability.diffusion": 0.1,
        "capability.update_rate": 0.1,
        "capability.lifetime": 6,
        "capability.research_automation_gain": 2,
        "capability.research_automation_midpoint": 8,
        "capability.research_automation_width": 2,
        "feedback.density": 0.4,
        "feedback.density_spread": 0.1,
        "feedback.density_trend": -0.002,
        "feedback.density_race": 0.01,
        "feedback.density_floor": 0.4,
        "feedback.density_per_doubling": -0.05,
        "feedback.sparse_premium": 0.3,
        "feedback.scope_dense": 0.1,
        "feedback.scope_sparse": 10,
        "feedback.horizon_dense": 4,
        "feedback.horizon_sparse": 60,
        "feedback.scale_spread": 0.5,
        "feedback.constraint": 0.2,
        "goals.value": 0.6,
        "goals.value_spread": 1,
        "goals.goal_pull": 0.2,
        "goals.goal_drift": 0.5,
        "goals.extremal_divergence": 0.2,
        "goals.divergence_onset": 7,
        "training.bad_data": 0.05,
        "training.bad_data_reference": 0.1,
        "training.bad_data_exponent": 0.3,
        "training.emergent_shift": 3,
        "training.emergent_story_factor": 10,
        "training.inoculation": 1,
        "training.trigger_share": 0.6,
        "training.trigger_month": 20,
        "training.trigger_automation": 0.1,
        "training.trigger_shift": 4,
        "training.release_interval": 12,
        "training.shared": 0.9,
        "training.selection": 3,
        "training.reward_misspecification": 1,
        **{
            f"training.{name}.{key}": value
            for name in ("intended", "reward_seeking", "scheming")
            for key, value in ARCHETYPE.items()
        },
        "takeover.difficulty": 13,
        "takeover.success_slope": 1,
        "takeover.automation_bonus": 3,
        "takeover.automation_midpoint": 10,
        "takeover.automation_width": 1,
        "takeover.payoff_delay": 24,
        "takeover.caught_value": 0.5,
        "takeover.collusion": 1,
        "takeover.real_world_contact": 0.5,
        "cognition.awareness_midpoint": 8,
        "cognition.awareness_spread": 2,
        "cognition.calibration_error": 1,
        "cognition.calibration_scale": 5,
        "cognition.patience": 0.5,
        "cognition.audit_sight": 0,
        "cognition.sandbagging": 1,
        "conduct.story_rate": 0.2,
        "conduct.story_handicap": 0,
        "conduct.reliability_scale": 8,
        "conduct.feint_rate": 0.1,
        "conduct.coordination": 0.9,
        "paradigm.initial": 2,
        "paradigm.ladder_rate": 0.1,
        "paradigm.race": 2,
        "paradigm.ladder_per_doubling": 0.5,
        "paradigm.hold": 2,
        "paradigm.premium": [0.1, 0.1, 0.1, 0.1],
        "paradigm.faithfulness": [0.5, 0.5, 0.5, 0.5],
        "paradigm.knowledge_transfer": 0.9,
        "paradigm.safety_research": 0.02,
        "paradigm.safety_automation": 2,
        "oversight.audit_budget": 0.02,
        "oversight.trajectories": 5,
        "oversight.recognition": 0.6,
        "oversight.recognition_limit": 7,
        "oversight.recognition_scale": 2,
        "oversight.common_cause": 0.6,
        "oversight.tax": 0.1,
        "oversight.drop_rate": 1,
        **{f"oversight.{name}.share": 0.5 for name in MONITORS},
        **{f"oversight.{name}.slope": 0.6 for name in MONITORS},
        **{f"oversight.{name}.operating_point": {"fpr": 0.05, "tpr": 0.4} for name in MONITORS},
        **{f"oversight.{name}.measured": MEASURED for name in MONITORS},
        **{f"oversight.{name}.tax": -0.1 for name in SAFEGUARDS},
        **{f"oversight.{name}.curve": None for name in MONITORS},
        **{f"oversight.{name}.evasion": 0.3 for name in MONITORS[1:]},
        **{f"oversight.{name}.evasion_onset": 7 for name in MONITORS[1:]},
        "oversight.honeypots.traps": 0.6,
        "oversight.honeypots.seen_through_limit": 9,
        "oversight.honeypots.seen_through_scale": 6,
        "oversight.control.monitor": None,
        "oversight.control.auroc": 0.8,
        "oversight.control.monitor_slope": 0.3,
        "oversight.control.monitor_lag": 2,
        "oversight.control.trusted_cap": 5,
        "oversight.cot_monitor.strength": 1,
        "oversight.interpretability.strength": 1,
        "oversight.evaluations.eval_margin": 4,
        "oversight.evaluations.eval_noise": 2,
        "oversight.evaluations.redline_error": 2,
        "oversight.evaluations.response": None,
        "oversight.evaluations.eval_response": 0.5,
        "oversight.correction.correction_strength": 0.2,
        "oversight.correction.desire_targeting": 1,
        "oversight.correction.correction_goal_shift": 0.2,
        "oversight.correction.probe_erosion": 0.05,
        "oversight.correction.flagged_by_cot": 1,
        "oversight.red_team.red_team": 3,
        "oversight.red_team.elicitation_gap": 0.2,
        "oversight.red_team.memory": 0.5,
        "oversight.beliefs.danger_prior": -3,
        "oversight.beliefs.memory_danger": 0.8,
        "oversight.beliefs.strike_evidence": 1,
        "oversight.beliefs.story_evidence": 0.2,
        "oversight.beliefs.alarm_evidence": 1,
        "oversight.beliefs.attribution": 0.3,
        "oversight.beliefs.discovery": 1,
        "oversight.adaptive.adaptation": 0.5,
        "oversight.adaptive.risk_tolerance": 0.01,
        "oversight.adaptive.audit_min": 0.01,
        "oversight.adaptive.audit_max": 0.05,
        "oversight.pause.pause_threshold": 0.6,
        "oversight.pause.pause_strength": 0.4,
        "oversight.pause.pause_compliance": 1,
    },
    "untrusted": {"oversight.control.monitor_collusion": 0.3},
    "elo": {f"oversight.{name}.{line}": LINE for name in MONITORS for line in LINES},
    "adopted": {
        "outside.density": 0.2,
        "outside.density_trend": -0.03,
        "outside.density_per_doubling": -0.1,
        "outside.density_floor": 0.5,
        "outside.hold": 1,
        "outside.tax": 0.3,
    },
}
CONTEXTS = {"busy": BUSY, "untrusted": UNTRUSTED, "elo": ELO, "adopted": ADOPTED}
SETTINGS = {"months": 80, "labs": 2, "systems": 8, "worlds": 24, "seed": 4}

# What a policy sets at its top level, by a value and the value from which it differs.
PAUSES = {"when": "story_incidents", "at_least": 1, "set": {"growth": 0.5}}
DRAWN = {"takeover.difficulty": {"uniform": [8, 12]}, "goals.value": {"uniform": [0.1, 0.9]}}
OF_POLICY = {
    "adopters": ({"adopters": 1}, {}),
    "adopters_are": ({"adopters": 1, "adopters_are": "lagging"}, {"adopters": 1}),
    "events": ({"events": [PAUSES]}, {}),
    "correlations": ({**DRAWN, "correlations": [{"of": [*DRAWN], "rank": 0.9}]}, DRAWN),
}

DECLARED = {declared.key: declared for declared in declarations()}
COUNTED = [key for key, declared in DECLARED.items() if not isinstance(declared.quantity, Text)]
OF_TABLES = [key for key in COUNTED if DECLARED[key].table]


def variants(context, key, value):
    """Every way in which `key` is changed by itself: name and dotted keys over the context."""
    quantity = DECLARED[key].quantity
    name = key.replace(".", "-")
    if isinstance(quantity, Choice):
        for option in quantity.options:
            table = key.rpartition(".")[0]
            lines = {f"{table}.{line}": LINES[line] for line in LINES if option == "elo"}
            yield f"{name}-{option}", {key: option, **lines}
    elif quantity.parts:
        before = value_in(context, key)
        for k, changed in enumerate(value):
            yield f"{name}-{k}", {key: [*before[:k], changed, *before[k + 1 :]]}
    else:
        yield name, {key: value}


def value_in(context, key):
    """The value of a parameter in a context."""
    given, table, last = CONTEXTS[context], *key.rpartition(".")[::2]
    return given.get(key, given.get(table, {}).get(last, DECLARED[key].default))


@cache
def results(context):
    """A context and all its changes, as policies in the same worlds: worlds, months of each."""
    policies, found = {"as-it-is": {}}, {}
    for key, value in CHANGES[context].items():
        policies |= dict(variants(context, key, value))
    names = list(policies)
    for first in range(0, len(names), MOST_POLICIES):
        here = names[first : first + MOST_POLICIES]
        # a policy's name has at most 40 letters
        numbered = {f"p{k}": policies[name] for k, name in enumerate(here)}
        told = run(CONTEXTS[context], numbered)
        for name, number in zip(here, numbered, strict=True):
            found[name] = [result.sel(policy=number) for result in told]
    return found


def test_every_parameter_has_a_context_and_only_one():
    listed = [key for changes in CHANGES.values() for key in changes]
    assert sorted(listed) == sorted(OF_TABLES)
    assert {*SETTINGS, *OF_POLICY} == {*COUNTED} - {*OF_TABLES}


@pytest.mark.parametrize(
    ("context", "key"), [(context, key) for context in CHANGES for key in CHANGES[context]]
)
def test_a_change_of_it_alone_changes_what_is_recorded(context, key):
    found = results(context)
    quantity, base = DECLARED[key].quantity, value_in(context, key)
    for name, changes in variants(context, key, CHANGES[context][key]):
        same = changes[key] == base
        assert not same or isinstance(quantity, Choice), "the change is none"
        changed = set()
        for before, after in zip(found["as-it-is"], found[name], strict=True):
            changed |= differing(before, after)
        assert bool(changed) != same, name


@pytest.mark.parametrize("key", OF_POLICY)
def test_what_a_policy_sets_at_its_top_changes_what_is_recorded(key):
    after, before = (run({**BUSY, "labs": 3, **changes}) for changes in OF_POLICY[key])
    assert any(differing(*pair) for pair in zip(before, after, strict=True))


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_of_the_run_changes_what_is_recorded(key):
    before, after = run(BUSY), run({**BUSY, key: SETTINGS[key]})
    assert any(differing(*pair) for pair in zip(before, after, strict=True))
    again = run(BUSY)
    assert not any(differing(*pair) for pair in zip(before, again, strict=True))
