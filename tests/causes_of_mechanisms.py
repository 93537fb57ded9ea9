"""What scenarios of one mechanism each say, and the runs that show it: rows of test_causes.py."""

from causes import Case, Cause, Seen, kept, tried

RESPONSES = "scenarios/responses.toml"
FRESH_EACH_MONTH = {"capability.lifetime": 0.1, "oversight.audit_budget": 0.5}
AUDITED = {"oversight.audit_budget": 0.15}
OWN_OF_A_COPY = {"goals.goal_drift": 0, "conduct.story_rate": 0}


def saves(policy: str, other: str, changed: dict | None = None, **bound) -> Seen:
    """The share of worlds that a policy keeps, less that of another."""
    return Seen("no_takeover", Case(policy, changed or {}), Case(other, changed or {}), **bound)


def holds_more(policy: str, other: str, changed: dict | None = None, **bound) -> Seen:
    """The share of first tries that a policy holds, less that of another."""
    return Seen("held", Case(policy, changed or {}), Case(other, changed or {}), **bound)


GO_TOGETHER = ["feedback.density", "feedback.constraint"]
IN_DEPTH = Case("defence_in_depth", {})
INDEPENDENT = Case("defence_in_depth", {"correlations": []})
OPPOSED = Case("defence_in_depth", {"correlations": [{"of": GO_TOGETHER, "rank": -0.8}]})

BACKED = (
    Cause(
        {
            "scenarios/correlated_assumptions.toml": (
                "Defence in depth then keeps more worlds than it does where the two are",
                "So a probability over assumptions rests on how they hang together",
            )
        },
        "correlated_assumptions",
        (
            Seen("no_takeover", IN_DEPTH, INDEPENDENT, above=0.02),
            Seen("no_takeover", OPPOSED, INDEPENDENT, below=-0.02),
        ),
        worlds=1000,
    ),
    Cause(
        {
            "scenarios/units_of_detection.toml": (
                "and verdicts depend on it",
                "It keeps more worlds than good monitors do where an attempt is one trajectory",
            )
        },
        "units_of_detection",
        (
            saves("three", "one", above=0.2),
            saves("ten", "three", above=0.25),
            kept("thirty", above=0.95),
            kept("one_without_skill", below=0.25),
            saves("thirty_without_skill", "one", above=0.45),
            kept("thirty_without_skill", {"oversight.audit_budget": 0}, below=0.25),
        ),
    ),
    Cause(
        {
            "scenarios/recognition.toml": (
                "This alone costs few worlds",
                "overseers learn nothing of the limit",
                "what is audited is not recognised",
                "With the limit it keeps hardly fewer than good monitors do",
            )
        },
        "recognition",
        (
            saves("all_recognised", "no_limit", above=-0.02, below=0.08),
            saves("no_limit", "limit", above=0.6),
            Seen("believed", Case("limit", {}), Case("no_limit", {}), above=-0.05),
            saves("limit_and_half_audited", "limit", below=0.15),
            kept(
                "limit_and_half_audited",
                {"policies.limit_and_half_audited.oversight.recognition_limit": 99},
                above=0.95,
            ),
            kept("lottery_recognised", above=0.4, below=0.65),
            saves("limit", "lottery_with_limit", below=0.15),
        ),
    ),
    Cause(
        {
            "scenarios/honeypots.toml": (
                "an attempt in one is caught, whatever monitors do",
                "traps keep hardly more worlds",
                "fewer than half meet a critical try, and more tries are held",
                "The same traps without any monitor keep fewer",
            )
        },
        "honeypots",
        (
            saves("seen_through", "no_traps", above=-0.03, below=0.07),
            saves("never_seen_through", "no_traps", above=0.4),
            saves("never_seen_through", "no_traps", {"oversight.recognition": 0}, above=0.4),
            tried("never_seen_through", below=0.5),
            holds_more("never_seen_through", "no_traps", above=0.08),
            saves("never_seen_through", "traps_alone", above=0.02),
            saves(
                "never_seen_through",
                "traps_alone",
                {"oversight.recognition": 0},
                above=-0.03,
                below=0.03,
            ),
        ),
    ),
    Cause(
        {
            "scenarios/copies.toml": (
                "Few models are extreme, and few worlds meet a critical try",
                "Copies that are willing are willing together",
            )
        },
        "copies",
        (
            tried("all_alike", below=0.2),
            tried("each_its_own", above=0.25),
            tried("all_alike", OWN_OF_A_COPY, below=0.12),
            saves("all_alike", "all_alike_together", above=0.15),
            saves("all_alike", "all_alike_together", {"systems": 3}, above=-0.03, below=0.03),
        ),
    ),
    Cause(
        {
            "scenarios/coordination.toml": (
                "More worlds meet a critical try, and fewer of them are held",
                "and is held half as often as that of one alone",
                "and a fifth to systems that strike together",
            )
        },
        "coordination",
        (
            saves("alone", "together", above=0.15),
            saves("alone_audited", "together_audited", above=0.1),
            kept("alone_audited", above=0.95),
            saves("alone", "together", {"systems": 3}, above=-0.02, below=0.02),
            holds_more("alone", "together", above=0.05),
        ),
        worlds=800,
    ),
    Cause(
        {
            RESPONSES: (
                "responses change little",
                "Worlds are lost later, and in ten years fewer are lost",
                "This saves hardly any world",
                "Of the responses here this saves most worlds",
                "This saves no world",
                "because each new system is another draw",
                "That new systems are more capable is not the reason",
            )
        },
        "responses",
        (
            saves("stop_for_a_year", "no_response", above=0.04),
            saves("audit_for_a_year", "no_response", above=-0.02, below=0.06),
            saves("audit_for_good", "stop_for_a_year", above=0.05),
            saves("withdraw_model", "no_response", below=0.02),
            saves("no_response", "withdraw_lab", above=0),
            saves("no_response", "withdraw_lab", AUDITED, above=0.05),
            saves(
                "no_response",
                "withdraw_lab",
                FRESH_EACH_MONTH,
                above=-0.03,
                below=0.03,
            ),
            kept("no_response", FRESH_EACH_MONTH, above=0.4),
            saves(
                "no_response",
                "withdraw_lab",
                {**AUDITED, "training.shared": 1},
                above=-0.03,
                below=0.05,
            ),
            saves(
                "no_response",
                "withdraw_lab",
                {**AUDITED, "capability.update_rate": 1},
                above=0.05,
            ),
            Seen("warned", Case("no_response", {}), above=0.05),
            Seen("warned", Case("no_response", {"cognition.calibration_error": 0}), below=0.02),
            saves(
                "stop_for_a_year",
                "no_response",
                {"cognition.calibration_error": 0},
                below=0.04,
            ),
        ),
        worlds=1500,
    ),
    Cause(
        {
            "scenarios/unilateral.toml": (
                "a takeover by a system of any lab ends the world",
                "A part of the worlds is saved",
                "about as many are saved",
                "The third still loses a quarter of the worlds",
            )
        },
        "unilateral",
        (
            saves("leading_lab", "nobody", above=0.05, below=0.25),
            saves("lagging_lab", "leading_lab", above=-0.08, below=0.08),
            saves("two_of_three", "leading_lab", above=0.1),
            saves("all", "two_of_three", above=0.15),
            kept("all", above=0.95),
            kept("two_of_three", {"systems": 60}, below=0.5),
        ),
        worlds=600,
    ),
)
