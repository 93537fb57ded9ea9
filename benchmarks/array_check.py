"""Whether an array program (array_month.py) has the distributions of the kernel.

Means over independent worlds of both are compared: of every count, of the months of thresholds,
of what is kept of the first critical try, and of every monthly quantity in some months.
"""

import sys
from functools import lru_cache

import numpy as np
from array_month import COUNTED, MONTHLY, OF_FIRST_TRY, THRESHOLDS
from plain_mesa import defaults

import regimesim as rs

BAR = 4.5  # standard errors of a difference: by chance one comparison in 150,000 exceeds it
EVERY = 20  # months, of which one is compared
SIZE = {"systems": 12, "months": 120, "worlds": 2000}
# What happens seldom or never at the defaults happens often in the second.
BUSY = {
    "takeover": {
        **{"difficulty": 15, "collusion": 0.5, "caught_value": 0.3, "real_world_contact": 0.3}
    },
    "training": {
        **{"bad_data": 0.02, "selection": 1, "shared": 0.3, "release_interval": 4},
        **{"reward_seeking": {"prior": 0.5}, "scheming": {"prior": 0.5}},
    },
    "conduct": {"feint_rate": 0.02, "story_rate": 0.05, "coordination": 0.3},
    "goals": {"extremal_divergence": 0.1},
    "capability": {"lifetime": 8},
    "paradigm": {"ladder_rate": 0.01},
    "oversight": {
        **{"audit_budget": 0.4, "trajectories": 6, "beliefs": {"attribution": 0.7}},
        **{"recognition": 0.98, "recognition_limit": 16},
        "control": {"tax": 0.1, "slope": 0.8, "trusted_cap": 20},
    },
}
CASES = {
    "defaults": {"takeover": {"difficulty": 15}, "oversight": {"control": {}}},
    "busy": BUSY,
}


def dotted(tables, before=""):
    """Nested tables as {dotted key: number}."""
    flat = {}
    for key, value in tables.items():
        name = before + key
        flat |= dotted(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return flat


@lru_cache
def of_kernel(case):
    """What is kept of the kernel's worlds, by name, and months: mean and error of each."""
    worlds, months = rs.run(rs.parse({**SIZE, **CASES[case]}))
    worlds, months = worlds.isel(policy=0), months.isel(policy=0)
    kept = {name: worlds[name].values.astype(float) for name in (*COUNTED, *OF_FIRST_TRY)}
    missing = {name: kept[name] < 0 for name in OF_FIRST_TRY[:3]}
    kept |= {name: np.where(gone, np.nan, kept[name]) for name, gone in missing.items()}
    kept |= {name: worlds["crossing"].sel(threshold=name).values for name in THRESHOLDS}
    number = months["worlds_not_lost"].values
    monthly = {
        name: (months[name].values, months[f"{name}_sd"].values / np.sqrt(np.maximum(number, 1)))
        for name in MONTHLY
    }
    return kept, monthly, number


def of_arrays(case, simulate):
    """The same of an array program: `simulate(systems, months, worlds, parameters)`."""
    world, rows = simulate(
        *(SIZE[name] for name in ("systems", "months", "worlds")),
        defaults() | dotted(CASES[case]),
    )
    rows = np.asarray(rows)
    kept = {name: np.asarray(world[name], float) for name in (*COUNTED, *OF_FIRST_TRY)}
    for name in THRESHOLDS:
        crossed = np.asarray(world[f"month_{name}"], float)
        kept[name] = np.where(crossed < 0, np.nan, crossed)
    number, size = rows[:, 0], len(MONTHLY)
    mean = rows[:, 1 : 1 + size] / np.maximum(number, 1)[:, None]
    squares = rows[:, 1 + size :] / np.maximum(number, 1)[:, None]
    error = np.sqrt(np.maximum(squares - mean**2, 0) / np.maximum(number, 1)[:, None])
    return kept, {n: (mean[:, k], error[:, k]) for k, n in enumerate(MONTHLY)}, number


def compare(case, simulate):
    """Yield the name of each quantity, both means, and their difference in standard errors."""
    (ours, our_months, lasting), (theirs, their_months, left) = (
        of_kernel(case),
        of_arrays(case, simulate),
    )
    for name, here in ours.items():
        there = theirs[name]
        if np.isnan(here).any() or np.isnan(there).any():
            yield f"share with {name}", *difference(~np.isnan(here), ~np.isnan(there))
        if not (np.isnan(here).all() or np.isnan(there).all()):
            yield name, *difference(here[~np.isnan(here)], there[~np.isnan(there)])
    for month in range(0, SIZE["months"], EVERY):
        if min(lasting[month], left[month]) < 100:
            continue  # too few for a normal distribution of the mean
        for name in MONTHLY:
            (one, its), (other, their) = our_months[name], their_months[name]
            apart = standardised(
                one[month] - other[month], np.hypot(its[month], their[month]), one[month]
            )
            yield f"{name}, month {month}", one[month], other[month], apart


def difference(here, there):
    """Both means, and their difference in standard errors."""
    one, other = here.mean(), there.mean()
    error = np.hypot(here.std() / len(here) ** 0.5, there.std() / len(there) ** 0.5)
    return one, other, standardised(one - other, error, one)


def standardised(apart, error, size):
    """A difference in standard errors: 0 or infinite where there are none."""
    if error > 1e-9 * max(abs(size), 1e-9):
        return apart / error
    return 0.0 if abs(apart) <= 1e-6 * max(abs(size), 1.0) else np.inf


def check(simulate):
    """Print the largest differences; exit code 1 if one exceeds the bar."""
    failed = 0
    for case in CASES:
        rows = sorted(compare(case, simulate), key=lambda row: -abs(row[-1]))
        print(f"{case}: {len(rows)} means, of which the farthest apart are")
        for name, one, other, apart in rows[:4]:
            print(f"  {name:<46}{one:>12.5g}{other:>12.5g}{apart:>8.2f} standard errors")
        failed += int(sum(abs(row[-1]) > BAR for row in rows))
    print(f"{failed} beyond {BAR} standard errors")
    sys.exit(int(failed > 0))
