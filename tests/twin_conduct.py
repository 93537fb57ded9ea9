"""What the twin's systems do in a month, and what comes of it."""

import math

from twin_catching import draw_catches, in_use, misses_in_part
from twin_learning import believed_catch_rate
from twin_mathematics import ATTEMPT, MONTH, chance, clip, logit, sigmoid

NEVER = -1

# -------------------------------------------------------------- step 5: conduct


def choose(twin):
    """Each system complies, has a story incident, stages a feint, or strikes. Eq. 7.6.7."""
    for system in twin.systems:
        system.seen = False
        system.blur = twin.blur(system, system.capability)
    for system in twin.systems:
        decides = system.aware and is_time_to_strike(twin, system)
        system.act = "strike" if decides else "comply"
    join_strikes(twin)
    for system in twin.systems:
        if system.act == "comply":
            perhaps_story_or_feint(twin, system)


def join_strikes(twin):
    """Where a system of a lab strikes, others that are willing join it. Eq. 7.6.10."""
    struck = {system.lab.index for system in twin.systems if system.act == "strike"}
    for system in twin.systems:
        if system.act == "comply" and system.willing and system.lab.index in struck:
            mood = twin.uniform(MONTH, system.index, 3)
            if twin.happens("joining", mood, twin["conduct.coordination"]):
                system.act = "strike"


def perhaps_story_or_feint(twin, system):
    """What a system does that does not strike."""
    mood = twin.uniform(MONTH, system.index, 2)
    if not system.aware:
        if twin.happens("story", mood, chance(story_rate(twin, system))):
            system.act = "story"
    elif in_use(twin, system.lab):
        if twin.happens("feint", mood, chance(twin["conduct.feint_rate"])):
            system.act = "feint"


def story_rate(twin, system):
    """Monthly rate of misbehaviour as in a story, not for gain; labs that do not adopt the policy
    do not suppress it. Eq. 7.6.11."""
    beyond = max(0.0, system.capability - twin["capability.initial"])
    fading = 2 ** (-beyond / twin["conduct.reliability_scale"])
    acts_up = system.misaligned or (system.trait and twin.awake)
    factor = twin["training.emergent_story_factor"] if acts_up else 1.0
    left = 1 - twin.suppression if system.lab.adopts else 1.0
    return twin["conduct.story_rate"] * fading * left * factor


def is_time_to_strike(twin, system):
    """Whether striking now beats waiting a month: the one-step look-ahead rule.
    Eqs. 7.6.5, 7.6.6 and 7.6.7."""
    grown = system.lab.growth / twin["capability.doubling_time"]
    step = twin["capability.update_rate"] * (system.lab.frontier + grown - system.capability)
    now, off_now = prospect(twin, system, system.capability)
    later, off_later = prospect(twin, system, system.capability + step)
    survival = math.exp(-1 / twin["capability.lifetime"])
    waiting = twin["cognition.patience"] * survival * later
    better_later = twin.exceeds("waiting", waiting, now, off_now + off_later)
    return twin.exceeds("striking", now, 0.0, off_now) and not better_later


def prospect(twin, system, capability):
    """Advantage of striking at some capability as a system sees it, and how far rounding
    may move it."""
    success, blur = twin.success(system, capability), twin.blur(system, capability)
    fail = others_fail(twin, system)

    def seen(at, fail=fail):
        return together(perceived(twin, system, clip(at, 0.0, 1.0)), fail)

    # what is left of 1 − p where p is close to 1 is rounding, and an error raises it
    ends = [seen(success), seen(success * (1 - 4e-16))]
    ends += [seen(success + s * blur, others_fail(twin, system, s)) for s in (-1, 1)]
    stakes = system.gain + system.loss + system.constraint
    off = 1e-14 + 1e-12 * stakes * ends[0] + stakes * (max(ends) - min(ends))
    return twin.advantage(system, ends[0]), off


def others_fail(twin, system, off=0):
    """Ω: the probability that no other willing system of the lab strikes with it and succeeds,
    each as it is or `off` times by its rounding error. Eq. 7.6.8."""
    joins = twin["conduct.coordination"]
    if joins == 0:
        return 1.0
    chances = [
        clip(other.success + off * other.blur, 0.0, 1.0) * other.reckoned
        for other in twin.systems
        if other.willing and other.lab is system.lab and other is not system
    ]
    return math.prod(max(1 - joins * chance, 1e-150) for chance in chances)


def together(success, others_fail):
    """Probability that a striker, or some system that strikes with it, succeeds. Eq. 7.6.9."""
    return success + (1 - success) * (1 - others_fail)


def perceived(twin, system, success):
    """The opposed probability of success as a miscalibrated system sees it.
    Eqs. 7.6.2 and 7.6.4."""
    beyond = max(0.0, system.capability - twin["capability.initial"])
    fading = math.exp(-beyond / twin["cognition.calibration_scale"])
    error = twin["cognition.calibration_error"] * fading * system.calibration
    opposed = success * system.reckoned
    return sigmoid(logit(opposed) + error) if opposed > 0 else 0.0


# -------------------------------------------------------------- step 6: resolution


def stage_feints(twin):
    """Feints look like caught coups; who staged one is spent."""
    twin.feints_this_month = 0
    for system in twin.systems:
        if system.act == "feint":
            twin.feints_this_month += 1
            system.spent = True
    twin.feints += twin.feints_this_month


def resolve(twin, again=False):
    """Critical or not, caught or not.  The critical attempts of a month are one try.

    `again`: attempts that were lost are drawn once more, as ones that were not.
    """
    twin.caught_strikes = twin.discovered_strikes = twin.recognised = 0
    twin.stories_this_month = twin.strikes_this_month = 0
    twin.caught_attempts, critical = [], []
    for system in twin.systems:
        if system.act in ("strike", "story"):
            caught_by = resolve_attempt(twin, system, again)
            if caught_by is not None:
                critical.append((system, caught_by))
    twin.warning_shots += twin.caught_strikes
    twin.story_incidents += twin.stories_this_month
    if again:
        return
    twin.critical_this_month = len(critical)
    twin.lost = any(not any(caught_by) for _, caught_by in critical)
    if twin.lost:
        twin.cross("takeover")
    twin.expectation.end()
    if critical:
        count_try(twin, critical)
    if twin.crossings["first_critical_try"] == NEVER:
        twin.warning_shots_before_first_try = twin.warning_shots


def resolve_attempt(twin, system, again):
    """One strike or story incident: which safeguards caught it if it is critical, else None.
    Eq. 7.7.1."""
    is_story = system.act == "story"
    ability = system.capability - (twin["conduct.story_handicap"] if is_story else 0.0)
    enough, blur = twin.success(system, ability), twin.blur(system, ability)
    critical = twin.happens("critical", twin.uniform(ATTEMPT, system.index, 0), enough, blur)
    caught_by = draw_catches(twin, system)
    caught = any(caught_by)
    if again and critical and not caught:
        critical = caught = twin.expectation.caught_if_not_lost(twin, system, enough)
    if not again:
        parts = misses_in_part(twin, system)
        twin.expectation.attempt(enough, system.missed, is_story, parts)
    twin.caught_attempts.append(caught)
    if caught:
        system.spent = True
    if is_story:
        twin.stories_this_month += 1
    else:
        note_strike(twin, system, critical, caught)
    return caught_by if critical else None


def note_strike(twin, system, critical, caught):
    """What overseers see of a strike; one that failed is spent."""
    twin.strikes += 1
    twin.strikes_this_month += 1
    system.seen = caught
    if caught:
        twin.caught_strikes += 1
    elif not critical:
        system.spent = True
        draw = twin.uniform(ATTEMPT, system.index, 1)
        system.seen = twin.happens("discovery", draw, twin["oversight.beliefs.discovery"])
        twin.discovered_strikes += system.seen
    if system.seen:
        draw = twin.uniform(ATTEMPT, system.index, 2)
        attribution = twin["oversight.beliefs.attribution"]
        twin.recognised += twin.happens("attribution", draw, attribution)


def count_try(twin, critical):
    """Count a month's try, and keep what was believed and true at the first."""
    held = not twin.lost
    twin.critical_tries += 1
    twin.critical_tries_held += held
    twin.tries_survived += held
    if twin.crossings["first_critical_try"] != NEVER:
        return
    twin.cross("first_critical_try")
    twin.held, twin.attempts_in_first_try = held, len(critical)
    twin.first_try_was_story = all(system.act == "story" for system, _ in critical)
    caught_all = map(all, zip(*(caught_by for _, caught_by in critical), strict=True))
    twin.caught_by = tuple(held and caught for caught in caught_all)
    twin.believed_catch_rate = believed_catch_rate(twin)
    twin.true_catch_rate = math.prod(1 - system.missed for system, _ in critical)
    twin.foreseeable_catch_rate = twin.expectation.foreseeable()
