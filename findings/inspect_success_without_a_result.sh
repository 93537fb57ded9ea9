#!/usr/bin/env bash
# Inspect 0.3.285: with `fail_on_error=False`, a run in which every sample fails ends with the status
# "success", without results, and its sample summaries say `completed: true`. Where samples are scored,
# the mean over epochs counts "N" (no answer) as 0 and leaves NaN out, so that two ways to say that
# there is no score give 10 and 20 for the same other score of 20.
# Seen: status success, results None, completed True in 2 of 2 summaries; means over two epochs
# 10.0 of 20 and "N", 20.0 of 20 and NaN.
# Exits with 1 where this is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/python" -m pip install --quiet inspect_ai==0.3.285
cd "$folder"
"$folder/environment/bin/python" - <<'PROGRAM'
import math
import sys

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import read_eval_log_sample_summaries
from inspect_ai.scorer import Score, mean, scorer
from inspect_ai.solver import solver

OPTIONS = {"model": "mockllm/model", "display": "none", "log_dir": "logs"}


@solver
def nothing(fails):
    async def solve(state, generate):
        if fails:
            raise ValueError("made to fail")
        return state

    return solve


@scorer(metrics=[mean()])
def of_metadata():
    async def score(state, target):
        return Score(value=state.metadata["values"][state.epoch - 1])

    return score


def task(fails):
    values = {"no answer": [20.0, "N"], "not a number": [20.0, math.nan]}
    samples = [Sample(id=k, input="q", metadata={"values": v}) for k, v in values.items()]
    return Task(dataset=MemoryDataset(samples), solver=nothing(fails), scorer=of_metadata())


(failed,) = eval(task(True), fail_on_error=False, **OPTIONS)
summaries = read_eval_log_sample_summaries(failed.location)
completed = [summary.completed for summary in summaries]
print("status:", failed.status, "results:", failed.results, "completed:", completed)
(scored,) = eval(task(False), epochs=2, **OPTIONS)
means = {one.sample_id: one.value for one in scored.reductions[0].samples}
print("means over two epochs:", means)
success = failed.status == "success" and failed.results is None and completed == [True, True]
sys.exit(0 if success and means == {"no answer": 10.0, "not a number": 20.0} else 1)
PROGRAM
