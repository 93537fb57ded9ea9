"""What docs/views.md changes in the views: the cases of the tables that views_page.py makes."""

from typing import NamedTuple

from small import ALL_RECOGNISED

from regimesim.scenario.parameters import declarations

VIEWS = ("instrumental_convergence", "ladder", "dense_feedback")
CONVERGENCE, LADDER, DENSE = VIEWS
AS_BY_DEFAULT = {entry.key: entry.default for entry in declarations()}


def by_default(*keys: str) -> dict:
    return {key: AS_BY_DEFAULT[key] for key in keys}


def without(policy: str, *safeguards: str) -> dict:
    """A policy with some safeguards switched off."""
    return {f"policies.{policy}.oversight.{name}": False for name in safeguards}


SPARSER = by_default(
    "feedback.density_per_doubling", "feedback.sparse_premium", "feedback.density_race"
)
LESSONS = by_default(
    "paradigm.knowledge_transfer",
    "paradigm.safety_automation",
    "oversight.red_team.elicitation_gap",
)
BY_THEMSELVES = {"conduct.coordination": 0, "training.shared": 0, "takeover.collusion": 0}
UNEVADED = {**ALL_RECOGNISED, **BY_THEMSELVES, "oversight.cot_monitor.evasion": 0}
AS_DENSE = {
    "feedback.density_per_doubling": {"uniform": [-0.01, 0.01]},
    "feedback.density_race": 0.01,
    "feedback.sparse_premium": {"uniform": [-0.4, 0.05]},
}


# Values that were changed after runs of the views had been seen: what stood there before.
BEFORE = {
    CONVERGENCE: {
        "feedback.scope_dense": {"lognormal": [0.15, 0.7]},
        "goals.value": {"beta": [1.5, 8.5]},
    },
    LADDER: {
        **by_default(
            "feedback.density_per_doubling",
            "feedback.density_race",
            "feedback.sparse_premium",
            "feedback.scope_dense",
            "feedback.horizon_dense",
            "feedback.constraint",
            "goals.goal_pull",
            "cognition.awareness_midpoint",
            "conduct.coordination",
            "paradigm.safety_automation",
            "oversight.recognition_scale",
        ),
        "goals.extremal_divergence": {"uniform": [0, 0.2]},
        "oversight.recognition_limit": {"uniform": [8, 14]},
        "oversight.cot_monitor.strength": {"uniform": [1.5, 3]},
    },
    DENSE: by_default("oversight.interpretability.strength"),
}
AFFECTED = {
    CONVERGENCE: ("halt", "defence_in_depth"),
    LADDER: ("hold_faithful_cot", "halt", "defence_in_depth"),
    DENSE: ("find_and_mend", "defence_in_depth"),
}


class Objection(NamedTuple):
    """What holders of a view would call rigged, and the runs with and without the answer to it.

    `rigged` is laid over the view in the second run, `answer` in the first, and `both` in both.
    `words` name the answer where it consists of many values.
    """

    view: str
    says: str
    policy: str
    rigged: dict
    answer: dict | None = None
    both: dict | None = None
    where: str = ""
    words: str = ""


ALL, TOGETHER = "all of these", "all of the answers"
TWO_HALT = {"policies.halt.adopters": 2}
CONTENT = {"goals.value": 0.5}
COMPLIANT = {"oversight.pause.pause_compliance": 1}
EASY_IN_A_HALT = {**CONTENT, **ALL_RECOGNISED, **BY_THEMSELVES}
EASY_ON_OVERSEERS = {**EASY_IN_A_HALT, **COMPLIANT}
FROZEN_MONITOR = {"oversight.control.trusted_cap": 6}
FRESH_MINDS = {"training.shared": 0, "systems": 60}
NO_RESPONSE = {"policies.find_and_mend.events": []}
UNREAD = {"oversight.interpretability.strength": 0.8}
HARD_ON_OVERSEERS = {**FROZEN_MONITOR, **FRESH_MINDS, **NO_RESPONSE, **UNREAD}
IF_SPARSER = "if feedback becomes sparser as by default"
NOTHING_LEARNED = {
    "policies.hold_and_learn.events": [],
    **without("hold_and_learn", "correction"),
}
OBJECTIONS = (
    Objection(CONVERGENCE, "half of its values deters a system", "halt", CONTENT),
    Objection(
        CONVERGENCE,
        "an audited attempt is always recognised, so audits are a lottery",
        "defence_in_depth",
        ALL_RECOGNISED,
    ),
    Objection(CONVERGENCE, "every lab complies with a pause", "defence_in_depth", COMPLIANT),
    Objection(
        CONVERGENCE,
        "a halt is kept by every lab",
        "halt",
        {},
        answer=TWO_HALT,
        words="two labs of three halt",
    ),
    Objection(CONVERGENCE, "each system acts alone", "halt", BY_THEMSELVES),
    Objection(CONVERGENCE, ALL, "defence_in_depth", EASY_ON_OVERSEERS, words=TOGETHER),
    Objection(CONVERGENCE, f"{ALL} but the pauses", "halt", EASY_IN_A_HALT, words=TOGETHER),
    Objection(
        LADDER,
        "the view is held to the middle of what it leaves open",
        "defence_in_depth",
        BEFORE[LADDER],
        words="ranges in place of points, listed below",
    ),
    Objection(
        LADDER,
        "a line is held by all labs or by none",
        "hold_faithful_cot",
        {},
        answer={"policies.hold_faithful_cot.adopters": 1},
        words="the leading lab alone has the line and the monitors",
    ),
    Objection(
        LADDER,
        "nobody uses the time that the line gives",
        "hold_and_learn",
        NOTHING_LEARNED,
        words="correction, and a response to every strike that is seen",
    ),
    Objection(
        LADDER,
        "labs climb by the calendar, not by growth",
        "control_and_cot",
        {"paradigm.ladder_per_doubling": 0, "paradigm.ladder_rate": 0.02},
    ),
    Objection(
        LADDER,
        "reading reasoning shows hardly more than watching actions",
        "hold_faithful_cot",
        by_default("oversight.cot_monitor.strength"),
    ),
    Objection(DENSE, "a monitor is frozen at 64 hours", "control", FROZEN_MONITOR),
    Objection(
        DENSE,
        "a monitor is frozen at 64 hours",
        "control",
        FROZEN_MONITOR,
        both=SPARSER,
        where=IF_SPARSER,
    ),
    Objection(DENSE, "sixty fresh minds are trained a year", "none", FRESH_MINDS),
    Objection(
        DENSE,
        "overseers never withdraw a system",
        "find_and_mend",
        NO_RESPONSE,
        both=SPARSER,
        where=IF_SPARSER,
        words="a response to every strike that is seen",
    ),
    Objection(
        DENSE,
        "networks can hardly be read from inside",
        "find_and_mend",
        UNREAD,
        both=SPARSER,
        where=IF_SPARSER,
    ),
    Objection(DENSE, ALL, "find_and_mend", HARD_ON_OVERSEERS, words=TOGETHER),
    Objection(DENSE, ALL, "find_and_mend", HARD_ON_OVERSEERS, None, SPARSER, IF_SPARSER, TOGETHER),
)


class Line(NamedTuple):
    """A line at faithful chain of thought, or none, with or without monitors."""

    words: str
    policy: str
    changes: dict | None = None


UNWATCHED = without("hold_faithful_cot", "control", "cot_monitor")
LINES = (
    Line("no line, nobody watches", "none"),
    Line("line of all labs, nobody watches", "hold_faithful_cot", UNWATCHED),
    Line("no line, monitors in all labs", "control_and_cot"),
    Line("line and monitors in all labs", "hold_faithful_cot"),
    Line(
        "no line, monitors in the leading lab",
        "one_lab_holds",
        {"policies.one_lab_holds.paradigm.hold": 4},
    ),
    Line("line and monitors in the leading lab", "one_lab_holds"),
)


class Piece(NamedTuple):
    """What is taken away from a view or added to it, and the policy that is then run."""

    view: str
    words: str
    policy: str
    changes: dict | None = None


AS_IT_IS, RECOGNISED, ALONE = "as it is", "every attempt recognised", "each copy by itself"
DENSITY, TWO_LABS = "density by default", "two labs of three halt"
PIECES = (
    Piece(CONVERGENCE, AS_IT_IS, "defence_in_depth"),
    Piece(CONVERGENCE, RECOGNISED, "defence_in_depth", ALL_RECOGNISED),
    Piece(CONVERGENCE, ALONE, "defence_in_depth", BY_THEMSELVES),
    Piece(CONVERGENCE, "density as in dense feedback", "defence_in_depth", AS_DENSE),
    Piece(CONVERGENCE, AS_IT_IS, "halt"),
    Piece(CONVERGENCE, TWO_LABS, "halt", TWO_HALT),
    Piece(LADDER, AS_IT_IS, "hold_faithful_cot"),
    Piece(LADDER, RECOGNISED, "hold_faithful_cot", ALL_RECOGNISED),
    Piece(LADDER, "and each copy by itself, nothing evaded", "hold_faithful_cot", UNEVADED),
    Piece(
        LADDER,
        "and density as in dense feedback",
        "hold_faithful_cot",
        {**UNEVADED, **AS_DENSE},
    ),
    Piece(LADDER, AS_IT_IS, "defence_in_depth"),
    Piece(LADDER, RECOGNISED, "defence_in_depth", ALL_RECOGNISED),
    Piece(LADDER, "density as in dense feedback", "defence_in_depth", AS_DENSE),
    Piece(LADDER, TWO_LABS, "halt", TWO_HALT),
    Piece(DENSE, AS_IT_IS, "none"),
    Piece(DENSE, DENSITY, "none", SPARSER),
    Piece(DENSE, AS_IT_IS, "control"),
    Piece(DENSE, "lessons, automation and exercises by default", "control", LESSONS),
    Piece(DENSE, DENSITY, "control", SPARSER),
    Piece(DENSE, DENSITY, "find_and_mend", SPARSER),
    Piece(DENSE, DENSITY, "defence_in_depth", SPARSER),
    Piece(DENSE, DENSITY, "halt", SPARSER),
    Piece(DENSE, f"{DENSITY}, {TWO_LABS}", "halt", {**SPARSER, **TWO_HALT}),
)

# What all views have in common, and what else it might be.
FASTER = "automated research makes growth five times as fast, not twice"
COMMON = (
    ("as it is", {}),
    (FASTER, {"capability.research_automation_gain": 4}),
    ("a takeover takes 5 doublings less", {"takeover.difficulty": {"normal": [10, 2]}}),
    ("a takeover takes 5 doublings more", {"takeover.difficulty": {"normal": [20, 2]}}),
)
COMMON_POLICIES = ("defence_in_depth", "halt")

# Groups between which each disagreement is divided. A key is in the first group that has its
# beginning.
GROUPS = {
    "feedback": ("feedback.",),
    "goals": ("goals.", "training."),
    "conduct": ("takeover.", "cognition.", "conduct."),
    "paradigms": ("paradigm.",),
    "recognition": ("oversight.recognition",),
    "safeguards": ("oversight.",),
}


class Crux(NamedTuple):
    """A question on which two views disagree."""

    a: str
    b: str
    policy: str
    outcome: str


CRUXES = (
    Crux(CONVERGENCE, DENSE, "defence_in_depth", "no_takeover"),
    Crux(LADDER, DENSE, "hold_faithful_cot", "no_takeover"),
    Crux(LADDER, DENSE, "defence_in_depth", "no_takeover"),
    Crux(CONVERGENCE, LADDER, "defence_in_depth", "held_first_critical_try"),
)
