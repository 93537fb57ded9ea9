"""Precision and cost of estimates of rare failures, compared with counting.

    python benchmarks/rare.py [compare | sweep | coverage | goal]...

Work is relative variance times the system-months that are simulated, pilots included: what it
costs to reach a relative error of 1.  Counting costs (1 − P)/P worlds of full length.  Without
splitting, the hazard is integrated over the draws that decide attempts (`attempts`), or over
these and over which systems have a story incident (`hazard`).
"""

import sys
from dataclasses import replace
from time import perf_counter

import numpy as np

import regimesim as rs
from regimesim.ensemble.ensemble import Share, run_share
from regimesim.model.dynamics.record import TAKEOVER
from regimesim.studies.rare.estimates import interval, relative_variance
from regimesim.studies.rare.pilots import FINAL, explore
from regimesim.studies.rare.splitting import Group, key_of, simulate_groups

PLAIN = {  # nothing differs between worlds, and nothing acts, but what a scenario below sets
    "capability": {"lab_spread": 0, "system_spread": 0, "noise": 0, "update_rate": 1},
    "feedback": {
        "density": 0,
        "density_spread": 0,
        "density_trend": 0,
        "density_per_doubling": 0,
        "scale_spread": 0,
        "constraint": 0,
    },
    "goals": {"value_spread": 0, "goal_drift": 0},
    "training": {"shared": 0},
    "takeover": {"difficulty": 15},
    "cognition": {"awareness_midpoint": 5, "awareness_spread": 0, "calibration_error": 0},
    "conduct": {"story_rate": 0, "coordination": 0},
    "paradigm": {"ladder_rate": 0, "ladder_per_doubling": 0},
    "oversight": {
        "trajectories": 10,
        "recognition": 1,
        "recognition_limit": 99,
        "control": {},
        "red_team": {"red_team": 0},
    },
}


def scenario(changes, **sizes):
    """A small scenario, with dotted changes."""
    small = {"months": 24, "systems": 3, "labs": 3, "worlds": 40_000, "seed": 5, **sizes}
    return rs.parse({**PLAIN, **small}).override(changes)


def noisy(noise):
    """A system tries only after noise has raised the capability of its lab far."""
    return scenario({"capability.initial": 5, "capability.noise": noise})


def drifting(drift):
    """The goals of some system have to drift far before it tries."""
    changes = {
        "capability.initial": 16,
        "goals.value": 0.9,
        "goals.goal_drift": drift,
        "feedback.density": 0.3,
        "capability.lifetime": 1000,
    }
    return scenario(changes, months=36)


def hazardous(difficulty):
    """Systems try as soon as they are aware, and hardly ever succeed."""
    changes = {
        "capability.initial": 5,
        "capability.noise": 0.15,
        "takeover.caught_value": 1,
        "cognition.patience": 0,
        "takeover.difficulty": difficulty,
    }
    return scenario(changes)


def storied(difficulty):
    """Systems that are not aware misbehave as in a story, and hardly ever succeed."""
    changes = {
        "capability.initial": 5,
        "capability.noise": 0.15,
        "conduct.story_rate": 0.002,
        "cognition.awareness_midpoint": 40,
        "takeover.difficulty": difficulty,
    }
    return scenario(changes)


def dropping(rate):
    """A lab that lags has to drop its safeguard: a draw that nothing foreshadows."""
    changes = {
        "capability.initial": 9.5,
        "capability.noise": 0.3,
        "takeover.success_slope": 2,
        "goals.value": 0.6,
        "oversight.audit_budget": 0.3,
        "oversight.control.auroc": 0.99,
        "oversight.control.tax": 0.02,
        "oversight.drop_rate": rate,
    }
    return scenario(changes)


def fooled(feints):
    """Beliefs have to be lulled first, until the audit budget is low enough for a try."""
    changes = {
        "capability.initial": 12,
        "capability.noise": 0.1,
        "goals.value": 0.55,
        "conduct.feint_rate": feints,
        "oversight.adaptive": True,
        "oversight.adaptive.adaptation": 0.3,
        "oversight.adaptive.risk_tolerance": 0.004,
        "oversight.audit_budget": 0.15,
        "oversight.red_team.red_team": 4,
        "oversight.red_team.elicitation_gap": 1.5,
        "oversight.beliefs.danger_prior": -3,
        "oversight.beliefs.story_evidence": 0.3,
    }
    return scenario(changes)


COMPARED = {
    "noise 0.5": noisy(0.5),
    "noise 0.4": noisy(0.4),
    "noise 0.3": noisy(0.3),
    "noise 0.25": noisy(0.25),
    "noise 0.2": noisy(0.2),
    "drift 0.3": drifting(0.3),
    "drift 0.25": drifting(0.25),
    "drift 0.2": drifting(0.2),
    "dropped .01": dropping(0.01),
    "dropped .001": dropping(0.001),
    "fooled .1": fooled(0.1),
    "fooled .2": fooled(0.2),
    "tries 20": hazardous(20),
    "tries 30": hazardous(30),
    "stories 16": storied(16),
    "stories 26": storied(26),
}
COUNTED = 100_000
AT_ONCE = 4096
GROUPS = 40


def counted(given, worlds=COUNTED):
    """(share with a takeover, its standard error, relative variance of a world's expectation
    over the draws that decide attempts), from plain worlds."""
    tables, stop = next(iter(given.policies.values())), np.zeros(1, np.int64)
    lost, expected = 0, []
    for first in range(0, worlds, AT_ONCE):
        share = Share(0, first, min(first + AT_ONCE, worlds))
        outcomes, *_ = run_share(given, tables, None, share, stop)
        lost += np.count_nonzero(outcomes["crossing"][:, TAKEOVER] >= 0)
        expected.append(outcomes["expected_takeover"].copy())
    share = lost / worlds
    expected = np.concatenate(expected)
    middle = expected.mean()
    narrowed = expected.var() / middle**2 if middle > 0 else np.nan
    return share, np.sqrt(share * (1 - share) / worlds), middle, narrowed


def groups_of(given, importance, size, groups=GROUPS):
    """(totals of groups, system-months)"""
    policy = next(iter(given.policies))
    wanted = [Group(k, size, key_of(given.seed, FINAL), importance) for k in range(groups)]
    results = simulate_groups(given, policy, wanted)
    return np.array([one.chances[0] for one in results]), sum(one.system_months for one in results)


def split(given, size=512, groups=GROUPS):
    """(totals, system-months with pilots, worth) of splitting, whether or not it is needed."""
    policy = next(iter(given.policies))

    def simulate(wanted, keep=False):
        results = simulate_groups(given, policy, wanted, keep=keep)
        pilots.extend(one.system_months for one in results)
        return results

    pilots: list[int] = []
    _, importance = explore(given, simulate, size)
    totals, months = groups_of(given, importance, size, groups)
    return totals, months + sum(pilots), importance


def row(*values):
    print("".join(f"{value:>13}" for value in values), flush=True)


def compare():
    """Every estimator in every scenario."""
    row("", "counted", "attempts", "hazard", "final", "± %", "split", "work: count", "attempts",
        "hazard", "final", "count/final", "seconds")  # fmt: skip
    for name, given in COMPARED.items():
        began = perf_counter()
        a_world = given.systems * given.months
        share, error, expected, narrowed = counted(given)
        whole, months = groups_of(given, None, 512)
        totals, work, importance = split(given)
        p = totals.mean()
        count = (1 - p) / max(p, 1e-300) * a_world
        final = relative_variance(totals)
        row(
            name,
            f"{share:.2g}±{error:.1g}",
            f"{expected:.3g}",
            f"{whole.mean():.3g}",
            f"{p:.3g}",
            f"{100 * final**0.5:.1f}",
            "yes" if importance else "no",
            f"{count:.3g}",
            f"{narrowed * a_world:.3g}",
            f"{relative_variance(whole) * months:.3g}",
            f"{final * work:.3g}",
            f"{count / (final * work):.3g}",
            f"{perf_counter() - began:.0f}",
        )


def sweep():
    """Where splitting begins to pay, as failure needs a rarer state."""
    row("noise", "P", "± %", "hazard alone", "splitting", "it gains")
    for noise in (1.0, 0.7, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15):
        given = noisy(noise)
        whole, months = groups_of(given, None, 512, 100)
        totals, work, importance = split(given, groups=100)
        alone = relative_variance(whole) * months
        ours = relative_variance(totals) * work
        cells = f"{alone:.3g}", f"{ours:.3g}" if importance else "not used"
        error = f"{100 * relative_variance(totals) ** 0.5:.1f}"
        row(
            noise,
            f"{totals.mean():.2g}",
            error,
            *cells,
            f"{alone / ours:.3g}" if importance else "",
        )


def coverage(repetitions=100):
    """How often intervals of whole estimates, each with its own pilots, contain the truth."""
    for name, given, size, groups in (
        ("noise 0.4", noisy(0.4), 128, 20),
        ("noise 0.3", noisy(0.3), 128, 20),
        ("tries 30", hazardous(30), 64, 20),
        ("drift 0.25", drifting(0.25), 128, 20),
        ("dropped .01", dropping(0.01), 128, 20),
        ("fooled .1", fooled(0.1), 128, 20),
    ):
        results = []
        for repetition in range(repetitions):
            again = replace(given, seed=1000 + repetition)
            totals, *_ = split(again, size, groups)
            results.append((totals.mean(), *interval(totals, size * groups)))
        middle, low, high = np.array(results).T
        truth = middle.mean()
        error = middle.std(ddof=1) / repetitions**0.5 / truth
        counts = counted(given, 400_000)
        print(
            f"{name}: {repetitions} estimates, mean {truth:.4g} ± {100 * error:.1f} %, counted "
            f"{counts[0]:.3g} ± {counts[1]:.1g}; the mean lies in "
            f"{100 * np.mean((low < truth) & (truth < high)):.1f} % of intervals, above "
            f"{100 * np.mean(truth > high):.1f} %, below {100 * np.mean(truth < low):.1f} %",
            flush=True,
        )


def goal(repetitions=100):
    """How often intervals contain the truth, for 40,000 worlds and an error of 0.1 as the goal."""
    for name, given in (
        ("drift 0.25", drifting(0.25)),
        ("fooled .1", fooled(0.1)),
        ("fooled .2", fooled(0.2)),
    ):
        results = []
        for repetition in range(repetitions):
            again = replace(given, seed=5000 + repetition, worlds=40_000)
            (policy,) = rs.rare(again, relative_error=0.1).policies.values()
            results.append([policy["takeover"][key] for key in ("estimate", "low", "high")])
        middle, low, high = np.array(results).T
        truth = middle.mean()
        error = 100 * middle.std() / repetitions**0.5 / truth
        print(
            f"{name}: mean {truth:.4g} ± {error:.1f} %, which lies in "
            f"{100 * np.mean((low < truth) & (truth < high)):.1f} % of intervals, above "
            f"{100 * np.mean(truth > high):.1f} %, below {100 * np.mean(truth < low):.1f} %",
            flush=True,
        )


if __name__ == "__main__":
    for part in sys.argv[1:] or ("compare", "sweep", "coverage", "goal"):
        {"compare": compare, "sweep": sweep, "coverage": coverage, "goal": goal}[part]()
