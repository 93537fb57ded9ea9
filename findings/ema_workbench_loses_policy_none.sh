#!/usr/bin/env bash
# EMA workbench 3.0.0: experiments without a policy, the default, get the policy "None";
# `load_results` returns NaN for it after `save_results`, without an error or a warning, so that
# no row of the saved experiments belongs to any policy.
# Seen for four experiments: policy None before saving, missing in 4 of 4 rows after loading;
# a policy "none" stays.
# Exits with 1 where this is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/python" -m pip install --quiet \
    ema_workbench==3.0.0 SALib==1.6.0 pandas==3.1.1 numpy==2.5.5 scipy==1.18.1
cd "$folder"
"$folder/environment/bin/python" - <<'PROGRAM'
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of optional packages, while it is imported
    from ema_workbench import (
        Model,
        RealParameter,
        ScalarOutcome,
        load_results,
        perform_experiments,
        save_results,
    )

model = Model("doubled", function=lambda x: {"y": 2 * x})
model.uncertainties = [RealParameter("x", 0, 1)]
model.outcomes = [ScalarOutcome("y")]
before, outcomes = perform_experiments(model, 4)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    save_results((before, outcomes), "unnamed.tar.gz")
    after, _ = load_results("unnamed.tar.gz")
    renamed = before.assign(policy=before["policy"].astype(str).str.lower())
    save_results((renamed, outcomes), "named.tar.gz")
    named, _ = load_results("named.tar.gz")
print("before saving:", before["policy"].astype(str).tolist())
print("after loading:", after["policy"].astype(object).tolist())
print("under another name:", named["policy"].astype(str).tolist())
print("warnings:", len(caught))
lost = before["policy"].tolist() == ["None"] * 4 and after["policy"].isna().all()
sys.exit(0 if lost and named["policy"].tolist() == ["none"] * 4 and not caught else 1)
PROGRAM
