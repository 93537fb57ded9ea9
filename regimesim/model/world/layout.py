"""The arrays that hold worlds, and how they are laid out.

Worlds are computed in **tiles** of `WIDTH` columns.  Every quantity of a world is a row
of `WIDTH` numbers, one a column, so the inner loop of each stage runs over worlds that
lie side by side and becomes vector instructions, for 10 systems as for 10,000.  What
belongs together (all fields of one system, in all columns) is one record.

Columns are independent: each has its own world number, month and parameters, and is
given the next world as soon as its own is over.
"""

from typing import NamedTuple

import numpy as np

from regimesim.model.compilation import WIDTH
from regimesim.model.world.records import (
    COUNTS,
    EXPECTED,
    EXPECTED_MONTHLY,
    MONITORS,
    MONTHLY,
    REALS,
    SAFEGUARDS,
    THRESHOLDS,
    names,
)
from regimesim.scenario.events import MOST_EVENTS
from regimesim.scenario.parameters import declarations

SYSTEM_FIELDS = (
    "capability",  # c, log2 h
    "paradigm",  # p, 1 to 4: under which it was trained
    "density",  # φ: feedback density under which it was trained
    "value",  # a: logit-value
    "value_target",  # mean of a when freshly trained
    "scope",  # ξ
    "inverse_scope",  # 1/ξ
    "inverse_saturation",  # 1/(1 − e^(−1/ξ)), of the denominator of U
    "horizon",  # H, months
    "foresight",  # w: weight of a gain that comes after payoff_delay
    "constraint",  # λ
    "awareness",  # θ, log2 h
    "calibration",  # η
    "boldness",  # most by which its error of judgement may raise the odds of success
    "archetype",  # 0 intended, 1 reward-seeking, 2 scheming
    "misaligned",  # emergent misalignment, 0 or 1
    "trait",  # that waits for a trigger, 0 or 1
    "trained",  # month of its last training, −1 at initialisation
    "model",  # g: number of the model of its lab of which it is a copy
    "spent",  # to be retrained next month, 0 or 1
    "seen",  # its strike of last month was caught or discovered, 0 or 1
    "drift",  # random part of this month's goal drift, in standard deviations
    "mood",  # uniform that decides on a story incident or feint of this month
    # what one month's assessment leaves for the next stages
    "aware",  # 0 or 1
    "contentment",  # v: share of its values met under oversight
    "gain",  # W
    "loss",  # X
    "willing",  # takeover would pay unopposed, without allies: 0 or 1
    "allied",  # capability with the allies' help, log2 h
    "success",  # q
    "recognition",  # r: probability that an audited attempt is seen for what it is
    "miss",  # M: probability that all safeguards miss an attempt
    "reckoned",  # M as the system reckons with it
    "conduct",  # see the codes below
)
COMPLIES, STRIKES, STORY_INCIDENT, FEINTS = 0.0, 1.0, 2.0, 3.0
CANDIDATE = 4.0  # its draw may mean a story incident or a feint: to be looked at

LAB_FIELDS = (
    "frontier",  # c_l
    "paradigm",  # p_l
    "density",  # φ_l
    "deviation",  # z of its feedback density
    "knowledge",  # S_l
    "erosion",  # e_l
    "complies",  # with a requested pause, 0 or 1
    "dropped",  # its taxed safeguards, 0 or 1
    "growth",  # G_l of this month
    "paused",  # share of growth paused this month
    "willing",  # systems for which takeover would pay unopposed, without allies
    "boost",  # help of all willing systems, log2 h
    "boost_member",  # the same without one of them
    "systems",  # number of its systems
    "shares",  # sum of the shares in its audit budget of the monitors that it uses
    "missed_unskilled",  # probability that its monitors would miss an attempt if they had no skill
    "watched",  # by some safeguard, 0 or 1
    "most_stories",  # bound on the chance of a story incident of a system, before it fades
    "fading",  # of that chance, in logarithms a doubling of capability
    "most_feints",  # bound on that of a feint
    "fed",  # share of corrective training that this month's flags leave
    "expected",  # frontier that is expected next month
    "all_fail",  # probability that no willing system would succeed beside a striker
    "struck",  # by the decision of one of its systems, 0 or 1
    "tax",  # on growth, that it pays for oversight
    "saved",  # of that tax, if it dropped its taxed safeguards
    "model",  # g: number of the model that it trains this month
    "adopts",  # the policy, 0 or 1
    # levers, as they bind this lab this month
    "contact",
    "hold",
    "density_floor",
    "frozen",
    # the lab as it would be without the policy's taxes, pauses, freezes and holds
    "founded",  # frontier at month 0
    "free_frontier",
    "free_paradigm",
    "next_model",
)
MOST_MEMORY = 8  # numbers that the rule of a policy in Python remembers of a world
MODEL_NORMALS = 8  # standard normals of a model: four of its ability, four of its nature

WORLD_WHOLE = ("seed", "number", "month", "running", *names(COUNTS))
WORLD_FIELDS = (
    "danger",  # Λ
    "caught_belief",  # A
    "missed_belief",  # B
    "suppression",  # of story incidents
    "awake",  # the trigger has come, 0 or 1
    "redline_error",  # z
    "parity",  # d′ of control where system and monitor are equally capable
    "kept_chance",  # that a system is not replaced in a month
    # of every training, computed once
    "value_goal",  # logit of the share of its values that training aims at
    "log_scope",  # ln ξ under sparse feedback
    "scope_rise",  # what dense feedback adds to it
    "log_horizon",  # ln H under sparse feedback
    "horizon_rise",  # what dense feedback adds to it
    "common_weight",  # √ρ, of what a model draws for all of its systems
    "own_weight",  # √(1 − ρ), of what each draws by itself
    "highest_report",
    "alarm",  # a report above the red line this month, 0 or 1
    # levers, as set this month
    "audit_budget",  # α
    "pause",  # requested of labs, share of growth
    "growth",  # factor on growth that binds every lab
    "contact",  # with the real world
    "hold",  # paradigm to which labs are held
    "density_floor",
    "correction",  # use of corrective training
    "frozen",  # nothing is trained, 0 or 1
    "audit_floor",  # least audit budget that events set
    # within the month
    "budget",  # audit budget that is in force
    "exercised",  # systems in exercises
    "leader",  # largest frontier
    "free_leader",  # the same without the policy's costs
    "doublings_lost",  # to the policy, summed over months
    "doublings_free",  # without it, summed over months
    "level",  # d: difficulty
    "aware_systems",
    "exercise_miss",  # probability that a red-team exercise is missed
    "miss",  # M, mean over systems
    "capable",
    "favourable",
    "favourable_despite",
    "favourable_systems",
    "contentment",
    "awake_systems",  # with a trait that is awake
    "learns",  # not lost this month, 0 or 1
    "capability",  # summed over systems
    "misaligned_systems",
    "reward_seeking_systems",
    "scheming_systems",
    "fed",  # share of corrective training that flags leave, mean over systems
    # counted within the month
    "month_strikes",
    "month_strikes_caught",
    "month_strikes_discovered",
    "month_recognised",
    "month_stories",
    "month_feints",
    "month_critical",  # critical attempts
    "month_lost",
    "month_strike_critical",  # a strike among them, 0 or 1
    "month_true",  # probability that all of them are caught
    "month_attempts",
    "month_expected_attempts",  # expected number of critical attempts
    "exercises_caught",
    *names(REALS),
    # expectations over the draws that decide attempts
    "carried",  # on, after its takeover, 0 or 1
    "weight",  # of this life among those that are not lost
    "continuation",  # probability of being carried on, were this month's draws to lose it
    "untried",  # probability that none of its attempts so far was critical
    "month_hazard",  # probability that some attempt of the month is critical and missed
    "month_try",  # … that some attempt is critical
    "month_untried",  # … that none is critical
    "month_no_strike",  # … that no strike is critical
    # … that none is critical and missed, by monitors without skill and without traps, by
    # monitors without traps, and by all safeguards if each is recognised
    "month_survived_unskilled",
    "month_survived_untrapped",
    "month_survived_recognised",
    "month_held_alone",  # expected number of critical attempts that are caught
    "month_survived",  # … that none is critical and missed
    "month_unseen",  # that none of those that were caught was critical
    *names(EXPECTED),
    *names(EXPECTED_MONTHLY),
)


def _rows(whole=(), real=(), tall=()):
    """Record of one row of WIDTH numbers a name; `tall` are (name, type, rows ...)."""
    fields = [(name, np.int64, (WIDTH,)) for name in whole]
    fields += [(name, np.float64, (WIDTH,)) for name in real]
    fields += [(name, kind, (*rows, WIDTH)) for name, kind, *rows in tall]
    return np.dtype(fields)


EACH = len(SAFEGUARDS)
EACH_MONITOR = len(MONITORS)
PARADIGMS = 4
EARNEST, EXERCISE = np.arange(2)  # typed, so that one compiled function serves both
SYSTEM = _rows(real=SYSTEM_FIELDS, tall=[("log_miss", np.float64, EACH_MONITOR)])  # ln M_j
# Of a monitor that faces all systems of a lab, or of a paradigm, with one strength: this d′, and
# ln M_j of an attempt, and in an exercise with an aware system, where nothing evades it.
LAB = _rows(
    real=LAB_FIELDS,
    tall=[
        ("audited", np.float64, EACH_MONITOR),  # α_j
        ("quantile", np.float64, EACH_MONITOR),  # b·Φ⁻¹(1 − α_j)
        ("odds", np.float64, EACH_MONITOR),  # (α_j/(1 − α_j))^b
        ("strength", np.float64, EACH_MONITOR, PARADIGMS),
        ("missed", np.float64, EACH_MONITOR, PARADIGMS),
        ("missed_shown", np.float64, EACH_MONITOR, PARADIGMS),
        ("drawn", np.float64, MODEL_NORMALS),  # by its model
    ],
)
WORLD = _rows(
    WORLD_WHOLE,
    WORLD_FIELDS,
    tall=[
        ("crossing", np.int64, len(THRESHOLDS)),
        ("caught_by", np.int64, EACH),
        ("month_caught_by", np.int64, EACH),  # whether it caught every critical attempt
        ("stretch", np.float64, EACH_MONITOR),  # √((1 + b²)/2)
        ("event_end", np.float64, MOST_EVENTS),  # month before which each is in effect
        ("memory", np.float64, MOST_MEMORY),  # of a policy in Python; NaN before its first month
    ],
)
# One system's row, handed from loop to loop within a stage.
SCRATCH = _rows(
    # of a system that is trained: its number, its column, and those of its world; or of a model
    # that is released: its lab, its column, those of its world, and its own number for a month
    whole=("pupil", "releasing", "column", "seed", "number", "month"),
    real=(
        "monitor",
        "budget",  # audit budget
        "least",
        "total",
        "exercise_least",
        "exercise_total",
        "exercise_miss",
        "odds_factor",  # by which a system misjudges its odds
        "advantage",  # of striking now, as it seems to the system
        "others_fail",  # Ω: probability that none that joins it succeeds
        # of the lab of the system that is trained
        "frontier",
        "paradigm",
        "density",
        "model",
        # of its world
        "value_goal",
        "log_scope",
        "scope_rise",
        "log_horizon",
        "horizon_rise",
        "common_weight",
        "own_weight",
        "scale",  # z′ of a system that is trained
    ),
    tall=[
        ("strength", np.float64, 2),  # in earnest, in exercise
        ("missed", np.float64, 2),
        ("noise", np.float64, 4),  # of the reports of four systems, in standard deviations
        # draws of a system that is trained: four standard normals, and three uniforms
        ("ability", np.float64, 4),
        ("nature", np.float64, 3),
        ("of_model", np.float64, MODEL_NORMALS),  # draws of its model
    ],
)


# The numbers of an event, and what each lever is where an event does not set it.
LOOSEST = {
    "audit_budget": 0.0,
    "pause": 0.0,
    "growth": 1.0,
    "contact": 1.0,
    "hold": float(PARADIGMS),
    "density_floor": 0.0,
    "frozen": 0.0,
}
EVENT_FIELDS = ("observed", "least", "most", "months", "withdraw", *LOOSEST)


def _parameter_layout():
    """Record of a record a table, each parameter a row (a list of four: four rows)."""
    tables = {}
    for declared in declarations():
        if not declared.table:
            continue
        if declared.kind in ("number", "whole"):
            field = (declared.name, np.float64, (WIDTH,))
        elif declared.kind == "list":
            field = (declared.name, np.float64, (4, WIDTH))
        else:
            continue
        tables.setdefault(declared.table.rpartition(".")[2], []).append(field)
    tables["events"] = [(name, np.float64, (MOST_EVENTS, WIDTH)) for name in EVENT_FIELDS]
    return np.dtype([(table, np.dtype(fields)) for table, fields in tables.items()])


PARAMETERS = _parameter_layout()


def _row_of_each(key, of):
    """The rows of a tile's parameters that hold `key` of each of these safeguards."""
    tables = [PARAMETERS.fields[name] for name in of]
    offsets = [offset + table.fields[key][1] for table, offset in tables]
    return np.array(offsets) // (WIDTH * np.dtype(np.float64).itemsize)


# The parameters that training reads.  Nothing else is in a LESSON, so a stage that reads another
# one there does not compile.
TAUGHT = {
    "capability": ("system_spread", "initial"),
    "cognition": ("awareness_midpoint", "awareness_spread", "calibration_error"),
    "training": (
        *("selection", "reward_misspecification", "bad_data", "bad_data_reference"),
        *("bad_data_exponent", "inoculation", "emergent_shift", "trigger_share"),
    ),
    "goals": ("value_spread",),
    "feedback": ("scale_spread", "constraint"),
    "takeover": ("payoff_delay",),
    "intended": ("prior", "value_offset", "scope_offset", "horizon_offset"),
    "reward_seeking": ("prior", "value_offset", "scope_offset", "horizon_offset"),
    "scheming": ("prior", "value_offset", "scope_offset", "horizon_offset"),
}
LESSON = np.dtype([(table, _rows(real=read)) for table, read in TAUGHT.items()])
TAUGHT_ROWS = np.array(
    [_row_of_each(key, [table])[0] for table, read in TAUGHT.items() for key in read]
)
SHARE_OF, SLOPE_OF = _row_of_each("share", MONITORS), _row_of_each("slope", MONITORS)
TAX_OF = _row_of_each("tax", SAFEGUARDS)

# What is recorded of a month: a row a quantity.
MEASURED = _rows(real=names(MONTHLY))

# What is kept of a finished world.
OUTCOME = np.dtype(
    [(name, np.int64) for name in names(COUNTS)]
    + [(name, np.float64) for name in names(REALS) + names(EXPECTED)]
    + [("crossing", np.int64, (len(THRESHOLDS),)), ("caught_by", np.int64, (EACH,))]
)


class Tile(NamedTuple):
    """The arrays of `WIDTH` worlds.

    systems: (systems,) SYSTEM · labs: (labs,) LAB · worlds: (1,) WORLD · parameters:
    (1,) PARAMETERS · rows: the same parameters as a matrix (numbers, WIDTH) · scratch:
    (1,) SCRATCH · due: (systems x WIDTH,) int64, the systems to be trained, each its number
    times WIDTH plus its column · pupils: (1,) SYSTEM, WIDTH systems in training, of any columns ·
    lessons: (1,) LESSON, the parameters of their worlds · taught: the same as a matrix (numbers,
    WIDTH) · differing: (numbers,) int64, the rows of it in which columns differ come first ·
    acting: (systems x WIDTH,) int64, those that act this month, in the same form · measured: (1,)
    MEASURED · measures: the same as a matrix (quantities, WIDTH) · grains: (2 x quantities,
    WIDTH) int64, they and their squares as whole numbers of grains.
    """

    systems: np.ndarray
    labs: np.ndarray
    worlds: np.ndarray
    parameters: np.ndarray
    rows: np.ndarray
    scratch: np.ndarray
    due: np.ndarray
    pupils: np.ndarray
    lessons: np.ndarray
    taught: np.ndarray
    differing: np.ndarray
    acting: np.ndarray
    measured: np.ndarray
    measures: np.ndarray
    grains: np.ndarray
