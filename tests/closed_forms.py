"""The closed form of every equation of oversight and dynamics, and where it is tried."""

import math

import numpy as np
from scipy import stats
from scipy.special import expit, log_ndtr, logit, ndtri

from regimesim.model.dynamics import (
    capability,
    conduct,
    copies,
    decision,
    expectation,
    goals,
    growth,
    learning,
    prospects,
    training,
    trigger,
    upkeep,
)
from regimesim.model.oversight import (
    adaptive,
    adoption,
    audits,
    control,
    correction,
    cot_monitor,
    detection,
    dropping,
    evaluations,
    events,
    honeypots,
    interpretability,
    pause,
    recognition,
    red_team,
    rule,
)
from regimesim.model.oversight.policy import PAUSE, RESTRICT, WARN

DOUBLINGS, UNIT, OPEN_UNIT, LOGITS = (-10.0, 40.0), (0.0, 1.0), (0.001, 0.999), (-6.0, 6.0)
FLAG = (0, 1)
Z = (-4.0, 4.0)


def clip(x, low, high):
    return min(max(x, low), high)


# An equation, its closed form, and where each argument is drawn: between two floats, or
# among whole numbers.
CLOSED_FORMS = [
    # labs
    (
        growth.research_rate,
        lambda c, gain, midpoint, width: gain * expit((c - midpoint) / width),
        [DOUBLINGS, (0.0, 5.0), (0.0, 20.0), (0.1, 5.0)],
    ),
    (
        capability.feedback_density,
        lambda start, z, trend, race, premium, grown, floor, t: np.clip(
            start + z + grown + (trend - race * premium) * t, floor, 1
        ),
        [
            *(UNIT, (-0.2, 0.2), (-0.02, 0.02), (0.0, 0.05), (-0.5, 0.5)),
            *((-0.5, 0.5), (0.0, 0.6), (0.0, 120.0)),
        ],
    ),
    (
        capability.density_grown,
        lambda per_doubling, c, initial: per_doubling * (c - initial) * (c > initial),
        [(-0.1, 0.1), DOUBLINGS, DOUBLINGS],
    ),
    (
        growth.free_growth,
        lambda r, premium, sparse, density, c, ceiling: (
            ((1 + r) * (1 + premium) * (1 + sparse * (1 - density)))
            * clip(1 - (max(c, 0) / ceiling) ** 4, 0, 1)
        ),
        [(0.0, 2.0), (-0.5, 0.5), (-0.5, 0.5), UNIT, DOUBLINGS, (10.0, 60.0)],
    ),
    (growth.chance, lambda rate: -math.expm1(-rate), [(0.0, 5.0)]),
    (
        growth.ladder_chance,
        lambda rate, race, gap, each, doublings: stats.expon.cdf(
            rate * (1 + race * gap) + each * doublings
        ),
        [(0.0, 1.0), (0.0, 2.0), (0.0, 5.0), (0.0, 0.5), (0.0, 1.0)],
    ),
    (
        capability.drop_chance,
        lambda rate, tax, gap: stats.expon.cdf(gap * tax, scale=1 / rate),
        [(0.01, 5.0), UNIT, (0.0, 5.0)],
    ),
    # training and goals
    (
        upkeep.followed,
        lambda c, frontier, rate: (1 - rate) * c + rate * frontier,
        [DOUBLINGS, DOUBLINGS, UNIT],
    ),
    (
        training.misalignment_chance,
        lambda data, needed, inoculation, c, theta: (
            -math.expm1(-data / needed) * (1 - inoculation if c <= theta else 1)
        ),
        [UNIT, (0.01, 1.0), UNIT, DOUBLINGS, DOUBLINGS],
    ),
    (
        training.needed_bad_data,
        lambda reference, exponent, c, initial: reference / 2 ** (exponent * (c - initial)),
        [(0.001, 1.0), (0.0, 1.0), DOUBLINGS, (0.0, 5.0)],
    ),
    (
        training.interpolated,
        lambda log_sparse, rise, density, shift: (
            math.exp(log_sparse) * math.exp(rise) ** density * math.exp(shift)
        ),
        [(-7.0, 7.0), (-14.0, 14.0), UNIT, (-7.0, 7.0)],
    ),
    (
        goals.drifted,
        lambda a, target, pull, drift, density, z: (
            target + (1 - pull * density) * (a - target) + drift * (1 - density) * z
        ),
        [LOGITS, LOGITS, UNIT, (0.0, 2.0), UNIT, Z],
    ),
    (
        goals.contentment,
        lambda a, divergence, onset, c: expit(a - divergence * max(c - onset, 0)),
        [LOGITS, UNIT, (0.0, 20.0), DOUBLINGS],
    ),
    (goals.saturation, lambda x, inverse: -math.expm1(-x * inverse), [UNIT, (0.001, 1000.0)]),
    (
        goals.utility,
        lambda x, inverse, whole: min((1 - math.exp(-x * inverse)) * whole, 1.0),
        [UNIT, (0.2, 100.0), (1.0, 10.0)],
    ),
    (goals.gain_of_winning, lambda weight, u: weight - weight * u, [UNIT, UNIT]),
    (goals.loss_when_caught, lambda u, caught: u - caught, [UNIT, UNIT]),
    (
        goals.advantage,
        lambda p, gain, loss, norm: p * (gain + loss) - (loss + norm),
        [UNIT, UNIT, UNIT, UNIT],
    ),
    (
        goals.break_even,
        lambda gain, loss, norm: (loss + norm) / (gain + loss),
        [(0.01, 1.0), UNIT, UNIT],
    ),
    # the trigger
    (
        trigger.triggered,
        lambda month, date, automated, sign: max(month - date >= 0, automated - sign > 0),
        [(0.0, 100.0), (0.0, 100.0), UNIT, UNIT],
    ),
    (
        trigger.roused,
        lambda a, shift, awake: a - shift if awake else a,
        [LOGITS, (0.0, 20.0), FLAG],
    ),
    # prospects, decision and conduct
    (
        prospects.automation,
        lambda leader, midpoint, width: expit((leader - midpoint) / width),
        [DOUBLINGS, (0.0, 20.0), (0.1, 5.0)],
    ),
    (
        prospects.difficulty,
        lambda initial, bonus, automated: initial - bonus * automated,
        [DOUBLINGS, (0.0, 10.0), UNIT],
    ),
    (
        prospects.success,
        lambda contact, slope, c, level: contact * expit(slope * (c - level)),
        [UNIT, (0.0, 5.0), DOUBLINGS, DOUBLINGS],
    ),
    (
        prospects.boost,
        lambda collusion, allies: collusion * math.log2(1 + allies),
        [(0.0, 5.0), (0.0, 100.0)],
    ),
    (
        decision.misjudgement,
        lambda error, scale, c, initial, eta: math.exp(
            error * math.exp(-max(c - initial, 0) / scale) * eta
        ),
        [(0.0, 5.0), (1.0, 30.0), DOUBLINGS, (0.0, 5.0), Z],
    ),
    (
        decision.perceived,
        lambda p, factor: expit(logit(p) + math.log(factor)),
        [OPEN_UNIT, (0.001, 1000.0)],
    ),
    (
        training.boldness,
        lambda error, eta: max(math.exp(error * eta), 1.0),
        [(0.0, 5.0), Z],
    ),
    (
        decision.strikes_now,
        lambda now, later, patience, kept: now > 0 and now >= patience * kept * later,
        [(-1.0, 1.0), (-1.0, 1.0), UNIT, UNIT],
    ),
    (
        conduct.story_rate,
        lambda rate, c, initial, scale, suppression, factor: (
            rate * 0.5 ** (max(c - initial, 0) / scale) * (1 - suppression) * factor
        ),
        [(0.0, 2.0), DOUBLINGS, (0.0, 5.0), (0.5, 20.0), UNIT, (0.0, 10.0)],
    ),
    # detection
    (
        audits.reckoned_budget,
        lambda budget, announced, sight: np.interp(sight, [0, 1], [announced, budget]),
        [UNIT, UNIT, UNIT],
    ),
    (
        detection.audited_share,
        lambda budget, share, shares: budget * share / shares,
        [UNIT, UNIT, (0.01, 3.0)],
    ),
    (detection.stretch, lambda b: math.hypot(1, b) / math.sqrt(2), [(0.1, 3.0)]),
    (
        detection.audit_quantile,
        lambda audited, b: b * stats.norm.isf(audited),
        [OPEN_UNIT, (0.1, 3.0)],
    ),
    (
        detection.audit_odds,
        lambda audited, b: math.exp(b * logit(audited)),
        [OPEN_UNIT, (0.1, 3.0)],
    ),
    (
        detection.evaded_strength,
        lambda strength, evasion, onset, c: max(0, strength - evasion * (c - onset) * (c > onset)),
        [(0.0, 5.0), (0.0, 0.3), DOUBLINGS, DOUBLINGS],
    ),
    (
        recognition.recognised,
        lambda r, limit, scale, c: r * min(1, 0.5 ** ((c - limit) / scale)),
        [UNIT, DOUBLINGS, (1.0, 12.0), DOUBLINGS],
    ),
    (recognition.unrecognised_too, lambda miss, r: 1 - r * (1 - miss), [UNIT, UNIT]),
    (
        honeypots.trap_share,
        lambda traps, limit, scale, c: traps * min(1, 0.5 ** ((c - limit) / scale)),
        [UNIT, DOUBLINGS, (1.0, 12.0), DOUBLINGS],
    ),
    (
        events.comes,
        lambda observed, least, most: (
            min(max(observed, least), most) == observed and least <= most
        ),
        [(0.0, 3.0), (0.0, 2.0), (2.0, 3.0)],
    ),
    (
        adoption.of_adopter,
        lambda adopts, within, outside: adopts * within + (1 - adopts) * outside,
        [FLAG, UNIT, UNIT],
    ),
    (
        copies.model_number,
        lambda t, lab, labs, interval: (t + lab * interval // labs) // interval,
        [(0, 200), (0, 2), (3, 4), (1, 24)],
    ),
    (
        copies.shared_normal,
        lambda of_model, own, common, alone: np.dot([of_model, own], [common, alone]),
        [Z, Z, UNIT, UNIT],
    ),
    (
        copies.shared_unit,
        lambda of_model, own, common, alone: stats.norm.cdf(
            common * of_model + alone * stats.norm.ppf(own)
        ),
        [Z, OPEN_UNIT, (0.01, 1.0), UNIT],
    ),
    (
        decision.failing,
        lambda joins, success, missed: 1 - joins * success * missed,
        [(0.0, 0.99), UNIT, UNIT],
    ),
    (decision.together, lambda p, fail: 1 - (1 - p) * fail, [UNIT, UNIT]),
    (
        expectation.foreseeable,
        lambda tried, share: 1 - share / tried,
        [(0.5, 1.0), (0.0, 0.5)],
    ),
    (
        detection.binormal_log_miss,
        lambda quantile, strength, actions: actions * log_ndtr(quantile - strength),
        [(-3.0, 3.0), (0.0, 5.0), (1.0, 100.0)],
    ),
    (
        detection.logistic_log_miss,
        lambda odds, strength, actions: (
            actions * math.log(expit(-math.log(odds) - 1.6 * strength))
        ),
        [(0.001, 10.0), (0.0, 5.0), (1.0, 100.0)],
    ),
    (
        detection.elo_rating,
        lambda floor, slope, intercept, ceiling, c: clip(
            np.polyval([slope, intercept], c), floor, ceiling
        ),
        [(-500.0, 500.0), (-50.0, 50.0), (-500.0, 500.0), (600.0, 2000.0), DOUBLINGS],
    ),
    (
        detection.elo_log_miss,
        lambda guard, evader: -math.log1p(10 ** ((guard - evader) / 400)),
        [(0.0, 2000.0), (0.0, 2000.0)],
    ),
    (
        detection.joint_log_miss,
        lambda least, total, beta: math.log(
            math.exp(least) ** beta * math.exp(total) ** (1 - beta)
        ),
        [(-5.0, 0.0), (-10.0, -5.0), UNIT],
    ),
    (
        detection.endurance,
        lambda shock, own, beta: min(shock / beta, own / (1 - beta)),
        [(0.01, 5.0), (0.01, 5.0), OPEN_UNIT],
    ),
    (
        control.parity_strength,
        lambda auroc, slope, is_logistic: math.sqrt(2) * ndtri(auroc),
        [(0.5, 0.9999), (0.1, 3.0), (0, 0)],
    ),
    (
        control.monitor_capability,
        lambda frontier, lag, cap, untrusted: frontier if untrusted else min(frontier - lag, cap),
        [DOUBLINGS, (0.0, 10.0), DOUBLINGS, FLAG],
    ),
    (
        control.strength,
        lambda parity, slope, monitor, c, knowledge, loyal: (
            loyal * max(parity + knowledge - slope * (c - monitor), 0)
        ),
        [(0.0, 4.0), (0.0, 1.0), DOUBLINGS, DOUBLINGS, (0.0, 3.0), UNIT],
    ),
    (
        control.loyalty,
        lambda collusion, willing, systems: 1 - collusion * (willing / systems),
        [UNIT, (0.0, 10.0), (10.0, 20.0)],
    ),
    (cot_monitor.strength, lambda faithful, full: full * faithful, [UNIT, (0.0, 10.0)]),
    (
        interpretability.strength,
        lambda fresh, knowledge, erosion: (fresh + knowledge) / math.exp(erosion),
        [(0.0, 5.0), (0.0, 3.0), (0.0, 5.0)],
    ),
    (dropping.kept, lambda dropped, tax: 1 - dropped * (tax > 0), [FLAG, (-0.9, 0.9)]),
    (dropping.burden, lambda tax: tax * (tax > 0), [(-0.9, 0.9)]),
    # responses and beliefs
    (
        evaluations.report,
        lambda c, theta, sandbagging, noise, z: c + noise * z - (sandbagging if c > theta else 0),
        [DOUBLINGS, DOUBLINGS, (0.0, 10.0), (0.0, 2.0), Z],
    ),
    (
        evaluations.red_line,
        lambda level, margin, error, z: level - margin + error * z,
        [DOUBLINGS, (-5.0, 10.0), (0.0, 3.0), Z],
    ),
    (
        evaluations.restrained_growth,
        lambda growth, response, cut: min(growth, 1 - cut) if response == PAUSE else growth,
        [UNIT, (WARN, PAUSE, RESTRICT), UNIT],
    ),
    (
        evaluations.restrained_contact,
        lambda contact, response, cut: contact - contact * cut * (response == RESTRICT),
        [UNIT, (WARN, PAUSE, RESTRICT), UNIT],
    ),
    (
        pause.requested,
        lambda danger, threshold, strength: strength * (danger > threshold),
        [UNIT, UNIT, UNIT],
    ),
    (
        pause.paused_share,
        lambda asked, complies, growth: 1 - min(1 - asked * complies, growth),
        [UNIT, FLAG, UNIT],
    ),
    (
        correction.suppressed,
        lambda before, strength: before + strength - before * strength,
        [UNIT, UNIT],
    ),
    (
        correction.fed,
        lambda share, missed: (1 - share) + share * (1 - missed),
        [UNIT, UNIT],
    ),
    (correction.goal_shift, lambda shift, targeting: targeting * shift, [(0.0, 5.0), UNIT]),
    (correction.erosion, lambda rate, targeting: rate - targeting * rate, [(0.0, 5.0), UNIT]),
    (
        red_team.remembered,
        lambda count, memory, new: 1 - memory + memory * count + new,
        [(1.0, 50.0), UNIT, (0.0, 20.0)],
    ),
    (
        red_team.believed_catch_rate,
        lambda a, b: stats.beta.mean(a, b),
        [(1.0, 50.0), (1.0, 50.0)],
    ),
    (adaptive.believed_risk, lambda danger, caught: danger - danger * caught, [UNIT, UNIT]),
    (
        adaptive.steered,
        lambda budget, risk, rate, tolerance, least, most: clip(
            budget * clip(risk / tolerance, math.exp(-1), math.e) ** rate, least, most
        ),
        [OPEN_UNIT, OPEN_UNIT, (0.0, 2.0), OPEN_UNIT, (0.0, 0.3), (0.4, 1.0)],
    ),
    (
        learning.believed_danger,
        lambda belief, prior, memory, evidence: memory * belief + (1 - memory) * prior + evidence,
        [(-10.0, 10.0), (-10.0, 10.0), UNIT, (0.0, 5.0)],
    ),
    # expectations over the draws of attempts
    (
        expectation.brier,
        lambda rate, held, lost: held * (rate - 1) ** 2 + lost * rate**2,
        [OPEN_UNIT, OPEN_UNIT, OPEN_UNIT],
    ),
    (
        expectation.log_score,
        lambda rate, held, lost: (
            -(held * stats.bernoulli(rate).logpmf(1) + lost * stats.bernoulli(rate).logpmf(0))
        ),
        [OPEN_UNIT, OPEN_UNIT, OPEN_UNIT],
    ),
    (
        expectation.continuation_chance,
        lambda weight, survival, carry: clip(carry * weight * survival, 0, 1),
        [UNIT, UNIT, (0.0, 4.0)],
    ),
    (
        expectation.weight_factor,
        lambda survival, hazard, continued: 1 / (1 + continued * hazard / survival),
        [OPEN_UNIT, UNIT, UNIT],
    ),
]
# Equations that draw: their law is tested, not a value.
# What is tested by its law, or where it is used: tests/model/test_policies_in_python.py, and of
# densities tests/model/test_responses.py.
BY_THEIR_LAW = [
    capability.density_of,
    *(decision.may_tempt, detection.catches, red_team.exercises_caught, training.archetype),
    *(rule.observe, rule.levers_of),
]
