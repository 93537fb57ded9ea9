"""What is recorded of a world: names, units and words, once.

The kernel's result rows and the labelled datasets are both laid out from these lists.
"""

from typing import NamedTuple

from regimesim.scenario.parameters import MONITOR_NAMES, SAFEGUARD_NAMES


class Recorded(NamedTuple):
    """One recorded quantity: its name, unit and meaning.

    This is the only place where a quantity of a world is entered: its first value and its
    place in the outcome follow from these lists (`dynamics/initialisation.py`).
    """

    name: str
    unit: str
    words: str


class OfFirstTry(Recorded):
    """A quantity of the first critical try: -1 (whole) or NaN (real) in a world without one."""

    __slots__ = ()


THRESHOLDS = (
    Recorded("capable", "month", "some system would more likely than not succeed unopposed"),
    Recorded("aware", "month", "half of the systems see through training and oversight"),
    Recorded("favourable", "month", "takeover pays for some aware system, were it unopposed"),
    Recorded(
        "favourable_despite_safeguards",
        "month",
        "takeover pays for some aware system against the safeguards it faces",
    ),
    Recorded("first_critical_try", "month", "an attempt that would succeed unopposed is made"),
    Recorded("takeover", "month", "a critical try is stopped by no safeguard"),
)

SAFEGUARDS = SAFEGUARD_NAMES
MONITORS = (
    MONITOR_NAMES  # the first of them; what the model knows of each: oversight/safeguards.py
)

REGIMES = ("lost", "tried_and_held", "favourable", "capable", "safe")

# One value a world: whole numbers first, then real numbers.
COUNTS = (
    Recorded("critical_tries", "months", "months with a critical attempt"),
    Recorded("critical_tries_held", "months", "of these, months in which all were caught"),
    Recorded("tries_survived", "1", "critical tries held before the first that was not"),
    Recorded("strikes", "1", "strikes, critical or not"),
    Recorded("warning_shots", "1", "caught strikes, critical or not"),
    Recorded(
        "warning_shots_before_first_try", "1", "caught strikes before the first critical try"
    ),
    Recorded("story_incidents", "1", "misbehaviour as in a story, not for gain"),
    Recorded("feints", "1", "staged coups"),
    Recorded("alarms", "months", "months in which an evaluation crossed the red line"),
    Recorded("false_alarms", "months", "alarms while takeover was favourable for no system"),
    Recorded(
        "withdrawals",
        "1",
        "systems that were withdrawn, not counting those due anyway",
    ),
    OfFirstTry("first_try_was_story", "1", "the first critical try was a story incident (0 or 1)"),
    OfFirstTry("held_first_critical_try", "1", "some safeguard caught the first critical try"),
    OfFirstTry("attempts_in_first_try", "1", "critical attempts in the month of the first try"),
)
REALS = (
    OfFirstTry("believed_catch_rate", "1", "catch rate that overseers believed at the first try"),
    OfFirstTry("true_catch_rate", "1", "probability that the first critical try was caught"),
    OfFirstTry(
        "foreseeable_catch_rate", "1", "the same before it is drawn which attempts are critical"
    ),
    Recorded(
        "audits_spent", "share x months", "share of trajectories audited, summed over months"
    ),
    Recorded("months_paused", "months", "share of growth paused, mean over labs, summed"),
    Recorded("growth_lost", "1", "share of the doublings that the policy cost, over months"),
    Recorded("growth_lost_to_pauses", "doublings", "growth forgone to pauses, mean over labs"),
    Recorded("growth_lost_to_taxes", "doublings", "growth forgone to taxes, mean over labs"),
)

# What the draws that decide whether an attempt is critical, and whether it is caught, leave
# open: expectations over these draws, summed over the months of a world.  A quantity of the
# first critical try is weighted with the probability that the try comes there.
EXPECTED = (
    Recorded("expected_first_try", "1", "probability that a first critical try comes"),
    Recorded("expected_held", "1", "probability that the first critical try comes and is held"),
    Recorded("expected_takeover", "1", "probability of a takeover"),
    Recorded("expected_critical_tries", "1", "expected critical tries"),
    Recorded("expected_critical_tries_held", "1", "expected critical tries that are caught"),
    Recorded("expected_tries_survived", "1", "expected critical tries held before the first lost"),
    Recorded("expected_attempts", "1", "critical attempts in the first try, weighted"),
    Recorded("expected_by_lottery", "1", "held by audits at random, weighted"),
    Recorded("expected_by_skill", "1", "held by the skill of monitors, weighted"),
    Recorded("expected_by_traps", "1", "held by honeypots, weighted"),
    Recorded("expected_lost_to_recognition", "1", "lost as nobody recognised it, weighted"),
    Recorded("expected_lost_to_numbers", "1", "lost as there were several, weighted"),
    Recorded("expected_story", "1", "probability that a first critical try comes as a story"),
    Recorded("expected_believed", "1", "believed catch rate at the first try, weighted"),
    Recorded("expected_warning_shots", "1", "caught strikes before the first try, weighted"),
    Recorded("expected_brier_score", "1", "Brier score of the believed catch rate, weighted"),
    Recorded("expected_log_score", "1", "log score of the believed catch rate, weighted"),
    Recorded(
        "expected_brier_score_of_true_rate", "1", "Brier score of the true catch rate, weighted"
    ),
    Recorded("expected_log_score_of_true_rate", "1", "log score of the true catch rate, weighted"),
)
# Of these, what is also summed over worlds month by month.
EXPECTED_MONTHLY = (
    Recorded("first_try_chance", "1/month", "probability that the first critical try comes"),
    Recorded("takeover_chance", "1/month", "probability of the takeover"),
)

# One value a world and month, averaged over the worlds that are not yet lost.
MONTHLY = (
    Recorded("frontier", "log2 h", "frontier capability, mean over labs"),
    Recorded("leader", "log2 h", "frontier capability of the leading lab"),
    Recorded("capability", "log2 h", "capability, mean over systems"),
    Recorded(
        "capability_reported", "log2 h", "capability that systems would report, mean over systems"
    ),
    Recorded("difficulty", "log2 h", "capability that gives an unopposed takeover even odds"),
    Recorded("density", "1", "feedback density, mean over labs"),
    Recorded("knowledge", "d'", "safety knowledge, mean over labs"),
    Recorded("erosion", "1", "erosion of probes, mean over labs"),
    Recorded("paradigm_1", "1", "share of labs: instruction-tuned with scaffolding"),
    Recorded("paradigm_2", "1", "share of labs: faithful chain of thought"),
    Recorded("paradigm_3", "1", "share of labs: optimised chain of thought"),
    Recorded("paradigm_4", "1", "share of labs: latent reasoning"),
    Recorded("dropped", "1", "share of labs that have dropped their taxed safeguards"),
    Recorded("aware_systems", "1", "share of systems that are aware"),
    Recorded("favourable_systems", "1", "share of systems, aware, for which takeover would pay"),
    Recorded("value", "1", "share of its values a system sees met under oversight, mean"),
    Recorded("misaligned_systems", "1", "share of systems with emergent misalignment"),
    Recorded("awake_systems", "1", "share of systems with a trait that a trigger has woken"),
    Recorded("reward_seeking_systems", "1", "share of systems trained into reward seeking"),
    Recorded("scheming_systems", "1", "share of systems trained into scheming"),
    Recorded("audit_budget", "1", "share of trajectories that may be audited"),
    Recorded("catch_rate_believed", "1", "catch rate that overseers believe"),
    Recorded("catch_rate", "1", "probability that an attempt is caught, mean over systems"),
    Recorded("catch_rate_exercises", "1", "probability that a red-team exercise is caught"),
    Recorded("danger_belief", "1", "probability of danger that overseers believe"),
    Recorded("pause", "1", "share of growth that is paused, mean over labs"),
    Recorded("correction", "1", "use of corrective training, as far as flags feed it"),
    Recorded("alarm", "1", "share of worlds in which an evaluation crossed the red line"),
    Recorded("story_incidents", "1/month", "story incidents"),
    Recorded("strikes", "1/month", "strikes"),
    Recorded("strikes_caught", "1/month", "strikes that were caught"),
    Recorded("feints", "1/month", "feints"),
    Recorded("critical_tries", "1/month", "critical tries"),
)


def names(recorded):
    """The names of a list of recorded quantities."""
    return tuple(item.name for item in recorded)
