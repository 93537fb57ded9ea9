"""What docs/views.md says about causes, and the runs that show it: rows of test_causes.py."""

from causes import VIEWS, Case, Cause, Seen, kept, later, tried
from small import ALL_RECOGNISED
from views_cases import (
    AS_DENSE,
    BY_THEMSELVES,
    CONTENT,
    CONVERGENCE,
    DENSE,
    EASY_ON_OVERSEERS,
    HARD_ON_OVERSEERS,
    LADDER,
    SPARSER,
    TWO_HALT,
    UNWATCHED,
)

ONE_LAB = {"policies.one_lab_holds.paradigm.hold": 4}
NO_PREMIUM = {"paradigm.premium": [0, 0, 0.01, 0.01]}


def path(view: str) -> str:
    return f"views/{view}"


def kept_more(policy: str, changed: dict, other: dict, **bound) -> Seen:
    """The share of worlds that a policy keeps after some changes, less that after others."""
    return Seen("no_takeover", Case(policy, changed), Case(policy, other), **bound)


def holds_more(ours: Case, theirs: Case, **bound) -> Seen:
    """The share of first tries that are held, less that of another case."""
    return Seen("held", ours, theirs, **bound)


def delay_by_line(changed: dict, **bound) -> Seen:
    """By how many months a line that nobody watches delays the first critical try."""
    line = Case("hold_faithful_cot", {**UNWATCHED, **changed})
    return later("first_critical_try", line, Case("none", changed), **bound)


BACKED = (
    Cause(
        {VIEWS: ("Density carries this view", "so monitors and responses have little to do")},
        path(DENSE),
        (
            kept("none", above=0.85),
            kept("none", SPARSER, below=0.03),
            kept("control", above=0.95),
            kept("control", SPARSER, below=0.1),
            tried("control", below=0.1),
            tried("control", SPARSER, above=0.9),
        ),
    ),
    Cause(
        {VIEWS: ("recognition alone decides",)},
        path(LADDER),
        (
            kept("defence_in_depth", below=0.08),
            kept("defence_in_depth", ALL_RECOGNISED, above=0.65),
            kept("defence_in_depth", AS_DENSE, below=0.3),
        ),
    ),
    Cause(
        {VIEWS: ("only if every lab halts", "It needs all labs instead")},
        path(CONVERGENCE),
        (kept("halt", above=0.75), kept("halt", TWO_HALT, below=0.03)),
    ),
    Cause(
        {VIEWS: ("It needs all labs instead",)},
        path(LADDER),
        (kept("halt", above=0.95), kept("halt", TWO_HALT, below=0.05)),
    ),
    Cause(
        {VIEWS: ("what systems want still follows this view",)},
        path(CONVERGENCE),
        (
            kept("defence_in_depth", AS_DENSE, below=0.03),
            kept_more(
                "defence_in_depth",
                {
                    **AS_DENSE,
                    "feedback.scope_dense": 0.03,
                    "feedback.horizon_dense": 2,
                    "feedback.constraint": {"uniform": [0.3, 0.6]},
                    "goals.value": {"beta": [6.5, 3.5]},
                    "goals.extremal_divergence": 0,
                    "training.scheming.prior": 0,
                },
                AS_DENSE,
                above=0.5,
            ),
        ),
    ),
    Cause(
        {VIEWS: ("because the paradigms that it rules out grow faster",)},
        path(CONVERGENCE),
        (delay_by_line({}, above=0.8), delay_by_line(NO_PREMIUM, below=0.4)),
    ),
    Cause(
        {
            VIEWS: (
                "because the paradigms that it rules out grow faster",
                "it adds a sixth of all first tries",
                "no more first tries are held under these two views",
                "changes nothing that can be seen here",
            )
        },
        path(LADDER),
        (
            delay_by_line({}, above=2.5),
            delay_by_line(NO_PREMIUM, below=0.8),
            holds_more(Case("hold_faithful_cot"), Case("control_and_cot"), above=0.08),
            holds_more(Case("one_lab_holds"), Case("one_lab_holds", ONE_LAB), below=0.05),
            Seen(
                "no_takeover",
                Case("hold_and_learn"),
                Case("hold_faithful_cot"),
                above=-0.02,
                below=0.02,
            ),
        ),
        worlds=500,
    ),
    Cause(
        {
            VIEWS: (
                "would more than double the first tries that are held",
                "would leave a halt a few more worlds",
                "But without any of the answers all safeguards together still",
            )
        },
        path(CONVERGENCE),
        (
            holds_more(
                Case("defence_in_depth", ALL_RECOGNISED), Case("defence_in_depth"), above=0.08
            ),
            kept_more("halt", CONTENT, {}, above=0.02),
            kept("defence_in_depth", EASY_ON_OVERSEERS, below=0.04),
            holds_more(
                Case("defence_in_depth", BY_THEMSELVES),
                Case("defence_in_depth"),
                above=-0.1,
                below=0.05,
            ),
        ),
        worlds=500,
    ),
    Cause(
        {VIEWS: ("they keep a few more worlds while fewer first tries are held",)},
        path(DENSE),
        (
            kept_more("find_and_mend", SPARSER, {**SPARSER, **HARD_ON_OVERSEERS}, above=0),
            kept("find_and_mend", above=0.95),
            kept("find_and_mend", HARD_ON_OVERSEERS, above=0.95),
        ),
        worlds=500,
    ),
)
