"""What the pages say about causes, each with the runs that show it: the table of test_causes.py.

A cause is switched off, in the same worlds, and the effect must go. Where a page denies a cause,
the effect must stay. Sentences that hold by the equations, or that concern method, need no run.
"""

from typing import NamedTuple

import regimesim as rs


class Case(NamedTuple):
    """A policy of a scenario, with what is changed in it."""

    policy: str
    changed: dict | None = None


class Seen(NamedTuple):
    """What a run must show: a mean over worlds, or a difference of two, within bounds."""

    outcome: str
    case: Case
    minus: Case | None = None
    above: float | None = None
    below: float | None = None


class Cause(NamedTuple):
    """Sentences about one cause, by page, and what shows it."""

    says: dict[str, tuple[str, ...]]
    scenario: str
    seen: tuple[Seen, ...]
    worlds: int = 300


BOTH = {
    "oversight.control": {},
    "oversight.cot_monitor": {"evasion": 0},
    "oversight.audit_budget": 0.06,
}


@rs.policy(settings=BOTH)
def audit_after_a_strike(seen, levers):
    """Ten per cent audited by each monitor, for good, from the first strike that is seen."""
    return levers.set(audit_budget=0.2 if seen.strikes_seen > 0 else levers.audit_budget)


@rs.policy(settings=BOTH)
def hold_until_trusted(seen, levers):
    """The policy of the fourth notebook."""
    return levers.set(hold=levers.hold if seen.believed_catch_rate > 0.95 else 2.0)


WRITTEN = {"audit_after_a_strike": audit_after_a_strike, "hold_until_trusted": hold_until_trusted}

COPIES = ("training.shared", "conduct.coordination")
VIEWS = "docs/views.md"
ODD = "docs/odd.md"
FIXED = "scenarios/fixed_assumptions.toml"
CLAIMS = "scenarios/claims"


def notebook(name: str) -> str:
    return f"notebooks/{name}.ipynb"


NO_STORIES = {"conduct.story_rate": 0}
NOTHING_TO_LOSE = {"takeover.caught_value": 1, "feedback.constraint": 0}
SPARSE_AND_ILLEGIBLE = {
    "feedback.density": 0.4,
    "feedback.density_trend": 0,
    "paradigm.initial": 4,
}
ALL_ALIKE = {"goals.value_spread": 0, "goals.goal_drift": 0, "feedback.scale_spread": 0}
FORGETTING = {"oversight.red_team.memory": 0}
EQUAL_CAPABILITY = {
    "capability.lab_spread": 0,
    "capability.system_spread": 0,
    "capability.noise": 0,
    "capability.update_rate": 1,
}
STOP_FOR_GOOD = {
    "oversight.beliefs.memory_danger": 1,
    "oversight.beliefs.strike_evidence": 30,
    "oversight.beliefs.story_evidence": 0,
    "oversight.pause.pause_strength": 1,
}
SEVEN_PERCENT = {"oversight.audit_budget": 0.14}  # for two monitors
# Fast growth, and goals and reasoning that do not change with the years.
UNCHANGING = {
    "feedback.density": 0.5,
    "feedback.density_trend": 0,
    "paradigm.initial": 4,
    "capability.update_rate": 1,
}
DENSE_20 = {"feedback.density": 0.8, "systems": 20}
AUDITED = {**DENSE_20, "oversight.audit_budget": 0.3}


def kept(policy: str, changed: dict | None = None, **bound) -> Seen:
    """The share of worlds without a takeover."""
    return Seen("no_takeover", Case(policy, changed or {}), **bound)


def tried(policy: str, changed: dict | None = None, **bound) -> Seen:
    """The share of worlds with a critical try."""
    return Seen("met_a_try", Case(policy, changed or {}), **bound)


def feints_cost(adaptive: bool, changed: dict, **bound) -> Seen:
    """The share of worlds that feints lose."""
    name = "adaptive" if adaptive else "fixed"
    return Seen("no_takeover", Case(name, changed), Case(f"{name}_with_feints", changed), **bound)


def later(outcome: str, late: Case, early: Case, **bound) -> Seen:
    return Seen(f"month.{outcome}", late, early, **bound)


BACKED = (
    Cause(
        {"README.md": ("because a third lab, which has adopted nothing, trains on",)},
        "first_critical_try",
        (
            kept("halt", above=0.75),
            kept("halt", {"policies.halt.adopters": 3}, above=0.75),
            kept("halt_in_two_labs", below=0.08),
            kept("halt_in_two_labs", {"policies.halt_in_two_labs.adopters": 3}, above=0.75),
        ),
    ),
    Cause(
        {
            FIXED: ("so goals stay small and short-sighted, and a strike seldom pays",),
        },
        "fixed_assumptions",
        (
            kept("dense_feedback", above=0.9),
            kept("none", {"policies.none.feedback.density_trend": 0}, below=0.03),
            kept("control_and_cot", below=0.04),
        ),
        worlds=900,
    ),
    Cause(
        {
            FIXED: ("because a pause does not stop systems that are already capable",),
        },
        "fixed_assumptions",
        (
            kept("warning_shots", minus=Case("control_and_cot"), below=0.02),
            kept("warning_shots", STOP_FOR_GOOD, below=0.03),
            kept("audit_after_a_strike", above=0.3, below=0.5),
            Seen("warned", Case("audit_after_a_strike"), below=0.02),
        ),
        worlds=1500,
    ),
    Cause(
        {
            "scenarios/common_cause.toml": ("only story incidents become critical tries",),
            ODD: ("a stack deters before it catches",),
        },
        "common_cause",
        (
            tried("independent", above=0.01),
            tried("independent", NO_STORIES, below=0.02),
            tried("all_or_none", NO_STORIES, above=0.7),
        ),
    ),
    Cause(
        {
            "scenarios/evidence_gap.toml": (
                "if overseers forget it",
                "because nobody acts on the belief",
                "Equal capability alone narrows nothing",
            ),
            ODD: ("belief is above the truth at the first try",),
        },
        "evidence_gap",
        (
            Seen("gap", Case("honest"), above=0.3),
            Seen("gap", Case("honest"), Case("honest", FORGETTING), above=0.04, below=0.15),
            Seen("gap", Case("honest", FORGETTING), above=0.2),
            Seen("gap", Case("honest_and_alike"), above=0.06, below=0.14),
            # two points stay: without memory, the even prior weighs as much as two exercises
            Seen("gap", Case("honest_and_alike", FORGETTING), above=-0.03, below=0.04),
            Seen("gap", Case("honest", EQUAL_CAPABILITY), above=0.3),
            kept("staged", minus=Case("honest"), above=-0.03, below=0.03),
            kept("honest_and_acted_on", minus=Case("staged_and_acted_on"), above=0.3),
        ),
        worlds=900,
    ),
    Cause(
        {
            "scenarios/feints.toml": (
                "because systems that have staged one are retrained",
                "That retrained systems are more capable is not the reason",
                "It misleads overseers who act on their beliefs",
            ),
            ODD: ("because a fresh system, with newly drawn goals, replaces",),
        },
        "feints",
        (
            feints_cost(False, SEVEN_PERCENT, above=0.05),
            feints_cost(False, {**SEVEN_PERCENT, **EQUAL_CAPABILITY}, above=0.05),
            feints_cost(
                False,
                {"oversight.audit_budget": 0.18, "capability.lifetime": 1},
                above=-0.02,
                below=0.03,
            ),
            feints_cost(True, {}, above=0.04),
            feints_cost(True, {"oversight.beliefs.story_evidence": 0.05}, below=-0.05),
        ),
        worlds=2400,
    ),
    Cause(
        {f"{CLAIMS}/C11_feints.toml": ("a fresh system, with newly drawn goals",)},
        "claims/C11_feints",
        (
            Seen("no_takeover", Case("serving"), Case("serving_with_feints"), above=0.05),
            Seen(
                "no_takeover",
                Case("serving", {"capability.update_rate": 1}),
                Case("serving_with_feints", {"capability.update_rate": 1}),
                above=0.04,
            ),
            Seen("no_takeover", Case("fixed"), Case("fixed_with_feints"), above=-0.02, below=0.03),
        ),
        worlds=800,
    ),
    Cause(
        {f"{CLAIMS}/C31_data_quality.toml": ("while more of the reasoning is legible",)},
        "claims/C31_data_quality",
        (
            Seen("held", Case("some_bad"), Case("ordinary"), above=0.01),
            Seen(
                "held",
                Case("some_bad", {"paradigm.faithfulness": [0.3] * 4}),
                Case("ordinary", {"paradigm.faithfulness": [0.3] * 4}),
                above=-0.1,
                below=0.055,
            ),
        ),
        worlds=2400,
    ),
    Cause(
        {
            "scenarios/measured_growth.toml": (
                "mostly because safety research has had those years too",
            )
        },
        "measured_growth",
        (
            Seen("held", Case("slow"), Case("since_2019"), above=0.15),
            Seen(
                "held",
                Case("slow", {"paradigm.safety_research": 0}),
                Case("since_2019", {"paradigm.safety_research": 0}),
                above=0,
                below=0.19,
            ),
        ),
        worlds=1500,
    ),
    Cause(
        {
            "scenarios/measured_growth.toml": (
                "because it waits for sparse feedback and illegible reasoning",
            ),
            notebook("06_crossing_date"): ("because it depends on something else",),
        },
        "measured_growth",
        (
            later("first_critical_try", Case("since_2019"), Case("since_2023"), below=6),
            later("first_critical_try", Case("since_2023"), Case("since_2019"), below=6),
            later("first_critical_try", Case("since_2019"), Case("no_automation"), below=8),
            later(
                "first_critical_try",
                Case("since_2019", SPARSE_AND_ILLEGIBLE),
                Case("since_2023", SPARSE_AND_ILLEGIBLE),
                above=15,
            ),
        ),
    ),
    Cause(
        {
            "scenarios/paradigm_ladder.toml": (
                "Strikes do not pay where reasoning is legible",
                "it comes too late for the last rung",
                "a further line of defence",
            )
        },
        "paradigm_ladder",
        (
            tried("hold_at_2", NO_STORIES, below=0.02),
            kept("hold_at_2", {"oversight.cot_monitor": False}, below=0.06),
            kept("lessons_lost", below=0.06),
            kept("lessons_kept", above=0.97),
            kept("lost_but_probed", above=0.65),
        ),
    ),
    Cause(
        {
            "scenarios/sparse_feedback.toml": (
                "and they differ), but few worlds meet a critical try, because two monitors watch",
                "it makes feedback denser, and hardly any world sees a takeover",
            ),
            ODD: ("dense feedback leaves takeover unattractive",),
        },
        "sparse_feedback",
        (
            Seen("favourable", Case("stays_dense"), above=0.95),
            Seen("favourable", Case("stays_dense", ALL_ALIKE), below=0.03),
            kept("stays_dense", above=0.9),
            kept(
                "stays_dense",
                {"oversight.control": False, "oversight.cot_monitor": False},
                below=0.03,
            ),
            kept("race_unpaid", minus=Case("stays_dense"), above=0.01),
            kept("stays_dense", minus=Case("race"), above=0.9),
        ),
        worlds=500,
    ),
    Cause(
        {
            "scenarios/warning_shots.toml": (
                "has something to lose strikes when they are good",
                "warn in nearly every world",
                "Overconfident systems strike early",
                "The pause is never triggered",
            ),
            ODD: ("and have something to lose give no warning shot",),
        },
        "warning_shots",
        (
            Seen("warned", Case("good_judges"), below=0.02),
            Seen("warned", Case("good_judges", NOTHING_TO_LOSE), above=0.9),
            Seen("warned", Case("bad_judges"), above=0.45),
            later("takeover", Case("bad_judges"), Case("bad_judges_unheeded"), above=3),
            kept("bad_judges_misread", minus=Case("bad_judges_unheeded"), above=-0.03, below=0.03),
            later(
                "first_critical_try",
                Case("good_judges"),
                Case("bad_judges"),
                above=24,
            ),
        ),
    ),
    Cause(
        {"scenarios/warning_shots.toml": ("because a system that waits risks being replaced",)},
        "warning_shots",
        (
            later("first_critical_try", Case("good_judges"), Case("good_but_hasty"), below=2),
            later(
                "first_critical_try",
                Case("good_judges", UNCHANGING),
                Case("good_but_hasty", UNCHANGING),
                below=4,
            ),
            later(
                "first_critical_try",
                Case("good_judges", {**UNCHANGING, "capability.lifetime": 1000}),
                Case("good_but_hasty", {**UNCHANGING, "capability.lifetime": 1000}),
                above=8,
            ),
        ),
    ),
    Cause(
        {
            notebook("02_phase_map"): (
                "Auditing works there by deterrence",
                "systems do not make attempts that they do not expect to pay",
                "nothing to lose",
            )
        },
        "phase_map",
        (
            tried("control", AUDITED, below=0.1),
            kept("control", {**AUDITED, **NOTHING_TO_LOSE}, below=0.03),
        ),
    ),
    Cause(
        {notebook("04_your_own_policy"): ("because systems hold back in exercises",)},
        "fixed_assumptions",
        (
            kept("hold_until_trusted", {"systems": 30}, below=0.12),
            kept(
                "hold_until_trusted",
                {"systems": 30, "oversight.red_team.elicitation_gap": 0},
                above=0.4,
            ),
        ),
    ),
)
