"""Ours of published numbers and exact solutions: a function for each row, by label."""

import numpy as np

from regimesim.analysis.estimates import Estimate, share
from regimesim.scenario.calibration import fit_growth, fit_success_slope
from regimesim.studies.validate.problems.detection import strength_of, true_positive_rate
from regimesim.studies.validate.problems.limited_audits import LimitedAudits
from regimesim.studies.validate.problems.nested import Line, best_nesting
from regimesim.studies.validate.problems.options import drawn_break_evens
from regimesim.studies.validate.problems.stacks import drawn_exponent
from regimesim.studies.validate.problems.stopping import Stopping
from regimesim.studies.validate.problems.upfront_audit import audit_game, best_attack, play

SIMULATED = 38  # numbers of the table that are simulated, and have an interval
CONFIDENCE = 1 - 0.05 / SIMULATED  # of each, so that all hold jointly in 95 of 100 tables
SEED = 1

# arXiv 2504.18530: guard and evader, each a slope and an intercept against general Elo
GAMES = {
    "Mafia": ((1.5305, -622.93), (0.83442, 173.22)),
    "Debate": ((1.0984, -47.499), (0.049361, 1080.40)),
    "Backdoor code": ((0.71926, 552.02), (1.95182, -1361.61)),
    "Wargames": ((1.16667, -229.07), (0.67957, 422.01)),
}
WEAKEST, GAP = 1103, 400
AUROC = 0.87
TASKS, WORKS, PLAYED = 5000, 0.53, 20_000
MISS, ATTEMPTS = 0.2, 400_000
GOALS = 200_000
STOPPED = {  # problems in which the strike must occur in the exact month
    "months off, slope 4, lifetime 12": Stopping(12, 4, 12),
    "months off, slope 1.5, lifetime 200": Stopping(12, 1.5, 200),
    "months off, slope 20, lifetime 2": Stopping(20, 20, 2),
    "months off, a loss when caught": Stopping(12, 3, 6, caught_value=0.0),
    "months off, a lesser loss, a norm": Stopping(12, 3, 60, caught_value=0.3, constraint=0.05),
    "months off, 5 systems, coordination 0": Stopping(12, 3, 60, systems=5),
}


def exactly(value: float) -> Estimate:
    """A number without an interval: it is not random."""
    return Estimate(float(value), None, None, 1)


def doubling_times(question) -> dict[str, Estimate]:
    """V1: the line through measured horizons, since each of two years."""
    recent, all_ = fit_growth(2023), fit_growth(2019)
    return {
        f"since 2023, {recent.n} models": exactly(recent.doubling_days),
        f"since 2019, {all_.n} models": exactly(all_.doubling_days),
    }


def success_slopes(question) -> dict[str, Estimate]:
    """V2: the slope of success in doublings, for one version of the data and for all."""
    return {
        "version 1.1": exactly(fit_success_slope()),
        "all versions": exactly(fit_success_slope(version=None)),
    }


def nested_oversight(question) -> dict[str, Estimate]:
    """V3: nested oversight in four games."""
    ours = {}
    for game, (guard, houdini) in GAMES.items():
        best = best_nesting(Line(*guard), Line(*houdini), WEAKEST, GAP)
        ours[f"{game}, success"] = exactly(best.success)
        ours[f"{game}, steps"] = exactly(best.steps)
    return ours


def detection(question) -> dict[str, Estimate]:
    """V4: a monitor as a binormal detector."""
    strength = strength_of(AUROC)
    return {
        "separation d'": exactly(strength),
        "true positives at 1 % false ones": exactly(true_positive_rate(0.01, strength)),
        "true positives at 5 % false ones": exactly(true_positive_rate(0.05, strength)),
    }


def upfront_audits(question) -> dict[str, Estimate]:
    """V5: the best attack on upfront auditing, in closed form and simulated."""
    ours = {}
    for percent in (0.5, 2, 10, 30):
        game = audit_game(TASKS, percent / 100, WORKS)
        attack = best_attack(game)
        won = play(game, attack.rate, PLAYED, SEED, CONFIDENCE)
        left = Estimate(1 - won.estimate, 1 - won.high, 1 - won.low, won.n)
        ours[f"{percent:g} % audited"] = exactly(1 - attack.wins)
        ours[f"{percent:g} % audited, simulated"] = left
    return ours


def common_causes(question) -> dict[str, Estimate]:
    """V6: drawn detections of safeguards with common causes."""
    return {
        f"beta {beta:g}, drawn": drawn_exponent(MISS, beta, ATTEMPTS, SEED, CONFIDENCE)
        for beta in (0, 0.25, 0.5, 0.75, 1)
    }


def stopping(question) -> dict[str, Estimate]:
    """V7: the month of a strike against the exact solution, and its limit."""
    ours = {
        label: exactly(problem.strike_month() - problem.exact_month())
        for label, problem in STOPPED.items()
    }
    for steps in (12, 48, 110):
        problem = Stopping(steps, 3, steps)  # of slope 3/steps and hazard 1/steps a month
        at_strike = problem.success(problem.strike_month())
        ours[f"success, step of 1/{steps} doubling"] = exactly(at_strike)
    return ours


def options(question) -> dict[str, Estimate]:
    """V8: drawn goals, and the share that power serves at a probability of winning."""

    def served(outcomes, chance):
        count = int(np.count_nonzero(drawn_break_evens(outcomes, GOALS, SEED) < chance))
        return share(count, GOALS, CONFIDENCE)

    ours = {f"{k} outcomes": served(k, 1.0) for k in (2, 3, 10, 100)}
    return {**ours, "10 outcomes, even odds of winning": served(10, 0.5)}


def audits_that_run_out(question) -> dict[str, Estimate]:
    """V15: games of audits that run out, by a matrix a month, and by best answers in turn."""
    ours = {
        "4 months, 1 audit, month by month": exactly(LimitedAudits(4, 1).value_by_month()),
        "8 months, 3 audits, month by month": exactly(LimitedAudits(8, 3).value_by_month()),
    }
    saddles = {
        "4 months, 2 audits, in whole plans": LimitedAudits(4, 2).saddle(),
        "5 months, 2 audits, in whole plans": LimitedAudits(5, 2).saddle(),
        "5 months, 2 audits, unseen": LimitedAudits(5, 2, is_blind=True).saddle(),
    }
    ours |= {label: exactly(saddle.lower) for label, saddle in saddles.items()}
    ours["gap that is left, at most"] = exactly(max(s.gap for s in saddles.values()))
    return ours
