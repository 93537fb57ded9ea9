"""Simulation-based calibration of worlds that are drawn: ranks of truths among them are uniform.

    python benchmarks/ranks.py [TRUTHS [SEED]]

For each of 200 truths, or of TRUTHS, a world of a tiny scenario makes evidence: it is not lost in
five months, some of its strikes and story incidents become known, a horizon is measured, and
exercises are caught.  Worlds are drawn where it is likely, and every assumption of the truth is
ranked among theirs.  Prints the p-value of Kolmogorov and Smirnov for each assumption, and the
effective numbers of worlds.
"""

import sys

import numpy as np
from scipy import stats

import regimesim as rs
from regimesim.ensemble.moved_draws import own_draws
from regimesim.results.progress import Progress
from regimesim.studies.update import search
from regimesim.studies.update.question import ask
from regimesim.studies.update.samples import Evaluation

TRUTHS, WORLDS, GOAL = 200, 200, 100
BATCH = 200  # worlds, so that proposals follow several times what was seen
SCENARIO = {
    "months": 10,
    "labs": 2,
    "systems": 4,
    "capability": {"initial": {"normal": [6, 1]}, "doubling_time": {"uniform": [3, 9]}},
    "takeover": {"difficulty": {"normal": [9, 2]}},
    "conduct": {"story_rate": {"uniform": [0, 0.3]}},
    "cognition": {"awareness_midpoint": {"uniform": [5, 12]}},
    "oversight": {"recognition": {"uniform": [0.2, 1]}, "control": {}, "audit_budget": 0.3},
}
EVIDENCE = {
    "no_takeover": {"until": "2026-05"},
    "strikes_seen": {"until": "2026-05", "count": 0, "reported": 0.5},
    "story_incidents": {"until": "2026-05", "count": 0, "reported": {"beta": [4, 2]}},
    "horizon": {"on": "2026-05", "hours": 1, "error": 0.7},
    "exercises": {"on": "2026-03", "caught": 0, "of": 10},
}


def made_by(place, seen, rng):
    """The evidence that a world makes."""
    strikes = int(seen.values["strikes_seen"][place].sum())
    stories = float(seen.values["story_rate"][place].sum())
    rate = float(seen.during("exercise_catch_rate", 2, 2)[place, 0])
    leader = float(seen.during("leader", 4, 4)[place, 0])
    drawn = {
        "strikes_seen": {"count": int(rng.binomial(strikes, 0.5))},
        "story_incidents": {"count": int(rng.poisson(rng.beta(4, 2) * stories))},
        "horizon": {"hours": float(2 ** (leader + 0.7 * rng.normal()))},
        "exercises": {"caught": int(rng.binomial(10, min(max(rate, 0.0), 1.0)))},
    }
    return {kind: {**item, **drawn.get(kind, {})} for kind, item in EVIDENCE.items()}


def main(truths: int = TRUTHS, seed: int = 1) -> None:
    """Print how uniform the ranks are."""
    search.LEAST_BATCH, rng = BATCH, np.random.default_rng(seed)
    source = rs.parse({**SCENARIO, "worlds": 2 * truths + 100, "seed": 99 + seed})
    draws = own_draws(source)
    seen = Evaluation(ask(source, EVIDENCE)).observe(draws)
    alive = np.flatnonzero(np.isnan(seen.lost))[:truths]
    ranks, effective, batches = [], [], []
    for number, place in enumerate(alive):
        scenario = rs.parse({**SCENARIO, "worlds": WORLDS, "seed": 1000 * seed + number})
        question = ask(scenario, made_by(place, seen, rng), effective=GOAL)
        evaluation = Evaluation(question)
        points = search.enough(question, evaluation, evaluation.points(own_draws(scenario)))
        searched = search.find(question, evaluation, points, Progress(), 0)
        below = searched.draws.cube < draws.cube[place]
        ranks.append(np.average(below, axis=0, weights=searched.weighted.weights))
        effective.append(searched.weighted.effective)
        batches.append(searched.batches)
    for (name, _), column in zip(draws.coordinates, np.array(ranks).T, strict=True):
        print(f"{name:32} p = {stats.kstest(column, 'uniform').pvalue:.3f}")
    low, middle = np.quantile(effective, (0.05, 0.5))
    print(f"{len(ranks)} truths; effective worlds {middle:.0f} (5 %: {low:.0f}); ", end="")
    print(f"{np.mean(batches):.1f} batches")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
