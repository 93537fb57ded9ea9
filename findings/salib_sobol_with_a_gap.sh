#!/usr/bin/env bash
# SALib 1.6.0: one outcome that is NaN makes every index of `SALib.analyze.sobol` exactly 0,
# without an error or a warning, so that each parameter looks as if it had no influence.
# Seen for Y = 4a + b: S1 0.971, 0.057, 0 without a gap; 0, 0, 0 with one.
# Exits with 1 where this is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/python" -m pip install --quiet SALib==1.6.0 numpy==2.4.6 scipy==1.17.1
"$folder/environment/bin/python" - <<'PROGRAM'
import sys
import warnings

import numpy as np
from SALib.analyze import sobol as analysis
from SALib.sample import sobol as sample

problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
points = sample.sample(problem, 64, seed=1)
whole = 4 * points[:, 0] + points[:, 1]
gap = whole.copy()
gap[5] = np.nan
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    indices = [analysis.analyze(problem, y, seed=1) for y in (whole, gap)]
for name, index in zip(("whole", "one gap"), indices):
    print(f"{name}: S1 {index['S1'].round(3)}, ST {index['ST'].round(3)}")
print(f"warnings: {len(caught)}")
silent = not caught and not indices[1]["S1"].any() and not indices[1]["ST"].any()
sys.exit(0 if silent and indices[0]["S1"][0] > 0.9 else 1)
PROGRAM
